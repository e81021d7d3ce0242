//! "The recipes people give", data with a loss and an optimizer: how they are tried.
//!
//! Each of five recipes stands against its five swaps: the other loss, the other optimizers, or both. It passes if its test error is
//! below that of every swap with the whole interval, and if it comes within 1 % of the optimum of its own training objective no
//! later than any swap of its own; the claim is confirmed if all five pass.
//!
//! So that no one is judged by a step size that suits another, every pair has in every trial the best of a grid of constant step
//! sizes: the test error is that of the run whose training objective is least after the budget, the epochs are those of the run that
//! comes within 1 % first. Momentum has the grid times 1 − μ, at which it is as fast in the long run. A pair that never comes within
//! 1 % counts as one epoch more than the budget. The image is one sample: what is called SGD there is a step along the whole
//! subgradient, and such a step is an epoch; λ is for both data terms that of a grid whose exact solution is nearest to the
//! clean image.
//!
//! Test errors know the truth and no noise: the root mean square distance of predictions to the noiseless response of new rows (of
//! ordinary houses for the prices), the share of new rows in the wrong class, the root mean square distance to the clean image.
//! The public data have no known truth: the mean absolute error and the share of errors in the half of the rows that was not used.

use super::{Bound, Check, Claim, Decision, Rows, Ruling, data, interval};
use crate::camera::camera;
use crate::figure::chart::{Anchor, Chart, Layer, Look, Panel, Shape, Side};
use crate::statistics::{Interval, median};
use faer::Mat;
use plotters::style::WHITE;
use rand::RngExt;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, Exp1, StandardNormal};
use regpath_solvers::design::{Dense, Design};
use regpath_solvers::elastic_net;
use regpath_solvers::image::{Image, salt_and_pepper};
use regpath_solvers::loss::{Absolute, Logistic, LossKind, RowLoss, Squared};
use regpath_solvers::optimizer::{
    Adam, Drawing, HeavyBall, MiniBatches, Minimises, Optimizer, Rows as ByRow, Run, Schedule,
    SubgradientDescent,
};
use regpath_solvers::penalty::ElasticNet;
use regpath_solvers::problem::Problem;
use regpath_solvers::solver::Stop;
use regpath_solvers::total_variation::{Denoising, Fidelity, denoise};

/// Rows that are fitted.
const ROWS: usize = 400;
/// New rows of the tests.
const NEW: usize = 1000;
/// Rows of a batch.
const BATCH: usize = 20;
/// Epochs of a run.
const EPOCHS: usize = 40;
/// Step sizes of SGD and Adam.
const ETAS: [f64; 8] = [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0];
/// Momentum μ.
const MOMENTUM: f64 = 0.9;
/// How near the optimum is near, relative to it.
const NEAR: f64 = 0.01;
/// Strength of the L2 penalty of the classes.
const LAMBDA: f64 = 0.01;
/// Share of luxury among the prices.
const LUXURY: f64 = 0.1;
/// Pixels along a side of the image.
const SIDE: usize = 64;
/// Share of its pixels that become black or white.
const IMPULSES: f64 = 0.2;
/// Steps on the image.
const STEPS: usize = 200;
/// Step sizes on the image, in units of grey.
const GREY_ETAS: [f64; 5] = [0.001, 0.003, 0.01, 0.03, 0.1];
/// λ of the absolute data term.
const LAMBDAS_L1: [f64; 4] = [0.4, 0.6, 0.8, 1.0];
/// λ of the squared data term.
const LAMBDAS_L2: [f64; 4] = [0.1, 0.2, 0.4, 0.8];
/// Epochs at which courses are drawn.
const DRAWN: [usize; 15] = [1, 2, 3, 4, 6, 8, 11, 15, 20, 28, 40, 60, 90, 130, 200];

pub(super) struct Pairings;

/// Optimizers, in the order of the matrix.
#[derive(Clone, Copy)]
enum Rule {
    Sgd,
    Momentum,
    Adam,
}

const RULES: [Rule; 3] = [Rule::Sgd, Rule::Momentum, Rule::Adam];

impl Rule {
    fn name(self) -> &'static str {
        match self {
            Self::Sgd => "SGD",
            Self::Momentum => "momentum",
            Self::Adam => "Adam",
        }
    }
}

