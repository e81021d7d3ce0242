//! "Salt-and-pepper noise wants L1": total variation with absolute and with squared fidelity, solved by Chambolle and Pock's method
//! and by Adam.
//!
//! Each data term has at each noise its own λ, the best of a grid on one noisy photograph that is none of the trials: an oracle for
//! both sides alike. The grids, five values around the best, and what they gave are among the rows.
//!
//! Adam costs several times as much: trials take the four noises in turn, five trials each, and hold Adam on both data terms against
//! optima with a smaller gap, on the whole photograph. A noise counts by the largest distance of all its
//! draws. The number and size of Adam's steps were settled after a first look at trials that were not all within the bound. On small parts
//! of the photograph the comparison is poor: whether TV-L1 keeps or drops a clump of noise may hardly change its objective,
//! and a clump is a tenth of a decibel on 64 × 64 pixels.

use super::certified_denoising::certified;
use super::{Bound, Check, Claim, Rows, Ruling, interval, stream};
use crate::camera::camera;
use crate::figure::chart::{Chart, Layer, Look, Panel, Raster, Shape, Side};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};
use regpath_solvers::SolveError;
use regpath_solvers::image::{Image, gaussian, psnr, salt_and_pepper};
use regpath_solvers::loss::Absolute;
use regpath_solvers::optimizer::{Adam, GradientSource, Run, Schedule};
use regpath_solvers::penalty::L1;
use regpath_solvers::total_variation::{Denoising, Fidelity};

/// One kind of noise, and what it is denoised with.
struct Noise {
    name: &'static str,
    /// Share of pixels replaced, or None for Gaussian noise of [`DEVIATION`].
    share: Option<f64>,
    /// λ of both data terms.
    lambdas: [f64; 2],
    /// Grids of which they are the best.
    grids: [[f64; 5]; 2],
}

/// The noises in the order of the pictures; the last is the control.
const NOISES: [Noise; 4] = [
    Noise {
        name: "10 % salt and pepper",
        share: Some(0.1),
        lambdas: [0.5, 0.25],
        grids: [[0.4, 0.5, 0.6, 0.7, 0.8], [0.15, 0.2, 0.25, 0.3, 0.4]],
    },
    Noise {
        name: "25 % salt and pepper",
        share: Some(0.25),
        lambdas: [0.7, 0.3],
        grids: [[0.5, 0.6, 0.7, 0.8, 0.9], [0.2, 0.25, 0.3, 0.4, 0.5]],
    },
    Noise {
        name: "50 % salt and pepper",
        share: Some(0.5),
        lambdas: [0.9, 0.4],
        grids: [[0.7, 0.8, 0.9, 1.0, 1.1], [0.25, 0.3, 0.4, 0.5, 0.6]],
    },
    Noise {
        name: "Gaussian noise",
        share: None,
        lambdas: [0.7, 0.08],
        grids: [[0.5, 0.6, 0.7, 0.8, 0.9], [0.05, 0.06, 0.08, 0.1, 0.12]],
    },
];
/// Standard deviation of Gaussian noise; black is 0, white 1.
const DEVIATION: f64 = 0.1;
/// The data terms by the names of their rows.
const TERMS: [(&str, Fidelity); 2] = [("TV-L1", Fidelity::Absolute), ("TV-L2", Fidelity::Squares)];
/// Bound on the relative gap; ratios then differ from those of the optimum by a few hundredths of a decibel.
const GAP: f64 = 1e-3;
/// The same where Adam is held against it.
const SMALL_GAP: f64 = 3e-5;
/// Step size of Adam's first step, falling with the root of their number. Of 0.05, 0.1 and 0.2 it has the least objective after
/// [`STEPS`] on draws that are none of the trials, TV-L1 at 10 %.
const STEP_SIZE: f64 = 0.05;
/// Steps of Adam.
const STEPS: u64 = 400;
/// Row, column and side of the part that is shown, so that single pixels can be seen.
const SHOWN: [usize; 3] = [30, 60, 128];
/// What is recorded of Adam, in dB.
const ADAM: &str = "Adam less Chambolle–Pock";
/// Decibels that the claim asks for.
const LEAD: f64 = 5.0;
/// Decibels that Adam may be off.
const NEAR: f64 = 0.2;

pub(super) struct DenoisingClaim;

