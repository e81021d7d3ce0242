//! SIMD kernels on contiguous columns, dispatched at run time to the widest instruction set present.
//!
//! Each reduction has one fixed order per instruction set, so a result depends on the machine but never on threads.

use pulp::{Arch, Simd, WithSimd};

/// Columns that are reduced together against one vector, so that the vector is loaded once for all of them.
const BLOCK: usize = 4;

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
        }
    }
}
