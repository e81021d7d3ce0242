//! Coordinate descent, with and without exact steps on the support.

use regpath_solvers::design::Design;
use regpath_solvers::loss::Squared;
use regpath_solvers::penalty::{ElasticNet, L1};
use regpath_solvers::problem::Problem;
use regpath_solvers::solver::{CoordinateDescent, Updates};

use super::Contestant;
use crate::prepared::{Prepared, Visitor};
use crate::sweep::{Path, Sweep};

/// The default solver for the elastic net, and for the lasso on sparse data.
pub(super) const DEFAULT: CoordinateDescentPath = CoordinateDescentPath {
    id: "coordinate-descent",
    summary: "coordinate descent: strong rule, working set, Gram or residual updates, exact steps on the support or extrapolation",
    support_steps: true,
};

/// The textbook's algorithm.
pub(super) const PLAIN: CoordinateDescentPath = CoordinateDescentPath {
    id: "coordinate-descent-plain",
    summary: "coordinate descent by sweeps alone: strong rule, working set, Gram or residual updates",
    support_steps: false,
};

pub(super) struct CoordinateDescentPath {
    id: &'static str,
    summary: &'static str,
    support_steps: bool,
}

impl Contestant for CoordinateDescentPath {
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
        let solver = CoordinateDescent {
            updates: None::<Updates>,
            strong_rule: true,
            support_steps: self.support_steps,
        };
        let run = Run {
            solver,
            y: &data.y,
            alpha,
            sweep,
        };
        data.visit_shared(sweep.threads_per_path(), run)
    }
}

struct Run<'a> {
    solver: CoordinateDescent,
    y: &'a [f64],
    alpha: f64,
    sweep: &'a Sweep<'a>,
}

impl Visitor for Run<'_> {
    type Output = anyhow::Result<Path>;
    fn visit<X: Design>(self, x: &X) -> Self::Output {
        let path = if self.alpha == 1.0 {
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
