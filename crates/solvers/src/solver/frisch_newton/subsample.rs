//! Where rows are many: most lie above or below every fit that can be optimal, and count by their sum alone.
//!
//! The fit of a sample says which rows may be near the optimal one; the others become a single row, whose residual is the sum of
//! theirs. Rows that turn out to lie on the other side join those that are near. Portnoy & Koenker (1997), Statistical Science 12, §5.

use faer::Mat;

use super::interior::{Form, Interior};
use super::system::System;
use super::{NEAR, vertex_near};
use crate::design::kernels::dot;
use crate::design::{Dense, Design};
use crate::solver::{Status, Stop, Work};

/// Rows of the sample, in units of n^⅔p^⅓, at which both fits together take least time by the steps below, as derived, not measured.
const SAMPLE: f64 = 2.0;
/// Standard errors of the sample's fit within which a row is near, where u may be anywhere in its interval.
const ERRORS: f64 = 3.0;
/// Steps that the fit of the sample takes, and those of a fit until there is a vertex.
const STEPS: [f64; 2] = [8.0, 14.0];
/// Share of the time of a fit to all rows that must be saved.
const SAVED: f64 = 0.2;
/// Relative gap of the fit of the sample, whose own error is far above.
const LOOSE: f64 = 1e-4;
/// Times that rows may join.
const ROUNDS: usize = 8;
/// Rows below which nothing is gained.
const FEW: usize = 1000;

/// Rows of the sample and rows that are near; None where all rows at once are as fast.
pub(super) fn sizes(n: usize, p: usize) -> Option<[usize; 2]> {
    let [rows, columns] = [n as f64, p as f64];
    let sample = SAMPLE * rows.powf(2.0 / 3.0) * columns.cbrt();
    // With φ(0) the density of errors, the error of a fit is √(τ(1 − τ)) √(p/m) / φ(0), and nφ(0)ε rows are within ε/2.
    let near = ERRORS * rows * (columns / sample).sqrt();
    let time = STEPS[0] * sample + STEPS[1] * near;
    let pays = n >= FEW && time <= (1.0 - SAVED) * STEPS[1] * rows;
    pays.then_some([sample as usize, near as usize])
}

/// What is solved.
pub(super) struct Asked<'a, X> {
    pub(super) x: &'a X,
    pub(super) form: &'a Form,
    pub(super) lambda: f64,
    /// The gap that is asked for.
    pub(super) target: f64,
    pub(super) stop: Stop<'a>,
}

/// β and u of an optimal vertex, by `sizes`, see there; None where that takes more than a few rounds.
pub(super) fn vertex_by_sample<X: Design>(
    asked: &Asked<'_, X>,
    [sample, near]: [usize; 2],
    work: &mut Work,
) -> Option<(Vec<f64>, Vec<f64>)> {
    let Asked {
        x,
        form,
        lambda,
        target,
        stop,
    } = *asked;
    let n = x.nrows();
    let mut beta = fit_of_sample(asked, sample, work)?;
    let mut residuals = vec![0.0; n];
    let place = |beta: &[f64], residuals: &mut Vec<f64>| {
        x.mul(beta, residuals);
        *residuals = form.residuals(residuals);
    };
    place(&beta, &mut residuals);
    let mut count = near;
    let mut is_near = nearest(&residuals, count);
    let mut known = false;
    for _ in 0..ROUNDS {
        // Rows that are not near have the u of their side.
        let mut u: Vec<f64> = (residuals.iter().zip(&form.slopes).zip(&is_near))
            .map(|((r, [low, high]), near)| match (near, *r > 0.0) {
                (true, _) => 0.0,
                (false, true) => *high,
                (false, false) => *low,
            })
            .collect();
        let kept: Vec<usize> = (0..n).filter(|&i| is_near[i]).collect();
        let reduced = Reduced::of(x, form, &kept, Some(&u));
        let design = Dense::try_new(reduced.x.as_ref()).ok()?;
        let reduced = reduced.form(form, &design)?;
        let program = reduced.program(&design)?;
        let (start, likely) = if known {
            let mut likely: Vec<f64> = kept.iter().map(|&i| residuals[i].abs()).collect();
            likely.push(f64::INFINITY);
            (beta, likely)
        } else {
            let mut interior = Interior::new(&design, &reduced, lambda, work);
            let arrived =
                |at: &Interior, _: &mut Work| at.products() <= target.max(NEAR * at.start_loss);
            if interior.approach(&design, stop, work, arrived) != Status::Converged {
                return None;
            }
            let start = interior.likely_beta(|j| program.largest[j]);
            (start, interior.likely_rows())
        };
        let vertex = vertex_near(&design, &program, lambda, stop, &start, &likely, work)?;
        beta = vertex.beta;
        place(&beta, &mut residuals);
        let wrong: Vec<usize> = (0..n)
            .filter(|&i| !is_near[i] && u[i] * residuals[i] < 0.0)
            .collect();
        if wrong.is_empty() {
            for (&i, own) in kept.iter().zip(&vertex.u) {
                u[i] = *own;
            }
            return Some((beta, u));
        }
        // A few are what chance leaves; many say that the sample's fit was far off.
        known = wrong.len() <= kept.len() / 8;
        if known {
            wrong.iter().for_each(|&i| is_near[i] = true);
        } else {
            count *= 2;
            if count > n / 2 {
                return None;
            }
            is_near = nearest(&residuals, count);
        }
    }
    None
}

