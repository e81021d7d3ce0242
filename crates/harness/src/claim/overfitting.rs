//! "Both prevent overfitting": training and test error along λ, on splits of the prostate data and on a dense polynomial basis.
//!
//! The minimum of a test curve lies strictly inside the grid where both ends lie above it, in means over trials. On the noisy basis it
//! must lie below the fit without penalty by more than its standard error, read twice: by more than the standard error of the mean
//! over trials, and, in the median trial, by more than the standard error that its own test rows show, which more trials do not shrink.
//! λ is chosen once for all trials, at the minimum of the mean curve, and anew in every resample of an interval.

use super::{Bound, Check, Claim, Decision, Rows, Ruling, data, interval};
use crate::figure::chart::{Chart, Layer, Look, Panel, Shape, Side};
use crate::statistics::Interval;
use faer::Mat;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};
use regpath_solvers::{FittedPath, PathBuilder, lasso, ridge};
use std::f64::consts::TAU;

/// Rows of the prostate data that are trained on, as in ESL.
const TRAIN: usize = 67;
/// Splits of one trial, whose curves are averaged.
const SPLITS: usize = 10;
/// Rows of the polynomial basis.
const ROWS: usize = 40;
/// Its degree: half as many columns as rows.
const DEGREE: usize = 20;
/// Rows on which it is tested.
const TEST: usize = 200;
/// Deviation of its noise, whose variance is half that of the sine.
const NOISE: f64 = 0.5;
/// λ of a grid.
const GRID: usize = 32;
/// Ends of the logarithms to base 10 of both grids.
const LASSO: (f64, f64) = (-4.0, 0.0);
const RIDGE: (f64, f64) = (-4.0, 2.0);

pub(super) struct Overfitting;

/// Data sets with their names in pictures.
const DATA: [(&str, &str); 2] = [
    ("prostate", "prostate"),
    ("polynomial", "dense polynomial basis"),
];

/// What is fitted, by name.
const PENALTIES: [&str; 2] = ["lasso", "ridge"];

/// What is recorded along λ.
const CURVES: [&str; 3] = ["training error", "test error", "standard error"];

/// λ, decreasing.
fn grid(penalty: &str) -> Vec<f64> {
    let (from, to) = if penalty == "lasso" { LASSO } else { RIDGE };
    let at = |k: usize| 10f64.powf(to + (from - to) * k as f64 / (GRID - 1) as f64);
    (0..GRID).map(at).collect()
}

fn builder(penalty: &str) -> PathBuilder {
    if penalty == "lasso" { lasso() } else { ridge() }
}

/// Features and response.
struct Sample {
    x: Mat<f64>,
    y: Vec<f64>,
}

