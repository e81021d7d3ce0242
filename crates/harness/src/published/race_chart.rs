//! Panels of races: what every contestant had reached after how many seconds.

use super::race::Raced;
use crate::figure::chart::{Anchor, Layer, Look, Panel, Runner, Shape, Side, runners};

/// What is drawn below this is rounding.
const FLOOR: f64 = 1e-16;

/// What a curve descends in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Descent {
    /// Suboptimality against the best dual value that anyone found.
    Suboptimality,
    /// The duality gap that is certified from the coefficients alone.
    Gap,
}

/// (seconds, value) of one contestant, from loose to tight tolerances, and of the last the certified gap.
pub(super) struct Curve {
    /// Who.
    pub runner: Runner,
    /// What it reached, in units of the null loss.
    pub points: Vec<(f64, f64)>,
    /// The certified gap where it ends.
    pub end: f64,
}

/// The curves of the contestants that have one on this problem, in display order.
pub(super) fn curves(
    raced: &Raced,
    contestants: &[&str],
    problem: &str,
    descent: Descent,
) -> Vec<Curve> {
    let curve = |runner: Runner| {
        let gaps = raced.gap(&runner.id, problem);
        let points = match descent {
            Descent::Gap => gaps.clone(),
            Descent::Suboptimality => raced.suboptimality(&runner.id, problem),
        };
        let end = gaps.last()?.1;
        // What is not above 0 is below all rounding.
        let points = points
            .into_iter()
            .map(|(s, v)| (s, if v <= FLOOR { FLOOR } else { v }))
            .collect();
        Some(Curve {
            runner,
            points,
            end,
        })
    };
    runners(contestants.iter().copied())
        .into_iter()
        .filter_map(curve)
        .collect()
}

/// One problem: curves with a mark at each tolerance; a dotted line at the end of each goes up to its certified gap.
pub(super) fn panel(heading: String, curves: &[Curve], x: (f64, f64), title: &str) -> Panel {
    let mut layers = Vec::new();
    for curve in curves {
        let Some(&(seconds, last)) = curve.points.last() else {
            continue;
        };
        let look = curve.runner.look.thin();
        if curve.end.is_finite() && curve.end > last {
            let up = vec![(seconds, last), (seconds, curve.end)];
            layers.push(Layer::plain(look.dotted(), Shape::Line(up)));
            let top = Shape::Points(vec![(seconds, curve.end)]);
            layers.push(Layer::plain(look.open(), top));
        }
    }
    for curve in curves {
        let look = curve.runner.look;
        layers.push(Layer::plain(look.thin(), Shape::Line(curve.points.clone())));
        layers.push(Layer::named(
            curve.runner.label.clone(),
            look.thin(),
            Shape::Points(curve.points.clone()),
        ));
    }
    Panel {
        heading,
        x: Side::log("seconds").between(x.0, x.1),
        y: Side::log(title).between(FLOOR / 3.0, 3.0),
        layers,
        ..Panel::default()
    }
}

/// Ends of an axis of seconds that holds all curves.
pub(super) fn seconds<'a>(curves: impl IntoIterator<Item = &'a Curve>) -> (f64, f64) {
    let all = curves.into_iter().flat_map(|c| &c.points).map(|p| p.0);
    let (low, high) = all.fold((f64::INFINITY, 0.0f64), |(low, high), s| {
        (low.min(s), high.max(s))
    });
    match high > 0.0 {
        true => (low / 1.5, high * 1.5),
        false => (1e-3, 1.0),
    }
}

/// Seconds of every contestant at places that have names: a line with marks each, broken where there are none.
pub(super) fn seconds_panel(
    heading: String,
    title: &str,
    places: &[String],
    lines: Vec<(Runner, Vec<(f64, f64)>)>,
) -> Panel {
    let mut layers = Vec::new();
    for (runner, points) in &lines {
        layers.push(Layer::plain(
            runner.look.thin(),
            Shape::Line(points.clone()),
        ));
    }
    for (runner, points) in lines {
        let there: Vec<(f64, f64)> = points.into_iter().filter(|p| p.1.is_finite()).collect();
        if !there.is_empty() {
            layers.push(Layer::named(
                runner.label,
                runner.look,
                Shape::Points(there),
            ));
        }
    }
    let mut y = Side::log("seconds");
    if layers.iter().all(|layer| layer.name.is_none()) {
        y = y.between(0.1, 10.0);
        let text = Shape::Text {
            at: ((places.len() as f64 - 1.0) / 2.0, 1.0),
            text: "not installed".into(),
            anchor: Anchor::Middle,
        };
        layers.push(Layer::plain(Look::GREY, text));
    }
    Panel {
        heading,
        x: Side::categories(title, places.to_vec()),
        y,
        layers,
        ..Panel::default()
    }
}

/// The caption of a race: what it shows, what is missing and why, who took part, after whom.
pub(super) fn notes(
    raced: &Raced,
    told: String,
    contestants: &[&str],
    problems: &[String],
    eps: f64,
    after: &str,
) -> Vec<String> {
    let missing = raced.missing(contestants, problems, eps);
    let notes = [told, missing, raced.versions(), after.to_owned()];
    notes.into_iter().filter(|note| !note.is_empty()).collect()
}
