//! One path of a loss that is not squared: rows stay as they are, the intercept is a column of ones, and weights and offsets go into
//! the loss.

use std::borrow::Cow;

use faer::Mat;

use super::kinked::kinked_path;
use super::{Coefficients, EarlyEnd, FittedPath, FittedPoint, PathBuilder};
use crate::certificate::{Certificate, certify_path};
use crate::design::{Dense, Design, Standardized, WithOnes};
use crate::error::SolveError;
use crate::grid::{ALPHA_FLOOR, Grid};
use crate::loss::{Absolute, CurvedLoss, Logistic, Loss, LossKind, Observed};
use crate::null_model::NullModel;
use crate::path::WarmPath;
use crate::penalty::{Bounded, ElasticNet, Penalty, PerCoordinate};
use crate::prepare::Preparation;
use crate::problem::Problem;
use crate::solver::{Outcome, ProximalNewton, Solver, Stop};
use crate::validation::Features;

/// Everything that is known of the data before they are solved on, but X and the loss.
pub(super) struct LossPath<'a> {
    builder: &'a PathBuilder,
    /// Of the rows that count; less the offset for a loss of residuals.
    pub y: Vec<f64>,
    /// Of the rows that count, mean 1; None where all are equal.
    pub weights: Option<Vec<f64>>,
    /// Of the rows that count, where it is not taken off y.
    pub offset: Option<Vec<f64>>,
    preparation: Preparation,
    pub net: ElasticNet,
    /// One for each column of the problem: those of X and, with an intercept, the ones.
    pub bounded: Vec<Bounded>,
    /// Rows and columns of X.
    shape: (usize, usize),
}

/// A solved λ.
pub(super) struct Step {
    pub lambda: f64,
    pub outcome: Outcome,
    /// (column, coefficient) on the prepared scale, the intercept among them.
    pub nonzeros: Vec<(usize, f64)>,
    /// The dual point that the solver handed out, length n.
    pub dual: Option<Vec<f64>>,
}

/// Fits the path of `builder.loss`, which is not squared. Errors: see [`PathBuilder::fit`].
pub(super) fn fit(
    builder: &PathBuilder,
    x: Features<'_>,
    y: &[f64],
) -> Result<FittedPath, SolveError> {
    if builder.relaxed {
        return Err(SolveError::Loss(format!(
            "relaxed fits are least squares on supports; {} loss has none yet",
            builder.loss.name()
        )));
    }
    let takes_offset = builder.loss.is_of_residuals();
    let sample = builder.sample_less(x.nrows(), y, takes_offset)?;
    let rows = sample.weights.counted();
    if builder.loss == LossKind::Logistic {
        check_classes(y, rows)?;
    }
    let offset = match &builder.offset {
        Some(offset) if !takes_offset => Some(rows.iter().map(|&i| offset[i]).collect()),
        _ => None,
    };
    let whole = rows.len() == x.nrows();
    let path = |preparation: Preparation, bounded: Vec<Bounded>| -> Result<LossPath, SolveError> {
        Ok(LossPath {
            builder,
            y: sample.y.clone(),
            weights: sample.weights.squares(),
            offset,
            shape: (rows.len(), preparation.scaling.scale.len()),
            preparation,
            net: ElasticNet::new(builder.alpha)?,
            bounded,
        })
    };
    match x {
        Features::Dense(x) => {
            // A view of all rows is checked before anything is copied, so that a value is named by its own row.
            let design = Dense::try_new(x)?;
            let copy = if whole {
                None
            } else {
                Some(Mat::from_fn(rows.len(), x.ncols(), |i, j| x[(rows[i], j)]))
            };
            let (preparation, bounded) = match &copy {
                None => prepare(builder, &design, &sample)?,
                Some(copy) => prepare(builder, &Dense::try_new(copy.as_ref())?, &sample)?,
            };
            let path = path(preparation, bounded)?;
            if copy.is_none() && path.preparation.is_identity() {
                return path.with_intercept(&design);
            }
            let mut copy = copy.unwrap_or_else(|| x.to_owned());
            path.preparation.apply(&mut copy);
            path.with_intercept(&Dense::try_new(copy.as_ref())?)
        }
        Features::Sparse(x) => {
            let kept = if whole {
                Cow::Borrowed(x)
            } else {
                Cow::Owned(x.select_rows(rows, None))
            };
            let (preparation, bounded) = prepare(builder, kept.as_ref(), &sample)?;
            let path = path(preparation, bounded)?;
            path.with_intercept(&Standardized::new(kept.as_ref(), &path.preparation.scaling))
        }
    }
}

