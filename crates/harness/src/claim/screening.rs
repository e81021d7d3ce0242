//! "Discarding predictors is safe": the sequential strong rule along lasso paths, what it loses, and what the check of the optimality
//! conditions brings back.
//!
//! In this crate's scaling the rule keeps column j at λ_k where |x_jᵀr|/n ≥ 2λ_k − λ_{k−1}, r being the residual at λ_{k−1}. It may be
//! wrong, and the path is then repaired; "after repair" counts the columns of the repaired path that violate the optimality conditions.
//! Survivors are compared with active columns at every λ ≤ 0.75 λ_max, as the median over trials, and the worst λ counts: above, a
//! ratio is one of very few columns, and is told. Rules with a proof are SAFE and the gap-safe sphere about the dual point r/(nλ_{k−1}).
//!
//! How many survive says nothing of safety: where that bound fails for correlated columns, it limits the claim. There it depends on the
//! sum of the coefficients, which differs between data sets: far from 0 it makes what all columns share the larger part of the response,
//! so that their gradients are alike and a threshold parts them badly. Both halves of the data sets are told apart.

use super::{Bound, Check, Claim, Decision, Rows, Ruling, interval};
use crate::figure::chart::{Anchor, Chart, Layer, Look, Panel, Shape, Side};
use crate::statistics::{Interval, median};
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
const ROWS: usize = 200;
/// Columns.
const COLUMNS: usize = 5_000;
/// Size of the coefficients of the first quarter of the columns, of random sign; the others are 0.
const SIZE: f64 = 2.0;
/// Correlations of any two columns.
const CORRELATIONS: [f64; 2] = [0.0, 0.5];
/// λ of a path, logarithmically spaced.
const STEPS: usize = 100;
/// The last λ relative to the first.
const LAST: f64 = 0.1;
/// Relative gap to which a λ is solved.
const TOLERANCE: f64 = 1e-12;
/// Distance from the optimality conditions, in units of λ, from which a column violates them; the gap leaves less.
const VIOLATION: f64 = 1e-4;
/// λ relative to λ_max from which survivors are compared with active columns.
const FROM: f64 = 0.75;
/// λ whose gradients are computed together.
const AT_ONCE: usize = 8;
/// Points of a drawn line.
const GROUPS: usize = 24;
/// Most survivors for every active column.
const MOST: f64 = 1.6;

pub(super) struct Screening;

/// What keeps columns.
const RULES: [&str; 4] = ["sequential strong", "global strong", "gap-safe", "SAFE"];

/// A quantity at one correlation.
fn under(what: &str, correlation: f64) -> String {
    format!("{what}, ρ = {correlation}")
}

/// Columns of mean 0 and variance 1 in column-major order, a response of mean 0, and the sum of the coefficients.
fn draw(rng: &mut ChaCha8Rng, correlation: f64) -> (Vec<f64>, Vec<f64>, f64) {
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
    (x, y, sum)
}

fn square(values: &[f64]) -> f64 {
    values.iter().map(|v| v * v).sum()
}

/// A solution of one λ.
struct Point {
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

/// The path from λ_max, and how many violations the solver repaired.
fn solve(values: &[f64], y: &[f64]) -> anyhow::Result<(Vec<Point>, u64)> {
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

impl Claim for Screening {
    fn id(&self) -> &'static str {
        "screening"
    }

    fn claim(&self) -> &'static str {
        "Discarding predictors before solving is safe"
    }

