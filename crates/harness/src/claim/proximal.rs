//! "L1 + L2 wants a proximal method": how it is tried.
//!
//! Exact zeros "only from prox methods" is read strictly: in no trial may a subgradient method produce a single one, and in every trial
//! each of ISTA, FISTA and coordinate descent, whose update is a prox of one coordinate, must produce some. F_FISTA(100) < F_ISTA(200)
//! must hold in every trial, and so must F(x_k) − F* ≤ 2L‖x_0 − x*‖²/(k + 1)² for every k looked at, where F* is replaced by the
//! lower bound that the certificate of x* gives.

use super::{Bound, Check, Claim, Decision, Rows, Ruling, interval};
use crate::figure::chart::{Anchor, Chart, Layer, Look, Panel, Shape, Side};
use crate::statistics::{Interval, median};
use anyhow::ensure;
use faer::Mat;
use rand::RngExt;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};
use regpath_solvers::certificate::certify;
use regpath_solvers::design::{Dense, Design};
use regpath_solvers::loss::Squared;
use regpath_solvers::optimizer::{FullBatch, Run, Schedule, SubgradientDescent, lipschitz};
use regpath_solvers::penalty::ElasticNet;
use regpath_solvers::problem::Problem;
use regpath_solvers::solver::{CoordinateDescent, ProximalGradient, Solver, State, Stop, Updates};

/// Samples of the signal, and of its blurred image.
const SIZE: usize = 100;
/// Standard deviation of the blur, in samples.
const BLUR: f64 = 2.0;
/// Spikes of the signal.
const SPIKES: usize = 10;
/// Standard deviation of the noise; spikes are between 1 and 3.
const NOISE: f64 = 0.02;
/// Share of L1 in the penalty α|b| + (1 − α)b²/2.
const ALPHA: f64 = 0.9;
/// λ as a share of the least λ at which everything is 0.
const SHARE: f64 = 0.005;
/// Iterations, of coordinate descent sweeps.
const ITERATIONS: usize = 1000;
/// Iterations at which FISTA and ISTA are compared, as in Beck & Teboulle (2009).
const COMPARED: (usize, usize) = (100, 200);
/// Relative gap of x*.
const TOLERANCE: f64 = 1e-12;

pub(super) struct Proximal;

/// A method, its look, and whether it takes a prox.
struct Method {
    name: &'static str,
    prox: bool,
}

const CONSTANT: Method = Method {
    name: "subgradient, 1/L",
    prox: false,
};
const FALLING: Method = Method {
    name: "subgradient, 1/(L√t)",
    prox: false,
};
const ISTA: Method = Method {
    name: "ISTA",
    prox: true,
};
const FISTA: Method = Method {
    name: "FISTA",
    prox: true,
};
const DESCENT: Method = Method {
    name: "coordinate descent",
    prox: true,
};
const METHODS: [Method; 5] = [CONSTANT, FALLING, ISTA, FISTA, DESCENT];

fn look(i: usize) -> Look {
    let look = match i {
        0 => Look::GREY.dashed(),
        1 => Look::GREY,
        2 => Look::other(1),
        3 => Look::BOTH,
        _ => Look::other(0),
    };
    Look { width: 2.2, ..look }
}

/// Iterations at which FISTA is looked at: its momentum belongs to one solve, so that each of them is a solve from the start.
fn looked_at() -> impl Iterator<Item = usize> {
    let wide = ITERATIONS / 10;
    (1..=100)
        .chain((102..=200).step_by(2))
        .chain((3 * wide..=ITERATIONS).step_by(wide))
}

/// Iterations that are drawn: those looked at, thinned to about evenly on a logarithmic axis.
fn is_drawn(k: usize) -> bool {
    k <= 20
        || k <= 60 && k.is_multiple_of(4)
        || k <= 200 && k.is_multiple_of(10)
        || k.is_multiple_of(100)
}

