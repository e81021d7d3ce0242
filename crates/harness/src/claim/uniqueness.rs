//! "L1 loss can have many solutions, L2 has one": all least absolute deviations of Belgium's telephone calls.
//!
//! A sum of absolute deviations is piecewise linear, so that its least value may be reached on a whole face of a polyhedron. A sum
//! of squares is strictly convex where the columns are independent, and whichever way it is solved, the answer is one.

use super::line::{LeastAbsolute, Line};
use super::{Bound, Check, Claim, Decision, Rows, Ruling, data, interval};
use crate::figure::chart::{Anchor, Chart, Layer, Look, Panel, Shape, Side};
use anyhow::Context;
use faer::Mat;
use faer::linalg::solvers::SolveLstsq;
use regpath_solvers::SolveError;
use regpath_solvers::design::{Dense, Design};
use regpath_solvers::loss::Squared;
use regpath_solvers::penalty::L1;
use regpath_solvers::problem::Problem;
use regpath_solvers::solver::{CoordinateDescent, Homotopy, RidgeFactor, Solver, State, Stop};
use std::f64::consts::TAU;

/// Least absolute deviations.
const LAD: &str = "least absolute deviations";
/// Least squares.
const LS: &str = "least squares";
/// The ways in which least squares are solved.
const WAYS: [&str; 5] = [
    "normal equations",
    "QR",
    "eigendecomposition",
    "coordinate descent",
    "homotopy",
];
/// Levels of a loss over its least that are outlined.
const LEVELS: [f64; 3] = [1.02, 1.04, 1.08];
/// Points of an outline.
const OUTLINE: usize = 240;
/// Slopes between which the least loss of each slope is told, and their step.
const PROFILE: (f64, f64, f64) = (-1.0, 8.0, 0.03);
/// The year that the data count from.
const CENTURY: f64 = 1900.0;

pub(super) struct Uniqueness;

/// The line of least squares by one of [`WAYS`].
fn least_squares(way: &str, year: &[f64], calls: &[f64]) -> anyhow::Result<Line> {
    let n = year.len() as f64;
    let middle = (year.iter().sum::<f64>() / n, calls.iter().sum::<f64>() / n);
    let x = Mat::from_fn(year.len(), 1, |i, _| year[i] - middle.0);
    let y: Vec<f64> = calls.iter().map(|y| y - middle.1).collect();
    let design = Dense::try_new(x.as_ref())?;
    let slope = match way {
        "normal equations" => design.col_dot(0, &y) / design.col_sq_norm(0),
        "QR" => {
            let ones = Mat::from_fn(year.len(), 2, |i, j| if j == 0 { 1.0 } else { year[i] });
            let right = Mat::from_fn(year.len(), 1, |i, _| calls[i]);
            let found = ones.qr().solve_lstsq(&right);
            return Ok(Line {
                intercept: found[(0, 0)],
                slope: found[(1, 0)],
            });
        }
        "eigendecomposition" => {
            let mut beta = [0.0];
            RidgeFactor::new(&design, &y)?.coefficients(&design, 0.0, &mut beta);
            beta[0]
        }
        "coordinate descent" => unpenalised(&CoordinateDescent::plain(), &design, &y)?,
        "homotopy" => unpenalised(&Homotopy::FULL, &design, &y)?,
        other => anyhow::bail!("least squares by {other}"),
    };
    Ok(Line {
        intercept: middle.1 - slope * middle.0,
        slope,
    })
}

/// The only coefficient without a penalty.
fn unpenalised<'a, S: Solver<Dense<'a>, Squared, L1>>(
    solver: &S,
    x: &Dense<'a>,
    y: &[f64],
) -> Result<f64, SolveError> {
    let problem = Problem::new(x, y, Squared, L1)?;
    let setup = solver.setup(&problem)?;
    let mut state = solver.start(&problem, &setup);
    let stop = Stop {
        tol: 1e-14,
        ..Stop::default()
    };
    solver.solve(&problem, &setup, 0.0, stop, &mut state);
    Ok(state.beta()[0])
}