impl Sample {
    /// Squared error of the k-th fit in every row.
    fn errors(&self, path: &FittedPath, k: usize) -> Vec<f64> {
        let beta = path.coefficients(k);
        let residual = |(i, y): (usize, &f64)| {
            let fit: f64 = beta
                .iter()
                .enumerate()
                .map(|(j, b)| self.x[(i, j)] * b)
                .sum();
            y - path.points[k].intercept - fit
        };
        self.y
            .iter()
            .enumerate()
            .map(residual)
            .map(|r| r * r)
            .collect()
    }
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// Standard error of the mean.
fn standard_error(values: &[f64]) -> f64 {
    let (n, centre) = (values.len() as f64, mean(values));
    let squares: f64 = values.iter().map(|v| (v - centre) * (v - centre)).sum();
    (squares / (n - 1.0) / n).sqrt()
}

fn prostate(rng: &mut ChaCha8Rng) -> anyhow::Result<(Sample, Sample)> {
    let table = data::table("prostate")?;
    let mut order: Vec<usize> = (0..table.y.len()).collect();
    order.shuffle(rng);
    let part = |rows: &[usize]| Sample {
        x: Mat::from_fn(rows.len(), table.x.ncols(), |i, j| table.x[(rows[i], j)]),
        y: rows.iter().map(|&i| table.y[i]).collect(),
    };
    Ok((part(&order[..TRAIN]), part(&order[TRAIN..])))
}

/// Legendre polynomials of degree 1 to `DEGREE` at x.
fn legendre(x: f64) -> Vec<f64> {
    let mut values = vec![1.0, x];
    for k in 1..DEGREE {
        let degree = k as f64;
        values
            .push(((2.0 * degree + 1.0) * x * values[k] - degree * values[k - 1]) / (degree + 1.0));
    }
    values.split_off(1)
}

/// Two periods of a sine at evenly spaced points, with noise; tests keep between the first and the last point of training, so that
/// nothing is extrapolated.
fn polynomial(rng: &mut ChaCha8Rng, rows: usize) -> Sample {
    let reach = 1.0 - 1.0 / ROWS as f64;
    let at = |i: usize| reach * (2.0 * i as f64 / (rows - 1) as f64 - 1.0);
    let points: Vec<f64> = (0..rows).map(at).collect();
    let basis: Vec<Vec<f64>> = points.iter().map(|x| legendre(*x)).collect();
    let y = points.iter().map(|x| {
        let noise: f64 = StandardNormal.sample(rng);
        (TAU * x).sin() + NOISE * noise
    });
    Sample {
        y: y.collect(),
        x: Mat::from_fn(rows, DEGREE, |i, j| basis[i][j]),
    }
}

/// Curves of one data set under one penalty, by λ ascending, each with a value for every trial.
struct Curves {
    lambda: Vec<f64>,
    train: Vec<Vec<f64>>,
    test: Vec<Vec<f64>>,
    /// Standard errors of the test errors over the rows of one trial.
    error: Vec<Vec<f64>>,
    /// Test errors without penalty.
    free: Vec<f64>,
}

impl Curves {
    fn of(rows: &Rows, data: &str, penalty: &str) -> Self {
        let values = |what: &str| -> (Vec<f64>, Vec<Vec<f64>>) {
            (rows.spread(penalty, &format!("{data}: {what}")).into_iter()).unzip()
        };
        let (lambda, test) = values("test error");
        Self {
            lambda,
            test,
            train: values("training error").1,
            error: values("standard error").1,
            free: rows.values("least squares", &format!("{data}: test error"), 0.0),
        }
    }

    fn trials(&self) -> usize {
        self.free.len()
    }

    fn mean(&self, k: usize, chosen: &[usize]) -> f64 {
        chosen.iter().map(|&i| self.test[k][i]).sum::<f64>() / chosen.len() as f64
    }

    /// Where the mean over these trials is least.
    fn best(&self, chosen: &[usize]) -> Option<usize> {
        let means: Vec<f64> = (0..self.test.len()).map(|k| self.mean(k, chosen)).collect();
        (0..means.len()).min_by(|&a, &b| means[a].total_cmp(&means[b]))
    }

    /// A statistic of some trials and the best λ for them, with its interval; NaN where a trial is missing.
    fn statistic(&self, of: impl Fn(&[usize], usize) -> f64) -> Interval {
        let whole = |values: &Vec<f64>| values.len() == self.trials();
        if !self.test.iter().chain(&self.error).all(whole) {
            return interval::exact(f64::NAN);
        }
        interval::of_statistic(self.trials(), |chosen| {
            self.best(chosen).map_or(f64::NAN, |k| of(chosen, k))
        })
    }

    /// How far an end of the mean curve lies above its minimum, in percent of the minimum.
    fn rise(&self, end: usize) -> Interval {
        self.statistic(|chosen, k| {
            let least = self.mean(k, chosen);
            100.0 * (self.mean(end, chosen) - least) / least
        })
    }

    /// How far the fit without penalty lies above the minimum, in percent of the minimum.
    fn gain(&self) -> Interval {
        self.statistic(|chosen, k| {
            let least = self.mean(k, chosen);
            let free = chosen.iter().map(|&i| self.free[i]).sum::<f64>() / chosen.len() as f64;
            100.0 * (free - least) / least
        })
    }

    /// The same in standard errors of the mean over trials of the test error at the minimum.
    fn gain_in_errors_over_trials(&self) -> Interval {
        self.statistic(|chosen, k| {
            let at: Vec<f64> = chosen.iter().map(|&i| self.test[k][i]).collect();
            let gains: Vec<f64> = chosen
                .iter()
                .map(|&i| self.free[i] - self.test[k][i])
                .collect();
            mean(&gains) / standard_error(&at)
        })
    }

