//! The same minimisation where the working set is too large for a Gram matrix: proximal steps settle the support, conjugate
//! gradients take Newton steps on it.

use super::descend::{Descent, End, Iterate};
use crate::design::Design;
use crate::design::kernels::{axpy, dot};
use crate::loss::CurvedLoss;
use crate::penalty::{Penalty, Separable};
use crate::solver::Stop;

/// Iterations of one round of conjugate gradients.
const MOST_ITERATIONS: usize = 500;
/// Estimated gain, relative to the null loss, that is rounding.
const ROUNDING: f64 = 1e-17;

impl<X: Design, L: CurvedLoss, P: Separable> Descent<'_, X, L, P> {
    /// As [`Descent::run`], with products instead of a Gram matrix.
    pub(super) fn run_matrix_free(&mut self, budget: &mut usize, stop: &Stop) -> End {
        self.at.curved.clear();
        self.at.factor = None;
        let mut stuck = 0;
        loop {
            if *budget == 0 {
                return End::Budget;
            }
            if stop.cancelled() {
                return End::Cancelled;
            }
            *budget -= 1;
            self.work.epochs += 1;
            self.gradient();
            let proximal = self.proximal_step();
            self.gradient();
            let newton = self.newton_step();
            let gain = proximal.max(newton);
            if gain <= self.target {
                return End::Settled;
            }
            stuck = if gain <= ROUNDING * self.null_loss {
                stuck + 1
            } else {
                0
            };
            if stuck > 2 {
                return End::Stuck;
            }
        }
    }

    /// Goes to these coefficients of the members if the objective falls by at least `enough` of what its first derivative promises,
    /// which is returned.
    fn try_point(&mut self, beta: &[f64], enough: f64) -> Option<f64> {
        let (problem, lambda) = (self.problem, self.lambda);
        let at = &*self.at;
        let (mut set, mut factors, mut descent, mut penalty) = (Vec::new(), Vec::new(), 0.0, 0.0);
        for (i, (&after, &b)) in beta.iter().zip(&at.beta).enumerate() {
            if after != b {
                let omega = problem.penalty.of(at.members[i]);
                set.push(at.members[i]);
                factors.push(after - b);
                descent += at.c[i] * (after - b);
                penalty += lambda * (omega.value(b) - omega.value(after));
            }
        }
        descent += penalty;
        if set.is_empty() {
            return Some(0.0);
        }
        let mut fit = at.fit.clone();
        problem.x.axpy_set(&set, &factors, &mut fit);
        self.work.columns_touched += set.len() as u64;
        let gain = descent - problem.loss.bregman(problem.y, &fit, &at.fit);
        if !(gain >= enough * descent && descent >= 0.0) {
            return None;
        }
        let at: &mut Iterate = self.at;
        at.beta.copy_from_slice(beta);
        at.fit = fit;
        at.fresh = false;
        Some(descent)
    }

    /// One proximal gradient step with steps of the columns' own lengths; returns what it gained.
    fn proximal_step(&mut self) -> f64 {
        let bound = self.bound();
        self.at.steepness = (0.5 * self.at.steepness).max(1e-3);
        for _ in 0..60 {
            let at = &*self.at;
            let scale = at.steepness * bound;
            let places = at.members.iter().enumerate();
            let beta: Vec<f64> = places
                .map(|(i, &j)| {
                    let curvature = scale * self.sq_norm[j];
                    if curvature > 0.0 {
                        let v = at.beta[i] + at.c[i] / curvature;
                        self.problem.penalty.of(j).prox(v, self.lambda / curvature)
                    } else {
                        at.beta[i]
                    }
                })
                .collect();
            if let Some(descent) = self.try_point(&beta, 0.3) {
                return descent;
            }
            self.at.steepness *= 2.0;
        }
        0.0
    }

    /// A Newton step on the coefficients that are free, by conjugate gradients; what crosses an end of its piece stays there.
    /// Returns what it gained, or could have.
    fn newton_step(&mut self) -> f64 {
        let (problem, lambda, bound) = (self.problem, self.lambda, self.bound());
        let at = &*self.at;
        let is_free = |i: &usize| {
            let [low, high] = problem.penalty.of(at.members[*i]).piece(at.beta[*i]);
            at.beta[*i] != 0.0 && low < high
        };
        let free: Vec<usize> = (0..at.members.len()).filter(is_free).collect();
        if free.is_empty() {
            return 0.0;
        }
        let set: Vec<usize> = free.iter().map(|&i| at.members[i]).collect();
        let derivatives = free.iter().zip(&set);
        let (mut residual, bend): (Vec<f64>, Vec<f64>) = derivatives
            .map(|(&i, &j)| {
                let [first, second] = problem.penalty.of(j).derivatives(at.beta[i]);
                (at.c[i] - lambda * first, lambda * second)
            })
            .unzip();
        let slopes = residual.clone();
        let n = at.fit.len();
        let mut curvature = vec![0.0; n];
        problem.loss.curvature(problem.y, &at.fit, &mut curvature);
        // Where the curvature vanishes it must not leave the step without an end.
        let mean = curvature.iter().sum::<f64>() / n as f64;
        let least = 1e-6 * mean.max(1e-6 * bound);
        curvature.iter_mut().for_each(|h| *h += least);
        let mean = mean + least;
        let inverse: Vec<f64> = (set.iter().zip(&bend))
            .map(|(&j, b)| 1.0 / (mean * self.sq_norm[j] + b))
            .collect();
        let mut direction: Vec<f64> = residual.iter().zip(&inverse).map(|(r, d)| r * d).collect();
        let mut step = vec![0.0; set.len()];
        let mut size: f64 = dot(&residual, &direction);
        let start = size;
        let (mut image, mut product) = (vec![0.0; n], vec![0.0; set.len()]);
        for _ in 0..MOST_ITERATIONS.min(2 * set.len() + 10) {
            if !(size > 1e-6 * start && size > 0.02 * self.target) {
                break;
            }
            image.fill(0.0);
            problem.x.axpy_set(&set, &direction, &mut image);
            image.iter_mut().zip(&curvature).for_each(|(v, h)| *v *= h);
            problem.x.tr_mul_set(&set, &image, &mut product);
            self.work.columns_touched += 2 * set.len() as u64;
            for ((p, d), b) in product.iter_mut().zip(&direction).zip(&bend) {
                *p += b * d;
            }
            let length = size / dot(&direction, &product);
            if !length.is_finite() {
                break;
            }
            axpy(length, &direction, &mut step);
            axpy(-length, &product, &mut residual);
            let scaled: Vec<f64> = residual.iter().zip(&inverse).map(|(r, d)| r * d).collect();
            let next = dot(&residual, &scaled);
            for (d, s) in direction.iter_mut().zip(&scaled) {
                *d = s + next / size * *d;
            }
            size = next;
        }
        self.work.support_steps += 1;
        let promised = 0.5 * dot(&slopes, &step);
        let mut length = 1.0;
        for _ in 0..30 {
            let mut beta = self.at.beta.clone();
            for (&i, d) in free.iter().zip(&step) {
                let [low, high] = problem.penalty.of(self.at.members[i]).piece(beta[i]);
                beta[i] = (beta[i] + length * d).clamp(low, high);
            }
            if self.try_point(&beta, 0.1).is_some() {
                return promised;
            }
            length *= 0.5;
        }
        0.0
    }
}
