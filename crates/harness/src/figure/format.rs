//! The formats of a picture, and how only some of them are written.

use super::Provenance;
use super::picture::{self, Plate};
use anyhow::{Context, Result};
use clap::ValueEnum;
use std::fs;
use std::path::{Path, PathBuf};

/// A kind of file that a picture can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Scalable, with text that can be searched
    Svg,
    /// Pixels
    Png,
}

impl Format {
    /// Every format.
    pub const ALL: [Self; 2] = [Self::Svg, Self::Png];

    /// Whether a file is of this format.
    fn is_of(self, file: &Path) -> bool {
        let extension = match self {
            Self::Svg => "svg",
            Self::Png => "png",
        };
        file.extension().is_some_and(|e| e == extension)
    }
}

/// Draws into `out` through `draw`, which may write files of every format, and leaves those of `formats`; returns them.
///
/// Errors: those of `draw`, and then no file is left; a directory that cannot be written.
pub fn keep(
    formats: &[Format],
    out: &Path,
    draw: impl FnOnce(&Path) -> Result<Vec<PathBuf>>,
) -> Result<Vec<PathBuf>> {
    // A file of a format that nobody asked for may be there already, and must stay.
    let stage = tempfile::Builder::new()
        .prefix(".regpath-plot")
        .tempdir_in(out)
        .with_context(|| format!("cannot write into {}", out.display()))?;
    let mut kept = Vec::new();
    for file in draw(stage.path())? {
        if let Some(name) = file.file_name()
            && formats.iter().any(|format| format.is_of(&file))
        {
            let there = out.join(name);
            if kept.contains(&there) {
                continue;
            }
            fs::rename(&file, &there)
                .with_context(|| format!("cannot write {}", there.display()))?;
            kept.push(there);
        }
    }
    Ok(kept)
}

/// Writes a picture as `<stem>.<format>` into a directory; returns the paths. Errors: a file that cannot be written.
pub fn write(
    plate: &impl Plate,
    provenance: &Provenance,
    out: &Path,
    stem: &str,
    formats: &[Format],
) -> Result<Vec<PathBuf>> {
    if formats.contains(&Format::Png) {
        return picture::write(plate, provenance, out, stem);
    }
    // Pixels are most of the work.
    let file = out.join(format!("{stem}.svg"));
    picture::write_svg(plate, provenance, &file)?;
    Ok(vec![file])
}
