//! Runtime: seconds of a path against the size of the problem, one panel per penalty and regime.

use super::canvas::{Canvas, Rect, Stroke};
use super::legend::{self, Key};
use super::panel::{ABOVE, Axis, BELOW, Panel};
use super::picture::{self, Plate};
use super::scale::Scale;
use super::spread::Spread;
use super::style::{BLACK, GAP, GREY, Ink, LINE, MARK, Mark, SMALL, WIDTH, capital, contestants, penalty};
use super::text::Pen;
use super::trial::{Trial, distinct, trials};
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
        picture::write(&RuntimePlate::new(&trials, self.title()), provenance, out, self.id())
    }
}

struct RuntimePlate {
    title: &'static str,
    looks: Vec<(String, String, Ink)>,
    panels: Vec<RuntimePanel>,
    notes: Vec<String>,
}

struct RuntimePanel {
    heading: String,
    x_title: &'static str,
    series: Vec<(Ink, Vec<Cell>)>,
}

/// All repeats of one contestant at one size.
struct Cell {
    size: f64,
    /// Of the repeats that ended by themselves.
    seconds: Option<Spread>,
    /// Whether one of those did not converge.
    open: bool,
    /// Whether one repeat gave no time: timed out, failed, interrupted or skipped.
    missing: bool,
}

/// Height of the strip at the upper edge where trials without a time stand.
const STRIP: f64 = 26.0;
/// Failures told one by one in the caption.
const TOLD: usize = 4;

/// Whether a time of this trial says how long its path takes.
fn timed(trial: &Trial) -> bool {
    trial.seconds.is_some() && matches!(trial.status.as_str(), "converged" | "epoch_limit" | "stalled")
}

impl RuntimePlate {
    fn new(all: &[Trial], title: &'static str) -> Self {
        let (trials, mut notes) = uncontended(all);
        let looks = contestants(trials.iter().map(|t| t.contestant.as_str()));
        let mut groups = distinct(trials.iter().map(|t| (t.alpha, t.n < t.p, family(&t.dataset))));
        groups.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)).then(a.2.cmp(b.2)));
        let families = distinct(groups.iter().map(|g| g.2)).len();
        let panels = groups
            .iter()
            .map(|(alpha, wide, name)| {
                let here = |t: &&&Trial| t.alpha == *alpha && (t.n < t.p) == *wide && family(&t.dataset) == *name;
                let here: Vec<&Trial> = trials.iter().filter(here).copied().collect();
                let heading = if families > 1 { format!("{}, {name}", penalty(*alpha)) } else { penalty(*alpha) };
                RuntimePanel::new(&here, capital(&heading), &looks)
            })
            .collect();
        notes.insert(0, format!("Data: {}.", distinct(trials.iter().map(|t| family(&t.dataset))).join(", ")));
        let repeats = trials.iter().map(|t| t.repeat + 1).max().unwrap_or(1);
        if repeats > 1 {
            notes.push(format!("Median of {repeats} repeats, bars from the fastest to the slowest."));
        }
        let failures = trials.iter().filter(|t| !timed(t));
        let told = distinct(failures.map(|t| {
            let name = looks.iter().find(|l| l.0 == t.contestant).map_or("", |l| &l.1);
            let reason = if t.reason.is_empty() { String::new() } else { format!(" ({})", t.reason) };
            format!("{name}, {}, n = {}, p = {}: {}{reason}.", penalty(t.alpha), t.n, t.p, t.status_text())
        }));
        notes.extend(told.iter().take(TOLD).cloned());
        if told.len() > TOLD {
            notes.push(format!("{} more without a time.", told.len() - TOLD));
        }
        Self { title, looks, panels, notes }
    }

    fn keys(&self) -> Vec<Key> {
        let mut keys: Vec<Key> = self.looks.iter().map(|(_, label, ink)| Key::series(label, *ink)).collect();
        let cells = || self.panels.iter().flat_map(|p| &p.series).flat_map(|s| &s.1);
        if cells().any(|c| c.open) {
            keys.push(Key::mark("open: did not converge", Ink { colour: BLACK, mark: Mark::Disc }, true));
        }
        if cells().any(|c| c.missing) {
            keys.push(Key::mark("no time, see caption", Ink { colour: BLACK, mark: Mark::Cross }, false));
        }
        keys
    }

    fn columns(&self) -> usize {
        self.panels.len().clamp(1, if self.panels.len() % 3 == 0 { 3 } else { 2 })
    }

    /// Scale of seconds, shared by all panels so that they can be compared.
    fn seconds(&self) -> (f64, f64) {
        let spreads = self.panels.iter().flat_map(|p| &p.series).flat_map(|s| &s.1).filter_map(|c| c.seconds);
        let (low, high) = spreads.fold((f64::MAX, 0.0f64), |(low, high), s| (low.min(s.low), high.max(s.high)));
        if high > 0.0 { (low, high) } else { (0.1, 10.0) }
    }
}

