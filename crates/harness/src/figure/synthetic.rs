//! Frames made up for tests: every experiment on a toy dataset.

use super::{Frames, Provenance};
use crate::record::schema::{
    CoefRow, CurveRow, CvRow, FaceRow, FoldRow, HistoryRow, LadderRow, PointRow, Row, RunRow,
    RungRow, VertexRow,
};
use anyhow::Result;

/// Rows of the frames.
#[derive(Default)]
pub struct Rows {
    runs: Vec<RunRow>,
    points: Vec<PointRow>,
    coefs: Vec<CoefRow>,
    vertices: Vec<VertexRow>,
    curve: Vec<CurveRow>,
    rungs: Vec<RungRow>,
    ladder: Vec<LadderRow>,
    cv: Vec<CvRow>,
    folds: Vec<FoldRow>,
    history: Vec<HistoryRow>,
}

/// A provenance that a test can find again.
pub fn provenance() -> Provenance {
    Provenance {
        command: "regpath bench".into(),
        commit: "abc1234-dirty".into(),
        machine: "a machine".into(),
    }
}

impl Rows {
    /// One or more trials of every experiment, among them one that timed out and one that did not converge.
    pub fn complete() -> Self {
        let mut rows = Self::default();
        for (alpha, contestant) in [
            (1.0, "coordinate-descent"),
            (0.5, "coordinate-descent"),
            (0.0, "ridge-closed-form"),
        ] {
            rows.path("paths", contestant, alpha);
            rows.path("zero-counts", contestant, alpha);
        }
        for (p, status) in [(10, "converged"), (100, "epoch_limit"), (1000, "timed_out")] {
            let run = RunRow {
                n: 500,
                p,
                path_seconds: Some(p as f64),
                status: status.into(),
                ..run("runtime", "coordinate-descent", 1.0)
            };
            rows.push(RunRow {
                run_id: format!("runtime{p}"),
                ..run
            });
        }
        for (chunks, threads) in [(1, 1), (2, 1), (1, 2), (2, 2)] {
            let run = RunRow {
                chunks,
                threads,
                path_seconds: Some(1.0 / threads as f64),
                ..run("chunks", "coordinate-descent", 1.0)
            };
            let id = format!("chunks{chunks}{threads}");
            rows.points.push(PointRow {
                coord_updates: 10 * chunks,
                ..point(&id, 0, 1.0, 0)
            });
            rows.push(RunRow { run_id: id, ..run });
        }
        for contestant in ["ista", "fista", "fista-restart", "coordinate-descent"] {
            let run = run("convergence", contestant, 1.0);
            for (budget, subopt) in [(1, 1e-1), (10, 1e-8), (100, -1e-18)] {
                let seconds = budget as f64 * 1e-6;
                rows.curve.push(CurveRow {
                    run_id: run.run_id.clone(),
                    k: 1,
                    budget,
                    seconds,
                    subopt,
                    ..CurveRow::default()
                });
            }
            rows.points.push(point(&run.run_id, 1, 0.1, 1));
            rows.push(run);
        }
        rows.variants();
        rows.contest();
        rows.checks();
        rows.losses();
        rows.validation(1.0, 20);
        rows.validation(0.5, 20);
        rows
    }

    /// One path.
    pub fn fit() -> Self {
        let mut rows = Self::default();
        rows.path("fit", "coordinate-descent", 1.0);
        rows
    }

    /// One failed trial of every experiment, without any other row.
    pub fn failed() -> Self {
        let mut rows = Self::default();
        for experiment in [
            "paths",
            "zero-counts",
            "runtime",
            "chunks",
            "convergence",
            "ablation",
            "threads",
            "scaling",
        ] {
            let reason = Some("no reason <at all>".to_string());
            rows.push(RunRow {
                status: "failed".into(),
                reason,
                ..run(experiment, "coordinate-descent", 1.0)
            });
        }
        for (dataset, loss) in [("engel", "quantile(0.5)"), ("belgian-phones", "absolute")] {
            let run = loss_run(dataset, loss);
            rows.push(RunRow {
                status: "failed".into(),
                reason: Some("no reason".into()),
                ..run
            });
        }
        rows.rung("celer", 1e-4, None, "failed");
        for contestant in ["coordinate-descent", "celer"] {
            rows.standing(contestant, 1e-6, None, "failed");
        }
        rows
    }

    /// The rows as frames.
    pub fn frames(&self) -> Result<Frames> {
        let (runs, points) = (Row::frame(&self.runs)?, Row::frame(&self.points)?);
        Ok(Frames {
            runs,
            points,
            coefs: Row::frame(&self.coefs)?,
            faces: FaceRow::frame(&[])?,
            vertices: Row::frame(&self.vertices)?,
            curve: Row::frame(&self.curve)?,
            rungs: Row::frame(&self.rungs)?,
            ladder: Row::frame(&self.ladder)?,
            cv: Row::frame(&self.cv)?,
            folds: Row::frame(&self.folds)?,
            history: Row::frame(&self.history)?,
        })
    }

