//! Fits without penalty, which several claims compare: a line, and a constant.

use anyhow::ensure;
use faer::{Mat, MatRef};
use regpath_solvers::lasso;
use regpath_solvers::loss::LossKind;

/// Bound on the duality gap relative to the loss of the null model: that of rounding.
const TOL: f64 = 1e-14;

/// Intercept and slope of the line through (x, y) with the least mean loss.
pub(super) fn line(loss: LossKind, x: &[f64], y: &[f64]) -> anyhow::Result<[f64; 2]> {
    let columns = Mat::from_fn(x.len(), 1, |i, _| x[i]);
    fit(loss, columns.as_ref(), y, true)
}

/// The constant with the least mean loss; y has a value at least.
pub(super) fn constant(loss: LossKind, y: &[f64]) -> anyhow::Result<f64> {
    // A builder refuses a response without variation, whose fit is known.
    if y.iter().all(|v| *v == y[0]) {
        return Ok(y[0]);
    }
    let ones = Mat::from_fn(y.len(), 1, |_, _| 1.0);
    Ok(fit(loss, ones.as_ref(), y, false)?[1])
}

fn fit(loss: LossKind, x: MatRef<'_, f64>, y: &[f64], intercept: bool) -> anyhow::Result<[f64; 2]> {
    let builder = lasso().loss(loss).lambdas([0.0]).tol(TOL);
    let path = builder.intercept(intercept).standardize(false).fit(x, y)?;
    ensure!(
        path.worst_gap() <= 1e-10,
        "the fit is certified to {:e} only",
        path.worst_gap()
    );
    Ok([path.points[0].intercept, path.coefficients(0)[0]])
}
