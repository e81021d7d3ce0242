//! Kinds of pictures of recorded paths: what is drawn against what, from the frames alone.

mod choice;
mod convergence;
mod error;
mod explained;
mod face;
mod gap;
mod lines;
mod path;
mod time;
mod zeros;

use super::abscissa::Abscissa;
use super::chart::Chart;
use super::chart_plate::ChartPlate;
use super::format::{self, Format};
use super::picture::{Plate, file_part};
use super::reader::trials;
use super::theme::Sheet;
use super::{Frames, Provenance};
use anyhow::{Result, bail};
use clap::ValueEnum;
use std::path::{Path, PathBuf};

pub use choice::Selection;

/// What is drawn of a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Kind {
    /// Every coefficient
    Path,
    /// How many coefficients are exactly 0, and how many are not
    Zeros,
    /// Seconds of each λ, and so far with the setup
    Time,
    /// Certified relative duality gap, with the bound that was asked for
    Gap,
    /// Share of the null loss that is explained
    Dev,
    /// Cross-validated error, of what `regpath cv` wrote
    Error,
    /// Suboptimality against epochs and seconds, of budgets that grow; has no --x
    Convergence,
    /// What coefficients can be where fits are not unique
    Face,
}

impl Kind {
    /// Name on the command line, and beginning of the file names.
    pub fn id(self) -> &'static str {
        match self {
            Self::Path => "path",
            Self::Zeros => "zeros",
            Self::Time => "time",
            Self::Gap => "gap",
            Self::Dev => "dev",
            Self::Error => "error",
            Self::Convergence => "convergence",
            Self::Face => "face",
        }
    }

    /// Whether it is drawn against an abscissa that can be chosen.
    pub fn is_along(self) -> bool {
        self != Self::Convergence
    }

    /// The pictures of the selected trials. Errors: no row for this kind, or no column for this abscissa.
    fn pictures(self, frames: &Frames, x: Abscissa, of: &Selection) -> Result<Vec<Picture>> {
        let all = trials(frames, None)?;
        let selected = choice::selected(&all, of)?;
        match self {
            Self::Error => error::pictures(frames, &selected, x, of),
            Self::Convergence => convergence::pictures(&selected, of),
            Self::Face => face::pictures(frames, &selected, x, of),
            _ => {
                let groups = choice::along(frames, choice::groups(&selected), x)?;
                match self {
                    Self::Zeros => zeros::pictures(&groups, x, of),
                    Self::Time => time::pictures(&groups, x, of),
                    Self::Gap => gap::pictures(&groups, x, of),
                    Self::Dev => explained::pictures(&groups, x, of),
                    _ => path::pictures(&groups, x, of),
                }
            }
        }
    }
}

/// Writes a plate that is not named here.
type Writer = dyn Fn(&Provenance, &Path, &[Format]) -> Result<Vec<PathBuf>>;

/// A picture that is ready to be written.
pub struct Picture(Box<Writer>);

impl Picture {
    /// A plate with the stem of its files.
    fn new(stem: String, plate: impl Plate + 'static) -> Self {
        Self(Box::new(move |provenance, out, formats| {
            format::write(&plate, provenance, out, &stem, formats)
        }))
    }

    /// A chart with the stem of its files.
    fn of_chart(stem: String, chart: Chart) -> Self {
        Self(Box::new(move |provenance, out, formats| {
            let plate = ChartPlate {
                chart: &chart,
                sheet: Sheet::SCREEN,
            };
            format::write(&plate, provenance, out, &stem, formats)
        }))
    }

    /// Writes it into a directory that exists; returns the files. Errors: one that cannot be written.
    pub fn write(
        &self,
        provenance: &Provenance,
        out: &Path,
        formats: &[Format],
    ) -> Result<Vec<PathBuf>> {
        (self.0)(provenance, out, formats)
    }
}

/// Every picture of these kinds, in their order, before anything is written.
///
/// Errors: an unknown dataset, experiment or trial, a kind of which the frames hold no row, a column that the abscissa needs and they
/// lack.
pub fn pictures(
    frames: &Frames,
    kinds: &[Kind],
    x: Abscissa,
    of: &Selection,
) -> Result<Vec<Picture>> {
    let mut all = Vec::new();
    for kind in kinds {
        let pictures = kind.pictures(frames, x, of)?;
        if pictures.is_empty() {
            bail!("nothing to draw for --kind {}", kind.id());
        }
        all.extend(pictures);
    }
    Ok(all)
}

/// `<kind>-<x>`, with the dataset where a run may have several.
fn stem(kind: Kind, x: Option<Abscissa>, dataset: &str, of: &Selection) -> String {
    let dataset = if of.unnamed {
        String::new()
    } else {
        file_part(dataset)
    };
    let parts = [kind.id(), x.map_or("", Abscissa::id), &dataset];
    let parts: Vec<&str> = parts.into_iter().filter(|p| !p.is_empty()).collect();
    parts.join("-")
}
