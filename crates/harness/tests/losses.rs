//! Losses beside the squared on the command line: published fits, laws between losses, what is refused, predictions.

mod common;

use std::path::Path;

use common::{coefficient, file, files, is_refused, read_csv, regpath, stderr, succeeds};
use regpath_harness::contestant::CONTESTANTS;
use regpath_harness::dataset::Spec;
use regpath_harness::loss::parse;
use regpath_harness::trial::Trial;
use regpath_solvers::loss::LossKind;
use serde_json::Value;
use tempfile::{TempDir, tempdir};

/// Brownlee's stack loss plant data, 21 days.
const STACKLOSS: &str = "\
airflow,temp,acid,loss\n80,27,89,42\n80,27,88,37\n75,25,90,37\n62,24,87,28\n62,22,87,18\n62,23,87,18\n62,24,93,19\n62,24,93,20\n\
58,23,87,15\n58,18,80,14\n58,18,89,14\n58,17,88,13\n58,18,82,11\n58,19,93,12\n50,18,89,8\n50,18,86,7\n50,19,72,8\n50,19,79,8\n\
50,20,80,9\n56,20,82,15\n70,20,91,15\n";

/// International calls from Belgium in tens of millions, 1950 to 1973 [Rousseeuw & Leroy 1987].
const PHONES: &str = "\
year,calls\n50,4.4\n51,4.7\n52,4.7\n53,5.9\n54,6.6\n55,7.3\n56,8.1\n57,8.8\n58,10.6\n59,12.0\n60,13.5\n61,14.9\n62,16.1\n63,21.2\n\
64,119.0\n65,124.0\n66,142.0\n67,159.0\n68,182.0\n69,212.0\n70,43.0\n71,24.0\n72,27.0\n73,29.0\n";

/// Losses as (flags, name with parameter).
const LOSSES: [(&[&str], &str); 4] = [
    (&["--loss", "absolute"], "absolute"),
    (&["--loss", "quantile", "--tau", "0.3"], "quantile(0.3)"),
    (&["--loss", "huber", "--delta", "0.7"], "huber(0.7)"),
    (&["--loss", "logistic"], "logistic"),
];

/// n rows of four features, a weight, a response `y` with outliers and classes `c` that overlap.
fn generated(n: usize) -> String {
    let mut state = 12345u64;
    let mut uniform = || {
        state = state
            .wrapping_mul(6364136223846793005)
            .wrapping_add(1442695040888963407);
        (state >> 11) as f64 / (1u64 << 53) as f64 - 0.5
    };
    let mut text = String::from("a,b,d,e,w,o,y,c\n");
    for i in 0..n {
        let x = [
            uniform(),
            3.0 * uniform(),
            uniform() + 10.0,
            0.1 * uniform(),
        ];
        let noise = uniform() * if i % 7 == 0 { 20.0 } else { 1.0 };
        let y = 1.0 + 2.0 * x[0] - x[1] + 5.0 * x[3] + noise;
        let class = u8::from(2.0 * x[0] - x[1] + 4.0 * uniform() > 0.2);
        let weight = 1 + i % 3;
        text += &format!(
            "{},{},{},{},{weight},{},{y},{class}\n",
            x[0],
            x[1],
            x[2],
            x[3],
            0.5 * uniform()
        );
    }
    text
}

struct Folder {
    dir: TempDir,
    data: String,
}

impl Folder {
    fn new(text: &str) -> Self {
        let dir = tempdir().expect("a temporary folder");
        let data = file(dir.path(), "data.csv", text);
        Self { dir, data }
    }

    fn path(&self) -> &Path {
        self.dir.path()
    }

