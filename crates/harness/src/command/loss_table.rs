//! The table of the comparison of losses: for the terminal, and as Markdown with conditions and reasons.

use super::cv_table::{grid, markdown_table, small, spread};
use crate::loss_contest::{EPS, Entry};
use crate::record::machine::Machine;

/// What the Markdown says above its table.
pub(super) struct Heading<'a> {
    /// The command line.
    pub command: String,
    /// Where it ran.
    pub machine: &'a Machine,
    /// Timed rounds that were asked for.
    pub rounds: usize,
}

/// Columns.
const COLUMNS: [&str; 8] = [
    "problem",
    "contestant",
    "λ",
    "tolerance",
    "worst suboptimality",
    "largest difference of the objective",
    "seconds (min – max)",
    "over regpath's (range)",
];

fn cells(entry: &Entry) -> Vec<String> {
    let or_none = |value: Option<f64>| value.map_or_else(|| "-".into(), small);
    vec![
        entry.problem.clone(),
        entry.contestant.clone(),
        match entry.lambdas {
            0 => "-".into(),
            count => count.to_string(),
        },
        entry.tol.map_or_else(|| "-".into(), |v| format!("{v:e}")),
        or_none(entry.subopt),
        or_none(entry.difference),
        spread(&entry.seconds),
        spread(&entry.ratios),
    ]
}

/// One line per problem on which both were timed.
fn verdicts(entries: &[Entry]) -> Vec<String> {
    let timed = entries.iter().filter(|e| !e.ratios.is_empty());
    let verdict = |entry: &Entry| {
        let less = match entry.agrees() {
            true => "",
            false => ", at less accuracy",
        };
        format!(
            "{}: {} takes {} times as long as regpath{less}",
            entry.problem,
            entry.contestant,
            spread(&entry.ratios)
        )
    };
    timed.map(verdict).collect()
}

/// Why there is no result, or what else is to be said.
fn reasons(entries: &[Entry]) -> Vec<String> {
    let said = |entry: &Entry| {
        let reason = entry.reason.as_ref()?;
        Some(format!(
            "{} on {}: {reason}",
            entry.contestant, entry.problem
        ))
    };
    entries.iter().filter_map(said).collect()
}

/// Packages with their versions, each once.
fn versions(entries: &[Entry]) -> Vec<String> {
    let mut versions: Vec<String> = Vec::new();
    for entry in entries.iter().filter(|e| !e.version.is_empty()) {
        let package = entry.contestant.split(' ').next().unwrap_or_default();
        let version = format!("{package} {}", entry.version);
        if !versions.contains(&version) {
            versions.push(version);
        }
    }
    versions
}

/// The table with what is to be said of it.
pub(super) fn terminal(entries: &[Entry]) -> String {
    let rows = entries.iter().map(cells).collect();
    let mut text = format!("time at suboptimality {EPS:e}\n{}\n", grid(&COLUMNS, rows));
    for line in verdicts(entries).into_iter().chain(reasons(entries)) {
        text += &format!("  {line}\n");
    }
    text
}

/// The table with the conditions under which it was made.
pub(super) fn markdown(entries: &[Entry], heading: &Heading) -> String {
    let machine = heading.machine;
    let mut text = String::from(
        "# Losses beside the squared, beside quantreg, scikit-learn and glmnet\n\n\
         Median regression without penalty (`median`), its lasso path (`lad-lasso`) and the lasso path of logistic regression \
         (`logistic`), rows × columns.\nThe objective is (1/n) Σ ℓ(y_i, b₀ + x_iᵀb) + λ Σ |b_j|; ℓ is |y − z|/2 for the median. Columns \
         are independent standard normal variables,\nstandardised for everyone, errors have the Laplace distribution, classes follow \
         linear log-odds. Everyone fits an intercept that is not penalised, at\nthe same λ: 0, or regpath's grid. QuantileRegressor \
         knows no path and solves a linear program at every λ.\n\n",
    );
    text += &format!("- command: `{}`\n", heading.command);
    text += &format!(
        "- machine: {}; {}; {}\n",
        machine.summary(),
        machine.os,
        machine.rustc
    );
    text += &format!("- commit {}, {}\n", machine.revision(), machine.started);
    text += &format!("- versions: {}\n", versions(entries).join(", "));
    text += &format!(
        "\n## Time at equal accuracy\n\nSeconds for the fits at all λ, setup included, on one thread, in processes that are warm and \
         have the data: median and range of {} interleaved\nrounds, of one where a round takes more than a minute, at the loosest \
         tolerance of each that reaches {EPS:e}. Suboptimality is the worst over λ of\n(P − D_best) / null loss, with the dual values \
         that regpath's solver certifies at its tightest; the difference is from the objectives there, in the same\nunit. Ratios are \
         taken round by round. Tolerances mean what each package means by them: a duality gap for regpath and quantreg, feasibility \
         in the\nlinear program for scikit-learn, the change of the objective in a sweep for glmnet.\n\n",
        heading.rounds
    );
    text += &markdown_table(&COLUMNS, entries.iter().map(cells));
    text += "\n";
    for line in verdicts(entries) {
        text += &format!("- {line}\n");
    }
    let reasons = reasons(entries);
    if !reasons.is_empty() {
        text += "\n## Without a result, or not as asked\n\n";
        for reason in reasons {
            text += &format!("- {reason}\n");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_package_that_is_missing_is_a_row_and_a_reason_and_one_that_falls_short_is_marked() {
        let missing = Entry {
            problem: "median-300x5".into(),
            contestant: "quantreg rq.fit.fnb".into(),
            lambdas: 1,
            reason: Some("not installed; R is missing".into()),
            ..Entry::default()
        };
        let short = Entry {
            contestant: "glmnet binomial".into(),
            subopt: Some(1e-6),
            difference: Some(1e-6),
            seconds: vec![1.0],
            ratios: vec![2.0],
            ..missing.clone()
        };
        let text = terminal(&[missing, short]);
        assert!(text.contains("R is missing"), "{text}");
        assert!(
            text.contains(") times as long as regpath, at less accuracy"),
            "{text}"
        );
        assert_eq!(text.matches("quantreg rq.fit.fnb").count(), 2, "{text}");
    }
}
