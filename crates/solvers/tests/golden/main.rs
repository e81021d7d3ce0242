//! Golden numbers: published fits of the prostate and the diabetes data, and of classic regressions under several losses.

mod losses;
mod numbers;

use faer::Mat;
use numbers::{DIABETES, Fit, recomputed, table_3_3};
use regpath_solvers::certificate::certify;
use regpath_solvers::design::Dense;
use regpath_solvers::loss::Squared;
use regpath_solvers::path::WarmPath;
use regpath_solvers::penalty::{L1, Penalty, Ridge};
use regpath_solvers::problem::Problem;
use regpath_solvers::solver::{
    CoordinateDescent, Homotopy, Move, RidgeClosedForm, RidgeFactor, Solver, Source, Status, Stop,
    Updates,
};

const PROSTATE: &str = include_str!("../../../harness/data/prostate.csv");
const DIABETES_DATA: &str = include_str!("../../../harness/data/diabetes.csv");

/// ½‖y − Xβ‖² + λ‖β‖₁ (lars) divided by n is (1/2n)‖y − Xβ‖² + (λ/n)‖β‖₁.
fn from_lars(lambda: f64, n: usize) -> f64 {
    lambda / n as f64
}

/// ‖y − Xβ‖² + λ‖β‖² (ESL eq. 3.41) divided by 2n is (1/2n)‖y − Xβ‖² + (λ/n)‖β‖²/2.
fn from_esl_ridge(lambda: f64, n: usize) -> f64 {
    lambda / n as f64
}

/// Columns by name order of the file, with its header.
fn read(text: &str) -> (Vec<&str>, Vec<Vec<f64>>) {
    let mut lines = text.lines();
    let header: Vec<&str> = lines.next().expect("header").split(',').collect();
    let rows: Vec<Vec<f64>> = lines
        .map(|line| {
            line.split(',')
                .map(|cell| cell.parse().expect("number"))
                .collect()
        })
        .collect();
    let columns = (0..header.len())
        .map(|j| rows.iter().map(|row| row[j]).collect())
        .collect();
    (header, columns)
}

fn mean(v: &[f64]) -> f64 {
    v.iter().sum::<f64>() / v.len() as f64
}

fn norm(v: &[f64]) -> f64 {
    v.iter().map(|v| v * v).sum::<f64>().sqrt()
}

/// Deviation with divisor n − 1.
fn deviation(v: &[f64]) -> f64 {
    let m = mean(v);
    (v.iter().map(|v| (v - m).powi(2)).sum::<f64>() / (v.len() as f64 - 1.0)).sqrt()
}

/// The 67 training and 30 test rows of the book, columns standardised over all 97 rows.
struct Prostate {
    train: Mat<f64>,
    test: Mat<f64>,
    y_train: Vec<f64>,
    y_test: Vec<f64>,
}

impl Prostate {
    fn new() -> Self {
        let (header, columns) = read(PROSTATE);
        assert_eq!(
            header,
            [
                "lcavol", "lweight", "age", "lbph", "svi", "lcp", "gleason", "pgg45", "train",
                "lpsa"
            ]
        );
        let rows =
            |wanted: f64| -> Vec<usize> { (0..97).filter(|&i| columns[8][i] == wanted).collect() };
        let (train, test) = (rows(1.0), rows(0.0));
        assert_eq!((train.len(), test.len()), (67, 30));
        let part = |rows: &[usize]| {
            Mat::from_fn(rows.len(), 8, |i, j| {
                (columns[j][rows[i]] - mean(&columns[j])) / deviation(&columns[j])
            })
        };
        let response = |rows: &[usize]| rows.iter().map(|&i| columns[9][i]).collect();
        Self {
            train: part(&train),
            test: part(&test),
            y_train: response(&train),
            y_test: response(&test),
        }
    }

    fn n(&self) -> usize {
        self.y_train.len()
    }

    fn means(&self) -> [f64; 8] {
        std::array::from_fn(|j| mean(self.train.col_as_slice(j)))
    }

    fn centred(&self) -> Mat<f64> {
        let means = self.means();
        Mat::from_fn(self.n(), 8, |i, j| self.train[(i, j)] - means[j])
    }

    /// Centred training columns of unit norm, with the norms.
    fn unit_norm(&self) -> (Mat<f64>, [f64; 8]) {
        let centred = self.centred();
        let norms = std::array::from_fn(|j| norm(centred.col_as_slice(j)));
        (
            Mat::from_fn(self.n(), 8, |i, j| centred[(i, j)] / norms[j]),
            norms,
        )
    }

    fn response(&self) -> Vec<f64> {
        let m = mean(&self.y_train);
        self.y_train.iter().map(|y| y - m).collect()
    }

