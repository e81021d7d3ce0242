//! From the errors of folds to a curve over λ and the choices that it suggests.

use super::FoldPoint;
use crate::error::SolveError;
use crate::fit::FittedPath;

/// Cross-validated error at one λ.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CurvePoint {
    /// λ.
    pub lambda: f64,
    /// Mean over rows, by weight; over repeats, the mean of their means.
    pub mean_error: f64,
    /// Standard error of it: the deviation of the folds' means, by their weight, over √(K − 1), as in glmnet. Repeats add no
    /// data: it is the mean of their standard errors.
    pub se: f64,
    /// Non-zeros of the fit on all rows.
    pub nonzeros: usize,
}

/// The curve over the λ of `path`. Points come repeat by repeat.
pub(super) fn of(path: &FittedPath, points: &[FoldPoint]) -> Vec<CurvePoint> {
    let repeats = points.iter().map(|point| point.repeat + 1).max();
    let repeats = repeats.unwrap_or(0);
    let each = path.points.iter().enumerate();
    let curve = each.map(|(k, fitted)| {
        let (mut mean_error, mut se) = (0.0, 0.0);
        for repeat in 0..repeats {
            let here = points.iter().filter(|p| p.repeat == repeat && p.k == k);
            let [mean, error] = mean_and_error(here.map(|p| [p.error, p.weight]));
            mean_error += mean / repeats as f64;
            se += error / repeats as f64;
        }
        CurvePoint {
            lambda: fitted.lambda,
            mean_error,
            se,
            nonzeros: fitted.nonzeros.len(),
        }
    });
    curve.collect()
}

/// Mean of [value, weight] pairs and its standard error.
pub(super) fn mean_and_error(pairs: impl Iterator<Item = [f64; 2]> + Clone) -> [f64; 2] {
    let total: f64 = pairs.clone().map(|[_, w]| w).sum();
    let mean = pairs.clone().map(|[v, w]| v * w).sum::<f64>() / total;
    let squares: f64 = pairs.clone().map(|[v, w]| w * (v - mean).powi(2)).sum();
    let count = pairs.count() as f64;
    [mean, (squares / total / (count - 1.0)).sqrt()]
}

/// Indices of λ_min, the largest λ of least mean error, and of λ_1se, the largest λ whose mean error is at most one standard
/// error above that. λ decrease along the curve. Errors: [`SolveError::Folds`] for a curve without a finite point.
pub fn choose(curve: &[CurvePoint]) -> Result<(usize, usize), SolveError> {
    let finite = curve.iter().filter(|point| point.mean_error.is_finite());
    let least = finite.fold(f64::INFINITY, |least, point| least.min(point.mean_error));
    let first_within = |bound: f64| (curve.iter()).position(|point| point.mean_error <= bound);
    let Some(min) = first_within(least) else {
        return Err(SolveError::Folds(
            "the error is finite at no lambda; there is nothing to choose from".into(),
        ));
    };
    // A standard error that is not a number allows nothing.
    let one_se = first_within(least + curve[min].se).unwrap_or(min);
    Ok((min, one_se))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn curve(errors: &[f64], se: f64) -> Vec<CurvePoint> {
        let points = errors
            .iter()
            .enumerate()
            .map(|(k, &mean_error)| CurvePoint {
                lambda: 1.0 / (k + 1) as f64,
                mean_error,
                se,
                nonzeros: k,
            });
        points.collect()
    }

    #[test]
    fn ties_go_to_the_larger_lambda_and_one_error_is_allowed() {
        assert_eq!(choose(&curve(&[5.0, 2.0, 1.0, 1.0, 3.0], 0.5)), Ok((2, 2)));
        assert_eq!(choose(&curve(&[5.0, 2.0, 1.0, 1.0, 3.0], 1.0)), Ok((2, 1)));
        assert_eq!(choose(&curve(&[5.0, f64::NAN, 1.0], f64::NAN)), Ok((2, 2)));
        assert!(choose(&curve(&[f64::NAN], 1.0)).is_err() && choose(&[]).is_err());
    }

    #[test]
    fn the_error_of_equal_weights_is_the_textbook_one() {
        let values = [1.0, 4.0, 2.0, 7.0];
        let [mean, error] = mean_and_error(values.iter().map(|v| [*v, 3.0]));
        let variance = values.iter().map(|v| (v - 3.5f64).powi(2)).sum::<f64>() / 3.0;
        assert!((mean - 3.5).abs() < 1e-15 && (error - (variance / 4.0).sqrt()).abs() < 1e-15);
    }
}
