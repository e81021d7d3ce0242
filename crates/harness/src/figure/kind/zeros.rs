//! Kind `zeros`: how many coefficients are exactly 0 and how many are not, a panel per penalty.

use super::super::abscissa::Abscissa;
use super::super::chart::{Look, Panel, Side};
use super::super::path_series::PathSeries;
use super::super::scale::Scale;
use super::super::style::capital;
use super::super::trial::Trial;
use super::choice::{Group, Selection};
use super::lines::{chart, line, points, side, values};
use super::{Kind, Picture, stem};
use anyhow::Result;

pub fn pictures(groups: &[Group], x: Abscissa, of: &Selection) -> Result<Vec<Picture>> {
    let picture = |group: &Group| {
        let trials = group.representatives();
        let panels: Vec<Panel> = trials.iter().map(|t| panel(t, x)).collect();
        let mut notes = group.notes(x);
        notes.push("A zero is exactly 0.0.".into());
        notes.extend(group.trouble());
        let title = format!("Zero and non-zero coefficients, {}", group.dataset);
        let stem = stem(Kind::Zeros, Some(x), group.dataset, of);
        Picture::of_chart(stem.clone(), chart(stem, title, panels, notes))
    };
    Ok(groups.iter().map(picture).collect())
}

fn panel(trial: &Trial, x: Abscissa) -> Panel {
    let series = PathSeries::against(trial, x);
    let (across, mut layers) = side(std::slice::from_ref(&series));
    let count = |of: fn(&super::super::trial::Point) -> u64| {
        let counts = values(trial, x, |p| of(p) as f64);
        let counts = points(&series, &counts);
        match x {
            // Against the number of non-zeros itself steps would hide the straight line.
            Abscissa::Df => counts,
            _ => steps(&counts),
        }
    };
    let (zeros, others) = (count(|p| p.zeros), count(|p| p.nonzeros));
    // The wider line shows on both sides of the other where each is half of all.
    layers.extend(line(Some("exactly 0"), Look::L1.thick(), zeros));
    layers.extend(line(Some("not 0"), Look::L2, others));
    let p = trial.p.max(1) as f64;
    // Beyond 0 and p by a margin: the lines of ridge must not hide in the frame.
    let scale = Scale::linear(-0.06 * p, 1.06 * p);
    let ticks = scale.ticks(6).into_iter().filter_map(|t| {
        let whole = t.value >= 0.0 && t.value <= p && t.value.fract() == 0.0;
        Some((t.value, t.label?)).filter(|_| whole)
    });
    Panel {
        heading: capital(&trial.model()),
        x: across,
        y: Side::linear("coefficients")
            .between(-0.06 * p, 1.06 * p)
            .with_ticks(ticks.collect()),
        layers,
        ..Panel::default()
    }
}

/// Corners of a step line: a count holds up to the next point of the path.
fn steps(counts: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let mut corners: Vec<(f64, f64)> = Vec::new();
    for &(x, count) in counts {
        if let Some(&(_, before)) = corners.last() {
            corners.push((x, before));
        }
        corners.push((x, count));
    }
    corners
}
