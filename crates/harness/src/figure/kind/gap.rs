//! Kind `gap`: the certified relative duality gap at every λ with the bound that was asked for, a panel per penalty.

use super::super::abscissa::Abscissa;
use super::super::chart::{Layer, Look, Panel, Shape, Side};
use super::super::path_series::PathSeries;
use super::super::style::{capital, is_peer};
use super::super::trial::{Trial, distinct, representative};
use super::choice::{Group, Selection};
use super::lines::{Runner, chart, line, points, runners, side, values};
use super::{Kind, Picture, stem};
use anyhow::{Result, bail};

/// Gap below which double precision tells nothing; what is lower, or negative by rounding, is drawn here.
const FLOOR: f64 = 1e-16;

pub fn pictures(groups: &[Group], x: Abscissa, of: &Selection) -> Result<Vec<Picture>> {
    let known = |t: &&&Trial| t.points.iter().any(|p| p.gap.is_finite());
    let mut pictures = Vec::new();
    for group in groups {
        if group.panels.iter().flatten().find(known).is_none() {
            continue;
        }
        let runners = runners(&group.panels);
        let panels = group.panels.iter().filter_map(|t| panel(t, &runners, x));
        let panels: Vec<Panel> = panels.collect();
        let mut notes = group.notes(x);
        notes.push(
            "Primal minus dual objective over the null loss, computed from the coefficients alone and not by the solver.".into(),
        );
        if group.panels.iter().flatten().any(|t| bound(t).is_some()) {
            notes.push("Dashed: the bound that the solver was asked for.".into());
        }
        notes.extend(group.troubles());
        let title = format!("Certified gap along the path, {}", group.dataset);
        let stem = stem(Kind::Gap, Some(x), group.dataset, of);
        pictures.push(Picture::of_chart(
            stem.clone(),
            chart(stem, title, panels, notes),
        ));
    }
    if pictures.is_empty() {
        bail!("--kind gap needs column gap_rel of frame points, which holds nothing here");
    }
    Ok(pictures)
}

/// The bound on relative gaps; None for packages from elsewhere, whose tolerances mean something else.
fn bound(trial: &Trial) -> Option<f64> {
    let own = trial.contestant.is_empty() || !is_peer(&trial.contestant);
    Some(trial.tol).filter(|tol| own && *tol > 0.0 && tol.is_finite())
}

fn panel(trials: &[&Trial], runners: &[Runner], x: Abscissa) -> Option<Panel> {
    let chosen: Vec<(&Runner, &Trial)> = runners
        .iter()
        .filter_map(|r| {
            let own = trials.iter().copied().filter(|t| t.contestant == r.id);
            let best = representative(own).filter(|t| !t.points.is_empty());
            Some((r, best?))
        })
        .collect();
    let first = chosen.first()?.1;
    let series: Vec<PathSeries> = (chosen.iter())
        .map(|(_, t)| PathSeries::against(t, x))
        .collect();
    let (across, mut layers) = side(&series);
    for tol in distinct(chosen.iter().filter_map(|(_, t)| bound(t))) {
        let name = format!("bound {}", power(tol));
        layers.push(Layer::named(name, Look::BLACK.dashed(), Shape::Level(tol)));
    }
    let mut floored = Vec::new();
    for ((runner, trial), series) in chosen.iter().zip(&series) {
        let gaps = values(trial, x, |p| if p.gap <= FLOOR { FLOOR } else { p.gap });
        let gaps = points(series, &gaps);
        let at = gaps.iter().copied().filter(|g| g.1 == FLOOR);
        floored.push((runner.look, at.collect::<Vec<_>>()));
        layers.extend(line(runner.name.as_deref(), runner.look, gaps));
    }
    for (look, points) in floored.into_iter().filter(|f| !f.1.is_empty()) {
        let key = Layer::named("≤ 10^{−16}", Look::GREY.open(), Shape::Points(Vec::new()));
        layers.push(key);
        let look = Look {
            mark: Look::GREY.mark,
            ..look.open().thin()
        };
        layers.push(Layer::plain(look, Shape::Points(points)));
    }
    Some(Panel {
        heading: capital(&first.model()),
        x: across,
        y: Side::log("relative duality gap"),
        layers,
        ..Panel::default()
    })
}

/// A bound as a product with a power of ten.
fn power(v: f64) -> String {
    let text = format!("{v:e}");
    let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let exponent = format!("10^{{{}}}", exponent.replace('-', "−"));
    match digits {
        "1" => exponent,
        _ => format!("{digits}·{exponent}"),
    }
}