/// A recipe, or the same on public data.
struct Recipe {
    /// Its data in a word.
    id: &'static str,
    /// Its data in words.
    data: &'static str,
    /// Its own loss and the other one.
    losses: [&'static str; 2],
    /// Its optimizer.
    rule: Rule,
    /// Epochs of a run.
    budget: usize,
    /// Whether the data are simulated, so that the verdict rests on it.
    decides: bool,
}

const fn recipe(
    id: &'static str,
    data: &'static str,
    losses: [&'static str; 2],
    rule: Rule,
) -> Recipe {
    Recipe {
        id,
        data,
        losses,
        rule,
        budget: EPOCHS,
        decides: true,
    }
}

const CLASSES: [&str; 2] = ["logistic + L2", "squares + L2"];
const RECIPES: [Recipe; 7] = [
    recipe("prices", "prices, luxury outliers", ["L1", "L2"], Rule::Sgd),
    recipe(
        "series",
        "smooth price series",
        ["L2", "L1"],
        Rule::Momentum,
    ),
    recipe("clean", "clean measurements", ["L2", "L1"], Rule::Adam),
    recipe("classes", "two classes", CLASSES, Rule::Sgd),
    Recipe {
        budget: STEPS,
        ..recipe("image", "image, impulse noise", ["L1", "L2"], Rule::Adam)
    },
    Recipe {
        decides: false,
        ..recipe("engel", "Engel's households", ["L1", "L2"], Rule::Sgd)
    },
    Recipe {
        decides: false,
        ..recipe("prostate", "prostate: invasion or not", CLASSES, Rule::Sgd)
    },
];

impl Recipe {
    fn text(&self) -> String {
        format!("{}: {}, {}", self.data, self.losses[0], self.rule.name())
    }
}

/// Place of a pair in the matrix: own loss with the three optimizers, then the other.
fn pair(own: bool, rule: Rule) -> f64 {
    (rule as usize + if own { 0 } else { RULES.len() }) as f64
}

/// What one run found: (F − F*)/F* after each epoch, from the first, and the test error of the last iterate.
struct Found {
    eta: f64,
    excess: Vec<f64>,
    error: f64,
}

impl Found {
    /// The first epoch within 1 % of the optimum, one more than there are if there is none.
    fn epochs(&self) -> usize {
        let first = self.excess.iter().position(|e| *e <= NEAR);
        first.unwrap_or(self.excess.len()) + 1
    }

    fn last(&self) -> f64 {
        self.excess.last().copied().unwrap_or(f64::INFINITY)
    }
}

/// Records a pair by the best of its runs, one for each step size.
fn record(recipe: &str, pair: f64, runs: &[Found], rows: &mut Rows) {
    let least = runs.iter().min_by(|a, b| a.last().total_cmp(&b.last()));
    // Of those that are equally soon, or never there, the one that ends nearest.
    let first = runs.iter().min_by(|a, b| {
        let sooner = a.epochs().cmp(&b.epochs());
        sooner.then(a.last().total_cmp(&b.last()))
    });
    let (Some(least), Some(first)) = (least, first) else {
        return;
    };
    rows.push(recipe, "test error", pair, least.error);
    rows.push(recipe, "η of the test error", pair, least.eta);
    rows.push(recipe, "η of the epochs", pair, first.eta);
    rows.push(recipe, "epochs", pair, first.epochs() as f64);
    for epoch in DRAWN.into_iter().filter(|e| *e <= first.excess.len()) {
        let quantity = format!("excess of pair {pair}");
        rows.push(recipe, &quantity, epoch as f64, first.excess[epoch - 1]);
    }
}

/// What the pairs of one recipe are fitted to and tested by.
struct Trial<'a> {
    recipe: &'a str,
    x: &'a Mat<f64>,
    y: &'a [f64],
    /// Strength of the L2 penalty.
    lambda: f64,
    test: &'a dyn Fn(&[f64]) -> f64,
    stream: &'a ChaCha8Rng,
}

impl Trial<'_> {
    /// Runs all optimizers on one loss.
    fn measure<L: RowLoss>(
        &self,
        own: bool,
        loss: L,
        kind: LossKind,
        rows: &mut Rows,
    ) -> anyhow::Result<()> {
        // At λ = 0 the penalty does not matter, and the solvers of kinked losses want it to be L1.
        let alpha = if self.lambda > 0.0 { 0.0 } else { 1.0 };
        let builder = elastic_net(alpha).loss(kind).intercept(false);
        let builder = builder.standardize(false).tol(1e-9).lambdas([self.lambda]);
        let best = builder.fit(self.x.as_ref(), self.y)?.coefficients(0);
        let design = Dense::try_new(self.x.as_ref())?;
        let problem = Problem::new(&design, self.y, loss, ElasticNet::new(alpha)?)?;
        let by_row = ByRow::new(&design)?;
        let best = value(&problem, &best, self.lambda);
        for rule in RULES {
            let runs: anyhow::Result<Vec<Found>> = (ETAS.iter())
                .map(|&eta| {
                    let fixed = Schedule::constant(eta)?;
                    match rule {
                        Rule::Sgd => {
                            self.run(eta, SubgradientDescent::new(fixed), &problem, &by_row, best)
                        }
                        Rule::Momentum => {
                            let slower = Schedule::constant(eta * (1.0 - MOMENTUM))?;
                            self.run(
                                eta,
                                HeavyBall::new(slower, MOMENTUM)?,
                                &problem,
                                &by_row,
                                best,
                            )
                        }
                        Rule::Adam => self.run(eta, Adam::new(fixed), &problem, &by_row, best),
                    }
                })
                .collect();
            record(self.recipe, pair(own, rule), &runs?, rows);
        }
        Ok(())
    }

