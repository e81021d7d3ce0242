//! The fit of what is not penalised alone, usually an intercept: where a path begins, and the unit of its gaps.

use faer::Mat;

use crate::design::{Dense, Design};
use crate::error::SolveError;
use crate::grid::ALPHA_FLOOR;
use crate::loss::{CurvedLoss, KinkedLoss};
use crate::penalty::{Bounded, ElasticNet, Penalty, PerCoordinate};
use crate::problem::Problem;
use crate::solver::{ParametricSimplex, ProximalNewton, Solver, State, Status, Stop};

/// The optimum with everything penalised held at 0.
#[derive(Clone, Debug, PartialEq)]
pub struct NullModel {
    /// Length of the problem's columns; 0 where penalised.
    pub beta: Vec<f64>,
    /// f there: the unit of gaps.
    pub loss: f64,
    /// Largest λ of a default grid, at which everything penalised stays 0: the least such one, unless a loss with kinks has many null
    /// models; 0 if nothing ever leaves it. α counts as
    /// 1e-3 at least, as in [`crate::grid::Grid::start`].
    pub grid_start: f64,
}

/// Columns of which a copy is made, so that passes over the data do not take in the others.
const FEW: usize = 64;
/// Accuracy of the fit of a smooth loss, relative to f(0), where every column of X is passed over for it.
const TIGHT: f64 = 1e-14;
/// The same for a few columns: until rounding stops it, since its square root is what λ are accurate to.
const TIGHTEST: f64 = 1e-18;

impl NullModel {
    /// Of a smooth loss; `bounded` has one element for each column of X, made from `net`.
    ///
    /// Errors: as [`Problem::new`]; [`SolveError::Stalled`] where what is not penalised has no best fit, as columns that separate two
    /// classes.
    pub fn smooth<X: Design, L: CurvedLoss>(
        x: &X,
        y: &[f64],
        loss: L,
        net: ElasticNet,
        bounded: &[Bounded],
    ) -> Result<Self, SolveError> {
        let open: Vec<usize> = (0..bounded.len())
            .filter(|&j| bounded[j].factor() == 0.0)
            .collect();
        let mut beta = vec![0.0; x.ncols()];
        let mut fit = vec![0.0; y.len()];
        // A pure penalty, since a ridge part would ask for columns that are held.
        let lasso = ElasticNet::new(1.0)?;
        if (1..=FEW).contains(&open.len()) {
            let mut few = Mat::zeros(y.len(), open.len());
            for (k, &j) in open.iter().enumerate() {
                x.col_axpy(j, 1.0, &mut few.col_as_slice_mut(k)[..y.len()]);
            }
            let free: Vec<Bounded> = (open.iter())
                .map(|&j| Bounded::new(lasso, 0.0, bounded[j].bounds()))
                .collect();
            let penalty = PerCoordinate::new(lasso, &free);
            let found = optimum(&Dense::trusted(&few), y, loss, penalty, TIGHTEST)?;
            open.iter().zip(found).for_each(|(&j, b)| beta[j] = b);
            x.mul(&beta, &mut fit);
        } else if !open.is_empty() {
            let held: Vec<Bounded> = (bounded.iter())
                .map(|omega| match omega.factor() {
                    0.0 => Bounded::new(lasso, 0.0, omega.bounds()),
                    _ => Bounded::new(lasso, 1.0, [0.0, 0.0]),
                })
                .collect();
            beta = optimum(x, y, loss, PerCoordinate::new(lasso, &held), TIGHT)?;
            x.mul(&beta, &mut fit);
        }
        let mut u = vec![0.0; y.len()];
        loss.neg_gradient(y, &fit, &mut u);
        let mut c = vec![0.0; x.ncols()];
        x.tr_mul(&u, &mut c);
        Ok(Self {
            beta,
            loss: loss.value(y, &fit),
            grid_start: grid_start(net, bounded, &c)?,
        })
    }

    /// Of a loss with kinks. Errors: as those of [`ParametricSimplex`].
    pub fn kinked<X: Design, L: KinkedLoss>(
        x: &X,
        y: &[f64],
        loss: L,
        net: ElasticNet,
        bounded: &[Bounded],
    ) -> Result<Self, SolveError> {
        let lasso = ElasticNet::new(1.0)?;
        let free = [f64::NEG_INFINITY, f64::INFINITY];
        let half_open = |omega: &Bounded| omega.factor() == 0.0 && omega.bounds() != free;
        if let Some(j) = bounded.iter().position(half_open) {
            return Err(SolveError::Loss(format!(
                "coefficient {j} (counted from 0) has a bound and no penalty, from which no path of this loss starts; give it a penalty \
                 factor above 0"
            )));
        }
        // Bounds of what is penalised do not matter where it is 0.
        let penalties: Vec<Bounded> = (bounded.iter())
            .map(|omega| match omega.factor() {
                0.0 => Bounded::new(lasso, 0.0, omega.bounds()),
                factor => Bounded::new(lasso, factor, free),
            })
            .collect();
        let problem = Problem::new(x, y, loss, PerCoordinate::new(lasso, &penalties))?;
        let setup = ParametricSimplex::default().setup(&problem)?;
        if setup.null_status() != Status::Converged {
            return Err(SolveError::Stalled(
                "no optimal vertex of the columns without penalty was found".into(),
            ));
        }
        let (beta, loss) = setup.null(x);
        Ok(Self {
            beta,
            loss,
            grid_start: grid_start(net, bounded, setup.products())?,
        })
    }
}

/// The minimiser up to a gap of `tol` f(0); no penalty is to be left for λ to multiply.
fn optimum<X: Design, L: CurvedLoss>(
    x: &X,
    y: &[f64],
    loss: L,
    penalty: PerCoordinate,
    tol: f64,
) -> Result<Vec<f64>, SolveError> {
    let problem = Problem::new(x, y, loss, penalty)?;
    let solver = ProximalNewton::default();
    let setup = solver.setup(&problem)?;
    let mut state = solver.start(&problem, &setup);
    let stop = Stop {
        tol,
        max_epochs: 10_000,
        cancel: None,
    };
    let outcome = solver.solve(&problem, &setup, 1.0, stop, &mut state);
    match outcome.status {
        // Rounding ends what is asked to be exact.
        Status::Converged | Status::Stalled => Ok(state.beta().to_vec()),
        Status::Unattained => Err(SolveError::Stalled(
            "the columns without penalty fit the response perfectly only in the limit of infinite coefficients, as columns do that \
             separate two classes: there is no null model to start from; penalise them"
                .into(),
        )),
        status => Err(SolveError::Stalled(format!(
            "the fit of the columns without penalty ended as {status:?}; penalise some of them"
        ))),
    }
}

/// The least λ at which all that is penalised stays 0, given c = −Xᵀ∇f at the null model.
fn grid_start(net: ElasticNet, bounded: &[Bounded], c: &[f64]) -> Result<f64, SolveError> {
    let floored = ElasticNet::new(net.alpha().max(ALPHA_FLOOR))?;
    let penalised = bounded
        .iter()
        .zip(c)
        .filter(|(omega, _)| omega.factor() > 0.0);
    let thresholds = penalised
        .map(|(omega, c)| Bounded::new(floored, omega.factor(), omega.bounds()).threshold(*c));
    Ok(thresholds.fold(0.0, f64::max))
}
