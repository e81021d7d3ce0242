//! Koenker & Hallock (2001), Figure 1: quantile regression lines of food expenditure on income, Engel's data of 1857; with the median
//! regression of stack losses, which their software's documentation has for an example.

use super::{NUMBER, Reproduction, Scale};
use crate::claim::Rows;
use crate::claim::data::table;
use crate::claim::end_labels::{EndLabel, end_labels, spaced};
use crate::claim::line::Line;
use crate::figure::chart::{Anchor, Chart, Layer, Look, Panel, Shape, Side};
use anyhow::{Context, ensure};
use regpath_solvers::lasso;
use regpath_solvers::loss::LossKind;

/// Levels of the lines.
const TAUS: [f64; 7] = [0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95];
/// Levels whose lines the original software stores.
const STORED: [f64; 3] = [0.25, 0.5, 0.75];
/// Relative gap of the median regression of stack losses.
const TOL: f64 = 1e-12;
/// Distance, as a share of the response, at which a point lies on a line.
const ON: f64 = 1e-9;
/// Ends of the horizontal axis, which hold every income.
const INCOME: (f64, f64) = (300.0, 5250.0);
/// Income at which lines end that do not leave the panel above.
const END: f64 = 5050.0;
/// Ends of the vertical axis, which hold every expenditure.
const FOOD: (f64, f64) = (200.0, 2100.0);

pub(super) struct KoenkerHallock2001;

fn named(tau: f64) -> String {
    format!("τ = {tau}")
}

const LEAST_SQUARES: &str = "least squares";

fn push_line(rows: &mut Rows, series: &str, line: Line, compared: bool) {
    for (what, value) in [("intercept", line.intercept), ("slope", line.slope)] {
        rows.push(series, what, 0.0, value);
        if compared {
            rows.push(&format!("{what}, {series}"), NUMBER, 0.0, value);
            rows.push(&format!("{what}, {series}, recomputed"), NUMBER, 0.0, value);
        }
    }
}

/// The median regression of Brownlee's stack losses on three features, whose optimum is one vertex.
fn stackloss(rows: &mut Rows) -> anyhow::Result<()> {
    let data = table("stackloss")?;
    let path = lasso()
        .loss(LossKind::Absolute)
        .lambdas([0.0])
        .tol(TOL)
        .fit(data.x.as_ref(), &data.y)?;
    ensure!(
        path.worst_gap() <= TOL,
        "the stack losses are certified to {:e} only",
        path.worst_gap()
    );
    let intercept = path.points.first().context("no point")?.intercept;
    let slopes = path.coefficients(0);
    let names = data.features.iter().map(String::as_str);
    let named = names.zip(slopes.iter().copied());
    for (name, value) in std::iter::once(("intercept", intercept)).chain(named) {
        for whose in ["", ", recomputed"] {
            rows.push(&format!("stackloss, {name}{whose}"), NUMBER, 0.0, value);
        }
    }
    let fit = |i: usize| -> f64 {
        let terms = slopes.iter().enumerate().map(|(j, b)| b * data.x[(i, j)]);
        intercept + terms.sum::<f64>()
    };
    let deviations = data.y.iter().enumerate().map(|(i, y)| (y - fit(i)).abs());
    let name = "stackloss, least sum of absolute deviations, recomputed";
    rows.push(name, NUMBER, 0.0, deviations.sum());
    Ok(())
}

