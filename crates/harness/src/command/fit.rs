//! `regpath fit`: a path on the user's own data.

use std::path::PathBuf;

use indicatif::{ProgressBar, ProgressStyle};
use regpath_solvers::loss::LossKind;
use regpath_solvers::worst;
use serde_json::json;

use super::model_options::ModelOptions;
use super::path_files::{provenance, remove, write_faces, write_path};
use super::source::Source;
use super::{INTERRUPTED, MAX_LAMBDAS, MAX_THREADS, say, usage, warn, within};
use crate::contestant::{self, Contestant};
use crate::figure;
use crate::loss::{label, parameter};
use crate::model::Model;
use crate::prepared::Prepared;
use crate::record::schema::FaceRow;
use crate::stopwatch::{catch_interrupts, interrupted};
use crate::trial::{self, Conditions, Rows, Trial};

/// Arguments of `regpath fit`.
#[derive(clap::Args, Debug)]
pub(super) struct Fit {
    #[command(flatten)]
    source: Source,
    #[command(flatten)]
    model: ModelOptions,
    /// auto, or a solver of `regpath list solvers`
    #[arg(
        help_heading = "Running and output",
        long,
        value_name = "ID",
        default_value = "auto"
    )]
    solver: String,
    /// Also fit least squares on the non-zero coefficients of every lambda, for `predict --gamma`; squared loss only
    #[arg(help_heading = "Path", long)]
    relax: bool,
    /// Contiguous pieces of the grid, each a warm path of its own
    #[arg(
        help_heading = "Running and output",
        long,
        value_name = "N",
        default_value_t = 1
    )]
    chunks: usize,
    /// Worker threads; results do not depend on it [default: all cores]
    #[arg(help_heading = "Running and output", long, value_name = "N")]
    threads: Option<usize>,
    /// Solve this many times and report every time
    #[arg(
        help_heading = "Running and output",
        long,
        value_name = "N",
        default_value_t = 1
    )]
    repeats: usize,
    /// Directory for points, coefs, model.json and path.svg, and for faces and vertices where fits are not unique
    #[arg(
        help_heading = "Running and output",
        long,
        value_name = "DIR",
        default_value = "regpath-fit"
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
        let data = self.source.read(None)?;
        let restrictions = self.model.restrictions(&data.features)?;
        let loss = self.model.loss.kind(&data)?;
        let options = self.model.preparation();
        let data = Prepared::of_loss(data, options, restrictions, alpha, loss)?;
        data.warnings.iter().for_each(|w| warn(w));
        let contestant = self.contestant(alpha, &data)?;
        let trial = Trial {
            chunks: self.chunks,
            faces: true,
            ..self
                .model
                .trial(contestant.id(), alpha, &data, self.model.grid(), threads)
        };
        if data.grid_start(alpha) == 0.0 && self.model.lambda.is_empty() {
            return Err(usage(format!(
                "{}: every penalised column is constant, excluded or uncorrelated with the response, so none ever enters and \
                 there is no grid; give --lambda to fit all the same",
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
        let relaxed = if self.relax { grid.len() } else { 0 };
        let bar = self.progress(self.repeats * grid.len() + relaxed);
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
        let Some(first) = repeats.first() else {
            bar.finish_and_clear();
            return Ok(INTERRUPTED);
        };
        if first.run.status == "failed" {
            anyhow::bail!(
                "{}",
                first.run.reason.as_deref().unwrap_or("the solver failed")
            );
        }
        let mut model = Model::new(&data, first, trial.tol);
        if let (None, Some(most)) = (model.path.first(), self.model.max_nonzeros)
            && first.run.status == "ended"
        {
            return Err(usage(format!(
                "--max-nonzeros is {most}, but even at the largest lambda there are more non-zeros"
            )));
        }
        if self.relax {
            let unfinished = model.relax(&data, &|| bar.inc(1))?;
            if unfinished > 0 {
                warn(&format!(
                    "{unfinished} of {} relaxed fits did not converge to least squares",
                    model.path.len()
                ));
            }
        }
        bar.finish_and_clear();
        let of_validation = [
            "cv.parquet",
            "folds.parquet",
            "cv.csv",
            "folds.csv",
            "cv.svg",
            "cv.png",
        ];
        remove(&self.out, &of_validation)?;
        let frames = write_path(&self.out, first, self.csv)?;
        write_faces(&self.out, first, self.csv)?;
        figure::fit_path(&frames, &provenance(), &self.out.join("path.svg"))?;
        model.write(&self.out)?;
        self.report(&data, &repeats)?;
        Ok(if interrupted() { INTERRUPTED } else { 0 })
    }

    /// What the parser cannot check; returns α.
    fn check(&self) -> anyhow::Result<f64> {
        within("--chunks", self.chunks, MAX_LAMBDAS)?;
        within("--repeats", self.repeats, usize::MAX)?;
        within("--threads", self.threads.unwrap_or(1), MAX_THREADS)?;
        let alphas = self.model.check()?;
        if self.relax && !self.model.loss.is_squared() {
            return Err(usage(format!(
                "--relax fits least squares, and the loss is {}; leave it out",
                self.model.loss.name()
            )));
        }
        match alphas.as_slice() {
            [alpha] => Ok(*alpha),
            _ => Err(usage(format!(
                "--alpha has {} values, expected 1; `regpath cv` compares several",
                alphas.len()
            ))),
        }
    }

    fn contestant(&self, alpha: f64, data: &Prepared) -> anyhow::Result<&'static dyn Contestant> {
        if self.solver == "auto" {
            return Ok(contestant::chosen(alpha, data, self.model.lambdas()));
        }
        let contestant = contestant::find(&self.solver).map_err(usage)?;
        contestant::fits(contestant, data, alpha)
            .map_err(|why| usage(format!("--solver {}: {why}", self.solver)))?;
        Ok(contestant)
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
        if let Some(why) = &first.faces_skipped {
            warn(why);
        }
        if let Some(text) = not_unique(first) {
            warn(&text);
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
            let shares = |unique: bool| {
                first
                    .points
                    .iter()
                    .filter(|p| p.unique == Some(unique))
                    .count()
            };
            let own = |name: &str| {
                parameter(data.loss)
                    .filter(|(n, _)| *n == name)
                    .map(|(_, v)| v)
            };
            say(&json!({
                "solver": run.contestant, "loss": data.loss.name(), "tau": own("tau"), "delta": own("delta"),
                "classes": data.classes, "unique": shares(true), "not_unique": shares(false), "n": run.n, "p": run.p, "nnz": data.nnz(), "n_lambda": first.points.len(),
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
            if let Some(text) = said(data) {
                say(&text);
            }
            say(&format!(
                "{} ({})",
                run.contestant,
                run.rule.as_deref().unwrap_or_default()
            ));
            let reached = first.points.iter().filter(|p| !p.primal.is_nan()).count();
            say(&format!(
                "{reached} lambda in {fastest:.4} s, worst certified relative gap {worst:.1e}"
            ));
            say(&format!(
                "{last} non-zero coefficients at the last lambda; results in {}",
                self.out.display()
            ));
        }
        Ok(())
    }
}

/// The loss with what it depends on; nothing of squared loss, which is the usual one.
fn said(data: &Prepared) -> Option<String> {
    match (data.loss, data.classes) {
        (LossKind::Squared, _) => None,
        (_, Some([other, larger])) => Some(format!(
            "logistic loss: {} = {larger} is class 1, {other} is class 0",
            data.response
        )),
        (loss, None) => Some(format!("loss {}", label(loss))),
    }
}

/// Features whose ranges are shown.
const SHOWN: usize = 5;

/// What to say of fits that are not unique; None if there are none.
fn not_unique(rows: &Rows) -> Option<String> {
    let unique: Vec<bool> = rows.points.iter().filter_map(|p| p.unique).collect();
    let count = unique.iter().filter(|unique| !**unique).count();
    if count == 0 {
        return None;
    }
    if rows.points.len() > 1 {
        return Some(format!(
            "at {count} of {} lambda the fit is not unique: all fits in a range are as good; faces and vertices have the ranges",
            rows.points.len()
        ));
    }
    let open: Vec<&FaceRow> = rows
        .faces
        .iter()
        .filter(|face| face.low < face.high)
        .collect();
    let mut ranges: Vec<String> = open.iter().take(SHOWN).map(|face| range(face)).collect();
    if open.len() > SHOWN {
        ranges.push(format!("and {} more", open.len() - SHOWN));
    }
    Some(format!(
        "the fit is not unique: all of these are as good: {}; faces and vertices have the ranges",
        ranges.join(", ")
    ))
}

fn range(face: &FaceRow) -> String {
    let open = |end: f64, infinite: &str, text: String| match end.is_finite() {
        true => text,
        false => infinite.to_owned(),
    };
    format!(
        "{} in {}, {}",
        face.feature,
        open(face.low, "(-inf", format!("[{:.10}", face.low)),
        open(face.high, "inf)", format!("{:.10}]", face.high))
    )
}
