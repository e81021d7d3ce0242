//! The linear program of a kinked loss with an L1 penalty: what a vertex method needs to know of it.

use faer::Mat;

use crate::design::Design;
use crate::error::SolveError;
use crate::loss::KinkedLoss;
use crate::penalty::{Penalty, Separable};
use crate::problem::Problem;

/// Entries of X beyond which no dense copy is made where X is not stored densely.
const MOST_ENTRIES: usize = 1 << 28;

/// min Σ max(h_i r_i, l_i r_i) + λ Σ κ_j |β_j| with r = y − Xβ: slopes, weights κ, and single rows of X.
pub(crate) struct Program {
    /// [l_i, h_i].
    pub(crate) slopes: Vec<[f64; 2]>,
    /// κ_j.
    pub(crate) weights: Vec<f64>,
    /// y less offsets.
    pub(crate) y: Vec<f64>,
    /// y a little off, so that no two rows are fitted by accident.
    pub(crate) perturbed: Vec<f64>,
    /// Σ_i |x_ij| max(h_i, −l_i): the largest |x_jᵀu| that is possible.
    pub(crate) reach: Vec<f64>,
    /// max_i |x_ij|.
    pub(crate) largest: Vec<f64>,
    dense: Option<Mat<f64>>,
    p: usize,
}

/// Perturbation of y in units of its typical deviation: far above rounding, far below what separates data.
const PERTURBATION: f64 = 1e-9;
/// Least perturbation as a share of the largest |y|, some hundred units in its last place.
const ROUNDING: f64 = 1e-13;

impl Program {
    /// Errors: [`SolveError::Loss`] for a penalty with a ridge part or bounds, [`SolveError::TooLarge`].
    pub(crate) fn new<X: Design, L: KinkedLoss, P: Separable>(
        problem: &Problem<X, L, P>,
    ) -> Result<Self, SolveError> {
        let p = problem.x.ncols();
        let weights = l1_weights(problem.penalty, p)?;
        if (0..p).any(|j| problem.penalty.of(j).derivatives(1.0)[1] != 0.0) {
            return Err(SolveError::Loss(
                "the penalty has a ridge part, whose optimum is no vertex; use frisch-newton"
                    .into(),
            ));
        }
        let slopes = problem.loss.slopes(problem.y);
        Self::of(problem.x, slopes, problem.loss.kinks(problem.y), weights)
    }

    /// From slopes [l_i, h_i] and y less offsets, both of length n, and weights κ of length p. Errors: [`SolveError::TooLarge`].
    pub(crate) fn of<X: Design>(
        x: &X,
        slopes: Vec<[f64; 2]>,
        y: Vec<f64>,
        weights: Vec<f64>,
    ) -> Result<Self, SolveError> {
        let (n, p) = (x.nrows(), x.ncols());
        let dense = dense_copy(x)?;
        let (mut reach, mut largest) = (vec![0.0; p], vec![0.0f64; p]);
        let heights: Vec<f64> = slopes.iter().map(|[low, high]| high.max(-low)).collect();
        let mut column = vec![0.0; n];
        for j in 0..p {
            column.fill(0.0);
            x.col_axpy(j, 1.0, &mut column);
            for (x, height) in column.iter().zip(&heights) {
                largest[j] = largest[j].max(x.abs());
                reach[j] += x.abs() * height;
            }
        }
        Ok(Self {
            perturbed: perturb(&y),
            y,
            slopes,
            weights,
            reach,
            largest,
            dense,
            p,
        })
    }

    pub(crate) fn n(&self) -> usize {
        self.y.len()
    }

    pub(crate) fn p(&self) -> usize {
        self.p
    }

    /// Row i of X, length p.
    pub(crate) fn row<X: Design>(&self, x: &X, i: usize) -> Vec<f64> {
        (0..self.p).map(|j| self.entry(x, i, j)).collect()
    }

    fn entry<X: Design>(&self, x: &X, i: usize, j: usize) -> f64 {
        match &self.dense {
            Some(dense) => dense[(i, j)],
            // Whatever has no copy has its columns in memory.
            None => x.contiguous(j).map_or(0.0, |column| column[i]),
        }
    }

    /// Σ max(h_i r_i, l_i r_i).
    pub(crate) fn loss(&self, residuals: &[f64]) -> f64 {
        let rows = residuals.iter().zip(&self.slopes);
        rows.map(|(r, [low, high])| (high * r).max(low * r)).sum()
    }
}

/// κ_j of λκ_j|β_j|. Errors: [`SolveError::Loss`] where coefficients have bounds.
pub(crate) fn l1_weights<P: Separable>(penalty: P, p: usize) -> Result<Vec<f64>, SolveError> {
    let weight = |j: usize| {
        let omega = penalty.of(j);
        let unbounded =
            omega.piece(1.0)[1] == f64::INFINITY && omega.piece(-1.0)[0] == f64::NEG_INFINITY;
        if unbounded {
            Ok(omega.zero_weight())
        } else {
            Err(SolveError::Loss(format!(
                "coefficient {j} (counted from 0) has a bound, which this solver does not know; use chambolle-pock"
            )))
        }
    };
    (0..p).map(weight).collect()
}

/// y plus a fixed sequence of different numbers.
fn perturb(y: &[f64]) -> Vec<f64> {
    let middle = median(y.to_vec());
    let deviations: Vec<f64> = y.iter().map(|v| (v - middle).abs()).collect();
    let mean = deviations.iter().sum::<f64>() / y.len() as f64;
    let typical = match median(deviations) {
        0.0 => mean,
        typical => typical,
    };
    let largest = y.iter().fold(0.0f64, |m, v| m.max(v.abs()));
    let unit = (PERTURBATION * typical).max(ROUNDING * largest);
    // Multiples of the golden ratio modulo 1 never come close to each other.
    let golden = |i: usize| (i as f64 * 0.618_033_988_749_894_9).fract();
    let shifted = y.iter().enumerate();
    shifted.map(|(i, v)| v + unit * (0.5 + golden(i))).collect()
}

fn median(mut values: Vec<f64>) -> f64 {
    let middle = values.len() / 2;
    *values.select_nth_unstable_by(middle, f64::total_cmp).1
}

/// X as plain columns where it is not stored so. Errors: [`SolveError::TooLarge`].
pub(crate) fn dense_copy<X: Design>(x: &X) -> Result<Option<Mat<f64>>, SolveError> {
    let (n, p) = (x.nrows(), x.ncols());
    if (0..p).all(|j| x.contiguous(j).is_some()) {
        return Ok(None);
    }
    if n.checked_mul(p)
        .is_none_or(|entries| entries > MOST_ENTRIES)
    {
        return Err(SolveError::TooLarge(format!(
            "X is {n} x {p} and sparse; this solver works on a dense copy of at most {MOST_ENTRIES} entries; use chambolle-pock"
        )));
    }
    let mut dense = Mat::zeros(n, p);
    for j in 0..p {
        x.col_axpy(j, 1.0, &mut dense.col_as_slice_mut(j)[..n]);
    }
    Ok(Some(dense))
}
