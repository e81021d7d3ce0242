//! Budgets: performance tests without a clock. Counts are exact, so a bound a tenth above today's catches what slows down.

mod common;

use common::{Columns, Point, csc, normals, rng, solve, stop, walk};
use faer::{Mat, Side};
use regpath_solvers::design::Dense;
use regpath_solvers::grid::Grid;
use regpath_solvers::loss::Squared;
use regpath_solvers::penalty::{ElasticNet, L1, Penalty};
use regpath_solvers::problem::Problem;
use regpath_solvers::solver::{
    CoordinateDescent, Homotopy, ProximalGradient, Solver, Status, Stop, Updates, Work,
};

/// Equicorrelated columns and y = Xβ + noise, β_j = (−1)^j e^{−2(j−1)/20}, signal-to-noise ratio 3.
/// [Friedman, Hastie & Tibshirani 2010, §5.1]
fn equicorrelated(n: usize, p: usize, rho: f64) -> (Mat<f64>, Vec<f64>) {
    let mut rng = rng(5);
    let common = normals(&mut rng, n);
    let own = Columns::Gaussian.draw(&mut rng, n, p);
    let x = Mat::from_fn(n, p, |i, j| {
        rho.sqrt() * common[i] + (1.0 - rho).sqrt() * own[(i, j)]
    });
    let signal = |i: usize| -> f64 {
        (0..p)
            .map(|j| {
                let sign = if j % 2 == 0 { -1.0 } else { 1.0 };
                sign * (-(j as f64) / 10.0).exp() * x[(i, j)]
            })
            .sum()
    };
    let signal: Vec<f64> = (0..n).map(signal).collect();
    let power = signal.iter().map(|s| s * s).sum::<f64>() / n as f64;
    let noise = normals(&mut rng, n);
    let y = signal
        .iter()
        .zip(noise)
        .map(|(s, e)| s + e * power.sqrt() / 3.0)
        .collect();
    (x, y)
}

/// 100 λ down to λ_max/100, every one converged; the work of all.
fn path<P: Penalty, S: for<'a> Solver<Dense<'a>, Squared, P>>(
    solver: &S,
    data: &(Mat<f64>, Vec<f64>),
    penalty: P,
    tol: f64,
) -> Work {
    let x = Dense::try_new(data.0.as_ref()).expect("finite entries");
    let problem = Problem::new(&x, &data.1, Squared, penalty).expect("valid problem");
    let grid = Grid::geometric(problem.lambda_max(), 1e-2, 100).expect("valid grid");
    total(&walk(solver, &problem, grid.as_slice(), stop(tol)))
}

fn total(points: &[Point]) -> Work {
    let mut work = Work::default();
    for point in points {
        assert_eq!(point.outcome.status, Status::Converged);
        work += point.outcome.work;
    }
    work
}

/// Largest counts that are still fine: today's plus ten to fifteen per cent, as the last digits depend on the vector
/// width of the machine.
struct Budget {
    epochs: u64,
    coord_updates: u64,
    support_steps: u64,
    gram_columns: u64,
    passes: u64,
}

fn within(work: Work, budget: Budget) {
    println!("{work:?}");
    assert!(work.epochs <= budget.epochs, "{work:?}");
    assert!(work.coord_updates <= budget.coord_updates, "{work:?}");
    assert!(work.support_steps <= budget.support_steps, "{work:?}");
    assert!(work.gram_columns <= budget.gram_columns, "{work:?}");
    assert!(work.passes <= budget.passes, "{work:?}");
}

fn forced(updates: Updates) -> CoordinateDescent {
    CoordinateDescent {
        updates: Some(updates),
        ..CoordinateDescent::default()
    }
}

#[test]
fn a_wide_lasso_path_needs_one_pass_a_lambda() {
    let data = equicorrelated(100, 1000, 0.5);
    let work = path(&CoordinateDescent::default(), &data, L1, 1e-6);
    let budget = Budget {
        epochs: 270,
        coord_updates: 15500,
        support_steps: 270,
        gram_columns: 118,
        passes: 110,
    };
    within(work, budget);
}

