//! Which trials a picture shows: one picture per dataset, one panel per loss and penalty.

use super::super::Frames;
use super::super::abscissa::Abscissa;
use super::super::style::contestants;
use super::super::trial::{Trial, distinct, representative};
use crate::dataset::names;
use anyhow::{Result, anyhow, bail};

/// Which part of the frames is drawn, and how files are named.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    /// Dataset identifier, with or without its parameters; all unless given.
    pub dataset: Option<String>,
    /// Experiment; unless given that of each dataset which is drawn best.
    pub experiment: Option<String>,
    /// Identifier of one trial; all unless given.
    pub trial: Option<String>,
    /// Whether the only dataset has no name of its own, as in what `regpath fit` writes.
    pub unnamed: bool,
}

/// The trials of one picture.
#[derive(Clone, Debug)]
pub struct Group<'a> {
    /// Dataset identifier.
    pub dataset: &'a str,
    /// Trials of one loss and penalty each: all contestants and repeats. The lasso comes first and ridge last.
    pub panels: Vec<Vec<&'a Trial>>,
    /// What was left out, and why, in sentences.
    pub left_out: Vec<String>,
}

impl<'a> Group<'a> {
    /// The best trial of each panel.
    pub fn representatives(&self) -> Vec<&'a Trial> {
        let panels = self.panels.iter();
        panels
            .filter_map(|panel| representative(panel.iter().copied()))
            .collect()
    }

    /// What every caption begins with.
    pub fn notes(&self, x: Abscissa) -> Vec<String> {
        let first = self.panels.first().and_then(|panel| panel.first());
        let data = first.map(|t| format!("Data: {}, n = {}, p = {}.", t.dataset, t.n, t.p));
        let note = x.note().map(str::to_owned);
        data.into_iter().chain(note).collect()
    }

    /// What every caption ends with: what is missing, and how the trials that are drawn ended.
    pub fn trouble(&self) -> Vec<String> {
        let ended = self.representatives().into_iter();
        let ended = ended.filter_map(|t| Some(format!("{}: {}", t.model(), ending(t)?)));
        self.left_out.iter().cloned().chain(ended).collect()
    }

    /// The same for a picture with a line for every contestant.
    pub fn troubles(&self) -> Vec<String> {
        let mut all = self.left_out.clone();
        for panel in &self.panels {
            for (id, label, _) in contestants(panel.iter().map(|t| t.contestant.as_str())) {
                let own = panel.iter().copied().filter(|t| t.contestant == id);
                let Some(trial) = representative(own) else {
                    continue;
                };
                let who = match label.as_str() {
                    "" => trial.model(),
                    label => format!("{}, {label}", trial.model()),
                };
                all.extend(ending(trial).map(|how| format!("{who}: {how}")));
            }
        }
        all
    }
}

/// How a trial ended that did not converge, as the end of a sentence.
fn ending(trial: &Trial) -> Option<String> {
    let reason = match trial.reason.as_str() {
        "" => String::new(),
        reason => format!(" ({reason})"),
    };
    (!trial.converged()).then(|| format!("{}{reason}.", trial.status_text()))
}

/// The trials that were asked for. Errors: a name that no trial has.
pub fn selected<'a>(trials: &'a [Trial], of: &Selection) -> Result<Vec<&'a Trial>> {
    type Name = fn(&Trial) -> &str;
    let wanted: [(&str, &Option<String>, Name); 3] = [
        ("dataset", &of.dataset, |t| &t.dataset),
        ("experiment", &of.experiment, |t| &t.experiment),
        ("trial", &of.trial, |t| &t.id),
    ];
    let mut chosen: Vec<&Trial> = trials.iter().collect();
    for (what, wanted, name) in wanted {
        let Some(wanted) = wanted else { continue };
        let known = distinct(chosen.iter().map(|t| name(t)));
        let short = |t: &Trial| name(t).split_once('(').map(|(short, _)| short.to_owned());
        chosen.retain(|t| name(t) == wanted || short(t).as_ref() == Some(wanted));
        if chosen.is_empty() {
            bail!(names::unknown(what, wanted, &known));
        }
    }
    Ok(chosen)
}

