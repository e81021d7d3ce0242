//! XᵀHX on the working set, H the curvature of the loss at some fit, and Cholesky factors of its parts.

use faer::linalg::matmul::triangular::{BlockStructure, matmul};
use faer::{Accum, Mat, Par, Side};

use crate::design::Design;
use crate::design::kernels::{axpy, dot};

/// Rows that are scaled and multiplied at a time: with a hundred columns they stay in the second-level cache.
const ROWS_AT_ONCE: usize = 256;

/// Share of itself that is added to every diagonal element, so that columns which depend on each other leave a matrix that can be
/// factored: along such a dependence a step is long, but has an end.
const RIDGE: f64 = 1e-10;

/// XᵀHX of the members of a working set, in their order.
pub(super) struct Curved {
    /// Symmetric in its first `len` rows and columns.
    gram: Mat<f64>,
    len: usize,
    /// H, length n.
    pub(super) curvature: Vec<f64>,
}

impl Curved {
    pub(super) fn new() -> Self {
        Self {
            gram: Mat::new(),
            len: 0,
            curvature: Vec::new(),
        }
    }

    /// Number of members whose products are there.
    pub(super) fn len(&self) -> usize {
        self.len
    }

    pub(super) fn column(&self, i: usize) -> &[f64] {
        &self.gram.col_as_slice(i)[..self.len]
    }

    pub(super) fn clear(&mut self) {
        self.len = 0;
        self.curvature.clear();
    }

    fn make_room(&mut self, len: usize) {
        let capacity = self.gram.ncols();
        if len <= capacity {
            return;
        }
        let (size, old) = (
            len.next_multiple_of(32).max(capacity + capacity / 2),
            self.len,
        );
        let mut gram = Mat::zeros(size, size);
        for i in 0..old {
            gram.col_as_slice_mut(i)[..old].copy_from_slice(&self.gram.col_as_slice(i)[..old]);
        }
        self.gram = gram;
    }

    /// All products afresh, with the curvature that `self.curvature` holds.
    pub(super) fn refresh<X: Design>(&mut self, x: &X, members: &[usize]) {
        let (n, size) = (x.nrows(), members.len());
        self.len = 0;
        self.make_room(size);
        let Some(columns) = x.contiguous_set(members) else {
            return self.extend(x, members);
        };
        let roots: Vec<f64> = self.curvature.iter().map(|h| h.sqrt()).collect();
        let height = ROWS_AT_ONCE.min(n);
        let mut scaled = Mat::<f64>::zeros(height, size);
        let mut accum = Accum::Replace;
        for start in (0..n).step_by(height) {
            let rows = height.min(n - start);
            for (a, column) in columns.iter().enumerate() {
                let target = &mut scaled.col_as_slice_mut(a)[..rows];
                let source = column[start..start + rows].iter().zip(&roots[start..]);
                target
                    .iter_mut()
                    .zip(source)
                    .for_each(|(t, (x, r))| *t = x * r);
            }
            let block = scaled.submatrix(0, 0, rows, size);
            matmul(
                self.gram.submatrix_mut(0, 0, size, size),
                BlockStructure::TriangularLower,
                accum,
                block.transpose(),
                BlockStructure::Rectangular,
                block,
                BlockStructure::Rectangular,
                1.0,
                Par::Seq,
            );
            accum = Accum::Add;
        }
        for i in 0..size {
            for k in i + 1..size {
                self.gram[(i, k)] = self.gram[(k, i)];
            }
        }
        for i in 0..size {
            self.gram[(i, i)] *= 1.0 + RIDGE;
        }
        self.len = size;
    }

    /// Products of the members that have none yet, with the curvature of the others.
    pub(super) fn extend<X: Design>(&mut self, x: &X, members: &[usize]) {
        self.make_room(members.len());
        let mut bent = vec![0.0; x.nrows()];
        let mut products = vec![0.0; members.len()];
        for a in self.len..members.len() {
            bent.fill(0.0);
            x.col_axpy(members[a], 1.0, &mut bent);
            bent.iter_mut()
                .zip(&self.curvature)
                .for_each(|(v, h)| *v *= h);
            x.tr_mul_set(&members[..=a], &bent, &mut products[..=a]);
            products[a] *= 1.0 + RIDGE;
            self.gram.col_as_slice_mut(a)[..=a].copy_from_slice(&products[..=a]);
            for b in 0..a {
                self.gram[(a, b)] = products[b];
            }
        }
        self.len = members.len();
    }
}

/// Share of a diagonal entry that must remain as pivot for a system to count as well conditioned.
const MIN_PIVOT: f64 = 1e-13;

/// Cholesky factor of XᵀHX plus a diagonal, on some members.
pub(super) struct Factor {
    /// Places of these members in the working set, increasing.
    pub(super) places: Vec<usize>,
    lower: Mat<f64>,
    /// The λ of the diagonal.
    pub(super) lambda: f64,
}

impl Factor {
    /// None where the matrix is singular up to rounding.
    pub(super) fn new(
        curved: &Curved,
        places: Vec<usize>,
        bend: impl Fn(usize) -> f64,
        lambda: f64,
    ) -> Option<Self> {
        let size = places.len();
        let mut hessian = Mat::<f64>::zeros(size, size);
        for (a, &i) in places.iter().enumerate() {
            let column = curved.column(i);
            let target = &mut hessian.col_as_slice_mut(a)[a..];
            for (t, &k) in target.iter_mut().zip(&places[a..]) {
                *t = column[k];
            }
            target[0] += bend(i);
        }
        let factor = hessian.llt(Side::Lower).ok()?;
        let lower = factor.L();
        let sound = |a: usize| lower[(a, a)].powi(2) > MIN_PIVOT * hessian[(a, a)];
        (0..size).all(sound).then(|| Self {
            places,
            lower: lower.to_owned(),
            lambda,
        })
    }

    /// v = (LLᵀ)⁻¹ v.
    pub(super) fn solve(&self, v: &mut [f64]) {
        let size = v.len();
        for a in 0..size {
            let column = &self.lower.col_as_slice(a)[a..size];
            v[a] /= column[0];
            let (known, rest) = v[a..].split_at_mut(1);
            axpy(-known[0], &column[1..], rest);
        }
        for a in (0..size).rev() {
            let column = &self.lower.col_as_slice(a)[a..size];
            v[a] = (v[a] - dot(&column[1..], &v[a + 1..])) / column[0];
        }
    }
}
