//! Losses with kinks: vertices, interior points and splitting against each other and against an oracle for linear programs.

mod common;

use clarabel::algebra::CscMatrix;
use clarabel::solver::{
    DefaultSettingsBuilder, DefaultSolver, IPSolver, NonnegativeConeT, SolverStatus,
};
use common::{Columns, response, rng};
use faer::Mat;
use rand::RngExt;
use regpath_solvers::certificate::certify_claim;
use regpath_solvers::design::{Dense, Design, WithOnes};
use regpath_solvers::elastic_net;
use regpath_solvers::face::face;
use regpath_solvers::loss::{Absolute, KinkedLoss, Loss, LossKind, Observed, Quantile};
use regpath_solvers::path::WarmPath;
use regpath_solvers::penalty::{Bounded, ElasticNet, L1, Penalty, PerCoordinate, Separable};
use regpath_solvers::prepare::{Options, Preparation, Weights};
use regpath_solvers::problem::Problem;
use regpath_solvers::solver::{
    Advance, ChambollePock, FrischNewton, ParametricSimplex, Setup, Solver, Status, Stop,
};

const FREE: [f64; 2] = [f64::NEG_INFINITY, f64::INFINITY];

/// A prepared problem of one kind of columns.
struct Case {
    name: String,
    x: Mat<f64>,
    y: Vec<f64>,
    tau: f64,
    weights: Option<Vec<f64>>,
    offset: Option<Vec<f64>>,
    factors: Vec<f64>,
    intercept: bool,
}

impl Case {
    fn draw(columns: Columns, n: usize, p: usize, seed: u64) -> Self {
        let mut rng = rng(seed);
        let mut x = columns.draw(&mut rng, n, p);
        let mut y = response(&mut rng, &x, 0.5);
        if columns == Columns::Integer {
            // Ties in y as well.
            y.iter_mut().for_each(|v| *v = v.round());
            if y.iter().all(|v| *v == y[0]) {
                y[0] += 1.0;
            }
        }
        let intercept = rng.random_bool(0.7);
        let options = Options {
            intercept,
            standardize: columns != Columns::Integer,
        };
        let weights: Option<Vec<f64>> = rng
            .random_bool(0.3)
            .then(|| (0..n).map(|_| f64::from(rng.random_range(1..4))).collect());
        let weights = match &weights {
            Some(w) => Weights::new(w).expect("positive"),
            None => Weights::equal(n),
        };
        let design = Dense::try_new(x.as_ref()).expect("finite");
        let preparation = Preparation::of_columns(&design, &y, &weights, options).expect("usable");
        preparation.apply(&mut x);
        let mut factors = vec![1.0; p];
        if rng.random_bool(0.3) {
            factors = (0..p)
                .map(|_| [0.0, 0.5, 1.0, 3.0][rng.random_range(0..4)])
                .collect();
        }
        Self {
            name: format!("{columns:?} {n} x {p} seed {seed}"),
            x,
            tau: [0.5, 0.5, 0.1, 0.8][rng.random_range(0..4)],
            weights: weights.squares(),
            offset: rng
                .random_bool(0.2)
                .then(|| (0..n).map(|i| (i % 3) as f64).collect()),
            y,
            factors,
            intercept,
        }
    }

    fn loss(&self) -> Observed<'_, Quantile> {
        Observed {
            loss: Quantile::new(self.tau).expect("in (0, 1)"),
            weights: self.weights.as_deref(),
            offset: self.offset.as_deref(),
        }
    }

    fn bounded(&self, net: ElasticNet) -> Vec<Bounded> {
        let factors = self.factors.iter().copied();
        let intercept = self.intercept.then_some(0.0);
        factors
            .chain(intercept)
            .map(|v| Bounded::new(net, v, FREE))
            .collect()
    }
}

