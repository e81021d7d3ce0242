//! Cross-validation by the suite and by other packages: whether the curves agree, and time at equal certified accuracy.
//!
//! All get the same columns, centred and standardised on all rows, the same folds and the same λ. scikit-learn takes columns
//! as they are in every fold, glmnet standardises them anew; each is held against the suite doing the same.

use anyhow::Context;
use faer::Mat;
use indicatif::ProgressBar;
use rayon::{ThreadPool, ThreadPoolBuilder};
use regpath_solvers::certificate::{Certificate, certify_path};
use regpath_solvers::design::Design;
use regpath_solvers::loss::Squared;
use regpath_solvers::penalty::L1;
use regpath_solvers::prepare::Options;
use regpath_solvers::problem::Problem;
use regpath_solvers::validation::{CrossValidation, CurvePoint, Folds, choose};
use regpath_solvers::{lasso, ridge};
use serde::Serialize;

use crate::contestant::peer::validation::{Answer, Crew, Request};
use crate::contestant::peer::{self, Peer};
use crate::contestant::{self, Contestant};
use crate::dataset::read::InputError;
use crate::dataset::{self, Spec};
use crate::folds;
use crate::prepared::{Columns, Prepared, Visitor};
use crate::problem;
use crate::stopwatch::{Stopwatch, interrupted};
use crate::team::Team;

/// Folds of every problem.
pub const FOLDS: usize = 10;
/// Seed with which they are drawn.
pub const SEED: u64 = 0;
/// Bound on the worst suboptimality over the path on all rows, relative to the null loss, at which times are compared.
pub const EPS: f64 = 1e-6;
/// Largest relative difference of two mean errors at one λ that counts as agreement.
pub const AGREED: f64 = 1e-6;
/// Tolerance of the suite's curves that others are held against.
const TIGHT: f64 = 1e-13;
/// Rounds that are made however long they take.
const LEAST_ROUNDS: usize = 3;
/// Seconds of a round after which no more than [`LEAST_ROUNDS`] are made.
const LONG_ROUND: f64 = 60.0;
/// Calls that decide between two ways of a package to use the threads.
const WARM_CALLS: usize = 2;
/// Name of the suite's rows.
const OWN: &str = "regpath";

/// Data on which cross-validations are compared.
#[derive(Clone, Debug)]
pub struct Task {
    /// Name on the command line.
    pub id: String,
    /// The data.
    pub dataset: Spec,
    /// Whether times are compared, too.
    pub timed: bool,
}

/// Every task, in display order.
pub fn all() -> Vec<Task> {
    let small = ["prostate", "diabetes"].map(|id| Task {
        id: id.into(),
        dataset: Spec::new(id),
        timed: false,
    });
    let timed = ["fht-100x5000-0.5", "tall-100000x200"].map(|id| {
        problem::find(id).map(|problem| Task {
            id: problem.id,
            dataset: problem.dataset,
            timed: true,
        })
    });
    small
        .into_iter()
        .chain(timed.into_iter().flatten())
        .collect()
}

/// The task of that name. Errors: [`InputError`] that lists the names.
pub fn find(id: &str) -> Result<Task, InputError> {
    let tasks = all();
    let known: Vec<&str> = tasks.iter().map(|t| t.id.as_str()).collect();
    let message = format!(
        "cross-validation is not compared on '{id}'; choose among {}",
        known.join(", ")
    );
    tasks
        .into_iter()
        .find(|t| t.id == id)
        .ok_or(InputError(message))
}

/// A routine of another package.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Rival {
    /// scikit-learn's, for the lasso.
    LassoCv,
    /// glmnet's, for the lasso.
    CvGlmnet,
    /// scikit-learn's for ridge, without each row in turn.
    RidgeCv,
}

