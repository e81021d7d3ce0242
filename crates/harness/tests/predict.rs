//! `regpath predict` and the file `model.json`: predictions are those of the fit, and a model survives writing and reading.

mod common;

use std::path::Path;

use common::{embedded, file, is_refused, read_csv, regpath, stderr, succeeds};
use polars::prelude::{Column, DataFrame, ParquetWriter};
use regpath_harness::model::Model;
use serde_json::Value;
use tempfile::tempdir;

/// Fits prostate without its column `train`.
fn fit_prostate(dir: &Path, more: &[&str]) {
    let data = embedded("prostate.csv");
    let shared = [
        "fit",
        "--data",
        &data,
        "--response",
        "lpsa",
        "--drop",
        "train",
    ];
    succeeds(dir, &[&shared[..], &["--csv", "-q"], more].concat());
}

fn object(dir: &Path, arguments: &[&str]) -> Value {
    let text = succeeds(dir, &[&["predict", "--json"][..], arguments].concat());
    serde_json::from_str(&text).expect("one JSON object")
}

fn predictions(dir: &Path, arguments: &[&str]) -> Vec<f64> {
    let object = object(dir, arguments);
    let list = object["predictions"].as_array().expect("a list");
    list.iter().map(|v| v.as_f64().expect("a number")).collect()
}

#[test]
fn the_training_data_give_back_the_fit_at_every_lambda() {
    let dir = tempdir().expect("a temporary folder");
    let data = embedded("prostate.csv");
    for penalty in [&["lasso"][..], &["enet", "--alpha", "0.3"], &["ridge"]] {
        fit_prostate(
            dir.path(),
            &[&["--n-lambda", "12", "--penalty"][..], penalty].concat(),
        );
        let (header, points) = read_csv(&dir.path().join("regpath-fit/points.csv"));
        let at = |name: &str| header.iter().position(|h| h == name).expect("the column");
        let (lambda, ratio) = (at("lambda"), at("dev_ratio"));
        assert_eq!(points.len(), 12);
        for (k, point) in points.iter().enumerate() {
            let expected: f64 = point[ratio].parse().expect("a number");
            for choice in [["--index", &k.to_string()], ["--lambda", &point[lambda]]] {
                let found = object(dir.path(), &[&["--data", &data][..], &choice].concat());
                let r2 = found["r2"].as_f64().expect("a number");
                assert!(
                    (r2 - expected).abs() < 1e-10,
                    "{penalty:?} {k}: {r2} {expected}"
                );
            }
        }
    }
}

#[test]
fn a_model_that_is_read_and_written_again_is_the_same_bytes() {
    let dir = tempdir().expect("a temporary folder");
    for arguments in [
        &["--data", &embedded("diabetes.csv"), "--response", "y"][..],
        &[
            "--dataset",
            "equicorrelated",
            "--penalty",
            "enet",
            "--n-lambda",
            "30",
        ],
        &[
            "--dataset",
            "power-law",
            "--no-intercept",
            "--lambda-min-ratio",
            "0.3",
        ],
    ] {
        succeeds(dir.path(), &[&["fit", "-q"][..], arguments].concat());
        let fit = dir.path().join("regpath-fit");
        let model = Model::read(&fit).expect("a model");
        let again = dir.path().join("again");
        std::fs::create_dir_all(&again).expect("a writable folder");
        model.write(&again).expect("a writable folder");
        let bytes = |dir: &Path| std::fs::read(dir.join("model.json")).expect("a model");
        assert!(bytes(&fit).len() > 1000);
        assert_eq!(bytes(&fit), bytes(&again));
        assert_eq!(
            model,
            Model::read(&again.join("model.json")).expect("a model")
        );
    }
}

#[test]
fn between_two_lambda_predictions_are_linear_and_outside_those_of_the_end() {
    let dir = tempdir().expect("a temporary folder");
    let data = embedded("prostate.csv");
    fit_prostate(dir.path(), &["--lambda", "0.5,0.3,0.1"]);
    let at = |lambda: &str| predictions(dir.path(), &["--data", &data, "--lambda", lambda]);
    let (left, right, between) = (at("0.3"), at("0.1"), at("0.15"));
    assert_eq!(left.len(), 97);
    for i in 0..left.len() {
        assert!((between[i] - 0.25 * left[i] - 0.75 * right[i]).abs() < 1e-12);
    }
    for (outside, end) in [("9", "0.5"), ("0", "0.1")] {
        assert_eq!(at(outside), at(end));
        let output = regpath(
            dir.path(),
            &["predict", "--data", &data, "--lambda", outside],
        );
        assert!(stderr(&output).contains("outside the path"));
    }
}

