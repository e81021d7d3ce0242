//! The files of a fitted path: points and coefs, and faces and vertices of fits that are not unique.

use std::path::{Path, PathBuf};

use super::command_line;
use crate::figure::{Frames, Provenance};
use crate::record::machine::Machine;
use crate::record::schema::{
    CoefRow, CurveRow, CvRow, FaceRow, FoldRow, HistoryRow, LadderRow, PointRow, Row, RunRow,
    RungRow, VertexRow,
};
use crate::record::store::{write_csv, write_parquet};
use crate::trial::Rows;

/// Writes points and coefs into `out`, each complete or not at all; returns the frames.
pub(super) fn write_path(out: &Path, rows: &Rows, csv: bool) -> anyhow::Result<Frames> {
    let mut frames = Frames {
        runs: RunRow::frame(std::slice::from_ref(&rows.run))?,
        points: PointRow::frame(&rows.points)?,
        coefs: CoefRow::frame(&rows.coefs)?,
        faces: FaceRow::frame(&rows.faces)?,
        vertices: VertexRow::frame(&rows.vertices)?,
        curve: CurveRow::frame(&[])?,
        rungs: RungRow::frame(&[])?,
        ladder: LadderRow::frame(&[])?,
        cv: CvRow::frame(&[])?,
        folds: FoldRow::frame(&[])?,
        history: HistoryRow::frame(&[])?,
    };
    let file = |name: &str| -> PathBuf { out.join(name) };
    // A CSV of an earlier fit beside the new frames would be taken for theirs.
    remove(out, &["points.csv", "coefs.csv"])?;
    write_parquet(&file("points.parquet"), &mut frames.points)?;
    write_parquet(&file("coefs.parquet"), &mut frames.coefs)?;
    if csv {
        write_csv(&file("points.csv"), &mut frames.points)?;
        write_csv(&file("coefs.csv"), &mut frames.coefs)?;
    }
    Ok(frames)
}

/// Writes faces and vertices into `out` if there is a row of them; otherwise what an earlier fit left there goes.
pub(super) fn write_faces(out: &Path, rows: &Rows, csv: bool) -> anyhow::Result<()> {
    remove(
        out,
        &[
            "faces.parquet",
            "vertices.parquet",
            "faces.csv",
            "vertices.csv",
        ],
    )?;
    if rows.faces.is_empty() {
        return Ok(());
    }
    let frames = [
        (FaceRow::FRAME, FaceRow::frame(&rows.faces)?),
        (VertexRow::FRAME, VertexRow::frame(&rows.vertices)?),
    ];
    for (name, mut frame) in frames {
        write_parquet(&out.join(format!("{name}.parquet")), &mut frame)?;
        if csv {
            write_csv(&out.join(format!("{name}.csv")), &mut frame)?;
        }
    }
    Ok(())
}

/// What a picture says of its origin.
pub(super) fn provenance() -> Provenance {
    let machine = Machine::detect();
    Provenance {
        command: command_line(),
        commit: machine.revision(),
        machine: machine.summary(),
    }
}

/// Removes what an earlier command may have left in `out` and would be taken for what this one writes. Errors: a file that is there
/// and cannot be removed.
pub(super) fn remove(out: &Path, names: &[&str]) -> anyhow::Result<()> {
    for name in names {
        match std::fs::remove_file(out.join(name)) {
            Err(e) if e.kind() != std::io::ErrorKind::NotFound => {
                return Err(anyhow::Error::new(e).context(out.join(name).display().to_string()));
            }
            _ => {}
        }
    }
    Ok(())
}
