//! The series of one panel of coefficient paths.

use super::abscissa::Abscissa;
use super::axis::Axis;
use super::panel::Panel;
use super::path_line::{Band, Line};
use super::scale::Scale;
use super::tick::Tick;
use super::trial::{Point, Trial};
use std::collections::HashMap;

/// Most lines drawn in a panel: a picture of thousands is as black and opens slowly.
const MOST: usize = 300;

/// One path as it is drawn.
#[derive(Clone, Debug)]
pub struct PathSeries {
    /// Its penalty, with the loss where that is another than the squared.
    pub model: String,
    /// What it is drawn against.
    across: Abscissa,
    /// Title of that axis.
    title: &'static str,
    /// Place of every λ on the axis; on that of λ it is λ itself, and one place beyond the smallest positive λ for λ = 0.
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
    /// The path of a trial, without the λ that have no place on the axis.
    pub fn against(trial: &Trial, across: Abscissa) -> Self {
        let there = |p: &&Point| across.of(p, trial.alpha).is_finite();
        let points: Vec<&Point> = trial.points.iter().filter(there).collect();
        let positive = || {
            points
                .iter()
                .map(|p| p.lambda)
                .filter(|l| *l > 0.0 && l.is_finite())
        };
        let (least, most) = positive().fold((f64::MAX, 0.0f64), |(least, most), l| {
            (least.min(l), most.max(l))
        });
        let (least, most) = if most > 0.0 {
            (least, most)
        } else {
            (1.0, 1.0)
        };
        let beyond = least / (most / least).powf(0.1).max(2.0);
        let place = |p: &&Point| match (across, across.of(p, trial.alpha)) {
            (Abscissa::Lambda, lambda) if lambda <= 0.0 => beyond,
            (_, value) => value,
        };
        let ends = across == Abscissa::Lambda && points.iter().any(|p| p.lambda <= 0.0);
        let position: HashMap<u64, usize> =
            points.iter().enumerate().map(|(i, p)| (p.k, i)).collect();
        let mut values: HashMap<usize, Vec<f64>> = HashMap::new();
        for coef in trial.coefs.iter().filter(|c| c.value != 0.0) {
            if let Some(i) = position.get(&coef.k) {
                values
                    .entry(coef.feature)
                    .or_insert_with(|| vec![0.0; points.len()])[*i] = coef.value;
            }
        }
        let mut lines: Vec<Line> = values
            .into_iter()
            .map(|(feature, values)| Line {
                feature: trial.features[feature].clone(),
                values,
            })
            .collect();
        lines.sort_by(|a, b| {
            b.peak()
                .total_cmp(&a.peak())
                .then_with(|| a.feature.cmp(&b.feature))
        });
        let hidden = lines.len().saturating_sub(MOST);
        lines.truncate(MOST);
        let reason = if trial.reason.is_empty() {
            String::new()
        } else {
            format!(": {}", trial.reason)
        };
        Self {
            model: trial.model(),
            across,
            title: across.title(trial),
            x: points.iter().map(place).collect(),
            least,
            zero: ends.then_some(beyond),
            nonzeros: points.iter().map(|p| p.nonzeros).collect(),
            converged: points.iter().map(|p| p.converged).collect(),
            unconverged: points.iter().filter(|p| !p.converged).count(),
            lines,
            hidden,
            failure: match (trial.points.len(), points.len()) {
                (0, _) => Some(format!("{}{reason}", trial.status_text())),
                (_, 0) => Some(format!("no {} was recorded", across.column())),
                _ => None,
            },
        }
    }

    /// The band of the lines, each enlarged by its factor.
    pub fn band(&self, factor: impl Fn(&str) -> f64) -> Band {
        self.lines.iter().fold(Band::default(), |band, line| {
            let factor = factor(&line.feature);
            line.values
                .iter()
                .filter(|v| v.is_finite())
                .fold(band, |b, v| {
                    b.join(Band {
                        low: v * factor,
                        high: v * factor,
                    })
                })
        })
    }

    /// The axis: from the largest λ to the smallest, or from 0 to the largest value of what grows.
    pub fn axis(&self) -> Axis {
        let (low, high) = (self.x.iter()).fold((0.0f64, 0.0f64), |(low, high), x| {
            (low.min(*x), high.max(*x))
        });
        let scale = match (self.across, self.x.first(), self.x.last()) {
            (Abscissa::Lambda, Some(first), Some(last)) if first != last => {
                Scale::log(*first, *last)
            }
            (Abscissa::Lambda, Some(only), _) => Scale::log(only * 3.0, only / 3.0),
            (Abscissa::Lambda, ..) => Scale::log(1.0, 0.1),
            (Abscissa::L1, ..) if low < high => Scale::linear(low, high),
            // Paths rise steeply where the last of these is gained: clear of the frame.
            _ if low < high => Scale::linear(low, high + 0.015 * (high - low)),
            _ => Scale::linear(0.0, 1.0),
        };
        let mut axis = Axis::new(scale, 4, self.title);
        if let Some(zero) = self.zero {
            let alone = self.x.iter().all(|x| *x <= zero);
            axis.ticks
                .retain(|t| t.value >= self.least * 0.999 && !alone);
            axis.ticks.push(Tick::new(zero, "0"));
        }
        if self.failure.is_some() {
            axis.ticks.clear();
        }
        axis
    }

    /// Whether λ = 0 is on the axis, at a place that is none of its scale.
    pub fn reaches_zero(&self) -> bool {
        self.zero.is_some()
    }

    /// Half-way between the smallest positive λ and the place of 0, where the logarithmic axis is broken.
    pub fn rupture(&self) -> Option<f64> {
        self.zero
            .map(|zero| (zero * self.least).sqrt())
            .filter(|x| self.x.iter().any(|other| other > x))
    }

