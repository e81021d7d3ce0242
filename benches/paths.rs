//! Whole paths, setup included: 100 λ down to λ_max/100 at a relative gap of 1e-6.
//!
//! Before a path is timed it is judged point by point, and what it took is printed to stderr.

use std::hint::black_box;
use std::time::Duration;

use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, Criterion, SamplingMode, criterion_group, criterion_main};
use regpath_benches::{DenseInput, SparseInput, grid, judge, problem, settings, walk};
use regpath_solvers::design::Design;
use regpath_solvers::loss::Squared;
use regpath_solvers::penalty::{ElasticNet, L1, Penalty, Ridge};
use regpath_solvers::solver::{CoordinateDescent, Homotopy, RidgeClosedForm, Solver};

/// Dense equicorrelated designs, ρ = 0.5.
const SHAPES: [(usize, usize); 3] = [(1000, 100), (100, 1000), (100, 5000)];

/// The paths on one design.
struct Paths<'c, 'a, X> {
    group: BenchmarkGroup<'c, WallTime>,
    shape: &'a str,
    x: &'a X,
    y: &'a [f64],
}

impl<'c, 'a, X: Design> Paths<'c, 'a, X> {
    /// Ten samples of as many paths as fit into a second.
    fn new(c: &'c mut Criterion, shape: &'a str, x: &'a X, y: &'a [f64]) -> Self {
        let mut group = c.benchmark_group(format!("path_{shape}"));
        group
            .sample_size(10)
            .sampling_mode(SamplingMode::Flat)
            .measurement_time(Duration::from_secs(1));
        Self { group, shape, x, y }
    }

    /// Judges once, when the first sample asks for it, and times.
    fn time<P: Penalty>(&mut self, name: &str, penalty: P, solver: impl Solver<X, Squared, P>) {
        let problem = problem(self.x, self.y, penalty);
        let (grid, lambda_max) = (grid(&problem), problem.lambda_max());
        let full_name = format!("{} {name}", self.shape);
        let mut judged = false;
        self.group.bench_function(name, |b| {
            if !std::mem::replace(&mut judged, true) {
                let took = judge(&solver, &problem, &grid, lambda_max);
                eprintln!("{full_name}: {took}");
            }
            b.iter(|| {
                walk(&solver, &problem, &grid, lambda_max, |_, beta, outcome| {
                    black_box((beta, outcome));
                });
            });
        });
    }
}

fn paths(c: &mut Criterion) {
    let enet = ElasticNet::new(0.5).expect("alpha is in [0, 1]");
    for (n, p) in SHAPES {
        let input = DenseInput::equicorrelated(10, n, p, 0.5);
        let (shape, x) = (format!("{n}x{p}"), input.design());
        let mut paths = Paths::new(c, &shape, &x, &input.y);
        paths.time("lasso/homotopy", L1, Homotopy::default());
        paths.time("lasso/default", L1, CoordinateDescent::default());
        paths.time("lasso/plain", L1, CoordinateDescent::plain());
        paths.time("elastic_net/default", enet, CoordinateDescent::default());
        paths.time("elastic_net/plain", enet, CoordinateDescent::plain());
        paths.time("ridge/closed_form", Ridge, RidgeClosedForm);
    }
    // Plain sweeps are the default here: residual updates know no exact steps.
    let input = SparseInput::power_law(20, 2000, 10_000, 200_000);
    let x = input.design();
    let mut paths = Paths::new(c, "sparse_2000x10000", &x, &input.y);
    paths.time("lasso/default", L1, CoordinateDescent::default());
    paths.time("elastic_net/default", enet, CoordinateDescent::default());
}

criterion_group! {
    name = benches;
    config = settings();
    targets = paths
}
criterion_main!(benches);
