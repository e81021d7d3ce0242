//! Kind `time`: seconds of each λ, and so far with the setup, a row per penalty.

use super::super::abscissa::Abscissa;
use super::super::chart::{Chart, Layer, Panel, Shape, Side};
use super::super::path_series::PathSeries;
use super::super::spread::Spread;
use super::super::style::capital;
use super::super::trial::{Trial, representative};
use super::choice::{Group, Selection};
use super::lines::{Runner, chart, line, runners, side};
use super::{Kind, Picture, stem};
use anyhow::{Result, bail};
use std::collections::HashMap;

/// Ratio of total times beyond which their axis is logarithmic.
const APART: f64 = 20.0;
/// Repeats from which their range is drawn.
const RANGE: usize = 3;

pub fn pictures(groups: &[Group], x: Abscissa, of: &Selection) -> Result<Vec<Picture>> {
    let timed = |t: &&&Trial| t.points.iter().any(|p| p.seconds.is_finite());
    let mut pictures = Vec::new();
    for group in groups {
        let all = || group.panels.iter().flatten().filter(timed);
        if all().next().is_none() {
            continue;
        }
        let alone = all().any(|t| !t.contended);
        let mut kept = group.panels.clone();
        for panel in &mut kept {
            panel.retain(|t| timed(&t) && t.contended != alone);
        }
        let runners = runners(&kept);
        let rows = kept.iter().filter_map(|trials| row(trials, &runners, x));
        let (mut panels, mut repeats) = (Vec::new(), 1);
        for (pair, times) in rows {
            panels.extend(pair);
            repeats = repeats.max(times);
        }
        let mut notes = group.notes(x);
        notes.push(
            "Left: seconds of the solve of each λ alone, where one that several λ share counts at the one that asked for it. Right: \
             their sum so far."
                .into(),
        );
        // What `fit` writes does not tell how long the setup took.
        let setup = kept.iter().flatten().all(|t| t.setup.is_some());
        notes.push(match setup {
            true => "It begins with the setup.".into(),
            false => "The setup was not recorded, and is not in it.".into(),
        });
        notes.push(match repeats {
            1 => "Each λ was timed once.".into(),
            2 => "Means of 2 repeats.".into(),
            _ => format!(
                "Medians of up to {repeats} repeats, with a band from the fastest to the slowest."
            ),
        });
        if !alone {
            notes.push("Warning: other trials ran at the same time, these are no timings.".into());
        }
        notes.extend(group.troubles());
        let title = format!("Seconds along the path, {}", group.dataset);
        let stem = stem(Kind::Time, Some(x), group.dataset, of);
        let chart = Chart {
            columns: 2,
            ..chart(stem.clone(), title, panels, notes)
        };
        pictures.push(Picture::of_chart(stem, chart));
    }
    if pictures.is_empty() {
        bail!("--kind time needs column seconds of frame points, which holds nothing here");
    }
    Ok(pictures)
}

/// The two panels of a penalty, and the most repeats of any contestant.
fn row(trials: &[&Trial], runners: &[Runner], x: Abscissa) -> Option<([Panel; 2], usize)> {
    let chosen: Vec<(&Runner, &Trial)> = runners
        .iter()
        .filter_map(|r| {
            let own = trials.iter().copied().filter(|t| t.contestant == r.id);
            Some((r, representative(own)?))
        })
        .collect();
    let first = chosen.first()?.1;
    let series: Vec<PathSeries> = (chosen.iter())
        .map(|(_, t)| PathSeries::against(t, x))
        .collect();
    let (across, walls) = side(&series);
    let (mut each, mut sofar, mut most) = (walls.clone(), walls, 1);
    for ((runner, trial), series) in chosen.iter().zip(&series) {
        let repeats = repeats(trials, trial);
        most = most.max(repeats.len());
        let there = trial.points.iter();
        let there: Vec<u64> = there
            .filter(|p| x.of(p, trial.alpha).is_finite())
            .map(|p| p.k)
            .collect();
        let layers = |of: fn(&(f64, f64)) -> f64| {
            let spreads = there.iter().map(|k| {
                let seconds = repeats.iter().filter_map(|r| r.get(k).map(of));
                Spread::of(seconds.filter(|s| *s > 0.0))
            });
            let spreads: Vec<(f64, Option<Spread>)> =
                series.x.iter().copied().zip(spreads).collect();
            let middle = |(x, s): &(f64, Option<Spread>)| (*x, s.map_or(f64::NAN, |s| s.median));
            let range = |(x, s): &(f64, Option<Spread>)| s.map(|s| (*x, s.low, s.high));
            let band = (repeats.len() >= RANGE).then(|| {
                let rows = spreads.iter().filter_map(range).collect();
                Layer::plain(runner.look, Shape::Band(rows))
            });
            let middles: Vec<(f64, f64)> = spreads.iter().map(middle).collect();
            let lines = line(runner.name.as_deref(), runner.look, middles);
            band.into_iter().chain(lines).collect::<Vec<Layer>>()
        };
        each.extend(layers(|s| s.0));
        sofar.extend(layers(|s| s.1));
    }
    let panel = |layers, y| Panel {
        heading: capital(&first.model()),
        x: across.clone(),
        y,
        layers,
        ..Panel::default()
    };
    let y = sum_side(&sofar);
    let pair = [panel(each, Side::log("seconds of each λ")), panel(sofar, y)];
    Some((pair, most))
}

/// The axis of sums: from 0, or logarithmic where one contestant takes much longer than another.
fn sum_side(layers: &[Layer]) -> Side {
    let title = "seconds so far";
    let totals = layers.iter().filter_map(|layer| match &layer.shape {
        Shape::Line(points) => points.iter().rfind(|p| p.1.is_finite()).map(|p| p.1),
        _ => None,
    });
    let Some(totals) = Spread::of(totals) else {
        return Side::linear(title);
    };
    if totals.high > APART * totals.low {
        return Side::log(title);
    }
    let bands = layers.iter().flat_map(|layer| match &layer.shape {
        Shape::Band(rows) => rows.iter().map(|row| row.2).collect(),
        _ => Vec::new(),
    });
    let high = bands.fold(totals.high, f64::max);
    Side::linear(title).between(0.0, 1.05 * high)
}

/// The seconds of a λ and those up to it with the setup, by the index of the λ, of all repeats of a trial.
fn repeats(trials: &[&Trial], one: &Trial) -> Vec<HashMap<u64, (f64, f64)>> {
    let same = |t: &&&Trial| {
        t.contestant == one.contestant
            && t.points.len() == one.points.len()
            && (t.chunks, t.threads, t.tol.to_bits())
                == (one.chunks, one.threads, one.tol.to_bits())
    };
    let seconds = |t: &&Trial| {
        let mut sum = t.setup.unwrap_or(0.0);
        let point = |p: &super::super::trial::Point| {
            sum += p.seconds;
            (p.k, (p.seconds, sum))
        };
        t.points.iter().map(point).collect()
    };
    trials.iter().filter(same).map(seconds).collect()
}