impl Rival {
    fn name(self) -> &'static str {
        match self {
            Self::LassoCv => "scikit-learn LassoCV",
            Self::CvGlmnet => "glmnet cv.glmnet",
            Self::RidgeCv => "scikit-learn RidgeCV",
        }
    }

    /// The package.
    fn peer(self) -> Result<&'static Peer, String> {
        let id = match self {
            Self::LassoCv | Self::RidgeCv => "scikit-learn",
            Self::CvGlmnet => "glmnet",
        };
        peer::find(id)
    }

    /// The tolerance at which its curve is held against the suite's.
    fn tightest(self) -> f64 {
        match self {
            Self::LassoCv => 1e-12,
            // Beyond its ladder: sweeps that change little can go on for long before the errors of folds are right.
            Self::CvGlmnet => 1e-22,
            // It solves in closed form.
            Self::RidgeCv => TIGHT,
        }
    }

    /// Whether it standardises columns anew in every fold.
    fn standardizes(self) -> bool {
        self == Self::CvGlmnet
    }

    /// The ways in which it can use the threads, the one that should be faster first.
    fn crews(self, threads: usize, tall: bool) -> Vec<Crew> {
        let folds_at_once = Crew {
            jobs: threads,
            threads: 1,
        };
        let mut crews = vec![folds_at_once];
        match self {
            // The products that its solves begin with are worth threads where rows are many.
            Self::LassoCv if tall => crews.push(Crew { jobs: 1, threads }),
            Self::LassoCv | Self::RidgeCv => {}
            // The processes that it starts have their price.
            Self::CvGlmnet => crews.push(Crew {
                jobs: 1,
                threads: 1,
            }),
        }
        crews.dedup();
        crews
    }
}

/// Mean errors over λ, and the choices that follow.
struct Curve {
    mean: Vec<f64>,
    se: Vec<f64>,
    min: usize,
    one_se: usize,
}

impl From<&CrossValidation> for Curve {
    fn from(found: &CrossValidation) -> Self {
        Self {
            mean: found.curve.iter().map(|p| p.mean_error).collect(),
            se: found.curve.iter().map(|p| p.se).collect(),
            min: found.min,
            one_se: found.one_se,
        }
    }
}

impl Curve {
    /// A package's own choices where it makes them, and those by the suite's rule where not.
    fn of(answer: &Answer, lambdas: &[f64]) -> Result<Self, String> {
        let points = lambdas.iter().zip(answer.mean.iter().zip(&answer.se));
        let points: Vec<CurvePoint> = points
            .map(|(&lambda, (&mean_error, &se))| CurvePoint {
                lambda,
                mean_error,
                se,
                nonzeros: 0,
            })
            .collect();
        let (min, one_se) = choose(&points).map_err(|e| e.to_string())?;
        Ok(Self {
            mean: answer.mean.clone(),
            se: answer.se.clone(),
            min: answer.min.unwrap_or(min),
            one_se: answer.one_se.unwrap_or(one_se),
        })
    }
}

/// How far a curve is from the suite's.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Difference {
    /// Largest relative difference of the mean error over λ.
    pub mean: f64,
    /// Largest relative difference of its standard error over λ.
    pub se: f64,
    /// Index of λ_min less that of the suite's.
    pub min: i64,
    /// Index of λ_1se less that of the suite's.
    pub one_se: i64,
}

impl Difference {
    fn between(own: &Curve, other: &Curve) -> Self {
        let largest = |own: &[f64], other: &[f64]| {
            regpath_solvers::worst(own.iter().zip(other).map(|(a, b)| ((b - a) / a).abs()))
        };
        let steps = |own: usize, other: usize| other as i64 - own as i64;
        Self {
            mean: largest(&own.mean, &other.mean),
            se: largest(&own.se, &other.se),
            min: steps(own.min, other.min),
            one_se: steps(own.one_se, other.one_se),
        }
    }

    /// Whether errors are equal within [`AGREED`] and choices are the same.
    pub fn agrees(&self) -> bool {
        self.mean <= AGREED && self.min == 0 && self.one_se == 0
    }
}

