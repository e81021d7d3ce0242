//! `regpath bench peers` and `regpath peers`: good, bad and missing peers, played by shell scripts that speak the protocol.

mod common;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use common::{files, is_refused, regpath, stderr, stdout, succeeds};
use serde_json::Value;
use tempfile::{TempDir, tempdir};

/// Reads requests and answers `load`; `path` is what it does on a path request, with the fields `count` and `out`.
fn driver(path: &str) -> String {
    format!(
        r#"#!/bin/sh
printf '{{"ready": 1, "version": "0.0"}}\n'
tab="$(printf '\t')"
while IFS="$tab" read -r verb a b lambda count out; do
    case "$verb" in
    load) printf '{{"loaded": true}}\n' ;;
    path) {path} ;;
    esac
done
"#
    )
}

/// A peer that answers at once that everything is zero.
const ZEROS: &str = r#"head -c $((4 * count)) /dev/zero > "$out"
    printf '{"seconds": 1e-6, "cpu_seconds": 0, "stopping": null, "reached": %d}\n' "$count""#;

/// A folder with a list of these peers: (id, script).
fn peers(scripts: &[(&str, String)]) -> TempDir {
    let dir = tempdir().expect("a temporary folder");
    let mut list = String::from("[peer]\n");
    for (id, script) in scripts {
        let file = dir.path().join(format!("{id}.sh"));
        fs::write(&file, script).expect("a script");
        fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).expect("permissions");
        list += &format!(
            "{id} = {{ adapter = \"{id}.sh\", summary = \"a script\", tolerances = [1e-2, 1e-4] }}\n"
        );
    }
    fs::write(dir.path().join("more.toml"), list).expect("a list");
    dir
}

const QUICK: [&str; 17] = [
    "bench",
    "peers",
    "--peers",
    "more.toml",
    "--problems",
    "diabetes-64",
    "--eps",
    "1e-6",
    "--repeats",
    "1",
    "--timeout",
    "1",
    "--warm-up",
    "1",
    "--out",
    "runs",
    "--json",
];

/// The cells of a comparison between the suite and these peers.
fn compare(dir: &Path, ids: &[&str]) -> Vec<Value> {
    let contestants = format!("coordinate-descent,{}", ids.join(","));
    let arguments = [&QUICK[..], &["--contestants", &contestants]].concat();
    let json: Value = serde_json::from_str(&succeeds(dir, &arguments)).expect("JSON");
    json["cells"].as_array().expect("cells").clone()
}

fn cell<'a>(cells: &'a [Value], id: &str) -> (&'a str, &'a str) {
    let cell = cells
        .iter()
        .find(|c| c["contestant"] == id)
        .unwrap_or_else(|| panic!("no row of {id}"));
    (
        cell["status"].as_str().expect("a status"),
        cell["reason"].as_str().unwrap_or(""),
    )
}

fn alive(process: &str) -> bool {
    let status = fs::read_to_string(format!("/proc/{}/status", process.trim())).unwrap_or_default();
    // A zombie that nobody has reaped yet computes nothing.
    !status.is_empty() && !status.contains("State:\tZ")
}

