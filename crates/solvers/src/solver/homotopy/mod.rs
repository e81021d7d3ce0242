//! The lasso path by exact steps: from event to event on a few candidates, several λ at a time, then one pass over X that
//! certifies all of them.
//!
//! Osborne, Presnell & Turlach (2000), IMA J. Numer. Anal. 20; Efron, Hastie, Johnstone & Tibshirani (2004), Ann. Statist. 32.

mod certify;
mod factor;
mod knots;
mod products;
mod walk;

use std::collections::VecDeque;

pub use knots::{Knot, Knots};
use products::{Candidates, FromCandidates, FromStrips, MOST_COLUMNS, Strips};
pub use walk::Move;
use walk::{Mark, Stuck, Walk};

use super::coordinate_descent::{CdSetup, CdState, CoordinateDescent};
use super::{Outcome, Setup, Solver, State, Status, Stop, Work};
use crate::certificate::{best_multiple, dual_value};
use crate::design::Design;
use crate::design::kernels::{dot, sq_norm};
use crate::error::SolveError;
use crate::loss::Squared;
use crate::penalty::L1;
use crate::problem::Problem;

/// Options of the homotopy; the default is the fastest on most data, and each can be switched off to see what it gains.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Homotopy {
    /// λ that are solved before one pass over X certifies them; 1 looks no λ ahead.
    pub look_ahead: usize,
    /// Where the products come from, or None for [`Source::choose`].
    pub source: Option<Source>,
    /// Before correlations have a trend, columns are candidates from this share of λ on; 0 makes candidates of all, always.
    pub candidate_share: f64,
    /// Leap to the next λ where many events lie on the way, instead of stopping at each.
    pub leaps: bool,
}

impl Default for Homotopy {
    fn default() -> Self {
        Self::FULL
    }
}

impl Homotopy {
    /// Every ingredient, at the values that measurement has found best.
    pub const FULL: Self = Self {
        look_ahead: 8,
        source: None,
        candidate_share: 0.7,
        leaps: true,
    };

    /// Density of X below which coordinate descent is the better choice: a move of one coefficient then costs a few entries
    /// of its column, an exact step as much as ever.
    pub const DENSE_ENOUGH: f64 = 0.1;
}

/// Where inner products of columns come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// Columns of XᵀX, formed in blocks when the first of a block is needed.
    Strips,
    /// The columns of X themselves.
    Columns,
    /// The Gram matrix of the candidates.
    Block,
}

/// Rows up to which products with columns cost less than what keeping a Gram matrix does.
const FEW_ROWS: usize = 400;

impl Source {
    /// Chooses from the shape of X, with the sentence that goes into the record.
    ///
    /// - n ≥ 2p, p ≤ 4096, density ≥ 0.1: `Strips`. A product costs p per active column instead of n, and X is read only
    ///   to form strips.
    /// - n > 400, density ≥ 0.1 otherwise: `Block`. A product costs |W| per active column.
    /// - `Columns` otherwise: for n ≈ |A| products with columns cost no more, and nothing has to be formed.
    pub fn choose<X: Design>(x: &X) -> (Self, String) {
        let (n, p) = (x.nrows(), x.ncols());
        let density = x.density();
        let choice = if density < Homotopy::DENSE_ENOUGH {
            Self::Columns
        } else if n >= 2 * p && p <= MOST_COLUMNS {
            Self::Strips
        } else if n > FEW_ROWS {
            Self::Block
        } else {
            Self::Columns
        };
        (
            choice,
            format!("{choice:?}: n = {n}, p = {p}, density = {density:.3}"),
        )
    }
}

/// Norms and Xᵀy/n.
pub struct HomotopySetup {
    /// ‖x_j‖²/n.
    curvature: Vec<f64>,
    /// Xᵀy/n.
    start: Vec<f64>,
    /// max |start|.
    unit: f64,
    /// ‖y‖²/n.
    y_sq: f64,
    source: Source,
    rule: String,
    work: Work,
}

