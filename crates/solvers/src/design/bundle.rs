//! Several vectors over rows, stored row by row, so that one pass over X multiplies all of them.

use super::kernels::BUNDLE_STEP;

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
