//! Sweeps over a fixed set of coordinates until the duality gap of the problem restricted to them is small.

use faer::linalg::solvers::{Llt, Solve};
use faer::{Mat, MatMut, Side};

use super::super::{Status, Stop, Work};
use crate::certificate::best_multiple;
use crate::design::kernels::{axpy, dot, sq_norm};
use crate::design::{Design, Residual};
use crate::loss::Squared;
use crate::penalty::{Penalty, Separable};
use crate::problem::Problem;

/// What one sweep did.
#[derive(Clone, Copy, Default)]
pub(in crate::solver) struct Moves {
    /// Coordinates tried.
    tried: u64,
    /// Columns of X read.
    columns: u64,
    /// Σ L_j δ_j²/2: what the sweep lowered the objective by, up to a factor.
    pub decrease: f64,
}

/// A way to sweep over a working set and to judge it.
pub(in crate::solver) trait Sweeps {
    /// One pass over the coordinates; `support_only` skips zeros.
    fn sweep(&mut self, support_only: bool) -> Moves;

    /// Gap of the restricted problem, with the columns of X read for it.
    fn gap(&mut self) -> (f64, u64);

    /// Sweeps over the support between two full ones; 0 where trying a zero costs nothing.
    fn support_sweeps(&self) -> usize;

    /// Size of the support, where [`Sweeps::support_step`] is possible.
    fn support_size(&self) -> Option<usize>;

    /// Notes where a sweep has led, and extrapolates from several such points where no exact step is possible; returns the
    /// columns of X read.
    fn extrapolate(&mut self) -> u64;

    /// Jumps to the minimiser over the present support and signs, dropping the coefficients that reach 0 on the way;
    /// returns the number of systems solved. Where the support holds more columns than the rank of X, it is thinned out
    /// first.
    fn support_step(&mut self) -> u64;
}

/// Sweeps until the gap is at most `target`, the budget is spent, or no coordinate moves any more.
///
/// Where the support allows it, sweeps alternate with exact steps: sweeps find the support and its signs, on which the
/// minimiser is the solution of a linear system. Steps are tried after the first sweep, and then whenever sweeps of |A|²
/// multiplications each have spent as much as the last steps at |A|³/6 each.
pub(super) fn descend(
    sweeps: &mut impl Sweeps,
    target: f64,
    stop: &Stop,
    work: &mut Work,
    exact: bool,
) -> Status {
    let (mut since_step, mut due) = (0, 0);
    loop {
        let (gap, columns) = sweeps.gap();
        work.columns_touched += columns;
        if gap <= target {
            return Status::Converged;
        }
        let mut moved = false;
        for round in 0..=sweeps.support_sweeps() {
            if work.epochs as usize >= stop.max_epochs {
                return Status::EpochLimit;
            }
            if stop.cancelled() {
                return Status::Interrupted;
            }
            let moves = sweeps.sweep(round > 0);
            work.epochs += 1;
            since_step += 1;
            work.coord_updates += moves.tried;
            work.columns_touched += moves.columns;
            moved |= moves.decrease > 0.0;
            if exact {
                work.columns_touched += sweeps.extrapolate();
            }
            // The support has settled as far as the gap can tell; only a full sweep can change anything.
            if moves.decrease <= 1e-3 * target {
                break;
            }
        }
        if !moved {
            return Status::Stalled;
        }
        if let Some(size) = sweeps.support_size()
            && exact
            && size > 0
            && since_step >= due
        {
            let steps = sweeps.support_step();
            work.support_steps += steps;
            (since_step, due) = (0, steps.max(1) as usize * size / 6);
        }
    }
}

/// Updates in a Gram matrix: a move costs one column of it, a zero that stays costs one comparison.
pub(in crate::solver) struct GramSweeps<'a, P, C> {
    /// β on the set.
    pub beta: &'a mut [f64],
    /// Xᵀr/n on the set.
    pub corr: &'a mut [f64],
    /// Xᵀy/n on the set.
    pub start: &'a [f64],
    /// ‖y‖²/n.
    pub y_sq: f64,
    pub penalty: P,
    pub lambda: f64,
    /// Column i of the Gram matrix divided by n.
    pub column: C,
}

