//! Interior points for losses with kinks: the primal-dual method with Mehrotra's predictor and corrector on the bounded dual,
//! known in quantile regression as Frisch–Newton, with an elastic-net penalty if there is one. Where the optimum is a vertex, the
//! simplex method takes the last steps.
//!
//! Portnoy & Koenker (1997), Statistical Science 12; Mehrotra (1992), SIAM J. Optim. 2; Cartis (2009), Applied Numerical
//! Mathematics 59, for what its corrector may do.

mod pairs;
mod system;

use pairs::Pairs;
use system::{Solution, System};

use super::parametric_simplex::crossover::crossover;
use super::parametric_simplex::program::{Program, l1_weights};
use super::parametric_simplex::walk::Search;
use super::{Outcome, Setup, Solver, State, Status, Stop, Work};
use crate::certificate::dual_value;
use crate::design::Design;
use crate::error::SolveError;
use crate::loss::KinkedLoss;
use crate::penalty::{Penalty, Separable};
use crate::problem::Problem;

/// The interior-point method.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FrischNewton {
    /// Whether an optimal vertex is looked for at the end, where there is one.
    pub vertex: bool,
}

impl Default for FrischNewton {
    fn default() -> Self {
        Self { vertex: true }
    }
}

/// Steps of the interior-point method per λ.
const STEPS: usize = 200;
/// Share of the way to the boundary that a step goes.
const SHARE: f64 = 0.99995;
/// Steps within which the sum of products halves, unless corrections go in circles.
const HALVES: usize = 4;
/// Share of the mean product that a step out of a circle aims at.
const CENTRE: f64 = 0.2;
/// What holds a column that nothing else does, as a share of the column's own weight.
const HELD: f64 = 1e-11;
/// Steps after which Xβ, which steps update, is taken afresh.
const AFRESH: usize = 6;
/// Relative gap at which the vertex is looked for.
const NEAR: f64 = 1e-7;

/// What all λ share.
pub struct FrischSetup {
    slopes: Vec<[f64; 2]>,
    y: Vec<f64>,
    /// λ-free weights of |β_j| and of β_j²/2.
    weights: Vec<f64>,
    ridge: Vec<f64>,
    system: System,
    program: Option<Program>,
    null_loss: f64,
}

impl Setup for FrischSetup {
    fn work(&self) -> Work {
        Work::default()
    }

    fn rule(&self) -> String {
        let side = if self.system.is_by_columns() {
            "columns"
        } else {
            "rows"
        };
        let end = if self.program.is_some() {
            ", then to a vertex"
        } else {
            ""
        };
        format!("steps in the {side}{end}")
    }
}

/// The last solution.
pub struct FrischState {
    beta: Vec<f64>,
    u: Vec<f64>,
}

impl State for FrischState {
    fn beta(&self) -> &[f64] {
        &self.beta
    }

    fn set_zero(&mut self) {
        self.beta.fill(0.0);
        self.u.fill(0.0);
    }

    fn dual(&self) -> Option<&[f64]> {
        Some(&self.u)
    }
}

impl<X: Design, L: KinkedLoss, P: Separable> Solver<X, L, P> for FrischNewton {
    type Setup = FrischSetup;
    type State = FrischState;

    fn setup(&self, problem: &Problem<X, L, P>) -> Result<FrischSetup, SolveError> {
        let p = problem.x.ncols();
        let weights = l1_weights(problem.penalty, p)?;
        let ridge: Vec<f64> = (0..p)
            .map(|j| problem.penalty.of(j).derivatives(1.0)[1])
            .collect();
        let free = (0..p)
            .filter(|&j| weights[j] == 0.0 && ridge[j] == 0.0)
            .collect();
        let has_ridge = ridge.iter().any(|r| *r > 0.0);
        Ok(FrischSetup {
            slopes: problem.loss.slopes(problem.y),
            y: problem.loss.kinks(problem.y),
            weights,
            system: System::new(problem.x, free)?,
            program: match has_ridge || !self.vertex {
                true => None,
                false => Some(Program::new(problem)?),
            },
            ridge,
            null_loss: problem.null_loss(),
        })
    }

    fn start(&self, problem: &Problem<X, L, P>, _: &FrischSetup) -> FrischState {
        FrischState {
            beta: vec![0.0; problem.x.ncols()],
            u: vec![0.0; problem.x.nrows()],
        }
    }

