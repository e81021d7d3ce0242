//! All optima of a kinked loss with an L1 penalty: a polyhedron, more often than not a point. What is not unique is reported with
//! its extent, never picked silently.

use crate::design::Design;
use crate::error::SolveError;
use crate::loss::KinkedLoss;
use crate::penalty::Separable;
use crate::problem::Problem;
use crate::solver::parametric_simplex::crossover::crossover;
use crate::solver::parametric_simplex::program::Program;
use crate::solver::parametric_simplex::vertex::{Leaving, Vertex};
use crate::solver::parametric_simplex::walk::Search;
use crate::solver::{Status, Stop};

/// The extent of the set of optima.
#[derive(Clone, Debug, PartialEq)]
pub struct Face {
    /// Least and largest value over all optima of each functional; infinite where it has no end.
    pub intervals: Vec<[f64; 2]>,
    /// The distinct vertices at which ends were found, each as (column, coefficient) of what is not 0, by column.
    pub vertices: Vec<Vec<(usize, f64)>>,
}

impl Face {
    /// Whether there is one optimum only.
    pub fn is_unique(&self) -> bool {
        self.intervals.iter().all(|[low, high]| low == high)
    }
}

/// Slope, as a share of what is possible, that counts as 0: along such an edge the objective does not change.
const FLAT: f64 = 1e-9;
/// Distance, as a share of the size of coefficients, at which two vertices are one.
const SAME: f64 = 1e-9;
/// Pivots towards one end.
const MOST_PIVOTS: usize = 10_000;

/// The set of optima at λ by the least and largest value of every coefficient. `beta`, length p, is optimal or nearly so.
///
/// Errors: as those of [`crate::solver::ParametricSimplex`]; [`SolveError::Stalled`] if no optimal vertex is found beside `beta`.
pub fn face<X: Design, L: KinkedLoss, P: Separable>(
    problem: &Problem<X, L, P>,
    lambda: f64,
    beta: &[f64],
) -> Result<Face, SolveError> {
    let each: Vec<Vec<(usize, f64)>> = (0..problem.x.ncols()).map(|j| vec![(j, 1.0)]).collect();
    face_along(problem, lambda, beta, &each)
}

/// As [`face`], by the least and largest value of linear functionals Σ a_j β_j, each given as (j, a_j).
pub fn face_along<X: Design, L: KinkedLoss, P: Separable>(
    problem: &Problem<X, L, P>,
    lambda: f64,
    beta: &[f64],
    functionals: &[Vec<(usize, f64)>],
) -> Result<Face, SolveError> {
    let program = Program::new(problem)?;
    let search = Search {
        program: &program,
        x: problem.x,
        y: &program.perturbed,
        lambda,
        stop: Stop::default(),
    };
    let mut fit = vec![0.0; program.n()];
    problem.x.mul(beta, &mut fit);
    let residuals: Vec<f64> = program
        .y
        .iter()
        .zip(&fit)
        .map(|(y, z)| (y - z).abs())
        .collect();
    let (mut vertex, status) = crossover(&search, beta, &residuals);
    if status != Status::Converged {
        return Err(SolveError::Stalled(
            "no optimal vertex was found beside the given coefficients".into(),
        ));
    }
    let mut explorer = Explorer {
        search,
        vertices: Vec::new(),
    };
    let first = explorer.at_y(&vertex);
    let value =
        |beta: &[f64], of: &[(usize, f64)]| of.iter().map(|&(j, a)| a * beta[j]).sum::<f64>();
    if !explorer.has_flat_edge(&mut vertex) {
        let intervals = functionals.iter().map(|of| [value(&first, of); 2]);
        return Ok(Face {
            intervals: intervals.collect(),
            vertices: vec![nonzeros(&first)],
        });
    }
    let mut intervals = Vec::with_capacity(functionals.len());
    for of in functionals {
        let mut ends = [0.0; 2];
        for (end, sign) in ends.iter_mut().zip([-1.0, 1.0]) {
            *end = if explorer.go(&mut vertex, of, sign)? {
                let beta = explorer.at_y(&vertex);
                explorer.keep(&beta);
                value(&beta, of)
            } else {
                sign * f64::INFINITY
            };
        }
        let size = of
            .iter()
            .map(|&(j, a)| (a * first[j]).abs())
            .sum::<f64>()
            .max(explorer.unit(of));
        if ends[1] - ends[0] <= SAME * size {
            ends = [value(&first, of); 2];
        }
        intervals.push(ends);
    }
    if explorer.vertices.is_empty() {
        explorer.keep(&first);
    }
    Ok(Face {
        intervals,
        vertices: explorer
            .vertices
            .iter()
            .map(|beta| nonzeros(beta))
            .collect(),
    })
}

fn nonzeros(beta: &[f64]) -> Vec<(usize, f64)> {
    let all = beta.iter().copied().enumerate();
    all.filter(|(_, b)| *b != 0.0).collect()
}