impl Setup for HomotopySetup {
    fn work(&self) -> Work {
        self.work
    }

    fn rule(&self) -> String {
        self.rule.clone()
    }
}

impl HomotopySetup {
    fn products<'a, X: Design>(
        &'a self,
        problem: &'a Problem<'a, X, Squared, L1>,
        candidates: &'a mut Candidates,
    ) -> FromCandidates<'a, X> {
        candidates.products(problem.x, problem.y, &self.curvature, &self.start)
    }
}

/// A solved and certified λ that has not been asked for yet.
struct Solved {
    lambda: f64,
    /// (column, coefficient).
    coefficients: Vec<(usize, f64)>,
    /// What certified it.
    gap: f64,
    status: Status,
}

/// A warm path's memory.
pub struct HomotopyState {
    beta: Vec<f64>,
    /// Columns at which `beta` may differ from 0.
    support: Vec<usize>,
    /// None before the first λ, and after one that coordinate descent had to solve.
    walk: Option<Walk>,
    candidates: Candidates,
    /// Correlations of all columns, as of the last pass.
    corr: Vec<f64>,
    /// λ of that pass's last point.
    corr_lambda: f64,
    /// Correlations of all columns at that pass's first point, and its λ; the same λ where there was but one point.
    corr_before: (Vec<f64>, f64),
    /// Columns outside the candidates that the last pass found beyond their bounds.
    forgotten: Vec<usize>,
    strips: Strips,
    ready: VecDeque<Solved>,
    upcoming: Vec<f64>,
    /// λ of the last point, where coordinate descent solved it.
    resume_at: f64,
    fallback: Option<Box<(CdSetup, CdState)>>,
    /// Whether the rest of the path is too large for exact steps.
    outgrown: bool,
}

impl State for HomotopyState {
    fn beta(&self) -> &[f64] {
        &self.beta
    }

    fn set_zero(&mut self) {
        for j in self.support.drain(..) {
            self.beta[j] = 0.0;
        }
        self.walk = None;
        self.resume_at = f64::INFINITY;
        self.outgrown = false;
        self.ready.clear();
    }

    fn nonzeros(&self) -> Vec<(usize, f64)> {
        let mut nonzeros: Vec<(usize, f64)> = (self.support.iter())
            .map(|&j| (j, self.beta[j]))
            .filter(|(_, b)| *b != 0.0)
            .collect();
        nonzeros.sort_unstable_by_key(|(j, _)| *j);
        nonzeros
    }

    fn announce(&mut self, lambdas: &[f64]) {
        self.upcoming = lambdas.to_vec();
    }
}

impl<X: Design> Solver<X, Squared, L1> for Homotopy {
    type Setup = HomotopySetup;
    type State = HomotopyState;

    fn setup(&self, problem: &Problem<X, Squared, L1>) -> Result<HomotopySetup, SolveError> {
        let x = problem.x;
        let (n, p) = (x.nrows() as f64, x.ncols());
        let (mut start, mut curvature) = (vec![0.0; p], vec![0.0; p]);
        let all: Vec<usize> = (0..p).collect();
        x.tr_mul_set_with_sq_norms(&all, problem.y, &mut start, &mut curvature);
        for values in [&mut start, &mut curvature] {
            values.iter_mut().for_each(|v| *v /= n);
        }
        let (source, rule) = match self.source {
            Some(source) => (source, format!("{source:?} by request")),
            None => Source::choose(x),
        };
        // A block of everything may be too large, where columns of X are not.
        let everything = self.candidate_share == 0.0 && p > MOST_COLUMNS;
        let (source, rule) = match source {
            Source::Block if everything => (
                Source::Columns,
                format!("Columns, since all {p} are candidates; otherwise {rule}"),
            ),
            source => (source, rule),
        };
        Ok(HomotopySetup {
            curvature,
            unit: start.iter().fold(0.0, |m, c| m.max(c.abs())),
            start,
            y_sq: sq_norm(problem.y) / n,
            source,
            rule,
            work: Work {
                passes: 2,
                columns_touched: 2 * p as u64,
                ..Work::default()
            },
        })
    }

