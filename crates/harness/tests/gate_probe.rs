//! The layers of the gate that a program of its own is measured for, with scripts in place of that program and of valgrind.

#![cfg(unix)]

mod common;

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output};

use common::{is_refused, stderr, stdout};
use tempfile::{TempDir, tempdir};

/// What the scripts are to answer.
struct Bench {
    dir: TempDir,
}

impl Bench {
    fn new() -> Self {
        let dir = tempdir().expect("a temporary folder");
        let bench = Self { dir };
        let here = bench.path().display().to_string();
        let probe = format!(
            "case $1 in\nlist) cat {here}/list;;\nsimd) echo avx9;;\nheap) if [ -f {here}/wrong ]; then echo it is wrong >&2; exit 101; fi; cat {here}/heap;;\n\
             instructions) true;;\nesac"
        );
        bench.script("probe", &probe);
        bench.write("list", "kernel/a\ttimed\npath/b\tcounted\n");
        bench.write("heap", "1000\n");
        bench.write("totals", "50000");
        bench.write("version", "9.9.0");
        bench
    }

    fn path(&self) -> &Path {
        self.dir.path()
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path().join(name), text).expect("a writable folder");
    }

    fn script(&self, name: &str, text: &str) {
        let path = self.path().join(name);
        std::fs::write(&path, format!("#!/bin/sh\n{text}\n")).expect("a writable folder");
        let executable = std::fs::Permissions::from_mode(0o755);
        std::fs::set_permissions(&path, executable).expect("a file of our own");
    }

    /// A valgrind that counts what the file `totals` says, and runs nothing but the question for the instruction set.
    fn install_valgrind(&self) {
        let here = self.path().display();
        let script = format!(
            "case $1 in --version) echo valgrind-$(cat {here}/version); exit;; esac\n\
             for option; do case $option in\n\
             --callgrind-out-file=*) echo \"totals: $(cat {here}/totals)\" > \"${{option#*=}}\"; exit;;\n\
             simd) echo avx9; exit;;\nesac; done"
        );
        self.script("valgrind", &script);
    }

    /// Runs `regpath` with a path on which there is the script `valgrind`, if it was installed, and no other.
    fn regpath(&self, arguments: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_regpath"))
            .args(arguments)
            .args(["--baseline", "baselines", "--probe", "./probe"])
            .env(
                "PATH",
                format!("{}:{}", self.path().display(), tools(self.path())),
            )
            .current_dir(self.path())
            .output()
            .expect("the program can be started")
    }

    /// Runs a check and asserts its code; what it printed.
    fn check(&self, more: &[&str], code: i32) -> String {
        let mut arguments = vec!["check"];
        if !more.contains(&"--layers") {
            arguments.extend(["--layers", "instructions,memory"]);
        }
        arguments.extend(more);
        let output = self.regpath(&arguments);
        let text = stdout(&output);
        assert_eq!(
            output.status.code(),
            Some(code),
            "{text}{}",
            stderr(&output)
        );
        text
    }

    fn update(&self) {
        let arguments = [
            "baseline",
            "update",
            "--layers",
            "instructions,memory",
            "--reason",
            "first",
        ];
        let output = self.regpath(&arguments);
        assert!(output.status.success(), "{}", stderr(&output));
    }
}

/// A folder with the few programs that the scripts need, so that a valgrind of the system is not found.
fn tools(dir: &Path) -> String {
    let tools = dir.join("tools");
    if std::fs::create_dir(&tools).is_ok() {
        for tool in ["cat", "getconf"] {
            let found = ["/bin", "/usr/bin"].map(|d| Path::new(d).join(tool));
            if let Some(found) = found.iter().find(|f| f.exists()) {
                std::os::unix::fs::symlink(found, tools.join(tool)).expect("a writable folder");
            }
        }
    }
    tools.display().to_string()
}

#[test]
fn without_valgrind_instructions_are_skipped_unless_they_are_required() {
    let bench = Bench::new();
    bench.update();
    let text = bench.check(&[], 0);
    assert!(text.contains("instructions: SKIPPED, valgrind"), "{text}");
    assert!(
        text.contains("memory: 2 numbers, all as expected"),
        "{text}"
    );
    bench.check(&["--require-baseline"], 0);
    bench.check(&["--require", "instructions"], 5);
}