impl Noise {
    fn on(&self, image: &Image, rng: &mut ChaCha8Rng) -> Result<Image, SolveError> {
        match self.share {
            Some(share) => salt_and_pepper(image, share, || rng.random()),
            None => gaussian(image, DEVIATION, || StandardNormal.sample(rng)),
        }
    }
}

/// A square part of an image.
fn part(image: &Image, [top, left, side]: [usize; 3]) -> Result<Image, SolveError> {
    let pixel = |i, j| image.pixels()[(top + i) * image.width() + left + j];
    Image::from_fn(side, side, pixel)
}

/// Gradients of a denoising problem, λ TV(u) included.
struct Subgradients<'a>(Denoising<'a>);

impl GradientSource for Subgradients<'_> {
    /// Not looked at: it names what a rule must be able to follow, subgradients.
    type Loss = Absolute;
    /// Not looked at either, as runs have λ = 0.
    type Penalty = L1;

    fn penalty(&self) -> L1 {
        L1
    }

    fn ncols(&self) -> usize {
        self.0.image().pixels().len()
    }

    /// One evaluation is one of the whole image.
    fn next_rows(&self) -> usize {
        1
    }

    fn gradient(&mut self, point: &[f64], out: &mut [f64]) {
        self.0.subgradient(point, out);
    }
}

/// What Adam makes of the same objective, from the noisy image on.
fn by_adam(noisy: &Image, lambda: f64, term: Fidelity) -> anyhow::Result<Image> {
    let source = Subgradients(Denoising::new(noisy, lambda, term)?);
    let rule = Adam::new(Schedule::inverse_root(STEP_SIZE)?);
    let mut run = Run::new(rule, source, 0.0)?.start(noisy.pixels().to_vec())?;
    run.advance(STEPS)?;
    let pixels = run.snapshot()?.beta;
    Ok(Image::new(noisy.height(), noisy.width(), pixels)?)
}

/// Records the PSNR of an image and the 8-bit grey values of the part of it that is shown.
fn push_picture(rows: &mut Rows, name: &str, image: &Image, clean: &Image) -> anyhow::Result<()> {
    for (k, value) in part(image, SHOWN)?.pixels().iter().enumerate() {
        let grey = (255.0 * value.clamp(0.0, 1.0)).round();
        rows.push(name, "pixel", k as f64, grey);
    }
    // That of the photograph itself is infinite.
    if image != clean {
        rows.push(name, "PSNR shown", 0.0, psnr(image, clean)?);
    }
    Ok(())
}

/// The larger distance of Adam from the optimum of both data terms, in dB, by the trials of that noise.
fn adam_off(rows: &Rows, noise: usize) -> Vec<f64> {
    let of = |term| rows.values(term, ADAM, noise as f64);
    let pairs = of("TV-L1").into_iter().zip(of("TV-L2"));
    // f64::max would pass over what could not be had.
    pairs
        .map(|(l1, l2)| match l1.is_nan() || l2.is_nan() {
            true => f64::NAN,
            false => l1.abs().max(l2.abs()),
        })
        .collect()
}

/// PSNR of L1 less that of L2, by trial.
fn lead(rows: &Rows, noise: usize) -> Vec<f64> {
    let of = |term| rows.values(term, "PSNR", noise as f64);
    let pairs = of("TV-L1").into_iter().zip(of("TV-L2"));
    pairs.map(|(l1, l2)| l1 - l2).collect()
}

