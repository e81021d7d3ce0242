//! From a matrix to a certified path in one call, for users of the library.

use std::borrow::Cow;

use faer::{Mat, MatRef};

use crate::certificate::{Certificate, certify_path};
use crate::design::{Csc, Dense, Design, Standardized, is_usable};
use crate::error::SolveError;
use crate::grid::Grid;
use crate::loss::Squared;
use crate::path::WarmPath;
use crate::penalty::{Bounded, ElasticNet, L1, Penalty, PerCoordinate, Ridge, Separable};
use crate::prepare::{Options, Preparation, Weights};
use crate::problem::{Problem, check_response};
use crate::restrictions::Restrictions;
use crate::solver::{
    CdSetup, CoordinateDescent, Homotopy, Outcome, RidgeClosedForm, RidgeFactor, Solver, State,
    Stop,
};

/// How a path is to be computed; the defaults are those of glmnet.
#[derive(Clone, Debug)]
pub struct PathBuilder {
    pub(crate) alpha: f64,
    lambdas: Option<Vec<f64>>,
    n_lambda: usize,
    ratio: Option<f64>,
    pub(crate) options: Options,
    tol: f64,
    max_epochs: usize,
    weights: Option<Vec<f64>>,
    offset: Option<Vec<f64>>,
    pub(crate) restrictions: Restrictions,
    pub(crate) max_nonzeros: Option<usize>,
    pub(crate) relaxed: bool,
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
        weights: None,
        offset: None,
        restrictions: Restrictions::default(),
        max_nonzeros: None,
        relaxed: false,
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

    /// Row i counts `weights[i]` ≥ 0 times; only ratios matter. Length n, all equal unless set.
    pub fn weights(mut self, weights: impl Into<Vec<f64>>) -> Self {
        self.weights = Some(weights.into());
        self
    }

    /// A part of the prediction that is known beforehand: y − offset is what is fitted. Length n, 0 unless set.
    pub fn offset(mut self, offset: impl Into<Vec<f64>>) -> Self {
        self.offset = Some(offset.into());
        self
    }

    /// Penalty factors and bounds; none unless set.
    pub fn restrictions(mut self, restrictions: Restrictions) -> Self {
        self.restrictions = restrictions;
        self
    }

    /// The path ends before the first λ with more non-zeros than this, see [`FittedPath::ended`].
    pub fn max_nonzeros(mut self, most: usize) -> Self {
        self.max_nonzeros = Some(most);
        self
    }

    /// Also computes [`FittedPoint::relaxed`]; false unless set.
    pub fn relaxed(mut self, relaxed: bool) -> Self {
        self.relaxed = relaxed;
        self
    }

    /// Without what ends a path early or adds to it.
    pub(crate) fn without_ends(mut self) -> Self {
        self.max_nonzeros = None;
        self.relaxed = false;
        self
    }

    /// Fits on a dense X, n × p, column-major; y has length n. A prepared copy of X is made unless none is needed.
    ///
    /// Errors: [`SolveError`] for shapes, values that are not finite, a constant y, α outside [0, 1], bad λ, weights, offsets and
    /// restrictions.
    pub fn fit(&self, x: MatRef<'_, f64>, y: &[f64]) -> Result<FittedPath, SolveError> {
        let sample = self.sample(x.nrows(), y)?;
        let design = Dense::try_new(x)?;
        if sample.is_whole() {
            let (preparation, bounded) = self.prepare(&design, &sample)?;
            if preparation.is_identity() {
                return self.solve(&design, &sample.y, preparation, bounded);
            }
            return self.fit_copy(x.to_owned(), &sample.y, preparation, bounded);
        }
        let rows = sample.weights.counted();
        let copy = Mat::from_fn(rows.len(), x.ncols(), |i, j| x[(rows[i], j)]);
        let (preparation, bounded) = self.prepare(&Dense::try_new(copy.as_ref())?, &sample)?;
        self.fit_copy(copy, &sample.y, preparation, bounded)
    }

