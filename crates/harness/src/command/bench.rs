//! `regpath bench`: run experiments.

use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::Mutex;

use anyhow::Context;
use clap::ValueEnum;
use indicatif::ProgressBar;
use rayon::prelude::*;
use regpath_solvers::loss::LossKind;
use serde_json::json;

use super::claim_bench::ClaimBench;
use super::cv_bench::CvBench;
use super::loss_bench::LossBench;
use super::peers_bench::PeersBench;
use super::{
    INTERRUPTED, MAX_LAMBDAS, MAX_THREADS, command_line, default_runs, note, plot, progress_bar,
    say, summary, usage, within,
};
use crate::experiment::{self, EXPERIMENTS, Experiment, Scale};
use crate::figure::{FIGURES, Figure};
use crate::prepared::Prepared;
use crate::record::machine::Machine;
use crate::record::store::read_frames;
use crate::record::{Plan, Recorder};
use crate::stopwatch::{catch_interrupts, interrupted};
use crate::trial::{self, Conditions, GridSpec, Rows, Trial};

/// Arguments of `regpath bench`.
#[derive(clap::Args, Debug)]
#[command(args_conflicts_with_subcommands = true)]
pub(super) struct Bench {
    #[command(subcommand)]
    comparison: Option<Comparison>,
    /// Experiments to run; all unless given
    experiments: Vec<String>,
    /// How much is measured: smoke in seconds, laptop in minutes, paper in as long as it takes
    #[arg(long, value_enum, default_value_t = Scale::Laptop)]
    scale: Scale,
    /// One trial at a time (timing), or trials in parallel over cores, marked as contended (throughput)
    #[arg(long, value_enum, default_value_t = Mode::Timing)]
    mode: Mode,
    /// Trials at a time in throughput mode [default: all cores]
    #[arg(long, value_name = "N")]
    threads: Option<usize>,
    /// Skip repeats beyond this number
    #[arg(long, value_name = "N")]
    repeats: Option<usize>,
    /// Directory of runs [default: results/runs]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Go on with the newest run of the same plan and commit; what it has is not done again
    #[arg(long)]
    resume: bool,
    /// Print the plan and run nothing
    #[arg(long)]
    dry_run: bool,
    /// Run the trials of a plan printed by --dry-run --json
    #[arg(long, value_name = "FILE", conflicts_with = "experiments")]
    plan: Option<PathBuf>,
    /// Print JSON instead of tables
    #[arg(long)]
    json: bool,
    /// No progress, no table
    #[arg(long, short)]
    quiet: bool,
}

#[derive(clap::Subcommand, Debug)]
enum Comparison {
    /// Compare with other packages at equal certified accuracy
    Peers(PeersBench),
    /// Compare cross-validation with that of scikit-learn and glmnet: agreement of the curves, and time
    CrossValidation(CvBench),
    /// Compare median and logistic regression with quantreg, scikit-learn and glmnet: objectives, and time
    Losses(LossBench),
    /// Put what people say about L1 against L2 to the test, claim by claim
    Claims(ClaimBench),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Mode {
    Timing,
    Throughput,
}

impl Bench {
    pub(super) fn run(self) -> anyhow::Result<u8> {
        match self.comparison {
            Some(Comparison::Peers(peers)) => return peers.run(),
            Some(Comparison::CrossValidation(cv)) => return cv.run(),
            Some(Comparison::Losses(losses)) => return losses.run(),
            Some(Comparison::Claims(claims)) => return claims.run(),
            None => {}
        }
        within("--threads", self.threads.unwrap_or(1), MAX_THREADS)?;
        within("--repeats", self.repeats.unwrap_or(1), usize::MAX)?;
        let experiments = self.experiments()?;
        let plan = Plan {
            command: command_line(),
            contended: self.mode == Mode::Throughput,
            trials: self.trials(&experiments)?,
            timed_repeats: 0,
            build: String::new(),
        };
        if self.dry_run {
            return self.show(&plan);
        }
        catch_interrupts();
        let recorder = self.open(&plan)?;
        let todo: Vec<&Trial> = plan
            .trials
            .iter()
            .filter(|t| !recorder.is_done(t))
            .collect();
        if !self.quiet {
            let done = plan.trials.len() - todo.len();
            note(&format!(
                "{} trials, {done} already recorded, into {}",
                plan.trials.len(),
                recorder.dir().display()
            ));
        }
        let bar = progress_bar(todo.len(), self.quiet);
        match self.mode {
            Mode::Timing => one_by_one(&todo, &recorder, &bar)?,
            Mode::Throughput => self.in_parallel(&todo, &recorder, &bar)?,
        }
        bar.finish_and_clear();
        recorder.merge(&plan)?;
        if interrupted() {
            note("interrupted; the same command with --resume goes on from here");
            return Ok(INTERRUPTED);
        }
        let wanted: Vec<&'static dyn Figure> = FIGURES
            .iter()
            .copied()
            .filter(|f| experiments.iter().any(|e| e.figures().contains(&f.id())))
            .collect();
        let pictures = plot::draw(recorder.dir(), &wanted, &recorder.dir().join("figures"))?;
        self.report(&recorder, &pictures)
    }