/// One contestant on one task.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Entry {
    /// The task.
    pub problem: String,
    /// Package and routine.
    pub contestant: String,
    /// Version of the package; empty where it did not start.
    pub version: String,
    /// Its own tolerance; None where it has none.
    pub tol: Option<f64>,
    /// Worst suboptimality over the path on all rows, relative to the null loss; None where there is no path.
    pub subopt: Option<f64>,
    /// From the suite's curve at its tightest.
    pub difference: Option<Difference>,
    /// How it uses the threads.
    pub crew: String,
    /// Seconds of the one call, one per round.
    pub seconds: Vec<f64>,
    /// Seconds over those of the suite on the same task in the same round.
    pub ratios: Vec<f64>,
    /// Why there is no result, or what else is to be said.
    pub reason: Option<String>,
}

/// What the suite and the others work on.
pub struct Ground {
    task: Task,
    data: Prepared,
    lambdas: Vec<f64>,
    labels: Vec<usize>,
    folds: Folds,
    best_dual: Vec<f64>,
    /// The suite's curves at its tightest: columns as they are, and standardised in every fold.
    own: [Curve; 2],
    pool: ThreadPool,
    threads: usize,
    /// Seconds after which a call of another package is given up.
    limit: f64,
}

/// One call of a cross-validation.
struct Run {
    seconds: f64,
    curve: Curve,
    subopt: f64,
}

/// Who is timed.
#[derive(Clone, Copy)]
enum Runner {
    Own { standardize: bool },
    Rival(Rival, Crew),
}

impl Ground {
    /// Draws data and folds, and computes the suite's own curves. Errors: data that cannot be loaded.
    pub fn new(task: Task, threads: usize, limit: f64) -> anyhow::Result<Self> {
        let options = Options {
            intercept: true,
            standardize: true,
        };
        let data = Prepared::new(dataset::load(&task.dataset)?, options)?;
        let labels = folds::drawn(&vec![true; data.nrows()], FOLDS, SEED, 0);
        let x = dense(&data)?;
        let path = lasso()
            .standardize(false)
            .tol(TIGHT)
            .fit(x.as_ref(), &data.y)?;
        let lambdas: Vec<f64> = path.points.iter().map(|p| p.lambda).collect();
        let mut ground = Self {
            folds: Folds::from_labels(&labels)?,
            best_dual: vec![f64::NEG_INFINITY; lambdas.len()],
            own: [false, true].map(|_| Curve {
                mean: Vec::new(),
                se: Vec::new(),
                min: 0,
                one_se: 0,
            }),
            pool: ThreadPoolBuilder::new()
                .num_threads(threads)
                .build()
                .context("cannot start the workers")?,
            task,
            data,
            lambdas,
            labels,
            threads,
            limit,
        };
        let points = path.points.iter().map(|p| p.nonzeros.clone()).collect();
        let best = ground.certificates(points);
        ground.best_dual = best.iter().map(|c| c.dual).collect();
        for standardize in [false, true] {
            let (_, found) = ground.own_call(standardize, TIGHT)?;
            ground.own[usize::from(standardize)] = Curve::from(&found);
        }
        Ok(ground)
    }

    fn certificates(&self, points: Vec<Vec<(usize, f64)>>) -> Vec<Certificate> {
        self.data.visit(Certify {
            y: &self.data.y,
            lambdas: &self.lambdas,
            points: &points,
        })
    }

    /// Worst (P − D_best) / null loss over λ; NaN if it is not a number anywhere.
    fn suboptimality(&self, points: Vec<Vec<(usize, f64)>>) -> f64 {
        let certificates = self.certificates(points);
        let each = certificates.iter().zip(&self.best_dual);
        let relative = each.map(|(c, best)| (c.primal - best.max(c.dual)) / self.data.null_loss);
        regpath_solvers::worst(relative)
    }

    /// The suite's cross-validation by its threads, and its seconds.
    fn own_call(&self, standardize: bool, tol: f64) -> anyhow::Result<(f64, CrossValidation)> {
        let x = dense(&self.data)?;
        let builder = lasso()
            .standardize(standardize)
            .lambdas(self.lambdas.clone())
            .tol(tol);
        let bar = ProgressBar::hidden();
        let (team, folds) = (Team { progress: &bar }, std::slice::from_ref(&self.folds));
        let watch = Stopwatch::start();
        let found = self.pool.install(|| {
            Team::until_interrupted(|| {
                builder.cross_validate(x.as_ref(), &self.data.y, folds, &team)
            })
        });
        let seconds = watch.wall();
        let found = found.context("interrupted")??;
        Ok((seconds, found))
    }