/// The optimum of a linear program min cost·v over A v ≤ b (with equations first), by Clarabel; None where it does
/// not solve it.
fn oracle<X: Design>(case: &Case, x: &X, lambda: f64) -> Option<f64> {
    let (n, p) = (x.nrows(), x.ncols());
    let loss = case.loss();
    let (slopes, y) = (loss.slopes(&case.y), loss.kinks(&case.y));
    let size = y.iter().fold(1e-300f64, |m, v| m.max(v.abs()));
    // Variables β (p), t ≥ max(h r, l r) (n), s ≥ |β| (p).
    let columns = 2 * p + n;
    let mut entries: Vec<Vec<(usize, f64)>> = vec![Vec::new(); columns];
    let mut b = Vec::new();
    let mut dense = vec![vec![0.0; n]; p];
    for (j, column) in dense.iter_mut().enumerate() {
        x.col_axpy(j, 1.0, column);
    }
    let mut row = 0;
    for i in 0..n {
        for slope in slopes[i] {
            // slope (y − xβ) − t ≤ 0.
            for (j, column) in dense.iter().enumerate() {
                if column[i] != 0.0 {
                    entries[j].push((row, -slope * n as f64 * column[i]));
                }
            }
            entries[p + i].push((row, -1.0));
            b.push(-slope * n as f64 * y[i] / size);
            row += 1;
        }
    }
    let mut cost = vec![0.0; columns];
    cost[p..p + n].fill(1.0 / n as f64);
    let factors: Vec<f64> = case
        .factors
        .iter()
        .copied()
        .chain(case.intercept.then_some(0.0))
        .collect();
    for j in 0..p {
        cost[p + n + j] = lambda * factors[j];
        for sign in [1.0, -1.0] {
            // Nothing ties |β_j| to β_j where it costs nothing.
            if lambda * factors[j] > 0.0 {
                entries[j].push((row, sign));
            }
            entries[p + n + j].push((row, -1.0));
            b.push(0.0);
            row += 1;
        }
    }
    let (mut indptr, mut indices, mut values) = (vec![0], Vec::new(), Vec::new());
    for column in entries {
        for (i, v) in column {
            indices.push(i);
            values.push(v);
        }
        indptr.push(values.len());
    }
    let a = CscMatrix::new(row, columns, indptr, indices, values);
    let settings = DefaultSettingsBuilder::default()
        .verbose(false)
        .tol_gap_abs(1e-11)
        .tol_gap_rel(1e-11)
        .tol_feas(1e-11)
        .build()
        .expect("valid settings");
    let quadratic = CscMatrix::zeros((columns, columns));
    let cones = [NonnegativeConeT(row)];
    let mut solver = DefaultSolver::new(&quadratic, &cost, &a, &b, &cones, settings);
    solver.solve();
    (solver.solution.status == SolverStatus::Solved).then_some(solver.solution.obj_val_dual * size)
}

/// What is asked of a walk.
#[derive(Clone, Copy)]
struct Asked {
    alpha: f64,
    /// Objectives are compared with the oracle's.
    compare: bool,
    /// The budget may run out, which the solver must then say.
    may_fall_short: bool,
    tol: f64,
}

/// A lasso that converges.
const LASSO: Asked = Asked {
    alpha: 1.0,
    compare: false,
    may_fall_short: false,
    tol: 1e-9,
};

#[derive(Default)]
struct Walked {
    /// Of each λ; None where the budget ran out.
    objectives: Vec<Option<f64>>,
    /// λ at which the oracle had an answer to compare with.
    compared: usize,
}

impl Walked {
    /// The largest difference at the λ that both reached.
    fn distance(&self, other: &Self) -> f64 {
        let pairs = self.objectives.iter().zip(&other.objectives);
        let both = pairs.filter_map(|(a, b)| Some((a.as_ref()? - b.as_ref()?).abs()));
        both.fold(0.0, f64::max)
    }
}

