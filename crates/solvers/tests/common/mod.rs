//! Random problems and path runners that the integration tests share.

#![allow(dead_code, reason = "each test file uses a part")]

use faer::Mat;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};
use regpath_solvers::certificate::{Certificate, certify};
use regpath_solvers::design::{Csc, Design};
use regpath_solvers::loss::Loss;
use regpath_solvers::path::WarmPath;
use regpath_solvers::penalty::Penalty;
use regpath_solvers::problem::Problem;
use regpath_solvers::solver::{Outcome, Solver, Stop};

/// A generator that depends on the seed alone.
pub fn rng(seed: u64) -> ChaCha8Rng {
    ChaCha8Rng::seed_from_u64(seed)
}

pub fn normal(rng: &mut ChaCha8Rng) -> f64 {
    StandardNormal.sample(rng)
}

pub fn normals(rng: &mut ChaCha8Rng, len: usize) -> Vec<f64> {
    (0..len).map(|_| normal(rng)).collect()
}

/// What is awkward about the columns of a random design.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Columns {
    /// Independent standard normal entries.
    Gaussian,
    /// Entries −2 … 2, so that correlations tie.
    Integer,
    /// A product of thin factors: rank far below min(n, p).
    LowRank,
    /// Every column stands there twice or thrice, some with the other sign.
    Duplicated,
    /// Some columns zero, some constant.
    Degenerate,
    /// Four entries out of five are zero.
    Sparse,
    /// Pairs of columns that differ by 1e-4.
    NearlyCollinear,
    /// Columns on scales from 1e-3 to 1e3.
    Scaled,
    /// Columns with means far from 0.
    Offset,
    /// All pairwise correlations 0.9.
    Equicorrelated,
}

impl Columns {
    pub const ALL: [Self; 10] = [
        Self::Gaussian,
        Self::Integer,
        Self::LowRank,
        Self::Duplicated,
        Self::Degenerate,
        Self::Sparse,
        Self::NearlyCollinear,
        Self::Scaled,
        Self::Offset,
        Self::Equicorrelated,
    ];

    /// n × p.
    pub fn draw(self, rng: &mut ChaCha8Rng, n: usize, p: usize) -> Mat<f64> {
        let mut x = Mat::from_fn(n, p, |_, _| normal(rng));
        match self {
            Self::Gaussian => {}
            Self::Integer => x = Mat::from_fn(n, p, |_, _| rng.random_range(-2..=2) as f64),
            Self::LowRank => {
                let rank = 1 + n.min(p) / 3;
                let left = Mat::from_fn(n, rank, |_, _| normal(rng));
                let right = Mat::from_fn(rank, p, |_, _| normal(rng));
                x = left * right;
            }
            Self::Duplicated => {
                let distinct = p.div_ceil(3);
                for j in distinct..p {
                    let sign = if rng.random_bool(0.3) { -1.0 } else { 1.0 };
                    for i in 0..n {
                        x[(i, j)] = sign * x[(i, j % distinct)];
                    }
                }
            }
            Self::Degenerate => {
                for j in 0..p {
                    match rng.random_range(0..4) {
                        0 => x.col_as_slice_mut(j).fill(0.0),
                        1 => x.col_as_slice_mut(j).fill(1.7),
                        _ => {}
                    }
                }
            }
            Self::Sparse => {
                for j in 0..p {
                    for i in 0..n {
                        if rng.random_bool(0.8) {
                            x[(i, j)] = 0.0;
                        }
                    }
                }
            }
            Self::NearlyCollinear => {
                for j in (1..p).step_by(2) {
                    for i in 0..n {
                        x[(i, j)] = x[(i, j - 1)] + 1e-4 * x[(i, j)];
                    }
                }
            }
            Self::Scaled => {
                for j in 0..p {
                    let scale = 10f64.powi(rng.random_range(-3..=3));
                    x.col_as_slice_mut(j).iter_mut().for_each(|v| *v *= scale);
                }
            }
            Self::Offset => {
                for j in 0..p {
                    let offset = 100.0 * normal(rng);
                    x.col_as_slice_mut(j).iter_mut().for_each(|v| *v += offset);
                }
            }
            Self::Equicorrelated => {
                let common = normals(rng, n);
                for j in 0..p {
                    for i in 0..n {
                        x[(i, j)] = 0.1f64.sqrt() * x[(i, j)] + 0.9f64.sqrt() * common[i];
                    }
                }
            }
        }
        x
    }
}

