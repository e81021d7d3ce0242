//! Weights, factors, bounds, offsets, early ends and relaxed fits: laws, and a quadratic program's interior point.

mod common;

use clarabel::algebra::CscMatrix;
use clarabel::solver::{
    DefaultSettingsBuilder, DefaultSolver, IPSolver, NonnegativeConeT, SolverStatus,
};
use common::{Columns, csc, distance, response, rng};
use faer::Mat;
use faer::linalg::solvers::SolveLstsq;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use regpath_solvers::solver::Status;
use regpath_solvers::{FittedPath, PathBuilder, Restrictions, elastic_net};

fn config() -> ProptestConfig {
    ProptestConfig {
        cases: 120,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(20_101_126),
        ..ProptestConfig::default()
    }
}

/// Columns on which coefficients are determined well enough to be compared.
fn tame() -> impl Strategy<Value = Columns> {
    prop::sample::select(vec![
        Columns::Gaussian,
        Columns::Sparse,
        Columns::Scaled,
        Columns::Offset,
        Columns::Equicorrelated,
    ])
}

fn alpha() -> impl Strategy<Value = f64> {
    prop::sample::select(vec![0.0, 0.4, 1.0])
}

fn data(columns: Columns, n: usize, p: usize, seed: u64) -> (Mat<f64>, Vec<f64>) {
    let mut rng = rng(seed);
    let x = columns.draw(&mut rng, n, p);
    let y = response(&mut rng, &x, 0.5);
    (x, y)
}

fn net(alpha: f64) -> PathBuilder {
    elastic_net(alpha)
        .n_lambda(8)
        .lambda_min_ratio(1e-2)
        .tol(1e-13)
}

/// What rounding leaves of a gap where columns are all but dependent.
const GAP: f64 = 1e-11;

fn lambdas(path: &FittedPath) -> Vec<f64> {
    path.points.iter().map(|point| point.lambda).collect()
}

