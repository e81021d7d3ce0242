//! Convergence: certified suboptimality against epochs and against seconds.

use super::canvas::{Canvas, Rect, Stroke};
use super::legend::{self, Key};
use super::panel::{ABOVE, Axis, BELOW, Panel};
use super::picture::{self, Plate, file_part};
use super::scale::Scale;
use super::style::{ALARM, BLACK, GAP, GREY, Ink, LINE, Mark, capital, contestants, ink, penalty};
use super::trial::{Budget, Trial, distinct, trials};
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
            let plate = ConvergencePlate::new(&here, format!("{}, {dataset}", self.title()));
            files.extend(picture::write(&plate, provenance, out, &format!("{}-{}", self.id(), file_part(dataset)))?);
        }
        Ok(files)
    }
}

/// Suboptimality below which double precision tells nothing; what is lower, or negative by rounding, is drawn here.
const FLOOR: f64 = 1e-16;

struct ConvergencePlate {
    title: String,
    notes: Vec<String>,
    looks: Vec<(String, String, Ink)>,
    rows: Vec<ConvergenceRow>,
}

/// One penalty at one λ.
struct ConvergenceRow {
    heading: String,
    series: Vec<(Ink, Vec<Reached>)>,
}

/// One budget as it is drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Reached {
    epochs: f64,
    seconds: f64,
    subopt: f64,
    floored: bool,
}

impl ConvergencePlate {
    fn new(trials: &[&Trial], title: String) -> Self {
        let looks = contestants(trials.iter().map(|t| t.contestant.as_str()));
        let mut questions = distinct(trials.iter().flat_map(|t| t.curve.iter().map(|b| (t.alpha, b.k))));
        questions.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        let rows = questions.iter().map(|(alpha, k)| ConvergenceRow::new(trials, *alpha, *k, &looks)).collect();
        let mut notes: Vec<String> = trials.first().map(|t| format!("{}: n = {}, p = {}.", t.dataset, t.n, t.p)).into_iter().collect();
        notes.push("Primal minus the best dual value known, over the null loss; every point is a solve from zero with that budget.".into());
        let failures = trials.iter().filter(|t| t.curve.is_empty());
        notes.extend(distinct(failures.map(|t| {
            let name = looks.iter().find(|l| l.0 == t.contestant).map_or("", |l| &l.1);
            let reason = if t.reason.is_empty() { String::new() } else { format!(" ({})", t.reason) };
            format!("{name}: {}{reason}.", t.status_text())
        })));
        Self { title, notes, looks, rows }
    }

    fn keys(&self) -> Vec<Key> {
        let mut keys: Vec<Key> = self.looks.iter().map(|(_, label, ink)| Key::series(label, *ink)).collect();
        if self.rows.iter().flat_map(|r| &r.series).flat_map(|s| &s.1).any(|r| r.floored) {
            keys.push(Key::mark("at most 1e-16", Ink { colour: BLACK, mark: Mark::Disc }, true));
        }
        if !self.rows.is_empty() {
            keys.extend([1, 2].map(|order| Key::line(guide_name(order), ink(0), guide_stroke(order))));
        }
        keys
    }
}

impl ConvergenceRow {
    fn new(trials: &[&Trial], alpha: f64, k: u64, looks: &[(String, String, Ink)]) -> Self {
        let here = || trials.iter().filter(move |t| t.alpha == alpha && t.curve.iter().any(|b| b.k == k));
        let series = looks.iter().filter_map(|(id, _, ink)| {
            let trial = here().filter(|t| t.contestant == *id).min_by_key(|t| t.repeat)?;
            Some((*ink, reached(trial.curve.iter().filter(|b| b.k == k))))
        });
        let ratio = here().flat_map(|t| &t.points).find(|p| p.k == k).map(|p| p.ratio);
        let at = ratio.filter(|r| *r > 0.0).map_or_else(|| format!("k = {k}"), |r| format!("λ = {} λmax", round(r)));
        Self { heading: format!("{}, {at}", capital(&penalty(alpha))), series: series.collect() }
    }

    /// Least and largest of a coordinate, `None` without points.
    fn range(&self, of: impl Fn(&Reached) -> f64) -> Option<(f64, f64)> {
        let values = self.series.iter().flat_map(|s| &s.1).map(of).filter(|v| *v > 0.0 && v.is_finite());
        values.fold(None, |range, v| Some(range.map_or((v, v), |(low, high): (f64, f64)| (low.min(v), high.max(v)))))
    }

