//! A face of optima: lines whose sum of absolute deviations is least, from the least slope to the largest, over the points and as
//! intercept and slope.
//!
//! Least absolute deviations need not be unique: the optima are a face of a polyhedron, and what a solver returns is a point of it.

use super::axis::Axis;
use super::canvas::Canvas;
use super::deviations::Deviations;
use super::label::{self, Label};
use super::loss_fit::{Line, LossFit};
use super::panel::{ABOVE, BELOW, Panel};
use super::picture::{self, Plate, file_part};
use super::reader::loss_fits;
use super::rect::{Px, Rect};
use super::scale::Scale;
use super::scatter::Scatter;
use super::stroke::Stroke;
use super::style::{ALARM, GAP, GREY, LABEL, LINE, MARK, Mark, PALE, PALETTE, SMALL, WIDTH, dark};
use super::text::{Pen, text_width};
use super::trial::distinct;
use super::{Figure, Frames, Provenance};
use anyhow::Result;
use plotters::prelude::*;
use std::path::{Path, PathBuf};

/// Height of the panels with headings and axes.
const HEIGHT: f64 = 500.0;
/// Levels of the sum over its least, before they are rounded.
const LEVELS: [f64; 3] = [1.007, 1.03, 1.07];
/// Colour of the optima.
const OPTIMA: RGBColor = PALETTE[0];
/// Colour of least squares.
const SQUARES: RGBColor = PALETTE[1];
/// Pixels between the outlines and the name of an end.
const BESIDE: f64 = 12.0;
/// Most that a label may take.
const LABEL_WIDTH: f64 = 160.0;

/// The figure.
pub struct NonuniqueFace;

impl Figure for NonuniqueFace {
    fn id(&self) -> &'static str {
        "nonunique-face"
    }

    fn title(&self) -> &'static str {
        "Least absolute deviations that are not unique"
    }

    fn summary(&self) -> &'static str {
        "lines with the least sum of absolute deviations, from the least slope to the largest: over the points, and as intercepts and slopes"
    }

    fn draw(&self, frames: &Frames, provenance: &Provenance, out: &Path) -> Result<Vec<PathBuf>> {
        let fits = loss_fits(frames, "losses-classic")?;
        let absolute = || fits.iter().filter(|fit| fit.loss == "absolute");
        let datasets = distinct(absolute().map(|fit| fit.dataset.as_str()));
        let plates: Vec<(&str, FacePlate)> = datasets
            .into_iter()
            .filter_map(|dataset| {
                let best = absolute().find(|fit| fit.dataset == dataset)?;
                let here = |fit: &&LossFit| fit.dataset == dataset && fit.loss == "squared";
                let squares = fits.iter().find(here);
                let title = format!("{}, {dataset}", self.title());
                let plate = FacePlate::new(title, best, squares, Scatter::of(dataset)?);
                // A single optimum has no face to be seen.
                (plate.lines.len() != 1).then_some((dataset, plate))
            })
            .collect();
        let mut files = Vec::new();
        for (dataset, plate) in &plates {
            let stem = match plates.len() {
                1 => self.id().to_string(),
                _ => format!("{}-{}", self.id(), file_part(dataset)),
            };
            files.extend(picture::write(plate, provenance, out, &stem)?);
        }
        Ok(files)
    }
}

struct FacePlate {
    title: String,
    data: String,
    points: Scatter,
    /// The extreme optima, the steepest first.
    lines: Vec<Line>,
    squares: Option<Line>,
    trouble: Vec<String>,
}

impl FacePlate {
    fn new(title: String, best: &LossFit, squares: Option<&LossFit>, points: Scatter) -> Self {
        let note = match best.dataset.as_str() {
            "belgian-phones" => {
                " From 1964 to 1969 minutes of calls were recorded instead of their number."
            }
            _ => "",
        };
        let fits = || std::iter::once(best).chain(squares);
        Self {
            title,
            data: format!(
                "Data: {}, n = {}, p = {}.{note}",
                best.dataset, best.n, best.p
            ),
            lines: best.extremes(&points.feature),
            squares: squares.and_then(|fit| fit.line(&points.feature)),
            trouble: fits().filter_map(LossFit::trouble).collect(),
            points,
        }
    }

