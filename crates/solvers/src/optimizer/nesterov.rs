//! Nesterov's accelerated gradient. Nesterov (1983), Soviet Math. Dokl. 27, in the form with momentum of Sutskever, Martens, Dahl &
//! Hinton (2013), *On the importance of initialization and momentum in deep learning*, ICML.

use super::heavy_ball::push;
use super::{FollowsSubgradients, Optimizer, Schedule, fraction};
use crate::error::SolveError;

/// v ← μv − η_t ∇f(β + μv), β ← β + v, with v = 0 at the start.
///
/// β is what Nesterov calls x, the point after a gradient step, and β + μv his y, where the next gradient is taken: v is always
/// the last difference of two x. (Deep-learning libraries store y instead.) The momentum is constant: with
/// μ = (√κ − 1)/(√κ + 1) and η = 1/L the error falls by 1 − 1/√κ per step on strongly convex objectives (Nesterov 2004, scheme
/// 2.2.11).
#[derive(Clone, Debug, PartialEq)]
pub struct Nesterov {
    schedule: Schedule,
    momentum: f64,
    velocity: Vec<f64>,
    ahead: Vec<f64>,
}

impl Nesterov {
    /// With step sizes η_t and momentum μ; 0 is plain descent. Errors: [`SolveError::Optimizer`] unless 0 ≤ μ < 1.
    pub fn new(schedule: Schedule, momentum: f64) -> Result<Self, SolveError> {
        Ok(Self {
            schedule,
            momentum: fraction("momentum", momentum)?,
            velocity: Vec::new(),
            ahead: Vec::new(),
        })
    }
}

impl FollowsSubgradients for Nesterov {}

impl Optimizer for Nesterov {
    fn step_size(&self, t: u64) -> f64 {
        self.schedule.at(t)
    }

    fn lookahead<'b>(&'b mut self, beta: &'b [f64]) -> &'b [f64] {
        self.velocity.resize(beta.len(), 0.0);
        self.ahead.clear();
        let points = beta.iter().zip(&self.velocity);
        self.ahead
            .extend(points.map(|(b, v)| b + self.momentum * v));
        &self.ahead
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
