//! "L1 loss is robust to outliers, L2 is not": a line whose responses are shifted one by one, and Belgium's telephone calls.
//!
//! The rule leaves the noise open, and is not indifferent to it: where few responses are shifted, the error of least absolute
//! deviations is that of the noise, and the error of least squares that of the shift. The deviation is ½, chosen so that both errors at
//! ε = 0 are clear of the bound of 0.1; at 1 they are twice as large, which is told, and so about is the ratio at ε = 0.1, whose
//! interval would then reach across its bound. The rule asks for
//! outliers in responses and not where: they lie in random rows, and once more in the rows with the largest x.

use super::line::Line;
use super::{Bound, Check, Claim, Rows, Ruling, data, interval};
use crate::figure::chart::{Chart, Layer, Look, Panel, Shape, Side};
use crate::statistics::{Interval, median};
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};

/// Points on the line.
const POINTS: usize = 100;
/// The true slope; the true intercept is 0.
const SLOPE: f64 = 1.0;
/// Deviation of the noise.
const NOISE: f64 = 0.5;
/// What is added to a shifted response.
const SHIFT: f64 = 50.0;
/// Most responses that are shifted; each count up to it has its fits.
const MOST: usize = 50;
/// The share of outliers at which the claim is judged.
const JUDGED: f64 = 0.1;
/// A fit is broken where its median slope error is more than this share of the slope.
const BROKEN: f64 = 0.5;

/// Outliers in rows drawn at random.
const RANDOM: &str = "slope error, outliers in random rows";
/// Outliers in the rows with the largest x.
const LARGEST: &str = "slope error, outliers at the largest x";

/// Least absolute deviations.
const LAD: &str = "least absolute deviations";
/// Least squares.
const LS: &str = "least squares";
/// Least squares without the years that were counted otherwise.
const CLEAN: &str = "least squares without 1963–1970";

/// The years whose numbers are minutes of calls, wholly or in part.
const MINUTES: std::ops::RangeInclusive<f64> = 63.0..=70.0;
/// The year that the data count from.
const CENTURY: f64 = 1900.0;

pub(super) struct RobustVertical;

type Fit = fn(&[f64], &[f64]) -> anyhow::Result<Line>;

/// Both losses by name.
const FITS: [(&str, Fit); 2] = [(LAD, Line::least_absolute), (LS, Line::least_squares)];

/// The first place at which the median of the chosen trials is above `bound`; NaN where there is none.
fn breakdown(spread: &[(f64, Vec<f64>)], bound: f64, chosen: &[usize]) -> f64 {
    let broken = spread.iter().find(|(_, values)| {
        let chosen = chosen.iter().filter_map(|&i| values.get(i));
        median(&mut chosen.copied().collect::<Vec<f64>>()) > bound
    });
    broken.map_or(f64::NAN, |(at, _)| *at)
}