    /// `fit` on the features a, b, d, e with what else is given.
    fn arguments<'a>(&'a self, loss: &[&'a str], more: &[&'a str]) -> Vec<&'a str> {
        let classes = loss.contains(&"logistic");
        let (response, other) = if classes { ("c", "y") } else { ("y", "c") };
        let mut arguments = vec!["fit", "--data", &self.data, "--response", response];
        arguments.extend(["--drop", other]);
        for column in ["w", "o"] {
            if !more.contains(&column) {
                arguments.extend(["--drop", column]);
            }
        }
        arguments.extend(loss);
        arguments.extend(more);
        arguments
    }

    /// Fits into `regpath-fit` and returns the JSON that was printed.
    fn fit(&self, loss: &[&str], more: &[&str]) -> Value {
        let more = [more, &["--csv", "--json"]].concat();
        let text = succeeds(self.path(), &self.arguments(loss, &more));
        serde_json::from_str(&text).expect("one JSON object")
    }

    fn coefs(&self) -> Vec<Vec<String>> {
        read_csv(&self.path().join("regpath-fit/coefs.csv")).1
    }

    /// A column of points.csv as numbers.
    fn points(&self, name: &str) -> Vec<f64> {
        column(&self.path().join("regpath-fit/points.csv"), name)
            .iter()
            .map(|text| text.parse().expect("a number"))
            .collect()
    }

    fn model(&self) -> Value {
        let path = self.path().join("regpath-fit/model.json");
        let text = std::fs::read_to_string(path).expect("a model");
        serde_json::from_str(&text).expect("JSON")
    }

    fn refuses(&self, loss: &[&str], more: &[&str], parts: &[&str]) {
        is_refused(self.path(), &self.arguments(loss, more), parts);
    }
}

fn column(path: &Path, name: &str) -> Vec<String> {
    let (header, rows) = read_csv(path);
    let at = header.iter().position(|h| h == name).expect("the column");
    rows.iter().map(|row| row[at].clone()).collect()
}

fn near(a: f64, b: f64, tol: f64) {
    assert!((a - b).abs() <= tol * (1.0 + b.abs()), "{a} is not {b}");
}

#[test]
fn least_absolute_deviations_of_the_stack_loss_data() {
    let folder = Folder::new(STACKLOSS);
    for solver in ["auto", "simplex", "frisch-newton"] {
        let arguments = [
            "fit",
            "--data",
            &folder.data,
            "--response",
            "loss",
            "--loss",
            "absolute",
            "--lambda",
            "0",
            "--tol",
            "1e-12",
            "--csv",
            "--json",
            "--solver",
            solver,
        ];
        let object: Value =
            serde_json::from_str(&succeeds(folder.path(), &arguments)).expect("JSON");
        assert_eq!(object["status"], "converged", "{solver}");
        // [Koenker & Bassett 1978; Barrodale & Roberts 1973]: exact multiples of 1/69.
        let expected = [("airflow", 57.4), ("temp", 39.6), ("acid", -4.2)];
        for (feature, value) in expected {
            near(
                coefficient(&folder.coefs(), 0, feature),
                value / 69.0,
                1e-10,
            );
        }
        near(folder.points("intercept")[0], -2738.6 / 69.0, 1e-10);
    }
}

#[test]
fn what_is_not_unique_is_reported_with_its_extent() {
    let folder = Folder::new(PHONES);
    let fit = |more: &[&str]| {
        let shared = [
            "fit",
            "--data",
            &folder.data,
            "--response",
            "calls",
            "--csv",
            "-q",
        ];
        let output = regpath(folder.path(), &[&shared, more].concat());
        assert_eq!(output.status.code(), Some(0));
        stderr(&output)
    };
    let message = fit(&["--loss", "absolute", "--lambda", "0"]);
    for part in [
        "not unique",
        "year in [1.1571428571, 1.6222222222]",
        "(intercept) in [-81.0000000000, -55.4714285714]",
    ] {
        assert!(message.contains(part), "{message}");
    }
    let out = folder.path().join("regpath-fit");
    assert_eq!(column(&out.join("points.csv"), "unique"), ["false"]);
    near(24.0 * folder.points("primal")[0], 844.0, 1e-12);
    let ends = |name: &str| -> Vec<f64> {
        let cells = column(&out.join("faces.csv"), name);
        cells.iter().map(|c| c.parse().expect("a number")).collect()
    };
    assert_eq!(
        column(&out.join("faces.csv"), "feature"),
        ["year", "(intercept)"]
    );
    for (found, expected) in ends("low").iter().zip([81.0 / 70.0, -81.0]) {
        near(*found, expected, 1e-12);
    }
    for (found, expected) in ends("high").iter().zip([73.0 / 45.0, -3883.0 / 70.0]) {
        near(*found, expected, 1e-9);
    }
    // Each vertex is as good as the fit: the sum of absolute deviations is 844 there, too.
    let (_, rows) = read_csv(&out.join("vertices.csv"));
    for pair in rows.chunks(2) {
        let [slope, intercept] =
            [&pair[0], &pair[1]].map(|row| row[4].parse::<f64>().expect("a number"));
        let each = PHONES.lines().skip(1).map(|line| {
            let (year, calls) = line.split_once(',').expect("two cells");
            let [year, calls] = [year, calls].map(|v| v.parse::<f64>().expect("a number"));
            (calls - intercept - slope * year).abs()
        });
        near(each.sum(), 844.0, 1e-12);
    }
    assert_eq!(rows.len(), 4);
    // A later fit that is unique leaves no ranges behind, and one of another loss says nothing of uniqueness.
    let message = fit(&["--loss", "huber", "--lambda", "0"]);
    assert!(!message.contains("unique"), "{message}");
    assert!(
        files(&out)
            .iter()
            .all(|f| !f.to_string_lossy().contains("faces"))
    );
    assert_eq!(column(&out.join("points.csv"), "unique"), [""]);
}

