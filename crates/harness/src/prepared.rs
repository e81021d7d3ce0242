//! A dataset after centring and standardisation: what every contestant is handed, and the way back.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::atomic::{AtomicU64, Ordering};

use faer::Mat;
use regpath_solvers::design::{ColumnScaling, Csc, Dense, Design, DesignError, Standardized};
use regpath_solvers::grid::{ALPHA_FLOOR, Grid};
use regpath_solvers::loss::{CurvedLoss, KinkedLoss, Loss, LossKind, Squared};
use regpath_solvers::null_model::NullModel;
use regpath_solvers::penalty::{Bounded, ElasticNet, L1, Penalty, PerCoordinate, Separable};
use regpath_solvers::prepare::{Options, Preparation, Weights};
use regpath_solvers::problem::Problem;
use regpath_solvers::solver::{ParametricSimplex, Solver, State, Stop};
use regpath_solvers::{Restrictions, SolveError, restricted_grid_start};

use crate::dataset::read::InputError;
use crate::dataset::{Dataset, Matrix};
use crate::objective::{OnKinked, OnLoss, OnSmooth};
use crate::parallel::Parallel;
use crate::sweep::Null;

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
    /// Loss that is minimised.
    pub loss: LossKind,
    /// Response, length n: centred for squared loss, 0 and 1 for logistic loss, as it came (less the offset) otherwise.
    pub y: Vec<f64>,
    /// The two labels of a logistic response, the smaller first.
    pub classes: Option<[f64; 2]>,
    /// Weights of rows that the loss has to know of, length n and mean 1: not those of squared loss, which are in the rows.
    pub row_weights: Option<Vec<f64>>,
    /// Offsets of rows that could not be taken off the response, length n.
    pub row_offset: Option<Vec<f64>>,
    /// The maps between original and prepared scale; what scales can express of the restrictions is in them.
    pub preparation: Preparation,
    /// Centres and scales of the standardisation alone.
    pub standardization: ColumnScaling,
    /// Penalty factors and bounds that were asked for.
    pub restrictions: Restrictions,
    /// What scales cannot express of them: the penalty of each coordinate on the prepared scale. Of a loss that is not squared every
    /// coordinate has one, the intercept, which is the last column, too.
    pub bounded: Option<Vec<Bounded>>,
    /// Whether rows have weights that differ.
    pub weighted: bool,
    /// Whether rows have an offset.
    pub offset: bool,
    /// Seed of generated data.
    pub seed: Option<u64>,
    /// max_j |x_jᵀy|/n on the prepared scale, for squared loss.
    pub max_gradient: f64,
    /// Largest λ of a default grid where coordinates differ; 0 if there is none.
    restricted_start: Option<f64>,
    /// The unit of relative gaps: ‖y − ȳ‖²/2n, or the loss where everything penalised is 0 and the rest is fitted.
    pub null_loss: f64,
    /// The fit of what is not penalised, for a loss that is not squared.
    pub null: Option<Null>,
    /// Loss where every coefficient and the intercept are 0, which solvers measure their own gaps in.
    pub zero_loss: f64,
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
        Self::of_loss(dataset, options, restrictions, alpha, LossKind::Squared)
    }

    /// As [`Prepared::restricted`], for another loss: columns are centred and scaled, rows and y stay as they are.
    ///
    /// Errors: also for a response of logistic loss that has not exactly two values.
    pub fn of_loss(
        dataset: Dataset,
        options: Options,
        restrictions: Restrictions,
        alpha: f64,
        loss: LossKind,
    ) -> Result<Self, InputError> {
        let squared = loss == LossKind::Squared;
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
        let classes = match loss {
            LossKind::Logistic => Some(two_classes(&name, &response, &y, counted)?),
            _ => None,
        };
        let y: Vec<f64> = match &offset {
            _ if classes.is_some() => {
                let larger = classes.map_or(f64::NAN, |[_, larger]| larger);
                let is_larger = |&i: &usize| f64::from(u8::from(y[i] == larger));
                counted.iter().map(is_larger).collect()
            }
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
                    None if squared => Preparation::weighted(&design, &y, &weights, options),
                    None => Preparation::of_columns(&design, &y, &weights, options),
                };
                (preparation.map_err(blame)?, Storage::Dense(matrix))
            }
            Matrix::Sparse(csc) => {
                let csc = if whole {
                    csc
                } else {
                    csc.select_rows(counted, None)
                };
                let preparation = match squared {
                    true => Preparation::weighted(&csc, &y, &weights, options),
                    false => Preparation::of_columns(&csc, &y, &weights, options),
                };
                (preparation.map_err(blame)?, Storage::Sparse(csc))
            }
        };
        let standardization = preparation.scaling.clone();
        let mut bounded = (restrictions.prepare(alpha, &mut preparation)).map_err(blame)?;
        if loss.is_kinked() {
            let both = |j: &usize| {
                restrictions.factor(*j) == 0.0
                    && !restrictions.excludes(*j)
                    && restrictions.bounds(*j) != [f64::NEG_INFINITY, f64::INFINITY]
            };
            if let Some(j) = (0..features.len()).find(both) {
                return Err(InputError(format!(
                    "{name}: column '{}' has bounds and no penalty, which {} loss does not take together; give it a penalty factor \
                     above 0 or leave out the bounds",
                    features[j],
                    loss.name()
                )));
            }
        }
        if !squared {
            preparation.y_mean = 0.0;
            let net = ElasticNet::new(alpha).map_err(blame)?;
            let free = [f64::NEG_INFINITY, f64::INFINITY];
            let every =
                bounded.get_or_insert_with(|| vec![Bounded::new(net, 1.0, free); features.len()]);
            if options.intercept {
                every.push(Bounded::new(net, 0.0, free));
            }
        }
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
            loss,
            y,
            classes,
            weighted: weights.roots().is_some(),
            row_weights: weights.squares().filter(|_| !squared),
            offset: offset.is_some(),
            row_offset: row_offset(loss, offset.as_deref(), counted),
            preparation,
            standardization,
            restrictions,
            bounded,
            seed,
            max_gradient: 0.0,
            restricted_start: None,
            null_loss: 0.0,
            null: None,
            zero_loss: 0.0,
            warnings,
            x,
        };
        if !squared {
            prepared
                .measure_null_model()
                .map_err(|error| match error.downcast() {
                    Ok(error) => prepared.blame(error),
                    Err(error) => InputError(format!("{}: {error:#}", prepared.name)),
                })?;
            return Ok(prepared);
        }
        (prepared.max_gradient, prepared.null_loss) = prepared.visit(Scale { y: &prepared.y });
        prepared.zero_loss = prepared.null_loss;
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
                Err(error) => return Err(prepared.blame(error)),
            });
        }
        Ok(prepared)
    }

    /// Fits the null model of a loss that is not squared: where gaps have their unit and the grid its start.
    fn measure_null_model(&mut self) -> anyhow::Result<()> {
        let null = match self.loss.is_kinked() {
            true => self.on_kinked(NullFit { data: self })?,
            false => self.on_smooth(NullFit { data: self })?,
        }?;
        self.zero_loss = self.on_loss(ZeroLoss)?;
        self.restricted_start = Some(null.grid_start);
        let coefficients = null.beta.iter().zip(0u32..).take(self.ncols());
        let nonzeros = coefficients.filter(|(b, _)| **b != 0.0);
        let intercept = self.intercept_column();
        self.null = Some(Null {
            from: self.null_from(null.grid_start),
            nonzeros: nonzeros.map(|(&b, j)| (j, b)).collect(),
            intercept: intercept.map_or(0.0, |j| null.beta[j]),
            dual: match self.loss.is_kinked() {
                true => Some(self.on_kinked(NullDual {
                    start: null.grid_start,
                })??),
                false => None,
            },
        });
        // Where columns without penalty leave nothing to explain, a gap in units of nothing would say nothing.
        self.null_loss = if null.loss > EXPLAINED * self.zero_loss {
            null.loss
        } else {
            self.zero_loss
        };
        Ok(())
    }

    /// λ from which on nothing penalised leaves 0. The grid of a small α begins as if it were larger.
    fn null_from(&self, start: f64) -> f64 {
        let bounded = self.bounded.iter().flatten();
        let alpha = bounded.map(|omega| omega.alpha()).next().unwrap_or(1.0);
        match alpha {
            _ if start == 0.0 || alpha >= ALPHA_FLOOR => start,
            0.0 => f64::INFINITY,
            _ => start * ALPHA_FLOOR / alpha,
        }
    }

    fn blame(&self, error: SolveError) -> InputError {
        InputError(explain(&self.name, &self.features, &self.response, error))
    }

    /// Column of the problem that is the intercept; None for squared loss, where it is centred away, and without one.
    pub fn intercept_column(&self) -> Option<usize> {
        let there = self.loss != LossKind::Squared && self.preparation.options.intercept;
        there.then_some(self.ncols())
    }

    /// Whether some coefficient has a bound.
    pub fn has_bounds(&self) -> bool {
        let unbounded = [f64::NEG_INFINITY, f64::INFINITY];
        (0..self.ncols()).any(|j| self.restrictions.bounds(j) != unbounded)
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

/// Share of the loss at 0 below which the null model leaves nothing to explain.
const EXPLAINED: f64 = 1e-13;

/// Fits what is not penalised.
struct NullFit<'a> {
    data: &'a Prepared,
}

