//! What an implementer of a solver must provide.
//!
//! The implementations of [`Solver`] are the table of what solves what: a pair that has none does not compile.

mod chambolle_pock;
mod coordinate_descent;
mod cyclic_descent;
mod frisch_newton;
mod homotopy;
pub(crate) mod lipschitz;
pub(crate) mod parametric_simplex;
mod proximal_gradient;
mod proximal_newton;
mod ridge_closed_form;

use std::sync::atomic::{AtomicBool, Ordering};

pub use chambolle_pock::{ChambollePock, SplittingSetup, SplittingState};
pub use coordinate_descent::{CdSetup, CdState, CoordinateDescent, Updates};
pub use cyclic_descent::{CyclicDescent, CyclicSetup, CyclicState, CyclicUpdates};
pub use frisch_newton::{FrischNewton, FrischSetup, FrischState};
pub use homotopy::{Homotopy, Knot, Knots, Move, Source};
pub use parametric_simplex::{Advance, ParametricSimplex, SimplexSetup, SimplexState};
pub use proximal_gradient::{ProximalGradient, ProximalSetup, ProximalState, Step};
pub use proximal_newton::{NewtonSetup, NewtonState, ProximalNewton};
pub use ridge_closed_form::{RidgeClosedForm, RidgeFactor};

use crate::design::Design;
use crate::error::SolveError;
use crate::loss::Loss;
use crate::penalty::Separable;
use crate::problem::Problem;

/// When a solve may end.
#[derive(Clone, Copy, Debug)]
pub struct Stop<'a> {
    /// Bound on the duality gap relative to the null loss f(0).
    pub tol: f64,
    /// Epochs, or iterations of a proximal method, per λ.
    pub max_epochs: usize,
    /// Set from outside to end the solve after the current epoch.
    pub cancel: Option<&'a AtomicBool>,
}

impl Default for Stop<'_> {
    /// Relative gap 1e-6, 100 000 epochs, no cancellation.
    fn default() -> Self {
        Self {
            tol: 1e-6,
            max_epochs: 100_000,
            cancel: None,
        }
    }
}

impl Stop<'_> {
    /// Whether the solve was cancelled from outside.
    pub fn cancelled(&self) -> bool {
        self.cancel.is_some_and(|c| c.load(Ordering::Relaxed))
    }
}

/// How a solve ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// The solver's own gap is within tolerance.
    Converged,
    /// `max_epochs` ran out.
    EpochLimit,
    /// Rounding stopped all progress before the tolerance was met.
    Stalled,
    /// Cancelled from outside.
    Interrupted,
    /// The objective is within tolerance of its infimum, which no finite coefficients attain: with separable classes and nothing
    /// penalised every multiple of them fits better still, as all margins are positive.
    Unattained,
}

/// What a solve did, in exact machine-independent counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Work {
    /// Sweeps over the working set, or iterations of a proximal method.
    pub epochs: u64,
    /// Coordinate updates tried.
    pub coord_updates: u64,
    /// Columns of X read, for products, Gram columns and updates alike.
    pub columns_touched: u64,
    /// Products with all of X or Xᵀ.
    pub passes: u64,
    /// Columns that screening had left out and that violated the optimality conditions.
    pub kkt_violations: u64,
    /// Gram columns built.
    pub gram_columns: u64,
    /// Linear systems solved on the support.
    pub support_steps: u64,
}

impl std::ops::AddAssign for Work {
    fn add_assign(&mut self, other: Self) {
        self.epochs += other.epochs;
        self.coord_updates += other.coord_updates;
        self.columns_touched += other.columns_touched;
        self.passes += other.passes;
        self.kkt_violations += other.kkt_violations;
        self.gram_columns += other.gram_columns;
        self.support_steps += other.support_steps;
    }
}

/// The end of one solve.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// How it ended.
    pub status: Status,
    /// What it took.
    pub work: Work,
}

/// A solver of one family of problems.
pub trait Solver<X: Design, L: Loss, P: Separable>: Sync {
    /// λ-independent preparation, shared read-only by all warm paths: norms, Lipschitz bound, factorisation.
    type Setup: Setup;
    /// What one warm path carries from λ to λ.
    type State: State;

    /// Prepares. Errors: the problem is too large for the solver or a factorisation fails.
    fn setup(&self, problem: &Problem<X, L, P>) -> Result<Self::Setup, SolveError>;

    /// A state at β = 0.
    fn start(&self, problem: &Problem<X, L, P>, setup: &Self::Setup) -> Self::State;

    /// Overwrites the state's β by a solution at λ ≥ 0, starting from it. λ below [`Problem::lambda_max`] is
    /// guaranteed by [`crate::path::WarmPath`], which answers the rest with zeros.
    fn solve(
        &self,
        problem: &Problem<X, L, P>,
        setup: &Self::Setup,
        lambda: f64,
        stop: Stop,
        state: &mut Self::State,
    ) -> Outcome;
}

/// What every preparation can say of itself.
pub trait Setup: Sync + Send {
    /// Work of the preparation.
    fn work(&self) -> Work;

    /// The rule that was applied with the numbers that decided it, for the record.
    fn rule(&self) -> String;
}

/// What every state can say of itself.
pub trait State: Send {
    /// β of the last solve, length p.
    fn beta(&self) -> &[f64];

    /// Makes β exactly 0, as at λ ≥ λ_max.
    fn set_zero(&mut self);

    /// (column, coefficient) of what is not exactly 0, by column.
    fn nonzeros(&self) -> Vec<(usize, f64)> {
        let coefficients = self.beta().iter().copied().enumerate();
        coefficients.filter(|(_, b)| *b != 0.0).collect()
    }

    /// A dual point over rows, length n, that goes with β, where the loss has kinks and suggests none itself. A claim for
    /// [`crate::certificate::certify_claim`] to check.
    fn dual(&self) -> Option<&[f64]> {
        None
    }

    /// Says which λ are going to be asked for, in order, to a solver that can look ahead.
    fn announce(&mut self, _lambdas: &[f64]) {}
}
