//! The frames: every column of every frame is named here, once.

use polars::prelude::*;

/// Version of the frames; raised when a column changes its meaning.
pub const SCHEMA: u32 = 3;

/// A value that can stand in a column.
pub trait Cell: Sized {
    /// The Polars type of the column.
    fn dtype() -> DataType;
    /// The cells of one column, in row order.
    fn column(name: &str, cells: Vec<Self>) -> Column;
    /// The cells that a column holds. Errors: another type, or nothing where something must be.
    fn cells(column: &Column) -> PolarsResult<Vec<Self>>;
}

/// The value of a cell that cannot be empty.
fn present<T>(column: &Column, cell: Option<T>) -> PolarsResult<T> {
    cell.ok_or_else(|| {
        PolarsError::NoData(format!("column {} has an empty cell", column.name()).into())
    })
}

macro_rules! cell {
    ($($rust:ty => $polars:expr, $typed:ident, $own:expr);* $(;)?) => {$(
        impl Cell for $rust {
            fn dtype() -> DataType { $polars }
            fn column(name: &str, cells: Vec<Self>) -> Column { Column::new(name.into(), cells) }
            fn cells(column: &Column) -> PolarsResult<Vec<Self>> {
                column.$typed()?.iter().map(|cell| present(column, cell.map($own))).collect()
            }
        }
        impl Cell for Option<$rust> {
            fn dtype() -> DataType { $polars }
            fn column(name: &str, cells: Vec<Self>) -> Column { Column::new(name.into(), cells) }
            fn cells(column: &Column) -> PolarsResult<Vec<Self>> {
                Ok(column.$typed()?.iter().map(|cell| cell.map($own)).collect())
            }
        }
    )*};
}
cell! {
    String => DataType::String, str, str::to_owned;
    bool => DataType::Boolean, bool, std::convert::identity;
    u32 => DataType::UInt32, u32, std::convert::identity;
    u64 => DataType::UInt64, u64, std::convert::identity;
    f64 => DataType::Float64, f64, std::convert::identity;
}

/// A row type whose fields are the columns of a frame.
pub trait Row: Clone {
    /// Name of the frame, also the stem of its file.
    const FRAME: &'static str;
    /// Column names with what each holds, in order.
    const COLUMNS: &'static [(&'static str, &'static str)];
    /// Polars types of the columns, in order.
    fn dtypes() -> Vec<DataType>;
    /// A frame with one row per element; all columns exist even when there is no row.
    fn frame(rows: &[Self]) -> PolarsResult<DataFrame>;
    /// The rows of a frame. Errors: a column that is missing or of another type.
    fn rows(frame: &DataFrame) -> PolarsResult<Vec<Self>>;
}

