//! "L1 loss blurs less": a step edge that is never twice in the same place, predicted pixel by pixel.
//!
//! This is the end of training a network that cannot know where the edge will be: at every pixel it predicts what has the least mean
//! loss over the copies. An edge is as wide as the way from 10 to 90 % of its height, along straight lines between pixels. A profile
//! may be flat at 10 % or at 90 %; the rule is read strictly, with the narrower way for L2 and the wider for L1.
//!
//! With jitter uniform on ±3 px the mean tends to a ramp of 6 px, whose 10–90 % width is 0.8 · 6 = 4.8 px, and the median to a step,
//! which takes 0.8 px from one pixel to the next, and no edge on pixels takes less. With an even number of copies the median at a pixel
//! may be any value from black to white, and the solver takes an end; the edge that is judged has grey there.

use super::unpenalised::constant;
use super::{Bound, Check, Claim, Rows, Ruling, interval};
use crate::figure::chart::{Anchor, Chart, Layer, Look, Panel, Raster, Shape, Side};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use regpath_solvers::loss::LossKind;

/// Copies of the edge.
const COPIES: usize = 20;
/// Largest shift of a copy, in pixels.
const JITTER: f64 = 3.0;
/// Pixels to each side of the middle.
const HALF: i32 = 10;
/// Slack for grey values that are multiples of 1/20 up to rounding.
const ROUNDING: f64 = 1e-9;
/// Width of L2 as copies become many: 80 % of a ramp.
const RAMP_WIDTH: f64 = 0.8 * 2.0 * JITTER;
/// Width of a step on pixels.
const STEP_WIDTH: f64 = 0.8;
/// Largest width that the claim allows L1.
const NARROW: f64 = 1.0;
/// Least width that it asks of L2.
const WIDE: f64 = 4.0;

pub(super) struct Blur;

/// The way from 10 to 90 % along straight lines between pixels, in pixels: (narrowest, widest) where the profile is flat at either.
/// NaN where it does not go from one to the other.
fn widths(profile: &[f64]) -> (f64, f64) {
    let (low, high) = (0.1, 0.9);
    let is_low = |v: &f64| *v <= low + ROUNDING;
    let is_high = |v: &f64| *v >= high - ROUNDING;
    // Where the line from pixel k to the next takes a value.
    let between = |k: usize, value: f64| {
        let (from, to) = (profile[k], profile[k + 1]);
        k as f64 + ((value - from) / (to - from)).clamp(0.0, 1.0)
    };
    let leaves = profile.iter().rposition(is_low);
    let arrives = profile.iter().position(is_high);
    let first = (profile.iter()).position(|v| *v >= low - ROUNDING);
    let last = (profile.iter()).rposition(|v| *v <= high + ROUNDING);
    let width = |from: Option<usize>, to: Option<usize>| match (from, to) {
        (Some(from), Some(to)) if from + 1 < profile.len() && to > 0 => {
            between(to - 1, high) - between(from, low)
        }
        _ => f64::NAN,
    };
    let narrow = width(leaves, arrives);
    let wide = width(
        first.and_then(|k| k.checked_sub(1)),
        last.map(|k| k + 1).filter(|k| *k < profile.len()),
    );
    (narrow, wide)
}

fn pixels() -> impl Iterator<Item = f64> {
    (-HALF..=HALF).map(f64::from)
}

