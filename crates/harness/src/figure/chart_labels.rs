//! The texts in a panel of a chart: axes are widened for them, long ones are wrapped, and those that would meet are moved apart.

use super::canvas::Canvas;
use super::chart::{Anchor, Layer, Panel as Described, Shape};
use super::chart_layout::WIDER;
use super::panel::Panel;
use super::rect::{Px, Rect};
use super::scale::Scale;
use super::stroke::Stroke;
use super::style::{PALE, SMALL, dark};
use super::text::{Pen, text_width, whole, wrap_evenly};
use anyhow::Result;
use plotters::prelude::*;

/// Distance of the lines of a text.
const LINE: f64 = 16.0;
/// Space around a text.
const RIM: f64 = 3.0;
/// Length of a leader from the end of a line to its name, where names had to be moved.
const LEADER: f64 = 13.0;
/// From this many texts on, those at one place are the names of lines.
const STACK: usize = 3;
/// How far a text may be moved aside for a marker.
const ASIDE: f64 = 12.0;
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
    /// Where a leader to the text starts, if it needs one.
    led: Option<Px>,
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

    /// How far a line that leads here, if it is one, is to move its end with the text.
    pub fn pull(&self, [start, end]: [Px; 2]) -> Option<f64> {
        let near = (end.0 - self.at.0).hypot(end.1 - self.at.1) < 10.0;
        let short = (end.0 - start.0).abs() < 40.0;
        (near && short && self.moved.1 != 0.0).then_some(self.moved.1)
    }

    /// The part of the frame that the text covers.
    fn cover(&self, frame: Rect) -> Option<Rect> {
        let rect = self.rect();
        let cover = Rect {
            left: (rect.left - RIM).max(frame.left + 1.0),
            top: (rect.top + 1.0).max(frame.top + 1.0),
            right: (rect.right + RIM).min(frame.right - 1.0),
            bottom: (rect.bottom - 1.0).min(frame.bottom - 1.0),
        };
        (cover.left < cover.right && cover.top < cover.bottom).then_some(cover)
    }

    /// Draws the text.
    fn draw<DB: DrawingBackend>(&self, canvas: &Canvas<DB>) -> Result<()> {
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

/// Draws the texts on veils, from which the markers stand out.
pub fn draw<DB: DrawingBackend>(
    canvas: &Canvas<DB>,
    panel: &Panel,
    described: &Described,
    labels: &[Label],
) -> Result<()> {
    let covers: Vec<Rect> = labels.iter().filter_map(|l| l.cover(panel.rect)).collect();
    for r in &covers {
        let veil = [
            (r.left, r.top),
            (r.right, r.top),
            (r.right, r.bottom),
            (r.left, r.bottom),
        ];
        canvas.fill(&veil, WHITE.mix(VEIL))?;
    }
    for (at, layer) in marks(described, panel) {
        let look = layer.look;
        let near = |r: &Rect| distance(*r, at) < look.radius * canvas.mark_weight() + 2.0;
        if covers.iter().any(near) {
            canvas.mark(at, look.mark, look.radius, look.colour, look.open)?;
        }
    }
    for label in labels {
        if let Some(start) = label.led {
            let (x, y) = (label.at.0 + label.moved.0, label.at.1 + label.moved.1);
            let x = if start.0 < x { x - RIM } else { x + RIM };
            canvas.line(&[start, (x, y)], Stroke::solid(PALE, 1.2))?;
        }
        label.draw(canvas)?;
    }
    Ok(())
}

/// The markers of a panel, in pixels.
fn marks<'a>(described: &'a Described, panel: &'a Panel) -> impl Iterator<Item = (Px, &'a Layer)> {
    let points = described
        .layers
        .iter()
        .filter_map(|layer| match &layer.shape {
            Shape::Points(points) => Some(points.iter().map(move |p| (*p, layer))),
            _ => None,
        });
    let pixels = points
        .flatten()
        .map(|((x, y), layer)| (panel.px(x, y), layer));
    pixels.filter(|(at, _)| panel.holds(*at))
}

/// Distance of a point from a rectangle.
fn distance(rect: Rect, (x, y): Px) -> f64 {
    let beyond = |from: f64, to: f64, v: f64| (from - v).max(v - to).max(0.0);
    beyond(rect.left, rect.right, x).hypot(beyond(rect.top, rect.bottom, y))
}

