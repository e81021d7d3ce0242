//! Momentum: the heavy ball. Polyak (1964), USSR Comput. Math. Math. Phys. 4.

use super::{FollowsSubgradients, Optimizer, Schedule, fraction};
use crate::error::SolveError;

/// v ← μv − η_t g, β ← β + v, with v = 0 at the start.
///
/// The velocity holds the step sizes of the past, so that a falling η does not rescale it. On quadratics η = 4/(√L + √m)² and
/// μ = ((√κ − 1)/(√κ + 1))² let the error fall by (√κ − 1)/(√κ + 1) per step in the long run; on other strongly convex objectives
/// the same constants may cycle (Lessard, Recht & Packard 2016, SIAM J. Optim. 26).
#[derive(Clone, Debug, PartialEq)]
pub struct HeavyBall {
    schedule: Schedule,
    momentum: f64,
    velocity: Vec<f64>,
}

impl HeavyBall {
    /// With step sizes η_t and momentum μ; 0 is plain descent. Errors: [`SolveError::Optimizer`] unless 0 ≤ μ < 1.
    pub fn new(schedule: Schedule, momentum: f64) -> Result<Self, SolveError> {
        Ok(Self {
            schedule,
            momentum: fraction("momentum", momentum)?,
            velocity: Vec::new(),
        })
    }
}

impl FollowsSubgradients for HeavyBall {}

impl Optimizer for HeavyBall {
    fn step_size(&self, t: u64) -> f64 {
        self.schedule.at(t)
    }

    fn step(&mut self, gradient: &[f64], t: u64, beta: &mut [f64]) {
        self.velocity.resize(beta.len(), 0.0);
        push(
            &mut self.velocity,
            self.momentum,
            self.schedule.at(t),
            gradient,
            beta,
        );
    }
}

/// v ← μv − ηg, β ← β + v.
pub(super) fn push(
    velocity: &mut [f64],
    momentum: f64,
    eta: f64,
    gradient: &[f64],
    beta: &mut [f64],
) {
    for ((v, g), b) in velocity.iter_mut().zip(gradient).zip(beta) {
        *v = momentum * *v - eta * g;
        *b += *v;
    }
}
