//! Gaps of several points at once: their dual points, one pass over X, and the bound that each gives.

use faer::linalg::solvers::Solve;
use faer::{Mat, MatMut, Side};

use crate::certificate::{best_multiple_within, dual_value};
use crate::design::{Bundle, Design};
use crate::loss::CurvedLoss;
use crate::penalty::{Penalty, Separable};
use crate::problem::Problem;

/// Columns without penalty up to which a dual point is made orthogonal to them by a linear system.
const FEW: usize = 64;
/// Columns that are multiplied at a time.
const PANEL: usize = 512;

/// A solved point that is to be judged.
pub(super) struct Candidate<'a> {
    pub lambda: f64,
    pub beta: &'a [(usize, f64)],
    pub fit: &'a [f64],
}

/// The gaps, and for each point its products with all columns.
pub(super) struct Verdict {
    pub gaps: Vec<f64>,
    pub products: Vec<Vec<f64>>,
}

/// Judges the points; one pass over X for all of them, unless some cannot do without passes of their own.
pub(super) fn judge<X: Design, L: CurvedLoss, P: Separable>(
    problem: &Problem<X, L, P>,
    points: &[Candidate],
    target: f64,
    unpenalised: &[usize],
) -> Verdict {
    let (n, p) = (problem.x.nrows(), problem.x.ncols());
    let mut bundle = Bundle::zeros(n, points.len());
    let duals: Vec<Dual> = (points.iter())
        .map(|point| Dual::new(problem, point, unpenalised))
        .collect();
    for (k, dual) in duals.iter().enumerate() {
        bundle.set(k, &dual.u);
    }
    let mut products = vec![vec![0.0; p]; points.len()];
    let all: Vec<usize> = (0..p).collect();
    let width = bundle.width();
    let mut panel = vec![0.0; PANEL.min(p) * width];
    for set in all.chunks(PANEL) {
        let panel = &mut panel[..set.len() * width];
        problem.x.tr_mul_bundle(set, &bundle, panel);
        for (k, products) in products.iter_mut().enumerate() {
            let products = &mut products[set[0]..set[0] + set.len()];
            for (product, row) in products.iter_mut().zip(panel.chunks_exact(width)) {
                *product = row[k];
            }
        }
    }
    let mut gaps = Vec::with_capacity(points.len());
    for ((point, dual), c) in points.iter().zip(&duals).zip(&mut products) {
        // What follows a point that falls short will be solved again.
        let gap = match gaps.last() {
            Some(&before) if before > target || f64::is_nan(before) => f64::INFINITY,
            _ => dual.gap(problem, point, c, target, unpenalised),
        };
        gaps.push(gap);
    }
    Verdict { gaps, products }
}

/// The dual point that a fit suggests.
struct Dual {
    u: Vec<f64>,
    /// Columns that it has to be orthogonal to.
    open: Vec<usize>,
    /// Whether it is.
    projected: bool,
}

impl Dual {
    fn new<X: Design, L: CurvedLoss, P: Separable>(
        problem: &Problem<X, L, P>,
        point: &Candidate,
        unpenalised: &[usize],
    ) -> Self {
        let mut u = vec![0.0; point.fit.len()];
        problem.loss.neg_gradient(problem.y, point.fit, &mut u);
        let open = open_columns(problem, point, unpenalised);
        let projected = open.len() <= FEW && project(problem, &open, &mut u);
        Self { u, open, projected }
    }

    /// The gap of the point, with c = Xᵀu, whose elements of open columns are made 0. Effort ends where it is within the target.
    fn gap<X: Design, L: CurvedLoss, P: Separable>(
        &self,
        problem: &Problem<X, L, P>,
        point: &Candidate,
        c: &mut [f64],
        target: f64,
        unpenalised: &[usize],
    ) -> f64 {
        let (u, lambda) = (&self.u, point.lambda);
        let penalty: f64 = (point.beta.iter())
            .map(|&(j, b)| problem.penalty.of(j).value(b))
            .sum();
        let primal = problem.loss.value(problem.y, point.fit) + lambda * penalty;
        if !self.projected {
            return primal - dual_value(problem, u, c, lambda);
        }
        self.open.iter().for_each(|&j| c[j] = 0.0);
        let (dual, ends) = quick_bound(problem, u, c, lambda);
        let gap = primal - dual;
        if gap <= target || ends {
            return gap;
        }
        let reach = problem.loss.dual_reach(problem.y, u);
        let along = |s: f64| problem.loss.dual_along(problem.y, u, s);
        let dual = best_multiple_within(reach, along, c, problem.penalty, lambda);
        let gap = gap.min(primal - dual);
        if gap <= target || (lambda > 0.0 && self.open.len() == unpenalised.len()) {
            return gap;
        }
        // A column that is open to the other side only, too.
        gap.min(primal - dual_value(problem, u, c, lambda))
    }
}