/// The outline of the lines whose loss is at most `level`, as (intercept, slope), about a line below it. The loss is convex.
fn outline(loss: impl Fn(Line) -> f64, about: Line, x: f64, level: f64) -> Vec<(f64, f64)> {
    // Slope and height at x are far less correlated than slope and intercept: their rays are spread evenly.
    let along = |angle: f64, far: f64| {
        let slope = about.slope + far * angle.cos() / 10.0;
        let height = about.at(x) + far * angle.sin();
        Line {
            intercept: height - slope * x,
            slope,
        }
    };
    let reach = |angle: f64| {
        let (mut low, mut high) = (0.0, 1.0);
        while loss(along(angle, high)) <= level && high < 1e6 {
            high *= 2.0;
        }
        for _ in 0..60 {
            let half = 0.5 * (low + high);
            if loss(along(angle, half)) <= level {
                low = half;
            } else {
                high = half;
            }
        }
        let end = along(angle, low);
        (end.intercept, end.slope)
    };
    (0..=OUTLINE)
        .map(|k| reach(TAU * k as f64 / OUTLINE as f64))
        .collect()
}

/// The name of the outline of a level.
fn at_level(level: f64) -> String {
    format!("outline of {level} times the least")
}

/// The value in the middle of the sorted ones, the mean of two for an even count.
fn median(mut values: Vec<f64>) -> f64 {
    crate::statistics::median(&mut values)
}

