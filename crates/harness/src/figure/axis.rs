//! An axis: a scale with its ticks and title.

use super::scale::Scale;
use super::style::{LABEL, SMALL};
use super::text::text_width;
use super::tick::Tick;

/// Height that the x axis with ticks and title takes below a panel.
pub const BELOW: f64 = 54.0;
/// Height of a further line of a tick label.
pub const TICK_LINE: f64 = 16.0;
/// Height of a further line of a title.
pub const TITLE_LINE: f64 = 18.5;

/// A scale with its ticks and title; an empty title and no labels for a shared axis.
#[derive(Clone, Debug)]
pub struct Axis {
    /// The scale.
    pub scale: Scale,
    /// Ticks, of which those outside the panel are not drawn.
    pub ticks: Vec<Tick>,
    /// Title, with unit.
    pub title: String,
}

impl Axis {
    /// An axis with the scale's own ticks.
    pub fn new(scale: Scale, room: usize, title: impl Into<String>) -> Self {
        Self {
            ticks: scale.ticks(room),
            scale,
            title: title.into(),
        }
    }

    /// The same scale and grid lines, without any text.
    pub fn silent(&self) -> Self {
        let ticks = self
            .ticks
            .iter()
            .filter(|t| t.label.is_some())
            .map(|t| Tick::new(t.value, ""))
            .collect();
        Self {
            scale: self.scale,
            ticks,
            title: String::new(),
        }
    }

    /// The same axis without its title.
    pub fn untitled(&self) -> Self {
        Self {
            title: String::new(),
            ..self.clone()
        }
    }

    /// Width that a y axis takes left of its panel.
    pub fn width(&self) -> f64 {
        let widest = self
            .ticks
            .iter()
            .filter_map(|t| t.label.as_deref())
            .map(|l| text_width(l, SMALL))
            .fold(0.0, f64::max);
        let title = match self.title.is_empty() {
            true => 0.0,
            false => LABEL + 14.0 + (lines(&self.title) - 1.0) * TITLE_LINE,
        };
        if widest == 0.0 {
            title
        } else {
            widest + 12.0 + title
        }
    }

    /// Height that an x axis takes below its panel; its title and tick labels may have several lines.
    pub fn below(&self) -> f64 {
        BELOW + (self.tick_lines() - 1.0) * TICK_LINE + (lines(&self.title) - 1.0) * TITLE_LINE
    }

    /// Lines of the tallest tick label, one at least.
    pub fn tick_lines(&self) -> f64 {
        let labels = self.ticks.iter().filter_map(|t| t.label.as_deref());
        labels.map(lines).fold(1.0, f64::max)
    }
}

/// Lines of a text, of which an empty one has one too.
fn lines(text: &str) -> f64 {
    text.split('\n').count() as f64
}

/// The ticks that lie inside the panel, each with its position.
pub fn shown(axis: &Axis) -> impl Iterator<Item = (&Tick, f64)> {
    axis.ticks
        .iter()
        .map(|t| (t, axis.scale.at(t.value)))
        .filter(|(_, at)| (-1e-6..=1.0 + 1e-6).contains(at))
}
