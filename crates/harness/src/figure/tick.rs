//! A tick: where a reader expects a number on an axis, and how it is written.

use std::ops::RangeInclusive;

/// One tick: where it stands, and what is written there (`None` for a minor tick).
#[derive(Clone, Debug, PartialEq)]
pub struct Tick {
    /// Value in data units.
    pub value: f64,
    /// Text, with `^{…}` for a superscript; `None` for a minor tick.
    pub label: Option<String>,
}

impl Tick {
    /// A tick with a text of the caller's.
    pub fn new(value: f64, label: impl Into<String>) -> Self {
        Self {
            value,
            label: Some(label.into()),
        }
    }
}

/// Multiples of 1, 2 or 5 times a power of ten.
pub fn linear_ticks(lo: f64, hi: f64, room: usize) -> Vec<Tick> {
    let raw = (hi - lo) / room as f64;
    let power = 10f64.powf(raw.log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0]
        .into_iter()
        .map(|m| m * power)
        .find(|s| *s >= raw * 0.75)
        .unwrap_or(raw);
    let (first, last) = (
        (lo / step - 1e-9).ceil() as i64,
        (hi / step + 1e-9).floor() as i64,
    );
    (first..=last)
        .map(|i| Tick::new(i as f64 * step, plain(i as f64 * step, step)))
        .collect()
}

/// Powers of ten, thinned to fit; less than two decades also get 2 and 5.
pub fn log_ticks(lo: f64, hi: f64, room: usize) -> Vec<Tick> {
    let (bottom, top) = (
        (lo.log10() - 1e-9).ceil() as i32,
        (hi.log10() + 1e-9).floor() as i32,
    );
    let inside = |v: f64| v >= lo * (1.0 - 1e-9) && v <= hi * (1.0 + 1e-9);
    let decades = hi.log10() - lo.log10();
    let thin = (1..)
        .find(|thin| decades / f64::from(*thin) <= room as f64)
        .unwrap_or(1);
    let halves = decades * 3.0 <= room as f64;
    let everyday = *simple(bottom..=top).end() == top && *simple(bottom..=top).start() == bottom;
    let mut ticks = Vec::new();
    for exponent in bottom - 1..=top {
        for digit in 1..10 {
            let value = f64::from(digit) * 10f64.powi(exponent);
            if !inside(value) {
                continue;
            }
            let named = match digit {
                1 => exponent.rem_euclid(thin) == 0,
                2 | 5 => halves,
                _ => false,
            };
            if named {
                ticks.push(Tick::new(value, power_label(digit, exponent, everyday)));
            } else if thin == 1 || digit == 1 {
                ticks.push(Tick { value, label: None });
            }
        }
    }
    if ticks.iter().filter(|t| t.label.is_some()).count() < 2 && decades < 1.5 {
        let linear = linear_ticks(lo, hi, room.min(4));
        if linear.len() >= 2 {
            return linear.into_iter().filter(|t| t.value > 0.0).collect();
        }
    }
    ticks
}

/// The part of a range of exponents that reads better without powers: 0.001 to 10000.
fn simple(exponents: RangeInclusive<i32>) -> RangeInclusive<i32> {
    (*exponents.start()).max(-3)..=(*exponents.end()).min(4)
}

fn power_label(digit: i32, exponent: i32, everyday: bool) -> String {
    if everyday {
        let value = f64::from(digit) * 10f64.powi(exponent);
        return plain(value, 10f64.powi(exponent));
    }
    let power = format!("10^{{{}}}", exponent.to_string().replace('-', "−"));
    if digit == 1 {
        power
    } else {
        format!("{digit}·{power}")
    }
}

/// A tick value with the decimals that its step needs; powers of ten for what is far from 1.
fn plain(value: f64, step: f64) -> String {
    if value == 0.0 {
        return "0".into();
    }
    let text = if value.abs() >= 1e6 || step < 1e-4 {
        let exponent = value.abs().log10().floor() as i32;
        let digits = (f64::from(exponent) - step.log10().floor()).clamp(0.0, 6.0) as usize;
        let mantissa = format!("{:.*}", digits, value / 10f64.powi(exponent));
        let mantissa = if mantissa.contains('.') {
            mantissa.trim_end_matches('0').trim_end_matches('.')
        } else {
            &mantissa
        };
        match mantissa {
            "1" => format!("10^{{{exponent}}}"),
            "-1" => format!("-10^{{{exponent}}}"),
            _ => format!("{mantissa}·10^{{{exponent}}}"),
        }
    } else {
        format!(
            "{:.*}",
            (-(step.log10() + 1e-9).floor()).max(0.0) as usize,
            value
        )
    };
    text.replace('-', "−")
}
