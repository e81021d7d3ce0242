//! Proximal Newton for losses with a known curvature and separable penalties: quadratic models on a working set, several λ at a
//! time, then one pass over X that certifies all of them.
//!
//! Friedman, Hastie & Tibshirani (2010), JSS 33; Lee, Sun & Saunders (2014), SIAM J. Optim. 24; chord steps: Ortega & Rheinboldt
//! (1970), §7.1; strong rule by Tibshirani et al. (2012), JRSS B 74.

mod certify;
mod curved;
mod descend;
mod matrix_free;
mod reduction;
mod walk;

use reduction::Reduction;
use walk::{Task, Walk};

use super::{Outcome, Setup, Solver, State, Stop, Work};
use crate::design::{Dense, Design};
use crate::error::SolveError;
use crate::loss::CurvedLoss;
use crate::penalty::{PerCoordinate, Separable};
use crate::problem::Problem;

/// Options of the proximal Newton method.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProximalNewton {
    /// λ that are solved before one pass over X certifies them; 1 looks no λ ahead.
    pub look_ahead: usize,
}

impl Default for ProximalNewton {
    fn default() -> Self {
        Self { look_ahead: 8 }
    }
}

/// Norms, the unit of gaps, and ridge in fewer coordinates where that is possible.
pub struct NewtonSetup {
    /// ‖x_j‖², of the problem that is solved.
    sq_norm: Vec<f64>,
    null_loss: f64,
    reduction: Option<Reduction>,
    rule: String,
    work: Work,
}

impl Setup for NewtonSetup {
    fn work(&self) -> Work {
        self.work
    }

    fn rule(&self) -> String {
        self.rule.clone()
    }
}

/// A warm path's memory.
pub struct NewtonState {
    beta: Vec<f64>,
    /// Columns at which `beta` may differ from 0.
    support: Vec<usize>,
    walk: Walk,
}

impl State for NewtonState {
    fn beta(&self) -> &[f64] {
        &self.beta
    }

    fn set_zero(&mut self) {
        for j in self.support.drain(..) {
            self.beta[j] = 0.0;
        }
        self.walk.restart();
    }

    fn nonzeros(&self) -> Vec<(usize, f64)> {
        let mut nonzeros: Vec<(usize, f64)> = (self.support.iter())
            .map(|&j| (j, self.beta[j]))
            .filter(|(_, b)| *b != 0.0)
            .collect();
        nonzeros.sort_unstable_by_key(|(j, _)| *j);
        nonzeros
    }

    fn announce(&mut self, lambdas: &[f64]) {
        self.walk.upcoming = lambdas.to_vec();
    }
}

impl<X: Design, L: CurvedLoss, P: Separable> Solver<X, L, P> for ProximalNewton {
    type Setup = NewtonSetup;
    type State = NewtonState;

    fn setup(&self, problem: &Problem<X, L, P>) -> Result<NewtonSetup, SolveError> {
        let x = problem.x;
        let (n, p) = (x.nrows(), x.ncols());
        let reduction = Reduction::new(problem);
        let sq_norm: Vec<f64> = match &reduction {
            Some(reduction) => {
                let reduced = Dense::trusted(&reduction.x);
                (0..reduced.ncols())
                    .map(|j| reduced.col_sq_norm(j))
                    .collect()
            }
            None => (0..p).map(|j| x.col_sq_norm(j)).collect(),
        };
        let rule = match &reduction {
            Some(reduction) => format!(
                "ridge in {} coordinates of rows: n = {n}, p = {p}",
                reduction.x.ncols()
            ),
            None => format!("Gram matrix of the working set: n = {n}, p = {p}"),
        };
        Ok(NewtonSetup {
            sq_norm,
            null_loss: problem.null_loss(),
            reduction,
            rule,
            work: Work {
                passes: 1,
                columns_touched: p as u64,
                ..Work::default()
            },
        })
    }

    fn start(&self, problem: &Problem<X, L, P>, setup: &NewtonSetup) -> NewtonState {
        NewtonState {
            beta: vec![0.0; problem.x.ncols()],
            support: Vec::new(),
            walk: Walk::new(problem.x.nrows(), setup.sq_norm.len()),
        }
    }

    fn solve(
        &self,
        problem: &Problem<X, L, P>,
        setup: &NewtonSetup,
        lambda: f64,
        stop: Stop,
        state: &mut NewtonState,
    ) -> Outcome {
        let mut work = Work::default();
        let Some(reduction) = &setup.reduction else {
            let mut task = Task {
                problem,
                sq_norm: &setup.sq_norm,
                null_loss: setup.null_loss,
                look_ahead: self.look_ahead,
                stop,
                walk: &mut state.walk,
                work: &mut work,
            };
            let (status, solved) = task.solve(lambda);
            for j in state.support.drain(..) {
                state.beta[j] = 0.0;
            }
            for (j, b) in solved {
                state.beta[j] = b;
                state.support.push(j);
            }
            return Outcome { status, work };
        };
        let reduced = Dense::trusted(&reduction.x);
        let smaller = Problem {
            x: &reduced,
            y: problem.y,
            loss: problem.loss,
            penalty: PerCoordinate::new(reduction.net, &reduction.bounded),
        };
        let mut task = Task {
            problem: &smaller,
            sq_norm: &setup.sq_norm,
            null_loss: setup.null_loss,
            look_ahead: self.look_ahead,
            stop,
            walk: &mut state.walk,
            work: &mut work,
        };
        let (status, solved) = task.solve(lambda);
        reduction.expand(problem.x, &solved, &mut state.beta);
        if state.support.is_empty() {
            state.support = (0..state.beta.len()).collect();
        }
        work.passes += 1;
        work.columns_touched += state.beta.len() as u64;
        Outcome { status, work }
    }
}
