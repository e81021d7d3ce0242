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
    /// Steps that have been taken since, the last of them last.
    pairs: Vec<Pair>,
    /// What the inverse is multiplied by to agree with the last step.
    scale: f64,
}

/// A step s and the change y = Hs of the gradient along it, with sᵀy.
struct Pair {
    step: Vec<f64>,
    change: Vec<f64>,
    product: f64,
}

/// Steps that are remembered: those of a few λ.
const REMEMBERED: usize = 8;
/// Share of what the factor says of the curvature along a step below which the step is not learned from.
const LEAST_CURVATURE: f64 = 1e-2;

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
            pairs: Vec::new(),
            scale: 1.0,
        })
    }

    /// The quasi-Newton step for these slopes: the inverse of the factor, brought up to date by the steps that have been taken since.
    /// Two-loop recursion of Nocedal (1980), Math. Comp. 35.
    pub(super) fn step(&self, slopes: &[f64]) -> Vec<f64> {
        let mut v = slopes.to_vec();
        let mut shares = Vec::with_capacity(self.pairs.len());
        for pair in self.pairs.iter().rev() {
            let share = dot(&pair.step, &v) / pair.product;
            axpy(-share, &pair.change, &mut v);
            shares.push(share);
        }
        self.solve(&mut v);
        v.iter_mut().for_each(|v| *v *= self.scale);
        for (pair, share) in self.pairs.iter().zip(shares.iter().rev()) {
            let other = dot(&pair.change, &v) / pair.product;
            axpy(share - other, &pair.step, &mut v);
        }
        v
    }

    /// Remembers a step and the change of the gradient along it, unless rounding may have made that.
    pub(super) fn learn(&mut self, step: Vec<f64>, change: Vec<f64>) {
        let product = dot(&step, &change);
        let mut bent = change.clone();
        self.solve(&mut bent);
        // yᵀB⁻¹y of the factored B: with sᵀy it says how much less the Hessian bends now.
        let scale = product / dot(&change, &bent);
        if !(scale > LEAST_CURVATURE && scale < 1.0 / LEAST_CURVATURE && product > 0.0) {
            return;
        }
        if self.pairs.len() == REMEMBERED {
            self.pairs.remove(0);
        }
        self.scale = scale;
        self.pairs.push(Pair {
            step,
            change,
            product,
        });
    }

    /// v = (LLᵀ)⁻¹ v.
    fn solve(&self, v: &mut [f64]) {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::design::Dense;

    const SIZE: usize = 4;

    /// X of seven rows, and XᵀHX for H = diag(`curvature`) times v.
    fn bent(x: &Mat<f64>, curvature: &[f64], v: &[f64]) -> Vec<f64> {
        let x = Dense::trusted(x);
        let mut image = vec![0.0; curvature.len()];
        x.mul(v, &mut image);
        image.iter_mut().zip(curvature).for_each(|(z, h)| *z *= h);
        let mut product = vec![0.0; v.len()];
        x.tr_mul(&image, &mut product);
        product
    }

    fn factor(x: &Mat<f64>, curvature: &[f64]) -> Factor {
        let mut curved = Curved::new();
        curved.curvature = curvature.to_vec();
        let members: Vec<usize> = (0..SIZE).collect();
        curved.extend(&Dense::trusted(x), &members);
        Factor::new(&curved, members, |_| 0.0, 1.0).expect("positive definite")
    }

    #[test]
    fn steps_tell_a_factor_how_the_hessian_has_changed() {
        let x = Mat::from_fn(7, SIZE, |i, k| ((i * i + 3 * k * i + k) as f64 * 0.7).sin());
        let before: Vec<f64> = (0..7).map(|i| 0.2 + 0.05 * f64::from(i)).collect();
        let now: Vec<f64> = (0..7).map(|i| 0.19 + 0.02 * f64::from(i)).collect();
        let mut factor = factor(&x, &before);
        // Newton's equation with an old factor: every step brings the solution nearer, faster than one that does not learn.
        let solution = [0.4, -1.0, 0.3, 2.0];
        let mut errors = Vec::new();
        for learns in [false, true] {
            let mut point = vec![0.0; SIZE];
            for _ in 0..6 {
                let rest: Vec<f64> = solution.iter().zip(&point).map(|(s, p)| s - p).collect();
                let slopes = bent(&x, &now, &rest);
                let step = factor.step(&slopes);
                assert!(dot(&step, &slopes) > 0.0);
                axpy(1.0, &step, &mut point);
                if learns {
                    let change = bent(&x, &now, &step);
                    factor.learn(step.clone(), change.clone());
                    // The secant equation.
                    let again = factor.step(&change);
                    let off = again.iter().zip(&step).map(|(a, b)| (a - b).abs());
                    assert!(off.fold(0.0, f64::max) <= 1e-9 * dot(&step, &step).sqrt());
                }
            }
            let rest = solution.iter().zip(&point).map(|(s, p)| (s - p).abs());
            errors.push(rest.fold(0.0, f64::max));
        }
        assert!(
            errors[0] < 0.5 && errors[1] < 1e-2 * errors[0],
            "{errors:?}"
        );
    }

    #[test]
    fn a_change_that_no_convex_function_has_is_not_learned() {
        let x = Mat::from_fn(7, SIZE, |i, k| ((i * i + 3 * k * i + k) as f64 * 0.7).sin());
        let mut factor = factor(&x, &[0.25; 7]);
        let slopes = [1.0, 0.0, -0.5, 0.2];
        let step = factor.step(&slopes);
        for change in [-1.0, 0.0, 1e-6, f64::NAN, 1e9] {
            factor.learn(step.clone(), slopes.map(|s| change * s).to_vec());
            assert_eq!(factor.step(&slopes), step, "{change}");
        }
    }
}
