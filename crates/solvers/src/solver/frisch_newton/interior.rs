//! A point inside the bounds, and its steps towards the optimum.

use super::gap_at;
use super::pairs::{Direction, Pairs};
use super::system::{Factor, Solution, System};
use crate::design::Design;
use crate::loss::KinkedLoss;
use crate::penalty::Separable;
use crate::problem::Problem;
use crate::solver::parametric_simplex::program::Program;
use crate::solver::{Status, Stop, Work};

/// Steps of the interior-point method per λ.
const STEPS: usize = 200;
/// Share of the way to the boundary that a step goes.
const SHARE: f64 = 0.99995;
/// Steps within which the sum of products halves, unless corrections go in circles.
const HALVES: usize = 4;
/// Share of the mean product that a step out of a circle aims at.
const CENTRE: f64 = 0.2;
/// What holds a column that nothing else does, as a share of the column's own weight.
const HELD: f64 = 1e-11;
/// Multiple of a gap up to which products are worth a look at the gap itself, which is less where a dual point is scaled.
const FEASIBLE: f64 = 4.0;
/// Steps after which Xβ, which steps update, is taken afresh.
const AFRESH: usize = 6;

/// min Σ max(h_i r_i, l_i r_i) + λ Σ κ_j |β_j| + λ Σ ρ_j β_j²/2 with r = y − Xβ.
pub(super) struct Form {
    /// [l_i, h_i], length n.
    pub(super) slopes: Vec<[f64; 2]>,
    /// Length n.
    pub(super) y: Vec<f64>,
    /// κ, length p.
    pub(super) weights: Vec<f64>,
    /// ρ, length p.
    pub(super) ridge: Vec<f64>,
    pub(super) system: System,
}

impl Form {
    /// Residuals y − z.
    pub(super) fn residuals(&self, fit: &[f64]) -> Vec<f64> {
        self.y.iter().zip(fit).map(|(y, z)| y - z).collect()
    }

    /// What the simplex method needs to know; None where that is too large.
    pub(super) fn program<X: Design>(&self, x: &X) -> Option<Program> {
        let (slopes, y, weights) = (self.slopes.clone(), self.y.clone(), self.weights.clone());
        Program::of(x, slopes, y, weights).ok()
    }
}

/// β and u with what they lack of the boundary.
pub(super) struct Interior<'a> {
    form: &'a Form,
    lambda: f64,
    /// λρ_j.
    ridge: Vec<f64>,
    pub(super) beta: Vec<f64>,
    pub(super) u: Vec<f64>,
    /// Σ max(h_i r_i, l_i r_i) where the method starts.
    pub(super) start_loss: f64,
    /// Xβ.
    fit: Vec<f64>,
    /// λρβ + w − Xᵀu: what stationarity lacks.
    lacking: Vec<f64>,
    /// Residuals and slopes of rows.
    rows: Pairs,
    /// Columns with an L1 penalty.
    penalised: Vec<usize>,
    /// Coefficients and λκ of those.
    columns: Pairs,
    /// Subgradients w of the L1 part, over those.
    w: Vec<f64>,
    /// Sums of products before the last steps.
    before: [f64; HALVES],
    steps: usize,
}

/// A direction for everything.
struct Move {
    beta: Vec<f64>,
    u: Vec<f64>,
    /// Xdβ.
    fit: Vec<f64>,
    w: Vec<f64>,
    rows: Direction,
    columns: Direction,
}

impl Move {
    /// How far β and u may go, at most all the way.
    fn lengths(&self) -> [f64; 2] {
        let primal = self.rows.primal.min(self.columns.primal);
        let dual = self.rows.dual.min(self.columns.dual);
        [primal.min(1.0), dual.min(1.0)]
    }
}

