//! Which point of a path to take: its degrees of freedom, and the information criteria of squared loss.
//!
//! ```
//! use faer::Mat;
//! use regpath_solvers::criteria::{Criteria, DegreesOfFreedom, Sample};
//! use regpath_solvers::design::Dense;
//!
//! let x = Mat::from_fn(20, 3, |i, j| [1.0, (i % 5) as f64 - 2.0, (i % 2) as f64][j] - 0.5);
//! let x = Dense::try_new(x.as_ref())?;
//! // Two points of a path: at one the columns 0 and 1 are active, at the other all three.
//! let supports: [&[usize]; 2] = [&[0, 1], &[0, 1, 2]];
//! let freedom = DegreesOfFreedom::new(&x, supports);
//! assert_eq!(freedom.at(supports[0], &[0.0, 0.0]), Some(2.0));
//! // With a ridge penalty it is less than the number of columns.
//! assert!(freedom.at(supports[1], &[1.0, 1.0, 1.0]).is_some_and(|df| df < 3.0));
//!
//! let sample = Sample { rows: 20, columns: 3, intercept: true, variance: None };
//! let criteria = Criteria::new(&sample, 5.0, 2.0, 2);
//! assert_eq!(criteria.aic, Some(20.0 * (5.0f64 / 20.0).ln() + 2.0 * 3.0));
//! assert_eq!(criteria.cp, None);
//! # Ok::<(), regpath_solvers::design::DesignError>(())
//! ```

use std::collections::BTreeSet;
use std::sync::OnceLock;

use faer::linalg::matmul::triangular::{BlockStructure, matmul};
use faer::linalg::triangular_inverse::invert_lower_triangular;
use faer::{Accum, Mat, MatMut, Par, Side, linalg::solvers::Solve};

use crate::design::Design;
use crate::design::kernels::{BUNDLE_STEP, axpy, dot};
use crate::solver::RidgeFactor;

/// Columns whose products one look at X computes.
const STRIP: usize = 8 * BUNDLE_STEP;

/// Degrees of freedom of the points of one path, without the intercept.
///
/// At a point with active columns A and a diagonal D that is added to X_AᵀX_A, they are
///
/// df = tr X_A (X_AᵀX_A + D)⁻¹ X_Aᵀ,
///
/// with the pseudo-inverse where the matrix is singular. With D = 0, the lasso, this is the rank of X_A [Tibshirani & Taylor
/// 2012, Annals of Statistics 40, Theorem 2]; with D = nλ(1 − α)I it is the elastic net's [Zou, Hastie & Tibshirani 2007,
/// Annals of Statistics 35, §3.4], and with all columns active ridge's, as [`RidgeFactor::df`].
///
/// A column whose squared distance from the span of others is below 4 max(n, |A|) ε of its squared length counts as dependent
/// on them.
///
/// What costs too much is not computed. Beyond [`DegreesOfFreedom::MAX_ORDER`] active columns the lasso's is min(|A|, n), which
/// is the rank of columns in general position; otherwise there is none where both |A| and n, or with some but not all of D equal
/// to 0 |A| alone, are beyond it.
pub struct DegreesOfFreedom<'a, X> {
    x: &'a X,
    /// Columns that are active somewhere on the path, increasing, as many as share products.
    columns: Vec<usize>,
    /// Their products x_jᵀx_k, both triangles.
    gram: Mat<f64>,
    /// Whether these columns are independent, and with them any subset.
    independent: bool,
    /// Eigenvalues of the whole X, made when all columns are active with the same D.
    whole: OnceLock<Option<RidgeFactor>>,
}

impl<'a, X: Design> DegreesOfFreedom<'a, X> {
    /// Largest order of a matrix that is factored for one point.
    pub const MAX_ORDER: usize = 1000;
    /// Most columns of the full least-squares fit.
    pub const MAX_COLUMNS: usize = 2000;

