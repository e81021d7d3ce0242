//! The directory of a run: the plan, the machine, one folder per finished trial, and the merged frames.
//!
//! ```text
//! <id>/plan.json  machine.json  trials/<trial id>/{runs,points,coefs,curve}.parquet complete.json
//! <id>/{runs,points,coefs,curve}.parquet  figures/
//! <id>/{rungs,ladder}.parquet  tables/    of a comparison with peers
//! ```
//! A trial's folder is written under a temporary name and renamed when it is complete: killing the process loses the
//! trial in flight and nothing else.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use serde::{Deserialize, Serialize};

use super::machine::Machine;
use super::schema::{CoefRow, CurveRow, FaceRow, PointRow, Row, RunRow, VertexRow};
use super::store::{read_frame, write_parquet, write_text};
use crate::command::warn;
use crate::trial::{Rows, Trial};

/// What a run set out to do; stored as `plan.json`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// The command line.
    pub command: String,
    /// Whether trials ran at the same time.
    pub contended: bool,
    /// Trials in order.
    pub trials: Vec<Trial>,
    /// Repeats, from number 1, that a trial may have besides the one that is listed.
    #[serde(default)]
    pub timed_repeats: usize,
    /// Tells the program, drivers and adapters from any other; empty where the commit is enough.
    #[serde(default)]
    pub build: String,
}

/// What a finished trial stored, so that a missing or damaged frame is noticed.
#[derive(Debug, Serialize, Deserialize)]
struct Contents {
    status: String,
    points: usize,
    coefs: usize,
    curve: usize,
    #[serde(default)]
    faces: usize,
    #[serde(default)]
    vertices: usize,
}

/// Rows of a stored frame; None if it cannot be read.
fn height<R: Row>(folder: &Path) -> Option<usize> {
    read_frame::<R>(folder).ok().map(|frame| frame.height())
}

/// A run directory that is open for recording.
pub struct Recorder {
    dir: PathBuf,
}

impl Recorder {
    /// Creates `<root>/<id>` with its plan and machine facts. Errors: the directory exists or cannot be written.
    pub fn create(root: &Path, id: &str, plan: &Plan, machine: &Machine) -> anyhow::Result<Self> {
        let dir = root.join(id);
        fs::create_dir_all(root).with_context(|| format!("cannot create {}", root.display()))?;
        fs::create_dir(&dir).with_context(|| format!("cannot create {}", dir.display()))?;
        fs::create_dir(dir.join("trials"))?;
        write_text(
            &dir.join("machine.json"),
            &serde_json::to_string_pretty(machine)?,
        )?;
        write_text(&dir.join("plan.json"), &serde_json::to_string_pretty(plan)?)?;
        Ok(Self { dir })
    }

    /// The newest run under `root` with the same trials, mode and commit, if there is one.
    pub fn resume(root: &Path, plan: &Plan, machine: &Machine) -> anyhow::Result<Option<Self>> {
        let mut runs = run_directories(root)?;
        runs.reverse();
        let same = |dir: &PathBuf| match Plan::read(dir) {
            Ok(stored) => {
                let commit = Machine::read(dir).is_ok_and(|m| m.revision() == machine.revision());
                stored.trials == plan.trials
                    && stored.timed_repeats == plan.timed_repeats
                    && stored.build == plan.build
                    && stored.contended == plan.contended
                    && commit
            }
            Err(error) => {
                warn(&format!("{error:#}; that run cannot be resumed"));
                false
            }
        };
        Ok(runs.into_iter().find(same).map(|dir| Self { dir }))
    }

    /// The directory.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// The folder of a trial.
    pub fn folder(&self, trial: &Trial) -> PathBuf {
        self.dir.join("trials").join(file_name(&trial.id))
    }

    /// Whether the trial ended in an earlier session and all of its frames can be read; an interrupted one did not end.
    pub fn is_done(&self, trial: &Trial) -> bool {
        let folder = self.folder(trial);
        let text = fs::read_to_string(folder.join("complete.json")).unwrap_or_default();
        let Ok(stored) = serde_json::from_str::<Contents>(&text) else {
            return false;
        };
        stored.status != "interrupted"
            && height::<RunRow>(&folder) == Some(1)
            && height::<PointRow>(&folder) == Some(stored.points)
            && height::<CoefRow>(&folder) == Some(stored.coefs)
            && height::<CurveRow>(&folder) == Some(stored.curve)
            && height::<FaceRow>(&folder) == Some(stored.faces)
            && height::<VertexRow>(&folder) == Some(stored.vertices)
    }

