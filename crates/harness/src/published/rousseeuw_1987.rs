//! Rousseeuw & Leroy (1987), Figures 3 and 4 of Chapter 2: Belgium's telephone calls and the stars of CYG OB1, with their lines.

use super::robust_lines;
use super::{NUMBER, Reproduction, Scale};
use crate::claim::Rows;
use crate::claim::data::table;
use crate::claim::line::{LeastAbsolute, Line};
use crate::figure::chart::{Anchor, Chart, Layer, Look, Panel, Shape, Side};
use crate::statistics::median;

/// Least squares.
const LS: &str = "least squares";
/// Least absolute deviations.
const LAD: &str = "least absolute deviations";
/// Least median of squares.
const LMS: &str = "least median of squares";
/// The lines that are drawn, with their looks: the book's are the first, in dashes, and the last.
const LINES: [(&str, Look); 3] = [(LS, Look::L2), (LAD, Look::L1), (LMS, Look::BLACK)];
/// The book counts calls in tens of millions, the data and R's copy in millions.
const TENS: f64 = 10.0;
/// The optimum that R's quantreg returns: intercept and slope.
const QUANTREG: Line = Line {
    intercept: -75.19,
    slope: 1.53,
};
/// Logarithm of the temperature below which a star is a giant.
const GIANT: f64 = 3.6;
/// Slopes between which the least sum of absolute deviations is told, and how many.
const SLOPES: (f64, f64, usize) = (0.6, 2.2, 320);

pub(super) struct Rousseeuw1987;

/// Records a line, to be drawn and to be compared.
fn push_line(rows: &mut Rows, data: &str, name: &str, line: Line) {
    for (what, value) in [("intercept", line.intercept), ("slope", line.slope)] {
        rows.push(&format!("{data}, {name}"), what, 0.0, value);
        let number = format!("{data}, {name}, {what}");
        rows.push(&number, NUMBER, 0.0, value);
        rows.push(&format!("{number}, recomputed"), NUMBER, 0.0, value);
    }
}

fn line_of(rows: &Rows, series: &str) -> Line {
    Line {
        intercept: rows.value(series, "intercept", 0.0),
        slope: rows.value(series, "slope", 0.0),
    }
}

fn phones(rows: &mut Rows) -> anyhow::Result<()> {
    let data = table("belgian-phones")?;
    let (year, calls) = (data.x.col_as_slice(0), &data.y);
    for (x, y) in year.iter().zip(calls) {
        rows.push("phones", "data", *x, *y);
    }
    push_line(rows, "phones", LS, Line::least_squares(year, calls)?);
    push_line(rows, "phones", "Huber", robust_lines::huber(year, calls)?);
    push_line(rows, "phones", "MM", robust_lines::mm(year, calls)?);
    let median = robust_lines::least_median(year, calls)?;
    push_line(rows, "phones", LMS, median);
    for (what, value) in [("intercept", median.intercept), ("slope", median.slope)] {
        let name = format!("phones, {LMS}, {what} in tens of millions");
        rows.push(&name, NUMBER, 0.0, value / TENS);
    }

    let one = Line::least_absolute(year, calls)?;
    // Every edge of the face passes a point, so that heights between points are extreme at every corner.
    let between: Vec<f64> = year
        .windows(2)
        .map(|pair| 0.5 * (pair[0] + pair[1]))
        .collect();
    let all = LeastAbsolute::of(year, calls, &between)?;
    for (what, value) in [("intercept", one.intercept), ("slope", one.slope)] {
        rows.push(&format!("phones, {LAD}"), what, 0.0, value);
    }
    let numbers = [
        (
            "phones, least sum of absolute deviations",
            one.absolute_deviations(year, calls),
        ),
        (
            "phones, sum at the line of quantreg",
            QUANTREG.absolute_deviations(year, calls),
        ),
        ("phones, least slope of the face", all.slope[0]),
        ("phones, largest slope of the face", all.slope[1]),
        ("phones, least intercept of the face", all.intercept[0]),
        ("phones, largest intercept of the face", all.intercept[1]),
        ("phones, slope of the returned line", one.slope),
    ];
    for (name, value) in numbers {
        rows.push(name, NUMBER, 0.0, value);
    }
    let sums = all
        .corners
        .iter()
        .map(|c| c.absolute_deviations(year, calls));
    rows.push(
        "phones, largest sum at a corner of the face",
        NUMBER,
        0.0,
        sums.fold(f64::NAN, f64::max),
    );
    for corner in &all.corners {
        rows.push("phones", "corner", corner.intercept, corner.slope);
    }
    let (from, to, count) = SLOPES;
    for k in 0..=count {
        let slope = from + (to - from) * k as f64 / count as f64;
        rows.push("phones", "profile", slope, least_at(slope, year, calls));
    }
    Ok(())
}

