//! `regpath bench claims`: what people say about L1 against L2, measured and judged.

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::Context;
use rayon::ThreadPoolBuilder;
use rayon::prelude::*;
use serde_json::json;

use super::claim_table::{self, Judged};
use super::{
    INTERRUPTED, MAX_THREADS, command_line, default_results, default_runs, note, progress_bar, say,
    usage, warn, within,
};
use crate::claim::{CLAIMS, Claim};
use crate::claim_trials::{self, Findings, Settings};
use crate::dataset::names;
use crate::figure::{Provenance, draw_chart};
use crate::record::claims::{self, Conditions};
use crate::record::machine::Machine;
use crate::record::schema::ClaimRow;
use crate::record::store::{write_atomically, write_text};
use crate::stopwatch::{catch_interrupts, interrupted};

/// Arguments of `regpath bench claims`.
#[derive(clap::Args, Debug)]
pub(super) struct ClaimBench {
    /// Claims to measure; all unless given (`regpath list claims` shows them)
    claims: Vec<String>,
    /// Seed of everything that is drawn
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,
    /// Most trials of each claim [default: as many as it asks for]
    #[arg(long, value_name = "N")]
    trials: Option<usize>,
    /// Threads [default: all cores]; results do not depend on them
    #[arg(long, value_name = "N")]
    threads: Option<usize>,
    /// Directory of frames, table and pictures [default: results/runs/claims; all claims from a clean tree also go into results/tables and results/figures/claims]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Keep what was measured there by the same source with the same seed and trials
    #[arg(long)]
    resume: bool,
    /// Print JSON instead of the table
    #[arg(long)]
    json: bool,
    /// No progress, no table
    #[arg(long, short)]
    quiet: bool,
}

impl ClaimBench {
    pub(super) fn run(self) -> anyhow::Result<u8> {
        let wanted = self.check()?;
        let dir = (self.out.clone()).unwrap_or_else(|| default_runs().join("claims"));
        std::fs::create_dir_all(&dir)
            .map_err(|e| usage(format!("cannot create --out {}: {e}", dir.display())))?;
        catch_interrupts();
        let conditions = Conditions {
            command: self.flags(),
            settings: self.settings(),
            machine: Machine::detect(),
        };
        let todo = self.prepare(&dir, &wanted, &conditions)?;
        self.measure(&dir, &todo, &conditions)?;
        if interrupted() {
            note("interrupted; the same command with --resume goes on from here");
            return Ok(INTERRUPTED);
        }
        let judged = judge(&dir, &wanted)?;
        let conditions = Conditions {
            command: command_line(),
            ..conditions
        };
        let publish = self.out.is_none() && self.is_publishable(&conditions.machine);
        let figures = dir.join("figures");
        let pictures = draw(&judged, &figures)?;
        let tables = write_tables(&judged, &conditions, &dir, "figures")?;
        let mut written = vec![tables];
        if publish {
            let results = default_results();
            copy(&pictures, &results.join("figures").join("claims"))?;
            let tables = results.join("tables");
            std::fs::create_dir_all(&tables)?;
            written.push(write_tables(
                &judged,
                &conditions,
                &tables,
                "../figures/claims",
            )?);
        }
        self.report(&judged, &written, &figures, pictures.len())
    }

    /// What the command line of one claim has to say to measure the same.
    fn flags(&self) -> String {
        let seed = (self.seed != 0).then(|| format!(" --seed {}", self.seed));
        let trials = self.trials.map(|most| format!(" --trials {most}"));
        seed.unwrap_or_default() + &trials.unwrap_or_default()
    }

    fn settings(&self) -> String {
        let trials = self.trials.map(|most| format!(", at most {most} trials"));
        format!("seed {}{}", self.seed, trials.unwrap_or_default())
    }

