//! "Weight decay: constant rate against proportional rate": one weight under nothing but a penalty, w' = −λ sign w and w' = −λw.
//!
//! That L1 reaches exactly 0.0 is asked of proximal steps, on which the claim stands or falls, and of plain (sub)gradient steps too:
//! where those miss it, the claim is limited to proximal ones. Proportional decay is asked of both kinds of steps.

use super::{Bound, Check, Claim, Rows, Ruling, interval};
use crate::figure::chart::{Anchor, Chart, Layer, Look, Panel, Shape, Side};
use faer::Mat;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use regpath_solvers::design::Dense;
use regpath_solvers::loss::Squared;
use regpath_solvers::optimizer::{
    Decay, FullBatch, Minimises, Run, Schedule, StochasticProximalGradient, SubgradientDescent,
};
use regpath_solvers::penalty::{L1, Ridge, Separable};
use regpath_solvers::problem::Problem;

/// Steps that are taken.
const STEPS: usize = 1000;
/// Steps after which double precision is asked once more.
const MANY_STEPS: usize = 100_000;
/// Start of the example.
const START: f64 = 1.0;
/// Strength of the penalty in the example.
const LAMBDA: f64 = 1.0;
/// Step size of the example.
const ETA: f64 = 0.03;
/// Steps of the example that are drawn.
const DRAWN: usize = 240;

pub(super) struct WeightDecay;

/// w after 0, 1, … steps of a rule at a constant step size, with no loss besides the penalty and the decay.
fn walk<O, P>(
    rule: O,
    penalty: P,
    (lambda, decay): (f64, Decay),
    start: f64,
    steps: usize,
) -> anyhow::Result<Vec<f64>>
where
    P: Separable,
    O: Minimises<Squared, P>,
{
    // A feature of zeros and a response of zero: the gradient of the loss is 0 everywhere.
    let x = Mat::zeros(1, 1);
    let x = Dense::try_new(x.as_ref())?;
    let y = [0.0];
    let problem = Problem::new(&x, &y, Squared, penalty)?;
    let mut run = Run::new(rule, FullBatch::new(&problem), lambda)?
        .start(vec![start])?
        .decay(decay)?;
    let mut weights = vec![start];
    for _ in 0..steps {
        run.step()?;
        weights.push(run.snapshot()?.beta[0]);
    }
    Ok(weights)
}

/// The walks under every rule, by name.
fn walks(start: f64, lambda: f64, eta: f64) -> anyhow::Result<Vec<(&'static str, Vec<f64>)>> {
    let constant = Schedule::constant(eta)?;
    let plain = SubgradientDescent::new(constant);
    let proximal = StochasticProximalGradient::new(constant);
    let (penalty, none) = ((lambda, Decay::None), (0.0, Decay::Decoupled(lambda)));
    Ok(vec![
        ("L1, proximal", walk(proximal, L1, penalty, start, STEPS)?),
        ("L1, plain", walk(plain, L1, penalty, start, STEPS)?),
        (
            "L2, proximal",
            walk(proximal, Ridge, penalty, start, STEPS)?,
        ),
        ("L2, plain", walk(plain, Ridge, penalty, start, STEPS)?),
        ("decoupled decay", walk(plain, Ridge, none, start, STEPS)?),
    ])
}

/// R² of the least-squares line through values at 0, 1, 2, …
fn straightness(values: &[f64]) -> f64 {
    let n = values.len() as f64;
    let (mean_x, mean_y) = (0.5 * (n - 1.0), values.iter().sum::<f64>() / n);
    let (mut xx, mut xy, mut yy) = (0.0, 0.0, 0.0);
    for (t, value) in values.iter().enumerate() {
        let (dx, dy) = (t as f64 - mean_x, value - mean_y);
        xx += dx * dx;
        xy += dx * dy;
        yy += dy * dy;
    }
    xy * xy / (xx * yy)
}

fn zeros(weights: &[f64]) -> usize {
    weights.iter().filter(|w| **w == 0.0).count()
}

/// The first step after which w is 0.0; infinite if there is none.
fn arrival(weights: &[f64]) -> f64 {
    let first = weights.iter().position(|w| *w == 0.0);
    first.map_or(f64::INFINITY, |t| t as f64)
}

