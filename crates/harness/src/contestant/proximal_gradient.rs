//! ISTA and FISTA.

use regpath_solvers::design::Design;
use regpath_solvers::loss::{CurvedLoss, LossKind, Squared};
use regpath_solvers::penalty::{ElasticNet, PerCoordinate};
use regpath_solvers::problem::Problem;
use regpath_solvers::solver::{ProximalGradient, Step};

use super::{Contestant, in_own_units, only};
use crate::objective::OnSmooth;
use crate::prepared::{Prepared, Visitor};
use crate::sweep::{Path, Sweep};

pub(super) const ISTA: ProximalGradientPath = ProximalGradientPath {
    id: "ista",
    summary: "proximal gradient with the safe step 1/L",
    solver: ProximalGradient {
        accelerated: false,
        restart: false,
        step: Step::Bound,
    },
};

pub(super) const FISTA: ProximalGradientPath = ProximalGradientPath {
    id: "fista",
    summary: "accelerated proximal gradient with the safe step 1/L",
    solver: ProximalGradient {
        accelerated: true,
        restart: false,
        step: Step::Bound,
    },
};

pub(super) const FISTA_RESTART: ProximalGradientPath = ProximalGradientPath {
    id: "fista-restart",
    summary: "accelerated proximal gradient with adaptive restart and backtracking",
    solver: ProximalGradient {
        accelerated: true,
        restart: true,
        step: Step::Backtracking,
    },
};

pub(super) struct ProximalGradientPath {
    id: &'static str,
    summary: &'static str,
    solver: ProximalGradient,
}

impl Contestant for ProximalGradientPath {
    fn id(&self) -> &str {
        self.id
    }

    fn summary(&self) -> &str {
        self.summary
    }

    fn supports(&self, _alpha: f64, _n: usize, _p: usize) -> Result<(), String> {
        Ok(())
    }

    fn takes(&self, loss: LossKind) -> Result<(), String> {
        only(!loss.is_kinked(), "losses with a gradient", loss)
    }

    fn run(&self, data: &Prepared, alpha: f64, sweep: &Sweep) -> anyhow::Result<Path> {
        if data.loss != LossKind::Squared {
            let sweep = &in_own_units(data, sweep);
            return data.on_smooth(RunSmooth {
                solver: self.solver,
                sweep,
            })?;
        }
        data.visit(Run {
            solver: self.solver,
            y: &data.y,
            alpha,
            sweep,
        })
    }
}

struct RunSmooth<'a> {
    solver: ProximalGradient,
    sweep: &'a Sweep<'a>,
}

impl OnSmooth for RunSmooth<'_> {
    type Output = anyhow::Result<Path>;
    fn work<X: Design, L: CurvedLoss>(
        self,
        problem: &Problem<X, L, PerCoordinate>,
    ) -> Self::Output {
        Ok(self.sweep.run(problem, &self.solver)?)
    }
}

struct Run<'a> {
    solver: ProximalGradient,
    y: &'a [f64],
    alpha: f64,
    sweep: &'a Sweep<'a>,
}

impl Visitor for Run<'_> {
    type Output = anyhow::Result<Path>;
    fn visit<X: Design>(self, x: &X) -> Self::Output {
        let penalty = ElasticNet::new(self.alpha)?;
        let problem = Problem::new(x, self.y, Squared, penalty)?;
        Ok(self.sweep.run(&problem, &self.solver)?)
    }
}
