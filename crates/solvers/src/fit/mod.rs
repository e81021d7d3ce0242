//! From a matrix to a certified path in one call, for users of the library.

mod fitted;
mod kinked;
mod loss_path;
mod relaxation;
mod task;
mod unpenalised;

use std::borrow::Cow;

use faer::{Mat, MatRef};

use crate::design::{Csc, Dense, Design, Standardized, is_usable};
use crate::error::SolveError;
use crate::loss::LossKind;
use crate::penalty::Bounded;
use crate::prepare::{Options, Preparation, Weights};
use crate::problem::check_response;
use crate::restrictions::Restrictions;
use crate::solver::Stop;
use crate::validation::Features;
pub use fitted::{Coefficients, EarlyEnd, FittedPath, FittedPoint, Relaxed, worst};
pub use relaxation::{LeastSquares, Relaxation};
pub(crate) use task::Task;
pub use unpenalised::restricted_grid_start;

/// How a path is to be computed; the defaults are those of glmnet.
#[derive(Clone, Debug)]
pub struct PathBuilder {
    pub(crate) loss: LossKind,
    pub(crate) alpha: f64,
    lambdas: Option<Vec<f64>>,
    n_lambda: usize,
    ratio: Option<f64>,
    pub(crate) options: Options,
    tol: f64,
    max_epochs: usize,
    weights: Option<Vec<f64>>,
    offset: Option<Vec<f64>>,
    scales: Option<Vec<f64>>,
    pub(crate) restrictions: Restrictions,
    pub(crate) max_nonzeros: Option<usize>,
    pub(crate) relaxed: bool,
}

/// Lasso path of squared loss. See [`PathBuilder`] for options.
pub fn lasso() -> PathBuilder {
    elastic_net(1.0)
}

/// Ridge path of squared loss.
pub fn ridge() -> PathBuilder {
    elastic_net(0.0)
}

/// Elastic-net path with penalty λ Σ α|β_j| + (1 − α)β_j²/2; α is checked when the path is fitted.
pub fn elastic_net(alpha: f64) -> PathBuilder {
    PathBuilder {
        loss: LossKind::Squared,
        alpha,
        lambdas: None,
        n_lambda: 100,
        ratio: None,
        options: Options::default(),
        tol: 1e-6,
        max_epochs: Stop::default().max_epochs,
        weights: None,
        offset: None,
        scales: None,
        restrictions: Restrictions::default(),
        max_nonzeros: None,
        relaxed: false,
    }
}

/// [`lasso`] with the default options. X is n × p, y has length n. Errors: see [`SolveError`].
pub fn lasso_path(x: MatRef<'_, f64>, y: &[f64]) -> Result<FittedPath, SolveError> {
    lasso().fit(x, y)
}

/// [`ridge`] with the default options. X is n × p, y has length n. Errors: see [`SolveError`].
pub fn ridge_path(x: MatRef<'_, f64>, y: &[f64]) -> Result<FittedPath, SolveError> {
    ridge().fit(x, y)
}

/// [`elastic_net`] with the default options. X is n × p, y has length n. Errors: see [`SolveError`].
pub fn elastic_net_path(
    x: MatRef<'_, f64>,
    y: &[f64],
    alpha: f64,
) -> Result<FittedPath, SolveError> {
    elastic_net(alpha).fit(x, y)
}

impl PathBuilder {
    /// The loss; squared unless set. See [`LossKind`] for Huber's δ and the τ of a quantile; logistic loss takes a y of classes 0 and
    /// 1, and its coefficients are of the log-odds of class 1.
    pub fn loss(mut self, loss: LossKind) -> Self {
        self.loss = loss;
        self
    }

    /// Number of λ of the geometric grid; 100 unless set.
    pub fn n_lambda(mut self, n_lambda: usize) -> Self {
        self.n_lambda = n_lambda;
        self
    }

    /// λ_min / λ_max of the geometric grid; 1e-2 when n < p and 1e-4 otherwise unless set.
    pub fn lambda_min_ratio(mut self, ratio: f64) -> Self {
        self.ratio = Some(ratio);
        self
    }

    /// These λ instead of a geometric grid, in any order; 0 is the unpenalised fit.
    pub fn lambdas(mut self, lambdas: impl Into<Vec<f64>>) -> Self {
        self.lambdas = Some(lambdas.into());
        self
    }

    /// Whether an intercept is fitted; true unless set.
    pub fn intercept(mut self, intercept: bool) -> Self {
        self.options.intercept = intercept;
        self
    }

    /// Whether columns are divided by their population deviation; true unless set.
    pub fn standardize(mut self, standardize: bool) -> Self {
        self.options.standardize = standardize;
        self
    }

    /// Columns are divided by these numbers instead of their deviations, as by those of rows that are not fitted. Length p.
    pub fn scales(mut self, scales: impl Into<Vec<f64>>) -> Self {
        self.scales = Some(scales.into());
        self
    }

    /// Bound on gap / null loss at every λ, the null loss being that of the model without what is penalised, ‖y − ȳ‖²/2n for squared
    /// loss; 1e-6 unless set.
    pub fn tol(mut self, tol: f64) -> Self {
        self.tol = tol;
        self
    }

