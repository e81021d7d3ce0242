//! What `regpath plot` draws from: a recorded run, or what `fit` or `cv` wrote.

use std::path::{Path, PathBuf};

use super::usage;
use crate::figure::{Frames, Provenance};
use crate::loss::label;
use crate::model::{FILE, Model};
use crate::record::machine::Machine;
use crate::record::schema::{PointRow, Row, RunRow};
use crate::record::store::read_frames;
use crate::record::{Plan, find_run};

/// Where frames lie.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Place {
    /// A run directory.
    Run(PathBuf),
    /// The directory that `regpath fit` or `regpath cv` wrote.
    Fit(PathBuf),
}

/// Finds what `wanted` names: a directory, or the name of one under `root`; the newest run under `root` for None.
///
/// Errors: neither is there, or it holds no frames of a path.
pub(super) fn find(root: &Path, wanted: Option<&str>) -> anyhow::Result<Place> {
    let fit = |dir: &PathBuf| dir.join("points.parquet").exists() && dir.join(FILE).exists();
    let run = find_run(root, wanted);
    let Some(wanted) = wanted.filter(|_| run.is_err()) else {
        return run.map(Place::Run).map_err(|e| usage(format!("{e:#}")));
    };
    let places = [PathBuf::from(wanted), root.join(wanted)];
    if let Some(dir) = places.iter().find(|dir| fit(dir)) {
        return Ok(Place::Fit(dir.clone()));
    }
    let text = match places.iter().find(|dir| dir.is_dir()) {
        Some(dir) => format!(
            "{} holds no recorded run and no path: neither runs.parquet nor points.parquet with {FILE}",
            dir.display()
        ),
        None => format!(
            "no run '{wanted}': neither a run directory nor what `regpath fit` or `regpath cv` wrote, nor the name of a run under {}",
            root.display()
        ),
    };
    Err(usage(text))
}

impl Place {
    /// The directory.
    pub(super) fn dir(&self) -> &Path {
        match self {
            Self::Run(dir) | Self::Fit(dir) => dir,
        }
    }

    /// Whether cross-validation is there.
    pub(super) fn is_validated(&self) -> bool {
        self.dir().join("cv.parquet").exists()
    }

    /// The frames, and where their numbers come from. Errors: a file that is no frame.
    pub(super) fn read(&self) -> anyhow::Result<(Frames, Provenance)> {
        let frames = |dir| read_frames(dir).map_err(|e| usage(format!("{e:#}")));
        match self {
            Self::Run(dir) => Ok((frames(dir)?, provenance(dir))),
            Self::Fit(dir) => {
                let mut frames = frames(dir)?;
                frames.runs = RunRow::frame(&[row(dir, &frames)?])?;
                let command = match self.is_validated() {
                    true => "regpath cv",
                    false => "regpath fit",
                };
                let provenance = Provenance {
                    command: command.into(),
                    ..Provenance::default()
                };
                Ok((frames, provenance))
            }
        }
    }
}

/// What the caption of a picture of a run says.
pub(super) fn provenance(dir: &Path) -> Provenance {
    let machine = Machine::read(dir).ok();
    Provenance {
        command: Plan::read(dir).map(|p| p.command).unwrap_or_default(),
        commit: machine.as_ref().map(Machine::revision).unwrap_or_default(),
        machine: machine.as_ref().map(Machine::summary).unwrap_or_default(),
    }
}

/// The row of `runs` that a fit would have, from its model; the directory stands for the name of the data.
fn row(dir: &Path, frames: &Frames) -> anyhow::Result<RunRow> {
    let model = Model::read(dir)?;
    let id = (frames.points.column("run_id").ok())
        .and_then(|ids| ids.str().ok()?.get(0).map(str::to_owned));
    let statuses = PointRow::rows(&frames.points).map_or_else(
        |_| Vec::new(),
        |rows| rows.into_iter().map(|p| p.status).collect(),
    );
    let worse = statuses.into_iter().find(|s| s != "converged");
    let whole = std::path::absolute(dir).unwrap_or_else(|_| dir.to_path_buf());
    let name = whole.file_name().unwrap_or_default();
    Ok(RunRow {
        run_id: id.unwrap_or_default(),
        experiment: "fit".into(),
        dataset: name.to_string_lossy().into_owned(),
        n: model.n as u64,
        p: model.features.len() as u64,
        loss: model.loss_kind().map(label).unwrap_or(model.loss),
        alpha: model.alpha,
        chunks: 1,
        threads: 1,
        tol: model.tol,
        status: worse.unwrap_or_else(|| "converged".into()),
        ..RunRow::default()
    })
}
