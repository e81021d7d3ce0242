//! "Adam, momentum and the prox reduce it", the oscillation of a constant step on the L1 loss: how it is tried.
//!
//! A rule reduces the oscillation if the root mean square of its distance to the minimiser over the last half of the steps is below half
//! that of plain SGD at the same η. The claim names three rules, momentum in both of its forms, and each must do so on the L1 loss,
//! the prox also where it has an L1 penalty to act on; as the library has it, it is the prox of the penalty, and without a penalty a
//! plain step.
//!
//! At equal η rules are not equally fast. Under "matched speed" each has the η at which it moves as far as SGD in the long run:
//! momentum and Nesterov η(1 − μ), since a gradient acts 1/(1 − μ) times in all; Adam ηg, with g the root mean square over rows and
//! coordinates of the gradients at the minimiser, by which it divides; 1/√t the η√T/2 whose T steps sum up to Tη. The prox and
//! averaging keep η.

use super::course::{distances, rms_between, thinned};
use super::{Bound, Check, Claim, Decision, Rows, Ruling, interval};
use crate::figure::chart::{Anchor, Chart, Layer, Look, Panel, Shape, Side};
use crate::statistics::{Interval, median};
use faer::Mat;
use plotters::style::WHITE;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};
use regpath_solvers::design::Dense;
use regpath_solvers::loss::{Absolute, Logistic, Loss, LossKind, RowLoss, Squared};
use regpath_solvers::optimizer::{
    Adam, Averaging, Drawing, HeavyBall, MiniBatches, Minimises, Nesterov, Rows as ByRow, Run,
    Schedule, StochasticProximalGradient, SubgradientDescent,
};
use regpath_solvers::penalty::ElasticNet;
use regpath_solvers::problem::Problem;
use regpath_solvers::{PathBuilder, elastic_net};

/// Rows of a trial's data.
const ROWS: usize = 1000;
/// The coefficients.
const TRUTH: [f64; 6] = [1.0, -1.0, 0.5, 0.0, 0.0, 0.0];
/// Steps of a run.
const STEPS: u64 = 20_000;
/// Steps from which on distances count.
const TAIL: u64 = STEPS / 2;
/// Steps between two looks at the distance.
const EVERY: u64 = 10;
/// Step size of SGD: every rule comes to its tail, and none diverges.
const ETA: f64 = 0.02;
/// Momentum μ.
const MOMENTUM: f64 = 0.9;
/// Strength of the penalties.
const LAMBDA: f64 = 0.05;
/// Share of SGD's oscillation below which a rule reduces it.
const REDUCES: f64 = 0.5;

/// Rows of the data in the plane.
const PLANE_ROWS: usize = 200;
/// Where runs in the plane start.
const PLANE_START: [f64; 2] = [-1.3, 1.1];
/// Steps in the plane.
const PLANE_STEPS: u64 = 250;
/// Step size in the plane.
const PLANE_ETA: f64 = 0.1;
/// Heights of the contours above the minimum.
const HEIGHTS: [f64; 6] = [0.02, 0.08, 0.2, 0.4, 0.7, 1.1];
/// Rays on which a contour is found.
const RAYS: usize = 120;

pub(super) struct Optimizers;

/// A rule under trial.
#[derive(Clone, Copy, PartialEq)]
enum Rule {
    Sgd,
    Momentum,
    Nesterov,
    Adam,
    Prox,
    Root,
    Averaging,
}

