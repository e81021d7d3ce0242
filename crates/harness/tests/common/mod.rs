//! The program as a real process, and small files for it.

#![allow(dead_code)]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// Runs `regpath` with these arguments in `dir`.
pub fn regpath(dir: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_regpath"))
        .args(arguments)
        .current_dir(dir)
        .output()
        .expect("the program can be started")
}

pub fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

pub fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Asserts success and returns stdout.
pub fn succeeds(dir: &Path, arguments: &[&str]) -> String {
    let output = regpath(dir, arguments);
    assert_eq!(
        output.status.code(),
        Some(0),
        "{arguments:?}: {}",
        stderr(&output)
    );
    stdout(&output)
}

/// Asserts a usage error of one line that contains all `parts`, and that nothing was written into `dir`.
pub fn is_refused(dir: &Path, arguments: &[&str], parts: &[&str]) {
    let before = files(dir);
    let output = regpath(dir, arguments);
    let message = stderr(&output);
    assert_eq!(
        output.status.code(),
        Some(2),
        "{arguments:?} ended with {:?}: {message}",
        output.status
    );
    for part in parts {
        assert!(
            message.contains(part),
            "{arguments:?}: no '{part}' in: {message}"
        );
    }
    assert!(
        stdout(&output).is_empty(),
        "{arguments:?} printed {}",
        stdout(&output)
    );
    assert!(!message.contains("panicked"), "{message}");
    assert_eq!(files(dir), before, "{arguments:?} left files behind");
}

/// All files below `dir`, sorted.
pub fn files(dir: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![dir.to_path_buf()];
    while let Some(folder) = folders.pop() {
        // A running program may rename a folder away in between.
        for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
            if entry.path().is_dir() {
                folders.push(entry.path());
            } else {
                found.push(entry.path());
            }
        }
    }
    found.sort();
    found
}

/// Writes `text` and returns the path as a string.
pub fn file(dir: &Path, name: &str, text: &str) -> String {
    let path = dir.join(name);
    std::fs::write(&path, text).expect("a writable folder");
    path.to_str().expect("a plain path").to_owned()
}

/// The embedded CSV of that name.
pub fn embedded(name: &str) -> String {
    format!("{}/data/{name}", env!("CARGO_MANIFEST_DIR"))
}

/// Cells of a CSV that the program wrote: header and rows.
pub fn read_csv(path: &Path) -> (Vec<String>, Vec<Vec<String>>) {
    let text = std::fs::read_to_string(path).expect("a CSV file");
    let mut lines = text
        .lines()
        .map(|l| l.split(',').map(str::to_owned).collect::<Vec<_>>());
    let header = lines.next().expect("a header");
    (header, lines.collect())
}

/// Coefficient of `feature` at point `k` in a coefs.csv, 0 where there is no row.
pub fn coefficient(rows: &[Vec<String>], k: usize, feature: &str) -> f64 {
    rows.iter()
        .find(|r| r[1] == k.to_string() && r[2] == feature)
        .map_or(0.0, |r| r[3].parse().expect("a number"))
}
