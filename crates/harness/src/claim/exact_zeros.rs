//! "L1 penalty gives exact zeros, L2 never": lasso and ridge paths on prostate cancer and diabetes, zeros counted bit by bit.
//!
//! Zero means 0.0. Inside (0, λ_max) the count that decides is the one at λ_max/10, since one just below λ_max would be trivial.
//! The two profiles follow the conventions of the book, which differ: ridge on rows that were scaled by all 97 men and not centred
//! again, lasso on columns of unit norm among the 67.

use super::data::{Table, table};
use super::labels::spread;
use super::prostate::{BOOK_DF, BOOK_S, NAMES, Prostate, moments, solve_for};
use super::{Bound, Check, Claim, Rows, Ruling, interval};
use crate::figure::chart::{Anchor, Chart, Layer, Look, Panel, Shape, Side};
use faer::Mat;
use regpath_solvers::{lasso, ridge};

/// What is tried, with the name of its training rows.
const DATA: [(&str, &str); 2] = [("prostate", "prostate-train"), ("diabetes", "diabetes")];
/// λ are counted at from 10 to this power …
const FROM: i32 = -4;
/// … up to 10 to this one.
const TO: i32 = 6;
/// λ of a decade.
const PER_DECADE: i32 = 30;
/// Multiples of λ_max at which everything must be 0.
const BEYOND: [f64; 6] = [1.0, 1.0 + f64::EPSILON, 1.01, 2.0, 10.0, 1e6];
/// Just below λ_max.
const BELOW: f64 = 1.0 - 1e-6;
/// Where between 0 and λ_max zeros are counted.
const INSIDE: f64 = 0.1;
/// Ridge in ESL Table 3.3.
const BOOK_RIDGE: [f64; 8] = [0.420, 0.238, -0.046, 0.162, 0.227, 0.000, 0.040, 0.133];
/// Lasso in ESL Table 3.3.
const BOOK_LASSO: [f64; 8] = [0.533, 0.169, 0.0, 0.002, 0.094, 0.0, 0.0, 0.0];
/// Relative gap to which every path is solved.
const TOL: f64 = 1e-12;

pub(super) struct ExactZeros;

fn count_grid() -> Vec<f64> {
    let power = |k: i32| 10f64.powf(f64::from(k) / f64::from(PER_DECADE));
    (FROM * PER_DECADE..=TO * PER_DECADE).map(power).collect()
}

fn worst(found: &[f64], printed: &[f64]) -> f64 {
    let off = found.iter().zip(printed).map(|(a, b)| (a - b).abs());
    off.fold(0.0, f64::max)
}

/// The profiles of ESL Figures 3.8 and 3.10, and the columns of its Table 3.3.
fn profiles(rows: &mut Rows) -> anyhow::Result<()> {
    let book = Prostate::load()?;
    let (z, n, centred) = (&book.z, book.rows(), &book.centred);

    // The book's ‖y − Zb‖² + λ‖b‖² is 2n times what is solved here at λ/n.
    let factor = book.ridge_factor()?;
    let plain = ridge().intercept(false).standardize(false).tol(TOL);
    let mut lambdas: Vec<f64> = (-60..=60)
        .map(|k| 10f64.powf(f64::from(k) / 15.0))
        .collect();
    lambdas.push(0.0);
    let path = plain.clone().lambdas(lambdas).fit(z.as_ref(), centred)?;
    for (k, point) in path.points.iter().enumerate() {
        for (name, b) in NAMES.iter().zip(path.coefficients(k)) {
            rows.push(
                "ridge",
                &format!("profile {name}"),
                factor.df(point.lambda),
                b,
            );
        }
    }
    let chosen = solve_for(-BOOK_DF, |lambda| Ok(-factor.df(lambda)))?;
    rows.push("ridge", "the book's λ", 0.0, n * chosen);
    let path = plain.lambdas([chosen]).fit(z.as_ref(), centred)?;
    let found = path.coefficients(0);
    rows.push("ridge", "off Table 3.3", 0.0, worst(&found, &BOOK_RIDGE));
    let zeros = found.iter().filter(|b| **b == 0.0).count();
    rows.push("ridge", "zeros in the book", 0.0, zeros as f64);

    // Columns are divided by their deviations among the 67, which is their unit norm up to √n.
    let sd: Vec<f64> = (0..8).map(|j| moments(z, j).1).collect();
    let size = |b: &[f64]| b.iter().zip(&sd).map(|(b, sd)| b.abs() * sd).sum::<f64>();
    let fit = |lambdas: Vec<f64>| lasso().tol(TOL).lambdas(lambdas).fit(z.as_ref(), &book.y);
    let longest = size(&fit(vec![0.0])?.coefficients(0));
    let mut lambdas: Vec<f64> = (0..=240)
        .map(|k| 10f64.powf(f64::from(k) / 60.0 - 4.0))
        .collect();
    lambdas.push(0.0);
    let path = fit(lambdas)?;
    for k in 0..path.points.len() {
        let b = path.coefficients(k);
        let s = size(&b) / longest;
        for (name, b) in NAMES.iter().zip(b) {
            rows.push("lasso", &format!("profile {name}"), s, b);
        }
    }
    let chosen = solve_for(-BOOK_S, |lambda| {
        Ok(-size(&fit(vec![lambda])?.coefficients(0)) / longest)
    })?;
    let found = fit(vec![chosen])?.coefficients(0);
    rows.push("lasso", "off Table 3.3", 0.0, worst(&found, &BOOK_LASSO));
    let zeros = found.iter().filter(|b| **b == 0.0).count();
    rows.push("lasso", "zeros in the book", 0.0, zeros as f64);
    Ok(())
}

