//! Fits under losses beside the squared, by the suite and by other packages: whether objectives agree, and time at equal accuracy.
//!
//! All get the same columns, centred and standardised, the same response and the same λ, and fit an intercept that is not penalised.
//! What they return is judged by one certificate on the one objective (1/n) Σ ℓ(y_i, b₀ + x_iᵀb) + λ Σ |b_j|.

use anyhow::Context;
use rayon::prelude::*;
use regpath_solvers::Restrictions;
use regpath_solvers::certificate::{Certificate, certify, certify_claim};
use regpath_solvers::design::Design;
use regpath_solvers::grid::Grid;
use regpath_solvers::loss::{Loss, LossKind, Quantile};
use regpath_solvers::penalty::PerCoordinate;
use regpath_solvers::prepare::Options;
use regpath_solvers::problem::Problem;
use serde::Serialize;

use crate::contestant::peer::losses::PeerLoss;
use crate::contestant::peer::{self, Peer};
use crate::contestant::{self, Contestant};
use crate::dataset::read::InputError;
use crate::dataset::{self, Spec, names};
use crate::objective::OnLoss;
use crate::prepared::Prepared;
use crate::stopwatch::{Deadline, Stopwatch, interrupted};
use crate::sweep::Sweep;

/// Bound on the worst suboptimality over λ, in units of the null loss, at which times are compared and objectives agree.
pub const EPS: f64 = 1e-9;
/// Tolerance of the reference, which supplies the dual values.
const TIGHT: f64 = 1e-12;
/// λ of a path.
const LAMBDAS: usize = 100;
/// Epochs per λ that the suite's solvers may take.
const MAX_EPOCHS: usize = 1_000_000;
/// Seconds of a round after which no other is made.
const LONG_ROUND: f64 = 60.0;
/// Name of the suite's rows.
const OWN: &str = "regpath";

/// How large the problems are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Size {
    /// Seconds: does everything work?
    Smoke,
    /// Those that are published.
    Full,
}

/// What is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Family {
    /// Median regression without penalty.
    Median,
    /// The lasso path of median regression.
    LadLasso,
    /// The lasso path of logistic regression.
    Logistic,
}

/// A problem on which fits are compared.
#[derive(Clone, Debug)]
pub struct Task {
    /// Name on the command line.
    pub id: String,
    dataset: Spec,
    family: Family,
}

/// Every task of a size, in display order.
pub fn all(size: Size) -> Vec<Task> {
    use Family::{LadLasso, Logistic, Median};
    let tasks = match size {
        Size::Smoke => [
            (Median, 300, 5),
            (Median, 500, 3),
            (LadLasso, 40, 8),
            (Logistic, 80, 10),
            (Logistic, 30, 60),
        ],
        Size::Full => [
            (Median, 10_000, 100),
            (Median, 100_000, 20),
            (LadLasso, 500, 100),
            (Logistic, 1000, 100),
            (Logistic, 100, 5000),
        ],
    };
    let task = |(family, n, p): (Family, usize, usize)| {
        let (name, dataset) = match family {
            Median => ("median", "laplace"),
            LadLasso => ("lad-lasso", "laplace"),
            Logistic => ("logistic", "two-classes"),
        };
        Task {
            id: format!("{name}-{n}x{p}"),
            dataset: Spec {
                n: Some(n),
                p: Some(p),
                // A hundred columns are enough to hide ten that count; of five thousand a hundred would be too many for the rows.
                density: (p > 1000).then_some(0.002),
                ..Spec::new(dataset)
            },
            family,
        }
    };
    tasks.map(task).into()
}

/// The task of that name. Errors: [`InputError`] that lists the names.
pub fn find(id: &str, size: Size) -> Result<Task, InputError> {
    let tasks = all(size);
    let known: Vec<&str> = tasks.iter().map(|t| t.id.as_str()).collect();
    let message = names::unknown("problem", id, &known);
    let found = tasks.into_iter().find(|t| t.id == id);
    found.ok_or(InputError(message))
}

impl Family {
    /// Median regression is the quantile loss at ½, half the absolute loss, since that is what other packages minimise.
    fn loss(self) -> LossKind {
        match self {
            Self::Median | Self::LadLasso => {
                Quantile::new(0.5).map_or(LossKind::Absolute, LossKind::Quantile)
            }
            Self::Logistic => LossKind::Logistic,
        }
    }

    fn asked(self) -> PeerLoss {
        match self {
            Self::Median | Self::LadLasso => PeerLoss::Quantile(0.5),
            Self::Logistic => PeerLoss::Logistic,
        }
    }

