//! Runs that have no result say so, and settings that cannot be used are rejected.

use regpath_solvers::SolveError;
use regpath_solvers::design::Dense;
use regpath_solvers::loss::Squared;
use regpath_solvers::optimizer::{
    Adam, Decay, Diverged, Drawing, FullBatch, GradientDescent, HeavyBall, MiniBatches, Nesterov,
    Rows, Run, StochasticProximalGradient,
};
use regpath_solvers::penalty::{L1, Ridge};
use regpath_solvers::problem::Problem;

use super::common::rng;
use super::{constant, full, norm, on_quadratic};

#[test]
fn a_step_beyond_two_over_the_curvature_diverges_and_says_when() {
    let x = faer::Mat::from_fn(1, 1, |_, _| 1.0);
    let design = Dense::trusted(&x);
    let problem = Problem::new(&design, &[0.0], Squared, Ridge).expect("shapes agree");
    let mut run = full(GradientDescent::new(constant(3.0)), &problem, 0.0, &[1.0]);
    // |β_t| = 2ᵗ, and 2⁴⁹⁹ is the first power beyond 1e150.
    let failed = Diverged {
        step: 499,
        evaluations: 499,
    };
    let trace: Vec<_> = run.trace([1, 10, 498, 499, 500, 100_000]).collect();
    for (item, steps) in trace.iter().zip([1, 10, 498]) {
        let snapshot = item.as_ref().expect("not yet");
        assert_eq!((snapshot.steps, snapshot.evaluations), (steps, steps));
        assert_eq!(snapshot.beta, [(-2f64).powi(steps as i32)]);
    }
    assert_eq!(trace[3..], [Err(failed), Err(failed), Err(failed)]);
    assert_eq!(run.step(), Err(failed));
    assert_eq!(run.snapshot(), Err(failed));
}

/// A proximal operator makes 0 of what is no number, and a start belongs to the beginning.
#[test]
fn no_step_hides_a_divergence_and_no_run_begins_twice() {
    let x = faer::Mat::from_fn(1, 1, |_, _| 1.0);
    let design = Dense::trusted(&x);
    let problem = Problem::new(&design, &[1.0], Squared, L1).expect("shapes agree");
    let rule = StochasticProximalGradient::new(constant(1e150));
    let run = Run::new(rule, FullBatch::new(&problem), 1.0).expect("usable");
    let mut run = run.decay(Decay::Decoupled(1e200)).expect("usable");
    assert_eq!(run.step().map_err(|failed| failed.step), Err(1));
    assert!(run.start(vec![0.0]).is_err());
}

#[test]
fn a_step_below_two_over_the_curvature_does_not() {
    let all = on_quadratic(
        GradientDescent::new(constant(1.999)),
        &[1.0, 0.01],
        &[1.0; 2],
        20_000,
    );
    assert!(norm(&all[20_000]) < 1e-8);
}

#[test]
fn gradients_that_leave_the_range_of_numbers_are_not_scaled_away() {
    // Adam divides by the root of the square, which would be 0/∞ or ∞/∞.
    let x = faer::Mat::from_fn(1, 1, |_, _| 1e150);
    let design = Dense::trusted(&x);
    let problem = Problem::new(&design, &[1e150], Squared, Ridge).expect("shapes agree");
    let mut run = full(Adam::new(constant(0.1)), &problem, 0.0, &[0.0]);
    let failed = Diverged {
        step: 1,
        evaluations: 1,
    };
    assert_eq!(run.step(), Err(failed));
    assert_eq!(run.advance(0), Err(failed));
    assert!(failed.to_string().contains("step 1"));
}

#[test]
fn settings_that_cannot_be_used_are_rejected() {
    let x = faer::Mat::from_fn(4, 2, |i, j| (i + j) as f64);
    let design = Dense::trusted(&x);
    let y = [0.0; 4];
    let problem = Problem::new(&design, &y, Squared, Ridge).expect("shapes agree");
    for bad in [-0.1, 1.0, 1.5, f64::NAN] {
        assert!(HeavyBall::new(constant(0.1), bad).is_err(), "{bad}");
        assert!(Nesterov::new(constant(0.1), bad).is_err(), "{bad}");
        assert!(Adam::new(constant(0.1)).decay_rates([bad, 0.9]).is_err());
        assert!(Adam::new(constant(0.1)).decay_rates([0.9, bad]).is_err());
    }
    for bad in [0.0, -1e-8, f64::NAN, f64::INFINITY] {
        assert!(Adam::new(constant(0.1)).epsilon(bad).is_err(), "{bad}");
    }
    let rule = GradientDescent::new(constant(0.1));
    for bad in [-1.0, f64::NAN, f64::INFINITY] {
        let run = Run::new(rule, FullBatch::new(&problem), bad);
        assert!(matches!(run, Err(SolveError::Lambda(_))), "{bad}");
    }
    let run = || Run::new(rule, FullBatch::new(&problem), 0.0).expect("usable");
    for bad in [
        vec![0.0],
        vec![0.0; 3],
        vec![0.0, f64::NAN],
        vec![1e151, 0.0],
    ] {
        assert!(matches!(run().start(bad), Err(SolveError::Optimizer(_))));
    }
    assert!(run().decay(Decay::Coupled(f64::NAN)).is_err());
    let rows = Rows::new(&design).expect("small");
    for bad in [0, 5] {
        let batches = MiniBatches::new(&problem, &rows, bad, Drawing::default(), rng(1));
        assert!(matches!(batches, Err(SolveError::Optimizer(_))), "{bad}");
    }
    let other = faer::Mat::zeros(3, 2);
    let others = Rows::new(&Dense::trusted(&other)).expect("small");
    assert!(MiniBatches::new(&problem, &others, 1, Drawing::default(), rng(1)).is_err());
}
