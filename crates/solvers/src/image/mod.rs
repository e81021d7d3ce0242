//! Grey images: pixels in rows, the noise that is put on them, how near one is to another, and the blur and the wavelets that make them
//! the response of a design.

mod blur;
mod blurred_wavelets;
mod haar;
mod noise;
mod operator;
mod psnr;

pub use blur::Blur;
pub use blurred_wavelets::BlurredWavelets;
pub use haar::Haar;
pub use noise::{gaussian, salt_and_pepper};
pub use operator::{MatrixFree, Operator, Patch};
pub use psnr::psnr;

use crate::design::MAX_MAGNITUDE;
use crate::error::SolveError;

/// A grey image, row after row from the top. A photograph has values in [0, 1], black to white; noise may leave that range.
#[derive(Clone, Debug, PartialEq)]
pub struct Image {
    height: usize,
    width: usize,
    pixels: Vec<f64>,
}

impl Image {
    /// An image of `height` × `width` pixels, row-major.
    ///
    /// Errors: [`SolveError::Image`] if there is no pixel, their number is not height · width, or one is not finite or beyond 1e150.
    pub fn new(height: usize, width: usize, pixels: Vec<f64>) -> Result<Self, SolveError> {
        if pixels.is_empty() || height.checked_mul(width) != Some(pixels.len()) {
            return Err(SolveError::Image(format!(
                "an image of {height} x {width} pixels has {} values; at least one, and one for each pixel, is needed",
                pixels.len()
            )));
        }
        if let Some(k) = (pixels.iter()).position(|v| !(v.is_finite() && v.abs() <= MAX_MAGNITUDE))
        {
            return Err(SolveError::Image(format!(
                "the pixel at row {}, column {} (counted from 0) is {}, expected a finite number of magnitude at most 1e150",
                k / width,
                k % width,
                pixels[k]
            )));
        }
        Ok(Self {
            height,
            width,
            pixels,
        })
    }

    /// The image with value `value(i, j)` at row i, column j. Errors: as [`Image::new`].
    pub fn from_fn(
        height: usize,
        width: usize,
        mut value: impl FnMut(usize, usize) -> f64,
    ) -> Result<Self, SolveError> {
        let places = (0..height).flat_map(|i| (0..width).map(move |j| (i, j)));
        Self::new(height, width, places.map(|(i, j)| value(i, j)).collect())
    }

    /// Number of rows.
    pub fn height(&self) -> usize {
        self.height
    }

    /// Number of columns.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Height and width.
    pub fn shape(&self) -> (usize, usize) {
        (self.height, self.width)
    }

    /// All pixels, row-major.
    pub fn pixels(&self) -> &[f64] {
        &self.pixels
    }

    /// The image with `change` applied to every pixel, row by row. Errors: as [`Image::new`].
    pub fn map(&self, change: impl FnMut(f64) -> f64) -> Result<Self, SolveError> {
        let pixels = self.pixels.iter().copied().map(change).collect();
        Self::new(self.height, self.width, pixels)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pixels_stand_row_by_row() {
        let image = Image::from_fn(2, 3, |i, j| (10 * i + j) as f64).expect("finite");
        assert_eq!(image.shape(), (2, 3));
        assert_eq!(image.pixels(), [0.0, 1.0, 2.0, 10.0, 11.0, 12.0]);
    }

    #[test]
    fn what_is_no_image_is_named() {
        assert!(Image::new(2, 2, vec![0.0; 3]).is_err());
        assert!(Image::new(0, 5, vec![]).is_err());
        assert!(Image::new(usize::MAX, 2, vec![0.0; 2]).is_err());
        let hole = Image::from_fn(2, 3, |i, j| if (i, j) == (1, 2) { f64::NAN } else { 0.0 });
        let message = hole.expect_err("not a number").to_string();
        assert!(message.contains("row 1, column 2"), "{message}");
    }
}
