//! Where the contours of one quadratic meet a diamond and a disc, solved exactly and drawn.

use super::Rows;
use crate::figure::chart::{Anchor, Layer, Look, Shape};
use faer::Mat;
use regpath_solvers::{PathBuilder, SolveError, lasso, ridge, worst};
use std::f64::consts::{FRAC_1_SQRT_2, TAU};

/// Radius of the drawn balls.
pub const RADIUS: f64 = 1.0;
/// The drawn minimum without constraint.
pub const FREE: [f64; 2] = [1.2, 2.4];
/// Off-diagonal element of the drawn quadratic, whose diagonal is 1.
pub const CROSS: f64 = -0.35;
/// Points of a drawn outline.
const OUTLINE: usize = 180;
/// Heights of the drawn contours, in units of that of the solution; the last touches.
const HEIGHTS: [f64; 3] = [0.12, 0.45, 1.0];

/// A pair of coefficients.
pub type Point = [f64; 2];

/// Distance from the optimality conditions on the diamond: the negative gradient g is in μ ∂‖β‖₁, and ‖β‖₁ = t.
pub fn off_diamond(beta: Point, g: Point, t: f64) -> f64 {
    let multiplier = g[0].abs().max(g[1].abs());
    let each = [0, 1].map(|j| match beta[j] {
        0.0 => 0.0,
        b => (g[j] - multiplier * b.signum()).abs(),
    });
    worst(
        each.into_iter()
            .chain([(beta[0].abs() + beta[1].abs() - t).abs()]),
    )
}

/// Distance from the optimality conditions on the disc: g = μβ with μ ≥ 0, and ‖β‖₂ = t.
pub fn off_disc(beta: Point, g: Point, t: f64) -> f64 {
    let multiplier = ((g[0] * beta[0] + g[1] * beta[1]) / (t * t)).max(0.0);
    let each = [0, 1].map(|j| (g[j] - multiplier * beta[j]).abs());
    worst(each.into_iter().chain([(beta[0].hypot(beta[1]) - t).abs()]))
}

/// −gradient of the drawn quadratic ½(β − FREE)ᵀA(β − FREE).
pub fn pull(beta: Point) -> Point {
    let d = [FREE[0] - beta[0], FREE[1] - beta[1]];
    [d[0] + CROSS * d[1], CROSS * d[0] + d[1]]
}

/// The drawn quadratic.
pub fn height(beta: Point) -> f64 {
    let g = pull(beta);
    0.5 * (g[0] * (FREE[0] - beta[0]) + g[1] * (FREE[1] - beta[1]))
}

/// The lowest point of the drawn quadratic on the diamond: the best of its corners and of the stationary points of its edges.
pub fn touch_diamond() -> Point {
    let corners = [[1.0, 0.0], [0.0, 1.0], [-1.0, 0.0], [0.0, -1.0]].map(|c| c.map(|v| RADIUS * v));
    let mut points = corners.to_vec();
    for (k, from) in corners.iter().enumerate() {
        let to = corners[(k + 1) % 4];
        let way = [to[0] - from[0], to[1] - from[1]];
        let g = pull(*from);
        let bend = way[0] * way[0] + 2.0 * CROSS * way[0] * way[1] + way[1] * way[1];
        let along = (g[0] * way[0] + g[1] * way[1]) / bend;
        if (0.0..=1.0).contains(&along) {
            points.push([from[0] + along * way[0], from[1] + along * way[1]]);
        }
    }
    let lowest = points
        .into_iter()
        .min_by(|a, b| height(*a).total_cmp(&height(*b)));
    lowest.unwrap_or([f64::NAN; 2])
}

/// The lowest point of the drawn quadratic on the disc: (A + μI)β = A FREE, with μ by bisection so that ‖β‖₂ is the radius.
pub fn touch_disc() -> Point {
    let right = pull([0.0, 0.0]);
    let at = |multiplier: f64| {
        let own = 1.0 + multiplier;
        let determinant = own * own - CROSS * CROSS;
        [
            (own * right[0] - CROSS * right[1]) / determinant,
            (own * right[1] - CROSS * right[0]) / determinant,
        ]
    };
    let (mut low, mut high) = (0.0, 100.0);
    for _ in 0..200 {
        let middle = 0.5 * (low + high);
        let beta = at(middle);
        if beta[0].hypot(beta[1]) > RADIUS {
            low = middle;
        } else {
            high = middle;
        }
    }
    at(0.5 * (low + high))
}

/// The ellipse on which the drawn quadratic has that height.
pub fn contour(height: f64) -> Vec<(f64, f64)> {
    // The eigenvectors of a matrix with equal diagonal are the diagonals of the plane.
    let (first, second) = (
        (2.0 * height / (1.0 + CROSS)).sqrt(),
        (2.0 * height / (1.0 - CROSS)).sqrt(),
    );
    (0..=OUTLINE)
        .map(|k| {
            let (sine, cosine) = (TAU * k as f64 / OUTLINE as f64).sin_cos();
            let (u, v) = (
                first * cosine * FRAC_1_SQRT_2,
                second * sine * FRAC_1_SQRT_2,
            );
            (FREE[0] + u + v, FREE[1] + u - v)
        })
        .collect()
}

/// The outline of the disc.
pub fn circle(radius: f64) -> Vec<(f64, f64)> {
    let at = |k: usize| (TAU * k as f64 / OUTLINE as f64).sin_cos();
    (0..=OUTLINE)
        .map(at)
        .map(|(s, c)| (radius * c, radius * s))
        .collect()
}

