//! Massias, Gramfort & Salmon (2018), the figures of path time against precision: what another digit costs.

use super::race::Raced;
use super::race_chart::{notes, seconds_panel};
use super::{NUMBER, Race, Reproduction, Scale};
use crate::claim::Rows;
use crate::dataset::Spec;
use crate::figure::chart::{Chart, runners};
use crate::ladder::REFERENCE_SOLVER;
use crate::problem::Problem;
use crate::trial::GridSpec;

/// Precisions, loosest first: worst certified suboptimality over the path, in units of the null loss.
const EPS: [f64; 7] = [1e-2, 1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8];
/// Contestants of the suite.
const OWN: [&str; 3] = ["auto", "coordinate-descent", "coordinate-descent-plain"];
/// Everyone who takes part.
const CONTESTANTS: [&str; 10] = [
    OWN[0],
    OWN[1],
    OWN[2],
    "linfa-elasticnet",
    "sparseglm",
    "celer",
    "skglm",
    "scikit-learn",
    "glmnet",
    "adelie",
];
/// Problems: id, heading.
const PROBLEMS: [(&str, &str); 2] = [
    ("genes-nci60", "Gene expression, nci60: n = 64, p = 6829"),
    (
        "simulated-100x5000",
        "Simulated: n = 100, p = 5000, ρ = 0.5",
    ),
];

pub(super) struct Figure;

fn problems() -> [Problem; 2] {
    let simulated = Spec {
        n: Some(100),
        p: Some(5000),
        rho: Some(0.5),
        ..Spec::new("toeplitz")
    };
    let [genes, drawn] = [Spec::new("nci60"), simulated].map(|dataset| Problem {
        id: String::new(),
        dataset,
        intercept: true,
        alpha: 1.0,
        grid: GridSpec::Geometric {
            n_lambda: 100,
            ratio: Some(1e-2),
        },
        scale: crate::experiment::Scale::Laptop,
    });
    let named = |problem: Problem, id: &str| Problem {
        id: id.into(),
        ..problem
    };
    [named(genes, PROBLEMS[0].0), named(drawn, PROBLEMS[1].0)]
}

/// "1e-6" as 10^{−6}.
fn power(eps: f64) -> String {
    format!("10^{{−{}}}", -eps.log10().round())
}

impl Reproduction for Figure {
    fn id(&self) -> &'static str {
        "celer-2018"
    }

    fn title(&self) -> &'static str {
        "Massias, Gramfort & Salmon (2018), time of a lasso path against precision"
    }

    fn shows(&self) -> &'static str {
        "How much longer each solver takes for a whole path when more digits are asked for"
    }

    fn settings(&self) -> &'static str {
        "Lasso, standardised, with intercept, on expression data and on Gaussian predictors with correlation 0.5^|j − k|, 5 % non-zero coefficients and a \
         signal-to-noise ratio of 3; 100 λ from λ_max to λ_max/100; each solver at the loosest tolerance of its own whose worst certified \
         suboptimality over the path is at most ε times the null loss; one thread; medians of up to 5 repeats, of which at the scale of a laptop a path \
         of more than a second has none. The paper's precision is a duality gap for ½‖y‖² + …, divided here by the null loss; its λ is n times ours."
    }

    fn deviations(&self) -> &'static [&'static str] {
        &[
            "The paper's expression data (leukemia, 72 × 7129) come from no package registry: nci60 stands in, which `cargo xtask peers install` \
             fetches, and a simulation beside it.",
            "Settings reproduced, hardware differs. Blitz has no package that installs and is not shown.",
        ]
    }

    fn race(&self, scale: Scale) -> Option<Race> {
        Some(Race {
            problems: problems().to_vec(),
            contestants: CONTESTANTS.to_vec(),
            reference: REFERENCE_SOLVER,
            eps: EPS.to_vec(),
            repeats: 5,
            least_repeats: 0,
            enough_seconds: match scale {
                Scale::Laptop => 1.0,
                Scale::Paper => f64::INFINITY,
            },
            timeout_seconds: match scale {
                Scale::Laptop => 10.0,
                Scale::Paper => 600.0,
            },
        })
    }

    fn measure(&self, _scale: Scale, rows: &mut Rows) -> anyhow::Result<()> {
        let raced = Raced(rows);
        let mut numbers = Vec::new();
        let drawn = PROBLEMS[1].0;
        let reached = OWN
            .iter()
            .filter(|who| raced.seconds(who, drawn, 1e-8).is_finite());
        numbers.push((
            String::from(
                "solvers of the suite, of 3, that are certified at ε = 1e-8 on the simulation",
            ),
            reached.count() as f64,
        ));
        for (id, _) in PROBLEMS {
            let at = |who: &str| raced.seconds(who, id, 1e-6);
            numbers.push((
                format!("scikit-learn / celer at ε = 1e-6, {id}"),
                at("scikit-learn") / at("celer"),
            ));
        }
        for (name, value) in numbers {
            rows.push(&name, NUMBER, 0.0, value);
        }
        Ok(())
    }

    fn charts(&self, rows: &Rows) -> Vec<Chart> {
        let raced = Raced(rows);
        let places: Vec<String> = EPS.map(power).to_vec();
        let panel = |(id, heading): (&str, &str)| {
            let lines = runners(CONTESTANTS).into_iter().map(|runner| {
                let points = (0u32..).zip(EPS).map(|(k, eps)| {
                    let seconds = raced.seconds(&runner.id, id, eps);
                    (f64::from(k), seconds)
                });
                let points = points.collect();
                (runner, points)
            });
            seconds_panel(heading.into(), "precision ε", &places, lines.collect())
        };
        let ids = PROBLEMS.map(|p| p.0.to_string());
        vec![Chart {
            stem: self.id().into(),
            title: "What another digit costs: seconds of a lasso path against precision".into(),
            panels: PROBLEMS.map(panel).to_vec(),
            columns: 2,
            row_height: 480.0,
            notes: notes(
                &raced,
                format!(
                    "Lasso, 100 λ from λ_{{max}} to λ_{{max}}/100, one thread, medians. ε bounds the certified suboptimality over the whole path, in units \
                     of the null loss. A mark that is missing was too slow ({}) or not accurate enough.",
                    raced.limit()
                ),
                &CONTESTANTS,
                &ids,
                EPS[0],
                "After Massias, Gramfort & Salmon (2018): settings reproduced, data and hardware differ.",
            ),
        }]
    }
}
