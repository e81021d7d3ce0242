//! Experiments: a question, the trials that answer it, and the figures that show the answer.
//!
//! [`EXPERIMENTS`] lists them; a new one is one file here and one line there.

mod ablation;
mod chunks;
mod convergence;
mod losses_classic;
mod paths;
mod runtime;
mod scaling;
mod threads;
mod zero_counts;

use serde::{Deserialize, Serialize};

use crate::trial::Trial;

/// Every experiment, in the order in which they run.
pub const EXPERIMENTS: &[&dyn Experiment] = &[
    &paths::Paths,
    &zero_counts::ZeroCounts,
    &losses_classic::LossesClassic,
    &runtime::Runtime,
    &chunks::Chunks,
    &convergence::Convergence,
    &ablation::Ablation,
    &threads::Threads,
    &scaling::Scaling,
];

/// How much is measured.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, clap::ValueEnum,
)]
#[serde(rename_all = "kebab-case")]
pub enum Scale {
    /// Seconds: does everything work?
    Smoke,
    /// Minutes on two cores: the default.
    Laptop,
    /// As long as it takes.
    Paper,
}

/// A question with its trials.
pub trait Experiment: Sync {
    /// Name on the command line and in the frames.
    fn id(&self) -> &'static str;

    /// The question, in one line.
    fn question(&self) -> &'static str;

    /// Ids of the figures that show the answer.
    fn figures(&self) -> &'static [&'static str];

    /// Whether it runs only where it is asked for: it explains the suite's own solvers, and takes its time.
    fn by_name_only(&self) -> bool {
        false
    }

    /// The trials in the order in which they are to run, repeats interleaved.
    fn trials(&self, scale: Scale) -> Vec<Trial>;
}

/// The experiment of that name; Err lists the names.
pub fn find(id: &str) -> Result<&'static dyn Experiment, String> {
    EXPERIMENTS
        .iter()
        .copied()
        .find(|e| e.id() == id)
        .ok_or_else(|| {
            let known: Vec<&str> = EXPERIMENTS.iter().map(|e| e.id()).collect();
            format!(
                "no experiment is called '{id}'; there are {}",
                known.join(", ")
            )
        })
}

/// `trials` repeated in the order A B A B.
fn interleaved(trials: Vec<Trial>, repeats: usize) -> Vec<Trial> {
    let repeat = |repeat: usize| {
        trials.iter().map(move |t| {
            Trial {
                repeat,
                ..t.clone()
            }
            .named()
        })
    };
    (0..repeats).flat_map(repeat).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figure::FIGURES;
    use crate::{contestant, dataset};

    #[test]
    fn every_plan_names_things_that_exist_and_has_unique_ids() {
        for experiment in EXPERIMENTS {
            assert!(!experiment.question().is_empty());
            for figure in experiment.figures() {
                assert!(
                    FIGURES.iter().any(|f| f.id() == *figure),
                    "no figure {figure}"
                );
            }
            for scale in [Scale::Smoke, Scale::Laptop, Scale::Paper] {
                let trials = experiment.trials(scale);
                assert!(!trials.is_empty());
                let mut ids: Vec<&str> = trials.iter().map(|t| t.id.as_str()).collect();
                ids.sort_unstable();
                ids.dedup();
                assert_eq!(ids.len(), trials.len(), "{}", experiment.id());
                for trial in &trials {
                    assert_eq!(trial.experiment, experiment.id());
                    assert!(contestant::find(&trial.contestant).is_ok());
                    assert!(dataset::DATASETS.iter().any(|d| d.id() == trial.dataset.id));
                }
            }
        }
    }

    #[test]
    fn repeats_are_interleaved() {
        let trials = runtime::Runtime.trials(Scale::Laptop);
        let first: Vec<usize> = trials
            .iter()
            .take_while(|t| t.dataset == trials[0].dataset)
            .map(|t| t.repeat)
            .collect();
        assert!(first.windows(2).all(|w| w[0] <= w[1]) && first.last() > Some(&0));
    }

    #[test]
    fn a_trial_survives_the_way_to_another_process() {
        for trial in EXPERIMENTS.iter().flat_map(|e| e.trials(Scale::Laptop)) {
            let text = serde_json::to_string(&trial).expect("a trial is plain data");
            assert_eq!(
                serde_json::from_str::<Trial>(&text).expect("it was just written"),
                trial
            );
        }
    }
}
