//! Efron, Hastie, Johnstone & Tibshirani (2004), Figures 1 and 3: lasso and least angle regression on the diabetes data.

use super::knot_path::{KnotPath, size};
use super::{NUMBER, Reproduction, Scale};
use crate::claim::Rows;
use crate::claim::data::{Table, table};
use crate::claim::end_labels::{EndLabel, end_labels};
use crate::figure::chart::{Anchor, Chart, Layer, Look, Panel, Shape, Side};
use anyhow::{Context, ensure};
use regpath_solvers::criteria::{Criteria, DegreesOfFreedom, Sample};
use regpath_solvers::design::{Dense, Design};
use regpath_solvers::solver::Move;

/// The variables in the order in which the paper numbers them from 1.
const NAMES: [&str; 10] = [
    "age", "sex", "bmi", "map", "tc", "ldl", "hdl", "tch", "ltg", "glu",
];
/// The column that leaves the lasso and comes back.
const HDL: usize = 6;
/// Step whose coefficients are compared with the stored ones.
const CHOSEN: usize = 7;
/// Ends of the vertical axes of both paths.
const HEIGHTS: (f64, f64) = (-900.0, 900.0);

pub(super) struct Efron2004;

/// The response less its mean, and that mean.
fn centred(data: &Table) -> (Vec<f64>, f64) {
    let mean = data.y.iter().sum::<f64>() / data.y.len() as f64;
    (data.y.iter().map(|y| y - mean).collect(), mean)
}

fn residuals(x: &Dense, y: &[f64], beta: &[f64]) -> Vec<f64> {
    let mut fit = vec![0.0; y.len()];
    x.mul(beta, &mut fit);
    y.iter().zip(&fit).map(|(y, z)| y - z).collect()
}

fn sum_of_squares(values: &[f64]) -> f64 {
    values.iter().map(|v| v * v).sum()
}

/// Records a number beside what the original software stored and beside what two other packages compute.
fn push_both(rows: &mut Rows, name: &str, value: f64) {
    rows.push(name, NUMBER, 0.0, value);
    rows.push(&format!("{name}, recomputed"), NUMBER, 0.0, value);
}

/// Least angle regression until a coefficient of the lasso would change its sign, which is where the two part, and from there to
/// least squares. Errors: the lasso parts before all columns have joined, so that its knots do not say how the other goes on.
fn least_angles(lasso: &KnotPath) -> anyhow::Result<Vec<Vec<f64>>> {
    let joined = (lasso.moves.iter())
        .take_while(|change| matches!(change, Move::Join(_)))
        .count();
    ensure!(
        joined == NAMES.len(),
        "a column leaves before all have joined"
    );
    // With all columns active the direction of equal angles is the straight one to least squares.
    let end = lasso.points.last().context("a path without an end")?;
    let knots = lasso.points[..joined].iter().chain([end]);
    Ok(knots.map(|(_, beta)| beta.clone()).collect())
}

/// Sizes, coefficients and, for every step, whatever is told of the lasso.
fn lasso_numbers(
    rows: &mut Rows,
    path: &KnotPath,
    x: &Dense,
    y: &[f64],
    mean: f64,
) -> anyhow::Result<()> {
    let n = y.len() as f64;
    for (k, (change, (lambda, _))) in path.moves.iter().zip(&path.points).enumerate() {
        // lars minimises ½‖r‖² + λ‖b‖₁, which is n times what is solved here at λ/n.
        push_both(rows, &format!("λ of knot {}", k + 1), n * lambda);
        let column = match change {
            Move::Join(j) => (j + 1) as f64,
            Move::Drop(j) => -((j + 1) as f64),
        };
        push_both(rows, &format!("column of move {}", k + 1), column);
    }
    rows.push("steps of the lasso", NUMBER, 0.0, path.moves.len() as f64);

    // The columns that are active on the segment that ends at a step; one that reaches 0 there still counts.
    let mut active: Vec<usize> = Vec::new();
    let mut supports: Vec<Vec<usize>> = vec![Vec::new()];
    for change in &path.moves {
        match change {
            Move::Join(j) => active.push(*j),
            Move::Drop(j) => active.retain(|k| k != j),
        }
        active.sort_unstable();
        supports.push(active.clone());
    }
    let freedom = DegreesOfFreedom::new(x, supports.iter().map(Vec::as_slice));
    let sample = Sample {
        rows: y.len(),
        columns: x.ncols(),
        intercept: true,
        variance: freedom.noise_variance(y, true),
    };
    let variance = sample.variance.context("no variance of the noise")?;
    let total = sum_of_squares(y);
    let longest = path.points.last().map_or(f64::NAN, |(_, beta)| size(beta));
    let mut least = (f64::INFINITY, 0);
    for (k, ((_, beta), support)) in path.points.iter().zip(&supports).enumerate() {
        let rss = sum_of_squares(&residuals(x, y, beta));
        let df = freedom
            .at(support, &vec![0.0; support.len()])
            .context("no degrees of freedom")?;
        let criteria = Criteria::new(&sample, rss, df, support.len());
        // The library's C_p is that of ESL, RSS/n + 2 σ² df/n, and lars divides by σ²/n and subtracts n.
        let cp = n * criteria.cp.context("no C_p")? / variance - n;
        if cp < least.0 {
            least = (cp, k);
        }
        push_both(rows, &format!("Cp at step {k}"), cp);
        rows.push("lasso", "Cp", k as f64, cp);
        let numbers = [
            (format!("RSS at step {k}"), rss),
            (format!("degrees of freedom at step {k}"), df + 1.0),
            (
                format!("share of the largest Σ|β| at step {k}"),
                size(beta) / longest,
            ),
            (format!("R² at step {k}"), 1.0 - rss / total),
        ];
        for (name, value) in numbers {
            rows.push(&name, NUMBER, 0.0, value);
        }
        for (name, b) in NAMES.iter().zip(beta) {
            rows.push(&format!("{name} at step {k}"), NUMBER, 0.0, *b);
            if k == CHOSEN {
                push_both(rows, &format!("{name} at the least Cp"), *b);
            }
        }
    }
    rows.push("intercept at the least Cp, recomputed", NUMBER, 0.0, mean);
    rows.push("step of the least Cp", NUMBER, 0.0, least.1 as f64);
    Ok(())
}

