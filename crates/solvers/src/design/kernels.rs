//! SIMD kernels on contiguous columns, dispatched at run time to the widest instruction set present.
//!
//! Each reduction has one fixed order per instruction set, so a result depends on the machine but never on threads.

use pulp::{Arch, Simd, WithSimd};

/// Columns that are reduced together against one vector, so that the vector is loaded once for all of them. A column that is
/// alone is summed in another order: whoever splits a set of columns, splits it at multiples of this.
pub const BLOCK: usize = 4;

/// Name of the instruction set that the kernels use on this machine.
pub fn simd_level() -> &'static str {
    struct Level;
    impl WithSimd for Level {
        type Output = usize;
        #[inline(always)]
        fn with_simd<S: Simd>(self, _: S) -> usize {
            S::F64_LANES
        }
    }
    match Arch::new().dispatch(Level) {
        1 => "scalar",
        2 => "128-bit",
        4 => "avx2+fma",
        8 => "avx512",
        _ => "other",
    }
}

struct Dot<'a>(&'a [f64], &'a [f64]);

impl WithSimd for Dot<'_> {
    type Output = f64;
    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> f64 {
        let n = self.0.len().min(self.1.len());
        let (a, a_tail) = S::as_simd_f64s(&self.0[..n]);
        let (b, b_tail) = S::as_simd_f64s(&self.1[..n]);
        let zero = simd.splat_f64s(0.0);
        let (mut s0, mut s1, mut s2, mut s3) = (zero, zero, zero, zero);
        let (a4, a1) = pulp::as_arrays::<4, _>(a);
        let (b4, b1) = pulp::as_arrays::<4, _>(b);
        for ([x0, x1, x2, x3], [y0, y1, y2, y3]) in a4.iter().zip(b4) {
            s0 = simd.mul_add_e_f64s(*x0, *y0, s0);
            s1 = simd.mul_add_e_f64s(*x1, *y1, s1);
            s2 = simd.mul_add_e_f64s(*x2, *y2, s2);
            s3 = simd.mul_add_e_f64s(*x3, *y3, s3);
        }
        for (x, y) in a1.iter().zip(b1) {
            s0 = simd.mul_add_e_f64s(*x, *y, s0);
        }
        s0 = simd.mul_add_e_f64s(
            simd.partial_load_f64s(a_tail),
            simd.partial_load_f64s(b_tail),
            s0,
        );
        simd.reduce_sum_f64s(simd.add_f64s(simd.add_f64s(s0, s1), simd.add_f64s(s2, s3)))
    }
}

/// aᵀb over the shorter of the two lengths.
#[inline]
pub fn dot(a: &[f64], b: &[f64]) -> f64 {
    Arch::new().dispatch(Dot(a, b))
}

struct Axpy<'a>(f64, &'a [f64], &'a mut [f64]);

impl WithSimd for Axpy<'_> {
    type Output = ();
    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let n = self.1.len().min(self.2.len());
        let (x, x_tail) = S::as_simd_f64s(&self.1[..n]);
        let (y, y_tail) = S::as_mut_simd_f64s(&mut self.2[..n]);
        let a = simd.splat_f64s(self.0);
        for (x, y) in x.iter().zip(y) {
            *y = simd.mul_add_e_f64s(a, *x, *y);
        }
        let tail = simd.mul_add_e_f64s(
            a,
            simd.partial_load_f64s(x_tail),
            simd.partial_load_f64s(y_tail),
        );
        simd.partial_store_f64s(y_tail, tail);
    }
}

/// y += a x over the shorter of the two lengths.
#[inline]
pub fn axpy(a: f64, x: &[f64], y: &mut [f64]) {
    Arch::new().dispatch(Axpy(a, x, y));
}

struct DotBlock<'a> {
    columns: [&'a [f64]; BLOCK],
    v: &'a [f64],
}