    fn sums(&self) -> Deviations<'_> {
        Deviations {
            x: &self.points.x,
            y: &self.points.y,
        }
    }

    /// The least sum, that of the first vertex.
    fn least(&self) -> Option<f64> {
        self.lines.first().map(|line| self.sums().of(*line))
    }

    /// The middle of the optima.
    fn middle(&self) -> Option<Line> {
        let mean =
            |of: fn(&Line) -> f64| self.lines.iter().map(of).sum::<f64>() / self.lines.len() as f64;
        (!self.lines.is_empty()).then(|| Line {
            intercept: mean(|line| line.intercept),
            slope: mean(|line| line.slope),
        })
    }

    /// Sums whose outlines are drawn, rounded to two digits more than their leading one.
    fn levels(&self) -> Vec<f64> {
        let Some(least) = self.least().filter(|least| *least > 0.0) else {
            return Vec::new();
        };
        let unit = 10f64.powf(least.log10().floor() - 1.0);
        let levels = LEVELS.map(|level| (level * least / unit).round() * unit);
        let mut levels: Vec<f64> = levels.into_iter().filter(|v| *v > least).collect();
        levels.dedup();
        levels
    }

    /// Names of the lines with their heights at the right end, where the feature is `right`.
    fn labels(&self, panel: &Panel, right: f64) -> Vec<Label> {
        let label = |text: String, line: Line, colour| Label {
            text,
            y: panel.px(right, line.at(right)).1,
            colour,
        };
        let squares = self
            .squares
            .map(|line| label(SQUARES_NAME.into(), line, SQUARES));
        let lines = self.lines.iter();
        let lines = lines.map(|line| {
            label(
                format!("LAD, slope {}", decimals(line.slope, 3)),
                *line,
                OPTIMA,
            )
        });
        squares.into_iter().chain(lines).collect()
    }

    fn label_width(&self) -> f64 {
        label::width([SQUARES_NAME, "LAD, slope 0.000"], LABEL_WIDTH)
    }

    fn scatter<DB: DrawingBackend>(&self, canvas: &Canvas<DB>, cell: Rect) -> Result<()> {
        let (left, right) = self.points.range();
        let (low, high) = self.points.heights();
        let y = Axis::new(
            Scale::linear(low.min(0.0), high).padded(0.04),
            6,
            self.points.y_title.clone(),
        );
        let pad = 0.03 * (right - left);
        let (left, right) = (left - pad, right + pad);
        let x = self.points.x_axis(left, right, 6);
        let cell = Rect {
            right: cell.right - self.label_width(),
            ..cell
        };
        let panel = Panel::inside(cell, x, y);
        panel.frame(canvas)?;
        panel.heading(canvas, "Best lines over the data", 0.0)?;
        if let (Some((upper, lower)), Rect { top, bottom, .. }) =
            (self.band(left, right), panel.rect)
        {
            let px = |&(x, y): &(f64, f64)| -> Px {
                let (x, y) = panel.px(x, y);
                (x, y.clamp(top, bottom))
            };
            let corners: Vec<Px> = upper.iter().chain(lower.iter().rev()).map(px).collect();
            canvas.fill(&corners, OPTIMA.mix(0.22))?;
        }
        let at = |line: &Line, x: f64| (x, line.at(x));
        if let Some(line) = &self.squares {
            let stroke = Stroke::solid(SQUARES, LINE).dashed(9.0, 5.0);
            panel.line(canvas, &[at(line, left), at(line, right)], stroke)?;
        }
        for line in &self.lines {
            let stroke = Stroke::solid(OPTIMA, 0.8 * LINE);
            panel.line(canvas, &[at(line, left), at(line, right)], stroke)?;
        }
        self.points.draw(canvas, &panel, 3.5)?;
        label::draw(
            canvas,
            panel.rect,
            self.labels(&panel, right),
            self.label_width(),
        )
    }

    /// Upper and lower edge of all optima over the feature: convex combinations of the vertices lie between their lines.
    fn band(&self, left: f64, right: f64) -> Option<(Vec<Px>, Vec<Px>)> {
        if self.lines.len() < 2 {
            return None;
        }
        let mut places = vec![left, right];
        for (i, a) in self.lines.iter().enumerate() {
            for b in &self.lines[..i] {
                places.push((a.intercept - b.intercept) / (b.slope - a.slope));
            }
        }
        places.retain(|x| (left..=right).contains(x));
        places.sort_by(f64::total_cmp);
        let edge = |x: f64, pick: fn(f64, f64) -> f64| {
            let values = self.lines.iter().map(|line| line.at(x));
            (x, values.reduce(pick).unwrap_or_default())
        };
        let upper = places.iter().map(|&x| edge(x, f64::max)).collect();
        let lower = places.iter().map(|&x| edge(x, f64::min)).collect();
        Some((upper, lower))
    }

    /// Scales around the optima, with room for the outlines as far as their ends of least slope.
    fn plane(&self, outlines: &[(f64, Vec<(f64, f64)>)]) -> Option<(Scale, Scale)> {
        let (steepest, flattest) = (self.lines.first()?, self.lines.last()?);
        let tips = outlines.iter().filter_map(|(_, outline)| outline.first());
        let tips = tips.map(|&(intercept, slope)| Line { intercept, slope });
        let last = tips.fold(
            *flattest,
            |last, tip| if tip.slope < last.slope { tip } else { last },
        );
        // Beyond the other end outlines run out of the frame.
        let beyond = |at: fn(&Line) -> f64| at(steepest) - 0.5 * (at(flattest) - at(steepest));
        let scale = |at: fn(&Line) -> f64| {
            let (a, b) = (beyond(at), at(&last));
            Scale::linear(a.min(b), a.max(b)).padded(0.08)
        };
        Some((scale(|line| line.intercept), scale(|line| line.slope)))
    }

    fn optima<DB: DrawingBackend>(&self, canvas: &Canvas<DB>, cell: Rect) -> Result<()> {
        let sums = self.sums();
        let outlines: Vec<(f64, Vec<(f64, f64)>)> = match self.middle() {
            Some(middle) => (self.levels().into_iter())
                .map(|level| (level, sums.outline(level, middle)))
                .collect(),
            None => Vec::new(),
        };
        let (Some((x, y)), Some(least)) = (self.plane(&outlines), self.least()) else {
            let axis = |title: &str| Axis {
                scale: Scale::linear(0.0, 1.0),
                ticks: Vec::new(),
                title: title.into(),
            };
            let panel = Panel::inside(cell, axis("intercept"), axis("slope"));
            panel.frame(canvas)?;
            return panel.sentence(canvas, &self.trouble.join(" "), ALARM);
        };
        let panel = Panel::inside(cell, Axis::new(x, 6, "intercept"), Axis::new(y, 6, "slope"));
        panel.frame(canvas)?;
        let heading = format!(
            "Sum of absolute deviations: {} from end to end",
            number(least)
        );
        panel.heading(canvas, &heading, 0.0)?;
        let outermost = outlines.last().map_or(least, |(level, _)| *level);
        for (level, outline) in &outlines {
            panel.line(canvas, outline, Stroke::solid(PALE, 1.25))?;
            // The first corner is the end of least slope.
            if let Some(&(intercept, slope)) = outline.first() {
                let left = sums.interval(outermost, slope)[0];
                self.inscribe(
                    canvas,
                    &panel,
                    Line { intercept, slope },
                    left,
                    &number(*level),
                )?;
            }
        }
        let ends: Vec<(f64, f64)> = self.lines.iter().map(|l| (l.intercept, l.slope)).collect();
        let corners: Vec<Px> = ends.iter().map(|&(a, b)| panel.px(a, b)).collect();
        if corners.len() > 2 {
            canvas.fill(&corners, OPTIMA.mix(0.3))?;
        }
        for line in &self.lines {
            let [left, right] = sums.interval(outermost, line.slope);
            self.name(canvas, &panel, *line, (left, right))?;
        }
        let ring: Vec<(f64, f64)> = ends.iter().chain(ends.first()).copied().collect();
        panel.line(canvas, &ring, Stroke::solid(OPTIMA, 2.0 * LINE))?;
        for at in corners {
            canvas.mark(at, Mark::Disc, MARK + 0.5, OPTIMA, false)?;
        }
        Ok(())
    }

    /// The name of an end of the segment outside the outlines, which reach from `left` to `right` at its slope, and a leader to it.
    fn name<DB: DrawingBackend>(
        &self,
        canvas: &Canvas<DB>,
        panel: &Panel,
        line: Line,
        (left, right): (f64, f64),
    ) -> Result<()> {
        let text = format!(
            "({}, {})",
            decimals(line.intercept, 2),
            decimals(line.slope, 3)
        );
        let width = text_width(&text, LABEL) * 1.04;
        let (x, y) = panel.px(line.intercept, line.slope);
        let (left, right) = (panel.px(left, line.slope).0, panel.px(right, line.slope).0);
        let (start, end) = if right + BESIDE + width <= panel.rect.right - 4.0 {
            (right + BESIDE, right + BESIDE - 4.0)
        } else {
            (left - BESIDE - width, left - BESIDE + 4.0)
        };
        canvas.line(&[(x, y), (end, y)], Stroke::solid(OPTIMA, 1.0))?;
        canvas.text(&text, (start, y), Pen::new(LABEL, dark(OPTIMA)))
    }

    /// The level of an outline left of all outlines, which reach as far as `left` there, and a leader to its end.
    fn inscribe<DB: DrawingBackend>(
        &self,
        canvas: &Canvas<DB>,
        panel: &Panel,
        tip: Line,
        left: f64,
        text: &str,
    ) -> Result<()> {
        let (x, y) = panel.px(tip.intercept, tip.slope);
        let end = panel.px(left, tip.slope).0 - BESIDE;
        if end - text_width(text, SMALL) < panel.rect.left || y > panel.rect.bottom {
            return Ok(());
        }
        canvas.line(&[(x, y), (end + 4.0, y)], Stroke::solid(PALE, 1.0))?;
        canvas.text(text, (end, y), Pen::new(SMALL, GREY).ending())
    }
}

