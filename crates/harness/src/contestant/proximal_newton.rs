//! Proximal Newton, for smooth losses.

use regpath_solvers::design::Design;
use regpath_solvers::loss::{CurvedLoss, LossKind};
use regpath_solvers::penalty::PerCoordinate;
use regpath_solvers::problem::Problem;
use regpath_solvers::solver::ProximalNewton;

use super::{Contestant, in_own_units, only};
use crate::objective::OnSmooth;
use crate::prepared::Prepared;
use crate::sweep::{Path, Sweep};

pub(super) struct ProximalNewtonPath;

impl Contestant for ProximalNewtonPath {
    fn id(&self) -> &str {
        "proximal-newton"
    }

    fn summary(&self) -> &str {
        "proximal Newton for huber and logistic loss: quadratic models, solved by coordinate descent"
    }

    fn supports(&self, _alpha: f64, _n: usize, _p: usize) -> Result<(), String> {
        Ok(())
    }

    fn takes(&self, loss: LossKind) -> Result<(), String> {
        let smooth = matches!(loss, LossKind::Huber(_) | LossKind::Logistic);
        only(smooth, "huber and logistic loss", loss)
    }

    fn run(&self, data: &Prepared, _alpha: f64, sweep: &Sweep) -> anyhow::Result<Path> {
        let sweep = &in_own_units(data, sweep);
        data.on_smooth(Run { sweep })?
    }
}

struct Run<'a> {
    sweep: &'a Sweep<'a>,
}

impl OnSmooth for Run<'_> {
    type Output = anyhow::Result<Path>;
    fn work<X: Design, L: CurvedLoss>(
        self,
        problem: &Problem<X, L, PerCoordinate>,
    ) -> Self::Output {
        Ok(self.sweep.run(problem, &ProximalNewton::default())?)
    }
}
