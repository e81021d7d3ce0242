//! `regpath figures`: figures and tables of the literature, computed and drawn again, with a verdict on every number.

use std::path::{Path, PathBuf};

use clap::ValueEnum;
use rayon::prelude::*;
use serde_json::json;

use super::figures_table::{self, Reproduced};
use super::{
    INTERRUPTED, WRONG, command_line, default_results, default_runs, note, progress_bar, say,
    usage, warn,
};
use crate::claim::Rows;
use crate::claim_trials::Findings;
use crate::dataset::names;
use crate::figure::{Provenance, Theme, draw_chart_in};
use crate::published::{REPRODUCTIONS, Reference, Reproduction, Scale, Standing};
use crate::record::claims::{self, Conditions};
use crate::record::machine::Machine;
use crate::record::schema::ClaimRow;
use crate::record::store::write_text;
use crate::stopwatch::{catch_interrupts, interrupted};

/// Arguments of `regpath figures`.
#[derive(clap::Args, Debug)]
pub(super) struct Figures {
    /// Figures to reproduce; --list shows them
    #[arg(conflicts_with_all = ["all", "list"])]
    figures: Vec<String>,
    /// All of them
    #[arg(long, conflicts_with = "list")]
    all: bool,
    /// List them and reproduce none
    #[arg(long)]
    list: bool,
    /// How much is measured: laptop in minutes, paper as in the publications
    #[arg(long, value_enum, default_value_t = Scale::Laptop)]
    scale: Scale,
    /// What the pictures are drawn for
    #[arg(long, value_enum, default_value_t = Theme::Paper)]
    theme: Theme,
    /// Measure again what the same source recorded before
    #[arg(long)]
    fresh: bool,
    /// Judge and draw again what was recorded, by whichever source, and measure nothing
    #[arg(long, conflicts_with_all = ["fresh", "scale"])]
    again: bool,
    /// Directory of frames [default: results/runs/figures]
    #[arg(long, value_name = "DIR")]
    runs: Option<PathBuf>,
    /// Directory of the published numbers [default: results/published]
    #[arg(long, value_name = "DIR")]
    published: Option<PathBuf>,
    /// Directory that gets figures/ and tables/ [default: results]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Print JSON instead of the table
    #[arg(long)]
    json: bool,
    /// No progress, no table
    #[arg(long, short)]
    quiet: bool,
}

impl Figures {
    pub(super) fn run(self) -> anyhow::Result<u8> {
        if self.list {
            for one in REPRODUCTIONS {
                say(&format!(
                    "  {}\n      {}: {}",
                    one.id(),
                    one.title(),
                    one.shows()
                ));
            }
            return Ok(0);
        }
        let wanted = self.check()?;
        let results = default_results();
        let published = (self.published.clone()).unwrap_or_else(|| results.join("published"));
        // Before the first minute is spent: a slip in one of these files would be found at the end.
        let references: Vec<Reference> = (wanted.iter())
            .map(|one| Reference::read(&published, one.id()))
            .collect::<anyhow::Result<_>>()?;
        let runs = (self.runs.clone()).unwrap_or_else(|| default_runs().join("figures"));
        let out = self.out.clone().unwrap_or(results);
        if self.again {
            let reproduced = recorded(&runs, &wanted, references)?;
            return self.publish(&reproduced, &out);
        }
        for dir in [&runs, &out] {
            std::fs::create_dir_all(dir)
                .map_err(|e| usage(format!("cannot create {}: {e}", dir.display())))?;
        }
        catch_interrupts();
        let conditions = Conditions {
            command: command_line(),
            settings: settings(self.scale),
            machine: Machine::detect(),
        };
        let todo = self.prepare(&runs, &wanted, &conditions)?;
        self.measure(&runs, &todo, &conditions)?;
        if interrupted() {
            let without = if self.fresh { " without --fresh" } else { "" };
            note(&format!(
                "interrupted; the same command{without} goes on from here, if no file was changed"
            ));
            return Ok(INTERRUPTED);
        }
        self.publish(&recorded(&runs, &wanted, references)?, &out)
    }

