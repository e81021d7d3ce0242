//! Penalties λ Ω(β) = λ Σ ω(β_j). λ is always an argument, never a field.

mod elastic_net;
mod l1;
mod ridge;

pub use elastic_net::ElasticNet;
pub use l1::L1;
pub use ridge::Ridge;

/// A convex separable penalty. To add one, implement the required methods for a single coordinate.
pub trait Penalty: Copy + Sync {
    /// ω(b).
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
    fn naive_prox(penalty: impl Penalty, v: f64, t: f64) -> f64 {
        let objective = |x: f64| 0.5 * (x - v).powi(2) + t * penalty.value(x);
        let (mut low, mut high) = (-v.abs() - 1.0, v.abs() + 1.0);
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
        let points = [-3.0, -1.0, -0.2, 0.0, 1e-9, 0.4, 2.5];
        for v in points {
            for t in [0.0, 0.1, 1.0, 4.0] {
                let prox = penalty.prox(v, t);
                assert!(
                    (prox - naive_prox(penalty, v, t)).abs() < 1e-7,
                    "prox({v}, {t}) = {prox}"
                );
                // Optimality: v − prox ∈ t ∂ω(prox).
                assert!(penalty.subdiff_distance(prox, v - prox, t) < 1e-14);
            }
            for lambda in [0.3, 2.0] {
                for u in points
                    .map(|u| u.clamp(-penalty.dual_radius(lambda), penalty.dual_radius(lambda)))
                {
                    let conjugate = penalty.conjugate(u, lambda)[0];
                    assert!(penalty.dual_radius(lambda).is_infinite() || conjugate == 0.0);
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
