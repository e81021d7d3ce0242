//! Two recorded runs against each other as a real process: what is slower, what is refused, and with which code.

mod common;

use std::path::Path;

use common::{is_refused, regpath, stderr, stdout};
use regpath_harness::record::machine::Machine;
use regpath_harness::record::schema::{PointRow, RunRow};
use regpath_harness::record::write_rows;
use tempfile::tempdir;

/// Five repeats of one trial, with noise of 2 %.
fn trial(contestant: &str, seconds: f64) -> Vec<RunRow> {
    let run = |repeat: u64| RunRow {
        run_id: format!("{contestant}-{repeat}"),
        experiment: "runtime".into(),
        dataset: "toy".into(),
        contestant: contestant.into(),
        alpha: 1.0,
        chunks: 1,
        threads: 1,
        tol: 1e-6,
        repeat,
        path_seconds: Some(seconds * (1.0 + 0.01 * (repeat as f64 - 2.0))),
        status: "converged".into(),
        ..RunRow::default()
    };
    (0..5).map(run).collect()
}

fn two_trials() -> Vec<RunRow> {
    [trial("auto", 1.0), trial("fista", 3.0)].concat()
}

/// Records a run with three λ a path, each of which takes `passes`.
fn record(dir: &Path, name: &str, runs: &[RunRow], passes: u64, lambdas: u64) {
    let run = dir.join("results/runs").join(name);
    std::fs::create_dir_all(&run).expect("a writable folder");
    write_rows(&run, runs).expect("a writable folder");
    let point = |run: &RunRow, k: u64| PointRow {
        run_id: run.run_id.clone(),
        k,
        lambda: f64::from(lambdas as u32) - k as f64,
        passes,
        status: "converged".into(),
        ..PointRow::default()
    };
    let points = runs
        .iter()
        .flat_map(|r| (0..lambdas).map(move |k| point(r, k)));
    write_rows(&run, &points.collect::<Vec<_>>()).expect("a writable folder");
    std::fs::write(run.join("plan.json"), "{}").expect("a writable folder");
    machine(dir, name, "a processor");
}

fn machine(dir: &Path, name: &str, cpu: &str) {
    let machine = Machine {
        cpu: cpu.into(),
        ..Machine::detect()
    };
    let text = serde_json::to_string(&machine).expect("plain data");
    let path = dir.join("results/runs").join(name).join("machine.json");
    std::fs::write(path, text).expect("a writable folder");
}

/// Runs `regpath compare` and asserts its code; what it printed to stdout and stderr.
fn compare(dir: &Path, arguments: &[&str], code: i32) -> (String, String) {
    let output = regpath(dir, &[&["compare"], arguments].concat());
    let (out, err) = (stdout(&output), stderr(&output));
    assert_eq!(output.status.code(), Some(code), "{out}{err}");
    (out, err)
}

#[test]
fn what_is_slower_or_gone_fails_and_nothing_else_does() {
    let dir = tempdir().expect("a temporary folder");
    let dir = dir.path();
    record(dir, "a", &two_trials(), 4, 3);
    record(dir, "b", &two_trials(), 4, 3);
    let (text, err) = compare(
        dir,
        &["a", "b", "--json", "r.json", "--markdown", "r.md"],
        0,
    );
    assert!(
        text.contains("2 same") && text.contains("B/A: 1.000 over 2 of 2"),
        "{text}"
    );
    assert_eq!(err, "");
    let json = std::fs::read_to_string(dir.join("r.json")).expect("a report");
    assert!(
        json.contains("\"exit_code\": 0") && json.contains("\"verdict\": \"same\""),
        "{json}"
    );
    let markdown = std::fs::read_to_string(dir.join("r.md")).expect("a report");
    assert!(
        markdown.contains("| runtime | toy | auto | 1 | 1 | 1 | 1e-6 | 1.0000 | 1.0000 | 1.000 |"),
        "{markdown}"
    );

    let mut slower = two_trials();
    slower[5..]
        .iter_mut()
        .for_each(|r| r.path_seconds = r.path_seconds.map(|s| 2.0 * s));
    record(dir, "slower", &slower, 4, 3);
    let (text, _) = compare(dir, &["a", "results/runs/slower"], 3);
    assert!(text.contains("1 slower, 1 same (code 3)"), "{text}");
    // Worst first.
    assert!(text.find("fista") < text.find("auto"), "{text}");
    let (text, _) = compare(dir, &["slower", "a"], 0);
    assert!(text.contains("1 same, 1 faster"), "{text}");
    let (text, _) = compare(dir, &["a", "slower", "--threshold", "2.5"], 0);
    assert!(
        text.contains("cannot tell") || text.contains("2 same"),
        "{text}"
    );

    // Two repeats say nothing.
    let few: Vec<RunRow> = two_trials().into_iter().filter(|r| r.repeat < 2).collect();
    record(dir, "few", &few, 4, 3);
    let (text, _) = compare(dir, &["a", "few"], 0);
    assert!(
        text.contains("5 and 2 repeats, 3 are needed") && text.contains("2 cannot tell"),
        "{text}"
    );

    // Gone, and not converged, is vanished; the other way round it is new.
    record(dir, "gone", &trial("auto", 1.0), 4, 3);
    let mut failed = two_trials();
    failed[7].status = "timed_out".into();
    record(dir, "failed", &failed, 4, 3);
    for (name, why) in [("gone", "not run"), ("failed", "timed_out")] {
        let (text, _) = compare(dir, &["a", name], 3);
        assert!(text.contains("1 vanished") && text.contains(why), "{text}");
        let (text, _) = compare(dir, &[name, "a"], 0);
        assert!(text.contains("1 new"), "{text}");
    }
}

