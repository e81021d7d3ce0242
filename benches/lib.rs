//! Inputs, judgements and settings that the benches share.
//!
//! Every input is a function of its arguments alone: each draws from a stream of its own of one seeded generator, so an
//! input stays the same when another bench is added. Designs of solves and paths are centred and standardised, as the
//! solvers see them.

use std::time::Duration;

use criterion::Criterion;
use faer::{Mat, Par};
use rand::SeedableRng;
use rand::seq::{SliceRandom, index};
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};
use regpath_solvers::certificate::certify;
use regpath_solvers::design::{Csc, Dense, Design, Standardized};
use regpath_solvers::grid::Grid;
use regpath_solvers::loss::Squared;
use regpath_solvers::path::WarmPath;
use regpath_solvers::penalty::Penalty;
use regpath_solvers::prepare::{Options, Preparation};
use regpath_solvers::problem::Problem;
use regpath_solvers::solver::{Outcome, Setup, Solver, Status, Stop};

const SEED: u64 = 20_100_131;

/// Signal to noise ratio of all responses, in variances, as in the timings of Friedman, Hastie & Tibshirani (2010).
const SNR: f64 = 3.0;

/// Number of λ of a path.
pub const N_LAMBDA: usize = 100;

/// λ_min / λ_max of a path.
pub const RATIO: f64 = 1e-2;

/// One thread, so that a factorisation costs what it costs inside a sweep, and few and short samples: all benches
/// together stay under three minutes.
pub fn settings() -> Criterion {
    faer::set_global_parallelism(Par::Seq);
    Criterion::default()
        .sample_size(12)
        .warm_up_time(Duration::from_millis(150))
        .measurement_time(Duration::from_millis(600))
        .nresamples(10_000)
}

fn rng(stream: u64) -> ChaCha8Rng {
    let mut rng = ChaCha8Rng::seed_from_u64(SEED);
    rng.set_stream(stream);
    rng
}

fn normals(rng: &mut ChaCha8Rng, len: usize) -> Vec<f64> {
    (0..len).map(|_| StandardNormal.sample(rng)).collect()
}

/// `len` draws of N(0, 1).
pub fn vector(stream: u64, len: usize) -> Vec<f64> {
    normals(&mut rng(stream), len)
}

/// n × p draws of N(0, 1).
pub fn gaussian(stream: u64, n: usize, p: usize) -> Mat<f64> {
    let mut rng = rng(stream);
    Mat::from_fn(n, p, |_, _| StandardNormal.sample(&mut rng))
}

/// `len` different columns out of p in random order, as the members of a working set lie in memory.
pub fn columns(stream: u64, p: usize, len: usize) -> Vec<usize> {
    index::sample(&mut rng(stream), p, len).into_vec()
}

/// Entries of the columns of [`power_law`], the fullest first: they fall like rank^(−3/4) from at most n/4 to at least 1
/// and sum to about `nnz`.
pub fn power_law_counts(n: usize, p: usize, nnz: usize) -> Vec<usize> {
    let weights: Vec<f64> = (1..=p).map(|rank| (rank as f64).powf(-0.75)).collect();
    let unit = nnz as f64 / weights.iter().sum::<f64>();
    weights
        .iter()
        .map(|w| ((w * unit).round() as usize).clamp(1, n / 4))
        .collect()
}

/// Sparse columns filled as unevenly as word counts: [`power_law_counts`] in random order, rows uniform without
/// replacement, values N(0, 1).
pub fn power_law(stream: u64, n: usize, p: usize, nnz: usize) -> Csc {
    let mut rng = rng(stream);
    let mut counts = power_law_counts(n, p, nnz);
    counts.shuffle(&mut rng);
    let (mut indptr, mut indices) = (vec![0], Vec::with_capacity(nnz));
    for count in counts {
        let start = indices.len();
        indices.extend(
            index::sample(&mut rng, n, count)
                .into_iter()
                .map(|i| i as u32),
        );
        indices[start..].sort_unstable();
        indptr.push(indices.len());
    }
    let values = normals(&mut rng, indices.len());
    Csc::try_new(n, p, indptr, indices, values).expect("sorted rows within range")
}

/// A dense regression, prepared.
pub struct DenseInput {
    /// n × p, columns of mean 0 and deviation 1.
    pub x: Mat<f64>,
    /// Length n, mean 0.
    pub y: Vec<f64>,
}

impl DenseInput {
    /// x_ij = √ρ u_i + √(1−ρ) z_ij, any two columns correlated ρ; β_j = (−1)^j exp(−(j−1)/10).
    /// [Friedman, Hastie & Tibshirani 2010, JSS 33(1), §5.1]
    pub fn equicorrelated(stream: u64, n: usize, p: usize, rho: f64) -> Self {
        let mut rng = rng(stream);
        let common = normals(&mut rng, n);
        let mut x = Mat::from_fn(n, p, |i, _| {
            let own: f64 = StandardNormal.sample(&mut rng);
            rho.sqrt() * common[i] + (1.0 - rho).sqrt() * own
        });
        let beta: Vec<f64> = (0..p)
            .map(|j| if j % 2 == 0 { -1.0 } else { 1.0 } * (-(j as f64) / 10.0).exp())
            .collect();
        let design = Dense::try_new(x.as_ref()).expect("normal draws are finite");
        let y = response(&design, &beta, &mut rng);
        let preparation =
            Preparation::new(&design, &y, Options::default()).expect("data that vary");
        let y = preparation.response(&y);
        preparation.apply(&mut x);
        Self { x, y }
    }

    /// The design.
    pub fn design(&self) -> Dense<'_> {
        Dense::try_new(self.x.as_ref()).expect("prepared columns are finite")
    }
}

