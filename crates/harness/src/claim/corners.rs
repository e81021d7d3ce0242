//! "Corners of the L1 ball make zeros": where contours touch a diamond and a disc, and how often a coordinate is 0 there.
//!
//! Centres lie on the unit circle, all directions equally likely: t is the radius of the ball relative to the distance of the centre.
//! A coordinate of the point of the diamond that is nearest to a centre c is 0 where ||c₁| − |c₂|| ≥ t, which for the direction θ is
//! √2 |cos(θ + π/4)| ≥ t in the first quadrant: P = (4/π) arccos(t/√2) − 1. Normal centres give other shares
//! (0.524 and 0.275), as t is then no share of a distance.

use super::tangency::{self, CROSS, FREE, Point, RADIUS, diamond, off_diamond, off_disc};
use super::{Bound, Check, Claim, Decision, Rows, Ruling, interval};
use crate::figure::chart::{Anchor, Chart, Layer, Look, Panel, Shape, Side};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use regpath_solvers::worst;
use std::f64::consts::{FRAC_1_SQRT_2, PI, TAU};

/// Centres of one trial; 20 trials have 10⁵.
const CENTRES: usize = 5_000;
/// Radii of the balls, in tenths.
const TENTHS: std::ops::RangeInclusive<u32> = 1..=10;
/// Radii with the shares of zeros that are expected for them.
const EXPECTED: [(f64, f64); 2] = [(0.5, 0.540), (0.9, 0.122)];
/// How far the shares may be from what is expected.
const TOLERANCE: f64 = 0.01;
pub(super) struct Corners;

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
        Ok(tangency::record(rows)?)
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
        let touching = |series: &str, look: Look, heading: &str, label: Point| {
            let layers = tangency::layers(rows, series, look, label);
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
                "L1: the contour touches a corner, and a coefficient is 0",
                [-0.3, 1.1],
            ),
            touching(
                "disc",
                Look::L2,
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
    use super::tangency::circle;
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
}
