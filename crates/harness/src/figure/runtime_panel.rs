//! One panel of runtimes: the contestants on problems of growing size.

use super::canvas::Canvas;
use super::panel::Panel;
use super::rect::Rect;
use super::spread::Spread;
use super::stroke::Stroke;
use super::style::{GREY, Ink, LINE, MARK, Mark, SMALL};
use super::text::Pen;
use super::trial::{Trial, distinct};
use anyhow::Result;
use plotters::prelude::*;

pub struct RuntimePanel {
    /// Penalty, regime and what is held fixed.
    pub heading: String,
    /// Title of the axis of sizes.
    pub x_title: &'static str,
    /// Cells of every contestant, by size.
    pub series: Vec<(Ink, Vec<Cell>)>,
}

/// All repeats of one contestant at one size.
pub struct Cell {
    /// Place on the axis of sizes.
    pub size: f64,
    /// Of the repeats that ended by themselves.
    pub seconds: Option<Spread>,
    /// Whether one of those did not converge.
    pub open: bool,
    /// Whether one repeat gave no time: timed out, failed, interrupted or skipped.
    pub missing: bool,
}

/// Height of the strip at the upper edge where trials without a time stand.
pub const STRIP: f64 = 26.0;

impl RuntimePanel {
    /// The panel of trials that share penalty and regime.
    pub fn new(trials: &[&Trial], heading: String, looks: &[(String, String, Ink)]) -> Self {
        let count = |of: fn(&Trial) -> u64| distinct(trials.iter().map(|t| of(t))).len();
        let sizes = distinct(trials.iter().map(|t| (t.n, t.p))).len();
        let (n, p) = trials.first().map_or((0, 0), |t| (t.n, t.p));
        let regime = if n >= p { "n ≥ p" } else { "n < p" };
        type Size = fn(&Trial) -> f64;
        let (x_title, fixed, size): (_, _, Size) = if count(|t| t.n) == 1 && count(|t| t.p) == sizes
        {
            ("columns p", format!("n = {n}"), |t| t.p as f64)
        } else if count(|t| t.p) == 1 && count(|t| t.n) == sizes {
            ("rows n", format!("p = {p}"), |t| t.n as f64)
        } else if count(|t| t.p) == sizes {
            ("columns p", regime.to_string(), |t| t.p as f64)
        } else {
            ("entries of X, n·p", regime.to_string(), |t| {
                t.n as f64 * t.p as f64
            })
        };
        let series = looks
            .iter()
            .map(|(id, _, ink)| {
                let own: Vec<&Trial> = trials
                    .iter()
                    .filter(|t| t.contestant == *id)
                    .copied()
                    .collect();
                let mut sizes = distinct(own.iter().map(|t| size(t)));
                sizes.sort_by(f64::total_cmp);
                (
                    *ink,
                    sizes
                        .into_iter()
                        .map(|at| Cell::of(at, own.iter().filter(|t| size(t) == at).copied()))
                        .collect(),
                )
            })
            .collect();
        let shown = if fixed == regime {
            fixed
        } else {
            format!("{regime}, {fixed}")
        };
        Self {
            heading: format!("{heading} · {shown}"),
            x_title,
            series,
        }
    }

    /// All cells.
    pub fn cells(&self) -> impl Iterator<Item = &Cell> {
        self.series.iter().flat_map(|s| &s.1)
    }

    /// Draws lines, bars and markers, and what has no time in the strip if there is one.
    pub fn draw<DB: DrawingBackend>(
        &self,
        canvas: &Canvas<DB>,
        panel: &Panel,
        strip: bool,
    ) -> Result<()> {
        for (ink, cells) in &self.series {
            let medians: Vec<(f64, f64)> = cells
                .iter()
                .filter_map(|c| Some((c.size, c.seconds?.median)))
                .collect();
            panel.line(canvas, &medians, Stroke::solid(ink.colour, LINE))?;
        }
        for (ink, cells) in &self.series {
            for cell in cells {
                let Some(seconds) = cell.seconds else {
                    continue;
                };
                panel.whisker(canvas, cell.size, (seconds.low, seconds.high), ink.colour)?;
                panel.mark(canvas, (cell.size, seconds.median), *ink, cell.open)?;
            }
        }
        if !strip {
            return Ok(());
        }
        let Rect {
            left, top, right, ..
        } = panel.rect;
        canvas.line(
            &[(left, top + STRIP), (right, top + STRIP)],
            Stroke::solid(GREY, 1.0).dashed(4.0, 4.0),
        )?;
        canvas.text(
            "no time",
            (left - 8.0, top + STRIP / 2.0),
            Pen::new(SMALL, GREY).ending(),
        )?;
        for size in distinct(self.cells().filter(|c| c.missing).map(|c| c.size)) {
            let at = |cells: &[Cell]| cells.iter().any(|c| c.size == size && c.missing);
            let inks: Vec<Ink> = self
                .series
                .iter()
                .filter(|s| at(&s.1))
                .map(|s| s.0)
                .collect();
            for (i, ink) in inks.iter().enumerate() {
                let x =
                    panel.px(size, 1.0).0 + (i as f64 - (inks.len() - 1) as f64 / 2.0) * 3.2 * MARK;
                canvas.mark((x, top + STRIP / 2.0), Mark::Cross, MARK, ink.colour, false)?;
            }
        }
        Ok(())
    }
}

impl Cell {
    fn of<'a>(size: f64, trials: impl Iterator<Item = &'a Trial>) -> Self {
        let (ended, rest): (Vec<&Trial>, Vec<&Trial>) = trials.partition(|t| t.timed());
        let seconds = Spread::of(ended.iter().filter_map(|t| t.seconds));
        Self {
            size,
            seconds,
            open: ended.iter().any(|t| !t.converged()),
            missing: !rest.is_empty(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trial(status: &str, seconds: Option<f64>, contended: bool) -> Trial {
        Trial {
            status: status.into(),
            seconds,
            contended,
            ..Trial::default()
        }
    }

    #[test]
    fn what_failed_stays_in_its_cell() {
        let trials = [
            trial("converged", Some(1.0), false),
            trial("epoch_limit", Some(3.0), false),
            trial("timed_out", Some(60.0), false),
        ];
        let cell = Cell::of(10.0, trials.iter());
        assert_eq!(cell.seconds.map(|s| s.high), Some(3.0));
        assert!(cell.open && cell.missing);
    }
}
