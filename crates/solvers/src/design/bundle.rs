//! Several vectors over rows, stored row by row, so that one pass over X multiplies all of them.

use super::kernels::BUNDLE_STEP;

/// Rows that are written before the next.
const ROWS_AT_ONCE: usize = 64;

/// Vectors v_1 … v_k over n rows. Row i holds their elements i side by side, filled up with zeros.
#[derive(Clone, Debug)]
pub struct Bundle {
    rows: Vec<f64>,
    width: usize,
    len: usize,
    sums: Vec<f64>,
}

impl Bundle {
    /// `len` ≥ 1 vectors of zeros over n rows.
    pub fn zeros(n: usize, len: usize) -> Self {
        let width = len.max(1).next_multiple_of(BUNDLE_STEP);
        Self {
            rows: vec![0.0; n * width],
            width,
            len,
            sums: vec![0.0; width],
        }
    }

    /// Makes `v`, length n, vector k.
    pub fn set(&mut self, k: usize, v: &[f64]) {
        assert!(k < self.len);
        let mut sum = 0.0;
        for (row, &v) in self.rows.chunks_exact_mut(self.width).zip(v) {
            row[k] = v;
            sum += v;
        }
        self.sums[k] = sum;
    }

    /// Makes `columns`, length n each, the first vectors.
    pub fn set_all(&mut self, columns: &[&[f64]]) {
        assert!(columns.len() <= self.len);
        let width = self.width;
        // Some rows for all columns, then the next: they stay in cache until each of their places has been written.
        for (part, rows) in self.rows.chunks_mut(ROWS_AT_ONCE * width).enumerate() {
            for (k, column) in columns.iter().enumerate() {
                let values = &column[part * ROWS_AT_ONCE..];
                for (row, &value) in rows.chunks_exact_mut(width).zip(values) {
                    row[k] = value;
                }
            }
        }
        for (sum, column) in self.sums.iter_mut().zip(columns) {
            *sum = column.iter().sum();
        }
    }

    /// Number of vectors.
    pub fn count(&self) -> usize {
        self.len
    }

    /// Numbers per row: the number of vectors rounded up to a multiple of [`BUNDLE_STEP`].
    pub fn width(&self) -> usize {
        self.width
    }

    /// All rows, `width` numbers each.
    pub fn rows(&self) -> &[f64] {
        &self.rows
    }

    /// Sum of the elements of each vector, `width` numbers.
    pub fn sums(&self) -> &[f64] {
        &self.sums
    }

    /// Copies vector k to `out`, length n.
    pub fn get(&self, k: usize, out: &mut [f64]) {
        for (row, out) in self.rows.chunks_exact(self.width).zip(out) {
            *out = row[k];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vectors_come_back_however_they_were_set() {
        for (n, len) in [(1, 1), (63, 3), (200, 9), (129, 16)] {
            let vectors: Vec<Vec<f64>> = (0..len)
                .map(|k| (0..n).map(|i| (i * 31 + k) as f64 * 0.3).collect())
                .collect();
            let slices: Vec<&[f64]> = vectors.iter().map(Vec::as_slice).collect();
            let (mut one, mut all) = (Bundle::zeros(n, len), Bundle::zeros(n, len));
            all.set_all(&slices);
            let mut found = vec![0.0; n];
            for (k, vector) in vectors.iter().enumerate() {
                one.set(k, vector);
                all.get(k, &mut found);
                assert_eq!(&found, vector);
            }
            assert_eq!((one.rows(), one.sums()), (all.rows(), all.sums()));
            assert!(all.width() >= len && all.rows().len() == n * all.width());
        }
    }
}
