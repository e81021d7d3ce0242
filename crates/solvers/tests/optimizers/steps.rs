//! Steps that can be computed by hand.

use regpath_solvers::design::Dense;
use regpath_solvers::loss::{Absolute, Squared};
use regpath_solvers::optimizer::{
    Adam, Averaging, Decay, FullBatch, GradientDescent, HeavyBall, Minimises, Nesterov, Run,
    Schedule, StochasticProximalGradient, SubgradientDescent,
};
use regpath_solvers::penalty::{L1, Ridge};
use regpath_solvers::problem::Problem;
use regpath_solvers::solver::ProximalGradient;

use super::common::{Columns, distance, response, rng, stop, walk};
use super::{constant, full, iterates, on_quadratic};

/// Curvatures 2 and 8, whose roots times √2 are whole numbers.
const H: [f64; 2] = [2.0, 8.0];
const START: [f64; 2] = [1.0, -0.5];

fn close(found: &[f64], expected: [f64; 2]) {
    for (found, expected) in found.iter().zip(expected) {
        assert!((found - expected).abs() <= 1e-15, "{found} {expected}");
    }
}

#[test]
fn momentum_and_its_lookahead_differ_from_the_second_step_on() {
    let (eta, mu) = (0.05, 0.9);
    let plain = on_quadratic(GradientDescent::new(constant(eta)), &H, &START, 2);
    let ball = HeavyBall::new(constant(eta), mu).expect("usable");
    let ball = on_quadratic(ball, &H, &START, 2);
    let nesterov = Nesterov::new(constant(eta), mu).expect("usable");
    let nesterov = on_quadratic(nesterov, &H, &START, 2);
    // β_1 = (1 − ηh) β_0; β_2 in units of β_0 with a = ηh.
    let first = [0, 1].map(|j| (1.0 - eta * H[j]) * START[j]);
    let second = |of: fn(f64, f64) -> f64| [0, 1].map(|j| of(eta * H[j], mu) * START[j]);
    for found in [&plain, &ball, &nesterov] {
        close(&found[1], first);
    }
    close(&plain[2], second(|a, _| (1.0 - a) * (1.0 - a)));
    // β_1 + μ(β_1 − β_0) − aβ_1, and (1 − a)(β_1 + μ(β_1 − β_0)).
    close(&ball[2], second(|a, mu| 1.0 - a - mu * a - a * (1.0 - a)));
    close(&nesterov[2], second(|a, mu| (1.0 - a) * (1.0 - a - mu * a)));
}

#[test]
fn adam_takes_the_published_steps() {
    let found = on_quadratic(Adam::new(constant(0.1)), &H, &START, 5);
    // The first step is η g/(|g| + ε); the others were computed in fifty digits.
    close(
        &found[1],
        [
            1.0 - 0.1 * 2.0 / (2.0 + 1e-8),
            -0.5 + 0.1 * 4.0 / (4.0 + 1e-8),
        ],
    );
    for (found, expected) in found[2..].iter().zip([
        [0.800_412_228_691_792_1, -0.301_187_420_105_560_95],
        [0.701_586_272_946_029_5, -0.204_871_250_175_935_24],
        [0.603_939_060_573_744_8, -0.112_915_395_002_680_94],
        [0.507_963_659_264_340_7, -0.027_814_447_500_507_12],
    ]) {
        close(found, expected);
    }
    let defaults = [Adam::STEP_SIZE, Adam::EPSILON];
    assert_eq!((defaults, Adam::DECAY_RATES), ([0.001, 1e-8], [0.9, 0.999]));
}

#[test]
fn without_momentum_every_rule_is_descent() {
    let descent = on_quadratic(GradientDescent::new(constant(0.07)), &H, &START, 50);
    let subgradient = on_quadratic(SubgradientDescent::new(constant(0.07)), &H, &START, 50);
    let ball = HeavyBall::new(constant(0.07), 0.0).expect("usable");
    let nesterov = Nesterov::new(constant(0.07), 0.0).expect("usable");
    let proximal = StochasticProximalGradient::new(constant(0.07));
    assert_eq!(descent, subgradient);
    assert_eq!(descent, on_quadratic(ball, &H, &START, 50));
    assert_eq!(descent, on_quadratic(nesterov, &H, &START, 50));
    assert_eq!(descent, on_quadratic(proximal, &H, &START, 50));
}

