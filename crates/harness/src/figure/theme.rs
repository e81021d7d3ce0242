//! A theme: what pictures are drawn for, and the sheets on which each is drawn.

use super::style::{GAP, TITLE, WIDTH};
use super::text::{whole, wrap_evenly};

/// What charts are drawn for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Theme {
    /// Print: each chart 16 cm wide, and again 8 cm wide for a column
    #[default]
    Paper,
    /// Slides: a wide page, large text, thick lines, a short caption
    Slides,
}

impl Theme {
    /// The sheets on which each chart is drawn; the stem of the first is that of the chart.
    pub fn sheets(self) -> &'static [Sheet] {
        match self {
            Self::Paper => &[Sheet::PAGE, Sheet::COLUMN],
            Self::Slides => &[Sheet::SLIDE],
        }
    }
}

/// A sheet: how wide a picture is, and what of it depends on that.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sheet {
    /// What is added to the stem of a chart.
    pub suffix: &'static str,
    /// Width in pixels, the unit of text sizes: the narrower, the larger is text beside the picture.
    pub width: f64,
    /// Width in print, in centimetres.
    pub centimetres: Option<f64>,
    /// White space at the rim.
    pub gap: f64,
    /// Height of the title.
    pub title: f64,
    /// Factor of line widths and markers.
    pub weight: f64,
    /// How many notes of the chart stand in the caption.
    pub notes: usize,
    /// Height over width that a chart's frames shrink to, as far as can be.
    pub ratio: Option<f64>,
    /// Whether they grow to it as well.
    pub fills: bool,
    /// Whether columns, rows, ticks and labels of a chart follow the width; otherwise they are as the chart has them.
    pub follows: bool,
}

impl Sheet {
    /// As wide as every other picture.
    pub const SCREEN: Self = Self {
        suffix: "",
        width: WIDTH,
        centimetres: None,
        gap: GAP,
        title: TITLE,
        weight: 1.0,
        notes: usize::MAX,
        ratio: None,
        fills: false,
        follows: false,
    };
    /// The width of a printed page, with tick labels of 7 points.
    pub const PAGE: Self = Self {
        width: 900.0,
        centimetres: Some(16.0),
        gap: 14.0,
        title: 21.0,
        follows: true,
        ..Self::SCREEN
    };
    /// The width of a printed column, with tick labels of 6.75 points.
    pub const COLUMN: Self = Self {
        suffix: "-8cm",
        width: 470.0,
        centimetres: Some(8.0),
        gap: 9.0,
        title: 18.0,
        // 22 cm, a printed page.
        ratio: Some(2.75),
        ..Self::PAGE
    };
    /// A slide, 16 to 9; wider, and with smaller text beside it, where panels would be too low.
    pub const SLIDE: Self = Self {
        suffix: "-slide",
        width: 800.0,
        centimetres: None,
        title: 23.0,
        weight: 1.5,
        notes: 1,
        ratio: Some(9.0 / 16.0),
        fills: true,
        ..Self::PAGE
    };

    /// Width between the margins.
    pub fn inner(&self) -> f64 {
        self.width - 2.0 * self.gap
    }

    /// A title in lines; viewers may set SVG in a wider font than ours.
    pub fn title_lines(&self, title: &str) -> Vec<String> {
        let wider = if self.follows { 1.06 } else { 1.0 };
        wrap_evenly(&whole(title), self.title, self.inner() / wider)
    }
}

#[cfg(test)]
mod tests {
    use super::super::style::SMALL;
    use super::*;

    /// Points per centimetre.
    const POINTS: f64 = 72.0 / 2.54;

    #[test]
    fn the_smallest_text_can_be_read_in_print() {
        for sheet in Theme::Paper.sheets() {
            let points = sheet.centimetres.unwrap() * POINTS * SMALL / sheet.width;
            assert!(points >= 6.5, "{points} pt");
        }
    }

    #[test]
    fn slides_have_larger_text_and_thicker_lines_beside_the_picture() {
        let (page, slide) = (Theme::Paper.sheets()[0], Theme::Slides.sheets()[0]);
        assert!(1.0 / slide.width > 1.0 / page.width);
        assert!(slide.weight / slide.width > page.weight / page.width);
    }

    #[test]
    fn the_files_of_a_theme_have_names_of_their_own() {
        for theme in [Theme::Paper, Theme::Slides] {
            let sheets = theme.sheets();
            for (i, sheet) in sheets.iter().enumerate() {
                assert!(sheets[..i].iter().all(|s| s.suffix != sheet.suffix));
            }
        }
    }
}
