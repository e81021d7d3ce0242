//! What changed between a baseline and now, and whether that is for the worse.

use serde::Serialize;

use super::Layer;
use super::measure::{Metrics, OBJECTIVE};

/// Difference of two objectives over the null loss that is none.
const SAME_OBJECTIVE: f64 = 1e-10;
/// Relative difference of two counts of instructions or bytes that is none: what an unrelated change may do by the way.
const SAME_COUNT: f64 = 0.01;

/// What a difference means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// An answer that is not the right one.
    Wrong,
    /// More than before: work, instructions, memory or time.
    Worse,
    /// Expected, but not measured any more.
    Vanished,
    /// Less than before: worth a new baseline.
    Better,
    /// Measured, but not expected: it needs a baseline.
    New,
    /// Time that the machine is too noisy to judge.
    Inconclusive,
}

/// One difference.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Finding {
    /// Where it was found.
    pub layer: Layer,
    /// Which path.
    pub cell: String,
    /// Which number, with the λ that it is of.
    pub metric: String,
    /// What was expected.
    pub expected: Option<String>,
    /// What was found.
    pub found: Option<String>,
    /// What it means.
    pub verdict: Verdict,
}

/// Every difference, in the order of the metrics; what is the same is left out.
pub fn compare(layer: Layer, expected: &Metrics, found: &Metrics) -> Vec<Finding> {
    let mut keys: Vec<_> = expected.keys().chain(found.keys()).collect();
    keys.sort_unstable();
    keys.dedup();
    let finding = |key: &super::measure::Key| {
        let (before, now) = (expected.get(key), found.get(key));
        let verdict = match (before, now) {
            (Some(before), Some(now)) => judge(layer, &key.metric, before, now)?,
            (Some(_), None) => Verdict::Vanished,
            (None, _) => Verdict::New,
        };
        Some(Finding {
            layer,
            cell: key.cell.clone(),
            metric: key.metric.clone(),
            expected: before.cloned(),
            found: now.cloned(),
            verdict,
        })
    };
    keys.into_iter().filter_map(finding).collect()
}

/// None if the two are the same.
fn judge(layer: Layer, metric: &str, before: &str, now: &str) -> Option<Verdict> {
    if before == now {
        return None;
    }
    match layer {
        Layer::Answers if metric.starts_with(OBJECTIVE) => {
            let numbers = before.parse::<f64>().ok().zip(now.parse::<f64>().ok());
            // Written so that NaN, and what is no number, fails.
            let same = numbers.is_some_and(|(before, now)| (before - now).abs() <= SAME_OBJECTIVE);
            (!same).then_some(Verdict::Wrong)
        }
        Layer::Answers => Some(Verdict::Wrong),
        Layer::Work => match (before.parse::<u64>(), now.parse::<u64>()) {
            (Ok(before), Ok(now)) if now < before => Some(Verdict::Better),
            _ => Some(Verdict::Worse),
        },
        Layer::Instructions | Layer::Memory | Layer::Time => {
            let numbers = before.parse::<f64>().ok().zip(now.parse::<f64>().ok());
            match numbers {
                Some((before, now)) if now < before / (1.0 + SAME_COUNT) => Some(Verdict::Better),
                Some((before, now)) if now <= before * (1.0 + SAME_COUNT) => None,
                _ => Some(Verdict::Worse),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gate::measure::Key;

    fn metrics(values: &[(&str, &str)]) -> Metrics {
        values
            .iter()
            .map(|(metric, value)| {
                let key = Key {
                    cell: "cell".into(),
                    metric: (*metric).into(),
                };
                (key, (*value).into())
            })
            .collect()
    }

    fn verdicts(layer: Layer, expected: &[(&str, &str)], found: &[(&str, &str)]) -> Vec<Verdict> {
        let findings = compare(layer, &metrics(expected), &metrics(found));
        findings.iter().map(|f| f.verdict).collect()
    }

    #[test]
    fn counters_are_equal_better_or_worse() {
        let before = [("epochs k=00-09", "10"), ("passes k=00-09", "3")];
        assert_eq!(verdicts(Layer::Work, &before, &before), []);
        let mixed = [("epochs k=00-09", "9"), ("passes k=00-09", "4")];
        let expected = [Verdict::Better, Verdict::Worse];
        assert_eq!(verdicts(Layer::Work, &before, &mixed), expected);
        let other = [("epochs k=00-09", "10"), ("gram_columns k=00-09", "0")];
        let expected = [Verdict::New, Verdict::Vanished];
        assert_eq!(verdicts(Layer::Work, &before, &other), expected);
        let broken = [("epochs k=00-09", "ten"), ("passes k=00-09", "3")];
        assert_eq!(verdicts(Layer::Work, &before, &broken), [Verdict::Worse]);
    }

    #[test]
    fn instructions_and_bytes_may_drift_by_a_hundredth() {
        for layer in [Layer::Instructions, Layer::Memory] {
            let judged = |found: &str| verdicts(layer, &[("bytes", "1000")], &[("bytes", found)]);
            assert_eq!(judged("1010"), []);
            assert_eq!(judged("991"), []);
            assert_eq!(judged("1011"), [Verdict::Worse]);
            assert_eq!(judged("980"), [Verdict::Better]);
            assert_eq!(judged("many"), [Verdict::Worse]);
            let from_nothing = verdicts(layer, &[("bytes", "0")], &[("bytes", "8")]);
            assert_eq!(from_nothing, [Verdict::Worse]);
        }
    }

    #[test]
    fn objectives_agree_to_ten_digits_and_supports_exactly() {
        let with = |objective, support| [("objective k=09", objective), ("support k=09", support)];
        let before = with("5.00000000000e-1", "00ff");
        let layer = Layer::Answers;
        assert_eq!(
            verdicts(layer, &before, &with("5.00000000001e-1", "00ff")),
            []
        );
        for (objective, support) in [
            ("5.000000002e-1", "00ff"),
            ("NaN", "00ff"),
            ("5.00000000000e-1", "00fe"),
        ] {
            let found = verdicts(layer, &before, &with(objective, support));
            assert_eq!(found, [Verdict::Wrong], "{objective} {support}");
        }
    }
}
