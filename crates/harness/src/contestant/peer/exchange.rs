//! The files through which data, λ and coefficients go: plain little-endian arrays in a folder of this process.

use std::fs::{self, DirBuilder, File};
use std::io::{BufWriter, Write};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, bail, ensure};

use super::locked;
use crate::contestant::scaled_csc;
use crate::prepared::{Columns, Prepared};

/// What the folder's name begins with; the number of the process and the moment follow.
const PREFIX: &str = "regpath-exchange-";

/// The folder of this process, once there is one.
static CURRENT: Mutex<Option<Exchange>> = Mutex::new(None);

/// A folder under the system's temporary one, removed when the program ends.
pub struct Exchange {
    folder: PathBuf,
    /// The data that lies in it, with the request that hands it over.
    data: Option<(u64, String)>,
}

/// The files of one path request.
pub struct PathFiles {
    /// λ.
    pub lambda: PathBuf,
    /// To be written by the driver.
    pub coefficients: PathBuf,
}

impl Exchange {
    fn with<T>(work: impl FnOnce(&mut Self) -> anyhow::Result<T>) -> anyhow::Result<T> {
        let mut current = locked(&CURRENT);
        if current.is_none() {
            let root = std::env::temp_dir();
            remove_abandoned(&root);
            // Created, never adopted, and closed to others: a shared folder for temporary files is not to be trusted.
            let moment = SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .unwrap_or_default();
            let folder = root.join(format!(
                "{PREFIX}{}-{}",
                std::process::id(),
                moment.as_nanos()
            ));
            DirBuilder::new()
                .mode(0o700)
                .create(&folder)
                .with_context(|| format!("cannot create {}", folder.display()))?;
            *current = Some(Self { folder, data: None });
        }
        match current.as_mut() {
            Some(exchange) => work(exchange),
            None => bail!("no folder to exchange data through"),
        }
    }

    /// Removes the folder.
    pub fn clear() {
        if let Some(exchange) = locked(&CURRENT).take() {
            // What cannot be removed now is removed by the next program that runs.
            let _ = fs::remove_dir_all(&exchange.folder);
        }
    }

    /// As [`Exchange::clear`], unless it is in use: then its process ends without waiting, and a later program removes it.
    pub fn clear_if_free() {
        if let Ok(mut current) = CURRENT.try_lock()
            && let Some(exchange) = current.take()
        {
            let _ = fs::remove_dir_all(&exchange.folder);
        }
    }

    /// The folder, for temporary files of the processes too.
    pub fn folder() -> anyhow::Result<PathBuf> {
        Self::with(|exchange| Ok(exchange.folder.clone()))
    }

    /// A path in the folder.
    pub fn file(name: &str) -> anyhow::Result<PathBuf> {
        Self::with(|exchange| Ok(exchange.folder.join(name)))
    }

    /// Writes the data, unless it is there, and returns the request that hands it over. Errors: data of a kind that cannot
    /// be handed over, a disk that is full.
    pub fn hand_over(data: &Prepared) -> anyhow::Result<String> {
        Self::with(|exchange| {
            if let Some((serial, request)) = &exchange.data
                && *serial == data.serial
            {
                return Ok(request.clone());
            }
            exchange.data = None;
            let folder = exchange.folder.join("data");
            if folder.exists() {
                fs::remove_dir_all(&folder)?;
            }
            fs::create_dir(&folder)?;
            write(
                &folder.join("y.f64"),
                [data.y.as_slice()].into_iter(),
                f64::to_le_bytes,
            )?;
            let kind = match data.columns().map_err(anyhow::Error::msg)? {
                Columns::Dense(x) => {
                    let columns = (0..x.ncols()).map(|j| x.col_as_slice(j));
                    write(&folder.join("x.f64"), columns, f64::to_le_bytes)?;
                    "dense"
                }
                Columns::Sparse { x, scale } => {
                    let csc = scaled_csc(x, scale)?;
                    write(
                        &folder.join("indptr.i32"),
                        [csc.indptr.as_slice()].into_iter(),
                        i32::to_le_bytes,
                    )?;
                    write(
                        &folder.join("indices.i32"),
                        [csc.indices.as_slice()].into_iter(),
                        i32::to_le_bytes,
                    )?;
                    write(
                        &folder.join("values.f64"),
                        [csc.values.as_slice()].into_iter(),
                        f64::to_le_bytes,
                    )?;
                    "sparse"
                }
            };
            let request = format!(
                "load\t{}\t{kind}\t{}\t{}",
                folder.display(),
                data.nrows(),
                data.ncols()
            );
            exchange.data = Some((data.serial, request.clone()));
            Ok(request)
        })
    }

    /// Writes λ for one process; the coefficients of its last path are gone then.
    pub fn path_files(process: u32, lambdas: &[f64]) -> anyhow::Result<PathFiles> {
        Self::with(|exchange| {
            let files = PathFiles {
                lambda: exchange.folder.join(format!("{process}.lambda.f64")),
                coefficients: exchange.folder.join(format!("{process}.coefficients")),
            };
            write(&files.lambda, [lambdas].into_iter(), f64::to_le_bytes)?;
            if files.coefficients.exists() {
                fs::remove_file(&files.coefficients)?;
            }
            Ok(files)
        })
    }