    /// The suite's solver.
    fn own(self) -> &'static str {
        match self {
            Self::Median => "frisch-newton",
            Self::LadLasso => "simplex",
            Self::Logistic => "proximal-newton",
        }
    }

    /// The other package and its routine.
    fn rival(self) -> (&'static str, &'static str) {
        match self {
            Self::Median => ("quantreg", "rq.fit.fnb"),
            Self::LadLasso => ("scikit-learn", "QuantileRegressor at every λ"),
            Self::Logistic => ("glmnet", "binomial"),
        }
    }

    /// The other package's own tolerances, loosest first.
    fn tolerances(self, peer: &Peer) -> Vec<f64> {
        match self {
            Self::Median => peer.tolerances().to_vec(),
            // Of feasibility, primal and dual, of HiGHS; the first is its own.
            Self::LadLasso => vec![1e-7, 1e-8, 1e-9, 1e-10],
            Self::Logistic => {
                let beyond = [1e-19, 1e-20, 1e-21, 1e-22];
                peer.tolerances().iter().copied().chain(beyond).collect()
            }
        }
    }

    fn grid(self, data: &Prepared) -> anyhow::Result<Grid> {
        if self == Self::Median {
            return Ok(Grid::from_values(vec![0.0])?);
        }
        let ratio = Grid::default_ratio(data.nrows(), data.ncols());
        Ok(Grid::geometric(data.grid_start(1.0), ratio, LAMBDAS)?)
    }
}

/// One contestant on one problem.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Entry {
    /// The task.
    pub problem: String,
    /// Package and routine or solver.
    pub contestant: String,
    /// Version of the package; empty where it did not start.
    pub version: String,
    /// λ that are fitted.
    pub lambdas: usize,
    /// Its own tolerance.
    pub tol: Option<f64>,
    /// Worst suboptimality over λ, in units of the null loss; None where there is no fit.
    pub subopt: Option<f64>,
    /// Largest difference of the objective from the suite's over λ, in units of the null loss.
    pub difference: Option<f64>,
    /// Seconds of the fits at all λ, one per round.
    pub seconds: Vec<f64>,
    /// Seconds over those of the suite in the same round.
    pub ratios: Vec<f64>,
    /// Why there is no result, or what else is to be said.
    pub reason: Option<String>,
}

impl Entry {
    /// Whether there is a fit that is as good as is asked.
    pub fn agrees(&self) -> bool {
        let within = |value: Option<f64>| value.is_some_and(|value| value <= EPS);
        within(self.subopt) && within(self.difference)
    }
}

/// What the suite and the others work on.
pub struct Ground {
    task: Task,
    data: Prepared,
    grid: Grid,
    /// Dual values of the reference.
    best_dual: Vec<f64>,
    /// Objectives of the reference.
    own: Vec<f64>,
    /// Seconds after which one call is given up.
    limit: f64,
}

/// One fit as it was returned: intercept and (column, coefficient) of the prepared problem, and a dual point that is claimed.
struct Fit {
    intercept: f64,
    nonzeros: Vec<(u32, f64)>,
    dual: Option<Vec<f64>>,
}

/// One timed call.
struct Run {
    seconds: f64,
    subopt: f64,
    difference: f64,
}

