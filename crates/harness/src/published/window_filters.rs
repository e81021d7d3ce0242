//! The filters that denoising is held against: mean and median over a square window, mirrored at the rim with its pixels repeated.

use anyhow::ensure;
use regpath_solvers::image::Image;

use crate::statistics::median;

/// Each pixel by the mean of its window of `side` × `side` pixels. Errors: as [`median_filter`].
pub(super) fn mean_filter(image: &Image, side: usize) -> anyhow::Result<Image> {
    filter(image, side, |window| {
        window.iter().sum::<f64>() / window.len() as f64
    })
}

/// Each pixel by the median of its window of `side` × `side` pixels. Errors: the side is even, or longer than one of the image.
pub(super) fn median_filter(image: &Image, side: usize) -> anyhow::Result<Image> {
    filter(image, side, median)
}

fn filter(
    image: &Image,
    side: usize,
    mut summary: impl FnMut(&mut [f64]) -> f64,
) -> anyhow::Result<Image> {
    let (height, width) = image.shape();
    ensure!(
        side % 2 == 1 && side <= height.min(width),
        "a window of {side} x {side} pixels on an image of {height} x {width}"
    );
    let half = side / 2;
    // … c b a | a b c …: position `at` counts from `half` before the first.
    let mirrored = |at: usize, len: usize| match at.checked_sub(half) {
        None => half - 1 - at,
        Some(inside) if inside < len => inside,
        Some(beyond) => 2 * len - 1 - beyond,
    };
    let mut window = vec![0.0; side * side];
    let pixels = image.pixels();
    Ok(Image::from_fn(height, width, |i, j| {
        for (row, values) in window.chunks_exact_mut(side).enumerate() {
            let start = width * mirrored(i + row, height);
            for (column, value) in values.iter_mut().enumerate() {
                *value = pixels[start + mirrored(j + column, width)];
            }
        }
        summary(&mut window)
    })?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_are_mirrored_at_the_rim() {
        let image = Image::from_fn(3, 4, |i, j| (4 * i + j) as f64).unwrap();
        let mean = mean_filter(&image, 3).unwrap();
        // Rows 0, 0, 1 and columns 0, 0, 1 around the first pixel: 2 · (0 + 0 + 1)/9 + (4 + 4 + 5)/9.
        assert!((mean.pixels()[0] - 15.0 / 9.0).abs() < 1e-12);
        assert!((mean.pixels()[5] - 5.0).abs() < 1e-12);
        let median = median_filter(&image, 3).unwrap();
        assert_eq!([median.pixels()[0], median.pixels()[5]], [1.0, 5.0]);
        assert_eq!(median_filter(&image, 1).unwrap(), image);
        assert!(mean_filter(&image, 2).is_err() && mean_filter(&image, 5).is_err());
    }

    #[test]
    fn a_median_takes_single_outliers_out_and_a_mean_spreads_them() {
        let image = Image::from_fn(9, 9, |i, j| if (i, j) == (4, 4) { 1.0 } else { 0.2 }).unwrap();
        let median = median_filter(&image, 3).unwrap();
        assert!(median.pixels().iter().all(|v| *v == 0.2));
        let mean = mean_filter(&image, 3).unwrap();
        let touched = mean.pixels().iter().filter(|v| (**v - 0.2).abs() > 1e-12);
        assert_eq!(touched.count(), 9);
    }
}
