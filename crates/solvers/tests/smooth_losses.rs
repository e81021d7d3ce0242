//! Huber's and the logistic loss: proximal Newton against accelerated proximal gradient, against an interior point, and against what
//! must hold of any path.

mod common;

use clarabel::algebra::CscMatrix;
use clarabel::solver::{
    DefaultSettingsBuilder, DefaultSolver, IPSolver, NonnegativeConeT, SolverStatus, ZeroConeT,
};
use common::{Columns, csc, distance, normal, response, rng};
use faer::Mat;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use regpath_solvers::certificate::{Certificate, certify};
use regpath_solvers::design::{Dense, Design, Standardized, WithOnes};
use regpath_solvers::loss::{
    CurvedLoss, Huber, Logistic, LossKind, Observed, PointwiseSmooth, Squared,
};
use regpath_solvers::path::WarmPath;
use regpath_solvers::penalty::{Bounded, ElasticNet, L1, PerCoordinate, Ridge, Separable};
use regpath_solvers::prepare::{Options, Preparation, Weights};
use regpath_solvers::problem::Problem;
use regpath_solvers::solver::{
    CoordinateDescent, ProximalGradient, ProximalNewton, Solver, Status, Stop,
};
use regpath_solvers::validation::{Folds, InTurn};
use regpath_solvers::{NullModel, PathBuilder, SolveError, elastic_net, lasso, ridge};

const FREE: [f64; 2] = [f64::NEG_INFINITY, f64::INFINITY];
/// Relative gap that every point is asked for.
const TOL: f64 = 1e-8;

struct Point {
    beta: Vec<f64>,
    status: Status,
    certificate: Certificate,
}

fn walk<X: Design, L: CurvedLoss, P: Separable, S: Solver<X, L, P>>(
    solver: &S,
    problem: &Problem<X, L, P>,
    lambdas: &[f64],
    stop: Stop,
) -> Vec<Point> {
    let setup = solver.setup(problem).expect("solver takes the problem");
    let mut path = WarmPath::new(solver, problem, &setup, problem.lambda_max());
    path.announce(lambdas);
    let point = |&lambda: &f64| {
        let status = path.step(lambda, stop).status;
        let beta = path.beta().to_vec();
        assert!(beta.iter().all(|b| b.is_finite()));
        let certificate = certify(problem, &beta, lambda);
        Point {
            beta,
            status,
            certificate,
        }
    };
    lambdas.iter().map(point).collect()
}

/// `len` values from `start` down to `start · ratio`.
fn grid(start: f64, ratio: f64, len: usize) -> Vec<f64> {
    (0..len)
        .map(|k| start * ratio.powf(k as f64 / (len - 1) as f64))
        .collect()
}

/// The classes 0 and 1 by the sign of a noisy response.
fn classes(rng: &mut ChaCha8Rng, response: &[f64]) -> Vec<f64> {
    let size = response.iter().map(|v| v * v).sum::<f64>() / response.len() as f64;
    let mut y: Vec<f64> = (response.iter())
        .map(|v| f64::from(v + 0.7 * size.sqrt() * normal(rng) > 0.0))
        .collect();
    if y.iter().all(|v| *v == y[0]) {
        y[0] = 1.0 - y[0];
    }
    y
}

/// What a case counts.
#[derive(Default)]
struct Tally {
    points: usize,
    agreed: usize,
}

