//! "L1 loss is robust to outliers in x as well": the stars of CYG OB1 with and without the giants.
//!
//! Absolute deviations bound what a response can do and not what an x can: the pull of a point on the slope grows with its
//! distance from the others. The giants are stars as good as any other; they are bad only for the line of the main sequence.

use super::line::Line;
use super::{Bound, Check, Claim, Decision, Rows, Ruling, data, interval};
use crate::figure::chart::{Anchor, Chart, Layer, Look, Panel, Shape, Side};

/// Logarithm of the temperature below which a star is a red giant.
const GIANT: f64 = 3.6;

/// Least absolute deviations.
const LAD: &str = "least absolute deviations";
/// Least squares.
const LS: &str = "least squares";
/// The slope of a line through all stars.
const ALL: &str = "slope, all stars";
/// The slope of a line through the main sequence.
const MAIN: &str = "slope, without the giants";
/// Intercepts of the two.
const INTERCEPTS: [&str; 2] = ["intercept, all stars", "intercept, without the giants"];

pub(super) struct RobustLeverage;

/// A slope with its sign as it is printed.
fn signed(slope: f64) -> String {
    format!("{slope:.2}").replace('-', "−")
}

type Fit = fn(&[f64], &[f64]) -> anyhow::Result<Line>;

/// Both losses by name, with their looks.
const FITS: [(&str, Fit, Look); 2] = [
    (LS, Line::least_squares, Look::L2),
    (LAD, Line::least_absolute, Look::L1),
];

impl Claim for RobustLeverage {
    fn id(&self) -> &'static str {
        "robust-leverage"
    }

    fn claim(&self) -> &'static str {
        "L1 loss is robust to outliers in x as well"
    }

    fn experiment(&self) -> &'static str {
        "Light against temperature of the 47 stars of CYG OB1, with and without the giants, those with log temperature below 3.6; \
         without them hotter stars are brighter"
    }

    fn sources(&self) -> &'static [&'static str] {
        &["Rousseeuw & Leroy (1987), Robust Regression and Outlier Detection, Table 2.3"]
    }

    fn fixed(&self, rows: &mut Rows) -> anyhow::Result<()> {
        let stars = data::table("stars-cyg")?;
        let all: Vec<(f64, f64)> = (stars.y.iter().enumerate())
            .map(|(i, light)| (stars.x[(i, 0)], *light))
            .collect();
        let main = all.iter().copied().filter(|(x, _)| *x >= GIANT).collect();
        for (points, slope, intercept) in [(&all, ALL, INTERCEPTS[0]), (&main, MAIN, INTERCEPTS[1])]
        {
            let (x, y): (Vec<f64>, Vec<f64>) = points.iter().copied().unzip();
            for (name, fit, _) in FITS {
                let line = fit(&x, &y)?;
                rows.push(name, slope, 0.0, line.slope);
                rows.push(name, intercept, 0.0, line.intercept);
            }
        }
        rows.push_line("data", "stars", &all);
        Ok(())
    }

    fn judge(&self, rows: &Rows) -> Ruling {
        let slope = |name: &str, of: &str| rows.value(name, of, 0.0);
        let (with, without) = (slope(LAD, ALL), slope(LAD, MAIN));
        // Where the sign is wrong without the giants as well, they are not to blame, and nothing is decided.
        let blamed = if without > 0.0 { with } else { f64::NAN };
        let check = Check::new(
            "slope of least absolute deviations through all stars, where that without the giants is positive",
            interval::exact(blamed),
            Bound::Above(0.0),
        );
        let decision = check.decide();
        let told = |name: &str, of: &str| {
            Check::told(format!("{of}, of {name}"), interval::exact(slope(name, of)))
        };
        let sentence = format!(
            "Four giants among 47 stars move the slope of least absolute deviations from {} to {} and that of least squares from {} to \
             {}: {}.",
            signed(without),
            signed(with),
            signed(slope(LS, MAIN)),
            signed(slope(LS, ALL)),
            match decision {
                Decision::Fails if slope(LS, ALL) < 0.0 =>
                    "where an x lies far from the others, L1 loss turns to the wrong sign as L2 loss does",
                Decision::Fails =>
                    "where an x lies far from the others, L1 loss turns to the wrong sign",
                Decision::Holds => "the sign of L1 loss withstands an x far from the others",
                Decision::Undecided => "the giants do not decide the sign of L1 loss",
            }
        );
        Ruling {
            checks: vec![
                check,
                told(LAD, MAIN),
                told(LAD, ALL),
                told(LS, MAIN),
                told(LS, ALL),
            ],
            sentence,
        }
    }

    fn charts(&self, rows: &Rows) -> Vec<Chart> {
        let stars = rows.line("data", "stars");
        let of = |giants: bool| {
            let here = stars.iter().filter(|(x, _)| (*x < GIANT) == giants);
            Shape::Points(here.copied().collect())
        };
        let line = |name: &str, slope: &str, intercept: &str| {
            let line = Line {
                intercept: rows.value(name, intercept, 0.0),
                slope: rows.value(name, slope, 0.0),
            };
            Shape::Line(line.through([4.75, 3.35]))
        };
        let panel = |heading: String, slope: &str, intercept: &str, giants: bool| {
            let mut layers: Vec<Layer> = (FITS.iter())
                .map(|(name, _, look)| Layer::named(*name, *look, line(name, slope, intercept)))
                .collect();
            layers.push(Layer::named("main sequence", Look::BLACK.thin(), of(false)));
            let (name, colour) = match giants {
                true => ("giants", Look::BLACK.colour),
                false => ("giants, left out", Look::GREY.colour),
            };
            let look = Look {
                colour,
                ..Look::BLACK.open()
            };
            layers.push(Layer::named(name, look, of(true)));
            for (name, _, look) in FITS {
                let place = if name == LS { 6.12 } else { 6.37 };
                layers.push(Layer::plain(
                    look,
                    Shape::Text {
                        at: (4.72, place),
                        text: format!("{name}: slope {}", signed(rows.value(name, slope, 0.0))),
                        anchor: Anchor::Start,
                    },
                ));
            }
            Panel {
                heading,
                x: Side::linear("logarithm of temperature (K), the hot on the left")
                    .between(4.75, 3.35),
                y: Side::linear("logarithm of light (suns)").between(3.5, 6.6),
                layers,
                ..Panel::default()
            }
        };
        let count = |giants: bool| stars.iter().filter(|(x, _)| (*x < GIANT) == giants).count();
        vec![Chart {
            stem: "robust-leverage".into(),
            title: "What four giants do to the line of the main sequence".into(),
            panels: vec![
                panel(
                    format!("Fitted to all {} stars", stars.len()),
                    ALL,
                    INTERCEPTS[0],
                    true,
                ),
                panel(
                    format!("Fitted without the {} giants", count(true)),
                    MAIN,
                    INTERCEPTS[1],
                    false,
                ),
            ],
            columns: 2,
            row_height: 500.0,
            notes: vec![
                "The Hertzsprung–Russell diagram of the star cluster CYG OB1; astronomers draw temperature from right to left.".into(),
                "On the main sequence hotter stars are brighter, which is a positive slope and falls to the right here.".into(),
                "After Rousseeuw & Leroy (1987), Table 2.3.".into(),
            ],
        }]
    }
}
