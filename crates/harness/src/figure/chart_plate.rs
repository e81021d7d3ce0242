//! How a chart is drawn: legend, panels in rows, layers from the back to the front, images last.

use super::axis::Axis;
use super::canvas::Canvas;
use super::chart::{Anchor, Chart, Layer, Look, Panel as Described, Raster, Shape, Side};
use super::legend::{self, Key};
use super::panel::{ABOVE, Panel};
use super::picture::Plate;
use super::rect::Rect;
use super::scale::Scale;
use super::stroke::Stroke;
use super::style::{BLACK, GAP, GREY, HEADING, Ink, LABEL, SMALL, WIDTH, dark};
use super::text::{Pen, fit, wrap};
use super::tick::Tick;
use anyhow::Result;
use plotters::prelude::*;

/// Opacity of bands and areas.
const PALENESS: f64 = 0.18;
/// Space between panels of a row.
const BETWEEN: f64 = 34.0;
/// Height of a line of text below an image.
const CAPTION: f64 = 20.0;

impl Chart {
    fn keys(&self) -> Vec<Key> {
        let mut keys: Vec<Key> = Vec::new();
        for layer in self.panels.iter().flat_map(|p| &p.layers) {
            let Some(name) = &layer.name else { continue };
            let (line, mark) = match layer.shape {
                Shape::Line(_) | Shape::Level(_) | Shape::Wall(_) => (true, false),
                Shape::Points(_) => (false, true),
                Shape::Whiskers(_) => (true, true),
                _ => (false, false),
            };
            let line = line.then(|| layer.look.stroke());
            let open = mark.then_some(layer.look.open);
            match keys.iter_mut().find(|k| k.text == *name) {
                Some(key) => {
                    key.line = key.line.or(line);
                    key.open = key.open.or(open);
                }
                None => keys.push(Key {
                    text: name.clone(),
                    ink: layer.look.ink(),
                    line,
                    open,
                }),
            }
        }
        for key in &mut keys {
            // A bar, a box or an area is known by its colour.
            if key.line.is_none() && key.open.is_none() {
                key.line = Some(Stroke::solid(key.ink.colour, 9.0));
            }
        }
        keys
    }

    fn rows(&self) -> usize {
        self.panels.len().div_ceil(self.columns.max(1))
    }
}

impl Look {
    fn stroke(self) -> Stroke {
        let stroke = Stroke::solid(self.colour, self.width);
        self.dash
            .map_or(stroke, |(dash, gap)| stroke.dashed(dash, gap))
    }

    fn ink(self) -> Ink {
        Ink {
            colour: self.colour,
            mark: self.mark,
        }
    }
}

impl Plate for Chart {
    fn title(&self) -> String {
        self.title.clone()
    }

    fn notes(&self) -> Vec<String> {
        self.notes.clone()
    }

    fn size(&self) -> (f64, f64) {
        let rows = self.rows() as f64;
        let legend = legend::height(&self.keys(), WIDTH - 2.0 * GAP);
        let gaps = (rows - 1.0).max(0.0) * BETWEEN / 2.0;
        (WIDTH, legend + rows * self.row_height + gaps)
    }

    fn images(&self, inside: Rect) -> Vec<(Rect, Raster)> {
        let keys = legend::height(&self.keys(), inside.width());
        let below = Rect {
            top: inside.top + keys,
            ..inside
        };
        let cells = below.cells(self.panels.len(), self.columns, BETWEEN);
        let images = self.panels.iter().zip(cells);
        images
            .filter_map(|(panel, cell)| {
                let raster = panel.raster.clone()?;
                Some((place(&raster, cell), raster))
            })
            .collect()
    }

    fn draw<DB: DrawingBackend>(&self, canvas: &Canvas<DB>, inside: Rect) -> Result<()> {
        let below = legend::draw(canvas, inside, &self.keys())?;
        let cells = below.cells(self.panels.len(), self.columns, BETWEEN);
        for (described, cell) in self.panels.iter().zip(cells) {
            match &described.raster {
                Some(raster) => frame_of_image(canvas, described, raster, cell)?,
                None => draw_panel(canvas, described, cell)?,
            }
        }
        Ok(())
    }
}

/// Where an image lies in its cell: below the heading, above its caption, in the middle.
fn place(raster: &Raster, cell: Rect) -> Rect {
    let top = cell.top + ABOVE;
    let room = (cell.width(), cell.bottom - CAPTION - top);
    let unit = (room.0 / raster.width as f64).min(room.1 / raster.height as f64);
    let (width, height) = (unit * raster.width as f64, unit * raster.height as f64);
    let left = (cell.left + cell.right - width) / 2.0;
    Rect {
        left,
        top,
        right: left + width,
        bottom: top + height,
    }
}

