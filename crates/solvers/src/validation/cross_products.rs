//! Folds as differences of inner products, where n is large beside p.
//!
//! With Z = [X y 1], rows multiplied by √w_i, every fold has its ZᵀZ; without a fold there is the sum of the others. The Cholesky
//! factor of [X y]ᵀ[X y], after centring, is a design of p + 1 rows with the same objective, on which a path costs no pass over X.

use faer::linalg::matmul::triangular::{BlockStructure, matmul};
use faer::linalg::triangular_solve::solve_lower_triangular_in_place;
use faer::{Accum, Mat, MatMut, MatRef, Par, Side};

use super::folds::Order;
use super::plan::{FoldErrors, Route, nothing_to_fit};
use super::{Measure, Workers};
use crate::design::Dense;
use crate::error::SolveError;
use crate::fit::{FittedPath, PathBuilder, Task};
use crate::grid::Grid;
use crate::penalty::Bounded;
use crate::prepare::Preparation;

/// Rows per column from which factors cost little beside products.
const ROWS_PER_COLUMN: usize = 4;
/// Columns beyond which factors of every fold cost more than passes over X.
const MOST_COLUMNS: usize = 2000;
/// Rows that are gathered before their products are added.
const ROWS_AT_ONCE: usize = 512;
/// Share of a sum of squares, over all rows, that must be left of a column without a fold, after centring, and after what columns
/// before it explain.
const CANCELLED: f64 = 1e-7;
/// Share of the squares it is the difference of below which an error is summed over rows.
const SMALL_ERROR: f64 = 1e-9;

/// ZᵀZ of every fold, with Z's columns (x_j − center_j)/scale_j, y − ȳ and 1, in that order.
pub(super) struct CrossProducts<'a> {
    x: MatRef<'a, f64>,
    y: &'a [f64],
    /// √w by row of x; None where all rows weigh the same.
    root: Option<Vec<f64>>,
    positions: &'a [usize],
    order: &'a Order,
    /// Lower halves, p + 2 columns.
    folds: Vec<Mat<f64>>,
    total: Mat<f64>,
    center: Vec<f64>,
    scale: Vec<f64>,
    preparation: Preparation,
}

impl<'a> CrossProducts<'a> {
    /// Whether this is the faster route, and all products need no more room than X.
    pub(super) fn pay(n: usize, p: usize, folds: usize) -> bool {
        let room = (folds + 1) * (p + 2) * (p + 2);
        n >= ROWS_PER_COLUMN * p && p <= MOST_COLUMNS && room <= n * p
    }

    /// One pass over X, shared by `workers` fold by fold.
    pub(super) fn of<W: Workers>(
        x: MatRef<'a, f64>,
        y: &'a [f64],
        preparation: &Preparation,
        order: &'a Order,
        workers: &W,
    ) -> Self {
        let usable = |s: &f64| if s.is_finite() { *s } else { 1.0 };
        let scale = preparation.scaling.scale.iter().map(usable).collect();
        let mut products = Self {
            x,
            y,
            root: preparation.root_weights.clone(),
            positions: &order.positions,
            order,
            folds: Vec::new(),
            total: Mat::zeros(x.ncols() + 2, x.ncols() + 2),
            center: preparation.scaling.center.clone(),
            scale,
            preparation: preparation.clone(),
        };
        let parts: Vec<usize> = (0..order.count()).collect();
        let folds = workers.map(parts, |fold| products.measure(fold));
        for fold in &folds {
            products.total += fold;
        }
        products.folds = folds;
        products
    }

    fn root(&self, row: usize) -> f64 {
        self.root.as_ref().map_or(1.0, |root| root[row])
    }

    /// Lower half of ZᵀZ over the rows of one fold.
    fn measure(&self, fold: usize) -> Mat<f64> {
        let p = self.x.ncols();
        let mut products = Mat::zeros(p + 2, p + 2);
        let mut block = Mat::<f64>::zeros(ROWS_AT_ONCE, p + 2);
        for rows in self.positions[self.order.range(fold)].chunks(ROWS_AT_ONCE) {
            for j in 0..p {
                let source = self.x.col(j);
                let (center, inverse) = (self.center[j], 1.0 / self.scale[j]);
                let target = block.col_as_slice_mut(j);
                for (value, &row) in target.iter_mut().zip(rows) {
                    *value = (source[row] - center) * inverse;
                }
            }
            let target = block.col_as_slice_mut(p);
            for (value, &row) in target.iter_mut().zip(rows) {
                *value = self.y[row] - self.preparation.y_mean;
            }
            block.col_as_slice_mut(p + 1)[..rows.len()].fill(1.0);
            if self.root.is_some() {
                for j in 0..p + 2 {
                    let target = block.col_as_slice_mut(j);
                    for (value, &row) in target.iter_mut().zip(rows) {
                        *value *= self.root(row);
                    }
                }
            }
            let filled = block.subrows(0, rows.len());
            matmul(
                products.as_mut(),
                BlockStructure::TriangularLower,
                Accum::Add,
                filled.transpose(),
                BlockStructure::Rectangular,
                filled,
                BlockStructure::Rectangular,
                1.0,
                Par::Seq,
            );
        }
        products
    }

