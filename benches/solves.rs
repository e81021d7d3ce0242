//! Single solves: epochs of proximal gradient, one λ of coordinate descent cold and warm, ridge in closed form.

use std::cell::LazyCell;
use std::hint::black_box;

use criterion::{BatchSize, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use faer::Side;
use regpath_benches::{DenseInput, SparseInput, grid, problem, settings};
use regpath_solvers::certificate::certify;
use regpath_solvers::design::Design;
use regpath_solvers::loss::Squared;
use regpath_solvers::path::WarmPath;
use regpath_solvers::penalty::{L1, Penalty, Ridge, soft_threshold};
use regpath_solvers::problem::Problem;
use regpath_solvers::solver::{
    CoordinateDescent, ProximalGradient, RidgeFactor, Solver, State, Status, Stop,
};

/// Dense equicorrelated designs, ρ = 0.5.
const SHAPES: [(usize, usize); 3] = [(1000, 100), (100, 1000), (100, 5000)];
/// Epochs of one timed solve of proximal gradient; the check after the last costs one more product with Xᵀ.
const EPOCHS: usize = 20;
/// Position in a grid of 100 λ down to λ_max/100 at which single solves are timed: about λ_max/10.
const POSITION: usize = 50;

fn dense(n: usize, p: usize) -> DenseInput {
    DenseInput::equicorrelated(10, n, p, 0.5)
}

/// `EPOCHS` steps of ISTA as in the textbook, from β = 0.
fn naive_ista<X: Design>(problem: &Problem<X, Squared, L1>, lambda: f64) -> Vec<f64> {
    let (x, n, p) = (problem.x, problem.x.nrows(), problem.x.ncols());
    let gram = if p <= n { x.gram() } else { x.outer_gram() };
    let eigenvalues = gram
        .self_adjoint_eigenvalues(Side::Lower)
        .expect("a Gram matrix");
    let lipschitz = eigenvalues.iter().fold(0.0f64, |m, &v| m.max(v)) / n as f64;
    let mut beta = vec![0.0; p];
    for _ in 0..EPOCHS {
        let mut r = problem.y.to_vec();
        for j in 0..p {
            x.col_axpy(j, -beta[j], &mut r);
        }
        for j in 0..p {
            let slope = x.col_dot(j, &r) / n as f64;
            beta[j] = soft_threshold(beta[j] + slope / lipschitz, lambda / lipschitz);
        }
    }
    beta
}

fn proximal_gradient(c: &mut Criterion) {
    let mut group = c.benchmark_group("proximal_gradient_epochs");
    group.throughput(Throughput::Elements(EPOCHS as u64));
    let stop = Stop {
        tol: 0.0,
        max_epochs: EPOCHS,
        cancel: None,
    };
    for (n, p) in [(1000, 100), (100, 5000)] {
        let input = LazyCell::new(|| {
            let input = dense(n, p);
            let x = input.design();
            let problem = problem(&x, &input.y, L1);
            let (solver, lambda) = (
                ProximalGradient::ista(),
                grid(&problem).as_slice()[POSITION],
            );
            let setup = solver.setup(&problem).expect("within limits");
            let mut state = solver.start(&problem, &setup);
            let outcome = solver.solve(&problem, &setup, lambda, stop, &mut state);
            assert_eq!(outcome.work.epochs, EPOCHS as u64);
            let expected = naive_ista(&problem, lambda);
            assert!(expected.iter().any(|&b| b != 0.0));
            for (found, expected) in state.beta().iter().zip(expected) {
                assert!(
                    (found - expected).abs() <= 1e-10,
                    "{found} is not {expected}"
                );
            }
            // FISTA has no shorter form than itself: it is held to the certificate.
            let solver = ProximalGradient::fista();
            let mut state = solver.start(&problem, &setup);
            let outcome = solver.solve(&problem, &setup, lambda, Stop::default(), &mut state);
            assert_eq!(outcome.status, Status::Converged);
            assert_certified(&problem, state.beta(), lambda);
            input
        });
        for (name, solver) in [
            ("ista", ProximalGradient::ista()),
            ("fista", ProximalGradient::fista()),
        ] {
            group.bench_function(BenchmarkId::new(name, format!("{n}x{p}")), |b| {
                let x = input.design();
                let problem = problem(&x, &input.y, L1);
                let lambda = grid(&problem).as_slice()[POSITION];
                let setup = solver.setup(&problem).expect("within limits");
                b.iter_batched_ref(
                    || solver.start(&problem, &setup),
                    |state| solver.solve(&problem, &setup, lambda, stop, state),
                    BatchSize::SmallInput,
                );
            });
        }
    }
}

/// Panics unless β is certified to the default tolerance.
fn assert_certified<X: Design, P: Penalty>(
    problem: &Problem<X, Squared, P>,
    beta: &[f64],
    lambda: f64,
) {
    let gap = certify(problem, beta, lambda).relative_gap(problem.null_loss());
    assert!(gap <= Stop::default().tol, "gap {gap:e}");
}

/// One λ from β = 0 and from the λ before; the warm path up to there is walked outside the clock.
fn cold_and_warm<X: Design>(c: &mut Criterion, name: &str, x: &X, y: &[f64]) {
    let mut group = c.benchmark_group("coordinate_descent_lambda");
    let solver = CoordinateDescent::default();
    let problem = problem(x, y, L1);
    let (grid, lambda_max) = (grid(&problem), problem.lambda_max());
    let (before, lambda) = (&grid.as_slice()[..POSITION], grid.as_slice()[POSITION]);
    let setup = solver.setup(&problem).expect("within limits");
    for (kind, before) in [("cold", &[][..]), ("warm", before)] {
        let start = || {
            let mut path = WarmPath::new(&solver, &problem, &setup, lambda_max);
            for &lambda in before {
                path.step(lambda, Stop::default());
            }
            path
        };
        let mut path = start();
        path.step(lambda, Stop::default());
        assert_certified(&problem, path.beta(), lambda);
        group.bench_function(BenchmarkId::new(kind, name), |b| {
            b.iter_batched_ref(
                start,
                |path| path.step(lambda, Stop::default()),
                BatchSize::PerIteration,
            );
        });
    }
}

fn coordinate_descent(c: &mut Criterion) {
    for (n, p) in SHAPES {
        let input = dense(n, p);
        cold_and_warm(c, &format!("{n}x{p}"), &input.design(), &input.y);
    }
    let input = SparseInput::power_law(20, 2000, 10_000, 200_000);
    cold_and_warm(c, "sparse_2000x10000", &input.design(), &input.y);
}

fn ridge(c: &mut Criterion) {
    for (n, p) in SHAPES {
        let input = dense(n, p);
        let x = input.design();
        let problem = problem(&x, &input.y, Ridge);
        let lambda = grid(&problem).as_slice()[POSITION];
        let factor = RidgeFactor::new(&x, &input.y).expect("within limits");
        let mut beta = vec![0.0; p];
        factor.coefficients(&x, lambda, &mut beta);
        assert_certified(&problem, &beta, lambda);
        let mut group = c.benchmark_group("ridge");
        group.bench_function(BenchmarkId::new("factor", format!("{n}x{p}")), |b| {
            b.iter(|| RidgeFactor::new(black_box(&x), &input.y));
        });
        group.bench_function(BenchmarkId::new("lambda", format!("{n}x{p}")), |b| {
            b.iter(|| factor.coefficients(&x, black_box(lambda), &mut beta));
        });
    }
}

criterion_group! {
    name = benches;
    config = settings();
    targets = proximal_gradient, coordinate_descent, ridge
}
criterion_main!(benches);