/// Walks a path of eight λ and 0, each certified, and compares the objectives with the oracle's.
fn walk<X, L, S>(
    case: &Case,
    solver: &S,
    problem: &Problem<X, L, PerCoordinate>,
    asked: Asked,
) -> Walked
where
    X: Design,
    L: KinkedLoss,
    S: for<'a> Solver<X, L, PerCoordinate<'a>>,
{
    let null_loss = problem.null_loss();
    let setup = solver.setup(problem).expect("solver takes the problem");
    let mut path = WarmPath::new(solver, problem, &setup, problem.lambda_max());
    let largest = problem
        .gradient_at_zero()
        .iter()
        .fold(0.0f64, |m, c| m.max(c.abs()));
    let lambdas: Vec<f64> = (0..8)
        .map(|k| 1.1 * largest * 0.4f64.powi(k))
        .chain([0.0])
        .collect();
    let mut walked = Walked::default();
    for &lambda in &lambdas {
        let outcome = path.step(
            lambda,
            Stop {
                tol: asked.tol,
                ..Stop::default()
            },
        );
        let beta = path.beta().to_vec();
        let u = path
            .dual()
            .expect("kinked losses come with a dual point")
            .to_vec();
        let certificate = certify_claim(problem, &beta, lambda, &u);
        if asked.may_fall_short && outcome.status == Status::EpochLimit {
            // What fell short is still a point with a bound.
            assert!(certificate.gap > asked.tol * null_loss && certificate.gap.is_finite());
            walked.objectives.push(None);
            continue;
        }
        assert!(
            certificate.gap <= asked.tol * null_loss && outcome.status == Status::Converged,
            "{} lambda {lambda}: gap {:e} of {null_loss:e}, {outcome:?}",
            case.name,
            certificate.gap
        );
        // Columns that differ by 1e-4 are beyond the oracle itself where nothing is penalised.
        let beyond = lambda == 0.0 && case.name.starts_with("NearlyCollinear");
        if asked.compare
            && !beyond
            && let Some(best) = oracle(case, problem.x, lambda)
        {
            walked.compared += 1;
            assert!(
                (certificate.primal - best).abs() <= 1e-7 * null_loss,
                "{} lambda {lambda}: {} against {best}",
                case.name,
                certificate.primal
            );
        }
        walked.objectives.push(Some(certificate.primal));
    }
    walked
}

fn run<S>(case: &Case, asked: Asked, solver: &S) -> Walked
where
    S: for<'a, 'b, 'c> Solver<Dense<'b>, Observed<'c, Quantile>, PerCoordinate<'a>>
        + for<'a, 'b, 'c, 'd> Solver<
            WithOnes<'d, Dense<'b>>,
            Observed<'c, Quantile>,
            PerCoordinate<'a>,
        >,
{
    let net = ElasticNet::new(asked.alpha).expect("in [0, 1]");
    let bounded = case.bounded(net);
    let penalty = PerCoordinate::new(net, &bounded);
    let design = Dense::try_new(case.x.as_ref()).expect("finite");
    if case.intercept {
        let design = WithOnes::new(&design);
        let problem = Problem::new(&design, &case.y, case.loss(), penalty).expect("valid");
        walk(case, solver, &problem, asked)
    } else {
        let problem = Problem::new(&design, &case.y, case.loss(), penalty).expect("valid");
        walk(case, solver, &problem, asked)
    }
}

#[test]
fn the_simplex_path_is_that_of_the_oracle() {
    let (mut compared, mut walked) = (0, 0);
    for seed in 0..20 {
        for columns in Columns::ALL {
            for (n, p) in [(12, 4), (30, 7), (9, 15), (25, 25)] {
                let asked = Asked {
                    compare: true,
                    ..LASSO
                };
                let case = Case::draw(columns, n, p, seed);
                let path = run(&case, asked, &ParametricSimplex::default());
                compared += path.compared;
                walked += path.objectives.len();
            }
        }
    }
    assert!(
        walked == 7200 && compared > 6000,
        "the oracle solved {compared} of {walked}"
    );
}

/// Largest over least singular value of the columns at norm 1, rounding apart.
fn condition(case: &Case) -> f64 {
    let (n, p) = (case.x.nrows(), case.x.ncols());
    let columns = p + usize::from(case.intercept);
    let raw = |i: usize, j: usize| if j < p { case.x[(i, j)] } else { 1.0 };
    let norm = |j: usize| (0..n).map(|i| raw(i, j).powi(2)).sum::<f64>().sqrt();
    let norms: Vec<f64> = (0..columns).map(norm).collect();
    let scaled = Mat::from_fn(n, columns, |i, j| {
        if norms[j] > 0.0 {
            raw(i, j) / norms[j]
        } else {
            0.0
        }
    });
    let singular = scaled.singular_values().expect("finite");
    let least = singular.iter().filter(|s| **s > 1e-10 * singular[0]);
    singular[0] / least.fold(f64::INFINITY, |m, s| m.min(*s))
}

