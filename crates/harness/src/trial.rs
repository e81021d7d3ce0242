//! A trial: plain data that says what to run, and the function that runs it.

use std::panic::{AssertUnwindSafe, catch_unwind};

use anyhow::Context;
use rayon::{ThreadPool, ThreadPoolBuilder};
use regpath_solvers::design::Design;
use regpath_solvers::grid::Grid;
use regpath_solvers::loss::{LossKind, Squared};
use regpath_solvers::penalty::ElasticNet;
use regpath_solvers::prepare::Options;
use regpath_solvers::problem::Problem;
use regpath_solvers::solver::Status;
use regpath_solvers::{Restrictions, worst};
use serde::{Deserialize, Serialize};

use crate::contestant::{self, Contestant, Skip};
use crate::dataset::{self, Spec};
use crate::judge::Judge;
use crate::loss::{self, label};
use crate::prepared::{Prepared, Visitor};
use crate::record::schema::{CoefRow, CurveRow, FaceRow, PointRow, RunRow, SCHEMA, VertexRow};
use crate::stopwatch::{Deadline, Stopwatch, forget_peak_rss, interrupted, peak_rss_bytes};
use crate::sweep::{Path, Step, Sweep, WORTH_THREADS};
use crate::uniqueness;

/// λ of a warm-up: enough to touch all of X, start the workers and fill the caches.
const WARM_UP_LAMBDAS: usize = 3;
/// Tolerance of the reference solution of a convergence curve.
const REFERENCE_TOL: f64 = 1e-14;

/// The λ of a trial.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum GridSpec {
    /// Geometric from the data's λ_max.
    Geometric {
        /// Number of λ.
        n_lambda: usize,
        /// λ_min / λ_max; None for glmnet's default.
        ratio: Option<f64>,
    },
    /// These shares of the data's λ_max.
    Shares(Vec<f64>),
    /// The user's own.
    Values(Vec<f64>),
}

impl GridSpec {
    /// What it is, in a few words.
    pub fn summary(&self) -> String {
        let list = |values: &[f64]| {
            let texts: Vec<String> = values.iter().map(|v| format!("{v:e}")).collect();
            texts.join(", ")
        };
        match self {
            Self::Geometric { n_lambda, ratio } => match ratio {
                Some(ratio) => format!("{n_lambda} lambda to {ratio:e} lambda_max"),
                None => format!("{n_lambda} lambda"),
            },
            Self::Shares(shares) => format!("lambda_max times {}", list(shares)),
            Self::Values(values) => format!("lambda {}", list(values)),
        }
    }

    /// The grid for this data and α. Errors: what [`Grid`] rejects.
    pub fn build(&self, data: &Prepared, alpha: f64) -> Result<Grid, regpath_solvers::SolveError> {
        match self {
            Self::Values(lambdas) => Grid::from_values(lambdas.clone()),
            Self::Shares(shares) => {
                let start = data.grid_start(alpha);
                Grid::from_values(shares.iter().map(|share| share * start).collect())
            }
            Self::Geometric { n_lambda, ratio } => {
                let ratio = ratio.unwrap_or(Grid::default_ratio(data.nrows(), data.ncols()));
                Grid::geometric(data.grid_start(alpha), ratio, *n_lambda)
            }
        }
    }
}

/// What is measured.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Measure {
    /// The whole path.
    Path,
    /// Solves from zero at every λ with these budgets of epochs.
    Curve {
        /// Increasing budgets.
        budgets: Vec<u64>,
    },
}

