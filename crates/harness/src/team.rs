//! A team of threads for work that the library leaves to its caller.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use indicatif::ProgressBar;
use rayon::prelude::*;
use regpath_solvers::validation::Workers;

use crate::stopwatch::interrupted;

/// The threads of the current pool. What they return does not depend on how many there are.
pub struct Team<'a> {
    /// Grows by the parts of each task, and advances with each that is done.
    pub progress: &'a ProgressBar,
}

/// What a part that was not begun unwinds with: its result is of a type that cannot be made up.
struct Abandoned;

impl Workers for Team<'_> {
    /// Ends by unwinding after Ctrl-C, see [`Team::until_interrupted`].
    fn map<P: Send, R: Send>(&self, parts: Vec<P>, work: impl Fn(P) -> R + Sync) -> Vec<R> {
        let one = |part| {
            if interrupted() {
                resume_unwind(Box::new(Abandoned));
            }
            let result = work(part);
            self.progress.inc(1);
            result
        };
        self.progress.inc_length(parts.len() as u64);
        // Parts are few and long, and not equally so: each is taken by itself.
        parts.into_par_iter().with_max_len(1).map(one).collect()
    }
}

impl Team<'_> {
    /// What `work` returns; None if parts of it were abandoned after Ctrl-C.
    pub fn until_interrupted<R>(work: impl FnOnce() -> R) -> Option<R> {
        match catch_unwind(AssertUnwindSafe(work)) {
            Ok(result) => Some(result),
            Err(payload) if payload.is::<Abandoned>() => None,
            Err(payload) => resume_unwind(payload),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_keep_the_order_of_the_parts() {
        let bar = ProgressBar::hidden();
        bar.set_length(0);
        let team = Team { progress: &bar };
        let squares = team.map((0..100).collect(), |i: usize| i * i);
        assert_eq!(squares, (0..100).map(|i| i * i).collect::<Vec<_>>());
        assert_eq!((bar.position(), bar.length()), (100, Some(100)));
        assert_eq!(Team::until_interrupted(|| 3), Some(3));
        assert_eq!(
            Team::until_interrupted(|| -> u8 { resume_unwind(Box::new(Abandoned)) }),
            None
        );
    }
}
