//! The primal-dual hybrid gradient method, for any loss and penalty with a prox: Chambolle & Pock (2011), J. Math. Imaging Vis. 40;
//! columns preconditioned as by Pock & Chambolle (2011), ICCV; restarted from averages with a balanced step as by Applegate et al.
//! (2021), NeurIPS 34.

use super::{Outcome, Setup, Solver, State, Status, Stop, Work, lipschitz};
use crate::certificate::dual_value;
use crate::design::{ColumnScaling, Design, Standardized};
use crate::error::SolveError;
use crate::loss::ProxLoss;
use crate::penalty::{Penalty, Separable};
use crate::problem::Problem;

/// Primal-dual splitting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChambollePock {
    /// Restart from the better of the last iterate and the average, and balance the two steps then.
    pub restart: bool,
}

impl Default for ChambollePock {
    fn default() -> Self {
        Self { restart: true }
    }
}

/// Iterations between two computations of the gap.
const CHECK_EVERY: u64 = 40;
/// A gap below this share of that at the last restart asks for one.
const ENOUGH: f64 = 0.2;
/// A gap below this share asks for a restart once it no longer falls.
const SOME: f64 = 0.8;
/// Share of all iterations after which a restart comes whatever the gap.
const LONG: f64 = 0.36;
/// Product of the two steps and ‖X‖², below 1.
const MARGIN: f64 = 0.999;

/// Step lengths.
pub struct SplittingSetup {
    /// 1/‖x_j‖ scaled so that the preconditioned X has norm 1; 0 for a column of zeros.
    step: Vec<f64>,
    null_loss: f64,
    work: Work,
}

impl Setup for SplittingSetup {
    fn work(&self) -> Work {
        self.work
    }

    fn rule(&self) -> String {
        "primal and dual steps balanced at restarts".into()
    }
}

/// β and u = −w, the dual point.
pub struct SplittingState {
    beta: Vec<f64>,
    u: Vec<f64>,
    /// Ratio of dual to primal step.
    balance: f64,
}

impl State for SplittingState {
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

impl<X: Design, L: ProxLoss, P: Separable> Solver<X, L, P> for ChambollePock {
    type Setup = SplittingSetup;
    type State = SplittingState;

    fn setup(&self, problem: &Problem<X, L, P>) -> Result<SplittingSetup, SolveError> {
        let (n, p) = (problem.x.nrows(), problem.x.ncols());
        let norms: Vec<f64> = (0..p).map(|j| problem.x.col_sq_norm(j).sqrt()).collect();
        let scaling = ColumnScaling {
            center: vec![0.0; p],
            scale: norms
                .iter()
                .map(|&s| if s > 0.0 { s } else { f64::INFINITY })
                .collect(),
        };
        let bound = lipschitz::bound(&Standardized::new(problem.x, &scaling))? * n as f64;
        let norm = bound.sqrt();
        let step = norms
            .iter()
            .map(|&s| if s > 0.0 { 1.0 / (s * norm) } else { 0.0 });
        Ok(SplittingSetup {
            step: step.collect(),
            null_loss: problem.null_loss(),
            work: Work {
                passes: 1,
                columns_touched: p as u64,
                gram_columns: lipschitz::gram_columns(problem.x) as u64,
                ..Work::default()
            },
        })
    }

    fn start(&self, problem: &Problem<X, L, P>, _: &SplittingSetup) -> SplittingState {
        SplittingState {
            beta: vec![0.0; problem.x.ncols()],
            u: vec![0.0; problem.x.nrows()],
            balance: f64::NAN,
        }
    }