    fn fit_copy(
        &self,
        mut copy: Mat<f64>,
        y: &[f64],
        preparation: Preparation,
        bounded: Option<Vec<Bounded>>,
    ) -> Result<FittedPath, SolveError> {
        preparation.apply(&mut copy);
        self.solve(&Dense::try_new(copy.as_ref())?, y, preparation, bounded)
    }

    /// Fits on a sparse X, n × p, which stays sparse: centring is implicit. Errors: as [`PathBuilder::fit`].
    pub fn fit_sparse(&self, x: &Csc, y: &[f64]) -> Result<FittedPath, SolveError> {
        let sample = self.sample(x.nrows(), y)?;
        let whole = sample.is_whole().then_some(x);
        let kept = whole.map_or_else(
            || Cow::Owned(x.select_rows(sample.weights.counted(), None)),
            Cow::Borrowed,
        );
        let (preparation, bounded) = self.prepare(kept.as_ref(), &sample)?;
        let scaling = preparation.scaling.clone();
        match preparation.root_weights.clone() {
            Some(root) => {
                let rows: Vec<usize> = (0..kept.nrows()).collect();
                let weighted = kept.select_rows(&rows, Some(&root));
                let design = Standardized::weighted(&weighted, &scaling, &root);
                self.solve(&design, &sample.y, preparation, bounded)
            }
            None => {
                let design = Standardized::new(kept.as_ref(), &scaling);
                self.solve(&design, &sample.y, preparation, bounded)
            }
        }
    }

    /// The rows that count, of y − offset. Errors: [`SolveError::Shape`], [`SolveError::Weights`], [`SolveError::Offset`].
    pub(crate) fn sample(&self, n: usize, y: &[f64]) -> Result<Sample, SolveError> {
        if y.len() != n {
            return Err(SolveError::Shape {
                y: y.len(),
                rows: n,
            });
        }
        check_response(y)?;
        let weights = match &self.weights {
            Some(weights) if weights.len() != n => {
                return Err(SolveError::Weights(format!(
                    "there are {} weights for {n} rows",
                    weights.len()
                )));
            }
            Some(weights) => Weights::new(weights)?,
            None => Weights::equal(n),
        };
        let offset = |i: usize| self.offset.as_ref().map_or(0.0, |offset| offset[i]);
        if let Some(offset) = &self.offset {
            if offset.len() != n {
                return Err(SolveError::Offset(format!(
                    "there are {} offsets for {n} rows",
                    offset.len()
                )));
            }
            if let Some(row) = offset.iter().position(|o| !is_usable(*o)) {
                return Err(SolveError::Offset(format!(
                    "the offset of row {row} (counted from 0) is {}, expected a finite number of magnitude at most 1e150",
                    offset[row]
                )));
            }
        }
        let y = weights
            .counted()
            .iter()
            .map(|&i| y[i] - offset(i))
            .collect();
        Ok(Sample { y, weights, n })
    }

    fn prepare<X: Design>(
        &self,
        x: &X,
        sample: &Sample,
    ) -> Result<(Preparation, Option<Vec<Bounded>>), SolveError> {
        let mut preparation = Preparation::weighted(x, &sample.y, &sample.weights, self.options)?;
        let bounded = self.restrictions.prepare(self.alpha, &mut preparation)?;
        Ok((preparation, bounded))
    }

    /// `y` before preparation, `x` after.
    fn solve<X: Design>(
        &self,
        x: &X,
        y: &[f64],
        preparation: Preparation,
        bounded: Option<Vec<Bounded>>,
    ) -> Result<FittedPath, SolveError> {
        let y = preparation.response(y);
        let task = Task {
            builder: self,
            preparation: &preparation,
            lambdas: None,
            lambda_unit: 1.0,
        };
        task.solve(x, &y, bounded.as_deref())
    }
}

/// The rows that count.
pub(crate) struct Sample {
    /// y − offset.
    pub(crate) y: Vec<f64>,
    pub(crate) weights: Weights,
    /// All rows.
    n: usize,
}

impl Sample {
    /// Whether every row counts.
    fn is_whole(&self) -> bool {
        self.weights.counted().len() == self.n
    }
}

