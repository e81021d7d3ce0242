//! Contestants: solvers behind the only type erasure of the suite, one virtual call per path.
//!
//! [`CONTESTANTS`] lists those that run in this process, the suite's own and other Rust packages; a new one is one file here
//! and one line there. Packages in other languages are [`peer`]s: one adapter file and one line in their list.

mod auto;
mod coordinate_descent;
mod homotopy;
mod linfa_elasticnet;
mod one_pass;
pub mod peer;
mod proximal_gradient;
mod ridge_closed_form;
mod sparseglm;

use regpath_solvers::design::Csc;
use regpath_solvers::solver::Homotopy;

use crate::prepared::Prepared;
use crate::sweep::{Path, Sweep};

/// Tolerances that the suite's own solvers walk, loosest first: relative gaps.
const GAPS: [f64; 11] = [
    1e-2, 1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8, 1e-9, 1e-10, 1e-11, 1e-12,
];

/// Every contestant that runs in this process, in display order.
pub const CONTESTANTS: &[&dyn Contestant] = &[
    &auto::Auto,
    &homotopy::DEFAULT,
    &homotopy::NO_LOOK_AHEAD,
    &homotopy::NO_SCREENING,
    &homotopy::NO_GRAM,
    &homotopy::NO_LEAPS,
    &coordinate_descent::DEFAULT,
    &coordinate_descent::PLAIN,
    &ridge_closed_form::RidgeClosedFormPath,
    &proximal_gradient::FISTA_RESTART,
    &proximal_gradient::FISTA,
    &proximal_gradient::ISTA,
    &one_pass::OnePass,
    &linfa_elasticnet::LinfaElasticNet,
    &sparseglm::SparseGlm,
];

/// Why a contestant is not run at all: it cannot do this, or it is not there.
#[derive(Debug)]
pub struct Skip(pub String);

impl std::fmt::Display for Skip {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Skip {}

/// A way to compute a path.
pub trait Contestant: Sync {
    /// Name on the command line and in the frames.
    fn id(&self) -> &str;

    /// What it is, in one line.
    fn summary(&self) -> &str;

    /// Version of the package it comes from; empty while a peer has not said it.
    fn version(&self) -> String {
        env!("CARGO_PKG_VERSION").into()
    }

    /// Whether it is another package rather than part of the suite.
    fn is_peer(&self) -> bool {
        false
    }

    /// Its own tolerances from loose to tight, for comparisons at equal accuracy.
    fn tolerances(&self) -> &[f64] {
        &GAPS
    }

    /// Err with the reason if it cannot solve this penalty on data of this shape.
    fn supports(&self, alpha: f64, n: usize, p: usize) -> Result<(), String>;

    /// Whether it knows bounds of coefficients and columns without penalty.
    fn restricts(&self) -> bool {
        false
    }

    /// Effective degrees of freedom at each λ, if the contestant's factorisation gives them; outside the clock.
    fn degrees_of_freedom(
        &self,
        _data: &Prepared,
        _alpha: f64,
        _lambdas: &[f64],
    ) -> Option<Vec<f64>> {
        None
    }

    /// Computes the path for the elastic net with this α. Errors: [`Skip`] if it cannot be attempted, anything else if it
    /// broke down.
    fn run(&self, data: &Prepared, alpha: f64, sweep: &Sweep) -> anyhow::Result<Path>;
}

/// Every contestant, peers included, in display order.
pub fn all() -> Vec<&'static dyn Contestant> {
    let peers = peer::all().into_iter().map(|p| p as &dyn Contestant);
    CONTESTANTS.iter().copied().chain(peers).collect()
}

/// The contestant of that name; Err lists the names.
pub fn find(id: &str) -> Result<&'static dyn Contestant, String> {
    all().into_iter().find(|c| c.id() == id).ok_or_else(|| {
        let known: Vec<&str> = all().iter().map(|c| c.id()).collect();
        format!("no solver is called '{id}'; there are {}", known.join(", "))
    })
}

/// What `auto` stands for on this data.
pub fn chosen(alpha: f64, data: &Prepared) -> &'static dyn Contestant {
    if data.bounded.is_some() {
        return &coordinate_descent::DEFAULT;
    }
    choose(alpha, data.nrows(), data.ncols(), data.density())
}

/// Exact steps for the lasso unless X is sparse, the closed form for ridge where it can factor, coordinate descent
/// otherwise.
fn choose(alpha: f64, n: usize, p: usize, density: f64) -> &'static dyn Contestant {
    let closed_form: &'static dyn Contestant = &ridge_closed_form::RidgeClosedFormPath;
    if alpha == 1.0 && density >= Homotopy::DENSE_ENOUGH {
        &homotopy::DEFAULT
    } else if closed_form.supports(alpha, n, p).is_ok() {
        closed_form
    } else {
        &coordinate_descent::DEFAULT
    }
}

/// (column, coefficient) of what is not exactly 0.
fn nonzeros<'a>(beta: impl Iterator<Item = &'a f64>) -> Vec<(u32, f64)> {
    beta.zip(0u32..)
        .filter(|(b, _)| **b != 0.0)
        .map(|(&b, j)| (j, b))
        .collect()
}

/// Compressed sparse columns with the indices in 32 signed bits, as other packages have them.
struct PlainCsc {
    indptr: Vec<i32>,
    indices: Vec<i32>,
    values: Vec<f64>,
}

/// The columns of `x` divided by `scale`. Errors: more entries than 32 bits count.
fn scaled_csc(x: &Csc, scale: &[f64]) -> anyhow::Result<PlainCsc> {
    let mut plain = PlainCsc {
        indptr: vec![0],
        indices: Vec::with_capacity(x.nnz()),
        values: Vec::with_capacity(x.nnz()),
    };
    for (j, scale) in scale.iter().enumerate() {
        let (rows, values) = x.column(j);
        for &i in rows {
            plain.indices.push(i32::try_from(i)?);
        }
        plain.values.extend(values.iter().map(|v| v / scale));
        plain.indptr.push(i32::try_from(plain.indices.len())?);
    }
    Ok(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_unique_and_found() {
        for (i, contestant) in CONTESTANTS.iter().enumerate() {
            assert!(
                CONTESTANTS[..i]
                    .iter()
                    .all(|other| other.id() != contestant.id())
            );
            assert_eq!(find(contestant.id()).map(|c| c.id()), Ok(contestant.id()));
            assert!(!contestant.summary().is_empty());
        }
        assert!(find("lars").is_err_and(|message| message.contains("fista")));
    }

    #[test]
    fn auto_takes_the_special_solver_where_there_is_one() {
        let id = |alpha, n, p, density| choose(alpha, n, p, density).id();
        assert_eq!(id(0.0, 100, 10, 1.0), "ridge-closed-form");
        assert_eq!(id(1.0, 100, 10, 1.0), "homotopy");
        assert_eq!(id(1.0, 100, 10, 0.01), "coordinate-descent");
        assert_eq!(id(0.5, 100, 10, 1.0), "coordinate-descent");
        assert_eq!(id(0.0, 100_000, 100_000, 1.0), "coordinate-descent");
    }
}