    /// An ablation with a variant that is too slow, and a path on two threads.
    fn variants(&mut self) {
        for (contestant, seconds) in [
            ("homotopy", Some(0.01)),
            ("homotopy-no-leaps", Some(0.02)),
            ("homotopy-no-gram", None),
        ] {
            let status = if seconds.is_some() {
                "converged"
            } else {
                "timed_out"
            };
            self.push(RunRow {
                problem: Some("toy-problem".into()),
                path_seconds: seconds,
                status: status.into(),
                ..run("ablation", contestant, 1.0)
            });
        }
        for (contestant, p, seconds) in [
            ("auto", 100, 0.01),
            ("auto", 1000, 0.1),
            ("one-pass", 100, 0.001),
            ("one-pass", 1000, 0.01),
        ] {
            self.push(RunRow {
                run_id: format!("scaling-{contestant}-{p}"),
                p,
                path_seconds: Some(seconds),
                ..run("scaling", contestant, 1.0)
            });
        }
        for threads in [1, 2] {
            self.push(RunRow {
                run_id: format!("threads{threads}"),
                problem: Some("toy-problem".into()),
                path_seconds: Some(0.01 / threads as f64),
                threads,
                ..run("threads", "auto", 1.0)
            });
        }
    }

    /// The suite and three peers on one problem: one peer too slow for the tighter accuracy, one too slow for both, and
    /// one that is not there.
    fn contest(&mut self) {
        for (tol, subopt, seconds) in [
            (1e-4, 1e-5, 0.005),
            (1e-8, 1e-9, 0.01),
            (1e-12, -1e-18, 0.02),
        ] {
            self.rung(
                "coordinate-descent",
                tol,
                Some((subopt, seconds)),
                "converged",
            );
            let slow = Some((subopt, 10.0 * seconds)).filter(|_| tol > 1e-10);
            let status = if slow.is_some() {
                "converged"
            } else {
                "timed_out"
            };
            self.rung("celer", tol, slow, status);
        }
        self.rung("skglm", 1e-4, None, "timed_out");
        for (eps, seconds, slow) in [(1e-6, 0.01, Some(0.1)), (1e-10, 0.02, None)] {
            self.standing("coordinate-descent", eps, Some(seconds), "certified");
            let status = if slow.is_some() {
                "certified"
            } else {
                "timed_out"
            };
            self.standing("celer", eps, slow, status);
            self.standing("skglm", eps, None, "timed_out");
            self.standing("adelie", eps, None, "skipped");
        }
    }

    /// Lines without penalty under several losses, one of which has a segment of optima.
    fn losses(&mut self) {
        for (dataset, loss, intercept, feature, slope) in [
            ("engel", "quantile(0.05)", 124.88, "income", 0.3434),
            ("engel", "quantile(0.1)", 110.14, "income", 0.4018),
            ("engel", "quantile(0.25)", 95.48, "income", 0.4741),
            ("engel", "quantile(0.5)", 81.48, "income", 0.5602),
            ("engel", "quantile(0.75)", 62.40, "income", 0.6440),
            ("engel", "quantile(0.9)", 67.35, "income", 0.6863),
            ("engel", "quantile(0.95)", 64.10, "income", 0.7091),
            ("engel", "squared", 147.48, "income", 0.4852),
            ("belgian-phones", "absolute", -75.19, "year", 1.53),
            ("belgian-phones", "squared", -260.06, "year", 5.0415),
        ] {
            let run = loss_run(dataset, loss);
            self.points.push(PointRow {
                intercept,
                ..point(&run.run_id, 0, 0.0, 1)
            });
            self.coefs.push(CoefRow {
                run_id: run.run_id.clone(),
                k: 0,
                feature: feature.into(),
                value: slope,
            });
            let ends = [(-81.0, 73.0 / 45.0), (-3883.0 / 70.0, 81.0 / 70.0)];
            for (vertex, (intercept, slope)) in (0..).zip(ends).filter(|_| loss == "absolute") {
                for (feature, value) in [("(intercept)", intercept), (feature, slope)] {
                    self.vertices.push(VertexRow {
                        run_id: run.run_id.clone(),
                        k: 0,
                        vertex,
                        feature: feature.into(),
                        value,
                    });
                }
            }
            self.push(run);
        }
    }

    /// Eight checks under one toolchain, the fifth of which halves the instructions of one path, and one under another.
    fn checks(&mut self) {
        for check in 0..9 {
            let halved = 4..8;
            for (layer, benchmark, metric, value) in [
                ("work", "all paths", "passes", 40.0),
                ("instructions", "toy/ridge", "instructions", 1e6),
                (
                    "instructions",
                    "toy/lasso",
                    "instructions",
                    if halved.contains(&check) { 1e6 } else { 2e6 },
                ),
            ] {
                self.history.push(HistoryRow {
                    recorded: format!("2026-01-0{}T00:00:00Z", check + 1),
                    commit: format!("c0ffee{check}"),
                    layer: layer.into(),
                    benchmark: benchmark.into(),
                    metric: metric.into(),
                    value,
                    toolchain: if check < 8 { "rustc 1" } else { "rustc 2" }.into(),
                    ..HistoryRow::default()
                });
            }
        }
    }

