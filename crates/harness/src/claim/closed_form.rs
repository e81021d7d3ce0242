//! "L2 is computationally efficient": one factorisation for a hundred λ of ridge, against the path of lasso on as many.
//!
//! Only the solvers are timed: setup and a hundred steps, in turns and in random order on the same prepared data. What certifies
//! them runs after the clock. Either goes down to the default share of its largest λ, 1e-4 or, where n < p, 1e-2. The rule names no
//! size of the ratio, so that the strictest reading decides: ridge must be the faster of the two, ratio > 1, at every p with
//! n = 1000. p ≫ n with a sparse truth, where the path of lasso has little to do, limits; a dense truth is told.

use super::{Bound, Check, Claim, Decision, Rows, Ruling, interval};
use crate::figure::chart::{Chart, Layer, Look, Panel, Shape, Side};
use crate::statistics::median;
use crate::stopwatch::Stopwatch;
use anyhow::ensure;
use faer::Mat;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};
use regpath_solvers::certificate::certify_path;
use regpath_solvers::design::Dense;
use regpath_solvers::grid::Grid;
use regpath_solvers::loss::Squared;
use regpath_solvers::path::WarmPath;
use regpath_solvers::penalty::{L1, Ridge};
use regpath_solvers::prepare::{Options, Preparation};
use regpath_solvers::problem::Problem;
use regpath_solvers::solver::{Homotopy, RidgeClosedForm, Solver, Stop};

/// λ of a path.
const LAMBDAS: usize = 100;
/// A size of the data.
#[derive(Clone, Copy, PartialEq)]
struct Case {
    n: usize,
    p: usize,
    /// Effects that are not 0, of ±1 each.
    effects: usize,
    /// On the axis.
    label: &'static str,
}

impl Case {
    const fn sparse(n: usize, p: usize, label: &'static str) -> Self {
        Self {
            n,
            p,
            effects: 10,
            label,
        }
    }

    fn name(self) -> String {
        let dense = if self == DENSE { ", dense truth" } else { "" };
        format!("n = {}, p = {}{dense}", self.n, self.p)
    }
}

/// Cases that every trial has.
const SMALL: [Case; 3] = [
    Case::sparse(1000, 100, "100"),
    Case::sparse(1000, 200, "200"),
    Case::sparse(1000, 500, "500"),
];
/// The largest of the main cases.
const LARGE: [Case; 2] = [
    Case::sparse(1000, 1000, "1000"),
    Case::sparse(1000, 2000, "2000"),
];
/// The counter-case.
const WIDE: Case = Case::sparse(100, 5000, "wide");
/// The largest case with an effect of every feature.
const DENSE: Case = Case {
    n: 1000,
    p: 2000,
    effects: 2000,
    label: "dense",
};
/// Turns in small cases, of which the fastest counts: a few milliseconds are easily disturbed.
const TURNS: usize = 3;
/// Entries of X from which on one turn is long enough.
const LONG: usize = 500_000;
/// Variance of the signal over that of the noise.
const SIGNAL: f64 = 3.0;
/// Relative gap to which lasso is solved, the tolerance of the library.
const TOL: f64 = 1e-6;

pub(super) struct ClosedForm;

/// Features and response as a solver gets them.
struct Prepared {
    x: Mat<f64>,
    y: Vec<f64>,
}

fn draw(rng: &mut ChaCha8Rng, case: Case) -> anyhow::Result<Prepared> {
    let Case { n, p, effects, .. } = case;
    let mut normal = || -> f64 { StandardNormal.sample(rng) };
    let mut x = Mat::zeros(n, p);
    for j in 0..p {
        x.col_as_slice_mut(j).iter_mut().for_each(|v| *v = normal());
    }
    let sigma = (effects as f64 / SIGNAL).sqrt();
    let effect = |i: usize, j: usize| [1.0, -1.0][j % 2] * x[(i, j)];
    let y: Vec<f64> = (0..n)
        .map(|i| (0..effects).map(|j| effect(i, j)).sum::<f64>() + sigma * normal())
        .collect();
    let preparation = Preparation::new(&Dense::try_new(x.as_ref())?, &y, Options::default())?;
    let y = preparation.response(&y);
    preparation.apply(&mut x);
    Ok(Prepared { x, y })
}