/// Every pair of a penalty and a method that takes it, against the others. Splitting takes as many steps as columns are close to each
/// other: up to this condition it must arrive, beyond it may say that it did not.
#[test]
fn interior_points_and_splitting_agree() {
    const TAME: f64 = 50.0;
    let (mut wild, mut reached) = (0, 0);
    for seed in 200..206 {
        for columns in Columns::ALL {
            for (n, p) in [(30, 6), (12, 20)] {
                let case = Case::draw(columns, n, p, seed);
                let size = case.loss().value(&case.y, &vec![0.0; n]);
                let may_fall_short = condition(&case) > TAME;
                wild += usize::from(may_fall_short);
                let tol = if may_fall_short { 1e-8 } else { LASSO.tol };
                for alpha in [1.0, 0.5, 0.0] {
                    let asked = Asked {
                        alpha,
                        tol,
                        ..LASSO
                    };
                    let interior = run(&case, asked, &FrischNewton { vertex: false });
                    let asked = Asked {
                        may_fall_short,
                        ..asked
                    };
                    let splitting = run(&case, asked, &ChambollePock::default());
                    reached += splitting.objectives.iter().flatten().count();
                    let distance = interior.distance(&splitting);
                    assert!(
                        distance <= 1e-8 * size,
                        "{} alpha {alpha}: {distance:e} of {size:e}",
                        case.name
                    );
                }
            }
        }
    }
    println!("{wild} of 120 cases are wild; {reached} of 3240 points reached");
    assert!(
        wild < 60 && reached > 3000,
        "{wild} wild, {reached} reached"
    );
}

#[test]
fn every_way_from_vertex_to_vertex_arrives() {
    for seed in 100..130 {
        for columns in Columns::ALL {
            for (n, p) in [(60, 12), (20, 50)] {
                let case = Case::draw(columns, n, p, seed);
                let by = |advance| run(&case, LASSO, &ParametricSimplex { advance });
                let (a, b) = (by(Advance::Knots), by(Advance::LongSteps));
                let c = run(&case, LASSO, &FrischNewton::default());
                let size = case.loss().value(&case.y, &vec![0.0; n]);
                for other in [b, c] {
                    assert!(a.distance(&other) <= 1e-8 * size, "{}", case.name);
                }
            }
        }
    }
}

/// Many rows are fitted by a sample of them first: the optimum is the one that vertices lead to, ties, weights and columns that a
/// sample may miss included.
#[test]
fn a_sample_of_the_rows_leads_to_the_optimum_of_all() {
    for seed in 300..303 {
        for columns in Columns::ALL {
            let mut case = Case::draw(columns, 1500, 4, seed);
            // A column of few rows, and far outliers in X and in y.
            for i in 0..1500 {
                case.x[(i, 1)] = f64::from(i % 400 == 7);
            }
            case.x[(700, 0)] *= 1e3;
            case.y[900] += 1e4;
            let design = Dense::try_new(case.x.as_ref()).expect("finite");
            let problem = Problem::new(&design, &case.y, case.loss(), L1).expect("valid");
            let setup = FrischNewton::default()
                .setup(&problem)
                .expect("solver takes the problem");
            assert!(setup.rule().contains("near their fit"), "{}", setup.rule());
            let by_sample = run(&case, LASSO, &FrischNewton::default());
            let by_vertices = run(&case, LASSO, &ParametricSimplex::default());
            let size = case.loss().value(&case.y, &vec![0.0; 1500]);
            let distance = by_sample.distance(&by_vertices);
            assert!(distance <= 1e-9 * size, "{}: {distance:e}", case.name);
        }
    }
}

#[test]
fn the_face_is_that_of_brute_force() {
    // Even numbers of equally spaced points: every median between the middle two, whatever the slope is.
    let x = Mat::from_fn(6, 1, |i, _| [0.0, 0.0, 0.0, 1.0, 1.0, 1.0][i]);
    let y = [1.0, 2.0, 4.0, 3.0, 5.0, 9.0];
    let design = Dense::try_new(x.as_ref()).expect("finite");
    let design = WithOnes::new(&design);
    let net = ElasticNet::new(1.0).expect("in [0, 1]");
    let bounded = [Bounded::new(net, 1.0, FREE), Bounded::new(net, 0.0, FREE)];
    let problem =
        Problem::new(&design, &y, Absolute, PerCoordinate::new(net, &bounded)).expect("valid");
    // Unpenalised: two medians, 2 and 5.
    let at_zero = face(&problem, 0.0, &[3.0, 2.0]).expect("optimal");
    assert!(at_zero.is_unique(), "{at_zero:?}");
    assert!(
        at_zero
            .intervals
            .iter()
            .zip([3.0, 2.0])
            .all(|([low, _], b)| (low - b).abs() < 1e-12)
    );
    // Everything at 0: the median of six points is anywhere between 3 and 4.
    let at_top = face(&problem, 1.0, &[0.0, 3.5]).expect("optimal");
    assert!(at_top.intervals[0] == [0.0; 2]);
    let [low, high] = at_top.intervals[1];
    assert!(
        (low - 3.0).abs() < 1e-12 && (high - 4.0).abs() < 1e-12,
        "{at_top:?}"
    );
    assert_eq!(at_top.vertices.len(), 2);
}

