//! "L1 predicts the median, L2 the mean": fits of a constant to skewed samples, and Engel's food expenditure.
//!
//! For an even number of values every point between the middle two is a median: the fit must be one of them. The coefficients of
//! Engel's data are held against those of other software, to the digits that its authors ask for.

use super::unpenalised::{constant, line};
use super::{Bound, Check, Claim, Rows, Ruling, data, interval};
use crate::figure::chart::{Anchor, Chart, Layer, Look, Panel, Shape, Side};
use crate::statistics::median;
use faer::Mat;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, LogNormal};
use regpath_solvers::design::Dense;
use regpath_solvers::face::face;
use regpath_solvers::loss::{Absolute, LossKind};
use regpath_solvers::penalty::L1;
use regpath_solvers::problem::Problem;

/// A skewed sample with a middle value.
const ODD: [f64; 7] = [0.3, 0.6, 0.9, 1.4, 2.2, 3.9, 7.5];
/// A skewed sample with two.
const EVEN: [f64; 8] = [0.3, 0.6, 0.9, 1.4, 2.2, 3.1, 3.9, 7.5];
/// Sizes of the random samples.
const SIZES: [usize; 2] = [25, 24];
/// Intercept and slope of Engel's quantile regressions by quantreg and by HiGHS.
const QUANTILES: [(f64, [f64; 2]); 3] = [
    (0.25, [95.4835396346, 0.474103208193]),
    (0.5, [81.4822474169, 0.560180551209]),
    (0.75, [62.396585529, 0.644014139369]),
];
/// Intercept and slope of Engel's least squares by R's lm, with more digits by NumPy.
const LEAST_SQUARES: [f64; 2] = [147.475388524, 0.485178423677];

pub(super) struct MedianMean;

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// The middle value twice, or the middle two.
fn middle(values: &[f64]) -> [f64; 2] {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let half = sorted.len() / 2;
    [sorted[half - 1 + sorted.len() % 2], sorted[half]]
}

/// How far a value is from an interval.
fn distance(value: f64, [low, high]: [f64; 2]) -> f64 {
    match value.is_nan() {
        true => f64::NAN,
        false => (low - value).max(value - high).max(0.0),
    }
}

fn relative_error(found: [f64; 2], known: [f64; 2]) -> f64 {
    let errors = found.iter().zip(known).map(|(f, k)| (f / k - 1.0).abs());
    interval::largest(errors)
}

/// The mean loss of the constants in a picture, as a multiple of the least.
fn loss_curve(values: &[f64], loss: fn(f64) -> f64, minimiser: f64) -> Vec<(f64, f64)> {
    let at = |c: f64| mean(&values.iter().map(|v| loss(v - c)).collect::<Vec<f64>>());
    // Kinks lie at multiples of 0.1.
    let curve: Vec<(f64, f64)> = (0..=80)
        .map(|k| f64::from(k) / 10.0)
        .map(|c| (c, at(c)))
        .collect();
    let least = at(minimiser);
    curve.into_iter().map(|(c, l)| (c, l / least)).collect()
}

