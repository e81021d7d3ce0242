//! NumPy arrays: a pair of `.npy` files, X (n × p) and y.
//!
//! The header is taken apart here because its sizes must be checked before memory is claimed for them.
//! Format: NEP 1, "A simple file format for NumPy arrays", versions 1.0 to 3.0.

use std::fs::File;
use std::io::{BufReader, ErrorKind, Read};
use std::path::Path;

use super::dense::{Filler, zeros};
use super::{Dataset, InputError, Matrix, cell, check_shape, file_name, label, open, shown};
use crate::dataset::unnamed;

/// Reads X, two-dimensional, and y of shape (n,) or (n, 1); floats, integers and booleans, either byte order, C or Fortran.
///
/// Columns are named x0, x1, …; the response y.
/// Errors: [`InputError`] for a file that cannot be opened or is not such an array, is cut short, for shapes that do not fit and
/// for values that are not finite or beyond 1e150.
pub fn npy(x_path: &Path, y_path: &Path) -> anyhow::Result<Dataset> {
    let x_file = Array::open(x_path)?;
    let y_file = Array::open(y_path)?;
    let (n, p) = match *x_file.shape {
        [n, p] => (n, p),
        ref shape => {
            return Err(x_file
                .fail(format!(
                    "has shape {}, expected (n, p); {}",
                    tuple(shape),
                    ADVICE_X
                ))
                .into());
        }
    };
    let rows = match *y_file.shape {
        [rows] | [rows, 1] => rows,
        ref shape => {
            return Err(y_file
                .fail(format!(
                    "has shape {}, expected (n,) or (n, 1); {}",
                    tuple(shape),
                    ADVICE_Y
                ))
                .into());
        }
    };
    if rows != n {
        let x = &x_file.label;
        return Err(y_file
            .fail(format!(
                "has {rows} rows, but {x} has {n}; save both from the same rows"
            ))
            .into());
    }
    let x = Matrix::Dense(x_file.matrix(n, p)?);
    let y = y_file.vector(n)?;
    check_shape(&label(x_path), &x)?;
    Ok(Dataset {
        name: file_name(x_path),
        x,
        y,
        features: unnamed(p),
        response: "y".into(),
        reference: None,
        seed: None,
    })
}

const ADVICE_X: &str = "save X.reshape(-1, 1) if it is one feature";
const ADVICE_Y: &str = "save one column";

/// Longest header that is read, in bytes; NumPy's own limit is lower.
const LONGEST_HEADER: usize = 1 << 20;

/// An array whose header was read and whose data come next.
struct Array {
    label: String,
    data: BufReader<File>,
    kind: Kind,
    fortran: bool,
    shape: Vec<usize>,
}

/// How a number is stored: letter and size of NumPy's type string, and whether the most significant byte comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Kind {
    letter: u8,
    size: usize,
    big_endian: bool,
}

impl Array {
    /// Errors: [`InputError`] if this is no array of numbers, or its file is not as long as the shape says.
    fn open(path: &Path) -> Result<Self, InputError> {
        let label = label(path);
        let fail = |message: String| InputError(format!("{label}: {message}"));
        let file = open(path)?;
        let length = file
            .metadata()
            .map_err(|e| fail(format!("cannot be read: {e}")))?
            .len();
        let mut data = BufReader::with_capacity(1 << 17, file);
        let (header, offset) = read_header(&mut data).map_err(fail)?;
        let (kind, fortran, shape) = parse_header(&header).map_err(fail)?;
        let cells = shape
            .iter()
            .try_fold(1_usize, |product, &size| product.checked_mul(size));
        let expected = cells.and_then(|cells| cells.checked_mul(kind.size));
        let found = length.saturating_sub(offset);
        match expected {
            Some(expected) if expected as u64 == found => {}
            Some(expected) if found < expected as u64 => {
                let shape = tuple(&shape);
                return Err(fail(format!(
                    "is cut short: {found} of {expected} bytes of shape {shape}; save it again"
                )));
            }
            Some(expected) => {
                return Err(fail(format!(
                    "has {} bytes behind its array; save one array",
                    found - expected as u64
                )));
            }
            None => {
                return Err(fail(format!(
                    "has the impossible shape {}; save it again",
                    tuple(&shape)
                )));
            }
        }
        Ok(Self {
            label,
            data,
            kind,
            fortran,
            shape,
        })
    }

    fn fail(&self, message: String) -> InputError {
        InputError(format!("{}: {message}", self.label))
    }

