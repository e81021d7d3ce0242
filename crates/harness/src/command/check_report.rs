//! What a check found: for the terminal, as Markdown and as JSON, and the code to exit with.

use std::fmt::Write as _;

use comfy_table::Table;
use comfy_table::presets::NOTHING;
use serde::Serialize;

use super::gate_numbers::Taken;
use super::{NO_BASELINE, REGRESSION, WRONG};
use crate::gate::Layer;
use crate::gate::compare::{Finding, Verdict, compare};
use crate::gate::timing::{BOUND, Change, Timed, Timing};
use crate::record::machine::Machine;

/// Differences that the terminal shows.
const SHOWN: usize = 30;

/// Whether a layer was compared.
#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "standing", content = "reason")]
pub(super) enum Standing {
    /// It was.
    Compared,
    /// What it needs is not installed.
    Skipped(String),
    /// There is nothing to compare it with.
    NoBaseline(String),
    /// What there is was measured by other means.
    Incompatible(String),
}

/// How one layer ended.
#[derive(Debug, Serialize)]
pub(super) struct LayerReport {
    layer: Layer,
    #[serde(flatten)]
    standing: Standing,
    /// Numbers that were measured.
    measured: usize,
    findings: Vec<Finding>,
    /// Times, of the layer that has some.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    timings: Vec<Timing>,
}

/// A path or kernel whose answer is wrong.
#[derive(Debug, Serialize)]
struct Wrong {
    cell: String,
    reason: String,
}

/// What a check found.
#[derive(Debug, Serialize)]
pub(super) struct Report {
    pub(super) exit_code: u8,
    machine: Machine,
    /// Whether more time is a failure.
    gate_time: bool,
    wrong: Vec<Wrong>,
    pub(super) layers: Vec<LayerReport>,
}

impl Report {
    pub(super) fn new(wrong: Vec<(String, String)>, gate_time: bool) -> Self {
        let wrong = wrong.into_iter();
        Self {
            exit_code: 0,
            machine: Machine::detect(),
            gate_time,
            wrong: wrong.map(|(cell, reason)| Wrong { cell, reason }).collect(),
            layers: Vec::new(),
        }
    }

    /// Adds what came to light while it was timed, unless it is known already.
    pub(super) fn add_wrong(&mut self, wrong: &[(String, String)]) {
        for (cell, reason) in wrong {
            if !self.wrong.iter().any(|w| w.cell == *cell) {
                let (cell, reason) = (cell.clone(), reason.clone());
                self.wrong.push(Wrong { cell, reason });
            }
        }
    }

    /// Sets the code to the gravest of what was found. A layer that is required has to be compared, number by number.
    pub(super) fn decide(&mut self, require_baseline: bool, require: &[Layer]) {
        let lacking = |layer: &LayerReport| {
            let required = require.contains(&layer.layer);
            let gated = layer.layer == Layer::Time && self.gate_time;
            match layer.standing {
                Standing::Compared => {
                    let new = layer.count(Verdict::New) > 0;
                    let open = layer.count(Verdict::Inconclusive) > 0;
                    new && (required || require_baseline) || open && required
                }
                Standing::Incompatible(_) => true,
                Standing::NoBaseline(_) => required || gated || require_baseline,
                Standing::Skipped(_) => required || gated,
            }
        };
        let compared = |l: &LayerReport| l.standing == Standing::Compared;
        self.exit_code = if !self.wrong.is_empty() || self.count(Verdict::Wrong) > 0 {
            WRONG
        } else if self.layers.iter().any(|l| self.fails(l)) {
            REGRESSION
        } else if self.layers.iter().any(lacking) || !self.layers.iter().any(compared) {
            NO_BASELINE
        } else {
            0
        };
    }

    /// Whether something is worse, in a layer where that is a failure.
    fn fails(&self, layer: &LayerReport) -> bool {
        let asked = layer.layer != Layer::Time || self.gate_time;
        asked && layer.count(Verdict::Worse) + layer.count(Verdict::Vanished) > 0
    }

    fn count(&self, verdict: Verdict) -> usize {
        self.layers.iter().map(|l| l.count(verdict)).sum()
    }

    fn findings(&self) -> impl Iterator<Item = &Finding> {
        self.layers.iter().flat_map(|l| &l.findings)
    }

