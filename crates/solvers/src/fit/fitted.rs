//! A fitted path on the original scale.

use crate::certificate::Certificate;
use crate::solver::{Outcome, Status};

/// Largest of the gaps and 0; NaN if any is NaN, which must never look like a small one.
pub fn worst(gaps: impl Iterator<Item = f64>) -> f64 {
    gaps.fold(0.0, |worst, gap| {
        if worst.is_nan() || gap <= worst {
            worst
        } else {
            gap
        }
    })
}

/// A path on the original scale of the data.
#[derive(Clone, Debug)]
pub struct FittedPath {
    /// One entry per λ, λ decreasing.
    pub points: Vec<FittedPoint>,
    /// Where the path ended before its grid did, if it did.
    pub ended: Option<EarlyEnd>,
    /// The unit of relative gaps. For squared loss ‖y − ȳ‖²/2n, without ȳ if there is no intercept; for others the mean loss of the
    /// model without what is penalised, which is that of the intercept unless something else is unpenalised.
    pub null_loss: f64,
    /// p.
    pub features: usize,
}

/// The first λ that had more non-zeros than were allowed; neither it nor those below are part of the path.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EarlyEnd {
    /// That λ.
    pub lambda: f64,
    /// Its non-zeros.
    pub nonzeros: usize,
}

/// A relaxed fit, and how its solve ended.
#[derive(Clone, Debug, PartialEq)]
pub struct Relaxed {
    /// The fit.
    pub fit: Coefficients,
    /// Converged where its gap is within 1e-12 of the null loss.
    pub status: Status,
}

/// A linear predictor on the original scale.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Coefficients {
    /// Intercept; 0 when none was fitted.
    pub intercept: f64,
    /// (column, coefficient) of the coefficients that are not exactly 0, by column.
    pub nonzeros: Vec<(usize, f64)>,
}

/// The solution at one λ.
#[derive(Clone, Debug)]
pub struct FittedPoint {
    /// λ in the scaling (1/n) Σ ℓ(y_i, x_iᵀβ) + λ Ω(β), (1/2n)‖y − Xβ‖² for squared loss.
    pub lambda: f64,
    /// Intercept; 0 when none was fitted.
    pub intercept: f64,
    /// (column, coefficient) of the coefficients that are not exactly 0, by column, on the original scale.
    pub nonzeros: Vec<(usize, f64)>,
    /// Least squares on the support, within the bounds, where it was asked for.
    pub relaxed: Option<Relaxed>,
    /// How the solve ended and what it took.
    pub outcome: Outcome,
    /// What the judge says of the coefficients.
    pub certificate: Certificate,
}

impl FittedPoint {
    /// γ times this fit plus 1 − γ times the relaxed one, which is this one where none was computed. γ = 1 is the penalised fit,
    /// γ = 0 least squares on its support.
    pub fn blend(&self, gamma: f64) -> Coefficients {
        let penalised = Coefficients {
            intercept: self.intercept,
            nonzeros: self.nonzeros.clone(),
        };
        let Some(Relaxed { fit: relaxed, .. }) = &self.relaxed else {
            return penalised;
        };
        let mut blended = penalised;
        blended.intercept = gamma * self.intercept + (1.0 - gamma) * relaxed.intercept;
        let mut others = relaxed.nonzeros.iter().peekable();
        for (j, b) in &mut blended.nonzeros {
            // Both are sorted by column, and least squares has no column that this fit has not.
            let other = others.next_if(|(k, _)| k == j).map_or(0.0, |(_, b)| *b);
            *b = gamma * *b + (1.0 - gamma) * other;
        }
        blended.nonzeros.retain(|(_, b)| *b != 0.0);
        blended
    }
}

impl FittedPath {
    /// Coefficients at point k as a dense vector of length p. Panics unless k is below the number of points.
    pub fn coefficients(&self, k: usize) -> Vec<f64> {
        let mut beta = vec![0.0; self.features];
        for &(j, b) in &self.points[k].nonzeros {
            beta[j] = b;
        }
        beta
    }

    /// Largest relative gap over the path; NaN if any is NaN.
    pub fn worst_gap(&self) -> f64 {
        worst(
            self.points
                .iter()
                .map(|p| p.certificate.relative_gap(self.null_loss)),
        )
    }
}