impl Claim for RobustVertical {
    fn id(&self) -> &'static str {
        "robust-vertical"
    }

    fn claim(&self) -> &'static str {
        "L1 loss is robust to outliers, L2 is not"
    }

    fn experiment(&self) -> &'static str {
        "A line through 100 points, y = x + noise of deviation ½, x standard normal, of which a share ε has 50 added to y; \
         and the telephone calls from Belgium, 1950 to 1973"
    }

    fn sources(&self) -> &'static [&'static str] {
        &[
            "Rousseeuw & Leroy (1987), Robust Regression and Outlier Detection, Table 2.2",
            "He, Jurečková, Koenker & Portnoy (1990), Tail behavior of regression estimators and their breakdown points, \
             Econometrica 58",
        ]
    }

    fn trials(&self) -> usize {
        60
    }

    fn fixed(&self, rows: &mut Rows) -> anyhow::Result<()> {
        let phones = data::table("belgian-phones")?;
        let year: Vec<f64> = (0..phones.y.len()).map(|i| phones.x[(i, 0)]).collect();
        let mut push = |name: &str, line: Line| {
            rows.push(name, "phones, intercept", 0.0, line.intercept);
            rows.push(name, "phones, slope", 0.0, line.slope);
        };
        for (name, fit) in FITS {
            push(name, fit(&year, &phones.y)?);
        }
        let both = || year.iter().zip(&phones.y);
        let kept = both().filter(|(year, _)| !MINUTES.contains(*year));
        let (x, y): (Vec<f64>, Vec<f64>) = kept.unzip();
        push(CLEAN, Line::least_squares(&x, &y)?);
        for (year, calls) in both() {
            rows.push("data", "phones", *year, *calls);
        }
        Ok(())
    }

    fn trial(&self, rng: &mut ChaCha8Rng, rows: &mut Rows) -> anyhow::Result<()> {
        let normal = |rng: &mut ChaCha8Rng| -> f64 { StandardNormal.sample(rng) };
        let x: Vec<f64> = (0..POINTS).map(|_| normal(rng)).collect();
        let y: Vec<f64> = (x.iter())
            .map(|x| SLOPE * x + NOISE * normal(rng))
            .collect();
        let mut random: Vec<usize> = (0..POINTS).collect();
        random.shuffle(rng);
        let mut largest: Vec<usize> = (0..POINTS).collect();
        largest.sort_by(|&i, &j| x[j].total_cmp(&x[i]));
        for (quantity, order) in [(RANDOM, random), (LARGEST, largest)] {
            for count in 0..=MOST {
                let mut shifted = y.clone();
                order[..count].iter().for_each(|&i| shifted[i] += SHIFT);
                let share = count as f64 / POINTS as f64;
                for (name, fit) in FITS {
                    let error = (fit(&x, &shifted)?.slope - SLOPE).abs();
                    rows.push(name, quantity, share, error);
                }
            }
        }
        Ok(())
    }

    fn judge(&self, rows: &Rows) -> Ruling {
        let errors = |name, share| rows.values(name, RANDOM, share);
        let (lad, ls) = (errors(LAD, JUDGED), errors(LS, JUDGED));
        let ratio = interval::of_statistic(lad.len().min(ls.len()), |chosen| {
            let of = |errors: &[f64]| {
                median(&mut chosen.iter().map(|&i| errors[i]).collect::<Vec<f64>>())
            };
            of(&lad) / of(&ls)
        });
        let breakdown = |name, quantity| -> Interval {
            let spread = rows.spread(name, quantity);
            let trials = spread.iter().map(|(_, v)| v.len()).min().unwrap_or(0);
            interval::of_statistic(trials, |chosen| breakdown(&spread, BROKEN * SLOPE, chosen))
        };
        let slope = |name| rows.value(name, "phones, slope", 0.0);
        // Without outliers the error of a slope goes with the noise.
        let doubled: Vec<f64> = errors(LAD, 0.0).iter().map(|e| e / NOISE).collect();
        let checks = vec![
            Check::new(
                "median slope error of least absolute deviations over that of least squares at ε = 0.1",
                ratio,
                Bound::Below(0.1),
            ),
            Check::new(
                "median slope error of least absolute deviations at ε = 0",
                interval::of_median(&errors(LAD, 0.0)),
                Bound::Below(0.1),
            ),
            Check::new(
                "median slope error of least squares at ε = 0",
                interval::of_median(&errors(LS, 0.0)),
                Bound::Below(0.1),
            ),
            Check::told(
                "median slope error of least absolute deviations at ε = 0.1",
                interval::of_median(&lad),
            ),
            Check::told(
                "median slope error of least squares at ε = 0.1",
                interval::of_median(&ls),
            ),
            Check::told(
                "breakdown ε of least absolute deviations, the first at which the slope is off by half",
                breakdown(LAD, RANDOM),
            ),
            Check::told(
                "breakdown ε of least squares, the first at which the slope is off by half",
                breakdown(LS, RANDOM),
            ),
            Check::told(
                "breakdown ε of least absolute deviations where the outliers are those with the largest x",
                breakdown(LAD, LARGEST),
            ),
            Check::told(
                "phones: slope of least absolute deviations (one of many), millions of calls per year",
                interval::exact(slope(LAD)),
            ),
            Check::told(
                "phones: slope of least squares, millions of calls per year",
                interval::exact(slope(LS)),
            ),
            Check::told(
                "phones: slope of least squares without 1963–1970, millions of calls per year",
                interval::exact(slope(CLEAN)),
            ),
            Check::told(
                "median slope error of least absolute deviations at ε = 0, were the deviation of the noise 1",
                interval::of_median(&doubled),
            ),
        ];
        let told = |i: usize| checks[i].interval.estimate;
        let sentence = format!(
            "With 10 % of the responses off by 50, least squares miss a slope of 1 by {:.2} and least absolute deviations by {:.2}; these \
             give way at {:.0} % of outliers in random rows, and at {:.0} % at the largest x.",
            told(4),
            told(3),
            100.0 * told(5),
            100.0 * told(7),
        );
        Ruling { checks, sentence }
    }

    fn charts(&self, rows: &Rows) -> Vec<Chart> {
        vec![errors(rows), phones(rows)]
    }
}

