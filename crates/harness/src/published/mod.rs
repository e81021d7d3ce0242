//! Published figures: what the literature printed, computed and drawn again, with a verdict on every number.
//!
//! [`REPRODUCTIONS`] lists them; a new one is one file here and one line there, and its numbers in `results/published/<id>.toml`.
//! A reproduction measures once; what it measured is recorded, and numbers and pictures are functions of the recorded rows alone.

mod beck_teboulle_2009;
mod benchopt_2022;
mod celer_2018;
mod chambolle_pock_2011;
mod efron_2004;
mod esl_3_10;
mod esl_3_11;
mod esl_3_8;
mod esl_t3_3;
mod fht_2010_f1;
mod fht_2010_t1;
mod hoerl_kennard_1970;
mod knot_path;
mod koenker_hallock_2001;
mod lars_en;
mod larsson_2022;
mod photographs;
mod prostate;
mod prostate_profile;
pub mod race;
mod race_chart;
mod reference;
mod robust_lines;
mod rousseeuw_1987;
mod skglm_2022;
mod tibshirani_1996;
mod tibshirani_2012;
mod window_filters;
mod zou_hastie_2005;

pub use race::Race;
pub use reference::{Number, Provenance, Reference, Standing};

use crate::claim::Rows;
use crate::figure::chart::Chart;

/// Every reproduction, in the order of the gallery.
pub const REPRODUCTIONS: &[&dyn Reproduction] = &[
    &esl_3_8::Figure,
    &esl_3_10::Figure,
    &esl_t3_3::Table,
    &esl_3_11::Figure,
    &tibshirani_1996::Tibshirani1996,
    &efron_2004::Efron2004,
    &zou_hastie_2005::ZouHastie2005,
    &fht_2010_t1::Table,
    &fht_2010_f1::Fht2010F1,
    &beck_teboulle_2009::BeckTeboulle2009,
    &chambolle_pock_2011::ChambollePock2011,
    &tibshirani_2012::Tibshirani2012,
    &celer_2018::Figure,
    &skglm_2022::Figure,
    &larsson_2022::Figure,
    &benchopt_2022::Figure,
    &koenker_hallock_2001::KoenkerHallock2001,
    &rousseeuw_1987::Rousseeuw1987,
    &hoerl_kennard_1970::Figure,
];

/// The quantity under which rows hold a number that is compared; the series is its name.
pub const NUMBER: &str = "number";

/// How much is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Scale {
    /// Minutes on two cores: the default.
    Laptop,
    /// As in the paper, however long that takes.
    Paper,
}

/// A figure or table of the literature.
pub trait Reproduction: Sync {
    /// Name on the command line, in frames and in file names.
    fn id(&self) -> &'static str;

    /// Authors, year and number, as "Hastie, Tibshirani & Friedman (2009), Figure 3.8".
    fn title(&self) -> &'static str;

    /// What it shows, in one sentence without its full stop.
    fn shows(&self) -> &'static str;

    /// Data, settings and how the λ of the source becomes ours, in sentences.
    fn settings(&self) -> &'static str;

    /// Everything that is not as in the source, each in a sentence.
    fn deviations(&self) -> &'static [&'static str] {
        &[]
    }

    /// Who runs on what for it, if it compares times: that needs the machine for itself, and comes before [`measure`](Self::measure).
    fn race(&self, _scale: Scale) -> Option<Race> {
        None
    }

    /// Records everything that numbers and pictures need, beside what a race left; what is compared as (name, [`NUMBER`], 0).
    fn measure(&self, scale: Scale, rows: &mut Rows) -> anyhow::Result<()>;

    /// The pictures, from the recorded rows alone; none for a table.
    fn charts(&self, rows: &Rows) -> Vec<Chart>;
}