fn lines(text: &str, width: f64) -> (Vec<String>, f64) {
    let lines = wrap_evenly(&whole(text), SMALL, (SHARE * width).max(90.0));
    let wide = lines.iter().map(|l| text_width(l, SMALL) * WIDER);
    let wide = wide.fold(0.0, f64::max);
    (lines, wide)
}

/// The scale with room at its ends for the texts that begin in the frame and would end beyond it.
pub fn widened(scale: Scale, described: &Described, width: f64) -> Scale {
    let marked = described
        .layers
        .iter()
        .any(|l| matches!(l.shape, Shape::Points(_)));
    let rim = if marked { RIM + ASIDE / 2.0 } else { RIM };
    // Room at one end takes some of the other's.
    let mut wide = scale;
    for _ in 0..4 {
        let (mut from, mut to) = (0.0_f64, 1.0_f64);
        for layer in &described.layers {
            let Shape::Text { at, text, anchor } = &layer.shape else {
                continue;
            };
            let place = wide.at(at.0);
            if !(0.0..=1.0).contains(&scale.at(at.0)) {
                continue;
            }
            let leader = match stacked(described, at.0, *anchor) {
                true => LEADER,
                false => 0.0,
            };
            let (left, right) = Label::reach(*anchor, lines(text, width).1 + rim + leader);
            // The part of the frame that the text leaves on its far side.
            let (before, behind) = (1.0 - left / width, 1.0 - right / width);
            if behind > 0.5 {
                to = to.max(place / behind);
            }
            if before > 0.5 {
                from = from.min(1.0 - (1.0 - place) / before);
            }
        }
        wide = wide.stretched(from, to);
    }
    wide
}

/// The texts of a panel, inside `cell`, apart from each other and from markers, whose radius has the factor `weight`.
pub fn labels(described: &Described, panel: &Panel, cell: Rect, weight: f64) -> Vec<Label> {
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
                led: None,
            })
        })
        .collect();
    thin_numbers(&mut labels);
    let above = |label: &Label| label.at.1 < panel.rect.top - 1.0;
    let inside: Vec<bool> = labels.iter().map(|l| panel.holds(l.at)).collect();
    for label in &mut labels {
        make_way(label, described, panel, weight);
        if above(label) {
            // A text above the frame stands clear of it.
            label.moved.1 = panel.rect.top - 10.0 - label.at.1;
        }
    }
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
    lead(&mut labels, described, panel);
    labels
}

/// Leaves out every second, third, … of the numbers at one height that would meet, as on an axis.
fn thin_numbers(labels: &mut Vec<Label>) {
    let number = |l: &Label| l.lines.len() == 1 && l.lines[0].parse::<f64>().is_ok();
    let Some(height) = labels
        .iter()
        .find(|l| l.anchor == Anchor::Middle)
        .map(|l| l.at.1)
    else {
        return;
    };
    let row: Vec<usize> = (0..labels.len())
        .filter(|&i| (labels[i].at.1 - height).abs() < 0.5)
        .collect();
    if row.len() < STACK || !row.iter().all(|&i| number(&labels[i])) {
        return;
    }
    let kept = |step: usize| row.iter().copied().step_by(step);
    let free = |step: &usize| {
        let rects: Vec<Rect> = kept(*step).map(|i| labels[i].rect()).collect();
        rects.windows(2).all(|w| w[1].left - w[0].right >= RIM)
    };
    let step = (1..row.len()).find(free).unwrap_or(row.len());
    let kept: Vec<usize> = kept(step).collect();
    let mut at = 0..;
    labels.retain(|_| {
        let i = at.next().unwrap_or_default();
        kept.contains(&i) || !row.contains(&i)
    });
}

/// Whether a text is one of several that begin, or end, at one place.
fn stacked(described: &Described, place: f64, side: Anchor) -> bool {
    let same = |layer: &&Layer| match &layer.shape {
        Shape::Text { at, anchor, .. } => at.0 == place && *anchor == side,
        _ => false,
    };
    side != Anchor::Middle && described.layers.iter().filter(same).count() >= STACK
}

