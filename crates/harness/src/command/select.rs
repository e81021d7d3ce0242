//! `regpath select`: the point of a path that a criterion or cross-validation prefers.

use std::fs::File;
use std::path::{Path, PathBuf};

use clap::ValueEnum;
use comfy_table::presets::NOTHING;
use comfy_table::{Cell, CellAlignment, Table};
use polars::prelude::{DataFrame, DataType, ParquetReader, SerReader};
use serde_json::json;

use super::{say, usage, warn};
use crate::model::{Fit, Model};
use crate::record::schema::{PointRow, Row};

/// Arguments of `regpath select`.
#[derive(clap::Args, Debug)]
pub(super) struct Select {
    /// Directory that `fit` or `cv` wrote
    #[arg(long, value_name = "DIR", default_value = "regpath-fit")]
    from: PathBuf,
    /// Criterion to minimise; min and 1se need cross-validation. On a tie the larger lambda is taken
    #[arg(long, value_enum, default_value_t = By::Bic)]
    by: By,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum By {
    /// Akaike's criterion
    Aic,
    /// Akaike's criterion, corrected for small samples
    Aicc,
    /// Schwarz's criterion
    Bic,
    /// Schwarz's criterion, extended to many columns
    Ebic,
    /// Mallows' criterion; needs more rows than columns
    Cp,
    /// Generalised cross-validation, a formula that refits nothing
    Gcv,
    /// Smallest mean error of cross-validation
    Min,
    /// Largest lambda within one standard error of that
    #[value(name = "1se")]
    OneSe,
}

impl By {
    fn name(self) -> &'static str {
        match self {
            Self::Aic => "aic",
            Self::Aicc => "aicc",
            Self::Bic => "bic",
            Self::Ebic => "ebic",
            Self::Cp => "cp",
            Self::Gcv => "gcv",
            Self::Min => "min",
            Self::OneSe => "1se",
        }
    }

    /// Value at a point; None for cross-validation, which has a frame of its own.
    fn of(self, point: &PointRow) -> Option<f64> {
        match self {
            Self::Aic => point.aic,
            Self::Aicc => point.aicc,
            Self::Bic => point.bic,
            Self::Ebic => point.ebic,
            Self::Cp => point.cp,
            Self::Gcv => point.gcv,
            Self::Min | Self::OneSe => None,
        }
    }

    /// Why it may be empty at every λ, and what to do.
    fn absence(self) -> &'static str {
        match self {
            Self::Cp => {
                "it needs the residual of the full least-squares fit, so more rows than columns + 1, and some residual there; use \
                 --by bic, aicc or gcv"
            }
            Self::Aicc => "it needs n > d + 2 with d the degrees of freedom; use --by bic or gcv",
            Self::Gcv => "it needs fewer degrees of freedom than rows; use --by bic",
            _ => {
                "it needs degrees of freedom and a residual that is not 0; fit fewer or larger lambda, or use cross-validation"
            }
        }
    }
}

/// The point that was chosen.
struct Choice {
    alpha: f64,
    lambda: f64,
    k: u64,
    /// λ of the path.
    count: usize,
    /// Criterion, or mean error of cross-validation.
    value: f64,
    /// Standard error of that mean.
    se: Option<f64>,
    df: Option<f64>,
    nonzeros: u64,
}

/// One λ of a cross-validation.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Validated {
    alpha: f64,
    k: u64,
    lambda: f64,
    mean_error: f64,
    se: f64,
    nonzeros: u64,
}

impl Select {
    pub(super) fn run(self) -> anyhow::Result<u8> {
        let model = Model::read(&self.from)?;
        let points = self.points()?;
        if !matches!(self.by, By::Min | By::OneSe) && model.loss != "squared" {
            return Err(usage(format!(
                "--by {}: the criteria are those of squared loss, and {} was fitted with {} loss",
                self.by.name(),
                self.from.display(),
                model.loss
            )));
        }
        let choice = match self.by {
            By::Min | By::OneSe => self.by_validation()?,
            _ => self.by_criterion(&model, points.as_deref().unwrap_or_default())?,
        };
        let points = points.unwrap_or_default();
        if let (By::Aic | By::Aicc | By::Bic | By::Ebic | By::Gcv, Some(df)) = (self.by, choice.df)
            && 2.0 * (df + 1.0) > model.n as f64
        {
            warn(&format!(
                "{:.0} degrees of freedom for {} rows: {} falls without bound where fits leave no residual; cross-validate, or use \
                 --by ebic",
                df,
                model.n,
                self.by.name()
            ));
        }
        let there = model.alpha == choice.alpha;
        let point = points.iter().find(|p| there && p.lambda == choice.lambda);
        let fit = model
            .path
            .iter()
            .find(|f| there && f.lambda == choice.lambda);
        if fit.is_none() {
            warn(&format!(
                "{} has no fit at alpha {}, lambda {}, so there are no coefficients to show; fit it with `regpath fit`",
                self.from.join(crate::model::FILE).display(),
                choice.alpha,
                choice.lambda
            ));
        }
        if self.json {
            say(&self.object(&choice, point, fit, &model).to_string());
        } else {
            self.report(&choice, point, fit, &model);
        }
        Ok(0)
    }

