//! What claims and published figures measured: one frame for each in a directory, and what it was measured with.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use anyhow::Context;
use polars::prelude::{ParquetReader, SerReader};
use serde::{Deserialize, Serialize};

use super::machine::Machine;
use super::schema::{ClaimRow, Row};
use super::store::{write_parquet, write_text};

/// What the frames of a directory were measured with.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Conditions {
    /// The command line.
    pub command: String,
    /// What was asked for: seed and trials, or the scale.
    pub settings: String,
    /// Where it ran, and what.
    pub machine: Machine,
}

impl Conditions {
    /// Reads `conditions.json`; None where there is none that can be read.
    pub fn read(dir: &Path) -> Option<Self> {
        let text = fs::read_to_string(dir.join("conditions.json")).ok()?;
        serde_json::from_str(&text).ok()
    }

    /// Writes `conditions.json`. Errors: the directory cannot be written.
    pub fn write(&self, dir: &Path) -> anyhow::Result<()> {
        write_text(
            &dir.join("conditions.json"),
            &serde_json::to_string_pretty(self)?,
        )
    }

    /// Whether what was measured under these may stand beside what is measured under those: the same clean source and settings.
    pub fn agree(&self, other: &Self) -> bool {
        let source = |c: &Self| (c.machine.revision(), c.machine.lock_hash.clone());
        let clean = !self.machine.commit.is_empty() && !self.machine.dirty;
        clean && source(self) == source(other) && self.settings == other.settings
    }
}

fn file(dir: &Path, claim: &str) -> PathBuf {
    dir.join(format!("{claim}.parquet"))
}

/// Writes the rows of one claim or figure. Errors: the directory cannot be written.
pub fn write(dir: &Path, claim: &str, rows: &[ClaimRow]) -> anyhow::Result<()> {
    write_parquet(&file(dir, claim), &mut ClaimRow::frame(rows)?)
}

/// The rows of one claim or figure; None if it was not measured. Errors: a file that is no frame of claims.
pub fn read(dir: &Path, claim: &str) -> anyhow::Result<Option<Vec<ClaimRow>>> {
    let path = file(dir, claim);
    if !path.exists() {
        return Ok(None);
    }
    let opened = File::open(&path).with_context(|| format!("cannot open {}", path.display()))?;
    let frame = ParquetReader::new(opened).finish();
    let rows = frame.and_then(|frame| ClaimRow::rows(&frame));
    let rows = rows.with_context(|| format!("{} is no frame of claims", path.display()))?;
    Ok(Some(rows))
}

/// Forgets what was measured for one. Errors: the file is there and cannot be removed.
pub fn forget(dir: &Path, claim: &str) -> anyhow::Result<()> {
    let path = file(dir, claim);
    if !path.exists() {
        return Ok(());
    }
    fs::remove_file(&path).with_context(|| format!("cannot remove {}", path.display()))
}
