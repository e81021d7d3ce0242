//! "L2 shrinks proportionally, L1 by a constant": lasso and ridge on an orthonormal design, against their closed forms.

use super::{Bound, Check, Claim, Rows, Ruling, interval};
use crate::figure::chart::{Anchor, Chart, Layer, Look, Panel, Shape, Side};
use faer::Mat;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};
use regpath_solvers::{FittedPath, SolveError, lasso, ridge};

/// Strength of both penalties.
const LAMBDA: f64 = 1.0;
/// Rows of the design.
const ROWS: usize = 40;
/// Columns of the design.
const COLUMNS: usize = 17;
/// Largest coefficient of least squares; the others are spaced evenly down to its negative.
const LARGEST: f64 = 4.0;

pub(super) struct Shrinkage;

/// The coefficient of least squares of column j.
fn least_squares(j: usize) -> f64 {
    LARGEST * (2.0 * j as f64 / (COLUMNS - 1) as f64 - 1.0)
}

fn soft_threshold(b: f64) -> f64 {
    b.signum() * (b.abs() - LAMBDA).max(0.0)
}

impl Claim for Shrinkage {
    fn id(&self) -> &'static str {
        "shrinkage"
    }

    fn claim(&self) -> &'static str {
        "L2 shrinks proportionally, L1 by a constant"
    }

    fn experiment(&self) -> &'static str {
        "Lasso and ridge at λ = 1 on random designs with XᵀX = nI, n = 40, p = 17, whose least-squares coefficients are −4, −3.5, …, 4"
    }

    fn sources(&self) -> &'static [&'static str] {
        &[
            "Hastie, Tibshirani & Friedman (2009), The Elements of Statistical Learning, Table 3.4",
            "Tibshirani (1996), Regression shrinkage and selection via the lasso, JRSS B 58, Figure 1",
        ]
    }

    fn trials(&self) -> usize {
        20
    }

    fn trial(&self, rng: &mut ChaCha8Rng, rows: &mut Rows) -> anyhow::Result<()> {
        let normal: Mat<f64> = Mat::from_fn(ROWS, COLUMNS, |_, _| StandardNormal.sample(rng));
        let q: Mat<f64> = normal.qr().compute_thin_Q();
        let x = Mat::from_fn(ROWS, COLUMNS, |i, j| (ROWS as f64).sqrt() * q[(i, j)]);
        let fit = |i: usize| (0..COLUMNS).map(|j| x[(i, j)] * least_squares(j)).sum();
        let y: Vec<f64> = (0..ROWS).map(fit).collect();
        let on_scale =
            |path: Result<FittedPath, SolveError>| Ok::<_, SolveError>(path?.coefficients(0));
        let l1 = lasso()
            .intercept(false)
            .standardize(false)
            .tol(1e-14)
            .lambdas([LAMBDA]);
        let l2 = ridge()
            .intercept(false)
            .standardize(false)
            .tol(1e-14)
            .lambdas([LAMBDA]);
        let l1 = on_scale(l1.fit(x.as_ref(), &y))?;
        let l2 = on_scale(l2.fit(x.as_ref(), &y))?;
        let worst = |found: &[f64], law: fn(f64) -> f64| {
            let off = found
                .iter()
                .enumerate()
                .map(|(j, b)| (b - law(least_squares(j))).abs());
            interval::largest(off)
        };
        rows.push("lasso", "off the law", 0.0, worst(&l1, soft_threshold));
        rows.push(
            "ridge",
            "off the law",
            0.0,
            worst(&l2, |b| b / (1.0 + LAMBDA)),
        );
        for j in 0..COLUMNS {
            rows.push("lasso", "coefficient", least_squares(j), l1[j]);
            rows.push("ridge", "coefficient", least_squares(j), l2[j]);
        }
        Ok(())
    }

    fn judge(&self, rows: &Rows) -> Ruling {
        let off =
            |series| interval::exact(interval::largest(rows.values(series, "off the law", 0.0)));
        Ruling {
            checks: vec![
                Check::new(
                    "largest distance of ridge from b/(1 + λ), all trials",
                    off("ridge"),
                    Bound::Below(1e-12),
                ),
                Check::new(
                    "largest distance of lasso from sign(b)(|b| − λ)₊, all trials",
                    off("lasso"),
                    Bound::Below(1e-12),
                ),
            ],
            sentence: "Where the columns are orthonormal, ridge multiplies every coefficient by 1/(1 + λ) and lasso takes λ off \
                       every coefficient until nothing is left: large effects suffer more from ridge, small ones vanish only \
                       under lasso."
                .into(),
        }
    }

    fn charts(&self, rows: &Rows) -> Vec<Chart> {
        let panel = |series: &str, heading: &str, look: Look, law: Vec<(f64, f64)>| Panel {
            heading: heading.into(),
            x: Side::linear("coefficient of least squares b").between(-4.3, 4.3),
            y: Side::linear("shrunk coefficient").between(-4.3, 4.3),
            layers: vec![
                Layer::plain(Look::PALE.thin(), Shape::Level(0.0)),
                Layer::plain(Look::PALE.thin(), Shape::Wall(0.0)),
                Layer::named(
                    "not shrunk",
                    Look::GREY.dashed().thin(),
                    Shape::Line(vec![(-4.3, -4.3), (4.3, 4.3)]),
                ),
                Layer::named(format!("{series}, closed form"), look, Shape::Line(law)),
                Layer::named(
                    format!("{series}, as solved"),
                    look.open(),
                    Shape::Points(rows.line(series, "coefficient")),
                ),
            ],
            equal: true,
            ..Panel::default()
        };
        let mut l1 = panel(
            "lasso",
            "L1: sign(b)·max(|b| − λ, 0)",
            Look::L1,
            [-4.3, -1.0, 1.0, 4.3]
                .map(|b| (b, soft_threshold(b)))
                .to_vec(),
        );
        l1.layers.push(Layer::plain(
            Look::BLACK,
            Shape::Text {
                at: (1.1, -0.45),
                text: "exactly 0".into(),
                anchor: Anchor::Start,
            },
        ));
        let l2 = panel(
            "ridge",
            "L2: b/(1 + λ)",
            Look::L2,
            [-4.3, 4.3].map(|b| (b, b / (1.0 + LAMBDA))).to_vec(),
        );
        vec![Chart {
            stem: "shrinkage".into(),
            title: "What lasso and ridge do to a coefficient where the columns are orthonormal"
                .into(),
            panels: vec![l1, l2],
            columns: 2,
            row_height: 520.0,
            notes: vec![
                format!(
                    "One random design with X^{{T}}X = nI, n = {ROWS}, p = {COLUMNS}; λ = {LAMBDA}."
                ),
                "After Hastie, Tibshirani & Friedman (2009), Table 3.4.".into(),
            ],
        }]
    }
}
