//! Penalties λ Ω(β) = λ Σ ω_j(β_j). λ is always an argument, never a field.

mod bounded;
mod elastic_net;
mod finite;
mod l1;
mod ridge;
mod separable;

pub use bounded::{Bounded, PerCoordinate};
pub use elastic_net::ElasticNet;
pub use finite::{FinitePenalty, SmoothPenalty};
pub use l1::L1;
pub use ridge::Ridge;
pub use separable::{DualLimits, Separable};

/// ω, a convex penalty of one coordinate. To add one, implement the required methods; as Ω it is the same for every coordinate,
/// see [`Separable`].
pub trait Penalty: Copy + Sync {
    /// ω(b); ∞ where b is not allowed.
    fn value(self, b: f64) -> f64;

    /// argmin_x ½(x − v)² + t ω(x): λ is already multiplied by the step in t. Returns exact zeros.
    fn prox(self, v: f64, t: f64) -> f64;

    /// Distance of g = −∂f/∂β_j from the set λ ∂ω(b).
    fn subdiff_distance(self, b: f64, g: f64, lambda: f64) -> f64;

    /// First and second derivative of ω at b ≠ 0; between its kinks the penalty is taken to be quadratic.
    fn derivatives(self, b: f64) -> [f64; 2];

    /// Value, first and second derivative at u of the conjugate (λω)*(u), for |u| ≤ [`Penalty::dual_radius`].
    fn conjugate(self, u: f64, lambda: f64) -> [f64; 3];

    /// Largest |u| at which the conjugate is finite; ∞ when it is finite everywhere. Where it is not, the conjugate must
    /// be 0 inside: the certificate takes a finite radius for an indicator.
    fn dual_radius(self, lambda: f64) -> f64;

    /// λ at which a coordinate whose gradient at 0 has magnitude g becomes non-zero, per unit: the subdifferential of
    /// ω at 0 is [−w, w]. 0 when a coordinate is never exactly 0.
    fn zero_weight(self) -> f64;

    /// Elastic-net mixing parameter of this penalty: 1 for the lasso, 0 for ridge.
    fn alpha(self) -> f64;

    /// Largest s ≥ 0 at which the conjugate (λω)*(s c) is finite; ∞ for c = 0.
    fn reach(self, c: f64, lambda: f64) -> f64 {
        match self.dual_radius(lambda) / c.abs() {
            // 0/0: nothing moves along c = 0.
            reach if reach.is_nan() => f64::INFINITY,
            reach => reach,
        }
    }

    /// λ at which a coordinate with −∂f/∂β_j = c at 0 leaves 0, the least at which it stays: ∞ if it always leaves.
    fn threshold(self, c: f64) -> f64 {
        if c == 0.0 {
            0.0
        } else {
            c.abs() / self.zero_weight()
        }
    }

    /// The largest |b| that bounds on both sides allow; None where one side has none.
    fn box_size(self) -> Option<f64> {
        None
    }

    /// The ends of the interval around b ≠ 0 on which ω is quadratic, b not being one of them unless it cannot go on.
    fn piece(self, b: f64) -> [f64; 2] {
        if b > 0.0 {
            [0.0, f64::INFINITY]
        } else {
            [f64::NEG_INFINITY, 0.0]
        }
    }
}

