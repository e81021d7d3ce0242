//! `regpath compare`: two recorded runs, trial by trial.

use std::path::{Path, PathBuf};

use clap::ValueEnum;
use comfy_table::presets::NOTHING;
use comfy_table::{Cell, CellAlignment, Table};
use serde::Serialize;

use super::{REGRESSION, default_runs, say, usage, warn};
use crate::compare_runs::{Metric, Pair, Recorded, Verdict, compare, geometric_mean};
use crate::record::machine::Machine;
use crate::record::store::{read_rows, write_text};
use crate::record::{find_run, run_directories};

/// Ratio from which a measurement is worse.
const THRESHOLD: f64 = 1.05;
/// Runs that a message names.
const NAMED: usize = 10;

/// Arguments of `regpath compare`.
#[derive(clap::Args, Debug)]
pub(super) struct Compare {
    /// The base: a run directory, or its name under --runs
    run_a: String,
    /// What is compared with it
    run_b: String,
    /// What is compared
    #[arg(long, value_enum, default_value = "path_seconds")]
    metric: Metric,
    /// Ratio from which a time or a size is worse [default: 1.05]; given for a counter, of which otherwise any difference counts, it holds there, too
    #[arg(long, value_name = "RATIO")]
    threshold: Option<f64>,
    /// Directory of runs [default: results/runs]
    #[arg(long, value_name = "DIR")]
    runs: Option<PathBuf>,
    /// Write the report as JSON
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Write the report as Markdown
    #[arg(long, value_name = "FILE")]
    markdown: Option<PathBuf>,
}

/// What a comparison found.
#[derive(Debug, Serialize)]
struct Report {
    exit_code: u8,
    base: String,
    other: String,
    metric: Metric,
    threshold: f64,
    /// Why the runs may not be comparable.
    warnings: Vec<String>,
    /// Geometric mean of the ratios.
    geometric_mean: Option<f64>,
    /// Trials that it is over.
    over: usize,
    pairs: Vec<Pair>,
}

impl Compare {
    pub(super) fn run(self) -> anyhow::Result<u8> {
        let default = if self.metric.is_counter() {
            1.0
        } else {
            THRESHOLD
        };
        let threshold = self.threshold.unwrap_or(default);
        if !(threshold.is_finite() && threshold >= 1.0) {
            return Err(usage(format!(
                "--threshold is {threshold}, expected a ratio of at least 1"
            )));
        }
        let (a, b) = (self.find(&self.run_a)?, self.find(&self.run_b)?);
        let (base, other) = (read(&a)?, read(&b)?);
        let pairs = compare(&base, &other, self.metric, threshold)?;
        let mean = geometric_mean(&pairs);
        let worse = |p: &Pair| matches!(p.verdict, Verdict::Worse | Verdict::Vanished);
        let report = Report {
            exit_code: if pairs.iter().any(worse) {
                REGRESSION
            } else {
                0
            },
            base: base.name,
            other: other.name,
            metric: self.metric,
            threshold,
            warnings: differences(&a, &b),
            geometric_mean: mean.map(|m| m.0),
            over: mean.map_or(0, |m| m.1),
            pairs,
        };
        report.warnings.iter().for_each(|text| warn(text));
        say(&report.text());
        if let Some(path) = &self.json {
            write_text(path, &(serde_json::to_string_pretty(&report)? + "\n"))?;
        }
        if let Some(path) = &self.markdown {
            write_text(path, &report.markdown())?;
        }
        Ok(report.exit_code)
    }

    fn find(&self, wanted: &str) -> anyhow::Result<PathBuf> {
        let root = self.runs.clone().unwrap_or_else(default_runs);
        find_run(&root, Some(wanted)).map_err(|error| {
            let known = run_directories(&root).unwrap_or_default();
            let names: Vec<String> = known.iter().rev().take(NAMED).map(|d| name(d)).collect();
            let there = match (names.len(), known.len()) {
                (0, _) => "there is none".into(),
                (all, count) if all == count => format!("there are {}", names.join(", ")),
                (_, count) => format!("the newest of {count} are {}", names.join(", ")),
            };
            usage(format!("{error:#}; {there}"))
        })
    }
}

fn name(dir: &Path) -> String {
    dir.file_name()
        .unwrap_or(dir.as_os_str())
        .to_string_lossy()
        .into_owned()
}

fn read(dir: &Path) -> anyhow::Result<Recorded> {
    let recorded = Recorded {
        name: name(dir),
        runs: read_rows(dir)?,
        points: read_rows(dir)?,
    };
    if recorded.runs.is_empty() {
        return Err(usage(format!(
            "{} holds no merged trials; `regpath bench --resume` finishes a run",
            dir.display()
        )));
    }
    Ok(recorded)
}

/// What differs between the machines of two runs and makes their numbers hard to compare.
fn differences(a: &Path, b: &Path) -> Vec<String> {
    let (Ok(a), Ok(b)) = (Machine::read(a), Machine::read(b)) else {
        return vec![
            "a run has no machine.json: whether both were made on one machine is unknown".into(),
        ];
    };
    let facts = [
        ("cpu", a.cpu, b.cpu),
        ("simd", a.simd, b.simd),
        ("cores", a.cores.to_string(), b.cores.to_string()),
        ("rustc", a.rustc, b.rustc),
        ("target_cpu", a.target_cpu, b.target_cpu),
    ];
    let differ = facts.into_iter().filter(|(_, a, b)| a != b);
    differ
        .map(|(fact, a, b)| format!("the runs differ in {fact}: '{a}' and '{b}'"))
        .collect()
}

