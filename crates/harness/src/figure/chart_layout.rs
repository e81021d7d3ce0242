//! The layout of a chart on a sheet: columns and rows of panels, and of each panel the axes with the ticks that fit.

use super::axis::{Axis, TITLE_LINE, shown};
use super::chart::{Chart, Panel as Described, Shape, Side};
use super::chart_labels;
use super::panel::{ABOVE, BELOW, TOP_AXIS};
use super::rect::Rect;
use super::scale::Scale;
use super::style::{HEADING, LABEL, SMALL};
use super::text::{text_width, whole, wrap, wrap_evenly};
use super::theme::Sheet;
use super::tick::Tick;

/// Space between panels of a row; half of it between rows.
pub const BETWEEN: f64 = 34.0;
/// Height of a line of text below an image.
pub const CAPTION: f64 = 20.0;
/// Height of a further line of a heading.
pub const HEADING_LINE: f64 = 21.0;
/// Viewers may set SVG in a wider font than ours.
pub const WIDER: f64 = 1.06;
/// How far a tick label may stand out of its cell.
const RIM: f64 = 8.0;
/// The narrowest panel that is worth its axes.
const NARROWEST: f64 = 225.0;
/// The narrowest image.
const NARROWEST_IMAGE: f64 = 150.0;
/// The least height over width of the frame of a panel that has become narrower.
const FLATTEST: f64 = 0.7;
/// The least height of a frame where a sheet is not to become too high.
const LOWEST: f64 = 150.0;
/// Height above a frame without heading, and below one without ticks and title.
const BARE: f64 = 12.0;
/// Height of texts above a frame.
const OUT: f64 = 18.0;
/// Height of a line of the caption.
const NOTE: f64 = 19.0;
/// Height of the title and of a line of the caption.
const AROUND: f64 = TOP_AXIS + NOTE;

/// Where the panels of a chart lie.
pub struct Layout {
    /// One cell for each panel.
    pub cells: Vec<Cell>,
    /// Height of all of them.
    pub height: f64,
}

/// A panel's place, and what was fitted to it.
pub struct Cell {
    /// The panel with its axes and heading.
    pub rect: Rect,
    /// Horizontal axis.
    pub x: Axis,
    /// Vertical axis.
    pub y: Axis,
    /// Lines of the heading.
    pub heading: Vec<String>,
    /// Height above the frame.
    pub above: f64,
    /// Height below the frame.
    pub below: f64,
    /// Width of the vertical axis, or of the widest of the column.
    inset: f64,
    /// Width left free on the right for a tick label.
    spill: f64,
    /// How much higher than usual the heading stands.
    pub lift: f64,
}

impl Layout {
    /// The layout of a chart below its legend of that height.
    pub fn new(chart: &Chart, sheet: Sheet, legend: f64) -> Self {
        let columns = columns(chart, sheet);
        let rows = chart.panels.len().div_ceil(columns).max(1) as f64;
        let frame = frame_height(chart, sheet, cell_width(sheet.inner(), columns));
        let layout = Self::with(chart, sheet, columns, frame);
        let Some(ratio) = sheet.ratio else {
            return layout;
        };
        // What is not frame stays as it is, whatever is left for the frames.
        let notes = chart.notes.iter().take(sheet.notes);
        let notes = notes.cloned().collect::<Vec<String>>().join(" ");
        let notes = wrap(&notes, SMALL, sheet.inner() / WIDER).len() as f64;
        let title = sheet.title_lines(&chart.title).len() as f64 - 1.0;
        let around = AROUND + legend + NOTE * notes + 1.2 * sheet.title * title + 1.5 * sheet.gap;
        let fitting = frame + (sheet.width * ratio - around - layout.height) / rows;
        let fitting = fitting.max(lowest(chart));
        // Images keep their shape: a higher frame would leave white below them.
        let best = match sheet.fills && !of_images(chart) {
            true => fitting,
            false => fitting.min(frame),
        };
        Self::with(chart, sheet, columns, best)
    }

