//! The judge: primal, dual, gap, KKT violation and support of a point, from its coefficients alone.
//!
//! The dual point is the negative gradient u = −∇f(Xβ) scaled by the s ≥ 0 that maximises the dual objective
//! −f*(−s u) − Σ (λω)*(s x_jᵀu), a concave function of one variable, so the bound neither needs a feasible residual nor
//! degrades as α → 0 or α → 1. A column without penalty asks for x_jᵀu = 0: u is projected first.

use crate::design::kernels::{axpy, dot, sq_norm};
use crate::design::{Bundle, Design};
use crate::loss::Loss;
use crate::penalty::{DualLimits, Penalty, Separable};
use crate::problem::Problem;

/// What is known about a point without asking who computed it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Certificate {
    /// f(Xβ) + λ Ω(β), in units of the loss: y² for the squared.
    pub primal: f64,
    /// A lower bound on the optimum; −∞ when no dual point was found.
    pub dual: f64,
    /// primal − dual ≥ primal − optimum.
    pub gap: f64,
    /// max_j of the distance of −∂f/∂β_j from λ ∂ω(β_j), in units of λ.
    pub kkt: f64,
    /// Coefficients that are not exactly 0.0.
    pub nonzeros: usize,
}

impl Certificate {
    /// gap / null_loss, the unit of every tolerance; 0 where y = 0 leaves nothing to explain and the gap is 0.
    pub fn relative_gap(&self, null_loss: f64) -> f64 {
        if self.gap == 0.0 {
            0.0
        } else {
            self.gap / null_loss
        }
    }
}

/// Judges β at λ, in two passes over X (more without penalty). Beta has length p.
pub fn certify<X: Design, L: Loss, P: Separable>(
    problem: &Problem<X, L, P>,
    beta: &[f64],
    lambda: f64,
) -> Certificate {
    let mut fit = vec![0.0; problem.x.nrows()];
    problem.x.mul(beta, &mut fit);
    let mut u = vec![0.0; problem.x.nrows()];
    problem.loss.neg_gradient(problem.y, &fit, &mut u);
    let mut c = vec![0.0; problem.x.ncols()];
    problem.x.tr_mul(&u, &mut c);
    judge(problem, beta, lambda, &fit, &u, &c)
}

/// As [`certify`], where whoever computed β also names a dual point u, length n: a loss with kinks suggests none itself. What is
/// claimed is not believed but scaled into the dual set and evaluated like any other u, and the better of the two bounds counts.
pub fn certify_claim<X: Design, L: Loss, P: Separable>(
    problem: &Problem<X, L, P>,
    beta: &[f64],
    lambda: f64,
    claimed: &[f64],
) -> Certificate {
    let own = certify(problem, beta, lambda);
    let mut fit = vec![0.0; problem.x.nrows()];
    problem.x.mul(beta, &mut fit);
    let mut c = vec![0.0; problem.x.ncols()];
    problem.x.tr_mul(claimed, &mut c);
    let other = judge(problem, beta, lambda, &fit, claimed, &c);
    // The comparison is false for a claim that is not a number.
    if other.dual > own.dual { other } else { own }
}

/// Points of one path that one pass over X judges.
const POINTS_AT_ONCE: usize = 8;

