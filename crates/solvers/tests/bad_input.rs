//! Bad input: each error by its cause, and an honest answer to what is merely extreme.

mod common;

use common::{Columns, distance, normals, rng, solve, stop};
use faer::Mat;
use regpath_solvers::certificate::certify;
use regpath_solvers::design::{Csc, Dense, Design, DesignError, Moments};
use regpath_solvers::grid::Grid;
use regpath_solvers::loss::Squared;
use regpath_solvers::penalty::{L1, Ridge};
use regpath_solvers::problem::Problem;
use regpath_solvers::solver::{
    CoordinateDescent, ProximalGradient, RidgeClosedForm, Solver, Status, Stop, Updates,
};
use regpath_solvers::{SolveError, elastic_net, lasso, ridge};

fn data(n: usize, p: usize) -> (Mat<f64>, Vec<f64>) {
    (
        Columns::Gaussian.draw(&mut rng(11), n, p),
        normals(&mut rng(12), n),
    )
}

#[test]
fn every_error_is_reached_by_its_cause() {
    let (x, y) = data(6, 3);
    let fit = |x: &Mat<f64>, y: &[f64]| lasso().fit(x.as_ref(), y).map(|_| ());

    let mut bad = x.clone();
    bad[(4, 1)] = f64::NAN;
    assert!(matches!(
        fit(&bad, &y),
        Err(SolveError::Design(DesignError::Value { row: 4, column: 1, value })) if value.is_nan()
    ));
    bad[(4, 1)] = f64::NEG_INFINITY;
    assert!(matches!(
        fit(&bad, &y),
        Err(SolveError::Design(DesignError::Value {
            row: 4,
            column: 1,
            ..
        }))
    ));
    bad[(4, 1)] = 1e151;
    assert!(matches!(fit(&bad, &y), Err(SolveError::Design(_))));
    assert!(matches!(
        lasso().fit(x.as_ref().transpose(), &y[..3]).map(|_| ()),
        Err(SolveError::Design(DesignError::Layout(_)))
    ));

    for alpha in [-1e-9, 1.0 + 1e-9, f64::NAN, f64::INFINITY] {
        assert!(matches!(
            elastic_net(alpha).fit(x.as_ref(), &y),
            Err(SolveError::Alpha(_))
        ));
    }
    for lambda in [-1.0, f64::NAN, f64::INFINITY] {
        assert!(matches!(
            lasso().lambdas([0.1, lambda]).fit(x.as_ref(), &y),
            Err(SolveError::Lambda(_))
        ));
    }
    for builder in [
        lasso().n_lambda(0),
        lasso().lambda_min_ratio(0.0),
        lasso().lambda_min_ratio(1.5),
        lasso().lambda_min_ratio(f64::NAN),
        lasso().lambdas(Vec::new()),
    ] {
        assert!(matches!(
            builder.fit(x.as_ref(), &y),
            Err(SolveError::Grid(_))
        ));
    }
    assert_eq!(fit(&x, &y[..5]), Err(SolveError::Shape { y: 5, rows: 6 }));
    let (one, y_one) = data(1, 3);
    assert_eq!(
        fit(&one, &y_one),
        Err(SolveError::Empty {
            rows: 1,
            columns: 3
        })
    );
    assert_eq!(
        fit(&Mat::zeros(6, 0), &y),
        Err(SolveError::Empty {
            rows: 6,
            columns: 0
        })
    );
    for value in [f64::NAN, f64::INFINITY, 1e151] {
        let mut bad = y.clone();
        bad[2] = value;
        assert!(matches!(
            fit(&x, &bad),
            Err(SolveError::Response { row: 2, .. })
        ));
    }
    assert_eq!(fit(&x, &[3.0; 6]), Err(SolveError::ConstantResponse(3.0)));
    assert!(matches!(
        lasso().intercept(false).fit(x.as_ref(), &[0.0; 6]),
        Err(SolveError::ConstantResponse(_))
    ));
    let tiny: Vec<f64> = y.iter().map(|y| y * 1e-160).collect();
    assert!(matches!(
        fit(&x, &tiny),
        Err(SolveError::ResponseScale { size }) if size < 1e-150
    ));
    let small = &x * faer::Scale(1e-160);
    assert!(matches!(
        lasso().standardize(false).fit(small.as_ref(), &y),
        Err(SolveError::ColumnScale { column: 0, .. })
    ));
}

