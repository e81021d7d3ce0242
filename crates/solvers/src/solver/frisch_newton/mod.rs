//! Interior points for losses with kinks: the primal-dual method with Mehrotra's predictor and corrector on the bounded dual,
//! known in quantile regression as Frisch–Newton, with an elastic-net penalty if there is one. Where the optimum is a vertex, the
//! simplex method takes the last steps.
//!
//! Portnoy & Koenker (1997), Statistical Science 12; Mehrotra (1992), SIAM J. Optim. 2; Cartis (2009), Applied Numerical
//! Mathematics 59, for what its corrector may do.

mod interior;
mod pairs;
mod subsample;
mod system;

use std::sync::OnceLock;

use interior::{Form, Interior};
use system::System;

use super::parametric_simplex::crossover::crossover;
use super::parametric_simplex::program::{Program, l1_weights};
use super::parametric_simplex::vertex::Vertex;
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

/// Gap at which the vertex is looked for, relative to the loss where the method starts.
const NEAR: f64 = 1e-7;
/// Entries of X from which on a few λ are found faster without walking to them.
const MANY_ENTRIES: usize = 200_000;
/// λ that are a few.
const FEW_LAMBDAS: usize = 5;

impl FrischNewton {
    /// Whether so many λ for an X of n × p are found faster one by one than by [`super::ParametricSimplex`].
    pub fn pays((n, p): (usize, usize), lambdas: usize) -> bool {
        n.saturating_mul(p) >= MANY_ENTRIES
            && lambdas <= FEW_LAMBDAS
            && system::order(n, p, 0) <= system::MAX_ORDER
    }
}

/// What all λ share.
pub struct FrischSetup {
    form: Form,
    /// Whether the optimum is at a vertex, and one is wanted.
    vertex: bool,
    /// Rows of a sample and rows near its fit, where a vertex is found by those.
    sizes: Option<[usize; 2]>,
    /// Made when first needed.
    program: OnceLock<Program>,
    null_loss: f64,
}

impl FrischSetup {
    /// None where no vertex is looked for.
    fn program<X: Design>(&self, x: &X) -> Option<&Program> {
        if !self.vertex {
            return None;
        }
        if self.program.get().is_none() {
            // Whoever comes second has made the same.
            let _ = self.program.set(self.form.program(x)?);
        }
        self.program.get()
    }
}

impl Setup for FrischSetup {
    fn work(&self) -> Work {
        Work::default()
    }

    fn rule(&self) -> String {
        let side = if self.form.system.is_by_columns() {
            "columns"
        } else {
            "rows"
        };
        let end = match (self.vertex, self.sizes) {
            (false, _) => String::new(),
            (true, None) => ", then to a vertex".into(),
            (true, Some([sample, near])) => {
                format!(", of {sample} rows and of some {near} near their fit, then to a vertex")
            }
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
        let vertex = self.vertex && ridge.iter().all(|r| *r == 0.0);
        Ok(FrischSetup {
            form: Form {
                slopes: problem.loss.slopes(problem.y),
                y: problem.loss.kinks(problem.y),
                weights,
                ridge,
                system: System::new(problem.x, free)?,
            },
            vertex,
            sizes: subsample::sizes(problem.x.nrows(), p).filter(|_| vertex),
            program: OnceLock::new(),
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
        let (x, form) = (problem.x, &setup.form);
        let target = stop.tol * setup.null_loss;
        let asked = subsample::Asked {
            x,
            form,
            lambda,
            target,
            stop,
        };
        if let Some(sizes) = setup.sizes
            && let Some((beta, u)) = subsample::vertex_by_sample(&asked, sizes, &mut work)
            && gap_at(problem, lambda, &beta, &u, &mut work) <= target
        {
            *state = FrischState { beta, u };
            return Outcome {
                status: Status::Converged,
                work,
            };
        }
        if stop.cancelled() {
            return Outcome {
                status: Status::Interrupted,
                work,
            };
        }
        let mut interior = Interior::new(x, form, lambda, &mut work);
        let program = setup.program(x);
        let near = match program {
            Some(_) => target.max(NEAR * interior.start_loss),
            None => target,
        };
        let mut status = interior.approach_gap(problem, near, stop, &mut work);
        let spent = |work: &Work| work.epochs >= stop.max_epochs as u64;
        if let Some(program) = program
            && status != Status::Interrupted
            && !spent(&work)
        {
            let beta = interior.likely_beta(|j| program.largest[j]);
            let likely = interior.likely_rows();
            if let Some(Vertex { beta, u, .. }) =
                vertex_near(x, program, lambda, stop, &beta, &likely, &mut work)
                && gap_at(problem, lambda, &beta, &u, &mut work) <= target
            {
                *state = FrischState { beta, u };
                return Outcome {
                    status: Status::Converged,
                    work,
                };
            }
            if near > target && status == Status::Converged {
                status = interior.approach_gap(problem, target, stop, &mut work);
            }
        }
        if stop.cancelled() {
            status = Status::Interrupted;
        }
        let sparse = interior.likely_beta(|j| x.col_sq_norm(j).sqrt());
        state.u = std::mem::take(&mut interior.u);
        // Inside, nothing is exactly 0: what is on its way there is put there unless that opens the gap.
        let mut gap = gap_at(problem, lambda, &sparse, &state.u, &mut work);
        state.beta = sparse;
        if gap > target {
            gap = gap_at(problem, lambda, &interior.beta, &state.u, &mut work);
            state.beta = interior.beta;
        }
        let status = match status {
            Status::Interrupted => Status::Interrupted,
            _ if gap <= target => Status::Converged,
            Status::Converged => Status::Stalled,
            other => other,
        };
        Outcome { status, work }
    }
}

/// The optimal vertex that the simplex method finds from a basis of β and of the rows most `likely` to be fitted exactly, see
/// [`crossover`]; None where it does not arrive.
fn vertex_near<X: Design>(
    x: &X,
    program: &Program,
    lambda: f64,
    stop: Stop,
    beta: &[f64],
    likely: &[f64],
    work: &mut Work,
) -> Option<Vertex> {
    let search = Search {
        program,
        x,
        y: &program.perturbed,
        lambda,
        stop: Stop {
            max_epochs: usize::MAX,
            ..stop
        },
    };
    let (mut vertex, found) = crossover(&search, beta, likely);
    vertex.place(x, &program.y);
    vertex.price(program, lambda);
    *work += vertex.work;
    (found == Status::Converged).then_some(vertex)
}

/// The gap of a point and a dual point.
fn gap_at<X: Design, L: KinkedLoss, P: Separable>(
    problem: &Problem<X, L, P>,
    lambda: f64,
    beta: &[f64],
    u: &[f64],
    work: &mut Work,
) -> f64 {
    work.passes += 2;
    work.columns_touched += 2 * problem.x.ncols() as u64;
    let mut fit = vec![0.0; problem.x.nrows()];
    problem.x.mul(beta, &mut fit);
    let mut c = vec![0.0; problem.x.ncols()];
    problem.x.tr_mul(u, &mut c);
    problem.objective(beta, &fit, lambda) - dual_value(problem, u, &c, lambda)
}
