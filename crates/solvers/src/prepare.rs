//! Centring and standardisation: from the user's (X, y) to the problem that is solved, and back.

use faer::Mat;

use crate::design::{ColumnScaling, Design, Moments, is_usable};
use crate::error::SolveError;
use crate::problem::check_response;

/// What to do before solving.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// Fit an unpenalised intercept, by centring y and the columns.
    pub intercept: bool,
    /// Divide columns by their population deviation (1/n), as glmnet does, also when there is no intercept.
    pub standardize: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            intercept: true,
            standardize: true,
        }
    }
}

/// The affine maps between the original and the prepared scale.
///
/// The prepared problem has columns (x_j − m_j)/s_j and response y − ȳ; its coefficients are s_j β_j.
#[derive(Clone, Debug, PartialEq)]
pub struct Preparation {
    /// m_j and s_j; s_j = ∞ for columns that are left out because they are constant.
    pub scaling: ColumnScaling,
    /// ȳ, 0 without intercept.
    pub y_mean: f64,
    /// What was asked for.
    pub options: Options,
    /// Columns without variation: their coefficient is 0.
    pub constant: Vec<usize>,
    /// √w_i by which row i is multiplied, length n with mean square 1; None where all rows weigh the same.
    pub root_weights: Option<Vec<f64>>,
}

impl Preparation {
    /// Measures X and y.
    ///
    /// Errors: [`SolveError::Empty`] for n < 2 or p < 1, [`SolveError::Shape`], [`SolveError::Response`],
    /// [`SolveError::ConstantResponse`] when nothing is left of y, [`SolveError::ResponseScale`] and
    /// [`SolveError::ColumnScale`] for squares that leave the range of f64.
    pub fn new<X: Design>(x: &X, y: &[f64], options: Options) -> Result<Self, SolveError> {
        Self::weighted(x, y, &Weights::equal(x.nrows()), options)
    }

    /// As [`Preparation::new`], where row i counts `weights[i]` > 0 times: means and deviations are weighted, and prepared rows
    /// are multiplied by √w_i, w scaled to mean 1, so that (1/2n)‖·‖² of what is prepared is (1/2Σw) Σ w_i (·)².
    /// Errors: also [`SolveError::Weights`].
    pub fn weighted<X: Design>(
        x: &X,
        y: &[f64],
        weights: &Weights,
        options: Options,
    ) -> Result<Self, SolveError> {
        if weights.counted().len() != x.nrows() {
            return Err(SolveError::Weights(format!(
                "there are {} positive weights for {} rows",
                weights.counted().len(),
                x.nrows()
            )));
        }
        let all = 0..x.ncols();
        let measured = weights.moments(x, all).into_iter().map(|m| (m.mean, m.sd));
        let (mean, sd): (Vec<f64>, Vec<f64>) = measured.unzip();
        Self::measured(x.nrows(), y, weights, options, mean, sd)
    }

    /// For a loss that is not of squares: X is measured, its columns are centred and scaled, and nothing is done to rows. The
    /// intercept is a coefficient of the problem, see [`crate::design::WithOnes`]; weights go into the loss, see
    /// [`crate::loss::Observed`]. y is checked only.
    ///
    /// Errors: as [`Preparation::weighted`].
    pub fn of_columns<X: Design>(
        x: &X,
        y: &[f64],
        weights: &Weights,
        options: Options,
    ) -> Result<Self, SolveError> {
        let mut preparation = Self::weighted(x, y, weights, options)?;
        preparation.y_mean = 0.0;
        preparation.root_weights = None;
        Ok(preparation)
    }

    /// As [`Preparation::weighted`], with what [`Weights::moments`] says of all columns of an X of `n` rows.
    pub(crate) fn measured(
        n: usize,
        y: &[f64],
        weights: &Weights,
        options: Options,
        mean: Vec<f64>,
        sd: Vec<f64>,
    ) -> Result<Self, SolveError> {
        let (own_mean, own_sd) = (mean.clone(), sd.clone());
        let mut preparation = Self::assemble(n, y, weights, options, mean, sd)?;
        preparation.check_scale(y, &own_mean, &own_sd)?;
        preparation.root_weights = weights.roots().map(<[f64]>::to_vec);
        Ok(preparation)
    }

