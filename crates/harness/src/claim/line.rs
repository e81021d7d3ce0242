//! Lines through points in a plane: the two losses at their simplest.

use anyhow::{Context, ensure};
use faer::Mat;
use regpath_solvers::design::{Dense, WithOnes};
use regpath_solvers::face::face_along;
use regpath_solvers::loss::{Absolute, LossKind};
use regpath_solvers::penalty::L1;
use regpath_solvers::problem::Problem;
use regpath_solvers::{PathBuilder, lasso, ridge};

/// All lines with the least sum of absolute deviations: a polygon in the plane of (intercept, slope), or less.
#[derive(Clone, Debug, PartialEq)]
pub struct LeastAbsolute {
    /// Least and largest slope.
    pub slope: [f64; 2],
    /// Least and largest intercept.
    pub intercept: [f64; 2],
    /// Corners at which slope, intercept or a height that was asked for is extreme.
    pub corners: Vec<Line>,
}

impl LeastAbsolute {
    /// The face of optima of these points, with the corners at which the height at one of `places` is extreme.
    ///
    /// Errors: the points define no line.
    pub fn of(x: &[f64], y: &[f64], places: &[f64]) -> anyhow::Result<Self> {
        let one = Line::least_absolute(x, y)?;
        let column = Mat::from_fn(x.len(), 1, |i, _| x[i]);
        let dense = Dense::try_new(column.as_ref())?;
        let design = WithOnes::new(&dense);
        let problem = Problem::new(&design, y, Absolute, L1)?;
        let mut functionals = vec![vec![(0, 1.0)], vec![(1, 1.0)]];
        functionals.extend(places.iter().map(|x| vec![(0, *x), (1, 1.0)]));
        let optima = face_along(&problem, 0.0, &[one.slope, one.intercept], &functionals)?;
        let line = |corner: &Vec<(usize, f64)>| {
            let of = |column: usize| {
                let found = corner.iter().find(|(j, _)| *j == column);
                found.map_or(0.0, |(_, b)| *b)
            };
            Line {
                slope: of(0),
                intercept: of(design.intercept()),
            }
        };
        Ok(Self {
            slope: optima.intervals[0],
            intercept: optima.intervals[1],
            corners: optima.vertices.iter().map(line).collect(),
        })
    }
}

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

    /// The line with the least sum of check losses of level τ, or one of them. Errors: the points define none.
    pub fn quantile(tau: f64, x: &[f64], y: &[f64]) -> anyhow::Result<Self> {
        Self::unpenalised(lasso().loss(LossKind::quantile(tau)?), x, y)
    }

    /// The line with the least sum of Huber losses of bend δ. Errors: the points define none.
    pub fn huber(delta: f64, x: &[f64], y: &[f64]) -> anyhow::Result<Self> {
        Self::unpenalised(lasso().loss(LossKind::huber(delta)?), x, y)
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
