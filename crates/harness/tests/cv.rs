//! `regpath cv` as a user calls it: frames, folds, invariances, refusals.

mod common;

use std::path::Path;

use common::{embedded, file, files, is_refused, read_csv, succeeds};
use regpath_harness::folds;
use serde_json::Value;
use tempfile::tempdir;

/// Runs `regpath cv` on a CSV file with response y, into `out`; returns what was printed.
fn cv(dir: &Path, data: &str, out: &str, options: &[&str]) -> String {
    let start = ["cv", "--data", data, "--response", "y", "--csv"];
    let end = ["--out", out, "--json"];
    succeeds(dir, &[&start[..], options, &end].concat())
}

/// A column of a CSV that the program wrote, as numbers.
fn column(dir: &Path, file: &str, name: &str) -> Vec<f64> {
    let (header, rows) = read_csv(&dir.join(file));
    let at = header.iter().position(|h| h == name);
    let at = at.unwrap_or_else(|| panic!("no column {name} in {file}"));
    let number = |row: &Vec<String>| row[at].parse().expect("a number");
    rows.iter().map(number).collect()
}

#[track_caller]
fn close(a: &[f64], b: &[f64], tolerance: f64) {
    assert_eq!(a.len(), b.len());
    assert!(!a.is_empty());
    for (i, (a, b)) in a.iter().zip(b).enumerate() {
        let size = a.abs().max(b.abs()).max(1e-300);
        assert!((a - b).abs() <= tolerance * size, "{i}: {a} against {b}");
    }
}

/// Forty rows with three features of which two matter, and what else `more` puts into each row.
fn table(header: &str, more: impl Fn(usize) -> String) -> String {
    let mut text = format!("a,b,c,y{header}\n");
    for i in 0..40 {
        let x = [
            ((i * 7) % 11) as f64,
            (i as f64 * 0.7).sin(),
            ((i * i) % 13) as f64,
        ];
        let y = 0.5 * x[0] - 2.0 * x[1] + (i as f64 * 1.9).cos();
        text += &format!("{},{},{},{y}{}\n", x[0], x[1], x[2], more(i));
    }
    text
}