    fn experiment(&self) -> &'static str {
        "Lasso paths of 100 λ from λ_max to 0.1 λ_max, n = 200, p = 5000, equal correlations of 0 and of 0.5, a quarter of the \
         coefficients ±2, noise of variance 1, 20 data sets: columns that rules keep, and violations of the optimality conditions"
    }

    fn sources(&self) -> &'static [&'static str] {
        &[
            "Tibshirani, Bien, Friedman, Hastie, Simon, Taylor & Tibshirani (2012), Strong rules for discarding predictors in lasso-type problems, JRSS B 74, Figure 1",
            "Ndiaye, Fercoq, Gramfort & Salmon (2017), Gap safe screening rules for sparsity enforcing penalties, JMLR 18",
            "El Ghaoui, Viallon & Rabbani (2012), Safe feature elimination in sparse supervised learning, Pacific Journal of Optimization 8",
        ]
    }

    fn trials(&self) -> usize {
        20
    }

    fn trial(&self, rng: &mut ChaCha8Rng, rows: &mut Rows) -> anyhow::Result<()> {
        let n = ROWS as f64;
        for correlation in CORRELATIONS {
            let (values, y, sum) = draw(rng, correlation);
            let (path, repairs) = solve(&values, &y)?;
            let start = &path[0];
            let (mut lost, mut lost_by_proof, mut violations) = (0, 0, 0);
            let mut most = 0.0f64;
            for (before, now) in path.iter().zip(&path[1..]) {
                let (lambda, share) = (now.lambda, now.share);
                let short = (start.lambda - lambda) / start.lambda;
                // A rule keeps what has a gradient of this size or more, at the λ before or at 0.
                let bounds = [
                    (&before.gradient, 2.0 * lambda - before.lambda),
                    (&start.gradient, 2.0 * lambda - start.lambda),
                    (&before.gradient, before.gap_safe(&y, lambda)),
                    (&start.gradient, lambda - (square(&y) / n).sqrt() * short),
                ];
                for (rule, (gradient, bound)) in RULES.iter().zip(bounds) {
                    let kept = gradient.iter().filter(|g| g.abs() >= bound).count();
                    rows.push(rule, &under("kept", correlation), share, kept as f64);
                }
                let active = || (0..COLUMNS).filter(|&j| now.beta[j] != 0.0);
                let count = active().count() as f64;
                rows.push("lasso", &under("active", correlation), share, count);
                let discarded = |rule: usize, j: usize| bounds[rule].0[j].abs() < bounds[rule].1;
                lost += active().filter(|&j| discarded(0, j)).count();
                lost_by_proof += active()
                    .filter(|&j| discarded(2, j) || discarded(3, j))
                    .count();
                let off: Vec<f64> = (0..COLUMNS).map(|j| now.off(j)).collect();
                // What is not a number violates too.
                violations += off
                    .iter()
                    .filter(|off| off.is_nan() || **off > VIOLATION)
                    .count();
                most = worst([most].into_iter().chain(off));
            }
            let mut push = |what, value| rows.push("path", &under(what, correlation), 0.0, value);
            push("discarded though active", lost as f64);
            push("discarded by proof though active", lost_by_proof as f64);
            push("violations after repair", violations as f64);
            push("violations that the solver repaired", repairs as f64);
            push("distance from optimality", most);
            push("sum of the coefficients", sum);
        }
        Ok(())
    }

    fn judge(&self, rows: &Rows) -> Ruling {
        let both = |what: &str| -> Vec<f64> {
            let values = CORRELATIONS
                .iter()
                .map(|&c| rows.values("path", &under(what, c), 0.0));
            values.flatten().collect()
        };
        let total = |what: &str| {
            let values = both(what);
            interval::exact(if values.is_empty() {
                f64::NAN
            } else {
                values.iter().sum()
            })
        };
        let [independent, correlated] = CORRELATIONS;
        let late = |share: f64| share <= FROM;
        let early = |share: f64| share > FROM;
        let paths = both("violations after repair").len();
        let kept = "columns that the sequential strong rule keeps for every active one";
        let checks = vec![
            Check::new(
                format!(
                    "violations of the optimality conditions after repair, {paths} paths of 99 λ and 5000 columns"
                ),
                total("violations after repair"),
                Bound::Below(0.5),
            ),
            Check::new(
                format!("{kept}, ρ = {independent}: median at the worst λ ≤ 0.75 λ_max"),
                worst_ratio(rows, independent, late),
                Bound::Below(MOST),
            ),
            Check::limit(
                format!("{kept}, ρ = {correlated}: median at the worst λ ≤ 0.75 λ_max"),
                worst_ratio(rows, correlated, late),
                Bound::Below(MOST),
                "little is to be saved where predictors are correlated",
            ),
            Check::told(
                format!("{kept}, ρ = {independent}: whole paths"),
                interval::of_median(&overall_ratios(rows, independent)),
            ),
            Check::told(
                format!("{kept}, ρ = {correlated}: whole paths"),
                interval::of_median(&overall_ratios(rows, correlated)),
            ),
            Check::told(
                format!(
                    "{kept}, ρ = {correlated}: whole paths of the half of data sets whose coefficients nearly cancel"
                ),
                interval::of_median(&half_ratios(rows, correlated, true)),
            ),
            Check::told(
                format!("{kept}, ρ = {correlated}: whole paths of the other half"),
                interval::of_median(&half_ratios(rows, correlated, false)),
            ),
            Check::told(
                format!("{kept}, ρ = {independent}: median at the worst λ > 0.75 λ_max"),
                worst_ratio(rows, independent, early),
            ),
            Check::told(
                "active columns that the sequential strong rule discards before repair",
                total("discarded though active"),
            ),
            Check::told(
                "active columns that SAFE or the gap-safe sphere discard",
                total("discarded by proof though active"),
            ),
            Check::told(
                "violations that the solver found behind its rule and repaired",
                total("violations that the solver repaired"),
            ),
            Check::told(
                "largest distance from the optimality conditions after repair, in units of λ",
                interval::exact(worst(both("distance from optimality").into_iter())),
            ),
        ];
        let before = total("discarded though active").estimate;
        let after = checks[0].interval.estimate;
        let (few, many) = (checks[1].interval.estimate, checks[2].interval.estimate);
        let advice = match checks[0].decide() {
            Decision::Holds => "discard, then check",
            _ => "the check is not to be trusted",
        };
        let sentence = format!(
            "On {paths} paths of 5000 predictors the sequential strong rule discarded {before:.0} that belong in a model, left {after:.0} \
             violations after the optimality check, and kept at worst {few:.2} per active one without correlation, {many:.2} with correlation 0.5: {advice}."
        );
        Ruling { checks, sentence }
    }

    fn charts(&self, rows: &Rows) -> Vec<Chart> {
        let panel = |correlation: f64| {
            let most = grouped(rows, RULES[0], correlation)
                .last()
                .map_or(1.0, |p| p.0);
            let diagonal = (0..=100).map(|k| 1.0 + (most - 1.0) * f64::from(k) / 100.0);
            let mut layers = vec![Layer::named(
                "as many as are active",
                Look::BLACK.dashed().thin(),
                Shape::Line(diagonal.map(|v| (v, v)).collect()),
            )];
            let looks = [Look::L1, Look::other(0), Look::other(2), Look::GREY];
            let names = [
                "sequential strong rule",
                "global strong rule",
                "gap-safe sphere at the λ before",
                "SAFE",
            ];
            for ((rule, look), name) in RULES.iter().zip(looks).zip(names).rev() {
                let line = grouped(rows, rule, correlation);
                let look = if *rule == "SAFE" { look.dashed() } else { look };
                layers.push(Layer::named(name, look, Shape::Line(line)));
            }
            layers.push(Layer::plain(
                Look::GREY,
                Shape::Text {
                    at: (most, 6300.0),
                    text: "all 5000".into(),
                    anchor: Anchor::End,
                },
            ));
            let decades = [1.0, 10.0, 100.0, 1000.0].map(|v: f64| (v, format!("{v}")));
            Panel {
                heading: format!("Correlation {correlation}"),
                x: Side::linear("predictors in the model").between(0.0, 1.03 * most),
                y: Side::log("predictors left after screening")
                    .between(1.0, 9000.0)
                    .with_ticks(decades.to_vec()),
                layers,
                ..Panel::default()
            }
        };
        vec![Chart {
            stem: "screening".into(),
            title: "What screening leaves of 5000 predictors for a lasso model of a given size".into(),
            panels: CORRELATIONS.map(panel).to_vec(),
            columns: 2,
            row_height: 480.0,
            notes: vec![
                "Medians over data sets and λ with like numbers in the model; 20 data sets, n = 200, p = 5000, a quarter of the coefficients ±2; 100 λ from λ_{max} (left) to 0.1 λ_{max} (right)."
                    .into(),
                "SAFE and the gap-safe sphere never discard what is active; the strong rules may, and are followed by a check of the optimality \
                 conditions. SAFE and the global rule start from λ_{max}, the others from the λ before."
                    .into(),
                "After Tibshirani et al. (2012), Figure 1.".into(),
            ],
        }]
    }
}

