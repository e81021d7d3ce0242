//! Ablation: the homotopy without one ingredient at a time.

use super::reader::trials;
use super::relative::{Comparison, Variant};
use super::style::contestants;
use super::{Figure, Frames, Provenance, picture};
use anyhow::Result;
use std::path::{Path, PathBuf};

/// The figure.
pub struct Ablation;

impl Figure for Ablation {
    fn id(&self) -> &'static str {
        "ablation"
    }

    fn title(&self) -> &'static str {
        "What each ingredient gains"
    }

    fn summary(&self) -> &'static str {
        "path seconds of the homotopy without one ingredient at a time, relative to all of them; right of 1 is slower"
    }

    fn draw(&self, frames: &Frames, provenance: &Provenance, out: &Path) -> Result<Vec<PathBuf>> {
        let trials = trials(frames, Some("ablation"))?;
        if trials.is_empty() {
            return Ok(Vec::new());
        }
        let variants = contestants(trials.iter().map(|t| t.contestant.as_str()));
        let comparison = Comparison {
            title: self.title(),
            axis: "seconds relative to the full engine",
            notes: vec![
                "Every variant meets the same certified relative gap; right of 1 is slower than with all ingredients."
                    .into(),
            ],
            variants: variants
                .into_iter()
                .map(|(id, label, ink)| Variant { label, ink, id })
                .collect(),
            variant_of: |trial| trial.contestant.clone(),
        };
        picture::write(&comparison.plate(&trials), provenance, out, self.id())
    }
}
