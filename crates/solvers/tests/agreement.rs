//! Agreement: all solvers of one objective reach one objective value, dense or sparse, and what they call converged is
//! confirmed from the coefficients alone.

mod common;

use std::collections::BTreeMap;

use common::{Columns, Point, csc, response, rng, stop, walk};
use faer::Mat;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use regpath_solvers::SolveError;
use regpath_solvers::design::{Dense, Design, Standardized};
use regpath_solvers::grid::Grid;
use regpath_solvers::loss::Squared;
use regpath_solvers::penalty::{ElasticNet, L1, Penalty, Ridge};
use regpath_solvers::prepare::{Options, Preparation};
use regpath_solvers::problem::Problem;
use regpath_solvers::solver::{
    CoordinateDescent, CyclicDescent, ProximalGradient, RidgeClosedForm, Status, Step, Stop,
    Updates,
};

/// Rounding of a relative gap: primal and dual are sums of some hundred terms of at most the null loss.
const ROUNDING: f64 = 2e-14;
/// The same where columns of mean 100 and deviation 1 are centred implicitly: products with them carry rounding of the
/// size of the mean.
const ROUNDING_OFFSET: f64 = 1e-12;

const ALPHAS: [f64; 8] = [0.0, 1e-6, 1e-3, 0.1, 0.5, 0.9, 0.999, 1.0];
/// λ as shares of the grid's start.
const SHARES: [f64; 5] = [0.9, 0.5, 0.1, 0.01, 1e-4];

/// Everything about a case follows from its seed.
#[derive(Debug)]
#[allow(dead_code, reason = "the seed is there to be printed")]
struct Case {
    seed: u64,
    columns: Columns,
    n: usize,
    p: usize,
    alpha: f64,
    options: Options,
    tol: f64,
}

impl Case {
    fn new(seed: u64) -> (Self, ChaCha8Rng) {
        let mut rng = rng(seed);
        let mut case = Self {
            seed,
            columns: Columns::ALL[rng.random_range(0..Columns::ALL.len())],
            n: rng.random_range(2..=40),
            p: rng.random_range(1..=80),
            alpha: ALPHAS[rng.random_range(0..ALPHAS.len())],
            options: Options {
                intercept: rng.random_bool(0.6),
                standardize: rng.random_bool(0.6),
            },
            tol: [1e-6, 1e-10, 1e-12][rng.random_range(0..3)],
        };
        // What loses digits to the data themselves is not asked for the last ones.
        if !matches!(
            case.columns,
            Columns::Gaussian | Columns::Sparse | Columns::Equicorrelated
        ) {
            case.tol = case.tol.max(1e-10);
        }
        (case, rng)
    }

    fn rounding(&self) -> f64 {
        if self.columns == Columns::Offset {
            ROUNDING_OFFSET
        } else {
            ROUNDING
        }
    }
}

/// Solves counted by solver and status.
type Census = BTreeMap<(&'static str, &'static str), usize>;

/// What the solvers of one objective found on one storage.
struct Runs<'a> {
    case: &'a Case,
    null_loss: f64,
    best: Vec<f64>,
    all: Vec<(&'static str, Vec<Point>)>,
    census: &'a mut Census,
}

impl Runs<'_> {
    fn add(&mut self, name: &'static str, points: Vec<Point>) {
        for (k, point) in points.iter().enumerate() {
            let case = self.case;
            let rounding = case.rounding();
            let gap = point.certificate.relative_gap(self.null_loss);
            let told = format!("{name} at point {k} of {case:?}: {point:?}");
            assert!(point.beta.iter().all(|b| b.is_finite()), "{told}");
            assert!(!point.certificate.primal.is_nan(), "{told}");
            assert!(gap > -rounding, "negative gap {gap:e}: {told}");
            if point.outcome.status == Status::Converged {
                assert!(
                    gap <= case.tol + rounding,
                    "called converged at a gap of {gap:e}: {told}"
                );
            }
            let status = match point.outcome.status {
                Status::Converged => "converged",
                Status::EpochLimit => "epoch limit",
                Status::Stalled => "stalled",
                Status::Interrupted => "interrupted",
                Status::Unattained => "unattained",
            };
            *self.census.entry((name, status)).or_default() += 1;
            if self.best.len() <= k {
                self.best.push(f64::INFINITY);
            }
            self.best[k] = self.best[k].min(point.certificate.primal);
        }
        self.all.push((name, points));
    }

    /// A gap bounds the distance to the optimum, so any two converged objectives differ by a tolerance at most.
    fn agree(&self) {
        for (name, points) in &self.all {
            for (k, point) in points.iter().enumerate() {
                let above = (point.certificate.primal - self.best[k]) / self.null_loss;
                let allowed = point.certificate.relative_gap(self.null_loss) + self.case.rounding();
                assert!(
                    above <= allowed,
                    "{name} is {above:e} above the best of {:?} at point {k}, its gap says {allowed:e}",
                    self.case
                );
            }
        }
    }
}

