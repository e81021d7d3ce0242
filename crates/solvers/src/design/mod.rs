//! X, n × p, seen by columns: what a solver may ask of a design, dense or sparse.

mod bundle;
mod csc;
mod csc_window;
mod dense;
pub mod kernels;
mod residual;
mod standardized;
mod with_ones;

pub use bundle::Bundle;
use bundle::products_of_columns;
pub use csc::Csc;
pub use csc_window::CscWindow;
pub use dense::Dense;
pub use residual::Residual;
pub use standardized::{ColumnScaling, Standardized};
pub use with_ones::WithOnes;

use faer::Mat;

/// A matrix X of n rows and p columns. To add a storage, implement the eight required methods.
///
/// Vectors over rows have length n, vectors over columns length p; other lengths panic.
pub trait Design: Sync {
    /// n.
    fn nrows(&self) -> usize;

    /// p.
    fn ncols(&self) -> usize;

    /// Stored entries: n p for a dense design. Unit of the cost rules.
    fn nnz(&self) -> usize;

    /// Stored entries as a share of n p.
    fn density(&self) -> f64 {
        self.nnz() as f64 / (self.nrows() as f64 * self.ncols() as f64)
    }

    /// x_jᵀ v, v over rows.
    fn col_dot(&self, j: usize, v: &[f64]) -> f64;

    /// Column j as it is in memory, where it is there in full.
    fn contiguous(&self, _j: usize) -> Option<&[f64]> {
        None
    }

    /// The columns `set` as they are in memory, if all of them are there in full.
    fn contiguous_set(&self, set: &[usize]) -> Option<Vec<&[f64]>> {
        set.iter().map(|&j| self.contiguous(j)).collect()
    }

    /// v += a x_j, v over rows.
    fn col_axpy(&self, j: usize, a: f64, v: &mut [f64]);

    /// ‖x_j‖².
    fn col_sq_norm(&self, j: usize) -> f64;

    /// Mean and population deviation (1/n) of column j; the deviation of a constant column is exactly 0.
    fn col_moments(&self, j: usize) -> Moments;

    /// Mean and deviation of column j when row i counts `weights[i]` ≥ 0 times; the deviation of a constant column is exactly 0.
    fn weighted_moments(&self, j: usize, weights: &[f64]) -> Moments {
        let mut column = vec![0.0; self.nrows()];
        self.col_axpy(j, 1.0, &mut column);
        Moments::weighted(&column, weights)
    }

    /// `out[i]` = x_jᵀ x_k with k = `set[i]`: one row of the Gram matrix, not divided by n.
    fn gram_row(&self, j: usize, set: &[usize], out: &mut [f64]);

    /// out = X β; columns with β_j = 0 are skipped.
    fn mul(&self, beta: &[f64], out: &mut [f64]) {
        out.fill(0.0);
        for (j, &b) in beta.iter().enumerate() {
            if b != 0.0 {
                self.col_axpy(j, b, out);
            }
        }
    }

    /// out = Xᵀ v: one pass over X.
    fn tr_mul(&self, v: &[f64], out: &mut [f64]) {
        for (j, out) in out.iter_mut().enumerate() {
            *out = self.col_dot(j, v);
        }
    }

    /// `out[i]` = x_jᵀ v with j = `set[i]`.
    fn tr_mul_set(&self, set: &[usize], v: &[f64], out: &mut [f64]) {
        for (out, &j) in out.iter_mut().zip(set) {
            *out = self.col_dot(j, v);
        }
    }

    /// `out[i]` = x_jᵀ v and `sq_norms[i]` = ‖x_j‖² with j = `set[i]`, reading each column from memory once.
    fn tr_mul_set_with_sq_norms(
        &self,
        set: &[usize],
        v: &[f64],
        out: &mut [f64],
        sq_norms: &mut [f64],
    ) {
        // So many columns stay in cache until their norms are taken; whole groups of those that a kernel takes together, so
        // that a sum does not depend on where a panel begins.
        let panel = match (CACHED * self.ncols() / self.nnz().max(1)).clamp(1, 1024) {
            few @ 1..kernels::BLOCK => few,
            many => many - many % kernels::BLOCK,
        };
        let outputs = out.chunks_mut(panel).zip(sq_norms.chunks_mut(panel));
        for (set, (out, sq_norms)) in set.chunks(panel).zip(outputs) {
            self.tr_mul_set(set, v, out);
            for (&j, sq_norm) in set.iter().zip(sq_norms) {
                *sq_norm = self.col_sq_norm(j);
            }
        }
    }

