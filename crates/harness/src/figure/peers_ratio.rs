//! Time relative to the best peer: the ratio on every problem, and its geometric mean.

use super::absence::NO_PEER;
use super::contest::{Contest, power};
use super::dot_block::DotBlock;
use super::dot_plate::{ABREAST, DotPlate, keys, problems};
use super::dot_row::{Dot, DotRow};
use super::picture;
use super::spread::Spread;
use super::style::{Ink, leads};
use super::{Figure, Frames, Provenance};
use anyhow::Result;
use std::path::{Path, PathBuf};

/// The figure.
pub struct PeersRatio;

impl Figure for PeersRatio {
    fn id(&self) -> &'static str {
        "peers-ratio"
    }

    fn title(&self) -> &'static str {
        "Seconds relative to the fastest peer"
    }

    fn summary(&self) -> &'static str {
        "path seconds over those of the fastest peer on the same problem at the same certified accuracy; left of 1 is faster"
    }

    fn draw(&self, frames: &Frames, provenance: &Provenance, out: &Path) -> Result<Vec<PathBuf>> {
        let Some(contest) = Contest::of(frames)? else {
            return Ok(Vec::new());
        };
        let plates: Vec<DotPlate> = contest
            .accuracies
            .chunks(ABREAST)
            .map(|accuracies| plate(&contest, accuracies, self.title()))
            .collect();
        picture::write_series(&plates, provenance, out, self.id())
    }
}

fn plate(contest: &Contest, accuracies: &[f64], title: &str) -> DotPlate {
    let block = problems(contest, accuracies, |problem, contestant, eps| {
        ratio(contest, problem, contestant, eps)
    });
    let mut notes = vec![
        "The fastest peer is the contestant with the least median on that problem at that ε among those that are not \
         the suite's own solvers; left of 1 is faster than all of them."
            .into(),
        "A geometric mean is over the problems on which the contestant has a ratio: means over different problems do \
         not compare."
            .into(),
        contest.timing(),
        contest.labels(),
        contest.versions(),
    ];
    notes.extend(contest.absences(accuracies));
    DotPlate {
        title: title.into(),
        notes,
        keys: keys(contest, &block),
        blocks: vec![block, means(contest, accuracies)],
        axis: "seconds relative to the fastest peer",
        guide: Some(1.0),
    }
}

/// Seconds over the median of the fastest peer, or why there is no such ratio.
fn ratio(
    contest: &Contest,
    problem: &str,
    contestant: &str,
    eps: f64,
) -> Result<Spread, &'static str> {
    let time = contest.time(problem, contestant, eps)?;
    let best = contest.best_peer(problem, eps).ok_or(NO_PEER)?;
    Ok(Spread {
        low: time.low / best,
        median: time.median / best,
        high: time.high / best,
    })
}

/// One row per contestant with the geometric mean of its ratios.
fn means(contest: &Contest, accuracies: &[f64]) -> DotBlock {
    let row = |id: &str, ink: Ink, eps: f64| {
        let ratios = contest.problems.iter();
        let ratios = ratios.filter_map(|p| ratio(contest, &p.id, id, eps).ok());
        let logs: Vec<f64> = ratios.map(|r| r.median.ln()).collect();
        let all = contest.problems.len();
        if logs.is_empty() {
            return DotRow {
                text: format!("over 0 of {all}"),
                ..DotRow::default()
            };
        }
        let mean = (logs.iter().sum::<f64>() / logs.len() as f64).exp();
        DotRow {
            dots: vec![Dot {
                ink,
                leads: leads(id),
                at: Spread {
                    low: mean,
                    median: mean,
                    high: mean,
                },
            }],
            absent: Vec::new(),
            text: format!("{} over {} of {all}", short(mean), logs.len()),
        }
    };
    let looks = contest.looks.iter();
    DotBlock {
        labels: looks
            .clone()
            .map(|(_, label, _)| (label.clone(), String::new()))
            .collect(),
        columns: accuracies
            .iter()
            .map(|eps| {
                let rows = looks.clone().map(|(id, _, ink)| row(id, *ink, *eps));
                (
                    format!("Geometric mean at ε = {}", power(*eps)),
                    rows.collect(),
                )
            })
            .collect(),
    }
}

/// Two significant digits.
fn short(value: f64) -> String {
    // One step up where rounding adds a digit: 0.998 is 1.0, not 1.00.
    let exponent = (value * 1.005).log10().floor() as i32;
    let digits = (1 - exponent).clamp(0, 9) as usize;
    format!("{value:.digits$}")
}

#[cfg(test)]
mod tests {
    use super::super::synthetic::Rows;
    use super::*;

    #[test]
    fn the_fastest_peer_is_the_unit() -> Result<()> {
        let contest = Contest::of(&Rows::complete().frames()?)?.expect("rows");
        let ratio = |contestant, eps| ratio(&contest, "toy-problem", contestant, eps);
        assert!(ratio("coordinate-descent", 1e-6).is_ok_and(|r| (r.median - 0.1).abs() < 1e-12));
        assert_eq!(ratio("celer", 1e-6).map(|r| r.median), Ok(1.0));
        assert_eq!(ratio("coordinate-descent", 1e-10), Err(NO_PEER));
        let means = means(&contest, &contest.accuracies);
        assert_eq!(means.columns[0].1[0].text, "0.10 over 1 of 1");
        assert_eq!(means.columns[1].1[0].text, "over 0 of 1");
        Ok(())
    }

    #[test]
    fn ratios_have_two_digits() {
        assert_eq!(
            [0.1234, 0.998, 1.26, 12.6, 345.0, 0.00123].map(short),
            ["0.12", "1.0", "1.3", "13", "345", "0.0012"]
        );
    }
}
