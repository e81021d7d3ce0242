//! "Corners of the L1 ball make zeros": where contours touch a diamond and a disc, and how often a coordinate is 0 there.
//!
//! Centres lie on the unit circle, all directions equally likely: t is the radius of the ball relative to the distance of the centre.
//! A coordinate of the point of the diamond that is nearest to a centre c is 0 where ||c₁| − |c₂|| ≥ t, which for the direction θ is
//! √2 |cos(θ + π/4)| ≥ t in the first quadrant: P = (4/π) arccos(t/√2) − 1. Normal centres give other shares
//! (0.524 and 0.275), as t is then no share of a distance.

use super::{Bound, Check, Claim, Decision, Rows, Ruling, interval};
use crate::figure::chart::{Anchor, Chart, Layer, Look, Panel, Shape, Side};
use faer::Mat;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use regpath_solvers::{SolveError, lasso, ridge, worst};
use std::f64::consts::{FRAC_1_SQRT_2, PI, TAU};

/// Centres of one trial; 20 trials have 10⁵.
const CENTRES: usize = 5_000;
/// Radii of the balls, in tenths.
const TENTHS: std::ops::RangeInclusive<u32> = 1..=10;
/// Radii with the shares of zeros that are expected for them.
const EXPECTED: [(f64, f64); 2] = [(0.5, 0.540), (0.9, 0.122)];
/// How far the shares may be from what is expected.
const TOLERANCE: f64 = 0.01;
/// Radius of the drawn balls.
const RADIUS: f64 = 1.0;
/// The drawn minimum without constraint.
const FREE: [f64; 2] = [1.2, 2.4];
/// Off-diagonal element of the drawn quadratic, whose diagonal is 1.
const CROSS: f64 = -0.35;
/// Points of a drawn outline.
const OUTLINE: usize = 180;

pub(super) struct Corners;

type Point = [f64; 2];

/// P(zero) on the diamond of radius t ≤ 1 for a centre on the unit circle.
fn share_of_zeros(t: f64) -> f64 {
    4.0 / PI * (t * FRAC_1_SQRT_2).acos() - 1.0
}

/// The point of the diamond of radius t that is nearest to c.
fn onto_diamond(c: Point, t: f64) -> Point {
    let (a, b) = (c[0].abs(), c[1].abs());
    if a + b <= t {
        return c;
    }
    // Beyond this threshold the smaller coordinate is 0.
    let threshold = if (a - b).abs() >= t {
        a.max(b) - t
    } else {
        0.5 * (a + b - t)
    };
    c.map(|v| v.signum() * (v.abs() - threshold).max(0.0))
}

/// The point of the disc of radius t that is nearest to c.
fn onto_disc(c: Point, t: f64) -> Point {
    let length = c[0].hypot(c[1]);
    if length <= t {
        c
    } else {
        c.map(|v| t * v / length)
    }
}

