//! Huber's loss: squared near the fit, absolute far from it. Huber (1964), Ann. Math. Statist. 35.

use super::{Pointwise, PointwiseProx, PointwiseSmooth};
use crate::error::SolveError;

/// ℓ(y, z) = r²/2 for |r| ≤ δ, δ|r| − δ²/2 beyond, r = y − z. δ has the units of y.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Huber {
    delta: f64,
}

impl Huber {
    /// Errors: [`SolveError::Loss`] unless δ is positive and finite.
    pub fn new(delta: f64) -> Result<Self, SolveError> {
        if delta > 0.0 && delta.is_finite() {
            Ok(Self { delta })
        } else {
            Err(SolveError::Loss(format!(
                "delta is {delta}, expected a positive number"
            )))
        }
    }

    /// δ.
    pub fn delta(self) -> f64 {
        self.delta
    }
}

/// Weight of a row without room, by which it moves where no other can.
const AT_END: f64 = 1e-6;

impl Pointwise for Huber {
    fn value_at(self, y: f64, z: f64) -> f64 {
        let size = (y - z).abs();
        if size <= self.delta {
            0.5 * size * size
        } else {
            self.delta * (size - 0.5 * self.delta)
        }
    }

    fn neg_derivative(self, y: f64, z: f64) -> f64 {
        (y - z).clamp(-self.delta, self.delta)
    }

    fn dual(self, y: f64, v: f64) -> [f64; 3] {
        [v * (y - 0.5 * v), y - v, -1.0]
    }

    fn dual_interval(self, _y: f64) -> [f64; 2] {
        [-self.delta, self.delta]
    }

    /// The room that is left: a row at ±δ, of which there are many, is to stay where it is.
    fn metric_at(self, v: f64) -> Option<f64> {
        Some((1.0 - v.abs() / self.delta).max(AT_END))
    }
}

impl PointwiseSmooth for Huber {
    fn largest_curvature(self) -> f64 {
        1.0
    }

    fn second_derivative(self, y: f64, z: f64) -> f64 {
        if (y - z).abs() <= self.delta {
            1.0
        } else {
            0.0
        }
    }

    fn bregman_at(self, y: f64, a: f64, b: f64) -> f64 {
        // ∫ from b to a of ψ(y − b) − ψ(y − t) dt, where ψ clamps: zero where both are clamped on one side, a parabola where
        // neither is, and a parabola up to the end of the band followed by a line otherwise.
        let (ra, rb) = (y - a, y - b);
        let (ca, cb) = (
            ra.clamp(-self.delta, self.delta),
            rb.clamp(-self.delta, self.delta),
        );
        let band = ca - cb;
        0.5 * band * band + (ra - ca) * band
    }
}

impl PointwiseProx for Huber {
    fn prox_at(self, y: f64, v: f64, t: f64) -> f64 {
        let residual = y - v;
        v + (residual * t / (1.0 + t)).clamp(-t * self.delta, t * self.delta)
    }
}
