//! Equicorrelated Gaussian columns with a few coefficients of 1: the simulation of the Hessian screening rule's timings.
//!
//! Columns as in [`equicorrelated`](super::equicorrelated); density · p coefficients, evenly spread over the columns, are 1 and the others 0.
//! Source: Larsson & Wallin (2022), The Hessian Screening Rule, NeurIPS 35, § 4.1 (5 of 100 coefficients at snr = 1, 20 of 40 000 at snr = 2).

use super::equicorrelated::{columns, response};
use super::{Dataset, Kind, Matrix, Source, Spec, draw};

/// The registry entry.
pub struct EquicorrelatedSparse;

impl Source for EquicorrelatedSparse {
    fn id(&self) -> &'static str {
        "equicorrelated-sparse"
    }
    fn summary(&self) -> &'static str {
        "Gaussian columns with one common correlation, a few evenly spread coefficients of 1"
    }
    fn origin(&self) -> &'static str {
        "Larsson & Wallin (2022), NeurIPS 35, section 4.1"
    }
    fn kind(&self) -> Kind {
        Kind::Generated
    }
    fn parameters(&self) -> &'static str {
        "n=400, p=4000, rho=0.4, snr=2, density=0.005"
    }

    fn load(&self, spec: &Spec) -> anyhow::Result<Dataset> {
        let (n, p) = spec.shape(400, 4000)?;
        let (rho, snr) = (spec.rho_or(0.4)?, spec.snr_or(2.0)?);
        let beta = beta(p, spec.density_or(0.005)?);
        let mut rng = draw::stream(spec);
        let x = columns(spec, &mut rng, (n, p), rho)?;
        let y = response(&mut rng, &x, &beta, rho, snr);
        Ok(Dataset::drawn(spec, Matrix::Dense(x), y))
    }
}

/// p coefficients, of which that share, but at least one, are 1.
fn beta(p: usize, density: f64) -> Vec<f64> {
    let ones = ((density * p as f64).round() as usize).clamp(1, p);
    let mut beta = vec![0.0; p];
    for k in 0..ones {
        beta[k * p / ones] = 1.0;
    }
    beta
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::draw::laws;

    #[test]
    fn is_reproducible() {
        laws::reproducible(&Spec {
            n: Some(20),
            p: Some(7),
            ..Spec::new("equicorrelated-sparse")
        });
    }

    #[test]
    fn coefficients_are_as_many_and_as_far_apart_as_asked() {
        let beta = beta(100, 0.05);
        let ones: Vec<usize> = (0..100).filter(|&j| beta[j] == 1.0).collect();
        assert_eq!(ones, [0, 20, 40, 60, 80]);
        assert_eq!(beta.iter().sum::<f64>(), 5.0);
        assert_eq!(super::beta(3, 1e-9), [1.0, 0.0, 0.0]);
    }
}
