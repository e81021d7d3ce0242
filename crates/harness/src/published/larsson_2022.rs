//! Larsson & Wallin (2022), the figure of simulated data: seconds of full lasso paths with confidence intervals.

use super::race::Raced;
use super::race_chart::notes;
use super::{NUMBER, Race, Reproduction, Scale};
use crate::claim::Rows;
use crate::claim::interval;
use crate::dataset::Spec;
use crate::figure::chart::{Chart, Layer, Panel, Shape, Side, runners};
use crate::ladder::REFERENCE_SOLVER;
use crate::problem::Problem;
use crate::trial::GridSpec;

/// Rows, columns, non-zero coefficients, signal-to-noise ratio, λ_min / λ_max.
const SHAPES: [(usize, usize, usize, f64, f64); 2] =
    [(10_000, 100, 5, 1.0, 1e-4), (400, 40_000, 20, 2.0, 1e-2)];
const CORRELATIONS: [f64; 3] = [0.0, 0.4, 0.8];
/// Worst certified suboptimality of a path, in units of the null loss.
const EPS: f64 = 1e-4;
const REPEATS: usize = 20;
/// Second-order information along the path, as the paper's rule has; coordinate descent on working sets; cyclic coordinate descent.
const OWN: [&str; 3] = ["homotopy", "coordinate-descent-plain", "cyclic-naive"];
/// Everyone who takes part.
const CONTESTANTS: [&str; 7] = [OWN[0], OWN[1], OWN[2], "celer", "skglm", "glmnet", "adelie"];

pub(super) struct Figure;

fn problem(shape: (usize, usize, usize, f64, f64), rho: f64) -> Problem {
    let (n, p, ones, snr, ratio) = shape;
    Problem {
        id: format!("{n}x{p}-{rho}"),
        dataset: Spec {
            n: Some(n),
            p: Some(p),
            rho: Some(rho),
            snr: Some(snr),
            density: Some(ones as f64 / p as f64),
            ..Spec::new("equicorrelated-sparse")
        },
        intercept: true,
        alpha: 1.0,
        grid: GridSpec::Geometric {
            n_lambda: 100,
            ratio: Some(ratio),
        },
        scale: crate::experiment::Scale::Laptop,
    }
}