/// Distance from the optimality conditions on the diamond: the negative gradient g is in μ ∂‖β‖₁, and ‖β‖₁ = t.
fn off_diamond(beta: Point, g: Point, t: f64) -> f64 {
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
fn off_disc(beta: Point, g: Point, t: f64) -> f64 {
    let multiplier = ((g[0] * beta[0] + g[1] * beta[1]) / (t * t)).max(0.0);
    let each = [0, 1].map(|j| (g[j] - multiplier * beta[j]).abs());
    worst(each.into_iter().chain([(beta[0].hypot(beta[1]) - t).abs()]))
}

/// −gradient of the drawn quadratic ½(β − FREE)ᵀA(β − FREE).
fn pull(beta: Point) -> Point {
    let d = [FREE[0] - beta[0], FREE[1] - beta[1]];
    [d[0] + CROSS * d[1], CROSS * d[0] + d[1]]
}

/// The drawn quadratic.
fn height(beta: Point) -> f64 {
    let g = pull(beta);
    0.5 * (g[0] * (FREE[0] - beta[0]) + g[1] * (FREE[1] - beta[1]))
}

/// The lowest point of the drawn quadratic on the diamond: the best of its corners and of the stationary points of its edges.
fn touch_diamond() -> Point {
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
fn touch_disc() -> Point {
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
fn contour(height: f64) -> Vec<(f64, f64)> {
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

fn circle(radius: f64) -> Vec<(f64, f64)> {
    let at = |k: usize| (TAU * k as f64 / OUTLINE as f64).sin_cos();
    (0..=OUTLINE)
        .map(at)
        .map(|(s, c)| (radius * c, radius * s))
        .collect()
}

fn diamond(radius: f64) -> Vec<(f64, f64)> {
    [(1.0, 0.0), (0.0, 1.0), (-1.0, 0.0), (0.0, -1.0), (1.0, 0.0)]
        .map(|(a, b)| (radius * a, radius * b))
        .to_vec()
}

/// Ticks at whole numbers.
fn whole(range: std::ops::RangeInclusive<i32>) -> Vec<(f64, String)> {
    range
        .map(|v| (f64::from(v), text_of(f64::from(v))))
        .collect()
}

/// Ticks at −1, −½, 0, ½ and 1.
fn halves() -> Vec<(f64, String)> {
    [-1.0, -0.5, 0.0, 0.5, 1.0]
        .map(|v| (v, text_of(v)))
        .to_vec()
}

/// A number with a minus sign, not a hyphen.
fn text_of(value: f64) -> String {
    format!("{value}").replace('-', "−")
}

/// How far lasso and ridge, at the multipliers of the drawn points, are from these points.
fn off_solvers(l1: Point, l2: Point) -> Result<(f64, f64), SolveError> {
    // XᵀX/n = A for X = √2 times the upper Cholesky factor of A, n = 2.
    let scale = std::f64::consts::SQRT_2;
    let x = Mat::from_fn(2, 2, |i, j| match (i, j) {
        (0, 0) => scale,
        (0, 1) => scale * CROSS,
        (1, 1) => scale * (1.0 - CROSS * CROSS).sqrt(),
        _ => 0.0,
    });
    let y = [0, 1].map(|i| x[(i, 0)] * FREE[0] + x[(i, 1)] * FREE[1]);
    let bare = |builder: regpath_solvers::PathBuilder, lambda: f64, to: Point| {
        let builder = builder.intercept(false).standardize(false).tol(1e-14);
        let beta = builder
            .lambdas([lambda])
            .fit(x.as_ref(), &y)?
            .coefficients(0);
        Ok::<_, SolveError>((beta[0] - to[0]).abs().max((beta[1] - to[1]).abs()))
    };
    let (g1, g2) = (pull(l1), pull(l2));
    Ok((
        bare(lasso(), g1[0].abs().max(g1[1].abs()), l1)?,
        bare(ridge(), g2[0].hypot(g2[1]) / RADIUS, l2)?,
    ))
}

impl Claim for Corners {
    fn id(&self) -> &'static str {
        "corners"
    }

    fn claim(&self) -> &'static str {
        "Corners of the L1 ball make zeros"
    }

    fn experiment(&self) -> &'static str {
        "The points of diamond and disc that are nearest to 100 000 centres on the unit circle, for radii 0.1 to 1; and one quadratic \
         with elliptical contours that touch both, solved exactly"
    }

    fn sources(&self) -> &'static [&'static str] {
        &[
            "Hastie, Tibshirani & Friedman (2009), The Elements of Statistical Learning, Figure 3.11",
            "Tibshirani (1996), Regression shrinkage and selection via the lasso, JRSS B 58, Figure 2",
        ]
    }

    fn trials(&self) -> usize {
        20
    }

    fn fixed(&self, rows: &mut Rows) -> anyhow::Result<()> {
        let (l1, l2) = (touch_diamond(), touch_disc());
        let (lasso, ridge) = off_solvers(l1, l2)?;
        rows.push(
            "diamond",
            "off optimality",
            0.0,
            off_diamond(l1, pull(l1), RADIUS),
        );
        rows.push(
            "disc",
            "off optimality",
            0.0,
            off_disc(l2, pull(l2), RADIUS),
        );
        rows.push("diamond", "off the solver", 0.0, lasso);
        rows.push("disc", "off the solver", 0.0, ridge);
        rows.push("diamond", "touch", l1[0], l1[1]);
        rows.push("disc", "touch", l2[0], l2[1]);
        for (series, point) in [("diamond", l1), ("disc", l2)] {
            for (k, times) in [0.12, 0.45, 1.0].into_iter().enumerate() {
                let line = contour(times * height(point));
                rows.push_line(series, &format!("contour {k}"), &line);
            }
        }
        Ok(())
    }

    fn trial(&self, rng: &mut ChaCha8Rng, rows: &mut Rows) -> anyhow::Result<()> {
        let centres: Vec<Point> = (0..CENTRES)
            .map(|_| {
                let (sine, cosine) = (TAU * rng.random::<f64>()).sin_cos();
                [cosine, sine]
            })
            .collect();
        let (mut off_l1, mut off_l2): (f64, f64) = (0.0, 0.0);
        for t in TENTHS.map(|i| f64::from(i) / 10.0) {
            let (mut sparse_l1, mut sparse_l2) = (0, 0);
            for &c in &centres {
                let (l1, l2) = (onto_diamond(c, t), onto_disc(c, t));
                sparse_l1 += usize::from(l1.contains(&0.0));
                sparse_l2 += usize::from(l2.contains(&0.0));
                let off = |beta: Point| [c[0] - beta[0], c[1] - beta[1]];
                off_l1 = worst([off_l1, off_diamond(l1, off(l1), t)].into_iter());
                off_l2 = worst([off_l2, off_disc(l2, off(l2), t)].into_iter());
            }
            rows.push(
                "diamond",
                "share of zeros",
                t,
                sparse_l1 as f64 / CENTRES as f64,
            );
            rows.push(
                "disc",
                "share of zeros",
                t,
                sparse_l2 as f64 / CENTRES as f64,
            );
        }
        rows.push("diamond", "off optimality of any", 0.0, off_l1);
        rows.push("disc", "off optimality of any", 0.0, off_l2);
        Ok(())
    }

    fn judge(&self, rows: &Rows) -> Ruling {
        let share = |series, t| interval::of_mean(&rows.values(series, "share of zeros", t));
        let off = |series, quantity: &str| {
            let values = rows.values(series, quantity, 0.0);
            interval::exact(if values.is_empty() {
                f64::NAN
            } else {
                worst(values.into_iter())
            })
        };
        let mut checks: Vec<Check> = (EXPECTED.iter())
            .map(|&(t, expected)| {
                Check::new(
                    format!("share of centres with a zero on the diamond of radius {t}"),
                    share("diamond", t),
                    Bound::Within(expected - TOLERANCE, expected + TOLERANCE),
                )
            })
            .collect();
        let disc: Vec<f64> = (EXPECTED.iter())
            .flat_map(|&(t, _)| rows.values("disc", "share of zeros", t))
            .collect();
        let counted = if disc.is_empty() {
            f64::NAN
        } else {
            disc.iter().sum::<f64>() * CENTRES as f64
        };
        checks.push(Check::new(
            "centres with a zero on the discs of radius 0.5 and 0.9",
            interval::exact(counted),
            Bound::Below(0.5),
        ));
        for series in ["diamond", "disc"] {
            checks.push(Check::new(
                format!(
                    "distance of the drawn point of the {series} from its optimality conditions"
                ),
                off(series, "off optimality"),
                Bound::Below(1e-10),
            ));
        }
        for series in ["diamond", "disc"] {
            checks.push(Check::told(
                format!("largest distance of any of the nearest points of the {series} from the optimality conditions"),
                off(series, "off optimality of any"),
            ));
        }
        for (series, solver) in [("diamond", "lasso"), ("disc", "ridge")] {
            checks.push(Check::told(
                format!("distance of {solver}, at the multiplier, from the drawn point"),
                off(series, "off the solver"),
            ));
        }
        let percent = |t| 100.0 * share("diamond", t).estimate;
        let disc_has_none = checks[2].decide() == Decision::Holds;
        let sentence = format!(
            "With the optimum at distance 1 in a random direction, {:.0} % of solutions lie on a corner of the diamond of radius \
             0.5 and {:.0} % at 0.9; {}.",
            percent(0.5),
            percent(0.9),
            if disc_has_none {
                "on the disc none has a zero: stronger shrinkage is sparser only under L1"
            } else {
                "on the disc some have a zero too"
            }
        );
        Ruling { checks, sentence }
    }

    fn charts(&self, rows: &Rows) -> Vec<Chart> {
        let touching =
            |series: &str, look: Look, ball: Vec<(f64, f64)>, heading: &str, label: Point| {
                let touch = rows
                    .line(series, "touch")
                    .first()
                    .copied()
                    .unwrap_or((f64::NAN, f64::NAN));
                let mut layers = vec![
                    Layer::plain(Look::GREY.thin(), Shape::Level(0.0)),
                    Layer::plain(Look::GREY.thin(), Shape::Wall(0.0)),
                    Layer::named(
                        if series == "diamond" {
                            "|β_{1}| + |β_{2}| ≤ t"
                        } else {
                            "β_{1}² + β_{2}² ≤ t²"
                        },
                        look,
                        Shape::Area(ball),
                    ),
                ];
                for k in 0..3 {
                    let line = rows.line(series, &format!("contour {k}"));
                    let (name, look) = if k == 2 {
                        ("contour that touches", Look::BLACK)
                    } else {
                        ("contours of the squared loss", Look::PALE)
                    };
                    layers.push(Layer::named(name, look, Shape::Line(line)));
                }
                layers.push(Layer::named(
                    "least squares",
                    Look::BLACK,
                    Shape::Points(vec![(FREE[0], FREE[1])]),
                ));
                layers.push(Layer::named(
                    if series == "diamond" {
                        "lasso solution"
                    } else {
                        "ridge solution"
                    },
                    look.thick(),
                    Shape::Points(vec![touch]),
                ));
                layers.push(Layer::plain(
                    look,
                    Shape::Text {
                        at: (label[0], label[1]),
                        text: format!("({:.2}, {:.2})", touch.0, touch.1),
                        anchor: Anchor::End,
                    },
                ));
                Panel {
                    heading: heading.into(),
                    x: Side::linear("first coefficient")
                        .between(-1.7, 3.4)
                        .with_ticks(whole(-1..=3)),
                    y: Side::linear("second coefficient")
                        .between(-1.3, 4.2)
                        .with_ticks(whole(-1..=4)),
                    layers,
                    equal: true,
                    ..Panel::default()
                }
            };
        let panels = vec![
            touching(
                "diamond",
                Look::L1,
                diamond(RADIUS),
                "L1: the contour touches a corner, and a coefficient is 0",
                [-0.3, 1.1],
            ),
            touching(
                "disc",
                Look::L2,
                circle(RADIUS),
                "L2: the contour touches the disc beside the axis",
                [-0.3, 1.1],
            ),
        ];
        let tangency = Chart {
            stem: "corners".into(),
            title: "Why L1 makes zeros: contours of the squared loss meet a diamond and a disc"
                .into(),
            panels,
            columns: 2,
            row_height: 640.0,
            notes: vec![
                format!(
                    "Contours of ½(β − b)^{{T}}A(β − b) about the least-squares solution b = ({}, {}), A with 1 on and −{} off the diagonal; \
                     t = {RADIUS}. Both points meet their optimality conditions to 1e-10.",
                    FREE[0], FREE[1], -CROSS
                ),
                "After Hastie, Tibshirani & Friedman (2009), Figure 3.11.".into(),
            ],
        };
        vec![tangency, shares(rows)]
    }
}

