//! The looks of features: colour, magnification and label, the same in every panel of a picture.

use super::path_line::magnify;
use super::path_series::PathSeries;
use super::style::{PALE, PALETTE};
use plotters::style::RGBColor;
use std::collections::HashMap;

/// Up to that many features, all of them are labelled and none is left invisibly small.
const FEW: usize = 12;
/// Features labelled where there are more.
pub const NAMED: usize = 8;

/// How one feature looks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Look {
    /// Colour of line and label.
    pub colour: RGBColor,
    /// Power of ten by which the line is drawn larger than it is.
    pub factor: f64,
    /// Whether it has a label.
    pub labelled: bool,
}

/// The looks of all features that are drawn.
#[derive(Clone, Debug)]
pub struct Looks(HashMap<String, Look>);

impl Looks {
    /// Colours by rank: the largest drawn features come first, or those that end largest where there are many.
    pub fn of(panels: &[PathSeries]) -> Self {
        let mut sizes: HashMap<&str, (f64, f64)> = HashMap::new();
        for line in panels.iter().flat_map(|p| &p.lines) {
            let size = sizes.entry(&line.feature).or_default();
            *size = (size.0.max(line.peak()), size.1.max(line.end().abs()));
        }
        let few = sizes.len() <= FEW;
        let largest = sizes.values().map(|s| s.0).fold(0.0, f64::max);
        let factor = |peak: f64| if few { magnify(peak, largest) } else { 1.0 };
        let mut ranking: Vec<(f64, &str, f64)> = sizes
            .into_iter()
            .map(|(feature, (peak, end))| match few {
                true => (peak * factor(peak), feature, peak),
                false => (end, feature, peak),
            })
            .collect();
        ranking.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(b.1)));
        let looks = ranking
            .into_iter()
            .enumerate()
            .map(|(rank, (_, feature, peak))| {
                let labelled = few || rank < NAMED;
                let colour = if labelled {
                    PALETTE[rank % PALETTE.len()]
                } else {
                    PALE
                };
                (
                    feature.to_string(),
                    Look {
                        colour,
                        factor: factor(peak),
                        labelled,
                    },
                )
            });
        Self(looks.collect())
    }

    /// The look of a feature.
    pub fn of_feature(&self, feature: &str) -> Look {
        self.0.get(feature).copied().unwrap_or(Look {
            colour: PALE,
            factor: 1.0,
            labelled: false,
        })
    }

    /// Whether every feature has a label.
    pub fn few(&self) -> bool {
        self.0.len() <= FEW
    }

    /// Whether some feature is drawn larger than it is.
    pub fn magnified(&self) -> bool {
        self.0.values().any(|look| look.factor != 1.0)
    }

    /// The label of a feature: its name, with the factor by which it is drawn larger.
    pub fn label(&self, feature: &str) -> String {
        match self.of_feature(feature).factor {
            1.0 => feature.to_string(),
            factor => format!("{feature} ×{factor}"),
        }
    }

    /// All labels, in no order.
    pub fn labels(&self) -> Vec<String> {
        let labelled = self.0.iter().filter(|(_, look)| look.labelled);
        labelled.map(|(feature, _)| self.label(feature)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::abscissa::Abscissa;
    use super::super::trial::{Coef, Point, Trial};
    use super::*;

    fn looks(values: &[f64]) -> Looks {
        let coefs = values.iter().enumerate();
        let trial = Trial {
            features: (0..values.len()).map(|i| format!("x{i}")).collect(),
            points: vec![Point {
                lambda: 1.0,
                ..Point::default()
            }],
            coefs: coefs
                .map(|(feature, value)| Coef {
                    k: 0,
                    feature,
                    value: *value,
                })
                .collect(),
            ..Trial::default()
        };
        Looks::of(&[PathSeries::against(&trial, Abscissa::Lambda)])
    }

    #[test]
    fn few_features_are_all_labelled_and_seen() {
        let looks = looks(&[1.0, 0.01]);
        assert_eq!(
            (looks.label("x0"), looks.label("x1")),
            ("x0".into(), "x1 ×10".into())
        );
        assert!(looks.few() && looks.magnified());
    }

    #[test]
    fn of_many_features_the_largest_are_labelled() {
        let looks = looks(&(0..40).map(|i| 0.5f64.powi(i)).collect::<Vec<_>>());
        assert!(!looks.few() && !looks.magnified());
        assert_eq!(looks.labels().len(), NAMED);
        assert!(looks.of_feature("x7").labelled && !looks.of_feature("x8").labelled);
    }
}
