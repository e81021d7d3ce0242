//! One pass over X: no solver but a yardstick, the least that any path costs.

use regpath_solvers::design::Design;
use regpath_solvers::solver::{Outcome, Status, Work};

use super::{Contestant, Skip};
use crate::prepared::{Prepared, Visitor};
use crate::stopwatch::Stopwatch;
use crate::sweep::{Path, Step, Sweep};

/// Computes Xᵀy and nothing else, which is all that a λ at or above λ_max takes.
pub(super) struct OnePass;

impl Contestant for OnePass {
    fn id(&self) -> &str {
        "one-pass"
    }

    fn summary(&self) -> &str {
        "no solver but a yardstick: reads X once, for the lambda at which everything is 0"
    }

    fn supports(&self, _alpha: f64, _n: usize, _p: usize) -> Result<(), String> {
        Ok(())
    }

    fn run(&self, data: &Prepared, _alpha: f64, sweep: &Sweep) -> anyhow::Result<Path> {
        let lambdas = sweep.grid.as_slice();
        if let Some(below) = lambdas.iter().find(|l| **l < sweep.lambda_max) {
            let top = sweep.lambda_max;
            let why = format!("it does not support lambda = {below} below lambda_max = {top}");
            return Err(Skip(why).into());
        }
        let watch = Stopwatch::start();
        data.visit(Pass { y: &data.y });
        let (path_seconds, cpu_seconds) = (watch.wall(), watch.cpu());
        let step = |(k, &lambda): (usize, &f64)| Step {
            k,
            lambda,
            seconds: None,
            outcome: Outcome {
                status: Status::Converged,
                work: Work {
                    passes: u64::from(k == 0),
                    ..Work::default()
                },
            },
            nonzeros: Vec::new(),
            intercept: 0.0,
            dual: None,
        };
        Ok(Path {
            path_seconds,
            cpu_seconds,
            steps: lambdas.iter().enumerate().map(step).collect(),
            ..Path::default()
        })
    }
}

struct Pass<'a> {
    y: &'a [f64],
}

impl Visitor for Pass<'_> {
    type Output = f64;
    fn visit<X: Design>(self, x: &X) -> f64 {
        let mut out = vec![0.0; x.ncols()];
        x.tr_mul(self.y, &mut out);
        std::hint::black_box(out[0])
    }
}
