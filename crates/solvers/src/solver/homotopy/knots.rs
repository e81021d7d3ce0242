//! All knots of a lasso path: the λ at which the active set changes, and the coefficients there.

use super::products::{Candidates, FromStrips, Products, Strips};
use super::walk::{Move, Stuck, Walk};
use super::{Homotopy, Source, true_gap};
use crate::design::Design;
use crate::error::SolveError;
use crate::loss::Squared;
use crate::penalty::L1;
use crate::problem::Problem;
use crate::solver::{Solver, Status, Stop, Work};

/// A λ at which the active set changes.
#[derive(Clone, Debug, PartialEq)]
pub struct Knot {
    /// In the scaling (1/2n)‖y − Xβ‖² + λ‖β‖₁.
    pub lambda: f64,
    /// What changes.
    pub change: Move,
    /// (column, coefficient) of what is not 0 here, in order of entry.
    pub coefficients: Vec<(usize, f64)>,
}

/// A path given by its knots, between which coefficients are linear in λ.
#[derive(Clone, Debug)]
pub struct Knots {
    /// λ decreasing; several knots may share one λ where columns tie.
    pub knots: Vec<Knot>,
    /// Where the path was left: at the λ that was asked for, if `status` is converged.
    pub end: (f64, Vec<(usize, f64)>),
    /// How the walk ended; stalled where rounding, not the data, would decide which column comes next, and where the end is
    /// not certified to the tolerance that was asked for.
    pub status: Status,
    /// What it took.
    pub work: Work,
}

impl Homotopy {
    /// Walks from λ_max down to `lambda_min` ≥ 0 and returns every knot on the way; `stop.max_epochs` bounds their number.
    ///
    /// Every event looks at all p columns, or at their strips of the Gram matrix where `source` says so; a grid of λ is
    /// better served by [`Homotopy`] as a solver, which looks at few. Errors: [`SolveError::Lambda`] for a λ that is negative
    /// or not finite.
    pub fn knots<X: Design>(
        &self,
        problem: &Problem<X, Squared, L1>,
        lambda_min: f64,
        stop: Stop,
    ) -> Result<Knots, SolveError> {
        if !(lambda_min.is_finite() && lambda_min >= 0.0) {
            return Err(SolveError::Lambda(lambda_min));
        }
        let setup = self.setup(problem)?;
        let (x, p) = (problem.x, problem.x.ncols());
        let walk = Walk::new(setup.start.clone());
        let knots = if setup.source == Source::Strips {
            let mut strips = Strips::new(p);
            let products = FromStrips {
                x,
                curvature: &setup.curvature,
                start: &setup.start,
                strips: &mut strips,
                work: setup.work,
            };
            collect(problem, walk, products, lambda_min, stop)
        } else {
            let mut candidates = Candidates::new(x.nrows(), p, false);
            candidates.add(&(0..p).collect::<Vec<_>>());
            let mut products = setup.products(problem, &mut candidates);
            products.work += setup.work;
            collect(problem, walk, products, lambda_min, stop)
        };
        Ok(knots)
    }
}

/// Knots after which rounding is taken out of the point.
const REFINE_AFTER: usize = 8;

fn collect<X: Design>(
    problem: &Problem<X, Squared, L1>,
    mut walk: Walk,
    mut products: impl Products,
    lambda_min: f64,
    stop: Stop,
) -> Knots {
    let mut knots: Vec<Knot> = Vec::new();
    let mut budget = stop.max_epochs;
    let mut status = Status::Converged;
    while walk.lambda > lambda_min {
        let events = walk.log.len();
        let mut here = Vec::new();
        let proceeded = walk.proceed(
            lambda_min,
            &mut products,
            &mut budget,
            &stop,
            |walk, products| {
                here = walk.coefficients(products);
            },
        );
        if let Err(stuck) = proceeded {
            status = match stuck {
                Stuck::Degenerate => Status::Stalled,
                Stuck::Budget => Status::EpochLimit,
                Stuck::Cancelled => Status::Interrupted,
            };
            break;
        }
        // A column that depends on the active ones does not join, and makes no knot.
        if let Some(&(lambda, change)) = walk.log.get(events) {
            knots.push(Knot {
                lambda,
                change,
                coefficients: here,
            });
        }
        if knots.len().is_multiple_of(REFINE_AFTER) {
            walk.refine(&mut products);
        }
    }
    walk.refine(&mut products);
    let end = (walk.lambda.max(lambda_min), walk.coefficients(&products));
    if status == Status::Converged {
        let gap = true_gap(problem, &end.1, end.0, products.work());
        // Written so that NaN fails.
        let certified = gap <= stop.tol * problem.null_loss();
        if !certified {
            status = Status::Stalled;
        }
    }
    Knots {
        knots,
        end,
        status,
        work: *products.work(),
    }
}
