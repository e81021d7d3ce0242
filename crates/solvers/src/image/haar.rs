//! The orthonormal Haar wavelets of an image, in several stages. Haar (1910), Math. Annalen 69; Mallat (1989), IEEE Trans. Pattern
//! Anal. Mach. Intell. 11.

use super::operator::{Operator, Patch};
use crate::error::SolveError;

/// The map W from wavelet coefficients to pixels, an orthogonal matrix: Wᵀ = W⁻¹ takes an image apart.
///
/// Coefficients lie as an image does: the coarse picture of each stage in the upper left quarter of what the stage took apart, beside it
/// what changes along rows, below it what changes down columns, and diagonally what changes along both.
#[derive(Clone, Debug, PartialEq)]
pub struct Haar {
    height: usize,
    width: usize,
    stages: u32,
}

impl Haar {
    /// Wavelets of `height` × `width` pixels. Errors: [`SolveError::Image`] unless both are positive multiples of 2 to the power of
    /// `stages`.
    pub fn new(height: usize, width: usize, stages: u32) -> Result<Self, SolveError> {
        let block = 1usize.checked_shl(stages).unwrap_or(0);
        let whole = |side: usize| side > 0 && block > 0 && side.is_multiple_of(block);
        let pixels = height.checked_mul(width);
        if !(whole(height) && whole(width) && pixels.is_some()) {
            return Err(SolveError::Image(format!(
                "an image of {height} x {width} pixels has no Haar wavelets of {stages} stages: both sides must be multiples of 2^{stages}"
            )));
        }
        Ok(Self {
            height,
            width,
            stages,
        })
    }

    /// The two rows of pixels and the two rows of coefficients that belong together at a stage which makes `half` rows of coarse
    /// pixels, for each of these.
    fn rows(&self, half: usize) -> impl Iterator<Item = [usize; 4]> {
        let starts = move |i: usize| [2 * i, 2 * i + 1, i, half + i];
        let width = self.width;
        (0..half).map(move |i| starts(i).map(|row| row * width))
    }
}

/// Sums and differences of neighbours in both directions, halved: an orthogonal 4 × 4 matrix that is its own inverse.
fn butterfly([a, b, c, d]: [f64; 4]) -> [f64; 4] {
    let (up, down, left, right) = (a + b, c + d, a - b, c - d);
    [
        0.5 * (up + down),
        0.5 * (left + right),
        0.5 * (up - down),
        0.5 * (left - right),
    ]
}

impl Operator for Haar {
    fn shape(&self) -> (usize, usize) {
        (self.height, self.width)
    }

    fn apply(&self, v: &[f64], out: &mut [f64]) {
        out.copy_from_slice(v);
        let mut coarse = vec![0.0; v.len()];
        for stage in (1..=self.stages).rev() {
            let half = self.width >> stage;
            coarse.copy_from_slice(out);
            for [first, second, sums, differences] in self.rows(self.height >> stage) {
                let (upper, lower) = out[first..second + 2 * half].split_at_mut(self.width);
                let (upper, lower) = (upper.chunks_exact_mut(2), lower.chunks_exact_mut(2));
                let (sums, differences) = (&coarse[sums..], &coarse[differences..]);
                for (j, (upper, lower)) in upper.zip(lower).take(half).enumerate() {
                    let four = [
                        sums[j],
                        sums[half + j],
                        differences[j],
                        differences[half + j],
                    ];
                    [upper[0], upper[1], lower[0], lower[1]] = butterfly(four);
                }
            }
        }
    }

    fn apply_transposed(&self, v: &[f64], out: &mut [f64]) {
        out.copy_from_slice(v);
        let mut fine = vec![0.0; v.len()];
        for stage in 1..=self.stages {
            let half = self.width >> stage;
            fine.copy_from_slice(out);
            for [first, second, sums, differences] in self.rows(self.height >> stage) {
                let upper = fine[first..first + 2 * half].chunks_exact(2);
                let lower = fine[second..second + 2 * half].chunks_exact(2);
                let (above, below) = out.split_at_mut(differences);
                let (coarse, along) = above[sums..sums + 2 * half].split_at_mut(half);
                let (down, both) = below[..2 * half].split_at_mut(half);
                for (j, (upper, lower)) in upper.zip(lower).enumerate() {
                    [coarse[j], along[j], down[j], both[j]] =
                        butterfly([upper[0], upper[1], lower[0], lower[1]]);
                }
            }
        }
    }

