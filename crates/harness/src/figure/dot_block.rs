//! A block of dots: rows that share labels, side by side in columns that share an axis.

use super::axis::Axis;
use super::canvas::Canvas;
use super::dot_row::DotRow;
use super::gutter::Gutter;
use super::panel::{BELOW, Panel};
use super::rect::Rect;
use super::scale::Scale;
use super::stroke::Stroke;
use super::style::{ALARM, BLACK, GAP, GREY, LABEL, SMALL};
use super::text::{Pen, fit, text_width};
use anyhow::Result;
use plotters::prelude::*;

/// Height of the headings over a block.
const HEAD: f64 = 44.0;
/// Height of a line of a label.
const LINE: f64 = 17.0;
/// Blocks higher than that have ticks at both ends.
const HIGH: f64 = 500.0;
/// Height of those.
const TICKS: f64 = 22.0;
/// Every second row.
const BAND: RGBColor = RGBColor(0xf6, 0xf6, 0xf6);

/// Rows that share labels.
#[derive(Clone, Debug)]
pub struct DotBlock {
    /// Name and detail of every row.
    pub labels: Vec<(String, String)>,
    /// Heading and rows of every column.
    pub columns: Vec<(String, Vec<DotRow>)>,
}

/// Widths that the blocks of a picture share.
#[derive(Clone, Copy, Debug)]
pub struct Widths {
    /// Of the labels.
    pub labels: f64,
    /// Of a panel.
    pub panel: f64,
    /// Of a gutter.
    pub gutter: f64,
}

/// The axis that the columns share, and where its guide line stands.
#[derive(Clone, Debug)]
pub struct Across {
    /// The axis.
    pub axis: Axis,
    /// Value of the guide line.
    pub guide: Option<f64>,
}

impl DotBlock {
    /// All rows.
    pub fn rows(&self) -> impl Iterator<Item = &DotRow> + Clone {
        self.columns.iter().flat_map(|(_, rows)| rows)
    }

    /// The gutter of every column.
    pub fn gutter(&self) -> Gutter {
        Gutter::of(self.rows())
    }

    /// Width of the labels.
    pub fn labels_width(&self) -> f64 {
        let width = |(name, detail): &(String, String)| {
            text_width(name, LABEL).max(text_width(detail, SMALL)) * 1.05
        };
        self.labels.iter().map(width).fold(0.0, f64::max) + 14.0
    }

    fn heights(&self, widths: Widths, scale: Scale) -> Vec<f64> {
        let (gutter, across) = (self.gutter(), |value| scale.at(value) * widths.panel);
        let of_row = |i: usize| {
            let lines = if self.labels[i].1.is_empty() {
                1.0
            } else {
                2.0
            };
            let rows = self.columns.iter().filter_map(|(_, rows)| rows.get(i));
            rows.map(|row| row.height(across).max(gutter.height(row)))
                .fold(lines * LINE + 6.0, f64::max)
        };
        (0..self.labels.len()).map(of_row).collect()
    }

    /// Height with headings, ticks and title.
    pub fn height(&self, widths: Widths, scale: Scale) -> f64 {
        let rows = self.heights(widths, scale).iter().sum::<f64>();
        self.head(rows) + rows + BELOW
    }

    /// Height of headings and upper ticks over that height of rows.
    fn head(&self, rows: f64) -> f64 {
        let ticks = if rows > HIGH { TICKS } else { 0.0 };
        (HEAD + ticks).max(self.gutter().head() + 12.0)
    }

    /// Draws the block from the upper left corner of a rectangle.
    pub fn draw<DB: DrawingBackend>(
        &self,
        canvas: &Canvas<DB>,
        (left, top): (f64, f64),
        widths: Widths,
        across: &Across,
    ) -> Result<()> {
        let heights = self.heights(widths, across.axis.scale);
        let (gutter, rows) = (self.gutter(), heights.iter().sum::<f64>());
        let lift = if rows > HIGH { TICKS } else { 0.0 };
        let (top, wide) = (top + self.head(rows), widths.panel + widths.gutter);
        let right = left
            + widths.labels
            + wide * self.columns.len() as f64
            + GAP * (self.columns.len() - 1) as f64;
        let middles: Vec<f64> = heights
            .iter()
            .scan(top, |y, height| {
                *y += height;
                Some(*y - height / 2.0)
            })
            .collect();
        for (middle, height) in middles.iter().zip(&heights).skip(1).step_by(2) {
            let (above, below) = (middle - height / 2.0, middle + height / 2.0);
            let corners = [(left, above), (right, above), (right, below), (left, below)];
            canvas.fill(&corners, BAND.to_rgba())?;
        }
        for (middle, (name, detail)) in middles.iter().zip(&self.labels) {
            let x = left + widths.labels - 10.0;
            let room = widths.labels - 10.0;
            let (above, below) = if detail.is_empty() {
                (*middle, *middle)
            } else {
                (middle - LINE / 2.0, middle + LINE / 2.0)
            };
            let pen = Pen::new(LABEL, BLACK).ending();
            canvas.text(&fit(name, LABEL, room), (x, above), pen)?;
            let pen = Pen::new(SMALL, GREY).ending();
            canvas.text(&fit(detail, SMALL, room), (x, below), pen)?;
        }
        for (i, (heading, column)) in self.columns.iter().enumerate() {
            let left = left + widths.labels + (wide + GAP) * i as f64;
            let panel = Panel {
                rect: Rect {
                    left,
                    top,
                    right: left + widths.panel,
                    bottom: top + rows,
                },
                x: across.axis.clone(),
                y: Axis {
                    scale: Scale::linear(0.0, 1.0),
                    ticks: Vec::new(),
                    title: String::new(),
                },
            };
            panel.frame(canvas)?;
            if lift > 0.0 {
                let named = across.axis.ticks.iter().filter(|t| t.label.is_some());
                panel.top_axis(canvas, &named.cloned().collect::<Vec<_>>(), "")?;
            }
            panel.heading(canvas, heading, lift)?;
            if let Some(guide) = across.guide {
                let line = [(guide, 0.0), (guide, 1.0)];
                panel.line(canvas, &line, Stroke::solid(GREY, 1.5).dashed(5.0, 4.0))?;
            }
            if column.iter().all(|row| row.dots.is_empty()) {
                panel.sentence(canvas, "no contestant has a number here", ALARM)?;
            }
            let rect = panel.rect;
            gutter.frame(canvas, (rect.right, rect.top, rect.bottom))?;
            for (middle, row) in middles.iter().zip(column) {
                row.draw(canvas, &panel, *middle)?;
                gutter.draw(canvas, row, (rect.right, *middle))?;
            }
        }
        Ok(())
    }
}
