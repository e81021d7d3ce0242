//! The texts in a panel of a chart: axes are widened for them, long ones are wrapped, and those that would meet are moved apart.

use super::canvas::Canvas;
use super::chart::{Anchor, Panel as Described, Shape};
use super::chart_layout::WIDER;
use super::panel::Panel;
use super::rect::{Px, Rect};
use super::scale::Scale;
use super::style::{SMALL, dark};
use super::text::{Pen, text_width, wrap};
use anyhow::Result;
use plotters::prelude::*;

/// Distance of the lines of a text.
const LINE: f64 = 16.0;
/// Space around a text.
const RIM: f64 = 3.0;
/// The widest line of a text, beside the width of the frame.
const SHARE: f64 = 0.42;
/// Opacity of the white behind a text, through which lines are seen to go on.
const VEIL: f64 = 0.75;

/// A text with its place.
pub struct Label {
    lines: Vec<String>,
    colour: RGBColor,
    anchor: Anchor,
    /// Where the chart has it.
    at: Px,
    /// How far it was moved.
    moved: Px,
    wide: f64,
}

impl Label {
    /// How far the text stands out to the left and to the right of its point.
    fn reach(anchor: Anchor, wide: f64) -> (f64, f64) {
        match anchor {
            Anchor::Start => (0.0, wide),
            Anchor::Middle => (wide / 2.0, wide / 2.0),
            Anchor::End => (wide, 0.0),
        }
    }

    fn rect(&self) -> Rect {
        let (x, y) = (self.at.0 + self.moved.0, self.at.1 + self.moved.1);
        let (left, right) = Self::reach(self.anchor, self.wide);
        let high = self.lines.len() as f64 * LINE;
        Rect {
            left: x - left,
            top: y - high / 2.0,
            right: x + right,
            bottom: y + high / 2.0,
        }
    }

    /// How far the end of a line that leads here is to move with the text.
    pub fn pull(&self, end: Px) -> Option<f64> {
        let near = (end.0 - self.at.0).hypot(end.1 - self.at.1) < 10.0;
        (near && self.moved.1 != 0.0).then_some(self.moved.1)
    }

    /// Draws the text, on a veil where data may lie.
    pub fn draw<DB: DrawingBackend>(&self, canvas: &Canvas<DB>, frame: Rect) -> Result<()> {
        let Rect {
            left,
            top,
            right,
            bottom,
        } = self.rect();
        let (top, bottom) = (top.max(frame.top + 1.0), bottom.min(frame.bottom - 1.0));
        let (west, east) = (
            (left - RIM).max(frame.left + 1.0),
            (right + RIM).min(frame.right - 1.0),
        );
        if top < bottom && west < east {
            let veil = [(west, top), (east, top), (east, bottom), (west, bottom)];
            canvas.fill(&veil, WHITE.mix(VEIL))?;
        }
        let (x, y) = (self.at.0 + self.moved.0, self.at.1 + self.moved.1);
        let pen = Pen::new(SMALL, dark(self.colour));
        let pen = match self.anchor {
            Anchor::Start => pen,
            Anchor::Middle => pen.centred(),
            Anchor::End => pen.ending(),
        };
        for (i, line) in self.lines.iter().enumerate() {
            let lift = i as f64 - (self.lines.len() - 1) as f64 / 2.0;
            canvas.text(line, (x, y + lift * LINE), pen)?;
        }
        Ok(())
    }
}

fn lines(text: &str, width: f64) -> (Vec<String>, f64) {
    let lines = wrap(text, SMALL, (SHARE * width).max(90.0));
    let wide = lines.iter().map(|l| text_width(l, SMALL) * WIDER);
    let wide = wide.fold(0.0, f64::max);
    (lines, wide)
}

/// The scale with room at its ends for the texts that begin in the frame and would end beyond it.
pub fn widened(scale: Scale, described: &Described, width: f64) -> Scale {
    let (mut from, mut to) = (0.0_f64, 1.0_f64);
    for layer in &described.layers {
        let Shape::Text { at, text, anchor } = &layer.shape else {
            continue;
        };
        let place = scale.at(at.0);
        if !(0.0..=1.0).contains(&place) {
            continue;
        }
        let (left, right) = Label::reach(*anchor, lines(text, width).1 + RIM);
        // The part of the frame that the text leaves on its far side.
        let (before, behind) = (1.0 - left / width, 1.0 - right / width);
        if behind > 0.5 {
            to = to.max(place / behind);
        }
        if before > 0.5 {
            from = from.min(1.0 - (1.0 - place) / before);
        }
    }
    scale.stretched(from, to)
}

