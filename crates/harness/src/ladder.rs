//! The ladder: every contestant's own tolerances, loosest first, until each accuracy is certified; then timed repeats.
//!
//! A package's tolerance means what the package says: a gap, a KKT violation, a squared change. Times are comparable only
//! at equal accuracy, so what is quoted is the loosest tolerance at which the worst suboptimality over the whole path,
//! (P(β) − D_best) / null loss, is at most ε, with D_best the best dual value known at that λ.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};

use indicatif::ProgressBar;

use crate::contestant::{Contestant, peer};
use crate::prepared::Prepared;
use crate::problem::Problem;
use crate::record::schema::{PointRow, RunRow};
use crate::record::store::read_rows;
use crate::record::{Plan, Recorder};
use crate::stopwatch::interrupted;
use crate::trial::{self, Conditions, Rows, Trial};

/// Experiment of the rungs in the frames.
pub const EXPERIMENT: &str = "peers";
/// Experiment of the solves that supply dual values.
pub const REFERENCE: &str = "peers-reference";
/// Contestant whose solves supply dual values, unless another is asked for.
pub const REFERENCE_SOLVER: &str = "homotopy";
/// Tolerance and time limit of the reference.
const REFERENCE_LIMITS: (f64, f64) = (1e-13, 600.0);
/// Timed repeats that are made however long they take, unless others are asked for.
pub const LEAST_REPEATS: usize = 3;
/// Seconds of a rung after which it is not repeated, unless others are asked for.
pub const ENOUGH_SECONDS: f64 = 5.0;

/// What is compared.
pub struct Ladder {
    /// Problems in order.
    pub problems: Vec<Problem>,
    /// Contestants in order.
    pub contestants: Vec<&'static dyn Contestant>,
    /// Contestant whose solves bound every contestant's suboptimality.
    pub reference: &'static str,
    /// Accuracies, loosest first.
    pub eps: Vec<f64>,
    /// Timed repeats of each quoted rung; beyond `least_repeats` only while it has taken less than `enough_seconds`.
    pub repeats: usize,
    /// Timed repeats that are made however long they take.
    pub least_repeats: usize,
    /// Seconds of a rung after which it is not repeated: of its path in the walk, and of the repeats with all that is around a path.
    pub enough_seconds: f64,
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
            std::iter::once(self.reference(problem))
                .chain(rungs)
                .collect::<Vec<_>>()
        };
        Plan {
            command,
            contended: false,
            trials: self.problems.iter().flat_map(cells).collect(),
            timed_repeats: self.repeats,
            build: build(),
        }
    }

    /// The solve whose dual points bound every contestant's suboptimality.
    fn reference(&self, problem: &Problem) -> Trial {
        let (tol, limit) = REFERENCE_LIMITS;
        let trial = Trial {
            tol,
            max_epochs: 10_000_000,
            timeout_seconds: Some(limit),
            ..problem.trial(REFERENCE, self.reference)
        };
        trial.named()
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
            climb.warmed = HashSet::new();
            climb.measure(&self.reference(problem))?;
            let mut quoted: Vec<(Trial, f64)> = Vec::new();
            for &contestant in &self.contestants {
                quoted.extend(self.walk(&mut climb, problem, contestant)?);
                bar.inc(1);
            }
            self.repeat(&mut climb, quoted)?;
            if interrupted() {
                break;
            }
        }
        Ok(())
    }

    /// Walks the tolerances of one contestant; the rungs that are to be quoted, each with the seconds it took.
    fn walk(
        &self,
        climb: &mut Climb,
        problem: &Problem,
        contestant: &dyn Contestant,
    ) -> anyhow::Result<Vec<(Trial, f64)>> {
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
                // Its path alone: a package compiles itself in the walk, and that is no reason to repeat it less.
                quoted.push((rung, found.path_seconds));
                pending = &pending[reached..];
            }
        }
        Ok(quoted)
    }

    /// Timed repeats of the quoted rungs in the order A B A B.
    fn repeat(&self, climb: &mut Climb, mut quoted: Vec<(Trial, f64)>) -> anyhow::Result<()> {
        for repeat in 1..=self.repeats {
            for (rung, spent) in &mut quoted {
                if interrupted() || (repeat > self.least_repeats && *spent > self.enough_seconds) {
                    continue;
                }
                let found = climb.measure(&rung.numbered(repeat))?;
                // One that breaks down is not asked again.
                *spent += if found.is_final() {
                    f64::INFINITY
                } else {
                    found.wall_seconds
                };
            }
            climb.bar.inc(1);
        }
        Ok(())
    }
}

/// A hash of this program and of every file beside the list of peers.
fn build() -> String {
    let mut hasher = DefaultHasher::new();
    let program = std::env::current_exe().and_then(std::fs::read);
    program.unwrap_or_default().hash(&mut hasher);
    for file in peer::files() {
        std::fs::read(file).unwrap_or_default().hash(&mut hasher);
    }
    format!("{:016x}", hasher.finish())
}

/// One pass over a problem.
struct Climb<'a> {
    recorder: &'a Recorder,
    bar: &'a ProgressBar,
    /// Contestants that have run on this data in a process that is still there.
    warmed: HashSet<String>,
    data: Option<Prepared>,
    best_dual: Vec<f64>,
}

