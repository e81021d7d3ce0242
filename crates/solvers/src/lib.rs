//! Certified regularization paths in pure Rust.
//!
//! A *path* is the solution of
//!
//! min over β of (1/n) Σ ℓ(y_i, x_iᵀβ) + λ Σ ω(β_j)
//!
//! at every λ of a decreasing grid. This crate has one scaling throughout: ℓ = ½(y − z)² for squared loss and
//! ω = α|b| + (1 − α)b²/2 for the elastic net, glmnet's parametrisation.
//!
//! ```
//! use faer::Mat;
//! let x = Mat::from_fn(50, 8, |i, j| ((i * (j + 3)) as f64 * 0.37).sin());
//! let y: Vec<f64> = (0..50).map(|i| 2.0 * x[(i, 0)] - x[(i, 3)] + 0.1 * (i as f64).cos()).collect();
//! let path = regpath_solvers::lasso().n_lambda(50).fit(x.as_ref(), &y)?;
//! assert!(path.worst_gap() <= 1e-6);
//! assert_eq!(path.points[0].nonzeros, []);
//! # Ok::<(), regpath_solvers::SolveError>(())
//! ```
//!
//! Observation weights, offsets, penalty factors and bounds, an early end and relaxed fits are methods of the same builder, and
//! [`validation`] chooses λ:
//!
//! ```
//! # use faer::Mat;
//! # let x = Mat::from_fn(50, 8, |i, j| ((i * (j + 3)) as f64 * 0.37).sin());
//! # let y: Vec<f64> = (0..50).map(|i| 2.0 * x[(i, 0)] - x[(i, 3)] + 0.1 * (i as f64).cos()).collect();
//! use regpath_solvers::{Restrictions, elastic_net};
//! let weights: Vec<f64> = (0..50).map(|i| [1.0, 2.0][i % 2]).collect();
//! let restrictions = Restrictions {
//!     factors: Some(vec![0.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, f64::INFINITY]),
//!     ..Restrictions::nonnegative(8)
//! };
//! let builder = elastic_net(0.9).weights(weights).restrictions(restrictions).max_nonzeros(5).relaxed(true);
//! let path = builder.fit(x.as_ref(), &y)?;
//! let last = path.points.last().expect("the first λ has one non-zero");
//! assert!(last.nonzeros.len() <= 5 && last.nonzeros.iter().all(|(j, b)| *j != 7 && *b > 0.0));
//! let between = last.blend(0.5);
//! assert_eq!(between.nonzeros[0].0, 0);
//! # Ok::<(), regpath_solvers::SolveError>(())
//! ```
//!
//! Other losses than squared are one more method; [`loss::LossKind`] lists them:
//!
//! ```
//! # use faer::Mat;
//! # let x = Mat::from_fn(50, 8, |i, j| ((i * (j + 3)) as f64 * 0.37).sin());
//! use regpath_solvers::{lasso, loss::{Logistic, LossKind}};
//! let classes: Vec<f64> = (0..50).map(|i| f64::from(x[(i, 0)] - x[(i, 3)] + 0.5 * (i as f64).cos() > 0.0)).collect();
//! let path = lasso().loss(LossKind::Logistic).fit(x.as_ref(), &classes)?;
//! assert!(path.worst_gap() <= 1e-6);
//! let null = Logistic::probability(path.points[0].intercept);
//! assert!((null - classes.iter().sum::<f64>() / 50.0).abs() < 1e-6);
//! # Ok::<(), regpath_solvers::SolveError>(())
//! ```
//!
//! # What solves what
//!
//! | solver | loss | penalty |
//! |---|---|---|
//! | [`solver::Homotopy`] | squared | [`penalty::L1`] |
//! | [`solver::CoordinateDescent`] | squared | any separable [`penalty::Penalty`] |
//! | [`solver::CyclicDescent`], the textbook's | squared | any separable [`penalty::Penalty`] |
//! | [`solver::ProximalNewton`] | any [`loss::CurvedLoss`]: Huber, logistic | any separable [`penalty::Penalty`] |
//! | [`solver::ProximalGradient`] (ISTA, FISTA) | any [`loss::SmoothLoss`] | any separable [`penalty::Penalty`] |
//! | [`solver::RidgeClosedForm`] | squared | [`penalty::Ridge`] |
//! | [`solver::ParametricSimplex`] | any [`loss::KinkedLoss`]: absolute, quantile | L1, with a factor for each coordinate |
//! | [`solver::FrischNewton`] | any [`loss::KinkedLoss`] | elastic net, with a factor for each coordinate |
//! | [`solver::ChambollePock`] | any [`loss::ProxLoss`]: all but squared | any separable [`penalty::Penalty`] |
//!
//! The table is the set of implementations of [`solver::Solver`]: a pair that is not in it does not compile. What is asked of
//! single coordinates, as bounds, is known when a solver is set up: the two that do not take them say so there.
//!
//! The rules by which models are trained make no certificate and are run to a budget, see [`optimizer`]. The table is the set of
//! implementations of [`optimizer::Minimises`], each for gradients of all rows and of samples of them:
//!
//! | optimizer | loss | penalty |
//! |---|---|---|
//! | [`optimizer::GradientDescent`] | any [`loss::SmoothLoss`] | any [`penalty::SmoothPenalty`]: ridge |
//! | [`optimizer::SubgradientDescent`], [`optimizer::HeavyBall`], [`optimizer::Nesterov`], [`optimizer::Adam`] | any, by subgradients | any [`penalty::FinitePenalty`], by subgradients |
//! | [`optimizer::StochasticProximalGradient`] | any, by subgradients | any separable [`penalty::Penalty`] |
//!
//! Beside paths, [`total_variation`] denoises an [`image`] under squares or absolute values, with a certificate of its own.
//!
//! # What is absent
//!
//! No input or output, no clock, no environment, no source of randomness and no threads: what is drawn, is drawn by a stream that
//! the caller seeds. A solver decides when to stop, and
//! [`certificate::certify`] decides, from the coefficients alone, whether it was right; at kinks, where they suggest no dual point,
//! [`certificate::certify_claim`] evaluates the one that is claimed.

pub mod certificate;
pub mod criteria;
pub mod design;
mod error;
pub mod face;
mod fit;
pub mod grid;
pub mod image;
pub mod loss;
pub mod null_model;
pub mod optimizer;
pub mod path;
pub mod penalty;
pub mod prepare;
pub mod problem;
mod restrictions;
pub mod solver;
pub mod total_variation;
pub mod validation;

pub use error::SolveError;
pub use fit::{
    Coefficients, EarlyEnd, FittedPath, FittedPoint, LeastSquares, PathBuilder, Relaxation,
    Relaxed, elastic_net, elastic_net_path, lasso, lasso_path, restricted_grid_start, ridge,
    ridge_path, worst,
};
pub use null_model::NullModel;
pub use restrictions::Restrictions;