/// A path, and how long it took.
struct Timed {
    seconds: f64,
    lambdas: Vec<f64>,
    /// (column, coefficient) at each λ.
    points: Vec<Vec<(usize, f64)>>,
}

/// Times the path of lasso: setup and every step.
fn lasso_path(data: &Prepared) -> anyhow::Result<Timed> {
    let x = Dense::try_new(data.x.as_ref())?;
    let problem = Problem::new(&x, &data.y, Squared, L1)?;
    let lambda_max = problem.lambda_max();
    let ratio = Grid::default_ratio(data.x.nrows(), data.x.ncols());
    let grid = Grid::geometric(lambda_max, ratio, LAMBDAS)?;
    let stop = Stop {
        tol: TOL,
        ..Stop::default()
    };
    let clock = Stopwatch::start();
    let solver = Homotopy::default();
    let setup = solver.setup(&problem)?;
    let mut path = WarmPath::new(&solver, &problem, &setup, lambda_max);
    path.announce(grid.as_slice());
    let mut points = Vec::with_capacity(LAMBDAS);
    for &lambda in grid.as_slice() {
        path.step(lambda, stop);
        points.push(path.nonzeros());
    }
    Ok(Timed {
        seconds: clock.wall(),
        lambdas: grid.as_slice().to_vec(),
        points,
    })
}

/// A path of ridge, how long it took, and how long its factorisation.
struct Factored {
    seconds: f64,
    to_factor: f64,
    lambdas: Vec<f64>,
    /// p × number of λ.
    coefficients: Mat<f64>,
}

/// Times ridge: one factorisation and the coefficients at every λ.
fn ridge_path(data: &Prepared) -> anyhow::Result<Factored> {
    let x = Dense::try_new(data.x.as_ref())?;
    let problem = Problem::new(&x, &data.y, Squared, Ridge)?;
    let (n, p) = (data.x.nrows(), data.x.ncols());
    let start = Grid::start(problem.max_gradient(), 0.0);
    let grid = Grid::geometric(start, Grid::default_ratio(n, p), LAMBDAS)?;
    let mut all = Mat::zeros(p, LAMBDAS);
    let clock = Stopwatch::start();
    let factor = RidgeClosedForm.setup(&problem)?;
    let to_factor = clock.wall();
    let mut path = WarmPath::new(&RidgeClosedForm, &problem, &factor, f64::INFINITY);
    for (k, &lambda) in grid.as_slice().iter().enumerate() {
        path.step(lambda, Stop::default());
        all.col_as_slice_mut(k).copy_from_slice(path.beta());
    }
    Ok(Factored {
        seconds: clock.wall(),
        to_factor,
        lambdas: grid.as_slice().to_vec(),
        coefficients: all,
    })
}

/// Largest ‖Xᵀ(y − Xb)/n − λb‖ / ‖Xᵀy/n‖ over the path, b its columns.
fn worst_residual(data: &Prepared, lambdas: &[f64], b: &Mat<f64>) -> f64 {
    let n = data.x.nrows() as f64;
    let fits = &data.x * b;
    let off = Mat::from_fn(fits.nrows(), fits.ncols(), |i, k| data.y[i] - fits[(i, k)]);
    let slopes = data.x.transpose() * &off;
    let y = Mat::from_fn(data.y.len(), 1, |i, _| data.y[i]);
    let unit = (data.x.transpose() * &y).norm_l2() / n;
    let residuals = lambdas.iter().enumerate().map(|(k, lambda)| {
        let squares = (0..b.nrows()).map(|j| (slopes[(j, k)] / n - lambda * b[(j, k)]).powi(2));
        squares.sum::<f64>().sqrt() / unit
    });
    // A maximum that skips what is no number would hide it.
    residuals.fold(
        0.0,
        |worst: f64, r| if r > worst || r.is_nan() { r } else { worst },
    )
}

