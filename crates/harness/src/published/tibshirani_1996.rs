//! Tibshirani (1996): the shrinkage functions of orthonormal columns, and the lasso's coefficients on the prostate data against s.

use super::knot_path::KnotPath;
use super::prostate;
use super::{NUMBER, Reproduction, Scale};
use crate::claim::Rows;
use crate::claim::end_labels::{EndLabel, end_labels};
use crate::figure::chart::{Anchor, Chart, Layer, Look, Panel, Shape, Side};
use anyhow::ensure;
use faer::Mat;
use regpath_solvers::solver::Move;
use regpath_solvers::{PathBuilder, Restrictions, lasso, ridge};

/// A rule that shrinks one coefficient of an orthonormal design.
type Threshold = fn(f64) -> f64;

/// The variables in the order in which the paper numbers them from 1.
const NAMES: [&str; 8] = [
    "lcavol", "lweight", "age", "lbph", "svi", "lcp", "gleason", "pgg45",
];
/// The bound that the paper chose by generalised cross-validation.
const CHOSEN: f64 = 0.44;
/// λ of the shrinkage functions.
const LAMBDA: f64 = 1.0;
/// Largest coefficient of least squares that is shrunk, and how many below it are.
const SHRUNK: (f64, usize) = (5.0, 50);
/// The shrinkage functions: lasso, ridge and garotte.
const FUNCTIONS: [(&str, Threshold); 3] = [
    ("lasso", |b| b.signum() * (b.abs() - LAMBDA).max(0.0)),
    ("ridge", |b| b / (1.0 + LAMBDA)),
    ("garotte", |b| (1.0 - LAMBDA / (b * b)).max(0.0) * b),
];

pub(super) struct Tibshirani1996;

/// Solves on orthonormal columns, XᵀX = nI, for every coefficient of least squares at once; for the garotte on columns that were
/// multiplied by those coefficients, with factors that must not be negative.
fn shrink(name: &str, by_squares: &[f64]) -> anyhow::Result<Vec<f64>> {
    let n = by_squares.len();
    let root = (n as f64).sqrt();
    let factor = |j: usize| {
        if name == "garotte" {
            by_squares[j]
        } else {
            1.0
        }
    };
    let x = Mat::from_fn(n, n, |i, j| if i == j { root * factor(j) } else { 0.0 });
    let y: Vec<f64> = by_squares.iter().map(|b| root * b).collect();
    let plain = |builder: PathBuilder| {
        let builder = builder.intercept(false).standardize(false);
        builder.tol(1e-14).lambdas([LAMBDA])
    };
    let builder = match name {
        "ridge" => plain(ridge()),
        "garotte" => plain(lasso()).restrictions(Restrictions::nonnegative(n)),
        _ => plain(lasso()),
    };
    let found = builder.fit(x.as_ref(), &y)?.coefficients(0);
    Ok((found.iter().enumerate())
        .map(|(j, c)| factor(j) * c)
        .collect())
}

fn functions(rows: &mut Rows) -> anyhow::Result<()> {
    let (largest, count) = SHRUNK;
    let by_squares: Vec<f64> = (1..=count)
        .map(|k| largest * k as f64 / count as f64)
        .collect();
    for (name, law) in FUNCTIONS {
        let found = shrink(name, &by_squares)?;
        let off = by_squares
            .iter()
            .zip(&found)
            .map(|(b, c)| (c - law(*b)).abs());
        let off = off.fold(0.0, f64::max);
        rows.push(
            &format!("{name}, largest distance from its law"),
            NUMBER,
            0.0,
            off,
        );
        for (b, c) in by_squares.iter().zip(&found) {
            rows.push(name, "shrunk", *b, *c);
        }
    }
    Ok(())
}