#[test]
fn more_columns_than_rows_without_a_penalty_are_not_unique() {
    let folder = Folder::new("a,b,d,e,y\n1,2,3,1,4\n2,1,0,5,1\n0,3,1,1,2\n");
    let arguments = [
        "fit",
        "--data",
        &folder.data,
        "--response",
        "y",
        "--loss",
        "absolute",
        "--lambda",
        "0",
        "-q",
    ];
    let message = stderr(&regpath(folder.path(), &arguments));
    assert!(
        message.contains("the fit is not unique") && message.contains("(-inf, inf)"),
        "{message}"
    );
}

#[test]
fn all_solvers_that_take_a_loss_agree() {
    let folder = Folder::new(&generated(60));
    for (flags, name) in LOSSES {
        let loss = parse(name).expect("a loss");
        for alpha in [1.0, 0.6] {
            let enet = alpha.to_string();
            let mut reference: Option<Vec<f64>> = None;
            let able = |id: &str| {
                let contestant = CONTESTANTS.iter().find(|c| c.id() == id).expect("a solver");
                contestant.takes(loss).is_ok() && contestant.supports(alpha, 60, 4).is_ok()
            };
            let ids = CONTESTANTS.iter().map(|c| c.id()).filter(|id| able(id));
            let ids: Vec<&str> = ids.filter(|id| *id != "one-pass").collect();
            assert!(ids.len() >= 3, "{name} is for {ids:?} alone");
            for id in ids {
                let more = [
                    "--penalty",
                    "enet",
                    "--alpha",
                    &enet,
                    "--n-lambda",
                    "6",
                    "--lambda-min-ratio",
                    "0.02",
                    "--tol",
                    "1e-9",
                    "--solver",
                    id,
                ];
                let object = folder.fit(flags, &more);
                assert_eq!(object["status"], "converged", "{name} {alpha} {id}");
                assert!(
                    folder.points("gap_rel").iter().all(|gap| *gap <= 1.1e-9),
                    "{name} {id}"
                );
                assert_eq!(folder.points("nonzeros")[0], 0.0, "{name} {alpha} {id}");
                let primal = folder.points("primal");
                let expected = reference.get_or_insert_with(|| primal.clone());
                for (found, expected) in primal.iter().zip(expected) {
                    near(*found, *expected, 1e-8);
                }
            }
        }
    }
}