/// Errors: [`SolveError::Loss`] unless the counted rows have labels 0 and 1, both of them.
fn check_classes(y: &[f64], rows: &[usize]) -> Result<(), SolveError> {
    if let Some(&row) = rows.iter().find(|&&i| y[i] != 0.0 && y[i] != 1.0) {
        return Err(SolveError::Loss(format!(
            "y at row {row} (counted from 0) is {}, but logistic loss takes classes that are called 0 and 1",
            y[row]
        )));
    }
    match rows {
        [first, ..] if rows.iter().all(|&i| y[i] == y[*first]) => Err(SolveError::Loss(format!(
            "every row that counts is of class {}; logistic loss needs both classes, 0 and 1",
            y[*first]
        ))),
        _ => Ok(()),
    }
}

/// Measures the columns, and says what is asked of each coefficient.
fn prepare<X: Design>(
    builder: &PathBuilder,
    x: &X,
    sample: &super::Sample,
) -> Result<(Preparation, Vec<Bounded>), SolveError> {
    let mut preparation = Preparation::of_columns(x, &sample.y, &sample.weights, builder.options)?;
    builder.rescale(&mut preparation)?;
    let free = [f64::NEG_INFINITY, f64::INFINITY];
    let net = ElasticNet::new(builder.alpha)?;
    let restricted = builder
        .restrictions
        .prepare(builder.alpha, &mut preparation)?;
    let mut bounded = restricted.unwrap_or_else(|| vec![Bounded::new(net, 1.0, free); x.ncols()]);
    if builder.options.intercept {
        bounded.push(Bounded::new(net, 0.0, free));
    }
    Ok((preparation, bounded))
}

