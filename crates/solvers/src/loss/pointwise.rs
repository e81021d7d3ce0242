//! ℓ(y, z) of one row, and f from it when every row counts the same.

use super::{CurvedLoss, KinkedLoss, Loss, Observed, ProxLoss, SmoothLoss};

/// ℓ(y, z), a convex loss of one row in its fit z. As f it is the mean over rows, see [`Loss`].
pub trait Pointwise: Copy + Sync {
    /// ℓ(y, z).
    fn value_at(self, y: f64, z: f64) -> f64;

    /// Each z, length n, becomes ℓ(y, z).
    fn values(self, y: &[f64], z: &mut [f64]) {
        for (z, &y) in z.iter_mut().zip(y) {
            *z = self.value_at(y, *z);
        }
    }

    /// −∂ℓ/∂z, or at a kink an element of the subdifferential.
    fn neg_derivative(self, y: f64, z: f64) -> f64;

    /// Each z, length n, becomes −∂ℓ/∂z there.
    fn neg_derivatives(self, y: &[f64], z: &mut [f64]) {
        for (z, &y) in z.iter_mut().zip(y) {
            *z = self.neg_derivative(y, *z);
        }
    }

    /// Value, first and second derivative in v of −ℓ*(−v), for v in the interval of [`Pointwise::dual_interval`].
    fn dual(self, y: f64, v: f64) -> [f64; 3];

    /// Each v, length n, becomes the value of [`Pointwise::dual`], with its derivatives in `first` and `second`.
    fn duals(self, y: &[f64], v: &mut [f64], first: &mut [f64], second: &mut [f64]) {
        for (((v, first), second), &y) in v.iter_mut().zip(first).zip(second).zip(y) {
            [*v, *first, *second] = self.dual(y, *v);
        }
    }

    /// The v at which ℓ*(−v) is finite, an interval that contains 0.
    fn dual_interval(self, y: f64) -> [f64; 2];

    /// See [`Loss::dual_metric`].
    fn metric_at(self, _v: f64) -> Option<f64> {
        None
    }
}

/// ℓ with a Lipschitz derivative.
pub trait PointwiseSmooth: Pointwise {
    /// Largest second derivative over all y and z.
    fn largest_curvature(self) -> f64;

    /// ∂²ℓ/∂z², at a jump either side.
    fn second_derivative(self, y: f64, z: f64) -> f64;

    /// ℓ(y, a) − ℓ(y, b) − ℓ'(y, b)(a − b), free of cancellation when a is near b.
    fn bregman_at(self, y: f64, a: f64, b: f64) -> f64;
}

/// ℓ with a computable proximal operator.
pub trait PointwiseProx: Pointwise {
    /// argmin_z t ℓ(y, z) + (z − v)²/2.
    fn prox_at(self, y: f64, v: f64, t: f64) -> f64;
}

/// ℓ(y, z) = max(h r, l r) of the residual r = y − z.
pub trait PointwiseKinked: Pointwise {
    /// [l, h], l < 0 < h.
    fn sides(self) -> [f64; 2];
}

impl<L: Pointwise> Loss for L {
    fn value(self, y: &[f64], fit: &[f64]) -> f64 {
        Observed::equally(self).value(y, fit)
    }

    fn neg_gradient(self, y: &[f64], fit: &[f64], out: &mut [f64]) {
        Observed::equally(self).neg_gradient(y, fit, out);
    }

    fn dual_along(self, y: &[f64], u: &[f64], s: f64) -> [f64; 3] {
        Observed::equally(self).dual_along(y, u, s)
    }

    fn dual_reach(self, y: &[f64], u: &[f64]) -> f64 {
        Observed::equally(self).dual_reach(y, u)
    }

    fn dual_metric(self, y: &[f64], u: &[f64]) -> Option<Vec<f64>> {
        Observed::equally(self).dual_metric(y, u)
    }
}

impl<L: PointwiseSmooth> SmoothLoss for L {
    fn curvature_bound(self) -> f64 {
        self.largest_curvature()
    }

    fn bregman(self, y: &[f64], a: &[f64], b: &[f64]) -> f64 {
        Observed::equally(self).bregman(y, a, b)
    }
}

impl<L: PointwiseSmooth> CurvedLoss for L {
    fn curvature(self, y: &[f64], fit: &[f64], out: &mut [f64]) {
        Observed::equally(self).curvature(y, fit, out);
    }
}

impl<L: PointwiseProx> ProxLoss for L {
    fn prox(self, y: &[f64], v: &[f64], t: f64, out: &mut [f64]) {
        Observed::equally(self).prox(y, v, t, out);
    }
}

impl<L: PointwiseKinked> KinkedLoss for L {
    fn slopes(self, y: &[f64]) -> Vec<[f64; 2]> {
        Observed::equally(self).slopes(y)
    }

