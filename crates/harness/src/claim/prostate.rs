//! Prostate cancer as Hastie, Tibshirani & Friedman (2009) prepare it: scaled by all 97 men, fitted on 67 and tested on 30.

use super::data::{Table, table};
use anyhow::{Context, bail};
use faer::Mat;
use regpath_solvers::design::Dense;
use regpath_solvers::loss::Squared;
use regpath_solvers::penalty::L1;
use regpath_solvers::problem::Problem;
use regpath_solvers::solver::{Homotopy, Knot, Knots, Move, RidgeFactor, Status, Stop};

/// The features, in the order of the book.
pub const NAMES: [&str; 8] = [
    "lcavol", "lweight", "age", "lbph", "svi", "lcp", "gleason", "pgg45",
];
/// Degrees of freedom that the book chose for ridge.
pub const BOOK_DF: f64 = 5.0;
/// s at which the path has every printed digit of the book's lasso; it prints 0.36.
pub const BOOK_S: f64 = 0.3748;

/// The two parts of the data.
pub struct Prostate {
    /// Features of the training rows, scaled by mean and deviation of all 97 rows, and not centred again.
    pub z: Mat<f64>,
    /// Response of the training rows.
    pub y: Vec<f64>,
    /// The same about its mean.
    pub centred: Vec<f64>,
    /// Features of the test rows, scaled as those of the training rows.
    pub test_z: Mat<f64>,
    /// Response of the test rows.
    pub test_y: Vec<f64>,
}

/// What the lasso takes for the unit of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Its norm about the mean of the training rows.
    TrainNorm,
    /// Its deviation among all 97 men.
    AllDeviation,
}

/// One knot of the lasso profile.
pub struct ProfileKnot {
    /// In the scaling ½‖y − Zβ‖² + λ‖β‖₁ of the book.
    pub lambda: f64,
    /// Σ|β| over Σ|β| of least squares, in units of the columns.
    pub s: f64,
    /// Coefficients per deviation among all 97 men.
    pub beta: Vec<f64>,
}

/// The lasso profile, linear between its knots.
pub struct Profile {
    /// From s = 0 to s = 1.
    pub knots: Vec<ProfileKnot>,
    /// Columns in the order in which they enter.
    pub entries: Vec<usize>,
}

impl Prostate {
    /// Reads and scales. Errors: the data are not there, or not in the order of [`NAMES`].
    pub fn load() -> anyhow::Result<Self> {
        let (all, train, test) = (
            table("prostate")?,
            table("prostate-train")?,
            table("prostate-test")?,
        );
        if all.features != NAMES {
            bail!("the features of prostate are {:?}", all.features);
        }
        let mean = train.y.iter().sum::<f64>() / train.y.len() as f64;
        Ok(Self {
            z: scaled_by(&train, &all),
            centred: train.y.iter().map(|v| v - mean).collect(),
            test_z: scaled_by(&test, &all),
            y: train.y,
            test_y: test.y,
        })
    }

    /// Number of training rows.
    pub fn rows(&self) -> f64 {
        self.y.len() as f64
    }

    /// Mean of the response of the training rows.
    pub fn mean(&self) -> f64 {
        self.y.iter().sum::<f64>() / self.rows()
    }

    /// Means of the scaled training columns.
    pub fn column_means(&self) -> Vec<f64> {
        (0..NAMES.len()).map(|j| moments(&self.z, j).0).collect()
    }

    /// The scaled training columns about their own means.
    pub fn recentred(&self) -> Mat<f64> {
        let means = self.column_means();
        Mat::from_fn(self.z.nrows(), self.z.ncols(), |i, j| {
            self.z[(i, j)] - means[j]
        })
    }

    /// The intercept that belongs to these coefficients where columns are centred.
    pub fn intercept(&self, beta: &[f64]) -> f64 {
        let means = self.column_means();
        self.mean() - means.iter().zip(beta).map(|(m, b)| m * b).sum::<f64>()
    }

    /// Ridge on the training rows as the book has it.
    pub fn ridge_factor(&self) -> anyhow::Result<RidgeFactor> {
        Ok(RidgeFactor::new(
            &Dense::try_new(self.z.as_ref())?,
            &self.centred,
        )?)
    }

    /// λ of ½‖y − Zβ‖²/n + ½λ‖β‖² at which ridge has so many degrees of freedom, 0 < df < 8. The book's ‖y − Zβ‖² + λ‖β‖² is 2n
    /// times this, so that its λ is n times ours.
    pub fn lambda_of_df(&self, factor: &RidgeFactor, df: f64) -> anyhow::Result<f64> {
        solve_for(-df, |lambda| Ok(-factor.df(lambda)))
    }

    /// Mean squared error on the test rows, and its standard error.
    pub fn test_error(&self, intercept: f64, beta: &[f64]) -> (f64, f64) {
        let squares: Vec<f64> = (self.test_y.iter().enumerate())
            .map(|(i, y)| {
                let fit = (beta.iter().enumerate()).map(|(j, b)| self.test_z[(i, j)] * b);
                (y - intercept - fit.sum::<f64>()).powi(2)
            })
            .collect();
        let n = squares.len() as f64;
        let mean = squares.iter().sum::<f64>() / n;
        let spread = squares.iter().map(|s| (s - mean).powi(2)).sum::<f64>() / (n - 1.0);
        (mean, (spread / n).sqrt())
    }

