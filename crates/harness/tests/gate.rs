//! The gate as a real process: what it lets pass, what it stops, and with which code.

mod common;

use std::path::{Path, PathBuf};

use common::{is_refused, regpath, stderr, stdout, succeeds};
use tempfile::tempdir;

/// Runs `regpath check` against the baselines in `dir` and asserts its code; returns what it printed.
fn check(dir: &Path, more: &[&str], code: i32) -> String {
    let mut arguments = vec!["check", "--baseline", "baselines"];
    arguments.extend(more);
    let output = regpath(dir, &arguments);
    let text = stdout(&output);
    assert_eq!(
        output.status.code(),
        Some(code),
        "{text}{}",
        stderr(&output)
    );
    text
}

/// The file of a layer.
fn file_of(dir: &Path, layer: &str) -> PathBuf {
    let files = common::files(&dir.join("baselines"));
    let name = |f: &PathBuf| {
        f.file_name()
            .is_some_and(|n| n.to_string_lossy().starts_with(layer))
    };
    files.into_iter().find(name).expect("a baseline")
}

/// Changes the last column of the first line of `text` that `which` holds for.
fn changed(text: &str, which: impl Fn(&str) -> bool, value: impl Fn(&str) -> String) -> String {
    let mut done = false;
    let line = |line: &str| {
        if done || line.starts_with('#') || !which(line) {
            return line.to_owned();
        }
        done = true;
        let (head, last) = line.rsplit_once('\t').expect("three columns");
        format!("{head}\t{}", value(last))
    };
    let lines: Vec<String> = text.lines().map(line).collect();
    assert!(done, "no line was changed");
    lines.join("\n") + "\n"
}

fn plus(delta: i64) -> impl Fn(&str) -> String {
    move |v| (v.parse::<i64>().expect("a counter") + delta).to_string()
}

#[test]
fn the_gate_stops_more_work_and_wrong_answers_and_nothing_else() {
    let dir = tempdir().expect("a temporary folder");
    let dir = dir.path();
    // Nothing is expected yet.
    let text = check(dir, &[], 5);
    assert!(
        text.contains("answers: SKIPPED") && text.contains("work: SKIPPED"),
        "{text}"
    );
    check(dir, &["--require-baseline"], 5);
    let update = [
        "baseline",
        "update",
        "--baseline",
        "baselines",
        "--reason",
        "first",
    ];
    succeeds(dir, &update);
    let (work, answers) = (file_of(dir, "work"), file_of(dir, "answers"));
    let read = |path: &Path| std::fs::read_to_string(path).expect("a baseline");
    let (good_work, good_answers) = (read(&work), read(&answers));
    assert!(good_work.contains("# reason: first\n"));
    let layers = ["--layers", "answers,work"];
    let show = ["baseline", "show", "--baseline", "baselines"];
    let shown = succeeds(dir, &[&show[..], &layers].concat());
    // The two others have no baseline here.
    assert_eq!(regpath(dir, &show).status.code(), Some(5));
    assert!(
        shown.contains("wide/lasso/homotopy\tpasses k=00-09\t"),
        "{}",
        &shown[..500]
    );

    // The same again, by another process.
    let text = check(dir, &["--require-baseline", "--json", "report.json"], 0);
    assert_eq!(text.matches("all as expected").count(), 2, "{text}");
    let json = std::fs::read_to_string(dir.join("report.json")).expect("a report");
    assert!(json.contains("\"exit_code\": 0"), "{json}");
    assert_eq!(
        succeeds(dir, &["baseline", "diff", "--baseline", "baselines"]),
        ""
    );
    let again = succeeds(
        dir,
        &[
            "baseline",
            "update",
            "--baseline",
            "baselines",
            "--reason",
            "second",
        ],
    );
    assert!(
        again.contains("is as it was") && read(&work) == good_work,
        "{again}"
    );

    // What was measured is recorded, and drawn.
    let history = ["--record", "--history", "history.parquet"];
    check(dir, &history, 0);
    check(dir, &history, 0);
    let drawn = succeeds(dir, &["plot", "--history", "history.parquet"]);
    let picture = dir.join("figures/history.svg");
    assert!(drawn.contains("history.svg") && picture.exists(), "{drawn}");
    let picture = std::fs::read_to_string(picture).expect("it was just drawn");
    assert!(picture.contains("Work") && picture.contains("2 checks"));
    std::fs::write(dir.join("broken.parquet"), "no frame").expect("a writable folder");
    let broken = ["check", "--record", "--history", "broken.parquet"];
    is_refused(dir, &broken, &["broken.parquet"]);

    // Less was expected, so this is more work.
    let passes = |line: &str| line.starts_with("wide/lasso/homotopy\tpasses k=00-09");
    std::fs::write(&work, changed(&good_work, passes, plus(-1))).expect("a writable folder");
    let text = check(dir, &["--markdown", "report.md"], 3);
    for part in ["wide/lasso/homotopy", "passes k=00-09", "worse", "1 worse"] {
        assert!(text.contains(part), "no {part} in {text}");
    }
    let markdown = std::fs::read_to_string(dir.join("report.md")).expect("a report");
    assert!(
        markdown.contains("| work | wide/lasso/homotopy | passes k=00-09 |"),
        "{markdown}"
    );
    // That layer was not asked for.
    check(dir, &["--layers", "answers"], 0);
    // More was expected: better, and said so.
    std::fs::write(&work, changed(&good_work, passes, plus(1))).expect("a writable folder");
    let text = check(dir, &[], 0);
    assert!(
        text.contains("1 better") && text.contains("baseline update"),
        "{text}"
    );
    // A path that is gone.
    let gone = good_work.clone() + "wide/lasso/lars\tpasses k=00-09\t1\n";
    std::fs::write(&work, gone).expect("a writable folder");
    assert!(check(dir, &[], 3).contains("1 vanished"));
    std::fs::write(&work, &good_work).expect("a writable folder");

    // Answers: an objective by more than rounding, and a support.
    let other = |v: &str| {
        format!(
            "{:.16e}",
            v.parse::<f64>().expect("a number") * (1.0 + 1e-8)
        )
    };
    let objective = |line: &str| line.contains("\tobjective k=49");
    std::fs::write(&answers, changed(&good_answers, objective, other)).expect("a writable folder");
    let text = check(dir, &[], 4);
    assert!(
        text.contains("objective k=49") && text.contains("1 WRONG"),
        "{text}"
    );
    let support = |line: &str| line.contains("\tsupport k=49");
    let text = changed(&good_answers, support, |_| "0".into());
    std::fs::write(&answers, text).expect("a writable folder");
    check(dir, &[], 4);

    // Files that are no baselines, and command lines that are none.
    std::fs::write(&answers, good_answers.replace("# schema: 1", "# schema: 0"))
        .expect("a writable folder");
    is_refused(
        dir,
        &["check", "--baseline", "baselines"],
        &["answers.tsv, line 1", "schema 0"],
    );
    is_refused(
        dir,
        &["check", "--layers", "taste"],
        &["taste", "answers", "work"],
    );
    is_refused(dir, &["baseline", "update"], &["--reason"]);
    is_refused(dir, &["baseline", "update", "--reason", " "], &["--reason"]);
}
