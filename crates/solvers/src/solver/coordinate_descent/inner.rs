//! Sweeps over a fixed set of coordinates until the duality gap of the problem restricted to them is small.

use faer::linalg::solvers::Solve;
use faer::{Mat, Side};

use super::super::{Status, Stop, Work};
use crate::certificate::best_multiple;
use crate::design::kernels::{axpy, dot, sq_norm};
use crate::design::{Design, Residual};
use crate::loss::Squared;
use crate::penalty::Penalty;
use crate::problem::Problem;

/// What one sweep did.
#[derive(Clone, Copy, Default)]
pub(super) struct Moves {
    /// Coordinates tried.
    tried: u64,
    /// Columns of X read.
    columns: u64,
    /// Σ L_j δ_j²/2: what the sweep lowered the objective by, up to a factor.
    decrease: f64,
}

/// A way to sweep over a working set and to judge it.
pub(super) trait Sweeps {
    /// One pass over the coordinates; `support_only` skips zeros.
    fn sweep(&mut self, support_only: bool) -> Moves;

    /// Gap of the restricted problem, with the columns of X read for it.
    fn gap(&mut self) -> (f64, u64);

    /// Sweeps over the support between two full ones; 0 where trying a zero costs nothing.
    fn support_sweeps(&self) -> usize;

    /// Size of the support, where [`Sweeps::support_step`] is possible.
    fn support_size(&self) -> Option<usize>;

    /// Jumps to the minimiser over the present support and signs, or as far towards it as no sign changes; says
    /// whether the Hessian was well enough conditioned: it is not while sweeps hold more columns than the rank of X.
    fn support_step(&mut self) -> bool;
}

/// Sweeps until the gap is at most `target`, the budget is spent, or no coordinate moves any more.
///
/// Where the support allows it, sweeps alternate with exact steps: sweeps find the support and its signs, on which the
/// minimiser is the solution of a linear system. A step of |A|³/3 multiplications is tried after the first sweep and
/// then whenever sweeps of |A|² multiplications each have spent as much.
pub(super) fn descend(
    sweeps: &mut impl Sweeps,
    target: f64,
    stop: &Stop,
    work: &mut Work,
    exact: bool,
) -> Status {
    let mut since_step = usize::MAX / 2;
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
            && since_step >= size / 6
        {
            if sweeps.support_step() {
                work.support_steps += 1;
            }
            since_step = 0;
        }
    }
}

/// Updates in a Gram matrix: a move costs one column of it, a zero that stays costs one comparison.
pub(super) struct GramSweeps<'a, P, C> {
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

impl<'a, P: Penalty, C: Fn(usize) -> &'a [f64]> Sweeps for GramSweeps<'_, P, C> {
    fn sweep(&mut self, _support_only: bool) -> Moves {
        let mut moves = Moves {
            tried: self.beta.len() as u64,
            ..Moves::default()
        };
        for i in 0..self.beta.len() {
            let before = self.beta[i];
            // The curvature is read only where it is needed: most zeros are settled by the gradient alone.
            if before == 0.0
                && self
                    .penalty
                    .subdiff_distance(0.0, self.corr[i], self.lambda)
                    == 0.0
            {
                continue;
            }
            let column = (self.column)(i);
            let curvature = column[i];
            if curvature == 0.0 {
                continue;
            }
            let after = self
                .penalty
                .prox(before + self.corr[i] / curvature, self.lambda / curvature);
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
        let penalty: f64 = self.beta.iter().map(|&b| self.penalty.value(b)).sum();
        let primal = 0.5 * residual_sq + self.lambda * penalty;
        let gap = restricted_gap(
            primal,
            linear,
            residual_sq,
            self.corr,
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

    fn support_step(&mut self) -> bool {
        let support: Vec<usize> = (0..self.beta.len())
            .filter(|&i| self.beta[i] != 0.0)
            .collect();
        let size = support.len();
        let derivatives: Vec<[f64; 2]> = support
            .iter()
            .map(|&i| self.penalty.derivatives(self.beta[i]))
            .collect();
        let mut hessian = Mat::<f64>::zeros(size, size);
        let mut step = Mat::<f64>::zeros(size, 1);
        for (a, &i) in support.iter().enumerate() {
            let column = (self.column)(i);
            let target = hessian.col_as_slice_mut(a);
            for (b, &k) in support.iter().enumerate() {
                target[b] = column[k];
            }
            target[a] += self.lambda * derivatives[a][1];
            step[(a, 0)] = self.corr[i] - self.lambda * derivatives[a][0];
        }
        let Ok(factor) = hessian.llt(Side::Lower) else {
            return false;
        };
        let well_conditioned =
            (0..size).all(|a| factor.L()[(a, a)].powi(2) > MIN_PIVOT * hessian[(a, a)]);
        if !well_conditioned {
            return false;
        }
        factor.solve_in_place(step.as_mut());
        // The objective is quadratic until the first coefficient changes its sign, and falls all the way.
        let mut length = 1.0;
        let mut first = None;
        for (a, &i) in support.iter().enumerate() {
            let reach = -self.beta[i] / step[(a, 0)];
            if reach > 0.0 && reach < length {
                (length, first) = (reach, Some(i));
            }
        }
        for (a, &i) in support.iter().enumerate() {
            let before = self.beta[i];
            self.beta[i] = if first == Some(i) {
                0.0
            } else {
                before + length * step[(a, 0)]
            };
            axpy(before - self.beta[i], (self.column)(i), self.corr);
        }
        true
    }
}

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
}

impl<X: Design, P: Penalty> Sweeps for ResidualSweeps<'_, X, P> {
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
            let after = penalty.prox(before + corr / curvature, self.lambda / curvature);
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
        let r = self.residual.settle();
        let mut corr = vec![0.0; self.working.len()];
        self.problem.x.tr_mul_set(self.working, r, &mut corr);
        corr.iter_mut().for_each(|c| *c /= n);
        for (&j, &c) in self.working.iter().zip(&corr) {
            self.corr[j] = c;
        }
        let beta: Vec<f64> = self.working.iter().map(|&j| self.beta[j]).collect();
        let (residual_sq, linear) = (sq_norm(r) / n, dot(r, self.problem.y) / n);
        let primal = 0.5 * residual_sq + self.problem.penalty_value(&beta, self.lambda);
        let gap = restricted_gap(
            primal,
            linear,
            residual_sq,
            &corr,
            self.problem.penalty,
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

    fn support_step(&mut self) -> bool {
        false
    }
}

/// primal − dual over the set, given rᵀy/n and ‖r‖²/n. Where only u = 0 is dual feasible (λ = 0) the bound says
/// nothing; there the gradient is held against what it could still lower the objective by if columns were orthogonal.
fn restricted_gap<P: Penalty>(
    primal: f64,
    linear: f64,
    residual_sq: f64,
    corr: &[f64],
    penalty: P,
    lambda: f64,
) -> f64 {
    if penalty.dual_radius(lambda) == 0.0 {
        return corr.iter().map(|c| 0.5 * c * c).sum();
    }
    primal
        - best_multiple(
            |s| Squared::dual_line(linear, residual_sq, s),
            corr,
            penalty,
            lambda,
        )
}