/// Certified, and the same fits point by point, up to `tol` of the largest.
fn same(a: &FittedPath, b: &FittedPath, x: &Mat<f64>, tol: f64) {
    assert_eq!(a.points.len(), b.points.len());
    for (k, (p, q)) in a.points.iter().zip(&b.points).enumerate() {
        assert!((p.lambda - q.lambda).abs() <= 1e-9 * q.lambda);
        let [fit, other] = [p, q].map(|point| -> Vec<f64> {
            let at = |i: usize| {
                point
                    .nonzeros
                    .iter()
                    .map(|&(j, b)| b * x[(i, j)])
                    .sum::<f64>()
            };
            (0..x.nrows()).map(|i| point.intercept + at(i)).collect()
        });
        let size = other.iter().fold(1e-3f64, |m, v| m.max(v.abs()));
        assert!(
            distance(&fit, &other) <= tol * size,
            "k {k}: {}",
            distance(&fit, &other) / size
        );
    }
    assert!(
        a.worst_gap() <= GAP && b.worst_gap() <= GAP,
        "{} {}",
        a.worst_gap(),
        b.worst_gap()
    );
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn a_weight_counts_rows(columns in tame(), alpha in alpha(), n in 12usize..40, p in 2usize..30, seed: u64,
                            scale in prop::sample::select(vec![1.0, 1e-3, 7e4]), intercept: bool, standardize: bool) {
        let (x, y) = data(columns, n, p, seed);
        let counts: Vec<usize> = (0..n).map(|i| (seed as usize / (i + 1) + i) % 4).collect();
        let rows: Vec<usize> = (0..n).flat_map(|i| std::iter::repeat_n(i, counts[i])).collect();
        prop_assume!(counts.iter().filter(|c| **c > 0).count() > 3);
        let repeated = Mat::from_fn(rows.len(), p, |i, j| x[(rows[i], j)]);
        let y_repeated: Vec<f64> = rows.iter().map(|&i| y[i]).collect();
        let builder = net(alpha).intercept(intercept).standardize(standardize);
        let by_rows = builder.fit(repeated.as_ref(), &y_repeated).expect("valid data");
        let weights: Vec<f64> = counts.iter().map(|&c| scale * c as f64).collect();
        let weighted = builder.clone().lambdas(lambdas(&by_rows)).weights(weights);
        same(&weighted.fit(x.as_ref(), &y).expect("valid data"), &by_rows, &repeated, 1e-5);
        let sparse = weighted.fit_sparse(&csc(&x), &y).expect("valid data");
        same(&sparse, &by_rows, &repeated, 1e-5);
        // The grid, too, is that of the rows.
        let own = builder.weights(counts.iter().map(|&c| c as f64).collect::<Vec<f64>>()).lambda_min_ratio(1e-2);
        let own = own.fit(x.as_ref(), &y).expect("valid data");
        prop_assert!((own.points[0].lambda / by_rows.points[0].lambda - 1.0).abs() < 1e-9);
    }

    #[test]
    fn a_factor_scales_a_column(columns in tame(), n in 12usize..40, p in 2usize..30, seed: u64) {
        let (x, y) = data(columns, n, p, seed);
        let factors: Vec<f64> = (0..p).map(|j| [1.0, 0.25, 3.0][(seed as usize + j) % 3]).collect();
        // λ v|b| is λ|c| with c = v b and the column divided by v.
        let scaled = Mat::from_fn(n, p, |i, j| x[(i, j)] / factors[j]);
        let builder = net(1.0).standardize(false);
        let expected = builder.fit(scaled.as_ref(), &y).expect("valid data");
        let restrictions = Restrictions { factors: Some(factors.clone()), ..Restrictions::default() };
        let found = builder.clone().restrictions(restrictions.clone()).fit(x.as_ref(), &y).expect("valid data");
        let mut back = expected.clone();
        for point in &mut back.points {
            point.nonzeros.iter_mut().for_each(|(j, b)| *b /= factors[*j]);
        }
        same(&found, &back, &x, 1e-5);
        // A bound that binds nowhere takes the other route to the same end.
        let loose = Restrictions { upper: Some(vec![1e9; p]), ..restrictions };
        let bounded = builder.lambdas(lambdas(&back)).restrictions(loose).fit(x.as_ref(), &y).expect("valid data");
        same(&bounded, &back, &x, 1e-5);
    }

    #[test]
    fn the_elastic_net_is_a_lasso_on_more_rows(columns in tame(), alpha in prop::sample::select(vec![0.2, 0.7]),
                                               n in 12usize..40, p in 2usize..30, seed: u64) {
        let (x, y) = data(columns, n, p, seed);
        let builder = net(alpha).intercept(false).standardize(false);
        let path = builder.fit(x.as_ref(), &y).expect("valid data");
        for point in &path.points {
            // (1/2n)‖y − Xβ‖² + λ(1 − α)/2 ‖β‖² = (m/n) (1/2m) ‖[y; 0] − [X; √(nλ(1 − α)) I] β‖², m = n + p.
            let ridge = (n as f64 * point.lambda * (1.0 - alpha)).sqrt();
            let m = n + p;
            let augmented = Mat::from_fn(m, p, |i, j| {
                if i < n { x[(i, j)] } else if i - n == j { ridge } else { 0.0 }
            });
            let mut y = y.clone();
            y.resize(m, 0.0);
            let lambda = point.lambda * alpha * n as f64 / m as f64;
            let lasso = net(1.0).intercept(false).standardize(false).lambdas([lambda]);
            let lasso = lasso.fit(augmented.as_ref(), &y).expect("valid data");
            let found = path.coefficients(path.points.iter().position(|q| q.lambda == point.lambda).expect("itself"));
            let expected = lasso.coefficients(0);
            let size = expected.iter().fold(1e-6f64, |m, b| m.max(b.abs()));
            prop_assert!(distance(&found, &expected) <= 1e-5 * size.max(1e-2));
        }
    }

    #[test]
    fn bounds_and_free_columns_agree_with_an_interior_point(
        columns in tame(), alpha in prop::sample::select(vec![0.3, 1.0]), n in 12usize..40, p in 2usize..25, seed: u64,
        kind in 0usize..4,
    ) {
        let (x, y) = data(columns, n, p, seed);
        let pick = |j: usize, choices: [f64; 3]| choices[(seed as usize / 7 + j) % 3];
        let infinite = f64::INFINITY;
        let (lower, upper, factors) = match kind {
            0 => (vec![0.0; p], vec![infinite; p], vec![1.0; p]),
            1 => (vec![-0.1; p], (0..p).map(|j| pick(j, [0.05, 0.3, infinite])).collect(), vec![1.0; p]),
            2 => ((0..p).map(|j| pick(j, [0.0, -0.2, -infinite])).collect(), vec![infinite; p],
                  (0..p).map(|j| pick(j + 1, [1.0, 2.0, 0.5])).collect()),
            _ => (vec![-infinite; p], vec![infinite; p], (0..p).map(|j| if j < 2 { 0.0 } else { 1.0 }).collect()),
        };
        prop_assume!(p > 2);
        let restrictions = Restrictions { factors: Some(factors.clone()), lower: Some(lower.clone()), upper: Some(upper.clone()) };
        let builder = net(alpha).intercept(false).standardize(false).restrictions(restrictions);
        let Ok(path) = builder.fit(x.as_ref(), &y) else {
            // No column may leave 0 in the direction of its gradient.
            return Ok(());
        };
        prop_assert!(path.worst_gap() <= GAP, "gap {}", path.worst_gap());
        for (k, point) in path.points.iter().enumerate().step_by(3) {
            let found = path.coefficients(k);
            for j in 0..p {
                prop_assert!(found[j] >= lower[j] && found[j] <= upper[j]);
            }
            let expected = interior_point(&x, &y, point.lambda, alpha, &factors, &lower, &upper);
            let objective = |beta: &[f64]| objective(&x, &y, point.lambda, alpha, &factors, beta);
            let (found, expected) = (objective(&found), objective(&expected));
            prop_assert!(found <= expected + 1e-7 * objective(&vec![0.0; p]), "found {found} expected {expected}");
        }
        // Sparse columns take the route of residuals.
        let sparse = builder.lambdas(lambdas(&path)).fit_sparse(&csc(&x), &y).expect("valid data");
        same(&sparse, &path, &x, 1e-4);
    }

    #[test]
    fn an_offset_is_taken_off(columns in tame(), n in 12usize..40, p in 2usize..20, seed: u64) {
        let (x, y) = data(columns, n, p, seed);
        let offset: Vec<f64> = (0..n).map(|i| (i as f64 * 0.7).sin()).collect();
        let rest: Vec<f64> = y.iter().zip(&offset).map(|(y, o)| y - o).collect();
        let found = net(1.0).offset(offset).fit(x.as_ref(), &y).expect("valid data");
        let expected = net(1.0).fit(x.as_ref(), &rest).expect("valid data");
        for (p, q) in found.points.iter().zip(&expected.points) {
            prop_assert_eq!(&p.nonzeros, &q.nonzeros);
            prop_assert_eq!(p.intercept, q.intercept);
        }
    }

    #[test]
    fn a_relaxed_fit_is_least_squares_on_the_support(columns in tame(), n in 14usize..40, p in 2usize..12, seed: u64,
                                                     standardize: bool) {
        let (x, y) = data(columns, n, p, seed);
        let path = net(1.0).standardize(standardize).relaxed(true).fit(x.as_ref(), &y).expect("valid data");
        for point in &path.points {
            let relaxed = &point.relaxed.as_ref().expect("asked for").fit;
            // Residuals of least squares are orthogonal to the ones and to every column of the support.
            let residual: Vec<f64> = (0..n).map(|i| {
                y[i] - relaxed.intercept - relaxed.nonzeros.iter().map(|&(j, b)| b * x[(i, j)]).sum::<f64>()
            }).collect();
            let size = y.iter().map(|y| y * y).sum::<f64>().sqrt();
            prop_assert!(residual.iter().sum::<f64>().abs() <= 1e-6 * size);
            for &(j, _) in &point.nonzeros {
                let column = x.col_as_slice(j);
                let mean = column.iter().sum::<f64>() / n as f64;
                let [mut product, mut norm] = [0.0; 2];
                for (v, r) in column.iter().zip(&residual) {
                    product += (v - mean) * r;
                    norm += (v - mean).powi(2);
                }
                prop_assert!(product.abs() <= 1e-6 * size * norm.sqrt(), "{} of {}", product, size * norm.sqrt());
            }
            prop_assert_eq!(point.blend(0.0).intercept, relaxed.intercept);
            prop_assert_eq!(&point.blend(1.0).nonzeros, &point.nonzeros);
            let half = point.blend(0.5);
            prop_assert!((half.intercept - 0.5 * (point.intercept + relaxed.intercept)).abs() <= 1e-12 * size);
        }
    }
}