    fn run<L: RowLoss, O: Minimises<L, ElasticNet>>(
        &self,
        eta: f64,
        rule: O,
        problem: &Problem<Dense, L, ElasticNet>,
        by_row: &ByRow,
        best: f64,
    ) -> anyhow::Result<Found> {
        let (n, drawing) = (self.y.len(), Drawing::WithoutReplacement);
        let batches = MiniBatches::new(problem, by_row, BATCH, drawing, self.stream.clone())?;
        let mut run = Run::new(rule, batches, self.lambda)?;
        let mut found = Found {
            eta,
            excess: Vec::with_capacity(EPOCHS),
            error: f64::INFINITY,
        };
        for snapshot in run.trace((1..=EPOCHS).map(|epoch| (epoch * n) as u64)) {
            // A step size at which a run diverges is out of the question, and no failure.
            found.excess.push(match &snapshot {
                Ok(now) => value(problem, &now.beta, self.lambda) / best - 1.0,
                Err(_) => f64::INFINITY,
            });
        }
        if let Ok(last) = run.snapshot() {
            found.error = (self.test)(&last.beta);
        }
        Ok(found)
    }
}

fn value<L: RowLoss>(problem: &Problem<Dense, L, ElasticNet>, beta: &[f64], lambda: f64) -> f64 {
    let mut fit = vec![0.0; problem.y.len()];
    problem.x.mul(beta, &mut fit);
    problem.objective(beta, &fit, lambda)
}

fn products(x: &Mat<f64>, beta: &[f64]) -> Vec<f64> {
    let row = |i: usize| (0..beta.len()).map(|j| x[(i, j)] * beta[j]).sum();
    (0..x.nrows()).map(row).collect()
}

fn root_mean_square(differences: impl Iterator<Item = f64>) -> f64 {
    let (sum, count) = differences.fold((0.0, 0u32), |(sum, count), d| (sum + d * d, count + 1));
    (sum / f64::from(count)).sqrt()
}

/// Root mean square distance of Xβ to the truth.
fn distance(x: &Mat<f64>, beta: &[f64], truth: &[f64]) -> f64 {
    let fits = products(x, beta);
    root_mean_square(fits.iter().zip(truth).map(|(a, b)| a - b))
}

/// Share of rows for which the score is on the wrong side of the boundary.
fn wrong(scores: &[f64], classes: &[f64], boundary: f64) -> f64 {
    let pairs = scores.iter().zip(classes);
    let misses = pairs.filter(|(score, class)| (**score > boundary) != (**class > 0.5));
    misses.count() as f64 / classes.len() as f64
}

fn normals(rng: &mut ChaCha8Rng, count: usize) -> Vec<f64> {
    (0..count).map(|_| StandardNormal.sample(rng)).collect()
}

/// A column of ones and `columns` standard normal ones whose correlations are `shared`.
fn design(rng: &mut ChaCha8Rng, rows: usize, columns: usize, shared: f64) -> Mat<f64> {
    let mut x = Mat::zeros(rows, columns + 1);
    for i in 0..rows {
        x[(i, 0)] = 1.0;
        let common: f64 = StandardNormal.sample(rng);
        for j in 1..=columns {
            let own: f64 = StandardNormal.sample(rng);
            x[(i, j)] = shared.sqrt() * common + (1.0 - shared).sqrt() * own;
        }
    }
    x
}

/// Houses: five features that grow with their size, prices in units of the spread of ordinary ones, a tenth luxury at 4 and more above.
fn prices(rng: &mut ChaCha8Rng, rows: &mut Rows) -> anyhow::Result<()> {
    let x = design(rng, ROWS, 5, 0.5);
    let mut beta = vec![3.0];
    beta.extend((0..5).map(|_| 0.1 + 0.4 * rng.random::<f64>()));
    let mut y = products(&x, &beta);
    for price in &mut y {
        let noise: f64 = StandardNormal.sample(rng);
        *price += 0.5 * noise;
        if rng.random::<f64>() < LUXURY {
            let more: f64 = Exp1.sample(rng);
            *price += 4.0 + 6.0 * more;
        }
    }
    let new = design(rng, NEW, 5, 0.5);
    let truth = products(&new, &beta);
    let trial = Trial {
        recipe: "prices",
        x: &x,
        y: &y,
        lambda: 0.0,
        test: &|beta| distance(&new, beta, &truth),
        stream: rng,
    };
    trial.measure(true, Absolute, LossKind::Absolute, rows)?;
    trial.measure(false, Squared, LossKind::Squared, rows)
}

