//! "A constant step oscillates on the L1 loss": how it is tried.
//!
//! The slope of log tail distance over log η must lie within 0.4 and 0.6 for the distance to grow "like √η". Near the minimiser,
//! where the expected Hessian is 2f(0)E[xxᵀ] = I under Laplace noise of scale 1 and standard normal columns, and the covariance of
//! a gradient is E[xxᵀ] = I, the stationary covariance of the iterates tends to ηI/2 as η → 0, hence the distance to √(pη/2). Under
//! squared loss the covariance of a gradient is 2I, that of the noise, and the distance tends to √(pη).

use super::course::{distances, rms_between, thinned};
use super::{Bound, Check, Claim, Decision, Rows, Ruling, interval};
use crate::figure::chart::{Chart, Layer, Look, Panel, Shape, Side};
use crate::statistics::median;
use anyhow::Context;
use faer::Mat;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};
use regpath_solvers::design::Dense;
use regpath_solvers::lasso;
use regpath_solvers::loss::{Absolute, LossKind, RowLoss, Squared};
use regpath_solvers::optimizer::{
    Drawing, FullBatch, MiniBatches, Run, Schedule, SubgradientDescent,
};
use regpath_solvers::penalty::Ridge;
use regpath_solvers::problem::Problem;

/// Rows of a trial's data.
const ROWS: usize = 2000;
/// Columns.
const COLUMNS: usize = 5;
/// Steps of a run.
const STEPS: u64 = 20_000;
/// Steps from which on the distance counts as that of the tail.
const TAIL: u64 = STEPS / 2;
/// Steps between two looks at the distance.
const EVERY: u64 = 10;
/// Step sizes with noise.
const ETAS: [f64; 7] = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1];
/// Those whose course is drawn.
const DRAWN: [f64; 3] = [0.001, 0.01, 0.1];
/// Step sizes on |w|, without noise.
const QUIET: [f64; 4] = [0.01, 0.03, 0.1, 0.3];
/// Steps on |w|: more than the way from the start takes at the smallest step size.
const QUIET_STEPS: u64 = 1000;
/// Last steps on |w| over which the amplitude is taken.
const QUIET_TAIL: usize = 100;
/// Step sizes of the picture of |w|.
const SHOWN: [f64; 2] = [0.1, 0.3];
/// Start of the picture of |w|, which is no multiple of a step.
const START: f64 = 1.12;

pub(super) struct SgdOscillates;

/// Slope of log value over log η by least squares.
fn slope(points: &[(f64, f64)]) -> f64 {
    let logs = || points.iter().map(|(x, y)| (x.ln(), y.ln()));
    let count = points.len() as f64;
    let (mx, my) = (
        logs().map(|p| p.0).sum::<f64>() / count,
        logs().map(|p| p.1).sum::<f64>() / count,
    );
    let products = logs().map(|(x, y)| (x - mx) * (y - my)).sum::<f64>();
    products / logs().map(|(x, _)| (x - mx).powi(2)).sum::<f64>()
}

/// w_0, w_1, … of subgradient descent on ℓ(0, w).
fn without_noise(loss: impl RowLoss, eta: f64, start: f64, steps: u64) -> anyhow::Result<Vec<f64>> {
    let x = Mat::from_fn(1, 1, |_, _| 1.0);
    let design = Dense::try_new(x.as_ref())?;
    let problem = Problem::new(&design, &[0.0], loss, Ridge)?;
    let rule = SubgradientDescent::new(Schedule::constant(eta)?);
    let mut run = Run::new(rule, FullBatch::new(&problem), 0.0)?.start(vec![start])?;
    run.trace(0..=steps)
        .map(|snapshot| Ok(snapshot?.beta[0]))
        .collect()
}

/// Largest less smallest of the last iterates.
fn amplitude(iterates: &[f64]) -> f64 {
    let tail = &iterates[iterates.len() - QUIET_TAIL..];
    let ends = tail
        .iter()
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), w| {
            (low.min(*w), high.max(*w))
        });
    ends.1 - ends.0
}

