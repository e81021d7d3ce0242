//! Degrees of freedom and the variance of C_p against singular values and a QR factorisation.

mod common;

use common::{Columns, csc, normals, response, rng};
use faer::linalg::solvers::SolveLstsq;
use faer::{Mat, Side};
use regpath_solvers::criteria::DegreesOfFreedom;
use regpath_solvers::design::{Dense, Design};
use regpath_solvers::solver::RidgeFactor;

fn dense(x: &Mat<f64>) -> Dense<'_> {
    Dense::try_new(x.as_ref()).expect("finite entries")
}

/// The columns `set`, column i divided by √`divisor[i]`.
fn scaled(x: &Mat<f64>, set: &[usize], divisor: &[f64]) -> Mat<f64> {
    Mat::from_fn(x.nrows(), set.len(), |i, k| {
        x[(i, set[k])] / divisor[k].sqrt()
    })
}

fn singular_values(x: &Mat<f64>) -> Vec<f64> {
    x.singular_values()
        .expect("singular values of a small matrix")
}

/// Singular values that are not rounding.
fn rank(x: &Mat<f64>) -> f64 {
    let values = singular_values(x);
    let largest = values.iter().fold(0.0f64, |m, v| m.max(*v));
    values.iter().filter(|v| **v > 1e-9 * largest).count() as f64
}

fn unit(x: &Mat<f64>) -> Mat<f64> {
    let norms: Vec<f64> = (0..x.ncols()).map(|j| x.col(j).norm_l2()).collect();
    Mat::from_fn(x.nrows(), x.ncols(), |i, j| {
        x[(i, j)] / if norms[j] > 0.0 { norms[j] } else { 1.0 }
    })
}

#[test]
fn without_ridge_it_is_the_rank_of_the_active_columns() {
    let mut rng = rng(7);
    for columns in Columns::ALL {
        for (n, p) in [(30, 12), (12, 30), (20, 20)] {
            let x = columns.draw(&mut rng, n, p);
            let supports: Vec<Vec<usize>> = [1, 2, 3, 7]
                .iter()
                .map(|&step| (0..p).step_by(step).collect())
                .collect();
            let design = dense(&x);
            let freedom = DegreesOfFreedom::new(&design, supports.iter().map(Vec::as_slice));
            for support in &supports {
                let expected = rank(&unit(&scaled(&x, support, &vec![1.0; support.len()])));
                let df = freedom.at(support, &vec![0.0; support.len()]);
                assert_eq!(df, Some(expected), "{columns:?} {n} x {p}: {support:?}");
            }
            // One that the path did not announce.
            let other: Vec<usize> = (1..p).collect();
            let expected = rank(&unit(&scaled(&x, &other, &vec![1.0; p - 1])));
            assert_eq!(freedom.at(&other, &vec![0.0; p - 1]), Some(expected));
        }
    }
}

#[test]
fn with_ridge_it_is_the_trace_of_the_smoother() {
    let mut rng = rng(11);
    for columns in Columns::ALL {
        for (n, p) in [(30, 12), (12, 30)] {
            let x = columns.draw(&mut rng, n, p);
            let (dense, sparse) = (dense(&x), csc(&x));
            for step in [1, 2] {
                let support: Vec<usize> = (0..p).step_by(step).collect();
                for size in [1e-3, 1.0, 1e3] {
                    let same = vec![size; support.len()];
                    let drawn = normals(&mut rng, support.len());
                    let mixed: Vec<f64> = drawn.iter().map(|v| size * (0.1 + v * v)).collect();
                    for added in [same, mixed] {
                        let expected: f64 = singular_values(&scaled(&x, &support, &added))
                            .iter()
                            .map(|s| s * s / (s * s + 1.0))
                            .sum();
                        let at = |df: Option<f64>| df.expect("a small matrix");
                        let close = |df: f64| (df - expected).abs() < 1e-7 * (1.0 + expected);
                        let shared = DegreesOfFreedom::new(&dense, [&support[..]]);
                        let alone = DegreesOfFreedom::new(&sparse, []);
                        let (shared, alone) = (
                            at(shared.at(&support, &added)),
                            at(alone.at(&support, &added)),
                        );
                        assert!(close(shared), "{columns:?}: {shared} {expected}");
                        assert!(close(alone), "{columns:?}: {alone} {expected}");
                    }
                }
            }
        }
    }
}

