//! The table of claims: for the terminal, as Markdown with conditions and sources, and as CSV.

use serde_json::{Value, json};

use crate::claim::{Bound, Check, Claim, Decision, Role, Ruling, Verdict};
use crate::claim_trials::Findings;
use crate::figure::chart::Chart;
use crate::record::claims::Conditions;
use crate::statistics::Interval;

/// A claim with what was found.
pub(super) struct Judged {
    /// The claim.
    pub claim: &'static dyn Claim,
    /// Metrics and sentence.
    pub ruling: Ruling,
    /// What became of it.
    pub verdict: Verdict,
    /// What it was measured with.
    pub conditions: Conditions,
    findings: Findings,
}

impl Judged {
    /// Judges what was measured.
    pub fn new(claim: &'static dyn Claim, findings: Findings, conditions: Conditions) -> Self {
        let (ruling, verdict) = findings.judge(claim);
        Self {
            claim,
            ruling,
            verdict,
            conditions,
            findings,
        }
    }

    /// The pictures.
    pub fn charts(&self) -> Vec<Chart> {
        self.claim.charts(&self.findings.rows)
    }

    /// The claim as JSON.
    pub fn json(&self) -> Value {
        let check = |c: &Check| {
            json!({
                "metric": c.metric, "low": c.interval.low, "estimate": c.interval.estimate, "high": c.interval.high,
                "bound": c.bound, "role": c.role, "decision": c.decide(),
            })
        };
        json!({
            "claim": self.claim.id(), "says": self.claim.claim(), "verdict": self.verdict.text(),
            "sentence": self.ruling.sentence, "trials": self.findings.trials(), "failures": self.findings.failures,
            "checks": self.ruling.checks.iter().map(check).collect::<Vec<_>>(),
        })
    }

    /// Why trials failed, if some did.
    fn trouble(&self) -> Option<String> {
        let first = self.findings.failures.first()?;
        Some(format!(
            "{} of its trials failed, the first because {first}",
            self.findings.failures.len()
        ))
    }
}

/// Three significant digits; powers of ten for what is far from 1.
pub(super) fn number(value: f64) -> String {
    let size = value.abs();
    if value == value.round() && size < 1e5 {
        return format!("{}", value as i64);
    }
    if !(1e-3..1e5).contains(&size) {
        return format!("{value:.1e}");
    }
    let places = (2 - size.log10().floor() as i32).clamp(0, 5) as usize;
    let text = format!("{value:.places$}");
    // What is just short of 1 is not 1.
    match size < 1.0 && text == "1.000" {
        true => format!("1 − {:.0e}", 1.0 - size),
        false => text,
    }
}

fn estimate(interval: Interval) -> String {
    let Interval {
        low,
        estimate,
        high,
    } = interval;
    if low == high {
        return number(estimate);
    }
    format!("{} [{}, {}]", number(estimate), number(low), number(high))
}

fn bound(bound: Bound) -> String {
    // In full: a bound is a number that was chosen.
    let full = |v: f64| match v != 0.0 && v.abs() < 1e-3 {
        true => format!("{v:e}"),
        false => v.to_string(),
    };
    match bound {
        Bound::Below(to) => format!("< {}", full(to)),
        Bound::Above(from) => format!("> {}", full(from)),
        Bound::Within(from, to) => format!("in ({}, {})", full(from), full(to)),
        Bound::Told => String::new(),
    }
}

/// A check in a line.
fn line(check: &Check) -> String {
    let found = format!("{} = {}", check.metric, estimate(check.interval));
    let held = match (check.decide(), check.bound) {
        (_, Bound::Told) => return found,
        (Decision::Holds, _) => "yes",
        (Decision::Fails, _) => "no",
        (Decision::Undecided, _) => "undecided",
    };
    format!("{found}; {}? {held}", bound(check.bound))
}

/// What the terminal shows.
pub(super) fn terminal(judged: &[Judged]) -> String {
    let mut text = String::new();
    for one in judged {
        let id = one.claim.id();
        text += &format!(
            "{id}: {}\n  \"{}\"\n",
            one.verdict.text(),
            one.claim.claim()
        );
        for check in &one.ruling.checks {
            text += &format!("    {}\n", line(check));
        }
        if let Some(trouble) = one.trouble() {
            text += &format!("    {trouble}\n");
        }
        text += &format!("  {}\n\n", one.ruling.sentence);
    }
    text + &tally(judged)
}

/// How many there are of each verdict.
fn tally(judged: &[Judged]) -> String {
    let count = |is: fn(&Verdict) -> bool| judged.iter().filter(|j| is(&j.verdict)).count();
    format!(
        "{} claims: {} confirmed, {} refuted, {} under a condition, {} undecided",
        judged.len(),
        count(|v| *v == Verdict::Confirmed),
        count(|v| *v == Verdict::Refuted),
        count(|v| matches!(v, Verdict::OnlyIf(_))),
        count(|v| *v == Verdict::Undecided),
    )
}

/// A text in a cell of a Markdown table.
pub(super) fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('<', "&lt;")
}

