//! `regpath fit` with weights, offsets, factors, bounds, an early end and relaxed fits, as a user calls it.

mod common;

use std::path::Path;

use common::{embedded, file, is_refused, read_csv, succeeds};
use serde_json::Value;
use tempfile::tempdir;

/// Runs `regpath fit` on a table with response y, into `out`; returns rows of (k, feature, value).
fn fit(dir: &Path, data: &str, out: &str, options: &[&str]) -> Vec<(String, String, f64)> {
    let start = [
        "fit",
        "--data",
        data,
        "--response",
        "y",
        "--csv",
        "--quiet",
        "--tol",
        "1e-12",
    ];
    succeeds(dir, &[&start[..], options, &["--out", out]].concat());
    let (header, rows) = read_csv(&dir.join(out).join("coefs.csv"));
    let at = |name: &str| header.iter().position(|h| h == name).expect("a column");
    let (k, feature, value) = (at("k"), at("feature"), at("value"));
    let row = |row: &Vec<String>| {
        let value = row[value].parse().expect("a number");
        (row[k].clone(), row[feature].clone(), value)
    };
    rows.iter().map(row).collect()
}

fn points(dir: &Path, out: &str, name: &str) -> Vec<String> {
    let (header, rows) = read_csv(&dir.join(out).join("points.csv"));
    let at = header.iter().position(|h| h == name).expect("a column");
    rows.iter().map(|row| row[at].clone()).collect()
}

#[track_caller]
fn same(a: &[(String, String, f64)], b: &[(String, String, f64)]) {
    assert!(!a.is_empty());
    assert_eq!(a.len(), b.len());
    for (a, b) in a.iter().zip(b) {
        assert_eq!((&a.0, &a.1), (&b.0, &b.1));
        assert!((a.2 - b.2).abs() <= 1e-5 * (1.0 + b.2.abs()), "{a:?} {b:?}");
    }
}

/// Thirty rows with their weight `w` and offset `o`; rows stand there `times(i)` times.
fn table(times: impl Fn(usize) -> usize) -> String {
    let mut text = String::from("a,b,c,w,o,y\n");
    for i in 0..30 {
        let x = [
            ((i * 7) % 11) as f64,
            (i as f64 * 0.7).sin(),
            ((i * i) % 13) as f64,
        ];
        let o = (i as f64 * 0.3).cos();
        let y = 0.5 * x[0] - 2.0 * x[1] + o + (i as f64 * 1.9).cos();
        let row = format!(
            "{},{},{},{},{o},{y}\n",
            x[0],
            x[1],
            x[2],
            [1.0, 0.0, 2.0][i % 3]
        );
        text += &row.repeat(times(i));
    }
    text
}

const LAMBDAS: [&str; 2] = ["--lambda", "0.5,0.1,0.02"];

#[test]
fn weights_count_rows_for_every_penalty() {
    let dir = tempdir().expect("a temporary folder");
    let weighted = file(dir.path(), "w.csv", &table(|_| 1));
    let repeated = file(dir.path(), "r.csv", &table(|i| [1, 0, 2][i % 3]));
    for penalty in ["lasso", "ridge", "enet"] {
        let options = [&LAMBDAS[..], &["--drop", "o", "--penalty", penalty]].concat();
        let by_weight = fit(
            dir.path(),
            &weighted,
            "a",
            &[&options[..], &["--weights", "w"]].concat(),
        );
        let by_rows = fit(
            dir.path(),
            &repeated,
            "b",
            &[&options[..], &["--drop", "w"]].concat(),
        );
        same(&by_weight, &by_rows);
        assert!(
            points(dir.path(), "a", "status")
                .iter()
                .all(|s| s == "converged")
        );
    }
}