const HEADS: [&str; 12] = [
    "experiment",
    "dataset",
    "solver",
    "alpha",
    "chunks",
    "thr",
    "tol",
    "A",
    "B",
    "B/A",
    "95 %",
    "verdict",
];
/// Columns of numbers.
const NUMBERS: std::ops::Range<usize> = 3..11;

impl Report {
    /// A pair as a row of a table.
    fn cells(&self, pair: &Pair) -> [String; 12] {
        let key = &pair.key;
        let number = |value: Option<f64>| match value {
            None => "-".into(),
            Some(value) if self.metric.is_counter() => format!("{value}"),
            Some(value) if self.metric == Metric::PeakRssBytes => format!("{value:.0}"),
            Some(value) => format!("{value:.4}"),
        };
        let interval = pair
            .interval
            .map_or_else(|| "-".into(), |(low, high)| format!("{low:.3}-{high:.3}"));
        let why = pair.why.as_ref();
        [
            key.experiment.clone(),
            key.dataset.clone(),
            key.contestant.clone(),
            key.alpha.to_string(),
            key.chunks.to_string(),
            key.threads.to_string(),
            format!("{:e}", key.tol),
            number(pair.base),
            number(pair.other),
            pair.ratio.map_or_else(|| "-".into(), |r| format!("{r:.3}")),
            interval,
            why.map_or_else(
                || self.word(pair.verdict).into(),
                |why| format!("{} ({why})", self.word(pair.verdict)),
            ),
        ]
    }

    fn word(&self, verdict: Verdict) -> &'static str {
        let timed = matches!(
            self.metric,
            Metric::PathSeconds | Metric::SetupSeconds | Metric::CpuSeconds
        );
        match (verdict, timed) {
            (Verdict::Vanished, _) => "vanished",
            (Verdict::Worse, true) => "slower",
            (Verdict::Worse, false) => "more",
            (Verdict::CannotTell, _) => "cannot tell",
            (Verdict::Same, _) => "same",
            (Verdict::Better, true) => "faster",
            (Verdict::Better, false) => "less",
            (Verdict::New, _) => "new",
        }
    }

    fn metric(&self) -> String {
        let name = self.metric.to_possible_value();
        name.map_or_else(String::new, |v| v.get_name().to_owned())
    }

    fn heading(&self) -> String {
        format!(
            "{}: A = {}, B = {}, threshold {}",
            self.metric(),
            self.base,
            self.other,
            self.threshold
        )
    }

    fn mean(&self) -> String {
        self.geometric_mean.map_or_else(
            || "no ratio to take a mean of".into(),
            |mean| {
                format!(
                    "geometric mean of B/A: {mean:.3} over {} of {} trials",
                    self.over,
                    self.pairs.len()
                )
            },
        )
    }

    fn last_line(&self) -> String {
        let kinds = [
            Verdict::Vanished,
            Verdict::Worse,
            Verdict::CannotTell,
            Verdict::Same,
            Verdict::Better,
            Verdict::New,
        ];
        let count = |kind| self.pairs.iter().filter(|p| p.verdict == kind).count();
        let parts: Vec<String> = (kinds.into_iter())
            .filter(|&kind| count(kind) > 0)
            .map(|kind| format!("{} {}", count(kind), self.word(kind)))
            .collect();
        let code = match self.exit_code {
            0 => String::new(),
            code => format!(" (code {code})"),
        };
        format!("{}{code}", parts.join(", "))
    }

    fn text(&self) -> String {
        let mut table = Table::new();
        table.load_preset(NOTHING);
        table.set_header(HEADS);
        for pair in &self.pairs {
            let aligned = |(i, text): (usize, String)| {
                Cell::new(text).set_alignment(if NUMBERS.contains(&i) {
                    CellAlignment::Right
                } else {
                    CellAlignment::Left
                })
            };
            table.add_row(self.cells(pair).into_iter().enumerate().map(aligned));
        }
        format!(
            "{}\n{table}\n{}\n{}",
            self.heading(),
            self.mean(),
            self.last_line()
        )
    }

    fn markdown(&self) -> String {
        let mut text = format!("### {}\n\n", self.heading());
        self.warnings
            .iter()
            .for_each(|warning| text += &format!("- warning: {warning}\n"));
        text += &format!("- {}\n- {}\n\n|", self.mean(), self.last_line());
        HEADS.iter().for_each(|head| text += &format!(" {head} |"));
        text += "\n|";
        (0..HEADS.len()).for_each(|i| {
            text += if NUMBERS.contains(&i) {
                "---:|"
            } else {
                "---|"
            }
        });
        text += "\n";
        for pair in &self.pairs {
            text += &format!("| {} |\n", self.cells(pair).join(" | "));
        }
        text
    }
}
