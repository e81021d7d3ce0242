//! Kind `convergence`: suboptimality against epochs and seconds, as the figure of that name has it, of any trials with a curve.

use super::super::convergence;
use super::super::trial::{Trial, distinct};
use super::choice::Selection;
use super::{Kind, Picture, stem};
use anyhow::{Result, bail};

pub fn pictures(trials: &[&Trial], of: &Selection) -> Result<Vec<Picture>> {
    let with: Vec<&Trial> = (trials.iter().copied())
        .filter(|t| !t.curve.is_empty())
        .collect();
    if with.is_empty() {
        bail!(
            "--kind convergence needs frame curve, which holds nothing here; `regpath bench convergence` records it"
        );
    }
    let picture = |dataset: &str| {
        let here: Vec<&Trial> = (with.iter().copied())
            .filter(|t| t.dataset == dataset)
            .collect();
        let stem = stem(Kind::Convergence, None, dataset, of);
        Picture::new(stem, convergence::plate(&here, dataset))
    };
    let datasets = distinct(with.iter().map(|t| t.dataset.as_str()));
    Ok(datasets.into_iter().map(picture).collect())
}
