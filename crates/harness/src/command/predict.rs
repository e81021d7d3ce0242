//! `regpath predict`: the response that a fitted model expects for new rows.

use std::path::{Path, PathBuf};

use clap::ValueEnum;
use polars::prelude::{Column, CsvWriter, DataFrame, SerWriter};
use regpath_solvers::design::{Dense, Design};
use regpath_solvers::loss::{Logistic, LossKind, Pointwise};
use serde_json::json;

use super::{note, say, usage, warn};
use crate::dataset::read::{self, RowFiles, TableOptions};
use crate::dataset::{self, Dataset, Matrix, Spec};
use crate::model::{Coefficients, Model, Place};
use crate::record::store::{write_csv, write_npy, write_parquet};

/// Arguments of `regpath predict`.
#[derive(clap::Args, Debug)]
#[command(group = clap::ArgGroup::new("source").required(true).args(["data", "x", "svm", "dataset"]))]
pub(super) struct Predict {
    /// model.json, or the directory that `fit` or `cv` wrote it into
    #[arg(long, value_name = "PATH", default_value = "regpath-fit")]
    model: PathBuf,
    /// Table with a header: CSV (also .gz), TSV or Parquet; features are found by name, other columns are passed over
    #[arg(long, value_name = "FILE")]
    data: Option<PathBuf>,
    /// Matrix X with the features of the model in their order, as .npy
    #[arg(long, value_name = "X.npy")]
    x: Option<PathBuf>,
    /// Sparse data in svmlight format (also .gz); features beyond the last index that occurs are 0
    #[arg(long, value_name = "FILE")]
    svm: Option<PathBuf>,
    /// A dataset of `regpath list datasets`; features are found by name
    #[arg(long, value_name = "ID")]
    dataset: Option<String>,

    /// Penalty level: a number, or min or 1se where cross-validation chose; between two of the path coefficients are
    /// interpolated, outside it those of the nearest end are used
    #[arg(long, value_name = "L", allow_negative_numbers = true, value_parser = parse_lambda, conflicts_with = "index")]
    lambda: Option<Level>,
    /// Position on the path, from 0 at the largest lambda
    #[arg(long, value_name = "K")]
    index: Option<usize>,
    /// Share of the penalised fit, in [0, 1]; the rest is the relaxed fit, if the model has one
    #[arg(long, value_name = "G", allow_negative_numbers = true)]
    gamma: Option<f64>,
    /// What is predicted: the response, which after logistic loss is the probability of the larger label; the linear function, which is
    /// then its log-odds; or the more probable label
    #[arg(long = "type", value_name = "TYPE", value_enum, default_value_t = Kind::Response)]
    kind: Kind,
    /// What to add to each prediction: a column of --data, or a .npy file beside --x or --svm; needed if the model was fitted with
    /// an offset
    #[arg(long, value_name = "COL|o.npy")]
    offset: Option<String>,
    /// Write the predictions to a file that ends in .csv, .parquet or .npy instead of printing them
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

/// What is predicted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Kind {
    Link,
    Response,
    Class,
}

/// Which λ.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Level {
    Number(f64),
    Min,
    OneSe,
}

fn parse_lambda(text: &str) -> Result<Level, String> {
    match text {
        "min" => Ok(Level::Min),
        "1se" => Ok(Level::OneSe),
        _ => match text.parse::<f64>() {
            Ok(lambda) if lambda.is_finite() && lambda >= 0.0 => Ok(Level::Number(lambda)),
            Ok(lambda) => Err(format!("{lambda} is no finite number >= 0")),
            Err(_) => Err(format!("'{text}' is no number, min or 1se")),
        },
    }
}

/// How to write predictions.
#[derive(Clone, Copy)]
enum Format {
    Csv,
    Parquet,
    Npy,
}

/// How near predictions come to a response, by the measure of the loss that was minimised.
enum Score {
    Squares {
        /// Mean squared error.
        mse: f64,
        /// Mean absolute error.
        mae: f64,
        /// 1 − Σ(y − ŷ)²/Σ(y − ȳ)²; None for a constant response.
        r2: Option<f64>,
    },
    /// Mean loss of a name.
    Mean(&'static str, f64),
    Classes {
        /// Twice the mean loss.
        deviance: f64,
        /// Share of rows whose more probable label is not theirs.
        misclassification: f64,
    },
}

impl Score {
    fn text(&self) -> String {
        match self {
            Self::Squares { mse, mae, r2 } => {
                let r2 = r2.map_or("none, the response is constant".into(), |r2| {
                    format!("{r2:.6}")
                });
                format!("mean squared error {mse:.6}, mean absolute error {mae:.6}, R2 {r2}")
            }
            Self::Mean(name, value) => format!("mean {name} {value:.6}"),
            Self::Classes {
                deviance,
                misclassification,
            } => format!("mean deviance {deviance:.6}, share misclassified {misclassification:.6}"),
        }
    }