    fn solve(
        &self,
        problem: &Problem<X, L, P>,
        setup: &SplittingSetup,
        lambda: f64,
        stop: Stop,
        state: &mut SplittingState,
    ) -> Outcome {
        let mut work = Work::default();
        let target = stop.tol * setup.null_loss;
        if state.balance.is_nan() {
            state.balance = first_balance(problem);
        }
        let mut run = Run::new(problem, setup, lambda, state);
        let mut best = run.gap(&run.beta, &run.u, &mut work);
        let mut start = Restart {
            beta: run.beta.clone(),
            u: run.u.clone(),
            gap: best,
            length: 0,
        };
        let mut before = f64::INFINITY;
        let status = loop {
            if best <= target {
                break Status::Converged;
            }
            if work.epochs as usize >= stop.max_epochs {
                break Status::EpochLimit;
            }
            if stop.cancelled() {
                break Status::Interrupted;
            }
            run.iterate(&mut work);
            start.length += 1;
            if !start.length.is_multiple_of(CHECK_EVERY) {
                continue;
            }
            let last = run.gap(&run.beta, &run.u, &mut work);
            let (beta, u) = run.average();
            let average = run.gap(&beta, &u, &mut work);
            let from_average = self.restart && average < last;
            let candidate = if from_average { average } else { last };
            if candidate < best {
                let source = if from_average {
                    (&beta, &u)
                } else {
                    (&run.beta, &run.u)
                };
                state.beta.clone_from(source.0);
                state.u.clone_from(source.1);
                best = candidate;
            }
            let falls = candidate <= SOME * start.gap && candidate > before;
            let enough = candidate <= ENOUGH * start.gap || falls;
            let long = start.length as f64 >= LONG * work.epochs as f64;
            before = candidate;
            if self.restart && (enough || long) {
                if from_average {
                    run.beta = beta;
                    run.u = u;
                }
                state.balance = rebalanced(state.balance, &run, &start, setup);
                run.balance = state.balance;
                run.forget();
                start = Restart {
                    beta: run.beta.clone(),
                    u: run.u.clone(),
                    gap: candidate,
                    length: 0,
                };
                before = f64::INFINITY;
            }
        };
        Outcome { status, work }
    }
}

/// Where the present run of iterations began.
struct Restart {
    beta: Vec<f64>,
    u: Vec<f64>,
    gap: f64,
    length: u64,
}

/// Iterates of one solve.
struct Run<'a, X, L, P> {
    problem: &'a Problem<'a, X, L, P>,
    setup: &'a SplittingSetup,
    lambda: f64,
    balance: f64,
    beta: Vec<f64>,
    u: Vec<f64>,
    /// Xᵀu.
    c: Vec<f64>,
    next: Vec<f64>,
    extrapolated: Vec<f64>,
    fit: Vec<f64>,
    prox: Vec<f64>,
    sum_beta: Vec<f64>,
    sum_u: Vec<f64>,
    count: f64,
}

impl<'a, X: Design, L: ProxLoss, P: Separable> Run<'a, X, L, P> {
    fn new(
        problem: &'a Problem<'a, X, L, P>,
        setup: &'a SplittingSetup,
        lambda: f64,
        state: &SplittingState,
    ) -> Self {
        let (n, p) = (problem.x.nrows(), problem.x.ncols());
        let mut run = Self {
            problem,
            setup,
            lambda,
            balance: state.balance,
            beta: state.beta.clone(),
            u: state.u.clone(),
            c: vec![0.0; p],
            next: vec![0.0; p],
            extrapolated: vec![0.0; p],
            fit: vec![0.0; n],
            prox: vec![0.0; n],
            sum_beta: vec![0.0; p],
            sum_u: vec![0.0; n],
            count: 0.0,
        };
        run.forget();
        run
    }