/// A response with a sparse signal in X and noise; whole numbers where X has them, so that ties survive.
pub fn response(rng: &mut ChaCha8Rng, x: &Mat<f64>, noise: f64) -> Vec<f64> {
    let (n, p) = (x.nrows(), x.ncols());
    let mut y: Vec<f64> = normals(rng, n).iter().map(|e| noise * e).collect();
    for _ in 0..3.min(p) {
        let (j, b) = (rng.random_range(0..p), 2.0 * normal(rng));
        let size = x
            .col_as_slice(j)
            .iter()
            .fold(1e-300f64, |m, v| m.max(v.abs()));
        for i in 0..n {
            y[i] += b * x[(i, j)] / size;
        }
    }
    if y.iter().all(|v| *v == y[0]) {
        y[0] += 1.0;
    }
    y
}

/// The entries of x that are not 0.
pub fn csc(x: &Mat<f64>) -> Csc {
    let mut indptr = vec![0];
    let (mut indices, mut values) = (Vec::new(), Vec::new());
    for j in 0..x.ncols() {
        for (i, &v) in x.col_as_slice(j).iter().enumerate() {
            if v != 0.0 {
                indices.push(i as u32);
                values.push(v);
            }
        }
        indptr.push(values.len());
    }
    Csc::try_new(x.nrows(), x.ncols(), indptr, indices, values).expect("valid storage")
}

/// One solved λ.
#[derive(Clone, Debug)]
pub struct Point {
    pub lambda: f64,
    pub beta: Vec<f64>,
    pub outcome: Outcome,
    pub certificate: Certificate,
}

/// A warm path over the given λ.
pub fn walk<X: Design, L: Loss, P: Penalty, S: Solver<X, L, P>>(
    solver: &S,
    problem: &Problem<X, L, P>,
    lambdas: &[f64],
    stop: Stop,
) -> Vec<Point> {
    let setup = solver.setup(problem).expect("solver takes the problem");
    let mut path = WarmPath::new(solver, problem, &setup, problem.lambda_max());
    path.announce(lambdas);
    lambdas
        .iter()
        .map(|&lambda| {
            let outcome = path.step(lambda, stop);
            let beta = path.beta().to_vec();
            let certificate = certify(problem, &beta, lambda);
            Point {
                lambda,
                beta,
                outcome,
                certificate,
            }
        })
        .collect()
}

/// The last point of [`walk`] over one λ.
pub fn solve<X: Design, L: Loss, P: Penalty, S: Solver<X, L, P>>(
    solver: &S,
    problem: &Problem<X, L, P>,
    lambda: f64,
    tol: f64,
) -> Point {
    walk(solver, problem, &[lambda], stop(tol))
        .pop()
        .expect("one lambda gives one point")
}

pub fn stop(tol: f64) -> Stop<'static> {
    Stop {
        tol,
        ..Stop::default()
    }
}

/// max_i |a_i − b_i| / max(1, max_i |b_i|).
pub fn distance(a: &[f64], b: &[f64]) -> f64 {
    assert_eq!(a.len(), b.len());
    let size = b.iter().fold(1.0f64, |m, v| m.max(v.abs()));
    a.iter()
        .zip(b)
        .fold(0.0f64, |m, (a, b)| m.max((a - b).abs()))
        / size
}
