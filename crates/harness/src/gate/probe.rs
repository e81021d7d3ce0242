//! The bench binary `gate`: kernels and small paths with nothing around them that has threads, files or frames.

use std::collections::HashSet;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Arc;

use anyhow::{Context, bail};
use serde::Deserialize;
use tempfile::TempDir;

/// Where its source is, in a source tree.
const SOURCE: &str = "benches/gate/main.rs";

/// Exit code of a Rust program that panics: what the probe does where an answer is not the right one.
const PANICKED: i32 = 101;

/// The program, built.
#[derive(Clone, Debug)]
pub struct Probe {
    program: PathBuf,
    /// Folder that goes with it, of a program that is a copy.
    _folder: Option<Arc<TempDir>>,
}

/// A benchmark of the probe whose answer is wrong, with what it said.
#[derive(Debug)]
pub struct WrongAnswer(pub String);

impl std::fmt::Display for WrongAnswer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for WrongAnswer {}

/// Something that it measures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Benchmark {
    /// Name, to hand back to the program.
    pub name: String,
    /// Whether its time is of interest, too.
    pub timed: bool,
}

/// A line of `cargo build --message-format json`; of all that is in it, what names the program.
#[derive(Deserialize)]
struct Message {
    executable: Option<PathBuf>,
    target: Option<Target>,
}

#[derive(Deserialize)]
struct Target {
    name: String,
    kind: Vec<String>,
}

impl Probe {
    /// The program at this path.
    pub fn at(program: PathBuf) -> Self {
        let _folder = None;
        Self { program, _folder }
    }

    /// Builds it from the source tree at `root` with the cargo that runs this program, or the one on the path; `target` is
    /// the folder to build in, cargo's own choice for None. Progress goes to stderr. What is returned is a copy, so that a build
    /// that goes on meanwhile does not change what is measured. None if the tree is from before there was such a program.
    /// Errors: it does not build.
    pub fn build(root: &Path, target: Option<&Path>) -> anyhow::Result<Option<Self>> {
        if !root.join(SOURCE).exists() {
            return Ok(None);
        }
        let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        cargo
            .args(["build", "--release", "--locked", "--workspace"])
            .args(["--bench", "gate"])
            .args(["--message-format", "json-render-diagnostics"])
            .arg("--manifest-path")
            .arg(root.join("Cargo.toml"))
            // Where cargo looks for its configuration.
            .current_dir(root)
            .stderr(std::process::Stdio::inherit());
        if let Some(target) = target {
            cargo.arg("--target-dir").arg(target);
        }
        for (name, _) in std::env::vars_os() {
            if describes_another_package(&name) {
                cargo.env_remove(name);
            }
        }
        let output = cargo.output().context("cannot start cargo")?;
        if !output.status.success() {
            bail!("the bench `gate` of {} does not build", root.display());
        }
        let text = String::from_utf8_lossy(&output.stdout);
        let program = text.lines().find_map(|line| {
            let message: Message = serde_json::from_str(line).ok()?;
            let target = message.target?;
            let is_it = target.name == "gate" && target.kind.iter().any(|k| k == "bench");
            message.executable.filter(|_| is_it)
        });
        let program = program.context("cargo did not say where the bench `gate` is")?;
        let folder = scratch()?;
        let copy = Self::at(program).copied(folder.path().join("gate"))?;
        let _folder = Some(Arc::new(folder));
        Ok(Some(Self { _folder, ..copy }))
    }

    /// A copy at `path`. Names of the same length make programs find their memory at the same addresses.
    pub fn copied(&self, path: PathBuf) -> anyhow::Result<Self> {
        std::fs::copy(&self.program, &path)
            .with_context(|| format!("cannot copy {}", self.program.display()))?;
        Ok(Self::at(path))
    }

    /// What it measures, in order. Errors: there is nothing, a name is there twice, or this is another program.
    pub fn benchmarks(&self) -> anyhow::Result<Vec<Benchmark>> {
        let text = self.ask(&["list"])?;
        let benchmark = |line: &str| {
            let (name, kind) = line.split_once('\t')?;
            let name = name.to_owned();
            let timed = match kind {
                "timed" => true,
                "counted" => false,
                _ => return None,
            };
            Some(Benchmark { name, timed })
        };
        let benchmarks: Option<Vec<Benchmark>> = text.lines().map(benchmark).collect();
        let twice = |all: &[Benchmark]| {
            let mut names = HashSet::new();
            all.iter().find(|b| !names.insert(&b.name)).cloned()
        };
        match benchmarks {
            Some(benchmarks) if !benchmarks.is_empty() => match twice(&benchmarks) {
                Some(one) => bail!("{} lists {} twice", self.program.display(), one.name),
                None => Ok(benchmarks),
            },
            _ => bail!("{} lists no benchmarks", self.program.display()),
        }
    }

    /// Bytes that the benchmark holds at most. Errors: its answer is wrong.
    pub fn heap(&self, benchmark: &str) -> anyhow::Result<u64> {
        let text = self.ask(&["heap", benchmark])?;
        let text = text.trim();
        text.parse()
            .with_context(|| format!("'{text}' is no number of bytes"))
    }

    /// Seconds of one call, sample by sample. Errors: its answer is wrong.
    pub fn seconds(&self, benchmark: &str, samples: usize) -> anyhow::Result<Vec<f64>> {
        let text = self.ask(&["seconds", benchmark, &samples.to_string()])?;
        let seconds: Result<Vec<f64>, _> = text.lines().map(str::parse).collect();
        match seconds {
            Ok(seconds) if seconds.len() == samples => Ok(seconds),
            _ => bail!("'{text}' is not {samples} times"),
        }
    }

    /// The program's file.
    pub fn program(&self) -> &Path {
        &self.program
    }

    fn ask(&self, words: &[&str]) -> anyhow::Result<String> {
        let mut command = Command::new(&self.program);
        answer(command.args(words))
    }
}

/// Runs a command to its end and returns what it printed. Errors: it cannot be started, or failed, with its last words;
/// [`WrongAnswer`] where it panicked.
pub fn answer(command: &mut Command) -> anyhow::Result<String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command
        .output()
        .with_context(|| format!("cannot start {name}"))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let words = last_words(&output);
    match output.status.code() {
        Some(PANICKED) => Err(WrongAnswer(words).into()),
        _ => bail!("{name}: {words}"),
    }
}

/// A folder for the time of a measurement.
pub fn scratch() -> anyhow::Result<TempDir> {
    let folder = tempfile::Builder::new().prefix("regpath-").tempdir();
    folder.context("cannot create a temporary folder")
}

/// What a program that failed said last: of a panic, its message.
fn last_words(output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stderr);
    let mut lines = text.lines().map(str::trim).filter(|l| !l.is_empty());
    let hint = "note: run with `RUST_BACKTRACE";
    let last = lines.rfind(|l| !l.starts_with(hint));
    last.map_or_else(|| output.status.to_string(), str::to_owned)
}

/// Whether `cargo run` set the variable to describe another package: build scripts that ask for one would run again.
fn describes_another_package(name: &OsStr) -> bool {
    let name = name.to_string_lossy();
    name.starts_with("CARGO_PKG_")
        || name.starts_with("CARGO_MANIFEST_")
        || [
            "CARGO_BIN_NAME",
            "CARGO_CRATE_NAME",
            "CARGO_PRIMARY_PACKAGE",
        ]
        .contains(&&*name)
}
