//! Hastie, Tibshirani & Friedman (2009), Figures 3.8 and 3.10: one panel of coefficient profiles, labelled at the right.

use crate::claim::Rows;
use crate::claim::labels::spread;
use crate::claim::prostate::NAMES;
use crate::figure::chart::{Anchor, Chart, Layer, Look, Panel, Shape, Side};

/// Name of the rows that hold a line.
pub const LINE: &str = "line";
/// Name of the rows that hold the dots on it.
pub const DOT: &str = "dot";

/// What one of the two figures has of its own.
pub struct Setting<'a> {
    /// Stem of the files.
    pub stem: &'a str,
    /// Title over the picture.
    pub title: &'a str,
    /// The penalty.
    pub look: Look,
    /// Horizontal axis with its ticks, without the room for labels.
    pub x: Side,
    /// Right end of the lines.
    pub end: f64,
    /// Where the vertical line stands, and what stands beside it.
    pub wall: (f64, &'a str),
    /// What the caption says.
    pub notes: Vec<String>,
}

/// Draws the recorded lines and dots.
pub fn chart(rows: &Rows, setting: Setting) -> Chart {
    let Setting { look, end, .. } = setting;
    let lines = NAMES.map(|name| rows.line(name, LINE));
    let ends = lines
        .each_ref()
        .map(|line| line.last().map_or(f64::NAN, |p| p.1));
    let mut layers = vec![
        Layer::plain(Look::GREY.dotted(), Shape::Level(0.0)),
        Layer::plain(Look::BLACK.dotted(), Shape::Wall(setting.wall.0)),
        Layer::plain(
            Look::BLACK,
            Shape::Text {
                at: (setting.wall.0 - 0.012 * end, 0.69),
                text: setting.wall.1.into(),
                anchor: Anchor::End,
            },
        ),
    ];
    let places = spread(&ends, 0.042);
    for (((line, name), place), height) in lines.into_iter().zip(NAMES).zip(places).zip(ends) {
        layers.push(Layer::plain(look.thin(), Shape::Line(line)));
        let dots = Shape::Points(rows.line(name, DOT));
        layers.push(Layer::plain(look.thin(), dots));
        // A short lead from the end of the line to its name, which may have been moved.
        let lead = vec![(1.006 * end, height), (1.022 * end, place)];
        layers.push(Layer::plain(Look::PALE.thin(), Shape::Line(lead)));
        layers.push(Layer::plain(
            Look::BLACK,
            Shape::Text {
                at: (1.027 * end, place),
                text: name.into(),
                anchor: Anchor::Start,
            },
        ));
    }
    Chart {
        stem: setting.stem.into(),
        title: setting.title.into(),
        panels: vec![Panel {
            x: setting.x.between(-0.02 * end, 1.11 * end),
            y: Side::linear("coefficients")
                .between(-0.33, 0.73)
                .with_ticks(
                    [-0.2, 0.0, 0.2, 0.4, 0.6]
                        .map(|v| (v, format!("{v:.1}").replace('-', "−")))
                        .to_vec(),
                ),
            layers,
            ..Panel::default()
        }],
        columns: 1,
        row_height: 680.0,
        notes: setting.notes,
    }
}
