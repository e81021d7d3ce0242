//! The series of one panel of coefficient paths.

use super::panel::{Axis, Panel};
use super::scale::{Scale, Tick};
use super::trial::Trial;
use std::collections::HashMap;
use std::ops::Range;

/// Most lines drawn in a panel: a picture of thousands is as black and opens slowly.
const MOST: usize = 300;

/// The path of one feature: a value per λ.
#[derive(Clone, Debug)]
pub struct Line {
    /// Name of the feature.
    pub feature: String,
    /// Coefficients in the order of the panel's x, 0 where the feature is out of the model.
    pub values: Vec<f64>,
}

impl Line {
    /// Largest modulus on the path.
    pub fn peak(&self) -> f64 {
        self.values.iter().filter(|v| v.is_finite()).fold(0.0, |peak, v| peak.max(v.abs()))
    }

    /// Coefficient at the last λ.
    pub fn end(&self) -> f64 {
        self.values.last().copied().filter(|v| v.is_finite()).unwrap_or(0.0)
    }

    /// Positions from the last zero before the feature enters to the first zero after it left.
    pub fn visible(&self) -> Range<usize> {
        let first = self.values.iter().position(|v| *v != 0.0).unwrap_or(0);
        let last = self.values.iter().rposition(|v| *v != 0.0).unwrap_or(0);
        first.saturating_sub(1)..(last + 2).min(self.values.len())
    }
}

/// Interval of coefficients, always around 0.
#[derive(Clone, Copy, Debug, Default)]
pub struct Band {
    /// Least value, at most 0.
    pub low: f64,
    /// Largest value, at least 0.
    pub high: f64,
}

impl Band {
    /// Length.
    pub fn height(&self) -> f64 {
        self.high - self.low
    }

    /// The smallest band around both.
    pub fn join(self, other: Self) -> Self {
        Self { low: self.low.min(other.low), high: self.high.max(other.high) }
    }
}

/// One path as it is drawn.
#[derive(Clone, Debug)]
pub struct PathSeries {
    /// Mixing parameter of the penalty.
    pub alpha: f64,
    /// Place of every λ on the axis: λ itself, and one place beyond the smallest positive λ for λ = 0.
    pub x: Vec<f64>,
    /// Smallest positive λ, below which no tick stands.
    least: f64,
    /// Place of λ = 0, if the path has one.
    zero: Option<f64>,
    /// Number of non-zero coefficients at every λ.
    nonzeros: Vec<u64>,
    /// Whether the solve of every λ converged.
    converged: Vec<bool>,
    /// Number of λ at which it did not.
    pub unconverged: usize,
    /// Features with a non-zero coefficient somewhere, the largest first.
    pub lines: Vec<Line>,
    /// Lines that were left out because there are too many.
    pub hidden: usize,
    /// Why there is no path at all.
    pub failure: Option<String>,
}

impl PathSeries {
    /// The path of a trial.
    pub fn of(trial: &Trial) -> Self {
        let positive = || trial.points.iter().map(|p| p.lambda).filter(|l| *l > 0.0 && l.is_finite());
        let (least, most) = positive().fold((f64::MAX, 0.0f64), |(least, most), l| (least.min(l), most.max(l)));
        let (least, most) = if most > 0.0 { (least, most) } else { (1.0, 1.0) };
        let beyond = least / (most / least).powf(0.1).max(2.0);
        let place = |lambda: f64| if lambda > 0.0 { lambda } else { beyond };
        let position: HashMap<u64, usize> = trial.points.iter().enumerate().map(|(i, p)| (p.k, i)).collect();
        let mut values: HashMap<usize, Vec<f64>> = HashMap::new();
        for coef in trial.coefs.iter().filter(|c| c.value != 0.0) {
            if let Some(i) = position.get(&coef.k) {
                values.entry(coef.feature).or_insert_with(|| vec![0.0; trial.points.len()])[*i] = coef.value;
            }
        }
        let mut lines: Vec<Line> =
            values.into_iter().map(|(feature, values)| Line { feature: trial.features[feature].clone(), values }).collect();
        lines.sort_by(|a, b| b.peak().total_cmp(&a.peak()).then_with(|| a.feature.cmp(&b.feature)));
        let hidden = lines.len().saturating_sub(MOST);
        lines.truncate(MOST);
        let reason = if trial.reason.is_empty() { String::new() } else { format!(": {}", trial.reason) };
        Self {
            alpha: trial.alpha,
            x: trial.points.iter().map(|p| place(p.lambda)).collect(),
            least,
            zero: trial.points.iter().any(|p| p.lambda <= 0.0).then_some(beyond),
            nonzeros: trial.points.iter().map(|p| p.nonzeros).collect(),
            converged: trial.points.iter().map(|p| p.converged).collect(),
            unconverged: trial.points.iter().filter(|p| !p.converged).count(),
            lines,
            hidden,
            failure: trial.points.is_empty().then(|| format!("{}{reason}", trial.status_text())),
        }
    }