#[test]
fn an_offset_is_part_of_the_model_and_of_predictions() {
    let dir = tempdir().expect("a temporary folder");
    let data = file(dir.path(), "t.csv", &table(|_| 1));
    fit(
        dir.path(),
        &data,
        "f",
        &[&LAMBDAS[..], &["--drop", "w", "--offset", "o"]].concat(),
    );
    is_refused(
        dir.path(),
        &["predict", "--model", "f", "--data", &data, "--index", "0"],
        &["--offset"],
    );
    let options = [
        "predict", "--model", "f", "--data", &data, "--index", "2", "--offset", "o", "--json",
    ];
    let scored: Value = serde_json::from_str(&succeeds(dir.path(), &options)).expect("an object");
    let squares: f64 = points(dir.path(), "f", "primal")[2]
        .parse()
        .expect("a number");
    // ½ MSE ≤ ½ MSE + λ Ω, and most of it.
    let mse = scored["mse"].as_f64().expect("a number");
    assert!(
        0.5 * mse <= squares && 0.5 * mse > 0.8 * squares,
        "{mse} {squares}"
    );
}

/// An offset beside a matrix is a file, when it is fitted and when it predicts.
#[test]
fn an_offset_may_be_a_file() {
    let dir = tempdir().expect("a temporary folder");
    let n = 12;
    let columns: Vec<f64> = (0..2 * n).map(|i| (i as f64 * 0.9).sin()).collect();
    let offset: Vec<f64> = (0..n).map(|i| i as f64).collect();
    let y: Vec<f64> = (0..n).map(|i| columns[i] + offset[i] + 1.0).collect();
    let npy = |name: &str, shape: &str, values: &[f64]| {
        let mut header = format!("{{'descr': '<f8', 'fortran_order': True, 'shape': {shape}, }}");
        header += &" ".repeat(63 - (header.len() + 10) % 64);
        header.push('\n');
        let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
        bytes.extend((header.len() as u16).to_le_bytes());
        bytes.extend(header.bytes());
        bytes.extend(values.iter().flat_map(|v| v.to_le_bytes()));
        std::fs::write(dir.path().join(name), bytes).expect("a writable folder");
    };
    npy("x.npy", "(12, 2)", &columns);
    npy("y.npy", "(12,)", &y);
    npy("o.npy", "(12,)", &offset);
    let fit = [
        "fit", "--x", "x.npy", "--y", "y.npy", "--offset", "o.npy", "--lambda", "0", "--quiet",
    ];
    succeeds(dir.path(), &fit);
    let predict = ["predict", "--x", "x.npy", "--json"];
    is_refused(dir.path(), &predict, &["--offset"]);
    let text = succeeds(dir.path(), &[&predict[..], &["--offset", "o.npy"]].concat());
    let object: Value = serde_json::from_str(&text).expect("an object");
    for (found, y) in object["predictions"]
        .as_array()
        .expect("a list")
        .iter()
        .zip(&y)
    {
        assert!((found.as_f64().expect("a number") - y).abs() < 1e-9);
    }
}

#[test]
fn factors_and_bounds_do_what_they_say() {
    let dir = tempdir().expect("a temporary folder");
    let data = file(dir.path(), "t.csv", &table(|_| 1));
    let with = |options: &[&str]| {
        let base = ["--drop", "w,o", "--lambda", "1,0.3,0.05"];
        let split = ["--drop", "w", "--drop", "o", base[2], base[3]];
        fit(dir.path(), &data, "f", &[&split[..], options].concat())
    };
    let of = |rows: &[(String, String, f64)], feature: &str| -> Vec<f64> {
        rows.iter()
            .filter(|r| r.1 == feature)
            .map(|r| r.2)
            .collect()
    };
    let free = with(&[]);
    assert!(of(&free, "b").iter().all(|b| *b < 0.0) && of(&free, "b").len() == 3);
    assert!(of(&with(&["--nonnegative"]), "b").is_empty());
    assert!(of(&with(&["--exclude", "b"]), "b").is_empty());
    assert!(of(&with(&["--penalty-factor", "b=inf"]), "b").is_empty());
    let bounded = with(&["--lower", "b=-0.25", "--upper", "0.125"]);
    assert_eq!(of(&bounded, "b").last(), Some(&-0.25));
    assert!(bounded.iter().all(|r| r.2 <= 0.125));
    // Without penalty it does not shrink to 0, however large λ is.
    let huge = ["--lambda", "1000"];
    let unpenalised = fit(
        dir.path(),
        &data,
        "f",
        &[
            &huge[..],
            &["--drop", "w", "--drop", "o", "--penalty-factor", "b=0"],
        ]
        .concat(),
    );
    assert_eq!(unpenalised.len(), 1);
    assert_eq!(points(dir.path(), "f", "status"), ["converged"]);
    // A larger factor is a larger λ.
    let doubled = with(&[
        "--penalty-factor",
        "a=2",
        "--penalty-factor",
        "b=2",
        "--penalty-factor",
        "c=2",
    ]);
    let drop = ["--drop", "w", "--drop", "o"];
    same(
        &doubled,
        &fit(
            dir.path(),
            &data,
            "g",
            &[&drop[..], &["--lambda", "2,0.6,0.1"]].concat(),
        ),
    );
}

