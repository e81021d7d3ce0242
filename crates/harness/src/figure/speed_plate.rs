//! The plate of a speed-up: gain in time beside price in work.

use super::axis::Axis;
use super::canvas::Canvas;
use super::legend::{self, Key};
use super::panel::{ABOVE, BELOW, Panel};
use super::picture::Plate;
use super::rect::Rect;
use super::scale::Scale;
use super::speed_series::Series;
use super::stroke::Stroke;
use super::style::{BLACK, GAP, GREY, Ink, LINE, MARK, Mark, contestants, ink, penalty};
use super::tick::Tick;
use super::trial::{Trial, distinct};
use anyhow::Result;
use plotters::prelude::*;

pub struct SpeedUpPlate {
    title: String,
    notes: Vec<String>,
    series: Vec<Series>,
    chunks: Vec<f64>,
    threads: Vec<u64>,
    work_name: &'static str,
}

impl SpeedUpPlate {
    /// The plate of one dataset.
    pub fn new(trials: &[&Trial], title: String, mut notes: Vec<String>) -> Self {
        let looks = contestants(trials.iter().map(|t| t.contestant.as_str()));
        let kinds = distinct(trials.iter().map(|t| (t.contestant.as_str(), t.alpha)));
        let sorted = |mut values: Vec<u64>| {
            values.sort_unstable();
            values
        };
        let threads = sorted(distinct(trials.iter().map(|t| t.threads)));
        let chunks = sorted(distinct(trials.iter().map(|t| t.chunks)));
        let updates = trials.iter().flat_map(|t| &t.points).any(|p| p.updates > 0);
        let mut series = Vec::new();
        for (id, alpha) in &kinds {
            let own: Vec<&Trial> = trials
                .iter()
                .filter(|t| t.contestant == *id && t.alpha == *alpha)
                .copied()
                .collect();
            let label = looks
                .iter()
                .find(|l| l.0 == *id)
                .map_or(*id, |l| l.1.as_str());
            let kind = format!("{label}, {}", penalty(*alpha));
            if kinds.len() == 1 {
                notes.insert(0, format!("Solver: {kind}."));
            }
            for count in &threads {
                let unit = if *count == 1 { "thread" } else { "threads" };
                let name = if kinds.len() == 1 {
                    format!("{count} {unit}")
                } else {
                    format!("{kind}, {count} {unit}")
                };
                let on: Vec<&Trial> = own
                    .iter()
                    .filter(|t| t.threads == *count)
                    .copied()
                    .collect();
                series.push(Series::new(
                    name,
                    ink(series.len()),
                    &own,
                    &on,
                    &chunks,
                    updates,
                ));
            }
        }
        if let Some(t) = trials.first() {
            notes.insert(0, format!("Data: {}, n = {}, p = {}.", t.dataset, t.n, t.p));
        }
        let repeats = trials.iter().map(|t| t.repeat + 1).max().unwrap_or(1);
        if repeats > 1 {
            notes.push(format!(
                "Median of {repeats} repeats, bars from the slowest to the fastest."
            ));
        }
        if series.iter().all(|s| s.gain.is_empty()) {
            notes.push("No time for 1 chunk on 1 thread, hence no speed-up.".into());
        }
        let failures = trials.iter().filter(|t| !t.converged());
        notes.extend(
            distinct(failures.map(|t| {
                format!(
                    "{} chunks on {} threads: {}.",
                    t.chunks,
                    t.threads,
                    t.status_text()
                )
            }))
            .into_iter()
            .take(4),
        );
        let chunks = chunks.into_iter().map(|c| c.max(1) as f64).collect();
        let work_name = if updates {
            "coordinate updates"
        } else {
            "epochs"
        };
        Self {
            title,
            notes,
            series,
            chunks,
            threads,
            work_name,
        }
    }

    fn keys(&self) -> Vec<Key> {
        let mut keys: Vec<Key> = self
            .series
            .iter()
            .map(|s| Key::series(&s.name, s.ink))
            .collect();
        keys.push(Key::line(
            "ideal: the smaller of chunks and threads",
            ink(0),
            ideal_stroke(),
        ));
        if self.series.iter().any(|s| !s.failed.is_empty()) {
            keys.push(Key::mark(
                "did not converge",
                Ink {
                    colour: BLACK,
                    mark: Mark::Cross,
                },
                false,
            ));
        }
        keys
    }

    fn x(&self) -> Axis {
        let (first, last) = (
            self.chunks.first().copied().unwrap_or(1.0),
            self.chunks.last().copied().unwrap_or(1.0),
        );
        let scale = Scale::log(first, last).padded(0.06);
        // Labels closer than 4 % of the axis would touch.
        let mut ticks: Vec<Tick> = Vec::new();
        for chunks in &self.chunks {
            if ticks
                .last()
                .is_none_or(|t: &Tick| scale.at(*chunks) - scale.at(t.value) > 0.05)
            {
                ticks.push(Tick::new(*chunks, chunks.to_string()));
            }
        }
        Axis {
            scale,
            ticks,
            title: "chunks of the λ grid".into(),
        }
    }