#[test]
fn sources_and_outputs_agree() {
    let dir = tempdir().expect("a temporary folder");
    let (mut csv, mut svm) = (String::from("1,2,3,y\n"), String::new());
    for i in 0..30 {
        let x = [i % 3, (i * 7) % 5, i32::from(i % 4 == 0)];
        let y = f64::from(2 * x[0] - x[1]) + 0.1 * f64::from(i % 7);
        csv += &format!("{},{},{},{y}\n", x[0], x[1], x[2]);
        let entries = x.iter().enumerate().filter(|(_, v)| **v != 0);
        svm += &format!("{y}");
        entries.for_each(|(j, v)| svm += &format!(" {}:{v}", j + 1));
        svm += "\n";
    }
    let csv = file(dir.path(), "d.csv", &csv);
    let svm = file(dir.path(), "d.svm", &svm);
    succeeds(
        dir.path(),
        &[
            "fit",
            "--data",
            &csv,
            "--response",
            "y",
            "--n-lambda",
            "9",
            "-q",
        ],
    );
    let fifth = ["--index", "5"];
    let dense = object(dir.path(), &[&["--data", &csv][..], &fifth].concat());
    let sparse = object(dir.path(), &[&["--svm", &svm][..], &fifth].concat());
    for name in ["mse", "mae", "r2"] {
        let both = (dense[name].as_f64(), sparse[name].as_f64());
        let (Some(a), Some(b)) = both else {
            panic!("no {name}: {both:?}")
        };
        assert!((a - b).abs() < 1e-12, "{name}: {a} {b}");
    }
    // The test's JSON reader rounds, so these agree but for that.
    let expected = predictions(dir.path(), &[&["--data", &csv][..], &fifth].concat());
    succeeds(
        dir.path(),
        &[&["predict", "--data", &csv, "--out", "z.npy"][..], &fifth].concat(),
    );
    let bytes = std::fs::read(dir.path().join("z.npy")).expect("an array");
    assert!(bytes.starts_with(b"\x93NUMPY\x01\x00") && bytes.len() % 64 == (30 * 8) % 64);
    let numbers: Vec<f64> = (bytes[bytes.len() - 30 * 8..].chunks_exact(8))
        .map(|b| f64::from_le_bytes(b.try_into().expect("eight bytes")))
        .collect();
    let near = |(a, b): (&f64, &f64)| (a - b).abs() <= 1e-14 * b.abs();
    assert!(numbers.len() == 30 && numbers.iter().zip(&expected).all(near));
    let written = numbers;
    succeeds(
        dir.path(),
        &[&["predict", "--data", &csv, "--out", "z.csv"][..], &fifth].concat(),
    );
    let (header, rows) = read_csv(&dir.path().join("z.csv"));
    assert_eq!(header, ["row", "prediction"]);
    let numbers: Vec<f64> = rows
        .iter()
        .map(|r| r[1].parse().expect("a number"))
        .collect();
    assert_eq!(numbers, written);
    let printed = succeeds(
        dir.path(),
        &[&["predict", "--data", &csv][..], &fifth].concat(),
    );
    assert_eq!(
        printed,
        std::fs::read_to_string(dir.path().join("z.csv")).expect("a table")
    );
    // A Parquet table of predictions is a table; the model's features are not in it.
    succeeds(
        dir.path(),
        &[
            &["predict", "--data", &csv, "--out", "z.parquet"][..],
            &fifth,
        ]
        .concat(),
    );
    is_refused(
        dir.path(),
        &[&["predict", "--data", "z.parquet"][..], &fifth].concat(),
        &["z.parquet", "\"1\""],
    );
}

