//! Proximal gradient: ISTA and FISTA. Beck & Teboulle (2009), SIAM J. Imaging Sciences 2; restart by O'Donoghue &
//! Candès (2015), Found. Comput. Math. 15.

use super::{Outcome, Setup, Solver, State, Status, Stop, Work, lipschitz};
use crate::certificate::dual_value;
use crate::design::Design;
use crate::error::SolveError;
use crate::loss::SmoothLoss;
use crate::penalty::{Penalty, Separable};
use crate::problem::Problem;

/// Iterations between two computations of the gap where it costs a pass of its own.
const CHECK_EVERY: u64 = 10;

/// How the step length 1/L is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// L = curvature bound · λ_max(XᵀX)/n from the setup, safe for every step.
    Bound,
    /// Start from a fraction of the bound and double L whenever the quadratic model fails to majorise.
    Backtracking,
}

/// ISTA, or FISTA when accelerated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProximalGradient {
    /// Nesterov momentum: FISTA instead of ISTA.
    pub accelerated: bool,
    /// Drop the momentum whenever it points uphill.
    pub restart: bool,
    /// How the step length is found.
    pub step: Step,
}

impl ProximalGradient {
    /// ISTA with the safe step.
    pub fn ista() -> Self {
        Self {
            accelerated: false,
            restart: false,
            step: Step::Bound,
        }
    }

    /// FISTA with the safe step.
    pub fn fista() -> Self {
        Self {
            accelerated: true,
            restart: false,
            step: Step::Bound,
        }
    }

    /// FISTA with adaptive restart.
    pub fn fista_restart() -> Self {
        Self {
            accelerated: true,
            restart: true,
            step: Step::Bound,
        }
    }
}

/// The Lipschitz bound and the unit of gaps.
pub struct ProximalSetup {
    lipschitz: f64,
    null_loss: f64,
    step: Step,
    work: Work,
}

impl Setup for ProximalSetup {
    fn work(&self) -> Work {
        self.work
    }

    fn rule(&self) -> String {
        match self.step {
            Step::Bound => format!("step 1/L with L = {:.6e}", self.lipschitz),
            Step::Backtracking => format!("backtracking from L = {:.6e} / 8", self.lipschitz),
        }
    }
}

/// Iterates with their fits; momentum is rebuilt at every λ.
pub struct ProximalState {
    beta: Vec<f64>,
    fit: Vec<f64>,
}

impl State for ProximalState {
    fn beta(&self) -> &[f64] {
        &self.beta
    }

    fn set_zero(&mut self) {
        self.beta.fill(0.0);
        self.fit.fill(0.0);
    }
}

/// The extrapolated point z = β + m (β − β_before), its fit, and −∇f there over rows and columns.
struct Extrapolated {
    z: Vec<f64>,
    fit: Vec<f64>,
    u: Vec<f64>,
    c: Vec<f64>,
}

impl<X: Design, L: SmoothLoss, P: Separable> Solver<X, L, P> for ProximalGradient {
    type Setup = ProximalSetup;
    type State = ProximalState;

    fn setup(&self, problem: &Problem<X, L, P>) -> Result<ProximalSetup, SolveError> {
        let lipschitz = problem.loss.curvature_bound() * lipschitz::bound(problem.x)?;
        let p = problem.x.ncols() as u64;
        let gram_columns = lipschitz::gram_columns(problem.x) as u64;
        let work = Work {
            passes: 1,
            columns_touched: p,
            gram_columns,
            ..Work::default()
        };
        Ok(ProximalSetup {
            lipschitz,
            null_loss: problem.null_loss(),
            step: self.step,
            work,
        })
    }

    fn start(&self, problem: &Problem<X, L, P>, _: &ProximalSetup) -> ProximalState {
        ProximalState {
            beta: vec![0.0; problem.x.ncols()],
            fit: vec![0.0; problem.x.nrows()],
        }
    }

    fn solve(
        &self,
        problem: &Problem<X, L, P>,
        setup: &ProximalSetup,
        lambda: f64,
        stop: Stop,
        state: &mut ProximalState,
    ) -> Outcome {
        self.solve_watched(problem, setup, lambda, stop, state, |_, _| {})
    }
}

impl ProximalGradient {
    /// A state at `beta`, length p, instead of 0.
    pub fn start_at<X: Design, L: SmoothLoss, P: Separable>(
        &self,
        problem: &Problem<X, L, P>,
        beta: &[f64],
    ) -> ProximalState {
        let mut fit = vec![0.0; problem.x.nrows()];
        problem.x.mul(beta, &mut fit);
        ProximalState {
            beta: beta.to_vec(),
            fit,
        }
    }

