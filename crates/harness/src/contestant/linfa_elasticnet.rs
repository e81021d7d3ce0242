//! The Rust package linfa-elasticnet: cyclic coordinate descent on all columns, from zero at every λ.
//!
//! It is run as it is. It has no path, so each λ starts cold; it has no time limit, so iterations are bounded by work; and
//! where n > p every fit also inverts XᵀX for standard errors, which nothing switches off.

use linfa::Dataset;
use linfa::prelude::Fit;
use linfa_elasticnet::ElasticNet;
use ndarray::{Array1, Array2, ShapeBuilder};
use regpath_solvers::solver::{Outcome, Status, Work};

use super::{Contestant, Skip};
use crate::prepared::{Columns, Prepared};
use crate::stopwatch::{Stopwatch, interrupted};
use crate::sweep::{Path, Step, Sweep};

/// Bound on iterations × n × p at one λ: some ten seconds, since a fit cannot be interrupted.
const WORK: f64 = 1e10;

pub(super) struct LinfaElasticNet;

impl Contestant for LinfaElasticNet {
    fn id(&self) -> &str {
        "linfa-elasticnet"
    }

    fn summary(&self) -> &str {
        "Rust package: cyclic coordinate descent from zero at every lambda; tolerance on coefficient change, then gap / y'y"
    }

    fn version(&self) -> String {
        env!("REGPATH_LINFA_ELASTICNET").into()
    }

    fn is_peer(&self) -> bool {
        true
    }

    fn tolerances(&self) -> &[f64] {
        &[
            1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8, 1e-9, 1e-10, 1e-11, 1e-12,
        ]
    }

    fn supports(&self, _alpha: f64, _n: usize, _p: usize) -> Result<(), String> {
        Ok(())
    }

    fn run(&self, data: &Prepared, alpha: f64, sweep: &Sweep) -> anyhow::Result<Path> {
        let Columns::Dense(x) = data.columns().map_err(Skip)? else {
            return Err(Skip("it does not support sparse data".into()).into());
        };
        let (n, p) = (x.nrows(), x.ncols());
        let columns = (0..p).flat_map(|j| x.col_as_slice(j).iter().copied());
        let x = Array2::from_shape_vec((n, p).f(), columns.collect())?;
        let dataset = Dataset::new(x, Array1::from(data.y.clone()));
        let iterations = (WORK / (n as f64 * p as f64)).clamp(100.0, 1e6) as u32;

        let watch = Stopwatch::start();
        let (mut steps, mut worst_gap) = (Vec::new(), 0.0f64);
        for (k, &lambda) in sweep.grid.as_slice().iter().enumerate() {
            if interrupted() || sweep.deadline.expired() {
                break;
            }
            let lap = Stopwatch::start();
            let fit = ElasticNet::params()
                .penalty(lambda)
                .l1_ratio(alpha)
                .with_intercept(false)
                .tolerance(sweep.tol)
                .max_iterations(iterations)
                .fit(&dataset)?;
            let seconds = lap.wall();
            worst_gap = worst_gap.max(fit.duality_gap());
            let limited = fit.n_steps() >= iterations;
            steps.push(Step {
                k,
                lambda,
                seconds: Some(seconds),
                outcome: Outcome {
                    status: if limited {
                        Status::EpochLimit
                    } else {
                        Status::Converged
                    },
                    work: Work::default(),
                },
                nonzeros: super::nonzeros(fit.hyperplane().iter()),
                intercept: 0.0,
                dual: None,
            });
            (sweep.progress)();
        }
        Ok(Path {
            path_seconds: watch.wall(),
            cpu_seconds: watch.cpu(),
            stopping_figure: Some(worst_gap),
            steps,
            ..Path::default()
        })
    }
}
