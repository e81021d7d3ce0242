//! How steady the machine is: the same work again and again, and what others take from it.

use std::hint::black_box;
use std::time::Instant;

use regpath_solvers::design::kernels::dot;
use serde::Serialize;

/// Pieces of the same work that are timed.
const SAMPLES: usize = 2000;
/// Numbers in a vector of the work; two of them fit into any first-level cache.
const LENGTH: usize = 1000;
/// Products of a piece: about half a millisecond.
const PRODUCTS: usize = 5000;

/// Seconds of equal pieces of work that touch no memory beyond the first cache, relative to the fastest.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Jitter {
    /// Seconds of the fastest piece.
    pub fastest: f64,
    /// Median over fastest.
    pub median: f64,
    /// 99 of 100 pieces take no longer than this many times the fastest.
    pub p99: f64,
    /// Slowest over fastest.
    pub slowest: f64,
}

/// Times the pieces: about a second.
pub fn jitter() -> Jitter {
    let v = vec![1.0; LENGTH];
    let piece = || {
        let watch = Instant::now();
        for _ in 0..PRODUCTS {
            black_box(dot(black_box(&v), black_box(&v)));
        }
        watch.elapsed().as_secs_f64()
    };
    let mut seconds: Vec<f64> = (0..SAMPLES).map(|_| piece()).collect();
    seconds.sort_by(f64::total_cmp);
    let fastest = seconds[0];
    let at = |share: f64| seconds[(share * (SAMPLES - 1) as f64) as usize] / fastest;
    Jitter {
        fastest,
        median: at(0.5),
        p99: at(0.99),
        slowest: at(1.0),
    }
}

/// Processor time since the start of the machine, in ticks: all of it, and what a host gave to somebody else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ticks {
    all: u64,
    stolen: u64,
}

impl Ticks {
    /// Now; None where the system does not tell.
    pub fn now() -> Option<Self> {
        Self::parse(&std::fs::read_to_string("/proc/stat").ok()?)
    }

    /// The first line of /proc/stat: user, nice, system, idle, iowait, irq, softirq, steal. See proc(5).
    fn parse(stat: &str) -> Option<Self> {
        let line = stat.lines().next()?.strip_prefix("cpu ")?;
        let ticks: Result<Vec<u64>, _> = line.split_whitespace().map(str::parse).collect();
        let ticks = ticks.ok()?;
        let stolen = *ticks.get(7)?;
        // What follows, time of guests, is counted in the first two already.
        let all = ticks[..8].iter().sum();
        Some(Self { all, stolen })
    }

    /// Share of the time since `before` that was stolen; None if no time has passed.
    pub fn steal_since(self, before: Self) -> Option<f64> {
        let all = self.all.checked_sub(before.all).filter(|all| *all > 0)?;
        let stolen = self.stolen.checked_sub(before.stolen)?;
        Some(stolen as f64 / all as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steal_is_the_eighth_number_and_guests_are_not_counted_twice() {
        let before = Ticks::parse("cpu  10 0 10 70 0 0 0 10 5 0\ncpu0 1").expect("eight numbers");
        assert_eq!(
            before,
            Ticks {
                all: 100,
                stolen: 10
            }
        );
        let after = Ticks::parse("cpu  20 0 20 230 0 0 0 30 5 0").expect("eight numbers");
        assert_eq!(after.steal_since(before), Some(0.1));
        assert_eq!(after.steal_since(after), None);
        for broken in ["", "cpu 1 2 3", "intr 1", "cpu a b c d e f g h"] {
            assert_eq!(Ticks::parse(broken), None, "{broken}");
        }
    }

    #[test]
    fn quantiles_are_in_order() {
        let jitter = jitter();
        assert!(jitter.fastest > 0.0);
        assert!(1.0 <= jitter.median && jitter.median <= jitter.p99);
        assert!(jitter.p99 <= jitter.slowest);
    }
}
