//! `regpath check`: does a change make a path wrong, more work, hungrier or slower?

use std::path::PathBuf;

use super::check_record::Rows;
use super::check_report::{LayerReport, Report, Standing};
use super::gate_numbers::{
    Taken, default_baselines, expected, probe, take, timed, unless_interrupted,
};
use super::{INTERRUPTED, WRONG, default_history, say, usage, warn, workspace};
use crate::gate::Layer;
use crate::gate::base::Base;
use crate::gate::timing::ROUNDS;
use crate::record::history;
use crate::record::store::write_text;
use crate::stopwatch::catch_interrupts;

/// Arguments of `regpath check`.
#[derive(clap::Args, Debug)]
pub(super) struct Check {
    /// What is compared [default: all but time, and time where there is a --base]
    #[arg(long, value_delimiter = ',')]
    layers: Vec<Layer>,
    /// Commit to build, and to compare instructions, memory and time with, instead of with a baseline
    #[arg(long, value_name = "REV")]
    base: Option<String>,
    /// Folder of the baselines [default: results/baselines of the workspace]
    #[arg(long, value_name = "DIR")]
    baseline: Option<PathBuf>,
    /// End with code 5 where a layer has no baseline, instead of skipping it
    #[arg(long)]
    require_baseline: bool,
    /// End with code 5 unless these layers were compared, number by number
    #[arg(long, value_name = "LAYERS", value_delimiter = ',')]
    require: Vec<Layer>,
    /// Fail where more time is confirmed, instead of warning
    #[arg(long)]
    gate_time: bool,
    /// The bench binary `gate` to measure; built by cargo unless given
    #[arg(long, value_name = "FILE")]
    probe: Option<PathBuf>,
    /// Add what was measured to the history, unless an answer is wrong
    #[arg(long)]
    record: bool,
    /// File of the history [default: results/history.parquet of the workspace]
    #[arg(long, value_name = "FILE", requires = "record")]
    history: Option<PathBuf>,
    /// Write the report as JSON
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Write the report as Markdown, for a summary of CI or a comment
    #[arg(long, value_name = "FILE")]
    markdown: Option<PathBuf>,
}

impl Check {
    pub(super) fn run(self) -> anyhow::Result<u8> {
        unless_interrupted(self.compared())
    }

    fn compared(self) -> anyhow::Result<u8> {
        let layers = self.layers()?;
        let dir = self.baseline.clone().unwrap_or_else(default_baselines);
        // Broken files come to light before anything is built or measured.
        let mut expected = expected(&dir, &layers)?;
        let history = self.history.clone().unwrap_or_else(default_history);
        if self.record && history.exists() {
            history::read(&history)?;
        }
        catch_interrupts();
        let base = self.base()?;
        let needs_probe = layers
            .iter()
            .any(|l| !matches!(l, Layer::Answers | Layer::Work));
        let head = if needs_probe {
            probe(self.probe.as_deref())?
        } else {
            Err("it is not needed".into())
        };
        let base =
            match base.filter(|_| needs_probe) {
                Some(base) => Some(base.build()?.ok_or_else(|| {
                    format!("{} is from before there was a bench `gate`", base.commit)
                })),
                None => None,
            };
        let Some(taken) = take(&layers, &head)? else {
            return Ok(INTERRUPTED);
        };
        if let Some(base) = &base {
            let both = |l: &&Layer| matches!(l, Layer::Instructions | Layer::Memory);
            let of_base: Vec<Layer> = layers.iter().filter(both).copied().collect();
            let Some(found) = take(&of_base, base)? else {
                return Ok(INTERRUPTED);
            };
            for (benchmark, reason) in found.wrong {
                warn(&format!("{benchmark} is wrong in the base: {reason}"));
            }
            // Where the base has nothing, the baseline still has.
            let numbers = |(_, taken): &(Layer, Taken)| matches!(taken, Taken::Numbers(_));
            expected.extend(found.layers.into_iter().filter(numbers));
        }
        let mut rows = Rows::new();
        rows.counts(&taken);
        let mut report = Report::new(taken.wrong, self.gate_time);
        for (layer, found) in taken.layers {
            if let Some(expected) = expected.remove(&layer) {
                report.layers.push(LayerReport::new(layer, found, expected));
            }
        }
        if let Some(base) = base.filter(|_| layers.contains(&Layer::Time)) {
            let time = match (base, &head) {
                (Ok(base), Ok(head)) => match timed(&base, head, ROUNDS, false)? {
                    Some(found) => {
                        rows.times(&found.timings);
                        report.add_wrong(&found.wrong);
                        LayerReport::timed(found)
                    }
                    None => return Ok(INTERRUPTED),
                },
                (Err(reason), _) => LayerReport::absent(Layer::Time, Standing::NoBaseline(reason)),
                (_, Err(reason)) => {
                    LayerReport::absent(Layer::Time, Standing::Skipped(reason.clone()))
                }
            };
            report.layers.push(time);
        }
        report.decide(self.require_baseline, &self.require);
        say(&report.text());
        if let Some(path) = &self.json {
            write_text(path, &(serde_json::to_string_pretty(&report)? + "\n"))?;
        }
        if let Some(path) = &self.markdown {
            write_text(path, &report.markdown())?;
        }
        if self.record && report.exit_code != WRONG {
            history::append(&history, &rows.rows)?;
        }
        Ok(report.exit_code)
    }

    /// The layers that are compared, in order.
    fn layers(&self) -> anyhow::Result<Vec<Layer>> {
        let mut layers = self.layers.clone();
        if layers.is_empty() {
            layers.extend(Layer::KEPT);
            layers.extend(self.base.is_some().then_some(Layer::Time));
        }
        layers.sort_unstable();
        layers.dedup();
        let timed = layers.contains(&Layer::Time);
        if timed && self.base.is_none() {
            return Err(usage(
                "--layers time: time is compared with that of another commit; name it by --base",
            ));
        }
        let built = |l: &Layer| !matches!(l, Layer::Answers | Layer::Work);
        if self.base.is_some() && !layers.iter().any(built) {
            return Err(usage(
                "--base: answers and work are compared with baselines; it is for instructions, memory and time",
            ));
        }
        if self.gate_time && !timed {
            return Err(usage(
                "--gate-time: time is not among the layers; add --base",
            ));
        }
        if let Some(layer) = self.require.iter().find(|l| !layers.contains(l)) {
            let name = layer.name();
            return Err(usage(format!(
                "--require {name}: it is not among the layers"
            )));
        }
        Ok(layers)
    }

    fn base(&self) -> anyhow::Result<Option<Base>> {
        let Some(revision) = &self.base else {
            return Ok(None);
        };
        let root = workspace().ok_or_else(|| {
            usage(format!(
                "--base {revision}: there is no source tree around this folder"
            ))
        })?;
        Ok(Some(Base::find(root, revision)?))
    }
}
