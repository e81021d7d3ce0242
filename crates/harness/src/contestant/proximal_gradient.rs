//! ISTA and FISTA.

use regpath_solvers::design::Design;
use regpath_solvers::loss::Squared;
use regpath_solvers::penalty::ElasticNet;
use regpath_solvers::problem::Problem;
use regpath_solvers::solver::{ProximalGradient, Step};

use super::Contestant;
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

    fn run(&self, data: &Prepared, alpha: f64, sweep: &Sweep) -> anyhow::Result<Path> {
        data.visit(Run {
            solver: self.solver,
            y: &data.y,
            alpha,
            sweep,
        })
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
