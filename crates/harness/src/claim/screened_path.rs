//! Lasso paths of many columns, what screening rules keep of them at each λ, and what they lose.
//!
//! In this crate's scaling the sequential strong rule keeps column j at λ_k where |x_jᵀr|/n ≥ 2λ_k − λ_{k−1}, r being the residual at
//! λ_{k−1}; the global one asks the same of λ_max in place of λ_{k−1}. Both may be wrong. SAFE, from λ_max, and the gap-safe sphere about
//! the dual point r/(nλ_{k−1}) come with a proof.

use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};
use regpath_solvers::design::{Bundle, Dense, Design};
use regpath_solvers::loss::Squared;
use regpath_solvers::path::WarmPath;
use regpath_solvers::penalty::L1;
use regpath_solvers::problem::Problem;
use regpath_solvers::solver::{CoordinateDescent, Solver, Stop};
use regpath_solvers::worst;

/// Rows.
pub const ROWS: usize = 200;
/// Columns.
pub const COLUMNS: usize = 5_000;
/// Size of the coefficients of the first quarter of the columns, of random sign; the others are 0.
const SIZE: f64 = 2.0;
/// Correlations of any two columns.
pub const CORRELATIONS: [f64; 2] = [0.0, 0.5];
/// λ of a path, logarithmically spaced.
pub const STEPS: usize = 100;
/// The last λ relative to the first.
pub const LAST: f64 = 0.1;
/// Relative gap to which a λ is solved.
const TOLERANCE: f64 = 1e-12;
/// Distance from the optimality conditions, in units of λ, from which a column violates them; the gap leaves less.
const VIOLATION: f64 = 1e-4;
/// λ whose gradients are computed together.
const AT_ONCE: usize = 8;

/// What keeps columns.
pub const RULES: [&str; 4] = ["sequential strong", "global strong", "gap-safe", "SAFE"];

/// One data set.
pub struct Drawn {
    /// Columns of mean 0 and variance 1, column by column.
    pub x: Vec<f64>,
    /// Response of mean 0.
    pub y: Vec<f64>,
    /// Sum of the coefficients.
    pub sum: f64,
}

/// Draws a data set in which any two columns have that correlation.
pub fn draw(rng: &mut ChaCha8Rng, correlation: f64) -> Drawn {
    let normal = |rng: &mut ChaCha8Rng| -> f64 { StandardNormal.sample(rng) };
    let common: Vec<f64> = (0..ROWS)
        .map(|_| correlation.sqrt() * normal(rng))
        .collect();
    let own = (1.0 - correlation).sqrt();
    let mut x: Vec<f64> = Vec::with_capacity(ROWS * COLUMNS);
    for _ in 0..COLUMNS {
        x.extend(common.iter().map(|c| c + own * normal(rng)));
    }
    let mut y: Vec<f64> = (0..ROWS).map(|_| normal(rng)).collect();
    let mut sum = 0.0;
    for column in x.chunks_exact(ROWS).take(COLUMNS / 4) {
        let size = if rng.random::<bool>() { SIZE } else { -SIZE };
        sum += size;
        y.iter_mut().zip(column).for_each(|(y, x)| *y += size * x);
    }
    let centre = |values: &mut [f64]| {
        let mean = values.iter().sum::<f64>() / ROWS as f64;
        values.iter_mut().for_each(|v| *v -= mean);
    };
    centre(&mut y);
    for column in x.chunks_exact_mut(ROWS) {
        centre(column);
        let deviation = (square(column) / ROWS as f64).sqrt();
        column.iter_mut().for_each(|v| *v /= deviation);
    }
    Drawn { x, y, sum }
}

fn square(values: &[f64]) -> f64 {
    values.iter().map(|v| v * v).sum()
}

/// A solution of one λ.
pub struct Point {
    lambda: f64,
    /// λ relative to λ_max.
    share: f64,
    /// Dense, length p.
    beta: Vec<f64>,
    residual: Vec<f64>,
    /// Xᵀr/n.
    gradient: Vec<f64>,
}

