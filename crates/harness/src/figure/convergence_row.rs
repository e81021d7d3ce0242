//! The curves of one penalty at one λ.

use super::axis::Axis;
use super::canvas::Canvas;
use super::panel::Panel;
use super::rect::Rect;
use super::scale::Scale;
use super::stroke::Stroke;
use super::style::{GREY, Ink, LINE, capital, penalty};
use super::trial::{Budget, Trial};
use anyhow::Result;
use plotters::prelude::*;

/// Suboptimality below which double precision tells nothing; what is lower, or negative by rounding, is drawn here.
const FLOOR: f64 = 1e-16;

/// One penalty at one λ.
pub struct ConvergenceRow {
    heading: String,
    /// Curve of every contestant.
    pub series: Vec<(Ink, Vec<Reached>)>,
}

/// One budget as it is drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reached {
    epochs: f64,
    seconds: f64,
    subopt: f64,
    /// Whether it lies at or below the floor.
    pub floored: bool,
}

impl ConvergenceRow {
    /// The curves of the trials at one (α, k), in the order and ink of `looks`.
    pub fn new(trials: &[&Trial], alpha: f64, k: u64, looks: &[(String, String, Ink)]) -> Self {
        let here = || {
            trials
                .iter()
                .filter(move |t| t.alpha == alpha && t.curve.iter().any(|b| b.k == k))
        };
        let series = looks.iter().filter_map(|(id, _, ink)| {
            let trial = here()
                .filter(|t| t.contestant == *id)
                .min_by_key(|t| t.repeat)?;
            Some((*ink, reached(trial.curve.iter().filter(|b| b.k == k))))
        });
        let ratio = here()
            .flat_map(|t| &t.points)
            .find(|p| p.k == k)
            .map(|p| p.ratio);
        let at = ratio.filter(|r| *r > 0.0).map_or_else(
            || format!("k = {k}"),
            |r| format!("λ = {} λ_{{max}}", round(r)),
        );
        Self {
            heading: format!("{}, {at}", capital(&penalty(alpha))),
            series: series.collect(),
        }
    }

    /// Least and largest of a coordinate, `None` without points.
    fn range(&self, of: impl Fn(&Reached) -> f64) -> Option<(f64, f64)> {
        let values = self
            .series
            .iter()
            .flat_map(|s| &s.1)
            .map(of)
            .filter(|v| *v > 0.0 && v.is_finite());
        values.fold(None, |range, v| {
            Some(range.map_or((v, v), |(low, high): (f64, f64)| (low.min(v), high.max(v))))
        })
    }

    /// Draws one panel: against epochs, or else against seconds.
    pub fn draw<DB: DrawingBackend>(
        &self,
        canvas: &Canvas<DB>,
        cell: Rect,
        epochs: bool,
    ) -> Result<()> {
        let across = |r: &Reached| if epochs { r.epochs } else { r.seconds };
        let (least, most) = self.range(across).unwrap_or((1.0, 10.0));
        let (low, high) = self.range(|r| r.subopt).unwrap_or((FLOOR, 1.0));
        let x = Axis::new(
            Scale::log(least, most).padded(0.03),
            6,
            if epochs { "epochs" } else { "seconds" },
        );
        let y = Axis::new(Scale::log(low, high).padded(0.04), 9, "suboptimality");
        let panel = Panel::inside(cell, x, y);
        panel.frame(canvas)?;
        panel.heading(canvas, &self.heading, 0.0)?;
        if epochs {
            for order in [1, 2] {
                // From the upper left corner: a line of that slope is a solver of that rate.
                let (x0, y0) = (least, high);
                let guide: Vec<(f64, f64)> = [least, most]
                    .map(|x| (x, y0 * (x0 / x).powi(order)))
                    .to_vec();
                panel.line(canvas, &guide, guide_stroke(order))?;
            }
        }
        for (ink, points) in &self.series {
            let line: Vec<(f64, f64)> = points.iter().map(|r| (across(r), r.subopt)).collect();
            panel.line(canvas, &line, Stroke::solid(ink.colour, LINE))?;
        }
        for (ink, points) in &self.series {
            points
                .iter()
                .try_for_each(|r| panel.mark(canvas, (across(r), r.subopt), *ink, r.floored))?;
        }
        Ok(())
    }
}

/// The points of a curve, floored; what follows the first floored one is the same point again and left out.
fn reached<'a>(curve: impl Iterator<Item = &'a Budget>) -> Vec<Reached> {
    let mut points: Vec<Reached> = Vec::new();
    for budget in curve.filter(|b| b.epochs > 0 && !b.subopt.is_nan()) {
        if points.last().is_some_and(|r| r.floored) {
            break;
        }
        let subopt = budget.subopt.clamp(FLOOR, 1e300);
        points.push(Reached {
            epochs: budget.epochs as f64,
            seconds: budget.seconds,
            subopt,
            floored: budget.subopt <= FLOOR,
        });
    }
    points
}

/// Three significant digits.
fn round(value: f64) -> String {
    let digits = (2 - value.abs().log10().floor() as i32).clamp(0, 12) as usize;
    let text = format!("{value:.digits$}");
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_string()
    } else {
        text
    }
}

/// What the guide line of that order is called.
pub fn guide_name(order: i32) -> String {
    if order == 1 {
        "1/k".into()
    } else {
        "1/k²".into()
    }
}

/// How the guide line of that order looks.
pub fn guide_stroke(order: i32) -> Stroke {
    let solid = Stroke::solid(GREY, 1.25);
    if order == 1 {
        solid.dashed(9.0, 5.0)
    } else {
        solid.dashed(2.5, 4.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn curves_stop_at_the_floor() {
        let curve = [(0, 1.0), (1, 0.1), (2, -1e-18), (3, 0.0)].map(|(epochs, subopt)| Budget {
            k: 0,
            epochs,
            seconds: 1.0,
            subopt,
        });
        let points = reached(curve.iter());
        assert_eq!(
            points.iter().map(|r| r.subopt).collect::<Vec<_>>(),
            [0.1, FLOOR]
        );
        assert!(!points[0].floored && points[1].floored);
    }

    #[test]
    fn ratios_are_rounded() {
        assert_eq!(
            [0.1, 0.012345, 1.0, 123.4].map(round),
            ["0.1", "0.0123", "1", "123"]
        );
    }
}
