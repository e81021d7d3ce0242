//! Cholesky factor of a positive definite matrix that gains and loses rows.

use faer::linalg::triangular_solve::solve_lower_triangular_in_place;
use faer::{Mat, MatRef, Par};

use super::products::uneven;
use crate::design::kernels::{axpy, dot};

/// Share of a diagonal entry that must remain as pivot for a column to count as independent of those before it.
const MIN_PIVOT: f64 = 1e-12;

/// L with LLᵀ = H, stored by columns with room to grow: column k holds rows k.. of L from `data[k * stride + k]` on.
///
/// Members keep their order; one that leaves closes the gap. Golub & Van Loan (2013), §6.5.
#[derive(Default)]
pub(super) struct Factor {
    data: Vec<f64>,
    stride: usize,
    len: usize,
}

impl Factor {
    /// Extends H by a row, `row` against the members and `diagonal` with itself. False, and nothing happens, if what is
    /// left as pivot is rounding: the new column is a combination of the others.
    pub(super) fn push(&mut self, row: &[f64], diagonal: f64) -> bool {
        let len = self.len;
        let mut row = row[..len].to_vec();
        self.solve_lower(&mut row);
        let pivot = diagonal - dot(&row, &row);
        // Written so that NaN counts as dependent.
        let independent = pivot > MIN_PIVOT * diagonal;
        if !independent {
            return false;
        }
        self.append(&row, &[], pivot.sqrt());
        true
    }

    /// Extends H by as many rows as `rows` has columns, of the length of H before, and `block` among each other (its lower
    /// triangle). Says which of them could be added; the others are combinations of what is there.
    ///
    /// The same as one [`Factor::push`] after the other, but L is read once for all of them.
    pub(super) fn push_all(&mut self, mut rows: Mat<f64>, block: &Mat<f64>) -> Vec<bool> {
        let before = self.len;
        let count = rows.ncols();
        if before > 0 {
            let lower = MatRef::from_column_major_slice_with_stride(
                &self.data,
                before,
                before,
                self.stride,
            );
            solve_lower_triangular_in_place(lower, rows.as_mut(), Par::Seq);
        }
        let mut added: Vec<usize> = Vec::with_capacity(count);
        (0..count)
            .map(|t| {
                let new = rows.col_as_slice(t);
                let mut pivot = block[(t, t)] - dot(new, new);
                let mut tail: Vec<f64> = Vec::with_capacity(added.len());
                for (i, &a) in added.iter().enumerate() {
                    let place = before + i;
                    let known: f64 = (tail.iter().enumerate())
                        .map(|(e, v)| v * self.data[(before + e) * self.stride + place])
                        .sum();
                    let rest = block[(t, a)] - dot(new, rows.col_as_slice(a)) - known;
                    let value = rest / self.data[place * self.stride + place];
                    pivot -= value * value;
                    tail.push(value);
                }
                let independent = pivot > MIN_PIVOT * block[(t, t)];
                if independent {
                    self.append(new, &tail, pivot.sqrt());
                    added.push(t);
                }
                independent
            })
            .collect()
    }

    /// Writes a row of L: its first entries, those that follow, and the diagonal.
    fn append(&mut self, first: &[f64], then: &[f64], diagonal: f64) {
        let len = self.len;
        if len == self.stride {
            self.grow();
        }
        for (k, &value) in first.iter().chain(then).enumerate() {
            self.data[k * self.stride + len] = value;
        }
        self.data[len * self.stride + len] = diagonal;
        self.len += 1;
    }

    /// Removes member k: the columns behind it take up what its column held, by one rotation each.
    pub(super) fn remove(&mut self, k: usize) {
        let (len, stride) = (self.len, self.stride);
        let mut below = self.data[k * stride + k + 1..k * stride + len].to_vec();
        for (i, from) in (k + 1..len).enumerate() {
            let column = &mut self.data[from * stride + from..from * stride + len];
            let tail = &mut below[i..];
            let (diagonal, extra) = (column[0], tail[0]);
            let norm = diagonal.hypot(extra);
            let (cos, sin) = (diagonal / norm, extra / norm);
            for (l, v) in column.iter_mut().zip(tail) {
                let before = *l;
                *l = cos * before + sin * *v;
                *v = cos * *v - sin * before;
            }
        }
        for column in 0..k {
            let start = column * stride;
            self.data.copy_within(start + k + 1..start + len, start + k);
        }
        for column in k + 1..len {
            let start = column * stride + column;
            self.data
                .copy_within(start..column * stride + len, start - stride - 1);
        }
        self.len -= 1;
    }

