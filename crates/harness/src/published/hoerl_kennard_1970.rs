//! Hoerl & Kennard (1970): the ridge trace, on Longley's data, with the k of three rules.

use super::{NUMBER, Reproduction, Scale};
use crate::claim::Rows;
use crate::claim::data::table;
use crate::claim::labels::spread;
use crate::figure::chart::{Anchor, Chart, Layer, Look, Panel, Shape, Side};
use faer::Mat;
use faer::linalg::solvers::Solve;
use regpath_solvers::design::Dense;
use regpath_solvers::ridge;
use regpath_solvers::solver::RidgeFactor;

/// Columns of Longley's data, as the picture names them.
const NAMES: [&str; 6] = [
    "GNP deflator",
    "GNP",
    "unemployed",
    "armed forces",
    "population",
    "year",
];
/// k at which coefficients are compared.
const COMPARED: [f64; 3] = [0.01, 0.1, 1.0];
/// k in the scaling of `lm.ridge`, which is n times ours, at which Faraway prints coefficients.
const FARAWAY: f64 = 0.03;
/// Step of Faraway's grid in that scaling.
const FARAWAY_STEP: f64 = 0.001;
/// Right end of the narrow trace.
const NARROW: f64 = 0.004;
/// Points of each trace.
const POINTS: u32 = 400;
/// The rules by which k is chosen, as rows and legend name them.
const RULES: [&str; 3] = ["GCV", "Hoerl–Kennard–Baldwin", "Lawless–Wang"];
/// Rows that hold the residual sum.
const RESIDUAL: &str = "residual sum of squares";

pub(super) struct Figure;

/// The data in correlation form: columns and response have mean 0 and mean square 1, so that XᵀX/n is their correlation matrix.
struct Standardised {
    x: Mat<f64>,
    y: Vec<f64>,
    /// Deviations (divisor n) of the columns.
    scales: Vec<f64>,
    /// Deviation (divisor n) of the response.
    scale: f64,
}

/// About the mean and divided by the root of the mean square, which is returned too.
fn standardise(values: &[f64]) -> (Vec<f64>, f64) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let scale = (values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / n).sqrt();
    (values.iter().map(|v| (v - mean) / scale).collect(), scale)
}

impl Standardised {
    fn load() -> anyhow::Result<Self> {
        let data = table("longley")?;
        let columns: Vec<(Vec<f64>, f64)> = (0..data.x.ncols())
            .map(|j| standardise(data.x.col_as_slice(j)))
            .collect();
        let (y, scale) = standardise(&data.y);
        Ok(Self {
            x: Mat::from_fn(y.len(), columns.len(), |i, j| columns[j].0[i]),
            scales: columns.iter().map(|c| c.1).collect(),
            y,
            scale,
        })
    }

    fn n(&self) -> f64 {
        self.y.len() as f64
    }

    /// Coefficients at k by the solver. With this scaling λ of (1/2n)‖y − Xb‖² + ½λ‖b‖² is k of (XᵀX/n + kI)b = Xᵀy/n.
    fn solve(&self, k: f64) -> anyhow::Result<Vec<f64>> {
        let path = ridge().intercept(false).standardize(false).tol(1e-13);
        Ok(path
            .lambdas([k])
            .fit(self.x.as_ref(), &self.y)?
            .coefficients(0))
    }

    /// The same from R + kI by elimination, R the correlation matrix.
    fn eliminate(&self, k: f64) -> Vec<f64> {
        let p = self.x.ncols();
        let product = |a: &[f64], b: &[f64]| -> f64 {
            a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>() / self.n()
        };
        let column = |j: usize| self.x.col_as_slice(j);
        let matrix = Mat::from_fn(p, p, |i, j| {
            product(column(i), column(j)) + if i == j { k } else { 0.0 }
        });
        let right = Mat::from_fn(p, 1, |i, _| product(column(i), &self.y));
        matrix
            .partial_piv_lu()
            .solve(&right)
            .col_as_slice(0)
            .to_vec()
    }

    /// ‖y − Xb‖²/n: the residual sum where y has length 1.
    fn residual(&self, b: &[f64]) -> f64 {
        let squares = self.y.iter().enumerate().map(|(i, y)| {
            let fit = (b.iter().enumerate()).map(|(j, b)| self.x[(i, j)] * b);
            (y - fit.sum::<f64>()).powi(2)
        });
        squares.sum::<f64>() / self.n()
    }

    /// Σ of the squares of Xb, over n.
    fn explained(&self, b: &[f64]) -> f64 {
        let fit = |i: usize| -> f64 {
            (b.iter().enumerate())
                .map(|(j, b)| self.x[(i, j)] * b)
                .sum()
        };
        (0..self.y.len()).map(|i| fit(i).powi(2)).sum::<f64>() / self.n()
    }
}

fn squares(b: &[f64]) -> f64 {
    b.iter().map(|b| b * b).sum()
}

