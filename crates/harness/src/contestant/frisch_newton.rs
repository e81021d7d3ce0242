//! Interior point, for kinked losses.

use regpath_solvers::design::Design;
use regpath_solvers::loss::{KinkedLoss, LossKind};
use regpath_solvers::penalty::PerCoordinate;
use regpath_solvers::problem::Problem;
use regpath_solvers::solver::FrischNewton;

use super::{Contestant, in_own_units, only};
use crate::objective::OnKinked;
use crate::prepared::Prepared;
use crate::sweep::{Path, Sweep};

pub(super) struct FrischNewtonPath;

impl Contestant for FrischNewtonPath {
    fn id(&self) -> &str {
        "frisch-newton"
    }

    fn summary(&self) -> &str {
        "interior point for absolute and quantile loss: each lambda by Newton steps from the middle of the dual set"
    }

    fn supports(&self, _alpha: f64, _n: usize, _p: usize) -> Result<(), String> {
        Ok(())
    }

    fn takes(&self, loss: LossKind) -> Result<(), String> {
        only(loss.is_kinked(), "absolute and quantile loss", loss)
    }

    fn bounds(&self) -> bool {
        false
    }

    fn run(&self, data: &Prepared, _alpha: f64, sweep: &Sweep) -> anyhow::Result<Path> {
        let sweep = &in_own_units(data, sweep);
        data.on_kinked(Run { sweep })?
    }
}

struct Run<'a> {
    sweep: &'a Sweep<'a>,
}

impl OnKinked for Run<'_> {
    type Output = anyhow::Result<Path>;
    fn work<X: Design, L: KinkedLoss>(
        self,
        problem: &Problem<X, L, PerCoordinate>,
    ) -> Self::Output {
        Ok(self.sweep.run(problem, &FrischNewton::default())?)
    }
}