    /// Prepares what the points of a path share, given the active columns of each, increasing. X is the prepared design: centred
    /// if there is an intercept.
    pub fn new<'s>(x: &'a X, supports: impl IntoIterator<Item = &'s [usize]>) -> Self {
        let mut union: BTreeSet<usize> = BTreeSet::new();
        for support in supports {
            // Larger supports take another way.
            let small = support.len() <= x.nrows();
            let new: Vec<usize> = support
                .iter()
                .filter(|j| !union.contains(j))
                .copied()
                .collect();
            if small && union.len() + new.len() <= Self::MAX_ORDER {
                union.extend(new);
            }
        }
        let columns: Vec<usize> = union.into_iter().collect();
        let gram = gram(x, &columns);
        let independent = columns.len() <= x.nrows()
            && Factor::whole(&gram, &vec![0.0; columns.len()], tolerance(x, &columns)).is_some();
        Self {
            x,
            columns,
            gram,
            independent,
            whole: OnceLock::new(),
        }
    }

    /// Degrees of freedom at the point with these active columns, increasing; `added[i]` ≥ 0 is what is added to ‖x_j‖² with
    /// j = `support[i]`: nλ(1 − α) for the elastic net. None if that costs too much, see [`DegreesOfFreedom`].
    ///
    /// Panics unless both slices have the same length.
    pub fn at(&self, support: &[usize], added: &[f64]) -> Option<f64> {
        assert_eq!(support.len(), added.len());
        let (n, active) = (self.x.nrows(), support.len());
        let among = self.positions(support);
        if added.iter().all(|d| *d == 0.0) {
            if self.independent && among.is_some() {
                return Some(active as f64);
            }
            if active > Self::MAX_ORDER {
                return Some(active.min(n) as f64);
            }
        }
        if let Some(df) = self.of_whole(added) {
            return Some(df);
        }
        if active > n && added.iter().all(|d| *d > 0.0) {
            let small = n <= Self::MAX_ORDER;
            return small.then(|| self.by_rows(support, added)).flatten();
        }
        if active > Self::MAX_ORDER {
            return None;
        }
        let gram = match among {
            Some(at) => part(&self.gram, &at),
            None => gram(self.x, support),
        };
        let tolerance = tolerance(self.x, support);
        match Factor::whole(&gram, added, tolerance) {
            Some(factor) => factor.trace(added),
            None => {
                // Columns that depend on others add nothing to the span, of which alone the trace is a function.
                let kept = independent_columns(&gram, added, tolerance);
                let gram = part(&gram, &kept);
                let added: Vec<f64> = kept.iter().map(|&i| added[i]).collect();
                Factor::whole(&gram, &added, 0.0)?.trace(&added)
            }
        }
    }

    /// Variance of the noise as the full least-squares fit sees it: RSS / (n − rank X − intercept), y centred like X. The σ² of
    /// Mallows' C_p.
    ///
    /// None unless p + 1 < n, p is at most [`DegreesOfFreedom::MAX_COLUMNS`] and the fit leaves a residual.
    pub fn noise_variance(&self, y: &[f64], intercept: bool) -> Option<f64> {
        let (n, p) = (self.x.nrows(), self.x.ncols());
        if n <= p + 1 || p > Self::MAX_COLUMNS {
            return None;
        }
        let all: Vec<usize> = (0..p).collect();
        let own;
        let products = if self.columns.len() == p {
            &self.gram
        } else {
            own = gram(self.x, &all);
            &own
        };
        let (tolerance, free) = (tolerance(self.x, &all), vec![0.0; p]);
        let (kept, factor) = match Factor::whole(products, &free, tolerance) {
            Some(factor) => (all, factor),
            None => {
                let kept = independent_columns(products, &free, tolerance);
                let products = part(products, &kept);
                let factor = Factor::whole(&products, &free[..kept.len()], 0.0)?;
                (kept, factor)
            }
        };
        let mut residual = y.to_vec();
        // The second time refines: normal equations square the condition number.
        for _ in 0..2 {
            let mut step = vec![0.0; kept.len()];
            self.x.tr_mul_set(&kept, &residual, &mut step);
            factor.solve(&mut step);
            step.iter_mut().for_each(|b| *b = -*b);
            self.x.axpy_set(&kept, &step, &mut residual);
        }
        let left = n - kept.len() - usize::from(intercept);
        let variance = dot(&residual, &residual) / left as f64;
        // What rounding leaves of an exact fit is no noise.
        let rounding = (n as f64 * f64::EPSILON).powi(2) * dot(y, y);
        (variance * left as f64 > rounding).then_some(variance)
    }

    /// Where the columns are among those that share products.
    fn positions(&self, support: &[usize]) -> Option<Vec<usize>> {
        let found = support.iter().map(|j| self.columns.binary_search(j).ok());
        found.collect()
    }

    /// Σ d/(d + D) over the eigenvalues of XᵀX, if all columns are active with the same D > 0.
    fn of_whole(&self, added: &[f64]) -> Option<f64> {
        let first = *added.first()?;
        let same = first > 0.0 && added.iter().all(|d| *d == first);
        let (n, p) = (self.x.nrows(), self.x.ncols());
        if !same || added.len() < p || n.min(p) > Self::MAX_ORDER {
            return None;
        }
        let factor = self
            .whole
            .get_or_init(|| RidgeFactor::new(self.x, &vec![0.0; n]).ok());
        Some(factor.as_ref()?.df(first / n as f64))
    }

    /// n − tr (I + X_A D⁻¹ X_Aᵀ)⁻¹, the same trace from the other side.
    fn by_rows(&self, support: &[usize], added: &[f64]) -> Option<f64> {
        let n = self.x.nrows();
        let mut outer = Mat::<f64>::identity(n, n);
        for (columns, added) in support.chunks(STRIP).zip(added.chunks(STRIP)) {
            let mut scaled = Mat::zeros(n, columns.len());
            for (i, (&j, d)) in columns.iter().zip(added).enumerate() {
                self.x
                    .col_axpy(j, 1.0 / d.sqrt(), scaled.col_as_slice_mut(i));
            }
            matmul(
                outer.as_mut(),
                BlockStructure::TriangularLower,
                Accum::Add,
                scaled.as_ref(),
                BlockStructure::Rectangular,
                scaled.transpose(),
                BlockStructure::Rectangular,
                1.0,
                Par::Seq,
            );
        }
        let factor = Factor::whole(&outer, &vec![0.0; n], 0.0)?;
        Some(n as f64 - factor.inverse_diagonal().iter().sum::<f64>())
    }
}