impl<'a, P: Separable, C: Fn(usize) -> &'a [f64]> Sweeps for GramSweeps<'_, P, C> {
    fn sweep(&mut self, _support_only: bool) -> Moves {
        let mut moves = Moves {
            tried: self.beta.len() as u64,
            ..Moves::default()
        };
        for i in 0..self.beta.len() {
            let before = self.beta[i];
            // The curvature is read only where it is needed: most zeros are settled by the gradient alone.
            let omega = self.penalty.of(i);
            if before == 0.0 && omega.subdiff_distance(0.0, self.corr[i], self.lambda) == 0.0 {
                continue;
            }
            let column = (self.column)(i);
            let curvature = column[i];
            if curvature == 0.0 {
                continue;
            }
            let after = omega.prox(before + self.corr[i] / curvature, self.lambda / curvature);
            let delta = after - before;
            if delta != 0.0 {
                self.beta[i] = after;
                axpy(-delta, column, self.corr);
                moves.decrease += 0.5 * curvature * delta * delta;
            }
        }
        moves
    }

    /// ‖r‖² and rᵀy from Gram quantities: exact to rounding relative to ‖y‖², which is the unit of the tolerance.
    fn gap(&mut self) -> (f64, u64) {
        let explained = dot(self.start, self.beta);
        let linear = self.y_sq - explained;
        let residual_sq = (linear - dot(self.corr, self.beta)).max(0.0);
        let values = self.beta.iter().enumerate();
        let penalty: f64 = values.map(|(i, &b)| self.penalty.of(i).value(b)).sum();
        let primal = 0.5 * residual_sq + self.lambda * penalty;
        let gap = restricted_gap(
            primal,
            linear,
            residual_sq,
            self.beta,
            self.corr,
            |i| (self.column)(i)[i],
            self.penalty,
            self.lambda,
        );
        (gap, 0)
    }

    fn support_sweeps(&self) -> usize {
        0
    }

    fn support_size(&self) -> Option<usize> {
        Some(self.beta.iter().filter(|&&b| b != 0.0).count())
    }

    fn extrapolate(&mut self) -> u64 {
        0
    }

    fn support_step(&mut self) -> u64 {
        let mut support: Vec<usize> = (0..self.beta.len())
            .filter(|&i| self.beta[i] != 0.0 && self.is_free(i))
            .collect();
        let limit = support.len() as u64;
        for solved in 0..limit {
            let mut step: Vec<f64> = support.iter().map(|&i| self.descent(i)).collect();
            match self.factor(&support) {
                Some(factor) => factor.solve_in_place(MatMut::from_column_major_slice_mut(
                    &mut step,
                    support.len(),
                    1,
                )),
                None => {
                    let Some((kept, rows)) = self.thin_out(&support) else {
                        return solved;
                    };
                    step = kept.iter().map(|&i| self.descent(i)).collect();
                    solve_lower(&rows, &mut step);
                    solve_lower_transposed(&rows, &mut step);
                    support = kept;
                }
            }
            // The objective is quadratic until the first coefficient changes its sign, and falls all the way. Sweeps
            // would bring that one back before the rest has arrived: go on without it.
            match self.advance(&support, &step, f64::NEG_INFINITY) {
                Some(place) if support.len() > 1 => support.remove(place),
                _ => return solved + 1,
            };
        }
        limit
    }
}

