//! One cross-validated path as rows of `cv` and `folds`.

use regpath_solvers::validation::{CrossValidation, FoldPoint, Measure};

use crate::judge::status;
use crate::record::schema::{CvRow, FoldRow};

/// The word for a measure in frames and on the command line.
pub fn measure_name(measure: Measure) -> &'static str {
    match measure {
        Measure::SquaredError => "mse",
        Measure::AbsoluteError => "mae",
    }
}

/// Rows of `cv`, one per λ.
pub fn curve_rows(alpha: f64, measure: Measure, found: &CrossValidation) -> Vec<CvRow> {
    let choice = |k: usize| match (k == found.min, k == found.one_se) {
        (true, true) => Some("both"),
        (true, false) => Some("min"),
        (false, true) => Some("1se"),
        (false, false) => None,
    };
    let points = found.curve.iter().enumerate();
    let rows = points.map(|(k, point)| CvRow {
        alpha,
        k: k as u64,
        lambda: point.lambda,
        mean_error: point.mean_error,
        se: point.se,
        nonzeros: point.nonzeros as u64,
        error_measure: measure_name(measure).into(),
        choice: choice(k).map(str::to_owned),
    });
    rows.collect()
}

/// Rows of `folds`, one per repeat, fold and λ; `tol` is the bound on the relative gap that was asked for.
pub fn fold_rows(alpha: f64, tol: f64, found: &CrossValidation) -> Vec<FoldRow> {
    let row = |point: &FoldPoint| FoldRow {
        alpha,
        repeat: point.repeat as u64,
        fold: point.fold as u64,
        k: point.k as u64,
        lambda: found.curve[point.k].lambda,
        rows: point.rows as u64,
        error: point.error,
        nonzeros: point.nonzeros as u64,
        gap_rel: Some(point.relative_gap).filter(|gap| !gap.is_nan()),
        status: status(point.status, point.relative_gap, tol).into(),
    };
    found.folds.iter().map(row).collect()
}
