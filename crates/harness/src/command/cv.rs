//! `regpath cv`: λ chosen by cross-validation on the user's own data.

use std::path::{Path, PathBuf};

use clap::ValueEnum;
use regpath_solvers::design::Dense;
use regpath_solvers::prepare::moments;
use regpath_solvers::validation::{CrossValidation, Features, Folds, Measure};
use regpath_solvers::{Restrictions, worst};
use serde_json::{Value, json};

use super::model_options::ModelOptions;
use super::path_files::{provenance, remove, write_path};
use super::source::Source;
use super::{INTERRUPTED, MAX_THREADS, progress_bar, say, usage, warn, within};
use crate::contestant;
use crate::cross_validation::{curve_rows, fold_rows, measure_name};
use crate::dataset::{Dataset, Matrix};
use crate::figure::{self, Frames};
use crate::folds;
use crate::model::{Model, Selected};
use crate::prepared::{Prepared, explain};
use crate::record::schema::{
    CoefRow, CurveRow, CvRow, FaceRow, FoldRow, HistoryRow, LadderRow, PointRow, Row, RunRow,
    RungRow, SCHEMA, VertexRow,
};
use crate::record::store::{write_csv, write_parquet};
use crate::stopwatch::{Stopwatch, catch_interrupts, interrupted};
use crate::team::Team;
use crate::trial::{self, Conditions, GridSpec};

/// Repeats beyond which a request is a slip of the finger.
const MAX_REPEATS: usize = 10_000;

/// Arguments of `regpath cv`.
#[derive(clap::Args, Debug)]
pub(super) struct Cv {
    #[command(flatten)]
    source: Source,
    #[command(flatten)]
    model: ModelOptions,
    /// Folds that the rows are cut into at random [default: 10]
    #[arg(help_heading = "Folds", long, value_name = "K")]
    folds: Option<usize>,
    /// Folds by a column of --data, any numbers or words, or by a .npy file of whole numbers beside --x or --svm
    #[arg(help_heading = "Folds", 
        long,
        value_name = "COL|f.npy",
        conflicts_with_all = ["folds", "leave_one_out", "repeats", "seed"]
    )]
    fold_column: Option<String>,
    /// A fold for every row; for ridge alone and mse in closed form, with n lambda and the standardisation of all rows
    #[arg(help_heading = "Folds", long, conflicts_with_all = ["folds", "repeats", "seed"])]
    leave_one_out: bool,
    /// Number of random partitions of the rows into folds [default: 1]
    #[arg(help_heading = "Folds", long, value_name = "R")]
    repeats: Option<usize>,
    /// Seed of the random orders [default: 0]
    #[arg(
        help_heading = "Folds",
        long,
        value_name = "S",
        allow_negative_numbers = true
    )]
    seed: Option<u64>,
    /// What is measured on rows held out: mean squared or mean absolute error
    #[arg(help_heading = "Folds", long, value_enum, default_value_t = MeasureKind::Mse)]
    measure: MeasureKind,
    /// Worker threads; results do not depend on it [default: all cores]
    #[arg(help_heading = "Running and output", long, value_name = "N")]
    threads: Option<usize>,
    /// Directory for cv, folds, cv.svg and cv.png, and for points, coefs and model.json of the fit on all rows
    #[arg(
        help_heading = "Running and output",
        long,
        value_name = "DIR",
        default_value = "regpath-cv"
    )]
    out: PathBuf,
    /// Also write CSV
    #[arg(help_heading = "Running and output", long)]
    csv: bool,
    /// Print one JSON object
    #[arg(help_heading = "Running and output", long)]
    json: bool,
    /// No progress, no table
    #[arg(help_heading = "Running and output", long, short)]
    quiet: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum MeasureKind {
    Mse,
    Mae,
}

impl MeasureKind {
    fn measure(self) -> Measure {
        match self {
            Self::Mse => Measure::SquaredError,
            Self::Mae => Measure::AbsoluteError,
        }
    }
}

/// What came of one α.
struct Found {
    alpha: f64,
    seconds: f64,
    cv: CrossValidation,
    folds: Vec<FoldRow>,
}

impl Cv {
    pub(super) fn run(self) -> anyhow::Result<u8> {
        let alphas = self.check()?;
        let threads = self
            .threads
            .unwrap_or_else(|| std::thread::available_parallelism().map_or(1, usize::from));
        rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build_global()?;
        catch_interrupts();
        let mut data = self.source.read(self.fold_column.as_deref())?;
        self.centre_on_rows(&mut data)?;
        let restrictions = self.model.restrictions(&data.features)?;
        let folds = self.foldings(&data)?;
        let Some(found) = self.validate(&data, &alphas, &restrictions, &folds)? else {
            return Ok(INTERRUPTED);
        };
        std::fs::create_dir_all(&self.out).map_err(|e| {
            usage(format!(
                "cannot create --out {}: {e}; choose a writable directory",
                self.out.display()
            ))
        })?;
        self.write(&data, &found)?;
        self.report(&data, &folds, &found)?;
        self.write_fit(data, restrictions, &found, threads)?;
        Ok(if interrupted() { INTERRUPTED } else { 0 })
    }

