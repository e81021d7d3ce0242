//! The flags that restrict coefficients: how much each is penalised, and what it may be.

use regpath_solvers::Restrictions;

use super::usage;
use crate::dataset::names::{shown, unknown};

/// Restrictions by the names of features.
#[derive(clap::Args, Debug, Default)]
#[command(next_help_heading = "Restrictions")]
pub(super) struct RestrictionOptions {
    /// Penalise FEATURE with V times lambda; every other feature has factor 1. 0 leaves it unpenalised, inf leaves it out; may be
    /// repeated. Factors are used as given. glmnet rescales them to sum to p, so that its lambda is this one times
    /// (sum of factors)/p, where infinite ones count as 1
    #[arg(long, value_name = "FEATURE=V", allow_hyphen_values = true)]
    penalty_factor: Vec<String>,
    /// Keep the coefficient of FEATURE at 0; may be repeated
    #[arg(long, value_name = "FEATURE")]
    exclude: Vec<String>,
    /// No coefficient below 0
    #[arg(long, conflicts_with = "lower")]
    nonnegative: bool,
    /// Lower bound V <= 0 of all coefficients, or of that of FEATURE alone, on the scale of the data; may be repeated
    #[arg(long, value_name = "[FEATURE=]V", allow_hyphen_values = true)]
    lower: Vec<String>,
    /// Upper bound V >= 0 of all coefficients, or of that of FEATURE alone, on the scale of the data; may be repeated
    #[arg(long, value_name = "[FEATURE=]V", allow_hyphen_values = true)]
    upper: Vec<String>,
}

impl RestrictionOptions {
    /// The restrictions of these features; None throughout where no flag asks for one.
    ///
    /// Errors: a usage error for an unknown feature, one that is named twice, a factor that is negative or no number, bounds
    /// that 0 is not between, and if every feature is excluded.
    pub(super) fn restrictions(&self, features: &[String]) -> anyhow::Result<Restrictions> {
        let restrictions = Restrictions {
            factors: self.factors(features)?,
            lower: self.lower(features)?,
            upper: bounds("--upper", &self.upper, f64::INFINITY, features, |v| {
                v >= 0.0
            })?,
        };
        let at = |values: &Option<Vec<f64>>, j: usize| values.as_ref().map(|values| values[j]);
        let excluded = |j: usize| {
            at(&restrictions.factors, j) == Some(f64::INFINITY)
                || (at(&restrictions.lower, j) == Some(0.0)
                    && at(&restrictions.upper, j) == Some(0.0))
        };
        if (0..features.len()).all(excluded) {
            return Err(usage(
                "every feature is excluded; leave at least one without --exclude, an infinite --penalty-factor or bounds that \
                 are both 0",
            ));
        }
        Ok(restrictions)
    }

    fn factors(&self, features: &[String]) -> anyhow::Result<Option<Vec<f64>>> {
        if self.penalty_factor.is_empty() && self.exclude.is_empty() {
            return Ok(None);
        }
        let mut factors = Named::new(1.0, features);
        for text in &self.penalty_factor {
            let (feature, value) = split("--penalty-factor", text)?;
            let Some(feature) = feature else {
                return Err(usage(format!(
                    "--penalty-factor {text} names no feature; write FEATURE={text}"
                )));
            };
            if value.is_nan() || value < 0.0 {
                return Err(usage(format!(
                    "--penalty-factor {text}: the factor is {value}, expected 0 or more, or inf"
                )));
            }
            // −0 is 0.
            factors.set("--penalty-factor", feature, value + 0.0)?;
        }
        for feature in &self.exclude {
            factors.set("--exclude", feature, f64::INFINITY)?;
        }
        Ok(Some(factors.values))
    }

    fn lower(&self, features: &[String]) -> anyhow::Result<Option<Vec<f64>>> {
        if self.nonnegative {
            return Ok(Some(vec![0.0; features.len()]));
        }
        bounds("--lower", &self.lower, f64::NEG_INFINITY, features, |v| {
            v <= 0.0
        })
    }
}

/// One bound per feature; None if no flag was given. A value without a name is for all features that none names.
fn bounds(
    flag: &str,
    texts: &[String],
    free: f64,
    features: &[String],
    holds_zero: impl Fn(f64) -> bool,
) -> anyhow::Result<Option<Vec<f64>>> {
    if texts.is_empty() {
        return Ok(None);
    }
    let (mut all, mut named) = (None, Vec::new());
    for text in texts {
        let (feature, value) = split(flag, text)?;
        if !holds_zero(value) {
            let expected = if free < 0.0 { "0 or less" } else { "0 or more" };
            return Err(usage(format!(
                "{flag} {text}: bounds must include 0, where every path begins; give {expected}"
            )));
        }
        match feature {
            Some(feature) => named.push((feature, value + 0.0)),
            None => {
                if all.replace(value + 0.0).is_some() {
                    return Err(usage(format!(
                        "{flag} is given twice for all features; give one number"
                    )));
                }
            }
        }
    }
    let mut bounds = Named::new(all.unwrap_or(free), features);
    for (feature, value) in named {
        bounds.set(flag, feature, value)?;
    }
    Ok(Some(bounds.values))
}

