//! Budgets: performance tests without a clock.

mod common;

use common::{Columns, normals, rng, stop, walk};
use regpath_solvers::design::Dense;
use regpath_solvers::grid::Grid;
use regpath_solvers::loss::Squared;
use regpath_solvers::penalty::L1;
use regpath_solvers::problem::Problem;
use regpath_solvers::solver::{CoordinateDescent, Status, Work};

#[test]
#[ignore = "look"]
fn look() {
    for (n, p) in [(1000, 100), (100, 1000), (100, 5000), (500, 500), (1000,2000)] {
        let mut rng = rng(5);
        let z = normals(&mut rng, n);
        let mut x = Columns::Gaussian.draw(&mut rng, n, p);
        for j in 0..p { for i in 0..n { x[(i, j)] = 0.5f64.sqrt() * (x[(i, j)] + z[i]); } }
        let y: Vec<f64> = (0..n).map(|i| (0..p).map(|j| (-1f64).powi(j as i32) * (-(2.0 * j as f64) / 20.0).exp() * x[(i, j)]).sum::<f64>()).collect();
        let var = y.iter().map(|v| v * v).sum::<f64>() / n as f64;
        let e = normals(&mut rng, n);
        let y: Vec<f64> = y.iter().zip(e).map(|(y, e)| y + e * (var.sqrt() / 3.0)).collect();
        let d = Dense::try_new(x.as_ref()).unwrap();
        let pr = Problem::new(&d, &y, Squared, L1).unwrap();
        let grid = Grid::geometric(pr.lambda_max(), 1e-2, 100).unwrap();
        let mut best = f64::INFINITY;
        let mut w = Work::default();
        for _ in 0..3 {
            w = Work::default();
            let t = std::time::Instant::now();
            let pts = walk(&CoordinateDescent::default(), &pr, grid.as_slice(), stop(1e-6));
            best = best.min(t.elapsed().as_secs_f64());
            for p in &pts { w += p.outcome.work; assert_eq!(p.outcome.status, Status::Converged) }
        }
        eprintln!("{n} x {p}: {best:.4} s (with certificates) {w:?}");
    }
}