    /// What differs, then one line per layer.
    pub(super) fn text(&self) -> String {
        let mut text = String::new();
        for one in &self.wrong {
            text += &format!("WRONG {}: {}\n", one.cell, one.reason);
        }
        // The gravest first, so that what is cut off is the least.
        let mut findings: Vec<&Finding> = self.findings().collect();
        findings.sort_by_key(|f| f.verdict);
        let mut table = Table::new();
        table.load_preset(NOTHING);
        table.set_header(HEADER);
        for finding in findings.iter().take(SHOWN) {
            table.add_row(cells(finding));
        }
        if !findings.is_empty() {
            text += &format!("{table}\n");
        }
        if findings.len() > SHOWN {
            text += &format!(
                "... and {} more; --json writes all\n",
                findings.len() - SHOWN
            );
        }
        for layer in &self.layers {
            text += &format!("{}\n", layer.summary());
        }
        // Not beside a failure: that would be an invitation to write it down.
        let kept = self.layers.iter().filter(|l| l.layer != Layer::Time);
        let differ = kept.map(|l| l.count(Verdict::Better) + l.count(Verdict::New));
        if self.exit_code == 0 && differ.sum::<usize>() > 0 {
            text += "baseline update --reason '...' makes what was found the new baseline\n";
        }
        text += &self.last_line();
        text
    }

    fn last_line(&self) -> String {
        let warned = |l: &LayerReport| l.layer == Layer::Time && l.count(Verdict::Worse) > 0;
        match self.exit_code {
            0 if self.layers.iter().any(warned) => "check passed, but time is more".into(),
            0 => "check passed".into(),
            REGRESSION => {
                let failing = self.layers.iter().filter(|l| self.fails(l));
                let names: Vec<&str> = failing.map(|l| l.layer.name()).collect();
                format!(
                    "check failed: worse than expected in {} (code 3)",
                    names.join(", ")
                )
            }
            WRONG => "check failed: a wrong answer (code 4)".into(),
            _ => "check failed: a layer could not be compared (code 5)".into(),
        }
    }

    pub(super) fn markdown(&self) -> String {
        let mut text = format!("### {}\n\n", self.last_line());
        for layer in &self.layers {
            text += &format!("- {}\n", layer.summary());
        }
        for one in &self.wrong {
            text += &format!("- WRONG `{}`: {}\n", one.cell, one.reason);
        }
        if self.findings().next().is_some() {
            let header = HEADER.join(" | ");
            text += &format!("\n| {header} |\n|---|---|---|---:|---:|---:|---|\n");
            for finding in self.findings() {
                let _ = writeln!(text, "| {} |", cells(finding).join(" | "));
            }
        }
        for layer in &self.layers {
            text += &layer.times_as_markdown();
        }
        let machine = &self.machine;
        let _ = writeln!(
            text,
            "\n{}, commit {}",
            machine.summary(),
            machine.revision()
        );
        text
    }
}

impl LayerReport {
    /// What became of a layer that has both numbers that were found and numbers that were expected, or not.
    pub(super) fn new(layer: Layer, found: Taken, expected: Taken) -> Self {
        let (found, expected) = match (found, expected) {
            (Taken::Missing(reason), _) => return Self::absent(layer, Standing::Skipped(reason)),
            (_, Taken::Missing(reason)) => {
                return Self::absent(layer, Standing::NoBaseline(reason));
            }
            (Taken::Numbers(found), Taken::Numbers(expected)) => (found, expected),
        };
        if found.toolchain != expected.toolchain {
            let or_any = |toolchain: Option<String>| toolchain.unwrap_or_else(|| "any".into());
            let reason = format!(
                "the baseline is of {}, this is {}; --base REV counts both here",
                or_any(expected.toolchain),
                or_any(found.toolchain)
            );
            return Self::absent(layer, Standing::Incompatible(reason));
        }
        Self {
            layer,
            standing: Standing::Compared,
            measured: found.metrics.len(),
            findings: compare(layer, &expected.metrics, &found.metrics),
            timings: Vec::new(),
        }
    }

    /// A layer that was not compared.
    pub(super) fn absent(layer: Layer, standing: Standing) -> Self {
        Self {
            layer,
            standing,
            measured: 0,
            findings: Vec::new(),
            timings: Vec::new(),
        }
    }

    /// The layer of time.
    pub(super) fn timed(timed: Timed) -> Self {
        let without_like = |cell: &String, verdict: Verdict| Finding {
            layer: Layer::Time,
            cell: cell.clone(),
            metric: "seconds".into(),
            expected: None,
            found: None,
            verdict,
        };
        let mut findings: Vec<Finding> = timed.timings.iter().filter_map(finding).collect();
        let vanished = timed.vanished.iter();
        findings.extend(vanished.map(|cell| without_like(cell, Verdict::Vanished)));
        // What was wrong before has no time to be compared with.
        let wrong_before = timed.wrong_before.iter().map(|(cell, _)| cell);
        let new = timed.new.iter().chain(wrong_before);
        findings.extend(new.map(|cell| without_like(cell, Verdict::New)));
        Self {
            layer: Layer::Time,
            standing: Standing::Compared,
            measured: timed.timings.len(),
            findings,
            timings: timed.timings,
        }
    }