/// FEATURE and V of `FEATURE=V`, or V alone. A name may hold `=`, a number does not.
fn split<'a>(flag: &str, text: &'a str) -> anyhow::Result<(Option<&'a str>, f64)> {
    if let Ok(value) = text.trim().parse() {
        return Ok((None, value));
    }
    let Some((feature, number)) = text.rsplit_once('=') else {
        return Err(usage(format!(
            "{flag} {} is neither a number nor FEATURE=V",
            shown(text)
        )));
    };
    match number.trim().parse() {
        Ok(value) => Ok((Some(feature.trim()), value)),
        Err(_) => Err(usage(format!(
            "{flag} {}: {} is not a number",
            shown(text),
            shown(number)
        ))),
    }
}

/// A number per feature, set by name.
struct Named<'a> {
    features: &'a [String],
    values: Vec<f64>,
    set: Vec<bool>,
}

impl<'a> Named<'a> {
    fn new(value: f64, features: &'a [String]) -> Self {
        Self {
            features,
            values: vec![value; features.len()],
            set: vec![false; features.len()],
        }
    }

    /// Errors: no feature has this name, or it was set before.
    fn set(&mut self, flag: &str, feature: &str, value: f64) -> anyhow::Result<()> {
        let Some(j) = self.features.iter().position(|name| name == feature) else {
            let known: Vec<&str> = self.features.iter().map(String::as_str).collect();
            return Err(usage(format!(
                "{flag}: {}",
                unknown("feature", feature, &known)
            )));
        };
        if std::mem::replace(&mut self.set[j], true) {
            return Err(usage(format!(
                "{flag}: feature {} is named twice; say once what holds for it",
                shown(feature)
            )));
        }
        self.values[j] = value;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(factors: &[&str], lower: &[&str], upper: &[&str]) -> RestrictionOptions {
        let own = |texts: &[&str]| texts.iter().map(|t| (*t).to_owned()).collect();
        RestrictionOptions {
            penalty_factor: own(factors),
            lower: own(lower),
            upper: own(upper),
            ..RestrictionOptions::default()
        }
    }

    fn features() -> Vec<String> {
        ["a", "b=c", "1"].map(str::to_owned).to_vec()
    }

    #[test]
    fn names_win_over_numbers_for_all_in_any_order() {
        for lower in [["-2", "b=c=-inf"], ["b=c=-inf", "-2"]] {
            let found = options(&["1=0", "a=inf"], &lower, &["a=0"]).restrictions(&features());
            let expected = Restrictions {
                factors: Some(vec![f64::INFINITY, 1.0, 0.0]),
                lower: Some(vec![-2.0, f64::NEG_INFINITY, -2.0]),
                upper: Some(vec![0.0, f64::INFINITY, f64::INFINITY]),
            };
            assert_eq!(found.unwrap(), expected);
        }
        let none = RestrictionOptions::default().restrictions(&features());
        assert_eq!(none.unwrap(), Restrictions::default());
    }

    #[test]
    fn impossible_restrictions_are_the_users_error() {
        for (options, part) in [
            (options(&["a=-1"], &[], &[]), "expected 0 or more"),
            (options(&["a=nan"], &[], &[]), "factor is NaN"),
            (options(&["2"], &[], &[]), "names no feature"),
            (options(&["a=1", "a=1"], &[], &[]), "named twice"),
            (options(&["A=1"], &[], &[]), "did you mean \"a\""),
            (options(&[], &["a=1e-9"], &[]), "bounds must include 0"),
            (options(&[], &[], &["-1"]), "bounds must include 0"),
            (options(&[], &["nan"], &[]), "bounds must include 0"),
            (options(&[], &["-1", "-2"], &[]), "twice for all"),
            (options(&[], &["x"], &[]), "neither a number"),
            (options(&[], &["a=x"], &[]), "\"x\" is not a number"),
            (options(&[], &["0"], &["0"]), "every feature is excluded"),
        ] {
            let error = options.restrictions(&features()).unwrap_err();
            assert!(error.to_string().contains(part), "{error}");
        }
    }
}
