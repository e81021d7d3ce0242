//! Elastic-net paths as Zou & Hastie (2005) compute them: lasso paths of data that are augmented by a ridge penalty.
//!
//! They minimise ‖y − Xb‖² + λ₂‖b‖² + λ₁‖b‖₁ for columns of unit norm, which is the lasso of X* = (X; √λ₂ I)/√(1 + λ₂) and y* = (y; 0)
//! for b* = √(1 + λ₂) b. The naïve elastic net is b, the elastic net (1 + λ₂) b. In this project's scaling, divided by 2n, λ₂ = nλ(1 − α)
//! and λ₁ = 2nλα.

use super::knot_path::KnotPath;
use faer::{Mat, MatRef};

/// The path of one λ₂.
pub struct LarsEn {
    path: KnotPath,
    ridge: f64,
}

/// A point on it.
pub struct Nets {
    /// b, the naïve elastic net.
    pub naive: Vec<f64>,
    /// (1 + λ₂) b, the elastic net.
    pub rescaled: Vec<f64>,
}

impl LarsEn {
    /// Columns of mean 0 and unit norm, a response of mean 0, and λ₂. Errors: those of [`KnotPath::new`].
    pub fn new(x: MatRef<'_, f64>, y: &[f64], ridge: f64) -> anyhow::Result<Self> {
        let (n, p) = (x.nrows(), x.ncols());
        let rows = if ridge > 0.0 { n + p } else { n };
        let scale = (1.0 + ridge).sqrt();
        let augmented = Mat::from_fn(rows, p, |i, j| match i.checked_sub(n) {
            None => x[(i, j)] / scale,
            Some(k) if k == j => ridge.sqrt() / scale,
            Some(_) => 0.0,
        });
        let mut response = y.to_vec();
        response.resize(rows, 0.0);
        let path = KnotPath::new(augmented.as_ref(), &response)?;
        Ok(Self { path, ridge })
    }

    fn nets(&self, starred: &[f64]) -> Nets {
        let scale = (1.0 + self.ridge).sqrt();
        Nets {
            naive: starred.iter().map(|b| b / scale).collect(),
            rescaled: starred.iter().map(|b| b * scale).collect(),
        }
    }

    /// Where Σ|b| is that share of its largest. Errors: the path has no end.
    pub fn at_share(&self, share: f64) -> anyhow::Result<Nets> {
        Ok(self.nets(&self.path.at_share(share)?))
    }

    /// Σ|b| as a share of its largest, and the coefficients, at the knots and at the end.
    pub fn knots(&self) -> Vec<(f64, Nets)> {
        let sizes = self.path.sizes();
        let longest = sizes.last().copied().unwrap_or(f64::NAN);
        let points = sizes.iter().zip(&self.path.points);
        points
            .map(|(size, (_, starred))| (size / longest, self.nets(starred)))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use regpath_solvers::elastic_net;

    #[test]
    fn the_path_of_augmented_data_is_the_elastic_net() {
        let n = 12;
        let mut x = Mat::from_fn(n, 3, |i, j| ((i * (j + 2) + j) as f64).sin());
        for j in 0..3 {
            let column = x.col_as_slice_mut(j);
            let norm = column.iter().map(|v| v * v).sum::<f64>().sqrt();
            column.iter_mut().for_each(|v| *v /= norm);
        }
        let y: Vec<f64> = (0..n)
            .map(|i| 3.0 * x[(i, 0)] - x[(i, 2)] + 0.1 * (i as f64).cos())
            .collect();
        let ridge = 0.7;
        let path = LarsEn::new(x.as_ref(), &y, ridge).unwrap();
        for share in [0.3, 0.6, 0.9] {
            let b = path.at_share(share).unwrap().naive;
            // λ₁ from the correlation of the first column, which is active everywhere here.
            let residual = |i: usize| y[i] - (0..3).map(|j| x[(i, j)] * b[j]).sum::<f64>();
            let product: f64 = (0..n).map(|i| x[(i, 0)] * residual(i)).sum();
            let absolute = (product - ridge * b[0]) * b[0].signum();
            let lambda = (absolute + ridge) / n as f64;
            let net = elastic_net(absolute / (absolute + ridge)).lambdas([lambda]);
            let net = net.intercept(false).standardize(false).tol(1e-14);
            let found = net.fit(x.as_ref(), &y).unwrap().coefficients(0);
            assert!(
                b.iter().zip(&found).all(|(a, b)| (a - b).abs() < 1e-6),
                "{b:?} {found:?}"
            );
        }
    }
}