impl WithSimd for DotBlock<'_> {
    type Output = [f64; BLOCK];
    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> [f64; BLOCK] {
        let n = self.v.len();
        let (v, v_tail) = S::as_simd_f64s(self.v);
        let split = self.columns.map(|c| S::as_simd_f64s(&c[..n]));
        let [c0, c1, c2, c3] = split.map(|(head, _)| head);
        let zero = simd.splat_f64s(0.0);
        let mut even = [zero; BLOCK];
        let mut odd = [zero; BLOCK];
        let (v2, v1) = pulp::as_arrays::<2, _>(v);
        let heads = [c0, c1, c2, c3].map(pulp::as_arrays::<2, _>);
        let [(a, a1), (b, b1), (c, c1), (d, d1)] = heads;
        for (((([v0, v1], a), b), c), d) in v2.iter().zip(a).zip(b).zip(c).zip(d) {
            even[0] = simd.mul_add_e_f64s(a[0], *v0, even[0]);
            even[1] = simd.mul_add_e_f64s(b[0], *v0, even[1]);
            even[2] = simd.mul_add_e_f64s(c[0], *v0, even[2]);
            even[3] = simd.mul_add_e_f64s(d[0], *v0, even[3]);
            odd[0] = simd.mul_add_e_f64s(a[1], *v1, odd[0]);
            odd[1] = simd.mul_add_e_f64s(b[1], *v1, odd[1]);
            odd[2] = simd.mul_add_e_f64s(c[1], *v1, odd[2]);
            odd[3] = simd.mul_add_e_f64s(d[1], *v1, odd[3]);
        }
        for ((((v, a), b), c), d) in v1.iter().zip(a1).zip(b1).zip(c1).zip(d1) {
            even[0] = simd.mul_add_e_f64s(*a, *v, even[0]);
            even[1] = simd.mul_add_e_f64s(*b, *v, even[1]);
            even[2] = simd.mul_add_e_f64s(*c, *v, even[2]);
            even[3] = simd.mul_add_e_f64s(*d, *v, even[3]);
        }
        let v_tail = simd.partial_load_f64s(v_tail);
        let mut out = [0.0; BLOCK];
        for k in 0..BLOCK {
            let tail = simd.mul_add_e_f64s(simd.partial_load_f64s(split[k].1), v_tail, even[k]);
            out[k] = simd.reduce_sum_f64s(simd.add_f64s(tail, odd[k]));
        }
        out
    }
}

/// out_i = column(i)ᵀ v for i < out.len(), four columns at a time.
///
/// Columns must be at least as long as v.
pub fn dot_columns<'a>(column: impl Fn(usize) -> &'a [f64], v: &[f64], out: &mut [f64]) {
    let arch = Arch::new();
    let mut i = 0;
    let mut blocks = out.chunks_exact_mut(BLOCK);
    for block in &mut blocks {
        let columns = [column(i), column(i + 1), column(i + 2), column(i + 3)];
        block.copy_from_slice(&arch.dispatch(DotBlock { columns, v }));
        i += BLOCK;
    }
    for out in blocks.into_remainder() {
        *out = arch.dispatch(Dot(column(i), v));
        i += 1;
    }
}

/// v += Σ a_k x_k for four columns, so that v is read and written once for all of them.
struct AxpyBlock<'a> {
    factors: [f64; BLOCK],
    columns: [&'a [f64]; BLOCK],
    v: &'a mut [f64],
}

impl WithSimd for AxpyBlock<'_> {
    type Output = ();
    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let n = self.v.len();
        let split = self.columns.map(|c| S::as_simd_f64s(&c[..n]));
        let [a, b, c, d] = split.map(|(head, _)| head);
        let factors = self.factors.map(|f| simd.splat_f64s(f));
        let (v, v_tail) = S::as_mut_simd_f64s(self.v);
        for ((((v, a), b), c), d) in v.iter_mut().zip(a).zip(b).zip(c).zip(d) {
            let first = simd.mul_add_e_f64s(factors[0], *a, *v);
            let second = simd.mul_add_e_f64s(factors[1], *b, first);
            let third = simd.mul_add_e_f64s(factors[2], *c, second);
            *v = simd.mul_add_e_f64s(factors[3], *d, third);
        }
        let mut tail = simd.partial_load_f64s(v_tail);
        for (factor, (_, column)) in factors.into_iter().zip(split) {
            tail = simd.mul_add_e_f64s(factor, simd.partial_load_f64s(column), tail);
        }
        simd.partial_store_f64s(v_tail, tail);
    }
}