    fn start(&self, problem: &Problem<X, Squared, L1>, setup: &HomotopySetup) -> HomotopyState {
        let (n, p) = (problem.x.nrows(), problem.x.ncols());
        HomotopyState {
            beta: vec![0.0; p],
            support: Vec::new(),
            walk: None,
            candidates: Candidates::new(n, p, setup.source == Source::Block),
            corr: setup.start.clone(),
            corr_lambda: setup.unit,
            corr_before: (setup.start.clone(), setup.unit),
            forgotten: Vec::new(),
            strips: Strips::default(),
            ready: VecDeque::new(),
            upcoming: Vec::new(),
            resume_at: f64::INFINITY,
            fallback: None,
            outgrown: false,
        }
    }

    fn solve(
        &self,
        problem: &Problem<X, Squared, L1>,
        setup: &HomotopySetup,
        lambda: f64,
        stop: Stop,
        state: &mut HomotopyState,
    ) -> Outcome {
        let mut task = Task {
            options: self,
            problem,
            setup,
            stop,
            state,
            work: Work::default(),
        };
        let status = task.solve(lambda);
        Outcome {
            status,
            work: task.work,
        }
    }
}

/// Share of its bound at which a column is a candidate whatever its trend.
const NEAR: f64 = 0.95;
/// Columns that are not active but candidates: as many as stay in the second-level cache where n is small.
const MOST_CANDIDATES: usize = 512;
/// Share of the tolerance that rounding in Gram quantities may take.
const ROUNDING_SHARE: f64 = 0.1;

struct Task<'a, X> {
    options: &'a Homotopy,
    problem: &'a Problem<'a, X, Squared, L1>,
    setup: &'a HomotopySetup,
    stop: Stop<'a>,
    state: &'a mut HomotopyState,
    work: Work,
}