/// The outline of the diamond.
pub fn diamond(radius: f64) -> Vec<(f64, f64)> {
    [(1.0, 0.0), (0.0, 1.0), (-1.0, 0.0), (0.0, -1.0), (1.0, 0.0)]
        .map(|(a, b)| (radius * a, radius * b))
        .to_vec()
}

/// Lasso and ridge as solved at the multipliers of these points.
pub fn solved(l1: Point, l2: Point) -> Result<(Point, Point), SolveError> {
    // XᵀX/n = A for X = √2 times the upper Cholesky factor of A, n = 2.
    let scale = std::f64::consts::SQRT_2;
    let x = Mat::from_fn(2, 2, |i, j| match (i, j) {
        (0, 0) => scale,
        (0, 1) => scale * CROSS,
        (1, 1) => scale * (1.0 - CROSS * CROSS).sqrt(),
        _ => 0.0,
    });
    let y = [0, 1].map(|i| x[(i, 0)] * FREE[0] + x[(i, 1)] * FREE[1]);
    let bare = |builder: PathBuilder, lambda: f64| {
        let builder = builder.intercept(false).standardize(false).tol(1e-14);
        let beta = builder
            .lambdas([lambda])
            .fit(x.as_ref(), &y)?
            .coefficients(0);
        Ok::<_, SolveError>([beta[0], beta[1]])
    };
    let (g1, g2) = (pull(l1), pull(l2));
    Ok((
        bare(lasso(), g1[0].abs().max(g1[1].abs()))?,
        bare(ridge(), g2[0].hypot(g2[1]) / RADIUS)?,
    ))
}

/// Records both points, their distances from the optimality conditions and from the solvers, and the contours through them.
pub fn record(rows: &mut Rows) -> Result<(), SolveError> {
    let (l1, l2) = (touch_diamond(), touch_disc());
    let (lasso, ridge) = solved(l1, l2)?;
    let apart = |a: Point, b: Point| (a[0] - b[0]).abs().max((a[1] - b[1]).abs());
    for (series, point, off, off_solver) in [
        (
            "diamond",
            l1,
            off_diamond(l1, pull(l1), RADIUS),
            apart(l1, lasso),
        ),
        ("disc", l2, off_disc(l2, pull(l2), RADIUS), apart(l2, ridge)),
    ] {
        rows.push(series, "off optimality", 0.0, off);
        rows.push(series, "off the solver", 0.0, off_solver);
        rows.push(series, "touch", point[0], point[1]);
        for (k, times) in HEIGHTS.into_iter().enumerate() {
            let line = contour(times * height(point));
            rows.push_line(series, &format!("contour {k}"), &line);
        }
    }
    Ok(())
}

/// The recorded point of "diamond" or "disc"; NaN where there is none.
pub fn touch(rows: &Rows, series: &str) -> (f64, f64) {
    let touch = rows.line(series, "touch");
    touch.first().copied().unwrap_or((f64::NAN, f64::NAN))
}

/// Axes, ball, contours and both points of "diamond" or "disc", with the coordinates of the solution at `label`.
pub fn layers(rows: &Rows, series: &str, look: Look, label: Point) -> Vec<Layer> {
    let touch = touch(rows, series);
    let (ball, outline, solution) = match series {
        "diamond" => ("|β_{1}| + |β_{2}| ≤ t", diamond(RADIUS), "lasso solution"),
        _ => ("β_{1}² + β_{2}² ≤ t²", circle(RADIUS), "ridge solution"),
    };
    let mut layers = vec![
        Layer::plain(Look::GREY.thin(), Shape::Level(0.0)),
        Layer::plain(Look::GREY.thin(), Shape::Wall(0.0)),
        Layer::named(ball, look, Shape::Area(outline)),
    ];
    for k in 0..HEIGHTS.len() {
        let line = rows.line(series, &format!("contour {k}"));
        let (name, look) = if k + 1 == HEIGHTS.len() {
            ("contour that touches", Look::BLACK)
        } else {
            ("contours of the squared loss", Look::PALE)
        };
        layers.push(Layer::named(name, look, Shape::Line(line)));
    }
    layers.extend([
        Layer::named(
            "least squares",
            Look::BLACK,
            Shape::Points(vec![(FREE[0], FREE[1])]),
        ),
        Layer::named(solution, look.thick(), Shape::Points(vec![touch])),
        Layer::plain(
            look,
            Shape::Text {
                at: (label[0], label[1]),
                text: format!("({:.2}, {:.2})", touch.0, touch.1),
                anchor: Anchor::End,
            },
        ),
    ]);
    layers
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_contour_has_one_height_and_the_touching_points_are_optimal() {
        for (x, y) in contour(0.7) {
            assert!((height([x, y]) - 0.7).abs() < 1e-12);
        }
        let (l1, l2) = (touch_diamond(), touch_disc());
        assert!(off_diamond(l1, pull(l1), RADIUS) < 1e-12 && l1[0] == 0.0);
        assert!(off_disc(l2, pull(l2), RADIUS) < 1e-12);
        assert!(off_diamond([0.5, 0.5], pull([0.5, 0.5]), RADIUS) > 0.1);
        assert!(off_disc([0.6, 0.8], pull([0.6, 0.8]), RADIUS) > 0.1);
    }
}
