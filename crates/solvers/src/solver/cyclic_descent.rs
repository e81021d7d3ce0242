//! Coordinate descent as the textbook has it, with naive and with covariance updates.
//!
//! Friedman, Hastie & Tibshirani (2010), JSS 33(1), §2.1–2.6: complete cycles through all variables, cycles over those that have
//! entered in between, warm starts along the grid. Nothing else: no screening, no exact steps, no extrapolation. It is here so that
//! their comparison of the two kinds of updates can be repeated; to solve a problem take [`super::CoordinateDescent`].
//!
//! They stop where coefficients have ceased to change. Here that only decides when to look: a solve ends on the duality gap of the
//! true residual, and where the gap is too large the change that counts as none is lowered.

use super::{Outcome, Setup, Solver, State, Status, Stop, Work};
use crate::certificate::dual_value;
use crate::design::kernels::{axpy, sq_norm};
use crate::design::{Design, Residual};
use crate::error::SolveError;
use crate::loss::Squared;
use crate::penalty::{Penalty, Separable};
use crate::problem::Problem;

/// How the gradient x_jᵀr/n of a coordinate is had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CyclicUpdates {
    /// From the residual, O(n) for each coordinate tried; a move updates the residual.
    Naive,
    /// All p are kept; a move updates them from the inner products of its column with all others, which are computed and stored
    /// when the column first enters, O(np).
    Covariance,
}

/// Cyclic coordinate descent with one kind of updates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CyclicDescent {
    /// The kind.
    pub updates: CyclicUpdates,
}

impl CyclicDescent {
    /// With naive updates.
    pub const NAIVE: Self = Self {
        updates: CyclicUpdates::Naive,
    };
    /// With covariance updates.
    pub const COVARIANCE: Self = Self {
        updates: CyclicUpdates::Covariance,
    };
}

/// Entries that stored inner products may come to: 1 GiB of doubles.
const MAX_PRODUCTS: usize = 1 << 27;
/// Factor by which the change that counts as none is lowered where the gap is still too large. It is raised by as much for the next
/// λ where the first look finds this share of the gap that is asked for, or less: gaps go with the root of such changes.
const LOWERED: f64 = 0.1;
/// ‖x_j‖²δ²/n in units of ‖y‖²/n that rounding of β alone makes: no smaller change is waited for.
const ROUNDING: f64 = 4.0 * f64::EPSILON * f64::EPSILON;

/// Norms and Xᵀy/n.
pub struct CyclicSetup {
    /// ‖x_j‖²/n.
    curvature: Vec<f64>,
    /// Xᵀy/n.
    start: Vec<f64>,
    /// ‖y‖²/n.
    y_sq: f64,
    /// 0 … p − 1.
    all: Vec<usize>,
    updates: CyclicUpdates,
    work: Work,
}

impl Setup for CyclicSetup {
    fn work(&self) -> Work {
        self.work
    }

    fn rule(&self) -> String {
        format!("{:?} updates by request", self.updates)
    }
}

/// A warm path's memory.
pub struct CyclicState {
    beta: Vec<f64>,
    /// Xᵀ(y − Xβ)/n. Covariance updates keep it, naive ones only have it from the last look at the gap.
    corr: Vec<f64>,
    /// y − Xβ. Naive updates keep it, covariance ones only have it from the last look at the gap.
    residual: Residual,
    /// Columns that have ever entered, in order of entry.
    active: Vec<usize>,
    is_active: Vec<bool>,
    /// XᵀX/n, of the active columns all p entries each.
    products: Vec<Vec<f64>>,
    /// By what the active coefficients have moved since inactive columns were told.
    waiting: Vec<f64>,
    /// What a change has to exceed to count, ‖x_j‖²δ_j²/n as a share of the gap that is asked for; learned on the way.
    share: f64,
    /// Whether β was made 0 since the last solve.
    stale: bool,
}

impl State for CyclicState {
    fn beta(&self) -> &[f64] {
        &self.beta
    }

    fn nonzeros(&self) -> Vec<(usize, f64)> {
        let mut nonzeros: Vec<(usize, f64)> = (self.active.iter())
            .map(|&j| (j, self.beta[j]))
            .filter(|(_, b)| *b != 0.0)
            .collect();
        nonzeros.sort_unstable_by_key(|(j, _)| *j);
        nonzeros
    }