/// Judges several points, each a λ with (column, coefficient) of what is not 0, in one pass over X for every few of them.
pub fn certify_path<X: Design, L: Loss, P: Separable>(
    problem: &Problem<X, L, P>,
    points: &[(f64, &[(usize, f64)])],
) -> Vec<Certificate> {
    let (n, p) = (problem.x.nrows(), problem.x.ncols());
    let all: Vec<usize> = (0..p).collect();
    let mut beta = vec![0.0; p];
    let mut c = vec![vec![0.0; p]; POINTS_AT_ONCE];
    let mut certificates = Vec::with_capacity(points.len());
    for points in points.chunks(POINTS_AT_ONCE) {
        let mut bundle = Bundle::zeros(n, points.len());
        let sides = points.iter().enumerate().map(|(k, (_, nonzeros))| {
            let (set, values): (Vec<usize>, Vec<f64>) = nonzeros.iter().copied().unzip();
            let mut fit = vec![0.0; n];
            problem.x.axpy_set(&set, &values, &mut fit);
            let mut u = vec![0.0; n];
            problem.loss.neg_gradient(problem.y, &fit, &mut u);
            bundle.set(k, &u);
            (fit, u)
        });
        let sides: Vec<(Vec<f64>, Vec<f64>)> = sides.collect();
        let width = bundle.width();
        let mut products = vec![0.0; p * width];
        problem.x.tr_mul_bundle(&all, &bundle, &mut products);
        for (j, products) in products.chunks_exact(width).enumerate() {
            for (c, product) in c.iter_mut().zip(products) {
                c[j] = *product;
            }
        }
        for (((lambda, nonzeros), (fit, u)), c) in points.iter().zip(&sides).zip(&c) {
            nonzeros.iter().for_each(|&(j, b)| beta[j] = b);
            certificates.push(judge(problem, &beta, *lambda, fit, u, c));
            nonzeros.iter().for_each(|&(j, _)| beta[j] = 0.0);
        }
    }
    certificates
}

/// The certificate of β, given fit = Xβ, u = −∇f(fit) and c = Xᵀu.
fn judge<X: Design, L: Loss, P: Separable>(
    problem: &Problem<X, L, P>,
    beta: &[f64],
    lambda: f64,
    fit: &[f64],
    u: &[f64],
    c: &[f64],
) -> Certificate {
    let primal = problem.objective(beta, fit, lambda);
    let dual = dual_value(problem, u, c, lambda);
    let kkt = (0..).zip(beta).zip(c).fold(0.0f64, |worst, ((j, &b), &g)| {
        // A gradient that is not a number is reported, where comparisons would pass over it.
        if g.is_nan() || worst.is_nan() {
            f64::NAN
        } else {
            worst.max(problem.penalty.of(j).subdiff_distance(b, g, lambda))
        }
    });
    let nonzeros = beta.iter().filter(|&&b| b != 0.0).count();
    Certificate {
        primal,
        dual,
        gap: primal - dual,
        kkt,
        nonzeros,
    }
}

/// The dual objective at the best multiple of u, with c = Xᵀu; at λ = 0 of the projection of u.
pub(crate) fn dual_value<X: Design, L: Loss, P: Separable>(
    problem: &Problem<X, L, P>,
    u: &[f64],
    c: &[f64],
    lambda: f64,
) -> f64 {
    let best = |u: &[f64], c: &[f64]| {
        let along = |s: f64| problem.loss.dual_along(problem.y, u, s);
        let reach = problem.loss.dual_reach(problem.y, u);
        best_multiple_within(reach, along, c, problem.penalty, lambda)
    };
    if !problem.penalty.needs_projection(lambda) {
        return best(u, c);
    }
    let mut c = c.to_vec();
    let mut u = u.to_vec();
    let mut orthogonal: Vec<usize> = Vec::new();
    // What is orthogonal to the columns without penalty may have left the dual set elsewhere, where a bound keeps a
    // coefficient without penalty from one side: those columns are added to the others.
    for _ in 0..PROJECTIONS {
        let before = orthogonal.len();
        let outside = |j: usize| problem.penalty.of(j).reach(c[j], lambda) == 0.0;
        orthogonal.extend((0..c.len()).filter(|&j| outside(j)));
        if orthogonal.len() == before {
            return best(&u, &c);
        }
        orthogonal.sort_unstable();
        let metric = problem.loss.dual_metric(problem.y, &u);
        match project_to_null_space(problem.x, &orthogonal, &u, metric.as_deref()) {
            Some(projected) => u = projected,
            None => return f64::NEG_INFINITY,
        }
        problem.x.tr_mul(&u, &mut c);
        for &j in &orthogonal {
            c[j] = 0.0;
        }
    }
    f64::NEG_INFINITY
}

/// Rounds in which columns may be added to those that a dual point is made orthogonal to.
const PROJECTIONS: usize = 30;

