//! The plate of cross-validation: a panel per α, with the scale of errors that they share.

use super::abscissa::Abscissa;
use super::axis::Axis;
use super::canvas::Canvas;
use super::cv_series::{CvSeries, Validated};
use super::panel::{ABOVE, BELOW, Panel, TOP_AXIS};
use super::picture::Plate;
use super::rect::Rect;
use super::scale::Scale;
use super::stroke::Stroke;
use super::style::capital;
use super::style::{ALARM, BLACK, GAP, GREY, LABEL, MARK, Mark, PALE, PALETTE, SMALL, WIDTH};
use super::text::{Pen, text_width};
use super::tick::Tick;
use super::trial::Trial;
use anyhow::Result;
use plotters::prelude::*;

/// Height of a row of labels at the upper edge of a panel, above all data.
const STRIP: f64 = 25.0;
/// Pixels between a dashed line and its label.
const BESIDE: f64 = 6.0;

/// Panels of one cross-validation.
pub struct CvPlate {
    title: String,
    data: String,
    folds: String,
    measure: &'static str,
    across: Abscissa,
    panels: Vec<CvSeries>,
    shared: bool,
}

/// A dashed line with its name: where it stands, and where the name is written.
struct Choice {
    x: f64,
    text: String,
    /// Left end of the text.
    left: f64,
    /// Row of the strip.
    row: f64,
    /// Whether it is written on the side where the other line may stand.
    turned: bool,
}

impl CvPlate {
    /// A panel per curve against λ, in their order; `trial` tells what the data are.
    pub fn new(curves: &[Validated], trial: Option<&Trial>, title: &str) -> Self {
        let alone: Vec<(Validated, Option<&Trial>)> =
            curves.iter().map(|curve| (curve.clone(), None)).collect();
        Self::along(&alone, trial, title, Abscissa::Lambda)
    }

    /// A panel per curve, in their order, each with the path on all rows where x is not λ; `trial` tells what the data are.
    pub fn along(
        curves: &[(Validated, Option<&Trial>)],
        trial: Option<&Trial>,
        title: &str,
        across: Abscissa,
    ) -> Self {
        let panels: Vec<CvSeries> = (curves.iter())
            .map(|(curve, path)| CvSeries::along(curve, *path, across))
            .collect();
        let heights = panels.iter().filter_map(CvSeries::band);
        let (low, high) = heights.fold((f64::MAX, 0.0f64), |(low, high), (a, b)| {
            (low.min(b - a), high.max(b - a))
        });
        let first = curves.first().map(|(curve, _)| curve);
        Self {
            title: match trial {
                Some(trial) => format!("{title}, {}", trial.dataset),
                None => title.into(),
            },
            data: match (trial, first.map(Validated::rows)) {
                (Some(t), _) => format!("Data: {}, n = {}, p = {}.", t.dataset, t.n, t.p),
                (None, Some(rows)) if rows > 0 => format!("Data: n = {rows}."),
                _ => String::new(),
            },
            folds: first.map_or_else(String::new, Validated::folds),
            measure: match first.map(|c| c.measure.as_str()) {
                Some("mse") => "mean squared error",
                Some("mae") => "mean absolute error",
                _ => "error",
            },
            shared: low * 4.0 >= high,
            across,
            panels,
        }
    }

    fn columns(&self) -> usize {
        self.panels.len().clamp(1, 3)
    }

    /// Ends of the bars that a panel has to hold, of all panels where they share a scale.
    fn band(&self, series: &CvSeries) -> (f64, f64) {
        let all = self.panels.iter().filter_map(CvSeries::band);
        let shared = all.reduce(|(a, b), (low, high)| (a.min(low), b.max(high)));
        let band = if self.shared { shared } else { series.band() };
        band.unwrap_or((0.0, 1.0))
    }