impl NullFit<'_> {
    fn parts(&self) -> Result<(ElasticNet, &[Bounded]), SolveError> {
        let bounded = self.data.bounded.as_deref().unwrap_or_default();
        let alpha = bounded.first().map_or(1.0, |omega| omega.alpha());
        Ok((ElasticNet::new(alpha)?, bounded))
    }
}

impl OnSmooth for NullFit<'_> {
    type Output = Result<NullModel, SolveError>;
    fn work<X: Design, L: CurvedLoss>(
        self,
        problem: &Problem<X, L, PerCoordinate>,
    ) -> Self::Output {
        let (net, bounded) = self.parts()?;
        NullModel::smooth(problem.x, problem.y, problem.loss, net, bounded)
    }
}

impl OnKinked for NullFit<'_> {
    type Output = Result<NullModel, SolveError>;
    fn work<X: Design, L: KinkedLoss>(
        self,
        problem: &Problem<X, L, PerCoordinate>,
    ) -> Self::Output {
        let (net, bounded) = self.parts()?;
        NullModel::kinked(problem.x, problem.y, problem.loss, net, bounded)
    }
}

/// Finds the dual point of the null model of a kinked loss.
struct NullDual {
    start: f64,
}

impl OnKinked for NullDual {
    type Output = Result<Vec<f64>, SolveError>;
    fn work<X: Design, L: KinkedLoss>(
        self,
        problem: &Problem<X, L, PerCoordinate>,
    ) -> Self::Output {
        // That of the lasso far above its first knot: there the penalty has no say.
        let lasso = ElasticNet::new(1.0)?;
        let free = [f64::NEG_INFINITY, f64::INFINITY];
        let factors = (0..problem.x.ncols()).map(|j| problem.penalty.of(j).factor());
        let unbounded: Vec<Bounded> = factors
            .map(|factor| Bounded::new(lasso, factor, free))
            .collect();
        let problem = Problem::new(
            problem.x,
            problem.y,
            problem.loss,
            PerCoordinate::new(lasso, &unbounded),
        )?;
        let solver = ParametricSimplex::default();
        let setup = solver.setup(&problem)?;
        let mut state = solver.start(&problem, &setup);
        let far = 2.0 * self.start + 1.0;
        solver.solve(&problem, &setup, far, Stop::default(), &mut state);
        Ok(state.dual().map(<[f64]>::to_vec).unwrap_or_default())
    }
}