/// Zeros of both paths on one data set.
fn counts(rows: &mut Rows, name: &str, data: &Table) -> anyhow::Result<()> {
    let p = data.x.ncols();
    let (l1, l2) = (format!("lasso, {name}"), format!("ridge, {name}"));
    let lambda_max = lasso().fit(data.x.as_ref(), &data.y)?.points[0].lambda;
    rows.push(&l1, "λ_max", 0.0, lambda_max);
    rows.push(&l1, "features", 0.0, p as f64);
    let single = |lambda: f64| -> anyhow::Result<f64> {
        let path = lasso().tol(TOL).lambdas([lambda]);
        let path = path.fit(data.x.as_ref(), &data.y)?;
        Ok((p - path.points[0].nonzeros.len()) as f64)
    };
    for multiple in BEYOND.into_iter().chain([BELOW, INSIDE]) {
        rows.push(
            &l1,
            "zeros at a multiple",
            multiple,
            single(multiple * lambda_max)?,
        );
    }
    let path = lasso().tol(TOL).lambdas(count_grid());
    let path = path.fit(data.x.as_ref(), &data.y)?;
    rows.push(&l1, "gap", 0.0, path.worst_gap());
    for point in &path.points {
        rows.push(
            &l1,
            "zeros",
            point.lambda,
            (p - point.nonzeros.len()) as f64,
        );
    }
    let path = ridge().tol(TOL).lambdas(count_grid());
    let path = path.fit(data.x.as_ref(), &data.y)?;
    rows.push(&l2, "gap", 0.0, path.worst_gap());
    let mut crossings = 0;
    let mut before: Option<Vec<f64>> = None;
    for (k, point) in path.points.iter().enumerate() {
        rows.push(
            &l2,
            "zeros",
            point.lambda,
            (p - point.nonzeros.len()) as f64,
        );
        let b = path.coefficients(k);
        if let Some(before) = &before {
            crossings += b.iter().zip(before).filter(|(b, a)| *b * *a < 0.0).count();
        }
        before = Some(b);
    }
    rows.push(&l2, "sign changes", 0.0, crossings as f64);
    // In deviations of y per deviation of x, so that units do not matter.
    let (scale, y) = (
        |j| moments(&data.x, j).1,
        Mat::from_fn(data.y.len(), 1, |i, _| data.y[i]),
    );
    let strongest = path.coefficients(0);
    let sizes = strongest
        .iter()
        .enumerate()
        .map(|(j, b)| b.abs() * scale(j) / moments(&y, 0).1);
    rows.push(
        &l2,
        "smallest coefficient",
        0.0,
        sizes.fold(f64::INFINITY, f64::min),
    );
    Ok(())
}

/// Counts as stairs: each holds up to the geometric middle between its λ and the next.
fn stairs(counts: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let mut corners: Vec<(f64, f64)> = counts.first().copied().into_iter().collect();
    for pair in counts.windows(2).filter(|pair| pair[0].1 != pair[1].1) {
        let edge = (pair[0].0 * pair[1].0).sqrt();
        corners.extend([(edge, pair[0].1), (edge, pair[1].1)]);
    }
    corners.extend(counts.last());
    corners
}

