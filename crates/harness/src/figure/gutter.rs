//! A gutter: what has no number, in columns right of the panel, one for every reason.

use super::absence::absence_rank;
use super::canvas::Canvas;
use super::dot_row::DotRow;
use super::stroke::Stroke;
use super::style::{GREY, GRID, SMALL};
use super::text::{Pen, text_width};
use super::trial::distinct;
use anyhow::Result;
use plotters::prelude::*;

/// Markers side by side; more of them go below.
const ABREAST: usize = 4;
/// Distance of markers.
const STEP: f64 = 12.0;
/// Radius of a marker.
const RADIUS: f64 = 4.25;
/// White space between panel and columns.
const INSET: f64 = 6.0;

/// The columns, each with the reason it is for and its width.
#[derive(Clone, Debug, Default)]
pub struct Gutter {
    columns: Vec<(&'static str, f64)>,
    /// Width of the texts of rows that have one.
    text: f64,
}

impl Gutter {
    /// The gutter that holds those rows.
    pub fn of<'a>(rows: impl Iterator<Item = &'a DotRow> + Clone) -> Self {
        let mut words = distinct(rows.clone().flat_map(|r| &r.absent).map(|(word, _)| *word));
        words.sort_by_key(|word| absence_rank(word));
        let columns = words
            .into_iter()
            .map(|word| {
                let count = |row: &DotRow| row.absent.iter().filter(|a| a.0 == word).count();
                let most = rows.clone().map(count).max().unwrap_or(0).min(ABREAST);
                (word, (most as f64 * STEP).max(SMALL) + 10.0)
            })
            .collect();
        let text = rows.map(|row| text_width(&row.text, SMALL) * 1.06);
        Self {
            columns,
            text: text.fold(0.0, f64::max),
        }
    }

    /// Width.
    pub fn width(&self) -> f64 {
        let columns: f64 = self.columns.iter().map(|c| c.1).sum();
        match (columns, self.text) {
            (0.0, 0.0) => 0.0,
            (columns, text) => INSET + columns.max(text + 8.0),
        }
    }

    /// Height of the heads of the columns.
    pub fn head(&self) -> f64 {
        let heads = self.columns.iter().map(|c| text_width(c.0, SMALL) * 1.06);
        heads.fold(0.0, f64::max)
    }

    /// Height that the markers of a row need.
    pub fn height(&self, row: &DotRow) -> f64 {
        let count = |word| row.absent.iter().filter(|a| a.0 == word).count();
        let most = self.columns.iter().map(|c| count(c.0)).max().unwrap_or(0);
        most.div_ceil(ABREAST) as f64 * STEP + 8.0
    }

    /// The heads of the columns above `top`, and the lines between them down to `bottom`.
    pub fn frame<DB: DrawingBackend>(
        &self,
        canvas: &Canvas<DB>,
        (left, top, bottom): (f64, f64, f64),
    ) -> Result<()> {
        let mut x = left + INSET;
        for (word, width) in &self.columns {
            let high = text_width(word, SMALL) * 1.06;
            let at = (x + width / 2.0, top - 8.0 - high / 2.0);
            canvas.text(word, at, Pen::new(SMALL, GREY).centred().upwards())?;
            x += width;
            canvas.line(&[(x, top), (x, bottom)], Stroke::solid(GRID, 1.0))?;
        }
        Ok(())
    }

    /// Draws the markers or the text of a row around a height.
    pub fn draw<DB: DrawingBackend>(
        &self,
        canvas: &Canvas<DB>,
        row: &DotRow,
        (left, middle): (f64, f64),
    ) -> Result<()> {
        let mut x = left + INSET;
        for (word, width) in &self.columns {
            let marks: Vec<_> = row.absent.iter().filter(|a| a.0 == *word).collect();
            let lines = marks.len().div_ceil(ABREAST);
            for (i, line) in marks.chunks(ABREAST).enumerate() {
                let y = middle + (i as f64 - (lines as f64 - 1.0) / 2.0) * STEP;
                for (j, (_, ink)) in line.iter().enumerate() {
                    let aside = (j as f64 - (line.len() as f64 - 1.0) / 2.0) * STEP;
                    let at = (x + width / 2.0 + aside, y);
                    canvas.mark(at, ink.mark, RADIUS, ink.colour, true)?;
                }
            }
            x += width;
        }
        canvas.text(
            &row.text,
            (left + INSET + 4.0, middle),
            Pen::new(SMALL, GREY),
        )
    }
}
