//! The ladder: every contestant's own tolerances, loosest first, until each accuracy is certified; then timed repeats.
//!
//! A package's tolerance means what the package says: a gap, a KKT violation, a squared change. Times are comparable only
//! at equal accuracy, so what is quoted is the loosest tolerance at which the worst suboptimality over the whole path,
//! (P(β) − D_best) / null loss, is at most ε, with D_best the best dual value known at that λ.

use std::collections::{BTreeMap, HashSet};

use anyhow::Context;
use indicatif::ProgressBar;

use crate::contestant::Contestant;
use crate::prepared::Prepared;
use crate::problem::Problem;
use crate::record::schema::{LadderRow, PointRow, RunRow, RungRow};
use crate::record::store::read_rows;
use crate::record::{Plan, Recorder};
use crate::stopwatch::interrupted;
use crate::trial::{self, Conditions, Rows, Trial};

/// Experiment of the rungs in the frames.
pub const EXPERIMENT: &str = "peers";
/// Experiment of the solves that supply dual values.
pub const REFERENCE: &str = "peers-reference";
/// Contestant, tolerance and time limit of the reference.
const REFERENCE_SOLVER: (&str, f64, f64) = ("coordinate-descent", 1e-13, 600.0);
/// Timed repeats that are made however long they take.
const LEAST_REPEATS: usize = 3;

/// What is compared.
pub struct Ladder {
    /// Problems in order.
    pub problems: Vec<Problem>,
    /// Contestants in order.
    pub contestants: Vec<&'static dyn Contestant>,
    /// Accuracies, loosest first.
    pub eps: Vec<f64>,
    /// Timed repeats of each quoted rung; from the fourth on only while they have taken less than the time limit together.
    pub repeats: usize,
    /// Time limit of one path.
    pub timeout_seconds: f64,
    /// Time limit of another package's unmeasured first run.
    pub warm_up_seconds: f64,
}

impl Ladder {
    /// Everything that may be run, repeats left out: references and all rungs.
    pub fn plan(&self, command: String) -> Plan {
        let cells = |problem: &Problem| {
            let rungs = self.contestants.iter().flat_map(|c| {
                let tolerances = c.tolerances().iter();
                tolerances
                    .map(|&tol| self.rung(problem, *c, tol))
                    .collect::<Vec<_>>()
            });
            std::iter::once(reference(problem))
                .chain(rungs)
                .collect::<Vec<_>>()
        };
        Plan {
            command,
            contended: false,
            trials: self.problems.iter().flat_map(cells).collect(),
            timed_repeats: self.repeats,
        }
    }

    fn rung(&self, problem: &Problem, contestant: &dyn Contestant, tol: f64) -> Trial {
        let mut trial = problem.trial(EXPERIMENT, contestant.id());
        if contestant.is_peer() {
            trial.warm_up_seconds = self.warm_up_seconds;
        }
        Trial {
            tol,
            accuracy: self.eps.first().copied(),
            max_epochs: 10_000_000,
            timeout_seconds: Some(self.timeout_seconds),
            coefficients: false,
            ..trial
        }
        .named()
    }

    /// Runs what the record does not have; stops early after Ctrl-C.
    pub fn run(&self, recorder: &Recorder, bar: &ProgressBar) -> anyhow::Result<()> {
        bar.set_length((self.problems.len() * (self.contestants.len() + self.repeats)) as u64);
        let mut climb = Climb {
            recorder,
            bar,
            warmed: HashSet::new(),
            data: None,
            best_dual: Vec::new(),
        };
        for problem in &self.problems {
            climb.data = None;
            climb.best_dual = Vec::new();
            climb.measure(&reference(problem))?;
            let mut quoted: Vec<Vec<Trial>> = Vec::new();
            for &contestant in &self.contestants {
                quoted.push(self.walk(&mut climb, problem, contestant)?);
                bar.inc(1);
            }
            self.repeat(&mut climb, &quoted)?;
            if interrupted() {
                break;
            }
        }
        Ok(())
    }