/// One path on prepared data.
pub(crate) struct Task<'a> {
    pub(crate) builder: &'a PathBuilder,
    pub(crate) preparation: &'a Preparation,
    /// These λ, decreasing, whatever the builder says.
    pub(crate) lambdas: Option<&'a [f64]>,
    /// What λ is multiplied by on the prepared data: the mean square of the root weights.
    pub(crate) lambda_unit: f64,
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
        let default = Grid::default_ratio(x.nrows(), x.ncols());
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

    fn run<X: Design, P: Separable, S: Solver<X, Squared, P>>(
        &self,
        solver: &S,
        problem: &Problem<X, Squared, P>,
        grid: &Grid,
    ) -> Result<FittedPath, SolveError> {
        let (builder, preparation) = (self.builder, self.preparation);
        let scaled: Vec<f64> = (grid.as_slice().iter())
            .map(|lambda| lambda * self.lambda_unit)
            .collect();
        let setup = solver.setup(problem)?;
        let mut path = WarmPath::new(solver, problem, &setup, problem.lambda_max());
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
            if builder.max_nonzeros.is_some_and(|most| nonzeros.len() > most) {
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
                Some(relaxation) => Some(original(relaxation.fit(&prepared)?)),
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

/// Largest λ of a default grid where coordinates differ: the least at which what is penalised stays 0 beside the fit of what is
/// not. α counts as 1e-3 at least, as in [`Grid::start`].
pub fn restricted_grid_start<X: Design>(
    x: &X,
    y: &[f64],
    net: ElasticNet,
    bounded: &[Bounded],
) -> Result<f64, SolveError> {
    let is_free = |omega: &Bounded| omega.factor() == 0.0;
    let mut residual = y.to_vec();
    if bounded.iter().any(is_free) {
        // Everything that is penalised is held at 0.
        let held: Vec<Bounded> = (bounded.iter())
            .map(|omega| {
                if is_free(omega) {
                    *omega
                } else {
                    Bounded::new(net, 1.0, [0.0, 0.0])
                }
            })
            .collect();
        let beta = solve_held(x, y, &held)?;
        let mut fit = vec![0.0; y.len()];
        x.mul(&beta, &mut fit);
        residual.iter_mut().zip(&fit).for_each(|(r, z)| *r -= z);
    }
    let mut c = vec![0.0; x.ncols()];
    x.tr_mul(&residual, &mut c);
    let floored = ElasticNet::new(net.alpha().max(crate::grid::ALPHA_FLOOR))?;
    let thresholds = bounded.iter().zip(&c).filter(|(omega, _)| !is_free(omega));
    let thresholds = thresholds.map(|(omega, c)| {
        Bounded::new(floored, omega.factor(), omega.bounds()).threshold(c / y.len() as f64)
    });
    match thresholds.fold(0.0, f64::max) {
        0.0 => Err(SolveError::Grid(
            "no penalised column can leave 0 at any lambda, so there is no grid; give lambda"
                .into(),
        )),
        start => Ok(start),
    }
}

/// Accuracy of fits without penalty, relative to the null loss.
const TIGHT: f64 = 1e-12;

/// The least-squares solution within bounds of the columns without penalty, the others being held at 0. Length p.
fn solve_held<X: Design>(x: &X, y: &[f64], held: &[Bounded]) -> Result<Vec<f64>, SolveError> {
    let problem = Problem::new(
        x,
        y,
        Squared,
        PerCoordinate::new(ElasticNet::new(1.0)?, held),
    )?;
    let solver = CoordinateDescent::default();
    let setup = solver.setup(&problem)?;
    let mut state = solver.start(&problem, &setup);
    // No penalty is left for λ to multiply.
    solver.solve(&problem, &setup, 1.0, tight(), &mut state);
    Ok(state.beta().to_vec())
}

fn tight<'a>() -> Stop<'a> {
    Stop {
        tol: TIGHT,
        ..Stop::default()
    }
}

/// Least squares on supports, within the bounds: the fits that a relaxed path blends in. Meinshausen (2007), CSDA 52; Hastie,
/// Tibshirani & Tibshirani (2020), Statist. Sci. 35.
struct Relaxation<'a, X> {
    x: &'a X,
    y: &'a [f64],
    bounds: Vec<[f64; 2]>,
    setup: CdSetup,
    /// The support of the last fit, and the fit.
    last: (Vec<usize>, Vec<(usize, f64)>),
}

impl<'a, X: Design> Relaxation<'a, X> {
    fn new(
        x: &'a X,
        y: &'a [f64],
        restrictions: &Restrictions,
        preparation: &Preparation,
    ) -> Result<Self, SolveError> {
        let bounds = (0..x.ncols()).map(|j| {
            restrictions.bounds(j).map(|bound| match bound {
                0.0 => 0.0,
                bound => bound * preparation.scaling.scale[j],
            })
        });
        let problem = Problem::new(x, y, Squared, L1)?;
        Ok(Self {
            x,
            y,
            bounds: bounds.collect(),
            setup: CoordinateDescent::default().setup(&problem)?,
            last: (Vec::new(), Vec::new()),
        })
    }

    /// (column, coefficient) of the fit on the support of `prepared`, on the prepared scale.
    fn fit(&mut self, prepared: &[(usize, f64)]) -> Result<Vec<(usize, f64)>, SolveError> {
        let support: Vec<usize> = prepared.iter().map(|(j, _)| *j).collect();
        if support == self.last.0 {
            return Ok(self.last.1.clone());
        }
        let net = ElasticNet::new(1.0)?;
        let mut held = vec![Bounded::new(net, 1.0, [0.0, 0.0]); self.x.ncols()];
        for &j in &support {
            held[j] = Bounded::new(net, 0.0, self.bounds[j]);
        }
        let problem = Problem::new(self.x, self.y, Squared, PerCoordinate::new(net, &held))?;
        let solver = CoordinateDescent::default();
        let mut state = solver.start(&problem, &self.setup);
        solver.solve(&problem, &self.setup, 1.0, tight(), &mut state);
        self.last = (support, state.nonzeros());
        Ok(self.last.1.clone())
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
    /// Where the path ended before its grid did, if it did.
    pub ended: Option<EarlyEnd>,
    /// ‖y − ȳ‖²/2n (without ȳ if there is no intercept): the unit of relative gaps.
    pub null_loss: f64,
    /// p.
    pub features: usize,
}

/// The first λ that had more non-zeros than were allowed; neither it nor those below are part of the path.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EarlyEnd {
    /// That λ.
    pub lambda: f64,
    /// Its non-zeros.
    pub nonzeros: usize,
}

/// A linear predictor on the original scale.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Coefficients {
    /// Intercept; 0 when none was fitted.
    pub intercept: f64,
    /// (column, coefficient) of the coefficients that are not exactly 0, by column.
    pub nonzeros: Vec<(usize, f64)>,
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
    /// Least squares on the support, within the bounds, where it was asked for.
    pub relaxed: Option<Coefficients>,
    /// How the solve ended and what it took.
    pub outcome: Outcome,
    /// What the judge says of the coefficients.
    pub certificate: Certificate,
}

impl FittedPoint {
    /// γ times this fit plus 1 − γ times the relaxed one, which is this one where none was computed. γ = 1 is the penalised fit,
    /// γ = 0 least squares on its support.
    pub fn blend(&self, gamma: f64) -> Coefficients {
        let penalised = Coefficients {
            intercept: self.intercept,
            nonzeros: self.nonzeros.clone(),
        };
        let Some(relaxed) = &self.relaxed else {
            return penalised;
        };
        let mut blended = penalised;
        blended.intercept = gamma * self.intercept + (1.0 - gamma) * relaxed.intercept;
        let mut others = relaxed.nonzeros.iter().peekable();
        for (j, b) in &mut blended.nonzeros {
            // Both are sorted by column, and least squares has no column that this fit has not.
            let other = others.next_if(|(k, _)| k == j).map_or(0.0, |(_, b)| *b);
            *b = gamma * *b + (1.0 - gamma) * other;
        }
        blended.nonzeros.retain(|(_, b)| *b != 0.0);
        blended
    }
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
