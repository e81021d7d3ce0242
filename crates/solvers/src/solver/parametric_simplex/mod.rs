//! The exact path of a kinked loss with an L1 penalty: both are polyhedral, so every optimum is a vertex, and as λ falls the
//! optimum jumps from vertex to vertex at finitely many knots. Parametric simplex, on the dense inverse of the small matrix of
//! fitted rows and active columns.
//!
//! Koenker & Bassett (1978), Econometrica 46; Barrodale & Roberts (1973), SIAM J. Numer. Anal. 10; Li & Zhu (2008), J. Comput.
//! Graph. Stat. 17, for the path in Σ|β_j|.

pub(crate) mod basis;
pub(crate) mod crossover;
pub(crate) mod program;
pub(crate) mod vertex;
pub(crate) mod walk;

use program::Program;
use vertex::Vertex;
use walk::Search;

use super::{Outcome, Setup, Solver, State, Status, Stop, Work};
use crate::certificate::dual_value;
use crate::design::Design;
use crate::error::SolveError;
use crate::loss::KinkedLoss;
use crate::penalty::Separable;
use crate::problem::Problem;

/// How the optimum at the next λ is reached.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Advance {
    /// Knot by knot, unless λ falls to less than half: then by long steps.
    #[default]
    Mixed,
    /// Through every knot on the way.
    Knots,
    /// By the simplex method with long steps at the next λ, from the optimum at the last.
    LongSteps,
}

/// The vertex walker.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ParametricSimplex {
    /// How the next λ is reached.
    pub advance: Advance,
}

/// λ below this share of the one before is reached by long steps.
const JUMP: f64 = 0.5;

/// The program, and the vertex at which everything penalised is 0.
pub struct SimplexSetup {
    program: Program,
    null: Vertex,
    /// Xᵀu there.
    products: Vec<f64>,
    /// λ above which that vertex is optimal.
    start: f64,
    status: Status,
    null_loss: f64,
}

impl Setup for SimplexSetup {
    fn work(&self) -> Work {
        self.null.work
    }

    fn rule(&self) -> String {
        format!("first knot at lambda = {:.6e}", self.start)
    }
}

/// The vertex that is optimal for the perturbed y, and what it says of y itself.
pub struct SimplexState {
    vertex: Vertex,
    /// λ at which it is optimal.
    lambda: f64,
    beta: Vec<f64>,
    u: Vec<f64>,
}

impl State for SimplexState {
    fn beta(&self) -> &[f64] {
        &self.beta
    }

    fn set_zero(&mut self) {
        self.beta.fill(0.0);
        self.u.fill(0.0);
        // NaN asks for a new start.
        self.lambda = f64::NAN;
    }

    fn dual(&self) -> Option<&[f64]> {
        Some(&self.u)
    }
}

impl SimplexSetup {
    /// Xᵀu of the null model, length p.
    pub(crate) fn products(&self) -> &[f64] {
        &self.products
    }

    /// How the search for the vertex where everything penalised is 0 ended.
    pub(crate) fn null_status(&self) -> Status {
        self.status
    }

    /// β at y itself of that vertex, and its loss.
    pub(crate) fn null<X: Design>(&self, x: &X) -> (Vec<f64>, f64) {
        let mut vertex = self.null.clone();
        vertex.place(x, &self.program.y);
        let loss = self.program.loss(&vertex.residuals);
        (vertex.beta, loss)
    }
}

impl<X: Design, L: KinkedLoss, P: Separable> Solver<X, L, P> for ParametricSimplex {
    type Setup = SimplexSetup;
    type State = SimplexState;

