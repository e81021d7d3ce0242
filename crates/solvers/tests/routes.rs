//! Every route to a solution against plain coordinate descent, on thousands of small problems made to be awkward.
//!
//! Collinear, duplicated, nearly singular and constant columns, ties among whole numbers, more columns than rows and fewer,
//! dense and sparse, with and without intercept: where an active set is hard to tell, and a route must still be right.

mod common;

use common::{Columns, Point, csc, response, rng, stop, walk};
use std::sync::atomic::AtomicBool;

use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use regpath_solvers::certificate::certify;
use regpath_solvers::design::{Dense, Design, Standardized};
use regpath_solvers::loss::Squared;
use regpath_solvers::path::WarmPath;
use regpath_solvers::penalty::{ElasticNet, L1, Penalty, Ridge};
use regpath_solvers::prepare::{Options, Preparation};
use regpath_solvers::problem::Problem;
use regpath_solvers::solver::{
    CoordinateDescent, Homotopy, RidgeClosedForm, Solver, Source, Status, Stop, Updates,
};

/// Problems in all, and the tests that share them, which run side by side.
const CASES: usize = 20_000;
const PARTS: u64 = 4;
/// Relative gap that a route is asked for.
const TOL: f64 = 1e-10;
/// The one route without iterations.
const CLOSED_FORM: &str = "closed form";
/// Relative gap of the reference.
const REFERENCE_TOL: f64 = 1e-13;

/// What one problem is compared on.
struct Case<'a, X, P> {
    name: String,
    problem: Problem<'a, X, Squared, P>,
    lambdas: Vec<f64>,
    /// Objective of plain coordinate descent at each λ.
    reference: Vec<f64>,
}

impl<'a, X: Design, P: Penalty> Case<'a, X, P> {
    fn new(name: String, problem: Problem<'a, X, Squared, P>, lambdas: Vec<f64>) -> Self {
        let plain = CoordinateDescent::plain();
        let points = walk(&plain, &problem, &lambdas, patient(REFERENCE_TOL));
        Self {
            name,
            problem,
            lambdas,
            reference: points.iter().map(|p| p.certificate.primal).collect(),
        }
    }

    /// Every point certified, and none above the reference by more than the tolerance.
    ///
    /// Sweeps alone, which is what updates of the residual come to, take arbitrarily long on nearly collinear columns. They
    /// may say that they have not arrived; they may not say that they have.
    fn judge(&self, route: &str, points: &[Point], sweeps_alone: bool) {
        let unit = self.problem.null_loss();
        assert_eq!(points.len(), self.reference.len());
        for (point, reference) in points.iter().zip(&self.reference) {
            if sweeps_alone && point.outcome.status == Status::EpochLimit {
                continue;
            }
            let mut tol = TOL + self.rounding(&point.beta) / unit;
            if route == CLOSED_FORM {
                // Nothing corrects the rounding of XᵀX, which λ is up against.
                tol += f64::EPSILON * self.size() / point.lambda;
            }
            let gap = point.certificate.relative_gap(unit);
            let excess = (point.certificate.primal - reference) / unit;
            assert!(
                gap <= tol && excess <= tol,
                "{} by {route} at lambda {}: gap {gap:e}, above the reference by {excess:e}, {:?}",
                self.name,
                point.lambda,
                point.outcome
            );
        }
    }

    /// What rounding in Xβ alone does to an objective, up to a small factor: ε (Σ ‖x_j‖ |β_j|)²/n and ε ‖y‖²/n.
    fn rounding(&self, beta: &[f64]) -> f64 {
        let x = self.problem.x;
        let terms = beta.iter().enumerate().filter(|(_, b)| **b != 0.0);
        let size: f64 = terms.map(|(j, b)| x.col_sq_norm(j).sqrt() * b.abs()).sum();
        let n = x.nrows() as f64;
        16.0 * f64::EPSILON * (size * size / n + self.problem.null_loss())
    }

    /// ‖X‖²/n.
    fn size(&self) -> f64 {
        let x = self.problem.x;
        let norms = (0..x.ncols()).map(|j| x.col_sq_norm(j));
        norms.sum::<f64>() / x.nrows() as f64
    }