/// max_s loss(s) − Σ (λω)*(s c_j) over 0 ≤ s ≤ radius / max|c_j|, by Newton's method kept inside a bracket.
///
/// `loss` returns value and two derivatives in s. Every s gives a valid bound; the best of those visited is returned.
pub(crate) fn best_multiple<P: Separable>(
    loss: impl Fn(f64) -> [f64; 3],
    c: &[f64],
    penalty: P,
    lambda: f64,
) -> f64 {
    best_multiple_within(f64::INFINITY, loss, c, penalty, lambda)
}

/// As [`best_multiple`], for a loss whose conjugate is finite up to s = `reach` only.
pub(crate) fn best_multiple_within<P: Separable>(
    reach: f64,
    loss: impl Fn(f64) -> [f64; 3],
    c: &[f64],
    penalty: P,
    lambda: f64,
) -> f64 {
    if !c.iter().all(|c| c.is_finite()) {
        return f64::NEG_INFINITY;
    }
    let DualLimits {
        limit,
        inside,
        flat,
    } = penalty.dual_limits(c, lambda);
    let limit = limit.min(reach);
    let objective = |s: f64| {
        let mut at = loss(s);
        if !flat {
            for (j, &c) in c.iter().enumerate() {
                let [value, slope, curvature] = penalty.of(j).conjugate(s * c, lambda);
                at[0] -= value;
                at[1] -= c * slope;
                at[2] -= c * c * curvature;
            }
        }
        at
    };
    let (mut low, mut high) = (0.0, limit);
    let mut s = limit.min(1.0);
    // Where the ridge part is minute its conjugate is a wall that rounding of s cannot hit; this point stays before it.
    let inside = (1.0 - 4.0 * f64::EPSILON) * inside;
    let mut best = [0.0, inside.min(1.0), inside]
        .into_iter()
        .filter(|s| s.is_finite())
        .fold(f64::NEG_INFINITY, |best, s| best.max(loss(s)[0]));
    for _ in 0..60 {
        let [value, slope, curvature] = objective(s);
        if value > best {
            best = value;
        }
        if slope > 0.0 {
            if s == limit {
                break;
            }
            low = s;
        } else {
            high = s;
        }
        let newton = if curvature == 0.0 && slope > 0.0 {
            // A straight line: as far as it goes.
            limit
        } else {
            (s - slope / curvature).min(limit)
        };
        let next = if newton.is_finite() && newton > low && newton <= high {
            newton
        } else if high.is_finite() {
            0.5 * (low + high)
        } else {
            2.0 * s
        };
        if (next - s).abs() <= 1e-15 * s || slope == 0.0 {
            break;
        }
        s = next;
    }
    best
}

/// Relative size of Xᵀu below which u counts as orthogonal to the columns of X.
const ORTHOGONAL: f64 = 1e-11;