#[test]
fn a_tight_tolerance_costs_little_more_than_a_loose_one() {
    let data = equicorrelated(100, 1000, 0.5);
    let loose = path(&CoordinateDescent::default(), &data, L1, 1e-6);
    let tight = path(&CoordinateDescent::default(), &data, L1, 1e-12);
    println!("{loose:?} {tight:?}");
    // Each λ ends with an exact step, which meets both.
    assert!(10 * tight.epochs <= 11 * loose.epochs);
    assert!(tight.passes <= loose.passes + 10);
}

/// Eight λ for a pass, at a tolerance near rounding as at a loose one.
#[test]
fn exact_steps_look_ahead_whatever_the_tolerance() {
    for (n, p, rho) in [(100, 1000, 0.5), (300, 600, 0.95)] {
        let data = equicorrelated(n, p, rho);
        let loose = path(&Homotopy::default(), &data, L1, 1e-6);
        let tight = path(&Homotopy::default(), &data, L1, 1e-14);
        println!("{loose:?} {tight:?}");
        assert!(loose.passes <= 15, "{loose:?}");
        assert!(tight.passes <= 15 && tight.coord_updates == 0, "{tight:?}");
    }
}

#[test]
fn high_correlation_does_not_multiply_the_work() {
    let budget = Budget {
        epochs: 255,
        coord_updates: 10000,
        support_steps: 180,
        gram_columns: 88,
        passes: 110,
    };
    let data = equicorrelated(100, 1000, 0.95);
    within(path(&CoordinateDescent::default(), &data, L1, 1e-6), budget);
}

#[test]
fn a_tall_lasso_path_reads_x_in_the_setup_only() {
    let data = equicorrelated(1000, 100, 0.5);
    let work = path(&CoordinateDescent::default(), &data, L1, 1e-6);
    assert_eq!((work.passes, work.columns_touched), (0, 0));
    let budget = Budget {
        epochs: 270,
        coord_updates: 27000,
        support_steps: 148,
        gram_columns: 0,
        passes: 0,
    };
    within(work, budget);
}

#[test]
fn an_elastic_net_path_stays_within_budget() {
    let data = equicorrelated(100, 1000, 0.5);
    let penalty = ElasticNet::new(0.5).expect("alpha is in [0, 1]");
    let budget = Budget {
        epochs: 245,
        coord_updates: 16500,
        support_steps: 172,
        gram_columns: 138,
        passes: 110,
    };
    within(
        path(&CoordinateDescent::default(), &data, penalty, 1e-6),
        budget,
    );
}

/// More columns in the support than rows: exact steps must thin it out where sweeps crawl.
#[test]
fn duplicated_columns_are_thinned_out() {
    let mut rng = rng(6);
    let x = Columns::Duplicated.draw(&mut rng, 30, 90);
    let y = normals(&mut rng, 30);
    let budget = Budget {
        epochs: 180,
        coord_updates: 11200,
        support_steps: 160,
        gram_columns: 90,
        passes: 110,
    };
    let work = path(&forced(Updates::WorkingGram), &(x, y), L1, 1e-10);
    within(work, budget);
}

#[test]
fn sparse_columns_are_read_in_proportion_to_what_moves() {
    let mut rng = rng(7);
    let mut x = Mat::<f64>::zeros(200, 400);
    for j in 0..400 {
        for (k, v) in normals(&mut rng, 8).into_iter().enumerate() {
            x[((7 * j + 23 * k) % 200, j)] = v;
        }
    }
    let y: Vec<f64> = normals(&mut rng, 200)
        .iter()
        .enumerate()
        .map(|(i, e)| x[(i, 0)] - 2.0 * x[(i, 9)] + 0.3 * e)
        .collect();
    let x = csc(&x);
    let problem = Problem::new(&x, &y, Squared, L1).expect("valid problem");
    let grid = Grid::geometric(problem.lambda_max(), 5e-2, 50).expect("valid grid");
    let work = total(&walk(
        &CoordinateDescent::default(),
        &problem,
        grid.as_slice(),
        stop(1e-6),
    ));
    let budget = Budget {
        epochs: 820,
        coord_updates: 44000,
        support_steps: 0,
        gram_columns: 0,
        passes: 55,
    };
    within(work, budget);
}