#[test]
fn more_columns_than_rows_without_penalty_leave_everything_open() {
    let x = Mat::from_fn(3, 5, |i, j| ((i * 5 + j) as f64 * 0.7).sin());
    let design = Dense::try_new(x.as_ref()).expect("finite");
    let problem = Problem::new(&design, &[1.0, -2.0, 0.5], Absolute, L1).expect("valid");
    let setup = ParametricSimplex::default()
        .setup(&problem)
        .expect("solvable");
    let mut path = WarmPath::new(
        &ParametricSimplex {
            advance: Advance::Mixed,
        },
        &problem,
        &setup,
        1.0,
    );
    path.step(0.0, Stop::default());
    let whole = face(&problem, 0.0, path.beta()).expect("optimal");
    assert!(
        whole.intervals.iter().all(|interval| *interval == FREE),
        "{whole:?}"
    );
}

/// The ends of each interval are optimal, and no optimum found in any other way is beyond them.
#[test]
fn faces_hold_every_optimum() {
    let mut open = 0;
    for seed in 0..40 {
        for columns in [
            Columns::Integer,
            Columns::Duplicated,
            Columns::Degenerate,
            Columns::Gaussian,
        ] {
            let case = Case::draw(columns, 14, 4, 1000 + seed);
            let net = ElasticNet::new(1.0).expect("in [0, 1]");
            let bounded = case.bounded(net);
            let design = Dense::try_new(case.x.as_ref()).expect("finite");
            let design = WithOnes::new(&design);
            let bounded: Vec<Bounded> = bounded
                .into_iter()
                .take(4)
                .chain([Bounded::new(net, 0.0, FREE)])
                .collect();
            let problem = Problem::new(
                &design,
                &case.y,
                case.loss(),
                PerCoordinate::new(net, &bounded),
            )
            .expect("valid");
            let setup = ParametricSimplex::default()
                .setup(&problem)
                .expect("solvable");
            for lambda in [0.0, 0.05] {
                let solver = ParametricSimplex {
                    advance: Advance::LongSteps,
                };
                let mut path = WarmPath::new(&solver, &problem, &setup, f64::INFINITY);
                path.step(lambda, Stop::default());
                let objective = |beta: &[f64]| {
                    let mut fit = vec![0.0; 14];
                    problem.x.mul(beta, &mut fit);
                    problem.objective(beta, &fit, lambda)
                };
                let best = objective(path.beta());
                let face = face(&problem, lambda, path.beta()).expect("optimal");
                for vertex in &face.vertices {
                    let mut beta = vec![0.0; 5];
                    vertex.iter().for_each(|&(j, b)| beta[j] = b);
                    assert!(
                        (objective(&beta) - best).abs() <= 1e-10 * problem.null_loss(),
                        "{}",
                        case.name
                    );
                    for (b, [low, high]) in beta.iter().zip(&face.intervals) {
                        assert!(
                            b >= &(low - 1e-9) && b <= &(high + 1e-9),
                            "{} {face:?}",
                            case.name
                        );
                    }
                }
                open += usize::from(!face.is_unique());
                // A little beyond an end, with everything else free, there is no optimum.
                for (j, [low, high]) in face.intervals.iter().enumerate() {
                    for (end, step) in [(*low, -0.01), (*high, 0.01)] {
                        // A column of zeros has a coefficient of 0 by definition.
                        if end.is_finite() && problem.x.col_sq_norm(j) > 0.0 {
                            let held = best_with(&problem, j, end + step, lambda);
                            assert!(
                                held > best + 1e-9 * problem.null_loss(),
                                "{} {j} {face:?}",
                                case.name
                            );
                        }
                    }
                }
            }
        }
    }
    assert!(
        open > 20,
        "only {open} of the problems had more than one optimum"
    );
}