/// Squared distance from the span of others, in units of the squared length, below which a column depends on them.
fn tolerance<X: Design>(x: &X, columns: &[usize]) -> f64 {
    4.0 * x.nrows().max(columns.len()) as f64 * f64::EPSILON
}

/// X_AᵀX_A, both triangles.
fn gram<X: Design>(x: &X, set: &[usize]) -> Mat<f64> {
    let mut gram = Mat::zeros(set.len(), set.len());
    for first in (0..set.len()).step_by(STRIP) {
        let below = &set[first..];
        let with = &below[..below.len().min(STRIP)];
        let width = with.len().next_multiple_of(BUNDLE_STEP);
        let mut strips = vec![0.0; below.len() * width];
        x.gram_strips(below, with, &mut strips);
        for (i, row) in strips.chunks_exact(width).enumerate() {
            for (k, &product) in row[..with.len()].iter().enumerate() {
                gram[(first + i, first + k)] = product;
                gram[(first + k, first + i)] = product;
            }
        }
    }
    gram
}

/// Rows and columns `set` of a matrix.
fn part(matrix: &Mat<f64>, set: &[usize]) -> Mat<f64> {
    Mat::from_fn(set.len(), set.len(), |i, k| matrix[(set[i], set[k])])
}

/// 1/√(g_ii + d_i), which brings the diagonal of G + D to 1; 0 for a column of zeros without penalty.
fn unit_scale(gram: &Mat<f64>, added: &[f64]) -> Vec<f64> {
    let diagonal = added.iter().enumerate().map(|(i, d)| gram[(i, i)] + d);
    diagonal
        .map(|h| if h > 0.0 { 1.0 / h.sqrt() } else { 0.0 })
        .collect()
}

