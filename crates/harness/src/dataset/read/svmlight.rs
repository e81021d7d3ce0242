//! svmlight and LIBSVM files: `label index:value …`, indices from 1, `#` opens a comment, `.gz` or plain.

use std::path::Path;

use regpath_solvers::design::Csc;

use super::cell::{self, Flaw};
use super::lines::Text;
use super::{InputError, check_least, shown};
use crate::dataset::{Dataset, Matrix};

/// Largest column index; a larger one is a mistake or a hash, and would claim memory for every column below it.
const MAX_INDEX: usize = 1 << 26;

/// Reads a sparse X and y; entries that are written but zero are not stored, `qid:` is passed over.
///
/// Columns are named by their index in the file, "1" … p, where p is the largest index that occurs.
/// Errors: [`InputError`] for a file that cannot be opened, a bad label, index or value, an index that is 0, does not increase or
/// is beyond 2²⁶, fewer than two rows, no feature.
pub fn svmlight(path: &Path) -> anyhow::Result<Dataset> {
    svmlight_rows(path, 2)
}

/// As [`svmlight`], for at least so many rows.
pub fn svmlight_rows(path: &Path, least: usize) -> anyhow::Result<Dataset> {
    let text = Text::file(path);
    let label = text.label();
    let mut y = Vec::new();
    let mut ends: Vec<usize> = vec![0];
    scan(&text, |entry| {
        match entry {
            Entry::Label(value) => y.push(value),
            Entry::Value { index, value, .. } => {
                if ends.len() <= index {
                    ends.resize(index + 1, 0);
                }
                ends[index] += usize::from(value != 0.0);
            }
        }
        true
    })?;

    // ends[j] counts column j (from 1); summed up it becomes where column j ends and, shifted, where the next write goes.
    for j in 1..ends.len() {
        ends[j] += ends[j - 1];
    }
    let (n, p, nnz) = (y.len(), ends.len() - 1, ends[ends.len() - 1]);
    check_least(&label, n, p, least)?;
    let mut next = ends.clone();
    let mut indices = vec![0_u32; nnz];
    let mut values = vec![0.0; nnz];
    fill(&text, &ends, &mut next, &mut indices, &mut values)?;
    drop(next);

    let x = Csc::try_new(n, p, ends, indices, values)
        .map_err(|e| InputError(format!("{label}: {e}")))?;
    let features = (1..=p).map(|index| index.to_string()).collect();
    Ok(Dataset::new(text.name(), Matrix::Sparse(x), y, features))
}

/// Second pass: puts each entry behind those of the rows above it.
fn fill(
    text: &Text<'_>,
    ends: &[usize],
    next: &mut [usize],
    indices: &mut [u32],
    values: &mut [f64],
) -> Result<(), InputError> {
    scan(text, |entry| {
        let Entry::Value { row, index, value } = entry else {
            return true;
        };
        if value == 0.0 {
            return true;
        }
        if index >= ends.len() || next[index - 1] >= ends[index] {
            return false;
        }
        let at = next[index - 1];
        (indices[at], values[at]) = (row, value);
        next[index - 1] += 1;
        true
    })
}

/// What a line holds.
enum Entry {
    Label(f64),
    Value { row: u32, index: usize, value: f64 },
}

/// Calls `take` with everything in the file, from top to bottom; `take` returns false if it had not been told of the entry.
fn scan(text: &Text<'_>, mut take: impl FnMut(Entry) -> bool) -> Result<(), InputError> {
    let label = text.label();
    let mut lines = text.lines()?;
    let mut row = 0_u32;
    while let Some((number, line)) = lines.next()? {
        let content = line.split('#').next().unwrap_or_default();
        let mut tokens = content.split_ascii_whitespace().peekable();
        let fail = |message: String| Err(InputError(format!("{label}: line {number}{message}")));
        let grown = || fail(": the file changed while it was read; read it again".into());
        let Some(first) = tokens.next() else { continue };
        match cell::parse(first) {
            Ok(value) => {
                if !take(Entry::Label(value)) {
                    return grown();
                }
            }
            Err(Flaw::Text) => {
                return fail(format!(
                    ", label: value {} is not a number; a line begins with its label",
                    shown(first)
                ));
            }
            Err(flaw) => return fail(format!(", label: {}", flaw.of(first))),
        }
        tokens.next_if(|token| token.starts_with("qid:"));
        let mut previous = 0;
        for token in tokens {
            let Some((index, value)) = token.split_once(':') else {
                return fail(format!(
                    ": {} has no colon; write index:value",
                    shown(token)
                ));
            };
            let index = match parse_index(index) {
                Ok(index) => index,
                Err(why) => return fail(format!(": index {} {why}", shown(index))),
            };
            if index <= previous {
                let how = if index == previous {
                    "is repeated"
                } else {
                    "is out of order"
                };
                return fail(format!(
                    ": index {index} after {previous} {how}; sort the indices of a line, each once"
                ));
            }
            previous = index;
            let value = match cell::parse(value) {
                Ok(value) => value,
                Err(flaw) => return fail(format!(", column \"{index}\": {}", flaw.of(value))),
            };
            if !take(Entry::Value { row, index, value }) {
                return grown();
            }
        }
        row = match row.checked_add(1) {
            Some(row) => row,
            None => {
                return fail(
                    ": more rows than 32-bit row indices can number; split the file".into(),
                );
            }
        };
    }
    if row == 0 {
        return Err(InputError(format!(
            "{label}: is empty; at least 2 rows are needed"
        )));
    }
    Ok(())
}

/// The index, from 1 to [`MAX_INDEX`]. Errors: what is wrong with it.
fn parse_index(text: &str) -> Result<usize, String> {
    if text.is_empty() || !text.bytes().all(|b| b.is_ascii_digit()) {
        return Err("is not a whole number; write index:value".into());
    }
    match text.parse() {
        Ok(0) => Err("is not allowed, indices start at 1; add 1 to all of them".into()),
        Ok(index) if index <= MAX_INDEX => Ok(index),
        _ => Err(format!(
            "is beyond {MAX_INDEX}, the most columns that are read; number the columns from 1 without gaps"
        )),
    }
}
