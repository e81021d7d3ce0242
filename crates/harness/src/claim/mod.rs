//! Claims: what people say about L1 against L2, each with an experiment, a rule and a picture.
//!
//! [`CLAIMS`] lists them; a new one is one file here and one line there. A claim measures ([`Claim::fixed`], [`Claim::trial`]),
//! and what it measured is recorded; verdict and picture are functions of the recorded rows alone.

mod blur;
pub mod certified_denoising;
mod closed_form;
mod corners;
mod course;
pub mod data;
mod decay;
mod denoising;
mod efficiency;
pub mod end_labels;
mod exact_zeros;
mod grouping;
pub mod interval;
pub mod labels;
pub mod line;
mod median_mean;
mod optimizers;
mod overfitting;
mod pairings;
mod priors;
pub mod prostate;
mod proximal;
mod robust_leverage;
mod robust_vertical;
mod rows;
mod ruling;
pub mod screened_path;
mod screening;
mod sgd_oscillates;
mod shrinkage;
mod sparse_vs_dense;
mod stability;
pub mod tangency;
mod uniqueness;
mod unpenalised;
pub mod zou_hastie_examples;
pub mod zou_hastie_factors;

pub use rows::{Row, Rows};
pub use ruling::{Bound, Check, Decision, Role, Ruling, Verdict};

use crate::figure::chart::Chart;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

/// Every claim, in the order of the table.
pub const CLAIMS: &[&dyn Claim] = &[
    &robust_vertical::RobustVertical,
    &robust_leverage::RobustLeverage,
    &efficiency::Efficiency,
    &uniqueness::Uniqueness,
    &stability::Stability,
    &median_mean::MedianMean,
    &exact_zeros::ExactZeros,
    &shrinkage::Shrinkage,
    &decay::WeightDecay,
    &sparse_vs_dense::SparseVsDense,
    &closed_form::ClosedForm,
    &sgd_oscillates::SgdOscillates,
    &optimizers::Optimizers,
    &proximal::Proximal,
    &denoising::DenoisingClaim,
    &blur::Blur,
    &priors::Priors,
    &corners::Corners,
    &overfitting::Overfitting,
    &grouping::Grouping,
    &screening::Screening,
    &pairings::Pairings,
];

/// Something that people say, and how it is put to the test.
pub trait Claim: Sync {
    /// Name on the command line, in frames and in file names.
    fn id(&self) -> &'static str;

    /// What people say, as a sentence without its full stop.
    fn claim(&self) -> &'static str;

    /// Data and trials, in one or two sentences.
    fn experiment(&self) -> &'static str;

    /// The papers and books that experiment or figure follows, as "Author (year), Title, where".
    fn sources(&self) -> &'static [&'static str];

    /// Trials, each of which draws its own data; 0 where nothing is drawn, 20 or more where something is.
    fn trials(&self) -> usize {
        0
    }

    /// Whether it reads a clock, and must have the machine to itself.
    fn timed(&self) -> bool {
        false
    }

    /// Records what does not depend on chance.
    fn fixed(&self, rows: &mut Rows) -> anyhow::Result<()> {
        let _ = rows;
        Ok(())
    }

    /// Records what one trial finds in data that it draws from `rng`, its own stream.
    fn trial(&self, rng: &mut ChaCha8Rng, rows: &mut Rows) -> anyhow::Result<()> {
        let _ = (rng, rows);
        Ok(())
    }

    /// Metrics, bounds and what they mean, from the recorded rows alone.
    fn judge(&self, rows: &Rows) -> Ruling;

    /// The pictures, from the recorded rows alone; the first is the one that the table links to.
    fn charts(&self, rows: &Rows) -> Vec<Chart>;
}

/// The random stream of one trial: equal on every machine and for any number of threads.
pub fn stream(seed: u64, claim: &str, trial: u64) -> ChaCha8Rng {
    // FNV-1a: claims must not share streams, and their order may change.
    let name = claim.bytes().fold(0xcbf29ce484222325u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x100000001b3)
    });
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    rng.set_stream(name.wrapping_add(trial));
    rng
}