fn coordinate_descents() -> [(&'static str, CoordinateDescent); 8] {
    let cd = |updates, strong_rule, support_steps| CoordinateDescent {
        updates,
        strong_rule,
        support_steps,
    };
    use Updates::{FullGram, Residual, WorkingGram};
    [
        ("cd auto", CoordinateDescent::default()),
        ("cd full gram", cd(Some(FullGram), true, true)),
        ("cd full gram, sweeps", cd(Some(FullGram), true, false)),
        ("cd working gram", cd(Some(WorkingGram), true, true)),
        (
            "cd working gram, no rule",
            cd(Some(WorkingGram), false, true),
        ),
        (
            "cd working gram, sweeps",
            cd(Some(WorkingGram), true, false),
        ),
        ("cd residual", cd(Some(Residual), true, false)),
        ("cd residual, no rule", cd(Some(Residual), false, false)),
    ]
}

/// Whether Newton steps on the support are part of this contestant.
fn solver_has_exact_steps(name: &str) -> bool {
    coordinate_descents()
        .iter()
        .any(|(n, solver)| *n == name && solver.support_steps)
}

fn proximal_gradients() -> [(&'static str, ProximalGradient); 5] {
    let fista = ProximalGradient::fista();
    [
        ("ista", ProximalGradient::ista()),
        ("fista", fista),
        ("fista restart", ProximalGradient::fista_restart()),
        (
            "ista backtracking",
            ProximalGradient {
                step: Step::Backtracking,
                ..ProximalGradient::ista()
            },
        ),
        (
            "fista backtracking",
            ProximalGradient {
                step: Step::Backtracking,
                ..fista
            },
        ),
    ]
}

fn run_all<X: Design, P: Penalty>(
    runs: &mut Runs,
    problem: &Problem<X, Squared, P>,
    lambdas: &[f64],
) {
    let within = |max_epochs| Stop {
        max_epochs,
        ..stop(runs.case.tol)
    };
    // Sweeps and gradient steps alone get a budget that a quarter of the cases exceed: the answer is
    // then a status.
    let (exact, sweeps, loose) = (within(2000), within(200), within(100));
    for (mut name, solver) in coordinate_descents() {
        if solver.updates.is_none() && Updates::choose(problem.x).0 == Updates::Residual {
            name = "cd auto, residual";
        }
        let stop = if solver.support_steps { exact } else { sweeps };
        runs.add(name, walk(&solver, problem, lambdas, stop));
    }
    let cyclic = [
        ("cyclic naive", CyclicDescent::NAIVE),
        ("cyclic covariance", CyclicDescent::COVARIANCE),
    ];
    for (name, solver) in cyclic {
        runs.add(name, walk(&solver, problem, lambdas, sweeps));
    }
    for (name, solver) in proximal_gradients() {
        runs.add(name, walk(&solver, problem, &lambdas[..3], loose));
    }
}

/// Solves one case in every way there is; None where the data cannot be fitted.
fn check(seed: u64, census: &mut Census) -> Option<()> {
    let (case, mut rng) = Case::new(seed);
    let x = case.columns.draw(&mut rng, case.n, case.p);
    let mut y = response(&mut rng, &x, 0.3);
    if case.columns == Columns::Integer {
        y.iter_mut().for_each(|v| *v = (3.0 * *v).round());
    }
    let raw = Dense::try_new(x.as_ref()).expect("finite entries");
    let preparation = match Preparation::new(&raw, &y, case.options) {
        Ok(preparation) => preparation,
        Err(SolveError::ConstantResponse(_)) => return None,
        Err(error) => panic!("{case:?}: {error}"),
    };
    let y = preparation.response(&y);
    let mut copy: Mat<f64> = x.clone();
    preparation.apply(&mut copy);
    let dense = Dense::try_new(copy.as_ref()).expect("finite entries");
    let sparse = csc(&x);
    let sparse = Standardized::new(&sparse, &preparation.scaling);

    let unpenalised = Problem::new(&dense, &y, Squared, L1).expect("valid problem");
    let start = Grid::start(unpenalised.max_gradient(), case.alpha);
    if start == 0.0 {
        return None;
    }
    let lambdas = SHARES.map(|s| s * start);
    let mut runs = Runs {
        case: &case,
        null_loss: unpenalised.null_loss(),
        best: Vec::new(),
        all: Vec::new(),
        census,
    };
    let penalty = ElasticNet::new(case.alpha).expect("alpha is in [0, 1]");
    let problem = Problem::new(&dense, &y, Squared, penalty).expect("valid problem");
    run_all(&mut runs, &problem, &lambdas);
    let problem = Problem::new(&sparse, &y, Squared, penalty).expect("valid problem");
    run_all(&mut runs, &problem, &lambdas);
    if case.alpha == 1.0 {
        run_all(&mut runs, &unpenalised, &lambdas);
    }
    if case.alpha == 0.0 {
        let ridge = Problem::new(&dense, &y, Squared, Ridge).expect("valid problem");
        run_all(&mut runs, &ridge, &lambdas);
        let points = walk(&RidgeClosedForm, &ridge, &lambdas, stop(case.tol));
        runs.add("closed form", points);
        let ridge = Problem::new(&sparse, &y, Squared, Ridge).expect("valid problem");
        let points = walk(&RidgeClosedForm, &ridge, &lambdas, stop(case.tol));
        runs.add("closed form, sparse", points);
    }
    runs.agree();
    // Exact steps make convergence independent of conditioning.
    for (name, points) in &runs.all {
        for point in points.iter().filter(|_| solver_has_exact_steps(name)) {
            assert_eq!(
                point.outcome.status,
                Status::Converged,
                "{name} on {case:?}: {point:?}"
            );
        }
    }
    Some(())
}

/// Share of the solves of one solver that converged within its budget.
fn converged(census: &Census, name: &str) -> f64 {
    let of = |status: Option<&str>| -> usize {
        census
            .iter()
            .filter(|((n, s), _)| *n == name && status.is_none_or(|status| status == *s))
            .map(|(_, count)| count)
            .sum()
    };
    of(Some("converged")) as f64 / of(None) as f64
}

fn run(seeds: std::ops::Range<u64>) -> Census {
    let problems = seeds.end - seeds.start;
    let mut census = Census::new();
    let solved = seeds.filter_map(|seed| check(seed, &mut census)).count();
    for (key, count) in &census {
        println!("{key:?}: {count}");
    }
    assert!(
        solved as f64 > 0.95 * problems as f64,
        "{solved} of {problems} could be fitted"
    );
    census
}

#[test]
fn all_solvers_of_one_objective_agree() {
    let census = run(0..500);
    let solves: usize = census.values().sum();
    assert!(solves > 50_000, "{solves} solves");
    // Budgets are small on purpose; these shares only fail when a method has become much slower.
    for (name, least) in [
        ("cd full gram, sweeps", 0.7),
        ("cd working gram, sweeps", 0.7),
        ("cd residual", 0.7),
        ("cyclic naive", 0.6),
        ("cyclic covariance", 0.6),
        ("ista", 0.7),
        ("fista", 0.75),
        ("fista restart", 0.85),
        ("fista backtracking", 0.75),
    ] {
        let share = converged(&census, name);
        assert!(
            share >= least,
            "{name} converged in {share:.3} of its solves"
        );
    }
}
