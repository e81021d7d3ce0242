//! The plate of a history: one panel per layer of the gate, above one axis of checks.

use super::axis::Axis;
use super::canvas::Canvas;
use super::history_series::{CheckSeries, LayerSeries, Series};
use super::label::{self, Label, SPACING};
use super::panel::{ABOVE, Panel};
use super::picture::Plate;
use super::rect::Rect;
use super::scale::Scale;
use super::stroke::Stroke;
use super::style::{
    BLACK, GAP, GREY, Ink, LABEL, LINE, MARK, Mark, PALE, PALETTE, SMALL, WIDTH, capital,
};
use super::text::{Pen, fit, text_width};
use super::tick::Tick;
use super::trial::distinct;
use anyhow::Result;
use plotters::prelude::*;

/// Series with a change that are named beside a panel.
const NAMED: usize = 8;
/// Toolchains that the caption names.
const TOLD: usize = 3;
/// Height of a panel without its heading.
const HEIGHT: f64 = 230.0;
/// Widest label.
const LABEL_WIDTH: f64 = 400.0;
/// Least distance of two commits below the last panel.
const COMMIT: f64 = 18.0;
/// Ratio of the largest and the least value beyond which an axis is logarithmic.
const LINEAR: f64 = 4.0;
/// Least distance of the ends of an axis from 1: noise below it is none.
const LEAST: f64 = 0.02;

/// Panels of values against checks.
pub struct HistoryPlate {
    title: &'static str,
    history: CheckSeries,
}

/// How a series looks: those without a change have no colour.
struct Look {
    colour: RGBColor,
    named: bool,
}

impl HistoryPlate {
    /// A panel for every layer.
    pub fn new(history: CheckSeries, title: &'static str) -> Self {
        Self { title, history }
    }

    /// Width of the labels beside the panels.
    fn label_width(&self) -> f64 {
        let named = |layer: &LayerSeries| -> Vec<String> {
            let looks = looks(layer);
            let named = layer.series.iter().zip(looks).filter(|(_, l)| l.named);
            named.map(|(series, _)| text(series, LABEL_WIDTH)).collect()
        };
        let texts: Vec<String> = self.history.layers.iter().flat_map(named).collect();
        label::width(texts.iter().map(String::as_str), LABEL_WIDTH).max(GAP)
    }

    /// Height of the commits and the title below the last panel.
    fn below(&self) -> f64 {
        let commits = self.history.checks.iter();
        let widest = commits.map(|c| text_width(&c.commit, SMALL));
        widest.fold(0.0, f64::max) * 1.06 + 12.0 + LABEL + 12.0
    }

    /// The checks whose commits are written: those with a change, then the ends, then every so many, as far as there is room.
    fn shown(&self, width: f64) -> Vec<usize> {
        let count = self.history.checks.len();
        let distance = width / count as f64;
        let apart = ((COMMIT / distance).ceil() as usize).max(1);
        let layers = self.history.layers.iter();
        let mut changed: Vec<(f64, usize)> = layers
            .flat_map(|l| &l.series)
            .flat_map(|s| {
                s.changes
                    .iter()
                    .map(|c| (c.factor.ln().abs(), s.points[c.at].0))
            })
            .collect();
        changed.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        let changed = changed.into_iter().map(|(_, check)| check);
        let mut shown: Vec<usize> = Vec::new();
        for check in changed
            .chain([0, count - 1])
            .chain((0..count).step_by(apart))
        {
            if shown.iter().all(|other| other.abs_diff(check) >= apart) {
                shown.push(check);
            }
        }
        shown
    }

    fn panels(&self, inside: Rect, labels: f64) -> Vec<Panel> {
        let layers = &self.history.layers;
        let axes: Vec<Axis> = layers.iter().map(values).collect();
        let left = axes.iter().map(Axis::width).fold(0.0, f64::max);
        let (left, right) = (inside.left + left, inside.right - labels);
        let count = self.history.checks.len() as f64;
        let ticks = self.shown(right - left).into_iter();
        let x = Axis {
            scale: Scale::linear(-0.5, count - 0.5),
            ticks: ticks.map(|check| Tick::new(check as f64, "")).collect(),
            title: String::new(),
        };
        let row = |(i, y): (usize, Axis)| {
            let top = inside.top + i as f64 * (ABOVE + HEIGHT + GAP) + ABOVE;
            let (bottom, x) = (top + HEIGHT, x.clone());
            let rect = Rect {
                left,
                top,
                right,
                bottom,
            };
            Panel { rect, x, y }
        };
        axes.into_iter().enumerate().map(row).collect()
    }

