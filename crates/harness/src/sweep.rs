//! The λ grid over cores: contiguous chunks, each a warm path of its own, and the stopwatch around them.

use std::ops::Range;

use rayon::ThreadPool;
use rayon::prelude::*;
use regpath_solvers::design::Design;
use regpath_solvers::grid::Grid;
use regpath_solvers::loss::Loss;
use regpath_solvers::path::WarmPath;
use regpath_solvers::penalty::Separable;
use regpath_solvers::problem::Problem;
use regpath_solvers::solver::{Outcome, Setup, Solver, Status, Stop, Work};
use regpath_solvers::{EarlyEnd, SolveError};

use crate::stopwatch::{Deadline, Stopwatch, interrupted};

/// Stored entries from which on a second thread gains on a single path: below, passes are over before it is awake.
pub const WORTH_THREADS: usize = 1_000_000;

/// What a path is to be computed on.
pub struct Sweep<'a> {
    /// λ, decreasing.
    pub grid: &'a Grid,
    /// Contiguous pieces of the grid; the result depends on it within the tolerance.
    pub chunks: usize,
    /// Index into the grid at which a second warm path begins, where there is but one chunk: what the contestant's rule says,
    /// whatever the number of workers.
    pub cut: Option<usize>,
    /// Workers; the result does not depend on them. None runs in the calling thread.
    pub pool: Option<&'a ThreadPool>,
    /// λ from which on everything is exactly 0.
    pub lambda_max: f64,
    /// The contestant's own tolerance; for the suite's solvers a bound on the relative gap.
    pub tol: f64,
    /// Epochs per λ.
    pub max_epochs: usize,
    /// The path ends before the first λ with more non-zeros than this; other packages are not told.
    pub max_nonzeros: Option<usize>,
    /// Column of the problem that is the intercept and no coefficient, where there is one.
    pub intercept: Option<usize>,
    /// The fit of what is not penalised, for a loss that is not squared.
    pub null: Option<&'a Null>,
    /// Ends the sweep early.
    pub deadline: &'a Deadline,
    /// Called after each λ, from any thread.
    pub progress: &'a (dyn Fn() + Sync),
}

/// The fit where everything penalised is 0, on the prepared scale.
#[derive(Clone, Debug)]
pub struct Null {
    /// λ from which on it is what every solver answers: at the first of them a loss with kinks has other optima, too.
    pub from: f64,
    /// (column, coefficient) of the columns without penalty.
    pub nonzeros: Vec<(u32, f64)>,
    /// Intercept; 0 without one.
    pub intercept: f64,
    /// Dual point over rows, where the loss suggests none itself.
    pub dual: Option<Vec<f64>>,
}

/// A computed path with its times.
#[derive(Debug, Default)]
pub struct Path {
    /// Setup and every λ.
    pub path_seconds: f64,
    /// Processor seconds over path_seconds.
    pub cpu_seconds: f64,
    /// What the suite's own solvers tell of their setup.
    pub setup: Option<SetupRecord>,
    /// What another package reports of how well it ended, in its own meaning.
    pub stopping_figure: Option<f64>,
    /// Largest resident set of the process that computed, bytes, where it is not this one.
    pub peak_rss_bytes: Option<u64>,
    /// The λ that were reached, in grid order; fewer than the grid if the sweep was ended early.
    pub steps: Vec<Step>,
    /// The first λ with more non-zeros than were allowed, where the path ended before it.
    pub ended: Option<EarlyEnd>,
}

/// The λ-independent part of a path.
#[derive(Debug)]
pub struct SetupRecord {
    /// Seconds, part of the path's.
    pub seconds: f64,
    /// Work.
    pub work: Work,
    /// The rule by which the solver set itself up.
    pub rule: String,
}

/// One solved λ.
#[derive(Debug)]
pub struct Step {
    /// Index into the grid.
    pub k: usize,
    /// λ.
    pub lambda: f64,
    /// Seconds of this solve, where λ are timed one by one.
    pub seconds: Option<f64>,
    /// How it ended and what it took; another package's work is not known and stays 0.
    pub outcome: Outcome,
    /// (column, coefficient) of the non-zero coefficients on the prepared scale, without the intercept.
    pub nonzeros: Vec<(u32, f64)>,
    /// Intercept of the prepared problem; 0 where it has none.
    pub intercept: f64,
    /// Dual point over rows that the solver claims, where the loss suggests none itself.
    pub dual: Option<Vec<f64>>,
}

