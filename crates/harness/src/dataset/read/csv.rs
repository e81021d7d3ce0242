//! Tables as text: one header, one row per line, numbers between separators.
//!
//! Cells may be quoted ("" inside stands for one quote); a quoted cell ends on its line.

use super::beside::Beside;
use super::columns::{Columns, Role};
use super::dense::{Filler, Moments, zeros};
use super::lines::Text;
use super::{InputError, TableOptions, cell, check_least, shown};
use crate::dataset::{Dataset, Matrix};

/// Reads the table. Errors: [`InputError`], see [`super::table`].
pub(super) fn read(
    text: &Text<'_>,
    separator: char,
    response: &str,
    options: &TableOptions,
) -> Result<Dataset, InputError> {
    let label = text.label();
    let mut lines = text.lines()?;
    let columns = loop {
        let Some((number, line)) = lines.next()? else {
            return Err(InputError(format!(
                "{label}: is empty; a header line and at least 2 rows are needed"
            )));
        };
        if !line.trim().is_empty() {
            let place = format!("{label}: line {number}");
            break header(&place, line, separator, response, options)?;
        }
    };

    let (line_count, bytes) = text.measure()?;
    // A row needs a digit and a separator for each column that is read, so that blank lines cannot claim memory.
    let most = line_count
        .saturating_sub(1)
        .min(bytes / (2 * columns.used()) + 1);
    let p = columns.features();
    let mut filler = Filler::new(zeros(&label, most, p)?);
    let mut moments = options.reference_all.then(|| Moments::new(p));
    let mut y = Vec::new();
    let mut row = Row {
        features: Vec::with_capacity(p),
        ..Row::default()
    };
    let mut beside = Beside::default();
    let mut rows = 0;
    while let Some((number, line)) = lines.next()? {
        if line.trim().is_empty() {
            continue;
        }
        rows += 1;
        let refuse = |why| InputError(format!("{label}: line {number}{why}"));
        parse_row(line, separator, &columns, &mut row).map_err(refuse)?;
        if let Some(moments) = &mut moments {
            moments.push(&row.features);
        }
        if columns.wanted == row.filter {
            for (k, text) in &row.beside {
                let pushed = beside.push(columns.roles[*k], text);
                pushed.map_err(|why| refuse(place(&columns, *k, &why)))?;
            }
            y.push(row.response);
            if !filler.push(&row.features) {
                return Err(InputError(format!(
                    "{label}: line {number}: the file grew while it was read; read it again"
                )));
            }
        }
    }
    columns.check_kept(&label, y.len(), rows)?;
    check_least(&label, y.len(), p, options.least())?;
    let x = Matrix::Dense(filler.finish());
    let mut data = Dataset {
        response: response.to_owned(),
        reference: moments.map(Moments::finish),
        ..Dataset::new(text.name(), x, y, columns.feature_names())
    };
    beside.finish(&label, &columns, &mut data)?;
    Ok(data)
}

/// What one line holds; used again for every line.
#[derive(Default)]
struct Row {
    features: Vec<f64>,
    response: f64,
    /// Cell of the filter column, if there is one.
    filter: Option<f64>,
    /// (column, cell) of weight, offset and fold: looked at only if the row is kept.
    beside: Vec<(usize, String)>,
}

/// ", column "a": …", what to say after "line 7" of a cell in column k.
fn place(columns: &Columns, k: usize, why: &str) -> String {
    format!(", column {}: {why}", shown(&columns.names[k]))
}

fn header(
    place: &str,
    line: &str,
    separator: char,
    response: &str,
    options: &TableOptions,
) -> Result<Columns, InputError> {
    let mut names = Vec::new();
    split(line, separator, |_, name| {
        names.push(name.trim().to_owned());
        Ok(())
    })
    .map_err(|why| InputError(format!("{place}{why}")))?;
    if names.len() == 1 && response != names[0] {
        let other = [',', ';', '\t']
            .into_iter()
            .find(|&c| c != separator && line.contains(c));
        if let Some(other) = other {
            return Err(InputError(format!(
                "{place}: columns are separated by {other:?}, not {separator:?}; convert the file"
            )));
        }
    }
    Columns::new(place, names, response, options)
}