    /// Rows of points.parquet; None if there is no such file, as after a cross-validation.
    fn points(&self) -> anyhow::Result<Option<Vec<PointRow>>> {
        let path = self.from.join("points.parquet");
        if !path.exists() {
            return Ok(None);
        }
        let rows = PointRow::rows(&frame(&path)?).map_err(|e| {
            usage(format!(
                "{}: was written by another version ({e}); fit again",
                path.display()
            ))
        })?;
        Ok(Some(rows))
    }

    fn by_criterion(&self, model: &Model, points: &[PointRow]) -> anyhow::Result<Choice> {
        let (by, from) = (self.by.name(), self.from.display());
        if points.is_empty() {
            return Err(usage(format!(
                "{from}: no points.parquet with a point; fit again, or use --by min after a cross-validation"
            )));
        }
        // λ decreases along the path, so that the first of equal values is at the largest.
        let mut best: Option<(f64, &PointRow)> = None;
        for point in points {
            if let Some(value) = self.by.of(point).filter(|v| v.is_finite())
                && best.is_none_or(|(least, _)| value < least)
            {
                best = Some((value, point));
            }
        }
        let Some((value, point)) = best else {
            return Err(usage(format!(
                "{from}: --by {by} is empty at every lambda (n = {}, p = {}): {}",
                model.n,
                model.features.len(),
                self.by.absence()
            )));
        };
        Ok(Choice {
            alpha: model.alpha,
            lambda: point.lambda,
            k: point.k,
            count: points.len(),
            value,
            se: None,
            df: point.df,
            nonzeros: point.nonzeros,
        })
    }

    fn by_validation(&self) -> anyhow::Result<Choice> {
        let path = self.from.join("cv.parquet");
        if !path.exists() {
            return Err(usage(format!(
                "--by {} needs cross-validation, and {} has no cv.parquet; use --by bic, or run `regpath cv`",
                self.by.name(),
                self.from.display()
            )));
        }
        let rows = validated(&frame(&path)?).map_err(|e| {
            usage(format!(
                "{}: is no frame of a cross-validation ({e}); run `regpath cv` again",
                path.display()
            ))
        })?;
        let chosen = match self.by {
            By::OneSe => one_se(&rows),
            _ => minimum(&rows),
        };
        let Some(row) = chosen else {
            return Err(usage(format!(
                "{}: has no mean error that is a number; run `regpath cv` again",
                path.display()
            )));
        };
        Ok(Choice {
            alpha: row.alpha,
            lambda: row.lambda,
            k: row.k,
            count: rows.iter().filter(|r| r.alpha == row.alpha).count(),
            value: row.mean_error,
            se: Some(row.se),
            df: None,
            nonzeros: row.nonzeros,
        })
    }

    fn object(
        &self,
        choice: &Choice,
        point: Option<&PointRow>,
        fit: Option<&Fit>,
        model: &Model,
    ) -> serde_json::Value {
        let coefficients = fit.map(|fit| {
            let entry =
                |&(j, value): &(usize, f64)| json!({"feature": model.features[j], "value": value});
            fit.coefficients.iter().map(entry).collect::<Vec<_>>()
        });
        json!({
            "by": self.by.name(), "value": choice.value, "se": choice.se, "alpha": choice.alpha, "lambda": choice.lambda,
            "k": choice.k, "n_lambda": choice.count, "df": point.and_then(|p| p.df), "nonzeros": choice.nonzeros,
            "dev_ratio": point.map(|p| p.dev_ratio), "intercept": fit.map(|f| f.intercept), "coefficients": coefficients,
        })
    }

