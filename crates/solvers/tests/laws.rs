//! Laws: what holds for every design, response and λ.

mod common;

use common::{Columns, Point, csc, distance, normals, response, rng, solve, stop, walk};
use faer::Mat;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use regpath_solvers::certificate::{Certificate, certify};
use regpath_solvers::design::{ColumnScaling, Dense, Design, Residual, Standardized, kernels};
use regpath_solvers::loss::Squared;
use regpath_solvers::penalty::{ElasticNet, L1, Penalty, Ridge};
use regpath_solvers::prepare::{Options, Preparation, moments};
use regpath_solvers::problem::Problem;
use regpath_solvers::solver::{
    CoordinateDescent, ProximalGradient, Setup, Solver, State, Status, Updates,
};
use regpath_solvers::{PathBuilder, elastic_net};

fn config() -> ProptestConfig {
    ProptestConfig {
        cases: 150,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(20_040_407),
        ..ProptestConfig::default()
    }
}

fn columns() -> impl Strategy<Value = Columns> {
    prop::sample::select(Columns::ALL.to_vec())
}

/// Columns on which coefficients are determined well enough to be compared.
fn tame() -> impl Strategy<Value = Columns> {
    prop::sample::select(vec![
        Columns::Gaussian,
        Columns::Integer,
        Columns::Sparse,
        Columns::Scaled,
        Columns::Offset,
        Columns::Equicorrelated,
    ])
}

fn alpha() -> impl Strategy<Value = f64> {
    prop::sample::select(vec![0.0, 1e-9, 1e-3, 0.3, 0.7, 1.0 - 1e-9, 1.0])
}

/// α for which some λ makes everything zero.
fn sparse_alpha() -> impl Strategy<Value = f64> {
    prop::sample::select(vec![1e-3, 0.3, 0.7, 1.0 - 1e-9, 1.0])
}

struct Data {
    x: Mat<f64>,
    y: Vec<f64>,
}

impl Data {
    fn new(columns: Columns, n: usize, p: usize, seed: u64) -> Self {
        let mut rng = rng(seed);
        let x = columns.draw(&mut rng, n, p);
        let y = response(&mut rng, &x, 0.5);
        Self { x, y }
    }

    fn dense(&self) -> Dense<'_> {
        Dense::try_new(self.x.as_ref()).expect("finite entries")
    }
}

fn net(alpha: f64) -> ElasticNet {
    ElasticNet::new(alpha).expect("alpha is in [0, 1]")
}

/// Zeros at and above λ_max by the path's own rule, and by the solver itself just above; something below.
fn threshold<P: Penalty, S: for<'a> Solver<Dense<'a>, Squared, P>>(
    data: &Data,
    solver: &S,
    penalty: P,
) -> Result<(), TestCaseError> {
    let x = data.dense();
    let problem = Problem::new(&x, &data.y, Squared, penalty).expect("valid problem");
    let top = problem.lambda_max();
    prop_assume!(top > 0.0);
    let above = walk(solver, &problem, &[4.0 * top, top], stop(1e-12));
    for point in &above {
        prop_assert!(point.beta.iter().all(|b| *b == 0.0 && b.is_sign_positive()));
        prop_assert_eq!(point.outcome.status, Status::Converged);
        prop_assert!(point.certificate.relative_gap(problem.null_loss()) <= 1e-14);
    }
    let setup = solver.setup(&problem).expect("small problem");
    let mut state = solver.start(&problem, &setup);
    let outcome = solver.solve(
        &problem,
        &setup,
        top * (1.0 + 1e-12),
        stop(1e-12),
        &mut state,
    );
    prop_assert_eq!(outcome.status, Status::Converged);
    prop_assert!(state.beta().iter().all(|b| *b == 0.0));
    prop_assert!(!setup.rule().is_empty());
    // The gap at 0 falls with the square of the distance to λ_max: the tolerance must see it.
    let below = solve(solver, &problem, 0.99 * top, 1e-12);
    prop_assert!(below.certificate.nonzeros > 0);
    Ok(())
}