    fn kinks(self, y: &[f64]) -> Vec<f64> {
        y.to_vec()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::loss::{Absolute, Huber, Logistic, Quantile};

    const Z: [f64; 9] = [-40.0, -3.0, -1.0, -0.4, 0.0, 0.3, 1.0, 2.5, 40.0];

    /// Fenchel–Young with equality at the derivative, and the derivatives of the dual.
    fn duality(loss: impl Pointwise, y: f64) {
        let [low, high] = loss.dual_interval(y);
        assert!(low <= 0.0 && high >= 0.0);
        for z in Z {
            let v = loss.neg_derivative(y, z);
            assert!((low..=high).contains(&v), "y {y} z {z} v {v}");
            let slack = |v: f64| loss.value_at(y, z) - loss.dual(y, v)[0] + v * z;
            assert!(slack(v).abs() < 1e-12, "y {y} z {z}: {}", slack(v));
            let [low, high] = [low.max(-5.0), high.min(5.0)];
            for share in [0.0, 0.01, 0.3, 0.5, 0.99, 1.0] {
                let v = low + share * (high - low);
                assert!(slack(v) >= -1e-13, "y {y} z {z} v {v}");
            }
        }
        let [low, high] = [low.max(-5.0), high.min(5.0)];
        for share in [0.1, 0.4, 0.8] {
            let (v, h) = (low + share * (high - low), 1e-5);
            let [_, first, second] = loss.dual(y, v);
            let [plus, minus] = [loss.dual(y, v + h), loss.dual(y, v - h)];
            assert!((first - (plus[0] - minus[0]) / (2.0 * h)).abs() < 1e-6 * (1.0 + first.abs()));
            assert!(
                (second - (plus[1] - minus[1]) / (2.0 * h)).abs() < 1e-6 * (1.0 + second.abs())
            );
        }
    }

    /// −ℓ' falls, by at most the curvature; the second derivative is its slope; the Bregman distance is what it says.
    fn smoothness(loss: impl PointwiseSmooth, y: f64) {
        for a in Z {
            for b in Z {
                let fall = (loss.neg_derivative(y, b) - loss.neg_derivative(y, a)) * (a - b);
                let most = loss.largest_curvature() * (a - b).powi(2);
                assert!(fall >= -1e-14 && fall <= most + 1e-12, "{a} {b}");
                let plain =
                    loss.value_at(y, a) - loss.value_at(y, b) + loss.neg_derivative(y, b) * (a - b);
                let bregman = loss.bregman_at(y, a, b);
                assert!(bregman >= 0.0 && (bregman - plain).abs() < 1e-12 * (1.0 + plain));
            }
            let h = 1e-5;
            let slope = (loss.neg_derivative(y, a - h) - loss.neg_derivative(y, a + h)) / (2.0 * h);
            let second = loss.second_derivative(y, a);
            assert!(
                (slope - second).abs() < 1e-6,
                "y {y} z {a}: {slope} {second}"
            );
        }
        // A small step's distance is half the curvature times its square, to many digits.
        for b in [-1.7, 0.4] {
            let step = 1e-6;
            let expected = 0.5 * loss.second_derivative(y, b) * step * step;
            assert!((loss.bregman_at(y, b + step, b) - expected).abs() <= 1e-5 * expected);
        }
    }

    fn proximity(loss: impl PointwiseProx, y: f64) {
        for v in Z {
            for t in [1e-3, 0.5, 1.0, 7.0] {
                let z = loss.prox_at(y, v, t);
                let at = |z: f64| t * loss.value_at(y, z) + 0.5 * (z - v).powi(2);
                for step in [1e-4, 0.1, 3.0] {
                    assert!(at(z) <= at(z + step) + 1e-14 && at(z) <= at(z - step) + 1e-14);
                }
            }
        }
    }

    #[test]
    fn every_loss_obeys_the_laws_of_duality() {
        for y in [-2.0, 0.0, 0.7] {
            duality(Absolute, y);
            for tau in [0.05, 0.5, 0.9] {
                duality(Quantile::new(tau).expect("tau is in (0, 1)"), y);
            }
            for delta in [0.1, 1.345, 20.0] {
                duality(Huber::new(delta).expect("delta is positive"), y);
            }
        }
        duality(Logistic, 0.0);
        duality(Logistic, 1.0);
    }

    #[test]
    fn smooth_losses_have_the_derivatives_they_claim() {
        for y in [-2.05, 0.017, 0.72] {
            for delta in [0.11, 1.345, 20.0] {
                smoothness(Huber::new(delta).expect("delta is positive"), y);
            }
        }
        smoothness(Logistic, 0.0);
        smoothness(Logistic, 1.0);
    }

    #[test]
    fn proximal_operators_minimise() {
        for y in [-2.0, 0.0, 0.7] {
            proximity(Absolute, y);
            proximity(Quantile::new(0.2).expect("tau is in (0, 1)"), y);
            proximity(Huber::new(0.8).expect("delta is positive"), y);
        }
        proximity(Logistic, 0.0);
        proximity(Logistic, 1.0);
    }

    #[test]
    fn a_kinked_loss_is_the_larger_of_its_two_lines() {
        let lines = |loss: &dyn Fn(f64) -> f64, [low, high]: [f64; 2]| {
            for r in [-3.0f64, -0.5, 0.0, 2.0] {
                assert!((loss(r) - (high * r).max(low * r)).abs() < 1e-15);
            }
        };
        lines(&|r| Absolute.value_at(r, 0.0), Absolute.sides());
        let quantile = Quantile::new(0.3).expect("tau is in (0, 1)");
        lines(&|r| quantile.value_at(r, 0.0), quantile.sides());
    }

    #[test]
    fn parameters_outside_their_range_are_rejected() {
        for tau in [0.0, 1.0, -0.1, 1.5, f64::NAN] {
            assert!(Quantile::new(tau).is_err(), "{tau}");
        }
        for delta in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert!(Huber::new(delta).is_err(), "{delta}");
        }
    }
}
