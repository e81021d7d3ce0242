//! Datasets: embedded, generated and the user's own, behind one registry.
//!
//! [`DATASETS`] lists what `regpath list` shows; a new one is one file here and one line there. The user's files are read
//! by [`read`]. Nothing is standardised here: columns keep the scale they came with.

mod belgian_phones;
mod diabetes;
mod draw;
mod engel;
mod equicorrelated;
mod equicorrelated_sparse;
mod laplace;
mod longley;
pub(crate) mod names;
mod nci60;
mod orthonormal;
mod power_law;
mod prostate;
pub mod read;
mod spec;
mod stackloss;
mod stars_cyg;
mod toeplitz;
mod two_classes;

use regpath_solvers::design::Csc;

use read::InputError;
pub use spec::Spec;

/// Every dataset that has a name, in the order in which they are listed.
pub const DATASETS: &[&dyn Source] = &[
    &prostate::All,
    &prostate::Train,
    &prostate::Test,
    &prostate::Esl,
    &diabetes::Diabetes,
    &diabetes::Quadratic,
    &stackloss::Stackloss,
    &longley::Longley,
    &engel::Engel,
    &belgian_phones::BelgianPhones,
    &stars_cyg::StarsCyg,
    &nci60::Nci60,
    &equicorrelated::Equicorrelated,
    &equicorrelated_sparse::EquicorrelatedSparse,
    &toeplitz::Toeplitz,
    &power_law::PowerLaw,
    &orthonormal::Orthonormal,
    &laplace::Laplace,
    &two_classes::TwoClasses,
];

/// A dataset that can be loaded by name: facts about it, and how to make it.
pub trait Source: Sync {
    /// Name on the command line.
    fn id(&self) -> &'static str;
    /// What it is, in one line.
    fn summary(&self) -> &'static str;
    /// Where it comes from: package and licence, or the paper whose formula it follows.
    fn origin(&self) -> &'static str;
    /// Embedded, installed or generated.
    fn kind(&self) -> Kind;
    /// Accepted parameters with their defaults, as in `n=100, rho=0.5`; empty if there are none.
    fn parameters(&self) -> &'static str;
    /// X and y. Errors: [`InputError`] if a parameter is out of range.
    fn load(&self, spec: &Spec) -> anyhow::Result<Dataset>;
}

/// How a dataset comes into being.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Compiled into the binary.
    Embedded,
    /// Fetched by `cargo xtask peers install`.
    Installed,
    /// Drawn from (seed, stream).
    Generated,
}

/// X as it was read or generated, columns on their original scale.
#[derive(Clone, Debug)]
pub enum Matrix {
    /// Column-major dense.
    Dense(faer::Mat<f64>),
    /// Compressed sparse columns.
    Sparse(Csc),
}

impl Matrix {
    /// n, the number of rows.
    pub fn nrows(&self) -> usize {
        match self {
            Matrix::Dense(x) => x.nrows(),
            Matrix::Sparse(x) => x.nrows(),
        }
    }

    /// p, the number of columns.
    pub fn ncols(&self) -> usize {
        match self {
            Matrix::Dense(x) => x.ncols(),
            Matrix::Sparse(x) => x.ncols(),
        }
    }

    /// Stored entries: n p if dense.
    pub fn nnz(&self) -> usize {
        match self {
            Matrix::Dense(x) => x.nrows() * x.ncols(),
            Matrix::Sparse(x) => x.nnz(),
        }
    }

    /// Stored entries divided by n p; 1 if dense.
    pub fn density(&self) -> f64 {
        match self {
            Matrix::Dense(_) => 1.0,
            Matrix::Sparse(x) => x.nnz() as f64 / (x.nrows() as f64 * x.ncols() as f64),
        }
    }
}

/// A regression problem before any preparation.
#[derive(Clone, Debug)]
pub struct Dataset {
    /// The specification or the file it came from.
    pub name: String,
    /// Features, n × p.
    pub x: Matrix,
    /// Response, length n.
    pub y: Vec<f64>,
    /// Names of the columns of x, length p.
    pub features: Vec<String>,
    /// Name of the response.
    pub response: String,
    /// Centres and scales to standardise with instead of those of x; None normally.
    pub reference: Option<Reference>,
    /// Seed it was drawn with, if it was drawn.
    pub seed: Option<u64>,
    /// Weight of each row, length n, finite and ≥ 0, not all 0; None if all rows count the same.
    pub weights: Option<Vec<f64>>,
    /// Known part of each row's prediction, length n, in the unit of y; None if there is none.
    pub offset: Option<Vec<f64>>,
    /// Fold of each row, length n: 0 to one less than the number of folds, none of them empty; None unless it was read.
    pub folds: Option<Vec<usize>>,
}

