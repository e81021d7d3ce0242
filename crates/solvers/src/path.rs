//! A warm path: one step is one solve, and exactly what is timed.

use crate::design::Design;
use crate::loss::Loss;
use crate::penalty::Separable;
use crate::problem::Problem;
use crate::solver::{Outcome, Setup, Solver, State, Status, Stop, Work};

/// Solves at decreasing λ, each from the solution before.
pub struct WarmPath<'a, S, X, L, P>
where
    X: Design,
    L: Loss,
    P: Separable,
    S: Solver<X, L, P>,
{
    solver: &'a S,
    problem: &'a Problem<'a, X, L, P>,
    setup: &'a S::Setup,
    state: S::State,
    lambda_max: f64,
}

impl<'a, S, X, L, P> WarmPath<'a, S, X, L, P>
where
    X: Design,
    L: Loss,
    P: Separable,
    S: Solver<X, L, P>,
{
    /// A path at β = 0. `lambda_max` is [`Problem::lambda_max`], computed once for all paths of a sweep.
    pub fn new(
        solver: &'a S,
        problem: &'a Problem<'a, X, L, P>,
        setup: &'a S::Setup,
        lambda_max: f64,
    ) -> Self {
        let state = solver.start(problem, setup);
        Self {
            solver,
            problem,
            setup,
            state,
            lambda_max,
        }
    }

    /// Says which λ are going to be asked for, in order; a solver may then work on several at once. It may be wrong.
    pub fn announce(&mut self, lambdas: &[f64]) {
        self.state.announce(lambdas);
    }

    /// Solves at λ. At λ ≥ λ_max the answer is exactly 0 for every solver, without any work.
    pub fn step(&mut self, lambda: f64, stop: Stop) -> Outcome {
        if lambda >= self.lambda_max {
            self.state.set_zero();
            return Outcome {
                status: Status::Converged,
                work: Work::default(),
            };
        }
        self.solver
            .solve(self.problem, self.setup, lambda, stop, &mut self.state)
    }

    /// β of the last step, length p, on the scale of the problem's design.
    pub fn beta(&self) -> &[f64] {
        self.state.beta()
    }

    /// (column, coefficient) of every coefficient of the last step that is not exactly 0, by column.
    pub fn nonzeros(&self) -> Vec<(usize, f64)> {
        self.state.nonzeros()
    }

    /// The dual point of the last step, see [`State::dual`].
    pub fn dual(&self) -> Option<&[f64]> {
        self.state.dual()
    }

    /// The rule by which the solver set itself up.
    pub fn rule(&self) -> String {
        self.setup.rule()
    }
}