    /// What the parser cannot check; returns the figures in the order of the gallery.
    fn check(&self) -> anyhow::Result<Vec<&'static dyn Reproduction>> {
        let known: Vec<&str> = REPRODUCTIONS.iter().map(|r| r.id()).collect();
        if self.figures.is_empty() && !self.all {
            return Err(usage(
                "no figure is named; --list shows them, --all takes every one",
            ));
        }
        for (i, id) in self.figures.iter().enumerate() {
            if !known.contains(&id.as_str()) {
                return Err(usage(names::unknown("figure", id, &known)));
            }
            if self.figures[..i].contains(id) {
                return Err(usage(format!("figure '{id}' is named twice")));
            }
        }
        let named = |r: &&dyn Reproduction| self.all || self.figures.iter().any(|f| f == r.id());
        Ok(REPRODUCTIONS.iter().copied().filter(named).collect())
    }

    /// The figures that are to be measured.
    fn prepare(
        &self,
        runs: &Path,
        wanted: &[&'static dyn Reproduction],
        conditions: &Conditions,
    ) -> anyhow::Result<Vec<&'static dyn Reproduction>> {
        let mut todo = Vec::new();
        for one in wanted {
            if self.fresh || !claims::is_there(runs, one.id(), conditions)? {
                todo.push(*one);
            }
        }
        Ok(todo)
    }

    /// Measures figures, those that read no clock over the cores, then the others one by one; a failure becomes a row.
    fn measure(
        &self,
        runs: &Path,
        todo: &[&'static dyn Reproduction],
        conditions: &Conditions,
    ) -> anyhow::Result<()> {
        let (timed, untimed): (Vec<_>, Vec<_>) =
            (todo.iter().copied()).partition(|f| f.race(self.scale).is_some());
        let bar = progress_bar(untimed.len(), self.quiet || self.json);
        let one = |figure: &&'static dyn Reproduction| -> anyhow::Result<()> {
            if interrupted() {
                return Ok(());
            }
            bar.set_message(figure.id());
            bar.tick();
            let rows = measured(*figure, self.scale, Rows::of(None));
            // What Ctrl-C cut short is not what was asked for.
            if !interrupted() {
                replace(runs, figure.id(), &rows, conditions)?;
            }
            bar.inc(1);
            Ok(())
        };
        untimed.par_iter().with_max_len(1).try_for_each(one)?;
        bar.finish_and_clear();
        for figure in timed {
            if interrupted() {
                break;
            }
            self.race(runs, figure, conditions)?;
        }
        Ok(())
    }

    /// Runs the race of one figure and measures what it shows; nothing is recorded of a race that Ctrl-C cut short but its trials.
    fn race(
        &self,
        runs: &Path,
        figure: &'static dyn Reproduction,
        conditions: &Conditions,
    ) -> anyhow::Result<()> {
        let Some(race) = figure.race(self.scale) else {
            return Ok(());
        };
        let root = runs.join("races").join(figure.id());
        if self.fresh && root.exists() {
            std::fs::remove_dir_all(&root)?;
        }
        let bar = progress_bar(0, self.quiet || self.json);
        let mut rows = Rows::of(None);
        let machine = &conditions.machine;
        let command = conditions.command.clone();
        race.run(&root, figure.id(), command, machine, &bar, &mut rows)?;
        bar.finish_and_clear();
        if !interrupted() {
            let rows = measured(figure, self.scale, rows);
            replace(runs, figure.id(), &rows, conditions)?;
        }
        Ok(())
    }

    fn publish(&self, reproduced: &[Reproduced], out: &Path) -> anyhow::Result<u8> {
        let (figures, tables) = (out.join("figures"), out.join("tables"));
        for dir in [&figures, &tables] {
            std::fs::create_dir_all(dir)
                .map_err(|e| usage(format!("cannot create {}: {e}", dir.display())))?;
        }
        for one in reproduced {
            let machine = &one.conditions.machine;
            let scale = match one.conditions.settings == settings(Scale::Paper) {
                true => " --scale paper",
                false => "",
            };
            let provenance = Provenance {
                command: format!("regpath figures {}{scale}", one.figure.id()),
                commit: machine.revision(),
                machine: machine.summary(),
            };
            for chart in one.charts() {
                draw_chart_in(self.theme, &chart, &provenance, &figures)?;
            }
        }
        // A table or gallery of a few must not replace that of all.
        let (table, gallery) = match (self.all, self.theme) {
            (true, Theme::Paper) => ("published", "README.md"),
            (true, Theme::Slides) => ("published", "slides.md"),
            (false, _) => ("published-part", "published-part.md"),
        };
        let table_md = tables.join(format!("{table}.md"));
        write_text(&table_md, &figures_table::markdown(reproduced))?;
        let csv = figures_table::csv(reproduced);
        write_text(&tables.join(format!("{table}.csv")), &csv)?;
        let gallery = figures.join(gallery);
        write_text(&gallery, &figures_table::gallery(reproduced, self.theme))?;
        if self.json {
            say(&serde_json::to_string_pretty(&json!({
                "figures": reproduced.iter().map(Reproduced::json).collect::<Vec<_>>(),
                "table": table_md,
                "gallery": gallery,
            }))?);
        } else {
            if !self.quiet {
                say(&figures_table::terminal(reproduced));
            }
            say(&format!("table:   {}", table_md.display()));
            say(&format!("gallery: {}", gallery.display()));
        }
        let mut wrong = false;
        for one in reproduced {
            if let Some(reason) = one.failure() {
                warn(&format!("{}: not reproduced: {reason}", one.figure.id()));
            }
            for (number, ours, standing) in one.numbers() {
                if number.hard && standing != Standing::Met {
                    wrong = true;
                    warn(&format!(
                        "{}: {}: {}",
                        one.figure.id(),
                        number.name,
                        figures_table::missed(number, ours)
                    ));
                }
            }
        }
        Ok(if wrong { WRONG } else { 0 })
    }
}