/// Who is timed.
#[derive(Clone, Copy)]
enum Runner {
    Own(&'static dyn Contestant),
    Rival(&'static Peer),
}

impl Ground {
    /// Draws the data and has the suite compute the reference. Errors: data that cannot be loaded, no reference.
    pub fn new(task: Task, limit: f64) -> anyhow::Result<Self> {
        let options = Options {
            intercept: true,
            standardize: true,
        };
        let drawn = dataset::load(&task.dataset)?;
        let loss = task.family.loss();
        let data = Prepared::of_loss(drawn, options, Restrictions::default(), 1.0, loss)?;
        let mut ground = Self {
            grid: task.family.grid(&data)?,
            best_dual: Vec::new(),
            own: Vec::new(),
            task,
            data,
            limit,
        };
        let (_, fits) = ground.own_fits(ground.own_solver()?, TIGHT)?;
        let certificates = ground.certificates(&fits)?;
        ground.best_dual = certificates.iter().map(|c| c.dual).collect();
        ground.own = certificates.iter().map(|c| c.primal).collect();
        Ok(ground)
    }

    fn own_solver(&self) -> anyhow::Result<&'static dyn Contestant> {
        contestant::find(self.task.family.own()).map_err(anyhow::Error::msg)
    }

    /// Seconds and fits of one of the suite's solvers at every λ.
    fn own_fits(&self, solver: &dyn Contestant, tol: f64) -> anyhow::Result<(f64, Vec<Fit>)> {
        contestant::fits(solver, &self.data, 1.0).map_err(anyhow::Error::msg)?;
        let deadline = Deadline::after(Some(self.limit));
        let sweep = Sweep {
            grid: &self.grid,
            chunks: 1,
            cut: None,
            pool: None,
            lambda_max: self.data.lambda_max(1.0)?,
            tol,
            max_epochs: MAX_EPOCHS,
            max_nonzeros: None,
            intercept: self.data.intercept_column(),
            null: self.data.null.as_ref(),
            deadline: &deadline,
            progress: &|| (),
        };
        let path = solver.run(&self.data, 1.0, &sweep)?;
        anyhow::ensure!(!interrupted(), "interrupted");
        anyhow::ensure!(
            path.steps.len() == self.grid.len(),
            "it fitted {} of {} lambdas in {} s",
            path.steps.len(),
            self.grid.len(),
            self.limit
        );
        let fits = path.steps.into_iter().map(|step| Fit {
            intercept: step.intercept,
            nonzeros: step.nonzeros,
            dual: step.dual,
        });
        Ok((path.path_seconds, fits.collect()))
    }

    fn certificates(&self, fits: &[Fit]) -> anyhow::Result<Vec<Certificate>> {
        let lambdas = self.grid.as_slice();
        self.data.on_loss(Certify { lambdas, fits })
    }

    fn run(&self, runner: Runner, tol: f64) -> Result<Run, String> {
        let (seconds, fits) = match runner {
            Runner::Own(solver) => self
                .own_fits(solver, tol)
                .map_err(|error| format!("{error:#}"))?,
            Runner::Rival(peer) => {
                let (asked, lambdas) = (self.task.family.asked(), self.grid.as_slice());
                let answer = peer.loss_path(&self.data, asked, lambdas, tol, self.limit)?;
                let fits = answer.fits.into_iter().map(|(intercept, nonzeros)| Fit {
                    intercept,
                    nonzeros,
                    dual: None,
                });
                (answer.seconds, fits.collect())
            }
        };
        let certificates = self.certificates(&fits).map_err(|e| format!("{e:#}"))?;
        let unit = self.data.null_loss;
        let each = || certificates.iter().zip(&self.best_dual).zip(&self.own);
        let above = each().map(|((c, best), _)| (c.primal - best.max(c.dual)) / unit);
        let apart = each().map(|((c, _), own)| (c.primal - own).abs() / unit);
        Ok(Run {
            seconds,
            subopt: regpath_solvers::worst(above),
            difference: regpath_solvers::worst(apart),
        })
    }

    /// Both contestants at the loosest tolerance of each that reaches [`EPS`], timed in the order A B A B.
    pub fn contest(&self, rounds: usize, progress: &dyn Fn(&str)) -> Vec<Entry> {
        progress(OWN);
        let own = self.qualify_own();
        let (package, routine) = self.task.family.rival();
        progress(&format!("{package} {routine}"));
        let mut contest = [own, self.qualify_rival()];
        for round in 0..rounds {
            let watch = Stopwatch::start();
            for (runner, entry) in &mut contest {
                let Some((who, tol)) = *runner else { continue };
                progress(&format!("{}, round {}", entry.contestant, round + 1));
                match self.run(who, tol) {
                    Ok(run) => entry.seconds.push(run.seconds),
                    // One that breaks down is not asked again.
                    Err(reason) => {
                        entry.reason = Some(reason);
                        *runner = None;
                    }
                }
            }
            if interrupted() || watch.wall() > LONG_ROUND {
                break;
            }
        }
        let [(_, own), (_, mut rival)] = contest;
        let each = own.seconds.iter().zip(&rival.seconds);
        rival.ratios = each.map(|(own, other)| other / own).collect();
        vec![own, rival]
    }

    fn qualify_own(&self) -> (Option<(Runner, f64)>, Entry) {
        let id = self.task.family.own();
        let entry = Entry {
            version: env!("CARGO_PKG_VERSION").into(),
            ..self.blank(format!("{OWN} {id}"))
        };
        match self.own_solver() {
            Ok(solver) => self.qualify(Runner::Own(solver), solver.tolerances(), entry),
            Err(error) => (None, failed(entry, format!("{error:#}"))),
        }
    }

    fn qualify_rival(&self) -> (Option<(Runner, f64)>, Entry) {
        let (package, routine) = self.task.family.rival();
        let entry = self.blank(format!("{package} {routine}"));
        let peer = match peer::find(package) {
            Ok(peer) => peer,
            Err(reason) => return (None, failed(entry, reason)),
        };
        let tolerances = self.task.family.tolerances(peer);
        let (runner, entry) = self.qualify(Runner::Rival(peer), &tolerances, entry);
        let version = peer.version();
        (runner, Entry { version, ..entry })
    }

    /// Walks the tolerances, loosest first, until one is good enough; the tightest is timed where none is.
    fn qualify(
        &self,
        runner: Runner,
        tolerances: &[f64],
        entry: Entry,
    ) -> (Option<(Runner, f64)>, Entry) {
        let mut last = None;
        for &tol in tolerances {
            match self.run(runner, tol) {
                Ok(run) => {
                    let enough = run.subopt <= EPS && run.difference <= EPS;
                    last = Some((tol, run));
                    if enough {
                        break;
                    }
                }
                // What a looser tolerance gave is still a result.
                Err(reason) if last.is_none() => return (None, failed(entry, reason)),
                Err(reason) => {
                    let entry = with(entry, last.as_ref(), Some(reason));
                    return (last.map(|(tol, _)| (runner, tol)), entry);
                }
            }
        }
        let short = last
            .as_ref()
            .filter(|(_, run)| run.subopt > EPS || run.subopt.is_nan());
        let reason = short.map(|(tol, run)| {
            format!(
                "no tolerance reaches {EPS:e}; timed at {tol:e}, where the suboptimality is {:.1e}",
                run.subopt
            )
        });
        let entry = with(entry, last.as_ref(), reason);
        (last.map(|(tol, _)| (runner, tol)), entry)
    }

    fn blank(&self, contestant: String) -> Entry {
        Entry {
            problem: self.task.id.clone(),
            contestant,
            lambdas: self.grid.len(),
            ..Entry::default()
        }
    }
}

/// The row of a task that could not even begin.
pub fn without_ground(task: &Task, error: &anyhow::Error) -> Entry {
    Entry {
        problem: task.id.clone(),
        contestant: format!("{OWN} {}", task.family.own()),
        version: env!("CARGO_PKG_VERSION").into(),
        reason: Some(format!("{error:#}")),
        ..Entry::default()
    }
}

fn failed(entry: Entry, reason: String) -> Entry {
    Entry {
        reason: Some(reason),
        ..entry
    }
}

fn with(entry: Entry, last: Option<&(f64, Run)>, reason: Option<String>) -> Entry {
    Entry {
        tol: last.map(|(tol, _)| *tol),
        subopt: last.map(|(_, run)| run.subopt),
        difference: last.map(|(_, run)| run.difference),
        reason,
        ..entry
    }
}

struct Certify<'a> {
    lambdas: &'a [f64],
    fits: &'a [Fit],
}

