//! An axis: a scale with its ticks and title.

use super::scale::Scale;
use super::style::{LABEL, SMALL};
use super::text::text_width;
use super::tick::Tick;

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
        let title = if self.title.is_empty() {
            0.0
        } else {
            LABEL + 14.0
        };
        if widest == 0.0 {
            title
        } else {
            widest + 12.0 + title
        }
    }
}
/// The ticks that lie inside the panel, each with its position.
pub fn shown(axis: &Axis) -> impl Iterator<Item = (&Tick, f64)> {
    axis.ticks
        .iter()
        .map(|t| (t, axis.scale.at(t.value)))
        .filter(|(_, at)| (-1e-6..=1.0 + 1e-6).contains(at))
}
