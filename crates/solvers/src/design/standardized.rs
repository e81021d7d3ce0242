//! Implicit centring and scaling of the columns of another design, which stays as it is in memory.

use super::{Bundle, Design, Moments, Residual, kernels};

/// Centre and scale of each column; length p each, scales positive.
#[derive(Clone, Debug, PartialEq)]
pub struct ColumnScaling {
    /// m_j, subtracted from column j; all 0 when nothing is centred.
    pub center: Vec<f64>,
    /// s_j, by which column j is divided; 1 for columns that are not scaled, ∞ for columns that are left out.
    pub scale: Vec<f64>,
}

/// Share of ‖x_j‖² up to which what lies along q may be subtracted from it.
const HARMLESS: f64 = 0.9;

/// The design with columns (x_j − m_j q) / s_j, without a copy: a sparse X stays sparse. q is the vector of ones or, where rows
/// have been multiplied by the roots of their weights, those roots.
///
/// A [`Residual`] handed to it must be orthogonal to q wherever columns are centred, as the residual
/// of a centred response always is, and m_j must then be x_jᵀq/‖q‖²; `col_dot` and `tr_mul` take any vector.
#[derive(Clone, Debug)]
pub struct Standardized<'a, X> {
    x: &'a X,
    scaling: &'a ColumnScaling,
    ones: Option<&'a [f64]>,
    /// ‖q‖².
    ones_sq: f64,
    at_means: bool,
}

impl<'a, X: Design> Standardized<'a, X> {
    /// Wraps x. Panics if the scaling is not of length p.
    pub fn new(x: &'a X, scaling: &'a ColumnScaling) -> Self {
        assert_eq!(scaling.center.len(), x.ncols());
        assert_eq!(scaling.scale.len(), x.ncols());
        Self {
            x,
            scaling,
            ones: None,
            ones_sq: x.nrows() as f64,
            at_means: false,
        }
    }

    /// Promises that m_j = x_jᵀq/‖q‖² wherever it is not 0: ‖x_j − m_j q‖² is then the difference of two squares.
    pub fn at_means(self) -> Self {
        Self {
            at_means: true,
            ..self
        }
    }

    /// Wraps an x whose rows have been multiplied by `root_weights`, length n: that is q.
    pub fn weighted(x: &'a X, scaling: &'a ColumnScaling, root_weights: &'a [f64]) -> Self {
        assert_eq!(root_weights.len(), x.nrows());
        Self {
            ones: Some(root_weights),
            ones_sq: kernels::sq_norm(root_weights),
            ..Self::new(x, scaling)
        }
    }

    /// qᵀv.
    fn along_ones(&self, v: &[f64]) -> f64 {
        match self.ones {
            Some(q) => kernels::dot(q, v),
            None => v.iter().sum(),
        }
    }

    /// v += a q.
    fn add_ones(&self, a: f64, v: &mut [f64]) {
        match self.ones {
            Some(q) => kernels::axpy(a, q, v),
            None => v.iter_mut().for_each(|v| *v += a),
        }
    }

    /// Column j in full.
    fn materialised(&self, j: usize) -> Vec<f64> {
        let mut column = vec![0.0; self.x.nrows()];
        self.x.col_axpy(j, 1.0, &mut column);
        if self.center(j) != 0.0 {
            self.add_ones(-self.center(j), &mut column);
        }
        let scale = self.scale(j);
        column.iter_mut().for_each(|v| *v /= scale);
        column
    }

    fn center(&self, j: usize) -> f64 {
        self.scaling.center[j]
    }

    fn scale(&self, j: usize) -> f64 {
        self.scaling.scale[j]
    }
}