    /// The rows outside a fold, or all of them, as a design of p + 1 rows; None where rounding has taken too much.
    fn reduce(
        &self,
        builder: &PathBuilder,
        fold: Option<usize>,
    ) -> Result<Option<Reduced>, SolveError> {
        let p = self.x.ncols();
        let products = match fold {
            Some(fold) => &self.total - &self.folds[fold],
            None => self.total.clone(),
        };
        let options = builder.options;
        let weight = products[(p + 1, p + 1)];
        let mut preparation = self.preparation.clone();
        preparation.constant.clear();
        let mean = |j: usize| products[(p + 1, j)] / weight;
        // What is left of the products of columns i ≥ j, y being column p, when means are taken off.
        let centred = |i: usize, j: usize| products[(i, j)] - weight * mean(i) * mean(j);
        for j in 0..p {
            let (at, s) = (products[(j, j)], self.scale[j]);
            let variance = centred(j, j);
            let constant = self.is_constant(fold, j);
            // Written so that NaN is unsafe.
            let kept = variance > CANCELLED * self.total[(j, j)];
            if !constant && !kept {
                return Ok(None);
            }
            if options.intercept {
                preparation.scaling.center[j] = self.center[j] + s * mean(j);
            }
            preparation.scaling.scale[j] = if constant {
                if options.intercept || at == 0.0 {
                    preparation.constant.push(j);
                    f64::INFINITY
                } else {
                    builder.scale(j, 1.0)
                }
            } else {
                builder.scale(j, s * (variance / weight).sqrt())
            };
        }
        let product = |i: usize, j: usize| {
            if options.intercept {
                centred(i, j)
            } else {
                products[(i, j)]
            }
        };
        if options.intercept {
            preparation.y_mean += mean(p);
        }
        let y_sq = product(p, p);
        // Written so that NaN is unsafe.
        let kept = y_sq > CANCELLED * self.total[(p, p)];
        if !kept {
            // Either nothing of y is left or too little to tell; the other route can.
            return Ok(None);
        }
        let bounded = builder
            .restrictions
            .prepare(builder.alpha, &mut preparation)?;
        let kept: Vec<usize> = (0..p)
            .filter(|&j| preparation.scaling.scale[j].is_finite())
            .collect();
        let factor_of = |j: usize| self.scale[j] / preparation.scaling.scale[j];
        let gram = Mat::from_fn(kept.len(), kept.len(), |a, b| {
            if a < b {
                return 0.0;
            }
            factor_of(kept[a]) * factor_of(kept[b]) * product(kept[a], kept[b])
        });
        let Ok(factor) = gram.llt(Side::Lower) else {
            return Ok(None);
        };
        let lower = factor.L();
        // Written so that NaN fails.
        let sound = |a: usize| lower[(a, a)].powi(2) > CANCELLED * gram[(a, a)];
        if !(0..kept.len()).all(sound) {
            return Ok(None);
        }
        let mut y: Vec<f64> = kept.iter().map(|&j| factor_of(j) * product(p, j)).collect();
        solve_lower_triangular_in_place(
            lower,
            MatMut::from_column_major_slice_mut(&mut y, kept.len(), 1),
            Par::Seq,
        );
        let explained: f64 = y.iter().map(|v| v * v).sum();
        y.push((y_sq - explained).max(0.0).sqrt());
        let mut x = Mat::zeros(kept.len() + 1, p);
        for (a, &j) in kept.iter().enumerate() {
            for b in 0..=a {
                x[(b, j)] = lower[(a, b)];
            }
        }
        Ok(Some(Reduced {
            lambda_unit: weight / y.len() as f64,
            x,
            y,
            preparation,
            bounded,
        }))
    }

