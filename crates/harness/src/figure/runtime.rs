//! Runtime: seconds of a path against the size of the problem, one panel per penalty and regime.

use super::axis::Axis;
use super::canvas::Canvas;
use super::legend::{self, Key};
use super::panel::{ABOVE, BELOW, Panel};
use super::picture::{self, Plate};
use super::reader::trials;
use super::rect::Rect;
use super::runtime_panel::{RuntimePanel, STRIP};
use super::scale::Scale;
use super::style::{BLACK, GAP, Ink, Mark, WIDTH, capital, contestants, penalty};
use super::trial::{Trial, distinct, uncontended};
use super::{Figure, Frames, Provenance};
use anyhow::Result;
use plotters::prelude::*;
use std::path::{Path, PathBuf};

/// The figure.
pub struct Runtime;

impl Figure for Runtime {
    fn id(&self) -> &'static str {
        "runtime"
    }

    fn title(&self) -> &'static str {
        "Seconds for a whole path"
    }

    fn summary(&self) -> &'static str {
        "path seconds against problem size, median and range of the repeats per contestant; what failed stays visible"
    }

    fn draw(&self, frames: &Frames, provenance: &Provenance, out: &Path) -> Result<Vec<PathBuf>> {
        let trials = trials(frames, Some("runtime"))?;
        if trials.is_empty() {
            return Ok(Vec::new());
        }
        picture::write(
            &RuntimePlate::new(&trials, self.title()),
            provenance,
            out,
            self.id(),
        )
    }
}

/// Panels of seconds against sizes.
pub struct RuntimePlate {
    title: &'static str,
    looks: Vec<(String, String, Ink)>,
    panels: Vec<RuntimePanel>,
    /// The ways in which trials gave no time.
    missing: Vec<String>,
    notes: Vec<String>,
}

/// Failures told one by one in the caption.
const TOLD: usize = 4;

impl RuntimePlate {
    /// One panel per penalty, regime and family of datasets.
    pub fn new(all: &[Trial], title: &'static str) -> Self {
        let (trials, mut notes) = uncontended(all);
        let looks = contestants(trials.iter().map(|t| t.contestant.as_str()));
        let mut groups = distinct(
            trials
                .iter()
                .map(|t| (t.alpha, t.n < t.p, family(&t.dataset))),
        );
        groups.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)).then(a.2.cmp(b.2)));
        let families = distinct(groups.iter().map(|g| g.2)).len();
        let panels = groups
            .iter()
            .map(|(alpha, wide, name)| {
                let here = |t: &&&Trial| {
                    t.alpha == *alpha && (t.n < t.p) == *wide && family(&t.dataset) == *name
                };
                let here: Vec<&Trial> = trials.iter().filter(here).copied().collect();
                let heading = if families > 1 {
                    format!("{}, {name}", penalty(*alpha))
                } else {
                    penalty(*alpha)
                };
                RuntimePanel::new(&here, capital(&heading), &looks)
            })
            .collect();
        notes.insert(
            0,
            format!(
                "Data: {}.",
                distinct(trials.iter().map(|t| family(&t.dataset))).join(", ")
            ),
        );
        let repeats = trials.iter().map(|t| t.repeat + 1).max().unwrap_or(1);
        if repeats > 1 {
            notes.push(format!(
                "Median of {repeats} repeats, bars from the fastest to the slowest."
            ));
        }
        let failures = trials.iter().filter(|t| !t.timed());
        let missing = distinct(failures.clone().map(|t| t.status_text()));
        let told = distinct(failures.map(|t| {
            let name = looks
                .iter()
                .find(|l| l.0 == t.contestant)
                .map_or("", |l| &l.1);
            let reason = if t.reason.is_empty() {
                String::new()
            } else {
                format!(" ({})", t.reason)
            };
            format!(
                "{name}, {}, n = {}, p = {}: {}{reason}.",
                penalty(t.alpha),
                t.n,
                t.p,
                t.status_text()
            )
        }));
        notes.extend(told.iter().take(TOLD).cloned());
        if told.len() > TOLD {
            notes.push(format!("{} more without a time.", told.len() - TOLD));
        }
        Self {
            title,
            looks,
            panels,
            missing,
            notes,
        }
    }

    fn keys(&self) -> Vec<Key> {
        let mut keys: Vec<Key> = self
            .looks
            .iter()
            .map(|(_, label, ink)| Key::series(label, *ink))
            .collect();
        let cells = || {
            self.panels
                .iter()
                .flat_map(|p| &p.series)
                .flat_map(|s| &s.1)
        };
        if cells().any(|c| c.open) {
            keys.push(Key::mark(
                "open: did not converge",
                Ink {
                    colour: BLACK,
                    mark: Mark::Disc,
                },
                true,
            ));
        }
        if cells().any(|c| c.missing) {
            keys.push(Key::mark(
                self.missing.join(", "),
                Ink {
                    colour: BLACK,
                    mark: Mark::Cross,
                },
                false,
            ));
        }
        keys
    }

    fn columns(&self) -> usize {
        self.panels.len().clamp(
            1,
            if self.panels.len().is_multiple_of(3) {
                3
            } else {
                2
            },
        )
    }

    /// Scale of seconds, shared by all panels so that they can be compared.
    fn seconds(&self) -> (f64, f64) {
        let spreads = self
            .panels
            .iter()
            .flat_map(|p| &p.series)
            .flat_map(|s| &s.1)
            .filter_map(|c| c.seconds);
        let (low, high) = spreads.fold((f64::MAX, 0.0f64), |(low, high), s| {
            (low.min(s.low), high.max(s.high))
        });
        if high > 0.0 { (low, high) } else { (0.1, 10.0) }
    }
}

