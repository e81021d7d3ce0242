//! `regpath fit` as a user calls it: results, files, invariances.

mod common;

use common::{coefficient, embedded, file, files, read_csv, succeeds};
use serde_json::Value;
use tempfile::tempdir;

/// Population (1/n) or sample (1/(n − 1)) deviations of the eight features of prostate over all 97 rows.
fn prostate_deviations(divisor: f64) -> Vec<(String, f64, f64)> {
    let text = std::fs::read_to_string(embedded("prostate.csv")).expect("embedded data");
    let mut lines = text.lines();
    let names: Vec<&str> = lines.next().expect("a header").split(',').collect();
    let rows: Vec<Vec<f64>> = lines
        .map(|l| l.split(',').map(|c| c.parse().expect("a number")).collect())
        .collect();
    (0..8)
        .map(|j| {
            let mean = rows.iter().map(|r| r[j]).sum::<f64>() / rows.len() as f64;
            let squares: f64 = rows.iter().map(|r| (r[j] - mean).powi(2)).sum();
            (names[j].to_owned(), mean, (squares / divisor).sqrt())
        })
        .collect()
}

/// ESL Table 3.3, lasso column, in units of deviations (ddof 1) over all rows. The printed s = 0.36 does not give these
/// digits; the unit-norm path at s = 0.3748, λ = 1.71258521759 for ½‖r‖² + λ‖b‖₁, does.
#[test]
fn lasso_on_prostate_meets_esl_table_3_3() {
    let dir = tempdir().expect("a temporary folder");
    // ½‖r‖² + λ_u Σ|b_u| with unit-norm columns is n times our objective at λ = λ_u/√n.
    let lambda = (1.712_585_217_59 / 67f64.sqrt()).to_string();
    let data = embedded("prostate.csv");
    succeeds(
        dir.path(),
        &[
            "fit",
            "--data",
            &data,
            "--response",
            "lpsa",
            "--rows",
            "train=1",
            "--lambda",
            &lambda,
            "--tol",
            "1e-14",
            "--csv",
            "--out",
            "esl",
            "-q",
        ],
    );
    let (_, coefs) = read_csv(&dir.path().join("esl/coefs.csv"));
    let published = [0.533, 0.169, 0.0, 0.002, 0.094, 0.0, 0.0, 0.0];
    let mut at_means = 0.0;
    for ((name, mean, sd), expected) in prostate_deviations(96.0).into_iter().zip(published) {
        let b = coefficient(&coefs, 0, &name);
        at_means += mean * b;
        assert!(
            (b * sd - expected).abs() < 5e-4,
            "{name}: {} against {expected}",
            b * sd
        );
        assert_eq!(b == 0.0, expected == 0.0, "{name}");
    }
    let (header, points) = read_csv(&dir.path().join("esl/points.csv"));
    let column = header
        .iter()
        .position(|h| h == "intercept")
        .expect("the column");
    let intercept: f64 = points[0][column].parse().expect("a number");
    assert!((intercept + at_means - 2.468).abs() < 5e-4);
}

/// ESL Table 3.3, ridge column (df = 5): columns centred and scaled by all 97 rows, y centred on the training rows and
/// nothing centred again, which is what `--scale-on all` does.
#[test]
fn ridge_on_prostate_meets_esl_table_3_3() {
    let dir = tempdir().expect("a temporary folder");
    // ‖r‖² + λ_e‖b‖² with deviations of divisor 96; ours have divisor 97, so b_e = b √(96/97).. and λ = λ_e (97/96)/n.
    let lambda = (24.176_431_175_5 * (97.0 / 96.0) / 67.0).to_string();
    let data = embedded("prostate.csv");
    succeeds(
        dir.path(),
        &[
            "fit",
            "--data",
            &data,
            "--response",
            "lpsa",
            "--rows",
            "train=1",
            "--scale-on",
            "all",
            "--penalty",
            "ridge",
            "--lambda",
            &lambda,
            "--csv",
            "--out",
            "esl",
            "-q",
        ],
    );
    let (_, coefs) = read_csv(&dir.path().join("esl/coefs.csv"));
    let published = [0.420, 0.238, -0.046, 0.162, 0.227, 0.000, 0.040, 0.133];
    for ((name, _, sd), expected) in prostate_deviations(96.0).into_iter().zip(published) {
        let b = coefficient(&coefs, 0, &name) * sd;
        assert!(
            (b - expected).abs() < 5e-4,
            "{name}: {b} against {expected}"
        );
    }
}

