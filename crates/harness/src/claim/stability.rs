//! "L1 loss is unstable, L2 stable": one of six points slides sideways, and the slopes of both lines are watched.
//!
//! The rule asks for the largest change of slope in a step of 0.01. It is applied twice: to six points with round coordinates, which
//! the picture shows, and to the median over random sets of six points, since one set proves little. The ratio of the two losses
//! depends on the step: a jump has the same height at every step, a smooth change falls with it. In a last experiment the point
//! slides up instead, where the L1 fit is continuous unless the positions are degenerate.

use super::unpenalised::line;
use super::{Bound, Check, Claim, Rows, Ruling, interval};
use crate::figure::chart::{Anchor, Chart, Layer, Look, Panel, Shape, Side};
use crate::statistics::median;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};
use regpath_solvers::loss::LossKind;

/// The points that stay where they are.
const RESTING: [(f64, f64); 5] = [(1.0, 1.2), (2.0, 1.6), (3.0, 3.3), (4.0, 3.7), (5.0, 5.4)];
/// Height of the point that slides.
const HEIGHT: f64 = 2.5;
/// It slides from 0 to here, as x of the random points does.
const END: f64 = 5.0;
/// Step at which the claim is judged.
const STEP: f64 = 0.01;
/// Steps at which the largest change is recorded.
const STEPS: [f64; 4] = [1.0, 0.1, STEP, 0.001];
/// The losses by the names of their rows.
const LOSSES: [(&str, LossKind); 2] = [("L1", LossKind::Absolute), ("L2", LossKind::Squared)];
/// Times the largest change of least squares that the claim asks for.
const FACTOR: f64 = 50.0;

pub(super) struct Stability;

/// Positions in the middles of steps, so that the round positions of others are met by none.
fn positions(step: f64) -> impl Iterator<Item = f64> {
    (0..(END / step).round() as usize).map(move |k| (k as f64 + 0.5) * step)
}

/// Intercept and slope for each place of the first point.
fn slide(
    loss: LossKind,
    places: impl Iterator<Item = (f64, f64)>,
    resting: &[(f64, f64)],
) -> anyhow::Result<Vec<[f64; 2]>> {
    let (mut x, mut y): (Vec<f64>, Vec<f64>) = (resting.iter().copied()).unzip();
    x.push(0.0);
    y.push(0.0);
    let last = resting.len();
    places
        .map(|place| {
            (x[last], y[last]) = place;
            line(loss, &x, &y)
        })
        .collect()
}

/// The largest change of slope from one fit to the next, and where it begins.
fn largest_change(fits: &[[f64; 2]]) -> (usize, f64) {
    let changes = fits.windows(2).map(|two| (two[1][1] - two[0][1]).abs());
    (changes.enumerate()).fold((0, 0.0), |most, next| {
        match next.1 > most.1 || next.1.is_nan() {
            true if most.1.is_nan() => most,
            true => next,
            false => most,
        }
    })
}

/// In how many times the steps of least squares the largest step of L1 is, by trial.
fn ratios(rows: &Rows, quantity: &str) -> Vec<f64> {
    let of = |series| rows.values(series, quantity, STEP);
    let pairs = of("L1").into_iter().zip(of("L2"));
    pairs.map(|(l1, l2)| l1 / l2).collect()
}