    /// The whole row of the table that belongs to β, with ȳ − Σ m_j β_j unless the rows were not centred again.
    fn row(&self, beta: &[f64], centred: bool) -> Fit {
        let shift: f64 = self.means().iter().zip(beta).map(|(m, b)| m * b).sum();
        let intercept = mean(&self.y_train) - if centred { shift } else { 0.0 };
        let errors: Vec<f64> = (0..self.y_test.len())
            .map(|i| {
                let fit: f64 = (0..8).map(|j| self.test[(i, j)] * beta[j]).sum();
                (self.y_test[i] - intercept - fit).powi(2)
            })
            .collect();
        Fit {
            intercept,
            coefficients: beta.try_into().expect("eight coefficients"),
            test_error: mean(&errors),
            std_error: deviation(&errors) / (errors.len() as f64).sqrt(),
        }
    }
}

/// β at each λ, certified to a relative gap of 1e-14 or as far as rounding goes.
fn solve<P: Penalty, S: for<'a> Solver<Dense<'a>, Squared, P>>(
    solver: &S,
    x: &Mat<f64>,
    y: &[f64],
    penalty: P,
    lambdas: &[f64],
) -> Vec<Vec<f64>> {
    let x = Dense::try_new(x.as_ref()).expect("finite entries");
    let problem = Problem::new(&x, y, Squared, penalty).expect("valid problem");
    let setup = solver.setup(&problem).expect("small problem");
    let mut path = WarmPath::new(solver, &problem, &setup, problem.lambda_max());
    let stop = Stop {
        tol: 1e-15,
        ..Stop::default()
    };
    lambdas
        .iter()
        .map(|&lambda| {
            path.step(lambda, stop);
            let gap = certify(&problem, path.beta(), lambda).gap / problem.null_loss();
            assert!(gap < 1e-14, "gap {gap:e} at {lambda}");
            path.beta().to_vec()
        })
        .collect()
}

fn lasso(x: &Mat<f64>, y: &[f64], lambdas: &[f64]) -> Vec<Vec<f64>> {
    let mut kinds = [Updates::FullGram, Updates::WorkingGram].map(|updates| {
        let solver = CoordinateDescent {
            updates: Some(updates),
            ..CoordinateDescent::default()
        };
        solve(&solver, x, y, L1, lambdas)
    });
    for (a, b) in kinds[0].iter().zip(&kinds[1]) {
        let size = b.iter().fold(1e-3f64, |m, b| m.max(b.abs()));
        let off = a
            .iter()
            .zip(b)
            .fold(0.0f64, |m, (a, b)| m.max((a - b).abs()));
        assert!(off <= 1e-9 * size, "kinds of updates differ by {off:e}");
    }
    std::mem::take(&mut kinds[0])
}

/// |a − b| ≤ tol |b| for every element, and ≤ 1e-9 of the largest one where b is 0: at a knot the λ of twelve digits
/// may fall on either side, so values are compared and not supports.
fn close(a: &[f64], b: &[f64], tol: f64) {
    assert_eq!(a.len(), b.len());
    let floor = 1e-9 * b.iter().fold(1e-3f64, |m, b| m.max(b.abs()));
    for (a, b) in a.iter().zip(b) {
        let allowed = if *b == 0.0 { floor } else { tol * b.abs() };
        assert!(
            (a - b).abs() <= allowed,
            "{a} is not {b} within {allowed:e}"
        );
    }
}

fn all(fit: &Fit) -> Vec<f64> {
    let mut all = fit.coefficients.to_vec();
    all.extend([fit.intercept, fit.test_error, fit.std_error]);
    all
}

/// Largest absolute difference over the eleven numbers of a row.
fn apart(a: &Fit, b: &Fit) -> f64 {
    all(a)
        .iter()
        .zip(all(b))
        .fold(0.0, |m, (a, b)| m.max((a - b).abs()))
}

/// Half a unit of the third printed decimal.
const PRINTED: f64 = 5e-4;

#[test]
fn table_3_3_least_squares() {
    let data = Prostate::new();
    let beta = lasso(&data.centred(), &data.response(), &[0.0]).remove(0);
    let row = data.row(&beta, true);
    close(&all(&row), &all(&recomputed::LS), 1e-8);
    assert!(apart(&row, &table_3_3::LS) <= PRINTED);
}

