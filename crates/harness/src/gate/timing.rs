//! Time beside that of another build: both in processes of their own, in turns, with one of them twice.

use serde::Serialize;

use super::probe::{Probe, WrongAnswer, scratch};
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
    /// How far the base gets from itself, as a ratio of at least 1.
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

/// What became of timing two programs.
#[derive(Default)]
pub struct Timed {
    /// Benchmarks that both have, in order.
    pub timings: Vec<Timing>,
    /// Benchmarks that only the base times.
    pub vanished: Vec<String>,
    /// Benchmarks that only the change times.
    pub new: Vec<String>,
    /// Benchmarks whose answer is wrong in the change, with the reason.
    pub wrong: Vec<(String, String)>,
    /// Benchmarks whose answer is wrong in the base, which have nothing to be compared with.
    pub wrong_before: Vec<(String, String)>,
}

/// Times every benchmark that both programs have and that is worth it. None if that was interrupted.
///
/// Errors: a program that cannot be run, or has nothing to be timed.
pub fn compare(
    base: &Probe,
    head: &Probe,
    rounds: usize,
    progress: &dyn Fn(&str),
) -> anyhow::Result<Option<Timed>> {
    let dir = scratch()?;
    let base = &base.copied(dir.path().join("base"))?;
    let head = &head.copied(dir.path().join("head"))?;
    let timed = |probe: &Probe| -> anyhow::Result<Vec<String>> {
        let all = probe.benchmarks()?.into_iter();
        Ok(all.filter(|b| b.timed).map(|b| b.name).collect())
    };
    let (old, now) = (timed(base)?, timed(head)?);
    let (names, new): (Vec<_>, Vec<_>) = now.into_iter().partition(|name| old.contains(name));
    anyhow::ensure!(!names.is_empty(), "there is nothing to time");
    let mut found = Timed {
        vanished: (old.into_iter())
            .filter(|name| !names.contains(name))
            .collect(),
        new,
        ..Timed::default()
    };
    let mut seen: Vec<(String, Seen)> = (names.into_iter())
        .map(|name| (name, Seen::default()))
        .collect();
    for number in 0..LOOKS {
        let open = seen.iter().filter(|(_, seen)| !seen.is_settled());
        let asked: Vec<String> = open.map(|(name, _)| name.clone()).collect();
        if asked.is_empty() {
            break;
        }
        let Some(looked) = look(base, head, &asked, rounds, number, progress)? else {
            return Ok(None);
        };
        let failed = [&looked.wrong, &looked.wrong_before].map(|wrong| wrong.iter());
        let failed: Vec<&String> = failed.into_iter().flatten().map(|(name, _)| name).collect();
        seen.retain(|(name, _)| !failed.contains(&name));
        for timing in looked.timings {
            let of = seen.iter_mut().find(|(name, _)| *name == timing.benchmark);
            if let Some((_, seen)) = of {
                seen.add(timing);
            }
        }
        found.wrong.extend(looked.wrong);
        found.wrong_before.extend(looked.wrong_before);
    }
    found.timings = seen.into_iter().filter_map(|(_, s)| s.verdict()).collect();
    Ok(Some(found))
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
        self.same || self.contradicts() || self.slower.max(self.faster) >= CONFIRMED
    }

    fn contradicts(&self) -> bool {
        self.slower > 0 && self.faster > 0
    }

    /// The last timing, with what all of the looks together prove.
    fn verdict(self) -> Option<Timing> {
        let change = if self.same {
            Change::Same
        } else if self.contradicts() {
            Change::Inconclusive
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
) -> anyhow::Result<Option<Timed>> {
    let programs = [base, base, head];
    let mut found = Timed::default();
    let mut all: Vec<(&String, Rounds)> = (names.iter())
        .map(|name| (name, Rounds::default()))
        .collect();
    // All benchmarks once a round, so that a disturbance hits a round of many rather than all rounds of one.
    for round in 0..rounds {
        let mut failed: Vec<&String> = Vec::new();
        for (name, taken) in &mut all {
            for turn in 0..programs.len() {
                let which = (round + turn) % programs.len();
                let seconds = programs[which].seconds(name, SAMPLES);
                // A signal ends the programs, too.
                if interrupted() {
                    return Ok(None);
                }
                match seconds {
                    Ok(seconds) => {
                        let fastest = seconds.into_iter().fold(f64::INFINITY, f64::min);
                        taken.times[which].push(fastest);
                    }
                    Err(error) => {
                        let wrong = error.downcast::<WrongAnswer>()?.0;
                        let is_base = which + 1 < programs.len();
                        let list = match is_base {
                            true => &mut found.wrong_before,
                            false => &mut found.wrong,
                        };
                        list.push((name.to_string(), wrong));
                        failed.push(name);
                        break;
                    }
                }
            }
            progress(name);
        }
        all.retain(|(name, _)| !failed.contains(name));
    }
    let timing = |(name, taken): &(&String, Rounds)| taken.timing(name, seed);
    found.timings = all.iter().map(timing).collect();
    judge(&mut found.timings);
    Ok(Some(found))
}

/// Decides about all benchmarks of a look at once. Where the base gets further from itself than the bound, a change has to be
/// further than that.
fn judge(timings: &mut [Timing]) {
    let slower: Vec<f64> = timings.iter().map(|t| t.ratio.p_slower).collect();
    let faster: Vec<f64> = timings.iter().map(|t| t.ratio.p_faster).collect();
    let (slower, faster) = (holm(&slower, LEVEL), holm(&faster, LEVEL));
    for (i, timing) in timings.iter_mut().enumerate() {
        let noise = timing.resolution();
        let (low, high) = (timing.ratio.low, timing.ratio.high);
        timing.change = if slower[i] && low > noise {
            Change::Slower
        } else if faster[i] && high < 1.0 / noise {
            Change::Faster
        } else if noise > BOUND {
            Change::Inconclusive
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
        // What is slower by far more than the noise is slower all the same.
        assert_eq!(
            judged([quiet, noisy, quiet.map(|t| 3.0 * t)]),
            Change::Slower
        );
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
            (&[Slower, Faster], true, Inconclusive),
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
            let timed = of(head).expect("it runs").expect("it was not interrupted");
            timed.timings.iter().map(|t| t.change).collect()
        };
        assert_eq!(changes(&base), [Change::Same]);
        let slow = script(dir.path(), "slow", slow);
        assert_eq!(changes(&slow), [Change::Slower]);
        let wrong = script(dir.path(), "wrong", "echo a wrong answer >&2; exit 101");
        let found = of(&wrong)
            .expect("it runs")
            .expect("it was not interrupted");
        let expected = [("kernel/a".to_owned(), "a wrong answer".to_owned())];
        assert_eq!(found.wrong, expected);
        assert!(found.timings.is_empty() && found.wrong_before.is_empty());
        // A base that was wrong is nothing to be compared with, and no fault of the change.
        let found = compare(&wrong, &base, 5, &|_| ());
        let found = found.expect("it runs").expect("it was not interrupted");
        assert_eq!(found.wrong_before, expected);
        assert!(found.timings.is_empty() && found.wrong.is_empty());
        let silent = script(dir.path(), "silent", "true");
        assert!(of(&silent).is_err());
    }
}