/// Both solvers on one problem.
fn agree<X: Design, L: CurvedLoss>(
    name: &str,
    x: &X,
    y: &[f64],
    loss: L,
    net: ElasticNet,
    bounded: &[Bounded],
    tally: &mut Tally,
) {
    let null = NullModel::smooth(x, y, loss, net, bounded).expect("valid problem");
    if null.grid_start == 0.0 {
        return;
    }
    let problem = Problem::new(x, y, loss, PerCoordinate::new(net, bounded)).expect("valid");
    let unit = null.loss / problem.null_loss();
    let ratio = if null.beta.len() > y.len() {
        1e-2
    } else {
        1e-3
    };
    let lambdas = grid(null.grid_start, ratio, 7);
    let stop = |tol: f64, max_epochs: usize| Stop {
        tol: tol * unit,
        max_epochs,
        cancel: None,
    };
    let newton = walk(
        &ProximalNewton::default(),
        &problem,
        &lambdas,
        stop(TOL, 3000),
    );
    let fista = walk(
        &ProximalGradient::fista_restart(),
        &problem,
        &lambdas,
        stop(0.1 * TOL, 4000),
    );
    for (k, (a, b)) in newton.iter().zip(&fista).enumerate() {
        let gap = a.certificate.gap / null.loss;
        let what = format!("{name} k {k}: {:?} {gap:e}", a.status);
        assert_eq!(a.status, Status::Converged, "{what}");
        assert!(gap <= 1.01 * TOL, "{what}");
        let excess = (a.certificate.primal - b.certificate.primal) / null.loss;
        assert!(excess <= TOL, "{what}: {excess:e} above the other solver");
        tally.points += 1;
        if b.status == Status::Converged {
            assert!(excess >= -TOL, "{what}: {excess:e}");
            tally.agreed += 1;
        }
    }
    if regpath_solvers::penalty::Penalty::alpha(net) > 0.0 {
        let zero = |beta: &[f64]| {
            let penalised = beta.iter().zip(bounded).filter(|(_, o)| o.factor() > 0.0);
            penalised.into_iter().all(|(b, _)| *b == 0.0)
        };
        assert!(
            zero(
                &walk(
                    &ProximalNewton::default(),
                    &problem,
                    &[1.0001 * lambdas[0]],
                    stop(TOL, 3000)
                )[0]
                .beta
            ),
            "{name}"
        );
    }
}

/// One random problem with everything that may come with it.
fn case<L: PointwiseSmooth>(
    columns: Columns,
    loss: L,
    name: &str,
    y: impl Fn(&mut ChaCha8Rng, &[f64]) -> Vec<f64>,
    seed: u64,
    tally: &mut Tally,
) {
    let mut rng = rng(seed);
    let (n, p) = [(30, 8), (25, 25), (16, 50), (60, 12)][rng.random_range(0..4)];
    let x = columns.draw(&mut rng, n, p);
    let signal = response(&mut rng, &x, 0.8);
    let y = y(&mut rng, &signal);
    let intercept = rng.random_bool(0.6);
    let standardize = columns == Columns::Scaled || rng.random_bool(0.7);
    let weighted = rng.random_bool(0.4);
    let counts: Vec<f64> = (0..n).map(|_| rng.random_range(1..4) as f64).collect();
    let weights = match weighted {
        true => Weights::new(&counts).expect("positive"),
        false => Weights::equal(n),
    };
    let offset: Option<Vec<f64>> =
        (rng.random_bool(0.4)).then(|| (0..n).map(|_| 0.5 * normal(&mut rng)).collect());
    let squares = weights.squares();
    let loss = Observed {
        loss,
        weights: squares.as_deref(),
        offset: offset.as_deref(),
    };
    let options = Options {
        intercept,
        standardize,
    };
    let sparse = csc(&x);
    let preparation = Preparation::of_columns(&sparse, &y, &weights, options).expect("valid data");
    let on_sparse = Standardized::new(&sparse, &preparation.scaling);
    let mut prepared = x.clone();
    preparation.apply(&mut prepared);
    let on_dense = Dense::try_new(prepared.as_ref()).expect("finite");
    for (alpha, restricted) in [
        (1.0, false),
        (0.5, false),
        (0.0, false),
        (1.0, true),
        (0.3, true),
    ] {
        let net = ElasticNet::new(alpha).expect("in [0, 1]");
        let mut bounded: Vec<Bounded> = (0..p)
            .map(|j| match (restricted, (j + seed as usize) % 5) {
                (false, _) => Bounded::new(net, 1.0, FREE),
                (true, 0) => Bounded::new(net, 0.0, [-0.2, 0.1]),
                (true, 1) => Bounded::new(net, 2.0, [0.0, f64::INFINITY]),
                (true, 2) => Bounded::new(net, 0.5, [-0.05, 0.4]),
                (true, 3) => Bounded::new(net, 1.0, [0.0, 0.0]),
                (true, _) => Bounded::new(net, 1.0, FREE),
            })
            .collect();
        let name = format!(
            "{name} {columns:?} {n} x {p} seed {seed} alpha {alpha} restricted {restricted} intercept {intercept} \
             standardize {standardize} weighted {weighted} offset {}",
            offset.is_some()
        );
        if intercept {
            bounded.push(Bounded::new(net, 0.0, FREE));
            agree(
                &name,
                &WithOnes::new(&on_dense),
                &y,
                loss,
                net,
                &bounded,
                tally,
            );
            agree(
                &name,
                &WithOnes::new(&on_sparse),
                &y,
                loss,
                net,
                &bounded,
                tally,
            );
        } else {
            agree(&name, &on_dense, &y, loss, net, &bounded, tally);
            agree(&name, &on_sparse, &y, loss, net, &bounded, tally);
        }
    }
}

