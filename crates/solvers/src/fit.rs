//! From a matrix to a certified path in one call, for users of the library.

use faer::MatRef;

use crate::certificate::{Certificate, certify};
use crate::design::{Csc, Dense, Design, Standardized};
use crate::error::SolveError;
use crate::grid::Grid;
use crate::loss::Squared;
use crate::path::WarmPath;
use crate::penalty::{ElasticNet, L1, Ridge, Separable};
use crate::prepare::{Options, Preparation};
use crate::problem::Problem;
use crate::solver::{
    CoordinateDescent, Homotopy, Outcome, RidgeClosedForm, RidgeFactor, Solver, Stop,
};

/// How a path is to be computed; the defaults are those of glmnet.
#[derive(Clone, Debug)]
pub struct PathBuilder {
    alpha: f64,
    lambdas: Option<Vec<f64>>,
    n_lambda: usize,
    ratio: Option<f64>,
    options: Options,
    tol: f64,
    max_epochs: usize,
}

/// Lasso path of squared loss. See [`PathBuilder`] for options.
pub fn lasso() -> PathBuilder {
    elastic_net(1.0)
}

/// Ridge path of squared loss.
pub fn ridge() -> PathBuilder {
    elastic_net(0.0)
}

/// Elastic-net path with penalty λ Σ α|β_j| + (1 − α)β_j²/2; α is checked when the path is fitted.
pub fn elastic_net(alpha: f64) -> PathBuilder {
    PathBuilder {
        alpha,
        lambdas: None,
        n_lambda: 100,
        ratio: None,
        options: Options::default(),
        tol: 1e-6,
        max_epochs: Stop::default().max_epochs,
    }
}

/// [`lasso`] with the default options. X is n × p, y has length n. Errors: see [`SolveError`].
pub fn lasso_path(x: MatRef<'_, f64>, y: &[f64]) -> Result<FittedPath, SolveError> {
    lasso().fit(x, y)
}

/// [`ridge`] with the default options. X is n × p, y has length n. Errors: see [`SolveError`].
pub fn ridge_path(x: MatRef<'_, f64>, y: &[f64]) -> Result<FittedPath, SolveError> {
    ridge().fit(x, y)
}

/// [`elastic_net`] with the default options. X is n × p, y has length n. Errors: see [`SolveError`].
pub fn elastic_net_path(
    x: MatRef<'_, f64>,
    y: &[f64],
    alpha: f64,
) -> Result<FittedPath, SolveError> {
    elastic_net(alpha).fit(x, y)
}

impl PathBuilder {
    /// Number of λ of the geometric grid; 100 unless set.
    pub fn n_lambda(mut self, n_lambda: usize) -> Self {
        self.n_lambda = n_lambda;
        self
    }

    /// λ_min / λ_max of the geometric grid; 1e-2 when n < p and 1e-4 otherwise unless set.
    pub fn lambda_min_ratio(mut self, ratio: f64) -> Self {
        self.ratio = Some(ratio);
        self
    }

    /// These λ instead of a geometric grid, in any order; 0 is the unpenalised fit.
    pub fn lambdas(mut self, lambdas: impl Into<Vec<f64>>) -> Self {
        self.lambdas = Some(lambdas.into());
        self
    }

    /// Whether an intercept is fitted; true unless set.
    pub fn intercept(mut self, intercept: bool) -> Self {
        self.options.intercept = intercept;
        self
    }

    /// Whether columns are divided by their population deviation; true unless set.
    pub fn standardize(mut self, standardize: bool) -> Self {
        self.options.standardize = standardize;
        self
    }

    /// Bound on gap / (‖y − ȳ‖²/2n) at every λ; 1e-6 unless set.
    pub fn tol(mut self, tol: f64) -> Self {
        self.tol = tol;
        self
    }

    /// Epochs that a λ may take; 100 000 unless set.
    pub fn max_epochs(mut self, max_epochs: usize) -> Self {
        self.max_epochs = max_epochs;
        self
    }

    /// Fits on a dense X, n × p, column-major; y has length n. A prepared copy of X is made unless none is needed.
    ///
    /// Errors: [`SolveError`] for shapes, values that are not finite, a constant y, α outside [0, 1], bad λ.
    pub fn fit(&self, x: MatRef<'_, f64>, y: &[f64]) -> Result<FittedPath, SolveError> {
        let design = Dense::try_new(x)?;
        let preparation = Preparation::new(&design, y, self.options)?;
        if preparation.is_identity() {
            return self.fit_prepared(&design, y, preparation);
        }
        let mut copy = x.to_owned();
        preparation.apply(&mut copy);
        self.fit_prepared(&Dense::try_new(copy.as_ref())?, y, preparation)
    }