/// The blur of a signal: weights of a Gaussian that sum up to 1, with nothing beyond the ends.
fn blur() -> Mat<f64> {
    let weight = |d: f64| (-0.5 * (d / BLUR).powi(2)).exp();
    let reach = 5 * BLUR as i32;
    let sum: f64 = (-reach..=reach).map(|d| weight(f64::from(d))).sum();
    Mat::from_fn(SIZE, SIZE, |i, j| {
        let d = i as f64 - j as f64;
        if d.abs() <= f64::from(reach) {
            weight(d) / sum
        } else {
            0.0
        }
    })
}

fn squares(b: &[f64]) -> f64 {
    b.iter().map(|b| b * b).sum()
}

type Net<'a> = Problem<'a, Dense<'a>, Squared, ElasticNet>;

fn objective(problem: &Net, beta: &[f64], lambda: f64) -> f64 {
    let mut fit = vec![0.0; problem.y.len()];
    problem.x.mul(beta, &mut fit);
    problem.objective(beta, &fit, lambda)
}

/// Coefficients that are exactly 0.
fn zeros(beta: &[f64]) -> f64 {
    beta.iter().filter(|b| **b == 0.0).count() as f64
}

/// What is recorded of an iterate.
struct Judge<'a> {
    problem: &'a Net<'a>,
    lambda: f64,
    /// F* from above, which pictures are drawn with.
    best: f64,
    rows: &'a mut Rows,
}

impl Judge<'_> {
    /// Records iterate k of a method, and returns F there.
    fn look(&mut self, method: &Method, k: usize, beta: &[f64]) -> f64 {
        let value = objective(self.problem, beta, self.lambda);
        if is_drawn(k) {
            (self.rows).push(method.name, "F − F*", k as f64, value - self.best);
            (self.rows).push(method.name, "zeros", k as f64, zeros(beta));
        }
        value
    }
}

