//! What the charts of paths share: the axis of x, the looks of contestants and penalties, sizes.

use super::super::abscissa::Abscissa;
use super::super::chart::{Chart, Layer, Look, Panel, Shape, Side};
use super::super::path_series::PathSeries;
use super::super::style::contestants;
use super::super::trial::{Trial, distinct};

/// Height of a row of panels, with their axes.
const ROW: f64 = 390.0;
/// Points of a line up to which each is marked: of more the marks would touch.
const MARKED: usize = 12;

/// The axis that holds all of these paths, and a dotted wall where it is broken before λ = 0.
pub fn side(series: &[PathSeries]) -> (Side, Vec<Layer>) {
    let axes: Vec<_> = series
        .iter()
        .filter(|s| !s.x.is_empty())
        .map(|s| s.axis())
        .collect();
    let Some(first) = axes.first() else {
        return (
            Side::linear("").with_ticks(Vec::new()).between(0.0, 1.0),
            Vec::new(),
        );
    };
    // λ falls to the right and all else rises.
    let falls = first.scale.value(0.0) > first.scale.value(1.0);
    let ends = axes
        .iter()
        .map(|a| (a.scale.value(0.0), a.scale.value(1.0)))
        .reduce(|(a, b), (from, to)| match falls {
            true => (a.max(from), b.min(to)),
            false => (a.min(from), b.max(to)),
        });
    let (from, to) = ends.unwrap_or((0.0, 1.0));
    // Where paths differ in what they count, the title says what that has in common.
    let common = |title: &str| axes.iter().all(|a| a.title.starts_with(title));
    let whole = first.title.as_str();
    let title = match whole.split_once(',') {
        Some((part, _)) if !common(whole) && common(part) => part,
        _ => whole,
    };
    let side = match falls {
        true => Side::log(title),
        false => Side::linear(title),
    };
    let (from, to) = margin(from, to, falls);
    let side = side.between(from, to);
    match series.iter().find(|s| s.reaches_zero()) {
        Some(broken) => {
            let texts = broken.axis().ticks.into_iter();
            let texts = texts.filter_map(|t| Some((t.value, t.label?)));
            let wall = |x| Layer::plain(Look::GREY.dotted().thin(), Shape::Wall(x));
            let walls = broken.rupture().map(wall).into_iter().collect();
            (side.with_ticks(texts.collect()), walls)
        }
        None => (side, Vec::new()),
    }
}

/// The ends with a little room, so that marks at the ends stand clear of the frame.
fn margin(from: f64, to: f64, log: bool) -> (f64, f64) {
    const SHARE: f64 = 0.02;
    match log {
        true => {
            let more = (to / from).powf(SHARE);
            (from / more, to * more)
        }
        false => (from - SHARE * (to - from), to + SHARE * (to - from)),
    }
}

/// The points of a path as (x, value of the i-th point of the series), where both are known.
pub fn points(series: &PathSeries, values: &[f64]) -> Vec<(f64, f64)> {
    series
        .x
        .iter()
        .copied()
        .zip(values.iter().copied())
        .collect()
}

/// A value of every point of a trial that has a place on the axis.
pub fn values(
    trial: &Trial,
    x: Abscissa,
    of: impl Fn(&super::super::trial::Point) -> f64,
) -> Vec<f64> {
    let points = trial.points.iter();
    let there = points.filter(|p| x.of(p, trial.alpha).is_finite());
    there.map(of).collect()
}

/// A line, with a mark at each point where there are few.
pub fn line(name: Option<&str>, look: Look, points: Vec<(f64, f64)>) -> Vec<Layer> {
    let layer = |shape| Layer {
        name: name.map(str::to_owned),
        look,
        shape,
    };
    let few = points.len() <= MARKED;
    let marks = few.then(|| layer(Shape::Points(points.clone())));
    [layer(Shape::Line(points))]
        .into_iter()
        .chain(marks)
        .collect()
}

/// A contestant of a picture: who, under which name, in which look. What `regpath fit` wrote does not tell who, and has no name.
pub struct Runner {
    /// Identifier.
    pub id: String,
    /// What the legend says.
    pub name: Option<String>,
    /// Colour and mark.
    pub look: Look,
}

/// The contestants of all panels in display order; they look as in every other picture.
pub fn runners(panels: &[Vec<&Trial>]) -> Vec<Runner> {
    let ids = panels.iter().flatten().map(|t| t.contestant.as_str());
    let runner = |(id, label, ink): (String, String, super::super::style::Ink)| match id.as_str() {
        "" => Runner {
            id,
            name: None,
            look: Look::L1,
        },
        _ => Runner {
            id,
            name: Some(label),
            look: Look {
                colour: ink.colour,
                mark: ink.mark,
                ..Look::L1
            },
        },
    };
    contestants(ids).into_iter().map(runner).collect()
}

/// A name and a look for each model: the lasso, ridge and elastic nets look as in other pictures.
pub fn models(trials: &[&Trial]) -> Vec<(String, Look)> {
    let one_loss = distinct(trials.iter().map(|t| t.loss.as_str())).len() == 1;
    let (mut nets, mut others) = (0, 0);
    let mut look = |t: &Trial| match (one_loss, t.alpha) {
        (true, alpha) if alpha >= 1.0 => Look::L1,
        (true, alpha) if alpha <= 0.0 => Look::L2,
        (true, _) if nets == 0 => {
            nets += 1;
            Look::BOTH
        }
        _ => {
            others += 1;
            Look::other(others - 1)
        }
    };
    trials.iter().map(|t| (t.model(), look(t))).collect()
}

/// A chart of these panels, three in a row at most.
pub fn chart(stem: String, title: String, panels: Vec<Panel>, notes: Vec<String>) -> Chart {
    Chart {
        stem,
        title,
        columns: panels.len().clamp(1, if panels.len() == 4 { 2 } else { 3 }),
        row_height: ROW,
        panels,
        notes,
    }
}