    /// What the parser cannot check; returns the claims in the order of the table.
    fn check(&self) -> anyhow::Result<Vec<&'static dyn Claim>> {
        within("--trials", self.trials.unwrap_or(1), usize::MAX)?;
        within("--threads", self.threads.unwrap_or(1), MAX_THREADS)?;
        let known: Vec<&str> = CLAIMS.iter().map(|c| c.id()).collect();
        for (i, id) in self.claims.iter().enumerate() {
            if !known.contains(&id.as_str()) {
                return Err(usage(names::unknown("claim", id, &known)));
            }
            if self.claims[..i].contains(id) {
                return Err(usage(format!("claim '{id}' is named twice")));
            }
        }
        let all = self.claims.is_empty();
        let named = |c: &&dyn Claim| all || self.claims.iter().any(|id| id == c.id());
        Ok(CLAIMS.iter().copied().filter(named).collect())
    }

    /// Forgets what is to be measured anew; returns the claims that are.
    fn prepare(
        &self,
        dir: &Path,
        wanted: &[&'static dyn Claim],
        conditions: &Conditions,
    ) -> anyhow::Result<Vec<&'static dyn Claim>> {
        let mut todo = Vec::new();
        for claim in wanted {
            if !(self.resume && claims::is_there(dir, claim.id(), conditions)?) {
                claims::forget(dir, claim.id())?;
                todo.push(*claim);
            }
        }
        if self.resume && todo.len() == wanted.len() {
            let why = match conditions.machine.dirty {
                true => "the source differs from its commit",
                false => {
                    "there is nothing from this source and machine with this seed and these trials"
                }
            };
            warn(&format!("{}: {why}; everything is measured", dir.display()));
        }
        Ok(todo)
    }

    fn measure(
        &self,
        dir: &Path,
        todo: &[&'static dyn Claim],
        conditions: &Conditions,
    ) -> anyhow::Result<()> {
        let settings = Settings {
            seed: self.seed,
            trials: self.trials,
        };
        let steps = claim_trials::jobs(todo, settings);
        let bar = progress_bar(steps, self.quiet || self.json);
        let ended = |claim: &str| {
            bar.set_message(claim.to_owned());
            bar.inc(1);
        };
        let complete = |claim: &str, rows: Vec<ClaimRow>| {
            let with = Conditions {
                command: format!("regpath bench claims {claim}{}", conditions.command),
                ..conditions.clone()
            };
            claims::write(dir, claim, &rows, &with)
        };
        let mut pool = ThreadPoolBuilder::new();
        if let Some(threads) = self.threads {
            pool = pool.num_threads(threads);
        }
        let measured =
            (pool.build()?).install(|| claim_trials::measure(todo, settings, &ended, &complete));
        bar.finish_and_clear();
        measured
    }

    /// Whether this is a comparison that others may rely on.
    fn is_publishable(&self, machine: &Machine) -> bool {
        let usual = self.claims.is_empty() && self.seed == 0 && self.trials.is_none();
        usual && !machine.dirty && !machine.commit.is_empty()
    }

    fn report(
        &self,
        judged: &[Judged],
        tables: &[PathBuf],
        figures: &Path,
        pictures: usize,
    ) -> anyhow::Result<u8> {
        if self.json {
            say(&serde_json::to_string_pretty(&json!({
                "claims": judged.iter().map(Judged::json).collect::<Vec<_>>(),
                "tables": tables,
                "figures": figures,
            }))?);
            return Ok(0);
        }
        if !self.quiet {
            say(&claim_table::terminal(judged));
        }
        for table in tables {
            say(&format!("table:   {}", table.display()));
        }
        say(&format!(
            "figures: {} ({pictures} files)",
            figures.display()
        ));
        Ok(0)
    }
}

/// What the recorded rows of these claims say.
pub(super) fn judge(dir: &Path, wanted: &[&'static dyn Claim]) -> anyhow::Result<Vec<Judged>> {
    let one = |claim: &&'static dyn Claim| {
        let rows = claims::read(dir, claim.id())?;
        let with = Conditions::read(dir, claim.id());
        let found = rows.zip(with);
        Ok(found.map(|(rows, with)| Judged::new(*claim, Findings::of(rows), with)))
    };
    let judged: anyhow::Result<Vec<Option<Judged>>> = wanted.par_iter().map(one).collect();
    Ok(judged?.into_iter().flatten().collect())
}

/// Draws the pictures of claims; the files.
pub(super) fn draw(judged: &[Judged], out: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let one = |one: &Judged| {
        let provenance = Provenance {
            command: one.conditions.command.clone(),
            commit: one.conditions.machine.revision(),
            machine: one.conditions.machine.summary(),
        };
        let mut files = Vec::new();
        for chart in one.charts() {
            files.extend(draw_chart(&chart, &provenance, out)?);
        }
        Ok(files)
    };
    let files: anyhow::Result<Vec<Vec<PathBuf>>> = judged.par_iter().map(one).collect();
    Ok(files?.concat())
}

/// Copies pictures into a directory.
fn copy(pictures: &[PathBuf], out: &Path) -> anyhow::Result<()> {
    std::fs::create_dir_all(out).with_context(|| format!("cannot create {}", out.display()))?;
    for picture in pictures {
        let bytes = std::fs::read(picture)?;
        let name = picture.file_name().context("a picture has a name")?;
        write_atomically(&out.join(name), |file| Ok(file.write_all(&bytes)?))?;
    }
    Ok(())
}

/// Writes `claims.md` and `claims.csv`; returns the first. `figures` leads from there to the pictures.
fn write_tables(
    judged: &[Judged],
    conditions: &Conditions,
    dir: &Path,
    figures: &str,
) -> anyhow::Result<PathBuf> {
    let file = dir.join("claims.md");
    write_text(&file, &claim_table::markdown(judged, conditions, figures))?;
    write_text(&dir.join("claims.csv"), &claim_table::csv(judged))?;
    Ok(file)
}