/// Trend and seasons at time t in [−1, 1].
fn seasons(t: f64) -> Vec<f64> {
    let mut row = vec![1.0, t, t * t];
    for k in 1..=3 {
        let angle = std::f64::consts::PI * f64::from(k) * t;
        row.extend([angle.sin(), angle.cos()]);
    }
    row
}

/// A series of trend and seasons with Gaussian noise; the test is at the times in between.
fn series(rng: &mut ChaCha8Rng, rows: &mut Rows) -> anyhow::Result<()> {
    let at = |half: usize| {
        let time = |i: usize| 2.0 * (2 * i + half) as f64 / (2 * ROWS) as f64 - 1.0;
        let all: Vec<Vec<f64>> = (0..ROWS).map(|i| seasons(time(i))).collect();
        Mat::from_fn(ROWS, all[0].len(), |i, j| all[i][j])
    };
    let (x, between) = (at(0), at(1));
    let beta = normals(rng, x.ncols());
    let noise = normals(rng, ROWS);
    let fits = products(&x, &beta).into_iter().zip(noise);
    let y: Vec<f64> = fits.map(|(fit, noise)| fit + 0.2 * noise).collect();
    let truth = products(&between, &beta);
    let trial = Trial {
        recipe: "series",
        x: &x,
        y: &y,
        lambda: 0.0,
        test: &|beta| distance(&between, beta, &truth),
        stream: rng,
    };
    trial.measure(true, Squared, LossKind::Squared, rows)?;
    trial.measure(false, Absolute, LossKind::Absolute, rows)
}

/// A linear law in ten independent features, with Gaussian noise of a twentieth of a coefficient.
fn clean(rng: &mut ChaCha8Rng, rows: &mut Rows) -> anyhow::Result<()> {
    let x = design(rng, ROWS, 10, 0.0);
    let beta = normals(rng, x.ncols());
    let noise = normals(rng, ROWS);
    let fits = products(&x, &beta).into_iter().zip(noise);
    let y: Vec<f64> = fits.map(|(fit, noise)| fit + 0.05 * noise).collect();
    let new = design(rng, NEW, 10, 0.0);
    let truth = products(&new, &beta);
    let trial = Trial {
        recipe: "clean",
        x: &x,
        y: &y,
        lambda: 0.0,
        test: &|beta| distance(&new, beta, &truth),
        stream: rng,
    };
    trial.measure(true, Squared, LossKind::Squared, rows)?;
    trial.measure(false, Absolute, LossKind::Absolute, rows)
}

/// Classes by a logistic model in ten features.
fn classes(rng: &mut ChaCha8Rng, rows: &mut Rows) -> anyhow::Result<()> {
    let beta = normals(rng, 11);
    let mut draw = |count: usize| {
        let x = design(rng, count, 10, 0.0);
        let drawn = products(&x, &beta)
            .into_iter()
            .map(|log_odds| f64::from(rng.random::<f64>() < Logistic::probability(log_odds)));
        let drawn: Vec<f64> = drawn.collect();
        (x, drawn)
    };
    let ((x, y), (new, truth)) = (draw(ROWS), draw(2 * NEW));
    two_classes("classes", (&x, &y), (&new, &truth), rng, rows)
}

fn two_classes(
    recipe: &str,
    (x, y): (&Mat<f64>, &[f64]),
    (new, truth): (&Mat<f64>, &[f64]),
    stream: &ChaCha8Rng,
    rows: &mut Rows,
) -> anyhow::Result<()> {
    let trial = |test| Trial {
        recipe,
        x,
        y,
        lambda: LAMBDA,
        test,
        stream,
    };
    let test = |beta: &[f64]| wrong(&products(new, beta), truth, 0.0);
    trial(&test).measure(true, Logistic, LossKind::Logistic, rows)?;
    // Least squares of 0 and 1.
    let test = |beta: &[f64]| wrong(&products(new, beta), truth, 0.5);
    trial(&test).measure(false, Squared, LossKind::Squared, rows)
}

/// One half of the rows of a table and the other, columns standardised by the first and one of ones before them.
fn halves(rng: &mut ChaCha8Rng, columns: &[Vec<f64>], y: &[f64]) -> [(Mat<f64>, Vec<f64>); 2] {
    let mut order: Vec<usize> = (0..y.len()).collect();
    order.shuffle(rng);
    let (first, second) = order.split_at(y.len() / 2);
    let scales: Vec<(f64, f64)> = (columns.iter())
        .map(|column| {
            let mean = first.iter().map(|&i| column[i]).sum::<f64>() / first.len() as f64;
            let spread = root_mean_square(first.iter().map(|&i| column[i] - mean));
            // A column without spread tells nothing.
            (mean, if spread > 0.0 { spread } else { 1.0 })
        })
        .collect();
    [first, second].map(|half| {
        let x = Mat::from_fn(half.len(), columns.len() + 1, |i, j| match j {
            0 => 1.0,
            j => (columns[j - 1][half[i]] - scales[j - 1].0) / scales[j - 1].1,
        });
        (x, half.iter().map(|&i| y[i]).collect())
    })
}

