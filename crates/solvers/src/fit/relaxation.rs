//! Least squares on supports, within the bounds: the fits that a relaxed path blends in.
//! Meinshausen (2007), CSDA 52; Hastie, Tibshirani & Tibshirani (2020), Statist. Sci. 35.

use super::unpenalised::tight;
use crate::design::Design;
use crate::error::SolveError;
use crate::loss::Squared;
use crate::penalty::{Bounded, ElasticNet, L1, PerCoordinate};
use crate::prepare::Preparation;
use crate::problem::Problem;
use crate::restrictions::Restrictions;
use crate::solver::{CdSetup, CoordinateDescent, Solver, State};

/// (column, coefficient) of the least-squares fit within bounds on each of `supports`, on the scale of the prepared x and y.
/// Neighbouring supports that are equal cost one fit. Errors: shapes, or a y that is not finite.
pub fn relaxed_fits<'s, X: Design>(
    x: &X,
    y: &[f64],
    restrictions: &Restrictions,
    preparation: &Preparation,
    supports: impl IntoIterator<Item = &'s [(usize, f64)]>,
) -> Result<Vec<Vec<(usize, f64)>>, SolveError> {
    let mut relaxation = Relaxation::new(x, y, restrictions, preparation)?;
    let supports = supports.into_iter();
    supports.map(|support| relaxation.fit(support)).collect()
}

/// One fit per support; neighbouring λ often share one.
pub(super) struct Relaxation<'a, X> {
    x: &'a X,
    y: &'a [f64],
    bounds: Vec<[f64; 2]>,
    setup: CdSetup,
    /// The support of the last fit, and the fit.
    last: (Vec<usize>, Vec<(usize, f64)>),
}

impl<'a, X: Design> Relaxation<'a, X> {
    pub(super) fn new(
        x: &'a X,
        y: &'a [f64],
        restrictions: &Restrictions,
        preparation: &Preparation,
    ) -> Result<Self, SolveError> {
        let bounds = (0..x.ncols()).map(|j| {
            restrictions.bounds(j).map(|bound| match bound {
                0.0 => 0.0,
                bound => bound * preparation.scaling.scale[j],
            })
        });
        let problem = Problem::new(x, y, Squared, L1)?;
        Ok(Self {
            x,
            y,
            bounds: bounds.collect(),
            setup: CoordinateDescent::default().setup(&problem)?,
            last: (Vec::new(), Vec::new()),
        })
    }

    /// (column, coefficient) of the fit on the support of `prepared`, on the prepared scale.
    pub(super) fn fit(
        &mut self,
        prepared: &[(usize, f64)],
    ) -> Result<Vec<(usize, f64)>, SolveError> {
        let support: Vec<usize> = prepared.iter().map(|(j, _)| *j).collect();
        if support == self.last.0 {
            return Ok(self.last.1.clone());
        }
        let net = ElasticNet::new(1.0)?;
        let mut held = vec![Bounded::new(net, 1.0, [0.0, 0.0]); self.x.ncols()];
        for &j in &support {
            held[j] = Bounded::new(net, 0.0, self.bounds[j]);
        }
        let problem = Problem::new(self.x, self.y, Squared, PerCoordinate::new(net, &held))?;
        let solver = CoordinateDescent::default();
        let mut state = solver.start(&problem, &self.setup);
        solver.solve(&problem, &self.setup, 1.0, tight(), &mut state);
        self.last = (support, state.nonzeros());
        Ok(self.last.1.clone())
    }
}