    fn count(&self, verdict: Verdict) -> usize {
        let findings = self.findings.iter();
        findings.filter(|f| f.verdict == verdict).count()
    }

    fn summary(&self) -> String {
        let name = self.layer.name();
        match &self.standing {
            Standing::Compared => {}
            Standing::Skipped(reason) | Standing::NoBaseline(reason) => {
                return format!("{name}: SKIPPED, {reason}");
            }
            Standing::Incompatible(reason) => return format!("{name}: INCOMPATIBLE, {reason}"),
        }
        let kinds = [
            Verdict::Wrong,
            Verdict::Worse,
            Verdict::Vanished,
            Verdict::Better,
            Verdict::New,
            Verdict::Inconclusive,
        ];
        let parts: Vec<String> = (kinds.into_iter())
            .filter(|&kind| self.count(kind) > 0)
            .map(|kind| format!("{} {}", self.count(kind), word(kind)))
            .collect();
        let differing = if parts.is_empty() {
            "all as expected".into()
        } else {
            parts.join(", ")
        };
        let resolution = self.timings.iter().map(Timing::resolution);
        let resolved = match resolution.reduce(f64::max) {
            Some(worst) => format!(
                ", base against itself within {:.1} %",
                100.0 * (worst - 1.0)
            ),
            None => String::new(),
        };
        format!("{name}: {} numbers, {differing}{resolved}", self.measured)
    }

    fn times_as_markdown(&self) -> String {
        if self.timings.is_empty() {
            return String::new();
        }
        let mut text =
            "\n| benchmark | base | change | ratio | 95 % interval | base against itself |\n\
                        |---|---:|---:|---:|---:|---:|\n"
                .to_owned();
        for timing in &self.timings {
            let (ratio, unchanged) = (&timing.ratio, &timing.unchanged);
            let _ = writeln!(
                text,
                "| {} | {} | {} | {:.3} | {:.3} … {:.3} | {:.3} … {:.3} |",
                timing.benchmark,
                seconds(timing.base),
                seconds(timing.head),
                ratio.median,
                ratio.low,
                ratio.high,
                unchanged.low,
                unchanged.high
            );
        }
        text
    }
}

/// What a timing is as a finding; None if there is nothing to say.
fn finding(timing: &Timing) -> Option<Finding> {
    let verdict = match timing.change {
        Change::Same => return None,
        Change::Slower => Verdict::Worse,
        Change::Faster => Verdict::Better,
        Change::Inconclusive => Verdict::Inconclusive,
    };
    let ratio = &timing.ratio;
    let metric = match timing.change {
        Change::Inconclusive => format!(
            "seconds; base against itself {:.3} … {:.3}, bound {BOUND}",
            timing.unchanged.low, timing.unchanged.high
        ),
        _ => format!("seconds, ratio {:.3} … {:.3}", ratio.low, ratio.high),
    };
    Some(Finding {
        layer: Layer::Time,
        cell: timing.benchmark.clone(),
        metric,
        expected: Some(seconds(timing.base)),
        found: Some(seconds(timing.head)),
        verdict,
    })
}

/// Seconds with four digits, in a unit that needs no exponent.
pub(super) fn seconds(value: f64) -> String {
    let (factor, unit) = match value {
        v if v < 1e-6 => (1e9, "ns"),
        v if v < 1e-3 => (1e6, "µs"),
        v if v < 1.0 => (1e3, "ms"),
        _ => (1.0, "s"),
    };
    let scaled = value * factor;
    let digits = 3usize.saturating_sub(scaled.max(1.0).log10() as usize);
    format!("{scaled:.digits$} {unit}")
}

fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Wrong => "WRONG",
        Verdict::Worse => "worse",
        Verdict::Vanished => "vanished",
        Verdict::Better => "better",
        Verdict::New => "new",
        Verdict::Inconclusive => "INCONCLUSIVE",
    }
}

const HEADER: [&str; 7] = [
    "layer", "path", "number", "expected", "found", "change", "verdict",
];

/// A finding as a row of a table.
pub(super) fn cells(finding: &Finding) -> [String; 7] {
    let or_none = |value: &Option<String>| value.clone().unwrap_or_else(|| "-".into());
    [
        finding.layer.name().into(),
        finding.cell.clone(),
        finding.metric.clone(),
        or_none(&finding.expected),
        or_none(&finding.found),
        change(finding).unwrap_or_else(|| "-".into()),
        word(finding.verdict).into(),
    ]
}

