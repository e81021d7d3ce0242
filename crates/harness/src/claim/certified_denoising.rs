//! Optima of denoising by total variation, with the proof that they are.

use anyhow::ensure;
use regpath_solvers::image::Image;
use regpath_solvers::solver::{Status, Stop};
use regpath_solvers::total_variation::{Denoised, Fidelity, denoise};

/// Iterations that are allowed.
const ITERATIONS: usize = 20_000;

/// The optimum to a relative gap. Errors: the gap does not close.
pub fn certified(noisy: &Image, lambda: f64, term: Fidelity, tol: f64) -> anyhow::Result<Denoised> {
    let stop = Stop {
        tol,
        max_epochs: ITERATIONS,
        cancel: None,
    };
    let found = denoise(noisy, lambda, term, stop)?;
    ensure!(
        found.status == Status::Converged,
        "λ = {lambda}: a gap of {tol:e} is not reached in {ITERATIONS} iterations"
    );
    Ok(found)
}
