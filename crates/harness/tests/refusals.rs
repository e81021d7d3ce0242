//! What the program refuses: one line that says where, what and how to mend it; exit code 2; nothing written.

mod common;

use common::{embedded, file, is_refused};
use tempfile::tempdir;

const GOOD: &str = "a,b,y\n1,2,3\n4,5,6\n7,8,10\n2,1,1\n";

#[test]
fn bad_options() {
    let dir = tempdir().expect("a temporary folder");
    let data = file(dir.path(), "good.csv", GOOD);
    let with = |options: &[&'static str], parts: &[&str]| {
        let mut arguments = vec!["fit", "--data", &data, "--response", "y"];
        arguments.extend(options);
        is_refused(dir.path(), &arguments, parts);
    };
    with(
        &["--penalty", "enet", "--alpha", "1.5"],
        &["--alpha is 1.5", "[0, 1]"],
    );
    with(
        &["--penalty", "enet", "--alpha", "-0.1"],
        &["--alpha is -0.1"],
    );
    with(&["--penalty", "enet", "--alpha", "nan"], &["--alpha"]);
    with(
        &["--penalty", "ridge", "--alpha", "0.5"],
        &["contradicts", "--penalty enet"],
    );
    with(&["--lambda", "1,-2"], &["--lambda has -2"]);
    with(&["--lambda", "inf"], &["--lambda has inf"]);
    with(&["--lambda", "one"], &["--lambda", "one"]);
    with(
        &["--lambda-min-ratio", "1.5"],
        &["--lambda-min-ratio is 1.5"],
    );
    with(&["--tol", "0"], &["--tol is 0"]);
    with(&["--tol", "-1"], &["--tol is -1"]);
    with(&["--n-lambda", "0"], &["--n-lambda is 0"]);
    with(&["--threads", "0"], &["--threads is 0"]);
    with(&["--repeats", "0"], &["--repeats is 0"]);
    with(&["--chunks", "0"], &["--chunks is 0"]);
    with(
        &["--solver", "lars"],
        &["no solver is called 'lars'", "coordinate-descent"],
    );
    with(&["--solver", "ridge-closed-form"], &["alpha = 0"]);
    with(&["--rows", "a"], &["COL=VALUE"]);
    with(&["--out", "good.csv/below"], &["--out", "writable"]);
    is_refused(dir.path(), &["fit"], &["--data"]);
    is_refused(dir.path(), &["fit", "--data", &data], &["--response"]);
    is_refused(dir.path(), &["fit", "--dataset", "prostat"], &["prostate"]);
    is_refused(
        dir.path(),
        &["bench", "path"],
        &["no experiment is called 'path'", "zero-counts"],
    );
    is_refused(
        dir.path(),
        &["bench", "--repeats", "0"],
        &["--repeats is 0"],
    );
    is_refused(
        dir.path(),
        &["bench", "--out", "good.csv"],
        &["good.csv", "--out"],
    );
    is_refused(
        dir.path(),
        &["plot", "--runs", "nowhere"],
        &["no run under nowhere", "bench"],
    );
    is_refused(dir.path(), &["plot", "pie"], &["no figure is called 'pie'"]);
}

