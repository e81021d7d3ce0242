//! Zero counts: how many coefficients are exactly 0 at every λ, one panel per dataset.

use super::axis::Axis;
use super::canvas::Canvas;
use super::legend::{self, Key};
use super::panel::{ABOVE, BELOW, Panel};
use super::picture::{self, Plate};
use super::reader::trials;
use super::rect::Rect;
use super::scale::Scale;
use super::stroke::Stroke;
use super::style::{ALARM, GAP, HEADING, Ink, WIDTH, ink, penalty};
use super::text::text_width;
use super::trial::{Trial, distinct, representative};
use super::{Figure, Frames, Provenance};
use anyhow::Result;
use plotters::prelude::*;
use std::path::{Path, PathBuf};

/// The figure.
pub struct ZeroCounts;

impl Figure for ZeroCounts {
    fn id(&self) -> &'static str {
        "zero-counts"
    }

    fn title(&self) -> &'static str {
        "Exact zeros along the path"
    }

    fn summary(&self) -> &'static str {
        "number of coefficients that are exactly 0 against λ: the lasso selects, ridge never does"
    }

    fn draw(&self, frames: &Frames, provenance: &Provenance, out: &Path) -> Result<Vec<PathBuf>> {
        let trials = trials(frames, Some("zero-counts"))?;
        if trials.is_empty() {
            return Ok(Vec::new());
        }
        picture::write(
            &ZeroPlate::new(&trials, self.title()),
            provenance,
            out,
            self.id(),
        )
    }
}

struct ZeroPlate {
    title: &'static str,
    alphas: Vec<f64>,
    panels: Vec<ZeroPanel>,
}

struct ZeroPanel {
    dataset: String,
    n: u64,
    p: u64,
    steps: Vec<Steps>,
}

/// Zeros of one penalty: (λ/λmax, count), by descending λ.
struct Steps {
    alpha: f64,
    counts: Vec<(f64, f64)>,
    trouble: Option<String>,
}

impl ZeroPanel {
    /// The name of the data; where it is too long, as far as its parameters, and the shape. The caption has all of it.
    fn heading(&self, width: f64) -> String {
        let (name, _) = self.dataset.split_once('(').unwrap_or((&self.dataset, ""));
        if text_width(&self.dataset, HEADING) <= width {
            self.dataset.clone()
        } else {
            format!("{name}, {} × {}", self.n, self.p)
        }
    }
}

impl ZeroPlate {
    fn new(trials: &[Trial], title: &'static str) -> Self {
        let mut alphas = distinct(trials.iter().map(|t| t.alpha));
        alphas.sort_by(|a, b| b.total_cmp(a));
        let panels = distinct(trials.iter().map(|t| t.dataset.as_str()))
            .into_iter()
            .filter_map(|dataset| {
                let here = || trials.iter().filter(|t| t.dataset == dataset);
                let (n, p) = here().next().map(|t| (t.n, t.p))?;
                let chosen = alphas
                    .iter()
                    .filter_map(|a| representative(here().filter(|t| t.alpha == *a)));
                Some(ZeroPanel {
                    dataset: dataset.to_string(),
                    n,
                    p,
                    steps: chosen.map(Steps::of).collect(),
                })
            })
            .collect();
        Self {
            title,
            alphas,
            panels,
        }
    }

    /// The lasso and ridge look the same in every picture; elastic nets take the inks between.
    fn look(&self, alpha: f64) -> (Ink, Stroke) {
        let between = self
            .alphas
            .iter()
            .filter(|a| **a > alpha && **a < 1.0 && **a > 0.0)
            .count();
        let ink = if alpha >= 1.0 {
            ink(0)
        } else if alpha <= 0.0 {
            ink(1)
        } else {
            ink(2 + between)
        };
        // Ridge lies under the others, and wider: at 0 it must show on both sides of them.
        (
            ink,
            Stroke::solid(ink.colour, if alpha <= 0.0 { 6.5 } else { 2.5 }),
        )
    }

    fn columns(&self) -> usize {
        self.panels
            .len()
            .clamp(1, if self.panels.len() == 4 { 2 } else { 3 })
    }

    fn keys(&self) -> Vec<Key> {
        let text = |alpha: f64| {
            if alpha > 0.0 && alpha < 1.0 {
                penalty(alpha).replace("elastic net, ", "")
            } else {
                format!("α = {alpha}, {}", penalty(alpha))
            }
        };
        let key = |a: &f64| Key::line(text(*a), self.look(*a).0, self.look(*a).1);
        self.alphas.iter().map(key).collect()
    }
}

