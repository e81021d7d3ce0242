//! Numbers of a JSON text to the last bit, which the JSON reader alone does not promise for fractions.
//!
//! [`quoted`] puts every fraction of a text into quotes, and [`exact`] reads it there as the nearest double.

use serde::de::{DeserializeOwned, Error, Unexpected, Visitor};
use serde::{Deserialize, Deserializer};

/// The text with quotes around every number outside strings that has a point or an exponent.
pub(super) fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 4);
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '"' => string_length(rest),
            '-' | '0'..='9' => {
                let number = |c: char| c.is_ascii_digit() || "+-.eE".contains(c);
                rest.find(|c| !number(c)).unwrap_or(rest.len())
            }
            _ => first.len_utf8(),
        };
        let (token, after) = rest.split_at(length);
        let fraction = first != '"' && token.contains(['.', 'e', 'E']) && length > 1;
        if fraction {
            out.push('"');
        }
        out.push_str(token);
        if fraction {
            out.push('"');
        }
        rest = after;
    }
    out
}

/// Bytes of the string literal that `text` begins with, with both quotes.
fn string_length(text: &str) -> usize {
    let mut escaped = false;
    for (at, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// Reads a value of a text that was [`quoted`].
pub(super) fn exact<'de, D: Deserializer<'de>, T: Exact>(from: D) -> Result<T, D::Error> {
    T::Read::deserialize(from).map(T::of)
}

/// What holds doubles that are to be read exactly.
pub(super) trait Exact {
    /// The same with every double in quotes.
    type Read: DeserializeOwned;
    /// Out of them.
    fn of(read: Self::Read) -> Self;
}

/// A finite double, in quotes or a whole number.
pub(super) struct Real(f64);

impl Exact for f64 {
    type Read = Real;
    fn of(read: Real) -> Self {
        read.0
    }
}

impl Exact for usize {
    type Read = usize;
    fn of(read: usize) -> Self {
        read
    }
}

impl<T: Exact> Exact for Option<T> {
    type Read = Option<T::Read>;
    fn of(read: Self::Read) -> Self {
        read.map(T::of)
    }
}

impl<T: Exact> Exact for Vec<T> {
    type Read = Vec<T::Read>;
    fn of(read: Self::Read) -> Self {
        read.into_iter().map(T::of).collect()
    }
}

impl<A: Exact, B: Exact> Exact for (A, B) {
    type Read = (A::Read, B::Read);
    fn of((a, b): Self::Read) -> Self {
        (A::of(a), B::of(b))
    }
}

impl<'de> Deserialize<'de> for Real {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(Digits)
    }
}

struct Digits;

impl Visitor<'_> for Digits {
    type Value = Real;

    fn expecting(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        f.write_str("a finite number")
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Real, E> {
        Ok(Real(value as f64))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Real, E> {
        Ok(Real(value as f64))
    }

    /// Whole numbers beyond 64 bits, which no model that was written here has.
    fn visit_f64<E: Error>(self, value: f64) -> Result<Real, E> {
        Ok(Real(value))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Real, E> {
        let value = text.parse::<f64>().ok().filter(|v| v.is_finite());
        value
            .map(Real)
            .ok_or_else(|| E::invalid_value(Unexpected::Str(text), &self))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fractions_are_quoted_and_nothing_else() {
        let text = r#"{"a 1.5 \" 2.5": [1, -2.5, 3e-7, "1.5", true, null], "b": -0.0}"#;
        let expected = r#"{"a 1.5 \" 2.5": [1, "-2.5", "3e-7", "1.5", true, null], "b": "-0.0"}"#;
        assert_eq!(quoted(text), expected);
        assert_eq!(quoted(r#""é\\" 1.5"#), r#""é\\" "1.5""#);
        for text in ["", "\"", "\"\\", "-", "1.", "é"] {
            assert_eq!(quoted(text).replace('"', ""), text.replace('"', ""));
        }
    }

    #[test]
    fn doubles_come_back_to_the_last_bit() {
        let mut bits = 1u64;
        for _ in 0..20_000 {
            bits = bits
                .wrapping_mul(6364136223846793005)
                .wrapping_add(1442695040888963407);
            let value = f64::from_bits(bits);
            if value.is_finite() {
                let text = quoted(&serde_json::to_string(&value).expect("JSON"));
                let Real(back) = serde_json::from_str(&text).expect("a number");
                assert_eq!(back.to_bits(), value.to_bits(), "{text}");
            }
        }
        for bad in ["1e999", "-1.5.2", "1e"] {
            assert!(serde_json::from_str::<Real>(&quoted(bad)).is_err(), "{bad}");
        }
    }
}