impl Dataset {
    /// A problem of which no more is known than x, n × p, y, length n, and the names of the columns of x, length p; the response is y.
    fn new(name: String, x: Matrix, y: Vec<f64>, features: Vec<String>) -> Dataset {
        Dataset {
            name,
            x,
            y,
            features,
            response: "y".into(),
            reference: None,
            seed: None,
            weights: None,
            offset: None,
            folds: None,
        }
    }

    /// x, n × p, and y, length n, as drawn from the seed of the specification.
    fn drawn(spec: &Spec, x: Matrix, y: Vec<f64>) -> Dataset {
        let features = unnamed(x.ncols());
        Dataset {
            seed: Some(spec.seed),
            ..Dataset::new(spec.to_string(), x, y, features)
        }
    }
}

/// Column moments of a larger table of which x holds some rows (ESL scales its training rows by all rows).
#[derive(Clone, Debug, PartialEq)]
pub struct Reference {
    /// Mean of each column, length p.
    pub mean: Vec<f64>,
    /// Population deviation (1/n) of each column, length p.
    pub sd: Vec<f64>,
}

/// The dataset that `spec` describes.
///
/// Errors: [`InputError`] if the name is unknown, or a parameter is unknown to it or out of range.
pub fn load(spec: &Spec) -> anyhow::Result<Dataset> {
    let Some(source) = DATASETS.iter().find(|source| source.id() == spec.id) else {
        let known: Vec<&str> = DATASETS.iter().map(|source| source.id()).collect();
        return Err(InputError(names::unknown("dataset", &spec.id, &known)).into());
    };
    spec.check_names(source.parameters())?;
    source.load(spec)
}

/// Names x0, x1, … for the columns of a matrix that has none.
fn unnamed(p: usize) -> Vec<String> {
    (0..p).map(|j| format!("x{j}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_entry_loads_from_its_name_alone() {
        let there =
            |s: &&&dyn Source| s.kind() != Kind::Installed || load(&Spec::new(s.id())).is_ok();
        for source in DATASETS.iter().filter(there) {
            let data = load(&Spec::new(source.id())).unwrap();
            assert_eq!(data.name, source.id());
            assert_eq!(data.x.nrows(), data.y.len());
            assert_eq!(data.x.ncols(), data.features.len());
            assert!(data.y.iter().all(|v| v.is_finite()));
            assert_eq!(data.seed.is_some(), source.kind() == Kind::Generated);
            assert!(!source.summary().is_empty() && !source.origin().is_empty());
            for (name, size) in [("n=", data.x.nrows()), ("p=", data.x.ncols())] {
                if let Some(shown) = source
                    .parameters()
                    .split(", ")
                    .find_map(|s| s.strip_prefix(name))
                {
                    assert_eq!(
                        shown,
                        size.to_string(),
                        "{} documents another {name}",
                        source.id()
                    );
                }
            }
        }
    }

    #[test]
    fn names_are_unique() {
        let mut ids: Vec<_> = DATASETS.iter().map(|source| source.id()).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), DATASETS.len());
    }

    #[test]
    fn an_unknown_name_is_the_users_error_and_lists_the_known() {
        let error = load(&Spec::new("prostat")).unwrap_err();
        let message = &error.downcast_ref::<InputError>().unwrap().0;
        assert!(
            message.contains("did you mean \"prostate\"") && message.contains("toeplitz"),
            "{message}"
        );
    }

    #[test]
    fn an_unknown_or_impossible_parameter_is_the_users_error() {
        let rejected = [
            Spec {
                n: Some(10),
                ..Spec::new("prostate")
            },
            Spec {
                nnz: Some(10),
                ..Spec::new("toeplitz")
            },
            Spec {
                n: Some(1),
                ..Spec::new("toeplitz")
            },
            Spec {
                p: Some(0),
                ..Spec::new("toeplitz")
            },
            Spec {
                p: Some(usize::MAX),
                ..Spec::new("toeplitz")
            },
            Spec {
                n: Some(4_000_000_000),
                p: Some(4_000_000_000),
                ..Spec::new("equicorrelated")
            },
            Spec {
                rho: Some(1.0),
                ..Spec::new("toeplitz")
            },
            Spec {
                rho: Some(f64::NAN),
                ..Spec::new("equicorrelated")
            },
            Spec {
                snr: Some(0.0),
                ..Spec::new("toeplitz")
            },
            Spec {
                density: Some(1.5),
                ..Spec::new("toeplitz")
            },
            Spec {
                nnz: Some(usize::MAX),
                ..Spec::new("power-law")
            },
            Spec {
                n: Some(10),
                p: Some(10),
                ..Spec::new("orthonormal")
            },
        ];
        for spec in rejected {
            let error = load(&spec).unwrap_err();
            assert!(
                error.downcast_ref::<InputError>().is_some(),
                "{spec}: {error}"
            );
        }
    }
}