    /// Median over trials of the gain in standard errors over the trial's own test rows.
    fn gain_in_errors_of_a_trial(&self) -> Interval {
        self.statistic(|chosen, k| {
            let ratio = |&i: &usize| (self.free[i] - self.test[k][i]) / self.error[k][i];
            crate::statistics::median(&mut chosen.iter().map(ratio).collect::<Vec<f64>>())
        })
    }
}

impl Claim for Overfitting {
    fn id(&self) -> &'static str {
        "overfitting"
    }

    fn claim(&self) -> &'static str {
        "Both L1 and L2 penalties prevent overfitting"
    }

    fn experiment(&self) -> &'static str {
        "Training and test error of lasso and ridge along λ: 500 random splits of the prostate data into 67 and 30 rows, and 50 samples \
         of a sine with noise of deviation 0.5 in 20 Legendre polynomials, n = 40"
    }

    fn sources(&self) -> &'static [&'static str] {
        &[
            "Hastie, Tibshirani & Friedman (2009), The Elements of Statistical Learning, Figures 2.11 and 3.7",
            "Hoerl & Kennard (1970), Ridge regression: biased estimation for nonorthogonal problems, Technometrics 12",
        ]
    }

    fn trials(&self) -> usize {
        50
    }

    fn trial(&self, rng: &mut ChaCha8Rng, rows: &mut Rows) -> anyhow::Result<()> {
        let prostate = (0..SPLITS)
            .map(|_| prostate(rng))
            .collect::<anyhow::Result<Vec<_>>>()?;
        let polynomial = vec![(polynomial(rng, ROWS), polynomial(rng, TEST))];
        for ((data, _), samples) in DATA.iter().zip([prostate, polynomial]) {
            for penalty in PENALTIES {
                let mut sums = vec![[0.0; 3]; GRID];
                for (train, test) in &samples {
                    let path = builder(penalty).lambdas(grid(penalty)).tol(1e-8);
                    let path = path.fit(train.x.as_ref(), &train.y)?;
                    for (k, sums) in sums.iter_mut().enumerate() {
                        let tested = test.errors(&path, k);
                        sums[0] += mean(&train.errors(&path, k));
                        sums[1] += mean(&tested);
                        sums[2] += standard_error(&tested);
                    }
                }
                for (lambda, sums) in grid(penalty).into_iter().zip(sums) {
                    for (what, sum) in CURVES.iter().zip(sums) {
                        let average = sum / samples.len() as f64;
                        rows.push(penalty, &format!("{data}: {what}"), lambda, average);
                    }
                }
            }
            let mut free = 0.0;
            for (train, test) in &samples {
                let path = lasso().lambdas([0.0]).fit(train.x.as_ref(), &train.y)?;
                free += mean(&test.errors(&path, 0)) / samples.len() as f64;
            }
            rows.push("least squares", &format!("{data}: test error"), 0.0, free);
        }
        Ok(())
    }

    fn judge(&self, rows: &Rows) -> Ruling {
        let mut checks = Vec::new();
        for penalty in PENALTIES {
            let curves = Curves::of(rows, "polynomial", penalty);
            checks.push(Check::new(
                format!("{penalty} on the polynomial basis: least test error below that without penalty, in its standard errors over the rows of one trial, median"),
                curves.gain_in_errors_of_a_trial(),
                Bound::Above(1.0),
            ));
            checks.push(Check::new(
                format!("{penalty} on the polynomial basis: the same in means over trials, in standard errors of the mean"),
                curves.gain_in_errors_over_trials(),
                Bound::Above(1.0),
            ));
        }
        let mut gains = Vec::new();
        for (data, name) in DATA {
            for penalty in PENALTIES {
                let curves = Curves::of(rows, data, penalty);
                for (end, text) in [(0, "smallest"), (GRID - 1, "largest")] {
                    checks.push(Check::new(
                        format!(
                            "{penalty} on {name}: test error at the {text} λ above the least, %"
                        ),
                        if curves.test.len() == GRID {
                            curves.rise(end)
                        } else {
                            interval::exact(f64::NAN)
                        },
                        Bound::Above(0.0),
                    ));
                }
                let gain = curves.gain();
                gains.push(gain.estimate);
                checks.push(Check::told(
                    format!("{penalty} on {name}: test error without penalty above the least, %"),
                    gain,
                ));
            }
        }
        let held = checks.iter().all(|c| c.decide() == Decision::Holds);
        let [lasso_prostate, ridge_prostate, lasso_basis, ridge_basis] = gains[..] else {
            return Ruling {
                checks,
                sentence: "Curves are missing.".into(),
            };
        };
        let sentence = format!(
            "Without a penalty the test error exceeds the best by {lasso_basis:.0} % (lasso) and {ridge_basis:.0} % (ridge) on the noisy \
             polynomial basis and by {lasso_prostate:.1} % and {ridge_prostate:.1} % on prostate{}.",
            if held {
                "; either penalty prevents overfitting where there is some"
            } else {
                ", which is not beyond doubt for both penalties on both data sets"
            }
        );
        Ruling { checks, sentence }
    }

    fn charts(&self, rows: &Rows) -> Vec<Chart> {
        let mut panels = Vec::new();
        for (data, name) in DATA {
            for (penalty, look) in PENALTIES.into_iter().zip([Look::L1, Look::L2]) {
                let curves = Curves::of(rows, data, penalty);
                let all: Vec<usize> = (0..curves.trials()).collect();
                let along = |values: &[Vec<f64>]| -> Vec<(f64, f64)> {
                    curves
                        .lambda
                        .iter()
                        .zip(values)
                        .map(|(l, v)| (*l, mean(v)))
                        .collect()
                };
                let (test, error) = (along(&curves.test), along(&curves.error));
                let band = test
                    .iter()
                    .zip(&error)
                    .map(|(t, e)| (t.0, t.1 - e.1, t.1 + e.1));
                let mut layers = vec![
                    Layer::plain(look, Shape::Band(band.collect())),
                    Layer::named(
                        format!("{penalty}, training error"),
                        look.dashed(),
                        Shape::Line(along(&curves.train)),
                    ),
                    Layer::named(
                        format!("{penalty}, test error ± SE"),
                        look,
                        Shape::Line(test.clone()),
                    ),
                    Layer::named(
                        "test error without penalty",
                        Look::GREY.dotted(),
                        Shape::Level(mean(&curves.free)),
                    ),
                ];
                if let Some(&least) = curves.best(&all).and_then(|k| test.get(k)) {
                    layers.push(Layer::named(
                        "least test error",
                        Look::BLACK,
                        Shape::Points(vec![least]),
                    ));
                }
                panels.push(Panel {
                    heading: format!("{penalty} on {name}"),
                    x: Side::log("λ"),
                    y: if data == "prostate" {
                        Side::linear("mean squared error").between(0.3, 1.8)
                    } else {
                        Side::log("mean squared error").between(0.1, 1.0)
                    },
                    layers,
                    ..Panel::default()
                });
            }
        }
        vec![Chart {
            stem: "overfitting".into(),
            title: "Training error is least without a penalty, test error with one".into(),
            panels,
            columns: 2,
            row_height: 380.0,
            notes: vec![
                format!(
                    "Prostate: means over 500 random splits into {TRAIN} rows to train and 30 to test. Polynomials: means over 50 samples of two \
                     periods of a sine with \
                     noise of deviation {NOISE}, in Legendre polynomials of degree 1 to {DEGREE}, {ROWS} rows to train, {TEST} to test."
                ),
                "Bands are one standard error over the test rows of one split or sample to either side, averaged. λ grows, and \
                 flexibility falls, to the right."
                    .into(),
                "After Hastie, Tibshirani & Friedman (2009), Figures 2.11 and 3.7.".into(),
            ],
        }]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_basis_has_the_values_of_the_textbook() {
        let values = legendre(0.5);
        assert_eq!(values.len(), DEGREE);
        for (found, expected) in values.iter().zip([0.5, -0.125, -0.4375, -0.2890625]) {
            assert!((found - expected).abs() < 1e-15);
        }
        assert!(legendre(1.0).iter().all(|v| (v - 1.0).abs() < 1e-12));
    }
}
