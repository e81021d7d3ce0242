//! The program `regpath`.

use std::process::ExitCode;

use clap::Parser;
use regpath_harness::command::{Cli, note};
use regpath_harness::dataset::read::InputError;

/// Exit code of what the user gave and cannot be used.
const USAGE: u8 = 2;

fn main() -> ExitCode {
    match Cli::parse().run() {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            note(&format!("error: {error:#}"));
            ExitCode::from(if error.downcast_ref::<InputError>().is_some() {
                USAGE
            } else {
                1
            })
        }
    }
}
