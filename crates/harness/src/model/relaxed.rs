//! Least squares on the support of every fit of a model.

use regpath_solvers::design::Design;
use regpath_solvers::{SolveError, relaxed_fits};

use super::{Coefficients, Model};
use crate::prepared::{Prepared, Visitor};

impl Model {
    /// Adds to every fit the least-squares fit on its support, within the bounds. `data` are those that the model was fitted on.
    /// Errors: none that data which have been fitted can cause.
    pub fn relax(&mut self, data: &Prepared) -> Result<(), SolveError> {
        let supports: Vec<&[(usize, f64)]> = (self.path.iter())
            .map(|fit| fit.coefficients.as_slice())
            .collect();
        let found = data.visit(Relax {
            data,
            supports: &supports,
        })?;
        for (fit, found) in self.path.iter_mut().zip(found) {
            let coefficients = found.into_iter().map(|(j, b)| (j, data.original(j, b)));
            let coefficients: Vec<(usize, f64)> = coefficients.collect();
            fit.relaxed = Some(Coefficients {
                intercept: data.preparation.intercept(coefficients.iter().copied()),
                coefficients,
            });
        }
        Ok(())
    }
}

struct Relax<'a> {
    data: &'a Prepared,
    supports: &'a [&'a [(usize, f64)]],
}

impl Visitor for Relax<'_> {
    type Output = Result<Vec<Vec<(usize, f64)>>, SolveError>;
    fn visit<X: Design>(self, x: &X) -> Self::Output {
        let data = self.data;
        relaxed_fits(
            x,
            &data.y,
            &data.restrictions,
            &data.preparation,
            self.supports.iter().copied(),
        )
    }
}
