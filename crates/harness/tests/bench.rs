//! `regpath bench`: every registry entry at smoke scale, resumed and interrupted runs, the plan as data.

mod common;

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use common::{files, succeeds};
use polars::prelude::*;
use regpath_harness::experiment::EXPERIMENTS;
use regpath_harness::figure::FIGURES;
use regpath_harness::record::store::read_frames;
use tempfile::tempdir;

/// The only run below `dir/runs`.
fn only_run(dir: &Path) -> PathBuf {
    let runs: Vec<PathBuf> = std::fs::read_dir(dir.join("runs"))
        .expect("a folder of runs")
        .flatten()
        .map(|e| e.path())
        .collect();
    assert_eq!(runs.len(), 1, "{runs:?}");
    runs[0].clone()
}

fn statuses(frame: &DataFrame) -> Vec<String> {
    let column = frame
        .column("status")
        .expect("the column")
        .str()
        .expect("text");
    column.iter().flatten().map(str::to_owned).collect()
}

#[test]
fn every_experiment_runs_at_smoke_scale_and_is_not_done_twice() {
    let dir = tempdir().expect("a temporary folder");
    let started = Instant::now();
    let mut arguments = vec!["bench", "--scale", "smoke", "--out", "runs"];
    arguments.extend(EXPERIMENTS.iter().map(|e| e.id()));
    let text = succeeds(dir.path(), &arguments);
    assert!(
        started.elapsed() < Duration::from_secs(60),
        "smoke took {:?}",
        started.elapsed()
    );
    assert!(text.contains("worst certified gap"), "{text}");
    let run = only_run(dir.path());
    let frames = read_frames(&run).expect("frames");
    for experiment in EXPERIMENTS {
        let rows = frames
            .runs
            .column("experiment")
            .expect("the column")
            .str()
            .expect("text");
        assert!(
            rows.iter().flatten().any(|e| e == experiment.id()),
            "no row of {}",
            experiment.id()
        );
    }
    let shown = |id: &str| EXPERIMENTS.iter().any(|e| e.figures().contains(&id));
    for figure in FIGURES.iter().filter(|f| shown(f.id())) {
        let drawn = |ending: &str| {
            files(&run.join("figures")).iter().any(|f| {
                let name = f
                    .file_name()
                    .expect("a name")
                    .to_string_lossy()
                    .into_owned();
                name.starts_with(figure.id()) && name.ends_with(ending)
            })
        };
        assert!(
            drawn(".svg") && drawn(".png"),
            "no picture of {}",
            figure.id()
        );
    }
    assert!(
        statuses(&frames.runs)
            .iter()
            .all(|s| s != "failed" && s != "uncertified")
    );
    // Converged rows keep the promise that the judge checked.
    let worst = frames.points.clone().lazy().join(
        frames
            .runs
            .clone()
            .lazy()
            .filter(col("status").eq(lit("converged"))),
        [col("run_id")],
        [col("run_id")],
        JoinArgs::new(JoinType::Inner),
    );
    let worst = worst
        .select([col("gap_rel").max()])
        .collect()
        .expect("a number");
    assert!(
        worst
            .column("gap_rel")
            .expect("the column")
            .f64()
            .expect("floats")
            .get(0)
            .expect("a value")
            <= 1e-6
    );

    let stamp = |path: &PathBuf| {
        std::fs::metadata(path)
            .and_then(|m| m.modified())
            .expect("a time")
    };
    let trials: Vec<_> = files(&run.join("trials")).iter().map(stamp).collect();
    arguments.push("--resume");
    succeeds(dir.path(), &arguments);
    assert_eq!(only_run(dir.path()), run);
    assert_eq!(
        files(&run.join("trials"))
            .iter()
            .map(stamp)
            .collect::<Vec<_>>(),
        trials
    );
}