impl Claim for Stability {
    fn id(&self) -> &'static str {
        "stability"
    }

    fn claim(&self) -> &'static str {
        "L1 loss is unstable, L2 stable"
    }

    fn experiment(&self) -> &'static str {
        "A line by least absolute deviations and one by least squares through six points, one of which slides sideways in steps \
         of 0.01; the six points of the picture, and 100 random sets with y = x + N(0, 1)"
    }

    fn sources(&self) -> &'static [&'static str] {
        &[
            "Ellis (1998), Instability of least squares, least absolute deviation and least median of squares linear \
             regression, Statistical Science 13",
        ]
    }

    fn trials(&self) -> usize {
        100
    }

    fn fixed(&self, rows: &mut Rows) -> anyhow::Result<()> {
        for (series, loss) in LOSSES {
            for step in STEPS {
                let at: Vec<f64> = positions(step).collect();
                let fits = slide(loss, at.iter().map(|&x| (x, HEIGHT)), &RESTING)?;
                let (k, change) = largest_change(&fits);
                rows.push(series, "largest change", step, change);
                if step == STEP {
                    // Every second position is enough for the eye.
                    for (x, fit) in at.iter().zip(&fits).step_by(2) {
                        rows.push(series, "slope", *x, fit[1]);
                    }
                    for (quantity, k) in [("before", k), ("after", k + 1)] {
                        rows.push(series, quantity, at[k], fits[k][1]);
                        rows.push(series, &format!("intercept {quantity}"), at[k], fits[k][0]);
                    }
                }
            }
        }
        Ok(())
    }

    fn trial(&self, rng: &mut ChaCha8Rng, rows: &mut Rows) -> anyhow::Result<()> {
        let points: Vec<(f64, f64)> = (0..6)
            .map(|_| {
                let x = END * rng.random::<f64>();
                let noise: f64 = StandardNormal.sample(rng);
                (x, x + noise)
            })
            .collect();
        let (first, resting) = (points[0], &points[1..]);
        for (series, loss) in LOSSES {
            let sideways = slide(loss, positions(STEP).map(|x| (x, first.1)), resting)?;
            rows.push(series, "sideways", STEP, largest_change(&sideways).1);
            // As far up as sideways, about where the point was drawn.
            let heights = positions(STEP).map(|d| (first.0, first.1 + d - 0.5 * END));
            let upwards = slide(loss, heights, resting)?;
            rows.push(series, "upwards", STEP, largest_change(&upwards).1);
        }
        Ok(())
    }

    fn judge(&self, rows: &Rows) -> Ruling {
        let change = |series, step| rows.value(series, "largest change", step);
        let example = change("L1", STEP) / change("L2", STEP);
        let sideways = ratios(rows, "sideways");
        let random = interval::of_median(&sideways);
        let upwards = interval::of_median(&ratios(rows, "upwards"));
        let hits = sideways.iter().filter(|r| **r > FACTOR).count();
        let finer = change("L1", STEPS[3]) / change("L2", STEPS[3]);
        let checks = vec![
            Check::new(
                "largest change of slope in a step of 0.01, L1 over L2, six points of the picture",
                interval::exact(example),
                Bound::Above(FACTOR),
            ),
            Check::new(
                "the same, median over random sets of six points",
                random,
                Bound::Above(FACTOR),
            ),
            Check::told(
                "share of random sets in which it is above 50",
                interval::of_share(hits, sideways.len()),
            ),
            Check::told(
                "largest change of slope of L1 in a step of 0.01, six points of the picture",
                interval::exact(change("L1", STEP)),
            ),
            Check::told(
                "the ratio in steps of 0.001, six points of the picture",
                interval::exact(finer),
            ),
            Check::told(
                "the ratio where the point slides up instead, median over random sets",
                upwards,
            ),
        ];
        let sentence = format!(
            "Moving one of six points sideways by 0.01 can turn the L1 line by {:.2} in slope, {:.0} times the largest step \
             of least squares; in random sets the median is {:.0} times, and {:.1} times where the point moves up.",
            change("L1", STEP),
            example,
            random.estimate,
            upwards.estimate,
        );
        Ruling { checks, sentence }
    }

    fn charts(&self, rows: &Rows) -> Vec<Chart> {
        let looks = [
            ("L1", Look::L1, "L1: least absolute deviations"),
            ("L2", Look::L2, "L2: least squares"),
        ];
        // Where the slope of L1 jumps; NaN without rows draws nothing.
        let jump = rows
            .places("L1", "before")
            .first()
            .copied()
            .unwrap_or(f64::NAN);
        let here = |series: &str, quantity: &str| {
            let found = rows.line(series, quantity);
            found.first().map_or(f64::NAN, |p| p.1)
        };
        let mut lines = vec![
            Layer::plain(Look::BLACK, Shape::Points(RESTING.to_vec())),
            Layer::plain(Look::GREY.thin().dotted(), Shape::Level(HEIGHT)),
        ];
        for (series, look, name) in looks {
            for (quantity, look) in [("before", look), ("after", look.dashed())] {
                let slope = here(series, quantity);
                let intercept = here(series, &format!("intercept {quantity}"));
                let ends = [-0.2, 5.6].map(|x| (x, intercept + slope * x));
                let layer = match quantity {
                    "before" => Layer::named(name, look, Shape::Line(ends.to_vec())),
                    _ => Layer::plain(look, Shape::Line(ends.to_vec())),
                };
                lines.push(layer);
            }
        }
        lines.push(Layer::plain(
            Look::ALARM.thick(),
            Shape::Points(vec![(jump, HEIGHT)]),
        ));
        lines.push(Layer::plain(
            Look::BLACK,
            Shape::Text {
                at: (jump + 0.15, HEIGHT - 0.35),
                text: "this point moves right by 0.01".into(),
                anchor: Anchor::Start,
            },
        ));
        let points = Panel {
            heading: "Before the step (solid) and after it (dashed)".into(),
            x: Side::linear("x").between(-0.2, 5.6),
            y: Side::linear("y").between(-0.2, 6.6),
            layers: lines,
            ..Panel::default()
        };
        let slopes = Panel {
            heading: "Slope while the point slides".into(),
            x: Side::linear("x of the sliding point").between(0.0, END),
            y: Side::linear("slope"),
            layers: (looks.iter())
                .map(|(series, look, name)| {
                    Layer::named(*name, *look, Shape::Line(rows.line(series, "slope")))
                })
                .collect(),
            ..Panel::default()
        };
        let changes = |series: &str| rows.line(series, "largest change");
        let steps = Panel {
            heading: "A jump does not shrink with the step".into(),
            x: Side::log("step of x").between(5e-4, 2.0),
            y: Side::log("largest change of slope in one step"),
            layers: (looks.iter())
                .flat_map(|(series, look, name)| {
                    [
                        Layer::named(*name, *look, Shape::Line(changes(series))),
                        Layer::plain(*look, Shape::Points(changes(series))),
                    ]
                })
                .collect(),
            ..Panel::default()
        };
        let curve = |quantity: &str| -> Vec<(f64, f64)> {
            let mut sorted = ratios(rows, quantity);
            sorted.sort_by(f64::total_cmp);
            let count = sorted.len() as f64;
            let shares = sorted.into_iter().enumerate();
            let shares = shares.map(|(i, r)| (r, (i + 1) as f64 / count));
            // A logarithm has no place for slopes that never moved.
            shares.filter(|p| p.0 > 0.0).collect()
        };
        let middle = |quantity: &str| median(&mut ratios(rows, quantity));
        let random = Panel {
            heading: "100 random sets of six points".into(),
            x: Side::log("largest change of L1 over that of L2, steps of 0.01").between(0.1, 5e3),
            y: Side::linear("share of sets up to there").between(0.0, 1.02),
            layers: vec![
                Layer::plain(Look::GREY.dashed().thin(), Shape::Wall(FACTOR)),
                Layer::named(
                    "one point slides sideways",
                    Look::BLACK,
                    Shape::Line(curve("sideways")),
                ),
                Layer::named(
                    "one point slides up",
                    Look::other(0),
                    Shape::Line(curve("upwards")),
                ),
                Layer::plain(Look::BLACK, Shape::Points(vec![(middle("sideways"), 0.5)])),
                Layer::plain(
                    Look::other(0),
                    Shape::Points(vec![(middle("upwards"), 0.5)]),
                ),
                Layer::plain(
                    Look::GREY,
                    Shape::Text {
                        at: (FACTOR * 0.88, 0.06),
                        text: "the claim: 50".into(),
                        anchor: Anchor::End,
                    },
                ),
            ],
            ..Panel::default()
        };
        vec![Chart {
            stem: "stability".into(),
            title: "What a small step of one point does to a line by L1 and to one by L2".into(),
            panels: vec![points, slopes, steps, random],
            columns: 2,
            row_height: 400.0,
            notes: vec![
                "Six points, one of which slides along y = 2.5 (dotted). At the cross both L1 lines are equally good, and the lines of \
                 least squares before and after cannot be told apart."
                    .into(),
                "Bottom right: x uniform on [0, 5], y = x + N(0, 1), one point slides over 5 units; diamonds are medians. Sets in which the \
                 slope of L1 never moves lie to the left of the frame."
                    .into(),
                "After Ellis (1998).".into(),
            ],
        }]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Some optimal line passes through two points: the least sum of deviations over all pairs.
    fn least(points: &[(f64, f64)]) -> f64 {
        let pairs = points
            .iter()
            .flat_map(|a| points.iter().map(move |b| (a, b)));
        pairs
            .filter(|(a, b)| a.0 < b.0)
            .map(|(a, b)| {
                let slope = (b.1 - a.1) / (b.0 - a.0);
                deviations(points, [a.1 - slope * a.0, slope])
            })
            .fold(f64::INFINITY, f64::min)
    }

    fn deviations(points: &[(f64, f64)], [intercept, slope]: [f64; 2]) -> f64 {
        points
            .iter()
            .map(|p| (p.1 - intercept - slope * p.0).abs())
            .sum()
    }

    #[test]
    fn lines_are_the_best_of_all_pairs_wherever_the_point_is() {
        let places: Vec<f64> = positions(0.1).collect();
        let fits = slide(
            LossKind::Absolute,
            places.iter().map(|&x| (x, HEIGHT)),
            &RESTING,
        )
        .unwrap();
        for (x, fit) in places.iter().zip(fits) {
            let mut points = RESTING.to_vec();
            points.push((*x, HEIGHT));
            assert!(
                (deviations(&points, fit) - least(&points)).abs() < 1e-12,
                "{x}"
            );
        }
    }

    #[test]
    fn the_largest_change_is_found_where_it_begins() {
        let fits = [1.0, 1.1, 0.2, 0.3].map(|slope| [0.0, slope]);
        let (k, change) = largest_change(&fits);
        assert!(k == 1 && (change - 0.9).abs() < 1e-15);
    }
}
