//! The tables of the comparison of cross-validations: for the terminal, and as Markdown with conditions and reasons.

use comfy_table::presets::NOTHING;
use comfy_table::{Cell, CellAlignment, Table};

use crate::cv_contest::{AGREED, EPS, Entry, FOLDS, SEED};
use crate::record::machine::Machine;
use crate::statistics::median;

/// What the Markdown says above its tables.
pub(super) struct Heading<'a> {
    /// The command line.
    pub command: String,
    /// Where it ran.
    pub machine: &'a Machine,
    /// Timed rounds that were asked for.
    pub rounds: usize,
    /// Threads of everyone.
    pub threads: usize,
}

/// Columns of the agreement.
const AGREEMENT: [&str; 8] = [
    "problem",
    "contestant",
    "tolerance",
    "worst suboptimality",
    "largest relative difference of the mean error",
    "of its standard error",
    "Δ index of λ_min",
    "Δ index of λ_1se",
];
/// Columns of the times.
const SPEED: [&str; 9] = [
    "problem",
    "contestant",
    "tolerance",
    "worst suboptimality",
    "seconds (min – max)",
    "over regpath's (range)",
    "largest relative difference of the mean error",
    "Δ index of λ_min",
    "Δ index of λ_1se",
];

/// Two significant digits of what is small; 0 as such.
pub(super) fn small(value: f64) -> String {
    if value == 0.0 {
        "0".into()
    } else {
        format!("{value:.1e}")
    }
}

fn suboptimality(entry: &Entry) -> String {
    entry.subopt.map_or_else(|| "-".into(), small)
}

fn tolerance(entry: &Entry) -> String {
    entry.tol.map_or_else(|| "-".into(), |v| format!("{v:e}"))
}

fn agreement_cells(entry: &Entry) -> Vec<String> {
    let mut cells = vec![entry.problem.clone(), entry.contestant.clone()];
    match &entry.difference {
        None => cells.extend(std::iter::repeat_n(
            String::from("-"),
            AGREEMENT.len() - cells.len(),
        )),
        Some(d) => cells.extend([
            tolerance(entry),
            suboptimality(entry),
            small(d.mean),
            small(d.se),
            d.min.to_string(),
            d.one_se.to_string(),
        ]),
    }
    cells
}

fn speed_cells(entry: &Entry) -> Vec<String> {
    let contestant = match entry.crew.as_str() {
        "" => entry.contestant.clone(),
        crew => format!("{} ({crew})", entry.contestant),
    };
    let mut cells = vec![
        entry.problem.clone(),
        contestant,
        tolerance(entry),
        suboptimality(entry),
        spread(&entry.seconds),
        spread(&entry.ratios),
    ];
    match &entry.difference {
        None => cells.extend(std::iter::repeat_n(String::from("-"), 3)),
        Some(d) => cells.extend([small(d.mean), d.min.to_string(), d.one_se.to_string()]),
    }
    cells
}

/// Median and range.
pub(super) fn spread(values: &[f64]) -> String {
    if values.is_empty() {
        return "-".into();
    }
    let least = values.iter().copied().fold(f64::INFINITY, f64::min);
    let most = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    format!(
        "{} ({} – {})",
        digits(median(&mut values.to_vec())),
        digits(least),
        digits(most)
    )
}

/// Three significant digits.
fn digits(value: f64) -> String {
    let places = (2 - value.abs().log10().floor() as i32).clamp(0, 6) as usize;
    format!("{value:.places$}")
}

/// One line per problem whose times are compared: the fastest other package over the suite on the same task.
fn verdicts(speed: &[Entry]) -> Vec<String> {
    let mut problems: Vec<&str> = speed.iter().map(|e| e.problem.as_str()).collect();
    problems.dedup();
    let verdict = |problem: &str| {
        let others = speed
            .iter()
            .filter(|e| e.problem == problem && !e.ratios.is_empty());
        let seconds = |e: &Entry| median(&mut e.seconds.clone());
        let fastest = others.min_by(|a, b| seconds(a).total_cmp(&seconds(b)))?;
        Some(format!(
            "{problem}: the fastest other, {}, takes {} times as long as regpath on the same task",
            fastest.contestant,
            spread(&fastest.ratios)
        ))
    };
    problems.into_iter().filter_map(verdict).collect()
}

/// Why there is no result, or what else is to be said.
fn reasons(agreement: &[Entry], speed: &[Entry]) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for entry in agreement.iter().chain(speed) {
        if let Some(reason) = &entry.reason {
            let line = format!("{} on {}: {reason}", entry.contestant, entry.problem);
            if !lines.contains(&line) {
                lines.push(line);
            }
        }
    }
    lines
}

