//! A chart: panels of lines, marks, bars, boxes and images described as plain data, drawn by `chart_plate`.

use super::style::{self, ALARM, BLACK, GREY, LINE, MARK, Mark, PALE, PALETTE};
use plotters::style::RGBColor;

/// One picture.
#[derive(Clone, Debug, PartialEq)]
pub struct Chart {
    /// Stem of the files.
    pub stem: String,
    /// Title over the picture.
    pub title: String,
    /// Panels, row by row.
    pub panels: Vec<Panel>,
    /// Panels in one row.
    pub columns: usize,
    /// Height of one row of panels with their axes, in pixels; the picture is 1200 wide.
    pub row_height: f64,
    /// What the caption says about data and reading, in sentences.
    pub notes: Vec<String>,
}

/// Two axes and what lies in them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Panel {
    /// Text over the panel.
    pub heading: String,
    /// Horizontal axis.
    pub x: Side,
    /// Vertical axis.
    pub y: Side,
    /// What is drawn, from the back to the front.
    pub layers: Vec<Layer>,
    /// Whether a unit is as long horizontally as vertically.
    pub equal: bool,
    /// An image instead of axes and layers.
    pub raster: Option<Raster>,
}

/// One axis.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Side {
    /// Title, with unit.
    pub title: String,
    /// Whether it is logarithmic.
    pub log: bool,
    /// Ends, the first at the left or bottom; those of the data with a margin where None.
    pub range: Option<(f64, f64)>,
    /// Ticks with their texts; round numbers where None.
    pub ticks: Option<Vec<(f64, String)>>,
}

impl Side {
    /// A linear axis.
    pub fn linear(title: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            ..Self::default()
        }
    }

    /// A logarithmic axis.
    pub fn log(title: impl Into<String>) -> Self {
        Self {
            log: true,
            ..Self::linear(title)
        }
    }

    /// An axis of categories at 0, 1, 2, …
    pub fn categories<S: Into<String>>(
        title: impl Into<String>,
        names: impl IntoIterator<Item = S>,
    ) -> Self {
        let ticks: Vec<(f64, String)> = (names.into_iter().enumerate())
            .map(|(i, name)| (i as f64, name.into()))
            .collect();
        Self {
            range: Some((-0.6, ticks.len() as f64 - 0.4)),
            ticks: Some(ticks),
            ..Self::linear(title)
        }
    }

    /// The same axis with these ends.
    pub fn between(self, from: f64, to: f64) -> Self {
        Self {
            range: Some((from, to)),
            ..self
        }
    }

    /// The same axis with ticks of one's own.
    pub fn with_ticks(self, ticks: Vec<(f64, String)>) -> Self {
        Self {
            ticks: Some(ticks),
            ..self
        }
    }
}

/// Something drawn in a panel, and how.
#[derive(Clone, Debug, PartialEq)]
pub struct Layer {
    /// Name in the legend above the panels; None for none. Layers of one name have one key.
    pub name: Option<String>,
    /// Colour, width, marker.
    pub look: Look,
    /// What it is.
    pub shape: Shape,
}

impl Layer {
    /// A layer with a key in the legend.
    pub fn named(name: impl Into<String>, look: Look, shape: Shape) -> Self {
        Self {
            name: Some(name.into()),
            look,
            shape,
        }
    }

    /// A layer without a key.
    pub fn plain(look: Look, shape: Shape) -> Self {
        Self {
            name: None,
            look,
            shape,
        }
    }
}

/// What a layer is, in units of the data.
#[derive(Clone, Debug, PartialEq)]
pub enum Shape {
    /// A line through the points; it breaks at points that are not finite.
    Line(Vec<(f64, f64)>),
    /// The area between (x, low, high), pale.
    Band(Vec<(f64, f64, f64)>),
    /// Markers.
    Points(Vec<(f64, f64)>),
    /// Vertical bars with caps, (x, low, high).
    Whiskers(Vec<(f64, f64, f64)>),
    /// Filled bars of that width around x, from `from` to y: (x, from, y).
    Bars {
        /// Width in units of x.
        width: f64,
        /// (x, from, y).
        bars: Vec<(f64, f64, f64)>,
    },
    /// Box plots of that width: (x, values), with quartiles, median, whiskers to the last value within 1.5 quartile ranges, and
    /// the values beyond as small marks.
    Boxes {
        /// Width in units of x.
        width: f64,
        /// (x, values).
        boxes: Vec<(f64, Vec<f64>)>,
    },
    /// A closed outline with a pale inside.
    Area(Vec<(f64, f64)>),
    /// A line across the panel at that height.
    Level(f64),
    /// A line from bottom to top at that place.
    Wall(f64),
    /// A text at a point.
    Text {
        /// Where.
        at: (f64, f64),
        /// What.
        text: String,
        /// Which part of the text stands there.
        anchor: Anchor,
    },
}