fn sweep(seeds: std::ops::Range<u64>) {
    let mut tally = Tally::default();
    for seed in seeds {
        for columns in Columns::ALL {
            let delta = [0.05, 0.5, 1.345, 20.0][seed as usize % 4];
            let huber = Huber::new(delta).expect("positive");
            let heavy = |_: &mut ChaCha8Rng, y: &[f64]| -> Vec<f64> {
                let tail = |(i, v): (usize, &f64)| if i % 7 == 0 { 10.0 * v } else { *v };
                y.iter().enumerate().map(tail).collect()
            };
            case(columns, huber, "huber", heavy, seed, &mut tally);
            case(columns, Logistic, "logistic", classes, seed, &mut tally);
        }
    }
    assert!(
        10 * tally.agreed > 8 * tally.points && tally.points > 500,
        "{} of {}",
        tally.agreed,
        tally.points
    );
}

#[test]
fn both_solvers_agree_and_every_point_is_certified() {
    sweep(0..4);
}

#[test]
fn both_solvers_agree_on_other_seeds() {
    sweep(4..8);
}

/// min (1/n) Σ ½ a_i² + δ (s_i + t_i) + λ Σ α (b⁺ + b⁻) + (1 − α) (b⁺ − b⁻)²/2 over y − Xb − b_0 = a + s − t, as a quadratic
/// program in (b⁺, b⁻, b_0, a, s, t); its value.
fn interior_point(x: &Mat<f64>, y: &[f64], delta: f64, lambda: f64, alpha: f64) -> f64 {
    let (n, p) = (x.nrows(), x.ncols());
    let (b0, a, s, t) = (2 * p, 2 * p + 1, 2 * p + 1 + n, 2 * p + 1 + 2 * n);
    let size = t + n;
    let mut quadratic = vec![vec![0.0; size]; size];
    let mut linear = vec![0.0; size];
    let ridge = lambda * (1.0 - alpha);
    for j in 0..p {
        quadratic[j][j] = ridge;
        quadratic[p + j][p + j] = ridge;
        quadratic[j][p + j] = -ridge;
        (linear[j], linear[p + j]) = (lambda * alpha, lambda * alpha);
    }
    let mut rows = vec![vec![0.0; size]; n];
    for i in 0..n {
        quadratic[a + i][a + i] = 1.0 / n as f64;
        (linear[s + i], linear[t + i]) = (delta / n as f64, delta / n as f64);
        for j in 0..p {
            (rows[i][j], rows[i][p + j]) = (x[(i, j)], -x[(i, j)]);
        }
        (rows[i][b0], rows[i][a + i]) = (1.0, 1.0);
        (rows[i][s + i], rows[i][t + i]) = (1.0, -1.0);
    }
    let mut right = y.to_vec();
    for k in (0..2 * p).chain(s..size) {
        let mut row = vec![0.0; size];
        row[k] = -1.0;
        rows.push(row);
        right.push(0.0);
    }
    let settings = DefaultSettingsBuilder::default()
        .verbose(false)
        .tol_gap_abs(1e-12)
        .tol_gap_rel(1e-12)
        .tol_feas(1e-12)
        .build()
        .expect("valid settings");
    let cones = [ZeroConeT(n), NonnegativeConeT(rows.len() - n)];
    let mut solver = DefaultSolver::new(
        &columns_of(&quadratic),
        &linear,
        &columns_of(&rows),
        &right,
        &cones,
        settings,
    );
    solver.solve();
    assert!(matches!(
        solver.solution.status,
        SolverStatus::Solved | SolverStatus::AlmostSolved | SolverStatus::InsufficientProgress
    ));
    let z = &solver.solution.x;
    let huber = Huber::new(delta).expect("positive");
    let fit: Vec<f64> = (0..n)
        .map(|i| z[b0] + (0..p).map(|j| x[(i, j)] * (z[j] - z[p + j])).sum::<f64>())
        .collect();
    let penalty = |j: usize| {
        let b = z[j] - z[p + j];
        alpha * b.abs() + 0.5 * (1.0 - alpha) * b * b
    };
    regpath_solvers::loss::Loss::value(huber, y, &fit) + lambda * (0..p).map(penalty).sum::<f64>()
}

