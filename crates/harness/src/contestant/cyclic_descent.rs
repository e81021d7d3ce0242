//! Coordinate descent of Friedman, Hastie & Tibshirani (2010) with naive and with covariance updates, for their comparison of the
//! two.

use regpath_solvers::design::Design;
use regpath_solvers::loss::Squared;
use regpath_solvers::penalty::{Bounded, ElasticNet, L1, PerCoordinate};
use regpath_solvers::problem::Problem;
use regpath_solvers::solver::CyclicDescent;

use super::Contestant;
use crate::prepared::{Prepared, Visitor};
use crate::sweep::{Path, Sweep};

pub(super) const NAIVE: CyclicDescentPath = CyclicDescentPath {
    id: "cyclic-naive",
    summary: "coordinate descent as in the textbook, gradients from the residual; for comparison",
    solver: CyclicDescent::NAIVE,
};

pub(super) const COVARIANCE: CyclicDescentPath = CyclicDescentPath {
    id: "cyclic-covariance",
    summary: "coordinate descent as in the textbook, gradients from inner products of columns; for comparison",
    solver: CyclicDescent::COVARIANCE,
};

pub(super) struct CyclicDescentPath {
    id: &'static str,
    summary: &'static str,
    solver: CyclicDescent,
}

impl Contestant for CyclicDescentPath {
    fn id(&self) -> &str {
        self.id
    }

    fn summary(&self) -> &str {
        self.summary
    }

    fn supports(&self, _alpha: f64, _n: usize, _p: usize) -> Result<(), String> {
        Ok(())
    }

    fn restricts(&self) -> bool {
        true
    }

    fn run(&self, data: &Prepared, alpha: f64, sweep: &Sweep) -> anyhow::Result<Path> {
        data.visit(Run {
            solver: self.solver,
            y: &data.y,
            bounded: data.bounded.as_deref(),
            alpha,
            sweep,
        })
    }
}

struct Run<'a> {
    solver: CyclicDescent,
    y: &'a [f64],
    bounded: Option<&'a [Bounded]>,
    alpha: f64,
    sweep: &'a Sweep<'a>,
}

impl Visitor for Run<'_> {
    type Output = anyhow::Result<Path>;
    fn visit<X: Design>(self, x: &X) -> Self::Output {
        let path = if let Some(bounded) = self.bounded {
            let penalty = PerCoordinate::new(ElasticNet::new(self.alpha)?, bounded);
            self.sweep
                .run(&Problem::new(x, self.y, Squared, penalty)?, &self.solver)
        } else if self.alpha == 1.0 {
            self.sweep
                .run(&Problem::new(x, self.y, Squared, L1)?, &self.solver)
        } else {
            let penalty = ElasticNet::new(self.alpha)?;
            self.sweep
                .run(&Problem::new(x, self.y, Squared, penalty)?, &self.solver)
        };
        Ok(path?)
    }
}