impl LossPath<'_> {
    fn with_intercept<X: Design>(&self, x: &X) -> Result<FittedPath, SolveError> {
        if self.builder.options.intercept {
            self.dispatch(&WithOnes::new(x))
        } else {
            self.dispatch(x)
        }
    }

    fn observed<L>(&self, loss: L) -> Observed<'_, L> {
        Observed {
            loss,
            weights: self.weights.as_deref(),
            offset: self.offset.as_deref(),
        }
    }

    fn dispatch<X: Design>(&self, x: &X) -> Result<FittedPath, SolveError> {
        match self.builder.loss {
            LossKind::Huber(huber) => self.smooth(x, self.observed(huber)),
            LossKind::Logistic => self.smooth(x, self.observed(Logistic)),
            LossKind::Absolute => kinked_path(self, x, self.observed(Absolute)),
            LossKind::Quantile(quantile) => kinked_path(self, x, self.observed(quantile)),
            LossKind::Squared => Err(SolveError::Loss(
                "squared loss has solvers of its own".into(),
            )),
        }
    }

    fn smooth<X: Design, L: CurvedLoss>(&self, x: &X, loss: L) -> Result<FittedPath, SolveError> {
        let null = NullModel::smooth(x, &self.y, loss, self.net, &self.bounded)?;
        let grid = self.grid(null.grid_start)?;
        let penalty = PerCoordinate::new(self.net, &self.bounded);
        let problem = Problem::new(x, &self.y, loss, penalty)?;
        let steps = self.walk(&ProximalNewton::default(), &problem, &grid, &null)?;
        let ended = steps.1;
        let judged: Vec<(f64, &[(usize, f64)])> = (steps.0.iter())
            .map(|step| (step.lambda, step.nonzeros.as_slice()))
            .collect();
        let certificates = certify_path(&problem, &judged);
        Ok(self.fitted(steps.0, certificates, ended, null.loss))
    }

    /// The λ of the path, decreasing.
    pub(super) fn grid(&self, start: f64) -> Result<Grid, SolveError> {
        let builder = self.builder;
        if let Some(lambdas) = &builder.lambdas {
            return Grid::from_values(lambdas.clone());
        }
        if start == 0.0 {
            return Err(SolveError::Grid(
                "every penalised column is constant, excluded or without effect on the loss, so none ever enters and there is no \
                 grid; give lambda"
                    .into(),
            ));
        }
        let default = Grid::default_ratio(self.shape.0, self.shape.1);
        Grid::geometric(start, builder.ratio.unwrap_or(default), builder.n_lambda)
    }

    /// Solves at every λ of the grid, to gaps in units of the null model's loss.
    pub(super) fn walk<X, L, S>(
        &self,
        solver: &S,
        problem: &Problem<X, L, PerCoordinate<'_>>,
        grid: &Grid,
        null: &NullModel,
    ) -> Result<(Vec<Step>, Option<EarlyEnd>), SolveError>
    where
        X: Design,
        L: Loss,
        S: for<'b> Solver<X, L, PerCoordinate<'b>>,
    {
        let builder = self.builder;
        let setup = solver.setup(problem)?;
        let mut path = WarmPath::new(solver, problem, &setup, problem.lambda_max());
        path.announce(grid.as_slice());
        // Solvers measure gaps in units of f(0).
        let unit = match null.loss / problem.null_loss() {
            unit if unit > 0.0 && unit.is_finite() => unit,
            _ => 1.0,
        };
        let stop = Stop {
            tol: builder.tol * unit,
            max_epochs: builder.max_epochs,
            cancel: None,
        };
        let mut steps = Vec::with_capacity(grid.len());
        for &lambda in grid.as_slice() {
            let outcome = path.step(lambda, stop);
            let nonzeros: Vec<(usize, f64)> =
                if lambda >= null.grid_start && self.net.alpha() >= ALPHA_FLOOR {
                    // There the null model is optimal, whatever rounding or another optimum says.
                    let all = null.beta.iter().copied().enumerate();
                    all.filter(|(_, b)| *b != 0.0).collect()
                } else {
                    path.nonzeros()
                };
            let count = nonzeros.iter().filter(|(j, _)| *j < self.shape.1).count();
            if builder.max_nonzeros.is_some_and(|most| count > most) {
                let ended = EarlyEnd {
                    lambda,
                    nonzeros: count,
                };
                return Ok((steps, Some(ended)));
            }
            steps.push(Step {
                lambda,
                outcome,
                nonzeros,
                dual: path.dual().map(<[f64]>::to_vec),
            });
        }
        Ok((steps, None))
    }

    /// The path on the original scale.
    pub(super) fn fitted(
        &self,
        steps: Vec<Step>,
        certificates: Vec<Certificate>,
        ended: Option<EarlyEnd>,
        null_loss: f64,
    ) -> FittedPath {
        let points = steps.into_iter().zip(certificates);
        let points = points.map(|(step, mut certificate)| {
            let Coefficients {
                intercept,
                nonzeros,
            } = self.original(&step.nonzeros);
            // The intercept is no coefficient of the support.
            certificate.nonzeros = nonzeros.len();
            FittedPoint {
                lambda: step.lambda,
                intercept,
                nonzeros,
                relaxed: None,
                outcome: step.outcome,
                certificate,
            }
        });
        FittedPath {
            points: points.collect(),
            ended,
            null_loss,
            features: self.shape.1,
        }
    }

    fn original(&self, prepared: &[(usize, f64)]) -> Coefficients {
        let p = self.shape.1;
        let (mut at_ones, mut nonzeros) = (0.0, Vec::with_capacity(prepared.len()));
        for &(j, b) in prepared {
            if j == p {
                at_ones = b;
            } else {
                let original = self.preparation.original(j, b);
                nonzeros.push((j, self.builder.restrictions.clamp(j, original)));
            }
        }
        Coefficients {
            intercept: at_ones + self.preparation.intercept(nonzeros.iter().copied()),
            nonzeros,
        }
    }
}