/// Coefficients on the original scale from the five-line interface.
fn fitted(builder: &PathBuilder, x: &Mat<f64>, y: &[f64]) -> Vec<(f64, Vec<f64>)> {
    let path = builder.fit(x.as_ref(), y).expect("usable data");
    (0..path.points.len())
        .map(|k| (path.points[k].intercept, path.coefficients(k)))
        .collect()
}

/// max_j |a_j − b_j| of contributions to the fit, in units of y.
fn apart(x: &Mat<f64>, y: &[f64], a: &(f64, Vec<f64>), b: &(f64, Vec<f64>)) -> f64 {
    let size = y.iter().fold(1e-300f64, |m, y| m.max(y.abs()));
    let fit = |(intercept, beta): &(f64, Vec<f64>), i: usize| -> f64 {
        intercept + (0..x.ncols()).map(|j| x[(i, j)] * beta[j]).sum::<f64>()
    };
    (0..y.len()).fold(0.0f64, |m, i| m.max((fit(a, i) - fit(b, i)).abs())) / size
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn lambda_max_is_the_threshold(
        columns in columns(), n in 2..30usize, p in 1..40usize, alpha in sparse_alpha(), seed: u64,
    ) {
        let data = Data::new(columns, n, p, seed);
        for updates in [Updates::FullGram, Updates::WorkingGram, Updates::Residual] {
            let solver = CoordinateDescent { updates: Some(updates), ..CoordinateDescent::plain() };
            threshold(&data, &solver, net(alpha))?;
            threshold(&data, &solver, L1)?;
        }
        threshold(&data, &CoordinateDescent::default(), net(alpha))?;
        threshold(&data, &ProximalGradient::ista(), net(alpha))?;
        threshold(&data, &ProximalGradient::fista(), L1)?;
        threshold(&data, &ProximalGradient::fista_restart(), net(alpha))?;
    }

    /// With X → cX the penalised problem is the same at λ → cλ for the L1 part; with standardisation c has no effect
    /// on the fit at all.
    #[test]
    fn scaling_x_scales_beta_inversely(
        columns in tame(), n in 3..30usize, p in 1..20usize, power in -12..12i32, alpha in alpha(), seed: u64,
    ) {
        let data = Data::new(columns, n, p, seed);
        // Powers of two leave no rounding behind, so the law is exact.
        let c = 2f64.powi(power);
        let scaled = &data.x * faer::Scale(c);
        let builder = elastic_net(alpha).n_lambda(6).lambda_min_ratio(1e-2).tol(1e-10);
        let (plain, other) = (fitted(&builder, &data.x, &data.y), fitted(&builder, &scaled, &data.y));
        for (a, b) in plain.iter().zip(&other) {
            prop_assert!(a.1.iter().zip(&b.1).all(|(a, b)| *a == b * c));
        }
        let lasso = elastic_net(1.0).standardize(false).tol(1e-10);
        let plain = fitted(&lasso.clone().lambdas([0.3, 0.1, 0.01]), &data.x, &data.y);
        let other = fitted(&lasso.lambdas([0.3 * c, 0.1 * c, 0.01 * c]), &scaled, &data.y);
        for (a, b) in plain.iter().zip(&other) {
            prop_assert!(a.1.iter().zip(&b.1).all(|(a, b)| *a == b * c));
        }
        // Ridge: λ scales with c².
        let ridge = elastic_net(0.0).standardize(false);
        let plain = fitted(&ridge.clone().lambdas([0.3, 0.1]), &data.x, &data.y);
        let other = fitted(&ridge.lambdas([0.3 * c * c, 0.1 * c * c]), &scaled, &data.y);
        for (a, b) in plain.iter().zip(&other) {
            prop_assert!(apart(&data.x, &data.y, a, &(b.0, b.1.iter().map(|b| b * c).collect())) < 1e-9);
        }
    }

    /// (X, y, λ) → (X, cy, cλ) scales the lasso's β by c; ridge and the elastic net's quadratic part keep λ.
    #[test]
    fn scaling_y_scales_beta(
        columns in tame(), n in 3..30usize, p in 1..20usize, c in prop::sample::select(vec![1e-3, 0.7, -1.0, 5e4]), seed: u64,
    ) {
        let data = Data::new(columns, n, p, seed);
        let y: Vec<f64> = data.y.iter().map(|y| c * y).collect();
        let back = |(intercept, beta): &(f64, Vec<f64>)| {
            (intercept / c, beta.iter().map(|b| b / c).collect::<Vec<f64>>())
        };
        let lambdas = [0.3, 0.1, 0.01];
        let lasso = elastic_net(1.0).tol(1e-13);
        let plain = fitted(&lasso.clone().lambdas(lambdas), &data.x, &data.y);
        let other = fitted(&lasso.lambdas(lambdas.map(|l| l * f64::abs(c))), &data.x, &y);
        for (a, b) in plain.iter().zip(&other) {
            prop_assert!(apart(&data.x, &data.y, a, &back(b)) < 1e-6);
        }
        let ridge = elastic_net(0.0).lambdas(lambdas);
        let (plain, other) = (fitted(&ridge, &data.x, &data.y), fitted(&ridge, &data.x, &y));
        for (a, b) in plain.iter().zip(&other) {
            prop_assert!(apart(&data.x, &data.y, a, &back(b)) < 1e-9);
        }
    }

    /// The order of rows, a shift of y and shifts of columns change nothing but the intercept; writing every row twice
    /// (weights 2) nothing at all.
    #[test]
    fn order_shift_and_repetition_of_rows_leave_the_fit(
        columns in tame(), n in 3..25usize, p in 1..20usize, alpha in alpha(), standardize: bool, seed: u64,
    ) {
        let data = Data::new(columns, n, p, seed);
        let builder = elastic_net(alpha).standardize(standardize).lambdas([0.3, 0.05]).tol(1e-13);
        let plain = fitted(&builder, &data.x, &data.y);
        let reversed = Mat::from_fn(n, p, |i, j| data.x[(n - 1 - i, j)]);
        let twice = Mat::from_fn(2 * n, p, |i, j| data.x[(i % n, j)]);
        let shifted = Mat::from_fn(n, p, |i, j| data.x[(i, j)] + j as f64);
        let y_reversed: Vec<f64> = data.y.iter().rev().copied().collect();
        let y_twice: Vec<f64> = data.y.iter().chain(&data.y).copied().collect();
        let y_shifted: Vec<f64> = data.y.iter().map(|y| y + 3.0).collect();
        for (x, y, moved) in [
            (&reversed, &y_reversed, 0.0),
            (&twice, &y_twice, 0.0),
            (&data.x, &y_shifted, 3.0),
            (&shifted, &data.y, 0.0),
        ] {
            for (a, b) in plain.iter().zip(&fitted(&builder, x, y)) {
                let columns_moved: f64 = if std::ptr::eq(x, &shifted) {
                    b.1.iter().enumerate().map(|(j, b)| j as f64 * b).sum()
                } else {
                    0.0
                };
                let b = (b.0 - moved + columns_moved, b.1.clone());
                prop_assert!(apart(&data.x, &data.y, a, &b) < 1e-6);
            }
        }
    }

    /// dual(any β) ≤ optimum ≤ primal(any β): the gap is never negative and always covers the distance to the best.
    #[test]
    fn the_certificate_bounds_the_optimum_from_any_point(
        columns in columns(), n in 2..30usize, p in 1..40usize, alpha in alpha(), share in 1e-3..1.5f64, size in 0.0..2.0f64, seed: u64,
    ) {
        let data = Data::new(columns, n, p, seed);
        let x = data.dense();
        let problem = Problem::new(&x, &data.y, Squared, net(alpha)).expect("valid problem");
        let lambda = share * problem.max_gradient() / alpha.max(1e-3);
        prop_assume!(lambda > 0.0);
        let unit = problem.null_loss();
        let best = solve(&CoordinateDescent::default(), &problem, lambda, 1e-12);
        let mut random = rng(seed ^ 1);
        let mut near = best.beta.clone();
        near.iter_mut().zip(normals(&mut random, p)).for_each(|(b, e)| *b += 1e-3 * size * e);
        let far: Vec<f64> = normals(&mut random, p).iter().map(|e| size * e).collect();
        let rough = solve(&CoordinateDescent::plain(), &problem, lambda, 1e-2);
        for beta in [near, far, vec![0.0; p], rough.beta] {
            let at = certify(&problem, &beta, lambda);
            let rounding = 1e-12 * unit.max(at.primal);
            prop_assert!(at.gap >= -rounding, "negative: {:?}", at);
            prop_assert!(at.gap >= at.primal - best.certificate.primal - rounding, "{:?} {:?}", at, best.certificate);
            prop_assert!(at.dual <= best.certificate.primal + rounding);
            prop_assert!(at.dual >= 0.0);
            prop_assert_eq!(at.nonzeros, beta.iter().filter(|b| **b != 0.0).count());
        }
        // A pure penalty and its elastic-net limit are one judge.
        let same = |a: Certificate, b: Certificate| {
            (a.gap - b.gap).abs() <= 1e-6 * a.primal.abs().max(unit) && (a.primal - b.primal).abs() <= 1e-6 * a.primal.abs().max(unit)
        };
        let pure = |penalty: ElasticNet, beta: &[f64]| {
            certify(&Problem::new(&x, &data.y, Squared, penalty).expect("valid problem"), beta, lambda)
        };
        let l1 = certify(&Problem::new(&x, &data.y, Squared, L1).expect("valid problem"), &best.beta, lambda);
        let ridge = certify(&Problem::new(&x, &data.y, Squared, Ridge).expect("valid problem"), &best.beta, lambda);
        prop_assert!(same(l1, pure(net(1.0), &best.beta)));
        prop_assert!(same(ridge, pure(net(0.0), &best.beta)));
    }

    /// Dense copy, implicit adaptor over dense and over sparse storage: one matrix.
    #[test]
    fn a_prepared_design_is_one_matrix_however_it_is_stored(
        columns in tame(), n in 2..40usize, p in 1..25usize, intercept: bool, standardize: bool, seed: u64,
    ) {
        let data = Data::new(columns, n, p, seed);
        let raw = data.dense();
        let options = Options { intercept, standardize };
        let preparation = Preparation::new(&raw, &data.y, options).expect("usable data");
        let mut copy = data.x.clone();
        preparation.apply(&mut copy);
        let copy = Dense::try_new(copy.as_ref()).expect("finite entries");
        let sparse = csc(&data.x);
        let over_dense = Standardized::new(&raw, &preparation.scaling);
        let over_sparse = Standardized::new(&sparse, &preparation.scaling);
        // Columns of mean 100 and deviation 1 lose two digits where they are centred implicitly, unscaled large ones
        // are compared in their own units.
        let tol = 1e-12 * if columns == Columns::Offset { 1e3 } else { 1.0 };
        let y = preparation.response(&data.y);
        let mut random = rng(seed ^ 2);
        same_design(&copy, &over_dense, &y, &normals(&mut random, n), &normals(&mut random, p), tol)?;
        same_design(&copy, &over_sparse, &y, &normals(&mut random, n), &normals(&mut random, p), tol)?;
        same_design(&raw, &sparse, &data.y, &normals(&mut random, n), &normals(&mut random, p), 1e-12)?;
        let (mean, sd) = moments(&raw);
        let (sparse_mean, sparse_sd) = moments(&sparse);
        prop_assert!(relative(&mean, &sparse_mean) < 1e-13 && relative(&sd, &sparse_sd) < 1e-13);
        if standardize && intercept {
            for (j, s) in moments(&copy).1.iter().enumerate() {
                let constant = preparation.constant.contains(&j);
                let expected = f64::from(u8::from(!constant));
                prop_assert!((s - expected).abs() < 1e-10);
            }
        }
    }

    /// Any centre and scale, not only mean and deviation.
    #[test]
    fn implicit_scaling_is_right_for_every_centre(n in 2..30usize, p in 1..12usize, seed: u64) {
        let data = Data::new(Columns::Sparse, n, p, seed);
        let mut random = rng(seed ^ 3);
        let scaling = ColumnScaling {
            center: normals(&mut random, p),
            scale: normals(&mut random, p).iter().map(|s| 0.1 + s.abs()).collect(),
        };
        let copy = Mat::from_fn(n, p, |i, j| (data.x[(i, j)] - scaling.center[j]) / scaling.scale[j]);
        let copy = Dense::try_new(copy.as_ref()).expect("finite entries");
        let sparse = csc(&data.x);
        let implicit = Standardized::new(&sparse, &scaling);
        let all: Vec<usize> = (0..p).collect();
        let (mut a, mut b) = (vec![0.0; p], vec![0.0; p]);
        for j in 0..p {
            copy.gram_row(j, &all, &mut a);
            implicit.gram_row(j, &all, &mut b);
            prop_assert!(relative(&b, &a) < 1e-12);
            prop_assert!((copy.col_sq_norm(j) - implicit.col_sq_norm(j)).abs() < 1e-12 * (1.0 + a[j]));
        }
        let v = normals(&mut random, n);
        copy.tr_mul(&v, &mut a);
        implicit.tr_mul(&v, &mut b);
        prop_assert!(relative(&b, &a) < 1e-12);
    }

    #[test]
    fn kernels_are_the_naive_sums(n in 0..300usize, k in 0..9usize, a in -3.0..3.0f64, seed: u64) {
        let mut random = rng(seed);
        let columns: Vec<Vec<f64>> = (0..k).map(|_| normals(&mut random, n)).collect();
        let v = normals(&mut random, n);
        let mut out = vec![f64::NAN; k];
        kernels::dot_columns(|j| &columns[j], &v, &mut out);
        for (column, found) in columns.iter().zip(&out) {
            let naive: f64 = column.iter().zip(&v).map(|(a, b)| a * b).sum();
            let size: f64 = column.iter().zip(&v).map(|(a, b)| (a * b).abs()).sum();
            prop_assert!((found - naive).abs() <= 1e-14 * size);
            prop_assert!((kernels::dot(column, &v) - naive).abs() <= 1e-14 * size);
            prop_assert_eq!(kernels::dot(column, &v), kernels::dot(&v, column));
            let mut sum = v.clone();
            kernels::axpy(a, column, &mut sum);
            for i in 0..n {
                prop_assert!((sum[i] - (v[i] + a * column[i])).abs() <= 1e-15 * (v[i].abs() + (a * column[i]).abs()));
            }
        }
        prop_assert!(kernels::sq_norm(&v) >= 0.0);
    }

    /// A warm start decides the work and not the answer; a step back up gives the zeros again.
    #[test]
    fn a_path_may_be_walked_in_any_order(
        columns in columns(), n in 2..25usize, p in 1..40usize, alpha in sparse_alpha(), seed: u64,
    ) {
        let data = Data::new(columns, n, p, seed);
        let x = data.dense();
        let problem = Problem::new(&x, &data.y, Squared, net(alpha)).expect("valid problem");
        let top = problem.lambda_max();
        prop_assume!(top > 0.0);
        let order = [0.9, 0.01, 0.5, 2.0, 0.2, 0.2, 0.2].map(|s| s * top);
        for updates in [None, Some(Updates::WorkingGram), Some(Updates::Residual), Some(Updates::FullGram)] {
            let solver = CoordinateDescent { updates, ..CoordinateDescent::default() };
            let points: Vec<Point> = walk(&solver, &problem, &order, stop(1e-6));
            for point in &points {
                let cold = solve(&solver, &problem, point.lambda, 1e-6);
                let done = [cold.outcome.status, point.outcome.status]
                    .iter()
                    .all(|s| *s == Status::Converged);
                // Sweeps alone may run out of epochs on nearly collinear columns.
                prop_assert!(done || updates == Some(Updates::Residual));
                if !done {
                    continue;
                }
                let apart = (cold.certificate.primal - point.certificate.primal).abs();
                prop_assert!(apart <= 1e-6 * problem.null_loss() + 1e-14);
            }
            prop_assert_eq!(points[3].certificate.nonzeros, 0);
            // A first solve may end on the full gap while its working set is still short of its own, stricter target; a
            // second one settles that, and from then on nothing moves.
            let again = points[6].outcome;
            if points[5].outcome.status == Status::Converged {
                prop_assert_eq!(again.work.coord_updates, 0, "the same lambda again is free");
            }
        }
    }
}

