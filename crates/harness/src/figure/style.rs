//! The style of every picture: font, sizes, palette, and the name and ink of every contestant and penalty.

use plotters::style::{FontStyle, RGBColor, register_font};
use std::sync::OnceLock;

/// Width of every picture of an experiment, in pixels at scale 1.
pub const WIDTH: f64 = 1200.0;
/// Pixels of the drawing surface per pixel of the picture: coordinates of plotters are whole pixels.
pub const SURFACE: f64 = 4.0;
/// Pixels of the PNG per pixel of the picture.
pub const PNG: f64 = 2.0;
/// White space around a picture and between its parts.
pub const GAP: f64 = 18.0;

/// Height of a figure's title, in pixels per em.
pub const TITLE: f64 = 22.0;
/// Height of a panel's title.
pub const HEADING: f64 = 17.0;
/// Height of axis titles, legends and direct labels.
pub const LABEL: f64 = 15.5;
/// Height of tick labels and captions.
pub const SMALL: f64 = 14.0;

/// Width of a line that carries data.
pub const LINE: f64 = 2.0;
/// Radius of a marker.
pub const MARK: f64 = 4.5;

/// Text and marks that are not data.
pub const BLACK: RGBColor = RGBColor(0x1a, 0x1a, 0x1a);
/// Captions, leaders and guide lines.
pub const GREY: RGBColor = RGBColor(0x5c, 0x5c, 0x5c);
/// Lines of the many features that carry no label.
pub const PALE: RGBColor = RGBColor(0xb4, 0xb4, 0xb4);
/// Grid lines.
pub const GRID: RGBColor = RGBColor(0xe4, 0xe4, 0xe4);
/// Everything that failed.
pub const ALARM: RGBColor = RGBColor(0xb0, 0x2a, 0x1e);

/// Okabe and Ito's palette, told apart by colour-blind readers; its yellow is darkened to be seen on white.
/// The last four, for pictures of many features, differ from the others in lightness.
pub const PALETTE: [RGBColor; 12] = [
    RGBColor(0x00, 0x72, 0xb2),
    RGBColor(0xd5, 0x5e, 0x00),
    RGBColor(0x00, 0x9e, 0x73),
    RGBColor(0xcc, 0x79, 0xa7),
    RGBColor(0xe6, 0x9f, 0x00),
    RGBColor(0x56, 0xb4, 0xe9),
    RGBColor(0x00, 0x00, 0x00),
    RGBColor(0xa8, 0x97, 0x00),
    RGBColor(0x33, 0x22, 0x88),
    RGBColor(0x88, 0x22, 0x55),
    RGBColor(0x8c, 0x8c, 0x8c),
    RGBColor(0x6b, 0x3e, 0x1c),
];

/// Shape of a marker: a second cue beside its colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// ●
    Disc,
    /// ■
    Square,
    /// ▲
    Triangle,
    /// ◆
    Diamond,
    /// ▼
    Wedge,
    /// ×
    Cross,
}

const MARKS: [Mark; 5] = [
    Mark::Disc,
    Mark::Square,
    Mark::Triangle,
    Mark::Diamond,
    Mark::Wedge,
];

/// How one series looks: colour and marker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ink {
    /// Colour of line and marker.
    pub colour: RGBColor,
    /// Shape of the marker.
    pub mark: Mark,
}

/// The ink of the i-th series of a picture whose series have no ink of their own.
pub fn ink(i: usize) -> Ink {
    Ink {
        colour: PALETTE[i % PALETTE.len()],
        mark: MARKS[i % MARKS.len()],
    }
}

/// A contestant that the figures know.
struct Known {
    id: &'static str,
    /// The name that readers see.
    label: &'static str,
    ink: Ink,
    /// Whether it is one of the suite's own solvers.
    own: bool,
}

const fn own(id: &'static str, label: &'static str, colour: usize, mark: Mark) -> Known {
    let colour = PALETTE[colour];
    Known {
        id,
        label,
        ink: Ink { colour, mark },
        own: true,
    }
}

const fn peer(id: &'static str, label: &'static str, colour: usize, mark: Mark) -> Known {
    Known {
        own: false,
        ..own(id, label, colour, mark)
    }
}

/// Known contestants in display order, the suite's default first.
///
/// No two have the same colour and mark. Contestants that usually meet in one picture have different colours, and
/// those whose colours differ little to a colour-blind reader have different marks.
const CONTESTANTS: [Known; 23] = [
    own("auto", "regpath (auto)", 3, Mark::Disc),
    own("homotopy", "homotopy", 3, Mark::Square),
    own("homotopy-no-look-ahead", "no look-ahead", 6, Mark::Disc),
    own("homotopy-no-screening", "no screening", 2, Mark::Disc),
    own("homotopy-no-gram", "no Gram matrix", 1, Mark::Disc),
    own("homotopy-no-leaps", "no leaps", 7, Mark::Disc),
    own("coordinate-descent", "coordinate descent", 0, Mark::Disc),
    own("ridge-closed-form", "ridge, closed form", 1, Mark::Square),
    own("fista", "FISTA", 2, Mark::Triangle),
    own("fista-restart", "FISTA with restart", 3, Mark::Diamond),
    own("ista", "ISTA", 4, Mark::Wedge),
    own(
        "coordinate-descent-plain",
        "coordinate descent, sweeps alone",
        5,
        Mark::Disc,
    ),
    own("cyclic-naive", "naive updates", 11, Mark::Square),
    own("cyclic-covariance", "covariance updates", 0, Mark::Diamond),
    own("one-pass", "one pass over X", 10, Mark::Disc),
    peer("glmnet", "glmnet", 6, Mark::Square),
    peer("scikit-learn", "scikit-learn", 4, Mark::Triangle),
    peer("celer", "celer", 1, Mark::Wedge),
    peer("skglm", "skglm", 2, Mark::Square),
    peer("adelie", "adelie", 8, Mark::Triangle),
    peer("skein-glm", "skein-glm", 7, Mark::Diamond),
    peer("linfa-elasticnet", "linfa", 10, Mark::Triangle),
    peer("sparseglm", "sparseglm", 9, Mark::Wedge),
];

