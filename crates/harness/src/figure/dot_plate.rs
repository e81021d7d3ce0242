//! A plate of dots: problems down, a number across, one mark per contestant.

use super::axis::Axis;
use super::canvas::Canvas;
use super::contest::{Contest, power};
use super::dot_block::{Across, DotBlock, Widths};
use super::dot_row::{Dot, DotRow};
use super::legend::{self, Key};
use super::picture::Plate;
use super::rect::Rect;
use super::scale::Scale;
use super::spread::Spread;
use super::style::{BLACK, GAP, Ink, Mark, WIDTH, leads};
use anyhow::Result;
use plotters::prelude::*;

/// Accuracies side by side in one picture.
pub const ABREAST: usize = 2;
/// Width of a picture of one accuracy.
const NARROW: f64 = 860.0;

/// Blocks below each other over one axis.
#[derive(Clone, Debug)]
pub struct DotPlate {
    /// Title.
    pub title: String,
    /// Sentences of the caption.
    pub notes: Vec<String>,
    /// Keys of the legend.
    pub keys: Vec<Key>,
    /// From top to bottom.
    pub blocks: Vec<DotBlock>,
    /// Title of the axis.
    pub axis: &'static str,
    /// Value of the guide line.
    pub guide: Option<f64>,
}

/// The problems of a contest against a number at each of some accuracies.
pub fn problems(
    contest: &Contest,
    accuracies: &[f64],
    number: impl Fn(&str, &str, f64) -> Result<Spread, &'static str>,
) -> DotBlock {
    let row = |problem: &str, eps: f64| {
        let mut row = DotRow::default();
        for (id, _, ink) in &contest.looks {
            match number(problem, id, eps) {
                Ok(at) => row.dots.push(Dot {
                    ink: *ink,
                    leads: leads(id),
                    at,
                }),
                Err(word) => row.absent.push((word, *ink)),
            }
        }
        row
    };
    DotBlock {
        labels: contest
            .problems
            .iter()
            .map(|p| (p.id.clone(), p.detail.clone()))
            .collect(),
        columns: accuracies
            .iter()
            .map(|eps| {
                let rows = contest.problems.iter().map(|p| row(&p.id, *eps));
                (format!("ε = {}", power(*eps)), rows.collect())
            })
            .collect(),
    }
}

/// Keys of the contestants, and of the open markers if there is one in the block.
pub fn keys(contest: &Contest, block: &DotBlock) -> Vec<Key> {
    let looks = contest.looks.iter();
    let mut keys: Vec<Key> = looks
        .map(|(_, label, ink)| Key::mark(label, *ink, false))
        .collect();
    if block.rows().any(|row| !row.absent.is_empty()) {
        keys.push(absence_key());
    }
    keys
}

/// Key of the open markers.
pub fn absence_key() -> Key {
    let ink = Ink {
        colour: BLACK,
        mark: Mark::Disc,
    };
    Key::mark("open, on the right: no number", ink, true)
}

impl DotPlate {
    fn width(&self) -> f64 {
        let columns = self.blocks.iter().map(|b| b.columns.len()).max();
        if columns.unwrap_or(1) > 1 {
            WIDTH
        } else {
            NARROW
        }
    }

    fn widths(&self) -> Widths {
        let columns = self.blocks.iter().map(|b| b.columns.len()).max();
        let columns = columns.unwrap_or(1).max(1) as f64;
        let labels = self.blocks.iter().map(DotBlock::labels_width);
        let labels = labels.fold(0.0, f64::max).min(self.width() * 0.32);
        let gutter = self.blocks.iter().map(|b| b.gutter().width());
        let gutter = gutter.fold(0.0, f64::max);
        let room = self.width() - 2.0 * GAP - labels - (columns - 1.0) * GAP;
        Widths {
            labels,
            panel: room / columns - gutter,
            gutter,
        }
    }

    /// The axis over everything that is drawn.
    fn across(&self) -> Across {
        let dots = self.blocks.iter().flat_map(DotBlock::rows);
        let dots = dots.flat_map(|row| &row.dots);
        let ends = dots.flat_map(|dot| [dot.at.low, dot.at.high]);
        let (low, high) = ends
            .chain(self.guide)
            .fold((f64::MAX, 0.0f64), |(low, high), v| {
                (low.min(v), high.max(v))
            });
        let (low, high) = if high > 0.0 { (low, high) } else { (0.1, 10.0) };
        Across {
            axis: Axis::new(Scale::log(low, high).padded(0.04), 6, self.axis),
            guide: self.guide,
        }
    }
}

impl Plate for DotPlate {
    fn title(&self) -> String {
        self.title.clone()
    }

    fn notes(&self) -> Vec<String> {
        self.notes.clone()
    }

    fn size(&self) -> (f64, f64) {
        let (widths, scale) = (self.widths(), self.across().axis.scale);
        let blocks = self.blocks.iter().map(|b| b.height(widths, scale));
        let legend = legend::height(&self.keys, self.width() - 2.0 * GAP);
        (self.width(), legend + blocks.sum::<f64>())
    }

    fn draw<DB: DrawingBackend>(&self, canvas: &Canvas<DB>, inside: Rect) -> Result<()> {
        let inside = legend::draw(canvas, inside, &self.keys)?;
        let (widths, across) = (self.widths(), self.across());
        let mut top = inside.top;
        for block in &self.blocks {
            block.draw(canvas, (inside.left, top), widths, &across)?;
            top += block.height(widths, across.axis.scale);
        }
        Ok(())
    }
}
