//! The objective and its subgradient, which other methods are given.

use regpath_solvers::image::Image;
use regpath_solvers::total_variation::Denoising;

use crate::common::{normal, normals, rng};
use crate::{BOTH, SHAPES, dot, random};

/// An image with pixels that are equal to neighbours, and to those of `image`.
fn with_kinks(image: &Image, seed: u64) -> Vec<f64> {
    let mut rng = rng(seed);
    let pixels = image.pixels().iter();
    pixels
        .map(|g| match normal(&mut rng) {
            v if v < -0.5 => *g,
            v if v < 0.5 => 0.5,
            v => v,
        })
        .collect()
}

#[test]
fn the_objective_lies_above_the_plane_of_a_subgradient() {
    for fidelity in BOTH {
        for (seed, (height, width)) in (0..).zip(SHAPES) {
            let image = random(seed, height, width);
            let problem = Denoising::new(&image, 0.7, fidelity).expect("a problem");
            let u = with_kinks(&image, seed + 50);
            let mut slope = vec![f64::NAN; u.len()];
            let value = problem.subgradient(&u, &mut slope);
            assert!((value - problem.value(&u)).abs() <= 1e-13 * value);
            let mut rng = rng(seed + 60);
            for scale in [1e-3, 0.1, 10.0] {
                for _ in 0..20 {
                    let step = normals(&mut rng, u.len()).into_iter();
                    let step: Vec<f64> = step.map(|v| scale * v).collect();
                    let there: Vec<f64> = u.iter().zip(&step).map(|(u, s)| u + s).collect();
                    let plane = value + dot(&slope, &step);
                    assert!(problem.value(&there) >= plane - 1e-12 * value.max(plane.abs()));
                }
            }
        }
    }
}

#[test]
fn without_kinks_the_subgradient_is_the_gradient() {
    for fidelity in BOTH {
        let image = random(31, 7, 6);
        let problem = Denoising::new(&image, 0.7, fidelity).expect("a problem");
        let u = random(32, 7, 6);
        let mut slope = vec![0.0; 42];
        problem.subgradient(u.pixels(), &mut slope);
        for (k, slope) in slope.iter().enumerate() {
            let moved = |by: f64| {
                let mut there = u.pixels().to_vec();
                there[k] += by;
                problem.value(&there)
            };
            let difference = (moved(1e-6) - moved(-1e-6)) / 2e-6;
            assert!((difference - slope).abs() < 1e-6, "{difference} {slope}");
        }
    }
}
