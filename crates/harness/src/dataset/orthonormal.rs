//! Orthogonal centred columns, on which the lasso is soft-thresholding and ridge a common shrinkage.
//!
//! X = √n Q, where [n^−½ 1, Q] is the orthogonal factor of the QR factorisation of [1, Z], Z standard normal: XᵀX = n I and
//! Xᵀ1 = 0, so that neither an intercept nor standardisation changes the problem. max(1, ⌊p·density⌋) coefficients are standard
//! normal; y = Xβ + e with ‖Xβ‖ / ‖e‖ = snr. Source: Tibshirani (1996), JRSS B 58, § 2.2; ESL 2nd ed., Table 3.4.

use faer::Mat;

use super::{Dataset, Kind, Matrix, Source, Spec, draw};

/// The registry entry.
pub struct Orthonormal;

impl Source for Orthonormal {
    fn id(&self) -> &'static str {
        "orthonormal"
    }
    fn summary(&self) -> &'static str {
        "centred columns with X'X = n I, where lasso and ridge have closed forms"
    }
    fn origin(&self) -> &'static str {
        "Tibshirani (1996), JRSS B 58, section 2.2"
    }
    fn kind(&self) -> Kind {
        Kind::Generated
    }
    fn parameters(&self) -> &'static str {
        "n=200, p=50, snr=3, density=0.2"
    }

    fn load(&self, spec: &Spec) -> anyhow::Result<Dataset> {
        let (n, p) = spec.shape(200, 50)?;
        let (snr, density) = (spec.snr_or(3.0)?, spec.density_or(0.2)?);
        if p >= n {
            return Err(spec
                .reject(format!(
                    "p={p} centred orthogonal columns do not fit n={n} rows; use p < n"
                ))
                .into());
        }
        let mut rng = draw::stream(spec);
        let mut x = draw::matrix(spec, n, p)?;
        for j in 0..p {
            x.col_as_slice_mut(j)
                .copy_from_slice(&draw::normals(&mut rng, n));
        }
        orthogonalise(&mut x);
        let beta = draw::sparse_beta(&mut rng, p, density);
        let y = draw::respond(&mut rng, &draw::fit(&x, &beta), snr);
        Ok(Dataset::drawn(spec, Matrix::Dense(x), y))
    }
}

/// Gram–Schmidt against 1 and the columns before, each with norm √n.
///
/// The second round removes what rounding left of the first: twice is enough (Giraud et al. 2005, Numer. Math. 101). Written
/// out because the blocked QR of the linear algebra library may order its sums by the number of threads.
fn orthogonalise(x: &mut Mat<f64>) {
    let n = x.nrows() as f64;
    for j in 0..x.ncols() {
        let mut column = x.col_as_slice(j).to_vec();
        for _ in 0..2 {
            let mean = column.iter().sum::<f64>() / n;
            column.iter_mut().for_each(|v| *v -= mean);
            for k in 0..j {
                let before = x.col_as_slice(k);
                let projection = before.iter().zip(&column).map(|(a, b)| a * b).sum::<f64>() / n;
                column
                    .iter_mut()
                    .zip(before)
                    .for_each(|(v, a)| *v -= projection * a);
            }
        }
        let scale = (n / column.iter().map(|v| v * v).sum::<f64>()).sqrt();
        x.col_as_slice_mut(j)
            .iter_mut()
            .zip(&column)
            .for_each(|(v, c)| *v = scale * c);
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
            ..Spec::new("orthonormal")
        });
    }

    #[test]
    fn columns_are_orthonormal_and_centred() {
        for (n, p) in [(200, 50), (60, 59), (2, 1)] {
            let data = load(&Spec {
                n: Some(n),
                p: Some(p),
                ..Spec::new("orthonormal")
            })
            .unwrap();
            let x = laws::dense(&data);
            let dot =
                |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(u, v)| u * v).sum::<f64>() / n as f64;
            for j in 0..p {
                assert!((x.col_as_slice(j).iter().sum::<f64>() / n as f64).abs() < 1e-12);
                for k in 0..=j {
                    let expected = f64::from(u8::from(j == k));
                    assert!((dot(x.col_as_slice(j), x.col_as_slice(k)) - expected).abs() < 1e-12);
                }
            }
        }
    }
}
