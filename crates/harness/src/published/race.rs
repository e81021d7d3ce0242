//! Races: contestants on problems at equal certified accuracy, for the figures that compare times.
//!
//! A race is walked and timed as every comparison with peers is (see [`crate::ladder`]), recorded trial by trial, and goes on where it was
//! interrupted. Its rows have the contestant as their series and one of the quantities below, with the problem.

use std::collections::BTreeMap;
use std::path::Path;

use indicatif::ProgressBar;

use crate::claim::Rows;
use crate::comparison::{self, Comparison};
use crate::contestant::{self, Contestant, peer};
use crate::figure::chart::runners;
use crate::ladder::Ladder;
use crate::problem::Problem;
use crate::record::machine::Machine;
use crate::record::schema::{PointRow, RunRow};
use crate::record::store::read_rows;
use crate::record::{Plan, Recorder};
use crate::stopwatch::interrupted;

/// Seconds that a package may take to compile itself.
const WARM_UP_SECONDS: f64 = 120.0;

/// Median seconds of a path, at an accuracy that was certified.
const SECONDS: &str = "seconds";
/// Seconds of a repeat, at its number from 1; the quantity ends in the accuracy.
const REPEAT: &str = "seconds of a repeat";
/// Why there are no seconds, at an accuracy.
const ABSENT: &str = "absent";
/// Seconds of a path, at a tolerance of the contestant's own.
const STEP_SECONDS: &str = "seconds at a tolerance";
/// Worst suboptimality of a path in units of the null loss, at a tolerance of the contestant's own.
const STEP_SUBOPTIMALITY: &str = "suboptimality at a tolerance";
/// Worst certified gap of a path in units of the null loss, at a tolerance of the contestant's own.
const STEP_GAP: &str = "gap at a tolerance";
/// The series is the contestant with its version.
const VERSION: &str = "version";

/// Who runs on what, and how often.
pub struct Race {
    /// The problems.
    pub problems: Vec<Problem>,
    /// Names of contestants; a package that is not installed takes part and is absent.
    pub contestants: Vec<&'static str>,
    /// Bounds on the worst suboptimality of a path, loosest first.
    pub eps: Vec<f64>,
    /// Timed repeats; from the fourth on only while they have taken less than `enough_seconds` together.
    pub repeats: usize,
    /// Seconds of timed repeats after which no more are made.
    pub enough_seconds: f64,
    /// Time limit of one path in seconds.
    pub timeout_seconds: f64,
}

impl Race {
    /// Runs what `root` has not recorded under the same plan, program and commit, and adds what was found to the rows.
    ///
    /// Nothing is added after Ctrl-C. Errors: `root` cannot be written.
    pub fn run(
        &self,
        root: &Path,
        id: &str,
        command: String,
        machine: &Machine,
        bar: &ProgressBar,
        rows: &mut Rows,
    ) -> anyhow::Result<()> {
        let (there, missing): (Vec<_>, Vec<_>) = (self.contestants.iter())
            .map(|id| (*id, contestant::find(id).ok()))
            .partition(|(_, found)| found.is_some());
        let ladder = Ladder {
            problems: self.problems.clone(),
            contestants: there.into_iter().filter_map(|(_, found)| found).collect(),
            eps: self.eps.clone(),
            repeats: self.repeats,
            enough_seconds: self.enough_seconds,
            timeout_seconds: self.timeout_seconds,
            warm_up_seconds: WARM_UP_SECONDS,
        };
        let plan = ladder.plan(command);
        let recorder = match Recorder::resume(root, &plan, machine)? {
            Some(recorder) => recorder,
            None => {
                let now = chrono::Utc::now().format("%Y%m%d-%H%M%S%.3f");
                Recorder::create(root, &format!("{now}-{id}"), &plan, machine)?
            }
        };
        let outcome = ladder.run(&recorder, bar);
        peer::shut_down();
        merge(&recorder, &plan)?;
        outcome?;
        if interrupted() {
            return Ok(());
        }
        let (runs, points) = (read_rows(recorder.dir())?, read_rows(recorder.dir())?);
        record(&runs, &points, &self.eps, rows);
        for (id, _) in missing {
            self.record_missing(id, rows);
        }
        Ok(())
    }

    /// A package of whose list nothing is known.
    fn record_missing(&self, id: &str, rows: &mut Rows) {
        for problem in &self.problems {
            for &eps in &self.eps {
                rows.push(id, &absent("not installed", &problem.id), eps, f64::NAN);
            }
        }
    }
}

fn merge(recorder: &Recorder, plan: &Plan) -> anyhow::Result<()> {
    recorder.merge(plan).map(drop)
}

fn of(quantity: &str, problem: &str) -> String {
    format!("{quantity}, {problem}")
}

fn absent(why: &str, problem: &str) -> String {
    format!("{ABSENT}, {why}, {problem}")
}

/// Why there are no seconds, in words that fit a cell.
const REASONS: [&str; 5] = [
    "not installed",
    "not applicable",
    "too slow",
    "too inaccurate",
    "failed",
];

fn reason(status: &str, reason: Option<&str>) -> &'static str {
    match status {
        "skipped" if reason.is_some_and(|r| r.contains("not installed")) => REASONS[0],
        "skipped" => REASONS[1],
        "timed_out" => REASONS[2],
        "uncertified" => REASONS[3],
        _ => REASONS[4],
    }
}

