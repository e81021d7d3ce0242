//! Time beside that of another build: both in processes of their own, in turns, with one of them twice.

use serde::Serialize;

use super::probe::{Benchmark, Probe};
use super::scratch::Scratch;
use crate::statistics::{PairedRatio, holm, median, paired_ratio};
use crate::stopwatch::interrupted;

/// Rounds of a look.
pub const ROUNDS: usize = 15;
/// Looks that have to say so before a benchmark is called slower or faster.
const CONFIRMED: usize = 2;
/// Looks at a benchmark before it is called inconclusive.
const LOOKS: u64 = 4;
/// Samples of a process, of which the fastest counts: what disturbs a program makes it slower only.
const SAMPLES: usize = 10;
/// Ratio of times up to which nothing is said.
pub const BOUND: f64 = 1.05;
/// Probability of one or more false alarms among all benchmarks of a look.
const LEVEL: f64 = 0.05;

/// What is known about the time of a benchmark.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Change {
    /// Slower, and so again.
    Slower,
    /// Faster, and so again.
    Faster,
    /// Neither.
    Same,
    /// The base differs from itself by as much as what is asked for, or looks contradict each other.
    Inconclusive,
}

/// One benchmark, timed.
#[derive(Clone, Debug, Serialize)]
pub struct Timing {
    /// Its name.
    pub benchmark: String,
    /// Median seconds of the base.
    pub base: f64,
    /// Median seconds of the change.
    pub head: f64,
    /// Coefficient of variation of the base's seconds over the rounds.
    pub cv: f64,
    /// Change over base, in the last look that was taken.
    pub ratio: PairedRatio,
    /// Base over base, in the same rounds.
    pub unchanged: PairedRatio,
    /// What that proves.
    pub change: Change,
}

impl Timing {
    /// The smallest effect that could have been told from none: how far the base gets from itself.
    pub fn resolution(&self) -> f64 {
        self.unchanged.high.max(1.0 / self.unchanged.low)
    }
}

/// Times of the base, of the base again and of the change, round by round.
#[derive(Default)]
struct Rounds {
    times: [Vec<f64>; 3],
}

impl Rounds {
    fn timing(&self, benchmark: &str, seed: u64) -> Timing {
        let [base, again, head] = &self.times;
        let middle = |times: &[f64]| median(&mut times.to_vec());
        Timing {
            benchmark: benchmark.to_owned(),
            base: middle(base),
            head: middle(head),
            cv: variation(base),
            ratio: paired_ratio(base, head, BOUND, seed),
            unchanged: paired_ratio(base, again, BOUND, seed + 1),
            change: Change::Same,
        }
    }
}

/// Standard deviation over mean.
fn variation(values: &[f64]) -> f64 {
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    let variance = values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / count;
    variance.sqrt() / mean
}

/// Times every benchmark that both programs have and that is worth it. None if that was interrupted.
///
/// Errors: a program that gives a wrong answer, or has nothing to be timed.
pub fn compare(
    base: &Probe,
    head: &Probe,
    rounds: usize,
    progress: &dyn Fn(&str),
) -> anyhow::Result<Option<Vec<Timing>>> {
    let dir = Scratch::new("time")?;
    let (base, head) = (
        &base.copied(dir.join("base"))?,
        &head.copied(dir.join("head"))?,
    );
    let old = base.benchmarks()?;
    let both = |b: &Benchmark| b.timed && old.iter().any(|o| o.name == b.name);
    let names: Vec<String> = (head.benchmarks()?.into_iter().filter(both))
        .map(|b| b.name)
        .collect();
    anyhow::ensure!(!names.is_empty(), "there is nothing to time");
    let mut seen: Vec<Seen> = names.iter().map(|_| Seen::default()).collect();
    for number in 0..LOOKS {
        let open: Vec<usize> = (0..names.len())
            .filter(|&i| !seen[i].is_settled())
            .collect();
        let asked: Vec<String> = open.iter().map(|&i| names[i].clone()).collect();
        if asked.is_empty() {
            break;
        }
        match look(base, head, &asked, rounds, number, progress)? {
            Some(timings) => (open.iter().zip(timings)).for_each(|(&i, t)| seen[i].add(t)),
            None => return Ok(None),
        }
    }
    Ok(Some(seen.into_iter().filter_map(Seen::verdict).collect()))
}

/// What several looks have said of one benchmark.
#[derive(Default)]
struct Seen {
    last: Option<Timing>,
    slower: usize,
    faster: usize,
    same: bool,
}

impl Seen {
    fn add(&mut self, timing: Timing) {
        match timing.change {
            Change::Slower => self.slower += 1,
            Change::Faster => self.faster += 1,
            // What comes and goes is no change.
            Change::Same => self.same = true,
            // Worth another look, no more.
            Change::Inconclusive => {}
        }
        self.last = Some(timing);
    }

    fn is_settled(&self) -> bool {
        self.same || self.slower.max(self.faster) >= CONFIRMED
    }

    /// The last timing, with what all of the looks together prove.
    fn verdict(self) -> Option<Timing> {
        let change = if self.same {
            Change::Same
        } else if self.slower >= CONFIRMED {
            Change::Slower
        } else if self.faster >= CONFIRMED {
            Change::Faster
        } else {
            Change::Inconclusive
        };
        self.last.map(|timing| Timing { change, ..timing })
    }
}

