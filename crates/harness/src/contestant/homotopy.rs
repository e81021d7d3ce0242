//! The lasso path by exact steps.

use regpath_solvers::design::Design;
use regpath_solvers::loss::Squared;
use regpath_solvers::penalty::L1;
use regpath_solvers::problem::Problem;
use regpath_solvers::solver::{Homotopy, Source};

use super::Contestant;
use crate::prepared::{Prepared, Visitor};
use crate::sweep::{Path, Sweep};

/// The default solver for the lasso.
pub(super) const DEFAULT: HomotopyPath = HomotopyPath {
    id: "homotopy",
    summary: "exact steps from event to event of the lasso path, several lambda certified by one pass over X",
    solver: FULL,
};

/// Without one of its ingredients, to see what that gains.
pub(super) const NO_LOOK_AHEAD: HomotopyPath = HomotopyPath {
    id: "homotopy-no-look-ahead",
    summary: "homotopy with a pass over X for every single lambda",
    solver: Homotopy {
        look_ahead: 1,
        ..FULL
    },
};
pub(super) const NO_SCREENING: HomotopyPath = HomotopyPath {
    id: "homotopy-no-screening",
    summary: "homotopy with all columns as candidates",
    solver: Homotopy {
        candidate_share: 0.0,
        ..FULL
    },
};
pub(super) const NO_GRAM: HomotopyPath = HomotopyPath {
    id: "homotopy-no-gram",
    summary: "homotopy with every product from the columns of X",
    solver: Homotopy {
        source: Some(Source::Columns),
        ..FULL
    },
};
pub(super) const NO_LEAPS: HomotopyPath = HomotopyPath {
    id: "homotopy-no-leaps",
    summary: "homotopy that stops at every event",
    solver: Homotopy {
        leaps: false,
        ..FULL
    },
};

const FULL: Homotopy = Homotopy::FULL;

pub(super) struct HomotopyPath {
    id: &'static str,
    summary: &'static str,
    solver: Homotopy,
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
        let threads = sweep.threads_per_path();
        let run = Run {
            solver: self.solver,
            y: &data.y,
            sweep,
        };
        data.visit_shared(threads, run)
    }
}

struct Run<'a> {
    solver: Homotopy,
    y: &'a [f64],
    sweep: &'a Sweep<'a>,
}

impl Visitor for Run<'_> {
    type Output = anyhow::Result<Path>;
    fn visit<X: Design>(self, x: &X) -> Self::Output {
        let problem = Problem::new(x, self.y, Squared, L1)?;
        Ok(self.sweep.run(&problem, &self.solver)?)
    }
}