impl<'a> Interior<'a> {
    pub(super) fn new<X: Design>(x: &X, form: &'a Form, lambda: f64, work: &mut Work) -> Self {
        let (n, p) = (x.nrows(), x.ncols());
        let ridge: Vec<f64> = form.ridge.iter().map(|r| lambda * r).collect();
        let penalised: Vec<usize> = (0..p).filter(|&j| lambda * form.weights[j] > 0.0).collect();
        let boxes: Vec<[f64; 2]> = (penalised.iter())
            .map(|&j| [-lambda * form.weights[j], lambda * form.weights[j]])
            .collect();
        // Least squares is where quantile regression is at home, and no worse a start than any other.
        let mut diagonal = vec![0.0; p];
        for (j, d) in diagonal.iter_mut().enumerate() {
            *d = ridge[j] * n as f64;
        }
        for &j in &penalised {
            diagonal[j] += x.col_sq_norm(j).max(f64::MIN_POSITIVE);
        }
        let ones = vec![1.0; n];
        let none = vec![0.0; p];
        let beta = match form.system.factor(x, &ones, &diagonal, &form.y) {
            Some(factor) => {
                let sides = [form.y.as_slice(), none.as_slice()];
                let solution = form.system.solve(x, &factor, &ones, &diagonal, sides, true);
                solution.beta
            }
            None => none,
        };
        let mut fit = vec![0.0; n];
        x.mul(&beta, &mut fit);
        work.passes += 2;
        work.columns_touched += 2 * p as u64;
        let own: Vec<f64> = penalised.iter().map(|&j| beta[j]).collect();
        let residuals = form.residuals(&fit);
        let sides = residuals.iter().zip(&form.slopes);
        Self {
            start_loss: sides.map(|(r, [low, high])| (high * r).max(low * r)).sum(),
            rows: Pairs::around(&residuals, &form.slopes),
            columns: Pairs::around(&own, &boxes),
            w: vec![0.0; penalised.len()],
            before: [f64::INFINITY; HALVES],
            steps: 0,
            u: vec![0.0; n],
            lacking: ridge.iter().zip(&beta).map(|(r, b)| r * b).collect(),
            fit,
            form,
            lambda,
            ridge,
            beta,
            penalised,
        }
    }

    /// Steps until one has `arrived`.
    pub(super) fn approach<X: Design>(
        &mut self,
        x: &X,
        stop: Stop,
        work: &mut Work,
        mut arrived: impl FnMut(&Self, &mut Work) -> bool,
    ) -> Status {
        let left = (stop.max_epochs as u64).saturating_sub(work.epochs);
        let budget = left.min(STEPS as u64);
        for taken in 0.. {
            if arrived(self, work) {
                return Status::Converged;
            }
            if taken == budget {
                return Status::EpochLimit;
            }
            if stop.cancelled() {
                return Status::Interrupted;
            }
            work.epochs += 1;
            if !self.step(x, work) {
                break;
            }
        }
        Status::Stalled
    }

    /// Steps until the gap is `target`.
    pub(super) fn approach_gap<X: Design, L: KinkedLoss, P: Separable>(
        &mut self,
        problem: &Problem<X, L, P>,
        target: f64,
        stop: Stop,
        work: &mut Work,
    ) -> Status {
        let lambda = self.lambda;
        // The sum of products is much cheaper than the gap, and far from the optimum is enough.
        self.approach(problem.x, stop, work, |at, work| {
            at.products() <= FEASIBLE * target
                && gap_at(problem, lambda, &at.beta, &at.u, work) <= target
        })
    }

    /// The sum of products: the gap where both sides are feasible.
    pub(super) fn products(&self) -> f64 {
        self.rows.products() + self.columns.products()
    }