    /// Writes λ and folds for one process; what it answered last is gone then.
    pub fn fold_files(process: u32, lambdas: &[f64], folds: &[usize]) -> anyhow::Result<FoldFiles> {
        let path = Self::path_files(process, lambdas)?;
        let folds: Vec<i32> = folds
            .iter()
            .map(|&fold| i32::try_from(fold))
            .collect::<Result<_, _>>()
            .context("a fold beyond 32 bits")?;
        Self::with(|exchange| {
            let files = FoldFiles {
                path,
                folds: exchange.folder.join(format!("{process}.folds.i32")),
                curve: exchange.folder.join(format!("{process}.curve.f64")),
            };
            write(
                &files.folds,
                [folds.as_slice()].into_iter(),
                i32::to_le_bytes,
            )?;
            if files.curve.exists() {
                fs::remove_file(&files.curve)?;
            }
            Ok(files)
        })
    }
}

/// The files of one cross-validation, beside those of a path.
pub struct FoldFiles {
    /// λ, and the coefficients on all rows.
    pub path: PathFiles,
    /// The fold of each row, i32.
    pub folds: PathBuf,
    /// To be written by the driver: a mean error for each λ, then a standard error for each.
    pub curve: PathBuf,
}

impl FoldFiles {
    /// Mean errors and standard errors at `count` λ. Errors: anything but so many numbers.
    pub fn read(&self, count: usize) -> anyhow::Result<(Vec<f64>, Vec<f64>)> {
        let bytes = fs::read(&self.curve).context("its file of errors cannot be read")?;
        ensure!(
            bytes.len() == 16 * count,
            "its file of errors has {} bytes for {count} lambdas",
            bytes.len()
        );
        let numbers = bytes.as_chunks::<8>().0.iter();
        let mut mean: Vec<f64> = numbers.map(|b| f64::from_le_bytes(*b)).collect();
        let se = mean.split_off(count);
        Ok((mean, se))
    }
}

impl PathFiles {
    /// (column, coefficient) of the non-zero coefficients at each of the `reached` λ. Errors: anything but counts that add
    /// up, columns in ascending order below `p`, and finite values that are not 0.
    pub fn read(&self, reached: usize, p: usize) -> anyhow::Result<Vec<Vec<(u32, f64)>>> {
        let bytes = fs::read(&self.coefficients).context("its coefficient file cannot be read")?;
        let wanted = |entries: usize| 4 * reached + 12 * entries;
        ensure!(
            bytes.len() >= wanted(0),
            "its coefficient file has {} bytes for {reached} lambdas",
            bytes.len()
        );
        let (counts, rest) = bytes.split_at(4 * reached);
        let counts: Vec<usize> = integers(counts)
            .map(usize::try_from)
            .collect::<Result<_, _>>()
            .context("a negative count of coefficients")?;
        let entries = counts
            .iter()
            .try_fold(0usize, |sum, &c| sum.checked_add(c))
            .filter(|&e| e <= rest.len() / 12);
        let Some(entries) = entries.filter(|&e| bytes.len() == wanted(e)) else {
            bail!(
                "its coefficient file has {} bytes, which is not what its counts ask for",
                bytes.len()
            );
        };
        let (columns, values) = rest.split_at(4 * entries);
        let mut pairs = integers(columns).zip(
            values
                .as_chunks::<8>()
                .0
                .iter()
                .map(|b| f64::from_le_bytes(*b)),
        );
        let mut lambdas = Vec::with_capacity(reached);
        for (k, count) in counts.into_iter().enumerate() {
            let mut nonzeros: Vec<(u32, f64)> = Vec::with_capacity(count);
            for (column, value) in pairs.by_ref().take(count) {
                let column = u32::try_from(column).ok().filter(|&j| (j as usize) < p);
                let Some(column) =
                    column.filter(|j| nonzeros.last().is_none_or(|(last, _)| last < j))
                else {
                    bail!("its columns at lambda {k} are not ascending numbers below {p}");
                };
                ensure!(
                    value.is_finite(),
                    "its coefficient of column {column} at lambda {k} is {value}"
                );
                if value != 0.0 {
                    nonzeros.push((column, value));
                }
            }
            lambdas.push(nonzeros);
        }
        Ok(lambdas)
    }
}

fn integers(bytes: &[u8]) -> impl Iterator<Item = i32> {
    bytes
        .as_chunks::<4>()
        .0
        .iter()
        .map(|b| i32::from_le_bytes(*b))
}

fn write<'a, T: Copy + 'a, const N: usize>(
    path: &Path,
    parts: impl Iterator<Item = &'a [T]>,
    bytes: impl Fn(T) -> [u8; N],
) -> anyhow::Result<()> {
    let write = || -> std::io::Result<()> {
        let mut file = BufWriter::with_capacity(1 << 20, File::create(path)?);
        for part in parts {
            for &value in part {
                file.write_all(&bytes(value))?;
            }
        }
        file.flush()
    };
    write().with_context(|| format!("cannot write {}", path.display()))
}

/// Removes the folders of processes that are gone.
fn remove_abandoned(root: &Path) {
    let Ok(entries) = fs::read_dir(root) else {
        return;
    };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let process = name.to_str().and_then(|n| n.strip_prefix(PREFIX));
        let process = process.and_then(|rest| rest.split('-').next());
        let abandoned = process.is_some_and(|id| !Path::new("/proc").join(id).exists());
        if abandoned && Path::new("/proc/self").exists() {
            // Another user's folder stays.
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}
