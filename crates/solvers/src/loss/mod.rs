//! Losses f(z) = (1/n) Σ ℓ(y_i, z_i) of the fit z = Xβ. A loss knows no X, so nothing is written twice for dense and sparse.

mod squared;

pub use squared::Squared;

/// A convex loss with a computable dual. All slices have length n.
pub trait Loss: Copy + Sync {
    /// f(z) at the fit z, in units of y².
    fn value(self, y: &[f64], fit: &[f64]) -> f64;

    /// Value, first and second derivative in s of −f*(−s u): the part of the dual objective that the loss supplies
    /// along the ray through a dual point u over rows.
    fn dual_along(self, y: &[f64], u: &[f64], s: f64) -> [f64; 3];
}

/// A loss with a Lipschitz gradient.
pub trait SmoothLoss: Loss {
    /// Largest ℓ'' over all fits: ‖∇f(a) − ∇f(b)‖ ≤ CURVATURE ‖a − b‖ / n.
    const CURVATURE: f64;

    /// out = −∇f(z), over rows: the dual candidate that a fit suggests. For squared loss (y − z)/n.
    fn neg_gradient(self, y: &[f64], fit: &[f64], out: &mut [f64]);

    /// f(a) − f(b) − ∇f(b)ᵀ(a − b), free of cancellation when a is near b.
    fn bregman(self, y: &[f64], a: &[f64], b: &[f64]) -> f64;
}