    fn run(&self, runner: Runner, tol: f64) -> Result<Run, String> {
        match runner {
            Runner::Own { standardize } => {
                let (seconds, found) = self
                    .own_call(standardize, tol)
                    .map_err(|e| format!("{e:#}"))?;
                let points = found.path.points.iter().map(|p| p.nonzeros.clone());
                Ok(Run {
                    seconds,
                    curve: Curve::from(&found),
                    subopt: self.suboptimality(points.collect()),
                })
            }
            Runner::Rival(rival, crew) => {
                let request = Request {
                    lambdas: &self.lambdas,
                    folds: &self.labels,
                    tol,
                    crew,
                };
                let answer = rival
                    .peer()?
                    .cross_validate(&self.data, &request, self.limit)?;
                let point = |nonzeros: &Vec<(u32, f64)>| {
                    nonzeros.iter().map(|&(j, b)| (j as usize, b)).collect()
                };
                let points = answer.coefficients.iter().map(point).collect();
                Ok(Run {
                    seconds: answer.seconds,
                    curve: Curve::of(&answer, &self.lambdas)?,
                    subopt: self.suboptimality(points),
                })
            }
        }
    }

    /// The curves of all others at their tightest against the suite's.
    pub fn agreement(&self, progress: &dyn Fn(&str)) -> Vec<Entry> {
        let lasso = [Rival::LassoCv, Rival::CvGlmnet].map(|rival| {
            progress(rival.name());
            let mut found = Err("it was not asked".into());
            let tol = rival.tightest();
            for crew in rival.crews(self.threads, false) {
                if found.is_err() {
                    found = self.run(Runner::Rival(rival, crew), tol);
                }
            }
            let entry = self.entry(rival);
            let own = &self.own[usize::from(rival.standardizes())];
            match found {
                Ok(run) => Entry {
                    tol: Some(tol),
                    subopt: Some(run.subopt),
                    difference: Some(Difference::between(own, &run.curve)),
                    ..entry
                },
                Err(reason) => Entry {
                    reason: Some(reason),
                    ..entry
                },
            }
        });
        progress(Rival::RidgeCv.name());
        let difference = self.ridge();
        let entry = self.entry(Rival::RidgeCv);
        let ridge = Entry {
            difference: difference.as_ref().ok().copied(),
            reason: difference.err(),
            ..entry
        };
        lasso.into_iter().chain([ridge]).collect()
    }

    /// Ridge without each row in turn: scikit-learn's against the suite's.
    fn ridge(&self) -> Result<Difference, String> {
        let peer = Rival::RidgeCv.peer()?;
        let x = dense(&self.data).map_err(|e| format!("{e:#}"))?;
        let found = ridge()
            .standardize(false)
            .leave_one_out(x.as_ref(), &self.data.y)
            .map_err(|e| e.to_string())?;
        let lambdas: Vec<f64> = found.curve.iter().map(|p| p.lambda).collect();
        let answer = peer.leave_one_out(&self.data, &lambdas, self.limit)?;
        let other = Curve::of(&answer, &lambdas)?;
        Ok(Difference::between(&Curve::from(&found), &other))
    }

