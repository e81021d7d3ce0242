//! Check loss ρ_τ of the residual, whose fits are τ-quantiles. Koenker & Bassett (1978), Econometrica 46.

use super::{Pointwise, PointwiseKinked, PointwiseProx};
use crate::error::SolveError;

/// ℓ(y, z) = τ r for r = y − z ≥ 0, (τ − 1) r for r < 0. Half the absolute loss at τ = ½.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Quantile {
    tau: f64,
}

impl Quantile {
    /// Errors: [`SolveError::Loss`] unless 0 < τ < 1.
    pub fn new(tau: f64) -> Result<Self, SolveError> {
        if tau > 0.0 && tau < 1.0 {
            Ok(Self { tau })
        } else {
            Err(SolveError::Loss(format!(
                "tau is {tau}, expected a number in (0, 1)"
            )))
        }
    }

    /// τ.
    pub fn tau(self) -> f64 {
        self.tau
    }

    /// The slope of the side that a residual is on, 0 at the kink.
    pub(super) fn side(residual: f64, [low, high]: [f64; 2]) -> f64 {
        if residual > 0.0 {
            high
        } else if residual < 0.0 {
            low
        } else {
            0.0
        }
    }

    /// v moved towards y, by at most the slope of its side.
    pub(super) fn towards(y: f64, v: f64, [low, high]: [f64; 2]) -> f64 {
        let residual = y - v;
        if residual > high {
            v + high
        } else if residual < low {
            v + low
        } else {
            y
        }
    }
}

impl Pointwise for Quantile {
    fn value_at(self, y: f64, z: f64) -> f64 {
        let [low, high] = self.sides();
        (high * (y - z)).max(low * (y - z))
    }

    fn neg_derivative(self, y: f64, z: f64) -> f64 {
        Self::side(y - z, self.sides())
    }

    fn dual(self, y: f64, v: f64) -> [f64; 3] {
        [v * y, y, 0.0]
    }

    fn dual_interval(self, _y: f64) -> [f64; 2] {
        self.sides()
    }
}

impl PointwiseProx for Quantile {
    fn prox_at(self, y: f64, v: f64, t: f64) -> f64 {
        Self::towards(y, v, self.sides().map(|slope| t * slope))
    }
}

impl PointwiseKinked for Quantile {
    fn sides(self) -> [f64; 2] {
        [self.tau - 1.0, self.tau]
    }
}
