//! What is exact of the benchmarks of the probe: the instructions that they take and the bytes that they hold.

use std::ffi::OsString;
use std::path::Path;
use std::process::Command;

use anyhow::Context;
use rayon::prelude::*;

use super::measure::{Key, Metrics};
use super::probe::{Benchmark, Probe, WrongAnswer, answer, scratch};
use crate::stopwatch::interrupted;

/// Function of the probe that callgrind collects in.
const COLLECTED: &str = "*collected*";
/// Keeps the C library from choosing routines by processor.
const TUNABLES: &str = "glibc.cpu.hwcaps=-AVX512F,-AVX512VL,-AVX2,-AVX,-ERMS,-FSRM";

/// What was counted.
#[derive(Debug, Default)]
pub struct Counted {
    /// One number per benchmark.
    pub metrics: Metrics,
    /// Benchmarks whose answer is wrong, with the reason.
    pub wrong: Vec<(String, String)>,
}

/// A valgrind that is installed.
#[derive(Clone, Debug)]
pub struct Valgrind {
    /// Its own name and version.
    pub version: String,
}

impl Valgrind {
    /// The one on the path; None if there is none.
    pub fn find() -> Option<Self> {
        let version = answer(Command::new("valgrind").arg("--version")).ok()?;
        let version = version.trim().replacen('-', " ", 1);
        Some(Self { version })
    }

    /// What counts can only be compared within: compiler, valgrind, instruction set and C library.
    ///
    /// Valgrind does not know AVX-512, so the kernels take the widest route that it does know.
    pub fn toolchain(&self, probe: &Probe) -> anyhow::Result<String> {
        let simd = answer(under(probe, &["--tool=none".into()]).arg("simd"))?;
        let simd = simd.trim();
        Ok(format!(
            "{}, {}, {simd} kernels, {}",
            compiler(),
            self.version,
            libc()
        ))
    }
}

/// The probe under valgrind, in an environment without surprises.
fn under(probe: &Probe, options: &[OsString]) -> Command {
    let mut command = Command::new("valgrind");
    command
        .env_clear()
        .envs(std::env::var_os("PATH").map(|path| ("PATH", path)))
        .env("GLIBC_TUNABLES", TUNABLES)
        .arg("-q")
        .args(options)
        .arg(probe.program());
    command
}

/// What heap sizes can only be compared within: what the compiler's library allocates is its own affair.
pub fn compiler() -> String {
    format!(
        "{}, target features {}",
        env!("REGPATH_RUSTC"),
        env!("REGPATH_TARGET_CPU")
    )
}

/// Name and version of the C library, as far as the system tells.
fn libc() -> String {
    let version = answer(Command::new("getconf").arg("GNU_LIBC_VERSION"));
    version.map_or_else(|_| "unknown C library".into(), |v| v.trim().to_owned())
}

/// Instructions of every benchmark, as many at a time as there are cores. None if that was interrupted.
pub fn instructions(
    probe: &Probe,
    progress: impl Fn(&str) + Sync,
) -> anyhow::Result<Option<Counted>> {
    let dir = scratch()?;
    each(probe, "instructions", progress, |index, name| {
        collect(probe, name, &dir.path().join(format!("{index}.out")))
    })
}

/// Instructions of one benchmark; callgrind writes them into `file`.
fn collect(probe: &Probe, name: &str, file: &Path) -> anyhow::Result<u64> {
    let mut out = OsString::from("--callgrind-out-file=");
    out.push(file);
    let options = [
        "--tool=callgrind".into(),
        "--collect-atstart=no".into(),
        format!("--toggle-collect={COLLECTED}").into(),
        out,
    ];
    answer(under(probe, &options).args(["instructions", name]))?;
    let text = std::fs::read_to_string(file)
        .with_context(|| format!("callgrind left no {}", file.display()))?;
    let total = text.lines().find_map(|line| line.strip_prefix("totals: "));
    let total: u64 = total
        .unwrap_or_default()
        .trim()
        .parse()
        .with_context(|| format!("{} has no total of instructions", file.display()))?;
    anyhow::ensure!(
        total > 0,
        "callgrind collected nothing: it did not find the function {COLLECTED}"
    );
    Ok(total)
}

/// Bytes that every benchmark holds at most, beyond its inputs. None if that was interrupted.
pub fn memory(probe: &Probe, progress: impl Fn(&str) + Sync) -> anyhow::Result<Option<Counted>> {
    each(probe, "peak_bytes", progress, |_, name| probe.heap(name))
}

/// One number of every benchmark. Errors: what is not a wrong answer.
fn each(
    probe: &Probe,
    metric: &str,
    progress: impl Fn(&str) + Sync,
    count: impl Fn(usize, &str) -> anyhow::Result<u64> + Sync,
) -> anyhow::Result<Option<Counted>> {
    let benchmarks = probe.benchmarks()?;
    let one = |(index, benchmark): (usize, &Benchmark)| {
        let found = (!interrupted()).then(|| count(index, &benchmark.name));
        progress(&benchmark.name);
        found
    };
    let found: Vec<_> = benchmarks.par_iter().enumerate().map(one).collect();
    // A signal ends the programs, too: what they then say is not about their answers.
    if interrupted() {
        return Ok(None);
    }
    let mut counted = Counted::default();
    for (benchmark, found) in benchmarks.into_iter().zip(found.into_iter().flatten()) {
        match found {
            Ok(value) => {
                let key = Key {
                    cell: benchmark.name,
                    metric: metric.into(),
                };
                counted.metrics.insert(key, value.to_string());
            }
            Err(error) => {
                let of = benchmark.name.clone();
                let wrong = error.downcast::<WrongAnswer>().context(of)?;
                counted.wrong.push((benchmark.name, wrong.0));
            }
        }
    }
    Ok(Some(counted))
}