impl OnLoss for Certify<'_> {
    type Output = Vec<Certificate>;
    fn work<X: Design, L: Loss>(self, problem: &Problem<X, L, PerCoordinate>) -> Vec<Certificate> {
        let one = |(&lambda, fit): (&f64, &Fit)| {
            // The intercept is the last column.
            let mut beta = vec![0.0; problem.x.ncols()];
            for &(j, b) in &fit.nonzeros {
                beta[j as usize] = b;
            }
            if let Some(last) = beta.last_mut() {
                *last = fit.intercept;
            }
            match &fit.dual {
                Some(dual) => certify_claim(problem, &beta, lambda, dual),
                None => certify(problem, &beta, lambda),
            }
        };
        self.lambdas.par_iter().zip(self.fits).map(one).collect()
    }
}

/// The ground of a task. Errors: an interruption; what else goes wrong is a row.
pub fn ground(task: Task, limit: f64) -> anyhow::Result<Result<Ground, Entry>> {
    let found = Ground::new(task.clone(), limit);
    if interrupted() {
        found.context("interrupted").map(Ok)
    } else {
        Ok(found.map_err(|error| without_ground(&task, &error)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_task_of_a_size_is_found_by_its_name_and_no_other_is() {
        for size in [Size::Smoke, Size::Full] {
            let tasks = all(size);
            assert_eq!(tasks.len(), 5);
            for task in &tasks {
                assert!(find(&task.id, size).is_ok_and(|found| found.dataset == task.dataset));
                assert!(contestant::find(task.family.own()).is_ok());
            }
        }
        let message = find("median-10x1", Size::Full)
            .expect_err("no such problem")
            .0;
        assert!(message.contains("median-10000x100"), "{message}");
    }

    #[test]
    fn a_row_agrees_only_with_both_numbers_in_bounds() {
        let entry = |subopt, difference| Entry {
            subopt,
            difference,
            ..Entry::default()
        };
        assert!(entry(Some(0.0), Some(EPS)).agrees());
        for (subopt, difference) in [
            (None, Some(0.0)),
            (Some(0.0), None),
            (Some(f64::NAN), Some(0.0)),
            (Some(0.0), Some(2.0 * EPS)),
        ] {
            assert!(!entry(subopt, difference).agrees());
        }
    }
}
