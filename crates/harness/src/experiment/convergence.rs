//! How fast does the certified suboptimality fall, by epochs and by seconds?

use super::{Experiment, Scale, interleaved};
use crate::dataset::Spec;
use crate::trial::{GridSpec, Measure, Trial};

pub(super) struct Convergence;

/// λ as a share of λ_max: small enough that a first-order method has something to do.
const SHARE: f64 = 0.05;

impl Experiment for Convergence {
    fn id(&self) -> &'static str {
        "convergence"
    }

    fn question(&self) -> &'static str {
        "how fast does the suboptimality at one lambda fall, by epochs and by seconds?"
    }

    fn figures(&self) -> &'static [&'static str] {
        &["convergence"]
    }

    fn trials(&self, scale: Scale) -> Vec<Trial> {
        let (n, p, largest) = match scale {
            Scale::Smoke => (100, 200, 300),
            Scale::Laptop => (200, 1000, 10_000),
            Scale::Paper => (500, 5000, 30_000),
        };
        let dataset = Spec {
            n: Some(n),
            p: Some(p),
            rho: Some(0.5),
            ..Spec::new("equicorrelated")
        };
        // About nine budgets a decade, as whole numbers without repetition.
        let mut budgets: Vec<u64> = (0..)
            .map(|i| 10f64.powf(f64::from(i) / 9.0).round() as u64)
            .take_while(|&b| b <= largest)
            .collect();
        budgets.dedup();
        let trial = |contestant: &&str| {
            let mut trial = Trial::new(self.id(), dataset.clone(), contestant, 1.0);
            trial.grid = GridSpec::Shares(vec![SHARE]);
            trial.measure = Measure::Curve {
                budgets: budgets.clone(),
            };
            trial.timeout_seconds = Some(match scale {
                Scale::Smoke => 2.0,
                Scale::Laptop => 20.0,
                Scale::Paper => 600.0,
            });
            trial
        };
        let runners = [
            "coordinate-descent",
            "coordinate-descent-plain",
            "fista-restart",
            "fista",
            "ista",
        ];
        interleaved(runners.iter().map(trial).collect(), 1)
    }
}