impl Point {
    /// Share of the variance of y that the solution explains.
    pub fn explained(&self, y: &[f64]) -> f64 {
        1.0 - square(&self.residual) / square(y)
    }

    /// Distance of column j from its optimality condition, in units of λ.
    fn off(&self, j: usize) -> f64 {
        let (b, g) = (self.beta[j], self.gradient[j]);
        let off = if b == 0.0 {
            (g.abs() - self.lambda).max(0.0)
        } else {
            (g - self.lambda * b.signum()).abs()
        };
        off / self.lambda
    }

    /// Least |x_jᵀr|/n of what the gap-safe sphere about r/(nλ), λ that of this solution, keeps at a smaller λ. In this scaling a column
    /// is discarded where s|x_jᵀr|/n + √(2 gap) < λ, for s the factor that makes r feasible, ‖x_j‖² being n.
    fn gap_safe(&self, y: &[f64], lambda: f64) -> f64 {
        let n = ROWS as f64;
        let largest = self.gradient.iter().fold(0.0f64, |m, g| m.max(g.abs()));
        let factor = (lambda / largest).min(1.0);
        let absolute: f64 = self.beta.iter().map(|b| b.abs()).sum();
        let primal = square(&self.residual) / (2.0 * n) + lambda * absolute;
        let rest: f64 = (y.iter().zip(&self.residual))
            .map(|(y, r)| (y - factor * r).powi(2))
            .sum();
        let gap = (primal - (square(y) - rest) / (2.0 * n)).max(0.0);
        (lambda - (2.0 * gap).sqrt()) / factor
    }
}

/// The path from λ_max, and how many violations the solver repaired. Errors: the data are not finite.
pub fn solve(values: &[f64], y: &[f64]) -> anyhow::Result<(Vec<Point>, u64)> {
    let x = Dense::from_column_major(values, ROWS, COLUMNS)?;
    let problem = Problem::new(&x, y, Squared, L1)?;
    let solver = CoordinateDescent::FULL;
    let setup = solver.setup(&problem)?;
    let lambda_max = problem.lambda_max();
    let mut path = WarmPath::new(&solver, &problem, &setup, lambda_max);
    let stop = Stop {
        tol: TOLERANCE,
        ..Stop::default()
    };
    let mut points = Vec::new();
    let mut repairs = 0;
    for k in 0..STEPS {
        let share = LAST.powf(k as f64 / (STEPS - 1) as f64);
        let lambda = share * lambda_max;
        repairs += path.step(lambda, stop).work.kkt_violations;
        let (set, coefficients): (Vec<usize>, Vec<f64>) = path.nonzeros().into_iter().unzip();
        let mut fit = vec![0.0; ROWS];
        x.axpy_set(&set, &coefficients, &mut fit);
        points.push(Point {
            lambda,
            share,
            beta: path.beta().to_vec(),
            residual: y.iter().zip(&fit).map(|(y, f)| y - f).collect(),
            gradient: vec![0.0; COLUMNS],
        });
    }
    // One pass over X for the gradients of several λ.
    let all: Vec<usize> = (0..COLUMNS).collect();
    for points in points.chunks_mut(AT_ONCE) {
        let mut residuals = Bundle::zeros(ROWS, points.len());
        for (k, point) in points.iter().enumerate() {
            residuals.set(k, &point.residual);
        }
        let mut products = vec![0.0; COLUMNS * residuals.width()];
        x.tr_mul_bundle(&all, &residuals, &mut products);
        for (j, products) in products.chunks_exact(residuals.width()).enumerate() {
            for (point, product) in points.iter_mut().zip(products) {
                point.gradient[j] = product / ROWS as f64;
            }
        }
    }
    Ok((points, repairs))
}