    /// v = H⁻¹v.
    pub(super) fn solve(&self, v: &mut [f64]) {
        self.solve_lower(v);
        for k in (0..self.len).rev() {
            let column = self.column(k);
            v[k] = (v[k] - dot(&column[1..], &v[k + 1..])) / column[0];
        }
    }

    /// v = L⁻¹v.
    fn solve_lower(&self, v: &mut [f64]) {
        // Where columns have only joined, nothing but the entries of the new ones, which are the last, differs from 0.
        let first = v.iter().position(|&v| v != 0.0).unwrap_or(self.len);
        for k in first..self.len {
            let column = self.column(k);
            v[k] /= column[0];
            let known = v[k];
            axpy(-known, &column[1..], &mut v[k + 1..]);
        }
    }

    /// Rows k.. of column k.
    fn column(&self, k: usize) -> &[f64] {
        &self.data[k * self.stride + k..k * self.stride + self.len]
    }

    fn grow(&mut self) {
        let stride = uneven((2 * self.stride).max(32));
        let mut data = vec![0.0; stride * stride];
        for k in 0..self.len {
            data[k * stride + k..k * stride + self.len].copy_from_slice(self.column(k));
        }
        self.data = data;
        self.stride = stride;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Entries of a well-conditioned symmetric matrix.
    fn entry(i: usize, j: usize) -> f64 {
        let (i, j) = (i.min(j), i.max(j));
        if i == j {
            3.0 + (i % 3) as f64
        } else {
            ((i * 7 + j * 3) as f64).sin() / (1.0 + (j - i) as f64)
        }
    }

    fn check(factor: &Factor, members: &[usize]) {
        assert_eq!(factor.len, members.len());
        let b: Vec<f64> = members.iter().map(|&i| (i as f64).cos()).collect();
        let mut v = b.clone();
        factor.solve(&mut v);
        for (&i, b) in members.iter().zip(&b) {
            let image: f64 = members.iter().zip(&v).map(|(&j, v)| entry(i, j) * v).sum();
            assert!((image - b).abs() < 1e-12, "{image} {b}");
        }
    }

    #[test]
    fn members_come_and_go_in_any_order() {
        let mut factor = Factor::default();
        let mut members = Vec::new();
        for step in 0..400usize {
            if step % 3 == 2 || members.len() > 70 {
                let k = (step * 31) % members.len();
                factor.remove(k);
                members.remove(k);
            } else {
                let row: Vec<f64> = members.iter().map(|&i| entry(i, step)).collect();
                assert!(factor.push(&row, entry(step, step)));
                members.push(step);
            }
            check(&factor, &members);
        }
    }

    #[test]
    fn rows_may_come_together() {
        let mut factor = Factor::default();
        let mut members = Vec::new();
        for step in 0..30usize {
            let new: Vec<usize> = (0..step % 5).map(|t| 7 * step + t).collect();
            // The last one is there twice, and refused the second time.
            let twice: Vec<usize> = new.iter().chain(new.last()).copied().collect();
            let rows = Mat::from_fn(members.len(), twice.len(), |i, t| {
                entry(members[i], twice[t])
            });
            let block = Mat::from_fn(twice.len(), twice.len(), |t, u| entry(twice[t], twice[u]));
            let added = factor.push_all(rows, &block);
            assert!(
                added
                    .iter()
                    .enumerate()
                    .all(|(t, &added)| added == (t < new.len()))
            );
            members.extend(new);
            check(&factor, &members);
            if members.len() > 40 {
                factor.remove(11);
                members.remove(11);
            }
        }
    }

    #[test]
    fn a_dependent_row_is_refused() {
        let mut factor = Factor::default();
        assert!(factor.push(&[], 4.0));
        assert!(factor.push(&[2.0], 5.0));
        // The third row is the sum of the others.
        assert!(!factor.push(&[6.0, 7.0], 13.0));
        assert!(!factor.push(&[f64::NAN, 7.0], 13.0));
        assert!(!factor.push(&[0.0, 0.0], 0.0));
        assert_eq!(factor.len, 2);
        assert!(factor.push(&[6.0, 7.0], 13.1));
    }
}
