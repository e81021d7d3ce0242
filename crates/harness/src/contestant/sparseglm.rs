//! The Rust package sparseglm: working sets and Anderson acceleration, from zero at every λ.
//!
//! It is run as it is: no path, no warm start, no report of how a fit ended, its default limits on working sets and epochs
//! (a fit cannot be interrupted). Its extrapolation forms a product of the order of the working set and uses a block of the
//! order of its five iterates, which large supports pay for.

use ndarray_sparseglm::{Array1, Array2, ArrayView1, ShapeBuilder};
use regpath_solvers::solver::{Outcome, Status, Work};
use sparseglm::datafits::single_task::{Datafit, Quadratic};
use sparseglm::datasets::csc_array::CSCArray;
use sparseglm::datasets::{DatasetBase, DesignMatrix};
use sparseglm::penalties::separable::{L1, L1PlusL2};
use sparseglm::solvers::{CDSolver, Solver};

use super::{Contestant, Skip};
use crate::prepared::{Columns, Prepared};
use crate::stopwatch::{Stopwatch, interrupted};
use crate::sweep::{Path, Step, Sweep};

pub(super) struct SparseGlm;

impl Contestant for SparseGlm {
    fn id(&self) -> &str {
        "sparseglm"
    }

    fn summary(&self) -> &str {
        "Rust package: working sets with Anderson acceleration from zero at every lambda; tolerance on the KKT violation"
    }

    fn version(&self) -> String {
        env!("REGPATH_SPARSEGLM").into()
    }

    fn is_peer(&self) -> bool {
        true
    }

    fn tolerances(&self) -> &[f64] {
        &[1e-1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8, 1e-9, 1e-10]
    }

    fn supports(&self, _alpha: f64, _n: usize, _p: usize) -> Result<(), String> {
        Ok(())
    }

    fn run(&self, data: &Prepared, alpha: f64, sweep: &Sweep) -> anyhow::Result<Path> {
        let y = Array1::from(data.y.clone());
        match data.columns().map_err(Skip)? {
            Columns::Dense(x) => {
                let columns = (0..x.ncols()).flat_map(|j| x.col_as_slice(j).iter().copied());
                let shape = (x.nrows(), x.ncols()).f();
                let design_matrix = Array2::from_shape_vec(shape, columns.collect())?;
                sweep_path(
                    &DatasetBase {
                        design_matrix,
                        targets: y,
                    },
                    alpha,
                    sweep,
                )
            }
            Columns::Sparse { x, scale } => {
                let csc = super::scaled_csc(x, scale)?;
                let design_matrix = CSCArray::new(
                    ArrayView1::from(&csc.values),
                    ArrayView1::from(&csc.indices),
                    ArrayView1::from(&csc.indptr),
                );
                sweep_path(
                    &DatasetBase {
                        design_matrix,
                        targets: y,
                    },
                    alpha,
                    sweep,
                )
            }
        }
    }
}

fn sweep_path<X>(
    dataset: &DatasetBase<X, Array1<f64>>,
    alpha: f64,
    sweep: &Sweep,
) -> anyhow::Result<Path>
where
    X: DesignMatrix<Elem = f64>,
    Quadratic<f64>: Datafit<f64, X, Array1<f64>>,
{
    let solver = Solver::new().tolerance(sweep.tol).verbose(false);
    let watch = Stopwatch::start();
    let mut steps = Vec::new();
    for (k, &lambda) in sweep.grid.as_slice().iter().enumerate() {
        if interrupted() || sweep.deadline.expired() {
            break;
        }
        let lap = Stopwatch::start();
        let mut loss = Quadratic::new();
        let beta = if alpha == 1.0 {
            solver.solve(dataset, &mut loss, &L1::new(lambda))
        } else {
            solver.solve(dataset, &mut loss, &L1PlusL2::new(lambda, alpha))
        }?;
        let seconds = Some(lap.wall());
        let outcome = Outcome {
            status: Status::Converged,
            work: Work::default(),
        };
        steps.push(Step {
            k,
            lambda,
            seconds,
            outcome,
            nonzeros: super::nonzeros(beta.iter()),
            intercept: 0.0,
            dual: None,
        });
        (sweep.progress)();
    }
    Ok(Path {
        path_seconds: watch.wall(),
        cpu_seconds: watch.cpu(),
        steps,
        ..Path::default()
    })
}