impl Reproduction for Efron2004 {
    fn id(&self) -> &'static str {
        "efron-2004"
    }

    fn title(&self) -> &'static str {
        "Efron, Hastie, Johnstone & Tibshirani (2004), Figures 1 and 3"
    }

    fn shows(&self) -> &'static str {
        "Coefficients of lasso and least angle regression on the diabetes data against Σ|β|, which part where hdl reaches 0, and C_p \
         by step"
    }

    fn settings(&self) -> &'static str {
        "Diabetes data (n = 442, p = 10), columns of mean 0 and unit norm, response centred; every knot by the homotopy. The paper's \
         software minimises ½‖r‖² + λ‖b‖₁, so that λ here is its λ divided by n. C_p = RSS/σ² − n + 2 df with σ² of the full fit and df = \
         1 + the columns active on the segment that ends at the step."
    }

    fn deviations(&self) -> &'static [&'static str] {
        &[
            "Figure 1 has stagewise regression on its right, Figure 3 least angle regression on its left; the latter is drawn, because \
             its knots up to the tenth are those of the lasso, and from there on it is a straight line to least squares.",
            "The numbers are those that the R package lars stores for these data; the figures print none.",
            "C_p is drawn for the steps of the lasso, on a logarithmic axis, because at the end it differs by little.",
        ]
    }

    fn measure(&self, _scale: Scale, rows: &mut Rows) -> anyhow::Result<()> {
        let data = table("diabetes")?;
        ensure!(data.features == NAMES, "columns {:?}", data.features);
        let x = Dense::try_new(data.x.as_ref())?;
        let (y, mean) = centred(&data);
        let lasso = KnotPath::new(data.x.as_ref(), &y)?;
        lasso_numbers(rows, &lasso, &x, &y, mean)?;
        let angles = least_angles(&lasso)?;
        rows.push(
            "steps of least angle regression",
            NUMBER,
            0.0,
            (angles.len() - 1) as f64,
        );
        let whole: Vec<Vec<f64>> = lasso.points.into_iter().map(|p| p.1).collect();
        for (series, points) in [("lasso", &whole), ("least angles", &angles)] {
            for (k, beta) in points.iter().enumerate() {
                rows.push(series, "size", k as f64, size(beta));
                for (name, b) in NAMES.iter().zip(beta) {
                    rows.push(series, name, size(beta), *b);
                }
            }
        }
        for (k, beta) in angles.iter().enumerate() {
            let mut products = vec![0.0; NAMES.len()];
            x.tr_mul(&residuals(&x, &y, beta), &mut products);
            for (name, c) in NAMES.iter().zip(products) {
                let quantity = format!("correlation {name}");
                rows.push("least angles", &quantity, k as f64, c.abs());
            }
        }
        Ok(())
    }

    fn charts(&self, rows: &Rows) -> Vec<Chart> {
        vec![Chart {
            stem: self.id().into(),
            title: "Lasso and least angle regression on the diabetes data".into(),
            panels: vec![
                path(rows, "lasso", "Lasso (Figure 1, left)", Look::L1),
                path(
                    rows,
                    "least angles",
                    "Least angle regression (Figure 3, left)",
                    Look::other(0),
                ),
                correlations(rows),
                risk(rows),
            ],
            columns: 2,
            row_height: 440.0,
            notes: vec![
                "Diabetes data, n = 442, p = 10, columns of unit norm, variables numbered as in the paper; pale walls stand at the steps."
                    .into(),
                "The thick line is hdl (7), which in the lasso reaches 0 at step 10, where it leaves, and comes back at step 11 with \
                 the other sign; least angle regression lets it pass."
                    .into(),
                "Largest absolute correlation at a knot = n λ, with λ of (1/2n)|y − Xβ|^{2} + λ Σ|β|; C_{p} at each step of the lasso, \
                 on a logarithmic axis."
                    .into(),
                "After Efron, Hastie, Johnstone & Tibshirani (2004), Figures 1 and 3.".into(),
            ],
        }]
    }
}

