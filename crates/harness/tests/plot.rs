//! `regpath plot` as a real process: any kind of picture against any abscissa, from frames alone.

mod common;

use std::fs;
use std::path::Path;

use common::{embedded, files, is_refused, read_csv, stderr, stdout, succeeds};
use regpath_harness::record::schema::PointRow;
use regpath_harness::record::store::{read_frame, write_parquet};
use tempfile::{TempDir, tempdir};

const KINDS: [&str; 5] = ["path", "zeros", "time", "gap", "dev"];
const ABSCISSAE: [(&str, &str); 4] = [
    ("lambda", "decreasing on a log scale"),
    ("l1", "Σ|β|, original scale"),
    ("df", "degrees of freedom"),
    ("dev", "explained"),
];

/// A folder with what `fit` writes into `out` for the diabetes data, fitted from a copy beside it.
fn fitted(out: &str, options: &[&str]) -> TempDir {
    let dir = tempdir().expect("a temporary folder");
    fs::copy(embedded("diabetes.csv"), dir.path().join("d.csv")).expect("a copy");
    let arguments = ["fit", "--data", "d.csv", "--response", "y", "--out", out];
    succeeds(dir.path(), &[&arguments, options].concat());
    dir
}

/// What a picture says, with the spaces at which its lines do not break as any other.
fn text(file: &Path) -> String {
    let svg = fs::read_to_string(file).expect("a picture");
    svg.replace('\u{a0}', " ")
}

#[test]
fn every_kind_is_drawn_against_everything_for_a_recorded_run() {
    let dir = tempdir().expect("a temporary folder");
    let dir = dir.path();
    let bench = ["bench", "paths", "zero-counts", "--scale", "smoke"];
    succeeds(dir, &[&bench[..], &["--out", "runs", "-q"]].concat());
    let run = fs::read_dir(dir.join("runs")).expect("runs").next();
    let run = run.expect("a run").expect("a folder").file_name();
    let run = run.to_str().expect("a plain name");
    for (x, title) in ABSCISSAE {
        let kinds = KINDS.join(",");
        let arguments = ["plot", run, "--runs", "runs", "--kind", &kinds, "--x", x];
        let drawn = succeeds(
            dir,
            &[&arguments[..], &["--format", "svg", "--out", x]].concat(),
        );
        // Prostate and diabetes.
        assert_eq!(drawn.lines().count(), 2 * KINDS.len(), "{drawn}");
        for kind in KINDS {
            for dataset in ["prostate", "diabetes"] {
                let svg = text(&dir.join(x).join(format!("{kind}-{x}-{dataset}.svg")));
                for part in [title, dataset, "Lasso", "Ridge", "regpath bench paths"] {
                    assert!(svg.contains(part), "{kind} {x}: no {part}");
                }
                // Of the two experiments that have these data, paths has no such penalty.
                assert!(!svg.contains("α = 0.1"));
            }
        }
        assert!(
            files(&dir.join(x))
                .iter()
                .all(|f| f.extension().is_some_and(|e| e == "svg"))
        );
    }
    let one = [
        "plot", "--runs", "runs", "--kind", "zeros", "--format", "svg", "--out", "one",
    ];
    let of = ["--experiment", "zero-counts", "--dataset", "prostate"];
    assert_eq!(succeeds(dir, &[&one[..], &of].concat()).lines().count(), 1);
    assert!(text(&dir.join("one/zeros-lambda-prostate.svg")).contains("α = 0.1"));

    // A figure stays a figure, and a run is one without --kind, too; both may be named.
    let figure = [
        "plot",
        "coefficient-paths",
        run,
        "--runs",
        "runs",
        "--format",
        "png",
    ];
    let drawn = succeeds(dir, &[&figure[..], &["--out", "figures"]].concat());
    assert_eq!(drawn.lines().count(), 2, "{drawn}");
    assert!(drawn.lines().all(|l| l.ends_with(".png")) && files(&dir.join("figures")).len() == 2);
    let all = succeeds(
        dir,
        &[
            "plot", run, "--runs", "runs", "--format", "svg", "--out", "all",
        ],
    );
    assert!(all.contains("zero-counts.svg") && !all.contains("png"));
    // With --kind the name of a figure is a run.
    fs::rename(dir.join("runs").join(run), dir.join("runtime")).expect("a new name");
    succeeds(
        dir,
        &[
            "plot",
            "runtime",
            "--kind",
            "path",
            "--format",
            "svg",
            "--dataset",
            "prostate",
        ],
    );
    assert!(
        dir.join("runtime/figures/path-lambda-prostate.svg")
            .exists()
    );

    for (arguments, parts) in [
        (
            &["--dataset", "prostrate"][..],
            &["prostrate", "did you mean", "diabetes"][..],
        ),
        (&["--trial", "none"], &["no trial \"none\""]),
        (
            &["--experiment", "runtime"],
            &["no experiment \"runtime\"", "paths"],
        ),
        (
            &["--run", "other"],
            &["'runtime' and --run other are two runs"],
        ),
    ] {
        let whole = [
            &["plot", "runtime", "--kind", "path", "--out", "none"],
            arguments,
        ]
        .concat();
        is_refused(dir, &whole, parts);
    }
    let face = ["plot", "runtime", "--kind", "path,face", "--out", "none"];
    is_refused(dir, &face, &["--kind face needs frame faces"]);
    is_refused(
        dir,
        &["plot", "runtime", "--kind", "convergence"],
        &["frame curve", "bench convergence"],
    );
}