#[test]
fn losses_that_are_the_same_have_the_same_fits() {
    let folder = Folder::new(&generated(60));
    let at = |flags: &[&str], lambda: &str| {
        folder.fit(flags, &["--lambda", lambda, "--tol", "1e-12"]);
        let mut fit: Vec<f64> = ["a", "b", "d", "e"]
            .iter()
            .map(|f| coefficient(&folder.coefs(), 0, f))
            .collect();
        fit.push(folder.points("intercept")[0]);
        fit
    };
    let same = |a: &[f64], b: &[f64]| a.iter().zip(b).for_each(|(a, b)| near(*a, *b, 1e-7));
    // |r| is twice the check loss at one half.
    same(
        &at(&["--loss", "absolute"], "0.1"),
        &at(&["--loss", "quantile"], "0.05"),
    );
    // Huber's loss is squared where no residual is beyond delta.
    same(
        &at(&["--loss", "huber", "--delta", "1000"], "0.1"),
        &at(&[], "0.1"),
    );
    // The quantiles of -y are those of y, turned around.
    let text: Vec<String> = (generated(60).lines())
        .map(|line| {
            let mut cells: Vec<String> = line.split(',').map(str::to_owned).collect();
            if let Ok(y) = cells[6].parse::<f64>() {
                cells[6] = (-y).to_string();
            }
            cells.join(",")
        })
        .collect();
    let high = at(&["--loss", "quantile", "--tau", "0.8"], "0.02");
    let turned = Folder::new(&(text.join("\n") + "\n"));
    turned.fit(
        &["--loss", "quantile", "--tau", "0.2"],
        &["--lambda", "0.02", "--tol", "1e-12"],
    );
    for (feature, value) in ["a", "b", "d", "e"].iter().zip(&high) {
        near(-coefficient(&turned.coefs(), 0, feature), *value, 1e-9);
    }
}

#[test]
fn squared_loss_is_what_it_was() {
    let folder = Folder::new(&generated(40));
    folder.fit(&[], &[]);
    let before = folder.coefs();
    let object = folder.fit(&["--loss", "squared"], &[]);
    assert_eq!(folder.coefs(), before);
    assert_eq!(object["loss"], "squared");
    assert!(object["tau"].is_null() && object["delta"].is_null() && object["classes"].is_null());
    let trial = Trial::new("paths", Spec::new("prostate"), "auto", 1.0).named();
    let text = serde_json::to_string(&trial).expect("JSON");
    assert!(!text.contains("loss") && !text.contains("faces"), "{text}");
    let other = Trial {
        loss: LossKind::quantile(0.25).expect("in (0, 1)"),
        ..trial.clone()
    };
    let named = other.clone().named();
    assert_ne!(named.id, trial.id);
    let text = serde_json::to_string(&other).expect("JSON");
    assert!(text.contains("\"quantile(0.25)\""), "{text}");
    assert_eq!(
        serde_json::from_str::<Trial>(&text).expect("a trial"),
        other
    );
}

#[test]
fn a_weight_of_two_is_a_row_that_stands_there_twice() {
    let text = generated(40);
    let mut repeated = String::new();
    for (i, line) in text.lines().enumerate() {
        let times = if i == 0 { 1 } else { 1 + (i - 1) % 3 };
        (0..times).for_each(|_| repeated += &format!("{line}\n"));
    }
    let (weighted, repeated) = (Folder::new(&text), Folder::new(&repeated));
    // The default delta, too, is that of the repeated rows.
    let huber: (&[&str], &str) = (&["--loss", "huber"], "huber");
    for (flags, name) in LOSSES.into_iter().chain([huber]) {
        let more = [
            "--n-lambda",
            "5",
            "--lambda-min-ratio",
            "0.03",
            "--tol",
            "1e-11",
        ];
        let own = weighted.fit(flags, &[&more[..], &["--weights", "w"]].concat());
        let other = repeated.fit(flags, &more);
        if let (Some(a), Some(b)) = (own["delta"].as_f64(), other["delta"].as_f64()) {
            near(a, b, 1e-14);
        }
        for column in ["lambda", "primal", "dev_ratio", "intercept"] {
            for (a, b) in weighted.points(column).iter().zip(repeated.points(column)) {
                near(*a, b, if column == "intercept" { 1e-4 } else { 1e-9 });
            }
        }
        assert_eq!(weighted.model()["weights"], true, "{name}");
    }
}

#[test]
fn an_offset_is_part_of_the_fit() {
    let folder = Folder::new(&generated(40));
    for (flags, name) in LOSSES {
        let object = folder.fit(flags, &["--offset", "o", "--lambda", "0.01"]);
        assert_eq!(object["status"], "converged", "{name}");
        let out = succeeds(
            folder.path(),
            &[
                "predict",
                "--data",
                &folder.data,
                "--offset",
                "o",
                "--type",
                "link",
                "--json",
            ],
        );
        let found: Value = serde_json::from_str(&out).expect("JSON");
        let link = found["predictions"][0].as_f64().expect("a number");
        let (header, rows) = read_csv(Path::new(&folder.data));
        let cell = |name: &str| -> f64 {
            let at = header.iter().position(|h| h == name).expect("the column");
            rows[0][at].parse().expect("a number")
        };
        let sum: f64 = ["a", "b", "d", "e"]
            .iter()
            .map(|f| coefficient(&folder.coefs(), 0, f) * cell(f))
            .sum();
        near(link, cell("o") + folder.points("intercept")[0] + sum, 1e-12);
    }
}

