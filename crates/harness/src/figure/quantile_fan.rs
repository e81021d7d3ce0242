//! Quantile fan: the quantile regressions of one response on one feature, over its points, beside least squares.
//!
//! Lines that part as the feature grows say that the spread of the response grows with it, which least squares cannot say.
//! After Koenker & Hallock (2001), Quantile regression, Journal of Economic Perspectives 15(4), Figure 3.

use super::axis::Axis;
use super::canvas::Canvas;
use super::label::{self, Label};
use super::loss_fit::{Line, LossFit};
use super::panel::{BELOW, Panel};
use super::picture::{self, Plate, file_part};
use super::reader::loss_fits;
use super::rect::Rect;
use super::scale::Scale;
use super::scatter::Scatter;
use super::stroke::Stroke;
use super::style::{ALARM, LABEL, LINE, PALETTE, WIDTH, dark};
use super::text::{Pen, text_width};
use super::trial::distinct;
use super::{Figure, Frames, Provenance};
use anyhow::Result;
use plotters::prelude::*;
use std::path::{Path, PathBuf};

/// Height of the panel with its axis.
const HEIGHT: f64 = 640.0;
/// Radius of a point.
const POINT: f64 = 3.0;
/// Height above the panel, for the names of lines that leave it there.
const TOP: f64 = 44.0;
/// Distance of the middles of those names from the panel.
const RISE: f64 = 28.0;
/// Least distance of two of them.
const APART: f64 = 14.0;
/// Most that a label may take.
const LABEL_WIDTH: f64 = 160.0;

/// The figure.
pub struct QuantileFan;

