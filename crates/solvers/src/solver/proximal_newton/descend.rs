//! Minimisation over the working set at one λ: chord steps with an old factor while they contract, quadratic models with a line
//! search where they do not.

use super::curved::{Curved, Factor};
use crate::design::Design;
use crate::design::kernels::dot;
use crate::loss::CurvedLoss;
use crate::penalty::{Penalty, Separable};
use crate::problem::Problem;
use crate::solver::coordinate_descent::inner::{GramSweeps, Sweeps};
use crate::solver::{Stop, Work};

/// Where a path is: a working set of columns, and a point on it.
pub(super) struct Iterate {
    /// Columns, in order of entry.
    pub members: Vec<usize>,
    pub is_member: Vec<bool>,
    /// β on the members.
    pub beta: Vec<f64>,
    /// Xβ.
    pub fit: Vec<f64>,
    /// −∇f(Xβ) over rows, and its products with the members, if `fresh`.
    pub u: Vec<f64>,
    pub c: Vec<f64>,
    pub fresh: bool,
    pub curved: Curved,
    pub factor: Option<Factor>,
    /// What is added to the curvature of every row, in units of its bound.
    damping: f64,
    /// L of the last proximal step without second derivatives.
    pub(super) steepness: f64,
}

/// How the minimisation ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// What is left to gain is estimated to be within the target.
    Settled,
    /// Rounding stops all progress.
    Stuck,
    Budget,
    Cancelled,
}

/// Factor by which a chord step must lower the squared Newton decrement for the old factor to be worth keeping.
const SLOW: f64 = 0.03;
/// Ratio of λ up to which a factor that holds λ on its diagonal serves another.
const NEAR: f64 = 1.15;
/// Damping that a poor step begins with.
const DAMPING: f64 = 1e-3;
/// Share of a chord step's squared decrement that the objective may rise by at its end, to first order, before it is taken back.
const OVERSHOT: f64 = 0.3;
/// Quadratic models after which every step is searched along, which ends all cycles.
const MOST_MODELS: usize = 12;
/// What is left to gain, relative to the null loss, from which on steps need not be searched along, for so many times.
const CLOSE: f64 = 1e-10;
const MOST_RETURNS: usize = 5;
/// Share of the fit that is rounding.
const NOTHING: f64 = 1e-13;
/// Damping that is left where fewer rows bend than there are columns.
const LEAST_DAMPING: f64 = 1e-6;
/// Share of a column's largest curvature below which a quadratic model knows nothing of it.
const BLIND: f64 = 1e-14;
/// Estimated gain, relative to the null loss, that is rounding.
const ROUNDING: f64 = 1e-17;
/// Rounds of sweeps and exact steps that a quadratic model may take.
const MODEL_ROUNDS: usize = 100;
/// Factor by which the next step may contract less than the last.
const CAUTION: f64 = 3.0;
/// Share of the last decrement above which it is rounding that keeps the gap from closing.
const FLAT: f64 = 0.25;
/// Sweeps of one such round.
const SWEEPS: usize = 8;

impl Iterate {
    pub(super) fn new(n: usize, p: usize) -> Self {
        Self {
            members: Vec::new(),
            is_member: vec![false; p],
            beta: Vec::new(),
            fit: vec![0.0; n],
            u: vec![0.0; n],
            c: Vec::new(),
            fresh: false,
            curved: Curved::new(),
            factor: None,
            damping: 0.0,
            steepness: 1.0,
        }
    }

    /// Adds columns at 0.
    pub(super) fn admit(&mut self, columns: impl IntoIterator<Item = usize>) {
        for j in columns {
            if !std::mem::replace(&mut self.is_member[j], true) {
                self.members.push(j);
                self.beta.push(0.0);
                self.fresh = false;
            }
        }
    }

    /// Makes the members those for which `keep` holds of column and coefficient; what is dropped must be 0.
    pub(super) fn retain(&mut self, keep: impl Fn(usize, f64) -> bool) {
        let kept = self.members.iter().zip(&self.beta);
        let kept: Vec<(usize, f64)> = kept
            .map(|(&j, &b)| (j, b))
            .filter(|&(j, b)| b != 0.0 || keep(j, b))
            .collect();
        self.members.iter().for_each(|&j| self.is_member[j] = false);
        (self.members, self.beta) = kept.into_iter().unzip();
        self.members.iter().for_each(|&j| self.is_member[j] = true);
        self.curved.clear();
        self.factor = None;
        self.fresh = false;
    }