impl Rule {
    const ALL: [Self; 7] = [
        Self::Sgd,
        Self::Momentum,
        Self::Nesterov,
        Self::Adam,
        Self::Prox,
        Self::Root,
        Self::Averaging,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::Sgd => "SGD",
            Self::Momentum => "momentum",
            Self::Nesterov => "Nesterov",
            Self::Adam => "Adam",
            Self::Prox => "prox",
            Self::Root => "1/√t",
            Self::Averaging => "averaging",
        }
    }

    fn look(self) -> Look {
        let look = match self {
            Self::Sgd => Look::BLACK,
            Self::Momentum => Look::other(0),
            Self::Nesterov => Look::other(5).dashed(),
            Self::Adam => Look::other(1),
            Self::Prox => Look::other(2).dotted(),
            Self::Root => Look::other(3),
            Self::Averaging => Look::other(6),
        };
        Look { width: 2.2, ..look }
    }

    /// The step size at which it is as fast as SGD with η, given g.
    fn matched(self, eta: f64, gradient: f64, steps: u64) -> f64 {
        match self {
            Self::Momentum | Self::Nesterov => eta * (1.0 - MOMENTUM),
            Self::Adam => eta * gradient,
            Self::Root => 0.5 * eta * (steps as f64).sqrt(),
            Self::Sgd | Self::Prox | Self::Averaging => eta,
        }
    }
}

/// The two readings of "the same step size".
const SPEEDS: [&str; 2] = ["equal η", "matched speed"];

/// An objective under trial: its name, and what it is made of.
struct Objective<L> {
    name: &'static str,
    loss: L,
    kind: LossKind,
    alpha: f64,
    lambda: f64,
}

const L1_LOSS: Objective<Absolute> = Objective {
    name: "L1 loss",
    loss: Absolute,
    kind: LossKind::Absolute,
    alpha: 1.0,
    lambda: 0.0,
};
const L2_LOSS: Objective<Squared> = Objective {
    name: "L2 loss",
    loss: Squared,
    kind: LossKind::Squared,
    alpha: 1.0,
    lambda: 0.0,
};
const LOGISTIC: Objective<Logistic> = Objective {
    name: "logistic + L2",
    loss: Logistic,
    kind: LossKind::Logistic,
    alpha: 0.0,
    lambda: LAMBDA,
};
const L1_PENALISED: Objective<Absolute> = Objective {
    name: "L1 loss + penalty",
    loss: Absolute,
    kind: LossKind::Absolute,
    alpha: 1.0,
    lambda: LAMBDA,
};
/// Names of the objectives in the order of the matrix.
const OBJECTIVES: [&str; 4] = [L1_LOSS.name, L1_PENALISED.name, L2_LOSS.name, LOGISTIC.name];

impl<L: RowLoss> Objective<L> {
    fn exact(&self, x: &Mat<f64>, y: &[f64]) -> anyhow::Result<Vec<f64>> {
        let builder: PathBuilder = elastic_net(self.alpha).loss(self.kind);
        let builder = builder.intercept(false).standardize(false).tol(1e-9);
        let path = builder.lambdas([self.lambda]).fit(x.as_ref(), y)?;
        Ok(path.coefficients(0))
    }

    /// Root mean square over rows and coordinates of the gradients of single rows at β.
    fn gradient_size(&self, x: &Mat<f64>, y: &[f64], beta: &[f64]) -> f64 {
        let p = beta.len();
        let squares = (0..y.len()).map(|i| {
            let fit = (0..p).map(|j| x[(i, j)] * beta[j]).sum();
            let slope = self.loss.row_neg_derivative(i, y[i], fit);
            let length: f64 = (0..p).map(|j| x[(i, j)].powi(2)).sum();
            slope * slope * length
        });
        (squares.sum::<f64>() / (y.len() * p) as f64).sqrt()
    }