#[test]
fn a_fit_is_drawn_the_same_when_its_data_are_gone() {
    let dir = fitted("fit", &["--csv"]);
    let dir = dir.path();
    let draw = |out: &str| {
        let kinds = KINDS.join(",");
        for (x, _) in ABSCISSAE {
            let arguments = ["plot", "fit", "--kind", &kinds, "--x", x, "--format", "svg"];
            succeeds(dir, &[&arguments[..], &["--out", out]].concat());
        }
        let read = |f: &std::path::PathBuf| fs::read(f).expect("a picture");
        files(&dir.join(out)).iter().map(read).collect::<Vec<_>>()
    };
    let before = draw("before");
    assert_eq!(before.len(), KINDS.len() * ABSCISSAE.len());
    fs::remove_file(dir.join("d.csv")).expect("a file");
    assert_eq!(before, draw("after"));

    // The lasso spends a degree of freedom on each coefficient, and the axis says so.
    let (header, rows) = read_csv(&dir.join("fit/points.csv"));
    let column = |name: &str| header.iter().position(|h| h == name).expect("a column");
    let (df, nonzeros) = (column("df"), column("nonzeros"));
    let number = |cell: &String| cell.parse::<f64>().expect("a number");
    assert!(rows.iter().all(|r| number(&r[df]) == number(&r[nonzeros])));
    let svg = text(&dir.join("after/path-df.svg"));
    assert!(svg.contains("degrees of freedom, non-zeros"));
    assert!(svg.contains("n = 442") && svg.contains("regpath fit"));
    // Without --kind the path of a fit is drawn.
    let drawn = succeeds(dir, &["plot", "fit", "--format", "svg"]);
    assert_eq!(
        drawn.trim(),
        Path::new("fit/figures/path-lambda.svg")
            .display()
            .to_string()
    );
}

#[test]
fn only_files_of_the_format_that_was_asked_for_are_written() {
    let dir = fitted("fit", &["--n-lambda", "5"]);
    let dir = dir.path();
    let draw = |format: &[&str]| {
        let arguments = ["plot", "fit", "--kind", "gap", "--x", "dev", "--out", "out"];
        succeeds(dir, &[&arguments[..], format].concat())
    };
    let there = || -> Vec<String> {
        let name = |f: std::path::PathBuf| f.file_name()?.to_str().map(str::to_owned);
        files(&dir.join("out"))
            .into_iter()
            .filter_map(name)
            .collect()
    };
    draw(&["--format", "svg"]);
    assert_eq!(there(), ["gap-dev.svg"]);
    let svg = text(&dir.join("out/gap-dev.svg"));
    assert!(svg.contains("bound 10") && svg.contains("relative duality gap"));
    // What is there and was not asked for stays as it is.
    fs::write(dir.join("out/gap-dev.svg"), "mine").expect("a file");
    assert_eq!(draw(&["--format", "png"]).lines().count(), 1);
    assert_eq!(there(), ["gap-dev.png", "gap-dev.svg"]);
    assert_eq!(text(&dir.join("out/gap-dev.svg")), "mine");
    assert_eq!(draw(&[]).lines().count(), 2);
    assert_eq!(text(&dir.join("out/gap-dev.svg")), svg);
}

