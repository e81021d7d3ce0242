//! Gradients of samples of rows: with plain steps stochastic gradient descent. Robbins & Monro (1951), Ann. Math. Statist. 22;
//! Bottou, Curtis & Nocedal (2018), SIAM Review 60.

use rand_core::Rng;

use super::sampling::{below, shuffle};
use super::{FullBatch, GradientSource, Rows};
use crate::design::{Design, kernels};
use crate::error::SolveError;
use crate::loss::RowLoss;
use crate::penalty::Separable;
use crate::problem::Problem;

/// How the rows of a batch are drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Drawing {
    /// Every epoch goes once through all rows in a new random order; its last batch holds the rows that are left, whose mean is
    /// over themselves. The rows of a batch differ, and batches of an epoch depend on each other.
    #[default]
    WithoutReplacement,
    /// Every row of every batch is drawn from all n: gradients are independent, as theory mostly supposes.
    WithReplacement,
}

/// (1/|B|) Σ over i in B of the gradients of row i, for batches B of rows drawn at random: an unbiased estimate of the gradient of
/// f(Xβ) from |B| evaluations.
///
/// A batch of all n rows without replacement is [`FullBatch`] to the last bit, and draws nothing from the stream.
#[derive(Clone, Debug)]
pub struct MiniBatches<'a, X, L, P, R> {
    full: FullBatch<'a, X, L, P>,
    rows: &'a Rows,
    size: usize,
    drawing: Drawing,
    stream: R,
    /// A permutation of the rows, of which an epoch has used the first `used`.
    order: Vec<usize>,
    used: usize,
    batch: Vec<usize>,
    fit: Vec<f64>,
}

impl<'a, X: Design, L: RowLoss, P: Separable, R: Rng> MiniBatches<'a, X, L, P, R> {
    /// Batches of `size` rows of a problem, drawn by the words of `stream`. `rows` is a copy of its design.
    ///
    /// Errors: [`SolveError::Optimizer`] unless 1 ≤ size ≤ n and the rows are n × p.
    pub fn new(
        problem: &Problem<'a, X, L, P>,
        rows: &'a Rows,
        size: usize,
        drawing: Drawing,
        stream: R,
    ) -> Result<Self, SolveError> {
        let (n, p) = (problem.x.nrows(), problem.x.ncols());
        if (rows.nrows(), rows.ncols()) != (n, p) {
            return Err(SolveError::Optimizer(format!(
                "the rows are {} x {}, X is {n} x {p}; they must agree",
                rows.nrows(),
                rows.ncols()
            )));
        }
        if !(1..=n).contains(&size) {
            return Err(SolveError::Optimizer(format!(
                "the batch size is {size}, expected 1 to {n} rows"
            )));
        }
        Ok(Self {
            full: FullBatch::new(problem),
            rows,
            size,
            drawing,
            stream,
            order: (0..n).collect(),
            used: n,
            batch: Vec::with_capacity(size),
            fit: vec![0.0; size],
        })
    }

    fn takes_all(&self) -> bool {
        self.size == self.order.len() && self.drawing == Drawing::WithoutReplacement
    }

    /// Draws the next batch.
    fn draw(&mut self) {
        let (n, size) = (self.order.len(), self.next_rows());
        self.batch.clear();
        match self.drawing {
            Drawing::WithReplacement => {
                let drawn = (0..size).map(|_| below(&mut self.stream, n));
                self.batch.extend(drawn);
            }
            Drawing::WithoutReplacement => {
                if self.used == n {
                    shuffle(&mut self.stream, &mut self.order);
                    self.used = 0;
                }
                self.batch
                    .extend_from_slice(&self.order[self.used..self.used + size]);
                self.used += size;
            }
        }
    }
}

impl<X: Design, L: RowLoss, P: Separable, R: Rng> GradientSource for MiniBatches<'_, X, L, P, R> {
    type Loss = L;
    type Penalty = P;

    fn penalty(&self) -> P {
        self.full.penalty()
    }

    fn ncols(&self) -> usize {
        self.full.ncols()
    }

    fn next_rows(&self) -> usize {
        match (self.drawing, self.order.len() - self.used) {
            // Of a new epoch, or not of epochs at all.
            (Drawing::WithReplacement, _) | (_, 0) => self.size,
            (Drawing::WithoutReplacement, left) => self.size.min(left),
        }
    }

    fn gradient(&mut self, point: &[f64], out: &mut [f64]) {
        if self.takes_all() {
            return self.full.gradient(point, out);
        }
        self.draw();
        let &Problem { y, loss, .. } = self.full.problem();
        let (batch, rows) = (&self.batch, self.rows);
        let fit = &mut self.fit[..batch.len()];
        kernels::dot_columns(|k| rows.row(batch[k]), point, fit);
        for (z, &i) in fit.iter_mut().zip(batch) {
            *z = -loss.row_neg_derivative(i, y[i], *z) / batch.len() as f64;
        }
        out.fill(0.0);
        kernels::axpy_columns(|k| rows.row(batch[k]), fit, out);
    }
}
