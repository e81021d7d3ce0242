//! The walk along the lasso path from event to event: a column joins the active set or leaves it.
//!
//! Between events β(λ − γ) = β(λ) + γ d with d = H⁻¹s on the active set, H = X_AᵀX_A/n and s the signs, and every
//! correlation falls as c(λ − γ) = c(λ) − γ X_WᵀX_A d/n. Osborne, Presnell & Turlach (2000), IMA J. Numer. Anal. 20;
//! Efron, Hastie, Johnstone & Tibshirani (2004), Ann. Statist. 32, §3.1.

use faer::Mat;

use super::factor::Factor;
use super::products::Products;
use crate::solver::Stop;

/// What happened at a knot; columns of X.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Move {
    /// The column's correlation reached λ in size.
    Join(usize),
    /// The column's coefficient reached 0.
    Drop(usize),
}

/// Where a candidate stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    Outside,
    Active,
    /// At its bound, but a combination of the active columns: its correlation keeps to the bound without it, until one of
    /// those leaves.
    Dependent,
}

/// Why a walk cannot go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stuck {
    /// So many events at one λ that rounding, not the data, decides between them.
    Degenerate,
    /// More events than were allowed.
    Budget,
    /// Cancelled from outside.
    Cancelled,
}

/// One event on the way.
struct Event {
    /// Distance in λ.
    gamma: f64,
    /// Column of X, by which ties are broken.
    column: usize,
    what: What,
}

enum What {
    /// Place among the candidates, and the sign with which it joins.
    Join(usize, f64),
    /// Slot in the active set.
    Drop(usize),
}

/// A point on the path, with what is needed to go on from it.
#[derive(Default)]
pub(super) struct Walk {
    /// Where the walk stands.
    pub lambda: f64,
    /// Places of the active candidates, in the order of the factor.
    pub active: Vec<usize>,
    /// Signs of the active correlations.
    pub sign: Vec<f64>,
    /// Active coefficients; 0 for one that has joined at this λ.
    pub beta: Vec<f64>,
    /// Correlations x_jᵀr/n of the candidates.
    pub corr: Vec<f64>,
    /// Whether to leap where there were many events.
    pub leaps: bool,
    /// Whether to refine at every λ that is gone to, rather than leave that to the caller.
    pub refines: bool,
    /// Every event since the walk began, with its λ.
    pub log: Vec<(f64, Move)>,
    standing: Vec<Standing>,
    factor: Factor,
    /// d and X_WᵀX_A d/n, unless an event has made them out of date.
    direction: Vec<f64>,
    slope: Vec<f64>,
    known: bool,
    /// Events on the way to the λ that was gone to last.
    pace: usize,
    /// Events in a row that were no step apart.
    standstill: usize,
}

/// Steps below this share of λ are none.
const NO_STEP: f64 = 1e-13;
/// Events in a row at one λ, beyond twice the active set, at which the walk gives up.
const STANDSTILL: usize = 100;
/// Events between two λ from which on the next λ is leapt to.
const MANY_EVENTS: usize = 4;
/// Exchanges after which a leap is given up.
const LEAP_ROUNDS: usize = 12;
/// Rounds of refinement at one λ.
const REFINEMENTS: usize = 3;

impl Walk {
    /// At β = 0 and λ = max |c|, with c = Xᵀy/n of the candidates in `corr`.
    pub(super) fn new(corr: Vec<f64>) -> Self {
        Self {
            lambda: corr.iter().fold(0.0, |m, c| m.max(c.abs())),
            standing: vec![Standing::Outside; corr.len()],
            slope: vec![0.0; corr.len()],
            corr,
            ..Self::default()
        }
    }

    /// At this λ without candidates.
    pub(super) fn at(lambda: f64) -> Self {
        Self {
            lambda,
            ..Self::default()
        }
    }

    /// Exchanges the candidates for `count` others, of which the active columns are the first, in their order. Correlations
    /// are unknown until the next refinement.
    pub(super) fn exchange_candidates(&mut self, count: usize) {
        let active = self.active.len();
        self.active = (0..active).collect();
        self.standing = vec![Standing::Outside; count];
        self.standing[..active].fill(Standing::Active);
        self.slope = vec![0.0; count];
        self.corr = vec![0.0; count];
        self.known = false;
    }

    /// Adds `count` candidates behind the others; correlations of all are unknown until the next refinement.
    pub(super) fn add_candidates(&mut self, count: usize) {
        let count = self.corr.len() + count;
        self.standing.resize(count, Standing::Outside);
        self.slope.resize(count, 0.0);
        self.corr.resize(count, 0.0);
        self.known = false;
    }