    /// The band of the lines, each enlarged by its factor.
    pub fn band(&self, factor: impl Fn(&str) -> f64) -> Band {
        self.lines.iter().fold(Band::default(), |band, line| {
            let factor = factor(&line.feature);
            line.values.iter().filter(|v| v.is_finite()).fold(band, |b, v| b.join(Band { low: v * factor, high: v * factor }))
        })
    }

    /// The axis of λ.
    pub fn axis(&self) -> Axis {
        let scale = match (self.x.first(), self.x.last()) {
            (Some(first), Some(last)) => Scale::log(*first, *last),
            _ => Scale::log(1.0, 0.1),
        };
        let mut axis = Axis::new(scale, 4, "λ, decreasing on a log scale");
        if let Some(zero) = self.zero {
            axis.ticks.retain(|t| t.value >= self.least * 0.999);
            axis.ticks.push(Tick::new(zero, "0"));
        }
        if self.failure.is_some() {
            axis.ticks.clear();
        }
        axis
    }

    /// About `count` ticks, evenly spaced and each at a λ of the grid, that tell the number of non-zero coefficients.
    pub fn nonzero_ticks(&self, count: usize) -> Vec<Tick> {
        let scale = self.axis().scale;
        let mut chosen: Vec<usize> = (0..count)
            .filter_map(|i| {
                let wanted = i as f64 / (count - 1) as f64;
                let distance = |x: &f64| (scale.at(*x) - wanted).abs();
                (0..self.x.len()).min_by(|a, b| distance(&self.x[*a]).total_cmp(&distance(&self.x[*b])))
            })
            .collect();
        chosen.dedup();
        chosen.into_iter().map(|i| Tick::new(self.x[i], self.nonzeros[i].to_string())).collect()
    }

    /// Pixel intervals of the λ that did not converge, each half-way to its neighbours.
    pub fn unconverged_pixels(&self, panel: &Panel) -> Vec<(f64, f64)> {
        let at = |i: usize| panel.px(self.x[i], 0.0).0;
        let (low, high) = (panel.rect.left, panel.rect.right);
        let middle = |i: usize, j: Option<usize>, edge: f64| match j {
            Some(j) if j < self.x.len() => (at(i) + at(j)) / 2.0,
            _ => edge,
        };
        (0..self.x.len())
            .filter(|i| !self.converged[*i])
            .map(|i| (middle(i, i.checked_sub(1), low), middle(i, Some(i + 1), high)))
            .collect()
    }
}

/// Power of ten that brings a path to at most half of the largest where it would else be flat on the axis, or 1.
///
/// Features in different units (years, per cent, logarithms) have coefficients in different units; one scale
/// shows the smaller ones as zero, which is the one thing that a path must not do.
pub fn magnify(peak: f64, largest: f64) -> f64 {
    if peak <= 0.0 || peak >= 0.04 * largest {
        return 1.0;
    }
    10f64.powi((0.5 * largest / peak).log10().floor().min(15.0) as i32)
}

#[cfg(test)]
mod tests {
    use super::super::trial::{Coef, Point};
    use super::*;

    fn trial(lambdas: &[f64]) -> Trial {
        let points = lambdas.iter().enumerate();
        Trial {
            status: "converged".into(),
            features: vec!["a".into()],
            points: points.map(|(i, l)| Point { k: i as u64, lambda: *l, converged: true, ..Point::default() }).collect(),
            coefs: vec![Coef { k: 1, feature: 0, value: -2.0 }],
            ..Trial::default()
        }
    }

    #[test]
    fn zeros_are_filled_in_and_lambda_zero_has_a_place() {
        let series = PathSeries::of(&trial(&[1.0, 0.1, 0.01, 0.0]));
        assert_eq!(series.lines[0].values, [0.0, -2.0, 0.0, 0.0]);
        assert_eq!(series.lines[0].visible(), 0..3);
        assert!(series.x[3] < 0.01 && series.x[3] > 0.001);
        let ticks = series.axis().ticks;
        assert_eq!(ticks.iter().filter(|t| t.label.as_deref() == Some("0")).count(), 1);
        assert_eq!(series.nonzero_ticks(3).len(), 3);
    }

    #[test]
    fn odd_paths_have_an_axis() {
        for lambdas in [&[][..], &[0.0], &[2.0], &[1e150, 1e-150], &[0.0, 0.0]] {
            let axis = PathSeries::of(&trial(lambdas)).axis();
            assert!(axis.scale.at(1.0).is_finite(), "{lambdas:?}");
        }
    }

    #[test]
    fn small_paths_are_magnified_by_powers_of_ten() {
        assert_eq!(magnify(0.7, 0.74), 1.0);
        assert_eq!(magnify(0.021, 0.74), 10.0);
        assert_eq!(magnify(0.0045, 0.74), 10.0);
        assert_eq!(magnify(0.0003, 0.74), 1000.0);
        assert_eq!(magnify(0.0, 0.74), 1.0);
    }
}