#[test]
fn the_json_object_has_the_agreed_keys() {
    let dir = tempdir().expect("a temporary folder");
    let data = embedded("diabetes.csv");
    let text = succeeds(
        dir.path(),
        &[
            "fit",
            "--data",
            &data,
            "--response",
            "y",
            "--penalty",
            "enet",
            "--alpha",
            "0.7",
            "--n-lambda",
            "20",
            "--repeats",
            "3",
            "--json",
            "--csv",
        ],
    );
    let object: Value = serde_json::from_str(&text).expect("one JSON object");
    assert_eq!(object["n"], 442);
    assert_eq!(object["p"], 10);
    assert_eq!(object["nnz"], 4420);
    assert_eq!(object["n_lambda"], 20);
    assert_eq!(object["solver"], "coordinate-descent");
    assert_eq!(object["path_seconds"].as_array().expect("a list").len(), 3);
    assert!(object["setup_seconds"].is_number() && object["nonzeros_last"].is_number());
    assert!(object["worst_gap_rel"].as_f64().expect("a number") <= 1e-6);
    let names: Vec<String> = files(&dir.path().join("regpath-fit"))
        .iter()
        .map(|p| {
            p.file_name()
                .expect("a name")
                .to_string_lossy()
                .into_owned()
        })
        .collect();
    assert_eq!(
        names,
        [
            "coefs.csv",
            "coefs.parquet",
            "model.json",
            "path.svg",
            "points.csv",
            "points.parquet"
        ]
    );
}

#[test]
fn results_are_identical_for_any_number_of_threads() {
    let dir = tempdir().expect("a temporary folder");
    for (solver, chunks) in [("auto", "1"), ("auto", "5"), ("fista-restart", "3")] {
        let mut written = Vec::new();
        for threads in ["1", "2", "3"] {
            succeeds(
                dir.path(),
                &[
                    "fit",
                    "--dataset",
                    "equicorrelated",
                    "--solver",
                    solver,
                    "--n-lambda",
                    "30",
                    "--lambda-min-ratio",
                    "0.1",
                    "--chunks",
                    chunks,
                    "--threads",
                    threads,
                    "--csv",
                    "--out",
                    threads,
                    "-q",
                ],
            );
            written.push(
                std::fs::read(dir.path().join(threads).join("coefs.csv")).expect("coefs.csv"),
            );
        }
        assert!(
            !written[0].is_empty() && written.iter().all(|w| *w == written[0]),
            "{solver}, {chunks} chunks"
        );
    }
}

#[test]
fn two_workers_may_share_a_sparse_path_and_change_nothing() {
    let dir = tempdir().expect("a temporary folder");
    let written = ["1", "2", "3"].map(|threads| {
        let path = ["fit", "--dataset", "power-law", "--no-intercept"];
        let grid = ["--n-lambda", "50", "--lambda-min-ratio", "0.1"];
        let output = ["--threads", threads, "--csv", "--out", threads, "-q"];
        succeeds(dir.path(), &[&path[..], &grid[..], &output[..]].concat());
        std::fs::read(dir.path().join(threads).join("coefs.csv")).expect("coefs.csv")
    });
    assert!(!written[0].is_empty() && written.iter().all(|w| *w == written[0]));
}

#[test]
fn chunks_agree_to_the_certificate() {
    let dir = tempdir().expect("a temporary folder");
    let mut values = Vec::new();
    for chunks in ["1", "7"] {
        succeeds(
            dir.path(),
            &[
                "fit",
                "--dataset",
                "equicorrelated",
                "--n-lambda",
                "40",
                "--chunks",
                chunks,
                "--tol",
                "1e-10",
                "--csv",
                "--out",
                chunks,
                "-q",
            ],
        );
        let (header, rows) = read_csv(&dir.path().join(chunks).join("points.csv"));
        let column = header
            .iter()
            .position(|h| h == "primal")
            .expect("the column");
        values.push(
            rows.iter()
                .map(|r| r[column].parse::<f64>().expect("a number"))
                .collect::<Vec<_>>(),
        );
    }
    assert_eq!(values[0].len(), 40);
    for (a, b) in values[0].iter().zip(&values[1]) {
        assert!((a - b).abs() <= 1e-10 * values[0][0], "{a} {b}");
    }
}

#[test]
fn lambda_zero_by_hand_is_least_squares() {
    let dir = tempdir().expect("a temporary folder");
    // y = 1 + 2a − b exactly.
    let data = file(
        dir.path(),
        "exact.csv",
        "a,b,y\n0,0,1\n1,0,3\n0,1,0\n1,1,2\n2,1,4\n",
    );
    for penalty in ["lasso", "ridge"] {
        succeeds(
            dir.path(),
            &[
                "fit",
                "--data",
                &data,
                "--response",
                "y",
                "--penalty",
                penalty,
                "--lambda",
                "1,0",
                "--csv",
                "--out",
                penalty,
                "-q",
            ],
        );
        let (_, rows) = read_csv(&dir.path().join(penalty).join("coefs.csv"));
        assert!((coefficient(&rows, 1, "a") - 2.0).abs() < 1e-3, "{penalty}");
        assert!((coefficient(&rows, 1, "b") + 1.0).abs() < 1e-3, "{penalty}");
    }
}

