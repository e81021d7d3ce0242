//! Speed-up: what cutting the grid into chunks gains in time, and what it costs in work.

use super::picture::{self, file_part};
use super::reader::trials;
use super::speed_plate::SpeedUpPlate;
use super::trial::{Trial, distinct, uncontended};
use super::{Figure, Frames, Provenance};
use anyhow::Result;
use std::path::{Path, PathBuf};

/// The figure.
pub struct SpeedUp;

impl Figure for SpeedUp {
    fn id(&self) -> &'static str {
        "speed-up"
    }

    fn title(&self) -> &'static str {
        "λ across cores"
    }

    fn summary(&self) -> &'static str {
        "speed-up over one chunk on one thread against the number of chunks, with the ideal, and the work that chunks add"
    }

    fn draw(&self, frames: &Frames, provenance: &Provenance, out: &Path) -> Result<Vec<PathBuf>> {
        let trials = trials(frames, Some("chunks"))?;
        let (timings, notes) = uncontended(&trials);
        let datasets = distinct(timings.iter().map(|t| t.dataset.as_str()));
        let mut files = Vec::new();
        for dataset in &datasets {
            let here: Vec<&Trial> = timings
                .iter()
                .filter(|t| t.dataset == *dataset)
                .copied()
                .collect();
            let plate =
                SpeedUpPlate::new(&here, format!("{}, {dataset}", self.title()), notes.clone());
            let stem = if datasets.len() == 1 {
                self.id().to_string()
            } else {
                format!("{}-{}", self.id(), file_part(dataset))
            };
            files.extend(picture::write(&plate, provenance, out, &stem)?);
        }
        Ok(files)
    }
}
