//! `regpath baseline`: what is expected of the gate's paths, and how to change it.

use std::path::{Path, PathBuf};

use clap::Subcommand;

use super::check_report::cells;
use super::gate_numbers::{
    AllTaken, Taken, default_baselines, expected, probe, take, unless_interrupted,
};
use super::{INTERRUPTED, NO_BASELINE, WRONG, note, say, usage};
use crate::gate::Layer;
use crate::gate::baseline::{self, Baseline};
use crate::gate::compare::{Finding, compare};
use crate::gate::measure::Key;
use crate::stopwatch::catch_interrupts;

/// Arguments of `regpath baseline`.
#[derive(clap::Args, Debug)]
pub(super) struct Baselines {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand, Debug)]
enum Action {
    /// Print what is expected
    Show(Selection),
    /// Measure, and print what differs
    Diff(Selection),
    /// Measure, and make it what is expected from now on
    Update {
        #[command(flatten)]
        selection: Selection,
        /// Why: the line that a reviewer reads first
        #[arg(long)]
        reason: String,
    },
}

#[derive(clap::Args, Debug)]
struct Selection {
    /// Layers to take [default: all that have a baseline]
    #[arg(long, value_delimiter = ',')]
    layers: Vec<Layer>,
    /// Folder of the baselines [default: results/baselines of the workspace]
    #[arg(long, value_name = "DIR")]
    baseline: Option<PathBuf>,
    /// The bench binary `gate` to measure; built by cargo unless given
    #[arg(long, value_name = "FILE")]
    probe: Option<PathBuf>,
}

impl Baselines {
    pub(super) fn run(self) -> anyhow::Result<u8> {
        match self.action {
            Action::Show(selection) => show(&selection),
            Action::Diff(selection) => unless_interrupted(diff(&selection)),
            Action::Update { selection, reason } => unless_interrupted(update(&selection, &reason)),
        }
    }
}

impl Selection {
    fn dir(&self) -> PathBuf {
        self.baseline.clone().unwrap_or_else(default_baselines)
    }

    fn layers(&self) -> anyhow::Result<Vec<Layer>> {
        if self.layers.contains(&Layer::Time) {
            return Err(usage(
                "--layers time: time has no baseline; `check --base REV` compares it",
            ));
        }
        if self.layers.is_empty() {
            return Ok(Layer::KEPT.into());
        }
        Ok(self.layers.clone())
    }

    /// Measures; None if that was interrupted.
    fn take(&self, layers: &[Layer]) -> anyhow::Result<Option<AllTaken>> {
        catch_interrupts();
        let counted = layers
            .iter()
            .any(|l| matches!(l, Layer::Instructions | Layer::Memory));
        let probe = if counted {
            probe(self.probe.as_deref())?
        } else {
            Err("it is not needed".into())
        };
        take(layers, &probe)
    }
}

fn show(selection: &Selection) -> anyhow::Result<u8> {
    let dir = selection.dir();
    let mut missing = false;
    for layer in selection.layers()? {
        let path = baseline::path(&dir, layer);
        let Some(found) = baseline::read(&path)? else {
            note(&format!("{}: no baseline {}", layer.name(), path.display()));
            missing = true;
            continue;
        };
        say(&format!("# {}: {}", path.display(), found.reason));
        if let Some(toolchain) = found.toolchain {
            say(&format!("# {toolchain}"));
        }
        for (key, value) in found.metrics {
            say(&format!("{}\t{}\t{value}", key.cell, key.metric));
        }
    }
    Ok(if missing { NO_BASELINE } else { 0 })
}

fn diff(selection: &Selection) -> anyhow::Result<u8> {
    let layers = selection.layers()?;
    let mut expected = expected(&selection.dir(), &layers)?;
    let Some(taken) = selection.take(&layers)? else {
        return Ok(INTERRUPTED);
    };
    say_wrong(&taken);
    let wrong = !taken.wrong.is_empty();
    let mut code = 0;
    for (layer, taken) in taken.layers {
        let found = match taken {
            Taken::Numbers(found) => found,
            Taken::Missing(reason) => {
                note(&format!("{}: SKIPPED, {reason}", layer.name()));
                continue;
            }
        };
        let before = match expected.remove(&layer) {
            Some(Taken::Numbers(before)) if before.toolchain == found.toolchain => before.metrics,
            Some(Taken::Numbers(before)) => {
                let toolchain = before.toolchain.unwrap_or_default();
                note(&format!(
                    "{}: INCOMPATIBLE, the baseline is of {toolchain}",
                    layer.name()
                ));
                code = NO_BASELINE;
                continue;
            }
            _ => Default::default(),
        };
        for finding in compare(layer, &before, &found.metrics) {
            say(&cells(&finding).join("\t"));
        }
    }
    Ok(if wrong { WRONG } else { code })
}

fn say_wrong(taken: &AllTaken) {
    for (cell, why) in &taken.wrong {
        note(&format!("WRONG {cell}: {why}"));
    }
}

fn update(selection: &Selection, reason: &str) -> anyhow::Result<u8> {
    if reason.trim().is_empty() || reason.lines().count() > 1 {
        return Err(usage("--reason has to be one line that is not blank"));
    }
    let layers = selection.layers()?;
    let Some(taken) = selection.take(&layers)? else {
        return Ok(INTERRUPTED);
    };
    if !taken.wrong.is_empty() {
        say_wrong(&taken);
        note("error: a wrong answer is no baseline; nothing was written");
        return Ok(WRONG);
    }
    let dir = selection.dir();
    std::fs::create_dir_all(&dir)?;
    for (layer, taken) in taken.layers {
        match taken {
            Taken::Numbers(numbers) => {
                let reason = reason.trim().to_owned();
                let found = Baseline {
                    reason,
                    toolchain: numbers.toolchain,
                    metrics: numbers.metrics,
                };
                replace(&dir, layer, found)?;
            }
            Taken::Missing(why) => note(&format!("{}: SKIPPED, {why}", layer.name())),
        }
    }
    Ok(0)
}

/// Writes what has changed into the file of a layer: a number that counts as the same stays as it was, so that a reviewer sees
/// changes alone and small ones cannot add up, and a file without changes keeps its reason.
fn replace(dir: &Path, layer: Layer, mut found: Baseline) -> anyhow::Result<()> {
    let path = baseline::path(dir, layer);
    if let Some(before) = baseline::read(&path).ok().flatten()
        && before.toolchain == found.toolchain
    {
        let changes = compare(layer, &before.metrics, &found.metrics);
        if changes.is_empty() {
            say(&format!("{} is as it was", path.display()));
            return Ok(());
        }
        let changed = |key: &Key| {
            let is_it = |f: &Finding| f.cell == key.cell && f.metric == key.metric;
            changes.iter().any(is_it)
        };
        for (key, value) in before.metrics {
            if !changed(&key) {
                found.metrics.insert(key, value);
            }
        }
    }
    found.write(&path)?;
    say(&format!("wrote {}", path.display()));
    Ok(())
}
