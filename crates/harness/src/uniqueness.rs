//! Fits that are not unique: a loss with kinks may be least on a whole face, whose extent is found after the clock.

use rayon::prelude::*;
use regpath_solvers::SolveError;
use regpath_solvers::design::Design;
use regpath_solvers::face::{Face, face_along};
use regpath_solvers::loss::KinkedLoss;
use regpath_solvers::penalty::PerCoordinate;
use regpath_solvers::problem::Problem;

use crate::objective::OnKinked;
use crate::prepared::Prepared;
use crate::record::schema::{FaceRow, PointRow, VertexRow};
use crate::stopwatch::interrupted;
use crate::sweep::Step;
use crate::trial::Rows;

/// What the intercept is called beside the features.
pub const INTERCEPT: &str = "(intercept)";

/// Stored entries times λ beyond which nobody waits for what they did not ask for.
const MOST: usize = 200_000_000;

/// Fills in `unique` of the points that converged, and the faces and vertices of those that are not unique.
///
/// The points must have been judged. Nothing is done for a loss without kinks, and where a ridge part or bounds keep the set of
/// optima from being the polyhedron that is looked at.
pub fn record(data: &Prepared, steps: &[Step], rows: &mut Rows) {
    if !data.loss.is_kinked() || rows.run.alpha != 1.0 || data.has_bounds() {
        return;
    }
    if data.nnz().saturating_mul(steps.len()) > MOST {
        rows.faces_skipped = Some(format!(
            "whether fits are unique was not looked at: {} stored entries times {} lambda are more than {MOST}",
            data.nnz(),
            steps.len()
        ));
        return;
    }
    let parts = Parts::new(data);
    let task = Faces {
        data,
        parts: &parts,
        steps,
        points: &rows.points,
    };
    let found = match data.on_kinked(task) {
        Ok(found) => found,
        Err(error) => {
            rows.faces_skipped = Some(format!("whether fits are unique is not known: {error:#}"));
            return;
        }
    };
    let failures: Vec<&SolveError> = found
        .iter()
        .flatten()
        .filter_map(|face| face.as_ref().err())
        .collect();
    if let Some(first) = failures.first() {
        rows.faces_skipped = Some(format!(
            "whether fits are unique is not known at {} of {} lambda: {first}",
            failures.len(),
            steps.len()
        ));
    }
    for ((point, step), face) in rows.points.iter_mut().zip(steps).zip(found) {
        let Some(Ok(face)) = face else {
            continue;
        };
        let unique = face.is_unique();
        point.unique = Some(unique);
        if unique {
            continue;
        }
        let (run_id, k) = (&rows.run.run_id, step.k as u64);
        // The intercept is shown whatever it is, so that no fit is without a row.
        let shown: Vec<usize> = (0..parts.columns.len())
            .filter(|&i| parts.columns[i] == data.ncols() || face.intervals[i] != [0.0, 0.0])
            .collect();
        rows.faces.extend(shown.iter().map(|&i| FaceRow {
            run_id: run_id.clone(),
            k,
            feature: parts.name(data, i),
            low: face.intervals[i][0],
            high: face.intervals[i][1],
        }));
        for (fit, vertex) in face.vertices.iter().zip(0u64..) {
            rows.vertices.extend(shown.iter().map(|&i| VertexRow {
                run_id: run_id.clone(),
                k,
                vertex,
                feature: parts.name(data, i),
                value: parts.value(i, fit),
            }));
        }
    }
}

/// The coefficients that take part, and the intercept, as functions of those of the problem.
struct Parts {
    /// Columns of X, and p for the intercept.
    columns: Vec<usize>,
    /// Of each, (column of the problem, factor): what it is on the original scale.
    functionals: Vec<Vec<(usize, f64)>>,
}

impl Parts {
    fn new(data: &Prepared) -> Self {
        let scaling = &data.preparation.scaling;
        let taking_part = |j: &usize| scaling.scale[*j].is_finite();
        let mut columns: Vec<usize> = (0..data.ncols()).filter(taking_part).collect();
        let mut functionals: Vec<Vec<(usize, f64)>> = columns
            .iter()
            .map(|&j| vec![(j, 1.0 / scaling.scale[j])])
            .collect();
        if let Some(intercept) = data.intercept_column() {
            let centred = columns.iter().filter(|&&j| scaling.center[j] != 0.0);
            let mut own: Vec<(usize, f64)> = centred
                .map(|&j| (j, -scaling.center[j] / scaling.scale[j]))
                .collect();
            own.push((intercept, 1.0));
            functionals.push(own);
            columns.push(intercept);
        }
        Self {
            columns,
            functionals,
        }
    }

    fn name(&self, data: &Prepared, i: usize) -> String {
        let feature = data.features.get(self.columns[i]);
        feature.map_or(INTERCEPT, String::as_str).to_owned()
    }

    /// The value of part i at a fit of the problem, given as (column, coefficient) by column.
    fn value(&self, i: usize, fit: &[(usize, f64)]) -> f64 {
        let at = |j: usize| {
            let found = fit.binary_search_by_key(&j, |(column, _)| *column);
            found.map_or(0.0, |place| fit[place].1)
        };
        self.functionals[i].iter().map(|&(j, a)| a * at(j)).sum()
    }
}

struct Faces<'a> {
    data: &'a Prepared,
    parts: &'a Parts,
    steps: &'a [Step],
    points: &'a [PointRow],
}

impl OnKinked for Faces<'_> {
    /// One per step; None where the fit has not converged, or Ctrl-C came first.
    type Output = Vec<Option<Result<Face, SolveError>>>;
    fn work<X: Design, L: KinkedLoss>(
        self,
        problem: &Problem<X, L, PerCoordinate>,
    ) -> Self::Output {
        let one = |(step, point): (&Step, &PointRow)| {
            if point.status != "converged" || interrupted() {
                return None;
            }
            let mut beta = vec![0.0; problem.x.ncols()];
            for &(j, b) in &step.nonzeros {
                beta[j as usize] = b;
            }
            if let Some(column) = self.data.intercept_column() {
                beta[column] = step.intercept;
            }
            Some(face_along(
                problem,
                step.lambda,
                &beta,
                &self.parts.functionals,
            ))
        };
        let pairs = self.steps.par_iter().zip(self.points);
        pairs.map(one).collect()
    }
}
