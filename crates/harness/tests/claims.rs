//! Claims from the command line and as a whole: what they say, that verdicts follow from bounds and not from seeds, and that nothing
//! depends on threads.

mod common;

use std::collections::HashMap;
use std::path::Path;
use std::sync::Mutex;

use common::{files, is_refused, read_csv, regpath, stderr, stdout, succeeds};
use regpath_harness::claim::{Bound, CLAIMS, Check, Claim, Decision, Rows, Ruling, Verdict};
use regpath_harness::claim_trials::{Findings, Settings, measure};

/// Claims that are measured in moments.
const QUICK: [&str; 4] = ["shrinkage", "decay", "uniqueness", "priors"];

fn find(id: &str) -> &'static dyn Claim {
    let found = CLAIMS.iter().find(|c| c.id() == id);
    *found.unwrap_or_else(|| panic!("no claim {id}"))
}

fn findings(claims: &[&'static dyn Claim], seed: u64) -> HashMap<String, Findings> {
    let found = Mutex::new(HashMap::new());
    let settings = Settings { seed, trials: None };
    let keep = |id: &str, rows| {
        let mut found = found.lock().expect("no thread panicked");
        found.insert(id.to_owned(), Findings::of(rows));
        Ok(())
    };
    measure(claims, settings, &|_| {}, &keep).expect("nothing is written");
    found.into_inner().expect("no thread panicked")
}

#[test]
fn every_claim_is_described_and_none_rests_on_one_seed() {
    for (i, claim) in CLAIMS.iter().enumerate() {
        let id = claim.id();
        assert!(
            CLAIMS[..i].iter().all(|other| other.id() != id),
            "{id} twice"
        );
        let tame = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        assert!(id.chars().all(tame), "{id} is a file name");
        for text in [claim.claim(), claim.experiment()] {
            assert!(!text.is_empty() && !text.ends_with('.'), "{id}: {text}");
        }
        assert!(!claim.sources().is_empty(), "{id} has no source");
        assert!(
            claim
                .sources()
                .iter()
                .all(|s| s.contains('(') && s.contains(')'))
        );
        let trials = claim.trials();
        // A clock is read as often as time allows.
        let least = if claim.timed() { 5 } else { 20 };
        assert!(trials == 0 || trials >= least, "{id}: {trials} trials");
        // Without rows nothing is decided and nothing breaks.
        assert_ne!(
            claim.judge(&Rows::default()).verdict(),
            Verdict::Confirmed,
            "{id}"
        );
        claim.charts(&Rows::default());
    }
}

/// The check with its bound moved to the other side of the interval.
fn moved(check: &Check) -> Check {
    let (low, high) = (check.interval.low, check.interval.high);
    let beyond = 1.0 + low.abs() + high.abs();
    let holds = check.decide() == Decision::Holds;
    let bound = match (check.bound, holds) {
        (Bound::Below(_), true) => Bound::Below(low - beyond),
        (Bound::Below(_), false) => Bound::Below(high + beyond),
        (Bound::Above(_), true) => Bound::Above(high + beyond),
        (Bound::Above(_), false) => Bound::Above(low - beyond),
        (Bound::Within(..), true) => Bound::Within(high + beyond, high + 2.0 * beyond),
        (Bound::Within(..), false) => Bound::Within(low - beyond, high + beyond),
        (Bound::Told, _) => Bound::Told,
    };
    Check {
        bound,
        ..check.clone()
    }
}

#[test]
fn another_seed_gives_the_published_verdict_and_another_bound_another_one() {
    let untimed: Vec<&'static dyn Claim> =
        (CLAIMS.iter().copied()).filter(|c| !c.timed()).collect();
    let found = findings(&untimed, 1);
    let published = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../results/tables/claims.csv");
    let text = std::fs::read_to_string(&published).expect("the published table");
    for claim in untimed {
        let id = claim.id();
        let (ruling, verdict) = found[id].judge(claim);
        assert_eq!(found[id].failures, Vec::<String>::new(), "{id}");
        let line = text.lines().find(|l| l.starts_with(&format!("{id},")));
        let line = line.unwrap_or_else(|| panic!("{id} has no published verdict"));
        assert!(
            line.starts_with(&format!("{id},{},", quoted(&verdict.text()))),
            "{id} is {} here, and published is {line}",
            verdict.text()
        );
        assert_ne!(verdict, Verdict::Undecided, "{id}");
        let failing = |c: &Check| c.decide() == Decision::Fails;
        let failures = ruling.checks.iter().filter(|c| failing(c)).count();
        for (i, check) in ruling.checks.iter().enumerate() {
            if check.bound == Bound::Told {
                continue;
            }
            let mut checks = ruling.checks.clone();
            checks[i] = moved(check);
            assert_ne!(checks[i].decide(), check.decide(), "{id}: {}", check.metric);
            let sentence = String::new();
            let flips = Ruling { checks, sentence }.verdict() != verdict;
            // What is refuted stays so until its last failure is gone, whatever else its checks say.
            let matters = match verdict {
                Verdict::Refuted => failures == 1 && failing(check),
                _ => true,
            };
            assert_eq!(flips, matters, "{id}: {}", check.metric);
        }
    }
}

/// The README counts verdicts as the table does.
#[test]
fn the_readme_counts_as_the_table_does() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let read = |file: &str| std::fs::read_to_string(root.join(file)).expect("a published file");
    let table = read("results/tables/claims.csv");
    let count = |verdict: &str| {
        let of = |id: &str| format!("{id},{verdict}");
        let is = |c: &&&dyn Claim| {
            table.lines().any(|l| {
                l.starts_with(&of(c.id())) || l.starts_with(&format!("{},\"{verdict}", c.id()))
            })
        };
        CLAIMS.iter().filter(is).count()
    };
    let said = format!(
        "Of {} things that people say about the two, {} were confirmed, {} refuted, and {} hold under a condition",
        CLAIMS.len(),
        count("confirmed"),
        count("refuted"),
        count("holds only if"),
    );
    let readme = read("README.md").replace('\n', " ");
    assert!(readme.contains(&said), "the README does not say: {said}");
}

