//! `regpath select` and the criteria of `points`, against formulas written down again here.

mod common;

use std::path::Path;

use common::{embedded, is_refused, read_csv, regpath, stderr, succeeds};
use polars::prelude::{Column, DataFrame, ParquetWriter};
use serde_json::Value;
use tempfile::tempdir;

/// Fits the lasso, or what `more` asks for, on prostate without its column `train`.
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

/// Columns of the points.csv in `dir` by name; an empty cell is NaN.
fn points(dir: &Path) -> impl Fn(&str) -> Vec<f64> + use<> {
    let (header, rows) = read_csv(&dir.join("points.csv"));
    move |name| {
        let at = header.iter().position(|h| h == name).expect("the column");
        let cell = |r: &Vec<String>| match r[at].as_str() {
            "" => f64::NAN,
            text => text.parse().expect("a number"),
        };
        rows.iter().map(cell).collect()
    }
}

fn select(dir: &Path, by: &str) -> Value {
    let text = succeeds(dir, &["select", "--by", by, "--json"]);
    serde_json::from_str(&text).expect("one JSON object")
}

/// Response and features of prostate, centred; divisor n.
fn prostate() -> (Vec<f64>, Vec<Vec<f64>>) {
    let text = std::fs::read_to_string(embedded("prostate.csv")).expect("embedded data");
    let rows: Vec<Vec<f64>> = (text.lines().skip(1))
        .map(|l| l.split(',').map(|c| c.parse().expect("a number")).collect())
        .collect();
    let centred = |j: usize| {
        let mean = rows.iter().map(|r| r[j]).sum::<f64>() / rows.len() as f64;
        rows.iter().map(|r| r[j] - mean).collect::<Vec<f64>>()
    };
    (centred(9), (0..8).map(centred).collect())
}

#[test]
fn criteria_follow_from_the_residual_and_the_degrees_of_freedom() {
    let dir = tempdir().expect("a temporary folder");
    let (y, _) = prostate();
    let total: f64 = y.iter().map(|v| v * v).sum();
    let n = y.len() as f64;
    for (penalty, alpha) in [("lasso", "1"), ("enet", "0.4"), ("ridge", "0")] {
        fit_prostate(dir.path(), &["--penalty", penalty, "--alpha", alpha]);
        let column = points(&dir.path().join("regpath-fit"));
        let (df, nonzeros) = (column("df"), column("nonzeros"));
        let rss: Vec<f64> = column("dev_ratio")
            .iter()
            .map(|r| (1.0 - r) * total)
            .collect();
        // The variance of scikit-learn 1.9's LassoLarsIC on these data.
        let variance = 0.489_300_213_309_388_83;
        for k in 0..df.len() {
            let d = df[k] + 1.0;
            let aic = n * (rss[k] / n).ln() + 2.0 * d;
            let bic = n * (rss[k] / n).ln() + d * n.ln();
            // C(8, |A|), by products of whole numbers.
            let choices = (0..nonzeros[k] as u64).fold(1, |c, i| c * (8 - i) / (i + 1));
            for (name, expected) in [
                ("aic", aic),
                // Hurvich & Tsai's own form, without the constants that AIC leaves out.
                (
                    "aicc",
                    n * (rss[k] / n).ln() + n * (1.0 + d / n) / (1.0 - (d + 2.0) / n) - n - 2.0,
                ),
                ("bic", bic),
                ("ebic", bic + 2.0 * (choices as f64).ln()),
                ("cp", rss[k] / n + 2.0 * d * variance / n),
                ("gcv", rss[k] / n / (1.0 - d / n).powi(2)),
            ] {
                let found = column(name)[k];
                assert!(
                    (found - expected).abs() < 1e-9 * expected.abs().max(1.0),
                    "{penalty} {name} at {k}: {found} {expected}"
                );
            }
        }
        for by in ["aic", "aicc", "bic", "ebic", "cp", "gcv"] {
            let values = column(by);
            let least = values.iter().copied().fold(f64::INFINITY, f64::min);
            let first = values.iter().position(|v| *v == least).expect("a value");
            let chosen = select(dir.path(), by);
            assert_eq!(chosen["k"], first, "{penalty} {by}");
            // The test's JSON reader rounds.
            let near = |name: &str, expected: f64| {
                let found = chosen[name].as_f64().expect("a number");
                assert!(
                    (found - expected).abs() <= 1e-14 * expected.abs(),
                    "{by} {name}"
                );
            };
            near("value", least);
            near("lambda", column("lambda")[first]);
            assert_eq!(
                chosen["coefficients"].as_array().map(Vec::len),
                Some(nonzeros[first] as usize)
            );
        }
    }
}

/// scikit-learn 1.9: LassoLarsIC(criterion="aic") on the columns divided by their deviations, at its knots. Its criterion is
/// n C_p/σ² but for a constant.
#[test]
fn mallows_criterion_differs_from_that_of_scikit_learn_by_a_constant() {
    let published = [
        ("0.8434274382607602", 0.0),
        ("0.42447265345367685", -103.304_884_764_656_49),
        ("0.3625383604205055", -113.863_548_761_350_44),
        ("0.1428422440985975", -152.743_743_240_688_16),
        ("0.12482259181997832", -152.761_495_336_800_18),
        ("0.0638284795311632", -156.788_700_770_787_6),
        ("0.036865934871108695", -158.237_079_220_027_97),
        ("0.021972713445184405", -157.397_749_683_406_7),
    ];
    let dir = tempdir().expect("a temporary folder");
    let lambdas: Vec<&str> = published.iter().map(|(lambda, _)| *lambda).collect();
    fit_prostate(
        dir.path(),
        &["--lambda", &lambdas.join(","), "--tol", "1e-14"],
    );
    let column = points(&dir.path().join("regpath-fit"));
    let (cp, df) = (column("cp"), column("df"));
    let (n, variance) = (97.0, 0.489_300_213_309_388_83);
    for (k, (_, expected)) in published.iter().enumerate() {
        // Rounding decides whether the column that joins at a knot is active there; scikit-learn counts k active ones.
        let spare = 2.0 * (df[k] - k as f64);
        let found = n * (cp[k] - cp[0]) / variance - spare + 2.0 * df[0];
        assert!((found - expected).abs() < 1e-6, "{k}: {found} {expected}");
    }
}

