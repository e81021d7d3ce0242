//! Lasso penalty ω(b) = |b|. Tibshirani (1996), JRSS B 58.

use super::{Penalty, soft_threshold};

/// ω(b) = |b|.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct L1;

impl Penalty for L1 {
    fn value(self, b: f64) -> f64 {
        b.abs()
    }

    fn prox(self, v: f64, t: f64) -> f64 {
        soft_threshold(v, t)
    }

    fn subdiff_distance(self, b: f64, g: f64, lambda: f64) -> f64 {
        if b == 0.0 {
            // λ ∂ω(0) = [−λ, λ]
            (g.abs() - lambda).max(0.0)
        } else {
            // λ ∂ω(b) = {λ sign b}
            (g - lambda * b.signum()).abs()
        }
    }

    fn derivatives(self, b: f64) -> [f64; 2] {
        [b.signum(), 0.0]
    }

    fn conjugate(self, _u: f64, _lambda: f64) -> [f64; 3] {
        [0.0; 3]
    }

    fn dual_radius(self, lambda: f64) -> f64 {
        lambda
    }

    fn zero_weight(self) -> f64 {
        1.0
    }

    fn alpha(self) -> f64 {
        1.0
    }
}