impl<X: Design> Design for Standardized<'_, X> {
    fn nrows(&self) -> usize {
        self.x.nrows()
    }

    fn ncols(&self) -> usize {
        self.x.ncols()
    }

    fn nnz(&self) -> usize {
        self.x.nnz()
    }

    fn col_dot(&self, j: usize, v: &[f64]) -> f64 {
        let shift = if self.center(j) == 0.0 {
            0.0
        } else {
            self.center(j) * self.along_ones(v)
        };
        (self.x.col_dot(j, v) - shift) / self.scale(j)
    }

    fn col_axpy(&self, j: usize, a: f64, v: &mut [f64]) {
        let a = a / self.scale(j);
        self.x.col_axpy(j, a, v);
        if self.center(j) != 0.0 {
            self.add_ones(-a * self.center(j), v);
        }
    }

    fn col_sq_norm(&self, j: usize) -> f64 {
        if self.at_means {
            let (raw, scale) = (self.x.col_sq_norm(j), self.scale(j));
            let along = self.center(j) * self.center(j) * self.ones_sq;
            // Otherwise the difference would have lost digits.
            if along <= HARMLESS * raw {
                return (raw - along) / scale / scale;
            }
        }
        if self.ones.is_some() {
            return kernels::sq_norm(&self.materialised(j));
        }
        let m = self.col_moments(j);
        self.nrows() as f64 * (m.sd * m.sd + m.mean * m.mean)
    }

    fn col_moments(&self, j: usize) -> Moments {
        if self.ones.is_some() {
            return Moments::of(&self.materialised(j), self.nrows());
        }
        let raw = self.x.col_moments(j);
        Moments {
            mean: (raw.mean - self.center(j)) / self.scale(j),
            sd: raw.sd / self.scale(j),
        }
    }

    fn gram_row(&self, j: usize, set: &[usize], out: &mut [f64]) {
        // x_jᵀx_k − n m_j m_k would cancel wherever means exceed deviations: one column is centred in full instead.
        self.tr_mul_set(set, &self.materialised(j), out);
    }

    fn mul(&self, beta: &[f64], out: &mut [f64]) {
        let scaled: Vec<f64> = beta
            .iter()
            .zip(&self.scaling.scale)
            .map(|(b, s)| b / s)
            .collect();
        self.x.mul(&scaled, out);
        let shift = kernels::dot(&scaled, &self.scaling.center);
        if shift != 0.0 {
            self.add_ones(-shift, out);
        }
    }

    fn tr_mul(&self, v: &[f64], out: &mut [f64]) {
        let sum = self.along_ones(v);
        self.x.tr_mul(v, out);
        for (j, out) in out.iter_mut().enumerate() {
            *out = (*out - self.center(j) * sum) / self.scale(j);
        }
    }

    fn tr_mul_set(&self, set: &[usize], v: &[f64], out: &mut [f64]) {
        let sum = self.along_ones(v);
        self.x.tr_mul_set(set, v, out);
        for (out, &j) in out.iter_mut().zip(set) {
            *out = (*out - self.center(j) * sum) / self.scale(j);
        }
    }

    fn tr_mul_bundle(&self, set: &[usize], v: &Bundle, out: &mut [f64]) {
        self.x.tr_mul_bundle(set, v, out);
        let weighted: Option<Vec<f64>> = self.ones.map(|q| v.products(q));
        let sums = weighted.as_deref().unwrap_or(v.sums());
        for (&j, out) in set.iter().zip(out.chunks_exact_mut(v.width())) {
            let (center, scale) = (self.center(j), self.scale(j));
            for (out, sum) in out.iter_mut().zip(sums) {
                *out = (*out - center * sum) / scale;
            }
        }
    }

    fn axpy_set(&self, set: &[usize], factors: &[f64], v: &mut [f64]) {
        let mut shift = 0.0;
        for (&j, &a) in set.iter().zip(factors) {
            let a = a / self.scale(j);
            self.x.col_axpy(j, a, v);
            shift += a * self.center(j);
        }
        if shift != 0.0 {
            self.add_ones(-shift, v);
        }
    }

    fn residual_dot(&self, j: usize, r: &Residual) -> f64 {
        (self.x.col_dot(j, &r.values) + r.shift * self.ones_sq * self.center(j)) / self.scale(j)
    }

    fn residual_axpy(&self, j: usize, a: f64, r: &mut Residual) {
        let a = a / self.scale(j);
        self.x.col_axpy(j, a, &mut r.values);
        r.shift -= a * self.center(j);
    }
    fn settle<'r>(&self, r: &'r mut Residual) -> &'r mut Vec<f64> {
        if r.shift != 0.0 {
            self.add_ones(r.shift, &mut r.values);
            r.shift = 0.0;
        }
        &mut r.values
    }
}
