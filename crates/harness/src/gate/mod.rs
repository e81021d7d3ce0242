//! The gate: what a change must make neither wrong, nor more work, nor hungrier, nor slower.
//!
//! [`cell`] lists small paths and [`measure`] computes what is held of each in this process; [`probe`] is a program of its
//! own for what needs one: [`count`] has its instructions and its memory, [`timing`] its time beside that of the commit
//! that [`base`] builds, and [`noise`] says what the machine does to times. [`baseline`] keeps numbers between commits, [`compare`]
//! says what changed.

pub mod base;
pub mod baseline;
pub mod cell;
pub mod compare;
pub mod count;
pub mod measure;
pub mod noise;
pub mod probe;
pub mod timing;

use serde::Serialize;

/// What is compared, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Layer {
    /// Certificate, objective and support of every path.
    Answers,
    /// Work counters: equal or better.
    Work,
    /// Instructions of kernels and paths under callgrind: at most 1 % more.
    Instructions,
    /// Largest number of bytes that kernels and paths hold: at most 1 % more.
    Memory,
    /// Time beside that of another commit, in turns.
    Time,
}

impl Layer {
    /// Every layer, in the order in which they are shown.
    pub const ALL: [Self; 5] = [
        Self::Answers,
        Self::Work,
        Self::Instructions,
        Self::Memory,
        Self::Time,
    ];

    /// Those that have a baseline.
    pub const KEPT: [Self; 4] = [Self::Answers, Self::Work, Self::Instructions, Self::Memory];

    /// Name on the command line, in reports and in the name of its baseline.
    pub fn name(self) -> &'static str {
        match self {
            Self::Answers => "answers",
            Self::Work => "work",
            Self::Instructions => "instructions",
            Self::Memory => "memory",
            Self::Time => "time",
        }
    }
}