#[test]
fn factors_and_bounds_hold() {
    let folder = Folder::new(&generated(60));
    for (flags, name) in LOSSES {
        let more = [
            "--penalty-factor",
            "a=0",
            "--exclude",
            "b",
            "--n-lambda",
            "4",
            "--tol",
            "1e-8",
        ];
        let object = folder.fit(flags, &more);
        assert_eq!(object["status"], "converged", "{name}");
        let coefs = folder.coefs();
        assert!((0..4).all(|k| coefficient(&coefs, k, "a") != 0.0), "{name}");
        assert!((0..4).all(|k| coefficient(&coefs, k, "b") == 0.0), "{name}");
        // At the first lambda everything penalised is 0 beside the fit of what is not, the unit of gaps.
        assert_eq!(folder.points("nonzeros")[0], 1.0, "{name}");
        near(folder.points("dev_ratio")[0], 0.0, 1e-7);
        let more = [
            "--upper",
            "a=0.3",
            "--lower",
            "b=-0.1",
            "--n-lambda",
            "4",
            "--lambda-min-ratio",
            "0.05",
            "--tol",
            "1e-6",
        ];
        let object = folder.fit(flags, &more);
        assert_eq!(object["status"], "converged", "{name} {object}");
        let coefs = folder.coefs();
        for k in 0..4 {
            assert!(coefficient(&coefs, k, "a") <= 0.3 && coefficient(&coefs, k, "b") >= -0.1);
        }
        near(coefficient(&coefs, 3, "a"), 0.3, 1e-12);
    }
    for solver in ["simplex", "frisch-newton"] {
        folder.refuses(
            &["--loss", "absolute"],
            &["--solver", solver, "--nonnegative"],
            &[solver, "bounds"],
        );
    }
}

#[test]
fn two_labels_are_two_classes_whatever_they_are() {
    let mut first: Option<Vec<Vec<String>>> = None;
    for [low, high] in [["0", "1"], ["1", "2"], ["-1", "1"], ["-0.5", "7.25"]] {
        let lines: Vec<String> = (generated(60).lines())
            .map(
                |line| match (line.strip_suffix(",0"), line.strip_suffix(",1")) {
                    (Some(rest), _) => format!("{rest},{low}"),
                    (_, Some(rest)) => format!("{rest},{high}"),
                    _ => line.to_owned(),
                },
            )
            .collect();
        let folder = Folder::new(&(lines.join("\n") + "\n"));
        folder.fit(&["--loss", "logistic"], &["--n-lambda", "5"]);
        let coefs = folder.coefs();
        assert_eq!(first.get_or_insert_with(|| coefs.clone()), &coefs);
        let classes = serde_json::json!([
            low.parse::<f64>().expect("a number"),
            high.parse::<f64>().expect("a number")
        ]);
        assert_eq!(folder.model()["classes"], classes);
        let ask = |kind: &str| -> Value {
            let out = succeeds(
                folder.path(),
                &[
                    "predict",
                    "--data",
                    &folder.data,
                    "--index",
                    "4",
                    "--type",
                    kind,
                    "--json",
                ],
            );
            serde_json::from_str(&out).expect("JSON")
        };
        let list = |object: &Value| -> Vec<f64> {
            let list = object["predictions"].as_array().expect("a list");
            list.iter().map(|v| v.as_f64().expect("a number")).collect()
        };
        let (links, shares, labels) = (
            list(&ask("link")),
            list(&ask("response")),
            list(&ask("class")),
        );
        let mut missed = 0;
        let truth = column(Path::new(&folder.data), "c");
        for (((z, p), label), truth) in links.iter().zip(&shares).zip(&labels).zip(&truth) {
            near(*p, 1.0 / (1.0 + (-z).exp()), 1e-15);
            let expected: f64 = if *z > 0.0 { high } else { low }.parse().expect("a number");
            assert_eq!(*label, expected);
            missed += usize::from(truth.parse::<f64>() != Ok(*label));
        }
        let found = ask("class")["misclassification"].as_f64().expect("a share");
        near(found, missed as f64 / 60.0, 1e-15);
        let default = succeeds(
            folder.path(),
            &["predict", "--data", &folder.data, "--index", "4", "--json"],
        );
        assert_eq!(list(&serde_json::from_str(&default).expect("JSON")), shares);
    }
}

