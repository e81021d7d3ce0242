//! Fits without penalty: least squares within bounds on some columns, and the grid that begins beside one.

use crate::design::Design;
use crate::error::SolveError;
use crate::grid::ALPHA_FLOOR;
use crate::loss::Squared;
use crate::penalty::{Bounded, ElasticNet, Penalty, PerCoordinate};
use crate::problem::Problem;
use crate::solver::{CoordinateDescent, Solver, State, Stop, Updates};

/// Largest λ of a default grid where coordinates differ: the least at which what is penalised stays 0 beside the fit of what is
/// not. α counts as 1e-3 at least, as in [`crate::grid::Grid::start`].
pub fn restricted_grid_start<X: Design>(
    x: &X,
    y: &[f64],
    net: ElasticNet,
    bounded: &[Bounded],
) -> Result<f64, SolveError> {
    let is_free = |omega: &Bounded| omega.factor() == 0.0;
    let mut residual = y.to_vec();
    if bounded.iter().any(is_free) {
        // Everything that is penalised is held at 0.
        let held: Vec<Bounded> = (bounded.iter())
            .map(|omega| {
                if is_free(omega) {
                    *omega
                } else {
                    Bounded::new(net, 1.0, [0.0, 0.0])
                }
            })
            .collect();
        let beta = solve_held(x, y, &held)?;
        let mut fit = vec![0.0; y.len()];
        x.mul(&beta, &mut fit);
        residual.iter_mut().zip(&fit).for_each(|(r, z)| *r -= z);
    }
    let mut c = vec![0.0; x.ncols()];
    x.tr_mul(&residual, &mut c);
    let floored = ElasticNet::new(net.alpha().max(ALPHA_FLOOR))?;
    let thresholds = bounded.iter().zip(&c).filter(|(omega, _)| !is_free(omega));
    let thresholds = thresholds.map(|(omega, c)| {
        Bounded::new(floored, omega.factor(), omega.bounds()).threshold(c / y.len() as f64)
    });
    match thresholds.fold(0.0, f64::max) {
        0.0 => Err(SolveError::Grid(
            "no penalised column can leave 0 at any lambda, so there is no grid; give lambda"
                .into(),
        )),
        start => Ok(start),
    }
}

/// Accuracy of fits without penalty, relative to the null loss.
const TIGHT: f64 = 1e-12;

/// The least-squares solution within bounds of the columns without penalty, the others being held at 0. Length p.
fn solve_held<X: Design>(x: &X, y: &[f64], held: &[Bounded]) -> Result<Vec<f64>, SolveError> {
    let problem = Problem::new(
        x,
        y,
        Squared,
        PerCoordinate::new(ElasticNet::new(1.0)?, held),
    )?;
    let solver = exactly();
    let setup = solver.setup(&problem)?;
    let mut state = solver.start(&problem, &setup);
    // No penalty is left for λ to multiply.
    solver.solve(&problem, &setup, 1.0, tight(), &mut state);
    Ok(state.beta().to_vec())
}

/// Coordinate descent that keeps the Gram matrix of its working set, whatever the data: without it there are no exact steps, and
/// without a penalty sweeps alone may take for ever.
pub(super) fn exactly() -> CoordinateDescent {
    CoordinateDescent {
        updates: Some(Updates::WorkingGram),
        ..CoordinateDescent::FULL
    }
}

pub(super) fn tight<'a>() -> Stop<'a> {
    Stop {
        tol: TIGHT,
        ..Stop::default()
    }
}