impl Claim for ExactZeros {
    fn id(&self) -> &'static str {
        "exact-zeros"
    }

    fn claim(&self) -> &'static str {
        "L1 penalty gives exact zeros, L2 never"
    }

    fn experiment(&self) -> &'static str {
        "Lasso and ridge paths of the 67 training rows of prostate cancer (p = 8) and of diabetes (n = 442, p = 10), 301 λ from 1e-4 to \
         1e6; a zero is the number 0.0"
    }

    fn sources(&self) -> &'static [&'static str] {
        &[
            "Hastie, Tibshirani & Friedman (2009), The Elements of Statistical Learning, 2nd ed., Figures 3.8 and 3.10, Table 3.3",
            "Tibshirani (1996), Regression shrinkage and selection via the lasso, JRSS B 58",
            "Efron, Hastie, Johnstone & Tibshirani (2004), Least angle regression, Annals of Statistics 32",
        ]
    }

    fn fixed(&self, rows: &mut Rows) -> anyhow::Result<()> {
        profiles(rows)?;
        for (name, id) in DATA {
            counts(rows, name, &table(id)?)?;
        }
        Ok(())
    }

    fn judge(&self, rows: &Rows) -> Ruling {
        let exact =
            |series: &str, quantity: &str| interval::exact(rows.value(series, quantity, 0.0));
        let most = |series: &str| {
            let zeros = rows.line(series, "zeros");
            interval::largest(zeros.iter().map(|(_, zeros)| *zeros))
        };
        let mut checks = Vec::new();
        let mut kept: f64 = 0.0;
        for (name, _) in DATA {
            let (l1, l2) = (format!("lasso, {name}"), format!("ridge, {name}"));
            let p = rows.value(&l1, "features", 0.0);
            let at = |multiple: f64| rows.value(&l1, "zeros at a multiple", multiple);
            checks.push(Check::new(
                format!("{name}: coefficients of lasso that are 0.0 at λ_max/10"),
                interval::exact(at(INSIDE)),
                Bound::Above(0.0),
            ));
            let beyond = BEYOND.iter().map(|multiple| p - at(*multiple));
            let beyond = interval::largest(beyond);
            kept = kept.max(beyond);
            checks.push(Check::new(
                format!("{name}: most coefficients of lasso that are not 0.0 at λ ≥ λ_max"),
                interval::exact(beyond),
                Bound::Below(0.5),
            ));
            checks.push(Check::new(
                format!("{name}: coefficients of lasso that are not 0.0 at (1 − 1e-6) λ_max"),
                interval::exact(p - at(BELOW)),
                Bound::Above(0.0),
            ));
            checks.push(Check::new(
                format!(
                    "{name}: most coefficients of ridge that are 0.0 at any λ from 1e-4 to 1e6"
                ),
                interval::exact(most(&l2)),
                Bound::Below(0.5),
            ));
        }
        for (name, _) in DATA {
            let (l1, l2) = (format!("lasso, {name}"), format!("ridge, {name}"));
            checks.push(Check::told(
                format!("{name}: smallest coefficient of ridge at λ = 1e6, in deviations of y per deviation of x"),
                exact(&l2, "smallest coefficient"),
            ));
            checks.push(Check::told(
                format!("{name}: changes of sign along the path of ridge, each a single λ at which a coefficient passes through 0"),
                exact(&l2, "sign changes"),
            ));
            checks.push(Check::told(
                format!("{name}: worst relative gap of the lasso path"),
                exact(&l1, "gap"),
            ));
        }
        for series in ["lasso", "ridge"] {
            checks.push(Check::told(
                format!("zeros of {series} in the model of ESL Table 3.3"),
                exact(series, "zeros in the book"),
            ));
            checks.push(Check::told(
                format!("largest distance of {series} from the three decimals of ESL Table 3.3"),
                exact(series, "off Table 3.3"),
            ));
        }
        let book = |series: &str| rows.value(series, "zeros in the book", 0.0);
        let l2 = DATA.map(|(name, _)| most(&format!("ridge, {name}")));
        Ruling {
            sentence: format!(
                "On the prostate data of the textbook lasso drops {} of 8 coefficients and ridge {}; from λ_max on lasso keeps {kept}, \
                 while ridge up to λ = 10⁶ {}.",
                book("lasso"),
                book("ridge"),
                if l2 == [0.0; 2] {
                    "has none at any of the λ that were tried"
                } else {
                    "has zeros too"
                }
            ),
            checks,
        }
    }

    fn charts(&self, rows: &Rows) -> Vec<Chart> {
        let profile =
            |series: &str, look: Look, heading: &str, x: Side, wall: (f64, &str), label: f64| {
                let lines = NAMES.map(|name| rows.line(series, &format!("profile {name}")));
                let ends = lines
                    .each_ref()
                    .map(|line| line.last().map_or(f64::NAN, |p| p.1));
                let mut layers = vec![
                    Layer::plain(Look::PALE.thin(), Shape::Level(0.0)),
                    Layer::plain(Look::GREY.dashed().thin(), Shape::Wall(wall.0)),
                    Layer::plain(
                        Look::GREY,
                        Shape::Text {
                            at: (wall.0 - 0.02 * label, 0.68),
                            text: wall.1.into(),
                            anchor: Anchor::End,
                        },
                    ),
                ];
                for ((line, place), name) in lines.into_iter().zip(spread(&ends, 0.056)).zip(NAMES)
                {
                    layers.push(Layer::named(series, look.thin(), Shape::Line(line)));
                    layers.push(Layer::plain(
                        Look::BLACK,
                        Shape::Text {
                            at: (label, place),
                            text: name.into(),
                            anchor: Anchor::Start,
                        },
                    ));
                }
                Panel {
                    heading: heading.into(),
                    x,
                    y: Side::linear("coefficient (log PSA per deviation)").between(-0.34, 0.74),
                    layers,
                    ..Panel::default()
                }
            };
        let mut panels = vec![
            profile(
                "ridge",
                Look::L2,
                "L2: every coefficient stays until the end",
                Side::linear("effective degrees of freedom df(λ)")
                    .between(0.0, 9.5)
                    .with_ticks((0..=8).map(|df| (f64::from(df), df.to_string())).collect()),
                (BOOK_DF, "the book's choice: df = 5"),
                8.15,
            ),
            profile(
                "lasso",
                Look::L1,
                "L1: coefficients enter one after another",
                Side::linear("s = Σ|β| / its largest value")
                    .between(0.0, 1.19)
                    .with_ticks(
                        (0..=5)
                            .map(|k| (f64::from(k) / 5.0, format!("{:.1}", f64::from(k) / 5.0)))
                            .collect(),
                    ),
                (BOOK_S, "the book's choice"),
                1.02,
            ),
        ];
        for (name, _) in DATA {
            let (l1, l2) = (format!("lasso, {name}"), format!("ridge, {name}"));
            let p = rows.value(&l1, "features", 0.0);
            let lambda_max = rows.value(&l1, "λ_max", 0.0);
            panels.push(Panel {
                heading: format!("Zeros among {p} coefficients, {name}"),
                x: Side::log("λ"),
                y: Side::linear("coefficients that are 0.0").between(-0.5, p + 0.9),
                layers: vec![
                    Layer::plain(Look::GREY.dashed().thin(), Shape::Wall(lambda_max)),
                    Layer::plain(
                        Look::GREY,
                        Shape::Text {
                            at: (1.3 * lambda_max, 0.5 * p),
                            text: "λ_{max}".into(),
                            anchor: Anchor::Start,
                        },
                    ),
                    Layer::named(
                        "lasso",
                        Look::L1,
                        Shape::Line(stairs(&rows.line(&l1, "zeros"))),
                    ),
                    Layer::named(
                        "ridge",
                        Look::L2,
                        Shape::Line(stairs(&rows.line(&l2, "zeros"))),
                    ),
                ],
                ..Panel::default()
            });
        }
        vec![Chart {
            stem: "exact-zeros".into(),
            title: "Where the coefficients of lasso and ridge are exactly zero".into(),
            panels,
            columns: 2,
            row_height: 380.0,
            notes: vec![
                "Top: profiles of the 67 training rows of prostate cancer, in deviations of all 97.".into(),
                format!(
                    "The path has the digits of the book's lasso at s = {BOOK_S}, where the dashed line stands; the book prints 0.36."
                ),
                "Bottom: how many coefficients are the number 0.0 at each λ, in units of squared loss / 2n with columns standardised.".into(),
                "After Hastie, Tibshirani & Friedman (2009), Figures 3.8 and 3.10.".into(),
            ],
        }]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stairs_change_between_their_places() {
        let corners = stairs(&[(1.0, 0.0), (4.0, 0.0), (16.0, 2.0)]);
        assert_eq!(corners, [(1.0, 0.0), (8.0, 0.0), (8.0, 2.0), (16.0, 2.0)]);
    }
}