/// Survivors of the sequential strong rule for every active column: median over trials, at the worst λ of those that count.
fn worst_ratio(rows: &Rows, correlation: f64, counts: impl Fn(f64) -> bool) -> Interval {
    let kept = rows.spread(RULES[0], &under("kept", correlation));
    let active = rows.spread("lasso", &under("active", correlation));
    let ratios: Vec<Vec<f64>> = (kept.into_iter().zip(active))
        .filter(|((share, _), _)| counts(*share))
        .map(|((_, kept), (_, active))| kept.iter().zip(&active).map(|(k, a)| k / a).collect())
        .collect();
    let trials = ratios.first().map_or(0, Vec::len);
    if ratios.iter().any(|r| r.len() != trials) {
        return interval::exact(f64::NAN);
    }
    interval::of_statistic(trials, |chosen| {
        let medians = ratios
            .iter()
            .map(|ratios| median(&mut chosen.iter().map(|&i| ratios[i]).collect::<Vec<f64>>()));
        medians.fold(f64::NEG_INFINITY, f64::max)
    })
}

/// Survivors of the sequential strong rule on all λ over active columns on all λ, of each trial.
fn overall_ratios(rows: &Rows, correlation: f64) -> Vec<f64> {
    let totals = |series: &str, quantity: &str| -> Vec<f64> {
        let mut totals: Vec<f64> = Vec::new();
        for (_, values) in rows.spread(series, &under(quantity, correlation)) {
            totals.resize(totals.len().max(values.len()), 0.0);
            totals
                .iter_mut()
                .zip(values)
                .for_each(|(total, v)| *total += v);
        }
        totals
    };
    let (kept, active) = (totals(RULES[0], "kept"), totals("lasso", "active"));
    kept.iter().zip(&active).map(|(k, a)| k / a).collect()
}