    fn set_zero(&mut self) {
        self.beta.fill(0.0);
        self.stale = true;
    }
}

impl<X: Design, P: Separable> Solver<X, Squared, P> for CyclicDescent {
    type Setup = CyclicSetup;
    type State = CyclicState;

    fn setup(&self, problem: &Problem<X, Squared, P>) -> Result<CyclicSetup, SolveError> {
        let x = problem.x;
        let (n, p) = (x.nrows(), x.ncols());
        if self.updates == CyclicUpdates::Covariance {
            // Where a coordinate is never 0 all columns enter, otherwise seldom many more than the rank.
            let all_enter = problem.lambda_max().is_infinite();
            let columns = if all_enter { p } else { n.min(p) };
            if p.saturating_mul(columns) > MAX_PRODUCTS {
                return Err(SolveError::TooLarge(format!(
                    "covariance updates may store {columns} x {p} inner products, at most {MAX_PRODUCTS} are allowed; use naive \
                     updates"
                )));
            }
        }
        let mut start = vec![0.0; p];
        x.tr_mul(problem.y, &mut start);
        start.iter_mut().for_each(|c| *c /= n as f64);
        Ok(CyclicSetup {
            curvature: (0..p).map(|j| x.col_sq_norm(j) / n as f64).collect(),
            start,
            y_sq: sq_norm(problem.y) / n as f64,
            all: (0..p).collect(),
            updates: self.updates,
            work: Work {
                passes: 2,
                columns_touched: 2 * p as u64,
                ..Work::default()
            },
        })
    }

    fn start(&self, problem: &Problem<X, Squared, P>, setup: &CyclicSetup) -> CyclicState {
        let p = problem.x.ncols();
        CyclicState {
            beta: vec![0.0; p],
            corr: setup.start.clone(),
            residual: Residual::new(problem.y.to_vec()),
            active: Vec::new(),
            is_active: vec![false; p],
            products: Vec::new(),
            waiting: Vec::new(),
            share: 1.0,
            stale: false,
        }
    }

    fn solve(
        &self,
        problem: &Problem<X, Squared, P>,
        setup: &CyclicSetup,
        lambda: f64,
        stop: Stop,
        state: &mut CyclicState,
    ) -> Outcome {
        let mut task = Task {
            problem,
            setup,
            lambda,
            stop,
            state,
            work: Work::default(),
        };
        let status = match task.run() {
            Ok(status) | Err(status) => status,
        };
        Outcome {
            status,
            work: task.work,
        }
    }
}

/// What a cycle did.
#[derive(Clone, Copy, Default)]
struct Change {
    /// max_j ‖x_j‖²δ_j²/n.
    largest: f64,
    /// Whether a column entered.
    entered: bool,
}

impl Change {
    fn add(&mut self, curvature: f64, delta: f64) {
        self.largest = self.largest.max(curvature * delta * delta);
    }
}

/// One solve at one λ.
struct Task<'a, X, P> {
    problem: &'a Problem<'a, X, Squared, P>,
    setup: &'a CyclicSetup,
    lambda: f64,
    stop: Stop<'a>,
    state: &'a mut CyclicState,
    work: Work,
}