    /// As [`Preparation::new`], with centres and deviations measured elsewhere, for instance on all rows where X holds
    /// the training rows only. Columns are then not exactly centred, and the intercept is ȳ at the given centres.
    pub fn with_moments<X: Design>(
        x: &X,
        y: &[f64],
        options: Options,
        mean: Vec<f64>,
        sd: Vec<f64>,
    ) -> Result<Self, SolveError> {
        let equal = Weights::equal(x.nrows());
        let preparation = Self::assemble(x.nrows(), y, &equal, options, mean, sd)?;
        let (own_mean, own_sd) = moments(x);
        preparation.check_scale(y, &own_mean, &own_sd)?;
        Ok(preparation)
    }

    fn assemble(
        n: usize,
        y: &[f64],
        weights: &Weights,
        options: Options,
        mean: Vec<f64>,
        sd: Vec<f64>,
    ) -> Result<Self, SolveError> {
        let p = mean.len();
        if n < 2 || p < 1 {
            return Err(SolveError::Empty {
                rows: n,
                columns: p,
            });
        }
        if y.len() != n {
            return Err(SolveError::Shape {
                y: y.len(),
                rows: n,
            });
        }
        check_response(y)?;
        let y_mean = if options.intercept {
            weights.mean(y)
        } else {
            0.0
        };
        let constant_y = if options.intercept {
            y.iter().all(|v| *v == y[0])
        } else {
            y.iter().all(|v| *v == 0.0)
        };
        if constant_y {
            return Err(SolveError::ConstantResponse(y[0]));
        }
        let mut scale = vec![1.0; p];
        let mut constant = Vec::new();
        for j in 0..p {
            if sd[j] == 0.0 {
                // Nothing is left of it beside an intercept; without one it is a column like any other, except that it
                // has no deviation to be divided by.
                if options.intercept || mean[j] == 0.0 {
                    constant.push(j);
                    scale[j] = f64::INFINITY;
                }
            } else if options.standardize {
                scale[j] = sd[j];
            }
        }
        let center = if options.intercept {
            mean
        } else {
            vec![0.0; p]
        };
        Ok(Self {
            scaling: ColumnScaling { center, scale },
            y_mean,
            options,
            constant,
            root_weights: None,
        })
    }

    /// Squares of what is solved on must neither overflow in sums nor lose all digits to underflow.
    fn check_scale(&self, y: &[f64], mean: &[f64], sd: &[f64]) -> Result<(), SolveError> {
        let safe = 1e-152..=1e152;
        let largest = y.iter().fold(0.0f64, |m, v| m.max((v - self.y_mean).abs()));
        if !safe.contains(&largest) {
            return Err(SolveError::ResponseScale { size: largest });
        }
        for (j, (mean, sd)) in mean.iter().zip(sd).enumerate() {
            let (size, safe) = if self.options.standardize {
                // Division brings any deviation to 1, unless it has lost its digits already.
                (*sd, 1e-290..=1e290)
            } else {
                (
                    sd.hypot(if self.options.intercept { 0.0 } else { *mean }),
                    safe.clone(),
                )
            };
            if size != 0.0 && !safe.contains(&size) {
                return Err(SolveError::ColumnScale { column: j, size });
            }
        }
        Ok(())
    }

    /// y − ȳ, rows multiplied by √w_i.
    pub fn response(&self, y: &[f64]) -> Vec<f64> {
        let centred = y.iter().map(|v| v - self.y_mean);
        match &self.root_weights {
            Some(root) => centred.zip(root).map(|(v, r)| v * r).collect(),
            None => centred.collect(),
        }
    }

    /// Replaces a dense X by its prepared columns, in place.
    pub fn apply(&self, x: &mut Mat<f64>) {
        for j in 0..x.ncols() {
            let (center, scale) = (self.scaling.center[j], self.scaling.scale[j]);
            if center != 0.0 || scale != 1.0 {
                x.col_as_slice_mut(j)
                    .iter_mut()
                    .for_each(|v| *v = (*v - center) / scale);
            }
            if let Some(root) = &self.root_weights {
                let rows = x.col_as_slice_mut(j).iter_mut().zip(root);
                rows.for_each(|(v, r)| *v *= r);
            }
        }
    }

    /// Whether the prepared X is X itself.
    pub fn is_identity(&self) -> bool {
        self.root_weights.is_none()
            && self.scaling.center.iter().all(|&m| m == 0.0)
            && self.scaling.scale.iter().all(|&s| s == 1.0)
    }

    /// Coefficient of column j on the original scale, given the one on the prepared scale.
    pub fn original(&self, j: usize, prepared: f64) -> f64 {
        prepared / self.scaling.scale[j]
    }