#[test]
fn a_matrix_beyond_the_closed_form_is_refused_before_it_is_formed() {
    let order = 8001;
    let x = Csc::try_new(
        order,
        order,
        (0..=order).collect(),
        (0..order as u32).collect(),
        vec![1.0; order],
    )
    .expect("valid storage");
    let y = normals(&mut rng(13), order);
    let problem = Problem::new(&x, &y, Squared, Ridge).expect("valid problem");
    assert!(matches!(
        RidgeClosedForm.setup(&problem).map(|_| ()),
        Err(SolveError::TooLarge(_))
    ));
}

/// A design whose products are NaN: the only way to a failed factorisation, since no storage lets one in.
struct Broken;

impl Design for Broken {
    fn nrows(&self) -> usize {
        4
    }
    fn ncols(&self) -> usize {
        3
    }
    fn nnz(&self) -> usize {
        12
    }
    fn col_dot(&self, _: usize, _: &[f64]) -> f64 {
        f64::NAN
    }
    fn col_axpy(&self, _: usize, _: f64, v: &mut [f64]) {
        v.fill(f64::NAN)
    }
    fn col_sq_norm(&self, _: usize) -> f64 {
        f64::NAN
    }
    fn col_moments(&self, _: usize) -> Moments {
        Moments {
            mean: f64::NAN,
            sd: f64::NAN,
        }
    }
    fn gram_row(&self, _: usize, _: &[usize], out: &mut [f64]) {
        out.fill(f64::NAN)
    }
}

#[test]
fn a_broken_design_ends_in_an_error_or_a_status_and_never_in_a_claim() {
    let y = [1.0, -1.0, 2.0, 0.5];
    let problem = Problem::new(&Broken, &y, Squared, Ridge).expect("valid problem");
    // Of XXᵀ: with one row more than columns, residuals of single rows need it.
    assert!(matches!(
        RidgeClosedForm.setup(&problem).map(|_| ()),
        Err(SolveError::Eigen(4))
    ));
    assert!(matches!(
        ProximalGradient::fista().setup(&problem).map(|_| ()),
        Err(SolveError::Eigen(3))
    ));
    let problem = Problem::new(&Broken, &y, Squared, L1).expect("valid problem");
    let few = Stop {
        max_epochs: 50,
        ..Stop::default()
    };
    for updates in [Updates::FullGram, Updates::WorkingGram, Updates::Residual] {
        let solver = CoordinateDescent {
            updates: Some(updates),
            ..CoordinateDescent::default()
        };
        let setup = solver.setup(&problem).expect("no factorisation");
        let mut state = solver.start(&problem, &setup);
        let outcome = solver.solve(&problem, &setup, 0.1, few, &mut state);
        assert_ne!(outcome.status, Status::Converged, "{updates:?}");
    }
    let certificate = certify(&problem, &[0.0; 3], 0.1);
    assert_eq!(certificate.dual, f64::NEG_INFINITY);
    assert!(certificate.kkt.is_nan());
}

#[test]
fn messages_name_the_place_and_the_remedy() {
    let (x, mut y) = data(6, 3);
    y[3] = f64::NAN;
    let message = lasso()
        .fit(x.as_ref(), &y)
        .expect_err("NaN in y")
        .to_string();
    assert!(message.contains("row 3") && message.contains("NaN") && message.contains("expected"));
    assert!(!message.contains('\n'));
}