    /// As [`Solver::solve`], showing every iterate and its fit Xβ to `watch`, in order.
    pub fn solve_watched<X: Design, L: SmoothLoss, P: Separable>(
        &self,
        problem: &Problem<X, L, P>,
        setup: &ProximalSetup,
        lambda: f64,
        stop: Stop,
        state: &mut ProximalState,
        mut watch: impl FnMut(&[f64], &[f64]),
    ) -> Outcome {
        let (n, p) = (problem.x.nrows(), problem.x.ncols());
        let mut work = Work::default();
        let target = stop.tol * setup.null_loss;
        let mut lipschitz = match self.step {
            Step::Bound => setup.lipschitz,
            Step::Backtracking => setup.lipschitz / 8.0,
        };
        if setup.lipschitz == 0.0 {
            state.set_zero();
            return Outcome {
                status: Status::Converged,
                work,
            };
        }
        let mut at = Extrapolated {
            z: state.beta.clone(),
            fit: state.fit.clone(),
            u: vec![0.0; n],
            c: vec![0.0; p],
        };
        let mut next = vec![0.0; p];
        let mut next_fit = vec![0.0; n];
        let mut t = 1.0f64;
        let mut lost_to_rounding = 0;
        let status = loop {
            problem.loss.neg_gradient(problem.y, &at.fit, &mut at.u);
            problem.x.tr_mul(&at.u, &mut at.c);
            count_pass(&mut work, p);
            // Without momentum z is β, and the gradient that the step needs certifies it for free.
            if !self.accelerated && gap(problem, &at.z, &at.fit, &at.u, &at.c, lambda) <= target {
                break Status::Converged;
            }
            if work.epochs as usize >= stop.max_epochs {
                break Status::EpochLimit;
            }
            if stop.cancelled() {
                break Status::Interrupted;
            }
            work.epochs += 1;
            loop {
                for j in 0..p {
                    next[j] = problem
                        .penalty
                        .of(j)
                        .prox(at.z[j] + at.c[j] / lipschitz, lambda / lipschitz);
                }
                problem.x.mul(&next, &mut next_fit);
                work.columns_touched += next.iter().filter(|&&b| b != 0.0).count() as u64;
                if self.step == Step::Bound || lipschitz >= setup.lipschitz {
                    break;
                }
                let moved: f64 = next.iter().zip(&at.z).map(|(a, b)| (a - b) * (a - b)).sum();
                if problem.loss.bregman(problem.y, &next_fit, &at.fit) <= 0.5 * lipschitz * moved {
                    break;
                }
                lipschitz *= 2.0;
            }
            work.coord_updates += p as u64;
            let moves = next.iter().zip(&state.beta).any(|(a, b)| a != b);
            lost_to_rounding = if moves { 0 } else { lost_to_rounding + 1 };
            let momentum = if self.accelerated {
                self.momentum(&mut t, &at.z, &next, &state.beta)
            } else {
                0.0
            };
            extrapolate(&next, &state.beta, momentum, &mut at.z);
            extrapolate(&next_fit, &state.fit, momentum, &mut at.fit);
            std::mem::swap(&mut state.beta, &mut next);
            std::mem::swap(&mut state.fit, &mut next_fit);
            watch(&state.beta, &state.fit);
            if self.accelerated && (work.epochs.is_multiple_of(CHECK_EVERY) || lost_to_rounding > 0)
            {
                problem.loss.neg_gradient(problem.y, &state.fit, &mut at.u);
                problem.x.tr_mul(&at.u, &mut at.c);
                count_pass(&mut work, p);
                if gap(problem, &state.beta, &state.fit, &at.u, &at.c, lambda) <= target {
                    break Status::Converged;
                }
            }
            if lost_to_rounding > 2 {
                break Status::Stalled;
            }
        };
        Outcome { status, work }
    }

    /// The factor of the extrapolation that follows `next`; advances t, or restarts it where momentum points uphill.
    fn momentum(&self, t: &mut f64, z: &[f64], next: &[f64], before: &[f64]) -> f64 {
        if self.restart {
            let uphill: f64 = z
                .iter()
                .zip(next)
                .zip(before)
                .map(|((z, a), b)| (z - a) * (a - b))
                .sum();
            if uphill > 0.0 {
                *t = 1.0;
                return 0.0;
            }
        }
        let ahead = 0.5 * (1.0 + (1.0 + 4.0 * *t * *t).sqrt());
        let momentum = (*t - 1.0) / ahead;
        *t = ahead;
        momentum
    }
}

/// out = next + momentum (next − before).
fn extrapolate(next: &[f64], before: &[f64], momentum: f64, out: &mut [f64]) {
    for ((out, next), before) in out.iter_mut().zip(next).zip(before) {
        *out = next + momentum * (next - before);
    }
}

fn count_pass(work: &mut Work, p: usize) {
    work.passes += 1;
    work.columns_touched += p as u64;
}

/// Primal at β minus the dual that u = −∇f(fit) and c = Xᵀu give.
fn gap<X: Design, L: SmoothLoss, P: Separable>(
    problem: &Problem<X, L, P>,
    beta: &[f64],
    fit: &[f64],
    u: &[f64],
    c: &[f64],
    lambda: f64,
) -> f64 {
    problem.objective(beta, fit, lambda) - dual_value(problem, u, c, lambda)
}