/// What happens at one λ after the first.
pub struct Step {
    /// λ relative to λ_max.
    pub share: f64,
    /// Columns whose coefficient is not 0.
    pub active: usize,
    /// Columns that each of the rules keeps.
    pub kept: [usize; RULES.len()],
    /// Active columns that each of the rules discards.
    pub lost: [usize; RULES.len()],
    /// Active columns that a rule with a proof discards.
    pub lost_by_proof: usize,
    /// Columns that violate the optimality conditions, or whose distance from them is not a number.
    pub violations: usize,
    /// The largest distance from the optimality conditions, in units of λ.
    pub distance: f64,
}

/// What the rules make of a path, λ by λ.
pub fn steps(path: &[Point], y: &[f64]) -> Vec<Step> {
    let pairs = path.iter().zip(path.iter().skip(1));
    pairs
        .map(|(before, now)| step(&path[0], before, now, y))
        .collect()
}

fn step(start: &Point, before: &Point, now: &Point, y: &[f64]) -> Step {
    let lambda = now.lambda;
    let short = (start.lambda - lambda) / start.lambda;
    // A rule keeps what has a gradient of this size or more, at the λ before or at 0.
    let bounds = [
        (&before.gradient, 2.0 * lambda - before.lambda),
        (&start.gradient, 2.0 * lambda - start.lambda),
        (&before.gradient, before.gap_safe(y, lambda)),
        (
            &start.gradient,
            lambda - (square(y) / ROWS as f64).sqrt() * short,
        ),
    ];
    let active: Vec<usize> = (0..now.beta.len())
        .filter(|&j| now.beta[j] != 0.0)
        .collect();
    let discarded = |rule: usize, j: usize| bounds[rule].0[j].abs() < bounds[rule].1;
    let rules: [usize; RULES.len()] = std::array::from_fn(|rule| rule);
    let proven = |j: &&usize| discarded(2, **j) || discarded(3, **j);
    let off: Vec<f64> = (0..now.beta.len()).map(|j| now.off(j)).collect();
    let violates = |off: &&f64| off.is_nan() || **off > VIOLATION;
    Step {
        share: now.share,
        active: active.len(),
        kept: bounds.map(|(gradient, bound)| gradient.iter().filter(|g| g.abs() >= bound).count()),
        lost: rules.map(|rule| active.iter().filter(|&&j| discarded(rule, j)).count()),
        lost_by_proof: active.iter().filter(proven).count(),
        violations: off.iter().filter(violates).count(),
        distance: worst(off.into_iter()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_gap_safe_sphere_keeps_what_the_next_solution_has() {
        // Orthogonal columns of squared norm n: the lasso thresholds xᵀy/n softly.
        let n = ROWS as f64;
        let column = |j: usize| -> Vec<f64> {
            (0..ROWS)
                .map(|i| if i % 4 == j { 2.0 } else { 0.0 })
                .collect()
        };
        let least_squares = [3.0, -2.0, 1.0, 0.2];
        let y: Vec<f64> = (0..ROWS).map(|i| 2.0 * least_squares[i % 4]).collect();
        let at = |lambda: f64| {
            let beta: Vec<f64> = (least_squares.iter())
                .map(|b: &f64| b.signum() * (b.abs() - lambda).max(0.0))
                .collect();
            let residual: Vec<f64> = (0..ROWS).map(|i| y[i] - 2.0 * beta[i % 4]).collect();
            let product = |j| {
                column(j)
                    .iter()
                    .zip(&residual)
                    .map(|(x, r)| x * r)
                    .sum::<f64>()
                    / n
            };
            let gradient = (0..4).map(product).collect();
            Point {
                lambda,
                share: 1.0,
                beta,
                residual,
                gradient,
            }
        };
        let before = at(1.1);
        assert!((0..4).all(|j| before.off(j) < 1e-12));
        // The third column enters at λ = 1: the sphere must keep it, and must be able to discard the fourth.
        let bound = before.gap_safe(&y, 0.95);
        assert!(
            before.gradient[2].abs() >= bound && before.gradient[3].abs() < bound,
            "{bound}"
        );
        assert!(
            (before.gap_safe(&y, 1.1) - 1.1).abs() < 1e-6,
            "without a gap only the boundary is kept"
        );
    }
}