/// u − DA(AᵀDA)⁺Aᵀu, A the columns `set` of X and D the diagonal `metric`, all ones unless given, by conjugate gradients on the
/// normal equations with unit-norm columns; None if they do not settle.
fn project_to_null_space<X: Design>(
    x: &X,
    set: &[usize],
    u: &[f64],
    metric: Option<&[f64]>,
) -> Option<Vec<f64>> {
    let (n, p) = (x.nrows(), set.len());
    let start = sq_norm(u).sqrt();
    if start == 0.0 {
        return Some(u.to_vec());
    }
    let inverse_norm: Vec<f64> = (set.iter())
        .map(|&j| match x.col_sq_norm(j) {
            0.0 => 0.0,
            s => 1.0 / s.sqrt(),
        })
        .collect();
    let gradient = |u: &[f64], g: &mut [f64]| {
        x.tr_mul_set(set, u, g);
        g.iter_mut().zip(&inverse_norm).for_each(|(g, d)| *g *= d);
    };
    let mut u = u.to_vec();
    let mut g = vec![0.0; p];
    gradient(&u, &mut g);
    let mut direction = g.clone();
    let mut image = vec![0.0; n];
    let mut size = sq_norm(&g);
    for _ in 0..4 * n.min(p) + 50 {
        // Either u is orthogonal to every column, or nothing but rounding is left of it.
        let left = sq_norm(&u).sqrt();
        if size.sqrt() <= ORTHOGONAL * left || left <= ORTHOGONAL * start {
            break;
        }
        let scaled: Vec<f64> = direction
            .iter()
            .zip(&inverse_norm)
            .map(|(d, s)| d * s)
            .collect();
        image.fill(0.0);
        x.axpy_set(set, &scaled, &mut image);
        let bent = match metric {
            None => sq_norm(&image),
            Some(metric) => {
                let bent = image.iter().zip(metric).map(|(a, d)| d * a * a).sum();
                image.iter_mut().zip(metric).for_each(|(a, d)| *a *= d);
                bent
            }
        };
        let step = size / bent;
        if !step.is_finite() {
            break;
        }
        axpy(-step, &image, &mut u);
        gradient(&u, &mut g);
        let next = sq_norm(&g);
        for (d, g) in direction.iter_mut().zip(&g) {
            *d = g + next / size * *d;
        }
        size = next;
    }
    let left = sq_norm(&u).sqrt();
    if left <= ORTHOGONAL * start {
        return Some(vec![0.0; n]);
    }
    (dot(&g, &g).sqrt() <= 1e3 * ORTHOGONAL * left).then_some(u)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::design::Dense;
    use crate::loss::Squared;
    use crate::penalty::{ElasticNet, L1, Ridge};

    const X: [f64; 8] = [1.0, -1.0, 2.0, 0.5, 0.3, 1.0, 0.0, -1.0];
    const Y: [f64; 4] = [1.0, 0.2, -0.7, 2.0];

    #[test]
    fn zero_is_certified_exactly_at_lambda_max() {
        let x = Dense::from_column_major(&X, 4, 2).expect("valid design");
        let problem = Problem::new(&x, &Y, Squared, L1).expect("valid problem");
        let at = certify(&problem, &[0.0, 0.0], problem.lambda_max());
        assert!(at.gap.abs() < 1e-15 && at.kkt < 1e-15 && at.nonzeros == 0);
        let below = certify(&problem, &[0.0, 0.0], 0.9 * problem.lambda_max());
        assert!(below.gap > 1e-4 && below.kkt > 1e-3);
    }

    #[test]
    fn the_bound_is_continuous_as_alpha_goes_to_either_end() {
        let x = Dense::from_column_major(&X, 4, 2).expect("valid design");
        let beta = [0.1, 0.2];
        let gap = |alpha: f64| {
            let penalty = ElasticNet::new(alpha).expect("alpha is in [0, 1]");
            certify(
                &Problem::new(&x, &Y, Squared, penalty).expect("valid problem"),
                &beta,
                0.3,
            )
            .gap
        };
        let lasso = certify(
            &Problem::new(&x, &Y, Squared, L1).expect("valid problem"),
            &beta,
            0.3,
        )
        .gap;
        let ridge = certify(
            &Problem::new(&x, &Y, Squared, Ridge).expect("valid problem"),
            &beta,
            0.3,
        )
        .gap;
        assert!((gap(1.0 - 1e-12) - lasso).abs() < 1e-9 && (gap(1.0) - lasso).abs() < 1e-15);
        assert!((gap(1e-12) - ridge).abs() < 1e-9 && (gap(0.0) - ridge).abs() < 1e-15);
    }

    #[test]
    fn the_unpenalised_fit_is_certified_by_projection() {
        let x = Dense::from_column_major(&X, 4, 2).expect("valid design");
        let problem = Problem::new(&x, &Y, Squared, L1).expect("valid problem");
        // Normal equations of the 4 × 2 design by Cramer's rule.
        let (a, b, d) = (
            x.col_sq_norm(0),
            x.col_dot(0, x.column(1)),
            x.col_sq_norm(1),
        );
        let (q0, q1) = (x.col_dot(0, &Y), x.col_dot(1, &Y));
        let det = a * d - b * b;
        let beta = [(d * q0 - b * q1) / det, (a * q1 - b * q0) / det];
        assert!(certify(&problem, &beta, 0.0).gap.abs() < 1e-14);
        let off = certify(&problem, &[beta[0] + 0.1, beta[1]], 0.0);
        assert!((off.gap - 0.01 * a / 8.0).abs() < 1e-12);
    }
}