fn columns_of(rows: &[Vec<f64>]) -> CscMatrix<f64> {
    let (m, n) = (rows.len(), rows.first().map_or(0, Vec::len));
    let (mut colptr, mut rowval, mut nzval) = (vec![0], Vec::new(), Vec::new());
    for j in 0..n {
        for (i, row) in rows.iter().enumerate() {
            if row[j] != 0.0 {
                rowval.push(i);
                nzval.push(row[j]);
            }
        }
        colptr.push(rowval.len());
    }
    CscMatrix::new(m, n, colptr, rowval, nzval)
}

#[test]
fn huber_is_a_quadratic_program() {
    let mut rng = rng(11);
    for round in 0..3000 {
        let columns = Columns::ALL[round % 10];
        let (n, p) = (rng.random_range(5..14), rng.random_range(1..9));
        let mut x = columns.draw(&mut rng, n, p);
        let y = response(&mut rng, &x, 1.0);
        if columns == Columns::Scaled || columns == Columns::Offset {
            // The oracle does not standardise, and gets stuck on these.
            let options = Options {
                intercept: true,
                standardize: true,
            };
            let dense = Dense::try_new(x.as_ref()).expect("finite");
            let preparation = Preparation::new(&dense, &y, options).expect("valid");
            preparation.apply(&mut x);
        }
        let delta = [0.1, 0.6, 2.0][rng.random_range(0..3)];
        let alpha = [1.0, 0.0, 0.5][rng.random_range(0..3)];
        let lambda = match round % 7 {
            // Columns that differ by 1e-4 are beyond the oracle where nothing is penalised.
            0 if p < n && columns != Columns::NearlyCollinear => 0.0,
            _ => 10f64.powf(rng.random_range(-3.0..0.0)),
        };
        let huber = Huber::new(delta).expect("positive");
        let net = ElasticNet::new(alpha).expect("in [0, 1]");
        let dense = Dense::try_new(x.as_ref()).expect("finite");
        let with_ones = WithOnes::new(&dense);
        let mut bounded = vec![Bounded::new(net, 1.0, FREE); p];
        bounded.push(Bounded::new(net, 0.0, FREE));
        let problem =
            Problem::new(&with_ones, &y, huber, PerCoordinate::new(net, &bounded)).expect("valid");
        let stop = Stop {
            tol: 1e-10,
            ..Stop::default()
        };
        let found = &walk(&ProximalNewton::default(), &problem, &[lambda], stop)[0];
        let expected = interior_point(&x, &y, delta, lambda, alpha);
        let unit = problem.null_loss();
        let off = (found.certificate.primal - expected) / unit;
        let what = format!(
            "{round} {columns:?} {n} x {p} delta {delta} alpha {alpha} lambda {lambda}: {off:e}"
        );
        assert!(off.abs() <= 1e-8, "{what}");
        assert_eq!(found.status, Status::Converged, "{what}");
        // A dual point is made orthogonal to the ones up to 1e-11, to which a loss with clamped rows is not insensitive.
        assert!(found.certificate.gap <= 1e-8 * unit, "{what}");
    }
}

