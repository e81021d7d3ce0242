//! `regpath bench cross-validation`: curves of other packages where they are installed, and what is said where they are not.

mod common;

use std::process::Command;

use common::{is_refused, stderr, stdout, succeeds};
use serde_json::Value;
use tempfile::tempdir;

/// The rows of a comparison on prostate, which is not timed.
const PROSTATE: [&str; 6] = [
    "bench",
    "cross-validation",
    "--problems",
    "prostate",
    "--out",
    "tables",
];

fn rows(json: &str) -> Vec<Value> {
    let json: Value = serde_json::from_str(json).expect("JSON");
    assert_eq!(json["speed"].as_array().map(Vec::len), Some(0));
    json["agreement"].as_array().expect("rows").clone()
}

fn reason(row: &Value) -> &str {
    row["reason"].as_str().unwrap_or("")
}

#[test]
fn curves_and_choices_agree_with_scikit_learn_and_glmnet() {
    let dir = tempdir().expect("a temporary folder");
    let arguments = [&PROSTATE[..], &["--json"]].concat();
    let found = rows(&succeeds(dir.path(), &arguments));
    let names: Vec<&str> = found
        .iter()
        .filter_map(|r| r["contestant"].as_str())
        .collect();
    assert_eq!(
        names,
        [
            "scikit-learn LassoCV",
            "glmnet cv.glmnet",
            "scikit-learn RidgeCV"
        ]
    );
    let table = std::fs::read_to_string(dir.path().join("tables/cross-validation.md"));
    let table = table.expect("a table");
    assert!(table.contains("regpath bench cross-validation --problems prostate"));
    for (row, name) in found.iter().zip(names) {
        assert!(table.contains(&format!("| prostate | {name} |")), "{table}");
        if reason(row).contains("not installed") {
            println!("{name}: not compared, {}", reason(row));
            assert!(row["difference"].is_null());
            continue;
        }
        let difference = &row["difference"];
        let of = |key: &str| {
            let value = difference[key].as_f64();
            value.unwrap_or_else(|| panic!("{name} has no {key}: {}", reason(row)))
        };
        assert!(
            of("mean") <= 1e-6 && of("se") <= 1e-6,
            "{name}: {difference}"
        );
        assert_eq!((of("min"), of("one_se")), (0.0, 0.0), "{name}");
    }
}

#[test]
fn a_package_that_is_not_there_is_a_row_with_its_reason() {
    let dir = tempdir().expect("a temporary folder");
    let output = Command::new(env!("CARGO_BIN_EXE_regpath"))
        .args([&PROSTATE[..], &["--json"]].concat())
        .env("PATH", dir.path())
        .current_dir(dir.path())
        .output()
        .expect("the program can be started");
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let found = rows(&stdout(&output));
    let glmnet = found
        .iter()
        .find(|r| r["contestant"] == "glmnet cv.glmnet")
        .expect("a row of glmnet");
    assert!(glmnet["difference"].is_null());
    assert!(reason(glmnet).contains("not installed"), "{glmnet}");
    let table = std::fs::read_to_string(dir.path().join("tables/cross-validation.md"));
    assert!(table.expect("a table").contains(reason(glmnet)));
}

#[test]
fn what_cannot_be_meant_is_refused() {
    let dir = tempdir().expect("a temporary folder");
    let bench = |more: &[&'static str]| [&["bench", "cross-validation"], more].concat();
    for (more, parts) in [
        (
            vec!["--problems", "nci60"],
            vec!["not compared on 'nci60'", "tall-100000x200"],
        ),
        (
            vec!["--problems", "prostate,prostate"],
            vec!["names 'prostate' twice"],
        ),
        (vec!["--rounds", "0"], vec!["--rounds is 0"]),
        (vec!["--threads", "0"], vec!["--threads is 0"]),
        (vec!["--timeout", "nan"], vec!["--timeout is NaN"]),
    ] {
        is_refused(dir.path(), &bench(&more), &parts);
    }
}
