//! Gaussian columns whose correlation decays with distance, the simulation of celer and skglm.
//!
//! x_i1 = z_i1, x_ij = ρ x_i,j−1 + √(1−ρ²) z_ij, so that columns j and k have correlation ρ^|j−k|;
//! max(1, ⌊p·density⌋) coefficients at random places are standard normal; y = Xβ + e with ‖Xβ‖ / ‖e‖ = snr.
//! Source: Massias, Gramfort, Salmon (2018), Celer, ICML; Bertrand et al. (2022), skglm, NeurIPS.

use super::{Dataset, Kind, Matrix, Source, Spec, draw};

/// The registry entry.
pub struct Toeplitz;

impl Source for Toeplitz {
    fn id(&self) -> &'static str {
        "toeplitz"
    }
    fn summary(&self) -> &'static str {
        "Gaussian columns with correlation rho^|j-k|, sparse Gaussian coefficients"
    }
    fn origin(&self) -> &'static str {
        "Massias, Gramfort, Salmon (2018), Celer; Bertrand et al. (2022), skglm"
    }
    fn kind(&self) -> Kind {
        Kind::Generated
    }
    fn parameters(&self) -> &'static str {
        "n=200, p=1000, rho=0.6, snr=3, density=0.05"
    }

    fn load(&self, spec: &Spec) -> anyhow::Result<Dataset> {
        let (n, p) = spec.shape(200, 1000)?;
        let (rho, snr, density) = (spec.rho_or(0.6)?, spec.snr_or(3.0)?, spec.density_or(0.05)?);
        let mut rng = draw::stream(spec);
        let innovation = (1.0 - rho * rho).sqrt();
        let mut x = draw::matrix(spec, n, p)?;
        let mut column = draw::normals(&mut rng, n);
        x.col_as_slice_mut(0).copy_from_slice(&column);
        for j in 1..p {
            for v in &mut column {
                *v = rho * *v + innovation * draw::normal(&mut rng);
            }
            x.col_as_slice_mut(j).copy_from_slice(&column);
        }
        let beta = draw::sparse_beta(&mut rng, p, density);
        let y = draw::respond(&mut rng, &draw::fit(&x, &beta), snr);
        Ok(Dataset::drawn(spec, Matrix::Dense(x), y))
    }
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
            ..Spec::new("toeplitz")
        });
    }

    #[test]
    fn correlation_decays_with_distance() {
        let rho = 0.7;
        let spec = Spec {
            n: Some(20_000),
            p: Some(5),
            rho: Some(rho),
            ..Spec::new("toeplitz")
        };
        let data = load(&spec).unwrap();
        for (j, k) in [(0, 1), (3, 4), (1, 3), (0, 4)] {
            let found = laws::correlation(laws::dense(&data), j, k);
            assert!(
                (found - rho.powi((k - j) as i32)).abs() < 0.03,
                "{found} between {j} and {k}"
            );
        }
    }
}