/// Which part of a text stands at its point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Anchor {
    /// Its left end.
    Start,
    /// Its middle.
    Middle,
    /// Its right end.
    End,
}

/// Colour, width, dashes and marker of a layer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Look {
    /// Colour.
    pub colour: RGBColor,
    /// Width of a line in pixels.
    pub width: f64,
    /// Lengths of dash and gap, or None.
    pub dash: Option<(f64, f64)>,
    /// Shape of a marker.
    pub mark: Mark,
    /// Radius of a marker in pixels.
    pub radius: f64,
    /// Whether a marker has a white inside.
    pub open: bool,
}

impl Look {
    const fn coloured(colour: RGBColor, mark: Mark) -> Self {
        Self {
            colour,
            width: LINE,
            dash: None,
            mark,
            radius: MARK,
            open: false,
        }
    }

    /// What is absolute: L1 as loss or as penalty. Blue discs.
    pub const L1: Self = Self::coloured(PALETTE[0], Mark::Disc);
    /// What is squared: L2 as loss or as penalty. Vermilion squares.
    pub const L2: Self = Self::coloured(PALETTE[1], Mark::Square);
    /// What is of both: the elastic net. Green triangles.
    pub const BOTH: Self = Self::coloured(PALETTE[2], Mark::Triangle);
    /// The truth, a theory, the data. Black diamonds.
    pub const BLACK: Self = Self::coloured(BLACK, Mark::Diamond);
    /// What is in the background. Grey discs.
    pub const GREY: Self = Self::coloured(GREY, Mark::Disc);
    /// What is further in the background. Pale discs.
    pub const PALE: Self = Self::coloured(PALE, Mark::Disc);
    /// What failed.
    pub const ALARM: Self = Self::coloured(ALARM, Mark::Cross);

    /// The look of the i-th further series, apart from those of L1, L2 and both.
    pub fn other(i: usize) -> Self {
        const COLOURS: [usize; 8] = [3, 4, 5, 8, 7, 9, 11, 10];
        const MARKS: [Mark; 4] = [Mark::Diamond, Mark::Wedge, Mark::Disc, Mark::Square];
        Self::coloured(PALETTE[COLOURS[i % 8]], MARKS[i % 4])
    }

    /// The same in dashes.
    pub fn dashed(self) -> Self {
        Self {
            dash: Some((8.0, 5.0)),
            ..self
        }
    }

    /// The same in dots.
    pub fn dotted(self) -> Self {
        Self {
            dash: Some((2.0, 4.0)),
            ..self
        }
    }

    /// The same with a thinner line and smaller markers.
    pub fn thin(self) -> Self {
        Self {
            width: 0.6 * self.width,
            radius: 0.6 * self.radius,
            ..self
        }
    }

    /// The same with a thicker line and larger markers.
    pub fn thick(self) -> Self {
        Self {
            width: 1.6 * self.width,
            radius: 1.4 * self.radius,
            ..self
        }
    }

    /// The same with open markers.
    pub fn open(self) -> Self {
        Self { open: true, ..self }
    }
}

/// A contestant in a chart.
pub struct Runner {
    /// Its id.
    pub id: String,
    /// The name that readers see.
    pub label: String,
    /// Its look, the same in every picture.
    pub look: Look,
}

/// The distinct contestants in display order.
pub fn runners<'a>(ids: impl IntoIterator<Item = &'a str>) -> Vec<Runner> {
    let known = style::contestants(ids).into_iter();
    let runner = known.map(|(id, label, ink)| Runner {
        id,
        label,
        look: Look::coloured(ink.colour, ink.mark),
    });
    runner.collect()
}

/// A grey image.
#[derive(Clone, Debug, PartialEq)]
pub struct Raster {
    /// Pixels in a row.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// Grey values row by row from the top, 0 black.
    pub pixels: Vec<u8>,
    /// A line of text below it.
    pub caption: String,
}

impl Raster {
    /// An image of values in [0, 1], row by row from the top; others are cut.
    pub fn of(width: usize, values: &[f64], caption: impl Into<String>) -> Self {
        let grey = |v: &f64| (v.clamp(0.0, 1.0) * 255.0).round() as u8;
        Self {
            width,
            height: values.len() / width.max(1),
            pixels: values.iter().map(grey).collect(),
            caption: caption.into(),
        }
    }
}