/// Indices, increasing, of columns that span what all of them span in (X; √D), by Cholesky with pivots on the diagonal. [Higham
/// 2002, Accuracy and Stability of Numerical Algorithms, §10.3]
fn independent_columns(gram: &Mat<f64>, added: &[f64], tolerance: f64) -> Vec<usize> {
    let order = gram.nrows();
    let scale = unit_scale(gram, added);
    // A column of zeros has nothing left from the start.
    let mut left: Vec<f64> = scale
        .iter()
        .map(|s| f64::from(u8::from(*s > 0.0)))
        .collect();
    let mut factor: Vec<Vec<f64>> = Vec::new();
    let mut kept = Vec::new();
    for _ in 0..order {
        let largest = (0..order).max_by(|&i, &k| left[i].total_cmp(&left[k]));
        let Some(pivot) = largest.filter(|&i| left[i] > tolerance) else {
            break;
        };
        let mut column: Vec<f64> = gram.col_as_slice(pivot)[..order].to_vec();
        for (v, s) in column.iter_mut().zip(&scale) {
            *v *= s * scale[pivot];
        }
        column[pivot] += added[pivot] * scale[pivot] * scale[pivot];
        for earlier in &factor {
            axpy(-earlier[pivot], earlier, &mut column);
        }
        let root = left[pivot].sqrt();
        for (v, left) in column.iter_mut().zip(&mut left) {
            *v /= root;
            *left -= *v * *v;
        }
        left[pivot] = 0.0;
        kept.push(pivot);
        factor.push(column);
    }
    kept.sort_unstable();
    kept
}

/// Cholesky factor of S(G + D)S with S such that the diagonal is 1.
struct Factor {
    factor: faer::linalg::solvers::Llt<f64>,
    scale: Vec<f64>,
}

impl Factor {
    /// None if a column's squared distance from the span of those before it is at most `tolerance` of its squared length.
    fn whole(gram: &Mat<f64>, added: &[f64], tolerance: f64) -> Option<Self> {
        let order = gram.nrows();
        let scale = unit_scale(gram, added);
        let scaled = Mat::from_fn(order, order, |i, k| {
            let h = gram[(i, k)] + if i == k { added[i] } else { 0.0 };
            scale[i] * h * scale[k]
        });
        let factor = scaled.llt(Side::Lower).ok()?;
        let pivots = factor.L().diagonal().column_vector();
        // NaN is no pivot either.
        let sound = pivots.iter().all(|l| l * l > tolerance);
        sound.then_some(Self { factor, scale })
    }

    /// v = (G + D)⁻¹v.
    fn solve(&self, v: &mut [f64]) {
        let order = v.len();
        v.iter_mut().zip(&self.scale).for_each(|(v, s)| *v *= s);
        self.factor
            .solve_in_place(MatMut::from_column_major_slice_mut(v, order, 1));
        v.iter_mut().zip(&self.scale).for_each(|(v, s)| *v *= s);
    }

    /// tr G(G + D)⁻¹ = order − Σ d_i ((G + D)⁻¹)_ii.
    fn trace(&self, added: &[f64]) -> Option<f64> {
        let order = added.len() as f64;
        if added.iter().all(|d| *d == 0.0) {
            return Some(order);
        }
        let inverse = self.inverse_diagonal();
        let spared: f64 = added.iter().zip(inverse).map(|(d, h)| d * h).sum();
        Some((order - spared).max(0.0))
    }

    /// Diagonal of (G + D)⁻¹: squared norms of the columns of L⁻¹.
    fn inverse_diagonal(&self) -> Vec<f64> {
        let order = self.scale.len();
        let mut inverse = Mat::zeros(order, order);
        invert_lower_triangular(inverse.as_mut(), self.factor.L(), Par::Seq);
        (0..order)
            .map(|k| {
                let column = &inverse.col_as_slice(k)[k..order];
                self.scale[k] * self.scale[k] * dot(column, column)
            })
            .collect()
    }
}

/// What the criteria of all points of a path share.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sample {
    /// n.
    pub rows: usize,
    /// p.
    pub columns: usize,
    /// Whether an intercept was fitted, which costs one more degree of freedom.
    pub intercept: bool,
    /// σ², see [`DegreesOfFreedom::noise_variance`].
    pub variance: Option<f64>,
}