impl Steps {
    fn of(trial: &Trial) -> Self {
        let counts = trial
            .points
            .iter()
            .filter(|p| p.ratio > 0.0 && p.ratio.is_finite());
        let reason = if trial.reason.is_empty() {
            String::new()
        } else {
            format!(" ({})", trial.reason)
        };
        let trouble = format!(
            "{} on {}: {}{reason}.",
            penalty(trial.alpha),
            trial.dataset,
            trial.status_text()
        );
        Self {
            alpha: trial.alpha,
            counts: counts.map(|p| (p.ratio, p.zeros as f64)).collect(),
            trouble: (!trial.converged()).then_some(trouble),
        }
    }

    /// Corners of the step line: a count holds down to the next λ of the grid.
    fn corners(&self) -> Vec<(f64, f64)> {
        let mut corners: Vec<(f64, f64)> = Vec::new();
        for (ratio, zeros) in &self.counts {
            if let Some((_, before)) = corners.last().copied() {
                corners.push((*ratio, before));
            }
            corners.push((*ratio, *zeros));
        }
        corners
    }
}

impl Plate for ZeroPlate {
    fn title(&self) -> String {
        self.title.into()
    }

    fn notes(&self) -> Vec<String> {
        let data: Vec<String> = self
            .panels
            .iter()
            .map(|p| format!("{}, n = {}, p = {}", p.dataset, p.n, p.p))
            .collect();
        let mut notes = vec![
            format!("Data: {}.", data.join("; ")),
            "A zero is exactly 0.0; each penalty has its own λmax, by the rule of its grid.".into(),
        ];
        notes.extend(
            self.panels
                .iter()
                .flat_map(|p| &p.steps)
                .filter_map(|s| s.trouble.clone()),
        );
        notes
    }

    fn size(&self) -> (f64, f64) {
        let rows = self.panels.len().div_ceil(self.columns()).max(1) as f64;
        let width = [820.0, 1040.0, WIDTH][self.columns() - 1];
        let legend = legend::height(&self.keys(), width - 2.0 * GAP);
        (
            width,
            legend + rows * (ABOVE + 300.0 + BELOW) + (rows - 1.0) * GAP / 2.0,
        )
    }

    fn draw<DB: DrawingBackend>(&self, canvas: &Canvas<DB>, inside: Rect) -> Result<()> {
        let inside = legend::draw(canvas, inside, &self.keys())?;
        for (cell, series) in inside
            .cells(self.panels.len(), self.columns(), 1.5 * GAP)
            .into_iter()
            .zip(&self.panels)
        {
            let ratios = series
                .steps
                .iter()
                .flat_map(|s| s.counts.iter().map(|c| c.0));
            let (least, most) = ratios.fold((1.0f64, 1.0f64), |(least, most), r| {
                (least.min(r), most.max(r))
            });
            let scale = if least < most {
                Scale::log(most, least).padded(0.02)
            } else {
                Scale::log(1.0, 0.1)
            };
            let x = Axis::new(scale, 5, "λ / λ_{max}, decreasing");
            let p = series.p.max(1) as f64;
            // Below 0 by a margin: the line of ridge must not hide in the frame.
            let mut y = Axis::new(
                Scale::linear(-0.06 * p, 1.06 * p),
                6,
                "coefficients exactly 0",
            );
            y.ticks
                .retain(|t| t.value >= 0.0 && t.value <= p && t.value.fract() == 0.0);
            let panel = Panel::inside(cell, x, y);
            panel.frame(canvas)?;
            let heading = series.heading(panel.rect.width());
            panel.heading(canvas, &heading, 0.0)?;
            for steps in series.steps.iter().rev() {
                let (ink, stroke) = self.look(steps.alpha);
                panel.line(canvas, &steps.corners(), stroke)?;
                if steps.counts.len() == 1 {
                    steps
                        .counts
                        .iter()
                        .try_for_each(|c| panel.mark(canvas, *c, ink, false))?;
                }
            }
            if series.steps.iter().all(|s| s.counts.is_empty()) {
                let reasons: Vec<String> = series
                    .steps
                    .iter()
                    .filter_map(|s| s.trouble.clone())
                    .collect();
                panel.sentence(canvas, &reasons.join(" "), ALARM)?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_is_too_long_gives_way_to_the_shape() {
        let panel = ZeroPanel {
            dataset: "equicorrelated(n=100,p=1000,rho=0.5)".into(),
            n: 100,
            p: 1000,
            steps: Vec::new(),
        };
        assert_eq!(panel.heading(1000.0), panel.dataset);
        assert_eq!(panel.heading(200.0), "equicorrelated, 100 × 1000");
    }

    #[test]
    fn a_count_holds_down_to_the_next_lambda() {
        let steps = Steps {
            alpha: 1.0,
            counts: vec![(1.0, 8.0), (0.5, 5.0), (0.1, 0.0)],
            trouble: None,
        };
        assert_eq!(
            steps.corners(),
            [(1.0, 8.0), (0.5, 8.0), (0.5, 5.0), (0.1, 5.0), (0.1, 0.0)]
        );
    }
}
