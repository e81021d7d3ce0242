//! Coordinate descent for squared loss and separable penalties: strong rule, working set, Gram or residual updates,
//! repair of violated optimality conditions, stop on the duality gap.
//!
//! Friedman, Hastie & Tibshirani (2010), JSS 33; strong rule by Tibshirani et al. (2012), JRSS B 74.

mod gram_block;
pub(in crate::solver) mod inner;
mod updates;

use faer::Mat;
use gram_block::GramBlock;
use inner::{GramSweeps, ResidualSweeps};
pub use updates::Updates;

use super::{Outcome, Setup, Solver, State, Status, Stop, Work};
use crate::certificate::dual_value;
use crate::design::kernels::{axpy, sq_norm};
use crate::design::{Design, Residual};
use crate::error::SolveError;
use crate::loss::Squared;
use crate::penalty::{Penalty, Separable};
use crate::problem::Problem;

/// Options of coordinate descent; the default lets the cost rule decide.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CoordinateDescent {
    /// Kind of updates, or None for [`Updates::choose`].
    pub updates: Option<Updates>,
    /// Check the survivors of the sequential strong rule before all columns.
    pub strong_rule: bool,
    /// Alternate sweeps with exact minimisation over the support, where Gram updates make it possible, and extrapolate from
    /// them where they do not.
    pub support_steps: bool,
}

impl Default for CoordinateDescent {
    fn default() -> Self {
        Self::FULL
    }
}

impl CoordinateDescent {
    /// Every ingredient.
    pub const FULL: Self = Self {
        updates: None,
        strong_rule: true,
        support_steps: true,
    };

    /// Sweeps alone, as in the textbook.
    pub fn plain() -> Self {
        Self {
            support_steps: false,
            ..Self::default()
        }
    }
}

/// The working set must reach this share of the tolerance, so that the full check rarely asks for a second round.
const INNER_SHARE: f64 = 0.5;
/// While columns are missing from the working set it is solved to this share of the whole gap only.
const INCOMPLETE_SHARE: f64 = 0.1;
/// Relative gap that is looked for at least: a path that lags behind its λ lets in columns by the hundred, and costs more.
const LOOSEST: f64 = 1e-3;
/// λ below this share of the one before is a jump.
const JUMP: f64 = 0.5;
/// Rounds in which tightening the working set's tolerance may fail to meet the full gap before the solve has stalled.
const TIGHTENINGS: usize = 8;
/// Violators that one round may add at least; beyond, the working set at most doubles.
const MIN_GROWTH: usize = 32;

/// Norms, Xᵀy/n and, where the rule says so, the whole Gram matrix.
pub struct CdSetup {
    /// ‖x_j‖²/n.
    curvature: Vec<f64>,
    /// Xᵀy/n.
    start: Vec<f64>,
    /// ‖y‖²/n.
    y_sq: f64,
    /// XᵀX/n.
    gram: Option<Mat<f64>>,
    updates: Updates,
    rule: String,
    work: Work,
}

impl Setup for CdSetup {
    fn work(&self) -> Work {
        self.work
    }

    fn rule(&self) -> String {
        self.rule.clone()
    }
}

/// A warm path's memory: point, gradient, working set and the Gram block of ever-active columns.
pub struct CdState {
    beta: Vec<f64>,
    /// Xᵀ(y − Xβ)/n: exact on the working set, elsewhere as of the last look at the column.
    corr: Vec<f64>,
    residual: Residual,
    /// Columns that have ever been worked on, in order of entry.
    working: Vec<usize>,
    in_working: Vec<bool>,
    gram: GramBlock,
    updates: Updates,
    lambda_before: f64,
}

impl CdState {
    /// Starts the next solve from `beta`, length p.
    pub(super) fn set_point(&mut self, beta: &[f64]) {
        if self.beta != beta {
            self.beta.copy_from_slice(beta);
            self.lambda_before = f64::NAN;
        }
    }
}

impl State for CdState {
    fn beta(&self) -> &[f64] {
        &self.beta
    }

