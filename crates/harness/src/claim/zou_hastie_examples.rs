//! The four examples of Zou & Hastie (2005), section 5, as they describe them, and how validation rows choose among models.

use faer::Mat;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};

/// An example of the paper.
pub struct Example {
    /// Its number in the paper.
    pub number: usize,
    /// What is peculiar to it.
    pub name: &'static str,
    /// Rows for training, and as many for validation.
    pub n: usize,
    /// Deviation of the noise.
    pub sigma: f64,
    /// Medians that Table 2 of the paper gives: lasso, elastic net, ridge, naïve elastic net.
    pub published: [f64; 4],
}

/// The four of them.
pub const EXAMPLES: [Example; 4] = [
    Example {
        number: 1,
        name: "sparse: 3 of 8",
        n: 20,
        sigma: 3.0,
        published: [3.06, 2.51, 4.49, 5.70],
    },
    Example {
        number: 2,
        name: "dense: 8 of 8",
        n: 20,
        sigma: 3.0,
        published: [3.87, 3.16, 2.84, 2.73],
    },
    Example {
        number: 3,
        name: "dense: 20 of 40, correlated",
        n: 100,
        sigma: 15.0,
        published: [65.0, 56.6, 39.5, 41.0],
    },
    Example {
        number: 4,
        name: "grouped: 3 × 5 of 40",
        n: 50,
        sigma: 15.0,
        published: [46.6, 34.5, 64.5, 45.9],
    },
];

/// Rows of data.
pub struct Sample {
    /// Features, n × p.
    pub x: Mat<f64>,
    /// Response, length n.
    pub y: Vec<f64>,
}

impl Example {
    /// β.
    pub fn truth(&self) -> Vec<f64> {
        match self.number {
            1 => vec![3.0, 1.5, 0.0, 0.0, 2.0, 0.0, 0.0, 0.0],
            2 => vec![0.85; 8],
            3 => (0..40).map(|j| [0.0, 2.0][j / 10 % 2]).collect(),
            _ => (0..40).map(|j| if j < 15 { 3.0 } else { 0.0 }).collect(),
        }
    }

    /// The covariance of features j and k.
    fn covariance(&self, j: usize, k: usize) -> f64 {
        match self.number {
            1 | 2 => 0.5f64.powi(j.abs_diff(k) as i32),
            3 => [0.5, 1.0][usize::from(j == k)],
            // Features of a group are its variable with noise of variance 0.01 each.
            _ if j < 15 && j / 5 == k / 5 => 1.0 + [0.0, 0.01][usize::from(j == k)],
            _ => [0.0, 1.0][usize::from(j == k)],
        }
    }

    /// One row of features.
    fn row(&self, rng: &mut ChaCha8Rng) -> Vec<f64> {
        let p = self.truth().len();
        let mut normal = || -> f64 { StandardNormal.sample(rng) };
        match self.number {
            1 | 2 => {
                // An autoregression of coefficient ½ has the correlations 0.5^|j−k|.
                let mut row = vec![normal()];
                for j in 1..p {
                    row.push(0.5 * row[j - 1] + 0.75f64.sqrt() * normal());
                }
                row
            }
            3 => {
                let shared = normal();
                (0..p)
                    .map(|_| 0.5f64.sqrt() * (shared + normal()))
                    .collect()
            }
            _ => {
                let groups = [normal(), normal(), normal()];
                let feature = |j: usize| match groups.get(j / 5) {
                    Some(group) => group + 0.1 * normal(),
                    None => normal(),
                };
                (0..p).map(feature).collect()
            }
        }
    }

    /// n rows of features and their responses.
    pub fn sample(&self, rng: &mut ChaCha8Rng) -> Sample {
        let beta = self.truth();
        let mut x = Mat::zeros(self.n, beta.len());
        let mut y = Vec::with_capacity(self.n);
        for i in 0..self.n {
            let row = self.row(rng);
            let noise: f64 = StandardNormal.sample(rng);
            let mean: f64 = row.iter().zip(&beta).map(|(x, b)| x * b).sum();
            y.push(mean + self.sigma * noise);
            for (j, value) in row.into_iter().enumerate() {
                x[(i, j)] = value;
            }
        }
        Sample { x, y }
    }

    /// (b − β)ᵀV(b − β).
    pub fn model_error(&self, b: &[f64]) -> f64 {
        let off: Vec<f64> = b.iter().zip(self.truth()).map(|(b, t)| b - t).collect();
        let across = |j: usize| -> f64 {
            let products = off
                .iter()
                .enumerate()
                .map(|(k, d)| self.covariance(j, k) * d);
            products.sum()
        };
        off.iter().enumerate().map(|(j, d)| d * across(j)).sum()
    }
}

/// The best model so far, by its error on the validation rows.
pub struct Choice {
    /// Sum of squared errors of the validation rows.
    pub error: f64,
    /// Its coefficients.
    pub coefficients: Vec<f64>,
}

impl Choice {
    /// None yet.
    pub fn none() -> Self {
        Self {
            error: f64::INFINITY,
            coefficients: Vec::new(),
        }
    }

    /// Takes a model if it predicts the validation rows better.
    pub fn consider(&mut self, intercept: f64, coefficients: Vec<f64>, validation: &Sample) {
        let mut off: Vec<f64> = validation.y.iter().map(|y| y - intercept).collect();
        for (j, b) in coefficients.iter().enumerate().filter(|(_, b)| **b != 0.0) {
            let column = validation.x.col_as_slice(j);
            off.iter_mut().zip(column).for_each(|(r, x)| *r -= b * x);
        }
        let error = off.iter().map(|r| r * r).sum::<f64>();
        if error < self.error {
            *self = Self {
                error,
                coefficients,
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;

    #[test]
    fn features_have_the_covariance_that_the_model_error_uses() {
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        for example in &EXAMPLES {
            let p = example.truth().len();
            let rows: Vec<Vec<f64>> = (0..20_000).map(|_| example.row(&mut rng)).collect();
            for (j, k) in [(0, 0), (0, 1), (1, 4), (2, 7), (p - 1, p - 1), (0, p - 1)] {
                let products = rows.iter().map(|row| row[j] * row[k]).sum::<f64>();
                let off = products / rows.len() as f64 - example.covariance(j, k);
                // Five standard errors of a mean of products of variance at most 2.
                assert!(
                    off.abs() < 0.05,
                    "example {}: {j}, {k}: {off}",
                    example.number
                );
            }
        }
    }

    #[test]
    fn model_error_of_nothing_is_the_variance_of_the_signal() {
        // βᵀVβ with β = 2 on two blocks of ten, correlation ½: 4 (20 + 380/2).
        assert_eq!(EXAMPLES[2].model_error(&[0.0; 40]), 840.0);
        assert_eq!(EXAMPLES[2].model_error(&EXAMPLES[2].truth()), 0.0);
    }
}
