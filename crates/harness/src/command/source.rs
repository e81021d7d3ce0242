//! The flags that say where X and y come from, shared by the commands that work on the user's data.

use std::path::PathBuf;

use clap::ValueEnum;

use super::usage;
use crate::dataset::read::{self, RowFiles, TableOptions};
use crate::dataset::{self, Dataset, Spec};

/// Where the data come from.
#[derive(clap::Args, Debug)]
#[command(next_help_heading = "Data")]
#[command(group = clap::ArgGroup::new("source").required(true).args(["data", "x", "svm", "dataset"]))]
pub(super) struct Source {
    /// Table with a header: CSV (also .gz), TSV or Parquet
    #[arg(long, value_name = "FILE", requires = "response")]
    data: Option<PathBuf>,
    /// Column of --data to explain; the others are the features
    #[arg(long, value_name = "COL", requires = "data", conflicts_with_all = ["x", "svm", "dataset"])]
    response: Option<String>,
    /// Column of --data that is no feature; may be repeated
    #[arg(long, value_name = "COL", requires = "data", conflicts_with_all = ["x", "svm", "dataset"])]
    drop: Vec<String>,
    /// Fit on the rows of --data where COL equals VALUE; COL is then no feature
    #[arg(
        long,
        value_name = "COL=VALUE",
        requires = "data",
        conflicts_with_all = ["x", "svm", "dataset"],
        value_parser = parse_rows
    )]
    rows: Option<(String, f64)>,
    /// Rows that scales are computed from, and for `fit` centres, too: those that are fitted, or all rows of --data
    #[arg(long, value_name = "ROWS", value_enum, default_value_t = ScaleOn::Fitted, requires = "rows")]
    scale_on: ScaleOn,
    /// Matrix X, n x p, as .npy (f64 or f32, C or Fortran order)
    #[arg(long, value_name = "X.npy", requires = "y")]
    x: Option<PathBuf>,
    /// Response of --x, length n, as .npy
    #[arg(long, value_name = "y.npy", requires = "x", conflicts_with_all = ["data", "svm", "dataset"])]
    y: Option<PathBuf>,
    /// Sparse data in svmlight format (also .gz), indices from 1
    #[arg(long, value_name = "FILE")]
    svm: Option<PathBuf>,
    /// A dataset of `regpath list datasets`
    #[arg(long, value_name = "ID")]
    dataset: Option<String>,
    /// Weight of each row, 0 or more: a column of --data, or a .npy file of length n beside --x or --svm
    #[arg(long, value_name = "COL|w.npy")]
    weights: Option<String>,
    /// Known part of each row's prediction, which the path is fitted on top of; named as for --weights
    #[arg(long, value_name = "COL|o.npy")]
    offset: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum ScaleOn {
    Fitted,
    All,
}

fn parse_rows(text: &str) -> Result<(String, f64), String> {
    let (column, value) = text.split_once('=').ok_or("expected COL=VALUE")?;
    let value = value
        .trim()
        .parse::<f64>()
        .map_err(|_| format!("'{value}' is not a number"))?;
    Ok((column.trim().to_owned(), value))
}

impl Source {
    /// The data; `folds` is the column or file that says which fold a row is in, where the user named one.
    pub(super) fn read(&self, folds: Option<&str>) -> anyhow::Result<Dataset> {
        if let (Some(path), Some(response)) = (&self.data, &self.response) {
            let options = TableOptions {
                rows: self.rows.clone(),
                drop: self.drop.clone(),
                reference_all: self.scale_on == ScaleOn::All,
                weights: self.weights.clone(),
                offset: self.offset.clone(),
                folds: folds.map(str::to_owned),
                only: None,
            };
            return read::table(path, response, &options);
        }
        if let Some(id) = &self.dataset {
            let named = [
                ("--weights", self.weights.as_deref()),
                ("--offset", self.offset.as_deref()),
                ("--fold-column", folds),
            ];
            if let Some((flag, _)) = named.iter().find(|(_, name)| name.is_some()) {
                return Err(usage(format!(
                    "{flag} goes with data of your own: --dataset {id} has no such column; use --data, --x or --svm"
                )));
            }
            return dataset::load(&Spec::new(id));
        }
        let mut data = match (&self.x, &self.y, &self.svm) {
            (Some(x), Some(y), _) => read::npy(x, y)?,
            (_, _, Some(path)) => read::svmlight(path)?,
            _ => return Err(usage("no data; use --data, --x, --svm or --dataset")),
        };
        let path = |name: Option<&str>| name.map(PathBuf::from);
        let files = RowFiles {
            weights: path(self.weights.as_deref()),
            offset: path(self.offset.as_deref()),
            folds: path(folds),
        };
        read::row_files(&mut data, &files)?;
        Ok(data)
    }
}
