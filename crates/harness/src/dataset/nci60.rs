//! NCI60: expression of 6830 genes in 64 cancer cell lines, of which one gene is explained by the others.
//!
//! The response is the gene with the largest variance. Source: Ross et al. (2000), Nature Genetics 24, 227–235; the matrix is
//! that of the Python package ISLP, which `cargo xtask peers install nci60` fetches.

use faer::Mat;

use super::read::{InputError, npy_matrix};
use super::{Dataset, Kind, Matrix, Source, Spec};
use crate::contestant::peer::environment::data_folder;

/// Name of the file inside the package.
const FILE: &str = "NCI60data.npy";

/// The registry entry.
pub struct Nci60;

impl Source for Nci60 {
    fn id(&self) -> &'static str {
        "nci60"
    }
    fn summary(&self) -> &'static str {
        "gene expression of 64 cancer cell lines: the gene of largest variance on the 6829 others"
    }
    fn origin(&self) -> &'static str {
        "Ross et al. (2000), from the Python package ISLP (BSD); `cargo xtask peers install nci60`"
    }
    fn kind(&self) -> Kind {
        Kind::Installed
    }
    fn parameters(&self) -> &'static str {
        ""
    }
    fn load(&self, spec: &Spec) -> anyhow::Result<Dataset> {
        let file = data_folder(self.id()).join(FILE);
        if !file.is_file() {
            return Err(InputError(
                "dataset nci60 is not installed; `cargo xtask peers install nci60` fetches it"
                    .into(),
            )
            .into());
        }
        let genes = npy_matrix(&file)?;
        let (n, p) = (genes.nrows(), genes.ncols());
        let variance = |j: usize| {
            let column = genes.col_as_slice(j);
            let mean = column.iter().sum::<f64>() / n as f64;
            column.iter().map(|v| (v - mean).powi(2)).sum::<f64>()
        };
        let Some(response) = (0..p).max_by(|&a, &b| variance(a).total_cmp(&variance(b))) else {
            return Err(InputError(format!("{} has no columns", file.display())).into());
        };
        let others: Vec<usize> = (0..p).filter(|&j| j != response).collect();
        let x = Mat::from_fn(n, others.len(), |i, j| genes[(i, others[j])]);
        let y = genes.col_as_slice(response).to_vec();
        let features = others.iter().map(|j| format!("gene{j}")).collect();
        Ok(Dataset {
            response: format!("gene{response}"),
            ..Dataset::new(spec.to_string(), Matrix::Dense(x), y, features)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::load;

    #[test]
    fn is_64_by_6829_or_says_how_to_get_it() {
        match load(&Spec::new("nci60")) {
            Ok(data) => assert_eq!(
                (data.x.nrows(), data.x.ncols(), data.y.len()),
                (64, 6829, 64)
            ),
            Err(error) => assert!(error.to_string().contains("peers install"), "{error}"),
        }
    }
}
