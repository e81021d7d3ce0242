//! Cross-validation: fold by fold it is nothing but separate paths, whatever the route.

mod common;

use common::{Columns, csc, response, rng};
use faer::Mat;
use regpath_solvers::validation::{Features, Folds, InTurn, Measure};
use regpath_solvers::{PathBuilder, Restrictions, elastic_net};

struct Data {
    x: Mat<f64>,
    y: Vec<f64>,
    weights: Option<Vec<f64>>,
}

impl Data {
    fn new(columns: Columns, n: usize, p: usize, weighted: bool, seed: u64) -> Self {
        let mut rng = rng(seed);
        let x = columns.draw(&mut rng, n, p);
        let y = response(&mut rng, &x, 0.5);
        let weights = weighted.then(|| (0..n).map(|i| [1.0, 0.0, 2.5, 0.3][i % 4]).collect());
        Self { x, y, weights }
    }

    fn builder(&self, alpha: f64) -> PathBuilder {
        let builder = elastic_net(alpha)
            .n_lambda(12)
            .lambda_min_ratio(1e-2)
            .tol(1e-13);
        match &self.weights {
            Some(weights) => builder.weights(weights.clone()),
            None => builder,
        }
    }

    /// Mean error on the rows of one fold of a path fitted on the others alone, with weights as they stand.
    fn separate(
        &self,
        builder: &PathBuilder,
        folds: &Folds,
        fold: usize,
        lambdas: &[f64],
        measure: Measure,
    ) -> Vec<f64> {
        let part = |inside: bool| -> Vec<usize> {
            (0..self.y.len())
                .filter(|&i| (folds.fold_of(i) == fold) == inside)
                .collect()
        };
        let (train, test) = (part(false), part(true));
        let x = Mat::from_fn(train.len(), self.x.ncols(), |i, j| self.x[(train[i], j)]);
        let y: Vec<f64> = train.iter().map(|&i| self.y[i]).collect();
        let mut builder = builder.clone().lambdas(lambdas);
        if let Some(weights) = &self.weights {
            builder = builder.weights(train.iter().map(|&i| weights[i]).collect::<Vec<f64>>());
        }
        let path = builder.fit(x.as_ref(), &y).expect("valid data");
        let weight = |i: usize| self.weights.as_ref().map_or(1.0, |w| w[i]);
        let errors = path.points.iter().map(|point| {
            let of_row = |&i: &usize| {
                let fit: f64 = point
                    .nonzeros
                    .iter()
                    .map(|&(j, b)| b * self.x[(i, j)])
                    .sum();
                let residual = self.y[i] - point.intercept - fit;
                weight(i)
                    * match measure {
                        Measure::SquaredError => residual * residual,
                        Measure::AbsoluteError => residual.abs(),
                    }
            };
            test.iter().map(of_row).sum::<f64>() / test.iter().map(|&i| weight(i)).sum::<f64>()
        });
        errors.collect()
    }

    fn check(&self, builder: &PathBuilder, folds: &Folds, measure: Measure, sparse: bool) {
        let stored = csc(&self.x);
        let x = if sparse {
            Features::Sparse(&stored)
        } else {
            Features::Dense(self.x.as_ref())
        };
        let cv = builder
            .cross_validate_by(measure, x, &self.y, std::slice::from_ref(folds), &InTurn)
            .expect("valid data");
        let lambdas: Vec<f64> = cv.path.points.iter().map(|p| p.lambda).collect();
        assert_eq!(cv.folds.len(), folds.count() * lambdas.len());
        let null = self.y.iter().map(|y| y * y).sum::<f64>() / self.y.len() as f64;
        for fold in 0..folds.count() {
            let separate = self.separate(builder, folds, fold, &lambdas, measure);
            for point in cv.folds.iter().filter(|p| p.fold == fold) {
                let expected = separate[point.k];
                assert!(
                    (point.error - expected).abs() <= 1e-9 * expected.max(1e-3 * null),
                    "fold {fold} k {} error {} expected {expected}",
                    point.k,
                    point.error
                );
                assert!(point.relative_gap <= 1e-12, "gap {}", point.relative_gap);
            }
        }
    }
}

const KINDS: [Columns; 5] = [
    Columns::Gaussian,
    Columns::Sparse,
    Columns::Scaled,
    Columns::Offset,
    Columns::Degenerate,
];

