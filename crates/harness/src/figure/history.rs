//! History: what the gate measured from check to check, and where it changed.

use super::history_plate::HistoryPlate;
use super::history_series::CheckSeries;
use super::reader::recorded;
use super::{Figure, Frames, Provenance, Source, picture};
use anyhow::Result;
use std::path::{Path, PathBuf};

/// The figure.
pub struct History;

impl Figure for History {
    fn id(&self) -> &'static str {
        "history"
    }

    fn title(&self) -> &'static str {
        "What the gate measured, check by check"
    }

    fn summary(&self) -> &'static str {
        "work, instructions, memory and time of every recorded check relative to the first, with the places where they changed"
    }

    fn source(&self) -> Source {
        Source::History
    }

    fn draw(&self, frames: &Frames, provenance: &Provenance, out: &Path) -> Result<Vec<PathBuf>> {
        let rows = recorded(frames)?;
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        let plate = HistoryPlate::new(CheckSeries::of(&rows), self.title());
        picture::write(&plate, provenance, out, self.id())
    }
}
