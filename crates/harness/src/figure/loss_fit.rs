//! A fit without penalty under some loss, as it was recorded, and the lines that it stands for where there is one feature.

/// Name of the intercept among the features.
pub const INTERCEPT: &str = "(intercept)";

/// One run at λ = 0.
#[derive(Clone, Debug, Default)]
pub struct LossFit {
    /// Dataset identifier.
    pub dataset: String,
    /// Loss with its parameter, as in `quantile(0.25)`.
    pub loss: String,
    /// Rows.
    pub n: u64,
    /// Columns of X.
    pub p: u64,
    /// How it ended.
    pub status: String,
    /// Why, if not converged.
    pub reason: String,
    /// Intercept of the fit; NaN where there is no fit.
    pub intercept: f64,
    /// (feature, coefficient) of what is not 0.
    pub coefs: Vec<(String, f64)>,
    /// Vertices of the set of optima as (feature, coefficient), the intercept among them; none where they were not looked for.
    pub vertices: Vec<Vec<(String, f64)>>,
}

/// A line over one feature.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Line {
    /// Value at 0.
    pub intercept: f64,
    /// Rise per unit of the feature.
    pub slope: f64,
}

impl Line {
    /// Value at x.
    pub fn at(&self, x: f64) -> f64 {
        self.intercept + self.slope * x
    }
}

impl LossFit {
    /// τ, if the loss is a quantile's.
    pub fn tau(&self) -> Option<f64> {
        let inside = self.loss.strip_prefix("quantile(")?.strip_suffix(')')?;
        inside.parse().ok()
    }

    /// The line of the fit over `feature`; None where there is no fit.
    pub fn line(&self, feature: &str) -> Option<Line> {
        self.intercept.is_finite().then(|| Line {
            intercept: self.intercept,
            slope: value(&self.coefs, feature),
        })
    }

    /// The lines at the vertices of the set of optima, the steepest first; that of the fit where none was recorded.
    pub fn extremes(&self, feature: &str) -> Vec<Line> {
        let mut lines: Vec<Line> = (self.vertices.iter())
            .map(|vertex| Line {
                intercept: value(vertex, INTERCEPT),
                slope: value(vertex, feature),
            })
            .filter(|line| line.intercept.is_finite() && line.slope.is_finite())
            .collect();
        if lines.is_empty() {
            lines.extend(self.line(feature));
        }
        lines.sort_by(|a, b| b.slope.total_cmp(&a.slope));
        lines
    }

    /// What went wrong, in a sentence; None if nothing did.
    pub fn trouble(&self) -> Option<String> {
        let reason = match self.reason.as_str() {
            "" => String::new(),
            reason => format!(" ({reason})"),
        };
        let status = self.status.replace('_', " ");
        (self.status != "converged")
            .then(|| format!("The fit with loss {}: {status}{reason}.", self.loss))
    }
}

/// The coefficient of a feature; 0 where it has none.
fn value(coefs: &[(String, f64)], feature: &str) -> f64 {
    let found = coefs.iter().find(|(name, _)| name == feature);
    found.map_or(0.0, |(_, value)| *value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(pairs: &[(&str, f64)]) -> Vec<(String, f64)> {
        pairs.iter().map(|&(name, v)| (name.into(), v)).collect()
    }

    #[test]
    fn a_fit_is_a_line_and_its_vertices_are_lines() {
        let mut fit = LossFit {
            loss: "quantile(0.25)".into(),
            status: "epoch_limit".into(),
            intercept: 1.0,
            coefs: named(&[("x", 2.0)]),
            ..LossFit::default()
        };
        let line = Line {
            intercept: 1.0,
            slope: 2.0,
        };
        assert_eq!((fit.tau(), fit.line("x")), (Some(0.25), Some(line)));
        assert_eq!((line.at(3.0), fit.extremes("x")), (7.0, vec![line]));
        assert!(fit.trouble().is_some_and(|t| t.contains("epoch limit")));
        fit.vertices = vec![
            named(&[(INTERCEPT, 3.0)]),
            named(&[(INTERCEPT, -1.0), ("x", 2.5)]),
        ];
        let slopes: Vec<f64> = fit.extremes("x").iter().map(|line| line.slope).collect();
        assert_eq!(slopes, [2.5, 0.0]);
        fit.intercept = f64::NAN;
        assert_eq!(fit.line("x"), None);
    }
}