/// The same of the trials in which the sum of the coefficients is nearer to 0 than in the median trial, or of the others. Where it is
/// far from 0, what correlated columns have in common makes most of the response, and all columns look alike.
fn half_ratios(rows: &Rows, correlation: f64, near: bool) -> Vec<f64> {
    let sums = rows.values("path", &under("sum of the coefficients", correlation), 0.0);
    let sizes: Vec<f64> = sums.iter().map(|s| s.abs()).collect();
    let middle = median(&mut sizes.clone());
    (overall_ratios(rows, correlation).into_iter().zip(sizes))
        .filter(|(_, size)| (*size <= middle) == near)
        .map(|(ratio, _)| ratio)
        .collect()
}

/// (active, kept) of all λ and all trials in groups of like numbers of active columns: mean and median of each.
fn grouped(rows: &Rows, rule: &str, correlation: f64) -> Vec<(f64, f64)> {
    let all = |series: &str, quantity: &str| -> Vec<f64> {
        let spread = rows.spread(series, &under(quantity, correlation));
        spread.into_iter().flat_map(|(_, values)| values).collect()
    };
    let mut pairs: Vec<(f64, f64)> = (all("lasso", "active").into_iter())
        .zip(all(rule, "kept"))
        .collect();
    pairs.sort_by(|a, b| a.0.total_cmp(&b.0));
    let groups = pairs.chunks(pairs.len().div_ceil(GROUPS).max(1));
    let middle = groups.map(|group| {
        let active: f64 = group.iter().map(|g| g.0).sum();
        let mut kept: Vec<f64> = group.iter().map(|g| g.1).collect();
        (active / group.len() as f64, median(&mut kept))
    });
    middle.collect()
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
