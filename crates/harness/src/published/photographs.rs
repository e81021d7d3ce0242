//! Images among the rows of a reproduction, and as panels of its pictures.

use regpath_solvers::image::{Image, psnr};

use crate::claim::Rows;
use crate::figure::chart::{Panel, Raster};

/// Records an image in 256 greys with what is known of it.
pub(super) fn keep(
    rows: &mut Rows,
    name: &str,
    image: &Image,
    original: &Image,
) -> anyhow::Result<()> {
    rows.push(name, "PSNR", 0.0, psnr(image, original)?);
    rows.push(name, "width", 0.0, image.width() as f64);
    for (k, value) in image.pixels().iter().enumerate() {
        let grey = (255.0 * value.clamp(0.0, 1.0)).round();
        rows.push(name, "pixel", k as f64, grey);
    }
    Ok(())
}

/// The peak signal-to-noise ratio of a recorded image, in words.
pub(super) fn ratio(rows: &Rows, name: &str) -> String {
    format!("{:.2} dB", rows.value(name, "PSNR", 0.0))
}

/// A recorded image.
pub(super) fn panel(rows: &Rows, name: &str, heading: String, caption: String) -> Panel {
    let pixels: Vec<f64> = (rows.line(name, "pixel").iter())
        .map(|p| p.1 / 255.0)
        .collect();
    let width = rows.value(name, "width", 0.0) as usize;
    Panel {
        heading,
        raster: Some(Raster::of(width, &pixels, caption)),
        ..Panel::default()
    }
}
