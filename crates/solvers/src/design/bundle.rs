//! Several vectors over rows, stored row by row, so that one pass over X multiplies all of them.

use super::Design;
use super::kernels::{BUNDLE_STEP, add_products, axpy_bundle, bundle_height};

/// Rows that are written before the next.
const ROWS_AT_ONCE: usize = 64;
/// Rows that one thread writes, or multiplies; products of these parts are added in order, so it settles how sums round.
const ROWS_PER_PART: usize = 8192;

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
        for (row, &v) in self.rows.chunks_exact_mut(self.width).zip(v) {
            row[k] = v;
        }
        self.sums[k] = sum(v);
    }

    /// Makes `columns`, length n each, the first vectors; the threads of `x`, if it has some, share the rows.
    pub fn set_all<X: Design + ?Sized>(&mut self, columns: &[&[f64]], x: &X) {
        assert!(columns.len() <= self.len);
        let width = self.width;
        let parts = self.rows.chunks_mut(ROWS_PER_PART * width).enumerate();
        x.share(parts.collect(), |(part, rows)| {
            fill(rows, columns, width, part * ROWS_PER_PART);
        });
        for (total, column) in self.sums.iter_mut().zip(columns) {
            *total = sum(column);
        }
    }

    /// Adds `factors[j · width + k]` times `column(j)` to each vector k, for as many columns as there are factors; those of the
    /// places that fill up a row have to be 0.
    pub fn add<'a>(&mut self, column: impl Fn(usize) -> &'a [f64], factors: &[f64]) {
        axpy_bundle(column, factors, &mut self.rows, self.width);
        self.sums.fill(0.0);
        for row in self.rows.chunks_exact(self.width) {
            for (sum, v) in self.sums.iter_mut().zip(row) {
                *sum += v;
            }
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

    /// Product of each vector with `q`, length n: `width` numbers.
    pub fn products(&self, q: &[f64]) -> Vec<f64> {
        let mut products = vec![0.0; self.width];
        for (row, q) in self.rows.chunks_exact(self.width).zip(q) {
            for (product, v) in products.iter_mut().zip(row) {
                *product += q * v;
            }
        }
        products
    }

    /// Copies vector k to `out`, length n.
    pub fn get(&self, k: usize, out: &mut [f64]) {
        for (row, out) in self.rows.chunks_exact(self.width).zip(out) {
            *out = row[k];
        }
    }
}

/// Row i of `out`, the number (≥ 1) of columns in `with` rounded up to a multiple of [`BUNDLE_STEP`], = `columns[i]`ᵀ `with`: some rows
/// of all columns at a time, so that no bundle of all rows has to be kept. The threads of `x`, if it has some, share the rows;
/// parts and the order in which they are added do not depend on them.
pub(super) fn products_of_columns<X: Design + ?Sized>(
    columns: &[&[f64]],
    with: &[&[f64]],
    out: &mut [f64],
    x: &X,
) {
    let n = x.nrows();
    let width = with.len().max(1).next_multiple_of(BUNDLE_STEP);
    let height = bundle_height(width);
    let parts: Vec<usize> = (0..n).step_by(ROWS_PER_PART).collect();
    let products = x.share(parts, |first| {
        let mut products = vec![0.0; columns.len() * width];
        let mut rows = vec![0.0; height * width];
        let last = n.min(first + ROWS_PER_PART);
        for start in (first..last).step_by(height) {
            let rows = &mut rows[..height.min(last - start) * width];
            fill(rows, with, width, start);
            add_products(|j| &columns[j][start..], rows, width, false, &mut products);
        }
        products
    });
    out.fill(0.0);
    for part in products {
        for (out, product) in out.iter_mut().zip(part) {
            *out += product;
        }
    }
}

/// Writes the elements of `columns` from row `start` on into `rows`, `width` numbers each.
fn fill(rows: &mut [f64], columns: &[&[f64]], width: usize, start: usize) {
    // Some rows for all columns, then the next: they stay in cache until each of their places has been written.
    for (part, rows) in rows.chunks_mut(ROWS_AT_ONCE * width).enumerate() {
        let start = start + part * ROWS_AT_ONCE;
        let mut k = 0;
        let mut blocks = columns.chunks_exact(BUNDLE_STEP);
        for block in &mut blocks {
            let block: [&[f64]; BUNDLE_STEP] = std::array::from_fn(|c| &block[c][start..]);
            for (i, row) in rows.chunks_exact_mut(width).enumerate() {
                let row = &mut row[k..k + BUNDLE_STEP];
                for (value, column) in row.iter_mut().zip(&block) {
                    *value = column[i];
                }
            }
            k += BUNDLE_STEP;
        }
        for column in blocks.remainder() {
            for (row, &value) in rows.chunks_exact_mut(width).zip(&column[start..]) {
                row[k] = value;
            }
            k += 1;
        }
    }
}

/// Σ v_i, several sums side by side: one alone would wait for each addition to end.
fn sum(v: &[f64]) -> f64 {
    let (blocks, rest) = v.as_chunks::<16>();
    let mut sums = [0.0; 16];
    for block in blocks {
        for (sum, v) in sums.iter_mut().zip(block) {
            *sum += v;
        }
    }
    sums.iter().chain(rest).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::design::Dense;

    #[test]
    fn vectors_come_back_however_they_were_set() {
        for (n, len) in [(1, 1), (63, 3), (200, 9), (129, 16)] {
            let vectors: Vec<Vec<f64>> = (0..len)
                .map(|k| (0..n).map(|i| (i * 31 + k) as f64 * 0.3).collect())
                .collect();
            let slices: Vec<&[f64]> = vectors.iter().map(Vec::as_slice).collect();
            let (mut one, mut all) = (Bundle::zeros(n, len), Bundle::zeros(n, len));
            let x = Dense::from_column_major(&[], n, 0).expect("no column");
            all.set_all(&slices, &x);
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