#[test]
fn features_are_found_by_name_and_nothing_else_is_looked_at() {
    let dir = tempdir().expect("a temporary folder");
    let train = file(dir.path(), "d.csv", "a,b,y\n1,2,3\n4,5,6\n7,8,10\n2,1,1\n");
    succeeds(
        dir.path(),
        &[
            "fit",
            "--data",
            &train,
            "--response",
            "y",
            "--lambda",
            "0.1",
            "-q",
        ],
    );
    let expected = predictions(dir.path(), &["--data", &train]);
    let other = file(
        dir.path(),
        "new.csv",
        "note,b,a\nx,2,1\n,5,4\n\"a, b\",8,7\nNA,1,2\n",
    );
    let found = object(dir.path(), &["--data", &other]);
    assert_eq!(found["predictions"].as_array().map(Vec::len), Some(4));
    assert!(found["r2"].is_null() && found["mse"].is_null());
    assert_eq!(predictions(dir.path(), &["--data", &other]), expected);
    // One row is enough, and a response that is not there yet is no error.
    let one = file(dir.path(), "one.csv", "y,b,a\nNA,2,1\n");
    assert_eq!(predictions(dir.path(), &["--data", &one]), expected[..1]);
    // The same of Parquet: in another order, beside a text, with a response of no use or without one.
    let columns = [
        Column::new("note".into(), ["x", "", "z", "NA"]),
        Column::new("b".into(), [2.0, 5.0, 8.0, 1.0]),
        Column::new("a".into(), [1i64, 4, 7, 2]),
        Column::new("y".into(), ["?", "?", "?", "?"]),
    ];
    for (name, width) in [("text.parquet", 4), ("none.parquet", 3)] {
        let mut frame = DataFrame::new(4, columns[..width].to_vec()).expect("a frame");
        let target = std::fs::File::create(dir.path().join(name)).expect("a writable folder");
        ParquetWriter::new(target)
            .finish(&mut frame)
            .expect("a written frame");
        assert_eq!(
            predictions(dir.path(), &["--data", name]),
            expected,
            "{name}"
        );
    }
    let half = file(dir.path(), "half.csv", "y,b,a\nNA,2,1\n3,5,4\n");
    let output = regpath(dir.path(), &["predict", "--data", &half]);
    assert!(
        stderr(&output).contains("1 of 2 rows"),
        "{}",
        stderr(&output)
    );
    let refused = |name: &str, text: &str, parts: &[&str]| {
        let data = file(dir.path(), name, text);
        is_refused(
            dir.path(),
            &["predict", "--data", &data],
            &[&[name], parts].concat(),
        );
    };
    refused("lacks.csv", "a,c,y\n1,2,3\n4,5,6\n", &["\"b\""]);
    refused(
        "cell.csv",
        "a,b,y\n1,2,3\n4,oops,6\n",
        &["line 3", "\"b\"", "oops"],
    );
    refused(
        "none.csv",
        "a,b,y\n",
        &["0 data rows; at least 1 is needed"],
    );
    let wide = file(dir.path(), "wide.svm", "1 1:2 3:1\n");
    is_refused(
        dir.path(),
        &["predict", "--svm", &wide],
        &["wide.svm", "column 3", "2 features"],
    );
    is_refused(
        dir.path(),
        &["predict", "--dataset", "prostate"],
        &["prostate", "\"a\""],
    );
}

#[test]
fn relaxed_offset_and_selected_are_used_where_a_model_has_them() {
    let dir = tempdir().expect("a temporary folder");
    let text = r#"{"schema":1,"kind":"regpath-model","response":"y","features":["a","b"],"loss":"squared","alpha":1,
        "intercept":true,"standardize":false,"standardization":[{"center":0,"scale":1.0},{"center":2.5,"scale":null}],
        "n":9,"tol":1e-6,"offset":true,"selected":{"lambda_min":0.5,"lambda_1se":2.0},"unknown":[1.5],
        "lower":[0,null],"path":[
        {"lambda":2,"intercept":1.0,"coefficients":[],"gap_rel":null,"status":"converged",
         "relaxed":{"intercept":1.0,"coefficients":[]}},
        {"lambda":0.5,"intercept":1.0,"coefficients":[[0,2.0]],"status":"converged",
         "relaxed":{"intercept":0.0,"coefficients":[[0,4.0]]}}]}"#;
    let model = file(dir.path(), "m.json", text);
    let data = file(dir.path(), "d.csv", "a,b,shift\n1,5,10\n3,5,0\n");
    let with = |more: &[&str]| {
        let shared = ["--model", &model, "--data", &data, "--offset", "shift"];
        predictions(dir.path(), &[&shared[..], more].concat())
    };
    assert_eq!(with(&[]), [13.0, 7.0]);
    assert_eq!(with(&["--lambda", "min"]), [13.0, 7.0]);
    assert_eq!(with(&["--lambda", "1se"]), [11.0, 1.0]);
    assert_eq!(with(&["--gamma", "0"]), [14.0, 12.0]);
    assert_eq!(with(&["--gamma", "0.5"]), [13.5, 9.5]);
    assert_eq!(with(&["--lambda", "1.25", "--gamma", "0"]), [12.5, 6.5]);
    let refused = |more: &[&str], parts: &[&str]| {
        let shared = ["predict", "--model", &model, "--data", &data];
        is_refused(dir.path(), &[&shared[..], more].concat(), parts);
    };
    refused(&[], &["offset", "--offset"]);
    refused(&["--offset", "a"], &["--offset a", "feature"]);
    refused(&["--offset", "shaft"], &["shaft", "shift"]);
    refused(&["--offset", "shift", "--gamma", "2"], &["--gamma is 2"]);
}