#[test]
fn bad_restrictions() {
    let dir = tempdir().expect("a temporary folder");
    let data = file(dir.path(), "good.csv", GOOD);
    let with = |options: &[&'static str], parts: &[&str]| {
        let mut arguments = vec!["fit", "--data", &data, "--response", "y"];
        arguments.extend(options);
        is_refused(dir.path(), &arguments, parts);
    };
    with(&["--exclude", "A"], &["--exclude", "did you mean \"a\""]);
    with(
        &["--penalty-factor", "c=1"],
        &["--penalty-factor", "no feature \"c\"", "\"a\", \"b\""],
    );
    with(
        &["--penalty-factor", "a=-1"],
        &["--penalty-factor a=-1", "expected 0 or more"],
    );
    with(&["--penalty-factor", "a=nan"], &["a=nan"]);
    with(&["--penalty-factor", "a"], &["neither a number nor"]);
    with(
        &["--exclude", "a", "--penalty-factor", "b=inf"],
        &["every feature is excluded"],
    );
    with(&["--lower", "0", "--upper", "0"], &["every feature"]);
    with(&["--lower", "0.5"], &["--lower 0.5", "must include 0"]);
    with(&["--upper", "b=-2"], &["--upper b=-2", "must include 0"]);
    with(&["--upper", "b=2", "--upper", "b=3"], &["named twice"]);
    with(&["--nonnegative", "--lower", "-1"], &["--nonnegative"]);
    with(&["--max-nonzeros", "0"], &["--max-nonzeros is 0"]);
    with(
        &["--penalty", "enet", "--alpha", "0.1,0.2"],
        &["--alpha has 2 values", "regpath cv"],
    );
    with(
        &["--weights", "w"],
        &["good.csv", "line 1", "no column \"w\""],
    );
    with(&["--weights", "y"], &["the weights and the response"]);
    is_refused(
        dir.path(),
        &["fit", "--dataset", "prostate", "--weights", "w"],
        &["--weights", "--dataset prostate"],
    );
}

#[test]
fn bad_data() {
    let dir = tempdir().expect("a temporary folder");
    let with = |text: &str, parts: &[&str]| {
        let data = file(dir.path(), "bad.csv", text);
        is_refused(
            dir.path(),
            &["fit", "--data", &data, "--response", "y"],
            &[&["bad.csv"], parts].concat(),
        );
    };
    with("", &["empty"]);
    with("a,y\n", &[]);
    with("a,y\n1,2\n", &["2"]);
    with("a,y\n1,2\n3,x\n", &["3", "\"y\"", "x"]);
    with("a,y\n1,2\nnan,3\n4,5\n", &["3", "\"a\""]);
    with("a,y\n1,2\n,3\n4,5\n", &["3", "\"a\""]);
    with("a,y\n1,2\n3,4,5\n", &["3"]);
    with("a,a,y\n1,2,3\n3,4,5\n", &["a"]);
    with("a,y\n1,5\n2,5\n3,5\n", &["'y' is 5 in every row"]);
    with("a,y\n1,5\n2,1e200\n3,5\n", &["3", "1e200"]);
    let data = file(dir.path(), "good.csv", GOOD);
    is_refused(
        dir.path(),
        &["fit", "--data", &data, "--response", "z"],
        &["good.csv", "z"],
    );
    is_refused(
        dir.path(),
        &["fit", "--data", "absent.csv", "--response", "y"],
        &["absent.csv"],
    );
    is_refused(
        dir.path(),
        &[
            "fit",
            "--svm",
            &file(dir.path(), "zero.svm", "1 0:2\n2 1:3\n"),
        ],
        &["zero.svm", "0"],
    );
    is_refused(
        dir.path(),
        &[
            "fit",
            "--svm",
            &file(dir.path(), "order.svm", "1 2:2 1:3\n2 1:3\n"),
        ],
        &["order.svm"],
    );
    is_refused(
        dir.path(),
        &["fit", "--x", &data, "--y", &data],
        &["good.csv"],
    );
}

#[test]
fn a_bad_cell_at_the_end_leaves_an_older_result_alone() {
    let dir = tempdir().expect("a temporary folder");
    let prostate = embedded("prostate.csv");
    common::succeeds(
        dir.path(),
        &["fit", "--data", &prostate, "--response", "lpsa", "-q"],
    );
    let before = std::fs::read(dir.path().join("regpath-fit/coefs.parquet")).expect("a result");
    let mut text = std::fs::read_to_string(&prostate).expect("embedded data");
    text.push_str("1,2,3,4,5,6,7,8,oops,9\n");
    let data = file(dir.path(), "late.csv", &text);
    is_refused(
        dir.path(),
        &["fit", "--data", &data, "--response", "lpsa"],
        &["late.csv", "99", "\"train\"", "oops"],
    );
    assert_eq!(
        std::fs::read(dir.path().join("regpath-fit/coefs.parquet")).expect("a result"),
        before
    );
}
