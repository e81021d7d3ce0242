//! How many coefficients are exactly zero along the path, from lasso to ridge?

use super::{Experiment, Scale, interleaved};
use crate::dataset::Spec;
use crate::trial::{GridSpec, Trial};

pub(super) struct ZeroCounts;

impl Experiment for ZeroCounts {
    fn id(&self) -> &'static str {
        "zero-counts"
    }

    fn question(&self) -> &'static str {
        "how many coefficients are exactly zero at each lambda, from lasso (alpha 1) to ridge (alpha 0)?"
    }

    fn figures(&self) -> &'static [&'static str] {
        &["zero-counts"]
    }

    fn trials(&self, scale: Scale) -> Vec<Trial> {
        let n_lambda = if scale == Scale::Smoke { 40 } else { 200 };
        let mut datasets = vec![Spec::new("prostate"), Spec::new("diabetes")];
        if scale != Scale::Smoke {
            datasets.push(Spec {
                n: Some(100),
                p: Some(1000),
                rho: Some(0.5),
                ..Spec::new("equicorrelated")
            });
        }
        let mut trials = Vec::new();
        for dataset in datasets {
            for alpha in [1.0, 0.5, 0.1, 0.0] {
                let contestant = if alpha == 0.0 {
                    "ridge-closed-form"
                } else {
                    "coordinate-descent"
                };
                let mut trial = Trial::new(self.id(), dataset.clone(), contestant, alpha);
                trial.tol = if alpha == 0.0 { 1e-6 } else { 1e-10 };
                trial.grid = GridSpec::Geometric {
                    n_lambda,
                    ratio: Some(1e-3),
                };
                trials.push(trial);
            }
        }
        interleaved(trials, 1)
    }
}
