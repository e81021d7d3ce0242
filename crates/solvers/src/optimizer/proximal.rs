//! Stochastic proximal gradient: a step along the gradient of f, then the prox of the penalty. Duchi & Singer (2009), JMLR 10
//! (forward–backward splitting); Rosasco, Villa & Vũ (2020), Appl. Math. Optim. 82.

use super::descent::descend;
use super::{Optimizer, Schedule};

/// β ← prox of η_t λΩ at β − η_t g, with g the gradient of f alone.
///
/// Exact zeros come from the prox, bounds are kept, and λ may be large without the step size being small. On full gradients it is
/// the proximal gradient method, [`crate::solver::ProximalGradient`] without a certificate; where f has kinks, g is a subgradient.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StochasticProximalGradient {
    schedule: Schedule,
}

impl StochasticProximalGradient {
    /// With step sizes η_t.
    pub fn new(schedule: Schedule) -> Self {
        Self { schedule }
    }
}

impl Optimizer for StochasticProximalGradient {
    fn step_size(&self, t: u64) -> f64 {
        self.schedule.at(t)
    }

    /// The step along the gradient; the prox, which knows the penalty, follows in [`super::Minimises::after_step`].
    fn step(&mut self, gradient: &[f64], t: u64, beta: &mut [f64]) {
        descend(self.schedule.at(t), gradient, beta);
    }
}