#[test]
fn huber_with_a_wide_band_is_squared_loss() {
    for (seed, columns) in (0..).zip(Columns::ALL) {
        for (n, p) in [(40, 10), (15, 40)] {
            let mut rng = rng(seed);
            let mut x = columns.draw(&mut rng, n, p);
            let y = response(&mut rng, &x, 0.5);
            let options = Options {
                intercept: true,
                standardize: true,
            };
            let preparation =
                Preparation::new(&Dense::try_new(x.as_ref()).expect("finite"), &y, options)
                    .expect("valid");
            preparation.apply(&mut x);
            let y = preparation.response(&y);
            let dense = Dense::try_new(x.as_ref()).expect("finite");
            let widest = Huber::new(1e6).expect("positive");
            for alpha in [1.0, 0.5, 0.0] {
                let net = ElasticNet::new(alpha).expect("in [0, 1]");
                let squared = Problem::new(&dense, &y, Squared, net).expect("valid");
                let huber = Problem::new(&dense, &y, widest, net).expect("valid");
                let start = squared.max_gradient() / alpha.max(1e-2);
                let lambdas = grid(start, 1e-2, 10);
                let stop = Stop {
                    tol: 1e-11,
                    ..Stop::default()
                };
                let a = walk(&ProximalNewton::default(), &huber, &lambdas, stop);
                let setup = CoordinateDescent::default().setup(&squared).expect("valid");
                let solver = CoordinateDescent::default();
                let mut path = WarmPath::new(&solver, &squared, &setup, squared.lambda_max());
                for (point, &lambda) in a.iter().zip(&lambdas) {
                    path.step(lambda, stop);
                    let other = certify(&squared, path.beta(), lambda);
                    let off = (point.certificate.primal - other.primal) / squared.null_loss();
                    assert!(
                        off.abs() <= 1e-9,
                        "{columns:?} {n} x {p} alpha {alpha} lambda {lambda}: {off:e}"
                    );
                }
            }
        }
    }
}

/// A logistic problem with an intercept, its λ and a path of the L1 penalty.
fn logistic_path(
    x: &Mat<f64>,
    y: &[f64],
    weights: Option<&[f64]>,
    lambdas: Option<&[f64]>,
) -> (Vec<f64>, Vec<Point>) {
    let dense = Dense::try_new(x.as_ref()).expect("finite");
    let with_ones = WithOnes::new(&dense);
    let net = ElasticNet::new(1.0).expect("in [0, 1]");
    let mut bounded = vec![Bounded::new(net, 1.0, FREE); x.ncols()];
    bounded.push(Bounded::new(net, 0.0, FREE));
    let loss = Observed {
        loss: Logistic,
        weights,
        offset: None,
    };
    let problem =
        Problem::new(&with_ones, y, loss, PerCoordinate::new(net, &bounded)).expect("valid");
    let null = NullModel::smooth(&with_ones, y, loss, net, &bounded).expect("valid");
    let lambdas = lambdas.map_or_else(|| grid(null.grid_start, 1e-2, 12), <[f64]>::to_vec);
    let stop = Stop {
        tol: 1e-13,
        ..Stop::default()
    };
    let points = walk(&ProximalNewton::default(), &problem, &lambdas, stop);
    assert!(points.iter().all(|p| p.status == Status::Converged));
    (lambdas, points)
}

#[test]
fn exchanging_the_classes_changes_signs() {
    let mut rng = rng(5);
    let x = Columns::Gaussian.draw(&mut rng, 60, 9);
    let signal = response(&mut rng, &x, 0.5);
    let y = classes(&mut rng, &signal);
    let other: Vec<f64> = y.iter().map(|v| 1.0 - v).collect();
    let (lambdas, a) = logistic_path(&x, &y, None, None);
    let (_, b) = logistic_path(&x, &other, None, Some(&lambdas));
    for (a, b) in a.iter().zip(&b) {
        let flipped: Vec<f64> = b.beta.iter().map(|b| -b).collect();
        assert!(distance(&a.beta, &flipped) < 1e-5);
    }
}

#[test]
fn a_weight_of_two_is_a_row_twice() {
    let mut rng = rng(6);
    let x = Columns::Gaussian.draw(&mut rng, 40, 7);
    let signal = response(&mut rng, &x, 0.5);
    let y = classes(&mut rng, &signal);
    let counts: Vec<usize> = (0..40).map(|i| 1 + i % 2).collect();
    let rows: Vec<usize> = (0..40).flat_map(|i| vec![i; counts[i]]).collect();
    let repeated = Mat::from_fn(rows.len(), 7, |i, j| x[(rows[i], j)]);
    let y_repeated: Vec<f64> = rows.iter().map(|&i| y[i]).collect();
    let weights: Vec<f64> = counts.iter().map(|&c| c as f64 / 1.5).collect();
    let (lambdas, a) = logistic_path(&repeated, &y_repeated, None, None);
    let (own, b) = logistic_path(&x, &y, Some(&weights), None);
    assert!(distance(&own, &lambdas) < 1e-10);
    for (a, b) in a.iter().zip(&b) {
        assert!(distance(&a.beta, &b.beta) < 1e-5);
    }
}

