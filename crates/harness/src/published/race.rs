//! Races: contestants on problems at equal certified accuracy, for the figures that compare times.
//!
//! A race is walked and timed as every comparison with peers is (see [`crate::ladder`]), recorded trial by trial, and goes on where it was
//! interrupted. Its rows have the contestant as their series and one of the quantities below, with the problem.

use std::collections::BTreeMap;
use std::path::Path;

use indicatif::ProgressBar;

use crate::claim::{Rows, interval};
use crate::comparison::{self, Comparison};
use crate::contestant::{self, Contestant, peer};
use crate::figure::chart::runners;
use crate::ladder::{EXPERIMENT, Ladder};
use crate::problem::Problem;
use crate::record::Recorder;
use crate::record::machine::Machine;
use crate::record::schema::{PointRow, RunRow};
use crate::record::store::read_rows;
use crate::statistics::{Interval, median};
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
/// Series and quantity of the time limit of a path, in seconds.
const LIMIT: (&str, &str) = ("race", "time limit");

/// Who runs on what, and how often.
pub struct Race {
    /// The problems.
    pub problems: Vec<Problem>,
    /// Names of contestants; a package that is not installed takes part and is absent.
    pub contestants: Vec<&'static str>,
    /// Contestant whose solves bound every contestant's suboptimality.
    pub reference: &'static str,
    /// Bounds on the worst suboptimality of a path, loosest first.
    pub eps: Vec<f64>,
    /// Timed repeats; beyond `least_repeats` only while a contestant has taken less than `enough_seconds` at a tolerance.
    pub repeats: usize,
    /// Timed repeats that are made however long they take.
    pub least_repeats: usize,
    /// Seconds at a tolerance after which it is not repeated, as a [`Ladder`] counts them.
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
            reference: self.reference,
            eps: self.eps.clone(),
            repeats: self.repeats,
            least_repeats: self.least_repeats,
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
        outcome?;
        recorder.merge(&plan)?;
        if interrupted() {
            return Ok(());
        }
        let (runs, points) = (read_rows(recorder.dir())?, read_rows(recorder.dir())?);
        rows.push(LIMIT.0, LIMIT.1, 0.0, self.timeout_seconds);
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

/// Whether a run got through its path in time.
fn finished_path(run: &&RunRow) -> bool {
    ["converged", "uncertified"].contains(&run.status.as_str())
}

fn record(runs: &[RunRow], points: &[PointRow], eps: &[f64], rows: &mut Rows) {
    let Comparison { rungs, ladder, .. } = comparison::summarise(runs, points, eps);
    let mut gaps: BTreeMap<&str, f64> = BTreeMap::new();
    for point in points {
        // A point without a certificate makes the worst gap unknown.
        let worst = gaps.entry(&point.run_id).or_insert(f64::NEG_INFINITY);
        *worst = if point.gap_rel.is_nan() {
            f64::NAN
        } else {
            worst.max(point.gap_rel)
        };
    }
    for rung in &rungs {
        let mut push = |what: &str, value: f64| {
            rows.push(&rung.contestant, &of(what, &rung.problem), rung.tol, value);
        };
        let same = |r: &&RunRow| {
            r.experiment == EXPERIMENT
                && r.problem.as_ref() == Some(&rung.problem)
                && r.contestant == rung.contestant
                && r.tol == rung.tol
        };
        // As the suboptimality is, that of the worst run that got through.
        let through = runs.iter().filter(same).filter(finished_path);
        let gap = through
            .filter_map(|r| gaps.get(r.run_id.as_str()).copied())
            .reduce(|a, b| {
                if a.is_nan() || b.is_nan() {
                    f64::NAN
                } else {
                    a.max(b)
                }
            });
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
                rows.push(
                    &cell.contestant,
                    &of(SECONDS, &cell.problem),
                    cell.eps,
                    seconds,
                );
                let quoted = |r: &&RunRow| {
                    r.problem.as_ref() == Some(&cell.problem)
                        && r.contestant == cell.contestant
                        && Some(r.tol) == cell.tol
                        && r.repeat > 0
                };
                let name = of(&of(REPEAT, &cell.problem), &format!("{:e}", cell.eps));
                for run in runs.iter().filter(quoted).filter(finished_path) {
                    if let Some(seconds) = run.path_seconds {
                        rows.push(&cell.contestant, &name, run.repeat as f64, seconds);
                    }
                }
            }
            None => {
                let why = reason(&cell.status, cell.reason.as_deref());
                rows.push(
                    &cell.contestant,
                    &absent(why, &cell.problem),
                    cell.eps,
                    f64::NAN,
                );
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

    /// Seconds of the repeats at that accuracy.
    pub fn repeats(&self, contestant: &str, problem: &str, eps: f64) -> Vec<f64> {
        let rounds = self.rounds(contestant, problem, eps);
        rounds.into_iter().map(|r| r.1).collect()
    }

    /// (number, seconds) of the repeats at that accuracy.
    fn rounds(&self, contestant: &str, problem: &str, eps: f64) -> Vec<(f64, f64)> {
        let name = of(&of(REPEAT, problem), &format!("{eps:e}"));
        self.0.line(contestant, &name)
    }

    /// Median of the first contestant's seconds over the second's, each within one round of repeats; NaN without a common round.
    ///
    /// A processor that is fast in some rounds and slow in others moves each median by itself, and hardly these ratios.
    pub fn ratio(&self, contestants: [&str; 2], problem: &str, eps: f64) -> f64 {
        median(&mut self.ratios(contestants, problem, eps))
    }

    /// That median with the interval it has when rounds are resampled.
    pub fn ratio_interval(&self, contestants: [&str; 2], problem: &str, eps: f64) -> Interval {
        let ratios = self.ratios(contestants, problem, eps);
        let median_of =
            |drawn: &[usize]| median(&mut drawn.iter().map(|&i| ratios[i]).collect::<Vec<f64>>());
        interval::of_statistic(ratios.len(), median_of)
    }

    /// The first contestant's seconds over the second's in each round that both have.
    fn ratios(&self, contestants: [&str; 2], problem: &str, eps: f64) -> Vec<f64> {
        let [above, below] = contestants.map(|who| self.rounds(who, problem, eps));
        (above.iter())
            .filter_map(|(round, seconds)| {
                let other = below.iter().find(|(same, _)| same == round)?;
                Some(seconds / other.1)
            })
            .collect()
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

    /// The time limit of a path, as "5 s".
    pub fn limit(&self) -> String {
        format!("{} s", self.0.value(LIMIT.0, LIMIT.1, 0.0))
    }

    /// "Versions: celer 0.7.4, glmnet 4.1.6.", of the packages that answered; empty if none did.
    pub fn versions(&self) -> String {
        let told = self.0.as_slice().iter().filter(|r| r.quantity == VERSION);
        let names: Vec<&str> = told.map(|r| r.series.as_str()).collect();
        match names.is_empty() {
            true => String::new(),
            false => format!("Versions: {}.", names.join(", ")),
        }
    }

    /// "Absent: celer, skglm (not installed); linfa (too slow, failed).", of the contestants that have no seconds at this accuracy on any
    /// of these problems, and the problems on which nobody has; empty if there are none.
    pub fn missing(&self, contestants: &[&str], problems: &[String], eps: f64) -> String {
        let without = |c: &str, p: &String| self.seconds(c, p, eps).is_nan();
        let mut named: Vec<(String, Vec<String>)> = Vec::new();
        for runner in runners(contestants.iter().copied()) {
            let id = runner.id.as_str();
            if !problems.iter().all(|p| without(id, p)) {
                continue;
            }
            let mut whys: Vec<&str> = Vec::new();
            for why in problems.iter().filter_map(|p| self.absence(id, p, eps)) {
                if !whys.contains(&why) {
                    whys.push(why);
                }
            }
            let whys = whys.join(", ");
            match named.iter_mut().find(|(before, _)| *before == whys) {
                Some((_, labels)) => labels.push(runner.label),
                None => named.push((whys, vec![runner.label])),
            }
        }
        let parts: Vec<String> = (named.iter())
            .filter(|(whys, _)| !whys.is_empty())
            .map(|(whys, labels)| format!("{} ({whys})", labels.join(", ")))
            .collect();
        let empty: Vec<&str> = (problems.iter())
            .filter(|p| contestants.iter().all(|c| without(c, p)))
            .map(String::as_str)
            .collect();
        let mut text = String::new();
        if !parts.is_empty() {
            text += &format!("Absent: {}. ", parts.join("; "));
        }
        // Where everything is empty the contestants have said why.
        if !empty.is_empty() && empty.len() < problems.len() {
            text += &format!("Without data: {}. ", empty.join(", "));
        }
        text.trim_end().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ladder::REFERENCE;

    fn run(contestant: &str, tol: f64, repeat: u64, seconds: f64) -> RunRow {
        RunRow {
            run_id: format!("{contestant}-{tol:e}-{repeat}"),
            experiment: EXPERIMENT.into(),
            problem: Some("toy".into()),
            contestant: contestant.into(),
            tol,
            repeat,
            path_seconds: Some(seconds),
            status: "converged".into(),
            null_loss: Some(1.0),
            ..RunRow::default()
        }
    }

    #[test]
    fn a_ratio_is_that_of_common_rounds() {
        // Both are twice as slow in some rounds, and the second has a round less, which turns the order of the medians.
        let (fast, slow) = ([2.0, 1.8, 3.6, 3.6, 3.6], [2.0, 2.0, 4.0, 4.0]);
        let mut runs = vec![run("a", 1e-4, 0, 1.0), run("b", 1e-4, 0, 1.0)];
        for (who, seconds) in [("a", &fast[..]), ("b", &slow[..])] {
            let numbered = (1u64..).zip(seconds);
            runs.extend(numbered.map(|(repeat, seconds)| run(who, 1e-4, repeat, *seconds)));
        }
        let point = |run: &RunRow| PointRow {
            run_id: run.run_id.clone(),
            primal: 1e-5,
            gap_rel: 1e-5,
            ..PointRow::default()
        };
        let points: Vec<PointRow> = runs.iter().map(point).collect();
        let mut rows = Rows::of(None);
        record(&runs, &points, &[1e-4], &mut rows);
        let raced = Raced(&rows);
        let ratio = raced.ratio(["a", "b"], "toy", 1e-4);
        assert!((ratio - 0.9).abs() < 1e-12, "{ratio}");
        let of = |who: &str| raced.seconds(who, "toy", 1e-4);
        assert!(of("a") / of("b") > 1.1);
        // Three rounds of 0.9 and one of 1: no resample leaves that range, and their medians reach both ends.
        let found = raced.ratio_interval(["a", "b"], "toy", 1e-4);
        assert_eq!((found.low, found.estimate), (0.9, ratio));
        assert!(found.low < found.high && found.high <= 1.0, "{found:?}");
    }

    #[test]
    fn rows_hold_times_at_accuracies_and_the_curve_of_tolerances() {
        let reference = RunRow {
            experiment: REFERENCE.into(),
            ..run("homotopy", 1e-13, 0, 1.0)
        };
        let absent = RunRow {
            status: "skipped".into(),
            reason: Some("not installed; try".into()),
            path_seconds: None,
            ..run("celer", 1e-2, 0, 0.0)
        };
        let runs = [
            reference,
            run("a", 1e-2, 0, 0.3),
            run("a", 1e-4, 0, 0.9),
            run("a", 1e-4, 1, 1.0),
            run("a", 1e-4, 2, 3.0),
            absent,
        ];
        let point = |run: &RunRow, primal: f64, gap: f64| PointRow {
            run_id: run.run_id.clone(),
            primal,
            dual: 0.0,
            gap_rel: gap,
            ..PointRow::default()
        };
        let points = [
            point(&runs[0], 0.0, 0.0),
            point(&runs[1], 1e-2, 2e-2),
            point(&runs[2], 1e-5, 3e-5),
            point(&runs[3], 1e-5, 3e-5),
            point(&runs[4], 1e-5, 3e-5),
        ];
        let mut rows = Rows::of(None);
        record(&runs, &points, &[1e-1, 1e-4, 1e-8], &mut rows);
        let raced = Raced(&rows);
        assert_eq!(raced.seconds("a", "toy", 1e-4), 2.0);
        assert_eq!(raced.seconds("a", "toy", 1e-1), 0.3);
        assert_eq!(raced.repeats("a", "toy", 1e-4), [1.0, 3.0]);
        assert_eq!(raced.ratio(["a", "a"], "toy", 1e-4), 1.0);
        assert!(raced.ratio(["a", "celer"], "toy", 1e-4).is_nan());
        assert_eq!(raced.suboptimality("a", "toy"), [(0.3, 1e-2), (2.0, 1e-5)]);
        assert_eq!(raced.gap("a", "toy"), [(0.3, 2e-2), (2.0, 3e-5)]);
        assert_eq!(raced.absence("a", "toy", 1e-8), Some("too inaccurate"));
        assert_eq!(raced.absence("a", "toy", 1e-4), None);
        assert_eq!(raced.absence("celer", "toy", 1e-4), Some("not installed"));
        let missing = raced.missing(&["a", "celer"], &["toy".into()], 1e-4);
        assert_eq!(missing, "Absent: celer (not installed).");
        assert_eq!(raced.missing(&["a"], &["toy".into()], 1e-4), "");
    }
}