impl SgdOscillates {
    fn measure(
        series: &str,
        loss: impl RowLoss,
        (x, y): (&Dense, &[f64]),
        target: &[f64],
        rng: &ChaCha8Rng,
        rows: &mut Rows,
    ) -> anyhow::Result<()> {
        let problem = Problem::new(x, y, loss, Ridge)?;
        let by_row = regpath_solvers::optimizer::Rows::new(x)?;
        let mut tails = Vec::new();
        for eta in ETAS {
            let batches =
                MiniBatches::new(&problem, &by_row, 1, Drawing::WithReplacement, rng.clone())?;
            let rule = SubgradientDescent::new(Schedule::constant(eta)?);
            let found = distances(Run::new(rule, batches, 0.0)?, STEPS, EVERY, target)?;
            let tail = rms_between(&found, TAIL, STEPS);
            tails.push((eta, tail));
            rows.push(series, "tail distance", eta, tail);
            let half = (TAIL + STEPS) / 2;
            let progress = rms_between(&found, half, STEPS) / rms_between(&found, TAIL, half);
            rows.push(series, "last quarter over the third", eta, progress);
            if DRAWN.contains(&eta) {
                let quantity = format!("distance at η = {eta}");
                rows.push_line(series, &quantity, &thinned(&found, 16.0));
            }
        }
        rows.push(series, "slope", 0.0, slope(&tails));
        for eta in QUIET {
            // A start that no step size divides.
            let start = 1.0 + rng.clone().random::<f64>();
            let found = without_noise(loss, eta, start, QUIET_STEPS)?;
            rows.push(series, "amplitude over η", eta, amplitude(&found) / eta);
        }
        Ok(())
    }
}