impl Claim for Uniqueness {
    fn id(&self) -> &'static str {
        "uniqueness"
    }

    fn claim(&self) -> &'static str {
        "L1 loss can have many solutions, L2 has one"
    }

    fn experiment(&self) -> &'static str {
        "Lines through the telephone calls from Belgium, 1950 to 1973: the face of all least absolute deviations by linear \
         programming, and least squares by five solvers"
    }

    fn sources(&self) -> &'static [&'static str] {
        &[
            "Rousseeuw & Leroy (1987), Robust Regression and Outlier Detection, Table 2.2",
            "Bloomfield & Steiger (1983), Least Absolute Deviations: Theory, Applications and Algorithms, Chapter 1",
        ]
    }

    fn fixed(&self, rows: &mut Rows) -> anyhow::Result<()> {
        let phones = data::table("belgian-phones")?;
        let (year, calls) = (
            (0..phones.y.len())
                .map(|i| phones.x[(i, 0)])
                .collect::<Vec<f64>>(),
            phones.y,
        );
        for (year, calls) in year.iter().zip(&calls) {
            rows.push("data", "calls", *year, *calls);
        }

        let absolute = Line::least_absolute(&year, &calls)?;
        // A corner lies between two edges, each a line through the calls of one year: some height between the years is extreme there.
        let between: Vec<f64> = year.windows(2).map(|w| 0.5 * (w[0] + w[1])).collect();
        let optima = LeastAbsolute::of(&year, &calls, &between)?;
        for (quantity, [low, high]) in [("slope", optima.slope), ("intercept", optima.intercept)] {
            rows.push(LAD, quantity, 0.0, low);
            rows.push(LAD, quantity, 1.0, high);
        }
        for (k, line) in optima.corners.iter().enumerate() {
            let sum = line.absolute_deviations(&year, &calls);
            rows.push(LAD, "vertex", line.intercept, line.slope);
            rows.push(LAD, "sum at vertex", k as f64, sum);
        }

        for way in WAYS {
            let line = least_squares(way, &year, &calls)?;
            rows.push(way, "slope", 0.0, line.slope);
            rows.push(way, "intercept", 0.0, line.intercept);
        }
        let ones = Mat::from_fn(year.len(), 2, |i, j| if j == 0 { 1.0 } else { year[i] });
        let singular = ones.singular_values();
        let singular = singular.map_err(|e| anyhow::anyhow!("singular values: {e:?}"))?;
        let most = singular.first().context("no singular value")?;
        let least = singular.last().context("no singular value")?;
        rows.push(LS, "condition of XᵀX", 0.0, (most / least).powi(2));

        let centre = Line {
            slope: optima.slope.iter().sum::<f64>() / 2.0,
            intercept: optima.intercept.iter().sum::<f64>() / 2.0,
        };
        let squares = least_squares(WAYS[0], &year, &calls)?;
        let sum = |line: Line| line.absolute_deviations(&year, &calls);
        let sum_of_squares = |line: Line| line.squared_deviations(&year, &calls);
        let x = year.iter().sum::<f64>() / year.len() as f64;
        for level in LEVELS {
            let name = at_level(level);
            rows.push_line(LAD, &name, &outline(sum, centre, x, level * sum(absolute)));
            let level = level * sum_of_squares(squares);
            rows.push_line(LS, &name, &outline(sum_of_squares, squares, x, level));
        }

        let (from, to, step) = PROFILE;
        for k in 0..=((to - from) / step).round() as usize {
            let slope = from + step * k as f64;
            let heights: Vec<f64> = year
                .iter()
                .zip(&calls)
                .map(|(x, y)| y - slope * x)
                .collect();
            let mean = heights.iter().sum::<f64>() / heights.len() as f64;
            let least = |intercept: f64| Line { intercept, slope };
            let of_squares = sum_of_squares(least(mean)) / sum_of_squares(squares);
            rows.push(LS, "profile", slope, of_squares);
            rows.push(
                LAD,
                "profile",
                slope,
                sum(least(median(heights))) / sum(absolute),
            );
        }
        Ok(())
    }

    fn judge(&self, rows: &Rows) -> Ruling {
        let [low, high] = [0.0, 1.0].map(|end| rows.value(LAD, "slope", end));
        let difference = |values: &[f64]| {
            let pairs = (values.iter()).flat_map(|a| values.iter().map(move |b| (a - b).abs()));
            // NaN stays, and nothing differs from nothing by NaN.
            pairs.max_by(f64::total_cmp).unwrap_or(f64::NAN)
        };
        let sums: Vec<f64> = rows
            .line(LAD, "sum at vertex")
            .iter()
            .map(|s| s.1)
            .collect();
        let of_ways = |quantity: &str| difference(&WAYS.map(|way| rows.value(way, quantity, 0.0)));
        let off = of_ways("slope") + of_ways("intercept");
        let least = sums.first().copied().unwrap_or(f64::NAN);
        let checks = vec![
            Check::new(
                "width of the interval of slopes with the least sum of absolute deviations, millions of calls per year",
                interval::exact(high - low),
                Bound::Above(0.4),
            ),
            Check::new(
                "difference of the sums of absolute deviations at its ends, millions of calls",
                interval::exact(difference(&sums)),
                Bound::Below(1e-9),
            ),
            Check::new(
                "largest difference of slopes plus that of intercepts of five solvers of least squares",
                interval::exact(off),
                Bound::Below(1e-10),
            ),
            Check::told("least slope of the interval", interval::exact(low)),
            Check::told("largest slope of the interval", interval::exact(high)),
            Check::told(
                "least sum of absolute deviations, millions of calls",
                interval::exact(least),
            ),
            Check::told(
                "slope of least squares, millions of calls per year",
                interval::exact(rows.value(WAYS[0], "slope", 0.0)),
            ),
            Check::told(
                "condition number of the Gram matrix of year and intercept",
                interval::exact(rows.value(LS, "condition of XᵀX", 0.0)),
            ),
        ];
        let sentence = if checks[..2].iter().any(|c| c.decide() != Decision::Holds) {
            format!(
                "On the telephone calls least absolute deviations have slopes from {low:.3} to {high:.3}, which is not the face that was \
                 expected."
            )
        } else {
            format!(
                "Every slope from {low:.3} to {high:.3} has the least sum of absolute deviations, {least:.0}, so that two correct programs \
                 may disagree by {:.0} %; five solvers of least squares differ by {off:.0e} at most.",
                100.0 * (high / low - 1.0)
            )
        };
        Ruling { checks, sentence }
    }

    fn charts(&self, rows: &Rows) -> Vec<Chart> {
        vec![plane(rows), lines(rows)]
    }
}