    /// Fits on a sparse X, n × p, which stays sparse: centring is implicit. Errors: as [`PathBuilder::fit`].
    pub fn fit_sparse(&self, x: &Csc, y: &[f64]) -> Result<FittedPath, SolveError> {
        let preparation = Preparation::new(x, y, self.options)?;
        let scaling = preparation.scaling.clone();
        self.fit_prepared(&Standardized::new(x, &scaling), y, preparation)
    }

    fn fit_prepared<X: Design>(
        &self,
        x: &X,
        y: &[f64],
        prep: Preparation,
    ) -> Result<FittedPath, SolveError> {
        let y = prep.response(y);
        // The pure penalties spare the arithmetic that the general one would spend on a factor of 0 or 1.
        if self.alpha == 1.0 {
            let problem = Problem::new(x, &y, Squared, L1)?;
            if x.density() >= Homotopy::DENSE_ENOUGH {
                self.run(&Homotopy::default(), &problem, prep)
            } else {
                self.run(&CoordinateDescent::default(), &problem, prep)
            }
        } else if self.alpha == 0.0 && x.nrows().min(x.ncols()) <= RidgeFactor::MAX_ORDER {
            self.run(
                &RidgeClosedForm,
                &Problem::new(x, &y, Squared, Ridge)?,
                prep,
            )
        } else {
            let penalty = ElasticNet::new(self.alpha)?;
            self.run(
                &CoordinateDescent::default(),
                &Problem::new(x, &y, Squared, penalty)?,
                prep,
            )
        }
    }

    fn run<X: Design, P: Separable, S: Solver<X, Squared, P>>(
        &self,
        solver: &S,
        problem: &Problem<X, Squared, P>,
        preparation: Preparation,
    ) -> Result<FittedPath, SolveError> {
        let grid = match &self.lambdas {
            Some(lambdas) => Grid::from_values(lambdas.clone())?,
            None => {
                let ratio = self
                    .ratio
                    .unwrap_or(Grid::default_ratio(problem.x.nrows(), problem.x.ncols()));
                Grid::geometric(
                    Grid::start(problem.max_gradient(), self.alpha),
                    ratio,
                    self.n_lambda,
                )?
            }
        };
        let setup = solver.setup(problem)?;
        let mut path = WarmPath::new(solver, problem, &setup, problem.lambda_max());
        path.announce(grid.as_slice());
        let stop = Stop {
            tol: self.tol,
            max_epochs: self.max_epochs,
            cancel: None,
        };
        let points = grid.as_slice().iter().map(|&lambda| {
            let outcome = path.step(lambda, stop);
            let nonzeros = path.nonzeros().into_iter();
            let nonzeros: Vec<(usize, f64)> = nonzeros
                .map(|(j, b)| (j, preparation.original(j, b)))
                .collect();
            FittedPoint {
                lambda,
                intercept: preparation.intercept(nonzeros.iter().copied()),
                nonzeros,
                outcome,
                certificate: certify(problem, path.beta(), lambda),
            }
        });
        let points = points.collect();
        Ok(FittedPath {
            points,
            null_loss: problem.null_loss(),
            features: problem.x.ncols(),
        })
    }
}

/// Largest of the gaps and 0; NaN if any is NaN, which must never look like a small one.
pub fn worst(gaps: impl Iterator<Item = f64>) -> f64 {
    gaps.fold(0.0, |worst, gap| {
        if worst.is_nan() || gap <= worst {
            worst
        } else {
            gap
        }
    })
}

/// A path on the original scale of the data.
#[derive(Clone, Debug)]
pub struct FittedPath {
    /// One entry per λ, λ decreasing.
    pub points: Vec<FittedPoint>,
    /// ‖y − ȳ‖²/2n (without ȳ if there is no intercept): the unit of relative gaps.
    pub null_loss: f64,
    /// p.
    pub features: usize,
}

/// The solution at one λ.
#[derive(Clone, Debug)]
pub struct FittedPoint {
    /// λ in the scaling (1/2n)‖y − Xβ‖² + λ Ω(β).
    pub lambda: f64,
    /// Intercept; 0 when none was fitted.
    pub intercept: f64,
    /// (column, coefficient) of the coefficients that are not exactly 0, by column, on the original scale.
    pub nonzeros: Vec<(usize, f64)>,
    /// How the solve ended and what it took.
    pub outcome: Outcome,
    /// What the judge says of the coefficients.
    pub certificate: Certificate,
}

impl FittedPath {
    /// Coefficients at point k as a dense vector of length p. Panics unless k is below the number of points.
    pub fn coefficients(&self, k: usize) -> Vec<f64> {
        let mut beta = vec![0.0; self.features];
        for &(j, b) in &self.points[k].nonzeros {
            beta[j] = b;
        }
        beta
    }

    /// Largest relative gap over the path; NaN if any is NaN.
    pub fn worst_gap(&self) -> f64 {
        worst(
            self.points
                .iter()
                .map(|p| p.certificate.relative_gap(self.null_loss)),
        )
    }
}