/// Waits for the processes whose numbers stand in `file` to be gone.
fn all_gone(file: &Path) {
    let numbers = fs::read_to_string(file).expect("process numbers");
    assert!(!numbers.trim().is_empty());
    let started = Instant::now();
    while numbers.lines().any(alive) {
        assert!(
            started.elapsed() < Duration::from_secs(5),
            "alive: {numbers}"
        );
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn every_way_to_misbehave_is_a_row_with_its_reason_and_no_process_is_left() {
    // The hanging one starts a process of its own, which must go with it.
    let hang = r#"sleep 600 & printf '%d\n%d\n' "$$" "$!" >> "${0%/*}/processes"; wait"#;
    let claim = |seconds: &str, reached: &str| {
        format!(
            r#"head -c $((4 * count)) /dev/zero > "$out"; printf '{{"seconds": {seconds}, "cpu_seconds": 0, "reached": %d}}\n' {reached}"#
        )
    };
    let scripts = [
        ("hang", driver(hang), "timed_out", "warm-up"),
        (
            "garbage",
            driver("echo 'iteration 1: objective 3.5'"),
            "failed",
            "no answer: 'iteration 1: objective 3.5'",
        ),
        (
            "flood",
            driver("head -c 1000000 /dev/zero | tr '\\0' x"),
            "failed",
            "without the end of a line",
        ),
        (
            "wrong",
            driver(ZEROS),
            "uncertified",
            "no tolerance reaches it",
        ),
        (
            "dies",
            driver("echo 'segmentation fault in column 7' >&2; exit 3"),
            "failed",
            "segmentation fault in column 7",
        ),
        (
            "refuses",
            driver(r#"printf '{"error": "it has no lasso"}\n'"#),
            "failed",
            "it has no lasso",
        ),
        (
            "boasts",
            driver(&claim("1e9", "\"$count\"")),
            "failed",
            "from outside",
        ),
        (
            "negative",
            driver(&claim("-1", "\"$count\"")),
            "failed",
            "claims -1 seconds",
        ),
        (
            "no-file",
            driver(r#"printf '{"seconds": 1e-6, "cpu_seconds": 0, "reached": %d}\n' "$count""#),
            "failed",
            "coefficient file",
        ),
        ("half", driver(&claim("1e-6", "3")), "failed", "bytes"),
        ("no-start", "#!/bin/sh\nexit 1\n".into(), "failed", "died"),
        (
            "other-protocol",
            "#!/bin/sh\nprintf '{\"ready\": 2, \"version\": \"9\"}\\n'; cat\n".into(),
            "failed",
            "version 2",
        ),
    ];
    let listed: Vec<(&str, String)> = scripts
        .iter()
        .map(|(id, script, ..)| (*id, script.clone()))
        .collect();
    let dir = peers(&listed);
    let ids: Vec<&str> = scripts.iter().map(|s| s.0).collect();
    let cells = compare(dir.path(), &ids);
    assert_eq!(cell(&cells, "coordinate-descent").0, "certified");
    for (id, _, status, reason) in &scripts {
        let found = cell(&cells, id);
        assert_eq!(found.0, *status, "{id}: {found:?}");
        assert!(found.1.contains(reason), "{id}: {found:?}");
    }
    all_gone(&dir.path().join("processes"));
}

#[test]
fn a_path_that_outlasts_the_limit_is_killed_and_so_is_what_it_started() {
    // Quick while it is warmed up with three lambdas, then not.
    let script = format!(
        r#"if [ "$count" -gt 3 ]; then sleep 600 & printf '%d\n%d\n' "$$" "$!" >> "${{0%/*}}/processes"; wait; else {ZEROS}; fi"#
    );
    let dir = peers(&[("slow", driver(&script))]);
    let cells = compare(dir.path(), &["slow"]);
    let (status, reason) = cell(&cells, "slow");
    assert_eq!(status, "timed_out");
    assert!(reason.contains("0 of 100 lambdas"), "{reason}");
    all_gone(&dir.path().join("processes"));
}

#[test]
fn a_peer_that_ends_its_path_early_is_not_certified() {
    let script = r#"head -c 12 /dev/zero > "$out"
    printf '{"seconds": 1e-6, "cpu_seconds": 0, "stopping": 0.5, "reached": 3}\n'"#;
    let dir = peers(&[("early", driver(script))]);
    let cells = compare(dir.path(), &["early"]);
    let (status, reason) = cell(&cells, "early");
    assert_eq!(status, "uncertified");
    assert!(reason.contains("3 of 100 lambdas"), "{reason}");
}

#[test]
fn interrupting_leaves_no_process_and_the_record_can_be_resumed() {
    let hang = format!(
        r#"if [ -e "${{0%/*}}/awake" ]; then {ZEROS}; else printf '%d\n' "$$" >> "${{0%/*}}/processes"; sleep 600; fi"#
    );
    let dir = peers(&[("hang", driver(&hang))]);
    let mut arguments = QUICK.to_vec();
    arguments[11] = "500";
    arguments[13] = "500";
    arguments.extend(["--contestants", "coordinate-descent,hang"]);
    let mut child = Command::new(env!("CARGO_BIN_EXE_regpath"))
        .args(&arguments)
        .current_dir(dir.path())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the program can be started");
    let marker = dir.path().join("processes");
    let started = Instant::now();
    while !marker.exists() {
        assert!(
            started.elapsed() < Duration::from_secs(60),
            "the peer was not asked"
        );
        std::thread::sleep(Duration::from_millis(20));
    }
    let kill = Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status()
        .expect("kill");
    assert!(kill.success());
    assert_eq!(child.wait().expect("it ends").code(), Some(130));
    all_gone(&marker);
    // The same plan goes on in the same folder.
    arguments.push("--resume");
    fs::write(dir.path().join("awake"), "").expect("a marker");
    succeeds(dir.path(), &arguments);
    assert_eq!(
        fs::read_dir(dir.path().join("runs")).expect("runs").count(),
        1
    );
}

#[test]
fn a_toy_peer_is_one_file_and_one_line() {
    let dir = peers(&[("toy", driver(ZEROS))]);
    let text = succeeds(dir.path(), &["peers", "list", "--peers", "more.toml"]);
    assert!(text.contains("toy"), "{text}");
    let cells = compare(dir.path(), &["toy"]);
    assert_eq!(cells.len(), 2);
    let run = fs::read_dir(dir.path().join("runs"))
        .expect("runs")
        .flatten()
        .next()
        .expect("a run")
        .path();
    let table = || fs::read_to_string(run.join("tables/peers.csv")).expect("a table");
    let first = table();
    fs::remove_dir_all(run.join("tables")).expect("a folder");
    let name = run
        .file_name()
        .expect("a name")
        .to_string_lossy()
        .into_owned();
    succeeds(
        dir.path(),
        &[
            "bench", "peers", "--eps", "1e-6", "--out", "runs", "--again", &name,
        ],
    );
    assert_eq!(table(), first, "made again, the table is another");
    let produced = files(dir.path());
    for wanted in ["peers.md", "peers.csv", "ladder.parquet", "rungs.parquet"] {
        assert!(
            produced
                .iter()
                .any(|f| f.to_string_lossy().ends_with(wanted)),
            "no {wanted}"
        );
    }
}

#[test]
fn without_python_and_r_the_same_command_runs_with_reasons_in_place_of_times() {
    let dir = tempdir().expect("a temporary folder");
    let arguments = [
        "bench",
        "peers",
        "--scale",
        "smoke",
        "--problems",
        "diabetes-64",
        "--contestants",
        "coordinate-descent,glmnet",
        "--out",
        "runs",
        "--json",
    ];
    let output = Command::new(env!("CARGO_BIN_EXE_regpath"))
        .args(arguments)
        .env("PATH", dir.path())
        .current_dir(dir.path())
        .output()
        .expect("the program can be started");
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let json: Value = serde_json::from_str(&stdout(&output)).expect("JSON");
    let cells = json["cells"].as_array().expect("cells");
    let (status, reason) = cell(cells, "glmnet");
    assert_eq!(status, "skipped");
    assert!(reason.contains("apt-get install"), "{reason}");
}

#[test]
fn what_cannot_be_meant_is_refused() {
    let dir = peers(&[("toy", driver(ZEROS))]);
    let here = dir.path();
    let bench = |more: &[&'static str]| [&["bench", "peers"], more].concat();
    is_refused(
        here,
        &bench(&["--problems", "nci"]),
        &["no problem is called 'nci'", "nci60"],
    );
    is_refused(
        here,
        &bench(&["--contestants", "lars"]),
        &["no solver is called 'lars'", "linfa-elasticnet"],
    );
    is_refused(
        here,
        &bench(&["--problems", "nci60,nci60"]),
        &["names 'nci60' twice"],
    );
    is_refused(here, &bench(&["--eps", "0"]), &["--eps has 0"]);
    is_refused(here, &bench(&["--repeats", "0"]), &["--repeats is 0"]);
    is_refused(here, &bench(&["--timeout", "nan"]), &["--timeout is NaN"]);
    is_refused(
        here,
        &bench(&["--peers", "missing.toml"]),
        &["missing.toml"],
    );
    is_refused(
        here,
        &["peers", "install", "nothing"],
        &["no entry is called 'nothing'"],
    );
    for (text, parts) in [
        ("[peer]\nx = 3\n", vec!["bad.toml", "line 2"]),
        (
            "[peer]\nx = { adapter = \"none.py\", summary = \"\", tolerances = [1] }\n",
            vec!["bad.toml", "none.py"],
        ),
        (
            "[peer]\nx = { adapter = \"toy.sh\", summary = \"\", tolerances = [] }\n",
            vec!["peer 'x'", "at least one"],
        ),
        (
            "[peer]\nx = { adapter = \"toy.sh\", summary = \"\", tolerances = [1e-4, 1e-2] }\n",
            vec!["from loose to tight"],
        ),
        (
            "[peer]\n\"../x\" = { adapter = \"toy.sh\", summary = \"\", tolerances = [1] }\n",
            vec!["an id has letters"],
        ),
        (
            "[peer]\nglmnet = { adapter = \"toy.sh\", summary = \"\", tolerances = [1] }\n",
            vec!["'glmnet' is a contestant already"],
        ),
    ] {
        fs::write(here.join("bad.toml"), text).expect("a list");
        is_refused(here, &bench(&["--peers", "bad.toml"]), &parts);
    }
}

#[test]
fn an_installation_that_fails_does_not_stop_the_others() {
    let dir = tempdir().expect("a temporary folder");
    fs::write(dir.path().join("a.py"), "").expect("an adapter");
    fs::write(dir.path().join("b.sh"), "").expect("an adapter");
    let list = "[peer]\n\
        test-broken = { adapter = \"a.py\", summary = \"\", tolerances = [1], requires = [\"regpath-no-such-package==9\"] }\n\
        test-fine = { adapter = \"b.sh\", summary = \"\", tolerances = [1] }\n";
    fs::write(dir.path().join("more.toml"), list).expect("a list");
    // Neither Python nor a registry is needed to fail.
    let output = Command::new(env!("CARGO_BIN_EXE_regpath"))
        .args(["peers", "install", "--peers", "more.toml"])
        .env("PATH", "")
        .current_dir(dir.path())
        .output()
        .expect("the program can be started");
    let said = stderr(&output);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(
        said.contains("test-broken: FAILED") && said.contains("python3"),
        "{said}"
    );
    assert!(
        said.contains("[2/2] test-fine: a program of its own"),
        "{said}"
    );
    let listed = regpath(dir.path(), &["peers", "list", "--peers", "more.toml"]);
    assert!(
        stdout(&listed).contains("test-broken  missing"),
        "{}",
        stdout(&listed)
    );
}
