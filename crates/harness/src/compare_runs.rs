//! Two recorded runs, trial by trial: what the second took over what the first took, and what that means.

use std::collections::HashMap;

use serde::Serialize;

use crate::dataset::read::InputError;
use crate::record::schema::{PointRow, RunRow};
use crate::statistics::{Interval, median, ratio_interval};

/// What is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
#[value(rename_all = "snake_case")]
pub enum Metric {
    /// Seconds of setup and every λ
    PathSeconds,
    /// Seconds of the setup
    SetupSeconds,
    /// Processor seconds of setup and every λ
    CpuSeconds,
    /// Largest resident set
    PeakRssBytes,
    /// Sweeps or iterations, over all λ
    Epochs,
    /// Coordinate updates, over all λ
    CoordUpdates,
    /// Columns of X read, over all λ
    ColumnsTouched,
    /// Passes over X, over all λ
    Passes,
    /// Gram columns built, over all λ
    GramColumns,
    /// Linear systems solved on the support, over all λ
    SupportSteps,
    /// Violators that screening had left out, over all λ
    KktViolations,
}

impl Metric {
    /// Whether it is a counter, which is the same at every repeat, and not a measurement.
    pub fn is_counter(self) -> bool {
        !matches!(
            self,
            Self::PathSeconds | Self::SetupSeconds | Self::CpuSeconds | Self::PeakRssBytes
        )
    }

    /// The value of a measurement; None where it is a counter or was not recorded.
    fn measured(self, run: &RunRow) -> Option<f64> {
        let value = match self {
            Self::PathSeconds => run.path_seconds,
            Self::SetupSeconds => run.setup_seconds,
            Self::CpuSeconds => run.cpu_seconds,
            Self::PeakRssBytes => run.peak_rss_bytes.map(|bytes| bytes as f64),
            _ => None,
        };
        value.filter(|v| v.is_finite())
    }

    /// The value of a counter at one λ; 0 where it is a measurement.
    fn counted(self, point: &PointRow) -> u64 {
        match self {
            Self::Epochs => point.epochs,
            Self::CoordUpdates => point.coord_updates,
            Self::ColumnsTouched => point.columns_touched,
            Self::Passes => point.passes,
            Self::GramColumns => point.gram_columns,
            Self::SupportSteps => point.support_steps,
            Self::KktViolations => point.kkt_violations,
            Self::PathSeconds | Self::SetupSeconds | Self::CpuSeconds | Self::PeakRssBytes => 0,
        }
    }
}

/// Repeats of either side from which an interval says something.
pub const ENOUGH: usize = 3;

/// What a pair of trials means, worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Measured in the base, and not or not to the end in the other.
    Vanished,
    /// The whole interval is above the threshold; a counter is larger.
    Worse,
    /// The interval reaches beyond the threshold, or there are too few repeats for one.
    CannotTell,
    /// The whole interval is within the threshold; a counter is equal.
    Same,
    /// The whole interval is below 1 / threshold; a counter is smaller.
    Better,
    /// Measured in the other run alone.
    New,
}

/// What makes two trials the same.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Key {
    /// Experiment that asked for the trial.
    pub experiment: String,
    /// Dataset with its parameters.
    pub dataset: String,
    /// Contestant.
    pub contestant: String,
    /// Elastic-net mixing parameter.
    pub alpha: f64,
    /// Pieces of the grid.
    pub chunks: u64,
    /// Worker threads.
    pub threads: u64,
    /// Tolerance that was asked for.
    pub tol: f64,
}

impl Key {
    fn of(run: &RunRow) -> Self {
        Self {
            experiment: run.experiment.clone(),
            dataset: run.dataset.clone(),
            contestant: run.contestant.clone(),
            alpha: run.alpha,
            chunks: run.chunks,
            threads: run.threads,
            tol: run.tol,
        }
    }
}