    fn by_coordinate_descent(&self) {
        for updates in [
            None,
            Some(Updates::FullGram),
            Some(Updates::WorkingGram),
            Some(Updates::Residual),
        ] {
            let solver = CoordinateDescent {
                updates,
                ..CoordinateDescent::default()
            };
            let points = walk(&solver, &self.problem, &self.lambdas, patient(TOL));
            let sweeps_alone = match updates {
                None => self.problem.x.density() < 0.1,
                Some(updates) => updates == Updates::Residual,
            };
            self.judge(
                &format!("coordinate descent {updates:?}"),
                &points,
                sweeps_alone,
            );
        }
    }
}

impl<X: Design> Case<'_, X, L1> {
    fn by_homotopy(&self) {
        for source in [Source::Strips, Source::Columns, Source::Block] {
            for look_ahead in [1, 8] {
                let solver = Homotopy {
                    source: Some(source),
                    look_ahead,
                    ..Homotopy::default()
                };
                let points = walk(&solver, &self.problem, &self.lambdas, stop(TOL));
                self.judge(&format!("homotopy {source:?} {look_ahead}"), &points, false);
            }
            // Upwards, where nothing can be walked on from the λ before.
            let mut upwards = self.lambdas.clone();
            upwards.reverse();
            let solver = Homotopy {
                source: Some(source),
                ..Homotopy::default()
            };
            let mut points = walk(&solver, &self.problem, &upwards, stop(TOL));
            points.reverse();
            self.judge(&format!("homotopy {source:?} upwards"), &points, false);
        }
    }
}

/// As far as sweeps alone get in 20 000 epochs.
fn patient(tol: f64) -> Stop<'static> {
    Stop {
        max_epochs: 20_000,
        ..stop(tol)
    }
}

/// A few λ from near the top, where supports are small, to where they saturate.
fn lambdas(rng: &mut ChaCha8Rng, top: f64) -> Vec<f64> {
    let count = rng.random_range(1..=6);
    let depth = [0.5, 0.1, 1e-2, 1e-3][rng.random_range(0..4usize)];
    (1..=count)
        .map(|k| top * f64::powf(depth, k as f64 / count as f64))
        .collect()
}

/// Whether there was anything to solve.
fn routes<X: Design>(name: String, x: &X, y: &[f64], rng: &mut ChaCha8Rng) -> bool {
    let lasso = Problem::new(x, y, Squared, L1).expect("valid problem");
    let top = lasso.max_gradient();
    if top == 0.0 {
        return false;
    }
    let alpha = [1.0, 1.0, 1.0 - 1e-9, 0.7, 0.3, 1e-3, 0.0][rng.random_range(0..7usize)];
    let name = format!("{name} alpha {alpha}");
    if alpha == 1.0 {
        let case = Case::new(name, lasso, lambdas(rng, top));
        case.by_homotopy();
        case.by_coordinate_descent();
    } else if alpha == 0.0 {
        let ridge = Problem::new(x, y, Squared, Ridge).expect("valid problem");
        let case = Case::new(name, ridge, lambdas(rng, top));
        let points = walk(&RidgeClosedForm, &case.problem, &case.lambdas, stop(TOL));
        case.judge(CLOSED_FORM, &points, false);
        case.by_coordinate_descent();
    } else {
        let penalty = ElasticNet::new(alpha).expect("alpha is in [0, 1]");
        let net = Problem::new(x, y, Squared, penalty).expect("valid problem");
        let case = Case::new(name, net, lambdas(rng, top / alpha.max(1e-2)));
        case.by_coordinate_descent();
    }
    true
}

fn solve(seed: u64) -> bool {
    let mut rng = rng(seed);
    let columns = Columns::ALL[rng.random_range(0..Columns::ALL.len())];
    let (n, p) = (rng.random_range(1..=40), rng.random_range(1..=80));
    let x = columns.draw(&mut rng, n, p);
    let noise = [0.0, 0.5, 5.0][rng.random_range(0..3usize)];
    let y = response(&mut rng, &x, noise);
    let options = Options {
        intercept: rng.random_bool(0.5),
        standardize: rng.random_bool(0.5),
    };
    let sparse = rng.random_bool(0.3);
    let name = format!("seed {seed}: {columns:?} {n} x {p}, {options:?}, sparse {sparse}");
    let design = Dense::try_new(x.as_ref()).expect("finite entries");
    if n == 1 {
        return routes(name, &design, &y, &mut rng);
    }
    let Ok(preparation) = Preparation::new(&design, &y, options) else {
        return false;
    };
    let y = preparation.response(&y);
    if sparse {
        let x = csc(&x);
        let x = Standardized::new(&x, &preparation.scaling);
        routes(name, &x, &y, &mut rng)
    } else {
        let mut x = x;
        preparation.apply(&mut x);
        let x = Dense::try_new(x.as_ref()).expect("finite entries");
        routes(name, &x, &y, &mut rng)
    }
}