/// β of a sample of the rows, which stands for all of them.
fn fit_of_sample<X: Design>(
    asked: &Asked<'_, X>,
    size: usize,
    work: &mut Work,
) -> Option<Vec<f64>> {
    let n = asked.x.nrows();
    let share = size as f64 / n as f64;
    // Multiples of the golden ratio modulo 1 take rows evenly, whatever order or period rows have.
    let golden = |i: usize| (i as f64 * 0.618_033_988_749_894_9).fract();
    let rows: Vec<usize> = (0..n).filter(|&i| golden(i) < share).collect();
    let mut sample = Reduced::of(asked.x, asked.form, &rows, None);
    for slope in sample.slopes.iter_mut().flatten() {
        *slope /= share;
    }
    let design = Dense::try_new(sample.x.as_ref()).ok()?;
    let form = sample.form(asked.form, &design)?;
    let mut interior = Interior::new(&design, &form, asked.lambda, work);
    let arrived =
        |at: &Interior, _: &mut Work| at.products() <= asked.target.max(LOOSE * at.start_loss);
    let status = interior.approach(&design, asked.stop, work, arrived);
    (status == Status::Converged).then_some(interior.beta)
}

/// The `count` rows with the smallest residuals, and those with equal ones.
fn nearest(residuals: &[f64], count: usize) -> Vec<bool> {
    let mut sizes: Vec<f64> = residuals.iter().map(|r| r.abs()).collect();
    let (_, last, _) = sizes.select_nth_unstable_by(count - 1, f64::total_cmp);
    residuals.iter().map(|r| r.abs() <= *last).collect()
}

/// Some rows of a problem.
struct Reduced {
    x: Mat<f64>,
    y: Vec<f64>,
    slopes: Vec<[f64; 2]>,
}

impl Reduced {
    /// The rows listed, and where there is a u, with zeros at those, the sum of the others by it as a last one.
    fn of<X: Design>(x: &X, form: &Form, rows: &[usize], u: Option<&[f64]>) -> Self {
        let p = x.ncols();
        let total = rows.len() + usize::from(u.is_some());
        let mut reduced = Mat::zeros(total, p);
        for j in 0..p {
            let column = form.system.column(x, j);
            let out = reduced.col_as_slice_mut(j).iter_mut();
            out.zip(rows).for_each(|(out, &i)| *out = column[i]);
        }
        let mut y: Vec<f64> = rows.iter().map(|&i| form.y[i]).collect();
        let mut slopes: Vec<[f64; 2]> = rows.iter().map(|&i| form.slopes[i]).collect();
        if let Some(u) = u {
            // Σ u_i r_i is linear as long as no residual changes its sign, and its terms are positive.
            let size = u
                .iter()
                .map(|u| u.abs())
                .sum::<f64>()
                .max(f64::MIN_POSITIVE);
            let mut sum = vec![0.0; p];
            x.tr_mul(u, &mut sum);
            for (j, sum) in sum.iter().enumerate() {
                reduced[(total - 1, j)] = sum / size;
            }
            y.push(dot(u, &form.y) / size);
            slopes.push([-size, size]);
        }
        Self {
            x: reduced,
            y,
            slopes,
        }
    }

    fn form(&self, of: &Form, design: &Dense) -> Option<Form> {
        Some(Form {
            slopes: self.slopes.clone(),
            y: self.y.clone(),
            weights: of.weights.clone(),
            ridge: of.ridge.clone(),
            system: System::new(design, of.system.free().to_vec()).ok()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::design::kernels::sq_norm;

    /// The optimum of all rows is found, not left to the method that takes all of them: residuals and u complement each other, and u
    /// is orthogonal to the columns.
    #[test]
    fn rows_near_the_fit_are_enough() {
        let (n, p) = (4000, 3);
        let noise = |i: usize, k: usize| {
            let golden = ((i * (2 * k + 1) + 17 * k) as f64 * 0.618_033_988_749_894_9).fract();
            (golden * (1 + k) as f64 * 7.0).sin()
        };
        let x = Mat::from_fn(n, p, |i, j| if j == 0 { 1.0 } else { noise(i, j) });
        for (tau, tail) in [(0.5, 1.0), (0.2, 3.0)] {
            let y = (0..n)
                .map(|i| 2.0 + noise(i, 1) - noise(i, 5) + noise(i, 9).powi(3) * tail)
                .collect();
            let design = Dense::try_new(x.as_ref()).expect("finite");
            let form = Form {
                slopes: vec![[tau - 1.0, tau]; n],
                y,
                weights: vec![0.0; p],
                ridge: vec![0.0; p],
                system: System::new(&design, (0..p).collect()).expect("small"),
            };
            let asked = Asked {
                x: &design,
                form: &form,
                lambda: 0.0,
                target: 1e-9 * n as f64,
                stop: Stop::default(),
            };
            let sizes = sizes(n, p).expect("many rows");
            let found = vertex_by_sample(&asked, sizes, &mut Work::default());
            let (beta, u) = found.expect("a vertex");
            let mut fit = vec![0.0; n];
            design.mul(&beta, &mut fit);
            let residuals = form.residuals(&fit);
            for ((r, u), [low, high]) in residuals.iter().zip(&u).zip(&form.slopes) {
                let bound = if *r > 0.0 { high } else { low };
                assert!((low - 1e-12..=high + 1e-12).contains(u));
                assert!(r.abs() < 1e-9 || u == bound, "{r} {u}");
            }
            let mut c = vec![0.0; p];
            design.tr_mul(&u, &mut c);
            assert!(sq_norm(&c).sqrt() < 1e-9 * n as f64, "{c:?}");
        }
    }
}
