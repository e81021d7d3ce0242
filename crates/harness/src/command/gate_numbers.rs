//! The numbers of the gate's layers, measured with progress on the terminal.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::Context;

use super::{INTERRUPTED, default_results, note, progress_bar, workspace};
use crate::gate::count::{self, Counted, Valgrind, compiler};
use crate::gate::measure::{Metrics, measure};
use crate::gate::probe::Probe;
use crate::gate::timing::{self, Timed};
use crate::gate::{Layer, baseline, cell};
use crate::stopwatch::interrupted;

/// The numbers of one layer.
pub(super) struct Numbers {
    pub(super) metrics: Metrics,
    /// What they can only be compared within; None if anywhere.
    pub(super) toolchain: Option<String>,
}

/// The numbers of one layer, or why there are none.
pub(super) enum Taken {
    Numbers(Numbers),
    Missing(String),
}

/// What was found out about several layers.
#[derive(Default)]
pub(super) struct AllTaken {
    pub(super) layers: BTreeMap<Layer, Taken>,
    /// Paths and kernels whose answer is wrong, with the reason.
    pub(super) wrong: Vec<(String, String)>,
}

/// The bench binary, or why there is none: the one at `given`, or else that of the source tree around this folder. Errors: the tree
/// has none, or it does not build.
pub(super) fn probe(given: Option<&Path>) -> anyhow::Result<Result<Probe, String>> {
    if let Some(program) = given {
        return Ok(Ok(Probe::at(program.to_path_buf())));
    }
    let Some(root) = workspace() else {
        return Ok(Err("there is no source tree around this folder".into()));
    };
    let built = Probe::build(&root, None)?;
    let built = built.with_context(|| format!("{} has no bench `gate`", root.display()))?;
    Ok(Ok(built))
}

/// Measures the layers that have baselines, those of them that are asked for. None if that was interrupted.
pub(super) fn take(
    layers: &[Layer],
    probe: &Result<Probe, String>,
) -> anyhow::Result<Option<AllTaken>> {
    let mut all = AllTaken::default();
    if layers.contains(&Layer::Answers) || layers.contains(&Layer::Work) {
        let cells = cell::all();
        let bar = progress_bar(cells.len(), false);
        let measured = measure(&cells, |cell| {
            bar.set_message(cell.id.clone());
            bar.inc(1);
        });
        bar.finish_and_clear();
        let Some(mut measured) = measured? else {
            return Ok(None);
        };
        for layer in [Layer::Answers, Layer::Work] {
            let metrics = measured.metrics.remove(&layer).unwrap_or_default();
            let toolchain = None;
            all.put(
                layers,
                layer,
                Taken::Numbers(Numbers { metrics, toolchain }),
            );
        }
        all.wrong.append(&mut measured.uncertified);
    }
    if layers.contains(&Layer::Instructions) {
        let taken = match (probe, Valgrind::find()) {
            (Err(reason), _) => Taken::Missing(reason.clone()),
            (Ok(_), None) => Taken::Missing("valgrind is not installed".into()),
            (Ok(probe), Some(valgrind)) => {
                let toolchain = valgrind.toolchain(probe)?;
                match counted(probe, |progress| count::instructions(probe, progress))? {
                    Some(counted) => all.keep(counted, toolchain),
                    None => return Ok(None),
                }
            }
        };
        all.put(layers, Layer::Instructions, taken);
    }
    if layers.contains(&Layer::Memory) {
        let taken = match probe {
            Err(reason) => Taken::Missing(reason.clone()),
            Ok(probe) => match counted(probe, |progress| count::memory(probe, progress))? {
                Some(counted) => all.keep(counted, compiler()),
                None => return Ok(None),
            },
        };
        all.put(layers, Layer::Memory, taken);
    }
    for (layer, taken) in &all.layers {
        if let Taken::Numbers(numbers) = taken
            && all.wrong.is_empty()
        {
            anyhow::ensure!(
                !numbers.metrics.is_empty(),
                "{}: nothing was measured",
                layer.name()
            );
        }
    }
    Ok(Some(all))
}

/// Counts with a progress bar.
fn counted(
    probe: &Probe,
    count: impl FnOnce(&(dyn Fn(&str) + Sync)) -> anyhow::Result<Option<Counted>>,
) -> anyhow::Result<Option<Counted>> {
    let bar = progress_bar(probe.benchmarks()?.len(), false);
    let counted = count(&|name| {
        bar.set_message(name.to_owned());
        bar.inc(1);
    });
    bar.finish_and_clear();
    counted
}

/// Times two programs with a progress bar. None if that was interrupted.
pub(super) fn timed(
    base: &Probe,
    head: &Probe,
    rounds: usize,
    quiet: bool,
) -> anyhow::Result<Option<Timed>> {
    let timed = head.benchmarks()?.iter().filter(|b| b.timed).count();
    let bar = progress_bar(timed * rounds, quiet);
    let timings = timing::compare(base, head, rounds, &|name| {
        bar.set_message(name.to_owned());
        // What is looked at again comes on top.
        if Some(bar.position()) == bar.length() {
            bar.inc_length(1);
        }
        bar.inc(1);
    });
    bar.finish_and_clear();
    timings
}

impl AllTaken {
    fn put(&mut self, asked: &[Layer], layer: Layer, taken: Taken) {
        if asked.contains(&layer) {
            self.layers.insert(layer, taken);
        }
    }

    fn keep(&mut self, mut counted: Counted, toolchain: String) -> Taken {
        self.wrong.append(&mut counted.wrong);
        Taken::Numbers(Numbers {
            metrics: counted.metrics,
            toolchain: Some(toolchain),
        })
    }
}

/// The outcome of a command, unless a signal came in between: it also ends what the command had started, and what that then says
/// is not of interest.
pub(super) fn unless_interrupted(outcome: anyhow::Result<u8>) -> anyhow::Result<u8> {
    if !interrupted() {
        return outcome;
    }
    note("interrupted; nothing was compared");
    Ok(INTERRUPTED)
}

/// What the baselines in `dir` expect of these layers. Errors: a file that is no baseline.
pub(super) fn expected(dir: &Path, layers: &[Layer]) -> anyhow::Result<BTreeMap<Layer, Taken>> {
    let kept = layers.iter().filter(|l| Layer::KEPT.contains(l));
    kept.map(|&layer| {
        let path = baseline::path(dir, layer);
        let taken = match baseline::read(&path)? {
            Some(found) if !found.metrics.is_empty() => Taken::Numbers(Numbers {
                metrics: found.metrics,
                toolchain: found.toolchain,
            }),
            _ => Taken::Missing(format!(
                "no baseline {}; `baseline update --reason '...'` writes it",
                path.display()
            )),
        };
        Ok((layer, taken))
    })
    .collect()
}

pub(super) fn default_baselines() -> PathBuf {
    default_results().join("baselines")
}
