//! Facts about the machine and the build, taken once per run.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde::{Deserialize, Serialize};

use regpath_solvers::design::kernels::simd_level;

/// Where and with what a run was made.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Machine {
    /// Processor model.
    pub cpu: String,
    /// Instruction set that the kernels dispatch to.
    pub simd: String,
    /// Cores that the process may use.
    pub cores: usize,
    /// Main memory, bytes.
    pub memory_bytes: Option<u64>,
    /// Operating system and kernel.
    pub os: String,
    /// Compiler of the binary.
    pub rustc: String,
    /// Target features compiled in unconditionally.
    pub target_cpu: String,
    /// Commit of the source tree, short; empty outside a checkout.
    pub commit: String,
    /// Whether tracked files other than published figures and tables differed from the commit.
    pub dirty: bool,
    /// Hash of Cargo.lock.
    pub lock_hash: String,
    /// Load average over one minute at the start.
    pub load_average: Option<f64>,
    /// Start, UTC.
    pub started: String,
}

impl Machine {
    /// Asks the system; what it does not tell stays empty.
    pub fn detect() -> Self {
        Self {
            cpu: proc_field("/proc/cpuinfo", "model name")
                .unwrap_or_else(|| std::env::consts::ARCH.into()),
            simd: simd_level().into(),
            cores: std::thread::available_parallelism().map_or(1, usize::from),
            memory_bytes: proc_field("/proc/meminfo", "MemTotal")
                .and_then(|m| m.strip_suffix(" kB")?.parse::<u64>().ok())
                .map(|kb| kb * 1024),
            os: os(),
            rustc: env!("REGPATH_RUSTC").into(),
            target_cpu: env!("REGPATH_TARGET_CPU").into(),
            commit: git(&["rev-parse", "--short", "HEAD"]).unwrap_or_default(),
            dirty: git(&DIRTY).is_some_and(|s| !s.is_empty()),
            lock_hash: env!("REGPATH_LOCK_HASH").into(),
            load_average: fs::read_to_string("/proc/loadavg")
                .ok()
                .and_then(|l| l.split_whitespace().next()?.parse().ok()),
            started: chrono::Utc::now().format("%Y-%m-%dT%H:%M:%SZ").to_string(),
        }
    }

    /// Reads `machine.json` of a run directory.
    pub fn read(dir: &Path) -> anyhow::Result<Self> {
        Ok(serde_json::from_str(&fs::read_to_string(
            dir.join("machine.json"),
        )?)?)
    }

    /// Commit with `-dirty` where the tree was.
    pub fn revision(&self) -> String {
        if self.dirty {
            format!("{}-dirty", self.commit)
        } else {
            self.commit.clone()
        }
    }

    /// One line for captions.
    pub fn summary(&self) -> String {
        format!("{}, {} cores, {}", self.cpu, self.cores, self.simd)
    }
}

/// Asks for tracked files that differ from the commit, but for what the program itself publishes.
const DIRTY: [&str; 6] = [
    "status",
    "--porcelain",
    "--untracked-files=no",
    ":(top)",
    ":(top,exclude)results/figures",
    ":(top,exclude)results/tables",
];

fn proc_field(file: &str, key: &str) -> Option<String> {
    let text = fs::read_to_string(file).ok()?;
    let line = text.lines().find(|l| l.starts_with(key))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}

fn os() -> String {
    let name = fs::read_to_string("/etc/os-release")
        .ok()
        .and_then(|t| {
            Some(
                t.lines()
                    .find_map(|l| l.strip_prefix("PRETTY_NAME="))?
                    .trim_matches('"')
                    .to_owned(),
            )
        })
        .unwrap_or_else(|| std::env::consts::OS.into());
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    format!("{name}, {}", kernel.trim())
        .trim_end_matches(", ")
        .to_owned()
}

/// Output of git in the source tree that the binary was built from; None if it is gone or git is missing.
fn git(arguments: &[&str]) -> Option<String> {
    let output = Command::new("git")
        .args(["-C", env!("CARGO_MANIFEST_DIR")])
        .args(arguments)
        .output()
        .ok()?;
    output
        .status
        .success()
        .then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}