#[test]
fn dependent_columns_count_once_and_the_ends_of_the_elastic_net_meet() {
    let dir = tempdir().expect("a temporary folder");
    // The third column is the sum of the others; ridge makes all of them active, and λ = 0 takes the penalty away.
    let mut text = String::from("a,b,sum,y\n");
    for i in 0..20 {
        let (a, b) = ((i * 7) % 11, (i * 3) % 8);
        text += &format!("{a},{b},{},{}\n", a + b, 2 * a - b + i % 3);
    }
    let data = common::file(dir.path(), "d.csv", &text);
    let fit = |penalty: &[&str]| {
        let shared = ["fit", "--data", &data, "--response", "y", "--csv", "-q"];
        succeeds(dir.path(), &[&shared[..], penalty].concat());
        let column = points(&dir.path().join("regpath-fit"));
        (column("df"), column("nonzeros"))
    };
    let descent = ["--solver", "fista", "--lambda", "0", "--penalty"];
    for kind in [&["lasso"][..], &["enet", "--alpha", "0.5"]] {
        let (df, nonzeros) = fit(&[&descent[..], kind].concat());
        assert_eq!((df[0], nonzeros[0]), (2.0, 3.0), "{kind:?}");
    }
    let grid = ["--lambda", "3,1,0.1,0.001"];
    let enet = |alpha| fit(&[&grid[..], &["--penalty", "enet", "--alpha", alpha]].concat());
    let (ridge, _) = fit(&[&grid[..], &["--penalty", "ridge"]].concat());
    let (near, _) = enet("1e-9");
    for (a, b) in ridge.iter().zip(&near) {
        assert!((a - b).abs() < 1e-7, "{ridge:?} {near:?}");
    }
    let (lasso, nonzeros) = enet("1");
    assert_eq!(lasso, nonzeros);
}

#[test]
fn cross_validation_is_read_where_it_is() {
    let dir = tempdir().expect("a temporary folder");
    fit_prostate(dir.path(), &["--lambda", "0.4,0.2,0.1,0.05"]);
    let fit = dir.path().join("regpath-fit");
    is_refused(
        dir.path(),
        &["select", "--by", "1se"],
        &["cv.parquet", "regpath cv"],
    );
    let columns = vec![
        Column::new("alpha".into(), [1.0; 4]),
        Column::new("k".into(), [0u64, 1, 2, 3]),
        Column::new("lambda".into(), [0.4, 0.2, 0.1, 0.05]),
        Column::new("mean_error".into(), [0.9, 0.6, 0.5, 0.5]),
        Column::new("se".into(), [0.1, 0.1, 0.15, 0.1]),
        Column::new("nonzeros".into(), [1u64, 2, 3, 5]),
    ];
    let mut frame = DataFrame::new(4, columns).expect("a frame");
    let file = std::fs::File::create(fit.join("cv.parquet")).expect("a writable folder");
    ParquetWriter::new(file)
        .finish(&mut frame)
        .expect("a written frame");
    for (by, lambda) in [("min", 0.1), ("1se", 0.2)] {
        let chosen = select(dir.path(), by);
        assert_eq!(chosen["lambda"], lambda);
        assert_eq!(
            chosen["df"],
            points(&fit)("df")[chosen["k"].as_u64().expect("k") as usize]
        );
        assert!(
            chosen["coefficients"]
                .as_array()
                .is_some_and(|c| !c.is_empty())
        );
    }
    std::fs::write(fit.join("cv.parquet"), "no Parquet").expect("a writable folder");
    is_refused(
        dir.path(),
        &["select", "--by", "min"],
        &["cv.parquet", "Parquet"],
    );
}

#[test]
fn what_cannot_be_chosen_is_said() {
    let dir = tempdir().expect("a temporary folder");
    is_refused(
        dir.path(),
        &["select", "--from", "nowhere"],
        &["nowhere", "regpath fit"],
    );
    let text = "a,b,c,y\n1,2,9,3\n4,5,2,1\n7,8,1,10\n2,1,4,1\n";
    let data = common::file(dir.path(), "few.csv", text);
    succeeds(
        dir.path(),
        &["fit", "--data", &data, "--response", "y", "-q"],
    );
    is_refused(
        dir.path(),
        &["select", "--by", "cp"],
        &["--by cp is empty", "n = 4, p = 3", "--by bic"],
    );
    // Equal values: no column ever enters, so that every λ is as good as the first.
    fit_prostate(dir.path(), &["--lambda", "7,9,8"]);
    let output = regpath(dir.path(), &["select", "--json"]);
    let chosen: Value = serde_json::from_slice(&output.stdout).expect("one JSON object");
    assert_eq!((&chosen["lambda"], &chosen["k"]), (&9.0.into(), &0.into()));
    assert!(stderr(&output).is_empty());
}