#[test]
fn the_plan_is_data_that_another_process_can_run() {
    let dir = tempdir().expect("a temporary folder");
    let plan = succeeds(
        dir.path(),
        &["bench", "paths", "--scale", "smoke", "--dry-run", "--json"],
    );
    assert!(files(dir.path()).is_empty());
    common::file(dir.path(), "plan.json", &plan);
    succeeds(
        dir.path(),
        &["bench", "--plan", "plan.json", "--out", "runs", "-q"],
    );
    let frames = read_frames(&only_run(dir.path())).expect("frames");
    assert_eq!(frames.runs.height(), 6);
}

#[test]
fn throughput_rows_are_marked_as_contended() {
    let dir = tempdir().expect("a temporary folder");
    succeeds(
        dir.path(),
        &[
            "bench",
            "paths",
            "--scale",
            "smoke",
            "--mode",
            "throughput",
            "--threads",
            "2",
            "--out",
            "runs",
            "-q",
        ],
    );
    let frames = read_frames(&only_run(dir.path())).expect("frames");
    let contended = frames
        .runs
        .column("contended")
        .expect("the column")
        .bool()
        .expect("flags");
    assert!(frames.runs.height() > 0 && contended.all());
}

/// Starts the slow experiment and waits until its first trials are on disk.
fn start_and_wait(dir: &Path) -> std::process::Child {
    let child = Command::new(env!("CARGO_BIN_EXE_regpath"))
        .args(["bench", "runtime", "--out", "runs", "-q"])
        .current_dir(dir)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the program can be started");
    let started = Instant::now();
    let trials = || {
        dir.join("runs").exists()
            && files(dir)
                .iter()
                .filter(|f| f.ends_with("runs.parquet") && !f.to_string_lossy().contains("/.tmp-"))
                .count()
                > 2
    };
    while !trials() && started.elapsed() < Duration::from_secs(60) {
        std::thread::sleep(Duration::from_millis(10));
    }
    child
}

#[cfg(unix)]
fn signal(child: &std::process::Child, name: &str) {
    let status = Command::new("kill")
        .args([name, &child.id().to_string()])
        .status()
        .expect("kill exists");
    assert!(status.success());
}

#[cfg(unix)]
#[test]
fn an_interrupted_run_keeps_what_it_has_and_merges_it() {
    let dir = tempdir().expect("a temporary folder");
    let mut child = start_and_wait(dir.path());
    signal(&child, "-INT");
    assert_eq!(child.wait().expect("it ends").code(), Some(130));
    let run = only_run(dir.path());
    let frames = read_frames(&run).expect("frames");
    assert!(frames.runs.height() > 2);
    assert!(
        files(&run)
            .iter()
            .all(|f| !f.to_string_lossy().contains("/.tmp-"))
    );
}

#[cfg(unix)]
#[test]
fn a_killed_run_loses_the_trial_in_flight_only() {
    let dir = tempdir().expect("a temporary folder");
    let mut child = start_and_wait(dir.path());
    signal(&child, "-KILL");
    child.wait().expect("it ends");
    let run = only_run(dir.path());
    let whole: Vec<PathBuf> = std::fs::read_dir(run.join("trials"))
        .expect("trials")
        .flatten()
        .map(|e| e.path())
        .filter(|p| {
            !p.file_name()
                .expect("a name")
                .to_string_lossy()
                .starts_with('.')
        })
        .collect();
    assert!(whole.len() > 2);
    for trial in &whole {
        assert_eq!(
            read_frames(trial).expect("readable frames").runs.height(),
            1,
            "{}",
            trial.display()
        );
    }
}

#[test]
fn the_lists_name_every_entry() {
    let dir = tempdir().expect("a temporary folder");
    let text = succeeds(dir.path(), &["list"]);
    let json = succeeds(dir.path(), &["list", "--json"]);
    let ids = regpath_harness::contestant::CONTESTANTS
        .iter()
        .map(|c| c.id());
    let ids = ids.chain(regpath_harness::dataset::DATASETS.iter().map(|d| d.id()));
    let ids = ids
        .chain(EXPERIMENTS.iter().map(|e| e.id()))
        .chain(FIGURES.iter().map(|f| f.id()));
    for id in ids {
        assert!(text.contains(id) && json.contains(id), "{id} is not listed");
    }
    assert!(succeeds(dir.path(), &["info"]).contains("rustc"));
}
