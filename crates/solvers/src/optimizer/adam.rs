//! Adam: steps scaled by running moments of the gradient. Kingma & Ba (2015), *Adam: a method for stochastic optimization*, ICLR.
//! With [`super::Decay::Decoupled`] it is AdamW.

use super::{FollowsSubgradients, Optimizer, Schedule, fraction};
use crate::error::SolveError;

/// m ← β₁m + (1 − β₁)g, v ← β₂v + (1 − β₂)g², β ← β − η_t m̂/(√v̂ + ε) coordinate by coordinate, with m̂ = m/(1 − β₁ᵗ) and
/// v̂ = v/(1 − β₂ᵗ), algorithm 1 of the paper: ε stands outside the root and after the correction.
///
/// A step does not scale with the gradient: under a constant η iterates keep moving by about η near a minimiser.
#[derive(Clone, Debug, PartialEq)]
pub struct Adam {
    schedule: Schedule,
    decay_rates: [f64; 2],
    epsilon: f64,
    first: Vec<f64>,
    second: Vec<f64>,
}

impl Adam {
    /// β₁ and β₂ as published.
    pub const DECAY_RATES: [f64; 2] = [0.9, 0.999];
    /// ε as published, in units of the gradient.
    pub const EPSILON: f64 = 1e-8;
    /// α as published, in units of β.
    pub const STEP_SIZE: f64 = 0.001;

    /// With step sizes η_t and the published β₁, β₂ and ε.
    pub fn new(schedule: Schedule) -> Self {
        Self {
            schedule,
            decay_rates: Self::DECAY_RATES,
            epsilon: Self::EPSILON,
            first: Vec::new(),
            second: Vec::new(),
        }
    }

    /// With [β₁, β₂]. Errors: [`SolveError::Optimizer`] unless both lie in [0, 1).
    pub fn decay_rates(mut self, [first, second]: [f64; 2]) -> Result<Self, SolveError> {
        self.decay_rates = [
            fraction("the first decay rate", first)?,
            fraction("the second decay rate", second)?,
        ];
        Ok(self)
    }

    /// With ε. Errors: [`SolveError::Optimizer`] unless it is positive and finite.
    pub fn epsilon(mut self, epsilon: f64) -> Result<Self, SolveError> {
        if !(epsilon > 0.0 && epsilon.is_finite()) {
            return Err(SolveError::Optimizer(format!(
                "epsilon is {epsilon}, expected a positive number"
            )));
        }
        self.epsilon = epsilon;
        Ok(self)
    }
}

impl FollowsSubgradients for Adam {}

impl Optimizer for Adam {
    fn step_size(&self, t: u64) -> f64 {
        self.schedule.at(t)
    }

    fn step(&mut self, gradient: &[f64], t: u64, beta: &mut [f64]) {
        self.first.resize(beta.len(), 0.0);
        self.second.resize(beta.len(), 0.0);
        let eta = self.schedule.at(t);
        let [keep_first, keep_second] = self.decay_rates;
        // 1 − βᵗ, whose digits cancel where β is near 1.
        let corrections = self
            .decay_rates
            .map(|rate| -(t as f64 * rate.ln()).exp_m1());
        let moments = self.first.iter_mut().zip(&mut self.second);
        for (((m, v), g), b) in moments.zip(gradient).zip(beta) {
            *m = keep_first * *m + (1.0 - keep_first) * g;
            *v = keep_second * *v + (1.0 - keep_second) * (g * g);
            let (m, v) = (*m / corrections[0], *v / corrections[1]);
            *b -= eta * m / (v.sqrt() + self.epsilon);
        }
    }
}
