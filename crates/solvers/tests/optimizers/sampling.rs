//! Laws of gradients of samples of rows.

use regpath_solvers::design::{Dense, Design};
use regpath_solvers::loss::{Huber, Logistic, Observed, Quantile, RowLoss, Squared};
use regpath_solvers::optimizer::{
    Adam, Drawing, FullBatch, GradientSource, MiniBatches, Minimises, Nesterov, Rows, Run,
    Snapshot, StochasticProximalGradient, SubgradientDescent,
};
use regpath_solvers::penalty::L1;
use regpath_solvers::problem::Problem;

use super::common::{Columns, csc, normals, response, rng};
use super::{constant, full, iterates};

/// The batches of an epoch, each weighted by its rows, are the gradient of all rows.
fn an_epoch_is_a_full_gradient<X: Design, L: RowLoss>(x: &X, y: &[f64], loss: L) {
    let (n, p) = (x.nrows(), x.ncols());
    let problem = Problem::new(x, y, loss, L1).expect("shapes agree");
    let rows = Rows::new(x).expect("small");
    let point = normals(&mut rng(5), p);
    let mut expected = vec![0.0; p];
    FullBatch::new(&problem).gradient(&point, &mut expected);
    let size = 1e-300 + expected.iter().fold(0.0f64, |m, g| m.max(g.abs()));
    for batch in [1, 7, n - 1] {
        let mut source =
            MiniBatches::new(&problem, &rows, batch, Drawing::WithoutReplacement, rng(6))
                .expect("usable");
        for _epoch in 0..3 {
            let (mut sum, mut seen) = (vec![0.0; p], 0);
            while seen < n {
                let count = source.next_rows();
                let mut gradient = vec![f64::NAN; p];
                source.gradient(&point, &mut gradient);
                seen += count;
                for (sum, g) in sum.iter_mut().zip(gradient) {
                    *sum += count as f64 / n as f64 * g;
                }
            }
            assert_eq!(seen, n);
            for (sum, expected) in sum.iter().zip(&expected) {
                assert!((sum - expected).abs() < 1e-13 * size.max(1.0), "{batch}");
            }
        }
    }
}

/// Row i of the identity leaves its mark at place i of the gradient.
#[test]
fn every_epoch_has_an_order_of_its_own() {
    let x = faer::Mat::<f64>::identity(12, 12);
    let design = Dense::trusted(&x);
    let y = [1.0; 12];
    let problem = Problem::new(&design, &y, Squared, L1).expect("shapes agree");
    let rows = Rows::new(&design).expect("small");
    let stream = rng(8);
    let mut source =
        MiniBatches::new(&problem, &rows, 1, Drawing::WithoutReplacement, stream).expect("usable");
    let mut order = || -> Vec<usize> {
        let mut row = || {
            let mut gradient = vec![0.0; 12];
            source.gradient(&[0.0; 12], &mut gradient);
            gradient.iter().position(|g| *g != 0.0).expect("a row")
        };
        (0..12).map(|_| row()).collect()
    };
    let orders: Vec<Vec<usize>> = (0..4).map(|_| order()).collect();
    for (k, order) in orders.iter().enumerate() {
        let mut sorted = order.clone();
        sorted.sort_unstable();
        assert_eq!(sorted, (0..12).collect::<Vec<_>>());
        assert!(orders[..k].iter().all(|other| other != order));
    }
}

#[test]
fn every_epoch_is_a_full_gradient() {
    let mut rng = rng(31);
    for columns in [Columns::Gaussian, Columns::Sparse, Columns::Degenerate] {
        let x = columns.draw(&mut rng, 23, 9);
        let y = response(&mut rng, &x, 0.5);
        let classes: Vec<f64> = y.iter().map(|y| f64::from(*y > 0.0)).collect();
        let weights: Vec<f64> = (0..23)
            .map(|i| [0.5, 1.0, 1.5][i % 3] * 23.0 / 22.5)
            .collect();
        let offset = normals(&mut rng, 23);
        let observed = Observed {
            loss: Logistic,
            weights: Some(&weights),
            offset: Some(&offset),
        };
        let dense = Dense::trusted(&x);
        an_epoch_is_a_full_gradient(&dense, &y, Squared);
        an_epoch_is_a_full_gradient(&csc(&x), &y, Squared);
        an_epoch_is_a_full_gradient(&dense, &y, Huber::new(0.5).expect("positive"));
        an_epoch_is_a_full_gradient(&dense, &y, Quantile::new(0.3).expect("in (0, 1)"));
        an_epoch_is_a_full_gradient(&dense, &classes, observed);
    }
}

