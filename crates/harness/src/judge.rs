//! The judge at work: rows of `points` and `coefs` from the coefficients that are about to be recorded.

use rayon::prelude::*;
use regpath_solvers::certificate::{Certificate, certify, certify_claim};
use regpath_solvers::criteria::{Criteria, DegreesOfFreedom, Sample};
use regpath_solvers::design::Design;
use regpath_solvers::loss::{Loss, LossKind, Squared};
use regpath_solvers::penalty::{ElasticNet, Penalty, PerCoordinate, Separable};
use regpath_solvers::problem::Problem;
use regpath_solvers::solver::Status;

use crate::objective::OnLoss;
use crate::prepared::{Prepared, Visitor};
use crate::record::schema::{CoefRow, PointRow};
use crate::sweep::Step;

/// Room for the difference of two ways to round the same gap, relative to the null loss.
const ROUNDING: f64 = 1e-14;

/// What the judge needs to know besides the path.
pub struct Judge<'a> {
    /// The data.
    pub data: &'a Prepared,
    /// Elastic-net α.
    pub alpha: f64,
    /// Bound on the relative suboptimality for a point to count as converged.
    pub bound: f64,
    /// Best dual value known at each λ of the grid; empty where only the path's own dual points are known.
    pub best_dual: &'a [f64],
    /// Key of the rows.
    pub run_id: &'a str,
    /// Whether an interruption came from the deadline rather than from the user.
    pub timed_out: bool,
    /// Degrees of freedom at each step, where the contestant's factorisation gives them.
    pub df: Option<Vec<f64>>,
}

/// Coefficients on the original scale with what they are worth.
struct Verdict {
    original: Vec<(u32, f64)>,
    intercept: f64,
    certificate: Certificate,
    loss: f64,
    df: Option<f64>,
}

impl Judge<'_> {
    /// Rows of `points`, one per step, and of `coefs`, one per non-zero coefficient.
    ///
    /// Primal, dual, gap and support are recomputed from the coefficients on the original scale.
    pub fn rows(&self, steps: &[Step]) -> (Vec<PointRow>, Vec<CoefRow>) {
        let (verdicts, variance) = match self.data.loss {
            LossKind::Squared => self.data.visit(Certify { judge: self, steps }),
            // The loss has been solved for: there is a problem of it.
            _ => (
                self.data
                    .on_loss(Certify { judge: self, steps })
                    .unwrap_or_default(),
                None,
            ),
        };
        let sample = Sample {
            rows: self.data.nrows(),
            columns: self.data.candidates(),
            intercept: self.data.preparation.options.intercept,
            variance,
        };
        let points = steps
            .iter()
            .zip(&verdicts)
            .map(|(s, v)| self.point(&sample, s, v))
            .collect();
        let coefs = steps.iter().zip(&verdicts).flat_map(|(step, verdict)| {
            verdict.original.iter().map(|&(j, value)| CoefRow {
                run_id: self.run_id.into(),
                k: step.k as u64,
                feature: self.data.features[j as usize].clone(),
                value,
            })
        });
        (points, coefs.collect())
    }

    fn point(&self, sample: &Sample, step: &Step, verdict: &Verdict) -> PointRow {
        let (certificate, work) = (&verdict.certificate, step.outcome.work);
        let gap_rel = certificate.relative_gap(self.data.null_loss);
        let subopt = self
            .best_dual
            .get(step.k)
            .map(|&best| (certificate.primal - best.max(certificate.dual)) / self.data.null_loss);
        let squares = verdict.original.iter().fold(0.0, |sum, (_, b)| sum + b * b);
        let start = self.data.grid_start(self.alpha);
        let rss = 2.0 * sample.rows as f64 * verdict.loss;
        let criteria = verdict.df.map_or_else(Criteria::default, |df| {
            let chosen = verdict
                .original
                .iter()
                .filter(|(j, _)| self.data.is_candidate(*j as usize));
            Criteria::new(sample, rss, df, chosen.count())
        });
        PointRow {
            run_id: self.run_id.into(),
            k: step.k as u64,
            lambda: step.lambda,
            lambda_ratio: step.lambda / start,
            seconds: step.seconds,
            primal: certificate.primal,
            dual: certificate.dual,
            gap: certificate.gap,
            gap_rel,
            subopt,
            kkt: certificate.kkt,
            nonzeros: certificate.nonzeros as u64,
            zeros: (self.data.ncols() - certificate.nonzeros) as u64,
            df: verdict.df,
            aic: criteria.aic,
            aicc: criteria.aicc,
            bic: criteria.bic,
            ebic: criteria.ebic,
            cp: criteria.cp,
            gcv: criteria.gcv,
            dev_ratio: 1.0 - verdict.loss / self.data.null_loss,
            l1_norm: verdict
                .original
                .iter()
                .fold(0.0, |sum, (_, b)| sum + b.abs()),
            l2_norm: squares.sqrt(),
            intercept: verdict.intercept,
            unique: None,
            epochs: work.epochs,
            coord_updates: work.coord_updates,
            columns_touched: work.columns_touched,
            passes: work.passes,
            kkt_violations: work.kkt_violations,
            gram_columns: work.gram_columns,
            support_steps: work.support_steps,
            status: self
                .status(step.outcome.status, subopt.unwrap_or(gap_rel))
                .into(),
        }
    }

    /// The solver's word on how it ended, and the judge's on whether that is good enough.
    fn status(&self, status: Status, suboptimality: f64) -> &'static str {
        match status {
            Status::Interrupted if self.timed_out => "timed_out",
            _ => self::status(status, suboptimality, self.bound),
        }
    }
}

