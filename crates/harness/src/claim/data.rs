//! The embedded data that claims are tried on.

use crate::dataset::{Matrix, Spec, load};
use anyhow::{Context, bail};
use faer::Mat;

/// A dense table.
pub struct Table {
    /// Features, n × p, on their original scale.
    pub x: Mat<f64>,
    /// Response, length n.
    pub y: Vec<f64>,
    /// Names of the features, length p.
    pub features: Vec<String>,
}

/// The dataset of that name. Errors: there is none, or it is sparse.
pub fn table(id: &str) -> anyhow::Result<Table> {
    let data = load(&Spec::new(id)).with_context(|| format!("dataset {id}"))?;
    let Matrix::Dense(x) = data.x else {
        bail!("dataset {id} is sparse");
    };
    Ok(Table {
        x,
        y: data.y,
        features: data.features,
    })
}