    /// Epochs that a λ may take; 100 000 unless set.
    pub fn max_epochs(mut self, max_epochs: usize) -> Self {
        self.max_epochs = max_epochs;
        self
    }

    /// Row i counts `weights[i]` ≥ 0 times; only ratios matter. Length n, all equal unless set.
    pub fn weights(mut self, weights: impl Into<Vec<f64>>) -> Self {
        self.weights = Some(weights.into());
        self
    }

    /// A part of the prediction that is known beforehand: y − offset is what is fitted, for logistic loss the log-odds less offset.
    /// Length n, 0 unless set.
    pub fn offset(mut self, offset: impl Into<Vec<f64>>) -> Self {
        self.offset = Some(offset.into());
        self
    }

    /// Penalty factors and bounds; none unless set.
    pub fn restrictions(mut self, restrictions: Restrictions) -> Self {
        self.restrictions = restrictions;
        self
    }

    /// The path ends before the first λ with more non-zeros than this, see [`FittedPath::ended`].
    pub fn max_nonzeros(mut self, most: usize) -> Self {
        self.max_nonzeros = Some(most);
        self
    }

    /// Also computes [`FittedPoint::relaxed`]; false unless set.
    pub fn relaxed(mut self, relaxed: bool) -> Self {
        self.relaxed = relaxed;
        self
    }

    /// Without what ends a path early or adds to it.
    pub(crate) fn without_ends(mut self) -> Self {
        self.max_nonzeros = None;
        self.relaxed = false;
        self
    }

    /// Fits on a dense X, n × p, column-major; y has length n. A prepared copy of X is made unless none is needed.
    ///
    /// Errors: [`SolveError`] for shapes, values that are not finite, a constant y, α outside [0, 1], bad λ, weights, offsets and
    /// restrictions, and what a loss cannot be fitted to or with.
    pub fn fit(&self, x: MatRef<'_, f64>, y: &[f64]) -> Result<FittedPath, SolveError> {
        if self.loss != LossKind::Squared {
            return loss_path::fit(self, x.into(), y);
        }
        self.with_prepared(x.into(), y, Solve)
    }

    /// Fits on a sparse X, n × p, which stays sparse: centring is implicit. Errors: as [`PathBuilder::fit`].
    pub fn fit_sparse(&self, x: &Csc, y: &[f64]) -> Result<FittedPath, SolveError> {
        if self.loss != LossKind::Squared {
            return loss_path::fit(self, x.into(), y);
        }
        self.with_prepared(x.into(), y, Solve)
    }

    /// Hands the prepared data to `job`.
    pub(crate) fn with_prepared<J: Job>(
        &self,
        x: Features<'_>,
        y: &[f64],
        job: J,
    ) -> Result<J::Output, SolveError> {
        let sample = self.sample(x.nrows(), y)?;
        let rows = sample.weights.counted();
        match x {
            Features::Dense(x) if sample.is_whole() => {
                let design = Dense::try_new(x)?;
                let prepared = self.prepare(&design, &sample)?;
                if prepared.preparation.is_identity() {
                    return job.run(&design, &prepared);
                }
                Self::on_copy(x.to_owned(), &prepared, job)
            }
            Features::Dense(x) => {
                let copy = Mat::from_fn(rows.len(), x.ncols(), |i, j| x[(rows[i], j)]);
                let prepared = self.prepare(&Dense::try_new(copy.as_ref())?, &sample)?;
                Self::on_copy(copy, &prepared, job)
            }
            Features::Sparse(x) => {
                let kept = if sample.is_whole() {
                    Cow::Borrowed(x)
                } else {
                    Cow::Owned(x.select_rows(rows, None))
                };
                let prepared = self.prepare(kept.as_ref(), &sample)?;
                let scaling = &prepared.preparation.scaling;
                match &prepared.preparation.root_weights {
                    Some(root) => {
                        let all: Vec<usize> = (0..kept.nrows()).collect();
                        let weighted = kept.select_rows(&all, Some(root));
                        job.run(&Standardized::weighted(&weighted, scaling, root), &prepared)
                    }
                    None => job.run(&Standardized::new(kept.as_ref(), scaling), &prepared),
                }
            }
        }
    }

    fn on_copy<J: Job>(
        mut copy: Mat<f64>,
        prepared: &Prepared,
        job: J,
    ) -> Result<J::Output, SolveError> {
        prepared.preparation.apply(&mut copy);
        job.run(&Dense::try_new(copy.as_ref())?, prepared)
    }

    /// What a column of this deviation, which is not 0, is divided by.
    pub(crate) fn scale(&self, j: usize, sd: f64) -> f64 {
        match &self.scales {
            Some(scales) => scales[j],
            None if self.options.standardize => sd,
            None => 1.0,
        }
    }