/// One trial in both runs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Pair {
    /// Which trial.
    #[serde(flatten)]
    pub key: Key,
    /// Median over the repeats of the base; empty where there is none.
    pub base: Option<f64>,
    /// Median over the repeats of the other run.
    pub other: Option<f64>,
    /// Repeats of the base and of the other run.
    pub repeats: (usize, usize),
    /// The other median over that of the base; empty where one of them is missing, or the base is 0.
    pub ratio: Option<f64>,
    /// Ends of the interval of the ratio; empty for counters and where there are too few repeats.
    pub interval: Option<(f64, f64)>,
    /// What it means.
    pub verdict: Verdict,
    /// Why, where the numbers do not say it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}

/// The frames of a run that are compared.
pub struct Recorded {
    /// What it is called in messages.
    pub name: String,
    /// Rows of runs.
    pub runs: Vec<RunRow>,
    /// Rows of points.
    pub points: Vec<PointRow>,
}

/// What two paths have to share: so many λ, from the largest to the smallest.
#[derive(Clone, Copy)]
struct Grid {
    lambdas: usize,
    largest: f64,
    smallest: f64,
}

impl Grid {
    /// Relative difference of λ that is rounding.
    const SAME: f64 = 1e-9;
    const EMPTY: Self = Self {
        lambdas: 0,
        largest: 0.0,
        smallest: f64::INFINITY,
    };

    fn add(&mut self, lambda: f64) {
        self.lambdas += 1;
        self.largest = self.largest.max(lambda);
        self.smallest = self.smallest.min(lambda);
    }

    fn is(self, other: Self) -> bool {
        let same = |a: f64, b: f64| a == b || (a - b).abs() <= Self::SAME * a.abs();
        self.lambdas == other.lambdas
            && same(self.largest, other.largest)
            && same(self.smallest, other.smallest)
    }
}

impl std::fmt::Display for Grid {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{} λ from {:.4e} to {:.4e}",
            self.lambdas, self.largest, self.smallest
        )
    }
}

/// All repeats of a trial, or why it cannot be compared.
struct Repeats {
    key: Key,
    values: Vec<f64>,
    grid: Grid,
    /// Status of the first repeat that did not converge: it speaks for all.
    trouble: Option<String>,
}

/// Every trial of the two runs, worst first. Trials that did not converge in either are left out.
///
/// `threshold` is the ratio from which a measurement is worse; for a counter every difference counts unless it is given there.
/// Errors: [`InputError`] for measurements that were made beside others, for paths of different λ, and where nothing can be compared.
pub fn compare(
    base: &Recorded,
    other: &Recorded,
    metric: Metric,
    threshold: f64,
) -> Result<Vec<Pair>, InputError> {
    for run in [base, other] {
        let contended = run.runs.iter().find(|r| r.contended);
        if let Some(row) = contended.filter(|_| !metric.is_counter()) {
            return Err(InputError(format!(
                "{}: trial {} ran beside others, and is no measurement; record the run without --mode throughput",
                run.name, row.run_id
            )));
        }
    }
    let (before, mut after) = (base.repeats(metric), other.repeats(metric));
    let common = before
        .iter()
        .filter(|b| after.iter().any(|a| a.key == b.key))
        .count();
    let mut pairs = Vec::new();
    for (seed, one) in before.into_iter().enumerate() {
        let found = after.iter().position(|a| a.key == one.key);
        let two = found.map(|at| after.swap_remove(at));
        pairs.extend(pair(
            one,
            two,
            metric,
            threshold,
            seed as u64,
            [base, other],
        )?);
    }
    let new = |two: Repeats| Pair {
        other: Some(middle(&two.values)).filter(|v| v.is_finite()),
        repeats: (0, two.values.len()),
        ..blank(two.key, Verdict::New)
    };
    let converged = after.into_iter().filter(|two| two.trouble.is_none());
    pairs.extend(converged.map(new));
    let measured =
        |p: &Pair| p.base.is_some() && (p.other.is_some() || p.verdict == Verdict::Vanished);
    if common == 0 || !pairs.iter().any(measured) {
        return Err(InputError(format!(
            "measured nothing: no trial of {} has its like in {}, by experiment, dataset, contestant, alpha, chunks, threads and \
             tol, with a value of this metric",
            base.name, other.name
        )));
    }
    let size = |p: &Pair| p.ratio.unwrap_or(f64::INFINITY);
    pairs.sort_by(|a, b| a.verdict.cmp(&b.verdict).then(size(b).total_cmp(&size(a))));
    Ok(pairs)
}

