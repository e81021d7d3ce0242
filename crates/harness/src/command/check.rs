//! `regpath check`: does a change make a path wrong, or more work? And `regpath baseline`: what is expected of the paths.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use clap::Subcommand;
use comfy_table::Table;
use comfy_table::presets::NOTHING;
use serde::Serialize;

use super::{INTERRUPTED, REGRESSION, default_results, note, progress_bar, say, usage};
use crate::gate::Layer;
use crate::gate::baseline::{self, Baseline};
use crate::gate::cell;
use crate::gate::compare::{Finding, Verdict, compare};
use crate::gate::measure::{Measured, measure};
use crate::record::machine::Machine;
use crate::record::store::write_text;
use crate::stopwatch::{catch_interrupts, interrupted};

/// Exit code of an answer that is not the right one.
const WRONG: u8 = 4;
/// Exit code of a baseline that is needed and not there.
const NO_BASELINE: u8 = 5;

/// Differences that the terminal shows.
const SHOWN: usize = 30;

/// Arguments of `regpath check`.
#[derive(clap::Args, Debug)]
pub(super) struct Check {
    /// What is compared
    #[arg(long, value_delimiter = ',', default_values = ["answers", "work"])]
    layers: Vec<Layer>,
    /// Folder of the baselines [default: results/baselines of the workspace]
    #[arg(long, value_name = "DIR")]
    baseline: Option<PathBuf>,
    /// End with code 5 where a layer has no baseline, instead of skipping it
    #[arg(long)]
    require_baseline: bool,
    /// Write the report as JSON
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Write the report as Markdown, for a summary of CI or a comment
    #[arg(long, value_name = "FILE")]
    markdown: Option<PathBuf>,
}

/// How one layer ended.
#[derive(Debug, Serialize)]
struct LayerReport {
    layer: Layer,
    /// Numbers that were measured.
    measured: usize,
    /// Why it was not compared.
    #[serde(skip_serializing_if = "Option::is_none")]
    skipped: Option<String>,
    findings: Vec<Finding>,
}

/// A path whose certificate does not close.
#[derive(Debug, Serialize)]
struct Uncertified {
    cell: String,
    reason: String,
}

/// What a check found.
#[derive(Debug, Serialize)]
struct Report {
    exit_code: u8,
    machine: Machine,
    uncertified: Vec<Uncertified>,
    layers: Vec<LayerReport>,
}

impl Check {
    pub(super) fn run(self) -> anyhow::Result<u8> {
        let dir = self.baseline.clone().unwrap_or_else(default_baselines);
        let asked = |layer: &Layer| self.layers.contains(layer);
        let expected = (Layer::ALL.into_iter().filter(asked))
            .map(|layer| Ok((layer, baseline::read(&baseline::path(&dir, layer))?)))
            .collect::<anyhow::Result<Vec<_>>>()?;
        let Some(measured) = measured()? else {
            return Ok(INTERRUPTED);
        };
        let report = Report::new(measured, expected, &dir, self.require_baseline);
        say(&report.text());
        if let Some(path) = &self.json {
            write_text(path, &(serde_json::to_string_pretty(&report)? + "\n"))?;
        }
        if let Some(path) = &self.markdown {
            write_text(path, &report.markdown())?;
        }
        Ok(report.exit_code)
    }
}

/// All paths of the gate; None if that was interrupted.
fn measured() -> anyhow::Result<Option<Measured>> {
    catch_interrupts();
    let cells = cell::all();
    let bar = progress_bar(cells.len(), false);
    let measured = measure(&cells, |cell| {
        bar.set_message(cell.id.clone());
        bar.inc(1);
    });
    bar.finish_and_clear();
    let measured = measured?;
    if interrupted() {
        note("interrupted; nothing was compared");
        return Ok(None);
    }
    anyhow::ensure!(!measured.metrics.is_empty(), "nothing was measured");
    Ok(Some(measured))
}

fn default_baselines() -> PathBuf {
    default_results().join("baselines")
}

