//! The series of one panel of cross-validation: a curve over λ, its standard errors, and the two λ it chooses.

use super::abscissa::Abscissa;
use super::path_series::PathSeries;
use super::trial::{Point, Trial, distinct};
use std::collections::HashMap;

/// A cross-validated path as it was recorded.
#[derive(Clone, Debug)]
pub struct Validated {
    /// Mixing parameter.
    pub alpha: f64,
    /// mse or mae.
    pub measure: String,
    /// One entry per λ, by descending λ.
    pub means: Vec<Mean>,
    /// One entry per fold and λ.
    pub held: Vec<Held>,
}

/// One λ.
#[derive(Clone, Debug)]
pub struct Mean {
    /// Index down the grid.
    pub k: u64,
    /// λ.
    pub lambda: f64,
    /// Mean error on rows held out.
    pub mean: f64,
    /// Its standard error.
    pub se: f64,
    /// Coefficients that are not 0 in the fit on all rows.
    pub nonzeros: u64,
    /// min, 1se, both or empty.
    pub choice: String,
}

/// One fold at one λ.
#[derive(Clone, Copy, Debug)]
pub struct Held {
    /// Partition.
    pub repeat: u64,
    /// Fold of it.
    pub fold: u64,
    /// Index of λ down the grid.
    pub k: u64,
    /// Rows held out.
    pub rows: u64,
    /// Whether the fit without them converged.
    pub converged: bool,
}

impl Validated {
    /// A curve without points.
    pub fn new(alpha: f64, measure: &str) -> Self {
        Self {
            alpha,
            measure: measure.into(),
            means: Vec::new(),
            held: Vec::new(),
        }
    }

    /// "10 folds, drawn 3 times", or of one row each; empty where no fold was recorded.
    pub fn folds(&self) -> String {
        let Some(first) = self.held.first() else {
            return String::new();
        };
        let here = || self.held.iter().filter(|h| h.k == first.k);
        let count = distinct(here().map(|h| h.fold)).len();
        let what = match here().all(|h| h.rows == 1) {
            true => "folds of one row each",
            false => "folds",
        };
        match distinct(here().map(|h| h.repeat)).len() {
            1 => format!("{count} {what}"),
            2 => format!("{count} {what}, drawn twice"),
            times => format!("{count} {what}, drawn {times} times"),
        }
    }

    /// Rows of the data; 0 where no fold was recorded.
    pub fn rows(&self) -> u64 {
        let first = self.held.first().map(|h| (h.repeat, h.k));
        let here = self.held.iter().filter(|h| Some((h.repeat, h.k)) == first);
        here.map(|h| h.rows).sum()
    }
}

/// One curve as it is drawn.
#[derive(Clone, Debug)]
pub struct CvSeries {
    /// Places of λ on the axis and the non-zero coefficients there, as a path has them.
    pub path: PathSeries,
    /// Mean error at every λ.
    pub mean: Vec<f64>,
    /// Its standard error.
    pub se: Vec<f64>,
    /// Position of the λ with the least mean error.
    pub min: Option<usize>,
    /// Position of the λ that the one-standard-error rule chooses.
    pub one_se: Option<usize>,
    /// The λ of every position.
    pub lambda: Vec<f64>,
}

impl CvSeries {
    /// The curve of one α, against λ or against what the path on all rows has at the same λ; what has no place there is left out.
    pub fn along(curve: &Validated, path: Option<&Trial>, across: Abscissa) -> Self {
        let recorded: HashMap<u64, &Point> = path
            .iter()
            .flat_map(|t| &t.points)
            .map(|p| (p.k, p))
            .collect();
        let mut means = curve.means.clone();
        means.sort_by_key(|m| m.k);
        if across != Abscissa::Lambda {
            means.retain(|m| {
                let point = recorded.get(&m.k);
                point.is_some_and(|p| across.of(p, curve.alpha).is_finite())
            });
        }
        let failed = distinct(curve.held.iter().filter(|h| !h.converged).map(|h| h.k));
        let points = means.iter().map(|m| Point {
            k: m.k,
            lambda: m.lambda,
            nonzeros: m.nonzeros,
            converged: !failed.contains(&m.k),
            ..recorded.get(&m.k).map(|p| (*p).clone()).unwrap_or_default()
        });
        let trial = Trial {
            alpha: curve.alpha,
            points: points.collect(),
            ..Trial::default()
        };
        let path = PathSeries::against(&trial, across);
        let chosen =
            |name: &str| (means.iter()).position(|m| m.choice == name || m.choice == "both");
        Self {
            path,
            min: chosen("min"),
            one_se: chosen("1se"),
            mean: means.iter().map(|m| m.mean).collect(),
            se: means.iter().map(|m| m.se).collect(),
            lambda: means.iter().map(|m| m.lambda).collect(),
        }
    }

    /// Least and largest end of a bar of one standard error; None if no mean is finite.
    pub fn band(&self) -> Option<(f64, f64)> {
        let bars = (0..self.mean.len()).map(|i| self.bar(i));
        bars.filter(|(low, high)| low.is_finite() && high.is_finite())
            .reduce(|(a, b), (low, high)| (a.min(low), b.max(high)))
    }

    /// The bar of one standard error at a position; of no length where there is no standard error.
    pub fn bar(&self, i: usize) -> (f64, f64) {
        let se = if self.se[i].is_finite() {
            self.se[i]
        } else {
            0.0
        };
        (self.mean[i] - se, self.mean[i] + se)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn curve(choices: [&str; 3]) -> Validated {
        let mean = |(k, choice): (u64, &str)| Mean {
            k,
            lambda: 1.0 / (k + 1) as f64,
            mean: 2.0 - k as f64,
            se: if k == 2 { f64::NAN } else { 0.25 },
            nonzeros: k,
            choice: choice.into(),
        };
        Validated {
            means: (0..3).zip(choices).map(mean).collect(),
            held: (0..4)
                .map(|i| Held {
                    repeat: i / 2,
                    fold: i % 2,
                    k: 1,
                    rows: 5 + i % 2,
                    converged: i > 0,
                })
                .collect(),
            ..Validated::new(1.0, "mse")
        }
    }

    #[test]
    fn a_curve_has_bars_choices_and_folds() {
        let recorded = curve(["1se", "", "min"]);
        assert_eq!(recorded.folds(), "2 folds, drawn twice");
        assert_eq!(recorded.rows(), 11);
        let of = |curve| CvSeries::along(curve, None, Abscissa::Lambda);
        let series = of(&recorded);
        assert_eq!((series.min, series.one_se), (Some(2), Some(0)));
        assert_eq!(series.band(), Some((0.0, 2.25)));
        assert_eq!(series.path.unconverged, 1);
        let both = of(&curve(["", "both", ""]));
        assert_eq!((both.min, both.one_se), (Some(1), Some(1)));
    }
}
