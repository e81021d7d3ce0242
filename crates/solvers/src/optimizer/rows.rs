//! X seen by rows: what a sample of rows is taken from.

use crate::design::Design;
use crate::error::SolveError;

/// Entries of the largest copy that is made: two gigabytes.
const MOST: usize = 1 << 28;
/// Columns and rows of a tile that is transposed in cache.
const TILE: usize = 32;

/// A copy of X, n × p, whose rows are contiguous. Made once, shared by all runs on the same design.
#[derive(Clone, Debug, PartialEq)]
pub struct Rows {
    values: Vec<f64>,
    nrows: usize,
    ncols: usize,
}

impl Rows {
    /// A copy of `x`, zeros included. Errors: [`SolveError::TooLarge`] beyond 2²⁸ entries.
    pub fn new<X: Design>(x: &X) -> Result<Self, SolveError> {
        let (nrows, ncols) = (x.nrows(), x.ncols());
        let size = nrows.checked_mul(ncols).filter(|size| *size <= MOST);
        let size = size.ok_or_else(|| {
            SolveError::TooLarge(format!(
                "X is {nrows} x {ncols}; a copy by rows holds at most {MOST} numbers"
            ))
        })?;
        let mut values = vec![0.0; size];
        let mut columns = vec![0.0; nrows * TILE.min(ncols)];
        for first in (0..ncols).step_by(TILE) {
            let width = TILE.min(ncols - first);
            let columns = &mut columns[..nrows * width];
            columns.fill(0.0);
            for (k, column) in columns.chunks_exact_mut(nrows.max(1)).enumerate() {
                x.col_axpy(first + k, 1.0, column);
            }
            for (i, row) in values.chunks_exact_mut(ncols.max(1)).enumerate() {
                for k in 0..width {
                    row[first + k] = columns[k * nrows + i];
                }
            }
        }
        Ok(Self {
            values,
            nrows,
            ncols,
        })
    }

    /// n.
    pub fn nrows(&self) -> usize {
        self.nrows
    }

    /// p.
    pub fn ncols(&self) -> usize {
        self.ncols
    }

    /// x_i, length p.
    pub fn row(&self, i: usize) -> &[f64] {
        &self.values[i * self.ncols..][..self.ncols]
    }
}

#[cfg(test)]
mod tests {
    use faer::Mat;

    use super::*;
    use crate::design::Dense;

    #[test]
    fn rows_are_the_rows_of_x() {
        for (n, p) in [(1, 1), (5, 70), (70, 5), (33, 64)] {
            let x = Mat::from_fn(n, p, |i, j| (i * 100 + j) as f64);
            let rows = Rows::new(&Dense::trusted(&x)).expect("small");
            assert_eq!((rows.nrows(), rows.ncols()), (n, p));
            for i in 0..n {
                for (j, &value) in rows.row(i).iter().enumerate() {
                    assert_eq!(value, x[(i, j)]);
                }
            }
        }
    }
}
