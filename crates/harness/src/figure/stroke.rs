//! A stroke: colour, width and dashes of a line.

use super::rect::Px;
use plotters::style::{Color, RGBAColor, RGBColor};

/// Colour, width and dashes of a line; no dashes is a solid line.
#[derive(Clone, Copy, Debug)]
pub struct Stroke {
    /// Colour with opacity.
    pub colour: RGBAColor,
    /// Width in pixels.
    pub width: f64,
    /// Lengths of dash and gap in pixels, or `None`.
    pub dash: Option<(f64, f64)>,
}

impl Stroke {
    /// A solid line.
    pub fn solid(colour: RGBColor, width: f64) -> Self {
        Self {
            colour: colour.to_rgba(),
            width,
            dash: None,
        }
    }

    /// The same line in dashes.
    pub fn dashed(self, dash: f64, gap: f64) -> Self {
        Self {
            dash: Some((dash, gap)),
            ..self
        }
    }
}

/// The pieces of a line that a pattern of dash and gap leaves.
pub fn dashes(points: &[Px], (dash, gap): (f64, f64)) -> Vec<Vec<Px>> {
    let (mut pieces, mut piece) = (Vec::new(), Vec::new());
    let (mut pen_down, mut left) = (true, dash.max(1.0));
    for pair in points.windows(2) {
        let ((mut x, mut y), (x1, y1)) = (pair[0], pair[1]);
        loop {
            if pen_down && piece.is_empty() {
                piece.push((x, y));
            }
            let length = (x1 - x).hypot(y1 - y);
            if length <= left {
                left -= length;
                if pen_down {
                    piece.push((x1, y1));
                }
                break;
            }
            (x, y) = (x + (x1 - x) * left / length, y + (y1 - y) * left / length);
            if pen_down {
                piece.push((x, y));
                pieces.push(std::mem::take(&mut piece));
            }
            pen_down = !pen_down;
            left = if pen_down {
                dash.max(1.0)
            } else {
                gap.max(1.0)
            };
        }
    }
    pieces.push(piece);
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dashes_cover_their_share() {
        let pieces = dashes(&[(0.0, 0.0), (60.0, 0.0), (100.0, 0.0)], (6.0, 4.0));
        let drawn: f64 = pieces
            .iter()
            .flat_map(|p| p.windows(2))
            .map(|w| w[1].0 - w[0].0)
            .sum();
        assert!((drawn - 60.0).abs() < 1e-9);
    }
}