/// Criteria of one point; the smaller, the better. With d = df + 1 if there is an intercept, else df:
///
/// | | | |
/// |---|---|---|
/// | AIC | n ln(RSS/n) + 2d | Akaike 1974, IEEE Transactions on Automatic Control 19 |
/// | AICc | AIC + 2(d + 1)(d + 2)/(n − d − 2) | Hurvich & Tsai 1989, Biometrika 76; the variance is one of d + 1 parameters |
/// | BIC | n ln(RSS/n) + d ln n | Schwarz 1978, Annals of Statistics 6 |
/// | EBIC | BIC + 2 ln C(p, \|A\|), which is γ = 1, over columns that a penalty may keep out | Chen & Chen 2008, Biometrika 95 |
/// | C_p | RSS/n + 2dσ²/n | Mallows 1973, Technometrics 15, as in ESL eq. 7.26 |
/// | GCV | (RSS/n) / (1 − d/n)² | Golub, Heath & Wahba 1979, Technometrics 21 |
///
/// AIC and BIC leave constants out and take the variance from the point itself. R's `AIC()` and `BIC()` of a linear model add
/// n(1 + ln 2π) and count the variance as one more parameter: 2, or ln n, more. scikit-learn's `LassoLarsIC` takes the variance
/// σ² of the full fit instead and does not count the intercept: n ln(2πσ²) + RSS/σ² + 2 df, or ln n df. Its AIC is nC_p/σ² but for
/// a constant, and a constant away from no other criterion here.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Criteria {
    /// Akaike's.
    pub aic: Option<f64>,
    /// Akaike's, corrected for small samples; None unless n > d + 2.
    pub aicc: Option<f64>,
    /// Schwarz's.
    pub bic: Option<f64>,
    /// Schwarz's, extended to many columns.
    pub ebic: Option<f64>,
    /// Mallows'; None without σ².
    pub cp: Option<f64>,
    /// Generalised cross-validation; None if d ≥ n.
    pub gcv: Option<f64>,
}

impl Criteria {
    /// Of a point with residual sum of squares RSS = ‖y − Xβ‖², degrees of freedom without the intercept, and |A| coefficients
    /// that are not 0. All are None unless RSS is positive: a fit without residual says nothing of its noise.
    pub fn new(sample: &Sample, rss: f64, df: f64, nonzeros: usize) -> Self {
        if !(rss > 0.0 && rss.is_finite()) {
            return Self::default();
        }
        let n = sample.rows as f64;
        let d = df + f64::from(u8::from(sample.intercept));
        let deviance = n * (rss / n).ln();
        let aic = deviance + 2.0 * d;
        let bic = deviance + d * n.ln();
        Self {
            aic: Some(aic),
            aicc: (n > d + 2.0).then(|| aic + 2.0 * (d + 1.0) * (d + 2.0) / (n - d - 2.0)),
            bic: Some(bic),
            ebic: Some(bic + 2.0 * ln_binomial(sample.columns, nonzeros)),
            cp: sample.variance.map(|s| rss / n + 2.0 * d * s / n),
            gcv: (d < n).then(|| rss / n / (1.0 - d / n).powi(2)),
        }
    }
}

/// ln C(p, k), as a sum of logarithms; 0 for k > p.
fn ln_binomial(p: usize, k: usize) -> f64 {
    let few = k.min(p.saturating_sub(k));
    (1..=few)
        .map(|i| ((p - few + i) as f64 / i as f64).ln())
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn binomials_are_those_of_pascal() {
        let mut row = vec![1.0f64];
        for p in 1..30 {
            let inner = row.windows(2).map(|w| w[0] + w[1]);
            row = std::iter::once(1.0).chain(inner).chain([1.0]).collect();
            for (k, c) in row.iter().enumerate() {
                assert!((ln_binomial(p, k) - c.ln()).abs() < 1e-12, "{p} {k}");
            }
        }
    }

    #[test]
    fn there_is_no_criterion_where_it_means_nothing() {
        let sample = Sample {
            rows: 10,
            columns: 12,
            intercept: true,
            variance: Some(0.5),
        };
        assert_eq!(Criteria::new(&sample, 0.0, 3.0, 3), Criteria::default());
        assert_eq!(
            Criteria::new(&sample, f64::NAN, 3.0, 3),
            Criteria::default()
        );
        let crowded = Criteria::new(&sample, 1.0, 8.0, 8);
        assert!(crowded.aicc.is_none() && crowded.gcv.is_some());
        let full = Criteria::new(&sample, 1.0, 9.0, 9);
        assert!(full.gcv.is_none() && full.aic.is_some() && full.cp.is_some());
    }
}
