//! The published numbers beside ours: for the terminal, as Markdown, as CSV, and as a gallery with pictures.

use serde_json::{Value, json};

use super::claim_table::{cell, number, quoted};
use crate::claim_trials::Findings;
use crate::figure::Theme;
use crate::figure::chart::Chart;
use crate::published::{NUMBER, Number, Provenance, Reference, Reproduction, Standing};
use crate::record::claims::Conditions;

/// A published figure with what was found.
pub(super) struct Reproduced {
    /// The figure.
    pub figure: &'static dyn Reproduction,
    /// What was published.
    pub reference: Reference,
    /// What was measured.
    pub findings: Findings,
    /// Where and with what.
    pub conditions: Conditions,
}

impl Reproduced {
    /// The pictures.
    pub fn charts(&self) -> Vec<Chart> {
        self.figure.charts(&self.findings.rows)
    }

    /// Each published number, ours, and how they stand.
    pub fn numbers(&self) -> impl Iterator<Item = (&Number, f64, Standing)> {
        self.reference.numbers.iter().map(|number| {
            let ours = self.findings.rows.value(&number.name, NUMBER, 0.0);
            (number, ours, number.standing(ours))
        })
    }

    /// Why nothing was measured, if that is so.
    pub fn failure(&self) -> Option<&str> {
        self.findings.failures.first().map(String::as_str)
    }

    /// The figure as JSON.
    pub fn json(&self) -> Value {
        let numbers = self.numbers().map(|(number, ours, standing)| {
            json!({
                "quantity": number.name, "published": number.published, "ours": ours,
                "difference": number.difference(ours), "tolerance": number.allowed(),
                "above": number.above, "below": number.below,
                "provenance": number.provenance.text(), "hard": number.hard, "verdict": word(standing),
            })
        });
        json!({
            "figure": self.figure.id(), "title": self.figure.title(), "source": self.reference.source,
            "failure": self.failure(), "numbers": numbers.collect::<Vec<_>>(),
        })
    }

    fn tally(&self) -> String {
        let standings: Vec<Standing> = self.numbers().map(|n| n.2).collect();
        let count = |s| standings.iter().filter(|&&t| t == s).count();
        match standings.len() {
            0 => "no number to compare".into(),
            all => {
                let told = count(Standing::Told);
                let told = match told {
                    0 => String::new(),
                    _ => format!(", {told} told"),
                };
                format!(
                    "{} of {all} numbers met, {} missed, {} absent{told}",
                    count(Standing::Met),
                    count(Standing::Missed),
                    count(Standing::Absent)
                )
            }
        }
    }
}

fn word(standing: Standing) -> &'static str {
    match standing {
        Standing::Met => "met",
        Standing::Missed => "missed",
        Standing::Absent => "absent",
        Standing::Told => "told",
    }
}

/// What was expected of a number.
fn expected(it: &Number) -> String {
    let mut parts = Vec::new();
    if let (Some(published), Some(allowed)) = (it.published, it.allowed()) {
        parts.push(format!("{published} ± {allowed:.1e}"));
    }
    if let (true, Some(published)) = (it.told, it.published) {
        parts.push(published.to_string());
    }
    parts.extend(it.above.map(|v| format!("> {v}")));
    parts.extend(it.below.map(|v| format!("< {v}")));
    parts.join(", ")
}

/// A hard number that was missed, in words.
pub(super) fn missed(it: &Number, ours: f64) -> String {
    match ours.is_nan() {
        true => format!("expected {}, there is none of ours", expected(it)),
        false => format!("expected {}, ours is {ours}", expected(it)),
    }
}

/// One line per figure, and one per number that was missed.
pub(super) fn terminal(reproduced: &[Reproduced]) -> String {
    let mut text = String::new();
    for one in reproduced {
        text += &format!("{}: {}\n", one.figure.id(), one.tally());
        if let Some(reason) = one.failure() {
            text += &format!("    not reproduced: {reason}\n");
        }
        for (it, ours, standing) in one
            .numbers()
            .filter(|n| [Standing::Missed, Standing::Absent].contains(&n.2))
        {
            let hard = if it.hard { "" } else { " (not hard)" };
            text += &format!(
                "    {}{hard}: {}: {}\n",
                word(standing),
                it.name,
                missed(it, ours)
            );
        }
    }
    text
}

/// Where and with what these were measured: one list for each set of conditions that differ.
fn conditions_of(reproduced: &[Reproduced]) -> String {
    let mut told: Vec<(String, Vec<&str>)> = Vec::new();
    for one in reproduced {
        let Conditions {
            command,
            settings,
            machine,
        } = &one.conditions;
        let text = format!(
            "- command: `{command}`\n- machine: {}; {}; {}\n- commit {}\n- {settings}\n",
            machine.summary(),
            machine.os,
            machine.rustc,
            machine.revision(),
        );
        match told.iter_mut().find(|(before, _)| *before == text) {
            Some((_, ids)) => ids.push(one.figure.id()),
            None => told.push((text, vec![one.figure.id()])),
        }
    }
    let alone = told.len() == 1;
    let lists = told.iter().map(|(text, ids)| match alone {
        true => format!("{text}\n"),
        false => format!("{}:\n\n{text}\n", ids.join(", ")),
    });
    lists.collect()
}

