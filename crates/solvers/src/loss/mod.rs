//! Losses f(z) = (1/n) Σ ℓ(y_i, z_i) of the fit z = Xβ. A loss knows no X, so nothing is written twice for dense and sparse.
//!
//! Those that follow one formula per row implement [`Pointwise`] and get f from it; [`Observed`] adds weights and offsets.

mod absolute;
mod exponential;
mod huber;
mod kind;
mod logistic;
mod observed;
mod pointwise;
mod quantile;
mod row;
mod squared;

pub use absolute::Absolute;
pub use huber::Huber;
pub use kind::LossKind;
pub use logistic::Logistic;
pub use observed::Observed;
pub use pointwise::{Pointwise, PointwiseKinked, PointwiseProx, PointwiseSmooth};
pub use quantile::Quantile;
pub use row::RowLoss;
pub use squared::Squared;

/// A convex loss with a computable dual. All slices have length n.
pub trait Loss: Copy + Sync {
    /// f(z) at the fit z, in units of y² for squared loss, of ℓ otherwise.
    fn value(self, y: &[f64], fit: &[f64]) -> f64;

    /// out = −∇f(z), over rows: the dual candidate that a fit suggests. For squared loss (y − z)/n. Where f has a kink, an element
    /// of −∂f(z).
    fn neg_gradient(self, y: &[f64], fit: &[f64], out: &mut [f64]);

    /// Value, first and second derivative in s of −f*(−s u): the part of the dual objective that the loss supplies
    /// along the ray through a dual point u over rows. The value is −∞ beyond [`Loss::dual_reach`].
    fn dual_along(self, y: &[f64], u: &[f64], s: f64) -> [f64; 3];

    /// Largest s ≥ 0 at which f*(−s u) is finite.
    fn dual_reach(self, _y: &[f64], _u: &[f64]) -> f64 {
        f64::INFINITY
    }

    /// Weights ≥ 0 of rows in which u is to be moved if it must move, so that it stays in the dual set: 1 for each where
    /// None. Where the set is [0, 1/n] or [−1/n, 0], moving u by shares of itself keeps its sign.
    fn dual_metric(self, _y: &[f64], _u: &[f64]) -> Option<Vec<f64>> {
        None
    }
}

/// A loss with a Lipschitz gradient.
pub trait SmoothLoss: Loss {
    /// Largest ℓ'' over all fits and rows: ‖∇f(a) − ∇f(b)‖ ≤ curvature_bound ‖a − b‖ / n.
    fn curvature_bound(self) -> f64;

    /// f(a) − f(b) − ∇f(b)ᵀ(a − b), free of cancellation when a is near b.
    fn bregman(self, y: &[f64], a: &[f64], b: &[f64]) -> f64;
}

/// A loss whose Hessian, diagonal over rows, is known.
pub trait CurvedLoss: SmoothLoss {
    /// `out[i]` = ∂²f/∂z_i² at z; where there are several generalised derivatives, one of them.
    fn curvature(self, y: &[f64], fit: &[f64], out: &mut [f64]);
}

/// A loss whose proximal operator is known.
pub trait ProxLoss: Loss {
    /// out = argmin_z f(z) + ‖z − v‖²/2t.
    fn prox(self, y: &[f64], v: &[f64], t: f64, out: &mut [f64]);
}

/// A loss that is linear on both sides of the kink z_i = y_i in each row: f(z) = Σ max(h_i r_i, l_i r_i) of the residuals r = y − z,
/// with l_i < 0 < h_i. Its dual points are u with l_i ≤ u_i ≤ h_i.
pub trait KinkedLoss: Loss {
    /// [l_i, h_i] for every row of y.
    fn slopes(self, y: &[f64]) -> Vec<[f64; 2]>;

    /// Where the kink of each row is: y_i less an offset.
    fn kinks(self, y: &[f64]) -> Vec<f64>;
}