    /// Walks the tolerances of one contestant; the rungs that are to be quoted.
    fn walk(
        &self,
        climb: &mut Climb,
        problem: &Problem,
        contestant: &dyn Contestant,
    ) -> anyhow::Result<Vec<Trial>> {
        let (mut pending, mut quoted) = (self.eps.as_slice(), Vec::new());
        for &tol in contestant.tolerances() {
            if pending.is_empty() || interrupted() {
                break;
            }
            let rung = self.rung(problem, contestant, tol);
            let found = climb.measure(&rung)?;
            if found.is_final() {
                break;
            }
            let reached = pending
                .iter()
                .take_while(|&&eps| found.subopt.is_some_and(|s| s <= eps))
                .count();
            if reached > 0 {
                quoted.push(rung);
                pending = &pending[reached..];
            }
        }
        Ok(quoted)
    }

    /// Timed repeats of the quoted rungs in the order A B A B.
    fn repeat(&self, climb: &mut Climb, quoted: &[Vec<Trial>]) -> anyhow::Result<()> {
        let mut spent: BTreeMap<&str, f64> = BTreeMap::new();
        for repeat in 1..=self.repeats {
            for rung in quoted.iter().flatten() {
                let spent = spent.entry(&rung.id).or_default();
                if interrupted() || (repeat > LEAST_REPEATS && *spent > self.timeout_seconds) {
                    continue;
                }
                let found = climb.measure(&rung.numbered(repeat))?;
                // One that breaks down is not asked again.
                *spent += if found.is_final() {
                    f64::INFINITY
                } else {
                    found.seconds.unwrap_or(0.0)
                };
            }
            climb.bar.inc(1);
        }
        Ok(())
    }
}

/// The solve whose dual points bound every contestant's suboptimality.
fn reference(problem: &Problem) -> Trial {
    let (solver, tol, limit) = REFERENCE_SOLVER;
    let trial = Trial {
        tol,
        max_epochs: 10_000_000,
        timeout_seconds: Some(limit),
        ..problem.trial(REFERENCE, solver)
    };
    trial.named()
}

/// One pass over a problem.
struct Climb<'a> {
    recorder: &'a Recorder,
    bar: &'a ProgressBar,
    warmed: HashSet<String>,
    data: Option<Prepared>,
    best_dual: Vec<f64>,
}

impl Climb<'_> {
    /// Runs a trial, or reads what an earlier session recorded of it.
    fn measure(&mut self, trial: &Trial) -> anyhow::Result<Found> {
        self.bar.set_message(trial.id.clone());
        let (run, points) = if self.recorder.is_done(trial) {
            let folder = self.recorder.folder(trial);
            let run = read_rows::<RunRow>(&folder)?
                .pop()
                .with_context(|| format!("{} has no run", folder.display()))?;
            (run, read_rows::<PointRow>(&folder)?)
        } else {
            let rows = self.run(trial);
            self.recorder.store(trial, &rows)?;
            (rows.run, rows.points)
        };
        for point in points.iter().filter(|p| p.dual.is_finite()) {
            let k = point.k as usize;
            if self.best_dual.len() <= k {
                self.best_dual.resize(k + 1, f64::NEG_INFINITY);
            }
            self.best_dual[k] = self.best_dual[k].max(point.dual);
        }
        Ok(Found {
            subopt: worst(&points),
            seconds: run.path_seconds,
            status: run.status,
        })
    }

    fn run(&mut self, trial: &Trial) -> Rows {
        if self.data.is_none() {
            match trial::load(trial) {
                Ok(data) => self.data = Some(data),
                Err(error) => return trial::skipped(trial, format!("{error:#}")),
            }
        }
        let Some(data) = &self.data else {
            return trial::skipped(trial, "no data".into());
        };
        let supported = crate::contestant::find(&trial.contestant)
            .and_then(|c| c.supports(trial.alpha, data.nrows(), data.ncols()));
        if let Err(reason) = supported {
            return trial::skipped(trial, reason);
        }
        let conditions = Conditions {
            contended: false,
            warm_up: self.warmed.insert(trial.repeated()),
            best_dual: &self.best_dual,
            progress: &|| self.bar.tick(),
        };
        trial::run(trial, data, conditions)
    }
}

