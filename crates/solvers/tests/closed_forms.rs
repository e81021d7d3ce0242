//! Closed forms: what pencil and paper or a factorisation give, against the solvers.

mod common;

use common::{Columns, distance, normals, rng, solve, stop, walk};
use faer::linalg::solvers::Solve;
use faer::{Mat, Side};
use regpath_solvers::design::Dense;
use regpath_solvers::loss::Squared;
use regpath_solvers::penalty::{ElasticNet, L1, Ridge, soft_threshold};
use regpath_solvers::prepare::{Options, Preparation};
use regpath_solvers::problem::Problem;
use regpath_solvers::solver::{
    CoordinateDescent, ProximalGradient, RidgeClosedForm, RidgeFactor, Updates,
};

/// n × p with XᵀX = n I.
fn orthonormal(n: usize, p: usize) -> Mat<f64> {
    let x = Columns::Gaussian.draw(&mut rng(1), n, p);
    x.qr().compute_thin_Q() * faer::Scale((n as f64).sqrt())
}

fn dense(x: &Mat<f64>) -> Dense<'_> {
    Dense::try_new(x.as_ref()).expect("finite entries")
}

fn forced(updates: Updates) -> CoordinateDescent {
    CoordinateDescent {
        updates: Some(updates),
        ..CoordinateDescent::default()
    }
}

/// (XᵀX/n + λ)⁻¹Xᵀy/n by Cholesky.
fn normal_equations(x: &Mat<f64>, y: &[f64], lambda: f64) -> Vec<f64> {
    let (n, p) = (x.nrows(), x.ncols());
    let mut system = x.transpose() * x * faer::Scale(1.0 / n as f64);
    for j in 0..p {
        system[(j, j)] += lambda;
    }
    let y = Mat::from_fn(n, 1, |i, _| y[i] / n as f64);
    let solution = system
        .llt(Side::Lower)
        .expect("positive definite")
        .solve(x.transpose() * y);
    solution.col_as_slice(0).to_vec()
}

#[test]
fn on_an_orthonormal_design_the_lasso_thresholds_and_ridge_shrinks() {
    let (n, p) = (50, 12);
    let x = orthonormal(n, p);
    let x = dense(&x);
    let y = normals(&mut rng(2), n);
    let lasso = Problem::new(&x, &y, Squared, L1).expect("valid problem");
    let least_squares: Vec<f64> = (0..p)
        .map(|j| x.column(j).iter().zip(&y).map(|(x, y)| x * y).sum::<f64>() / n as f64)
        .collect();
    for share in [0.9, 0.5, 0.1, 1e-3] {
        let lambda = share * lasso.lambda_max();
        let expected: Vec<f64> = least_squares
            .iter()
            .map(|&c| soft_threshold(c, lambda))
            .collect();
        for updates in [Updates::FullGram, Updates::WorkingGram, Updates::Residual] {
            let found = solve(&forced(updates), &lasso, lambda, 1e-14);
            assert!(distance(&found.beta, &expected) < 1e-12, "{updates:?}");
        }
        // With L = 1 the first gradient step lands on the solution.
        let found = solve(&ProximalGradient::ista(), &lasso, lambda, 1e-14);
        assert!(distance(&found.beta, &expected) < 1e-11);
        assert!(found.outcome.work.epochs <= 2);

        let ridge = Problem::new(&x, &y, Squared, Ridge).expect("valid problem");
        let expected: Vec<f64> = least_squares.iter().map(|c| c / (1.0 + lambda)).collect();
        let found = solve(&RidgeClosedForm, &ridge, lambda, 1e-14);
        assert!(distance(&found.beta, &expected) < 1e-12);

        let alpha = 0.4;
        let penalty = ElasticNet::new(alpha).expect("alpha is in [0, 1]");
        let net = Problem::new(&x, &y, Squared, penalty).expect("valid problem");
        let expected: Vec<f64> = least_squares
            .iter()
            .map(|&c| soft_threshold(c, lambda * alpha) / (1.0 + lambda * (1.0 - alpha)))
            .collect();
        let found = solve(&CoordinateDescent::default(), &net, lambda, 1e-14);
        assert!(distance(&found.beta, &expected) < 1e-12);
    }
}

