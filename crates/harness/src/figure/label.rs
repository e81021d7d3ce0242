//! Labels beside the ends of lines, pushed apart where they would overlap.

use super::canvas::Canvas;
use super::rect::Rect;
use super::stroke::Stroke;
use super::style::{LABEL, dark};
use super::text::{Pen, fit, text_width};
use anyhow::Result;
use plotters::prelude::*;

/// Pixels between the frame and a label: room for the leader.
const LEADER: f64 = 22.0;
/// Least distance of the middles of two labels.
pub const SPACING: f64 = 18.0;

/// The name of a line and the height at which the line ends.
#[derive(Clone, Debug, PartialEq)]
pub struct Label {
    /// What is written.
    pub text: String,
    /// Pixel height of the line's end.
    pub y: f64,
    /// Colour of the line.
    pub colour: RGBColor,
}

/// Width that labels take beside a panel, none of them wider than `most`.
pub fn width<'a>(texts: impl IntoIterator<Item = &'a str>, most: f64) -> f64 {
    let widest = texts
        .into_iter()
        .map(|t| text_width(t, LABEL))
        .fold(0.0, f64::max);
    if widest == 0.0 {
        0.0
    } else {
        LEADER + widest.min(most) + 4.0
    }
}

/// Writes the labels right of a panel, each joined to its line by a leader.
pub fn draw<DB: DrawingBackend>(
    canvas: &Canvas<DB>,
    panel: Rect,
    mut labels: Vec<Label>,
    width: f64,
) -> Result<()> {
    labels.sort_by(|a, b| a.y.total_cmp(&b.y).then_with(|| a.text.cmp(&b.text)));
    let ends: Vec<f64> = labels.iter().map(|l| l.y).collect();
    let places = push_apart(&ends, SPACING, panel.top + 4.0, panel.bottom - 4.0);
    for (label, y) in labels.iter().zip(places) {
        let (left, turn, right) = (
            panel.right + 2.0,
            panel.right + 6.0,
            panel.right + LEADER - 4.0,
        );
        let leader = [
            (left, label.y),
            (turn, label.y),
            (right - 3.0, y),
            (right, y),
        ];
        canvas.line(&leader, Stroke::solid(label.colour, 1.0))?;
        let text = fit(&label.text, LABEL, width - LEADER);
        canvas.text(
            &text,
            (panel.right + LEADER, y),
            Pen::new(LABEL, dark(label.colour)),
        )?;
    }
    Ok(())
}

/// Places at least `distance` apart, in the given (ascending) order, as near to where they were as that allows
/// in the sense of least squares (pool adjacent violators), and between `low` and `high` if all of them fit.
pub fn push_apart(wanted: &[f64], distance: f64, low: f64, high: f64) -> Vec<f64> {
    let needed = distance * wanted.len().saturating_sub(1) as f64;
    let distance = if needed > high - low {
        (high - low).max(0.0) / (wanted.len() - 1) as f64
    } else {
        distance
    };
    // With z_i = y_i − i·distance the constraint is that z ascends: isotonic regression.
    let mut pools: Vec<(f64, usize)> = Vec::new();
    for (i, y) in wanted.iter().enumerate() {
        let mut pool = (y - i as f64 * distance, 1);
        while let Some((mean, size)) = pools.pop_if(|(mean, _)| *mean >= pool.0) {
            let total = size + pool.1;
            pool = (
                (mean * size as f64 + pool.0 * pool.1 as f64) / total as f64,
                total,
            );
        }
        pools.push(pool);
    }
    let top = high - distance * wanted.len().saturating_sub(1) as f64;
    let places = pools
        .iter()
        .flat_map(|(mean, size)| std::iter::repeat_n(mean.max(low).min(top.max(low)), *size));
    places
        .enumerate()
        .map(|(i, z)| z + i as f64 * distance)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_keep_order_distance_and_bounds() {
        let mut seed = 1u64;
        for count in 1..20 {
            let mut wanted: Vec<f64> = (0..count)
                .map(|_| {
                    seed = seed
                        .wrapping_mul(6364136223846793005)
                        .wrapping_add(1442695040888963407);
                    (seed >> 40) as f64 % 400.0
                })
                .collect();
            wanted.sort_by(f64::total_cmp);
            let places = push_apart(&wanted, 18.0, 0.0, 400.0);
            assert!(
                places.windows(2).all(|w| w[1] - w[0] > 17.999),
                "{wanted:?} {places:?}"
            );
            assert!(
                places.iter().all(|y| (-1e-9..=400.0 + 1e-9).contains(y)),
                "{wanted:?} {places:?}"
            );
        }
    }

    #[test]
    fn labels_that_do_not_touch_stay() {
        assert_eq!(
            push_apart(&[10.0, 50.0, 90.0], 18.0, 0.0, 100.0),
            [10.0, 50.0, 90.0]
        );
        assert_eq!(push_apart(&[50.0, 50.0], 10.0, 0.0, 100.0), [45.0, 55.0]);
        assert!(push_apart(&[], 10.0, 0.0, 100.0).is_empty());
    }

    #[test]
    fn too_many_labels_share_the_room() {
        let places = push_apart(&[5.0; 11], 18.0, 0.0, 100.0);
        assert!(places.windows(2).all(|w| (w[1] - w[0] - 10.0).abs() < 1e-9));
        assert_eq!((places[0], places[10]), (0.0, 100.0));
    }
}
