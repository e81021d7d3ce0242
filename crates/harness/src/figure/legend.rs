//! A legend: keys in rows above the panels, never over the lines.

use super::canvas::Canvas;
use super::rect::Rect;
use super::stroke::Stroke;
use super::style::{BLACK, Ink, LABEL, LINE, MARK};
use super::text::{Pen, text_width, wrap_evenly};
use anyhow::Result;
use plotters::prelude::*;

/// Height of one row of keys.
const ROW: f64 = 24.0;
/// Width of the sample line of a key.
const SAMPLE: f64 = 34.0;
/// Space between the sample of a key and its text.
const ASIDE: f64 = 7.0;
/// Space between a key and the next.
const APART: f64 = 22.0;
/// Height of a further line of a key.
const LINE_HEIGHT: f64 = 18.0;
/// Viewers may set SVG in a wider font than ours.
const WIDER: f64 = 1.06;

/// One key: how a series looks and what it is called.
#[derive(Clone, Debug)]
pub struct Key {
    /// What is written.
    pub text: String,
    /// Colour and marker.
    pub ink: Ink,
    /// Line of the sample, if the series has one.
    pub line: Option<Stroke>,
    /// Marker of the sample: `None`, or whether it is open.
    pub open: Option<bool>,
}

impl Key {
    /// A line with filled markers.
    pub fn series(text: impl Into<String>, ink: Ink) -> Self {
        Self {
            text: text.into(),
            ink,
            line: Some(Stroke::solid(ink.colour, LINE)),
            open: Some(false),
        }
    }

    /// A line without markers.
    pub fn line(text: impl Into<String>, ink: Ink, line: Stroke) -> Self {
        Self {
            text: text.into(),
            ink,
            line: Some(line),
            open: None,
        }
    }

    /// A marker alone.
    pub fn mark(text: impl Into<String>, ink: Ink, open: bool) -> Self {
        Self {
            text: text.into(),
            ink,
            line: None,
            open: Some(open),
        }
    }

    fn sample(&self) -> f64 {
        if self.line.is_some() {
            SAMPLE
        } else {
            3.0 * MARK
        }
    }

    /// Width with the space before the next key.
    fn width(&self) -> f64 {
        self.sample() + ASIDE + text_width(&self.text, LABEL) * WIDER + APART
    }

    /// The text in lines, several only where it is wider than the legend.
    fn lines(&self, width: f64) -> Vec<String> {
        wrap_evenly(&self.text, LABEL, (width - self.sample() - ASIDE) / WIDER)
    }
}

/// Height of a row of keys.
fn row_height(row: &[Key], width: f64) -> f64 {
    let lines = row.iter().map(|key| key.lines(width).len().max(1));
    ROW + (lines.max().unwrap_or(1) - 1) as f64 * LINE_HEIGHT
}

/// Rows that the keys need in that width.
fn rows(keys: &[Key], width: f64) -> Vec<&[Key]> {
    let (mut rows, mut first, mut used) = (Vec::new(), 0, 0.0);
    for (i, key) in keys.iter().enumerate() {
        if used + key.width() > width && i > first {
            rows.push(&keys[first..i]);
            (first, used) = (i, 0.0);
        }
        used += key.width();
    }
    if first < keys.len() {
        rows.push(&keys[first..]);
    }
    rows
}

/// Height of the legend in that width.
pub fn height(keys: &[Key], width: f64) -> f64 {
    let rows = rows(keys, width);
    match rows.is_empty() {
        true => 0.0,
        false => rows.iter().map(|row| row_height(row, width)).sum::<f64>() + 6.0,
    }
}

/// Draws the keys from the upper left corner of a rectangle; returns what is left of it below.
pub fn draw<DB: DrawingBackend>(canvas: &Canvas<DB>, rect: Rect, keys: &[Key]) -> Result<Rect> {
    let mut y = rect.top + ROW / 2.0 - 2.0;
    for row in rows(keys, rect.width()) {
        let mut x = rect.left;
        for key in row {
            let middle = x + key.sample() / 2.0;
            if let Some(line) = key.line {
                canvas.line(&[(x, y), (x + SAMPLE, y)], line)?;
            }
            if let Some(open) = key.open {
                canvas.mark((middle, y), key.ink.mark, MARK, key.ink.colour, open)?;
            }
            for (i, line) in key.lines(rect.width()).iter().enumerate() {
                let at = (x + key.sample() + ASIDE, y + i as f64 * LINE_HEIGHT);
                canvas.text(line, at, Pen::new(LABEL, BLACK))?;
            }
            x += key.width();
        }
        y += row_height(row, rect.width());
    }
    Ok(Rect {
        top: rect.top + height(keys, rect.width()),
        ..rect
    })
}

#[cfg(test)]
mod tests {
    use super::super::style::{ink, register};
    use super::*;

    #[test]
    fn keys_flow_into_rows() {
        register();
        let keys: Vec<Key> = (0..7)
            .map(|i| Key::series(format!("series number {i}"), ink(i)))
            .collect();
        assert_eq!(rows(&keys, 1e6).len(), 1);
        assert_eq!(rows(&keys, 1.0).len(), 7);
        assert_eq!(rows(&keys, 400.0).iter().map(|r| r.len()).sum::<usize>(), 7);
        assert_eq!((height(&[], 100.0), height(&keys, 1e6)), (0.0, ROW + 6.0));
    }
}