/// v += Σ_k `factors[k]` column(k), four columns at a time. Columns must be at least as long as v.
pub fn axpy_columns<'a>(column: impl Fn(usize) -> &'a [f64], factors: &[f64], v: &mut [f64]) {
    let arch = Arch::new();
    let (blocks, rest) = factors.as_chunks::<BLOCK>();
    for (block, &factors) in blocks.iter().enumerate() {
        let i = block * BLOCK;
        let columns = [column(i), column(i + 1), column(i + 2), column(i + 3)];
        arch.dispatch(AxpyBlock {
            factors,
            columns,
            v: &mut *v,
        });
    }
    let done = blocks.len() * BLOCK;
    for (k, &factor) in rest.iter().enumerate() {
        arch.dispatch(Axpy(factor, column(done + k), &mut *v));
    }
}

/// Length up to which a column ends before the hardware has seen where it leads: a page.
const SHORT: usize = 512;
/// Numbers in a cache line.
const LINE: usize = 8;

/// Asks for the line of memory around `value`, which is about to be read.
#[inline(always)]
fn prefetch(value: &f64) {
    #[cfg(target_arch = "x86_64")]
    {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        // SAFETY: a prefetch is a hint; it neither reads nor writes as far as the program can tell.
        #[allow(unsafe_code)]
        unsafe {
            _mm_prefetch::<_MM_HINT_T0>(std::ptr::from_ref(value).cast());
        }
    }
}

/// What the number of vectors that are multiplied together is a multiple of: a register of the widest instruction set.
pub const BUNDLE_STEP: usize = 8;
/// Numbers of a bundle that are multiplied before the next columns have their turn: they stay in the first-level cache.
const BUNDLE_CHUNK: usize = 3072;
/// Numbers of a bundle that the second-level cache holds beside what is multiplied with it.
const BUNDLE_CACHED: usize = 1 << 16;
/// Columns that are read side by side where they are long.
const PANEL: usize = 128;

/// `COLUMNS` columns against some rows of a bundle of vectors, which are stored row by row.
///
/// Vectors, not rows, fill the registers: an entry of X is loaded once for all vectors, and nothing is summed across lanes.
struct BundleTile<'a, const COLUMNS: usize> {
    columns: [&'a [f64]; COLUMNS],
    /// Columns that are multiplied soon; `columns` where there are none.
    soon: [&'a [f64]; COLUMNS],
    rows: &'a [f64],
    width: usize,
    /// A row of `width` sums for each column.
    out: &'a mut [f64],
}

impl<const COLUMNS: usize> BundleTile<'_, COLUMNS> {
    #[inline(always)]
    fn accumulate<S: Simd, const VECTORS: usize>(&mut self, simd: S, first: usize) {
        let stride = self.width / S::F64_LANES;
        let (rows, _) = S::as_simd_f64s(self.rows);
        let n = rows.len() / stride;
        let columns = self.columns.map(|c| &c[..n]);
        let soon = self.soon.map(|c| &c[..n]);
        let mut sums = [[simd.splat_f64s(0.0); VECTORS]; COLUMNS];
        let mut i = 0;
        for rows in rows.chunks(stride * LINE) {
            // A line of each column at a time: asked for all at once they would be in each other's way.
            if first == 0 {
                soon.iter().for_each(|column| prefetch(&column[i]));
            }
            for row in rows.chunks_exact(stride) {
                let row = &row[first..first + VECTORS];
                for (column, sums) in columns.iter().zip(&mut sums) {
                    let x = simd.splat_f64s(column[i]);
                    for (sum, row) in sums.iter_mut().zip(row) {
                        *sum = simd.mul_add_e_f64s(x, *row, *sum);
                    }
                }
                i += 1;
            }
        }
        let (out, _) = S::as_mut_simd_f64s(self.out);
        for (out, sums) in out.chunks_exact_mut(stride).zip(&sums) {
            for (out, sum) in out[first..first + VECTORS].iter_mut().zip(sums) {
                *out = simd.add_f64s(*out, *sum);
            }
        }
    }
}

impl<const COLUMNS: usize> WithSimd for BundleTile<'_, COLUMNS> {
    type Output = ();
    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        let registers = self.width / S::F64_LANES;
        let mut first = 0;
        while first < registers {
            // 4 × 4 sums need the 32 registers that come with the widest instruction set.
            if registers - first >= 4 && S::F64_LANES == 8 {
                self.accumulate::<S, 4>(simd, first);
                first += 4;
            } else if registers - first >= 2 {
                self.accumulate::<S, 2>(simd, first);
                first += 2;
            } else {
                self.accumulate::<S, 1>(simd, first);
                first += 1;
            }
        }
    }
}