    fn solve(
        &self,
        problem: &Problem<X, L, P>,
        setup: &FrischSetup,
        lambda: f64,
        stop: Stop,
        state: &mut FrischState,
    ) -> Outcome {
        let mut work = Work::default();
        let target = stop.tol * setup.null_loss;
        let near = if setup.program.is_some() {
            target.max(NEAR * setup.null_loss)
        } else {
            target
        };
        let mut interior = Interior::new(problem, setup, lambda);
        let status = loop {
            let gap = interior.gap(problem, lambda);
            if gap <= near {
                break Status::Converged;
            }
            if work.epochs as usize >= stop.max_epochs.min(STEPS) {
                break Status::EpochLimit;
            }
            if stop.cancelled() {
                break Status::Interrupted;
            }
            work.epochs += 1;
            if !interior.step(problem, &mut work) {
                break Status::Stalled;
            }
        };
        if let Some(program) = &setup.program
            && status != Status::Interrupted
        {
            let search = Search {
                program,
                x: problem.x,
                y: &program.perturbed,
                lambda,
                stop: Stop {
                    max_epochs: usize::MAX,
                    ..stop
                },
            };
            let (mut vertex, found) = crossover(
                &search,
                &interior.likely_beta(|j| program.largest[j]),
                &interior.likely_rows(),
            );
            vertex.place(problem.x, &program.y);
            vertex.price(program, lambda);
            work += vertex.work;
            if found == Status::Converged
                && gap_at(problem, lambda, &vertex.beta, &vertex.u) <= target.max(0.0)
            {
                state.beta = vertex.beta;
                state.u = vertex.u;
                return Outcome {
                    status: Status::Converged,
                    work,
                };
            }
        }
        let sparse = interior.likely_beta(|j| problem.x.col_sq_norm(j).sqrt());
        state.u = std::mem::take(&mut interior.u);
        // Inside, nothing is exactly 0: what is on its way there is put there unless that opens the gap.
        state.beta = if gap_at(problem, lambda, &sparse, &state.u) <= target {
            sparse
        } else {
            interior.beta
        };
        let gap = gap_at(problem, lambda, &state.beta, &state.u);
        let status = match status {
            Status::Converged if gap <= target => Status::Converged,
            Status::Converged => Status::Stalled,
            Status::EpochLimit | Status::Stalled if gap <= target => Status::Converged,
            other => other,
        };
        Outcome { status, work }
    }
}

/// The gap of a point and a dual point.
fn gap_at<X: Design, L: KinkedLoss, P: Separable>(
    problem: &Problem<X, L, P>,
    lambda: f64,
    beta: &[f64],
    u: &[f64],
) -> f64 {
    let mut fit = vec![0.0; problem.x.nrows()];
    problem.x.mul(beta, &mut fit);
    let mut c = vec![0.0; problem.x.ncols()];
    problem.x.tr_mul(u, &mut c);
    problem.objective(beta, &fit, lambda) - dual_value(problem, u, &c, lambda)
}

/// A point inside: β and u with what they lack of the boundary.
struct Interior<'a> {
    setup: &'a FrischSetup,
    /// λρ_j.
    ridge: Vec<f64>,
    beta: Vec<f64>,
    u: Vec<f64>,
    /// Xβ.
    fit: Vec<f64>,
    /// λρβ + w − Xᵀu: what stationarity lacks.
    lacking: Vec<f64>,
    /// Residuals and slopes of rows.
    rows: Pairs,
    /// Columns with an L1 penalty.
    penalised: Vec<usize>,
    /// Coefficients and λκ of those.
    columns: Pairs,
    /// Subgradients w of the L1 part, over those.
    w: Vec<f64>,
    /// Sums of products before the last steps.
    before: [f64; HALVES],
    steps: usize,
}

