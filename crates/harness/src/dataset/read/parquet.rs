//! Tables in Parquet, read a few columns at a time.

use std::fs::File;
use std::panic::{self, AssertUnwindSafe};
use std::path::Path;
use std::sync::Once;
use std::sync::atomic::{AtomicUsize, Ordering};

use polars::prelude::*;

use super::beside::Beside;
use super::columns::{Columns, Role};
use super::dense::zeros;
use super::{InputError, TableOptions, cell, check_least, file_name, label, open, shown};
use crate::dataset::{Dataset, Matrix, Reference};

/// Bytes of columns that are decoded at once.
const BATCH: usize = 1 << 26;

/// Reads the table; rows are numbered from 1. Errors: [`InputError`], see [`super::table`].
pub(super) fn read(
    path: &Path,
    response: &str,
    options: &TableOptions,
) -> Result<Dataset, InputError> {
    let mut table = Table::open(path)?;
    let columns = table.columns(response, options)?;
    let label = table.label.clone();

    let kept = match columns.roles.iter().position(|&role| role == Role::Filter) {
        Some(k) => {
            let wanted = columns.wanted;
            Some(
                table
                    .column(&columns.names[k])?
                    .into_iter()
                    .map(|v| Some(v) == wanted)
                    .collect::<Vec<bool>>(),
            )
        }
        None => None,
    };
    let select = |column: &[f64], out: &mut dyn FnMut(usize, f64)| {
        let rows = (0..column.len())
            .filter(|&i| kept.as_ref().is_none_or(|kept| kept.get(i) == Some(&true)));
        rows.enumerate().for_each(|(i, row)| out(i, column[row]));
    };
    let full = if columns.lenient {
        let rows = table.rows()?;
        let readable = columns
            .roles
            .contains(&Role::Response)
            .then(|| table.column(response));
        readable
            .and_then(Result::ok)
            .unwrap_or(vec![f64::NAN; rows])
    } else {
        table.column(response)?
    };
    let mut y = Vec::new();
    select(&full, &mut |_, v| y.push(v));
    let rows = full.len();
    drop(full);
    columns.check_kept(&label, y.len(), rows)?;
    check_least(&label, y.len(), columns.features(), options.least())?;

    let mut beside = Beside::default();
    for role in [Role::Weight, Role::Offset, Role::Fold] {
        if let Some(k) = columns.with(role) {
            table.cells(&columns.names[k], role, kept.as_deref(), |text| {
                beside.push(role, text)
            })?;
        }
    }

    let features = columns.feature_names();
    let mut x = zeros(&label, y.len(), features.len())?;
    let mut reference = Reference {
        mean: Vec::new(),
        sd: Vec::new(),
    };
    let width = (BATCH / 8 / rows.max(1)).max(1);
    for (first, names) in features
        .chunks(width)
        .enumerate()
        .map(|(k, names)| (k * width, names))
    {
        let frame = table.frame(names)?;
        for (k, name) in names.iter().enumerate() {
            let column = table.numbers(&frame, name)?;
            if column.len() != rows {
                return Err(table.fail("columns of different lengths; write it again".into()));
            }
            let target = x.col_as_slice_mut(first + k);
            select(&column, &mut |i, v| target[i] = v);
            if options.reference_all {
                let (mean, sd) = moments(&column);
                reference.mean.push(mean);
                reference.sd.push(sd);
            }
        }
    }
    let mut data = Dataset {
        response: response.to_owned(),
        reference: options.reference_all.then_some(reference),
        ..Dataset::new(file_name(path), Matrix::Dense(x), y, features)
    };
    beside.finish(&label, &columns, &mut data)?;
    Ok(data)
}

/// Mean and population deviation (1/n).
fn moments(column: &[f64]) -> (f64, f64) {
    let n = column.len().max(1) as f64;
    let mean = column.iter().sum::<f64>() / n;
    (
        mean,
        (column.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / n).sqrt(),
    )
}

/// A Parquet file whose metadata were read.
struct Table {
    label: String,
    file: File,
    reader: ParquetReader<File>,
}

impl Table {
    fn open(path: &Path) -> Result<Self, InputError> {
        let label = label(path);
        let file = open(path)?;
        let length = file.metadata().map_or(0, |m| m.len());
        if length == 0 {
            return Err(InputError(format!(
                "{label}: is empty; a header and at least 2 rows are needed"
            )));
        }
        let reader = ParquetReader::new(clone(&label, &file)?);
        Ok(Self {
            label,
            file,
            reader,
        })
    }

    fn fail(&self, message: String) -> InputError {
        InputError(format!("{}: {message}", self.label))
    }

    /// Roles of the columns. Errors: [`InputError`] also for a column that is read and does not hold numbers.
    fn columns(&mut self, response: &str, options: &TableOptions) -> Result<Columns, InputError> {
        let schema = guarded(&self.label, || self.reader.schema())?;
        let names = schema.iter_names().map(|name| name.to_string()).collect();
        let columns = Columns::new(&self.label, names, response, options)?;
        for (field, &role) in schema.iter_values().zip(&columns.roles) {
            let usable = match role {
                Role::Skipped => true,
                Role::Response if columns.lenient => true,
                Role::Fold => is_number(&field.dtype) || is_text(&field.dtype),
                _ => is_number(&field.dtype),
            };
            if !usable {
                let (name, dtype) = (shown(&field.name), shown(&format!("{:?}", field.dtype)));
                return Err(self.fail(format!(
                    "column {name} has type {dtype}, expected numbers or booleans; convert or remove the column"
                )));
            }
        }
        Ok(columns)
    }

