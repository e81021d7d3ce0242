//! Figures: frames in, SVG and PNG out. Nothing here runs a solver or reads a clock.

mod ablation;
mod abscissa;
mod absence;
mod accuracy_panel;
mod axis;
mod canvas;
mod caption;
pub mod chart;
mod chart_labels;
mod chart_layout;
mod chart_plate;
mod clip;
mod coefficient_paths;
mod contest;
mod convergence;
mod convergence_row;
mod cross_validation;
mod cv_plate;
mod cv_series;
mod deviations;
mod dot_block;
mod dot_plate;
mod dot_row;
mod format;
mod gutter;
mod history;
mod history_plate;
mod history_series;
mod kind;
mod label;
mod legend;
mod looks;
mod loss_fit;
mod nonunique_face;
mod panel;
mod path_line;
mod path_plate;
mod path_series;
mod peers_accuracy;
mod peers_ratio;
mod peers_time;
mod picture;
mod provenance;
mod quantile_fan;
mod reader;
mod rect;
mod relative;
mod runtime;
mod runtime_panel;
mod scale;
mod scaling;
mod scatter;
mod speed_plate;
mod speed_series;
mod speed_up;
mod spread;
mod stroke;
mod style;
#[cfg(test)]
mod synthetic;
mod text;
mod theme;
mod threads;
mod tick;
mod trial;
mod zero_counts;

pub use abscissa::Abscissa;
pub use format::{Format, keep};
pub use kind::{Kind, Picture, Selection, pictures};
pub use provenance::Provenance;
pub use theme::Theme;

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
    /// One row per feature and λ of a fit whose set of optima was looked for.
    pub faces: DataFrame,
    /// One row per feature and vertex of such a set.
    pub vertices: DataFrame,
    /// One row per budget of a convergence curve.
    pub curve: DataFrame,
    /// One row per tolerance that a contestant walked on a problem.
    pub rungs: DataFrame,
    /// One row per contestant, problem and accuracy.
    pub ladder: DataFrame,
    /// One row per α and λ of a cross-validated path.
    pub cv: DataFrame,
    /// One row per α, fold and λ.
    pub folds: DataFrame,
    /// One row per number of a recorded check.
    pub history: DataFrame,
}

/// What the rows of a figure belong to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// One recorded run.
    Run,
    /// What `regpath cv` wrote.
    Validation,
    /// The history of the gate.
    History,
}

/// A family of pictures that answers one question.
pub trait Figure: Sync {
    /// Identifier: stem of the files, name on the command line.
    fn id(&self) -> &'static str;
    /// Title of the pictures.
    fn title(&self) -> &'static str;
    /// One sentence on what they show and how to read them.
    fn summary(&self) -> &'static str;
    /// What it is drawn from.
    fn source(&self) -> Source {
        Source::Run
    }
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
    &peers_time::PeersTime,
    &peers_accuracy::PeersAccuracy,
    &peers_ratio::PeersRatio,
    &ablation::Ablation,
    &threads::Threads,
    &scaling::Scaling,
    &quantile_fan::QuantileFan,
    &nonunique_face::NonuniqueFace,
    &cross_validation::CrossValidation,
    &history::History,
];

/// Draws the coefficient path of the only run in the frames as one SVG file.
///
/// Errors: frames that do not hold exactly one run, a file that cannot be written.
pub fn fit_path(frames: &Frames, provenance: &Provenance, file_svg: &Path) -> Result<()> {
    let trials = reader::trials(frames, None)?;
    let [trial] = trials.as_slice() else {
        return Err(anyhow!(
            "a path picture needs the frames of one run, these hold {}",
            trials.len()
        ));
    };
    picture::write_svg(&coefficient_paths::of_fit(trial), provenance, file_svg)
}

/// Draws a chart as `<stem>.svg` and `.png` into `out`; returns both paths. Errors: a file that cannot be written.
pub fn draw_chart(
    chart: &chart::Chart,
    provenance: &Provenance,
    out: &Path,
) -> Result<Vec<PathBuf>> {
    let sheet = theme::Sheet::SCREEN;
    let plate = chart_plate::ChartPlate { chart, sheet };
    picture::write(&plate, provenance, out, &chart.stem)
}

/// Draws a chart on every sheet of a theme, as `<stem><suffix of the sheet>.svg` and `.png`; returns all paths. Errors: a file that
/// cannot be written.
pub fn draw_chart_in(
    theme: Theme,
    chart: &chart::Chart,
    provenance: &Provenance,
    out: &Path,
) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for &sheet in theme.sheets() {
        let stem = format!("{}{}", chart.stem, sheet.suffix);
        let plate = chart_plate::ChartPlate::new(chart, sheet, provenance);
        files.extend(picture::write(&plate, provenance, out, &stem)?);
    }
    Ok(files)
}