impl<'a> Interior<'a> {
    fn new<X: Design, L: KinkedLoss, P: Separable>(
        problem: &Problem<X, L, P>,
        setup: &'a FrischSetup,
        lambda: f64,
    ) -> Self {
        let (n, p) = (problem.x.nrows(), problem.x.ncols());
        let ridge: Vec<f64> = setup.ridge.iter().map(|r| lambda * r).collect();
        let penalised: Vec<usize> = (0..p)
            .filter(|&j| lambda * setup.weights[j] > 0.0)
            .collect();
        let boxes: Vec<[f64; 2]> = (penalised.iter())
            .map(|&j| [-lambda * setup.weights[j], lambda * setup.weights[j]])
            .collect();
        // Least squares is where quantile regression is at home, and no worse a start than any other.
        let mut diagonal = vec![0.0; p];
        for (j, d) in diagonal.iter_mut().enumerate() {
            *d = ridge[j] * n as f64;
        }
        for &j in &penalised {
            diagonal[j] += problem.x.col_sq_norm(j).max(f64::MIN_POSITIVE);
        }
        let ones = vec![1.0; n];
        let system = &setup.system;
        let none = vec![0.0; p];
        let beta = match system.factor(problem.x, &ones, &diagonal, &setup.y) {
            Some(factor) => {
                let sides = [setup.y.as_slice(), none.as_slice()];
                system
                    .solve(problem.x, &factor, &ones, &diagonal, sides, true)
                    .beta
            }
            None => none,
        };
        let mut fit = vec![0.0; n];
        problem.x.mul(&beta, &mut fit);
        let residuals: Vec<f64> = setup.y.iter().zip(&fit).map(|(y, z)| y - z).collect();
        let own: Vec<f64> = penalised.iter().map(|&j| beta[j]).collect();
        Self {
            rows: Pairs::around(&residuals, &setup.slopes),
            columns: Pairs::around(&own, &boxes),
            w: vec![0.0; penalised.len()],
            before: [f64::INFINITY; HALVES],
            steps: 0,
            u: vec![0.0; n],
            lacking: ridge.iter().zip(&beta).map(|(r, b)| r * b).collect(),
            fit,
            setup,
            ridge,
            beta,
            penalised,
        }
    }

    /// Primal less dual of the nearest feasible points; infinite while there is none.
    fn gap<X: Design, L: KinkedLoss, P: Separable>(
        &self,
        problem: &Problem<X, L, P>,
        lambda: f64,
    ) -> f64 {
        // The sum of products is the gap where both sides are feasible, and much cheaper to have.
        let products = self.rows.products() + self.columns.products();
        if products > 0.5 * NEAR * self.setup.null_loss {
            return f64::INFINITY;
        }
        gap_at(problem, lambda, &self.beta, &self.u)
    }

