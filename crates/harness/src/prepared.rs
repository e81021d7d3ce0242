//! A dataset after centring and standardisation: what every contestant is handed, and the way back.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::atomic::{AtomicU64, Ordering};

use faer::Mat;
use regpath_solvers::SolveError;
use regpath_solvers::design::{Csc, Dense, Design, DesignError, Standardized};
use regpath_solvers::grid::Grid;
use regpath_solvers::loss::Squared;
use regpath_solvers::penalty::L1;
use regpath_solvers::prepare::{Options, Preparation};
use regpath_solvers::problem::Problem;

use crate::dataset::read::InputError;
use crate::dataset::{Dataset, Matrix};
use crate::parallel::Parallel;

/// Names listed in a warning before it says how many more there are.
const LISTED: usize = 5;

/// Data ready to be solved on, outside every clock.
pub struct Prepared {
    /// Tells this data from any other in the process.
    pub serial: u64,
    /// Name of the dataset.
    pub name: String,
    /// Names of the columns, length p.
    pub features: Vec<String>,
    /// Name of the response.
    pub response: String,
    /// Centred response, length n.
    pub y: Vec<f64>,
    /// The maps between original and prepared scale.
    pub preparation: Preparation,
    /// Seed of generated data.
    pub seed: Option<u64>,
    /// max_j |x_jᵀy|/n on the prepared scale.
    pub max_gradient: f64,
    /// ‖y − ȳ‖²/2n: the unit of relative gaps.
    pub null_loss: f64,
    /// What the user should know about the columns.
    pub warnings: Vec<String>,
    x: Storage,
}

enum Storage {
    /// Columns centred and scaled in place.
    Dense(Mat<f64>),
    /// Columns as they came; centring is implicit.
    Sparse(Csc),
}

/// Prepared columns as plain numbers.
pub enum Columns<'a> {
    /// Centred and scaled.
    Dense(&'a Mat<f64>),
    /// Column j is that of `x` divided by `scale[j]`.
    Sparse {
        /// Columns as they came.
        x: &'a Csc,
        /// Divisors, length p.
        scale: &'a [f64],
    },
}

/// Something that works on any design.
pub trait Visitor {
    /// What it returns.
    type Output;
    /// Works on the prepared design.
    fn visit<X: Design>(self, x: &X) -> Self::Output;
}

impl Prepared {
    /// Prepares. A dense X is changed in place, a sparse one stays as it is.
    ///
    /// Errors: [`InputError`] for a constant response, fewer than 2 rows, or data whose squares leave the range of f64.
    pub fn new(dataset: Dataset, options: Options) -> Result<Self, InputError> {
        let Dataset {
            name,
            x,
            y,
            features,
            response,
            reference,
            seed,
            ..
        } = dataset;
        let blame = |error: SolveError| InputError(explain(&name, &features, &response, error));
        let (preparation, x) = match x {
            Matrix::Dense(mut matrix) => {
                let design = Dense::try_new(matrix.as_ref()).map_err(|e| blame(e.into()))?;
                let preparation = match reference {
                    Some(r) => Preparation::with_moments(&design, &y, options, r.mean, r.sd),
                    None => Preparation::new(&design, &y, options),
                };
                let preparation = preparation.map_err(blame)?;
                preparation.apply(&mut matrix);
                (preparation, Storage::Dense(matrix))
            }
            Matrix::Sparse(csc) => (
                Preparation::new(&csc, &y, options).map_err(blame)?,
                Storage::Sparse(csc),
            ),
        };
        let y = preparation.response(&y);
        let warnings = column_warnings(&name, &features, &preparation, &x);
        static SERIAL: AtomicU64 = AtomicU64::new(0);
        let mut prepared = Self {
            serial: SERIAL.fetch_add(1, Ordering::Relaxed),
            name,
            features,
            response,
            y,
            preparation,
            seed,
            max_gradient: 0.0,
            null_loss: 0.0,
            warnings,
            x,
        };
        (prepared.max_gradient, prepared.null_loss) = prepared.visit(Scale { y: &prepared.y });
        Ok(prepared)
    }

    /// n.
    pub fn nrows(&self) -> usize {
        self.y.len()
    }

    /// p.
    pub fn ncols(&self) -> usize {
        self.features.len()
    }

    /// Stored entries.
    pub fn nnz(&self) -> usize {
        match &self.x {
            Storage::Dense(x) => x.nrows() * x.ncols(),
            Storage::Sparse(x) => x.nnz(),
        }
    }

    /// Stored entries divided by n p.
    pub fn density(&self) -> f64 {
        self.nnz() as f64 / (self.nrows() as f64 * self.ncols() as f64)
    }