    /// The next `out.len()` numbers as they are stored.
    fn read(&mut self, bytes: &mut Vec<u8>, out: &mut [f64]) -> Result<(), InputError> {
        bytes.resize(out.len() * self.kind.size, 0);
        self.data
            .read_exact(bytes)
            .map_err(|e| self.fail(format!("cannot be read: {e}; save it again")))?;
        for (v, stored) in out.iter_mut().zip(bytes.chunks_exact(self.kind.size)) {
            *v = self.kind.decode(stored);
        }
        Ok(())
    }

    /// X of n × p.
    fn matrix(mut self, n: usize, p: usize) -> Result<faer::Mat<f64>, InputError> {
        let mut x = zeros(&self.label, n, p)?;
        let mut bytes = Vec::new();
        if self.fortran {
            for j in 0..p {
                self.read(&mut bytes, x.col_as_slice_mut(j))?;
                for (i, &v) in x.col_as_slice(j).iter().enumerate() {
                    self.check(v, i, || format!("x{j}"))?;
                }
            }
            return Ok(x);
        }
        let mut filler = Filler::new(x);
        let mut row = vec![0.0; p];
        for i in 0..n {
            self.read(&mut bytes, &mut row)?;
            for (j, &v) in row.iter().enumerate() {
                self.check(v, i, || format!("x{j}"))?;
            }
            filler.push(&row);
        }
        Ok(filler.finish())
    }

    /// y of length n.
    fn vector(mut self, n: usize) -> Result<Vec<f64>, InputError> {
        let mut y = vec![0.0; n];
        self.read(&mut Vec::new(), &mut y)?;
        for (i, &v) in y.iter().enumerate() {
            self.check(v, i, || "y".to_owned())?;
        }
        Ok(y)
    }

    /// Errors: [`InputError`] that names row (from 1), column and value.
    #[inline]
    fn check(
        &self,
        value: f64,
        i: usize,
        column: impl FnOnce() -> String,
    ) -> Result<(), InputError> {
        match cell::check(value) {
            Ok(_) => Ok(()),
            Err(flaw) => {
                let (row, column, value) = (i + 1, column(), format!("{value:?}"));
                Err(self.fail(format!(
                    "row {row}, column \"{column}\": {}",
                    flaw.of(&value)
                )))
            }
        }
    }
}

impl Kind {
    /// From a type string such as `<f8`. Errors: what cannot be read.
    fn parse(text: &str) -> Result<Self, String> {
        let wrong = || {
            format!(
                "has type {}, expected floats or integers; save X.astype('float64')",
                shown(text)
            )
        };
        let &[order, letter, size] = text.as_bytes() else {
            return Err(wrong());
        };
        let size = usize::from(size.wrapping_sub(b'0'));
        let known = matches!(
            (letter, size),
            (b'f', 4 | 8) | (b'i' | b'u', 1 | 2 | 4 | 8) | (b'b', 1)
        );
        let big_endian = match order {
            b'<' | b'|' => false,
            b'>' => true,
            b'=' => cfg!(target_endian = "big"),
            _ => return Err(wrong()),
        };
        known
            .then_some(Self {
                letter,
                size,
                big_endian,
            })
            .ok_or_else(wrong)
    }

    /// The number in `stored`, which has `size` bytes.
    #[inline]
    fn decode(self, stored: &[u8]) -> f64 {
        let mut bytes = [0_u8; 8];
        bytes[..self.size].copy_from_slice(stored);
        if self.big_endian {
            bytes[..self.size].reverse();
        }
        let bits = u64::from_le_bytes(bytes);
        let unused = 64 - 8 * self.size as u32;
        match (self.letter, self.size) {
            (b'f', 8) => f64::from_bits(bits),
            (b'f', _) => f64::from(f32::from_bits(bits as u32)),
            (b'i', _) => (((bits << unused) as i64) >> unused) as f64,
            (b'b', _) => f64::from(u8::from(bits != 0)),
            _ => bits as f64,
        }
    }
}

/// The text of the header and where the data begin. Errors: what the file is instead.
fn read_header(input: &mut impl Read) -> Result<(String, u64), String> {
    let cut = |e: std::io::Error| match e.kind() {
        ErrorKind::UnexpectedEof => {
            "is cut short in its header; save it again with numpy.save".to_owned()
        }
        _ => format!("cannot be read: {e}"),
    };
    let mut start = Vec::new();
    input
        .by_ref()
        .take(8)
        .read_to_end(&mut start)
        .map_err(cut)?;
    let version = match start.as_slice() {
        [] => return Err("is empty; save it with numpy.save".into()),
        [b'P', b'K', ..] => {
            return Err("is an .npz archive; save X and y each with numpy.save".into());
        }
        [0x93, b'N', b'U', b'M', b'P', b'Y', major, _] => *major,
        [0x93, b'N', b'U', b'M', b'P', b'Y', ..] => {
            return Err(cut(ErrorKind::UnexpectedEof.into()));
        }
        _ => return Err("is not a .npy file; save it with numpy.save".into()),
    };
    let width = match version {
        1 => 2,
        2 | 3 => 4,
        _ => {
            return Err(format!(
                "has .npy version {version}, expected 1 to 3; save it with numpy.save"
            ));
        }
    };
    let mut size = [0_u8; 4];
    input.read_exact(&mut size[..width]).map_err(cut)?;
    let size = u32::from_le_bytes(size) as usize;
    if size > LONGEST_HEADER {
        return Err(format!(
            "has a header of {size} bytes; save it again with numpy.save"
        ));
    }
    let mut header = vec![0; size];
    input.read_exact(&mut header).map_err(cut)?;
    let header = String::from_utf8(header)
        .map_err(|_| "has a header that is not text; save it again".to_owned())?;
    Ok((header, (8 + width + size) as u64))
}