/// One row of `runs` to be: everything that another process or machine needs to produce it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Trial {
    /// Unique in its plan; the `run_id` of the frames.
    pub id: String,
    /// Experiment that asks for it.
    pub experiment: String,
    /// Problem of the registry that it is a cell of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
    /// The data.
    pub dataset: Spec,
    /// Centre y and the columns.
    pub intercept: bool,
    /// Scale the columns.
    pub standardize: bool,
    /// The solver.
    pub contestant: String,
    /// Loss that is minimised.
    #[serde(
        default,
        with = "loss::as_label",
        skip_serializing_if = "loss::is_squared"
    )]
    pub loss: LossKind,
    /// Elastic-net α.
    pub alpha: f64,
    /// The λ.
    pub grid: GridSpec,
    /// Contiguous pieces of the grid.
    pub chunks: usize,
    /// Workers.
    pub threads: usize,
    /// The contestant's own tolerance; for the suite's solvers a bound on the relative gap.
    pub tol: f64,
    /// Suboptimality at which a point counts as converged; None for tol.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accuracy: Option<f64>,
    /// Epochs per λ.
    pub max_epochs: usize,
    /// The path ends before the first λ with more non-zeros than this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_nonzeros: Option<usize>,
    /// Time limit.
    pub timeout_seconds: Option<f64>,
    /// Time limit of the unmeasured first run, which a just-in-time compiler needs.
    #[serde(default = "Trial::short_warm_up")]
    pub warm_up_seconds: f64,
    /// Repeat number; where a ladder of tolerances is walked, 0 is the walk and timed repeats begin at 1.
    pub repeat: usize,
    /// Whether coefficients are recorded (those of repeat 0, repeats being equal).
    #[serde(default = "yes", skip_serializing_if = "is_true")]
    pub coefficients: bool,
    /// Whether it is looked, outside the clock, at what else is as good where a loss has kinks.
    #[serde(default, skip_serializing_if = "is_false")]
    pub faces: bool,
    /// What is measured.
    pub measure: Measure,
}

fn yes() -> bool {
    true
}

fn is_false(value: &bool) -> bool {
    !*value
}

fn is_true(value: &bool) -> bool {
    *value
}

impl Trial {
    /// A lasso path with the suite's defaults; the id is set by [`Trial::named`].
    pub fn new(experiment: &str, dataset: Spec, contestant: &str, alpha: f64) -> Self {
        Self {
            id: String::new(),
            experiment: experiment.into(),
            problem: None,
            dataset,
            intercept: true,
            standardize: true,
            contestant: contestant.into(),
            loss: LossKind::Squared,
            alpha,
            grid: GridSpec::Geometric {
                n_lambda: 100,
                ratio: None,
            },
            chunks: 1,
            threads: 1,
            tol: 1e-6,
            accuracy: None,
            max_epochs: 100_000,
            max_nonzeros: None,
            timeout_seconds: Some(60.0),
            warm_up_seconds: Self::short_warm_up(),
            repeat: 0,
            coefficients: true,
            faces: false,
            measure: Measure::Path,
        }
    }

    /// Seconds in which code that is compiled already has touched everything.
    fn short_warm_up() -> f64 {
        1.0
    }

    /// Fills in the id from what distinguishes trials.
    pub fn named(mut self) -> Self {
        let loss = match self.loss {
            LossKind::Squared => String::new(),
            other => format!("{}--", label(other)),
        };
        self.id = format!(
            "{}--{}--{loss}a{}--{}--c{}-t{}--e{:e}--r{}",
            self.experiment,
            self.problem
                .clone()
                .unwrap_or_else(|| self.dataset.to_string()),
            self.alpha,
            self.contestant,
            self.chunks,
            self.threads,
            self.tol,
            self.repeat
        );
        self
    }

    /// Another repeat of the trial.
    pub fn numbered(&self, repeat: usize) -> Self {
        Self {
            repeat,
            ..self.clone()
        }
        .named()
    }

    /// The trial without its id and repeat number: what repeats of the same measurement share.
    pub fn repeated(&self) -> String {
        let shared = Self {
            id: String::new(),
            repeat: 0,
            ..self.clone()
        };
        serde_json::to_string(&shared).unwrap_or_default()
    }
}

/// The rows that a trial adds to the frames.
#[derive(Clone, Debug, Default)]
pub struct Rows {
    /// The one row of `runs`.
    pub run: RunRow,
    /// Rows of `points`.
    pub points: Vec<PointRow>,
    /// Rows of `coefs`.
    pub coefs: Vec<CoefRow>,
    /// Rows of `faces`.
    pub faces: Vec<FaceRow>,
    /// Rows of `vertices`.
    pub vertices: Vec<VertexRow>,
    /// Why it was not looked for other fits, if it was to be.
    pub faces_skipped: Option<String>,
    /// Rows of `curve`.
    pub curve: Vec<CurveRow>,
}