    /// (column, coefficient) of what is not 0, by column.
    pub(super) fn coefficients(&self) -> Vec<(usize, f64)> {
        let all = self.members.iter().copied().zip(self.beta.iter().copied());
        let mut nonzeros: Vec<(usize, f64)> = all.filter(|(_, b)| *b != 0.0).collect();
        nonzeros.sort_unstable_by_key(|(j, _)| *j);
        nonzeros
    }
}

/// The minimisation over the working set at one λ.
pub(super) struct Descent<'a, X, L, P> {
    pub problem: &'a Problem<'a, X, L, P>,
    /// ‖x_j‖².
    pub sq_norm: &'a [f64],
    pub null_loss: f64,
    pub lambda: f64,
    /// What may be left to gain.
    pub target: f64,
    /// What the duality gap of the problem restricted to the members may be.
    pub gap_target: f64,
    pub at: &'a mut Iterate,
    pub work: &'a mut Work,
}

/// A step on the free coefficients.
struct Taken {
    /// (place, change).
    step: Vec<(usize, f64)>,
    /// What the objective falls by along each of these coefficients where the step begins.
    slopes: Vec<f64>,
    /// Squared Newton decrement: slopesᵀ step.
    decrement: f64,
}

impl Taken {
    /// The way back.
    fn back(&self) -> Vec<(usize, f64)> {
        self.step.iter().map(|&(i, d)| (i, -d)).collect()
    }
}

/// What the gradient says of the point.
struct Look {
    /// Places of the coefficients that can move either way.
    free: Vec<usize>,
    /// Whether another coefficient is to move.
    violated: bool,
    /// What those that were not worth it could still gain.
    left: f64,
}