/// The trials by dataset, of one experiment each: `paths` if it has the dataset, else the first one with a long path.
///
/// A path is long that has at least a quarter of the λ of the longest; of short ones, as of solves at one λ, no path is drawn beside
/// others.
pub fn groups<'a>(trials: &[&'a Trial]) -> Vec<Group<'a>> {
    let most = trials.iter().map(|t| t.points.len()).max().unwrap_or(0);
    let long = |t: &Trial| !t.points.is_empty() && 4 * t.points.len() >= most;
    let datasets = distinct(trials.iter().map(|t| t.dataset.as_str()));
    let group = |dataset: &'a str| {
        let here = || trials.iter().copied().filter(|t| t.dataset == dataset);
        let experiments = distinct(here().filter(|t| long(t)).map(|t| t.experiment.as_str()));
        let paths = experiments.iter().find(|e| **e == "paths");
        let experiment = *paths.or(experiments.first())?;
        // What failed stays visible.
        let drawn = |t: &&Trial| t.experiment == experiment && (t.points.is_empty() || long(t));
        let mut drawn: Vec<&Trial> = here().filter(drawn).collect();
        drawn.sort_by(|a, b| b.alpha.total_cmp(&a.alpha));
        // Losses in the order of the frames, under each the penalties.
        let losses = distinct(here().map(|t| t.loss.as_str()));
        let models = losses.iter().flat_map(|loss| {
            let with = drawn.iter().filter(|t| t.loss == *loss);
            distinct(with.map(|t| t.alpha))
                .into_iter()
                .map(|alpha| (*loss, alpha))
        });
        let of = |(loss, alpha): (&str, f64)| -> Vec<&Trial> {
            let here = drawn.iter().copied();
            here.filter(|t| t.loss == loss && t.alpha == alpha)
                .collect()
        };
        Some(Group {
            dataset,
            panels: models.map(of).collect(),
            left_out: Vec::new(),
        })
    };
    datasets.into_iter().filter_map(group).collect()
}

/// The groups without the panels of which no λ has a place on the axis.
///
/// Errors: nothing is left; the message names the column that is missing or empty.
pub fn along<'a>(frames: &Frames, groups: Vec<Group<'a>>, x: Abscissa) -> Result<Vec<Group<'a>>> {
    let place = |t: &Trial| {
        t.points
            .iter()
            .filter(|p| x.of(p, t.alpha).is_finite())
            .count()
    };
    let some = !groups.is_empty();
    let mut left = Vec::new();
    for mut group in groups {
        let of = |panel: &Vec<&Trial>| panel.iter().map(|t| place(t)).max().unwrap_or(0);
        let empty = |panel: &Vec<&Trial>| panel.iter().all(|t| t.points.is_empty());
        let (kept, gone): (Vec<_>, Vec<_>) =
            (group.panels.into_iter()).partition(|panel| of(panel) > 0 || empty(panel));
        let column = x.column();
        group.left_out.extend(gone.iter().filter_map(|panel| {
            let first = panel.first()?;
            Some(format!(
                "Without {column}, and left out: {}.",
                first.model()
            ))
        }));
        let short = |t: &&&Trial| place(t) > 0 && place(t) < t.points.len();
        let partly: Vec<&Trial> = (kept.iter().flatten().filter(short)).copied().collect();
        group.left_out.extend(distinct(partly.iter().map(|t| {
            let count = t.points.len() - place(t);
            format!("{}: {count} λ without {column} are left out.", t.model())
        })));
        let drawn = kept.iter().any(|panel| of(panel) > 0);
        group.panels = kept;
        if drawn {
            left.push(group);
        }
    }
    if left.is_empty() && some {
        return Err(lacking(frames, x));
    }
    if left.is_empty() {
        bail!("frame points has no rows of these trials: no path got to any lambda");
    }
    Ok(left)
}

/// The error of frames without what an axis needs.
fn lacking(frames: &Frames, x: Abscissa) -> anyhow::Error {
    let column = x.column();
    let how = match frames.points.column(column) {
        Ok(_) => "is empty for every path",
        Err(_) => "is not there: the frames are of an earlier version",
    };
    anyhow!(
        "--x {} needs column {column} of frame points, which {how}",
        x.id()
    )
}
