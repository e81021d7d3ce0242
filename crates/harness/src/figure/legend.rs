//! A legend: keys in rows above the panels, never over the lines.

use super::canvas::Canvas;
use super::rect::Rect;
use super::stroke::Stroke;
use super::style::{BLACK, Ink, LABEL, LINE, MARK};
use super::text::{Pen, text_width};
use anyhow::Result;
use plotters::prelude::*;

/// Height of one row of keys.
const ROW: f64 = 24.0;
/// Width of the sample line of a key.
const SAMPLE: f64 = 34.0;

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

    fn width(&self) -> f64 {
        self.sample() + 7.0 + text_width(&self.text, LABEL) * 1.06 + 22.0
    }
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
    let rows = rows(keys, width).len();
    if rows == 0 {
        0.0
    } else {
        rows as f64 * ROW + 6.0
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
            canvas.text(
                &key.text,
                (x + key.sample() + 7.0, y),
                Pen::new(LABEL, BLACK),
            )?;
            x += key.width();
        }
        y += ROW;
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
