//! `regpath fit`: a path on the user's own data.

use std::path::{Path, PathBuf};

use clap::ValueEnum;
use indicatif::{ProgressBar, ProgressStyle};
use regpath_solvers::prepare::Options;
use regpath_solvers::worst;
use serde_json::json;

use super::{INTERRUPTED, MAX_LAMBDAS, MAX_THREADS, command_line, say, usage, warn, within};
use crate::contestant::{self, Contestant};
use crate::dataset::read::{self, TableOptions};
use crate::dataset::{self, Dataset, Spec};
use crate::figure::{self, Frames, Provenance};
use crate::model::Model;
use crate::prepared::Prepared;
use crate::record::machine::Machine;
use crate::record::schema::{
    CoefRow, CurveRow, HistoryRow, LadderRow, PointRow, Row, RunRow, RungRow,
};
use crate::record::store::{write_csv, write_parquet};
use crate::stopwatch::{catch_interrupts, interrupted};
use crate::trial::{self, Conditions, GridSpec, Rows, Trial};

/// Epochs per λ before a point is reported as not converged.
const EPOCHS: usize = 1_000_000;

/// Arguments of `regpath fit`.
#[derive(clap::Args, Debug)]
#[command(group = clap::ArgGroup::new("source").required(true).args(["data", "x", "svm", "dataset"]))]
pub(super) struct Fit {
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
    /// Rows that centres and scales are computed from: those that are fitted, or all rows of --data
    #[arg(long, value_enum, default_value_t = ScaleOn::Fitted, requires = "rows")]
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

