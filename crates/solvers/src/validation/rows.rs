//! Folds as windows of one prepared copy of X.
//!
//! Rows stand fold by fold, all but those of the last fold twice in a row: what is left without a fold is then a run of
//! neighbouring rows, so that every fold has its columns in one piece and none has a copy.

use std::ops::Range;

use super::folds::Order;
use super::plan::{FoldErrors, Route, nothing_to_fit};
use super::{Features, Measure, Workers};
use crate::design::kernels::{axpy, dot, sq_norm};
use crate::design::{ColumnScaling, Csc, CscWindow, Dense, Design, Moments, Standardized};
use crate::error::SolveError;
use crate::fit::{FittedPath, PathBuilder, Task};
use crate::grid::Grid;
use crate::prepare::Preparation;

/// Columns that one part of a pass over X takes.
const COLUMNS_AT_ONCE: usize = 32;
/// Share of a sum of squares over all rows below which a variance is measured anew: a difference has lost four digits by then.
const CANCELLED: f64 = 1e-4;

/// The copy: columns (x_j − center_j)/scale_j, rows multiplied by √w_i.
pub(super) struct PreparedRows {
    x: Copied,
    /// y − ȳ, rows as in x.
    y: Vec<f64>,
    /// √w, rows as in x; ones where all rows weigh the same.
    q: Vec<f64>,
    weighted: bool,
    n: usize,
    /// What has been done to the columns of the copy.
    copied: ColumnScaling,
    preparation: Preparation,
    ranges: Vec<Range<usize>>,
    /// qᵀx_j and ‖x_j‖² over the n rows.
    sums: Sums,
}

enum Copied {
    /// Columns of `height` numbers.
    Dense { values: Vec<f64>, height: usize },
    /// As they came, but for their rows.
    Sparse(Csc),
}

/// qᵀx_j and ‖x_j‖² over some rows, for every column.
struct Sums {
    along_q: Vec<f64>,
    squares: Vec<f64>,
}

impl Sums {
    fn over<X: Design>(x: &X, q: &[f64]) -> Self {
        let p = x.ncols();
        let mut along_q = vec![0.0; p];
        x.tr_mul(q, &mut along_q);
        Self {
            along_q,
            squares: (0..p).map(|j| x.col_sq_norm(j)).collect(),
        }
    }
}

/// Something that works on any design.
trait Visitor {
    type Output;
    fn visit<X: Design>(self, x: &X) -> Self::Output;
}

impl PreparedRows {
    pub(super) fn of<W: Workers>(
        x: Features,
        y: &[f64],
        preparation: &Preparation,
        order: &Order,
        workers: &W,
    ) -> Self {
        let n = y.len();
        let ranges: Vec<Range<usize>> = (0..order.count()).map(|fold| order.range(fold)).collect();
        let last = ranges.last().map_or(0, Range::len);
        // Positions of the rows of the copy: all, and again all but those of the last fold.
        let place = |i: usize| order.positions[i % n];
        let height = 2 * n - last;
        let root = |i: usize| {
            preparation
                .root_weights
                .as_ref()
                .map_or(1.0, |root| root[place(i)])
        };
        let q: Vec<f64> = (0..height).map(root).collect();
        let (x, copied) = match x {
            Features::Dense(x) => {
                let p = x.ncols();
                let mut values = vec![0.0; height * p];
                let parts = values.chunks_mut(COLUMNS_AT_ONCE * height).enumerate();
                // The copy is scaled even where fits are not: sums of squares are then safe.
                let copied = ColumnScaling {
                    center: preparation.scaling.center.clone(),
                    scale: (preparation.scaling.scale.iter())
                        .map(|s| if s.is_finite() { *s } else { 1.0 })
                        .collect(),
                };
                workers.map(parts.collect(), |(part, values)| {
                    for (k, column) in values.chunks_mut(height).enumerate() {
                        let j = part * COLUMNS_AT_ONCE + k;
                        let (center, scale) = (copied.center[j], copied.scale[j]);
                        for (i, value) in column[..n].iter_mut().enumerate() {
                            *value = (x[(order.positions[i], j)] - center) / scale * q[i];
                        }
                        let (first, second) = column.split_at_mut(n);
                        second.copy_from_slice(&first[..height - n]);
                    }
                });
                (Copied::Dense { values, height }, copied)
            }
            Features::Sparse(x) => {
                let rows = &order.positions;
                let once =
                    x.select_rows(rows, preparation.root_weights.is_some().then_some(&q[..n]));
                let copied = ColumnScaling {
                    center: vec![0.0; x.ncols()],
                    scale: vec![1.0; x.ncols()],
                };
                (Copied::Sparse(once.repeat_rows(height - n)), copied)
            }
        };
        let centred: Vec<f64> = (0..height)
            .map(|i| (y[place(i)] - preparation.y_mean) * q[i])
            .collect();
        let mut rows = Self {
            x,
            y: centred,
            weighted: preparation.root_weights.is_some(),
            q,
            n,
            copied,
            preparation: preparation.clone(),
            ranges,
            sums: Sums {
                along_q: Vec::new(),
                squares: Vec::new(),
            },
        };
        rows.sums = rows.window(0..n, Measured { q: &rows.q[..n] });
        rows
    }

