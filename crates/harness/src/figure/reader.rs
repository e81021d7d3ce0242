//! The reader: frames to trials, the one place where the figures touch Polars.

use super::Frames;
use super::contest::{Rung, Standing};
use super::cv_series::{Held, Mean, Validated};
use super::history_series::Recorded;
use super::loss_fit::LossFit;
use super::spread::Spread;
use super::trial::{Budget, Coef, Face, Point, Trial};
use anyhow::{Context, Result};
use polars::prelude::{Column, DataFrame, PolarsResult};
use std::collections::HashMap;

/// The trials of an experiment in frame order; of all experiments for `None`.
pub fn trials(frames: &Frames, experiment: Option<&str>) -> Result<Vec<Trial>> {
    let runs = Reader {
        name: "runs",
        frame: &frames.runs,
    };
    let (mut trials, mut index) = (Vec::new(), HashMap::new());
    let experiments = runs.text("experiment")?;
    for (row, id) in runs.text("run_id")?.into_iter().enumerate() {
        if experiment.is_none_or(|wanted| experiments[row] == wanted) {
            index.insert(id, (trials.len(), row));
            trials.push(Trial::default());
        }
    }
    if trials.is_empty() {
        return Ok(trials);
    }
    let (dataset, contestant) = (runs.text("dataset")?, runs.text("contestant")?);
    let problem = runs.text("problem")?;
    let (status, reason) = (runs.text("status")?, runs.text("reason")?);
    let (n, p, alpha) = (runs.count("n")?, runs.count("p")?, runs.real("alpha")?);
    let (chunks, threads, repeat) = (
        runs.count("chunks")?,
        runs.count("threads")?,
        runs.count("repeat")?,
    );
    let (seconds, contended) = (runs.real("path_seconds")?, runs.flag("contended")?);
    let (loss, ids) = (runs.text_or_none("loss")?, runs.text("run_id")?);
    let (tol, setup) = (
        runs.real_or_none("tol")?,
        runs.real_or_none("setup_seconds")?,
    );
    for (trial, row) in index.values() {
        let (row, trial) = (*row, &mut trials[*trial]);
        *trial = Trial {
            id: ids[row].to_string(),
            experiment: experiments[row].to_string(),
            dataset: dataset[row].to_string(),
            problem: problem[row].to_string(),
            n: n[row],
            p: p[row],
            contestant: contestant[row].to_string(),
            loss: loss[row].to_string(),
            alpha: alpha[row],
            tol: tol[row],
            setup: Some(setup[row]).filter(|s| s.is_finite()),
            chunks: chunks[row],
            threads: threads[row],
            repeat: repeat[row],
            seconds: Some(seconds[row]).filter(|s| s.is_finite() && *s > 0.0),
            contended: contended[row],
            status: status[row].to_string(),
            reason: reason[row].to_string(),
            ..Trial::default()
        };
    }
    let index: HashMap<&str, usize> = index
        .into_iter()
        .map(|(id, (trial, _))| (id, trial))
        .collect();
    read_points(frames, &index, &mut trials)?;
    read_coefs(frames, &index, &mut trials)?;
    read_curve(frames, &index, &mut trials)?;
    read_faces(frames, &index, &mut trials)?;
    Ok(trials)
}

