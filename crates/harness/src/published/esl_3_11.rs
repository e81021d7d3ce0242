//! Hastie, Tibshirani & Friedman (2009), Figure 3.11: the regions of lasso and ridge, and the contours that touch them.

use super::{NUMBER, Reproduction, Scale};
use crate::claim::Rows;
use crate::claim::tangency::{
    self, CROSS, FREE, Point, RADIUS, height, off_diamond, off_disc, pull, solved, touch,
};
use crate::figure::chart::{Anchor, Chart, Layer, Look, Panel, Shape, Side};
use std::f64::consts::TAU;

/// Points of each region's boundary at which the loss is compared with that of the solution.
const AROUND: u32 = 3600;

pub(super) struct Figure;

/// How far the loss on the boundary falls below that at the point that touches; 0 if the contour only touches.
fn below(point: Point, boundary: impl Fn(f64, f64) -> Point) -> f64 {
    let angles = (0..AROUND).map(|k| TAU * f64::from(k) / f64::from(AROUND));
    let heights = angles.map(|angle| height(boundary(angle.cos(), angle.sin())));
    (height(point) - heights.fold(f64::INFINITY, f64::min)).max(0.0)
}

impl Reproduction for Figure {
    fn id(&self) -> &'static str {
        "esl-3.11"
    }

    fn title(&self) -> &'static str {
        "Hastie, Tibshirani & Friedman (2009), Figure 3.11"
    }

    fn shows(&self) -> &'static str {
        "Contours of a squared loss touch the diamond of the lasso in a corner and the disc of ridge beside the axis"
    }

    fn settings(&self) -> &'static str {
        "Two coefficients, (1/2n)‖y − Xβ‖² with XᵀX/n = (1, −0.35; −0.35, 1) and least squares at (1.2, 2.4), both regions of radius t = 1. \
         Lasso and ridge are solved in the form with λ, at the multiplier of the constraint."
    }

    fn deviations(&self) -> &'static [&'static str] {
        &[
            "The book draws a sketch and gives no numbers: the quadratic is ours, and both solutions are computed.",
        ]
    }

    fn measure(&self, _scale: Scale, rows: &mut Rows) -> anyhow::Result<()> {
        tangency::record(rows)?;
        let at = |series: &str, rows: &Rows| {
            let (first, second) = touch(rows, series);
            [first, second]
        };
        let (l1, l2) = (at("diamond", rows), at("disc", rows));
        let (lasso, ridge) = solved(l1, l2)?;
        let apart = |a: Point, b: Point| (a[0] - b[0]).abs().max((a[1] - b[1]).abs());
        let onto_diamond = |x: f64, y: f64| [x, y].map(|v| RADIUS * v / (x.abs() + y.abs()));
        let onto_disc = |x: f64, y: f64| [x, y].map(|v| RADIUS * v);
        for (name, value) in [
            ("lasso, first coefficient", lasso[0]),
            ("lasso, second coefficient", lasso[1]),
            ("ridge, first coefficient", ridge[0]),
            (
                "lasso, distance from the optimality conditions on the diamond",
                off_diamond(lasso, pull(lasso), RADIUS),
            ),
            (
                "ridge, distance from the optimality conditions on the disc",
                off_disc(ridge, pull(ridge), RADIUS),
            ),
            (
                "lasso, distance of the solver from the drawn point",
                apart(lasso, l1),
            ),
            (
                "ridge, distance of the solver from the drawn point",
                apart(ridge, l2),
            ),
            (
                "lasso, depth of the diamond below the touching contour",
                below(l1, onto_diamond),
            ),
            (
                "ridge, depth of the disc below the touching contour",
                below(l2, onto_disc),
            ),
        ] {
            rows.push(name, NUMBER, 0.0, value);
        }
        Ok(())
    }

    fn charts(&self, rows: &Rows) -> Vec<Chart> {
        let panel = |series: &str, heading: &str, look: Look| {
            let mut layers = tangency::layers(rows, series, look, [-0.25, 1.12]);
            // The names of the axes stand at their ends, as in the book.
            for (at, text) in [([3.3, -0.36], "β_{1}"), ([0.32, 3.95], "β_{2}")] {
                layers.push(Layer::plain(
                    Look::BLACK,
                    Shape::Text {
                        at: (at[0], at[1]),
                        text: text.into(),
                        anchor: Anchor::Middle,
                    },
                ));
            }
            Panel {
                heading: heading.into(),
                x: Side::linear("").between(-1.6, 3.5).with_ticks(Vec::new()),
                y: Side::linear("").between(-1.3, 4.2).with_ticks(Vec::new()),
                layers,
                equal: true,
                ..Panel::default()
            }
        };
        vec![Chart {
            stem: self.id().into(),
            title: "The regions of lasso and ridge with the contours of the squared loss".into(),
            panels: vec![
                panel("diamond", "Lasso", Look::L1),
                panel("disc", "Ridge", Look::L2),
            ],
            columns: 2,
            row_height: 600.0,
            notes: vec![
                format!(
                    "Contours of ½(β − b)^{{T}}A(β − b) about the least-squares solution b = ({}, {}), A with 1 on and −{} off the diagonal; \
                     t = {RADIUS}.",
                    FREE[0], FREE[1], -CROSS
                ),
                "Both solutions are computed and meet their optimality conditions to 1e-10; the book draws a sketch.".into(),
                "After Hastie, Tibshirani & Friedman (2009), Figure 3.11.".into(),
            ],
        }]
    }
}
