//! Bertrand, Klopfenstein, Bannier, Gidel & Massias (2022), the lasso figure: duality gap against time at three λ of sparse data.

use super::race::Raced;
use super::race_chart::{Curve, Descent, curves, notes, panel, seconds};
use super::{NUMBER, Race, Reproduction, Scale};
use crate::claim::Rows;
use crate::dataset::Spec;
use crate::figure::chart::Chart;
use crate::problem::Problem;
use crate::trial::GridSpec;

/// λ_max over λ.
pub(super) const DEPTHS: [u32; 3] = [10, 100, 1000];
/// Suboptimalities that are walked to. The last are hardly ever reached, so that nearly every tolerance is walked and gives a point.
pub(super) const EPS: [f64; 16] = [
    1e-1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8, 1e-9, 1e-10, 1e-11, 1e-12, 1e-13, 1e-14, 1e-15,
    1e-16,
];
/// A curve that ends above this gap was cut short.
const CONVERGED: f64 = 1e-8;
/// Solvers of the suite.
const OWN: [&str; 2] = ["coordinate-descent", "coordinate-descent-plain"];
/// Everyone who takes part.
const CONTESTANTS: [&str; 7] = [
    OWN[0],
    OWN[1],
    "fista-restart",
    "sparseglm",
    "celer",
    "skglm",
    "scikit-learn",
];

pub(super) struct Figure;

/// One λ of data as a problem of its own, solved from zero.
pub(super) fn at_depth(name: &str, dataset: &Spec, intercept: bool, depth: u32) -> Problem {
    Problem {
        id: problem(name, depth),
        dataset: dataset.clone(),
        intercept,
        alpha: 1.0,
        grid: GridSpec::Shares(vec![1.0 / f64::from(depth)]),
        scale: crate::experiment::Scale::Laptop,
    }
}

/// Name of the problem of one λ.
pub(super) fn problem(name: &str, depth: u32) -> String {
    format!("{name}-{depth}")
}

const DATA: &str = "sparse";

fn dataset(scale: Scale) -> Spec {
    let (n, p, nnz) = match scale {
        Scale::Laptop => (5_000, 20_000, 250_000),
        Scale::Paper => (20_000, 100_000, 1_000_000),
    };
    Spec {
        n: Some(n),
        p: Some(p),
        nnz: Some(nnz),
        ..Spec::new("power-law")
    }
}

/// Contestants that have no curve, or one that ends above [`CONVERGED`].
fn cut_short(curves: &[Curve], of: &[&str]) -> usize {
    let arrived = |who: &&&str| (curves.iter()).any(|c| c.runner.id == **who && c.end <= CONVERGED);
    of.len() - of.iter().filter(arrived).count()
}

impl Reproduction for Figure {
    fn id(&self) -> &'static str {
        "skglm-2022"
    }

    fn title(&self) -> &'static str {
        "Bertrand, Klopfenstein, Bannier, Gidel & Massias (2022), duality gap of the lasso against time"
    }

    fn shows(&self) -> &'static str {
        "Working sets and extrapolation reach a small gap in a fraction of the time of full sweeps, the more so the smaller λ is"
    }

    fn settings(&self) -> &'static str {
        "Lasso on sparse data whose columns' counts follow a power law, neither centred nor standardised beyond unit norms, at λ_max/10, λ_max/100 and \
         λ_max/1000, each from zero; a point is one whole solve at one tolerance of the solver's own, with the duality gap that is certified from its \
         coefficients, divided by the null loss; one thread, medians of up to 5 repeats, of which a solve of more than a \
         second has none. The paper's λ is ours."
    }

    fn deviations(&self) -> &'static [&'static str] {
        &[
            "The paper's text data (rcv1, news20, finance) come from no package registry: columns with power-law counts of 5000 × 20 000 stand in, and \
             of 20 000 × 100 000 at the scale of the paper.",
            "Time and gap are those of whole solves at ever tighter tolerances, not of one solve that is stopped ever later.",
            "Settings reproduced, hardware differs. Blitz has no package that installs and is not shown.",
        ]
    }

    fn race(&self, scale: Scale) -> Option<Race> {
        let data = dataset(scale);
        Some(Race {
            problems: DEPTHS.map(|d| at_depth(DATA, &data, false, d)).to_vec(),
            contestants: CONTESTANTS.to_vec(),
            reference: "coordinate-descent",
            eps: EPS.to_vec(),
            repeats: 5,
            least_repeats: 0,
            enough_seconds: 1.0,
            timeout_seconds: match scale {
                Scale::Laptop => 8.0,
                Scale::Paper => 600.0,
            },
        })
    }

    fn measure(&self, _scale: Scale, rows: &mut Rows) -> anyhow::Result<()> {
        let raced = Raced(rows);
        let mut numbers = Vec::new();
        for depth in DEPTHS {
            let id = problem(DATA, depth);
            let curves = curves(&raced, &CONTESTANTS, &id, Descent::Gap);
            let mut push = |what: &str, value: f64| {
                numbers.push((format!("{what}, λ_max/{depth}"), value));
            };
            push(
                "solvers of the suite, of 2, without a certified gap below 1e-8",
                cut_short(&curves, &OWN) as f64,
            );
            let at = |who: &str| raced.seconds(who, &id, 1e-8);
            push(
                "fista with restart / coordinate descent, seconds to a suboptimality of 1e-8",
                at("fista-restart") / at(OWN[0]),
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
            .map(|id| curves(&raced, &CONTESTANTS, id, Descent::Gap))
            .collect();
        let panels = each.iter().zip(DEPTHS).map(|(curves, depth)| {
            let heading = format!("λ = λ_{{max}}/{depth}");
            panel(
                heading,
                curves,
                seconds(curves),
                "certified duality gap / null loss",
            )
        });
        vec![Chart {
            stem: self.id().into(),
            title: "Duality gap against time on sparse data".into(),
            panels: panels.collect(),
            columns: 3,
            row_height: 430.0,
            notes: notes(
                &raced,
                format!(
                    "Each mark is a whole solve from zero at one tolerance of the solver's own (median of its repeats); its gap is certified from the \
                     coefficients alone. What is not above 0 is drawn at 10^{{−16}}. One thread; a solver that needs more than {} for a tolerance is not \
                     asked for the next.",
                    raced.limit()
                ),
                &CONTESTANTS,
                &ids,
                EPS[0],
                "After Bertrand et al. (2022), the lasso figure: settings reproduced, data and hardware differ.",
            ),
        }]
    }
}