/// How a trial is run.
#[derive(Clone, Copy)]
pub struct Conditions<'a> {
    /// Other trials run at the same time.
    pub contended: bool,
    /// Run a few λ first, unmeasured.
    pub warm_up: bool,
    /// Best dual value known at each λ of the grid; empty where there is no reference.
    pub best_dual: &'a [f64],
    /// Called after each λ.
    pub progress: &'a (dyn Fn() + Sync),
}

/// The data of a trial, prepared. Errors: the dataset rejects its parameters, or the data cannot be solved on.
pub fn load(trial: &Trial) -> anyhow::Result<Prepared> {
    let data = dataset::load(&trial.dataset)?;
    Ok(Prepared::of_loss(
        data,
        Options {
            intercept: trial.intercept,
            standardize: trial.standardize,
        },
        Restrictions::default(),
        trial.alpha,
        trial.loss,
    )?)
}

/// Runs the trial on its data. What goes wrong is in the row: this function does not fail.
pub fn run(trial: &Trial, data: &Prepared, conditions: Conditions) -> Rows {
    let watch = Stopwatch::start();
    let mut rows = Rows {
        run: blank(trial, data, conditions.contended),
        ..Rows::default()
    };
    let attempt = catch_unwind(AssertUnwindSafe(|| {
        execute(trial, data, conditions, &mut rows)
    }));
    let failure = match attempt {
        Ok(Ok(())) => None,
        Ok(Err(error)) if error.is::<Skip>() => Some(("skipped", format!("{error:#}"))),
        Ok(Err(error)) => Some(("failed", format!("{error:#}"))),
        Err(panic) => Some(("failed", format!("panicked: {}", panic_message(&*panic)))),
    };
    if let Some((status, reason)) = failure {
        rows = Rows {
            run: blank(trial, data, conditions.contended),
            ..Rows::default()
        };
        rows.run.status = status.into();
        rows.run.reason = Some(reason);
    }
    rows.run.wall_seconds = Some(watch.wall());
    rows
}

/// The row of a trial that was not run, with the reason.
pub fn skipped(trial: &Trial, reason: String) -> Rows {
    let run = RunRow {
        run_id: trial.id.clone(),
        experiment: trial.experiment.clone(),
        problem: trial.problem.clone(),
        dataset: trial.dataset.to_string(),
        n: trial.dataset.n.unwrap_or(0) as u64,
        p: trial.dataset.p.unwrap_or(0) as u64,
        contestant: trial.contestant.clone(),
        loss: label(trial.loss),
        alpha: trial.alpha,
        chunks: trial.chunks as u64,
        threads: trial.threads as u64,
        tol: trial.tol,
        repeat: trial.repeat as u64,
        status: "skipped".into(),
        reason: Some(reason),
        schema: SCHEMA,
        ..RunRow::default()
    };
    Rows {
        run,
        ..Rows::default()
    }
}

fn blank(trial: &Trial, data: &Prepared, contended: bool) -> RunRow {
    RunRow {
        run_id: trial.id.clone(),
        experiment: trial.experiment.clone(),
        problem: trial.problem.clone(),
        dataset: data.name.clone(),
        n: data.nrows() as u64,
        p: data.ncols() as u64,
        density: data.density(),
        contestant: trial.contestant.clone(),
        version: contestant::find(&trial.contestant)
            .map_or_else(|_| String::new(), Contestant::version),
        loss: label(trial.loss),
        alpha: trial.alpha,
        chunks: trial.chunks as u64,
        threads: trial.threads as u64,
        tol: trial.tol,
        null_loss: Some(data.null_loss),
        seed: data.seed,
        repeat: trial.repeat as u64,
        contended,
        schema: SCHEMA,
        ..RunRow::default()
    }
}

fn panic_message(panic: &(dyn std::any::Any + Send)) -> &str {
    panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no message")
}

