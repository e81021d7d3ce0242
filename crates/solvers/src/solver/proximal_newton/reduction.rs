//! Ridge with more columns than rows in the coordinates of the rows: X = R Vᵀ with orthonormal columns in V, β = Vγ, and the
//! penalty of β is that of γ. ESL 2nd ed., §18.3.5; Hastie & Tibshirani (2004), Biostatistics 5.

use faer::{Mat, Side};

use crate::design::Design;
use crate::design::kernels::axpy;
use crate::loss::Loss;
use crate::penalty::{Bounded, ElasticNet, Penalty, Separable};
use crate::problem::Problem;

/// Rows up to which the eigendecomposition is worth its time.
const MOST_ROWS: usize = 2000;
/// Columns without penalty beside the others.
const MOST_OPEN: usize = 16;
const FREE: [f64; 2] = [f64::NEG_INFINITY, f64::INFINITY];

/// The smaller problem, and the way back.
pub(super) struct Reduction {
    /// [R, columns without penalty], n × (r + |F|).
    pub x: Mat<f64>,
    pub net: ElasticNet,
    pub bounded: Vec<Bounded>,
    /// X Vᵀ = R: V = Xᵀ `back`, n × r.
    back: Mat<f64>,
    /// Columns without penalty.
    open: Vec<usize>,
    /// Columns of X.
    columns: usize,
}

impl Reduction {
    /// None unless every column has the same ridge penalty or none, and there are more of the former than rows.
    pub(super) fn new<X: Design, L: Loss, P: Separable>(
        problem: &Problem<X, L, P>,
    ) -> Option<Self> {
        let (x, penalty) = (problem.x, problem.penalty);
        let (n, p) = (x.nrows(), x.ncols());
        if penalty.mixing() != 0.0 || p <= n || n > MOST_ROWS {
            return None;
        }
        let (mut open, mut factor) = (Vec::new(), None);
        for j in 0..p {
            let omega = penalty.of(j);
            if omega.piece(1.0) != FREE
                || omega.piece(-1.0) != FREE
                || omega.value(1.0).is_infinite()
            {
                return None;
            }
            match omega.derivatives(1.0) {
                [0.0, 0.0] => open.push(j),
                [first, second] if first == second && *factor.get_or_insert(second) == second => {}
                _ => return None,
            }
        }
        let factor = factor?;
        if p - open.len() <= n || open.len() > MOST_OPEN {
            return None;
        }
        let mut gram = x.outer_gram();
        let mut column = vec![0.0; n];
        for &j in &open {
            column.fill(0.0);
            x.col_axpy(j, 1.0, &mut column);
            for (k, &v) in column.iter().enumerate() {
                axpy(-v, &column, &mut gram.col_as_slice_mut(k)[..n]);
            }
        }
        let eigen = gram.self_adjoint_eigen(Side::Lower).ok()?;
        let values: Vec<f64> = eigen.S().column_vector().iter().copied().collect();
        let largest = values.iter().fold(0.0f64, |m, d| m.max(*d));
        let kept: Vec<usize> = (0..n)
            .filter(|&k| values[k] > 8.0 * n as f64 * f64::EPSILON * largest)
            .collect();
        let rank = kept.len();
        let vectors = eigen.U();
        let back = Mat::from_fn(n, rank, |i, k| {
            vectors[(i, kept[k])] / values[kept[k]].sqrt()
        });
        let mut reduced = Mat::zeros(n, rank + open.len());
        for (k, &from) in kept.iter().enumerate() {
            for i in 0..n {
                reduced[(i, k)] = vectors[(i, from)] * values[from].sqrt();
            }
        }
        for (k, &j) in open.iter().enumerate() {
            x.col_axpy(j, 1.0, &mut reduced.col_as_slice_mut(rank + k)[..n]);
        }
        let net = ElasticNet::new(0.0).ok()?;
        let mut bounded = vec![Bounded::new(net, factor, FREE); rank];
        bounded.resize(rank + open.len(), Bounded::new(net, 0.0, FREE));
        Some(Self {
            x: reduced,
            net,
            bounded,
            back,
            open,
            columns: p,
        })
    }

    /// β, length p, from γ: a pass over X.
    pub(super) fn expand<X: Design>(&self, x: &X, gamma: &[(usize, f64)], beta: &mut [f64]) {
        assert_eq!(beta.len(), self.columns);
        let rank = self.back.ncols();
        let mut rows = vec![0.0; x.nrows()];
        for &(k, g) in gamma.iter().filter(|(k, _)| *k < rank) {
            axpy(g, &self.back.col_as_slice(k)[..x.nrows()], &mut rows);
        }
        x.tr_mul(&rows, beta);
        self.open.iter().for_each(|&j| beta[j] = 0.0);
        for &(k, g) in gamma.iter().filter(|(k, _)| *k >= rank) {
            beta[self.open[k - rank]] = g;
        }
    }
}