    /// The curve of one α over so many λ, the least a quarter before the end, with a fold that did not converge at the last.
    pub fn validation(&mut self, alpha: f64, lambdas: u64) {
        let least = 3 * (lambdas - 1) / 4;
        let one_se = least / 2;
        for k in 0..lambdas {
            let away = (k as f64 - least as f64) / lambdas as f64;
            let lambda = 10f64.powf(-3.0 * k as f64 / lambdas as f64) / alpha;
            let choice = match k {
                _ if k == least && k == one_se => Some("both"),
                _ if k == least => Some("min"),
                _ if k == one_se => Some("1se"),
                _ => None,
            };
            self.cv.push(CvRow {
                alpha,
                k,
                lambda,
                mean_error: 0.5 + away * away / alpha,
                se: 0.06 + 0.1 * away * away,
                nonzeros: k * k,
                error_measure: "mse".into(),
                choice: choice.map(str::to_owned),
            });
            for (repeat, fold) in (0..2).flat_map(|r| (0..5).map(move |f| (r, f))) {
                let last = k + 1 == lambdas && fold == 0 && lambdas > 1;
                let status = if last { "epoch_limit" } else { "converged" };
                self.folds.push(FoldRow {
                    alpha,
                    repeat,
                    fold,
                    k,
                    lambda,
                    rows: 6,
                    error: 0.5,
                    status: status.into(),
                    ..FoldRow::default()
                });
            }
        }
        self.push(run("cv", "auto", alpha));
    }

    fn rung(&mut self, contestant: &str, tol: f64, reached: Option<(f64, f64)>, status: &str) {
        self.rungs.push(RungRow {
            problem: "toy-problem".into(),
            contestant: contestant.into(),
            tol,
            subopt: reached.map(|r| r.0),
            seconds: reached.map(|r| r.1),
            status: status.into(),
            ..RungRow::default()
        });
    }

    fn standing(&mut self, contestant: &str, eps: f64, seconds: Option<f64>, status: &str) {
        let own = contestant == "coordinate-descent";
        self.ladder.push(LadderRow {
            problem: "toy-problem".into(),
            n: 30,
            p: 3,
            alpha: 1.0,
            contestant: contestant.into(),
            version: if own { "0.1.0" } else { "0.7.4" }.into(),
            eps,
            seconds,
            seconds_min: seconds.map(|s| 0.9 * s),
            seconds_max: seconds.map(|s| 1.5 * s),
            repeats: 5,
            status: status.into(),
            reason: (status == "skipped").then(|| format!("{contestant} is not installed")),
            ..LadderRow::default()
        });
    }

    fn push(&mut self, run: RunRow) {
        self.runs.push(run);
    }

    /// A path of three features over 20 λ, the last of them 0; ridge never has a zero.
    fn path(&mut self, experiment: &str, contestant: &str, alpha: f64) {
        let run = run(experiment, contestant, alpha);
        for k in 0..20u64 {
            let lambda = if k == 19 { 0.0 } else { 0.7f64.powi(k as i32) };
            let mut nonzeros = 0;
            for (feature, enters, slope) in [
                ("first", 1, 1.0),
                ("second", 5, -0.5),
                ("wide <name>", 9, 0.002),
            ] {
                if k >= enters || alpha == 0.0 {
                    nonzeros += 1;
                    let value = slope * (1.0 - lambda * 0.5);
                    self.coefs.push(CoefRow {
                        run_id: run.run_id.clone(),
                        k,
                        feature: feature.into(),
                        value,
                    });
                }
            }
            self.points.push(point(&run.run_id, k, lambda, nonzeros));
        }
        self.push(run);
    }
}

fn run(experiment: &str, contestant: &str, alpha: f64) -> RunRow {
    RunRow {
        run_id: format!("{experiment}-{contestant}-{alpha}"),
        experiment: experiment.into(),
        dataset: "toy".into(),
        n: 30,
        p: 3,
        contestant: contestant.into(),
        alpha,
        chunks: 1,
        threads: 1,
        status: "converged".into(),
        ..RunRow::default()
    }
}

fn loss_run(dataset: &str, loss: &str) -> RunRow {
    RunRow {
        run_id: format!("losses-classic-{dataset}-{loss}"),
        dataset: dataset.into(),
        n: if dataset == "engel" { 235 } else { 24 },
        p: 1,
        loss: loss.into(),
        ..run("losses-classic", "simplex", 1.0)
    }
}

fn point(run_id: &str, k: u64, lambda: f64, nonzeros: u64) -> PointRow {
    let (run_id, status) = (run_id.to_string(), "converged".to_string());
    PointRow {
        run_id,
        k,
        lambda,
        lambda_ratio: lambda,
        nonzeros,
        zeros: 3 - nonzeros,
        status,
        ..PointRow::default()
    }
}