/// The fits of an experiment at the first λ of each run, in frame order; of repeats the first.
pub fn loss_fits(frames: &Frames, experiment: &str) -> Result<Vec<LossFit>> {
    let runs = Reader {
        name: "runs",
        frame: &frames.runs,
    };
    let experiments = runs.text("experiment")?;
    // Before anything else: frames of earlier versions have no loss.
    if !experiments.contains(&experiment) {
        return Ok(Vec::new());
    }
    let ids = runs.text("run_id")?;
    let (dataset, loss) = (runs.text("dataset")?, runs.text("loss")?);
    let (n, p, repeat) = (runs.count("n")?, runs.count("p")?, runs.count("repeat")?);
    let (status, reason) = (runs.text("status")?, runs.text("reason")?);
    let (mut fits, mut index) = (Vec::new(), HashMap::new());
    for row in 0..ids.len() {
        if experiments[row] != experiment || repeat[row] > 0 {
            continue;
        }
        index.insert(ids[row], fits.len());
        fits.push(LossFit {
            dataset: dataset[row].into(),
            loss: loss[row].into(),
            n: n[row],
            p: p[row],
            status: status[row].into(),
            reason: reason[row].into(),
            intercept: f64::NAN,
            ..LossFit::default()
        });
    }
    let points = Reader {
        name: "points",
        frame: &frames.points,
    };
    let (k, intercept) = (points.count("k")?, points.real("intercept")?);
    points.rows(&index, |row, fit| {
        if k[row] == 0 {
            fits[fit].intercept = intercept[row];
        }
    })?;
    let coefs = Reader {
        name: "coefs",
        frame: &frames.coefs,
    };
    let (k, feature, value) = (
        coefs.count("k")?,
        coefs.text("feature")?,
        coefs.real("value")?,
    );
    coefs.rows(&index, |row, fit| {
        if k[row] == 0 {
            fits[fit].coefs.push((feature[row].into(), value[row]));
        }
    })?;
    let vertices = Reader {
        name: "vertices",
        frame: &frames.vertices,
    };
    let (k, vertex) = (vertices.count("k")?, vertices.count("vertex")?);
    let (feature, value) = (vertices.text("feature")?, vertices.real("value")?);
    vertices.rows(&index, |row, fit| {
        let (all, number) = (&mut fits[fit].vertices, vertex[row] as usize);
        if k[row] == 0 {
            if all.len() <= number {
                all.resize(number + 1, Vec::new());
            }
            all[number].push((feature[row].into(), value[row]));
        }
    })?;
    Ok(fits)
}

/// The rows of `ladder`, in frame order.
pub fn standings(frames: &Frames) -> Result<Vec<Standing>> {
    let ladder = Reader {
        name: "ladder",
        frame: &frames.ladder,
    };
    let (problem, contestant) = (ladder.text("problem")?, ladder.text("contestant")?);
    let (n, p, alpha) = (
        ladder.count("n")?,
        ladder.count("p")?,
        ladder.real("alpha")?,
    );
    let (version, eps) = (ladder.text("version")?, ladder.real("eps")?);
    let (seconds, repeats) = (ladder.real("seconds")?, ladder.count("repeats")?);
    let (low, high) = (ladder.real("seconds_min")?, ladder.real("seconds_max")?);
    let (status, reason) = (ladder.text("status")?, ladder.text("reason")?);
    let standing = |row: usize| Standing {
        problem: problem[row].into(),
        n: n[row],
        p: p[row],
        alpha: alpha[row],
        contestant: contestant[row].into(),
        version: version[row].into(),
        eps: eps[row],
        seconds: Spread::of([low[row], seconds[row], high[row]])
            .filter(|s| status[row] == "certified" && seconds[row] > 0.0 && s.low > 0.0)
            .map(|spread| Spread {
                median: seconds[row],
                ..spread
            }),
        repeats: repeats[row],
        status: status[row].into(),
        reason: reason[row].into(),
    };
    Ok((0..problem.len()).map(standing).collect())
}

/// The rows of `rungs`, in frame order.
pub fn rungs(frames: &Frames) -> Result<Vec<Rung>> {
    let rungs = Reader {
        name: "rungs",
        frame: &frames.rungs,
    };
    let (problem, contestant) = (rungs.text("problem")?, rungs.text("contestant")?);
    let (tol, subopt, seconds) = (
        rungs.real("tol")?,
        rungs.real("subopt")?,
        rungs.real("seconds")?,
    );
    let (status, reason) = (rungs.text("status")?, rungs.text("reason")?);
    let rung = |row: usize| Rung {
        problem: problem[row].into(),
        contestant: contestant[row].into(),
        tol: tol[row],
        subopt: Some(subopt[row]).filter(|s| s.is_finite()),
        seconds: Some(seconds[row]).filter(|s| s.is_finite() && *s > 0.0),
        status: status[row].into(),
        reason: reason[row].into(),
    };
    Ok((0..problem.len()).map(rung).collect())
}

