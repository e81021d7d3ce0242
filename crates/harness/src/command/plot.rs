//! `regpath plot`: the figures of a recorded run, drawn again from its frames.

use std::path::{Path, PathBuf};

use anyhow::Context;

use super::{default_runs, say, usage};
use crate::figure::{FIGURES, Figure, Provenance};
use crate::record::machine::Machine;
use crate::record::store::read_frames;
use crate::record::{Plan, find_run};

/// Arguments of `regpath plot`.
#[derive(clap::Args, Debug)]
pub(super) struct Plot {
    /// Figures to draw; all unless given
    figures: Vec<String>,
    /// Run directory, or its name under --runs; the newest unless given
    #[arg(long)]
    run: Option<String>,
    /// Directory of runs [default: results/runs]
    #[arg(long, value_name = "DIR")]
    runs: Option<PathBuf>,
    /// Directory to draw into [default: figures/ in the run directory]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

impl Plot {
    pub(super) fn run(self) -> anyhow::Result<u8> {
        let figures = if self.figures.is_empty() {
            FIGURES.to_vec()
        } else {
            self.figures
                .iter()
                .map(|id| find(id))
                .collect::<anyhow::Result<_>>()?
        };
        let root = self.runs.unwrap_or_else(default_runs);
        let dir = find_run(&root, self.run.as_deref()).map_err(|e| usage(format!("{e:#}")))?;
        let out = self.out.unwrap_or_else(|| dir.join("figures"));
        let drawn = draw(&dir, &figures, &out)?;
        if drawn.is_empty() {
            return Err(usage(format!(
                "{} holds no rows for these figures",
                dir.display()
            )));
        }
        drawn
            .iter()
            .for_each(|path| say(&path.display().to_string()));
        Ok(0)
    }
}

fn find(id: &str) -> anyhow::Result<&'static dyn Figure> {
    FIGURES
        .iter()
        .copied()
        .find(|f| f.id() == id)
        .ok_or_else(|| {
            let known: Vec<&str> = FIGURES.iter().map(|f| f.id()).collect();
            usage(format!(
                "no figure is called '{id}'; there are {}",
                known.join(", ")
            ))
        })
}

/// Draws figures of the run in `dir`; the files written.
pub(super) fn draw(
    dir: &Path,
    figures: &[&'static dyn Figure],
    out: &Path,
) -> anyhow::Result<Vec<PathBuf>> {
    let frames = read_frames(dir)?;
    let machine = Machine::read(dir).ok();
    let provenance = Provenance {
        command: Plan::read(dir).map(|p| p.command).unwrap_or_default(),
        commit: machine.as_ref().map(Machine::revision).unwrap_or_default(),
        machine: machine.as_ref().map(Machine::summary).unwrap_or_default(),
    };
    std::fs::create_dir_all(out).map_err(|e| {
        usage(format!(
            "cannot create --out {}: {e}; choose a writable directory",
            out.display()
        ))
    })?;
    let mut drawn = Vec::new();
    for figure in figures {
        drawn.extend(
            figure
                .draw(&frames, &provenance, out)
                .with_context(|| format!("figure {}", figure.id()))?,
        );
    }
    Ok(drawn)
}
