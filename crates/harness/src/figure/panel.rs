//! A panel: two scales in a rectangle, with frame, grid, ticks and titles, and the series drawn inside it.

use super::canvas::{Canvas, Px, Rect, Stroke};
use super::scale::{Scale, Tick};
use super::style::{BLACK, GREY, GRID, HEADING, Ink, LABEL, MARK, SMALL};
use super::text::{Pen, fit, text_width, wrap};
use anyhow::Result;
use plotters::prelude::*;

/// Height that the x axis with ticks and title takes below a panel.
pub const BELOW: f64 = 54.0;
/// Height that a heading takes above a panel.
pub const ABOVE: f64 = 28.0;
/// Height that an axis on top takes between a panel and its heading.
pub const TOP_AXIS: f64 = 44.0;

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
        Self { ticks: scale.ticks(room), scale, title: title.into() }
    }

    /// The same scale and grid lines, without any text.
    pub fn silent(&self) -> Self {
        let ticks = self.ticks.iter().filter(|t| t.label.is_some()).map(|t| Tick::new(t.value, "")).collect();
        Self { scale: self.scale, ticks, title: String::new() }
    }

    /// Width that a y axis takes left of its panel.
    pub fn width(&self) -> f64 {
        let widest = self.ticks.iter().filter_map(|t| t.label.as_deref()).map(|l| text_width(l, SMALL)).fold(0.0, f64::max);
        let title = if self.title.is_empty() { 0.0 } else { LABEL + 14.0 };
        if widest == 0.0 { title } else { widest + 12.0 + title }
    }
}

/// Two axes in a rectangle.
#[derive(Clone, Debug)]
pub struct Panel {
    /// Where data are drawn.
    pub rect: Rect,
    /// Horizontal axis.
    pub x: Axis,
    /// Vertical axis.
    pub y: Axis,
}

impl Panel {
    /// A panel inside `outer`, which also holds the axis texts and the heading.
    pub fn inside(outer: Rect, x: Axis, y: Axis) -> Self {
        let rect = Rect { left: outer.left + y.width(), top: outer.top + ABOVE, right: outer.right, bottom: outer.bottom - BELOW };
        Self { rect, x, y }
    }

    /// Pixel of a point.
    pub fn px(&self, x: f64, y: f64) -> Px {
        let Rect { left, bottom, .. } = self.rect;
        (left + self.x.scale.at(x) * self.rect.width(), bottom - self.y.scale.at(y) * self.rect.height())
    }

    /// Grid, ticks, axis titles and frame.
    pub fn frame<DB: DrawingBackend>(&self, canvas: &Canvas<DB>) -> Result<()> {
        let Rect { left, top, right, bottom } = self.rect;
        let grid = Stroke::solid(GRID, 1.0);
        let thin = Stroke::solid(GREY, 1.0);
        for (tick, x) in shown(&self.x) {
            let x = left + x * self.rect.width();
            let long = if tick.label.is_some() { 6.0 } else { 3.0 };
            if tick.label.is_some() {
                canvas.line(&[(x, top), (x, bottom)], grid)?;
            }
            canvas.line(&[(x, bottom), (x, bottom + long)], thin)?;
            canvas.text(tick.label.as_deref().unwrap_or(""), (x, bottom + 17.0), Pen::new(SMALL, BLACK).centred())?;
        }
        for (tick, y) in shown(&self.y) {
            let y = bottom - y * self.rect.height();
            let long = if tick.label.is_some() { 6.0 } else { 3.0 };
            if tick.label.is_some() {
                canvas.line(&[(left, y), (right, y)], grid)?;
            }
            canvas.line(&[(left - long, y), (left, y)], thin)?;
            canvas.text(tick.label.as_deref().unwrap_or(""), (left - 9.0, y), Pen::new(SMALL, BLACK).ending())?;
        }
        canvas.line(&[(left, top), (right, top), (right, bottom), (left, bottom), (left, top)], thin)?;
        let middle = (left + right) / 2.0;
        canvas.text(&self.x.title, (middle, bottom + 41.0), Pen::new(LABEL, BLACK).centred())?;
        if !self.y.title.is_empty() {
            let x = left - self.y.width() + LABEL / 2.0;
            canvas.text(&self.y.title, (x, (top + bottom) / 2.0), Pen::new(LABEL, BLACK).centred().upwards())?;
        }
        Ok(())
    }

    /// Heading above the frame, `lift` pixels higher than usual.
    pub fn heading<DB: DrawingBackend>(&self, canvas: &Canvas<DB>, text: &str, lift: f64) -> Result<()> {
        let at = (self.rect.left, self.rect.top - 15.0 - lift);
        canvas.text(&fit(text, HEADING, self.rect.width()), at, Pen::new(HEADING, BLACK))
    }

    /// A sentence in the middle of a panel that has nothing else to show.
    pub fn sentence<DB: DrawingBackend>(&self, canvas: &Canvas<DB>, text: &str, colour: RGBColor) -> Result<()> {
        let middle = ((self.rect.left + self.rect.right) / 2.0, (self.rect.top + self.rect.bottom) / 2.0);
        for (i, line) in wrap(text, LABEL, self.rect.width() - 24.0).iter().take(5).enumerate() {
            canvas.text(line, (middle.0, middle.1 - 28.0 + 21.0 * i as f64), Pen::new(LABEL, colour).centred())?;
        }
        Ok(())
    }