    /// Takes over a point that was reached in another way, given as (column, coefficient); the walk has no active columns
    /// yet.
    pub(super) fn resume(
        &mut self,
        point: impl Iterator<Item = (usize, f64)>,
        products: &mut impl Products,
    ) -> Result<(), Stuck> {
        for (column, b) in point {
            if !self.join(products.place(column), b.signum(), products) {
                return Err(Stuck::Degenerate);
            }
            if let Some(last) = self.beta.last_mut() {
                *last = b;
            }
        }
        self.refine(products);
        let kept = (self.beta.iter().zip(&self.sign)).all(|(b, sign)| b * sign > 0.0);
        if kept { Ok(()) } else { Err(Stuck::Degenerate) }
    }

    /// (column, coefficient) of what is not 0.
    pub(super) fn coefficients(&self, products: &impl Products) -> Vec<(usize, f64)> {
        (self.active.iter().zip(&self.beta))
            .filter(|(_, b)| **b != 0.0)
            .map(|(&place, &b)| (products.column(place), b))
            .collect()
    }

    /// Goes to `target` ≤ λ, through `budget` events at most: by a leap where there were many events on the way to the
    /// present λ, and from event to event otherwise.
    pub(super) fn go_to(
        &mut self,
        target: f64,
        products: &mut impl Products,
        budget: &mut usize,
        stop: &Stop,
    ) -> Result<(), Stuck> {
        let before = self.log.len();
        if self.leaps && self.pace >= MANY_EVENTS && target > 0.0 {
            self.leap(target, products)?;
        }
        self.descend(target, products, budget, stop)?;
        self.pace = self.log.len() - before;
        if self.refines {
            self.refine(products);
        }
        Ok(())
    }

    /// Walks down to `target` < λ, through `budget` events at most.
    fn descend(
        &mut self,
        target: f64,
        products: &mut impl Products,
        budget: &mut usize,
        stop: &Stop,
    ) -> Result<(), Stuck> {
        while self.lambda > target {
            self.proceed(target, products, budget, stop, |_, _| ())?;
        }
        Ok(())
    }

    /// Walks to the next event, or to `target` < λ where that is nearer. `before_event` sees the walk at the event's λ,
    /// before the active set changes.
    pub(super) fn proceed<W: Products>(
        &mut self,
        target: f64,
        products: &mut W,
        budget: &mut usize,
        stop: &Stop,
        before_event: impl FnOnce(&Self, &W),
    ) -> Result<(), Stuck> {
        self.find_direction(products);
        let event = self.next_event(products);
        let gamma = event.as_ref().map_or(f64::INFINITY, |e| e.gamma);
        if gamma >= self.lambda - target {
            self.advance(self.lambda - target);
            self.lambda = target;
            return Ok(());
        }
        if *budget == 0 {
            return Err(Stuck::Budget);
        }
        if stop.cancelled() {
            return Err(Stuck::Cancelled);
        }
        *budget -= 1;
        products.work().epochs += 1;
        if gamma > 0.0 {
            self.advance(gamma);
            self.standstill = 0;
        } else {
            self.standstill += 1;
            if self.standstill > STANDSTILL + 2 * self.active.len() {
                return Err(Stuck::Degenerate);
            }
        }
        before_event(self, products);
        match event.map(|e| e.what) {
            Some(What::Join(place, sign)) => {
                self.join(place, sign, products);
            }
            Some(What::Drop(slot)) => self.drop(slot, products),
            None => {}
        }
        Ok(())
    }

    /// Jumps to `target` < λ without stopping at the events between: solves on the active set, exchanges what has left its
    /// bounds, and again until nothing has. The walk is where it was if that does not come to an end soon.
    ///
    /// Hintermüller, Ito & Kunisch (2002), SIAM J. Optim. 13.
    fn leap(&mut self, target: f64, products: &mut impl Products) -> Result<(), Stuck> {
        let mark = self.mark(products);
        self.lambda = target;
        for _ in 0..LEAP_ROUNDS {
            let mut step: Vec<f64> = (self.active.iter().zip(&self.sign))
                .map(|(&place, sign)| self.corr[place] - target * sign)
                .collect();
            self.factor.solve(&mut step);
            products.work().support_steps += 1;
            let outside = self.outside();
            products.slopes_outside(&self.active, &step, &outside, &mut self.slope);
            for (b, step) in self.beta.iter_mut().zip(&step) {
                *b += step;
            }
            for &w in &outside {
                self.corr[w] -= self.slope[w];
            }
            // What the step was solved for.
            for (&place, sign) in self.active.iter().zip(&self.sign) {
                self.corr[place] = target * sign;
            }
            self.known = false;
            let beyond = target * (1.0 + NO_STEP);
            let joining: Vec<usize> = (0..self.corr.len())
                .filter(|&w| {
                    // Written so that NaN counts as outside.
                    let inside = self.corr[w].abs() <= beyond;
                    self.standing[w] != Standing::Active && !inside
                })
                .collect();
            let leaving: Vec<usize> = (0..self.active.len())
                .filter(|&slot| self.beta[slot] * self.sign[slot] < 0.0)
                .collect();
            if joining.is_empty() && leaving.is_empty() {
                self.standstill = 0;
                return Ok(());
            }
            products.work().epochs += 1;
            let (mut places, mut betas) = (Vec::new(), Vec::new());
            for slot in leaving.into_iter().rev() {
                betas.push(-self.beta[slot]);
                places.push(self.active[slot]);
                self.drop(slot, products);
            }
            if !places.is_empty() {
                products.slopes(&places, &betas, &mut self.slope);
                for (c, a) in self.corr.iter_mut().zip(&self.slope) {
                    *c -= a;
                }
            }
            if !self.join_all(&joining, products) {
                break;
            }
        }
        if !self.go_back(&mark, products) {
            return Err(Stuck::Degenerate);
        }
        self.refine(products);
        Ok(())
    }

