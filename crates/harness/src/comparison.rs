//! The comparison: from the rows of a run to the rungs that were walked and the times at equal accuracy.

use std::collections::BTreeMap;

use crate::ladder::{EXPERIMENT, REFERENCE};
use crate::record::schema::{LadderRow, PointRow, RunRow, RungRow};

/// What a comparison found.
pub struct Comparison {
    /// Every tolerance that was walked, in the order of the runs.
    pub rungs: Vec<RungRow>,
    /// Every contestant on every problem at every accuracy, in the order of the runs.
    pub ladder: Vec<LadderRow>,
    /// Problem and worst relative gap of the least accurate reference; NaN for one that did not get through its path.
    pub reference_gap: Option<(String, f64)>,
}

/// The comparison at these accuracies, from the rows of a run.
///
/// Suboptimalities are computed anew, against the best dual value of all runs rather than of the earlier ones.
pub fn summarise(runs: &[RunRow], points: &[PointRow], eps: &[f64]) -> Comparison {
    let mut by_run: BTreeMap<&str, Vec<&PointRow>> = BTreeMap::new();
    for point in points {
        by_run.entry(&point.run_id).or_default().push(point);
    }
    let of = |run: &RunRow| {
        by_run
            .get(run.run_id.as_str())
            .map_or(&[][..], Vec::as_slice)
    };
    let ours = |run: &&RunRow| [EXPERIMENT, REFERENCE].contains(&run.experiment.as_str());
    let mut best: BTreeMap<(&Option<String>, u64), f64> = BTreeMap::new();
    for run in runs.iter().filter(ours) {
        for point in of(run).iter().filter(|p| p.dual.is_finite()) {
            let bound = best.entry((&run.problem, point.k)).or_insert(point.dual);
            *bound = bound.max(point.dual);
        }
    }
    let worst = |run: &RunRow| {
        // A path that ended after its limit has points, but no time that could be quoted.
        let null_loss = run.null_loss.filter(|_| run.status != "timed_out")?;
        let subopt = |p: &&PointRow| {
            let bound = best.get(&(&run.problem, p.k))?;
            Some((p.primal - bound) / null_loss).filter(|s| s.is_finite())
        };
        let known = of(run).iter().map(subopt);
        known
            .collect::<Option<Vec<f64>>>()?
            .into_iter()
            .reduce(f64::max)
    };
    let mut cells: Vec<Cell> = Vec::new();
    let mut reference_gap: Option<(String, f64)> = None;
    for run in runs.iter().filter(ours) {
        if run.experiment == REFERENCE {
            let gap = of(run)
                .iter()
                .map(|p| p.gap_rel)
                .fold(f64::NEG_INFINITY, |worst, gap| {
                    if gap.is_nan() || worst.is_nan() {
                        f64::NAN
                    } else {
                        worst.max(gap)
                    }
                });
            let gap = if of(run).is_empty() { f64::NAN } else { gap };
            if reference_gap
                .as_ref()
                .is_none_or(|(_, worst)| gap.is_nan() || gap > *worst)
            {
                reference_gap = Some((run.problem.clone().unwrap_or_default(), gap));
            }
            continue;
        }
        let cell = cells
            .iter_mut()
            .position(|c| c.first.problem == run.problem && c.first.contestant == run.contestant);
        let cell = cell.unwrap_or_else(|| {
            cells.push(Cell {
                first: run,
                rungs: Vec::new(),
            });
            cells.len() - 1
        });
        cells[cell].add(run, worst(run));
    }
    Comparison {
        rungs: cells.iter().flat_map(Cell::rung_rows).collect(),
        ladder: cells
            .iter()
            .flat_map(|cell| eps.iter().map(|&eps| cell.ladder_row(eps)))
            .collect(),
        reference_gap,
    }
}

/// One contestant on one problem.
struct Cell<'a> {
    first: &'a RunRow,
    /// Loosest first.
    rungs: Vec<Rung<'a>>,
}

/// One tolerance with all of its runs.
struct Rung<'a> {
    runs: Vec<&'a RunRow>,
    /// The worst of the runs that got through their path; None if none did.
    subopt: Option<f64>,
}

