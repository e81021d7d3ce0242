//! Longley: six economic series of the United States that are nearly collinear, against employment, 1947 to 1962.
//!
//! Source: Longley (1967), JASA 62, 819–841; see `data/README.md`.

use super::read::{self, TableOptions};
use super::{Dataset, Kind, Source, Spec};

const TABLE: &str = include_str!("../../data/longley.csv");

/// The registry entry.
pub struct Longley;

impl Source for Longley {
    fn id(&self) -> &'static str {
        "longley"
    }
    fn summary(&self) -> &'static str {
        "employment on six nearly collinear economic series, United States, 1947 to 1962"
    }
    fn origin(&self) -> &'static str {
        "Longley (1967), from statsmodels 0.15.0 (public domain)"
    }
    fn kind(&self) -> Kind {
        Kind::Embedded
    }
    fn parameters(&self) -> &'static str {
        ""
    }
    fn load(&self, spec: &Spec) -> anyhow::Result<Dataset> {
        let data = read::embedded("longley.csv", TABLE, "TOTEMP", &TableOptions::default())?;
        Ok(Dataset {
            name: spec.to_string(),
            ..data
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::{draw::laws, load};

    /// The certified values of NIST's Statistical Reference Datasets leave residuals without correlation with any feature.
    #[test]
    fn certified_least_squares_leave_orthogonal_residuals() {
        let data = load(&Spec::new("longley")).unwrap();
        let x = laws::dense(&data);
        assert_eq!((x.nrows(), x.ncols()), (16, 6));
        let beta = [
            15.0618722713733,
            -0.0358191792925910,
            -2.02022980381683,
            -1.03322686717359,
            -0.0511041056535807,
            1829.15146461355,
        ];
        let residuals: Vec<f64> = (0..16)
            .map(|i| {
                data.y[i] + 3482258.63459582 - (0..6).map(|j| x[(i, j)] * beta[j]).sum::<f64>()
            })
            .collect();
        assert!(residuals.iter().sum::<f64>().abs() < 1e-5);
        let size: f64 = residuals.iter().map(|r| r * r).sum::<f64>().sqrt();
        for j in 0..6 {
            let column = x.col_as_slice(j);
            let product: f64 = column.iter().zip(&residuals).map(|(x, r)| x * r).sum();
            let length = column.iter().map(|x| x * x).sum::<f64>().sqrt();
            assert!(
                product.abs() < 1e-8 * length * size,
                "{}: {product}",
                data.features[j]
            );
        }
    }
}