#[test]
fn huge_and_tiny_scales_give_the_scaled_solution_or_an_error() {
    let (x, y) = data(30, 8);
    let reference = lasso()
        .n_lambda(20)
        .fit(x.as_ref(), &y)
        .expect("plain data");
    for (in_x, in_y) in [
        (1e149, 1.0),
        (1e-150, 1.0),
        (1.0, 1e149),
        (1.0, 1e-149),
        (1e149, 1e149),
        (1e-150, 1e149),
        (1e149, 1e-149),
    ] {
        let scaled = &x * faer::Scale(in_x);
        let y: Vec<f64> = y.iter().map(|y| y * in_y).collect();
        let path = lasso()
            .n_lambda(20)
            .fit(scaled.as_ref(), &y)
            .unwrap_or_else(|e| panic!("x {in_x:e} y {in_y:e}: {e}"));
        assert!(path.worst_gap() <= 1e-6, "x {in_x:e} y {in_y:e}");
        for k in 0..20 {
            assert_eq!(path.points[k].outcome.status, Status::Converged);
            let back: Vec<f64> = path
                .coefficients(k)
                .iter()
                .map(|b| b * in_x / in_y)
                .collect();
            let d = distance(&back, &reference.coefficients(k));
            assert!(d < 1e-6, "x {in_x:e} y {in_y:e}: {d:e}");
        }
        // Without standardisation squares of the columns themselves are formed.
        for alpha in [0.0, 0.5, 1.0] {
            let unscaled = elastic_net(alpha)
                .standardize(false)
                .n_lambda(5)
                .fit(scaled.as_ref(), &y);
            match unscaled {
                Err(SolveError::ResponseScale { .. } | SolveError::ColumnScale { .. }) => {}
                Err(error) => panic!("x {in_x:e} y {in_y:e}: {error}"),
                Ok(path) => {
                    for k in 0..5 {
                        assert!(
                            path.points[k].outcome.status != Status::Converged
                                || path.points[k].certificate.relative_gap(path.null_loss) <= 1e-6,
                            "x {in_x:e} y {in_y:e} alpha {alpha}: {:?}",
                            path.points[k].certificate
                        );
                        assert!(path.coefficients(k).iter().all(|b| b.is_finite()));
                    }
                }
            }
        }
    }
}

#[test]
fn sparse_data_of_tiny_scale_are_fitted_like_their_dense_copy() {
    for scale in [1e-140, 1e-170, 1e140] {
        let x = Columns::Sparse.draw(&mut rng(14), 20, 5) * faer::Scale(scale);
        let y = normals(&mut rng(15), 20);
        let dense = lasso()
            .n_lambda(10)
            .tol(1e-12)
            .fit(x.as_ref(), &y)
            .expect("usable data");
        let sparse = lasso()
            .n_lambda(10)
            .tol(1e-12)
            .fit_sparse(&common::csc(&x), &y)
            .expect("usable data");
        for k in 0..10 {
            let in_units = |b: Vec<f64>| b.iter().map(|b| b * scale).collect::<Vec<_>>();
            let (a, b) = (
                in_units(dense.coefficients(k)),
                in_units(sparse.coefficients(k)),
            );
            assert!(distance(&a, &b) < 1e-5, "scale {scale:e}, point {k}");
            assert!(k == 0 || b.iter().any(|b| *b != 0.0));
        }
    }
}

#[test]
fn the_unpenalised_fit_is_least_squares_or_an_honest_status() {
    for (n, p, scale) in [
        (30, 6, 1.0),
        (30, 6, 1e-4),
        (30, 6, 1e4),
        (6, 20, 1.0),
        (30, 28, 1.0),
    ] {
        let (x, y) = data(n, p);
        let x = &x * faer::Scale(scale);
        for alpha in [0.0, 0.5, 1.0] {
            for standardize in [false, true] {
                let path = elastic_net(alpha)
                    .lambdas([0.0])
                    .standardize(standardize)
                    .fit(x.as_ref(), &y)
                    .expect("lambda 0 is allowed");
                let point = &path.points[0];
                let told = format!("{n} x {p}, scale {scale}, alpha {alpha}: {point:?}");
                assert_eq!(point.outcome.status, Status::Converged, "{told}");
                assert!(
                    point.certificate.relative_gap(path.null_loss) <= 1e-6,
                    "{told}"
                );
                if p >= n {
                    assert!(point.certificate.primal < 1e-6 * path.null_loss, "{told}");
                }
            }
        }
    }
    // Every kind of updates by itself, at columns of very different size.
    let x = Columns::Scaled.draw(&mut rng(16), 40, 6);
    let y = normals(&mut rng(17), 40);
    let design = Dense::try_new(x.as_ref()).expect("finite entries");
    let problem = Problem::new(&design, &y, Squared, L1).expect("valid problem");
    let least = solve(&CoordinateDescent::default(), &problem, 0.0, 1e-13)
        .certificate
        .primal;
    for updates in [Updates::FullGram, Updates::WorkingGram, Updates::Residual] {
        let solver = CoordinateDescent {
            updates: Some(updates),
            ..CoordinateDescent::default()
        };
        let found = solve(&solver, &problem, 0.0, 1e-9);
        assert_eq!(found.outcome.status, Status::Converged, "{updates:?}");
        assert!(
            found.certificate.primal - least <= 1e-9 * problem.null_loss(),
            "{updates:?}"
        );
    }
}

