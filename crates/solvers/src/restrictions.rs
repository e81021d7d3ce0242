//! Restrictions: how much each coefficient is penalised, and which values it may take.
//!
//! λ Σ v_j ω(β_j) subject to l_j ≤ β_j ≤ u_j. Factors are used as they are given. glmnet rescales them to sum to p first, so that
//! its λ is ours times Σv/p, where it counts the infinite ones as 1.

use crate::error::SolveError;
use crate::penalty::{Bounded, ElasticNet, Penalty};
use crate::prepare::Preparation;

/// Factors that columns can be divided by without harm.
const MODERATE: std::ops::RangeInclusive<f64> = 1e-6..=1e6;

/// What every coefficient may be and how much it is penalised; vectors of length p, on the original scale.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Restrictions {
    /// v_j ≥ 0: 0 leaves a coefficient unpenalised, ∞ leaves the column out. None for 1 throughout.
    pub factors: Option<Vec<f64>>,
    /// l_j ≤ 0, −∞ for no bound. None for no bound at all.
    pub lower: Option<Vec<f64>>,
    /// u_j ≥ 0, ∞ for no bound. None for no bound at all.
    pub upper: Option<Vec<f64>>,
}

impl Restrictions {
    /// β ≥ 0, p columns.
    pub fn nonnegative(p: usize) -> Self {
        Self {
            lower: Some(vec![0.0; p]),
            ..Self::default()
        }
    }

    /// Errors: [`SolveError::Restriction`] for a vector that is not of length p, a factor that is negative or NaN, bounds that do
    /// not contain 0, and if no column is left.
    pub fn check(&self, p: usize) -> Result<(), SolveError> {
        let refuse = |message: String| Err(SolveError::Restriction(message));
        let vectors = [
            ("factors", &self.factors),
            ("lower bounds", &self.lower),
            ("upper bounds", &self.upper),
        ];
        for (what, values) in vectors {
            if let Some(values) = values
                && values.len() != p
            {
                return refuse(format!("there are {} {what} for {p} columns", values.len()));
            }
        }
        for j in 0..p {
            let factor = self.factor(j);
            if factor.is_nan() || factor < 0.0 {
                return refuse(format!(
                    "the penalty factor of column {j} (counted from 0) is {factor}, expected a number >= 0; inf leaves the \
                     column out"
                ));
            }
            let [low, high] = self.bounds(j);
            // Written so that NaN fails.
            let contain_zero = low <= 0.0 && high >= 0.0;
            if !contain_zero {
                return refuse(format!(
                    "column {j} (counted from 0) is bounded by [{low}, {high}]; bounds must contain 0, where every path begins"
                ));
            }
        }
        if p > 0 && (0..p).all(|j| self.excludes(j)) {
            return refuse(
                "penalty factors and bounds exclude every column; leave at least one".into(),
            );
        }
        Ok(())
    }

    /// v_j.
    pub fn factor(&self, j: usize) -> f64 {
        self.factors.as_ref().map_or(1.0, |factors| factors[j])
    }

    /// l_j and u_j.
    pub fn bounds(&self, j: usize) -> [f64; 2] {
        [
            self.lower.as_ref().map_or(f64::NEG_INFINITY, |l| l[j]),
            self.upper.as_ref().map_or(f64::INFINITY, |u| u[j]),
        ]
    }

    /// l_j and u_j where the column has been divided by `scale`.
    pub(crate) fn prepared_bounds(&self, j: usize, scale: f64) -> [f64; 2] {
        self.bounds(j).map(|bound| match bound {
            // Nothing times ∞, the scale of a column that is left out, is no number.
            0.0 => 0.0,
            bound => bound * scale,
        })
    }

    /// Whether β_j can only be 0.
    pub fn excludes(&self, j: usize) -> bool {
        self.factor(j) == f64::INFINITY || self.bounds(j) == [0.0, 0.0]
    }

    /// Whether some coefficient has a bound.
    fn has_bounds(&self, p: usize) -> bool {
        (0..p).any(|j| self.bounds(j) != [f64::NEG_INFINITY, f64::INFINITY])
    }

    /// Brings the restrictions to the prepared scale, and into `preparation` what its scales can express: excluded columns, and
    /// moderate factors of a pure penalty without bounds, v|b| being |v b| and v b² being (√v b)². What is left is the penalty of
    /// each coordinate, length p; None if nothing is. Errors: as [`Restrictions::check`].
    pub fn prepare(
        &self,
        alpha: f64,
        preparation: &mut Preparation,
    ) -> Result<Option<Vec<Bounded>>, SolveError> {
        let net = ElasticNet::new(alpha)?;
        let p = preparation.scaling.scale.len();
        self.check(p)?;
        let scale = &mut preparation.scaling.scale;
        for j in (0..p).filter(|&j| self.excludes(j)) {
            scale[j] = f64::INFINITY;
        }
        let left: Vec<usize> = (0..p).filter(|&j| scale[j].is_finite()).collect();
        let pure = net.alpha() == 0.0 || net.alpha() == 1.0;
        let moderate = left.iter().all(|&j| MODERATE.contains(&self.factor(j)));
        if !self.has_bounds(p) && pure && moderate {
            for j in left {
                let factor = self.factor(j);
                scale[j] *= if net.alpha() == 1.0 {
                    factor
                } else {
                    factor.sqrt()
                };
            }
            return Ok(None);
        }
        let factor = |j: usize| {
            if scale[j].is_finite() {
                self.factor(j)
            } else {
                1.0
            }
        };
        if !self.has_bounds(p) && (0..p).all(|j| factor(j) == 1.0) {
            return Ok(None);
        }
        let bounded = (0..p).map(|j| {
            let bounds = self.prepared_bounds(j, scale[j]);
            Bounded::new(net, factor(j), bounds)
        });
        Ok(Some(bounded.collect()))
    }

    /// The coefficient with what rounding carried past a bound taken back.
    pub fn clamp(&self, j: usize, coefficient: f64) -> f64 {
        let [low, high] = self.bounds(j);
        coefficient.clamp(low, high)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_is_named() {
        let with = |factors: Option<Vec<f64>>, lower: Option<Vec<f64>>, upper: Option<Vec<f64>>| {
            let restrictions = Restrictions {
                factors,
                lower,
                upper,
            };
            restrictions.check(2).map_err(|e| e.to_string())
        };
        let expect = |result: Result<(), String>, part: &str| {
            let message = result.expect_err(part);
            assert!(message.contains(part), "{message}");
        };
        expect(
            with(Some(vec![1.0, -2.0]), None, None),
            "column 1 (counted from 0) is -2",
        );
        expect(with(Some(vec![f64::NAN, 1.0]), None, None), "column 0");
        expect(with(Some(vec![1.0]), None, None), "1 factors for 2 columns");
        expect(with(None, Some(vec![0.1, 0.0]), None), "[0.1, inf]");
        expect(with(None, None, Some(vec![1.0, -0.5])), "must contain 0");
        expect(
            with(None, Some(vec![f64::NAN, 0.0]), None),
            "must contain 0",
        );
        expect(
            with(Some(vec![f64::INFINITY; 2]), None, None),
            "exclude every column",
        );
        expect(
            with(
                Some(vec![f64::INFINITY, 1.0]),
                Some(vec![0.0; 2]),
                Some(vec![1.0, 0.0]),
            ),
            "exclude every",
        );
        assert!(with(Some(vec![0.0, f64::INFINITY]), Some(vec![0.0; 2]), None).is_ok());
    }
}
