//! Which rule minimises f + λΩ for which loss and penalty, and how Ω enters its steps.

use super::{GradientDescent, Optimizer, StochasticProximalGradient, SubgradientDescent};
use crate::loss::{Loss, SmoothLoss};
use crate::penalty::{FinitePenalty, Penalty, Separable, SmoothPenalty};

/// A rule that takes this loss and this penalty.
pub trait Minimises<L: Loss, P: Separable>: Optimizer {
    /// Adds to the gradient of f what the rule takes of λΩ by its slope at `point`.
    fn add_slope(penalty: P, lambda: f64, point: &[f64], gradient: &mut [f64]);

    /// Does to β after a step of size η what the rule takes of λΩ otherwise; `threshold` = ηλ.
    fn after_step(_penalty: P, _threshold: f64, _beta: &mut [f64]) {}
}

/// A rule that is run on subgradients where there are kinks: of the loss an element of −∂f, of the penalty 0 at 0.
pub trait FollowsSubgradients: Optimizer {}

impl<O, L, P> Minimises<L, P> for O
where
    O: FollowsSubgradients,
    L: Loss,
    P: Separable<Omega: FinitePenalty>,
{
    fn add_slope(penalty: P, lambda: f64, point: &[f64], gradient: &mut [f64]) {
        add_subgradients(penalty, lambda, point, gradient);
    }
}

impl FollowsSubgradients for SubgradientDescent {}

impl<L, P> Minimises<L, P> for GradientDescent
where
    L: SmoothLoss,
    P: Separable<Omega: SmoothPenalty>,
{
    fn add_slope(penalty: P, lambda: f64, point: &[f64], gradient: &mut [f64]) {
        add_subgradients(penalty, lambda, point, gradient);
    }
}

impl<L: Loss, P: Separable> Minimises<L, P> for StochasticProximalGradient {
    fn add_slope(_penalty: P, _lambda: f64, _point: &[f64], _gradient: &mut [f64]) {}

    fn after_step(penalty: P, threshold: f64, beta: &mut [f64]) {
        for (j, b) in beta.iter_mut().enumerate() {
            *b = penalty.of(j).prox(*b, threshold);
        }
    }
}

/// gradient_j += λ ω_j'(b_j), 0 at a kink.
fn add_subgradients<P: Separable<Omega: FinitePenalty>>(
    penalty: P,
    lambda: f64,
    point: &[f64],
    gradient: &mut [f64],
) {
    for (j, (gradient, &b)) in gradient.iter_mut().zip(point).enumerate() {
        *gradient += lambda * penalty.of(j).subgradient(b);
    }
}