    /// What the parser cannot check; returns the values of α.
    fn check(&self) -> anyhow::Result<Vec<f64>> {
        within("--threads", self.threads.unwrap_or(1), MAX_THREADS)?;
        within("--repeats", self.repeats.unwrap_or(1), MAX_REPEATS)?;
        match self.folds {
            Some(folds) if folds < 2 => {
                Err(usage(format!("--folds is {folds}, expected at least 2")))
            }
            _ => {
                let alphas = self.model.check()?;
                if !self.model.loss.is_squared() {
                    return Err(usage(format!(
                        "--loss {}: cross-validation of other losses than squared is not there yet; use `regpath fit`",
                        self.model.loss.name()
                    )));
                }
                Ok(alphas)
            }
        }
    }

    /// Scales of other rows are kept, but not their centres: the intercept is that of the rows that are fitted.
    fn centre_on_rows(&self, data: &mut Dataset) -> anyhow::Result<()> {
        let Some(reference) = &mut data.reference else {
            return Ok(());
        };
        if data.weights.is_some() {
            return Err(usage(format!(
                "{}: rows have weights, but scales are those of other rows, whose weights are not known; leave one of them out",
                data.name
            )));
        }
        reference.mean = match &data.x {
            Matrix::Dense(x) => moments(&Dense::try_new(x.as_ref())?).0,
            Matrix::Sparse(x) => moments(x).0,
        };
        Ok(())
    }

    /// Whether the closed form of leaving one row out is what was asked for.
    fn has_closed_form(&self, alphas: &[f64], restrictions: &Restrictions) -> bool {
        let free = restrictions.lower.is_none() && restrictions.upper.is_none();
        let factors = restrictions.factors.iter().flatten();
        let penalised = factors.into_iter().all(|factor| *factor > 0.0);
        let squared = self.measure == MeasureKind::Mse;
        // Several α have to be held against each other by the same measure.
        self.leave_one_out && alphas == [0.0] && squared && free && penalised
    }

    /// The partitions of the rows into folds, one per repeat.
    fn foldings(&self, data: &Dataset) -> anyhow::Result<Vec<Folds>> {
        let n = data.y.len();
        let refuse = |e: regpath_solvers::SolveError| usage(format!("{}: {e}", data.name));
        let of = |labels: &[usize]| Folds::from_labels(labels).map_err(refuse);
        if let Some(labels) = &data.folds {
            return Ok(vec![of(labels)?]);
        }
        // Rows of weight 0 are in some fold, but make none.
        let counts: Vec<bool> = match &data.weights {
            Some(weights) => weights.iter().map(|w| *w > 0.0).collect(),
            None => vec![true; n],
        };
        let rows = counts.iter().filter(|counts| **counts).count();
        if self.leave_one_out {
            return Ok(vec![of(&folds::one_each(&counts))?]);
        }
        let count = self.folds.unwrap_or(10);
        if count > rows {
            let which = if rows < n { " of positive weight" } else { "" };
            return Err(usage(format!(
                "--folds is {count}, but {} has {rows} rows{which}; use at most {rows}, or --leave-one-out",
                data.name
            )));
        }
        let repeats = 0..self.repeats.unwrap_or(1) as u64;
        let seed = self.seed.unwrap_or(0);
        repeats
            .map(|repeat| of(&folds::drawn(&counts, count, seed, repeat)))
            .collect()
    }

