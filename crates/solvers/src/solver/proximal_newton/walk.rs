//! From λ to λ: which columns to look at, where to start from, which λ to solve together, and whether what comes of it holds.

use std::collections::VecDeque;

use super::certify::{Candidate, judge};
use super::descend::{Descent, End, Iterate};
use crate::design::Design;
use crate::design::kernels::sq_norm;
use crate::loss::CurvedLoss;
use crate::penalty::{Penalty, Separable};
use crate::problem::Problem;
use crate::solver::{Status, Stop, Work};

/// A solved and certified λ that has not been asked for yet.
struct Solved {
    lambda: f64,
    beta: Vec<(usize, f64)>,
    gap: f64,
    status: Status,
}

/// A point that the path has come through.
struct Past {
    lambda: f64,
    /// On the members there were then.
    beta: Vec<f64>,
    fit: Vec<f64>,
}

/// Products Xᵀu of all columns at the point of a λ.
#[derive(Default)]
struct Known {
    lambda: f64,
    c: Vec<f64>,
}

/// A warm path's memory.
pub(super) struct Walk {
    at: Iterate,
    started: bool,
    /// Columns that no λ > 0 costs anything.
    unpenalised: Vec<usize>,
    /// Whether every column that can move is a member.
    complete: bool,
    last: Known,
    before: Known,
    past: VecDeque<Past>,
    ready: VecDeque<Solved>,
    pub(super) upcoming: Vec<f64>,
    /// Share of the tolerance to which the working set is solved.
    share: f64,
    /// λ that the iterate was last solved at, to whatever accuracy.
    at_lambda: f64,
}

impl Walk {
    pub(super) fn new(n: usize, p: usize) -> Self {
        Self {
            at: Iterate::new(n, p),
            started: false,
            unpenalised: Vec::new(),
            complete: false,
            last: Known::default(),
            before: Known::default(),
            past: VecDeque::new(),
            ready: VecDeque::new(),
            upcoming: Vec::new(),
            share: SHARE,
            at_lambda: f64::INFINITY,
        }
    }

    /// Back to β = 0.
    pub(super) fn restart(&mut self) {
        self.ready.clear();
        if self.started {
            let upcoming = std::mem::take(&mut self.upcoming);
            *self = Self::new(self.at.fit.len(), self.at.is_member.len());
            self.upcoming = upcoming;
        }
    }
}

/// Share of the tolerance within which the gap of the problem restricted to the working set has to be.
const CLOSED: f64 = 0.5;
/// Share of the tolerance to which the working set is solved at first, and at least.
const SHARE: f64 = 0.1;
/// What that share is multiplied by where the gap falls short: for a loss with clamped rows the gap goes with the root of it.
const TIGHTER: f64 = 1e-2;
/// The same where a whole batch has been certified.
const LOOSER: f64 = 3.0;
/// Rounds in which tightening the working set's tolerance may fail to meet the full gap before the solve has stalled.
const TIGHTENINGS: usize = 8;
/// Share of its bound beyond which a column whose trend is known is a candidate.
const NEAR: f64 = 0.95;
/// The same, where no trend is known.
const FAR: f64 = 0.7;
/// Candidates that are not members yet of which one batch may take in so many, and as many as the support has.
const LEAST_NEW: usize = 64;
/// Columns in a working set up to which its Gram matrix is kept, unless there are twice as many rows.
const SMALL: usize = 1024;
/// Columns up to which a Gram matrix is kept at all: 4096² doubles are 134 MB.
const LARGE: usize = 4096;
/// λ below this share of the one before is a jump, over which nothing is predicted.
const JUMP: f64 = 0.6;
/// Σ ‖x_j β_j‖² in units of ‖Xβ‖² from which on Xβ is taken afresh at every λ.
const CANCELLED: f64 = 1e4;
/// Points that a prediction is made from.
const MEMORY: usize = 3;

/// One call of the solver.
pub(super) struct Task<'a, X, L, P> {
    pub problem: &'a Problem<'a, X, L, P>,
    pub sq_norm: &'a [f64],
    pub null_loss: f64,
    pub look_ahead: usize,
    pub stop: Stop<'a>,
    pub walk: &'a mut Walk,
    pub work: &'a mut Work,
}

