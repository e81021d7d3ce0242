//! Convergence: certified suboptimality against epochs and against seconds.

use super::axis::Axis;
use super::canvas::Canvas;
use super::convergence_row::{ConvergenceRow, guide_name, guide_stroke};
use super::legend::{self, Key};
use super::panel::{ABOVE, BELOW, Panel};
use super::picture::{self, Plate, file_part};
use super::reader::trials;
use super::rect::Rect;
use super::scale::Scale;
use super::style::{ALARM, BLACK, GAP, Ink, Mark, contestants, ink};
use super::trial::{Trial, distinct};
use super::{Figure, Frames, Provenance};
use anyhow::Result;
use plotters::prelude::*;
use std::path::{Path, PathBuf};

/// The figure.
pub struct Convergence;

impl Figure for Convergence {
    fn id(&self) -> &'static str {
        "convergence"
    }

    fn title(&self) -> &'static str {
        "Convergence at one λ"
    }

    fn summary(&self) -> &'static str {
        "certified suboptimality against epochs and seconds, from solves with growing budgets"
    }

    fn draw(&self, frames: &Frames, provenance: &Provenance, out: &Path) -> Result<Vec<PathBuf>> {
        let trials = trials(frames, Some("convergence"))?;
        let datasets = distinct(trials.iter().map(|t| t.dataset.as_str()));
        let mut files = Vec::new();
        for dataset in datasets {
            let here: Vec<&Trial> = trials.iter().filter(|t| t.dataset == dataset).collect();
            files.extend(picture::write(
                &plate(&here, dataset),
                provenance,
                out,
                &format!("{}-{}", self.id(), file_part(dataset)),
            )?);
        }
        Ok(files)
    }
}

/// The picture of the trials of one dataset.
pub fn plate(trials: &[&Trial], dataset: &str) -> impl Plate + use<> {
    ConvergencePlate::new(trials, format!("{}, {dataset}", Convergence.title()))
}

struct ConvergencePlate {
    title: String,
    notes: Vec<String>,
    looks: Vec<(String, String, Ink)>,
    rows: Vec<ConvergenceRow>,
}

impl ConvergencePlate {
    fn new(trials: &[&Trial], title: String) -> Self {
        let looks = contestants(trials.iter().map(|t| t.contestant.as_str()));
        let mut questions = distinct(
            trials
                .iter()
                .flat_map(|t| t.curve.iter().map(|b| (t.alpha, b.k))),
        );
        questions.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        let rows = questions
            .iter()
            .map(|(alpha, k)| ConvergenceRow::new(trials, *alpha, *k, &looks))
            .collect();
        let mut notes: Vec<String> = trials
            .first()
            .map(|t| format!("Data: {}, n = {}, p = {}.", t.dataset, t.n, t.p))
            .into_iter()
            .collect();
        notes.push("Primal minus the best dual value known, over the null loss; every point is a solve from zero with that budget.".into());
        let failures = trials.iter().filter(|t| t.curve.is_empty());
        notes.extend(distinct(failures.map(|t| {
            let name = looks
                .iter()
                .find(|l| l.0 == t.contestant)
                .map_or("", |l| &l.1);
            let reason = if t.reason.is_empty() {
                String::new()
            } else {
                format!(" ({})", t.reason)
            };
            format!("{name}: {}{reason}.", t.status_text())
        })));
        Self {
            title,
            notes,
            looks,
            rows,
        }
    }

    fn keys(&self) -> Vec<Key> {
        let mut keys: Vec<Key> = self
            .looks
            .iter()
            .map(|(_, label, ink)| Key::series(label, *ink))
            .collect();
        if self
            .rows
            .iter()
            .flat_map(|r| &r.series)
            .flat_map(|s| &s.1)
            .any(|r| r.floored)
        {
            keys.push(Key::mark(
                "≤ 10^{−16}",
                Ink {
                    colour: BLACK,
                    mark: Mark::Disc,
                },
                true,
            ));
        }
        if !self.rows.is_empty() {
            keys.extend(
                [1, 2].map(|order| Key::line(guide_name(order), ink(0), guide_stroke(order))),
            );
        }
        keys
    }
}

impl Plate for ConvergencePlate {
    fn title(&self) -> String {
        self.title.clone()
    }

    fn notes(&self) -> Vec<String> {
        self.notes.clone()
    }

    fn size(&self) -> (f64, f64) {
        let (width, rows) = (1100.0, self.rows.len().max(1) as f64);
        let legend = legend::height(&self.keys(), width - 2.0 * GAP);
        (
            width,
            legend + rows * (ABOVE + 340.0 + BELOW) + (rows - 1.0) * GAP,
        )
    }

    fn draw<DB: DrawingBackend>(&self, canvas: &Canvas<DB>, inside: Rect) -> Result<()> {
        let inside = legend::draw(canvas, inside, &self.keys())?;
        for (pair, row) in inside
            .cells(self.rows.len(), 1, 2.0 * GAP)
            .into_iter()
            .zip(&self.rows)
        {
            let cells = pair.cells(2, 2, 2.0 * GAP);
            row.draw(canvas, cells[0], true)?;
            row.draw(canvas, cells[1], false)?;
        }
        if self.rows.is_empty() {
            let axis = |title: &str| Axis {
                scale: Scale::linear(0.0, 1.0),
                ticks: Vec::new(),
                title: title.into(),
            };
            let panel = Panel::inside(inside, axis("epochs"), axis("suboptimality"));
            panel.frame(canvas)?;
            panel.sentence(
                canvas,
                "no solver got as far as a curve, see the caption",
                ALARM,
            )?;
        }
        Ok(())
    }
}
