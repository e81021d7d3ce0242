//! One path on prepared data: grid, solver, certificates, and the way back to the original scale.

use super::relaxation::{LeastSquares, Relaxation};
use super::unpenalised::restricted_grid_start;
use super::{Coefficients, EarlyEnd, FittedPath, FittedPoint, PathBuilder, Relaxed};
use crate::certificate::certify_path;
use crate::design::Design;
use crate::error::SolveError;
use crate::grid::Grid;
use crate::loss::Squared;
use crate::path::WarmPath;
use crate::penalty::{Bounded, ElasticNet, L1, Penalty, PerCoordinate, Ridge, Separable};
use crate::prepare::Preparation;
use crate::problem::Problem;
use crate::solver::{CoordinateDescent, Homotopy, RidgeClosedForm, RidgeFactor, Solver, Stop};

/// One path on prepared data.
pub(crate) struct Task<'a> {
    pub(crate) builder: &'a PathBuilder,
    pub(crate) preparation: &'a Preparation,
    /// These λ, decreasing, whatever the builder says.
    pub(crate) lambdas: Option<&'a [f64]>,
    /// What λ is multiplied by on the prepared data: the mean square of the root weights.
    pub(crate) lambda_unit: f64,
    /// Rows and columns of the data, where the problem has others.
    pub(crate) shape: (usize, usize),
}

impl Task<'_> {
    /// The λ of the path, decreasing.
    pub(crate) fn grid<X: Design>(
        &self,
        x: &X,
        y: &[f64],
        bounded: Option<&[Bounded]>,
    ) -> Result<Grid, SolveError> {
        let builder = self.builder;
        if let Some(lambdas) = self.lambdas.or(builder.lambdas.as_deref()) {
            return Grid::from_values(lambdas.to_vec());
        }
        let net = ElasticNet::new(builder.alpha)?;
        let start = match bounded {
            Some(bounded) => restricted_grid_start(x, y, net, bounded)?,
            None => Grid::start(
                Problem::new(x, y, Squared, net)?.max_gradient(),
                net.alpha(),
            ),
        };
        if start == 0.0 {
            return Err(SolveError::Grid(
                "every penalised column is constant, excluded or uncorrelated with y, so none ever enters and there is no grid; \
                 give lambda"
                    .into(),
            ));
        }
        let default = Grid::default_ratio(self.shape.0, self.shape.1);
        let ratio = builder.ratio.unwrap_or(default);
        Grid::geometric(start / self.lambda_unit, ratio, builder.n_lambda)
    }

    /// `x` and `y` are prepared, and `bounded` is what their scales do not express of the restrictions.
    pub(crate) fn solve<X: Design>(
        &self,
        x: &X,
        y: &[f64],
        bounded: Option<&[Bounded]>,
    ) -> Result<FittedPath, SolveError> {
        let alpha = self.builder.alpha;
        let net = ElasticNet::new(alpha)?;
        let grid = self.grid(x, y, bounded)?;
        if let Some(bounded) = bounded {
            let problem = Problem::new(x, y, Squared, PerCoordinate::new(net, bounded))?;
            return self.run(&CoordinateDescent::default(), &problem, &grid);
        }
        // The pure penalties spare the arithmetic that the general one would spend on a factor of 0 or 1.
        if alpha == 1.0 {
            let problem = Problem::new(x, y, Squared, L1)?;
            if x.density() >= Homotopy::DENSE_ENOUGH {
                self.run(&Homotopy::default(), &problem, &grid)
            } else {
                self.run(&CoordinateDescent::default(), &problem, &grid)
            }
        } else if alpha == 0.0 && x.nrows().min(x.ncols()) <= RidgeFactor::MAX_ORDER {
            self.run(
                &RidgeClosedForm,
                &Problem::new(x, y, Squared, Ridge)?,
                &grid,
            )
        } else {
            let problem = Problem::new(x, y, Squared, net)?;
            self.run(&CoordinateDescent::default(), &problem, &grid)
        }
    }

    /// Sets up and solves at every λ of the grid, in units of the preparation.
    fn run<X: Design, P: Separable, S: Solver<X, Squared, P>>(
        &self,
        solver: &S,
        problem: &Problem<X, Squared, P>,
        grid: &Grid,
    ) -> Result<FittedPath, SolveError> {
        let setup = solver.setup(problem)?;
        self.run_on(solver, problem, &setup, grid)
    }

    /// As [`Task::run`], from a setup that has been made.
    pub(crate) fn run_on<X: Design, P: Separable, S: Solver<X, Squared, P>>(
        &self,
        solver: &S,
        problem: &Problem<X, Squared, P>,
        setup: &S::Setup,
        grid: &Grid,
    ) -> Result<FittedPath, SolveError> {
        let (builder, preparation) = (self.builder, self.preparation);
        let scaled: Vec<f64> = (grid.as_slice().iter())
            .map(|lambda| lambda * self.lambda_unit)
            .collect();
        let mut path = WarmPath::new(solver, problem, setup, problem.lambda_max());
        path.announce(&scaled);
        let stop = Stop {
            tol: builder.tol,
            max_epochs: builder.max_epochs,
            cancel: None,
        };
        let mut relaxation = match builder.relaxed {
            true => Some(Relaxation::new(
                problem.x,
                problem.y,
                &builder.restrictions,
                preparation,
            )?),
            false => None,
        };
        let original = |coefficients: Vec<(usize, f64)>| {
            let original = coefficients
                .into_iter()
                .map(|(j, b)| (j, builder.restrictions.clamp(j, preparation.original(j, b))));
            let nonzeros: Vec<(usize, f64)> = original.collect();
            Coefficients {
                intercept: preparation.intercept(nonzeros.iter().copied()),
                nonzeros,
            }
        };
        let mut steps = Vec::with_capacity(grid.len());
        let mut ended = None;
        for (&lambda, &scaled) in grid.as_slice().iter().zip(&scaled) {
            let outcome = path.step(scaled, stop);
            let nonzeros = path.nonzeros();
            if builder
                .max_nonzeros
                .is_some_and(|most| nonzeros.len() > most)
            {
                ended = Some(EarlyEnd {
                    lambda,
                    nonzeros: nonzeros.len(),
                });
                break;
            }
            steps.push((lambda, scaled, outcome, nonzeros));
        }
        let judged: Vec<(f64, &[(usize, f64)])> = (steps.iter())
            .map(|(_, scaled, _, nonzeros)| (*scaled, nonzeros.as_slice()))
            .collect();
        let certificates = certify_path(problem, &judged);
        let mut points = Vec::with_capacity(steps.len());
        for ((lambda, _, outcome, prepared), certificate) in steps.into_iter().zip(certificates) {
            let relaxed = match &mut relaxation {
                Some(relaxation) => {
                    let LeastSquares { nonzeros, status } = relaxation.fit(&prepared, None)?;
                    Some(Relaxed {
                        fit: original(nonzeros),
                        status,
                    })
                }
                None => None,
            };
            let Coefficients {
                intercept,
                nonzeros,
            } = original(prepared);
            points.push(FittedPoint {
                lambda,
                intercept,
                nonzeros,
                relaxed,
                outcome,
                certificate,
            });
        }
        Ok(FittedPath {
            points,
            ended,
            null_loss: problem.null_loss(),
            features: problem.x.ncols(),
        })
    }
}
