//! Ridge in closed form: one eigendecomposition of the smaller of XᵀX/n and XXᵀ/n serves every λ.
//! Hastie, Tibshirani & Friedman, ESL 2nd ed., §3.4.1; leave-one-out by Golub, Heath & Wahba (1979).

use faer::{Mat, Side};

use super::{Outcome, Setup, Solver, State, Status, Stop, Work};
use crate::design::Design;
use crate::design::kernels::{axpy, dot};
use crate::error::SolveError;
use crate::loss::Squared;
use crate::penalty::Ridge;
use crate::problem::Problem;

/// The solver; it has no options.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RidgeClosedForm;

/// Eigenvalues and vectors of the smaller Gram matrix with y projected onto them.
pub struct RidgeFactor {
    /// Eigenvalues of XᵀX/n or XXᵀ/n, those at rounding level set to 0, in increasing order; length r = p or n.
    eigenvalues: Vec<f64>,
    /// Eigenvectors, r × r: of XᵀX when p + 1 < n, of XXᵀ otherwise.
    vectors: Mat<f64>,
    /// Vᵀ Xᵀy/n when p + 1 < n, Uᵀ y/n otherwise.
    projected: Vec<f64>,
    /// Whether the vectors live on the columns (p + 1 < n) or on the rows.
    on_columns: bool,
    p: usize,
    /// ‖y‖²/2n.
    null_loss: f64,
}

impl RidgeFactor {
    /// Largest order of the factored matrix: its eigendecomposition takes a minute, and coordinate descent less.
    pub const MAX_ORDER: usize = 4000;

    /// Factors. Errors: [`SolveError::TooLarge`] for min(n, p) > [`RidgeFactor::MAX_ORDER`], [`SolveError::Eigen`].
    pub fn new<X: Design>(x: &X, y: &[f64]) -> Result<Self, SolveError> {
        let (n, p) = (x.nrows(), x.ncols());
        let order = if p + 1 < n { p } else { n };
        if n.min(p) > Self::MAX_ORDER {
            return Err(SolveError::TooLarge(format!(
                "closed-form ridge factors a matrix of order min(n, p) = {order}, at most {} is supported; \
                 use coordinate descent",
                Self::MAX_ORDER
            )));
        }
        // With as many rows as columns and an intercept, or one more, residuals of single rows need all directions of rows.
        let on_columns = p + 1 < n;
        let gram = if on_columns { x.gram() } else { x.outer_gram() };
        let eigen = gram
            .self_adjoint_eigen(Side::Lower)
            .map_err(|_| SolveError::Eigen(order))?;
        let scale = 1.0 / n as f64;
        let raw: Vec<f64> = eigen
            .S()
            .column_vector()
            .iter()
            .map(|d| d * scale)
            .collect();
        if !raw.iter().all(|d| d.is_finite()) {
            return Err(SolveError::Eigen(order));
        }
        let largest = raw.iter().fold(0.0f64, |m, &d| m.max(d));
        let negligible = largest * order as f64 * f64::EPSILON;
        let eigenvalues = raw
            .into_iter()
            .map(|d| if d > negligible { d } else { 0.0 })
            .collect();
        let vectors = eigen.U().to_owned();
        let mut right = vec![0.0; p];
        if on_columns {
            x.tr_mul(y, &mut right);
        }
        let source = if on_columns { &right[..] } else { y };
        let projected = (0..order)
            .map(|k| scale * dot(&vectors.col_as_slice(k)[..order], source))
            .collect();
        Ok(Self {
            eigenvalues,
            vectors,
            projected,
            on_columns,
            p,
            null_loss: 0.5 * scale * dot(y, y),
        })
    }

    fn order(&self) -> usize {
        self.eigenvalues.len()
    }

    /// 1/(d + λ), with the pseudo-inverse's 0 for d = 0 at λ = 0.
    fn inverse(d: f64, lambda: f64) -> f64 {
        if d + lambda == 0.0 {
            0.0
        } else {
            1.0 / (d + lambda)
        }
    }

    /// β(λ), length p; at λ = 0 the least-squares solution of least norm.
    pub fn coefficients<X: Design>(&self, x: &X, lambda: f64, beta: &mut [f64]) {
        let order = self.order();
        let mut combined = vec![0.0; order];
        for k in 0..order {
            // A direction of rank 0 carries no data, whatever rounding left in its projection.
            if self.eigenvalues[k] > 0.0 {
                let weight = self.projected[k] * Self::inverse(self.eigenvalues[k], lambda);
                axpy(
                    weight,
                    &self.vectors.col_as_slice(k)[..order],
                    &mut combined,
                );
            }
        }
        if self.on_columns {
            beta.copy_from_slice(&combined)
        } else {
            x.tr_mul(&combined, beta)
        }
    }

