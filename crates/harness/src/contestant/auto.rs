//! The suite's own choice of solver.

use regpath_solvers::loss::LossKind;

use super::{Contestant, chosen};
use crate::prepared::Prepared;
use crate::sweep::{Path, Sweep};

/// Runs the solver that [`chosen`] names, and records which it was.
pub(super) struct Auto;

impl Contestant for Auto {
    fn id(&self) -> &str {
        "auto"
    }

    fn summary(&self) -> &str {
        "the suite's choice: exact steps for a dense lasso, the closed form for ridge, coordinate descent otherwise; Newton, simplex or \
         interior point for other losses"
    }

    fn supports(&self, _alpha: f64, _n: usize, _p: usize) -> Result<(), String> {
        Ok(())
    }

    fn takes(&self, _loss: LossKind) -> Result<(), String> {
        Ok(())
    }

    fn restricts(&self) -> bool {
        true
    }

    fn degrees_of_freedom(&self, data: &Prepared, alpha: f64, lambdas: &[f64]) -> Option<Vec<f64>> {
        chosen(alpha, data, lambdas.len()).degrees_of_freedom(data, alpha, lambdas)
    }

    fn run(&self, data: &Prepared, alpha: f64, sweep: &Sweep) -> anyhow::Result<Path> {
        let solver = chosen(alpha, data, sweep.grid.len());
        let mut path = solver.run(data, alpha, sweep)?;
        if let Some(setup) = &mut path.setup {
            setup.rule = format!("{}: {}", solver.id(), setup.rule);
        }
        Ok(path)
    }
}
