//! Primal-dual splitting, for every loss with a proximal operator.

use regpath_solvers::design::Design;
use regpath_solvers::loss::{LossKind, ProxLoss};
use regpath_solvers::penalty::PerCoordinate;
use regpath_solvers::problem::Problem;
use regpath_solvers::solver::ChambollePock;

use super::{Contestant, in_own_units, only};
use crate::objective::OnProx;
use crate::prepared::Prepared;
use crate::sweep::{Path, Sweep};

pub(super) struct ChambollePockPath;

impl Contestant for ChambollePockPath {
    fn id(&self) -> &str {
        "chambolle-pock"
    }

    fn summary(&self) -> &str {
        "primal-dual splitting for every loss but the squared: proximal steps of loss and penalty in turns"
    }

    fn supports(&self, _alpha: f64, _n: usize, _p: usize) -> Result<(), String> {
        Ok(())
    }

    fn takes(&self, loss: LossKind) -> Result<(), String> {
        only(loss != LossKind::Squared, "losses beside the squared", loss)
    }

    fn run(&self, data: &Prepared, _alpha: f64, sweep: &Sweep) -> anyhow::Result<Path> {
        let sweep = &in_own_units(data, sweep);
        data.on_prox(Run { sweep })?
    }
}

struct Run<'a> {
    sweep: &'a Sweep<'a>,
}

impl OnProx for Run<'_> {
    type Output = anyhow::Result<Path>;
    fn work<X: Design, L: ProxLoss>(self, problem: &Problem<X, L, PerCoordinate>) -> Self::Output {
        Ok(self.sweep.run(problem, &ChambollePock::default())?)
    }
}