    /// A second x axis on the upper edge; the heading is then lifted by [`TOP_AXIS`].
    pub fn top_axis<DB: DrawingBackend>(&self, canvas: &Canvas<DB>, ticks: &[Tick], title: &str) -> Result<()> {
        let Rect { left, top, right, .. } = self.rect;
        for tick in ticks {
            let x = left + self.x.scale.at(tick.value) * self.rect.width();
            canvas.line(&[(x, top - 5.0), (x, top)], Stroke::solid(GREY, 1.0))?;
            canvas.text(tick.label.as_deref().unwrap_or(""), (x, top - 14.0), Pen::new(SMALL, BLACK).centred())?;
        }
        canvas.text(&fit(title, SMALL, right - left), ((left + right) / 2.0, top - 33.0), Pen::new(SMALL, GREY).centred())
    }

    /// A line through data points, cut at the frame; points that are not finite interrupt it.
    pub fn line<DB: DrawingBackend>(&self, canvas: &Canvas<DB>, points: &[(f64, f64)], stroke: Stroke) -> Result<()> {
        let pixels: Vec<Px> = points.iter().map(|(x, y)| self.px(*x, *y)).collect();
        for piece in pixels.split(|(x, y)| !x.is_finite() || !y.is_finite()) {
            for visible in clip(piece, self.rect) {
                canvas.line(&visible, stroke)?;
            }
        }
        Ok(())
    }

    /// A marker at a data point, unless that lies outside the frame.
    pub fn mark<DB: DrawingBackend>(&self, canvas: &Canvas<DB>, (x, y): (f64, f64), ink: Ink, open: bool) -> Result<()> {
        let at = self.px(x, y);
        if self.holds(at) { canvas.mark(at, ink.mark, MARK, ink.colour, open) } else { Ok(()) }
    }

    /// A vertical bar with caps from `low` to `high`.
    pub fn whisker<DB: DrawingBackend>(&self, canvas: &Canvas<DB>, x: f64, (low, high): (f64, f64), colour: RGBColor) -> Result<()> {
        let ((x, bottom), (_, top)) = (self.px(x, low), self.px(x, high));
        if bottom - top < 1.5 {
            return Ok(());
        }
        let stroke = Stroke::solid(colour, 1.5);
        for bar in [[(x, bottom), (x, top)], [(x - 4.0, bottom), (x + 4.0, bottom)], [(x - 4.0, top), (x + 4.0, top)]] {
            canvas.line(&bar, stroke)?;
        }
        Ok(())
    }

    fn holds(&self, (x, y): Px) -> bool {
        let Rect { left, top, right, bottom } = self.rect;
        (left - 1.0..=right + 1.0).contains(&x) && (top - 1.0..=bottom + 1.0).contains(&y)
    }
}

fn shown(axis: &Axis) -> impl Iterator<Item = (&Tick, f64)> {
    axis.ticks.iter().map(|t| (t, axis.scale.at(t.value))).filter(|(_, at)| (-1e-6..=1.0 + 1e-6).contains(at))
}

/// The parts of a line inside a rectangle (Liang and Barsky, segment by segment).
fn clip(points: &[Px], rect: Rect) -> Vec<Vec<Px>> {
    let mut pieces: Vec<Vec<Px>> = Vec::new();
    for pair in points.windows(2) {
        let ((x0, y0), (x1, y1)) = (pair[0], pair[1]);
        let (dx, dy) = (x1 - x0, y1 - y0);
        let (mut enter, mut leave) = (0.0f64, 1.0f64);
        for (step, room) in [(-dx, x0 - rect.left), (dx, rect.right - x0), (-dy, y0 - rect.top), (dy, rect.bottom - y0)] {
            if step < 0.0 {
                enter = enter.max(room / step);
            } else if step > 0.0 {
                leave = leave.min(room / step);
            } else if room < 0.0 {
                leave = -1.0;
            }
        }
        if enter > leave {
            continue;
        }
        let at = |t: f64| (x0 + t * dx, y0 + t * dy);
        match pieces.last_mut() {
            Some(piece) if enter == 0.0 && piece.last() == Some(&(x0, y0)) => piece.push(at(leave)),
            _ => pieces.push(vec![at(enter), at(leave)]),
        }
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOX: Rect = Rect { left: 0.0, top: 0.0, right: 10.0, bottom: 10.0 };

    #[test]
    fn lines_are_cut_at_the_frame() {
        assert_eq!(clip(&[(-5.0, 5.0), (15.0, 5.0)], BOX), [vec![(0.0, 5.0), (10.0, 5.0)]]);
        assert_eq!(clip(&[(1.0, 1.0), (2.0, 2.0), (3.0, 1.0)], BOX), [vec![(1.0, 1.0), (2.0, 2.0), (3.0, 1.0)]]);
        assert!(clip(&[(11.0, 0.0), (12.0, 10.0)], BOX).is_empty());
        assert_eq!(clip(&[(5.0, 5.0), (5.0, 20.0), (6.0, 20.0), (6.0, 5.0)], BOX).len(), 2);
    }

    #[test]
    fn pixels_run_right_and_up() {
        let axis = |from, to| Axis { scale: Scale::linear(from, to), ticks: Vec::new(), title: String::new() };
        let panel = Panel { rect: BOX, x: axis(1.0, 0.0), y: axis(0.0, 2.0) };
        assert_eq!(panel.px(1.0, 0.0), (0.0, 10.0));
        assert_eq!(panel.px(0.0, 2.0), (10.0, 0.0));
    }
}