fn objective(
    x: &Mat<f64>,
    y: &[f64],
    lambda: f64,
    alpha: f64,
    factors: &[f64],
    beta: &[f64],
) -> f64 {
    let n = y.len();
    let squares: f64 = (0..n)
        .map(|i| (y[i] - (0..beta.len()).map(|j| x[(i, j)] * beta[j]).sum::<f64>()).powi(2))
        .sum();
    let penalty = beta
        .iter()
        .zip(factors)
        .map(|(b, v)| v * (alpha * b.abs() + 0.5 * (1.0 - alpha) * b * b));
    squares / (2.0 * n as f64) + lambda * penalty.sum::<f64>()
}

/// The same problem in β = u − v, u, v ≥ 0, by Clarabel.
fn interior_point(
    x: &Mat<f64>,
    y: &[f64],
    lambda: f64,
    alpha: f64,
    factors: &[f64],
    lower: &[f64],
    upper: &[f64],
) -> Vec<f64> {
    let (n, p) = (x.nrows(), x.ncols());
    let column = |c: usize| if c < p { (c, 1.0) } else { (c - p, -1.0) };
    let hessian = Mat::from_fn(2 * p, 2 * p, |a, b| {
        let ((i, si), (j, sj)) = (column(a), column(b));
        let gram: f64 = (0..n).map(|r| x[(r, i)] * x[(r, j)]).sum::<f64>() / n as f64;
        let ridge = if i == j {
            lambda * (1.0 - alpha) * factors[i]
        } else {
            0.0
        };
        if a <= b {
            si * sj * (gram + ridge)
        } else {
            0.0
        }
    });
    let linear: Vec<f64> = (0..2 * p)
        .map(|a| {
            let (i, s) = column(a);
            let product: f64 = (0..n).map(|r| x[(r, i)] * y[r]).sum::<f64>() / n as f64;
            lambda * alpha * factors[i] - s * product
        })
        .collect();
    // −u ≤ 0, −v ≤ 0, u − v ≤ upper, v − u ≤ −lower.
    let mut rows: Vec<(Vec<(usize, f64)>, f64)> =
        (0..2 * p).map(|a| (vec![(a, -1.0)], 0.0)).collect();
    for j in 0..p {
        if upper[j].is_finite() {
            rows.push((vec![(j, 1.0), (p + j, -1.0)], upper[j]));
        }
        if lower[j].is_finite() {
            rows.push((vec![(j, -1.0), (p + j, 1.0)], -lower[j]));
        }
    }
    let mut dense = vec![vec![0.0; 2 * p]; rows.len()];
    for (row, (entries, _)) in dense.iter_mut().zip(&rows) {
        entries.iter().for_each(|&(a, v)| row[a] = v);
    }
    let upper_half: Vec<Vec<f64>> = (0..2 * p)
        .map(|a| (0..2 * p).map(|b| hessian[(a, b)]).collect())
        .collect();
    let settings = DefaultSettingsBuilder::default()
        .verbose(false)
        .tol_gap_abs(1e-11)
        .tol_gap_rel(1e-11)
        .tol_feas(1e-11)
        .build()
        .expect("valid settings");
    let bounds: Vec<f64> = rows.iter().map(|(_, b)| *b).collect();
    let mut solver = DefaultSolver::new(
        &csc_matrix(&upper_half),
        &linear,
        &csc_matrix(&dense),
        &bounds,
        &[NonnegativeConeT(rows.len())],
        settings,
    );
    solver.solve();
    assert!(matches!(
        solver.solution.status,
        SolverStatus::Solved | SolverStatus::AlmostSolved | SolverStatus::InsufficientProgress
    ));
    let z = &solver.solution.x;
    (0..p)
        .map(|j| (z[j] - z[p + j]).clamp(lower[j], upper[j]))
        .collect()
}

