//! Files: every write goes to a temporary name, is synced and then renamed, so that no reader ever sees half a file.

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;

use anyhow::Context;
use polars::prelude::{CsvWriter, DataFrame, ParquetReader, ParquetWriter, SerReader, SerWriter};

use super::schema::Row;
use crate::figure::Frames;

/// Writes a file through `fill`. Errors: the directory cannot be written.
pub fn write_atomically(
    path: &Path,
    fill: impl FnOnce(&mut File) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let name = path
        .file_name()
        .context("a file needs a name")?
        .to_string_lossy();
    let temporary = path.with_file_name(format!(".{name}.{}.tmp", std::process::id()));
    let written = (|| {
        let mut file = File::create(&temporary)?;
        fill(&mut file)?;
        file.sync_all()?;
        fs::rename(&temporary, path)?;
        anyhow::Ok(())
    })();
    if written.is_err() {
        // The error that matters is the first one.
        let _ = fs::remove_file(&temporary);
    }
    written.with_context(|| format!("cannot write {}", path.display()))
}

/// Writes text.
pub fn write_text(path: &Path, text: &str) -> anyhow::Result<()> {
    write_atomically(path, |file| Ok(file.write_all(text.as_bytes())?))
}

/// Writes a frame as Parquet.
pub fn write_parquet(path: &Path, frame: &mut DataFrame) -> anyhow::Result<()> {
    write_atomically(path, |file| {
        ParquetWriter::new(file).finish(frame)?;
        Ok(())
    })
}

/// Writes a frame as CSV with a header; floats with as many digits as they need to be read back exactly.
pub fn write_csv(path: &Path, frame: &mut DataFrame) -> anyhow::Result<()> {
    write_atomically(path, |file| {
        CsvWriter::new(file).include_header(true).finish(frame)?;
        Ok(())
    })
}

/// Writes numbers as a NumPy array of one dimension.
pub fn write_npy(path: &Path, values: &[f64]) -> anyhow::Result<()> {
    write_atomically(path, |file| {
        let mut header = format!(
            "{{'descr': '<f8', 'fortran_order': False, 'shape': ({},), }}",
            values.len()
        );
        // Magic, version and length take 10 bytes, and the data begin at a multiple of 64.
        while (10 + header.len() + 1) % 64 != 0 {
            header.push(' ');
        }
        header.push('\n');
        file.write_all(b"\x93NUMPY\x01\x00")?;
        file.write_all(&u16::try_from(header.len())?.to_le_bytes())?;
        file.write_all(header.as_bytes())?;
        let bytes: Vec<u8> = values.iter().flat_map(|v| v.to_le_bytes()).collect();
        Ok(file.write_all(&bytes)?)
    })
}

/// Reads the frame of a row type from `<dir>/<frame>.parquet`; a missing file is an empty frame.
pub fn read_frame<R: Row>(dir: &Path) -> anyhow::Result<DataFrame> {
    let path = dir.join(format!("{}.parquet", R::FRAME));
    if !path.exists() {
        return Ok(R::frame(&[])?);
    }
    let file = File::open(&path).with_context(|| format!("cannot open {}", path.display()))?;
    ParquetReader::new(file)
        .finish()
        .with_context(|| format!("{} is no frame of this suite", path.display()))
}

/// Reads the rows of a type from `<dir>/<frame>.parquet`; a missing file has none.
pub fn read_rows<R: Row>(dir: &Path) -> anyhow::Result<Vec<R>> {
    R::rows(&read_frame::<R>(dir)?).with_context(|| {
        format!(
            "{}: {} was recorded with other columns",
            dir.display(),
            R::FRAME
        )
    })
}

/// Reads the frames of a run directory; the history is of no run, and empty. Errors: a file that is not Parquet.
pub fn read_frames(dir: &Path) -> anyhow::Result<Frames> {
    use super::schema::{
        CoefRow, CurveRow, CvRow, FaceRow, FoldRow, HistoryRow, LadderRow, PointRow, RunRow,
        RungRow, VertexRow,
    };
    Ok(Frames {
        runs: read_frame::<RunRow>(dir)?,
        points: read_frame::<PointRow>(dir)?,
        coefs: read_frame::<CoefRow>(dir)?,
        faces: read_frame::<FaceRow>(dir)?,
        vertices: read_frame::<VertexRow>(dir)?,
        curve: read_frame::<CurveRow>(dir)?,
        rungs: read_frame::<RungRow>(dir)?,
        ladder: read_frame::<LadderRow>(dir)?,
        cv: read_frame::<CvRow>(dir)?,
        folds: read_frame::<FoldRow>(dir)?,
        history: HistoryRow::frame(&[])?,
    })
}