impl Sweep<'_> {
    /// Threads that a warm path may use for itself: all where it is the only one. Beside others it has one, or it would do
    /// their work inside its own time.
    pub fn threads_per_path(&self) -> usize {
        match self.pool {
            Some(pool) if self.pieces().len() <= 1 => pool.current_num_threads(),
            _ => 1,
        }
    }

    /// The λ of each warm path.
    fn pieces(&self) -> Vec<Range<usize>> {
        let len = self.grid.len();
        match self.cut {
            Some(cut) if self.chunks <= 1 && 0 < cut && cut < len => vec![0..cut, cut..len],
            _ => self.grid.chunks(self.chunks),
        }
    }

    /// Computes the path. Errors: what [`Solver::setup`] returns.
    pub fn run<X, L, P, S>(
        &self,
        problem: &Problem<X, L, P>,
        solver: &S,
    ) -> Result<Path, SolveError>
    where
        X: Design,
        L: Loss,
        P: Separable,
        S: Solver<X, L, P>,
    {
        let watch = Stopwatch::start();
        let setup = match self.pool {
            Some(pool) => pool.install(|| solver.setup(problem)),
            None => solver.setup(problem),
        }?;
        let setup_seconds = watch.wall();
        let pieces = self.pieces();
        let solve = |range: Range<usize>| self.chunk(problem, solver, &setup, range);
        let parts: Vec<(Vec<Step>, Option<EarlyEnd>)> = match self.pool {
            Some(pool) => pool.install(|| pieces.into_par_iter().map(solve).collect()),
            None => pieces.into_iter().map(solve).collect(),
        };
        let (path_seconds, cpu_seconds) = (watch.wall(), watch.cpu());
        let mut steps = Vec::new();
        let mut ended = None;
        for (part, end) in parts {
            steps.extend(part);
            ended = end;
            // What other pieces found further down is not part of the path.
            if ended.is_some() {
                break;
            }
        }
        Ok(Path {
            path_seconds,
            cpu_seconds,
            setup: Some(SetupRecord {
                seconds: setup_seconds,
                work: setup.work(),
                rule: setup.rule(),
            }),
            stopping_figure: None,
            peak_rss_bytes: None,
            steps,
            ended,
        })
    }

    fn chunk<X, L, P, S>(
        &self,
        problem: &Problem<X, L, P>,
        solver: &S,
        setup: &S::Setup,
        range: Range<usize>,
    ) -> (Vec<Step>, Option<EarlyEnd>)
    where
        X: Design,
        L: Loss,
        P: Separable,
        S: Solver<X, L, P>,
    {
        let stop = Stop {
            tol: self.tol,
            max_epochs: self.max_epochs,
            cancel: Some(self.deadline.flag()),
        };
        let mut path = WarmPath::new(solver, problem, setup, self.lambda_max);
        path.announce(&self.grid.as_slice()[range.clone()]);
        let mut steps = Vec::with_capacity(range.len());
        for k in range {
            if interrupted() || self.deadline.expired() {
                break;
            }
            let lambda = self.grid.as_slice()[k];
            let watch = Stopwatch::start();
            let outcome = path.step(lambda, stop);
            let seconds = watch.wall();
            let mut nonzeros = path.nonzeros();
            let mut intercept = 0.0;
            if let Some(column) = self.intercept
                && let Some(&(j, value)) = nonzeros.last()
                && j == column
            {
                intercept = value;
                nonzeros.pop();
            }
            if self.max_nonzeros.is_some_and(|most| nonzeros.len() > most) {
                let nonzeros = nonzeros.len();
                return (steps, Some(EarlyEnd { lambda, nonzeros }));
            }
            let nonzeros = nonzeros.into_iter();
            let nonzeros = nonzeros.map(|(j, b)| (j as u32, b)).collect();
            let dual = path.dual().map(<[f64]>::to_vec);
            let (nonzeros, intercept, dual) = match self.null {
                Some(null) if lambda >= null.from && outcome.status == Status::Converged => {
                    (null.nonzeros.clone(), null.intercept, null.dual.clone())
                }
                _ => (nonzeros, intercept, dual),
            };
            let cancelled = outcome.status == Status::Interrupted;
            steps.push(Step {
                k,
                lambda,
                seconds: Some(seconds),
                outcome,
                nonzeros,
                intercept,
                dual,
            });
            (self.progress)();
            if cancelled {
                break;
            }
        }
        (steps, None)
    }
}
