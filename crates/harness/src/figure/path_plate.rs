//! The plate of coefficient paths: the panels of one dataset, with the looks and the scale that they share.

use super::abscissa::Abscissa;
use super::axis::Axis;
use super::canvas::Canvas;
use super::label::{self, Label};
use super::looks::{Look, Looks, NAMED};
use super::panel::{ABOVE, BELOW, Panel, TOP_AXIS};
use super::path_line::{Band, Line};
use super::path_series::PathSeries;
use super::picture::Plate;
use super::rect::{Px, Rect};
use super::scale::Scale;
use super::stroke::Stroke;
use super::style::{ALARM, GAP, GREY, Ink, LINE, WIDTH, capital, ink};
use super::trial::Trial;
use anyhow::Result;
use plotters::prelude::*;

/// Panels of one dataset, with what they share: colours, labels, magnification.
pub struct PathPlate {
    title: String,
    data: String,
    across: Abscissa,
    more: Vec<String>,
    panels: Vec<PathSeries>,
    looks: Looks,
    shared: bool,
}

/// Widest label beside one, two and three panels.
const LABEL_WIDTH: [f64; 3] = [220.0, 160.0, 120.0];

impl PathPlate {
    /// Panels of the trials against λ, in their order.
    pub fn new(trials: &[&Trial], title: String) -> Self {
        Self::against(trials, title, Abscissa::Lambda)
    }

    /// Panels of the trials, in their order.
    pub fn against(trials: &[&Trial], title: String, across: Abscissa) -> Self {
        let panels: Vec<PathSeries> = (trials.iter())
            .map(|t| PathSeries::against(t, across))
            .collect();
        let data = trials.first().map_or_else(String::new, |t| {
            format!("Data: {}, n = {}, p = {}.", t.dataset, t.n, t.p)
        });
        let looks = Looks::of(&panels);
        let heights: Vec<f64> = panels
            .iter()
            .map(|p| p.band(|_| 1.0).height())
            .filter(|h| *h > 0.0)
            .collect();
        let (low, high) = heights.iter().fold((f64::MAX, 0.0f64), |(low, high), h| {
            (low.min(*h), high.max(*h))
        });
        Self {
            title,
            data,
            across,
            more: Vec::new(),
            panels,
            looks,
            shared: low * 4.0 >= high,
        }
    }

    /// Lets the caption end with these sentences.
    pub fn add_notes(&mut self, notes: &[String]) {
        self.more.extend_from_slice(notes);
    }

    fn columns(&self) -> usize {
        self.panels.len().clamp(1, 3)
    }

    fn band(&self, panel: &PathSeries) -> Band {
        let factor = |feature: &str| self.looks.of_feature(feature).factor;
        if self.shared {
            self.panels
                .iter()
                .map(|p| p.band(factor))
                .fold(Band::default(), Band::join)
        } else {
            panel.band(factor)
        }
    }

    fn label_width(&self) -> f64 {
        let texts = self.looks.labels();
        label::width(
            texts.iter().map(String::as_str),
            LABEL_WIDTH[self.columns() - 1],
        )
    }

    /// Panels of equal width in rows; only the first of a row carries the title of y, and its ticks if y is shared.
    fn layout(&self, inside: Rect) -> Vec<Panel> {
        let axes: Vec<Axis> = self
            .panels
            .iter()
            .map(|series| {
                let Band { low, high } = self.band(series);
                Axis::new(Scale::linear(low, high).padded(0.04), 6, "coefficient")
            })
            .collect();
        let first = axes.iter().map(Axis::width).fold(0.0, f64::max);
        let next = if self.shared {
            0.0
        } else {
            axes.iter()
                .map(|y| y.untitled().width())
                .fold(0.0, f64::max)
        };
        let (columns, labels) = (self.columns(), self.label_width().max(GAP));
        let gaps = (columns - 1) as f64;
        let width = (inside.width() - first - gaps * (next + GAP) - columns as f64 * labels)
            / columns as f64;
        let rows = inside.cells(self.panels.len().div_ceil(columns), 1, GAP);
        let panels = axes
            .into_iter()
            .zip(&self.panels)
            .enumerate()
            .map(|(i, (y, series))| {
                let (row, column) = (rows[i / columns], i % columns);
                let left = row.left + first + column as f64 * (width + labels + GAP + next);
                let rect = Rect {
                    left,
                    top: row.top + ABOVE + TOP_AXIS,
                    right: left + width,
                    bottom: row.bottom - BELOW,
                };
                let y = match (column, self.shared) {
                    (0, _) => y,
                    (_, true) => y.silent(),
                    (_, false) => y.untitled(),
                };
                Panel {
                    rect,
                    x: series.axis(),
                    y,
                }
            });
        panels.collect()
    }

