//! Golden numbers of regressions without penalty: stack loss, Engel's households, Belgian phone calls, stars of CYG OB1.

use super::{close, numbers, read};
use faer::Mat;
use regpath_solvers::certificate::certify_claim;
use regpath_solvers::design::{Dense, WithOnes};
use regpath_solvers::face::{Face, face};
use regpath_solvers::loss::{Absolute, KinkedLoss, Loss, Quantile};
use regpath_solvers::path::WarmPath;
use regpath_solvers::penalty::{Bounded, ElasticNet, PerCoordinate};
use regpath_solvers::problem::Problem;
use regpath_solvers::solver::{FrischNewton, ParametricSimplex, Solver, Status, Stop};
use regpath_solvers::{PathBuilder, lasso, ridge};

const STACKLOSS: &str = include_str!("../../../harness/data/stackloss.csv");
const ENGEL: &str = include_str!("../../../harness/data/engel.csv");
const PHONES: &str = include_str!("../../../harness/data/belgian-phones.csv");
const STARS: &str = include_str!("../../../harness/data/stars-cyg.csv");

/// Features and response of a table, its last column.
struct Table {
    x: Mat<f64>,
    y: Vec<f64>,
}

impl Table {
    fn new(text: &str) -> Self {
        Self::of(read(text).1)
    }

    fn of(mut columns: Vec<Vec<f64>>) -> Self {
        let y = columns.pop().expect("a response");
        Self {
            x: Mat::from_fn(y.len(), columns.len(), |i, j| columns[j][i]),
            y,
        }
    }

    /// The intercept and then the coefficients at λ = 0.
    fn fit(&self, builder: PathBuilder) -> Vec<f64> {
        let builder = builder.lambdas(vec![0.0]).tol(1e-14);
        let path = builder.fit(self.x.as_ref(), &self.y).expect("a fit");
        let point = &path.points[0];
        assert_eq!(point.outcome.status, Status::Converged);
        let mut fit = vec![0.0; 1 + self.x.ncols()];
        fit[0] = point.intercept;
        point.nonzeros.iter().for_each(|&(j, b)| fit[1 + j] = b);
        fit
    }
}

/// A fit of a loss with kinks at λ = 0: the intercept and then the coefficients, and f there.
struct Fit {
    beta: Vec<f64>,
    value: f64,
}

impl Table {
    /// The fit by a solver, certified by the dual point that it claims, and the set of all fits as good.
    fn best<L, S>(&self, loss: L, solver: &S) -> (Fit, Face)
    where
        L: KinkedLoss,
        S: for<'a, 'b, 'c> Solver<WithOnes<'a, Dense<'b>>, L, PerCoordinate<'c>>,
    {
        let net = ElasticNet::new(1.0).expect("in [0, 1]");
        let free = [f64::NEG_INFINITY, f64::INFINITY];
        let p = self.x.ncols();
        let mut bounded = vec![Bounded::new(net, 1.0, free); p];
        bounded.push(Bounded::new(net, 0.0, free));
        let x = Dense::try_new(self.x.as_ref()).expect("finite entries");
        let x = WithOnes::new(&x);
        let penalty = PerCoordinate::new(net, &bounded);
        let problem = Problem::new(&x, &self.y, loss, penalty).expect("valid problem");
        let setup = solver.setup(&problem).expect("small problem");
        let mut path = WarmPath::new(solver, &problem, &setup, problem.lambda_max());
        let stop = Stop {
            tol: 1e-13,
            ..Stop::default()
        };
        assert_eq!(path.step(0.0, stop).status, Status::Converged);
        let beta = path.beta().to_vec();
        let claimed = path.dual().expect("a dual point");
        let certificate = certify_claim(&problem, &beta, 0.0, claimed);
        let gap = certificate.gap / problem.null_loss();
        assert!(gap < 1e-12, "gap {gap:e}");
        let face = face(&problem, 0.0, &beta).expect("an optimal fit");
        let order = std::iter::once(p).chain(0..p);
        let fit = Fit {
            beta: order.map(|j| beta[j]).collect(),
            value: certificate.primal,
        };
        (fit, face)
    }

    /// The fit if it is unique, by the simplex method and by an interior point, which agree.
    fn unique<L: KinkedLoss>(&self, loss: L) -> Fit {
        let (fit, face) = self.best(loss, &ParametricSimplex::default());
        assert!(face.is_unique(), "{face:?}");
        let (other, _) = self.best(loss, &FrischNewton::default());
        close(&other.beta, &fit.beta, 1e-9);
        fit
    }
}

/// Σ |y_i − z_i| of a line.
fn deviations(table: &Table, [intercept, slope]: [f64; 2]) -> f64 {
    let fit: Vec<f64> = (0..table.y.len())
        .map(|i| intercept + slope * table.x[(i, 0)])
        .collect();
    Absolute.value(&table.y, &fit) * table.y.len() as f64
}