#[test]
fn frames_agree_with_each_other_and_with_what_is_printed() {
    let dir = tempdir().expect("a temporary folder");
    let data = embedded("prostate.csv");
    let text = succeeds(
        dir.path(),
        &[
            "cv",
            "--data",
            &data,
            "--response",
            "lpsa",
            "--rows",
            "train=1",
            "--penalty",
            "enet",
            "--alpha",
            "1,0.5,0",
            "--n-lambda",
            "30",
            "--folds",
            "7",
            "--repeats",
            "2",
            "--seed",
            "4",
            "--csv",
            "--json",
        ],
    );
    let out = dir.path().join("regpath-cv");
    let names: Vec<String> = files(&out)
        .iter()
        .map(|p| p.file_name().expect("a name").to_string_lossy().into())
        .collect();
    assert_eq!(
        names,
        [
            "coefs.csv",
            "coefs.parquet",
            "cv.csv",
            "cv.parquet",
            "cv.png",
            "cv.svg",
            "folds.csv",
            "folds.parquet",
            "model.json",
            "points.csv",
            "points.parquet"
        ]
    );
    let object: Value = serde_json::from_str(&text).expect("one JSON object");
    assert_eq!((&object["n"], &object["p"]), (&67.into(), &8.into()));
    assert_eq!(
        (&object["folds"], &object["repeats"]),
        (&7.into(), &2.into())
    );
    assert_eq!(object["error_measure"], "mse");

    let curve = |name: &str| column(&out, "cv.csv", name);
    let held = |name: &str| column(&out, "folds.csv", name);
    let (alpha, lambda, mean) = (curve("alpha"), curve("lambda"), curve("mean_error"));
    let se = curve("se");
    let choices: Vec<String> = {
        let (header, rows) = read_csv(&out.join("cv.csv"));
        let at = header.iter().position(|h| h == "choice");
        let at = at.expect("the column");
        rows.iter().map(|r| r[at].clone()).collect()
    };
    assert_eq!(alpha.len(), 90);
    let (fold_alpha, fold_k) = (held("alpha"), held("k"));
    let (repeat, rows, error) = (held("repeat"), held("rows"), held("error"));
    assert_eq!(rows.len(), 3 * 2 * 7 * 30);
    let (gap, fold_lambda) = (held("gap_rel"), held("lambda"));
    assert!(gap.iter().all(|g| *g <= 1e-6));

    let mut best = (f64::INFINITY, f64::NAN);
    for (path, wanted) in [1.0, 0.5, 0.0].into_iter().enumerate() {
        let range = path * 30..(path + 1) * 30;
        for i in range.clone() {
            assert_eq!(alpha[i], wanted);
            let k = (i - range.start) as f64;
            let mut total = 0.0;
            for r in [0.0, 1.0] {
                let is_here =
                    |j: &usize| fold_alpha[*j] == wanted && fold_k[*j] == k && repeat[*j] == r;
                let here: Vec<usize> = (0..rows.len()).filter(is_here).collect();
                assert_eq!(here.iter().map(|&j| rows[j]).sum::<f64>(), 67.0);
                total += here.iter().map(|&j| rows[j] * error[j]).sum::<f64>() / 67.0;
                assert!(here.iter().all(|&j| fold_lambda[j] == lambda[i]));
            }
            close(&[total / 2.0], &[mean[i]], 1e-12);
        }
        let chosen = |names: [&str; 2]| {
            let mut at = range
                .clone()
                .filter(|&i| names.contains(&choices[i].as_str()));
            let (one, other) = (at.next().expect("a choice"), at.next());
            assert_eq!(other, None);
            one
        };
        let (min, one_se) = (chosen(["min", "both"]), chosen(["1se", "both"]));
        assert!(range.clone().all(|i| mean[i] >= mean[min]));
        let within = |i: &usize| mean[*i] <= mean[min] + se[min];
        assert_eq!(range.clone().find(within), Some(one_se));
        let printed = &object["paths"][path];
        assert_eq!(printed["alpha"], wanted);
        assert_eq!(printed["min"]["k"], min - range.start);
        assert_eq!(printed["1se"]["k"], one_se - range.start);
        close(
            &[printed["min"]["mean_error"].as_f64().expect("a number")],
            &[mean[min]],
            1e-12,
        );
        if mean[min] < best.0 {
            best = (mean[min], wanted);
        }
    }
    assert_eq!(object["best_alpha"], best.1);

    let svg = std::fs::read_to_string(out.join("cv.svg")).expect("a picture");
    for part in [
        "Cross-validation, prostate.csv",
        "Lasso",
        "Ridge",
        "7 folds, drawn twice",
    ] {
        assert!(svg.contains(part), "no {part}");
    }
    let drawn = succeeds(dir.path(), &["plot", "cv"]);
    assert_eq!(drawn.lines().count(), 2);
    assert!(dir.path().join("regpath-cv/figures/cv.png").exists());
}

#[test]
fn frames_are_the_same_bits_for_any_number_of_threads() {
    let dir = tempdir().expect("a temporary folder");
    let data = file(dir.path(), "t.csv", &table("", |_| String::new()));
    for out in ["1", "2", "3"] {
        cv(
            dir.path(),
            &data,
            out,
            &["--repeats", "3", "--threads", out],
        );
    }
    for name in ["cv.csv", "folds.csv", "cv.parquet", "folds.parquet"] {
        let read = |out: &str| std::fs::read(dir.path().join(out).join(name)).expect("a frame");
        assert!(!read("1").is_empty());
        assert_eq!(read("1"), read("2"), "{name}");
        assert_eq!(read("1"), read("3"), "{name}");
    }
}