fn execute(
    trial: &Trial,
    data: &Prepared,
    conditions: Conditions,
    rows: &mut Rows,
) -> anyhow::Result<()> {
    let contestant = contestant::find(&trial.contestant).map_err(anyhow::Error::msg)?;
    contestant::fits(contestant, data, trial.alpha).map_err(Skip)?;
    let grid = trial.grid.build(data, trial.alpha)?;
    // Chunks keep workers busy whatever their size; a single path has to be worth waking them.
    let worth_sharing = trial.chunks > 1 || data.nnz() >= WORTH_THREADS;
    let pool = workers(if worth_sharing { trial.threads } else { 1 })?;
    let lambda_max = data.lambda_max(trial.alpha)?;
    let unlimited = Deadline::after(None);
    let sweep = Sweep {
        grid: &grid,
        chunks: trial.chunks,
        cut: None,
        pool: pool.as_ref(),
        lambda_max,
        tol: trial.tol,
        max_epochs: trial.max_epochs,
        max_nonzeros: trial.max_nonzeros,
        intercept: data.intercept_column(),
        null: data.null.as_ref(),
        deadline: &unlimited,
        progress: conditions.progress,
    };
    if conditions.warm_up && !warm_up(contestant, data, trial, &sweep)? {
        rows.run.status = "timed_out".into();
        rows.run.reason = Some(format!(
            "it was not done with a warm-up of {WARM_UP_LAMBDAS} lambdas after {} s",
            trial.warm_up_seconds
        ));
        return Ok(());
    }
    let deadline = Deadline::after(trial.timeout_seconds);
    let sweep = Sweep {
        deadline: &deadline,
        ..sweep
    };
    match &trial.measure {
        Measure::Path => {
            forget_peak_rss(None);
            let path = contestant.run(data, trial.alpha, &sweep)?;
            rows.run.peak_rss_bytes = path.peak_rss_bytes.or_else(|| peak_rss_bytes(None));
            // What cannot be interrupted may end late; late is late.
            let late = trial
                .timeout_seconds
                .is_some_and(|limit| path.path_seconds > limit);
            let expired = deadline.expired() || late;
            record_path(
                trial,
                data,
                contestant,
                path,
                &grid,
                expired,
                conditions.best_dual,
                rows,
            );
        }
        Measure::Curve { .. } if data.loss != LossKind::Squared => {
            return Err(Skip("convergence curves are of squared loss".into()).into());
        }
        Measure::Curve { budgets } => {
            forget_peak_rss(None);
            record_curve(trial, data, contestant, &sweep, budgets, rows)?;
            rows.run.peak_rss_bytes = peak_rss_bytes(None);
        }
    }
    Ok(())
}

/// A pool of its own for more than one worker, so that they are as many as was asked.
pub fn workers(threads: usize) -> anyhow::Result<Option<ThreadPool>> {
    if threads <= 1 {
        return Ok(None);
    }
    let pool = ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()
        .context("cannot start the worker threads")?;
    Ok(Some(pool))
}

/// Runs the first λ; false if another package did not manage that in time, so that nothing more need be tried.
fn warm_up(
    contestant: &dyn Contestant,
    data: &Prepared,
    trial: &Trial,
    sweep: &Sweep,
) -> anyhow::Result<bool> {
    let first = sweep
        .grid
        .as_slice()
        .iter()
        .copied()
        .take(WARM_UP_LAMBDAS)
        .collect();
    let grid = Grid::from_values(first)?;
    let deadline = Deadline::after(Some(trial.warm_up_seconds));
    // At a loose tolerance a package may stop before it has called, and so compiled, all of its code.
    let tolerances = contestant.tolerances();
    let middle = tolerances.get(tolerances.len() / 2);
    let tol = match middle {
        Some(middle) if contestant.is_peer() => sweep.tol.min(*middle),
        _ => sweep.tol,
    };
    let path = contestant.run(
        data,
        trial.alpha,
        &Sweep {
            grid: &grid,
            tol,
            deadline: &deadline,
            progress: &|| (),
            ..*sweep
        },
    )?;
    Ok(!(contestant.is_peer() && path.steps.is_empty() && deadline.expired()))
}

