//! How long does a path take, solver by solver, as the number of columns grows?

use super::{Experiment, Scale, interleaved};
use crate::dataset::Spec;
use crate::trial::{GridSpec, Trial};

pub(super) struct Runtime;

/// Contestants with the α at which they run.
const RUNNERS: [(&str, f64); 7] = [
    ("homotopy", 1.0),
    ("coordinate-descent", 1.0),
    ("coordinate-descent-plain", 1.0),
    ("fista-restart", 1.0),
    ("fista", 1.0),
    ("ista", 1.0),
    ("ridge-closed-form", 0.0),
];

impl Experiment for Runtime {
    fn id(&self) -> &'static str {
        "runtime"
    }

    fn question(&self) -> &'static str {
        "how does the time of a 100-lambda path to relative gap 1e-6 grow with p, solver by solver?"
    }

    fn figures(&self) -> &'static [&'static str] {
        &["runtime"]
    }

    fn trials(&self, scale: Scale) -> Vec<Trial> {
        let (tall, wide, repeats, limit): (&[usize], &[usize], usize, f64) = match scale {
            Scale::Smoke => (&[20, 50], &[100, 200], 1, 0.5),
            Scale::Laptop => (&[20, 50, 100, 200], &[200, 500, 1000, 2000, 5000], 3, 2.0),
            Scale::Paper => (
                &[20, 50, 100, 200, 500, 1000],
                &[200, 500, 1000, 2000, 5000, 10_000, 20_000],
                5,
                60.0,
            ),
        };
        let tall = tall
            .iter()
            .map(|&p| (if scale == Scale::Smoke { 500 } else { 5000 }, p));
        let wide = wide.iter().map(|&p| (100, p));
        let sizes = tall.chain(wide);
        sizes
            .flat_map(|(n, p)| {
                let dataset = Spec {
                    n: Some(n),
                    p: Some(p),
                    rho: Some(0.5),
                    ..Spec::new("equicorrelated")
                };
                let trial = |(contestant, alpha): (&str, f64)| {
                    let mut trial = Trial::new(self.id(), dataset.clone(), contestant, alpha);
                    trial.grid = GridSpec::Geometric {
                        n_lambda: 100,
                        ratio: Some(1e-2),
                    };
                    trial.timeout_seconds = Some(limit);
                    trial.max_epochs = 1_000_000;
                    trial
                };
                interleaved(RUNNERS.into_iter().map(trial).collect(), repeats)
            })
            .collect()
    }
}
