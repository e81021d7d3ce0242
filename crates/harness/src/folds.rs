//! Folds that are drawn: rows in random order, cut into nearly equal parts.

use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;

/// The fold of each row, from 0 to `count` − 1, for one of several partitions of one seed.
///
/// Sizes differ by at most one among the rows that count, and among those that do not, which have weight 0. Equal on every
/// machine and for any number of threads. Panics if `count` is 0.
pub fn drawn(counts: &[bool], count: usize, seed: u64, repeat: u64) -> Vec<usize> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    rng.set_stream(repeat);
    let mut folds = vec![0; counts.len()];
    for wanted in [true, false] {
        let mut rows: Vec<usize> = (0..counts.len()).filter(|&i| counts[i] == wanted).collect();
        rows.shuffle(&mut rng);
        for (place, &row) in rows.iter().enumerate() {
            folds[row] = place % count;
        }
    }
    folds
}

/// A fold for each row that counts; those that do not are in the first.
pub fn one_each(counts: &[bool]) -> Vec<usize> {
    let mut next = 0;
    let fold = |&counts: &bool| {
        let fold = if counts { next } else { 0 };
        next += usize::from(counts);
        fold
    };
    counts.iter().map(fold).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folds_are_nearly_equal_and_reproducible() {
        for (n, count) in [(10, 3), (97, 10), (7, 7), (2, 2), (100, 9)] {
            let counts: Vec<bool> = (0..n).map(|i| i % 3 != 1).collect();
            for repeat in 0..3 {
                let folds = drawn(&counts, count, 5, repeat);
                assert_eq!(folds, drawn(&counts, count, 5, repeat));
                let mut sizes = vec![0usize; count];
                let counted = folds.iter().zip(&counts).filter(|(_, counts)| **counts);
                counted.for_each(|(&fold, _)| sizes[fold] += 1);
                let (least, most) = (sizes.iter().min(), sizes.iter().max());
                assert!(most.unwrap() - least.unwrap() <= 1, "{sizes:?}");
            }
        }
        let all = [true; 50];
        assert_ne!(drawn(&all, 5, 1, 0), drawn(&all, 5, 1, 1));
        assert_ne!(drawn(&all, 5, 1, 0), drawn(&all, 5, 2, 0));
    }

    #[test]
    fn one_row_is_left_out_at_a_time() {
        assert_eq!(one_each(&[false, true, true, false, true]), [0, 0, 1, 0, 2]);
    }
}
