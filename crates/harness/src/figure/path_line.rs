//! The path of one feature, and the band of coefficients that paths span.

use std::ops::Range;

/// The path of one feature: a value per λ.
#[derive(Clone, Debug)]
pub struct Line {
    /// Name of the feature.
    pub feature: String,
    /// Coefficients in the order of the panel's x, 0 where the feature is out of the model.
    pub values: Vec<f64>,
}

impl Line {
    /// Largest modulus on the path.
    pub fn peak(&self) -> f64 {
        self.values
            .iter()
            .filter(|v| v.is_finite())
            .fold(0.0, |peak, v| peak.max(v.abs()))
    }

    /// Coefficient at the last λ.
    pub fn end(&self) -> f64 {
        self.values
            .last()
            .copied()
            .filter(|v| v.is_finite())
            .unwrap_or(0.0)
    }

    /// Positions from the last zero before the feature enters to the first zero after it left.
    pub fn visible(&self) -> Range<usize> {
        let first = self.values.iter().position(|v| *v != 0.0).unwrap_or(0);
        let last = self.values.iter().rposition(|v| *v != 0.0).unwrap_or(0);
        first.saturating_sub(1)..(last + 2).min(self.values.len())
    }
}

/// Interval of coefficients, always around 0.
#[derive(Clone, Copy, Debug, Default)]
pub struct Band {
    /// Least value, at most 0.
    pub low: f64,
    /// Largest value, at least 0.
    pub high: f64,
}

impl Band {
    /// Length.
    pub fn height(&self) -> f64 {
        self.high - self.low
    }

    /// The smallest band around both.
    pub fn join(self, other: Self) -> Self {
        Self {
            low: self.low.min(other.low),
            high: self.high.max(other.high),
        }
    }
}

/// Power of ten that brings a path to at most 0.4 of the largest where it would else be flat on the axis, or 1.
///
/// Features in different units (years, per cent, logarithms) have coefficients in different units; one scale
/// shows the smaller ones as zero, which is the one thing that a path must not do.
pub fn magnify(peak: f64, largest: f64) -> f64 {
    if peak <= 0.0 || peak >= 0.04 * largest {
        return 1.0;
    }
    10f64.powi((0.4 * largest / peak).log10().floor().min(15.0) as i32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_paths_are_magnified_by_powers_of_ten() {
        assert_eq!(magnify(0.7, 0.74), 1.0);
        assert_eq!(magnify(0.021, 0.74), 10.0);
        assert_eq!(magnify(0.0045, 0.74), 10.0);
        assert_eq!(magnify(0.0003, 0.74), 100.0);
        assert_eq!(magnify(0.0, 0.74), 1.0);
    }
}
