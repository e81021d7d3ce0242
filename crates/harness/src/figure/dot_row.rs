//! A row of dots: the contestants on one problem, moved apart where they would overlap.

use super::canvas::Canvas;
use super::panel::Panel;
use super::spread::Spread;
use super::stroke::Stroke;
use super::style::{Ink, MARK};
use anyhow::Result;
use plotters::prelude::*;

/// Distance of the lanes into which dots are moved apart.
const LANE: f64 = 11.5;
/// White space above and below the lanes.
const MARGIN: f64 = 6.0;
/// Radius of the dot that stands out.
const LEAD: f64 = 6.0;

/// One contestant on one problem.
#[derive(Clone, Copy, Debug)]
pub struct Dot {
    /// Colour and marker.
    pub ink: Ink,
    /// Whether it stands out.
    pub leads: bool,
    /// Where the marker stands, and the ends of its bar.
    pub at: Spread,
}

/// The contestants on one problem.
#[derive(Clone, Debug, Default)]
pub struct DotRow {
    /// Those with a number.
    pub dots: Vec<Dot>,
    /// Those without, each with the reason.
    pub absent: Vec<(&'static str, Ink)>,
    /// What is written right of the panel.
    pub text: String,
}

impl Dot {
    fn radius(&self) -> f64 {
        if self.leads { LEAD } else { MARK }
    }
}

impl DotRow {
    /// The dots with the lane of each: the one that stands out in lane 0, the others as near to it as they fit.
    fn lanes(&self, across: impl Fn(f64) -> f64) -> Vec<(&Dot, i32)> {
        let mut dots: Vec<&Dot> = self.dots.iter().collect();
        dots.sort_by(|a, b| {
            (!a.leads)
                .cmp(&!b.leads)
                .then(a.at.median.total_cmp(&b.at.median))
        });
        let mut placed: Vec<(&Dot, i32)> = Vec::new();
        let mut taken: Vec<(f64, f64, i32)> = Vec::new();
        for dot in dots {
            let reach = dot.radius() * 1.25 + 1.0;
            let left = (across(dot.at.median) - reach).min(across(dot.at.low) - 2.0);
            let right = (across(dot.at.median) + reach).max(across(dot.at.high) + 2.0);
            let free = |lane: &i32| {
                let mut others = taken.iter();
                others.all(|(from, to, other)| other != lane || right < *from || *to < left)
            };
            let lane = (0..).flat_map(|i| [i, -i]).find(free).unwrap_or_default();
            taken.push((left, right, lane));
            placed.push((dot, lane));
        }
        placed
    }

    /// Height that the dots need where values lie at `across` pixels.
    pub fn height(&self, across: impl Fn(f64) -> f64) -> f64 {
        let lanes = self.lanes(across);
        let (low, high) = span(&lanes);
        f64::from(high - low + 1) * LANE + 2.0 * MARGIN
    }

    /// Draws bars and markers around a height.
    pub fn draw<DB: DrawingBackend>(
        &self,
        canvas: &Canvas<DB>,
        panel: &Panel,
        middle: f64,
    ) -> Result<()> {
        let across = |value: f64| panel.px(value, 0.0).0;
        let lanes = self.lanes(across);
        let (low, high) = span(&lanes);
        for (dot, lane) in lanes.iter().rev() {
            let y = middle + (f64::from(*lane) - f64::from(low + high) / 2.0) * LANE;
            let (x, ends) = (
                across(dot.at.median),
                [across(dot.at.low), across(dot.at.high)],
            );
            if ends[1] - ends[0] > 2.0 * dot.radius() {
                let bar = Stroke::solid(dot.ink.colour, 1.5);
                canvas.line(&[(ends[0], y), (ends[1], y)], bar)?;
                for end in ends {
                    canvas.line(&[(end, y - 3.5), (end, y + 3.5)], bar)?;
                }
            }
            if dot.leads {
                canvas.mark((x, y), dot.ink.mark, LEAD + 1.25, WHITE, false)?;
            }
            canvas.mark((x, y), dot.ink.mark, dot.radius(), dot.ink.colour, false)?;
        }
        Ok(())
    }
}

/// Least and largest lane.
fn span(lanes: &[(&Dot, i32)]) -> (i32, i32) {
    lanes.iter().fold((0, 0), |(low, high), (_, lane)| {
        (low.min(*lane), high.max(*lane))
    })
}

#[cfg(test)]
mod tests {
    use super::super::style::ink;
    use super::*;

    fn dot(at: f64, leads: bool) -> Dot {
        Dot {
            ink: ink(0),
            leads,
            at: Spread {
                low: at,
                median: at,
                high: at,
            },
        }
    }

    #[test]
    fn dots_that_overlap_are_moved_apart() {
        let row = DotRow {
            dots: vec![
                dot(1.0, false),
                dot(2.0, true),
                dot(50.0, false),
                dot(3.0, false),
            ],
            ..DotRow::default()
        };
        let lanes: Vec<(f64, i32)> = row
            .lanes(|x| x)
            .iter()
            .map(|(dot, lane)| (dot.at.median, *lane))
            .collect();
        assert_eq!(lanes, [(2.0, 0), (1.0, 1), (3.0, -1), (50.0, 0)]);
        assert_eq!(row.height(|x| x), 3.0 * LANE + 2.0 * MARGIN);
    }
}