/// `out[j]` = Σ_i `column(j)[i]` `rows[i]`, where `rows` holds `width` numbers for each row i and `out` as many for each of
/// its columns j: several products Xᵀv that read X once.
///
/// Columns must be at least as long as there are rows, and `width` a positive multiple of [`BUNDLE_STEP`].
pub fn tr_mul_bundle<'a>(
    column: impl Fn(usize) -> &'a [f64],
    rows: &[f64],
    width: usize,
    out: &mut [f64],
) {
    assert!(width > 0 && width.is_multiple_of(BUNDLE_STEP));
    out.fill(0.0);
    // A bundle that stays in the second-level cache is read again for a few columns at a time, whose memory then stays
    // mapped; a larger one is read once.
    if rows.len() <= SHORT * width || rows.len() > BUNDLE_CACHED {
        return panel_tr_mul_bundle(column, rows, width, out);
    }
    for (k, out) in out.chunks_mut(PANEL * width).enumerate() {
        panel_tr_mul_bundle(|j| column(k * PANEL + j), rows, width, out);
    }
}

/// [`tr_mul_bundle`] for as many columns as are read side by side, added to `out`.
fn panel_tr_mul_bundle<'a>(
    column: impl Fn(usize) -> &'a [f64],
    rows: &[f64],
    width: usize,
    out: &mut [f64],
) {
    let height = bundle_height(width);
    let short = rows.len() <= SHORT * width;
    for (part, rows) in rows.chunks(height * width).enumerate() {
        add_products(|j| &column(j)[part * height..], rows, width, short, out);
    }
}

/// Rows of a bundle that stay in the first-level cache.
pub(super) fn bundle_height(width: usize) -> usize {
    (BUNDLE_CHUNK / width).max(8)
}

/// Adds to each `out[j]` the products of `column(j)` with rows that stay in the first-level cache; `short` says that the
/// columns end before the hardware has seen where they lead.
pub(super) fn add_products<'a>(
    column: impl Fn(usize) -> &'a [f64],
    rows: &[f64],
    width: usize,
    short: bool,
    out: &mut [f64],
) {
    let arch = Arch::new();
    let count = out.len() / width;
    let mut j = 0;
    let mut tiles = out.chunks_exact_mut(BLOCK * width);
    for out in &mut tiles {
        let columns = [column(j), column(j + 1), column(j + 2), column(j + 3)];
        let next = j + BLOCK;
        let soon = if short {
            // So little of each that it is asked for at once, in the order of memory.
            let height = rows.len() / width;
            for k in next..count.min(next + BLOCK) {
                (column(k)[..height].iter().step_by(LINE)).for_each(prefetch);
            }
            columns
        } else if next + BLOCK <= count {
            std::array::from_fn(|k| column(next + k))
        } else {
            columns
        };
        arch.dispatch(BundleTile {
            columns,
            soon,
            rows,
            width,
            out,
        });
        j += BLOCK;
    }
    for out in tiles.into_remainder().chunks_exact_mut(width) {
        arch.dispatch(BundleTile {
            columns: [column(j)],
            soon: [column(j)],
            rows,
            width,
            out,
        });
        j += 1;
    }
}

/// Some rows of a bundle, plus `COLUMNS` columns times a register of factors each.
struct BundleAxpy<'a, const COLUMNS: usize> {
    columns: [&'a [f64]; COLUMNS],
    /// `width` numbers for each column.
    factors: &'a [f64],
    rows: &'a mut [f64],
    width: usize,
}

impl<const COLUMNS: usize> WithSimd for BundleAxpy<'_, COLUMNS> {
    type Output = ();
    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let stride = self.width / S::F64_LANES;
        let (rows, _) = S::as_mut_simd_f64s(self.rows);
        let (factors, _) = S::as_simd_f64s(self.factors);
        let n = rows.len() / stride;
        let columns = self.columns.map(|c| &c[..n]);
        for at in 0..stride {
            let factors: [S::f64s; COLUMNS] = std::array::from_fn(|k| factors[k * stride + at]);
            for (i, row) in rows.chunks_exact_mut(stride).enumerate() {
                let mut sum = row[at];
                for (column, &factor) in columns.iter().zip(&factors) {
                    sum = simd.mul_add_e_f64s(simd.splat_f64s(column[i]), factor, sum);
                }
                row[at] = sum;
            }
        }
    }
}

