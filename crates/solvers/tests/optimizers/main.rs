//! Optimizers: first steps in closed form, rates that theory predicts, laws of samples of rows.

#[path = "../common/mod.rs"]
mod common;
mod divergence;
mod rates;
mod sampling;
mod steps;
mod stochastic;

use faer::Mat;
use regpath_solvers::design::{Dense, Design};
use regpath_solvers::loss::{Loss, Squared};
use regpath_solvers::optimizer::{FullBatch, GradientSource, Minimises, Run, Schedule};
use regpath_solvers::penalty::{Ridge, Separable};
use regpath_solvers::problem::Problem;

/// X of the quadratic Σ h_j b_j² / 2: squared loss with y = 0, minimised at 0, where nothing is lost to rounding.
fn quadratic(curvatures: &[f64]) -> Mat<f64> {
    let n = curvatures.len();
    Mat::from_fn(n, n, |i, j| {
        if i == j {
            (n as f64 * curvatures[j]).sqrt()
        } else {
            0.0
        }
    })
}

fn constant(eta: f64) -> Schedule {
    Schedule::constant(eta).expect("a positive step size")
}

/// ‖v‖, also of vectors whose squares would be 0.
fn norm(v: &[f64]) -> f64 {
    let largest = v.iter().fold(f64::MIN_POSITIVE, |m, v| m.max(v.abs()));
    let squares = v.iter().map(|v| (v / largest).powi(2));
    largest * squares.sum::<f64>().sqrt()
}

/// β_0, …, β_steps of a run.
fn iterates<O, G>(mut run: Run<O, G>, steps: usize) -> Vec<Vec<f64>>
where
    G: GradientSource,
    O: Minimises<G::Loss, G::Penalty>,
{
    let now = |run: &Run<O, G>| run.snapshot().expect("no divergence").beta;
    let mut all = vec![now(&run)];
    for _ in 0..steps {
        run.step().expect("no divergence");
        all.push(now(&run));
    }
    all
}

/// A run on all rows from the given start.
fn full<'a, O, X, L, P>(
    rule: O,
    problem: &Problem<'a, X, L, P>,
    lambda: f64,
    start: &[f64],
) -> Run<O, FullBatch<'a, X, L, P>>
where
    X: Design,
    L: Loss,
    P: Separable,
    O: Minimises<L, P>,
{
    let run = Run::new(rule, FullBatch::new(problem), lambda).expect("lambda is usable");
    run.start(start.to_vec()).expect("a finite start")
}

/// β_0, …, β_steps of a rule on a quadratic.
fn on_quadratic<O>(rule: O, curvatures: &[f64], start: &[f64], steps: usize) -> Vec<Vec<f64>>
where
    O: Minimises<Squared, Ridge>,
{
    let x = quadratic(curvatures);
    let design = Dense::trusted(&x);
    let y = vec![0.0; curvatures.len()];
    let problem = Problem::new(&design, &y, Squared, Ridge).expect("shapes agree");
    iterates(full(rule, &problem, 0.0, start), steps)
}
