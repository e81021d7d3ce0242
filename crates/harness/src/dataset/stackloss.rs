//! Stack loss: three conditions of a plant against the ammonia that it loses, 21 days.
//!
//! Source: Brownlee (1965), Statistical Theory and Methodology in Science and Engineering, 2nd ed.; see `data/README.md`.

use super::read::{self, TableOptions};
use super::{Dataset, Kind, Source, Spec};

const TABLE: &str = include_str!("../../data/stackloss.csv");

/// The registry entry.
pub struct Stackloss;

impl Source for Stackloss {
    fn id(&self) -> &'static str {
        "stackloss"
    }
    fn summary(&self) -> &'static str {
        "ammonia lost by a plant, 21 days, 3 features"
    }
    fn origin(&self) -> &'static str {
        "Brownlee (1965), from statsmodels 0.15.0 (public domain)"
    }
    fn kind(&self) -> Kind {
        Kind::Embedded
    }
    fn parameters(&self) -> &'static str {
        ""
    }
    fn load(&self, spec: &Spec) -> anyhow::Result<Dataset> {
        let data = read::embedded(
            "stackloss.csv",
            TABLE,
            "stack.loss",
            &TableOptions::default(),
        )?;
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

    /// Brownlee's least squares: −39.92, 0.7156, 1.2953, −0.1521; the fit leaves no correlation with any feature.
    #[test]
    fn brownlees_least_squares_leave_orthogonal_residuals() {
        let data = load(&Spec::new("stackloss")).unwrap();
        let x = laws::dense(&data);
        assert_eq!((x.nrows(), x.ncols()), (21, 3));
        assert_eq!(data.features, ["Air.Flow", "Water.Temp", "Acid.Conc."]);
        assert_eq!(data.response, "stack.loss");
        let beta = [0.715640200485, 1.29528612439, -0.152122519149];
        let residuals: Vec<f64> = (0..21)
            .map(|i| data.y[i] + 39.9196744201 - (0..3).map(|j| x[(i, j)] * beta[j]).sum::<f64>())
            .collect();
        assert!(residuals.iter().sum::<f64>().abs() < 1e-7);
        for j in 0..3 {
            let product: f64 = (0..21).map(|i| x[(i, j)] * residuals[i]).sum();
            assert!(product.abs() < 1e-6, "{product}");
        }
    }
}
