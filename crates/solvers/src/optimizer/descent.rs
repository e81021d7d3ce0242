//! Gradient descent (Cauchy 1847) and subgradient descent (Shor 1985, *Minimization methods for non-differentiable functions*):
//! β ← β − η_t g. On samples of rows both are stochastic gradient descent, see [`super::MiniBatches`].

use super::{Optimizer, Schedule};

/// For differentiable objectives: with step size 2/(L + m) the distance to the minimiser shrinks by (κ − 1)/(κ + 1) in every step,
/// κ = L/m. Nesterov (2004), *Introductory lectures on convex optimization*, theorem 2.1.15.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GradientDescent {
    schedule: Schedule,
}

impl GradientDescent {
    /// With step sizes η_t.
    pub fn new(schedule: Schedule) -> Self {
        Self { schedule }
    }
}

/// For any convex objective that is finite everywhere. Not a descent method: with a constant step size it goes to and fro over a
/// kink, which [`Schedule::inverse_root`] or averaging brings to rest, and it does not produce zeros.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SubgradientDescent {
    schedule: Schedule,
}

impl SubgradientDescent {
    /// With step sizes η_t.
    pub fn new(schedule: Schedule) -> Self {
        Self { schedule }
    }
}

impl Optimizer for GradientDescent {
    fn step_size(&self, t: u64) -> f64 {
        self.schedule.at(t)
    }

    fn step(&mut self, gradient: &[f64], t: u64, beta: &mut [f64]) {
        descend(self.schedule.at(t), gradient, beta);
    }
}

impl Optimizer for SubgradientDescent {
    fn step_size(&self, t: u64) -> f64 {
        self.schedule.at(t)
    }

    fn step(&mut self, gradient: &[f64], t: u64, beta: &mut [f64]) {
        descend(self.schedule.at(t), gradient, beta);
    }
}

/// β ← β − ηg.
pub(super) fn descend(eta: f64, gradient: &[f64], beta: &mut [f64]) {
    for (b, g) in beta.iter_mut().zip(gradient) {
        *b -= eta * g;
    }
}
