//! Accuracy against time: what every tolerance of every contestant reached, problem by problem.

use super::accuracy_panel::{AccuracyPanel, FLOOR, LINE, Reached, guide};
use super::axis::Axis;
use super::canvas::Canvas;
use super::contest::{Contest, power};
use super::legend::{self, Key};
use super::panel::ABOVE;
use super::picture::{self, Plate};
use super::rect::Rect;
use super::scale::Scale;
use super::style::{BLACK, GAP, GREY, Ink, Mark, WIDTH};
use super::{Figure, Frames, Provenance};
use anyhow::Result;
use plotters::prelude::*;
use std::path::{Path, PathBuf};

/// The figure.
pub struct PeersAccuracy;

/// Panels in one picture.
const MOST: usize = 12;
/// Height of a panel.
const HEIGHT: f64 = 250.0;
/// Height of the tick labels, and of the title below them.
const TICKS: f64 = 34.0;
const TITLE: f64 = 22.0;

impl Figure for PeersAccuracy {
    fn id(&self) -> &'static str {
        "peers-accuracy"
    }

    fn title(&self) -> &'static str {
        "Certified accuracy against seconds"
    }

    fn summary(&self) -> &'static str {
        "worst certified suboptimality over the path against its seconds, over the tolerances of all contestants, by problem"
    }

    fn draw(&self, frames: &Frames, provenance: &Provenance, out: &Path) -> Result<Vec<PathBuf>> {
        let Some(contest) = Contest::of(frames)? else {
            return Ok(Vec::new());
        };
        let panels = contest.problems.iter();
        let panels: Vec<AccuracyPanel> = panels.map(|p| AccuracyPanel::new(&contest, p)).collect();
        let (decades, subopt) = (decades(&panels), subopt(&panels, &contest.accuracies));
        let pages = panels.len().div_ceil(MOST);
        let plates: Vec<AccuracyPlate> = panels
            .chunks(panels.len().div_ceil(pages))
            .enumerate()
            .map(|(page, panels)| AccuracyPlate {
                title: match pages {
                    1 => self.title().into(),
                    _ => format!("{}, {} of {pages}", self.title(), page + 1),
                },
                contest: &contest,
                panels,
                decades,
                subopt,
            })
            .collect();
        picture::write_series(&plates, provenance, out, self.id())
    }
}

/// Decades of seconds that the widest panel needs.
fn decades(panels: &[AccuracyPanel]) -> f64 {
    let ranges = panels.iter().filter_map(AccuracyPanel::seconds);
    ranges
        .map(|(low, high)| (high / low).log10())
        .fold(1.0, f64::max)
}

/// Range of suboptimality of all panels, in whole decades.
fn subopt(panels: &[AccuracyPanel], accuracies: &[f64]) -> (f64, f64) {
    let reached = panels.iter().flat_map(AccuracyPanel::points);
    let reached = reached.map(|r| r.subopt).chain(accuracies.iter().copied());
    let (low, high) = reached.fold((1e-6, 1e-6), |(low, high): (f64, f64), v| {
        (low.min(v), high.max(v))
    });
    let whole = |exponent: f64| 10f64.powf(exponent).clamp(FLOOR, 1.0);
    (whole(low.log10().floor()), whole(high.log10().ceil()))
}

struct AccuracyPlate<'a> {
    title: String,
    contest: &'a Contest,
    panels: &'a [AccuracyPanel],
    decades: f64,
    subopt: (f64, f64),
}