impl<'a> Cell<'a> {
    fn add(&mut self, run: &'a RunRow, subopt: Option<f64>) {
        match self.rungs.iter_mut().find(|rung| rung.tol() == run.tol) {
            Some(rung) => {
                // A repeat that is late loses its time, not the accuracy of the others.
                rung.subopt = rung.subopt.into_iter().chain(subopt).reduce(f64::max);
                rung.runs.push(run);
            }
            None => self.rungs.push(Rung {
                runs: vec![run],
                subopt,
            }),
        }
        self.rungs.sort_by(|a, b| b.tol().total_cmp(&a.tol()));
    }

    fn rung_rows(&self) -> Vec<RungRow> {
        let row = |rung: &Rung| {
            let (seconds, repeats) = rung.seconds();
            RungRow {
                problem: self.first.problem.clone().unwrap_or_default(),
                contestant: self.first.contestant.clone(),
                tol: rung.tol(),
                subopt: rung.subopt,
                seconds: median(&seconds),
                repeats: repeats as u64,
                status: rung.last().status.clone(),
                reason: rung.last().reason.clone(),
            }
        };
        self.rungs.iter().map(row).collect()
    }

    fn ladder_row(&self, eps: f64) -> LadderRow {
        let quoted = self
            .rungs
            .iter()
            .find(|rung| rung.subopt.is_some_and(|s| s <= eps));
        let shown = quoted.or(self.rungs.last());
        let version = self
            .rungs
            .iter()
            .flat_map(|r| &r.runs)
            .map(|r| r.version.clone())
            .find(|v| !v.is_empty());
        let mut row = LadderRow {
            problem: self.first.problem.clone().unwrap_or_default(),
            dataset: self.first.dataset.clone(),
            n: self.first.n,
            p: self.first.p,
            density: self.first.density,
            alpha: self.first.alpha,
            contestant: self.first.contestant.clone(),
            version: version.unwrap_or_default(),
            eps,
            rungs: self.rungs.len() as u64,
            tol: shown.map(Rung::tol),
            subopt: shown.and_then(|rung| rung.subopt),
            ..LadderRow::default()
        };
        match quoted {
            Some(rung) => {
                let (seconds, repeats) = rung.seconds();
                row.seconds = median(&seconds);
                row.seconds_min = seconds.first().copied();
                row.seconds_max = seconds.last().copied();
                row.repeats = repeats as u64;
                row.peak_rss_bytes = rung.runs.iter().filter_map(|r| r.peak_rss_bytes).max();
                row.status = "certified".into();
                let late = rung.runs.iter().filter(|r| r.repeat > 0).count() - repeats;
                row.reason = match (repeats, late) {
                    (0, _) => Some("no timed repeat; the time is that of the walk".into()),
                    (_, 0) => None,
                    _ => Some(format!(
                        "{late} of {} repeats did not finish",
                        repeats + late
                    )),
                };
            }
            None => (row.status, row.reason) = self.why_not(),
        }
        row
    }

    /// Status and reason of an accuracy that was not reached.
    fn why_not(&self) -> (String, Option<String>) {
        let Some(last) = self.rungs.last() else {
            return ("skipped".into(), None);
        };
        let best = self
            .rungs
            .iter()
            .filter_map(|r| r.subopt.map(|s| (s, r.tol())))
            .reduce(|a, b| if b.0 < a.0 { b } else { a });
        let best = best.map(|(s, tol)| format!("suboptimality {s:.1e} at tolerance {tol:e}"));
        let run = last.last();
        match run.status.as_str() {
            "timed_out" => {
                let so_far = best.map_or_else(String::new, |b| format!("; {b}"));
                let reason = run.reason.clone().unwrap_or_default();
                (
                    "timed_out".into(),
                    Some(format!(
                        "time was up at tolerance {:e}, {reason}{so_far}",
                        last.tol()
                    )),
                )
            }
            "failed" | "skipped" | "interrupted" => (run.status.clone(), run.reason.clone()),
            _ => {
                let reached = best.or_else(|| run.reason.clone()).unwrap_or_default();
                (
                    "uncertified".into(),
                    Some(format!("no tolerance reaches it; best is {reached}")),
                )
            }
        }
    }
}

impl<'a> Rung<'a> {
    fn tol(&self) -> f64 {
        self.runs.first().map_or(f64::NAN, |r| r.tol)
    }

