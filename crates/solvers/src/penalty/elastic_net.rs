//! Elastic net ω(b) = α|b| + (1 − α) b²/2. Zou & Hastie (2005), JRSS B 67, in glmnet's parametrisation.

use super::{L1, Penalty, soft_threshold};
use crate::error::SolveError;

/// ω(b) = α|b| + (1 − α) b²/2 with α in [0, 1]; α = 1 is the lasso and α = 0 ridge.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ElasticNet {
    alpha: f64,
}

impl ElasticNet {
    /// Errors: [`SolveError::Alpha`] outside [0, 1].
    pub fn new(alpha: f64) -> Result<Self, SolveError> {
        if (0.0..=1.0).contains(&alpha) {
            // −0.0 is in the interval, but λ_max divides by it.
            Ok(Self { alpha: alpha.abs() })
        } else {
            Err(SolveError::Alpha(alpha))
        }
    }
}

impl Penalty for ElasticNet {
    fn value(self, b: f64) -> f64 {
        self.alpha * b.abs() + 0.5 * (1.0 - self.alpha) * b * b
    }

    fn prox(self, v: f64, t: f64) -> f64 {
        soft_threshold(v, t * self.alpha) / (1.0 + t * (1.0 - self.alpha))
    }

    fn subdiff_distance(self, b: f64, g: f64, lambda: f64) -> f64 {
        // The ridge part is smooth: move it to the side of the gradient.
        L1.subdiff_distance(b, g - lambda * (1.0 - self.alpha) * b, lambda * self.alpha)
    }

    fn derivatives(self, b: f64) -> [f64; 2] {
        [
            self.alpha * b.signum() + (1.0 - self.alpha) * b,
            1.0 - self.alpha,
        ]
    }

    fn conjugate(self, u: f64, lambda: f64) -> [f64; 3] {
        let excess = soft_threshold(u, lambda * self.alpha);
        let ridge = lambda * (1.0 - self.alpha);
        if excess == 0.0 || ridge == 0.0 {
            return [0.0; 3];
        }
        [excess * (0.5 * excess / ridge), excess / ridge, 1.0 / ridge]
    }

    fn dual_radius(self, lambda: f64) -> f64 {
        if lambda * (1.0 - self.alpha) == 0.0 {
            lambda * self.alpha
        } else {
            f64::INFINITY
        }
    }

    fn zero_weight(self) -> f64 {
        self.alpha
    }

    fn alpha(self) -> f64 {
        self.alpha
    }
}
