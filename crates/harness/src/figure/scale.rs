//! A scale: data to position along an axis.

use super::tick::{Tick, linear_ticks, log_ticks};

/// Linear or logarithmic map of `from ↦ 0`, `to ↦ 1`; `from > to` turns the axis round.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scale {
    from: f64,
    to: f64,
    log: bool,
}

impl Scale {
    /// Linear scale; an interval without length is widened.
    pub fn linear(from: f64, to: f64) -> Self {
        let (from, to) = if from == to {
            (from - pad(from), to + pad(to))
        } else {
            (from, to)
        };
        Self {
            from,
            to,
            log: false,
        }
    }

    /// Logarithmic scale; ends must be positive, an interval without length is widened to a decade.
    pub fn log(from: f64, to: f64) -> Self {
        let clamp = |v: f64| v.clamp(1e-300, 1e300);
        let (from, to) = (clamp(from), clamp(to));
        let (from, to) = if from == to {
            (from / 10f64.sqrt(), to * 10f64.sqrt())
        } else {
            (from, to)
        };
        Self {
            from,
            to,
            log: true,
        }
    }

    /// The same scale with a margin of that fraction of its length at both ends.
    pub fn padded(self, fraction: f64) -> Self {
        let (a, b) = (self.forward(self.from), self.forward(self.to));
        let more = (b - a) * fraction;
        Self {
            from: self.backward(a - more),
            to: self.backward(b + more),
            log: self.log,
        }
    }

    /// The scale from one position of this one to another.
    pub fn stretched(self, from: f64, to: f64) -> Self {
        if (from, to) == (0.0, 1.0) {
            return self;
        }
        Self {
            from: self.value(from),
            to: self.value(to),
            log: self.log,
        }
    }

    /// Position of a value: 0 at `from`, 1 at `to`. NaN where a logarithm does not exist.
    pub fn at(&self, value: f64) -> f64 {
        let (a, b) = (self.forward(self.from), self.forward(self.to));
        (self.forward(value) - a) / (b - a)
    }

    /// Value at a position; the inverse of [`Scale::at`].
    pub fn value(&self, position: f64) -> f64 {
        let (a, b) = (self.forward(self.from), self.forward(self.to));
        self.backward(a + position * (b - a))
    }

    /// Ticks with about `room` labels, at most a third more.
    pub fn ticks(&self, room: usize) -> Vec<Tick> {
        let (lo, hi) = (self.from.min(self.to), self.from.max(self.to));
        if self.log {
            log_ticks(lo, hi, room.max(2))
        } else {
            linear_ticks(lo, hi, room.max(2))
        }
    }

    fn forward(&self, value: f64) -> f64 {
        if self.log { value.log10() } else { value }
    }

    fn backward(&self, value: f64) -> f64 {
        if self.log { 10f64.powf(value) } else { value }
    }
}

fn pad(value: f64) -> f64 {
    if value == 0.0 { 1.0 } else { value.abs() * 0.5 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(ticks: &[Tick]) -> Vec<&str> {
        ticks.iter().filter_map(|t| t.label.as_deref()).collect()
    }

    #[test]
    fn linear_ticks_are_round() {
        assert_eq!(
            labels(&Scale::linear(-0.23, 0.74).ticks(6)),
            ["−0.2", "0.0", "0.2", "0.4", "0.6"].map(|s| if s == "0.0" { "0" } else { s })
        );
        assert_eq!(
            labels(&Scale::linear(0.0, 8.0).ticks(5)),
            ["0", "2", "4", "6", "8"]
        );
        assert_eq!(
            labels(&Scale::linear(0.0, 3e7).ticks(3)),
            ["0", "10^{7}", "2·10^{7}", "3·10^{7}"]
        );
        assert_eq!(
            labels(&Scale::linear(0.0, 3e-6).ticks(3)),
            ["0", "10^{−6}", "2·10^{−6}", "3·10^{−6}"]
        );
    }

    #[test]
    fn log_ticks_are_powers_and_thin_out() {
        assert_eq!(
            labels(&Scale::log(1.0, 1e-2).ticks(5)),
            ["0.01", "0.1", "1"]
        );
        assert_eq!(
            labels(&Scale::log(1e-4, 1.0).ticks(5)),
            ["10^{−4}", "10^{−3}", "10^{−2}", "10^{−1}", "10^{0}"]
        );
        assert_eq!(
            labels(&Scale::log(1e-16, 1.0).ticks(5)),
            ["10^{−16}", "10^{−12}", "10^{−8}", "10^{−4}", "10^{0}"]
        );
        assert_eq!(
            labels(&Scale::log(0.9, 55.0).ticks(7)),
            ["1", "2", "5", "10", "20", "50"]
        );
        assert!(labels(&Scale::log(2.1, 2.9).ticks(6)).len() >= 2);
    }

    #[test]
    fn every_scale_has_finite_ticks_inside_itself() {
        for exponent in -12..12 {
            let size = 10f64.powi(exponent);
            for (from, to) in [
                (size, size),
                (size, 3.3 * size),
                (1e4 * size, size),
                (-size, 2.0 * size),
            ] {
                for scale in [Scale::linear(from, to), Scale::log(from.abs(), to)] {
                    let ticks = scale.ticks(5);
                    assert!(!ticks.is_empty() && ticks.len() < 200, "{scale:?}");
                    assert!(
                        ticks
                            .iter()
                            .all(|t| (-1e-6..=1.0 + 1e-6).contains(&scale.at(t.value))),
                        "{scale:?}"
                    );
                }
            }
        }
    }

    #[test]
    fn positions_turn_round_and_back() {
        let scale = Scale::log(10.0, 0.1);
        assert_eq!(
            (scale.at(10.0), scale.at(1.0), scale.at(0.1)),
            (0.0, 0.5, 1.0)
        );
        assert!((scale.value(scale.at(0.3)) - 0.3).abs() < 1e-12);
        assert!((Scale::linear(0.0, 1.0).padded(0.5).at(0.0) - 0.25).abs() < 1e-12);
    }
}
