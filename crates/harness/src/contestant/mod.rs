//! Contestants: solvers behind the only type erasure of the suite, one virtual call per path.
//!
//! [`CONTESTANTS`] lists them; a new one is one file here and one line there.

mod coordinate_descent;
mod proximal_gradient;
mod ridge_closed_form;

use regpath_solvers::SolveError;

use crate::prepared::Prepared;
use crate::sweep::{Path, Sweep};

/// Every contestant, in display order.
pub const CONTESTANTS: &[&dyn Contestant] = &[
    &coordinate_descent::DEFAULT,
    &coordinate_descent::PLAIN,
    &ridge_closed_form::RidgeClosedFormPath,
    &proximal_gradient::FISTA_RESTART,
    &proximal_gradient::FISTA,
    &proximal_gradient::ISTA,
];

/// A way to compute a path.
pub trait Contestant: Sync {
    /// Name on the command line and in the frames.
    fn id(&self) -> &'static str;

    /// What it is, in one line.
    fn summary(&self) -> &'static str;

    /// Version of the package it comes from.
    fn version(&self) -> &'static str {
        env!("CARGO_PKG_VERSION")
    }

    /// Err with the reason if it cannot solve this penalty on data of this shape.
    fn supports(&self, alpha: f64, n: usize, p: usize) -> Result<(), String>;

    /// Effective degrees of freedom at each λ, if the contestant's factorisation gives them; outside the clock.
    fn degrees_of_freedom(&self, _data: &Prepared, _lambdas: &[f64]) -> Option<Vec<f64>> {
        None
    }

    /// Computes the path for the elastic net with this α. Errors: it could not be attempted.
    fn run(&self, data: &Prepared, alpha: f64, sweep: &Sweep) -> Result<Path, SolveError>;
}

/// The contestant of that name; Err lists the names.
pub fn find(id: &str) -> Result<&'static dyn Contestant, String> {
    CONTESTANTS
        .iter()
        .copied()
        .find(|c| c.id() == id)
        .ok_or_else(|| {
            let known: Vec<&str> = CONTESTANTS.iter().map(|c| c.id()).collect();
            format!("no solver is called '{id}'; there are {}", known.join(", "))
        })
}

/// What `auto` stands for: the closed form for ridge where it can factor, coordinate descent otherwise.
pub fn auto(alpha: f64, n: usize, p: usize) -> &'static dyn Contestant {
    let closed_form: &'static dyn Contestant = &ridge_closed_form::RidgeClosedFormPath;
    if closed_form.supports(alpha, n, p).is_ok() {
        closed_form
    } else {
        &coordinate_descent::DEFAULT
    }
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
    fn auto_takes_the_closed_form_for_ridge_alone() {
        assert_eq!(auto(0.0, 100, 10).id(), "ridge-closed-form");
        assert_eq!(auto(1.0, 100, 10).id(), "coordinate-descent");
        assert_eq!(auto(0.0, 100_000, 100_000).id(), "coordinate-descent");
    }
}