/// A text in a cell of a CSV file.
fn quoted(text: &str) -> String {
    match text.contains(',') {
        true => format!("\"{text}\""),
        false => text.to_owned(),
    }
}

#[test]
fn quick_claims_end_in_tables_frames_and_pictures_whatever_the_threads() {
    let dir = tempfile::tempdir().expect("a folder");
    let run = |out: &str, threads: &str| {
        let fixed = ["bench", "claims", "--out", out, "--threads", threads];
        let arguments: Vec<&str> = fixed.iter().copied().chain(QUICK).collect();
        succeeds(dir.path(), &arguments)
    };
    let shown = run("one", "1");
    run("two", "2");
    for id in QUICK {
        assert!(shown.contains(id) && shown.contains(find(id).claim()));
        for file in [format!("{id}.parquet"), format!("figures/{id}.svg")] {
            let bytes =
                |out: &str| std::fs::read(dir.path().join(out).join(&file)).expect("a file");
            assert!(!bytes("one").is_empty());
            assert_eq!(bytes("one"), bytes("two"), "{file} depends on threads");
        }
        assert!(dir.path().join(format!("one/figures/{id}.png")).exists());
    }
    let (header, rows) = read_csv(&dir.path().join("one/claims.csv"));
    assert_eq!(header[0], "claim");
    assert!(QUICK.iter().all(|id| rows.iter().any(|row| row[0] == *id)));
    let table = std::fs::read_to_string(dir.path().join("one/claims.md")).expect("a table");
    assert!(
        table.contains("(figures/shrinkage.svg)") && table.contains("## Experiments and sources")
    );

    // Pictures are drawn again from the frames alone.
    let picture = dir.path().join("one/figures/decay.svg");
    let before = std::fs::read(&picture).expect("a picture");
    std::fs::remove_dir_all(dir.path().join("one/figures")).expect("a folder");
    succeeds(dir.path(), &["plot", "--claims", "one"]);
    assert_eq!(std::fs::read(&picture).expect("a picture"), before);
}

#[test]
fn what_is_mistyped_is_refused() {
    let dir = tempfile::tempdir().expect("a folder");
    let refused = |arguments: &[&str], parts: &[&str]| is_refused(dir.path(), arguments, parts);
    refused(
        &["bench", "claims", "shrinkege"],
        &["did you mean \"shrinkage\""],
    );
    refused(
        &["bench", "claims", "decay", "decay"],
        &["'decay' is named twice"],
    );
    refused(&["bench", "claims", "--trials", "0"], &["--trials is 0"]);
    refused(&["bench", "claims", "--threads", "0"], &["--threads is 0"]);
    refused(&["plot", "--claims", "nowhere"], &["no claims in nowhere"]);
    assert!(files(dir.path()).is_empty());
}

#[test]
fn trials_that_were_recorded_elsewhere_are_not_resumed() {
    let dir = tempfile::tempdir().expect("a folder");
    let run = [
        "bench",
        "claims",
        "shrinkage",
        "--out",
        "here",
        "--trials",
        "2",
    ];
    assert!(succeeds(dir.path(), &run).contains("shrinkage: undecided"));
    let other = ["bench", "claims", "shrinkage", "--out", "here", "--resume"];
    let output = regpath(dir.path(), &other);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert!(
        stderr(&output).contains("everything is measured"),
        "{}",
        stderr(&output)
    );
    assert!(stdout(&output).contains("shrinkage: confirmed"));
}