/// The least sum of absolute deviations of the lines of one slope: at a median intercept.
fn least_at(slope: f64, x: &[f64], y: &[f64]) -> f64 {
    let mut heights: Vec<f64> = x.iter().zip(y).map(|(x, y)| y - slope * x).collect();
    let intercept = median(&mut heights);
    Line { intercept, slope }.absolute_deviations(x, y)
}

fn stars(rows: &mut Rows) -> anyhow::Result<()> {
    let data = table("stars-cyg")?;
    let (heat, light) = (data.x.col_as_slice(0), &data.y);
    for (x, y) in heat.iter().zip(light) {
        rows.push("stars", "data", *x, *y);
    }
    push_line(rows, "stars", LS, Line::least_squares(heat, light)?);
    let absolute = Line::least_absolute(heat, light)?;
    push_line(rows, "stars", LAD, absolute);
    push_line(rows, "stars", LMS, robust_lines::least_median(heat, light)?);
    rows.push(
        "stars, least sum of absolute deviations, recomputed",
        NUMBER,
        0.0,
        absolute.absolute_deviations(heat, light),
    );
    let main = (heat.iter().zip(light)).filter(|(x, _)| **x >= GIANT);
    let (heat, light): (Vec<f64>, Vec<f64>) = main.unzip();
    let main = "stars without giants";
    push_line(rows, main, LS, Line::least_squares(&heat, &light)?);
    push_line(rows, main, LAD, Line::least_absolute(&heat, &light)?);
    Ok(())
}

impl Reproduction for Rousseeuw1987 {
    fn id(&self) -> &'static str {
        "rousseeuw-1987"
    }

    fn title(&self) -> &'static str {
        "Rousseeuw & Leroy (1987), Chapter 2, Figures 3 and 4"
    }

    fn shows(&self) -> &'static str {
        "Telephone calls from Belgium, where years of wrong counts pull least squares away and not absolute deviations, and the stars of \
         CYG OB1, where four giants pull both"
    }

    fn settings(&self) -> &'static str {
        "Calls by year (n = 24) and light by temperature (n = 47); intercept, λ = 0, so that no convention matters; least absolute \
         deviations by linear programming with the whole face of optima. Huber's line has the bend 1.345 times the scale, median \
         |residual| / 0.6745, both at rest; least median of squares is the narrowest strip that holds half of the points, over the \
         slopes of all pairs; MM starts at the least S-estimate over all pairs."
    }

    fn deviations(&self) -> &'static [&'static str] {
        &[
            "The book's figures have the lines of least squares and of least median of squares; that of least absolute deviations is added.",
            "Least median of squares is exact here, and an approximation in the book: its strip can be as narrow for rather different lines.",
            "The calls' least absolute deviations are not unique: the band is the face, and one of its lines is drawn.",
        ]
    }

    fn measure(&self, _scale: Scale, rows: &mut Rows) -> anyhow::Result<()> {
        phones(rows)?;
        stars(rows)
    }

    fn charts(&self, rows: &Rows) -> Vec<Chart> {
        vec![
            Chart {
                stem: self.id().into(),
                title: "Outliers in the response, and outliers in the feature".into(),
                panels: vec![calls_panel(rows), stars_panel(rows)],
                columns: 2,
                row_height: 520.0,
                notes: vec![
                    "Calls from Belgium, n = 24, where minutes were counted instead of calls from 1964 to 1969; the star cluster CYG OB1, \
                     n = 47, the hot on the left."
                        .into(),
                    "The pale band of the calls is every line with the least sum of absolute deviations; lines are unpenalised, λ = 0.".into(),
                    "After Rousseeuw & Leroy (1987), Robust Regression and Outlier Detection, Chapter 2, Figures 3 and 4.".into(),
                ],
            },
            Chart {
                stem: format!("{}-face", self.id()),
                title: "The least absolute deviations of Belgium's telephone calls are not unique".into(),
                panels: vec![profile_panel(rows), corners_panel(rows)],
                columns: 2,
                row_height: 420.0,
                notes: vec![
                    "Calls in millions, n = 24: the least sum for each slope, and the optimal lines, which are a polygon with the marked \
                     corners."
                        .into(),
                    "After the data of Rousseeuw & Leroy (1987), Table 2.2.".into(),
                ],
            },
        ]
    }
}

/// The drawn lines of one data set over these places, in units of y / `unit`.
fn lines(rows: &Rows, data: &str, places: [f64; 2], unit: f64) -> Vec<Layer> {
    let drawn = LINES.iter().map(|(name, look)| {
        let line = line_of(rows, &format!("{data}, {name}"));
        let ends = line.through(places).into_iter();
        let ends = ends.map(|(x, y)| (x, y / unit)).collect();
        // As in the book.
        let look = if *name == LS { look.dashed() } else { *look };
        Layer::named(*name, look, Shape::Line(ends))
    });
    drawn.collect()
}