impl<'a, P: Separable, C: Fn(usize) -> &'a [f64]> GramSweeps<'_, P, C> {
    /// Whether β_i ≠ 0 is not held by a bound.
    fn is_free(&self, i: usize) -> bool {
        let [low, high] = self.penalty.of(i).piece(self.beta[i]);
        low < high
    }

    /// −∂/∂β_i of the objective at β_i ≠ 0.
    fn descent(&self, i: usize) -> f64 {
        self.corr[i] - self.lambda * self.penalty.of(i).derivatives(self.beta[i])[0]
    }

    /// λ ω''(β_i): what the penalty adds to the diagonal of the Hessian.
    fn bend(&self, i: usize) -> f64 {
        self.lambda * self.penalty.of(i).derivatives(self.beta[i])[1]
    }

    /// Cholesky factor of the Hessian on the support; None if it is singular up to rounding.
    fn factor(&self, support: &[usize]) -> Option<Llt<f64>> {
        let size = support.len();
        let mut hessian = Mat::<f64>::zeros(size, size);
        for (a, &i) in support.iter().enumerate() {
            let column = (self.column)(i);
            let target = hessian.col_as_slice_mut(a);
            for (b, &k) in support.iter().enumerate() {
                target[b] = column[k];
            }
            target[a] += self.bend(i);
        }
        let factor = hessian.llt(Side::Lower).ok()?;
        (0..size)
            .all(|a| factor.L()[(a, a)].powi(2) > MIN_PIVOT * hessian[(a, a)])
            .then_some(factor)
    }

    /// Moves the support along `step` to the minimum of the objective or to the first coefficient that reaches 0 or a bound,
    /// whichever is nearer, and returns that coefficient's place in the support. The minimum is passed where the
    /// objective at that point is at most `slack` higher than at the start.
    ///
    /// Curvature is measured along the step, so that one from an inaccurate factor cannot lead uphill.
    fn advance(&mut self, support: &[usize], step: &[f64], slack: f64) -> Option<usize> {
        let mut image = vec![0.0; self.corr.len()];
        let (mut slope, mut curvature) = (0.0, 0.0);
        for (&i, &d) in support.iter().zip(step) {
            axpy(d, (self.column)(i), &mut image);
            slope += d * self.descent(i);
            curvature += d * d * self.bend(i);
        }
        for (&i, &d) in support.iter().zip(step) {
            curvature += d * image[i];
        }
        let (mut reach, mut first, mut end) = (f64::INFINITY, None, 0.0);
        for (a, &i) in support.iter().enumerate() {
            let [low, high] = self.penalty.of(i).piece(self.beta[i]);
            let ahead = if step[a] > 0.0 { high } else { low };
            let length = (ahead - self.beta[i]) / step[a];
            if length >= 0.0 && length < reach {
                (reach, first, end) = (length, Some(a), ahead);
            }
        }
        let minimum = if curvature > 0.0 {
            (slope / curvature).max(0.0)
        } else {
            f64::INFINITY
        };
        let rise = reach * (0.5 * curvature * reach - slope);
        let length = if minimum < reach && rise > slack {
            first = None;
            minimum
        } else {
            reach
        };
        if !(length.is_finite() && slope.is_finite() && curvature.is_finite()) {
            return None;
        }
        for (a, &i) in support.iter().enumerate() {
            self.beta[i] = if first == Some(a) {
                end
            } else {
                self.beta[i] + length * step[a]
            };
        }
        axpy(-length, &image, self.corr);
        first
    }

    /// Members of the support with linearly independent columns and the rows of the Cholesky factor of the Hessian on
    /// them. Along a dependence the fit is constant and the penalty linear: β moves down it until a coefficient is 0, so
    /// that sweeps need not crawl there. None where that would cost too much.
    fn thin_out(&mut self, support: &[usize]) -> Option<(Vec<usize>, Vec<Vec<f64>>)> {
        let mut kept: Vec<usize> = Vec::with_capacity(support.len());
        // Row r of the factor has r + 1 entries.
        let mut rows: Vec<Vec<f64>> = Vec::with_capacity(support.len());
        let mut spent = 0;
        let mut waiting: Vec<usize> = support.iter().rev().copied().collect();
        while let Some(i) = waiting.pop() {
            let (row, pivot) = self.next_row(&kept, &rows, i);
            if pivot > MIN_PIVOT * ((self.column)(i)[i] + self.bend(i)) {
                kept.push(i);
                rows.push(row);
                continue;
            }
            // x_i = Σ w_r x_kept[r] with LLᵀw = L row.
            let mut direction = row;
            direction.pop();
            solve_lower_transposed(&rows, &mut direction);
            direction.push(-1.0);
            let mut moving = kept.clone();
            moving.push(i);
            let slope: f64 = moving
                .iter()
                .zip(&direction)
                .map(|(&k, d)| d * self.descent(k))
                .sum();
            if slope < 0.0 {
                direction.iter_mut().for_each(|d| *d = -*d);
            }
            // Where it is i itself that reaches 0, or nothing does, the rest goes on without i.
            if let Some(r) = self.advance(&moving, &direction, NEGLIGIBLE_RISE * self.y_sq)
                && r < kept.len()
            {
                let size = kept.len();
                spent += (size - r) * size * size / 2;
                if spent > MAX_REFACTORING {
                    return None;
                }
                // What stood behind the one that left is factored anew, i after it.
                waiting.push(i);
                waiting.extend(kept.drain(r..).skip(1).rev());
                rows.truncate(r);
            }
        }
        Some((kept, rows))
    }

    /// The row by which column i extends the factor of `kept`, with the pivot before its root.
    fn next_row(&self, kept: &[usize], rows: &[Vec<f64>], i: usize) -> (Vec<f64>, f64) {
        let column = (self.column)(i);
        let mut row: Vec<f64> = kept.iter().map(|&k| column[k]).collect();
        solve_lower(rows, &mut row);
        let pivot = column[i] + self.bend(i) - sq_norm(&row);
        row.push(pivot.max(0.0).sqrt());
        (row, pivot)
    }
}

