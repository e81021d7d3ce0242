//! Closed-form ridge: one factorisation for the whole path.

use regpath_solvers::design::Design;
use regpath_solvers::loss::Squared;
use regpath_solvers::penalty::Ridge;
use regpath_solvers::problem::Problem;
use regpath_solvers::solver::{RidgeClosedForm, RidgeFactor};

use super::Contestant;
use crate::prepared::{Prepared, Visitor};
use crate::sweep::{Path, Sweep};

pub(super) struct RidgeClosedFormPath;

impl Contestant for RidgeClosedFormPath {
    fn id(&self) -> &str {
        "ridge-closed-form"
    }

    fn summary(&self) -> &str {
        "ridge by one eigendecomposition of the smaller of XtX and XXt"
    }

    fn supports(&self, alpha: f64, n: usize, p: usize) -> Result<(), String> {
        if alpha != 0.0 {
            return Err(format!(
                "closed form exists for ridge (alpha = 0) only, alpha is {alpha}"
            ));
        }
        if n.min(p) > RidgeFactor::MAX_ORDER {
            return Err(format!(
                "min(n, p) = {} is beyond {}; use coordinate-descent",
                n.min(p),
                RidgeFactor::MAX_ORDER
            ));
        }
        Ok(())
    }

    fn degrees_of_freedom(
        &self,
        data: &Prepared,
        _alpha: f64,
        lambdas: &[f64],
    ) -> Option<Vec<f64>> {
        data.visit(Freedom {
            y: &data.y,
            lambdas,
        })
    }

    fn run(&self, data: &Prepared, _alpha: f64, sweep: &Sweep) -> anyhow::Result<Path> {
        data.visit(Run { y: &data.y, sweep })
    }
}

struct Run<'a> {
    y: &'a [f64],
    sweep: &'a Sweep<'a>,
}

impl Visitor for Run<'_> {
    type Output = anyhow::Result<Path>;
    fn visit<X: Design>(self, x: &X) -> Self::Output {
        let problem = Problem::new(x, self.y, Squared, Ridge)?;
        Ok(self.sweep.run(&problem, &RidgeClosedForm)?)
    }
}

struct Freedom<'a> {
    y: &'a [f64],
    lambdas: &'a [f64],
}

impl Visitor for Freedom<'_> {
    type Output = Option<Vec<f64>>;
    fn visit<X: Design>(self, x: &X) -> Self::Output {
        let factor = RidgeFactor::new(x, self.y).ok()?;
        Some(
            self.lambdas
                .iter()
                .map(|&lambda| factor.df(lambda))
                .collect(),
        )
    }
}