    fn find_direction(&mut self, products: &mut impl Products) {
        if self.known {
            return;
        }
        self.direction.clone_from(&self.sign);
        self.factor.solve(&mut self.direction);
        products.work().support_steps += 1;
        let outside = self.outside();
        products.slopes_outside(&self.active, &self.direction, &outside, &mut self.slope);
        // What the direction was solved for.
        for (&place, &sign) in self.active.iter().zip(&self.sign) {
            self.slope[place] = sign;
        }
        self.known = true;
    }

    /// Places of the candidates that are not active.
    fn outside(&self) -> Vec<usize> {
        (0..self.standing.len())
            .filter(|&w| self.standing[w] != Standing::Active)
            .collect()
    }

    /// The nearest event; among those that are no step away the one of the first column, which excludes cycles as long as
    /// the columns in question are independent. Murty (1974), Math. Programming 7.
    fn next_event(&self, products: &impl Products) -> Option<Event> {
        let mut nearest: Option<Event> = None;
        let no_step = NO_STEP * self.lambda;
        let mut offer = |distance: f64, rate: f64, column: &dyn Fn() -> usize, what: What| {
            let gamma = distance.max(0.0) / rate;
            let gamma = if gamma <= no_step { 0.0 } else { gamma };
            let best = nearest.as_ref().map_or(f64::INFINITY, |e| e.gamma);
            // NaN is no event.
            if gamma < best {
                nearest = Some(Event {
                    gamma,
                    column: column(),
                    what,
                });
            } else if gamma == 0.0
                && let Some(event) = &mut nearest
                && column() < event.column
            {
                *event = Event {
                    gamma,
                    column: column(),
                    what,
                };
            }
        };
        for (slot, (&b, &d)) in self.beta.iter().zip(&self.direction).enumerate() {
            let sign = self.sign[slot];
            if sign * d < 0.0 {
                let column = || products.column(self.active[slot]);
                offer(sign * b, -sign * d, &column, What::Drop(slot));
            }
        }
        for (place, &standing) in self.standing.iter().enumerate() {
            if standing != Standing::Outside {
                continue;
            }
            let (c, a) = (self.corr[place], self.slope[place]);
            let column = || products.column(place);
            // Both bounds come nearer unless |a| > 1; no rate is small enough to be told from 0 by rounding alone.
            if 1.0 - a > NO_STEP {
                offer(self.lambda - c, 1.0 - a, &column, What::Join(place, 1.0));
            }
            if 1.0 + a > NO_STEP {
                offer(self.lambda + c, 1.0 + a, &column, What::Join(place, -1.0));
            }
        }
        nearest
    }

    fn advance(&mut self, gamma: f64) {
        self.lambda -= gamma;
        for (b, d) in self.beta.iter_mut().zip(&self.direction) {
            *b += gamma * d;
        }
        for (c, a) in self.corr.iter_mut().zip(&self.slope) {
            *c -= gamma * a;
        }
    }

    /// Whether the column could join.
    fn join(&mut self, place: usize, sign: f64, products: &mut impl Products) -> bool {
        let mut row = vec![0.0; self.active.len()];
        products.cross(place, &self.active, &self.corr, &mut row);
        if !self.factor.push(&row, products.curvature(place)) {
            self.standing[place] = Standing::Dependent;
            return false;
        }
        self.enter(place, sign, products);
        true
    }

