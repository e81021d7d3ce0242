//! The primal-dual method of Chambolle & Pock (2011), J. Math. Imaging Vis. 40: Algorithm 1, and Algorithm 2 where the data term is
//! strongly convex.

use pulp::Arch;

use super::differences::{SQUARED_NORM, beside, divergence_row, gradient_row, with_below};
use super::gap::project;
use super::{Denoising, Fidelity, Field};
use crate::solver::{Outcome, Status, Stop, Work};

/// Iterations between two computations of the gap.
const CHECK_EVERY: u64 = 20;
/// τ of the first accelerated step; between 1 and 100 the number of iterations hardly depends on it.
const FIRST_STEP: f64 = 1.0;
/// τ of fixed steps as a share of the range of g over the size of p, which is λ unless the image is flat long before.
const SHARE: f64 = 0.03;

/// Primal-dual splitting: p⁺ = projection of p + σ∇ū onto |p| ≤ λ, u⁺ = prox of τD at u + τ div p⁺, ū = u⁺ + θ(u⁺ − u), στ‖∇‖² < 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PrimalDual {
    /// With squares, shrink τ from step to step as their strong convexity allows: ‖u − u*‖² is of order 1/k² after k iterations
    /// [Algorithm 2, Theorem 2]. Otherwise, and always with absolute values, steps are fixed and θ = 1: the partial gap of averages
    /// is of order 1/k [Algorithm 1, Theorem 1]. What is returned is no average, and is judged by its own gap.
    pub accelerated: bool,
}

impl Default for PrimalDual {
    fn default() -> Self {
        Self { accelerated: true }
    }
}

/// u and p, from which a solve at another λ may begin.
#[derive(Clone, Debug, PartialEq)]
pub struct DenoisingState {
    u: Vec<f64>,
    p: Field,
}

impl DenoisingState {
    /// The denoised image u, row-major.
    pub fn pixels(&self) -> &[f64] {
        &self.u
    }

    /// The dual field p.
    pub fn dual(&self) -> &Field {
        &self.p
    }

    /// u and p.
    pub fn into_parts(self) -> (Vec<f64>, Field) {
        (self.u, self.p)
    }
}

impl PrimalDual {
    /// u = g and p = 0, the solution at λ = 0 and of a constant image.
    pub fn start(&self, problem: &Denoising) -> DenoisingState {
        let u = problem.image.pixels().to_vec();
        DenoisingState {
            p: Field::zeros(u.len()),
            u,
        }
    }

    /// Overwrites the state by the pair with the least gap that was met, starting from it. The state is of an image of the same shape.
    ///
    /// `stop.tol` bounds the gap relative to [`Denoising::null_loss`], which the optimum never exceeds. The gap is looked at every 20
    /// iterations, and cancellation with it.
    pub fn solve(&self, problem: &Denoising, stop: Stop, state: &mut DenoisingState) -> Outcome {
        let target = stop.tol * problem.null_loss();
        let [low, high] = problem.range;
        if problem.lambda == 0.0 || low == high {
            // The solution, and steps would have no size.
            *state = self.start(problem);
        }
        // What another λ or image allowed, this one may not.
        project(&mut state.p.along, &mut state.p.down, problem.lambda);
        state.u.iter_mut().for_each(|u| *u = u.max(low).min(high));
        let mut best = problem.gap(&state.u, &state.p);
        let accelerated = self.accelerated && problem.fidelity == Fidelity::Squares;
        let mut run = Run::new(problem, state, accelerated);
        let mut work = Work::default();
        let status = loop {
            if best <= target {
                break Status::Converged;
            }
            if work.epochs >= stop.max_epochs as u64 {
                break Status::EpochLimit;
            }
            if stop.cancelled() {
                break Status::Interrupted;
            }
            let left = stop.max_epochs as u64 - work.epochs;
            for _ in 0..CHECK_EVERY.min(left) {
                Arch::new().dispatch(|| run.iterate());
                work.epochs += 1;
                work.passes += 2;
                work.coord_updates += run.u.len() as u64;
            }
            let gap = problem.gap(&run.u, &run.p);
            if gap < best {
                best = gap;
                state.u.clone_from(&run.u);
                state.p.clone_from(&run.p);
            }
        };
        Outcome { status, work }
    }
}

