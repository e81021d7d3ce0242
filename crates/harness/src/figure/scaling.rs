//! Scaling: seconds of a path against the size of X, beside one pass over X.

use super::reader::trials;
use super::runtime::RuntimePlate;
use super::{Figure, Frames, Provenance, picture};
use anyhow::Result;
use std::path::{Path, PathBuf};

/// The figure.
pub struct Scaling;

impl Figure for Scaling {
    fn id(&self) -> &'static str {
        "scaling"
    }

    fn title(&self) -> &'static str {
        "Seconds for a whole path as the data grow"
    }

    fn summary(&self) -> &'static str {
        "path seconds against p at fixed n and against n at fixed p, with the seconds of one pass over X beside them"
    }

    fn draw(&self, frames: &Frames, provenance: &Provenance, out: &Path) -> Result<Vec<PathBuf>> {
        let trials = trials(frames, Some("scaling"))?;
        if trials.is_empty() {
            return Ok(Vec::new());
        }
        let plate = RuntimePlate::new(&trials, self.title());
        picture::write(&plate, provenance, out, self.id())
    }
}
