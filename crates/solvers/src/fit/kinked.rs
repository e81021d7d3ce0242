//! Paths of losses with kinks: absolute and quantile loss.

use super::FittedPath;
use super::loss_path::LossPath;
use crate::certificate::{certify, certify_claim};
use crate::design::Design;
use crate::error::SolveError;
use crate::grid::Grid;
use crate::loss::{KinkedLoss, ProxLoss};
use crate::null_model::NullModel;
use crate::penalty::{Penalty, PerCoordinate};
use crate::problem::Problem;
use crate::solver::{ChambollePock, FrischNewton, ParametricSimplex, Solver};

/// Fits the path of a kinked loss: from vertex to vertex where the penalty is L1, by interior points where it has a ridge part or a
/// few λ are asked for, by splitting where coefficients have bounds. Errors: as those of the solvers.
pub(super) fn kinked_path<X: Design, L: KinkedLoss + ProxLoss>(
    path: &LossPath<'_>,
    x: &X,
    loss: L,
) -> Result<FittedPath, SolveError> {
    let null = NullModel::kinked(x, &path.y, loss, path.net, &path.bounded)?;
    let grid = path.grid(null.grid_start)?;
    let penalty = PerCoordinate::new(path.net, &path.bounded);
    let problem = Problem::new(x, &path.y, loss, penalty)?;
    let free = [f64::NEG_INFINITY, f64::INFINITY];
    let few = FrischNewton::pays((x.nrows(), x.ncols()), grid.len());
    if path.bounded.iter().any(|omega| omega.bounds() != free) {
        fitted(path, &ChambollePock::default(), &problem, &grid, &null)
    } else if path.net.alpha() < 1.0 || few {
        fitted(path, &FrischNewton::default(), &problem, &grid, &null)
    } else {
        fitted(path, &ParametricSimplex::default(), &problem, &grid, &null)
    }
}

fn fitted<X, L, S>(
    path: &LossPath<'_>,
    solver: &S,
    problem: &Problem<X, L, PerCoordinate<'_>>,
    grid: &Grid,
    null: &NullModel,
) -> Result<FittedPath, SolveError>
where
    X: Design,
    L: KinkedLoss,
    S: for<'b> Solver<X, L, PerCoordinate<'b>>,
{
    let (steps, ended) = path.walk(solver, problem, grid, null)?;
    let mut beta = vec![0.0; problem.x.ncols()];
    let certificates = steps.iter().map(|step| {
        step.nonzeros.iter().for_each(|&(j, b)| beta[j] = b);
        let certificate = match &step.dual {
            Some(claimed) => certify_claim(problem, &beta, step.lambda, claimed),
            None => certify(problem, &beta, step.lambda),
        };
        step.nonzeros.iter().for_each(|&(j, _)| beta[j] = 0.0);
        certificate
    });
    let certificates = certificates.collect();
    Ok(path.fitted(steps, certificates, ended, null.loss))
}
