//! Coefficient paths: every coefficient against λ, one panel per penalty.
//!
//! λ decreases to the right on a logarithmic scale, that is, −log λ grows: paths leave zero at the left and
//! end at the least penalised fit on the right, where their labels stand. This is the direction of ESL
//! (shrinkage factor, degrees of freedom) and of a plot against −log λ as glmnet offers it; ticks name λ itself.

use super::canvas::{Canvas, Px, Rect, Stroke};
use super::label::{self, Label};
use super::panel::{ABOVE, Axis, BELOW, Panel, TOP_AXIS};
use super::path_series::{Band, Line, PathSeries, magnify};
use super::picture::{self, Plate, file_part};
use super::scale::Scale;
use super::style::{self, ALARM, GAP, GREY, LINE, PALE, WIDTH, capital, ink, penalty};
use super::trial::{Trial, distinct, representative, trials};
use super::{Figure, Frames, Provenance};
use anyhow::Result;
use plotters::prelude::*;
use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// The figure.
pub struct CoefficientPaths;

impl Figure for CoefficientPaths {
    fn id(&self) -> &'static str {
        "coefficient-paths"
    }

    fn title(&self) -> &'static str {
        "Coefficient paths"
    }

    fn summary(&self) -> &'static str {
        "every coefficient against λ, a panel per penalty, with the number of non-zero coefficients on top"
    }

    fn draw(&self, frames: &Frames, provenance: &Provenance, out: &Path) -> Result<Vec<PathBuf>> {
        let trials = trials(frames, Some("paths"))?;
        let mut files = Vec::new();
        for dataset in distinct(trials.iter().map(|t| t.dataset.as_str())) {
            let mut here: Vec<&Trial> = trials.iter().filter(|t| t.dataset == dataset).collect();
            here.sort_by(|a, b| b.alpha.total_cmp(&a.alpha));
            let chosen: Vec<&Trial> = distinct(here.iter().map(|t| t.alpha))
                .into_iter()
                .filter_map(|alpha| representative(here.iter().copied().filter(|t| t.alpha == alpha)))
                .collect();
            let plate = PathPlate::new(&chosen, format!("{}, {dataset}", self.title()));
            files.extend(picture::write(&plate, provenance, out, &format!("{}-{}", self.id(), file_part(dataset)))?);
        }
        Ok(files)
    }
}

/// The picture of one fitted path.
pub fn of_fit(trial: &Trial) -> impl Plate + use<> {
    PathPlate::new(&[trial], format!("Coefficient path, {}", trial.dataset))
}

/// Panels of one dataset, with what they share: colours, labels, magnification.
struct PathPlate {
    title: String,
    data: String,
    panels: Vec<PathSeries>,
    looks: HashMap<String, Look>,
    shared: bool,
}

/// How a feature looks in every panel.
#[derive(Clone, Copy, Debug)]
struct Look {
    colour: RGBColor,
    factor: f64,
    labelled: bool,
}

/// Up to that many features, all of them are labelled and none is left invisibly small.
const FEW: usize = 12;
/// Features labelled where there are more.
const NAMED: usize = 8;
/// Widest label.
const LABEL_WIDTH: f64 = 120.0;

impl PathPlate {
    fn new(trials: &[&Trial], title: String) -> Self {
        let panels: Vec<PathSeries> = trials.iter().map(|t| PathSeries::of(t)).collect();
        let data = trials.first().map_or_else(String::new, |t| format!("{}: n = {}, p = {}.", t.dataset, t.n, t.p));
        // Largest value and largest end of every feature over the panels.
        let mut sizes: HashMap<&str, (f64, f64)> = HashMap::new();
        for line in panels.iter().flat_map(|p| &p.lines) {
            let size = sizes.entry(&line.feature).or_default();
            *size = (size.0.max(line.peak()), size.1.max(line.end().abs()));
        }
        let few = sizes.len() <= FEW;
        let largest = sizes.values().map(|s| s.0).fold(0.0, f64::max);
        let factor = |peak: f64| if few { magnify(peak, largest) } else { 1.0 };
        let mut ranking: Vec<(&str, (f64, f64))> = sizes.into_iter().collect();
        ranking.sort_by(|(a, (ap, ae)), (b, (bp, be))| {
            let (a_size, b_size) = if few { (ap * factor(*ap), bp * factor(*bp)) } else { (*ae, *be) };
            b_size.total_cmp(&a_size).then_with(|| a.cmp(b))
        });
        let looks = ranking
            .iter()
            .enumerate()
            .map(|(rank, (feature, (peak, _)))| {
                let labelled = few || rank < NAMED;
                let colour = if labelled { ink(rank).colour } else { PALE };
                (feature.to_string(), Look { colour, factor: factor(*peak), labelled })
            })
            .collect();
        let heights: Vec<f64> = panels.iter().map(|p| p.band(|_| 1.0).height()).filter(|h| *h > 0.0).collect();
        let (low, high) = heights.iter().fold((f64::MAX, 0.0f64), |(low, high), h| (low.min(*h), high.max(*h)));
        Self { title, data, panels, looks, shared: low * 4.0 >= high }
    }

    fn look(&self, feature: &str) -> Look {
        self.looks.get(feature).copied().unwrap_or(Look { colour: PALE, factor: 1.0, labelled: false })
    }

    fn columns(&self) -> usize {
        self.panels.len().clamp(1, 3)
    }