/// What datasets of one generator have in common: the identifier up to its parameters.
fn family(dataset: &str) -> &str {
    let end = dataset
        .find(|c: char| !(c.is_alphabetic() || c == '_'))
        .unwrap_or(dataset.len());
    if end == 0 { dataset } else { &dataset[..end] }
}

impl Plate for RuntimePlate {
    fn title(&self) -> String {
        self.title.into()
    }

    fn notes(&self) -> Vec<String> {
        self.notes.clone()
    }

    fn size(&self) -> (f64, f64) {
        let rows = self.panels.len().div_ceil(self.columns()).max(1) as f64;
        let width = [820.0, 1100.0, WIDTH][self.columns() - 1];
        let legend = legend::height(&self.keys(), width - 2.0 * GAP);
        (
            width,
            legend + rows * (ABOVE + 300.0 + BELOW) + (rows - 1.0) * GAP,
        )
    }

    fn draw<DB: DrawingBackend>(&self, canvas: &Canvas<DB>, inside: Rect) -> Result<()> {
        let inside = legend::draw(canvas, inside, &self.keys())?;
        let (low, high) = self.seconds();
        let strip = self
            .panels
            .iter()
            .flat_map(RuntimePanel::cells)
            .any(|c| c.missing);
        for (cell, series) in inside
            .cells(self.panels.len(), self.columns(), 2.0 * GAP)
            .into_iter()
            .zip(&self.panels)
        {
            let sizes = series.cells().map(|c| c.size);
            let (least, most) = sizes.fold((f64::MAX, 0.0f64), |(least, most), s| {
                (least.min(s), most.max(s))
            });
            let x = Axis::new(Scale::log(least, most).padded(0.08), 6, series.x_title);
            let plain = Scale::log(low, high).padded(0.05);
            // The strip for what has no time is part of the panel, above every time.
            let room = if strip {
                STRIP / (cell.height() - ABOVE - BELOW - STRIP)
            } else {
                0.0
            };
            let y = Axis::new(
                Scale::log(plain.value(0.0), plain.value(1.0 + room)),
                6,
                "seconds",
            );
            let panel = Panel::inside(cell, x, y);
            panel.frame(canvas)?;
            panel.heading(canvas, &series.heading, 0.0)?;
            series.draw(canvas, &panel, strip)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn families_share_a_panel() {
        assert_eq!(family("equicorrelated-n100-p20"), "equicorrelated");
        assert_eq!(family("power_law(n=3)"), "power_law");
        assert_eq!(family("42"), "42");
    }
}