#[test]
fn separable_classes_have_no_optimum_without_penalty() {
    for seed in 0..20 {
        let mut rng = rng(seed);
        let (n, p) = [(30, 4), (12, 30)][seed as usize % 2];
        let x = Columns::Gaussian.draw(&mut rng, n, p);
        let y: Vec<f64> = (0..n)
            .map(|i| f64::from(x[(i, 0)] - 0.5 * x[(i, 1)] > 0.0))
            .collect();
        let dense = Dense::try_new(x.as_ref()).expect("finite");
        let problem = Problem::new(&dense, &y, Logistic, L1).expect("valid");
        let stop = Stop {
            tol: 1e-9,
            ..Stop::default()
        };
        let start = problem.lambda_max();
        let mut lambdas = grid(start, 1e-6, 15);
        lambdas.push(0.0);
        let points = walk(&ProximalNewton::default(), &problem, &lambdas, stop);
        let (last, penalised) = points.split_last().expect("many points");
        for point in penalised {
            assert_eq!(point.status, Status::Converged, "seed {seed}");
            assert!(point.certificate.gap <= 1.01e-9 * problem.null_loss());
        }
        assert_eq!(last.status, Status::Unattained, "seed {seed}");
        let mut fit = vec![0.0; n];
        dense.mul(&last.beta, &mut fit);
        assert!(fit.iter().zip(&y).all(|(z, y)| (2.0 * y - 1.0) * z > 0.0));
        // Without any path before it, too, and for ridge in as few coordinates as there are rows.
        let alone = walk(&ProximalNewton::default(), &problem, &[0.0], stop);
        assert_eq!(alone[0].status, Status::Unattained, "seed {seed}");
        let ridge = Problem::new(&dense, &y, Logistic, Ridge).expect("valid");
        let points = walk(
            &ProximalNewton::default(),
            &ridge,
            &[1.0, 0.1, 1e-5, 0.0],
            stop,
        );
        let statuses: Vec<Status> = points.iter().map(|p| p.status).collect();
        let three = [Status::Converged; 3];
        assert_eq!(
            (&statuses[..3], statuses[3]),
            (&three[..], Status::Unattained),
            "seed {seed}"
        );
    }
}

#[test]
fn a_fit_without_penalty_is_certified() {
    for seed in 0..40 {
        let mut rng = rng(seed);
        let columns = Columns::ALL[seed as usize % 10];
        let x = columns.draw(&mut rng, 60, 5);
        let signal = response(&mut rng, &x, 2.0);
        let dense = Dense::try_new(x.as_ref()).expect("finite");
        let huber = Huber::new(0.5).expect("positive");
        let stop = Stop {
            tol: 1e-8,
            ..Stop::default()
        };
        let problem = Problem::new(&dense, &signal, huber, L1).expect("valid");
        let point = &walk(&ProximalNewton::default(), &problem, &[0.0], stop)[0];
        assert_eq!(
            point.status,
            Status::Converged,
            "{columns:?} seed {seed} {:e}",
            point.certificate.gap / problem.null_loss()
        );
        let y: Vec<f64> = (0..60).map(|_| f64::from(rng.random_bool(0.5))).collect();
        let problem = Problem::new(&dense, &y, Logistic, L1).expect("valid");
        let point = &walk(&ProximalNewton::default(), &problem, &[0.0], stop)[0];
        assert_eq!(
            point.status,
            Status::Converged,
            "{columns:?} seed {seed} {:e}",
            point.certificate.gap / problem.null_loss()
        );
    }
}

/// A budget or a cancellation that ends even the fit of the intercept leaves a path that can be asked again.
#[test]
fn a_budget_of_one_epoch_is_a_status_at_every_lambda() {
    let mut rng = rng(3);
    let x = Mat::from_fn(40, 6, |_, _| normal(&mut rng));
    let y: Vec<f64> = (0..40).map(|i| f64::from(i % 5 == 0)).collect();
    for loss in [LossKind::Logistic, LossKind::huber(0.3).expect("positive")] {
        let path = elastic_net(1.0).loss(loss).n_lambda(6).max_epochs(1);
        let path = path.fit(x.as_ref(), &y).expect("a path");
        let stopped = path
            .points
            .iter()
            .filter(|p| p.outcome.status == Status::EpochLimit);
        assert!(stopped.count() >= 4, "{loss:?}");
        assert!(path.points.iter().all(|p| p.certificate.gap.is_finite()));
    }
}

