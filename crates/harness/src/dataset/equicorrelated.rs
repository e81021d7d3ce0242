//! Equicorrelated Gaussian columns, the simulation of glmnet's timing tables.
//!
//! x_ij = √ρ u_i + √(1−ρ) z_ij, so that any two columns have correlation ρ;
//! β_j = (−1)^j exp(−2(j−1)/20), j = 1 … p; y = Xβ + k e, with u, z, e standard normal.
//! k is such that Var(xᵀβ) / k² = snr, where Var(xᵀβ) = (1−ρ) Σβ_j² + ρ (Σβ_j)² is the population variance.
//! Source: Friedman, Hastie, Tibshirani (2010), J. Stat. Software 33(1), § 5.1 and Table 1 (snr = 3).

use faer::Mat;
use rand_chacha::ChaCha8Rng;

use super::{Dataset, Kind, Matrix, Source, Spec, draw};

/// The registry entry.
pub struct Equicorrelated;

impl Source for Equicorrelated {
    fn id(&self) -> &'static str {
        "equicorrelated"
    }
    fn summary(&self) -> &'static str {
        "Gaussian columns with one common correlation, alternating decaying coefficients"
    }
    fn origin(&self) -> &'static str {
        "Friedman, Hastie, Tibshirani (2010), J. Stat. Software 33(1), Table 1"
    }
    fn kind(&self) -> Kind {
        Kind::Generated
    }
    fn parameters(&self) -> &'static str {
        "n=100, p=1000, rho=0.5, snr=3"
    }

    fn load(&self, spec: &Spec) -> anyhow::Result<Dataset> {
        let (n, p) = spec.shape(100, 1000)?;
        let (rho, snr) = (spec.rho_or(0.5)?, spec.snr_or(3.0)?);
        let mut rng = draw::stream(spec);
        let x = columns(spec, &mut rng, (n, p), rho)?;
        let beta = beta(p);
        let y = response(&mut rng, &x, &beta, rho, snr);
        Ok(Dataset::drawn(spec, Matrix::Dense(x), y))
    }
}

/// n × p standard normal columns, any two of correlation ρ. Errors: too large for the memory.
pub(super) fn columns(
    spec: &Spec,
    rng: &mut ChaCha8Rng,
    (n, p): (usize, usize),
    rho: f64,
) -> anyhow::Result<Mat<f64>> {
    let mut x = draw::matrix(spec, n, p)?;
    let common: Vec<f64> = draw::normals(rng, n)
        .iter()
        .map(|u| rho.sqrt() * u)
        .collect();
    let own = (1.0 - rho).sqrt();
    for j in 0..p {
        for (v, c) in x.col_as_slice_mut(j).iter_mut().zip(&common) {
            *v = c + own * draw::normal(rng);
        }
    }
    Ok(x)
}

/// Xβ plus normal noise of the population variance of xᵀβ over `snr`.
pub(super) fn response(
    rng: &mut ChaCha8Rng,
    x: &Mat<f64>,
    beta: &[f64],
    rho: f64,
    snr: f64,
) -> Vec<f64> {
    let k = (variance(beta, rho) / snr).sqrt();
    let mut y = draw::fit(x, beta);
    for v in &mut y {
        *v += k * draw::normal(rng);
    }
    y
}

/// (−1)^j exp(−2(j−1)/20) for j = 1 … p.
fn beta(p: usize) -> Vec<f64> {
    (0..p)
        .map(|j| if j % 2 == 0 { -1.0 } else { 1.0 } * (-2.0 * j as f64 / 20.0).exp())
        .collect()
}

/// Population variance of xᵀβ.
fn variance(beta: &[f64], rho: f64) -> f64 {
    let sum: f64 = beta.iter().sum();
    (1.0 - rho) * beta.iter().map(|b| b * b).sum::<f64>() + rho * sum * sum
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::{draw::laws, load};

    #[test]
    fn is_reproducible() {
        laws::reproducible(&Spec {
            n: Some(20),
            p: Some(7),
            ..Spec::new("equicorrelated")
        });
    }

    #[test]
    fn columns_are_correlated_as_asked() {
        for rho in [0.0, 0.5, 0.9] {
            let spec = Spec {
                n: Some(20_000),
                p: Some(4),
                rho: Some(rho),
                ..Spec::new("equicorrelated")
            };
            let data = load(&spec).unwrap();
            for (j, k) in [(0, 1), (0, 3), (2, 3)] {
                let found = laws::correlation(laws::dense(&data), j, k);
                assert!((found - rho).abs() < 0.03, "{found} for {rho}");
            }
        }
    }

    #[test]
    fn signal_to_noise_is_as_asked() {
        let spec = Spec {
            n: Some(50_000),
            p: Some(10),
            rho: Some(0.3),
            ..Spec::new("equicorrelated")
        };
        let data = load(&spec).unwrap();
        let fit = draw::fit(laws::dense(&data), &beta(10));
        let noise: Vec<f64> = data.y.iter().zip(&fit).map(|(y, f)| y - f).collect();
        let variance = |v: &[f64]| {
            let mean = v.iter().sum::<f64>() / v.len() as f64;
            v.iter().map(|a| (a - mean).powi(2)).sum::<f64>() / v.len() as f64
        };
        let ratio = variance(&fit) / variance(&noise);
        assert!((ratio - 3.0).abs() < 0.1, "{ratio}");
    }

    #[test]
    fn coefficients_alternate_and_decay() {
        let beta = beta(3);
        assert_eq!(beta[0], -1.0);
        assert!(
            (beta[1] - (-0.1f64).exp()).abs() < 1e-15 && (beta[2] + (-0.2f64).exp()).abs() < 1e-15
        );
    }
}
