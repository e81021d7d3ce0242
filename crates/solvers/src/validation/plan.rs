//! What has to be solved for a cross-validation, and by which route.

use faer::Mat;

use super::cross_products::CrossProducts;
use super::folds::Order;
use super::rows::PreparedRows;
use super::{Features, FoldPoint, Measure, Workers};
use crate::design::{Csc, Dense};
use crate::error::SolveError;
use crate::fit::{FittedPath, PathBuilder, Sample};
use crate::grid::Grid;
use crate::prepare::{Preparation, Weights};

/// Columns that one part of a pass over X takes.
const COLUMNS_AT_ONCE: usize = 32;

/// The rows that count, and what is to be done with them.
pub(super) struct Plan<'a> {
    /// What is computed on all rows.
    builder: &'a PathBuilder,
    pub(super) measure: Measure,
    x: Selected<'a>,
    /// y − offset, length n.
    pub(super) y: &'a [f64],
    weights: &'a Weights,
    path: Option<FittedPath>,
}

/// X without the rows that do not count.
enum Selected<'a> {
    Given(Features<'a>),
    Dense(Mat<f64>),
    Sparse(Csc),
}

impl<'a> Plan<'a> {
    pub(super) fn new(
        builder: &'a PathBuilder,
        measure: Measure,
        x: Features<'a>,
        sample: &'a Sample,
    ) -> Self {
        let counted = sample.weights.counted();
        let x = match x {
            _ if counted.len() == x.nrows() => Selected::Given(x),
            Features::Dense(x) => {
                Selected::Dense(Mat::from_fn(counted.len(), x.ncols(), |i, j| {
                    x[(counted[i], j)]
                }))
            }
            Features::Sparse(x) => Selected::Sparse(x.select_rows(counted, None)),
        };
        Self {
            builder,
            measure,
            x,
            y: &sample.y,
            weights: &sample.weights,
            path: None,
        }
    }

    fn features(&self) -> Features<'_> {
        match &self.x {
            Selected::Given(x) => *x,
            Selected::Dense(x) => Features::Dense(x.as_ref()),
            Selected::Sparse(x) => Features::Sparse(x),
        }
    }

    /// Errors of one folding at every λ. The first folding also brings the path on all rows.
    pub(super) fn validate<W: Workers>(
        &mut self,
        repeat: usize,
        order: &Order,
        workers: &W,
    ) -> Result<Vec<FoldPoint>, SolveError> {
        let (path, points) = self.paths(repeat, order, workers)?;
        self.path = self.path.take().or(path);
        Ok(points)
    }

    fn paths<W: Workers>(
        &self,
        repeat: usize,
        order: &Order,
        workers: &W,
    ) -> Result<Paths, SolveError> {
        let mut preparation = None;
        if let Features::Dense(x) = self.features()
            && self.measure == Measure::SquaredError
            && CrossProducts::pay(x.nrows(), x.ncols(), order.count())
        {
            let prepared = self.preparation(workers)?;
            let products = CrossProducts::of(x, self.y, &prepared, order, workers);
            if let Some(paths) = self.solve(repeat, order, workers, &products)? {
                return Ok(paths);
            }
            preparation = Some(prepared);
        }
        let prepared = match preparation {
            Some(prepared) => prepared,
            None => self.preparation(workers)?,
        };
        let rows = PreparedRows::of(self.features(), self.y, &prepared, order, workers);
        match self.solve(repeat, order, workers, &rows)? {
            Some(paths) => Ok(paths),
            None => Err(SolveError::Folds(
                "no route leads to the errors of the folds".into(),
            )),
        }
    }

    /// Means and deviations over all rows, measured by blocks of columns.
    fn preparation<W: Workers>(&self, workers: &W) -> Result<Preparation, SolveError> {
        let (n, p) = match self.features() {
            Features::Dense(x) => (x.nrows(), x.ncols()),
            Features::Sparse(x) => (x.nrows(), x.ncols()),
        };
        let starts: Vec<usize> = (0..p).step_by(COLUMNS_AT_ONCE).collect();
        let measured = workers.map(starts, |start| {
            let columns = start..p.min(start + COLUMNS_AT_ONCE);
            match self.features() {
                Features::Dense(x) => self.weights.moments(&Dense::unchecked(x), columns),
                Features::Sparse(x) => self.weights.moments(x, columns),
            }
        });
        let (mean, sd) = (measured.into_iter().flatten())
            .map(|m| (m.mean, m.sd))
            .unzip();
        Preparation::measured(n, self.y, self.weights, self.builder.options, mean, sd)
    }

    /// None where the route cannot be trusted with these data.
    fn solve<W: Workers, R: Route>(
        &self,
        repeat: usize,
        order: &Order,
        workers: &W,
        route: &R,
    ) -> Result<Option<Paths>, SolveError> {
        let Some(grid) = (match &self.path {
            Some(path) => Some(Grid::from_values(
                path.points.iter().map(|p| p.lambda).collect(),
            )?),
            None => route.grid(self.builder)?,
        }) else {
            return Ok(None);
        };
        // What ends early says how far the folds have to go; otherwise the path on all rows is one more part of the work.
        let mut path = None;
        if self.path.is_none() && self.builder.max_nonzeros.is_some() {
            let Some(whole) = route.whole(self.builder, grid.as_slice())? else {
                return Ok(None);
            };
            if whole.points.is_empty() {
                return Err(SolveError::Grid(format!(
                    "even at the largest lambda there are more non-zeros than the {} allowed",
                    self.builder.max_nonzeros.unwrap_or_default()
                )));
            }
            path = Some(whole);
        }
        let whole = (self.path.is_none() && path.is_none()).then_some(None);
        let parts: Vec<Option<usize>> = whole
            .into_iter()
            .chain((0..order.count()).map(Some))
            .collect();
        // What ends the path on all rows early must not end those of the folds.
        let inner = self.builder.clone().without_ends();
        let reached = path.as_ref().map_or(grid.len(), |path| path.points.len());
        let lambdas = &grid.as_slice()[..reached];
        let done = workers.map(parts, |part| -> Result<Done, SolveError> {
            match part {
                None => Ok(Done::Whole(route.whole(self.builder, lambdas)?)),
                Some(fold) => {
                    let path = route.fold(&inner, repeat, fold, lambdas)?;
                    Ok(Done::Fold(path.map(|path| {
                        let errors = route.errors(fold, &path, self.measure);
                        fold_points(repeat, fold, &path, errors)
                    })))
                }
            }
        });
        let mut points = Vec::new();
        for done in done {
            match done? {
                Done::Whole(Some(whole)) => path = Some(whole),
                Done::Fold(Some(fold)) => points.extend(fold),
                Done::Whole(None) | Done::Fold(None) => return Ok(None),
            }
        }
        Ok(Some((path, points)))
    }

    /// The path on all rows. Errors: no folding was validated.
    pub(super) fn into_path(self) -> Result<FittedPath, SolveError> {
        self.path
            .ok_or_else(|| SolveError::Folds("no folding was given".into()))
    }
}