impl Figure for QuantileFan {
    fn id(&self) -> &'static str {
        "quantile-fan"
    }

    fn title(&self) -> &'static str {
        "Quantile regression"
    }

    fn summary(&self) -> &'static str {
        "conditional quantiles of a response as lines over its points, with least squares dashed"
    }

    fn draw(&self, frames: &Frames, provenance: &Provenance, out: &Path) -> Result<Vec<PathBuf>> {
        let fits = loss_fits(frames, "losses-classic")?;
        let quantiles = || fits.iter().filter(|fit| fit.tau().is_some());
        let datasets = distinct(quantiles().map(|fit| fit.dataset.as_str()));
        let plates: Vec<(&str, FanPlate)> = datasets
            .into_iter()
            .filter_map(|dataset| {
                let here = fits.iter().filter(|fit| fit.dataset == dataset);
                let title = format!("{}, {dataset}", self.title());
                Some((
                    dataset,
                    FanPlate::new(title, here.collect(), Scatter::of(dataset)?),
                ))
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

struct FanPlate {
    title: String,
    data: String,
    points: Scatter,
    lines: Vec<Drawn>,
    trouble: Vec<String>,
}

/// A line of the fan.
struct Drawn {
    line: Line,
    text: String,
    stroke: Stroke,
    colour: RGBColor,
}

impl FanPlate {
    fn new(title: String, mut fits: Vec<&LossFit>, points: Scatter) -> Self {
        // Least squares lies over the others: there is one of it.
        fits.sort_by(|a, b| {
            let rank = |fit: &LossFit| fit.tau().unwrap_or(f64::INFINITY);
            rank(a).total_cmp(&rank(b))
        });
        let drawn = |fit: &&LossFit| {
            let line = fit.line(&points.feature)?;
            let (text, stroke, colour) = match (fit.tau(), fit.loss.as_str()) {
                (Some(tau), _) => {
                    // The median is the one that is compared with the mean.
                    let width = if tau == 0.5 { 1.6 * LINE } else { 0.8 * LINE };
                    let colour = PALETTE[0];
                    (format!("τ = {tau}"), Stroke::solid(colour, width), colour)
                }
                (None, "squared") => {
                    let stroke = Stroke::solid(PALETTE[1], LINE).dashed(9.0, 5.0);
                    ("least squares".into(), stroke, PALETTE[1])
                }
                _ => return None,
            };
            Some(Drawn {
                line,
                text,
                stroke,
                colour,
            })
        };
        let first = fits.first();
        Self {
            title,
            data: first.map_or_else(String::new, |f| {
                format!("Data: {}, n = {}, p = {}.", f.dataset, f.n, f.p)
            }),
            lines: fits.iter().filter_map(drawn).collect(),
            trouble: fits.iter().filter_map(|fit| fit.trouble()).collect(),
            points,
        }
    }

    fn label_width(&self) -> f64 {
        label::width(self.lines.iter().map(|l| l.text.as_str()), LABEL_WIDTH)
    }

    /// Axes around the points; lines end where they leave it.
    fn panel(&self, inside: Rect) -> Panel {
        let (left, right) = self.points.range();
        let (low, high) = self.points.heights();
        let pad = 0.015 * (right - left);
        let x = self.points.x_axis(left - pad, right + pad, 8);
        let scale = Scale::linear(low, high).padded(0.05);
        let y = Axis::new(scale, 8, self.points.y_title.clone());
        let rect = Rect {
            left: inside.left + y.width(),
            top: inside.top + TOP,
            right: inside.right - self.label_width(),
            bottom: inside.bottom - BELOW,
        };
        Panel { rect, x, y }
    }

    /// Writes names above the panel, each joined to where its line leaves it, from left to right.
    fn above<DB: DrawingBackend>(
        &self,
        canvas: &Canvas<DB>,
        panel: &Panel,
        mut leaving: Vec<(f64, &Drawn)>,
    ) -> Result<()> {
        leaving.sort_by(|a, b| a.0.total_cmp(&b.0));
        let widths: Vec<f64> = (leaving.iter())
            .map(|(_, drawn)| text_width(&drawn.text, LABEL) * 1.04)
            .collect();
        // Without the widths before them, places need only ascend.
        let mut offsets = vec![0.0; widths.len()];
        for i in 1..widths.len() {
            offsets[i] = offsets[i - 1] + 0.5 * (widths[i - 1] + widths[i]) + APART;
        }
        let wanted: Vec<f64> = leaving.iter().zip(&offsets).map(|(l, o)| l.0 - o).collect();
        let end = offsets.last().copied().unwrap_or_default();
        let half = widths.last().copied().unwrap_or_default() / 2.0;
        let Rect {
            left, right, top, ..
        } = panel.rect;
        let first = widths.first().copied().unwrap_or_default() / 2.0;
        let places = label::push_apart(&wanted, 0.0, left + first, right - half - end);
        for (((x, drawn), place), offset) in leaving.iter().zip(places).zip(&offsets) {
            let middle = place + offset;
            let leader = [
                (*x, top - 2.0),
                (*x, top - 5.0),
                (middle, top - RISE + 13.0),
                (middle, top - RISE + 10.0),
            ];
            canvas.line(&leader, Stroke::solid(drawn.colour, 1.0))?;
            let pen = Pen::new(LABEL, dark(drawn.colour)).centred();
            canvas.text(&drawn.text, (middle, top - RISE), pen)?;
        }
        Ok(())
    }
}

impl Plate for FanPlate {
    fn title(&self) -> String {
        self.title.clone()
    }

    fn notes(&self) -> Vec<String> {
        let mut notes = vec![
            self.data.clone(),
            "The line of τ has about a share τ of the points below it; it is linear quantile regression, without penalty. Thick: the median. \
             After Koenker & Hallock (2001), Figure 3."
                .into(),
        ];
        notes.extend(self.trouble.iter().cloned());
        notes
    }

    fn size(&self) -> (f64, f64) {
        (WIDTH, HEIGHT)
    }

    fn draw<DB: DrawingBackend>(&self, canvas: &Canvas<DB>, inside: Rect) -> Result<()> {
        let panel = self.panel(inside);
        panel.frame(canvas)?;
        self.points.draw(canvas, &panel, POINT)?;
        let (left, right) = (panel.x.scale.value(0.0), panel.x.scale.value(1.0));
        let top = panel.y.scale.value(1.0);
        let (mut beside, mut above) = (Vec::new(), Vec::new());
        for drawn in &self.lines {
            let at = |x: f64| (x, drawn.line.at(x));
            panel.line(canvas, &[at(left), at(right)], drawn.stroke)?;
            if drawn.line.at(right) > top && drawn.line.at(left) < top {
                let x = (top - drawn.line.intercept) / drawn.line.slope;
                above.push((panel.px(x, top).0, drawn));
            } else {
                beside.push(Label {
                    text: drawn.text.clone(),
                    y: panel.px(right, drawn.line.at(right)).1,
                    colour: drawn.colour,
                });
            }
        }
        label::draw(canvas, panel.rect, beside, self.label_width())?;
        self.above(canvas, &panel, above)?;
        if self.lines.is_empty() {
            panel.sentence(canvas, &self.trouble.join(" "), ALARM)?;
        }
        Ok(())
    }
}