    fn band(&self, panel: &PathSeries) -> Band {
        let factor = |feature: &str| self.look(feature).factor;
        if self.shared {
            self.panels.iter().map(|p| p.band(factor)).fold(Band::default(), Band::join)
        } else {
            panel.band(factor)
        }
    }

    fn label_text(&self, feature: &str) -> String {
        match self.look(feature).factor {
            1.0 => feature.to_string(),
            factor => format!("{feature} ×{factor}"),
        }
    }

    fn label_width(&self) -> f64 {
        let texts: Vec<String> =
            self.looks.iter().filter(|(_, look)| look.labelled).map(|(feature, _)| self.label_text(feature)).collect();
        label::width(texts.iter().map(String::as_str), LABEL_WIDTH)
    }

    fn lines<DB: DrawingBackend>(&self, canvas: &Canvas<DB>, panel: &Panel, series: &PathSeries) -> Result<()> {
        let look = |line: &Line| self.look(&line.feature);
        let (named, rest): (Vec<&Line>, Vec<&Line>) = series.lines.iter().rev().partition(|l| look(l).labelled);
        for line in rest.into_iter().chain(named) {
            let Look { colour, factor, labelled } = look(line);
            let points: Vec<Px> = line.visible().map(|i| (series.x[i], line.values[i] * factor)).collect();
            let stroke = Stroke::solid(colour, if labelled { LINE } else { 1.25 });
            panel.line(canvas, &points, if factor == 1.0 { stroke } else { stroke.dashed(7.0, 3.5) })?;
            if series.x.len() == 1 {
                points.iter().try_for_each(|point| panel.mark(canvas, *point, style::Ink { colour, ..ink(0) }, false))?;
            }
        }
        Ok(())
    }

    fn labels(&self, panel: &Panel, series: &PathSeries) -> Vec<Label> {
        let Some(last) = series.x.last() else { return Vec::new() };
        let ends = series.lines.iter().filter(|line| line.end() != 0.0 || self.looks.len() <= FEW);
        ends.filter_map(|line| {
            let Look { colour, factor, labelled } = self.look(&line.feature);
            let y = panel.px(*last, line.end() * factor).1.clamp(panel.rect.top, panel.rect.bottom);
            labelled.then(|| Label { text: self.label_text(&line.feature), y, colour })
        })
        .collect()
    }
}

impl Plate for PathPlate {
    fn title(&self) -> String {
        self.title.clone()
    }

    fn notes(&self) -> Vec<String> {
        let mut notes = vec![self.data.clone(), "Coefficients on the original scale of the data.".into()];
        if self.looks.values().any(|look| look.factor != 1.0) {
            notes.push("Dashed lines are drawn larger by the factor in their label.".into());
        }
        if self.looks.len() > FEW {
            notes.push(format!("Coloured: the {NAMED} features that end largest."));
        }
        let hidden = self.panels.iter().map(|p| p.hidden).max().unwrap_or(0);
        if hidden > 0 {
            notes.push(format!("The smallest paths, up to {hidden} a panel, are not drawn."));
        }
        if self.panels.iter().any(|p| p.unconverged > 0) {
            notes.push("Shaded: λ at which the solver did not converge.".into());
        }
        notes
    }

    fn size(&self) -> (f64, f64) {
        let rows = self.panels.len().div_ceil(self.columns()).max(1) as f64;
        let width = [820.0, 1040.0, WIDTH][self.columns() - 1];
        let plot = if self.panels.len() == 1 { 340.0 } else { 300.0 };
        (width, rows * (ABOVE + TOP_AXIS + plot + BELOW) + (rows - 1.0) * GAP / 2.0)
    }

    fn draw<DB: DrawingBackend>(&self, canvas: &Canvas<DB>, inside: Rect) -> Result<()> {
        let labels = self.label_width();
        for (cell, series) in inside.cells(self.panels.len(), self.columns(), GAP).into_iter().zip(&self.panels) {
            let Band { low, high } = self.band(series);
            let y = Axis::new(Scale::linear(low, high).padded(0.04), 6, "coefficient");
            let cell = Rect { top: cell.top + TOP_AXIS, right: cell.right - labels.max(GAP), ..cell };
            let panel = Panel::inside(cell, series.axis(), y);
            panel.frame(canvas)?;
            series.unconverged_pixels(&panel).into_iter().try_for_each(|(left, right)| {
                let Rect { top, bottom, .. } = panel.rect;
                canvas.fill(&[(left, top), (right, top), (right, bottom), (left, bottom)], ALARM.mix(0.12))
            })?;
            panel.line(canvas, &[(panel.x.scale.value(0.0), 0.0), (panel.x.scale.value(1.0), 0.0)], Stroke::solid(GREY, 1.0))?;
            self.lines(canvas, &panel, series)?;
            label::draw(canvas, panel.rect, self.labels(&panel, series), labels)?;
            let count = ((panel.rect.width() / 62.0) as usize).clamp(2, 9);
            panel.top_axis(canvas, &series.nonzero_ticks(count), "non-zero coefficients")?;
            panel.heading(canvas, &capital(&penalty(series.alpha)), TOP_AXIS)?;
            if let Some(reason) = &series.failure {
                panel.sentence(canvas, reason, ALARM)?;
            } else if series.lines.is_empty() {
                panel.sentence(canvas, "every coefficient is exactly 0 at every λ", GREY)?;
            }
        }
        Ok(())
    }
}