    /// (measure, value) for the record.
    fn entries(&self) -> Vec<(&'static str, Option<f64>)> {
        match *self {
            Self::Squares { mse, mae, r2 } => {
                vec![("mse", Some(mse)), ("mae", Some(mae)), ("r2", r2)]
            }
            Self::Mean("absolute error", value) => vec![("mae", Some(value))],
            Self::Mean("pinball loss", value) => vec![("pinball", Some(value))],
            Self::Mean(_, value) => vec![("huber", Some(value))],
            Self::Classes {
                deviance,
                misclassification,
            } => vec![
                ("deviance", Some(deviance)),
                ("misclassification", Some(misclassification)),
            ],
        }
    }
}

impl Predict {
    pub(super) fn run(self) -> anyhow::Result<u8> {
        let format = self.out.as_deref().map(format).transpose()?;
        let model = Model::read(&self.model)?;
        let loss = model.loss_kind().map_err(usage)?;
        if self.kind == Kind::Class && loss != LossKind::Logistic {
            return Err(usage(format!(
                "--type class: {} was fitted with {} loss, which knows no classes; use response",
                self.model.display(),
                model.loss
            )));
        }
        let (place, lambda, chosen) = self.place(&model)?;
        let coefficients = self.coefficients(&model, place)?;
        self.check_offset(&model)?;
        let data = self.read(&model)?;
        let links = self.predict(&model, &coefficients, &data)?;
        let classes = model.classes.as_deref().unwrap_or_default();
        let score = score(&data, &links, loss, classes);
        let predictions = self.of_links(links, loss, classes);
        if let (Some(out), Some(format)) = (&self.out, format) {
            write(out, format, &predictions)?;
        }
        if self.json {
            let mut object = json!({
                "n": predictions.len(), "lambda": lambda, "chosen": chosen, "gamma": self.gamma,
                "nonzeros": coefficients.coefficients.iter().filter(|(_, b)| *b != 0.0).count(),
                "mse": null, "mae": null, "r2": null, "loss": model.loss, "out": self.out,
            });
            for (measure, value) in score.iter().flat_map(Score::entries) {
                object[measure] = json!(value);
            }
            if self.out.is_none() {
                object["predictions"] = json!(predictions);
            }
            say(&object.to_string());
            return Ok(0);
        }
        note(&format!("lambda {lambda} ({chosen})"));
        if let Some(score) = score {
            note(&format!("against {}: {}", data.response, score.text()));
        }
        if self.out.is_none() {
            let mut text = Vec::new();
            CsvWriter::new(&mut text).finish(&mut frame(&predictions)?)?;
            say(String::from_utf8_lossy(&text).trim_end());
        }
        Ok(0)
    }

    /// Where on the path, at which λ, and why there.
    fn place(&self, model: &Model) -> anyhow::Result<(Place, f64, &'static str)> {
        let (smallest, largest) = model.range();
        let count = model.path.len();
        if let Some(index) = self.index {
            let Some(fit) = model.path.get(index) else {
                return Err(usage(format!(
                    "--index is {index}, the path has 0 to {}",
                    count - 1
                )));
            };
            let place = Place {
                k: index,
                share: 0.0,
            };
            return Ok((place, fit.lambda, "by --index"));
        }
        let (lambda, chosen) = match (self.lambda, model.selected) {
            (Some(Level::Number(lambda)), _) => (lambda, "by --lambda"),
            (Some(Level::Min), Some(selected)) => (selected.lambda_min, "lambda_min"),
            (Some(Level::OneSe), Some(selected)) => (selected.lambda_1se, "lambda_1se"),
            (Some(_), None) => {
                return Err(usage(format!(
                    "--lambda min and 1se need a model that was cross-validated, and {} was not; give a number between \
                     {smallest} and {largest}",
                    self.model.display()
                )));
            }
            (None, _) if count == 1 => (largest, "the only one of the model"),
            (None, Some(selected)) => (selected.lambda_min, "lambda_min of the model"),
            (None, None) => {
                return Err(usage(format!(
                    "{} has {count} lambda from {largest} down to {smallest}; choose one with --lambda or --index, or let \
                     `regpath select` choose",
                    self.model.display()
                )));
            }
        };
        let used = lambda.clamp(smallest, largest);
        if used != lambda {
            warn(&format!(
                "lambda {lambda} is outside the path, which goes from {largest} down to {smallest}; the fit at {used} is used"
            ));
        }
        Ok((model.place(used), used, chosen))
    }