    /// Whether all of these columns could join, each with the sign of its correlation.
    fn join_all(&mut self, places: &[usize], products: &mut impl Products) -> bool {
        let (active, count) = (self.active.len(), places.len());
        let all: Vec<usize> = self.active.iter().chain(places).copied().collect();
        let mut rows = Mat::zeros(active, count);
        let mut block = Mat::zeros(count, count);
        let mut row = vec![0.0; active + count];
        for (t, &place) in places.iter().enumerate() {
            let row = &mut row[..active + t];
            products.cross(place, &all[..active + t], &self.corr, row);
            rows.col_as_slice_mut(t).copy_from_slice(&row[..active]);
            for (u, &value) in row[active..].iter().enumerate() {
                block[(t, u)] = value;
            }
            block[(t, t)] = products.curvature(place);
        }
        let added = self.factor.push_all(rows, &block);
        for (&place, &added) in places.iter().zip(&added) {
            if added {
                self.enter(place, self.corr[place].signum(), products);
            } else {
                self.standing[place] = Standing::Dependent;
            }
        }
        added.into_iter().all(|added| added)
    }

    /// Notes a column that the factor has taken in.
    fn enter(&mut self, place: usize, sign: f64, products: &impl Products) {
        self.standing[place] = Standing::Active;
        self.active.push(place);
        self.sign.push(sign);
        self.beta.push(0.0);
        self.log
            .push((self.lambda, Move::Join(products.column(place))));
        self.known = false;
    }

    fn drop(&mut self, slot: usize, products: &impl Products) {
        let place = self.leave(slot);
        self.log
            .push((self.lambda, Move::Drop(products.column(place))));
        self.free_dependent();
    }

    /// After a column has left, those that it kept dependent may join.
    fn free_dependent(&mut self) {
        for standing in &mut self.standing {
            if *standing == Standing::Dependent {
                *standing = Standing::Outside;
            }
        }
    }

    fn leave(&mut self, slot: usize) -> usize {
        self.factor.remove(slot);
        let place = self.active.remove(slot);
        self.sign.remove(slot);
        self.beta.remove(slot);
        self.standing[place] = Standing::Outside;
        self.known = false;
        place
    }

    /// Corrects β and the correlations by what rounding has done since the last time: c_A is to be λs.
    pub(super) fn refine(&mut self, products: &mut impl Products) {
        products.correlations(&self.active, &self.beta, &mut self.corr);
        for _ in 0..REFINEMENTS {
            let mut step: Vec<f64> = (self.active.iter().zip(&self.sign))
                .map(|(&place, sign)| self.corr[place] - self.lambda * sign)
                .collect();
            let off = step.iter().fold(0.0f64, |m, v| m.max(v.abs()));
            if off <= NO_STEP * self.lambda {
                return;
            }
            self.factor.solve(&mut step);
            for (b, step) in self.beta.iter_mut().zip(step) {
                *b += step;
            }
            products.correlations(&self.active, &self.beta, &mut self.corr);
        }
    }

    /// Where the walk stands, to come back to.
    pub(super) fn mark(&self, products: &impl Products) -> Mark {
        Mark {
            lambda: self.lambda,
            columns: self.active.iter().map(|&a| products.column(a)).collect(),
            sign: self.sign.clone(),
            beta: self.beta.clone(),
            coefficients: self.coefficients(products),
            events: self.log.len(),
        }
    }

    /// Takes back every event since `mark`. False if a column that had left
    /// cannot come back.
    pub(super) fn go_back(&mut self, mark: &Mark, products: &mut impl Products) -> bool {
        while self.log.len() > mark.events {
            match self.log.pop() {
                Some((_, Move::Join(column))) => {
                    let place = products.place(column);
                    if let Some(slot) = self.active.iter().position(|&a| a == place) {
                        self.leave(slot);
                    }
                }
                Some((_, Move::Drop(column))) => {
                    if !self.join(products.place(column), 0.0, products) {
                        return false;
                    }
                    self.log.pop();
                }
                None => {}
            }
        }
        if self.active.len() != mark.columns.len() {
            return false;
        }
        self.free_dependent();
        self.lambda = mark.lambda;
        self.standstill = 0;
        for (slot, &active) in self.active.iter().enumerate() {
            let column = products.column(active);
            let Some(at) = mark.columns.iter().position(|&c| c == column) else {
                return false;
            };
            self.sign[slot] = mark.sign[at];
            self.beta[slot] = mark.beta[at];
        }
        self.known = false;
        true
    }
}

/// A point that a walk has passed.
pub(super) struct Mark {
    pub lambda: f64,
    /// Active columns of X.
    columns: Vec<usize>,
    sign: Vec<f64>,
    beta: Vec<f64>,
    /// What [`Walk::coefficients`] was here.
    pub coefficients: Vec<(usize, f64)>,
    /// Length of the log.
    events: usize,
}
