//! Parametric simplex, for kinked losses with an L1 penalty.

use regpath_solvers::design::Design;
use regpath_solvers::loss::{KinkedLoss, LossKind};
use regpath_solvers::penalty::PerCoordinate;
use regpath_solvers::problem::Problem;
use regpath_solvers::solver::ParametricSimplex;

use super::{Contestant, in_own_units, only};
use crate::objective::OnKinked;
use crate::prepared::Prepared;
use crate::sweep::{Path, Sweep};

pub(super) struct SimplexPath;

impl Contestant for SimplexPath {
    fn id(&self) -> &str {
        "simplex"
    }

    fn summary(&self) -> &str {
        "parametric simplex for absolute and quantile loss with an L1 penalty: every vertex of the path"
    }

    fn supports(&self, alpha: f64, _n: usize, _p: usize) -> Result<(), String> {
        match alpha == 1.0 {
            true => Ok(()),
            false => Err(format!(
                "it takes no ridge part, so alpha = 1 and not {alpha}; use frisch-newton"
            )),
        }
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
        Ok(self.sweep.run(problem, &ParametricSimplex::default())?)
    }
}