impl<X: Design, P: Separable> Task<'_, X, P> {
    /// Err is a solve that was ended from outside, by budget or by hand.
    fn run(&mut self) -> Result<Status, Status> {
        let y_sq = self.setup.y_sq;
        let target = self.stop.tol * 0.5 * y_sq;
        let floor = ROUNDING * y_sq;
        if self.state.stale {
            self.refresh();
            self.state.corr.copy_from_slice(&self.setup.start);
            self.state.waiting.fill(0.0);
            self.state.stale = false;
        }
        let mut first = true;
        loop {
            let threshold = (self.state.share * target).max(floor);
            self.settle(threshold, first)?;
            self.refresh();
            let gap = self.gap();
            if gap <= target {
                if first && gap <= LOWERED * target {
                    self.state.share = (self.state.share / LOWERED).min(1.0);
                }
                return Ok(Status::Converged);
            }
            if threshold <= floor {
                return Ok(Status::Stalled);
            }
            self.state.share *= LOWERED;
            first = false;
        }
    }

    /// Cycles over the active set until no change exceeds the threshold, then a complete one; done when that admits nothing and
    /// changes nothing either.
    fn settle(&mut self, threshold: f64, mut complete: bool) -> Result<(), Status> {
        loop {
            let change = self.cycle(complete)?;
            let settled = change.largest <= threshold;
            if complete && settled && !change.entered {
                return Ok(());
            }
            // What entered moved, however little, and the others have not seen it yet.
            complete = settled && !complete;
        }
    }

    /// One cycle over all columns or over the active ones.
    fn cycle(&mut self, complete: bool) -> Result<Change, Status> {
        if self.work.epochs as usize >= self.stop.max_epochs {
            return Err(Status::EpochLimit);
        }
        if self.stop.cancelled() {
            return Err(Status::Interrupted);
        }
        self.work.epochs += 1;
        let tried = match complete {
            true => self.setup.all.len(),
            false => self.state.active.len(),
        };
        self.work.coord_updates += tried as u64;
        Ok(match (self.setup.updates, complete) {
            (CyclicUpdates::Naive, _) => self.naive_cycle(complete),
            (CyclicUpdates::Covariance, true) => self.complete_covariance_cycle(),
            (CyclicUpdates::Covariance, false) => self.active_covariance_cycle(),
        })
    }

    /// The coordinate's minimiser where its gradient is `corr`.
    fn minimiser(&self, j: usize, corr: f64) -> f64 {
        let curvature = self.setup.curvature[j];
        let omega = self.problem.penalty.of(j);
        omega.prox(
            self.state.beta[j] + corr / curvature,
            self.lambda / curvature,
        )
    }

    fn naive_cycle(&mut self, complete: bool) -> Change {
        let (x, n) = (self.problem.x, self.problem.x.nrows() as f64);
        let mut change = Change::default();
        let count = match complete {
            true => self.setup.all.len(),
            false => self.state.active.len(),
        };
        for at in 0..count {
            let j = if complete { at } else { self.state.active[at] };
            let curvature = self.setup.curvature[j];
            if curvature == 0.0 {
                continue;
            }
            self.work.columns_touched += 1;
            let corr = x.residual_dot(j, &self.state.residual) / n;
            let after = self.minimiser(j, corr);
            let delta = after - self.state.beta[j];
            if delta == 0.0 {
                continue;
            }
            self.work.columns_touched += 1;
            self.state.beta[j] = after;
            x.residual_axpy(j, -delta, &mut self.state.residual);
            change.add(curvature, delta);
            if !self.state.is_active[j] {
                self.state.is_active[j] = true;
                self.state.active.push(j);
                change.entered = true;
            }
        }
        change
    }

    /// A zero that stays costs a comparison, a move O(p), a column that enters O(np).
    fn complete_covariance_cycle(&mut self) -> Change {
        self.catch_up();
        let mut change = Change::default();
        // Where a column that is active has its inner products.
        let mut place = vec![usize::MAX; self.setup.all.len()];
        for (k, &j) in self.state.active.iter().enumerate() {
            place[j] = k;
        }
        for j in 0..self.setup.all.len() {
            let (before, corr) = (self.state.beta[j], self.state.corr[j]);
            let curvature = self.setup.curvature[j];
            let omega = self.problem.penalty.of(j);
            let stays = before == 0.0 && omega.subdiff_distance(0.0, corr, self.lambda) == 0.0;
            if stays || curvature == 0.0 {
                continue;
            }
            let after = self.minimiser(j, corr);
            let delta = after - before;
            if delta == 0.0 {
                continue;
            }
            if !self.state.is_active[j] {
                place[j] = self.state.active.len();
                self.enter(j);
                change.entered = true;
            }
            let state = &mut *self.state;
            state.beta[j] = after;
            axpy(-delta, &state.products[place[j]], &mut state.corr);
            change.add(curvature, delta);
        }
        change
    }

    /// Computes and stores the inner products of a column with all.
    fn enter(&mut self, j: usize) {
        let (all, n) = (&self.setup.all, self.problem.x.nrows() as f64);
        let mut products = vec![0.0; all.len()];
        self.problem.x.gram_row(j, all, &mut products);
        products.iter_mut().for_each(|product| *product /= n);
        self.work.gram_columns += 1;
        self.work.columns_touched += all.len() as u64;
        self.state.products.push(products);
        self.state.waiting.push(0.0);
        self.state.active.push(j);
        self.state.is_active[j] = true;
    }

    /// With m active columns O(m) for each move: the gradients of the others wait.
    fn active_covariance_cycle(&mut self) -> Change {
        let mut change = Change::default();
        for place in 0..self.state.active.len() {
            let j = self.state.active[place];
            let after = self.minimiser(j, self.state.corr[j]);
            let delta = after - self.state.beta[j];
            if delta == 0.0 {
                continue;
            }
            let state = &mut *self.state;
            state.beta[j] = after;
            state.waiting[place] += delta;
            let products = &state.products[place];
            for &k in &state.active {
                state.corr[k] -= delta * products[k];
            }
            change.add(self.setup.curvature[j], delta);
        }
        change
    }

    /// Brings the gradients of the inactive up to date, once for each column that moved meanwhile.
    fn catch_up(&mut self) {
        let state = &mut *self.state;
        if state.waiting.iter().all(|&delta| delta == 0.0) {
            return;
        }
        let up_to_date: Vec<f64> = state.active.iter().map(|&j| state.corr[j]).collect();
        for (delta, products) in state.waiting.iter_mut().zip(&state.products) {
            if *delta != 0.0 {
                axpy(-*delta, products, &mut state.corr);
            }
            *delta = 0.0;
        }
        for (&j, corr) in state.active.iter().zip(up_to_date) {
            state.corr[j] = corr;
        }
    }

    /// r = y − Xβ afresh, so that no rounding of updates survives into a check.
    fn refresh(&mut self) {
        let state = &mut *self.state;
        let (support, factors): (Vec<usize>, Vec<f64>) = (state.active.iter())
            .map(|&j| (j, -state.beta[j]))
            .filter(|(_, b)| *b != 0.0)
            .unzip();
        state.residual.shift = 0.0;
        state.residual.values.copy_from_slice(self.problem.y);
        let residual = &mut state.residual.values;
        self.problem.x.axpy_set(&support, &factors, residual);
        self.work.columns_touched += support.len() as u64;
    }

    /// The duality gap, from the residual: one pass over X, which leaves the gradient of the true residual behind.
    fn gap(&mut self) -> f64 {
        let (problem, state) = (self.problem, &mut *self.state);
        let n = problem.y.len() as f64;
        let u: Vec<f64> = state.residual.values.iter().map(|r| r / n).collect();
        problem.x.tr_mul(&u, &mut state.corr);
        state.waiting.fill(0.0);
        self.work.passes += 1;
        self.work.columns_touched += state.corr.len() as u64;
        let primal = 0.5 * n * sq_norm(&u) + problem.penalty_value(&state.beta, self.lambda);
        primal - dual_value(problem, &u, &state.corr, self.lambda)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicBool;

    use faer::Mat;
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;
    use rand_distr::{Distribution, StandardNormal};

    use super::*;
    use crate::certificate::certify;
    use crate::design::Dense;
    use crate::path::WarmPath;
    use crate::penalty::{ElasticNet, L1};
    use crate::solver::{CoordinateDescent, Homotopy};

    const BOTH: [CyclicDescent; 2] = [CyclicDescent::NAIVE, CyclicDescent::COVARIANCE];
    /// λ as shares of λ_max, some close together as on a grid.
    const SHARES: [f64; 7] = [0.9, 0.6, 0.3, 0.1, 0.09, 0.081, 0.05];
    /// More rows than columns and fewer.
    const SHAPES: [(usize, usize); 3] = [(60, 12), (30, 30), (20, 70)];

    fn draw(seed: u64, (n, p): (usize, usize)) -> (Mat<f64>, Vec<f64>) {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let mut normal = || -> f64 { StandardNormal.sample(&mut rng) };
        let common: Vec<f64> = (0..n).map(|_| normal()).collect();
        let x = Mat::from_fn(n, p, |i, _| normal() + 0.5 * common[i]);
        let signal = |i: usize| 2.0 * x[(i, 0)] - x[(i, p / 2)] + 0.5 * x[(i, p - 1)];
        let y = (0..n).map(|i| signal(i) + normal()).collect();
        (x, y)
    }

    fn within(tol: f64) -> Stop<'static> {
        Stop {
            tol,
            ..Stop::default()
        }
    }

    /// β and outcome at each share of the largest gradient.
    fn walk<X: Design, P: Separable>(
        solver: &impl Solver<X, Squared, P>,
        problem: &Problem<X, Squared, P>,
        tol: f64,
    ) -> Vec<(Vec<f64>, Outcome)> {
        let setup = solver.setup(problem).expect("solver takes the problem");
        let mut path = WarmPath::new(solver, problem, &setup, problem.lambda_max());
        let start = problem.max_gradient();
        let step = |share: &f64| {
            let outcome = path.step(share * start, within(tol));
            (path.beta().to_vec(), outcome)
        };
        SHARES.iter().map(step).collect()
    }

    /// Both updates against another solver, by coefficients.
    fn agree<X: Design, P: Separable>(
        problem: &Problem<X, Squared, P>,
        other: &impl Solver<X, Squared, P>,
    ) {
        let wanted = walk(other, problem, 1e-13);
        for solver in BOTH {
            for ((got, outcome), (wanted, _)) in walk(&solver, problem, 1e-13).iter().zip(&wanted) {
                assert_eq!(outcome.status, Status::Converged, "{solver:?}");
                for (a, b) in got.iter().zip(wanted) {
                    assert!((a - b).abs() <= 1e-9, "{solver:?}: {a} instead of {b}");
                }
            }
        }
    }

    /// Under a curved penalty the gap is of second order in the coefficients: objectives agree, and where nothing but rounding ends
    /// the solve, the optimality conditions hold.
    fn agree_to_second_order<X: Design, P: Separable>(problem: &Problem<X, Squared, P>) {
        let wanted = walk(&CoordinateDescent::default(), problem, 1e-13);
        let start = problem.max_gradient();
        for solver in BOTH {
            let got = walk(&solver, problem, 0.0);
            for ((share, (got, _)), (wanted, _)) in SHARES.iter().zip(&got).zip(&wanted) {
                let at = |beta: &[f64]| certify(problem, beta, share * start);
                assert!(at(got).kkt <= 1e-9, "{solver:?}: {:?}", at(got));
                assert!((at(got).primal - at(wanted).primal).abs() <= 1e-9);
                let mut pairs = got.iter().zip(wanted);
                assert!(pairs.all(|(a, b)| (a - b).abs() <= 1e-5));
            }
        }
    }

    #[test]
    fn cyclic_descent_finds_what_the_others_find() {
        for seed in 0..10 {
            for shape in SHAPES {
                let (x, y) = draw(seed, shape);
                let x = Dense::try_new(x.as_ref()).expect("finite entries");
                let lasso = Problem::new(&x, &y, Squared, L1).expect("valid problem");
                agree(&lasso, &CoordinateDescent::default());
                agree(&lasso, &Homotopy::default());
                for alpha in [0.0, 0.4, 0.95] {
                    let net = ElasticNet::new(alpha).expect("alpha is in [0, 1]");
                    let net = Problem::new(&x, &y, Squared, net).expect("valid problem");
                    agree_to_second_order(&net);
                }
            }
        }
    }

    #[test]
    fn columns_that_stand_there_twice_leave_the_objective_alone() {
        for seed in 0..10 {
            let (half, y) = draw(seed, (25, 20));
            let x = Mat::from_fn(25, 41, |i, j| if j == 40 { 0.0 } else { half[(i, j % 20)] });
            let x = Dense::try_new(x.as_ref()).expect("finite entries");
            let problem = Problem::new(&x, &y, Squared, L1).expect("valid problem");
            let start = problem.max_gradient();
            let wanted = walk(&CoordinateDescent::default(), &problem, 1e-12);
            for solver in BOTH {
                let got = walk(&solver, &problem, 1e-12);
                for ((share, (got, outcome)), (wanted, _)) in SHARES.iter().zip(&got).zip(&wanted) {
                    let at = |beta: &[f64]| certify(&problem, beta, share * start);
                    assert_eq!(outcome.status, Status::Converged);
                    assert!(at(got).relative_gap(problem.null_loss()) <= 1.1e-12);
                    assert!((at(got).primal - at(wanted).primal).abs() <= 1e-9);
                    assert_eq!(got[40], 0.0);
                }
            }
        }
    }

    #[test]
    fn inner_products_are_computed_once_for_each_column_that_ever_entered() {
        for shape in SHAPES {
            let (x, y) = draw(7, shape);
            let x = Dense::try_new(x.as_ref()).expect("finite entries");
            let problem = Problem::new(&x, &y, Squared, L1).expect("valid problem");
            for solver in BOTH {
                let setup = solver.setup(&problem).expect("no failure");
                let mut state = solver.start(&problem, &setup);
                let (mut work, mut ever) = (Work::default(), vec![false; shape.1]);
                for share in SHARES {
                    let lambda = share * problem.max_gradient();
                    let outcome = solver.solve(&problem, &setup, lambda, within(1e-9), &mut state);
                    work += outcome.work;
                    for (ever, b) in ever.iter_mut().zip(state.beta()) {
                        *ever |= *b != 0.0;
                    }
                }
                let columns = match solver.updates {
                    CyclicUpdates::Naive => 0,
                    CyclicUpdates::Covariance => state.active.len(),
                };
                assert_eq!(work.gram_columns, columns as u64);
                // What entered and left within one solve counts too.
                assert!((0..shape.1).all(|j| state.is_active[j] || !ever[j]));
            }
        }
    }

    #[test]
    fn both_updates_make_the_same_moves() {
        for shape in SHAPES {
            let (x, y) = draw(3, shape);
            let x = Dense::try_new(x.as_ref()).expect("finite entries");
            let problem = Problem::new(&x, &y, Squared, L1).expect("valid problem");
            let [naive, covariance] = BOTH.map(|solver| walk(&solver, &problem, 1e-6));
            for ((b, naive), (c, covariance)) in naive.iter().zip(&covariance) {
                assert_eq!(naive.work.epochs, covariance.work.epochs);
                assert_eq!(naive.work.coord_updates, covariance.work.coord_updates);
                assert!(b.iter().zip(c).all(|(b, c)| (b - c).abs() <= 1e-12));
            }
        }
    }

    #[test]
    fn at_lambda_max_all_is_zero_and_the_path_begins_anew() {
        let (x, y) = draw(5, (30, 50));
        let x = Dense::try_new(x.as_ref()).expect("finite entries");
        let problem = Problem::new(&x, &y, Squared, L1).expect("valid problem");
        let lambda_max = problem.lambda_max();
        for solver in BOTH {
            let setup = solver.setup(&problem).expect("no failure");
            let mut state = solver.start(&problem, &setup);
            let outcome = solver.solve(&problem, &setup, lambda_max, within(1e-10), &mut state);
            assert_eq!(outcome.status, Status::Converged);
            assert!(state.nonzeros().is_empty() && state.active.is_empty());
            let mut path = WarmPath::new(&solver, &problem, &setup, lambda_max);
            path.step(0.1 * lambda_max, within(1e-12));
            let first = path.beta().to_vec();
            path.step(1.5 * lambda_max, within(1e-12));
            assert!(path.beta().iter().all(|&b| b == 0.0) && path.nonzeros().is_empty());
            path.step(0.1 * lambda_max, within(1e-12));
            let pairs = path.beta().iter().zip(&first);
            assert!(pairs.clone().all(|(a, b)| (a - b).abs() <= 1e-9));
            assert!(pairs.count() == 50 && path.nonzeros().len() > 3);
        }
    }

    #[test]
    fn a_solve_that_ends_early_says_why() {
        let (x, y) = draw(5, (40, 30));
        let x = Dense::try_new(x.as_ref()).expect("finite entries");
        let problem = Problem::new(&x, &y, Squared, L1).expect("valid problem");
        let lambda = 0.05 * problem.lambda_max();
        let cancel = AtomicBool::new(true);
        let cancelled = Stop {
            cancel: Some(&cancel),
            ..Stop::default()
        };
        let short = Stop {
            max_epochs: 3,
            ..within(1e-12)
        };
        for solver in BOTH {
            let setup = solver.setup(&problem).expect("no failure");
            let status = |stop: Stop| {
                let mut state = solver.start(&problem, &setup);
                let outcome = solver.solve(&problem, &setup, lambda, stop, &mut state);
                (outcome.status, outcome.work.epochs)
            };
            assert_eq!(status(cancelled), (Status::Interrupted, 0));
            assert_eq!(status(short), (Status::EpochLimit, 3));
            assert_eq!(status(within(-1.0)).0, Status::Stalled);
        }
    }
}