    /// A path and its folds for each α; None after Ctrl-C.
    fn validate(
        &self,
        data: &Dataset,
        alphas: &[f64],
        restrictions: &Restrictions,
        folds: &[Folds],
    ) -> anyhow::Result<Option<Vec<Found>>> {
        let bar = progress_bar(0, self.quiet || self.json);
        let team = Team { progress: &bar };
        let x = match &data.x {
            Matrix::Dense(x) => Features::from(x.as_ref()),
            Matrix::Sparse(x) => Features::from(x),
        };
        let measure = self.measure.measure();
        let mut found = Vec::new();
        for &alpha in alphas {
            let mut builder = self.model.builder(alpha).restrictions(restrictions.clone());
            if let Some(weights) = &data.weights {
                builder = builder.weights(weights.clone());
            }
            if let Some(offset) = &data.offset {
                builder = builder.offset(offset.clone());
            }
            if let Some(reference) = &data.reference
                && !self.model.no_standardize
            {
                // What is constant in all rows is so in those that are fitted, and left out whatever its scale.
                let usable = |sd: &f64| if *sd > 0.0 { *sd } else { 1.0 };
                builder = builder.scales(reference.sd.iter().map(usable).collect::<Vec<f64>>());
            }
            bar.set_message(format!("alpha = {alpha}: preparation and folds"));
            let watch = Stopwatch::start();
            let validated = Team::until_interrupted(|| {
                if self.has_closed_form(alphas, restrictions) {
                    return builder.leave_one_out(x, &data.y);
                }
                builder.cross_validate_by(measure, x, &data.y, folds, &team)
            });
            let Some(validated) = validated.filter(|_| !interrupted()) else {
                bar.finish_and_clear();
                return Ok(None);
            };
            let cv = validated
                .map_err(|e| usage(explain(&data.name, &data.features, &data.response, e)))?;
            found.push(Found {
                alpha,
                seconds: watch.wall(),
                folds: fold_rows(alpha, self.model.tol, &cv),
                cv,
            });
        }
        bar.finish_and_clear();
        Ok(Some(found))
    }

    /// cv, folds and the picture; each appears complete or not at all.
    fn write(&self, data: &Dataset, found: &[Found]) -> anyhow::Result<()> {
        let measure = self.measure.measure();
        let curves = found
            .iter()
            .flat_map(|f| curve_rows(f.alpha, measure, &f.cv));
        let run = RunRow {
            run_id: "cv".into(),
            experiment: "cv".into(),
            dataset: data.name.clone(),
            n: data.y.len() as u64,
            p: data.features.len() as u64,
            loss: "squared".into(),
            status: "converged".into(),
            schema: SCHEMA,
            ..RunRow::default()
        };
        let folds: Vec<FoldRow> = found.iter().flat_map(|f| f.folds.clone()).collect();
        let mut frames = Frames {
            runs: RunRow::frame(&[run])?,
            points: PointRow::frame(&[])?,
            coefs: CoefRow::frame(&[])?,
            faces: FaceRow::frame(&[])?,
            vertices: VertexRow::frame(&[])?,
            curve: CurveRow::frame(&[])?,
            rungs: RungRow::frame(&[])?,
            ladder: LadderRow::frame(&[])?,
            cv: CvRow::frame(&curves.collect::<Vec<_>>())?,
            folds: FoldRow::frame(&folds)?,
            history: HistoryRow::frame(&[])?,
        };
        let file = |name: &str| -> PathBuf { Path::new(&self.out).join(name) };
        // What an earlier command left here would be taken for what belongs to this one.
        let stale = [
            "cv.csv",
            "folds.csv",
            "path.svg",
            "faces.parquet",
            "vertices.parquet",
            "faces.csv",
            "vertices.csv",
        ];
        remove(&self.out, &stale)?;
        write_parquet(&file("cv.parquet"), &mut frames.cv)?;
        write_parquet(&file("folds.parquet"), &mut frames.folds)?;
        if self.csv {
            write_csv(&file("cv.csv"), &mut frames.cv)?;
            write_csv(&file("folds.csv"), &mut frames.folds)?;
        }
        figure::cv_curves(&frames, &provenance(), &self.out)
    }

    /// points, coefs and the model of the fit on all rows at the α of least error, with the λ that were chosen.
    fn write_fit(
        &self,
        data: Dataset,
        restrictions: Restrictions,
        found: &[Found],
        threads: usize,
    ) -> anyhow::Result<()> {
        let Some(best) = best(found) else {
            return Ok(());
        };
        let alpha = best.alpha;
        let data = Prepared::restricted(data, self.model.preparation(), restrictions, alpha)?;
        data.warnings.iter().for_each(|w| warn(w));
        let lambdas = best.cv.curve.iter().map(|point| point.lambda).collect();
        let trial = self.model.trial(
            contestant::chosen(alpha, &data, best.cv.curve.len()).id(),
            alpha,
            &data,
            GridSpec::Values(lambdas),
            threads,
        );
        let conditions = Conditions {
            contended: false,
            warm_up: false,
            best_dual: &[],
            progress: &|| (),
        };
        let rows = trial::run(&trial, &data, conditions);
        if rows.run.status == "failed" {
            anyhow::bail!(
                "{}",
                rows.run.reason.as_deref().unwrap_or("the solver failed")
            );
        }
        if !["converged", "ended"].contains(&rows.run.status.as_str()) {
            let reason = rows.run.reason.as_deref().unwrap_or("no reason was given");
            warn(&format!(
                "the fit on all rows: {}: {reason}",
                rows.run.status
            ));
        }
        write_path(&self.out, &rows, self.csv)?;
        let mut model = Model::new(&data, &rows, trial.tol);
        model.selected = Some(Selected {
            lambda_min: best.cv.curve[best.cv.min].lambda,
            lambda_1se: best.cv.curve[best.cv.one_se].lambda,
        });
        model.write(&self.out)
    }