    /// L1, squared L2, or both
    #[arg(long, value_enum, default_value_t = PenaltyKind::Lasso)]
    penalty: PenaltyKind,
    /// Elastic-net mixing parameter in [0, 1]: 1 is the lasso, 0 ridge [default: 0.5 for enet]
    #[arg(long, value_name = "A", allow_negative_numbers = true)]
    alpha: Option<f64>,
    /// auto, or a solver of `regpath list solvers`
    #[arg(long, value_name = "ID", default_value = "auto")]
    solver: String,
    /// Number of lambda on a geometric grid
    #[arg(long, value_name = "N", default_value_t = 100)]
    n_lambda: usize,
    /// Smallest lambda as a share of the largest [default: 1e-2 if n < p, else 1e-4]
    #[arg(long, value_name = "R", allow_negative_numbers = true)]
    lambda_min_ratio: Option<f64>,
    /// These lambda instead of a grid; 0 is the unpenalised fit
    #[arg(
        long,
        value_name = "L1,L2,...",
        value_delimiter = ',',
        allow_negative_numbers = true,
        conflicts_with_all = ["lambda_min_ratio", "n_lambda"]
    )]
    lambda: Vec<f64>,
    /// No intercept: neither y nor the columns are centred
    #[arg(long)]
    no_intercept: bool,
    /// Do not divide the columns by their deviations
    #[arg(long)]
    no_standardize: bool,
    /// Bound on the duality gap divided by |y - mean(y)|^2/2n, at every lambda
    #[arg(
        long,
        value_name = "T",
        default_value_t = 1e-6,
        allow_negative_numbers = true
    )]
    tol: f64,
    /// Contiguous pieces of the grid, each a warm path of its own
    #[arg(long, value_name = "N", default_value_t = 1)]
    chunks: usize,
    /// Worker threads; results do not depend on it [default: all cores]
    #[arg(long, value_name = "N")]
    threads: Option<usize>,
    /// Solve so often and report every time
    #[arg(long, value_name = "N", default_value_t = 1)]
    repeats: usize,
    /// Directory for points, coefs, model.json and path.svg
    #[arg(long, value_name = "DIR", default_value = "regpath-fit")]
    out: PathBuf,
    /// Also write CSV
    #[arg(long)]
    csv: bool,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
    /// No progress, no table
    #[arg(long, short)]
    quiet: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum PenaltyKind {
    Lasso,
    Ridge,
    Enet,
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

impl Fit {
    pub(super) fn run(self) -> anyhow::Result<u8> {
        let alpha = self.check()?;
        let threads = self
            .threads
            .unwrap_or_else(|| std::thread::available_parallelism().map_or(1, usize::from));
        // The judge and the readers use the global pool; it, too, has no more threads than were asked for.
        rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build_global()?;
        catch_interrupts();
        let options = Options {
            intercept: !self.no_intercept,
            standardize: !self.no_standardize,
        };
        let data = Prepared::new(self.read()?, options)?;
        data.warnings.iter().for_each(|w| warn(w));
        let contestant = self.contestant(alpha, &data)?;
        let trial = self.trial(contestant, alpha, threads, &data);
        if data.max_gradient == 0.0 && self.lambda.is_empty() {
            return Err(usage(format!(
                "{}: every column is constant or uncorrelated with the response, so every coefficient is 0 and there is no \
                 grid; give --lambda to fit all the same",
                data.name
            )));
        }
        let grid = trial
            .grid
            .build(&data, alpha)
            .map_err(|e| usage(e.to_string()))?;
        std::fs::create_dir_all(&self.out).map_err(|e| {
            usage(format!(
                "cannot create --out {}: {e}; choose a writable directory",
                self.out.display()
            ))
        })?;
        let bar = self.progress(self.repeats * grid.len());
        let repeats: Vec<Rows> = (0..self.repeats)
            .take_while(|_| !interrupted())
            .map(|repeat| {
                let conditions = Conditions {
                    contended: false,
                    warm_up: false,
                    best_dual: &[],
                    progress: &|| bar.inc(1),
                };
                trial::run(
                    &Trial {
                        repeat,
                        ..trial.clone()
                    },
                    &data,
                    conditions,
                )
            })
            .collect();
        bar.finish_and_clear();
        let Some(first) = repeats.first() else {
            return Ok(INTERRUPTED);
        };
        if first.run.status == "failed" {
            anyhow::bail!(
                "{}",
                first.run.reason.as_deref().unwrap_or("the solver failed")
            );
        }
        self.write(first)?;
        Model::new(&data, first, trial.tol).write(&self.out)?;
        self.report(&data, &repeats)?;
        Ok(if interrupted() { INTERRUPTED } else { 0 })
    }

    /// What the parser cannot check; returns α.
    fn check(&self) -> anyhow::Result<f64> {
        within("--n-lambda", self.n_lambda, MAX_LAMBDAS)?;
        within("--chunks", self.chunks, MAX_LAMBDAS)?;
        within("--repeats", self.repeats, usize::MAX)?;
        within("--threads", self.threads.unwrap_or(1), MAX_THREADS)?;
        if !(self.tol > 0.0 && self.tol.is_finite()) {
            return Err(usage(format!(
                "--tol is {}, expected a positive number",
                self.tol
            )));
        }
        if let Some(ratio) = self.lambda_min_ratio
            && !(ratio > 0.0 && ratio < 1.0)
        {
            return Err(usage(format!(
                "--lambda-min-ratio is {ratio}, expected a number in (0, 1)"
            )));
        }
        if let Some(bad) = self.lambda.iter().find(|l| !(l.is_finite() && **l >= 0.0)) {
            return Err(usage(format!(
                "--lambda has {bad}, expected finite numbers >= 0"
            )));
        }
        let (implied, name) = match self.penalty {
            PenaltyKind::Lasso => (1.0, "lasso"),
            PenaltyKind::Ridge => (0.0, "ridge"),
            PenaltyKind::Enet => (self.alpha.unwrap_or(0.5), "enet"),
        };
        // −0.0 is 0, but divides into −∞.
        let alpha = self.alpha.unwrap_or(implied) + 0.0;
        if !(0.0..=1.0).contains(&alpha) {
            return Err(usage(format!(
                "--alpha is {alpha}, expected a number in [0, 1]"
            )));
        }
        if alpha != implied {
            return Err(usage(format!(
                "--alpha {alpha} contradicts --penalty {name}, which is alpha {implied}; use --penalty enet"
            )));
        }
        Ok(alpha)
    }

    fn read(&self) -> anyhow::Result<Dataset> {
        if let (Some(path), Some(response)) = (&self.data, &self.response) {
            let options = TableOptions {
                rows: self.rows.clone(),
                drop: self.drop.clone(),
                reference_all: self.scale_on == ScaleOn::All,
                only: None,
            };
            return read::table(path, response, &options);
        }
        if let (Some(x), Some(y)) = (&self.x, &self.y) {
            return read::npy(x, y);
        }
        if let Some(path) = &self.svm {
            return read::svmlight(path);
        }
        dataset::load(&Spec::new(self.dataset.as_deref().unwrap_or_default()))
    }

    fn contestant(&self, alpha: f64, data: &Prepared) -> anyhow::Result<&'static dyn Contestant> {
        let (n, p) = (data.nrows(), data.ncols());
        if self.solver == "auto" {
            return Ok(contestant::chosen(alpha, data));
        }
        let contestant = contestant::find(&self.solver).map_err(usage)?;
        contestant
            .supports(alpha, n, p)
            .map_err(|why| usage(format!("--solver {}: {why}", self.solver)))?;
        Ok(contestant)
    }

    fn trial(
        &self,
        contestant: &dyn Contestant,
        alpha: f64,
        threads: usize,
        data: &Prepared,
    ) -> Trial {
        let grid = if self.lambda.is_empty() {
            GridSpec::Geometric {
                n_lambda: self.n_lambda,
                ratio: self.lambda_min_ratio,
            }
        } else {
            GridSpec::Values(self.lambda.clone())
        };
        Trial {
            id: "fit".into(),
            intercept: !self.no_intercept,
            standardize: !self.no_standardize,
            grid,
            chunks: self.chunks,
            threads,
            tol: self.tol,
            max_epochs: EPOCHS,
            timeout_seconds: None,
            ..Trial::new("fit", Spec::new(&data.name), contestant.id(), alpha)
        }
    }

    fn progress(&self, lambdas: usize) -> ProgressBar {
        if self.quiet || self.json {
            return ProgressBar::hidden();
        }
        let bar = ProgressBar::new(lambdas as u64);
        if let Ok(style) = ProgressStyle::with_template("{bar:40} {pos}/{len} lambda {elapsed}") {
            bar.set_style(style);
        }
        bar
    }

    /// points, coefs and the picture; each appears complete or not at all.
    fn write(&self, rows: &Rows) -> anyhow::Result<()> {
        let mut frames = Frames {
            runs: RunRow::frame(std::slice::from_ref(&rows.run))?,
            points: PointRow::frame(&rows.points)?,
            coefs: CoefRow::frame(&rows.coefs)?,
            curve: CurveRow::frame(&[])?,
            rungs: RungRow::frame(&[])?,
            ladder: LadderRow::frame(&[])?,
            history: HistoryRow::frame(&[])?,
        };
        let file = |name: &str| -> PathBuf { Path::new(&self.out).join(name) };
        for name in ["points.csv", "coefs.csv"] {
            // A CSV of an earlier fit beside the new frames would be taken for theirs.
            match std::fs::remove_file(file(name)) {
                Err(e) if e.kind() != std::io::ErrorKind::NotFound => return Err(e.into()),
                _ => {}
            }
        }
        write_parquet(&file("points.parquet"), &mut frames.points)?;
        write_parquet(&file("coefs.parquet"), &mut frames.coefs)?;
        if self.csv {
            write_csv(&file("points.csv"), &mut frames.points)?;
            write_csv(&file("coefs.csv"), &mut frames.coefs)?;
        }
        let machine = Machine::detect();
        let provenance = Provenance {
            command: command_line(),
            commit: machine.revision(),
            machine: machine.summary(),
        };
        figure::fit_path(&frames, &provenance, &file("path.svg"))
    }

    fn report(&self, data: &Prepared, repeats: &[Rows]) -> anyhow::Result<()> {
        let Some(first) = repeats.first() else {
            return Ok(());
        };
        let run = &first.run;
        if run.status != "converged" {
            warn(&format!(
                "{}: {}",
                run.status,
                run.reason.as_deref().unwrap_or("no reason was given")
            ));
        }
        let worst = worst(
            first
                .points
                .iter()
                .map(|p| p.gap_rel)
                .filter(|gap| !gap.is_nan()),
        );
        let reached = first.points.iter().rfind(|p| !p.primal.is_nan());
        let last = reached.map_or(0, |p| p.nonzeros);
        let whole =
            |r: &&Rows| !["failed", "interrupted", "timed_out"].contains(&r.run.status.as_str());
        let seconds: Vec<f64> = repeats
            .iter()
            .filter(whole)
            .filter_map(|r| r.run.path_seconds)
            .collect();
        if seconds.len() < self.repeats {
            warn(&format!(
                "only {} of {} repeats ended with the whole path",
                seconds.len(),
                self.repeats
            ));
        }
        if self.json {
            say(&json!({
                "solver": run.contestant, "n": run.n, "p": run.p, "nnz": data.nnz(), "n_lambda": first.points.len(),
                "setup_seconds": run.setup_seconds, "path_seconds": seconds, "worst_gap_rel": worst,
                "nonzeros_last": last, "status": run.status,
            })
            .to_string());
        } else if !self.quiet {
            let fastest = seconds.iter().copied().fold(f64::INFINITY, f64::min);
            say(&format!(
                "{}: n = {}, p = {}, {} stored entries",
                data.name,
                run.n,
                run.p,
                data.nnz()
            ));
            say(&format!(
                "{} ({})",
                run.contestant,
                run.rule.as_deref().unwrap_or_default()
            ));
            say(&format!(
                "{} lambda in {fastest:.4} s, worst certified relative gap {worst:.1e}",
                first.points.len()
            ));
            say(&format!(
                "{last} non-zero coefficients at the last lambda; results in {}",
                self.out.display()
            ));
        }
        Ok(())
    }
}
