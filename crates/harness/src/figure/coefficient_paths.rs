//! Coefficient paths: every coefficient against λ, one panel per penalty.
//!
//! λ decreases to the right on a logarithmic scale, that is, −log λ grows: paths leave zero at the left and
//! end at the least penalised fit on the right, where their labels stand. This is the direction of ESL
//! (shrinkage factor, degrees of freedom) and of a plot against −log λ as glmnet offers it; ticks name λ itself.

use super::path_plate::PathPlate;
use super::picture::{self, Plate, file_part};
use super::reader::trials;
use super::trial::{Trial, distinct, representative};
use super::{Figure, Frames, Provenance};
use anyhow::Result;
use std::path::{Path, PathBuf};

/// The figure.
pub struct CoefficientPaths;

impl Figure for CoefficientPaths {
    fn id(&self) -> &'static str {
        "coefficient-paths"
    }

    fn title(&self) -> &'static str {
        "Coefficient paths"
    }

    fn summary(&self) -> &'static str {
        "every coefficient against λ, a panel per penalty, with the number of non-zero coefficients on top"
    }

    fn draw(&self, frames: &Frames, provenance: &Provenance, out: &Path) -> Result<Vec<PathBuf>> {
        let trials = trials(frames, Some("paths"))?;
        let mut files = Vec::new();
        for dataset in distinct(trials.iter().map(|t| t.dataset.as_str())) {
            let mut here: Vec<&Trial> = trials.iter().filter(|t| t.dataset == dataset).collect();
            here.sort_by(|a, b| b.alpha.total_cmp(&a.alpha));
            let chosen: Vec<&Trial> = distinct(here.iter().map(|t| t.alpha))
                .into_iter()
                .filter_map(|alpha| {
                    representative(here.iter().copied().filter(|t| t.alpha == alpha))
                })
                .collect();
            let plate = PathPlate::new(&chosen, format!("{}, {dataset}", self.title()));
            files.extend(picture::write(
                &plate,
                provenance,
                out,
                &format!("{}-{}", self.id(), file_part(dataset)),
            )?);
        }
        Ok(files)
    }
}

/// The picture of one fitted path.
pub fn of_fit(trial: &Trial) -> impl Plate + use<> {
    PathPlate::new(&[trial], format!("Coefficient path, {}", trial.dataset))
}