    fn coefficients(&self, model: &Model, place: Place) -> anyhow::Result<Coefficients> {
        if let Some(gamma) = self.gamma
            && !(0.0..=1.0).contains(&gamma)
        {
            return Err(usage(format!(
                "--gamma is {gamma}, expected a number in [0, 1]"
            )));
        }
        model.coefficients(place, self.gamma).ok_or_else(|| {
            usage(format!(
                "--gamma needs relaxed fits, and {} has none there; leave it out",
                self.model.display()
            ))
        })
    }

    fn check_offset(&self, model: &Model) -> anyhow::Result<()> {
        let file = self.model.display();
        match (&self.offset, model.offset) {
            (None, false) => Ok(()),
            (Some(_), true) if self.dataset.is_none() => Ok(()),
            (_, true) => Err(usage(format!(
                "{file} was fitted with an offset; give one: --offset with a column of --data, or a .npy file beside --x or --svm"
            ))),
            (Some(offset), false) => Err(usage(format!(
                "--offset {offset}: {file} was fitted without one; leave it out"
            ))),
        }
    }

    /// The rows to predict, with whatever response they have.
    fn read(&self, model: &Model) -> anyhow::Result<Dataset> {
        if let Some(path) = &self.data {
            let mut only = model.features.clone();
            if let Some(offset) = &self.offset {
                if only.contains(offset) {
                    return Err(usage(format!(
                        "--offset {offset} is a feature of the model; name another column"
                    )));
                }
                only.push(offset.clone());
            }
            let options = TableOptions {
                only: Some(only),
                ..TableOptions::default()
            };
            return read::table(path, &model.response, &options);
        }
        let p = model.features.len();
        if let Some(path) = &self.x {
            let x = read::npy_rows(path, 1)?;
            if x.ncols() != p {
                return Err(usage(format!(
                    "{}: has {} columns, the model has {p} features; give the columns that it was fitted on",
                    path.display(),
                    x.ncols()
                )));
            }
            return self.with_offset(Dataset {
                name: path.display().to_string(),
                y: vec![f64::NAN; x.nrows()],
                x: Matrix::Dense(x),
                features: model.features.clone(),
                response: model.response.clone(),
                weights: None,
                offset: None,
                folds: None,
                reference: None,
                seed: None,
            });
        }
        if let Some(path) = &self.svm {
            let mut data = read::svmlight_rows(path, 1)?;
            if data.x.ncols() > p {
                return Err(usage(format!(
                    "{}: has column {}, the model has {p} features; give data of the same features",
                    path.display(),
                    data.x.ncols()
                )));
            }
            // Columns are matched by position here.
            data.features = model.features[..data.x.ncols()].to_vec();
            return self.with_offset(data);
        }
        let data = dataset::load(&Spec::new(self.dataset.as_deref().unwrap_or_default()))?;
        match model.features.iter().find(|f| !data.features.contains(f)) {
            Some(missing) => Err(usage(format!(
                "{}: no column is called {missing:?}, which is a feature of the model; choose the dataset that it was fitted on",
                data.name
            ))),
            None => Ok(data),
        }
    }

    /// The data with the file that --offset names, if it does.
    fn with_offset(&self, mut data: Dataset) -> anyhow::Result<Dataset> {
        let files = RowFiles {
            offset: self.offset.as_ref().map(PathBuf::from),
            ..RowFiles::default()
        };
        read::row_files(&mut data, &files)?;
        Ok(data)
    }

    /// What was asked for, from offset + intercept + Xβ.
    fn of_links(&self, mut links: Vec<f64>, loss: LossKind, classes: &[f64]) -> Vec<f64> {
        if let (LossKind::Logistic, [other, larger]) = (loss, classes) {
            links.iter_mut().for_each(|z| match self.kind {
                Kind::Link => {}
                Kind::Response => *z = Logistic::probability(*z),
                Kind::Class => *z = if *z > 0.0 { *larger } else { *other },
            });
        }
        links
    }