/// One look at the benchmarks `names`.
fn look(
    base: &Probe,
    head: &Probe,
    names: &[String],
    rounds: usize,
    seed: u64,
    progress: &dyn Fn(&str),
) -> anyhow::Result<Option<Vec<Timing>>> {
    let programs = [base, base, head];
    let mut all: Vec<Rounds> = names.iter().map(|_| Rounds::default()).collect();
    // All benchmarks once a round, so that a disturbance hits a round of many rather than all rounds of one.
    for round in 0..rounds {
        for (name, taken) in names.iter().zip(&mut all) {
            for turn in 0..programs.len() {
                if interrupted() {
                    return Ok(None);
                }
                let which = (round + turn) % programs.len();
                let seconds = match programs[which].seconds(name, SAMPLES) {
                    Err(_) if interrupted() => return Ok(None),
                    other => other?,
                };
                let fastest = seconds.into_iter().fold(f64::INFINITY, f64::min);
                taken.times[which].push(fastest);
            }
            progress(name);
        }
    }
    let mut timings: Vec<Timing> = (names.iter().zip(&all))
        .map(|(name, taken)| taken.timing(name, seed))
        .collect();
    judge(&mut timings);
    Ok(Some(timings))
}

/// Decides about all benchmarks of a look at once.
fn judge(timings: &mut [Timing]) {
    let slower: Vec<f64> = timings.iter().map(|t| t.ratio.p_slower).collect();
    let faster: Vec<f64> = timings.iter().map(|t| t.ratio.p_faster).collect();
    let (slower, faster) = (holm(&slower, LEVEL), holm(&faster, LEVEL));
    for (i, timing) in timings.iter_mut().enumerate() {
        timing.change = if timing.resolution() > BOUND {
            Change::Inconclusive
        } else if slower[i] {
            Change::Slower
        } else if faster[i] {
            Change::Faster
        } else {
            Change::Same
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn timing(times: [[f64; 6]; 3]) -> Timing {
        let rounds = Rounds {
            times: times.map(Vec::from),
        };
        rounds.timing("kernel", 0)
    }

    fn judged(times: [[f64; 6]; 3]) -> Change {
        let mut timings = [timing(times)];
        judge(&mut timings);
        timings[0].change
    }

    #[test]
    fn only_what_can_be_resolved_is_judged() {
        let quiet = [1.00, 1.01, 0.99, 1.00, 1.01, 1.00];
        let slow = quiet.map(|t| 1.2 * t);
        let noisy = [1.0, 1.3, 0.8, 1.4, 0.7, 1.0];
        assert_eq!(judged([quiet, quiet, quiet]), Change::Same);
        assert_eq!(judged([quiet, quiet, slow]), Change::Slower);
        assert_eq!(judged([slow, slow, quiet]), Change::Faster);
        assert_eq!(judged([quiet, noisy, slow]), Change::Inconclusive);
    }

    #[test]
    fn a_change_needs_two_looks_and_noise_gets_more() {
        use Change::{Faster, Inconclusive, Same, Slower};
        let quiet = [1.0; 6];
        let after = |changes: &[Change]| {
            let mut seen = Seen::default();
            for &change in changes {
                assert!(!seen.is_settled(), "{changes:?}");
                let timing = timing([quiet; 3]);
                seen.add(Timing { change, ..timing });
            }
            (seen.is_settled(), seen.verdict().map(|t| t.change))
        };
        for (changes, settled, verdict) in [
            (&[Same][..], true, Same),
            (&[Slower], false, Inconclusive),
            (&[Slower, Slower], true, Slower),
            (&[Faster, Inconclusive, Faster], true, Faster),
            (&[Slower, Same], true, Same),
            (&[Slower, Faster, Slower], true, Slower),
            (&[Inconclusive, Slower], false, Inconclusive),
        ] {
            assert_eq!(after(changes), (settled, Some(verdict)), "{changes:?}");
        }
    }

    /// A program that behaves as the probe does, with these seconds in place of a measurement.
    #[cfg(unix)]
    fn script(dir: &std::path::Path, name: &str, seconds: &str) -> Probe {
        use std::os::unix::fs::PermissionsExt;
        let path = dir.join(name);
        let text = format!(
            "#!/bin/sh\ncase $1 in\nlist) printf 'kernel/a\\ttimed\\nkernel/b\\tcounted\\n';;\n\
             seconds) {seconds};;\nesac\n"
        );
        std::fs::write(&path, text).expect("a writable folder");
        let executable = std::fs::Permissions::from_mode(0o755);
        std::fs::set_permissions(&path, executable).expect("a file of our own");
        Probe::at(path)
    }

    #[cfg(unix)]
    #[test]
    fn a_slower_program_is_found_and_one_that_fails_is_an_error() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let quick = "for i in 1 2 3 4 5 6 7 8 9 10; do echo 1.0$i; done";
        let slow = "for i in 1 2 3 4 5 6 7 8 9 10; do echo 1.2$i; done";
        let base = script(dir.path(), "base", quick);
        let of = |head: &Probe| compare(&base, head, 5, &|_| ());
        let changes = |head: &Probe| -> Vec<Change> {
            let timings = of(head).expect("it runs").expect("it was not interrupted");
            timings.iter().map(|t| t.change).collect()
        };
        assert_eq!(changes(&base), [Change::Same]);
        let slow = script(dir.path(), "slow", slow);
        assert_eq!(changes(&slow), [Change::Slower]);
        let wrong = script(dir.path(), "wrong", "echo a wrong answer >&2; exit 101");
        let error = of(&wrong).expect_err("it fails");
        assert!(error.to_string().contains("a wrong answer"), "{error}");
        let silent = script(dir.path(), "silent", "true");
        assert!(of(&silent).is_err());
    }
}
