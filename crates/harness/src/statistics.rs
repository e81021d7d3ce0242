//! Statistics of repeated measurements: what they say about the ratio of two, taken apart or in turns, and about several at once.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde::Serialize;

/// Resamples of a bootstrap.
const RESAMPLES: usize = 2000;
/// Resamples of a bootstrap of pairs: enough for a level of 5 % shared by fifty benchmarks.
const PAIRED_RESAMPLES: usize = 20_000;
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

/// A statistic of `count` trials, given as the indices that were drawn, with its percentile bootstrap interval.
///
/// The estimate is that of all trials. The same seed gives the same interval. NaN for no trial. [Efron & Tibshirani 1993, §13.3]
pub fn bootstrap(count: usize, statistic: impl Fn(&[usize]) -> f64, seed: u64) -> Interval {
    if count == 0 {
        return Interval {
            low: f64::NAN,
            estimate: f64::NAN,
            high: f64::NAN,
        };
    }
    let estimate = statistic(&(0..count).collect::<Vec<usize>>());
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut drawn = vec![0; count];
    let mut values: Vec<f64> = (0..RESAMPLES)
        .map(|_| {
            drawn
                .iter_mut()
                .for_each(|i| *i = rng.random_range(0..count));
            statistic(&drawn)
        })
        .collect();
    values.sort_by(f64::total_cmp);
    let outside = (TAIL * RESAMPLES as f64) as usize;
    Interval {
        low: values[outside],
        estimate,
        high: values[RESAMPLES - 1 - outside],
    }
}

/// The ratio of two programs' times, with what the bootstrap says about it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct PairedRatio {
    /// Lower end of the 95 % interval.
    pub low: f64,
    /// Median over the rounds.
    pub median: f64,
    /// Upper end of the 95 % interval.
    pub high: f64,
    /// Share of resamples whose ratio is not above the bound: small where the second is slower.
    pub p_slower: f64,
    /// Share of resamples whose ratio is not below one over the bound: small where the second is faster.
    pub p_faster: f64,
}

/// Ratios `b[i] / a[i]` of paired rounds, and the bootstrap of their median against `bound` > 1.
pub fn paired_ratio(a: &[f64], b: &[f64], bound: f64, seed: u64) -> PairedRatio {
    let logs: Vec<f64> = a.iter().zip(b).map(|(a, b)| (b / a).ln()).collect();
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut sample = vec![0.0; logs.len()];
    let mut medians: Vec<f64> = (0..PAIRED_RESAMPLES)
        .map(|_| {
            for value in &mut sample {
                *value = logs[rng.random_range(0..logs.len())];
            }
            median(&mut sample)
        })
        .collect();
    medians.sort_by(f64::total_cmp);
    let at = |share: f64| medians[(share * (PAIRED_RESAMPLES - 1) as f64).round() as usize];
    // As if the sample itself had been among the resamples: no share is exactly 0.
    let share = |count: usize| (count + 1) as f64 / (PAIRED_RESAMPLES + 1) as f64;
    let bound = bound.ln();
    PairedRatio {
        low: at(TAIL).exp(),
        median: median(&mut logs.clone()).exp(),
        high: at(1.0 - TAIL).exp(),
        p_slower: share(medians.iter().filter(|m| **m <= bound).count()),
        p_faster: share(medians.iter().filter(|m| **m >= -bound).count()),
    }
}

/// Which of several hypotheses are rejected, so that one or more are so falsely with probability `level` at most.
///
/// Holm (1979), Scand. J. Statist. 6.
pub fn holm(p: &[f64], level: f64) -> Vec<bool> {
    let mut order: Vec<usize> = (0..p.len()).collect();
    order.sort_by(|&i, &j| p[i].total_cmp(&p[j]));
    let mut rejected = vec![false; p.len()];
    for (rank, &i) in order.iter().enumerate() {
        if p[i] > level / (p.len() - rank) as f64 {
            break;
        }
        rejected[i] = true;
    }
    rejected
}

/// The median, the mean of the middle two for an even count; NaN for none. Sorts the values.
pub fn median(values: &mut [f64]) -> f64 {
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

    /// Times of two programs in rounds that have a common factor, with noise of `sd` of their own.
    fn rounds(rng: &mut ChaCha8Rng, count: usize, factor: f64, sd: f64) -> (Vec<f64>, Vec<f64>) {
        let mut noise = |sd: f64| 1.0 + sd * (rng.random::<f64>() - 0.5) * 12f64.sqrt();
        (0..count)
            .map(|_| {
                let common = noise(0.1);
                (common * noise(sd), factor * common * noise(sd))
            })
            .unzip()
    }

    #[test]
    fn intervals_of_pairs_cover_the_ratio_as_often_as_they_say_and_false_alarms_are_rare() {
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let (mut covered, mut alarms) = (0, 0);
        let trials = 200;
        for seed in 0..trials {
            let (a, b) = rounds(&mut rng, 15, 1.03, 0.02);
            let found = paired_ratio(&a, &b, 1.05, seed);
            assert!(found.low <= found.median && found.median <= found.high);
            covered += usize::from(found.low <= 1.03 && 1.03 <= found.high);
            alarms += usize::from(found.p_slower <= 0.05);
        }
        assert!(covered >= 180, "{covered} of {trials}");
        assert!(alarms <= 4, "{alarms} of {trials}");
    }

    #[test]
    fn a_tenth_is_found_whichever_of_the_two_is_slower() {
        let mut rng = ChaCha8Rng::seed_from_u64(2);
        for seed in 0..50 {
            let (a, b) = rounds(&mut rng, 15, 1.1, 0.01);
            assert!(paired_ratio(&a, &b, 1.05, seed).p_slower <= 1e-3);
            assert!(paired_ratio(&a, &b, 1.05, seed).p_faster >= 0.999);
            assert!(paired_ratio(&b, &a, 1.05, seed).p_faster <= 1e-3);
        }
    }

    #[test]
    fn the_ratio_does_not_depend_on_the_unit_of_time_and_turns_round_with_its_parts() {
        let mut rng = ChaCha8Rng::seed_from_u64(3);
        let (a, b) = rounds(&mut rng, 15, 1.2, 0.02);
        let one = paired_ratio(&a, &b, 1.05, 7);
        let scale = |v: &[f64]| v.iter().map(|x| 1024.0 * x).collect::<Vec<_>>();
        assert_eq!(paired_ratio(&scale(&a), &scale(&b), 1.05, 7), one);
        let other = paired_ratio(&b, &a, 1.05, 7);
        assert!((other.median * one.median - 1.0).abs() < 1e-12);
    }

    #[test]
    fn holm_shares_the_level() {
        assert_eq!(holm(&[0.01, 0.04, 0.03], 0.05), [true, false, false]);
        assert_eq!(holm(&[0.01, 0.02, 0.04], 0.05), [true, true, true]);
        assert_eq!(holm(&[0.02, 0.02, 0.02], 0.05), [false, false, false]);
        assert_eq!(holm(&[], 0.05), Vec::<bool>::new());
    }
}
