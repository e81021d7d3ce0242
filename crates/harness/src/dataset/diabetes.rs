//! Diabetes: ten baseline measures against disease progression, 442 patients, and their quadratic model.
//!
//! Source: Efron, Hastie, Johnstone, Tibshirani (2004), Annals of Statistics 32, 407–499; see `data/README.md`.

use faer::Mat;

use super::read::{self, TableOptions};
use super::{Dataset, Kind, Matrix, Source, Spec};

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

/// The quadratic model: 10 measures, 45 products of two, 9 squares (sex has two values, and so none).
pub struct Quadratic;

impl Source for Quadratic {
    fn id(&self) -> &'static str {
        "diabetes-64"
    }
    fn summary(&self) -> &'static str {
        "diabetes with products and squares of the measures, 64 centred unit-norm features"
    }
    fn origin(&self) -> &'static str {
        "Efron et al. (2004), section 3.1: the quadratic model"
    }
    fn kind(&self) -> Kind {
        Kind::Embedded
    }
    fn parameters(&self) -> &'static str {
        ""
    }
    fn load(&self, spec: &Spec) -> anyhow::Result<Dataset> {
        let base = Diabetes.load(&Spec::new("diabetes"))?;
        let Matrix::Dense(measures) = &base.x else {
            anyhow::bail!("the embedded table is dense");
        };
        let (n, p) = (measures.nrows(), measures.ncols());
        let two_valued = |j: usize| {
            let mut values = measures.col_as_slice(j).to_vec();
            values.sort_by(f64::total_cmp);
            values.dedup();
            values.len() <= 2
        };
        let pairs = (0..p).flat_map(|j| (j..p).map(move |k| (j, k)));
        let pairs: Vec<(usize, usize)> = pairs.filter(|&(j, k)| j != k || !two_valued(j)).collect();
        let mut features = base.features.clone();
        features.extend(pairs.iter().map(|&(j, k)| {
            let (a, b) = (&base.features[j], &base.features[k]);
            if j == k {
                format!("{a}^2")
            } else {
                format!("{a}:{b}")
            }
        }));
        let mut x = Mat::zeros(n, features.len());
        for j in 0..p {
            x.col_as_slice_mut(j)
                .copy_from_slice(measures.col_as_slice(j));
        }
        for (column, &(j, k)) in (p..).zip(&pairs) {
            let product = measures
                .col_as_slice(j)
                .iter()
                .zip(measures.col_as_slice(k))
                .map(|(a, b)| a * b);
            let product: Vec<f64> = product.collect();
            let mean = product.iter().sum::<f64>() / n as f64;
            let norm = product
                .iter()
                .map(|v| (v - mean).powi(2))
                .sum::<f64>()
                .sqrt();
            for (out, v) in x.col_as_slice_mut(column).iter_mut().zip(product) {
                *out = (v - mean) / norm;
            }
        }
        Ok(Dataset {
            name: spec.to_string(),
            x: Matrix::Dense(x),
            features,
            ..base
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
    fn the_quadratic_model_has_64_centred_unit_norm_features() {
        let data = load(&Spec::new("diabetes-64")).unwrap();
        assert_eq!((data.x.nrows(), data.x.ncols()), (442, 64));
        for j in 0..64 {
            let column = laws::dense(&data).col_as_slice(j);
            assert!(column.iter().sum::<f64>().abs() < 1e-10);
            assert!((column.iter().map(|v| v * v).sum::<f64>() - 1.0).abs() < 1e-10);
        }
        assert!(
            data.features.iter().any(|f| f == "bmi^2")
                && !data.features.iter().any(|f| f == "sex^2")
        );
    }

    #[test]
    fn the_mean_response_is_that_of_the_paper() {
        let data = load(&Spec::new("diabetes")).unwrap();
        assert!((data.y.iter().sum::<f64>() / 442.0 - 152.133).abs() < 1e-3);
    }
}