    /// Gap that rounding of the factorisation leaves at β(λ): the gradient is off by ε d_max ‖β‖ in each of r directions,
    /// and the gap is the square of that over 2λ; at λ = 0 over twice the smallest eigenvalue in use.
    fn rounding_gap(&self, lambda: f64, beta: &[f64]) -> f64 {
        let largest = self.eigenvalues.last().copied().unwrap_or(0.0);
        let curvature = if lambda > 0.0 {
            lambda
        } else {
            let used = self.eigenvalues.iter().find(|d| **d > 0.0);
            used.copied().unwrap_or(1.0)
        };
        let size = beta.iter().fold(0.0f64, |m, b| m.hypot(*b));
        let error = f64::EPSILON * largest * size;
        0.5 * self.order() as f64 * error * (error / curvature)
    }

    /// Effective degrees of freedom Σ d/(d + λ), without the intercept. [ESL eq. 3.50]
    pub fn df(&self, lambda: f64) -> f64 {
        self.eigenvalues
            .iter()
            .map(|&d| d * Self::inverse(d, lambda))
            .sum()
    }

    /// Diagonal of the smoother X(XᵀX/n + λ)⁻¹Xᵀ/n at each λ, length n each.
    pub fn leverages<X: Design>(&self, x: &X, lambdas: &[f64]) -> Vec<Vec<f64>> {
        let (n, order) = (x.nrows(), self.order());
        let mut leverages = vec![vec![0.0; n]; lambdas.len()];
        let mut squares = vec![0.0; n];
        for k in 0..order {
            let d = self.eigenvalues[k];
            if d == 0.0 {
                continue;
            }
            let vector = &self.vectors.col_as_slice(k)[..order];
            // Left singular vectors: u = Xv/√(n d) where the eigenvectors live on the columns.
            let unit = if self.on_columns {
                x.mul(vector, &mut squares);
                1.0 / (n as f64 * d)
            } else {
                squares.copy_from_slice(vector);
                1.0
            };
            squares.iter_mut().for_each(|u| *u *= *u);
            for (leverage, &lambda) in leverages.iter_mut().zip(lambdas) {
                axpy(unit * d * Self::inverse(d, lambda), &squares, leverage);
            }
        }
        leverages
    }

    /// Residuals of each row without itself, r_i/(1 − b_i − h_i), at each λ, with nλ, centring and scaling held fixed; `base` are
    /// the leverages b_i of the intercept, 0 without one. Length n each. Where columns outnumber rows λ cancels, and at 0 there is
    /// the limit of least-norm fits. Not finite where a row alone determines its fit.
    pub fn leave_one_out_residuals<X: Design>(
        &self,
        x: &X,
        y: &[f64],
        lambdas: &[f64],
        base: &[f64],
    ) -> Vec<Vec<f64>> {
        if !self.on_columns {
            let each = lambdas
                .iter()
                .map(|&lambda| self.dual_residuals(lambda, base));
            return each.collect();
        }
        let each = lambdas.iter().zip(self.leverages(x, lambdas));
        let residuals = each.map(|(&lambda, h)| {
            let r = self.residual(x, y, lambda).into_iter();
            let rows = r.zip(h).zip(base);
            rows.map(|((r, h), b)| r / (1.0 - b - h)).collect()
        });
        residuals.collect()
    }

