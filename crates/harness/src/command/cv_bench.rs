//! `regpath bench cross-validation`: the suite's cross-validation and that of other packages.

use std::path::PathBuf;

use serde_json::json;

use super::{
    INTERRUPTED, MAX_THREADS, WRONG, command_line, cv_table, default_results, progress_bar, say,
    usage, warn, within,
};
use crate::cv_contest::{self, AGREED, Entry, Ground, Task};
use crate::record::machine::Machine;
use crate::record::store::write_text;
use crate::stopwatch::{catch_interrupts, interrupted};

/// Rounds unless the user says otherwise.
const ROUNDS: usize = 5;
/// Threads unless the user says otherwise.
const THREADS: usize = 2;
/// Rounds beyond which a request is a slip of the finger.
const MAX_ROUNDS: usize = 1000;

/// Arguments of `regpath bench cross-validation`.
#[derive(clap::Args, Debug)]
pub(super) struct CvBench {
    /// Problems: prostate, diabetes, fht-100x5000-0.5, tall-100000x200; times are compared on the last two [default: all]
    #[arg(long, value_name = "ID,...", value_delimiter = ',')]
    problems: Vec<String>,
    /// Interleaved timed rounds; beyond the third only while a round takes less than a minute
    #[arg(long, value_name = "N", default_value_t = ROUNDS)]
    rounds: usize,
    /// Threads of everyone
    #[arg(long, value_name = "N", default_value_t = THREADS)]
    threads: usize,
    /// Seconds after which one call of another package is given up
    #[arg(long, value_name = "SECONDS", default_value_t = 600.0)]
    timeout: f64,
    /// Directory of cross-validation.md [default: results/tables for a whole comparison from a clean tree with everything installed, else none is written]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Print JSON instead of the tables
    #[arg(long)]
    json: bool,
    /// No progress, no tables
    #[arg(long, short)]
    quiet: bool,
}

impl CvBench {
    pub(super) fn run(self) -> anyhow::Result<u8> {
        let tasks = self.check()?;
        catch_interrupts();
        let machine = Machine::detect();
        if let Some(out) = &self.out {
            std::fs::create_dir_all(out)
                .map_err(|e| usage(format!("cannot create --out {}: {e}", out.display())))?;
        }
        let (mut agreement, mut speed) = (Vec::new(), Vec::new());
        let bar = progress_bar(tasks.len(), self.quiet || self.json);
        for task in tasks {
            let (id, timed) = (task.id.clone(), task.timed);
            let progress = |what: &str| {
                bar.set_message(format!("{id}: {what}"));
                bar.tick();
            };
            progress("data");
            let ground = match Ground::new(task, self.threads, self.timeout) {
                Err(_) if interrupted() => return Ok(INTERRUPTED),
                other => other?,
            };
            agreement.extend(ground.agreement(&progress));
            if timed && !interrupted() {
                speed.extend(ground.speed(self.rounds, &progress));
            }
            bar.inc(1);
            if interrupted() {
                bar.finish_and_clear();
                return Ok(INTERRUPTED);
            }
        }
        bar.finish_and_clear();
        self.report(&machine, &agreement, &speed)
    }

    /// What the parser cannot check; returns the tasks.
    fn check(&self) -> anyhow::Result<Vec<Task>> {
        within("--rounds", self.rounds, MAX_ROUNDS)?;
        within("--threads", self.threads, MAX_THREADS)?;
        if !(self.timeout > 0.0 && self.timeout.is_finite()) {
            return Err(usage(format!(
                "--timeout is {}, expected a positive number of seconds",
                self.timeout
            )));
        }
        if self.problems.is_empty() {
            return Ok(cv_contest::all());
        }
        for (i, id) in self.problems.iter().enumerate() {
            if self.problems[..i].contains(id) {
                return Err(usage(format!("--problems names '{id}' twice")));
            }
        }
        let tasks = self.problems.iter().map(|id| cv_contest::find(id));
        Ok(tasks.collect::<Result<_, _>>()?)
    }

    /// Whether this is a comparison that others may rely on.
    fn is_publishable(&self, machine: &Machine, agreement: &[Entry], speed: &[Entry]) -> bool {
        let missing = |e: &Entry| {
            e.reason
                .as_ref()
                .is_some_and(|r| r.contains("not installed"))
        };
        let complete = agreement.iter().all(|e| e.difference.is_some())
            && speed.iter().all(|e| !e.seconds.is_empty() && !missing(e));
        let usual = self.problems.is_empty() && self.rounds == ROUNDS && self.threads == THREADS;
        usual && complete && !machine.dirty
    }

    fn report(
        &self,
        machine: &Machine,
        agreement: &[Entry],
        speed: &[Entry],
    ) -> anyhow::Result<u8> {
        let published = || {
            self.is_publishable(machine, agreement, speed)
                .then(|| default_results().join("tables"))
        };
        let file = match self.out.clone().or_else(published) {
            None => None,
            Some(out) => {
                std::fs::create_dir_all(&out)?;
                let file = out.join("cross-validation.md");
                let heading = cv_table::Heading {
                    command: command_line(),
                    machine,
                    rounds: self.rounds,
                    threads: self.threads,
                };
                write_text(&file, &cv_table::markdown(agreement, speed, &heading))?;
                Some(file)
            }
        };
        if self.json {
            say(&serde_json::to_string_pretty(&json!({
                "agreement": agreement, "speed": speed, "table": file,
            }))?);
        } else {
            if !self.quiet {
                say(&cv_table::terminal(agreement, speed));
            }
            if let Some(file) = &file {
                say(&format!("table:   {}", file.display()));
            }
        }
        let wrong = agreement
            .iter()
            .filter(|e| e.difference.is_some_and(|d| !d.agrees()));
        let wrong: Vec<&Entry> = wrong.collect();
        for entry in &wrong {
            warn(&format!(
                "{}: {} and the suite differ by more than {AGREED:e}, or choose other lambda",
                entry.problem, entry.contestant
            ));
        }
        Ok(if wrong.is_empty() { 0 } else { WRONG })
    }
}
