//! A design with one more column, of ones: the intercept, where a loss does not let it be centred away.

use faer::Mat;

use super::{Bundle, Design, Moments};

/// [X 1], n × (p + 1), the ones last.
pub struct WithOnes<'a, X> {
    x: &'a X,
    ones: Vec<f64>,
}

impl<'a, X: Design> WithOnes<'a, X> {
    /// X with a column of ones behind the last.
    pub fn new(x: &'a X) -> Self {
        Self {
            x,
            ones: vec![1.0; x.nrows()],
        }
    }

    /// Index of the column of ones: the p of X.
    pub fn intercept(&self) -> usize {
        self.x.ncols()
    }

    fn is_intercept(&self, j: usize) -> bool {
        j == self.x.ncols()
    }
}

impl<X: Design> Design for WithOnes<'_, X> {
    fn nrows(&self) -> usize {
        self.x.nrows()
    }

    fn ncols(&self) -> usize {
        self.x.ncols() + 1
    }

    fn nnz(&self) -> usize {
        self.x.nnz() + self.ones.len()
    }

    fn density(&self) -> f64 {
        self.x.density()
    }

    fn col_dot(&self, j: usize, v: &[f64]) -> f64 {
        if self.is_intercept(j) {
            v.iter().sum()
        } else {
            self.x.col_dot(j, v)
        }
    }

    fn contiguous(&self, j: usize) -> Option<&[f64]> {
        if self.is_intercept(j) {
            Some(&self.ones)
        } else {
            self.x.contiguous(j)
        }
    }

    fn col_axpy(&self, j: usize, a: f64, v: &mut [f64]) {
        if self.is_intercept(j) {
            v.iter_mut().for_each(|v| *v += a);
        } else {
            self.x.col_axpy(j, a, v);
        }
    }

    fn col_sq_norm(&self, j: usize) -> f64 {
        if self.is_intercept(j) {
            self.ones.len() as f64
        } else {
            self.x.col_sq_norm(j)
        }
    }

    fn col_moments(&self, j: usize) -> Moments {
        if self.is_intercept(j) {
            Moments { mean: 1.0, sd: 0.0 }
        } else {
            self.x.col_moments(j)
        }
    }

    fn gram_row(&self, j: usize, set: &[usize], out: &mut [f64]) {
        if self.is_intercept(j) {
            return self.tr_mul_set(set, &self.ones, out);
        }
        let inner: Vec<usize> = set
            .iter()
            .copied()
            .filter(|&k| !self.is_intercept(k))
            .collect();
        if inner.len() == set.len() {
            return self.x.gram_row(j, set, out);
        }
        let mut products = vec![0.0; inner.len()];
        self.x.gram_row(j, &inner, &mut products);
        let own = self.x.col_dot(j, &self.ones);
        let mut products = products.into_iter();
        for (out, &k) in out.iter_mut().zip(set) {
            *out = if self.is_intercept(k) {
                own
            } else {
                products.next().unwrap_or(own)
            };
        }
    }

    fn mul(&self, beta: &[f64], out: &mut [f64]) {
        let p = self.x.ncols();
        self.x.mul(&beta[..p], out);
        if beta[p] != 0.0 {
            out.iter_mut().for_each(|z| *z += beta[p]);
        }
    }

    fn tr_mul(&self, v: &[f64], out: &mut [f64]) {
        let p = self.x.ncols();
        self.x.tr_mul(v, &mut out[..p]);
        out[p] = v.iter().sum();
    }

    fn tr_mul_set(&self, set: &[usize], v: &[f64], out: &mut [f64]) {
        let Some(ones) = set.iter().position(|&j| self.is_intercept(j)) else {
            return self.x.tr_mul_set(set, v, out);
        };
        let (before, rest) = out.split_at_mut(ones);
        self.x.tr_mul_set(&set[..ones], v, before);
        rest[0] = v.iter().sum();
        self.tr_mul_set(&set[ones + 1..], v, &mut rest[1..]);
    }

    fn axpy_set(&self, set: &[usize], factors: &[f64], v: &mut [f64]) {
        let Some(ones) = set.iter().position(|&j| self.is_intercept(j)) else {
            return self.x.axpy_set(set, factors, v);
        };
        self.x.axpy_set(&set[..ones], &factors[..ones], v);
        v.iter_mut().for_each(|v| *v += factors[ones]);
        self.axpy_set(&set[ones + 1..], &factors[ones + 1..], v);
    }

    fn outer_gram(&self) -> Mat<f64> {
        let mut gram = self.x.outer_gram();
        for k in 0..gram.ncols() {
            gram.col_as_slice_mut(k).iter_mut().for_each(|v| *v += 1.0);
        }
        gram
    }

    fn tr_mul_bundle(&self, set: &[usize], v: &Bundle, out: &mut [f64]) {
        // Sets are increasing or have the ones last: what stands before them is one call to X.
        let width = v.width();
        let inner = set
            .iter()
            .position(|&j| self.is_intercept(j))
            .unwrap_or(set.len());
        let (before, rest) = out.split_at_mut(inner * width);
        self.x.tr_mul_bundle(&set[..inner], v, before);
        if inner < set.len() {
            let mut vector = vec![0.0; self.nrows()];
            for k in 0..v.count() {
                v.get(k, &mut vector);
                rest[k] = vector.iter().sum();
            }
            self.tr_mul_bundle(&set[inner + 1..], v, &mut rest[width..]);
        }
    }

    fn share<Part: Send, Output: Send>(
        &self,
        parts: Vec<Part>,
        work: impl Fn(Part) -> Output + Sync,
    ) -> Vec<Output> {
        self.x.share(parts, work)
    }

    fn gram(&self) -> Mat<f64> {
        let p = self.x.ncols();
        let inner = self.x.gram();
        let mut sums = vec![0.0; p];
        self.x.tr_mul(&self.ones, &mut sums);
        Mat::from_fn(p + 1, p + 1, |j, k| match (j == p, k == p) {
            (true, true) => self.ones.len() as f64,
            (true, false) => sums[k],
            (false, true) => sums[j],
            (false, false) => inner[(j, k)],
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::design::Dense;

    #[test]
    fn it_is_the_matrix_with_a_column_of_ones() {
        let x = Mat::from_fn(5, 3, |i, j| ((i * 7 + j * 3) as f64 * 0.9).sin());
        let plain = Mat::from_fn(5, 4, |i, j| if j == 3 { 1.0 } else { x[(i, j)] });
        let (inner, plain) = (
            Dense::try_new(x.as_ref()).expect("finite"),
            Dense::try_new(plain.as_ref()).expect("finite"),
        );
        let with_ones = WithOnes::new(&inner);
        let close = |a: &[f64], b: &[f64]| {
            assert!(
                a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-14),
                "{a:?} {b:?}"
            );
        };
        let v = [0.3, -1.0, 2.0, 0.1, 0.7];
        let (mut a, mut b) = ([0.0; 4], [0.0; 4]);
        with_ones.tr_mul(&v, &mut a);
        plain.tr_mul(&v, &mut b);
        close(&a, &b);
        let set = [1, 3, 0];
        for j in 0..4 {
            let (mut a, mut b) = ([0.0; 3], [0.0; 3]);
            with_ones.gram_row(j, &set, &mut a);
            plain.gram_row(j, &set, &mut b);
            close(&a, &b);
        }
        let (mut a, mut b) = ([0.0; 5], [0.0; 5]);
        with_ones.mul(&[1.0, 0.0, -2.0, 0.4], &mut a);
        plain.mul(&[1.0, 0.0, -2.0, 0.4], &mut b);
        close(&a, &b);
        for set in [&set[..], &[0, 2], &[3], &[3, 1], &[]] {
            let (mut a, mut b) = (vec![0.0; set.len()], vec![0.0; set.len()]);
            with_ones.tr_mul_set(set, &v, &mut a);
            plain.tr_mul_set(set, &v, &mut b);
            close(&a, &b);
            let (mut a, mut b) = (v, v);
            with_ones.axpy_set(set, &[0.5, -2.0, 3.0][..set.len()], &mut a);
            plain.axpy_set(set, &[0.5, -2.0, 3.0][..set.len()], &mut b);
            close(&a, &b);
        }
        let (outer, expected) = (with_ones.outer_gram(), plain.outer_gram());
        assert!((0..5).all(|i| (0..5).all(|k| (outer[(i, k)] - expected[(i, k)]).abs() < 1e-13)));
        let mut bundle = Bundle::zeros(5, 2);
        bundle.set(0, &v);
        bundle.set(1, &a);
        let width = bundle.width();
        let (mut a, mut b) = (vec![0.0; 3 * width], vec![0.0; 3 * width]);
        with_ones.tr_mul_bundle(&set, &bundle, &mut a);
        plain.tr_mul_bundle(&set, &bundle, &mut b);
        close(&a, &b);
        let (a, b) = (with_ones.gram(), plain.gram());
        assert!((0..4).all(|j| (0..4).all(|k| (a[(j, k)] - b[(j, k)]).abs() < 1e-13)));
    }
}
