//! Least squares on the support of every fit of a model.

use regpath_solvers::design::Design;
use regpath_solvers::solver::Status;
use regpath_solvers::{LeastSquares, Relaxation, SolveError};

use super::{Coefficients, Model};
use crate::prepared::{Prepared, Visitor};
use crate::stopwatch::interrupted;

impl Model {
    /// Adds to every fit the least-squares fit on its support, within the bounds; after Ctrl-C the rest go without. `data` are
    /// those that the model was fitted on, and `progress` is called after each fit. Returns how many did not converge.
    /// Errors: none that data which have been fitted can cause.
    pub fn relax(&mut self, data: &Prepared, progress: &dyn Fn()) -> Result<usize, SolveError> {
        let supports: Vec<&[(usize, f64)]> = (self.path.iter())
            .map(|fit| fit.coefficients.as_slice())
            .collect();
        let found = data.visit(Relax {
            data,
            supports: &supports,
            progress,
        })?;
        let mut unfinished = 0;
        for (fit, found) in self.path.iter_mut().zip(found) {
            unfinished += usize::from(found.status != Status::Converged);
            let nonzeros = found.nonzeros.into_iter();
            let coefficients: Vec<(usize, f64)> =
                nonzeros.map(|(j, b)| (j, data.original(j, b))).collect();
            fit.relaxed = Some(Coefficients {
                intercept: data.preparation.intercept(coefficients.iter().copied()),
                coefficients,
            });
        }
        Ok(unfinished)
    }
}

struct Relax<'a> {
    data: &'a Prepared,
    supports: &'a [&'a [(usize, f64)]],
    progress: &'a dyn Fn(),
}

impl Visitor for Relax<'_> {
    type Output = Result<Vec<LeastSquares>, SolveError>;
    fn visit<X: Design>(self, x: &X) -> Self::Output {
        let data = self.data;
        let mut relaxation = Relaxation::new(x, &data.y, &data.restrictions, &data.preparation)?;
        let supports = self.supports.iter().take_while(|_| !interrupted());
        supports
            .map(|support| {
                let fit = relaxation.fit(support, None);
                (self.progress)();
                fit
            })
            .collect()
    }
}
