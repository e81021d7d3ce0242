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
    /// Reads what one claim or figure was measured with; None where there is nothing that can be read.
    pub fn read(dir: &Path, id: &str) -> Option<Self> {
        let text = fs::read_to_string(dir.join(format!("{id}.json"))).ok()?;
        serde_json::from_str(&text).ok()
    }

    /// Whether what was measured under these may stand beside what is measured under those: the same clean source, settings and
    /// machine.
    pub fn agree(&self, other: &Self) -> bool {
        let of = |c: &Self| {
            let Machine {
                cpu,
                simd,
                cores,
                rustc,
                target_cpu,
                lock_hash,
                ..
            } = c.machine.clone();
            (cpu, simd, cores, rustc, target_cpu, lock_hash)
        };
        let clean = !self.machine.commit.is_empty() && !self.machine.dirty;
        clean
            && self.machine.revision() == other.machine.revision()
            && of(self) == of(other)
            && self.settings == other.settings
    }
}

fn file(dir: &Path, claim: &str) -> PathBuf {
    dir.join(format!("{claim}.parquet"))
}

/// Writes the rows of one claim or figure, and what they were measured with. Errors: the directory cannot be written.
pub fn write(dir: &Path, id: &str, rows: &[ClaimRow], with: &Conditions) -> anyhow::Result<()> {
    write_parquet(&file(dir, id), &mut ClaimRow::frame(rows)?)?;
    let text = serde_json::to_string_pretty(with)?;
    write_text(&dir.join(format!("{id}.json")), &text)
}

/// Whether these were measured under the same conditions before, and none of their trials failed. Errors: a file that is no frame of
/// claims.
pub fn is_there(dir: &Path, id: &str, conditions: &Conditions) -> anyhow::Result<bool> {
    let same = Conditions::read(dir, id).is_some_and(|before| conditions.agree(&before));
    let rows = if same { read(dir, id)? } else { None };
    Ok(rows.is_some_and(|rows| rows.iter().all(|r| r.reason.is_empty())))
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

/// Forgets what was measured for one. Errors: a file is there and cannot be removed.
pub fn forget(dir: &Path, claim: &str) -> anyhow::Result<()> {
    for path in [dir.join(format!("{claim}.json")), file(dir, claim)] {
        if path.exists() {
            fs::remove_file(&path).with_context(|| format!("cannot remove {}", path.display()))?;
        }
    }
    Ok(())
}