    /// The commits below a panel, running upwards.
    fn commits<DB: DrawingBackend>(&self, canvas: &Canvas<DB>, panel: &Panel) -> Result<()> {
        for tick in &panel.x.ticks {
            let commit = &self.history.checks[tick.value as usize].commit;
            let (x, _) = panel.px(tick.value, 1.0);
            let y = panel.rect.bottom + 10.0 + text_width(commit, SMALL) / 2.0;
            canvas.text(commit, (x, y), Pen::new(SMALL, BLACK).centred().upwards())?;
        }
        let middle = (panel.rect.left + panel.rect.right) / 2.0;
        let y = panel.rect.bottom + self.below() - LABEL / 2.0 - 2.0;
        let title = "checks in the order of recording, by commit";
        canvas.text(title, (middle, y), Pen::new(LABEL, BLACK).centred())
    }
}

/// The looks of all series: the largest changes are coloured and named.
fn looks(layer: &LayerSeries) -> Vec<Look> {
    let mut order: Vec<usize> = (0..layer.series.len()).collect();
    let size = |i: &usize| layer.series[*i].largest();
    order.sort_by(|a, b| size(b).total_cmp(&size(a)).then(a.cmp(b)));
    let look = |i: usize| {
        let rank = order.iter().position(|o| *o == i).unwrap_or(order.len());
        let changed = !layer.series[i].changes.is_empty();
        let named = changed && rank < NAMED;
        Look {
            colour: match (changed, named) {
                (_, true) => PALETTE[rank],
                (true, _) => GREY,
                _ => PALE,
            },
            named,
        }
    };
    (0..layer.series.len()).map(look).collect()
}

/// The label of a series with changes, of which its name is cut where the width asks for it.
fn text(series: &Series, width: f64) -> String {
    let factors: Vec<String> = series.changes.iter().map(|c| factor(c.factor)).collect();
    let more = factors.len().saturating_sub(3);
    let mut told = factors[more..].join(", ");
    if more > 0 {
        told = format!("…, {told}");
    }
    let room = width - text_width(&format!("\u{a0}{told}"), LABEL) - 2.0;
    format!("{} {told}", fit(&series.label, LABEL, room))
}

/// A change as it is written: −23 %, or ×2.5 where it is large.
fn factor(factor: f64) -> String {
    if factor >= 2.0 {
        format!("×{factor:.1}")
    } else {
        let percent = (factor - 1.0) * 100.0;
        let places = usize::from(percent.abs() < 9.95);
        format!("{percent:+.places$} %").replace('-', "−")
    }
}

/// Axis of the values of a layer.
fn values(layer: &LayerSeries) -> Axis {
    let points = layer.series.iter().flat_map(|s| &s.points);
    let ends = (1.0 - LEAST, 1.0 + LEAST);
    let (low, high) = points.fold(ends, |(low, high), (_, v)| (low.min(*v), high.max(*v)));
    let scale = if high / low > LINEAR {
        Scale::log(low, high)
    } else {
        Scale::linear(low, high)
    };
    Axis::new(scale.padded(0.07), 5, "relative to first")
}

fn draw_series<DB: DrawingBackend>(
    canvas: &Canvas<DB>,
    panel: &Panel,
    series: &Series,
    look: &Look,
) -> Result<()> {
    let points: Vec<(f64, f64)> = (series.points.iter())
        .map(|(check, value)| (*check as f64, *value))
        .collect();
    let width = if look.named { LINE } else { 1.0 };
    panel.line(canvas, &points, Stroke::solid(look.colour, width))?;
    if let (true, Some(&(x, y))) = (look.named, points.last()) {
        // From where the line ends to its label.
        let (from, y) = panel.px(x, y);
        let stroke = Stroke::solid(look.colour, 1.0).dashed(1.0, 4.0);
        canvas.line(&[(from, y), (panel.rect.right, y)], stroke)?;
    }
    if let [(x, y)] = points[..] {
        canvas.mark(panel.px(x, y), Mark::Disc, 0.75 * MARK, GREY, false)?;
    }
    Ok(())
}

