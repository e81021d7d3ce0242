//! A decreasing grid of λ.

use crate::error::SolveError;

/// Below this α the largest λ of a grid is computed as if α were this, as glmnet does: the λ at which everything is
/// zero grows without bound as α → 0.
pub const ALPHA_FLOOR: f64 = 1e-3;

/// Finite, non-negative, non-increasing λ; never empty.
#[derive(Clone, Debug, PartialEq)]
pub struct Grid {
    lambdas: Vec<f64>,
}

impl Grid {
    /// `len` values from `start` down to `start · ratio`, equidistant on the log scale; both ends are exact.
    ///
    /// Errors: [`SolveError::Grid`] unless start > 0 is finite, 0 < ratio < 1 (or len = 1) and len ≥ 1.
    pub fn geometric(start: f64, ratio: f64, len: usize) -> Result<Self, SolveError> {
        if !(start > 0.0 && start.is_finite()) {
            return Err(SolveError::Grid(format!(
                "largest lambda is {start}, expected a positive finite number"
            )));
        }
        if len != 1 && !(ratio > 0.0 && ratio < 1.0) {
            return Err(SolveError::Grid(format!(
                "lambda_min_ratio is {ratio}, expected a number in (0, 1)"
            )));
        }
        if len == 0 {
            return Err(SolveError::Grid(
                "n_lambda is 0, expected at least 1".into(),
            ));
        }
        let last = (len - 1).max(1) as f64;
        let mut lambdas: Vec<f64> = (0..len)
            .map(|k| start * ratio.powf(k as f64 / last))
            .collect();
        if len > 1 {
            lambdas[len - 1] = start * ratio;
        }
        Ok(Self { lambdas })
    }

    /// The user's own λ, sorted into decreasing order; 0 is the unpenalised fit.
    ///
    /// Errors: [`SolveError::Lambda`] for a negative, infinite or NaN value, [`SolveError::Grid`] for no value.
    pub fn from_values(mut lambdas: Vec<f64>) -> Result<Self, SolveError> {
        if let Some(&bad) = lambdas.iter().find(|l| !(l.is_finite() && **l >= 0.0)) {
            return Err(SolveError::Lambda(bad));
        }
        if lambdas.is_empty() {
            return Err(SolveError::Grid("no lambda was given".into()));
        }
        lambdas.sort_by(|a, b| b.total_cmp(a));
        Ok(Self { lambdas })
    }

    /// Largest λ of a default grid: max_j |x_jᵀ∇f(0)| / max(α, 1e-3). [glmnet; Friedman, Hastie & Tibshirani 2010, §2.5]
    pub fn start(max_gradient: f64, alpha: f64) -> f64 {
        max_gradient / alpha.max(ALPHA_FLOOR)
    }

    /// glmnet's default λ_min / λ_max: 1e-2 when n < p, 1e-4 otherwise.
    pub fn default_ratio(n: usize, p: usize) -> f64 {
        if n < p { 1e-2 } else { 1e-4 }
    }

    /// The values, decreasing.
    pub fn as_slice(&self) -> &[f64] {
        &self.lambdas
    }

    /// Number of λ.
    #[allow(clippy::len_without_is_empty)]
    pub fn len(&self) -> usize {
        self.lambdas.len()
    }

    /// `pieces` contiguous ranges that cover the grid, sizes differing by at most one; fewer when the grid is shorter.
    pub fn chunks(&self, pieces: usize) -> Vec<std::ops::Range<usize>> {
        let len = self.lambdas.len();
        let pieces = pieces.clamp(1, len);
        (0..pieces)
            .map(|i| i * len / pieces..(i + 1) * len / pieces)
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn geometric_ends_are_exact_and_values_decrease() {
        let grid = Grid::geometric(0.7, 1e-3, 37).expect("valid grid");
        assert_eq!(grid.as_slice()[0], 0.7);
        assert_eq!(grid.as_slice()[36], 0.7 * 1e-3);
        assert!(grid.as_slice().windows(2).all(|w| w[0] > w[1]));
        assert_eq!(
            Grid::geometric(2.0, 0.5, 1).expect("valid grid").as_slice(),
            [2.0]
        );
    }

    #[test]
    fn bad_values_are_named() {
        assert_eq!(
            Grid::from_values(vec![1.0, -0.5]),
            Err(SolveError::Lambda(-0.5))
        );
        assert!(Grid::from_values(vec![f64::NAN]).is_err());
        assert!(Grid::from_values(vec![]).is_err());
        assert!(Grid::geometric(0.0, 0.1, 5).is_err());
        assert!(Grid::geometric(1.0, 1.5, 5).is_err());
        assert_eq!(
            Grid::from_values(vec![0.0, 2.0, 1.0])
                .expect("valid grid")
                .as_slice(),
            [2.0, 1.0, 0.0]
        );
    }

    #[test]
    fn chunks_cover_the_grid_in_order() {
        for len in 1..20 {
            for pieces in 1..25 {
                let grid = Grid::geometric(1.0, 0.1, len).expect("valid grid");
                let all: Vec<usize> = grid.chunks(pieces).into_iter().flatten().collect();
                assert_eq!(all, (0..len).collect::<Vec<_>>());
                assert!(grid.chunks(pieces).iter().all(|c| !c.is_empty()));
            }
        }
    }
}
