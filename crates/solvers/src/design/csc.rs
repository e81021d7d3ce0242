//! Sparse X in compressed columns with 32-bit row indices.

use super::{Bundle, Design, DesignError, Moments, is_usable};

/// An owned sparse design: the entries of column j are `indptr[j] .. indptr[j + 1]`.
#[derive(Clone, Debug, PartialEq)]
pub struct Csc {
    nrows: usize,
    indptr: Vec<usize>,
    indices: Vec<u32>,
    values: Vec<f64>,
}

impl Csc {
    /// Takes the three arrays of an nrows × ncols matrix.
    ///
    /// Errors: [`DesignError::Layout`] unless `indptr` has ncols + 1 non-decreasing entries from 0 to the number of
    /// values and the rows of each column increase strictly; [`DesignError::Value`] for a value that is not finite.
    pub fn try_new(
        nrows: usize,
        ncols: usize,
        indptr: Vec<usize>,
        indices: Vec<u32>,
        values: Vec<f64>,
    ) -> Result<Self, DesignError> {
        let layout = |message: String| Err(DesignError::Layout(message));
        if nrows > u32::MAX as usize {
            return layout(format!("{nrows} rows do not fit 32-bit indices"));
        }
        if indptr.len() != ncols + 1 || indptr[0] != 0 || indptr[ncols] != values.len() {
            return layout(format!(
                "column pointers must be {} numbers from 0 to {}",
                ncols + 1,
                values.len()
            ));
        }
        if indices.len() != values.len() {
            return layout(format!(
                "{} row indices beside {} values",
                indices.len(),
                values.len()
            ));
        }
        for column in 0..ncols {
            let (start, end) = (indptr[column], indptr[column + 1]);
            if start > end || end > values.len() {
                return layout(format!("column pointer {column} decreases"));
            }
            let rows = &indices[start..end];
            if rows.windows(2).any(|w| w[0] >= w[1])
                || rows.last().is_some_and(|&r| r as usize >= nrows)
            {
                return layout(format!(
                    "rows of column {column} must increase strictly and stay below {nrows}"
                ));
            }
            if let Some(k) = values[start..end].iter().position(|v| !is_usable(*v)) {
                let value = values[start + k];
                return Err(DesignError::Value {
                    row: rows[k] as usize,
                    column,
                    value,
                });
            }
        }
        Ok(Self {
            nrows,
            indptr,
            indices,
            values,
        })
    }

    /// n.
    pub fn nrows(&self) -> usize {
        self.nrows
    }

    /// p.
    pub fn ncols(&self) -> usize {
        self.indptr.len() - 1
    }

    /// Stored entries.
    pub fn nnz(&self) -> usize {
        self.values.len()
    }

    /// The matrix whose row i is row `order[i]` of this one, multiplied by `factors[i]` where there are factors. No row may
    /// stand in `order` twice.
    pub fn select_rows(&self, order: &[usize], factors: Option<&[f64]>) -> Self {
        let mut place = vec![u32::MAX; self.nrows];
        for (new, &old) in (0u32..).zip(order) {
            place[old] = new;
        }
        let mut selected = Self {
            nrows: order.len(),
            indptr: Vec::with_capacity(self.indptr.len()),
            indices: Vec::with_capacity(self.indices.len()),
            values: Vec::with_capacity(self.values.len()),
        };
        selected.indptr.push(0);
        let mut entries: Vec<(u32, f64)> = Vec::new();
        for j in 0..self.ncols() {
            let (rows, values) = self.column(j);
            let placed = rows
                .iter()
                .zip(values)
                .map(|(&i, &v)| (place[i as usize], v));
            entries.extend(placed.filter(|(i, _)| *i != u32::MAX));
            entries.sort_unstable_by_key(|(i, _)| *i);
            for (i, value) in entries.drain(..) {
                selected.indices.push(i);
                selected.values.push(match factors {
                    Some(factors) => factors[i as usize] * value,
                    None => value,
                });
            }
            selected.indptr.push(selected.values.len());
        }
        selected
    }

    /// The matrix with its first `again` rows once more below it.
    pub(crate) fn repeat_rows(&self, again: usize) -> Self {
        let mut repeated = Self {
            nrows: self.nrows + again,
            indptr: vec![0],
            indices: Vec::with_capacity(2 * self.indices.len()),
            values: Vec::with_capacity(2 * self.values.len()),
        };
        for j in 0..self.ncols() {
            let (rows, values) = self.column(j);
            let first = rows.partition_point(|&i| (i as usize) < again);
            repeated.indices.extend(rows);
            let below = rows[..first].iter().map(|i| i + self.nrows as u32);
            repeated.indices.extend(below);
            repeated.values.extend(values);
            repeated.values.extend(&values[..first]);
            repeated.indptr.push(repeated.values.len());
        }
        repeated
    }