    /// The prepared columns as plain numbers, for packages that know no implicit centring. Err with the reason if there is
    /// none that stays sparse.
    pub fn columns(&self) -> Result<Columns<'_>, String> {
        match &self.x {
            Storage::Dense(x) => Ok(Columns::Dense(x)),
            Storage::Sparse(_) if self.preparation.options.intercept => Err(
                "sparse columns are centred implicitly for an intercept, and no plain sparse matrix is equal to them"
                    .into(),
            ),
            Storage::Sparse(x) => Ok(Columns::Sparse {
                x,
                scale: &self.preparation.scaling.scale,
            }),
        }
    }

    /// Hands the prepared design to `visitor`.
    pub fn visit<V: Visitor>(&self, visitor: V) -> V::Output {
        match &self.x {
            Storage::Dense(x) => visitor.visit(&Dense::trusted(x)),
            Storage::Sparse(x) => visitor.visit(&Standardized::new(x, &self.preparation.scaling)),
        }
    }

    /// Hands the prepared design to `visitor`; where `threads` > 1 its passes and products are shared by the threads of the
    /// pool that they are called in.
    pub fn visit_shared<V: Visitor>(&self, threads: usize, visitor: V) -> V::Output {
        if threads <= 1 {
            return self.visit(visitor);
        }
        match &self.x {
            Storage::Dense(x) => visitor.visit(&Parallel(&Dense::trusted(x))),
            Storage::Sparse(x) => {
                visitor.visit(&Parallel(&Standardized::new(x, &self.preparation.scaling)))
            }
        }
    }

    /// Largest λ of a default grid for this α, see [`Grid::start`].
    pub fn grid_start(&self, alpha: f64) -> f64 {
        Grid::start(self.max_gradient, alpha)
    }
}

/// Computes the gradient's size at 0 and the null loss.
struct Scale<'a> {
    y: &'a [f64],
}

impl Visitor for Scale<'_> {
    type Output = (f64, f64);
    fn visit<X: Design>(self, x: &X) -> (f64, f64) {
        let problem = Problem {
            x,
            y: self.y,
            loss: Squared,
            penalty: L1,
        };
        (problem.max_gradient(), problem.null_loss())
    }
}

/// The error in the user's terms: names in place of numbers.
pub(crate) fn explain(
    dataset: &str,
    features: &[String],
    response: &str,
    error: SolveError,
) -> String {
    let column = |j: usize| {
        features
            .get(j)
            .map_or_else(|| j.to_string(), |f| format!("'{f}'"))
    };
    match error {
        SolveError::ConstantResponse(value) => format!(
            "{dataset}: response '{response}' is {value} in every row; there is nothing to fit, choose another response"
        ),
        SolveError::Design(DesignError::Value {
            row,
            column: j,
            value,
        }) => format!(
            "{dataset}: row {row} (from 0), column {}: value {value} is not finite or beyond 1e150; correct or rescale it",
            column(j)
        ),
        SolveError::Response { row, value } => format!(
            "{dataset}: row {row} (from 0), response '{response}': value {value} is not finite or beyond 1e150; correct \
             or rescale it"
        ),
        SolveError::ColumnScale { column: j, size } => format!(
            "{dataset}: column {} has deviations of magnitude {size:e}, whose squares leave the range of f64; rescale it",
            column(j)
        ),
        SolveError::ResponseScale { size } => format!(
            "{dataset}: response '{response}' has deviations of magnitude {size:e}, whose squares leave the range of f64; \
             rescale it"
        ),
        other => format!("{dataset}: {other}"),
    }
}

/// Constant columns, which get coefficient 0, and identical ones, whose coefficients are not unique.
fn column_warnings(
    name: &str,
    features: &[String],
    preparation: &Preparation,
    x: &Storage,
) -> Vec<String> {
    let mut warnings = Vec::new();
    let named = |columns: &[usize]| {
        let shown: Vec<&str> = columns
            .iter()
            .take(LISTED)
            .map(|&j| features[j].as_str())
            .collect();
        let more = columns.len().saturating_sub(LISTED);
        if more == 0 {
            shown.join(", ")
        } else {
            format!("{} and {more} more", shown.join(", "))
        }
    };
    if !preparation.constant.is_empty() {
        warnings.push(format!(
            "{name}: constant column(s) {}: coefficient 0",
            named(&preparation.constant)
        ));
    }
    let mut seen: HashMap<u64, usize> = HashMap::new();
    let constant: std::collections::HashSet<usize> = preparation.constant.iter().copied().collect();
    let copies: Vec<usize> = (0..features.len())
        .filter(|j| !constant.contains(j))
        .filter(|&j| match seen.entry(fingerprint(x, j)) {
            std::collections::hash_map::Entry::Occupied(first) => same_column(x, *first.get(), j),
            std::collections::hash_map::Entry::Vacant(slot) => {
                slot.insert(j);
                false
            }
        })
        .collect();
    if !copies.is_empty() {
        warnings.push(format!(
            "{name}: column(s) {} repeat an earlier column: their L1 coefficients are not unique",
            named(&copies)
        ));
    }
    warnings
}

fn fingerprint(x: &Storage, j: usize) -> u64 {
    let mut hasher = DefaultHasher::new();
    match x {
        Storage::Dense(x) => x
            .col_as_slice(j)
            .iter()
            .for_each(|v| v.to_bits().hash(&mut hasher)),
        Storage::Sparse(x) => {
            let (rows, values) = x.column(j);
            rows.hash(&mut hasher);
            values.iter().for_each(|v| v.to_bits().hash(&mut hasher));
        }
    }
    hasher.finish()
}

fn same_column(x: &Storage, j: usize, k: usize) -> bool {
    match x {
        Storage::Dense(x) => x.col_as_slice(j) == x.col_as_slice(k),
        Storage::Sparse(x) => x.column(j) == x.column(k),
    }
}