    fn column(&self, j: usize) -> Patch {
        let (row, column) = (j / self.width, j % self.width);
        // The stage whose coefficient it is: details lie outside the coarse quarter.
        let detail = (1..=self.stages)
            .find(|&stage| row >= self.height >> stage || column >= self.width >> stage);
        let stage = detail.unwrap_or(self.stages);
        let (side, height, width) = (1 << stage, self.height >> stage, self.width >> stage);
        // A detail changes its sign in the middle of its square.
        let sign = |turns: bool, k: usize| if turns && k >= side / 2 { -1.0 } else { 1.0 };
        let (down, along) = (row >= height, column >= width);
        let size = 1.0 / side as f64;
        let places = (0..side).flat_map(|i| (0..side).map(move |k| (i, k)));
        Patch {
            top: side * (row - if down { height } else { 0 }),
            left: side * (column - if along { width } else { 0 }),
            width: side,
            values: places
                .map(|(i, k)| size * sign(down, i) * sign(along, k))
                .collect(),
        }
    }

    /// 1: the map is orthogonal.
    fn sq_spectral_norm(&self) -> f64 {
        1.0
    }

    fn cost(&self) -> usize {
        // Each stage has a quarter of the pixels of the one before, and eight sums for every four.
        (1..=self.stages).fold(0, |sum, stage| {
            sum + 8 * (self.height >> stage) * (self.width >> stage)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::operator::tests::{is_one_design, normals};
    use super::*;

    #[test]
    fn it_is_a_design_of_columns() {
        for (height, width, stages) in [(16, 8, 3), (8, 24, 2), (3, 5, 0)] {
            is_one_design(Haar::new(height, width, stages).expect("even sides"));
        }
    }

    #[test]
    fn it_is_orthonormal() {
        let haar = Haar::new(64, 32, 4).expect("even sides");
        let v = normals(4, 64 * 32);
        let (mut there, mut back) = (v.clone(), v.clone());
        haar.apply_transposed(&v, &mut there);
        haar.apply(&there, &mut back);
        assert!(v.iter().zip(&back).all(|(a, b)| (a - b).abs() < 1e-13));
        haar.apply(&v, &mut there);
        haar.apply_transposed(&there, &mut back);
        assert!(v.iter().zip(&back).all(|(a, b)| (a - b).abs() < 1e-13));
        let square = |v: &[f64]| v.iter().map(|v| v * v).sum::<f64>();
        assert!((square(&there) / square(&v) - 1.0).abs() < 1e-13);
    }

    #[test]
    fn a_constant_is_coarse_and_an_edge_is_a_detail() {
        let haar = Haar::new(8, 8, 3).expect("even sides");
        let mut found = vec![0.0; 64];
        haar.apply_transposed(&[0.25; 64], &mut found);
        assert_eq!(found[0], 2.0);
        assert!(found[1..].iter().all(|v| *v == 0.0));
        let edge: Vec<f64> = (0..64)
            .map(|k| if k % 8 < 4 { 1.0 } else { -1.0 })
            .collect();
        haar.apply_transposed(&edge, &mut found);
        let expected = |k: usize| if k == 1 { 8.0 } else { 0.0 };
        assert!(found.iter().enumerate().all(|(k, v)| *v == expected(k)));
    }

    #[test]
    fn odd_sides_are_refused() {
        for (height, width, stages) in [(12, 16, 3), (0, 8, 1), (8, 8, 64), (8, 10, 2)] {
            assert!(Haar::new(height, width, stages).is_err());
        }
    }
}