#[test]
fn table_3_3_ridge_meets_the_book_when_training_rows_are_not_centred_again() {
    let data = Prostate::new();
    let y = data.response();
    let lambda = from_esl_ridge(numbers::RIDGE_LAMBDA, data.n());
    let beta = solve(&RidgeClosedForm, &data.train, &y, Ridge, &[lambda]).remove(0);
    let row = data.row(&beta, false);
    close(&all(&row), &all(&recomputed::RIDGE), 1e-8);
    assert!(apart(&row, &table_3_3::RIDGE) <= PRINTED);

    // The textbook's own convention comes close, and only close.
    let lambda = from_esl_ridge(numbers::RIDGE_CENTRED_LAMBDA, data.n());
    let x = data.centred();
    let beta = solve(&RidgeClosedForm, &x, &y, Ridge, &[lambda]).remove(0);
    let row = data.row(&beta, true);
    close(&all(&row), &all(&recomputed::RIDGE_CENTRED), 1e-8);
    let off = row
        .coefficients
        .iter()
        .zip(table_3_3::RIDGE.coefficients)
        .fold(0.0f64, |m, (a, b)| m.max((a - b).abs()));
    assert!(off > PRINTED && off < 3e-3, "{off}");
    assert!((row.intercept - table_3_3::RIDGE.intercept - 0.012).abs() < 1e-3);
}

#[test]
fn figure_3_8_ridge_profile_at_each_effective_number_of_parameters() {
    let data = Prostate::new();
    let y = data.response();
    let x = Dense::try_new(data.train.as_ref()).expect("finite entries");
    let factor = RidgeFactor::new(&x, &y).expect("small problem");
    for (df, lambda, coefficients) in numbers::RIDGE_PROFILE {
        let lambda = from_esl_ridge(lambda, data.n());
        close(&[factor.df(lambda)], &[df], 1e-8);
        let closed = solve(&RidgeClosedForm, &data.train, &y, Ridge, &[lambda]).remove(0);
        close(&closed, &coefficients, 1e-8);
        let descent = CoordinateDescent::default();
        let descent = solve(&descent, &data.train, &y, Ridge, &[lambda]).remove(0);
        close(&descent, &coefficients, 1e-8);
    }
}

/// β per deviation over all rows at λ of the path of unit-norm columns.
fn unit_norm_lasso(data: &Prostate, lambdas: &[f64]) -> Vec<Vec<f64>> {
    let (x, norms) = data.unit_norm();
    let lambdas: Vec<f64> = lambdas.iter().map(|&l| from_lars(l, data.n())).collect();
    lasso(&x, &data.response(), &lambdas)
        .into_iter()
        .map(|beta| beta.iter().zip(norms).map(|(b, s)| b / s).collect())
        .collect()
}

#[test]
fn table_3_3_lasso_meets_the_book_at_s_0_3748_and_not_at_the_printed_0_36() {
    let data = Prostate::new();
    let (_, norms) = data.unit_norm();
    let fits = unit_norm_lasso(&data, &[numbers::LASSO_LAMBDA, 0.0]);
    let row = data.row(&fits[0], true);
    close(&all(&row), &all(&recomputed::LASSO), 1e-8);
    assert!(apart(&row, &table_3_3::LASSO) <= PRINTED);
    let size = |beta: &[f64]| -> f64 { beta.iter().zip(norms).map(|(b, s)| (b * s).abs()).sum() };
    close(
        &[size(&fits[0]) / size(&fits[1])],
        &[numbers::LASSO_S],
        1e-8,
    );

    // λ at s = 0.36: between two knots λ is linear in s.
    let knots = numbers::UNIT_NORM_KNOTS;
    let k = (1..knots.len())
        .find(|&k| knots[k].1 > numbers::PRINTED_S)
        .expect("s reaches 1");
    let share = (numbers::PRINTED_S - knots[k - 1].1) / (knots[k].1 - knots[k - 1].1);
    let lambda = knots[k - 1].0 + share * (knots[k].0 - knots[k - 1].0);
    let beta = unit_norm_lasso(&data, &[lambda]).remove(0);
    let row = data.row(&beta, true);
    close(&all(&row), &all(&recomputed::LASSO_AT_036), 1e-8);
    assert_eq!(beta[3], 0.0, "lbph has not entered yet");
    let off = apart(&row, &table_3_3::LASSO);
    assert!(off > PRINTED && off < 2e-2, "{off}");
}

#[test]
fn figure_3_10_lasso_profile_at_its_knots() {
    let data = Prostate::new();
    let lambdas = numbers::UNIT_NORM_KNOTS.map(|k| k.0);
    let (_, norms) = data.unit_norm();
    let fits = unit_norm_lasso(&data, &lambdas);
    let size = |beta: &[f64]| -> f64 { beta.iter().zip(norms).map(|(b, s)| (b * s).abs()).sum() };
    for (beta, (_, s, expected)) in fits.iter().zip(numbers::UNIT_NORM_KNOTS) {
        close(beta, &expected, 1e-8);
        close(&[size(beta) / size(&fits[8])], &[s], 1e-8);
    }

    let lambdas = numbers::STANDARDISED_KNOTS.map(|k| from_lars(k.0, data.n()));
    let fits = lasso(&data.centred(), &data.response(), &lambdas);
    let size = |beta: &[f64]| -> f64 { beta.iter().map(|b| b.abs()).sum() };
    for (beta, (_, s, expected)) in fits.iter().zip(numbers::STANDARDISED_KNOTS) {
        close(beta, &expected, 1e-8);
        close(&[size(beta) / size(&fits[8])], &[s], 1e-8);
    }
}

