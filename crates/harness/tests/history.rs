//! The figure of the gate's history as a real process.

mod common;

use std::path::Path;

use common::{file, is_refused, succeeds};
use regpath_harness::record::history::append;
use regpath_harness::record::schema::HistoryRow;
use tempfile::tempdir;

fn check(path: &Path, commit: &str, values: [f64; 2]) {
    let row = |(benchmark, value): (&str, f64)| HistoryRow {
        recorded: "2026-01-01T00:00:00Z".into(),
        commit: commit.into(),
        layer: "instructions".into(),
        benchmark: benchmark.into(),
        metric: "instructions".into(),
        value,
        toolchain: "rustc 1".into(),
        ..HistoryRow::default()
    };
    let rows: Vec<HistoryRow> = ["path/a", "path/b"]
        .into_iter()
        .zip(values)
        .map(row)
        .collect();
    append(path, &rows).expect("a writable folder");
}

#[test]
fn a_history_is_drawn_beside_itself_or_where_it_is_asked_for() {
    let dir = tempdir().expect("a temporary folder");
    let dir = dir.path();
    is_refused(
        dir,
        &["plot", "history"],
        &["history.parquet", "check --record"],
    );
    let default = dir.join("results/history.parquet");
    for i in 0..8 {
        let fast = if i < 4 { 2e6 } else { 1e6 };
        check(&default, &format!("c0ffee{i}"), [fast, 3e6]);
    }
    let text = succeeds(dir, &["plot", "history"]);
    assert_eq!(text.lines().count(), 2, "{text}");
    let drawn = dir.join("results/figures/history.svg");
    let svg = std::fs::read_to_string(drawn).expect("a picture");
    for part in ["path/a −50 %", "c0ffee4", "8 checks"] {
        assert!(svg.contains(part), "no {part}");
    }
    assert!(!svg.contains("path/b"));
    // A file that is named asks for its figure.
    let arguments = ["--history", "results/history.parquet", "--out", "elsewhere"];
    succeeds(dir, &[&["plot"], &arguments[..]].concat());
    assert!(dir.join("elsewhere/history.png").exists());
    // A run has no history, and is not asked for one.
    is_refused(dir, &["plot"], &["no run under"]);
    file(dir, "text", "no frame");
    is_refused(dir, &["plot", "--history", "text"], &["text", "no history"]);
}