    fn panel(&self, cell: Rect, series: &CvSeries) -> Panel {
        let (low, high) = self.band(series);
        // Two rows of labels stand above all data.
        let height = cell.height() - ABOVE - TOP_AXIS - BELOW;
        let room = (height - 2.0 * STRIP).max(1.0);
        let (low, high) = if low < high {
            (low, high)
        } else {
            let pad = low.abs().max(1e-300) * 0.5;
            (low - pad, high + pad)
        };
        let pad = 0.05 * (high - low);
        let bottom = low - pad;
        let top = bottom + (high + pad - bottom) * height / room;
        let mut y = Axis::new(
            Scale::linear(bottom, top),
            6,
            format!("{} on rows held out", self.measure),
        );
        // No tick among the labels.
        y.ticks.retain(|t| t.value <= high + pad);
        // Bars at the ends of the grid stand clear of the frame.
        let mut x = series.path.axis();
        x.scale = x.scale.padded(0.025);
        let below = Rect {
            top: cell.top + TOP_AXIS,
            ..cell
        };
        Panel::inside(below, x, y)
    }

    /// Bars and points, the smaller the closer they stand.
    fn points<DB: DrawingBackend>(
        &self,
        canvas: &Canvas<DB>,
        panel: &Panel,
        series: &CvSeries,
    ) -> Result<()> {
        let places: Vec<f64> = (series.path.x.iter())
            .map(|x| panel.px(*x, 1.0).0)
            .collect();
        let nearest = (places.windows(2).map(|w| w[1] - w[0])).fold(f64::MAX, f64::min);
        let radius = (0.32 * nearest).clamp(1.4, MARK);
        let cap = (0.3 * nearest).clamp(0.0, 4.0);
        for (i, &x) in places.iter().enumerate() {
            let (low, high) = series.bar(i);
            let at = |v: f64| panel.px(1.0, v).1;
            let (bottom, top) = (at(low), at(high));
            if !bottom.is_finite() || bottom - top < 1.0 {
                continue;
            }
            let chosen = [series.min, series.one_se].contains(&Some(i));
            let colour = if chosen { PALETTE[0] } else { PALE };
            let stroke = Stroke::solid(colour, if cap < 2.0 { 1.0 } else { 1.5 });
            canvas.line(&[(x, bottom), (x, top)], stroke)?;
            for end in [bottom, top] {
                canvas.line(&[(x - cap, end), (x + cap, end)], stroke)?;
            }
        }
        for (i, &x) in places.iter().enumerate() {
            let y = panel.px(1.0, series.mean[i]).1;
            if y.is_finite() {
                canvas.mark((x, y), Mark::Disc, radius, PALETTE[0], false)?;
            }
        }
        Ok(())
    }

    /// The lines of the chosen λ: the name of λ_1se on its left and that of λ_min on its right, where they cannot meet.
    ///
    /// A name for which there is no room turns to the other side, in a row of its own.
    fn choices(&self, panel: &Panel, series: &CvSeries) -> Vec<Choice> {
        let Rect { left, right, .. } = panel.rect;
        let x = |i: usize| panel.px(series.path.x[i], 1.0).0;
        let choice = |i: usize, name: &str, before: bool| {
            let text = format!("{name} = {}", significant(series.lambda[i]));
            let (x, width) = (x(i), text_width(&text, LABEL) * 1.06);
            let (ending, starting) = (x - BESIDE - width, x + BESIDE);
            let (ends, starts) = (ending >= left + 2.0, starting + width <= right - 2.0);
            let before = if before {
                ends || !starts
            } else {
                ends && !starts
            };
            (before, x, text, if before { ending } else { starting })
        };
        match (series.one_se, series.min) {
            (Some(one_se), Some(min)) if one_se == min => {
                let (_, x, text, left) = choice(min, "λ_{min} = λ_{1se}", false);
                vec![Choice {
                    x,
                    text,
                    left,
                    row: 0.0,
                    turned: false,
                }]
            }
            (one_se, min) => {
                let mut any = false;
                let chosen = [(one_se, "λ_{1se}", true), (min, "λ_{min}", false)];
                let chosen = chosen.into_iter().filter_map(|(i, name, usual)| {
                    let (before, x, text, left) = choice(i?, name, usual);
                    let turned = before != usual;
                    // Two names that turn have a row each already.
                    let row = if turned && !any { 1.0 } else { 0.0 };
                    any |= turned;
                    Some(Choice {
                        x,
                        text,
                        left,
                        row,
                        turned,
                    })
                });
                chosen.collect()
            }
        }
    }