fn draw_changes<DB: DrawingBackend>(
    canvas: &Canvas<DB>,
    panel: &Panel,
    series: &Series,
    look: &Look,
) -> Result<()> {
    let ink = Ink {
        colour: look.colour,
        mark: Mark::Disc,
    };
    for change in &series.changes {
        let (check, value) = series.points[change.at];
        panel.mark(canvas, (check as f64, value), ink, true)?;
    }
    Ok(())
}

fn draw_layer<DB: DrawingBackend>(
    canvas: &Canvas<DB>,
    panel: &Panel,
    layer: &LayerSeries,
    width: f64,
) -> Result<()> {
    let Rect {
        left,
        top,
        right,
        bottom,
    } = panel.rect;
    for (_, check) in layer.toolchains.iter().skip(1) {
        let (x, _) = panel.px(*check as f64 - 0.5, 1.0);
        let stroke = Stroke::solid(GREY, 1.5).dashed(5.0, 4.0);
        canvas.line(&[(x, top), (x, bottom)], stroke)?;
    }
    let looks = looks(layer);
    let mut drawn: Vec<(&Series, &Look)> = layer.series.iter().zip(&looks).collect();
    // The largest changes are drawn last, above the others.
    drawn.sort_by(|a, b| a.0.largest().total_cmp(&b.0.largest()));
    let (pale, changed) =
        drawn.split_at(drawn.partition_point(|(series, _)| series.changes.is_empty()));
    for (series, look) in pale {
        draw_series(canvas, panel, series, look)?;
    }
    let (_, one) = panel.px(0.0, 1.0);
    canvas.line(&[(left, one), (right, one)], Stroke::solid(GREY, 1.0))?;
    for (series, look) in changed {
        draw_series(canvas, panel, series, look)?;
    }
    for (series, look) in changed {
        draw_changes(canvas, panel, series, look)?;
    }
    let labels = drawn.iter().filter(|(_, look)| look.named);
    let label = |(series, look): &(&Series, &Look)| Label {
        text: text(series, LABEL_WIDTH),
        y: series.points.last().map_or(one, |p| panel.px(0.0, p.1).1),
        colour: look.colour,
    };
    let more = changed.len().saturating_sub(NAMED);
    let mut beside = panel.rect;
    if more > 0 {
        beside.bottom -= SPACING;
        let at = (right + 22.0, bottom - 4.0);
        canvas.text(&format!("and {more} more"), at, Pen::new(LABEL, GREY))?;
    }
    label::draw(canvas, beside, labels.map(label).collect(), width)?;
    let lines = distinct(layer.series.iter().map(|s| s.label.as_str())).len();
    let lines = match lines {
        1 => "one line".into(),
        lines => format!("{lines} lines"),
    };
    panel.heading(canvas, &format!("{}, {lines}", capital(&layer.layer)), 0.0)
}

impl Plate for HistoryPlate {
    fn title(&self) -> String {
        self.title.into()
    }