    /// Hands neighbouring rows of the copy to `visitor`.
    fn window<V: Visitor>(&self, rows: Range<usize>, visitor: V) -> V::Output {
        match &self.x {
            Copied::Dense { values, height } => {
                visitor.visit(&Dense::window(values, *height, rows))
            }
            Copied::Sparse(x) => visitor.visit(&CscWindow::new(x, rows)),
        }
    }

    /// Solves on neighbouring rows of the copy; `outside` has the sums over the n rows that are not among them. Err(None) where
    /// nothing of y is left.
    fn solve(
        &self,
        builder: &PathBuilder,
        rows: Range<usize>,
        outside: Option<Sums>,
        lambdas: Option<&[f64]>,
    ) -> Result<Solved, SolveError> {
        let solve = Solve {
            copy: self,
            builder,
            rows: rows.clone(),
            outside,
            lambdas,
        };
        self.window(rows, solve)
    }

    fn train(&self, fold: usize) -> Range<usize> {
        self.ranges[fold].end..self.n + self.ranges[fold].start
    }
}

struct Measured<'a> {
    q: &'a [f64],
}

impl Visitor for Measured<'_> {
    type Output = Sums;
    fn visit<X: Design>(self, x: &X) -> Sums {
        Sums::over(x, self.q)
    }
}

enum Solved {
    Path(FittedPath),
    Grid(Grid),
    NothingToFit,
}

struct Solve<'a> {
    copy: &'a PreparedRows,
    builder: &'a PathBuilder,
    rows: Range<usize>,
    outside: Option<Sums>,
    /// None where the grid itself is asked for.
    lambdas: Option<&'a [f64]>,
}

impl Visitor for Solve<'_> {
    type Output = Result<Solved, SolveError>;
    fn visit<X: Design>(self, x: &X) -> Result<Solved, SolveError> {
        let (copy, options) = (self.copy, self.builder.options);
        let (q, n) = (&copy.q[self.rows.clone()], x.nrows() as f64);
        let weight = sq_norm(q);
        let mut y = copy.y[self.rows.clone()].to_vec();
        let largest = y.iter().fold(0.0f64, |m, v| m.max(v.abs()));
        let mut preparation = copy.preparation.clone();
        preparation.constant.clear();
        if options.intercept {
            let mean = dot(&y, q) / weight;
            axpy(-mean, q, &mut y);
            preparation.y_mean += mean;
        }
        if y.iter().all(|v| v.abs() <= 8.0 * f64::EPSILON * largest) {
            return Ok(Solved::NothingToFit);
        }
        let mut center = vec![0.0; x.ncols()];
        for j in 0..x.ncols() {
            let none = [0.0; 2];
            let [along_q, squares] = self
                .outside
                .as_ref()
                .map_or(none, |o| [o.along_q[j], o.squares[j]]);
            let mut mean = (copy.sums.along_q[j] - along_q) / weight;
            let mean_square = (copy.sums.squares[j] - squares) / weight;
            let mut variance = mean_square - mean * mean;
            // Written so that NaN is measured, too.
            let trusted = variance > CANCELLED * copy.sums.squares[j] / weight;
            if !trusted {
                let moments = moments(x, j, q);
                (mean, variance) = (moments.mean, moments.sd * moments.sd);
            }
            // As in Preparation, on the scale of the copy.
            let (m, s) = (copy.copied.center[j], copy.copied.scale[j]);
            let at_zero = mean == 0.0;
            if options.intercept {
                center[j] = mean;
                preparation.scaling.center[j] = m + s * mean;
            }
            preparation.scaling.scale[j] = if variance == 0.0 {
                if options.intercept || at_zero {
                    preparation.constant.push(j);
                    f64::INFINITY
                } else {
                    self.builder.scale(j, 1.0)
                }
            } else {
                self.builder.scale(j, s * variance.sqrt())
            };
        }
        let restrictions = &self.builder.restrictions;
        let bounded = restrictions.prepare(self.builder.alpha, &mut preparation)?;
        let scale = preparation.scaling.scale.iter().zip(&copy.copied.scale);
        let scaling = ColumnScaling {
            center,
            scale: scale.map(|(s, copied)| s / copied).collect(),
        };
        let task = Task {
            builder: self.builder,
            preparation: &preparation,
            lambdas: self.lambdas,
            lambda_unit: weight / n,
            shape: (x.nrows(), x.ncols()),
        };
        let design = if copy.weighted {
            Standardized::weighted(x, &scaling, q)
        } else {
            Standardized::new(x, &scaling)
        }
        .at_means();
        if self.lambdas.is_none() {
            return Ok(Solved::Grid(task.grid(&design, &y, bounded.as_deref())?));
        }
        Ok(Solved::Path(task.solve(&design, &y, bounded.as_deref())?))
    }
}

