//! The harness: sweeps regularization paths across cores, judges every point, records frames and draws.
//!
//! `dataset` → `prepared` → `contestant` (through `sweep`) → `judge` → `record` → `figure`; `trial` holds one measurement
//! together, `experiment` says which ones, `gate` what no change may make worse, `command` is the command line. Figures see files only.

mod any_loss;
pub mod camera;
pub mod change_points;
pub mod claim;
pub mod claim_trials;
pub mod command;
pub mod compare_runs;
pub mod comparison;
pub mod contestant;
pub mod cross_validation;
pub mod cv_contest;
pub mod dataset;
pub mod experiment;
pub mod figure;
pub mod folds;
pub mod gate;
pub mod judge;
pub mod ladder;
pub mod loss;
pub mod loss_contest;
pub mod model;
pub mod objective;
pub mod parallel;
pub mod prepared;
pub mod problem;
pub mod published;
pub mod record;
pub mod statistics;
pub mod stopwatch;
pub mod sweep;
pub mod team;
pub mod trial;
pub mod uniqueness;