fn calls_panel(rows: &Rows) -> Panel {
    let points = rows.line("phones", "data");
    let corners = rows.line("phones", "corner");
    // The lines of a polygon lie between those of its corners.
    let band = (0..=100).map(|k| {
        let x = 49.0 + 0.26 * f64::from(k);
        let heights = || corners.iter().map(|c| (c.0 + c.1 * x) / TENS);
        let low = heights().fold(f64::INFINITY, f64::min);
        (x, low, heights().fold(f64::NEG_INFINITY, f64::max))
    });
    let mut layers = vec![Layer::plain(Look::L1, Shape::Band(band.collect()))];
    layers.extend(lines(rows, "phones", [49.0, 75.0], TENS));
    layers.push(Layer::named(
        "data",
        Look::BLACK.open(),
        Shape::Points(points.iter().map(|(x, y)| (*x, y / TENS)).collect()),
    ));
    Panel {
        heading: "International calls from Belgium".into(),
        x: Side::linear("year (19..)").between(49.0, 75.0),
        y: Side::linear("calls (tens of millions)").between(-2.5, 22.0),
        layers,
        ..Panel::default()
    }
}

fn stars_panel(rows: &Rows) -> Panel {
    let points = rows.line("stars", "data");
    let mut layers = lines(rows, "stars", [4.8, 3.3], 1.0);
    layers.push(Layer::named(
        "data",
        Look::BLACK.open(),
        Shape::Points(points),
    ));
    layers.push(Layer::plain(
        Look::BLACK,
        Shape::Text {
            at: (3.53, 6.29),
            text: "giants".into(),
            anchor: Anchor::End,
        },
    ));
    Panel {
        heading: "Hertzsprung–Russell diagram of CYG OB1".into(),
        x: Side::linear("log temperature (K)").between(4.8, 3.3),
        y: Side::linear("log light intensity").between(3.5, 6.6),
        layers,
        ..Panel::default()
    }
}

fn profile_panel(rows: &Rows) -> Panel {
    let number = |name: &str| rows.value(name, NUMBER, 0.0);
    let least = number("phones, least sum of absolute deviations");
    let ends = [
        "phones, least slope of the face",
        "phones, largest slope of the face",
    ]
    .map(number);
    let mut layers = vec![
        Layer::named(
            "least sum of each slope",
            Look::L1,
            Shape::Line(rows.line("phones", "profile")),
        ),
        Layer::named(
            "face",
            Look::L1.thick(),
            Shape::Line(ends.map(|slope| (slope, least)).to_vec()),
        ),
    ];
    for (slope, anchor) in ends.into_iter().zip([Anchor::End, Anchor::Start]) {
        layers.push(Layer::plain(Look::GREY.dotted(), Shape::Wall(slope)));
        layers.push(Layer::plain(
            Look::L1,
            Shape::Text {
                at: (
                    if anchor == Anchor::End {
                        slope - 0.02
                    } else {
                        slope + 0.02
                    },
                    least - 5.5,
                ),
                text: format!("{slope:.3}"),
                anchor,
            },
        ));
    }
    layers.push(Layer::plain(
        Look::L1,
        Shape::Text {
            at: (0.5 * (ends[0] + ends[1]), least + 4.0),
            text: format!("{least:.0}"),
            anchor: Anchor::Middle,
        },
    ));
    Panel {
        heading: "A flat bottom".into(),
        x: Side::linear("slope (millions of calls per year)").between(SLOPES.0, SLOPES.1),
        y: Side::linear("least sum of absolute deviations (millions)").between(least - 10.0, 915.0),
        layers,
        ..Panel::default()
    }
}

fn corners_panel(rows: &Rows) -> Panel {
    let mut corners = rows.line("phones", "corner");
    let count = corners.len().max(1) as f64;
    let middle = corners
        .iter()
        .fold((0.0, 0.0), |m, c| (m.0 + c.0 / count, m.1 + c.1 / count));
    // By their angle about the middle, in units in which the polygon is about as wide as high.
    let angle = |c: &(f64, f64)| (50.0 * (c.1 - middle.1)).atan2(c.0 - middle.0);
    corners.sort_by(|a, b| angle(a).total_cmp(&angle(b)));
    Panel {
        heading: "Every optimal line".into(),
        x: Side::linear("intercept (millions of calls)"),
        y: Side::linear("slope (millions of calls per year)"),
        layers: vec![
            Layer::named("face", Look::L1.thick(), Shape::Area(corners.clone())),
            Layer::named("corners", Look::L1, Shape::Points(corners)),
            Layer::named(
                "optimum that R's quantreg returns",
                Look::BLACK.open(),
                Shape::Points(vec![(QUANTREG.intercept, QUANTREG.slope)]),
            ),
        ],
        ..Panel::default()
    }
}