impl<X: Design, L: CurvedLoss, P: Separable> Task<'_, X, L, P> {
    fn target(&self) -> f64 {
        self.stop.tol * self.null_loss
    }

    /// (column, coefficient) of the solution at λ, and how the solve ended.
    pub(super) fn solve(&mut self, lambda: f64) -> (Status, Vec<(usize, f64)>) {
        let target = self.target();
        let ready = &mut self.walk.ready;
        while ready.front().is_some_and(|s| s.lambda > lambda) {
            ready.pop_front();
        }
        // The tolerance may have changed since.
        let answers = |s: &Solved| s.lambda == lambda && s.gap <= target;
        if ready.front().is_some_and(answers) {
            return self.deliver();
        }
        self.walk.ready.clear();
        let mut batch = self.batch(lambda);
        let mut budget = self.stop.max_epochs;
        if !self.walk.started
            && let Some(status) = self.start(lambda, &mut budget)
        {
            return (status, self.walk.at.coefficients());
        }
        let (mut tightenings, mut least) = (0, f64::INFINITY);
        loop {
            self.screen(&batch);
            let (solved, ended) = self.descend(&batch, &mut budget);
            let first = &solved[0];
            if let Some(status) = ended
                && solved.len() == 1
            {
                return (status, first.beta.clone());
            }
            let points: Vec<Candidate> = (solved.iter())
                .map(|point| Candidate {
                    lambda: point.lambda,
                    beta: &point.beta,
                    fit: &point.fit,
                })
                .collect();
            let verdict = judge(self.problem, &points, target, &self.walk.unpenalised);
            self.work.passes += 1;
            self.work.columns_touched += self.sq_norm.len() as u64;
            let gaps = verdict.gaps;
            let good = gaps.iter().take_while(|gap| **gap <= target).count();
            for (point, &gap) in solved.iter().zip(&gaps).take(good.max(1)) {
                let status = if self.is_unattained(point) {
                    Status::Unattained
                } else if gap <= target {
                    Status::Converged
                } else {
                    Status::Stalled
                };
                self.walk.ready.push_back(Solved {
                    lambda: point.lambda,
                    beta: point.beta.clone(),
                    gap,
                    status,
                });
            }
            let failed = good.min(solved.len() - 1);
            let entered = match solved.get(good) {
                None => 0,
                // A dual point without penalty is orthogonal to every column, whether one wants to move or not.
                Some(point) if point.lambda == 0.0 => {
                    let c = self.products_at(&point.fit);
                    self.admit_violators(&c, 0.0)
                }
                Some(point) => self.admit_violators(&verdict.products[good], point.lambda),
            };
            self.remember_products(verdict.products, &solved, failed);
            if good == solved.len() {
                self.walk.share = (LOOSER * self.walk.share).min(SHARE);
                return self.deliver();
            }
            self.work.kkt_violations += entered as u64;
            // Columns beyond their bounds by rounding alone may come in without end.
            if entered == 0 || gaps[good] >= least {
                self.walk.share *= TIGHTER;
                tightenings += 1;
            }
            least = gaps[good].min(least);
            self.return_to(&solved[good]);
            if tightenings > TIGHTENINGS {
                // What rounding did to this λ says nothing of the next.
                self.walk.share = SHARE;
            }
            if good > 0 || tightenings > TIGHTENINGS {
                return self.deliver();
            }
            self.walk.ready.clear();
            batch.truncate(1 + batch.len() / 4);
        }
    }

    fn deliver(&mut self) -> (Status, Vec<(usize, f64)>) {
        match self.walk.ready.pop_front() {
            Some(solved) => (solved.status, solved.beta),
            None => (Status::Stalled, self.walk.at.coefficients()),
        }
    }

    /// λ and those announced behind it.
    fn batch(&self, lambda: f64) -> Vec<f64> {
        let upcoming = &self.walk.upcoming;
        let mut batch = vec![lambda];
        if let Some(place) = upcoming.iter().position(|&l| l == lambda) {
            let mut last = lambda;
            for &next in upcoming[place + 1..]
                .iter()
                .take(self.look_ahead.saturating_sub(1))
            {
                if !(next < last && next > JUMP * last) {
                    break;
                }
                batch.push(next);
                last = next;
            }
        }
        batch
    }

    fn descent<'b>(&'b mut self, lambda: f64, target: f64) -> Descent<'b, X, L, P> {
        Descent {
            problem: self.problem,
            sq_norm: self.sq_norm,
            null_loss: self.null_loss,
            lambda,
            target,
            gap_target: CLOSED * self.target(),
            at: &mut self.walk.at,
            work: self.work,
        }
    }

    /// Fits what no λ keeps at 0, and looks at all other columns from there. Some status if that is as far as it goes.
    fn start(&mut self, lambda: f64, budget: &mut usize) -> Option<Status> {
        let penalty = self.problem.penalty;
        let p = self.sq_norm.len();
        let moves = |j: &usize| self.sq_norm[*j] > 0.0;
        let open: Vec<usize> = (0..p)
            .filter(moves)
            .filter(|&j| penalty.of(j).zero_weight() == 0.0)
            .collect();
        let costs_nothing = |j: &usize| penalty.of(*j).derivatives(1.0) == [0.0, 0.0];
        self.walk.unpenalised = (0..p).filter(costs_nothing).collect();
        self.walk.complete = open.len() == (0..p).filter(moves).count();
        let some = !open.is_empty();
        self.walk.at.admit(open);
        if self.walk.complete {
            self.walk.last.lambda = lambda;
            self.walk.started = true;
            return None;
        }
        let stop = self.stop;
        let target = (self.walk.share * self.target()).max(0.0);
        let mut descent = self.descent(lambda, target);
        if some {
            match descent.run(budget, &stop) {
                End::Budget => return Some(Status::EpochLimit),
                End::Cancelled => return Some(Status::Interrupted),
                End::Settled | End::Stuck => {}
            }
        }
        descent.gradient();
        let mut c = vec![0.0; p];
        self.problem.x.tr_mul(&self.walk.at.u, &mut c);
        self.work.passes += 1;
        self.work.columns_touched += p as u64;
        let thresholds = (0..p).map(|j| penalty.of(j).threshold(c[j]));
        let finite = thresholds.filter(|threshold| threshold.is_finite());
        self.walk.last = Known {
            lambda: finite.fold(0.0, f64::max),
            c,
        };
        self.walk.started = true;
        None
    }

    /// Makes members of the columns that are likely to move at one of these λ.
    fn screen(&mut self, batch: &[f64]) {
        if self.walk.complete {
            return;
        }
        let (walk, penalty) = (&*self.walk, self.problem.penalty);
        let lowest = batch[batch.len() - 1];
        let (last, before) = (&walk.last, &walk.before);
        let trend = !before.c.is_empty() && before.lambda > last.lambda && last.lambda > lowest;
        let ratio = if trend {
            (last.lambda - lowest) / (before.lambda - last.lambda)
        } else {
            0.0
        };
        let excess = |j: usize| {
            let omega = penalty.of(j);
            let c = last.c[j];
            if trend {
                let ahead = c + ratio * (c - before.c[j]);
                let now = omega.subdiff_distance(0.0, c, NEAR * batch[0]);
                now.max(omega.subdiff_distance(0.0, ahead, NEAR * lowest))
            } else {
                // The strong rule, but for steps so long that it would keep everything.
                let below = (2.0 * lowest - last.lambda).max(FAR * lowest);
                omega.subdiff_distance(0.0, c, below)
            }
        };
        let mut found: Vec<(usize, f64)> = (0..self.sq_norm.len())
            .filter(|&j| self.sq_norm[j] > 0.0)
            .map(|j| (j, excess(j)))
            .filter(|(_, e)| *e > 0.0)
            .collect();
        let supported = walk.at.beta.iter().filter(|b| **b != 0.0).count();
        found.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        if walk.at.members.len() > 2 * (LEAST_NEW + supported) {
            let mut keep = vec![false; self.sq_norm.len()];
            let most = found.iter().take(LEAST_NEW / 2 + supported);
            most.for_each(|&(j, _)| keep[j] = true);
            let open = |j: usize| penalty.of(j).zero_weight() == 0.0;
            self.walk.at.retain(|j, _| keep[j] || open(j));
            self.walk.past.clear();
        }
        found.retain(|(j, _)| !self.walk.at.is_member[*j]);
        let room = (2 * (LEAST_NEW + supported)).saturating_sub(self.walk.at.members.len());
        found.truncate(room.min(LEAST_NEW.max(supported / 2)));
        self.walk.at.admit(found.into_iter().map(|(j, _)| j));
    }

    /// Solves at each of these λ on the working set; a status if the budget ended or the caller asked for an end.
    fn descend(&mut self, batch: &[f64], budget: &mut usize) -> (Vec<Point>, Option<Status>) {
        let n = self.problem.x.nrows();
        self.refresh_fits();
        let mut solved = Vec::with_capacity(batch.len());
        let stop = self.stop;
        let target = (self.walk.share * self.target()).max(0.0);
        for &lambda in batch {
            self.predict(lambda);
            self.walk.at_lambda = lambda;
            let members = self.walk.at.members.len();
            let small = members <= LARGE && members <= SMALL.max(2 * n);
            let mut descent = self.descent(lambda, target);
            let end = if small {
                descent.run(budget, &stop)
            } else {
                descent.run_matrix_free(budget, &stop)
            };
            let ended = match end {
                End::Budget => Some(Status::EpochLimit),
                End::Cancelled => Some(Status::Interrupted),
                End::Settled | End::Stuck => None,
            };
            if ended.is_some() && !solved.is_empty() {
                // What has been finished is judged first.
                return (solved, None);
            }
            if self.cancels() {
                self.descent(lambda, target).refresh_fit();
            }
            let at = &self.walk.at;
            solved.push(Point {
                lambda,
                beta: at.coefficients(),
                fit: at.fit.clone(),
            });
            if ended.is_some() {
                return (solved, ended);
            }
            let past = Past {
                lambda,
                beta: at.beta.clone(),
                fit: at.fit.clone(),
            };
            self.walk.past.push_back(past);
            if self.walk.past.len() > MEMORY {
                self.walk.past.pop_front();
            }
        }
        (solved, None)
    }

    /// Whether Xβ is so small a sum of such large terms that rounding of updates shows in the gap.
    fn cancels(&self) -> bool {
        let at = &self.walk.at;
        let terms = at.members.iter().zip(&at.beta);
        let terms: f64 = terms.map(|(&j, b)| b * b * self.sq_norm[j]).sum();
        terms > CANCELLED * sq_norm(&at.fit)
    }

    /// Xβ afresh, of the iterate and of what predictions are made from, so that no rounding of updates adds up.
    fn refresh_fits(&mut self) {
        let walk = &mut *self.walk;
        for past in &mut walk.past {
            past.fit.fill(0.0);
            let all = walk
                .at
                .members
                .iter()
                .copied()
                .zip(past.beta.iter().copied());
            let (set, factors): (Vec<usize>, Vec<f64>) = all.filter(|(_, b)| *b != 0.0).unzip();
            self.problem.x.axpy_set(&set, &factors, &mut past.fit);
            self.work.columns_touched += set.len() as u64;
        }
        self.descent(0.0, 0.0).refresh_fit();
    }

    /// Moves the iterate to where the last points lead if the path is smooth in log λ.
    fn predict(&mut self, lambda: f64) {
        let walk = &mut *self.walk;
        let count = walk.past.len();
        let decreasing = |a: &Past, b: &Past| a.lambda > b.lambda;
        let ordered = (1..count).all(|k| decreasing(&walk.past[k - 1], &walk.past[k]));
        // What has been solved here already, and fell short, is nearer than any prediction.
        if walk.at_lambda == lambda || count < 2 || !ordered || lambda <= 0.0 {
            return;
        }
        let last = &walk.past[count - 1];
        let step = (last.lambda / lambda).ln();
        let stride = (walk.past[count - 2].lambda / last.lambda).ln();
        if !(step > 0.0 && step < 1.5 * stride) || walk.at.beta.len() < last.beta.len() {
            return;
        }
        let places: Vec<f64> = walk.past.iter().map(|past| past.lambda.ln()).collect();
        let weights: Vec<f64> = (0..count)
            .map(|k| {
                let others = (0..count).filter(|&m| m != k);
                others
                    .map(|m| (lambda.ln() - places[m]) / (places[k] - places[m]))
                    .product()
            })
            .collect();
        let mut fit = vec![0.0; last.fit.len()];
        for (past, w) in walk.past.iter().zip(&weights) {
            fit.iter_mut().zip(&past.fit).for_each(|(z, p)| *z += w * p);
        }
        let (mut set, mut factors) = (Vec::new(), Vec::new());
        for (i, b) in walk.at.beta.iter_mut().enumerate() {
            let at = |past: &Past| past.beta.get(i).copied().unwrap_or(0.0);
            let combined: f64 = (walk.past.iter().zip(&weights))
                .map(|(past, w)| w * at(past))
                .sum();
            let j = walk.at.members[i];
            let [low, high] = self.problem.penalty.of(j).piece(*b);
            let steady = *b != 0.0 && walk.past.iter().all(|past| at(past) * *b > 0.0);
            if steady && combined > low && combined < high {
                *b = combined;
            } else if *b != combined {
                set.push(j);
                factors.push(*b - combined);
            }
        }
        self.problem.x.axpy_set(&set, &factors, &mut fit);
        self.work.columns_touched += set.len() as u64;
        walk.at.fit = fit;
        walk.at.fresh = false;
    }

    /// −Xᵀ∇f at a fit.
    fn products_at(&mut self, fit: &[f64]) -> Vec<f64> {
        let (mut u, mut c) = (vec![0.0; fit.len()], vec![0.0; self.sq_norm.len()]);
        self.problem.loss.neg_gradient(self.problem.y, fit, &mut u);
        self.problem.x.tr_mul(&u, &mut c);
        self.work.passes += 1;
        self.work.columns_touched += c.len() as u64;
        c
    }

    /// Makes members of the columns beyond their bounds, the worst first; returns how many.
    fn admit_violators(&mut self, c: &[f64], lambda: f64) -> usize {
        let penalty = self.problem.penalty;
        let at = &mut self.walk.at;
        let mut found: Vec<(usize, f64)> = (0..c.len())
            .filter(|&j| !at.is_member[j] && self.sq_norm[j] > 0.0)
            .map(|j| (j, penalty.of(j).subdiff_distance(0.0, c[j], lambda)))
            .filter(|(_, e)| *e > 0.0)
            .collect();
        found.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        found.truncate(at.members.len().max(64));
        let count = found.len();
        at.admit(found.into_iter().map(|(j, _)| j));
        count
    }

    fn remember_products(&mut self, products: Vec<Vec<f64>>, solved: &[Point], last: usize) {
        if self.walk.complete {
            return;
        }
        let mut products = products;
        let c = std::mem::take(&mut products[last]);
        let now = Known {
            lambda: solved[last].lambda,
            c,
        };
        self.walk.before = if last > 0 {
            Known {
                lambda: solved[0].lambda,
                c: std::mem::take(&mut products[0]),
            }
        } else if now.lambda < self.walk.last.lambda {
            std::mem::take(&mut self.walk.last)
        } else {
            std::mem::take(&mut self.walk.before)
        };
        self.walk.last = now;
    }

    /// Makes `point` the iterate, and forgets what came behind it.
    fn return_to(&mut self, point: &Point) {
        let at = &mut self.walk.at;
        let mut beta = vec![0.0; at.members.len()];
        for (b, j) in beta.iter_mut().zip(&at.members) {
            if let Ok(place) = point.beta.binary_search_by_key(j, |(k, _)| *k) {
                *b = point.beta[place].1;
            }
        }
        at.beta = beta;
        at.fit.copy_from_slice(&point.fit);
        at.fresh = false;
        self.walk.at_lambda = point.lambda;
        self.walk.past.retain(|past| past.lambda > point.lambda);
    }

    /// Whether f falls along multiples of the fit to its infimum, which it has not reached, at no cost in penalty.
    fn is_unattained(&self, point: &Point) -> bool {
        let (problem, penalty) = (self.problem, self.problem.penalty);
        let unhindered = point.beta.iter().all(|&(j, b)| {
            let [low, high] = penalty.of(j).piece(b);
            point.lambda * penalty.of(j).value(b) == 0.0
                && (if b > 0.0 { high } else { low }).is_infinite()
        });
        if !unhindered || point.beta.is_empty() {
            return false;
        }
        let mut u = vec![0.0; point.fit.len()];
        problem.loss.neg_gradient(problem.y, &point.fit, &mut u);
        let infimum = problem.loss.dual_along(problem.y, &u, 0.0)[0];
        let far: Vec<f64> = point.fit.iter().map(|z| MULTIPLE * z).collect();
        problem.loss.value(problem.y, &point.fit) > infimum
            && problem.loss.value(problem.y, &far) <= infimum
    }
}

/// A multiple of the fit at which what a positive margin costs is 0 to the last bit.
const MULTIPLE: f64 = 1e9;

/// A point of the path.
struct Point {
    lambda: f64,
    beta: Vec<(usize, f64)>,
    fit: Vec<f64>,
}