    /// β⁺ = prox of β + τXᵀu, then u⁺ from the fit of 2β⁺ − β.
    fn iterate(&mut self, work: &mut Work) {
        let (problem, balance) = (self.problem, self.balance);
        for (j, &d) in self.setup.step.iter().enumerate() {
            let step = MARGIN * d * d / balance;
            self.next[j] = if d == 0.0 {
                0.0
            } else {
                problem
                    .penalty
                    .of(j)
                    .prox(self.beta[j] + step * self.c[j], self.lambda * step)
            };
            self.extrapolated[j] = 2.0 * self.next[j] - self.beta[j];
        }
        std::mem::swap(&mut self.beta, &mut self.next);
        problem.x.mul(&self.extrapolated, &mut self.fit);
        // With w = −u: w⁺ = v − σ prox_{f/σ}(v/σ) for v = w + σ fit.
        let sigma = MARGIN * balance;
        for (z, u) in self.fit.iter_mut().zip(&self.u) {
            *z -= u / sigma;
        }
        problem
            .loss
            .prox(problem.y, &self.fit, 1.0 / sigma, &mut self.prox);
        for ((u, v), z) in self.u.iter_mut().zip(&self.fit).zip(&self.prox) {
            *u = sigma * (z - v);
        }
        problem.x.tr_mul(&self.u, &mut self.c);
        self.sum_beta
            .iter_mut()
            .zip(&self.beta)
            .for_each(|(s, b)| *s += b);
        self.sum_u
            .iter_mut()
            .zip(&self.u)
            .for_each(|(s, u)| *s += u);
        self.count += 1.0;
        work.epochs += 1;
        work.passes += 2;
        work.coord_updates += self.beta.len() as u64;
        work.columns_touched += 2 * self.beta.len() as u64;
    }

    fn average(&self) -> (Vec<f64>, Vec<f64>) {
        let mean = |sum: &[f64]| sum.iter().map(|s| s / self.count).collect();
        (mean(&self.sum_beta), mean(&self.sum_u))
    }

    /// Begins a new average.
    fn forget(&mut self) {
        self.sum_beta.fill(0.0);
        self.sum_u.fill(0.0);
        self.count = 0.0;
        self.problem.x.tr_mul(&self.u, &mut self.c);
    }

    /// Primal less dual; only the order matters to restarts.
    fn gap(&self, beta: &[f64], u: &[f64], work: &mut Work) -> f64 {
        let problem = self.problem;
        let mut fit = vec![0.0; problem.x.nrows()];
        problem.x.mul(beta, &mut fit);
        let mut c = vec![0.0; problem.x.ncols()];
        problem.x.tr_mul(u, &mut c);
        work.passes += 2;
        work.columns_touched += 2 * c.len() as u64;
        let primal = problem.objective(beta, &fit, self.lambda);
        let gap = primal - dual_value(problem, u, &c, self.lambda);
        if gap.is_nan() { f64::INFINITY } else { gap }
    }
}

/// ‖u‖/‖β‖ as far as it can be guessed: the size of a gradient over that of y.
fn first_balance<X: Design, L: ProxLoss, P: Separable>(problem: &Problem<X, L, P>) -> f64 {
    let n = problem.x.nrows();
    let mut u = vec![0.0; n];
    problem.loss.neg_gradient(problem.y, &vec![0.0; n], &mut u);
    let size = |v: &[f64]| v.iter().map(|v| v * v).sum::<f64>().sqrt();
    let balance = size(&u) / size(problem.y);
    if balance.is_finite() && balance > 0.0 {
        balance
    } else {
        1.0 / n as f64
    }
}

/// The balance that the moves since the last restart suggest, half way in the logarithm.
fn rebalanced<X: Design, L: ProxLoss, P: Separable>(
    balance: f64,
    run: &Run<'_, X, L, P>,
    start: &Restart,
    setup: &SplittingSetup,
) -> f64 {
    let primal: f64 = (run.beta.iter().zip(&start.beta).zip(&setup.step))
        .filter(|(_, d)| **d > 0.0)
        .map(|((a, b), d)| ((a - b) / d).powi(2))
        .sum();
    let dual: f64 = run
        .u
        .iter()
        .zip(&start.u)
        .map(|(a, b)| (a - b).powi(2))
        .sum();
    let suggested = (dual / primal).sqrt();
    if suggested.is_finite() && suggested > 0.0 {
        (0.5 * suggested.ln() + 0.5 * balance.ln()).exp()
    } else {
        balance
    }
}