/// Fills `row` from the line.
///
/// Errors: what to say after "line 7".
fn parse_row(line: &str, separator: char, columns: &Columns, row: &mut Row) -> Result<(), String> {
    row.features.clear();
    row.beside.clear();
    row.filter = None;
    row.response = f64::NAN;
    let ragged = |found: usize| {
        let expected = columns.roles.len();
        let cells = if found == 1 { "cell" } else { "cells" };
        format!(": {found} {cells} under a header of {expected}; add or remove separators")
    };
    let found = split(line, separator, |k, text| {
        let Some(&role) = columns.roles.get(k) else {
            return Ok(());
        };
        match role {
            Role::Skipped => return Ok(()),
            Role::Weight | Role::Offset | Role::Fold => {
                row.beside.push((k, text.to_owned()));
                return Ok(());
            }
            Role::Feature | Role::Response | Role::Filter => {}
        }
        if role == Role::Response && columns.lenient {
            row.response = cell::parse(text).unwrap_or(f64::NAN);
            return Ok(());
        }
        let value = cell::parse(text).map_err(|flaw| {
            // A shifted row has wrong cells as well, but the shift is what has to be mended.
            match split(line, separator, |_, _| Ok(())) {
                Ok(found) if found != columns.roles.len() => ragged(found),
                _ => place(columns, k, &flaw.of(text)),
            }
        })?;
        match role {
            Role::Response => row.response = value,
            Role::Filter => row.filter = Some(value),
            _ => row.features.push(value),
        }
        Ok(())
    })?;
    if found == columns.roles.len() {
        Ok(())
    } else {
        Err(ragged(found))
    }
}

/// Calls `visit` with each cell of the line; returns how many there are.
fn split(
    line: &str,
    separator: char,
    mut visit: impl FnMut(usize, &str) -> Result<(), String>,
) -> Result<usize, String> {
    let mut count = 0;
    if !line.contains('"') {
        for cell in line.split(separator) {
            visit(count, cell)?;
            count += 1;
        }
        return Ok(count);
    }
    let mut rest = line;
    loop {
        let (cell, after) = match rest.trim_start_matches(' ').strip_prefix('"') {
            Some(quoted) => {
                let (cell, after) = unquote(quoted).ok_or_else(|| {
                    format!(
                        ", cell {}: a quote is opened and not closed on this line; close it",
                        count + 1
                    )
                })?;
                (cell, after.trim_start_matches(' '))
            }
            None => {
                let end = rest.find(separator).unwrap_or(rest.len());
                (rest[..end].to_owned(), &rest[end..])
            }
        };
        visit(count, &cell)?;
        count += 1;
        match after.strip_prefix(separator) {
            Some(after) => rest = after,
            None if after.is_empty() => return Ok(count),
            None => {
                return Err(format!(
                    ", cell {count}: text after the closing quote; put a separator between them"
                ));
            }
        }
    }
}

/// The cell up to its closing quote and what follows; None if there is no closing quote.
fn unquote(text: &str) -> Option<(String, &str)> {
    let mut cell = String::new();
    let mut rest = text;
    loop {
        let (before, after) = rest.split_once('"')?;
        cell.push_str(before);
        match after.strip_prefix('"') {
            Some(after) => {
                cell.push('"');
                rest = after;
            }
            None => return Some((cell, after)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells(line: &str) -> Result<Vec<String>, String> {
        let mut cells = Vec::new();
        let count = split(line, ',', |k, cell| {
            assert_eq!(k, cells.len());
            cells.push(cell.to_owned());
            Ok(())
        })?;
        assert_eq!(count, cells.len());
        Ok(cells)
    }

    #[test]
    fn cells_are_split_with_and_without_quotes() {
        assert_eq!(cells("1,,3").unwrap(), ["1", "", "3"]);
        assert_eq!(
            cells(r#""a,b", "c""d" ,"",4"#).unwrap(),
            ["a,b", r#"c"d"#, "", "4"]
        );
        assert_eq!(cells(r#"1,"2","#).unwrap(), ["1", "2", ""]);
        assert_eq!(cells(r#"a"b,2"#).unwrap(), [r#"a"b"#, "2"]);
        assert_eq!(cells("").unwrap(), [""]);
    }

    #[test]
    fn broken_quotes_are_refused() {
        assert!(cells(r#"1,"2"#).unwrap_err().contains("cell 2"));
        assert!(cells(r#""1"2,3"#).unwrap_err().contains("cell 1"));
        assert!(cells("\"").is_err());
    }
}