#[test]
fn predictions_are_measured_by_the_loss_that_was_minimised() {
    let folder = Folder::new(&generated(50));
    let measures = ["mae", "pinball", "huber", "deviance"];
    for ((flags, name), measure) in LOSSES.into_iter().zip(measures) {
        // Without a penalty the objective is the loss.
        folder.fit(flags, &["--lambda", "0", "--tol", "1e-10"]);
        let out = succeeds(
            folder.path(),
            &["predict", "--data", &folder.data, "--json"],
        );
        let object: Value = serde_json::from_str(&out).expect("JSON");
        let found = object[measure].as_f64().expect("a number");
        let times = if measure == "deviance" { 2.0 } else { 1.0 };
        near(found, times * folder.points("primal")[0], 1e-12);
        assert_eq!(object["loss"], name.split('(').next().expect("a name"));
        if measure != "deviance" {
            is_refused(
                folder.path(),
                &["predict", "--data", &folder.data, "--type", "class"],
                &["--type class", "no classes"],
            );
        }
    }
}

#[test]
fn threads_do_not_change_a_bit() {
    let folder = Folder::new(&generated(60));
    for (flags, name) in LOSSES {
        for alpha in ["1", "0.5"] {
            let with = |threads: &str| {
                let more = [
                    "--penalty",
                    "enet",
                    "--alpha",
                    alpha,
                    "--n-lambda",
                    "12",
                    "--chunks",
                    "3",
                    "--threads",
                    threads,
                ];
                folder.fit(flags, &more);
                (
                    folder.coefs(),
                    folder.points("intercept"),
                    folder.points("dual"),
                )
            };
            assert_eq!(with("1"), with("2"), "{name} {alpha}");
        }
    }
}

#[test]
fn huber_without_a_delta_takes_it_from_the_response() {
    // Median 3, deviations 2, 1, 0, 1, 97.
    let folder = Folder::new("a,y\n1,1\n5,2\n2,3\n4,4\n3,100\n");
    let arguments = [
        "fit",
        "--data",
        &folder.data,
        "--response",
        "y",
        "--loss",
        "huber",
    ];
    let text = succeeds(folder.path(), &arguments);
    let delta = 1.345 * 1.4826;
    let recorded = folder.model()["delta"].as_f64().expect("a number");
    near(recorded, delta, 1e-15);
    assert!(text.contains("loss huber(1.99409"), "{text}");
    let flat = Folder::new("a,y\n1,1\n5,1\n2,1\n4,4\n3,100\n");
    let arguments = [
        "fit",
        "--data",
        &flat.data,
        "--response",
        "y",
        "--loss",
        "huber",
    ];
    is_refused(flat.path(), &arguments, &["data.csv", "'y'", "--delta"]);
    succeeds(
        flat.path(),
        &[&arguments[..], &["--delta", "0.5", "-q"]].concat(),
    );
}

#[test]
fn classes_that_can_be_told_apart_have_no_best_coefficients() {
    let folder = Folder::new("a,y\n1,0\n2,0\n3,0\n4,1\n5,1\n6,1\n");
    let arguments = [
        "fit",
        "--data",
        &folder.data,
        "--response",
        "y",
        "--loss",
        "logistic",
        "--csv",
    ];
    let output = regpath(
        folder.path(),
        &[&arguments[..], &["--lambda", "0"]].concat(),
    );
    assert_eq!(output.status.code(), Some(0));
    let message = stderr(&output);
    assert!(
        message.contains("unattained") && message.contains("told apart"),
        "{message}"
    );
    let status = column(&folder.path().join("regpath-fit/points.csv"), "status");
    assert_eq!(status, ["unattained"]);
    assert!(
        folder
            .coefs()
            .iter()
            .all(|row| row[3].parse::<f64>().expect("a number").is_finite())
    );
    // A penalty makes them finite.
    succeeds(
        folder.path(),
        &[&arguments[..], &["--lambda", "0.01"]].concat(),
    );
    assert_eq!(
        column(&folder.path().join("regpath-fit/points.csv"), "status"),
        ["converged"]
    );
}