/// The design of a [`SparseInput`].
pub type SparseDesign<'a> = Standardized<'a, Csc>;

/// A sparse regression whose centring and scaling stay implicit.
pub struct SparseInput {
    x: Csc,
    preparation: Preparation,
    /// Length n, mean 0.
    pub y: Vec<f64>,
}

impl SparseInput {
    /// [`power_law`] columns of which 100, at random, have coefficients N(0, 1).
    pub fn power_law(stream: u64, n: usize, p: usize, nnz: usize) -> Self {
        let x = power_law(stream, n, p, nnz);
        let mut rng = rng(stream + 1);
        let mut beta = vec![0.0; p];
        for j in index::sample(&mut rng, p, 100) {
            beta[j] = StandardNormal.sample(&mut rng);
        }
        let y = response(&x, &beta, &mut rng);
        let preparation = Preparation::new(&x, &y, Options::default()).expect("data that vary");
        let y = preparation.response(&y);
        Self { x, preparation, y }
    }

    /// The design, centred and scaled on the fly.
    pub fn design(&self) -> SparseDesign<'_> {
        Standardized::new(&self.x, &self.preparation.scaling)
    }
}

/// Xβ + e with Var(Xβ) / Var(e) = [`SNR`] in the sample.
fn response<X: Design>(x: &X, beta: &[f64], rng: &mut ChaCha8Rng) -> Vec<f64> {
    let mut y = vec![0.0; x.nrows()];
    x.mul(beta, &mut y);
    let mean = y.iter().sum::<f64>() / y.len() as f64;
    let variance = y.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / y.len() as f64;
    let noise = (variance / SNR).sqrt();
    for (y, e) in y.iter_mut().zip(normals(rng, x.nrows())) {
        *y += noise * e;
    }
    y
}

/// The problem of squared loss on prepared data.
pub fn problem<'a, X: Design, P: Penalty>(
    x: &'a X,
    y: &'a [f64],
    penalty: P,
) -> Problem<'a, X, Squared, P> {
    Problem::new(x, y, Squared, penalty).expect("shapes agree")
}

/// The grid of a path: [`N_LAMBDA`] values down to [`RATIO`].
pub fn grid<X: Design, P: Penalty>(problem: &Problem<X, Squared, P>) -> Grid {
    let start = Grid::start(problem.max_gradient(), problem.penalty.alpha());
    Grid::geometric(start, RATIO, N_LAMBDA).expect("y is not orthogonal to X")
}

/// A whole path, setup included; `visit` sees λ, β and outcome of each step. What is timed and what is judged are this
/// function with different visitors.
pub fn walk<X: Design, P: Penalty, S: Solver<X, Squared, P>>(
    solver: &S,
    problem: &Problem<X, Squared, P>,
    grid: &Grid,
    lambda_max: f64,
    mut visit: impl FnMut(f64, &[f64], Outcome),
) {
    let setup = solver.setup(problem).expect("a problem within limits");
    let mut path = WarmPath::new(solver, problem, &setup, lambda_max);
    path.announce(grid.as_slice());
    for &lambda in grid.as_slice() {
        let outcome = path.step(lambda, Stop::default());
        visit(lambda, path.beta(), outcome);
    }
}

/// Walks once and panics unless every point converged and is certified to the tolerance; a line on what it took.
pub fn judge<X: Design, P: Penalty, S: Solver<X, Squared, P>>(
    solver: &S,
    problem: &Problem<X, Squared, P>,
    grid: &Grid,
    lambda_max: f64,
) -> String {
    let null_loss = problem.null_loss();
    let setup = solver.setup(problem).expect("a problem within limits");
    let mut work = setup.work();
    let (mut worst, mut nonzeros) = (0.0f64, 0);
    walk(
        solver,
        problem,
        grid,
        lambda_max,
        |lambda, beta, outcome| {
            assert_eq!(outcome.status, Status::Converged, "at lambda {lambda}");
            let certificate = certify(problem, beta, lambda);
            worst = worst.max(certificate.relative_gap(null_loss));
            nonzeros = certificate.nonzeros;
            work += outcome.work;
        },
    );
    let tol = Stop::default().tol;
    assert!(
        worst <= tol,
        "worst certified gap {worst:e} is above {tol:e}"
    );
    format!(
        "{}; worst gap {worst:.1e}, {nonzeros} non-zeros at the end, {} epochs, {} updates, {} support steps, {} passes, \
         {} Gram columns, {} violations",
        setup.rule(),
        work.epochs,
        work.coord_updates,
        work.support_steps,
        work.passes,
        work.gram_columns,
        work.kkt_violations
    )
}

/// Panics unless both agree to 1e-12 relative to `scale`, the size of what was summed.
pub fn assert_close(found: f64, expected: f64, scale: f64) {
    assert!(
        (found - expected).abs() <= 1e-12 * scale,
        "found {found:e}, expected {expected:e}"
    );
}

/// aᵀb, added up in order.
pub fn naive_dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// ‖v‖.
pub fn norm(v: &[f64]) -> f64 {
    naive_dot(v, v).sqrt()
}

/// Column j written out with its zeros.
pub fn column<X: Design>(x: &X, j: usize) -> Vec<f64> {
    let mut column = vec![0.0; x.nrows()];
    x.col_axpy(j, 1.0, &mut column);
    column
}

/// Panics unless `found[i]` is the naive x_jᵀv, j = `set[i]`.
pub fn assert_products<X: Design>(x: &X, set: &[usize], v: &[f64], found: &[f64]) {
    for (&j, &found) in set.iter().zip(found) {
        let column = column(x, j);
        assert_close(found, naive_dot(&column, v), norm(&column) * norm(v));
    }
}
