//! `regpath peers`: install the packages that the suite is compared with, and say what is there.

use std::path::PathBuf;

use clap::Subcommand;
use serde_json::json;

use super::{INTERRUPTED, note, say, usage};
use crate::contestant::peer::environment::home;
use crate::contestant::peer::install::{Item, State, items};
use crate::stopwatch::{Stopwatch, catch_interrupts, interrupted};

/// Arguments of `regpath peers`.
#[derive(clap::Args, Debug)]
pub(super) struct Peers {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand, Debug)]
enum Action {
    /// Install peers and their data under target/peers; what is there already is left alone
    Install(Install),
    /// Say which peers are there, with versions
    List(Show),
}

#[derive(clap::Args, Debug)]
struct Install {
    /// Only these entries of the list
    ids: Vec<String>,
    /// Another list of peers instead of the suite's
    #[arg(long, value_name = "FILE")]
    peers: Option<PathBuf>,
    /// Install again what is there
    #[arg(long)]
    force: bool,
}

#[derive(clap::Args, Debug)]
struct Show {
    /// Another list of peers instead of the suite's
    #[arg(long, value_name = "FILE")]
    peers: Option<PathBuf>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Peers {
    pub(super) fn run(self) -> anyhow::Result<u8> {
        match self.action {
            Action::Install(install) => install.run(),
            Action::List(show) => show.run(),
        }
    }
}

impl Install {
    fn run(self) -> anyhow::Result<u8> {
        let items = items(self.peers.as_deref())?;
        if let Some(unknown) = self
            .ids
            .iter()
            .find(|id| !items.iter().any(|i| i.id == **id))
        {
            let known: Vec<&str> = items.iter().map(|i| i.id.as_str()).collect();
            return Err(usage(format!(
                "no entry is called '{unknown}'; there are {}",
                known.join(", ")
            )));
        }
        catch_interrupts();
        let wanted: Vec<&Item> = items
            .iter()
            .filter(|i| self.ids.is_empty() || self.ids.contains(&i.id))
            .collect();
        let mut failed = 0;
        for (i, item) in wanted.iter().enumerate() {
            if interrupted() {
                note("interrupted; the same command goes on from here");
                return Ok(INTERRUPTED);
            }
            let label = format!("[{}/{}] {}", i + 1, wanted.len(), item.id);
            if let State::Present(version) = item.state()
                && !self.force
            {
                note(&format!("{label}: {version}, already there"));
                continue;
            }
            note(&format!("{label}: installing {}", summary(&item.requires)));
            let watch = Stopwatch::start();
            match item.install() {
                Ok(()) => match item.state() {
                    State::Present(version) => {
                        note(&format!("{label}: {version}, {:.0} s", watch.wall()))
                    }
                    State::Missing(reason) => {
                        failed += 1;
                        note(&format!("{label}: FAILED: {reason}"));
                    }
                },
                Err(error) => {
                    failed += 1;
                    note(&format!("{label}: FAILED: {error:#}"));
                }
            }
        }
        let there = wanted.len() - failed;
        say(&format!(
            "{there} of {} are there, under {}",
            wanted.len(),
            home().display()
        ));
        Ok(u8::from(failed > 0))
    }
}

/// The first package and how many others come with it.
fn summary(requires: &[String]) -> String {
    match requires {
        [] => "nothing".into(),
        [only] => only.clone(),
        [first, others @ ..] => format!("{first} and {} packages it needs", others.len()),
    }
}

impl Show {
    fn run(self) -> anyhow::Result<u8> {
        let items = items(self.peers.as_deref())?;
        let states: Vec<State> = items.iter().map(Item::state).collect();
        if self.json {
            let entry = |(item, state): (&Item, &State)| match state {
                State::Present(version) => {
                    json!({"id": item.id, "installed": true, "version": version})
                }
                State::Missing(reason) => {
                    json!({"id": item.id, "installed": false, "reason": reason})
                }
            };
            let entries: Vec<_> = items.iter().zip(&states).map(entry).collect();
            say(&serde_json::to_string_pretty(&entries)?);
            return Ok(0);
        }
        let width = items.iter().map(|i| i.id.len()).max().unwrap_or(0);
        for (item, state) in items.iter().zip(&states) {
            let text = match state {
                State::Present(version) => version.clone(),
                State::Missing(reason) => format!("missing: {reason}"),
            };
            say(&format!("{:width$}  {text}", item.id));
        }
        Ok(0)
    }
}