    fn last(&self) -> &'a RunRow {
        self.runs[self.runs.len() - 1]
    }

    /// Seconds of the timed repeats in increasing order, and how many there are; of the walk where there is none.
    fn seconds(&self) -> (Vec<f64>, usize) {
        let of = |timed: bool| {
            let finished = |r: &&&RunRow| ["converged", "uncertified"].contains(&r.status.as_str());
            let runs = self
                .runs
                .iter()
                .filter(|r| (r.repeat > 0) == timed)
                .filter(finished);
            let mut seconds: Vec<f64> = runs.filter_map(|r| r.path_seconds).collect();
            seconds.sort_by(f64::total_cmp);
            seconds
        };
        match of(true) {
            timed if !timed.is_empty() => (timed.clone(), timed.len()),
            _ => (of(false), 0),
        }
    }
}

/// Median of increasing values.
fn median(sorted: &[f64]) -> Option<f64> {
    let middle = sorted.len() / 2;
    match sorted.len() {
        0 => None,
        n if n % 2 == 1 => Some(sorted[middle]),
        _ => Some((sorted[middle - 1] + sorted[middle]) / 2.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(contestant: &str, tol: f64, repeat: u64, seconds: f64, status: &str) -> RunRow {
        RunRow {
            run_id: format!("{contestant}-{tol:e}-{repeat}"),
            experiment: EXPERIMENT.into(),
            problem: Some("toy".into()),
            contestant: contestant.into(),
            version: "1.0".into(),
            tol,
            repeat,
            path_seconds: Some(seconds),
            status: status.into(),
            null_loss: Some(1.0),
            ..RunRow::default()
        }
    }

    fn points(run: &RunRow, primals: &[f64]) -> Vec<PointRow> {
        let point = |(k, &primal): (usize, &f64)| PointRow {
            run_id: run.run_id.clone(),
            k: k as u64,
            primal,
            dual: primal - 1.0,
            ..PointRow::default()
        };
        primals.iter().enumerate().map(point).collect()
    }

    /// Runs with their points after a reference whose dual values are 0 at two λ.
    fn compared(runs: &[RunRow], primals: &[&[f64]], eps: &[f64]) -> Comparison {
        let mut reference = run("reference", 1e-13, 0, 1.0, "converged");
        reference.experiment = REFERENCE.into();
        let mut all = points(&reference, &[0.0, 0.0]);
        for (point, dual) in all.iter_mut().zip([0.0, 0.0]) {
            (point.dual, point.gap_rel) = (dual, 1e-14);
        }
        all.extend(runs.iter().zip(primals).flat_map(|(r, p)| points(r, p)));
        let runs: Vec<RunRow> = std::iter::once(reference)
            .chain(runs.iter().cloned())
            .collect();
        summarise(&runs, &all, eps)
    }

    #[test]
    fn the_loosest_sufficient_rung_is_quoted_with_the_median_of_its_repeats() {
        let runs = [
            run("a", 1e-3, 0, 0.5, "uncertified"),
            run("a", 1e-4, 0, 0.9, "converged"),
            run("a", 1e-5, 0, 2.0, "converged"),
            run("a", 1e-4, 1, 1.0, "converged"),
            run("a", 1e-4, 2, 3.0, "converged"),
            run("a", 1e-4, 3, 1.5, "converged"),
        ];
        let primals: Vec<[f64; 2]> = [1e-2, 5e-7, 1e-12, 5e-7, 6e-7, 5e-7]
            .map(|w| [w / 10.0, w])
            .to_vec();
        let primals: Vec<&[f64]> = primals.iter().map(|p| p.as_slice()).collect();
        let Comparison {
            rungs,
            ladder,
            reference_gap,
        } = compared(&runs, &primals, &[1e-6, 1e-10, 1e-14]);
        assert_eq!(reference_gap, Some(("toy".into(), 1e-14)));
        assert_eq!(rungs.len(), 3);
        assert_eq!(
            (ladder[0].tol, ladder[0].seconds, ladder[0].repeats),
            (Some(1e-4), Some(1.5), 3)
        );
        assert_eq!(
            (ladder[0].seconds_min, ladder[0].seconds_max),
            (Some(1.0), Some(3.0))
        );
        assert_eq!(
            (ladder[0].subopt, ladder[0].status.as_str()),
            (Some(6e-7), "certified")
        );
        // A rung without repeats shows the walk and says so.
        assert_eq!(
            (ladder[1].tol, ladder[1].seconds, ladder[1].repeats),
            (Some(1e-5), Some(2.0), 0)
        );
        assert_eq!(
            (ladder[2].status.as_str(), ladder[2].seconds),
            ("uncertified", None)
        );
        assert!(
            ladder[2]
                .reason
                .as_ref()
                .is_some_and(|r| r.contains("1.0e-12 at tolerance 1e-5"))
        );
    }

    #[test]
    fn a_repeat_that_is_worse_takes_the_certificate_away() {
        let runs = [
            run("a", 1e-4, 0, 1.0, "converged"),
            run("a", 1e-4, 1, 1.0, "uncertified"),
        ];
        let found = compared(&runs, &[&[0.0, 1e-8], &[0.0, 1e-2]], &[1e-6]);
        assert_eq!(found.ladder[0].status, "uncertified");
    }

    #[test]
    fn a_repeat_that_is_late_loses_its_time_alone() {
        let runs = [
            run("a", 1e-4, 0, 1.0, "converged"),
            run("a", 1e-4, 1, 1.1, "converged"),
            run("a", 1e-4, 2, 9.0, "timed_out"),
        ];
        let found = compared(
            &runs,
            &[&[0.0, 1e-8], &[0.0, 1e-8], &[f64::NAN, f64::NAN]],
            &[1e-6],
        );
        let row = &found.ladder[0];
        assert_eq!(
            (row.status.as_str(), row.seconds, row.repeats),
            ("certified", Some(1.1), 1)
        );
        assert_eq!(row.reason.as_deref(), Some("1 of 2 repeats did not finish"));
    }

    #[test]
    fn a_path_that_ended_late_is_not_certified() {
        let mut late = run("a", 1e-4, 0, 20.0, "timed_out");
        late.reason = Some("it ended, but after its time limit".into());
        let found = compared(
            &[run("a", 1e-2, 0, 1.0, "uncertified"), late],
            &[&[0.0, 1e-3], &[0.0, 1e-9]],
            &[1e-6],
        );
        assert_eq!(
            (found.ladder[0].status.as_str(), found.ladder[0].seconds),
            ("timed_out", None)
        );
    }

    #[test]
    fn a_better_dual_value_counts_whoever_found_it_and_whenever() {
        let runs = [
            run("a", 1e-4, 0, 1.0, "converged"),
            run("b", 1e-4, 0, 1.0, "converged"),
        ];
        // The second run proves 0.5 at the first lambda, where the reference knew 0.
        let found = compared(&runs, &[&[0.6, 0.0], &[1.5, 0.0]], &[0.2]);
        assert_eq!(found.ladder[0].status, "certified");
        assert!((found.ladder[0].subopt.unwrap_or(1.0) - 0.1).abs() < 1e-12);
    }

    #[test]
    fn what_went_wrong_is_the_status() {
        let mut late = run("slow", 1e-4, 0, 9.0, "timed_out");
        late.reason = Some("ended after 3 of 100 lambdas".into());
        let mut broken = run("broken", 1e-3, 0, 0.0, "failed");
        broken.reason = Some("its process died".into());
        let mut early = run("early", 1e-3, 0, 0.1, "incomplete");
        early.reason = Some("ended after 1 of 2 lambdas".into());
        let runs = [
            run("slow", 1e-3, 0, 1.0, "uncertified"),
            late,
            broken,
            early,
        ];
        let found = compared(&runs, &[&[0.0, 1e-3], &[], &[], &[1e-9, f64::NAN]], &[1e-6]);
        let statuses: Vec<&str> = found.ladder.iter().map(|r| r.status.as_str()).collect();
        assert_eq!(statuses, ["timed_out", "failed", "uncertified"]);
        let reasons: Vec<&str> = found
            .ladder
            .iter()
            .filter_map(|r| r.reason.as_deref())
            .collect();
        assert!(
            reasons[0].contains("3 of 100") && reasons[0].contains("1.0e-3 at tolerance 1e-3"),
            "{reasons:?}"
        );
        assert_eq!(reasons[1], "its process died");
        assert!(reasons[2].contains("1 of 2 lambdas"), "{reasons:?}");
    }

    #[test]
    fn a_reference_that_did_not_get_through_is_reported() {
        let mut reference = run("reference", 1e-13, 0, 1.0, "timed_out");
        reference.experiment = REFERENCE.into();
        let gap = summarise(std::slice::from_ref(&reference), &[], &[1e-6]).reference_gap;
        assert!(gap.is_some_and(|(problem, gap)| problem == "toy" && gap.is_nan()));
    }
}
