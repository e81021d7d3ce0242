//! A canvas: lines, text and markers in pixels of the picture, on any plotters backend.

use super::rect::Px;
use super::stroke::{Stroke, dashes};
use super::style::{Mark, SURFACE};
use super::text::{EM, Pen, SCRIPT, run_width, scripts, text_width};
use anyhow::{Result, anyhow};
use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

/// A drawing surface of [`SURFACE`] units per pixel.
pub struct Canvas<DB: DrawingBackend> {
    area: DrawingArea<DB, Shift>,
    hand: Hand,
    weight: f64,
}

/// How a backend sets text.
#[derive(Clone, Copy, Debug)]
pub struct Hand {
    /// Em by which text anchored at its centre stands above the middle of its capitals.
    pub sink: f64,
    /// Whether text is drawn a second time, a unit of the surface to the right, to be less thin.
    pub twice: bool,
}

impl<DB: DrawingBackend> Canvas<DB> {
    /// Takes a backend and fills it with white; `weight` is a factor of line widths, dashes and markers.
    pub fn new(backend: DB, hand: Hand, weight: f64) -> Result<Self> {
        let area = backend.into_drawing_area();
        area.fill(&WHITE).map_err(broken)?;
        Ok(Self { area, hand, weight })
    }

    /// Ends the drawing.
    pub fn finish(self) -> Result<()> {
        self.area.present().map_err(broken)
    }

    /// A line through the points.
    pub fn line(&self, points: &[Px], stroke: Stroke) -> Result<()> {
        let style = ShapeStyle {
            color: stroke.colour,
            filled: false,
            stroke_width: (stroke.width * self.weight * SURFACE).round() as u32,
        };
        for piece in stroke
            .dash
            .map(|(dash, gap)| (dash * self.weight, gap * self.weight))
            .map_or_else(|| vec![points.to_vec()], |dash| dashes(points, dash))
        {
            let mut piece: Vec<_> = piece.into_iter().map(surface).collect();
            piece.dedup();
            for part in split_at_sharp_turns(&piece) {
                self.area
                    .draw(&PathElement::new(part.to_vec(), style))
                    .map_err(broken)?;
            }
        }
        Ok(())
    }

    /// A filled polygon.
    pub fn fill(&self, points: &[Px], colour: RGBAColor) -> Result<()> {
        let points: Vec<_> = points.iter().copied().map(surface).collect();
        self.area
            .draw(&Polygon::new(points, colour.filled()))
            .map_err(broken)
    }

    /// Factor of the radius of markers, whose area follows the width of lines.
    pub fn mark_weight(&self) -> f64 {
        self.weight.sqrt()
    }

    /// A marker: filled, or open with a white inside.
    pub fn mark(
        &self,
        (x, y): Px,
        mark: Mark,
        radius: f64,
        colour: RGBColor,
        open: bool,
    ) -> Result<()> {
        let radius = radius * self.mark_weight();
        let ring = |corners: &[Px]| -> Vec<Px> {
            corners
                .iter()
                .chain(corners.first())
                .map(|(dx, dy)| (x + dx * radius, y + dy * radius))
                .collect()
        };
        let outline = match mark {
            Mark::Disc => {
                let turn = |i: usize| i as f64 * std::f64::consts::TAU / 24.0;
                ring(
                    &(0..24)
                        .map(|i| (turn(i).cos(), turn(i).sin()))
                        .collect::<Vec<_>>(),
                )
            }
            Mark::Square => ring(&[(-0.88, -0.88), (0.88, -0.88), (0.88, 0.88), (-0.88, 0.88)]),
            Mark::Triangle => ring(&[(0.0, -1.15), (1.08, 0.75), (-1.08, 0.75)]),
            Mark::Wedge => ring(&[(0.0, 1.15), (1.08, -0.75), (-1.08, -0.75)]),
            Mark::Diamond => ring(&[(0.0, -1.25), (1.25, 0.0), (0.0, 1.25), (-1.25, 0.0)]),
            Mark::Cross => {
                let stroke = Stroke::solid(colour, 2.0);
                self.line(
                    &[(x - radius, y - radius), (x + radius, y + radius)],
                    stroke,
                )?;
                return self.line(
                    &[(x - radius, y + radius), (x + radius, y - radius)],
                    stroke,
                );
            }
        };
        if open {
            self.fill(&outline, WHITE.to_rgba())?;
            self.line(&outline, Stroke::solid(colour, 1.75))
        } else {
            self.fill(&outline, colour.to_rgba())
        }
    }