#[test]
fn what_cannot_be_used_is_refused() {
    let dir = tempdir().expect("a temporary folder");
    let data = embedded("prostate.csv");
    fit_prostate(dir.path(), &["--lambda", "0.5,0.1"]);
    let refused = |more: &[&str], parts: &[&str]| {
        is_refused(
            dir.path(),
            &[&["predict", "--data", &data][..], more].concat(),
            parts,
        );
    };
    refused(&[], &["2 lambda", "0.5", "0.1", "--lambda"]);
    refused(
        &["--lambda", "min"],
        &["cross-validated", "between 0.1 and 0.5"],
    );
    refused(&["--lambda", "some"], &["--lambda", "some"]);
    refused(&["--lambda", "-1"], &["--lambda", "-1"]);
    refused(&["--index", "2"], &["--index is 2", "0 to 1"]);
    refused(&["--index", "1", "--gamma", "0.5"], &["--gamma", "relaxed"]);
    refused(
        &["--index", "1", "--offset", "train"],
        &["--offset train", "without"],
    );
    refused(&["--index", "1", "--out", "z.txt"], &["z.txt", ".csv"]);
    refused(
        &["--index", "1", "--out", "no/z.csv"],
        &["no/z.csv", "writable"],
    );
    refused(&["--model", "nowhere"], &["nowhere", "regpath fit"]);
    let good = std::fs::read_to_string(dir.path().join("regpath-fit/model.json")).expect("a model");
    let with = |from: &str, to: &str, parts: &[&str]| {
        assert!(good.contains(from), "{from} in {good}");
        let bad = file(dir.path(), "bad.json", &good.replacen(from, to, 1));
        refused(
            &["--model", &bad, "--index", "1"],
            &[&["bad.json"], parts].concat(),
        );
    };
    with("{", "", &["not JSON", "line 1"]);
    with("{", "[1]{", &["not JSON"]);
    with("regpath-model", "pasta", &["\"pasta\"", "regpath-model"]);
    with("\"kind\"", "\"sort\"", &["no \"kind\""]);
    with("\"schema\":1", "\"schema\":2", &["schema 2", "newer"]);
    with("\"schema\":1", "\"schema\":0", &["schema 0"]);
    with("\"alpha\"", "\"beta\"", &["missing field `alpha`"]);
    with("\"alpha\":1.0", "\"alpha\":1.5", &["alpha 1.5"]);
    with(
        "\"lambda\":0.5",
        "\"lambda\":0.05",
        &["lambda 0.1 after 0.05", "decreasing"],
    );
    with("\"lambda\":0.5", "\"lambda\":NaN", &["not JSON"]);
    with("\"lambda\":0.5", "\"lambda\":null", &["null"]);
    with("\"lambda\":0.5", "\"lambda\":1e999", &["1e999"]);
    with("[[0,", "[[8,", &["feature 8", "0 to 7"]);
    with("squared", "logistic", &["logistic"]);
    with(
        "\"lcavol\",",
        "",
        &["8 entries of standardization for 7 features"],
    );
    let text = format!(
        "{}\"path\":[]}}",
        good.split("\"path\"").next().expect("a beginning")
    );
    let empty = file(dir.path(), "empty.json", &text);
    refused(&["--model", &empty], &["empty.json", "no fit"]);
    let matrix = std::fs::read(dir.path().join("regpath-fit/points.csv")).expect("a table");
    std::fs::write(dir.path().join("x.npy"), matrix).expect("a writable folder");
    is_refused(
        dir.path(),
        &["predict", "--x", "x.npy", "--index", "0"],
        &["x.npy"],
    );
}