    fn lines<DB: DrawingBackend>(
        &self,
        canvas: &Canvas<DB>,
        panel: &Panel,
        series: &PathSeries,
    ) -> Result<()> {
        let look = |line: &Line| self.looks.of_feature(&line.feature);
        let (named, rest): (Vec<&Line>, Vec<&Line>) =
            series.lines.iter().rev().partition(|l| look(l).labelled);
        for line in rest.into_iter().chain(named) {
            let Look {
                colour,
                factor,
                labelled,
            } = look(line);
            let points: Vec<Px> = line
                .visible()
                .map(|i| (series.x[i], line.values[i] * factor))
                .collect();
            let stroke = Stroke::solid(colour, if labelled { LINE } else { 1.25 });
            panel.line(
                canvas,
                &points,
                if factor == 1.0 {
                    stroke
                } else {
                    stroke.dashed(7.0, 3.5)
                },
            )?;
            if series.x.len() == 1 {
                points.iter().try_for_each(|point| {
                    panel.mark(canvas, *point, Ink { colour, ..ink(0) }, false)
                })?;
            }
        }
        Ok(())
    }

    fn labels(&self, panel: &Panel, series: &PathSeries) -> Vec<Label> {
        let Some(last) = series.x.last() else {
            return Vec::new();
        };
        let ends = series
            .lines
            .iter()
            .filter(|line| line.end() != 0.0 || self.looks.few());
        ends.filter_map(|line| {
            let Look {
                colour,
                factor,
                labelled,
            } = self.looks.of_feature(&line.feature);
            let y = panel
                .px(*last, line.end() * factor)
                .1
                .clamp(panel.rect.top, panel.rect.bottom);
            labelled.then(|| Label {
                text: self.looks.label(&line.feature),
                y,
                colour,
            })
        })
        .collect()
    }
}

impl Plate for PathPlate {
    fn title(&self) -> String {
        self.title.clone()
    }

    fn notes(&self) -> Vec<String> {
        let mut notes = vec![
            self.data.clone(),
            "Coefficients on the original scale of the data.".into(),
        ];
        notes.extend(self.across.note().map(str::to_owned));
        if self.looks.magnified() {
            notes.push("Dashed lines are drawn larger by the factor in their label.".into());
        }
        if !self.looks.few() {
            notes.push(format!("Coloured: the {NAMED} features that end largest."));
        }
        let hidden = self.panels.iter().map(|p| p.hidden).max().unwrap_or(0);
        if hidden > 0 {
            notes.push(format!(
                "The smallest paths, up to {hidden} a panel, are not drawn."
            ));
        }
        if self.panels.iter().any(|p| p.unconverged > 0) {
            notes.push("Shaded: λ at which the solver did not converge.".into());
        }
        notes.extend(self.more.iter().cloned());
        notes
    }

    fn size(&self) -> (f64, f64) {
        let rows = self.panels.len().div_ceil(self.columns()).max(1) as f64;
        let width = [820.0, 1040.0, WIDTH][self.columns() - 1];
        let plot = if self.panels.len() == 1 { 340.0 } else { 300.0 };
        (
            width,
            rows * (ABOVE + TOP_AXIS + plot + BELOW) + (rows - 1.0) * GAP / 2.0,
        )
    }

    fn draw<DB: DrawingBackend>(&self, canvas: &Canvas<DB>, inside: Rect) -> Result<()> {
        for (panel, series) in self.layout(inside).iter().zip(&self.panels) {
            panel.frame(canvas)?;
            let Rect {
                left,
                top,
                right,
                bottom,
            } = panel.rect;
            for (from, to) in series.unconverged_pixels(panel) {
                canvas.fill(
                    &[(from, top), (to, top), (to, bottom), (from, bottom)],
                    ALARM.mix(0.12),
                )?;
            }
            let zero = panel.px(1.0, 0.0).1;
            canvas.line(&[(left, zero), (right, zero)], Stroke::solid(GREY, 1.0))?;
            if let Some(x) = series.rupture().map(|x| panel.px(x, 0.0).0) {
                canvas.line(
                    &[(x, top), (x, bottom)],
                    Stroke::solid(GREY, 1.0).dashed(2.0, 4.0),
                )?;
            }
            self.lines(canvas, panel, series)?;
            label::draw(
                canvas,
                panel.rect,
                self.labels(panel, series),
                self.label_width(),
            )?;
            let count = ((panel.rect.width() / 50.0) as usize).clamp(2, 9);
            panel.top_axis(
                canvas,
                &series.nonzero_ticks(count),
                "non-zero coefficients",
            )?;
            panel.heading(canvas, &capital(&series.model), TOP_AXIS)?;
            if let Some(reason) = &series.failure {
                panel.sentence(canvas, reason, ALARM)?;
            } else if series.lines.is_empty() {
                panel.sentence(canvas, "every coefficient is exactly 0 at every λ", GREY)?;
            }
        }
        Ok(())
    }
}
