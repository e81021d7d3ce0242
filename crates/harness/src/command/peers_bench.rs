//! `regpath bench peers`: other packages and the suite's solvers at equal certified accuracy.

use std::path::{Path, PathBuf};

use clap::ValueEnum;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::json;

use super::{
    INTERRUPTED, command_line, default_runs, note, peers_table, plot, say, usage, warn, within,
};
use crate::comparison::{self, Comparison};
use crate::contestant::{self, Contestant, peer};
use crate::experiment::Scale;
use crate::figure::{FIGURES, Figure};
use crate::ladder::{ENOUGH_SECONDS, EXPERIMENT, LEAST_REPEATS, Ladder, REFERENCE_SOLVER};
use crate::problem::{self, Problem};
use crate::record::machine::Machine;
use crate::record::schema::{LadderRow, PointRow, Row, RunRow};
use crate::record::store::{read_rows, write_csv, write_text};
use crate::record::{Plan, Recorder, find_run, write_rows};
use crate::stopwatch::{catch_interrupts, interrupted};

/// The suite's own solvers that take part unless others are named.
const OWN: [&str; 3] = ["auto", "coordinate-descent", "coordinate-descent-plain"];
/// Accuracies unless others are named.
const EPS: [f64; 2] = [1e-6, 1e-10];
/// Figures of the comparison.
const FIGURE_IDS: [&str; 3] = ["peers-time", "peers-accuracy", "peers-ratio"];
/// Repeats beyond which a request is a slip of the finger.
const MAX_REPEATS: usize = 1000;

/// Arguments of `regpath bench peers`.
#[derive(clap::Args, Debug)]
pub(super) struct PeersBench {
    /// Accuracies: bounds on the worst certified suboptimality over a path, relative to the null loss
    #[arg(long, value_name = "E1,E2,...", value_delimiter = ',', default_values_t = EPS)]
    eps: Vec<f64>,
    /// Problems of `regpath list problems` [default: those of the scale]
    #[arg(long, value_name = "ID,...", value_delimiter = ',')]
    problems: Vec<String>,
    /// Contestants of `regpath list solvers` [default: the coordinate descents and all peers]
    #[arg(long, value_name = "ID,...", value_delimiter = ',')]
    contestants: Vec<String>,
    /// Timed repeats; beyond the third only while a contestant has taken less than 5 seconds [default: 5, 1 at smoke scale]
    #[arg(long, value_name = "N")]
    repeats: Option<usize>,
    /// Seconds after which a path is given up [default: 2 at smoke scale, 10 at laptop, 600 at paper]
    #[arg(long, value_name = "SECONDS")]
    timeout: Option<f64>,
    /// Seconds after which a package that is not done with its unmeasured first lambdas is given up
    #[arg(long, value_name = "SECONDS", default_value_t = 120.0)]
    warm_up: f64,
    /// How much is measured: smoke in seconds, laptop in tens of minutes, paper in as long as it takes
    #[arg(long, value_enum, default_value_t = Scale::Laptop)]
    scale: Scale,
    /// A list of more peers, written as peers.toml
    #[arg(long, value_name = "FILE")]
    peers: Vec<PathBuf>,
    /// Directory of runs [default: results/runs]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Directory of peers.md and peers.csv [default: results/tables for a whole comparison at laptop or paper scale from a clean tree with everything installed, else tables/ in the run]
    #[arg(long, value_name = "DIR")]
    tables: Option<PathBuf>,
    /// Go on with the newest run of the same plan and commit; what it has is not done again
    #[arg(long)]
    resume: bool,
    /// Make tables and figures of a recorded run again, for these --eps and into --tables or the run, and measure nothing
    #[arg(long, value_name = "RUN", conflicts_with = "resume")]
    again: Option<String>,
    /// Print the plan and run nothing
    #[arg(long)]
    dry_run: bool,
    /// Print JSON instead of the table
    #[arg(long)]
    json: bool,
    /// No progress, no table
    #[arg(long, short)]
    quiet: bool,
}

