//! Absolute loss |y − z|: least absolute deviations, whose fits are medians. Boscovich 1757, Laplace 1793; Bloomfield & Steiger
//! (1983), *Least Absolute Deviations*.

use super::{Pointwise, PointwiseKinked, PointwiseProx, Quantile};

/// ℓ(y, z) = |y − z|.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Absolute;

impl Pointwise for Absolute {
    fn value_at(self, y: f64, z: f64) -> f64 {
        (y - z).abs()
    }

    fn neg_derivative(self, y: f64, z: f64) -> f64 {
        Quantile::side(y - z, [-1.0, 1.0])
    }

    fn dual(self, y: f64, v: f64) -> [f64; 3] {
        [v * y, y, 0.0]
    }

    fn dual_interval(self, _y: f64) -> [f64; 2] {
        [-1.0, 1.0]
    }
}

impl PointwiseProx for Absolute {
    fn prox_at(self, y: f64, v: f64, t: f64) -> f64 {
        Quantile::towards(y, v, [-t, t])
    }
}

impl PointwiseKinked for Absolute {
    fn sides(self) -> [f64; 2] {
        [-1.0, 1.0]
    }
}