/// Which centres lead to a corner, and how many.
fn shares(rows: &Rows) -> Chart {
    let t = EXPECTED[0].0;
    // In the first quadrant the directions whose coordinates differ by less than t are within this angle of the diagonal.
    let within = PI / 4.0 - ((t * FRAC_1_SQRT_2).acos() - PI / 4.0);
    let mut layers = vec![
        Layer::plain(Look::PALE.thin(), Shape::Level(0.0)),
        Layer::plain(Look::PALE.thin(), Shape::Wall(0.0)),
        Layer::plain(Look::L1, Shape::Area(diamond(t))),
    ];
    for quadrant in 0..4 {
        let middle = PI / 4.0 + PI / 2.0 * f64::from(quadrant);
        let arc = |from: f64, to: f64| {
            let at = |k: u32| (from + (to - from) * f64::from(k) / 40.0).sin_cos();
            Shape::Line((0..=40).map(at).map(|(s, c)| (c, s)).collect())
        };
        layers.push(Layer::named(
            "centre leads to an edge: no zero",
            Look::GREY,
            arc(middle - within, middle + within),
        ));
        layers.push(Layer::named(
            "centre leads to a corner: a zero",
            Look::L1.thick().thick(),
            arc(middle + within, middle + PI / 2.0 - within),
        ));
        for angle in [middle - within, middle + within] {
            let (s, c) = angle.sin_cos();
            let to = onto_diamond([c, s], t);
            layers.push(Layer::plain(
                Look::GREY.dotted(),
                Shape::Line(vec![(to[0], to[1]), (c, s)]),
            ));
        }
    }
    layers.push(Layer::plain(
        Look::L1,
        Shape::Text {
            at: (0.04, 0.08),
            text: format!("t = {t}"),
            anchor: Anchor::Start,
        },
    ));
    let curve = (0..=100)
        .map(|k| f64::from(k) / 100.0)
        .map(|t| (t, share_of_zeros(t)));
    let mean = |series: &str| -> Vec<(f64, f64)> {
        (rows.spread(series, "share of zeros").into_iter())
            .map(|(t, values)| (t, values.iter().sum::<f64>() / values.len() as f64))
            .collect()
    };
    let panels = vec![
        Panel {
            heading: format!("Which centres have a zero, radius t = {t}"),
            x: Side::linear("first coordinate of the centre")
                .between(-1.2, 1.2)
                .with_ticks(halves()),
            y: Side::linear("second coordinate of the centre")
                .between(-1.2, 1.2)
                .with_ticks(halves()),
            layers,
            equal: true,
            ..Panel::default()
        },
        Panel {
            heading: "How many centres have a zero".into(),
            x: Side::linear("radius t of the ball, centre at distance 1").between(0.0, 1.04),
            y: Side::linear("share of centres with a zero").between(-0.04, 1.04),
            layers: vec![
                Layer::named(
                    "arccos(t/√2)/45° − 1",
                    Look::BLACK.dashed(),
                    Shape::Line(curve.collect()),
                ),
                Layer::named(
                    "diamond (L1), simulated",
                    Look::L1.open(),
                    Shape::Points(mean("diamond")),
                ),
                Layer::named(
                    "disc (L2), simulated",
                    Look::L2.open(),
                    Shape::Points(mean("disc")),
                ),
            ],
            ..Panel::default()
        },
    ];
    Chart {
        stem: "corners-share".into(),
        title: "The smaller the L1 ball, the more solutions lie on its corners".into(),
        panels,
        columns: 2,
        row_height: 500.0,
        notes: vec![
            "Isotropic quadratic, 100 000 centres on the unit circle in random directions; the solution is the point of the ball that is \
             nearest to the centre."
                .into(),
            "Dotted lines divide the centres that are nearest to a corner from those that are nearest to an edge.".into(),
        ],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nearest_points_are_nearer_than_any_other_of_the_ball() {
        for c in [[0.9, 0.1], [0.6, 0.8], [-0.5, 0.7], [0.1, -0.2]] {
            let far = |b: Point| (c[0] - b[0]).hypot(c[1] - b[1]);
            let (l1, l2) = (onto_diamond(c, 0.5), onto_disc(c, 0.5));
            for (x, y) in circle(0.5) {
                assert!(far(l2) <= far([x, y]) + 1e-12);
                let size = 2.0 * (x.abs() + y.abs());
                assert!(far(l1) <= far([x / size, y / size]) + 1e-12);
            }
        }
        assert_eq!(onto_diamond([0.9, 0.1], 0.5), [0.5, 0.0]);
    }

    #[test]
    fn the_law_of_the_share_has_its_ends_and_the_expected_values() {
        assert!((share_of_zeros(0.0) - 1.0).abs() < 1e-15 && share_of_zeros(1.0).abs() < 1e-15);
        for (t, expected) in EXPECTED {
            assert!((share_of_zeros(t) - expected).abs() < 5e-4);
        }
    }

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