    fn report(&self, data: &Dataset, folds: &[Folds], found: &[Found]) -> anyhow::Result<()> {
        for Found { alpha, folds, .. } in found {
            let unfinished = folds.iter().filter(|f| f.status != "converged").count();
            if unfinished > 0 {
                warn(&format!(
                    "alpha = {alpha}: {unfinished} of {} fits of a fold at a lambda did not converge to --tol {}; folds has \
                     their gaps",
                    folds.len(),
                    self.model.tol
                ));
            }
        }
        let count = folds.first().map_or(0, Folds::count);
        let best = best(found);
        if self.json {
            let alphas: Vec<Value> = found.iter().map(Found::json).collect();
            say(&json!({
                "n": data.y.len(), "p": data.features.len(), "nnz": data.x.nnz(), "folds": count, "repeats": folds.len(),
                "error_measure": measure_name(self.measure.measure()), "best_alpha": best.map(|f| f.alpha),
                "paths": alphas,
            })
            .to_string());
        } else if !self.quiet {
            let drawn = match folds.len() {
                1 => String::new(),
                times => format!(", drawn {times} times"),
            };
            let measure = match self.measure {
                MeasureKind::Mse => "mean squared error",
                MeasureKind::Mae => "mean absolute error",
            };
            say(&format!(
                "{}: n = {}, p = {}; {count} folds{drawn}; {measure} on rows held out ± its standard error",
                data.name,
                data.y.len(),
                data.features.len()
            ));
            found.iter().for_each(|f| say(&f.text()));
            if found.len() > 1
                && let Some(best) = best
            {
                say(&format!("least error at alpha = {}", best.alpha));
            }
            say(&format!("results in {}", self.out.display()));
        }
        Ok(())
    }
}

/// Four significant digits, with an exponent where the number is far from 1.
fn number(v: f64) -> String {
    let scientific = format!("{v:.3e}");
    let exponent = scientific.split_once('e').and_then(|(_, e)| e.parse().ok());
    match exponent {
        Some(exponent @ -4..=5) => format!("{v:.*}", (3 - exponent).max(0) as usize),
        _ => scientific,
    }
}

/// The α whose least mean error is the least.
fn best(found: &[Found]) -> Option<&Found> {
    let least = |f: &Found| f.cv.curve[f.cv.min].mean_error;
    found.iter().min_by(|a, b| least(a).total_cmp(&least(b)))
}

impl Found {
    /// Largest certified relative gap of any fit, on all rows or without a fold.
    fn worst_gap(&self) -> f64 {
        let of_folds = self.cv.folds.iter().map(|f| f.relative_gap);
        worst(of_folds.chain([self.cv.path.worst_gap()]))
    }

    fn text(&self) -> String {
        let line = |name: &str, k: usize| {
            let point = &self.cv.curve[k];
            format!(
                "  {name} = {:<10} {:>10} ± {:<10} {} non-zero coefficients",
                number(point.lambda),
                number(point.mean_error),
                number(point.se),
                point.nonzeros
            )
        };
        format!(
            "alpha = {}: {} lambda in {:.4} s, worst certified relative gap {:.1e}\n{}\n{}",
            self.alpha,
            self.cv.curve.len(),
            self.seconds,
            self.worst_gap(),
            line("lambda_min", self.cv.min),
            line("lambda_1se", self.cv.one_se)
        )
    }

    fn json(&self) -> Value {
        let choice = |k: usize| {
            let point = &self.cv.curve[k];
            json!({
                "k": k, "lambda": point.lambda, "mean_error": point.mean_error, "se": point.se,
                "nonzeros": point.nonzeros,
            })
        };
        json!({
            "alpha": self.alpha, "n_lambda": self.cv.curve.len(), "seconds": self.seconds,
            "worst_gap_rel": self.worst_gap(), "min": choice(self.cv.min), "1se": choice(self.cv.one_se),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_four_digits() {
        for (v, text) in [
            (0.0, "0.000"),
            (0.577_046_9, "0.5770"),
            (0.002_280_7, "0.002281"),
            (3012.4, "3012"),
            (99_999.6, "100000"),
            (1.5e-7, "1.500e-7"),
            (f64::NAN, "NaN"),
        ] {
            assert_eq!(number(v), text);
        }
    }
}
