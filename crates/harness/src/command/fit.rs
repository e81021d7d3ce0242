//! `regpath fit`: a path on the user's own data.

use std::path::{Path, PathBuf};

use indicatif::{ProgressBar, ProgressStyle};
use regpath_solvers::{Restrictions, worst};
use serde_json::json;

use super::model_options::{EPOCHS, ModelOptions};
use super::source::Source;
use super::{INTERRUPTED, MAX_LAMBDAS, MAX_THREADS, command_line, say, usage, warn, within};
use crate::contestant::{self, Contestant};
use crate::dataset::{Dataset, Spec};
use crate::figure::{self, Frames, Provenance};
use crate::model::Model;
use crate::prepared::Prepared;
use crate::record::machine::Machine;
use crate::record::schema::{
    CoefRow, CurveRow, CvRow, FoldRow, HistoryRow, LadderRow, PointRow, Row, RunRow, RungRow,
};
use crate::record::store::{write_csv, write_parquet};
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
    #[arg(long, value_name = "ID", default_value = "auto")]
    solver: String,
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
        self.unsupported(&data, &restrictions)?;
        let data = Prepared::new(data, self.model.preparation())?;
        data.warnings.iter().for_each(|w| warn(w));
        let contestant = self.contestant(alpha, &data)?;
        let trial = self.trial(contestant, alpha, threads, &data);
        if data.max_gradient == 0.0 && self.model.lambda.is_empty() {
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
        within("--chunks", self.chunks, MAX_LAMBDAS)?;
        within("--repeats", self.repeats, usize::MAX)?;
        within("--threads", self.threads.unwrap_or(1), MAX_THREADS)?;
        let alphas = self.model.check()?;
        match alphas.as_slice() {
            [alpha] => Ok(*alpha),
            _ => Err(usage(format!(
                "--alpha has {} values, expected 1; `regpath cv` compares several",
                alphas.len()
            ))),
        }
    }

    /// What no solver does yet.
    fn unsupported(&self, data: &Dataset, restrictions: &Restrictions) -> anyhow::Result<()> {
        let flags = [
            ("--weights", data.weights.is_some()),
            ("--offset", data.offset.is_some()),
            (
                "restrictions of coefficients",
                *restrictions != Restrictions::default(),
            ),
            ("--max-nonzeros", self.model.max_nonzeros.is_some()),
        ];
        match flags.iter().find(|(_, given)| *given) {
            Some((what, _)) => Err(usage(format!("{what}: not yet supported"))),
            None => Ok(()),
        }
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
        let options = self.model.preparation();
        Trial {
            id: "fit".into(),
            intercept: options.intercept,
            standardize: options.standardize,
            grid: self.model.grid(),
            chunks: self.chunks,
            threads,
            tol: self.model.tol,
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
            cv: CvRow::frame(&[])?,
            folds: FoldRow::frame(&[])?,
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