/// One row per published number.
pub(super) fn markdown(reproduced: &[Reproduced]) -> String {
    let mut text = String::from(
        "# Published numbers, beside ours\n\n\
         *Printed*: read in print. *Stored output*: what the original software left. *Recalled*: from memory, the page was not at hand. \
         *Recomputed*:\ncomputed with other software. *Law*: it follows from a theorem. *Required*: the suite asks it of itself. Of numbers in bold none may be missed. *Told*: of another machine, and not judged.\n\n",
    );
    text += &conditions_of(reproduced);
    text += "| figure | quantity | published | ours | difference | tolerance | provenance | verdict |\n|---|---|---:|---:|---:|---:|---|---|\n";
    for one in reproduced {
        for (it, ours, standing) in one.numbers() {
            let bold = if it.hard { "**" } else { "" };
            let published = it.published.map_or_else(|| expected(it), |v| v.to_string());
            let or_none = |v: f64| match v.is_nan() {
                true => String::from("-"),
                false => number(v),
            };
            text += &format!(
                "| {} | {bold}{}{bold} | {} | {} | {} | {} | {} | {} |\n",
                one.figure.id(),
                cell(&it.name),
                cell(&published),
                or_none(ours),
                or_none(it.difference(ours)),
                it.allowed()
                    .map_or_else(|| "-".into(), |v| format!("{v:.1e}")),
                it.provenance.text(),
                word(standing)
            );
        }
    }
    let notes: Vec<String> = (reproduced.iter())
        .flat_map(|one| one.numbers().map(|n| n.0).filter(|n| !n.note.is_empty()))
        .map(|it| format!("- {}: {}\n", it.name, it.note))
        .collect();
    if !notes.is_empty() {
        text += &format!("\n## Notes\n\n{}", notes.concat());
    }
    text
}

/// One row per published number.
pub(super) fn csv(reproduced: &[Reproduced]) -> String {
    let mut text = String::from(
        "figure,quantity,published,above,below,ours,difference,tolerance,provenance,hard,verdict\n",
    );
    let or_none = |v: Option<f64>| v.map_or_else(String::new, |v| v.to_string());
    for one in reproduced {
        for (it, ours, standing) in one.numbers() {
            text += &format!(
                "{},{},{},{},{},{ours},{},{},{},{},{}\n",
                one.figure.id(),
                quoted(&it.name),
                or_none(it.published),
                or_none(it.above),
                or_none(it.below),
                it.difference(ours),
                or_none(it.allowed()),
                it.provenance.text(),
                it.hard,
                word(standing)
            );
        }
    }
    text
}

/// A text inside the quotes of an attribute.
fn attribute(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('"', "&quot;")
        .replace('<', "&lt;")
}

/// All pictures with what they show, how they were made and how their numbers stand.
pub(super) fn gallery(reproduced: &[Reproduced], theme: Theme) -> String {
    let mut text = String::from(
        "# Published figures, computed and drawn again\n\n\
         Every number that the publications give, beside ours: [tables/published.md](../tables/published.md).\n\n",
    );
    text += &conditions_of(reproduced);
    let suffix = theme.sheets().first().map_or("", |sheet| sheet.suffix);
    for one in reproduced {
        let figure = one.figure;
        text += &format!("## {}\n\n{}.\n\n", figure.title(), figure.shows());
        let charts = one.charts();
        for chart in &charts {
            // A picture of 16 cm has the size of print, which is small on a screen.
            text += &format!(
                "<img src=\"{}{suffix}.svg\" width=\"900\" alt=\"{}\">\n\n",
                chart.stem,
                attribute(&chart.title)
            );
        }
        if let Some(reason) = one.failure() {
            text += &format!("Not reproduced: {reason}.\n\n");
        }
        text += &format!("- Source: {}\n", one.reference.source);
        text += &format!("- Settings: {}\n", figure.settings());
        for deviation in figure.deviations() {
            text += &format!("- Deviation: {deviation}\n");
        }
        let recalled = one
            .numbers()
            .filter(|n| n.0.provenance == Provenance::Recalled);
        let recalled = match recalled.count() {
            0 => String::new(),
            count => format!("; {count} of the published numbers are recalled, not read in print"),
        };
        text += &format!("- Numbers: {}{recalled}\n", one.tally());
        if theme == Theme::Paper && !charts.is_empty() {
            let column = |chart: &Chart| format!("[{0}]({0}-8cm.svg)", chart.stem);
            let columns: Vec<String> = charts.iter().map(column).collect();
            text += &format!("- Column width, 8 cm: {}\n", columns.join(", "));
        }
        text += &format!("- Command: `cargo xtask figures {}`\n\n", figure.id());
    }
    text
}
