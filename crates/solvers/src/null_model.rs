//! The fit of what is not penalised, everything else being 0: where a path begins, and the unit of its gaps.

use crate::design::Design;
use crate::error::SolveError;
use crate::grid::ALPHA_FLOOR;
use crate::loss::CurvedLoss;
use crate::penalty::{Bounded, ElasticNet, Penalty, PerCoordinate};
use crate::problem::Problem;
use crate::solver::{ProximalNewton, Solver, State, Stop};

/// The best fit of the columns without penalty, the intercept among them.
#[derive(Clone, Debug, PartialEq)]
pub struct NullModel {
    /// Its coefficients, one for each column of the problem; 0 where penalised.
    pub beta: Vec<f64>,
    /// f there, the unit of relative gaps.
    pub loss: f64,
    /// Largest λ of a default grid: the least at which everything penalised is 0, α counting as 1e-3 at least as in
    /// [`crate::grid::Grid::start`]. 0 if nothing penalised can ever leave 0.
    pub grid_start: f64,
}

/// Accuracy of the fit, relative to f(0).
const TIGHT: f64 = 1e-14;

impl NullModel {
    /// Of a smooth loss; `bounded` has one element for each column of X, made from `net`.
    ///
    /// Errors: as [`Problem::new`].
    pub fn smooth<X: Design, L: CurvedLoss>(
        x: &X,
        y: &[f64],
        loss: L,
        net: ElasticNet,
        bounded: &[Bounded],
    ) -> Result<Self, SolveError> {
        let is_open = |omega: &Bounded| omega.factor() == 0.0;
        let mut beta = vec![0.0; x.ncols()];
        let mut fit = vec![0.0; y.len()];
        if bounded.iter().any(is_open) {
            // A pure penalty, since a ridge part would ask for columns that are held.
            let lasso = ElasticNet::new(1.0)?;
            let held: Vec<Bounded> = (bounded.iter())
                .map(|omega| match is_open(omega) {
                    true => Bounded::new(lasso, 0.0, omega.bounds()),
                    false => Bounded::new(lasso, 1.0, [0.0, 0.0]),
                })
                .collect();
            let problem = Problem::new(x, y, loss, PerCoordinate::new(lasso, &held))?;
            let solver = ProximalNewton::default();
            let setup = solver.setup(&problem)?;
            let mut state = solver.start(&problem, &setup);
            let stop = Stop {
                tol: TIGHT,
                max_epochs: 10_000,
                cancel: None,
            };
            // No penalty is left for λ to multiply.
            solver.solve(&problem, &setup, 1.0, stop, &mut state);
            beta.copy_from_slice(state.beta());
            x.mul(&beta, &mut fit);
        }
        let mut u = vec![0.0; y.len()];
        loss.neg_gradient(y, &fit, &mut u);
        let mut c = vec![0.0; x.ncols()];
        x.tr_mul(&u, &mut c);
        let floored = ElasticNet::new(net.alpha().max(ALPHA_FLOOR))?;
        let penalised = bounded.iter().zip(&c).filter(|(omega, _)| !is_open(omega));
        let thresholds = penalised
            .map(|(omega, &c)| Bounded::new(floored, omega.factor(), omega.bounds()).threshold(c));
        Ok(Self {
            beta,
            loss: loss.value(y, &fit),
            grid_start: thresholds.fold(0.0, f64::max),
        })
    }
}