    fn with(chart: &Chart, sheet: Sheet, columns: usize, frame: f64) -> Self {
        let width = cell_width(sheet.inner(), columns);
        let order = order(chart, columns);
        let column_of = |i: usize| order.iter().position(|o| *o == i).unwrap_or(0) % columns;
        let ys: Vec<Axis> = (chart.panels.iter())
            .map(|panel| vertical(panel, sheet, frame))
            .collect();
        // The frames of a column begin and end at one place.
        let level = |i: usize, of: &[f64]| -> f64 {
            let same = (0..of.len()).filter(|j| sheet.follows && column_of(*j) == column_of(i));
            same.map(|j| of[j]).fold(of[i], f64::max)
        };
        let widths: Vec<f64> = ys.iter().map(Axis::width).collect();
        let mut cells: Vec<Cell> = (chart.panels.iter().zip(ys).enumerate())
            .map(|(i, (panel, y))| Cell::new(panel, sheet, (width, frame), y, level(i, &widths)))
            .collect();
        let spills: Vec<f64> = cells.iter().map(|c| c.spill).collect();
        for (i, cell) in cells.iter_mut().enumerate() {
            cell.spill = level(i, &spills);
        }
        let mut top = 0.0;
        for row in order.chunks(columns) {
            // The frames of a row are level too.
            let most =
                |of: fn(&Cell) -> f64| row.iter().map(|&i| of(&cells[i])).fold(0.0, f64::max);
            let (above, below) = (most(|c| c.above), most(|c| c.below));
            top += if top > 0.0 { BETWEEN / 2.0 } else { 0.0 };
            for (column, &i) in row.iter().enumerate() {
                let left = column as f64 * (width + BETWEEN);
                let cell = &mut cells[i];
                (cell.above, cell.below) = (above, below);
                cell.rect = Rect {
                    left,
                    top,
                    right: left + width,
                    bottom: top + above + frame + below,
                };
            }
            top += above + frame + below;
        }
        Self { cells, height: top }
    }
}

/// The vertical axis of a panel whose frame has that height.
fn vertical(described: &Described, sheet: Sheet, frame: f64) -> Axis {
    let layers = described.layers.iter().map(|l| &l.shape);
    let room = (frame + ABOVE + BELOW) / 48.0;
    let mut y = axis(&described.y, layers.flat_map(along), room);
    if sheet.follows {
        thin(&mut y, frame, |_| 15.0);
        y.title = wrap_evenly(&y.title, LABEL, frame / WIDER).join("\n");
    }
    y
}

impl Cell {
    fn new(
        described: &Described,
        sheet: Sheet,
        (width, frame): (f64, f64),
        y: Axis,
        inset: f64,
    ) -> Self {
        let layers = || described.layers.iter().map(|l| &l.shape);
        let mut x = axis(&described.x, layers().flat_map(across), width / 90.0);
        let wide = width - inset;
        let (mut above, mut spill, mut lift) = (ABOVE, 0.0, 0.0);
        let mut below = x.below();
        if sheet.follows {
            let scale = match described.equal {
                // The frame is going to be narrower.
                true => {
                    let length = |s: Scale| (s.value(1.0) - s.value(0.0)).abs();
                    let equal = frame * length(x.scale) / length(y.scale);
                    chart_labels::widened(x.scale, described, wide.min(equal))
                }
                false => chart_labels::widened(x.scale, described, wide),
            };
            x = axis_of(&described.x, scale, wide / 70.0);
            fit_ticks(&mut x, wide);
            x.title = wrap_evenly(&x.title, LABEL, wide / WIDER).join("\n");
            let out =
                layers().any(|s| matches!(s, Shape::Text { at, .. } if y.scale.at(at.1) > 1.0));
            above = match (described.heading.is_empty(), out) {
                (true, false) => BARE,
                (true, true) => ABOVE,
                // Texts above the frame stand below the heading.
                (false, out) => ABOVE + if out { OUT } else { 0.0 },
            };
            lift = if out { OUT } else { 0.0 };
            let texts = x.ticks.iter().any(|t| t.label.is_some());
            below = match (texts, x.title.is_empty()) {
                (_, false) => x.below(),
                (true, true) => x.below() - TITLE_LINE,
                (false, true) => BARE,
            };
            spill = spilt(&x, wide);
        }
        if described.raster.is_some() {
            below = if sheet.follows {
                CAPTION + BARE / 2.0
            } else {
                BELOW
            };
        }
        let room = match described.raster {
            Some(_) => width,
            None if sheet.follows => wide / WIDER,
            None => wide,
        };
        let heading = wrap_evenly(&whole(&described.heading), HEADING, room);
        Self {
            rect: Rect {
                left: 0.0,
                top: 0.0,
                right: width,
                bottom: frame + above + below,
            },
            above: above + heading.len().saturating_sub(1) as f64 * HEADING_LINE,
            below,
            heading,
            x,
            y,
            inset,
            spill,
            lift,
        }
    }

    /// Where data are drawn.
    pub fn frame(&self) -> Rect {
        Rect {
            left: self.rect.left + self.inset,
            top: self.rect.top + self.above,
            right: self.rect.right - self.spill,
            bottom: self.rect.bottom - self.below,
        }
    }
}

