//! The command line: `bench`, `fit`, `plot`, `list`, `info`.

mod bench;
mod fit;
mod info;
mod list;
mod plot;
mod summary;

use std::io::Write;
use std::path::PathBuf;

use clap::{Parser, Subcommand};

use crate::dataset::read::InputError;

/// Exit code after Ctrl-C, as a shell would give it.
const INTERRUPTED: u8 = 130;

/// Certified regularization paths: compute, compare, draw.
#[derive(Parser, Debug)]
#[command(name = "regpath", version, about, max_term_width = 110)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// Run experiments: measure, judge, record frames, draw figures
    Bench(bench::Bench),
    /// Compute a path on your own data
    Fit(fit::Fit),
    /// List solvers, datasets, experiments and figures
    List(list::List),
    /// Draw the figures of a recorded run again
    Plot(plot::Plot),
    /// Show the machine facts that a run records
    Info(info::Info),
}

impl Cli {
    /// Runs the command; the code to exit with.
    pub fn run(self) -> anyhow::Result<u8> {
        match self.command {
            Command::Bench(bench) => bench.run(),
            Command::Fit(fit) => fit.run(),
            Command::List(list) => list.run(),
            Command::Plot(plot) => plot.run(),
            Command::Info(info) => info.run(),
        }
    }
}

/// Prints to stdout; a reader that went away is no error.
fn say(text: &str) {
    let _ = writeln!(std::io::stdout().lock(), "{text}");
}

/// A usage error that the parser could not see.
fn usage(message: impl Into<String>) -> anyhow::Error {
    InputError(message.into()).into()
}

/// `results/runs` of the workspace around the current directory, or of the current directory itself.
fn default_runs() -> PathBuf {
    let here = std::env::current_dir().unwrap_or_default();
    let root = here.ancestors().find(|d| d.join("crates/harness/Cargo.toml").exists()).unwrap_or(&here);
    let root = if root == here { PathBuf::new() } else { root.to_path_buf() };
    root.join("results").join("runs")
}

/// The command line as it was typed, with the program's bare name.
fn command_line() -> String {
    let quoted = |a: String| if a.contains(' ') { format!("'{a}'") } else { a };
    let arguments: Vec<String> = std::env::args().skip(1).map(quoted).collect();
    format!("regpath {}", arguments.join(" ")).trim_end().to_owned()
}