/// The curves of `cv` with what `folds` tells about them, by α in frame order.
pub fn validated(frames: &Frames) -> Result<Vec<Validated>> {
    let cv = Reader {
        name: "cv",
        frame: &frames.cv,
    };
    let (alpha, k, lambda) = (cv.real("alpha")?, cv.count("k")?, cv.real("lambda")?);
    let (mean, se) = (cv.real("mean_error")?, cv.real("se")?);
    let (nonzeros, measure, choice) = (
        cv.count("nonzeros")?,
        cv.text("error_measure")?,
        cv.text("choice")?,
    );
    let mut curves: Vec<Validated> = Vec::new();
    for row in 0..alpha.len() {
        let curve = match curves.iter().position(|c| c.alpha == alpha[row]) {
            Some(at) => &mut curves[at],
            None => {
                curves.push(Validated::new(alpha[row], measure[row]));
                let last = curves.len() - 1;
                &mut curves[last]
            }
        };
        curve.means.push(Mean {
            k: k[row],
            lambda: lambda[row],
            mean: mean[row],
            se: se[row],
            nonzeros: nonzeros[row],
            choice: choice[row].into(),
        });
    }
    let folds = Reader {
        name: "folds",
        frame: &frames.folds,
    };
    let (alpha, k) = (folds.real("alpha")?, folds.count("k")?);
    let (repeat, fold) = (folds.count("repeat")?, folds.count("fold")?);
    let (rows, status) = (folds.count("rows")?, folds.text("status")?);
    for row in 0..alpha.len() {
        if let Some(curve) = curves.iter_mut().find(|c| c.alpha == alpha[row]) {
            curve.held.push(Held {
                repeat: repeat[row],
                fold: fold[row],
                k: k[row],
                rows: rows[row],
                converged: status[row] == "converged",
            });
        }
    }
    Ok(curves)
}

/// The rows of `history`, in frame order.
pub fn recorded(frames: &Frames) -> Result<Vec<Recorded>> {
    let history = Reader {
        name: "history",
        frame: &frames.history,
    };
    let (recorded, commit) = (history.text("recorded")?, history.text("commit")?);
    let (layer, toolchain) = (history.text("layer")?, history.text("toolchain")?);
    let (benchmark, metric) = (history.text("benchmark")?, history.text("metric")?);
    let value = history.real("value")?;
    let row = |row: usize| Recorded {
        recorded: recorded[row].into(),
        commit: commit[row].into(),
        layer: layer[row].into(),
        benchmark: benchmark[row].into(),
        metric: metric[row].into(),
        value: value[row],
        toolchain: toolchain[row].into(),
    };
    Ok((0..value.len()).map(row).collect())
}

fn read_points(frames: &Frames, index: &HashMap<&str, usize>, trials: &mut [Trial]) -> Result<()> {
    let points = Reader {
        name: "points",
        frame: &frames.points,
    };
    let (k, lambda, ratio) = (
        points.count("k")?,
        points.real("lambda")?,
        points.real("lambda_ratio")?,
    );
    let (nonzeros, zeros) = (points.count("nonzeros")?, points.count("zeros")?);
    let (epochs, updates, status) = (
        points.count("epochs")?,
        points.count("coord_updates")?,
        points.text("status")?,
    );
    let primal = points.real("primal")?;
    let (seconds, gap) = (
        points.real_or_none("seconds")?,
        points.real_or_none("gap_rel")?,
    );
    let (df, explained) = (
        points.real_or_none("df")?,
        points.real_or_none("dev_ratio")?,
    );
    let (l1, intercept) = (
        points.real_or_none("l1_norm")?,
        points.real_or_none("intercept")?,
    );
    points.rows(index, |row, trial| {
        // A λ that the path did not get to has a row, but nothing to draw.
        if primal[row].is_nan() {
            return;
        }
        trials[trial].points.push(Point {
            k: k[row],
            lambda: lambda[row],
            ratio: ratio[row],
            nonzeros: nonzeros[row],
            zeros: zeros[row],
            epochs: epochs[row],
            updates: updates[row],
            seconds: seconds[row],
            gap: gap[row],
            df: df[row],
            explained: explained[row],
            l1: l1[row],
            intercept: intercept[row],
            converged: status[row] == "converged",
        });
    })?;
    trials
        .iter_mut()
        .for_each(|t| t.points.sort_by_key(|point| point.k));
    Ok(())
}

