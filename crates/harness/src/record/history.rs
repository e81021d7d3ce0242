//! The history of the gate: what each recorded check measured, in one file that only grows.

use std::fs::File;
use std::path::Path;

use anyhow::Context;
use polars::prelude::{DataFrame, ParquetReader, SerReader};

use super::schema::{
    CoefRow, CurveRow, CvRow, FaceRow, FoldRow, HistoryRow, LadderRow, PointRow, Row, RunRow,
    RungRow, VertexRow,
};
use super::store::write_parquet;
use crate::dataset::read::InputError;
use crate::figure::Frames;

/// Adds the rows of a check at the end of the file, which is made if it is not there.
///
/// The same commit may be there several times. Errors: a file that is no history, which is left alone; a folder that cannot be
/// written.
pub fn append(path: &Path, rows: &[HistoryRow]) -> anyhow::Result<()> {
    let mut all = if path.exists() {
        read(path)?
    } else {
        Vec::new()
    };
    all.extend_from_slice(rows);
    if let Some(dir) = path.parent() {
        std::fs::create_dir_all(dir).with_context(|| format!("cannot create {}", dir.display()))?;
    }
    write_parquet(path, &mut HistoryRow::frame(&all)?)
}

/// The rows of the file, in the order in which they were recorded. Errors: [`InputError`] for a file that is not there or no
/// history.
pub fn read(path: &Path) -> anyhow::Result<Vec<HistoryRow>> {
    let rows = HistoryRow::rows(&frame(path)?);
    Ok(rows.map_err(|e| refuse(path, &e.to_string()))?)
}

/// The frames that the figure of a history is drawn from. Errors: as [`read`].
pub fn frames(path: &Path) -> anyhow::Result<Frames> {
    Ok(Frames {
        runs: RunRow::frame(&[])?,
        points: PointRow::frame(&[])?,
        coefs: CoefRow::frame(&[])?,
        faces: FaceRow::frame(&[])?,
        vertices: VertexRow::frame(&[])?,
        curve: CurveRow::frame(&[])?,
        rungs: RungRow::frame(&[])?,
        ladder: LadderRow::frame(&[])?,
        cv: CvRow::frame(&[])?,
        folds: FoldRow::frame(&[])?,
        history: HistoryRow::frame(&read(path)?)?,
    })
}

/// The file as it is.
fn frame(path: &Path) -> anyhow::Result<DataFrame> {
    if !path.exists() {
        let what = format!(
            "no history {}; `regpath check --record` makes it",
            path.display()
        );
        return Err(InputError(what).into());
    }
    let file = File::open(path).with_context(|| format!("cannot open {}", path.display()))?;
    let frame = ParquetReader::new(file).finish();
    let frame = frame.map_err(|e| refuse(path, &e.to_string()))?;
    // Rewritten, a column that is not known here would be lost.
    let known = |name: &str| HistoryRow::COLUMNS.iter().any(|(known, _)| *known == name);
    if let Some(other) = frame.get_column_names().iter().find(|name| !known(name)) {
        return Err(refuse(path, &format!("it has a column '{other}'")).into());
    }
    Ok(frame)
}

fn refuse(path: &Path, why: &str) -> InputError {
    let why = why.lines().next().unwrap_or_default();
    InputError(format!(
        "{} is no history of `regpath check --record`: {why}",
        path.display()
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::schema::SCHEMA;

    fn row(commit: &str, value: f64) -> HistoryRow {
        HistoryRow {
            recorded: "2026-01-02T03:04:05Z".into(),
            commit: commit.into(),
            layer: "work".into(),
            benchmark: "all paths".into(),
            metric: "passes".into(),
            value,
            toolchain: "rustc 1.95.0, avx2+fma".into(),
            schema: SCHEMA,
        }
    }

    #[test]
    fn checks_are_added_in_order_even_twice() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let path = dir.path().join("results/history.parquet");
        let missing = read(&path).expect_err("there is no file");
        assert!(missing.is::<InputError>() && missing.to_string().contains("check --record"));
        let checks = [
            [row("b", 2.0), row("b", 3.0)],
            [row("a", 1.0), row("a", 1.5)],
            [row("b", 2.0), row("b", 3.0)],
        ];
        for check in &checks {
            append(&path, check).expect("a writable folder");
        }
        assert_eq!(read(&path).expect("just written"), checks.concat());
        assert_eq!(
            std::fs::read_dir(dir.path().join("results"))
                .expect("a folder")
                .count(),
            1
        );
    }

    #[test]
    fn another_file_is_named_and_left_alone() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let (text, runs) = (dir.path().join("text"), dir.path().join("runs"));
        std::fs::write(&text, "no frame").expect("a writable folder");
        let mut frame = RunRow::frame(&[RunRow::default()]).expect("a frame");
        write_parquet(&runs, &mut frame).expect("a writable folder");
        for path in [text, runs] {
            let before = std::fs::read(&path).expect("a file");
            let error = append(&path, &[row("a", 1.0)]).expect_err("it is no history");
            assert!(
                error.is::<InputError>() && error.to_string().contains(&*path.to_string_lossy())
            );
            assert_eq!(std::fs::read(&path).expect("a file"), before);
        }
    }
}
