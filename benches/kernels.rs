//! Kernels at sizes that live in L1, L2, L3 and memory, in bytes read and written or multiply-adds a second.
//!
//! Caches meant: 32 KB, 1 MB and 32 MB. Columns of length 100 are those of p ≫ n, where the call itself costs.

use std::cell::LazyCell;
use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use faer::Mat;
use regpath_benches::{
    assert_close, assert_products, column, columns, gaussian, naive_dot, norm, power_law,
    power_law_counts, settings, vector,
};
use regpath_solvers::design::{Bundle, Csc, Dense, Design, kernels};

/// Lengths of two vectors that together fill 1.6 KB, 16 KB, 480 KB and 64 MB.
const VECTORS: [(&str, usize); 4] = [
    ("l1", 100),
    ("l1", 1000),
    ("l2", 30_000),
    ("memory", 4 << 20),
];

/// Dense designs of 24 KB, 640 KB, 4 MB, 8 MB and 64 MB.
const MATRICES: [(&str, usize, usize); 5] = [
    ("l1", 100, 30),
    ("l2", 100, 800),
    ("l3", 100, 5000),
    ("l3", 1000, 1000),
    ("memory", 1000, 8000),
];

fn dot(c: &mut Criterion) {
    let mut group = c.benchmark_group("dot");
    for (level, n) in VECTORS {
        let input = LazyCell::new(|| {
            let (a, b) = (vector(1, n), vector(2, n));
            assert_close(kernels::dot(&a, &b), naive_dot(&a, &b), norm(&a) * norm(&b));
            (a, b)
        });
        group.throughput(Throughput::Bytes(16 * n as u64));
        group.bench_function(BenchmarkId::new(level, n), |b| {
            let (u, v) = &*input;
            b.iter(|| kernels::dot(black_box(u), black_box(v)));
        });
    }
}

fn axpy(c: &mut Criterion) {
    let mut group = c.benchmark_group("axpy");
    for (level, n) in VECTORS {
        let input = LazyCell::new(|| {
            let (x, before) = (vector(1, n), vector(2, n));
            let mut y = before.clone();
            kernels::axpy(-1.5, &x, &mut y);
            for i in 0..n {
                assert_close(y[i], before[i] - 1.5 * x[i], before[i].abs() + x[i].abs());
            }
            (x, y)
        });
        group.throughput(Throughput::Bytes(24 * n as u64));
        group.bench_function(BenchmarkId::new(level, n), |b| {
            let (x, y) = &*input;
            let mut y = y.clone();
            b.iter(|| kernels::axpy(black_box(1e-9), black_box(x), &mut y));
        });
    }
}

fn tr_mul(c: &mut Criterion) {
    let mut group = c.benchmark_group("tr_mul");
    for (level, n, p) in MATRICES {
        let input = LazyCell::new(|| {
            let (x, v) = (gaussian(3, n, p), vector(1, n));
            let mut out = vec![0.0; p];
            let design = Dense::try_new(x.as_ref()).expect("finite");
            design.tr_mul(&v, &mut out);
            assert_products(&design, &(0..p).collect::<Vec<_>>(), &v, &out);
            (x, v)
        });
        group.throughput(Throughput::Bytes(8 * (n * p) as u64));
        group.bench_function(BenchmarkId::new(level, format!("{n}x{p}")), |b| {
            let (x, v) = &*input;
            let design = Dense::try_new(x.as_ref()).expect("finite");
            let mut out = vec![0.0; p];
            b.iter(|| design.tr_mul(black_box(v), &mut out));
        });
    }
}

/// Vectors of a bundle: the look-ahead of the homotopy.
const BUNDLE: usize = 8;

/// Xᵀ[v₁ … v₈] in one pass over X, in multiply-adds a second.
fn tr_mul_bundle(c: &mut Criterion) {
    let mut group = c.benchmark_group("tr_mul_bundle");
    for (level, n, p) in MATRICES {
        let input = LazyCell::new(|| {
            let x = gaussian(3, n, p);
            let mut bundle = Bundle::zeros(n, BUNDLE);
            for k in 0..BUNDLE {
                bundle.set(k, &vector(10 + k as u64, n));
            }
            let all: Vec<usize> = (0..p).collect();
            let mut out = vec![0.0; p * bundle.width()];
            let design = Dense::try_new(x.as_ref()).expect("finite");
            design.tr_mul_bundle(&all, &bundle, &mut out);
            for k in 0..BUNDLE {
                let found: Vec<f64> = out
                    .iter()
                    .skip(k)
                    .step_by(bundle.width())
                    .copied()
                    .collect();
                assert_products(&design, &all, &vector(10 + k as u64, n), &found);
            }
            (x, bundle)
        });
        group.throughput(Throughput::Elements((BUNDLE * n * p) as u64));
        group.bench_function(BenchmarkId::new(level, format!("{n}x{p}")), |b| {
            let (x, bundle) = &*input;
            let design = Dense::try_new(x.as_ref()).expect("finite");
            let all: Vec<usize> = (0..p).collect();
            let mut out = vec![0.0; p * bundle.width()];
            b.iter(|| design.tr_mul_bundle(&all, black_box(bundle), &mut out));
        });
    }
}

