//! What times that were taken in turns prove about the ratio of two programs.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde::Serialize;

/// Resamples of a bootstrap: enough for a level of 5 % shared by fifty benchmarks.
const RESAMPLES: usize = 20_000;
/// Probability of the interval.
const COVERAGE: f64 = 0.95;

/// The ratio of two programs' times, with what the bootstrap says about it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Ratio {
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
pub fn ratio(a: &[f64], b: &[f64], bound: f64, seed: u64) -> Ratio {
    let logs: Vec<f64> = a.iter().zip(b).map(|(a, b)| (b / a).ln()).collect();
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut sample = vec![0.0; logs.len()];
    let mut medians: Vec<f64> = (0..RESAMPLES)
        .map(|_| {
            for value in &mut sample {
                *value = logs[rng.random_range(0..logs.len())];
            }
            median(&mut sample)
        })
        .collect();
    medians.sort_by(f64::total_cmp);
    let at = |share: f64| medians[(share * (RESAMPLES - 1) as f64).round() as usize];
    // As if the sample itself had been among the resamples: no share is exactly 0.
    let share = |count: usize| (count + 1) as f64 / (RESAMPLES + 1) as f64;
    let bound = bound.ln();
    Ratio {
        low: at((1.0 - COVERAGE) / 2.0).exp(),
        median: median(&mut logs.clone()).exp(),
        high: at((1.0 + COVERAGE) / 2.0).exp(),
        p_slower: share(medians.iter().filter(|m| **m <= bound).count()),
        p_faster: share(medians.iter().filter(|m| **m >= -bound).count()),
    }
}

/// The median; sorts `values`, of which there is at least one.
pub fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    let half = values.len() / 2;
    if values.len() % 2 == 1 {
        values[half]
    } else {
        (values[half - 1] + values[half]) / 2.0
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

#[cfg(test)]
mod tests {
    use super::*;

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
    fn intervals_cover_the_ratio_as_often_as_they_say_and_false_alarms_are_rare() {
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let (mut covered, mut alarms) = (0, 0);
        let trials = 200;
        for seed in 0..trials {
            let (a, b) = rounds(&mut rng, 15, 1.03, 0.02);
            let found = ratio(&a, &b, 1.05, seed);
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
            assert!(ratio(&a, &b, 1.05, seed).p_slower <= 1e-3);
            assert!(ratio(&a, &b, 1.05, seed).p_faster >= 0.999);
            assert!(ratio(&b, &a, 1.05, seed).p_faster <= 1e-3);
        }
    }

    #[test]
    fn the_ratio_does_not_depend_on_the_unit_of_time_and_turns_round_with_its_parts() {
        let mut rng = ChaCha8Rng::seed_from_u64(3);
        let (a, b) = rounds(&mut rng, 15, 1.2, 0.02);
        let one = ratio(&a, &b, 1.05, 7);
        let scale = |v: &[f64]| v.iter().map(|x| 1024.0 * x).collect::<Vec<_>>();
        assert_eq!(ratio(&scale(&a), &scale(&b), 1.05, 7), one);
        let other = ratio(&b, &a, 1.05, 7);
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