impl Reproduction for Figure {
    fn id(&self) -> &'static str {
        "larsson-2022"
    }

    fn title(&self) -> &'static str {
        "Larsson & Wallin (2022), seconds of full lasso paths on simulated data"
    }

    fn shows(&self) -> &'static str {
        "Second-order information along the path pays most where predictors are correlated"
    }

    fn settings(&self) -> &'static str {
        "Gaussian predictors with equal correlations 0, 0.4 and 0.8, standardised, with intercept; 10 000 × 100 with 5 coefficients of 1 at a \
         signal-to-noise ratio of 1, 400 × 40 000 with 20 at 2; 100 λ down to λ_max/10 000 and λ_max/100; each solver at the loosest tolerance of its own \
         whose worst certified suboptimality over the path is at most 1e-4 of the null loss; one thread; 20 runs, means with 95 % intervals (bootstrap), \
         medians of the ratios within a round of runs. The paper's λ is n times ours."
    }

    fn deviations(&self) -> &'static [&'static str] {
        &[
            "The paper's own solver comes from no package registry: the suite's homotopy stands for methods with second-order information, its \
             coordinate descent on working sets and the strong rule for the paper's working-set strategy.",
            "The paper's path may end early, when the deviance hardly changes; here every path has all 100 λ.",
            "From the fourth on, repeats are made only while a program has taken less than 3 s for them, with all that is around its paths, at \
             the scale of a laptop.",
            "Settings reproduced, hardware differs. Blitz has no package that installs and is not shown; nor is scikit-learn, which is not in the \
             paper's figure and would take as long as all others together.",
        ]
    }

    fn race(&self, scale: Scale) -> Option<Race> {
        let cells = SHAPES
            .iter()
            .flat_map(|&s| CORRELATIONS.map(|rho| problem(s, rho)));
        Some(Race {
            problems: cells.collect(),
            contestants: CONTESTANTS.to_vec(),
            reference: REFERENCE_SOLVER,
            eps: vec![EPS],
            repeats: REPEATS,
            least_repeats: 3,
            enough_seconds: match scale {
                Scale::Laptop => 3.0,
                Scale::Paper => f64::INFINITY,
            },
            timeout_seconds: match scale {
                Scale::Laptop => 60.0,
                Scale::Paper => 1200.0,
            },
        })
    }

    fn measure(&self, _scale: Scale, rows: &mut Rows) -> anyhow::Result<()> {
        let raced = Raced(rows);
        let mut numbers = Vec::new();
        for shape in SHAPES {
            for rho in CORRELATIONS {
                let id = problem(shape, rho).id;
                for (name, other) in [
                    ("cyclic coordinate descent", OWN[2]),
                    ("working sets", OWN[1]),
                    ("celer", "celer"),
                ] {
                    let found = raced.ratio_interval([other, OWN[0]], &id, EPS);
                    let number = format!(
                        "{name} / second-order path, lower end of the interval, {} × {}, ρ = {rho}",
                        shape.0, shape.1
                    );
                    numbers.push((number, found.low));
                }
            }
        }
        for (name, value) in numbers {
            rows.push(&name, NUMBER, 0.0, value);
        }
        Ok(())
    }

    fn charts(&self, rows: &Rows) -> Vec<Chart> {
        let raced = Raced(rows);
        let runners = runners(CONTESTANTS);
        let panel = |shape: (usize, usize, usize, f64, f64)| {
            let mut layers = Vec::new();
            for (i, runner) in runners.iter().enumerate() {
                // Side by side about each correlation.
                let shift = (i as f64 - (runners.len() - 1) as f64 / 2.0) * 0.09;
                let (mut whiskers, mut points) = (Vec::new(), Vec::new());
                for (k, rho) in CORRELATIONS.into_iter().enumerate() {
                    let seconds = raced.repeats(&runner.id, &problem(shape, rho).id, EPS);
                    if seconds.is_empty() {
                        continue;
                    }
                    let mean = interval::of_mean(&seconds);
                    whiskers.push((k as f64 + shift, mean.low, mean.high));
                    points.push((k as f64 + shift, mean.estimate));
                }
                if !points.is_empty() {
                    layers.push(Layer::plain(runner.look.thin(), Shape::Whiskers(whiskers)));
                    layers.push(Layer::named(
                        runner.label.clone(),
                        runner.look,
                        Shape::Points(points),
                    ));
                }
            }
            Panel {
                heading: format!("n = {}, p = {}", shape.0, shape.1),
                x: Side::categories("correlation ρ", CORRELATIONS.map(|rho| rho.to_string())),
                y: Side::log("seconds"),
                layers,
                ..Panel::default()
            }
        };
        let cells: Vec<String> = SHAPES
            .iter()
            .flat_map(|&s| CORRELATIONS.map(|rho| problem(s, rho).id))
            .collect();
        vec![Chart {
            stem: self.id().into(),
            title: "Seconds of a full lasso path on equally correlated predictors".into(),
            panels: SHAPES.map(panel).to_vec(),
            columns: 2,
            row_height: 450.0,
            notes: notes(
                &raced,
                format!(
                    "Means of up to 20 runs with 95 % intervals (often smaller than the mark); 100 λ, one thread, certified suboptimality at most 1e-4 \
                     of the null loss over the whole path. A mark that is missing was too slow ({}) or not accurate enough.",
                    raced.limit()
                ),
                &CONTESTANTS,
                &cells,
                EPS,
                "After Larsson & Wallin (2022): settings reproduced, hardware differs.",
            ),
        }]
    }
}
