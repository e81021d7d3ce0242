//! Ω(β) = Σ ω_j(β_j): which penalty each coordinate has.

use super::Penalty;

/// A separable penalty. One [`Penalty`] for all coordinates is the usual case, and costs nothing here.
pub trait Separable: Copy + Sync {
    /// ω_j.
    type Omega: Penalty;
    /// This penalty on some of the coordinates.
    type On<'b>: Separable<Omega = Self::Omega>
    where
        Self: 'b;

    /// ω_j.
    fn of(self, j: usize) -> Self::Omega;

    /// The penalty whose coordinate i is coordinate `members[i]` of this one.
    fn on<'b>(self, members: &'b [usize]) -> Self::On<'b>
    where
        Self: 'b;

    /// Elastic-net mixing parameter: 1 for the lasso, 0 for ridge.
    fn mixing(self) -> f64;

    /// Whether the conjugate of some coordinate is finite at 0 only, so that a dual point must be orthogonal to its column.
    fn needs_projection(self, lambda: f64) -> bool;

    /// How far the dual point with c = Xᵀu may be scaled. The c_j are finite.
    fn dual_limits(self, c: &[f64], lambda: f64) -> DualLimits;

    /// The smallest λ at which every coordinate stays 0, given c = −Xᵀ∇f(0).
    fn largest_threshold(self, c: &[f64]) -> f64;
}

/// What the conjugates say of the multiples s c, s ≥ 0.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DualLimits {
    /// Largest s at which all are finite.
    pub limit: f64,
    /// Largest s at which all are 0.
    pub inside: f64,
    /// Whether all are 0 up to the limit.
    pub flat: bool,
}

impl<P: Penalty> Separable for P {
    type Omega = P;
    type On<'b>
        = P
    where
        P: 'b;

    #[inline]
    fn of(self, _j: usize) -> P {
        self
    }

    fn on<'b>(self, _members: &'b [usize]) -> P
    where
        P: 'b,
    {
        self
    }

    fn mixing(self) -> f64 {
        self.alpha()
    }

    fn needs_projection(self, lambda: f64) -> bool {
        self.dual_radius(lambda) == 0.0
    }

    fn dual_limits(self, c: &[f64], lambda: f64) -> DualLimits {
        let largest = c.iter().fold(0.0f64, |m, c| m.max(c.abs()));
        let radius = self.dual_radius(lambda);
        DualLimits {
            limit: if largest == 0.0 {
                f64::INFINITY
            } else {
                radius / largest
            },
            inside: self.zero_weight() * lambda / largest,
            flat: radius.is_finite(),
        }
    }

    fn largest_threshold(self, c: &[f64]) -> f64 {
        self.threshold(c.iter().fold(0.0f64, |m, c| m.max(c.abs())))
    }
}