impl Claim for SgdOscillates {
    fn id(&self) -> &'static str {
        "sgd-oscillates"
    }

    fn claim(&self) -> &'static str {
        "A constant step oscillates on the L1 loss"
    }

    fn experiment(&self) -> &'static str {
        "Stochastic gradient descent by single rows, 20 000 steps from 0 at seven constant step sizes, on y = Xβ + Laplace noise of scale 1, \
         n = 2000, p = 5; and subgradient descent on |w|, without noise"
    }

    fn sources(&self) -> &'static [&'static str] {
        &[
            "Shor (1985), Minimization Methods for Non-differentiable Functions, Chapter 2",
            "Bottou, Curtis & Nocedal (2018), Optimization methods for large-scale machine learning, SIAM Review 60, Theorem 4.6",
        ]
    }

    fn trials(&self) -> usize {
        24
    }

    fn fixed(&self, rows: &mut Rows) -> anyhow::Result<()> {
        for eta in SHOWN {
            let l1 = without_noise(Absolute, eta, START, 24)?;
            let l2 = without_noise(Squared, eta, START, 24)?;
            for (series, found) in [("L1", l1), ("L2", l2)] {
                let points = found.iter().enumerate().map(|(k, w)| (k as f64, *w));
                let points: Vec<(f64, f64)> = points.collect();
                rows.push_line(series, &format!("w at η = {eta}"), &points);
            }
        }
        Ok(())
    }

    fn trial(&self, rng: &mut ChaCha8Rng, rows: &mut Rows) -> anyhow::Result<()> {
        let x: Mat<f64> = Mat::from_fn(ROWS, COLUMNS, |_, _| StandardNormal.sample(rng));
        let truth: Vec<f64> = (0..COLUMNS).map(|_| StandardNormal.sample(rng)).collect();
        let y: Vec<f64> = (0..ROWS)
            .map(|i| {
                let fit: f64 = (0..COLUMNS).map(|j| x[(i, j)] * truth[j]).sum();
                // Laplace noise as a difference of exponentials.
                let [a, b] = [(); 2].map(|()| -(1.0 - rng.random::<f64>()).ln());
                fit + a - b
            })
            .collect();
        let fit = |loss| {
            let builder = lasso().loss(loss).intercept(false).standardize(false);
            builder.tol(1e-10).lambdas([0.0]).fit(x.as_ref(), &y)
        };
        let l1 = fit(LossKind::Absolute).context("least absolute deviations")?;
        let l2 = fit(LossKind::Squared).context("least squares")?;
        let design = Dense::try_new(x.as_ref())?;
        let data = (&design, &y[..]);
        Self::measure("L1", Absolute, data, &l1.coefficients(0), rng, rows)?;
        Self::measure("L2", Squared, data, &l2.coefficients(0), rng, rows)
    }

    fn judge(&self, rows: &Rows) -> Ruling {
        let growth = interval::of_median(&rows.values("L1", "slope", 0.0));
        let squared = interval::of_median(&rows.values("L2", "slope", 0.0));
        let of_quiet = |series: &'static str| {
            let all = QUIET.map(|eta| rows.values(series, "amplitude over η", eta));
            all.into_iter().flatten()
        };
        let off = interval::largest(of_quiet("L1").map(|a| (a - 1.0).abs()));
        let at_rest = interval::largest(of_quiet("L2"));
        let persistence = Check::new(
            "L1, η = 0.01: distance in the last quarter of the steps over that in the third",
            interval::of_median(&rows.values("L1", "last quarter over the third", 0.01)),
            Bound::Within(0.9, 1.1),
        );
        let checks = vec![
            Check::new(
                "L1: slope of log tail distance over log η",
                growth,
                Bound::Within(0.4, 0.6),
            ),
            Check::new(
                "L1 without noise: largest distance of amplitude/η from 1, all step sizes and trials",
                interval::exact(off),
                Bound::Below(1e-9),
            ),
            persistence,
            Check::told("L2: slope of log tail distance over log η", squared),
            Check::told(
                "L2 without noise: largest amplitude/η, all step sizes and trials",
                interval::exact(at_rest),
            ),
        ];
        let holds = checks.iter().all(|c| c.decide() == Decision::Holds);
        let (l1, l2) = (growth.estimate, squared.estimate);
        let second = match at_rest < 0.1 {
            true => "not the second",
            false => "and some of the second",
        };
        let sentence = if holds {
            format!(
                "With a constant step η, SGD on the absolute loss never settles: noise keeps it at a distance that grows as η^{l1:.2}, and \
                 without noise it still jumps to and fro by η; squared loss has the first trouble (η^{l2:.2}), {second}."
            )
        } else {
            format!(
                "Not all of the oscillation was found: under noise the distance of SGD with a constant step η to the minimiser grows as \
                 η^{l1:.2} on the absolute loss and as η^{l2:.2} on the squared."
            )
        };
        Ruling { sentence, checks }
    }

    fn charts(&self, rows: &Rows) -> Vec<Chart> {
        let medians = |series: &str, quantity: &str| -> Vec<(f64, f64)> {
            let spread = rows.spread(series, quantity).into_iter();
            spread.map(|(at, mut all)| (at, median(&mut all))).collect()
        };
        let ends = |series: &str| -> Vec<(f64, f64, f64)> {
            let spread = rows.spread(series, "tail distance").into_iter();
            spread
                .map(|(at, all)| {
                    let low = all.iter().copied().fold(f64::INFINITY, f64::min);
                    (at, low, all.iter().copied().fold(0.0, f64::max))
                })
                .collect()
        };
        let law = |factor: f64| -> Vec<(f64, f64)> {
            [0.0008, 0.125]
                .map(|eta: f64| (eta, (factor * eta).sqrt()))
                .to_vec()
        };
        let p = COLUMNS as f64;
        let named = |name: &str, look: Look, shape: Shape| Layer::named(name, look, shape);
        let floors = Panel {
            heading: "With noise: the distance that remains".into(),
            x: Side::log("step size η").between(0.0008, 0.125),
            y: Side::log("RMS distance to the minimiser, last 10 000 steps").between(0.03, 1.5),
            layers: vec![
                named(
                    "L1: √(pη/2)",
                    Look::L1.dashed().thin(),
                    Shape::Line(law(0.5 * p)),
                ),
                named("L2: √(pη)", Look::L2.dashed().thin(), Shape::Line(law(p))),
                Layer::plain(Look::L2, Shape::Whiskers(ends("L2"))),
                Layer::plain(Look::L1, Shape::Whiskers(ends("L1"))),
                named(
                    "L2 loss, measured",
                    Look::L2,
                    Shape::Points(medians("L2", "tail distance")),
                ),
                named(
                    "L1 loss, measured",
                    Look::L1,
                    Shape::Points(medians("L1", "tail distance")),
                ),
            ],
            ..Panel::default()
        };
        let mut course = Panel {
            heading: "The way there on the L1 loss".into(),
            x: Side::log("steps").between(10.0, 20_000.0),
            y: Side::log("distance to the minimiser").between(0.02, 3.0),
            ..Panel::default()
        };
        for (i, eta) in DRAWN.into_iter().enumerate() {
            let quantity = format!("distance at η = {eta}");
            let look = Look::other([0, 1, 3][i]);
            let look = Look { width: 1.8, ..look };
            course.layers.push(named(
                &format!("η = {eta}"),
                look,
                Shape::Line(rows.line("L1", &quantity)),
            ));
            course.layers.push(Layer::plain(
                look.dashed().thin(),
                Shape::Level((0.5 * p * eta).sqrt()),
            ));
        }
        let first = Chart {
            stem: "sgd-oscillates".into(),
            title: "A constant step does not come to rest where there is noise".into(),
            panels: vec![floors, course],
            columns: 2,
            row_height: 520.0,
            notes: vec![
                format!(
                    "Stochastic gradient descent by single rows from β = 0, y = Xβ + Laplace noise of scale 1, n = {ROWS}, p = {COLUMNS}; the \
                     minimiser is the exact fit to these rows."
                ),
                format!(
                    "Left: medians of {} trials with their full range; the dashed laws hold in the limit of small η. Right: one trial; \
                     dashed levels are √(pη/2).",
                    self.trials()
                ),
            ],
        };
        let quiet = |eta: f64| {
            let quantity = format!("w at η = {eta}");
            Panel {
                heading: format!("η = {eta}"),
                x: Side::linear("steps").between(-0.5, 24.5),
                y: Side::linear("w").between(-0.35, 1.15),
                layers: vec![
                    Layer::plain(
                        Look::PALE,
                        Shape::Band(vec![(-0.5, -eta, eta), (24.5, -eta, eta)]),
                    ),
                    Layer::plain(Look::PALE.thin(), Shape::Level(0.0)),
                    named("w²/2", Look::L2, Shape::Line(rows.line("L2", &quantity))),
                    named("w²/2", Look::L2, Shape::Points(rows.line("L2", &quantity))),
                    named("|w|", Look::L1, Shape::Line(rows.line("L1", &quantity))),
                    named("|w|", Look::L1, Shape::Points(rows.line("L1", &quantity))),
                ],
                ..Panel::default()
            }
        };
        let second = Chart {
            stem: "sgd-oscillates-quiet".into(),
            title: "Without noise: the slope of |w| never shrinks, that of w²/2 does".into(),
            panels: SHOWN.map(quiet).to_vec(),
            columns: 2,
            row_height: 430.0,
            notes: vec![
                format!("Subgradient descent from w = {START}; nothing is drawn at random."),
                "Once past 0 on |w| every step leads back over it: two values η apart, for ever. The grey band reaches from −η to η."
                    .into(),
            ],
        };
        vec![first, second]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_slope_of_a_power_is_its_exponent() {
        let points = ETAS.map(|eta| (eta, 3.0 * eta.powf(0.7)));
        assert!((slope(&points) - 0.7).abs() < 1e-12);
    }

    #[test]
    fn one_step_to_and_fro_has_the_amplitude_of_the_step() {
        let found = without_noise(Absolute, 0.3, START, QUIET_STEPS).unwrap();
        assert!((amplitude(&found) - 0.3).abs() < 1e-12);
        let found = without_noise(Squared, 0.3, START, QUIET_STEPS).unwrap();
        assert!(amplitude(&found) < 1e-12);
    }
}
