//! Cross-validation: the error on rows held out against λ, one panel per α.

use super::cv_plate::CvPlate;
use super::picture;
use super::reader::{trials, validated};
use super::{Figure, Frames, Provenance, Source};
use anyhow::Result;
use std::path::{Path, PathBuf};

/// The figure.
pub struct CrossValidation;

impl Figure for CrossValidation {
    fn id(&self) -> &'static str {
        "cv"
    }

    fn title(&self) -> &'static str {
        "Cross-validation"
    }

    fn summary(&self) -> &'static str {
        "error on rows held out against λ with standard errors, and the two λ that it chooses"
    }

    fn source(&self) -> Source {
        Source::Validation
    }

    fn draw(&self, frames: &Frames, provenance: &Provenance, out: &Path) -> Result<Vec<PathBuf>> {
        match plate(frames)? {
            Some(plate) => picture::write(&plate, provenance, out, self.id()),
            None => Ok(Vec::new()),
        }
    }
}

/// The picture of all curves in the frames; None if there is none.
pub fn plate(frames: &Frames) -> Result<Option<CvPlate>> {
    let curves = validated(frames)?;
    if curves.is_empty() {
        return Ok(None);
    }
    let trials = trials(frames, Some("cv"))?;
    let title = CrossValidation.title();
    Ok(Some(CvPlate::new(&curves, trials.first(), title)))
}