/// Position of a contestant in display order; contestants without an entry come last.
pub fn contestant_rank(id: &str) -> usize {
    CONTESTANTS
        .iter()
        .position(|known| known.id == id)
        .unwrap_or(CONTESTANTS.len())
}

/// Whether a contestant is the suite's default solver, which stands out in pictures with peers.
pub fn leads(id: &str) -> bool {
    contestant_rank(id) == 0
}

/// Whether a contestant comes from elsewhere; one without an entry is taken to.
pub fn is_peer(id: &str) -> bool {
    CONTESTANTS
        .get(contestant_rank(id))
        .is_none_or(|known| !known.own)
}

/// The distinct contestants of a picture in display order, each with label and ink.
///
/// A known contestant looks the same in every picture; an unknown one takes the next free ink, by name.
pub fn contestants<'a>(ids: impl IntoIterator<Item = &'a str>) -> Vec<(String, String, Ink)> {
    let mut ids: Vec<&str> = ids.into_iter().collect();
    ids.sort_by_key(|id| (contestant_rank(id), *id));
    ids.dedup();
    let taken = |ink: &Ink| CONTESTANTS.iter().any(|known| known.ink == *ink);
    let mut free = (CONTESTANTS.len()..PALETTE.len() * MARKS.len())
        .map(ink)
        .filter(|ink| !taken(ink))
        .cycle();
    ids.into_iter()
        .filter_map(|id| {
            let (label, ink) = match CONTESTANTS.get(contestant_rank(id)) {
                Some(known) => (known.label, known.ink),
                None => (id, free.next()?),
            };
            Some((id.to_string(), label.to_string(), ink))
        })
        .collect()
}

/// Name of a penalty from its mixing parameter α.
pub fn penalty(alpha: f64) -> String {
    if alpha >= 1.0 {
        "lasso".into()
    } else if alpha <= 0.0 {
        "ridge".into()
    } else {
        format!("elastic net, α = {}", (alpha * 1e6).round() / 1e6)
    }
}

/// The text with its first letter in upper case.
pub fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(chars).collect()
    })
}

/// A colour dark enough for text on white.
pub fn dark(RGBColor(r, g, b): RGBColor) -> RGBColor {
    let luma = 0.299 * f64::from(r) + 0.587 * f64::from(g) + 0.114 * f64::from(b);
    let keep = (105.0 / luma.max(1.0)).min(1.0);
    let dim = |c: u8| (f64::from(c) * keep).round() as u8;
    RGBColor(dim(r), dim(g), dim(b))
}

/// Registers the embedded font as `sans-serif`, so that no font of the system is needed.
pub fn register() {
    static ONCE: OnceLock<()> = OnceLock::new();
    ONCE.get_or_init(|| {
        // The only error is a malformed file; text then fails with a message when it is drawn.
        let _ = register_font(
            "sans-serif",
            FontStyle::Normal,
            epaint_default_fonts::UBUNTU_LIGHT,
        );
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contestants_keep_their_ink_and_unknown_ones_take_a_free_one() {
        let few = contestants(["fista"]);
        let many = contestants(["mine-b", "fista", "ista", "mine-a", "fista"]);
        assert_eq!(few[0], many[0]);
        assert_eq!(
            many.iter().map(|c| c.0.as_str()).collect::<Vec<_>>(),
            ["fista", "ista", "mine-a", "mine-b"]
        );
        assert_ne!(many[2].2, many[3].2);
        let all = contestants(CONTESTANTS.iter().map(|c| c.id).chain(["mine-a", "mine-b"]));
        for (i, one) in all.iter().enumerate() {
            assert!(all[..i].iter().all(|other| other.2 != one.2), "{}", one.0);
        }
    }

    #[test]
    fn peers_come_from_elsewhere() {
        assert!(!is_peer("fista") && is_peer("glmnet") && is_peer("mine"));
        assert!(leads("auto") && !leads("coordinate-descent"));
    }

    #[test]
    fn penalties_are_named_by_alpha() {
        assert_eq!(penalty(1.0), "lasso");
        assert_eq!(penalty(0.0), "ridge");
        assert_eq!(penalty(0.1 + 0.2), "elastic net, α = 0.3");
    }

    #[test]
    fn text_colours_are_dark() {
        for colour in PALETTE {
            let RGBColor(r, g, b) = dark(colour);
            assert!(0.299 * f64::from(r) + 0.587 * f64::from(g) + 0.114 * f64::from(b) < 107.0);
        }
    }
}