/// The stars without the giants.
fn main_sequence() -> Table {
    let columns = read(STARS).1;
    let kept: Vec<usize> = (0..columns[0].len())
        .filter(|&i| columns[0][i] >= 3.6)
        .collect();
    let part = |column: &Vec<f64>| kept.iter().map(|&i| column[i]).collect();
    Table::of(columns.iter().map(part).collect())
}

#[test]
fn least_squares_by_the_lasso_and_by_ridge_without_penalty() {
    for (table, expected) in [
        (Table::new(STACKLOSS), &numbers::STACKLOSS_LS[..]),
        (Table::new(ENGEL), &numbers::ENGEL_LS),
        (Table::new(PHONES), &numbers::PHONES_LS),
        (Table::new(STARS), &numbers::STARS_LS),
        (main_sequence(), &numbers::MAIN_SEQUENCE_LS),
    ] {
        close(&table.fit(lasso()), expected, 1e-9);
        close(&table.fit(ridge()), expected, 1e-9);
    }
}

#[test]
fn stack_loss_by_least_absolute_deviations() {
    let fit = Table::new(STACKLOSS).unique(Absolute);
    let exact = numbers::STACKLOSS_LAD.map(|numerator| numerator / 69.0);
    close(&fit.beta, &exact, 1e-10);
    close(&[21.0 * fit.value], &[numbers::STACKLOSS_SAD], 1e-10);
    for (b, printed) in fit.beta.iter().zip(numbers::STACKLOSS_LAD_PRINTED) {
        assert!((b - printed).abs() <= 5.001e-6, "{b} is not {printed}");
    }
}

#[test]
fn engels_quantiles() {
    let table = Table::new(ENGEL);
    for (tau, expected, printed) in numbers::ENGEL_QUANTILES {
        let fit = table.unique(Quantile::new(tau).expect("in (0, 1)"));
        close(&fit.beta, &expected, 1e-9);
        for (b, printed) in fit.beta.iter().zip(printed) {
            assert!((b - printed).abs() <= 5.001e-6, "{b} is not {printed}");
        }
    }
    // Half the absolute loss has the same fit.
    let median = table.unique(Absolute);
    close(&median.beta, &numbers::ENGEL_QUANTILES[1].1, 1e-9);
}

/// Whichever fit a solver returns, its sum is 844, and the face says how far others are from it.
#[test]
fn belgian_calls_have_a_segment_of_best_lines() {
    let table = Table::new(PHONES);
    let simplex = table.best(Absolute, &ParametricSimplex::default());
    let interior = table.best(Absolute, &FrischNewton::default());
    for (fit, face) in [simplex, interior] {
        close(&[24.0 * fit.value], &[numbers::PHONES_SAD], 1e-10);
        assert!(!face.is_unique());
        close(&face.intervals[0], &numbers::PHONES_SLOPES, 1e-9);
        close(&face.intervals[1], &numbers::PHONES_INTERCEPTS, 1e-9);
        let [low, high] = numbers::PHONES_SLOPES;
        assert!((low - 1e-9..=high + 1e-9).contains(&fit.beta[1]));
        assert_eq!(face.vertices.len(), 2);
        let line = |vertex: &Vec<(usize, f64)>| {
            let of = |column| {
                vertex
                    .iter()
                    .find(|(j, _)| *j == column)
                    .map_or(0.0, |v| v.1)
            };
            [of(1), of(0)]
        };
        let ends: Vec<[f64; 2]> = face.vertices.iter().map(line).collect();
        for share in [0.0, 0.3, 1.0] {
            let between = |k: usize| share * ends[0][k] + (1.0 - share) * ends[1][k];
            let sum = deviations(&table, [between(0), between(1)]);
            close(&[sum], &[numbers::PHONES_SAD], 1e-10);
        }
        // A step beyond either end costs.
        for share in [-0.01, 1.01] {
            let beyond = |k: usize| share * ends[0][k] + (1.0 - share) * ends[1][k];
            let sum = deviations(&table, [beyond(0), beyond(1)]);
            assert!(sum > numbers::PHONES_SAD * (1.0 + 1e-6), "{sum}");
        }
    }
}

/// The slope of all 47 stars is that of the four giants: absolute loss is robust against errors of y, not of x.
#[test]
fn giants_turn_the_line_of_the_stars() {
    let fit = Table::new(STARS).unique(Absolute);
    close(&fit.beta, &numbers::STARS_LAD, 1e-9);
    close(&[47.0 * fit.value], &[numbers::STARS_SAD], 1e-9);
    let fit = main_sequence().unique(Absolute);
    close(&fit.beta, &numbers::MAIN_SEQUENCE_LAD, 1e-9);
}