impl Climb<'_> {
    /// Runs a trial, or reads what an earlier session recorded of it.
    fn measure(&mut self, trial: &Trial) -> anyhow::Result<Found> {
        self.bar.set_message(trial.id.clone());
        let (run, points) = match self.recorded(trial)? {
            Some(recorded) => recorded,
            None => {
                let rows = self.run(trial);
                self.recorder.store(trial, &rows)?;
                (rows.run, rows.points)
            }
        };
        for point in points.iter().filter(|p| p.dual.is_finite()) {
            let k = point.k as usize;
            if self.best_dual.len() <= k {
                self.best_dual.resize(k + 1, f64::NEG_INFINITY);
            }
            self.best_dual[k] = self.best_dual[k].max(point.dual);
        }
        let found = Found {
            subopt: worst(&points),
            path_seconds: run.path_seconds.unwrap_or(0.0),
            wall_seconds: run.wall_seconds.unwrap_or(0.0),
            status: run.status,
        };
        if found.is_final() {
            // Its process may be gone; the next one is cold.
            self.warmed.remove(&trial.contestant);
        }
        Ok(found)
    }

    /// What an earlier session recorded; what was skipped then may be there now.
    fn recorded(&self, trial: &Trial) -> anyhow::Result<Option<(RunRow, Vec<PointRow>)>> {
        if !self.recorder.is_done(trial) {
            return Ok(None);
        }
        let folder = self.recorder.folder(trial);
        let run = read_rows::<RunRow>(&folder)?
            .pop()
            .filter(|run| run.status != "skipped");
        let Some(run) = run else {
            return Ok(None);
        };
        Ok(Some((run, read_rows::<PointRow>(&folder)?)))
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
            let mut rows = trial::skipped(trial, reason);
            (rows.run.n, rows.run.p) = (data.nrows() as u64, data.ncols() as u64);
            rows.run.density = data.density();
            return rows;
        }
        let conditions = Conditions {
            contended: false,
            warm_up: self.warmed.insert(trial.contestant.clone()),
            best_dual: &self.best_dual,
            progress: &|| self.bar.tick(),
        };
        trial::run(trial, data, conditions)
    }
}

/// What a trial gave.
struct Found {
    subopt: Option<f64>,
    path_seconds: f64,
    wall_seconds: f64,
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contestant;
    use crate::dataset::Spec;
    use crate::record::machine::Machine;
    use crate::trial::GridSpec;

    /// Runs of one contestant on a small problem: its walk and its repeats.
    fn runs(least_repeats: usize, enough_seconds: f64) -> Vec<RunRow> {
        let problem = Problem {
            id: "small".into(),
            dataset: Spec {
                n: Some(60),
                p: Some(30),
                rho: Some(0.5),
                ..Spec::new("equicorrelated")
            },
            intercept: true,
            alpha: 1.0,
            grid: GridSpec::Geometric {
                n_lambda: 20,
                ratio: Some(0.05),
            },
            scale: crate::experiment::Scale::Laptop,
        };
        let ladder = Ladder {
            problems: vec![problem],
            contestants: vec![contestant::find("cyclic-naive").expect("a contestant")],
            reference: REFERENCE_SOLVER,
            eps: vec![1e-6],
            repeats: 12,
            least_repeats,
            enough_seconds,
            timeout_seconds: 60.0,
            warm_up_seconds: 60.0,
        };
        let root = tempfile::tempdir().expect("a temporary folder");
        let plan = ladder.plan("test".into());
        let recorder =
            Recorder::create(root.path(), "run", &plan, &Machine::detect()).expect("a run");
        ladder
            .run(&recorder, &ProgressBar::hidden())
            .expect("a walk");
        recorder.merge(&plan).expect("frames");
        let mut runs: Vec<RunRow> = read_rows(recorder.dir()).expect("frames");
        runs.retain(|run| run.experiment == EXPERIMENT);
        runs
    }

    /// Whole trials of the repeats, in order.
    fn repeats(runs: &[RunRow]) -> Vec<f64> {
        let mut repeats: Vec<&RunRow> = runs.iter().filter(|run| run.repeat > 0).collect();
        repeats.sort_by_key(|run| run.repeat);
        repeats.iter().filter_map(|run| run.wall_seconds).collect()
    }

    #[test]
    fn the_least_repeats_are_made_whatever_they_take_and_all_while_it_is_not_enough() {
        assert_eq!(repeats(&runs(0, 0.0)).len(), 0);
        assert_eq!(repeats(&runs(2, 0.0)).len(), 2);
        assert_eq!(repeats(&runs(0, f64::INFINITY)).len(), 12);
    }

    #[test]
    fn repeats_end_once_whole_trials_and_the_path_of_the_walk_are_enough() {
        // About half of the repeats, by what they took with no limit.
        let walls = repeats(&runs(0, f64::INFINITY));
        let enough = walls[..6].iter().sum();
        let found = runs(1, enough);
        let quoted = found.iter().rfind(|run| run.repeat == 0).expect("a walk");
        let walls = repeats(&found);
        let mut spent = quoted.path_seconds.expect("seconds");
        for (made, wall) in walls.iter().enumerate() {
            assert!(made < 1 || spent <= enough, "{made} repeats took {spent} s");
            spent += wall;
        }
        assert!(
            walls.len() == 12 || spent > enough,
            "{walls:?} took {spent} s"
        );
    }
}