#[test]
fn more_than_a_hundredth_more_fails_and_less_is_reported() {
    let bench = Bench::new();
    bench.install_valgrind();
    bench.check(&["--require-baseline"], 5);
    bench.update();
    let text = bench.check(&["--require", "instructions,memory"], 0);
    assert_eq!(
        text.matches("2 numbers, all as expected").count(),
        2,
        "{text}"
    );

    bench.write("totals", "50400");
    bench.check(&[], 0);
    bench.write("totals", "60000");
    let text = bench.check(&[], 3);
    for part in [
        "kernel/a",
        "50000",
        "60000",
        "+20.0 %",
        "2 worse",
        "in instructions",
    ] {
        assert!(text.contains(part), "no {part} in {text}");
    }
    bench.write("totals", "40000");
    let text = bench.check(&[], 0);
    assert!(
        text.contains("2 better") && text.contains("baseline update"),
        "{text}"
    );
    bench.write("totals", "50000");
    bench.write("heap", "1020");
    let text = bench.check(&[], 3);
    assert!(
        text.contains("peak_bytes") && text.contains("in memory"),
        "{text}"
    );
    bench.write("heap", "1000");

    // A benchmark that is gone, and a new one.
    bench.write("list", "kernel/a\ttimed\n");
    assert!(bench.check(&[], 3).contains("1 vanished"));
    bench.write(
        "list",
        "kernel/a\ttimed\nkernel/c\tcounted\npath/b\tcounted\n",
    );
    assert!(bench.check(&[], 0).contains("1 new"));
    bench.check(&["--require-baseline"], 5);
    bench.check(&["--require", "memory"], 5);

    // A change of one number is a change of one line.
    let file = bench.path().join("baselines/memory.tsv");
    let read = || std::fs::read_to_string(&file).expect("a baseline");
    let before = read();
    bench.write("heap", "1005\n");
    bench.update();
    let expected = before.replace("path/b", "kernel/c\tpeak_bytes\t1005\npath/b");
    assert_eq!(read(), expected);
}

#[test]
fn counts_of_another_toolchain_are_not_compared() {
    let bench = Bench::new();
    bench.install_valgrind();
    bench.update();
    bench.write("version", "9.9.1");
    let text = bench.check(&[], 5);
    for part in [
        "instructions: INCOMPATIBLE",
        "valgrind 9.9.0",
        "valgrind 9.9.1",
        "--base",
    ] {
        assert!(text.contains(part), "no {part} in {text}");
    }
    // It has no say about memory.
    assert!(
        text.contains("memory: 2 numbers, all as expected"),
        "{text}"
    );
}

#[test]
fn a_wrong_answer_and_an_empty_measurement_are_no_counts() {
    let bench = Bench::new();
    bench.install_valgrind();
    bench.update();
    // A probe that panics found a wrong answer; one that is not there, or counts nothing, found none.
    bench.write("wrong", "");
    let text = bench.check(&["--layers", "memory"], 4);
    assert!(text.contains("WRONG path/b: it is wrong"), "{text}");
    std::fs::remove_file(bench.path().join("wrong")).expect("it was just written");
    bench.write("totals", "0");
    let output = bench.regpath(&["check", "--layers", "instructions"]);
    assert_eq!(output.status.code(), Some(1), "{}", stdout(&output));
    assert!(
        stderr(&output).contains("collected nothing"),
        "{}",
        stderr(&output)
    );
    bench.write("list", "");
    let output = bench.regpath(&["check", "--layers", "memory"]);
    assert_eq!(output.status.code(), Some(1), "{}", stdout(&output));
    assert!(
        stderr(&output).contains("lists no benchmarks"),
        "{}",
        stderr(&output)
    );
}

#[test]
fn command_lines_that_cannot_be_meant_are_refused() {
    let dir = tempdir().expect("a temporary folder");
    let dir = dir.path();
    is_refused(dir, &["check", "--layers", "time"], &["--base"]);
    is_refused(dir, &["check", "--gate-time"], &["--gate-time", "--base"]);
    is_refused(
        dir,
        &["check", "--layers", "work", "--require", "memory"],
        &["--require memory"],
    );
    is_refused(dir, &["check", "--base", "HEAD"], &["no source tree"]);
    is_refused(
        dir,
        &["baseline", "show", "--layers", "time"],
        &["time has no baseline"],
    );
    is_refused(dir, &["noise"], &["no source tree"]);
    is_refused(dir, &["noise", "--rounds", "0"], &["--rounds is 0"]);
    is_refused(dir, &["noise", "--rounds", "2"], &["at least 5"]);
    let only_answers = ["check", "--layers", "answers", "--base", "HEAD"];
    is_refused(dir, &only_answers, &["--base"]);
    let tree = Path::new(env!("CARGO_MANIFEST_DIR"));
    let output = common::regpath(tree, &["check", "--base", "no-such-revision"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        stderr(&output).contains("--base no-such-revision"),
        "{}",
        stderr(&output)
    );
}
