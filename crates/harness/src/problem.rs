//! Problems: data, penalty and grid together, under a name that every command knows.
//!
//! [`all`] lists them; a new one is one line there.

use crate::dataset::Spec;
use crate::dataset::read::InputError;
use crate::experiment::Scale;
use crate::trial::{GridSpec, Trial};

/// λ of every problem's grid.
const LAMBDAS: usize = 100;

/// What is to be solved.
#[derive(Clone, Debug, PartialEq)]
pub struct Problem {
    /// Name on the command line and in the frames.
    pub id: String,
    /// The data.
    pub dataset: Spec,
    /// Centre y and the columns: not where X is sparse, which other packages could not be handed then.
    pub intercept: bool,
    /// Elastic-net α.
    pub alpha: f64,
    /// The λ.
    pub grid: GridSpec,
    /// Smallest scale at which it takes part.
    pub scale: Scale,
}

/// Every problem, in display order.
pub fn all() -> Vec<Problem> {
    use Scale::{Laptop, Paper, Smoke};
    let mut problems = Vec::new();
    // Friedman, Hastie, Tibshirani (2010), Table 1: six sizes at three of their correlations.
    for (n, p, scales) in [
        (1000, 100, [Paper, Smoke, Paper]),
        (5000, 100, [Paper, Laptop, Paper]),
        (100, 1000, [Paper, Smoke, Paper]),
        (100, 5000, [Paper, Laptop, Paper]),
        (100, 20_000, [Laptop, Paper, Laptop]),
        (100, 50_000, [Paper, Laptop, Paper]),
    ] {
        for (rho, scale) in [0.0, 0.5, 0.95].into_iter().zip(scales) {
            let dataset = Spec {
                n: Some(n),
                p: Some(p),
                rho: Some(rho),
                ..Spec::new("equicorrelated")
            };
            problems.push(Problem::new(&format!("fht-{n}x{p}-{rho}"), dataset, scale));
        }
    }
    let tall = Spec {
        n: Some(100_000),
        p: Some(200),
        rho: Some(0.2),
        ..Spec::new("equicorrelated")
    };
    problems.push(Problem::new("tall-100000x200", tall, Laptop));
    for (n, p, rho) in [(1000, 10_000, 0.8), (4000, 4000, 0.5)] {
        let dataset = Spec {
            n: Some(n),
            p: Some(p),
            rho: Some(rho),
            ..Spec::new("toeplitz")
        };
        problems.push(Problem::new(&format!("toeplitz-{n}x{p}"), dataset, Laptop));
    }
    problems.push(Problem::new("nci60", Spec::new("nci60"), Laptop));
    let sparse = Problem::new("power-law", Spec::new("power-law"), Laptop);
    problems.push(Problem {
        intercept: false,
        ..sparse
    });
    problems.push(Problem::new("diabetes-64", Spec::new("diabetes-64"), Smoke));
    // The same data to other depths: many non-zeros at the end, and few.
    for id in ["fht-5000x100-0.5", "fht-100x5000-0.5"] {
        let Some(base) = problems.iter().find(|p| p.id == id).cloned() else {
            continue;
        };
        for (name, ratio) in [("deep", 1e-3), ("shallow", 0.05)] {
            problems.push(Problem {
                id: format!("{id}-{name}"),
                grid: down_to(ratio),
                ..base.clone()
            });
        }
    }
    problems
}

/// The λ of a path to that share of λ_max.
fn down_to(ratio: f64) -> GridSpec {
    GridSpec::Geometric {
        n_lambda: LAMBDAS,
        ratio: Some(ratio),
    }
}

/// The problem of that name. Errors: [`InputError`] that lists the names.
pub fn find(id: &str) -> Result<Problem, InputError> {
    let problems = all();
    let known: Vec<&str> = problems.iter().map(|p| p.id.as_str()).collect();
    let message = format!(
        "no problem is called '{id}'; there are {}",
        known.join(", ")
    );
    problems
        .into_iter()
        .find(|p| p.id == id)
        .ok_or(InputError(message))
}

impl Problem {
    /// A lasso down to λ_max/100.
    fn new(id: &str, dataset: Spec, scale: Scale) -> Self {
        Self {
            id: id.into(),
            dataset,
            intercept: true,
            alpha: 1.0,
            grid: down_to(1e-2),
            scale,
        }
    }

    /// What it is, in one line.
    pub fn summary(&self) -> String {
        let penalty = if self.alpha == 1.0 {
            "lasso".into()
        } else {
            format!("elastic net, alpha = {}", self.alpha)
        };
        let centred = if self.intercept { "" } else { ", not centred" };
        format!(
            "{penalty} on {}{centred}, {}",
            self.dataset,
            self.grid.summary()
        )
    }

    /// A path of a contestant on it.
    pub fn trial(&self, experiment: &str, contestant: &str) -> Trial {
        Trial {
            problem: Some(self.id.clone()),
            intercept: self.intercept,
            grid: self.grid.clone(),
            ..Trial::new(experiment, self.dataset.clone(), contestant, self.alpha)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::DATASETS;

    #[test]
    fn names_are_unique_and_found_and_the_datasets_exist() {
        let problems = all();
        for (i, problem) in problems.iter().enumerate() {
            assert!(
                problems[..i].iter().all(|other| other.id != problem.id),
                "{}",
                problem.id
            );
            assert_eq!(find(&problem.id).ok().as_ref(), Some(problem));
            assert!(
                DATASETS.iter().any(|d| d.id() == problem.dataset.id),
                "{}",
                problem.id
            );
        }
        assert!(find("nci").is_err_and(|e| e.0.contains("nci60")));
    }

    #[test]
    fn every_scale_has_problems_and_contains_the_smaller_ones() {
        for scale in [Scale::Smoke, Scale::Laptop, Scale::Paper] {
            assert!(all().iter().any(|p| p.scale == scale));
        }
        assert!(Scale::Smoke < Scale::Laptop && Scale::Laptop < Scale::Paper);
    }
}
