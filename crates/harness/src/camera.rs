//! The embedded photograph on which denoising is tried; see `data/README.md`.

use anyhow::{Context, Result};
use image::ImageFormat;
use regpath_solvers::image::Image;

const PHOTOGRAPH: &[u8] = include_bytes!("../data/camera.png");

/// A man with a camera, 256 × 256 pixels in [0, 1]. Errors: none, as long as the file is whole.
pub fn camera() -> Result<Image> {
    let decoded = image::load_from_memory_with_format(PHOTOGRAPH, ImageFormat::Png)
        .context("the embedded photograph")?
        .into_luma8();
    let (height, width) = (decoded.height() as usize, decoded.width() as usize);
    let pixels = decoded.as_raw().iter().map(|&v| f64::from(v) / 255.0);
    Ok(Image::new(height, width, pixels.collect())?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_photograph_is_what_its_description_says() {
        let photograph = camera().unwrap();
        assert_eq!(photograph.shape(), (256, 256));
        let mean = 255.0 * photograph.pixels().iter().sum::<f64>() / 65536.0;
        assert!((mean - 129.184).abs() < 1e-3, "{mean}");
    }
}
