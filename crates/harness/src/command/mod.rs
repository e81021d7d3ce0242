//! The command line: `bench`, `fit`, `plot`, `list`, `peers`, `info`.

mod bench;
mod fit;
mod info;
mod list;
mod peers;
mod peers_bench;
mod peers_table;
mod plot;
mod summary;

use std::io::Write;
use std::path::PathBuf;

use clap::{Parser, Subcommand};

use crate::contestant;
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
    Bench(Box<bench::Bench>),
    /// Compute a path on your own data
    Fit(Box<fit::Fit>),
    /// List solvers, datasets, problems, experiments and figures
    List(list::List),
    /// Draw the figures of a recorded run again
    Plot(plot::Plot),
    /// Install the packages that the suite is compared with, or list them
    Peers(peers::Peers),
    /// Show the machine facts that a run records
    Info(info::Info),
}

impl Cli {
    /// Runs the command; the code to exit with.
    pub fn run(self) -> anyhow::Result<u8> {
        let _end = EndPeers;
        match self.command {
            Command::Bench(bench) => bench.run(),
            Command::Fit(fit) => fit.run(),
            Command::List(list) => list.run(),
            Command::Plot(plot) => plot.run(),
            Command::Peers(peers) => peers.run(),
            Command::Info(info) => info.run(),
        }
    }
}

/// Ends the processes of peers however the command ends.
struct EndPeers;

impl Drop for EndPeers {
    fn drop(&mut self) {
        contestant::peer::shut_down();
    }
}

/// Prints to stdout. A reader that went away is no error; a disk that is full ends the program with code 1.
fn say(text: &str) {
    let mut stdout = std::io::stdout().lock();
    if let Err(error) = writeln!(stdout, "{text}").and_then(|()| stdout.flush())
        && error.kind() != std::io::ErrorKind::BrokenPipe
    {
        note(&format!("error: cannot write to stdout: {error}"));
        std::process::exit(1);
    }
}

/// Prints to stderr, where nobody may be listening.
pub fn note(text: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}

/// Prints a warning.
pub(crate) fn warn(text: &str) {
    note(&format!("warning: {text}"));
}

/// Threads beyond which a request is a slip of the finger.
const MAX_THREADS: usize = 1024;
/// λ beyond which a request is a slip of the finger.
const MAX_LAMBDAS: usize = 100_000;

/// Errors unless 1 ≤ value ≤ limit.
fn within(what: &str, value: usize, limit: usize) -> anyhow::Result<()> {
    match value {
        0 => Err(usage(format!("{what} is 0, expected at least 1"))),
        v if v > limit => Err(usage(format!("{what} is {v}, expected at most {limit}"))),
        _ => Ok(()),
    }
}

/// A usage error that the parser could not see.
fn usage(message: impl Into<String>) -> anyhow::Error {
    InputError(message.into()).into()
}

/// `results/runs` of the workspace around the current directory, or of the current directory itself.
fn default_runs() -> PathBuf {
    let here = std::env::current_dir().unwrap_or_default();
    let root = here
        .ancestors()
        .find(|d| d.join("crates/harness/Cargo.toml").exists())
        .unwrap_or(&here);
    let root = if root == here {
        PathBuf::new()
    } else {
        root.to_path_buf()
    };
    root.join("results").join("runs")
}

/// The command line as it was typed, with the program's bare name.
fn command_line() -> String {
    let quoted = |a: String| if a.contains(' ') { format!("'{a}'") } else { a };
    let arguments: Vec<String> = std::env::args().skip(1).map(quoted).collect();
    format!("regpath {}", arguments.join(" "))
        .trim_end()
        .to_owned()
}