#[test]
fn counters_differ_by_one() {
    let dir = tempdir().expect("a temporary folder");
    let dir = dir.path();
    record(dir, "a", &two_trials(), 100, 3);
    record(dir, "more", &two_trials(), 101, 3);
    let passes = ["--metric", "passes"];
    let (text, _) = compare(dir, &[&["a", "more"], &passes[..]].concat(), 3);
    assert!(text.contains("2 more") && text.contains("303"), "{text}");
    let (text, _) = compare(dir, &[&["more", "a"], &passes[..]].concat(), 0);
    assert!(text.contains("2 less"), "{text}");
    compare(dir, &["a", "more", "--metric", "epochs"], 0);
    compare(
        dir,
        &[&["a", "more", "--threshold", "1.05"], &passes[..]].concat(),
        0,
    );
}

#[test]
fn what_cannot_be_compared_is_refused() {
    let dir = tempdir().expect("a temporary folder");
    let dir = dir.path();
    record(dir, "a", &two_trials(), 4, 3);
    let mut contended = two_trials();
    contended[3].contended = true;
    record(dir, "contended", &contended, 4, 3);
    let parts = ["contended", "auto-3", "ran beside others"];
    is_refused(dir, &["compare", "a", "contended"], &parts);
    is_refused(dir, &["compare", "contended", "a"], &parts);
    // Work does not depend on who else runs.
    compare(dir, &["a", "contended", "--metric", "passes"], 0);

    is_refused(dir, &["compare", "a", "b"], &["no run 'b'", "contended, a"]);
    let metric = ["compare", "a", "a", "--metric", "seconds"];
    is_refused(dir, &metric, &["seconds", "path_seconds", "kkt_violations"]);
    let threshold = |value| ["compare", "a", "a", "--threshold", value];
    is_refused(dir, &threshold("0.9"), &["--threshold is 0.9"]);
    is_refused(dir, &threshold("nan"), &["--threshold is NaN"]);
    record(dir, "else", &trial("ista", 1.0), 4, 3);
    is_refused(dir, &["compare", "a", "else"], &["measured nothing"]);
    // Nobody recorded processor seconds.
    let cpu = ["compare", "a", "a", "--metric", "cpu_seconds"];
    is_refused(dir, &cpu, &["measured nothing"]);
    record(dir, "short", &two_trials(), 4, 2);
    is_refused(
        dir,
        &["compare", "a", "short"],
        &["3 λ from 3", "2 λ from 2", "same grid"],
    );
    std::fs::create_dir(dir.join("empty")).expect("a writable folder");
    std::fs::write(dir.join("empty/plan.json"), "{}").expect("a writable folder");
    is_refused(dir, &["compare", "a", "empty"], &["no merged trials"]);
}

#[test]
fn other_machines_are_told() {
    let dir = tempdir().expect("a temporary folder");
    let dir = dir.path();
    record(dir, "a", &two_trials(), 4, 3);
    record(dir, "b", &two_trials(), 4, 3);
    machine(dir, "b", "another");
    let (_, err) = compare(dir, &["a", "b"], 0);
    assert!(
        err.contains("differ in cpu: 'a processor' and 'another'"),
        "{err}"
    );
}