/// Draws the cross-validation curves in the frames, a panel per α, as `cv.svg` and `cv.png` into `out`. The frame of runs may name
/// the data.
///
/// Errors: no curve, a file that cannot be written.
pub fn cv_curves(frames: &Frames, provenance: &Provenance, out: &Path) -> Result<()> {
    let drawn = cross_validation::CrossValidation.draw(frames, provenance, out)?;
    if drawn.is_empty() {
        return Err(anyhow!("there is no cross-validation curve to draw"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::synthetic::{Rows, provenance};
    use super::*;
    use std::fs;

    /// Draws everything into a directory and returns the text of every SVG.
    fn draw_all(frames: &Frames, out: &Path) -> Result<Vec<(PathBuf, String)>> {
        let mut drawn = Vec::new();
        for figure in FIGURES {
            for file in figure.draw(frames, &provenance(), out)? {
                assert!(file.metadata()?.len() > 0);
                assert!(file.with_extension("png").exists() && file.with_extension("svg").exists());
                if file.extension().is_some_and(|e| e == "svg") {
                    drawn.push((file.clone(), fs::read_to_string(file)?));
                }
            }
        }
        Ok(drawn)
    }

    #[test]
    fn every_entry_draws() -> Result<()> {
        let dir = tempfile::tempdir()?;
        let drawn = draw_all(&Rows::complete().frames()?, dir.path())?;
        let expected = [
            (
                "coefficient-paths-toy.svg",
                vec![
                    "Lasso",
                    "Ridge",
                    "coefficient",
                    "λ, decreasing on a log scale",
                    "non-zero coefficients",
                    "wide &lt;name&gt;",
                ],
            ),
            (
                "zero-counts.svg",
                vec![
                    "coefficients exactly 0",
                    "α = 1, lasso",
                    "α = 0, ridge",
                    "decreasing",
                ],
            ),
            (
                "runtime.svg",
                vec![
                    "seconds",
                    "columns p",
                    "coordinate descent",
                    "timed out",
                    "did not converge",
                ],
            ),
            (
                "speed-up.svg",
                vec![
                    "chunks of the λ grid",
                    "speed-up",
                    "coordinate updates / those of 1 chunk",
                    "2 threads",
                ],
            ),
            (
                "convergence-toy.svg",
                vec!["epochs", "seconds", "suboptimality", "FISTA with restart"],
            ),
            (
                "peers-time.svg",
                vec!["30 × 3", "celer\u{a0}0.7.4", "too slow"],
            ),
            (
                "peers-accuracy.svg",
                vec!["worst suboptimality", "not installed", "≤ 10"],
            ),
            ("peers-ratio.svg", vec!["fastest peer", "0.10 over 1 of 1"]),
            (
                "ablation.svg",
                vec!["full engine", "no leaps", "2.00 over 1 of 1", "too slow"],
            ),
            ("threads.svg", vec!["2 threads", "0.50 over 1 of 1"]),
            ("scaling.svg", vec!["one pass over X", "regpath (auto)"]),
            (
                "quantile-fan.svg",
                vec![
                    "engel",
                    "τ = 0.5",
                    "least squares",
                    "household income",
                    "francs a year",
                ],
            ),
            (
                "nonunique-face.svg",
                vec![
                    "belgian-phones",
                    "(−81.00, 1.622)",
                    "(−55.47, 1.157)",
                    "844",
                    "slope",
                ],
            ),
            (
                "cv.svg",
                vec![
                    "Cross-validation, toy",
                    "mean squared error",
                    "α = 0.5",
                    "non-zero coefficients",
                    "5 folds, drawn twice",
                    "did not converge",
                ],
            ),
            (
                "history.svg",
                vec!["toy/lasso −50 %", "c0ffee4", "Dashed", "9 checks"],
            ),
        ];
        assert_eq!(drawn.len(), expected.len());
        for ((file, svg), (name, texts)) in drawn.iter().zip(expected) {
            assert_eq!(file.file_name().and_then(|n| n.to_str()), Some(name));
            // These two draw the points of data that exist.
            let toy =
                (!["quantile-fan.svg", "nonunique-face.svg"].contains(&name)).then_some("toy");
            for text in texts
                .into_iter()
                .chain(["abc1234-dirty", "regpath bench"])
                .chain(toy)
            {
                assert!(svg.contains(text), "{name} lacks {text}");
            }
        }
        Ok(())
    }

    #[test]
    fn frames_without_rows_draw_nothing() -> Result<()> {
        let dir = tempfile::tempdir()?;
        assert!(draw_all(&Rows::default().frames()?, dir.path())?.is_empty());
        assert_eq!(fs::read_dir(dir.path())?.count(), 0);
        Ok(())
    }

    #[test]
    fn failed_trials_stay_visible() -> Result<()> {
        let dir = tempfile::tempdir()?;
        let drawn = draw_all(&Rows::failed().frames()?, dir.path())?;
        let of_runs = FIGURES.iter().filter(|f| f.source() == Source::Run);
        assert_eq!(drawn.len(), of_runs.count());
        for (file, svg) in drawn {
            assert!(
                svg.contains("failed") || svg.contains("Failed"),
                "{}",
                file.display()
            );
        }
        Ok(())
    }

    #[test]
    fn pictures_are_reproducible() -> Result<()> {
        let (dir, frames) = (tempfile::tempdir()?, Rows::complete().frames()?);
        let (first, second) = (dir.path().join("1"), dir.path().join("2"));
        for figure in FIGURES {
            for (a, b) in figure
                .draw(&frames, &provenance(), &first)?
                .iter()
                .zip(figure.draw(&frames, &provenance(), &second)?)
            {
                assert_eq!(fs::read(a)?, fs::read(&b)?, "{}", b.display());
            }
        }
        Ok(())
    }

    #[test]
    fn a_fit_is_one_picture_of_one_run() -> Result<()> {
        let dir = tempfile::tempdir()?;
        let file = dir.path().join("path.svg");
        fit_path(&Rows::fit().frames()?, &provenance(), &file)?;
        assert!(fs::read_to_string(&file)?.contains("Coefficient path, toy"));
        assert!(fit_path(&Rows::complete().frames()?, &provenance(), &file).is_err());
        assert!(fit_path(&Rows::default().frames()?, &provenance(), &file).is_err());
        Ok(())
    }

    #[test]
    fn identifiers_are_unique_and_described() {
        for (i, figure) in FIGURES.iter().enumerate() {
            assert!(FIGURES[..i].iter().all(|other| other.id() != figure.id()));
            assert!(!figure.title().is_empty() && !figure.summary().is_empty());
        }
    }
}