#[test]
fn what_ends_at_so_many_nonzeros_does_not_count_the_intercept() {
    let folder = Folder::new(&generated(60));
    for (flags, name) in LOSSES {
        let object = folder.fit(flags, &["--max-nonzeros", "2", "--n-lambda", "30"]);
        assert_eq!(object["status"], "ended", "{name}");
        assert_eq!(object["nonzeros_last"], 2, "{name}");
    }
}

#[test]
fn what_makes_no_sense_is_refused() {
    let folder = Folder::new(&generated(40));
    let quantile = ["--loss", "quantile"];
    for bad in ["0", "1", "-0.2", "1.5", "nan", "inf"] {
        folder.refuses(&quantile, &["--tau", bad], &["--tau is", "(0, 1)"]);
    }
    for bad in ["0", "-1", "nan", "inf"] {
        folder.refuses(
            &["--loss", "huber"],
            &["--delta", bad],
            &["--delta is", "positive"],
        );
    }
    folder.refuses(
        &["--loss", "absolute"],
        &["--tau", "0.5"],
        &["--tau", "--loss quantile", "absolute"],
    );
    folder.refuses(
        &quantile,
        &["--delta", "1"],
        &["--delta", "--loss huber", "quantile"],
    );
    folder.refuses(&[], &["--tau", "0.5"], &["--tau", "squared"]);
    folder.refuses(&["--loss", "lad"], &[], &["lad"]);
    folder.refuses(
        &["--loss", "absolute"],
        &["--penalty-factor", "a=0", "--upper", "a=1"],
        &["data.csv", "'a'", "bounds and no penalty", "absolute"],
    );
    folder.refuses(
        &["--loss", "absolute"],
        &["--relax"],
        &["--relax", "least squares", "absolute"],
    );
    for (loss, solver, part) in [
        ("absolute", "fista", "gradient"),
        ("absolute", "proximal-newton", "huber and logistic"),
        ("logistic", "simplex", "absolute and quantile"),
        ("logistic", "homotopy", "squared loss"),
        ("huber", "coordinate-descent", "squared loss"),
        ("squared", "simplex", "absolute and quantile"),
        ("squared", "chambolle-pock", "beside the squared"),
    ] {
        folder.refuses(&["--loss", loss], &["--solver", solver], &[solver, part]);
    }
    folder.refuses(
        &["--loss", "absolute"],
        &["--solver", "simplex", "--penalty", "ridge"],
        &["simplex", "alpha = 1"],
    );
    let cv = [
        "cv",
        "--data",
        &folder.data,
        "--response",
        "y",
        "--loss",
        "absolute",
    ];
    is_refused(
        folder.path(),
        &cv,
        &["--loss absolute", "cross-validation", "not there yet"],
    );
    let with = |text: &str, loss: &str, parts: &[&str]| {
        let data = Folder::new(text);
        let arguments = [
            "fit",
            "--data",
            &data.data,
            "--response",
            "y",
            "--loss",
            loss,
        ];
        is_refused(data.path(), &arguments, parts);
    };
    with(
        "a,y\n1,0\n2,1\n3,0\n4,2\n",
        "logistic",
        &["data.csv", "row 3", "'y'", "value 2", "0 and 1"],
    );
    with(
        "a,y\n1,1\n2,1\n3,1\n",
        "logistic",
        &["data.csv", "'y'", "1 in every row", "two classes"],
    );
    for loss in ["absolute", "quantile", "huber"] {
        with("a,y\n1,5\n2,5\n3,5\n", loss, &["data.csv", "'y'"]);
    }
    folder.fit(&["--loss", "absolute"], &["--n-lambda", "3"]);
    is_refused(
        folder.path(),
        &["select"],
        &["--by bic", "squared loss", "absolute"],
    );
}