/// Columns without penalty that separate the classes have no null model, which is said.
#[test]
fn columns_without_penalty_that_separate_the_classes_are_named() {
    let mut rng = rng(4);
    let x = Mat::from_fn(30, 3, |i, j| {
        if j == 1 {
            i as f64 - 14.5
        } else {
            normal(&mut rng)
        }
    });
    let y: Vec<f64> = (0..30).map(|i| f64::from(i >= 15)).collect();
    let restrictions = regpath_solvers::Restrictions {
        factors: Some(vec![1.0, 0.0, 1.0]),
        ..Default::default()
    };
    let path = elastic_net(1.0)
        .loss(LossKind::Logistic)
        .restrictions(restrictions);
    let error = path.fit(x.as_ref(), &y).err().map(|e| e.to_string());
    assert!(
        error.is_some_and(|e| e.contains("separate two classes")),
        "columns that separate the classes were fitted"
    );
}

/// Without penalty every column has to move in the end, also one that is orthogonal to the response at first.
#[test]
fn a_fit_without_penalty_moves_every_column() {
    let mut rng = rng(5);
    let (n, p) = (512, 5);
    let mut x = Mat::from_fn(n, p, |_, _| normal(&mut rng));
    let y: Vec<f64> = (0..n).map(|i| f64::from(i % 2 == 0)).collect();
    // Equal in pairs of rows of either class, with powers of two throughout: its product with the first dual point is exactly 0.
    for i in 0..n {
        x[(i, 0)] = if i % 4 < 2 { 1.0 } else { -1.0 };
    }
    let dense = Dense::try_new(x.as_ref()).expect("finite");
    let problem = Problem::new(&dense, &y, Logistic, L1).expect("valid");
    let stop = Stop {
        tol: 1e-10,
        ..Stop::default()
    };
    let at_once = &walk(&ProximalNewton::default(), &problem, &[0.0], stop)[0];
    assert_eq!(at_once.status, Status::Converged);
    assert_eq!(at_once.certificate.nonzeros, p);
}

#[test]
fn the_library_fits_on_the_original_scale() {
    let mut rng = rng(21);
    for (columns, alpha) in [
        (Columns::Scaled, 1.0),
        (Columns::Sparse, 0.5),
        (Columns::Offset, 0.0),
    ] {
        let x = columns.draw(&mut rng, 60, 8);
        let signal = response(&mut rng, &x, 0.5);
        let y = classes(&mut rng, &signal);
        let offset: Vec<f64> = (0..60).map(|_| 0.3 * normal(&mut rng)).collect();
        let counts: Vec<f64> = (0..60).map(|i| (i % 3) as f64).collect();
        let rows: Vec<usize> = (0..60).flat_map(|i| vec![i; i % 3]).collect();
        let repeated = Mat::from_fn(rows.len(), 8, |i, j| x[(rows[i], j)]);
        let pick = |v: &[f64]| -> Vec<f64> { rows.iter().map(|&i| v[i]).collect() };
        for loss in [LossKind::Logistic, LossKind::huber(0.4).expect("positive")] {
            let y = if loss == LossKind::Logistic {
                &y
            } else {
                &signal
            };
            let builder = elastic_net(alpha)
                .loss(loss)
                .n_lambda(10)
                .lambda_min_ratio(1e-2)
                .tol(1e-12);
            let by_rows = builder
                .clone()
                .offset(pick(&offset))
                .fit(repeated.as_ref(), &pick(y))
                .expect("valid");
            let builder = builder.offset(offset.clone()).weights(counts.clone());
            let dense = builder.fit(x.as_ref(), y).expect("valid");
            let sparse = builder.fit_sparse(&csc(&x), y).expect("valid");
            for path in [&by_rows, &dense, &sparse] {
                assert_eq!(path.points.len(), 10);
                assert!(
                    path.worst_gap() <= 1e-9,
                    "{loss:?} {columns:?} {:e}",
                    path.worst_gap()
                );
            }
            for (k, point) in by_rows.points.iter().enumerate() {
                for other in [&dense, &sparse] {
                    let found = &other.points[k];
                    let apart = found.lambda / point.lambda - 1.0;
                    assert!(apart.abs() < 1e-8, "{loss:?} {columns:?} k {k} {apart:e}");
                    assert!(
                        (found.certificate.primal - point.certificate.primal).abs()
                            < 1e-9 * by_rows.null_loss
                    );
                    let fit = |coefficients: &[f64], intercept: f64| -> Vec<f64> {
                        (0..60)
                            .map(|i| {
                                intercept + (0..8).map(|j| x[(i, j)] * coefficients[j]).sum::<f64>()
                            })
                            .collect()
                    };
                    let a = fit(&by_rows.coefficients(k), point.intercept);
                    let b = fit(&other.coefficients(k), found.intercept);
                    assert!(
                        distance(&a, &b) < 1e-3,
                        "{loss:?} {columns:?} k {k} {:e}",
                        distance(&a, &b)
                    );
                }
            }
            if alpha > 0.0 {
                assert_eq!(dense.points[0].nonzeros, []);
                assert_eq!(dense.points[0].certificate.nonzeros, 0);
            }
        }
    }
}