impl RuntimePanel {
    fn new(trials: &[&Trial], heading: String, looks: &[(String, String, Ink)]) -> Self {
        let count = |of: fn(&Trial) -> u64| distinct(trials.iter().map(|t| of(t))).len();
        let sizes = distinct(trials.iter().map(|t| (t.n, t.p))).len();
        let (n, p) = trials.first().map_or((0, 0), |t| (t.n, t.p));
        let regime = if n >= p { "n ≥ p" } else { "n < p" };
        type Size = fn(&Trial) -> f64;
        let (x_title, fixed, size): (_, _, Size) = if count(|t| t.n) == 1 && count(|t| t.p) == sizes {
            ("columns p", format!("n = {n}"), |t| t.p as f64)
        } else if count(|t| t.p) == 1 && count(|t| t.n) == sizes {
            ("rows n", format!("p = {p}"), |t| t.n as f64)
        } else if count(|t| t.p) == sizes {
            ("columns p", regime.to_string(), |t| t.p as f64)
        } else {
            ("entries of X, n·p", regime.to_string(), |t| t.n as f64 * t.p as f64)
        };
        let series = looks
            .iter()
            .map(|(id, _, ink)| {
                let own: Vec<&Trial> = trials.iter().filter(|t| t.contestant == *id).copied().collect();
                let mut sizes = distinct(own.iter().map(|t| size(t)));
                sizes.sort_by(f64::total_cmp);
                (*ink, sizes.into_iter().map(|at| Cell::of(at, own.iter().filter(|t| size(t) == at).copied())).collect())
            })
            .collect();
        let shown = if fixed == regime { fixed } else { format!("{regime}, {fixed}") };
        Self { heading: format!("{heading} · {shown}"), x_title, series }
    }

    fn cells(&self) -> impl Iterator<Item = &Cell> {
        self.series.iter().flat_map(|s| &s.1)
    }

    fn draw<DB: DrawingBackend>(&self, canvas: &Canvas<DB>, panel: &Panel, strip: bool) -> Result<()> {
        for (ink, cells) in &self.series {
            let medians: Vec<(f64, f64)> = cells.iter().filter_map(|c| Some((c.size, c.seconds?.median))).collect();
            panel.line(canvas, &medians, Stroke::solid(ink.colour, LINE))?;
        }
        for (ink, cells) in &self.series {
            for cell in cells {
                let Some(seconds) = cell.seconds else { continue };
                panel.whisker(canvas, cell.size, (seconds.low, seconds.high), ink.colour)?;
                panel.mark(canvas, (cell.size, seconds.median), *ink, cell.open)?;
            }
        }
        if !strip {
            return Ok(());
        }
        let Rect { left, top, right, .. } = panel.rect;
        canvas.line(&[(left, top + STRIP), (right, top + STRIP)], Stroke::solid(GREY, 1.0).dashed(4.0, 4.0))?;
        canvas.text("no time", (left + 8.0, top + STRIP / 2.0), Pen::new(SMALL, GREY))?;
        for size in distinct(self.cells().filter(|c| c.missing).map(|c| c.size)) {
            let at = |cells: &[Cell]| cells.iter().any(|c| c.size == size && c.missing);
            let inks: Vec<Ink> = self.series.iter().filter(|s| at(&s.1)).map(|s| s.0).collect();
            for (i, ink) in inks.iter().enumerate() {
                let x = panel.px(size, 1.0).0 + (i as f64 - (inks.len() - 1) as f64 / 2.0) * 3.2 * MARK;
                canvas.mark((x, top + STRIP / 2.0), Mark::Cross, MARK, ink.colour, false)?;
            }
        }
        Ok(())
    }
}

