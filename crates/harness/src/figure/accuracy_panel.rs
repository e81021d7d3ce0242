//! One problem: the worst certified suboptimality of every contestant against its seconds, over all tolerances.

use super::absence::{NOT_RUN, absence, absence_rank};
use super::axis::Axis;
use super::canvas::Canvas;
use super::contest::{Contest, Problem};
use super::panel::Panel;
use super::rect::Rect;
use super::stroke::Stroke;
use super::style::{ALARM, GREY, Ink, SMALL, leads};
use super::text::{Pen, fit, text_width};
use anyhow::Result;
use plotters::prelude::*;

/// Suboptimality below which double precision tells nothing; what is lower, or negative by rounding, is drawn here.
pub const FLOOR: f64 = 1e-16;
/// Height of a line of what ended without a number.
pub const LINE: f64 = 19.0;
/// Distance of the markers of those, and white space between two reasons.
const STEP: f64 = 11.0;
const BETWEEN: f64 = 14.0;
/// Radius of a marker, and of that of the contestant that stands out.
const RADII: [f64; 2] = [3.4, 4.4];

/// The curves of one problem.
#[derive(Clone, Debug)]
pub struct AccuracyPanel {
    heading: String,
    /// Size and penalty.
    detail: String,
    /// Of every contestant.
    pub curves: Vec<Curve>,
    /// Contestants whose walk ended without a number, by reason.
    ended: Vec<(&'static str, Vec<Ink>)>,
}

/// The tolerances of one contestant, loosest first.
#[derive(Clone, Debug)]
pub struct Curve {
    ink: Ink,
    leads: bool,
    /// Points in the order of the walk.
    pub points: Vec<Reached>,
}

/// What one tolerance reached.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reached {
    /// Seconds of the path.
    pub seconds: f64,
    /// Suboptimality between the floor and 1.
    pub subopt: f64,
    /// Whether it lies at or below the floor.
    pub floored: bool,
}

impl AccuracyPanel {
    /// The panel of a problem.
    pub fn new(contest: &Contest, problem: &Problem) -> Self {
        let (mut curves, mut ended) = (Vec::new(), Vec::<(&'static str, Vec<Ink>)>::new());
        for (id, _, ink) in &contest.looks {
            let walk = contest.walk(&problem.id, id);
            let points: Vec<Option<Reached>> = walk
                .iter()
                .map(|rung| {
                    let subopt = rung.subopt?;
                    Some(Reached {
                        seconds: rung.seconds?,
                        subopt: subopt.clamp(FLOOR, 1.0),
                        floored: subopt <= FLOOR,
                    })
                })
                .collect();
            let word = match (walk.last(), points.last()) {
                (_, Some(Some(_))) => None,
                (Some(rung), _) => Some(absence(&rung.status, &rung.reason)),
                (None, _) => {
                    let rows = contest.accuracies.iter().rev();
                    let row = rows
                        .filter_map(|eps| contest.standing(&problem.id, id, *eps))
                        .next();
                    Some(row.map_or(NOT_RUN, |s| absence(&s.status, &s.reason)))
                }
            };
            if let Some(word) = word {
                match ended.iter_mut().find(|(known, _)| *known == word) {
                    Some((_, inks)) => inks.push(*ink),
                    None => ended.push((word, vec![*ink])),
                }
            }
            curves.push(Curve {
                ink: *ink,
                leads: leads(id),
                points: points.into_iter().flatten().collect(),
            });
        }
        ended.sort_by_key(|(word, _)| absence_rank(word));
        Self {
            heading: problem.id.clone(),
            detail: problem.detail.clone(),
            curves,
            ended,
        }
    }

    /// All points.
    pub fn points(&self) -> impl Iterator<Item = &Reached> {
        self.curves.iter().flat_map(|curve| &curve.points)
    }

    /// Least and largest seconds, if there is a point.
    pub fn seconds(&self) -> Option<(f64, f64)> {
        let ends = |(low, high): (f64, f64), s: f64| (low.min(s), high.max(s));
        self.points()
            .map(|r| r.seconds)
            .fold(None, |range, s| Some(ends(range.unwrap_or((s, s)), s)))
    }

    /// Where the detail and each reason stand in the lines above a panel of that width: line, distance from the left.
    fn places(&self, width: f64) -> Vec<(usize, f64)> {
        let (mut line, mut x) = (0, 0.0);
        let detail = (self.detail.as_str(), 0);
        let ended = self.ended.iter().map(|(word, inks)| (*word, inks.len()));
        std::iter::once(detail)
            .chain(ended)
            .map(|(text, marks)| {
                let wide = word_width(text) + marks as f64 * STEP;
                if x > 0.0 && x + wide > width {
                    (line, x) = (line + 1, 0.0);
                }
                let place = (line, x);
                x += if wide > 0.0 { wide + BETWEEN } else { 0.0 };
                place
            })
            .collect()
    }

    /// Lines above a panel of that width.
    pub fn lines(&self, width: f64) -> usize {
        self.places(width).last().map_or(0, |(line, _)| line + 1)
    }

    /// Draws the panel, with `lines` lines between heading and frame.
    pub fn draw<DB: DrawingBackend>(
        &self,
        canvas: &Canvas<DB>,
        (rect, x, y): (Rect, Axis, Axis),
        guides: &[f64],
        lines: usize,
    ) -> Result<()> {
        let panel = Panel { rect, x, y };
        let lift = lines as f64 * LINE;
        panel.frame(canvas)?;
        panel.heading(canvas, &self.heading, lift)?;
        let at = |(line, aside): &(usize, f64)| {
            let y = rect.top - lift - 5.0 + (*line as f64 + 0.5) * LINE;
            (rect.left + aside, y)
        };
        let (places, pen) = (self.places(rect.width()), Pen::new(SMALL, GREY));
        if let Some(place) = places.first() {
            canvas.text(&fit(&self.detail, SMALL, rect.width()), at(place), pen)?;
        }
        for ((word, inks), place) in self.ended.iter().zip(&places[1..]) {
            let (x, y) = at(place);
            canvas.text(word, (x, y), pen)?;
            let first = x + word_width(word) + STEP / 2.0;
            for (i, ink) in inks.iter().enumerate() {
                let at = (first + i as f64 * STEP, y);
                canvas.mark(at, ink.mark, 4.0, ink.colour, true)?;
            }
        }
        if self.points().next().is_none() {
            return panel.sentence(canvas, "no contestant has a number here", ALARM);
        }
        for eps in guides {
            let (from, to) = (panel.x.scale.value(0.0), panel.x.scale.value(1.0));
            panel.line(canvas, &[(from, *eps), (to, *eps)], guide())?;
        }
        for curve in self.curves.iter().rev() {
            let line: Vec<(f64, f64)> =
                curve.points.iter().map(|r| (r.seconds, r.subopt)).collect();
            let width = if curve.leads { 2.75 } else { 1.5 };
            panel.line(canvas, &line, Stroke::solid(curve.ink.colour, width))?;
            for (point, at) in curve.points.iter().zip(line) {
                let at = panel.px(at.0, at.1);
                let radius = RADII[usize::from(curve.leads)];
                canvas.mark(at, curve.ink.mark, radius, curve.ink.colour, point.floored)?;
            }
        }
        Ok(())
    }
}

/// Width of a text before its markers.
fn word_width(text: &str) -> f64 {
    match text {
        "" => 0.0,
        _ => text_width(text, SMALL) * 1.06 + 4.0,
    }
}

/// How an accuracy of the comparison is drawn.
pub fn guide() -> Stroke {
    Stroke::solid(GREY, 1.25).dashed(6.0, 4.0)
}
