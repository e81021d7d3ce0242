//! What do losses beside the squared say of data on which they were made famous? Fits without penalty of four classic datasets.

use regpath_solvers::loss::LossKind;

use super::{Experiment, Scale, interleaved};
use crate::dataset::Spec;
use crate::trial::{GridSpec, Trial};

/// Quantiles of Engel's fan, those of Koenker & Hallock (2001), Figure 1.
const QUANTILES: [f64; 7] = [0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95];

pub(super) struct LossesClassic;

impl Experiment for LossesClassic {
    fn id(&self) -> &'static str {
        "losses-classic"
    }

    fn question(&self) -> &'static str {
        "what do least absolute deviations and quantiles say, beside least squares, of data on which they were made famous?"
    }

    fn figures(&self) -> &'static [&'static str] {
        &["quantile-fan", "nonunique-face"]
    }

    fn trials(&self, _scale: Scale) -> Vec<Trial> {
        // A τ in (0, 1) is a quantile.
        let quantiles = QUANTILES.into_iter().flat_map(LossKind::quantile);
        let lines = [LossKind::Absolute, LossKind::Squared];
        let engel = quantiles
            .chain([LossKind::Squared])
            .map(|loss| ("engel", loss));
        let others = ["stackloss", "belgian-phones", "stars-cyg"]
            .into_iter()
            .flat_map(|dataset| lines.map(|loss| (dataset, loss)));
        let trial = |(dataset, loss): (&str, LossKind)| {
            let contestant = match loss {
                LossKind::Squared => "homotopy",
                _ => "simplex",
            };
            Trial {
                loss,
                grid: GridSpec::Values(vec![0.0]),
                tol: 1e-10,
                faces: true,
                ..Trial::new(self.id(), Spec::new(dataset), contestant, 1.0)
            }
        };
        interleaved(engel.chain(others).map(trial).collect(), 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_quantile_of_the_figure_has_a_trial() {
        let trials = LossesClassic.trials(Scale::Smoke);
        let quantiles = trials
            .iter()
            .filter(|t| matches!(t.loss, LossKind::Quantile(_)));
        assert_eq!(quantiles.count(), QUANTILES.len());
    }
}