#[test]
fn a_column_of_folds_is_as_good_as_drawing_them() {
    let dir = tempdir().expect("a temporary folder");
    let drawn = folds::drawn(&[true; 40], 6, 9, 0);
    let word = |i: usize| ["six", "five", "four", "three", "two", "one"][drawn[i]];
    let text = table(",number,word", |i| {
        format!(",{},{}", 2 * drawn[i] + 5, word(i))
    });
    let data = file(dir.path(), "t.csv", &text);
    let none = ["--drop", "number", "--drop", "word"];
    let draw = ["--folds", "6", "--seed", "9"];
    cv(dir.path(), &data, "drawn", &[&none[..], &draw].concat());
    let number = ["--drop", "word", "--fold-column", "number"];
    cv(dir.path(), &data, "number", &number);
    let word = ["--drop", "number", "--fold-column", "word"];
    cv(dir.path(), &data, "word", &word);
    for name in ["cv.csv", "folds.csv"] {
        let read = |out: &str| std::fs::read(dir.path().join(out).join(name)).expect("a frame");
        assert_eq!(read("drawn"), read("number"), "{name}");
    }
    // Words number the folds in another order, which changes nothing but the order of sums.
    for name in ["lambda", "mean_error", "se"] {
        let of = |out: &str| column(&dir.path().join(out), "cv.csv", name);
        close(&of("drawn"), &of("word"), 1e-9);
    }
    let other = ["--folds", "6", "--seed", "10"];
    cv(dir.path(), &data, "other", &[&none[..], &other].concat());
    let mean = |out: &str| column(&dir.path().join(out), "cv.csv", "mean_error");
    assert_ne!(mean("drawn"), mean("other"));
}

/// The residual of a row that a straight line was not fitted to is e / (1 − h), with the leverage h of the row.
#[test]
fn leave_one_out_at_lambda_zero_is_what_leverages_say() {
    let dir = tempdir().expect("a temporary folder");
    let (mut text, mut x, mut y) = (String::from("a,y\n"), Vec::new(), Vec::new());
    for i in 0..12 {
        x.push(f64::from((i * 5) % 7) + 0.1 * f64::from(i));
        y.push(2.0 * x[i as usize] + f64::from(i * i % 5));
        text += &format!("{},{}\n", x[i as usize], y[i as usize]);
    }
    let data = file(dir.path(), "line.csv", &text);
    let options = ["--leave-one-out", "--lambda", "0", "--tol", "1e-14"];
    cv(dir.path(), &data, "out", &options);

    let mean = |v: &[f64]| v.iter().sum::<f64>() / 12.0;
    let (x_mean, y_mean) = (mean(&x), mean(&y));
    let sxx: f64 = x.iter().map(|x| (x - x_mean).powi(2)).sum();
    let sxy: f64 = x
        .iter()
        .zip(&y)
        .map(|(x, y)| (x - x_mean) * (y - y_mean))
        .sum();
    let left_out = |i: usize| {
        let d = x[i] - x_mean;
        (y[i] - y_mean - sxy / sxx * d) / (1.0 - 1.0 / 12.0 - d * d / sxx)
    };
    let of = |power: i32| {
        (0..12)
            .map(|i| left_out(i).abs().powi(power))
            .collect::<Vec<f64>>()
    };
    let expected = mean(&of(2));
    let squares: f64 = of(2).iter().map(|v| (v - expected).powi(2)).sum();
    let out = dir.path().join("out");
    close(&column(&out, "cv.csv", "mean_error"), &[expected], 1e-6);
    let se = (squares / 12.0 / 11.0).sqrt();
    close(&column(&out, "cv.csv", "se"), &[se], 1e-6);

    cv(
        dir.path(),
        &data,
        "out",
        &[&options[..], &["--measure", "mae"]].concat(),
    );
    close(&column(&out, "cv.csv", "mean_error"), &[mean(&of(1))], 1e-6);
}