/// max_i |a_i − b_i| / max_i |b_i|.
fn relative(a: &[f64], b: &[f64]) -> f64 {
    let size = b.iter().fold(0.0f64, |m, v| m.max(v.abs()));
    let apart = a
        .iter()
        .zip(b)
        .fold(0.0f64, |m, (a, b)| m.max((a - b).abs()));
    if size == 0.0 { apart } else { apart / size }
}

/// Every operation of a design on both, in units of the norms that enter it; `y` is what residuals start from.
fn same_design<A: Design, B: Design>(
    a: &A,
    b: &B,
    y: &[f64],
    v: &[f64],
    beta: &[f64],
    tol: f64,
) -> Result<(), TestCaseError> {
    let (n, p) = (a.nrows(), a.ncols());
    prop_assert_eq!((n, p), (b.nrows(), b.ncols()));
    let norm = |v: &[f64]| kernels::sq_norm(v).sqrt();
    let norms: Vec<f64> = (0..p).map(|j| a.col_sq_norm(j).sqrt()).collect();
    let (mut over_rows, mut other_rows) = (vec![0.0; n], vec![0.0; n]);
    a.mul(beta, &mut over_rows);
    b.mul(beta, &mut other_rows);
    let size: f64 = norms.iter().zip(beta).map(|(s, b)| s * b.abs()).sum();
    prop_assert!(distance(&over_rows, &other_rows) * size.max(1.0) <= tol * size.max(1.0) * 10.0);
    let (mut over_columns, mut other_columns) = (vec![0.0; p], vec![0.0; p]);
    a.tr_mul(v, &mut over_columns);
    b.tr_mul(v, &mut other_columns);
    let all: Vec<usize> = (0..p).rev().collect();
    let mut set = vec![0.0; p];
    b.tr_mul_set(&all, v, &mut set);
    for j in 0..p {
        let allowed = tol * norms[j] * norm(v);
        prop_assert!((over_columns[j] - other_columns[j]).abs() <= allowed);
        prop_assert!((over_columns[j] - b.col_dot(j, v)).abs() <= allowed);
        prop_assert!((over_columns[j] - set[p - 1 - j]).abs() <= allowed);
        prop_assert!((norms[j].powi(2) - b.col_sq_norm(j)).abs() <= tol * norms[j].powi(2));
    }
    let all: Vec<usize> = (0..p).collect();
    let (gram_a, gram_b) = (a.gram(), b.gram());
    for j in 0..p {
        a.gram_row(j, &all, &mut over_columns);
        b.gram_row(j, &all, &mut other_columns);
        for k in 0..p {
            let allowed = tol * norms[j] * norms[k];
            prop_assert!((over_columns[k] - other_columns[k]).abs() <= allowed);
            prop_assert!((over_columns[k] - gram_a[(j, k)]).abs() <= allowed);
            prop_assert!((over_columns[k] - gram_b[(j, k)]).abs() <= allowed);
        }
    }
    let (outer_a, outer_b) = (a.outer_gram(), b.outer_gram());
    let total: f64 = norms.iter().map(|s| s * s).sum();
    for i in 0..n {
        for k in 0..n {
            prop_assert!((outer_a[(i, k)] - outer_b[(i, k)]).abs() <= tol * total);
        }
    }
    // A residual that starts at y and follows the updates of a sweep.
    let (mut r, mut s) = (Residual::new(y.to_vec()), Residual::new(y.to_vec()));
    for j in 0..p {
        a.residual_axpy(j, beta[j], &mut r);
        b.residual_axpy(j, beta[j], &mut s);
    }
    let size = norm(y) + size;
    for j in 0..p {
        let (c, d) = (a.residual_dot(j, &r), b.residual_dot(j, &s));
        prop_assert!((c - d).abs() <= 10.0 * tol * norms[j] * size, "{c} {d}");
    }
    let (r, s) = (r.settle().clone(), s.settle().clone());
    for (r, s) in r.iter().zip(&s) {
        prop_assert!((r - s).abs() <= 10.0 * tol * size);
    }
    Ok(())
}
