//! Uniform whole numbers and permutations from a stream of random words, the same on every machine.

use rand_core::Rng;

/// Uniform on 0 … n − 1 without bias, n ≥ 1. Lemire (2019), ACM Trans. Model. Comput. Simul. 29.
pub(super) fn below<R: Rng>(stream: &mut R, n: usize) -> usize {
    let n = n as u64;
    let mut product = u128::from(stream.next_u64()) * u128::from(n);
    if (product as u64) < n {
        // Of the 2⁶⁴ words so many are left over.
        let left_over = n.wrapping_neg() % n;
        while (product as u64) < left_over {
            product = u128::from(stream.next_u64()) * u128::from(n);
        }
    }
    (product >> 64) as usize
}

/// Puts `items` in a uniformly random order. Durstenfeld (1964), Commun. ACM 7.
pub(super) fn shuffle<R: Rng, T>(stream: &mut R, items: &mut [T]) {
    for last in (1..items.len()).rev() {
        items.swap(last, below(stream, last + 1));
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;

    use super::*;

    /// Σ (observed − expected)² / expected.
    fn chi_squared(counts: &[u32]) -> f64 {
        let expected = f64::from(counts.iter().sum::<u32>()) / counts.len() as f64;
        let squares = counts
            .iter()
            .map(|&c| (f64::from(c) - expected).powi(2) / expected);
        squares.sum()
    }

    #[test]
    fn numbers_are_uniform() {
        let mut stream = ChaCha8Rng::seed_from_u64(1);
        for n in [1, 2, 3, 7, 10] {
            let mut counts = vec![0; n];
            for _ in 0..20_000 {
                counts[below(&mut stream, n)] += 1;
            }
            // With at most 9 degrees of freedom 33.7 is exceeded once in 10⁴ times.
            assert!(chi_squared(&counts) < 33.7, "{n}: {counts:?}");
        }
    }

    #[test]
    fn words_that_would_be_biased_are_drawn_again() {
        /// Words from a list.
        struct Words(Vec<u64>);
        impl rand_core::TryRng for Words {
            type Error = rand_core::Infallible;
            fn try_next_u32(&mut self) -> Result<u32, Self::Error> {
                self.try_next_u64().map(|word| word as u32)
            }
            fn try_next_u64(&mut self) -> Result<u64, Self::Error> {
                Ok(self.0.remove(0))
            }
            fn try_fill_bytes(&mut self, _: &mut [u8]) -> Result<(), Self::Error> {
                Ok(())
            }
        }
        // 2⁶⁴ = 3k + 1: the word 0 is the one too many.
        assert_eq!(below(&mut Words(vec![0, u64::MAX]), 3), 2);
        assert_eq!(below(&mut Words(vec![0]), 4), 0);
    }

    #[test]
    fn every_order_is_equally_likely() {
        let mut stream = ChaCha8Rng::seed_from_u64(2);
        let mut counts = vec![0; 24];
        for _ in 0..24_000 {
            let mut items = [0, 1, 2, 3];
            shuffle(&mut stream, &mut items);
            let rank = |i: usize| items[i + 1..].iter().filter(|x| **x < items[i]).count();
            counts[6 * rank(0) + 2 * rank(1) + rank(2)] += 1;
        }
        // With 23 degrees of freedom 58.6 is exceeded less than once in 10⁴ times.
        assert!(chi_squared(&counts) < 58.6, "{counts:?}");
    }
}