    fn report(&self, choice: &Choice, point: Option<&PointRow>, fit: Option<&Fit>, model: &Model) {
        let number = |v: Option<f64>| v.map_or("-".into(), |v| format!("{v:.6}"));
        let mut lines = vec![
            (
                "lambda",
                format!(
                    "{} (k = {} of 0 to {})",
                    choice.lambda,
                    choice.k,
                    choice.count - 1
                ),
            ),
            ("alpha", choice.alpha.to_string()),
            ("degrees of freedom", number(point.and_then(|p| p.df))),
            ("non-zeros", choice.nonzeros.to_string()),
            ("dev ratio", number(point.map(|p| p.dev_ratio))),
        ];
        match choice.se {
            Some(se) => lines.push((
                "mean error",
                format!("{:.6} (standard error {se:.6})", choice.value),
            )),
            None => lines.push((self.by.name(), number(Some(choice.value)))),
        }
        let mut table = Table::new();
        table.load_preset(NOTHING);
        for (name, value) in lines {
            table.add_row([name, &value]);
        }
        say(&trimmed(&table));
        let Some(fit) = fit else {
            return;
        };
        let mut table = Table::new();
        table.load_preset(NOTHING);
        table.set_header(["feature", "coefficient"]);
        let intercept = model.intercept.then_some(("(intercept)", fit.intercept));
        let named = fit
            .coefficients
            .iter()
            .map(|&(j, b)| (model.features[j].as_str(), b));
        for (name, value) in intercept.into_iter().chain(named) {
            let value = Cell::new(format!("{value:.6e}")).set_alignment(CellAlignment::Right);
            table.add_row([Cell::new(name), value]);
        }
        say("");
        say(&trimmed(&table));
    }
}

/// The table without spaces at the ends of its lines.
fn trimmed(table: &Table) -> String {
    let text = table.to_string();
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    lines.join("\n")
}

/// A frame that is to be there. Errors: it cannot be read.
fn frame(path: &Path) -> anyhow::Result<DataFrame> {
    let file = File::open(path)
        .map_err(|e| usage(format!("{}: cannot be opened: {e}", path.display())))?;
    ParquetReader::new(file).finish().map_err(|_| {
        usage(format!(
            "{}: is not a readable Parquet file; write it again",
            path.display()
        ))
    })
}

/// Rows of a cross-validation whose mean error is a number.
fn validated(frame: &DataFrame) -> polars::prelude::PolarsResult<Vec<Validated>> {
    let numbers = |name: &str| -> polars::prelude::PolarsResult<Vec<f64>> {
        let column = frame.column(name)?.cast(&DataType::Float64)?;
        Ok(column
            .f64()?
            .iter()
            .map(|v| v.unwrap_or(f64::NAN))
            .collect())
    };
    let (alpha, k, lambda) = (numbers("alpha")?, numbers("k")?, numbers("lambda")?);
    let (error, se, nonzeros) = (numbers("mean_error")?, numbers("se")?, numbers("nonzeros")?);
    let row = |i: usize| Validated {
        alpha: alpha[i],
        k: k[i] as u64,
        lambda: lambda[i],
        mean_error: error[i],
        se: se[i],
        nonzeros: nonzeros[i] as u64,
    };
    let rows = (0..frame.height()).map(row);
    Ok(rows
        .filter(|r| r.mean_error.is_finite() && r.lambda.is_finite())
        .collect())
}

/// Largest λ with the smallest mean error, over all α. [glmnet]
fn minimum(rows: &[Validated]) -> Option<Validated> {
    let least = rows.iter().map(|r| r.mean_error).reduce(f64::min)?;
    largest(rows.iter().filter(|r| r.mean_error == least))
}

/// Largest λ, for the α of the minimum, whose mean error is at most the smallest plus its standard error. [glmnet]
fn one_se(rows: &[Validated]) -> Option<Validated> {
    let least = minimum(rows)?;
    let bound = least.mean_error + if least.se.is_finite() { least.se } else { 0.0 };
    largest(
        rows.iter()
            .filter(|r| r.alpha == least.alpha && r.mean_error <= bound),
    )
}

/// The first one with the largest λ.
fn largest<'a>(rows: impl Iterator<Item = &'a Validated>) -> Option<Validated> {
    rows.copied()
        .reduce(|best, row| if row.lambda > best.lambda { row } else { best })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(cells: &[(f64, f64, f64, f64)]) -> Vec<Validated> {
        let row = |(&(alpha, lambda, mean_error, se), k): (&(f64, f64, f64, f64), u64)| Validated {
            alpha,
            k,
            lambda,
            mean_error,
            se,
            nonzeros: k,
        };
        cells.iter().zip(0..).map(row).collect()
    }

    #[test]
    fn ties_take_the_larger_lambda_and_one_se_stays_within_alpha() {
        let rows = rows(&[
            (1.0, 4.0, 9.0, 1.0),
            (1.0, 3.0, 5.5, 1.0),
            (1.0, 2.0, 5.0, 0.5),
            (1.0, 1.0, 5.0, 9.0),
            (0.5, 8.0, 5.2, 0.1),
            (0.5, 4.0, 6.0, 0.1),
        ]);
        assert_eq!(
            minimum(&rows).map(|r| (r.alpha, r.lambda)),
            Some((1.0, 2.0))
        );
        // 8 at the other α is within reach as well, and larger.
        assert_eq!(one_se(&rows).map(|r| (r.alpha, r.lambda)), Some((1.0, 3.0)));
        assert_eq!(one_se(&[]), None);
    }
}