    fn nonzeros(&self) -> Vec<(usize, f64)> {
        let mut nonzeros: Vec<(usize, f64)> = (self.working.iter())
            .map(|&j| (j, self.beta[j]))
            .filter(|(_, b)| *b != 0.0)
            .collect();
        nonzeros.sort_unstable_by_key(|(j, _)| *j);
        nonzeros
    }

    fn set_zero(&mut self) {
        self.beta.fill(0.0);
        // NaN asks the next solve to recompute what depends on β.
        self.lambda_before = f64::NAN;
    }
}

impl<X: Design, P: Separable> Solver<X, Squared, P> for CoordinateDescent {
    type Setup = CdSetup;
    type State = CdState;

    fn setup(&self, problem: &Problem<X, Squared, P>) -> Result<CdSetup, SolveError> {
        let x = problem.x;
        let (n, p) = (x.nrows() as f64, x.ncols());
        let mut start = vec![0.0; p];
        x.tr_mul(problem.y, &mut start);
        start.iter_mut().for_each(|c| *c /= n);
        let curvature: Vec<f64> = (0..p).map(|j| x.col_sq_norm(j) / n).collect();
        let (updates, rule) = match self.updates {
            Some(updates) => (updates, format!("{updates:?} by request")),
            None => Updates::choose(x),
        };
        let mut work = Work {
            passes: 2,
            columns_touched: 2 * p as u64,
            ..Work::default()
        };
        let gram = (updates == Updates::FullGram).then(|| {
            work.gram_columns = p as u64;
            x.gram() * faer::Scale(1.0 / n)
        });
        Ok(CdSetup {
            curvature,
            start,
            y_sq: sq_norm(problem.y) / n,
            gram,
            updates,
            rule,
            work,
        })
    }

    fn start(&self, problem: &Problem<X, Squared, P>, setup: &CdSetup) -> CdState {
        let p = problem.x.ncols();
        let full = setup.updates == Updates::FullGram;
        CdState {
            beta: vec![0.0; p],
            corr: setup.start.clone(),
            residual: Residual::new(problem.y.to_vec()),
            working: if full { (0..p).collect() } else { Vec::new() },
            in_working: vec![full; p],
            gram: GramBlock::default(),
            updates: setup.updates,
            lambda_before: f64::NAN,
        }
    }

    fn solve(
        &self,
        problem: &Problem<X, Squared, P>,
        setup: &CdSetup,
        lambda: f64,
        stop: Stop,
        state: &mut CdState,
    ) -> Outcome {
        let mut task = Task {
            options: self,
            problem,
            setup,
            lambda,
            stop,
            state,
            work: Work::default(),
        };
        let status = if setup.gram.is_some() {
            task.on_the_gram_matrix()
        } else {
            task.on_a_working_set()
        };
        task.state.lambda_before = lambda;
        Outcome {
            status,
            work: task.work,
        }
    }
}

/// One solve at one λ.
struct Task<'a, X, P> {
    options: &'a CoordinateDescent,
    problem: &'a Problem<'a, X, Squared, P>,
    setup: &'a CdSetup,
    lambda: f64,
    stop: Stop<'a>,
    state: &'a mut CdState,
    work: Work,
}