impl<X: Design> Task<'_, X> {
    fn solve(&mut self, lambda: f64) -> Status {
        while self.state.ready.front().is_some_and(|s| s.lambda > lambda) {
            self.state.ready.pop_front();
        }
        // The tolerance may have changed since.
        let target = self.target();
        let answers = |s: &Solved| s.lambda == lambda && s.gap <= target;
        if self.state.ready.front().is_some_and(answers) {
            return self.deliver();
        }
        self.state.ready.clear();
        let passed = |walk: &Walk| walk.lambda < lambda;
        if self.state.walk.as_ref().is_some_and(passed) || self.state.resume_at <= lambda {
            self.state.set_zero();
        }
        let solved = match self.setup.source {
            _ if self.state.outgrown => Err(Stuck::Degenerate),
            Source::Strips => self.on_strips(lambda),
            Source::Columns | Source::Block => self.on_candidates(lambda),
        };
        match solved {
            Ok(()) => self.deliver(),
            Err(Stuck::Budget) => self.give_up(Status::EpochLimit),
            Err(Stuck::Cancelled) => self.give_up(Status::Interrupted),
            Err(Stuck::Degenerate) => self.fall_back(lambda),
        }
    }

    fn target(&self) -> f64 {
        self.stop.tol * 0.5 * self.setup.y_sq
    }

    /// Writes the next solved λ into β.
    fn deliver(&mut self) -> Status {
        let state = &mut *self.state;
        let Some(solved) = state.ready.pop_front() else {
            return Status::Stalled;
        };
        for j in state.support.drain(..) {
            state.beta[j] = 0.0;
        }
        for (j, b) in solved.coefficients {
            state.beta[j] = b;
            state.support.push(j);
        }
        solved.status
    }

    /// β as far as the walk has come, which goes on from there the next time.
    fn give_up(&mut self, status: Status) -> Status {
        if let Some(walk) = &self.state.walk {
            let candidates = self.state.candidates.columns();
            let strips = self.setup.source == Source::Strips;
            let column = |place: usize| if strips { place } else { candidates[place] };
            let coefficients = (walk.active.iter().zip(&walk.beta))
                .map(|(&place, &b)| (column(place), b))
                .collect();
            self.state.ready.push_front(Solved {
                lambda: walk.lambda,
                coefficients,
                gap: f64::INFINITY,
                status,
            });
        }
        self.deliver();
        status
    }

    /// n ≫ p: all columns are candidates, so that a λ is certified by what the walk knows.
    fn on_strips(&mut self, lambda: f64) -> Result<(), Stuck> {
        let (x, setup, state) = (self.problem.x, self.setup, &mut *self.state);
        if state.strips.is_empty() {
            state.strips = Strips::new(x.ncols());
        }
        let mut products = FromStrips {
            x,
            curvature: &setup.curvature,
            start: &setup.start,
            strips: &mut state.strips,
            work: Work::default(),
        };
        let mut walk = match state.walk.take() {
            Some(walk) => walk,
            None => {
                let mut walk = Walk::new(setup.start.clone());
                walk.leaps = self.options.leaps;
                // A λ is certified by the correlations that the walk ends with.
                walk.refines = true;
                if !state.support.is_empty() {
                    walk.lambda = state.resume_at;
                    let from = state.support.iter().map(|&j| (j, state.beta[j]));
                    if let Err(stuck) = walk.resume(from, &mut products) {
                        self.work += products.work;
                        return Err(stuck);
                    }
                }
                walk
            }
        };
        let mut budget = self.stop.max_epochs;
        let walked = walk.go_to(lambda, &mut products, &mut budget, &self.stop);
        let coefficients = walk.coefficients(&products);
        self.work += products.work;
        let (start, corr) = (&setup.start, &walk.corr);
        let over = |v: &[f64]| coefficients.iter().map(|&(j, b)| v[j] * b).sum::<f64>();
        // rᵀy/n and ‖r‖²/n.
        let linear = setup.y_sq - over(start);
        let residual_sq = (linear - over(corr)).max(0.0);
        let largest = corr.iter().fold(0.0f64, |m, c| m.max(c.abs()));
        let size: f64 = (coefficients.iter())
            .map(|&(j, b)| setup.curvature[j].sqrt() * b.abs())
            .sum();
        let rounding = f64::EPSILON * size * (size + setup.y_sq.sqrt());
        state.walk = Some(walk);
        walked?;
        let target = self.target();
        let gap = if lambda > 0.0 && rounding <= ROUNDING_SHARE * target {
            gap(residual_sq, linear, largest, &coefficients, lambda) + rounding
        } else {
            true_gap(self.problem, &coefficients, lambda, &mut self.work)
        };
        // Written so that NaN fails.
        let certified = gap <= target;
        if !certified {
            return Err(Stuck::Degenerate);
        }
        self.state.ready.push_back(Solved {
            lambda,
            coefficients,
            gap,
            status: Status::Converged,
        });
        Ok(())
    }

    /// p ≫ n or sparse: walk on few candidates as far as the look-ahead allows, then look at all columns for all those λ.
    fn on_candidates(&mut self, lambda: f64) -> Result<(), Stuck> {
        let target = self.target();
        let n = self.problem.y.len() as f64;
        let mut residual = vec![0.0; self.problem.y.len()];
        let mut retry = false;
        if self.state.walk.is_none() {
            self.begin_on_candidates()?;
        }
        loop {
            let lambdas = self.lambdas_ahead(lambda);
            self.choose_candidates(&lambdas, retry)?;
            let (problem, state) = (self.problem, &mut *self.state);
            let Some(mut walk) = state.walk.take() else {
                return Err(Stuck::Degenerate);
            };
            let mut products = self.setup.products(problem, &mut state.candidates);
            let before = walk.mark(&products);
            let mut marks: Vec<Mark> = Vec::with_capacity(lambdas.len());
            let mut ended = Ok(());
            for &lambda in &lambdas {
                let mut budget = self.stop.max_epochs;
                ended = walk.go_to(lambda, &mut products, &mut budget, &self.stop);
                if ended.is_err() {
                    break;
                }
                marks.push(walk.mark(&products));
            }
            if marks.is_empty() {
                self.work += products.work;
                state.walk = Some(walk);
                return ended;
            }
            let reached = &lambdas[..marks.len()];
            let points: Vec<&[(usize, f64)]> = (marks.iter())
                .map(|mark| mark.coefficients.as_slice())
                .collect();
            let (bundle, read) = certify::residuals(problem.x, problem.y, &points);
            products.work.columns_touched += read as u64;
            let verdict = certify::look_at_all(
                problem.x,
                &bundle,
                reached,
                self.setup.unit,
                |j| products.is_candidate(j),
                [&mut state.corr_before.0, &mut state.corr],
            );
            state.corr_before.1 = reached[0];
            state.corr_lambda = reached[reached.len() - 1];
            products.work.passes += 1;
            products.work.columns_touched += state.corr.len() as u64;
            products.work.kkt_violations += verdict.violators.len() as u64;
            let mut solved = Vec::with_capacity(marks.len());
            for (k, mark) in marks.iter().enumerate().take(verdict.first_violated) {
                bundle.get(k, &mut residual);
                let gap = if mark.lambda > 0.0 {
                    let linear = dot(&residual, problem.y) / n;
                    let residual_sq = sq_norm(&residual) / n;
                    let largest = verdict.largest[k];
                    gap(
                        residual_sq,
                        linear,
                        largest,
                        &mark.coefficients,
                        mark.lambda,
                    )
                } else {
                    true_gap(problem, &mark.coefficients, 0.0, &mut products.work)
                };
                // Written so that NaN fails.
                let certified = gap <= target;
                if !certified {
                    break;
                }
                solved.push(Solved {
                    lambda: mark.lambda,
                    coefficients: mark.coefficients.clone(),
                    gap,
                    status: Status::Converged,
                });
            }
            let accepted = solved.len();
            // Not for want of a column: of rounding.
            let imprecise = accepted < verdict.first_violated;
            let refined = walk.refines;
            walk.refines |= imprecise;
            if accepted < lambdas.len() {
                let mark = accepted.checked_sub(1).map_or(&before, |k| &marks[k]);
                if !walk.go_back(mark, &mut products) {
                    self.work += products.work;
                    // What is certified stands; the next λ begins where it ends.
                    solved.truncate(1);
                    state.resume_at = lambda;
                    state.ready.extend(solved);
                    return if accepted > 0 {
                        Ok(())
                    } else {
                        Err(Stuck::Degenerate)
                    };
                }
            }
            self.work += products.work;
            state.walk = Some(walk);
            state.ready.extend(solved);
            state.forgotten = verdict.violators;
            if accepted > 0 {
                return Ok(());
            }
            if imprecise && refined {
                return Err(Stuck::Degenerate);
            }
            retry = true;
        }
    }

    /// This λ and those announced behind it, as many as the look-ahead takes.
    fn lambdas_ahead(&self, lambda: f64) -> Vec<f64> {
        let upcoming = &self.state.upcoming;
        let here = upcoming.iter().rposition(|&l| l == lambda);
        let behind = here.map_or(&[][..], |k| &upcoming[k + 1..]);
        let mut ahead = vec![lambda];
        for &next in behind
            .iter()
            .take(self.options.look_ahead.saturating_sub(1))
        {
            // Whatever was announced, a path goes down.
            if !(0.0..=ahead[ahead.len() - 1]).contains(&next) {
                break;
            }
            ahead.push(next);
        }
        ahead
    }

    /// A walk at β = 0, or at the point that coordinate descent has left.
    fn begin_on_candidates(&mut self) -> Result<(), Stuck> {
        let (problem, setup, state) = (self.problem, self.setup, &mut *self.state);
        let mut walk = Walk::at(setup.unit);
        walk.leaps = self.options.leaps;
        if state.support.is_empty() {
            state.corr.copy_from_slice(&setup.start);
            state.corr_lambda = setup.unit;
            state.corr_before.1 = setup.unit;
            // What a block holds, it keeps.
            walk.add_candidates(state.candidates.columns().len());
            state.walk = Some(walk);
            return Ok(());
        }
        if state.support.len() > MOST_COLUMNS {
            state.outgrown = true;
            return Err(Stuck::Degenerate);
        }
        walk.lambda = state.resume_at;
        state.candidates.hold(&state.support);
        walk.add_candidates(state.candidates.columns().len());
        let from = state.support.iter().map(|&j| (j, state.beta[j]));
        let mut products = setup.products(problem, &mut state.candidates);
        if let Err(stuck) = walk.resume(from, &mut products) {
            self.work += products.work;
            return Err(stuck);
        }
        let residual = products.residual(&walk.active, &walk.beta);
        problem.x.tr_mul(residual, &mut state.corr);
        self.work.passes += 1;
        self.work.columns_touched += state.corr.len() as u64;
        let n = problem.y.len() as f64;
        state.corr.iter_mut().for_each(|c| *c /= n);
        self.work += products.work;
        state.corr_lambda = walk.lambda;
        state.corr_before.1 = walk.lambda;
        state.walk = Some(walk);
        Ok(())
    }

    /// The active columns, those whose correlation may reach the bound on the way to the last of `lambdas`, and those that
    /// were forgotten the last time.
    ///
    /// Columns that reach their bound if their correlation goes on as between the ends of the last batch, or that are close
    /// to it. Before there is a trend: a correlation changes by at most as much as λ does, as a rule, so that below
    /// 2λ_end − λ it stays within its bound [Tibshirani et al. 2012]; `candidate_share` bounds what that leaves in.
    fn choose_candidates(&mut self, lambdas: &[f64], retry: bool) -> Result<(), Stuck> {
        let (problem, state) = (self.problem, &mut *self.state);
        let Some(walk) = &mut state.walk else {
            return Err(Stuck::Degenerate);
        };
        let candidates = &mut state.candidates;
        let active: Vec<usize> = (walk.active.iter().map(|&a| candidates.columns()[a])).collect();
        let mut chosen = Vec::new();
        let mut is_chosen = vec![false; state.corr.len()];
        let kept = if retry || candidates.keeps_gram() {
            candidates.columns()
        } else {
            &active
        };
        kept.iter().for_each(|&j| is_chosen[j] = true);
        let mut choose = |j: usize| {
            if !std::mem::replace(&mut is_chosen[j], true) {
                chosen.push(j);
            }
        };
        state.forgotten.drain(..).for_each(&mut choose);
        if !retry {
            let last = lambdas.last().map_or(0.0, |l| l / walk.lambda);
            let share = match self.options.candidate_share {
                0.0 => 0.0,
                share => share.max(2.0 * last - 1.0),
            };
            let threshold = share * state.corr_lambda;
            let (before, lambda_before) = (&state.corr_before.0, state.corr_before.1);
            let end = lambdas.last().copied().unwrap_or_default();
            // By how much the last change goes on, if it does.
            let ahead = (state.corr_lambda - end) / (lambda_before - state.corr_lambda);
            let trend = ahead.is_finite() && self.options.candidate_share > 0.0;
            let mut near: Vec<(f64, usize)> = (state.corr.iter().zip(before).enumerate())
                .map(|(j, (c, b))| (c, c + ahead * (c - b), j))
                .filter(|(c, then, _)| {
                    if trend {
                        then.abs() >= end || c.abs() >= NEAR * state.corr_lambda
                    } else {
                        c.abs() >= threshold
                    }
                })
                .map(|(c, _, j)| (c.abs(), j))
                .collect();
            let most = active.len() + MOST_CANDIDATES;
            if near.len() > most && self.options.candidate_share > 0.0 {
                let larger =
                    |a: &(f64, usize), b: &(f64, usize)| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1));
                near.select_nth_unstable_by(most, larger);
                near.truncate(most);
            }
            near.into_iter().for_each(|(_, j)| choose(j));
        }
        let held = if candidates.keeps_gram() {
            candidates.columns().len() + chosen.len()
        } else {
            active.len()
        };
        if held > MOST_COLUMNS && active.len() + chosen.len() <= MOST_COLUMNS && !retry {
            // A block that is full begins anew with what is needed now.
            candidates.forget();
            candidates.add(&active);
            candidates.add(&chosen);
            walk.exchange_candidates(candidates.columns().len());
        } else if held > MOST_COLUMNS {
            state.outgrown = true;
            return Err(Stuck::Degenerate);
        } else if retry || candidates.keeps_gram() {
            candidates.add(&chosen);
            walk.add_candidates(chosen.len());
        } else {
            candidates.set(&active);
            candidates.add(&chosen);
            walk.exchange_candidates(candidates.columns().len());
        }
        let mut products = self.setup.products(problem, candidates);
        walk.refine(&mut products);
        self.work += products.work;
        Ok(())
    }

    /// Coordinate descent, for what is too degenerate to be walked.
    fn fall_back(&mut self, lambda: f64) -> Status {
        let solver = CoordinateDescent::default();
        let state = &mut *self.state;
        state.walk = None;
        if state.fallback.is_none() {
            let Ok(setup) = solver.setup(self.problem) else {
                return Status::Stalled;
            };
            let start = solver.start(self.problem, &setup);
            self.work += Setup::work(&setup);
            state.fallback = Some(Box::new((setup, start)));
        }
        let Some(fallback) = &mut state.fallback else {
            return Status::Stalled;
        };
        let (setup, descent) = fallback.as_mut();
        descent.set_point(&state.beta);
        let outcome = solver.solve(self.problem, setup, lambda, self.stop, descent);
        self.work += outcome.work;
        state.support.clear();
        for (j, &b) in descent.beta().iter().enumerate() {
            state.beta[j] = b;
            if b != 0.0 {
                state.support.push(j);
            }
        }
        state.resume_at = lambda;
        outcome.status
    }
}