impl Report {
    fn new(
        mut measured: Measured,
        expected: Vec<(Layer, Option<Baseline>)>,
        dir: &Path,
        require_baseline: bool,
    ) -> Self {
        let mut layers = Vec::new();
        for (layer, expected) in expected {
            let found = measured.metrics.remove(&layer).unwrap_or_default();
            let (findings, skipped) = match expected {
                Some(expected) => (compare(layer, &expected.metrics, &found), None),
                None => {
                    let path = baseline::path(dir, layer);
                    (
                        Vec::new(),
                        Some(format!(
                            "no baseline {}; `baseline update --reason '...'` writes it",
                            path.display()
                        )),
                    )
                }
            };
            layers.push(LayerReport {
                layer,
                measured: found.len(),
                skipped,
                findings,
            });
        }
        let uncertified = measured.uncertified.into_iter();
        let mut report = Self {
            exit_code: 0,
            machine: Machine::detect(),
            uncertified: uncertified
                .map(|(cell, reason)| Uncertified { cell, reason })
                .collect(),
            layers,
        };
        report.exit_code = report.code(require_baseline);
        report
    }

    /// The gravest of what was found.
    fn code(&self, require_baseline: bool) -> u8 {
        let has = |verdict| self.count(verdict) > 0;
        if !self.uncertified.is_empty() || has(Verdict::Wrong) {
            WRONG
        } else if has(Verdict::Worse) || has(Verdict::Vanished) {
            REGRESSION
        } else if require_baseline && self.layers.iter().any(|l| l.skipped.is_some()) {
            NO_BASELINE
        } else {
            0
        }
    }

    fn count(&self, verdict: Verdict) -> usize {
        let findings = self.layers.iter().flat_map(|l| &l.findings);
        findings.filter(|f| f.verdict == verdict).count()
    }

    /// One line per layer, then what differs.
    fn text(&self) -> String {
        let mut text = String::new();
        for one in &self.uncertified {
            text += &format!("WRONG {}: {}\n", one.cell, one.reason);
        }
        let mut table = Table::new();
        table.load_preset(NOTHING);
        table.set_header(["layer", "path", "number", "expected", "found", "verdict"]);
        let mut rows = 0;
        for finding in self.layers.iter().flat_map(|l| &l.findings).take(SHOWN) {
            table.add_row(cells(finding));
            rows += 1;
        }
        if rows > 0 {
            text += &format!("{table}\n");
        }
        let all: usize = self.layers.iter().map(|l| l.findings.len()).sum();
        if all > rows {
            text += &format!("... and {} more; --json writes all\n", all - rows);
        }
        for layer in &self.layers {
            text += &format!("{}\n", layer.summary());
        }
        // Not beside a failure: that would be an invitation to write it down.
        if self.exit_code == 0 && self.count(Verdict::Better) + self.count(Verdict::New) > 0 {
            text += "baseline update --reason '...' makes what was found the new baseline\n";
        }
        text += self.last_line();
        text
    }

    fn last_line(&self) -> &'static str {
        match self.exit_code {
            0 => "check passed",
            REGRESSION => "check failed: more work than expected (code 3)",
            WRONG => "check failed: a wrong answer (code 4)",
            _ => "check failed: a baseline is missing (code 5)",
        }
    }

    fn markdown(&self) -> String {
        let mut text = format!("### {}\n\n", self.last_line());
        for layer in &self.layers {
            text += &format!("- {}\n", layer.summary());
        }
        for one in &self.uncertified {
            text += &format!("- WRONG `{}`: {}\n", one.cell, one.reason);
        }
        let findings: Vec<&Finding> = self.layers.iter().flat_map(|l| &l.findings).collect();
        if !findings.is_empty() {
            text += "\n| layer | path | number | expected | found | verdict |\n|---|---|---|---:|---:|---|\n";
            for finding in findings {
                let _ = writeln!(text, "| {} |", cells(finding).join(" | "));
            }
        }
        let machine = &self.machine;
        let _ = writeln!(
            text,
            "\n{}, commit {}",
            machine.summary(),
            machine.revision()
        );
        text
    }
}

impl LayerReport {
    fn summary(&self) -> String {
        let name = self.layer.name();
        if let Some(reason) = &self.skipped {
            return format!("{name}: SKIPPED, {reason}");
        }
        let count = |verdict| {
            self.findings
                .iter()
                .filter(|f| f.verdict == verdict)
                .count()
        };
        let kinds = [
            Verdict::Wrong,
            Verdict::Worse,
            Verdict::Vanished,
            Verdict::Better,
            Verdict::New,
        ];
        let parts: Vec<String> = (kinds.into_iter())
            .filter(|&kind| count(kind) > 0)
            .map(|kind| format!("{} {}", count(kind), word(kind)))
            .collect();
        let differing = if parts.is_empty() {
            "all as expected".into()
        } else {
            parts.join(", ")
        };
        format!("{name}: {} numbers, {differing}", self.measured)
    }
}

fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Wrong => "WRONG",
        Verdict::Worse => "worse",
        Verdict::Vanished => "vanished",
        Verdict::Better => "better",
        Verdict::New => "new",
    }
}

/// A finding as a row of a table.
fn cells(finding: &Finding) -> [String; 6] {
    let or_none = |value: &Option<String>| value.clone().unwrap_or_else(|| "-".into());
    [
        finding.layer.name().into(),
        finding.cell.clone(),
        finding.metric.clone(),
        or_none(&finding.expected),
        or_none(&finding.found),
        word(finding.verdict).into(),
    ]
}

/// Arguments of `regpath baseline`.
#[derive(clap::Args, Debug)]
pub(super) struct Baselines {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand, Debug)]
enum Action {
    /// Print what is expected
    Show(Folder),
    /// Measure, and print what differs
    Diff(Folder),
    /// Measure, and make it what is expected from now on
    Update {
        #[command(flatten)]
        folder: Folder,
        /// Why: the line that a reviewer reads first
        #[arg(long)]
        reason: String,
    },
}

#[derive(clap::Args, Debug)]
struct Folder {
    /// Folder of the baselines [default: results/baselines of the workspace]
    #[arg(long, value_name = "DIR")]
    baseline: Option<PathBuf>,
}

impl Baselines {
    pub(super) fn run(self) -> anyhow::Result<u8> {
        match self.action {
            Action::Show(folder) => show(&folder.path()),
            Action::Diff(folder) => diff(&folder.path()),
            Action::Update { folder, reason } => update(&folder.path(), &reason),
        }
    }
}

impl Folder {
    fn path(&self) -> PathBuf {
        self.baseline.clone().unwrap_or_else(default_baselines)
    }
}

fn show(dir: &Path) -> anyhow::Result<u8> {
    let mut missing = false;
    for layer in Layer::ALL {
        let path = baseline::path(dir, layer);
        let Some(found) = baseline::read(&path)? else {
            note(&format!("{}: no baseline {}", layer.name(), path.display()));
            missing = true;
            continue;
        };
        say(&format!("# {}: {}", path.display(), found.reason));
        for (key, value) in found.metrics {
            say(&format!("{}\t{}\t{value}", key.cell, key.metric));
        }
    }
    Ok(if missing { NO_BASELINE } else { 0 })
}

fn diff(dir: &Path) -> anyhow::Result<u8> {
    let read = |layer| baseline::read(&baseline::path(dir, layer));
    let expected = Layer::ALL.map(|layer| anyhow::Ok((layer, read(layer)?)));
    let expected = expected.into_iter().collect::<anyhow::Result<Vec<_>>>()?;
    let Some(measured) = measured()? else {
        return Ok(INTERRUPTED);
    };
    for (layer, expected) in expected {
        let expected = expected.map(|b| b.metrics).unwrap_or_default();
        let Some(found) = measured.metrics.get(&layer) else {
            continue;
        };
        for finding in compare(layer, &expected, found) {
            say(&cells(&finding).join("\t"));
        }
    }
    Ok(0)
}

fn update(dir: &Path, reason: &str) -> anyhow::Result<u8> {
    if reason.trim().is_empty() || reason.lines().count() > 1 {
        return Err(usage("--reason has to be one line that is not blank"));
    }
    let Some(measured) = measured()? else {
        return Ok(INTERRUPTED);
    };
    if !measured.uncertified.is_empty() {
        for (cell, why) in &measured.uncertified {
            note(&format!("WRONG {cell}: {why}"));
        }
        note("error: a wrong answer is no baseline; nothing was written");
        return Ok(WRONG);
    }
    std::fs::create_dir_all(dir)?;
    for (layer, metrics) in measured.metrics {
        let path = baseline::path(dir, layer);
        let before = baseline::read(&path).ok().flatten();
        if before.is_some_and(|b| compare(layer, &b.metrics, &metrics).is_empty()) {
            say(&format!("{} is as it was", path.display()));
            continue;
        }
        let reason = reason.trim().to_owned();
        Baseline { reason, metrics }.write(&path)?;
        say(&format!("wrote {}", path.display()));
    }
    Ok(0)
}