/// `rows[i]` += Σ_j `column(j)[i]` `factors[j]`, where `rows` holds `width` numbers for each row and `factors` as many for each
/// column: several sums of the same columns that read them once.
///
/// Columns must be at least as long as there are rows, and `width` a positive multiple of [`BUNDLE_STEP`].
pub fn axpy_bundle<'a>(
    column: impl Fn(usize) -> &'a [f64],
    factors: &[f64],
    rows: &mut [f64],
    width: usize,
) {
    assert!(width > 0 && width.is_multiple_of(BUNDLE_STEP));
    let arch = Arch::new();
    let height = bundle_height(width);
    for (part, rows) in rows.chunks_mut(height * width).enumerate() {
        let column = |j: usize| &column(j)[part * height..];
        let mut j = 0;
        let mut blocks = factors.chunks_exact(BLOCK * width);
        for factors in &mut blocks {
            let columns = [column(j), column(j + 1), column(j + 2), column(j + 3)];
            arch.dispatch(BundleAxpy {
                columns,
                factors,
                rows: &mut *rows,
                width,
            });
            j += BLOCK;
        }
        for factors in blocks.remainder().chunks_exact(width) {
            arch.dispatch(BundleAxpy {
                columns: [column(j)],
                factors,
                rows: &mut *rows,
                width,
            });
            j += 1;
        }
    }
}

/// ‖v‖².
pub fn sq_norm(v: &[f64]) -> f64 {
    dot(v, v)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn naive(a: &[f64], b: &[f64]) -> f64 {
        a.iter().zip(b).map(|(a, b)| a * b).sum()
    }

    fn wave(n: usize, phase: f64) -> Vec<f64> {
        (0..n).map(|i| (i as f64 * 0.7 + phase).sin()).collect()
    }

    #[test]
    fn a_bundle_is_as_many_products() {
        for (n, width) in [(0, 8), (1, 8), (57, 16), (200, 24), (500, 8), (401, 32)] {
            let columns: Vec<_> = (0..11).map(|k| wave(n, k as f64)).collect();
            let vectors: Vec<_> = (0..width).map(|k| wave(n, 0.1 * k as f64)).collect();
            let rows: Vec<f64> = (0..n * width)
                .map(|at| vectors[at % width][at / width])
                .collect();
            let mut out = vec![f64::NAN; 11 * width];
            tr_mul_bundle(|j| &columns[j], &rows, width, &mut out);
            for (j, out) in out.chunks(width).enumerate() {
                for (out, vector) in out.iter().zip(&vectors) {
                    assert!((out - naive(&columns[j], vector)).abs() <= 1e-13 * n as f64);
                }
            }
            let mut sums = rows.clone();
            axpy_bundle(|j| &columns[j], &out, &mut sums, width);
            for (at, sum) in sums.iter().enumerate() {
                let (i, k) = (at / width, at % width);
                let terms = (0..11).map(|j| columns[j][i] * out[j * width + k]);
                let expected = rows[at] + terms.sum::<f64>();
                assert!((sum - expected).abs() <= 1e-12 * n as f64);
            }
        }
    }

    #[test]
    fn kernels_agree_with_the_naive_loops_at_every_length() {
        for n in 0..70 {
            let columns: Vec<_> = (0..7).map(|k| wave(n, k as f64)).collect();
            let v = wave(n, 0.3);
            let mut out = [0.0; 7];
            dot_columns(|j| &columns[j], &v, &mut out);
            for (column, out) in columns.iter().zip(out) {
                let expected = naive(column, &v);
                assert!((dot(column, &v) - expected).abs() <= 1e-13 * n as f64);
                assert!((out - expected).abs() <= 1e-13 * n as f64);
            }
            let mut y = v.clone();
            axpy(-1.5, &columns[2], &mut y);
            for i in 0..n {
                assert!((y[i] - (v[i] - 1.5 * columns[2][i])).abs() <= 1e-15);
            }
            let factors: Vec<f64> = (0..7).map(|k| 0.5 - k as f64).collect();
            let mut sum = v.clone();
            axpy_columns(|j| &columns[j], &factors, &mut sum);
            for i in 0..n {
                let terms = (0..7).map(|k| factors[k] * columns[k][i]);
                assert!((sum[i] - v[i] - terms.sum::<f64>()).abs() <= 1e-14);
            }
        }
    }
}