/// A share of the problems; seeds without a problem are passed over.
fn part(part: u64) {
    let share = CASES / PARTS as usize;
    let solved = (0u64..)
        .map(|k| k * PARTS + part)
        .filter(|&seed| solve(seed));
    assert_eq!(solved.take(share).count(), share);
}

#[test]
fn every_route_first_quarter() {
    part(0);
}

#[test]
fn every_route_second_quarter() {
    part(1);
}

#[test]
fn every_route_third_quarter() {
    part(2);
}

#[test]
fn every_route_last_quarter() {
    part(3);
}

/// Tolerances that change, λ that were announced and are not asked for, λ that were not announced, announcements that are
/// none, budgets that run out and a cancellation: every answer that calls itself converged is.
#[test]
fn a_homotopy_may_be_asked_in_any_way() {
    for seed in 0..400 {
        let mut rng = rng(90_000 + seed);
        let columns = Columns::ALL[rng.random_range(0..Columns::ALL.len())];
        let (n, p) = (rng.random_range(2..=40), rng.random_range(1..=80));
        let x = columns.draw(&mut rng, n, p);
        let y = response(&mut rng, &x, 0.5);
        let x = Dense::try_new(x.as_ref()).expect("finite entries");
        let problem = Problem::new(&x, &y, Squared, L1).expect("valid problem");
        let (top, unit) = (problem.lambda_max(), problem.null_loss());
        if top == 0.0 {
            continue;
        }
        let source = [Source::Strips, Source::Columns, Source::Block][rng.random_range(0..3usize)];
        let solver = Homotopy {
            source: Some(source),
            ..Homotopy::default()
        };
        let setup = solver.setup(&problem).expect("valid problem");
        let mut path = WarmPath::new(&solver, &problem, &setup, top);
        let announced: Vec<f64> = (1..12).map(|k| top * 0.6f64.powi(k)).collect();
        path.announce(&announced);
        let cancelled = AtomicBool::new(true);
        for step in 0..30 {
            let lambda = match rng.random_range(0..4) {
                0 => top * rng.random::<f64>(),
                _ => announced[rng.random_range(0..announced.len())],
            };
            if rng.random_bool(0.1) {
                path.announce(&[lambda, f64::NAN, -1.0, 2.0 * top, lambda, 0.5 * lambda]);
            } else if rng.random_bool(0.2) {
                path.announce(&announced);
            }
            let asked = Stop {
                tol: [1e-2, 1e-6, 1e-10][rng.random_range(0..3usize)],
                max_epochs: [1, 3, 100_000][rng.random_range(0..3usize)],
                cancel: rng.random_bool(0.1).then_some(&cancelled),
            };
            let outcome = path.step(lambda, asked);
            let gap = certify(&problem, path.beta(), lambda).relative_gap(unit);
            let what = format!(
                "seed {seed}, step {step}, {columns:?} {n} x {p}, {source:?}: {gap:e}, {asked:?}"
            );
            match outcome.status {
                // A tenth of the tolerance for rounding.
                Status::Converged => assert!(gap <= 1.1 * asked.tol, "{what}"),
                Status::EpochLimit => assert!(asked.max_epochs < 100, "{what}"),
                Status::Interrupted => assert!(asked.cancel.is_some(), "{what}"),
                Status::Stalled | Status::Unattained => panic!("{what}"),
            }
            let nonzeros: Vec<(usize, f64)> = (path.beta().iter().copied().enumerate())
                .filter(|(_, b)| *b != 0.0)
                .collect();
            assert_eq!(path.nonzeros(), nonzeros);
        }
    }
}
