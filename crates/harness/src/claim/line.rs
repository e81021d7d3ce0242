//! Lines through points in a plane: the two losses at their simplest.

use anyhow::{Context, ensure};
use faer::Mat;
use regpath_solvers::loss::LossKind;
use regpath_solvers::{PathBuilder, lasso, ridge};

/// Accuracy of both fits, relative to the null loss.
const TOL: f64 = 1e-12;

/// y = intercept + slope · x.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Line {
    /// Height at x = 0.
    pub intercept: f64,
    /// Rise of y per unit of x.
    pub slope: f64,
}

impl Line {
    /// The line with the least sum of absolute deviations, or one of them. Errors: the points define none.
    pub fn least_absolute(x: &[f64], y: &[f64]) -> anyhow::Result<Self> {
        Self::unpenalised(lasso().loss(LossKind::Absolute), x, y)
    }

    /// The line with the least sum of squares. Errors: the points define none.
    pub fn least_squares(x: &[f64], y: &[f64]) -> anyhow::Result<Self> {
        Self::unpenalised(ridge(), x, y)
    }

    fn unpenalised(builder: PathBuilder, x: &[f64], y: &[f64]) -> anyhow::Result<Self> {
        ensure!(x.len() == y.len(), "{} x and {} y", x.len(), y.len());
        let column = Mat::from_fn(x.len(), 1, |i, _| x[i]);
        let path = builder.lambdas([0.0]).tol(TOL).fit(column.as_ref(), y)?;
        ensure!(
            path.worst_gap() <= 1e-10,
            "the line is certified to {:e} only",
            path.worst_gap()
        );
        let point = path.points.first().context("the path has no point")?;
        Ok(Self {
            intercept: point.intercept,
            slope: path.coefficients(0)[0],
        })
    }

    /// Height at x.
    pub fn at(self, x: f64) -> f64 {
        self.intercept + self.slope * x
    }

    /// Sum of absolute deviations of points from it.
    pub fn absolute_deviations(self, x: &[f64], y: &[f64]) -> f64 {
        x.iter().zip(y).map(|(x, y)| (y - self.at(*x)).abs()).sum()
    }

    /// Sum of squared deviations of points from it.
    pub fn squared_deviations(self, x: &[f64], y: &[f64]) -> f64 {
        let squares = x.iter().zip(y).map(|(x, y)| (y - self.at(*x)).powi(2));
        squares.sum()
    }

    /// Its points at these places.
    pub fn through<const N: usize>(self, places: [f64; N]) -> Vec<(f64, f64)> {
        places.map(|x| (x, self.at(x))).to_vec()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_outlier_moves_the_squares_and_not_the_absolute_deviations() {
        let x: Vec<f64> = (0..9).map(f64::from).collect();
        let mut y: Vec<f64> = x.iter().map(|x| 3.0 - 0.5 * x).collect();
        y[8] += 12.0;
        let absolute = Line::least_absolute(&x, &y).expect("fits");
        assert!((absolute.slope + 0.5).abs() < 1e-9 && (absolute.intercept - 3.0).abs() < 1e-9);
        assert!((absolute.absolute_deviations(&x, &y) - 12.0).abs() < 1e-9);
        // The slope moves by (x − x̄) · 12 / Σ (x − x̄)² = 4 · 12 / 60.
        let squares = Line::least_squares(&x, &y).expect("fits");
        assert!((squares.slope - 0.3).abs() < 1e-10, "{squares:?}");
        let below = squares.squared_deviations(&x, &y);
        assert!(below < absolute.squared_deviations(&x, &y));
        let level: f64 = (0..9).map(|i| y[i] - squares.at(x[i])).sum();
        assert!(level.abs() < 1e-9, "residuals sum to 0");
    }
}