/// Where a function of ln k has its only minimum between two k: golden section to the digits that its values allow, then the middle
/// between two points of one height, which has more.
fn lowest(low: f64, high: f64, value: impl Fn(f64) -> f64) -> f64 {
    let share = 0.5 * (5f64.sqrt() - 1.0);
    let (mut low, mut high) = (low.ln(), high.ln());
    while high - low > 1e-3 {
        let (left, right) = (high - share * (high - low), low + share * (high - low));
        if value(left.exp()) < value(right.exp()) {
            high = right;
        } else {
            low = left;
        }
    }
    // The sign of a central difference changes at the minimum, up to the square of its step.
    let slope = |at: f64| value((at + 1e-4).exp()) - value((at - 1e-4).exp());
    let (mut low, mut high) = (low - 1e-3, high + 1e-3);
    for _ in 0..60 {
        let middle = 0.5 * (low + high);
        if slope(middle) < 0.0 {
            low = middle;
        } else {
            high = middle;
        }
    }
    (0.5 * (low + high)).exp()
}

impl Reproduction for Figure {
    fn id(&self) -> &'static str {
        "hoerl-kennard-1970"
    }

    fn title(&self) -> &'static str {
        "Hoerl & Kennard (1970), the ridge trace"
    }

    fn shows(&self) -> &'static str {
        "Standardised coefficients and residual sum of squares of ridge against k, on Longley's data, with the k of three rules"
    }

    fn settings(&self) -> &'static str {
        "Longley's data, n = 16, p = 6, in correlation form: columns and response have mean 0 and length 1, (R + kI)b = r. With mean square 1 \
         instead of length 1, k is our λ. Hoerl–Kennard–Baldwin k = ps²/Σb², Lawless–Wang k = ps²/(b'Rb), both at k = 0 with \
         s² = RSS/(n − p − 1); GCV minimises (RSS/n)/(1 − (df + 1)/n)². MASS takes p − 2 for p and n for 1 in the first two, and leaves the \
         intercept out of the third."
    }

    fn deviations(&self) -> &'static [&'static str] {
        &[
            "The paper draws the trace of a problem with ten factors, whose data it does not print; here it is drawn for Longley's.",
            "The rules for k are of 1975, 1976 and 1979, later than the paper, which reads k off the trace.",
            "Printed numbers are those of Faraway (2002), § 9.5, for Longley's data, and NIST's certified least squares.",
        ]
    }

    fn measure(&self, _scale: Scale, rows: &mut Rows) -> anyhow::Result<()> {
        let data = Standardised::load()?;
        let (n, p) = (data.n(), NAMES.len());
        let design = Dense::try_new(data.x.as_ref())?;
        let factor = RidgeFactor::new(&design, &data.y)?;
        let mut number = |name: &str, value: f64| rows.push(name, NUMBER, 0.0, value);

        let least_squares = data.solve(0.0)?;
        let variance = data.residual(&least_squares) / (n - p as f64 - 1.0);
        let baldwin = variance / squares(&least_squares);
        let wang = variance / data.explained(&least_squares);
        let gcv = lowest(1e-6, 1e-1, |k| factor.gcv(&design, &data.y, k, true));
        let chosen = [gcv, p as f64 * baldwin, p as f64 * wang];
        for (rule, k) in RULES.iter().zip(chosen) {
            number(&format!("{rule} k"), k);
        }
        // MASS counts k in units of XᵀX of columns with mean square 1, n times ours.
        let modified = n * (p as f64 - 2.0);
        number("MASS, modified Hoerl–Kennard–Baldwin", modified * baldwin);
        number("MASS, modified Lawless–Wang", modified * wang);
        let grid = (0..=100).map(|i| f64::from(i) * FARAWAY_STEP);
        let on_grid = grid.min_by(|a, b| {
            let value = |k: f64| factor.gcv(&design, &data.y, k / n, false);
            value(*a).total_cmp(&value(*b))
        });
        number(
            "MASS, smallest GCV on Faraway's grid",
            on_grid.unwrap_or(f64::NAN),
        );

        // Faraway's response is in millions, NIST's in thousands.
        let million = data.scale / 1000.0;
        let ridge = data.solve(FARAWAY / n)?;
        for (j, name) in NAMES.iter().enumerate() {
            let b = least_squares[j];
            number(
                &format!("{name}, least squares, per deviation"),
                million * b,
            );
            number(
                &format!("{name}, k = 0.03/16, per deviation"),
                million * ridge[j],
            );
            number(
                &format!("{name}, least squares, certified"),
                b * data.scale / data.scales[j],
            );
        }
        number(
            "residual deviation, certified",
            data.scale * (n * variance).sqrt(),
        );

        for k in COMPARED {
            let b = data.solve(k)?;
            for (name, b) in NAMES.iter().zip(&b) {
                number(&format!("k = {k}, {name}"), *b);
            }
            number(&format!("k = {k}, {RESIDUAL}"), data.residual(&b));
        }

        let mut off: f64 = 0.0;
        let (mut longer, mut closer) = (0, 0);
        for (trace, end) in [("wide", 1.0), ("narrow", NARROW)] {
            let mut before: Option<(f64, f64)> = None;
            for step in 0..=POINTS {
                // Squares of an even grid, as the traces are steep where k is small.
                let k = end * (f64::from(step) / f64::from(POINTS)).powi(2);
                let b = data.solve(k)?;
                let exact = data.eliminate(k);
                off = (b.iter().zip(&exact)).fold(off, |off, (a, b)| off.max((a - b).abs()));
                let here = (squares(&b), data.residual(&b));
                if let Some(before) = before {
                    longer += usize::from(here.0 >= before.0);
                    closer += usize::from(here.1 <= before.1);
                }
                before = Some(here);
                for (name, b) in NAMES.iter().zip(&b) {
                    rows.push(name, trace, k, *b);
                }
                rows.push(RESIDUAL, trace, k, here.1);
            }
        }
        for (rule, k) in RULES.iter().zip(chosen) {
            for (name, b) in NAMES.iter().zip(data.solve(k)?) {
                rows.push(name, rule, k, b);
            }
            rows.push(rule, "k", 0.0, k);
        }
        for (name, value) in [
            ("largest distance of ridge from the closed form", off),
            (
                "steps in k at which the coefficients become longer",
                longer as f64,
            ),
            (
                "steps in k at which the residual sum does not grow",
                closer as f64,
            ),
        ] {
            rows.push(name, NUMBER, 0.0, value);
        }
        Ok(())
    }

    fn charts(&self, rows: &Rows) -> Vec<Chart> {
        let panel = |trace: &str, end: f64, heading: &str, ticks: Vec<(f64, String)>, rules| {
            // Only as far as the lines, as names stand beyond.
            let zero = Shape::Line(vec![(-0.02 * end, 0.0), (end, 0.0)]);
            let mut layers = vec![Layer::plain(Look::GREY.thin(), zero)];
            if rules {
                let looks = [
                    Look::GREY.thin(),
                    Look::GREY.dashed().thin(),
                    Look::GREY.dotted().thin(),
                ];
                for (rule, look) in RULES.into_iter().zip(looks) {
                    let k = rows.value(rule, "k", 0.0);
                    layers.push(Layer::named(format!("k by {rule}"), look, Shape::Wall(k)));
                }
            }
            let lines = NAMES.map(|name| rows.line(name, trace));
            let ends = lines
                .each_ref()
                .map(|line| line.last().map_or(f64::NAN, |p| p.1));
            let places = spread(&ends, 0.155);
            for (j, line) in lines.into_iter().enumerate() {
                let look = Look::other(j);
                let lead = vec![(1.01 * end, ends[j]), (1.045 * end, places[j])];
                layers.extend([
                    Layer::plain(look, Shape::Line(line)),
                    Layer::plain(Look::PALE.thin(), Shape::Line(lead)),
                    Layer::plain(
                        look,
                        Shape::Text {
                            at: (1.055 * end, places[j]),
                            text: NAMES[j].into(),
                            anchor: Anchor::Start,
                        },
                    ),
                ]);
            }
            layers.push(Layer::named(
                "residual sum of squares φ",
                Look::BLACK.dashed(),
                Shape::Line(rows.line(RESIDUAL, trace)),
            ));
            Panel {
                heading: heading.into(),
                x: Side::linear("k")
                    .between(-0.02 * end, 1.34 * end)
                    .with_ticks(ticks),
                y: Side::linear("standardised coefficient").between(-1.2, 2.65),
                layers,
                ..Panel::default()
            }
        };
        let ticks = |end: f64, parts: u32| -> Vec<(f64, String)> {
            let at = |i: u32| end * f64::from(i) / f64::from(parts);
            (0..=parts)
                .map(|i| (at(i), format!("{}", (at(i) * 1e6).round() / 1e6)))
                .collect()
        };
        vec![Chart {
            stem: self.id().into(),
            title: "The ridge trace of Longley's data".into(),
            panels: vec![
                panel("wide", 1.0, "The trace", ticks(1.0, 5), false),
                panel(
                    "narrow",
                    NARROW,
                    "Its first part, with three rules for k",
                    ticks(NARROW, 4),
                    true,
                ),
            ],
            columns: 2,
            row_height: 600.0,
            notes: vec![
                "Longley's data, 16 years, in correlation form: (R + kI)b = r with R the correlation matrix of the six columns and r their \
                 correlations with employment."
                    .into(),
                "Hoerl–Kennard–Baldwin k = ps²/Σb² and Lawless–Wang k = ps²/(b^{T}Rb) from least squares; GCV counts the intercept."
                    .into(),
                "After Hoerl & Kennard (1970), whose trace is of another problem, with ten factors.".into(),
            ],
        }]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lowest_point_is_found_to_more_digits_than_values_alone_allow() {
        let found = lowest(1e-3, 1e3, |k| 1.0 + (k.ln() - 0.7).powi(2));
        assert!((found.ln() - 0.7).abs() < 1e-9);
    }
}
