//! Moreau et al. (2022), the lasso benchmark: suboptimality against time of every solver at three λ.

use super::race::Raced;
use super::race_chart::{Curve, Descent, curves, notes, panel, seconds};
use super::skglm_2022::{DEPTHS, EPS, at_depth, problem};
use super::{NUMBER, Race, Reproduction, Scale};
use crate::claim::Rows;
use crate::dataset::Spec;
use crate::figure::chart::Chart;
use crate::ladder::REFERENCE_SOLVER;

/// Solvers of the suite.
const OWN: [&str; 7] = [
    "auto",
    "coordinate-descent",
    "coordinate-descent-plain",
    "cyclic-naive",
    "fista",
    "fista-restart",
    "ista",
];
/// Everyone who takes part.
const CONTESTANTS: [&str; 15] = [
    OWN[0],
    OWN[1],
    OWN[2],
    OWN[3],
    OWN[4],
    OWN[5],
    OWN[6],
    "linfa-elasticnet",
    "sparseglm",
    "glmnet",
    "scikit-learn",
    "celer",
    "skglm",
    "adelie",
    "skein-glm",
];
const DATA: &str = "simulated";

pub(super) struct Figure;

fn dataset(scale: Scale) -> Spec {
    let (n, p) = match scale {
        Scale::Laptop => (200, 2000),
        Scale::Paper => (500, 5000),
    };
    Spec {
        n: Some(n),
        p: Some(p),
        rho: Some(0.6),
        ..Spec::new("toeplitz")
    }
}

impl Reproduction for Figure {
    fn id(&self) -> &'static str {
        "benchopt-2022"
    }

    fn title(&self) -> &'static str {
        "Moreau et al. (2022), lasso benchmark: suboptimality against time"
    }

    fn shows(&self) -> &'static str {
        "Every solver on the same three problems, each curve down to what is certified where it ends"
    }

    fn settings(&self) -> &'static str {
        "Lasso on simulated Gaussian predictors with correlation 0.6^|j − k|, 5 % non-zero coefficients, signal-to-noise ratio 3, standardised, with \
         intercept, at λ_max/10, λ_max/100 and λ_max/1000, each from zero; a point is one whole solve at one tolerance of the solver's own; \
         suboptimality is P(β) minus the best dual value that anyone found, over the null loss; one thread, medians of up to 5 repeats, \
         of which a solve of more than a second has none. Benchopt's λ is n times ours."
    }

    fn deviations(&self) -> &'static [&'static str] {
        &[
            "Of the benchmark's data the simulated kind is shown: 200 × 2000, and 500 × 5000 at the scale of the paper; the real ones come from no \
             package registry.",
            "Benchopt lets solvers run for ever more iterations, or at ever tighter tolerances where they cannot be stopped; here all are asked for \
             ever tighter tolerances.",
            "Settings reproduced, hardware differs.",
        ]
    }

    fn race(&self, scale: Scale) -> Option<Race> {
        let data = dataset(scale);
        Some(Race {
            problems: DEPTHS.map(|d| at_depth(DATA, &data, true, d)).to_vec(),
            contestants: CONTESTANTS.to_vec(),
            reference: REFERENCE_SOLVER,
            eps: EPS[..12].to_vec(),
            repeats: 5,
            least_repeats: 0,
            enough_seconds: 1.0,
            timeout_seconds: match scale {
                Scale::Laptop => 3.0,
                Scale::Paper => 600.0,
            },
        })
    }

    fn measure(&self, _scale: Scale, rows: &mut Rows) -> anyhow::Result<()> {
        let raced = Raced(rows);
        let mut numbers = Vec::new();
        for depth in DEPTHS {
            let id = problem(DATA, depth);
            let curves = curves(&raced, &CONTESTANTS, &id, Descent::Suboptimality);
            let mut push = |what: &str, value: f64| {
                numbers.push((format!("{what}, λ_max/{depth}"), value));
            };
            push(
                "curves that end without a certified gap",
                curves.iter().filter(|c| !c.end.is_finite()).count() as f64,
            );
            // Weak duality: no objective is below a dual value, but for rounding, whoever found either.
            let all = CONTESTANTS.iter();
            let below = all.flat_map(|who| raced.suboptimality(who, &id));
            push(
                "solves with an objective below a dual value",
                below.filter(|(_, s)| *s < -1e-12).count() as f64,
            );
            push(
                "solvers of the suite without a curve",
                OWN.iter()
                    .filter(|who| curves.iter().all(|c| c.runner.id != **who))
                    .count() as f64,
            );
        }
        for (name, value) in numbers {
            rows.push(&name, NUMBER, 0.0, value);
        }
        Ok(())
    }

    fn charts(&self, rows: &Rows) -> Vec<Chart> {
        let raced = Raced(rows);
        let ids = DEPTHS.map(|depth| problem(DATA, depth));
        let each: Vec<Vec<Curve>> = (ids.iter())
            .map(|id| curves(&raced, &CONTESTANTS, id, Descent::Suboptimality))
            .collect();
        let panels = each.iter().zip(DEPTHS).map(|(curves, depth)| {
            let heading = format!("λ = λ_{{max}}/{depth}");
            panel(
                heading,
                curves,
                seconds(curves),
                "suboptimality / null loss",
            )
        });
        vec![Chart {
            stem: self.id().into(),
            title: "Suboptimality against time, all solvers".into(),
            panels: panels.collect(),
            columns: 3,
            row_height: 470.0,
            notes: notes(
                &raced,
                format!(
                    "Each mark is a whole solve from zero at one tolerance of the solver's own (median of its repeats); the dotted line at the end of a \
                     curve goes up to the duality gap that is certified there (open mark). What is not above 0 is drawn at 10^{{−16}}. One thread; a \
                     solver that needs more than {} for a tolerance is not asked for the next.",
                    raced.limit()
                ),
                &CONTESTANTS,
                &ids,
                EPS[0],
                "After Moreau et al. (2022), lasso benchmark: settings reproduced, data and hardware differ.",
            ),
        }]
    }
}
