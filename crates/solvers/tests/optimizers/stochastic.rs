//! What samples of rows converge to, and how fast.

use faer::Mat;
use regpath_solvers::design::Dense;
use regpath_solvers::loss::Squared;
use regpath_solvers::optimizer::{
    Averaging, Drawing, GradientDescent, MiniBatches, Minimises, Rows, Run, Schedule,
    StochasticProximalGradient, SubgradientDescent,
};
use regpath_solvers::penalty::{L1, Penalty, Ridge};
use regpath_solvers::problem::Problem;
use regpath_solvers::solver::{CoordinateDescent, RidgeClosedForm};

use super::common::{Columns, normals, response, rng, solve};
use super::constant;

struct Data {
    x: Mat<f64>,
    y: Vec<f64>,
}

/// 400 rows of a linear model with noise.
fn data(p: usize) -> Data {
    let mut rng = rng(41);
    let x = Columns::Gaussian.draw(&mut rng, 400, p);
    let noise = normals(&mut rng, 400);
    let y = (0..400)
        .map(|i| 2.0 * x[(i, 0)] - x[(i, 1)] + noise[i])
        .collect();
    Data { x, y }
}

/// ‖β − β*‖² and ‖β̄ − β*‖² at each budget, the mean over `seeds` runs.
fn distances<O, P>(
    rule: O,
    problem: &Problem<Dense, Squared, P>,
    lambda: f64,
    averaging: Averaging,
    target: &[f64],
    budgets: &[u64],
    seeds: u64,
) -> Vec<[f64; 2]>
where
    P: Penalty,
    O: Minimises<Squared, P> + Clone,
{
    let rows = Rows::new(problem.x).expect("small");
    let mut sums = vec![[0.0; 2]; budgets.len()];
    for seed in 0..seeds {
        let stream = rng(100 + seed);
        let batches = MiniBatches::new(problem, &rows, 1, Drawing::WithReplacement, stream);
        let run = Run::new(rule.clone(), batches.expect("usable"), lambda).expect("usable");
        let mut run = run.averaging(averaging).expect("not begun");
        for (item, sum) in run.trace(budgets.iter().copied()).zip(&mut sums) {
            let snapshot = item.expect("no divergence");
            let average = snapshot.average.expect("some iterates");
            for (sum, beta) in sum.iter_mut().zip([&snapshot.beta, &average]) {
                let squares = beta.iter().zip(target).map(|(a, b)| (a - b).powi(2));
                *sum += squares.sum::<f64>() / seeds as f64;
            }
        }
    }
    sums
}

/// Slope of log value over log budget, by least squares.
fn slope(budgets: &[u64], values: &[f64]) -> f64 {
    let x: Vec<f64> = budgets.iter().map(|b| (*b as f64).ln()).collect();
    let y: Vec<f64> = values.iter().map(|v| v.ln()).collect();
    let mean = |v: &[f64]| v.iter().sum::<f64>() / v.len() as f64;
    let (mx, my) = (mean(&x), mean(&y));
    let pairs = || x.iter().zip(&y).map(|(x, y)| (x - mx, y - my));
    pairs().map(|(x, y)| x * y).sum::<f64>() / pairs().map(|(x, _)| x * x).sum::<f64>()
}

const BUDGETS: [u64; 7] = [1000, 2000, 4000, 8000, 16_000, 32_000, 64_000];

#[test]
fn steps_of_one_over_t_converge_at_that_rate() {
    let Data { x, y } = data(4);
    let design = Dense::trusted(&x);
    let problem = Problem::new(&design, &y, Squared, Ridge).expect("shapes agree");
    let lambda = 0.1;
    let target = solve(&RidgeClosedForm, &problem, lambda, 1e-14).beta;
    // Curvatures are about 1: η = 2 is beyond 1/(2m), and the shift keeps the first steps below 2/L of a row.
    let schedule = Schedule::inverse_after(2.0, 40.0).expect("usable");
    let found = distances(
        GradientDescent::new(schedule),
        &problem,
        lambda,
        Averaging::Tail,
        &target,
        &BUDGETS,
        30,
    );
    for which in [0, 1] {
        let values: Vec<f64> = found.iter().map(|d| d[which]).collect();
        let slope = slope(&BUDGETS, &values);
        assert!((slope + 1.0).abs() < 0.12, "{which}: {slope}");
    }
}

#[test]
fn a_constant_step_stays_at_its_noise_which_averages_remove() {
    let Data { x, y } = data(4);
    let design = Dense::trusted(&x);
    let problem = Problem::new(&design, &y, Squared, Ridge).expect("shapes agree");
    let target = solve(&RidgeClosedForm, &problem, 0.1, 1e-14).beta;
    let run = |eta: f64, averaging| {
        let rule = GradientDescent::new(constant(eta));
        distances(rule, &problem, 0.1, averaging, &target, &BUDGETS, 30)
    };
    let found = run(0.02, Averaging::Tail);
    let values = |which: usize| -> Vec<f64> { found.iter().map(|d| d[which]).collect() };
    let [last, average] = [0, 1].map(|which| slope(&BUDGETS, &values(which)));
    assert!(last.abs() < 0.12, "{last}");
    assert!((average + 1.0).abs() < 0.15, "{average}");
    assert!(found[6][1] < 0.02 * found[6][0]);
    // The noise is proportional to the step size.
    let half = run(0.01, Averaging::All);
    let level = |found: &[[f64; 2]]| found[1..].iter().map(|d| d[0]).sum::<f64>();
    let ratio = level(&found) / level(&half);
    assert!((1.7..2.4).contains(&ratio), "{ratio}");
}

#[test]
fn proximal_steps_give_exact_zeros_where_subgradients_do_not() {
    let mut rng_of_data = rng(42);
    let x = Columns::Gaussian.draw(&mut rng_of_data, 400, 20);
    let y = response(&mut rng_of_data, &x, 1.0);
    let design = Dense::trusted(&x);
    let problem = Problem::new(&design, &y, Squared, L1).expect("shapes agree");
    let lambda = 0.4 * problem.lambda_max();
    let exact = solve(&CoordinateDescent::default(), &problem, lambda, 1e-14).beta;
    let rows = Rows::new(&design).expect("small");
    fn last<O: Minimises<Squared, L1>>(
        rule: O,
        problem: &Problem<Dense, Squared, L1>,
        rows: &Rows,
        lambda: f64,
    ) -> Vec<f64> {
        let batches = MiniBatches::new(problem, rows, 20, Drawing::WithoutReplacement, rng(7));
        let mut run = Run::new(rule, batches.expect("usable"), lambda).expect("usable");
        run.advance(500 * 400).expect("no divergence");
        run.snapshot().expect("no divergence").beta
    }
    let schedule = Schedule::inverse_root(0.1).expect("usable");
    let proximal = last(
        StochasticProximalGradient::new(schedule),
        &problem,
        &rows,
        lambda,
    );
    let followed = last(SubgradientDescent::new(schedule), &problem, &rows, lambda);
    let zeros = |beta: &[f64]| beta.iter().filter(|b| **b == 0.0).count();
    let sparse = zeros(&exact);
    assert!(sparse >= 15, "{sparse}");
    assert_eq!(zeros(&followed), 0);
    // The noise of a batch carries some over the threshold.
    assert!(2 * zeros(&proximal) >= sparse, "{}", zeros(&proximal));
    // Both are near the lasso solution all the same.
    for found in [proximal, followed] {
        let off = found.iter().zip(&exact).map(|(a, b)| (a - b).abs());
        assert!(off.fold(0.0, f64::max) < 0.1);
    }
}