#[test]
fn far_more_columns_than_rows_are_solved() {
    let (x, y) = data(5, 3000);
    let path = lasso().fit(x.as_ref(), &y).expect("usable data");
    assert!(path.worst_gap() <= 1e-6);
    let path = ridge().fit(x.as_ref(), &y).expect("usable data");
    assert!(path.worst_gap() <= 1e-6);
}

#[test]
fn columns_without_variation_get_a_zero() {
    let (mut x, y) = data(20, 5);
    x.col_as_slice_mut(1).fill(0.0);
    x.col_as_slice_mut(3).fill(7.5);
    for builder in [lasso(), ridge(), elastic_net(0.5)] {
        for standardize in [true, false] {
            let path = builder
                .clone()
                .standardize(standardize)
                .fit(x.as_ref(), &y)
                .expect("usable data");
            let last = path.coefficients(path.points.len() - 1);
            assert_eq!((last[1], last[3]), (0.0, 0.0));
            assert!(path.worst_gap() <= 1e-6);
        }
    }
    // When nothing varies there is no largest lambda to start from.
    let flat = Mat::from_fn(20, 2, |_, j| j as f64);
    assert!(matches!(
        lasso().fit(flat.as_ref(), &y).map(|_| ()),
        Err(SolveError::Grid(_))
    ));
}

#[test]
fn a_budget_that_runs_out_is_a_status_with_its_gap() {
    let x = Columns::Equicorrelated.draw(&mut rng(18), 40, 30);
    let y = normals(&mut rng(19), 40);
    let path = lasso()
        .max_epochs(1)
        .tol(1e-12)
        .fit(x.as_ref(), &y)
        .expect("usable data");
    let short: Vec<_> = path
        .points
        .iter()
        .filter(|p| p.outcome.status == Status::EpochLimit)
        .collect();
    assert!(!short.is_empty());
    assert!(short.iter().all(|p| p.certificate.gap.is_finite()));
    // A tolerance below rounding is never claimed.
    for tol in [0.0, -1.0, f64::NAN] {
        let path = lasso()
            .n_lambda(5)
            .max_epochs(500)
            .tol(tol)
            .fit(x.as_ref(), &y)
            .expect("usable data");
        for point in &path.points[1..] {
            assert!(
                point.outcome.status != Status::Converged
                    || point.certificate.gap <= 4e-15 * path.null_loss,
                "{point:?}"
            );
        }
    }
}

#[test]
fn cancellation_ends_a_solve() {
    let cancel = std::sync::atomic::AtomicBool::new(true);
    let (x, y) = data(20, 10);
    let x = Dense::try_new(x.as_ref()).expect("finite entries");
    let problem = Problem::new(&x, &y, Squared, L1).expect("valid problem");
    let solver = CoordinateDescent::default();
    let setup = solver.setup(&problem).expect("small problem");
    let mut state = solver.start(&problem, &setup);
    let stop = Stop {
        cancel: Some(&cancel),
        ..stop(1e-10)
    };
    let outcome = solver.solve(&problem, &setup, 0.01, stop, &mut state);
    assert_eq!(outcome.status, Status::Interrupted);
}

#[test]
fn a_grid_of_one_needs_no_ratio() {
    assert_eq!(
        Grid::geometric(2.0, 1.0, 1).map(|g| g.as_slice().to_vec()),
        Ok(vec![2.0])
    );
}

#[test]
fn a_point_that_is_not_finite_is_not_certified() {
    let (x, y) = data(10, 3);
    let x = Dense::try_new(x.as_ref()).expect("finite entries");
    let problem = Problem::new(&x, &y, Squared, L1).expect("valid problem");
    for bad in [f64::NAN, f64::INFINITY] {
        let certificate = certify(&problem, &[bad, 0.0, 0.0], 0.1);
        let gap = certificate.relative_gap(problem.null_loss());
        assert!(gap.is_nan() || gap > 1e-6, "{certificate:?}");
    }
}