    /// Whether column j has one value on all rows outside a fold: only asked where its variance is all but lost.
    fn is_constant(&self, fold: Option<usize>, j: usize) -> bool {
        let p = self.x.ncols();
        let held_out = fold.map(|fold| &self.folds[fold]);
        let at = |i: usize, j: usize| self.total[(i, j)] - held_out.map_or(0.0, |h| h[(i, j)]);
        let weight = at(p + 1, p + 1);
        if at(j, j) - at(p + 1, j).powi(2) / weight > CANCELLED * self.total[(j, j)] {
            return false;
        }
        let range = fold.map_or(0..0, |fold| self.order.range(fold));
        let column = self.x.col(j);
        let outside = (0..self.positions.len()).filter(|i| !range.contains(i));
        let mut values = outside.map(|i| column[self.positions[i]]);
        let first = values.next();
        values.all(|value| Some(value) == first)
    }

    fn solve(
        &self,
        builder: &PathBuilder,
        fold: Option<usize>,
        lambdas: &[f64],
    ) -> Result<Option<FittedPath>, SolveError> {
        let Some(Reduced {
            x,
            y,
            preparation,
            bounded,
            lambda_unit,
        }) = self.reduce(builder, fold)?
        else {
            return Ok(None);
        };
        let task = Task {
            builder,
            preparation: &preparation,
            lambdas: Some(lambdas),
            lambda_unit,
            shape: (self.x.nrows(), self.x.ncols()),
        };
        let path = task.solve(&Dense::trusted(&x), &y, bounded.as_deref())?;
        Ok(Some(path))
    }

    /// Mean squared error over the rows of a fold, row by row.
    fn error_by_row(&self, fold: usize, intercept: f64, nonzeros: &[(usize, f64)]) -> f64 {
        let (mut sum, mut weight) = (0.0, 0.0);
        for &row in &self.positions[self.order.range(fold)] {
            let fit: f64 = nonzeros.iter().map(|&(j, b)| self.x[(row, j)] * b).sum();
            let w = self.root(row).powi(2);
            sum += w * (self.y[row] - intercept - fit).powi(2);
            weight += w;
        }
        sum / weight
    }
}

/// What is left of X and y.
struct Reduced {
    x: Mat<f64>,
    y: Vec<f64>,
    preparation: Preparation,
    bounded: Option<Vec<Bounded>>,
    lambda_unit: f64,
}

impl Route for CrossProducts<'_> {
    fn grid(&self, builder: &PathBuilder) -> Result<Option<Grid>, SolveError> {
        let Some(Reduced {
            x,
            y,
            preparation,
            bounded,
            lambda_unit,
        }) = self.reduce(builder, None)?
        else {
            return Ok(None);
        };
        let task = Task {
            builder,
            preparation: &preparation,
            lambdas: None,
            lambda_unit,
            shape: (self.x.nrows(), self.x.ncols()),
        };
        Ok(Some(task.grid(
            &Dense::trusted(&x),
            &y,
            bounded.as_deref(),
        )?))
    }

    fn whole(
        &self,
        builder: &PathBuilder,
        lambdas: &[f64],
    ) -> Result<Option<FittedPath>, SolveError> {
        self.solve(builder, None, lambdas)
    }

    fn fold(
        &self,
        builder: &PathBuilder,
        repeat: usize,
        fold: usize,
        lambdas: &[f64],
    ) -> Result<Option<FittedPath>, SolveError> {
        match self.solve(builder, Some(fold), lambdas) {
            Err(SolveError::ConstantResponse(_)) => Err(nothing_to_fit(repeat, fold)),
            other => other,
        }
    }

    /// The measure is the squared error: no other can be had from products.
    fn errors(&self, fold: usize, path: &FittedPath, _measure: Measure) -> FoldErrors {
        let p = self.x.ncols();
        let products = &self.folds[fold];
        let weight = products[(p + 1, p + 1)];
        let errors = path.points.iter().map(|point| {
            // y − intercept − Xβ = Z v.
            let mut level = point.intercept - self.preparation.y_mean;
            let mut v: Vec<(usize, f64)> = Vec::with_capacity(point.nonzeros.len() + 2);
            for &(j, b) in &point.nonzeros {
                level += self.center[j] * b;
                v.push((j, -b * self.scale[j]));
            }
            v.push((p, 1.0));
            v.push((p + 1, -level));
            let (mut sum, mut size) = (0.0, 0.0);
            for (a, &(i, vi)) in v.iter().enumerate() {
                let row: f64 = v[..a].iter().map(|&(j, vj)| products[(i, j)] * vj).sum();
                sum += vi * (2.0 * row + products[(i, i)] * vi);
                size += vi.abs() * products[(i, i)].max(0.0).sqrt();
            }
            // Written so that NaN is summed by rows, too.
            if sum > SMALL_ERROR * size * size {
                sum / weight
            } else {
                self.error_by_row(fold, point.intercept, &point.nonzeros)
            }
        });
        FoldErrors {
            rows: self.order.range(fold).len(),
            weight,
            errors: errors.collect(),
        }
    }
}
