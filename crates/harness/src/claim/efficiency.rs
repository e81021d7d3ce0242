//! "The price of robustness": the variance of least squares over that of least absolute deviations, by the noise.
//!
//! For noise of variance σ² and density f(0) at its median the variances of slopes stand as 4 f(0)² σ² for large n: 2/π for
//! Gaussian noise and 2 for Laplace noise. Where rows are few, absolute deviations gain less from Laplace noise.
//! A trial draws twenty lines: with one, a thousand trials left Gaussian noise undecided.

use super::line::Line;
use super::{Bound, Check, Claim, Decision, Rows, Ruling, interval};
use crate::figure::chart::{Anchor, Chart, Layer, Look, Panel, Shape, Side};
use crate::statistics::Interval;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, Exp1, StandardNormal};
use std::f64::consts::{FRAC_2_PI, SQRT_2};

/// Points on the line where the claim is judged.
const JUDGED: f64 = 100.0;
/// Points on a line, and the lines of each noise that a trial draws of so many; the most where the claim is judged.
const SIZES: [(usize, usize); 6] = [(10, 8), (20, 8), (50, 8), (100, 20), (200, 4), (500, 2)];
/// The true slope; the true intercept is 0.
const SLOPE: f64 = 1.0;

/// Least absolute deviations.
const LAD: &str = "least absolute deviations";
/// Least squares.
const LS: &str = "least squares";
/// Mean over the lines of a trial, under Gaussian noise of variance 1.
const GAUSSIAN: &str = "squared error of the slope, Gaussian noise";
/// The same under Laplace noise of variance 1.
const LAPLACE: &str = "squared error of the slope, Laplace noise";

pub(super) struct Efficiency;

fn gaussian(rng: &mut ChaCha8Rng) -> f64 {
    StandardNormal.sample(rng)
}

/// Laplace noise of variance 1: an exponential of variance ½ with a random sign.
fn laplace(rng: &mut ChaCha8Rng) -> f64 {
    let size: f64 = Exp1.sample(rng);
    let sign = if rng.random::<bool>() { 1.0 } else { -1.0 };
    sign * size / SQRT_2
}

/// Variance of least squares over that of least absolute deviations, over trials. Symmetric noise leaves both without bias, so that
/// variances are mean squared errors.
fn efficiency(rows: &Rows, noise: &str, size: f64) -> Interval {
    let (ls, lad) = (rows.values(LS, noise, size), rows.values(LAD, noise, size));
    interval::of_statistic(ls.len().min(lad.len()), |chosen| {
        let of = |errors: &[f64]| chosen.iter().map(|&i| errors[i]).sum::<f64>();
        of(&ls) / of(&lad)
    })
}