    fn draw_gain<DB: DrawingBackend>(&self, canvas: &Canvas<DB>, cell: Rect) -> Result<()> {
        let best = self
            .series
            .iter()
            .flat_map(|s| &s.gain)
            .map(|g| g.1.high)
            .fold(1.0, f64::max);
        let most = self
            .threads
            .iter()
            .flat_map(|t| self.chunks.iter().map(|c| c.min((*t).max(1) as f64)))
            .fold(best, f64::max);
        let panel = Panel::inside(
            cell,
            self.x(),
            Axis::new(Scale::linear(0.0, most * 1.12), 6, "speed-up"),
        );
        panel.frame(canvas)?;
        panel.heading(canvas, "Gain: speed-up over 1 chunk on 1 thread", 0.0)?;
        for threads in &self.threads {
            let limit = (*threads).max(1) as f64;
            let mut corners: Vec<f64> = [0.0, 1.0]
                .map(|at| panel.x.scale.value(at))
                .into_iter()
                .chain(self.chunks.iter().copied())
                .chain([limit])
                .collect();
            corners.sort_by(f64::total_cmp);
            let ideal: Vec<(f64, f64)> = corners
                .into_iter()
                .map(|c| (c, c.max(1.0).min(limit)))
                .collect();
            panel.line(canvas, &ideal, ideal_stroke())?;
        }
        for series in &self.series {
            let medians: Vec<(f64, f64)> =
                series.gain.iter().map(|(c, s)| (*c, s.median)).collect();
            panel.line(canvas, &medians, Stroke::solid(series.ink.colour, LINE))?;
            for (chunks, gain) in &series.gain {
                panel.whisker(canvas, *chunks, (gain.low, gain.high), series.ink.colour)?;
                panel.mark(
                    canvas,
                    (*chunks, gain.median),
                    series.ink,
                    series.failed.contains(chunks),
                )?;
            }
        }
        for (i, series) in self.series.iter().enumerate() {
            for chunks in &series.failed {
                let x = panel.px(*chunks, 1.0).0 + i as f64 * 3.2 * MARK;
                canvas.mark(
                    (x, panel.rect.top + 12.0),
                    Mark::Cross,
                    MARK,
                    series.ink.colour,
                    false,
                )?;
            }
        }
        Ok(())
    }

    fn draw_work<DB: DrawingBackend>(&self, canvas: &Canvas<DB>, cell: Rect) -> Result<()> {
        let works = self
            .series
            .iter()
            .flat_map(|s| &s.work)
            .map(|w| w.1)
            .filter(|w| w.is_finite());
        let most = works.fold(1.0, f64::max);
        let y = Axis::new(
            Scale::linear(0.0, most * 1.12),
            6,
            format!("{} / those of 1 chunk", self.work_name),
        );
        let panel = Panel::inside(cell, self.x(), y);
        panel.frame(canvas)?;
        panel.heading(canvas, "Price: work relative to 1 chunk", 0.0)?;
        let ends = [0.0, 1.0].map(|at| (panel.x.scale.value(at), 1.0));
        panel.line(canvas, &ends, ideal_stroke())?;
        // Work does not depend on threads: the first line is drawn last and widest lines lie below.
        for (i, series) in self.series.iter().enumerate().rev() {
            panel.line(
                canvas,
                &series.work,
                Stroke::solid(series.ink.colour, LINE + 2.0 * i as f64),
            )?;
            series
                .work
                .iter()
                .try_for_each(|w| panel.mark(canvas, *w, series.ink, false))?;
        }
        Ok(())
    }
}

fn ideal_stroke() -> Stroke {
    Stroke::solid(GREY, 1.5).dashed(6.0, 5.0)
}

impl Plate for SpeedUpPlate {
    fn title(&self) -> String {
        self.title.clone()
    }

    fn notes(&self) -> Vec<String> {
        self.notes.clone()
    }

    fn size(&self) -> (f64, f64) {
        let width = 1100.0;
        (
            width,
            legend::height(&self.keys(), width - 2.0 * GAP) + ABOVE + 330.0 + BELOW,
        )
    }

    fn draw<DB: DrawingBackend>(&self, canvas: &Canvas<DB>, inside: Rect) -> Result<()> {
        let inside = legend::draw(canvas, inside, &self.keys())?;
        let cells = inside.cells(2, 2, 2.0 * GAP);
        self.draw_gain(canvas, cells[0])?;
        self.draw_work(canvas, cells[1])
    }
}
