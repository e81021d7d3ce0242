//! The trials of claims over the cores: each from its own random stream, a failure kept as a row.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;

use anyhow::anyhow;
use rayon::prelude::*;

use crate::claim::{Claim, Row, Rows, Ruling, Verdict, stream};
use crate::record::schema::ClaimRow;
use crate::stopwatch::interrupted;

/// What was measured for one claim.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Findings {
    /// The rows of every trial that did not fail, in the order of trials.
    pub rows: Rows,
    /// Why trials failed.
    pub failures: Vec<String>,
}

impl Findings {
    /// From the recorded rows of one claim.
    pub fn of(recorded: Vec<ClaimRow>) -> Self {
        let (failed, whole): (Vec<_>, Vec<_>) =
            recorded.into_iter().partition(|r| !r.reason.is_empty());
        let row = |r: ClaimRow| Row {
            trial: r.trial,
            series: r.series,
            quantity: r.quantity,
            at: r.at,
            value: r.value,
        };
        Self {
            rows: Rows::from_rows(whole.into_iter().map(row).collect()),
            failures: failed.into_iter().map(|r| r.reason).collect(),
        }
    }

    /// Trials that drew data and did not fail.
    pub fn trials(&self) -> usize {
        let mut trials: Vec<u64> = (self.rows.as_slice().iter())
            .filter_map(|r| r.trial)
            .collect();
        trials.sort_unstable();
        trials.dedup();
        trials.len()
    }

    /// What the rows say, and the verdict: undecided where a trial failed, since the others may have been the easy ones, and where
    /// there were fewer than the claim asks for.
    pub fn judge(&self, claim: &dyn Claim) -> (Ruling, Verdict) {
        let ruling = claim.judge(&self.rows);
        let whole = self.failures.is_empty() && self.trials() >= claim.trials();
        let verdict = match whole {
            true => ruling.verdict(),
            false => Verdict::Undecided,
        };
        (ruling, verdict)
    }
}

/// One piece of work: a trial of a claim, or what it measures without chance.
struct Job {
    claim: &'static dyn Claim,
    trial: Option<u64>,
}

impl Job {
    /// All jobs of a claim with so many trials at most.
    fn all(claim: &'static dyn Claim, most: Option<usize>) -> Vec<Job> {
        let trials = most.map_or(claim.trials(), |most| most.min(claim.trials()));
        let drawn = (0..trials as u64).map(Some);
        std::iter::once(None)
            .chain(drawn)
            .map(|trial| Job { claim, trial })
            .collect()
    }

    fn run(&self, seed: u64) -> Vec<ClaimRow> {
        let id = self.claim.id();
        let mut rows = Rows::of(self.trial);
        let outcome = catch_unwind(AssertUnwindSafe(|| match self.trial {
            None => self.claim.fixed(&mut rows),
            Some(trial) => {
                let mut rng = stream(seed, id, trial);
                self.claim.trial(&mut rng, &mut rows)
            }
        }));
        let outcome = outcome.unwrap_or_else(|_| Err(anyhow!("it panicked")));
        let recorded = |row: &Row| ClaimRow {
            claim: id.to_owned(),
            trial: row.trial,
            series: row.series.clone(),
            quantity: row.quantity.clone(),
            at: row.at,
            value: row.value,
            reason: String::new(),
        };
        match outcome {
            Ok(()) => rows.as_slice().iter().map(recorded).collect(),
            Err(error) => vec![ClaimRow {
                claim: id.to_owned(),
                trial: self.trial,
                quantity: "failed".into(),
                value: f64::NAN,
                reason: format!("{error:#}"),
                ..ClaimRow::default()
            }],
        }
    }
}

/// What is measured, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Seed of all streams.
    pub seed: u64,
    /// Most trials of each claim; those that the claim asks for where None.
    pub trials: Option<usize>,
}

