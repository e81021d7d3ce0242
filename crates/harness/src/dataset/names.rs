//! Lists of known names in messages.

/// Most names that a message lists.
const SHOWN: usize = 20;

/// One line saying that `name` is not a known `what`, which known one is near, and which there are.
pub(crate) fn unknown(what: &str, name: &str, known: &[&str]) -> String {
    let near = nearest(name, known).map(|near| format!(" (did you mean {}?)", shown(near)));
    let list: Vec<String> = known.iter().take(SHOWN).map(|name| shown(name)).collect();
    let more = known.len().saturating_sub(SHOWN);
    let more = if more > 0 {
        format!(" and {more} more")
    } else {
        String::new()
    };
    format!(
        "no {what} {}{}; there are {}{more}",
        shown(name),
        near.unwrap_or_default(),
        list.join(", ")
    )
}

/// `text` in quotes on one line: control characters escaped, at most 40 characters.
pub(crate) fn shown(text: &str) -> String {
    match text.char_indices().nth(40) {
        Some((end, _)) => format!("{:?}…", &text[..end]),
        None => format!("{text:?}"),
    }
}

/// The known name with the fewest edits, letter case aside, if a third of the letters or fewer differ.
fn nearest<'a>(name: &str, known: &[&'a str]) -> Option<&'a str> {
    let wanted: Vec<char> = name.to_lowercase().chars().take(64).collect();
    let allowed = (wanted.len() / 3).max(1);
    known
        .iter()
        .take(10_000)
        .map(|&candidate| (edits(&wanted, &candidate.to_lowercase()), candidate))
        .min_by_key(|&(distance, _)| distance)
        .filter(|&(distance, candidate)| {
            distance <= allowed && distance < candidate.chars().count()
        })
        .map(|(_, candidate)| candidate)
}

/// Levenshtein distance: insertions, deletions and substitutions.
fn edits(a: &[char], b: &str) -> usize {
    let mut row: Vec<usize> = (0..=a.len()).collect();
    for (i, c) in b.chars().take(64).enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for j in 0..a.len() {
            let substitution = diagonal + usize::from(a[j] != c);
            diagonal = row[j + 1];
            row[j + 1] = substitution.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[a.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn distance(a: &str, b: &str) -> usize {
        edits(&a.chars().collect::<Vec<_>>(), b)
    }

    #[test]
    fn edits_are_counted() {
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(distance("lpsa", "lpsa"), 0);
    }

    #[test]
    fn a_near_name_is_suggested_and_a_far_one_is_not() {
        assert_eq!(nearest("LPSA", &["age", "lpsa"]), Some("lpsa"));
        assert_eq!(nearest("weight", &["age", "lpsa"]), None);
        assert_eq!(nearest("z", &["a", "b"]), None);
    }

    #[test]
    fn a_message_stays_on_one_line() {
        let message = unknown("column", "a\nb", &["x\r"]);
        assert!(!message.contains(['\n', '\r']), "{message}");
        assert!(shown(&"é".repeat(100)).chars().count() < 50);
    }
}
