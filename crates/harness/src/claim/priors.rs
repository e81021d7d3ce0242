//! "L1 is a Laplace prior, L2 a Gaussian one": modes of posteriors, found without a solver, against lasso and ridge.
//!
//! With y = Xβ + ε, ε normal with variance σ², and β_j Laplace of scale b, −σ²/n times the log-posterior is, but for a constant,
//! (1/2n)‖y − Xβ‖² + σ²/(nb) Σ |β_j|: lasso with λ = σ²/(nb), which is σ²/b where the squares are not divided by n. With β_j normal
//! of variance τ² it is (1/2n)‖y − Xβ‖² + σ²/(nτ²) Σ β_j²/2: ridge with λ = σ²/(nτ²). The bounds hold for the worst of all trials.

use super::{Bound, Check, Claim, Rows, Ruling, interval};
use crate::figure::chart::{Anchor, Chart, Layer, Look, Panel, Shape, Side};
use faer::Mat;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, Exp1, StandardNormal};
use regpath_solvers::{PathBuilder, SolveError, lasso, ridge, worst};

/// Rows of a design.
const ROWS: usize = 20;
/// Largest correlation of the two columns.
const CORRELATION: f64 = 0.8;
/// Ends of the deviation of the noise and of the scales of both priors, drawn evenly in the logarithm.
const SCALES: (f64, f64) = (0.5, 2.0);
/// Half the width of the first grid; the next is centred at the best node.
const HALF_WIDTH: f64 = 64.0;
/// Nodes of a grid on either side of its centre.
const NODES: i32 = 20;
/// Width of a grid relative to the one before: six steps to either side, for modes in narrow valleys.
const SHRINKAGE: f64 = 0.3;
/// Grids, so that the last has steps of 1e-12.
const GRIDS: usize = 24;
/// Variance of the least-squares coefficient in the picture.
const VARIANCE: f64 = 0.49;
/// Scales of the drawn priors, both of variance 1: Laplace, Gaussian.
const DRAWN: (f64, f64) = (std::f64::consts::FRAC_1_SQRT_2, 1.0);
/// The least-squares coefficients of the picture: a small one and a large one.
const EFFECTS: [f64; 2] = [0.5, 3.0];
/// Where the picture ends, to the left and to the right.
const ENDS: (f64, f64) = (-4.0, 5.0);

pub(super) struct Priors;

/// −log density of a prior at b, without its constant.
#[derive(Clone, Copy)]
enum Prior {
    /// Of this scale.
    Laplace(f64),
    /// Of this standard deviation.
    Gaussian(f64),
}

impl Prior {
    fn value(self, b: f64) -> f64 {
        match self {
            Prior::Laplace(scale) => b.abs() / scale,
            Prior::Gaussian(deviation) => b * b / (2.0 * deviation * deviation),
        }
    }
}

/// A posterior of one or two coefficients.
struct Posterior {
    /// XᵀX/σ².
    precision: Vec<Vec<f64>>,
    /// Xᵀy/σ².
    pull: Vec<f64>,
    prior: Prior,
}

impl Posterior {
    fn new(x: &Mat<f64>, y: &[f64], deviation: f64, prior: Prior) -> Self {
        let (n, p) = (x.nrows(), x.ncols());
        let over =
            |term: &dyn Fn(usize) -> f64| (0..n).map(term).sum::<f64>() / (deviation * deviation);
        Self {
            precision: (0..p)
                .map(|j| (0..p).map(|k| over(&|i| x[(i, j)] * x[(i, k)])).collect())
                .collect(),
            pull: (0..p).map(|j| over(&|i| x[(i, j)] * y[i])).collect(),
            prior,
        }
    }

    /// −log of the posterior density at β, without its constant.
    fn value(&self, beta: &[f64]) -> f64 {
        let each = beta.iter().enumerate().map(|(j, b)| {
            let row: f64 = (self.precision[j].iter().zip(beta))
                .map(|(a, c)| a * c)
                .sum();
            b * (0.5 * row - self.pull[j]) + self.prior.value(*b)
        });
        each.sum()
    }

