//! Kind `face`: what each coefficient can be where fits are not unique, a panel per feature.

use super::super::Frames;
use super::super::abscissa::Abscissa;
use super::super::chart::{Layer, Look, Panel, Shape, Side};
use super::super::loss_fit::INTERCEPT;
use super::super::path_series::PathSeries;
use super::super::style::capital;
use super::super::trial::{Face, Trial, distinct};
use super::choice::{Group, Selection, along};
use super::lines::{chart, line, points, side, values};
use super::{Kind, Picture, stem};
use anyhow::{Result, bail};
use std::collections::HashMap;

/// Most panels of a picture.
const MOST: usize = 9;
/// Ranges up to which each has a bar; more become a band.
const BARS: usize = 30;

pub fn pictures(
    frames: &Frames,
    trials: &[&Trial],
    x: Abscissa,
    of: &Selection,
) -> Result<Vec<Picture>> {
    let with = trials
        .iter()
        .copied()
        .filter(|t| !t.faces.is_empty() && t.repeat == 0);
    let groups: Vec<Group> = with
        .map(|t| Group {
            dataset: &t.dataset,
            panels: vec![vec![t]],
            left_out: Vec::new(),
        })
        .collect();
    if groups.is_empty() {
        bail!(
            "--kind face needs frame faces, which holds nothing here: every fit is unique, or nobody looked (only losses with kinks have \
             faces, and `regpath fit` and `regpath bench losses-classic` look)"
        );
    }
    let groups = along(frames, groups, x)?;
    let drawn = groups.iter().flat_map(Group::representatives);
    let names: Vec<String> = drawn
        .map(|t| stem(Kind::Face, Some(x), &t.dataset, of))
        .collect();
    let picture = |(i, group): (usize, &Group)| {
        let trial = *group.panels.first()?.first()?;
        // Several losses on one dataset have a picture each.
        let before = names[..i].iter().filter(|n| **n == names[i]).count();
        let stem = match before {
            0 => names[i].clone(),
            _ => format!("{}-{}", names[i], before + 1),
        };
        let features = open(trial);
        let panels = features.iter().take(MOST);
        let panels = panels.map(|feature| panel(trial, feature, x)).collect();
        let mut notes = group.notes(x);
        notes.push(format!("{}.", capital(&trial.model())));
        notes.push(
            "Bars or band: all values that a coefficient takes in optimal fits; line and marks: the fit that was returned.".into(),
        );
        if features.len() > MOST {
            notes.push(format!(
                "{} more features have a range.",
                features.len() - MOST
            ));
        }
        if trial
            .faces
            .iter()
            .any(|f| !(f.low.is_finite() && f.high.is_finite()))
        {
            notes.push("Ranges without an end are not drawn.".into());
        }
        notes.extend(group.trouble());
        let title = format!("Fits that are not unique, {}", group.dataset);
        Some(Picture::of_chart(
            stem.clone(),
            chart(stem, title, panels, notes),
        ))
    };
    Ok(groups.iter().enumerate().filter_map(picture).collect())
}

/// Features with a range somewhere, in the order of the frame.
fn open(trial: &Trial) -> Vec<&str> {
    let open = trial.faces.iter().filter(|f| f.low < f.high);
    distinct(open.map(|f| f.feature.as_str()))
}

fn panel(trial: &Trial, feature: &str, x: Abscissa) -> Panel {
    let series = PathSeries::against(trial, x);
    let (across, mut layers) = side(std::slice::from_ref(&series));
    let own = trial
        .coefs
        .iter()
        .filter(|c| trial.features[c.feature] == feature);
    let coefs: HashMap<u64, f64> = own.map(|c| (c.k, c.value)).collect();
    let fitted = values(trial, x, |p| match feature {
        INTERCEPT => p.intercept,
        _ => coefs.get(&p.k).copied().unwrap_or(0.0),
    });
    let places = values(trial, x, |p| p.k as f64);
    let ranges: HashMap<u64, &Face> = (trial.faces.iter())
        .filter(|f| f.feature == feature && f.low < f.high)
        .map(|f| (f.k, f))
        .collect();
    let bars = series.x.iter().zip(&places).filter_map(|(x, k)| {
        let face = ranges.get(&(*k as u64))?;
        (face.low.is_finite() && face.high.is_finite()).then_some((*x, face.low, face.high))
    });
    let bars: Vec<(f64, f64, f64)> = bars.collect();
    let fits = points(&series, &fitted);
    if bars.len() > BARS {
        let all = fits.iter().map(|&(x, v)| {
            let bar = bars.iter().find(|b| b.0 == x);
            bar.copied().unwrap_or((x, v, v))
        });
        layers.push(Layer::named(
            "all optimal fits",
            Look::L2,
            Shape::Band(all.collect()),
        ));
    } else {
        layers.push(Layer::named(
            "all optimal fits",
            Look::L2,
            Shape::Whiskers(bars),
        ));
    }
    layers.extend(line(Some("the fit that was returned"), Look::L1, fits));
    let title = match feature {
        INTERCEPT => "intercept",
        _ => "coefficient",
    };
    Panel {
        heading: feature.to_owned(),
        x: across,
        y: Side::linear(title),
        layers,
        ..Panel::default()
    }
}