/// How far a tick label would stand out on the right of a frame of that width.
fn spilt(x: &Axis, width: f64) -> f64 {
    let ends = shown(x).map(|(tick, at)| {
        let label = tick.label.as_deref().unwrap_or("");
        at * width + text_width(label, SMALL) * WIDER / 2.0
    });
    (ends.fold(0.0, f64::max) - width - RIM).max(0.0)
}

/// The least height of a frame: its names at the ends of lines need room.
fn lowest(chart: &Chart) -> f64 {
    let names = |panel: &Described| {
        let places: Vec<f64> = (panel.layers.iter())
            .filter_map(|layer| match &layer.shape {
                Shape::Text { at, .. } => Some(at.0),
                _ => None,
            })
            .collect();
        let same = |x: &f64| places.iter().filter(|other| *other == x).count();
        places.iter().map(same).max().unwrap_or(0)
    };
    let most = chart.panels.iter().map(names).max().unwrap_or(0);
    LOWEST.max(most as f64 * 19.0)
}

fn cell_width(inner: f64, columns: usize) -> f64 {
    (inner - BETWEEN * (columns - 1) as f64) / columns as f64
}

fn of_images(chart: &Chart) -> bool {
    chart.panels.iter().all(|p| p.raster.is_some())
}

/// As many columns as the chart has, or as many as the sheet has room for; a sheet that is to be filled has no more than two rows.
fn columns(chart: &Chart, sheet: Sheet) -> usize {
    let mut asked = chart.columns.clamp(1, chart.panels.len().max(1));
    if !sheet.follows {
        return asked;
    }
    if sheet.fills {
        asked = asked.max(chart.panels.len().div_ceil(2));
    }
    let narrowest = match of_images(chart) {
        true => NARROWEST_IMAGE,
        false => NARROWEST,
    };
    let most = (1..=asked).rev();
    let most = most
        .into_iter()
        .find(|c| cell_width(sheet.inner(), *c) >= narrowest);
    let most = most.unwrap_or(1);
    // Full rows look better than one panel more in a row.
    let full = (most.div_ceil(2)..=most).rev();
    let full = full
        .into_iter()
        .find(|c| chart.panels.len().is_multiple_of(*c));
    full.unwrap_or(most)
}

/// The order in which panels fill the rows: a chart that has become as many columns as it had rows is turned on its side, so that
/// what stood one below the other stands side by side.
fn order(chart: &Chart, columns: usize) -> Vec<usize> {
    let (count, asked) = (chart.panels.len(), chart.columns.max(1));
    if columns > 1 && columns != asked && columns * asked == count {
        (0..count)
            .map(|i| i % columns * asked + i / columns)
            .collect()
    } else {
        (0..count).collect()
    }
}

/// Height of the frames: as the chart has it, or with the proportions that it has on the screen, but not flat.
fn frame_height(chart: &Chart, sheet: Sheet, width: f64) -> f64 {
    let asked = chart.row_height - ABOVE - BELOW;
    if !sheet.follows {
        return asked;
    }
    let rasters: Option<Vec<f64>> = (chart.panels.iter())
        .map(|p| p.raster.as_ref())
        .map(|r| r.map(|r| r.height as f64 / r.width.max(1) as f64))
        .collect();
    if let Some(shapes) = rasters {
        return width * shapes.into_iter().fold(0.0, f64::max);
    }
    /// Width of a vertical axis, about.
    const AXIS: f64 = 55.0;
    let screen = cell_width(
        Sheet::SCREEN.inner(),
        chart.columns.clamp(1, chart.panels.len().max(1)),
    );
    let (now, then) = (width - AXIS, screen - AXIS);
    (asked * now / then).max(FLATTEST * now).min(asked)
}

/// The axis of a side: its own ends and ticks, or those of the data.
pub fn axis(side: &Side, values: impl Iterator<Item = f64>, room: f64) -> Axis {
    let finite = values.filter(|v| v.is_finite() && (!side.log || *v > 0.0));
    let (low, high) = finite.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| {
        (low.min(v), high.max(v))
    });
    let (low, high) = match (low <= high, side.log) {
        (true, _) => (low, high),
        (false, true) => (0.1, 10.0),
        (false, false) => (0.0, 1.0),
    };
    let scale = |from, to| match side.log {
        true => Scale::log(from, to),
        false => Scale::linear(from, to),
    };
    let scale = match side.range {
        Some((from, to)) => scale(from, to),
        None => scale(low, high).padded(0.04),
    };
    axis_of(side, scale, room)
}