/// Relative change of a count, in per cent.
fn change(finding: &Finding) -> Option<String> {
    let number = |value: &Option<String>| value.as_ref()?.parse::<f64>().ok();
    let (before, now) = (number(&finding.expected)?, number(&finding.found)?);
    let counted = matches!(
        finding.layer,
        Layer::Work | Layer::Instructions | Layer::Memory
    );
    (counted && before > 0.0).then(|| format!("{:+.1} %", 100.0 * (now / before - 1.0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A layer that was compared, with one finding of this kind.
    fn found(layer: Layer, verdict: Verdict) -> LayerReport {
        LayerReport {
            standing: Standing::Compared,
            measured: 1,
            findings: vec![Finding {
                layer,
                cell: "cell".into(),
                metric: "metric".into(),
                expected: None,
                found: None,
                verdict,
            }],
            ..LayerReport::absent(layer, Standing::Compared)
        }
    }

    #[test]
    fn the_code_is_of_the_gravest_and_a_required_layer_has_to_be_compared() {
        use Layer::{Answers, Instructions, Memory, Time, Work};
        let skipped = |layer| LayerReport::absent(layer, Standing::Skipped("no".into()));
        let missing = |layer| LayerReport::absent(layer, Standing::NoBaseline("no".into()));
        let other = |layer| LayerReport::absent(layer, Standing::Incompatible("no".into()));
        let fine = |layer| LayerReport::absent(layer, Standing::Compared);
        let code = |layers: Vec<LayerReport>, gate_time, require_baseline, require: &[Layer]| {
            let mut report = Report::new(Vec::new(), gate_time);
            report.layers = layers;
            report.decide(require_baseline, require);
            // The last line names what failed, and nothing that did not.
            let names = |l: &LayerReport| report.last_line().contains(l.layer.name());
            let failed = report.exit_code == REGRESSION;
            let blamed = |l: &LayerReport| !failed || names(l) == report.fails(l);
            assert!(report.layers.iter().all(blamed), "{}", report.text());
            report.exit_code
        };
        let worse = |layer| found(layer, Verdict::Worse);
        assert_eq!(code(vec![fine(Work)], false, true, &[Work]), 0);
        assert_eq!(
            code(vec![worse(Memory), other(Instructions)], false, false, &[]),
            3
        );
        assert_eq!(
            code(
                vec![found(Answers, Verdict::Wrong), worse(Work)],
                false,
                false,
                &[]
            ),
            4
        );
        assert_eq!(
            code(vec![fine(Work), other(Instructions)], false, false, &[]),
            5
        );
        assert_eq!(
            code(vec![fine(Work), skipped(Instructions)], false, true, &[]),
            0
        );
        assert_eq!(
            code(
                vec![fine(Work), skipped(Instructions)],
                false,
                false,
                &[Instructions]
            ),
            5
        );
        assert_eq!(
            code(vec![fine(Work), missing(Memory)], false, false, &[]),
            0
        );
        assert_eq!(code(vec![fine(Work), missing(Memory)], false, true, &[]), 5);
        // Nothing was compared at all.
        assert_eq!(
            code(
                vec![missing(Work), skipped(Instructions)],
                false,
                false,
                &[]
            ),
            5
        );
        let new = || vec![found(Memory, Verdict::New)];
        assert_eq!(code(new(), false, false, &[]), 0);
        assert_eq!(code(new(), false, false, &[Memory]), 5);
        assert_eq!(code(new(), false, true, &[]), 5);
        assert_eq!(code(vec![worse(Time)], false, false, &[]), 0);
        assert_eq!(code(vec![worse(Time)], true, false, &[Time]), 3);
        assert_eq!(code(vec![worse(Work), worse(Time)], false, false, &[]), 3);
        let open = || vec![found(Time, Verdict::Inconclusive)];
        assert_eq!(code(open(), false, false, &[]), 0);
        assert_eq!(code(open(), true, false, &[]), 0);
        assert_eq!(code(open(), false, false, &[Time]), 5);
        // A gate on time without a time.
        assert_eq!(code(vec![fine(Work), missing(Time)], true, false, &[]), 5);
    }

    #[test]
    fn seconds_have_four_digits() {
        for (value, text) in [
            (1.2345e-8, "12.35 ns"),
            (9.9996e-6, "10.000 µs"),
            (1.2344e-4, "123.4 µs"),
            (0.5, "500.0 ms"),
            (2.0, "2.000 s"),
        ] {
            assert_eq!(seconds(value), text);
        }
    }
}