fn trace(rows: &mut Rows) -> anyhow::Result<()> {
    let data = prostate::uncorrected("prostate")?;
    ensure!(data.features == NAMES, "columns {:?}", data.features);
    // A column's deviation is its norm by √(n − 1), with which the digits of the paper's table are met; √n misses some by rounding.
    let units = prostate::Units::of(&data.x);
    let (x, y) = (units.centred(&data.x), prostate::less_mean(&data.y));
    let path = KnotPath::new(x.as_ref(), &y)?;
    let root = (y.len() as f64 - 1.0).sqrt();
    let longest = path.sizes().last().copied().unwrap_or(f64::NAN);
    for ((_, beta), size) in path.points.iter().zip(path.sizes()) {
        for (name, b) in NAMES.iter().zip(beta) {
            rows.push("lasso", name, size / longest, b / root);
        }
    }
    let joins = path.moves.iter().filter_map(|change| match change {
        Move::Join(j) => Some(j + 1),
        Move::Drop(_) => None,
    });
    for (k, column) in joins.enumerate().take(NAMES.len()) {
        rows.push(
            &format!("column that joins {}.", k + 1),
            NUMBER,
            0.0,
            column as f64,
        );
    }
    let drops = path
        .moves
        .iter()
        .filter(|m| matches!(m, Move::Drop(_)))
        .count();
    rows.push("columns that leave", NUMBER, 0.0, drops as f64);
    let chosen = path.at_share(CHOSEN)?;
    rows.push(
        "columns kept at s = 0.44, as digits",
        NUMBER,
        0.0,
        prostate::digits(&chosen),
    );
    let whole = path.at_share(1.0)?;
    for (j, name) in NAMES.iter().enumerate() {
        rows.push(
            &format!("lasso at s = 0.44, {name}"),
            NUMBER,
            0.0,
            chosen[j] / root,
        );
        rows.push(
            &format!("least squares, {name}"),
            NUMBER,
            0.0,
            whole[j] / root,
        );
    }
    let mean = data.y.iter().sum::<f64>() / data.y.len() as f64;
    rows.push("intercept", NUMBER, 0.0, mean);
    Ok(())
}

impl Reproduction for Tibshirani1996 {
    fn id(&self) -> &'static str {
        "tibshirani-1996"
    }

    fn title(&self) -> &'static str {
        "Tibshirani (1996), shrinkage functions and prostate coefficients"
    }

    fn shows(&self) -> &'static str {
        "How subset selection, ridge, lasso and garotte shrink on orthonormal columns, and the lasso's coefficients on the prostate data \
         against the scaled bound s"
    }

    fn settings(&self) -> &'static str {
        "Left: XᵀX = nI, n = p = 50, least-squares coefficients 0.1, 0.2, …, 5, λ = 1 of (1/2n)‖y − Xβ‖² + λ‖β‖₁ or λ‖β‖²/2; the garotte as \
         a nonnegative lasso on columns times their least-squares coefficients. Right: 97 men, columns of mean 0 and variance 1 (n − 1), every \
         knot by the homotopy; s = t/Σ|β| of least squares, which needs no λ."
    }

    fn deviations(&self) -> &'static [&'static str] {
        &[
            "The paper's data have lweight = 6.107580 = log 449 in row 32, which was corrected to log 44.9 later: the number was put back.",
            "The printed page was not at hand: its coefficients and its s = 0.44 are recalled, and the strengths of its shrinkage functions \
             are not known, so that all have λ = 1.",
            "Subset selection is drawn by its closed form, which keeps a coefficient above √(2λ) as it is: no solver here counts coefficients.",
        ]
    }

    fn measure(&self, _scale: Scale, rows: &mut Rows) -> anyhow::Result<()> {
        functions(rows)?;
        trace(rows)
    }

    fn charts(&self, rows: &Rows) -> Vec<Chart> {
        vec![
            Chart {
                stem: self.id().into(),
                title: "The lasso's coefficients on the prostate data against the scaled bound".into(),
                panels: vec![trace_panel(rows)],
                columns: 1,
                row_height: 620.0,
                notes: vec![
                    "Prostate cancer, n = 97, row 32 of lweight as in the paper (log 449); columns of mean 0 and variance 1 (n − 1), s = t/Σ|β| of least \
                     squares; the dashed line is the paper's choice."
                        .into(),
                    "After Tibshirani (1996), Regression shrinkage and selection via the lasso, JRSS B 58(1).".into(),
                ],
            },
            Chart {
                stem: format!("{}-shrinkage", self.id()),
                title: "What is done to a coefficient of least squares on orthonormal columns".into(),
                panels: shrinkage_panels(rows),
                columns: 2,
                row_height: 400.0,
                notes: vec![
                    "X^{T}X = nI, one coefficient per mark, λ = 1 of (1/2n)|y − Xβ|^{2} + λ Σ|β|, or λ Σβ^{2}/2 for ridge; lines are closed forms, the \
                     dotted one is 45°."
                        .into(),
                    "Subset selection keeps what exceeds √(2λ); it is drawn by its closed form only.".into(),
                    "After Tibshirani (1996), Regression shrinkage and selection via the lasso, JRSS B 58(1), Figure 1.".into(),
                ],
            },
        ]
    }
}

