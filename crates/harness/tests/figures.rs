//! Published figures from the command line and as a whole: every number has its verdict, and a changed one is named.

mod common;

use std::path::{Path, PathBuf};

use common::{is_refused, regpath, stderr, succeeds};
use regpath_harness::claim::Rows;
use regpath_harness::published::{NUMBER, REPRODUCTIONS, Reference, Scale};
use serde_json::Value;

fn results() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../results")
}

fn references() -> PathBuf {
    results().join("published")
}

/// Arguments that keep frames, pictures and tables in the current directory.
fn within<'a>(figures: &[&'a str], published: &'a str) -> Vec<&'a str> {
    let options = ["--runs", "runs", "--out", "out", "--published", published];
    [&["figures"], figures, &options, &["--quiet"]].concat()
}

#[test]
fn every_reproduction_is_described_and_has_its_numbers() {
    for (i, one) in REPRODUCTIONS.iter().enumerate() {
        let id = one.id();
        let before = &REPRODUCTIONS[..i];
        assert!(before.iter().all(|other| other.id() != id), "{id} twice");
        let tame = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-.".contains(c);
        assert!(id.chars().all(tame), "{id} is a file name");
        for text in [one.title(), one.shows()] {
            assert!(!text.is_empty() && !text.ends_with('.'), "{id}: {text}");
        }
        assert!(one.settings().ends_with('.'), "{id}: {}", one.settings());
        for deviation in one.deviations() {
            assert!(deviation.ends_with('.'), "{id}: {deviation}");
        }
        let reference = Reference::read(&references(), id).expect("numbers that can be read");
        assert!(reference.source.contains('('), "{id} has no source");
        assert!(!reference.numbers.is_empty(), "{id} has no number");
        // Without rows nothing breaks.
        for chart in one.charts(&Rows::default()) {
            assert!(chart.stem.starts_with(id), "{id} draws {}", chart.stem);
        }
    }
    for file in std::fs::read_dir(references()).expect("published numbers") {
        let name = file.expect("an entry").file_name();
        let name = name.to_string_lossy();
        let id = name.strip_suffix(".toml").expect("a file of numbers");
        assert!(
            REPRODUCTIONS.iter().any(|r| r.id() == id),
            "nothing reproduces {id}"
        );
    }
}

#[test]
fn every_hard_number_that_no_clock_measures_is_met() {
    let dir = tempfile::tempdir().expect("a folder");
    let untimed = REPRODUCTIONS
        .iter()
        .filter(|r| r.race(Scale::Laptop).is_none());
    let ids: Vec<&str> = untimed.map(|r| r.id()).collect();
    assert!(ids.len() >= 13);
    let published = references();
    let published = published.to_str().expect("a plain path");
    let mut arguments = within(&ids, published);
    arguments.push("--json");
    let found: Value = serde_json::from_str(&succeeds(dir.path(), &arguments)).expect("JSON");
    let figures = found["figures"].as_array().expect("figures");
    assert_eq!(figures.len(), ids.len());
    for figure in figures {
        let id = figure["figure"].as_str().expect("an id");
        assert_eq!(figure["failure"], Value::Null, "{id}");
        let numbers = figure["numbers"].as_array().expect("numbers");
        assert!(!numbers.is_empty(), "{id}");
        for number in numbers {
            // A reproduction knows every number of its file, met or not.
            assert_ne!(number["verdict"], "absent", "{id}: {number}");
            let met = number["verdict"] == "met";
            assert!(met || number["hard"] == false, "{id}: {number}");
        }
        if id != "esl-t3.3" {
            assert!(
                dir.path().join(format!("out/figures/{id}.svg")).is_file(),
                "{id}"
            );
            assert!(
                dir.path().join(format!("out/figures/{id}.png")).is_file(),
                "{id}"
            );
        }
    }
    // Some of many do not replace the table of all.
    assert!(dir.path().join("out/tables/published-part.csv").is_file());
    assert!(!dir.path().join("out/tables/published.csv").exists());
}

#[test]
fn every_number_of_a_race_is_known_to_its_figure() {
    for one in REPRODUCTIONS {
        if one.race(Scale::Laptop).is_none() {
            continue;
        }
        // A race that nobody ran: its numbers are NaN, but they are there.
        let mut rows = Rows::of(None);
        one.measure(Scale::Laptop, &mut rows).expect("rows alone");
        let named: Vec<&str> = (rows.as_slice().iter())
            .filter(|r| r.quantity == NUMBER)
            .map(|r| r.series.as_str())
            .collect();
        let reference = Reference::read(&references(), one.id()).expect("numbers");
        for number in reference.numbers.iter().filter(|n| !n.told) {
            let known = named.contains(&number.name.as_str());
            assert!(known, "{}: {}", one.id(), number.name);
        }
        for name in named {
            let told = reference.numbers.iter().any(|n| n.name == name);
            assert!(told, "{}: {name}", one.id());
        }
    }
}

#[test]
fn what_was_recorded_is_judged_again_without_measuring() {
    let dir = tempfile::tempdir().expect("a folder");
    let published = references();
    let once = within(&["esl-3.11"], published.to_str().expect("a plain path"));
    let again = [once.as_slice(), &["--again"]].concat();
    is_refused(dir.path(), &again, &["esl-3.11", "nothing is recorded"]);
    succeeds(dir.path(), &once);
    let table = dir.path().join("out/tables/published-part.csv");
    let frame = dir.path().join("runs/esl-3.11.parquet");
    let read = |path: &Path| std::fs::read(path).expect("a file");
    let before = (read(&table), read(&frame));
    std::fs::remove_dir_all(dir.path().join("out")).expect("what was drawn");
    succeeds(dir.path(), &again);
    assert_eq!((read(&table), read(&frame)), before);
    let slides = [again.as_slice(), &["--theme", "slides"]].concat();
    succeeds(dir.path(), &slides);
    assert!(dir.path().join("out/figures/esl-3.11-slide.svg").is_file());
}

