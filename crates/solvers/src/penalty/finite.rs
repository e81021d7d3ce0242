//! Penalties that a method may follow by their slope: finite everywhere, and differentiable everywhere.

use super::{ElasticNet, L1, Penalty, Ridge};

/// ω finite at every b, so that no step leaves the set where the objective is finite. Bounded penalties are not of this kind.
pub trait FinitePenalty: Penalty {
    /// An element of ∂ω(b): the derivative where there is one, 0 at the kink b = 0.
    fn subgradient(self, b: f64) -> f64 {
        if b == 0.0 {
            0.0
        } else {
            self.derivatives(b)[0]
        }
    }
}

/// ω differentiable at every b.
pub trait SmoothPenalty: FinitePenalty {}

impl FinitePenalty for L1 {}
impl FinitePenalty for Ridge {}
impl FinitePenalty for ElasticNet {}
impl SmoothPenalty for Ridge {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subgradients_lie_in_the_subdifferential() {
        fn holds(penalty: impl FinitePenalty) {
            for b in [-2.0, -1e-300, -0.0, 0.0, 1e-300, 0.7] {
                let slope = penalty.subgradient(b);
                assert!(penalty.subdiff_distance(b, slope, 1.0) < 1e-15, "{b}");
                for other in [-3.0, -0.1, 0.0, 0.5, 4.0] {
                    let line = penalty.value(b) + slope * (other - b);
                    assert!(penalty.value(other) >= line - 1e-15);
                }
            }
        }
        holds(L1);
        holds(Ridge);
        for alpha in [0.0, 0.3, 1.0] {
            holds(ElasticNet::new(alpha).expect("alpha is in [0, 1]"));
        }
    }
}
