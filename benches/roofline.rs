//! Kernels against the roofline: multiply-adds and bytes a second beside what the machine reads and computes at most, all
//! measured in this run. Prints a Markdown table; `cargo bench --package regpath-benches --bench roofline`.
//!
//! Williams, Waterman & Patterson (2009), Comm. ACM 52.

use std::hint::black_box;
use std::time::{Duration, Instant};

use pulp::{Arch, Simd, WithSimd};
use regpath_benches::{gaussian, power_law, vector};
use regpath_solvers::design::{Bundle, Dense, Design, kernels};

/// Time that each kernel gets.
const BUDGET: Duration = Duration::from_millis(400);
/// Vectors of a bundle: the look-ahead of the homotopy.
const VECTORS: usize = 8;

/// Independent multiply-adds that stay in registers.
struct PeakFma;

/// Sums that are in flight: more than latency times throughput of any present core.
const CHAINS: usize = 12;
const ROUNDS: usize = 20_000;

impl WithSimd for PeakFma {
    /// Multiply-adds that were done, and their sum, so that they are.
    type Output = (usize, f64);
    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> (usize, f64) {
        let (a, b) = (
            simd.splat_f64s(black_box(0.999_999)),
            simd.splat_f64s(black_box(1e-9)),
        );
        let mut sums = [b; CHAINS];
        for _ in 0..ROUNDS {
            for sum in &mut sums {
                *sum = simd.mul_add_f64s(a, *sum, b);
            }
        }
        let total = sums.into_iter().fold(b, |t, s| simd.add_f64s(t, s));
        (ROUNDS * CHAINS * S::F64_LANES, simd.reduce_sum_f64s(total))
    }
}

/// Median and range of the seconds of one call.
struct Seconds {
    low: f64,
    median: f64,
    high: f64,
}

fn time(mut call: impl FnMut()) -> Seconds {
    call();
    // So many calls between two looks at the clock that it does not matter.
    let watch = Instant::now();
    call();
    let once = watch.elapsed().as_secs_f64().max(1e-9);
    let batch = (2e-3 / once).ceil().max(1.0) as usize;
    let (start, mut samples) = (Instant::now(), Vec::new());
    while start.elapsed() < BUDGET || samples.len() < 5 {
        let watch = Instant::now();
        (0..batch).for_each(|_| call());
        samples.push(watch.elapsed().as_secs_f64() / batch as f64);
    }
    samples.sort_by(f64::total_cmp);
    Seconds {
        low: samples[0],
        median: samples[samples.len() / 2],
        high: samples[samples.len() - 1],
    }
}

struct Row {
    name: String,
    /// Multiply-adds of a call.
    fma: f64,
    /// Bytes of a call that come from beyond registers, each counted once.
    bytes: f64,
    seconds: Seconds,
}

fn row(name: impl Into<String>, fma: usize, bytes: usize, call: impl FnMut()) -> Row {
    Row {
        name: name.into(),
        fma: fma as f64,
        bytes: bytes as f64,
        seconds: time(call),
    }
}

fn peak_fma() -> Row {
    let (fma, _) = Arch::new().dispatch(PeakFma);
    row("peak multiply-add, registers alone", fma, 0, || {
        black_box(Arch::new().dispatch(PeakFma));
    })
}

/// The sum of more memory than caches hold.
fn memory_read() -> Row {
    let v = vec![1.0; 32 << 20];
    row("memory read, 256 MB", v.len(), 8 * v.len(), || {
        black_box(kernels::dot(&v, &v));
    })
}

fn vectors(rows: &mut Vec<Row>) {
    for (level, n) in [("L1", 1000), ("L2", 30_000), ("memory", 4 << 20)] {
        let (x, y) = (vector(1, n), vector(2, n));
        rows.push(row(format!("dot, {level}, n = {n}"), n, 16 * n, || {
            black_box(kernels::dot(black_box(&x), black_box(&y)));
        }));
        let mut sum = y.clone();
        rows.push(row(format!("axpy, {level}, n = {n}"), n, 24 * n, || {
            kernels::axpy(black_box(1e-9), black_box(&x), &mut sum);
        }));
    }
}

fn products<X: Design>(rows: &mut Vec<Row>, name: &str, x: &X, bytes: usize) {
    let (n, p) = (x.nrows(), x.ncols());
    let size = format!("{n} × {p}");
    let v = vector(3, n);
    let mut out = vec![0.0; p];
    rows.push(row(format!("{name} Xᵀr, {size}"), x.nnz(), bytes, || {
        x.tr_mul(black_box(&v), &mut out);
    }));
    let mut bundle = Bundle::zeros(n, VECTORS);
    for k in 0..VECTORS {
        bundle.set(k, &vector(4 + k as u64, n));
    }
    let all: Vec<usize> = (0..p).collect();
    let mut out = vec![0.0; p * bundle.width()];
    let fma = VECTORS * x.nnz();
    let name = format!("{name} Xᵀ[r₁ … r₈], {size}");
    rows.push(row(name, fma, bytes, || {
        x.tr_mul_bundle(&all, black_box(&bundle), &mut out);
    }));
}

/// 32 new columns against all: what a Gram matrix of candidates is made of.
fn gram_block(rows: &mut Vec<Row>) {
    let (n, p, new) = (4000, 1000, 32);
    let x = gaussian(5, n, p);
    let x = Dense::try_new(x.as_ref()).expect("finite");
    let mut bundle = Bundle::zeros(n, new);
    for k in 0..new {
        bundle.set(k, x.column(k));
    }
    let all: Vec<usize> = (0..p).collect();
    let mut out = vec![0.0; p * bundle.width()];
    let name = format!("Gram block, {n} × {p} by {new}");
    rows.push(row(name, n * p * new, 8 * n * p, || {
        x.tr_mul_bundle(&all, black_box(&bundle), &mut out);
    }));
}

fn main() {
    let (peak, read) = (peak_fma(), memory_read());
    let flops = 2.0 * peak.fma / peak.seconds.median;
    let bandwidth = read.bytes / read.seconds.median;
    let mut rows = vec![peak, read];
    vectors(&mut rows);
    for (n, p) in [(100, 800), (100, 5000), (100, 50_000), (1000, 10_000)] {
        let x = gaussian(6, n, p);
        let x = Dense::try_new(x.as_ref()).expect("finite");
        products(&mut rows, "dense", &x, 8 * n * p);
    }
    gram_block(&mut rows);
    let x = power_law(7, 20_000, 100_000, 1_000_000);
    products(&mut rows, "sparse", &x, 12 * x.nnz());

    println!(
        "One thread, {} vectors; medians, with the range of the samples in GFLOP/s.\n",
        kernels::simd_level()
    );
    println!("| kernel | GFLOP/s | range | of peak | GB/s | of memory read |");
    println!("|---|---:|---:|---:|---:|---:|");
    for row in &rows {
        let rate = |seconds: f64| 2e-9 * row.fma / seconds;
        let Seconds { low, median, high } = row.seconds;
        println!(
            "| {} | {:.1} | {:.1} … {:.1} | {:.0} % | {:.1} | {:.0} % |",
            row.name,
            rate(median),
            rate(high),
            rate(low),
            100.0 * 1e9 * rate(median) / flops,
            1e-9 * row.bytes / median,
            100.0 * row.bytes / median / bandwidth,
        );
    }
}