fn csc_matrix(rows: &[Vec<f64>]) -> CscMatrix<f64> {
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
fn a_path_ends_where_it_holds_too_many() {
    let (x, y) = data(Columns::Gaussian, 50, 20, 3);
    let whole = net(1.0)
        .n_lambda(40)
        .fit(x.as_ref(), &y)
        .expect("valid data");
    let path = net(1.0)
        .n_lambda(40)
        .max_nonzeros(5)
        .fit(x.as_ref(), &y)
        .expect("valid data");
    let end = path.ended.expect("20 columns enter");
    let k = path.points.len();
    assert!(path.points.iter().all(|point| point.nonzeros.len() <= 5));
    assert_eq!(
        (end.lambda, end.nonzeros),
        (whole.points[k].lambda, whole.points[k].nonzeros.len())
    );
    assert!(end.nonzeros > 5 && whole.ended.is_none());
}

#[test]
fn without_penalty_and_nonnegative_it_is_certified() {
    for seed in 0..20 {
        let (x, y) = data(Columns::Equicorrelated, 30, 8, seed);
        let builder = net(1.0)
            .restrictions(Restrictions::nonnegative(8))
            .lambdas([0.0]);
        let path = builder.fit(x.as_ref(), &y).expect("valid data");
        assert!(
            path.worst_gap() <= 1e-9,
            "seed {seed}: gap {}",
            path.worst_gap()
        );
        assert!(path.points[0].nonzeros.iter().all(|(_, b)| *b > 0.0));
    }
}

/// Near-twins on sparse data: sweeps alone would take for ever.
#[test]
fn relaxed_fits_of_near_twins_are_least_squares() {
    let mut rng = rng(8);
    let (n, p) = (300, 240);
    let half = Columns::Sparse.draw(&mut rng, n, p / 2);
    let noise = Columns::Sparse.draw(&mut rng, n, p / 2);
    let x = Mat::from_fn(n, p, |i, j| {
        half[(i, j / 2)]
            + if j % 2 == 1 {
                1e-3 * noise[(i, j / 2)]
            } else {
                0.0
            }
    });
    let y = response(&mut rng, &x, 1.0);
    let path = net(1.0)
        .tol(1e-9)
        .relaxed(true)
        .fit_sparse(&csc(&x), &y)
        .expect("valid data");
    let total = y.iter().map(|y| y * y).sum::<f64>();
    let point = path.points.last().expect("a path");
    assert!(point.nonzeros.len() > 80);
    for point in &path.points {
        let relaxed = point.relaxed.as_ref().expect("asked for");
        assert_eq!(relaxed.status, Status::Converged);
        let columns: Vec<usize> = point.nonzeros.iter().map(|(j, _)| *j).collect();
        // Columns of the support and of the intercept, by QR.
        let design = Mat::from_fn(n, columns.len() + 1, |i, j| {
            columns.get(j).map_or(1.0, |&j| x[(i, j)])
        });
        let target = Mat::from_fn(n, 1, |i, _| y[i]);
        let solution = design.qr().solve_lstsq(&target);
        let best = (&design * &solution - &target).squared_norm_l2();
        let found: f64 = (0..n)
            .map(|i| {
                let fit: f64 = relaxed
                    .fit
                    .nonzeros
                    .iter()
                    .map(|&(j, b)| b * x[(i, j)])
                    .sum();
                (y[i] - relaxed.fit.intercept - fit).powi(2)
            })
            .sum();
        assert!(found <= best + 1e-9 * total, "{found} {best}");
    }
}

#[test]
fn what_cannot_be_is_refused() {
    let (x, y) = data(Columns::Gaussian, 10, 3, 1);
    let refused = |builder: PathBuilder, part: &str| {
        let message = builder.fit(x.as_ref(), &y).expect_err(part).to_string();
        assert!(message.contains(part), "{message}");
    };
    let one = |bad: f64| {
        let mut weights = vec![1.0; 10];
        weights[4] = bad;
        weights
    };
    refused(
        net(1.0).weights(one(-1.0)),
        "the weight of row 4 (counted from 0) is -1",
    );
    refused(net(1.0).weights(one(f64::NAN)), "row 4");
    refused(net(1.0).weights(vec![0.0; 10]), "every weight is 0");
    refused(net(1.0).weights(vec![1.0; 9]), "9 weights for 10 rows");
    refused(net(1.0).offset(one(f64::INFINITY)), "the offset of row 4");
    refused(net(1.0).offset(vec![0.0; 11]), "11 offsets for 10 rows");
    let mut few = vec![0.0; 10];
    few[3] = 1.0;
    refused(net(1.0).weights(few), "at least 2 rows");
    let mut uneven = vec![1e20; 10];
    uneven[2] = 1e-20;
    refused(
        net(1.0).weights(uneven),
        "the weight of row 2 (counted from 0) is 1e-20",
    );
    let factors = |factors: Vec<f64>| Restrictions {
        factors: Some(factors),
        ..Restrictions::default()
    };
    refused(
        net(1.0).restrictions(factors(vec![f64::INFINITY; 3])),
        "exclude every column",
    );
    refused(
        net(1.0).restrictions(factors(vec![0.0; 3])),
        "no grid; give lambda",
    );
}