/// Both losses over the plane of intercepts and slopes.
fn plane(rows: &Rows) -> Chart {
    let calls = rows.line("data", "calls");
    let middle = calls.iter().map(|c| c.0).sum::<f64>() / calls.len() as f64;
    // At the year 0 of the data intercept and slope are so correlated that all outlines would be needles.
    let moved = |points: Vec<(f64, f64)>| -> Vec<(f64, f64)> {
        let heights = points.into_iter();
        heights
            .map(|(intercept, slope)| (intercept + slope * middle, slope))
            .collect()
    };
    let outlines = |series: &str, loss: &str, look: Look| -> Vec<Layer> {
        let shapes = LEVELS.iter().rev().map(|level| {
            let points = moved(rows.line(series, &at_level(*level)));
            let name = format!("{loss} within 2, 4 and 8 % of its least");
            Layer::named(name, look.thin(), Shape::Area(points))
        });
        shapes.collect()
    };
    let panel = |heading: &str, layers: Vec<Layer>| Panel {
        heading: heading.into(),
        x: Side::linear(format!(
            "intercept at the mean year {}: calls (millions)",
            CENTURY + middle
        )),
        y: Side::linear("slope: calls per year (millions)"),
        layers,
        ..Panel::default()
    };
    let text = |look: Look, (x, y): (f64, f64), text: String| {
        let at = (x, y);
        let anchor = Anchor::Start;
        Layer::plain(look, Shape::Text { at, text, anchor })
    };
    let vertices = ring(moved(rows.line(LAD, "vertex")));
    let mut l1 = outlines(LAD, "L1", Look::L1);
    l1.push(Layer::named(
        "all lines of least L1",
        Look::L1,
        Shape::Area(vertices.clone()),
    ));
    l1.push(Layer::plain(
        Look::L1.thin(),
        Shape::Points(vertices.clone()),
    ));
    for (height, slope) in extremes(&vertices) {
        l1.push(text(Look::L1, (height + 0.6, slope), format!("{slope:.2}")));
    }
    let least = moved(vec![(
        rows.value(WAYS[0], "intercept", 0.0),
        rows.value(WAYS[0], "slope", 0.0),
    )]);
    let mut l2 = outlines(LS, "L2", Look::L2);
    l2.push(Layer::named(
        "the one line of least L2",
        Look::L2,
        Shape::Points(least.clone()),
    ));
    for (height, slope) in least {
        l2.push(text(Look::L2, (height + 1.0, slope), format!("{slope:.2}")));
    }
    Chart {
        stem: "uniqueness".into(),
        title: "The least sum of absolute deviations is a polygon, that of squares a point".into(),
        panels: vec![
            panel("L1: sum of absolute deviations", l1),
            panel("L2: sum of squares", l2),
        ],
        columns: 2,
        row_height: 520.0,
        notes: vec![
            "Each point is a line through the telephone calls from Belgium, 1950 to 1973.".into(),
            "All lines of the polygon have the same sum of absolute deviations, and no other has so little; its corners lead through two points."
                .into(),
            "Data of Rousseeuw & Leroy (1987), Table 2.2.".into(),
        ],
    }
}

/// The corners of a convex polygon in their order around it.
fn ring(mut corners: Vec<(f64, f64)>) -> Vec<(f64, f64)> {
    let count = corners.len() as f64;
    let of = |axis: fn(&(f64, f64)) -> f64| corners.iter().map(axis).sum::<f64>() / count;
    let (x, y) = (of(|c| c.0), of(|c| c.1));
    let angle = |c: &(f64, f64)| (c.1 - y).atan2(c.0 - x);
    corners.sort_by(|a, b| angle(a).total_cmp(&angle(b)));
    corners
}

/// The corners with the least and the largest slope, which comes second.
fn extremes(corners: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let by_slope = |a: &&(f64, f64), b: &&(f64, f64)| a.1.total_cmp(&b.1);
    let ends = [
        corners.iter().min_by(by_slope),
        corners.iter().max_by(by_slope),
    ];
    ends.into_iter().flatten().copied().collect()
}

