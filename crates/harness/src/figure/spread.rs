//! The spread of repeats: least, median and largest.

/// Least, median and largest of some numbers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spread {
    /// Least.
    pub low: f64,
    /// Median; the mean of the middle two for an even count.
    pub median: f64,
    /// Largest.
    pub high: f64,
}

impl Spread {
    /// Spread of the finite ones among the numbers; `None` if there is none.
    pub fn of(numbers: impl IntoIterator<Item = f64>) -> Option<Self> {
        let mut sorted: Vec<f64> = numbers.into_iter().filter(|x| x.is_finite()).collect();
        sorted.sort_by(f64::total_cmp);
        let (low, high) = (*sorted.first()?, *sorted.last()?);
        let half = sorted.len() / 2;
        let median = if sorted.len() % 2 == 1 {
            sorted[half]
        } else {
            (sorted[half - 1] + sorted[half]) / 2.0
        };
        Some(Self { low, median, high })
    }

    /// The spread of `by / x`, as a speed-up is to a time.
    pub fn ratio(self, by: f64) -> Self {
        Self {
            low: by / self.high,
            median: by / self.median,
            high: by / self.low,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn medians_and_ratios() {
        assert_eq!(
            Spread::of([3.0, 1.0, 2.0]),
            Some(Spread {
                low: 1.0,
                median: 2.0,
                high: 3.0
            })
        );
        assert_eq!(
            Spread::of([4.0, 1.0, f64::NAN]),
            Some(Spread {
                low: 1.0,
                median: 2.5,
                high: 4.0
            })
        );
        assert_eq!(Spread::of([]), None);
        let ratio = Spread {
            low: 1.0,
            median: 2.0,
            high: 4.0,
        }
        .ratio(4.0);
        assert_eq!(
            ratio,
            Spread {
                low: 1.0,
                median: 2.0,
                high: 4.0
            }
        );
    }
}