fn frame_of_image<DB: DrawingBackend>(
    canvas: &Canvas<DB>,
    described: &Described,
    raster: &Raster,
    cell: Rect,
) -> Result<()> {
    let Rect {
        left,
        top,
        right,
        bottom,
    } = place(raster, cell);
    // White pixels at the rim would be taken for paper.
    let rim = [(left, top), (right, top), (right, bottom), (left, bottom)];
    let rim: Vec<(f64, f64)> = rim.iter().chain(&rim[..1]).copied().collect();
    canvas.line(&rim, Stroke::solid(GREY, 2.0))?;
    let middle = (left + right) / 2.0;
    canvas.text(
        &fit(&described.heading, HEADING, cell.width()),
        (middle, top - 15.0),
        Pen::new(HEADING, BLACK).centred(),
    )?;
    canvas.text(
        &fit(&raster.caption, LABEL, cell.width()),
        (middle, bottom + 14.0),
        Pen::new(LABEL, BLACK).centred(),
    )
}

fn draw_panel<DB: DrawingBackend>(
    canvas: &Canvas<DB>,
    described: &Described,
    cell: Rect,
) -> Result<()> {
    let shapes = || described.layers.iter().map(|l| &l.shape);
    let x = axis(&described.x, shapes().flat_map(across), cell.width() / 90.0);
    let y = axis(&described.y, shapes().flat_map(along), cell.height() / 48.0);
    let mut panel = Panel::inside(cell, x, y);
    if described.equal {
        make_equal(&mut panel);
    }
    let heading = wrap(&described.heading, HEADING, panel.rect.width()).len();
    panel.frame(canvas)?;
    if heading > 0 {
        panel.heading(canvas, &described.heading, 0.0)?;
    }
    for layer in &described.layers {
        draw_layer(canvas, &panel, layer)?;
    }
    Ok(())
}

