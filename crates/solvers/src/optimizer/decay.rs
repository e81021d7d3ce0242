//! Weight decay, as part of the gradient or beside it. Loshchilov & Hutter (2019), *Decoupled weight decay regularization*, ICLR.

use crate::error::SolveError;

/// A pull of all coefficients to 0, besides the penalty of the problem. Its rate d has the units of λ.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Decay {
    /// None.
    #[default]
    None,
    /// Adds dβ to the gradient where it is taken: the objective becomes f + λΩ + d‖β‖²/2, for every rule.
    Coupled(f64),
    /// Multiplies β by 1 − η_t d before the step, whose gradient does not know of it: the same as coupled decay under plain
    /// descent, and the minimiser of no objective in general where steps are scaled by coordinates, as Adam's are (AdamW).
    ///
    /// The rate is multiplied by the whole step size; in the paper it is by the schedule without α, so that d is its λ/α.
    Decoupled(f64),
}

impl Decay {
    /// Itself. Errors: [`SolveError::Optimizer`] unless its rate is finite and ≥ 0.
    pub fn checked(self) -> Result<Self, SolveError> {
        match self {
            Self::Coupled(rate) | Self::Decoupled(rate) if !(rate >= 0.0 && rate.is_finite()) => {
                Err(SolveError::Optimizer(format!(
                    "weight decay is {rate}, expected a finite number >= 0"
                )))
            }
            usable => Ok(usable),
        }
    }

    /// gradient += dβ at the point β where it was taken, if coupled.
    pub fn add_slope(self, point: &[f64], gradient: &mut [f64]) {
        if let Self::Coupled(rate) = self {
            for (gradient, b) in gradient.iter_mut().zip(point) {
                *gradient += rate * b;
            }
        }
    }

    /// β ← (1 − ηd) β, if decoupled.
    pub fn shrink(self, eta: f64, beta: &mut [f64]) {
        if let Self::Decoupled(rate) = self {
            let factor = 1.0 - eta * rate;
            beta.iter_mut().for_each(|b| *b *= factor);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_that_are_negative_or_not_finite_are_rejected() {
        for bad in [-0.1, f64::NAN, f64::INFINITY] {
            assert!(Decay::Coupled(bad).checked().is_err(), "{bad}");
            assert!(Decay::Decoupled(bad).checked().is_err(), "{bad}");
        }
        assert_eq!(Decay::None.checked(), Ok(Decay::None));
        assert_eq!(Decay::Coupled(0.0).checked(), Ok(Decay::Coupled(0.0)));
    }

    #[test]
    fn each_kind_acts_in_its_place_only() {
        for (decay, gradient, beta) in [
            (Decay::None, [1.0, 1.0], [2.0, -4.0]),
            (Decay::Coupled(0.5), [2.0, -1.0], [2.0, -4.0]),
            (Decay::Decoupled(0.5), [1.0, 1.0], [1.5, -3.0]),
        ] {
            let mut moved = ([1.0, 1.0], [2.0, -4.0]);
            decay.add_slope(&moved.1, &mut moved.0);
            decay.shrink(0.5, &mut moved.1);
            assert_eq!(moved, (gradient, beta));
        }
    }
}