/// What a trial gave.
struct Found {
    subopt: Option<f64>,
    seconds: Option<f64>,
    status: String,
}

impl Found {
    /// Whether a tighter tolerance, or another repeat, cannot go better.
    fn is_final(&self) -> bool {
        ["failed", "skipped", "timed_out", "interrupted"].contains(&self.status.as_str())
    }
}

/// Worst suboptimality over a path; None unless it is known at every λ.
fn worst<'a>(points: impl IntoIterator<Item = &'a PointRow>) -> Option<f64> {
    let known = points
        .into_iter()
        .map(|p| p.subopt.filter(|s| s.is_finite()));
    known
        .collect::<Option<Vec<f64>>>()?
        .into_iter()
        .reduce(f64::max)
}

/// The rungs that were walked and the rows of the comparison, from the rows of a run, in the order of the runs.
pub fn summarise(
    runs: &[RunRow],
    points: &[PointRow],
    eps: &[f64],
) -> (Vec<RungRow>, Vec<LadderRow>) {
    let mut by_run: BTreeMap<&str, Vec<&PointRow>> = BTreeMap::new();
    for point in points {
        by_run.entry(&point.run_id).or_default().push(point);
    }
    let mut cells: Vec<Cell> = Vec::new();
    for run in runs.iter().filter(|r| r.experiment == EXPERIMENT) {
        let subopt = by_run
            .get(run.run_id.as_str())
            .and_then(|points| worst(points.iter().copied()));
        let cell = cells
            .iter_mut()
            .position(|c| c.first.problem == run.problem && c.first.contestant == run.contestant);
        let cell = cell.unwrap_or_else(|| {
            cells.push(Cell {
                first: run,
                rungs: Vec::new(),
            });
            cells.len() - 1
        });
        cells[cell].add(run, subopt);
    }
    let rungs = cells.iter().flat_map(Cell::rung_rows).collect();
    let rows = cells
        .iter()
        .flat_map(|cell| eps.iter().map(|&eps| cell.ladder_row(eps)))
        .collect();
    (rungs, rows)
}

/// One contestant on one problem.
struct Cell<'a> {
    first: &'a RunRow,
    /// Loosest first.
    rungs: Vec<Rung<'a>>,
}

/// One tolerance with all of its runs.
struct Rung<'a> {
    runs: Vec<&'a RunRow>,
    /// The worst of all runs; None if one has no value.
    subopt: Option<f64>,
}

impl<'a> Cell<'a> {
    fn add(&mut self, run: &'a RunRow, subopt: Option<f64>) {
        match self.rungs.iter_mut().find(|rung| rung.tol() == run.tol) {
            Some(rung) => {
                rung.subopt = rung.subopt.zip(subopt).map(|(a, b)| a.max(b));
                rung.runs.push(run);
            }
            None => self.rungs.push(Rung {
                runs: vec![run],
                subopt,
            }),
        }
        self.rungs.sort_by(|a, b| b.tol().total_cmp(&a.tol()));
    }

    fn rung_rows(&self) -> Vec<RungRow> {
        let row = |rung: &Rung| {
            let (seconds, repeats) = rung.seconds();
            RungRow {
                problem: self.first.problem.clone().unwrap_or_default(),
                contestant: self.first.contestant.clone(),
                tol: rung.tol(),
                subopt: rung.subopt,
                seconds: median(&seconds),
                repeats: repeats as u64,
                status: rung.last().status.clone(),
                reason: rung.last().reason.clone(),
            }
        };
        self.rungs.iter().map(row).collect()
    }