    fn measure(
        &self,
        x: &Mat<f64>,
        y: &[f64],
        rng: &ChaCha8Rng,
        rows: &mut Rows,
    ) -> anyhow::Result<()> {
        let target = self.exact(x, y)?;
        let size = self.gradient_size(x, y, &target);
        let design = Dense::try_new(x.as_ref())?;
        let penalty = ElasticNet::new(self.alpha)?;
        let problem = Problem::new(&design, y, self.loss, penalty)?;
        let by_row = ByRow::new(&design)?;
        let plan = Plan {
            problem: &problem,
            by_row: &by_row,
            lambda: self.lambda,
            target: &target,
            stream: rng,
        };
        for rule in Rule::ALL {
            let matched = rule.matched(ETA, size, STEPS);
            let equal = plan.course(rule, ETA)?;
            let fair = match matched == ETA {
                true => equal.clone(),
                false => plan.course(rule, matched)?,
            };
            for (speed, found) in SPEEDS.into_iter().zip([equal, fair]) {
                let tail = rms_between(&found, TAIL, STEPS);
                rows.push(rule.name(), &format!("{}, {speed}", self.name), 0.0, tail);
                if self.name == L1_LOSS.name {
                    let quantity = format!("distance at {speed}");
                    rows.push_line(rule.name(), &quantity, &thinned(&found, 8.0));
                }
            }
        }
        Ok(())
    }
}

/// What all rules of one objective share: among it the stream, so that all see the same rows.
struct Plan<'a, L> {
    problem: &'a Problem<'a, Dense<'a>, L, ElasticNet>,
    by_row: &'a ByRow,
    lambda: f64,
    target: &'a [f64],
    stream: &'a ChaCha8Rng,
}

type Batches<'a, L> = MiniBatches<'a, Dense<'a>, L, ElasticNet, ChaCha8Rng>;

impl<'a, L: RowLoss> Plan<'a, L> {
    fn run<O: Minimises<L, ElasticNet>>(&self, rule: O) -> anyhow::Result<Run<O, Batches<'a, L>>> {
        let stream = self.stream.clone();
        let batches = MiniBatches::new(
            self.problem,
            self.by_row,
            1,
            Drawing::WithReplacement,
            stream,
        )?;
        Ok(Run::new(rule, batches, self.lambda)?)
    }

    fn course(&self, rule: Rule, eta: f64) -> anyhow::Result<Vec<(u64, f64)>> {
        let fixed = Schedule::constant(eta)?;
        let sgd = SubgradientDescent::new(fixed);
        let go = |run| distances(run, STEPS, EVERY, self.target);
        match rule {
            Rule::Sgd => go(self.run(sgd)?),
            Rule::Averaging => go(self.run(sgd)?.averaging(Averaging::Tail)?),
            Rule::Root => go(self.run(SubgradientDescent::new(Schedule::inverse_root(eta)?))?),
            Rule::Momentum => {
                let run = self.run(HeavyBall::new(fixed, MOMENTUM)?)?;
                distances(run, STEPS, EVERY, self.target)
            }
            Rule::Nesterov => {
                let run = self.run(Nesterov::new(fixed, MOMENTUM)?)?;
                distances(run, STEPS, EVERY, self.target)
            }
            Rule::Adam => distances(self.run(Adam::new(fixed))?, STEPS, EVERY, self.target),
            Rule::Prox => {
                let run = self.run(StochasticProximalGradient::new(fixed))?;
                distances(run, STEPS, EVERY, self.target)
            }
        }
    }

    /// The places in the plane that a rule passes through; of averaging, the averages.
    fn places(&self, rule: Rule, eta: f64) -> anyhow::Result<Vec<(f64, f64)>> {
        fn walk<L: RowLoss, O: Minimises<L, ElasticNet>>(
            run: Run<O, Batches<L>>,
        ) -> anyhow::Result<Vec<(f64, f64)>> {
            let mut run = run.start(PLANE_START.to_vec())?;
            run.trace(0..=PLANE_STEPS)
                .map(|snapshot| {
                    let snapshot = snapshot?;
                    let place = snapshot.average.unwrap_or(snapshot.beta);
                    Ok((place[0], place[1]))
                })
                .collect()
        }
        let fixed = Schedule::constant(eta)?;
        let sgd = SubgradientDescent::new(fixed);
        match rule {
            Rule::Sgd => walk(self.run(sgd)?),
            Rule::Averaging => walk(self.run(sgd)?.averaging(Averaging::Tail)?),
            Rule::Root => walk(self.run(SubgradientDescent::new(Schedule::inverse_root(eta)?))?),
            Rule::Momentum => walk(self.run(HeavyBall::new(fixed, MOMENTUM)?)?),
            Rule::Nesterov => walk(self.run(Nesterov::new(fixed, MOMENTUM)?)?),
            Rule::Adam => walk(self.run(Adam::new(fixed))?),
            Rule::Prox => walk(self.run(StochasticProximalGradient::new(fixed))?),
        }
    }
}