    /// The best node of grids that are ever finer, each with the nodes of 0 added.
    fn mode_by_grid(&self) -> Vec<f64> {
        let mut best = vec![0.0; self.pull.len()];
        let mut half = HALF_WIDTH;
        for _ in 0..GRIDS {
            let axis = |centre: f64| -> Vec<f64> {
                let step = half / f64::from(NODES);
                let nodes = (-NODES..=NODES).map(|i| centre + step * f64::from(i));
                nodes.chain([0.0]).collect()
            };
            let nodes: Vec<Vec<f64>> = match best[..] {
                [first, second] => {
                    let (across, along) = (axis(first), axis(second));
                    let pairs = across
                        .iter()
                        .flat_map(|&a| along.iter().map(move |&b| vec![a, b]));
                    pairs.collect()
                }
                _ => axis(best[0]).into_iter().map(|b| vec![b]).collect(),
            };
            best = self.least(nodes);
            half *= SHRINKAGE;
        }
        best
    }

    /// One Newton step from 0 on every piece on which the log-posterior is quadratic, and the best of the points that lie in their
    /// piece.
    fn mode_by_newton(&self) -> Vec<f64> {
        let p = self.pull.len();
        let Prior::Laplace(scale) = self.prior else {
            return self.newton(&vec![1.0; p], 0.0);
        };
        let pieces = (0..3usize.pow(p as u32)).map(|code| -> Vec<f64> {
            let sign = |j: usize| (code / 3usize.pow(j as u32) % 3) as f64 - 1.0;
            (0..p).map(sign).collect()
        });
        let inside = pieces.filter_map(|signs| {
            let point = self.newton(&signs, 1.0 / scale);
            let fits = point
                .iter()
                .zip(&signs)
                .all(|(b, s)| b * s > 0.0 || *s == 0.0);
            fits.then_some(point)
        });
        self.least(inside)
    }

    /// The stationary point of the piece with these signs, 0 where the sign is 0, under a prior of that slope.
    fn newton(&self, signs: &[f64], slope: f64) -> Vec<f64> {
        let bend = match self.prior {
            Prior::Laplace(_) => 0.0,
            Prior::Gaussian(deviation) => 1.0 / (deviation * deviation),
        };
        let pull = |j: usize| self.pull[j] - slope * signs[j];
        let own = |j: usize| self.precision[j][j] + bend;
        let free: Vec<usize> = (0..signs.len()).filter(|&j| signs[j] != 0.0).collect();
        let mut point = vec![0.0; signs.len()];
        match free[..] {
            [j] => point[j] = pull(j) / own(j),
            [j, k] => {
                let cross = self.precision[j][k];
                let determinant = own(j) * own(k) - cross * cross;
                point[j] = (own(k) * pull(j) - cross * pull(k)) / determinant;
                point[k] = (own(j) * pull(k) - cross * pull(j)) / determinant;
            }
            _ => {}
        }
        point
    }

    fn least(&self, points: impl IntoIterator<Item = Vec<f64>>) -> Vec<f64> {
        let valued = points.into_iter().map(|point| (self.value(&point), point));
        let least = valued.min_by(|a, b| a.0.total_cmp(&b.0));
        least.map_or_else(|| vec![f64::NAN; self.pull.len()], |(_, point)| point)
    }
}

/// Coefficients at λ, of the columns as they are.
fn solved(
    builder: PathBuilder,
    x: &Mat<f64>,
    y: &[f64],
    lambda: f64,
) -> Result<Vec<f64>, SolveError> {
    let builder = builder.intercept(false).standardize(false).tol(1e-14);
    let path = builder.lambdas([lambda]).fit(x.as_ref(), y)?;
    Ok(path.coefficients(0))
}

fn distance(a: &[f64], b: &[f64]) -> f64 {
    worst(a.iter().zip(b).map(|(a, b)| (a - b).abs()))
}

/// What is drawn for one least-squares coefficient: the name of its log-posterior.
fn log_posterior(effect: f64) -> String {
    format!("log-posterior for {effect}")
}