/// v = L⁻¹v, L by rows.
fn solve_lower(rows: &[Vec<f64>], v: &mut [f64]) {
    for r in 0..v.len() {
        v[r] = (v[r] - dot(&rows[r][..r], &v[..r])) / rows[r][r];
    }
}

/// v = L⁻ᵀv, L by rows.
fn solve_lower_transposed(rows: &[Vec<f64>], v: &mut [f64]) {
    for r in (0..v.len()).rev() {
        v[r] /= rows[r][r];
        let known = v[r];
        axpy(-known, &rows[r][..r], &mut v[..r]);
    }
}

/// What the objective may rise by on the way along a dependence, in units of ‖y‖²/n: rounding.
const NEGLIGIBLE_RISE: f64 = 1e-15;
/// Multiplications that one thinning may spend on new factors.
const MAX_REFACTORING: usize = 1_000_000_000;
/// Share of a diagonal entry that must remain as pivot for a system to count as well conditioned.
const MIN_PIVOT: f64 = 1e-12;

/// Updates of the residual: a move costs two reads of the column.
pub(super) struct ResidualSweeps<'a, X, P> {
    pub problem: &'a Problem<'a, X, Squared, P>,
    /// ‖x_j‖²/n, all columns.
    pub curvature: &'a [f64],
    pub working: &'a [usize],
    /// β, all columns.
    pub beta: &'a mut [f64],
    /// Xᵀr/n, all columns; brought up to date on the working set by every gap.
    pub corr: &'a mut [f64],
    pub residual: &'a mut Residual,
    pub lambda: f64,
    /// β on the working set after the last sweeps, oldest first.
    pub history: Vec<Vec<f64>>,
}

/// Differences of points that an extrapolation combines.
const EXTRAPOLATED: usize = 5;

/// Σ c_k p_k over the later ends of consecutive points, with Σ c_k = 1 such that ‖Σ c_k (p_k − p_k−1)‖ is least; None if
/// rounding leaves no such c. What is 0 in the last point stays 0.
fn fixed_point(points: &[Vec<f64>]) -> Option<Vec<f64>> {
    let steps: Vec<Vec<f64>> = (points.windows(2))
        .map(|w| w[1].iter().zip(&w[0]).map(|(b, a)| b - a).collect())
        .collect();
    let count = steps.len();
    let mut products = Mat::from_fn(count, count, |i, k| dot(&steps[i], &steps[k]));
    let trace: f64 = (0..count).map(|i| products[(i, i)]).sum();
    for i in 0..count {
        products[(i, i)] += 1e-12 * trace;
    }
    let factor = products.llt(Side::Lower).ok()?;
    let mut weights = vec![1.0; count];
    factor.solve_in_place(MatMut::from_column_major_slice_mut(&mut weights, count, 1));
    let total: f64 = weights.iter().sum();
    let last = points.last()?;
    let guess: Vec<f64> = (0..last.len())
        .map(|i| {
            if last[i] == 0.0 {
                return 0.0;
            }
            let ends = points[1..].iter().zip(&weights);
            ends.map(|(p, w)| w / total * p[i]).sum()
        })
        .collect();
    guess.iter().all(|b| b.is_finite()).then_some(guess)
}

