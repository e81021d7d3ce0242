//! A text: its pen, its width, its wrapping, and its sub- and superscripts.

use plotters::prelude::*;
use plotters::style::text_anchor::HPos;

/// plotters sizes fonts by ascent plus descent, which it takes to be 1.24 em.
pub const EM: f64 = 1.24;
/// Size of sub- and superscripts relative to the text.
pub const SCRIPT: f64 = 0.72;

/// Size, colour and anchor of a text. The vertical anchor is the middle of its capitals.
#[derive(Clone, Copy)]
pub struct Pen {
    /// Pixels per em.
    pub size: f64,
    /// Colour.
    pub colour: RGBColor,
    /// Which end of the text stands at the point.
    pub anchor: HPos,
    /// Whether the text runs upwards.
    pub upwards: bool,
}

impl Pen {
    /// Text that starts at the point.
    pub fn new(size: f64, colour: RGBColor) -> Self {
        Self {
            size,
            colour,
            anchor: HPos::Left,
            upwards: false,
        }
    }

    /// Text centred at the point.
    pub fn centred(self) -> Self {
        Self {
            anchor: HPos::Center,
            ..self
        }
    }

    /// Text that ends at the point.
    pub fn ending(self) -> Self {
        Self {
            anchor: HPos::Right,
            ..self
        }
    }

    /// Text that runs upwards.
    pub fn upwards(self) -> Self {
        Self {
            upwards: true,
            ..self
        }
    }
}

/// Width of a text in pixels, as the embedded font sets it.
pub fn text_width(text: &str, size: f64) -> f64 {
    let pieces = scripts(text);
    let gaps = 0.04 * size * (pieces.len() - 1) as f64;
    pieces
        .iter()
        .map(|(piece, rise)| run_width(piece, if *rise == 0.0 { size } else { size * SCRIPT }))
        .sum::<f64>()
        + gaps
}

/// Width of a text without scripts.
pub fn run_width(text: &str, size: f64) -> f64 {
    // Measured large: plotters rounds to whole pixels.
    let measured = ("sans-serif", 100.0 * EM).into_font().layout_box(text);
    let wide = measured.map_or(
        55.0 * text.chars().count() as f64,
        |((left, _), (right, _))| f64::from(right - left),
    );
    wide * size / 100.0
}

/// The text in as many characters as fit into a width, with an ellipsis where it was cut.
pub fn fit(text: &str, size: f64, width: f64) -> String {
    if text_width(text, size) <= width {
        return text.to_string();
    }
    let mut kept: Vec<char> = text.chars().collect();
    while kept.pop().is_some() {
        let cut = kept.iter().collect::<String>().trim_end().to_string() + "…";
        if text_width(&cut, size) <= width {
            return cut;
        }
    }
    "…".into()
}

/// The text in lines of at most that width, broken at blanks but not at no-break spaces.
pub fn wrap(text: &str, size: f64, width: f64) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text
        .split([' ', '\n', '\t'])
        .filter(|word| !word.is_empty())
    {
        let word = fit(word, size, width);
        let last = lines.last().cloned().unwrap_or_default();
        let longer = if last.is_empty() {
            word.clone()
        } else {
            format!("{last} {word}")
        };
        if last.is_empty() || text_width(&longer, size) <= width {
            lines.pop();
            lines.push(longer);
        } else {
            lines.push(word);
        }
    }
    lines.retain(|line| !line.is_empty());
    lines
}

/// The text in as few lines of at most that width, none of them much longer than the others.
pub fn wrap_evenly(text: &str, size: f64, width: f64) -> Vec<String> {
    let mut lines = wrap(text, size, width);
    let mut narrower = width;
    while lines.len() > 1 {
        narrower *= 0.95;
        let next = wrap(text, size, narrower);
        let longest = next.iter().map(|line| text_width(line, size));
        // A word that is wider than the lines would be cut.
        if next.len() > lines.len()
            || longest.fold(0.0, f64::max) > narrower
            || next.concat().contains('…')
        {
            break;
        }
        lines = next;
    }
    lines
}

/// The text with no-break spaces where it should not be broken: "n = 8" and "(k + 1)" stay on one line.
pub fn whole(text: &str) -> String {
    let text = text.replace(" = ", "\u{a0}=\u{a0}");
    let (mut depth, mut whole) = (0, String::new());
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        depth += i32::from(c == '(') - i32::from(c == ')');
        let sign = |c: Option<char>| c.is_some_and(|c| ['+', '−'].contains(&c));
        let beside = sign(whole.chars().last()) || sign(rest.peek().copied());
        let glued = c == ' ' && depth > 0 && beside;
        whole.push(if glued { '\u{a0}' } else { c });
    }
    whole
}

/// Pieces of a text, each with its rise in em: `10^{−3}` is `10` at 0 and `−3` above.
pub fn scripts(text: &str) -> Vec<(String, f64)> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some((at, rise)) = [("^{", 0.42), ("_{", -0.18)]
        .iter()
        .filter_map(|(m, r)| Some((rest.find(m)?, *r)))
        .min_by_key(|m| m.0)
    {
        let Some(end) = rest[at..].find('}').map(|e| at + e) else {
            break;
        };
        pieces.push((rest[..at].to_string(), 0.0));
        pieces.push((rest[at + 2..end].to_string(), rise));
        rest = &rest[end + 1..];
    }
    pieces.push((rest.to_string(), 0.0));
    pieces.retain(|(piece, _)| !piece.is_empty());
    if pieces.is_empty() {
        vec![(String::new(), 0.0)]
    } else {
        pieces
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_are_cut_out() {
        assert_eq!(
            scripts("10^{−3}"),
            [("10".into(), 0.0), ("−3".into(), 0.42)]
        );
        assert_eq!(
            scripts("λ / λ_{max} x"),
            [
                ("λ / λ".into(), 0.0),
                ("max".into(), -0.18),
                (" x".into(), 0.0)
            ]
        );
        assert_eq!(scripts("a^{open"), [("a^{open".into(), 0.0)]);
        assert_eq!(scripts(""), [(String::new(), 0.0)]);
    }

    #[test]
    fn text_fits_and_wraps() {
        super::super::style::register();
        assert_eq!(fit("short", 14.0, 200.0), "short");
        let cut = fit("a_very_long_feature_name_indeed", 14.0, 80.0);
        assert!(cut.ends_with('…') && text_width(&cut, 14.0) <= 80.0);
        let lines = wrap(
            "one two three four five six seven eight nine ten",
            14.0,
            90.0,
        );
        assert!(lines.len() > 2 && lines.iter().all(|l| text_width(l, 14.0) <= 90.0));
        assert_eq!(
            lines.join(" "),
            "one two three four five six seven eight nine ten"
        );
    }

    #[test]
    fn formulas_stay_on_one_line() {
        assert_eq!(
            whole("n = 8 (k + 1) a + b"),
            "n\u{a0}=\u{a0}8 (k\u{a0}+\u{a0}1) a + b"
        );
    }

    #[test]
    fn lines_are_about_even_and_as_few_as_can_be() {
        super::super::style::register();
        let text = "one two three four five six seven";
        let width = text_width("one two three four five six", 14.0);
        assert_eq!(wrap(text, 14.0, width)[1], "seven");
        assert_eq!(
            wrap_evenly(text, 14.0, width),
            ["one two three", "four five six seven"]
        );
    }
}