/// sign(v) max(|v| − t, 0): the prox of the absolute value.
#[inline]
pub fn soft_threshold(v: f64, t: f64) -> f64 {
    if v > t {
        v - t
    } else if v < -t {
        v + t
    } else {
        0.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The prox by brute force: ternary search on a convex function.
    fn naive_prox(penalty: impl Penalty, v: f64, t: f64, [low, high]: [f64; 2]) -> f64 {
        let objective = |x: f64| 0.5 * (x - v).powi(2) + t * penalty.value(x);
        let (mut low, mut high) = (low.max(-v.abs() - 1.0), high.min(v.abs() + 1.0));
        for _ in 0..200 {
            let (a, b) = (low + (high - low) / 3.0, high - (high - low) / 3.0);
            if objective(a) < objective(b) {
                high = b
            } else {
                low = a
            }
        }
        0.5 * (low + high)
    }

    fn laws(penalty: impl Penalty) {
        laws_between(penalty, [f64::NEG_INFINITY, f64::INFINITY]);
    }

    fn laws_between(penalty: impl Penalty, bounds: [f64; 2]) {
        let points = [-3.0, -1.0, -0.2, 0.0, 1e-9, 0.4, 2.5];
        for v in points {
            for t in [0.0, 0.1, 1.0, 4.0] {
                let prox = penalty.prox(v, t);
                assert!(
                    (prox - naive_prox(penalty, v, t, bounds)).abs() < 1e-7,
                    "prox({v}, {t}) = {prox}"
                );
                // Optimality: v − prox ∈ t ∂ω(prox).
                assert!(penalty.subdiff_distance(prox, v - prox, t) < 1e-14);
            }
            let v = v.clamp(bounds[0], bounds[1]);
            for lambda in [0.3, 2.0] {
                for u in points.map(|u| u * penalty.reach(u, lambda).min(1.0)) {
                    let conjugate = penalty.conjugate(u, lambda)[0];
                    assert!(penalty.reach(u, lambda) >= 1.0 - 1e-15);
                    // Fenchel–Young, with equality exactly when u ∈ λ ∂ω(v).
                    let slack = lambda * penalty.value(v) + conjugate - u * v;
                    assert!(slack >= -1e-12, "v {v} u {u} slack {slack}");
                    assert!(penalty.subdiff_distance(v, u, lambda) > 1e-12 || slack < 1e-9);
                }
            }
        }
    }

    #[test]
    fn prox_and_conjugate_obey_their_laws() {
        laws(L1);
        laws(Ridge);
        for alpha in [1e-6, 0.1, 0.5, 0.999, 1.0] {
            laws(ElasticNet::new(alpha).expect("alpha is in [0, 1]"));
        }
    }

    #[test]
    fn factors_and_bounds_obey_the_same_laws() {
        let free = [f64::NEG_INFINITY, f64::INFINITY];
        for bounds in [
            free,
            [0.0, f64::INFINITY],
            [-0.3, 0.9],
            [f64::NEG_INFINITY, 0.5],
            [0.0, 0.0],
        ] {
            for factor in [0.0, 0.4, 1.0, 3.0] {
                for alpha in [0.0, 1e-6, 0.5, 1.0] {
                    let net = ElasticNet::new(alpha).expect("alpha is in [0, 1]");
                    laws_between(Bounded::new(net, factor, bounds), bounds);
                }
            }
        }
    }

    #[test]
    fn without_bounds_a_factor_is_a_larger_lambda() {
        let net = ElasticNet::new(0.3).expect("alpha is in [0, 1]");
        let tripled = Bounded::new(net, 3.0, [f64::NEG_INFINITY, f64::INFINITY]);
        for v in [-2.0, -0.1, 0.0, 0.7] {
            assert!((tripled.value(v) - 3.0 * net.value(v)).abs() < 1e-15);
            assert!((tripled.prox(v, 0.2) - net.prox(v, 0.6)).abs() < 1e-15);
            assert!((tripled.threshold(v) - net.threshold(v) / 3.0).abs() < 1e-15);
            assert!(
                (tripled.subdiff_distance(v, 0.4, 0.5) - net.subdiff_distance(v, 0.4, 1.5)).abs()
                    < 1e-15
            );
        }
    }

    #[test]
    fn conjugate_derivatives_match_differences() {
        let penalty = ElasticNet::new(0.3).expect("alpha is in [0, 1]");
        for u in [-2.0, -0.1, 0.7, 3.0] {
            let h = 1e-5;
            let [_, d1, d2] = penalty.conjugate(u, 0.9);
            let (plus, minus) = (penalty.conjugate(u + h, 0.9), penalty.conjugate(u - h, 0.9));
            assert!((d1 - (plus[0] - minus[0]) / (2.0 * h)).abs() < 1e-8);
            assert!((d2 - (plus[1] - minus[1]) / (2.0 * h)).abs() < 1e-8);
        }
    }

    #[test]
    fn alpha_outside_the_unit_interval_is_rejected() {
        for alpha in [-0.1, 1.1, f64::NAN, f64::INFINITY] {
            assert!(ElasticNet::new(alpha).is_err());
        }
    }
}
