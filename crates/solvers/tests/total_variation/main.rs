//! Denoising by total variation: laws, closed forms, an interior-point method as an oracle, and what each data term is for.

mod closed_forms;
#[path = "../common/mod.rs"]
mod common;
mod noise;
mod oracle;
mod subgradient;

use std::sync::atomic::AtomicBool;

use common::{normal, normals, rng};
use rand::RngExt;
use regpath_solvers::SolveError;
use regpath_solvers::image::Image;
use regpath_solvers::solver::{Status, Stop};
use regpath_solvers::total_variation::{
    Denoised, Denoising, Fidelity, Field, PrimalDual, denoise, divergence, gradient,
};

const BOTH: [Fidelity; 2] = [Fidelity::Squares, Fidelity::Absolute];
const SHAPES: [(usize, usize); 6] = [(1, 1), (1, 9), (9, 1), (2, 2), (5, 8), (16, 13)];

fn stop(tol: f64) -> Stop<'static> {
    Stop {
        tol,
        ..Stop::default()
    }
}

fn random(seed: u64, height: usize, width: usize) -> Image {
    let mut rng = rng(seed);
    Image::from_fn(height, width, |_, _| rng.random()).expect("finite")
}

/// Solved to `tol`, with the certificate asked again.
fn solved(image: &Image, lambda: f64, fidelity: Fidelity, tol: f64) -> Denoised {
    let found = denoise(image, lambda, fidelity, stop(tol)).expect("a problem");
    let problem = Denoising::new(image, lambda, fidelity).expect("a problem");
    assert_eq!(found.status, Status::Converged, "{fidelity:?} at {lambda}");
    let certificate = problem.certify(found.image.pixels(), &found.dual);
    // The certificate projects again, which rounds.
    assert!(certificate.gap <= (tol * (1.0 + 1e-6) + 1e-14) * problem.null_loss());
    assert_eq!(certificate, found.certificate);
    found
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn distance(a: &Image, b: &Image) -> f64 {
    let pairs = a.pixels().iter().zip(b.pixels());
    pairs.fold(0.0, |m, (a, b)| m.max((a - b).abs()))
}

#[test]
fn the_divergence_is_minus_the_adjoint_of_the_gradient() {
    for (height, width) in SHAPES {
        let mut rng = rng(7);
        let n = height * width;
        let u = Image::new(height, width, normals(&mut rng, n)).expect("finite");
        let p = Field {
            along: normals(&mut rng, n),
            down: normals(&mut rng, n),
        };
        let field = gradient(&u);
        let left = dot(&field.along, &p.along) + dot(&field.down, &p.down);
        let right = -dot(u.pixels(), &divergence(&p, height, width));
        let size = (dot(u.pixels(), u.pixels())
            * (dot(&p.along, &p.along) + dot(&p.down, &p.down)))
        .sqrt();
        assert!((left - right).abs() <= 1e-14 * size, "{height} x {width}");
    }
}

#[test]
fn the_norm_of_the_gradient_is_nearly_eight() {
    let u = Image::from_fn(40, 50, |i, j| [1.0, -1.0][(i + j) % 2]).expect("finite");
    let field = gradient(&u);
    let square = dot(&field.along, &field.along) + dot(&field.down, &field.down);
    let share = square / dot(u.pixels(), u.pixels());
    assert!((7.8..8.0).contains(&share), "{share}");
}

#[test]
fn the_gap_bounds_what_any_image_and_field_are_from_the_optimum() {
    for fidelity in BOTH {
        for (seed, (height, width)) in (0..).zip(SHAPES) {
            let image = random(seed, height, width);
            let problem = Denoising::new(&image, 0.4, fidelity).expect("a problem");
            let best = solved(&image, 0.4, fidelity, 1e-8).certificate;
            let mut rng = rng(seed + 100);
            for scale in [0.0, 0.1, 1.0, 10.0] {
                let u: Vec<f64> = (image.pixels().iter())
                    .map(|g| g + scale * normal(&mut rng))
                    .collect();
                let p = Field {
                    along: normals(&mut rng, u.len()),
                    down: normals(&mut rng, u.len()),
                };
                let found = problem.certify(&u, &p);
                let slack = 1e-12 * found.primal;
                assert!(found.gap >= 0.0 && found.primal >= best.dual() - slack);
                assert!(found.dual() <= best.primal + slack);
                let dual_only = problem.certify(image.pixels(), &p).dual();
                assert!((dual_only - found.dual()).abs() <= slack + 1e-12);
            }
        }
    }
}

#[test]
fn the_gap_falls_along_the_run_and_is_never_negative() {
    for fidelity in BOTH {
        let image = random(3, 24, 17);
        let problem = Denoising::new(&image, 0.3, fidelity).expect("a problem");
        let optimum = solved(&image, 0.3, fidelity, 1e-10).certificate;
        let solver = PrimalDual::default();
        let mut last = f64::INFINITY;
        for budget in [0, 1, 7, 20, 33, 100, 300, 1000] {
            let mut state = solver.start(&problem);
            let limit = Stop {
                max_epochs: budget,
                ..stop(0.0)
            };
            let outcome = solver.solve(&problem, limit, &mut state);
            assert_eq!(outcome.status, Status::EpochLimit);
            assert_eq!(outcome.work.epochs, budget as u64);
            let found = problem.certify(state.pixels(), state.dual());
            assert!(found.gap >= 0.0 && found.gap <= last * (1.0 + 1e-12));
            assert!(found.primal >= optimum.dual() && found.dual() <= optimum.primal);
            last = found.gap;
        }
        assert!(last <= 1e-3 * problem.null_loss(), "{fidelity:?}: {last}");
    }
}

#[test]
fn a_constant_image_is_its_own_solution() {
    for fidelity in BOTH {
        let image = Image::from_fn(9, 14, |_, _| 0.3).expect("finite");
        let found = solved(&image, 2.0, fidelity, 0.0);
        assert_eq!(found.image, image);
        assert_eq!(found.work.epochs, 0);
    }
}

#[test]
fn nothing_changes_without_a_penalty() {
    for fidelity in BOTH {
        let image = random(5, 6, 7);
        let smooth = Denoising::new(&image, 1.0, fidelity).expect("a problem");
        let solver = PrimalDual::default();
        let mut state = solver.start(&smooth);
        solver.solve(&smooth, stop(1e-6), &mut state);
        assert_ne!(state.pixels(), image.pixels());
        let problem = Denoising::new(&image, 0.0, fidelity).expect("a problem");
        solver.solve(&problem, stop(1e-6), &mut state);
        assert_eq!(state.pixels(), image.pixels());
    }
}

#[test]
fn contrast_and_brightness_pass_through() {
    let image = random(11, 20, 15);
    // λ has the unit of grey values with squares, none with absolute values.
    for (fidelity, power) in [(Fidelity::Squares, 1), (Fidelity::Absolute, 0)] {
        let plain = solved(&image, 0.6, fidelity, 1e-7);
        let optimum = plain.certificate.primal;
        for factor in [2.0, 0.25, 3.0] {
            let scaled = image.map(|v| factor * v).expect("finite");
            let found = solved(&scaled, 0.6 * f64::powi(factor, power), fidelity, 1e-7);
            let back = found.image.map(|v| v / factor).expect("finite");
            let value = found.certificate.primal / f64::powi(factor, power + 1);
            assert!((value - optimum).abs() <= 1e-6 * optimum, "{fidelity:?}");
            assert!(distance(&back, &plain.image) < 1e-3);
            // Powers of two round nothing, where nothing has a size of its own.
            if fidelity == Fidelity::Absolute && factor != 3.0 {
                assert_eq!(back, plain.image);
            }
        }
        let negative = image.map(|v| 1.0 - v).expect("finite");
        let found = solved(&negative, 0.6, fidelity, 1e-7);
        assert!((found.certificate.primal - optimum).abs() <= 1e-6 * optimum);
    }
}

/// ½‖u − u*‖² is at most the gap, as the objective is strongly convex with modulus 1.
#[test]
fn both_algorithms_agree_on_squares() {
    let image = random(17, 30, 22);
    let problem = Denoising::new(&image, 0.2, Fidelity::Squares).expect("a problem");
    let ran = [true, false].map(|accelerated| {
        let solver = PrimalDual { accelerated };
        let mut state = solver.start(&problem);
        let outcome = solver.solve(&problem, stop(1e-9), &mut state);
        assert_eq!(outcome.status, Status::Converged);
        (state, outcome.work.epochs)
    });
    let squares = ran[0].0.pixels().iter().zip(ran[1].0.pixels());
    let apart = squares.map(|(a, b)| (a - b).powi(2)).sum::<f64>().sqrt();
    let bounds = ran
        .each_ref()
        .map(|(state, _)| (2.0 * problem.certify(state.pixels(), state.dual()).gap).sqrt());
    assert!(apart <= bounds[0] + bounds[1], "{apart} {bounds:?}");
}

#[test]
fn a_solve_ends_when_it_is_told_to() {
    let image = random(19, 10, 10);
    let cancel = AtomicBool::new(true);
    for fidelity in BOTH {
        let limit = Stop {
            cancel: Some(&cancel),
            ..stop(1e-9)
        };
        let found = denoise(&image, 0.3, fidelity, limit).expect("a problem");
        assert_eq!(found.status, Status::Interrupted);
        assert_eq!(found.image, image);
        for lambda in [-1.0, f64::NAN, f64::INFINITY] {
            let refused = denoise(&image, lambda, fidelity, stop(1e-9));
            assert!(matches!(refused, Err(SolveError::Lambda(_))));
        }
    }
}

#[test]
fn a_warm_start_changes_the_way_and_not_the_end() {
    let image = random(23, 21, 18);
    for fidelity in BOTH {
        let solver = PrimalDual::default();
        let at = |lambda| Denoising::new(&image, lambda, fidelity).expect("a problem");
        let mut state = solver.start(&at(1.0));
        for lambda in [1.0, 0.5, 0.2, 0.8] {
            let outcome = solver.solve(&at(lambda), stop(1e-6), &mut state);
            assert_eq!(outcome.status, Status::Converged);
            let cold = solved(&image, lambda, fidelity, 1e-6).certificate;
            let warm = at(lambda).certify(state.pixels(), state.dual());
            assert!(warm.dual() <= cold.primal && cold.dual() <= warm.primal);
        }
        let again = solver.solve(&at(0.8), stop(1e-6), &mut state);
        assert_eq!(again.work.epochs, 0);
    }
}