/// Writes what was measured in the place of what was there.
fn replace(
    runs: &Path,
    id: &str,
    rows: &[ClaimRow],
    conditions: &Conditions,
) -> anyhow::Result<()> {
    // Frame and conditions are two files: old ones must not be taken for a pair with new ones.
    claims::forget(runs, id)?;
    claims::write(runs, id, rows, conditions)
}

/// What was recorded of these figures. Errors: nothing was of one of them.
fn recorded(
    runs: &Path,
    wanted: &[&'static dyn Reproduction],
    references: Vec<Reference>,
) -> anyhow::Result<Vec<Reproduced>> {
    let one = |(figure, reference): (&&'static dyn Reproduction, Reference)| {
        let rows = claims::read(runs, figure.id())?;
        let found = rows.zip(Conditions::read(runs, figure.id()));
        let (rows, conditions) = found.ok_or_else(|| {
            usage(format!(
                "nothing is recorded of {} in {}; without --again it is measured",
                figure.id(),
                runs.display()
            ))
        })?;
        let findings = Findings::of(rows);
        Ok(Reproduced {
            figure: *figure,
            reference,
            findings,
            conditions,
        })
    };
    wanted.iter().zip(references).map(one).collect()
}

/// What was asked for, as it is recorded.
fn settings(scale: Scale) -> String {
    let value = scale.to_possible_value();
    let name = value.map_or_else(String::new, |v| v.get_name().to_owned());
    format!("scale {name}")
}

/// The rows of one figure, after those of its race; a failure is a row.
fn measured(figure: &dyn Reproduction, scale: Scale, mut rows: Rows) -> Vec<ClaimRow> {
    let row = |series: &str, quantity: &str, at: f64, value: f64, reason: String| ClaimRow {
        claim: figure.id().to_owned(),
        trial: None,
        series: series.to_owned(),
        quantity: quantity.to_owned(),
        at,
        value,
        reason,
    };
    let outcome = figure.measure(scale, &mut rows);
    let mut recorded: Vec<ClaimRow> = (rows.as_slice().iter())
        .map(|r| row(&r.series, &r.quantity, r.at, r.value, String::new()))
        .collect();
    if let Err(error) = outcome {
        recorded.push(row("", "failed", 0.0, f64::NAN, format!("{error:#}")));
    }
    recorded
}
