//! Linear rates on strongly convex quadratics, and agreement with solvers of the crate.

use regpath_solvers::design::Dense;
use regpath_solvers::loss::{Huber, Logistic, Loss, SmoothLoss};
use regpath_solvers::optimizer::{
    Adam, GradientDescent, HeavyBall, Minimises, Nesterov, Schedule, lipschitz,
};
use regpath_solvers::penalty::Ridge;
use regpath_solvers::problem::Problem;
use regpath_solvers::solver::ProximalNewton;

use super::common::{Columns, distance, response, rng, solve};
use super::{constant, full, iterates, norm, on_quadratic};

/// L and m with eigenvalues between, and κ.
fn spectrum(kappa: f64) -> Vec<f64> {
    (0..9).map(|k| 3.0 * kappa.powf(-k as f64 / 8.0)).collect()
}

/// (‖β_2k‖/‖β_k‖)^(1/k).
fn rate(all: &[Vec<f64>]) -> f64 {
    let k = (all.len() - 1) / 2;
    (norm(&all[2 * k]) / norm(&all[k])).powf(1.0 / k as f64)
}

const KAPPAS: [f64; 3] = [4.0, 100.0, 2500.0];

#[test]
fn gradient_descent_contracts_by_its_condition_number() {
    for kappa in KAPPAS {
        let h = spectrum(kappa);
        let step = GradientDescent::new(constant(2.0 / (h[0] + h[8])));
        let all = on_quadratic(step, &h, &[1.0; 9], 400);
        let theory = (kappa - 1.0) / (kappa + 1.0);
        // No step does worse, and the ends of the spectrum do no better.
        for pair in all.windows(2) {
            assert!(norm(&pair[1]) <= theory * norm(&pair[0]) * (1.0 + 1e-12));
        }
        let ends = [1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0];
        let measured = rate(&on_quadratic(step, &h, &ends, 400));
        assert!((measured - theory).abs() < 1e-12, "{measured} {theory}");
        // Any other step size is worse.
        for factor in [0.9, 1.1] {
            let other = GradientDescent::new(constant(factor * 2.0 / (h[0] + h[8])));
            assert!(rate(&on_quadratic(other, &h, &ends, 400)) > theory * (1.0 + 1e-5));
        }
    }
}

#[test]
fn the_heavy_ball_contracts_by_the_root_of_the_condition_number() {
    for kappa in KAPPAS {
        let h = spectrum(kappa);
        let (root_l, root_m) = (h[0].sqrt(), h[8].sqrt());
        let theory = (kappa.sqrt() - 1.0) / (kappa.sqrt() + 1.0);
        let eta = 4.0 / (root_l + root_m).powi(2);
        let ball = HeavyBall::new(constant(eta), theory * theory).expect("usable");
        let all = on_quadratic(ball, &h, &[1.0; 9], 600);
        // Both ends are double roots: k ρᵏ, which doubles its factor between k and 2k.
        let measured = rate(&all);
        let doubled = 2f64.powf(1.0 / 300.0);
        assert!(
            (measured / theory - doubled).abs() < 2e-3,
            "{measured} {theory}"
        );
    }
}

#[test]
fn nesterov_contracts_by_one_minus_the_root_of_the_inverse_condition_number() {
    for kappa in KAPPAS {
        let h = spectrum(kappa);
        let momentum = (kappa.sqrt() - 1.0) / (kappa.sqrt() + 1.0);
        let rule = Nesterov::new(constant(1.0 / h[0]), momentum).expect("usable");
        let all = on_quadratic(rule, &h, &[1.0; 9], 600);
        let theory = 1.0 - 1.0 / kappa.sqrt();
        // At the lower end of the spectrum a double root is exactly that rate.
        let doubled = 2f64.powf(1.0 / 300.0);
        let measured = rate(&all);
        assert!(
            measured <= theory * doubled * (1.0 + 1e-6),
            "{measured} {theory}"
        );
        assert!(measured >= theory);
        // The bound on f itself: f(β_k) ≤ (1 − 1/√κ)ᵏ (f(β_0) + m‖β_0‖²/2).
        let f = |beta: &[f64]| {
            let terms = beta.iter().zip(&h);
            0.5 * terms.map(|(b, h)| h * b * b).sum::<f64>()
        };
        let first = f(&all[0]) + 0.5 * h[8] * norm(&all[0]).powi(2);
        for (k, beta) in all.iter().enumerate() {
            assert!(
                f(beta) <= theory.powi(k as i32) * first * (1.0 + 1e-9),
                "{k}"
            );
        }
    }
}

