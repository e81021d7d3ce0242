//! A picture: title, plot and caption, written as SVG and PNG in one drawing.

use super::Provenance;
use super::canvas::{Canvas, Hand};
use super::chart::Raster;
use super::rect::Rect;
use super::style::{BLACK, GREY, PNG, SMALL, SURFACE, capital, register};
use super::text::{Pen, whole, wrap};
use super::theme::Sheet;
use anyhow::{Context, Result, anyhow};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use image::codecs::png::{CompressionType, FilterType as PngFilter, PngEncoder};
use image::imageops::{FilterType, resize};
use image::{ColorType, ImageEncoder, Rgb, RgbImage};
use plotters::prelude::*;
use std::fs;
use std::path::{Path, PathBuf};

/// What a picture shows; the same code draws it on every backend.
pub trait Plate {
    /// Title over the picture.
    fn title(&self) -> String;
    /// What the caption says about data and reading, in sentences.
    fn notes(&self) -> Vec<String>;
    /// Width of the picture and height of the plot, in pixels.
    fn size(&self) -> (f64, f64);
    /// What the picture is drawn on.
    fn sheet(&self) -> Sheet {
        Sheet::SCREEN
    }
    /// Images that are laid over the plot, and where.
    fn images(&self, inside: Rect) -> Vec<(Rect, Raster)> {
        let _ = inside;
        Vec::new()
    }
    /// Draws the plot inside a rectangle of that height.
    fn draw<DB: DrawingBackend>(&self, canvas: &Canvas<DB>, inside: Rect) -> Result<()>;
}

const LINE_HEIGHT: f64 = 19.0;
const HEAD: f64 = 44.0;
/// Distance of the lines of a title, in its heights.
const TITLE_LINE: f64 = 1.2;
/// plotters hands SVG a shift of half the x-height, and centres the em box in a bitmap, where the embedded font is thin.
const SVG_HAND: Hand = Hand {
    sink: 0.10,
    twice: false,
};
const BITMAP_HAND: Hand = Hand {
    sink: 0.25,
    twice: true,
};

/// Writes `<stem>.svg` and `<stem>.png` into a directory; returns both paths.
pub fn write(
    plate: &impl Plate,
    provenance: &Provenance,
    out: &Path,
    stem: &str,
) -> Result<Vec<PathBuf>> {
    fs::create_dir_all(out).with_context(|| format!("cannot create {}", out.display()))?;
    let (svg, png) = (
        out.join(format!("{stem}.svg")),
        out.join(format!("{stem}.png")),
    );
    write_svg(plate, provenance, &svg)?;
    replace(&png, &render_png(plate, provenance)?)?;
    Ok(vec![svg, png])
}

/// Height over width of a picture.
pub fn ratio(plate: &impl Plate, provenance: &Provenance) -> f64 {
    let (width, height) = Page::new(plate, provenance).pixels(1.0);
    f64::from(height) / f64::from(width)
}

/// Writes pictures of one stem into a directory, numbered from 1 if there are several; returns all paths.
pub fn write_series(
    plates: &[impl Plate],
    provenance: &Provenance,
    out: &Path,
    stem: &str,
) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for (i, plate) in plates.iter().enumerate() {
        let stem = match plates.len() {
            1 => stem.to_string(),
            _ => format!("{stem}-{}", i + 1),
        };
        files.extend(write(plate, provenance, out, &stem)?);
    }
    Ok(files)
}

/// Writes one SVG file.
pub fn write_svg(plate: &impl Plate, provenance: &Provenance, file: &Path) -> Result<()> {
    replace(file, render_svg(plate, provenance)?.as_bytes())
}

fn render_svg(plate: &impl Plate, provenance: &Provenance) -> Result<String> {
    register();
    let page = Page::new(plate, provenance);
    let (width, height) = page.pixels(SURFACE);
    let mut text = String::new();
    page.draw(
        plate,
        Canvas::new(
            SVGBackend::with_string(&mut text, (width, height)),
            SVG_HAND,
            page.sheet.weight,
        )?,
    )?;
    // The drawing has SURFACE units per pixel: the view box keeps them, the size on the page does not.
    let drawn = format!("<svg width=\"{width}\" height=\"{height}\"");
    let (width, height) = page.pixels(1.0);
    let shown = match page.sheet.centimetres {
        None => format!("<svg width=\"{width}\" height=\"{height}\""),
        Some(wide) => {
            let high = wide * f64::from(height) / f64::from(width);
            format!("<svg width=\"{wide}cm\" height=\"{high:.2}cm\"")
        }
    };
    let mut text = text.replacen(&drawn, &shown, 1);
    let end = text.rfind("</svg>").unwrap_or(text.len());
    for (rect, raster) in plate.images(page.inside()) {
        text.insert_str(end, &svg_image(rect, &raster)?);
    }
    Ok(text)
}

