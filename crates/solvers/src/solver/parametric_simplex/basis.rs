//! The inverse of X_EA: rows E that are fitted exactly, as many as columns A that are not 0.

use faer::Mat;
use faer::linalg::solvers::Solve;

use crate::design::kernels::{axpy, dot};

/// E, A and (X_EA)⁻¹, kept by pivots of k² operations each.
#[derive(Clone, Debug, Default)]
pub(crate) struct Basis {
    /// E in the order of the inverse's columns.
    rows: Vec<usize>,
    /// A in the order of the inverse's rows.
    columns: Vec<usize>,
    /// Column q of the inverse, length k, for each place q in E.
    inverse: Vec<Vec<f64>>,
}

/// Share of the largest element of a row below which a pivot is taken for 0 when a matrix is inverted.
const SINGULAR: f64 = 1e-13;

impl Basis {
    pub(crate) fn rows(&self) -> &[usize] {
        &self.rows
    }

    pub(crate) fn columns(&self) -> &[usize] {
        &self.columns
    }

    /// (X_EA)⁻¹ v, v over E.
    pub(crate) fn solve(&self, v: &[f64]) -> Vec<f64> {
        let mut out = vec![0.0; self.columns.len()];
        for (&v, column) in v.iter().zip(&self.inverse) {
            if v != 0.0 {
                axpy(v, column, &mut out);
            }
        }
        out
    }

    /// (X_EA)⁻ᵀ v, v over A.
    pub(crate) fn solve_transposed(&self, v: &[f64]) -> Vec<f64> {
        self.inverse.iter().map(|column| dot(column, v)).collect()
    }

    /// Column q of the inverse.
    pub(crate) fn column(&self, q: usize) -> &[f64] {
        &self.inverse[q]
    }

    /// Column j joins A and row i joins E; `of_column` = (X_EA)⁻¹ x_Ej, `of_row` = x_iA, `corner` = x_ij.
    pub(crate) fn grow(
        &mut self,
        j: usize,
        of_column: &[f64],
        i: usize,
        of_row: &[f64],
        corner: f64,
    ) {
        let pivot = corner - dot(of_row, of_column);
        let along = self.solve_transposed(of_row);
        for (column, w) in self.inverse.iter_mut().zip(along) {
            axpy(w / pivot, of_column, column);
            column.push(-w / pivot);
        }
        let mut last: Vec<f64> = of_column.iter().map(|v| -v / pivot).collect();
        last.push(1.0 / pivot);
        self.inverse.push(last);
        self.rows.push(i);
        self.columns.push(j);
    }

    /// Column j takes the place a in A; `of_column` = (X_EA)⁻¹ x_Ej.
    pub(crate) fn replace_column(&mut self, a: usize, j: usize, of_column: &[f64]) {
        for column in &mut self.inverse {
            let at = column[a] / of_column[a];
            axpy(-at, of_column, column);
            column[a] = at;
        }
        self.columns[a] = j;
    }

    /// Row i takes the place q in E; `of_row` = x_iA.
    pub(crate) fn replace_row(&mut self, q: usize, i: usize, of_row: &[f64]) {
        let along = self.solve_transposed(of_row);
        let mut taken = std::mem::take(&mut self.inverse[q]);
        taken.iter_mut().for_each(|v| *v /= along[q]);
        for (other, column) in self.inverse.iter_mut().enumerate() {
            if other != q {
                axpy(-along[other], &taken, column);
            }
        }
        self.inverse[q] = taken;
        self.rows[q] = i;
    }

    /// The column at place a and the row at place q leave.
    pub(crate) fn shrink(&mut self, a: usize, q: usize) {
        let taken = self.inverse.swap_remove(q);
        for column in &mut self.inverse {
            let at = column[a] / taken[a];
            axpy(-at, &taken, column);
            column.swap_remove(a);
        }
        self.rows.swap_remove(q);
        self.columns.swap_remove(a);
    }

    /// The inverse afresh, for the same E and A; false if X_EA is singular, and then nothing changes. `matrix` is X_EA, k × k.
    pub(crate) fn factor(&mut self, matrix: &Mat<f64>) -> bool {
        let k = self.columns.len();
        if k == 0 {
            return true;
        }
        let factor = matrix.partial_piv_lu();
        let upper = factor.U();
        let largest = (0..k).fold(0.0f64, |m, a| m.max(upper[(a, a)].abs()));
        if !(0..k).all(|a| upper[(a, a)].abs() > SINGULAR * largest) {
            return false;
        }
        let inverse = factor.solve(Mat::<f64>::identity(k, k));
        self.inverse = (0..k)
            .map(|q| inverse.col_as_slice(q)[..k].to_vec())
            .collect();
        true
    }

    /// A basis of these rows and columns, as many of each; None if X_EA is singular.
    pub(crate) fn of(rows: Vec<usize>, columns: Vec<usize>, matrix: &Mat<f64>) -> Option<Self> {
        let mut basis = Self {
            rows,
            columns,
            inverse: Vec::new(),
        };
        basis.factor(matrix).then_some(basis)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Entries without a pattern: every square part of the matrix is regular. The sine of a sum would have rank 2.
    fn x(i: usize, j: usize) -> f64 {
        ((i * i + 3) as f64 * (j * j * j + 2 * j + 1) as f64 * 0.37).sin()
    }

    fn check(basis: &Basis) {
        let k = basis.rows.len();
        for (a, &j) in basis.columns.iter().enumerate() {
            let column: Vec<f64> = basis.rows.iter().map(|&i| x(i, j)).collect();
            let unit = basis.solve(&column);
            assert!(
                (0..k).all(|b| (unit[b] - f64::from(a == b)).abs() < 1e-12),
                "{unit:?}"
            );
        }
    }

    fn of_row(basis: &Basis, i: usize) -> Vec<f64> {
        basis.columns.iter().map(|&j| x(i, j)).collect()
    }

    fn of_column(basis: &Basis, j: usize) -> Vec<f64> {
        basis.solve(&basis.rows.iter().map(|&i| x(i, j)).collect::<Vec<_>>())
    }

    #[test]
    fn pivots_keep_the_inverse() {
        let mut basis = Basis::default();
        for k in 0..5 {
            let (row, column) = (of_row(&basis, k), of_column(&basis, k));
            basis.grow(k, &column, k, &row, x(k, k));
            check(&basis);
        }
        let column = of_column(&basis, 8);
        basis.replace_column(2, 8, &column);
        check(&basis);
        let row = of_row(&basis, 9);
        basis.replace_row(3, 9, &row);
        check(&basis);
        basis.shrink(1, 4);
        check(&basis);
        let kept = (basis.rows.clone(), basis.columns.clone());
        let matrix = Mat::from_fn(4, 4, |q, a| x(kept.0[q], kept.1[a]));
        let afresh = Basis::of(kept.0, kept.1, &matrix).expect("regular");
        check(&afresh);
        assert_eq!(afresh.rows, basis.rows);
        let singular = Mat::from_fn(2, 2, |_, a| a as f64 + 1.0);
        assert!(Basis::of(vec![0, 1], vec![0, 1], &singular).is_none());
    }
}
