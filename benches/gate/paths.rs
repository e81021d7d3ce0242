//! Whole small paths, setup included, certified point by point: every solver on every kind of data for which it has a route
//! of its own.

use std::hint::black_box;

use regpath_benches::{
    DenseInput, SparseDesign, SparseInput, gaussian, judge, problem, vector, walk,
};
use regpath_solvers::design::{Dense, Design};
use regpath_solvers::grid::Grid;
use regpath_solvers::loss::Squared;
use regpath_solvers::penalty::{ElasticNet, L1, Penalty, Ridge};
use regpath_solvers::solver::{
    CoordinateDescent, Homotopy, ProximalGradient, RidgeClosedForm, Solver, Source, Stop,
};

use crate::Benchmark;
use crate::meter::Meter;

pub const ALL: &[Benchmark] = &[
    Benchmark::timed("path/wide-60x400/lasso/homotopy", |meter| {
        wide(meter, L1, Homotopy::default());
    }),
    Benchmark::counted("path/wide-60x400/lasso/homotopy-no-look-ahead", |meter| {
        let look_ahead = 1;
        wide(
            meter,
            L1,
            Homotopy {
                look_ahead,
                ..Homotopy::FULL
            },
        );
    }),
    Benchmark::counted("path/wide-60x400/lasso/homotopy-gram-block", |meter| {
        let source = Some(Source::Block);
        wide(
            meter,
            L1,
            Homotopy {
                source,
                ..Homotopy::FULL
            },
        );
    }),
    Benchmark::timed("path/wide-60x400/lasso/coordinate-descent", |meter| {
        wide(meter, L1, CoordinateDescent::default());
    }),
    Benchmark::counted("path/wide-60x400/lasso/coordinate-descent-plain", |meter| {
        wide(meter, L1, CoordinateDescent::plain());
    }),
    Benchmark::timed("path/wide-60x400/elastic-net/coordinate-descent", |meter| {
        wide(meter, half(), CoordinateDescent::default());
    }),
    Benchmark::timed("path/wide-60x400/ridge/closed-form", |meter| {
        wide(meter, Ridge, RidgeClosedForm);
    }),
    Benchmark::timed("path/tall-800x60/lasso/homotopy", |meter| {
        tall(meter, L1, Homotopy::default());
    }),
    Benchmark::timed("path/tall-800x60/lasso/coordinate-descent", |meter| {
        tall(meter, L1, CoordinateDescent::default());
    }),
    Benchmark::counted("path/tall-800x60/elastic-net/coordinate-descent", |meter| {
        tall(meter, half(), CoordinateDescent::default());
    }),
    Benchmark::counted("path/tall-800x60/ridge/closed-form", |meter| {
        tall(meter, Ridge, RidgeClosedForm);
    }),
    Benchmark::counted("path/small-200x30/lasso/fista-restart", |meter| {
        small(meter, L1, ProximalGradient::fista_restart());
    }),
    Benchmark::timed("path/sparse-400x1500/lasso/coordinate-descent", |meter| {
        sparse(meter, L1, CoordinateDescent::default());
    }),
    Benchmark::counted("path/sparse-400x1500/lasso/homotopy", |meter| {
        sparse(meter, L1, Homotopy::default());
    }),
    Benchmark::counted(
        "path/sparse-400x1500/elastic-net/coordinate-descent",
        |meter| {
            sparse(meter, half(), CoordinateDescent::default());
        },
    ),
    Benchmark::counted("path/dense-120x300/fit", fit),
];

fn half() -> ElasticNet {
    ElasticNet::new(0.5).expect("alpha is in [0, 1]")
}

fn wide<P: Penalty, S>(meter: &mut Meter, penalty: P, solver: S)
where
    S: for<'a> Solver<Dense<'a>, Squared, P>,
{
    let input = DenseInput::equicorrelated(10, 60, 400, 0.5);
    path(meter, &input.design(), &input.y, penalty, &solver);
}

fn tall<P: Penalty, S>(meter: &mut Meter, penalty: P, solver: S)
where
    S: for<'a> Solver<Dense<'a>, Squared, P>,
{
    let input = DenseInput::equicorrelated(10, 800, 60, 0.5);
    path(meter, &input.design(), &input.y, penalty, &solver);
}

/// For solvers whose every step is a pass over X.
fn small<P: Penalty, S>(meter: &mut Meter, penalty: P, solver: S)
where
    S: for<'a> Solver<Dense<'a>, Squared, P>,
{
    let input = DenseInput::equicorrelated(10, 200, 30, 0.5);
    path(meter, &input.design(), &input.y, penalty, &solver);
}

fn sparse<P: Penalty, S>(meter: &mut Meter, penalty: P, solver: S)
where
    S: for<'a> Solver<SparseDesign<'a>, Squared, P>,
{
    let input = SparseInput::power_law(20, 400, 1500, 12_000);
    path(meter, &input.design(), &input.y, penalty, &solver);
}

/// λ of a path, and λ_min / λ_max: short, since a profiler takes some fifty times as long as the path.
const LAMBDAS: usize = 30;
const RATIO: f64 = 0.05;

/// What is measured walks past β; what is certified is walked again.
fn path<X: Design, P: Penalty, S: Solver<X, Squared, P>>(
    meter: &mut Meter,
    x: &X,
    y: &[f64],
    penalty: P,
    solver: &S,
) {
    let problem = problem(x, y, penalty);
    let start = Grid::start(problem.max_gradient(), problem.penalty.alpha());
    let grid = Grid::geometric(start, RATIO, LAMBDAS).expect("y is not orthogonal to X");
    let lambda_max = problem.lambda_max();
    meter.measure(|| {
        walk(solver, &problem, &grid, lambda_max, |_, beta, outcome| {
            black_box((beta, outcome));
        });
    });
    judge(solver, &problem, &grid, lambda_max);
}

/// The lasso as a user of the library calls it, preparation and coefficients of every λ included.
fn fit(meter: &mut Meter) {
    let (n, p) = (120, 300);
    let (x, noise) = (gaussian(30, n, p), vector(31, n));
    let y: Vec<f64> = (0..n)
        .map(|i| 2.0 * x[(i, 0)] - x[(i, 7)] + noise[i])
        .collect();
    let mut gap = f64::NAN;
    meter.measure(|| {
        let fitted = regpath_solvers::lasso().fit(x.as_ref(), black_box(&y));
        gap = fitted.expect("data without defects").worst_gap();
    });
    assert!(gap <= Stop::default().tol, "gap {gap:e}");
}