    fn experiments(&self) -> anyhow::Result<Vec<&'static dyn Experiment>> {
        if self.experiments.is_empty() {
            let main = EXPERIMENTS.iter().filter(|e| !e.by_name_only());
            return Ok(main.copied().collect());
        }
        self.experiments
            .iter()
            .map(|id| experiment::find(id).map_err(usage))
            .collect()
    }

    fn trials(&self, experiments: &[&'static dyn Experiment]) -> anyhow::Result<Vec<Trial>> {
        let mut trials: Vec<Trial> = match &self.plan {
            None => experiments
                .iter()
                .flat_map(|e| e.trials(self.scale))
                .collect(),
            Some(path) => {
                let text = std::fs::read_to_string(path)
                    .map_err(|e| usage(format!("{}: {e}", path.display())))?;
                let plan: Plan = serde_json::from_str(&text).map_err(|e| {
                    usage(format!(
                        "{}: {e}; expected the output of --dry-run --json",
                        path.display()
                    ))
                })?;
                check(&plan.trials).map_err(|e| usage(format!("{}: {e:#}", path.display())))?;
                plan.trials
            }
        };
        trials.retain(|t| self.repeats.is_none_or(|limit| t.repeat < limit));
        Ok(trials)
    }

    fn show(&self, plan: &Plan) -> anyhow::Result<u8> {
        if self.json {
            say(&serde_json::to_string_pretty(plan)?);
        } else {
            plan.trials.iter().for_each(|t| say(&t.id));
        }
        Ok(0)
    }

    fn open(&self, plan: &Plan) -> anyhow::Result<Recorder> {
        let root = self.out.clone().unwrap_or_else(default_runs);
        let machine = Machine::detect();
        if self.resume
            && let Some(recorder) = Recorder::resume(&root, plan, &machine)?
        {
            return Ok(recorder);
        }
        let what = if self.experiments.is_empty() {
            "all".into()
        } else {
            self.experiments.join("+")
        };
        let scale = self
            .scale
            .to_possible_value()
            .map_or_else(String::new, |v| v.get_name().to_owned());
        let label = if self.plan.is_some() {
            "plan".into()
        } else {
            format!("{what}-{scale}")
        };
        let id = format!("{}-{label}", chrono::Utc::now().format("%Y%m%d-%H%M%S%.3f"));
        Recorder::create(&root, &id, plan, &machine)
            .map_err(|e| usage(format!("{e:#}; choose another --out")))
    }

    /// Trials on all cores at once: for coverage, not for times.
    fn in_parallel(
        &self,
        trials: &[&Trial],
        recorder: &Recorder,
        bar: &ProgressBar,
    ) -> anyhow::Result<()> {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let workers = self.threads.unwrap_or(cores);
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(workers)
            .build()
            .context("cannot start the workers")?;
        let first_error = Mutex::new(None);
        pool.install(|| {
            trials.par_iter().for_each(|trial| {
                if interrupted() {
                    return;
                }
                let conditions = Conditions {
                    contended: workers > 1,
                    warm_up: false,
                    best_dual: &[],
                    progress: &|| (),
                };
                let peer = crate::contestant::find(&trial.contestant).is_ok_and(|c| c.is_peer());
                let rows = match trial::load(trial) {
                    Ok(_) if peer => {
                        trial::skipped(trial, "other packages run one at a time".into())
                    }
                    Ok(data) => trial::run(trial, &data, conditions),
                    Err(error) => trial::skipped(trial, format!("{error:#}")),
                };
                if let Err(error) = recorder.store(trial, &rows)
                    && let Ok(mut first) = first_error.lock()
                {
                    first.get_or_insert(error);
                }
                bar.inc(1);
            });
        });
        match first_error.into_inner() {
            Ok(Some(error)) => Err(error),
            _ => Ok(()),
        }
    }

    fn report(&self, recorder: &Recorder, pictures: &[PathBuf]) -> anyhow::Result<u8> {
        let frames = read_frames(recorder.dir())?;
        let (worst, converged, others) = summary::verdict(&frames)?;
        if self.json {
            say(&serde_json::to_string_pretty(&json!({
                "run": recorder.dir(), "figures": pictures, "converged": converged, "not_converged": others,
                "worst_certified_gap": worst,
            }))?);
            return Ok(u8::from(converged == 0));
        }
        if !self.quiet {
            say(&summary::table(&frames)?);
        }
        let worst = worst.map_or_else(|| "none".into(), |w| format!("{w:.1e}"));
        say(&format!(
            "worst certified gap over all converged points: {worst}; {converged} runs converged, {others} did not"
        ));
        say(&format!("frames:  {}", recorder.dir().display()));
        pictures
            .iter()
            .for_each(|p| say(&format!("figure:  {}", p.display())));
        Ok(u8::from(converged == 0))
    }
}

/// What a plan from a file must satisfy before anything is written.
fn check(trials: &[Trial]) -> anyhow::Result<()> {
    if trials.is_empty() {
        return Err(usage("the plan has no trials"));
    }
    let mut ids = HashSet::new();
    for trial in trials {
        let id = trial.id.as_str();
        let plain = !id.is_empty() && id.len() <= 200 && !id.starts_with('.');
        if !plain || !ids.insert(id) {
            return Err(usage(format!(
                "trial id '{id}' must be unique, of 1 to 200 characters and not begin with a dot"
            )));
        }
        experiment::find(&trial.experiment).map_err(|e| usage(format!("trial '{id}': {e}")))?;
        crate::contestant::find(&trial.contestant)
            .map_err(|e| usage(format!("trial '{id}': {e}")))?;
        within(&format!("trial '{id}': chunks"), trial.chunks, MAX_LAMBDAS)?;
        within(
            &format!("trial '{id}': threads"),
            trial.threads,
            MAX_THREADS,
        )?;
        if let GridSpec::Geometric { n_lambda, .. } = trial.grid {
            within(&format!("trial '{id}': n_lambda"), n_lambda, MAX_LAMBDAS)?;
        }
        if trial.tol.is_nan() || trial.tol <= 0.0 {
            return Err(usage(format!(
                "trial '{id}': tol is {}, expected a positive number",
                trial.tol
            )));
        }
        if trial
            .timeout_seconds
            .is_some_and(|s| s.is_nan() || s <= 0.0)
        {
            return Err(usage(format!(
                "trial '{id}': timeout_seconds must be positive"
            )));
        }
    }
    Ok(())
}

/// Trials one at a time, with nothing else running.
fn one_by_one(trials: &[&Trial], recorder: &Recorder, bar: &ProgressBar) -> anyhow::Result<()> {
    let mut loaded: Option<(Trial, Prepared)> = None;
    let (mut too_slow, mut warmed) = (HashSet::new(), HashSet::new());
    for trial in trials {
        if interrupted() {
            break;
        }
        bar.set_message(trial.id.clone());
        let rows = if too_slow.contains(&trial.repeated()) {
            trial::skipped(trial, "an earlier repeat ran out of time".into())
        } else {
            measure(trial, warmed.insert(trial.repeated()), &mut loaded, bar)
        };
        if rows.run.status == "timed_out" {
            too_slow.insert(trial.repeated());
        }
        recorder.store(trial, &rows)?;
        bar.inc(1);
    }
    Ok(())
}

/// Runs the trial on its data, which is kept for the next trial; warms up where this is its first repeat in the process.
fn measure(
    trial: &Trial,
    warm_up: bool,
    loaded: &mut Option<(Trial, Prepared)>,
    bar: &ProgressBar,
) -> Rows {
    let ready = (loaded.as_ref()).is_some_and(|(earlier, _)| same_data(earlier, trial));
    if !ready {
        // The old data goes before the new comes, or both would be in memory.
        *loaded = None;
        match trial::load(trial) {
            Ok(data) => *loaded = Some((trial.clone(), data)),
            Err(error) => return trial::skipped(trial, format!("{error:#}")),
        }
    }
    let Some((_, data)) = loaded else {
        return trial::skipped(trial, "no data".into());
    };
    let conditions = Conditions {
        contended: false,
        warm_up,
        best_dual: &[],
        progress: &|| bar.tick(),
    };
    trial::run(trial, data, conditions)
}

/// Whether both trials work on the same prepared data, which for losses beside the squared hold the penalty too.
fn same_data(a: &Trial, b: &Trial) -> bool {
    let prepared = |t: &Trial| (t.dataset.clone(), t.intercept, t.standardize, t.loss);
    prepared(a) == prepared(b) && (a.loss == LossKind::Squared || a.alpha == b.alpha)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::Spec;

    #[test]
    fn data_are_prepared_anew_for_another_loss() {
        let squared = Trial::new("paths", Spec::new("engel"), "auto", 1.0);
        let ridge = Trial {
            alpha: 0.0,
            ..squared.clone()
        };
        let absolute = Trial {
            loss: LossKind::Absolute,
            ..squared.clone()
        };
        let half = Trial {
            alpha: 0.5,
            ..absolute.clone()
        };
        assert!(same_data(&squared, &ridge) && same_data(&absolute, &absolute));
        assert!(!same_data(&squared, &absolute) && !same_data(&absolute, &half));
    }
}