    fn draw<DB: DrawingBackend>(&self, canvas: &Canvas<DB>, cell: Rect, epochs: bool) -> Result<()> {
        let across = |r: &Reached| if epochs { r.epochs } else { r.seconds };
        let (least, most) = self.range(across).unwrap_or((1.0, 10.0));
        let (low, high) = self.range(|r| r.subopt).unwrap_or((FLOOR, 1.0));
        let x = Axis::new(Scale::log(least, most).padded(0.03), 6, if epochs { "epochs" } else { "seconds" });
        let y = Axis::new(Scale::log(low, high).padded(0.04), 9, "suboptimality");
        let panel = Panel::inside(cell, x, y);
        panel.frame(canvas)?;
        panel.heading(canvas, &self.heading, 0.0)?;
        if epochs {
            for order in [1, 2] {
                // From the upper left corner: a line of that slope is a solver of that rate.
                let (x0, y0) = (least, high);
                let guide: Vec<(f64, f64)> = [least, most].map(|x| (x, y0 * (x0 / x).powi(order))).to_vec();
                panel.line(canvas, &guide, guide_stroke(order))?;
            }
        }
        for (ink, points) in &self.series {
            let line: Vec<(f64, f64)> = points.iter().map(|r| (across(r), r.subopt)).collect();
            panel.line(canvas, &line, Stroke::solid(ink.colour, LINE))?;
        }
        for (ink, points) in &self.series {
            points.iter().try_for_each(|r| panel.mark(canvas, (across(r), r.subopt), *ink, r.floored))?;
        }
        Ok(())
    }
}

/// The points of a curve, floored; what follows the first floored one is the same point again and left out.
fn reached<'a>(curve: impl Iterator<Item = &'a Budget>) -> Vec<Reached> {
    let mut points: Vec<Reached> = Vec::new();
    for budget in curve.filter(|b| b.epochs > 0 && !b.subopt.is_nan()) {
        if points.last().is_some_and(|r| r.floored) {
            break;
        }
        let subopt = budget.subopt.clamp(FLOOR, 1e300);
        points.push(Reached { epochs: budget.epochs as f64, seconds: budget.seconds, subopt, floored: budget.subopt <= FLOOR });
    }
    points
}

/// Three significant digits.
fn round(value: f64) -> String {
    let digits = (2 - value.abs().log10().floor() as i32).clamp(0, 12) as usize;
    let text = format!("{value:.digits$}");
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_string() } else { text }
}

fn guide_name(order: i32) -> String {
    if order == 1 { "slope 1/k".into() } else { "slope 1/k²".into() }
}

fn guide_stroke(order: i32) -> Stroke {
    let solid = Stroke::solid(GREY, 1.25);
    if order == 1 { solid.dashed(9.0, 5.0) } else { solid.dashed(2.5, 4.0) }
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
        (width, legend + rows * (ABOVE + 340.0 + BELOW) + (rows - 1.0) * GAP)
    }

    fn draw<DB: DrawingBackend>(&self, canvas: &Canvas<DB>, inside: Rect) -> Result<()> {
        let inside = legend::draw(canvas, inside, &self.keys())?;
        for (pair, row) in inside.cells(self.rows.len(), 1, 2.0 * GAP).into_iter().zip(&self.rows) {
            let cells = pair.cells(2, 2, 2.0 * GAP);
            row.draw(canvas, cells[0], true)?;
            row.draw(canvas, cells[1], false)?;
        }
        if self.rows.is_empty() {
            let axis = |title: &str| Axis { scale: Scale::linear(0.0, 1.0), ticks: Vec::new(), title: title.into() };
            let panel = Panel::inside(inside, axis("epochs"), axis("suboptimality"));
            panel.frame(canvas)?;
            panel.sentence(canvas, "no solver got as far as a curve; the caption tells why", ALARM)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn curves_stop_at_the_floor() {
        let curve = [(0, 1.0), (1, 0.1), (2, -1e-18), (3, 0.0)].map(|(epochs, subopt)| Budget { k: 0, epochs, seconds: 1.0, subopt });
        let points = reached(curve.iter());
        assert_eq!(points.iter().map(|r| r.subopt).collect::<Vec<_>>(), [0.1, FLOOR]);
        assert!(!points[0].floored && points[1].floored);
    }

    #[test]
    fn ratios_are_rounded() {
        assert_eq!([0.1, 0.012345, 1.0, 123.4].map(round), ["0.1", "0.0123", "1", "123"]);
    }
}