#[test]
fn fold_by_fold_it_is_separate_paths() {
    let mut seed = 0;
    for columns in KINDS {
        for (n, p) in [(40, 60), (60, 8), (130, 8)] {
            for alpha in [1.0, 0.5, 0.0] {
                for weighted in [false, true] {
                    seed += 1;
                    let data = Data::new(columns, n, p, weighted, seed);
                    let folds = Folds::from_labels(&(0..n).map(|i| i * 7 % 5).collect::<Vec<_>>())
                        .expect("five folds");
                    data.check(&data.builder(alpha), &folds, Measure::SquaredError, false);
                    data.check(
                        &data.builder(alpha),
                        &folds,
                        Measure::AbsoluteError,
                        seed % 2 == 0,
                    );
                    data.check(&data.builder(alpha), &folds, Measure::SquaredError, true);
                }
            }
        }
    }
}

#[test]
fn options_and_restrictions_hold_in_every_fold() {
    for (n, p) in [(40, 60), (130, 6)] {
        let data = Data::new(Columns::Offset, n, p, true, 9);
        let folds = Folds::contiguous(n, 4).expect("four folds");
        let factors: Vec<f64> = (0..p)
            .map(|j| [1.0, 0.0, 2.0, f64::INFINITY][j % 4])
            .collect();
        let restrictions = Restrictions {
            factors: Some(factors),
            lower: Some(vec![-0.2; p]),
            upper: None,
        };
        let plain = data.builder(0.7);
        for builder in [
            plain.clone().standardize(false),
            plain.clone().intercept(false),
            plain.clone().restrictions(restrictions),
            plain.clone().restrictions(Restrictions::nonnegative(p)),
        ] {
            data.check(&builder, &folds, Measure::SquaredError, false);
            data.check(&builder, &folds, Measure::AbsoluteError, true);
        }
    }
}

/// With nλ and Σw λ held fixed it is a refit without each row.
#[test]
fn leaving_one_out_in_closed_form_is_leaving_one_out() {
    for (n, p, seed) in [(20, 6, 1), (14, 30, 2)] {
        for weighted in [false, true] {
            for intercept in [false, true] {
                let data = Data::new(Columns::Gaussian, n, p, weighted, seed);
                let builder = data
                    .builder(0.0)
                    .standardize(false)
                    .intercept(intercept)
                    .lambdas([3.0, 0.4, 0.05]);
                let cv = builder
                    .leave_one_out(data.x.as_ref(), &data.y)
                    .expect("ridge");
                let weights = data.weights.clone().unwrap_or(vec![1.0; n]);
                let total: f64 = weights.iter().sum();
                for (k, point) in cv.curve.iter().enumerate() {
                    let mut sum = 0.0;
                    for i in (0..n).filter(|&i| weights[i] > 0.0) {
                        let mut others = weights.clone();
                        others[i] = 0.0;
                        let lambda = point.lambda * total / (total - weights[i]);
                        let refit = builder.clone().weights(others).lambdas([lambda]);
                        let refit = refit.fit(data.x.as_ref(), &data.y).expect("valid data");
                        let at = &refit.points[0];
                        let fit: f64 = at.nonzeros.iter().map(|&(j, b)| b * data.x[(i, j)]).sum();
                        sum += weights[i] * (data.y[i] - at.intercept - fit).powi(2);
                    }
                    let expected = sum / total;
                    assert!(
                        (point.mean_error / expected - 1.0).abs() < 1e-9,
                        "k {k}: {} {expected}",
                        point.mean_error
                    );
                    assert!(point.se > 0.0 && point.se.is_finite());
                }
            }
        }
    }
    let data = Data::new(Columns::Gaussian, 20, 5, false, 3);
    assert!(
        data.builder(1.0)
            .leave_one_out(data.x.as_ref(), &data.y)
            .is_err()
    );
    let bounded = data.builder(0.0).restrictions(Restrictions::nonnegative(5));
    assert!(bounded.leave_one_out(data.x.as_ref(), &data.y).is_err());
}