    fn chosen<DB: DrawingBackend>(
        &self,
        canvas: &Canvas<DB>,
        panel: &Panel,
        choices: &[Choice],
    ) -> Result<()> {
        let Rect { top, bottom, .. } = panel.rect;
        for Choice { x, .. } in choices {
            let stroke = Stroke::solid(BLACK, 1.25).dashed(6.0, 4.0);
            canvas.line(&[(*x, top), (*x, bottom)], stroke)?;
        }
        for Choice {
            text,
            left,
            row,
            turned,
            ..
        } in choices
        {
            let y = top + (row + 0.5) * STRIP + 1.0;
            if *turned {
                let (above, below) = (y - 9.0, y + 10.0);
                let right = left + text_width(text, LABEL) * 1.06 + 2.0;
                let left = left - 2.0;
                let background = [(left, above), (right, above), (right, below), (left, below)];
                canvas.fill(&background, WHITE.to_rgba())?;
            }
            canvas.text(text, (*left, y), Pen::new(LABEL, BLACK))?;
        }
        Ok(())
    }
}

/// Ticks whose texts leave a gap between each other, from the left.
fn apart(panel: &Panel, ticks: Vec<Tick>) -> Vec<Tick> {
    let mut end = f64::MIN;
    let room = |tick: &Tick| {
        let half = text_width(tick.label.as_deref().unwrap_or(""), SMALL) * 1.06 / 2.0;
        let x = panel.px(tick.value, 1.0).0;
        let fits = x - half >= end + 8.0;
        if fits {
            end = x + half;
        }
        fits
    };
    let mut room = room;
    ticks.into_iter().filter(|tick| room(tick)).collect()
}

/// Three significant digits, with a power of ten where the number is far from 1.
fn significant(v: f64) -> String {
    if v == 0.0 || !v.is_finite() {
        return v.to_string();
    }
    let text = format!("{v:.2e}");
    let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    match exponent.parse::<i32>().unwrap_or(0) {
        exponent @ -3..=5 => format!("{v:.*}", (2 - exponent).max(0) as usize),
        _ => format!("{digits}·10^{{{}}}", exponent.replace('-', "−")),
    }
}

impl Plate for CvPlate {
    fn title(&self) -> String {
        self.title.clone()
    }

    fn notes(&self) -> Vec<String> {
        let mut notes = vec![self.data.clone()];
        notes.extend(self.across.note().map(str::to_owned));
        if !self.folds.is_empty() {
            notes.push(format!(
                "Held out: {}, each predicted by the fit on the others.",
                self.folds
            ));
        }
        notes.push("Points: mean over folds, with bars of one standard error.".into());
        notes.push(
            "Dashed: λ_{min}, where the mean is least, and λ_{1se}, the largest λ whose mean is within one standard error of it \
             (dotted)."
                .into(),
        );
        if self.panels.iter().any(|p| p.path.unconverged > 0) {
            notes.push("Shaded: λ at which the fit of some fold did not converge.".into());
        }
        notes
    }

    fn size(&self) -> (f64, f64) {
        let rows = self.panels.len().div_ceil(self.columns()).max(1) as f64;
        let width = [820.0, 1040.0, WIDTH][self.columns() - 1];
        let plot = if self.panels.len() == 1 { 360.0 } else { 320.0 };
        (
            width,
            rows * (ABOVE + TOP_AXIS + plot + BELOW) + (rows - 1.0) * GAP / 2.0,
        )
    }