/// Geometric mean of the ratios, and over how many trials; None if there is none.
pub fn geometric_mean(pairs: &[Pair]) -> Option<(f64, usize)> {
    let ratios = pairs.iter().filter_map(|p| p.ratio).filter(|r| *r > 0.0);
    let logs: Vec<f64> = ratios.map(f64::ln).collect();
    let mean = logs.iter().sum::<f64>() / logs.len() as f64;
    (!logs.is_empty()).then(|| (mean.exp(), logs.len()))
}

impl Recorded {
    /// The trials in frame order, with the values of all repeats.
    fn repeats(&self, metric: Metric) -> Vec<Repeats> {
        let mut paths: HashMap<&str, (u64, Grid)> = HashMap::new();
        for point in &self.points {
            let (sum, grid) = paths.entry(&point.run_id).or_insert((0, Grid::EMPTY));
            *sum += metric.counted(point);
            grid.add(point.lambda);
        }
        let mut trials: Vec<Repeats> = Vec::new();
        for run in &self.runs {
            let key = Key::of(run);
            let at = trials.iter().position(|t| t.key == key);
            let at = at.unwrap_or_else(|| {
                trials.push(Repeats {
                    key,
                    values: Vec::new(),
                    grid: Grid::EMPTY,
                    trouble: None,
                });
                trials.len() - 1
            });
            let trial = &mut trials[at];
            if run.status != "converged" {
                trial.trouble.get_or_insert_with(|| run.status.clone());
            }
            let path = paths.get(run.run_id.as_str());
            if let Some((_, grid)) = path.filter(|(_, grid)| grid.lambdas > trial.grid.lambdas) {
                trial.grid = *grid;
            }
            if metric.is_counter() {
                trial.values.extend(path.map(|p| p.0 as f64));
            } else {
                trial.values.extend(metric.measured(run));
            }
        }
        trials
    }
}

fn blank(key: Key, verdict: Verdict) -> Pair {
    Pair {
        key,
        base: None,
        other: None,
        repeats: (0, 0),
        ratio: None,
        interval: None,
        verdict,
        why: None,
    }
}

/// The median; NaN for none.
fn middle(values: &[f64]) -> f64 {
    median(&mut values.to_vec())
}