    /// offset + intercept + Xβ.
    fn predict(
        &self,
        model: &Model,
        at: &Coefficients,
        data: &Dataset,
    ) -> anyhow::Result<Vec<f64>> {
        let named = at
            .coefficients
            .iter()
            .map(|&(j, b)| (model.features[j].as_str(), b));
        let mut weights: std::collections::HashMap<&str, f64> = named.collect();
        // The column of a table is one of its features.
        if let Some(offset) = self.offset.as_ref().filter(|_| self.data.is_some()) {
            weights.insert(offset, 1.0);
        }
        let beta = data
            .features
            .iter()
            .map(|f| weights.get(f.as_str()).copied());
        let beta: Vec<f64> = beta.map(Option::unwrap_or_default).collect();
        let mut predictions = vec![0.0; data.y.len()];
        match &data.x {
            Matrix::Dense(x) => Dense::try_new(x.as_ref())?.mul(&beta, &mut predictions),
            Matrix::Sparse(x) => x.mul(&beta, &mut predictions),
        }
        predictions.iter_mut().for_each(|v| *v += at.intercept);
        if let Some(offset) = &data.offset {
            predictions
                .iter_mut()
                .zip(offset)
                .for_each(|(v, o)| *v += o);
        }
        Ok(predictions)
    }
}

/// None if there is no response, with a warning if some rows have one.
fn score(data: &Dataset, links: &[f64], loss: LossKind, classes: &[f64]) -> Option<Score> {
    let absent = data.y.iter().filter(|y| y.is_nan()).count();
    if absent > 0 {
        if absent < data.y.len() {
            warn(&format!(
                "{}: response {:?} is no number in {absent} of {} rows; no error is computed",
                data.name,
                data.response,
                data.y.len()
            ));
        }
        return None;
    }
    if let (LossKind::Logistic, [other, larger]) = (loss, classes) {
        return of_classes(data, links, [*other, *larger]);
    }
    let n = data.y.len() as f64;
    let rows = || data.y.iter().zip(links);
    match loss {
        LossKind::Squared | LossKind::Logistic => {}
        LossKind::Absolute => {
            let sum: f64 = rows().map(|(y, z)| (y - z).abs()).sum();
            return Some(Score::Mean("absolute error", sum / n));
        }
        LossKind::Quantile(loss) => {
            let sum: f64 = rows().map(|(y, z)| loss.value_at(*y, *z)).sum();
            return Some(Score::Mean("pinball loss", sum / n));
        }
        LossKind::Huber(loss) => {
            let sum: f64 = rows().map(|(y, z)| loss.value_at(*y, *z)).sum();
            return Some(Score::Mean("Huber loss", sum / n));
        }
    }
    let mean = data.y.iter().sum::<f64>() / n;
    let errors = || rows().map(|(y, z)| y - z);
    let rss: f64 = errors().map(|e| e * e).sum();
    let total: f64 = data.y.iter().map(|y| (y - mean).powi(2)).sum();
    Some(Score::Squares {
        mse: rss / n,
        mae: errors().map(f64::abs).sum::<f64>() / n,
        r2: data
            .y
            .iter()
            .any(|y| *y != data.y[0])
            .then(|| 1.0 - rss / total),
    })
}

/// None, with a warning, if some row has neither label.
fn of_classes(data: &Dataset, links: &[f64], [other, larger]: [f64; 2]) -> Option<Score> {
    let strange = data.y.iter().position(|y| *y != other && *y != larger);
    if let Some(row) = strange {
        warn(&format!(
            "{}: row {row} (from 0), response {:?}: value {} is neither {other} nor {larger}, the labels of the model; no error is \
             computed",
            data.name, data.response, data.y[row]
        ));
        return None;
    }
    let n = links.len() as f64;
    let rows = || data.y.iter().map(|y| *y == larger).zip(links);
    let loss = |(is_larger, z): (bool, &f64)| Logistic.value_at(f64::from(u8::from(is_larger)), *z);
    let missed = rows().filter(|(is_larger, z)| *is_larger != (**z > 0.0));
    Some(Score::Classes {
        deviance: 2.0 * rows().map(loss).sum::<f64>() / n,
        misclassification: missed.count() as f64 / n,
    })
}

/// By the ending of the name.
fn format(path: &Path) -> anyhow::Result<Format> {
    match path.extension().and_then(|e| e.to_str()) {
        Some("csv") => Ok(Format::Csv),
        Some("parquet") => Ok(Format::Parquet),
        Some("npy") => Ok(Format::Npy),
        _ => Err(usage(format!(
            "--out {}: unknown ending; use .csv, .parquet or .npy",
            path.display()
        ))),
    }
}

/// Row numbers from 0, and predictions.
fn frame(predictions: &[f64]) -> anyhow::Result<DataFrame> {
    let rows: Vec<u64> = (0..predictions.len() as u64).collect();
    let columns = vec![
        Column::new("row".into(), rows),
        Column::new("prediction".into(), predictions),
    ];
    Ok(DataFrame::new(predictions.len(), columns)?)
}

fn write(path: &Path, format: Format, predictions: &[f64]) -> anyhow::Result<()> {
    let written = match format {
        Format::Csv => write_csv(path, &mut frame(predictions)?),
        Format::Parquet => write_parquet(path, &mut frame(predictions)?),
        Format::Npy => write_npy(path, predictions),
    };
    written.map_err(|e| {
        usage(format!(
            "--out {}: {e:#}; choose a writable place",
            path.display()
        ))
    })
}