    /// As [`RidgeFactor::leave_one_out_residuals`], n ≤ p + 1: with all eigenvectors of XXᵀ/n, r_i is λ Σ_k u_ik uₖᵀy/(d_k + λ)
    /// and 1 − h_i is λ Σ_k u_ik²/(d_k + λ), both without the difference of numbers near 1.
    fn dual_residuals(&self, lambda: f64, base: &[f64]) -> Vec<f64> {
        let n = base.len();
        let (mut above, mut below) = (vec![0.0; n], vec![0.0; n]);
        let (mut null_above, mut null_below) = (vec![0.0; n], vec![0.0; n]);
        let mut nullity = 0;
        for (k, &d) in self.eigenvalues.iter().enumerate() {
            let vector = &self.vectors.col_as_slice(k)[..n];
            // Uᵀy/n.
            let along = self.projected[k] * n as f64;
            let (inverse, above, below) = if d > 0.0 {
                (1.0 / (d + lambda), &mut above, &mut below)
            } else {
                nullity += 1;
                (1.0, &mut null_above, &mut null_below)
            };
            axpy(along * inverse, vector, above);
            for (below, u) in below.iter_mut().zip(vector) {
                *below += inverse * u * u;
            }
        }
        let intercept = base.iter().any(|b| *b > 0.0);
        // Beyond the direction of the intercept nothing of y is orthogonal to the columns, or it is, and outweighs the rest.
        if nullity > usize::from(intercept) {
            for i in 0..n {
                above[i] = lambda * above[i] + null_above[i];
                below[i] = lambda * below[i] + null_below[i] - base[i];
            }
        }
        above.iter().zip(&below).map(|(a, b)| a / b).collect()
    }

    /// Generalised cross-validation (‖r‖²/n) / (1 − (df + c)/n)², with c = 1 when y was centred for an intercept.
    pub fn gcv<X: Design>(&self, x: &X, y: &[f64], lambda: f64, intercept: bool) -> f64 {
        let n = y.len() as f64;
        let r = self.residual(x, y, lambda);
        let spent = (self.df(lambda) + f64::from(u8::from(intercept))) / n;
        dot(&r, &r) / n / (1.0 - spent).powi(2)
    }

    /// Leave-one-out mean squared error Σ (r_i/(1 − h_i))² / n, with nλ, centring and scaling held fixed.
    pub fn leave_one_out<X: Design>(&self, x: &X, y: &[f64], lambda: f64, intercept: bool) -> f64 {
        let n = y.len() as f64;
        let base = vec![if intercept { 1.0 / n } else { 0.0 }; y.len()];
        let residuals = self.leave_one_out_residuals(x, y, &[lambda], &base);
        residuals.iter().flatten().map(|r| r * r).sum::<f64>() / n
    }

    fn residual<X: Design>(&self, x: &X, y: &[f64], lambda: f64) -> Vec<f64> {
        let mut beta = vec![0.0; self.p];
        self.coefficients(x, lambda, &mut beta);
        let mut fit = vec![0.0; y.len()];
        x.mul(&beta, &mut fit);
        y.iter().zip(fit).map(|(y, z)| y - z).collect()
    }
}

impl Setup for RidgeFactor {
    fn work(&self) -> Work {
        let order = self.order() as u64;
        Work {
            passes: 2,
            columns_touched: 2 * self.p as u64,
            gram_columns: order,
            ..Work::default()
        }
    }

    fn rule(&self) -> String {
        let side = if self.on_columns {
            "XtX (p + 1 < n)"
        } else {
            "XXt (n <= p + 1)"
        };
        format!("eigendecomposition of {side}, order {}", self.order())
    }
}

/// β alone: nothing is warm.
pub struct RidgeState {
    beta: Vec<f64>,
}

impl State for RidgeState {
    fn beta(&self) -> &[f64] {
        &self.beta
    }

    fn set_zero(&mut self) {
        self.beta.fill(0.0);
    }
}

impl<X: Design> Solver<X, Squared, Ridge> for RidgeClosedForm {
    type Setup = RidgeFactor;
    type State = RidgeState;

    fn setup(&self, problem: &Problem<X, Squared, Ridge>) -> Result<RidgeFactor, SolveError> {
        RidgeFactor::new(problem.x, problem.y)
    }

    fn start(&self, problem: &Problem<X, Squared, Ridge>, _: &RidgeFactor) -> RidgeState {
        RidgeState {
            beta: vec![0.0; problem.x.ncols()],
        }
    }

    fn solve(
        &self,
        problem: &Problem<X, Squared, Ridge>,
        setup: &RidgeFactor,
        lambda: f64,
        stop: Stop,
        state: &mut RidgeState,
    ) -> Outcome {
        setup.coefficients(problem.x, lambda, &mut state.beta);
        let pass = u64::from(!setup.on_columns);
        let work = Work {
            passes: pass,
            columns_touched: pass * setup.p as u64,
            ..Work::default()
        };
        // Nothing iterates, so all that can stand between β and the tolerance is rounding.
        let within = setup.rounding_gap(lambda, &state.beta) <= stop.tol * setup.null_loss;
        Outcome {
            status: if within {
                Status::Converged
            } else {
                Status::Stalled
            },
            work,
        }
    }
}