    /// Rows of the file.
    fn rows(&mut self) -> Result<usize, InputError> {
        Ok(guarded(&self.label, || self.reader.get_metadata().cloned())?.num_rows)
    }

    /// The numbers of one column.
    fn column(&mut self, name: &str) -> Result<Vec<f64>, InputError> {
        let frame = self.frame(&[name.to_owned()])?;
        self.numbers(&frame, name)
    }

    /// Hands each cell of a column in the rows that are kept, as it would be written, to `take`.
    ///
    /// Errors: [`InputError`] that names row and column, for a cell that is null or what `take` refuses.
    fn cells(
        &mut self,
        name: &str,
        role: Role,
        kept: Option<&[bool]>,
        mut take: impl FnMut(&str) -> Result<(), String>,
    ) -> Result<(), InputError> {
        let frame = self.frame(&[name.to_owned()])?;
        let column = guarded(&self.label, || {
            let column = frame.column(name)?;
            // A single-precision weight means its double, as everywhere, and not the digits it would be written with.
            let exact = match role {
                Role::Fold => column.clone(),
                _ => column.cast(&DataType::Float64)?,
            };
            exact.cast(&DataType::String)
        })?;
        let cells = guarded(&self.label, || column.str())?;
        for (row, text) in cells.iter().enumerate() {
            if kept.is_some_and(|kept| kept.get(row) != Some(&true)) {
                continue;
            }
            let taken = match text {
                Some(text) => take(text),
                None => Err("value is null; fill it in or remove the row".to_owned()),
            };
            taken.map_err(|why| {
                self.fail(format!("row {}, column {}: {why}", row + 1, shown(name)))
            })?;
        }
        Ok(())
    }

    /// The columns of these names.
    fn frame(&mut self, names: &[String]) -> Result<DataFrame, InputError> {
        let metadata = guarded(&self.label, || self.reader.get_metadata().cloned())?;
        let mut reader =
            ParquetReader::new(clone(&self.label, &self.file)?).with_columns(Some(names.to_vec()));
        reader.set_metadata(metadata);
        guarded(&self.label, || reader.finish())
    }

    /// A column as doubles. Errors: [`InputError`] that names row, column and value.
    fn numbers(&self, frame: &DataFrame, name: &str) -> Result<Vec<f64>, InputError> {
        let place = |row: usize| format!("row {}, column {}", row + 1, shown(name));
        let column = guarded(&self.label, || frame.column(name)?.cast(&DataType::Float64))?;
        let cells = guarded(&self.label, || column.f64())?;
        let mut numbers = Vec::with_capacity(cells.len());
        for (row, value) in cells.iter().enumerate() {
            let Some(value) = value else {
                return Err(self.fail(format!(
                    "{}: value is null; fill it in or remove the row",
                    place(row)
                )));
            };
            match cell::check(value) {
                Ok(value) => numbers.push(value),
                Err(flaw) => {
                    return Err(self.fail(format!(
                        "{}: {}",
                        place(row),
                        flaw.of(&format!("{value:?}"))
                    )));
                }
            }
        }
        Ok(numbers)
    }
}

fn clone(label: &str, file: &File) -> Result<File, InputError> {
    file.try_clone().map_err(|e| {
        InputError(format!(
            "{label}: cannot be read: {e}; close other programs"
        ))
    })
}

fn is_number(dtype: &ArrowDataType) -> bool {
    use ArrowDataType as T;
    matches!(
        dtype,
        T::Boolean
            | T::Int8
            | T::Int16
            | T::Int32
            | T::Int64
            | T::UInt8
            | T::UInt16
            | T::UInt32
            | T::UInt64
            | T::Float32
            | T::Float64
    )
}

fn is_text(dtype: &ArrowDataType) -> bool {
    use ArrowDataType as T;
    matches!(
        dtype,
        T::Utf8 | T::LargeUtf8 | T::Utf8View | T::Dictionary(..)
    )
}

/// Parquet files that are being decoded, in any thread.
static DECODING: AtomicUsize = AtomicUsize::new(0);

/// Runs `read` and turns its failure into one line about the file.
///
/// The decoder panics on some damaged files, which must neither end the program nor print a trace.
fn guarded<T>(label: &str, read: impl FnOnce() -> PolarsResult<T>) -> Result<T, InputError> {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let usual = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if DECODING.load(Ordering::SeqCst) == 0 {
                usual(info);
            }
        }));
    });
    DECODING.fetch_add(1, Ordering::SeqCst);
    let result = panic::catch_unwind(AssertUnwindSafe(read));
    DECODING.fetch_sub(1, Ordering::SeqCst);
    let why = match result {
        Ok(Ok(value)) => return Ok(value),
        Ok(Err(error)) => error.to_string(),
        Err(_) => "it is damaged".to_owned(),
    };
    let why: String = why
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
        .chars()
        .take(160)
        .collect();
    Err(InputError(format!(
        "{label}: is not a readable Parquet file ({why}); write it again"
    )))
}