#[test]
fn ridge_solves_the_normal_equations_for_tall_and_wide_designs() {
    for (n, p) in [(40, 7), (30, 30), (12, 45)] {
        let x = Columns::Gaussian.draw(&mut rng(3), n, p);
        let y = normals(&mut rng(4), n);
        let design = dense(&x);
        let problem = Problem::new(&design, &y, Squared, Ridge).expect("valid problem");
        for lambda in [10.0, 1.0, 1e-2] {
            let expected = normal_equations(&x, &y, lambda);
            let closed = solve(&RidgeClosedForm, &problem, lambda, 1e-14);
            assert!(
                distance(&closed.beta, &expected) < 1e-10,
                "{n} x {p} at {lambda}"
            );
            let descent = solve(&CoordinateDescent::default(), &problem, lambda, 1e-14);
            // The gap bounds the objective; coefficients follow with its square root.
            assert!(
                distance(&descent.beta, &expected) < 1e-6,
                "{n} x {p} at {lambda}"
            );
        }
    }
}

#[test]
fn the_elastic_net_ends_in_the_lasso_and_in_ridge() {
    let (n, p) = (30, 20);
    let x = Columns::Equicorrelated.draw(&mut rng(5), n, p);
    let y = normals(&mut rng(6), n);
    let x = dense(&x);
    let solver = CoordinateDescent::default();
    let lambdas = [0.2, 0.05, 0.01];
    let net = |alpha| {
        let penalty = ElasticNet::new(alpha).expect("alpha is in [0, 1]");
        let problem = Problem::new(&x, &y, Squared, penalty).expect("valid problem");
        walk(&solver, &problem, &lambdas, stop(1e-14))
    };
    let lasso = Problem::new(&x, &y, Squared, L1).expect("valid problem");
    let ridge = Problem::new(&x, &y, Squared, Ridge).expect("valid problem");
    let (lasso, ridge) = (
        walk(&solver, &lasso, &lambdas, stop(1e-14)),
        walk(&RidgeClosedForm, &ridge, &lambdas, stop(1e-14)),
    );
    let (one, zero, middle) = (net(1.0), net(0.0), net(0.5));
    for k in 0..lambdas.len() {
        assert!(distance(&one[k].beta, &lasso[k].beta) < 1e-12);
        assert!(distance(&zero[k].beta, &ridge[k].beta) < 1e-6);
        assert!(distance(&middle[k].beta, &lasso[k].beta) > 1e-3);
        assert!(distance(&middle[k].beta, &ridge[k].beta) > 1e-3);
    }
}

/// (1/2n)‖y − Xβ‖² + λα‖β‖₁ + λ(1−α)/2‖β‖² is the lasso on X over √(nλ(1−α)) I and y over 0. [Zou & Hastie 2005, Lemma 1]
#[test]
fn the_elastic_net_is_a_lasso_on_augmented_rows() {
    for (n, p) in [(25, 10), (10, 25)] {
        let x = Columns::Gaussian.draw(&mut rng(7), n, p);
        let y = normals(&mut rng(8), n);
        let (alpha, lambda) = (0.6, 0.07);
        let ridge = (n as f64 * lambda * (1.0 - alpha)).sqrt();
        let tall = Mat::from_fn(n + p, p, |i, j| match i {
            i if i < n => x[(i, j)],
            i if i - n == j => ridge,
            _ => 0.0,
        });
        let mut padded = y.clone();
        padded.resize(n + p, 0.0);
        let (x, tall) = (dense(&x), dense(&tall));
        let penalty = ElasticNet::new(alpha).expect("alpha is in [0, 1]");
        let net = Problem::new(&x, &y, Squared, penalty).expect("valid problem");
        let lasso = Problem::new(&tall, &padded, Squared, L1).expect("valid problem");
        let net = solve(&CoordinateDescent::default(), &net, lambda, 1e-14);
        // The augmented problem has n + p rows, so its loss is divided by more.
        let rescaled = lambda * alpha * n as f64 / (n + p) as f64;
        let lasso = solve(&CoordinateDescent::default(), &lasso, rescaled, 1e-14);
        assert!(net.certificate.nonzeros > 2);
        assert!(distance(&net.beta, &lasso.beta) < 1e-7);
    }
}