#[test]
fn momentum_and_restarts_save_iterations() {
    let data = equicorrelated(60, 40, 0.5);
    let x = Dense::try_new(data.0.as_ref()).expect("finite entries");
    let problem = Problem::new(&x, &data.1, Squared, L1).expect("valid problem");
    let lambda = 0.05 * problem.lambda_max();
    let epochs = |solver: ProximalGradient| {
        let point = solve(&solver, &problem, lambda, 1e-8);
        assert_eq!(point.outcome.status, Status::Converged);
        point.outcome.work.epochs
    };
    let ista = epochs(ProximalGradient::ista());
    let fista = epochs(ProximalGradient::fista());
    let restart = epochs(ProximalGradient::fista_restart());
    println!("ista {ista}, fista {fista}, restart {restart}");
    // Near the solution the problem is strongly convex: plain momentum overshoots there, and restarts pay.
    assert!(5 * fista <= 4 * ista, "ista {ista}, fista {fista}");
    assert!(5 * restart <= fista, "fista {fista}, restart {restart}");
    assert!(restart <= 470, "restart {restart}");
}

/// P(β_k) − P* ≤ 2L‖β_0 − β*‖²/(k + 1)² for FISTA and ≤ L‖β_0 − β*‖²/2k for ISTA, which also never goes up.
/// [Beck & Teboulle 2009, Theorems 3.1 and 4.4]
#[test]
fn the_rates_of_proximal_gradient_are_kept() {
    for (n, p, columns) in [
        (60, 40, Columns::Equicorrelated),
        (20, 50, Columns::Gaussian),
        (30, 20, Columns::NearlyCollinear),
    ] {
        let mut rng = rng(8);
        let x = columns.draw(&mut rng, n, p);
        let y = normals(&mut rng, n);
        let design = Dense::try_new(x.as_ref()).expect("finite entries");
        let problem = Problem::new(&design, &y, Squared, L1).expect("valid problem");
        let lambda = 0.03 * problem.lambda_max();
        let best = solve(&CoordinateDescent::default(), &problem, lambda, 1e-13);
        let distance: f64 = best.beta.iter().map(|b| b * b).sum();
        let lipschitz = (x.transpose() * &x)
            .self_adjoint_eigenvalues(Side::Lower)
            .expect("finite matrix")
            .iter()
            .fold(0.0f64, |m, v| m.max(*v))
            / n as f64
            * (1.0 + 1e-10);
        let mut before = f64::INFINITY;
        for k in [1usize, 2, 3, 5, 10, 30, 100, 300] {
            let above = |solver: &ProximalGradient| {
                let few = Stop {
                    max_epochs: k,
                    ..stop(0.0)
                };
                let point = walk(solver, &problem, &[lambda], few).remove(0);
                point.certificate.primal - best.certificate.primal
            };
            let rounding = 1e-12 * problem.null_loss();
            let bound = 2.0 * lipschitz * distance / (k as f64 + 1.0).powi(2);
            let fista = above(&ProximalGradient::fista());
            assert!(
                fista <= bound + rounding,
                "{columns:?}, k = {k}: {fista:e} > {bound:e}"
            );
            let ista = above(&ProximalGradient::ista());
            let bound = lipschitz * distance / (2.0 * k as f64);
            assert!(
                ista <= bound + rounding,
                "{columns:?}, k = {k}: {ista:e} > {bound:e}"
            );
            assert!(ista <= before + rounding);
            before = ista;
        }
    }
}

#[test]
fn a_loose_tolerance_asks_for_few_more_columns_than_a_tight_one() {
    let data = equicorrelated(100, 2000, 0.5);
    for solver in [CoordinateDescent::FULL, CoordinateDescent::plain()] {
        let tight = path(&solver, &data, L1, 1e-4);
        for tol in [1e-1, 1e-2, 1e-3] {
            let loose = path(&solver, &data, L1, tol);
            let most = 2 * tight.gram_columns;
            assert!(loose.gram_columns <= most, "{tol}: {loose:?} {tight:?}");
        }
    }
}
