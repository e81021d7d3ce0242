//! A ruling: the metrics of a claim with their intervals and bounds, and the verdict that follows from them alone.

use crate::statistics::Interval;
use serde::Serialize;

/// What a metric is held against.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Bound {
    /// Less than this.
    Below(f64),
    /// More than this.
    Above(f64),
    /// Between these two.
    Within(f64, f64),
    /// Nothing: the metric is told, and decides nothing.
    Told,
}

/// What follows for the claim where a check fails.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// The claim is refuted.
    Claim,
    /// The claim holds only if this, which completes "holds only if".
    Limit(String),
}

/// What one check found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Decision {
    /// The whole interval is on the right side.
    Holds,
    /// The whole interval is on the wrong side.
    Fails,
    /// The interval crosses the bound, or there is none.
    Undecided,
}

/// One metric with its interval over trials, held against a bound.
#[derive(Clone, Debug, PartialEq)]
pub struct Check {
    /// What is measured, with its unit.
    pub metric: String,
    /// The estimate with its 95 % interval; without width where nothing is drawn.
    pub interval: Interval,
    /// What it is held against.
    pub bound: Bound,
    /// What follows where it fails.
    pub role: Role,
}

impl Check {
    /// A check on which the claim stands or falls.
    pub fn new(metric: impl Into<String>, interval: Interval, bound: Bound) -> Self {
        Self {
            metric: metric.into(),
            interval,
            bound,
            role: Role::Claim,
        }
    }

    /// A metric that is told for the reader and decides nothing.
    pub fn told(metric: impl Into<String>, interval: Interval) -> Self {
        Self::new(metric, interval, Bound::Told)
    }

    /// A check that limits the claim where it fails: then it "holds only if" `condition`.
    pub fn limit(
        metric: impl Into<String>,
        interval: Interval,
        bound: Bound,
        condition: impl Into<String>,
    ) -> Self {
        Self {
            role: Role::Limit(condition.into()),
            ..Self::new(metric, interval, bound)
        }
    }

    /// Whether the interval lies on the right side of the bound.
    pub fn decide(&self) -> Decision {
        let Interval {
            low,
            estimate,
            high,
        } = self.interval;
        let (from, to) = match self.bound {
            Bound::Told => return Decision::Holds,
            Bound::Below(to) => (f64::NEG_INFINITY, to),
            Bound::Above(from) => (from, f64::INFINITY),
            Bound::Within(from, to) => (from, to),
        };
        if [low, estimate, high].iter().any(|v| v.is_nan()) {
            return Decision::Undecided;
        }
        if from < low && high < to {
            Decision::Holds
        } else if high <= from || low >= to {
            Decision::Fails
        } else {
            Decision::Undecided
        }
    }
}

/// What became of a claim.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Every check holds.
    Confirmed,
    /// A check fails on which the claim stands or falls.
    Refuted,
    /// The claim stands, and a check that limits it fails.
    OnlyIf(String),
    /// An interval crosses its bound.
    Undecided,
}

impl Verdict {
    /// As it is written in a table.
    pub fn text(&self) -> String {
        match self {
            Verdict::Confirmed => "confirmed".into(),
            Verdict::Refuted => "refuted".into(),
            Verdict::OnlyIf(condition) => format!("holds only if {condition}"),
            Verdict::Undecided => "undecided".into(),
        }
    }
}

/// The checks of a claim, and what they mean in a sentence.
#[derive(Clone, Debug, PartialEq)]
pub struct Ruling {
    /// Metrics and bounds, the most important first.
    pub checks: Vec<Check>,
    /// What a practitioner takes home, in one sentence with the numbers that were found.
    pub sentence: String,
}

impl Ruling {
    /// What the checks decide together.
    pub fn verdict(&self) -> Verdict {
        let of = |role: fn(&Role) -> bool| {
            (self.checks.iter())
                .filter(move |c| role(&c.role))
                .map(Check::decide)
        };
        let claims = || of(|role| matches!(role, Role::Claim));
        if claims().any(|d| d == Decision::Fails) {
            return Verdict::Refuted;
        }
        if of(|_| true).any(|d| d == Decision::Undecided) || self.checks.is_empty() {
            return Verdict::Undecided;
        }
        let failed = self.checks.iter().filter_map(|c| match &c.role {
            Role::Limit(condition) if c.decide() == Decision::Fails => Some(condition.as_str()),
            _ => None,
        });
        let mut conditions: Vec<&str> = failed.collect();
        conditions.dedup();
        if conditions.is_empty() {
            Verdict::Confirmed
        } else {
            Verdict::OnlyIf(conditions.join(" and "))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn interval(low: f64, high: f64) -> Interval {
        Interval {
            low,
            estimate: 0.5 * (low + high),
            high,
        }
    }

    fn ruling(checks: Vec<Check>) -> Ruling {
        Ruling {
            checks,
            sentence: String::new(),
        }
    }

    #[test]
    fn an_interval_decides_where_it_lies_on_one_side() {
        let decide = |bound| Check::new("m", interval(1.0, 2.0), bound).decide();
        assert_eq!(decide(Bound::Below(3.0)), Decision::Holds);
        assert_eq!(decide(Bound::Below(1.5)), Decision::Undecided);
        assert_eq!(decide(Bound::Below(0.5)), Decision::Fails);
        assert_eq!(decide(Bound::Above(0.5)), Decision::Holds);
        assert_eq!(decide(Bound::Above(2.0)), Decision::Fails);
        assert_eq!(decide(Bound::Within(0.0, 3.0)), Decision::Holds);
        assert_eq!(decide(Bound::Within(1.5, 3.0)), Decision::Undecided);
        assert_eq!(decide(Bound::Within(3.0, 4.0)), Decision::Fails);
        assert_eq!(decide(Bound::Told), Decision::Holds);
        let missing = Check::new("m", interval(f64::NAN, 1.0), Bound::Above(0.0));
        assert_eq!(missing.decide(), Decision::Undecided);
    }

    #[test]
    fn verdicts_follow_from_the_checks() {
        let holds = || Check::new("m", interval(1.0, 2.0), Bound::Above(0.0));
        let fails = || Check::new("m", interval(1.0, 2.0), Bound::Below(0.0));
        let unclear = || Check::new("m", interval(1.0, 2.0), Bound::Below(1.5));
        let limit = |check: Check| Check {
            role: Role::Limit("n > p".into()),
            ..check
        };
        assert_eq!(ruling(vec![holds()]).verdict(), Verdict::Confirmed);
        assert_eq!(
            ruling(vec![unclear(), fails()]).verdict(),
            Verdict::Refuted,
            "a failure needs no other"
        );
        assert_eq!(
            ruling(vec![holds(), unclear()]).verdict(),
            Verdict::Undecided
        );
        assert_eq!(
            ruling(vec![holds(), limit(fails()), limit(fails())]).verdict(),
            Verdict::OnlyIf("n > p".into())
        );
        assert_eq!(
            ruling(vec![holds(), limit(holds())]).verdict(),
            Verdict::Confirmed
        );
        assert_eq!(
            ruling(vec![holds(), limit(unclear())]).verdict(),
            Verdict::Undecided
        );
        assert_eq!(ruling(Vec::new()).verdict(), Verdict::Undecided);
    }
}
