//! Least squares on supports, within the bounds: the fits that a relaxed path blends in.
//! Meinshausen (2007), CSDA 52; Hastie, Tibshirani & Tibshirani (2020), Statist. Sci. 35.

use super::unpenalised::{exactly, tight};
use crate::design::Design;
use crate::error::SolveError;
use crate::loss::Squared;
use crate::penalty::{Bounded, ElasticNet, L1, PerCoordinate};
use crate::prepare::Preparation;
use crate::problem::Problem;
use crate::restrictions::Restrictions;
use crate::solver::{CdSetup, Solver, State, Status, Stop};

/// The least-squares fit on one support.
#[derive(Clone, Debug)]
pub struct LeastSquares {
    /// (column, coefficient) of what is not exactly 0, by column, on the prepared scale.
    pub nonzeros: Vec<(usize, f64)>,
    /// Whether its gap is within 1e-12 of the null loss, as the duality gap without penalty says.
    pub status: Status,
}

/// One fit per support; neighbouring λ often share one.
pub struct Relaxation<'a, X> {
    x: &'a X,
    y: &'a [f64],
    bounds: Vec<[f64; 2]>,
    setup: CdSetup,
    last: Option<(Vec<usize>, LeastSquares)>,
}

impl<'a, X: Design> Relaxation<'a, X> {
    /// `x` and `y` are prepared by `preparation`. Errors: shapes, or a y that is not finite.
    pub fn new(
        x: &'a X,
        y: &'a [f64],
        restrictions: &Restrictions,
        preparation: &Preparation,
    ) -> Result<Self, SolveError> {
        let scale = &preparation.scaling.scale;
        let bounds = (0..x.ncols()).map(|j| restrictions.prepared_bounds(j, scale[j]));
        let problem = Problem::new(x, y, Squared, L1)?;
        Ok(Self {
            x,
            y,
            bounds: bounds.collect(),
            setup: exactly().setup(&problem)?,
            last: None,
        })
    }

    /// The fit on the columns of `support`, which increase; `stop` says when to give up. Errors: none after [`Relaxation::new`].
    pub fn fit(
        &mut self,
        support: &[(usize, f64)],
        cancel: Option<&std::sync::atomic::AtomicBool>,
    ) -> Result<LeastSquares, SolveError> {
        let columns: Vec<usize> = support.iter().map(|(j, _)| *j).collect();
        if let Some((last, fit)) = &self.last
            && *last == columns
        {
            return Ok(fit.clone());
        }
        let net = ElasticNet::new(1.0)?;
        let mut held = vec![Bounded::new(net, 1.0, [0.0, 0.0]); self.x.ncols()];
        for &j in &columns {
            held[j] = Bounded::new(net, 0.0, self.bounds[j]);
        }
        let problem = Problem::new(self.x, self.y, Squared, PerCoordinate::new(net, &held))?;
        let solver = exactly();
        let mut state = solver.start(&problem, &self.setup);
        let stop = Stop { cancel, ..tight() };
        // No penalty is left for λ to multiply.
        let outcome = solver.solve(&problem, &self.setup, 1.0, stop, &mut state);
        let fit = LeastSquares {
            nonzeros: state.nonzeros(),
            status: outcome.status,
        };
        self.last = Some((columns, fit.clone()));
        Ok(fit)
    }
}
