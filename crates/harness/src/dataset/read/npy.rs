//! NumPy arrays: a pair of `.npy` files, X (n × p) and y, and files of one number per row.

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};

use super::beside::{check_weights, weight};
use super::dense::{Filler, zeros};
use super::labels::Labels;
use super::npy_header::{Kind, parse_header, read_header, tuple};
use super::{InputError, cell, check_least, check_shape, file_name, label, open};
use crate::dataset::{Dataset, Matrix, unnamed};

/// Reads X, two-dimensional, and y of shape (n,) or (n, 1); floats, integers and booleans, either byte order, C or Fortran.
///
/// Columns are named x0, x1, …; the response y.
/// Errors: [`InputError`] for a file that cannot be opened or is not such an array, is cut short, for shapes that do not fit and
/// for values that are not finite or beyond 1e150.
pub fn npy(x_path: &Path, y_path: &Path) -> anyhow::Result<Dataset> {
    let x_file = Array::open(x_path)?;
    let y_file = Array::open(y_path)?;
    let (n, p) = x_file.sizes()?;
    y_file.check_rows(n, &x_file.label)?;
    check_shape(&x_file.label, n, p)?;
    let x = Matrix::Dense(x_file.matrix(n, p)?);
    let y = y_file.vector(n, "y")?;
    Ok(Dataset::new(file_name(x_path), x, y, unnamed(p)))
}

/// `.npy` files of shape (n,) or (n, 1) that go with the rows of a dataset.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RowFiles {
    /// Weights.
    pub weights: Option<PathBuf>,
    /// Offset.
    pub offset: Option<PathBuf>,
    /// Labels of folds: integers, or floats that are whole.
    pub folds: Option<PathBuf>,
}

/// Reads the files into `data`, whose rows they belong to.
///
/// Errors: [`InputError`] as for [`npy`], for a negative weight, weights that are all 0, a label that is not whole, a
/// single fold.
pub fn row_files(data: &mut Dataset, files: &RowFiles) -> anyhow::Result<()> {
    let n = data.y.len();
    let vector = |path: &Option<PathBuf>, column: &str| -> Result<_, InputError> {
        let Some(path) = path else { return Ok(None) };
        let file = Array::open(path)?;
        file.check_rows(n, &data.name)?;
        Ok(Some((file.label.clone(), file.vector(n, column)?)))
    };
    let weights = vector(&files.weights, "weights")?;
    let offset = vector(&files.offset, "offset")?;
    let folds = vector(&files.folds, "folds")?;
    if let Some((label, weights)) = weights {
        for (i, &w) in weights.iter().enumerate() {
            let refuse = |why| InputError(format!("{label}: row {}: {why}", i + 1));
            weight(w, &w.to_string()).map_err(refuse)?;
        }
        check_weights(&label, &weights)?;
        data.weights = Some(weights);
    }
    if let Some((_, offset)) = offset {
        data.offset = Some(offset);
    }
    if let Some((label, folds)) = folds {
        let mut labels = Labels::default();
        for (i, &fold) in folds.iter().enumerate() {
            let row = i + 1;
            if fold.fract() != 0.0 {
                return Err(InputError(format!(
                    "{label}: row {row}: value \"{fold}\" is not whole; label the folds by whole numbers"
                ))
                .into());
            }
            let pushed = labels.push(&fold.to_string());
            pushed.map_err(|flaw| {
                InputError(format!(
                    "{label}: row {row}: {}",
                    flaw.of(&fold.to_string())
                ))
            })?;
        }
        data.folds = Some(labels.folds(&label)?);
    }
    Ok(())
}

/// Reads one two-dimensional array. Errors: as for [`npy`].
pub fn npy_matrix(path: &Path) -> Result<faer::Mat<f64>, InputError> {
    npy_rows(path, 2)
}

/// Reads one two-dimensional array of at least so many rows. Errors: as for [`npy`].
pub fn npy_rows(path: &Path, least: usize) -> Result<faer::Mat<f64>, InputError> {
    let file = Array::open(path)?;
    let (n, p) = file.sizes()?;
    check_least(&file.label, n, p, least)?;
    file.matrix(n, p)
}

const ADVICE_X: &str = "save X.reshape(-1, 1) if it is one feature";
const ADVICE_Y: &str = "save one column";

/// An array whose header was read and whose data come next.
struct Array {
    label: String,
    data: BufReader<File>,
    kind: Kind,
    fortran: bool,
    shape: Vec<usize>,
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
        let sizes = tuple(&shape);
        let Some(expected) = expected.map(|bytes| bytes as u64) else {
            return Err(fail(format!(
                "has the impossible shape {sizes}; save it again"
            )));
        };
        if found != expected {
            let how = if found < expected {
                "is cut short"
            } else {
                "is too long"
            };
            return Err(fail(format!(
                "{how}: {found} bytes of data, but shape {sizes} needs {expected}; save it again"
            )));
        }
        Ok(Self {
            label,
            data,
            kind,
            fortran,
            shape,
        })
    }

    /// (n, p) of an array of two dimensions.
    fn sizes(&self) -> Result<(usize, usize), InputError> {
        match *self.shape {
            [n, p] => Ok((n, p)),
            ref shape => Err(self.fail(format!(
                "has shape {}, expected (n, p); {ADVICE_X}",
                tuple(shape)
            ))),
        }
    }

    /// Errors: [`InputError`] unless this is one column of n rows, as many as `other` has.
    fn check_rows(&self, n: usize, other: &str) -> Result<(), InputError> {
        match *self.shape {
            [rows] | [rows, 1] if rows == n => Ok(()),
            [rows] | [rows, 1] => Err(self.fail(format!(
                "has {rows} rows, but {other} has {n}; save both from the same rows"
            ))),
            ref shape => Err(self.fail(format!(
                "has shape {}, expected (n,) or (n, 1); {ADVICE_Y}",
                tuple(shape)
            ))),
        }
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

    /// A column of length n, which messages call `column`.
    fn vector(mut self, n: usize, column: &str) -> Result<Vec<f64>, InputError> {
        let mut values = vec![0.0; n];
        self.read(&mut Vec::new(), &mut values)?;
        for (i, &v) in values.iter().enumerate() {
            self.check(v, i, || column.to_owned())?;
        }
        Ok(values)
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
