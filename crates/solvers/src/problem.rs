//! min_β f(Xβ) + λ Ω(β): the data and the two functions; λ is given with every call.

use crate::design::{Design, is_usable};
use crate::error::SolveError;
use crate::loss::Loss;
use crate::penalty::{Penalty, Separable};

/// One objective on one design. The response is used as it is: centring is done by [`crate::prepare`].
#[derive(Clone, Copy, Debug)]
pub struct Problem<'a, X, L, P> {
    /// n × p.
    pub x: &'a X,
    /// Length n.
    pub y: &'a [f64],
    /// f.
    pub loss: L,
    /// Ω.
    pub penalty: P,
}

impl<'a, X: Design, L: Loss, P: Separable> Problem<'a, X, L, P> {
    /// Errors: [`SolveError::Shape`], [`SolveError::Empty`], [`SolveError::Response`] for a y that is not finite.
    pub fn new(x: &'a X, y: &'a [f64], loss: L, penalty: P) -> Result<Self, SolveError> {
        if x.nrows() == 0 || x.ncols() == 0 {
            return Err(SolveError::Empty {
                rows: x.nrows(),
                columns: x.ncols(),
            });
        }
        if y.len() != x.nrows() {
            return Err(SolveError::Shape {
                y: y.len(),
                rows: x.nrows(),
            });
        }
        check_response(y)?;
        Ok(Self {
            x,
            y,
            loss,
            penalty,
        })
    }

    /// f(Xβ) + λ Ω(β), given fit = Xβ.
    pub fn objective(&self, beta: &[f64], fit: &[f64], lambda: f64) -> f64 {
        self.loss.value(self.y, fit) + self.penalty_value(beta, lambda)
    }

    /// λ Ω(β).
    pub fn penalty_value(&self, beta: &[f64], lambda: f64) -> f64 {
        let values = beta.iter().enumerate();
        lambda
            * values
                .map(|(j, &b)| self.penalty.of(j).value(b))
                .sum::<f64>()
    }

    /// f(0), the unit of relative gaps: ‖y‖²/2n for squared loss.
    pub fn null_loss(&self) -> f64 {
        self.loss.value(self.y, &vec![0.0; self.y.len()])
    }
}

impl<X: Design, L: Loss, P: Separable> Problem<'_, X, L, P> {
    /// −Xᵀ∇f(0), length p, in units of y·x.
    pub fn gradient_at_zero(&self) -> Vec<f64> {
        let mut u = vec![0.0; self.y.len()];
        self.loss
            .neg_gradient(self.y, &vec![0.0; self.y.len()], &mut u);
        let mut c = vec![0.0; self.x.ncols()];
        self.x.tr_mul(&u, &mut c);
        c
    }

    /// max_j |x_jᵀ∇f(0)|, in units of y·x. [Friedman, Hastie & Tibshirani 2010, §2.5]
    pub fn max_gradient(&self) -> f64 {
        (self.gradient_at_zero().iter()).fold(0.0, |m, c| m.max(c.abs()))
    }

    /// The smallest λ at which β = 0 is optimal: max_j |x_jᵀ∇f(0)| / w_j, with λ[−w_j, w_j] the subdifferential at 0 of what the
    /// penalty asks of coordinate j. Infinite where something is never 0, as under ridge, unless the gradient at 0 vanishes.
    pub fn lambda_max(&self) -> f64 {
        self.penalty.largest_threshold(&self.gradient_at_zero())
    }
}

/// Errors: [`SolveError::Response`] at the first element that is not finite or whose square overflows.
pub(crate) fn check_response(y: &[f64]) -> Result<(), SolveError> {
    match y.iter().position(|v| !is_usable(*v)) {
        Some(row) => Err(SolveError::Response { row, value: y[row] }),
        None => Ok(()),
    }
}
