//! Blurred wavelets: the design of deblurring with sparse wavelet coefficients.

use super::blur::Blur;
use super::haar::Haar;
use super::operator::{Operator, Patch};
use crate::error::SolveError;

/// A = RW, from wavelet coefficients to the blurred image that they stand for; column j is the j-th wavelet, blurred.
/// [Beck & Teboulle 2009, §5]
#[derive(Clone, Debug, PartialEq)]
pub struct BlurredWavelets {
    blur: Blur,
    wavelets: Haar,
}

impl BlurredWavelets {
    /// Errors: [`SolveError::Image`] if the two are of images of different shapes.
    pub fn new(blur: Blur, wavelets: Haar) -> Result<Self, SolveError> {
        if blur.shape() != wavelets.shape() {
            return Err(SolveError::Image(
                "blur and wavelets are of images of different shapes".into(),
            ));
        }
        Ok(Self { blur, wavelets })
    }
}

impl Operator for BlurredWavelets {
    fn shape(&self) -> (usize, usize) {
        self.blur.shape()
    }

    fn apply(&self, v: &[f64], out: &mut [f64]) {
        let mut sharp = vec![0.0; v.len()];
        self.wavelets.apply(v, &mut sharp);
        self.blur.apply(&sharp, out);
    }

    fn apply_transposed(&self, v: &[f64], out: &mut [f64]) {
        let mut blurred = vec![0.0; v.len()];
        self.blur.apply_transposed(v, &mut blurred);
        self.wavelets.apply_transposed(&blurred, out);
    }

    fn column(&self, j: usize) -> Patch {
        self.blur.of_patch(&self.wavelets.column(j))
    }

    /// That of the blur: an orthogonal map in front changes no singular value.
    fn sq_spectral_norm(&self) -> f64 {
        self.blur.sq_spectral_norm()
    }

    fn cost(&self) -> usize {
        self.blur.cost() + self.wavelets.cost()
    }
}

#[cfg(test)]
mod tests {
    use super::super::operator::MatrixFree;
    use super::super::operator::tests::{is_one_design, normals, power_method};
    use super::*;
    use crate::certificate::certify;
    use crate::design::{Dense, Design};
    use crate::loss::Squared;
    use crate::path::WarmPath;
    use crate::penalty::L1;
    use crate::problem::Problem;
    use crate::solver::{CoordinateDescent, ProximalGradient, Setup, Solver, Status, Stop};
    use faer::Mat;

    fn small() -> BlurredWavelets {
        let blur = Blur::gaussian(8, 16, 5, 1.0).expect("large enough");
        BlurredWavelets::new(blur, Haar::new(8, 16, 2).expect("even sides")).expect("one shape")
    }

    #[test]
    fn it_is_a_design_of_columns() {
        is_one_design(small());
        let other = Haar::new(16, 8, 2).expect("even sides");
        assert!(BlurredWavelets::new(small().blur, other).is_err());
    }

    #[test]
    fn the_step_of_proximal_gradient_is_that_of_the_closed_form() {
        let x = MatrixFree(small());
        let n = x.nrows() as f64;
        let norm = power_method(&x.0, 4000);
        assert!((norm - 1.0).abs() < 1e-6, "{norm}");
        let y = normals(6, x.nrows());
        let problem = Problem::new(&x, &y, Squared, L1).expect("a problem");
        let setup = ProximalGradient::fista().setup(&problem).expect("known");
        assert_eq!(setup.rule(), format!("step 1/L with L = {:.6e}", 1.0 / n));
        assert_eq!(setup.work().gram_columns, 0);
    }

    #[test]
    fn it_has_the_solution_of_its_entries_in_memory() {
        let x = MatrixFree(small());
        let n = x.nrows();
        let y = normals(7, n);
        let stop = Stop {
            tol: 1e-12,
            ..Stop::default()
        };
        let problem = Problem::new(&x, &y, Squared, L1).expect("a problem");
        let lambda = 0.1 * problem.lambda_max();
        let solver = ProximalGradient::fista_restart();
        let setup = solver.setup(&problem).expect("known");
        let mut path = WarmPath::new(&solver, &problem, &setup, problem.lambda_max());
        assert_eq!(path.step(lambda, stop).status, Status::Converged);
        let mut entries = Mat::<f64>::zeros(n, n);
        for j in 0..n {
            x.col_axpy(j, 1.0, entries.col_as_slice_mut(j));
        }
        let dense = Dense::try_new(entries.as_ref()).expect("finite");
        let same = Problem::new(&dense, &y, Squared, L1).expect("a problem");
        let solver = CoordinateDescent::FULL;
        let setup = solver.setup(&same).expect("sets up");
        let mut other = WarmPath::new(&solver, &same, &setup, same.lambda_max());
        assert_eq!(other.step(lambda, stop).status, Status::Converged);
        let found = certify(&problem, path.beta(), lambda).primal;
        let expected = certify(&same, other.beta(), lambda).primal;
        assert!((found / expected - 1.0).abs() < 1e-10, "{found} {expected}");
    }
}
