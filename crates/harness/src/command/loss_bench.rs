//! `regpath bench losses`: fits under losses beside the squared by the suite and by other packages.

use std::path::PathBuf;

use serde_json::json;

use super::{
    INTERRUPTED, WRONG, command_line, default_results, loss_table, progress_bar, say, usage, warn,
    within,
};
use crate::loss_contest::{self, EPS, Entry, Size, Task};
use crate::record::machine::Machine;
use crate::record::store::write_text;
use crate::stopwatch::{catch_interrupts, interrupted};

/// Rounds unless the user says otherwise.
const ROUNDS: usize = 5;
/// Rounds beyond which a request is a slip of the finger.
const MAX_ROUNDS: usize = 1000;

/// Arguments of `regpath bench losses`.
#[derive(clap::Args, Debug)]
pub(super) struct LossBench {
    /// How large the problems are: full as published, smoke in seconds
    #[arg(long, value_enum, default_value_t = Size::Full)]
    scale: Size,
    /// Problems of that scale, as median-10000x100, lad-lasso-500x100, logistic-1000x100 [default: all]
    #[arg(long, value_name = "ID,...", value_delimiter = ',')]
    problems: Vec<String>,
    /// Interleaved timed rounds; after one that takes a minute there is no other
    #[arg(long, value_name = "N", default_value_t = ROUNDS)]
    rounds: usize,
    /// Seconds after which one call is given up
    #[arg(long, value_name = "SECONDS", default_value_t = 600.0)]
    timeout: f64,
    /// Directory of losses.md [default: results/tables for a whole comparison at full scale from a clean tree with everything installed, else none is written]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Print JSON instead of the table
    #[arg(long)]
    json: bool,
    /// No progress, no table
    #[arg(long, short)]
    quiet: bool,
}

impl LossBench {
    pub(super) fn run(self) -> anyhow::Result<u8> {
        let tasks = self.check()?;
        catch_interrupts();
        let machine = Machine::detect();
        if let Some(out) = &self.out {
            std::fs::create_dir_all(out)
                .map_err(|e| usage(format!("cannot create --out {}: {e}", out.display())))?;
        }
        let mut entries = Vec::new();
        let bar = progress_bar(tasks.len(), self.quiet || self.json);
        for task in tasks {
            let id = task.id.clone();
            let progress = |what: &str| {
                bar.set_message(format!("{id}: {what}"));
                bar.tick();
            };
            progress("data and reference");
            match loss_contest::ground(task, self.timeout) {
                Err(_) => {
                    bar.finish_and_clear();
                    return Ok(INTERRUPTED);
                }
                Ok(Err(entry)) => entries.push(entry),
                Ok(Ok(ground)) => entries.extend(ground.contest(self.rounds, &progress)),
            }
            bar.inc(1);
            if interrupted() {
                bar.finish_and_clear();
                return Ok(INTERRUPTED);
            }
        }
        bar.finish_and_clear();
        self.report(&machine, &entries)
    }

    /// What the parser cannot check; returns the tasks.
    fn check(&self) -> anyhow::Result<Vec<Task>> {
        within("--rounds", self.rounds, MAX_ROUNDS)?;
        if !(self.timeout > 0.0 && self.timeout.is_finite()) {
            return Err(usage(format!(
                "--timeout is {}, expected a positive number of seconds",
                self.timeout
            )));
        }
        if self.problems.is_empty() {
            return Ok(loss_contest::all(self.scale));
        }
        for (i, id) in self.problems.iter().enumerate() {
            if self.problems[..i].contains(id) {
                return Err(usage(format!("--problems names '{id}' twice")));
            }
        }
        let tasks = self.problems.iter();
        let tasks = tasks.map(|id| loss_contest::find(id, self.scale));
        Ok(tasks.collect::<Result<_, _>>()?)
    }

    /// Whether this is a comparison that others may rely on.
    fn is_publishable(&self, machine: &Machine, entries: &[Entry]) -> bool {
        let complete = entries.iter().all(|e| !e.seconds.is_empty());
        let usual = self.problems.is_empty() && self.rounds == ROUNDS && self.scale == Size::Full;
        usual && complete && !machine.dirty
    }

    fn report(&self, machine: &Machine, entries: &[Entry]) -> anyhow::Result<u8> {
        let published = || {
            self.is_publishable(machine, entries)
                .then(|| default_results().join("tables"))
        };
        let file = match self.out.clone().or_else(published) {
            None => None,
            Some(out) => {
                std::fs::create_dir_all(&out)?;
                let file = out.join("losses.md");
                let heading = loss_table::Heading {
                    command: command_line(),
                    machine,
                    rounds: self.rounds,
                };
                write_text(&file, &loss_table::markdown(entries, &heading))?;
                Some(file)
            }
        };
        if self.json {
            say(&serde_json::to_string_pretty(&json!({
                "rows": entries, "table": file,
            }))?);
        } else {
            if !self.quiet {
                say(&loss_table::terminal(entries));
            }
            if let Some(file) = &file {
                say(&format!("table:   {}", file.display()));
            }
        }
        // Without a fit there is nothing that could be wrong.
        let wrong = entries.iter().filter(|e| e.subopt.is_some() && !e.agrees());
        let wrong: Vec<&Entry> = wrong.collect();
        for entry in &wrong {
            warn(&format!(
                "{}: {} is not within {EPS:e} of the best objective",
                entry.problem, entry.contestant
            ));
        }
        Ok(if wrong.is_empty() { 0 } else { WRONG })
    }
}
