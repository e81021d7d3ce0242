//! What fills a column-major matrix from rows, and the moments of rows that are not all kept.

use faer::Mat;

use super::InputError;
use crate::dataset::Reference;

/// An n × p matrix of zeros. Errors: [`InputError`] if memory does not hold it.
pub(in crate::dataset) fn zeros(label: &str, n: usize, p: usize) -> Result<Mat<f64>, InputError> {
    let mut x = Mat::new();
    x.try_reserve(n, p).map_err(|_| {
        let gib = n as f64 * p as f64 * 8.0 / f64::from(1 << 30);
        InputError(format!("{label}: {n} × {p} numbers need {gib:.1} GiB, more than memory holds; use fewer or a sparse format"))
    })?;
    x.resize_with(n, p, |_, _| 0.0);
    Ok(x)
}

/// Collects rows in a small block and transposes it when full, since writing each row across all columns thrashes the cache.
pub(super) struct Filler {
    x: Mat<f64>,
    block: Vec<f64>,
    block_rows: usize,
    filled: usize,
}

impl Filler {
    /// Bytes of the block.
    const BLOCK: usize = 1 << 20;

    /// Takes the matrix to fill, with at least as many rows as will come.
    pub fn new(x: Mat<f64>) -> Self {
        let block_rows = (Self::BLOCK / 8 / x.ncols().max(1)).clamp(1, 256);
        let block = Vec::with_capacity(block_rows * x.ncols());
        Self {
            x,
            block,
            block_rows,
            filled: 0,
        }
    }

    /// Appends a row of length p; false if the matrix is full.
    pub fn push(&mut self, row: &[f64]) -> bool {
        if self.len() == self.x.nrows() {
            return false;
        }
        self.block.extend_from_slice(row);
        if self.block.len() >= self.block_rows * self.x.ncols() {
            self.flush();
        }
        true
    }

    /// Rows so far.
    pub fn len(&self) -> usize {
        self.filled + self.block.len() / self.x.ncols().max(1)
    }

    /// The matrix with the rows that came.
    pub fn finish(mut self) -> Mat<f64> {
        self.flush();
        let p = self.x.ncols();
        // A matrix much taller than its rows would hold memory for as long as it lives.
        if self.filled < self.x.nrows() / 2 {
            return Mat::from_fn(self.filled, p, |i, j| self.x[(i, j)]);
        }
        self.x.truncate(self.filled, p);
        self.x
    }

    fn flush(&mut self) {
        let p = self.x.ncols();
        let rows = self.block.len() / p.max(1);
        for j in 0..p {
            let column = &mut self.x.col_as_slice_mut(j)[self.filled..self.filled + rows];
            for (i, v) in column.iter_mut().enumerate() {
                *v = self.block[i * p + j];
            }
        }
        self.filled += rows;
        self.block.clear();
    }
}

/// Running mean and squared deviations of each column. Source: Welford (1962), Technometrics 4.
pub(super) struct Moments {
    count: f64,
    mean: Vec<f64>,
    squares: Vec<f64>,
}

impl Moments {
    /// Of p columns without a row.
    pub fn new(p: usize) -> Self {
        Self {
            count: 0.0,
            mean: vec![0.0; p],
            squares: vec![0.0; p],
        }
    }

    /// Adds a row of length p.
    pub fn push(&mut self, row: &[f64]) {
        self.count += 1.0;
        for ((mean, squares), v) in self.mean.iter_mut().zip(&mut self.squares).zip(row) {
            let step = v - *mean;
            *mean += step / self.count;
            *squares += step * (v - *mean);
        }
    }

    /// Mean and population deviation (1/n).
    pub fn finish(self) -> Reference {
        let sd = self
            .squares
            .iter()
            .map(|s| (s / self.count.max(1.0)).sqrt())
            .collect();
        Reference {
            mean: self.mean,
            sd,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_land_where_they_belong() {
        let (n, p) = (1000, 300);
        for height in [n, n + 1, 3 * n] {
            let mut filler = Filler::new(zeros("", height, p).unwrap());
            for i in 0..n {
                assert!(filler.push(&(0..p).map(|j| (i * p + j) as f64).collect::<Vec<_>>()));
                assert_eq!(filler.len(), i + 1);
            }
            assert_eq!(filler.push(&vec![0.0; p]), height > n);
            let x = filler.finish();
            assert_eq!(
                (x.nrows(), x.ncols()),
                (if height > n { n + 1 } else { n }, p)
            );
            assert!((0..n).all(|i| (0..p).all(|j| x[(i, j)] == (i * p + j) as f64)));
        }
    }

    #[test]
    fn an_impossible_matrix_is_refused() {
        assert!(
            zeros("a.csv", usize::MAX / 4, 8)
                .unwrap_err()
                .0
                .starts_with("a.csv: ")
        );
    }

    #[test]
    fn moments_survive_a_large_mean() {
        let mut moments = Moments::new(1);
        (0..1000).for_each(|i| moments.push(&[1e9 + f64::from(i % 2)]));
        let reference = moments.finish();
        assert!(
            (reference.mean[0] - 1e9 - 0.5).abs() < 1e-6 && (reference.sd[0] - 0.5).abs() < 1e-7
        );
    }
}
