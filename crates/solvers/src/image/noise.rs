//! Noise, drawn from streams that come from outside: each pixel takes the next value, row by row.

use super::Image;
use crate::error::SolveError;

/// Salt and pepper: each pixel becomes 0 or 1, with probability `share`/2 each, whatever it was. `uniform` draws from [0, 1), once for
/// each pixel, so that one stream gives with a larger share all that it gives with a smaller, and more.
///
/// Errors: [`SolveError::Image`] unless 0 ≤ `share` ≤ 1.
pub fn salt_and_pepper(
    image: &Image,
    share: f64,
    mut uniform: impl FnMut() -> f64,
) -> Result<Image, SolveError> {
    if !(0.0..=1.0).contains(&share) {
        return Err(SolveError::Image(format!(
            "the share of pixels that are replaced is {share}, expected a number in [0, 1]"
        )));
    }
    image.map(|value| {
        let draw = uniform();
        // The two colours take the two ends of [0, 1), growing inwards.
        if draw < 0.5 * share {
            0.0
        } else if draw >= 1.0 - 0.5 * share {
            1.0
        } else {
            value
        }
    })
}

/// Adds independent Gaussian noise. `normal` draws from the standard normal distribution, once for each pixel. Nothing is cut off at
/// black and white, since what is cut off is Gaussian no more.
///
/// Errors: [`SolveError::Image`] unless `deviation` ≥ 0 is finite, and as [`Image::new`].
pub fn gaussian(
    image: &Image,
    deviation: f64,
    mut normal: impl FnMut() -> f64,
) -> Result<Image, SolveError> {
    if !(deviation.is_finite() && deviation >= 0.0) {
        return Err(SolveError::Image(format!(
            "the standard deviation of the noise is {deviation}, expected a finite number >= 0"
        )));
    }
    image.map(|value| value + deviation * normal())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grey() -> Image {
        Image::from_fn(20, 50, |_, _| 0.5).expect("finite")
    }

    /// k/1000 + 0.0005, each once, in an order without pattern.
    fn evenly() -> impl FnMut() -> f64 {
        let mut k = 0usize;
        move || {
            k += 1;
            ((k * 377) % 1000) as f64 / 1000.0 + 5e-4
        }
    }

    #[test]
    fn a_share_is_replaced_by_black_and_white_alike() {
        for share in [0.0, 0.1, 0.5, 1.0] {
            let noisy = salt_and_pepper(&grey(), share, evenly()).expect("a share");
            let count = |value: f64| noisy.pixels().iter().filter(|v| **v == value).count();
            let half = (500.0 * share) as usize;
            assert_eq!([count(0.0), count(1.0)], [half; 2]);
            assert_eq!(count(0.5), 1000 - 2 * half);
        }
        assert!(salt_and_pepper(&grey(), 1.1, evenly()).is_err());
        assert!(salt_and_pepper(&grey(), f64::NAN, evenly()).is_err());
    }

    #[test]
    fn what_a_smaller_share_replaces_a_larger_does_too() {
        let few = salt_and_pepper(&grey(), 0.2, evenly()).expect("a share");
        let many = salt_and_pepper(&grey(), 0.3, evenly()).expect("a share");
        let mut pairs = few.pixels().iter().zip(many.pixels());
        assert!(pairs.all(|(a, b)| *a == 0.5 || a == b));
    }

    #[test]
    fn gaussian_noise_scales_its_stream() {
        let noisy = gaussian(&grey(), 0.25, evenly()).expect("a deviation");
        let mut stream = evenly();
        assert!((noisy.pixels().iter()).all(|v| *v == 0.5 + 0.25 * stream()));
        assert!(gaussian(&grey(), -1.0, evenly()).is_err());
    }
}