/// What became of a trial of the base; None if it had not converged there, unless it has since.
fn pair(
    one: Repeats,
    two: Option<Repeats>,
    metric: Metric,
    threshold: f64,
    seed: u64,
    runs: [&Recorded; 2],
) -> Result<Option<Pair>, InputError> {
    let finite = |values: &[f64]| Some(middle(values)).filter(|v| v.is_finite());
    let base = finite(&one.values);
    let (fine_before, fine_now) = (
        one.trouble.is_none(),
        two.as_ref().is_some_and(|t| t.trouble.is_none()),
    );
    let two = match (fine_before, fine_now, two) {
        (true, true, Some(two)) => two,
        (true, _, two) => {
            let trouble = two.and_then(|t| t.trouble);
            return Ok(Some(Pair {
                base,
                repeats: (one.values.len(), 0),
                why: Some(trouble.unwrap_or_else(|| "not run".into())),
                ..blank(one.key, Verdict::Vanished)
            }));
        }
        (false, true, Some(two)) => {
            return Ok(Some(Pair {
                other: finite(&two.values),
                repeats: (0, two.values.len()),
                why: one.trouble.map(|status| format!("{status} before")),
                ..blank(one.key, Verdict::New)
            }));
        }
        _ => return Ok(None),
    };
    if !one.grid.is(two.grid) {
        let Key {
            experiment,
            dataset,
            contestant,
            ..
        } = &one.key;
        return Err(InputError(format!(
            "{experiment}, {dataset}, {contestant}: {} in {} and {} in {}; only paths over the same grid can be compared",
            one.grid, runs[0].name, two.grid, runs[1].name
        )));
    }
    let Interval {
        low,
        estimate,
        high,
    } = ratio_interval(&one.values, &two.values, seed);
    let repeats = (one.values.len(), two.values.len());
    let few = repeats.0.min(repeats.1) < ENOUGH;
    let other = finite(&two.values);
    let ratio = match (base, other) {
        (Some(0.0), Some(0.0)) if metric.is_counter() => Some(1.0),
        _ => Some(estimate).filter(|r| r.is_finite()),
    };
    let (verdict, why) = if metric.is_counter() {
        (counted(base, other, threshold), None)
    } else {
        match ratio {
            None => (Verdict::CannotTell, Some("not recorded".into())),
            Some(_) if few => {
                let why = format!(
                    "{} and {} repeats, {ENOUGH} are needed",
                    repeats.0, repeats.1
                );
                (Verdict::CannotTell, Some(why))
            }
            Some(_) => (judge((low, high), threshold), None),
        }
    };
    Ok(Some(Pair {
        base,
        other,
        repeats,
        ratio,
        interval: (!metric.is_counter() && !few && ratio.is_some()).then_some((low, high)),
        verdict,
        why,
        key: one.key,
    }))
}

/// What an interval of the ratio means.
fn judge((low, high): (f64, f64), threshold: f64) -> Verdict {
    if low > threshold {
        Verdict::Worse
    } else if high < 1.0 / threshold {
        Verdict::Better
    } else if low >= 1.0 / threshold && high <= threshold {
        Verdict::Same
    } else {
        Verdict::CannotTell
    }
}

/// What two counts mean; they have no noise.
fn counted(base: Option<f64>, other: Option<f64>, threshold: f64) -> Verdict {
    match (base, other) {
        (Some(base), Some(other)) if other > base * threshold => Verdict::Worse,
        (Some(base), Some(other)) if other * threshold < base => Verdict::Better,
        (Some(_), Some(_)) => Verdict::Same,
        _ => Verdict::CannotTell,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interval_means_what_all_of_it_means() {
        for (interval, expected) in [
            ((1.06, 1.5), Verdict::Worse),
            ((1.04, 1.5), Verdict::CannotTell),
            ((0.9, 1.2), Verdict::CannotTell),
            ((0.97, 1.05), Verdict::Same),
            ((0.5, 0.99), Verdict::CannotTell),
            ((0.5, 0.9), Verdict::Better),
        ] {
            assert_eq!(judge(interval, 1.05), expected, "{interval:?}");
            // The other way round, better is worse.
            let (low, high) = interval;
            let turned = match expected {
                Verdict::Worse => Verdict::Better,
                Verdict::Better => Verdict::Worse,
                same => same,
            };
            let found = judge((1.0 / high, 1.0 / low), 1.05);
            assert!(found == turned || expected == Verdict::Same, "{interval:?}");
        }
    }

    #[test]
    fn counts_differ_by_one_unless_a_threshold_is_given() {
        let judge = |a, b, t| counted(Some(a), Some(b), t);
        assert_eq!(judge(1000.0, 1001.0, 1.0), Verdict::Worse);
        assert_eq!(judge(1000.0, 1001.0, 1.05), Verdict::Same);
        assert_eq!(judge(1000.0, 999.0, 1.0), Verdict::Better);
        assert_eq!(judge(0.0, 0.0, 1.0), Verdict::Same);
        assert_eq!(judge(0.0, 3.0, 1.5), Verdict::Worse);
    }
}