/// Values that outweigh all others and stand in one fold leave nothing of a difference of sums.
#[test]
fn folds_of_outliers_are_measured_by_themselves() {
    for (n, p) in [(200, 5), (40, 30)] {
        for size in [1e4, 1e6, 1e9] {
            for intercept in [false, true] {
                let mut data = Data::new(Columns::Gaussian, n, p, false, 4);
                data.x[(0, 0)] = size;
                data.x[(1, 0)] = -size;
                let folds = Folds::contiguous(n, 4).expect("four folds");
                let builder = data
                    .builder(1.0)
                    .intercept(intercept)
                    .lambdas([0.3, 0.1, 0.02]);
                let cv = builder.cross_validate(
                    data.x.as_ref(),
                    &data.y,
                    std::slice::from_ref(&folds),
                    &InTurn,
                );
                let cv = cv.expect("valid data");
                let separate = data.separate(
                    &builder,
                    &folds,
                    0,
                    &[0.3, 0.1, 0.02],
                    Measure::SquaredError,
                );
                for (point, expected) in cv
                    .folds
                    .iter()
                    .filter(|point| point.fold == 0)
                    .zip(separate)
                {
                    assert!(
                        (point.error / expected - 1.0).abs() < 1e-8,
                        "{size}: {} {expected}",
                        point.error
                    );
                }
            }
        }
    }
}

#[test]
fn a_path_that_ends_early_ends_its_curve() {
    for (n, p) in [(40, 60), (200, 8)] {
        let data = Data::new(Columns::Gaussian, n, p, false, 5);
        let folds = [
            Folds::contiguous(n, 5).expect("five folds"),
            Folds::contiguous(n, 4).expect("four folds"),
        ];
        let builder = data.builder(1.0).n_lambda(30);
        let whole = builder
            .cross_validate(data.x.as_ref(), &data.y, &folds, &InTurn)
            .expect("valid data");
        let ended = builder.clone().max_nonzeros(4);
        let ended = ended
            .cross_validate(data.x.as_ref(), &data.y, &folds, &InTurn)
            .expect("valid data");
        let reached = ended.curve.len();
        assert!(reached < whole.curve.len() && ended.path.ended.is_some());
        // How far a path goes has a say in which λ are solved together, and so in the rounding.
        for (a, b) in ended.curve.iter().zip(&whole.curve) {
            assert_eq!((a.lambda, a.nonzeros), (b.lambda, b.nonzeros));
            assert!(
                (a.mean_error / b.mean_error - 1.0).abs() < 1e-10
                    && (a.se / b.se - 1.0).abs() < 1e-9
            );
        }
        assert!(ended.folds.iter().all(|point| point.k < reached));
        let none = builder.lambdas([1e-9]).max_nonzeros(2);
        let message = none
            .cross_validate(data.x.as_ref(), &data.y, &folds, &InTurn)
            .expect_err("no point")
            .to_string();
        assert!(
            message.contains("more non-zeros than the 2 allowed"),
            "{message}"
        );
    }
}

/// Whatever the route, the grid is that of the data.
#[test]
fn columns_that_are_left_out_leave_the_grid_as_it_is() {
    let data = Data::new(Columns::Gaussian, 200, 8, false, 6);
    let mut factors = vec![1.0; 8];
    factors[5..].fill(f64::INFINITY);
    let restrictions = Restrictions {
        factors: Some(factors),
        ..Restrictions::default()
    };
    let builder = elastic_net(1.0).n_lambda(20).restrictions(restrictions);
    let folds = [Folds::contiguous(200, 4).expect("four folds")];
    let path = builder.fit(data.x.as_ref(), &data.y).expect("valid data");
    let cv = builder
        .cross_validate(data.x.as_ref(), &data.y, &folds, &InTurn)
        .expect("valid data");
    for (a, b) in cv.path.points.iter().zip(&path.points) {
        assert!((a.lambda / b.lambda - 1.0).abs() < 1e-9);
    }
}

/// As λ → 0 nothing of the closed form may drown in rounding.
#[test]
fn leaving_one_out_tends_to_the_least_norm_fit() {
    for (n, p) in [(20, 30), (12, 11), (12, 12), (15, 40)] {
        for intercept in [false, true] {
            let data = Data::new(Columns::Gaussian, n, p, false, 7);
            let builder = data
                .builder(0.0)
                .intercept(intercept)
                .lambdas([1e-9, 1e-12, 1e-15, 0.0]);
            let cv = builder
                .leave_one_out(data.x.as_ref(), &data.y)
                .expect("ridge");
            let first = cv.curve[0].mean_error;
            for point in &cv.curve {
                assert!(
                    (point.mean_error / first - 1.0).abs() < 1e-3,
                    "{n} {p} {}: {} {first}",
                    point.lambda,
                    point.mean_error
                );
            }
        }
    }
}