/// Name of the line of least squares.
const SQUARES_NAME: &str = "least squares";

/// So many decimals, with a minus that is one.
fn decimals(value: f64, places: usize) -> String {
    format!("{value:.places$}").replace('-', "−")
}

/// A number with as many decimals as it needs, at most three.
fn number(value: f64) -> String {
    let text = decimals(value, 3);
    text.trim_end_matches('0').trim_end_matches('.').to_string()
}

impl Plate for FacePlate {
    fn title(&self) -> String {
        self.title.clone()
    }

    fn notes(&self) -> Vec<String> {
        let mut notes = vec![self.data.clone()];
        if let (Some(first), Some(last), Some(least)) =
            (self.lines.first(), self.lines.last(), self.least())
        {
            notes.push(format!(
                "Every line on the way from one end to the other has the least sum of absolute deviations, {}: slopes from {} to {}, intercepts \
                 from {} to {}. No other slope has it; a few lines beside the way do. What a solver returns is one of all these.",
                number(least),
                decimals(last.slope, 3),
                decimals(first.slope, 3),
                decimals(first.intercept.min(last.intercept), 2),
                decimals(first.intercept.max(last.intercept), 2),
            ));
            notes.push("Grey: lines of equal sum.".into());
        }
        notes.extend(self.trouble.iter().cloned());
        notes
    }

    fn size(&self) -> (f64, f64) {
        (WIDTH, HEIGHT.max(ABOVE + BELOW))
    }

    fn draw<DB: DrawingBackend>(&self, canvas: &Canvas<DB>, inside: Rect) -> Result<()> {
        let middle = inside.left + 0.53 * inside.width();
        let left = Rect {
            right: middle - GAP,
            ..inside
        };
        let right = Rect {
            left: middle + GAP,
            ..inside
        };
        self.scatter(canvas, left)?;
        self.optima(canvas, right)
    }
}
