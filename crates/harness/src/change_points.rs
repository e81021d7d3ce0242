//! Change points: where a series of measurements changed its level, by optimal partitioning.
//!
//! The levels of log v_1 … log v_n are piecewise constant; the segmentation is the one that minimises
//!
//! ```text
//! Σ over segments of Σ (log v_i − mean of the segment)² + 6 σ² ln(max(n, 20)) · (number of changes)
//! ```
//!
//! Optimal partitioning: Jackson et al. (2005). Killick, Fearnhead and Eckley (2012) prune its search, which a series of
//! hundreds does not need. The usual penalty 3 σ² ln n supposes that σ is known: from the median of ten differences it is so
//! uncertain that one series of pure noise in ten gets a change; with 6 and at least 20 it is less than one in twenty for every n.

use crate::statistics::median;

/// Least σ of log values: an exact counter that moves by less than about 1 % has not changed its level.
const FLOOR: f64 = 0.0025;
/// Penalty of a change, in units of σ² ln n.
const PENALTY: f64 = 6.0;
/// Length below which a series is penalised as if it had this length: its σ is uncertain.
const SHORT: usize = 20;
/// Median of |z| for a standard normal z.
const MEDIAN_ABS_NORMAL: f64 = 0.674_489_75;
/// Deviations by which a value of a noisy series may lie outside its neighbours.
const CLIP: f64 = 3.0;

/// A change of level.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ChangePoint {
    /// Index of the first value of the new level.
    pub at: usize,
    /// New level over old level.
    pub factor: f64,
}

/// The changes of level of a series of positive values, in order; none where a value is not positive and finite.
///
/// A series whose noise is below the floor is taken to be exact, and a single value may be a level; in a noisy one a level has at
/// least two values, and a value that sticks out between its neighbours is drawn in first, so that an outlier is no change.
pub fn change_points(values: &[f64]) -> Vec<ChangePoint> {
    if values.len() < 2 || values.iter().any(|v| !(v.is_finite() && *v > 0.0)) {
        return Vec::new();
    }
    let logs: Vec<f64> = values.iter().map(|v| v.ln()).collect();
    let noise = noise(&logs);
    let sigma = noise.max(FLOOR);
    let (series, least) = if noise > FLOOR {
        (without_outliers(&logs, CLIP * sigma), 2)
    } else {
        (logs, 1)
    };
    let penalty = PENALTY * sigma * sigma * (series.len().max(SHORT) as f64).ln();
    let starts = partition(&series, penalty, least);
    let mean = |range: &[f64]| range.iter().sum::<f64>() / range.len() as f64;
    let change = |i: usize| {
        let before = if i == 0 { 0 } else { starts[i - 1] };
        let (at, end) = (
            starts[i],
            starts.get(i + 1).copied().unwrap_or(series.len()),
        );
        ChangePoint {
            at,
            factor: (mean(&series[at..end]) - mean(&series[before..at])).exp(),
        }
    };
    (0..starts.len()).map(change).collect()
}

/// σ of independent normal values from the median absolute difference of successive ones, which a few steps do not disturb.
fn noise(logs: &[f64]) -> f64 {
    let mut steps: Vec<f64> = logs.windows(2).map(|w| (w[1] - w[0]).abs()).collect();
    median(&mut steps) / (MEDIAN_ABS_NORMAL * std::f64::consts::SQRT_2)
}

/// Every value brought to within `most` of the range of its two neighbours; of the next two at an end.
fn without_outliers(logs: &[f64], most: f64) -> Vec<f64> {
    let last = logs.len() - 1;
    if last < 2 {
        return logs.to_vec();
    }
    let drawn_in = |(i, value): (usize, &f64)| {
        let (a, b) = match i {
            0 => (logs[1], logs[2]),
            i if i == last => (logs[last - 1], logs[last - 2]),
            i => (logs[i - 1], logs[i + 1]),
        };
        value.clamp(a.min(b) - most, a.max(b) + most)
    };
    logs.iter().enumerate().map(drawn_in).collect()
}