/// The number and the name of a variable.
fn numbered(j: usize) -> String {
    format!("{} {}", j + 1, NAMES[j])
}

/// hdl is thicker than the others.
fn look_of(j: usize, look: Look) -> Look {
    if j == HDL { look.thick() } else { look.thin() }
}

/// Coefficients against Σ|β|.
fn path(rows: &Rows, series: &str, heading: &str, look: Look) -> Panel {
    let walls = rows.line(series, "size");
    let mut layers: Vec<Layer> = (walls.iter())
        .map(|(_, size)| Layer::plain(Look::PALE.thin(), Shape::Wall(*size)))
        .collect();
    let end = walls.last().map_or(0.0, |w| w.1);
    let zero = Shape::Line(vec![(0.0, 0.0), (end, 0.0)]);
    layers.push(Layer::plain(Look::GREY.thin(), zero));
    let mut labels = Vec::new();
    for (j, name) in NAMES.iter().enumerate() {
        let line = rows.line(series, name);
        labels.push(EndLabel {
            y: line.last().map_or(0.0, |p| p.1),
            text: numbered(j),
            look: if j == HDL { look } else { Look::BLACK },
        });
        layers.push(Layer::plain(look_of(j, look), Shape::Line(line)));
    }
    layers.extend(end_labels(end + 40.0, 0.0, labels));
    Panel {
        heading: heading.into(),
        x: Side::linear("t = Σ|β|").between(0.0, 1.14 * end.max(1.0)),
        y: Side::linear("coefficient").between(HEIGHTS.0, HEIGHTS.1),
        layers,
        ..Panel::default()
    }
}

/// Absolute correlations with the residual, by step of least angle regression.
fn correlations(rows: &Rows) -> Panel {
    let lines = NAMES.map(|name| rows.line("least angles", &format!("correlation {name}")));
    let steps = lines[0].len();
    // What is active shares the largest.
    let largest = (0..steps).map(|k| {
        let here = lines.iter().map(|line| line[k].1);
        (k as f64, here.fold(0.0, f64::max))
    });
    let largest: Vec<(f64, f64)> = largest.collect();
    let mut layers = Vec::new();
    let mut labels = Vec::new();
    for (j, line) in lines.into_iter().enumerate() {
        labels.push(EndLabel {
            y: line.first().map_or(0.0, |p| p.1),
            text: numbered(j),
            look: if j == HDL {
                Look::other(0)
            } else {
                Look::BLACK
            },
        });
        layers.push(Layer::plain(look_of(j, Look::other(0)), Shape::Line(line)));
    }
    layers.push(Layer::named(
        "largest absolute correlation, which the active columns share",
        Look::BLACK.dashed(),
        Shape::Line(largest),
    ));
    // The names stand before the lines.
    for mut name in end_labels(-0.12, 0.0, labels) {
        if let Shape::Text { anchor, .. } = &mut name.shape {
            *anchor = Anchor::End;
        }
        layers.push(name);
    }
    Panel {
        heading: "Absolute correlations (Figure 3, right)".into(),
        x: Side::linear("step of least angle regression")
            .between(-1.25, 10.2)
            .with_ticks(ticks(0..=10)),
        y: Side::linear("absolute product of column and residual").between(-20.0, 1000.0),
        layers,
        ..Panel::default()
    }
}

fn ticks(steps: std::ops::RangeInclusive<u32>) -> Vec<(f64, String)> {
    steps.map(|k| (f64::from(k), k.to_string())).collect()
}

/// C_p of the lasso by step.
fn risk(rows: &Rows) -> Panel {
    let line = rows.line("lasso", "Cp");
    let least = line.iter().copied().min_by(|a, b| a.1.total_cmp(&b.1));
    let mut layers = vec![
        Layer::plain(Look::L1.thin(), Shape::Line(line.clone())),
        Layer::plain(Look::L1, Shape::Points(line)),
    ];
    if let Some((step, cp)) = least {
        layers.push(Layer::plain(
            Look::L1.open().thick(),
            Shape::Points(vec![(step, cp)]),
        ));
        layers.push(Layer::plain(
            Look::BLACK,
            Shape::Text {
                at: (step, 0.8 * cp),
                text: format!("least: step {step}, {cp:.2}"),
                anchor: Anchor::Middle,
            },
        ));
    }
    Panel {
        heading: "Risk of the lasso".into(),
        x: Side::linear("step of the lasso")
            .between(-0.4, 12.4)
            .with_ticks(ticks(0..=12)),
        y: Side::log("Mallows' Cp").between(5.0, 600.0),
        layers,
        ..Panel::default()
    }
}
