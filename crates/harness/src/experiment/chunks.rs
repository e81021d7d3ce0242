//! What does cutting the λ grid over cores gain, and what do the lost warm starts cost?

use super::{Experiment, Scale, interleaved};
use crate::dataset::Spec;
use crate::trial::{GridSpec, Trial};

pub(super) struct Chunks;

impl Experiment for Chunks {
    fn id(&self) -> &'static str {
        "chunks"
    }

    fn question(&self) -> &'static str {
        "what does cutting the lambda grid into chunks over cores gain, and what do the lost warm starts cost?"
    }

    fn figures(&self) -> &'static [&'static str] {
        &["speed-up"]
    }

    fn trials(&self, scale: Scale) -> Vec<Trial> {
        let (n, p, chunks, repeats): (usize, usize, &[usize], usize) = match scale {
            Scale::Smoke => (100, 500, &[1, 2, 4], 1),
            Scale::Laptop => (200, 2000, &[1, 2, 4, 8, 16], 5),
            Scale::Paper => (200, 10_000, &[1, 2, 4, 8, 16, 32], 9),
        };
        let dataset = Spec {
            n: Some(n),
            p: Some(p),
            rho: Some(0.5),
            ..Spec::new("equicorrelated")
        };
        let mut trials = Vec::new();
        for contestant in ["coordinate-descent", "coordinate-descent-plain"] {
            for &chunks in chunks {
                for threads in [1, 2] {
                    let mut trial = Trial::new(self.id(), dataset.clone(), contestant, 1.0);
                    trial.grid = GridSpec::Geometric {
                        n_lambda: 100,
                        ratio: Some(5e-2),
                    };
                    (trial.chunks, trial.threads) = (chunks, threads);
                    trials.push(trial);
                }
            }
        }
        interleaved(trials, repeats)
    }
}
