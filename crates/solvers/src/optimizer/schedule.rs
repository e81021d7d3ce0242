//! Step sizes by step: constant, falling as 1/√t, falling as 1/t. Robbins & Monro (1951), Ann. Math. Statist. 22.

use crate::error::SolveError;

/// η_t for t = 1, 2, …
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Schedule {
    eta: f64,
    fall: Fall,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Fall {
    Never,
    Root,
    /// As 1/(t + shift).
    Inverse {
        shift: f64,
    },
}

impl Schedule {
    /// η_t = η. Errors: [`SolveError::Optimizer`] unless η is positive and finite, here and below.
    pub fn constant(eta: f64) -> Result<Self, SolveError> {
        Self::new(eta, Fall::Never)
    }

    /// η_t = η/√t: optimal in order for convex objectives with bounded subgradients. Nemirovski, Juditsky, Lan & Shapiro (2009),
    /// SIAM J. Optim. 19.
    pub fn inverse_root(eta: f64) -> Result<Self, SolveError> {
        Self::new(eta, Fall::Root)
    }

    /// η_t = η/t: for an objective that is strongly convex with modulus m, η > 1/(2m) is needed for the error to fall as 1/t.
    pub fn inverse(eta: f64) -> Result<Self, SolveError> {
        Self::inverse_after(eta, 0.0)
    }

    /// η_t = η/(t + s), whose first steps are no larger than η/(1 + s): with η > 1/(2m) alone they may be far beyond 2/L. Bottou,
    /// Curtis & Nocedal (2018), SIAM Review 60, theorem 4.7. Errors: also unless s ≥ 0 is finite.
    pub fn inverse_after(eta: f64, shift: f64) -> Result<Self, SolveError> {
        if !(shift >= 0.0 && shift.is_finite()) {
            return Err(SolveError::Optimizer(format!(
                "the shift of a schedule is {shift}, expected a finite number >= 0"
            )));
        }
        Self::new(eta, Fall::Inverse { shift })
    }

    fn new(eta: f64, fall: Fall) -> Result<Self, SolveError> {
        if eta > 0.0 && eta.is_finite() {
            Ok(Self { eta, fall })
        } else {
            Err(SolveError::Optimizer(format!(
                "the step size is {eta}, expected a positive number"
            )))
        }
    }

    /// η_t of step t ≥ 1.
    pub fn at(self, t: u64) -> f64 {
        match self.fall {
            Fall::Never => self.eta,
            Fall::Root => self.eta / (t as f64).sqrt(),
            Fall::Inverse { shift } => self.eta / (t as f64 + shift),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_fall_as_they_say() {
        let constant = Schedule::constant(0.3).expect("usable");
        let root = Schedule::inverse_root(0.3).expect("usable");
        let inverse = Schedule::inverse(0.3).expect("usable");
        let shifted = Schedule::inverse_after(0.3, 9.0).expect("usable");
        for schedule in [constant, root, inverse] {
            assert_eq!(schedule.at(1), 0.3);
        }
        assert_eq!(constant.at(1 << 40), 0.3);
        assert_eq!((root.at(4), root.at(1 << 40)), (0.15, 0.3 / 1_048_576.0));
        assert_eq!((inverse.at(4), inverse.at(1024)), (0.075, 0.3 / 1024.0));
        assert_eq!((shifted.at(1), shifted.at(21)), (0.03, 0.01));
    }

    #[test]
    fn step_sizes_that_are_not_positive_numbers_are_rejected() {
        for bad in [0.0, -0.1, f64::NAN, f64::INFINITY] {
            assert!(Schedule::constant(bad).is_err(), "{bad}");
            assert!(Schedule::inverse_root(bad).is_err(), "{bad}");
            assert!(Schedule::inverse(bad).is_err(), "{bad}");
        }
        for bad in [-1.0, f64::NAN, f64::INFINITY] {
            assert!(Schedule::inverse_after(0.1, bad).is_err(), "{bad}");
        }
    }
}
