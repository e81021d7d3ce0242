//! Kernels at sizes that caches hold.

use std::hint::black_box;

use faer::Mat;
use regpath_benches::{
    assert_close, assert_products, columns, gaussian, naive_dot, norm, power_law, vector,
};
use regpath_solvers::design::{Bundle, Csc, Dense, Design, kernels};

use crate::Benchmark;
use crate::meter::Meter;

pub const ALL: &[Benchmark] = &[
    Benchmark::timed("kernel/dot/1003", dot),
    Benchmark::counted("kernel/axpy/1003", axpy),
    Benchmark::timed("kernel/tr_mul/dense-201x803", tr_mul),
    Benchmark::counted("kernel/tr_mul_with_norms/dense-201x803", tr_mul_with_norms),
    Benchmark::timed("kernel/tr_mul_bundle/dense-201x803", tr_mul_bundle),
    Benchmark::counted("kernel/axpy_set/dense-201x803", axpy_set),
    Benchmark::counted("kernel/gram_row/dense-201x803", gram_row),
    Benchmark::timed("kernel/gram_strips/dense-801x103", gram_strips),
    Benchmark::counted("kernel/gram/dense-801x103", gram),
    Benchmark::counted("kernel/outer_gram/dense-103x801", outer_gram),
    Benchmark::timed("kernel/tr_mul/sparse-1000x2000", sparse_tr_mul),
    Benchmark::counted(
        "kernel/tr_mul_bundle/sparse-1000x2000",
        sparse_tr_mul_bundle,
    ),
    Benchmark::counted("kernel/gram_row/sparse-1000x2000", sparse_gram_row),
];

/// Odd sizes, so that what is left over after the last full vector is part of the work.
const SHAPE: (usize, usize) = (201, 803);
/// Calls of a kernel that is a few hundred instructions, so that those around it do not count.
const CALLS: usize = 16;
/// Columns of a set, and vectors of a bundle.
const SET: usize = 64;
const VECTORS: usize = 8;

/// Entries N(0, 1).
fn dense() -> Mat<f64> {
    gaussian(3, SHAPE.0, SHAPE.1)
}

/// Many rows, few columns.
fn tall() -> Mat<f64> {
    gaussian(3, 801, 103)
}

fn with_design(x: &Mat<f64>, work: impl FnOnce(&Dense)) {
    work(&Dense::try_new(x.as_ref()).expect("normal draws are finite"));
}

fn sparse() -> Csc {
    power_law(5, 1000, 2000, 40_000)
}

fn all<X: Design>(x: &X) -> Vec<usize> {
    (0..x.ncols()).collect()
}

fn bundle(n: usize) -> Bundle {
    let mut bundle = Bundle::zeros(n, VECTORS);
    for k in 0..VECTORS {
        bundle.set(k, &vector(10 + k as u64, n));
    }
    bundle
}

fn dot(meter: &mut Meter) {
    // Columns of a matrix, which begin where a cache line does, so that where the heap lies does not matter.
    let x = gaussian(1, 1003, 2);
    let (a, b) = (x.col_as_slice(0), x.col_as_slice(1));
    let mut found = 0.0;
    meter.measure(|| {
        for _ in 0..CALLS {
            found = kernels::dot(black_box(a), black_box(b));
        }
    });
    assert_close(found, naive_dot(a, b), norm(a) * norm(b));
}

fn axpy(meter: &mut Meter) {
    let (x, before) = (vector(1, 1003), vector(2, 1003));
    let mut y = before.clone();
    meter.measure(|| {
        for _ in 0..CALLS {
            y.copy_from_slice(&before);
            kernels::axpy(black_box(-1.5), black_box(&x), &mut y);
        }
    });
    for i in 0..x.len() {
        assert_close(y[i], before[i] - 1.5 * x[i], before[i].abs() + x[i].abs());
    }
}

fn products_with_all<X: Design>(meter: &mut Meter, x: &X) {
    let v = vector(1, x.nrows());
    let mut out = vec![0.0; x.ncols()];
    meter.measure(|| x.tr_mul(black_box(&v), &mut out));
    assert_products(x, &all(x), &v, &out);
}

