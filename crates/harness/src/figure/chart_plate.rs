//! How a chart is drawn: legend, panels in rows, layers from the back to the front, images last.

use super::Provenance;
use super::axis::Axis;
use super::canvas::Canvas;
use super::chart::{Anchor, Chart, Layer, Look, Panel as Described, Raster, Shape};
use super::chart_labels::{self, labels};
use super::chart_layout::{CAPTION, Cell, HEADING_LINE, Layout};
use super::legend::{self, Key};
use super::panel::Panel;
use super::picture::{self, Plate};
use super::rect::Rect;
use super::stroke::Stroke;
use super::style::{BLACK, GREY, HEADING, Ink, LABEL, SMALL, dark};
use super::text::{Pen, fit, text_width};
use super::theme::Sheet;
use anyhow::Result;
use plotters::prelude::*;

/// Opacity of bands and areas.
const PALENESS: f64 = 0.18;
/// By how much of its width a sheet is widened at a time, and to how many times its width at most.
const WIDENING: f64 = 0.05;
const WIDEST: f64 = 1.7;
/// What rounding may add to height over width.
const HAIR: f64 = 0.005;

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

/// A chart on a sheet.
pub struct ChartPlate<'a> {
    /// The chart.
    pub chart: &'a Chart,
    /// What it is drawn on.
    pub sheet: Sheet,
}

impl<'a> ChartPlate<'a> {
    /// The chart on that sheet, or, where frames cannot be low enough for a sheet that is to be filled, on one so much wider.
    pub fn new(chart: &'a Chart, sheet: Sheet, provenance: &Provenance) -> Self {
        let mut plate = Self { chart, sheet };
        let Some(ratio) = sheet.ratio.filter(|_| sheet.fills) else {
            return plate;
        };
        let too_high = |plate: &Self| picture::ratio(plate, provenance) > ratio + HAIR;
        while too_high(&plate) && plate.sheet.width < WIDEST * sheet.width {
            plate.sheet.width += WIDENING * sheet.width;
        }
        plate
    }

    /// The panels below the legend, in pixels of the picture.
    fn cells(&self, keys: &[Key], inside: Rect) -> Vec<Cell> {
        let legend = legend::height(keys, inside.width());
        let mut cells = Layout::new(self.chart, self.sheet, legend).cells;
        for cell in &mut cells {
            let (right, down) = (inside.left, inside.top + legend);
            cell.rect = Rect {
                left: cell.rect.left + right,
                top: cell.rect.top + down,
                right: cell.rect.right + right,
                bottom: cell.rect.bottom + down,
            };
        }
        cells
    }
}

impl Plate for ChartPlate<'_> {
    fn title(&self) -> String {
        self.chart.title.clone()
    }

    fn notes(&self) -> Vec<String> {
        self.chart.notes.clone()
    }

    fn sheet(&self) -> Sheet {
        self.sheet
    }

    fn size(&self) -> (f64, f64) {
        let legend = legend::height(&self.chart.keys(), self.sheet.inner());
        let panels = Layout::new(self.chart, self.sheet, legend).height;
        (self.sheet.width, legend + panels)
    }

    fn images(&self, inside: Rect) -> Vec<(Rect, Raster)> {
        let cells = self.cells(&self.chart.keys(), inside);
        let images = self.chart.panels.iter().zip(&cells);
        images
            .filter_map(|(panel, cell)| {
                let raster = panel.raster.clone()?;
                Some((place(&raster, cell), raster))
            })
            .collect()
    }

    fn draw<DB: DrawingBackend>(&self, canvas: &Canvas<DB>, inside: Rect) -> Result<()> {
        let keys = self.chart.keys();
        legend::draw(canvas, inside, &keys)?;
        let cells = self.cells(&keys, inside);
        for (described, cell) in self.chart.panels.iter().zip(&cells) {
            match &described.raster {
                Some(raster) => frame_of_image(canvas, raster, cell)?,
                None => draw_panel(canvas, described, cell, self.sheet)?,
            }
        }
        Ok(())
    }
}