/// Duality gap by a pass over X.
fn true_gap<X: Design>(
    problem: &Problem<X, Squared, L1>,
    coefficients: &[(usize, f64)],
    lambda: f64,
    work: &mut Work,
) -> f64 {
    let n = problem.y.len() as f64;
    let mut u = problem.y.to_vec();
    let (set, factors): (Vec<usize>, Vec<f64>) = coefficients.iter().map(|&(j, b)| (j, -b)).unzip();
    problem.x.axpy_set(&set, &factors, &mut u);
    u.iter_mut().for_each(|u| *u /= n);
    let mut c = vec![0.0; problem.x.ncols()];
    problem.x.tr_mul(&u, &mut c);
    work.passes += 1;
    work.columns_touched += (c.len() + set.len()) as u64;
    let penalty: f64 = factors.iter().map(|b| b.abs()).sum();
    0.5 * n * sq_norm(&u) + lambda * penalty - dual_value(problem, &u, &c, lambda)
}

/// Duality gap from ‖r‖²/n, rᵀy/n and max |Xᵀr|/n.
fn gap(
    residual_sq: f64,
    linear: f64,
    largest: f64,
    coefficients: &[(usize, f64)],
    lambda: f64,
) -> f64 {
    let size: f64 = coefficients.iter().map(|(_, b)| b.abs()).sum();
    let along = |s: f64| Squared::dual_line(linear, residual_sq, s);
    0.5 * residual_sq + lambda * size - best_multiple(along, &[largest], L1, lambda)
}