fn column(x: &Mat<f64>, j: usize) -> Vec<f64> {
    (0..x.nrows()).map(|i| x[(i, j)]).collect()
}

/// Food expenditure on income, whose noise grows with it: in thousands of francs.
fn engel(rng: &mut ChaCha8Rng, rows: &mut Rows) -> anyhow::Result<()> {
    let table = data::table("engel")?;
    let y: Vec<f64> = table.y.iter().map(|y| y / 1000.0).collect();
    let [(x, y), (new, truth)] = halves(rng, &[column(&table.x, 0)], &y);
    let absolute = |beta: &[f64]| {
        let fits = products(&new, beta);
        let off = fits.iter().zip(&truth).map(|(a, b)| (a - b).abs());
        off.sum::<f64>() / truth.len() as f64
    };
    let trial = Trial {
        recipe: "engel",
        x: &x,
        y: &y,
        lambda: 0.0,
        test: &absolute,
        stream: rng,
    };
    trial.measure(true, Absolute, LossKind::Absolute, rows)?;
    trial.measure(false, Squared, LossKind::Squared, rows)
}

/// Whether the cancer has reached the seminal vesicles, by the other measurements.
fn prostate(rng: &mut ChaCha8Rng, rows: &mut Rows) -> anyhow::Result<()> {
    let table = data::table("prostate")?;
    let is_class = |name: &String| name == "svi";
    let Some(class) = table.features.iter().position(is_class) else {
        anyhow::bail!("prostate has no column svi");
    };
    let others = (0..table.x.ncols()).filter(|j| *j != class);
    let mut columns: Vec<Vec<f64>> = others.map(|j| column(&table.x, j)).collect();
    columns.push(table.y);
    let [(x, y), (new, truth)] = halves(rng, &columns, &column(&table.x, class));
    two_classes("prostate", (&x, &y), (&new, &truth), rng, rows)
}

/// A part of the photograph, drawn anew in every trial, with a fifth of its pixels black or white.
fn image(rng: &mut ChaCha8Rng, rows: &mut Rows) -> anyhow::Result<()> {
    let whole = camera()?;
    let (height, width) = whole.shape();
    let mut offset = |length: usize| rng.random_range(0..=length - SIDE);
    let (top, left) = (offset(height), offset(width));
    let truth = Image::from_fn(SIDE, SIDE, |i, j| {
        whole.pixels()[(top + i) * width + left + j]
    })?;
    let noisy = salt_and_pepper(&truth, IMPULSES, || rng.random::<f64>())?;
    let off = |u: &[f64]| root_mean_square(u.iter().zip(truth.pixels()).map(|(a, b)| a - b));
    for (own, fidelity, lambdas) in [
        (true, Fidelity::Absolute, LAMBDAS_L1),
        (false, Fidelity::Squares, LAMBDAS_L2),
    ] {
        let stop = Stop {
            tol: 1e-3,
            ..Stop::default()
        };
        let mut chosen = (f64::INFINITY, 0.0, f64::NAN);
        for lambda in lambdas {
            let solved = denoise(&noisy, lambda, fidelity, stop)?;
            let error = off(solved.image.pixels());
            if error < chosen.0 {
                chosen = (error, lambda, solved.certificate.primal);
            }
        }
        let (error, lambda, best) = chosen;
        let name = if own {
            "exact, own loss"
        } else {
            "exact, other loss"
        };
        rows.push("image", name, 0.0, error);
        rows.push("image", "λ", pair(own, Rule::Sgd), lambda);
        let problem = Denoising::new(&noisy, lambda, fidelity)?;
        for rule in RULES {
            let runs: anyhow::Result<Vec<Found>> = (GREY_ETAS.iter())
                .map(|&eta| {
                    let fixed = Schedule::constant(eta)?;
                    let go: (Vec<f64>, Vec<f64>) = match rule {
                        Rule::Sgd => descend(SubgradientDescent::new(fixed), &problem),
                        Rule::Momentum => {
                            let slower = Schedule::constant(eta * (1.0 - MOMENTUM))?;
                            descend(HeavyBall::new(slower, MOMENTUM)?, &problem)
                        }
                        Rule::Adam => descend(Adam::new(fixed), &problem),
                    };
                    Ok(Found {
                        eta,
                        excess: go.0.iter().map(|value| value / best - 1.0).collect(),
                        error: off(&go.1),
                    })
                })
                .collect();
            record("image", pair(own, rule), &runs?, rows);
        }
    }
    Ok(())
}

/// The objective after each step from the noisy image, and the last image.
fn descend(mut rule: impl Optimizer, problem: &Denoising) -> (Vec<f64>, Vec<f64>) {
    let mut u = problem.image().pixels().to_vec();
    let mut slope = vec![0.0; u.len()];
    let mut values = Vec::with_capacity(STEPS);
    problem.subgradient(&u, &mut slope);
    for t in 1..=STEPS {
        rule.step(&slope, t as u64, &mut u);
        values.push(problem.subgradient(&u, &mut slope));
    }
    (values, u)
}