impl<X: Design, P: Separable> Sweeps for ResidualSweeps<'_, X, P> {
    fn sweep(&mut self, support_only: bool) -> Moves {
        let mut moves = Moves::default();
        let (x, penalty) = (self.problem.x, self.problem.penalty);
        let n = self.problem.y.len() as f64;
        for &j in self.working {
            let (before, curvature) = (self.beta[j], self.curvature[j]);
            if (support_only && before == 0.0) || curvature == 0.0 {
                continue;
            }
            moves.tried += 1;
            moves.columns += 1;
            let corr = x.residual_dot(j, self.residual) / n;
            let after = penalty
                .of(j)
                .prox(before + corr / curvature, self.lambda / curvature);
            let delta = after - before;
            if delta != 0.0 {
                self.beta[j] = after;
                x.residual_axpy(j, -delta, self.residual);
                moves.columns += 1;
                moves.decrease += 0.5 * curvature * delta * delta;
            }
        }
        moves
    }

    fn gap(&mut self) -> (f64, u64) {
        let n = self.problem.y.len() as f64;
        let r = self.problem.x.settle(self.residual);
        let mut corr = vec![0.0; self.working.len()];
        self.problem.x.tr_mul_set(self.working, r, &mut corr);
        corr.iter_mut().for_each(|c| *c /= n);
        for (&j, &c) in self.working.iter().zip(&corr) {
            self.corr[j] = c;
        }
        let beta: Vec<f64> = self.working.iter().map(|&j| self.beta[j]).collect();
        let (residual_sq, linear) = (sq_norm(r) / n, dot(r, self.problem.y) / n);
        let penalty = self.problem.penalty.on(self.working);
        let primal = 0.5 * residual_sq + penalty_value(penalty, &beta, self.lambda);
        let gap = restricted_gap(
            primal,
            linear,
            residual_sq,
            &beta,
            &corr,
            |i| self.curvature[self.working[i]],
            penalty,
            self.lambda,
        );
        (gap, corr.len() as u64)
    }

    fn support_sweeps(&self) -> usize {
        9
    }

    fn support_size(&self) -> Option<usize> {
        None
    }

    /// Near the solution sweeps act on the support as a linear map: the combination of their last points whose differences
    /// cancel best is close to its fixed point. Taken only where it lowers the objective.
    /// Bertrand & Massias (2021), AISTATS.
    fn extrapolate(&mut self) -> u64 {
        let point: Vec<f64> = self.working.iter().map(|&j| self.beta[j]).collect();
        self.history.push(point);
        if self.history.len() <= EXTRAPOLATED {
            return 0;
        }
        let history = std::mem::take(&mut self.history);
        let Some(guess) = fixed_point(&history) else {
            return 0;
        };
        let (x, n) = (self.problem.x, self.problem.y.len() as f64);
        let mut residual = Residual::new(self.problem.y.to_vec());
        let mut read = 0;
        for (&j, &b) in self.working.iter().zip(&guess) {
            if b != 0.0 {
                x.residual_axpy(j, -b, &mut residual);
                read += 1;
            }
        }
        let penalty = self.problem.penalty.on(self.working);
        let objective = |r: &[f64], beta: &[f64]| {
            0.5 * sq_norm(r) / n + penalty_value(penalty, beta, self.lambda)
        };
        let now = objective(x.settle(self.residual), &history[EXTRAPOLATED]);
        if objective(x.settle(&mut residual), &guess) < now {
            for (&j, &b) in self.working.iter().zip(&guess) {
                self.beta[j] = b;
            }
            *self.residual = residual;
        }
        read
    }

    fn support_step(&mut self) -> u64 {
        0
    }
}

/// λ Σ ω(β_i) over a set.
fn penalty_value<P: Separable>(penalty: P, beta: &[f64], lambda: f64) -> f64 {
    let values = beta.iter().enumerate();
    lambda * values.map(|(i, &b)| penalty.of(i).value(b)).sum::<f64>()
}

/// primal − dual over the set, given rᵀy/n and ‖r‖²/n. Where a column has no penalty, so that a dual point has to be orthogonal
/// to it, its gradient is taken for 0 and held against what it could still lower the objective by if columns were orthogonal.
fn restricted_gap<P: Separable>(
    primal: f64,
    mut linear: f64,
    residual_sq: f64,
    beta: &[f64],
    corr: &[f64],
    curvature: impl Fn(usize) -> f64,
    penalty: P,
    lambda: f64,
) -> f64 {
    let along = |linear: f64, s: f64| Squared::dual_line(linear, residual_sq, s);
    if !penalty.needs_projection(lambda) {
        return primal - best_multiple(|s| along(linear, s), corr, penalty, lambda);
    }
    let (mut corr, mut left, mut held) = (corr.to_vec(), 0.0, 0);
    for (i, c) in corr.iter_mut().enumerate() {
        let omega = penalty.of(i);
        let is_free = || {
            let [low, high] = omega.piece(beta[i]);
            beta[i] != 0.0 && low < high
        };
        if omega.reach(*c, lambda) == 0.0 || (omega.dual_radius(lambda) == 0.0 && is_free()) {
            if curvature(i) > 0.0 {
                left += 0.5 * *c * (*c / curvature(i));
                linear -= *c * beta[i];
            }
            *c = 0.0;
        } else if *c != 0.0 {
            held += 1;
        }
    }
    if held == 0 {
        // With nothing else in the dual set, primal − dual is the rounding of ‖r‖².
        return left;
    }
    left + primal - best_multiple(|s| along(linear, s), &corr, penalty, lambda)
}