#[test]
fn sparse_and_dense_files_of_the_same_data_agree() {
    let dir = tempdir().expect("a temporary folder");
    let (mut csv, mut svm) = (String::from("1,2,3,y\n"), String::new());
    for i in 0..30 {
        let x = [i % 3, (i * 7) % 5, i32::from(i % 4 == 0)];
        let y = f64::from(2 * x[0] - x[1]) + 0.1 * f64::from(i % 7);
        csv += &format!("{},{},{},{y}\n", x[0], x[1], x[2]);
        svm += &format!("{y}");
        for (j, v) in x.iter().enumerate().filter(|(_, v)| **v != 0) {
            svm += &format!(" {}:{v}", j + 1);
        }
        svm += "\n";
    }
    let (csv, svm) = (
        file(dir.path(), "d.csv", &csv),
        file(dir.path(), "d.svm", &svm),
    );
    let shared = [
        "--n-lambda",
        "15",
        "--lambda-min-ratio",
        "1e-3",
        "--tol",
        "1e-12",
        "--csv",
        "-q",
    ];
    succeeds(
        dir.path(),
        &[
            &["fit", "--data", &csv, "--response", "y", "--out", "dense"][..],
            &shared,
        ]
        .concat(),
    );
    succeeds(
        dir.path(),
        &[&["fit", "--svm", &svm, "--out", "sparse"][..], &shared].concat(),
    );
    let (_, dense) = read_csv(&dir.path().join("dense/coefs.csv"));
    let (_, sparse) = read_csv(&dir.path().join("sparse/coefs.csv"));
    for k in 0..15 {
        for feature in ["1", "2", "3"] {
            let (a, b) = (
                coefficient(&dense, k, feature),
                coefficient(&sparse, k, feature),
            );
            assert!((a - b).abs() < 1e-5, "{k} {feature}: {a} {b}");
        }
    }
}

#[test]
fn odd_but_usable_columns_are_fitted_with_a_warning() {
    let dir = tempdir().expect("a temporary folder");
    let mut text = String::from("a,twin,constant,zero,y\n");
    for i in 0..12 {
        let a = f64::from((i * 5) % 7);
        text += &format!("{a},{a},3,0,{}\n", 1.5 * a + f64::from(i % 2));
    }
    let data = file(dir.path(), "odd.csv", &text);
    for penalty in ["lasso", "ridge"] {
        let output = common::regpath(
            dir.path(),
            &[
                "fit",
                "--data",
                &data,
                "--response",
                "y",
                "--penalty",
                penalty,
                "--csv",
            ],
        );
        let message = common::stderr(&output);
        assert_eq!(output.status.code(), Some(0), "{message}");
        assert!(
            message.contains("constant, zero") && message.contains("twin"),
            "{message}"
        );
        let (_, rows) = read_csv(&dir.path().join("regpath-fit/coefs.csv"));
        assert!(rows.iter().all(|r| r[2] != "constant" && r[2] != "zero"));
    }
}

#[test]
fn data_of_extreme_scale_are_solved() {
    let dir = tempdir().expect("a temporary folder");
    for scale in ["1e140", "1e-140"] {
        let scale: f64 = scale.parse().expect("a number");
        let mut text = String::from("a,b,y\n");
        for i in 0..20 {
            let (a, b) = (f64::from((i * 3) % 7), f64::from((i * 5) % 11));
            text += &format!(
                "{:e},{:e},{:e}\n",
                a * scale,
                b,
                (2.0 * a - b + 0.1 * f64::from(i % 3)) * scale
            );
        }
        let data = file(dir.path(), "huge.csv", &text);
        // Ridge is not scale-free: at 1e-140 its grid is as good as λ = 0 for standardised columns, and nothing is left of
        // λβ² that a bound could be computed from.
        let penalties = if scale > 1.0 {
            &["lasso", "enet", "ridge"][..]
        } else {
            &["lasso", "enet"]
        };
        for &penalty in penalties {
            let text = succeeds(
                dir.path(),
                &[
                    "fit",
                    "--data",
                    &data,
                    "--response",
                    "y",
                    "--penalty",
                    penalty,
                    "--json",
                ],
            );
            let object: Value = serde_json::from_str(&text).expect("one JSON object");
            assert_eq!(
                object["status"], "converged",
                "{penalty} at {scale:e}: {text}"
            );
        }
    }
}

#[test]
fn what_does_not_converge_is_said_with_its_gap() {
    let dir = tempdir().expect("a temporary folder");
    let output = common::regpath(
        dir.path(),
        &[
            "fit",
            "--dataset",
            "diabetes",
            "--solver",
            "coordinate-descent",
            "--tol",
            "1e-6",
            "--lambda",
            "1e-300",
            "--json",
        ],
    );
    let object: Value = serde_json::from_str(&common::stdout(&output)).expect("one JSON object");
    assert_ne!(object["status"], "converged");
    assert!(
        object["worst_gap_rel"]
            .as_f64()
            .expect("a number")
            .is_finite()
    );
    assert!(
        common::stderr(&output).contains("warning: "),
        "{}",
        common::stderr(&output)
    );
}