impl Claim for DenoisingClaim {
    fn id(&self) -> &'static str {
        "denoising"
    }

    fn claim(&self) -> &'static str {
        "Salt-and-pepper noise wants L1, also by Adam"
    }

    fn experiment(&self) -> &'static str {
        "A photograph of 256 × 256 pixels with 10, 25 and 50 % salt and pepper, denoised by TV-L1 and TV-L2 with certified optima, each \
         at its best λ, 20 draws of every noise; Adam on the same objectives, five draws; control: Gaussian noise of standard deviation 0.1"
    }

    fn sources(&self) -> &'static [&'static str] {
        &[
            "Chambolle & Pock (2011), A first-order primal-dual algorithm for convex problems, J. Math. Imaging Vis. 40, Section 6.2",
            "Nikolova (2004), A variational approach to remove outliers and impulse noise, J. Math. Imaging Vis. 20",
            "Rudin, Osher & Fatemi (1992), Nonlinear total variation based noise removal algorithms, Physica D 60",
        ]
    }

    fn trials(&self) -> usize {
        20
    }

    fn fixed(&self, rows: &mut Rows) -> anyhow::Result<()> {
        let clean = camera()?;
        // One stream for every seed: its noise chooses λ, and is shown.
        let mut rng = stream(0, self.id(), u64::MAX);
        push_picture(rows, "clean", &clean, &clean)?;
        for (n, noise) in NOISES.iter().enumerate() {
            let noisy = noise.on(&clean, &mut rng)?;
            for ((term, fidelity), grid) in TERMS.iter().zip(&noise.grids) {
                for &lambda in grid {
                    let found = certified(&noisy, lambda, *fidelity, GAP)?;
                    let quantity = format!("PSNR by λ, {}", noise.name);
                    rows.push(term, &quantity, lambda, psnr(&found.image, &clean)?);
                }
            }
            // The strip shows one share of salt and pepper, and the control.
            if n != 1 && n != 3 {
                continue;
            }
            push_picture(rows, noise.name, &noisy, &clean)?;
            for ((term, fidelity), &lambda) in TERMS.iter().zip(&noise.lambdas) {
                let found = certified(&noisy, lambda, *fidelity, SMALL_GAP)?.image;
                push_picture(rows, &format!("{term}, {}", noise.name), &found, &clean)?;
            }
            if n == 1 {
                let found = by_adam(&noisy, noise.lambdas[0], Fidelity::Absolute)?;
                push_picture(rows, "Adam", &found, &clean)?;
            }
        }
        Ok(())
    }

    fn trial(&self, rng: &mut ChaCha8Rng, rows: &mut Rows) -> anyhow::Result<()> {
        let clean = camera()?;
        let turn = rows.trial().map(|t| t as usize % NOISES.len());
        for (n, noise) in NOISES.iter().enumerate() {
            let at = n as f64;
            let noisy = noise.on(&clean, rng)?;
            rows.push("noisy", "PSNR", at, psnr(&noisy, &clean)?);
            for ((term, fidelity), &lambda) in TERMS.iter().zip(&noise.lambdas) {
                let found = certified(&noisy, lambda, *fidelity, GAP)?;
                rows.push(term, "PSNR", at, psnr(&found.image, &clean)?);
                let null = Denoising::new(&noisy, lambda, *fidelity)?.null_loss();
                rows.push(term, "relative gap", at, found.certificate.gap / null);
                if turn == Some(n) {
                    let optimum = certified(&noisy, lambda, *fidelity, SMALL_GAP)?.image;
                    let adam = by_adam(&noisy, lambda, *fidelity)?;
                    let difference = psnr(&adam, &clean)? - psnr(&optimum, &clean)?;
                    rows.push(term, ADAM, at, difference);
                }
            }
        }
        Ok(())
    }

    fn judge(&self, rows: &Rows) -> Ruling {
        let leads: Vec<_> = (0..NOISES.len())
            .map(|n| interval::of_mean(&lead(rows, n)))
            .collect();
        let mut checks = Vec::new();
        for (noise, lead) in NOISES.iter().zip(&leads) {
            let bound = match noise.share {
                Some(_) => Bound::Above(LEAD),
                None => Bound::Below(0.0),
            };
            let metric = format!("PSNR of TV-L1 less that of TV-L2, {}, dB", noise.name);
            checks.push(Check::new(metric, *lead, bound));
        }
        let offs: Vec<_> = (0..NOISES.len())
            .map(|n| interval::exact(interval::largest(adam_off(rows, n))))
            .collect();
        for (noise, off) in NOISES.iter().zip(&offs) {
            let metric = format!(
                "largest distance of Adam's PSNR from Chambolle and Pock's, TV-L1 and TV-L2, all draws, {}, dB",
                noise.name
            );
            checks.push(Check::new(metric, *off, Bound::Below(NEAR)));
        }
        let gaps = (0..NOISES.len())
            .flat_map(|n| TERMS.map(|(term, _)| rows.values(term, "relative gap", n as f64)));
        checks.push(Check::told(
            "largest duality gap relative to the loss of a constant image",
            interval::exact(interval::largest(gaps.flatten())),
        ));
        let best = NOISES.iter().flat_map(|noise| {
            TERMS.iter().zip(noise.lambdas).map(|((term, _), lambda)| {
                let curve = rows.line(term, &format!("PSNR by λ, {}", noise.name));
                let top = curve.iter().max_by(|a, b| a.1.total_cmp(&b.1));
                top.is_some_and(|p| p.0 == lambda)
            })
        });
        checks.push(Check::told(
            "data terms and noises, of 8, at which the λ in use is the best of its grid",
            interval::exact(best.filter(|b| *b).count() as f64),
        ));
        let of_salt = || leads[..3].iter().map(|i| i.estimate);
        let sentence = format!(
            "Under salt and pepper TV-L1 has {:+.1} to {:+.1} dB against TV-L2, under Gaussian noise {:+.1} dB; Adam on the same \
             objectives comes within {:.2} dB of the certified optimum.",
            of_salt().fold(f64::INFINITY, f64::min),
            of_salt().fold(f64::NEG_INFINITY, f64::max),
            leads[3].estimate,
            interval::largest(offs.iter().map(|i| i.estimate)),
        );
        Ruling { checks, sentence }
    }

    fn charts(&self, rows: &Rows) -> Vec<Chart> {
        let picture = |heading: &str, name: &str, caption: &str| {
            let values: Vec<f64> = (rows.line(name, "pixel").iter())
                .map(|p| p.1 / 255.0)
                .collect();
            let ratio = rows.value(name, "PSNR shown", 0.0);
            let caption = match ratio.is_finite() {
                true => format!("{caption}{ratio:.1} dB"),
                false => caption.into(),
            };
            Panel {
                heading: heading.into(),
                raster: Some(Raster::of(SHOWN[2], &values, caption)),
                ..Panel::default()
            }
        };
        let (salt, control) = (NOISES[1].name, NOISES[3].name);
        let of = |term: &str, noise: &str| format!("{term}, {noise}");
        let strip = Chart {
            stem: "denoising".into(),
            title: "Salt and pepper wants absolute deviations, Gaussian noise wants squares".into(),
            panels: vec![
                picture("The photograph", "clean", "without noise"),
                picture(salt, salt, ""),
                picture("TV-L1", &of("TV-L1", salt), ""),
                picture("TV-L2", &of("TV-L2", salt), ""),
                picture("TV-L1 by Adam", "Adam", "25 % salt and pepper: "),
                picture("Gaussian noise, deviation 0.1", control, ""),
                picture("TV-L1", &of("TV-L1", control), ""),
                picture("TV-L2", &of("TV-L2", control), ""),
            ],
            columns: 4,
            row_height: 320.0,
            notes: vec![
                "A part of 128 × 128 pixels; below it the peak signal-to-noise ratio of the whole photograph of 256 × 256. TV is total \
                 variation, L1 and L2 are the data term, each at its best λ, solved by Chambolle and Pock's method to a certified gap \
                 unless Adam is named."
                    .into(),
                "After Chambolle & Pock (2011), Section 6.2, and Nikolova (2004).".into(),
            ],
        };
        let names: Vec<String> = (NOISES.iter())
            .map(|noise| match noise.share {
                Some(share) => format!("{:.0} %", 100.0 * share),
                None => "Gaussian".into(),
            })
            .collect();
        let categories = || Side::categories("salt and pepper, and the control", names.clone());
        let series = [
            ("noisy", Look::GREY, -0.25),
            ("TV-L1", Look::L1, 0.0),
            ("TV-L2", Look::L2, 0.25),
        ];
        let mut bars = Vec::new();
        for (name, look, shift) in series {
            let values = |n: usize| rows.values(name, "PSNR", n as f64);
            let means = (0..NOISES.len())
                .map(|n| (n as f64 + shift, interval::of_mean(&values(n)).estimate));
            let means: Vec<(f64, f64)> = means.collect();
            bars.push(Layer::named(
                name,
                look,
                Shape::Bars {
                    width: 0.22,
                    bars: means.iter().map(|m| (m.0, 0.0, m.1)).collect(),
                },
            ));
            let ends = (0..NOISES.len()).map(|n| {
                let all = values(n);
                let least = all.iter().copied().fold(f64::INFINITY, f64::min);
                let most = all.iter().copied().fold(f64::NEG_INFINITY, f64::max);
                (n as f64 + shift, least, most)
            });
            bars.push(Layer::plain(Look::BLACK, Shape::Whiskers(ends.collect())));
        }
        let level = Panel {
            heading: "Peak signal-to-noise ratio".into(),
            x: categories(),
            y: Side::linear("PSNR, dB").between(0.0, 34.0),
            layers: bars,
            ..Panel::default()
        };
        let differences = Panel {
            heading: "What L1 gains in peak signal-to-noise ratio".into(),
            x: categories(),
            y: Side::linear("TV-L1 less TV-L2, dB").between(-3.0, 10.0),
            layers: vec![
                Layer::plain(Look::GREY.thin(), Shape::Level(0.0)),
                Layer::named(
                    "bounds of the claim",
                    Look::GREY.dashed().thin(),
                    Shape::Level(LEAD),
                ),
                Layer::plain(
                    Look::BLACK,
                    Shape::Boxes {
                        width: 0.4,
                        boxes: (0..NOISES.len())
                            .map(|n| (n as f64, lead(rows, n)))
                            .collect(),
                    },
                ),
            ],
            ..Panel::default()
        };
        let mut near: Vec<Layer> = [-NEAR, NEAR]
            .map(|d| Layer::plain(Look::GREY.dashed().thin(), Shape::Level(d)))
            .to_vec();
        near.push(Layer::plain(Look::GREY.thin(), Shape::Level(0.0)));
        for (term, look, shift) in [("TV-L1", Look::L1, -0.12), ("TV-L2", Look::L2, 0.12)] {
            let points = (rows.spread(term, ADAM).into_iter())
                .flat_map(|(n, values)| values.into_iter().map(move |v| (n + shift, v)));
            let points = Shape::Points(points.collect());
            near.push(Layer::named(
                format!("{term}, one draw"),
                look.open(),
                points,
            ));
        }
        let adam = Panel {
            heading: "Adam against the certified optimum".into(),
            x: categories(),
            y: Side::linear("Adam less Chambolle–Pock, dB").between(-0.3, 0.3),
            layers: near,
            ..Panel::default()
        };
        let mut curves = Vec::new();
        for noise in &NOISES {
            for (((term, _), look), lambda) in
                TERMS.iter().zip([Look::L1, Look::L2]).zip(noise.lambdas)
            {
                let curve = rows.line(term, &format!("PSNR by λ, {}", noise.name));
                let look = match noise.share {
                    Some(_) => look,
                    None => look.dashed(),
                };
                let chosen = curve.iter().copied().filter(|p| p.0 == lambda).collect();
                curves.push(Layer::plain(look, Shape::Line(curve)));
                curves.push(Layer::named("λ in use", Look::BLACK, Shape::Points(chosen)));
            }
        }
        let grids = Panel {
            heading: "How λ was chosen; dashed: the control".into(),
            x: Side::log("λ, the factor of the total variation").between(0.04, 1.5),
            y: Side::linear("PSNR, dB").between(14.0, 32.0),
            layers: curves,
            ..Panel::default()
        };
        let ratios = Chart {
            stem: "denoising-psnr".into(),
            title: "Total variation with absolute and with squared data term".into(),
            panels: vec![level, differences, grids, adam],
            columns: 2,
            row_height: 400.0,
            notes: vec![
                "The photograph of 256 × 256 pixels, 20 draws of every noise; Gaussian noise has deviation 0.1. Bars are means, their whiskers \
                 go from the least to the largest value, and may be too short to be seen."
                    .into(),
                "For each data term and noise λ is the best of five on one more draw, solid curves from above: 10, 25, 50 %.".into(),
                format!(
                    "Adam: {STEPS} steps of size {STEP_SIZE} t^{{−1/2}} from the noisy image, on the same objective, five draws of every noise."
                ),
            ],
        };
        vec![strip, ratios]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_where_it_says() {
        let image = Image::from_fn(5, 7, |i, j| (10 * i + j) as f64).unwrap();
        let found = part(&image, [1, 2, 2]).unwrap();
        assert_eq!(found.pixels(), [12.0, 13.0, 22.0, 23.0]);
    }

    #[test]
    fn the_worse_data_term_counts_in_every_trial() {
        let mut all = Rows::default();
        for (trial, values) in [[0.1, -0.3], [0.05, 0.02]].iter().enumerate() {
            let mut rows = Rows::of(Some(trial as u64));
            rows.push("TV-L1", ADAM, trial as f64, values[0]);
            rows.push("TV-L2", ADAM, trial as f64, values[1]);
            all.append(rows);
        }
        assert_eq!([adam_off(&all, 0), adam_off(&all, 1)], [[0.3], [0.05]]);
    }
}