impl<X: Design, L: CurvedLoss, P: Separable> Descent<'_, X, L, P> {
    pub(super) fn bound(&self) -> f64 {
        self.problem.loss.curvature_bound() / self.problem.y.len() as f64
    }

    pub(super) fn gradient(&mut self) {
        let at = &mut *self.at;
        if at.fresh {
            return;
        }
        self.problem
            .loss
            .neg_gradient(self.problem.y, &at.fit, &mut at.u);
        at.c.resize(at.members.len(), 0.0);
        self.problem.x.tr_mul_set(&at.members, &at.u, &mut at.c);
        self.work.columns_touched += at.members.len() as u64;
        at.fresh = true;
    }

    fn look(&self) -> Look {
        let (at, bound) = (&*self.at, self.bound());
        let mut look = Look {
            free: Vec::with_capacity(at.members.len()),
            violated: false,
            left: 0.0,
        };
        let negligible = 0.1 * self.target / (1 + at.members.len()) as f64;
        for (i, &j) in at.members.iter().enumerate() {
            let (omega, b) = (self.problem.penalty.of(j), at.beta[i]);
            if b != 0.0 {
                let [low, high] = omega.piece(b);
                if low < high {
                    look.free.push(i);
                    continue;
                }
            }
            let distance = omega.subdiff_distance(b, at.c[i], self.lambda);
            if distance > 0.0 && self.sq_norm[j] > 0.0 {
                let curvature = if i < at.curved.len() {
                    at.curved.column(i)[i].max(BLIND * bound * self.sq_norm[j])
                } else {
                    BLIND * bound * self.sq_norm[j]
                };
                let gain = 0.5 * distance * (distance / curvature);
                look.left += gain;
                look.violated |= gain > negligible;
            }
        }
        look
    }

    fn slope(&self, i: usize) -> f64 {
        let omega = self.problem.penalty.of(self.at.members[i]);
        self.at.c[i] - self.lambda * omega.derivatives(self.at.beta[i])[0]
    }

    /// Minimises until what is left to gain is within the target.
    pub(super) fn run(&mut self, budget: &mut usize, stop: &Stop) -> End {
        let modelled = self.work.coord_updates;
        let end = self.minimise(budget, stop);
        if self.work.coord_updates > modelled {
            self.drop_rounding();
            self.refresh_fit();
        }
        end
    }

    /// Makes 0 of coefficients that a kink at 0 has left at the size of rounding.
    fn drop_rounding(&mut self) {
        let at = &mut *self.at;
        let negligible = NOTHING * dot(&at.fit, &at.fit).sqrt();
        for (b, &j) in at.beta.iter_mut().zip(&at.members) {
            let kinked = self.problem.penalty.of(j).zero_weight() > 0.0;
            if kinked && b.abs() * self.sq_norm[j].sqrt() <= negligible {
                *b = 0.0;
            }
        }
    }

    fn minimise(&mut self, budget: &mut usize, stop: &Stop) -> End {
        let mut before = f64::INFINITY;
        let mut model_before = f64::INFINITY;
        let mut stale = self.at.curved.curvature.is_empty();
        let mut careful = false;
        let (mut models, mut returns) = (0, 0);
        let mut last: Option<Taken> = None;
        loop {
            if *budget == 0 {
                return End::Budget;
            }
            if stop.cancelled() {
                return End::Cancelled;
            }
            self.gradient();
            let look = self.look();
            if look.free.is_empty() && !look.violated {
                return End::Settled;
            }
            *budget -= 1;
            self.work.epochs += 1;
            if !look.violated && !stale && self.has_factor(&look.free) {
                if let Some(taken) = &last
                    && before > ROUNDING * self.null_loss
                {
                    self.learn(taken);
                }
                let Taken {
                    step,
                    slopes,
                    decrement,
                } = self.chord();
                let left = 0.5 * decrement + look.left;
                if left <= self.target && (decrement > FLAT * before || self.is_closed(1.0)) {
                    return End::Settled;
                }
                if decrement > before && decrement <= ROUNDING * ROUNDING * self.null_loss {
                    return End::Stuck;
                }
                if decrement > before
                    && let Some(last) = last.take()
                {
                    // The old factor has led away: back, and on with more care.
                    self.shift(&last.back());
                    self.refresh_fit();
                    (careful, stale, before) = (true, true, f64::INFINITY);
                    continue;
                }
                let slow = decrement > SLOW * before;
                stale |= slow;
                if slow {
                    self.relax();
                }
                // Near the end a long step comes from a Hessian that is all but singular.
                let trusted = returns == 0 || decrement <= 10.0 * model_before;
                if !slow && !careful && trusted && self.fits(&step) {
                    // What the next look would find if this step contracted like the last: where that is enough it need not be made.
                    let ratio = CAUTION * (decrement / before).sqrt();
                    let ends = left * ratio * ratio <= self.target && self.is_closed(ratio);
                    self.shift(&step);
                    self.work.support_steps += 1;
                    if before.is_finite() && ends {
                        return End::Settled;
                    }
                    before = decrement;
                    last = Some(Taken {
                        step,
                        slopes,
                        decrement,
                    });
                    continue;
                }
            }
            if let Some(last) = last.take()
                && self.gain_left(&last.step) < -OVERSHOT * before
            {
                self.shift(&last.back());
                self.refresh_fit();
                (careful, stale, before) = (true, true, f64::INFINITY);
                continue;
            }
            before = f64::INFINITY;
            models += 1;
            careful |= models > MOST_MODELS;
            if stale {
                self.refresh();
                stale = false;
            }
            if self.at.curved.len() < self.at.members.len() {
                let new = self.at.members.len() - self.at.curved.len();
                self.at.curved.extend(self.problem.x, &self.at.members);
                self.work.gram_columns += new as u64;
            }
            if self.is_blind() {
                self.at.damping = DAMPING;
                self.refresh();
            }
            if !look.violated && !careful && self.has_factor(&look.free) {
                let taken = self.chord();
                let decrement = taken.decrement;
                if 0.5 * decrement + look.left <= self.target && self.is_closed(1.0) {
                    return End::Settled;
                }
                let trusted = returns == 0 || decrement <= 10.0 * model_before;
                if trusted && self.fits(&taken.step) {
                    self.shift(&taken.step);
                    self.work.support_steps += 1;
                    (before, last) = (decrement, Some(taken));
                    continue;
                }
            }
            let (step, descent) = self.model();
            if !(descent >= 0.0 && descent.is_finite()) {
                // A model that is all but flat somewhere.
                if self.at.damping > 1e3 {
                    return End::Stuck;
                }
                self.at.damping = (10.0 * self.at.damping).max(DAMPING);
                stale = true;
                continue;
            }
            if descent <= self.target {
                return End::Settled;
            }
            if careful && descent <= CLOSE * self.null_loss && returns < MOST_RETURNS {
                // Too little is left for a line search to see, and the end is near: Newton steps, with the curvature there.
                (careful, models, stale) = (false, 0, true);
                (returns, model_before) = (returns + 1, descent);
                continue;
            }
            let rounding = descent <= ROUNDING * self.null_loss;
            if rounding && descent > 0.5 * model_before {
                return End::Stuck;
            }
            let length = if rounding {
                // Too short for its gain to be seen.
                self.shift(&step);
                1.0
            } else {
                self.search(&step, descent)
            };
            if length == 0.0 {
                if self.at.damping > 1e3 {
                    return End::Stuck;
                }
                self.at.damping = (10.0 * self.at.damping).max(DAMPING);
                stale = true;
                continue;
            }
            if length < 0.25 {
                self.at.damping = (10.0 * self.at.damping).max(DAMPING);
                stale = true;
            } else if length == 1.0 {
                self.relax();
            }
            stale |= length < 1.0 || descent > 0.25 * model_before;
            model_before = descent;
        }
    }

    fn relax(&mut self) {
        self.at.damping *= 0.1;
        if self.at.damping < 1e-9 {
            self.at.damping = 0.0;
        }
    }

    /// By how much the objective would still fall along a step that has been taken, to first order.
    fn gain_left(&self, step: &[(usize, f64)]) -> f64 {
        step.iter().map(|&(i, d)| d * self.slope(i)).sum()
    }

    /// Whether the quadratic model does not see the curvature of a column that is to move.
    fn is_blind(&self) -> bool {
        let (at, bound) = (&*self.at, self.bound());
        let unseen = |i: usize| {
            let j = at.members[i];
            self.sq_norm[j] > 0.0 && at.curved.column(i)[i] <= BLIND * bound * self.sq_norm[j]
        };
        at.curved.len() == at.members.len()
            && at.damping == 0.0
            && (0..at.members.len()).any(unseen)
    }

    /// The curvature at the present point, and all that follows from it.
    fn refresh(&mut self) {
        let bound = self.bound();
        let at = &mut *self.at;
        at.curved.curvature.resize(at.fit.len(), 0.0);
        self.problem
            .loss
            .curvature(self.problem.y, &at.fit, &mut at.curved.curvature);
        let rank = at.curved.curvature.iter().filter(|h| **h > BLIND * bound);
        if rank.count() < at.members.len() {
            // Fewer rows bend than columns may move: the model alone has no minimiser.
            at.damping = if at.damping == 0.0 {
                DAMPING
            } else {
                at.damping.max(LEAST_DAMPING)
            };
        }
        let extra = at.damping * bound;
        at.curved.curvature.iter_mut().for_each(|h| *h += extra);
        at.curved.refresh(self.problem.x, &at.members);
        at.factor = None;
        self.work.gram_columns += at.members.len() as u64;
        self.work.columns_touched += at.members.len() as u64;
    }

    /// The duality gap of the problem restricted to the members, to first order in what scales the dual point into the dual set; a
    /// dual point is taken to be orthogonal to a column without penalty.
    fn restricted_gap(&self) -> f64 {
        let (at, lambda) = (&*self.at, self.lambda);
        let places = || at.members.iter().zip(&at.c).zip(&at.beta);
        let reaches = places().map(|((&j, &c), _)| self.problem.penalty.of(j).reach(c, lambda));
        let s = reaches.fold(
            1.0f64,
            |s, reach| if reach > 0.0 { s.min(reach) } else { s },
        );
        let terms = places().map(|((&j, &c), &b)| {
            let omega = self.problem.penalty.of(j);
            if b == 0.0 && s * c.abs() <= lambda * omega.zero_weight() {
                return 0.0;
            }
            let c = if omega.reach(c, lambda) > 0.0 {
                s * c
            } else {
                0.0
            };
            // Fenchel and Young: not negative.
            lambda * omega.value(b) + omega.conjugate(c, lambda)[0] - c * b
        });
        terms.sum()
    }

    /// Whether there is a Cholesky factor of the Hessian on `free`; one is made if need be.
    fn has_factor(&mut self, free: &[usize]) -> bool {
        let at = &mut *self.at;
        let mixed = self.problem.penalty.mixing() < 1.0;
        let near =
            |lambda: f64| !mixed || (lambda <= NEAR * self.lambda && self.lambda <= NEAR * lambda);
        if (at.factor.as_ref()).is_some_and(|f| f.places == free && near(f.lambda)) {
            return true;
        }
        if at.curved.len() < at.members.len() {
            return false;
        }
        let bend = |i: usize| {
            let omega = self.problem.penalty.of(at.members[i]);
            self.lambda * omega.derivatives(at.beta[i])[1]
        };
        at.factor = Factor::new(&at.curved, free.to_vec(), bend, self.lambda);
        at.factor.is_some()
    }

    /// The step that the factor and what has been learned of its age suggest.
    fn chord(&self) -> Taken {
        let Some(factor) = &self.at.factor else {
            return Taken {
                step: Vec::new(),
                slopes: Vec::new(),
                decrement: f64::INFINITY,
            };
        };
        let slopes: Vec<f64> = factor.places.iter().map(|&i| self.slope(i)).collect();
        let step = factor.step(&slopes);
        Taken {
            decrement: dot(&slopes, &step),
            step: factor.places.iter().copied().zip(step).collect(),
            slopes,
        }
    }

    /// Learns from a step that has just been taken how the Hessian has changed since it was factored.
    fn learn(&mut self, taken: &Taken) {
        let Some(factor) = &self.at.factor else {
            return;
        };
        let places = factor.places.iter();
        if !(taken.step.iter().map(|(i, _)| i)).eq(places.clone()) {
            return;
        }
        let change: Vec<f64> = (places.zip(&taken.slopes))
            .map(|(&i, before)| before - self.slope(i))
            .collect();
        let step = taken.step.iter().map(|(_, d)| *d).collect();
        if let Some(factor) = &mut self.at.factor {
            factor.learn(step, change);
        }
    }

    /// Whether a share of the present duality gap is within its target.
    fn is_closed(&self, share: f64) -> bool {
        share.is_finite() && share * self.restricted_gap() <= self.gap_target
    }

    /// Whether the step leaves every coefficient on its piece of the penalty.
    fn fits(&self, step: &[(usize, f64)]) -> bool {
        step.iter().all(|&(i, d)| {
            let b = self.at.beta[i];
            let [low, high] = self.problem.penalty.of(self.at.members[i]).piece(b);
            let after = b + d;
            after > low && after < high && after != 0.0
        })
    }

    /// X times a step.
    fn image(&mut self, step: &[(usize, f64)]) -> Vec<f64> {
        let (set, factors): (Vec<usize>, Vec<f64>) =
            step.iter().map(|&(i, d)| (self.at.members[i], d)).unzip();
        let mut image = vec![0.0; self.at.fit.len()];
        self.problem.x.axpy_set(&set, &factors, &mut image);
        self.work.columns_touched += set.len() as u64;
        image
    }

    /// Xβ afresh, so that no rounding of updates, some of which were large, adds up.
    pub(super) fn refresh_fit(&mut self) {
        let at = &mut *self.at;
        let (set, factors): (Vec<usize>, Vec<f64>) = at.coefficients().into_iter().unzip();
        at.fit.fill(0.0);
        self.problem.x.axpy_set(&set, &factors, &mut at.fit);
        self.work.columns_touched += set.len() as u64;
        at.fresh = false;
    }

    /// Takes the step.
    pub(super) fn shift(&mut self, step: &[(usize, f64)]) {
        let (set, factors): (Vec<usize>, Vec<f64>) =
            step.iter().map(|&(i, d)| (self.at.members[i], d)).unzip();
        self.problem.x.axpy_set(&set, &factors, &mut self.at.fit);
        self.work.columns_touched += set.len() as u64;
        step.iter().for_each(|&(i, d)| self.at.beta[i] += d);
        self.at.fresh = false;
    }

    /// The step to the minimiser of the quadratic model with the penalty, as (place, change), and by how much the objective
    /// falls along its first derivative.
    fn model(&mut self) -> (Vec<(usize, f64)>, f64) {
        let at = &*self.at;
        let penalty = self.problem.penalty.on(&at.members);
        let (mut beta, mut corr) = (at.beta.clone(), at.c.clone());
        let mut sweeps = GramSweeps {
            beta: &mut beta,
            corr: &mut corr,
            start: &[],
            y_sq: 2.0 * self.null_loss,
            penalty,
            lambda: self.lambda,
            column: |i| at.curved.column(i),
        };
        let negligible = 0.01 * self.target.max(ROUNDING * self.null_loss);
        for _ in 0..MODEL_ROUNDS {
            // A few sweeps find signs for less than a step that has to give up one coefficient after the other.
            let mut first = 0.0;
            let mut decrease = 0.0;
            for sweep in 0..SWEEPS {
                decrease = sweeps.sweep(false).decrease;
                self.work.coord_updates += at.members.len() as u64;
                if sweep == 0 {
                    first = decrease;
                }
                if decrease.is_nan() || decrease <= negligible || decrease < 0.1 * first {
                    break;
                }
            }
            if decrease.is_nan() || decrease <= negligible {
                break;
            }
            self.work.support_steps += sweeps.support_step();
        }
        let mut descent = 0.0;
        let mut step = Vec::new();
        for (i, (&after, &b)) in beta.iter().zip(&at.beta).enumerate() {
            if after != b && after.is_finite() {
                step.push((i, after - b));
                let omega = penalty.of(i);
                descent += at.c[i] * (after - b) - self.lambda * rise(omega, b, after);
            }
        }
        (step, descent)
    }

    /// Moves along the step as far as the objective falls and returns the share of it that was taken. `descent` bounds from above
    /// what the whole step gains.
    fn search(&mut self, step: &[(usize, f64)], descent: f64) -> f64 {
        let image = self.image(step);
        let (start, from): (Vec<f64>, Vec<f64>) = (
            self.at.fit.clone(),
            step.iter().map(|&(i, _)| self.at.beta[i]).collect(),
        );
        let reached = |length: f64| -> Vec<f64> {
            start
                .iter()
                .zip(&image)
                .map(|(z, d)| z + length * d)
                .collect()
        };
        let mut u = vec![0.0; start.len()];
        let (problem, lambda) = (self.problem, self.lambda);
        let members = &self.at.members;
        // Derivative of the objective along the step, from the left.
        let mut derivative = |length: f64, fit: &[f64]| -> f64 {
            problem.loss.neg_gradient(problem.y, fit, &mut u);
            let penalty = step.iter().zip(&from).map(|(&(i, d), &b)| {
                let omega = problem.penalty.of(members[i]);
                let after = match b + length * d {
                    // The side that the step comes from.
                    0.0 => -d.signum() * f64::MIN_POSITIVE,
                    after => after,
                };
                d * omega.derivatives(after)[0]
            });
            lambda * penalty.sum::<f64>() - dot(&u, &image)
        };
        let u_start = self.at.u.clone();
        let gain = |length: f64, fit: &[f64]| -> f64 {
            let values = step.iter().zip(&from).map(|(&(i, d), &b)| {
                let omega = problem.penalty.of(members[i]);
                omega.value(b) - omega.value(omega.prox(b + length * d, 0.0))
            });
            length * dot(&u_start, &image) - problem.loss.bregman(problem.y, fit, &start)
                + lambda * values.sum::<f64>()
        };
        let mut fit = reached(1.0);
        let mut length = 1.0;
        let whole = derivative(1.0, &fit);
        let is_past = whole > 0.0 || whole.is_nan();
        let is_enough = |gain: f64| gain >= 0.1 * descent;
        if is_past && !is_enough(gain(1.0, &fit)) {
            // A root of the derivative, which increases along the step: regula falsi, every other time halving.
            let (mut low, mut high) = (0.0f64, 1.0f64);
            let (mut at_low, mut at_high) = (-descent, whole);
            for round in 0..40 {
                let secant = low + (high - low) * at_low / (at_low - at_high);
                let inside = secant > low && secant < high && round % 2 == 0;
                let next = if inside { secant } else { 0.5 * (low + high) };
                fit = reached(next);
                let slope = derivative(next, &fit);
                if slope <= 0.0 {
                    (low, at_low) = (next, slope);
                } else {
                    (high, at_high) = (next, slope);
                }
                if low > 0.0 && (at_low >= -0.1 * descent || high - low < 0.1 * low) {
                    break;
                }
            }
            length = low;
            if length == 0.0 {
                return 0.0;
            }
            fit = reached(length);
        }
        for (&(i, d), &b) in step.iter().zip(&from) {
            // Rounding must not carry it past a bound.
            self.at.beta[i] = problem
                .penalty
                .of(self.at.members[i])
                .prox(b + length * d, 0.0);
        }
        self.at.fit = fit;
        self.at.fresh = false;
        length
    }
}

/// ω(after) − ω(before), free of cancellation on one piece of the penalty.
fn rise(omega: impl Penalty, before: f64, after: f64) -> f64 {
    let d = after - before;
    let from = if before != 0.0 { before } else { after };
    let [low, high] = omega.piece(from);
    let [low, high] = if low < high {
        [low, high]
    } else {
        [from, from]
    };
    if after < low || after > high || before < low || before > high {
        return omega.value(after) - omega.value(before);
    }
    // The slope at `from` is that of the side where both are.
    let [first, second] = omega.derivatives(from);
    first * d + 0.5 * second * d * if before != 0.0 { d } else { -d }
}