impl Claim for MedianMean {
    fn id(&self) -> &'static str {
        "median-mean"
    }

    fn claim(&self) -> &'static str {
        "L1 predicts the median, L2 the mean"
    }

    fn experiment(&self) -> &'static str {
        "A constant fitted to 25 and to 24 log-normal values, in 50 trials; lines through Engel's 235 households against \
         published coefficients"
    }

    fn sources(&self) -> &'static [&'static str] {
        &[
            "Koenker & Hallock (2001), Quantile regression, Journal of Economic Perspectives 15, Figure 3",
            "Koenker (2005), Quantile Regression, Cambridge University Press, and the vignette of quantreg for R: Engel's data",
        ]
    }

    fn trials(&self) -> usize {
        50
    }

    fn fixed(&self, rows: &mut Rows) -> anyhow::Result<()> {
        for sample in [&ODD[..], &EVEN] {
            let at = sample.len() as f64;
            rows.push("L1", "sample", at, constant(LossKind::Absolute, sample)?);
            rows.push("L2", "sample", at, constant(LossKind::Squared, sample)?);
        }
        let engel = data::table("engel")?;
        let income: Vec<f64> = (0..engel.y.len()).map(|i| engel.x[(i, 0)]).collect();
        for (income, food) in income.iter().zip(&engel.y) {
            rows.push("households", "food", *income, *food);
        }
        let mut offs = Vec::new();
        for (tau, known) in QUANTILES {
            let found = line(LossKind::quantile(tau)?, &income, &engel.y)?;
            offs.push(relative_error(found, known));
            rows.push("quantile", "intercept", tau, found[0]);
            rows.push("quantile", "slope", tau, found[1]);
        }
        // The absolute loss is twice the quantile loss at one half.
        let absolute = line(LossKind::Absolute, &income, &engel.y)?;
        offs.push(relative_error(absolute, QUANTILES[1].1));
        rows.push("L1", "off the published", 0.0, interval::largest(offs));
        let squared = line(LossKind::Squared, &income, &engel.y)?;
        rows.push(
            "L2",
            "off the published",
            0.0,
            relative_error(squared, LEAST_SQUARES),
        );
        for (series, [intercept, slope]) in [("L1", absolute), ("L2", squared)] {
            rows.push(series, "intercept", 0.0, intercept);
            rows.push(series, "slope", 0.0, slope);
            let residuals = income.iter().zip(&engel.y);
            let residuals: Vec<f64> = residuals.map(|(x, y)| y - intercept - slope * x).collect();
            // A line by L1 meets two households; their residuals are rounding.
            let above = residuals.iter().filter(|r| **r > 1e-9).count();
            rows.push(series, "above", 0.0, above as f64 / residuals.len() as f64);
            rows.push(series, "mean residual", 0.0, mean(&residuals));
        }
        Ok(())
    }

    fn trial(&self, rng: &mut ChaCha8Rng, rows: &mut Rows) -> anyhow::Result<()> {
        let skewed = LogNormal::new(0.0, 1.0)?;
        for size in SIZES {
            let y: Vec<f64> = (0..size).map(|_| skewed.sample(rng)).collect();
            let at = size as f64;
            let absolute = constant(LossKind::Absolute, &y)?;
            let squared = constant(LossKind::Squared, &y)?;
            rows.push("L1", "fit", at, absolute);
            rows.push("L2", "fit", at, squared);
            rows.push("sample", "median", at, median(&mut y.clone()));
            rows.push("sample", "mean", at, mean(&y));
            rows.push("L1", "off", at, distance(absolute, middle(&y)));
            rows.push("L2", "off", at, (squared - mean(&y)).abs());
            let ones = Mat::from_fn(size, 1, |_, _| 1.0);
            let design = Dense::try_new(ones.as_ref())?;
            let problem = Problem::new(&design, &y, Absolute, L1)?;
            let found = face(&problem, 0.0, &[absolute])?.intervals[0];
            let ends = found.iter().zip(middle(&y)).map(|(f, m)| (f - m).abs());
            rows.push("L1", "ends off", at, interval::largest(ends));
        }
        Ok(())
    }

    fn judge(&self, rows: &Rows) -> Ruling {
        let largest = |series, quantity, size: usize| {
            let values = rows.values(series, quantity, size as f64);
            interval::exact(interval::largest(values))
        };
        let [odd, even] = SIZES;
        let off = |series| interval::exact(rows.value(series, "off the published", 0.0));
        let above = |series| rows.value(series, "above", 0.0);
        let checks = vec![
            Check::new(
                "largest distance of the L1 fit from the median, 25 values, all trials",
                largest("L1", "off", odd),
                Bound::Below(1e-10),
            ),
            Check::new(
                "largest distance of the L1 fit from the interval of medians, 24 values, all trials",
                largest("L1", "off", even),
                Bound::Below(1e-10),
            ),
            Check::new(
                "largest distance of the L2 fit from the mean, 25 values, all trials",
                largest("L2", "off", odd),
                Bound::Below(1e-12),
            ),
            Check::new(
                "largest distance of the L2 fit from the mean, 24 values, all trials",
                largest("L2", "off", even),
                Bound::Below(1e-12),
            ),
            Check::new(
                "Engel, quantiles 1/4, 1/2, 3/4 and L1: largest relative error against quantreg",
                off("L1"),
                Bound::Below(1e-9),
            ),
            Check::new(
                "Engel, least squares: largest relative error against lm",
                off("L2"),
                Bound::Below(1e-10),
            ),
            Check::told(
                "largest distance of the reported ends of all L1 optima from the middle two of 24 values",
                largest("L1", "ends off", even),
            ),
            Check::told(
                "share of Engel's households above the L1 line",
                interval::exact(above("L1")),
            ),
            Check::told(
                "share of Engel's households above the L2 line",
                interval::exact(above("L2")),
            ),
            Check::told(
                "mean residual of Engel's households at the L1 line, Belgian francs",
                interval::exact(rows.value("L1", "mean residual", 0.0)),
            ),
            Check::told(
                "mean residual of Engel's households at the L2 line, Belgian francs",
                interval::exact(rows.value("L2", "mean residual", 0.0)),
            ),
        ];
        let accuracy = |series| {
            let sizes = SIZES.map(|size| largest(series, "off", size).estimate);
            match sizes[0].max(sizes[1]) {
                0.0 => "exactly".to_owned(),
                off => format!("to within {off:.0e}"),
            }
        };
        let sentence = format!(
            "A constant fitted by L1 is a sample median {}, one by L2 the mean {}; {:.0} % of Engel's households spend more than the L1 \
             line says, {:.0} % more than the L2 line.",
            accuracy("L1"),
            accuracy("L2"),
            100.0 * above("L1"),
            100.0 * above("L2"),
        );
        Ruling { checks, sentence }
    }

    fn charts(&self, rows: &Rows) -> Vec<Chart> {
        let curves = |heading: &str, sample: &[f64]| {
            let fit = |series| rows.value(series, "sample", sample.len() as f64);
            let [low, high] = middle(sample);
            let mut layers = vec![
                Layer::plain(Look::GREY.thin(), Shape::Level(1.0)),
                Layer::named(
                    "L1",
                    Look::L1,
                    Shape::Line(loss_curve(sample, f64::abs, low)),
                ),
                Layer::named(
                    "L2",
                    Look::L2,
                    Shape::Line(loss_curve(sample, |r| r * r, mean(sample))),
                ),
                Layer::named(
                    "values",
                    Look::BLACK.thin(),
                    Shape::Points(sample.iter().map(|v| (*v, 0.9)).collect()),
                ),
            ];
            if low < high {
                layers.push(Layer::plain(
                    Look::L1.thick().thick(),
                    Shape::Line(vec![(low, 1.0), (high, 1.0)]),
                ));
            }
            for (series, look) in [("L1", Look::L1), ("L2", Look::L2)] {
                layers.push(Layer::named(
                    format!("{series}, as solved"),
                    look.thick().open(),
                    Shape::Points(vec![(fit(series), 1.0)]),
                ));
            }
            let text = |at: (f64, f64), look, text: &str, anchor| {
                let text = text.into();
                Layer::plain(look, Shape::Text { at, text, anchor })
            };
            let medians = match low < high {
                true => "medians",
                false => "median",
            };
            let beside = (low + high) / 2.0 + 0.35;
            layers.push(text((beside, 0.95), Look::L1, medians, Anchor::End));
            layers.push(text(
                (mean(sample) - 0.15, 0.95),
                Look::L2,
                "mean",
                Anchor::Start,
            ));
            Panel {
                heading: heading.into(),
                x: Side::linear("predicted constant").between(0.0, 8.0),
                y: Side::linear("mean loss, in multiples of the least").between(0.85, 2.2),
                layers,
                ..Panel::default()
            }
        };
        let quantile = |tau: f64| {
            let of = |quantity| rows.value("quantile", quantity, tau);
            ends(of("intercept"), of("slope"))
        };
        let loss = |series| {
            let of = |quantity| rows.value(series, quantity, 0.0);
            ends(of("intercept"), of("slope"))
        };
        let engel = Panel {
            heading: "Engel's households".into(),
            x: Side::linear("income, Belgian francs a year").between(300.0, 5100.0),
            y: Side::linear("spent on food, Belgian francs a year").between(200.0, 2400.0),
            layers: vec![
                Layer::plain(
                    Look::GREY.thin().open(),
                    Shape::Points(rows.line("households", "food")),
                ),
                Layer::named(
                    "quartiles by the quantile loss",
                    Look::L1.thin().dashed(),
                    Shape::Line(quantile(0.25)),
                ),
                Layer::named(
                    "quartiles by the quantile loss",
                    Look::L1.thin().dashed(),
                    Shape::Line(quantile(0.75)),
                ),
                Layer::named("L1", Look::L1, Shape::Line(loss("L1"))),
                Layer::named("L2", Look::L2, Shape::Line(loss("L2"))),
            ],
            ..Panel::default()
        };
        let pairs = |series, quantity| -> Vec<(f64, f64)> {
            let of = |series, quantity| {
                SIZES
                    .map(|size| rows.values(series, quantity, size as f64))
                    .concat()
            };
            of("sample", quantity)
                .into_iter()
                .zip(of(series, "fit"))
                .collect()
        };
        let agreement = Panel {
            heading: "100 log-normal samples of 24 and 25 values".into(),
            x: Side::linear("sample median (circles), sample mean (squares)").between(0.0, 4.0),
            y: Side::linear("fitted constant").between(0.0, 4.0),
            layers: vec![
                Layer::plain(Look::GREY.thin(), Shape::Line(vec![(0.0, 0.0), (4.0, 4.0)])),
                Layer::named(
                    "L2, as solved",
                    Look::L2.open(),
                    Shape::Points(pairs("L2", "mean")),
                ),
                Layer::named(
                    "L1, as solved",
                    Look::L1.open(),
                    Shape::Points(pairs("L1", "median")),
                ),
            ],
            ..Panel::default()
        };
        vec![Chart {
            stem: "median-mean".into(),
            title: "The constant with the least absolute loss is a median, with the least squared loss the mean".into(),
            panels: vec![
                curves("Seven values: one median", &ODD),
                curves("Eight values: every point between the middle two", &EVEN),
                agreement,
                engel,
            ],
            columns: 2,
            row_height: 400.0,
            notes: vec![
                "Above: two small samples. Below left: blue marks off the diagonal are samples of 24, where L1 may choose any point \
                 between the middle two, and the abscissa is their midpoint."
                    .into(),
                "Below right: 235 Belgian households of 1857; the two of high income and little food pull the L2 line down. After Koenker & \
                 Hallock (2001), Figure 3."
                    .into(),
            ],
        }]
    }
}

/// A line across the picture of Engel's data.
fn ends(intercept: f64, slope: f64) -> Vec<(f64, f64)> {
    [300.0, 5100.0].map(|x| (x, intercept + slope * x)).to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn medians_of_even_samples_are_an_interval() {
        assert_eq!(middle(&ODD), [1.4, 1.4]);
        assert_eq!(middle(&EVEN), [1.4, 2.2]);
        assert_eq!(distance(1.8, [1.4, 2.2]), 0.0);
        assert_eq!(distance(3.0, [1.0, 2.0]), 1.0);
        assert_eq!(distance(0.5, [1.0, 2.0]), 0.5);
    }

    #[test]
    fn loss_curves_have_their_least_value_at_median_and_mean() {
        let squared: fn(f64) -> f64 = |r| r * r;
        for (loss, minimiser) in [(f64::abs as _, 1.4), (squared, mean(&EVEN))] {
            let curve = loss_curve(&EVEN, loss, minimiser);
            let least = curve.iter().map(|p| p.1).fold(f64::INFINITY, f64::min);
            // The mean, 2.4875, lies between two points of the curve.
            assert!((1.0 - 1e-12..1.001).contains(&least), "{least}");
        }
    }
}
