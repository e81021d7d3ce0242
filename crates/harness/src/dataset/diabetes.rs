//! Diabetes: ten baseline measures against disease progression, 442 patients.
//!
//! Source: Efron, Hastie, Johnstone, Tibshirani (2004), Annals of Statistics 32, 407–499; see `data/README.md`.

use super::read::{self, TableOptions};
use super::{Dataset, Kind, Source, Spec};

const TABLE: &str = include_str!("../../data/diabetes.csv");

/// The registry entry.
pub struct Diabetes;

impl Source for Diabetes {
    fn id(&self) -> &'static str {
        "diabetes"
    }
    fn summary(&self) -> &'static str {
        "diabetes progression, 442 patients, 10 centred unit-norm features"
    }
    fn origin(&self) -> &'static str {
        "Efron et al. (2004), from linfa-datasets 0.8.1 (MIT or Apache-2.0)"
    }
    fn kind(&self) -> Kind {
        Kind::Embedded
    }
    fn parameters(&self) -> &'static str {
        ""
    }
    fn load(&self, spec: &Spec) -> anyhow::Result<Dataset> {
        let data = read::embedded("diabetes.csv", TABLE, "y", &TableOptions::default())?;
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

    #[test]
    fn features_are_centred_with_unit_norm() {
        let data = load(&Spec::new("diabetes")).unwrap();
        assert_eq!((data.x.nrows(), data.x.ncols()), (442, 10));
        for j in 0..10 {
            let column = laws::dense(&data).col_as_slice(j);
            assert!(column.iter().sum::<f64>().abs() < 1e-10);
            assert!((column.iter().map(|v| v * v).sum::<f64>() - 1.0).abs() < 1e-10);
        }
    }

    #[test]
    fn the_mean_response_is_that_of_the_paper() {
        let data = load(&Spec::new("diabetes")).unwrap();
        assert!((data.y.iter().sum::<f64>() / 442.0 - 152.133).abs() < 1e-3);
    }
}
