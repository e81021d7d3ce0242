//! Intervals of a metric over trials.

use crate::statistics::{Interval, bootstrap, median};

/// A number without chance: the interval has no width.
pub fn exact(value: f64) -> Interval {
    Interval {
        low: value,
        estimate: value,
        high: value,
    }
}

/// The largest value; NaN if any is, or if there is none.
pub fn largest(values: impl IntoIterator<Item = f64>) -> f64 {
    extreme(values, f64::max)
}

/// The least value; NaN if any is, or if there is none.
pub fn least(values: impl IntoIterator<Item = f64>) -> f64 {
    extreme(values, f64::min)
}

/// [`f64::max`] and [`f64::min`] pass over NaN, which would make of a number that is missing one that holds.
fn extreme(values: impl IntoIterator<Item = f64>, better: fn(f64, f64) -> f64) -> f64 {
    let both = |a: f64, b: f64| match a.is_nan() || b.is_nan() {
        true => f64::NAN,
        false => better(a, b),
    };
    values.into_iter().reduce(both).unwrap_or(f64::NAN)
}

/// The median over trials with its bootstrap interval; NaN if a value is, or without values.
pub fn of_median(values: &[f64]) -> Interval {
    if values.iter().any(|v| v.is_nan()) {
        return exact(f64::NAN);
    }
    of_statistic(values.len(), |chosen| {
        median(&mut chosen.iter().map(|&i| values[i]).collect::<Vec<f64>>())
    })
}

/// The mean over trials with its bootstrap interval; NaN without values.
pub fn of_mean(values: &[f64]) -> Interval {
    of_statistic(values.len(), |chosen| {
        chosen.iter().map(|&i| values[i]).sum::<f64>() / chosen.len() as f64
    })
}

/// Any statistic of `count` trials, given as the indices that were drawn, with its bootstrap interval; NaN for no trial.
pub fn of_statistic(count: usize, statistic: impl Fn(&[usize]) -> f64) -> Interval {
    bootstrap(count, statistic, 0)
}

/// The share of trials in which something holds, with Wilson's 95 % interval; NaN for no trial. [Wilson 1927, JASA 22]
pub fn of_share(hits: usize, count: usize) -> Interval {
    const Z: f64 = 1.959963984540054;
    let (n, share) = (count as f64, hits as f64 / count as f64);
    let centre = (share + Z * Z / (2.0 * n)) / (1.0 + Z * Z / n);
    let spread = share * (1.0 - share) / n + Z * Z / (4.0 * n * n);
    let half = Z * spread.sqrt() / (1.0 + Z * Z / n);
    Interval {
        low: (centre - half).max(0.0),
        estimate: share,
        high: (centre + half).min(1.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn estimates_are_those_of_all_trials_and_lie_inside() {
        let values: Vec<f64> = (0..25).map(|i| f64::from(i * 7 % 25)).collect();
        for (found, expected) in [(of_median(&values), 12.0), (of_mean(&values), 12.0)] {
            assert!((found.estimate - expected).abs() < 1e-12);
            assert!(found.low < expected && expected < found.high);
        }
        assert!(of_mean(&[]).estimate.is_nan() && of_share(0, 0).estimate.is_nan());
        assert_eq!(exact(3.0).low, 3.0);
        assert_eq!((largest([1.0, 3.0, 2.0]), least([1.0, 3.0])), (3.0, 1.0));
    }

    #[test]
    fn what_is_missing_stays_missing() {
        let values = [1.0, f64::NAN, 3.0];
        for found in [of_median(&values), of_mean(&values)] {
            assert!(found.estimate.is_nan());
        }
        assert!(largest(values).is_nan() && least(values).is_nan());
        assert!(largest([]).is_nan() && least([]).is_nan());
    }

    #[test]
    fn shares_have_the_interval_of_the_paper() {
        // 10 of 20: centre ½, half width z √(.25/20 + z²/1600) / (1 + z²/20).
        let found = of_share(10, 20);
        assert!((found.low - 0.299298).abs() < 1e-6 && (found.high - 0.700702).abs() < 1e-6);
        let none = of_share(0, 20);
        assert_eq!(none.low, 0.0);
        assert!((none.high - 0.161125).abs() < 1e-6, "{}", none.high);
    }
}