/// Columns whose product with a dual point has to be 0: without penalty and not kept by a bound, or free between bounds.
fn open_columns<X: Design, L: CurvedLoss, P: Separable>(
    problem: &Problem<X, L, P>,
    point: &Candidate,
    unpenalised: &[usize],
) -> Vec<usize> {
    let penalty = problem.penalty;
    let both = |j: usize| [1.0, -1.0].map(|c| penalty.of(j).reach(c, point.lambda) == 0.0);
    let free = |j: usize| {
        let at = point.beta.binary_search_by_key(&j, |(k, _)| *k);
        at.is_ok_and(|at| {
            let [low, high] = penalty.of(j).piece(point.beta[at].1);
            low < high
        })
    };
    let is_open = |j: &usize| match both(*j) {
        [true, true] => true,
        [false, false] => false,
        _ => free(*j),
    };
    if point.lambda > 0.0 {
        unpenalised.iter().copied().filter(is_open).collect()
    } else {
        (0..problem.x.ncols()).filter(is_open).collect()
    }
}

/// Makes u orthogonal to the columns `open`, moving it by shares of its metric; false where those depend on each other.
fn project<X: Design, L: CurvedLoss, P: Separable>(
    problem: &Problem<X, L, P>,
    open: &[usize],
    u: &mut [f64],
) -> bool {
    if open.is_empty() {
        return true;
    }
    let (n, size) = (u.len(), open.len());
    let metric = (problem.loss.dual_metric(problem.y, u)).unwrap_or_else(|| vec![1.0; n]);
    let mut gram = Mat::<f64>::zeros(size, size);
    let mut column = vec![0.0; n];
    for (a, &j) in open.iter().enumerate() {
        column.fill(0.0);
        problem.x.col_axpy(j, 1.0, &mut column);
        column.iter_mut().zip(&metric).for_each(|(v, d)| *v *= d);
        let target = &mut gram.col_as_slice_mut(a)[..size];
        problem.x.tr_mul_set(open, &column, target);
    }
    let diagonal: Vec<f64> = (0..size).map(|a| gram[(a, a)]).collect();
    let Ok(factor) = gram.llt(Side::Lower) else {
        return false;
    };
    let sound = |a: usize| factor.L()[(a, a)].powi(2) > 1e-12 * diagonal[a];
    if !(0..size).all(sound) {
        return false;
    }
    // Twice: once more takes off what rounding has left.
    for _ in 0..2 {
        let mut amounts = vec![0.0; size];
        problem.x.tr_mul_set(open, u, &mut amounts);
        factor.solve_in_place(MatMut::from_column_major_slice_mut(&mut amounts, size, 1));
        if !amounts.iter().all(|a| a.is_finite()) {
            return false;
        }
        column.fill(0.0);
        problem.x.axpy_set(open, &amounts, &mut column);
        for ((u, q), d) in u.iter_mut().zip(&column).zip(&metric) {
            *u -= d * q;
        }
    }
    true
}

/// The dual objective at the largest multiple s ≤ 1 of u that is feasible, and whether no other multiple is better: it rises up to
/// there, and ends.
fn quick_bound<X: Design, L: CurvedLoss, P: Separable>(
    problem: &Problem<X, L, P>,
    u: &[f64],
    c: &[f64],
    lambda: f64,
) -> (f64, bool) {
    if !c.iter().all(|c| c.is_finite()) {
        return (f64::NEG_INFINITY, true);
    }
    let limits = problem.penalty.dual_limits(c, lambda);
    let most = (limits.limit).min(problem.loss.dual_reach(problem.y, u));
    let s = most.min(1.0);
    let [mut value, slope, _] = problem.loss.dual_along(problem.y, u, s);
    if !limits.flat {
        for (j, &c) in c.iter().enumerate() {
            value -= problem.penalty.of(j).conjugate(s * c, lambda)[0];
        }
    }
    (value, limits.flat && s == most && slope >= 0.0)
}