impl Cell {
    fn of<'a>(size: f64, trials: impl Iterator<Item = &'a Trial>) -> Self {
        let (ended, rest): (Vec<&Trial>, Vec<&Trial>) = trials.partition(|t| timed(t));
        let seconds = Spread::of(ended.iter().filter_map(|t| t.seconds));
        Self { size, seconds, open: ended.iter().any(|t| !t.converged()), missing: !rest.is_empty() }
    }
}

/// The trials that are timings, and what to say about the others; all of them if none is.
pub fn uncontended(trials: &[Trial]) -> (Vec<&Trial>, Vec<String>) {
    let (contended, alone): (Vec<&Trial>, Vec<&Trial>) = trials.iter().partition(|t| t.contended);
    match (contended.len(), alone.is_empty()) {
        (0, _) => (alone, Vec::new()),
        (_, true) => (contended, vec!["Warning: other trials ran at the same time, these are no timings.".into()]),
        (count, false) => (alone, vec![format!("{count} contended trials are left out.")]),
    }
}

/// What datasets of one generator have in common: the identifier up to its parameters.
fn family(dataset: &str) -> &str {
    let end = dataset.find(|c: char| !(c.is_alphabetic() || c == '_')).unwrap_or(dataset.len());
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
        (width, legend + rows * (ABOVE + 330.0 + BELOW) + (rows - 1.0) * GAP)
    }

    fn draw<DB: DrawingBackend>(&self, canvas: &Canvas<DB>, inside: Rect) -> Result<()> {
        let inside = legend::draw(canvas, inside, &self.keys())?;
        let (low, high) = self.seconds();
        let strip = self.panels.iter().flat_map(RuntimePanel::cells).any(|c| c.missing);
        for (cell, series) in inside.cells(self.panels.len(), self.columns(), 2.0 * GAP).into_iter().zip(&self.panels) {
            let sizes = series.cells().map(|c| c.size);
            let (least, most) = sizes.fold((f64::MAX, 0.0f64), |(least, most), s| (least.min(s), most.max(s)));
            let x = Axis::new(Scale::log(least, most).padded(0.08), 6, series.x_title);
            let plain = Scale::log(low, high).padded(0.05);
            // The strip for what has no time is part of the panel, above every time.
            let room = if strip { STRIP / (cell.height() - ABOVE - BELOW - STRIP) } else { 0.0 };
            let y = Axis::new(Scale::log(plain.value(0.0), plain.value(1.0 + room)), 6, "seconds");
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

    fn trial(status: &str, seconds: Option<f64>, contended: bool) -> Trial {
        Trial { status: status.into(), seconds, contended, ..Trial::default() }
    }

    #[test]
    fn what_failed_stays_in_its_cell() {
        let trials = [trial("converged", Some(1.0), false), trial("epoch_limit", Some(3.0), false), trial("timed_out", Some(60.0), false)];
        let cell = Cell::of(10.0, trials.iter());
        assert_eq!(cell.seconds.map(|s| s.high), Some(3.0));
        assert!(cell.open && cell.missing);
    }

    #[test]
    fn contended_rows_are_no_timings() {
        let mixed = [trial("converged", Some(1.0), false), trial("converged", Some(9.0), true)];
        assert_eq!(uncontended(&mixed).0.len(), 1);
        assert_eq!(uncontended(&mixed[1..]).0.len(), 1);
        assert!(uncontended(&mixed[1..]).1[0].contains("no timings"));
        assert!(uncontended(&mixed[..1]).1.is_empty());
    }

    #[test]
    fn families_share_a_panel() {
        assert_eq!(family("equicorrelated-n100-p20"), "equicorrelated");
        assert_eq!(family("power_law(n=3)"), "power_law");
        assert_eq!(family("42"), "42");
    }
}