    /// Times of all at their loosest tolerances at which the path on all rows is certified to [`EPS`], in the order A B A B.
    pub fn speed(&self, rounds: usize, progress: &dyn Fn(&str)) -> Vec<Entry> {
        let mut contest: Vec<(Option<(Runner, f64)>, Entry)> = Vec::new();
        for rival in [Rival::LassoCv, Rival::CvGlmnet] {
            let standardize = rival.standardizes();
            progress(OWN);
            contest.push(self.qualify_own(standardize));
            progress(rival.name());
            contest.push(self.qualify(rival));
        }
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
            let long = watch.wall() > LONG_ROUND && round + 1 >= LEAST_ROUNDS;
            if interrupted() || long {
                break;
            }
        }
        let mut entries: Vec<Entry> = contest.into_iter().map(|(_, entry)| entry).collect();
        for pair in entries.chunks_mut(2) {
            if let [own, other] = pair {
                let each = own.seconds.iter().zip(&other.seconds);
                other.ratios = each.map(|(own, other)| other / own).collect();
            }
        }
        entries
    }

    fn qualify_own(&self, standardize: bool) -> (Option<(Runner, f64)>, Entry) {
        let runner = Runner::Own { standardize };
        let entry = self.blank(&format!(
            "{OWN}, {}",
            if standardize {
                "standardised in every fold"
            } else {
                "columns as they are"
            }
        ));
        let entry = Entry {
            version: env!("CARGO_PKG_VERSION").into(),
            crew: format!("{} threads", self.threads),
            ..entry
        };
        let own = contestant::find("auto").map(|c| c.tolerances());
        match own.and_then(|tolerances| self.walk(runner, tolerances)) {
            Ok((tol, run)) => (
                Some((runner, tol)),
                self.qualified(entry, standardize, tol, &run),
            ),
            Err(reason) => (
                None,
                Entry {
                    reason: Some(reason),
                    ..entry
                },
            ),
        }
    }

    /// The rung of another package, and the faster of its ways to use the threads.
    fn qualify(&self, rival: Rival) -> (Option<(Runner, f64)>, Entry) {
        let mut best: Option<(Crew, f64, Run)> = None;
        let mut reasons = Vec::new();
        let tall = self.data.nrows() > self.data.ncols();
        let crews = rival.crews(self.threads, tall);
        let calls = if crews.len() > 1 { WARM_CALLS } else { 0 };
        for &crew in &crews {
            let runner = Runner::Rival(rival, crew);
            let attempt = match &best {
                Some((_, tol, _)) => self.walk(runner, &[*tol]),
                None => rival.peer().and_then(|p| self.walk(runner, p.tolerances())),
            };
            // Again, now that it is warm; the best decides, because one call may have been disturbed.
            let attempt = attempt.and_then(|(tol, first)| {
                let mut best = first;
                for _ in 0..calls {
                    let run = self.run(runner, tol)?;
                    if run.seconds < best.seconds {
                        best = run;
                    }
                }
                Ok((tol, best))
            });
            match attempt {
                Ok((tol, run)) => {
                    let faster = |(.., other): &(Crew, f64, Run)| run.seconds < other.seconds;
                    if best.as_ref().is_none_or(faster) {
                        best = Some((crew, tol, run));
                    }
                }
                Err(reason) => reasons.push((crew, reason)),
            }
        }
        let entry = Entry {
            reason: joined(&reasons, crews.len()),
            ..self.entry(rival)
        };
        match best {
            None => (None, entry),
            Some((crew, tol, run)) => {
                let entry = Entry {
                    crew: described(crew),
                    ..self.qualified(entry, rival.standardizes(), tol, &run)
                };
                (Some((Runner::Rival(rival, crew), tol)), entry)
            }
        }
    }

    /// The loosest of these tolerances, loosest first, at which the path on all rows is certified.
    fn walk(&self, runner: Runner, tolerances: &[f64]) -> Result<(f64, Run), String> {
        let mut last = f64::NAN;
        for &tol in tolerances {
            let run = self.run(runner, tol)?;
            if run.subopt <= EPS {
                return Ok((tol, run));
            }
            last = run.subopt;
        }
        Err(format!(
            "no tolerance reaches {EPS:e}; the tightest has suboptimality {last:.1e}"
        ))
    }

    fn qualified(&self, entry: Entry, standardize: bool, tol: f64, run: &Run) -> Entry {
        let own = &self.own[usize::from(standardize)];
        Entry {
            tol: Some(tol),
            subopt: Some(run.subopt),
            difference: Some(Difference::between(own, &run.curve)),
            ..entry
        }
    }

    fn blank(&self, contestant: &str) -> Entry {
        Entry {
            problem: self.task.id.clone(),
            contestant: contestant.into(),
            ..Entry::default()
        }
    }

    fn entry(&self, rival: Rival) -> Entry {
        Entry {
            version: rival.peer().map_or_else(|_| String::new(), |p| p.version()),
            ..self.blank(rival.name())
        }
    }
}