#[test]
fn a_row_of_weight_zero_is_no_row_and_one_of_weight_two_is_two() {
    let dir = tempdir().expect("a temporary folder");
    let weight = |i: usize| i % 3;
    let weighted = table(",w,f", |i| format!(",{},{}", weight(i), i % 5));
    let mut lines = weighted.lines();
    let mut repeated = format!("{}\n", lines.next().expect("a header"));
    for (i, line) in lines.enumerate() {
        for _ in 0..weight(i) {
            repeated += &format!("{line}\n");
        }
    }
    let data = file(dir.path(), "weighted.csv", &weighted);
    let same = file(dir.path(), "repeated.csv", &repeated);
    let shared = ["--fold-column", "f", "--n-lambda", "20", "--tol", "1e-12"];
    let weights = ["--weights", "w"];
    cv(
        dir.path(),
        &data,
        "weighted",
        &[&shared[..], &weights].concat(),
    );
    cv(
        dir.path(),
        &same,
        "repeated",
        &[&shared[..], &["--drop", "w"]].concat(),
    );
    for (name, tolerance) in [("lambda", 1e-10), ("mean_error", 1e-6), ("se", 1e-5)] {
        let of = |out: &str| column(&dir.path().join(out), "cv.csv", name);
        close(&of("weighted"), &of("repeated"), tolerance);
    }
    // Drawn folds share out the rows that count.
    cv(
        dir.path(),
        &data,
        "drawn",
        &["--drop", "f", "--weights", "w", "--folds", "26"],
    );
    let rows = column(&dir.path().join("drawn"), "folds.csv", "rows");
    assert!(rows.iter().all(|r| *r == 1.0));
}

#[test]
fn an_offset_is_taken_off_the_response() {
    let dir = tempdir().expect("a temporary folder");
    let text = table(",o,z", |i| format!(",{},0", (i % 4) as f64 - 1.5));
    let data = file(dir.path(), "t.csv", &text);
    // The same with the offset subtracted beforehand.
    let mut less = String::from("a,b,c,y\n");
    for line in text.lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        let number = |k: usize| cells[k].parse::<f64>().expect("a number");
        less += &format!(
            "{},{},{},{}\n",
            cells[0],
            cells[1],
            cells[2],
            number(3) - number(4)
        );
    }
    let less = file(dir.path(), "less.csv", &less);
    let shared = ["--n-lambda", "20", "--tol", "1e-12"];
    cv(dir.path(), &less, "less", &shared);
    let with = ["--offset", "o", "--drop", "z"];
    cv(dir.path(), &data, "with", &[&shared[..], &with].concat());
    for name in ["lambda", "mean_error", "se"] {
        let of = |out: &str| column(&dir.path().join(out), "cv.csv", name);
        close(&of("with"), &of("less"), 1e-9);
    }
}

/// Writes numbers as NEP 1 of NumPy describes version 1.0 of the format.
fn npy(dir: &Path, name: &str, values: &[f64]) -> String {
    let n = values.len();
    let header = format!("{{'descr': '<f8', 'fortran_order': False, 'shape': ({n},)}}");
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend((header.len() as u16).to_le_bytes());
    bytes.extend(header.bytes());
    bytes.extend(values.iter().flat_map(|v| v.to_le_bytes()));
    let path = dir.join(name);
    std::fs::write(&path, bytes).expect("a writable folder");
    path.to_str().expect("a plain path").to_owned()
}