/// The axis of a side on that scale.
fn axis_of(side: &Side, scale: Scale, room: f64) -> Axis {
    match &side.ticks {
        None => Axis::new(scale, room as usize, side.title.as_str()),
        Some(ticks) => Axis {
            scale,
            ticks: (ticks.iter())
                .map(|(value, text)| Tick::new(*value, text.as_str()))
                .collect(),
            title: side.title.clone(),
        },
    }
}

/// Makes the labels of a horizontal axis fit: numbers are thinned out, names get several lines.
fn fit_ticks(axis: &mut Axis, width: f64) {
    let number = |t: &Tick| {
        let label = t.label.as_deref().unwrap_or("0");
        label
            .trim_start_matches(['−', '-'])
            .starts_with(|c: char| c.is_ascii_digit())
    };
    if axis.ticks.iter().all(number) {
        return thin(axis, width, |label| text_width(label, SMALL) * WIDER + 7.0);
    }
    let places: Vec<f64> = axis
        .ticks
        .iter()
        .map(|t| axis.scale.at(t.value) * width)
        .collect();
    let nearest = places
        .windows(2)
        .map(|w| (w[1] - w[0]).abs())
        .fold(width, f64::min);
    let slot = (nearest - 6.0) / WIDER;
    let labels = axis.ticks.iter_mut().filter_map(|t| t.label.as_mut());
    let labels: Vec<&mut String> = labels.collect();
    let fits = |label: &str| label.split(' ').all(|word| text_width(word, SMALL) <= slot);
    if labels.iter().all(|label| fits(label)) {
        for label in labels {
            *label = wrap(label, SMALL, slot).join("\n");
        }
    } else {
        // Every other name stands lower.
        for label in labels.into_iter().skip(1).step_by(2) {
            label.insert(0, '\n');
        }
    }
}

/// Leaves the text of every second, third, … tick alone until those texts have room; 0 stays.
fn thin(axis: &mut Axis, length: f64, size: impl Fn(&str) -> f64) {
    let labelled: Vec<(usize, f64, f64, bool)> = (axis.ticks.iter().enumerate())
        .filter_map(|(i, t)| {
            let label = t.label.as_deref().filter(|l| !l.is_empty())?;
            let zero = t.value == 0.0;
            Some((i, axis.scale.at(t.value) * length, size(label), zero))
        })
        .collect();
    let anchor = labelled.iter().position(|l| l.3).unwrap_or(0);
    let kept = |step: usize| -> Vec<&(usize, f64, f64, bool)> {
        labelled.iter().skip(anchor % step).step_by(step).collect()
    };
    let free = |step: &usize| {
        kept(*step)
            .windows(2)
            .all(|w| (w[1].1 - w[0].1).abs() >= (w[0].2 + w[1].2) / 2.0)
    };
    let Some(step) = (1..=labelled.len()).find(free) else {
        return;
    };
    let keep: Vec<usize> = kept(step).iter().map(|l| l.0).collect();
    for (i, tick) in axis.ticks.iter_mut().enumerate() {
        if !keep.contains(&i) {
            tick.label = None;
        }
    }
}

/// The horizontal places of a shape.
fn across(shape: &Shape) -> Vec<f64> {
    match shape {
        Shape::Line(points) | Shape::Points(points) | Shape::Area(points) => {
            points.iter().map(|p| p.0).collect()
        }
        Shape::Band(rows) | Shape::Whiskers(rows) => rows.iter().map(|r| r.0).collect(),
        Shape::Bars { width, bars } => (bars.iter())
            .flat_map(|b| [b.0 - width / 2.0, b.0 + width / 2.0])
            .collect(),
        Shape::Boxes { width, boxes } => (boxes.iter())
            .flat_map(|b| [b.0 - width / 2.0, b.0 + width / 2.0])
            .collect(),
        Shape::Wall(x) => vec![*x],
        Shape::Level(_) => Vec::new(),
        Shape::Text { at, .. } => vec![at.0],
    }
}

/// The vertical places of a shape.
fn along(shape: &Shape) -> Vec<f64> {
    match shape {
        Shape::Line(points) | Shape::Points(points) | Shape::Area(points) => {
            points.iter().map(|p| p.1).collect()
        }
        Shape::Band(rows) | Shape::Whiskers(rows) => rows.iter().flat_map(|r| [r.1, r.2]).collect(),
        Shape::Bars { bars, .. } => bars.iter().flat_map(|b| [b.1, b.2]).collect(),
        Shape::Boxes { boxes, .. } => boxes.iter().flat_map(|b| b.1.clone()).collect(),
        Shape::Level(y) => vec![*y],
        Shape::Wall(_) => Vec::new(),
        Shape::Text { at, .. } => vec![at.1],
    }
}
