//! Independent Gaussian columns with errors whose tails are heavier than normal ones.
//!
//! x_ij ~ N(0, 1); max(1, ⌊p·density⌋) coefficients at random places are standard normal; y = Xβ + e, e of independent Laplace variables,
//! with ‖Xβ‖ / ‖e‖ = snr. Least absolute deviations are the maximum-likelihood estimate.

use super::{Dataset, Kind, Matrix, Source, Spec, draw};

/// The registry entry.
pub struct Laplace;

impl Source for Laplace {
    fn id(&self) -> &'static str {
        "laplace"
    }
    fn summary(&self) -> &'static str {
        "independent Gaussian columns, sparse coefficients, Laplace errors"
    }
    fn origin(&self) -> &'static str {
        "textbook errors under which the median beats the mean"
    }
    fn kind(&self) -> Kind {
        Kind::Generated
    }
    fn parameters(&self) -> &'static str {
        "n=1000, p=100, snr=3, density=0.1"
    }

    fn load(&self, spec: &Spec) -> anyhow::Result<Dataset> {
        let (n, p) = spec.shape(1000, 100)?;
        let (snr, density) = (spec.snr_or(3.0)?, spec.density_or(0.1)?);
        let mut rng = draw::stream(spec);
        let mut x = draw::matrix(spec, n, p)?;
        for j in 0..p {
            let column = draw::normals(&mut rng, n);
            x.col_as_slice_mut(j).copy_from_slice(&column);
        }
        let beta = draw::sparse_beta(&mut rng, p, density);
        let fit = draw::fit(&x, &beta);
        let errors: Vec<f64> = (0..n).map(|_| draw::laplace(&mut rng)).collect();
        let y = draw::with_errors(&fit, &errors, snr);
        Ok(Dataset::drawn(spec, Matrix::Dense(x), y))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::{draw::laws, load};

    fn spec(n: usize, p: usize) -> Spec {
        Spec {
            n: Some(n),
            p: Some(p),
            ..Spec::new("laplace")
        }
    }

    #[test]
    fn is_reproducible() {
        laws::reproducible(&spec(40, 7));
    }

    /// Of a Laplace variable E|e|/√(E e²) = 1/√2; of a normal one it is √(2/π).
    #[test]
    fn errors_have_the_tails_of_laplace() {
        let data = load(&Spec {
            snr: Some(1e-9),
            ..spec(20_000, 1)
        });
        let y = data.unwrap().y;
        let n = y.len() as f64;
        let (mean, square) = y
            .iter()
            .fold((0.0, 0.0), |(m, s), e| (m + e.abs() / n, s + e * e / n));
        let ratio = mean / square.sqrt();
        assert!((ratio - 0.5f64.sqrt()).abs() < 0.02, "{ratio}");
    }
}
