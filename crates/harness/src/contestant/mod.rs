//! Contestants: solvers behind the only type erasure of the suite, one virtual call per path.
//!
//! [`CONTESTANTS`] lists those that run in this process, the suite's own and other Rust packages; a new one is one file here
//! and one line there. Packages in other languages are [`peer`]s: one adapter file and one line in their list.

mod auto;
mod chambolle_pock;
mod coordinate_descent;
mod cyclic_descent;
mod frisch_newton;
mod homotopy;
mod linfa_elasticnet;
mod one_pass;
pub mod peer;
mod proximal_gradient;
mod proximal_newton;
mod ridge_closed_form;
mod simplex;
mod sparseglm;

use regpath_solvers::design::Csc;
use regpath_solvers::loss::LossKind;
use regpath_solvers::solver::{FrischNewton, Homotopy};

use crate::loss::label;
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
    &cyclic_descent::NAIVE,
    &cyclic_descent::COVARIANCE,
    &ridge_closed_form::RidgeClosedFormPath,
    &proximal_gradient::FISTA_RESTART,
    &proximal_gradient::FISTA,
    &proximal_gradient::ISTA,
    &proximal_newton::ProximalNewtonPath,
    &simplex::SimplexPath,
    &frisch_newton::FrischNewtonPath,
    &chambolle_pock::ChambollePockPath,
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

    /// Err with the reason if it does not minimise this loss.
    fn takes(&self, loss: LossKind) -> Result<(), String> {
        only(loss == LossKind::Squared, "squared loss", loss)
    }

    /// Whether it knows bounds of coefficients and columns without penalty, for squared loss.
    fn restricts(&self) -> bool {
        false
    }

    /// Whether it knows bounds of coefficients, for other losses; all that take one know columns without penalty.
    fn bounds(&self) -> bool {
        true
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

/// Err with the reason unless it is `so`.
fn only(so: bool, taken: &str, loss: LossKind) -> Result<(), String> {
    match so {
        true => Ok(()),
        false => Err(format!("it is for {taken}, not for {}", label(loss))),
    }
}

/// Err with the reason if the contestant cannot work on this data with this α.
pub fn fits(contestant: &dyn Contestant, data: &Prepared, alpha: f64) -> Result<(), String> {
    contestant.takes(data.loss)?;
    contestant.supports(alpha, data.nrows(), data.ncols())?;
    let squared = data.loss == LossKind::Squared;
    if squared && data.bounded.is_some() && !contestant.restricts() {
        return Err(
            "it knows neither bounds nor unpenalised columns; use coordinate-descent or auto"
                .into(),
        );
    }
    if !squared && data.has_bounds() && !contestant.bounds() {
        return Err("it knows no bounds of coefficients; use auto".into());
    }
    Ok(())
}

/// What `auto` stands for on this data, for so many λ.
pub fn chosen(alpha: f64, data: &Prepared, lambdas: usize) -> &'static dyn Contestant {
    if data.loss != LossKind::Squared {
        let shape = (data.nrows(), data.ncols());
        return choose_by_loss(data.loss, alpha, data.has_bounds(), shape, lambdas);
    }
    if data.bounded.is_some() {
        return &coordinate_descent::DEFAULT;
    }
    choose(alpha, data.nrows(), data.ncols(), data.density())
}

/// Newton steps for a smooth loss; for one with kinks the walk from vertex to vertex if there is nothing but an L1 penalty, an
/// interior point if there is a ridge part or only a few λ of much data are wanted, and splitting where coefficients have bounds.
fn choose_by_loss(
    loss: LossKind,
    alpha: f64,
    bounds: bool,
    shape: (usize, usize),
    lambdas: usize,
) -> &'static dyn Contestant {
    if !loss.is_kinked() {
        &proximal_newton::ProximalNewtonPath
    } else if bounds {
        &chambolle_pock::ChambollePockPath
    } else if alpha < 1.0 || FrischNewton::pays(shape, lambdas) {
        &frisch_newton::FrischNewtonPath
    } else {
        &simplex::SimplexPath
    }
}

/// The sweep for data of a loss that is not squared: solvers measure gaps in units of the loss at 0, tolerances are in units of the
/// null model's.
fn in_own_units<'a>(data: &Prepared, sweep: &Sweep<'a>) -> Sweep<'a> {
    Sweep {
        tol: sweep.tol * data.null_loss / data.zero_loss,
        ..*sweep
    }
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
    fn auto_takes_a_solver_that_takes_the_loss() {
        let quantile = LossKind::quantile(0.3).expect("in (0, 1)");
        let huber = LossKind::huber(1.0).expect("positive");
        for loss in [LossKind::Absolute, quantile, huber, LossKind::Logistic] {
            for (alpha, bounds) in [
                (1.0, false),
                (0.5, false),
                (0.0, false),
                (1.0, true),
                (0.5, true),
            ] {
                for (shape, lambdas) in [((10, 10), 100), ((1_000_000, 100), 1)] {
                    let solver = choose_by_loss(loss, alpha, bounds, shape, lambdas);
                    assert_eq!(solver.takes(loss), Ok(()));
                    assert_eq!(solver.supports(alpha, 1000, 10), Ok(()));
                    assert!(solver.bounds() || !bounds);
                }
            }
        }
        let own = CONTESTANTS.iter().filter(|c| c.id() != "auto");
        for contestant in own.filter(|c| c.takes(LossKind::Squared).is_ok()) {
            let kinked = contestant.takes(LossKind::Absolute);
            assert!(kinked.is_err_and(|why| why.contains("not for absolute")));
        }
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
