//! The gate: what a change must make neither wrong nor more work, without a clock.
//!
//! [`cell`] lists small paths, [`measure`] computes what is held of each, [`baseline`] keeps it between commits, [`compare`]
//! says what changed.

pub mod baseline;
pub mod cell;
pub mod compare;
pub mod measure;

use serde::Serialize;

/// What is compared, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Layer {
    /// Certificate, objective and support of every path.
    Answers,
    /// Work counters: equal or better.
    Work,
}

impl Layer {
    /// Every layer, in the order in which they are shown.
    pub const ALL: [Self; 2] = [Self::Answers, Self::Work];

    /// Name on the command line, in reports and in the name of its baseline.
    pub fn name(self) -> &'static str {
        match self {
            Self::Answers => "answers",
            Self::Work => "work",
        }
    }
}
