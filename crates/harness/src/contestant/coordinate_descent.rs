//! Coordinate descent, with and without exact steps on the support.

use regpath_solvers::design::Design;
use regpath_solvers::loss::Squared;
use regpath_solvers::penalty::{Bounded, ElasticNet, L1, PerCoordinate};
use regpath_solvers::problem::Problem;
use regpath_solvers::solver::{CoordinateDescent, Homotopy};

use super::Contestant;
use crate::prepared::{Prepared, Visitor};
use crate::sweep::{Path, Sweep, WORTH_THREADS};

/// The default solver for the elastic net, and for the lasso on sparse data.
pub(super) const DEFAULT: CoordinateDescentPath = CoordinateDescentPath {
    id: "coordinate-descent",
    summary: "coordinate descent: strong rule, working set, Gram or residual updates, exact steps on the support or extrapolation",
    support_steps: true,
};

/// The textbook's algorithm, whose path is never cut.
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

    fn restricts(&self) -> bool {
        true
    }

    fn run(&self, data: &Prepared, alpha: f64, sweep: &Sweep) -> anyhow::Result<Path> {
        let solver = CoordinateDescent {
            support_steps: self.support_steps,
            ..CoordinateDescent::FULL
        };
        let cut = self.cut(data, sweep);
        let sweep = &Sweep { cut, ..*sweep };
        let run = Run {
            solver,
            y: &data.y,
            bounded: data.bounded.as_deref(),
            alpha,
            sweep,
        };
        let mut path = data.visit_shared(sweep.threads_per_path(), run)?;
        if let (Some(cut), Some(setup)) = (cut, &mut path.setup) {
            setup.rule += &format!("; a second warm path from k = {cut} on");
        }
        Ok(path)
    }
}

/// Number of λ from which on a grid is long enough to be cut.
const LEAST_CUT: usize = 50;
/// Share of λ_max that the cut has to lie below: above, supports are small and sweeps cost little.
const DEEP: f64 = 0.1;

impl CoordinateDescentPath {
    /// Where a second warm path begins.
    ///
    /// On sparse data sweeps are one thread's work, nearly all of it at the last fifth of the λ of a path that goes deep. They
    /// are reached from zero as fast as a pass for each of the λ before takes: two workers share the path, and one loses little.
    fn cut(&self, data: &Prepared, sweep: &Sweep) -> Option<usize> {
        let sparse = data.density() < Homotopy::DENSE_ENOUGH;
        let len = sweep.grid.len();
        let worthwhile = data.nnz() >= WORTH_THREADS && len >= LEAST_CUT && sweep.chunks <= 1;
        if !(self.support_steps && sparse && worthwhile) {
            return None;
        }
        let cut = len * 4 / 5;
        (sweep.grid.as_slice()[cut] <= DEEP * sweep.lambda_max).then_some(cut)
    }
}

struct Run<'a> {
    solver: CoordinateDescent,
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::{self, Spec};
    use crate::stopwatch::Deadline;
    use regpath_solvers::grid::Grid;
    use regpath_solvers::prepare::Options;

    fn cut(spec: &Spec, n_lambda: usize, ratio: f64, chunks: usize) -> Option<usize> {
        let options = Options {
            intercept: false,
            ..Options::default()
        };
        let data = dataset::load(spec).expect("generated data");
        let data = Prepared::new(data, options).expect("usable data");
        let grid = Grid::geometric(1.0, ratio, n_lambda).expect("valid grid");
        let sweep = Sweep {
            grid: &grid,
            chunks,
            cut: None,
            pool: None,
            lambda_max: 1.0,
            tol: 1e-6,
            max_epochs: 1,
            max_nonzeros: None,
            intercept: None,
            null: None,
            deadline: &Deadline::after(None),
            progress: &|| (),
        };
        DEFAULT.cut(&data, &sweep)
    }

    #[test]
    fn a_long_deep_path_on_much_sparse_data_is_cut_and_no_other() {
        let sparse = Spec::new("power-law");
        assert_eq!(cut(&sparse, 100, 0.01, 1), Some(80));
        assert_eq!(cut(&sparse, 49, 0.01, 1), None);
        assert_eq!(cut(&sparse, 100, 0.01, 3), None);
        assert_eq!(cut(&sparse, 100, 0.5, 1), None);
        let little = Spec {
            nnz: Some(200_000),
            ..sparse
        };
        assert_eq!(cut(&little, 100, 0.01, 1), None);
        assert_eq!(cut(&Spec::new("equicorrelated"), 100, 0.01, 1), None);
    }
}
