//! What does each ingredient of the homotopy gain, problem by problem?

use super::{Experiment, Scale, interleaved};
use crate::problem;
use crate::trial::Trial;

pub(super) struct Ablation;

/// The full engine first.
const VARIANTS: [&str; 6] = [
    "homotopy",
    "homotopy-no-look-ahead",
    "homotopy-no-screening",
    "homotopy-no-gram",
    "homotopy-no-leaps",
    "coordinate-descent",
];

impl Experiment for Ablation {
    fn id(&self) -> &'static str {
        "ablation"
    }

    fn question(&self) -> &'static str {
        "what does each ingredient of the homotopy gain, problem by problem?"
    }

    fn figures(&self) -> &'static [&'static str] {
        &["ablation"]
    }

    fn by_name_only(&self) -> bool {
        true
    }

    fn trials(&self, scale: Scale) -> Vec<Trial> {
        let (repeats, limit) = match scale {
            Scale::Smoke => (1, 2.0),
            Scale::Laptop => (5, 10.0),
            Scale::Paper => (9, 120.0),
        };
        let dense = |p: &problem::Problem| p.scale <= scale && p.dataset.id != "power-law";
        problem::all()
            .iter()
            .filter(|p| dense(p))
            .flat_map(|problem| {
                let trial = |contestant: &&str| {
                    let mut trial = problem.trial(self.id(), contestant);
                    trial.timeout_seconds = Some(limit);
                    trial.coefficients = false;
                    trial
                };
                interleaved(VARIANTS.iter().map(trial).collect(), repeats)
            })
            .collect()
    }
}