#[test]
fn what_a_loss_cannot_be_fitted_to_is_named() {
    let x = Mat::from_fn(6, 2, |i, j| ((i + 1) * (j + 2)) as f64 % 5.0);
    let refusal = |builder: PathBuilder, y: [f64; 6]| match builder.fit(x.as_ref(), &y) {
        Err(SolveError::Loss(message)) => message,
        other => panic!("{other:?}"),
    };
    let logistic = || lasso().loss(LossKind::Logistic);
    let message = refusal(logistic(), [0.0, 1.0, 1.0, 0.0, 2.0, 1.0]);
    assert!(message.contains("row 4 (counted from 0) is 2"), "{message}");
    let message = refusal(logistic(), [1.0; 6]);
    assert!(message.contains("class 1"), "{message}");
    let classes = [0.0, 1.0, 1.0, 0.0, 0.0, 1.0];
    assert!(refusal(logistic().relaxed(true), classes).contains("logistic"));
    // A label of a row that does not count is not looked at.
    let weights = vec![1.0, 1.0, 1.0, 1.0, 0.0, 1.0];
    assert!(
        logistic()
            .weights(weights)
            .fit(x.as_ref(), &[0.0, 1.0, 1.0, 0.0, 7.0, 1.0])
            .is_ok()
    );
    let folds = [Folds::contiguous(6, 2).expect("two folds")];
    let refused = logistic().cross_validate(x.as_ref(), &classes, &folds, &InTurn);
    assert!(matches!(refused, Err(SolveError::Loss(_))));
    let refused = ridge()
        .loss(LossKind::Logistic)
        .leave_one_out(x.as_ref(), &classes);
    assert!(matches!(refused, Err(SolveError::Loss(_))));
}

#[test]
fn a_working_set_too_large_for_a_gram_matrix_is_solved_without() {
    let mut rng = rng(3);
    let (n, p) = (40, 1300);
    let mut tally = Tally::default();
    for (columns, restricted) in [(Columns::Gaussian, false), (Columns::Equicorrelated, true)] {
        let x = columns.draw(&mut rng, n, p);
        let signal = response(&mut rng, &x, 0.5);
        let y = classes(&mut rng, &signal);
        let dense = Dense::try_new(x.as_ref()).expect("finite");
        // Factors that differ keep ridge from being reduced to as many coordinates as there are rows.
        let net = ElasticNet::new(0.0).expect("in [0, 1]");
        let mut bounded: Vec<Bounded> = (0..p)
            .map(|j| match restricted {
                true => Bounded::new(net, [1.0, 3.0][j % 2], [0.0, f64::INFINITY]),
                false => Bounded::new(net, [1.0, 3.0][j % 2], FREE),
            })
            .collect();
        bounded.push(Bounded::new(net, 0.0, FREE));
        let x = WithOnes::new(&dense);
        agree("large", &x, &y, Logistic, net, &bounded, &mut tally);
        let huber = Huber::new(0.7).expect("positive");
        agree("large", &x, &signal, huber, net, &bounded, &mut tally);
    }
    assert!(
        tally.agreed > tally.points / 2,
        "{} of {}",
        tally.agreed,
        tally.points
    );
}