#[test]
fn gradients_with_replacement_are_unbiased() {
    let mut rng = rng(32);
    let x = Columns::Gaussian.draw(&mut rng, 20, 4);
    let y = response(&mut rng, &x, 0.5);
    let design = Dense::trusted(&x);
    let problem = Problem::new(&design, &y, Squared, L1).expect("shapes agree");
    let rows = Rows::new(&design).expect("small");
    let (point, mut expected) = ([0.3, -1.0, 0.5, 2.0], [0.0; 4]);
    FullBatch::new(&problem).gradient(&point, &mut expected);
    let mut source =
        MiniBatches::new(&problem, &rows, 3, Drawing::WithReplacement, rng).expect("usable");
    let draws = 100_000;
    let (mut sum, mut squares) = ([0.0; 4], [0.0; 4]);
    for _ in 0..draws {
        let mut g = [0.0; 4];
        source.gradient(&point, &mut g);
        for j in 0..4 {
            sum[j] += g[j] - expected[j];
            squares[j] += (g[j] - expected[j]).powi(2);
        }
    }
    for j in 0..4 {
        // Five standard errors.
        assert!(sum[j].abs() < 5.0 * squares[j].sqrt(), "{}", sum[j]);
    }
}

struct Data {
    x: faer::Mat<f64>,
    y: Vec<f64>,
}

fn data() -> Data {
    let mut rng = rng(33);
    let x = Columns::Gaussian.draw(&mut rng, 50, 8);
    let y = response(&mut rng, &x, 0.5);
    Data { x, y }
}

#[test]
fn a_batch_of_all_rows_is_the_full_gradient_to_the_last_bit() {
    fn holds<O: Minimises<Squared, L1> + Clone>(rule: O) {
        let Data { x, y } = data();
        let design = Dense::trusted(&x);
        let problem = Problem::new(&design, &y, Squared, L1).expect("shapes agree");
        let rows = Rows::new(&design).expect("small");
        let batches = MiniBatches::new(&problem, &rows, 50, Drawing::WithoutReplacement, rng(1));
        let run = Run::new(rule.clone(), batches.expect("usable"), 0.1).expect("usable");
        let all = iterates(full(rule, &problem, 0.1, &[0.0; 8]), 200);
        assert_eq!(iterates(run, 200), all);
    }
    holds(SubgradientDescent::new(constant(0.1)));
    holds(StochasticProximalGradient::new(constant(0.1)));
    holds(Nesterov::new(constant(0.1), 0.9).expect("usable"));
    holds(Adam::new(constant(0.1)));
}

#[test]
fn a_seed_decides_every_bit() {
    fn traced<O: Minimises<Squared, L1>>(rule: O, drawing: Drawing, seed: u64) -> Vec<Snapshot> {
        let Data { x, y } = data();
        let design = Dense::trusted(&x);
        let problem = Problem::new(&design, &y, Squared, L1).expect("shapes agree");
        let rows = Rows::new(&design).expect("small");
        let batches = MiniBatches::new(&problem, &rows, 7, drawing, rng(seed)).expect("usable");
        let mut run = Run::new(rule, batches, 0.1).expect("usable");
        let trace = run.trace([7, 50, 500, 5000]);
        trace.map(|item| item.expect("no divergence")).collect()
    }
    fn holds<O: Minimises<Squared, L1> + Clone>(rule: O) {
        for drawing in [Drawing::WithoutReplacement, Drawing::WithReplacement] {
            let first = traced(rule.clone(), drawing, 1);
            assert_eq!(first, traced(rule.clone(), drawing, 1));
            let second = traced(rule.clone(), drawing, 2);
            for (first, second) in first.iter().zip(second) {
                assert_eq!(first.evaluations, second.evaluations);
                assert_ne!(first.beta, second.beta);
            }
        }
    }
    holds(SubgradientDescent::new(constant(0.05)));
    holds(StochasticProximalGradient::new(constant(0.05)));
    holds(Adam::new(constant(0.05)));
}

#[test]
fn budgets_are_kept_and_epochs_end_where_they_should() {
    let Data { x, y } = data();
    let design = Dense::trusted(&x);
    let problem = Problem::new(&design, &y, Squared, L1).expect("shapes agree");
    let rows = Rows::new(&design).expect("small");
    let rule = SubgradientDescent::new(constant(0.05));
    let counts = |drawing, budgets: &[u64]| -> Vec<(u64, u64)> {
        let batches = MiniBatches::new(&problem, &rows, 7, drawing, rng(1)).expect("usable");
        let mut run = Run::new(rule, batches, 0.1).expect("usable");
        run.trace(budgets.iter().copied())
            .map(|item| item.expect("no divergence"))
            .map(|snapshot| (snapshot.steps, snapshot.evaluations))
            .collect()
    };
    // 50 = 7 · 7 + 1: eight batches are an epoch.
    assert_eq!(
        counts(Drawing::WithoutReplacement, &[0, 6, 7, 49, 50, 57, 100]),
        [(0, 0), (0, 0), (1, 7), (7, 49), (8, 50), (9, 57), (16, 100)]
    );
    assert_eq!(
        counts(Drawing::WithReplacement, &[0, 6, 7, 50, 57, 100]),
        [(0, 0), (0, 0), (1, 7), (7, 49), (8, 56), (14, 98)]
    );
}