macro_rules! frame {
    ($(#[$meta:meta])* $row:ident => $frame:literal { $($(#[doc = $doc:literal])* $field:ident: $type:ty),* $(,)? }) => {
        $(#[$meta])*
        #[derive(Clone, Debug, Default, PartialEq)]
        pub struct $row { $($(#[doc = $doc])* pub $field: $type),* }

        impl Row for $row {
            const FRAME: &'static str = $frame;
            const COLUMNS: &'static [(&'static str, &'static str)] =
                &[$((stringify!($field), concat!($($doc),*))),*];
            fn dtypes() -> Vec<DataType> { vec![$(<$type as Cell>::dtype()),*] }
            fn frame(rows: &[Self]) -> PolarsResult<DataFrame> {
                let columns = vec![$(
                    <$type as Cell>::column(stringify!($field), rows.iter().map(|r| r.$field.clone()).collect())
                ),*];
                DataFrame::new(rows.len(), columns)
            }
            fn rows(frame: &DataFrame) -> PolarsResult<Vec<Self>> {
                $(let mut $field = <$type as Cell>::cells(frame.column(stringify!($field))?)?.into_iter();)*
                let mut rows = Vec::with_capacity(frame.height());
                while let ($(Some($field),)*) = ($($field.next(),)*) {
                    rows.push(Self { $($field),* });
                }
                Ok(rows)
            }
        }
    };
}

frame! {
    /// One timed path: what was run, on what, how long it took and how it ended.
    RunRow => "runs" {
        /// Identifier of the trial; the key of the other frames.
        run_id: String,
        /// Experiment that asked for the trial.
        experiment: String,
        /// Problem of the registry that the trial is a cell of; empty where an experiment makes its own.
        problem: Option<String>,
        /// Dataset identifier with its parameters.
        dataset: String,
        /// Rows of X.
        n: u64,
        /// Columns of X.
        p: u64,
        /// Stored entries of X divided by n p.
        density: f64,
        /// Contestant identifier.
        contestant: String,
        /// Version of the package that supplied the contestant.
        version: String,
        /// Loss that was minimised, with its parameter, as in quantile(0.25).
        loss: String,
        /// Elastic-net mixing parameter: 1 is the lasso, 0 is ridge.
        alpha: f64,
        /// Contiguous pieces that the grid was to be cut into, each a warm path of its own. A contestant may begin a second
        /// warm path where there is one piece; its rule says so.
        chunks: u64,
        /// Worker threads that the sweep was given; a single path over fewer than 10⁶ stored entries uses one of them.
        threads: u64,
        /// Tolerance that the contestant was asked for, in its own meaning: a relative gap for the suite's solvers.
        tol: f64,
        /// The unit of relative gaps: ‖y − ȳ‖²/2n, without ȳ when there is no intercept; for other losses their mean where what is
        /// penalised is 0 and the rest, as the intercept, is fitted.
        null_loss: Option<f64>,
        /// Seed of generated data; empty for embedded and user data.
        seed: Option<u64>,
        /// Repeat number, from 0.
        repeat: u64,
        /// Seconds of λ-independent preparation by the contestant, part of path_seconds.
        setup_seconds: Option<f64>,
        /// Full passes over X of the setup.
        setup_passes: Option<u64>,
        /// Gram columns that the setup built.
        setup_gram_columns: Option<u64>,
        /// Seconds of setup and every λ, by the wall; of all solves of a convergence curve.
        path_seconds: Option<f64>,
        /// Seconds of the whole trial on prepared data: warm-up, path, judge.
        wall_seconds: Option<f64>,
        /// Processor seconds of the process during path_seconds.
        cpu_seconds: Option<f64>,
        /// Largest resident set during the path of the process that computed it, with everything else it holds, bytes.
        peak_rss_bytes: Option<u64>,
        /// Whether other trials ran at the same time; such rows are no timings.
        contended: bool,
        /// converged, uncertified, epoch_limit, stalled, unattained (no finite coefficients are best), incomplete (the contestant ended the path by itself), ended
        /// (before the first λ with more non-zeros than allowed), interrupted,
        /// timed_out, failed or skipped.
        status: String,
        /// Why the status is not converged; empty otherwise.
        reason: Option<String>,
        /// Rule that chose the updates, as logged by the solver.
        rule: Option<String>,
        /// What the contestant itself reports of how well it ended, in its own meaning; empty where it reports nothing.
        stopping_figure: Option<f64>,
        /// Version of the frames.
        schema: u32,
    }
}

frame! {
    /// One λ of one path: what the solver reported (seconds, work) and what the judge found (the rest).
    PointRow => "points" {
        /// Key into runs.
        run_id: String,
        /// Index down the decreasing grid, from 0.
        k: u64,
        /// Penalty level in the scaling (1/n) Σ ℓ(y_i, x_iᵀβ) + λ Ω(β), ℓ = (y − z)²/2 for squared loss.
        lambda: f64,
        /// lambda divided by the largest λ of the grid's rule.
        lambda_ratio: f64,
        /// Seconds of this solve alone.
        seconds: Option<f64>,
        /// Primal objective at the coefficients.
        primal: f64,
        /// Dual objective at the judge's dual point.
        dual: f64,
        /// primal − dual.
        gap: f64,
        /// gap in units of runs.null_loss.
        gap_rel: f64,
        /// Primal minus the best dual value known, in the unit of gap_rel; empty where no reference was made.
        subopt: Option<f64>,
        /// Largest distance of a coordinate's negative gradient from λ ∂Ω.
        kkt: f64,
        /// Coefficients that are not exactly 0.
        nonzeros: u64,
        /// Coefficients that are exactly 0.
        zeros: u64,
        /// Degrees of freedom without the intercept: rank of the active columns for the lasso, trace of the smoother for the
        /// elastic net and ridge; empty where too many columns are active for a factorisation, and for losses beside the squared.
        df: Option<f64>,
        /// Akaike's criterion, n ln(RSS/n) + 2d with d = df + 1 if there is an intercept, else df; the criteria are empty where df
        /// is or nothing is left of RSS.
        aic: Option<f64>,
        /// aic + 2d(d + 1)/(n − d − 1); empty unless n > d + 1.
        aicc: Option<f64>,
        /// Schwarz's criterion, n ln(RSS/n) + d ln n.
        bic: Option<f64>,
        /// bic + 2 ln C(p, nonzeros).
        ebic: Option<f64>,
        /// Mallows' criterion, RSS/n + 2dσ²/n with σ² from the full least-squares fit; empty unless n > p + 1.
        cp: Option<f64>,
        /// Generalised cross-validation, (RSS/n)/(1 − d/n)²; empty if d ≥ n.
        gcv: Option<f64>,
        /// 1 − loss / null loss, which for squared loss is 1 − RSS / null RSS.
        dev_ratio: f64,
        /// Σ|β_j| on the original scale.
        l1_norm: f64,
        /// √Σβ_j² on the original scale.
        l2_norm: f64,
        /// Intercept on the original scale, 0 when there is none.
        intercept: f64,
        /// Whether no other coefficients are as good, for losses with kinks; empty where that was not looked at, as with a ridge part or
        /// bounds.
        unique: Option<bool>,
        /// Sweeps over the working set, or iterations of a proximal method.
        epochs: u64,
        /// Coordinate updates tried.
        coord_updates: u64,
        /// Columns of X read.
        columns_touched: u64,
        /// Full passes over X.
        passes: u64,
        /// Violators of the optimality conditions that screening had left out.
        kkt_violations: u64,
        /// Gram columns built.
        gram_columns: u64,
        /// Linear systems solved on the support.
        support_steps: u64,
        /// converged, uncertified (the solver's word against the judge's), epoch_limit, stalled, unattained, incomplete, ended,
        /// interrupted or timed_out.
        status: String,
    }
}

frame! {
    /// One non-zero coefficient of one λ, on the original scale.
    CoefRow => "coefs" {
        /// Key into runs.
        run_id: String,
        /// Index down the decreasing grid, from 0.
        k: u64,
        /// Name of the column of X.
        feature: String,
        /// Coefficient in units of the response per unit of the feature.
        value: f64,
    }
}

frame! {
    /// One coefficient of one λ whose fit is not unique: what it can be, on the original scale.
    FaceRow => "faces" {
        /// Key into runs.
        run_id: String,
        /// Index down the decreasing grid, from 0.
        k: u64,
        /// Name of the column of X, or (intercept).
        feature: String,
        /// Least value over all optimal fits; may be −∞.
        low: f64,
        /// Largest value over all optimal fits; may be ∞.
        high: f64,
    }
}

frame! {
    /// One coefficient of an optimal fit at which some coefficient is at an end of its range, on the original scale.
    VertexRow => "vertices" {
        /// Key into runs.
        run_id: String,
        /// Index down the decreasing grid, from 0.
        k: u64,
        /// Number of the fit among those of this λ, from 0.
        vertex: u64,
        /// Name of the column of X, or (intercept).
        feature: String,
        /// Coefficient in units of the response per unit of the feature.
        value: f64,
    }
}

frame! {
    /// One point of a convergence curve: a solve from zero with a limited budget.
    CurveRow => "curve" {
        /// Key into runs.
        run_id: String,
        /// Index of λ down the grid, from 0.
        k: u64,
        /// Epochs that were allowed.
        budget: u64,
        /// Seconds that setup and solve took.
        seconds: f64,
        /// Primal objective reached.
        primal: f64,
        /// Primal minus the best dual value known, relative to the null loss.
        subopt: f64,
        /// Relative duality gap at the coefficients alone.
        gap: f64,
        /// Coefficients that are not exactly 0.
        nonzeros: u64,
    }
}

frame! {
    /// One tolerance of one contestant on one problem: how long it took, and how good it was.
    RungRow => "rungs" {
        /// Problem of the registry.
        problem: String,
        /// Contestant identifier.
        contestant: String,
        /// Tolerance that was asked for, in the contestant's own meaning.
        tol: f64,
        /// Worst certified suboptimality over the path: primal minus the best dual value known, relative to the null loss.
        subopt: Option<f64>,
        /// Median seconds of setup and every λ over the timed repeats; of the single walk where the rung was not repeated.
        seconds: Option<f64>,
        /// Timed repeats; 0 where the rung was only walked.
        repeats: u64,
        /// Status of the run, as in runs.
        status: String,
        /// Why the status is not converged; empty otherwise.
        reason: Option<String>,
    }
}

frame! {
    /// One contestant on one problem at one accuracy: the loosest tolerance that reached it, and the time it took.
    LadderRow => "ladder" {
        /// Problem of the registry.
        problem: String,
        /// Dataset identifier with its parameters.
        dataset: String,
        /// Rows of X.
        n: u64,
        /// Columns of X.
        p: u64,
        /// Stored entries of X divided by n p.
        density: f64,
        /// Elastic-net mixing parameter.
        alpha: f64,
        /// Contestant identifier.
        contestant: String,
        /// Version of the package that supplied the contestant; empty where it could not be asked.
        version: String,
        /// Accuracy asked for: bound on the worst certified suboptimality over the path.
        eps: f64,
        /// Tolerances walked, loosest first.
        rungs: u64,
        /// The loosest tolerance that reached eps, in the contestant's own meaning; the last one walked if none did.
        tol: Option<f64>,
        /// Worst certified suboptimality over the path at that tolerance.
        subopt: Option<f64>,
        /// Median seconds of the timed repeats, or of the walk where there is none; empty unless certified.
        seconds: Option<f64>,
        /// Fastest repeat.
        seconds_min: Option<f64>,
        /// Slowest repeat.
        seconds_max: Option<f64>,
        /// Timed repeats.
        repeats: u64,
        /// Largest resident set during the paths of the process that computed them, with everything else it holds, bytes.
        peak_rss_bytes: Option<u64>,
        /// certified, uncertified (no tolerance reached eps), timed_out, failed or skipped.
        status: String,
        /// Why the status is not certified, or how many repeats did not finish; empty otherwise.
        reason: Option<String>,
    }
}

frame! {
    /// One λ of a cross-validated path: how well it predicts rows that it was not fitted on.
    CvRow => "cv" {
        /// Elastic-net mixing parameter.
        alpha: f64,
        /// Index down the decreasing grid, from 0; a grid per alpha.
        k: u64,
        /// Penalty level in the scaling (1/2n)‖y − Xβ‖² + λ Ω(β).
        lambda: f64,
        /// Mean over folds and repeats of the error on the rows held out, in the measure of error_measure.
        mean_error: f64,
        /// Standard error of mean_error.
        se: f64,
        /// Coefficients that are not exactly 0 in the fit on all rows.
        nonzeros: u64,
        /// mse (mean squared error) or mae (mean absolute error).
        error_measure: String,
        /// min where mean_error is least, 1se at the largest λ whose mean_error is within one standard error of that, both
        /// where these are the same λ; empty otherwise.
        choice: Option<String>,
    }
}

frame! {
    /// One λ of the path of one fold: fitted on the other folds, and its error on the rows of this one.
    FoldRow => "folds" {
        /// Elastic-net mixing parameter.
        alpha: f64,
        /// Which of the partitions into folds, from 0.
        repeat: u64,
        /// Which fold of it is held out, from 0.
        fold: u64,
        /// Index down the decreasing grid, from 0.
        k: u64,
        /// Penalty level, that of cv at this k.
        lambda: f64,
        /// Rows held out.
        rows: u64,
        /// Error on the rows held out, in the measure of cv.
        error: f64,
        /// Coefficients that are not exactly 0 in the fit without them.
        nonzeros: u64,
        /// Relative duality gap of that fit.
        gap_rel: Option<f64>,
        /// How that fit ended, as in points.
        status: String,
    }
}

frame! {
    /// One number of one recorded check; smaller is better.
    HistoryRow => "history" {
        /// When the check was made, UTC, as in RFC 3339.
        recorded: String,
        /// Short commit, with -dirty where the tree was.
        commit: String,
        /// answers, work, instructions, memory or time.
        layer: String,
        /// Path or kernel; "all paths" for a sum over them.
        benchmark: String,
        /// What was measured, as coord_updates, instructions, peak_bytes or seconds.
        metric: String,
        /// How much, in the unit of the metric.
        value: f64,
        /// What the number depends on beside the source: it is comparable within one toolchain only.
        toolchain: String,
        /// Version of the frames.
        schema: u32,
    }
}

frame! {
    /// One number that a trial of a claim measured.
    ClaimRow => "claims" {
        /// Claim identifier.
        claim: String,
        /// Number of the trial that drew its own data, from 0; empty where nothing is drawn.
        trial: Option<u64>,
        /// What was compared: the loss, the penalty, the optimizer.
        series: String,
        /// What was measured, as each claim names it.
        quantity: String,
        /// Where it was measured: the share of outliers, the step size, the iteration; 0 where there is one place only.
        at: f64,
        /// The number; NaN where it could not be had.
        value: f64,
        /// Why the trial failed; empty where it did not, and then the only row of the trial.
        reason: String,
    }
}

impl PointRow {
    /// The row of a λ that the path did not get to: the grid and the reason, and NaN for what was never computed.
    pub fn unreached(run_id: &str, k: u64, lambda: f64, start: f64, status: &str) -> Self {
        Self {
            run_id: run_id.into(),
            k,
            lambda,
            lambda_ratio: lambda / start,
            primal: f64::NAN,
            dual: f64::NAN,
            gap: f64::NAN,
            gap_rel: f64::NAN,
            kkt: f64::NAN,
            dev_ratio: f64::NAN,
            l1_norm: f64::NAN,
            l2_norm: f64::NAN,
            intercept: f64::NAN,
            status: status.into(),
            ..Self::default()
        }
    }
}