    /// About `count` ticks, evenly spaced and each at a λ of the grid, that tell the number of non-zero coefficients.
    pub fn nonzero_ticks(&self, count: usize) -> Vec<Tick> {
        let scale = self.axis().scale;
        let mut chosen: Vec<usize> = (0..count)
            .filter_map(|i| {
                let wanted = i as f64 / (count - 1) as f64;
                let distance = |x: &f64| (scale.at(*x) - wanted).abs();
                (0..self.x.len())
                    .min_by(|a, b| distance(&self.x[*a]).total_cmp(&distance(&self.x[*b])))
            })
            .collect();
        chosen.dedup();
        // Where points bunch, the nearest to two places may be neighbours.
        let apart = 0.6 / (count - 1) as f64;
        let mut last = f64::NEG_INFINITY;
        chosen.retain(|i| {
            let at = scale.at(self.x[*i]);
            let keep = at >= last + apart;
            if keep {
                last = at;
            }
            keep
        });
        chosen
            .into_iter()
            .map(|i| Tick::new(self.x[i], self.nonzeros[i].to_string()))
            .collect()
    }

    /// Pixel intervals of the λ that did not converge, each half-way to its neighbours.
    pub fn unconverged_pixels(&self, panel: &Panel) -> Vec<(f64, f64)> {
        let at = |i: usize| panel.px(self.x[i], 0.0).0;
        let (low, high) = (panel.rect.left, panel.rect.right);
        let middle = |i: usize, j: Option<usize>, edge: f64| match j {
            Some(j) if j < self.x.len() => (at(i) + at(j)) / 2.0,
            _ => edge,
        };
        let mut intervals: Vec<(f64, f64)> = Vec::new();
        for i in (0..self.x.len()).filter(|i| !self.converged[*i]) {
            let (from, to) = (
                middle(i, i.checked_sub(1), low),
                middle(i, Some(i + 1), high),
            );
            match intervals.last_mut() {
                Some(last) if last.1 == from => last.1 = to,
                _ => intervals.push((from, to)),
            }
        }
        intervals
    }
}

#[cfg(test)]
mod tests {
    use super::super::trial::Coef;
    use super::*;

    fn trial(lambdas: &[f64]) -> Trial {
        let points = lambdas.iter().enumerate();
        Trial {
            status: "converged".into(),
            features: vec!["a".into()],
            points: points
                .map(|(i, l)| Point {
                    k: i as u64,
                    lambda: *l,
                    converged: true,
                    ..Point::default()
                })
                .collect(),
            coefs: vec![Coef {
                k: 1,
                feature: 0,
                value: -2.0,
            }],
            ..Trial::default()
        }
    }

    #[test]
    fn zeros_are_filled_in_and_lambda_zero_has_a_place() {
        let series = PathSeries::against(&trial(&[1.0, 0.1, 0.01, 0.0]), Abscissa::Lambda);
        assert_eq!(series.lines[0].values, [0.0, -2.0, 0.0, 0.0]);
        assert_eq!(series.lines[0].visible(), 0..3);
        assert!(series.x[3] < 0.01 && series.x[3] > 0.001);
        let ticks = series.axis().ticks;
        assert_eq!(
            ticks
                .iter()
                .filter(|t| t.label.as_deref() == Some("0"))
                .count(),
            1
        );
        assert_eq!(series.nonzero_ticks(3).len(), 3);
    }

    #[test]
    fn odd_paths_have_an_axis() {
        for lambdas in [&[][..], &[0.0], &[2.0], &[1e150, 1e-150], &[0.0, 0.0]] {
            let axis = PathSeries::against(&trial(lambdas), Abscissa::Lambda).axis();
            assert!(axis.scale.at(1.0).is_finite(), "{lambdas:?}");
        }
    }

    #[test]
    fn axes_that_grow_run_from_zero_to_the_largest() {
        let mut path = trial(&[1.0, 0.5, 0.1]);
        path.alpha = 1.0;
        for (i, point) in path.points.iter_mut().enumerate() {
            let i = i as f64;
            (point.l1, point.explained, point.df) = (2.5 * i, 0.25 * i, f64::NAN);
            point.nonzeros = i as u64;
        }
        let series = PathSeries::against(&path, Abscissa::L1);
        let axis = series.axis();
        assert_eq!((axis.scale.at(0.0), axis.scale.at(5.0)), (0.0, 1.0));
        assert!(axis.title.contains("Σ|β|") && series.rupture().is_none());
        let series = PathSeries::against(&path, Abscissa::Df);
        assert_eq!(series.x, [0.0, 1.0, 2.0]);
        assert!(series.axis().title.ends_with("non-zeros"));
        assert_eq!(
            PathSeries::against(&path, Abscissa::Dev).x,
            [0.0, 0.25, 0.5]
        );
        // Ridge has only the trace, and λ without one are left out.
        path.alpha = 0.0;
        path.points[2].df = 1.5;
        let series = PathSeries::against(&path, Abscissa::Df);
        assert_eq!(
            (series.x.as_slice(), series.failure.as_deref()),
            (&[1.5][..], None)
        );
        path.points[2].df = f64::NAN;
        let failure = PathSeries::against(&path, Abscissa::Df).failure;
        assert_eq!(failure.as_deref(), Some("no df was recorded"));
    }

    #[test]
    fn a_path_of_zero_alone_has_no_other_tick() {
        let ticks = PathSeries::against(&trial(&[0.0]), Abscissa::Lambda)
            .axis()
            .ticks;
        assert_eq!(ticks, [Tick::new(ticks[0].value, "0")]);
    }
}