/// Medians over the drawn trials of what is made of the two values of a trial.
fn median_of(chosen: &[usize], own: &[f64], swap: &[f64], of: fn(f64, f64) -> f64) -> f64 {
    median(
        &mut chosen
            .iter()
            .map(|&i| of(own[i], swap[i]))
            .collect::<Vec<f64>>(),
    )
}

/// How much more, relative to the recipe.
fn relative(own: f64, swap: f64) -> f64 {
    swap / own - 1.0
}

/// How much later the recipe is.
fn later(own: f64, swap: f64) -> f64 {
    own - swap
}

/// All pairs but the recipe's.
fn swaps(recipe: &Recipe) -> impl Iterator<Item = f64> {
    let own = pair(true, recipe.rule);
    (0..2 * RULES.len())
        .map(|k| k as f64)
        .filter(move |k| *k != own)
}

/// The least, over swaps, of the medians of their relative excess of test error; and the largest of those of the epochs by which the
/// recipe is later.
fn margins(rows: &Rows, recipe: &Recipe) -> [Interval; 2] {
    let margin = |quantity: &str, of: fn(f64, f64) -> f64, worst: fn(f64, f64) -> f64| {
        let own = rows.values(recipe.id, quantity, pair(true, recipe.rule));
        let others: Vec<Vec<f64>> = (swaps(recipe))
            .map(|swap| rows.values(recipe.id, quantity, swap))
            .collect();
        let whole = others.iter().all(|o| o.len() == own.len());
        interval::of_statistic(if whole { own.len() } else { 0 }, |chosen| {
            let medians = others
                .iter()
                .map(|other| median_of(chosen, &own, other, of));
            medians.reduce(worst).unwrap_or(f64::NAN)
        })
    };
    [
        margin("test error", relative, f64::min),
        margin("epochs", later, f64::max),
    ]
}

/// One pair against the recipe.
fn against(rows: &Rows, recipe: &Recipe, quantity: &str, swap: f64) -> Interval {
    let own = rows.values(recipe.id, quantity, pair(true, recipe.rule));
    let other = rows.values(recipe.id, quantity, swap);
    let of = if quantity == "epochs" {
        later
    } else {
        relative
    };
    let count = if own.len() == other.len() {
        own.len()
    } else {
        0
    };
    interval::of_statistic(count, |chosen| median_of(chosen, &own, &other, of))
}

/// The largest test error of the three optimizers on the recipe's loss over the least, less 1.
fn spread_of_rules(rows: &Rows, recipe: &Recipe) -> Interval {
    let all = RULES.map(|rule| rows.values(recipe.id, "test error", pair(true, rule)));
    let count = if all.iter().all(|a| a.len() == all[0].len()) {
        all[0].len()
    } else {
        0
    };
    interval::of_statistic(count, |chosen| {
        let medians = all
            .iter()
            .map(|values| median(&mut chosen.iter().map(|&i| values[i]).collect::<Vec<f64>>()));
        let ends = medians.fold((f64::INFINITY, 0.0f64), |(low, high), m| {
            (low.min(m), high.max(m))
        });
        ends.1 / ends.0 - 1.0
    })
}

