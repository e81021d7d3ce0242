//! Sums of absolute deviations from lines: the function of intercept and slope that least absolute deviations make smallest.

use super::loss_fit::Line;

/// Points, and the function of the lines through them.
#[derive(Clone, Debug)]
pub struct Deviations<'a> {
    /// The feature in each row.
    pub x: &'a [f64],
    /// The response in each row.
    pub y: &'a [f64],
}

/// Halvings that bring an interval to rounding.
const HALVINGS: usize = 60;
/// Slopes at which an outline is found.
const SLOPES: usize = 160;

impl Deviations<'_> {
    /// Σ |y_i − intercept − slope x_i|.
    pub fn of(&self, line: Line) -> f64 {
        let each = self
            .x
            .iter()
            .zip(self.y)
            .map(|(&x, y)| (y - line.at(x)).abs());
        each.sum()
    }

    /// The best intercept for a slope: a median of what the slope leaves.
    fn best(&self, slope: f64) -> Line {
        let left = self.x.iter().zip(self.y).map(|(x, y)| y - slope * x);
        let mut left: Vec<f64> = left.collect();
        left.sort_by(f64::total_cmp);
        let intercept = left.get(left.len() / 2).copied().unwrap_or_default();
        Line { intercept, slope }
    }

    /// Least and largest intercept whose sum at this slope is at most `level`; the best one where none is.
    pub fn interval(&self, level: f64, slope: f64) -> [f64; 2] {
        let best = self.best(slope);
        let unit = best.intercept.abs().max(1e-6);
        [-1.0, 1.0].map(|sign| {
            let moved = |step: f64| Line {
                intercept: best.intercept + sign * step,
                slope,
            };
            best.intercept + sign * furthest(unit, |step| self.of(moved(step)) <= level)
        })
    }

    /// Corners (intercept, slope) of the set of lines whose sum is at most `level`, from one inside it: the function is convex, so that
    /// each slope has one interval of intercepts. The first corner has the least slope; empty if `level` is not above the sum at `inside`.
    pub fn outline(&self, level: f64, inside: Line) -> Vec<(f64, f64)> {
        if self.of(self.best(inside.slope)) >= level || !level.is_finite() {
            return Vec::new();
        }
        let unit = inside.slope.abs().max(1e-6);
        let end = |sign: f64| {
            let lies = |step: f64| self.of(self.best(inside.slope + sign * step)) <= level;
            inside.slope + sign * furthest(unit, lies)
        };
        let (low, high) = (end(-1.0), end(1.0));
        let (mut left, mut right) = (Vec::new(), Vec::new());
        for i in 0..=SLOPES {
            // Closer together at both ends, where the intervals change fastest.
            let turn = std::f64::consts::PI * i as f64 / SLOPES as f64;
            let slope = low + (high - low) * 0.5 * (1.0 - turn.cos());
            let [least, most] = self.interval(level, slope);
            left.push((least, slope));
            right.push((most, slope));
        }
        left.extend(right.into_iter().rev());
        left.extend(left.first().copied());
        left
    }
}

/// The largest step that lies inside, if all smaller ones do: doubled from `unit`, then halved.
fn furthest(unit: f64, lies: impl Fn(f64) -> bool) -> f64 {
    let mut outside = unit;
    for _ in 0..HALVINGS {
        if !lies(outside) {
            break;
        }
        outside *= 2.0;
    }
    let mut inside = 0.0;
    for _ in 0..HALVINGS {
        let middle = 0.5 * (inside + outside);
        if lies(middle) {
            inside = middle;
        } else {
            outside = middle;
        }
    }
    inside
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_outline_lies_on_its_level_around_the_optimum() {
        let (x, y) = ([0.0, 1.0, 2.0, 3.0, 4.0], [0.3, 1.0, 2.2, 2.9, 40.0]);
        let sums = Deviations { x: &x, y: &y };
        let inside = Line {
            intercept: 0.3,
            slope: 0.9,
        };
        let level = sums.of(inside) + 2.0;
        let outline = sums.outline(level, inside);
        assert_eq!(outline.first(), outline.last());
        let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
        // The tips, where an interval has shrunk to a point, are as exact as the ends of the slopes.
        for &(intercept, slope) in &outline {
            let sum = sums.of(Line { intercept, slope });
            assert!((sum - level).abs() < 1e-9 * level, "{sum} is not {level}");
            (low, high) = (low.min(slope), high.max(slope));
        }
        assert!(low < inside.slope && inside.slope < high);
        assert!(sums.outline(sums.of(inside) * 0.5, inside).is_empty());
    }
}
