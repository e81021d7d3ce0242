//! Statistics of repeated measurements: an interval for the ratio of two medians.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Resamples of a bootstrap.
const RESAMPLES: usize = 2000;
/// Share of resamples outside the interval, at each end.
const TAIL: f64 = 0.025;

/// An estimate with the ends of its 95 % interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// Lower end.
    pub low: f64,
    /// The estimate.
    pub estimate: f64,
    /// Upper end.
    pub high: f64,
}

/// Median of b over median of a, with a percentile bootstrap interval: both are resampled, independently of each other.
///
/// The same seed gives the same interval. NaN where a or b has no value. [Efron & Tibshirani 1993, §13.3]
pub fn ratio_interval(a: &[f64], b: &[f64], seed: u64) -> Interval {
    let estimate = median(&mut b.to_vec()) / median(&mut a.to_vec());
    if a.is_empty() || b.is_empty() {
        return Interval {
            low: f64::NAN,
            estimate,
            high: f64::NAN,
        };
    }
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut resampled = |values: &[f64]| {
        let draw = |_| values[rng.random_range(0..values.len())];
        median(&mut (0..values.len()).map(draw).collect::<Vec<f64>>())
    };
    let mut ratios: Vec<f64> = (0..RESAMPLES)
        .map(|_| resampled(b) / resampled(a))
        .collect();
    ratios.sort_by(f64::total_cmp);
    let outside = (TAIL * RESAMPLES as f64) as usize;
    Interval {
        low: ratios[outside],
        estimate,
        high: ratios[RESAMPLES - 1 - outside],
    }
}

/// The median, the mean of the middle two for an even count; NaN for none. Sorts the values.
fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    let half = values.len() / 2;
    match values.len() {
        0 => f64::NAN,
        odd if odd % 2 == 1 => values[half],
        _ => (values[half - 1] + values[half]) / 2.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand_distr::{Distribution, StandardNormal};

    fn times(rng: &mut ChaCha8Rng, count: usize, level: f64) -> Vec<f64> {
        let mut normal = || -> f64 { StandardNormal.sample(rng) };
        (0..count)
            .map(|_| level * (0.05 * normal()).exp())
            .collect()
    }

    #[test]
    fn the_interval_covers_the_true_ratio_about_as_often_as_it_says() {
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        for (count, ratio) in [(7, 1.0), (15, 1.3), (30, 0.5)] {
            let covered = (0..200u64).filter(|seed| {
                let (a, b) = (
                    times(&mut rng, count, 2.0),
                    times(&mut rng, count, 2.0 * ratio),
                );
                let found = ratio_interval(&a, &b, *seed);
                assert!(found.low <= found.estimate && found.estimate <= found.high);
                (found.low..=found.high).contains(&ratio)
            });
            let covered = covered.count();
            assert!(covered >= 176, "{count} repeats: {covered} of 200");
        }
    }

    #[test]
    fn units_cancel_and_seeds_repeat() {
        let mut rng = ChaCha8Rng::seed_from_u64(2);
        let (a, b) = (times(&mut rng, 9, 1.0), times(&mut rng, 5, 3.0));
        let twice = |values: &[f64]| values.iter().map(|v| 2.0 * v).collect::<Vec<f64>>();
        let found = ratio_interval(&a, &b, 3);
        assert_eq!(found, ratio_interval(&a, &b, 3));
        assert_eq!(found, ratio_interval(&twice(&a), &twice(&b), 3));
        let doubled = ratio_interval(&a, &twice(&b), 3);
        assert_eq!(doubled.estimate, 2.0 * found.estimate);
        assert_eq!(
            (doubled.low, doubled.high),
            (2.0 * found.low, 2.0 * found.high)
        );
    }

    #[test]
    fn equal_repeats_leave_no_doubt_and_none_leave_nothing() {
        let found = ratio_interval(&[2.0; 5], &[3.0; 4], 0);
        assert_eq!((found.low, found.estimate, found.high), (1.5, 1.5, 1.5));
        assert!(ratio_interval(&[], &[1.0], 0).estimate.is_nan());
    }
}