    /// Row i of `out`, `v.width()` numbers, = x_jᵀ[v_1 … v_k] with j = `set[i]`: one look at each column for all vectors.
    fn tr_mul_bundle(&self, set: &[usize], v: &Bundle, out: &mut [f64]) {
        let mut vector = vec![0.0; self.nrows()];
        for k in 0..v.count() {
            v.get(k, &mut vector);
            for (&j, out) in set.iter().zip(out.chunks_exact_mut(v.width())) {
                out[k] = self.col_dot(j, &vector);
            }
        }
    }

    /// Row i of `out` = x_jᵀ x_k with j = `set[i]`, k over `with`: as many numbers as there are in `with`, rounded up to a multiple
    /// of [`kernels::BUNDLE_STEP`], not divided by n.
    fn gram_strips(&self, set: &[usize], with: &[usize], out: &mut [f64]) {
        if let (Some(set), Some(with)) = (self.contiguous_set(set), self.contiguous_set(with)) {
            return products_of_columns(&set, &with, out, self);
        }
        let mut bundle = Bundle::zeros(self.nrows(), with.len());
        self.bundle_columns(with, &mut bundle);
        self.tr_mul_bundle(set, &bundle, out);
    }

    /// Makes the columns `set` the first vectors of `out`.
    fn bundle_columns(&self, set: &[usize], out: &mut Bundle) {
        if let Some(columns) = self.contiguous_set(set) {
            return out.set_all(&columns, self);
        }
        let mut column = vec![0.0; self.nrows()];
        for (k, &j) in set.iter().enumerate() {
            column.fill(0.0);
            self.col_axpy(j, 1.0, &mut column);
            out.set(k, &column);
        }
    }

    /// v_k += Σ_i `factors[i · v.width() + k]` x_j with j = `set[i]`, for each vector k of a bundle: one look at each column for
    /// all of them.
    fn axpy_set_bundle(&self, set: &[usize], factors: &[f64], v: &mut Bundle) {
        if let Some(columns) = self.contiguous_set(set) {
            return v.add(|k| columns[k], factors);
        }
        let mut vector = vec![0.0; self.nrows()];
        for k in 0..v.count() {
            let factors = factors.iter().skip(k).step_by(v.width());
            let factors: Vec<f64> = factors.copied().collect();
            v.get(k, &mut vector);
            self.axpy_set(set, &factors, &mut vector);
            v.set(k, &vector);
        }
    }

    /// v += Σ_k `factors[k]` x_j with j = `set[k]`.
    fn axpy_set(&self, set: &[usize], factors: &[f64], v: &mut [f64]) {
        for (&j, &a) in set.iter().zip(factors) {
            self.col_axpy(j, a, v);
        }
    }

    /// x_jᵀ r for a residual r, see [`Residual`].
    fn residual_dot(&self, j: usize, r: &Residual) -> f64 {
        self.col_dot(j, &r.values)
    }

    /// r += a x_j for a residual r, see [`Residual`].
    fn residual_axpy(&self, j: usize, a: f64, r: &mut Residual) {
        self.col_axpy(j, a, &mut r.values);
    }

    /// Folds the shift of a residual into its values and returns them.
    fn settle<'r>(&self, r: &'r mut Residual) -> &'r mut Vec<f64> {
        r.settle()
    }

    /// Does `work` on each of `parts` and returns what comes of it, in their order: one after the other, unless the design
    /// has threads that share them.
    fn share<Part: Send, Output: Send>(
        &self,
        parts: Vec<Part>,
        work: impl Fn(Part) -> Output + Sync,
    ) -> Vec<Output> {
        parts.into_iter().map(work).collect()
    }

    /// ‖X‖² = λ_max(XᵀX), or a bound on it that is little above, where a closed form tells it.
    fn sq_spectral_norm(&self) -> Option<f64> {
        None
    }

    /// XᵀX, p × p, not divided by n.
    fn gram(&self) -> Mat<f64> {
        let p = self.ncols();
        let all: Vec<usize> = (0..p).collect();
        let mut gram = Mat::zeros(p, p);
        let mut row = vec![0.0; p];
        for j in 0..p {
            self.gram_row(j, &all[j..], &mut row[j..]);
            for k in j..p {
                gram[(j, k)] = row[k];
                gram[(k, j)] = row[k];
            }
        }
        gram
    }

    /// XXᵀ, n × n.
    fn outer_gram(&self) -> Mat<f64> {
        let n = self.nrows();
        let mut gram = Mat::zeros(n, n);
        let mut column = vec![0.0; n];
        for j in 0..self.ncols() {
            column.fill(0.0);
            self.col_axpy(j, 1.0, &mut column);
            for (k, &x) in column.iter().enumerate() {
                if x != 0.0 {
                    kernels::axpy(x, &column, &mut gram.col_as_slice_mut(k)[..n]);
                }
            }
        }
        gram
    }
}