    /// A text. In text that is not turned, `^{…}` raises and `_{…}` lowers.
    pub fn text(&self, text: &str, (x, y): Px, pen: Pen) -> Result<()> {
        if pen.upwards {
            return self.run(text, (x, y), pen);
        }
        let pieces = scripts(text);
        let [(whole, _)] = pieces.as_slice() else {
            let mut x = match pen.anchor {
                HPos::Left => x,
                HPos::Center => x - text_width(text, pen.size) / 2.0,
                HPos::Right => x - text_width(text, pen.size),
            };
            for (i, (piece, rise)) in pieces.iter().enumerate() {
                let size = if *rise == 0.0 {
                    pen.size
                } else {
                    pen.size * SCRIPT
                };
                let width = run_width(piece, size);
                // The first piece ends where the second starts, however wide a viewer of SVG sets it.
                let (at, anchor) = if i == 0 {
                    (x + width, HPos::Right)
                } else {
                    (x, HPos::Left)
                };
                self.run(
                    piece,
                    (at, y - rise * pen.size),
                    Pen {
                        size,
                        anchor,
                        ..pen
                    },
                )?;
                x += width + 0.04 * pen.size;
            }
            return Ok(());
        };
        self.run(whole, (x, y), pen)
    }

    fn run(&self, text: &str, (x, y): Px, pen: Pen) -> Result<()> {
        let (dx, dy) = if pen.upwards {
            (self.hand.sink, 0.0)
        } else {
            (0.0, self.hand.sink)
        };
        let turn = if pen.upwards {
            FontTransform::Rotate270
        } else {
            FontTransform::None
        };
        let style = TextStyle::from(
            ("sans-serif", pen.size * EM * SURFACE)
                .into_font()
                .transform(turn),
        )
        .color(&pen.colour)
        .pos(Pos::new(pen.anchor, VPos::Center));
        let (x, y) = surface((x + dx * pen.size, y + dy * pen.size));
        // A control character in a name would make the SVG no XML.
        let text = text.replace(char::is_control, " ");
        for shift in 0..=i32::from(self.hand.twice) {
            let at = if pen.upwards {
                (x, y + shift)
            } else {
                (x + shift, y)
            };
            self.area
                .draw(&Text::new(text.as_str(), at, style.clone()))
                .map_err(broken)?;
        }
        Ok(())
    }
}

fn surface((x, y): Px) -> (i32, i32) {
    ((x * SURFACE).round() as i32, (y * SURFACE).round() as i32)
}

fn broken<E: std::error::Error + Send + Sync>(error: DrawingAreaErrorKind<E>) -> anyhow::Error {
    anyhow!("cannot draw: {error}")
}
/// Parts of a polyline that turn by less than a right angle, each sharing its first point with the one before: the
/// mitred joint of a sharper turn would shoot far beyond the picture.
fn split_at_sharp_turns(points: &[(i32, i32)]) -> Vec<&[(i32, i32)]> {
    let mut parts = Vec::new();
    let mut start = 0;
    for i in 1..points.len().saturating_sub(1) {
        let (a, b, c) = (points[i - 1], points[i], points[i + 1]);
        let along = i64::from(b.0 - a.0) * i64::from(c.0 - b.0)
            + i64::from(b.1 - a.1) * i64::from(c.1 - b.1);
        if along <= 0 {
            parts.push(&points[start..=i]);
            start = i;
        }
    }
    if points.len() > start + 1 {
        parts.push(&points[start..]);
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reversal_ends_one_part_and_begins_the_next() {
        let points = [(0, 0), (10, 0), (20, 5), (12, 5), (4, 5)];
        let parts = split_at_sharp_turns(&points);
        assert_eq!(parts, [&points[..3], &points[2..]]);
        assert!(split_at_sharp_turns(&points[..1]).is_empty());
    }
}
