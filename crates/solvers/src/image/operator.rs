//! Linear maps of images as designs: products by formula, no entry in memory.

use crate::design::{Design, Moments, kernels};

/// Part of an image: a rectangle of values, 0 everywhere else. Columns of the maps here are that local.
#[derive(Clone, Debug, PartialEq)]
pub struct Patch {
    /// First row.
    pub top: usize,
    /// First column.
    pub left: usize,
    /// Number of columns.
    pub width: usize,
    /// Values row by row from the top.
    pub values: Vec<f64>,
}

impl Patch {
    /// Number of rows.
    pub fn height(&self) -> usize {
        self.values.len() / self.width
    }

    /// Each of its rows with the place where it starts in an image of that width.
    fn rows(&self, width: usize) -> impl Iterator<Item = (usize, &[f64])> {
        let first = self.top * width + self.left;
        let rows = self.values.chunks_exact(self.width).enumerate();
        rows.map(move |(i, row)| (first + i * width, row))
    }
}

/// A linear map A between images of one shape, row-major, with as many coefficients as pixels.
pub trait Operator: Sync {
    /// Height and width of the images.
    fn shape(&self) -> (usize, usize);

    /// out = A v.
    fn apply(&self, v: &[f64], out: &mut [f64]);

    /// out = Aᵀ v.
    fn apply_transposed(&self, v: &[f64], out: &mut [f64]);

    /// Column j of A.
    fn column(&self, j: usize) -> Patch;

    /// ‖A‖², the largest eigenvalue of AᵀA, or a bound on it.
    fn sq_spectral_norm(&self) -> f64;

    /// Multiplications and additions of one product.
    fn cost(&self) -> usize;
}

/// A map as the design whose columns are its columns.
///
/// Products with all of it cost as little as the map; a column by itself is formed when it is asked for, as a [`Patch`]. Solvers
/// that need the former only, as proximal gradient does, are at home here.
#[derive(Clone, Debug, PartialEq)]
pub struct MatrixFree<O>(pub O);

impl<O: Operator> MatrixFree<O> {
    fn pixels(&self) -> usize {
        let (height, width) = self.0.shape();
        height * width
    }
}

impl<O: Operator> Design for MatrixFree<O> {
    fn nrows(&self) -> usize {
        self.pixels()
    }

    fn ncols(&self) -> usize {
        self.pixels()
    }

    /// Nothing is stored: what is counted is what a product costs.
    fn nnz(&self) -> usize {
        self.0.cost()
    }

    fn col_dot(&self, j: usize, v: &[f64]) -> f64 {
        let column = self.0.column(j);
        let rows = column.rows(self.0.shape().1);
        rows.map(|(at, row)| kernels::dot(row, &v[at..at + row.len()]))
            .sum()
    }

    fn col_axpy(&self, j: usize, a: f64, v: &mut [f64]) {
        let column = self.0.column(j);
        for (at, row) in column.rows(self.0.shape().1) {
            kernels::axpy(a, row, &mut v[at..at + row.len()]);
        }
    }

    fn col_sq_norm(&self, j: usize) -> f64 {
        kernels::sq_norm(&self.0.column(j).values)
    }

    fn col_moments(&self, j: usize) -> Moments {
        Moments::of(&self.0.column(j).values, self.pixels())
    }

    fn gram_row(&self, j: usize, set: &[usize], out: &mut [f64]) {
        let mut column = vec![0.0; self.pixels()];
        self.col_axpy(j, 1.0, &mut column);
        self.tr_mul_set(set, &column, out);
    }

    fn mul(&self, beta: &[f64], out: &mut [f64]) {
        self.0.apply(beta, out);
    }

    fn tr_mul(&self, v: &[f64], out: &mut [f64]) {
        self.0.apply_transposed(v, out);
    }

    fn sq_spectral_norm(&self) -> Option<f64> {
        Some(self.0.sq_spectral_norm())
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;
    use rand_distr::{Distribution, StandardNormal};

    /// Random numbers of a normal distribution.
    pub fn normals(seed: u64, count: usize) -> Vec<f64> {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        (0..count)
            .map(|_| StandardNormal.sample(&mut rng))
            .collect()
    }

    /// ⟨Ax, y⟩ = ⟨x, Aᵀy⟩, every product of a column agrees with the products of all, and no vector grows by more than ‖A‖.
    pub fn is_one_design<O: Operator>(operator: O) {
        let x = MatrixFree(operator);
        let n = x.nrows();
        let (v, w) = (normals(1, n), normals(2, n));
        let (mut xv, mut xtw) = (vec![f64::NAN; n], vec![f64::NAN; n]);
        x.mul(&v, &mut xv);
        x.tr_mul(&w, &mut xtw);
        let (one, other) = (kernels::dot(&xv, &w), kernels::dot(&v, &xtw));
        assert!((one - other).abs() <= 1e-12 * n as f64, "{one} {other}");
        let norm = x.sq_spectral_norm().expect("known");
        assert!(kernels::sq_norm(&xv) <= norm * kernels::sq_norm(&v) * (1.0 + 1e-12));
        let all: Vec<usize> = (0..n).collect();
        let mut gram = vec![0.0; n];
        for j in 0..n {
            let mut unit = vec![0.0; n];
            unit[j] = 1.0;
            let mut column = vec![f64::NAN; n];
            x.mul(&unit, &mut column);
            let mut added = w.clone();
            x.col_axpy(j, 2.0, &mut added);
            for (i, added) in added.iter().enumerate() {
                assert!((added - w[i] - 2.0 * column[i]).abs() < 1e-13, "{i} {j}");
            }
            assert!((x.col_dot(j, &w) - xtw[j]).abs() < 1e-12, "column {j}");
            assert!((x.col_sq_norm(j) - kernels::sq_norm(&column)).abs() < 1e-13);
            let (found, dense) = (x.col_moments(j), Moments::of(&column, n));
            assert!((found.mean - dense.mean).abs() < 1e-14 && (found.sd - dense.sd).abs() < 1e-14);
            x.gram_row(j, &all, &mut gram);
            let mut product = vec![0.0; n];
            x.tr_mul(&column, &mut product);
            for (a, b) in gram.iter().zip(&product) {
                assert!((a - b).abs() < 1e-13, "row {j} of the Gram matrix");
            }
        }
    }

    /// ‖A‖² by the power method, from below.
    pub fn power_method<O: Operator>(operator: &O, rounds: usize) -> f64 {
        let (height, width) = operator.shape();
        let mut v = normals(3, height * width);
        let mut image = vec![0.0; v.len()];
        for _ in 0..rounds {
            let norm = kernels::sq_norm(&v).sqrt();
            v.iter_mut().for_each(|v| *v /= norm);
            operator.apply(&v, &mut image);
            operator.apply_transposed(&image, &mut v);
        }
        kernels::sq_norm(&image)
    }
}
