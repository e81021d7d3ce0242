//! What each data term is for, and how many iterations it takes: counts are exact, and a bound just above catches what slows down.

use rand::RngExt;
use regpath_solvers::image::{Image, gaussian, psnr, salt_and_pepper};
use regpath_solvers::total_variation::Fidelity;

use crate::common::{normal, rng};
use crate::solved;

/// A disc, a bar and a frame of different greys.
fn scene() -> Image {
    Image::from_fn(96, 96, |i, j| {
        let (y, x) = (i as f64 - 36.0, j as f64 - 38.0);
        if y.hypot(x) < 20.0 {
            0.8
        } else if (64..76).contains(&i) && (12..84).contains(&j) {
            0.35
        } else if i.min(j).min(95 - i).min(95 - j) < 6 {
            0.6
        } else {
            0.15
        }
    })
    .expect("finite")
}

/// The best ratio over a grid of λ, and the iterations that it took.
fn best(noisy: &Image, fidelity: Fidelity, lambdas: &[f64]) -> (f64, u64) {
    let found = lambdas.iter().map(|&l| solved(noisy, l, fidelity, 1e-4));
    let rated = found.map(|found| {
        let ratio = psnr(&found.image, &scene()).expect("one shape");
        (ratio, found.work.epochs)
    });
    rated
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .expect("at least one λ")
}

const ABSOLUTE: [f64; 6] = [0.4, 0.55, 0.7, 0.85, 1.0, 1.3];
const SQUARES: [f64; 9] = [0.03, 0.06, 0.1, 0.15, 0.2, 0.3, 0.45, 0.7, 1.0];

#[test]
fn absolute_values_take_out_salt_and_pepper() {
    let mut rng = rng(41);
    let noisy = salt_and_pepper(&scene(), 0.25, || rng.random()).expect("a share");
    let (absolute, iterations) = best(&noisy, Fidelity::Absolute, &ABSOLUTE);
    let (squares, _) = best(&noisy, Fidelity::Squares, &SQUARES);
    assert!(absolute > squares + 5.0, "{absolute} {squares}");
    assert!(iterations <= 160, "{iterations}");
}

#[test]
fn squares_take_out_gaussian_noise() {
    let mut rng = rng(43);
    let noisy = gaussian(&scene(), 0.1, || normal(&mut rng)).expect("a deviation");
    let (absolute, _) = best(&noisy, Fidelity::Absolute, &ABSOLUTE);
    let (squares, iterations) = best(&noisy, Fidelity::Squares, &SQUARES);
    assert!(squares > absolute, "{squares} {absolute}");
    assert!(iterations <= 100, "{iterations}");
}
