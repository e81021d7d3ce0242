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