#[test]
fn a_subgradient_of_constant_length_goes_to_and_fro_within_its_step() {
    let x = faer::Mat::from_fn(1, 1, |_, _| 1.0);
    let design = Dense::trusted(&x);
    let problem = Problem::new(&design, &[0.0], Absolute, Ridge).expect("shapes agree");
    let eta = 0.3;
    let run = |schedule| full(SubgradientDescent::new(schedule), &problem, 0.0, &[1.0]);
    let fixed = iterates(run(constant(eta)), 1000);
    // 1, 0.7, 0.4, 0.1, then −0.2 and 0.1 for ever.
    for pair in fixed[3..].windows(2) {
        let (a, b) = (pair[0][0], pair[1][0]);
        assert!(a.abs() <= eta && b.abs() <= eta && a * b < 0.0);
        assert!(((a - b).abs() - eta).abs() < 1e-15);
    }
    let root = Schedule::inverse_root(eta).expect("usable");
    let falling = iterates(run(root), 1000);
    for t in 20..=1000 {
        // A step that crosses 0 ends within its length, and later ones are at least 1/√2 as long.
        assert!(falling[t][0].abs() <= root.at(t as u64) * 1.5, "{t}");
    }
}

/// A run on f = 0: one column of zeros.
fn idle<O, P>(rule: O, penalty: P, lambda: f64, decay: Decay, start: f64, steps: usize) -> Vec<f64>
where
    P: regpath_solvers::penalty::Separable,
    O: Minimises<Squared, P>,
{
    let x = faer::Mat::zeros(1, 1);
    let design = Dense::trusted(&x);
    let problem = Problem::new(&design, &[0.0], Squared, penalty).expect("shapes agree");
    let run = full(rule, &problem, lambda, &[start]).decay(decay);
    let all = iterates(run.expect("usable decay"), steps);
    all.into_iter().map(|beta| beta[0]).collect()
}

#[test]
fn the_prox_of_the_absolute_value_takes_weights_to_zero_in_finitely_many_steps() {
    for (start, lambda, eta) in [(1.0, 0.25, 0.5), (1.0, 0.3, 0.5), (-0.7, 0.03, 1.0)] {
        let needed = f64::ceil(f64::abs(start) / (eta * lambda)) as usize;
        let rule = StochasticProximalGradient::new(constant(eta));
        let found = idle(rule, L1, lambda, Decay::None, start, needed + 3);
        assert!(found[..needed].iter().all(|b| *b != 0.0));
        assert_eq!(found[needed..], [0.0; 4]);
        // By subgradients it goes past 0 or stops a rounding away from it.
        let rule = SubgradientDescent::new(constant(0.3 * eta));
        let followed = idle(rule, L1, lambda, Decay::None, start, 10 * needed);
        let last = followed[10 * needed];
        assert!(last != 0.0 && last.abs() <= 0.3 * eta * lambda);
    }
}

#[test]
fn decoupled_decay_is_geometric_under_every_rule() {
    let decay = Decay::Decoupled(0.5);
    let mut expected = vec![3.0];
    for k in 0..100 {
        expected.push(expected[k] * (1.0 - 0.25 * 0.5));
    }
    let eta = constant(0.25);
    let run = |found: Vec<f64>| assert_eq!(found, expected);
    run(idle(GradientDescent::new(eta), Ridge, 0.0, decay, 3.0, 100));
    let ball = HeavyBall::new(eta, 0.9).expect("usable");
    run(idle(ball, Ridge, 0.0, decay, 3.0, 100));
    let nesterov = Nesterov::new(eta, 0.9).expect("usable");
    run(idle(nesterov, Ridge, 0.0, decay, 3.0, 100));
    run(idle(Adam::new(eta), Ridge, 0.0, decay, 3.0, 100));
    let proximal = StochasticProximalGradient::new(eta);
    run(idle(proximal, L1, 0.0, decay, 3.0, 100));
    // (7/8)ᵏ is a number of f64 for a while.
    assert_eq!(expected[15], 3.0 * 0.875f64.powi(15));
}

#[test]
fn adam_scales_coupled_decay_away() {
    // The first step is η whatever the rate, where decoupled decay is proportional to it.
    for rate in [0.01, 1.0, 100.0] {
        let found = idle(
            Adam::new(constant(0.001)),
            Ridge,
            0.0,
            Decay::Coupled(rate),
            3.0,
            1,
        );
        assert!((found[1] - 2.999).abs() < 1e-8);
        let found = idle(
            Adam::new(constant(0.001)),
            Ridge,
            0.0,
            Decay::Decoupled(rate),
            3.0,
            1,
        );
        assert!((found[1] - 3.0 * (1.0 - 0.001 * rate)).abs() < 1e-15);
    }
}

