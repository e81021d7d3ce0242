//! Lines of high breakdown through points in a plane, beside which the book sets least squares: least median of squares, and MM.
//!
//! Neither is a convex problem, so that no solver of this project is asked: both are searched from the lines through all pairs.

use crate::claim::line::Line;
use crate::statistics::median;
use anyhow::{Context, ensure};

/// Bend of Huber's loss in units of the scale.
const HUBER: f64 = 1.345;
/// Bend of the bisquare in units of the scale: of the S-estimate of the scale, and of the M-estimate with that scale.
const BENDS: [f64; 2] = [1.548, 4.685];
/// Median of absolute deviations of a standard normal variable.
const NORMAL: f64 = 0.6745;
/// Relative change of a line or a scale at which rounds end.
const STILL: f64 = 1e-12;
/// Most rounds.
const ROUNDS: usize = 2000;

fn residuals(line: Line, x: &[f64], y: &[f64]) -> Vec<f64> {
    x.iter().zip(y).map(|(x, y)| y - line.at(*x)).collect()
}

/// The lines through all pairs of points with different x.
fn pairs(x: &[f64], y: &[f64]) -> Vec<Line> {
    let mut lines = Vec::new();
    for i in 0..x.len() {
        for j in (0..i).filter(|j| x[*j] != x[i]) {
            let slope = (y[i] - y[j]) / (x[i] - x[j]);
            lines.push(Line {
                intercept: y[i] - slope * x[i],
                slope,
            });
        }
    }
    lines
}

/// The line with the least h-th smallest |residual|, h = [n/2] + 1: half of the points lie in the narrowest strip, whose sides are
/// parallel to a line through two points. Errors: there are no two points with different x.
pub fn least_median(x: &[f64], y: &[f64]) -> anyhow::Result<Line> {
    let h = x.len() / 2 + 1;
    let mut best: Option<(f64, Line)> = None;
    for Line { slope, .. } in pairs(x, y) {
        let mut heights: Vec<f64> = x.iter().zip(y).map(|(x, y)| y - slope * x).collect();
        heights.sort_by(f64::total_cmp);
        for (low, high) in heights.iter().zip(&heights[h - 1..]) {
            let width = high - low;
            if best.is_none_or(|(narrowest, _)| width < narrowest) {
                let intercept = 0.5 * (low + high);
                best = Some((width, Line { intercept, slope }));
            }
        }
    }
    Ok(best.context("no two points with different x")?.1)
}

/// Huber's M-estimate with the scale as median |residual| / 0.6745, both at rest. Errors: they do not come to rest.
pub fn huber(x: &[f64], y: &[f64]) -> anyhow::Result<Line> {
    let mut line = Line::least_squares(x, y)?;
    for _ in 0..ROUNDS {
        let mut sizes: Vec<f64> = residuals(line, x, y).iter().map(|r| r.abs()).collect();
        let next = Line::huber(HUBER * median(&mut sizes) / NORMAL, x, y)?;
        // The solver's own accuracy bounds how still this can be.
        let moved = (next.slope - line.slope).abs();
        line = next;
        if moved <= 1e-9 * line.slope.abs() {
            return Ok(line);
        }
    }
    anyhow::bail!("scale and line do not come to rest")
}

/// ρ of the bisquare, 1 from the bend on.
fn bisquare(u: f64) -> f64 {
    let inner = (1.0 - u * u).max(0.0);
    1.0 - inner.powi(3)
}

/// The scale at which the mean of ρ, over n − 2, is ½.
fn scale_of(residuals: &[f64], start: f64) -> f64 {
    let mut scale = start;
    for _ in 0..ROUNDS {
        let sum: f64 = (residuals.iter())
            .map(|r| bisquare(r / (BENDS[0] * scale)))
            .sum();
        let factor = (2.0 * sum / (residuals.len() - 2) as f64).sqrt();
        scale *= factor;
        if (factor - 1.0).abs() < STILL {
            break;
        }
    }
    scale
}

/// One round of weighted least squares with the weights of the bisquare of that bend.
fn reweighted(line: Line, bend: f64, x: &[f64], y: &[f64]) -> Line {
    let weight = |r: &f64| (1.0 - (r / bend).powi(2)).max(0.0).powi(2);
    let weights: Vec<f64> = residuals(line, x, y).iter().map(weight).collect();
    let sum = |values: &[f64]| weights.iter().zip(values).map(|(w, v)| w * v).sum::<f64>();
    let total: f64 = weights.iter().sum();
    let (mean_x, mean_y) = (sum(x) / total, sum(y) / total);
    let across: Vec<f64> = x.iter().map(|x| (x - mean_x).powi(2)).collect();
    let along: Vec<f64> = (x.iter().zip(y))
        .map(|(x, y)| (x - mean_x) * (y - mean_y))
        .collect();
    let slope = sum(&along) / sum(&across);
    Line {
        intercept: mean_y - slope * mean_x,
        slope,
    }
}

/// The MM-estimate: from the line with the least S-estimate of scale, the M-estimate of the bisquare with that scale.
///
/// Errors: there are too few points, or a round has no line.
pub fn mm(x: &[f64], y: &[f64]) -> anyhow::Result<Line> {
    ensure!(x.len() > 4, "{} points", x.len());
    let mut best: Option<(f64, Line)> = None;
    for mut line in pairs(x, y) {
        let mut sizes: Vec<f64> = residuals(line, x, y).iter().map(|r| r.abs()).collect();
        let mut scale = median(&mut sizes) / NORMAL;
        for _ in 0..ROUNDS {
            scale = scale_of(&residuals(line, x, y), scale);
            let next = reweighted(line, BENDS[0] * scale, x, y);
            let moved = (next.slope - line.slope).abs();
            line = next;
            if moved.is_nan() || moved <= STILL * line.slope.abs() {
                break;
            }
        }
        if scale > 0.0 && line.slope.is_finite() && best.is_none_or(|(least, _)| scale < least) {
            best = Some((scale, line));
        }
    }
    let (scale, mut line) = best.context("no line has a scale")?;
    for _ in 0..ROUNDS {
        let next = reweighted(line, BENDS[1] * scale, x, y);
        let moved = (next.slope - line.slope).abs();
        line = next;
        if moved <= STILL * line.slope.abs() {
            break;
        }
    }
    ensure!(line.slope.is_finite(), "a round without a line");
    Ok(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_high_breakdown_do_not_see_a_minority() {
        // 13 points near y = 1 + x/2 and 8 far above it.
        let x: Vec<f64> = (0..21).map(f64::from).collect();
        let near = |i: usize| 1.0 + 0.5 * x[i] + 0.01 * (i % 3) as f64;
        let y: Vec<f64> = (0..21)
            .map(|i| if i < 13 { near(i) } else { 100.0 + x[i] })
            .collect();
        for line in [least_median(&x, &y), mm(&x, &y)] {
            let line = line.unwrap();
            assert!((line.slope - 0.5).abs() < 0.01 && (line.intercept - 1.0).abs() < 0.05);
        }
        // The narrowest strip of 11 points is 0.02 high.
        let line = least_median(&x, &y).unwrap();
        let mut sizes: Vec<f64> = residuals(line, &x, &y).iter().map(|r| r.abs()).collect();
        sizes.sort_by(f64::total_cmp);
        assert!(sizes[10] <= 0.01 + 1e-12);
    }
}
