//! How do the coefficients move along the path? Lasso, elastic net and ridge on prostate and diabetes.

use super::{Experiment, Scale, interleaved};
use crate::dataset::Spec;
use crate::trial::{GridSpec, Trial};

pub(super) struct Paths;

impl Experiment for Paths {
    fn id(&self) -> &'static str {
        "paths"
    }

    fn question(&self) -> &'static str {
        "how do the coefficients move along the path under lasso, elastic net and ridge?"
    }

    fn figures(&self) -> &'static [&'static str] {
        &["coefficient-paths"]
    }

    fn trials(&self, scale: Scale) -> Vec<Trial> {
        let n_lambda = if scale == Scale::Smoke { 40 } else { 100 };
        let mut trials = Vec::new();
        for dataset in ["prostate", "diabetes"] {
            for (alpha, contestant) in [
                (1.0, "coordinate-descent"),
                (0.5, "coordinate-descent"),
                (0.0, "ridge-closed-form"),
            ] {
                let mut trial = Trial::new(self.id(), Spec::new(dataset), contestant, alpha);
                trial.tol = 1e-10;
                // Ridge starts a thousand times higher on the same rule and needs the longer way down.
                let ratio = if alpha == 0.0 { 1e-6 } else { 1e-3 };
                trial.grid = GridSpec::Geometric {
                    n_lambda,
                    ratio: Some(ratio),
                };
                trials.push(trial);
            }
        }
        interleaved(trials, 1)
    }
}