    /// Errors: [`SolveError::Scales`] unless there are p positive finite numbers, where there are scales.
    pub(crate) fn check_scales(&self, p: usize) -> Result<(), SolveError> {
        let Some(scales) = &self.scales else {
            return Ok(());
        };
        if scales.len() != p {
            return Err(SolveError::Scales(format!(
                "there are {} scales for {p} columns",
                scales.len()
            )));
        }
        match scales.iter().position(|s| !(*s > 0.0 && is_usable(*s))) {
            Some(j) => Err(SolveError::Scales(format!(
                "the scale of column {j} (counted from 0) is {}, expected a positive number of at most 1e150",
                scales[j]
            ))),
            None => Ok(()),
        }
    }

    /// The rows that count, of y − offset. Errors: [`SolveError::Shape`], [`SolveError::Weights`], [`SolveError::Offset`].
    pub(crate) fn sample(&self, n: usize, y: &[f64]) -> Result<Sample, SolveError> {
        self.sample_less(n, y, true)
    }

    /// As [`PathBuilder::sample`], of y as it is unless the loss is of residuals.
    fn sample_less(&self, n: usize, y: &[f64], of_residuals: bool) -> Result<Sample, SolveError> {
        if y.len() != n {
            return Err(SolveError::Shape {
                y: y.len(),
                rows: n,
            });
        }
        check_response(y)?;
        let weights = match &self.weights {
            Some(weights) if weights.len() != n => {
                return Err(SolveError::Weights(format!(
                    "there are {} weights for {n} rows",
                    weights.len()
                )));
            }
            Some(weights) => Weights::new(weights)?,
            None => Weights::equal(n),
        };
        let taken = self.offset.as_ref().filter(|_| of_residuals);
        let offset = |i: usize| taken.map_or(0.0, |offset| offset[i]);
        if let Some(offset) = &self.offset {
            if offset.len() != n {
                return Err(SolveError::Offset(format!(
                    "there are {} offsets for {n} rows",
                    offset.len()
                )));
            }
            if let Some(row) = offset.iter().position(|o| !is_usable(*o)) {
                return Err(SolveError::Offset(format!(
                    "the offset of row {row} (counted from 0) is {}, expected a finite number of magnitude at most 1e150",
                    offset[row]
                )));
            }
        }
        let y = weights
            .counted()
            .iter()
            .map(|&i| y[i] - offset(i))
            .collect();
        Ok(Sample { y, weights, n })
    }

    /// Puts the scales that were given, if any, in the place of the deviations. Errors: see [`PathBuilder::check_scales`].
    fn rescale(&self, preparation: &mut Preparation) -> Result<(), SolveError> {
        self.check_scales(preparation.scaling.scale.len())?;
        if self.scales.is_some() {
            let scale = preparation.scaling.scale.iter_mut().enumerate();
            // Constant columns stay left out.
            scale
                .filter(|(_, s)| s.is_finite())
                .for_each(|(j, s)| *s = self.scale(j, *s));
        }
        Ok(())
    }

    /// Errors: [`SolveError::Loss`] unless the loss is squared, the only one that `what` is there for.
    pub(crate) fn check_squared(&self, what: &str) -> Result<(), SolveError> {
        if self.loss == LossKind::Squared {
            return Ok(());
        }
        Err(SolveError::Loss(format!(
            "{what} is there for squared loss only, not for {} loss",
            self.loss.name()
        )))
    }

    fn prepare<X: Design>(&self, x: &X, sample: &Sample) -> Result<Prepared<'_>, SolveError> {
        let mut preparation = Preparation::weighted(x, &sample.y, &sample.weights, self.options)?;
        self.rescale(&mut preparation)?;
        let bounded = self.restrictions.prepare(self.alpha, &mut preparation)?;
        Ok(Prepared {
            builder: self,
            y: preparation.response(&sample.y),
            preparation,
            bounded,
        })
    }
}

/// Everything that is known of the data before they are solved on, but X.
pub(crate) struct Prepared<'a> {
    pub(crate) builder: &'a PathBuilder,
    pub(crate) y: Vec<f64>,
    pub(crate) preparation: Preparation,
    /// What the scales do not express of the restrictions.
    pub(crate) bounded: Option<Vec<Bounded>>,
}

/// Something that is done with prepared data.
pub(crate) trait Job {
    type Output;
    fn run<X: Design>(self, x: &X, prepared: &Prepared) -> Result<Self::Output, SolveError>;
}

/// Solves the path.
struct Solve;

impl Job for Solve {
    type Output = FittedPath;
    fn run<X: Design>(self, x: &X, prepared: &Prepared) -> Result<FittedPath, SolveError> {
        let task = Task {
            builder: prepared.builder,
            preparation: &prepared.preparation,
            lambdas: None,
            lambda_unit: 1.0,
            shape: (x.nrows(), x.ncols()),
        };
        task.solve(x, &prepared.y, prepared.bounded.as_deref())
    }
}

/// The rows that count.
pub(crate) struct Sample {
    /// y − offset.
    pub(crate) y: Vec<f64>,
    pub(crate) weights: Weights,
    /// All rows.
    n: usize,
}

impl Sample {
    /// Whether every row counts.
    fn is_whole(&self) -> bool {
        self.weights.counted().len() == self.n
    }
}