/// The path on all rows, where it was not there yet, and the errors of the folds.
type Paths = (Option<FittedPath>, Vec<FoldPoint>);

/// What one part of the work has led to; None where the route cannot be trusted with these data.
enum Done {
    Whole(Option<FittedPath>),
    Fold(Option<Vec<FoldPoint>>),
}

/// A way to the paths of folds and to their errors. None stands for data that the route cannot be trusted with.
pub(super) trait Route: Sync {
    /// The λ of the path on all rows.
    fn grid(&self, builder: &PathBuilder) -> Result<Option<Grid>, SolveError>;

    /// The path on all rows.
    fn whole(
        &self,
        builder: &PathBuilder,
        lambdas: &[f64],
    ) -> Result<Option<FittedPath>, SolveError>;

    /// The path on the rows outside a fold.
    fn fold(
        &self,
        builder: &PathBuilder,
        repeat: usize,
        fold: usize,
        lambdas: &[f64],
    ) -> Result<Option<FittedPath>, SolveError>;

    /// Errors of that path at each λ on the rows of the fold.
    fn errors(&self, fold: usize, path: &FittedPath, measure: Measure) -> FoldErrors;
}

/// Errors on the rows of one fold.
pub(super) struct FoldErrors {
    /// Rows that count.
    pub(super) rows: usize,
    /// Their weight, all rows that count having mean weight 1.
    pub(super) weight: f64,
    /// One mean error per λ.
    pub(super) errors: Vec<f64>,
}

fn fold_points(
    repeat: usize,
    fold: usize,
    path: &FittedPath,
    errors: FoldErrors,
) -> Vec<FoldPoint> {
    let each = path.points.iter().zip(errors.errors).enumerate();
    let points = each.map(|(k, (point, error))| FoldPoint {
        repeat,
        fold,
        k,
        rows: errors.rows,
        weight: errors.weight,
        error,
        nonzeros: point.nonzeros.len(),
        relative_gap: point.certificate.relative_gap(path.null_loss),
        status: point.outcome.status,
    });
    points.collect()
}

/// y without variation on the rows outside a fold.
pub(super) fn nothing_to_fit(repeat: usize, fold: usize) -> SolveError {
    SolveError::Folds(format!(
        "without fold {fold} of folding {repeat} (counted from 0) nothing of y varies; there is nothing to fit on the other rows"
    ))
}