fn read_coefs(frames: &Frames, index: &HashMap<&str, usize>, trials: &mut [Trial]) -> Result<()> {
    let coefs = Reader {
        name: "coefs",
        frame: &frames.coefs,
    };
    let (k, feature, value) = (
        coefs.count("k")?,
        coefs.text("feature")?,
        coefs.real("value")?,
    );
    let mut names: Vec<HashMap<&str, usize>> = vec![HashMap::new(); trials.len()];
    coefs.rows(index, |row, trial| {
        let next = names[trial].len();
        let position = *names[trial].entry(feature[row]).or_insert(next);
        if position == next {
            trials[trial].features.push(feature[row].to_string());
        }
        trials[trial].coefs.push(Coef {
            k: k[row],
            feature: position,
            value: value[row],
        });
    })
}

fn read_curve(frames: &Frames, index: &HashMap<&str, usize>, trials: &mut [Trial]) -> Result<()> {
    let curve = Reader {
        name: "curve",
        frame: &frames.curve,
    };
    let (k, budget) = (curve.count("k")?, curve.count("budget")?);
    let (seconds, subopt) = (curve.real("seconds")?, curve.real("subopt")?);
    curve.rows(index, |row, trial| {
        trials[trial].curve.push(Budget {
            k: k[row],
            epochs: budget[row],
            seconds: seconds[row],
            subopt: subopt[row],
        });
    })?;
    trials
        .iter_mut()
        .for_each(|t| t.curve.sort_by_key(|b| (b.k, b.epochs)));
    Ok(())
}

fn read_faces(frames: &Frames, index: &HashMap<&str, usize>, trials: &mut [Trial]) -> Result<()> {
    let faces = Reader {
        name: "faces",
        frame: &frames.faces,
    };
    let (k, feature) = (faces.count("k")?, faces.text("feature")?);
    let (low, high) = (faces.real("low")?, faces.real("high")?);
    faces.rows(index, |row, trial| {
        trials[trial].faces.push(Face {
            k: k[row],
            feature: feature[row].to_string(),
            low: low[row],
            high: high[row],
        });
    })
}

/// Columns of a frame as plain vectors; a null is "", 0, NaN or false.
struct Reader<'a> {
    name: &'static str,
    frame: &'a DataFrame,
}

impl<'a> Reader<'a> {
    fn column(&self, column: &str) -> Result<&'a Column> {
        self.frame
            .column(column)
            .with_context(|| format!("frame {} has no column {column}", self.name))
    }

    fn typed<T>(&self, column: &str, cells: PolarsResult<T>) -> Result<T> {
        cells.with_context(|| {
            format!(
                "column {column} of frame {} has an unexpected type",
                self.name
            )
        })
    }

    fn text(&self, column: &str) -> Result<Vec<&'a str>> {
        Ok(self
            .typed(column, self.column(column)?.str())?
            .iter()
            .map(Option::unwrap_or_default)
            .collect())
    }

    fn count(&self, column: &str) -> Result<Vec<u64>> {
        Ok(self
            .typed(column, self.column(column)?.u64())?
            .iter()
            .map(Option::unwrap_or_default)
            .collect())
    }

    fn real(&self, column: &str) -> Result<Vec<f64>> {
        Ok(self
            .typed(column, self.column(column)?.f64())?
            .iter()
            .map(|v| v.unwrap_or(f64::NAN))
            .collect())
    }

    /// The texts of a column that frames of earlier versions lack: then all are empty.
    fn text_or_none(&self, column: &str) -> Result<Vec<&'a str>> {
        match self.frame.column(column) {
            Ok(_) => self.text(column),
            Err(_) => Ok(vec![""; self.frame.height()]),
        }
    }

    /// The numbers of a column that frames of earlier versions lack: then all are NaN.
    fn real_or_none(&self, column: &str) -> Result<Vec<f64>> {
        match self.frame.column(column) {
            Ok(_) => self.real(column),
            Err(_) => Ok(vec![f64::NAN; self.frame.height()]),
        }
    }

    fn flag(&self, column: &str) -> Result<Vec<bool>> {
        Ok(self
            .typed(column, self.column(column)?.bool())?
            .iter()
            .map(Option::unwrap_or_default)
            .collect())
    }

    /// Calls back with every row whose run is wanted, and the position of that run.
    fn rows(&self, index: &HashMap<&str, usize>, mut each: impl FnMut(usize, usize)) -> Result<()> {
        let mut last = ("", None);
        for (row, id) in self.text("run_id")?.into_iter().enumerate() {
            if id != last.0 || row == 0 {
                last = (id, index.get(id).copied());
            }
            if let Some(trial) = last.1 {
                each(row, trial);
            }
        }
        Ok(())
    }
}