/// Mean and deviation of x_j/q with weights q²; the deviation of what is constant up to rounding is exactly 0.
fn moments<X: Design>(x: &X, j: usize, q: &[f64]) -> Moments {
    let mut column = vec![0.0; x.nrows()];
    x.col_axpy(j, 1.0, &mut column);
    let weights: Vec<f64> = q.iter().map(|q| q * q).collect();
    column.iter_mut().zip(q).for_each(|(v, q)| *v /= q);
    let moments = Moments::weighted(&column, &weights);
    let largest = column.iter().fold(0.0f64, |m, v| m.max(v.abs()));
    if moments.sd <= 8.0 * f64::EPSILON * largest {
        return Moments { sd: 0.0, ..moments };
    }
    moments
}

impl Route for PreparedRows {
    fn grid(&self, builder: &PathBuilder) -> Result<Option<Grid>, SolveError> {
        Ok(match self.solve(builder, 0..self.n, None, None)? {
            Solved::Grid(grid) => Some(grid),
            Solved::Path(_) | Solved::NothingToFit => None,
        })
    }

    fn whole(
        &self,
        builder: &PathBuilder,
        lambdas: &[f64],
    ) -> Result<Option<FittedPath>, SolveError> {
        Ok(match self.solve(builder, 0..self.n, None, Some(lambdas))? {
            Solved::Path(path) => Some(path),
            Solved::Grid(_) | Solved::NothingToFit => None,
        })
    }

    fn fold(
        &self,
        builder: &PathBuilder,
        repeat: usize,
        fold: usize,
        lambdas: &[f64],
    ) -> Result<Option<FittedPath>, SolveError> {
        let held_out = self.ranges[fold].clone();
        let outside = self.window(
            held_out.clone(),
            Measured {
                q: &self.q[held_out],
            },
        );
        match self.solve(builder, self.train(fold), Some(outside), Some(lambdas))? {
            Solved::Path(path) => Ok(Some(path)),
            Solved::Grid(_) | Solved::NothingToFit => Err(nothing_to_fit(repeat, fold)),
        }
    }

    fn errors(&self, fold: usize, path: &FittedPath, measure: Measure) -> FoldErrors {
        let held_out = self.ranges[fold].clone();
        let errors = HeldOut {
            copy: self,
            held_out: held_out.clone(),
            path,
            measure,
        };
        FoldErrors {
            rows: held_out.len(),
            weight: sq_norm(&self.q[held_out.clone()]),
            errors: self.window(held_out, errors),
        }
    }
}

struct HeldOut<'a> {
    copy: &'a PreparedRows,
    held_out: Range<usize>,
    path: &'a FittedPath,
    measure: Measure,
}

impl Visitor for HeldOut<'_> {
    type Output = Vec<f64>;
    fn visit<X: Design>(self, x: &X) -> Vec<f64> {
        let copy = self.copy;
        let (y, q) = (&copy.y[self.held_out.clone()], &copy.q[self.held_out]);
        let weight = sq_norm(q);
        let errors = self.path.points.iter().map(|point| {
            // y − intercept − Σ x_j β_j in terms of the copy, where x_j = center_j + scale_j · copy_j.
            let mut residual = y.to_vec();
            let mut level = point.intercept - copy.preparation.y_mean;
            let (set, factors): (Vec<usize>, Vec<f64>) = (point.nonzeros.iter())
                .map(|&(j, b)| {
                    level += copy.copied.center[j] * b;
                    (j, -b * copy.copied.scale[j])
                })
                .unzip();
            x.axpy_set(&set, &factors, &mut residual);
            axpy(-level, q, &mut residual);
            match self.measure {
                Measure::SquaredError => sq_norm(&residual) / weight,
                Measure::AbsoluteError => {
                    let sizes = residual.iter().zip(q).map(|(r, q)| r.abs() * q);
                    sizes.sum::<f64>() / weight
                }
            }
        });
        errors.collect()
    }
}