    /// One predictor and corrector; false if the system cannot be solved.
    fn step<X: Design>(&mut self, x: &X, work: &mut Work) -> bool {
        let (n, p) = (x.nrows(), x.ncols());
        let stiffness = [self.rows.stiffness(), self.columns.stiffness()];
        let weights: Vec<f64> = stiffness[0].iter().map(|d| 1.0 / d).collect();
        let mut diagonal = self.ridge.clone();
        for (&j, d) in self.penalised.iter().zip(&stiffness[1]) {
            diagonal[j] += 1.0 / d;
        }
        if !self.form.system.is_by_columns() {
            // More columns than rows and nothing to hold a column: its steps are kept short.
            let mean = weights.iter().sum::<f64>() / n as f64;
            for (j, d) in diagonal.iter_mut().enumerate().filter(|(_, d)| **d == 0.0) {
                *d = HELD * mean * x.col_sq_norm(j).max(f64::MIN_POSITIVE);
            }
        }
        let residuals = self.form.residuals(&self.fit);
        let own: Vec<f64> = self.penalised.iter().map(|&j| self.beta[j]).collect();
        let Some(factor) = self.form.system.factor(x, &weights, &diagonal, &residuals) else {
            return false;
        };
        work.passes += 1;
        work.columns_touched += p as u64;
        let mut aim = |mu: f64, bent: Option<&[Vec<[f64; 2]>; 2]>| {
            let [bent_rows, bent_columns] = match bent {
                Some([rows, columns]) => [Some(rows.as_slice()), Some(columns.as_slice())],
                None => [None; 2],
            };
            let e = self.rows.wanted(&residuals, mu, bent_rows);
            let e_columns = self.columns.wanted(&own, mu, bent_columns);
            let mut g = self.lacking.clone();
            for ((&j, e), d) in self.penalised.iter().zip(&e_columns).zip(&stiffness[1]) {
                g[j] += e / d;
            }
            let is_first = mu == 0.0 && bent.is_none();
            let Solution { beta, u, fit } =
                (self.form.system).solve(x, &factor, &weights, &diagonal, [&e, &g], is_first);
            let w: Vec<f64> = (self.penalised.iter().zip(&e_columns).zip(&stiffness[1]))
                .map(|((&j, e), d)| (beta[j] + e) / d)
                .collect();
            let passes = self.form.system.passes(is_first);
            work.passes += passes;
            work.columns_touched += passes * p as u64;
            Move {
                rows: self.rows.direction(mu, &u, bent_rows),
                columns: self.columns.direction(mu, &w, bent_columns),
                beta,
                u,
                fit,
                w,
            }
        };
        let predictor = aim(0.0, None);
        let before = self.products();
        let mean = before / (2 * (self.rows.len() + self.columns.len())) as f64;
        let earlier = std::mem::replace(&mut self.before[self.steps % HALVES], before);
        let chosen = if before > 0.5 * earlier {
            // The correction may lead in circles; towards the centre there is always a way. [Cartis 2009]
            aim(CENTRE * mean, None)
        } else {
            let [primal, dual] = predictor.lengths();
            let after = (self.rows).products_after(&predictor.rows, &predictor.u, primal, dual)
                + (self.columns).products_after(&predictor.columns, &predictor.w, primal, dual);
            let ratio = (after / before).clamp(0.0, 1.0);
            let bent = [
                self.rows.bend(&predictor.rows, &predictor.u),
                self.columns.bend(&predictor.columns, &predictor.w),
            ];
            aim(ratio * ratio * ratio * mean, Some(&bent))
        };
        let [mut primal, mut dual] = [chosen.rows.primal, chosen.rows.dual];
        primal = (SHARE * primal.min(chosen.columns.primal)).min(1.0);
        dual = (SHARE * dual.min(chosen.columns.dual)).min(1.0);
        if self.ridge.iter().any(|r| *r > 0.0) {
            // A ridge part ties β and u together.
            primal = primal.min(dual);
            dual = primal;
        }
        let is_finite = primal.is_finite() && dual.is_finite();
        if !(is_finite && chosen.beta.iter().all(|d| d.is_finite())) {
            return false;
        }
        self.advance(x, &chosen, [primal, dual], &factor, work);
        primal.max(dual) > 1e-12
    }

    fn advance<X: Design>(
        &mut self,
        x: &X,
        by: &Move,
        [primal, dual]: [f64; 2],
        factor: &Factor,
        work: &mut Work,
    ) {
        let add = |values: &mut [f64], step: &[f64], length: f64| {
            let values = values.iter_mut().zip(step);
            values.for_each(|(v, d)| *v += length * d);
        };
        add(&mut self.beta, &by.beta, primal);
        add(&mut self.u, &by.u, dual);
        add(&mut self.fit, &by.fit, primal);
        add(&mut self.w, &by.w, dual);
        self.rows.advance(&by.rows, &by.u, primal, dual);
        self.columns.advance(&by.columns, &by.w, primal, dual);
        self.steps += 1;
        // An inexact system leaves steps that do not close what is lacking: that is measured, not updated.
        let afresh = !factor.is_exact() || self.steps.is_multiple_of(AFRESH);
        if afresh {
            x.mul(&self.beta, &mut self.fit);
        }
        self.measure(x);
        let passes = if afresh { 2 } else { 1 };
        work.passes += passes;
        work.columns_touched += passes * x.ncols() as u64;
    }

    /// What stationarity lacks.
    fn measure<X: Design>(&mut self, x: &X) {
        x.tr_mul(&self.u, &mut self.lacking);
        for ((lacking, r), b) in self.lacking.iter_mut().zip(&self.ridge).zip(&self.beta) {
            *lacking = r * b - *lacking;
        }
        for (&j, w) in self.penalised.iter().zip(&self.w) {
            self.lacking[j] += w;
        }
    }

    /// How likely rows are to be fitted exactly: small where the residual is small beside what u lacks of its slopes.
    pub(super) fn likely_rows(&self) -> Vec<f64> {
        self.rows.ratios()
    }

    /// β without the coefficients that are on their way to 0.
    pub(super) fn likely_beta(&self, size: impl Fn(usize) -> f64) -> Vec<f64> {
        let mut beta = self.beta.clone();
        let unit = self.form.y.iter().fold(0.0f64, |m, y| m.max(y.abs()));
        for ((&j, ratio), height) in self
            .penalised
            .iter()
            .zip(self.columns.ratios())
            .zip(self.columns.heights())
        {
            if ratio * height * size(j) < unit {
                beta[j] = 0.0;
            }
        }
        beta
    }
}