impl Claim for WeightDecay {
    fn id(&self) -> &'static str {
        "decay"
    }

    fn claim(&self) -> &'static str {
        "Weight decay: L1 takes off at a constant rate and reaches zero, L2 at a proportional rate and never does"
    }

    fn experiment(&self) -> &'static str {
        "One weight under nothing but its penalty, 1000 plain and 1000 proximal steps; 100 random starts w₀ in [0.5, 5] with ηλ in \
         [0.005, 0.2]"
    }

    fn sources(&self) -> &'static [&'static str] {
        &[
            "Goodfellow, Bengio & Courville (2016), Deep Learning, section 7.1",
            "Hanson & Pratt (1988), Comparing biases for minimal network construction with back-propagation, NIPS 1",
            "Loshchilov & Hutter (2019), Decoupled weight decay regularization, ICLR",
        ]
    }

    fn trials(&self) -> usize {
        100
    }

    fn fixed(&self, rows: &mut Rows) -> anyhow::Result<()> {
        for (name, weights) in walks(START, LAMBDA, ETA)? {
            for (t, w) in weights.iter().enumerate().take(DRAWN + 1) {
                rows.push(name, "weight", t as f64, *w);
            }
        }
        let plain = SubgradientDescent::new(Schedule::constant(ETA)?);
        let long = walk(plain, Ridge, (LAMBDA, Decay::None), START, MANY_STEPS)?;
        rows.push("L2, plain", "zeros of many", 0.0, zeros(&long) as f64);
        let last = long.last().copied().unwrap_or(f64::NAN);
        rows.push("L2, plain", "last of many", 0.0, last);
        Ok(())
    }

    fn trial(&self, rng: &mut ChaCha8Rng, rows: &mut Rows) -> anyhow::Result<()> {
        let start: f64 = rng.random_range(0.5..5.0);
        let lambda: f64 = 10f64.powf(rng.random_range(-1.0..1.0));
        // ηλ in [0.005, 0.2], so that the slowest start arrives within the steps that are taken.
        let product: f64 = 0.005 * 40f64.powf(rng.random_range(0.0..1.0));
        let eta = product / lambda;
        let due = (start / (eta * lambda)).ceil();
        let all = walks(start, lambda, eta)?;
        for (name, weights) in &all {
            rows.push(
                name,
                "steps to zero less closed form",
                0.0,
                arrival(weights) - due,
            );
            rows.push(name, "zeros", 0.0, zeros(weights) as f64);
            let logs: Vec<f64> = weights.iter().map(|w| w.abs().ln()).collect();
            if name.starts_with("L2") {
                rows.push(name, "R²", 0.0, straightness(&logs));
            }
            if name.starts_with("L1") {
                let way = &weights[..due as usize];
                rows.push(name, "R² before zero", 0.0, straightness(way));
                let later = &weights[due as usize..];
                let farthest = later.iter().fold(0.0f64, |m, w| m.max(w.abs()));
                rows.push(name, "farthest after zero", 0.0, farthest / (eta * lambda));
            }
        }
        let ridge = &all[3].1;
        let apart = all[4].1.iter().zip(ridge).map(|(a, b)| (a / b - 1.0).abs());
        rows.push(
            "decoupled decay",
            "off L2, plain",
            0.0,
            apart.fold(0.0, f64::max),
        );
        Ok(())
    }

    fn judge(&self, rows: &Rows) -> Ruling {
        let values = |series: &str, quantity: &str| rows.values(series, quantity, 0.0);
        // The worst trial decides, and its value has no interval of its own.
        let largest = |series: &str, quantity: &str| {
            let all = values(series, quantity);
            interval::exact(interval::largest(all.iter().copied()))
        };
        let least = |series: &str, quantity: &str| {
            let all = values(series, quantity);
            interval::exact(interval::least(all.iter().copied()))
        };
        let arrivals = |series: &str| {
            let all = values(series, "steps to zero less closed form");
            interval::of_share(all.iter().filter(|off| **off == 0.0).count(), all.len())
        };
        let missed = |series: &str| {
            let all = values(series, "steps to zero less closed form");
            let late = all.iter().map(|off| f64::from(u8::from(*off != 0.0)));
            interval::exact(late.reduce(|a, b| a + b).unwrap_or(f64::NAN))
        };
        let checks = vec![
            Check::new(
                "starts whose weight is not exactly 0.0 after ⌈w₀/(ηλ)⌉ proximal L1 steps for the first time",
                missed("L1, proximal"),
                Bound::Below(0.5),
            ),
            Check::limit(
                "starts whose weight is not exactly 0.0 after ⌈w₀/(ηλ)⌉ plain L1 steps for the first time",
                missed("L1, plain"),
                Bound::Below(0.5),
                "L1 steps are proximal",
            ),
            Check::new(
                "least R² of a line through log w, plain L2 steps",
                least("L2, plain", "R²"),
                Bound::Above(0.999999),
            ),
            Check::new(
                "least R² of a line through log w, proximal L2 steps",
                least("L2, proximal", "R²"),
                Bound::Above(0.999999),
            ),
            Check::new(
                "most weights that are exactly 0.0 in 1000 plain L2 steps",
                largest("L2, plain", "zeros"),
                Bound::Below(0.5),
            ),
            Check::new(
                "most weights that are exactly 0.0 in 1000 proximal L2 steps",
                largest("L2, proximal", "zeros"),
                Bound::Below(0.5),
            ),
            Check::told(
                "share of starts that arrive at 0.0 on time, proximal L1 steps",
                arrivals("L1, proximal"),
            ),
            Check::told(
                "share of starts that arrive at 0.0 on time, plain L1 steps",
                arrivals("L1, plain"),
            ),
            Check::told(
                "least R² of a line through w until it arrives, plain L1 steps",
                least("L1, plain", "R² before zero"),
            ),
            Check::told(
                "farthest that a weight is from zero after that, plain L1 steps, in ηλ",
                interval::of_median(&values("L1, plain", "farthest after zero")),
            ),
            Check::told(
                "largest relative distance of decoupled weight decay from plain L2 steps",
                largest("decoupled decay", "off L2, plain"),
            ),
            Check::told(
                "weights that are exactly 0.0 in 100 000 plain L2 steps at ηλ = 0.03",
                largest("L2, plain", "zeros of many"),
            ),
            Check::told(
                "weight after 100 000 plain L2 steps at ηλ = 0.03",
                interval::exact(rows.value("L2, plain", "last of many", 0.0)),
            ),
        ];
        let due = (START / (ETA * LAMBDA)).ceil();
        let arrived = arrival(&weights(rows, "L1, proximal"));
        let left = weights(rows, "L2, plain").get(due as usize).copied();
        let ends = largest("L2, plain", "zeros").estimate > 0.0;
        let swings = arrivals("L1, plain").estimate == 0.0;
        Ruling {
            checks,
            sentence: format!(
                "From 1 at ηλ = {ETA}, L1 decay by proximal steps is at exactly 0 after {arrived} steps, where L2 decay still has {:.2} \
                 and {}; plain L1 steps {}.",
                left.unwrap_or(f64::NAN),
                if ends {
                    "arrives later"
                } else {
                    "does not arrive in 1000"
                },
                if swings {
                    "only swing about zero"
                } else {
                    "arrive at times"
                }
            ),
        }
    }

    fn charts(&self, rows: &Rows) -> Vec<Chart> {
        let line = |series: &str| rows.line(series, "weight");
        let sizes = |series: &str| {
            let line = line(series);
            line.into_iter()
                .map(|(t, w)| (t, w.abs()))
                .collect::<Vec<_>>()
        };
        let due = START / (ETA * LAMBDA);
        let flow_l1 = vec![(0.0, START), (due, 0.0), (DRAWN as f64, 0.0)];
        let flow_l2: Vec<(f64, f64)> = (0..=DRAWN)
            .map(|t| (t as f64, START * (-ETA * LAMBDA * t as f64).exp()))
            .collect();
        let every = |points: Vec<(f64, f64)>, first: usize, step: usize| {
            points.into_iter().skip(first).step_by(step).collect()
        };
        let linear = Panel {
            heading: "Linear axis: L1 falls on a line".into(),
            x: Side::linear("step").between(0.0, 100.0),
            y: Side::linear("weight w").between(-0.06, 1.04),
            layers: vec![
                Layer::plain(Look::PALE.thin(), Shape::Level(0.0)),
                Layer::named("gradient flow", Look::GREY.thin(), Shape::Line(flow_l1)),
                Layer::plain(Look::GREY.thin(), Shape::Line(flow_l2.clone())),
                Layer::named(
                    "L2, plain steps",
                    Look::L2,
                    Shape::Points(every(line("L2, plain"), 0, 6)),
                ),
                Layer::named(
                    "L2, proximal steps",
                    Look::L2.open(),
                    Shape::Points(every(line("L2, proximal"), 3, 6)),
                ),
                Layer::named(
                    "L1, proximal steps",
                    Look::L1,
                    Shape::Points(every(line("L1, proximal"), 0, 2)),
                ),
            ],
            ..Panel::default()
        };
        let logarithmic = Panel {
            heading: "Log axis: L2 falls on a line".into(),
            x: Side::linear("step").between(0.0, DRAWN as f64),
            y: Side::log("size of the weight |w|").between(4e-4, 1.5),
            layers: vec![
                Layer::plain(Look::GREY.thin(), Shape::Line(flow_l2)),
                Layer::plain(Look::L2.thin(), Shape::Line(sizes("L2, plain"))),
                Layer::plain(
                    Look::L2.open(),
                    Shape::Points(every(sizes("L2, proximal"), 10, 20)),
                ),
                Layer::plain(Look::L2, Shape::Points(every(sizes("L2, plain"), 0, 20))),
                Layer::named(
                    "L1, plain steps",
                    Look::other(0).thin(),
                    Shape::Line(sizes("L1, plain")),
                ),
                Layer::plain(Look::L1, Shape::Line(before_zero(&line("L1, proximal")))),
                Layer::plain(
                    Look::L1,
                    Shape::Text {
                        at: (due.ceil() + 5.0, 7e-4),
                        text: "L1: exactly 0 from here".into(),
                        anchor: Anchor::Start,
                    },
                ),
                Layer::plain(Look::L1.dashed().thin(), Shape::Wall(due.ceil())),
            ],
            ..Panel::default()
        };
        let near = Panel {
            heading: "Near zero: plain L1 steps swing".into(),
            x: Side::linear("step").between(29.5, 46.5),
            y: Side::linear("weight w").between(-0.035, 0.12),
            layers: vec![
                Layer::plain(Look::PALE.thin(), Shape::Level(0.0)),
                Layer::plain(Look::other(0).thin(), Shape::Line(line("L1, plain"))),
                Layer::named(
                    "L1, plain steps",
                    Look::other(0).open(),
                    Shape::Points(line("L1, plain")),
                ),
                Layer::plain(Look::L1.thin(), Shape::Line(line("L1, proximal"))),
                Layer::plain(Look::L1, Shape::Points(line("L1, proximal"))),
            ],
            ..Panel::default()
        };
        vec![Chart {
            stem: "decay".into(),
            title: "A weight that nothing but its penalty acts on".into(),
            panels: vec![linear, logarithmic, near],
            columns: 3,
            row_height: 430.0,
            notes: vec![
                format!("Start w_{{0}} = {START}, λ = {LAMBDA}, η = {ETA}: L1 is due at zero after {} steps.", due.ceil()),
                "Gradient flow is w' = −λ sign w and w' = −λw; proximal steps: soft thresholding, division by 1\u{a0}+\u{a0}ηλ.".into(),
            ],
        }]
    }
}

/// The weights of the example.
fn weights(rows: &Rows, series: &str) -> Vec<f64> {
    let line = rows.line(series, "weight");
    line.into_iter().map(|(_, w)| w).collect()
}

/// A line up to its first 0, which on a logarithmic axis lies below everything.
fn before_zero(line: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let kept = line.iter().take_while(|(_, w)| *w != 0.0);
    kept.copied().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn proximal_steps_arrive_at_the_closed_form() {
        for (start, eta, lambda) in [(1.0, 0.03, 1.0), (2.5, 0.01, 0.7), (1.0, 0.125, 1.0)] {
            let all = walks(start, lambda, eta).unwrap();
            assert_eq!(arrival(&all[0].1), (start / (eta * lambda)).ceil());
            let ridge = start * (1.0 - eta * lambda).powi(50);
            assert!((all[3].1[50] / ridge - 1.0).abs() < 1e-13);
        }
    }

    #[test]
    fn straight_lines_have_an_r2_of_1() {
        assert!((straightness(&[3.0, 1.0, -1.0, -3.0]) - 1.0).abs() < 1e-15);
        assert!((straightness(&[1.0, 0.0, 1.0, 1.0]) - 1.0 / 15.0).abs() < 1e-15);
    }
}