#[test]
fn sparse_rows_with_files_beside_them_are_those_of_a_table() {
    let dir = tempdir().expect("a temporary folder");
    let (weight, offset, fold) = (
        |i: usize| 0.5 + (i % 3) as f64,
        |i: usize| (i % 4) as f64,
        |i: usize| (i * 7) % 5,
    );
    let text = table(",w,o,f", |i| {
        format!(",{},{},{}", weight(i), offset(i), fold(i))
    });
    let data = file(dir.path(), "t.csv", &text);
    let mut svm = String::new();
    for line in text.lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        svm += &format!(
            "{} 1:{} 2:{} 3:{}\n",
            cells[3], cells[0], cells[1], cells[2]
        );
    }
    let svm = file(dir.path(), "t.svm", &svm);
    let of = |value: &dyn Fn(usize) -> f64| (0..40).map(value).collect::<Vec<f64>>();
    let w = npy(dir.path(), "w.npy", &of(&weight));
    let o = npy(dir.path(), "o.npy", &of(&offset));
    let f = npy(dir.path(), "f.npy", &of(&|i| fold(i) as f64));
    let shared = ["--n-lambda", "20", "--tol", "1e-12"];
    let named = ["--weights", "w", "--offset", "o", "--fold-column", "f"];
    cv(dir.path(), &data, "table", &[&shared[..], &named].concat());
    let beside = ["--weights", &w, "--offset", &o, "--fold-column", &f];
    let sparse = ["cv", "--svm", &svm, "--csv", "--out", "sparse", "-q"];
    succeeds(dir.path(), &[&sparse[..], &shared, &beside].concat());
    for (name, tolerance) in [("lambda", 1e-10), ("mean_error", 1e-6), ("se", 1e-5)] {
        let of = |out: &str| column(&dir.path().join(out), "cv.csv", name);
        close(&of("table"), &of("sparse"), tolerance);
    }
    let short = npy(dir.path(), "short.npy", &[1.0; 39]);
    is_refused(
        dir.path(),
        &["cv", "--svm", &svm, "--weights", &short],
        &["short.npy", "39 rows", "t.svm has 40"],
    );
}

#[test]
fn restrictions_hold_in_every_fit() {
    let dir = tempdir().expect("a temporary folder");
    let data = file(dir.path(), "t.csv", &table("", |_| String::new()));
    cv(dir.path(), &data, "two", &["--exclude", "c"]);
    cv(dir.path(), &data, "drop", &["--drop", "c"]);
    for name in ["lambda", "mean_error", "nonzeros"] {
        let of = |out: &str| column(&dir.path().join(out), "cv.csv", name);
        close(&of("two"), &of("drop"), 1e-4);
    }
    // b has a negative coefficient, and a path of two columns never ends before two.
    cv(dir.path(), &data, "positive", &["--nonnegative"]);
    let nonzeros = column(&dir.path().join("positive"), "folds.csv", "nonzeros");
    assert!(nonzeros.iter().all(|n| *n <= 2.0));
    // All three enter: the curve ends before the third does, and the folds with it.
    cv(dir.path(), &data, "ended", &["--max-nonzeros", "2"]);
    let of = |out: &str, file: &str, name: &str| column(&dir.path().join(out), file, name);
    cv(dir.path(), &data, "whole", &[]);
    let (ended, whole) = (
        of("ended", "cv.csv", "lambda"),
        of("whole", "cv.csv", "lambda"),
    );
    assert!(ended.len() < whole.len() && whole.starts_with(&ended));
    assert_eq!(of("ended", "folds.csv", "k").len(), 10 * ended.len());
    assert_eq!(of("ended", "points.csv", "lambda"), ended);
    assert_eq!(of("whole", "cv.csv", "nonzeros")[ended.len()], 3.0);
}