/// Packages with their versions, each once.
fn versions(entries: &[Entry]) -> Vec<String> {
    let mut versions: Vec<String> = Vec::new();
    for entry in entries.iter().filter(|e| !e.version.is_empty()) {
        let package = entry.contestant.split([' ', ',']).next();
        let version = format!("{} {}", package.unwrap_or_default(), entry.version);
        if !versions.contains(&version) {
            versions.push(version);
        }
    }
    versions
}

/// The same for a terminal.
pub(super) fn grid(header: &[&str], rows: Vec<Vec<String>>) -> String {
    let mut table = Table::new();
    table.load_preset(NOTHING);
    table.set_header(header.iter().copied());
    for row in rows {
        let cells = row.into_iter().enumerate().map(|(i, text)| {
            let side = if i < 2 {
                CellAlignment::Left
            } else {
                CellAlignment::Right
            };
            Cell::new(text).set_alignment(side)
        });
        table.add_row(cells);
    }
    table.to_string()
}

/// Both tables.
pub(super) fn terminal(agreement: &[Entry], speed: &[Entry]) -> String {
    let cells = agreement.iter().map(agreement_cells).collect();
    let mut text = format!(
        "agreement of mean squared errors\n{}\n",
        grid(&AGREEMENT, cells)
    );
    if !speed.is_empty() {
        let cells = speed.iter().map(speed_cells).collect();
        text += &format!("\ntime at suboptimality {EPS:e}\n{}\n", grid(&SPEED, cells));
    }
    let verdicts = verdicts(speed).into_iter();
    for line in verdicts.chain(reasons(agreement, speed)) {
        text += &format!("  {line}\n");
    }
    text
}

/// A table whose first two columns are text and the others numbers.
pub(super) fn markdown_table(header: &[&str], rows: impl Iterator<Item = Vec<String>>) -> String {
    let mut text = format!("| {} |\n|---|---|", header.join(" | "));
    text += &"---:|".repeat(header.len() - 2);
    text += "\n";
    for row in rows {
        text += &format!("| {} |\n", row.join(" | "));
    }
    text
}

/// The tables with the conditions under which they were made.
pub(super) fn markdown(agreement: &[Entry], speed: &[Entry], heading: &Heading) -> String {
    let machine = heading.machine;
    let mut text = format!(
        "# Cross-validation beside scikit-learn and glmnet\n\n\
         Mean squared errors on rows held out, by the same {FOLDS} folds (drawn with seed {SEED}) and at the same 100 λ, those of \
         regpath's path on all rows.\n\
         Everyone gets columns that are centred and standardised on all rows, and fits an intercept in every fold. LassoCV takes the \
         columns as they are,\ncv.glmnet standardises them anew in every fold; each is held against regpath doing the same. LassoCV's \
         errors are averaged by rows, as regpath's\nand glmnet's are, and its λ_1se is found from them by the same rule. RidgeCV and \
         regpath leave out each row in turn, in closed form.\nThe elastic net is not compared: glmnet scales y by its deviation in \
         every training set, which changes the ridge part from fold to fold.\n\n"
    );
    text += &format!("- command: `{}`\n", heading.command);
    text += &format!(
        "- machine: {}; {}; {}\n",
        machine.summary(),
        machine.os,
        machine.rustc
    );
    text += &format!("- commit {}, {}\n", machine.revision(), machine.started);
    let everyone: Vec<Entry> = speed.iter().chain(agreement).cloned().collect();
    text += &format!("- versions: {}\n", versions(&everyone).join(", "));
    text += &format!(
        "\n## Agreement\n\nAt the tightest tolerance of each; suboptimality is the worst of the path on all rows, \
         (P − D_best) / null loss. Curves agree where mean errors\ndiffer by at most {AGREED:e} of their size and both choices of λ \
         are the same.\n\n"
    );
    text += &markdown_table(&AGREEMENT, agreement.iter().map(agreement_cells));
    if !speed.is_empty() {
        text += &format!(
            "\n## Time at equal accuracy\n\nSeconds of the one call that cross-validates, in processes that are warm and have the \
             data: median and range of {} interleaved rounds\nat the loosest tolerance of each whose path on all rows is certified \
             to {EPS:e}. {} threads each, in the faster of a package's ways to use them.\nRatios are taken round by round; \
             differences are from regpath's curve at its tightest.\n\n",
            heading.rounds, heading.threads
        );
        text += &markdown_table(&SPEED, speed.iter().map(speed_cells));
        text += "\n";
        for line in verdicts(speed) {
            text += &format!("- {line}\n");
        }
    }
    let reasons = reasons(agreement, speed);
    if !reasons.is_empty() {
        text += "\n## Without a result, or not as asked\n\n";
        for reason in reasons {
            text += &format!("- {reason}\n");
        }
    }
    text
}
