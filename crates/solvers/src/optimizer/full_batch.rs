//! Gradients of all rows.

use super::GradientSource;
use crate::design::Design;
use crate::loss::Loss;
use crate::penalty::Separable;
use crate::problem::Problem;

/// The gradient −Xᵀu of f(Xβ), u = −∇f at the fit: two passes over X, n evaluations.
#[derive(Clone, Debug)]
pub struct FullBatch<'a, X, L, P> {
    problem: Problem<'a, X, L, P>,
    fit: Vec<f64>,
    u: Vec<f64>,
}

impl<'a, X: Design, L: Loss, P: Separable> FullBatch<'a, X, L, P> {
    /// Of a problem.
    pub fn new(problem: &Problem<'a, X, L, P>) -> Self {
        let n = problem.x.nrows();
        Self {
            problem: Problem { ..*problem },
            fit: vec![0.0; n],
            u: vec![0.0; n],
        }
    }

    /// The problem.
    pub(super) fn problem(&self) -> &Problem<'a, X, L, P> {
        &self.problem
    }
}

impl<X: Design, L: Loss, P: Separable> GradientSource for FullBatch<'_, X, L, P> {
    type Loss = L;
    type Penalty = P;

    fn penalty(&self) -> P {
        self.problem.penalty
    }

    fn ncols(&self) -> usize {
        self.problem.x.ncols()
    }

    fn next_rows(&self) -> usize {
        self.problem.x.nrows()
    }

    fn gradient(&mut self, point: &[f64], out: &mut [f64]) {
        let Problem { x, y, loss, .. } = self.problem;
        x.mul(point, &mut self.fit);
        loss.neg_gradient(y, &self.fit, &mut self.u);
        x.tr_mul(&self.u, out);
        out.iter_mut().for_each(|g| *g = -*g);
    }
}
