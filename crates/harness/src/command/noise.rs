//! `regpath noise`: what this machine can tell from nothing.

use std::path::PathBuf;

use comfy_table::presets::NOTHING;
use comfy_table::{CellAlignment, Table};
use serde::Serialize;

use super::check_report::seconds;
use super::gate_numbers::{probe, timed, unless_interrupted};
use super::{INTERRUPTED, say, usage, within};
use crate::gate::noise::{Jitter, Ticks, jitter};
use crate::gate::timing::{BOUND, Change, ROUNDS, Timed, Timing};
use crate::record::machine::Machine;
use crate::stopwatch::catch_interrupts;

/// Rounds from which an interval of their median says something.
const MIN_ROUNDS: usize = 5;
/// Rounds beyond which a request is a slip of the finger.
const MAX_ROUNDS: usize = 10_000;

/// Arguments of `regpath noise`.
#[derive(clap::Args, Debug)]
pub(super) struct Noise {
    /// Rounds in which a program is timed against itself
    #[arg(long, value_name = "N", default_value_t = ROUNDS)]
    rounds: usize,
    /// The bench binary `gate` to measure; built by cargo unless given
    #[arg(long, value_name = "FILE")]
    probe: Option<PathBuf>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// What was found.
#[derive(Serialize)]
struct Report {
    machine: Machine,
    jitter: Jitter,
    /// Share of processor time that the host gave to somebody else while this measured.
    steal: Option<f64>,
    /// Benchmarks that were called slower or faster than themselves.
    false_alarms: usize,
    timings: Vec<Timing>,
}

impl Noise {
    pub(super) fn run(self) -> anyhow::Result<u8> {
        within("--rounds", self.rounds, MAX_ROUNDS)?;
        if self.rounds < MIN_ROUNDS {
            return Err(usage(format!(
                "--rounds is {}, expected at least {MIN_ROUNDS}: an interval of fewer says nothing",
                self.rounds
            )));
        }
        unless_interrupted(self.measured())
    }

    fn measured(self) -> anyhow::Result<u8> {
        catch_interrupts();
        let probe = probe(self.probe.as_deref())?.map_err(usage)?;
        let before = Ticks::now();
        let jitter = jitter();
        let Some(Timed { timings, wrong, .. }) = timed(&probe, &probe, self.rounds, self.json)?
        else {
            return Ok(INTERRUPTED);
        };
        if let Some((benchmark, reason)) = wrong.first() {
            anyhow::bail!("{benchmark} is wrong: {reason}");
        }
        let alarm = |t: &&Timing| matches!(t.change, Change::Slower | Change::Faster);
        let report = Report {
            machine: Machine::detect(),
            jitter,
            steal: before.zip(Ticks::now()).and_then(|(a, b)| b.steal_since(a)),
            false_alarms: timings.iter().filter(alarm).count(),
            timings,
        };
        say(&if self.json {
            serde_json::to_string_pretty(&report)?
        } else {
            report.text()
        });
        Ok(0)
    }
}

impl Report {
    fn text(&self) -> String {
        let mut table = Table::new();
        table.load_preset(NOTHING).set_header([
            "benchmark",
            "seconds",
            "cv",
            "against itself",
            "within",
        ]);
        for column in table.column_iter_mut().skip(1) {
            column.set_cell_alignment(CellAlignment::Right);
        }
        for timing in &self.timings {
            let unchanged = &timing.unchanged;
            table.add_row([
                timing.benchmark.clone(),
                seconds(timing.base),
                format!("{:.1} %", 100.0 * timing.cv),
                format!("{:.3} … {:.3}", unchanged.low, unchanged.high),
                percent(timing.resolution()),
            ]);
        }
        let Jitter {
            median,
            p99,
            slowest,
            ..
        } = self.jitter;
        let steal = match self.steal {
            Some(share) => format!("{:.2} %", 100.0 * share),
            None => "not known here".into(),
        };
        let worst = self.timings.iter().map(Timing::resolution);
        let worst = worst.fold(1.0, f64::max);
        let verdict = if worst > BOUND {
            format!(
                "; above the bound of {}: some are INCONCLUSIVE",
                percent(BOUND)
            )
        } else {
            String::new()
        };
        format!(
            "{}, load {}\n{table}\n\
             jitter: equal pieces of {} take {median:.3} times the fastest by the median, {p99:.3} in 1 of 100, \
             {slowest:.2} at most\n\
             steal: {steal}\n\
             false alarms: {} of {}\n\
             every benchmark is within {} of itself: smaller effects cannot be told from nothing{verdict}",
            self.machine.summary(),
            self.machine
                .load_average
                .map_or_else(|| "not known".into(), |l| l.to_string()),
            seconds(self.jitter.fastest),
            self.false_alarms,
            self.timings.len(),
            percent(worst)
        )
    }
}

fn percent(ratio: f64) -> String {
    format!("{:.1} %", 100.0 * (ratio - 1.0))
}