/// Dividing a column by s is multiplying its L1 penalty by s.
#[test]
fn scales_of_all_rows_are_penalty_factors() {
    let dir = tempdir().expect("a temporary folder");
    let text = table(",use", |i| format!(",{}", usize::from(i % 3 != 0)));
    let data = file(dir.path(), "t.csv", &text);
    let rows = ["--rows", "use=1", "--folds", "4"];
    cv(
        dir.path(),
        &data,
        "scaled",
        &[&rows[..], &["--scale-on", "all"]].concat(),
    );
    let all = |name: usize| -> f64 {
        let values = text.lines().skip(1).map(|line| {
            let cell = line.split(',').nth(name).expect("a cell");
            cell.parse::<f64>().expect("a number")
        });
        let values: Vec<f64> = values.collect();
        let mean = values.iter().sum::<f64>() / 40.0;
        (values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / 40.0).sqrt()
    };
    let factors: Vec<String> = ["a", "b", "c"]
        .iter()
        .zip(0..)
        .map(|(n, j)| format!("{n}={}", all(j)))
        .collect();
    let mut options = rows.to_vec();
    options.push("--no-standardize");
    for factor in &factors {
        options.extend(["--penalty-factor", factor]);
    }
    cv(dir.path(), &data, "factors", &options);
    for (frame, names) in [
        ("cv.csv", ["lambda", "mean_error", "se"]),
        ("points.csv", ["lambda", "dev_ratio", "l1_norm"]),
    ] {
        for name in names {
            let of = |out: &str| column(&dir.path().join(out), frame, name);
            // The grids are equal up to rounding, the fits up to the tolerance.
            close(&of("scaled")[1..], &of("factors")[1..], 1e-4);
        }
    }
}

/// `select` and `predict` find the choices where the curve has them.
#[test]
fn the_model_beside_the_curve_predicts() {
    let dir = tempdir().expect("a temporary folder");
    let data = file(dir.path(), "t.csv", &table("", |_| String::new()));
    cv(dir.path(), &data, "cv", &[]);
    let of = |name: &str| column(&dir.path().join("cv"), "cv.csv", name);
    let (errors, lambdas, ses) = (of("mean_error"), of("lambda"), of("se"));
    let least = errors.iter().copied().fold(f64::INFINITY, f64::min);
    let min = errors.iter().position(|e| *e == least).expect("a least");
    let one_se = errors
        .iter()
        .position(|e| *e <= least + ses[min])
        .expect("itself");
    for (name, k) in [("min", min), ("1se", one_se)] {
        let named = succeeds(
            dir.path(),
            &[
                "predict", "--model", "cv", "--data", &data, "--lambda", name,
            ],
        );
        let lambda = lambdas[k].to_string();
        let given = succeeds(
            dir.path(),
            &[
                "predict", "--model", "cv", "--data", &data, "--lambda", &lambda,
            ],
        );
        assert_eq!(named, given);
        assert_eq!(named.lines().count(), 41);
        let chosen = succeeds(
            dir.path(),
            &["select", "--from", "cv", "--by", name, "--json"],
        );
        let chosen: Value = serde_json::from_str(&chosen).expect("an object");
        assert_eq!(chosen["lambda"].as_f64(), Some(lambdas[k]));
    }
}

/// What another command left behind is not taken for this one's.
#[test]
fn a_directory_is_of_one_command() {
    let dir = tempdir().expect("a temporary folder");
    let data = file(dir.path(), "t.csv", &table("", |_| String::new()));
    let fit = [
        "fit",
        "--data",
        &data,
        "--response",
        "y",
        "--out",
        "d",
        "--quiet",
    ];
    succeeds(dir.path(), &fit);
    assert!(dir.path().join("d/path.svg").exists());
    cv(dir.path(), &data, "d", &[]);
    assert!(!dir.path().join("d/path.svg").exists());
    succeeds(dir.path(), &["select", "--from", "d", "--by", "min"]);
    succeeds(dir.path(), &fit);
    is_refused(
        dir.path(),
        &["select", "--from", "d", "--by", "min"],
        &["cv.parquet"],
    );
}

