//! `regpath plot`: the figures of a recorded run, drawn again from its frames, and that of the gate's history.

use std::path::{Path, PathBuf};

use anyhow::Context;

use super::{claim_bench, default_history, default_runs, say, usage};
use crate::claim::CLAIMS;
use crate::figure::{FIGURES, Figure, Frames, Provenance, Source};
use crate::record::history;
use crate::record::machine::Machine;
use crate::record::store::read_frames;
use crate::record::{Plan, find_run};

/// Arguments of `regpath plot`.
#[derive(clap::Args, Debug)]
pub(super) struct Plot {
    /// Figures to draw; all of a run unless given
    figures: Vec<String>,
    /// Run directory, or its name under --runs; the newest unless given
    #[arg(long)]
    run: Option<String>,
    /// Directory of runs [default: results/runs]
    #[arg(long, value_name = "DIR")]
    runs: Option<PathBuf>,
    /// What `check --record` wrote, for the figure history [default: results/history.parquet of the workspace]
    #[arg(long, value_name = "FILE")]
    history: Option<PathBuf>,
    /// What `regpath cv` wrote, for the figure cv [default: regpath-cv]
    #[arg(long, value_name = "DIR", conflicts_with = "history")]
    cv: Option<PathBuf>,
    /// What `regpath bench claims` recorded; its pictures are those of the claims [default: results/runs/claims]
    #[arg(long, value_name = "DIR", num_args = 0..=1, default_missing_value = "", conflicts_with_all = ["history", "cv", "run", "figures"])]
    claims: Option<PathBuf>,
    /// Directory to draw into [default: figures/ in the run directory, in that of cv or of claims, or beside the history]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

impl Plot {
    pub(super) fn run(self) -> anyhow::Result<u8> {
        if let Some(dir) = &self.claims {
            return self.of_claims(dir);
        }
        let named: Vec<&'static dyn Figure> = self
            .figures
            .iter()
            .map(|id| find(id))
            .collect::<anyhow::Result<_>>()?;
        // A history or a cross-validation that is named asks for its figure.
        let source = match (&self.history, &self.cv) {
            (Some(_), _) => Source::History,
            (_, Some(_)) => Source::Validation,
            _ => Source::Run,
        };
        let wanted: Vec<&'static dyn Figure> = if named.is_empty() {
            let of = |f: &&dyn Figure| f.source() == source;
            FIGURES.iter().copied().filter(of).collect()
        } else {
            named
        };
        let of = |source: Source| -> Vec<&'static dyn Figure> {
            let wanted = wanted.iter().copied();
            wanted.filter(|f| f.source() == source).collect()
        };
        let (of_run, of_cv) = (of(Source::Run), of(Source::Validation));
        let of_history = of(Source::History);
        let mut drawn = Vec::new();
        if !of_run.is_empty() {
            drawn.extend(self.of_run(&of_run)?);
        }
        if !of_cv.is_empty() {
            drawn.extend(self.of_cv(&of_cv)?);
        }
        if !of_history.is_empty() {
            drawn.extend(self.of_history(&of_history)?);
        }
        drawn
            .iter()
            .for_each(|path| say(&path.display().to_string()));
        Ok(0)
    }

    fn of_run(&self, figures: &[&'static dyn Figure]) -> anyhow::Result<Vec<PathBuf>> {
        let root = self.runs.clone().unwrap_or_else(default_runs);
        let dir = find_run(&root, self.run.as_deref()).map_err(|e| usage(format!("{e:#}")))?;
        let out = self.out.clone().unwrap_or_else(|| dir.join("figures"));
        let drawn = draw(&dir, figures, &out)?;
        if drawn.is_empty() {
            return Err(usage(format!(
                "{} holds no rows for these figures",
                dir.display()
            )));
        }
        Ok(drawn)
    }

    fn of_cv(&self, figures: &[&'static dyn Figure]) -> anyhow::Result<Vec<PathBuf>> {
        let dir = self.cv.clone().unwrap_or_else(|| "regpath-cv".into());
        let frames = read_frames(&dir)?;
        if frames.cv.height() == 0 {
            return Err(usage(format!(
                "no cross-validation in {}; `regpath cv` makes one, and --cv says where it is",
                dir.display()
            )));
        }
        let out = self.out.clone().unwrap_or_else(|| dir.join("figures"));
        let provenance = Provenance {
            command: "regpath cv".into(),
            ..Provenance::default()
        };
        pictures(&frames, &provenance, figures, &out)
    }

    fn of_claims(&self, dir: &Path) -> anyhow::Result<u8> {
        let dir = match dir.as_os_str().is_empty() {
            true => default_runs().join("claims"),
            false => dir.to_path_buf(),
        };
        let judged = claim_bench::judge(&dir, CLAIMS)?;
        if judged.is_empty() {
            return Err(usage(format!(
                "no claims in {}; `regpath bench claims` measures them",
                dir.display()
            )));
        }
        let out = self.out.clone().unwrap_or_else(|| dir.join("figures"));
        let files = claim_bench::draw(&judged, &out)?;
        say(&format!(
            "figures: {} ({} files)",
            out.display(),
            files.len()
        ));
        Ok(0)
    }

    fn of_history(&self, figures: &[&'static dyn Figure]) -> anyhow::Result<Vec<PathBuf>> {
        let file = self.history.clone().unwrap_or_else(default_history);
        let frames = history::frames(&file)?;
        if frames.history.height() == 0 {
            return Err(usage(format!("{} has no rows", file.display())));
        }
        let out = (self.out.clone()).unwrap_or_else(|| file.with_file_name("figures"));
        let provenance = Provenance {
            command: "regpath check --record".into(),
            ..Provenance::default()
        };
        pictures(&frames, &provenance, figures, &out)
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
    pictures(&frames, &provenance, figures, out)
}

/// Draws figures of these frames; the files written.
fn pictures(
    frames: &Frames,
    provenance: &Provenance,
    figures: &[&'static dyn Figure],
    out: &Path,
) -> anyhow::Result<Vec<PathBuf>> {
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
                .draw(frames, provenance, out)
                .with_context(|| format!("figure {}", figure.id()))?,
        );
    }
    Ok(drawn)
}
