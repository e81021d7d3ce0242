//! Kind `dev`: the share of the null loss that is explained, a line per penalty.

use super::super::abscissa::Abscissa;
use super::super::chart::{Look, Panel, Side};
use super::super::path_series::PathSeries;
use super::super::style::capital;
use super::super::trial::Trial;
use super::choice::{Group, Selection};
use super::lines::{chart, line, models, points, side, values};
use super::{Kind, Picture, stem};
use anyhow::{Result, bail};

pub fn pictures(groups: &[Group], x: Abscissa, of: &Selection) -> Result<Vec<Picture>> {
    let known = |t: &&Trial| t.points.iter().any(|p| p.explained.is_finite());
    let mut pictures = Vec::new();
    for group in groups {
        let trials: Vec<&Trial> = group.representatives().into_iter().filter(known).collect();
        if trials.is_empty() {
            continue;
        }
        let looks = models(&trials);
        let lines: Vec<(&Trial, (String, Look))> = trials.into_iter().zip(looks).collect();
        // λ of different penalties are no measure of the same thing; the others are.
        let panels = match x {
            Abscissa::Lambda => lines.chunks(1).map(|one| panel(one, x)).collect(),
            _ => vec![panel(&lines, x)],
        };
        let mut notes = group.notes(x);
        if x != Abscissa::Dev {
            notes.extend(Abscissa::Dev.note().map(str::to_owned));
        }
        notes.extend(group.trouble());
        let title = format!("Explained along the path, {}", group.dataset);
        let stem = stem(Kind::Dev, Some(x), group.dataset, of);
        pictures.push(Picture::of_chart(
            stem.clone(),
            chart(stem, title, panels, notes),
        ));
    }
    if pictures.is_empty() {
        bail!("--kind dev needs column dev_ratio of frame points, which holds nothing here");
    }
    Ok(pictures)
}

fn panel(lines: &[(&Trial, (String, Look))], x: Abscissa) -> Panel {
    let series: Vec<PathSeries> = (lines.iter())
        .map(|(t, _)| PathSeries::against(t, x))
        .collect();
    let (across, mut layers) = side(&series);
    let (mut low, mut high) = (0.0f64, 0.0f64);
    for (series, (trial, (name, look))) in series.iter().zip(lines) {
        let explained = values(trial, x, |p| p.explained);
        for v in explained.iter().filter(|v| v.is_finite()) {
            (low, high) = (low.min(*v), high.max(*v));
        }
        let name = (lines.len() > 1).then(|| capital(name));
        layers.extend(line(name.as_deref(), *look, points(series, &explained)));
    }
    let heading = match lines {
        [(trial, _)] => capital(&trial.model()),
        _ => String::new(),
    };
    let title = match lines.first() {
        Some((trial, _)) => Abscissa::Dev.title(trial),
        None => "",
    };
    let room = 0.04 * (high - low).max(1e-12);
    Panel {
        heading,
        x: across,
        y: Side::linear(title).between(low - room, high + room),
        layers,
        ..Panel::default()
    }
}