/// An image as an element of SVG, in units of the surface.
fn svg_image(rect: Rect, raster: &Raster) -> Result<String> {
    let mut png = Vec::new();
    let (width, height) = (raster.width as u32, raster.height as u32);
    PngEncoder::new_with_quality(&mut png, CompressionType::Best, PngFilter::Adaptive)
        .write_image(&raster.pixels, width, height, ColorType::L8)
        .context("cannot encode an image")?;
    let [x, y, width, height] =
        [rect.left, rect.top, rect.width(), rect.height()].map(|v| v * SURFACE);
    Ok(format!(
        "<image x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" preserveAspectRatio=\"none\" \
         style=\"image-rendering:pixelated\" href=\"data:image/png;base64,{}\"/>\n",
        BASE64_STANDARD.encode(png)
    ))
}

/// Lays an image over a picture of [`PNG`] pixels per pixel, each pixel taken from the nearest one of the image.
fn overlay(picture: &mut RgbImage, rect: Rect, raster: &Raster) {
    let [left, top, right, bottom] =
        [rect.left, rect.top, rect.right, rect.bottom].map(|v| (v * PNG).round());
    for y in top as u32..(bottom as u32).min(picture.height()) {
        for x in left as u32..(right as u32).min(picture.width()) {
            let share = |at: u32, from: f64, to: f64| (f64::from(at) + 0.5 - from) / (to - from);
            let column = (share(x, left, right) * raster.width as f64) as usize;
            let row = (share(y, top, bottom) * raster.height as f64) as usize;
            let at = row.min(raster.height - 1) * raster.width + column.min(raster.width - 1);
            picture.put_pixel(x, y, Rgb([raster.pixels[at]; 3]));
        }
    }
}

fn render_png(plate: &impl Plate, provenance: &Provenance) -> Result<Vec<u8>> {
    register();
    let page = Page::new(plate, provenance);
    let (width, height) = page.pixels(SURFACE);
    let mut buffer = vec![255; width as usize * height as usize * 3];
    page.draw(
        plate,
        Canvas::new(
            BitMapBackend::with_buffer(&mut buffer, (width, height)),
            BITMAP_HAND,
            page.sheet.weight,
        )?,
    )?;
    let image = RgbImage::from_raw(width, height, buffer)
        .ok_or_else(|| anyhow!("the bitmap has the wrong size"))?;
    let (width, height) = page.pixels(PNG);
    let mut image = resize(&image, width, height, FilterType::CatmullRom);
    for (rect, raster) in plate.images(page.inside()) {
        overlay(&mut image, rect, &raster);
    }
    let mut png = Vec::new();
    PngEncoder::new_with_quality(&mut png, CompressionType::Best, PngFilter::Adaptive)
        .write_image(&image, width, height, ColorType::Rgb8)
        .context("cannot encode PNG")?;
    Ok(png)
}

/// Everything around the plot: title above, caption below.
struct Page {
    sheet: Sheet,
    title: Vec<String>,
    caption: Vec<String>,
    width: f64,
    plot: f64,
}