/// The cases on which the claim stands or falls.
fn main_cases() -> Vec<Case> {
    SMALL.into_iter().chain(LARGE).collect()
}

/// Every case, in the order of the picture.
fn all_cases() -> Vec<Case> {
    main_cases().into_iter().chain([DENSE, WIDE]).collect()
}

/// Both paths on one data set: the fastest of some turns.
fn both(rng: &mut ChaCha8Rng, data: &Prepared, turns: usize) -> anyhow::Result<(Timed, Factored)> {
    let turn = |lasso_first: bool| -> anyhow::Result<(Timed, Factored)> {
        if lasso_first {
            let l1 = lasso_path(data)?;
            return Ok((l1, ridge_path(data)?));
        }
        let l2 = ridge_path(data)?;
        Ok((lasso_path(data)?, l2))
    };
    let (mut l1, mut l2) = turn(rng.random_bool(0.5))?;
    for _ in 1..turns {
        let (other_l1, other_l2) = turn(rng.random_bool(0.5))?;
        l1.seconds = l1.seconds.min(other_l1.seconds);
        if other_l2.seconds < l2.seconds {
            l2 = other_l2;
        }
    }
    Ok((l1, l2))
}

/// Times and certificates of one case.
fn measure(rng: &mut ChaCha8Rng, rows: &mut Rows, case: Case, turns: usize) -> anyhow::Result<()> {
    let data = draw(rng, case)?;
    let (l1, l2) = both(rng, &data, turns)?;
    let name = case.name();
    rows.push("lasso", &format!("seconds, {name}"), 0.0, l1.seconds);
    rows.push("ridge", &format!("seconds, {name}"), 0.0, l2.seconds);
    rows.push(
        "ridge",
        &format!("seconds to factor, {name}"),
        0.0,
        l2.to_factor,
    );
    let residual = worst_residual(&data, &l2.lambdas, &l2.coefficients);
    rows.push("ridge", "residual", case.p as f64, residual);
    let x = Dense::try_new(data.x.as_ref())?;
    let problem = Problem::new(&x, &data.y, Squared, L1)?;
    let points: Vec<(f64, &[(usize, f64)])> = (l1.lambdas.iter().zip(&l1.points))
        .map(|(lambda, point)| (*lambda, point.as_slice()))
        .collect();
    let unit = problem.null_loss();
    let certificates = certify_path(&problem, &points);
    let gaps = certificates.iter().map(|c| c.relative_gap(unit));
    let gap = interval::largest(gaps);
    ensure!(
        gap <= 2.0 * TOL,
        "{name}: the lasso path has a gap of {gap:e}"
    );
    rows.push("lasso", "gap", case.p as f64, gap);
    let most = l1.points.iter().map(Vec::len).max().unwrap_or(0);
    rows.push("lasso", &format!("most features, {name}"), 0.0, most as f64);
    Ok(())
}

/// A quantity of one case in every trial that has it.
fn of(rows: &Rows, series: &str, what: &str, case: Case) -> Vec<f64> {
    rows.values(series, &format!("{what}, {}", case.name()), 0.0)
}

/// Time of lasso over time of ridge, trial by trial.
fn ratios(rows: &Rows, case: Case) -> Vec<f64> {
    let (l1, l2) = (
        of(rows, "lasso", "seconds", case),
        of(rows, "ridge", "seconds", case),
    );
    l1.iter().zip(&l2).map(|(a, b)| a / b).collect()
}

