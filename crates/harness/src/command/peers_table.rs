//! The table of the comparison with peers: for the terminal, and as Markdown with all reasons.

use std::collections::BTreeMap;
use std::fmt::Write;

use comfy_table::presets::NOTHING;
use comfy_table::{Cell, CellAlignment, Table};

use crate::contestant;
use crate::ladder::ENOUGH_SECONDS;
use crate::record::machine::Machine;
use crate::record::schema::LadderRow;

/// What the Markdown says above its tables.
pub(super) struct Heading<'a> {
    /// The command line.
    pub command: String,
    /// Where it ran.
    pub machine: &'a Machine,
    /// Timed repeats that were asked for.
    pub repeats: usize,
    /// Time limit of one path, seconds.
    pub timeout: f64,
    /// Problem and relative gap of the least accurate reference.
    pub reference_gap: Option<(String, f64)>,
}

/// The rows of one accuracy as a grid.
struct Grid<'a> {
    eps: f64,
    problems: Vec<&'a str>,
    contestants: Vec<&'a str>,
    cells: BTreeMap<(&'a str, &'a str), &'a LadderRow>,
}

fn grids(rows: &[LadderRow]) -> Vec<Grid<'_>> {
    let mut grids: Vec<Grid> = Vec::new();
    for row in rows {
        let position = grids
            .iter()
            .position(|g| g.eps == row.eps)
            .unwrap_or_else(|| {
                grids.push(Grid {
                    eps: row.eps,
                    problems: Vec::new(),
                    contestants: Vec::new(),
                    cells: BTreeMap::new(),
                });
                grids.len() - 1
            });
        let grid = &mut grids[position];
        if !grid.problems.contains(&row.problem.as_str()) {
            grid.problems.push(&row.problem);
        }
        if !grid.contestants.contains(&row.contestant.as_str()) {
            grid.contestants.push(&row.contestant);
        }
        grid.cells.insert((&row.problem, &row.contestant), row);
    }
    grids
}

impl Grid<'_> {
    /// Certified seconds of a cell.
    fn seconds(&self, problem: &str, contestant: &str) -> Option<f64> {
        self.cells
            .get(&(problem, contestant))
            .and_then(|row| row.seconds)
    }

    /// Least seconds on a problem, over all contestants or over other packages alone.
    fn best(&self, problem: &str, peers_only: bool) -> Option<f64> {
        let taking_part = self
            .contestants
            .iter()
            .filter(|c| !peers_only || is_peer(c));
        taking_part
            .filter_map(|c| self.seconds(problem, c))
            .reduce(f64::min)
    }

    /// Geometric mean of a contestant's time over the best peer's, and over how many problems.
    fn ratio(&self, contestant: &str) -> Option<(f64, usize)> {
        let ratios = self
            .problems
            .iter()
            .filter_map(|p| Some((self.seconds(p, contestant)? / self.best(p, true)?).ln()));
        let logs: Vec<f64> = ratios.collect();
        (!logs.is_empty()).then(|| {
            (
                (logs.iter().sum::<f64>() / logs.len() as f64).exp(),
                logs.len(),
            )
        })
    }

    /// Text of a cell; `strong` marks the best of the row.
    fn text(&self, problem: &str, contestant: &str, strong: impl Fn(String) -> String) -> String {
        let Some(row) = self.cells.get(&(problem, contestant)) else {
            return "-".into();
        };
        match row.seconds {
            Some(s) if Some(s) == self.best(problem, false) => strong(digits(s)),
            Some(s) => digits(s),
            None => word(row).into(),
        }
    }

    fn ratio_text(&self, contestant: &str) -> String {
        match self.ratio(contestant) {
            None => "-".into(),
            Some((ratio, count)) if count == self.problems.len() => digits(ratio),
            Some((ratio, count)) => {
                format!("{} ({count} of {})", digits(ratio), self.problems.len())
            }
        }
    }
}

fn is_peer(id: &str) -> bool {
    contestant::find(id).is_ok_and(|c| c.is_peer())
}

/// Three significant digits.
fn digits(value: f64) -> String {
    let places = (2 - value.abs().log10().floor() as i32).clamp(0, 6) as usize;
    format!("{value:.places$}")
}

/// Why there is no time, in two words.
fn word(row: &LadderRow) -> &'static str {
    match row.status.as_str() {
        "timed_out" => "too slow",
        "uncertified" => "not reached",
        "skipped" => "skipped",
        "interrupted" => "interrupted",
        _ => "failed",
    }
}