impl AccuracyPlate<'_> {
    fn columns(&self) -> usize {
        match self.panels.len() {
            0..=3 => self.panels.len().max(1),
            4 => 2,
            _ => 3,
        }
    }

    fn width(&self) -> f64 {
        [640.0, 1000.0, WIDTH][self.columns() - 1]
    }

    fn y(&self) -> Axis {
        let (low, high) = self.subopt;
        Axis::new(Scale::log(low, high).padded(0.03), 8, "worst suboptimality")
    }

    /// The seconds of a panel: a factor of ten is as wide in all of them.
    fn x(&self, panel: &AccuracyPanel) -> Axis {
        let (low, high) = panel.seconds().unwrap_or((0.1, 1.0));
        let (middle, half) = ((low * high).sqrt(), 10f64.powf(self.decades / 2.0));
        Axis::new(Scale::log(middle / half, middle * half).padded(0.05), 5, "")
    }

    fn panel_width(&self) -> f64 {
        let gaps = (self.columns() - 1) as f64 * GAP;
        (self.width() - 2.0 * GAP - self.y().width() - gaps) / self.columns() as f64
    }

    /// Lines above the panels of every row of the grid.
    fn lines(&self) -> Vec<usize> {
        let lines = |row: &[AccuracyPanel]| row.iter().map(|p| p.lines(self.panel_width())).max();
        let rows = self.panels.chunks(self.columns());
        rows.map(|row| lines(row).unwrap_or(0)).collect()
    }

    fn keys(&self) -> Vec<Key> {
        let looks = self.contest.looks.iter();
        let mut keys: Vec<Key> = looks
            .map(|(_, label, ink)| Key::series(label, *ink))
            .collect();
        let black = Ink {
            colour: BLACK,
            mark: Mark::Disc,
        };
        let accuracies = self.contest.accuracies.iter();
        let accuracies: Vec<String> = accuracies.map(|eps| power(*eps)).collect();
        if !accuracies.is_empty() {
            let text = format!("ε = {}", accuracies.join(", "));
            let grey = Ink {
                colour: GREY,
                ..black
            };
            keys.push(Key::line(text, grey, guide()));
        }
        let floored = |r: &Reached| r.floored;
        if self.panels.iter().any(|p| p.points().any(floored)) {
            keys.push(Key::mark("≤ 10^{−16}", black, true));
        }
        keys
    }
}

impl Plate for AccuracyPlate<'_> {
    fn title(&self) -> String {
        self.title.clone()
    }

    fn notes(&self) -> Vec<String> {
        vec![
            "Every mark is a tolerance, joined from the loosest to the tightest: the worst certified suboptimality over \
             the path (primal minus the best dual value known, over the null loss) against the seconds of the whole \
             path on one thread, the median where the tolerance was repeated."
                .into(),
            "A factor of ten in seconds is as wide in every panel; named above it are contestants whose walk ended there \
             without a number."
                .into(),
            self.contest.labels(),
            self.contest.versions(),
        ]
    }

    fn size(&self) -> (f64, f64) {
        let lines = self.lines();
        let rows = lines.len() as f64 * (ABOVE + HEIGHT + TICKS);
        let lines = lines.iter().sum::<usize>() as f64 * LINE;
        let legend = legend::height(&self.keys(), self.width() - 2.0 * GAP);
        (self.width(), legend + rows + lines + TITLE)
    }

    fn draw<DB: DrawingBackend>(&self, canvas: &Canvas<DB>, inside: Rect) -> Result<()> {
        let inside = legend::draw(canvas, inside, &self.keys())?;
        let (columns, wide, y) = (self.columns(), self.panel_width(), self.y());
        let mut top = inside.top;
        for (row, lines) in self.lines().into_iter().enumerate() {
            top += ABOVE + lines as f64 * LINE;
            for column in 0..columns {
                let index = row * columns + column;
                let Some(panel) = self.panels.get(index) else {
                    continue;
                };
                let left = inside.left + y.width() + column as f64 * (wide + GAP);
                let rect = Rect {
                    left,
                    top,
                    right: left + wide,
                    bottom: top + HEIGHT,
                };
                let y = if column == 0 { y.clone() } else { y.silent() };
                // Only the lowest panel of a column says what runs across.
                let mut x = self.x(panel);
                if index + columns >= self.panels.len() {
                    x.title = "seconds".into();
                }
                panel.draw(canvas, (rect, x, y), &self.contest.accuracies, lines)?;
            }
            top += HEIGHT + TICKS;
        }
        Ok(())
    }
}