/// Entries of X that are read twice in a row: half a megabyte.
const CACHED: usize = 1 << 16;

/// Mean and population deviation (divisor n) of one column, in units of the column.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Moments {
    /// Σx_i / n.
    pub mean: f64,
    /// √(Σ(x_i − mean)² / n), exactly 0 for a constant column.
    pub sd: f64,
}

impl Moments {
    /// Of the stored values and of n − values.len() implicit zeros, in two passes on values scaled to magnitude 1, so
    /// that neither squares of 1e150 nor of 1e-150 leave the range of f64.
    pub fn of(values: &[f64], n: usize) -> Self {
        let zeros = (n - values.len()) as f64;
        let largest = values.iter().fold(0.0f64, |m, v| m.max(v.abs()));
        if largest == 0.0 {
            return Self { mean: 0.0, sd: 0.0 };
        }
        let mean = values.iter().map(|v| v / largest).sum::<f64>() / n as f64;
        let squares = values
            .iter()
            .map(|v| (v / largest - mean).powi(2))
            .sum::<f64>()
            + zeros * mean * mean;
        let sd = (squares / n as f64).sqrt();
        let constant = zeros == 0.0 && values.iter().all(|v| v == &values[0]);
        let rounding = 4.0 * f64::EPSILON;
        let sd = if constant || sd <= rounding {
            0.0
        } else {
            sd * largest
        };
        Self {
            mean: if constant { values[0] } else { mean * largest },
            sd,
        }
    }
}

impl Moments {
    /// Of values that count `weights` times, length n each; a weight is positive somewhere.
    pub fn weighted(values: &[f64], weights: &[f64]) -> Self {
        let counted = || values.iter().zip(weights).filter(|(_, w)| **w > 0.0);
        let largest = counted().fold(0.0f64, |m, (v, _)| m.max(v.abs()));
        if largest == 0.0 {
            return Self { mean: 0.0, sd: 0.0 };
        }
        let total: f64 = weights.iter().sum();
        let mean = counted().map(|(v, w)| w * (v / largest)).sum::<f64>() / total;
        let squares = counted().map(|(v, w)| w * (v / largest - mean).powi(2));
        let sd = (squares.sum::<f64>() / total).sqrt();
        let first = counted().next().map_or(0.0, |(v, _)| *v);
        if counted().all(|(v, _)| *v == first) || sd <= 4.0 * f64::EPSILON {
            return Self {
                mean: if counted().all(|(v, _)| *v == first) {
                    first
                } else {
                    mean * largest
                },
                sd: 0.0,
            };
        }
        Self {
            mean: mean * largest,
            sd: sd * largest,
        }
    }
}

/// Why a matrix cannot be used as a design.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum DesignError {
    /// The storage does not describe an n × p matrix.
    #[error("matrix storage is inconsistent: {0}")]
    Layout(String),
    /// An entry is NaN or infinite, or so large that its square overflows.
    #[error(
        "entry at row {row}, column {column} (counted from 0) is {value}, expected a finite number of magnitude at most 1e150"
    )]
    Value {
        /// Row, from 0.
        row: usize,
        /// Column, from 0.
        column: usize,
        /// The entry.
        value: f64,
    },
}

/// Largest magnitude of an entry: the squares of larger ones leave the range of f64.
pub const MAX_MAGNITUDE: f64 = 1e150;

/// Whether an entry is finite and small enough to be squared.
pub fn is_usable(value: f64) -> bool {
    value.abs() <= MAX_MAGNITUDE
}