/// A closed line on which a convex function is `height` above its minimum, which lies at `centre`: along every ray from there the
/// function does not fall, and bisection finds the place.
fn contour(value: impl Fn([f64; 2]) -> f64, centre: [f64; 2], height: f64) -> Vec<(f64, f64)> {
    let level = value(centre) + height;
    let on_ray = |k: usize| {
        let angle = std::f64::consts::TAU * k as f64 / RAYS as f64;
        let at = |t: f64| [centre[0] + t * angle.cos(), centre[1] + t * angle.sin()];
        let mut far = 1.0;
        while value(at(far)) < level && far < 1e6 {
            far *= 2.0;
        }
        let mut near = 0.0;
        for _ in 0..40 {
            let middle = 0.5 * (near + far);
            if value(at(middle)) < level {
                near = middle;
            } else {
                far = middle;
            }
        }
        let [x, y] = at(far);
        (x, y)
    };
    (0..=RAYS).map(on_ray).collect()
}

/// y = Xβ + Laplace noise of scale 1, standard normal X.
fn draw(rng: &mut ChaCha8Rng, rows: usize, truth: &[f64]) -> (Mat<f64>, Vec<f64>) {
    let x: Mat<f64> = Mat::from_fn(rows, truth.len(), |_, _| StandardNormal.sample(rng));
    let response = |i: usize| {
        let fit: f64 = truth.iter().enumerate().map(|(j, b)| x[(i, j)] * b).sum();
        // Laplace noise as a difference of exponentials.
        let [a, b] = [(); 2].map(|()| -(1.0 - rng.random::<f64>()).ln());
        fit + a - b
    };
    let y = (0..rows).map(response).collect();
    (x, y)
}

/// Ratios of tail distances to those of SGD, one per trial.
fn ratios(rows: &Rows, rule: Rule, objective: &str, speed: &str) -> Vec<f64> {
    let quantity = format!("{objective}, {speed}");
    let own = rows.values(rule.name(), &quantity, 0.0);
    let plain = rows.values(Rule::Sgd.name(), &quantity, 0.0);
    own.iter().zip(plain).map(|(a, b)| a / b).collect()
}

fn ratio(rows: &Rows, rule: Rule, objective: &str, speed: &str) -> Interval {
    interval::of_median(&ratios(rows, rule, objective, speed))
}

