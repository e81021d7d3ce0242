//! The command line: `bench`, `fit`, `cv`, `select`, `predict`, `plot`, `figures`, `check`, `baseline`, `compare`, `noise`, `list`,
//! `peers`, `info`.

mod baseline;
mod bench;
mod check;
mod check_record;
mod check_report;
mod claim_bench;
mod claim_table;
mod compare;
mod cv;
mod cv_bench;
mod cv_table;
mod figures;
mod figures_table;
mod fit;
mod gate_numbers;
mod info;
mod list;
mod loss_bench;
mod loss_options;
mod loss_table;
mod model_options;
mod noise;
mod path_files;
mod peers;
mod peers_bench;
mod peers_table;
mod plot;
mod plot_source;
mod predict;
mod restriction_options;
mod select;
mod source;
mod summary;

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::{Parser, Subcommand};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::contestant;
use crate::dataset::read::InputError;

/// Exit code of what became worse: more work, memory or time than before.
const REGRESSION: u8 = 3;
/// Exit code of an answer that is not the right one.
const WRONG: u8 = 4;
/// Exit code of a baseline that is needed and not there, or of another toolchain.
const NO_BASELINE: u8 = 5;
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
    /// Choose lambda on your own data by cross-validation
    Cv(Box<cv::Cv>),
    /// Choose a point of a path by an information criterion or by cross-validation
    Select(select::Select),
    /// Predict the response of new rows with a fitted path
    Predict(Box<predict::Predict>),
    /// Compare answers, work, instructions, memory and time of small paths with what is expected of them
    Check(Box<check::Check>),
    /// Show what is expected of the paths of `check`, or change it
    Baseline(baseline::Baselines),
    /// Time a program against itself: what this machine can tell from nothing
    Noise(noise::Noise),
    /// Compare two recorded runs trial by trial: times, memory or work
    Compare(compare::Compare),
    /// Reproduce figures and tables of the literature, with a verdict on every published number
    Figures(Box<figures::Figures>),
    /// List solvers, losses, datasets, problems, experiments, figures and claims
    List(list::List),
    /// Draw recorded frames again: figures of a run, and paths against lambda, norm, degrees of freedom or explained deviance
    Plot(Box<plot::Plot>),
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
            Command::Cv(cv) => cv.run(),
            Command::Select(select) => select.run(),
            Command::Predict(predict) => predict.run(),
            Command::Check(check) => check.run(),
            Command::Baseline(baseline) => baseline.run(),
            Command::Noise(noise) => noise.run(),
            Command::Compare(compare) => compare.run(),
            Command::Figures(figures) => figures.run(),
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

/// A bar on stderr for so many steps; none where `quiet`, or where stderr is no terminal.
fn progress_bar(steps: usize, quiet: bool) -> ProgressBar {
    let target = if quiet {
        ProgressDrawTarget::hidden()
    } else {
        ProgressDrawTarget::stderr()
    };
    let bar = ProgressBar::with_draw_target(Some(steps as u64), target);
    if let Ok(style) =
        ProgressStyle::with_template("{bar:30} {pos}/{len} {elapsed} (about {eta} left) {wide_msg}")
    {
        bar.set_style(style);
    }
    bar
}

/// Where runs are recorded unless the user says otherwise.
fn default_runs() -> PathBuf {
    default_results().join("runs")
}

/// Where checks are recorded unless the user says otherwise.
fn default_history() -> PathBuf {
    default_results().join("history.parquet")
}

/// `results` of the workspace around the current directory, or of the current directory itself.
fn default_results() -> PathBuf {
    let here = std::env::current_dir().unwrap_or_default();
    match workspace() {
        Some(root) if root != here => root.join("results"),
        _ => "results".into(),
    }
}

/// The source tree around the current directory, if there is one.
fn workspace() -> Option<PathBuf> {
    let here = std::env::current_dir().ok()?;
    let mut folders = here.ancestors();
    let root = folders.find(|d| d.join("crates/harness/Cargo.toml").exists());
    root.map(Path::to_path_buf)
}

/// The command line as it was typed, with the program's bare name.
fn command_line() -> String {
    let quoted = |a: String| if a.contains(' ') { format!("'{a}'") } else { a };
    let arguments: Vec<String> = std::env::args().skip(1).map(quoted).collect();
    format!("regpath {}", arguments.join(" "))
        .trim_end()
        .to_owned()
}
