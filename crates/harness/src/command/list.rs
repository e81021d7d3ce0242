//! `regpath list`: every solver, loss, dataset, problem, experiment, figure and claim, from the registry that each has.

use clap::ValueEnum;
use serde_json::{Value, json};

use super::say;
use crate::claim::CLAIMS;
use crate::contestant;
use crate::dataset::{DATASETS, Kind};
use crate::experiment::EXPERIMENTS;
use crate::figure::FIGURES;
use crate::loss::LOSSES;
use crate::problem;

/// Arguments of `regpath list`.
#[derive(clap::Args, Debug)]
pub(super) struct List {
    /// Only one kind of thing
    kind: Option<Registry>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Registry {
    Solvers,
    Losses,
    Datasets,
    Problems,
    Experiments,
    Figures,
    Claims,
}

impl Registry {
    fn name(self) -> String {
        self.to_possible_value()
            .map_or_else(String::new, |v| v.get_name().to_owned())
    }

    /// (id, lines of description) of each entry, in display order.
    fn entries(self) -> Vec<(String, Vec<String>)> {
        match self {
            Self::Solvers => contestant::all()
                .into_iter()
                .map(|c| {
                    let mut lines = vec![c.summary().to_owned()];
                    if c.is_peer() {
                        lines.push("another package, for comparison".into());
                    }
                    (c.id().to_owned(), lines)
                })
                .collect(),
            Self::Losses => LOSSES
                .iter()
                .map(|(name, what)| ((*name).to_owned(), vec![(*what).to_owned()]))
                .collect(),
            Self::Problems => problem::all()
                .into_iter()
                .map(|p| (p.id.clone(), vec![p.summary()]))
                .collect(),
            Self::Datasets => DATASETS
                .iter()
                .map(|d| {
                    let kind = match d.kind() {
                        Kind::Embedded => "embedded",
                        Kind::Installed => "installed",
                        Kind::Generated => "generated",
                    };
                    let mut lines = vec![d.summary().into(), format!("{kind}; {}", d.origin())];
                    if !d.parameters().is_empty() {
                        lines.push(format!("parameters: {}", d.parameters()));
                    }
                    (d.id().to_owned(), lines)
                })
                .collect(),
            Self::Experiments => EXPERIMENTS
                .iter()
                .map(|e| {
                    (
                        e.id().to_owned(),
                        vec![
                            e.question().into(),
                            format!("figures: {}", e.figures().join(", ")),
                        ],
                    )
                })
                .collect(),
            Self::Claims => CLAIMS
                .iter()
                .map(|c| {
                    (
                        c.id().to_owned(),
                        vec![format!("\"{}\"", c.claim()), c.experiment().into()],
                    )
                })
                .collect(),
            Self::Figures => FIGURES
                .iter()
                .map(|f| {
                    (
                        f.id().to_owned(),
                        vec![f.title().into(), f.summary().into()],
                    )
                })
                .collect(),
        }
    }
}

impl List {
    pub(super) fn run(self) -> anyhow::Result<u8> {
        let kinds: Vec<Registry> = Registry::value_variants()
            .iter()
            .copied()
            .filter(|k| self.kind.is_none_or(|only| only == *k))
            .collect();
        if self.json {
            let mut object = serde_json::Map::new();
            for kind in kinds {
                let entry =
                    |(id, lines): (String, Vec<String>)| json!({"id": id, "description": lines});
                object.insert(
                    kind.name(),
                    Value::Array(kind.entries().into_iter().map(entry).collect()),
                );
            }
            say(&serde_json::to_string_pretty(&object)?);
            return Ok(0);
        }
        for (i, kind) in kinds.into_iter().enumerate() {
            if i > 0 {
                say("");
            }
            say(&format!("{}:", kind.name()));
            for (id, lines) in kind.entries() {
                say(&format!("  {id}"));
                lines.iter().for_each(|line| say(&format!("      {line}")));
            }
        }
        Ok(0)
    }
}