fn record_path(
    trial: &Trial,
    data: &Prepared,
    contestant: &dyn Contestant,
    path: Path,
    grid: &Grid,
    timed_out: bool,
    best_dual: &[f64],
    rows: &mut Rows,
) {
    let lambdas: Vec<f64> = path.steps.iter().map(|s| s.lambda).collect();
    let df = contestant.degrees_of_freedom(data, trial.alpha, &lambdas);
    let judge = Judge {
        data,
        alpha: trial.alpha,
        bound: trial.accuracy.unwrap_or(trial.tol),
        best_dual,
        run_id: &trial.id,
        timed_out,
        df,
    };
    let (points, coefs) = judge.rows(&path.steps);
    rows.points = points;
    // Repeats have the same coefficients; one copy is enough.
    let recorded = trial.coefficients && trial.repeat == 0;
    rows.coefs = if recorded { coefs } else { Vec::new() };
    if trial.faces && recorded {
        uniqueness::record(data, &path.steps, rows);
    }
    let run = &mut rows.run;
    // The version is known once the contestant has answered.
    run.version = contestant.version();
    run.path_seconds = Some(path.path_seconds);
    run.cpu_seconds = Some(path.cpu_seconds);
    run.stopping_figure = path.stopping_figure;
    if let Some(setup) = path.setup {
        run.setup_seconds = Some(setup.seconds);
        run.rule = Some(setup.rule);
        run.setup_passes = Some(setup.work.passes);
        run.setup_gram_columns = Some(setup.work.gram_columns);
    }
    let asked = match path.ended {
        // Those below were not asked for.
        Some(_) => rows.points.len(),
        None => grid.len(),
    };
    (run.status, run.reason) = outcome(&rows.points, asked, timed_out);
    if let Some(end) = path.ended
        && run.status == "converged"
    {
        run.status = "ended".into();
        run.reason = Some(format!(
            "the path has {} of {} lambdas: at lambda = {} there are {} non-zeros, more than the {} allowed",
            rows.points.len(),
            grid.len(),
            end.lambda,
            end.nonzeros,
            trial.max_nonzeros.unwrap_or_default()
        ));
    }
    let missing = run.status.clone();
    let start = data.grid_start(trial.alpha);
    let reached: std::collections::BTreeSet<u64> = rows.points.iter().map(|p| p.k).collect();
    // A path that ends early has rows with its status, not a shorter frame.
    let unreached = grid
        .as_slice()
        .iter()
        .zip(0u64..)
        .filter(|(_, k)| !reached.contains(k));
    rows.points.extend(
        unreached.map(|(&lambda, k)| PointRow::unreached(&trial.id, k, lambda, start, &missing)),
    );
    rows.points.sort_by_key(|p| p.k);
}

/// Status of a path: the worst of its points, with numbers in the reason.
fn outcome(points: &[PointRow], asked: usize, timed_out: bool) -> (String, Option<String>) {
    if points.len() < asked
        || points
            .iter()
            .any(|p| p.status == "timed_out" || p.status == "interrupted")
    {
        let status = if timed_out {
            "timed_out"
        } else if interrupted() || points.iter().any(|p| p.status == "interrupted") {
            "interrupted"
        } else {
            "incomplete"
        };
        return (
            status.into(),
            Some(format!("ended after {} of {asked} lambdas", points.len())),
        );
    }
    if timed_out {
        return (
            "timed_out".into(),
            Some("it ended, but after its time limit".into()),
        );
    }
    let unattained = points.iter().filter(|p| p.status == "unattained").count();
    if unattained > 0 {
        return (
            "unattained".into(),
            Some(format!(
                "at {unattained} of {asked} lambdas the classes can be told apart without an error and nothing penalises that, so that no finite \
                 coefficients are best; those recorded are where the solver stopped"
            )),
        );
    }
    for status in ["uncertified", "stalled", "epoch_limit"] {
        let gaps = || {
            points
                .iter()
                .filter(|p| p.status == status)
                .map(|p| p.subopt.unwrap_or(p.gap_rel))
        };
        let (count, worst) = (gaps().count(), worst(gaps()));
        if count > 0 {
            let what = if points.iter().any(|p| p.subopt.is_some()) {
                "suboptimality"
            } else {
                "relative gap"
            };
            return (
                status.into(),
                Some(format!(
                    "{count} of {asked} lambdas, worst {what} {worst:.1e}"
                )),
            );
        }
    }
    ("converged".into(), None)
}