impl PeersBench {
    pub(super) fn run(self) -> anyhow::Result<u8> {
        for list in &self.peers {
            peer::add(list)?;
        }
        let ladder = self.ladder()?;
        let plan = ladder.plan(command_line());
        if self.dry_run {
            if self.json {
                say(&serde_json::to_string_pretty(&plan)?);
            } else {
                plan.trials.iter().for_each(|t| say(&t.id));
            }
            return Ok(0);
        }
        if let Some(run) = &self.again {
            let root = self.out.clone().unwrap_or_else(default_runs);
            let dir = find_run(&root, Some(run)).map_err(|e| usage(format!("{e:#}")))?;
            let (machine, plan) = (Machine::read(&dir)?, Plan::read(&dir)?);
            let limit = plan
                .trials
                .iter()
                .find(|t| t.experiment == EXPERIMENT)
                .and_then(|t| t.timeout_seconds)
                .ok_or_else(|| usage(format!("{} is no comparison with peers", dir.display())))?;
            // The conditions are those under which it was measured.
            let recorded = Ladder {
                repeats: plan.timed_repeats,
                timeout_seconds: limit,
                ..ladder
            };
            return self.report(&recorded, &dir, &machine, plan.command);
        }
        catch_interrupts();
        let (root, machine) = (
            self.out.clone().unwrap_or_else(default_runs),
            Machine::detect(),
        );
        let resumed = if self.resume {
            Recorder::resume(&root, &plan, &machine)?
        } else {
            None
        };
        let recorder = match resumed {
            Some(recorder) => recorder,
            None => {
                let scale = self
                    .scale
                    .to_possible_value()
                    .map_or_else(String::new, |v| v.get_name().to_owned());
                let id = format!(
                    "{}-peers-{scale}",
                    chrono::Utc::now().format("%Y%m%d-%H%M%S%.3f")
                );
                Recorder::create(&root, &id, &plan, &machine)
                    .map_err(|e| usage(format!("{e:#}; choose another --out")))?
            }
        };
        if !self.quiet {
            note(&format!(
                "{} problems, {} contestants, into {}",
                ladder.problems.len(),
                ladder.contestants.len(),
                recorder.dir().display()
            ));
        }
        if let Some(tables) = &self.tables {
            std::fs::create_dir_all(tables)
                .map_err(|e| usage(format!("cannot create --tables {}: {e}", tables.display())))?;
        }
        let bar = self.progress();
        let outcome = ladder.run(&recorder, &bar);
        bar.finish_and_clear();
        peer::shut_down();
        let merged = recorder.merge(&plan);
        outcome?;
        merged?;
        if interrupted() {
            note("interrupted; the same command with --resume goes on from here");
            return Ok(INTERRUPTED);
        }
        self.report(&ladder, recorder.dir(), &machine, plan.command)
    }

    fn ladder(&self) -> anyhow::Result<Ladder> {
        let repeats = self
            .repeats
            .unwrap_or(if self.scale == Scale::Smoke { 1 } else { 5 });
        within("--repeats", repeats, MAX_REPEATS)?;
        let timeout_seconds = self.timeout.unwrap_or(match self.scale {
            Scale::Smoke => 2.0,
            Scale::Laptop => 10.0,
            Scale::Paper => 600.0,
        });
        for (option, value) in [("--timeout", timeout_seconds), ("--warm-up", self.warm_up)] {
            if !(value > 0.0 && value.is_finite()) {
                return Err(usage(format!(
                    "{option} is {value}, expected a positive number of seconds"
                )));
            }
        }
        if let Some(wrong) = self.eps.iter().find(|e| !(**e > 0.0 && **e < 1.0)) {
            return Err(usage(format!(
                "--eps has {wrong}, expected numbers between 0 and 1"
            )));
        }
        let mut eps = self.eps.clone();
        eps.sort_by(|a, b| b.total_cmp(a));
        eps.dedup();
        Ok(Ladder {
            problems: self.problems()?,
            contestants: self.contestants()?,
            reference: REFERENCE_SOLVER,
            eps,
            repeats,
            least_repeats: LEAST_REPEATS,
            enough_seconds: ENOUGH_SECONDS,
            timeout_seconds,
            warm_up_seconds: self.warm_up,
        })
    }

    fn problems(&self) -> anyhow::Result<Vec<Problem>> {
        if self.problems.is_empty() {
            return Ok(problem::all()
                .into_iter()
                .filter(|p| p.scale <= self.scale)
                .collect());
        }
        let wanted: Vec<Problem> = self
            .problems
            .iter()
            .map(|id| problem::find(id))
            .collect::<Result<_, _>>()?;
        unique("--problems", wanted.iter().map(|p| p.id.as_str()))?;
        Ok(wanted)
    }

