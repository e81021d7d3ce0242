//! `regpath bench losses`: objectives of other packages where they are installed, and what is said where they are not.

mod common;

use std::process::Command;

use common::{is_refused, stderr, stdout, succeeds};
use serde_json::Value;
use tempfile::tempdir;

/// A comparison that takes seconds.
const SMOKE: [&str; 8] = [
    "bench", "losses", "--scale", "smoke", "--rounds", "2", "--out", "tables",
];

fn rows(json: &str) -> Vec<Value> {
    let json: Value = serde_json::from_str(json).expect("JSON");
    json["rows"].as_array().expect("rows").clone()
}

fn text<'a>(row: &'a Value, key: &str) -> &'a str {
    row[key].as_str().unwrap_or("")
}

#[test]
fn objectives_agree_with_quantreg_scikit_learn_and_glmnet() {
    let dir = tempdir().expect("a temporary folder");
    let found = rows(&succeeds(dir.path(), &[&SMOKE[..], &["--json"]].concat()));
    let table = std::fs::read_to_string(dir.path().join("tables/losses.md")).expect("a table");
    assert!(table.contains("regpath bench losses --scale smoke"));
    let pairs: Vec<&[Value]> = found.chunks(2).collect();
    assert_eq!(pairs.len(), 5);
    for pair in pairs {
        let [own, other] = pair else {
            panic!("a pair of rows, {pair:?}");
        };
        assert_eq!(text(own, "problem"), text(other, "problem"));
        for row in pair {
            let (problem, name) = (text(row, "problem"), text(row, "contestant"));
            assert!(
                table.contains(&format!("| {problem} | {name} |")),
                "{table}"
            );
            if text(row, "reason").contains("not installed") {
                println!("{name}: not compared, {}", text(row, "reason"));
                assert!(row["subopt"].is_null() && !text(own, "contestant").eq(name));
                continue;
            }
            for key in ["subopt", "difference"] {
                let value = row[key].as_f64();
                let value = value.unwrap_or_else(|| panic!("{name} has no {key}: {row}"));
                assert!(value <= 1e-9, "{name} on {problem}: {key} is {value:e}");
            }
            assert_eq!(row["seconds"].as_array().map(Vec::len), Some(2), "{row}");
            let ratios = if std::ptr::eq(row, own) { 0 } else { 2 };
            assert_eq!(row["ratios"].as_array().map(Vec::len), Some(ratios));
        }
    }
}

#[test]
fn a_package_that_is_not_there_is_a_row_with_its_reason() {
    let dir = tempdir().expect("a temporary folder");
    let output = Command::new(env!("CARGO_BIN_EXE_regpath"))
        .args(
            [
                &SMOKE[..],
                &["--problems", "median-300x5,logistic-80x10", "--json"],
            ]
            .concat(),
        )
        .env("PATH", dir.path())
        .current_dir(dir.path())
        .output()
        .expect("the program can be started");
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let found = rows(&stdout(&output));
    assert_eq!(found.len(), 4);
    let table = std::fs::read_to_string(dir.path().join("tables/losses.md")).expect("a table");
    for row in found
        .iter()
        .filter(|r| !text(r, "contestant").starts_with("regpath"))
    {
        assert!(row["subopt"].is_null());
        assert!(text(row, "reason").contains("not installed"), "{row}");
        assert!(table.contains(text(row, "reason")), "{table}");
    }
}

#[test]
fn what_cannot_be_meant_is_refused() {
    let dir = tempdir().expect("a temporary folder");
    let bench = |more: &[&'static str]| [&["bench", "losses"], more].concat();
    for (more, parts) in [
        (
            vec!["--problems", "median-300x5"],
            vec!["no problem \"median-300x5\"", "median-10000x100"],
        ),
        (
            vec!["--problems", "logistic-100x5000,logistic-100x5000"],
            vec!["names 'logistic-100x5000' twice"],
        ),
        (vec!["--rounds", "0"], vec!["--rounds is 0"]),
        (vec!["--timeout", "nan"], vec!["--timeout is NaN"]),
    ] {
        is_refused(dir.path(), &bench(&more), &parts);
    }
}
