//! Readers of the user's own files; what is wrong with one is said in one line.
//!
//! Every message names file, row, column and value as far as there is one, and what to do. A text file is read twice, first to
//! count and then to fill, so that beside the resulting matrix only a constant amount of memory is needed.

mod beside;
mod cell;
mod columns;
mod csv;
pub(super) mod dense;
mod labels;
mod lines;
mod npy;
mod npy_header;
mod parquet;
mod svmlight;

use std::fmt;
use std::path::Path;

pub use npy::{RowFiles, npy, npy_matrix, npy_rows, row_files};
pub use svmlight::{svmlight, svmlight_rows};

use super::Dataset;
use super::names::shown;
use lines::Text;

/// What the user gave cannot be used; one line that says where, what and how to mend it. The command line exits with 2.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InputError(pub String);

impl fmt::Display for InputError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for InputError {}

/// Which rows and columns of a table to use.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TableOptions {
    /// Keep only the rows in which this column has this value; the column is then no feature.
    pub rows: Option<(String, f64)>,
    /// Columns that are neither feature nor response; their cells are not looked at.
    pub drop: Vec<String>,
    /// Fill [`Dataset::reference`] with the moments of all rows, kept or not.
    pub reference_all: bool,
    /// The features are these and only these, in the order of the file, and cells of no other column are looked at, as for a
    /// prediction: one row is enough, there need be no response, and where it is absent or a cell of it no number, y is NaN.
    pub only: Option<Vec<String>>,
    /// Column of the weights of the rows, which is no feature.
    pub weights: Option<String>,
    /// Column of the offset, the known part of each row's prediction, which is no feature.
    pub offset: Option<String>,
    /// Column that says which fold a row is in, by any numbers or words; no feature.
    pub folds: Option<String>,
}

impl TableOptions {
    /// Rows that a table must have.
    fn least(&self) -> usize {
        if self.only.is_some() { 1 } else { 2 }
    }
}

/// Reads a table with named columns: `.csv`, `.tsv`, `.tab` (each also `.gz`) or `.parquet`.
///
/// All columns but the response and those excluded by `options` become features, in the order of the file.
/// Cells of weights, offset and folds are looked at in the rows that are kept only.
/// Errors: [`InputError`] for a file that cannot be opened, an unknown ending or column, a cell that is missing, not a number,
/// infinite or beyond 1e150, ragged rows, fewer than two rows, no feature, a negative weight, weights that are all 0, a
/// single fold.
pub fn table(path: &Path, response: &str, options: &TableOptions) -> anyhow::Result<Dataset> {
    let name = path
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .to_lowercase();
    let text = |separator| csv::read(&Text::file(path), separator, response, options);
    let data = match name
        .strip_suffix(".gz")
        .unwrap_or(&name)
        .rsplit_once('.')
        .map(|(_, ending)| ending)
    {
        Some("csv") => text(',')?,
        Some("tsv" | "tab") => text('\t')?,
        Some("parquet") if !name.ends_with(".gz") => parquet::read(path, response, options)?,
        _ => {
            let label = label(path);
            return Err(InputError(format!(
                "{label}: unknown kind of table; use a name that ends in .csv, .csv.gz, .tsv, .tsv.gz or .parquet"
            ))
            .into());
        }
    };
    Ok(data)
}

/// Reads a table that is compiled into the program.
pub(super) fn embedded(
    name: &'static str,
    text: &'static str,
    response: &str,
    options: &TableOptions,
) -> anyhow::Result<Dataset> {
    Ok(csv::read(
        &Text::Memory { name, text },
        ',',
        response,
        options,
    )?)
}

/// The path on one line.
fn label(path: &Path) -> String {
    let text = path.display().to_string();
    if text.contains(char::is_control) {
        format!("{text:?}")
    } else {
        text
    }
}

/// The last part of the path, the name of a dataset read from a file.
fn file_name(path: &Path) -> String {
    path.file_name()
        .map_or_else(|| label(path), |name| label(Path::new(name)))
}

/// Opens a regular file.
fn open(path: &Path) -> Result<std::fs::File, InputError> {
    let label = label(path);
    let refuse = |e: std::io::Error| {
        InputError(format!(
            "{label}: cannot be opened: {e}; check the path and its permissions"
        ))
    };
    // Asked before opening, because opening a pipe waits for its writer.
    let kind = std::fs::metadata(path).map_err(refuse)?;
    if kind.is_dir() {
        return Err(InputError(format!(
            "{label}: is a directory; name a file in it"
        )));
    }
    if !kind.is_file() {
        return Err(InputError(format!(
            "{label}: is not a regular file, and it is read twice; write it to disk first"
        )));
    }
    std::fs::File::open(path).map_err(refuse)
}

/// Errors: [`InputError`] if there are fewer than two rows or no column.
fn check_shape(label: &str, n: usize, p: usize) -> Result<(), InputError> {
    check_least(label, n, p, 2)
}

/// Errors: [`InputError`] if there are fewer than `least` rows or no column.
fn check_least(label: &str, n: usize, p: usize, least: usize) -> Result<(), InputError> {
    if n < least {
        let rows = if n == 1 { "row" } else { "rows" };
        let are = if least == 1 { "is" } else { "are" };
        return Err(InputError(format!(
            "{label}: {n} data {rows}; at least {least} {are} needed"
        )));
    }
    if p < 1 {
        return Err(InputError(format!(
            "{label}: no feature beside the response; at least 1 is needed"
        )));
    }
    Ok(())
}