/// The table with conditions, experiments and sources; `figures` leads to the pictures.
pub(super) fn markdown(judged: &[Judged], conditions: &Conditions, figures: &str) -> String {
    let machine = &conditions.machine;
    let mut text = String::from(
        "# L1 or L2: what people say, claim by claim\n\n\
         Each claim is an experiment with a metric, a bound that was set before, and a verdict. Brackets hold 95 % intervals over \
         trials, each of\nwhich draws its own data; numbers without brackets do not depend on chance, or are the worst of all trials. A claim is *confirmed* where \
         every interval lies on the right side of\nits bound, *refuted* where one on which it stands or falls lies on the wrong side, \
         *undecided* where one crosses its bound, and *holds only if* where\nit fails outside a limit. Losses and penalties as in \
         (1/n) Σ ℓ(y_i, x_iᵀβ) + λ Σ ω(β_j), squared loss and ridge with the factor ½.\n\n",
    );
    text += &format!("- command: `{}`\n", conditions.command);
    text += &format!(
        "- machine: {}; {}; {}\n",
        machine.summary(),
        machine.os,
        machine.rustc
    );
    text += &format!("- commit {}, {}\n", machine.revision(), machine.started);
    text += &format!("- {}\n- {}\n\n", conditions.settings, tally(judged));
    text += "| claim | verdict | what was measured; bound | in a sentence | figures |\n|---|---|---|---|---|\n";
    for one in judged {
        let deciding = one.ruling.checks.iter().filter(|c| c.bound != Bound::Told);
        let checks: Vec<String> = deciding.map(|c| cell(&line(c))).collect();
        let pictures: Vec<String> = (one.charts().iter())
            .map(|c| format!("[{}]({figures}/{}.svg)", c.stem, c.stem))
            .collect();
        text += &format!(
            "| **{}**: “{}” | **{}** | {} | {} | {} |\n",
            one.claim.id(),
            cell(one.claim.claim()),
            cell(&one.verdict.text()),
            checks.join("<br>"),
            cell(&one.ruling.sentence),
            pictures.join("<br>")
        );
    }
    text += "\n## Experiments and sources\n\n";
    for one in judged {
        let trials = match one.findings.trials() {
            0 => "nothing is drawn".into(),
            count => format!("{count} trials"),
        };
        text += &format!(
            "- **{}** ({trials}). {}. {}.\n",
            one.claim.id(),
            one.claim.experiment(),
            one.claim.sources().join("; ")
        );
        let told = one.ruling.checks.iter().filter(|c| c.bound == Bound::Told);
        let told: Vec<String> = told.map(line).collect();
        if !told.is_empty() {
            text += &format!("  Also measured: {}.\n", told.join("; "));
        }
    }
    let troubles = judged.iter().filter_map(|one| {
        let trouble = one.trouble()?;
        Some(format!("- **{}**: {trouble}\n", one.claim.id()))
    });
    let troubles: Vec<String> = troubles.collect();
    if !troubles.is_empty() {
        text += &format!("\n## What failed\n\n{}", troubles.concat());
    }
    text
}

/// A text in a cell of a CSV file.
pub(super) fn quoted(text: &str) -> String {
    match text.contains([',', '"', '\n']) {
        true => format!("\"{}\"", text.replace('"', "\"\"")),
        false => text.to_owned(),
    }
}

/// One row per check.
pub(super) fn csv(judged: &[Judged]) -> String {
    let mut text = String::from(
        "claim,verdict,metric,low,estimate,high,bound,decision,condition,trials,failed\n",
    );
    for one in judged {
        for check in &one.ruling.checks {
            let decision = match (check.decide(), check.bound) {
                (_, Bound::Told) => "told",
                (Decision::Holds, _) => "holds",
                (Decision::Fails, _) => "fails",
                (Decision::Undecided, _) => "undecided",
            };
            let condition = match &check.role {
                Role::Claim => "",
                Role::Limit(condition) => condition,
            };
            let Interval {
                low,
                estimate,
                high,
            } = check.interval;
            text += &format!(
                "{},{},{},{low},{estimate},{high},{},{decision},{},{},{}\n",
                one.claim.id(),
                quoted(&one.verdict.text()),
                quoted(&check.metric),
                quoted(&bound(check.bound)),
                quoted(condition),
                one.findings.trials(),
                one.findings.failures.len()
            );
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short_and_cells_are_escaped() {
        let texts = [0.0, 1234.5, 0.06123, -2.0, 1.3e-15, 1.0 - 5e-7].map(number);
        assert_eq!(texts, ["0", "1234", "0.0612", "-2", "1.3e-15", "1 − 5e-7"]);
        assert_eq!(cell("a | b < c"), "a \\| b &lt; c");
        assert_eq!(quoted("a, \"b\""), "\"a, \"\"b\"\"\"");
    }

    #[test]
    fn a_check_reads_as_a_question_and_its_answer() {
        let interval = Interval {
            low: 0.02,
            estimate: 0.04,
            high: 0.05,
        };
        let check = Check::new("ratio", interval, Bound::Below(0.1));
        assert_eq!(line(&check), "ratio = 0.0400 [0.0200, 0.0500]; < 0.1? yes");
        assert_eq!(
            line(&Check::told("ratio", interval)),
            "ratio = 0.0400 [0.0200, 0.0500]"
        );
    }
}
