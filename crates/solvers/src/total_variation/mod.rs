//! Image denoising by total variation: min over u of λ TV(u) + D(u, g).
//!
//! TV(u) = Σ |(∇u)_i|₂ over pixels i with forward differences and Neumann boundary, the isotropic variation of Rudin, Osher & Fatemi
//! (1992), Physica D 60. The data term D is ½‖u − g‖₂², the model of that paper, or ‖u − g‖₁, which takes outliers out whole and
//! leaves contrast alone [Nikolova 2004, J. Math. Imaging Vis. 20; Chan & Esedoglu 2005, SIAM J. Appl. Math. 65]. Sums are over pixels,
//! without 1/n, so λ has the unit of grey values with squares and none with absolute values.
//!
//! ```
//! use regpath_solvers::image::Image;
//! use regpath_solvers::solver::{Status, Stop};
//! use regpath_solvers::total_variation::{Fidelity, denoise};
//!
//! // A speck in a square: the variation around it, 2 + √2, costs more than the pixel.
//! let square = |i, j| f64::from((3..9).contains(&i) && (3..9).contains(&j));
//! let clean = Image::from_fn(12, 12, square)?;
//! let noisy = Image::from_fn(12, 12, |i, j| if (i, j) == (6, 6) { 0.0 } else { square(i, j) })?;
//! let stop = Stop { tol: 1e-6, ..Stop::default() };
//! let found = denoise(&noisy, 0.5, Fidelity::Absolute, stop)?;
//! assert_eq!(found.status, Status::Converged);
//! assert!((found.image.pixels()[6 * 12 + 6] - 1.0).abs() < 1e-3);
//! # Ok::<(), regpath_solvers::SolveError>(())
//! ```

mod differences;
mod gap;
mod objective;
mod primal_dual;

pub use differences::{Field, divergence, gradient};
pub use gap::Certificate;
pub use primal_dual::{DenoisingState, PrimalDual};

use crate::error::SolveError;
use crate::image::Image;
use crate::solver::{Status, Stop, Work};

/// The data term D(u, g).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fidelity {
    /// ½‖u − g‖₂²: TV-L2, the model of Rudin, Osher and Fatemi, for Gaussian noise.
    Squares,
    /// ‖u − g‖₁: TV-L1, for outliers.
    Absolute,
}

/// A noisy image, λ and the data term together.
#[derive(Clone, Copy, Debug)]
pub struct Denoising<'a> {
    image: &'a Image,
    lambda: f64,
    fidelity: Fidelity,
    /// Least and largest pixel of the noisy image.
    range: [f64; 2],
}

impl<'a> Denoising<'a> {
    /// The problem of one noisy image. Errors: [`SolveError::Lambda`] unless λ ≥ 0 is finite.
    pub fn new(image: &'a Image, lambda: f64, fidelity: Fidelity) -> Result<Self, SolveError> {
        if !(lambda.is_finite() && lambda >= 0.0) {
            return Err(SolveError::Lambda(lambda));
        }
        let whole = [f64::INFINITY, f64::NEG_INFINITY];
        let range = (image.pixels().iter()).fold(whole, |[a, b], &v| [a.min(v), b.max(v)]);
        let width = range[1] - range[0];
        if width > 0.0 && width < LEAST_RANGE {
            return Err(SolveError::Image(format!(
                "pixels differ by at most {width:e}, whose square is lost to rounding; scale the image"
            )));
        }
        Ok(Self {
            image,
            lambda,
            fidelity,
            range,
        })
    }

    /// The noisy image g.
    pub fn image(&self) -> &'a Image {
        self.image
    }

    /// λ.
    pub fn lambda(&self) -> f64 {
        self.lambda
    }

    /// The data term.
    pub fn fidelity(&self) -> Fidelity {
        self.fidelity
    }
}

/// Range of the pixels of an image that is not constant, below which squares of differences underflow.
const LEAST_RANGE: f64 = 1e-140;

/// A denoised image with what proves it.
#[derive(Clone, Debug)]
pub struct Denoised {
    /// u.
    pub image: Image,
    /// p, the dual point of the certificate.
    pub dual: Field,
    /// Objective and gap.
    pub certificate: Certificate,
    /// How the solve ended.
    pub status: Status,
    /// What it took.
    pub work: Work,
}

/// Solves one problem from the noisy image.
///
/// Errors: [`SolveError::Lambda`] unless λ ≥ 0 is finite; [`SolveError::Image`] if the numbers leave the range of f64.
pub fn denoise(
    image: &Image,
    lambda: f64,
    fidelity: Fidelity,
    stop: Stop,
) -> Result<Denoised, SolveError> {
    let problem = Denoising::new(image, lambda, fidelity)?;
    let solver = PrimalDual::default();
    let mut state = solver.start(&problem);
    let outcome = solver.solve(&problem, stop, &mut state);
    let certificate = problem.certify(state.pixels(), state.dual());
    let (pixels, dual) = state.into_parts();
    Ok(Denoised {
        image: Image::new(image.height(), image.width(), pixels)?,
        dual,
        certificate,
        status: outcome.status,
        work: outcome.work,
    })
}
