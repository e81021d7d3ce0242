//! A dataset after centring and standardisation: what every contestant is handed, and the way back.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::atomic::{AtomicU64, Ordering};

use faer::Mat;
use regpath_solvers::design::{ColumnScaling, Csc, Dense, Design, DesignError, Standardized};
use regpath_solvers::grid::Grid;
use regpath_solvers::loss::Squared;
use regpath_solvers::penalty::{Bounded, ElasticNet, L1, Penalty};
use regpath_solvers::prepare::{Options, Preparation, Weights};
use regpath_solvers::problem::Problem;
use regpath_solvers::{Restrictions, SolveError, restricted_grid_start};

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
    /// The maps between original and prepared scale; what scales can express of the restrictions is in them.
    pub preparation: Preparation,
    /// Centres and scales of the standardisation alone.
    pub standardization: ColumnScaling,
    /// Penalty factors and bounds that were asked for.
    pub restrictions: Restrictions,
    /// What scales cannot express of them: the penalty of each coordinate on the prepared scale.
    pub bounded: Option<Vec<Bounded>>,
    /// Whether rows have been multiplied by the roots of weights that differ.
    pub weighted: bool,
    /// Whether an offset has been taken off the response.
    pub offset: bool,
    /// Seed of generated data.
    pub seed: Option<u64>,
    /// max_j |x_jᵀy|/n on the prepared scale.
    pub max_gradient: f64,
    /// Largest λ of a default grid where coordinates differ; 0 if there is none.
    restricted_start: Option<f64>,
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
        Self::restricted(dataset, options, Restrictions::default(), 1.0)
    }

    /// As [`Prepared::new`], with penalty factors and bounds for fits of this α.
    ///
    /// Errors: also for weights and offsets that cannot be used, and what [`Restrictions::check`] finds.
    pub fn restricted(
        dataset: Dataset,
        options: Options,
        restrictions: Restrictions,
        alpha: f64,
    ) -> Result<Self, InputError> {
        let Dataset {
            name,
            x,
            y,
            weights,
            offset,
            features,
            response,
            reference,
            seed,
            ..
        } = dataset;
        let blame = |error: SolveError| InputError(explain(&name, &features, &response, error));
        let weights = match &weights {
            Some(weights) => Weights::new(weights).map_err(blame)?,
            None => Weights::equal(y.len()),
        };
        if reference.is_some() && (weights.roots().is_some() || weights.counted().len() < y.len()) {
            return Err(InputError(format!(
                "{name}: rows have weights, but centres and scales are those of other rows, whose weights are not known; leave \
                 one of them out"
            )));
        }
        let counted = weights.counted();
        let y: Vec<f64> = match &offset {
            Some(offset) => counted.iter().map(|&i| y[i] - offset[i]).collect(),
            None => counted.iter().map(|&i| y[i]).collect(),
        };
        let whole = counted.len() == x.nrows();
        let (mut preparation, x) = match x {
            Matrix::Dense(matrix) => {
                let matrix = if whole {
                    matrix
                } else {
                    Mat::from_fn(counted.len(), matrix.ncols(), |i, j| {
                        matrix[(counted[i], j)]
                    })
                };
                let design = Dense::try_new(matrix.as_ref()).map_err(|e| blame(e.into()))?;
                let preparation = match reference {
                    Some(r) => Preparation::with_moments(&design, &y, options, r.mean, r.sd),
                    None => Preparation::weighted(&design, &y, &weights, options),
                };
                (preparation.map_err(blame)?, Storage::Dense(matrix))
            }
            Matrix::Sparse(csc) => {
                let csc = if whole {
                    csc
                } else {
                    csc.select_rows(counted, None)
                };
                let preparation = Preparation::weighted(&csc, &y, &weights, options);
                (preparation.map_err(blame)?, Storage::Sparse(csc))
            }
        };
        let standardization = preparation.scaling.clone();
        let bounded = (restrictions.prepare(alpha, &mut preparation)).map_err(blame)?;
        let x = match x {
            Storage::Dense(mut matrix) => {
                preparation.apply(&mut matrix);
                Storage::Dense(matrix)
            }
            Storage::Sparse(csc) => match &preparation.root_weights {
                Some(root) => {
                    let all: Vec<usize> = (0..csc.nrows()).collect();
                    Storage::Sparse(csc.select_rows(&all, Some(root)))
                }
                None => Storage::Sparse(csc),
            },
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
            weighted: preparation.root_weights.is_some(),
            offset: offset.is_some(),
            preparation,
            standardization,
            restrictions,
            bounded,
            seed,
            max_gradient: 0.0,
            restricted_start: None,
            null_loss: 0.0,
            warnings,
            x,
        };
        (prepared.max_gradient, prepared.null_loss) = prepared.visit(Scale { y: &prepared.y });
        if let Some(bounded) = &prepared.bounded {
            let start = prepared.visit(Start {
                y: &prepared.y,
                alpha,
                bounded,
            });
            prepared.restricted_start = Some(match start {
                Ok(start) => start,
                // Nothing that is penalised ever leaves 0: there is no grid, but there are fits at given λ.
                Err(SolveError::Grid(_)) => 0.0,
                Err(error) => {
                    return Err(InputError(explain(
                        &prepared.name,
                        &prepared.features,
                        &prepared.response,
                        error,
                    )));
                }
            });
        }
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
            Storage::Sparse(x) => visitor.visit(&self.implicitly(x)),
        }
    }

    /// Centring and scaling without a copy.
    fn implicitly<'a>(&'a self, x: &'a Csc) -> Standardized<'a, Csc> {
        let scaling = &self.preparation.scaling;
        match &self.preparation.root_weights {
            Some(root) => Standardized::weighted(x, scaling, root),
            None => Standardized::new(x, scaling),
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
            Storage::Sparse(x) => visitor.visit(&Parallel(&self.implicitly(x))),
        }
    }

    /// Whether a penalty decides if column j takes part: it is neither left out nor unpenalised.
    pub fn is_candidate(&self, j: usize) -> bool {
        self.preparation.scaling.scale[j].is_finite() && self.restrictions.factor(j) > 0.0
    }

    /// Number of those columns.
    pub fn candidates(&self) -> usize {
        (0..self.ncols()).filter(|&j| self.is_candidate(j)).count()
    }

    /// Coefficient of column j on the original scale, given the one on the prepared scale; no rounding carries it past a bound.
    pub fn original(&self, j: usize, prepared: f64) -> f64 {
        (self.restrictions).clamp(j, self.preparation.original(j, prepared))
    }

    /// Largest λ of a default grid for this α, see [`Grid::start`].
    pub fn grid_start(&self, alpha: f64) -> f64 {
        self.restricted_start
            .unwrap_or_else(|| Grid::start(self.max_gradient, alpha))
    }

    /// λ from which on everything is exactly 0; ∞ where something never is. Errors: α outside [0, 1].
    pub fn lambda_max(&self, alpha: f64) -> Result<f64, SolveError> {
        let penalty = ElasticNet::new(alpha)?;
        Ok(match &self.bounded {
            // Not known to be 0 anywhere: a column without penalty is not.
            Some(_) => f64::INFINITY,
            None => penalty.threshold(self.max_gradient),
        })
    }
}

/// Computes the largest λ of a default grid.
struct Start<'a> {
    y: &'a [f64],
    alpha: f64,
    bounded: &'a [Bounded],
}

impl Visitor for Start<'_> {
    type Output = Result<f64, SolveError>;
    fn visit<X: Design>(self, x: &X) -> Self::Output {
        restricted_grid_start(x, self.y, ElasticNet::new(self.alpha)?, self.bounded)
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