#[test]
fn coupled_decay_is_a_ridge_penalty_and_under_descent_decoupled_decay_too() {
    let mut rng = rng(11);
    let x = Columns::Gaussian.draw(&mut rng, 40, 6);
    let y = response(&mut rng, &x, 0.5);
    let design = Dense::trusted(&x);
    let problem = Problem::new(&design, &y, Squared, Ridge).expect("shapes agree");
    fn last<O: Minimises<Squared, Ridge>>(
        rule: O,
        problem: &Problem<Dense, Squared, Ridge>,
        lambda: f64,
        decay: Decay,
    ) -> Vec<f64> {
        let run = full(rule, problem, lambda, &[0.5; 6]).decay(decay);
        iterates(run.expect("usable decay"), 60)
            .pop()
            .expect("iterates")
    }
    fn holds<O: Minimises<Squared, Ridge> + Clone>(
        rule: O,
        problem: &Problem<Dense, Squared, Ridge>,
    ) -> [Vec<f64>; 2] {
        let penalised = last(rule.clone(), problem, 0.3, Decay::None);
        assert_eq!(
            penalised,
            last(rule.clone(), problem, 0.0, Decay::Coupled(0.3))
        );
        [penalised, last(rule, problem, 0.0, Decay::Decoupled(0.3))]
    }
    let eta = constant(0.05);
    let [coupled, decoupled] = holds(GradientDescent::new(eta), &problem);
    assert!(distance(&coupled, &decoupled) < 1e-13);
    holds(HeavyBall::new(eta, 0.8).expect("usable"), &problem);
    holds(Nesterov::new(eta, 0.8).expect("usable"), &problem);
    let [coupled, decoupled] = holds(Adam::new(eta), &problem);
    assert!(distance(&coupled, &decoupled) > 1e-3);
}

#[test]
fn on_all_rows_the_proximal_rule_is_the_proximal_gradient_method() {
    let mut rng = rng(12);
    let x = Columns::Equicorrelated.draw(&mut rng, 30, 12);
    let y = response(&mut rng, &x, 0.5);
    let design = Dense::trusted(&x);
    let problem = Problem::new(&design, &y, Squared, L1).expect("shapes agree");
    let lambda = 0.2 * problem.lambda_max();
    let eta = 1.0 / regpath_solvers::optimizer::lipschitz(&problem).expect("eigenvalues");
    let rule = StochasticProximalGradient::new(constant(eta));
    let found = iterates(full(rule, &problem, lambda, &[0.0; 12]), 300);
    for steps in [1, 2, 10, 300] {
        let limited = regpath_solvers::solver::Stop {
            max_epochs: steps,
            ..stop(0.0)
        };
        let solved = walk(&ProximalGradient::ista(), &problem, &[lambda], limited);
        assert!(
            distance(&found[steps], &solved[0].beta) < 1e-13,
            "{steps} steps"
        );
        let support = |beta: &[f64]| beta.iter().map(|b| *b != 0.0).collect::<Vec<_>>();
        assert_eq!(support(&found[steps]), support(&solved[0].beta));
    }
}

#[test]
fn averages_are_means_of_the_iterates_of_a_run() {
    let x = super::quadratic(&H);
    let design = Dense::trusted(&x);
    let problem = Problem::new(&design, &[0.0; 2], Squared, Ridge).expect("shapes agree");
    let rule = GradientDescent::new(constant(0.2));
    let all = iterates(full(rule, &problem, 0.0, &START), 100);
    for (which, first) in [
        (Averaging::All, 1),
        (Averaging::After(60), 61),
        (Averaging::Tail, 32),
    ] {
        let run = Run::new(rule, FullBatch::new(&problem), 0.0).expect("usable");
        let mut run = run
            .start(START.to_vec())
            .expect("usable")
            .averaging(which)
            .expect("not begun");
        run.advance(200).expect("no divergence");
        let found = run.snapshot().expect("no divergence").average;
        let count = (101 - first) as f64;
        let mean = [0, 1].map(|j| all[first..].iter().map(|beta| beta[j]).sum::<f64>() / count);
        close(&found.expect("some iterates"), mean);
    }
}