    fn ladder_row(&self, eps: f64) -> LadderRow {
        let quoted = self
            .rungs
            .iter()
            .find(|rung| rung.subopt.is_some_and(|s| s <= eps));
        let shown = quoted.or(self.rungs.last());
        let version = self
            .rungs
            .iter()
            .flat_map(|r| &r.runs)
            .map(|r| r.version.clone())
            .find(|v| !v.is_empty());
        let mut row = LadderRow {
            problem: self.first.problem.clone().unwrap_or_default(),
            dataset: self.first.dataset.clone(),
            n: self.first.n,
            p: self.first.p,
            density: self.first.density,
            alpha: self.first.alpha,
            contestant: self.first.contestant.clone(),
            version: version.unwrap_or_default(),
            eps,
            rungs: self.rungs.len() as u64,
            tol: shown.map(Rung::tol),
            subopt: shown.and_then(|rung| rung.subopt),
            ..LadderRow::default()
        };
        match quoted {
            Some(rung) => {
                let (seconds, repeats) = rung.seconds();
                row.seconds = median(&seconds);
                row.seconds_min = seconds.first().copied();
                row.seconds_max = seconds.last().copied();
                row.repeats = repeats as u64;
                row.peak_rss_bytes = rung.runs.iter().filter_map(|r| r.peak_rss_bytes).max();
                row.status = "certified".into();
            }
            None => (row.status, row.reason) = self.why_not(),
        }
        row
    }

    /// Status and reason of an accuracy that was not reached.
    fn why_not(&self) -> (String, Option<String>) {
        let Some(last) = self.rungs.last() else {
            return ("skipped".into(), None);
        };
        let best = self
            .rungs
            .iter()
            .filter_map(|r| r.subopt.map(|s| (s, r.tol())))
            .reduce(|a, b| if b.0 < a.0 { b } else { a });
        let best = best.map(|(s, tol)| format!("suboptimality {s:.1e} at tolerance {tol:e}"));
        let run = last.last();
        match run.status.as_str() {
            "timed_out" => {
                let so_far = best.map_or_else(String::new, |b| format!("; {b}"));
                let reason = run.reason.clone().unwrap_or_default();
                (
                    "timed_out".into(),
                    Some(format!(
                        "time was up at tolerance {:e}, {reason}{so_far}",
                        last.tol()
                    )),
                )
            }
            "failed" | "skipped" | "interrupted" => (run.status.clone(), run.reason.clone()),
            _ => {
                let reached = best.or_else(|| run.reason.clone()).unwrap_or_default();
                (
                    "uncertified".into(),
                    Some(format!("no tolerance reaches it; best is {reached}")),
                )
            }
        }
    }
}

impl<'a> Rung<'a> {
    fn tol(&self) -> f64 {
        self.runs.first().map_or(f64::NAN, |r| r.tol)
    }

    fn last(&self) -> &'a RunRow {
        self.runs[self.runs.len() - 1]
    }

    /// Seconds of the timed repeats in increasing order, and how many there are; of the walk where there is none.
    fn seconds(&self) -> (Vec<f64>, usize) {
        let of = |timed: bool| {
            let runs = self.runs.iter().filter(|r| (r.repeat > 0) == timed);
            let mut seconds: Vec<f64> = runs.filter_map(|r| r.path_seconds).collect();
            seconds.sort_by(f64::total_cmp);
            seconds
        };
        match of(true) {
            timed if !timed.is_empty() => (timed.clone(), timed.len()),
            _ => (of(false), 0),
        }
    }
}