    /// Rows and values of column j.
    #[inline]
    pub fn column(&self, j: usize) -> (&[u32], &[f64]) {
        let range = self.indptr[j]..self.indptr[j + 1];
        (&self.indices[range.clone()], &self.values[range])
    }
}

/// Σ a_i b_i over the rows that both columns store.
fn merge_dot(a: (&[u32], &[f64]), b: (&[u32], &[f64])) -> f64 {
    let (mut i, mut k, mut sum) = (0, 0, 0.0);
    while i < a.0.len() && k < b.0.len() {
        match a.0[i].cmp(&b.0[k]) {
            std::cmp::Ordering::Less => i += 1,
            std::cmp::Ordering::Greater => k += 1,
            std::cmp::Ordering::Equal => {
                sum += a.1[i] * b.1[k];
                i += 1;
                k += 1;
            }
        }
    }
    sum
}

impl Design for Csc {
    fn nrows(&self) -> usize {
        self.nrows
    }

    fn ncols(&self) -> usize {
        self.indptr.len() - 1
    }

    fn nnz(&self) -> usize {
        self.values.len()
    }

    fn col_dot(&self, j: usize, v: &[f64]) -> f64 {
        let (rows, values) = self.column(j);
        // Four sums side by side: one alone would wait for each addition to end.
        let (row_blocks, row_rest) = rows.as_chunks::<4>();
        let (value_blocks, value_rest) = values.as_chunks::<4>();
        let mut sums = [0.0; 4];
        for (rows, values) in row_blocks.iter().zip(value_blocks) {
            for k in 0..4 {
                sums[k] += values[k] * v[rows[k] as usize];
            }
        }
        let rest = row_rest.iter().zip(value_rest);
        let rest: f64 = rest.map(|(&i, x)| x * v[i as usize]).sum();
        (sums[0] + sums[1]) + (sums[2] + sums[3]) + rest
    }

    fn col_axpy(&self, j: usize, a: f64, v: &mut [f64]) {
        let (rows, values) = self.column(j);
        for (&i, x) in rows.iter().zip(values) {
            v[i as usize] += a * x;
        }
    }

    fn col_sq_norm(&self, j: usize) -> f64 {
        self.column(j).1.iter().map(|x| x * x).sum()
    }

    fn col_moments(&self, j: usize) -> Moments {
        Moments::of(self.column(j).1, self.nrows)
    }

    fn weighted_moments(&self, j: usize, weights: &[f64]) -> Moments {
        let (rows, values) = self.column(j);
        // All rows that the column does not store are one row of 0, with their weights together.
        let mut stored: Vec<f64> = rows.iter().map(|&i| weights[i as usize]).collect();
        let others = weights.iter().sum::<f64>() - stored.iter().sum::<f64>();
        let mut values = values.to_vec();
        if rows.len() < self.nrows {
            values.push(0.0);
            stored.push(others.max(0.0));
        }
        Moments::weighted(&values, &stored)
    }

    fn tr_mul_bundle(&self, set: &[usize], v: &Bundle, out: &mut [f64]) {
        let width = v.width();
        for (&j, out) in set.iter().zip(out.chunks_exact_mut(width)) {
            out.fill(0.0);
            let (rows, values) = self.column(j);
            for (&i, x) in rows.iter().zip(values) {
                let row = &v.rows()[i as usize * width..][..width];
                for (out, v) in out.iter_mut().zip(row) {
                    *out += x * v;
                }
            }
        }
    }

    fn gram_row(&self, j: usize, set: &[usize], out: &mut [f64]) {
        for (out, &k) in out.iter_mut().zip(set) {
            *out = merge_dot(self.column(j), self.column(k));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rejects_storage_that_is_no_matrix() {
        let csc = |p: Vec<usize>, i: Vec<u32>, v: Vec<f64>| Csc::try_new(3, 2, p, i, v);
        assert!(csc(vec![0, 2, 3], vec![0, 2, 1], vec![1.0, 2.0, 3.0]).is_ok());
        assert!(csc(vec![0, 2], vec![0, 2], vec![1.0, 2.0]).is_err());
        assert!(csc(vec![0, 2, 3], vec![2, 0, 1], vec![1.0, 2.0, 3.0]).is_err());
        assert!(csc(vec![0, 2, 3], vec![0, 3, 1], vec![1.0, 2.0, 3.0]).is_err());
        assert!(csc(vec![0, 3, 2], vec![0, 1], vec![1.0, 2.0]).is_err());
        let nan = csc(vec![0, 0, 1], vec![2], vec![f64::INFINITY]);
        assert!(matches!(
            nan,
            Err(DesignError::Value {
                row: 2,
                column: 1,
                ..
            })
        ));
    }
}
