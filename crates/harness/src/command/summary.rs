//! The table at the end of a benchmark, from the merged frames.

use comfy_table::presets::NOTHING;
use comfy_table::{Cell, CellAlignment, Table};
use polars::prelude::*;

use crate::figure::Frames;

/// One line per measurement: repeats become median and spread.
pub(super) fn table(frames: &Frames) -> PolarsResult<String> {
    let lines = measurements(frames)?;
    let mut table = Table::new();
    table.load_preset(NOTHING);
    let heads = [
        "experiment",
        "dataset",
        "solver",
        "alpha",
        "chunks",
        "thr",
        "seconds",
        "min-max",
        "worst gap",
        "status",
    ];
    table.set_header(heads);
    let text = |name: &str, i: usize| -> PolarsResult<String> {
        Ok(lines
            .column(name)?
            .str()?
            .get(i)
            .unwrap_or_default()
            .to_owned())
    };
    let number = |name: &str, i: usize| -> PolarsResult<Option<f64>> {
        Ok(lines.column(name)?.cast(&DataType::Float64)?.f64()?.get(i))
    };
    for i in 0..lines.height() {
        let seconds = |v: Option<f64>| v.map_or_else(|| "-".into(), |v| format!("{v:.4}"));
        let spread = match (number("fastest", i)?, number("slowest", i)?) {
            (Some(low), Some(high)) if number("repeats", i)? > Some(1.0) => {
                format!("{low:.4}-{high:.4}")
            }
            _ => "-".into(),
        };
        let gap = number("worst_gap", i)?.map_or_else(|| "-".into(), |g| format!("{g:.1e}"));
        let whole = |v: Option<f64>| v.map_or_else(String::new, |v| format!("{v}"));
        let cells = [
            text("experiment", i)?,
            text("dataset", i)?,
            text("contestant", i)?,
            whole(number("alpha", i)?),
            whole(number("chunks", i)?),
            whole(number("threads", i)?),
            seconds(number("median", i)?),
            spread,
            gap,
            text("status", i)?,
        ];
        let right = |k: usize| {
            if (3..9).contains(&k) {
                CellAlignment::Right
            } else {
                CellAlignment::Left
            }
        };
        table.add_row(
            cells
                .into_iter()
                .enumerate()
                .map(|(k, c)| Cell::new(c).set_alignment(right(k))),
        );
    }
    Ok(table.to_string())
}

/// Largest relative gap that the judge found over all converged points, with the number of converged runs and of the
/// others. None if nothing converged.
pub(super) fn verdict(frames: &Frames) -> PolarsResult<(Option<f64>, usize, usize)> {
    let converged = || col("status").eq(lit("converged"));
    let runs = frames
        .runs
        .clone()
        .lazy()
        .filter(converged())
        .collect()?
        .height();
    let points = frames.points.clone().lazy().filter(converged());
    let worst = points.select([col("gap_rel").max()]).collect()?;
    let worst = worst.column("gap_rel")?.f64()?.get(0);
    Ok((worst, runs, frames.runs.height() - runs))
}

fn measurements(frames: &Frames) -> PolarsResult<DataFrame> {
    let gaps = frames
        .points
        .clone()
        .lazy()
        .group_by([col("run_id")])
        .agg([col("gap_rel").max().alias("gap")]);
    let same = [
        col("experiment"),
        col("dataset"),
        col("contestant"),
        col("alpha"),
        col("chunks"),
        col("threads"),
    ];
    frames
        .runs
        .clone()
        .lazy()
        .with_row_index("order", None)
        .join(
            gaps,
            [col("run_id")],
            [col("run_id")],
            JoinArgs::new(JoinType::Left),
        )
        .group_by(same)
        .agg([
            col("order").min(),
            col("path_seconds").median().alias("median"),
            col("path_seconds").min().alias("fastest"),
            col("path_seconds").max().alias("slowest"),
            col("path_seconds").count().alias("repeats"),
            col("gap").max().alias("worst_gap"),
            // One repeat in trouble speaks for all.
            col("status")
                .filter(col("status").neq(lit("converged")))
                .first()
                .alias("trouble"),
        ])
        .sort(["order"], SortMultipleOptions::default())
        .with_column(coalesce(&[col("trouble"), lit("converged")]).alias("status"))
        .collect()
}