impl Claim for Proximal {
    fn id(&self) -> &'static str {
        "proximal"
    }

    fn claim(&self) -> &'static str {
        "L1 + L2 wants a proximal method"
    }

    fn experiment(&self) -> &'static str {
        "Elastic net (α = 0.9) that recovers ten spikes from their blurred and noisy image of 100 samples, by subgradient descent, ISTA, FISTA and \
         coordinate descent, 1000 iterations each"
    }

    fn sources(&self) -> &'static [&'static str] {
        &[
            "Beck & Teboulle (2009), A fast iterative shrinkage-thresholding algorithm, SIAM J. Imaging Sciences 2, Theorem 4.4 and Section 5",
            "Zou & Hastie (2005), Regularization and variable selection via the elastic net, JRSS B 67",
        ]
    }

    fn trials(&self) -> usize {
        20
    }

    fn trial(&self, rng: &mut ChaCha8Rng, rows: &mut Rows) -> anyhow::Result<()> {
        let x = blur();
        let mut places: Vec<usize> = (0..SIZE).collect();
        places.shuffle(rng);
        let mut signal = vec![0.0; SIZE];
        for &place in &places[..SPIKES] {
            let sign = if rng.random::<f64>() < 0.5 { -1.0 } else { 1.0 };
            signal[place] = sign * (1.0 + 2.0 * rng.random::<f64>());
        }
        let y: Vec<f64> = (0..SIZE)
            .map(|i| {
                let seen: f64 = (0..SIZE).map(|j| x[(i, j)] * signal[j]).sum();
                let noise: f64 = StandardNormal.sample(rng);
                seen + NOISE * noise
            })
            .collect();
        let design = Dense::try_new(x.as_ref())?;
        let problem = Problem::new(&design, &y, Squared, ElasticNet::new(ALPHA)?)?;
        let lambda = SHARE * problem.lambda_max();
        let limited = |iterations| Stop {
            tol: 0.0,
            max_epochs: iterations,
            cancel: None,
        };

        let exact = CoordinateDescent::default();
        let setup = exact.setup(&problem)?;
        let mut state = exact.start(&problem, &setup);
        let stop = Stop {
            tol: TOLERANCE,
            ..Stop::default()
        };
        exact.solve(&problem, &setup, lambda, stop, &mut state);
        let certificate = certify(&problem, state.beta(), lambda);
        let gap = certificate.relative_gap(problem.null_loss());
        ensure!(
            gap <= TOLERANCE,
            "the solution has a relative gap of {gap:e}"
        );
        let lipschitz = lipschitz(&problem)?;
        // From x_0 = 0.
        let bound = |k: usize| 2.0 * lipschitz * squares(state.beta()) / ((k + 1) as f64).powi(2);
        rows.push("solution", "zeros", 0.0, zeros(state.beta()));
        rows.push("solution", "F", 0.0, certificate.primal);
        rows.push(
            "start",
            "F − F*",
            0.0,
            problem.null_loss() - certificate.primal,
        );
        for k in looked_at().filter(|k| is_drawn(*k)) {
            rows.push("bound", "F − F*", k as f64, bound(k));
        }
        let mut judge = Judge {
            problem: &problem,
            lambda,
            best: certificate.primal,
            rows,
        };

        for (method, schedule) in [
            (&CONSTANT, Schedule::constant(1.0 / lipschitz)?),
            (&FALLING, Schedule::inverse_root(1.0 / lipschitz)?),
        ] {
            let rule = SubgradientDescent::new(schedule);
            let mut run = Run::new(rule, FullBatch::new(&problem), lambda)?;
            for k in 1..=ITERATIONS {
                run.step()?;
                judge.look(method, k, &run.snapshot()?.beta);
            }
        }

        // One iteration at a time from where the last one ended: without momentum that is the same as many at once.
        let ista = ProximalGradient::ista();
        let setup = ista.setup(&problem)?;
        let mut walked = ista.start(&problem, &setup);
        let mut of_ista = f64::NAN;
        for k in 1..=ITERATIONS {
            ista.solve(&problem, &setup, lambda, limited(1), &mut walked);
            let value = judge.look(&ISTA, k, walked.beta());
            if k == COMPARED.1 {
                of_ista = value;
            }
        }

        let fista = ProximalGradient::fista();
        let setup = fista.setup(&problem)?;
        let (mut of_fista, mut used) = (f64::NAN, Vec::new());
        for k in looked_at() {
            let mut walked = fista.start(&problem, &setup);
            fista.solve(&problem, &setup, lambda, limited(k), &mut walked);
            let value = judge.look(&FISTA, k, walked.beta());
            used.push((value - certificate.dual) / bound(k));
            if k == COMPARED.0 {
                of_fista = value;
            }
        }

        let descent = CoordinateDescent {
            updates: Some(Updates::FullGram),
            strong_rule: false,
            support_steps: false,
        };
        let setup = descent.setup(&problem)?;
        let mut walked = descent.start(&problem, &setup);
        for k in 1..=ITERATIONS {
            descent.solve(&problem, &setup, lambda, limited(1), &mut walked);
            judge.look(&DESCENT, k, walked.beta());
        }

        rows.push("FISTA", "share of the bound", 0.0, largest(&used));
        rows.push("FISTA", "F", COMPARED.0 as f64, of_fista);
        rows.push("ISTA", "F", COMPARED.1 as f64, of_ista);
        Ok(())
    }

    fn judge(&self, rows: &Rows) -> Ruling {
        // What has no prox may have no zero at any iteration that was looked at, what has one must have them at the end.
        let zeros = |method: &Method| match method.prox {
            true => rows.values(method.name, "zeros", ITERATIONS as f64),
            false => {
                let spread = rows.spread(method.name, "zeros");
                spread.into_iter().flat_map(|(_, zeros)| zeros).collect()
            }
        };
        let kind = |prox: bool| {
            let of_kind = METHODS.iter().filter(move |m| m.prox == prox);
            of_kind.flat_map(zeros).collect::<Vec<f64>>()
        };
        let (without, with) = (kind(false), kind(true));
        let most = largest(&without);
        let least = -largest(&with.iter().map(|v| -v).collect::<Vec<f64>>());
        let (fast, slow) = (
            rows.values("FISTA", "F", COMPARED.0 as f64),
            rows.values("ISTA", "F", COMPARED.1 as f64),
        );
        let best = rows.values("solution", "F", 0.0);
        let start = rows.values("start", "F − F*", 0.0);
        let ratios: Vec<f64> = fast.iter().zip(&slow).map(|(a, b)| a / b).collect();
        // Of what was to be gained, the share that is left.
        let left = |values: &[f64]| {
            let shares = values.iter().zip(&best).zip(&start);
            interval::of_median(
                &shares
                    .map(|((f, best), start)| (f - best) / start)
                    .collect::<Vec<f64>>(),
            )
        };
        let (left_fast, left_slow) = (left(&fast), left(&slow));
        let of_end = |method: &Method| {
            let excess = rows.values(method.name, "F − F*", ITERATIONS as f64);
            let shares = excess.iter().zip(&start).map(|(e, start)| e / start);
            interval::of_median(&shares.collect::<Vec<f64>>())
        };
        let used = rows.values("FISTA", "share of the bound", 0.0);
        let checks = vec![
            Check::new(
                "most coefficients that subgradient descent left exactly 0, all trials",
                interval::exact(most),
                Bound::Below(0.5),
            ),
            Check::new(
                "fewest coefficients that ISTA, FISTA or coordinate descent left exactly 0, all trials",
                interval::exact(least),
                Bound::Above(0.5),
            ),
            Check::new(
                "F of FISTA after 100 iterations over F of ISTA after 200, largest of all trials",
                interval::exact(largest(&ratios)),
                Bound::Below(1.0),
            ),
            Check::new(
                "F − F* of FISTA over its bound 2L‖x₀ − x*‖²/(k + 1)², largest of all k and trials",
                interval::exact(largest(&used)),
                Bound::Below(1.0),
            ),
            Check::told(
                "F of FISTA after 100 iterations over F of ISTA after 200",
                interval::of_median(&ratios),
            ),
            Check::told(
                "F of FISTA after 100 iterations",
                interval::of_median(&fast),
            ),
            Check::told("F of ISTA after 200 iterations", interval::of_median(&slow)),
            Check::told(
                "share of F(0) − F* left by FISTA after 100 iterations",
                left_fast,
            ),
            Check::told(
                "share of F(0) − F* left by ISTA after 200 iterations",
                left_slow,
            ),
            Check::told(
                "share of F(0) − F* left by subgradient descent with steps 1/L after 1000 iterations",
                of_end(&CONSTANT),
            ),
            Check::told(
                "share of F(0) − F* left by ISTA after 1000 iterations",
                of_end(&ISTA),
            ),
            Check::told(
                "coefficients that are exactly 0 in the solution, of 100",
                interval::of_median(&rows.values("solution", "zeros", 0.0)),
            ),
        ];
        let zeros = checks[..2].iter().all(|c| c.decide() == Decision::Holds);
        let opening = if zeros {
            "Only methods with a prox set coefficients of the elastic net exactly to 0"
        } else {
            "Exact zeros of the elastic net did not tell proximal methods from subgradients"
        };
        let percent = |left: Interval| format!("{:.3} %", 100.0 * left.estimate);
        Ruling {
            sentence: format!(
                "{opening}; by the objective alone, subgradients leave {} of the excess after 1000 iterations, ISTA {}, and FISTA after 100 \
                 leaves {}, ISTA after 200 {}.",
                percent(of_end(&CONSTANT)),
                percent(of_end(&ISTA)),
                percent(left_fast),
                percent(left_slow)
            ),
            checks,
        }
    }

    fn charts(&self, rows: &Rows) -> Vec<Chart> {
        let medians = |series: &str, quantity: &str| -> Vec<(f64, f64)> {
            let spread = rows.spread(series, quantity).into_iter();
            spread.map(|(at, mut all)| (at, median(&mut all))).collect()
        };
        let mut excess = Panel {
            heading: "How far the objective is above its minimum".into(),
            x: Side::log("iterations k, or sweeps over all coordinates")
                .between(1.0, 1.25 * ITERATIONS as f64),
            y: Side::log("F − F*").between(1e-11, 0.1),
            ..Panel::default()
        };
        excess.layers.push(Layer::named(
            "bound of FISTA",
            Look::BLACK.dotted(),
            Shape::Line(medians("bound", "F − F*")),
        ));
        let mut exact = Panel {
            heading: format!("Coefficients that are exactly 0, of {SIZE}"),
            x: Side::log("iterations k, or sweeps over all coordinates")
                .between(1.0, 1.25 * ITERATIONS as f64),
            y: Side::linear("exact zeros").between(-4.0, 104.0),
            ..Panel::default()
        };
        let solution = median(&mut rows.values("solution", "zeros", 0.0));
        exact.layers.extend([
            Layer::plain(Look::BLACK.dashed().thin(), Shape::Level(solution)),
            Layer::plain(
                Look::BLACK,
                Shape::Text {
                    at: (1.3, solution + 3.0),
                    text: "the solution".into(),
                    anchor: Anchor::Start,
                },
            ),
        ]);
        for (i, method) in METHODS.iter().enumerate() {
            let line = |quantity| Shape::Line(medians(method.name, quantity));
            excess
                .layers
                .push(Layer::named(method.name, look(i), line("F − F*")));
            exact
                .layers
                .push(Layer::named(method.name, look(i), line("zeros")));
        }
        vec![Chart {
            stem: "proximal".into(),
            title: "An elastic net with and without the prox of its penalty".into(),
            panels: vec![excess, exact],
            columns: 2,
            row_height: 540.0,
            notes: vec![
                format!(
                    "Medians of {} trials, from x = 0: {SPIKES} spikes in {SIZE} samples, blurred by a Gaussian of {BLUR} samples, noise of {NOISE}; \
                     α = {ALPHA}, λ = {SHARE} of the least at which everything is 0.",
                    rows.values("solution", "zeros", 0.0).len()
                ),
                "The bound is 2L|x* − x_{0}|²/(k + 1)²; both subgradient methods lie at no zeros, and on the left the one with a constant step is all but hidden by ISTA."
                    .into(),
                "After Beck & Teboulle (2009), Figure 5.".into(),
            ],
        }]
    }
}

/// The largest value; NaN if any is, or there is none.
fn largest(values: &[f64]) -> f64 {
    let known = values
        .iter()
        .copied()
        .reduce(|a, b| if a.is_nan() || a > b { a } else { b });
    known.unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_blur_keeps_what_is_far_from_the_ends() {
        let x = blur();
        let sum: f64 = (0..SIZE).map(|j| x[(SIZE / 2, j)]).sum();
        assert!((sum - 1.0).abs() < 1e-12);
        assert_eq!(x[(3, 9)], x[(9, 3)]);
    }

    #[test]
    fn what_is_compared_and_drawn_is_looked_at() {
        let looked: Vec<usize> = looked_at().collect();
        assert!(looked.contains(&COMPARED.0) && looked.last() == Some(&ITERATIONS));
        assert!((1..=ITERATIONS).all(|k| !is_drawn(k) || looked.contains(&k)));
    }

    #[test]
    fn the_largest_of_what_is_missing_is_missing() {
        assert_eq!(largest(&[1.0, 3.0, 2.0]), 3.0);
        assert!(largest(&[]).is_nan() && largest(&[1.0, f64::NAN, 2.0]).is_nan());
    }
}
