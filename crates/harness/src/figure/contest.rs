//! A contest: how every contestant stands on every problem at every accuracy, and the tolerances it walked.

use super::Frames;
use super::absence::{NOT_RUN, absence};
use super::reader::{rungs, standings};
use super::spread::Spread;
use super::style::{Ink, contestants, is_peer, penalty};
use super::trial::distinct;
use anyhow::Result;

/// One row of `ladder`: a contestant on a problem at an accuracy.
#[derive(Clone, Debug, Default)]
pub struct Standing {
    /// Problem of the registry.
    pub problem: String,
    /// Rows of X.
    pub n: u64,
    /// Columns of X.
    pub p: u64,
    /// Mixing parameter.
    pub alpha: f64,
    /// Contestant identifier.
    pub contestant: String,
    /// Version of the contestant; may be empty.
    pub version: String,
    /// Bound on the worst certified suboptimality over the path.
    pub eps: f64,
    /// Seconds of the repeats, where the accuracy was reached.
    pub seconds: Option<Spread>,
    /// Timed repeats.
    pub repeats: u64,
    /// How it ended.
    pub status: String,
    /// Why, if not certified.
    pub reason: String,
}

/// One row of `rungs`: a tolerance that a contestant walked on a problem.
#[derive(Clone, Debug, Default)]
pub struct Rung {
    /// Problem of the registry.
    pub problem: String,
    /// Contestant identifier.
    pub contestant: String,
    /// Tolerance in the contestant's own meaning.
    pub tol: f64,
    /// Worst certified suboptimality over the path.
    pub subopt: Option<f64>,
    /// Seconds of the path.
    pub seconds: Option<f64>,
    /// How it ended.
    pub status: String,
    /// Why, if not converged.
    pub reason: String,
}

/// A problem as the pictures name it.
#[derive(Clone, Debug, PartialEq)]
pub struct Problem {
    /// Identifier.
    pub id: String,
    /// Size of X, and the penalty unless it is the lasso; may be empty.
    pub detail: String,
}

/// The frames `ladder` and `rungs`.
pub struct Contest {
    /// In frame order.
    pub problems: Vec<Problem>,
    /// From the loosest to the tightest.
    pub accuracies: Vec<f64>,
    /// Identifier, label and ink of every contestant, in display order.
    pub looks: Vec<(String, String, Ink)>,
    /// In frame order.
    pub standings: Vec<Standing>,
    rungs: Vec<Rung>,
}

impl Contest {
    /// Reads both frames; `None` where neither has a row.
    pub fn of(frames: &Frames) -> Result<Option<Self>> {
        let (standings, rungs) = (standings(frames)?, rungs(frames)?);
        let of_standings = standings.iter().map(|s| (&s.problem, &s.contestant));
        let of_rungs = rungs.iter().map(|r| (&r.problem, &r.contestant));
        let pairs: Vec<_> = of_standings.chain(of_rungs).collect();
        if pairs.is_empty() {
            return Ok(None);
        }
        let looks = contestants(pairs.iter().map(|(_, contestant)| contestant.as_str()));
        let problems = distinct(pairs.iter().map(|(problem, _)| problem.as_str()))
            .into_iter()
            .map(|id| {
                let detail = standings.iter().find(|s| s.problem == id).map(|s| {
                    let size = format!("{} × {}", s.n, s.p);
                    if s.alpha < 1.0 {
                        format!("{size}, {}", penalty(s.alpha))
                    } else {
                        size
                    }
                });
                Problem {
                    id: id.into(),
                    detail: detail.unwrap_or_default(),
                }
            })
            .collect();
        let mut accuracies = distinct(standings.iter().map(|s| s.eps));
        accuracies.sort_by(|a, b| b.total_cmp(a));
        Ok(Some(Self {
            problems,
            accuracies,
            looks,
            standings,
            rungs,
        }))
    }

    /// How a contestant stands; the latest row where there are several.
    pub fn standing(&self, problem: &str, contestant: &str, eps: f64) -> Option<&Standing> {
        self.standings
            .iter()
            .rfind(|s| s.eps == eps && s.contestant == contestant && s.problem == problem)
    }

    /// The time of a contestant on a problem, or why there is none.
    pub fn time(&self, problem: &str, contestant: &str, eps: f64) -> Result<Spread, &'static str> {
        let standing = self.standing(problem, contestant, eps).ok_or(NOT_RUN)?;
        standing
            .seconds
            .ok_or_else(|| absence(&standing.status, &standing.reason))
    }

    /// Median seconds of the fastest peer on a problem, if any peer has a time.
    pub fn best_peer(&self, problem: &str, eps: f64) -> Option<f64> {
        let peers = self.looks.iter().filter(|(id, ..)| is_peer(id));
        peers
            .filter_map(|(id, ..)| self.time(problem, id, eps).ok())
            .map(|seconds| seconds.median)
            .min_by(f64::total_cmp)
    }

    /// The tolerances that a contestant walked on a problem, loosest first; the latest row of each.
    pub fn walk(&self, problem: &str, contestant: &str) -> Vec<&Rung> {
        let mut walk: Vec<&Rung> = Vec::new();
        let here = |r: &&Rung| r.problem == problem && r.contestant == contestant;
        for rung in self.rungs.iter().filter(here) {
            match walk.iter_mut().find(|known| known.tol == rung.tol) {
                Some(known) => *known = rung,
                None => walk.push(rung),
            }
        }
        walk.sort_by(|a, b| b.tol.total_cmp(&a.tol));
        walk
    }
}

/// A number that is a power of ten as such: `10^{−6}`.
pub fn power(value: f64) -> String {
    let exponent = value.log10();
    if (exponent - exponent.round()).abs() < 1e-9 {
        format!("10^{{{}}}", exponent.round()).replace('-', "−")
    } else {
        format!("{value:e}").replace('-', "−")
    }
}

#[cfg(test)]
mod tests {
    use super::super::synthetic::Rows;
    use super::*;

    #[test]
    fn times_and_absences_are_told_apart() -> Result<()> {
        let contest = Contest::of(&Rows::complete().frames()?)?.expect("rows");
        let time = |contestant, eps| contest.time("toy-problem", contestant, eps);
        assert_eq!(time("coordinate-descent", 1e-6).map(|s| s.median), Ok(0.01));
        assert_eq!(time("celer", 1e-10), Err("too slow"));
        assert_eq!(time("lars", 1e-10), Err(NOT_RUN));
        assert_eq!(contest.best_peer("toy-problem", 1e-6), Some(0.1));
        assert_eq!(contest.accuracies, [1e-6, 1e-10]);
        Ok(())
    }

    #[test]
    fn powers_are_written_as_such() {
        assert_eq!([1e-6, 1.0, 2e-7].map(power), ["10^{−6}", "10^{0}", "2e−7"]);
    }
}