#[test]
fn what_cannot_be_drawn_is_said_in_one_line() {
    let dir = fitted("fit", &["--penalty", "ridge", "--n-lambda", "5"]);
    let dir = dir.path();
    let refused = |arguments: &[&str], parts: &[&str]| {
        is_refused(dir, &[&["plot"], arguments].concat(), parts);
    };
    refused(
        &["fit", "--kind", "pie"],
        &["pie", "path", "zeros", "convergence"],
    );
    refused(
        &["fit", "--kind", "path", "--x", "mu"],
        &["mu", "lambda", "l1", "df", "dev"],
    );
    refused(
        &["fit", "--kind", "path", "--format", "gif"],
        &["gif", "svg", "png"],
    );
    refused(&["fit", "--x", "l1"], &["--kind"]);
    refused(
        &["fit", "--kind", "convergence", "--x", "l1"],
        &["epochs and seconds"],
    );
    refused(&["fit", "--kind", "error"], &["frame cv", "regpath cv"]);
    refused(&["fit", "--kind", "face"], &["frame faces", "unique"]);
    refused(&["none", "--kind", "path"], &["no run 'none'"]);
    refused(
        &["fit", "again", "--kind", "path"],
        &["'again' is a second one"],
    );
    refused(&["fit", "runtime"], &["no run of experiments", "--kind"]);
    refused(&["--run", "fit"], &["no run of experiments", "--kind"]);
    refused(
        &["fit", "none"],
        &["no figure is called 'none'", "runtime", "no run 'none'"],
    );
    refused(&["fit", "--history", "h"], &["fit is a run"]);
    fs::create_dir(dir.join("empty")).expect("a folder");
    refused(
        &["empty", "--kind", "path"],
        &["empty holds no recorded run and no path"],
    );
    refused(&["--kind", "path"], &["no run under"]);

    // A frame of an earlier version has fewer columns.
    let fit = dir.join("fit");
    let whole = read_frame::<PointRow>(&fit).expect("a frame");
    let mut old = whole.drop("df").expect("a column");
    write_parquet(&fit.join("points.parquet"), &mut old).expect("a writable folder");
    let df = ["fit", "--kind", "path", "--x", "df"];
    refused(&df, &["column df of frame points", "earlier version"]);
    let text = succeeds(
        dir,
        &[
            "plot", "fit", "--kind", "path", "--x", "l1", "--format", "svg",
        ],
    );
    assert!(text.contains("path-l1.svg"), "{text}");
    fs::write(fit.join("points.parquet"), "no frame").expect("a file");
    refused(&df, &["points.parquet", "no frame of this suite"]);
    fs::remove_file(fit.join("points.parquet")).expect("a file");
    refused(&df, &["no path", "points.parquet"]);
}

#[test]
fn the_error_of_a_cross_validation_is_drawn_against_what_the_path_has() {
    let dir = tempdir().expect("a temporary folder");
    let dir = dir.path();
    let data = embedded("diabetes.csv");
    let cv = [
        "cv",
        "--data",
        &data,
        "--response",
        "y",
        "--penalty",
        "enet",
    ];
    succeeds(
        dir,
        &[&cv[..], &["--alpha", "1,0.5", "--folds", "3", "-q"]].concat(),
    );
    for (x, panels) in [("lambda", 2), ("l1", 1), ("df", 1), ("dev", 1)] {
        let arguments = ["plot", "regpath-cv", "--kind", "error", "--x", x];
        succeeds(dir, &[&arguments[..], &["--format", "svg"]].concat());
        let svg = text(
            &dir.join("regpath-cv/figures")
                .join(format!("error-{x}.svg")),
        );
        assert_eq!(svg.matches("mean squared error").count(), panels, "{x}");
    }
    let arguments = [
        "plot",
        "regpath-cv",
        "--kind",
        "path",
        "--x",
        "dev",
        "--format",
        "svg",
    ];
    succeeds(dir, &arguments);
    assert!(text(&dir.join("regpath-cv/figures/path-dev.svg")).contains("regpath cv"));
    // Without --kind it is the curve that is drawn.
    let drawn = succeeds(dir, &["plot", "regpath-cv", "--format", "svg"]);
    assert!(drawn.trim().ends_with("cv.svg"), "{drawn}");
}

#[test]
fn ranges_of_fits_that_are_not_unique_are_drawn() {
    let dir = tempdir().expect("a temporary folder");
    let dir = dir.path();
    let data = embedded("belgian-phones.csv");
    let fit = [
        "fit",
        "--data",
        &data,
        "--response",
        "calls",
        "--loss",
        "absolute",
    ];
    succeeds(dir, &[&fit[..], &["--lambda", "0", "-q"]].concat());
    for (x, _) in ABSCISSAE {
        let arguments = ["plot", "regpath-fit", "--kind", "face,path,zeros", "--x", x];
        let output = common::regpath(dir, &[&arguments[..], &["--format", "svg"]].concat());
        assert!(output.status.success(), "{x}: {}", stderr(&output));
        assert_eq!(stdout(&output).lines().count(), 3);
        let svg = text(
            &dir.join("regpath-fit/figures")
                .join(format!("face-{x}.svg")),
        );
        for part in ["year", "(intercept)", "all optimal fits", "absolute loss"] {
            assert!(svg.contains(part), "{x}: no {part}");
        }
    }
}
