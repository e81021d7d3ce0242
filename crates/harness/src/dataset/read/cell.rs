//! One cell: which numbers can be used, and what is said of the others.

use regpath_solvers::design::MAX_MAGNITUDE;

use super::shown;

/// Why a cell cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Flaw {
    /// Empty, NA, NaN and their kin.
    Missing,
    /// Not a number at all.
    Text,
    /// ±∞, written so.
    Infinite,
    /// Finite, but its square is not.
    Huge,
}

impl Flaw {
    /// "value "abc" is not a number; …" for the cell as it was written.
    pub fn of(self, value: &str) -> String {
        let value = shown(value.trim());
        match self {
            Flaw::Missing => format!("value {value} is missing; fill it in or remove the row"),
            Flaw::Text => {
                format!(
                    "value {value} is not a number; write digits with a decimal point or remove the column"
                )
            }
            Flaw::Infinite => {
                format!("value {value} is infinite; write a finite number or remove the row")
            }
            Flaw::Huge => {
                format!(
                    "value {value} is beyond {MAX_MAGNITUDE:e}, where squares overflow; rescale the column"
                )
            }
        }
    }
}

/// The number that the cell holds, if a solver can use it.
#[inline]
pub(super) fn parse(cell: &str) -> Result<f64, Flaw> {
    match cell.parse::<f64>() {
        Ok(value) if value.abs() <= MAX_MAGNITUDE => Ok(value),
        _ => parse_slowly(cell.trim()),
    }
}

/// The same for a cell that is padded or flawed.
#[cold]
fn parse_slowly(cell: &str) -> Result<f64, Flaw> {
    match cell.parse::<f64>() {
        // A literal such as 1e999 overflows to infinity without saying so.
        Ok(value) if value.is_infinite() && cell.contains(|c: char| c.is_ascii_digit()) => {
            Err(Flaw::Huge)
        }
        Ok(value) => check(value),
        Err(_) if is_missing(cell) => Err(Flaw::Missing),
        Err(_) => Err(Flaw::Text),
    }
}

/// The number itself, if a solver can use it.
#[inline]
pub(super) fn check(value: f64) -> Result<f64, Flaw> {
    match value.abs() {
        magnitude if magnitude <= MAX_MAGNITUDE => Ok(value),
        magnitude if magnitude.is_nan() => Err(Flaw::Missing),
        magnitude if magnitude.is_infinite() => Err(Flaw::Infinite),
        _ => Err(Flaw::Huge),
    }
}

fn is_missing(cell: &str) -> bool {
    [
        "",
        "na",
        "n/a",
        "#n/a",
        "null",
        "none",
        "nil",
        ".",
        "?",
        "-",
        "-nan(ind)",
        "1.#qnan",
    ]
    .iter()
    .any(|word| cell.eq_ignore_ascii_case(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_told_from_flaws() {
        for (cell, expected) in [
            (" 1.5 ", 1.5),
            ("+2", 2.0),
            (".5", 0.5),
            ("-1e-300", -1e-300),
            ("1E150", 1e150),
        ] {
            assert_eq!(parse(cell), Ok(expected));
        }
        for cell in ["", "  ", "NA", "nan", "NaN", "-nan", "null", "N/A", "?"] {
            assert_eq!(parse(cell), Err(Flaw::Missing), "{cell}");
        }
        for cell in ["abc", "1,5", "1_000", "0x10", "1 2", "TRUE"] {
            assert_eq!(parse(cell), Err(Flaw::Text), "{cell}");
        }
        for cell in ["inf", "-Infinity"] {
            assert_eq!(parse(cell), Err(Flaw::Infinite), "{cell}");
        }
        for cell in ["1.1e150", "-1e999"] {
            assert_eq!(parse(cell), Err(Flaw::Huge), "{cell}");
        }
    }

    #[test]
    fn what_is_said_is_one_line() {
        assert!(!Flaw::Text.of("a\nb\r\u{0}").contains(char::is_control));
    }
}