struct ZeroLoss;

impl OnLoss for ZeroLoss {
    type Output = f64;
    fn work<X: Design, L: Loss>(self, problem: &Problem<X, L, PerCoordinate>) -> f64 {
        problem.null_loss()
    }
}

/// Offsets of the rows that count, where the loss is not of residuals.
fn row_offset(loss: LossKind, offset: Option<&[f64]>, counted: &[usize]) -> Option<Vec<f64>> {
    let offset = offset.filter(|_| !loss.is_of_residuals())?;
    Some(counted.iter().map(|&i| offset[i]).collect())
}

/// The two values of a response, the smaller first. Errors: there are one or more than two among the rows that count.
fn two_classes(
    name: &str,
    response: &str,
    y: &[f64],
    counted: &[usize],
) -> Result<[f64; 2], InputError> {
    // 0 and −0 are one value.
    let values = || counted.iter().map(|&i| (i, y[i] + 0.0));
    let first = values().next().map_or(0.0, |(_, v)| v);
    let Some((_, second)) = values().find(|(_, v)| *v != first) else {
        return Err(InputError(format!(
            "{name}: response '{response}' is {first} in every row; logistic loss needs two classes, choose another response"
        )));
    };
    if let Some((row, third)) = values().find(|(_, v)| *v != first && *v != second) {
        return Err(InputError(format!(
            "{name}: row {row} (from 0), response '{response}': value {third} is the third beside {first} and {second}; logistic loss \
             needs exactly two classes, leave out rows of the others or choose another --loss"
        )));
    }
    Ok([first.min(second), first.max(second)])
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
