//! Ridge without each row in turn, in closed form.
//!
//! Allen (1974), Technometrics 16; Golub, Heath & Wahba (1979), Technometrics 21.

use super::curve::{CurvePoint, choose, mean_and_error};
use super::{CrossValidation, Features};
use crate::design::{Design, kernels};
use crate::error::SolveError;
use crate::fit::{Job, PathBuilder, Prepared, Task};
use crate::loss::Squared;
use crate::penalty::Ridge;
use crate::problem::Problem;
use crate::solver::{RidgeClosedForm, Solver};

impl PathBuilder {
    /// Squared error of ridge on each row by the fit on all others, at the cost of one factorisation: what
    /// [`PathBuilder::cross_validate`] would find with a fold for every row, except that nλ, and the centres and deviations that
    /// columns are standardised with, stay those of all rows. The intercept does not: it is that of the others.
    ///
    /// X is n × p and y has length n. Errors: those of [`PathBuilder::fit`], and [`SolveError::Folds`] for another penalty than
    /// ridge and for restrictions other than positive factors.
    pub fn leave_one_out<'a>(
        &self,
        x: impl Into<Features<'a>>,
        y: &[f64],
    ) -> Result<CrossValidation, SolveError> {
        if self.alpha != 0.0 {
            return Err(SolveError::Folds(format!(
                "leaving one row out has a closed form for ridge (alpha = 0) only, alpha is {}; cross-validate with a fold for \
                 every row",
                self.alpha
            )));
        }
        self.check_squared("leaving out one row in closed form")?;
        self.with_prepared(x.into(), y, LeaveOneOut)
    }
}

struct LeaveOneOut;

impl Job for LeaveOneOut {
    type Output = CrossValidation;

    fn run<X: Design>(self, x: &X, prepared: &Prepared) -> Result<CrossValidation, SolveError> {
        if prepared.bounded.is_some() {
            return Err(SolveError::Folds(
                "leaving one row out has no closed form with bounds or unpenalised columns; cross-validate with a fold for every \
                 row"
                    .into(),
            ));
        }
        let (builder, y) = (prepared.builder, &prepared.y);
        let task = Task {
            builder,
            preparation: &prepared.preparation,
            lambdas: None,
            lambda_unit: 1.0,
            shape: (x.nrows(), x.ncols()),
        };
        let grid = task.grid(x, y, None)?;
        let problem = Problem::new(x, y, Squared, Ridge)?;
        let factor = RidgeClosedForm.setup(&problem)?;
        let path = task.run_on(&RidgeClosedForm, &problem, &factor, &grid)?;
        let ones = vec![1.0; y.len()];
        let q = prepared
            .preparation
            .root_weights
            .as_deref()
            .unwrap_or(&ones);
        let weight = kernels::sq_norm(q);
        let intercept = builder.options.intercept;
        let base: Vec<f64> = q
            .iter()
            .map(|q| if intercept { q * q / weight } else { 0.0 })
            .collect();
        let residuals = factor.leave_one_out_residuals(x, y, grid.as_slice(), &base);
        let points = path
            .points
            .iter()
            .zip(&residuals)
            .map(|(point, residuals)| {
                // Rows have been multiplied by √w.
                let rows = residuals
                    .iter()
                    .zip(q)
                    .map(|(r, q)| [(r / q).powi(2), q * q]);
                let [mean_error, se] = mean_and_error(rows);
                CurvePoint {
                    lambda: point.lambda,
                    mean_error,
                    se,
                    nonzeros: point.nonzeros.len(),
                }
            });
        let curve: Vec<CurvePoint> = points.collect();
        let (min, one_se) = choose(&curve)?;
        Ok(CrossValidation {
            path,
            curve,
            folds: Vec::new(),
            min,
            one_se,
        })
    }
}
