//! Neighbouring rows of a sparse X as a design of their own, without a copy.

use std::ops::Range;

use super::{Bundle, Csc, Design, Moments};

/// Rows `first ..` of a [`Csc`], counted from there.
#[derive(Clone, Debug)]
pub struct CscWindow<'a> {
    x: &'a Csc,
    first: u32,
    nrows: usize,
    /// Where the entries of each column's rows stand in that column.
    ranges: Vec<Range<usize>>,
    nnz: usize,
}

impl<'a> CscWindow<'a> {
    /// Panics unless `rows` are rows of x.
    pub fn new(x: &'a Csc, rows: Range<usize>) -> Self {
        assert!(rows.start <= rows.end && rows.end <= x.nrows());
        let ranges: Vec<Range<usize>> = (0..x.ncols())
            .map(|j| {
                let stored = x.column(j).0;
                let place = |row: usize| stored.partition_point(|&i| (i as usize) < row);
                place(rows.start)..place(rows.end)
            })
            .collect();
        Self {
            x,
            first: rows.start as u32,
            nrows: rows.len(),
            nnz: ranges.iter().map(Range::len).sum(),
            ranges,
        }
    }

    fn values(&self, j: usize) -> &'a [f64] {
        &self.x.column(j).1[self.ranges[j].clone()]
    }

    /// (row, value) of what column j stores.
    fn entries(&self, j: usize) -> impl Iterator<Item = (usize, f64)> + use<'a> {
        let (rows, first) = (&self.x.column(j).0[self.ranges[j].clone()], self.first);
        let rows = rows.iter().map(move |i| (i - first) as usize);
        rows.zip(self.values(j).iter().copied())
    }
}

impl Design for CscWindow<'_> {
    fn nrows(&self) -> usize {
        self.nrows
    }

    fn ncols(&self) -> usize {
        self.x.ncols()
    }

    fn nnz(&self) -> usize {
        self.nnz
    }

    fn col_dot(&self, j: usize, v: &[f64]) -> f64 {
        self.entries(j).map(|(i, x)| x * v[i]).sum()
    }

    fn col_axpy(&self, j: usize, a: f64, v: &mut [f64]) {
        self.entries(j).for_each(|(i, x)| v[i] += a * x);
    }

    fn col_sq_norm(&self, j: usize) -> f64 {
        self.values(j).iter().map(|x| x * x).sum()
    }

    fn col_moments(&self, j: usize) -> Moments {
        Moments::of(self.values(j), self.nrows)
    }

    fn tr_mul_bundle(&self, set: &[usize], v: &Bundle, out: &mut [f64]) {
        let width = v.width();
        for (&j, out) in set.iter().zip(out.chunks_exact_mut(width)) {
            out.fill(0.0);
            for (i, x) in self.entries(j) {
                let row = &v.rows()[i * width..][..width];
                for (out, v) in out.iter_mut().zip(row) {
                    *out += x * v;
                }
            }
        }
    }

    fn gram_row(&self, j: usize, set: &[usize], out: &mut [f64]) {
        let mut column = vec![0.0; self.nrows];
        self.col_axpy(j, 1.0, &mut column);
        self.tr_mul_set(set, &column, out);
    }
}
