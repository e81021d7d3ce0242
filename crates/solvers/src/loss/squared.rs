//! Squared loss f(z) = ‖y − z‖² / 2n; f*(u) = n‖u‖²/2 + uᵀy.

use super::{Loss, SmoothLoss};
use crate::design::kernels::{dot, sq_norm};

/// ℓ(y, z) = ½ (y − z)².
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Squared;

impl Loss for Squared {
    fn value(self, y: &[f64], fit: &[f64]) -> f64 {
        let squares: f64 = y.iter().zip(fit).map(|(y, z)| (y - z) * (y - z)).sum();
        squares / (2.0 * y.len() as f64)
    }

    fn neg_gradient(self, y: &[f64], fit: &[f64], out: &mut [f64]) {
        let n = y.len() as f64;
        for ((out, y), z) in out.iter_mut().zip(y).zip(fit) {
            *out = (y - z) / n;
        }
    }

    fn dual_along(self, y: &[f64], u: &[f64], s: f64) -> [f64; 3] {
        Self::dual_line(dot(u, y), y.len() as f64 * sq_norm(u), s)
    }
}

impl Squared {
    /// Value and derivatives in s of s uᵀy − s² n‖u‖²/2, from `linear` = uᵀy and `curvature` = n‖u‖².
    pub fn dual_line(linear: f64, curvature: f64, s: f64) -> [f64; 3] {
        [
            s * (linear - 0.5 * s * curvature),
            linear - s * curvature,
            -curvature,
        ]
    }
}

impl SmoothLoss for Squared {
    fn curvature_bound(self) -> f64 {
        1.0
    }

    fn bregman(self, y: &[f64], a: &[f64], b: &[f64]) -> f64 {
        let squares: f64 = a.iter().zip(b).map(|(a, b)| (a - b) * (a - b)).sum();
        squares / (2.0 * y.len() as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fenchel_young_holds_with_equality_at_the_gradient() {
        let y = [1.0, -2.0, 0.5];
        for fit in [[0.0, 0.0, 0.0], [1.5, 0.3, -2.0]] {
            let mut u = [0.0; 3];
            Squared.neg_gradient(&y, &fit, &mut u);
            let inner: f64 = u.iter().zip(&fit).map(|(u, z)| u * z).sum();
            // f(z) + f*(−u) = −uᵀz exactly at u = −∇f(z), and f(z) + f*(−s u) ≥ −s uᵀz everywhere else.
            for s in [0.0, 0.3, 1.0, 1.7] {
                let slack = Squared.value(&y, &fit) - Squared.dual_along(&y, &u, s)[0] + s * inner;
                assert!(slack >= -1e-14, "s = {s}: {slack}");
                assert!(s != 1.0 || slack.abs() < 1e-14);
            }
        }
    }
}