impl Claim for ClosedForm {
    fn id(&self) -> &'static str {
        "closed-form"
    }

    fn claim(&self) -> &'static str {
        "L2 is computationally efficient"
    }

    fn experiment(&self) -> &'static str {
        "100 λ of ridge from one factorisation against 100 λ of lasso by homotopy, in turns, normal features, n = 1000 and p = 100 to \
         2000, and n = 100 with p = 5000; 10 effects, and once as many as features"
    }

    fn sources(&self) -> &'static [&'static str] {
        &[
            "Hastie, Tibshirani & Friedman (2009), The Elements of Statistical Learning, sections 3.4.1 and 18.3.5",
            "Osborne, Presnell & Turlach (2000), A new approach to variable selection in least squares problems, IMA J. Numer. Anal. 20",
            "Friedman, Hastie & Tibshirani (2010), Regularization paths for generalized linear models via coordinate descent, JSS 33",
        ]
    }

    fn trials(&self) -> usize {
        20
    }

    fn timed(&self) -> bool {
        true
    }

    fn trial(&self, rng: &mut ChaCha8Rng, rows: &mut Rows) -> anyhow::Result<()> {
        for case in SMALL.into_iter().chain([WIDE]) {
            let turns = if case.n * case.p < LONG { TURNS } else { 1 };
            measure(rng, rows, case, turns)?;
        }
        // A large case takes seconds, so that every trial has one of the three.
        let large = [LARGE[0], LARGE[1], DENSE];
        let case = large[rng.random_range(0..large.len())];
        measure(rng, rows, case, 1)
    }

    fn judge(&self, rows: &Rows) -> Ruling {
        let worst = |series: &str, quantity: &str| {
            let all = rows
                .spread(series, quantity)
                .into_iter()
                .flat_map(|(_, v)| v);
            interval::exact(
                all.reduce(|a, b| if b > a || b.is_nan() { b } else { a })
                    .unwrap_or(f64::NAN),
            )
        };
        let ratio = |case: Case| interval::of_median(&ratios(rows, case));
        let title = |case: Case| format!("{}: time of lasso / time of ridge", case.name());
        let mut checks: Vec<Check> = (main_cases().into_iter())
            .map(|case| Check::new(title(case), ratio(case), Bound::Above(1.0)))
            .collect();
        let clear = checks
            .iter()
            .filter(|c| c.decide() == Decision::Holds)
            .count();
        checks.push(Check::limit(
            title(WIDE),
            ratio(WIDE),
            Bound::Above(1.0),
            "columns do not outnumber rows by far",
        ));
        checks.push(Check::told(title(DENSE), ratio(DENSE)));
        checks.push(Check::new(
            "worst ‖Xᵀ(y − Xb)/n − λb‖ / ‖Xᵀy/n‖ of ridge",
            worst("ridge", "residual"),
            Bound::Below(1e-10),
        ));
        checks.push(Check::told(
            "worst relative gap of lasso",
            worst("lasso", "gap"),
        ));
        for case in all_cases() {
            let median_of = |values: Vec<f64>| interval::of_median(&values);
            let milliseconds = |series: &str| {
                let seconds = of(rows, series, "seconds", case);
                median_of(seconds.iter().map(|s| 1e3 * s).collect())
            };
            let all = of(rows, "ridge", "seconds", case);
            let to_factor = of(rows, "ridge", "seconds to factor", case);
            let name = case.name();
            checks.push(Check::told(
                format!("{name}: 100 λ of ridge, milliseconds"),
                milliseconds("ridge"),
            ));
            checks.push(Check::told(
                format!("{name}: 100 λ of lasso, milliseconds"),
                milliseconds("lasso"),
            ));
            checks.push(Check::told(
                format!("{name}: share of the factorisation in the time of ridge"),
                median_of(to_factor.iter().zip(&all).map(|(f, a)| f / a).collect()),
            ));
            checks.push(Check::told(
                format!("{name}: most features that lasso keeps on its path"),
                median_of(of(rows, "lasso", "most features", case)),
            ));
        }
        let told = |case: Case| format!("{:.2}", ratio(case).estimate);
        let main: Vec<String> = main_cases().into_iter().map(told).collect();
        let (last, others) = main
            .split_last()
            .map_or(("", &[][..]), |(l, o)| (l.as_str(), o));
        Ruling {
            sentence: format!(
                "At n = 1000 a path of lasso takes {} and {last} times as long as one of ridge for p from 100 to 2000, and {} times where \
                 p ≫ n: ridge is clearly faster at {clear} of 5 sizes.",
                others.join(", "),
                told(WIDE),
            ),
            checks,
        }
    }

    fn charts(&self, rows: &Rows) -> Vec<Chart> {
        let at = |series: &str, what: &str, case: Case| {
            let middle = interval::of_median(&of(rows, series, what, case)).estimate;
            (case.p as f64, middle)
        };
        let line = |series: &str, what: &str| -> Vec<(f64, f64)> {
            main_cases()
                .into_iter()
                .map(|case| at(series, what, case))
                .collect()
        };
        let mut ticks: Vec<(f64, String)> = (main_cases().iter())
            .map(|case| (case.p as f64, case.p.to_string()))
            .collect();
        ticks.push((WIDE.p as f64, WIDE.p.to_string()));
        let mut layers = Vec::new();
        for (series, name, look) in [
            ("lasso", "lasso, homotopy", Look::L1),
            ("ridge", "ridge, closed form", Look::L2),
        ] {
            let main = line(series, "seconds");
            layers.push(Layer::named(name, look, Shape::Line(main.clone())));
            layers.push(Layer::named(name, look, Shape::Points(main)));
        }
        layers.push(Layer::named(
            "its factorisation alone",
            Look::L2.dashed().thin(),
            Shape::Line(line("ridge", "seconds to factor")),
        ));
        for (series, name, look) in [
            ("lasso", "lasso, n = 100", Look::L1.open()),
            ("ridge", "ridge, n = 100", Look::L2.open()),
        ] {
            let wide = vec![at(series, "seconds", WIDE)];
            layers.push(Layer::named(name, look, Shape::Points(wide)));
        }
        let times = Panel {
            heading: "Time of 100 λ, n = 1000".into(),
            x: Side::log("columns p")
                .between(80.0, 6500.0)
                .with_ticks(ticks),
            y: Side::log("seconds"),
            layers,
            ..Panel::default()
        };
        let boxes: Vec<(f64, Vec<f64>)> = (all_cases().into_iter().enumerate())
            .map(|(i, case)| (i as f64, ratios(rows, case)))
            .collect();
        let ratio_panel = Panel {
            heading: "Above 1 ridge is faster".into(),
            x: Side::categories("columns p", all_cases().iter().map(|case| case.label)),
            y: Side::log("time of lasso / time of ridge"),
            layers: vec![
                Layer::named("as fast", Look::GREY.dashed().thin(), Shape::Level(1.0)),
                Layer::plain(Look::BLACK, Shape::Boxes { width: 0.5, boxes }),
            ],
            ..Panel::default()
        };
        let count = of(rows, "lasso", "seconds", WIDE).len();
        let residuals = rows.spread("ridge", "residual");
        let typical = median(
            &mut residuals
                .into_iter()
                .flat_map(|(_, v)| v)
                .collect::<Vec<f64>>(),
        );
        vec![Chart {
            stem: "closed-form".into(),
            title: "A hundred λ of ridge from one factorisation, and a hundred of lasso".into(),
            panels: vec![times, ratio_panel],
            columns: 2,
            row_height: 470.0,
            notes: vec![
                format!(
                    "Medians and box plots over {count} data sets of normal features with {} effects; each has one of the \
                     three largest with n = 1000.",
                    WIDE.effects
                ),
                format!(
                    "Dense is n = {}, p = {} with an effect of every feature, wide is n = {}, p = {}.",
                    DENSE.n, DENSE.p, WIDE.n, WIDE.p
                ),
                format!(
                    "Lasso is solved to a relative gap of {TOL:.0e}; the normal equations of ridge are off by {typical:.0e}, typically."
                ),
                "One thread; certificates are not timed.".into(),
            ],
        }]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;

    #[test]
    fn the_residual_is_0_at_the_solution_and_1_at_0() {
        let data = draw(&mut ChaCha8Rng::seed_from_u64(3), Case::sparse(40, 12, "")).unwrap();
        let path = ridge_path(&data).unwrap();
        let lambdas = path.lambdas;
        assert!(worst_residual(&data, &lambdas, &path.coefficients) < 1e-13);
        let nothing = Mat::zeros(12, LAMBDAS);
        assert!((worst_residual(&data, &lambdas, &nothing) - 1.0).abs() < 1e-13);
    }
}