#[test]
fn momentum_needs_the_root_of_the_steps_of_descent() {
    let kappa = 2500.0;
    let h = spectrum(kappa);
    let (root_l, root_m) = (h[0].sqrt(), h[8].sqrt());
    fn steps_to(all: &[Vec<f64>]) -> usize {
        let near = |beta: &Vec<f64>| norm(beta) < 1e-6 * norm(&all[0]);
        all.iter().position(near).expect("it converges")
    }
    let descent = GradientDescent::new(constant(2.0 / (h[0] + h[8])));
    let slow = steps_to(&on_quadratic(descent, &h, &[1.0; 9], 40_000));
    let momentum = ((root_l - root_m) / (root_l + root_m)).powi(2);
    let eta = 4.0 / (root_l + root_m).powi(2);
    let ball = HeavyBall::new(constant(eta), momentum).expect("usable");
    let fast = steps_to(&on_quadratic(ball, &h, &[1.0; 9], 4000));
    let share = slow as f64 / fast as f64;
    assert!(
        (0.5..2.0).contains(&(share / kappa.sqrt())),
        "{slow} {fast}"
    );
}

/// Every rule finds the minimiser that a certified solver finds.
fn agrees<L: SmoothLoss + regpath_solvers::loss::CurvedLoss>(
    loss: L,
    y: &[f64],
    x: &faer::Mat<f64>,
) {
    let design = Dense::trusted(x);
    let problem = Problem::new(&design, y, loss, Ridge).expect("shapes agree");
    let lambda = 0.1;
    let expected = solve(&ProximalNewton::default(), &problem, lambda, 1e-14).beta;
    let largest = lipschitz(&problem).expect("eigenvalues") + lambda;
    let eta = constant(1.0 / largest);
    fn reached<L: Loss, O: Minimises<L, Ridge>>(
        rule: O,
        problem: &Problem<Dense, L, Ridge>,
        lambda: f64,
    ) -> Vec<f64> {
        let run = full(
            rule,
            problem,
            lambda,
            &vec![0.0; problem.x.as_mat().ncols()],
        );
        iterates(run, 5000).pop().expect("iterates")
    }
    let off = |found: Vec<f64>| distance(&found, &expected);
    assert!(off(reached(GradientDescent::new(eta), &problem, lambda)) < 1e-6);
    let ball = HeavyBall::new(eta, 0.7).expect("usable");
    assert!(off(reached(ball, &problem, lambda)) < 1e-6);
    let nesterov = Nesterov::new(eta, 0.7).expect("usable");
    assert!(off(reached(nesterov, &problem, lambda)) < 1e-6);
    let falling = Schedule::inverse_after(10.0, 100.0).expect("usable");
    assert!(off(reached(Adam::new(falling), &problem, lambda)) < 1e-3);
}

#[test]
fn rules_agree_with_a_certified_solver() {
    let mut rng = rng(21);
    let x = Columns::Gaussian.draw(&mut rng, 60, 5);
    let y = response(&mut rng, &x, 0.5);
    let classes: Vec<f64> = y.iter().map(|y| f64::from(*y > 0.0)).collect();
    agrees(Huber::new(0.5).expect("delta is positive"), &y, &x);
    agrees(Logistic, &classes, &x);
}
