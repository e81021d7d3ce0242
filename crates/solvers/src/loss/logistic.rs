//! Logistic loss: minus the log-likelihood of two classes. Cox (1958), JRSS B 20; as a penalised path Friedman, Hastie & Tibshirani
//! (2010), JSS 33.

use super::exponential::{costs, entropies, misses};
use super::{Pointwise, PointwiseProx, PointwiseSmooth};

/// ℓ(y, z) = log(1 + eᶻ) − y z for a class y of 0 or 1; z is the log-odds of class 1. The deviance of n rows is 2n f.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Logistic;

impl Logistic {
    /// 1/(1 + e⁻ᶻ), the probability of class 1.
    pub fn probability(z: f64) -> f64 {
        // The exponential never overflows, and neither tail loses its digits.
        let e = (-z.abs()).exp();
        if z >= 0.0 {
            1.0 / (1.0 + e)
        } else {
            e / (1.0 + e)
        }
    }
}

impl Pointwise for Logistic {
    fn value_at(self, y: f64, z: f64) -> f64 {
        // log(1 + e⁻ᵐ) with the margin m, for which nothing cancels.
        let margin = if y > 0.5 { z } else { -z };
        (-margin).max(0.0) + (-margin.abs()).exp().ln_1p()
    }

    fn values(self, y: &[f64], z: &mut [f64]) {
        costs(y, z);
    }

    fn neg_derivative(self, y: f64, z: f64) -> f64 {
        // Not y − p: that loses the digits of a small residual.
        if y > 0.5 {
            Self::probability(-z)
        } else {
            -Self::probability(z)
        }
    }

    fn neg_derivatives(self, y: &[f64], z: &mut [f64]) {
        misses(y, z);
    }

    fn dual(self, y: f64, v: f64) -> [f64; 3] {
        // With |v| the probability of the other class.
        let (miss, sign) = if y > 0.5 { (v, 1.0) } else { (-v, -1.0) };
        let hit = 1.0 - miss;
        let (log_miss, log_hit) = (miss.ln(), hit.ln());
        // q ln q, 0 at 0.
        let entropy = |q: f64, log: f64| if q > 0.0 { q * log } else { 0.0 };
        [
            -entropy(miss, log_miss) - entropy(hit, log_hit),
            sign * (log_hit - log_miss),
            -1.0 / (hit * miss),
        ]
    }

    fn duals(self, y: &[f64], v: &mut [f64], first: &mut [f64], second: &mut [f64]) {
        entropies(y, v, first, second);
    }

    fn dual_interval(self, y: f64) -> [f64; 2] {
        if y > 0.5 { [0.0, 1.0] } else { [-1.0, 0.0] }
    }

    fn metric_at(self, v: f64) -> Option<f64> {
        let miss = v.abs().min(1.0);
        Some(miss * (1.0 - miss))
    }
}

impl PointwiseSmooth for Logistic {
    fn largest_curvature(self) -> f64 {
        0.25
    }

    fn second_derivative(self, _y: f64, z: f64) -> f64 {
        let e = (-z.abs()).exp();
        e / ((1.0 + e) * (1.0 + e))
    }

    fn bregman_at(self, _y: f64, a: f64, b: f64) -> f64 {
        // log(1 + p (eᵈ − 1)) − p d with d = a − b and p the probability at b; of the two classes the one that p says less of.
        let (p, d) = if b > 0.0 {
            (Self::probability(-b), b - a)
        } else {
            (Self::probability(b), a - b)
        };
        if d.abs() < SHORT {
            let q = p * (1.0 - p);
            let cubic = q * (1.0 - 2.0 * p);
            let quartic = q * (1.0 - 6.0 * q);
            return d * d * (q / 2.0 + d * (cubic / 6.0 + d * quartic / 24.0));
        }
        let distance = if d > 30.0 {
            // eᵈ alone may overflow.
            d + (p + (1.0 - p) * (-d).exp()).ln() - p * d
        } else {
            (p * d.exp_m1()).ln_1p() - p * d
        };
        distance.max(0.0)
    }
}

/// Steps whose Bregman distance is taken from its Taylor polynomial, which is then exact to 1e-9 of it.
const SHORT: f64 = 1e-3;

impl PointwiseProx for Logistic {
    fn prox_at(self, y: f64, v: f64, t: f64) -> f64 {
        // The root of z − v − t (y − p(z)), increasing in z, between v and v + t (2y − 1): Newton kept inside the bracket.
        let (mut low, mut high) = if y > 0.5 { (v, v + t) } else { (v - t, v) };
        let mut z = v + t * self.neg_derivative(y, v) / (1.0 + t * self.second_derivative(y, v));
        for _ in 0..100 {
            let excess = z - v - t * self.neg_derivative(y, z);
            if excess > 0.0 {
                high = z
            } else {
                low = z
            }
            let newton = z - excess / (1.0 + t * self.second_derivative(y, z));
            let next = if newton > low && newton < high {
                newton
            } else {
                0.5 * (low + high)
            };
            if (next - z).abs() <= 1e-15 * (1.0 + z.abs()) {
                return next;
            }
            z = next;
        }
        z
    }
}