impl Claim for Optimizers {
    fn id(&self) -> &'static str {
        "optimizers"
    }

    fn claim(&self) -> &'static str {
        "Adam, momentum and the prox reduce the oscillation of a constant step"
    }

    fn experiment(&self) -> &'static str {
        "SGD, momentum, Nesterov, Adam, stochastic prox, 1/√t and averaging by single rows, 20 000 steps, on L1 loss with and without an L1 \
         penalty, L2 loss, and logistic loss with an L2 penalty, n = 1000, p = 6, Laplace noise; at equal η and at matched speed"
    }

    fn sources(&self) -> &'static [&'static str] {
        &[
            "Kingma & Ba (2015), Adam: a method for stochastic optimization, ICLR",
            "Polyak & Juditsky (1992), Acceleration of stochastic approximation by averaging, SIAM J. Control Optim. 30",
            "Yuan, Ying & Sayed (2016), On the influence of momentum acceleration on online learning, JMLR 17",
            "Nemirovski, Juditsky, Lan & Shapiro (2009), Robust stochastic approximation approach to stochastic programming, SIAM J. Optim. 19",
        ]
    }

    fn trials(&self) -> usize {
        20
    }

    fn fixed(&self, rows: &mut Rows) -> anyhow::Result<()> {
        // One draw for the picture, the same for every seed.
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let (x, y) = draw(&mut rng, PLANE_ROWS, &[0.0, 0.0]);
        let target = L1_LOSS.exact(&x, &y)?;
        let centre = [target[0], target[1]];
        let value = |b: [f64; 2]| {
            let fit: Vec<f64> = (0..PLANE_ROWS)
                .map(|i| x[(i, 0)] * b[0] + x[(i, 1)] * b[1])
                .collect();
            Absolute.value(&y, &fit)
        };
        for height in HEIGHTS {
            let line = contour(value, centre, height);
            rows.push_line("contour", &format!("{height} above the minimum"), &line);
        }
        rows.push("minimiser", "place", centre[0], centre[1]);
        let design = Dense::try_new(x.as_ref())?;
        let penalty = ElasticNet::new(L1_LOSS.alpha)?;
        let problem = Problem::new(&design, &y, Absolute, penalty)?;
        let by_row = ByRow::new(&design)?;
        let plan = Plan {
            problem: &problem,
            by_row: &by_row,
            lambda: 0.0,
            target: &target,
            stream: &rng,
        };
        for rule in Rule::ALL {
            rows.push_line(rule.name(), "trajectory", &plan.places(rule, PLANE_ETA)?);
        }
        Ok(())
    }

    fn trial(&self, rng: &mut ChaCha8Rng, rows: &mut Rows) -> anyhow::Result<()> {
        let (x, y) = draw(rng, ROWS, &TRUTH);
        let class = |i: usize| {
            let log_odds = (0..TRUTH.len()).map(|j| x[(i, j)] * TRUTH[j]).sum();
            f64::from(rng.random::<f64>() < Logistic::probability(log_odds))
        };
        let classes: Vec<f64> = (0..ROWS).map(class).collect();
        L1_LOSS.measure(&x, &y, rng, rows)?;
        L1_PENALISED.measure(&x, &y, rng, rows)?;
        L2_LOSS.measure(&x, &y, rng, rows)?;
        LOGISTIC.measure(&x, &classes, rng, rows)
    }

    fn judge(&self, rows: &Rows) -> Ruling {
        let [equal, matched] = SPEEDS;
        let of = |rule: Rule, objective: &str, speed: &str| ratio(rows, rule, objective, speed);
        let text = |rule: Rule, objective: &str, speed: &str| {
            format!(
                "{objective}, {speed}: tail RMS of {} over that of SGD",
                rule.name()
            )
        };
        let decided = [
            (Rule::Adam, L1_LOSS.name),
            (Rule::Momentum, L1_LOSS.name),
            (Rule::Nesterov, L1_LOSS.name),
            // Without a penalty its prox is the identity, and the rule is SGD.
            (Rule::Prox, L1_PENALISED.name),
        ];
        let mut checks: Vec<Check> = (decided.iter())
            .map(|&(rule, objective)| {
                let found = of(rule, objective, equal);
                Check::new(text(rule, objective, equal), found, Bound::Below(REDUCES))
            })
            .collect();
        let any = checks.iter().any(|c| c.decide() == Decision::Holds);
        let all = checks.iter().all(|c| c.decide() == Decision::Holds);
        let told = [
            (Rule::Root, equal),
            (Rule::Averaging, equal),
            (Rule::Momentum, matched),
            (Rule::Nesterov, matched),
            (Rule::Adam, matched),
            (Rule::Root, matched),
        ];
        checks.extend(told.iter().map(|&(rule, speed)| {
            Check::told(
                text(rule, L1_LOSS.name, speed),
                of(rule, L1_LOSS.name, speed),
            )
        }));
        let times = |rule| format!("{:.2}", of(rule, L1_LOSS.name, equal).estimate);
        let opening = match (all, any) {
            (true, _) => "Adam, momentum and prox more than halve",
            (false, true) => "Not all of Adam, momentum and prox halve",
            (false, false) => "None of Adam, momentum and prox halves",
        };
        Ruling {
            checks,
            sentence: format!(
                "{opening} the oscillation of SGD on the L1 loss at the same step size: {}, {} and, with an L1 penalty, {} times as much remains, against {} \
                 with steps falling as 1/√t and {} with averaging.",
                times(Rule::Adam),
                times(Rule::Momentum),
                format_args!("{:.2}", of(Rule::Prox, L1_PENALISED.name, equal).estimate),
                times(Rule::Root),
                times(Rule::Averaging)
            ),
        }
    }

    fn charts(&self, rows: &Rows) -> Vec<Chart> {
        let trials = rows
            .values(
                Rule::Sgd.name(),
                &format!("{}, {}", L1_LOSS.name, SPEEDS[0]),
                0.0,
            )
            .len();
        let matrix = |speed: &str| {
            let mut panel = Panel {
                heading: format!("At {speed}"),
                x: Side::categories("objective", OBJECTIVES).between(-0.5, 3.5),
                y: Side::categories("", Rule::ALL.map(Rule::name)).between(6.5, -0.5),
                ..Panel::default()
            };
            for (i, rule) in Rule::ALL.into_iter().enumerate() {
                for (j, objective) in OBJECTIVES.into_iter().enumerate() {
                    let found = ratio(rows, rule, objective, speed);
                    let (name, look) = if found.high < REDUCES {
                        ("less than half of SGD's oscillation", Look::other(2))
                    } else if found.low > 1.0 / REDUCES {
                        ("more than double", Look::ALARM)
                    } else {
                        ("between", Look::GREY)
                    };
                    let (x, y) = (j as f64, i as f64);
                    let (w, h) = (0.45, 0.42);
                    let corners = [
                        (x - w, y - h),
                        (x + w, y - h),
                        (x + w, y + h),
                        (x - w, y + h),
                    ];
                    // Without the grid behind the numbers.
                    let white = Look {
                        colour: WHITE,
                        ..Look::PALE
                    };
                    panel.layers.push(Layer::plain(
                        white,
                        Shape::Bars {
                            width: 2.0 * w,
                            bars: vec![(x, y - h, y + h)],
                        },
                    ));
                    panel.layers.push(Layer::named(
                        name,
                        look.thin(),
                        Shape::Area(corners.to_vec()),
                    ));
                    panel.layers.push(Layer::plain(
                        Look::BLACK,
                        Shape::Text {
                            at: (x, y),
                            text: format!("{:.2}", found.estimate),
                            anchor: Anchor::Middle,
                        },
                    ));
                }
            }
            panel
        };
        let first = Chart {
            stem: "optimizers".into(),
            title: "What remains of SGD's oscillation: tail distance divided by that of SGD".into(),
            panels: SPEEDS.map(matrix).to_vec(),
            columns: 2,
            row_height: 480.0,
            notes: vec![
                format!(
                    "Medians of {trials} trials of the RMS distance to the minimiser over the last {TAIL} of {STEPS} steps by single rows, n = \
                     {ROWS}, p = {}, Laplace noise, η = {ETA}, μ = {MOMENTUM}, λ = {LAMBDA}; the penalty beside the L1 loss is L1.",
                    TRUTH.len()
                ),
                "A colour other than grey: the whole 95 % interval is beyond its bound.".into(),
                "Logistic loss at equal η: after 20 000 steps 1/√t is still on its way.".into(),
                "Matched speed: momentum and Nesterov at η(1 − μ), Adam at η times the size of a gradient, 1/√t with the same sum of steps.".into(),
            ],
        };
        let traces = |speed: &str| {
            let quantity = format!("distance at {speed}");
            let layers = Rule::ALL.map(|rule| {
                let spread = rows.spread(rule.name(), &quantity).into_iter();
                let line = spread.map(|(at, mut all)| (at, median(&mut all)));
                Layer::named(rule.name(), rule.look(), Shape::Line(line.collect()))
            });
            Panel {
                heading: format!("At {speed}"),
                x: Side::log("steps").between(10.0, STEPS as f64),
                y: Side::log("distance to the minimiser").between(0.02, 2.0),
                layers: layers.to_vec(),
                ..Panel::default()
            }
        };
        let second = Chart {
            stem: "optimizers-traces".into(),
            title: "The way to the minimiser of the L1 loss".into(),
            panels: SPEEDS.map(traces).to_vec(),
            columns: 2,
            row_height: 520.0,
            notes: vec![format!(
                "Medians of {trials} trials at each step, from β = 0. The prox has no penalty to act on here and covers SGD; averages are of \
                 the last half to three quarters of the steps."
            )],
        };
        let shown = [
            Rule::Sgd,
            Rule::Momentum,
            Rule::Adam,
            Rule::Prox,
            Rule::Root,
            Rule::Averaging,
        ];
        let plane = |rule: Rule| {
            let mut layers: Vec<Layer> = (HEIGHTS.iter())
                .map(|height| {
                    let line = rows.line("contour", &format!("{height} above the minimum"));
                    Layer::plain(Look::PALE.thin(), Shape::Line(line))
                })
                .collect();
            let path = rows.line(rule.name(), "trajectory");
            let look = Look {
                width: 1.3,
                dash: None,
                ..rule.look()
            };
            let dots = Look {
                radius: 2.0,
                ..look
            };
            layers.push(Layer::plain(look, Shape::Line(path.clone())));
            layers.push(Layer::plain(dots, Shape::Points(path)));
            layers.push(Layer::plain(
                Look::ALARM.thick(),
                Shape::Points(rows.line("minimiser", "place")),
            ));
            Panel {
                heading: rule.name().into(),
                x: Side::linear("first coefficient").between(-1.7, 1.7),
                y: Side::linear("second coefficient").between(-1.7, 1.7),
                layers,
                equal: true,
                ..Panel::default()
            }
        };
        let third = Chart {
            stem: "optimizers-plane".into(),
            title: "Steps by single rows on an L1 loss of two coefficients".into(),
            panels: shown.map(plane).to_vec(),
            columns: 3,
            row_height: 400.0,
            notes: vec![format!(
                "{PLANE_STEPS} steps from (−{}, {}) with η = {PLANE_ETA}, all by the same draw of {PLANE_ROWS} rows; lines are contours of the mean \
                 absolute residual, the cross is its minimiser. Of averaging the averages are shown.",
                -PLANE_START[0], PLANE_START[1]
            )],
        };
        vec![first, second, third]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contours_of_a_norm_are_its_spheres() {
        let line = contour(|b| (b[0] - 1.0).abs() + 2.0 * b[1].abs(), [1.0, 0.0], 0.5);
        assert_eq!(line.len(), RAYS + 1);
        for (x, y) in line {
            assert!(((x - 1.0).abs() + 2.0 * y.abs() - 0.5).abs() < 1e-9);
        }
    }

    #[test]
    fn gradients_of_the_absolute_loss_have_the_size_of_a_row() {
        let x = Mat::from_fn(4, 2, |i, j| if (i + j) % 2 == 0 { 1.0 } else { -1.0 });
        let y = [1.0, 2.0, -3.0, 5.0];
        assert_eq!(L1_LOSS.gradient_size(&x, &y, &[0.0, 0.0]), 1.0);
        let squares = y.map(|y| y * y).iter().sum::<f64>();
        let size = L2_LOSS.gradient_size(&x, &y, &[0.0, 0.0]);
        assert!((size - (squares / 4.0).sqrt()).abs() < 1e-15);
    }

    #[test]
    fn matched_steps_of_one_over_root_t_sum_up_to_those_of_sgd() {
        let eta = Rule::Root.matched(ETA, 1.0, STEPS);
        let schedule = Schedule::inverse_root(eta).unwrap();
        let sum: f64 = (1..=STEPS).map(|t| schedule.at(t)).sum();
        let plain = ETA * STEPS as f64;
        assert!((sum / plain - 1.0).abs() < 0.01, "{sum} {plain}");
    }
}
