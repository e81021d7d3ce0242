//! First-order methods of optimisation as they are used to train models: update rules that see nothing but a gradient.
//!
//! A run joins three parts, each of which can be exchanged: an [`Optimizer`], the rule that turns a gradient into a step; a
//! [`GradientSource`], which takes gradients of f from all rows ([`FullBatch`]) or from some ([`MiniBatches`]); and [`Run`], which
//! adds what the penalty and a [`Decay`] ask for, averages iterates, and says when a run has diverged.
//!
//! | rule | step, with g the gradient and η the step size |
//! |---|---|
//! | [`GradientDescent`], [`SubgradientDescent`] | β ← β − ηg |
//! | [`HeavyBall`] | v ← μv − ηg, β ← β + v |
//! | [`Nesterov`] | the same, g taken at β + μv |
//! | [`Adam`] | β ← β − η m̂/(√v̂ + ε) |
//! | [`StochasticProximalGradient`] | β ← prox of ηλΩ at β − ηg |
//!
//! With [`MiniBatches`] the first two rows are stochastic gradient descent. Which rule takes which loss and penalty are the
//! implementations of [`Minimises`]: a pair that has none does not compile.
//!
//! ```
//! use faer::Mat;
//! use regpath_solvers::design::Dense;
//! use regpath_solvers::loss::Squared;
//! use regpath_solvers::optimizer::{FullBatch, GradientDescent, Run, Schedule, lipschitz};
//! use regpath_solvers::penalty::Ridge;
//! use regpath_solvers::problem::Problem;
//! let x = Mat::from_fn(50, 3, |i, j| ((i * (j + 3)) as f64 * 0.37).sin());
//! let y: Vec<f64> = (0..50).map(|i| 2.0 * x[(i, 0)] - x[(i, 2)]).collect();
//! let design = Dense::try_new(x.as_ref())?;
//! let problem = Problem::new(&design, &y, Squared, Ridge)?;
//! let rule = GradientDescent::new(Schedule::constant(1.0 / lipschitz(&problem)?)?);
//! let mut run = Run::new(rule, FullBatch::new(&problem), 0.0)?;
//! run.advance(500 * 50)?;
//! assert!((run.snapshot()?.beta[0] - 2.0).abs() < 1e-6);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The lasso has kinks, where gradient descent has no gradient to follow:
//!
//! ```compile_fail,E0277
//! # use faer::Mat;
//! # use regpath_solvers::design::Dense;
//! # use regpath_solvers::loss::Squared;
//! # use regpath_solvers::optimizer::{FullBatch, GradientDescent, Run, Schedule};
//! # use regpath_solvers::problem::Problem;
//! use regpath_solvers::penalty::L1;
//! # let x = Mat::from_fn(50, 3, |i, j| ((i * (j + 3)) as f64 * 0.37).sin());
//! # let y: Vec<f64> = (0..50).map(|i| 2.0 * x[(i, 0)] - x[(i, 2)]).collect();
//! # let design = Dense::try_new(x.as_ref())?;
//! let problem = Problem::new(&design, &y, Squared, L1)?;
//! let rule = GradientDescent::new(Schedule::constant(0.1)?);
//! let mut run = Run::new(rule, FullBatch::new(&problem), 0.1)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod adam;
mod averaging;
mod decay;
mod descent;
mod full_batch;
mod heavy_ball;
mod mini_batches;
mod minimises;
mod nesterov;
mod proximal;
mod rows;
mod run;
mod sampling;
mod schedule;

pub use adam::Adam;
pub use averaging::{Average, Averaging};
pub use decay::Decay;
pub use descent::{GradientDescent, SubgradientDescent};
pub use full_batch::FullBatch;
pub use heavy_ball::HeavyBall;
pub use mini_batches::{Drawing, MiniBatches};
pub use minimises::{FollowsSubgradients, Minimises};
pub use nesterov::Nesterov;
pub use proximal::StochasticProximalGradient;
pub use rows::Rows;
pub use run::{Diverged, Run, Snapshot};
pub use schedule::Schedule;

use crate::design::Design;
use crate::error::SolveError;
use crate::loss::{Loss, SmoothLoss};
use crate::penalty::Separable;
use crate::problem::Problem;
use crate::solver::lipschitz::bound;

/// An update rule. Its state, velocities and moments, is 0 before the first step and belongs to one run.
pub trait Optimizer {
    /// η_t, the size of step t = 1, 2, …
    fn step_size(&self, t: u64) -> f64;

    /// Where the gradient of the next step is taken, given β: β itself unless the rule looks ahead.
    fn lookahead<'b>(&'b mut self, beta: &'b [f64]) -> &'b [f64] {
        beta
    }

    /// Step t of β, given a gradient at [`Optimizer::lookahead`]; both have length p, in every step the same.
    fn step(&mut self, gradient: &[f64], t: u64, beta: &mut [f64]);
}

/// Where gradients of f(Xβ) come from, exact or as unbiased estimates, and the penalty that goes with f.
pub trait GradientSource {
    /// f.
    type Loss: Loss;
    /// Ω.
    type Penalty: Separable;

    /// Ω.
    fn penalty(&self) -> Self::Penalty;

    /// p.
    fn ncols(&self) -> usize;

    /// Rows that the next gradient will look at, at least one, each of which counts as one evaluation.
    fn next_rows(&self) -> usize;

    /// out = the gradient of f(Xβ) in β, or an estimate, at the point β; both of length p.
    fn gradient(&mut self, point: &[f64], out: &mut [f64]);
}

/// A bound on the Lipschitz constant of the gradient of f(Xβ) in β: gradient descent on f alone descends at every step size below 2
/// over it; a ridge penalty adds λ to it, a coupled decay its rate.
///
/// Exact up to rounding for squared loss where min(n, p) ≤ 1500, see [`crate::solver::ProximalGradient`]. Errors:
/// [`SolveError::Eigen`].
pub fn lipschitz<X: Design, L: SmoothLoss, P: Separable>(
    problem: &Problem<X, L, P>,
) -> Result<f64, SolveError> {
    Ok(problem.loss.curvature_bound() * bound(problem.x)?)
}

/// Errors: [`SolveError::Optimizer`] unless `value` lies in [0, 1).
fn fraction(name: &str, value: f64) -> Result<f64, SolveError> {
    if (0.0..1.0).contains(&value) {
        Ok(value)
    } else {
        Err(SolveError::Optimizer(format!(
            "{name} is {value}, expected a number in [0, 1)"
        )))
    }
}