    fn contestants(&self) -> anyhow::Result<Vec<&'static dyn Contestant>> {
        if self.contestants.is_empty() {
            let default = |c: &&dyn Contestant| c.is_peer() || OWN.contains(&c.id());
            return Ok(contestant::all().into_iter().filter(default).collect());
        }
        unique("--contestants", self.contestants.iter().map(String::as_str))?;
        self.contestants
            .iter()
            .map(|id| contestant::find(id).map_err(usage))
            .collect()
    }

    /// Whether this is a comparison that others may rely on: everything at a serious scale and under the usual conditions, from
    /// a tree that can be named, with every package in its place.
    fn is_publishable(&self, machine: &Machine, rows: &[LadderRow]) -> bool {
        let whole =
            self.problems.is_empty() && self.contestants.is_empty() && self.peers.is_empty();
        let usual = self.eps == EPS && self.repeats.is_none() && self.timeout.is_none();
        let there = rows.iter().all(|r| r.status != "skipped" || !is_missing(r));
        self.again.is_none()
            && whole
            && usual
            && there
            && self.scale != Scale::Smoke
            && !machine.dirty
    }

    /// Warns where the dual values are too weak to certify what was asked.
    fn check_reference(&self, found: &Comparison, ladder: &Ladder) {
        let tightest = ladder.eps.last().copied().unwrap_or(f64::INFINITY);
        if let Some((problem, gap)) = &found.reference_gap
            && (gap.is_nan() || *gap > tightest / 10.0)
        {
            warn(&format!(
                "the reference of {problem} has relative gap {gap:.1e}: suboptimalities there are upper bounds and no better"
            ));
        }
    }

    fn progress(&self) -> ProgressBar {
        let target = if self.quiet {
            ProgressDrawTarget::hidden()
        } else {
            ProgressDrawTarget::stderr()
        };
        let bar = ProgressBar::with_draw_target(None, target);
        if let Ok(style) = ProgressStyle::with_template("{bar:30} {pos}/{len} {elapsed} {wide_msg}")
        {
            bar.set_style(style);
        }
        bar
    }

    fn report(
        &self,
        ladder: &Ladder,
        dir: &Path,
        machine: &Machine,
        command: String,
    ) -> anyhow::Result<u8> {
        let runs: Vec<RunRow> = read_rows(dir)?;
        let points: Vec<PointRow> = read_rows(dir)?;
        let found = comparison::summarise(&runs, &points, &ladder.eps);
        let rows = &found.ladder;
        write_rows(dir, &found.rungs)?;
        write_rows(dir, rows)?;
        self.check_reference(&found, ladder);

        let own = dir.join("tables");
        let tables = self
            .tables
            .clone()
            .unwrap_or_else(|| match default_runs().parent() {
                Some(results) if self.is_publishable(machine, rows) => results.join("tables"),
                _ => own,
            });
        std::fs::create_dir_all(&tables)
            .map_err(|e| usage(format!("cannot create --tables {}: {e}", tables.display())))?;
        let heading = peers_table::Heading {
            command,
            machine,
            repeats: ladder.repeats,
            timeout: ladder.timeout_seconds,
            reference_gap: found.reference_gap.clone(),
        };
        let text = peers_table::markdown(rows, &heading);
        write_text(&tables.join("peers.md"), &text)?;
        write_csv(&tables.join("peers.csv"), &mut LadderRow::frame(rows)?)?;

        let wanted: Vec<&'static dyn Figure> = FIGURES
            .iter()
            .copied()
            .filter(|f| FIGURE_IDS.contains(&f.id()))
            .collect();
        let pictures = plot::draw(dir, &wanted, &dir.join("figures"))?;

        let certified = rows.iter().filter(|r| r.status == "certified").count();
        if self.json {
            let cells: Vec<_> = rows
                .iter()
                .map(|r| {
                    json!({"problem": r.problem, "contestant": r.contestant, "eps": r.eps, "tol": r.tol, "subopt": r.subopt,
                           "seconds": r.seconds, "status": r.status, "reason": r.reason})
                })
                .collect();
            say(&serde_json::to_string_pretty(&json!({
                "run": dir, "tables": tables, "figures": pictures, "cells": cells,
            }))?);
        } else {
            if !self.quiet {
                say(&peers_table::terminal(rows));
            }
            say(&format!("{certified} of {} cells certified", rows.len()));
            say(&format!("frames:  {}", dir.display()));
            say(&format!("tables:  {}", tables.join("peers.md").display()));
            pictures
                .iter()
                .for_each(|p| say(&format!("figure:  {}", p.display())));
        }
        Ok(u8::from(certified == 0))
    }
}

/// Whether a row is skipped because a package is not installed rather than unable.
fn is_missing(row: &LadderRow) -> bool {
    row.reason
        .as_ref()
        .is_some_and(|reason| reason.contains("not installed"))
}

/// Errors if a name is given twice.
fn unique<'a>(option: &str, ids: impl Iterator<Item = &'a str>) -> anyhow::Result<()> {
    let mut seen = std::collections::BTreeSet::new();
    for id in ids {
        if !seen.insert(id) {
            return Err(usage(format!("{option} names '{id}' twice")));
        }
    }
    Ok(())
}