/// First indices of all segments but the first, of the cheapest partition into segments of at least `least` values.
fn partition(series: &[f64], penalty: f64, least: usize) -> Vec<usize> {
    let n = series.len();
    // Sums of the first i values, around the first one: levels far from 0 would cost digits.
    let mut sums = vec![(0.0, 0.0)];
    for value in series {
        let (sum, squares) = sums[sums.len() - 1];
        let value = value - series[0];
        sums.push((sum + value, squares + value * value));
    }
    let cost = |from: usize, to: usize| {
        let (sum, squares) = (sums[to].0 - sums[from].0, sums[to].1 - sums[from].1);
        (squares - sum * sum / (to - from) as f64).max(0.0)
    };
    // Cost of the cheapest partition of the first i values, and where its last segment begins.
    let mut best = vec![(f64::INFINITY, 0); n + 1];
    best[0].0 = -penalty;
    for end in least..=n {
        for from in 0..=end - least {
            let total = best[from].0 + cost(from, end) + penalty;
            if total < best[end].0 {
                best[end] = (total, from);
            }
        }
    }
    let mut starts = Vec::new();
    let mut end = n;
    while best[end].1 > 0 {
        end = best[end].1;
        starts.push(end);
    }
    starts.reverse();
    starts
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::{RngExt, SeedableRng};
    use rand_chacha::ChaCha8Rng;
    use rand_distr::{Distribution, StandardNormal};

    /// A series around 1 with that relative noise.
    fn noise_of(seed: u64, n: usize, sigma: f64) -> Vec<f64> {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let mut normal = || -> f64 { StandardNormal.sample(&mut rng) };
        (0..n).map(|_| (sigma * normal()).exp()).collect()
    }

    fn places(values: &[f64]) -> Vec<usize> {
        change_points(values).iter().map(|c| c.at).collect()
    }

    #[test]
    fn noise_has_no_change_in_95_of_100_series() {
        for n in [4, 6, 10, 20, 30, 100, 300] {
            for sigma in [0.001, 0.03] {
                let clean = |seed: &u64| places(&noise_of(*seed, n, sigma)).is_empty();
                let count = (0..100).filter(clean).count();
                assert!(count >= 95, "n {n}, sigma {sigma}: {count}");
            }
        }
    }

    #[test]
    fn a_step_of_ten_deviations_is_found_at_its_place_and_nothing_else() {
        for n in [20, 50, 200] {
            let found = |seed: &u64| {
                let mut values = noise_of(*seed, n, 0.01);
                let at = 3 + (*seed as usize * 7) % (n - 6);
                values[at..].iter_mut().for_each(|v| *v *= 0.1f64.exp());
                let changes = change_points(&values);
                changes.len() == 1 && changes[0].at == at && (changes[0].factor - 1.1).abs() < 0.03
            };
            let count = (0..100).filter(found).count();
            assert!(count >= 95, "n {n}: {count}");
        }
    }

    #[test]
    fn an_outlier_of_a_noisy_series_is_no_change() {
        for n in [10, 30, 100] {
            let clean = |seed: &u64| {
                let mut values = noise_of(*seed, n, 0.01);
                values[*seed as usize % n] *= 1.5;
                places(&values).is_empty()
            };
            let count = (0..100).filter(clean).count();
            assert!(count >= 93, "n {n}: {count}");
        }
    }

    #[test]
    fn exact_series_change_where_they_do_and_only_by_more_than_a_percent() {
        assert!(change_points(&[7.0; 40]).is_empty());
        assert!(change_points(&[]).is_empty() && change_points(&[3.0]).is_empty());
        let mut values = vec![1000.0; 30];
        values[29] = 1005.0;
        assert!(change_points(&values).is_empty());
        // The last value is a level of its own.
        values[29] = 1100.0;
        let last = change_points(&values);
        assert_eq!(last.len(), 1);
        assert!(last[0].at == 29 && (last[0].factor - 1.1).abs() < 1e-12);
        values[12..].iter_mut().for_each(|v| *v *= 0.5);
        assert_eq!(places(&values), [12, 29]);
    }

    #[test]
    fn the_unit_of_the_values_does_not_matter() {
        for seed in 0..20 {
            let mut values = noise_of(seed, 60, 0.01);
            values[20..].iter_mut().for_each(|v| *v *= 1.2);
            values[45..].iter_mut().for_each(|v| *v *= 0.7);
            let expected = change_points(&values);
            assert_eq!(expected.len(), 2);
            for unit in [1e-9, 3.0, 1e12] {
                let scaled: Vec<f64> = values.iter().map(|v| v * unit).collect();
                for (a, b) in change_points(&scaled).iter().zip(&expected) {
                    assert!(a.at == b.at && (a.factor - b.factor).abs() < 1e-9);
                }
                assert_eq!(change_points(&scaled).len(), expected.len());
            }
        }
    }

    #[test]
    fn values_without_a_logarithm_have_no_levels() {
        for bad in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert!(change_points(&[1.0, 1.0, bad, 5.0, 5.0]).is_empty());
        }
    }

    /// The cheapest of all partitions, each looked at.
    fn brute_force(series: &[f64], penalty: f64, least: usize) -> f64 {
        let n = series.len();
        let mut best = f64::INFINITY;
        for cuts in 0..1u32 << (n - 1) {
            let starts: Vec<usize> = (1..n).filter(|i| cuts >> (i - 1) & 1 == 1).collect();
            best = best.min(total(series, &starts, penalty, least));
        }
        best
    }

    fn total(series: &[f64], starts: &[usize], penalty: f64, least: usize) -> f64 {
        let mut ends = starts.to_vec();
        ends.push(series.len());
        let mut from = 0;
        let mut sum = penalty * starts.len() as f64;
        for end in ends {
            let segment = &series[from..end];
            if segment.len() < least {
                return f64::INFINITY;
            }
            let mean = segment.iter().sum::<f64>() / segment.len() as f64;
            sum += segment.iter().map(|v| (v - mean).powi(2)).sum::<f64>();
            from = end;
        }
        sum
    }

    #[test]
    fn the_partition_is_the_best_of_all() {
        let mut rng = ChaCha8Rng::seed_from_u64(7);
        for round in 0..400 {
            let n = 2 + round % 9;
            let least = 1 + round / 9 % 2;
            let series: Vec<f64> = (0..n)
                .map(|_| f64::from(rng.random_range(0..4u32)) + rng.random_range(-0.2..0.2))
                .collect();
            let penalty = rng.random_range(0.05..3.0);
            let starts = partition(&series, penalty, least);
            let (found, best) = (
                total(&series, &starts, penalty, least),
                brute_force(&series, penalty, least),
            );
            assert!(
                (found - best).abs() < 1e-9,
                "{series:?} {starts:?} {found} {best}"
            );
        }
    }
}
