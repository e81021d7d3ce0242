//! Derivatives of single rows, from which the gradient of a sample of rows is made.

use super::{Loss, Observed, Pointwise, Squared};

/// A loss that is a mean over rows, each of which can be asked for its derivative alone.
pub trait RowLoss: Loss {
    /// −n ∂f/∂z_i at the fit z of row i with response y, weights and offsets included: its mean over a uniformly drawn row is
    /// that of the rows of −n∇f. At a kink the same element of the subdifferential as [`Loss::neg_gradient`].
    fn row_neg_derivative(self, i: usize, y: f64, z: f64) -> f64;
}

impl<L: Pointwise> RowLoss for L {
    fn row_neg_derivative(self, _i: usize, y: f64, z: f64) -> f64 {
        self.neg_derivative(y, z)
    }
}

impl RowLoss for Squared {
    fn row_neg_derivative(self, _i: usize, y: f64, z: f64) -> f64 {
        y - z
    }
}

impl<L: Pointwise> RowLoss for Observed<'_, L> {
    fn row_neg_derivative(self, i: usize, y: f64, z: f64) -> f64 {
        let weight = self.weights.map_or(1.0, |w| w[i]);
        let offset = self.offset.map_or(0.0, |o| o[i]);
        weight * self.loss.neg_derivative(y, z + offset)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::loss::{Absolute, Huber, Logistic, Quantile};

    /// Row by row the derivatives are n times the gradient.
    fn rows_make_the_gradient(loss: impl RowLoss, y: [f64; 3]) {
        let fit = [0.2, 0.9, -2.0];
        let mut gradient = [0.0; 3];
        loss.neg_gradient(&y, &fit, &mut gradient);
        for i in 0..3 {
            let alone = loss.row_neg_derivative(i, y[i], fit[i]);
            assert!((alone - 3.0 * gradient[i]).abs() < 1e-15, "row {i}");
        }
    }

    #[test]
    fn every_loss_is_a_mean_over_rows() {
        // The second row sits on the kinks.
        let y = [1.0, 0.9, 2.0];
        let classes = [1.0, 0.0, 1.0];
        let (weights, offset) = ([0.5, 2.0, 0.5], [0.3, -1.0, 0.0]);
        rows_make_the_gradient(Squared, y);
        rows_make_the_gradient(Absolute, y);
        rows_make_the_gradient(Quantile::new(0.2).expect("tau is in (0, 1)"), y);
        rows_make_the_gradient(Huber::new(0.5).expect("delta is positive"), y);
        rows_make_the_gradient(Logistic, classes);
        for (weights, offset) in [
            (Some(&weights[..]), None),
            (None, Some(&offset[..])),
            (Some(&weights[..]), Some(&offset[..])),
        ] {
            let observed = Observed {
                loss: Logistic,
                weights,
                offset,
            };
            rows_make_the_gradient(observed, classes);
        }
    }
}