#[test]
fn an_early_end_is_on_record() {
    let dir = tempdir().expect("a temporary folder");
    let data = embedded("prostate.csv");
    let options = [
        "fit",
        "--data",
        &data,
        "--response",
        "lpsa",
        "--drop",
        "train",
        "--max-nonzeros",
        "3",
        "--csv",
        "--json",
    ];
    let text = succeeds(dir.path(), &options);
    let object: Value = serde_json::from_str(&text).expect("an object");
    assert_eq!(
        (&object["status"], &object["nonzeros_last"]),
        (&"ended".into(), &3.into())
    );
    let status = points(dir.path(), "regpath-fit", "status");
    let ended = status.iter().position(|s| s == "ended").expect("an end");
    assert_eq!(status.len(), 100);
    assert!(
        status[..ended].iter().all(|s| s == "converged")
            && status[ended..].iter().all(|s| s == "ended")
    );
}

#[test]
fn relaxed_fits_are_blended_in_predictions() {
    let dir = tempdir().expect("a temporary folder");
    let data = file(dir.path(), "t.csv", &table(|_| 1));
    let drop = ["--drop", "w", "--drop", "o", "--lambda", "0.3"];
    fit(dir.path(), &data, "f", &[&drop[..], &["--relax"]].concat());
    let mse = |gamma: &str| -> f64 {
        let options = [
            "predict", "--model", "f", "--data", &data, "--gamma", gamma, "--json",
        ];
        let object: Value =
            serde_json::from_str(&succeeds(dir.path(), &options)).expect("an object");
        object["mse"].as_f64().expect("a number")
    };
    // Least squares on the support is the best that the support can do.
    let [relaxed, half, penalised] = ["0", "0.5", "1"].map(mse);
    assert!(
        relaxed < half && half < penalised,
        "{relaxed} {half} {penalised}"
    );
    fit(
        dir.path(),
        &data,
        "g",
        &["--drop", "w", "--drop", "o", "--drop", "c", "--lambda", "0"],
    );
    let of = |out: &str, gamma: &[&str]| {
        let options = ["predict", "--model", out, "--data", &data, "--json"];
        let text = succeeds(dir.path(), &[&options[..], gamma].concat());
        let object: Value = serde_json::from_str(&text).expect("an object");
        object["mse"].as_f64().expect("a number")
    };
    // At λ = 0.3 a and b are the support.
    assert!((of("f", &["--gamma", "0"]) / of("g", &[]) - 1.0).abs() < 1e-6);
}

#[test]
fn what_cannot_be_restricted_is_refused() {
    let dir = tempdir().expect("a temporary folder");
    let data = file(dir.path(), "t.csv", &table(|_| 1));
    let with = |options: &[&str], parts: &[&str]| {
        let start = ["fit", "--data", &data, "--response", "y", "--out", "f"];
        is_refused(dir.path(), &[&start[..], options].concat(), parts);
        assert!(!dir.path().join("f").exists());
    };
    with(&["--penalty-factor", "a=-1"], &["a", "-1"]);
    with(&["--penalty-factor", "d=1"], &["\"d\""]);
    with(&["--lower", "a=0.5"], &["bounds must"]);
    with(&["--upper", "-0.5"], &["bounds must"]);
    with(
        &[
            "--exclude",
            "a",
            "--exclude",
            "b",
            "--exclude",
            "c",
            "--exclude",
            "w",
            "--exclude",
            "o",
        ],
        &["exclude"],
    );
    with(
        &["--solver", "homotopy", "--nonnegative"],
        &["--solver homotopy", "bounds"],
    );
    let all = ["a=0", "b=0", "c=0", "w=0", "o=0"].map(|f| ["--penalty-factor", f]);
    with(&all.concat(), &["no grid", "--lambda"]);
}
