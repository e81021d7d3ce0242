//! Cross-validation: every fold's path at the λ of the path on all rows, and the error on the rows that were held out.
//!
//! Hastie, Tibshirani & Friedman, ESL 2nd ed., §7.10; the one-standard-error rule by Breiman, Friedman, Olshen & Stone (1984).
//!
//! ```
//! use faer::Mat;
//! use regpath_solvers::validation::{Folds, InTurn};
//! let x = Mat::from_fn(60, 8, |i, j| ((i * (j + 3)) as f64 * 0.37).sin());
//! let y: Vec<f64> = (0..60).map(|i| 2.0 * x[(i, 0)] - x[(i, 3)] + 0.1 * (i as f64).cos()).collect();
//! let folds = [Folds::contiguous(60, 5)?];
//! let cv = regpath_solvers::lasso().n_lambda(30).cross_validate(x.as_ref(), &y, &folds, &InTurn)?;
//! assert!(cv.curve[cv.min].mean_error < cv.curve[0].mean_error);
//! assert!(cv.curve[cv.one_se].lambda >= cv.curve[cv.min].lambda);
//! println!("{:?}", cv.path.points[cv.one_se].nonzeros);
//! # Ok::<(), regpath_solvers::SolveError>(())
//! ```

mod cross_products;
mod curve;
mod folds;
mod leave_one_out;
mod plan;
mod rows;

use faer::MatRef;

use crate::design::{Csc, Dense};
use crate::error::SolveError;
use crate::fit::{FittedPath, PathBuilder};
use crate::solver::Status;
pub use curve::{CurvePoint, choose};
pub use folds::Folds;
use plan::Plan;

/// X of either kind, n × p.
#[derive(Clone, Copy, Debug)]
pub enum Features<'a> {
    /// Column-major.
    Dense(MatRef<'a, f64>),
    /// Compressed columns.
    Sparse(&'a Csc),
}

impl<'a> From<MatRef<'a, f64>> for Features<'a> {
    fn from(x: MatRef<'a, f64>) -> Self {
        Self::Dense(x)
    }
}

impl<'a> From<&'a Csc> for Features<'a> {
    fn from(x: &'a Csc) -> Self {
        Self::Sparse(x)
    }
}

impl Features<'_> {
    /// n.
    pub fn nrows(&self) -> usize {
        match self {
            Self::Dense(x) => x.nrows(),
            Self::Sparse(x) => x.nrows(),
        }
    }
}

/// Who does the parts of a task: this crate starts no thread, and leaves it to its caller.
pub trait Workers: Sync {
    /// Does `work` on each of `parts` and returns what comes of it, in their order.
    fn map<P: Send, R: Send>(&self, parts: Vec<P>, work: impl Fn(P) -> R + Sync) -> Vec<R>;
}

/// One part after the other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct InTurn;

impl Workers for InTurn {
    fn map<P: Send, R: Send>(&self, parts: Vec<P>, work: impl Fn(P) -> R + Sync) -> Vec<R> {
        parts.into_iter().map(work).collect()
    }
}

/// What is measured on held-out rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Measure {
    /// Mean squared error: the deviance of squared loss.
    #[default]
    SquaredError,
    /// Mean absolute error.
    AbsoluteError,
}

/// A cross-validated path.
#[derive(Clone, Debug)]
pub struct CrossValidation {
    /// The path on all rows.
    pub path: FittedPath,
    /// One entry per point of that path.
    pub curve: Vec<CurvePoint>,
    /// One entry per repeat, fold and λ, in that order. Empty for [`PathBuilder::leave_one_out`].
    pub folds: Vec<FoldPoint>,
    /// Index of λ_min: the largest λ of least mean error.
    pub min: usize,
    /// Index of λ_1se: the largest λ whose mean error is at most one standard error above the least.
    pub one_se: usize,
}

/// One λ on the rows that one fold holds out.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FoldPoint {
    /// Which of the foldings, from 0.
    pub repeat: usize,
    /// Which fold of it, from 0.
    pub fold: usize,
    /// Index of λ.
    pub k: usize,
    /// Rows held out that count.
    pub rows: usize,
    /// Their weight, all rows that count having mean weight 1.
    pub weight: f64,
    /// Mean error over them, by weight.
    pub error: f64,
    /// Non-zeros of the fit on the other rows.
    pub nonzeros: usize,
    /// Certified gap of that fit relative to its null loss.
    pub relative_gap: f64,
    /// How that solve ended.
    pub status: Status,
}

impl PathBuilder {
    /// Cross-validates with each of the foldings, by squared error; see [`PathBuilder::cross_validate_by`].
    pub fn cross_validate<'a, W: Workers>(
        &self,
        x: impl Into<Features<'a>>,
        y: &[f64],
        folds: &[Folds],
        workers: &W,
    ) -> Result<CrossValidation, SolveError> {
        self.cross_validate_by(Measure::default(), x, y, folds, workers)
    }

    /// Cross-validates with each of the foldings. Centring, standardisation and the intercept are those of the rows that a fold
    /// trains on, as in glmnet. X is n × p and y has length n; X is not copied per fold: where n is large beside p, the inner
    /// products of each fold's rows are all that its path needs, and the others read one prepared copy of X per folding, in which most
    /// rows stand twice.
    ///
    /// Results are the same bits for any workers.
    ///
    /// Errors: those of [`PathBuilder::fit`], and [`SolveError::Folds`] for foldings of another length than y, none at all, and a
    /// fold without which too few rows are left or y does not vary.
    pub fn cross_validate_by<'a, W: Workers>(
        &self,
        measure: Measure,
        x: impl Into<Features<'a>>,
        y: &[f64],
        folds: &[Folds],
        workers: &W,
    ) -> Result<CrossValidation, SolveError> {
        self.check_squared("cross-validation")?;
        let x = x.into();
        if let Features::Dense(x) = x {
            Dense::try_new(x)?;
        }
        let sample = self.sample(x.nrows(), y)?;
        self.check_scales(match x {
            Features::Dense(x) => x.ncols(),
            Features::Sparse(x) => x.ncols(),
        })?;
        if folds.is_empty() {
            return Err(SolveError::Folds("no folding was given".into()));
        }
        let mut plan = Plan::new(self, measure, x, &sample);
        let mut points = Vec::new();
        for (repeat, folds) in folds.iter().enumerate() {
            let order = folds.order(y.len(), sample.weights.counted(), repeat)?;
            points.extend(plan.validate(repeat, &order, workers)?);
        }
        let path = plan.into_path()?;
        let curve = curve::of(&path, &points);
        let (min, one_se) = choose(&curve)?;
        Ok(CrossValidation {
            path,
            curve,
            folds: points,
            min,
            one_se,
        })
    }
}
