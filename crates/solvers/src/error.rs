//! Why a solve could not be attempted. What was attempted and fell short is a [`crate::solver::Status`].

use crate::design::DesignError;

/// An input that no solver can work on.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum SolveError {
    /// The matrix is not a design.
    #[error(transparent)]
    Design(#[from] DesignError),
    /// Elastic-net mixing parameter outside [0, 1].
    #[error("alpha is {0}, expected a number in [0, 1]")]
    Alpha(f64),
    /// A parameter of a loss outside its range, or a response that the loss has no meaning for.
    #[error("{0}")]
    Loss(String),
    /// A λ that is negative or not finite.
    #[error("lambda is {0}, expected a finite number >= 0")]
    Lambda(f64),
    /// A grid that cannot be built.
    #[error("{0}")]
    Grid(String),
    /// X and y disagree.
    #[error("y has {y} values, X has {rows} rows; they must agree")]
    Shape {
        /// Length of y.
        y: usize,
        /// Rows of X.
        rows: usize,
    },
    /// Too little data.
    #[error("X is {rows} x {columns}; at least 2 rows and 1 column are needed")]
    Empty {
        /// n.
        rows: usize,
        /// p.
        columns: usize,
    },
    /// An element of y is NaN, infinite or beyond 1e150.
    #[error(
        "y at row {row} (counted from 0) is {value}, expected a finite number of magnitude at most 1e150"
    )]
    Response {
        /// Row, from 0.
        row: usize,
        /// The element.
        value: f64,
    },
    /// y has no variation to explain.
    #[error("y is constant ({0}); there is nothing to fit")]
    ConstantResponse(f64),
    /// Squares of deviations of y leave the range of f64.
    #[error("y deviates by {size:e}, whose square leaves the range of f64; rescale it")]
    ResponseScale {
        /// Largest |y_i − ȳ|.
        size: f64,
    },
    /// Squares of a column that is not to be standardised leave the range of f64.
    #[error(
        "column {column} of X deviates by {size:e}, whose square leaves the range of f64; rescale or standardise it"
    )]
    ColumnScale {
        /// Column, from 0.
        column: usize,
        /// Its deviation.
        size: f64,
    },
    /// Observation weights that cannot be used.
    #[error("{0}")]
    Weights(String),
    /// Offsets that cannot be used.
    #[error("{0}")]
    Offset(String),
    /// Scales of columns that cannot be used.
    #[error("{0}")]
    Scales(String),
    /// Penalty factors or bounds that cannot be used.
    #[error("{0}")]
    Restriction(String),
    /// Folds that cannot be used.
    #[error("{0}")]
    Folds(String),
    /// Step sizes, momentum, decay or batches of an optimizer that cannot be used.
    #[error("{0}")]
    Optimizer(String),
    /// An image that cannot be used, or what cannot be done to one.
    #[error("{0}")]
    Image(String),
    /// What had to be found first was not found.
    #[error("{0}")]
    Stalled(String),
    /// The problem is too large for this solver.
    #[error("{0}")]
    TooLarge(String),
    /// A factorisation did not converge.
    #[error("the eigenvalue iteration did not converge on a {0} x {0} matrix")]
    Eigen(usize),
}
