//! A caption: what the pictures of a contest say about times, versions and absences.

use super::contest::Contest;
use super::style::is_peer;
use super::trial::distinct;

/// Kinds of absence told one by one.
const TOLD: usize = 6;
/// Characters of a reason.
const LONG: usize = 70;

impl Contest {
    /// How a time was chosen.
    pub fn timing(&self) -> String {
        let repeats = self.standings.iter().filter(|s| s.seconds.is_some());
        let mut repeats = distinct(repeats.map(|s| s.repeats));
        repeats.sort_unstable();
        let time = match repeats.as_slice() {
            [] => "the median of interleaved repeats".into(),
            [1] => "that of one run".into(),
            [one] => format!("the median of {one} interleaved repeats"),
            [least, .., most] => format!("the median of {least} to {most} interleaved repeats"),
        };
        format!(
            "A time is {time} of the whole path, on one thread, at the loosest tolerance whose worst certified \
             suboptimality over the path is\u{a0}≤\u{a0}ε."
        )
    }

    /// How the labels of problems are read.
    pub fn labels(&self) -> String {
        let other = self.standings.iter().any(|s| s.alpha < 1.0);
        let penalty = if other {
            "; lasso unless said otherwise"
        } else {
            "; all are the lasso"
        };
        format!("Problems with the rows and columns of X{penalty}.")
    }

    /// Versions of all contestants; those of the suite's own solvers once.
    pub fn versions(&self) -> String {
        let of = |ids: &[&str]| {
            let rows = self.standings.iter();
            let rows = rows.filter(|s| ids.contains(&s.contestant.as_str()));
            let versions = distinct(rows.map(|s| s.version.as_str()).filter(|v| !v.is_empty()));
            if versions.is_empty() {
                "of unknown version".into()
            } else {
                versions.join(" and ")
            }
        };
        let (peers, own): (Vec<_>, Vec<_>) = self.looks.iter().partition(|(id, ..)| is_peer(id));
        let mut parts: Vec<String> = peers
            .iter()
            .map(|(id, label, _)| format!("{label}\u{a0}{}", of(&[id])))
            .collect();
        let own: Vec<&str> = own.iter().map(|(id, ..)| id.as_str()).collect();
        if !own.is_empty() {
            parts.push(format!("the suite's own solvers\u{a0}{}", of(&own)));
        }
        format!("Versions: {}.", parts.join(", "))
    }

    /// Who has no time at those accuracies, how often and for instance why, the most frequent first.
    pub fn absences(&self, accuracies: &[f64]) -> Option<String> {
        let mut kinds: Vec<(&str, &str, &str, usize)> = Vec::new();
        for eps in accuracies {
            for problem in &self.problems {
                for (id, label, _) in &self.looks {
                    let Err(word) = self.time(&problem.id, id, *eps) else {
                        continue;
                    };
                    let row = self.standing(&problem.id, id, *eps);
                    let reason = row.map_or("", |s| s.reason.as_str());
                    match kinds.iter_mut().find(|k| (k.0, k.1) == (label, word)) {
                        Some((.., count)) => *count += 1,
                        None => kinds.push((label, word, reason, 1)),
                    }
                }
            }
        }
        kinds.sort_by_key(|(.., count)| std::cmp::Reverse(*count));
        let cells = accuracies.len() * self.problems.len();
        let told = kinds.iter().take(TOLD).map(|(label, word, reason, count)| {
            let reason: String = match reason.chars().count() {
                0 => String::new(),
                1..=LONG => format!(" ({reason})"),
                _ => format!(" ({}…)", reason.chars().take(LONG).collect::<String>()),
            };
            format!("{label} {word} in {count}{reason}")
        });
        let mut told: Vec<String> = told.collect();
        let rest: usize = kinds.iter().skip(TOLD).map(|(.., count)| count).sum();
        if rest > 0 {
            told.push(format!("{rest} others"));
        }
        (!told.is_empty()).then(|| {
            format!(
                "Without a time, of {cells} pairs of problem and ε: {}.",
                told.join(", ")
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::synthetic::Rows;
    use super::*;
    use anyhow::Result;

    #[test]
    fn captions_tell_times_versions_and_absences() -> Result<()> {
        let contest = Contest::of(&Rows::complete().frames()?)?.expect("rows");
        assert!(contest.timing().contains("median of 5 interleaved repeats"));
        let versions = contest.versions();
        assert!(versions.contains("celer\u{a0}0.7.4"), "{versions}");
        assert!(versions.contains("own solvers\u{a0}0.1.0"), "{versions}");
        let absences = contest.absences(&contest.accuracies).unwrap_or_default();
        assert!(absences.contains("of 2 pairs"), "{absences}");
        assert!(absences.contains("skglm too slow in 2"), "{absences}");
        assert!(absences.contains("(adelie is not installed)"), "{absences}");
        Ok(())
    }
}