/// The texts of a panel, inside `cell` and apart from each other.
pub fn labels(described: &Described, panel: &Panel, cell: Rect) -> Vec<Label> {
    let mut labels: Vec<Label> = (described.layers.iter())
        .filter_map(|layer| {
            let Shape::Text { at, text, anchor } = &layer.shape else {
                return None;
            };
            let at = panel.px(at.0, at.1);
            let (lines, wide) = lines(text, panel.rect.width());
            (at.0.is_finite() && at.1.is_finite()).then_some(Label {
                lines,
                colour: layer.look.colour,
                anchor: *anchor,
                at,
                moved: (0.0, 0.0),
                wide,
            })
        })
        .collect();
    let inside: Vec<bool> = labels.iter().map(|l| panel.holds(l.at)).collect();
    for _ in 0..300 {
        let moved = push_apart(&mut labels);
        for (label, inside) in labels.iter_mut().zip(&inside) {
            let bounds = if *inside { panel.rect } else { cell };
            keep(label, cell, bounds);
        }
        if !moved {
            break;
        }
    }
    labels
}

/// Moves every pair that overlaps by half of what is missing: sideways if both stand at one height, else up and down.
fn push_apart(labels: &mut [Label]) -> bool {
    let mut moved = false;
    for i in 0..labels.len() {
        for j in 0..i {
            let (a, b) = (labels[i].rect(), labels[j].rect());
            let wide = a.right.min(b.right) - a.left.max(b.left) + RIM;
            let high = a.bottom.min(b.bottom) - a.top.max(b.top);
            if wide <= 0.1 || high <= 0.1 {
                continue;
            }
            moved = true;
            let sideways = (labels[i].at.1 - labels[j].at.1).abs() < 0.5;
            let after = match sideways {
                true => labels[i].at.0 > labels[j].at.0,
                false => labels[i].at.1 > labels[j].at.1,
            };
            let step = if after { 0.5 } else { -0.5 };
            let (dx, dy) = if sideways {
                (step * wide, 0.0)
            } else {
                (0.0, step * high)
            };
            let shift = |label: &mut Label, sign: f64| {
                label.moved = (label.moved.0 + sign * dx, label.moved.1 + sign * dy);
            };
            shift(&mut labels[i], 1.0);
            shift(&mut labels[j], -1.0);
        }
    }
    moved
}

/// Moves a text into its cell, and between these heights.
fn keep(label: &mut Label, cell: Rect, bounds: Rect) {
    let rect = label.rect();
    label.moved.0 += (cell.left - rect.left).max(0.0) - (rect.right - cell.right).max(0.0);
    if rect.height() < bounds.height() {
        label.moved.1 += (bounds.top - rect.top).max(0.0) - (rect.bottom - bounds.bottom).max(0.0);
    }
}

#[cfg(test)]
mod tests {
    use super::super::axis::Axis;
    use super::super::chart::{Layer, Look};
    use super::super::style::register;
    use super::*;

    fn described(texts: &[(f64, f64, &str)]) -> Described {
        let text = |&(x, y, text): &(f64, f64, &str)| {
            let (at, text) = ((x, y), text.to_owned());
            let anchor = Anchor::Start;
            Layer::plain(Look::L1, Shape::Text { at, text, anchor })
        };
        Described {
            layers: texts.iter().map(text).collect(),
            ..Described::default()
        }
    }

    #[test]
    fn texts_that_would_meet_stand_apart_inside_the_frame_and_in_order() {
        register();
        let texts = [
            (0.5, 0.01, "a"),
            (0.5, 0.02, "b"),
            (0.5, 0.03, "c"),
            (0.5, 0.9, "far"),
        ];
        let axis = |title: &str| Axis::new(Scale::linear(0.0, 1.0), 5, title);
        let rect = Rect {
            left: 50.0,
            top: 20.0,
            right: 350.0,
            bottom: 220.0,
        };
        let panel = Panel {
            rect,
            x: axis(""),
            y: axis(""),
        };
        let found = labels(&described(&texts), &panel, rect);
        let rects: Vec<Rect> = found.iter().map(Label::rect).collect();
        for pair in rects[..3].windows(2) {
            assert!(pair[0].top - pair[1].bottom > -0.5, "{pair:?}");
        }
        assert!(rects.iter().all(|r| r.bottom <= rect.bottom + 0.5));
        assert_eq!(found[3].moved, (0.0, 0.0));
    }

    #[test]
    fn an_axis_is_as_wide_as_its_texts_need() {
        register();
        let scale = Scale::linear(0.0, 10.0);
        assert_eq!(widened(scale, &described(&[(1.0, 0.0, "x")]), 300.0), scale);
        let wide = widened(scale, &described(&[(9.5, 0.0, "a long name")]), 300.0);
        let text = text_width("a long name", SMALL) * WIDER;
        assert!(wide.at(9.5) * 300.0 + text <= 300.0 && wide.at(0.0) == 0.0);
    }
}
