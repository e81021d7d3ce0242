//! Kind `error`: the error on rows held out, a panel per α, against λ or against what the path on all rows has there.

use super::super::Frames;
use super::super::abscissa::Abscissa;
use super::super::cv_plate::CvPlate;
use super::super::reader::validated;
use super::super::trial::{Trial, representative};
use super::choice::Selection;
use super::{Kind, Picture, stem};
use anyhow::{Result, bail};

pub fn pictures(
    frames: &Frames,
    trials: &[&Trial],
    x: Abscissa,
    of: &Selection,
) -> Result<Vec<Picture>> {
    let curves = validated(frames)?;
    if curves.is_empty() {
        bail!("--kind error needs frame cv, which holds nothing here; `regpath cv` writes it");
    }
    let path = |alpha: f64| representative(trials.iter().copied().filter(|t| t.alpha == alpha));
    // Only the path of the best α is recorded; on the axis of λ a curve needs none.
    let along = curves
        .into_iter()
        .filter_map(|curve| match (x, path(curve.alpha)) {
            (Abscissa::Lambda, path) => Some((curve, path)),
            (_, Some(path)) => {
                let there = path.points.iter().any(|p| x.of(p, path.alpha).is_finite());
                there.then_some((curve, Some(path)))
            }
            (_, None) => None,
        });
    let along: Vec<_> = along.collect();
    if along.is_empty() {
        bail!(
            "--x {} needs column {} of frame points, which is empty for every α of frame cv",
            x.id(),
            x.column()
        );
    }
    let first = trials.first();
    let plate = CvPlate::along(&along, first.copied(), "Cross-validation", x);
    let dataset = first.map_or("", |t| t.dataset.as_str());
    let stem = stem(Kind::Error, Some(x), dataset, of);
    Ok(vec![Picture::new(stem, plate)])
}