    /// Coefficient of column j on the prepared scale, given the one on the original scale.
    pub fn prepared(&self, j: usize, original: f64) -> f64 {
        if original == 0.0 {
            0.0
        } else {
            original * self.scaling.scale[j]
        }
    }

    /// ȳ − Σ m_j β_j (− Σ m_j β_j where y is not centred), from (j, β_j) pairs on the original scale; 0 without intercept.
    pub fn intercept(&self, nonzeros: impl IntoIterator<Item = (usize, f64)>) -> f64 {
        if !self.options.intercept {
            return 0.0;
        }
        self.y_mean
            - nonzeros
                .into_iter()
                .map(|(j, b)| self.scaling.center[j] * b)
                .sum::<f64>()
    }
}

/// Share of the largest weight below which a positive one is a mistake.
const NEGLIGIBLE: f64 = 1e-30;

/// Observation weights: row i counts w_i times. Only their ratios matter, and a row of weight 0 is as good as absent.
#[derive(Clone, Debug, PartialEq)]
pub struct Weights {
    counted: Vec<usize>,
    roots: Option<Vec<f64>>,
}

impl Weights {
    /// `n` rows that all count the same.
    pub fn equal(n: usize) -> Self {
        Self {
            counted: (0..n).collect(),
            roots: None,
        }
    }

    /// Errors: [`SolveError::Weights`] for a weight that is negative, not finite, beyond 1e150 or less than 1e-30 of the largest
    /// but not 0, and if all are 0.
    pub fn new(weights: &[f64]) -> Result<Self, SolveError> {
        if let Some(row) = weights.iter().position(|w| !(*w >= 0.0 && is_usable(*w))) {
            return Err(SolveError::Weights(format!(
                "the weight of row {row} (counted from 0) is {}, expected a number >= 0 and at most 1e150",
                weights[row]
            )));
        }
        let counted: Vec<usize> = (0..weights.len()).filter(|&i| weights[i] > 0.0).collect();
        let Some(&first) = counted.first() else {
            return Err(SolveError::Weights(
                "every weight is 0; at least two rows must count".into(),
            ));
        };
        if counted.iter().all(|&i| weights[i] == weights[first]) {
            return Ok(Self {
                counted,
                roots: None,
            });
        }
        let largest = counted.iter().fold(0.0f64, |m, &i| m.max(weights[i]));
        if let Some(&row) = counted.iter().find(|&&i| weights[i] < NEGLIGIBLE * largest) {
            return Err(SolveError::Weights(format!(
                "the weight of row {row} (counted from 0) is {:e}, which nothing is left of beside the largest, {largest:e}; make \
                 it 0",
                weights[row]
            )));
        }
        let shares = counted.iter().map(|&i| weights[i] / largest);
        let mean = shares.clone().sum::<f64>() / counted.len() as f64;
        Ok(Self {
            roots: Some(shares.map(|w| (w / mean).sqrt()).collect()),
            counted,
        })
    }

    /// Means and deviations of some columns of an X that has the rows of positive weight.
    pub(crate) fn moments<X: Design>(
        &self,
        x: &X,
        columns: std::ops::Range<usize>,
    ) -> Vec<Moments> {
        match self.squares() {
            Some(w) => columns.map(|j| x.weighted_moments(j, &w)).collect(),
            None => columns.map(|j| x.col_moments(j)).collect(),
        }
    }

    /// w of those rows, mean 1; None where all are equal.
    pub fn squares(&self) -> Option<Vec<f64>> {
        let roots = self.roots.as_ref()?;
        Some(roots.iter().map(|r| r * r).collect())
    }

    /// Mean of y over those rows.
    fn mean(&self, y: &[f64]) -> f64 {
        match self.squares() {
            Some(w) => y.iter().zip(&w).map(|(y, w)| y * w).sum::<f64>() / w.iter().sum::<f64>(),
            None => y.iter().sum::<f64>() / y.len() as f64,
        }
    }

    /// Rows of positive weight, increasing.
    pub fn counted(&self) -> &[usize] {
        &self.counted
    }

    /// √w of those rows, mean square 1; None where all are equal.
    pub fn roots(&self) -> Option<&[f64]> {
        self.roots.as_deref()
    }
}

/// Means and deviations of all columns.
pub fn moments<X: Design>(x: &X) -> (Vec<f64>, Vec<f64>) {
    (0..x.ncols())
        .map(|j| x.col_moments(j))
        .map(|m| (m.mean, m.sd))
        .unzip()
}
