//! An absence: why a contestant has no time, in a word or two.

/// Every absence, in the order in which pictures show them.
const ABSENCES: [&str; 8] = [
    TOO_SLOW,
    NOT_REACHED,
    FAILED,
    NOT_SUPPORTED,
    NOT_INSTALLED,
    SKIPPED,
    NOT_RUN,
    NO_PEER,
];
const TOO_SLOW: &str = "too slow";
const NOT_REACHED: &str = "not reached";
const FAILED: &str = "failed";
const NOT_SUPPORTED: &str = "not supported";
const NOT_INSTALLED: &str = "not installed";
const SKIPPED: &str = "skipped";
/// The frames have no row.
pub const NOT_RUN: &str = "not run";
/// There is a time, but none of a peer to compare it with.
pub const NO_PEER: &str = "no peer";

/// What a status that gives no time is called. The reason decides what a skipped contestant lacked.
pub fn absence(status: &str, reason: &str) -> &'static str {
    let reason = reason.to_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| reason.contains(word));
    match status {
        "timed_out" => TOO_SLOW,
        "failed" => FAILED,
        "skipped" if says(&["install", "no module", "not found"]) => NOT_INSTALLED,
        "skipped" if says(&["support"]) => NOT_SUPPORTED,
        "skipped" => SKIPPED,
        _ => NOT_REACHED,
    }
}

/// Place of an absence in the order of [`ABSENCES`].
pub fn absence_rank(absence: &str) -> usize {
    ABSENCES
        .iter()
        .position(|known| *known == absence)
        .unwrap_or(ABSENCES.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn absences_have_words_and_an_order() {
        assert_eq!(absence("timed_out", ""), TOO_SLOW);
        assert_eq!(absence("uncertified", ""), NOT_REACHED);
        assert_eq!(absence("skipped", "celer is not installed"), NOT_INSTALLED);
        assert_eq!(absence("skipped", "No module named 'celer'"), NOT_INSTALLED);
        assert_eq!(
            absence("skipped", "celer does not support ridge"),
            NOT_SUPPORTED
        );
        assert_eq!(absence("skipped", "not asked for"), SKIPPED);
        assert!(absence_rank(TOO_SLOW) < absence_rank(NO_PEER));
    }
}
