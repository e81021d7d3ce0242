//! Dense column-major X: a view of a faer matrix or of memory that the caller owns.

use std::ops::Range;

use faer::linalg::matmul::matmul;
use faer::{Accum, ContiguousFwd, Mat, MatRef, Par};

use super::{Bundle, Design, DesignError, Moments, is_usable, kernels};

/// Rows of a column that are read twice in a row, from the first-level cache the second time.
const CACHED_ROWS: usize = 2048;

/// A borrowed dense design with contiguous columns.
#[derive(Clone, Copy, Debug)]
pub struct Dense<'a> {
    x: MatRef<'a, f64, usize, usize, ContiguousFwd>,
}

impl<'a> Dense<'a> {
    /// View of a faer matrix. Errors: [`DesignError::Layout`] unless columns are contiguous, [`DesignError::Value`] at
    /// the first entry that is not finite.
    pub fn try_new(x: MatRef<'a, f64>) -> Result<Self, DesignError> {
        let x = x.try_as_col_major().ok_or_else(|| {
            DesignError::Layout(
                "rows are not contiguous in a column; copy the matrix to column-major order".into(),
            )
        })?;
        for column in 0..x.ncols() {
            let values = x.col(column).as_slice();
            if let Some(row) = values.iter().position(|v| !is_usable(*v)) {
                return Err(DesignError::Value {
                    row,
                    column,
                    value: values[row],
                });
            }
        }
        Ok(Self { x })
    }

    /// View of an owned matrix whose entries are known to be usable, without a pass over them.
    pub fn trusted(x: &'a Mat<f64>) -> Self {
        Self {
            x: x.as_ref()
                .try_as_col_major()
                .expect("an owned matrix is column-major"),
        }
    }

    /// View of n × p numbers in column-major order. Errors: as [`Dense::try_new`], and `Layout` for a wrong length.
    pub fn from_column_major(
        values: &'a [f64],
        nrows: usize,
        ncols: usize,
    ) -> Result<Self, DesignError> {
        if nrows.checked_mul(ncols) != Some(values.len()) {
            return Err(DesignError::Layout(format!(
                "{} values cannot fill {nrows} x {ncols}",
                values.len()
            )));
        }
        Self::try_new(MatRef::from_column_major_slice(values, nrows, ncols))
    }

    /// View of a matrix whose entries are known to be usable and whose columns are contiguous, without a pass over it.
    pub(crate) fn unchecked(x: MatRef<'a, f64>) -> Self {
        Self {
            x: x.try_as_col_major().expect("columns are contiguous"),
        }
    }

    /// View of some rows of columns of `height` usable numbers each, without a pass over them.
    pub(crate) fn window(values: &'a [f64], height: usize, rows: Range<usize>) -> Self {
        let all = MatRef::from_column_major_slice(values, height, values.len() / height);
        let x = all.subrows(rows.start, rows.len());
        Self {
            x: x.try_as_col_major()
                .expect("rows of a column are contiguous"),
        }
    }

    /// Column j, length n.
    #[inline]
    pub fn column(&self, j: usize) -> &'a [f64] {
        self.x.col(j).as_slice()
    }

    /// The faer view.
    pub fn as_mat(&self) -> MatRef<'a, f64> {
        self.x.as_dyn_stride()
    }
}

impl Design for Dense<'_> {
    fn nrows(&self) -> usize {
        self.x.nrows()
    }

    fn ncols(&self) -> usize {
        self.x.ncols()
    }

    fn nnz(&self) -> usize {
        self.nrows() * self.ncols()
    }

    fn col_dot(&self, j: usize, v: &[f64]) -> f64 {
        kernels::dot(self.column(j), v)
    }

    fn contiguous(&self, j: usize) -> Option<&[f64]> {
        Some(self.column(j))
    }

    fn col_axpy(&self, j: usize, a: f64, v: &mut [f64]) {
        kernels::axpy(a, self.column(j), v);
    }

    fn col_sq_norm(&self, j: usize) -> f64 {
        kernels::sq_norm(self.column(j))
    }

    fn col_moments(&self, j: usize) -> Moments {
        Moments::of(self.column(j), self.nrows())
    }

    fn gram_row(&self, j: usize, set: &[usize], out: &mut [f64]) {
        kernels::dot_columns(
            |i| self.column(set[i]),
            self.column(j),
            &mut out[..set.len()],
        );
    }

    fn tr_mul(&self, v: &[f64], out: &mut [f64]) {
        assert_eq!(out.len(), self.ncols());
        kernels::dot_columns(|j| self.column(j), v, out);
    }

    fn tr_mul_set(&self, set: &[usize], v: &[f64], out: &mut [f64]) {
        kernels::dot_columns(|i| self.column(set[i]), v, &mut out[..set.len()]);
    }

    fn tr_mul_set_with_sq_norms(
        &self,
        set: &[usize],
        v: &[f64],
        out: &mut [f64],
        sq_norms: &mut [f64],
    ) {
        for ((&j, out), sq_norm) in set.iter().zip(out).zip(sq_norms) {
            (*out, *sq_norm) = (0.0, 0.0);
            let parts = self.column(j).chunks(CACHED_ROWS);
            for (column, v) in parts.zip(v.chunks(CACHED_ROWS)) {
                *out += kernels::dot(column, v);
                *sq_norm += kernels::sq_norm(column);
            }
        }
    }

    fn tr_mul_bundle(&self, set: &[usize], v: &Bundle, out: &mut [f64]) {
        let out = &mut out[..set.len() * v.width()];
        kernels::tr_mul_bundle(|i| self.column(set[i]), v.rows(), v.width(), out);
    }

    fn axpy_set(&self, set: &[usize], factors: &[f64], v: &mut [f64]) {
        kernels::axpy_columns(|k| self.column(set[k]), factors, v);
    }

    fn gram(&self) -> Mat<f64> {
        let mut gram = Mat::zeros(self.ncols(), self.ncols());
        matmul(
            gram.as_mut(),
            Accum::Replace,
            self.as_mat().transpose(),
            self.as_mat(),
            1.0,
            Par::Seq,
        );
        gram
    }

    fn outer_gram(&self) -> Mat<f64> {
        let mut gram = Mat::zeros(self.nrows(), self.nrows());
        matmul(
            gram.as_mut(),
            Accum::Replace,
            self.as_mat(),
            self.as_mat().transpose(),
            1.0,
            Par::Seq,
        );
        gram
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rejects_wrong_lengths_and_values_that_are_not_finite() {
        assert!(matches!(
            Dense::from_column_major(&[1.0; 5], 2, 3),
            Err(DesignError::Layout(_))
        ));
        let bad = [1.0, 2.0, 3.0, f64::NAN];
        assert!(matches!(
            Dense::from_column_major(&bad, 2, 2),
            Err(DesignError::Value {
                row: 1,
                column: 1,
                ..
            })
        ));
        assert!(Dense::from_column_major(&[1e200], 1, 1).is_err());
        let rows = Mat::from_fn(3, 2, |i, j| (i + j) as f64);
        assert!(Dense::try_new(rows.as_ref().transpose()).is_err());
    }
}