/// The least loss of each slope, and the lines over the data.
fn lines(rows: &Rows) -> Chart {
    let profile = |series: &str| Shape::Line(rows.line(series, "profile"));
    let ends = [0.0, 1.0].map(|end| rows.value(LAD, "slope", end));
    let mut valley = vec![
        Layer::named(LAD, Look::L1, profile(LAD)),
        Layer::named(LS, Look::L2, profile(LS)),
        Layer::plain(
            Look::L1.thick(),
            Shape::Line(ends.map(|slope| (slope, 1.0)).to_vec()),
        ),
    ];
    let least = rows.value(WAYS[0], "slope", 0.0);
    valley.push(Layer::plain(Look::L2, Shape::Points(vec![(least, 1.0)])));
    let label = |at: (f64, f64), text: String, look: Look| {
        Layer::plain(
            look,
            Shape::Text {
                at,
                text,
                anchor: Anchor::Middle,
            },
        )
    };
    valley.push(label(
        ((ends[0] + ends[1]) / 2.0, 0.975),
        format!("{:.2} to {:.2}", ends[0], ends[1]),
        Look::L1,
    ));
    valley.push(label((least, 0.975), format!("{least:.2}"), Look::L2));

    let reach = [49.3, 73.7];
    let vertices = rows.line(LAD, "vertex");
    let heights = |x: f64| {
        let at = vertices
            .iter()
            .map(|(intercept, slope)| intercept + slope * x);
        at.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), y| {
            (low.min(y), high.max(y))
        })
    };
    let band = (0..=200).map(|k| {
        let x = reach[0] + (reach[1] - reach[0]) * f64::from(k) / 200.0;
        let (low, high) = heights(x);
        (CENTURY + x, low, high)
    });
    let mut over = vec![Layer::plain(Look::L1, Shape::Band(band.collect()))];
    let shown = |line: Line| {
        let points = line.through(reach).into_iter();
        Shape::Line(points.map(|(x, y)| (CENTURY + x, y)).collect())
    };
    for (intercept, slope) in extremes(&vertices) {
        over.push(Layer::named(
            LAD,
            Look::L1,
            shown(Line { intercept, slope }),
        ));
    }
    let squares = Line {
        intercept: rows.value(WAYS[0], "intercept", 0.0),
        slope: least,
    };
    over.push(Layer::named(LS, Look::L2, shown(squares)));
    let calls = rows.line("data", "calls").into_iter();
    over.push(Layer::named(
        "calls of a year",
        Look::BLACK.thin(),
        Shape::Points(calls.map(|(year, calls)| (CENTURY + year, calls)).collect()),
    ));
    Chart {
        stem: "uniqueness-lines".into(),
        title: "Where absolute deviations have a flat valley, squares have one lowest point".into(),
        panels: vec![
            Panel {
                heading: "Least loss of all lines with a slope".into(),
                x: Side::linear("slope: calls per year (millions)"),
                y: Side::linear("loss / least loss").between(0.95, 1.4),
                layers: valley,
                ..Panel::default()
            },
            Panel {
                heading: "The lines over the data".into(),
                x: Side::linear("year").between(CENTURY + reach[0], CENTURY + reach[1]),
                y: Side::linear("calls (millions)"),
                layers: over,
                ..Panel::default()
            },
        ],
        columns: 2,
        row_height: 440.0,
        notes: vec![
            "Telephone calls from Belgium, 1950 to 1973.".into(),
            "The blue band is made of all lines with the least sum of absolute deviations; drawn are those with the least and the largest slope.".into(),
            "Data of Rousseeuw & Leroy (1987), Table 2.2.".into(),
        ],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outlines_are_where_the_loss_is_at_the_level() {
        let (x, y) = ([1.0, 2.0, 4.0, 5.0], [2.0, 1.0, 4.0, 3.0]);
        let about = Line::least_squares(&x, &y).expect("fits");
        let loss = |line: Line| line.squared_deviations(&x, &y);
        let level = 2.0 * loss(about);
        let points = outline(loss, about, 3.0, level);
        assert_eq!(points.len(), OUTLINE + 1);
        for (intercept, slope) in points {
            let found = loss(Line { intercept, slope });
            assert!((found / level - 1.0).abs() < 1e-9, "{found}");
        }
    }

    #[test]
    fn every_way_finds_the_closed_form() {
        let (x, y) = ([1.0, 2.0, 4.0, 5.0], [2.0, 1.0, 4.0, 3.0]);
        for way in WAYS {
            // Σ (x − 3)(y − 2.5) / Σ (x − 3)² = 5 / 10.
            let found = least_squares(way, &x, &y).expect("solves");
            assert!((found.slope - 0.5).abs() < 1e-12, "{way}: {found:?}");
            assert!((found.intercept - 1.0).abs() < 1e-12, "{way}: {found:?}");
        }
        assert!(least_squares("guessing", &x, &y).is_err());
    }
}