fn record(runs: &[RunRow], points: &[PointRow], eps: &[f64], rows: &mut Rows) {
    let Comparison { rungs, ladder, .. } = comparison::summarise(runs, points, eps);
    let mut gaps: BTreeMap<&str, f64> = BTreeMap::new();
    for point in points {
        // A point without a certificate makes the worst gap unknown.
        let worst = gaps.entry(&point.run_id).or_insert(f64::NEG_INFINITY);
        *worst = if point.gap_rel.is_nan() { f64::NAN } else { worst.max(point.gap_rel) };
    }
    for rung in &rungs {
        let mut push = |what: &str, value: f64| {
            rows.push(&rung.contestant, &of(what, &rung.problem), rung.tol, value);
        };
        let same = |r: &&RunRow| {
            r.problem.as_ref() == Some(&rung.problem)
                && r.contestant == rung.contestant
                && r.tol == rung.tol
        };
        let walk = runs.iter().filter(same).find(|r| r.repeat == 0);
        let gap = walk.and_then(|r| gaps.get(r.run_id.as_str()).copied());
        let finished = rung.seconds.zip(rung.subopt);
        if let Some((seconds, subopt)) = finished {
            push(STEP_SECONDS, seconds);
            push(STEP_SUBOPTIMALITY, subopt);
            push(STEP_GAP, gap.unwrap_or(f64::NAN));
        }
    }
    for cell in &ladder {
        match cell.seconds {
            Some(seconds) => {
                rows.push(&cell.contestant, &of(SECONDS, &cell.problem), cell.eps, seconds);
                let quoted = |r: &&RunRow| {
                    r.problem.as_ref() == Some(&cell.problem)
                        && r.contestant == cell.contestant
                        && Some(r.tol) == cell.tol
                        && r.repeat > 0
                        && ["converged", "uncertified"].contains(&r.status.as_str())
                };
                let name = of(&of(REPEAT, &cell.problem), &format!("{:e}", cell.eps));
                for run in runs.iter().filter(quoted) {
                    if let Some(seconds) = run.path_seconds {
                        rows.push(&cell.contestant, &name, run.repeat as f64, seconds);
                    }
                }
            }
            None => {
                let why = reason(&cell.status, cell.reason.as_deref());
                rows.push(&cell.contestant, &absent(why, &cell.problem), cell.eps, f64::NAN);
            }
        }
    }
    let mut told: Vec<(&str, &str)> = Vec::new();
    for cell in ladder.iter().filter(|c| !c.version.is_empty()) {
        let pair = (cell.contestant.as_str(), cell.version.as_str());
        let peer = contestant::find(pair.0).is_ok_and(Contestant::is_peer);
        if peer && !told.contains(&pair) {
            told.push(pair);
            rows.push(&format!("{} {}", pair.0, pair.1), VERSION, 0.0, f64::NAN);
        }
    }
}

/// What a race left in the rows.
pub struct Raced<'a>(pub &'a Rows);

impl Raced<'_> {
    /// Median seconds at that accuracy; NaN where there are none.
    pub fn seconds(&self, contestant: &str, problem: &str, eps: f64) -> f64 {
        self.0.value(contestant, &of(SECONDS, problem), eps)
    }

    /// (accuracy, median seconds), loosest first, of those that were certified.
    pub fn by_accuracy(&self, contestant: &str, problem: &str) -> Vec<(f64, f64)> {
        self.0.line(contestant, &of(SECONDS, problem))
    }

    /// Seconds of the repeats at that accuracy.
    pub fn repeats(&self, contestant: &str, problem: &str, eps: f64) -> Vec<f64> {
        let name = of(&of(REPEAT, problem), &format!("{eps:e}"));
        self.0.line(contestant, &name).into_iter().map(|r| r.1).collect()
    }

    /// Why there are no seconds at that accuracy; None where there are some, or where it did not take part.
    pub fn absence(&self, contestant: &str, problem: &str, eps: f64) -> Option<&'static str> {
        let there = |why: &&str| {
            let places = self.0.places(contestant, &absent(why, problem));
            places.contains(&eps)
        };
        REASONS.iter().copied().find(there)
    }

    /// (seconds, suboptimality) at each tolerance that was walked to its end, loosest first.
    pub fn suboptimality(&self, contestant: &str, problem: &str) -> Vec<(f64, f64)> {
        self.steps(contestant, problem, STEP_SUBOPTIMALITY)
    }

    /// (seconds, certified gap) at each tolerance that was walked to its end, loosest first.
    pub fn gap(&self, contestant: &str, problem: &str) -> Vec<(f64, f64)> {
        self.steps(contestant, problem, STEP_GAP)
    }

    fn steps(&self, contestant: &str, problem: &str, what: &str) -> Vec<(f64, f64)> {
        let seconds = self.0.line(contestant, &of(STEP_SECONDS, problem));
        let values = self.0.line(contestant, &of(what, problem));
        (seconds.into_iter().zip(values))
            .map(|((_, seconds), (_, value))| (seconds, value))
            .collect()
    }

    /// "celer 0.7.4, glmnet 4.1.6", of the packages that answered; empty if none did.
    pub fn versions(&self) -> String {
        let told = self.0.as_slice().iter().filter(|r| r.quantity == VERSION);
        let names: Vec<&str> = told.map(|r| r.series.as_str()).collect();
        names.join(", ")
    }

    /// "not installed: celer, skglm.", of the contestants that have no seconds anywhere on these problems; empty if all have some.
    pub fn missing(&self, contestants: &[&str], problems: &[String], eps: f64) -> String {
        let mut parts = Vec::new();
        for why in REASONS {
            let absent = |c: &&str| problems.iter().all(|p| self.absence(c, p, eps) == Some(why));
            let names: Vec<String> = runners(contestants.iter().copied().filter(absent))
                .into_iter()
                .map(|runner| runner.label)
                .collect();
            if !names.is_empty() {
                parts.push(format!("{why}: {}", names.join(", ")));
            }
        }
        match parts.is_empty() {
            true => String::new(),
            false => format!("{}.", parts.join("; ")),
        }
    }
}
