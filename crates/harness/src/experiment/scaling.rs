//! How does the time of a path grow with the data, beside that of reading them once?

use super::{Experiment, Scale, interleaved};
use crate::dataset::Spec;
use crate::trial::{GridSpec, Trial};

pub(super) struct Scaling;

/// The side of X that does not grow.
const FIXED: usize = 100;

impl Experiment for Scaling {
    fn id(&self) -> &'static str {
        "scaling"
    }

    fn question(&self) -> &'static str {
        "how does the time of a lasso path grow with p and with n, beside that of one pass over X?"
    }

    fn figures(&self) -> &'static [&'static str] {
        &["scaling"]
    }

    fn by_name_only(&self) -> bool {
        true
    }

    fn trials(&self, scale: Scale) -> Vec<Trial> {
        let (sizes, repeats): (&[usize], usize) = match scale {
            Scale::Smoke => (&[1000, 2000], 1),
            Scale::Laptop | Scale::Paper => (
                &[1000, 3162, 10_000, 31_623, 100_000, 316_228, 1_000_000],
                5,
            ),
        };
        let wide = sizes.iter().map(|&p| (FIXED, p));
        let tall = sizes.iter().map(|&n| (n, FIXED));
        wide.chain(tall)
            .flat_map(|(n, p)| {
                let dataset = Spec {
                    n: Some(n),
                    p: Some(p),
                    rho: Some(0.5),
                    ..Spec::new("equicorrelated")
                };
                let trial = |contestant: &str, grid: GridSpec| Trial {
                    grid,
                    timeout_seconds: Some(120.0),
                    coefficients: false,
                    ..Trial::new(self.id(), dataset.clone(), contestant, 1.0)
                };
                let path = GridSpec::Geometric {
                    n_lambda: 100,
                    ratio: Some(1e-2),
                };
                let trials = vec![
                    trial("auto", path),
                    trial("one-pass", GridSpec::Shares(vec![1.0])),
                ];
                interleaved(trials, repeats)
            })
            .collect()
    }
}
