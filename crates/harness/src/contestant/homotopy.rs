//! The lasso path by exact steps.

use regpath_solvers::design::Design;
use regpath_solvers::loss::Squared;
use regpath_solvers::penalty::L1;
use regpath_solvers::problem::Problem;
use regpath_solvers::solver::Homotopy;

use super::Contestant;
use crate::prepared::{Prepared, Visitor};
use crate::sweep::{Path, Sweep};

/// The default solver for the lasso.
pub(super) const DEFAULT: HomotopyPath = HomotopyPath {
    id: "homotopy",
    summary: "exact steps from event to event of the lasso path, several lambda certified by one pass over X",
};

pub(super) struct HomotopyPath {
    id: &'static str,
    summary: &'static str,
}

impl Contestant for HomotopyPath {
    fn id(&self) -> &str {
        self.id
    }

    fn summary(&self) -> &str {
        self.summary
    }

    fn supports(&self, alpha: f64, _n: usize, _p: usize) -> Result<(), String> {
        if alpha == 1.0 {
            Ok(())
        } else {
            Err(format!(
                "its path is piecewise linear for the lasso alone, not for alpha = {alpha}; use coordinate-descent"
            ))
        }
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
        let problem = Problem::new(x, self.y, Squared, L1)?;
        Ok(self.sweep.run(&problem, &Homotopy::default())?)
    }
}