/// The solver's word on how it ended, and the judge's on whether the suboptimality is within the bound.
pub fn status(status: Status, suboptimality: f64, bound: f64) -> &'static str {
    match status {
        Status::Converged if suboptimality <= bound + ROUNDING => "converged",
        Status::EpochLimit | Status::Stalled if suboptimality <= bound => "converged",
        Status::Converged => "uncertified",
        Status::EpochLimit => "epoch_limit",
        Status::Stalled => "stalled",
        Status::Unattained => "unattained",
        Status::Interrupted => "interrupted",
    }
}

struct Certify<'a> {
    judge: &'a Judge<'a>,
    steps: &'a [Step],
}

impl Visitor for Certify<'_> {
    /// One per step, and the variance of the noise.
    type Output = (Vec<Verdict>, Option<f64>);
    fn visit<X: Design>(self, x: &X) -> Self::Output {
        let (data, alpha) = (self.judge.data, self.judge.alpha);
        // α was checked when the trial began; a contestant that ran with it cannot have got another.
        let Ok(net) = ElasticNet::new(alpha) else {
            return (Vec::new(), None);
        };
        match &data.bounded {
            Some(bounded) => self.judge(x, PerCoordinate::new(net, bounded)),
            None => self.judge(x, net),
        }
    }
}

impl OnLoss for Certify<'_> {
    /// One per step. There are neither degrees of freedom nor a variance of noise.
    type Output = Vec<Verdict>;
    fn work<X: Design, L: Loss>(self, problem: &Problem<X, L, PerCoordinate>) -> Vec<Verdict> {
        let judge = |step: &Step| {
            let (original, intercept, beta) = self.scales(step);
            let certificate = match &step.dual {
                Some(dual) => certify_claim(problem, &beta, step.lambda, dual),
                None => certify(problem, &beta, step.lambda),
            };
            let column = self.judge.data.intercept_column();
            let intercept_is_nonzero = column.is_some_and(|j| beta[j] != 0.0);
            Verdict {
                original,
                intercept,
                loss: certificate.primal - problem.penalty_value(&beta, step.lambda),
                certificate: Certificate {
                    nonzeros: certificate.nonzeros - usize::from(intercept_is_nonzero),
                    ..certificate
                },
                df: None,
            }
        };
        self.steps.par_iter().map(judge).collect()
    }
}

impl Certify<'_> {
    /// Coefficients and intercept of a step on the original scale, and β on the prepared scale as it follows from those.
    fn scales(&self, step: &Step) -> (Vec<(u32, f64)>, f64, Vec<f64>) {
        let data = self.judge.data;
        let original: Vec<(u32, f64)> = step
            .nonzeros
            .iter()
            .map(|&(j, b)| (j, data.original(j as usize, b)))
            .collect();
        let shift = data
            .preparation
            .intercept(original.iter().map(|&(j, b)| (j as usize, b)));
        let intercept = step.intercept + shift;
        let column = data.intercept_column();
        let mut beta = vec![0.0; data.ncols() + column.map_or(0, |_| 1)];
        for &(j, b) in &original {
            beta[j as usize] = data.preparation.prepared(j as usize, b);
        }
        if let Some(column) = column {
            beta[column] = intercept - shift;
        }
        (original, intercept, beta)
    }

    fn judge<X: Design, P: Separable>(&self, x: &X, penalty: P) -> (Vec<Verdict>, Option<f64>) {
        let (data, alpha) = (self.judge.data, self.judge.alpha);
        let problem = Problem {
            x,
            y: &data.y,
            loss: Squared,
            penalty,
        };
        let supports = self.steps.iter().map(|step| free(step, penalty));
        let supports: Vec<Vec<usize>> = match self.judge.df {
            None => supports.collect(),
            Some(_) => Vec::new(),
        };
        let freedom = DegreesOfFreedom::new(x, supports.iter().map(Vec::as_slice));
        let judge = |(i, step): (usize, &Step)| {
            let (original, intercept, beta) = self.scales(step);
            let certificate = certify(&problem, &beta, step.lambda);
            let df = match &self.judge.df {
                Some(df) => df.get(i).copied(),
                None => {
                    let nl = x.nrows() as f64 * step.lambda;
                    let ridge = |&j: &usize| match alpha {
                        1.0 => 0.0,
                        _ => nl * penalty.of(j).derivatives(1.0)[1],
                    };
                    let ridge: Vec<f64> = supports[i].iter().map(ridge).collect();
                    freedom.at(&supports[i], &ridge)
                }
            };
            Verdict {
                original,
                intercept,
                certificate,
                loss: certificate.primal - problem.penalty_value(&beta, step.lambda),
                df,
            }
        };
        rayon::join(
            || self.steps.par_iter().enumerate().map(judge).collect(),
            || freedom.noise_variance(&data.y, data.preparation.options.intercept),
        )
    }
}

/// The columns that are active at a step, increasing, without those that a bound holds: they follow no data.
fn free<P: Separable>(step: &Step, penalty: P) -> Vec<usize> {
    let nonzeros = step.nonzeros.iter().map(|&(j, b)| (j as usize, b));
    let free = nonzeros.filter(|&(j, b)| {
        let [low, high] = penalty.of(j).piece(b);
        low < high
    });
    free.map(|(j, _)| j).collect()
}