struct Explorer<'a, X> {
    search: Search<'a, X>,
    vertices: Vec<Vec<f64>>,
}

impl<X: Design> Explorer<'_, X> {
    /// β of a basis at y itself.
    fn at_y(&self, vertex: &Vertex) -> Vec<f64> {
        let mut exact = vertex.clone();
        exact.place(self.search.x, &self.search.program.y);
        exact.beta
    }

    /// What a functional is where fits are as large as y.
    fn unit(&self, of: &[(usize, f64)]) -> f64 {
        let program = self.search.program;
        let size = program.y.iter().fold(0.0f64, |m, y| m.max(y.abs()));
        let each = of.iter().filter(|(j, _)| program.largest[*j] > 0.0);
        each.map(|&(j, a)| a.abs() * size / program.largest[j])
            .sum()
    }

    fn keep(&mut self, beta: &[f64]) {
        let program = self.search.program;
        let size = |beta: &[f64]| {
            let terms = beta.iter().zip(&program.largest);
            terms.fold(0.0f64, |m, (b, x)| m.max((b * x).abs()))
        };
        let scale = size(beta).max(program.y.iter().fold(0.0f64, |m, y| m.max(y.abs())));
        let is_new = self.vertices.iter().all(|other| {
            let between: Vec<f64> = beta.iter().zip(other).map(|(a, b)| a - b).collect();
            size(&between) > SAME * scale
        });
        if is_new {
            self.vertices.push(beta.to_vec());
        }
    }

    /// Every edge along which the objective does not change.
    fn flat_edges(&self, vertex: &mut Vertex) -> Vec<(Leaving, f64)> {
        let (program, lambda) = (self.search.program, self.search.lambda);
        vertex.price(program, lambda);
        let c = vertex.products();
        let mut edges = Vec::new();
        for (q, &i) in vertex.basis.rows().iter().enumerate() {
            let [low, high] = program.slopes[i];
            let flat = FLAT * (high - low);
            if high - vertex.u[i] <= flat {
                edges.push((Leaving::Row(q), 1.0));
            }
            if vertex.u[i] - low <= flat {
                edges.push((Leaving::Row(q), -1.0));
            }
        }
        for (j, &c) in c.iter().enumerate() {
            // A column of zeros has no coefficient.
            if vertex.active[j] || program.reach[j] == 0.0 {
                continue;
            }
            for sign in [1.0, -1.0] {
                if lambda * program.weights[j] - sign * c <= FLAT * program.reach[j] {
                    edges.push((Leaving::Column(j), sign));
                }
            }
        }
        edges
    }

    fn has_flat_edge(&self, vertex: &mut Vertex) -> bool {
        !self.flat_edges(vertex).is_empty()
    }

    /// Goes from optimum to optimum while sign · Σ a_j β_j grows; false if it grows without end. Errors: [`SolveError::Stalled`].
    fn go(&self, vertex: &mut Vertex, of: &[(usize, f64)], sign: f64) -> Result<bool, SolveError> {
        let program = self.search.program;
        for _ in 0..MOST_PIVOTS {
            if vertex.is_stale() {
                vertex.refresh(self.search.x, self.search.y);
            }
            let edges = self.flat_edges(vertex);
            let mut weights = vec![0.0; program.p()];
            of.iter().for_each(|&(j, a)| weights[j] = sign * a);
            let on_basis: Vec<f64> = vertex.basis.columns().iter().map(|&j| weights[j]).collect();
            // What the functional gains by a unit of each fitted row.
            let gains = vertex.basis.solve_transposed(&on_basis);
            let size = gains.iter().fold(0.0f64, |m, g| m.max(g.abs()));
            let gain = |(leaving, edge_sign): &(Leaving, f64)| match *leaving {
                Leaving::Row(q) => (-edge_sign * gains[q], size),
                Leaving::Column(j) => {
                    let rows = vertex.rows.iter().zip(&gains);
                    let lost: f64 = rows.map(|(row, gain)| gain * row[j]).sum();
                    let own = weights[j];
                    (
                        edge_sign * (own - lost),
                        own.abs().max(size * program.largest[j]),
                    )
                }
            };
            let mut best: Option<((Leaving, f64), f64)> = None;
            for edge in edges {
                let (rise, size) = gain(&edge);
                if rise > FLAT * size && best.is_none_or(|(_, most)| rise > most) {
                    best = Some((edge, rise));
                }
            }
            let Some(((leaving, edge_sign), _)) = best else {
                return Ok(true);
            };
            let edge = vertex.edge(program, self.search.x, leaving, edge_sign);
            if !vertex.step(program, self.search.x, &edge, self.search.lambda) {
                return Ok(false);
            }
        }
        Err(SolveError::Stalled(format!(
            "the ends of the set of optima are further than {MOST_PIVOTS} vertices away"
        )))
    }
}