/// Columns of the set that a Gram row is taken against.
const SET: usize = 128;

fn gram_row(c: &mut Criterion) {
    let mut group = c.benchmark_group("gram_row");
    for (level, n, p) in [("l2", 100, 800), ("l3", 100, 5000), ("l3", 1000, 1000)] {
        let input = LazyCell::new(|| {
            let (x, set) = (gaussian(3, n, p), columns(4, p, SET));
            let design = Dense::try_new(x.as_ref()).expect("finite");
            let mut out = [0.0; SET];
            design.gram_row(7, &set, &mut out);
            assert_products(&design, &set, design.column(7), &out);
            (x, set)
        });
        group.throughput(Throughput::Bytes(8 * (n * SET) as u64));
        group.bench_function(BenchmarkId::new(level, format!("{n}x{p}")), |b| {
            let (x, set) = &*input;
            let design = Dense::try_new(x.as_ref()).expect("finite");
            let mut out = [0.0; SET];
            b.iter(|| design.gram_row(7, black_box(set), &mut out));
        });
    }
}

/// Products of two sparse columns by merging, in products a second.
fn sparse_gram_row(c: &mut Criterion) {
    let (n, p) = (2000, 10_000);
    let mut group = c.benchmark_group("sparse_gram_row");
    let input = LazyCell::new(|| {
        let (x, set) = (power_law(5, n, p, 200_000), columns(4, p, SET));
        let mut out = [0.0; SET];
        x.gram_row(set[0], &set, &mut out);
        assert_products(&x, &set, &column(&x, set[0]), &out);
        (x, set)
    });
    group.throughput(Throughput::Elements(SET as u64));
    group.bench_function(format!("{n}x{p}"), |b| {
        let (x, set) = &*input;
        let mut out = [0.0; SET];
        b.iter(|| x.gram_row(set[0], black_box(set), &mut out));
    });
}

/// XᵀX and XXᵀ, in multiply-adds a second of the full product; half of them would do.
fn gram(c: &mut Criterion) {
    let mut group = c.benchmark_group("gram");
    for (n, p) in [(1000, 100), (5000, 200), (100, 5000)] {
        let outer = n < p;
        let input = LazyCell::new(|| {
            let x = gaussian(3, n, p);
            let design = Dense::try_new(x.as_ref()).expect("finite");
            if outer {
                let rows = x.transpose().to_owned();
                let gram = design.outer_gram();
                let design = Dense::try_new(rows.as_ref()).expect("finite");
                assert_gram(&design, &gram);
            } else {
                assert_gram(&design, &design.gram());
            }
            x
        });
        let order = n.min(p);
        group.throughput(Throughput::Elements((n * p * order) as u64));
        let id = BenchmarkId::new(if outer { "outer" } else { "inner" }, format!("{n}x{p}"));
        group.bench_function(id, |b| {
            let design = Dense::try_new(input.as_ref()).expect("finite");
            if outer {
                b.iter(|| black_box(&design).outer_gram());
            } else {
                b.iter(|| black_box(&design).gram());
            }
        });
    }
}

/// Panics unless the columns of `gram` are the naive XᵀX.
fn assert_gram(x: &Dense, gram: &Mat<f64>) {
    let all: Vec<usize> = (0..x.ncols()).collect();
    for j in 0..x.ncols() {
        assert_products(x, &all, x.column(j), gram.col_as_slice(j));
    }
}

/// Xᵀv of compressed columns: 12 bytes an entry, v from cache.
fn csc_tr_mul(c: &mut Criterion) {
    let mut group = c.benchmark_group("csc_tr_mul");
    for (level, n, p, nnz) in [
        ("l2", 1000, 2000, 40_000),
        ("l3", 2000, 10_000, 200_000),
        ("memory", 20_000, 100_000, 6_000_000),
    ] {
        let input: LazyCell<(Csc, Vec<f64>), _> = LazyCell::new(|| {
            let (x, v) = (power_law(5, n, p, nnz), vector(1, n));
            let mut out = vec![0.0; p];
            x.tr_mul(&v, &mut out);
            for j in 0..p {
                let (rows, values) = x.column(j);
                let picked: Vec<f64> = rows.iter().map(|&i| v[i as usize]).collect();
                let scale = norm(values) * norm(&picked);
                assert_close(out[j], naive_dot(values, &picked), scale);
            }
            (x, v)
        });
        let entries: usize = power_law_counts(n, p, nnz).iter().sum();
        group.throughput(Throughput::Bytes(12 * entries as u64));
        group.bench_function(BenchmarkId::new(level, format!("{n}x{p}")), |b| {
            let (x, v) = &*input;
            let mut out = vec![0.0; p];
            b.iter(|| x.tr_mul(black_box(v), &mut out));
        });
    }
}

criterion_group! {
    name = benches;
    config = settings();
    targets = dot, axpy, tr_mul, tr_mul_bundle, gram_row, sparse_gram_row, gram, csc_tr_mul
}
criterion_main!(benches);
