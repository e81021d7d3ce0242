//! The record: frames, the directory of a run, what claims measured, the history of the gate, and the facts about the machine.

pub mod claims;
pub mod history;
pub mod machine;
mod recorder;
pub mod schema;
pub mod store;

pub use recorder::{Plan, Recorder, find_run, run_directories, write_rows};
