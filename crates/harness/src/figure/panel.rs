//! A panel: two scales in a rectangle, with frame, grid, ticks and titles, and the series drawn inside it.

pub use super::axis::BELOW;
use super::axis::{Axis, TICK_LINE, TITLE_LINE, shown};
use super::canvas::Canvas;
use super::clip::clip;
use super::rect::{Px, Rect};
use super::stroke::Stroke;
use super::style::{BLACK, GREY, GRID, HEADING, Ink, LABEL, MARK, SMALL, capital};
use super::text::{Pen, fit, wrap};
use super::tick::Tick;
use anyhow::Result;
use plotters::prelude::*;

/// Height that a heading takes above a panel.
pub const ABOVE: f64 = 28.0;
/// Height that an axis on top takes between a panel and its heading.
pub const TOP_AXIS: f64 = 44.0;

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
        let rect = Rect {
            left: outer.left + y.width(),
            top: outer.top + ABOVE,
            right: outer.right,
            bottom: outer.bottom - x.below(),
        };
        Self { rect, x, y }
    }

    /// Pixel of a point.
    pub fn px(&self, x: f64, y: f64) -> Px {
        let Rect { left, bottom, .. } = self.rect;
        (
            left + self.x.scale.at(x) * self.rect.width(),
            bottom - self.y.scale.at(y) * self.rect.height(),
        )
    }

    /// Grid, ticks, axis titles and frame.
    pub fn frame<DB: DrawingBackend>(&self, canvas: &Canvas<DB>) -> Result<()> {
        let Rect {
            left,
            top,
            right,
            bottom,
        } = self.rect;
        let grid = Stroke::solid(GRID, 1.0);
        let thin = Stroke::solid(GREY, 1.0);
        for (tick, x) in shown(&self.x) {
            let x = left + x * self.rect.width();
            let long = if tick.label.is_some() { 6.0 } else { 3.0 };
            if tick.label.is_some() {
                canvas.line(&[(x, top), (x, bottom)], grid)?;
            }
            canvas.line(&[(x, bottom), (x, bottom + long)], thin)?;
            let label = tick.label.as_deref().unwrap_or("");
            for (i, line) in label.split('\n').enumerate() {
                let at = (x, bottom + 17.0 + i as f64 * TICK_LINE);
                canvas.text(line, at, Pen::new(SMALL, BLACK).centred())?;
            }
        }
        for (tick, y) in shown(&self.y) {
            let y = bottom - y * self.rect.height();
            let long = if tick.label.is_some() { 6.0 } else { 3.0 };
            if tick.label.is_some() {
                canvas.line(&[(left, y), (right, y)], grid)?;
            }
            canvas.line(&[(left - long, y), (left, y)], thin)?;
            canvas.text(
                tick.label.as_deref().unwrap_or(""),
                (left - 9.0, y),
                Pen::new(SMALL, BLACK).ending(),
            )?;
        }
        canvas.line(
            &[
                (left, top),
                (right, top),
                (right, bottom),
                (left, bottom),
                (left, top),
            ],
            thin,
        )?;
        let middle = (left + right) / 2.0;
        let below = bottom + 41.0 + (self.x.tick_lines() - 1.0) * TICK_LINE;
        for (i, line) in self.x.title.split('\n').enumerate() {
            let at = (middle, below + i as f64 * TITLE_LINE);
            canvas.text(line, at, Pen::new(LABEL, BLACK).centred())?;
        }
        if !self.y.title.is_empty() {
            let x = left - self.y.width() + LABEL / 2.0;
            for (i, line) in self.y.title.split('\n').enumerate() {
                canvas.text(
                    line,
                    (x + i as f64 * TITLE_LINE, (top + bottom) / 2.0),
                    Pen::new(LABEL, BLACK).centred().upwards(),
                )?;
            }
        }
        Ok(())
    }

    /// Heading above the frame, `lift` pixels higher than usual.
    pub fn heading<DB: DrawingBackend>(
        &self,
        canvas: &Canvas<DB>,
        text: &str,
        lift: f64,
    ) -> Result<()> {
        let at = (self.rect.left, self.rect.top - 15.0 - lift);
        canvas.text(
            &fit(text, HEADING, self.rect.width()),
            at,
            Pen::new(HEADING, BLACK),
        )
    }

    /// A sentence in the middle of a panel that has nothing else to show.
    pub fn sentence<DB: DrawingBackend>(
        &self,
        canvas: &Canvas<DB>,
        text: &str,
        colour: RGBColor,
    ) -> Result<()> {
        let middle = (
            (self.rect.left + self.rect.right) / 2.0,
            (self.rect.top + self.rect.bottom) / 2.0,
        );
        let lines: Vec<String> = wrap(&capital(text), LABEL, (self.rect.width() - 30.0) / 1.1)
            .into_iter()
            .take(8)
            .collect();
        let (wide, high) = (self.rect.width() / 2.0 - 6.0, 11.0 * lines.len() as f64);
        let corner = |x: f64, y: f64| (middle.0 + x * wide, middle.1 + y * high);
        canvas.fill(
            &[
                corner(-1.0, -1.0),
                corner(1.0, -1.0),
                corner(1.0, 1.0),
                corner(-1.0, 1.0),
            ],
            WHITE.to_rgba(),
        )?;
        for (i, line) in lines.iter().enumerate() {
            canvas.text(
                line,
                (middle.0, middle.1 - high + 22.0 * (i as f64 + 0.5)),
                Pen::new(LABEL, colour).centred(),
            )?;
        }
        Ok(())
    }

    /// A second x axis on the upper edge; the heading is then lifted by [`TOP_AXIS`].
    pub fn top_axis<DB: DrawingBackend>(
        &self,
        canvas: &Canvas<DB>,
        ticks: &[Tick],
        title: &str,
    ) -> Result<()> {
        let Rect {
            left, top, right, ..
        } = self.rect;
        if ticks.is_empty() {
            return Ok(());
        }
        for tick in ticks {
            let x = left + self.x.scale.at(tick.value) * self.rect.width();
            canvas.line(&[(x, top - 5.0), (x, top)], Stroke::solid(GREY, 1.0))?;
            canvas.text(
                tick.label.as_deref().unwrap_or(""),
                (x, top - 14.0),
                Pen::new(SMALL, BLACK).centred(),
            )?;
        }
        canvas.text(
            &fit(title, SMALL, right - left),
            ((left + right) / 2.0, top - 33.0),
            Pen::new(SMALL, GREY).centred(),
        )
    }

    /// A line through data points, cut at the frame; points that are not finite interrupt it.
    pub fn line<DB: DrawingBackend>(
        &self,
        canvas: &Canvas<DB>,
        points: &[(f64, f64)],
        stroke: Stroke,
    ) -> Result<()> {
        let pixels: Vec<Px> = points.iter().map(|(x, y)| self.px(*x, *y)).collect();
        for piece in pixels.split(|(x, y)| !x.is_finite() || !y.is_finite()) {
            for visible in clip(piece, self.rect) {
                canvas.line(&visible, stroke)?;
            }
        }
        Ok(())
    }

    /// A marker at a data point, unless that lies outside the frame.
    pub fn mark<DB: DrawingBackend>(
        &self,
        canvas: &Canvas<DB>,
        (x, y): (f64, f64),
        ink: Ink,
        open: bool,
    ) -> Result<()> {
        let at = self.px(x, y);
        if self.holds(at) {
            canvas.mark(at, ink.mark, MARK, ink.colour, open)
        } else {
            Ok(())
        }
    }

    /// A vertical bar with caps from `low` to `high`.
    pub fn whisker<DB: DrawingBackend>(
        &self,
        canvas: &Canvas<DB>,
        x: f64,
        (low, high): (f64, f64),
        colour: RGBColor,
    ) -> Result<()> {
        let ((x, bottom), (_, top)) = (self.px(x, low), self.px(x, high));
        if bottom - top < 1.5 {
            return Ok(());
        }
        let stroke = Stroke::solid(colour, 1.5);
        for bar in [
            [(x, bottom), (x, top)],
            [(x - 4.0, bottom), (x + 4.0, bottom)],
            [(x - 4.0, top), (x + 4.0, top)],
        ] {
            canvas.line(&bar, stroke)?;
        }
        Ok(())
    }

    /// Whether a pixel lies in the frame, or on it.
    pub fn holds(&self, (x, y): Px) -> bool {
        let Rect {
            left,
            top,
            right,
            bottom,
        } = self.rect;
        (left - 1.0..=right + 1.0).contains(&x) && (top - 1.0..=bottom + 1.0).contains(&y)
    }
}

#[cfg(test)]
mod tests {
    use super::super::scale::Scale;
    use super::*;

    const BOX: Rect = Rect {
        left: 0.0,
        top: 0.0,
        right: 10.0,
        bottom: 10.0,
    };

    #[test]
    fn pixels_run_right_and_up() {
        let axis = |from, to| Axis {
            scale: Scale::linear(from, to),
            ticks: Vec::new(),
            title: String::new(),
        };
        let panel = Panel {
            rect: BOX,
            x: axis(1.0, 0.0),
            y: axis(0.0, 2.0),
        };
        assert_eq!(panel.px(1.0, 0.0), (0.0, 10.0));
        assert_eq!(panel.px(0.0, 2.0), (10.0, 0.0));
    }
}
