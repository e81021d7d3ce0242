//! One run of an optimizer: what is added to gradients, what follows a step, and what is kept of the iterates.

use super::{Average, Averaging, Decay, GradientSource, Minimises};
use crate::design::is_usable;
use crate::error::SolveError;

/// β after so much work.
#[derive(Clone, Debug, PartialEq)]
pub struct Snapshot {
    /// Steps taken.
    pub steps: u64,
    /// Gradients of single rows evaluated: n of them are an epoch.
    pub evaluations: u64,
    /// The last iterate, length p; every number finite.
    pub beta: Vec<f64>,
    /// The average, if iterates are averaged and one of those that count has been seen.
    pub average: Option<Vec<f64>>,
}

/// A gradient or an iterate was no number or beyond 1e150: the run is over and has no result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "a gradient or iterate left the range of numbers in step {step}, after {evaluations} evaluations of rows; a smaller step size may help"
)]
pub struct Diverged {
    /// The step that failed, from 1.
    pub step: u64,
    /// Evaluations up to and in that step.
    pub evaluations: u64,
}

/// A rule O on gradients from G, at one λ ≥ 0.
#[derive(Clone, Debug)]
pub struct Run<O, G> {
    optimizer: O,
    source: G,
    lambda: f64,
    decay: Decay,
    average: Option<Average>,
    beta: Vec<f64>,
    gradient: Vec<f64>,
    steps: u64,
    evaluations: u64,
    diverged: Option<Diverged>,
}

impl<O, G> Run<O, G>
where
    G: GradientSource,
    O: Minimises<G::Loss, G::Penalty>,
{
    /// At β = 0, without decay or averaging. Errors: [`SolveError::Lambda`] unless λ is finite and ≥ 0.
    pub fn new(optimizer: O, source: G, lambda: f64) -> Result<Self, SolveError> {
        if !(lambda >= 0.0 && lambda.is_finite()) {
            return Err(SolveError::Lambda(lambda));
        }
        let p = source.ncols();
        Ok(Self {
            optimizer,
            source,
            lambda,
            decay: Decay::None,
            average: None,
            beta: vec![0.0; p],
            gradient: vec![0.0; p],
            steps: 0,
            evaluations: 0,
            diverged: None,
        })
    }

    /// Starts at this β. Errors: [`SolveError::Optimizer`] unless it has length p and finite numbers of at most 1e150, and no step
    /// has been taken.
    pub fn start(mut self, beta: Vec<f64>) -> Result<Self, SolveError> {
        self.refuse_if_begun()?;
        if beta.len() != self.beta.len() {
            return Err(SolveError::Optimizer(format!(
                "the start has {} coefficients, X has {} columns; they must agree",
                beta.len(),
                self.beta.len()
            )));
        }
        if let Some(j) = beta.iter().position(|b| !is_usable(*b)) {
            return Err(SolveError::Optimizer(format!(
                "the start at column {j} (counted from 0) is {}, expected a finite number of magnitude at most 1e150",
                beta[j]
            )));
        }
        self.beta = beta;
        Ok(self)
    }

    /// With weight decay. Errors: see [`Decay::checked`].
    pub fn decay(mut self, decay: Decay) -> Result<Self, SolveError> {
        self.decay = decay.checked()?;
        Ok(self)
    }

    /// Averages iterates. Errors: [`SolveError::Optimizer`] if a step has been taken.
    pub fn averaging(mut self, which: Averaging) -> Result<Self, SolveError> {
        self.refuse_if_begun()?;
        self.average = Some(Average::new(which));
        Ok(self)
    }

    /// What rules and averages remember belongs to the steps that were taken.
    fn refuse_if_begun(&self) -> Result<(), SolveError> {
        if self.steps == 0 && self.diverged.is_none() {
            return Ok(());
        }
        Err(SolveError::Optimizer(
            "the run has begun; start and averaging are chosen before its first step".into(),
        ))
    }

    /// One step, whatever it costs. Errors: [`Diverged`], in this step or before.
    pub fn step(&mut self) -> Result<(), Diverged> {
        if let Some(diverged) = self.diverged {
            return Err(diverged);
        }
        let t = self.steps + 1;
        self.evaluations += self.source.next_rows() as u64;
        let point = self.optimizer.lookahead(&self.beta);
        self.source.gradient(point, &mut self.gradient);
        O::add_slope(
            self.source.penalty(),
            self.lambda,
            point,
            &mut self.gradient,
        );
        self.decay.add_slope(point, &mut self.gradient);
        // A moment of the gradient's squares would turn an overflow into a step of 0.
        self.check(&self.gradient, t)
            .map_err(|diverged| *self.diverged.insert(diverged))?;
        let eta = self.optimizer.step_size(t);
        self.decay.shrink(eta, &mut self.beta);
        self.optimizer.step(&self.gradient, t, &mut self.beta);
        // A proximal step would turn what is no number into 0.
        self.check(&self.beta, t)
            .map_err(|diverged| *self.diverged.insert(diverged))?;
        O::after_step(self.source.penalty(), eta * self.lambda, &mut self.beta);
        self.check(&self.beta, t)
            .map_err(|diverged| *self.diverged.insert(diverged))?;
        self.steps = t;
        if let Some(average) = &mut self.average {
            average.push(t, &self.beta);
        }
        Ok(())
    }

    /// Steps for as long as the next one keeps evaluations within `budget`. Errors: [`Diverged`], now or before.
    pub fn advance(&mut self, budget: u64) -> Result<(), Diverged> {
        self.diverged.map_or(Ok(()), Err)?;
        while self.evaluations + self.source.next_rows() as u64 <= budget {
            self.step()?;
        }
        Ok(())
    }

    /// β now. Errors: [`Diverged`] if there is none any more.
    pub fn snapshot(&self) -> Result<Snapshot, Diverged> {
        self.diverged.map_or(Ok(()), Err)?;
        Ok(Snapshot {
            steps: self.steps,
            evaluations: self.evaluations,
            beta: self.beta.clone(),
            average: self.average.as_ref().and_then(Average::value),
        })
    }

    /// [`Run::advance`] to each of growing budgets and what is there then, one after the other: a trace. From the budget in which
    /// a run diverges on, every item says so.
    pub fn trace<'r>(
        &'r mut self,
        budgets: impl IntoIterator<Item = u64> + 'r,
    ) -> impl Iterator<Item = Result<Snapshot, Diverged>> + 'r {
        let budgets = budgets.into_iter();
        budgets.map(move |budget| self.advance(budget).and_then(|()| self.snapshot()))
    }

    fn check(&self, values: &[f64], step: u64) -> Result<(), Diverged> {
        if values.iter().all(|v| is_usable(*v)) {
            Ok(())
        } else {
            Err(Diverged {
                step,
                evaluations: self.evaluations,
            })
        }
    }
}