fn diabetes() -> (Vec<&'static str>, Mat<f64>, Vec<f64>, f64) {
    let (header, columns) = read(DIABETES_DATA);
    let x = Mat::from_fn(442, 10, |i, j| columns[j][i]);
    let m = mean(&columns[10]);
    let y = columns[10].iter().map(|y| y - m).collect();
    (header, x, y, m)
}

#[test]
fn diabetes_path_at_its_knots() {
    let (_, x, y, intercept) = diabetes();
    close(&[intercept], &[numbers::DIABETES_INTERCEPT], 1e-12);
    let lambdas = DIABETES.map(|k| from_lars(k.lambda, y.len()));
    let fits = lasso(&x, &y, &lambdas);
    let rss = |beta: &[f64]| -> f64 {
        (0..y.len())
            .map(|i| (y[i] - (0..10).map(|j| x[(i, j)] * beta[j]).sum::<f64>()).powi(2))
            .sum()
    };
    let size = |beta: &[f64]| -> f64 { beta.iter().map(|b| b.abs()).sum() };
    let (total, full) = (rss(&[0.0; 10]), rss(&fits[12]));
    let variance = full / (y.len() as f64 - 11.0);
    for (beta, knot) in fits.iter().zip(&DIABETES) {
        close(beta, &knot.beta, 1e-8);
        close(&[size(beta) / size(&fits[12])], &[knot.fraction], 1e-8);
        close(&[1.0 - rss(beta) / total], &[knot.r2], 1e-8);
        close(&[rss(beta)], &[knot.rss], 1e-9);
        let cp = rss(beta) / variance - y.len() as f64 + 2.0 * knot.df;
        // Cp is a difference of numbers of size n.
        assert!((cp - knot.cp).abs() <= 1e-9 * y.len() as f64, "{cp}");
    }
    close(&fits[7], &numbers::DIABETES_STEP_7, 1e-9);
    let least = DIABETES.iter().map(|k| k.cp).fold(f64::INFINITY, f64::min);
    assert_eq!(least, DIABETES[7].cp);
}

/// Efron, Hastie, Johnstone & Tibshirani (2004): all twelve knots, the moves at them, and the coefficients.
#[test]
fn diabetes_knots_by_homotopy() {
    let (header, x, y, _) = diabetes();
    let x = Dense::try_new(x.as_ref()).expect("finite entries");
    let problem = Problem::new(&x, &y, Squared, L1).expect("valid problem");
    for source in [None, Some(Source::Columns)] {
        let homotopy = Homotopy {
            source,
            ..Homotopy::default()
        };
        let path = homotopy.knots(&problem, 0.0, Stop::default());
        let path = path.expect("valid lambda");
        assert_eq!(path.status, Status::Converged);
        let moves: Vec<String> = (path.knots.iter())
            .map(|knot| match knot.change {
                Move::Join(j) => header[j].to_string(),
                Move::Drop(j) => format!("-{}", header[j]),
            })
            .collect();
        assert_eq!(moves, numbers::DIABETES_MOVES);
        let dense = |coefficients: &[(usize, f64)]| {
            let mut beta = vec![0.0; 10];
            coefficients.iter().for_each(|&(j, b)| beta[j] = b);
            beta
        };
        for (knot, expected) in path.knots.iter().zip(&DIABETES) {
            let lambda = from_lars(expected.lambda, y.len());
            close(&[knot.lambda], &[lambda], 1e-10);
            close(&dense(&knot.coefficients), &expected.beta, 1e-10);
        }
        assert_eq!(path.end.0, 0.0);
        close(&dense(&path.end.1), &DIABETES[12].beta, 1e-10);
    }
}

/// Between two knots the support is unambiguous; it changes by the one published move.
#[test]
fn diabetes_features_enter_and_leave_in_the_published_order() {
    let (header, x, y, _) = diabetes();
    let between: Vec<f64> = DIABETES
        .windows(2)
        .map(|k| from_lars(0.5 * (k[0].lambda + k[1].lambda), y.len()))
        .collect();
    let mut before = [0.0; 10].to_vec();
    for (beta, expected) in lasso(&x, &y, &between).iter().zip(numbers::DIABETES_MOVES) {
        let moves: Vec<String> = (0..10)
            .filter(|&j| (beta[j] == 0.0) != (before[j] == 0.0))
            .map(|j| format!("{}{}", if beta[j] == 0.0 { "-" } else { "" }, header[j]))
            .collect();
        assert_eq!(moves, [expected]);
        before = beta.clone();
    }
}