/// Type, order and shape from `{'descr': '<f8', 'fortran_order': False, 'shape': (3, 4), }`.
fn parse_header(header: &str) -> Result<(Kind, bool, Vec<usize>), String> {
    let broken = || {
        format!(
            "has the header {}, which is not of a plain array; save it again",
            shown(header.trim())
        )
    };
    let after = |key: &str| {
        let (_, rest) = header.split_once(&format!("'{key}'")).ok_or_else(broken)?;
        rest.trim_start()
            .strip_prefix(':')
            .map(str::trim_start)
            .ok_or_else(broken)
    };
    let kind = match after("descr")?
        .strip_prefix('\'')
        .and_then(|rest| rest.split_once('\''))
    {
        Some((text, _)) => Kind::parse(text)?,
        None => {
            return Err("holds records with named fields; save plain columns of numbers".into());
        }
    };
    let order = after("fortran_order")?;
    let fortran = order.starts_with("True");
    if !fortran && !order.starts_with("False") {
        return Err(broken());
    }
    let sizes = after("shape")?
        .strip_prefix('(')
        .and_then(|rest| rest.split_once(')'))
        .ok_or_else(broken)?
        .0;
    let sizes = sizes
        .split(',')
        .map(str::trim)
        .filter(|size| !size.is_empty());
    let shape = sizes
        .map(|size| size.parse().map_err(|_| broken()))
        .collect::<Result<_, _>>()?;
    Ok((kind, fortran, shape))
}

/// A shape as Python writes it.
fn tuple(shape: &[usize]) -> String {
    match shape {
        [size] => format!("({size},)"),
        _ => format!(
            "({})",
            shape
                .iter()
                .map(usize::to_string)
                .collect::<Vec<_>>()
                .join(", ")
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_decoded_in_either_byte_order() {
        let decode = |text: &str, bytes: &[u8]| Kind::parse(text).unwrap().decode(bytes);
        assert_eq!(decode("<f8", &1.5f64.to_le_bytes()), 1.5);
        assert_eq!(decode(">f8", &1.5f64.to_be_bytes()), 1.5);
        assert_eq!(decode(">f4", &(-0.25f32).to_be_bytes()), -0.25);
        assert_eq!(decode("<i4", &(-7i32).to_le_bytes()), -7.0);
        assert_eq!(decode(">i8", &i64::MIN.to_be_bytes()), i64::MIN as f64);
        assert_eq!(decode("<u8", &u64::MAX.to_le_bytes()), u64::MAX as f64);
        assert_eq!(decode("|i1", &[255]), -1.0);
        assert_eq!(decode("|u1", &[255]), 255.0);
        assert_eq!(decode("|b1", &[1]), 1.0);
    }

    #[test]
    fn other_types_are_refused_by_name() {
        for text in ["<c16", "|O", "<U5", "<f2", "<M8[ns]", "", "<f9", "xf8"] {
            assert!(
                Kind::parse(text).unwrap_err().contains(&shown(text)),
                "{text}"
            );
        }
    }

    #[test]
    fn headers_are_read_and_broken_ones_refused() {
        let header = "{'descr': '<f8', 'fortran_order': True, 'shape': (3, 4), }   \n";
        let kind = Kind {
            letter: b'f',
            size: 8,
            big_endian: false,
        };
        assert_eq!(parse_header(header).unwrap(), (kind, true, vec![3, 4]));
        for broken in [
            "",
            "{'descr': '<f8'}",
            "{'descr': '<f8', 'fortran_order': 3, 'shape': ()}",
            "'shape': (-1,)",
        ] {
            assert!(parse_header(broken).is_err(), "{broken}");
        }
        let negative = "{'descr': '<f8', 'fortran_order': True, 'shape': (-3, 4)}";
        assert!(parse_header(negative).is_err());
    }
}
