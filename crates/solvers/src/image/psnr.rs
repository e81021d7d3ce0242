//! Peak signal-to-noise ratio.

use super::Image;
use crate::error::SolveError;

/// 10 log₁₀(1/MSE) in decibels, the ratio for images whose peak is 1, where MSE is the mean squared difference of two images; infinite
/// where they are equal.
///
/// Errors: [`SolveError::Image`] if the shapes differ.
pub fn psnr(image: &Image, reference: &Image) -> Result<f64, SolveError> {
    if image.shape() != reference.shape() {
        return Err(SolveError::Image(format!(
            "images of {} x {} and {} x {} pixels cannot be compared",
            image.height(),
            image.width(),
            reference.height(),
            reference.width()
        )));
    }
    let pairs = image.pixels().iter().zip(reference.pixels());
    let squares: f64 = pairs.map(|(a, b)| (a - b).powi(2)).sum();
    Ok(-10.0 * (squares / image.pixels().len() as f64).log10())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tenth_everywhere_is_20_decibels() {
        let image = Image::from_fn(3, 4, |i, j| 0.1 * (i + j) as f64).expect("finite");
        let lighter = image.map(|v| v + 0.1).expect("finite");
        let ratio = psnr(&lighter, &image).expect("one shape");
        assert!((ratio - 20.0).abs() < 1e-12, "{ratio}");
        assert_eq!(psnr(&image, &image), Ok(f64::INFINITY));
        let turned = Image::from_fn(4, 3, |_, _| 0.0).expect("finite");
        assert!(psnr(&turned, &image).is_err());
    }
}