impl Claim for Pairings {
    fn id(&self) -> &'static str {
        "pairings"
    }

    fn claim(&self) -> &'static str {
        "Prices with luxury outliers want L1 + SGD, a smooth price series L2 + momentum, clean measurements L2 + Adam, two classes logistic \
         loss + L2 by SGD, an image with impulse noise L1 + Adam"
    }

    fn experiment(&self) -> &'static str {
        "Five recipes, each against its five swaps of loss and optimizer, on data simulated as described (the image is a part of the photograph), \
         each pair with its best of several step sizes; two recipes also on public data"
    }

    fn sources(&self) -> &'static [&'static str] {
        &[
            "Wilson, Roelofs, Stern, Srebro & Recht (2017), The marginal value of adaptive gradient methods in machine learning, NeurIPS",
            "Koenker & Bassett (1982), Robust tests for heteroscedasticity based on regression quantiles, Econometrica 50 (Engel's data)",
            "Stamey et al. (1989), J. Urology 141 (prostate data)",
        ]
    }

    fn trials(&self) -> usize {
        20
    }

    fn trial(&self, rng: &mut ChaCha8Rng, rows: &mut Rows) -> anyhow::Result<()> {
        prices(rng, rows)?;
        series(rng, rows)?;
        clean(rng, rows)?;
        classes(rng, rows)?;
        image(rng, rows)?;
        engel(rng, rows)?;
        prostate(rng, rows)
    }

    fn judge(&self, rows: &Rows) -> Ruling {
        let mut checks = Vec::new();
        let mut passed = 0;
        for recipe in RECIPES {
            let [error, delay] = margins(rows, &recipe);
            let what = recipe.text();
            let mut pair = [
                Check::new(
                    format!("{what}: relative excess of test error of the best swap"),
                    error,
                    Bound::Above(0.0),
                ),
                // Epochs are whole numbers: no later is less than half an epoch later.
                Check::new(
                    format!(
                        "{what}: epochs to 1 % of the optimum, less those of the quickest swap"
                    ),
                    delay,
                    Bound::Below(0.5),
                ),
            ];
            if recipe.decides {
                passed += usize::from(pair.iter().all(|c| c.decide() == Decision::Holds));
            } else {
                pair = pair.map(|check| Check::told(check.metric, check.interval));
            }
            checks.extend(pair);
        }
        let mut widest = 0.0f64;
        for recipe in RECIPES {
            let other = against(rows, &recipe, "test error", pair(false, recipe.rule));
            let text = format!(
                "{}: relative excess of test error of the other loss",
                recipe.text()
            );
            checks.push(Check::told(text, other));
            let spread = spread_of_rules(rows, &recipe);
            let text = format!("{}: spread of test error over optimizers", recipe.data);
            checks.push(Check::told(text, spread));
            if recipe.decides && recipe.id != "image" {
                widest = widest.max(spread.estimate);
            }
        }
        for (name, loss) in [("exact, own loss", "L1"), ("exact, other loss", "L2")] {
            checks.push(Check::told(
                format!("image: test error of the exact solution of {loss}"),
                interval::of_median(&rows.values("image", name, 0.0)),
            ));
        }
        let times = |recipe: &Recipe| {
            let other = against(rows, recipe, "test error", pair(false, recipe.rule));
            1.0 + other.estimate
        };
        let count = match passed {
            0 => "none beats".into(),
            1 => "one beats".into(),
            more => format!("{more} beat"),
        };
        let sentence = format!(
            "Of five recipes {count} every swap without being slower: under outliers squares make {:.1} times the error on prices, {:.1} on the \
             image; optimizers, their steps tuned, differ by at most {:.0} %, on the image by {:.0} % after {STEPS} steps.",
            times(&RECIPES[0]),
            times(&RECIPES[4]),
            100.0 * widest,
            100.0 * spread_of_rules(rows, &RECIPES[4]).estimate
        );
        Ruling { checks, sentence }
    }

    fn charts(&self, rows: &Rows) -> Vec<Chart> {
        let trials = rows.values("prices", "epochs", 0.0).len();
        let columns = [true, false].into_iter().flat_map(|own| {
            let loss = if own { "own" } else { "other" };
            RULES.map(|rule| format!("{loss}, {}", rule.name()))
        });
        let columns: Vec<String> = columns.collect();
        let matrix = |quantity: &str, heading: &str| {
            let mut panel = Panel {
                heading: heading.into(),
                x: Side::categories(
                    "loss, that of the recipe or the other, and optimizer",
                    columns.clone(),
                )
                .between(-0.5, 5.5),
                y: Side::categories("", RECIPES.iter().map(Recipe::text)).between(6.5, -0.5),
                ..Panel::default()
            };
            for (i, recipe) in RECIPES.iter().enumerate() {
                for k in 0..2 * RULES.len() {
                    let (x, y) = (k as f64, i as f64);
                    let own = x == pair(true, recipe.rule);
                    let found = against(rows, recipe, quantity, x);
                    let value = median(&mut rows.values(recipe.id, quantity, x));
                    // Positive is worse for the swap in one measure and better in the other.
                    let sign = if quantity == "epochs" { -1.0 } else { 1.0 };
                    let (low, high) = (sign * found.low, sign * found.high);
                    let (name, look) = if own {
                        ("the recipe", Look::BLACK.thick())
                    } else if low.min(high) > 0.0 {
                        ("a swap that is worse", Look::other(2).thin())
                    } else if low.max(high) < 0.0 {
                        ("a swap that is better", Look::ALARM.thin())
                    } else {
                        ("no difference shown", Look::GREY.thin())
                    };
                    let text = match quantity {
                        "epochs" if value > recipe.budget as f64 => format!("> {}", recipe.budget),
                        "epochs" => format!("{value:.0}"),
                        _ => format!("{value:.3}"),
                    };
                    let (w, h) = (0.46, 0.4);
                    let white = Look {
                        colour: WHITE,
                        ..Look::PALE
                    };
                    let corners = [
                        (x - w, y - h),
                        (x + w, y - h),
                        (x + w, y + h),
                        (x - w, y + h),
                    ];
                    panel.layers.extend([
                        // Without the grid behind the numbers.
                        Layer::plain(
                            white,
                            Shape::Bars {
                                width: 2.0 * w,
                                bars: vec![(x, y - h, y + h)],
                            },
                        ),
                        Layer::named(name, look, Shape::Area(corners.to_vec())),
                        Layer::plain(
                            Look::BLACK,
                            Shape::Text {
                                at: (x, y),
                                text,
                                anchor: Anchor::Middle,
                            },
                        ),
                    ]);
                }
            }
            panel
        };
        let first = Chart {
            stem: "pairings".into(),
            title: "Recipes and their swaps".into(),
            panels: vec![
                matrix("test error", "Test error"),
                matrix("epochs", "Epochs to within 1 % of the optimum of the training objective"),
            ],
            columns: 1,
            row_height: 400.0,
            notes: vec![
                format!(
                    "Medians of {trials} trials, each pair with its best step size; coloured where the whole 95 % interval of the difference in the \
                     same trials is on one side."
                ),
                "Errors: distance to the noiseless response (prices, series, measurements) or the clean image, share in the wrong class, mean \
                 absolute error (Engel)."
                    .into(),
                format!(
                    "Batches of {BATCH} rows; an epoch on the image is a step along its whole subgradient. The last two rows are public data and \
                     decide nothing."
                ),
            ],
        };
        let looks = [Look::BLACK, Look::other(0), Look::other(1)];
        let courses = RECIPES[..6].iter().map(|recipe| {
            let mut panel = Panel {
                heading: recipe.text(),
                x: Side::log(if recipe.id == "image" {
                    "steps"
                } else {
                    "epochs"
                })
                .between(1.0, recipe.budget as f64),
                y: Side::log("(F − F*)/F*").between(1e-4, 100.0),
                layers: vec![Layer::plain(Look::GREY.thin(), Shape::Level(NEAR))],
                ..Panel::default()
            };
            for own in [true, false] {
                for (rule, look) in RULES.into_iter().zip(looks) {
                    let quantity = format!("excess of pair {}", pair(own, rule));
                    let spread = rows.spread(recipe.id, &quantity).into_iter();
                    let line = spread.map(|(at, mut all)| (at, median(&mut all)));
                    let look = if own { look } else { look.dashed().thin() };
                    let loss = if own { "own loss" } else { "other loss" };
                    let name = format!("{loss}, {}", rule.name());
                    panel
                        .layers
                        .push(Layer::named(name, look, Shape::Line(line.collect())));
                }
            }
            panel
        });
        let second = Chart {
            stem: "pairings-courses".into(),
            title: "How the training objective falls at the step size that is near first".into(),
            panels: courses.collect(),
            columns: 2,
            row_height: 380.0,
            notes: vec![format!(
                "Medians of {trials} trials; each pair with the step size at which it comes within 1 % of its own optimum, the grey line, first."
            )],
        };
        vec![first, second]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn epochs_count_from_one_and_end_one_beyond_the_budget() {
        let found = |excess: &[f64]| Found {
            eta: 1.0,
            excess: excess.to_vec(),
            error: 0.0,
        };
        assert_eq!(found(&[0.5, 0.01, 0.2]).epochs(), 2);
        assert_eq!(found(&[0.5, 0.02, 0.2]).epochs(), 4);
        assert_eq!(found(&[f64::INFINITY]).epochs(), 2);
    }

    #[test]
    fn a_recipe_that_is_best_everywhere_has_margins_on_the_right_side() {
        let recipe = &RECIPES[0];
        let mut all = Rows::of(None);
        for trial in 0..20 {
            let mut rows = Rows::of(Some(trial));
            for k in 0..2 * RULES.len() {
                let own = k as f64 == pair(true, recipe.rule);
                let value = 1.0 + 0.01 * trial as f64;
                rows.push(
                    recipe.id,
                    "test error",
                    k as f64,
                    if own { value } else { 2.0 * value },
                );
                rows.push(recipe.id, "epochs", k as f64, if own { 3.0 } else { 4.0 });
            }
            all.append(rows);
        }
        let [error, delay] = margins(&all, recipe);
        assert!((error.estimate - 1.0).abs() < 1e-12 && error.low > 0.0);
        assert_eq!((delay.estimate, delay.high), (-1.0, -1.0));
        assert_eq!(swaps(recipe).count(), 5);
    }

    #[test]
    fn halves_share_all_rows_and_the_first_is_standardised() {
        use rand::SeedableRng;
        let mut rng = ChaCha8Rng::seed_from_u64(3);
        let y: Vec<f64> = (0..11).map(f64::from).collect();
        let [(x, first), (_, second)] = halves(&mut rng, std::slice::from_ref(&y), &y);
        assert_eq!((first.len(), second.len()), (5, 6));
        assert_eq!(first.iter().chain(&second).sum::<f64>(), 55.0);
        let mean: f64 = (0..5).map(|i| x[(i, 1)]).sum();
        let spread: f64 = (0..5).map(|i| x[(i, 1)].powi(2)).sum();
        assert!(mean.abs() < 1e-12 && (spread - 5.0).abs() < 1e-12);
    }
}
