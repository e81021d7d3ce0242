//! The losses by name, for those who choose one at run time.

use super::{Huber, Quantile};
use crate::error::SolveError;

/// Which loss.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum LossKind {
    /// [`super::Squared`].
    #[default]
    Squared,
    /// [`super::Absolute`].
    Absolute,
    /// [`super::Quantile`] of a τ.
    Quantile(Quantile),
    /// [`super::Huber`] of a δ.
    Huber(Huber),
    /// [`super::Logistic`].
    Logistic,
}

impl LossKind {
    /// Its name in files and on command lines.
    pub fn name(self) -> &'static str {
        match self {
            Self::Squared => "squared",
            Self::Absolute => "absolute",
            Self::Quantile(_) => "quantile",
            Self::Huber(_) => "huber",
            Self::Logistic => "logistic",
        }
    }

    /// The quantile loss. Errors: see [`Quantile::new`].
    pub fn quantile(tau: f64) -> Result<Self, SolveError> {
        Quantile::new(tau).map(Self::Quantile)
    }

    /// Huber's loss. Errors: see [`Huber::new`].
    pub fn huber(delta: f64) -> Result<Self, SolveError> {
        Huber::new(delta).map(Self::Huber)
    }

    /// Whether the loss is of y − z, so that what is known of the fit can be taken off y.
    pub fn is_of_residuals(self) -> bool {
        self != Self::Logistic
    }

    /// Whether it is linear on both sides of a kink.
    pub fn is_kinked(self) -> bool {
        matches!(self, Self::Absolute | Self::Quantile(_))
    }
}