/// One grid per accuracy.
pub(super) fn terminal(rows: &[LadderRow]) -> String {
    let mut text = String::new();
    for grid in grids(rows) {
        let mut table = Table::new();
        table.load_preset(NOTHING);
        table.set_header(std::iter::once("problem").chain(grid.contestants.iter().copied()));
        let right = |text: String| Cell::new(text).set_alignment(CellAlignment::Right);
        for problem in &grid.problems {
            let cells = grid
                .contestants
                .iter()
                .map(|c| right(grid.text(problem, c, |s| format!("*{s}"))));
            table.add_row(std::iter::once(Cell::new(problem)).chain(cells));
        }
        let ratios = grid.contestants.iter().map(|c| right(grid.ratio_text(c)));
        table.add_row(std::iter::once(Cell::new("geometric mean / best peer")).chain(ratios));
        let _ = writeln!(
            text,
            "seconds to suboptimality {:e} (* fastest)\n{table}\n",
            grid.eps
        );
    }
    let reasons = reasons(rows);
    if !reasons.is_empty() {
        text.push_str("without a time:\n");
        reasons
            .iter()
            .for_each(|reason| text.push_str(&format!("  {reason}\n")));
    }
    text
}

/// The tables with the conditions under which they were measured.
pub(super) fn markdown(rows: &[LadderRow], heading: &Heading) -> String {
    let mut text = String::from("# Paths at equal certified accuracy\n\n");
    let machine = heading.machine;
    text += &format!(
        "Seconds of a whole path: the median of {} interleaved repeats at the loosest of the contestant's own tolerances at which \
         the worst\nsuboptimality over the path, (P − D_best) / null loss, is at most ε. From the fourth on, repeats are made \
         only while its\npath in the search for that tolerance and its repeats, with all that is around their paths, have taken less than {ENOUGH_SECONDS} s. One thread; a path is given up after {} s. Bold is the fastest of a row; the last row is the geometric \
         mean of the time over the best peer's, where\npeers are the packages that are not part of this suite.\n\n",
        heading.repeats, heading.timeout
    );
    text += &format!("- command: `{}`\n", heading.command);
    text += &format!(
        "- machine: {}; {}; {}\n",
        machine.summary(),
        machine.os,
        machine.rustc
    );
    text += &format!("- commit {}, {}\n", machine.revision(), machine.started);
    if let Some((problem, gap)) = &heading.reference_gap {
        text += &format!("- worst relative gap of a reference: {gap:.1e} ({problem})\n");
    }
    text += &format!("- versions: {}\n", versions(rows).join(", "));
    for grid in grids(rows) {
        text += &format!("\n## ε = {:e}\n\n| problem |", grid.eps);
        grid.contestants
            .iter()
            .for_each(|c| text += &format!(" {c} |"));
        text += "\n|---|";
        grid.contestants.iter().for_each(|_| text += "---:|");
        text += "\n";
        for problem in &grid.problems {
            text += &format!("| {problem} |");
            for contestant in &grid.contestants {
                text += &format!(
                    " {} |",
                    grid.text(problem, contestant, |s| format!("**{s}**"))
                );
            }
            text += "\n";
        }
        text += "| geometric mean / best peer |";
        grid.contestants
            .iter()
            .for_each(|c| text += &format!(" {} |", grid.ratio_text(c)));
        text += "\n";
    }
    let reasons = reasons(rows);
    if !reasons.is_empty() {
        text += "\n## Cells without a time\n\n";
        reasons
            .iter()
            .for_each(|reason| text += &format!("- {reason}\n"));
    }
    text
}

/// Contestants with their versions, each once.
fn versions(rows: &[LadderRow]) -> Vec<String> {
    let mut versions: Vec<String> = Vec::new();
    for row in rows.iter().filter(|r| !r.version.is_empty()) {
        let version = format!("{} {}", row.contestant, row.version);
        if !versions.contains(&version) {
            versions.push(version);
        }
    }
    versions
}

/// One line per contestant and reason, with the problems and accuracies it holds for.
fn reasons(rows: &[LadderRow]) -> Vec<String> {
    let mut found: Vec<(String, Vec<String>)> = Vec::new();
    for row in rows.iter().filter(|r| r.status != "certified") {
        let what = format!(
            "{}, {}: {}",
            row.contestant,
            word(row),
            row.reason.as_deref().unwrap_or("no reason given")
        );
        let place = format!("{} ε = {:e}", row.problem, row.eps);
        match found.iter_mut().find(|(known, _)| *known == what) {
            Some((_, places)) => places.push(place),
            None => found.push((what, vec![place])),
        }
    }
    let everywhere = grids(rows).iter().map(|g| g.problems.len()).sum::<usize>();
    let line = |(what, places): (String, Vec<String>)| {
        if places.len() == everywhere && everywhere > 1 {
            format!("{what} (everywhere)")
        } else {
            format!("{what} ({})", places.join(", "))
        }
    };
    found.into_iter().map(line).collect()
}
