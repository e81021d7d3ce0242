//! Figures: frames in, SVG and PNG out. Nothing here runs a solver or reads a clock.

mod canvas;
mod coefficient_paths;
mod convergence;
mod label;
mod legend;
mod panel;
mod path_series;
mod picture;
mod runtime;
mod scale;
mod speed_up;
mod spread;
mod style;
mod text;
mod trial;
mod zero_counts;

use anyhow::{Result, anyhow};
use polars::prelude::DataFrame;
use std::path::{Path, PathBuf};

/// The frames of one or several runs, with the columns of the record's schema.
#[derive(Clone, Debug)]
pub struct Frames {
    /// One row per trial.
    pub runs: DataFrame,
    /// One row per λ.
    pub points: DataFrame,
    /// One row per non-zero coefficient.
    pub coefs: DataFrame,
    /// One row per budget of a convergence curve.
    pub curve: DataFrame,
}

/// Where the numbers of a picture come from; printed in its caption. Empty parts are left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Provenance {
    /// The command that measured.
    pub command: String,
    /// Short commit, with `-dirty` where the tree was.
    pub commit: String,
    /// One line: processor, cores, SIMD level.
    pub machine: String,
}

/// A family of pictures that answers one question.
pub trait Figure: Sync {
    /// Identifier: stem of the files, name on the command line.
    fn id(&self) -> &'static str;
    /// Title of the pictures.
    fn title(&self) -> &'static str;
    /// One sentence on what they show and how to read them.
    fn summary(&self) -> &'static str;
    /// Draws every picture for which the frames hold rows, as `<id>[-<dataset>].svg` and `.png`.
    ///
    /// Returns the files written, none where the frames have nothing for this figure.
    /// Errors: a frame without a column of the schema, a directory that cannot be written.
    fn draw(&self, frames: &Frames, provenance: &Provenance, out: &Path) -> Result<Vec<PathBuf>>;
}

/// Every figure, in display order.
pub const FIGURES: &[&dyn Figure] = &[
    &coefficient_paths::CoefficientPaths,
    &zero_counts::ZeroCounts,
    &runtime::Runtime,
    &speed_up::SpeedUp,
    &convergence::Convergence,
];

/// Draws the coefficient path of the only run in the frames as one SVG file.
///
/// Errors: frames that do not hold exactly one run, a file that cannot be written.
pub fn fit_path(frames: &Frames, provenance: &Provenance, file_svg: &Path) -> Result<()> {
    let trials = trial::trials(frames, None)?;
    let [trial] = trials.as_slice() else {
        return Err(anyhow!("a path picture needs the frames of one run, these hold {}", trials.len()));
    };
    picture::write_svg(&coefficient_paths::of_fit(trial), provenance, file_svg)
}