impl Page {
    fn new(plate: &impl Plate, provenance: &Provenance) -> Self {
        let (sheet, (width, plot)) = (plate.sheet(), plate.size());
        let Provenance {
            command,
            commit,
            machine,
        } = provenance;
        let told = |parts: &[(&str, &String)]| {
            let told: Vec<String> = parts
                .iter()
                .filter(|(_, v)| !v.is_empty())
                .map(|(k, v)| format!("{k}{v}"))
                .collect();
            told.join(", ")
        };
        let notes: Vec<String> = plate
            .notes()
            .iter()
            .take(sheet.notes)
            .map(|n| whole(&capital(n)))
            .collect();
        let paragraphs = [
            notes.join(" "),
            told(&[("Command: ", command)]),
            told(&[("Commit ", commit), ("", machine)]),
        ];
        let narrow = [
            notes.join(" "),
            told(&[("Command: ", command), ("commit ", commit), ("", machine)]),
        ];
        let paragraphs = if sheet.follows {
            &narrow[..]
        } else {
            &paragraphs[..]
        };
        // Viewers may set SVG in a wider font than ours: wrap early.
        let inner = width - 2.0 * sheet.gap;
        let caption = paragraphs
            .iter()
            .flat_map(|p| wrap(p, SMALL, inner / 1.08))
            .collect();
        Self {
            title: sheet.title_lines(&plate.title()),
            sheet,
            caption,
            width,
            plot,
        }
    }

    fn pixels(&self, scale: f64) -> (u32, u32) {
        let gap = self.sheet.gap;
        let caption = self.caption.len() as f64 * LINE_HEIGHT;
        let height = self.head() + self.plot + gap * 0.5 + caption + gap;
        (
            (self.width * scale).round() as u32,
            (height.ceil() * scale).round() as u32,
        )
    }

    /// Where the plot lies.
    fn inside(&self) -> Rect {
        Rect {
            left: self.sheet.gap,
            top: self.head(),
            right: self.width - self.sheet.gap,
            bottom: self.head() + self.plot,
        }
    }

    /// Height of the title.
    fn head(&self) -> f64 {
        HEAD + self.title.len().saturating_sub(1) as f64 * TITLE_LINE * self.sheet.title
    }

    fn draw<DB: DrawingBackend>(&self, plate: &impl Plate, canvas: Canvas<DB>) -> Result<()> {
        let inside = self.inside();
        let (gap, size) = (self.sheet.gap, self.sheet.title);
        for (i, line) in self.title.iter().enumerate() {
            let y = HEAD / 2.0 + 1.0 + i as f64 * TITLE_LINE * size;
            canvas.text(line, (gap, y), Pen::new(size, BLACK))?;
        }
        plate.draw(&canvas, inside)?;
        for (i, line) in self.caption.iter().enumerate() {
            let y = inside.bottom + gap * 0.5 + (i as f64 + 0.5) * LINE_HEIGHT;
            canvas.text(line, (gap, y), Pen::new(SMALL, GREY))?;
        }
        canvas.finish()
    }
}

/// Writes beside the file and renames, so that a reader never sees half a picture.
fn replace(file: &Path, bytes: &[u8]) -> Result<()> {
    let name = file
        .file_name()
        .ok_or_else(|| anyhow!("no file name in {}", file.display()))?;
    let mut hidden = std::ffi::OsString::from(".");
    hidden.push(name);
    hidden.push(format!(".{}.tmp", std::process::id()));
    let temporary = file.with_file_name(hidden);
    fs::write(&temporary, bytes)
        .and_then(|()| fs::rename(&temporary, file))
        .inspect_err(|_| drop(fs::remove_file(&temporary)))
        .with_context(|| format!("cannot write {}", file.display()))
}

/// A dataset identifier as part of a file name: what is no letter, digit, dot or underscore becomes a hyphen.
pub fn file_part(dataset: &str) -> String {
    let mut part = String::new();
    for c in dataset.chars() {
        match c {
            c if c.is_alphanumeric() || c == '.' || c == '_' => part.push(c),
            _ if part.ends_with('-') || part.is_empty() => {}
            _ => part.push('-'),
        }
    }
    part.trim_end_matches('-').chars().take(80).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_names_are_tame() {
        assert_eq!(
            file_part("equicorrelated(n=100, p=20, rho=0.5)"),
            "equicorrelated-n-100-p-20-rho-0.5"
        );
        assert_eq!(file_part("../etc/passwd"), "..-etc-passwd");
        assert_eq!(file_part("größe"), "größe");
    }

    #[test]
    fn a_file_is_replaced_whole() -> Result<()> {
        let dir = tempfile::tempdir()?;
        let file = dir.path().join("a.svg");
        replace(&file, b"old")?;
        replace(&file, b"new")?;
        assert_eq!(fs::read(&file)?, b"new");
        assert_eq!(fs::read_dir(dir.path())?.count(), 1);
        assert!(replace(&dir.path().join("none/a.svg"), b"x").is_err());
        Ok(())
    }
}