    fn draw<DB: DrawingBackend>(&self, canvas: &Canvas<DB>, inside: Rect) -> Result<()> {
        let cells = inside.cells(self.panels.len(), self.columns(), GAP);
        for (cell, series) in cells.into_iter().zip(&self.panels) {
            let panel = self.panel(cell, series);
            panel.frame(canvas)?;
            let Rect {
                left,
                top,
                right,
                bottom,
            } = panel.rect;
            for (from, to) in series.path.unconverged_pixels(&panel) {
                canvas.fill(
                    &[(from, top), (to, top), (to, bottom), (from, bottom)],
                    ALARM.mix(0.12),
                )?;
            }
            if let Some(x) = series.path.rupture().map(|x| panel.px(x, 1.0).0) {
                // Not through the names of λ.
                canvas.line(
                    &[(x, top + 2.0 * STRIP), (x, bottom)],
                    Stroke::solid(GREY, 1.0).dashed(2.0, 4.0),
                )?;
            }
            if let Some(level) = series.min.map(|i| panel.px(1.0, series.bar(i).1).1)
                && level.is_finite()
            {
                canvas.line(
                    &[(left, level), (right, level)],
                    Stroke::solid(GREY, 1.0).dashed(2.0, 3.0),
                )?;
            }
            // Under the bars, so that the point that is chosen shows whole.
            self.chosen(canvas, &panel, &self.choices(&panel, series))?;
            self.points(canvas, &panel, series)?;
            let count = ((panel.rect.width() / 60.0) as usize).clamp(2, 11);
            let ticks = apart(&panel, series.path.nonzero_ticks(count));
            panel.top_axis(
                canvas,
                &ticks,
                "non-zero coefficients of the fit on all rows",
            )?;
            panel.heading(canvas, &capital(&series.path.model), TOP_AXIS)?;
            if series.band().is_none() {
                panel.sentence(canvas, "no error could be computed", ALARM)?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::cross_validation::plate;
    use super::super::picture::write_svg;
    use super::super::synthetic::{Rows, provenance};
    use super::*;

    #[test]
    fn numbers_have_three_digits() {
        for (v, text) in [
            (0.0, "0"),
            (0.012345, "0.0123"),
            (1.0, "1.00"),
            (4321.0, "4321"),
            (1.5e-7, "1.50·10^{−7}"),
        ] {
            assert_eq!(significant(v), text);
        }
    }

    #[test]
    fn names_of_lambda_stay_inside_and_apart_for_any_grid() -> Result<()> {
        super::super::style::register();
        for lambdas in [1, 2, 3, 5, 20, 100] {
            for alphas in [&[1.0][..], &[1.0, 0.5], &[1.0, 0.5, 0.0001]] {
                let mut rows = Rows::default();
                alphas.iter().for_each(|&a| rows.validation(a, lambdas));
                let plate = plate(&rows.frames()?)?.expect("a curve");
                let (width, height) = plate.size();
                let inside = Rect {
                    left: GAP,
                    top: 0.0,
                    right: width - GAP,
                    bottom: height,
                };
                let cells = inside.cells(alphas.len(), plate.columns(), GAP);
                for (cell, series) in cells.into_iter().zip(&plate.panels) {
                    let panel = plate.panel(cell, series);
                    let choices = plate.choices(&panel, series);
                    let ends: Vec<(f64, f64, f64)> = choices
                        .iter()
                        .map(|c| (c.row, c.left, c.left + text_width(&c.text, LABEL)))
                        .collect();
                    for (row, left, right) in &ends {
                        assert!(*left >= panel.rect.left && *right <= panel.rect.right);
                        let meets =
                            |(r, a, b): &&(f64, f64, f64)| r == row && a < right && left < b;
                        assert_eq!(ends.iter().filter(meets).count(), 1, "{lambdas} λ");
                    }
                    let ticks = apart(&panel, series.path.nonzero_ticks(11));
                    assert!(!ticks.is_empty() && ticks.len() <= 11);
                }
            }
        }
        Ok(())
    }

    #[test]
    fn one_lambda_and_a_hundred_are_drawn() -> Result<()> {
        let dir = tempfile::tempdir()?;
        let file = dir.path().join("cv.svg");
        for (lambdas, names) in [(1, 1), (3, 2), (100, 2)] {
            let mut rows = Rows::default();
            rows.validation(1.0, lambdas);
            let plate = plate(&rows.frames()?)?.expect("a curve");
            write_svg(&plate, &provenance(), &file)?;
            let svg = std::fs::read_to_string(&file)?;
            // Once in the panel and once in the caption.
            assert_eq!(svg.matches("1se").count(), 2, "{lambdas} λ");
            assert_eq!(plate.panels[0].path.x.len() as u64, lambdas);
            let panel = plate.panel(
                Rect {
                    left: 0.0,
                    top: 0.0,
                    right: 800.0,
                    bottom: 480.0,
                },
                &plate.panels[0],
            );
            assert_eq!(plate.choices(&panel, &plate.panels[0]).len(), names);
        }
        Ok(())
    }
}
