//! Friedman, Hastie & Tibshirani (2010), Table 1: seconds of lasso paths with naive and with covariance updates, and of other packages.

use super::race::Raced;
use super::race_chart::{notes, seconds_panel};
use super::{NUMBER, Race, Reproduction, Scale};
use crate::claim::Rows;
use crate::dataset::Spec;
use crate::figure::chart::{Chart, runners};
use crate::ladder::REFERENCE_SOLVER;
use crate::problem::Problem;
use crate::trial::GridSpec;

/// Rows and columns, in the order of the table.
const SIZES: [(usize, usize); 6] = [
    (1000, 100),
    (5000, 100),
    (100, 1000),
    (100, 5000),
    (100, 20_000),
    (100, 50_000),
];
/// Correlations between any two predictors, in the order of the table.
const CORRELATIONS: [f64; 6] = [0.0, 0.1, 0.2, 0.5, 0.9, 0.95];
/// Correlation from which on the paper has covariance updates as fast as naive ones where p is large.
const HIGH: f64 = 0.9;
/// Worst certified suboptimality of a path, in units of the null loss: what glmnet's default threshold leaves.
const EPS: f64 = 1e-3;
/// Timed runs of each cell that are made however long they take, as in the paper.
const LEAST_REPEATS: usize = 3;
/// Timed runs of each cell at most: where both updates take some milliseconds, three do not tell which is the faster.
const REPEATS: usize = 51;
/// Seconds of one program in a cell after which it is not run again.
const ENOUGH_SECONDS: f64 = 0.75;
/// Naive updates, covariance updates, and the suite's choice.
const OWN: [&str; 3] = ["cyclic-naive", "cyclic-covariance", "auto"];
/// Everyone who takes part.
const CONTESTANTS: [&str; 8] = [
    OWN[0],
    OWN[1],
    OWN[2],
    "glmnet",
    "scikit-learn",
    "celer",
    "skglm",
    "adelie",
];

pub(super) struct Table;

fn problem((n, p): (usize, usize), rho: f64) -> Problem {
    Problem {
        id: format!("{n}x{p}-{rho}"),
        dataset: Spec {
            n: Some(n),
            p: Some(p),
            rho: Some(rho),
            ..Spec::new("equicorrelated")
        },
        intercept: true,
        alpha: 1.0,
        // glmnet's default was 1e-4 where n > p, but its path ends long before.
        grid: GridSpec::Geometric {
            n_lambda: 100,
            ratio: Some(if n < p { 0.05 } else { 0.01 }),
        },
        scale: crate::experiment::Scale::Laptop,
    }
}

fn size((n, p): (usize, usize)) -> String {
    format!("{n} × {p}")
}