/// Reasons by the crew they are about, unless they are the same for all `crews`.
fn joined(reasons: &[(Crew, String)], crews: usize) -> Option<String> {
    let (_, first) = reasons.first()?;
    if reasons.len() == crews && reasons.iter().all(|(_, reason)| reason == first) {
        return Some(first.clone());
    }
    let each = reasons
        .iter()
        .map(|(crew, reason)| format!("{}: {reason}", described(*crew)));
    Some(each.collect::<Vec<_>>().join("; "))
}

fn described(crew: Crew) -> String {
    match crew {
        Crew {
            jobs: 1,
            threads: 1,
        } => "one thread".into(),
        Crew { jobs, threads: 1 } => format!("{jobs} folds at a time"),
        Crew { threads, .. } => format!("{threads} threads of linear algebra"),
    }
}

/// The columns: none of the tasks is sparse.
fn dense(data: &Prepared) -> anyhow::Result<&Mat<f64>> {
    match data.columns().map_err(anyhow::Error::msg)? {
        Columns::Dense(x) => Ok(x),
        Columns::Sparse { .. } => anyhow::bail!("{} is sparse", data.name),
    }
}

struct Certify<'a> {
    y: &'a [f64],
    lambdas: &'a [f64],
    points: &'a [Vec<(usize, f64)>],
}

impl Visitor for Certify<'_> {
    type Output = Vec<Certificate>;
    fn visit<X: Design>(self, x: &X) -> Vec<Certificate> {
        let problem = Problem {
            x,
            y: self.y,
            loss: Squared,
            penalty: L1,
        };
        let points = self.lambdas.iter().zip(self.points);
        let points: Vec<(f64, &[(usize, f64)])> =
            points.map(|(&lambda, b)| (lambda, b.as_slice())).collect();
        certify_path(&problem, &points)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn curve(mean: &[f64], min: usize, one_se: usize) -> Curve {
        Curve {
            mean: mean.to_vec(),
            se: vec![1.0; mean.len()],
            min,
            one_se,
        }
    }

    #[test]
    fn the_largest_difference_counts_and_what_is_no_number_never_agrees() {
        let own = curve(&[4.0, 2.0, 1.0], 2, 1);
        let same = Difference::between(&own, &own);
        assert!(same.agrees() && same.mean == 0.0 && same.se == 0.0);
        let found = Difference::between(&own, &curve(&[4.0, 2.5, 1.1], 2, 1));
        assert!((found.mean - 0.25).abs() < 1e-15 && !found.agrees());
        for place in 0..3 {
            let mut mean = [4.0, 2.0, 1.0];
            mean[place] = f64::NAN;
            let found = Difference::between(&own, &curve(&mean, 2, 1));
            assert!(found.mean.is_nan() && !found.agrees());
        }
        let chosen = Difference::between(&own, &curve(&[4.0, 2.0, 1.0], 1, 1));
        assert!(chosen.min == -1 && !chosen.agrees());
    }

    #[test]
    fn reasons_name_their_crew_unless_they_are_all_the_same() {
        let crews = [2, 1].map(|jobs| Crew { jobs, threads: 1 });
        let missing = |crew: Crew| (crew, String::from("R is missing"));
        assert_eq!(joined(&[], 1), None);
        for all in [&crews[..1], &crews] {
            let reasons: Vec<_> = all.iter().copied().map(missing).collect();
            assert_eq!(joined(&reasons, all.len()).as_deref(), Some("R is missing"));
        }
        let one = joined(&[missing(crews[0])], 2);
        assert_eq!(one.as_deref(), Some("2 folds at a time: R is missing"));
    }

    #[test]
    fn every_task_is_found_and_both_sizes_of_the_timing_are_there() {
        let tasks = all();
        assert_eq!(tasks.iter().filter(|t| t.timed).count(), 2);
        for task in &tasks {
            assert!(find(&task.id).is_ok_and(|found| found.dataset == task.dataset));
        }
        assert!(find("nci60").is_err_and(|e| e.0.contains("prostate")));
    }
}
