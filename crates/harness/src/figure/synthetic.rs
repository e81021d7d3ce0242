//! Frames made up for tests: every experiment on a toy dataset.

use super::{Frames, Provenance};
use crate::record::schema::{CoefRow, CurveRow, LadderRow, PointRow, Row, RunRow, RungRow};
use anyhow::Result;

/// Rows of the four frames.
#[derive(Default)]
pub struct Rows {
    runs: Vec<RunRow>,
    points: Vec<PointRow>,
    coefs: Vec<CoefRow>,
    curve: Vec<CurveRow>,
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
        for experiment in ["paths", "zero-counts", "runtime", "chunks", "convergence"] {
            let reason = Some("no reason <at all>".to_string());
            rows.push(RunRow {
                status: "failed".into(),
                reason,
                ..run(experiment, "coordinate-descent", 1.0)
            });
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
            curve: Row::frame(&self.curve)?,
            rungs: RungRow::frame(&[])?,
            ladder: LadderRow::frame(&[])?,
        })
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