    /// One predictor and corrector; false if the system cannot be solved.
    fn step<X: Design, L: KinkedLoss, P: Separable>(
        &mut self,
        problem: &Problem<X, L, P>,
        work: &mut Work,
    ) -> bool {
        let (x, n, p) = (problem.x, problem.x.nrows(), problem.x.ncols());
        let weights: Vec<f64> = self.rows.stiffness().iter().map(|d| 1.0 / d).collect();
        let stiffness = self.columns.stiffness();
        let mut diagonal = self.ridge.clone();
        for (&j, d) in self.penalised.iter().zip(&stiffness) {
            diagonal[j] += 1.0 / d;
        }
        if !self.setup.system.is_by_columns() {
            // More columns than rows and nothing to hold a column: its steps are kept short.
            let mean = weights.iter().sum::<f64>() / n as f64;
            for (j, d) in diagonal.iter_mut().enumerate().filter(|(_, d)| **d == 0.0) {
                *d = HELD * mean * x.col_sq_norm(j).max(f64::MIN_POSITIVE);
            }
        }
        let residuals: Vec<f64> = self
            .setup
            .y
            .iter()
            .zip(&self.fit)
            .map(|(y, z)| y - z)
            .collect();
        let own: Vec<f64> = self.penalised.iter().map(|&j| self.beta[j]).collect();
        let none = (vec![[0.0; 2]; n], vec![[0.0; 2]; self.penalised.len()]);
        let e = self.rows.wanted(&residuals, 0.0, &none.0);
        let Some(factor) = self.setup.system.factor(x, &weights, &diagonal, &e) else {
            return false;
        };
        work.passes += 1;
        work.columns_touched += p as u64;
        let mut solve = |e: &[f64], mu: f64, bent: &[[f64; 2]], first: bool| {
            let e_columns = self.columns.wanted(&own, mu, bent);
            let mut g = self.lacking.clone();
            for ((&j, e), d) in self.penalised.iter().zip(&e_columns).zip(&stiffness) {
                g[j] += e / d;
            }
            let system = &self.setup.system;
            let solution = system.solve(x, &factor, &weights, &diagonal, [e, &g], first);
            let w: Vec<f64> = (self.penalised.iter().zip(&e_columns).zip(&stiffness))
                .map(|((&j, e), d)| (solution.beta[j] + e) / d)
                .collect();
            let passes = if first { 1 } else { 2 };
            work.passes += passes;
            work.columns_touched += passes * p as u64;
            (solution, w)
        };
        let (Solution { u: du, .. }, dw) = solve(&e, 0.0, &none.1, true);
        let count = (2 * (self.rows.len() + self.columns.len())) as f64;
        let before = self.rows.products() + self.columns.products();
        let rows = self.rows.direction(0.0, &du, &none.0);
        let columns = self.columns.direction(0.0, &dw, &none.1);
        let primal = rows.primal.min(columns.primal).min(1.0);
        let dual = rows.dual.min(columns.dual).min(1.0);
        let after = self.rows.products_after(&rows, &du, primal, dual)
            + self.columns.products_after(&columns, &dw, primal, dual);
        let earlier = std::mem::replace(&mut self.before[self.steps % HALVES], before);
        let (mu, (bent_rows, bent_columns)) = if before > 0.5 * earlier {
            // The correction may lead in circles; towards the centre there is always a way. [Cartis 2009]
            (CENTRE * before / count, none)
        } else {
            let ratio = (after / before).clamp(0.0, 1.0);
            let bent = (self.rows.bend(&rows, &du), self.columns.bend(&columns, &dw));
            (ratio * ratio * ratio * before / count, bent)
        };
        let e = self.rows.wanted(&residuals, mu, &bent_rows);
        let (
            Solution {
                beta: step,
                u: du,
                fit,
            },
            dw,
        ) = solve(&e, mu, &bent_columns, false);
        let rows = self.rows.direction(mu, &du, &bent_rows);
        let columns = self.columns.direction(mu, &dw, &bent_columns);
        let mut primal = (SHARE * rows.primal.min(columns.primal)).min(1.0);
        let mut dual = (SHARE * rows.dual.min(columns.dual)).min(1.0);
        if self.ridge.iter().any(|r| *r > 0.0) {
            // A ridge part ties β and u together.
            primal = primal.min(dual);
            dual = primal;
        }
        if !(primal.is_finite() && dual.is_finite() && step.iter().all(|d| d.is_finite())) {
            return false;
        }
        let add = |values: &mut [f64], step: &[f64], length: f64| {
            values
                .iter_mut()
                .zip(step)
                .for_each(|(v, d)| *v += length * d);
        };
        add(&mut self.beta, &step, primal);
        add(&mut self.u, &du, dual);
        add(&mut self.fit, &fit, primal);
        add(&mut self.w, &dw, dual);
        self.rows.advance(&rows, &du, primal, dual);
        self.columns.advance(&columns, &dw, primal, dual);
        self.steps += 1;
        // An inexact system leaves steps that do not close what is lacking: that is measured, not updated.
        let afresh = !factor.is_exact() || self.steps.is_multiple_of(AFRESH);
        if afresh {
            x.mul(&self.beta, &mut self.fit);
        }
        self.measure(x);
        let passes = if afresh { 2 } else { 1 };
        work.passes += passes;
        work.columns_touched += passes * p as u64;
        primal.max(dual) > 1e-12
    }

    /// What stationarity lacks.
    fn measure<X: Design>(&mut self, x: &X) {
        x.tr_mul(&self.u, &mut self.lacking);
        for ((lacking, r), b) in self.lacking.iter_mut().zip(&self.ridge).zip(&self.beta) {
            *lacking = r * b - *lacking;
        }
        for (&j, w) in self.penalised.iter().zip(&self.w) {
            self.lacking[j] += w;
        }
    }

    /// How likely rows are to be fitted exactly: small where the residual is small beside what u lacks of its slopes.
    fn likely_rows(&self) -> Vec<f64> {
        self.rows.ratios()
    }

    /// β without the coefficients that are on their way to 0.
    fn likely_beta(&self, size: impl Fn(usize) -> f64) -> Vec<f64> {
        let mut beta = self.beta.clone();
        let unit = self.setup.y.iter().fold(0.0f64, |m, y| m.max(y.abs()));
        for ((&j, ratio), height) in self
            .penalised
            .iter()
            .zip(self.columns.ratios())
            .zip(self.columns.heights())
        {
            if ratio * height * size(j) < unit {
                beta[j] = 0.0;
            }
        }
        beta
    }
}