#[test]
fn a_number_that_was_changed_is_missed_by_name() {
    let dir = tempfile::tempdir().expect("a folder");
    let text = std::fs::read_to_string(references().join("esl-3.11.toml")).expect("numbers");
    let reference = Reference::read(&references(), "esl-3.11").expect("numbers that can be read");
    let hard = |n: &&regpath_harness::published::Number| n.hard && n.published.is_some();
    let number = reference.numbers.iter().find(hard).expect("a hard number");
    let at = text.find(&number.name).expect("its name");
    let (head, tail) = text.split_at(at);
    let start = tail.find("published = ").expect("its number");
    let end = start + tail[start..].find('\n').expect("its line");
    let wrong = number.published.unwrap_or_default() + 1.0;
    let changed = format!(
        "{head}{}published = {wrong:?}{}",
        &tail[..start],
        &tail[end..]
    );
    std::fs::create_dir(dir.path().join("published")).expect("a folder");
    std::fs::write(dir.path().join("published/esl-3.11.toml"), changed).expect("numbers");
    let output = regpath(dir.path(), &within(&["esl-3.11"], "published"));
    assert_eq!(output.status.code(), Some(4), "{}", stderr(&output));
    let told = stderr(&output);
    assert!(
        told.contains("esl-3.11") && told.contains(&number.name),
        "{told}"
    );
    assert_eq!(
        told.lines().filter(|l| l.contains("expected")).count(),
        1,
        "{told}"
    );
}

/// Cells of a line of CSV, some of them in quotes.
fn cells(line: &str) -> Vec<String> {
    let mut cells = vec![String::new()];
    let mut quoted = false;
    for c in line.chars() {
        match (c, quoted) {
            ('"', _) => quoted = !quoted,
            (',', false) => cells.push(String::new()),
            _ => cells.last_mut().expect("one at least").push(c),
        }
    }
    cells
}

#[test]
fn the_published_table_has_every_number_and_the_readme_its_counts() {
    let read = |path: PathBuf| std::fs::read_to_string(path).expect("a published file");
    let table = read(results().join("tables/published.csv"));
    let rows: Vec<Vec<String>> = table.lines().skip(1).map(cells).collect();
    let mut all = 0;
    for one in REPRODUCTIONS {
        let reference = Reference::read(&references(), one.id()).expect("numbers");
        for number in &reference.numbers {
            all += 1;
            let same = |r: &&Vec<String>| r[0] == one.id() && r[1] == number.name;
            let row = rows.iter().find(same);
            let row = row.unwrap_or_else(|| panic!("{}: {} is missing", one.id(), number.name));
            assert_eq!(row[9], number.hard.to_string(), "{row:?}");
        }
    }
    assert_eq!(rows.len(), all);
    let missed = |r: &&Vec<String>| r[9] == "true" && r[10] != "met";
    let missed: Vec<&Vec<String>> = rows.iter().filter(missed).collect();
    assert!(missed.is_empty(), "published although missed: {missed:?}");
    let count = |verdict: &str| rows.iter().filter(|r| r[10] == verdict).count();
    let sentence = format!(
        "Of {all} numbers {} are met, {} missed, {} have none of ours beside them, and {} are told. Missed among the {} that must not be: 0.",
        count("met"),
        count("missed"),
        count("absent"),
        count("told"),
        rows.iter().filter(|r| r[9] == "true").count(),
    );
    let readme = read(results().join("../README.md")).replace('\n', " ");
    assert!(readme.contains(&sentence), "README lacks: {sentence}");
    let gallery = read(results().join("figures/README.md"));
    for one in REPRODUCTIONS {
        assert!(gallery.contains(one.title()), "{}", one.id());
    }
}

#[test]
fn the_list_names_every_figure() {
    let dir = tempfile::tempdir().expect("a folder");
    let told = succeeds(dir.path(), &["figures", "--list"]);
    for one in REPRODUCTIONS {
        assert!(
            told.contains(one.id()) && told.contains(one.title()),
            "{}",
            one.id()
        );
    }
}

#[test]
fn slips_are_refused_before_anything_is_measured() {
    let dir = tempfile::tempdir().expect("a folder");
    let at = dir.path();
    is_refused(at, &["figures", "esl-3.9"], &["esl-3.9", "esl-3.8"]);
    is_refused(
        at,
        &["figures", "esl-3.8", "esl-3.8"],
        &["esl-3.8", "twice"],
    );
    is_refused(at, &["figures"], &["--all"]);
    is_refused(
        at,
        &["figures", "esl-3.8", "--scale", "desk"],
        &["desk", "laptop"],
    );
    is_refused(
        at,
        &within(&["esl-3.8"], "nowhere"),
        &["nowhere", "esl-3.8.toml"],
    );
    std::fs::create_dir(at.join("published")).expect("a folder");
    let broken = "source = \"x (2000)\"\n[[number]]\nname = \"a\"\npublished = many\n";
    std::fs::write(at.join("published/esl-3.8.toml"), broken).expect("numbers");
    is_refused(
        at,
        &within(&["esl-3.8"], "published"),
        &["esl-3.8.toml", "line 4"],
    );
}