/// Where an image lies in its cell: below the heading, above its caption, in the middle.
fn place(raster: &Raster, cell: &Cell) -> Rect {
    let Rect { left, right, .. } = cell.rect;
    let top = cell.rect.top + cell.above;
    let room = (right - left, cell.rect.bottom - CAPTION - top);
    let unit = (room.0 / raster.width as f64).min(room.1 / raster.height as f64);
    let (width, height) = (unit * raster.width as f64, unit * raster.height as f64);
    let left = (left + right - width) / 2.0;
    Rect {
        left,
        top,
        right: left + width,
        bottom: top + height,
    }
}

fn frame_of_image<DB: DrawingBackend>(
    canvas: &Canvas<DB>,
    raster: &Raster,
    cell: &Cell,
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
    heading(
        canvas,
        cell,
        (middle, top),
        Pen::new(HEADING, BLACK).centred(),
    )?;
    canvas.text(
        &fit(&raster.caption, LABEL, cell.rect.width()),
        (middle, bottom + 14.0),
        Pen::new(LABEL, BLACK).centred(),
    )
}

/// The heading of a cell above a frame.
fn heading<DB: DrawingBackend>(
    canvas: &Canvas<DB>,
    cell: &Cell,
    (x, top): (f64, f64),
    pen: Pen,
) -> Result<()> {
    for (i, line) in cell.heading.iter().rev().enumerate() {
        let at = (x, top - 15.0 - cell.lift - i as f64 * HEADING_LINE);
        canvas.text(line, at, pen)?;
    }
    Ok(())
}