    /// The whole lasso profile by its knots.
    pub fn lasso(&self, unit: Unit) -> anyhow::Result<Profile> {
        let n = self.rows();
        let columns = self.recentred();
        let units: Vec<f64> = (0..NAMES.len())
            .map(|j| match unit {
                Unit::TrainNorm => columns.col_as_slice(j).iter().map(|v| v * v).sum(),
                Unit::AllDeviation => 1.0,
            })
            .map(f64::sqrt)
            .collect();
        let x = Mat::from_fn(columns.nrows(), columns.ncols(), |i, j| {
            columns[(i, j)] / units[j]
        });
        let x = Dense::try_new(x.as_ref())?;
        let problem = Problem::new(&x, &self.centred, Squared, L1)?;
        let stop = Stop {
            tol: 1e-13,
            ..Stop::default()
        };
        let Knots {
            knots, end, status, ..
        } = Homotopy::default().knots(&problem, 0.0, stop)?;
        if status != Status::Converged {
            bail!("the lasso path ended before λ = 0: {status:?}");
        }
        let dense = |sparse: &[(usize, f64)]| {
            let mut b = vec![0.0; NAMES.len()];
            sparse.iter().for_each(|(j, v)| b[*j] = *v);
            b
        };
        let size = |b: &[f64]| b.iter().map(|b| b.abs()).sum::<f64>();
        let longest = size(&dense(&end.1));
        let entries = knots.iter().filter_map(|knot| match knot.change {
            Move::Join(j) => Some(j),
            Move::Drop(_) => None,
        });
        let entries = entries.collect();
        let points = knots
            .into_iter()
            .map(
                |Knot {
                     lambda,
                     coefficients,
                     ..
                 }| (lambda, coefficients),
            )
            .chain([end]);
        let knots = points
            .map(|(lambda, coefficients)| {
                let b = dense(&coefficients);
                ProfileKnot {
                    // ½‖y − Zβ‖² + λ‖β‖₁ is n times what is solved here at λ/n.
                    lambda: n * lambda,
                    s: size(&b) / longest,
                    beta: b.iter().zip(&units).map(|(b, unit)| b / unit).collect(),
                }
            })
            .collect();
        Ok(Profile { knots, entries })
    }
}

impl Profile {
    /// λ and coefficients at s between 0 and 1: signs do not change between knots, so that both are linear in s.
    pub fn at(&self, s: f64) -> anyhow::Result<(f64, Vec<f64>)> {
        let mut pairs = self.knots.windows(2);
        let pair = pairs
            .find(|pair| (pair[0].s..=pair[1].s).contains(&s))
            .with_context(|| format!("the profile does not reach s = {s}"))?;
        let share = (s - pair[0].s) / (pair[1].s - pair[0].s);
        let between = |a: f64, b: f64| (1.0 - share) * a + share * b;
        let beta = pair[0].beta.iter().zip(&pair[1].beta);
        Ok((
            between(pair[0].lambda, pair[1].lambda),
            beta.map(|(a, b)| between(*a, *b)).collect(),
        ))
    }
}

/// Mean and deviation (n − 1) of a column.
pub fn moments(x: &Mat<f64>, j: usize) -> (f64, f64) {
    let column = x.col_as_slice(j);
    let n = column.len() as f64;
    let mean = column.iter().sum::<f64>() / n;
    let squares: f64 = column.iter().map(|v| (v - mean).powi(2)).sum();
    (mean, (squares / (n - 1.0)).sqrt())
}

/// The rows, scaled by mean and deviation of `all`.
fn scaled_by(rows: &Table, all: &Table) -> Mat<f64> {
    let moments: Vec<(f64, f64)> = (0..rows.x.ncols()).map(|j| moments(&all.x, j)).collect();
    Mat::from_fn(rows.x.nrows(), rows.x.ncols(), |i, j| {
        (rows.x[(i, j)] - moments[j].0) / moments[j].1
    })
}

/// Where a function that increases with λ between 1e-8 and 1e8 has this value, by bisection.
pub fn solve_for(target: f64, value: impl Fn(f64) -> anyhow::Result<f64>) -> anyhow::Result<f64> {
    let (mut low, mut high) = (1e-8f64.ln(), 1e8f64.ln());
    for _ in 0..100 {
        let middle = 0.5 * (low + high);
        if value(middle.exp())? < target {
            low = middle;
        } else {
            high = middle;
        }
    }
    Ok((0.5 * (low + high)).exp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bisection_finds_where_a_function_has_a_value() {
        let found = solve_for(3.0, |lambda| Ok(lambda.ln())).unwrap();
        assert!((found / 3f64.exp() - 1.0).abs() < 1e-12);
    }

    #[test]
    fn the_profile_between_knots_is_what_the_solver_finds_there() {
        let book = Prostate::load().unwrap();
        let profile = book.lasso(Unit::AllDeviation).unwrap();
        let (lambda, beta) = profile.at(0.36).unwrap();
        let path = regpath_solvers::lasso()
            .standardize(false)
            .tol(1e-13)
            .lambdas([lambda / book.rows()]);
        let path = path.fit(book.z.as_ref(), &book.y).unwrap();
        for (a, b) in path.coefficients(0).iter().zip(&beta) {
            assert!((a - b).abs() < 1e-9, "{a} {b}");
        }
        assert!((path.points[0].intercept - book.intercept(&beta)).abs() < 1e-9);
    }
}