/// Smoother by brute force: fits of the unit vectors.
fn smoother(x: &Mat<f64>, lambda: f64) -> Mat<f64> {
    let n = x.nrows();
    let mut smoother = Mat::zeros(n, n);
    for k in 0..n {
        let mut unit = vec![0.0; n];
        unit[k] = 1.0;
        let beta = normal_equations(x, &unit, lambda);
        for i in 0..n {
            smoother[(i, k)] = (0..x.ncols()).map(|j| x[(i, j)] * beta[j]).sum();
        }
    }
    smoother
}

#[test]
fn degrees_of_freedom_and_cross_validation_match_brute_force() {
    for (n, p, intercept) in [(20, 6, false), (9, 15, false), (20, 6, true), (9, 15, true)] {
        let mut x = Columns::Gaussian.draw(&mut rng(9), n, p);
        let mut y = normals(&mut rng(10), n);
        if intercept {
            let options = Options {
                intercept,
                standardize: false,
            };
            let preparation = Preparation::new(&dense(&x), &y, options).expect("usable data");
            y = preparation.response(&y);
            preparation.apply(&mut x);
        }
        let design = dense(&x);
        let factor = RidgeFactor::new(&design, &y).expect("small problem");
        for lambda in [3.0, 0.3, 0.03] {
            let s = smoother(&x, lambda);
            let df: f64 = (0..n).map(|i| s[(i, i)]).sum();
            assert!((factor.df(lambda) - df).abs() < 1e-9);
            for (i, h) in factor.leverages(&design, &[lambda])[0].iter().enumerate() {
                assert!((h - s[(i, i)]).abs() < 1e-9);
            }
            let spent = df + f64::from(u8::from(intercept));
            let rss: f64 = (0..n)
                .map(|i| (y[i] - (0..n).map(|k| s[(i, k)] * y[k]).sum::<f64>()).powi(2))
                .sum();
            let gcv = rss / n as f64 / (1.0 - spent / n as f64).powi(2);
            let found = factor.gcv(&design, &y, lambda, intercept);
            assert!((found - gcv).abs() < 1e-9 * gcv, "{found} {gcv}");

            let refits = leave_one_out(&x, &y, lambda, intercept);
            let found = factor.leave_one_out(&design, &y, lambda, intercept);
            assert!((found - refits).abs() < 1e-9 * refits, "{found} {refits}");
        }
    }
}

/// n fits on n − 1 rows with the same nλ, the intercept, if any, as an unpenalised column of ones.
fn leave_one_out(x: &Mat<f64>, y: &[f64], lambda: f64, intercept: bool) -> f64 {
    let (n, p) = (x.nrows(), x.ncols());
    let q = p + usize::from(intercept);
    let entry = |i: usize, j: usize| if j < p { x[(i, j)] } else { 1.0 };
    let mut sum = 0.0;
    for out in 0..n {
        let rows: Vec<usize> = (0..n).filter(|&i| i != out).collect();
        let system = Mat::from_fn(q, q, |a, b| {
            let penalty = if a == b && a < p {
                n as f64 * lambda
            } else {
                0.0
            };
            penalty + rows.iter().map(|&i| entry(i, a) * entry(i, b)).sum::<f64>()
        });
        let right = Mat::from_fn(q, 1, |a, _| rows.iter().map(|&i| entry(i, a) * y[i]).sum());
        let beta: Mat<f64> = system
            .llt(Side::Lower)
            .expect("positive definite")
            .solve(right);
        let fit: f64 = (0..q).map(|j| entry(out, j) * beta[(j, 0)]).sum();
        sum += (y[out] - fit).powi(2);
    }
    sum / n as f64
}