impl Reproduction for Table {
    fn id(&self) -> &'static str {
        "fht-2010-t1"
    }

    fn title(&self) -> &'static str {
        "Friedman, Hastie & Tibshirani (2010), Table 1"
    }

    fn shows(&self) -> &'static str {
        "Covariance updates are the faster ones where there are more rows than columns, naive updates where there are far more columns than rows"
    }

    fn settings(&self) -> &'static str {
        "Gaussian predictors with equal correlations, β_j = (−1)^j exp(−2(j − 1)/20), signal-to-noise ratio 3, standardised, with intercept; 100 λ \
         down to 0.05 λ_max where n < p, which was glmnet's default, and to 0.01 λ_max else; every cell at the loosest tolerance of each program whose \
         worst certified suboptimality over the path is at most 1e-3 of the null loss; one thread; medians of 3 runs, of up to 51 where they are short; \
         ratios are medians of those within a round of runs. \
         Naive and covariance updates are cyclic coordinate descent as the paper describes it, without screening."
    }

    fn deviations(&self) -> &'static [&'static str] {
        &[
            "Settings reproduced, hardware differs: orderings and ratios are compared, seconds are told beside the paper's, which are recalled.",
            "The paper stops on a change of coefficients and takes the mean of three runs; here accuracy is certified, and medians are \
             taken: of three runs, and of more, up to 51, while a program has taken less than 0.75 s for them, with all that is around its paths.",
            "Where n > p the paper's path was asked for down to 1e-4 λ_max and ended where the deviance hardly changed; here all 100 λ are solved, down \
             to 0.01 λ_max.",
            "Other packages are of today; skein-glm, too slow for most cells, is left out. No program of lars takes part: its seconds are told alone.",
        ]
    }

    fn race(&self, scale: Scale) -> Option<Race> {
        let cells = SIZES
            .iter()
            .flat_map(|&s| CORRELATIONS.map(|rho| problem(s, rho)));
        Some(Race {
            problems: cells.collect(),
            contestants: CONTESTANTS.to_vec(),
            reference: REFERENCE_SOLVER,
            eps: vec![EPS],
            repeats: REPEATS,
            least_repeats: LEAST_REPEATS,
            enough_seconds: ENOUGH_SECONDS,
            timeout_seconds: match scale {
                Scale::Laptop => 10.0,
                Scale::Paper => 600.0,
            },
        })
    }

    fn measure(&self, _scale: Scale, rows: &mut Rows) -> anyhow::Result<()> {
        let raced = Raced(rows);
        let mut numbers = Vec::new();
        let mut missing = 0;
        for shape in SIZES {
            for rho in CORRELATIONS {
                let cell = problem(shape, rho).id;
                let of = |who: &str| raced.seconds(who, &cell, EPS);
                let at = |what: &str| format!("{what}, {}, ρ = {rho}", size(shape));
                missing += OWN.iter().filter(|who| !of(who).is_finite()).count();
                numbers.push((at("seconds with naive updates"), of(OWN[0])));
                numbers.push((at("seconds with covariance updates"), of(OWN[1])));
                // Which way the paper's ordering goes decides what is divided by what.
                let (tall, wide) = (shape.0 > shape.1, shape.0 < shape.1 && rho < HIGH);
                let ratio = |above, below| raced.ratio([above, below], &cell, EPS);
                if tall {
                    numbers.push((at("covariance / naive updates"), ratio(OWN[1], OWN[0])));
                } else if wide {
                    numbers.push((at("naive / covariance updates"), ratio(OWN[0], OWN[1])));
                }
            }
        }
        let name = "cells of naive updates, covariance updates and regpath without a certificate";
        numbers.push((name.into(), f64::from(missing as u32)));
        for (name, value) in numbers {
            rows.push(&name, NUMBER, 0.0, value);
        }
        Ok(())
    }

    fn charts(&self, rows: &Rows) -> Vec<Chart> {
        let raced = Raced(rows);
        let places: Vec<String> = CORRELATIONS.map(|rho| rho.to_string()).to_vec();
        let panel = |shape: (usize, usize)| {
            let lines = runners(CONTESTANTS).into_iter().map(|runner| {
                let points = (0u32..).zip(CORRELATIONS).map(|(k, rho)| {
                    let seconds = raced.seconds(&runner.id, &problem(shape, rho).id, EPS);
                    (f64::from(k), seconds)
                });
                let points = points.collect();
                (runner, points)
            });
            let heading = format!("n = {}, p = {}", shape.0, shape.1);
            seconds_panel(heading, "correlation ρ", &places, lines.collect())
        };
        let cells: Vec<String> = SIZES
            .iter()
            .flat_map(|&s| CORRELATIONS.map(|rho| problem(s, rho).id))
            .collect();
        vec![Chart {
            stem: self.id().into(),
            title: "Seconds of a lasso path of 100 λ, at equal certified accuracy".into(),
            panels: SIZES.map(panel).to_vec(),
            columns: 2,
            row_height: 330.0,
            notes: notes(
                &raced,
                format!(
                    "Equally correlated Gaussian predictors, signal-to-noise ratio 3; medians of {LEAST_REPEATS} to {REPEATS} runs, one thread, at a certified suboptimality of \
                     at most 1e-3 of the null loss over the whole path. A mark that is missing was too slow ({}) or not accurate enough.",
                    raced.limit()
                ),
                &CONTESTANTS,
                &cells,
                EPS,
                "After Friedman, Hastie & Tibshirani (2010), Table 1: settings reproduced, hardware differs.",
            ),
        }]
    }
}