impl Claim for Blur {
    fn id(&self) -> &'static str {
        "blur"
    }

    fn claim(&self) -> &'static str {
        "L1 loss blurs less"
    }

    fn experiment(&self) -> &'static str {
        "A step edge in 20 copies, each shifted by a uniform number within ±3 pixels; each pixel is predicted by the value with the \
         least loss over the copies, in 200 trials"
    }

    fn sources(&self) -> &'static [&'static str] {
        &[
            "Zhao, Gallo, Frosio & Kautz (2017), Loss functions for image restoration with neural networks, IEEE Trans. Comput. \
             Imaging 3",
        ]
    }

    fn trials(&self) -> usize {
        200
    }

    fn trial(&self, rng: &mut ChaCha8Rng, rows: &mut Rows) -> anyhow::Result<()> {
        let shifts: Vec<f64> = (0..COPIES)
            .map(|_| JITTER * (2.0 * rng.random::<f64>() - 1.0))
            .collect();
        let (mut l1, mut l2, mut grey) = (Vec::new(), Vec::new(), Vec::new());
        for x in pixels() {
            let copies: Vec<f64> = shifts
                .iter()
                .map(|s| f64::from(u8::from(x >= *s)))
                .collect();
            l1.push(constant(LossKind::Absolute, &copies)?);
            l2.push(constant(LossKind::Squared, &copies)?);
            let white = 2 * copies.iter().filter(|v| **v == 1.0).count();
            grey.push(match white.cmp(&COPIES) {
                std::cmp::Ordering::Less => 0.0,
                std::cmp::Ordering::Equal => 0.5,
                std::cmp::Ordering::Greater => 1.0,
            });
        }
        for (k, shift) in shifts.iter().enumerate() {
            rows.push("copy", "shift", k as f64, *shift);
        }
        for ((x, l1), l2) in pixels().zip(&l1).zip(&l2) {
            rows.push("L1", "profile", x, *l1);
            rows.push("L2", "profile", x, *l2);
        }
        rows.push("L1", "width", 0.0, widths(&l1).1);
        rows.push("L2", "width", 0.0, widths(&l2).0);
        rows.push("L1 with grey", "width", 0.0, widths(&grey).1);
        let ties = grey.iter().filter(|v| **v == 0.5).count();
        rows.push("L1", "ties", 0.0, ties as f64);
        Ok(())
    }

    fn judge(&self, rows: &Rows) -> Ruling {
        let of = |series| rows.values(series, "width", 0.0);
        let width = |series| interval::of_median(&of(series));
        let (l1, l2) = (width("L1"), width("L2"));
        let ties = rows.values("L1", "ties", 0.0);
        let tied = ties.iter().filter(|t| **t > 0.0).count();
        let narrow = of("L1").iter().filter(|w| **w <= NARROW).count();
        let wide = of("L2").iter().filter(|w| **w >= WIDE).count();
        let checks = vec![
            Check::new(
                "10–90 % edge width of L1, grey where it is undecided, pixels, median over trials",
                width("L1 with grey"),
                Bound::Below(NARROW),
            ),
            Check::new(
                "10–90 % edge width of L2, pixels, median over trials",
                l2,
                Bound::Above(WIDE),
            ),
            Check::told(
                "share of trials in which L1 is at most 1 pixel wide",
                interval::of_share(narrow, of("L1").len()),
            ),
            Check::told(
                "share of trials in which L2 is at least 4 pixels wide",
                interval::of_share(wide, of("L2").len()),
            ),
            Check::told(
                "share of trials with a pixel at which ten copies are black and ten white",
                interval::of_share(tied, ties.len()),
            ),
            Check::told(
                "10–90 % edge width of L1 with grey at such pixels, pixels, mean over trials",
                interval::of_mean(&of("L1 with grey")),
            ),
        ];
        let sentence = format!(
            "From 20 copies of an edge that jitters by ±3 pixels, the L1 loss predicts an edge {:.1} pixels wide, the L2 loss one of \
             {:.1}: a median of sharp edges is sharp, their mean is a ramp.",
            l1.estimate, l2.estimate,
        );
        Ruling { checks, sentence }
    }

    fn charts(&self, rows: &Rows) -> Vec<Chart> {
        let shifts: Vec<f64> = (rows.line("copy", "shift").iter()).map(|p| p.1).collect();
        let mut edges: Vec<Layer> = (shifts.iter())
            .map(|s| {
                let step = [
                    (f64::from(-HALF), 0.0),
                    (*s, 0.0),
                    (*s, 1.0),
                    (f64::from(HALF), 1.0),
                ];
                Layer::named(
                    "the 20 copies",
                    Look::PALE.thin(),
                    Shape::Line(step.to_vec()),
                )
            })
            .collect();
        for level in [0.1, 0.9] {
            edges.push(Layer::plain(
                Look::GREY.dotted().thin(),
                Shape::Level(level),
            ));
        }
        let ramp = [(-8.0, 0.0), (-JITTER, 0.0), (JITTER, 1.0), (8.0, 1.0)];
        edges.push(Layer::named(
            "mean of infinitely many copies",
            Look::BLACK.thin().dashed(),
            Shape::Line(ramp.to_vec()),
        ));
        for (series, look) in [("L2", Look::L2), ("L1", Look::L1)] {
            let profile = rows.line(series, "profile");
            edges.push(Layer::named(series, look, Shape::Line(profile.clone())));
            edges.push(Layer::named(series, look, Shape::Points(profile)));
        }
        let profiles = Panel {
            heading: "The predicted edge".into(),
            x: Side::linear("pixel").between(-7.0, 7.0),
            y: Side::linear("grey value, black 0, white 1").between(-0.08, 1.08),
            layers: edges,
            ..Panel::default()
        };
        let boxes = |series: &str, x: f64| Shape::Boxes {
            width: 0.5,
            boxes: vec![(x, rows.values(series, "width", 0.0))],
        };
        let text = |at, look, text: &str| {
            let text = text.into();
            let anchor = Anchor::Middle;
            Layer::plain(look, Shape::Text { at, text, anchor })
        };
        let spread = Panel {
            heading: format!(
                "Width from 10 to 90 %, {} trials",
                rows.values("L1", "width", 0.0).len()
            ),
            x: Side::categories("", ["L1", "L1, grey where undecided", "L2"]),
            y: Side::linear("edge width, pixels").between(0.0, 6.4),
            layers: vec![
                Layer::plain(Look::L1.thin().dashed(), Shape::Level(NARROW)),
                Layer::plain(Look::L2.thin().dashed(), Shape::Level(WIDE)),
                Layer::plain(Look::BLACK.thin().dotted(), Shape::Level(RAMP_WIDTH)),
                Layer::plain(Look::BLACK.thin().dotted(), Shape::Level(STEP_WIDTH)),
                Layer::plain(Look::L1, boxes("L1", 0.0)),
                Layer::plain(Look::L1, boxes("L1 with grey", 1.0)),
                Layer::plain(Look::L2, boxes("L2", 2.0)),
                text((0.0, NARROW + 0.22), Look::L1, "claim: at most 1"),
                text((0.0, WIDE + 0.22), Look::L2, "claim: at least 4"),
                text(
                    (0.9, RAMP_WIDTH + 0.22),
                    Look::BLACK,
                    "closed form of L2: 4.8",
                ),
                text(
                    (0.0, STEP_WIDTH - 0.35),
                    Look::BLACK,
                    "closed form of L1: 0.8",
                ),
            ],
            ..Panel::default()
        };
        let side = (2 * HALF + 1) as usize;
        let image = |heading: &str, values: &[f64], caption: String| Panel {
            heading: heading.into(),
            raster: Some(Raster::of(side, values, caption)),
            ..Panel::default()
        };
        let copies: Vec<f64> = (shifts.iter())
            .flat_map(|s| pixels().map(move |x| f64::from(u8::from(x >= *s))))
            .collect();
        let repeated = |series: &str| -> Vec<f64> {
            let profile: Vec<f64> = rows.line(series, "profile").iter().map(|p| p.1).collect();
            profile.repeat(COPIES)
        };
        let first = |series: &str| {
            rows.values(series, "width", 0.0)
                .first()
                .copied()
                .unwrap_or(f64::NAN)
        };
        let wide = |series: &str| format!("10–90 % width {:.1} pixels", first(series));
        let reading = "20 copies of a step edge, each shifted by a uniform number of pixels within ±3; prediction pixel by pixel, as \
                       by a network that cannot know the shift; the first trial.";
        vec![
            Chart {
                stem: "blur".into(),
                title: "An edge of uncertain place: the L1 loss predicts a step, the L2 loss a ramp".into(),
                panels: vec![profiles, spread],
                columns: 2,
                row_height: 430.0,
                notes: vec![
                    reading.into(),
                    "Where ten copies are black and ten white, every grey has the same L1 loss: the solver takes an end, and grey in \
                     the middle makes the edge wider. After Zhao et al. (2017)."
                        .into(),
                ],
            },
            Chart {
                stem: "blur-images".into(),
                title: "What was seen, and what each loss predicts".into(),
                panels: vec![
                    image("The copies, one in each row", &copies, "each of them is sharp".into()),
                    image("Predicted by the L1 loss", &repeated("L1"), wide("L1")),
                    image("Predicted by the L2 loss", &repeated("L2"), wide("L2")),
                ],
                columns: 3,
                row_height: 400.0,
                notes: vec![reading.into(), "After Zhao et al. (2017).".into()],
            },
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(found: (f64, f64), narrow: f64, wide: f64) {
        assert!(
            (found.0 - narrow).abs() < 1e-6 && (found.1 - wide).abs() < 1e-6,
            "{found:?}"
        );
    }

    #[test]
    fn widths_are_those_of_steps_and_ramps() {
        close(widths(&[0.0, 0.0, 1.0, 1.0]), STEP_WIDTH, STEP_WIDTH);
        close(widths(&[0.0, 0.5, 1.0]), 1.6, 1.6);
        // A ramp of six pixels.
        let ramp: Vec<f64> = (0..13)
            .map(|k| ((f64::from(k) - 3.0) / 6.0).clamp(0.0, 1.0))
            .collect();
        close(widths(&ramp), RAMP_WIDTH, RAMP_WIDTH);
        // Flat at 10 and at 90 % for one pixel each.
        close(widths(&[0.0, 0.1, 0.1, 0.9, 0.9, 1.0]), 1.0, 3.0);
        assert!(widths(&[0.0, 0.0]).0.is_nan());
    }
}