/// Jobs of these claims.
pub fn jobs(claims: &[&'static dyn Claim], settings: Settings) -> usize {
    let jobs = claims.iter().map(|c| Job::all(*c, settings.trials).len());
    jobs.sum()
}

/// Measures claims, those that read no clock over the threads of the current pool, then the others one trial at a time.
///
/// `ended` hears of every job, `complete` gets the rows of a claim as soon as its last trial ended, whatever became of the others.
/// After Ctrl-C no further trial begins. Errors: the first that `complete` returns.
pub fn measure(
    claims: &[&'static dyn Claim],
    settings: Settings,
    ended: &(dyn Fn(&str) + Sync),
    complete: &(dyn Fn(&str, Vec<ClaimRow>) -> anyhow::Result<()> + Sync),
) -> anyhow::Result<()> {
    let jobs_of = |timed: bool| -> Vec<Job> {
        let chosen = claims.iter().filter(|c| c.timed() == timed);
        chosen.flat_map(|c| Job::all(*c, settings.trials)).collect()
    };
    let waiting: HashMap<&str, Waiting> = (claims.iter())
        .map(|c| (c.id(), Waiting::new(Job::all(*c, settings.trials).len())))
        .collect();
    let one = |job: &Job| -> anyhow::Result<()> {
        if interrupted() {
            return Ok(());
        }
        let rows = job.run(settings.seed);
        let place = job.trial.map_or(0, |trial| 1 + trial as usize);
        let whole = waiting[job.claim.id()].take(place, rows);
        ended(job.claim.id());
        whole.map_or(Ok(()), |rows| complete(job.claim.id(), rows))
    };
    (jobs_of(false).par_iter().with_max_len(1)).try_for_each(one)?;
    jobs_of(true).iter().try_for_each(one)
}

/// The rows of a claim, job by job, until all of them are there.
struct Waiting(Mutex<Vec<Option<Vec<ClaimRow>>>>);

impl Waiting {
    fn new(jobs: usize) -> Self {
        Self(Mutex::new(vec![None; jobs]))
    }

    /// Keeps the rows of one job; those of all jobs in their order if it was the last.
    fn take(&self, place: usize, rows: Vec<ClaimRow>) -> Option<Vec<ClaimRow>> {
        // A job that panicked has been caught before: the lock is never poisoned.
        let mut jobs = self.0.lock().unwrap_or_else(|e| e.into_inner());
        jobs[place] = Some(rows);
        let all = jobs.iter().all(Option::is_some);
        all.then(|| jobs.iter_mut().filter_map(Option::take).flatten().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::claim::{Bound, Check, interval};
    use crate::figure::chart::Chart;
    use rand::RngExt;
    use rand_chacha::ChaCha8Rng;

    /// A claim of which every third trial fails, unless it is sound.
    struct Toy {
        sound: bool,
    }

    impl Claim for Toy {
        fn id(&self) -> &'static str {
            "toy"
        }
        fn claim(&self) -> &'static str {
            "numbers are positive"
        }
        fn experiment(&self) -> &'static str {
            "uniform numbers"
        }
        fn sources(&self) -> &'static [&'static str] {
            &[]
        }
        fn trials(&self) -> usize {
            21
        }
        fn trial(&self, rng: &mut ChaCha8Rng, rows: &mut Rows) -> anyhow::Result<()> {
            let number = rng.random::<f64>();
            rows.push("a", "number", 0.0, number);
            if !self.sound && number < 0.3 {
                anyhow::bail!("it is {number}");
            }
            if !self.sound && number < 0.4 {
                panic!("unforeseen");
            }
            Ok(())
        }
        fn judge(&self, rows: &Rows) -> Ruling {
            let numbers = interval::of_mean(&rows.values("a", "number", 0.0));
            Ruling {
                checks: vec![Check::new("number", numbers, Bound::Above(0.0))],
                sentence: String::new(),
            }
        }
        fn charts(&self, _rows: &Rows) -> Vec<Chart> {
            Vec::new()
        }
    }

    fn findings(claim: &'static dyn Claim, seed: u64, threads: usize) -> Findings {
        let found = Mutex::new(None);
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
        let settings = Settings { seed, trials: None };
        let keep = |_: &str, rows| {
            *found.lock().unwrap() = Some(Findings::of(rows));
            Ok(())
        };
        pool.unwrap()
            .install(|| measure(&[claim], settings, &|_| {}, &keep))
            .unwrap();
        found.into_inner().unwrap().unwrap()
    }

    #[test]
    fn results_depend_on_the_seed_and_not_on_threads() {
        static SOUND: Toy = Toy { sound: true };
        let one = findings(&SOUND, 0, 1);
        assert_eq!(one, findings(&SOUND, 0, 3));
        assert_ne!(one, findings(&SOUND, 1, 1));
        assert_eq!((one.trials(), one.failures.len()), (21, 0));
        assert_eq!(one.judge(&SOUND).1, Verdict::Confirmed);
    }

    #[test]
    fn a_failed_trial_is_kept_with_its_reason_and_leaves_the_claim_undecided() {
        static BROKEN: Toy = Toy { sound: false };
        let found = findings(&BROKEN, 0, 2);
        assert!(found.trials() > 0 && !found.failures.is_empty());
        assert_eq!(found.trials() + found.failures.len(), 21);
        assert!(found.failures.iter().any(|f| f.contains("it is 0.")));
        assert!(found.failures.iter().any(|f| f.contains("panicked")));
        let numbers = found.rows.values("a", "number", 0.0);
        assert!(numbers.iter().all(|v| *v >= 0.4));
        let (ruling, verdict) = found.judge(&BROKEN);
        assert_eq!(ruling.verdict(), Verdict::Confirmed);
        assert_eq!(verdict, Verdict::Undecided);
    }
}
