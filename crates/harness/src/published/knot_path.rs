//! A lasso path by its knots, between which it is linear, and read where a source reads it: at shares of the largest Σ|β|.

use anyhow::{Context, ensure};
use faer::MatRef;
use regpath_solvers::design::Dense;
use regpath_solvers::loss::Squared;
use regpath_solvers::penalty::L1;
use regpath_solvers::problem::Problem;
use regpath_solvers::solver::{Homotopy, Move, Status, Stop};

/// Relative duality gap at the end of the path.
const TOL: f64 = 1e-12;

/// A path from nothing to least squares.
pub struct KnotPath {
    /// λ of (1/2n)‖y − Xβ‖² + λ‖β‖₁ and the coefficients there: the knots, then λ = 0.
    pub points: Vec<(f64, Vec<f64>)>,
    /// What changes at each knot.
    pub moves: Vec<Move>,
}

impl KnotPath {
    /// The path of these columns as they stand, without an intercept. Errors: it does not reach λ = 0.
    pub fn new(x: MatRef<'_, f64>, y: &[f64]) -> anyhow::Result<Self> {
        let design = Dense::try_new(x)?;
        let problem = Problem::new(&design, y, Squared, L1)?;
        let stop = Stop {
            tol: TOL,
            ..Stop::default()
        };
        let path = Homotopy::FULL.knots(&problem, 0.0, stop)?;
        ensure!(
            path.status == Status::Converged,
            "the path ends at λ = {}: {:?}",
            path.end.0,
            path.status
        );
        let dense = |nonzeros: &[(usize, f64)]| {
            let mut beta = vec![0.0; x.ncols()];
            nonzeros.iter().for_each(|&(j, b)| beta[j] = b);
            beta
        };
        let knots = path.knots.iter();
        let mut points: Vec<(f64, Vec<f64>)> =
            knots.map(|k| (k.lambda, dense(&k.coefficients))).collect();
        points.push((path.end.0, dense(&path.end.1)));
        let moves = path.knots.iter().map(|k| k.change).collect();
        Ok(Self { points, moves })
    }

    /// Σ|β| at each point, ascending.
    pub fn sizes(&self) -> Vec<f64> {
        self.points.iter().map(|(_, beta)| size(beta)).collect()
    }

    /// Coefficients where Σ|β| is that share of its largest. Errors: the path has no end.
    pub fn at_share(&self, share: f64) -> anyhow::Result<Vec<f64>> {
        let sizes = self.sizes();
        let goal = share * sizes.last().context("a path without points")?;
        // Σ|β| is linear between knots too: no coefficient changes its sign within.
        let after = sizes.partition_point(|size| *size < goal);
        if after == 0 || after == sizes.len() {
            let end = self.points.get(after.min(sizes.len() - 1));
            return Ok(end.context("a path without points")?.1.clone());
        }
        let part = (goal - sizes[after - 1]) / (sizes[after] - sizes[after - 1]);
        let (from, to) = (&self.points[after - 1].1, &self.points[after].1);
        let between = from.iter().zip(to).map(|(a, b)| a + part * (b - a));
        Ok(between.collect())
    }
}

/// Σ|β|.
pub fn size(beta: &[f64]) -> f64 {
    beta.iter().map(|b| b.abs()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use faer::Mat;

    #[test]
    fn on_orthonormal_columns_the_path_is_the_soft_threshold() {
        let x = Mat::from_fn(3, 3, |i, j| f64::from(u8::from(i == j)));
        let path = KnotPath::new(x.as_ref(), &[3.0, -2.0, 1.0]).unwrap();
        assert_eq!(path.moves, [Move::Join(0), Move::Join(1), Move::Join(2)]);
        let knots: Vec<f64> = path.points.iter().map(|p| 3.0 * p.0).collect();
        assert!(
            knots
                .iter()
                .zip([3.0, 2.0, 1.0, 0.0])
                .all(|(a, b)| (a - b).abs() < 1e-14)
        );
        // At λ = 1.5 the coefficients are (1.5, −0.5, 0), a third of 6.
        let third = path.at_share(1.0 / 3.0).unwrap();
        assert!(
            third
                .iter()
                .zip([1.5, -0.5, 0.0])
                .all(|(a, b)| (a - b).abs() < 1e-14)
        );
        assert_eq!(path.at_share(0.0).unwrap(), [0.0; 3]);
        assert_eq!(size(&path.at_share(1.0).unwrap()), 6.0);
    }
}