    /// Stores the rows of a trial.
    pub fn store(&self, trial: &Trial, rows: &Rows) -> anyhow::Result<()> {
        let folder = self.folder(trial);
        let temporary = self
            .dir
            .join("trials")
            .join(format!(".tmp-{}", file_name(&trial.id)));
        if temporary.exists() {
            fs::remove_dir_all(&temporary)?;
        }
        fs::create_dir_all(&temporary)
            .with_context(|| format!("cannot create {}", temporary.display()))?;
        write_rows(&temporary, std::slice::from_ref(&rows.run))?;
        write_rows(&temporary, &rows.points)?;
        write_rows(&temporary, &rows.coefs)?;
        write_rows(&temporary, &rows.curve)?;
        write_rows(&temporary, &rows.faces)?;
        write_rows(&temporary, &rows.vertices)?;
        let contents = Contents {
            status: rows.run.status.clone(),
            points: rows.points.len(),
            coefs: rows.coefs.len(),
            curve: rows.curve.len(),
            faces: rows.faces.len(),
            vertices: rows.vertices.len(),
        };
        write_text(
            &temporary.join("complete.json"),
            &serde_json::to_string(&contents)?,
        )?;
        if folder.exists() {
            fs::remove_dir_all(&folder)?;
        }
        fs::rename(&temporary, &folder)
            .with_context(|| format!("cannot write {}", folder.display()))
    }

    /// Merges the trials that are there, in plan order and then by repeat, into the frames of the run.
    pub fn merge(&self, plan: &Plan) -> anyhow::Result<()> {
        self.merge_frame::<RunRow>(plan)?;
        self.merge_frame::<PointRow>(plan)?;
        self.merge_frame::<CoefRow>(plan)?;
        self.merge_frame::<CurveRow>(plan)?;
        self.merge_frame::<FaceRow>(plan)?;
        self.merge_frame::<VertexRow>(plan)
    }

    fn merge_frame<R: Row>(&self, plan: &Plan) -> anyhow::Result<()> {
        let mut all = R::frame(&[])?;
        let repeats = |trial: &Trial| -> Vec<Trial> {
            let more = (1..=plan.timed_repeats).map(|repeat| trial.numbered(repeat));
            std::iter::once(trial.clone()).chain(more).collect()
        };
        for trial in plan.trials.iter().flat_map(repeats) {
            let folder = self.folder(&trial);
            if folder.exists() {
                let part = read_frame::<R>(&folder)
                    .with_context(|| format!("delete {} and use --resume", folder.display()))?;
                all.vstack_mut(&part).with_context(|| {
                    format!(
                        "{} was recorded with other columns; start a new run",
                        folder.display()
                    )
                })?;
            }
        }
        all.rechunk_mut();
        write_parquet(&self.dir.join(format!("{}.parquet", R::FRAME)), &mut all)
    }
}

impl Plan {
    /// Reads `plan.json` of a run directory.
    pub fn read(dir: &Path) -> anyhow::Result<Self> {
        let path = dir.join("plan.json");
        let text =
            fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        serde_json::from_str(&text)
            .with_context(|| format!("{} is no plan of this suite", path.display()))
    }
}

/// Run directories under `root`, oldest first: their names begin with the time of the start.
pub fn run_directories(root: &Path) -> anyhow::Result<Vec<PathBuf>> {
    if !root.exists() {
        return Ok(Vec::new());
    }
    let entries = fs::read_dir(root).with_context(|| format!("cannot read {}", root.display()))?;
    let mut runs: Vec<PathBuf> = entries
        .filter_map(|e| Some(e.ok()?.path()))
        .filter(|p| p.join("plan.json").exists())
        .collect();
    runs.sort();
    Ok(runs)
}

/// The run directory that `wanted` names: a path, the name of a run under `root`, or the newest one for None.
pub fn find_run(root: &Path, wanted: Option<&str>) -> anyhow::Result<PathBuf> {
    let Some(wanted) = wanted else {
        let newest = run_directories(root)?.pop();
        return newest.with_context(|| {
            format!("no run under {}; `regpath bench` makes one", root.display())
        });
    };
    for candidate in [PathBuf::from(wanted), root.join(wanted)] {
        if candidate.join("runs.parquet").exists() || candidate.join("plan.json").exists() {
            return Ok(candidate);
        }
    }
    bail!(
        "no run '{wanted}': neither a run directory nor the name of one under {}",
        root.display()
    )
}

/// Writes rows as the frame of their type; nothing for no rows.
pub fn write_rows<R: Row>(dir: &Path, rows: &[R]) -> anyhow::Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    write_parquet(
        &dir.join(format!("{}.parquet", R::FRAME)),
        &mut R::frame(rows)?,
    )
}

/// The identifier with everything that a file system might mind replaced.
fn file_name(id: &str) -> String {
    id.chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() || "-._=".contains(c) {
                c
            } else {
                '_'
            }
        })
        .collect()
}