/// The elastic net's has ridge's and the lasso's at its ends, and a column that ridge spares counts in full.
#[test]
fn the_ends_of_the_elastic_net_meet_ridge_and_lasso() {
    let mut rng = rng(3);
    let (n, p, lambda) = (40, 15, 0.3);
    let x = Columns::Gaussian.draw(&mut rng, n, p);
    let design = dense(&x);
    let all: Vec<usize> = (0..p).collect();
    let freedom = DegreesOfFreedom::new(&design, [&all[..]]);
    let ridge = RidgeFactor::new(&design, &normals(&mut rng, n)).expect("a factor");
    for share in [1.0, 1.0 - 1e-12] {
        let mut added = vec![n as f64 * lambda * share; p];
        // All but equal, so that no shortcut for equal ones is taken.
        added[0] *= 1.0 + 1e-13;
        let df = freedom.at(&all, &added).expect("a small matrix");
        assert!((df - ridge.df(lambda)).abs() < 1e-10);
        let df = freedom.at(&all, &vec![n as f64 * lambda * share; p]);
        assert!((df.expect("a small matrix") - ridge.df(lambda)).abs() < 1e-10);
    }
    let tiny = freedom.at(&all, &vec![1e-12; p]).expect("a small matrix");
    assert!((tiny - p as f64).abs() < 1e-10);
    let mut added = vec![1e14; p];
    (added[3], added[8]) = (0.0, 0.0);
    let df = freedom.at(&all, &added).expect("a small matrix");
    assert!((df - 2.0).abs() < 1e-10, "{df}");
    assert_eq!(freedom.at(&[], &[]), Some(0.0));
}

/// Where some columns are spared and depend on each other, the matrix is singular and the trace is still that of the span.
#[test]
fn dependent_columns_without_penalty_count_once() {
    let mut rng = rng(5);
    let mut x = Columns::Gaussian.draw(&mut rng, 25, 6);
    for i in 0..25 {
        x[(i, 5)] = x[(i, 0)] - 2.0 * x[(i, 1)];
    }
    let design = dense(&x);
    let added = [0.0, 0.0, 3.0, 8.0, 2.0, 0.0];
    let all = [0, 1, 2, 3, 4, 5];
    let freedom = DegreesOfFreedom::new(&design, [&all[..]]);
    let df = freedom.at(&all, &added).expect("a small matrix");
    let fewer = freedom.at(&all[..5], &added[..5]).expect("a small matrix");
    let gram = x.transpose() * &x;
    let mut h = gram.get(0..5, 0..5).to_owned();
    (0..5).for_each(|j| h[(j, j)] += added[j]);
    let inverse = h.self_adjoint_eigen(Side::Lower).expect("eigenvalues");
    assert!(inverse.S().column_vector().iter().all(|e| *e > 0.0));
    assert!(
        (df - fewer).abs() < 1e-10 && df > 2.0 && df < 5.0,
        "{df} {fewer}"
    );
}

#[test]
fn the_variance_of_the_noise_is_that_of_least_squares() {
    let mut rng = rng(2);
    for columns in [Columns::Gaussian, Columns::Scaled, Columns::Equicorrelated] {
        let x = columns.draw(&mut rng, 50, 8);
        let y = response(&mut rng, &x, 1.0);
        let right = Mat::from_fn(50, 1, |i, _| y[i]);
        let beta = x.qr().solve_lstsq(&right);
        let rss = (&right - &x * &beta).squared_norm_l2();
        let design = dense(&x);
        let all: Vec<usize> = (0..8).collect();
        for shared in [&all[..], &[]] {
            let freedom = DegreesOfFreedom::new(&design, [shared]);
            for (intercept, left) in [(false, 42.0), (true, 41.0)] {
                let variance = freedom.noise_variance(&y, intercept).expect("n > p + 1");
                assert!((variance * left / rss - 1.0).abs() < 1e-10, "{columns:?}");
            }
        }
        // A column that is there twice changes neither the fit nor its rank.
        let twice = Mat::from_fn(50, 9, |i, j| x[(i, j % 8)]);
        let twice = dense(&twice);
        let variance = DegreesOfFreedom::new(&twice, []).noise_variance(&y, false);
        assert!((variance.expect("n > p + 1") * 42.0 / rss - 1.0).abs() < 1e-10);
        // A response without noise has none.
        let mut fit = vec![0.0; 50];
        design.mul(&[1.0; 8], &mut fit);
        assert_eq!(
            DegreesOfFreedom::new(&design, []).noise_variance(&fit, true),
            None
        );
    }
    let wide = Columns::Gaussian.draw(&mut rng, 9, 8);
    let wide = dense(&wide);
    let y = normals(&mut rng, 9);
    assert_eq!(
        DegreesOfFreedom::new(&wide, []).noise_variance(&y, true),
        None
    );
}