    fn setup(&self, problem: &Problem<X, L, P>) -> Result<SimplexSetup, SolveError> {
        let program = Program::new(problem)?;
        let mut null = Vertex::zero(&program, problem.x, &program.perturbed);
        let search = Search {
            program: &program,
            x: problem.x,
            y: &program.perturbed,
            lambda: 0.0,
            stop: Stop::default(),
        };
        let status = search.minimise(&mut null, |j| program.weights[j] == 0.0);
        null.refresh(problem.x, &program.perturbed);
        null.price(&program, 0.0);
        let c = null.products();
        let thresholds = c
            .iter()
            .zip(&program.weights)
            .filter(|(_, weight)| **weight > 0.0);
        let start = thresholds.fold(0.0f64, |most, (c, weight)| most.max(c.abs() / weight));
        Ok(SimplexSetup {
            null,
            products: c,
            start,
            status,
            null_loss: problem.null_loss(),
            program,
        })
    }

    fn start(&self, problem: &Problem<X, L, P>, setup: &SimplexSetup) -> SimplexState {
        SimplexState {
            vertex: setup.null.clone(),
            lambda: f64::NAN,
            beta: vec![0.0; problem.x.ncols()],
            u: vec![0.0; problem.x.nrows()],
        }
    }

    fn solve(
        &self,
        problem: &Problem<X, L, P>,
        setup: &SimplexSetup,
        lambda: f64,
        stop: Stop,
        state: &mut SimplexState,
    ) -> Outcome {
        let program = &setup.program;
        let search = Search {
            program,
            x: problem.x,
            y: &program.perturbed,
            lambda,
            stop,
        };
        // Up again, or after zeros: from the beginning.
        if lambda > state.lambda || state.lambda.is_nan() {
            state.vertex = setup.null.clone();
            state.lambda = setup.start;
        }
        state.vertex.work = Work::default();
        let long = match self.advance {
            Advance::Knots => false,
            Advance::LongSteps => true,
            Advance::Mixed => lambda < JUMP * state.lambda,
        };
        let mut status = if lambda >= state.lambda {
            setup.status
        } else if long {
            search.minimise(&mut state.vertex, |_| true)
        } else {
            let status = search.follow(&mut state.vertex, state.lambda, |_, _| ());
            match status {
                // Rounding has led the walk astray: the search from where it is does not care how it got there.
                Status::Stalled => search.minimise(&mut state.vertex, |_| true),
                status => status,
            }
        };
        state.lambda = state.lambda.min(lambda);
        let mut report = Report::of(problem, program, lambda, state.vertex.clone());
        let target = stop.tol * setup.null_loss;
        if status == Status::Converged && report.misses(target) {
            // An accident of rounding or of the perturbation: the search at y itself settles it.
            let exact = Search {
                y: &program.y,
                ..search
            };
            let mut vertex = state.vertex.clone();
            vertex.refresh(problem.x, &program.y);
            exact.minimise(&mut vertex, |_| true);
            state.vertex.work = vertex.work;
            let settled = Report::of(problem, program, lambda, vertex);
            if settled.gap < report.gap || report.gap.is_nan() {
                report = settled;
            }
        }
        if status == Status::Converged && report.misses(target) {
            status = Status::Stalled;
        }
        state.beta = report.beta;
        state.u = report.u;
        Outcome {
            status,
            work: state.vertex.work,
        }
    }
}

/// What a basis says of y itself.
struct Report {
    beta: Vec<f64>,
    u: Vec<f64>,
    gap: f64,
}

impl Report {
    /// Whether the gap is not known to be within the target.
    fn misses(&self, target: f64) -> bool {
        self.gap > target || self.gap.is_nan()
    }

    fn of<X: Design, L: KinkedLoss, P: Separable>(
        problem: &Problem<X, L, P>,
        program: &Program,
        lambda: f64,
        mut vertex: Vertex,
    ) -> Self {
        vertex.place(problem.x, &program.y);
        vertex.price(program, lambda);
        let mut c = vec![0.0; program.p()];
        problem.x.tr_mul(&vertex.u, &mut c);
        let primal = program.loss(&vertex.residuals) + problem.penalty_value(&vertex.beta, lambda);
        Self {
            gap: primal - dual_value(problem, &vertex.u, &c, lambda),
            beta: vertex.beta,
            u: vertex.u,
        }
    }
}