impl Claim for Priors {
    fn id(&self) -> &'static str {
        "priors"
    }

    fn claim(&self) -> &'static str {
        "An L1 penalty is a Laplace prior, an L2 penalty a Gaussian one"
    }

    fn experiment(&self) -> &'static str {
        "Posterior modes of one and of two coefficients drawn from either prior (n = 20, noise and scales between 0.5 and 2, 50 data \
         sets), found by grids and by Newton's method, against lasso at λ = σ²/(nb) and ridge at λ = σ²/(nτ²)"
    }

    fn sources(&self) -> &'static [&'static str] {
        &[
            "Tibshirani (1996), Regression shrinkage and selection via the lasso, JRSS B 58, section 5",
            "Park & Casella (2008), The Bayesian lasso, JASA 103",
            "Hastie, Tibshirani & Friedman (2009), The Elements of Statistical Learning, section 3.4",
        ]
    }

    fn trials(&self) -> usize {
        50
    }

    fn fixed(&self, rows: &mut Rows) -> anyhow::Result<()> {
        let (laplace, gaussian) = DRAWN;
        let steps = |k: i32| ENDS.0 + (ENDS.1 - ENDS.0) * f64::from(k) / 270.0;
        for b in (0..=270).map(steps) {
            let tall = (-b.abs() / laplace).exp() / (2.0 * laplace);
            let round = (-b * b / (2.0 * gaussian * gaussian)).exp()
                / (gaussian * std::f64::consts::TAU.sqrt());
            rows.push("Laplace", "density", b, tall);
            rows.push("Gaussian", "density", b, round);
        }
        // Columns of ones: least squares is the mean of y, of variance σ²/n.
        let x = Mat::from_fn(ROWS, 1, |_, _| 1.0);
        for effect in EFFECTS {
            let y = vec![effect; ROWS];
            let deviation = (VARIANCE * ROWS as f64).sqrt();
            let l1 = solved(lasso(), &x, &y, VARIANCE / laplace)?[0];
            let l2 = solved(ridge(), &x, &y, VARIANCE / (gaussian * gaussian))?[0];
            let priors = [Prior::Laplace(laplace), Prior::Gaussian(gaussian)];
            for ((series, prior), mode) in ["Laplace", "Gaussian"].iter().zip(priors).zip([l1, l2])
            {
                let posterior = Posterior::new(&x, &y, deviation, prior);
                let top = posterior.value(&[mode]);
                for b in (0..=270).map(steps) {
                    let height = top - posterior.value(&[b]);
                    rows.push(series, &log_posterior(effect), b, height);
                }
                rows.push(series, "mode", effect, mode);
                // Sums over a fine grid that reaches far into both tails.
                let nodes = || (-6000..=6000).map(|k| effect + f64::from(k) * 0.001);
                let weight = |b: f64| (top - posterior.value(&[b])).exp();
                let mass: f64 = nodes().map(weight).sum();
                let moment: f64 = nodes().map(|b| b * weight(b)).sum();
                rows.push(series, "mean", effect, moment / mass);
            }
            let likelihood = |b: f64| -(b - effect) * (b - effect) / (2.0 * VARIANCE);
            for b in (0..=270).map(steps) {
                rows.push("likelihood", &log_posterior(effect), b, likelihood(b));
            }
        }
        Ok(())
    }

    fn trial(&self, rng: &mut ChaCha8Rng, rows: &mut Rows) -> anyhow::Result<()> {
        for p in [1, 2] {
            let mut scale = || SCALES.0 * (SCALES.1 / SCALES.0).powf(rng.random::<f64>());
            let (deviation, laplace, gaussian) = (scale(), scale(), scale());
            let correlation = CORRELATION * (2.0 * rng.random::<f64>() - 1.0);
            let mut normal = || -> f64 { StandardNormal.sample(rng) };
            let mut x = Mat::from_fn(ROWS, p, |_, _| normal());
            if p == 2 {
                let rest = (1.0 - correlation * correlation).sqrt();
                for i in 0..ROWS {
                    x[(i, 1)] = correlation * x[(i, 0)] + rest * x[(i, 1)];
                }
            }
            let noise: Vec<f64> = (0..ROWS).map(|_| deviation * normal()).collect();
            let observed = |beta: &[f64]| -> Vec<f64> {
                let fit = |i: usize| (0..p).map(|j| x[(i, j)] * beta[j]).sum::<f64>();
                (0..ROWS).map(|i| fit(i) + noise[i]).collect()
            };
            let at = p as f64;
            let round: Vec<f64> = (0..p).map(|_| gaussian * normal()).collect();
            let tall: Vec<f64> = (0..p)
                .map(|_| {
                    let size: f64 = Exp1.sample(rng);
                    if rng.random::<bool>() {
                        laplace * size
                    } else {
                        -laplace * size
                    }
                })
                .collect();

            let y = observed(&tall);
            let posterior = Posterior::new(&x, &y, deviation, Prior::Laplace(laplace));
            let lambda = deviation * deviation / (ROWS as f64 * laplace);
            let found = solved(lasso(), &x, &y, lambda)?;
            rows.push(
                "Laplace",
                "off by grid",
                at,
                distance(&found, &posterior.mode_by_grid()),
            );
            rows.push(
                "Laplace",
                "off by Newton",
                at,
                distance(&found, &posterior.mode_by_newton()),
            );
            let zeros = found.iter().filter(|b| **b == 0.0).count();
            rows.push("Laplace", "zeros", at, zeros as f64);
            let drawn = tall.iter().filter(|b| **b == 0.0).count();
            rows.push("Laplace", "zeros drawn", at, drawn as f64);

            let y = observed(&round);
            let posterior = Posterior::new(&x, &y, deviation, Prior::Gaussian(gaussian));
            let lambda = deviation * deviation / (ROWS as f64 * gaussian * gaussian);
            let found = solved(ridge(), &x, &y, lambda)?;
            rows.push(
                "Gaussian",
                "off by grid",
                at,
                distance(&found, &posterior.mode_by_grid()),
            );
            rows.push(
                "Gaussian",
                "off by Newton",
                at,
                distance(&found, &posterior.mode_by_newton()),
            );
        }
        Ok(())
    }

    fn judge(&self, rows: &Rows) -> Ruling {
        let both = |series, quantity: &str| -> Vec<f64> {
            [1.0, 2.0]
                .iter()
                .flat_map(|&p| rows.values(series, quantity, p))
                .collect()
        };
        let off = |series, quantity| {
            let values = both(series, quantity);
            interval::exact(if values.is_empty() {
                f64::NAN
            } else {
                worst(values.into_iter())
            })
        };
        let zeros = |quantity| both("Laplace", quantity).iter().sum::<f64>();
        // One coefficient and two of each data set.
        let coefficients = 3 * rows.values("Laplace", "zeros", 1.0).len();
        let mean = rows.value("Laplace", "mean", EFFECTS[0]);
        let checks = vec![
            Check::new(
                "largest distance of lasso at σ²/(nb) from the mode by grids, Laplace prior",
                off("Laplace", "off by grid"),
                Bound::Below(1e-6),
            ),
            Check::new(
                "largest distance of ridge at σ²/(nτ²) from the mode by Newton's method, Gaussian prior",
                off("Gaussian", "off by Newton"),
                Bound::Below(1e-10),
            ),
            Check::new(
                "largest distance of lasso from the mode by Newton's method on every piece",
                off("Laplace", "off by Newton"),
                Bound::Below(1e-6),
            ),
            Check::told(
                "largest distance of ridge from the mode by grids",
                off("Gaussian", "off by grid"),
            ),
            Check::told(
                "share of zeros among the modes under the Laplace prior",
                interval::of_share(zeros("zeros") as usize, coefficients),
            ),
            Check::told(
                "zeros among the coefficients drawn from the Laplace prior",
                interval::exact(zeros("zeros drawn")),
            ),
            Check::told(
                format!(
                    "posterior mean under the Laplace prior where least squares finds {} and the mode is 0",
                    EFFECTS[0]
                ),
                interval::exact(mean),
            ),
        ];
        let agree = checks.iter().all(|c| c.decide() == super::Decision::Holds);
        let share = 100.0 * zeros("zeros") / coefficients as f64;
        let drawn = zeros("zeros drawn");
        let sentence = if agree {
            format!(
                "Lasso is the posterior mode under a Laplace prior, ridge under a Gaussian one; only modes are sparse: {share:.0} % of \
                 coefficients are zero at the mode, {drawn:.0} as drawn, and a posterior mean is {mean:.2} where the mode is 0."
            )
        } else {
            "Posterior modes under Laplace and Gaussian priors are not shown to be lasso and ridge."
                .into()
        };
        Ruling { checks, sentence }
    }

    fn charts(&self, rows: &Rows) -> Vec<Chart> {
        let both = [
            ("Laplace", Look::L1, "Laplace prior (L1)"),
            ("Gaussian", Look::L2, "Gaussian prior (L2)"),
        ];
        let mut densities = vec![Layer::plain(Look::PALE.thin(), Shape::Wall(0.0))];
        for (series, look, name) in both {
            densities.push(Layer::named(
                name,
                look,
                Shape::Line(rows.line(series, "density")),
            ));
        }
        let mut panels = vec![Panel {
            heading: "Priors, both of variance 1".into(),
            x: Side::linear("coefficient β").between(-4.0, 4.0),
            y: Side::linear("density").between(0.0, 0.75),
            layers: densities,
            ..Panel::default()
        }];
        for (effect, heading) in EFFECTS.iter().zip(["A small effect", "A large effect"]) {
            let mut layers = vec![
                Layer::plain(Look::PALE.thin(), Shape::Wall(0.0)),
                Layer::named(
                    "log-likelihood",
                    Look::GREY.dashed(),
                    Shape::Line(rows.line("likelihood", &log_posterior(*effect))),
                ),
            ];
            for (series, look, name) in both {
                let line = rows.line(series, &log_posterior(*effect));
                layers.push(Layer::named(name, look, Shape::Line(line)));
            }
            let modes = both.map(|(series, ..)| rows.value(series, "mode", *effect));
            for (((_, look, _), mode), solver) in both.iter().zip(modes).zip(["lasso", "ridge"]) {
                layers.push(Layer::named(
                    format!("{solver} solution"),
                    look.thick(),
                    Shape::Points(vec![(mode, 0.0)]),
                ));
                // Each text stands on its own side, where it covers neither the other nor the line at 0.
                let (x, anchor) = if mode <= modes[0].min(modes[1]) {
                    (mode - 0.1, Anchor::End)
                } else {
                    (mode + 0.1, Anchor::Start)
                };
                let text = if mode == 0.0 {
                    format!("{solver} exactly 0")
                } else {
                    format!("{solver} {mode:.2}")
                };
                let at = (x, 0.45);
                layers.push(Layer::plain(*look, Shape::Text { at, text, anchor }));
            }
            let (from, to) = if *effect < 1.0 {
                (-2.0, 3.0)
            } else {
                (0.0, 5.0)
            };
            panels.push(Panel {
                heading: format!("{heading}: least squares {effect}"),
                x: Side::linear("coefficient β").between(from, to),
                y: Side::linear("log-posterior less its maximum").between(-5.0, 0.9),
                layers,
                ..Panel::default()
            });
        }
        vec![Chart {
            stem: "priors".into(),
            title: "Lasso is the mode under a Laplace prior, ridge under a Gaussian prior".into(),
            panels,
            columns: 3,
            row_height: 430.0,
            notes: vec![
                format!(
                    "Normal likelihood with variance σ²/n = {VARIANCE} of the least-squares coefficient; scales b = 0.71 and τ = 1. The \
                     marks are solutions at λ = σ²/(nb) and σ²/(nτ²)."
                ),
                "The kink of the Laplace prior at 0 stays in the posterior: a small effect has its mode there, a large one is shifted by \
                 a constant. The Gaussian prior scales both."
                    .into(),
                "After Hastie, Tibshirani & Friedman (2009), section 3.4, and Tibshirani (1996), section 5.".into(),
            ],
        }]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grids_and_newton_find_the_closed_form_on_an_orthonormal_design() {
        // XᵀX = 4I, Xᵀy = (6, 1): least squares (1.5, 0.25), σ = 1; b = ½ takes off 2/4, τ² = ¼ divides by 2.
        let x = Mat::from_fn(2, 2, |i, j| if i == j { 2.0 } else { 0.0 });
        let y = [3.0, 0.5];
        let cases = [
            (Prior::Laplace(0.5), [1.0, 0.0]),
            (Prior::Gaussian(0.5), [0.75, 0.125]),
        ];
        for (prior, expected) in cases {
            let posterior = Posterior::new(&x, &y, 1.0, prior);
            assert!(distance(&posterior.mode_by_newton(), &expected) < 1e-14);
            assert!(distance(&posterior.mode_by_grid(), &expected) < 1e-7);
        }
    }
}