/// The least objective with β_j held at `value`.
fn best_with<X: Design, L: KinkedLoss>(
    problem: &Problem<X, L, PerCoordinate>,
    j: usize,
    value: f64,
    lambda: f64,
) -> f64 {
    let n = problem.x.nrows();
    let mut columns = Mat::zeros(n, problem.x.ncols());
    for k in 0..problem.x.ncols() {
        if k != j {
            problem
                .x
                .col_axpy(k, 1.0, &mut columns.col_as_slice_mut(k)[..n]);
        }
    }
    let mut y = problem.loss.kinks(problem.y);
    problem.x.col_axpy(j, -value, &mut y);
    let design = Dense::try_new(columns.as_ref()).expect("finite");
    let slopes = problem.loss.slopes(problem.y);
    let held = Problem::new(&design, &y, Held { slopes: &slopes }, problem.penalty).expect("valid");
    let solver = ParametricSimplex {
        advance: Advance::LongSteps,
    };
    let setup = solver.setup(&held).expect("solvable");
    let mut path = WarmPath::new(&solver, &held, &setup, f64::INFINITY);
    path.step(lambda, Stop::default());
    let mut fit = vec![0.0; n];
    design.mul(path.beta(), &mut fit);
    held.objective(path.beta(), &fit, lambda) + lambda * problem.penalty.of(j).value(value)
}

/// A kinked loss with the slopes of another.
#[derive(Clone, Copy)]
struct Held<'a> {
    slopes: &'a [[f64; 2]],
}

impl Loss for Held<'_> {
    fn value(self, y: &[f64], fit: &[f64]) -> f64 {
        let rows = y.iter().zip(fit).zip(self.slopes);
        rows.map(|((y, z), [low, high])| (high * (y - z)).max(low * (y - z)))
            .sum()
    }

    fn neg_gradient(self, y: &[f64], fit: &[f64], out: &mut [f64]) {
        for (((out, y), z), [low, high]) in out.iter_mut().zip(y).zip(fit).zip(self.slopes) {
            *out = if y >= z { *high } else { *low };
        }
    }

    fn dual_along(self, y: &[f64], u: &[f64], s: f64) -> [f64; 3] {
        let value: f64 = y.iter().zip(u).map(|(y, u)| y * u).sum();
        [s * value, value, 0.0]
    }
}

impl KinkedLoss for Held<'_> {
    fn slopes(self, _y: &[f64]) -> Vec<[f64; 2]> {
        self.slopes.to_vec()
    }

    fn kinks(self, y: &[f64]) -> Vec<f64> {
        y.to_vec()
    }
}

/// The library's interface: certified, on the original scale, with an intercept that is the quantile.
#[test]
fn fitted_paths_are_certified_on_the_original_scale() {
    for seed in 300..306 {
        for columns in Columns::ALL {
            let mut rng = rng(seed);
            let x = columns.draw(&mut rng, 25, 6);
            let y = response(&mut rng, &x, 0.5);
            let kind = LossKind::quantile(0.3).expect("in (0, 1)");
            for alpha in [1.0, 0.5] {
                let path = elastic_net(alpha)
                    .loss(kind)
                    .n_lambda(12)
                    .lambda_min_ratio(1e-2)
                    .tol(1e-9)
                    .fit(x.as_ref(), &y)
                    .expect("usable data");
                assert!(
                    path.worst_gap() <= 1e-9,
                    "{columns:?} {seed}: {:e}",
                    path.worst_gap()
                );
                assert_eq!(path.points[0].nonzeros, []);
                let loss = Quantile::new(0.3).expect("in (0, 1)");
                let null = loss.value(&y, &[path.points[0].intercept; 25]);
                assert!((null - path.null_loss).abs() <= 1e-9 * path.null_loss);
                // What is certified is what the coefficients say on the original scale.
                for (k, point) in path.points.iter().enumerate() {
                    let mut fit = vec![point.intercept; 25];
                    for (j, b) in path.coefficients(k).iter().enumerate() {
                        fit.iter_mut()
                            .zip(x.col_as_slice(j))
                            .for_each(|(z, x)| *z += b * x);
                    }
                    let loss = loss.value(&y, &fit);
                    assert!(loss <= point.certificate.primal + 1e-9 * path.null_loss);
                }
            }
        }
    }
}