/// With nλ held fixed, the closed form is the fit without each row.
#[test]
fn ridge_is_left_out_in_closed_form() {
    let dir = tempdir().expect("a temporary folder");
    let data = file(dir.path(), "t.csv", &table("", |_| String::new()));
    let options = [
        "--penalty",
        "ridge",
        "--no-standardize",
        "--lambda",
        "39",
        "--leave-one-out",
    ];
    cv(dir.path(), &data, "closed", &options);
    // n λ of 40 rows at λ = 39 is that of 39 rows at λ = 40.
    let each = [
        "--penalty",
        "ridge",
        "--no-standardize",
        "--lambda",
        "40",
        "--folds",
        "40",
    ];
    cv(dir.path(), &data, "each", &each);
    for name in ["mean_error", "se"] {
        let of = |out: &str| column(&dir.path().join(out), "cv.csv", name);
        close(&of("closed"), &of("each"), 1e-9);
    }
}

#[test]
fn what_cannot_be_validated_is_refused() {
    let dir = tempdir().expect("a temporary folder");
    let text = table(",f,one", |i| format!(",{},7", i % 2));
    let data = file(dir.path(), "t.csv", &text);
    let with = |options: &[&str], parts: &[&str]| {
        let arguments = ["cv", "--data", &data, "--response", "y"];
        is_refused(dir.path(), &[&arguments[..], options].concat(), parts);
    };
    with(&["--folds", "1"], &["--folds is 1", "at least 2"]);
    with(&["--folds", "0"], &["--folds is 0"]);
    with(
        &["--folds", "41"],
        &["--folds is 41", "t.csv has 40 rows", "--leave-one-out"],
    );
    with(&["--repeats", "0"], &["--repeats is 0"]);
    with(&["--threads", "0"], &["--threads is 0"]);
    with(
        &["--fold-column", "one"],
        &["t.csv", "\"one\"", "fold \"7\""],
    );
    with(&["--fold-column", "F"], &["did you mean \"f\""]);
    with(&["--fold-column", "f", "--seed", "1"], &["--fold-column"]);
    with(
        &["--fold-column", "f", "--repeats", "2"],
        &["--fold-column"],
    );
    with(&["--fold-column", "f", "--folds", "2"], &["--fold-column"]);
    with(&["--leave-one-out", "--folds", "2"], &["--leave-one-out"]);
    with(&["--measure", "auc"], &["--measure", "mse"]);
    with(&["--alpha", "0.5"], &["contradicts", "--penalty enet"]);
    with(
        &["--penalty", "enet", "--alpha", "0.5,0.5"],
        &["--alpha has 0.5 twice"],
    );
    with(
        &["--max-nonzeros", "2", "--lambda", "0.0001"],
        &["more non-zeros than the 2 allowed"],
    );
    with(&["--weights", "nothing"], &["no column \"nothing\""]);
    with(&["--out", "t.csv/below"], &["--out", "writable"]);
    is_refused(
        dir.path(),
        &["cv", "--dataset", "prostate", "--fold-column", "f"],
        &["--fold-column", "--dataset prostate"],
    );
    let same = file(dir.path(), "same.csv", "a,y\n1,2\n2,2\n3,2\n4,2\n");
    is_refused(
        dir.path(),
        &["cv", "--data", &same, "--response", "y", "--folds", "2"],
        &["same.csv", "'y' is 2 in every row"],
    );
    is_refused(
        dir.path(),
        &["plot", "cv", "--cv", "nowhere"],
        &["nowhere", "regpath cv"],
    );
}

#[cfg(unix)]
#[test]
fn an_interrupted_validation_writes_nothing() {
    use std::process::{Command, Stdio};
    let dir = tempdir().expect("a temporary folder");
    let mut child = Command::new(env!("CARGO_BIN_EXE_regpath"))
        .args(["cv", "--dataset", "equicorrelated", "--repeats", "10000"])
        .current_dir(dir.path())
        .stderr(Stdio::null())
        .spawn()
        .expect("the program can be started");
    std::thread::sleep(std::time::Duration::from_secs(2));
    let kill = Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status()
        .expect("kill");
    assert!(kill.success());
    assert_eq!(child.wait().expect("it ends").code(), Some(130));
    assert!(files(dir.path()).is_empty());
}