fn draw_panel<DB: DrawingBackend>(
    canvas: &Canvas<DB>,
    described: &Described,
    cell: &Cell,
    sheet: Sheet,
) -> Result<()> {
    let mut panel = Panel {
        rect: cell.frame(),
        x: cell.x.clone(),
        y: cell.y.clone(),
    };
    if described.equal {
        make_equal(&mut panel);
    }
    panel.frame(canvas)?;
    // A frame that has shrunk may be narrower than its heading.
    let widest = cell.heading.iter().map(|line| text_width(line, HEADING));
    let widest = widest.fold(0.0, f64::max);
    let left = panel.rect.left.min(cell.rect.right - widest);
    heading(
        canvas,
        cell,
        (left, panel.rect.top),
        Pen::new(HEADING, BLACK),
    )?;
    if !sheet.follows {
        return (described.layers.iter()).try_for_each(|layer| draw_layer(canvas, &panel, layer));
    }
    let labels = labels(described, &panel, cell.rect, canvas.mark_weight());
    for layer in &described.layers {
        match &layer.shape {
            Shape::Text { .. } => {}
            // A line that leads to a text goes where the text went.
            Shape::Line(points) if points.len() == 2 => {
                let mut ends = [0, 1].map(|i| panel.px(points[i].0, points[i].1));
                match labels.iter().find_map(|l| l.pull(ends)) {
                    Some(down) => {
                        ends[1].1 += down;
                        canvas.line(&ends, layer.look.stroke())?;
                    }
                    None => draw_layer(canvas, &panel, layer)?,
                }
            }
            _ => draw_layer(canvas, &panel, layer)?,
        }
    }
    chart_labels::draw(canvas, &panel, described, &labels)
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
    use super::super::Provenance;
    use super::super::chart::Side;
    use super::super::chart_layout::axis;
    use super::super::picture::write;
    use super::super::text::run_width;
    use super::super::theme::Theme;
    use super::*;
    use std::path::Path;

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

    /// A chart whose texts are all too long for a column.
    fn wordy() -> Chart {
        let long = |what: &str| {
            format!("{what} with more words than go into one line of a column of 8 cm")
        };
        let name = |y: f64| Shape::Text {
            at: (9.9, y),
            text: "a name of nine words at the end of a line".into(),
            anchor: Anchor::End,
        };
        let panel = Described {
            heading: long("a heading"),
            x: Side::linear(long("a horizontal axis")).between(0.0, 1e5),
            y: Side::linear(long("a vertical axis")),
            layers: vec![
                layer(&long("a key"), Shape::Line(vec![(0.0, 0.0), (1e5, 1e4)])),
                layer("another key", Shape::Points(vec![(0.0, 1.0), (9.9, 3.0)])),
                Layer::plain(Look::L1, name(3.0)),
                Layer::plain(Look::L2, name(3.1)),
            ],
            ..Described::default()
        };
        Chart {
            stem: "wordy".into(),
            title: long("a title"),
            panels: vec![panel; 4],
            columns: 2,
            row_height: 400.0,
            notes: vec![long("a note"), long("another note")],
        }
    }

    /// Draws the chart on the sheets of a theme; returns the names of the files and the texts of the SVG.
    fn drawn(theme: Theme, out: &Path) -> Vec<(String, String)> {
        let told = Provenance {
            command: "regpath figures".into(),
            commit: "abc1234".into(),
            machine: "a machine with a long name of many words and 128 cores".into(),
        };
        let chart = wordy();
        let sheets = theme.sheets().iter();
        let files = sheets.flat_map(|&sheet| {
            let chart = &chart;
            let stem = format!("{}{}", chart.stem, sheet.suffix);
            let plate = ChartPlate::new(chart, sheet, &told);
            write(&plate, &told, out, &stem).unwrap()
        });
        let svg = files.filter(|f| f.extension().is_some_and(|e| e == "svg"));
        svg.map(|file| {
            let name = file.file_name().unwrap().to_string_lossy().into_owned();
            (name, std::fs::read_to_string(file).unwrap())
        })
        .collect()
    }

    #[test]
    fn a_slide_is_wide_whatever_stands_on_it() {
        let dir = tempfile::tempdir().unwrap();
        let files = drawn(Theme::Slides, dir.path());
        let page = value(files[0].1.lines().next().unwrap(), "viewBox");
        let page: Vec<f64> = page.split(' ').map(|v| v.parse().unwrap()).collect();
        let ratio = page[3] / page[2];
        assert!((0.53..0.57).contains(&ratio), "{ratio}");
    }

    fn value(tag: &str, name: &str) -> String {
        let from = tag.find(&format!(" {name}=\"")).unwrap() + name.len() + 3;
        tag[from..].split('"').next().unwrap_or_default().to_owned()
    }

    #[test]
    fn a_chart_has_two_sizes_in_print_and_no_text_leaves_either() {
        let dir = tempfile::tempdir().unwrap();
        let mut files = drawn(Theme::Paper, dir.path());
        assert_eq!(files[0].0, "wordy.svg");
        assert_eq!(files[1].0, "wordy-8cm.svg");
        assert!(files[0].1.starts_with("<svg width=\"16cm\""));
        assert!(files[1].1.starts_with("<svg width=\"8cm\""));
        files.extend(drawn(Theme::Slides, dir.path()));
        for (file, svg) in files {
            let page = value(svg.lines().next().unwrap(), "viewBox");
            let page: Vec<f64> = page.split(' ').map(|v| v.parse().unwrap()).collect();
            let mut lines = svg.lines();
            let mut count = 0;
            while let Some(tag) = lines.next() {
                if !tag.starts_with("<text") {
                    continue;
                }
                count += 1;
                let text = lines.next().unwrap();
                let number = |name: &str| value(tag, name).parse::<f64>().unwrap();
                let wide = run_width(text, number("font-size"));
                let (before, behind) = match value(tag, "text-anchor").as_str() {
                    "start" => (0.0, wide),
                    "middle" => (wide / 2.0, wide / 2.0),
                    _ => (wide, 0.0),
                };
                let (x, y) = (number("x"), number("y"));
                let inside = match tag.contains("rotate") {
                    true => y - behind >= 0.0 && y + before <= page[3],
                    false => {
                        x - before >= 0.0 && x + behind <= page[2] && (0.0..page[3]).contains(&y)
                    }
                };
                assert!(inside, "{file}: {text}");
                assert!(!text.contains('…'), "{file}: {text}");
            }
            assert!(count > 40, "{file}: {count} texts");
        }
    }
}