impl Claim for Efficiency {
    fn id(&self) -> &'static str {
        "efficiency"
    }

    fn claim(&self) -> &'static str {
        "Robustness has a price: L1 loss wastes data where noise is Gaussian, and saves them where its tails are heavy"
    }

    fn experiment(&self) -> &'static str {
        "Slopes of lines through 100 points, y = x + noise of variance 1, x standard normal, under Gaussian and under Laplace noise"
    }

    fn sources(&self) -> &'static [&'static str] {
        &[
            "Bassett & Koenker (1978), Asymptotic theory of least absolute error regression, JASA 73",
            "Laplace (1818), Théorie analytique des probabilités, second supplement",
        ]
    }

    fn trials(&self) -> usize {
        500
    }

    fn trial(&self, rng: &mut ChaCha8Rng, rows: &mut Rows) -> anyhow::Result<()> {
        for (size, lines) in SIZES {
            for (quantity, noise) in [
                (GAUSSIAN, gaussian as fn(&mut ChaCha8Rng) -> f64),
                (LAPLACE, laplace),
            ] {
                let mut errors = [0.0; 2];
                for _ in 0..lines {
                    let x: Vec<f64> = (0..size).map(|_| gaussian(rng)).collect();
                    let y: Vec<f64> = x.iter().map(|x| SLOPE * x + noise(rng)).collect();
                    let fits = [Line::least_squares(&x, &y)?, Line::least_absolute(&x, &y)?];
                    for (error, line) in errors.iter_mut().zip(fits) {
                        *error += (line.slope - SLOPE).powi(2) / lines as f64;
                    }
                }
                rows.push(LS, quantity, size as f64, errors[0]);
                rows.push(LAD, quantity, size as f64, errors[1]);
            }
        }
        Ok(())
    }

    fn judge(&self, rows: &Rows) -> Ruling {
        let [first, last] = [SIZES[0].0 as f64, SIZES[SIZES.len() - 1].0 as f64];
        let of = |noise, size| efficiency(rows, noise, size);
        let (gauss, heavy) = (of(GAUSSIAN, JUDGED), of(LAPLACE, JUDGED));
        let checks = vec![
            Check::new(
                "variance of least squares over that of least absolute deviations, Gaussian noise, n = 100 (theory 2/π = 0.64)",
                gauss,
                Bound::Within(0.55, 0.75),
            ),
            Check::new(
                "variance of least squares over that of least absolute deviations, Laplace noise, n = 100 (theory 2)",
                heavy,
                Bound::Above(1.3),
            ),
            Check::told(
                format!("the same, Gaussian noise, n = {last}"),
                of(GAUSSIAN, last),
            ),
            Check::told(
                format!("the same, Laplace noise, n = {last}"),
                of(LAPLACE, last),
            ),
            Check::told(
                format!("the same, Laplace noise, n = {first}"),
                of(LAPLACE, first),
            ),
        ];
        let as_told = checks[..2].iter().all(|c| c.decide() == Decision::Holds);
        let sentence = format!(
            "Least absolute deviations on 100 points are as accurate as least squares on {:.0} where noise is Gaussian, and as on \
             {:.0} where it is Laplace{}.",
            100.0 * gauss.estimate,
            100.0 * heavy.estimate,
            if as_told {
                ": the tails decide which loss wastes data"
            } else {
                ""
            },
        );
        Ruling { checks, sentence }
    }

    fn charts(&self, rows: &Rows) -> Vec<Chart> {
        let noises = [
            ("Gaussian noise", GAUSSIAN, Look::other(0), FRAC_2_PI),
            ("Laplace noise", LAPLACE, Look::other(1), 2.0),
        ];
        let equal = || {
            Layer::named(
                "as good as least squares",
                Look::GREY.thin(),
                Shape::Level(1.0),
            )
        };
        let theory = |points: Vec<(f64, f64)>| {
            Layer::named(
                "theory for large n",
                Look::BLACK.dashed(),
                Shape::Line(points),
            )
        };
        let ordinate = || Side::linear("efficiency of L1: variance of L2 / of L1");
        let (mut bars, mut lines) = (vec![equal()], vec![equal()]);
        // Theory lies in front of what was found.
        let mut limits = (Vec::new(), Vec::new());
        for (i, (name, quantity, look, limit)) in noises.into_iter().enumerate() {
            let at = i as f64;
            let found = efficiency(rows, quantity, JUDGED);
            bars.push(Layer::named(
                name,
                look,
                Shape::Bars {
                    width: 0.6,
                    bars: vec![(at, 0.0, found.estimate)],
                },
            ));
            limits
                .0
                .push(theory(vec![(at - 0.42, limit), (at + 0.42, limit)]));
            bars.push(Layer::plain(
                Look::BLACK,
                Shape::Whiskers(vec![(at, found.low, found.high)]),
            ));
            bars.push(Layer::plain(
                Look::BLACK,
                Shape::Text {
                    at: (at + 0.18, found.high + 0.06),
                    text: format!("{:.2}", found.estimate),
                    anchor: Anchor::Middle,
                },
            ));
            let curve: Vec<(f64, Interval)> = (SIZES.iter())
                .map(|&(size, _)| (size as f64, efficiency(rows, quantity, size as f64)))
                .collect();
            limits.1.push(theory(vec![(8.0, limit), (620.0, limit)]));
            let ends = curve
                .iter()
                .map(|(size, found)| (*size, found.low, found.high));
            lines.push(Layer::plain(look, Shape::Band(ends.collect())));
            let middle: Vec<(f64, f64)> = curve
                .iter()
                .map(|(n, found)| (*n, found.estimate))
                .collect();
            lines.push(Layer::named(name, look, Shape::Line(middle.clone())));
            lines.push(Layer::plain(look, Shape::Points(middle)));
        }
        bars.extend(limits.0);
        lines.extend(limits.1);
        let ticks = SIZES
            .map(|(size, _)| (size as f64, size.to_string()))
            .to_vec();
        vec![Chart {
            stem: "efficiency".into(),
            title: "What robustness costs, and what it gains".into(),
            panels: vec![
                Panel {
                    heading: format!("{JUDGED} points"),
                    x: Side::categories("noise of variance 1", ["Gaussian", "Laplace"]),
                    y: ordinate().between(0.0, 2.2),
                    layers: bars,
                    ..Panel::default()
                },
                Panel {
                    heading: "From few points to many".into(),
                    x: Side::log("points n").between(8.0, 620.0).with_ticks(ticks),
                    y: ordinate().between(0.0, 2.2),
                    layers: lines,
                    ..Panel::default()
                },
            ],
            columns: 2,
            row_height: 440.0,
            notes: vec![
                format!(
                    "Slopes of lines through n points in {} trials; whiskers and bands are 95 % intervals of the bootstrap.",
                    rows.values(LS, GAUSSIAN, JUDGED).len()
                ),
                "Below 1 least squares needs fewer points for the same accuracy, above 1 least absolute deviations do.".into(),
                "Theory: 2/π and 2, Bassett & Koenker (1978).".into(),
            ],
        }]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::claim::stream;

    #[test]
    fn both_noises_have_variance_1_and_the_tails_of_their_names() {
        let mut rng = stream(0, "noise", 0);
        let count = 200_000;
        for (noise, fourth) in [
            (gaussian as fn(&mut ChaCha8Rng) -> f64, 3.0),
            (laplace, 6.0),
        ] {
            let drawn: Vec<f64> = (0..count).map(|_| noise(&mut rng)).collect();
            let moment = |k: i32| drawn.iter().map(|v| v.powi(k)).sum::<f64>() / f64::from(count);
            assert!(moment(1).abs() < 0.01 && (moment(2) - 1.0).abs() < 0.02);
            assert!((moment(4) - fourth).abs() < 0.1 * fourth);
        }
    }
}
