//! A scatter: the points of an embedded dataset with one feature, and what its axes say.

use super::axis::Axis;
use super::canvas::Canvas;
use super::panel::Panel;
use super::style::{GREY, Mark};
use crate::dataset::{Matrix, Spec, load};
use anyhow::Result;
use plotters::prelude::*;

/// Points of one dataset.
#[derive(Clone, Debug)]
pub struct Scatter {
    /// The feature in each row.
    pub x: Vec<f64>,
    /// The response in each row.
    pub y: Vec<f64>,
    /// Name of the feature.
    pub feature: String,
    /// Title of the x axis, with unit.
    pub x_title: String,
    /// Title of the y axis, with unit.
    pub y_title: String,
    /// What is added to the feature where ticks name it.
    pub shift: f64,
}

impl Scatter {
    /// The points of that dataset; None unless it is embedded and has one feature.
    pub fn of(dataset: &str) -> Option<Self> {
        let data = load(&Spec::new(dataset)).ok()?;
        let Matrix::Dense(x) = &data.x else {
            return None;
        };
        let [feature] = data.features.as_slice() else {
            return None;
        };
        let (x_title, y_title, shift) = match dataset {
            "engel" => (
                "household income (Belgian francs a year)",
                "food expenditure (Belgian francs a year)",
                0.0,
            ),
            "belgian-phones" => (
                "year",
                "international calls from Belgium (millions)",
                1900.0,
            ),
            _ => (feature.as_str(), data.response.as_str(), 0.0),
        };
        Some(Self {
            x: x.col_as_slice(0).to_vec(),
            x_title: x_title.into(),
            y_title: y_title.into(),
            shift,
            feature: feature.clone(),
            y: data.y,
        })
    }

    /// Least and largest feature.
    pub fn range(&self) -> (f64, f64) {
        range(&self.x)
    }

    /// Least and largest response.
    pub fn heights(&self) -> (f64, f64) {
        range(&self.y)
    }

    /// An x axis of this scale, in the numbers that readers know.
    pub fn x_axis(&self, low: f64, high: f64, room: usize) -> Axis {
        let scale = super::scale::Scale::linear(low, high);
        let shown = super::scale::Scale::linear(low + self.shift, high + self.shift);
        let mut ticks = shown.ticks(room);
        ticks.iter_mut().for_each(|tick| tick.value -= self.shift);
        Axis {
            scale,
            ticks,
            title: self.x_title.clone(),
        }
    }

    /// Draws the points as small open discs, so that those which lie on each other still show.
    pub fn draw<DB: DrawingBackend>(
        &self,
        canvas: &Canvas<DB>,
        panel: &Panel,
        radius: f64,
    ) -> Result<()> {
        for (x, y) in self.x.iter().zip(&self.y) {
            canvas.mark(panel.px(*x, *y), Mark::Disc, radius, GREY, true)?;
        }
        Ok(())
    }
}

fn range(values: &[f64]) -> (f64, f64) {
    let ends = (f64::INFINITY, f64::NEG_INFINITY);
    (values.iter()).fold(ends, |(low, high), &v| (low.min(v), high.max(v)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn embedded_data_of_one_feature_are_points_and_nothing_else_is() {
        let phones = Scatter::of("belgian-phones").expect("one feature");
        assert_eq!(
            (phones.range(), phones.heights()),
            ((50.0, 73.0), (4.4, 212.0))
        );
        let axis = phones.x_axis(50.0, 73.0, 6);
        let labels: Vec<&str> = axis
            .ticks
            .iter()
            .filter_map(|t| t.label.as_deref())
            .collect();
        assert!(labels.contains(&"1960") && axis.ticks.iter().all(|t| t.value < 80.0));
        for other in ["stackloss", "no-such-data"] {
            assert!(Scatter::of(other).is_none());
        }
    }
}