/// Gives the names at the ends of lines leaders, all of one stack if one of them was moved, unless the chart has its own.
fn lead(labels: &mut [Label], described: &Described, panel: &Panel) {
    let own = |label: &Label| {
        described.layers.iter().any(|layer| match &layer.shape {
            Shape::Line(points) if points.len() == 2 => {
                let [start, end] = [0, 1].map(|i| panel.px(points[i].0, points[i].1));
                let near = (end.0 - label.at.0).hypot(end.1 - label.at.1) < 10.0;
                near && (end.0 - start.0).abs() < 40.0
            }
            _ => false,
        })
    };
    let together = |a: &Label, b: &Label| a.anchor == b.anchor && (a.at.0 - b.at.0).abs() < 0.5;
    let needs: Vec<bool> = (labels.iter())
        .map(|one| {
            let stack = || labels.iter().filter(|other| together(one, other));
            one.anchor != Anchor::Middle
                && stack().count() >= STACK
                && stack().any(|l| l.moved.1.abs() > 4.0)
                && !stack().any(own)
        })
        .collect();
    for (label, _) in labels.iter_mut().zip(needs).filter(|(_, needs)| *needs) {
        let out = if label.anchor == Anchor::Start {
            1.0
        } else {
            -1.0
        };
        label.led = Some((label.at.0 + label.moved.0 - out, label.at.1));
        label.moved.0 += out * LEADER;
    }
}

/// Moves a text aside, away from its point, where a marker would touch it.
fn make_way(label: &mut Label, described: &Described, panel: &Panel, weight: f64) {
    for (at, layer) in marks(described, panel) {
        let rect = label.rect();
        let radius = layer.look.radius * weight + 2.0;
        let (low, high) = (rect.top + 2.0 - radius, rect.bottom - 2.0 + radius);
        if !(low..high).contains(&at.1) {
            continue;
        }
        let (right, left) = (at.0 + radius - rect.left, rect.right - at.0 + radius);
        match label.anchor {
            Anchor::Start if (0.0..ASIDE).contains(&right) => label.moved.0 += right,
            Anchor::End if (0.0..ASIDE).contains(&left) => label.moved.0 -= left,
            Anchor::Middle if right > 0.0 && left > 0.0 => {
                let (down, up) = (
                    at.1 + radius - rect.top - 2.0,
                    rect.bottom - 2.0 - at.1 + radius,
                );
                if rect.top + rect.bottom > 2.0 * at.1 && down < ASIDE {
                    label.moved.1 += down;
                } else if up < ASIDE {
                    label.moved.1 -= up;
                }
            }
            _ => {}
        }
    }
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
            let level = (labels[i].at.1 - labels[j].at.1).abs() < 0.5;
            let sideways = level && (labels[i].at.0 - labels[j].at.0).abs() > 2.0;
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
        label.moved.1 +=
            (bounds.top + 2.0 - rect.top).max(0.0) - (rect.bottom + 2.0 - bounds.bottom).max(0.0);
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
        let found = labels(&described(&texts), &panel, rect, 1.0);
        let rects: Vec<Rect> = found.iter().map(Label::rect).collect();
        for pair in rects[..3].windows(2) {
            assert!(pair[0].top - pair[1].bottom > -0.5, "{pair:?}");
        }
        assert!(rects.iter().all(|r| r.bottom <= rect.bottom + 0.5));
        assert!(found[3].moved.1 == 0.0 && found.iter().all(|l| l.led.is_some()));
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

    #[test]
    fn numbers_along_an_edge_are_thinned_out_as_on_an_axis() {
        register();
        let number = |i: usize| Label {
            lines: vec![format!("0.{i}5")],
            colour: PALE,
            anchor: Anchor::Middle,
            at: (15.0 * i as f64, 10.0),
            moved: (0.0, 0.0),
            wide: 25.0,
            led: None,
        };
        let mut labels: Vec<Label> = (0..9).map(number).collect();
        thin_numbers(&mut labels);
        assert_eq!(labels.len(), 5);
        let mut words: Vec<Label> = (0..9).map(number).collect();
        words[3].lines = vec!["mean".into()];
        thin_numbers(&mut words);
        assert_eq!(words.len(), 9);
    }
}