/// Slope errors against the share of outliers, by where these lie.
fn errors(rows: &Rows) -> Chart {
    let panel = |heading: &str, quantity: &'static str| {
        let mut layers = vec![Layer::named(
            "slope off by half: broken",
            Look::GREY.thin().dashed(),
            Shape::Level(BROKEN * SLOPE),
        )];
        if quantity == RANDOM {
            let judged = Shape::Wall(100.0 * JUDGED);
            let look = Look::GREY.thin().dotted();
            layers.push(Layer::named("share at which it is judged", look, judged));
        }
        let (mut bands, mut lines) = (Vec::new(), Vec::new());
        for (name, look) in [(LS, Look::L2), (LAD, Look::L1)] {
            let quartiles = |share: f64| {
                let of = |(at, values): (f64, Vec<f64>)| (100.0 * at, quantile(values, share));
                rows.spread(name, quantity)
                    .into_iter()
                    .map(of)
                    .collect::<Vec<(f64, f64)>>()
            };
            let (low, middle, high) = (quartiles(0.25), quartiles(0.5), quartiles(0.75));
            let between = low
                .iter()
                .zip(&high)
                .map(|(low, high)| (low.0, low.1, high.1));
            bands.push(Layer::plain(look, Shape::Band(between.collect())));
            lines.push(Layer::named(name, look, Shape::Line(middle.clone())));
            lines.push(Layer::named(name, look.thin(), Shape::Points(middle)));
        }
        layers.extend(bands);
        layers.extend(lines);
        Panel {
            heading: heading.into(),
            x: Side::linear("share ε of responses that are shifted (%)").between(-1.0, 51.0),
            y: Side::log("error of the slope, whose true value is 1").between(0.01, 40.0),
            layers,
            ..Panel::default()
        }
    };
    Chart {
        stem: "robust-vertical".into(),
        title: "What outliers in the response do to the slope".into(),
        panels: vec![
            panel("Outliers in random rows", RANDOM),
            panel("Outliers in the rows with the largest x", LARGEST),
        ],
        columns: 2,
        row_height: 430.0,
        notes: vec![
            format!(
                "Medians over {} trials, bands from the first to the third quartile.",
                rows.values(LAD, RANDOM, 0.0).len()
            ),
            format!(
                "A line through {POINTS} points, y = x + noise of deviation {NOISE}, x standard normal; {SHIFT} is added to a share ε of the y."
            ),
        ],
    }
}

/// The telephone calls with their lines.
fn phones(rows: &Rows) -> Chart {
    let calls = rows.line("data", "phones");
    let shown = |minutes: bool| {
        let here = calls
            .iter()
            .filter(|(year, _)| MINUTES.contains(year) == minutes);
        Shape::Points(here.map(|(year, calls)| (CENTURY + year, *calls)).collect())
    };
    let line = |name: &str| {
        let line = Line {
            intercept: rows.value(name, "phones, intercept", 0.0),
            slope: rows.value(name, "phones, slope", 0.0),
        };
        let shifted = line.through([49.3, 73.7]);
        Shape::Line(shifted.iter().map(|(x, y)| (CENTURY + x, *y)).collect())
    };
    let slope = |name: &str| rows.value(name, "phones, slope", 0.0);
    let named = |name: &str| format!("{name}: {:.2} a year", slope(name));
    Chart {
        stem: "robust-vertical-phones".into(),
        title: "International telephone calls from Belgium".into(),
        panels: vec![Panel {
            heading: "Calls of each year, and the lines through them".into(),
            x: Side::linear("year").between(1949.3, 1973.7),
            y: Side::linear("calls (millions)").between(-20.0, 225.0),
            layers: vec![
                Layer::plain(Look::PALE.thin(), Shape::Level(0.0)),
                Layer::named(named(CLEAN), Look::GREY.dashed(), line(CLEAN)),
                Layer::named(named(LS), Look::L2, line(LS)),
                Layer::named(named(LAD), Look::L1, line(LAD)),
                Layer::named("years counted in calls", Look::BLACK, shown(false)),
                Layer::named(
                    "years counted in minutes, wholly or in part",
                    Look::BLACK.open(),
                    shown(true),
                ),
            ],
            ..Panel::default()
        }],
        columns: 1,
        row_height: 480.0,
        notes: vec![
            "From 1964 to 1969 the minutes of calls were recorded instead of their number, and in parts of 1963 and 1970.".into(),
            "The least sum of absolute deviations is reached by other slopes as well, see the claim uniqueness.".into(),
            "After Rousseeuw & Leroy (1987), Table 2.2.".into(),
        ],
    }
}

/// The value below which that share lies, by interpolation; NaN for none.
fn quantile(mut values: Vec<f64>, share: f64) -> f64 {
    if values.is_empty() {
        return f64::NAN;
    }
    values.sort_by(f64::total_cmp);
    let at = share * (values.len() - 1) as f64;
    let (below, above) = (values[at.floor() as usize], values[at.ceil() as usize]);
    below + (at - at.floor()) * (above - below)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_breakdown_is_the_first_place_above_the_bound() {
        let spread = vec![
            (0.0, vec![0.1, 0.2]),
            (0.5, vec![0.3, 0.9]),
            (1.0, vec![2.0, 2.0]),
        ];
        assert_eq!(breakdown(&spread, 0.5, &[0, 1]), 0.5);
        assert_eq!(breakdown(&spread, 0.5, &[0, 0]), 1.0);
        assert!(breakdown(&spread, 3.0, &[0, 1]).is_nan());
    }

    #[test]
    fn quartiles_are_interpolated() {
        assert_eq!(quantile(vec![4.0, 1.0, 3.0, 2.0], 0.25), 1.75);
        assert_eq!(quantile(vec![5.0], 0.75), 5.0);
        assert!(quantile(Vec::new(), 0.5).is_nan());
    }
}