fn tr_mul(meter: &mut Meter) {
    with_design(&dense(), |x| products_with_all(meter, x));
}

fn sparse_tr_mul(meter: &mut Meter) {
    products_with_all(meter, &sparse());
}

fn tr_mul_with_norms(meter: &mut Meter) {
    with_design(&dense(), |x| {
        let (set, v) = (all(x), vector(1, x.nrows()));
        let (mut out, mut norms) = (vec![0.0; set.len()], vec![0.0; set.len()]);
        meter.measure(|| x.tr_mul_set_with_sq_norms(&set, black_box(&v), &mut out, &mut norms));
        assert_products(x, &set, &v, &out);
        for (&j, found) in set.iter().zip(norms) {
            let expected = naive_dot(x.column(j), x.column(j));
            assert_close(found, expected, expected);
        }
    });
}

fn products_with_bundle<X: Design>(meter: &mut Meter, x: &X) {
    let (set, bundle) = (all(x), bundle(x.nrows()));
    let mut out = vec![0.0; set.len() * bundle.width()];
    meter.measure(|| x.tr_mul_bundle(&set, black_box(&bundle), &mut out));
    for k in 0..VECTORS {
        let found: Vec<f64> = out
            .iter()
            .skip(k)
            .step_by(bundle.width())
            .copied()
            .collect();
        assert_products(x, &set, &vector(10 + k as u64, x.nrows()), &found);
    }
}

fn tr_mul_bundle(meter: &mut Meter) {
    with_design(&dense(), |x| products_with_bundle(meter, x));
}

fn sparse_tr_mul_bundle(meter: &mut Meter) {
    products_with_bundle(meter, &sparse());
}

fn axpy_set(meter: &mut Meter) {
    with_design(&dense(), |x| {
        let (set, factors) = (columns(4, x.ncols(), SET), vector(6, SET));
        let mut out = vec![0.0; x.nrows()];
        meter.measure(|| {
            out.fill(0.0);
            x.axpy_set(&set, black_box(&factors), &mut out);
        });
        for (i, &found) in out.iter().enumerate() {
            let terms = set.iter().zip(&factors).map(|(&j, a)| a * x.column(j)[i]);
            let scale = terms.clone().map(f64::abs).sum();
            assert_close(found, terms.sum(), scale);
        }
    });
}

fn gram_row_of<X: Design>(meter: &mut Meter, x: &X) {
    let set = columns(4, x.ncols(), SET);
    let mut out = vec![0.0; SET];
    meter.measure(|| x.gram_row(set[0], black_box(&set), &mut out));
    let mut column = vec![0.0; x.nrows()];
    x.col_axpy(set[0], 1.0, &mut column);
    assert_products(x, &set, &column, &out);
}

fn gram_row(meter: &mut Meter) {
    with_design(&dense(), |x| gram_row_of(meter, x));
}

fn sparse_gram_row(meter: &mut Meter) {
    gram_row_of(meter, &sparse());
}

fn gram_strips(meter: &mut Meter) {
    with_design(&tall(), |x| {
        let (set, with) = (all(x), columns(4, x.ncols(), 16));
        let mut out = vec![0.0; set.len() * with.len()];
        meter.measure(|| x.gram_strips(&set, black_box(&with), &mut out));
        for (k, &j) in with.iter().enumerate() {
            let found: Vec<f64> = out.iter().skip(k).step_by(with.len()).copied().collect();
            assert_products(x, &set, x.column(j), &found);
        }
    });
}

fn gram(meter: &mut Meter) {
    with_design(&tall(), |x| {
        let mut found = x.gram();
        meter.measure(|| found = black_box(x).gram());
        for j in 0..x.ncols() {
            assert_products(x, &all(x), x.column(j), found.col_as_slice(j));
        }
    });
}

fn outer_gram(meter: &mut Meter) {
    let rows = tall();
    with_design(&rows.transpose().to_owned(), |x| {
        let mut found = x.outer_gram();
        meter.measure(|| found = black_box(x).outer_gram());
        let rows = Dense::try_new(rows.as_ref()).expect("normal draws are finite");
        for i in 0..x.nrows() {
            assert_products(&rows, &all(&rows), rows.column(i), found.col_as_slice(i));
        }
    });
}
