//! The numbers of one published figure, from where they were read, and how ours stand beside them.

use std::path::Path;

use serde::Deserialize;

use crate::dataset::read::InputError;

/// Where a number was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Provenance {
    /// In print.
    Printed,
    /// In output that the original software stored.
    StoredOutput,
    /// From memory: the printed page was not at hand.
    Recalled,
    /// Nowhere: it was computed with other software.
    Recomputed,
    /// It follows from a theorem.
    Law,
    /// Nowhere: this suite asks it of itself.
    Required,
}

impl Provenance {
    /// As a table says it.
    pub fn text(self) -> &'static str {
        match self {
            Self::Printed => "printed",
            Self::StoredOutput => "stored output",
            Self::Recalled => "recalled",
            Self::Recomputed => "recomputed",
            Self::Law => "law",
            Self::Required => "required",
        }
    }
}

/// One number of the literature, or a bound that ours must keep.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Number {
    /// Name, as the reproduction records it.
    pub name: String,
    /// The published number.
    #[serde(default)]
    pub published: Option<f64>,
    /// Largest absolute difference.
    #[serde(default)]
    pub tolerance: Option<f64>,
    /// Largest difference in units of the published number.
    #[serde(default)]
    pub relative: Option<f64>,
    /// Ours must be more than this.
    #[serde(default)]
    pub above: Option<f64>,
    /// Ours must be less than this.
    #[serde(default)]
    pub below: Option<f64>,
    /// Where it was read.
    pub provenance: Provenance,
    /// Whether it is told beside ours and not judged: seconds of another machine.
    #[serde(default)]
    pub told: bool,
    /// Whether missing it is an error.
    #[serde(default)]
    pub hard: bool,
    /// What a reader must know of it.
    #[serde(default)]
    pub note: String,
}

/// How our number stands beside a published one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Within the tolerance and the bounds.
    Met,
    /// Not.
    Missed,
    /// There is none of ours.
    Absent,
    /// They are not of a kind to be compared.
    Told,
}

impl Number {
    /// Ours minus the published one; NaN where there is none.
    pub fn difference(&self, ours: f64) -> f64 {
        self.published.map_or(f64::NAN, |p| ours - p)
    }

    /// The largest difference allowed; None where only bounds count.
    pub fn allowed(&self) -> Option<f64> {
        let relative = self.relative.zip(self.published);
        self.tolerance.or(relative.map(|(r, p)| r * p.abs()))
    }

    /// How ours stands.
    pub fn standing(&self, ours: f64) -> Standing {
        if self.told {
            return Standing::Told;
        }
        if ours.is_nan() {
            return Standing::Absent;
        }
        let near = self
            .allowed()
            .is_none_or(|allowed| self.difference(ours).abs() <= allowed);
        let bounded = self.above.is_none_or(|a| ours > a) && self.below.is_none_or(|b| ours < b);
        if near && bounded {
            Standing::Met
        } else {
            Standing::Missed
        }
    }

    /// What makes no sense in it.
    fn trouble(&self) -> Option<String> {
        let tolerances = [self.tolerance, self.relative].iter().flatten().count();
        let bounds = [self.above, self.below].iter().flatten().count();
        let bad = |v: &Option<f64>| v.is_some_and(|v| !(v >= 0.0 && v.is_finite()));
        let what =
            if self.told && (self.hard || tolerances + bounds > 0 || self.published.is_none()) {
                "is told, and so has a published number and nothing that judges it"
            } else if self.told {
                return None;
            } else if self.published.is_none() && tolerances > 0 {
                "has a tolerance and no published number"
            } else if self.published.is_some() && tolerances != 1 {
                "needs one of tolerance and relative"
            } else if self.published.is_none() && bounds == 0 {
                "has neither a published number nor a bound"
            } else if bad(&self.tolerance) || bad(&self.relative) {
                "has a tolerance that is not a number from 0 on"
            } else {
                return None;
            };
        Some(format!("number \"{}\" {what}", self.name))
    }
}

/// What is known of one published figure.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reference {
    /// The publication in full.
    pub source: String,
    /// Its numbers.
    #[serde(default, rename = "number")]
    pub numbers: Vec<Number>,
}

impl Reference {
    /// Reads `<id>.toml`. Errors: [`InputError`] for a file that is not there, or says something else than numbers.
    pub fn read(dir: &Path, id: &str) -> anyhow::Result<Self> {
        let path = dir.join(format!("{id}.toml"));
        let refuse = |why: String| InputError(format!("{}: {why}", path.display()));
        let text = std::fs::read_to_string(&path).map_err(|e| refuse(e.to_string()))?;
        let read: Self = toml::from_str(&text).map_err(|e| {
            let line = e.span().map(|s| 1 + text[..s.start].matches('\n').count());
            let place = line.map_or_else(String::new, |l| format!("line {l}: "));
            refuse(format!("{place}{}", e.message()))
        })?;
        if let Some(trouble) = read.numbers.iter().find_map(Number::trouble) {
            return Err(refuse(trouble).into());
        }
        for (i, number) in read.numbers.iter().enumerate() {
            if read.numbers[..i].iter().any(|n| n.name == number.name) {
                return Err(refuse(format!("number \"{}\" is there twice", number.name)).into());
            }
        }
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str) -> Number {
        toml::from_str(&format!("name = \"x\"\nprovenance = \"printed\"\n{text}")).unwrap()
    }

    #[test]
    fn numbers_are_met_within_their_tolerance_and_their_bounds() {
        let near = number("published = 2.0\ntolerance = 0.5");
        assert_eq!(near.standing(2.5), Standing::Met);
        assert_eq!(near.standing(1.4), Standing::Missed);
        assert_eq!(near.standing(f64::NAN), Standing::Absent);
        let told = number("published = 2.0\ntold = true");
        assert_eq!(told.standing(9.0), Standing::Told);
        assert_eq!(told.standing(f64::NAN), Standing::Told);
        let relative = number("published = -100.0\nrelative = 0.01");
        assert_eq!(relative.standing(-99.0), Standing::Met);
        assert_eq!(relative.standing(-98.0), Standing::Missed);
        let bounded = number("above = 0.0\nbelow = 1.0");
        assert_eq!(bounded.standing(0.5), Standing::Met);
        assert_eq!(bounded.standing(0.0), Standing::Missed);
    }

    #[test]
    fn a_file_that_makes_no_sense_is_refused_with_its_place() {
        let dir = tempfile::tempdir().unwrap();
        let refused = |text: &str, part: &str| {
            std::fs::write(dir.path().join("x.toml"), text).unwrap();
            let error = Reference::read(dir.path(), "x").unwrap_err().to_string();
            assert!(error.contains(part) && error.contains("x.toml"), "{error}");
        };
        let head = "source = \"s\"\n[[number]]\nname = \"a\"\nprovenance = \"printed\"\n";
        refused(&format!("{head}published = 1.0"), "needs one of");
        refused(&format!("{head}tolerance = 1.0"), "no published number");
        refused(head, "neither a published number nor a bound");
        refused(&format!("{head}above = 0.0\nabvoe = 1.0"), "line 6");
        refused(
            &format!("{head}published = 1.0\ntold = true\nhard = true"),
            "nothing that judges it",
        );
        refused(
            &format!("{head}published = 1.0\ntolerance = -1.0"),
            "from 0 on",
        );
        let twice = "[[number]]\nname = \"a\"\nprovenance = \"law\"\nabove = 0.0\n";
        refused(&format!("{head}above = 0.0\n{twice}"), "there twice");
        assert!(Reference::read(dir.path(), "nothing").is_err());
    }
}
