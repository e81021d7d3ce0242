//! The gate's paths: every solver on every kind of data and option for which it has a route of its own, seconds in all.

use crate::dataset::Spec;
use crate::loss::parse;
use crate::trial::{GridSpec, Trial};

/// λ of every path.
pub const LAMBDAS: usize = 50;
/// Relative gap that every path is held to: at it objectives agree to ten digits, and supports do not depend on how they were found.
const TOL: f64 = 1e-10;

/// A path of the gate.
pub struct Cell {
    /// Data, penalty, solver and option: the name in baselines and reports.
    pub id: String,
    /// What is run.
    pub trial: Trial,
}

/// One dataset with its name in the ids.
struct Data {
    name: &'static str,
    spec: Spec,
    /// Centre y and the columns.
    intercept: bool,
    /// Depth of the path: λ_min / λ_max.
    ratio: f64,
}

fn generated(id: &str, n: usize, p: usize, rho: Option<f64>) -> Spec {
    Spec {
        n: Some(n),
        p: Some(p),
        rho,
        ..Spec::new(id)
    }
}

fn data() -> Vec<Data> {
    let dense = |name, spec| Data {
        name,
        spec,
        intercept: true,
        ratio: 1e-2,
    };
    let sparse = |name, intercept| Data {
        name,
        spec: Spec {
            nnz: Some(12_000),
            density: Some(0.01),
            ..generated("power-law", 400, 1500, None)
        },
        intercept,
        ratio: 0.05,
    };
    vec![
        dense("wide", generated("equicorrelated", 60, 400, Some(0.5))),
        dense("tall", generated("equicorrelated", 800, 60, Some(0.5))),
        dense("square", generated("toeplitz", 450, 500, Some(0.8))),
        dense("diabetes-64", Spec::new("diabetes-64")),
        sparse("sparse", false),
        sparse("sparse-centred", true),
    ]
}

/// Solvers of the lasso that are run on all data.
const LASSO: [&str; 8] = [
    "auto",
    "homotopy",
    "homotopy-no-look-ahead",
    "homotopy-no-screening",
    "homotopy-no-gram",
    "homotopy-no-leaps",
    "coordinate-descent",
    "coordinate-descent-plain",
];
/// Solvers of the elastic net.
const ELASTIC_NET: [&str; 2] = ["coordinate-descent", "coordinate-descent-plain"];
/// Solvers whose every step is a pass over X, run on one small tall problem.
const PROXIMAL: [&str; 3] = ["ista", "fista", "fista-restart"];

/// Losses beside the squared with the solvers that take them and the α of the path, run on one small tall problem.
const OTHER_LOSSES: [(&str, &str, f64); 6] = [
    ("huber(2)", "proximal-newton", 1.0),
    ("huber(2)", "proximal-newton", 0.5),
    ("huber(2)", "fista-restart", 1.0),
    ("absolute", "simplex", 1.0),
    ("quantile(0.25)", "simplex", 1.0),
    ("quantile(0.25)", "frisch-newton", 0.5),
];
/// A solver whose steps are too short for the others' gap and shape.
const SPLITTING: (&str, &str, f64) = ("absolute", "chambolle-pock", 1.0);
/// Relative gap that it is held to, and λ_min / λ_max.
const SPLITTING_TOL: f64 = 1e-6;

/// Every path, in display order.
pub fn all() -> Vec<Cell> {
    let mut cells = Vec::new();
    let path = |data: &Data, contestant: &str, alpha: f64| Trial {
        intercept: data.intercept,
        grid: GridSpec::Geometric {
            n_lambda: LAMBDAS,
            ratio: Some(data.ratio),
        },
        tol: TOL,
        // The gate has no clock.
        timeout_seconds: None,
        ..Trial::new("gate", data.spec.clone(), contestant, alpha)
    };
    let mut add = |data: &Data, penalty: &str, option: &str, trial: Trial| {
        let contestant = &trial.contestant;
        let id = format!("{}/{penalty}/{contestant}{option}", data.name);
        let trial = Trial {
            id: id.clone(),
            ..trial
        };
        cells.push(Cell { id, trial });
    };
    for data in data() {
        for contestant in LASSO {
            add(&data, "lasso", "", path(&data, contestant, 1.0));
        }
        for contestant in ELASTIC_NET {
            add(&data, "elastic-net", "", path(&data, contestant, 0.5));
        }
        add(&data, "ridge", "", path(&data, "ridge-closed-form", 0.0));
        if data.name == "tall" {
            for contestant in PROXIMAL {
                add(&data, "lasso", "", path(&data, contestant, 1.0));
            }
            for (loss, contestant, alpha) in OTHER_LOSSES {
                add_loss(&mut add, &data, loss, path(&data, contestant, alpha));
            }
            let (loss, contestant, alpha) = SPLITTING;
            let splitting = Trial {
                tol: SPLITTING_TOL,
                ..path(&data, contestant, alpha)
            };
            add_loss(&mut add, &data, loss, splitting);
        }
        if data.name == "wide" {
            let chunks = Trial {
                chunks: 4,
                ..path(&data, "coordinate-descent", 1.0)
            };
            add(&data, "lasso", "/chunks-4", chunks);
        }
        if data.name == "diabetes-64" {
            let raw = Trial {
                standardize: false,
                ..path(&data, "auto", 1.0)
            };
            add(&data, "lasso", "/raw-scale", raw);
            let through_zero = Trial {
                intercept: false,
                ..path(&data, "auto", 1.0)
            };
            add(&data, "lasso", "/no-intercept", through_zero);
        }
    }
    cells
}

/// The path for another loss, whose name stands between those of data and penalty.
fn add_loss(add: &mut impl FnMut(&Data, &str, &str, Trial), data: &Data, loss: &str, trial: Trial) {
    let penalty = if trial.alpha == 1.0 {
        "lasso"
    } else {
        "elastic-net"
    };
    // The names are those of the table above.
    if let Ok(kind) = parse(loss) {
        add(
            data,
            &format!("{loss}/{penalty}"),
            "",
            Trial {
                loss: kind,
                ..trial
            },
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contestant::CONTESTANTS;

    #[test]
    fn ids_are_unique_and_no_solver_of_the_suite_is_left_out() {
        let cells = all();
        let mut ids: Vec<&str> = cells.iter().map(|c| c.id.as_str()).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), cells.len());
        let own = CONTESTANTS.iter().filter(|c| !c.is_peer());
        // What makes one pass and no path has nothing to hold, and what repeats a published comparison is not to be made faster.
        let held = |id: &str| id != "one-pass" && !id.starts_with("cyclic-");
        for contestant in own.filter(|c| held(c.id())) {
            let is_run = |c: &Cell| c.trial.contestant == contestant.id();
            assert!(cells.iter().any(is_run), "{} is not gated", contestant.id());
        }
    }
}