impl<X: Design, P: Separable> Task<'_, X, P> {
    fn target(&self) -> f64 {
        // A tolerance that is not a number stays one, and is never met.
        let tol = if self.stop.tol > LOOSEST {
            LOOSEST
        } else {
            self.stop.tol
        };
        tol * 0.5 * self.setup.y_sq
    }

    /// n ≫ p: every quantity lives in the p × p Gram matrix, and X is passed over only where rounding in the Gram matrix
    /// could hide a gap of the size of the tolerance.
    fn on_the_gram_matrix(&mut self) -> Status {
        let setup = self.setup;
        let Some(gram) = &setup.gram else {
            return Status::Stalled;
        };
        self.state.corr.copy_from_slice(&setup.start);
        for (j, &b) in self.state.beta.iter().enumerate() {
            if b != 0.0 {
                axpy(-b, gram.col_as_slice(j), &mut self.state.corr);
            }
        }
        let mut share = INNER_SHARE;
        for _ in 0..=TIGHTENINGS {
            let mut sweeps = GramSweeps {
                beta: &mut self.state.beta,
                corr: &mut self.state.corr,
                start: &setup.start,
                y_sq: setup.y_sq,
                penalty: self.problem.penalty,
                lambda: self.lambda,
                column: |j| gram.col_as_slice(j),
            };
            let target = share * self.stop.tol * 0.5 * setup.y_sq;
            let support_steps = self.options.support_steps;
            let inner = inner::descend(
                &mut sweeps,
                target,
                &self.stop,
                &mut self.work,
                support_steps,
            );
            if matches!(inner, Status::EpochLimit | Status::Interrupted) {
                return inner;
            }
            if inner == Status::Converged && self.gram_rounding() <= INNER_SHARE * self.target() {
                return Status::Converged;
            }
            // The gradient that this leaves behind is that of the true residual, from which the next round refines.
            self.refresh_residual();
            if self.full_gap() <= self.target() {
                return Status::Converged;
            }
            share *= 0.1;
        }
        Status::Stalled
    }

    /// Size of what rounding can do to a gap that is computed from Gram quantities: with B = Σ ‖x_j‖/√n |β_j| the
    /// gradient of column j is off by ε ‖x_j‖/√n B. Infinite where the bound needs a projection (λ = 0).
    fn gram_rounding(&self) -> f64 {
        let penalty = self.problem.penalty;
        if penalty.needs_projection(self.lambda) {
            return f64::INFINITY;
        }
        let curvature = &self.setup.curvature;
        let terms = curvature.iter().zip(&self.state.beta);
        let size: f64 = terms.map(|(c, b)| c.sqrt() * b.abs()).sum();
        let mut rounding = f64::EPSILON * size * (size + self.setup.y_sq.sqrt());
        let error = f64::EPSILON * size;
        if penalty.mixing() < 1.0 {
            // (λω)* bends by at most 1/λω'', wherever a coefficient is free.
            let bent = |j: usize| curvature[j] / penalty.of(j).derivatives(1.0)[1];
            let bend: f64 = (0..curvature.len()).map(bent).sum();
            rounding += 0.5 * error * (error / self.lambda) * bend;
        }
        rounding + error * self.box_slope()
    }

    /// Σ ‖x_j‖/√n times the largest value that bounds on both sides leave to β_j: by so much the conjugate of a gradient that
    /// is off by 1/‖x_j‖ can be off.
    fn box_slope(&self) -> f64 {
        let penalty = self.problem.penalty;
        let terms = self.setup.curvature.iter().enumerate();
        let slope = terms.map(|(j, c)| match penalty.of(j).box_size() {
            Some(size) => c.sqrt() * size,
            None => 0.0,
        });
        slope.sum()
    }

    /// p ≫ n or sparse: solve on the working set, look for violators where the strong rule points, then everywhere.
    fn on_a_working_set(&mut self) -> Status {
        if self.state.lambda_before.is_nan() {
            self.restart();
        }
        let survivors = if self.options.strong_rule {
            self.strong_rule()
        } else {
            Vec::new()
        };
        let mut share = INNER_SHARE;
        let mut tightenings = 0;
        // After a small step in λ the working set is all but complete; after a jump the gap says what it is worth.
        let jump = self.lambda < JUMP * self.state.lambda_before;
        let mut incomplete = if jump { self.full_gap() } else { 0.0 };
        loop {
            // Not below 0: a negative tolerance must end in `Stalled`, not in provisional rounds for ever.
            let final_target = (share * self.target()).max(0.0);
            let loose = INCOMPLETE_SHARE * incomplete;
            let provisional = loose > final_target;
            let inner = self.descend(loose.max(final_target));
            if matches!(inner, Status::EpochLimit | Status::Interrupted) {
                return inner;
            }
            if self.look_at(&survivors) {
                continue;
            }
            let gap = self.full_gap();
            if gap <= self.target() {
                return Status::Converged;
            }
            let violators = self.violators(0..self.state.beta.len());
            incomplete = if violators.is_empty() { 0.0 } else { gap };
            if violators.is_empty() && !provisional {
                tightenings += 1;
                if tightenings > TIGHTENINGS {
                    return Status::Stalled;
                }
                share *= 0.1;
            }
            let entered = self.enlarge(violators);
            if !survivors.is_empty() {
                self.work.kkt_violations += entered;
            }
        }
    }

    /// Everything that depends on β, afresh.
    fn restart(&mut self) {
        let state = &mut *self.state;
        let support: Vec<usize> = (0..state.beta.len())
            .filter(|&j| state.beta[j] != 0.0 && !state.in_working[j])
            .collect();
        let at_zero = state.beta.iter().all(|&b| b == 0.0);
        state.corr.copy_from_slice(&self.setup.start);
        state.residual = Residual::new(self.problem.y.to_vec());
        if !at_zero {
            self.admit(support);
            self.refresh_residual();
            self.full_gap();
        }
        let (state, penalty) = (&mut *self.state, self.problem.penalty);
        let thresholds = (0..)
            .zip(&state.corr)
            .map(|(j, &c)| penalty.of(j).threshold(c));
        // What never stays 0 has no threshold, and survives whatever this λ is.
        let finite = thresholds.filter(|threshold| threshold.is_finite());
        state.lambda_before = finite.fold(0.0, f64::max);
    }

    /// Columns outside the working set that would not stay 0 at 2λ − λ_before, as |c_j| > w (2λ − λ_before); unlike a safe rule it may err, hence the repair.
    fn strong_rule(&self) -> Vec<usize> {
        let below = 2.0 * self.lambda - self.state.lambda_before;
        let (state, penalty) = (&*self.state, self.problem.penalty);
        let survivors: Vec<usize> = (0..state.beta.len())
            .filter(|&j| {
                !state.in_working[j]
                    && penalty.of(j).subdiff_distance(0.0, state.corr[j], below) > 0.0
            })
            .collect();
        // When most columns survive, a separate look at them saves nothing over the full check.
        if 2 * survivors.len() > state.beta.len() {
            Vec::new()
        } else {
            survivors
        }
    }

    /// Minimises over the working set and brings residual and working-set gradient up to date.
    fn descend(&mut self, target: f64) -> Status {
        if self.state.working.is_empty() {
            return Status::Converged;
        }
        if self.state.updates == Updates::WorkingGram {
            self.descend_gram(target)
        } else {
            self.descend_residual(target)
        }
    }

    fn descend_gram(&mut self, target: f64) -> Status {
        let (setup, state) = (self.setup, &mut *self.state);
        let gather =
            |source: &[f64]| -> Vec<f64> { state.working.iter().map(|&j| source[j]).collect() };
        let (mut beta, mut corr, start) = (
            gather(&state.beta),
            gather(&state.corr),
            gather(&setup.start),
        );
        let block = &state.gram;
        let mut sweeps = GramSweeps {
            beta: &mut beta,
            corr: &mut corr,
            start: &start,
            y_sq: setup.y_sq,
            penalty: self.problem.penalty.on(&state.working),
            lambda: self.lambda,
            column: |i| block.column(i),
        };
        let status = inner::descend(
            &mut sweeps,
            target,
            &self.stop,
            &mut self.work,
            self.options.support_steps,
        );
        for ((&j, b), c) in state.working.iter().zip(beta).zip(corr) {
            state.beta[j] = b;
            state.corr[j] = c;
        }
        self.refresh_residual();
        status
    }

    fn descend_residual(&mut self, target: f64) -> Status {
        let (setup, state) = (self.setup, &mut *self.state);
        let mut sweeps = ResidualSweeps {
            problem: self.problem,
            curvature: &setup.curvature,
            working: &state.working,
            beta: &mut state.beta,
            corr: &mut state.corr,
            residual: &mut state.residual,
            lambda: self.lambda,
            history: Vec::new(),
        };
        let status = inner::descend(
            &mut sweeps,
            target,
            &self.stop,
            &mut self.work,
            self.options.support_steps,
        );
        self.refresh_residual();
        status
    }

    /// r = y − Xβ afresh, so that no rounding of updates survives into a check.
    fn refresh_residual(&mut self) {
        let state = &mut *self.state;
        let (support, factors): (Vec<usize>, Vec<f64>) = (state.working.iter())
            .map(|&j| (j, -state.beta[j]))
            .filter(|(_, b)| *b != 0.0)
            .unzip();
        state.residual.shift = 0.0;
        state.residual.values.copy_from_slice(self.problem.y);
        self.problem
            .x
            .axpy_set(&support, &factors, &mut state.residual.values);
        self.work.columns_touched += support.len() as u64;
    }

    /// Gradient of the columns in `set` outside the working set; moves violators in and says whether there were any.
    fn look_at(&mut self, set: &[usize]) -> bool {
        let outside: Vec<usize> = set
            .iter()
            .copied()
            .filter(|&j| !self.state.in_working[j])
            .collect();
        let mut corr = vec![0.0; outside.len()];
        self.problem
            .x
            .tr_mul_set(&outside, &self.state.residual.values, &mut corr);
        self.work.columns_touched += outside.len() as u64;
        let n = self.problem.y.len() as f64;
        for (&j, c) in outside.iter().zip(corr) {
            self.state.corr[j] = c / n;
        }
        let violators = self.violators(outside.iter().copied());
        let found = !violators.is_empty();
        self.enlarge(violators);
        found
    }

    /// Gap over all columns, from the residual: one pass over X.
    fn full_gap(&mut self) -> f64 {
        let (problem, state) = (self.problem, &mut *self.state);
        let n = problem.y.len() as f64;
        let u: Vec<f64> = state.residual.values.iter().map(|r| r / n).collect();
        problem.x.tr_mul(&u, &mut state.corr);
        self.work.passes += 1;
        self.work.columns_touched += state.corr.len() as u64;
        let primal = 0.5 * n * sq_norm(&u) + problem.penalty_value(&state.beta, self.lambda);
        primal - dual_value(problem, &u, &state.corr, self.lambda)
    }

    /// Columns of `among` outside the working set whose gradient leaves λ[−w, w], the worst first.
    fn violators(&self, among: impl Iterator<Item = usize>) -> Vec<usize> {
        let state = &*self.state;
        let penalty = self.problem.penalty;
        let excess = |j: usize| {
            penalty
                .of(j)
                .subdiff_distance(0.0, state.corr[j], self.lambda)
        };
        let mut found: Vec<usize> = among
            .filter(|&j| !state.in_working[j] && self.setup.curvature[j] > 0.0 && excess(j) > 0.0)
            .collect();
        found.sort_by(|&a, &b| excess(b).total_cmp(&excess(a)).then(a.cmp(&b)));
        found
    }

    /// Adds the worst violators, at most doubling the working set; returns how many.
    fn enlarge(&mut self, mut violators: Vec<usize>) -> u64 {
        let state = &mut *self.state;
        violators.truncate(state.working.len().max(MIN_GROWTH));
        self.admit(violators)
    }

    /// Adds columns to the working set; returns how many.
    fn admit(&mut self, columns: Vec<usize>) -> u64 {
        let state = &mut *self.state;
        if state.updates == Updates::WorkingGram
            && !Updates::gram_block_fits(state.working.len() + columns.len())
        {
            state.updates = Updates::Residual;
            state.gram = GramBlock::default();
        }
        let entered = columns.len() as u64;
        for j in columns {
            state.working.push(j);
            state.in_working[j] = true;
            if state.updates == Updates::WorkingGram {
                state
                    .gram
                    .append(self.problem.x, &state.working, self.setup.curvature[j]);
                self.work.gram_columns += 1;
                self.work.columns_touched += state.working.len() as u64;
            }
        }
        entered
    }
}
