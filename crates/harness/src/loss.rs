//! Losses as the user names them: on the command line, in plans and in frames.

use regpath_solvers::loss::LossKind;

use crate::dataset::Dataset;

/// Names of the losses with what each is, in display order.
pub const LOSSES: [(&str, &str); 5] = [
    (
        "squared",
        "(y - z)^2/2: least squares, the mean; the only one with cross-validation, criteria and relaxed fits",
    ),
    ("absolute", "|y - z|: least absolute deviations, the median"),
    (
        "quantile",
        "tau (y - z) above the fit, (1 - tau) (z - y) below it: the quantile of --tau; half the absolute loss at 0.5",
    ),
    (
        "huber",
        "(y - z)^2/2 up to --delta, linear beyond: least squares that outliers do not pull",
    ),
    (
        "logistic",
        "log(1 + exp(z)) - y z: two classes, z the log-odds of the larger label",
    ),
];

/// Deviations of Huber's loss at which it loses five per cent against least squares on normal errors.
const EFFICIENT: f64 = 1.345;
/// Standard deviations of a normal variable in its median absolute deviation.
const NORMAL: f64 = 1.4826;

/// The loss with its parameter, as in `quantile(0.25)`.
pub fn label(loss: LossKind) -> String {
    match parameter(loss) {
        Some((_, value)) => format!("{}({value})", loss.name()),
        None => loss.name().into(),
    }
}

/// Name and value of its parameter, if it has one.
pub fn parameter(loss: LossKind) -> Option<(&'static str, f64)> {
    match loss {
        LossKind::Quantile(quantile) => Some(("tau", quantile.tau())),
        LossKind::Huber(huber) => Some(("delta", huber.delta())),
        LossKind::Squared | LossKind::Absolute | LossKind::Logistic => None,
    }
}

/// The loss of that name; `tau` and `delta` are those of quantile and of Huber's loss.
///
/// Errors: an unknown name, or a parameter that is absent, out of range or of another loss.
pub fn named(name: &str, tau: Option<f64>, delta: Option<f64>) -> Result<LossKind, String> {
    let value = |parameter: &str, value: Option<f64>| {
        value.ok_or_else(|| format!("loss {name} without a {parameter}"))
    };
    let loss = match name {
        "squared" => LossKind::Squared,
        "absolute" => LossKind::Absolute,
        "quantile" => LossKind::quantile(value("tau", tau)?).map_err(|e| e.to_string())?,
        "huber" => LossKind::huber(value("delta", delta)?).map_err(|e| e.to_string())?,
        "logistic" => LossKind::Logistic,
        _ => {
            let known: Vec<&str> = LOSSES.iter().map(|(name, _)| *name).collect();
            return Err(format!(
                "no loss is called '{name}'; there are {}",
                known.join(", ")
            ));
        }
    };
    let foreign = [("tau", tau), ("delta", delta)]
        .into_iter()
        .find(|(n, v)| v.is_some() && parameter(loss).is_none_or(|(own, _)| own != *n));
    match foreign {
        Some((parameter, _)) => Err(format!("loss {name} has no {parameter}")),
        None => Ok(loss),
    }
}

/// The loss that [`label`] wrote. Errors: it did not.
pub fn parse(text: &str) -> Result<LossKind, String> {
    let Some((name, rest)) = text.split_once('(') else {
        return named(text, None, None);
    };
    let value = rest.strip_suffix(')').and_then(|v| v.parse::<f64>().ok());
    let Some(value) = value else {
        return Err(format!(
            "'{text}' is no loss, expected one as quantile(0.25)"
        ));
    };
    let (tau, delta) = match name {
        "huber" => (None, Some(value)),
        _ => (Some(value), None),
    };
    named(name, tau, delta)
}

/// For fields of plans: as [`label`] writes it.
pub mod as_label {
    use regpath_solvers::loss::LossKind;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    /// Writes the label.
    pub fn serialize<S: Serializer>(loss: &LossKind, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&super::label(*loss))
    }

    /// Reads a label. Errors: it is none.
    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<LossKind, D::Error> {
        super::parse(&String::deserialize(from)?).map_err(D::Error::custom)
    }
}

/// Whether it is squared loss, which plans do not spell out.
pub fn is_squared(loss: &LossKind) -> bool {
    *loss == LossKind::Squared
}

/// δ of Huber's loss where none is given: 1.345 · 1.4826 · median |y − median y| of the response less its offset, each row counting
/// by its weight. 0 where half of the values are equal.
pub fn usual_delta(data: &Dataset) -> f64 {
    let offset = |i: usize| data.offset.as_ref().map_or(0.0, |offset| offset[i]);
    let weight = |i: usize| data.weights.as_ref().map_or(1.0, |weights| weights[i]);
    let rows = data.y.iter().enumerate();
    let mut values: Vec<(f64, f64)> = rows.map(|(i, y)| (y - offset(i), weight(i))).collect();
    values.retain(|(_, weight)| *weight > 0.0);
    let center = median(&mut values);
    values
        .iter_mut()
        .for_each(|(v, _)| *v = (*v - center).abs());
    EFFICIENT * NORMAL * median(&mut values)
}

/// The weighted median, the mean of the two middle values where exactly half of the weight is below. NaN for no value.
fn median(values: &mut [(f64, f64)]) -> f64 {
    values.sort_by(|a, b| a.0.total_cmp(&b.0));
    let half = 0.5 * values.iter().map(|(_, weight)| weight).sum::<f64>();
    let mut below = 0.0;
    for (i, (value, weight)) in values.iter().enumerate() {
        below += weight;
        if below > half {
            return *value;
        }
        if below == half {
            return values
                .get(i + 1)
                .map_or(*value, |next| 0.5 * (value + next.0));
        }
    }
    f64::NAN
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_read_back_to_the_last_bit() {
        let losses = [
            LossKind::Squared,
            LossKind::Absolute,
            LossKind::quantile(0.1 + 0.2).expect("in (0, 1)"),
            LossKind::huber(1e-7 / 3.0).expect("positive"),
            LossKind::Logistic,
        ];
        for (loss, (name, _)) in losses.into_iter().zip(LOSSES) {
            assert_eq!(parse(&label(loss)), Ok(loss));
            assert_eq!(loss.name(), name);
        }
        for bad in [
            "",
            "quantile",
            "quantile(2)",
            "huber(0)",
            "absolute(1)",
            "quantile(0.5",
            "huber(x)",
            "l1",
        ] {
            assert!(parse(bad).is_err(), "{bad}");
        }
        assert!(named("huber", Some(0.5), Some(1.0)).is_err());
    }

    #[test]
    fn a_weight_of_two_is_a_row_that_stands_there_twice() {
        let median = |values: &[(f64, f64)]| median(&mut values.to_vec());
        assert_eq!(median(&[(3.0, 1.0), (1.0, 1.0), (2.0, 1.0)]), 2.0);
        assert_eq!(
            median(&[(4.0, 1.0), (1.0, 1.0), (2.0, 1.0), (3.0, 1.0)]),
            2.5
        );
        assert_eq!(median(&[(1.0, 2.0), (2.0, 1.0), (5.0, 1.0)]), 1.5);
        assert_eq!(median(&[(1.0, 3.0), (2.0, 1.0), (5.0, 1.0)]), 1.0);
    }
}
