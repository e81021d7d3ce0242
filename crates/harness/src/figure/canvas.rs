//! A canvas: lines, text and markers in pixels of the picture, on any plotters backend.

use super::style::{Mark, SURFACE};
use super::text::{EM, Pen, SCRIPT, run_width, scripts, text_width};
use anyhow::{Result, anyhow};
use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

/// A point in pixels of the picture, y downwards.
pub type Px = (f64, f64);

/// A rectangle in pixels of the picture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rect {
    /// Left edge.
    pub left: f64,
    /// Upper edge.
    pub top: f64,
    /// Right edge.
    pub right: f64,
    /// Lower edge.
    pub bottom: f64,
}

impl Rect {
    /// Width.
    pub fn width(&self) -> f64 {
        self.right - self.left
    }

    /// Height.
    pub fn height(&self) -> f64 {
        self.bottom - self.top
    }

    /// `count` equal cells in rows of at most `columns`, with `gap` between columns and half of it between rows.
    pub fn cells(&self, count: usize, columns: usize, gap: f64) -> Vec<Rect> {
        let columns = columns.clamp(1, count.max(1));
        let rows = count.div_ceil(columns).max(1);
        let width = (self.width() - gap * (columns - 1) as f64) / columns as f64;
        let height = (self.height() - gap / 2.0 * (rows - 1) as f64) / rows as f64;
        (0..count)
            .map(|i| {
                let left = self.left + (i % columns) as f64 * (width + gap);
                let top = self.top + (i / columns) as f64 * (height + gap / 2.0);
                Rect { left, top, right: left + width, bottom: top + height }
            })
            .collect()
    }
}

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
        Self { colour: colour.to_rgba(), width, dash: None }
    }

    /// The same line in dashes.
    pub fn dashed(self, dash: f64, gap: f64) -> Self {
        Self { dash: Some((dash, gap)), ..self }
    }
}

/// A drawing surface of [`SURFACE`] units per pixel.
pub struct Canvas<DB: DrawingBackend> {
    area: DrawingArea<DB, Shift>,
    /// Em by which this backend sets text too high when it is anchored at its centre.
    sink: f64,
}

impl<DB: DrawingBackend> Canvas<DB> {
    /// Takes a backend, and by how many em its centred text must be lowered.
    pub fn new(backend: DB, sink: f64) -> Result<Self> {
        let area = backend.into_drawing_area();
        area.fill(&WHITE).map_err(broken)?;
        Ok(Self { area, sink })
    }

    /// Ends the drawing.
    pub fn finish(self) -> Result<()> {
        self.area.present().map_err(broken)
    }

    /// A line through the points.
    pub fn line(&self, points: &[Px], stroke: Stroke) -> Result<()> {
        let style = ShapeStyle { color: stroke.colour, filled: false, stroke_width: (stroke.width * SURFACE).round() as u32 };
        for piece in stroke.dash.map_or_else(|| vec![points.to_vec()], |dash| dashes(points, dash)) {
            let mut piece: Vec<_> = piece.into_iter().map(surface).collect();
            piece.dedup();
            if piece.len() > 1 {
                self.area.draw(&PathElement::new(piece, style)).map_err(broken)?;
            }
        }
        Ok(())
    }

    /// A filled polygon.
    pub fn fill(&self, points: &[Px], colour: RGBAColor) -> Result<()> {
        let points: Vec<_> = points.iter().copied().map(surface).collect();
        self.area.draw(&Polygon::new(points, colour.filled())).map_err(broken)
    }

    /// A marker: filled, or open with a white inside.
    pub fn mark(&self, (x, y): Px, mark: Mark, radius: f64, colour: RGBColor, open: bool) -> Result<()> {
        let ring = |corners: &[Px]| -> Vec<Px> {
            corners.iter().chain(corners.first()).map(|(dx, dy)| (x + dx * radius, y + dy * radius)).collect()
        };
        let outline = match mark {
            Mark::Disc => {
                let turn = |i: usize| i as f64 * std::f64::consts::TAU / 24.0;
                ring(&(0..24).map(|i| (turn(i).cos(), turn(i).sin())).collect::<Vec<_>>())
            }
            Mark::Square => ring(&[(-0.88, -0.88), (0.88, -0.88), (0.88, 0.88), (-0.88, 0.88)]),
            Mark::Triangle => ring(&[(0.0, -1.15), (1.08, 0.75), (-1.08, 0.75)]),
            Mark::Wedge => ring(&[(0.0, 1.15), (1.08, -0.75), (-1.08, -0.75)]),
            Mark::Diamond => ring(&[(0.0, -1.25), (1.25, 0.0), (0.0, 1.25), (-1.25, 0.0)]),
            Mark::Cross => {
                let stroke = Stroke::solid(colour, 2.0);
                self.line(&[(x - radius, y - radius), (x + radius, y + radius)], stroke)?;
                return self.line(&[(x - radius, y + radius), (x + radius, y - radius)], stroke);
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
            for (piece, rise) in &pieces {
                let size = if *rise == 0.0 { pen.size } else { pen.size * SCRIPT };
                self.run(piece, (x, y - rise * pen.size), Pen { size, anchor: HPos::Left, ..pen })?;
                x += run_width(piece, size) + 0.04 * pen.size;
            }
            return Ok(());
        };
        self.run(whole, (x, y), pen)
    }

    fn run(&self, text: &str, (x, y): Px, pen: Pen) -> Result<()> {
        let (dx, dy) = if pen.upwards { (self.sink, 0.0) } else { (0.0, self.sink) };
        let turn = if pen.upwards { FontTransform::Rotate270 } else { FontTransform::None };
        let style = TextStyle::from(("sans-serif", pen.size * EM * SURFACE).into_font().transform(turn))
            .color(&pen.colour)
            .pos(Pos::new(pen.anchor, VPos::Center));
        let at = surface((x + dx * pen.size, y + dy * pen.size));
        // A control character in a name would make the SVG no XML.
        let text = text.replace(char::is_control, " ");
        self.area.draw(&Text::new(text, at, style)).map_err(broken)
    }
}

/// The pieces of a line that a pattern of dash and gap leaves.
fn dashes(points: &[Px], (dash, gap): (f64, f64)) -> Vec<Vec<Px>> {
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
            left = if pen_down { dash.max(1.0) } else { gap.max(1.0) };
        }
    }
    pieces.push(piece);
    pieces
}

fn surface((x, y): Px) -> (i32, i32) {
    ((x * SURFACE).round() as i32, (y * SURFACE).round() as i32)
}

fn broken<E: std::error::Error + Send + Sync>(error: DrawingAreaErrorKind<E>) -> anyhow::Error {
    anyhow!("cannot draw: {error}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dashes_cover_their_share() {
        let pieces = dashes(&[(0.0, 0.0), (60.0, 0.0), (100.0, 0.0)], (6.0, 4.0));
        let drawn: f64 = pieces.iter().flat_map(|p| p.windows(2)).map(|w| w[1].0 - w[0].0).sum();
        assert!((drawn - 60.0).abs() < 1e-9);
    }
}