/// Median of increasing values.
fn median(sorted: &[f64]) -> Option<f64> {
    let middle = sorted.len() / 2;
    match sorted.len() {
        0 => None,
        n if n % 2 == 1 => Some(sorted[middle]),
        _ => Some((sorted[middle - 1] + sorted[middle]) / 2.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(contestant: &str, tol: f64, repeat: u64, seconds: f64, status: &str) -> RunRow {
        RunRow {
            run_id: format!("{contestant}-{tol:e}-{repeat}"),
            experiment: EXPERIMENT.into(),
            problem: Some("toy".into()),
            contestant: contestant.into(),
            version: "1.0".into(),
            tol,
            repeat,
            path_seconds: Some(seconds),
            status: status.into(),
            ..RunRow::default()
        }
    }

    fn points(run: &RunRow, subopts: &[Option<f64>]) -> Vec<PointRow> {
        let point = |(k, &subopt): (usize, &Option<f64>)| PointRow {
            run_id: run.run_id.clone(),
            k: k as u64,
            subopt,
            ..PointRow::default()
        };
        subopts.iter().enumerate().map(point).collect()
    }

    #[test]
    fn the_loosest_sufficient_rung_is_quoted_with_the_median_of_its_repeats() {
        let runs = [
            run("a", 1e-3, 0, 0.5, "uncertified"),
            run("a", 1e-4, 0, 0.9, "converged"),
            run("a", 1e-5, 0, 2.0, "converged"),
            run("a", 1e-4, 1, 1.0, "converged"),
            run("a", 1e-4, 2, 3.0, "converged"),
            run("a", 1e-4, 3, 1.5, "converged"),
        ];
        let worst = [1e-2, 5e-7, 1e-12, 5e-7, 6e-7, 5e-7];
        let points: Vec<PointRow> = runs
            .iter()
            .zip(worst)
            .flat_map(|(r, w)| points(r, &[Some(w / 10.0), Some(w)]))
            .collect();
        let (rungs, ladder) = summarise(&runs, &points, &[1e-6, 1e-10, 1e-14]);
        assert_eq!(rungs.len(), 3);
        assert_eq!(
            (ladder[0].tol, ladder[0].seconds, ladder[0].repeats),
            (Some(1e-4), Some(1.5), 3)
        );
        assert_eq!(
            (ladder[0].seconds_min, ladder[0].seconds_max),
            (Some(1.0), Some(3.0))
        );
        assert_eq!(
            (ladder[0].subopt, ladder[0].status.as_str()),
            (Some(6e-7), "certified")
        );
        // A rung without repeats shows the walk and says so.
        assert_eq!(
            (ladder[1].tol, ladder[1].seconds, ladder[1].repeats),
            (Some(1e-5), Some(2.0), 0)
        );
        assert_eq!(
            (ladder[2].status.as_str(), ladder[2].seconds),
            ("uncertified", None)
        );
        assert!(
            ladder[2]
                .reason
                .as_ref()
                .is_some_and(|r| r.contains("1.0e-12 at tolerance 1e-5"))
        );
    }

    #[test]
    fn a_repeat_that_is_worse_takes_the_certificate_away() {
        let runs = [
            run("a", 1e-4, 0, 1.0, "converged"),
            run("a", 1e-4, 1, 1.0, "uncertified"),
        ];
        let points: Vec<PointRow> = runs
            .iter()
            .zip([1e-8, 1e-2])
            .flat_map(|(r, w)| points(r, &[Some(w)]))
            .collect();
        assert_eq!(
            summarise(&runs, &points, &[1e-6]).1[0].status,
            "uncertified"
        );
    }

    #[test]
    fn what_went_wrong_is_the_status() {
        let mut late = run("slow", 1e-4, 0, 9.0, "timed_out");
        late.reason = Some("ended after 3 of 100 lambdas".into());
        let mut broken = run("broken", 1e-3, 0, 0.0, "failed");
        broken.reason = Some("its process died".into());
        let early = run("early", 1e-3, 0, 0.1, "incomplete");
        let runs = [
            run("slow", 1e-3, 0, 1.0, "uncertified"),
            late,
            broken,
            early,
        ];
        let mut all = points(&runs[0], &[Some(1e-3)]);
        all.extend(points(&runs[3], &[Some(1e-9), None]));
        let (_, ladder) = summarise(&runs, &all, &[1e-6]);
        let statuses: Vec<&str> = ladder.iter().map(|r| r.status.as_str()).collect();
        assert_eq!(statuses, ["timed_out", "failed", "uncertified"]);
        assert!(
            ladder[0]
                .reason
                .as_ref()
                .is_some_and(|r| r.contains("3 of 100") && r.contains("1.0e-3 at tolerance 1e-3"))
        );
        assert_eq!(ladder[1].reason.as_deref(), Some("its process died"));
    }

    #[test]
    fn nothing_is_certified_where_a_lambda_has_no_value() {
        assert_eq!(worst([].iter()), None);
        let run = run("a", 1.0, 0, 1.0, "converged");
        assert_eq!(worst(&points(&run, &[Some(1e-9), Some(f64::NAN)])), None);
        assert_eq!(worst(&points(&run, &[Some(1e-9), None])), None);
        assert_eq!(worst(&points(&run, &[Some(1e-9), Some(1e-8)])), Some(1e-8));
    }
}