/// Iterates of one solve.
struct Run<'a> {
    problem: &'a Denoising<'a>,
    u: Vec<f64>,
    p: Field,
    /// ū.
    extrapolated: Vec<f64>,
    /// τ.
    primal_step: f64,
    /// σ.
    dual_step: f64,
    accelerated: bool,
    /// Rows for what is computed and used at once.
    along: Vec<f64>,
    down: Vec<f64>,
    zeros: Vec<f64>,
}

impl<'a> Run<'a> {
    fn new(problem: &'a Denoising<'a>, state: &DenoisingState, accelerated: bool) -> Self {
        let width = problem.image.width();
        let [low, high] = problem.range;
        let primal_step = if accelerated {
            FIRST_STEP
        } else {
            let across = (problem.image.height() + width) as f64;
            SHARE * (high - low) / problem.lambda.min(across)
        };
        Self {
            problem,
            u: state.u.clone(),
            p: state.p.clone(),
            extrapolated: state.u.clone(),
            primal_step,
            dual_step: 1.0 / (primal_step * SQUARED_NORM),
            accelerated,
            along: vec![0.0; width],
            down: vec![0.0; width],
            zeros: vec![0.0; width],
        }
    }

    #[inline(always)]
    fn iterate(&mut self) {
        self.ascend();
        let theta = if self.accelerated {
            // The modulus of strong convexity of ½‖u − g‖² is 1.
            1.0 / (1.0 + 2.0 * self.primal_step).sqrt()
        } else {
            1.0
        };
        let (tau, [low, high]) = (self.primal_step, self.problem.range);
        match self.problem.fidelity {
            Fidelity::Squares => self.descend(theta, |v, g| (v + tau * g) / (1.0 + tau)),
            // The box is that of the certificate; a prox of one variable is cut off at its ends.
            Fidelity::Absolute => self.descend(theta, |v, g| {
                let r = v - g;
                (g + (r - r.max(-tau).min(tau))).max(low).min(high)
            }),
        }
        self.primal_step *= theta;
        self.dual_step /= theta;
    }

    /// p⁺ from p and ū.
    #[inline(always)]
    fn ascend(&mut self) {
        let (width, sigma, lambda) = (self.zeros.len(), self.dual_step, self.problem.lambda);
        let rows = self.p.along.chunks_exact_mut(width);
        let rows = rows.zip(self.p.down.chunks_exact_mut(width)).enumerate();
        for (i, (p_along, p_down)) in rows {
            let (own, below) = with_below(&self.extrapolated, width, i);
            gradient_row(own, below, &mut self.along, &mut self.down);
            for (p, d) in p_along.iter_mut().zip(&self.along) {
                *p += sigma * d;
            }
            for (p, d) in p_down.iter_mut().zip(&self.down) {
                *p += sigma * d;
            }
            project(p_along, p_down, lambda);
        }
    }

    /// u⁺ and ū from u and p; `prox` is that of τD at one pixel.
    #[inline(always)]
    fn descend(&mut self, theta: f64, prox: impl Fn(f64, f64) -> f64) {
        let (width, tau) = (self.zeros.len(), self.primal_step);
        let rows = self.u.chunks_exact_mut(width);
        let rows = rows.zip(self.extrapolated.chunks_exact_mut(width));
        let rows = rows.zip(self.problem.image.pixels().chunks_exact(width));
        for (i, ((u, extrapolated), g)) in rows.enumerate() {
            let (p_along, p_down, above) = beside(&self.p, &self.zeros, i);
            divergence_row(p_along, p_down, above, &mut self.along);
            let pixels = u.iter_mut().zip(extrapolated).zip(g).zip(&self.along);
            for (((u, extrapolated), g), div) in pixels {
                let next = prox(*u + tau * div, *g);
                *extrapolated = next + theta * (next - *u);
                *u = next;
            }
        }
    }
}
