//! Steps, discs, and what a large λ leaves.

use regpath_solvers::image::Image;
use regpath_solvers::total_variation::{Denoising, Fidelity};

use crate::{distance, random, solved};

#[test]
fn the_plateaus_of_a_step_approach_by_lambda_over_their_widths() {
    let (left, right, lambda) = (5, 11, 0.7);
    let step = |j: usize| f64::from(j >= left);
    for turned in [false, true] {
        let shape = if turned { (16, 3) } else { (3, 16) };
        let place = |i: usize, j: usize| if turned { i } else { j };
        let image = Image::from_fn(shape.0, shape.1, |i, j| step(place(i, j))).expect("finite");
        let expected = Image::from_fn(shape.0, shape.1, |i, j| {
            if place(i, j) < left {
                lambda / left as f64
            } else {
                1.0 - lambda / right as f64
            }
        });
        let found = solved(&image, lambda, Fidelity::Squares, 1e-10);
        let error = distance(&found.image, &expected.expect("finite"));
        assert!(error < 1e-4, "{error}");
        assert!(error <= (2.0 * found.certificate.gap).sqrt());
    }
}

/// 1 in a disc of this radius in the middle of `size` × `size` pixels, 0 outside, edges smoothed by sampling each pixel 8 × 8 times.
fn disc(size: usize, radius: f64) -> Image {
    let inside = |y: f64, x: f64| f64::from(y.hypot(x) < radius);
    let at = |i: usize, k: usize| i as f64 + (k as f64 + 0.5) / 8.0 - 0.5 * size as f64;
    Image::from_fn(size, size, |i, j| {
        let samples = (0..64).map(|k| inside(at(i, k / 8), at(j, k % 8)));
        samples.sum::<f64>() / 64.0
    })
    .expect("finite")
}

/// In the plane its height falls by λ · perimeter / area, and the rest of the domain rises likewise [Strong & Chan 2003, Inverse
/// Problems 19]. Differences of a grid measure perimeters to a few per cent.
#[test]
fn a_disc_keeps_its_shape_under_squares() {
    let (size, radius, lambda) = (64, 18.0, 1.5);
    let found = solved(&disc(size, radius), lambda, Fidelity::Squares, 1e-6).image;
    let perimeter = 2.0 * std::f64::consts::PI * radius;
    let area = std::f64::consts::PI * radius * radius;
    let fall = 1.0 - found.pixels()[size * size / 2 + size / 2];
    assert!((fall / (lambda * perimeter / area) - 1.0).abs() < 0.05);
    let rise = found.pixels()[0];
    let expected = lambda * perimeter / ((size * size) as f64 - area);
    assert!((rise / expected - 1.0).abs() < 0.15, "{rise} {expected}");
}

/// A disc stays whole if its radius is above 2λ and vanishes below. [Chan & Esedoglu 2005]
#[test]
fn a_disc_stays_or_goes_under_absolute_values() {
    let (size, radius) = (32, 8.0);
    let image = disc(size, radius);
    let middle = size * size / 2 + size / 2;
    let kept = solved(&image, 0.4 * radius, Fidelity::Absolute, 1e-5).image;
    assert!((kept.pixels()[middle] - 1.0).abs() < 1e-2);
    assert!(kept.pixels()[0].abs() < 1e-2);
    let gone = solved(&image, 0.6 * radius, Fidelity::Absolute, 1e-5).image;
    assert!(gone.pixels().iter().all(|v| v.abs() < 1e-2));
}

/// The mean is far from the median, and p, which the image bounds, far from λ.
#[test]
fn a_huge_lambda_takes_no_longer() {
    let image = Image::from_fn(5, 5, |i, j| f64::from((5 * i + j) % 3 == 0)).expect("finite");
    for lambda in [10.0, 1e4, 1e8] {
        let found = solved(&image, lambda, Fidelity::Absolute, 1e-9);
        assert!(found.work.epochs <= 2000, "{lambda} {:?}", found.work);
        assert!(found.image.pixels().iter().all(|u| u.abs() < 1e-6));
    }
}

#[test]
fn an_image_whose_squares_underflow_is_refused() {
    let image = Image::from_fn(1, 2, |_, j| 1e-170 * j as f64).expect("finite");
    let refused = Denoising::new(&image, 10.0, Fidelity::Absolute).err();
    assert!(refused.is_some_and(|e| e.to_string().contains("1e-170")));
}

#[test]
fn a_large_lambda_leaves_the_mean_or_the_median() {
    let image = random(13, 9, 7);
    let mut sorted = image.pixels().to_vec();
    sorted.sort_by(f64::total_cmp);
    let mean = sorted.iter().sum::<f64>() / 63.0;
    for (fidelity, expected) in [(Fidelity::Squares, mean), (Fidelity::Absolute, sorted[31])] {
        for lambda in [10.0, 1000.0] {
            let found = solved(&image, lambda, fidelity, 1e-9);
            let problem = Denoising::new(&image, lambda, fidelity).expect("a problem");
            let value = found.certificate.primal;
            assert!((value / problem.null_loss() - 1.0).abs() < 1e-8);
            let constant = image.map(|_| expected).expect("finite");
            assert!(distance(&found.image, &constant) < 1e-4, "{fidelity:?}");
        }
    }
}
