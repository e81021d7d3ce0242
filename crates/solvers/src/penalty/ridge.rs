//! Ridge penalty ω(b) = b²/2. Hoerl & Kennard (1970), Technometrics 12.

use super::Penalty;

/// ω(b) = b²/2.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Ridge;

impl Penalty for Ridge {
    fn value(self, b: f64) -> f64 {
        0.5 * b * b
    }

    fn prox(self, v: f64, t: f64) -> f64 {
        v / (1.0 + t)
    }

    fn subdiff_distance(self, b: f64, g: f64, lambda: f64) -> f64 {
        (g - lambda * b).abs()
    }

    fn derivatives(self, b: f64) -> [f64; 2] {
        [b, 1.0]
    }

    fn conjugate(self, u: f64, lambda: f64) -> [f64; 3] {
        if lambda == 0.0 {
            return [0.0; 3];
        }
        [u * (0.5 * u / lambda), u / lambda, 1.0 / lambda]
    }

    fn dual_radius(self, lambda: f64) -> f64 {
        if lambda == 0.0 { 0.0 } else { f64::INFINITY }
    }

    fn zero_weight(self) -> f64 {
        0.0
    }

    fn alpha(self) -> f64 {
        0.0
    }
}