fn record_curve(
    trial: &Trial,
    data: &Prepared,
    contestant: &dyn Contestant,
    sweep: &Sweep,
    budgets: &[u64],
    rows: &mut Rows,
) -> anyhow::Result<()> {
    let penalty = ElasticNet::new(trial.alpha)?;
    let reference = contestant::chosen(trial.alpha, data, sweep.grid.len());
    let best = reference.run(
        data,
        trial.alpha,
        &Sweep {
            tol: REFERENCE_TOL,
            pool: None,
            ..*sweep
        },
    )?;
    let best = data.visit(CertifyAll {
        data,
        penalty,
        path: &best,
    });
    let (mut setup_seconds, mut path_seconds, mut cpu_seconds) = (0.0, 0.0, 0.0);
    let mut finished = vec![false; sweep.grid.len()];
    let mut last = std::collections::BTreeMap::new();
    'budgets: for &budget in budgets {
        for (k, &lambda) in sweep.grid.as_slice().iter().enumerate() {
            if interrupted() || sweep.deadline.expired() {
                break 'budgets;
            }
            if finished[k] {
                continue;
            }
            // Each λ from zero: a curve of one solve, not of a warm path.
            let grid = Grid::from_values(vec![lambda])?;
            let limited = Sweep {
                grid: &grid,
                chunks: 1,
                tol: 0.0,
                max_epochs: budget as usize,
                ..*sweep
            };
            let path = contestant.run(data, trial.alpha, &limited)?;
            let setup = path.setup.as_ref().map_or(0.0, |setup| setup.seconds);
            setup_seconds += setup;
            path_seconds += path.path_seconds;
            cpu_seconds += path.cpu_seconds;
            let Some(step) = path.steps.first() else {
                break 'budgets;
            };
            if sweep.deadline.expired() {
                break 'budgets;
            }
            let Some(here) = data
                .visit(CertifyAll {
                    data,
                    penalty,
                    path: &path,
                })
                .pop()
            else {
                break 'budgets;
            };
            // A larger budget cannot change a solve that ended by itself.
            finished[k] = step.outcome.status != Status::EpochLimit;
            rows.curve.push(CurveRow {
                run_id: trial.id.clone(),
                k: k as u64,
                budget,
                seconds: step
                    .seconds
                    .map_or(path.path_seconds, |seconds| setup + seconds),
                primal: here.primal,
                subopt: (here.primal - best.get(k).map_or(f64::NAN, |b| b.dual)) / data.null_loss,
                gap: here.relative_gap(data.null_loss),
                nonzeros: here.nonzeros as u64,
            });
            last.extend(path.steps.into_iter().map(|step| (k, Step { k, ..step })));
        }
    }
    rows.run.setup_seconds = Some(setup_seconds);
    rows.run.path_seconds = Some(path_seconds);
    rows.run.cpu_seconds = Some(cpu_seconds);
    let (run_id, timed_out) = (trial.id.as_str(), sweep.deadline.expired());
    let judge = Judge {
        data,
        alpha: trial.alpha,
        bound: trial.tol,
        best_dual: &[],
        run_id,
        timed_out,
        df: None,
    };
    (rows.points, rows.coefs) = judge.rows(&last.into_values().collect::<Vec<_>>());
    let early = sweep.deadline.expired() || interrupted();
    let asked = if early { usize::MAX } else { sweep.grid.len() };
    (rows.run.status, rows.run.reason) = outcome(&rows.points, asked, timed_out);
    if early {
        rows.run.reason = Some(format!("ended after {} solves", rows.curve.len()));
    }
    Ok(())
}

struct CertifyAll<'a> {
    data: &'a Prepared,
    penalty: ElasticNet,
    path: &'a Path,
}

impl Visitor for CertifyAll<'_> {
    type Output = Vec<regpath_solvers::certificate::Certificate>;
    fn visit<X: Design>(self, x: &X) -> Self::Output {
        let problem = Problem {
            x,
            y: &self.data.y,
            loss: Squared,
            penalty: self.penalty,
        };
        let certify = |step: &Step| {
            let mut beta = vec![0.0; x.ncols()];
            for &(j, b) in &step.nonzeros {
                beta[j as usize] = b;
            }
            regpath_solvers::certificate::certify(&problem, &beta, step.lambda)
        };
        self.path.steps.iter().map(certify).collect()
    }
}
