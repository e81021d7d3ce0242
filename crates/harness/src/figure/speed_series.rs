//! Gain and price of chunks for one contestant on one number of threads.

use super::spread::Spread;
use super::style::Ink;
use super::trial::Trial;

/// One contestant on one number of threads.
pub struct Series {
    /// What the legend calls it.
    pub name: String,
    /// How it looks.
    pub ink: Ink,
    /// (chunks, speed-up over its repeats).
    pub gain: Vec<(f64, Spread)>,
    /// (chunks, work relative to one chunk).
    pub work: Vec<(f64, f64)>,
    /// Chunks at which a repeat did not converge.
    pub failed: Vec<f64>,
}

impl Series {
    /// `own` holds all trials of the contestant, `on` those on this number of threads.
    pub fn new(
        name: String,
        ink: Ink,
        own: &[&Trial],
        on: &[&Trial],
        chunks: &[u64],
        updates: bool,
    ) -> Self {
        let seconds = |trials: &[&Trial], chunks: u64, threads: Option<u64>| {
            let fits = |t: &&&Trial| {
                t.chunks == chunks && t.timed() && threads.is_none_or(|wanted| t.threads == wanted)
            };
            Spread::of(trials.iter().filter(fits).filter_map(|t| t.seconds))
        };
        let total = |t: &Trial| {
            t.points
                .iter()
                .map(|p| if updates { p.updates } else { p.epochs })
                .sum::<u64>() as f64
        };
        let work = |trials: &[&Trial], chunks: u64| {
            trials
                .iter()
                .find(|t| t.chunks == chunks && t.converged())
                .map(|t| total(t))
        };
        let (base, unit) = (seconds(own, 1, Some(1)), work(own, 1));
        let at = |c: &u64| (*c).max(1) as f64;
        let gain = |c: &u64| Some((at(c), seconds(on, *c, None)?.ratio(base?.median)));
        let price = |c: &u64| Some((at(c), work(on, *c)? / unit.filter(|u| *u > 0.0)?));
        Self {
            name,
            ink,
            gain: chunks.iter().filter_map(gain).collect(),
            work: chunks.iter().filter_map(price).collect(),
            failed: chunks
                .iter()
                .filter(|c| on.iter().any(|t| t.chunks == **c && !t.converged()))
                .map(at)
                .collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::style::ink;
    use super::*;

    #[test]
    fn speed_up_is_over_one_chunk_on_one_thread() {
        let trial = |chunks, threads, seconds| Trial {
            chunks,
            threads,
            seconds: Some(seconds),
            status: "converged".into(),
            ..Trial::default()
        };
        let trials = [
            trial(1, 1, 2.0),
            trial(2, 2, 1.0),
            trial(2, 2, 4.0),
            trial(2, 2, 2.0),
        ];
        let all: Vec<&Trial> = trials.iter().collect();
        let series = Series::new(String::new(), ink(0), &all, &all[1..], &[1, 2], true);
        assert_eq!(
            series.gain,
            [(
                2.0,
                Spread {
                    low: 0.5,
                    median: 1.0,
                    high: 2.0
                }
            )]
        );
        assert!(series.failed.is_empty() && series.work.is_empty());
    }
}