fn trace_panel(rows: &Rows) -> Panel {
    let mut layers = vec![
        Layer::plain(Look::PALE.thin(), Shape::Level(0.0)),
        Layer::plain(Look::GREY.dashed().thin(), Shape::Wall(CHOSEN)),
        Layer::plain(
            Look::GREY,
            Shape::Text {
                at: (CHOSEN - 0.01, 0.7),
                text: "the paper's choice, s = 0.44".into(),
                anchor: Anchor::End,
            },
        ),
    ];
    let mut labels = Vec::new();
    for (j, name) in NAMES.iter().enumerate() {
        let line = rows.line("lasso", name);
        labels.push(EndLabel {
            y: line.last().map_or(0.0, |p| p.1),
            text: format!("{} {name}", j + 1),
            look: Look::BLACK,
        });
        layers.push(Layer::plain(Look::L1.thin(), Shape::Line(line.clone())));
        layers.push(Layer::plain(Look::L1.thin(), Shape::Points(line)));
    }
    layers.extend(end_labels(1.015, 0.0, labels));
    Panel {
        x: Side::linear("s = t / Σ|β| of least squares")
            .between(0.0, 1.11)
            .with_ticks(
                (0..=5)
                    .map(|k| (0.2 * f64::from(k), format!("{:.1}", 0.2 * f64::from(k))))
                    .collect(),
            ),
        y: Side::linear("coefficient (log\u{a0}PSA\u{a0}per\u{a0}deviation)").between(-0.22, 0.76),
        layers,
        ..Panel::default()
    }
}

fn shrinkage_panels(rows: &Rows) -> Vec<Panel> {
    let largest = SHRUNK.0;
    let edge = (2.0 * LAMBDA).sqrt();
    let panel = |heading: &str, look: Look, line: Vec<(f64, f64)>, solved: Option<&str>| {
        let mut layers = vec![
            Layer::plain(
                Look::GREY.dotted(),
                Shape::Line(vec![(0.0, 0.0), (largest, largest)]),
            ),
            Layer::plain(look, Shape::Line(line)),
        ];
        if let Some(name) = solved {
            let marks = rows.line(name, "shrunk");
            layers.push(Layer::plain(look.open(), Shape::Points(marks)));
        }
        Panel {
            heading: heading.into(),
            x: Side::linear("coefficient of least squares β").between(0.0, 5.2),
            y: Side::linear("shrunk coefficient").between(-0.15, 5.2),
            layers,
            ..Panel::default()
        }
    };
    let law = |f: fn(f64) -> f64| -> Vec<(f64, f64)> {
        (1..=500)
            .map(|k| 0.01 * f64::from(k))
            .map(|b| (b, f(b)))
            .collect()
    };
    let subset = vec![
        (0.0, 0.0),
        (edge, 0.0),
        (edge, f64::NAN),
        (edge, edge),
        (largest, largest),
    ];
    let [l1, l2, garotte] = FUNCTIONS;
    vec![
        panel("(a) subset selection", Look::BLACK, subset, None),
        panel("(b) ridge", Look::L2, law(l2.1), Some(l2.0)),
        panel("(c) lasso", Look::L1, law(l1.1), Some(l1.0)),
        panel(
            "(d) garotte",
            Look::other(0),
            law(garotte.1),
            Some(garotte.0),
        ),
    ]
}
