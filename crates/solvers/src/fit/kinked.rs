//! Paths of losses with kinks: absolute and quantile loss.

use super::FittedPath;
use super::loss_path::LossPath;
use crate::design::Design;
use crate::error::SolveError;
use crate::loss::{KinkedLoss, ProxLoss};

/// Fits the path of a kinked loss. Errors: [`SolveError::Loss`].
pub(super) fn kinked_path<X: Design, L: KinkedLoss + ProxLoss>(
    _path: &LossPath<'_>,
    _x: &X,
    _loss: L,
) -> Result<FittedPath, SolveError> {
    Err(SolveError::Loss(
        "paths of absolute and quantile loss are not fitted here yet".into(),
    ))
}