/// The axis of a side: its own ends and ticks, or those of the data.
fn axis(side: &Side, values: impl Iterator<Item = f64>, room: f64) -> Axis {
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

/// Shrinks the panel in one direction, about its middle, until the units are equal.
fn make_equal(panel: &mut Panel) {
    let length = |axis: &Axis| (axis.scale.value(1.0) - axis.scale.value(0.0)).abs();
    let (wide, high) = (length(&panel.x), length(&panel.y));
    let rect = &mut panel.rect;
    let unit = (rect.width() / wide).min(rect.height() / high);
    let (spare_x, spare_y) = (rect.width() - unit * wide, rect.height() - unit * high);
    rect.left += spare_x / 2.0;
    rect.right -= spare_x / 2.0;
    rect.top += spare_y / 2.0;
    rect.bottom -= spare_y / 2.0;
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

fn draw_layer<DB: DrawingBackend>(canvas: &Canvas<DB>, panel: &Panel, layer: &Layer) -> Result<()> {
    let look = layer.look;
    let pale = look.colour.mix(PALENESS);
    match &layer.shape {
        Shape::Line(points) => panel.line(canvas, points, look.stroke()),
        Shape::Band(rows) => {
            let whole = |r: &&(f64, f64, f64)| [r.0, r.1, r.2].iter().all(|v| v.is_finite());
            let there: Vec<&(f64, f64, f64)> = rows.iter().filter(whole).collect();
            let lower = there.iter().map(|r| (r.0, r.1));
            let upper = there.iter().rev().map(|r| (r.0, r.2));
            let outline: Vec<(f64, f64)> = lower.chain(upper).collect();
            canvas.fill(&inside(panel, &outline), pale)
        }
        Shape::Area(points) => {
            canvas.fill(&inside(panel, points), pale)?;
            let closed: Vec<(f64, f64)> = points.iter().chain(points.first()).copied().collect();
            panel.line(canvas, &closed, look.stroke())
        }
        Shape::Points(points) => points.iter().try_for_each(|&(x, y)| {
            let at = panel.px(x, y);
            if !panel.holds(at) {
                return Ok(());
            }
            canvas.mark(at, look.mark, look.radius, look.colour, look.open)
        }),
        Shape::Whiskers(rows) => rows.iter().try_for_each(|&(x, low, high)| {
            if [x, low, high].iter().all(|v| v.is_finite()) {
                panel.whisker(canvas, x, (low, high), look.colour)
            } else {
                Ok(())
            }
        }),
        Shape::Bars { width, bars } => bars.iter().try_for_each(|&(x, from, to)| {
            let (left, right) = (x - width / 2.0, x + width / 2.0);
            let corners = [(left, from), (right, from), (right, to), (left, to)];
            canvas.fill(&inside(panel, &corners), look.colour.to_rgba())
        }),
        Shape::Boxes { width, boxes } => (boxes.iter())
            .try_for_each(|(x, values)| draw_box(canvas, panel, look, (*x, *width), values)),
        Shape::Level(y) => {
            let ends = [0.0, 1.0].map(|at| (panel.x.scale.value(at), *y));
            panel.line(canvas, &ends, look.stroke())
        }
        Shape::Wall(x) => {
            let ends = [0.0, 1.0].map(|at| (*x, panel.y.scale.value(at)));
            panel.line(canvas, &ends, look.stroke())
        }
        Shape::Text { at, text, anchor } => {
            let pen = Pen::new(SMALL, dark(look.colour));
            let pen = match anchor {
                Anchor::Start => pen,
                Anchor::Middle => pen.centred(),
                Anchor::End => pen.ending(),
            };
            let at = panel.px(at.0, at.1);
            if !(at.0.is_finite() && at.1.is_finite()) {
                return Ok(());
            }
            canvas.text(text, at, pen)
        }
    }
}

/// Pixels of an outline, moved to the frame where they lie beyond it.
fn inside(panel: &Panel, points: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let Rect {
        left,
        top,
        right,
        bottom,
    } = panel.rect;
    let pixels = points.iter().map(|&(x, y)| panel.px(x, y));
    pixels
        .map(|(x, y)| {
            // The logarithm of 0 lies below every frame.
            let y = if y.is_nan() { bottom } else { y };
            (x.clamp(left, right), y.clamp(top, bottom))
        })
        .collect()
}

/// A box plot after Tukey: quartiles, median, whiskers to the last values within 1.5 quartile ranges, values beyond as marks.
fn draw_box<DB: DrawingBackend>(
    canvas: &Canvas<DB>,
    panel: &Panel,
    look: Look,
    (x, width): (f64, f64),
    values: &[f64],
) -> Result<()> {
    let mut sorted: Vec<f64> = values.iter().copied().filter(|v| v.is_finite()).collect();
    sorted.sort_by(f64::total_cmp);
    if sorted.is_empty() {
        return Ok(());
    }
    let quantile = |share: f64| {
        let at = share * (sorted.len() - 1) as f64;
        let (below, above) = (sorted[at.floor() as usize], sorted[at.ceil() as usize]);
        below + (at - at.floor()) * (above - below)
    };
    let (low, middle, high) = (quantile(0.25), quantile(0.5), quantile(0.75));
    let reach = 1.5 * (high - low);
    let near = |v: &&f64| (low - reach..=high + reach).contains(*v);
    let least = sorted.iter().find(near).copied().unwrap_or(low);
    let most = sorted.iter().rev().find(near).copied().unwrap_or(high);
    let (left, right) = (x - width / 2.0, x + width / 2.0);
    let corners = [(left, low), (right, low), (right, high), (left, high)];
    canvas.fill(&inside(panel, &corners), look.colour.mix(2.0 * PALENESS))?;
    let outline: Vec<(f64, f64)> = corners.iter().chain(&corners[..1]).copied().collect();
    let thin = Stroke::solid(look.colour, 1.2);
    panel.line(canvas, &outline, thin)?;
    panel.line(canvas, &[(x, low), (x, least)], thin)?;
    panel.line(canvas, &[(x, high), (x, most)], thin)?;
    let bold = Stroke::solid(dark(look.colour), 2.5);
    panel.line(canvas, &[(left, middle), (right, middle)], bold)?;
    for value in sorted.iter().filter(|v| **v < least || **v > most) {
        let at = panel.px(x, *value);
        if panel.holds(at) {
            canvas.mark(at, look.mark, 2.0, look.colour, true)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layer(name: &str, shape: Shape) -> Layer {
        Layer::named(name, Look::L1, shape)
    }

    #[test]
    fn layers_of_one_name_have_one_key() {
        let chart = Chart {
            stem: "toy".into(),
            title: "Toy".into(),
            panels: vec![
                Described {
                    layers: vec![
                        layer("a", Shape::Line(vec![(0.0, 1.0)])),
                        layer("a", Shape::Points(vec![(0.0, 1.0)])),
                    ],
                    ..Described::default()
                },
                Described {
                    layers: vec![layer("b", Shape::Band(Vec::new()))],
                    ..Described::default()
                },
            ],
            columns: 2,
            row_height: 300.0,
            notes: Vec::new(),
        };
        let keys = chart.keys();
        assert_eq!(keys.len(), 2);
        assert!(keys[0].line.is_some() && keys[0].open == Some(false));
        assert!(keys[1].line.is_some() && keys[1].open.is_none());
    }

    #[test]
    fn axes_hold_their_data_and_logarithms_leave_out_what_has_none() {
        let at = axis(&Side::log("x"), [0.0, 1.0, 100.0].into_iter(), 5.0).scale;
        assert!(at.at(1.0) > 0.0 && at.at(100.0) < 1.0);
        let own = axis(&Side::linear("x").between(2.0, 1.0), [5.0].into_iter(), 5.0);
        assert_eq!((own.scale.at(2.0), own.scale.at(1.0)), (0.0, 1.0));
        let empty = axis(&Side::log("x"), [f64::NAN].into_iter(), 5.0);
        assert!(!empty.ticks.is_empty());
    }

    #[test]
    fn equal_units_shrink_the_panel_about_its_middle() {
        let side = Side::linear("").between(0.0, 1.0);
        let nothing = || std::iter::empty();
        let rect = Rect {
            left: 0.0,
            top: 0.0,
            right: 300.0,
            bottom: 100.0,
        };
        let mut panel = Panel {
            rect,
            x: axis(&side, nothing(), 5.0),
            y: axis(&side, nothing(), 5.0),
        };
        make_equal(&mut panel);
        assert_eq!((panel.rect.left, panel.rect.right), (100.0, 200.0));
        assert_eq!((panel.rect.top, panel.rect.bottom), (0.0, 100.0));
    }
}