    fn notes(&self) -> Vec<String> {
        let CheckSeries { checks, layers } = &self.history;
        let day = |recorded: &str| recorded.chars().take(10).collect::<String>();
        let mut notes = Vec::new();
        if let ([first, ..], [.., last]) = (&checks[..], &checks[..]) {
            let of = |check: &super::history_series::Check| {
                format!("{} ({})", check.commit, day(&check.recorded))
            };
            notes.push(match checks.len() {
                1 => format!(
                    "One check, {}: there is nothing yet to compare it with.",
                    of(first)
                ),
                count => format!("{count} checks from {} to {}.", of(first), of(last)),
            });
        }
        notes.push(
            "Values are relative to the first of their line under the same toolchain; less is better.".into(),
        );
        let toolchains = layers.iter().flat_map(|l| &l.toolchains);
        let toolchains = distinct(toolchains.map(|t| t.0.as_str()));
        let more = toolchains.len().saturating_sub(TOLD);
        let mut told = toolchains[..toolchains.len() - more].join("; ");
        if more > 0 {
            told = format!("{told}; and {more} more");
        }
        if layers.iter().any(|l| l.toolchains.len() > 1) {
            notes.push("Dashed: a new toolchain, with values relative to their own first.".into());
        }
        notes.push(match toolchains.len() {
            1 => format!("Toolchain: {told}."),
            _ => format!("Toolchains: {told}."),
        });
        let changed = |layer: &LayerSeries| {
            let changed = layer.series.iter().filter(|s| !s.changes.is_empty());
            changed.count()
        };
        notes.push(if layers.iter().all(|l| changed(l) == 0) {
            "No line changed its level.".into()
        } else {
            "Rings: changes of level, by optimal partitioning of the logarithms; the lines with the largest are coloured and named, \
             with new over old level; the palest did not change."
                .into()
        });
        let without: usize = layers.iter().map(|l| l.without_ratio).sum();
        if without > 0 {
            notes.push(format!(
                "Left out: {without} with a value that is not positive."
            ));
        }
        notes
    }

    fn size(&self) -> (f64, f64) {
        let rows = self.history.layers.len() as f64;
        let height = rows * (ABOVE + HEIGHT + GAP) - GAP + self.below();
        (WIDTH, height)
    }

    fn draw<DB: DrawingBackend>(&self, canvas: &Canvas<DB>, inside: Rect) -> Result<()> {
        let labels = self.label_width();
        let panels = self.panels(inside, labels);
        for (panel, layer) in panels.iter().zip(&self.history.layers) {
            panel.frame(canvas)?;
            draw_layer(canvas, panel, layer, labels)?;
        }
        panels
            .last()
            .map_or(Ok(()), |last| self.commits(canvas, last))
    }
}

#[cfg(test)]
mod tests {
    use super::super::history_series::Recorded;
    use super::super::style::register;
    use super::*;

    /// A history of that many checks, with one change in the middle.
    fn plate(checks: usize) -> HistoryPlate {
        let row = |i: usize| Recorded {
            recorded: format!("{i}"),
            commit: format!("c{i:06}"),
            layer: "time".into(),
            benchmark: "a".into(),
            metric: "seconds".into(),
            value: if i < checks / 2 { 1.0 } else { 2.0 },
            toolchain: "t".into(),
        };
        let rows: Vec<Recorded> = (0..checks).map(row).collect();
        HistoryPlate::new(CheckSeries::of(&rows), "title")
    }

    #[test]
    fn commits_keep_their_distance_and_changes_are_among_them() {
        for checks in [1, 2, 7, 30, 300, 2000] {
            let (plate, width) = (plate(checks), 800.0);
            let mut shown = plate.shown(width);
            shown.sort_unstable();
            let distance = width / checks as f64;
            let apart = |w: &[usize]| (w[1] - w[0]) as f64 * distance >= COMMIT;
            assert!(shown.windows(2).all(apart), "{checks} {shown:?}");
            assert!(!shown.is_empty() && shown.len() <= 44);
            if checks > 6 {
                assert!(shown.contains(&(checks / 2)), "{checks} {shown:?}");
            }
        }
    }

    #[test]
    fn changes_are_written_with_their_sign() {
        let written = [0.77, 1.311, 0.984, 2.54, 0.1, 1.02].map(factor);
        assert_eq!(
            written,
            ["−23 %", "+31 %", "−1.6 %", "×2.5", "−90 %", "+2.0 %"]
        );
    }

    #[test]
    fn a_long_name_is_cut_and_its_factor_is_not() {
        register();
        let mut layer = plate(20).history.layers.remove(0);
        layer.series[0].label = "a-path-with-a-very-long-name/".repeat(4);
        let text = text(&layer.series[0], 200.0);
        assert!(text.ends_with("… ×2.0"), "{text}");
        assert!(text_width(&text, LABEL) <= 200.0);
    }
}
