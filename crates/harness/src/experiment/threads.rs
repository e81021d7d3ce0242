//! How much faster is one path on two threads than on one?

use super::{Experiment, Scale, interleaved};
use crate::problem;
use crate::trial::Trial;

pub(super) struct Threads;

impl Experiment for Threads {
    fn id(&self) -> &'static str {
        "threads"
    }

    fn question(&self) -> &'static str {
        "how much faster is one path on two threads than on one?"
    }

    fn figures(&self) -> &'static [&'static str] {
        &["threads"]
    }

    fn by_name_only(&self) -> bool {
        true
    }

    fn trials(&self, scale: Scale) -> Vec<Trial> {
        let (repeats, limit) = match scale {
            Scale::Smoke => (1, 2.0),
            Scale::Laptop => (7, 20.0),
            Scale::Paper => (15, 120.0),
        };
        problem::all()
            .iter()
            .filter(|p| p.scale <= scale)
            .flat_map(|problem| {
                let trial = |threads: usize| {
                    let mut trial = problem.trial(self.id(), "auto");
                    trial.threads = threads;
                    trial.timeout_seconds = Some(limit);
                    trial
                };
                interleaved([1, 2].map(trial).into(), repeats)
            })
            .collect()
    }
}
