//! Two hidden factors with three noisy copies each, of which some are negated: how Zou & Hastie (2005) illustrate the grouping effect.

use faer::Mat;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};

/// Rows.
pub const ROWS: usize = 100;
/// Largest value of a factor, which is uniform from 0.
const LARGEST: f64 = 20.0;
/// Weight of the second factor in the response; that of the first is 1.
const SECOND: f64 = 0.1;
/// Deviation of what is added to a copy of a factor, whose variance is 1/16.
const COPY_NOISE: f64 = 0.25;
/// Signs of the six copies.
pub const SIGNS: [f64; 6] = [1.0, -1.0, 1.0, 1.0, -1.0, 1.0];

/// Columns of mean 0 and variance 1, and a response of mean 0.
pub struct Factors {
    /// Six copies of the factors, ROWS × 6.
    pub x: Mat<f64>,
    /// Response.
    pub y: Vec<f64>,
}

impl Factors {
    /// Draws factors, copies and response.
    pub fn draw(rng: &mut ChaCha8Rng) -> Self {
        let normal = |rng: &mut ChaCha8Rng| -> f64 { StandardNormal.sample(rng) };
        let factors: Vec<[f64; 2]> = (0..ROWS)
            .map(|_| [0, 1].map(|_| LARGEST * rng.random::<f64>()))
            .collect();
        let mut y: Vec<f64> = (factors.iter())
            .map(|z| z[0] + SECOND * z[1] + normal(rng))
            .collect();
        let mut x = Mat::from_fn(ROWS, SIGNS.len(), |i, j| {
            SIGNS[j] * factors[i][j / 3] + COPY_NOISE * normal(rng)
        });
        let n = ROWS as f64;
        let mean = y.iter().sum::<f64>() / n;
        y.iter_mut().for_each(|y| *y -= mean);
        for j in 0..SIGNS.len() {
            let mean = (0..ROWS).map(|i| x[(i, j)]).sum::<f64>() / n;
            let squares: f64 = (0..ROWS).map(|i| (x[(i, j)] - mean).powi(2)).sum();
            let deviation = (squares / n).sqrt();
            (0..ROWS).for_each(|i| x[(i, j)] = (x[(i, j)] - mean) / deviation);
        }
        Self { x, y }
    }
}

/// ‖β‖₁.
pub fn size(beta: &[f64]) -> f64 {
    beta.iter().map(|b| b.abs()).sum()
}

/// (largest − smallest)/mean of the absolute values; NaN where all are 0.
pub fn spread(group: &[f64]) -> f64 {
    let sizes = || group.iter().map(|b| b.abs());
    let (most, least) = (
        sizes().fold(0.0, f64::max),
        sizes().fold(f64::INFINITY, f64::min),
    );
    (most - least) / (size(group) / group.len() as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spread_is_relative_and_of_absolute_values() {
        assert_eq!(spread(&[1.0, -1.0, 1.0]), 0.0);
        assert_eq!(spread(&[0.0, -3.0, 0.0]), 3.0);
        assert!((spread(&[1.0, -2.0, 3.0]) - 1.0).abs() < 1e-15);
    }
}