impl Reproduction for KoenkerHallock2001 {
    fn id(&self) -> &'static str {
        "koenker-hallock-2001"
    }

    fn title(&self) -> &'static str {
        "Koenker & Hallock (2001), Figure 1"
    }

    fn shows(&self) -> &'static str {
        "Food expenditure of 235 working-class households against income, with seven quantile regression lines and least squares dashed"
    }

    fn settings(&self) -> &'static str {
        "Engel's data of 1857 (n = 235, p = 1), quantile loss with τ = 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95 by linear programming, and \
         least squares; intercept, λ = 0, so that no convention matters. Numbers are also compared of the median regression of stack losses on \
         three features (Brownlee 1965, n = 21), the example of the documentation of quantreg."
    }

    fn deviations(&self) -> &'static [&'static str] {
        &[
            "The figure prints no numbers: those compared are stored by the R package quantreg for the same data.",
            "The stack losses are not in the paper.",
        ]
    }

    fn measure(&self, _scale: Scale, rows: &mut Rows) -> anyhow::Result<()> {
        let engel = table("engel")?;
        let (income, food) = (engel.x.col_as_slice(0), &engel.y);
        for (x, y) in income.iter().zip(food) {
            rows.push("data", "food", *x, *y);
        }
        for tau in TAUS {
            let line = Line::quantile(tau, income, food)?;
            push_line(rows, &named(tau), line, STORED.contains(&tau));
            let below = |(x, y): &(&f64, &f64)| **y < line.at(**x) - ON * y.abs();
            let below = income.iter().zip(food).filter(below).count();
            rows.push(
                &format!("points below the line, {}", named(tau)),
                NUMBER,
                0.0,
                below as f64,
            );
        }
        let line = Line::least_squares(income, food)?;
        push_line(rows, LEAST_SQUARES, line, true);
        stackloss(rows)
    }

    fn charts(&self, rows: &Rows) -> Vec<Chart> {
        let points = rows.line("data", "food");
        let line = |series: &str| Line {
            intercept: rows.value(series, "intercept", 0.0),
            slope: rows.value(series, "slope", 0.0),
        };
        let mut layers = vec![Layer::named(
            "household",
            Look::GREY.open().thin(),
            Shape::Points(points),
        )];
        // (where the line leaves the panel above or at the right, label, look)
        let (mut above, mut right) = (Vec::new(), Vec::new());
        let mut draw = |series: &str, name: &str, label: String, look: Look| {
            let line = line(series);
            if line.at(END) > FOOD.1 {
                above.push(((FOOD.1 - line.intercept) / line.slope, label, look));
            } else {
                let y = line.at(END);
                right.push(EndLabel {
                    y,
                    text: label,
                    look,
                });
            }
            layers.push(Layer::named(
                name,
                look,
                Shape::Line(line.through([INCOME.0, END])),
            ));
        };
        for tau in TAUS.into_iter().filter(|tau| *tau != 0.5) {
            let label = format!("{tau}");
            draw(
                &named(tau),
                "quantile τ, marked at its end",
                label,
                Look::L1.thin(),
            );
        }
        draw(&named(0.5), "median", "0.5".into(), Look::L1.thick());
        draw(
            LEAST_SQUARES,
            "least squares",
            "mean".into(),
            Look::L2.dashed(),
        );
        layers.extend(end_labels(END + 25.0, 50.0, right));
        above.sort_by(|a, b| a.0.total_cmp(&b.0));
        let places = spaced(&above.iter().map(|a| a.0).collect::<Vec<f64>>(), 200.0);
        for ((_, text, look), x) in above.into_iter().zip(places) {
            let text = Shape::Text {
                at: (x, FOOD.1 + 35.0),
                text,
                anchor: Anchor::Middle,
            };
            layers.push(Layer::plain(look, text));
        }
        vec![Chart {
            stem: self.id().into(),
            title: "Engel curves for food: the rich spread more than the poor".into(),
            panels: vec![Panel {
                x: Side::linear("household income (Belgian francs a year)")
                    .between(INCOME.0, INCOME.1),
                y: Side::linear("food expenditure (Belgian francs a year)").between(FOOD.0, FOOD.1),
                layers,
                ..Panel::default()
            }],
            columns: 1,
            row_height: 680.0,
            notes: vec![
                "Engel's data of 1857, n = 235; lines minimise the sum of the check loss of level τ, without a penalty (λ = 0); the median \
                 is thick, least squares dashed."
                    .into(),
                "After Koenker & Hallock (2001), Quantile regression, Journal of Economic Perspectives 15(4), Figure 1.".into(),
            ],
        }]
    }
}
