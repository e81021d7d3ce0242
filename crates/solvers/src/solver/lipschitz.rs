//! An upper bound on the largest eigenvalue of XᵀX / n: the curvature of a squared loss.

use faer::Side;

use crate::design::Design;
use crate::error::SolveError;

/// Order of the smaller Gram matrix up to which its eigenvalues are computed.
const EXACT: usize = 1500;

/// λ_max(XᵀX)/n, never below the true value up to rounding, which the last factor covers.
///
/// Where the design does not know it, the eigenvalue is computed if the smaller of XᵀX and XXᵀ is of order at most 1500; beyond, the
/// bound is ‖X‖_F²/n, which may be far too large and is what backtracking is for. Errors: [`SolveError::Eigen`].
pub(crate) fn bound<X: Design>(x: &X) -> Result<f64, SolveError> {
    let (n, p) = (x.nrows(), x.ncols());
    if let Some(known) = x.sq_spectral_norm() {
        return Ok(known / n as f64);
    }
    let order = n.min(p);
    if order > EXACT {
        return Ok((0..p).map(|j| x.col_sq_norm(j)).sum::<f64>() / n as f64);
    }
    let gram = if p <= n { x.gram() } else { x.outer_gram() };
    let eigenvalues = gram
        .self_adjoint_eigenvalues(Side::Lower)
        .map_err(|_| SolveError::Eigen(order))?;
    if !eigenvalues.iter().all(|v| v.is_finite()) {
        return Err(SolveError::Eigen(order));
    }
    let largest = eigenvalues.iter().fold(0.0f64, |m, &v| m.max(v));
    Ok(largest / n as f64 * (1.0 + 1e-12))
}

/// Columns of the Gram matrix that [`bound`] forms.
pub(super) fn gram_columns<X: Design>(x: &X) -> usize {
    let order = x.nrows().min(x.ncols());
    if order > EXACT || x.sq_spectral_norm().is_some() {
        0
    } else {
        order
    }
}
