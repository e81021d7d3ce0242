//! Runs a path of the gate and extracts what is held of it.

use std::collections::BTreeMap;

use super::Layer;
use super::cell::{Cell, LAMBDAS};
use crate::loss::{is_squared, label};
use crate::prepared::Prepared;
use crate::record::schema::{CoefRow, PointRow};
use crate::stopwatch::interrupted;
use crate::trial::{self, Conditions, Rows};

/// λ that counters are added up over: where on a path work has grown shows, and a baseline stays readable.
const RANGE: usize = 10;

/// Which number of which path.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    /// Id of the path.
    pub cell: String,
    /// Name of the number, with the λ that it is of.
    pub metric: String,
}

/// The numbers of one layer, as they are written: sorted.
pub type Metrics = BTreeMap<Key, String>;

/// What was found out about some paths.
#[derive(Debug, Default)]
pub struct Measured {
    /// Per layer.
    pub metrics: BTreeMap<Layer, Metrics>,
    /// Paths whose own certificate does not close, with the reason.
    pub uncertified: Vec<(String, String)>,
}

/// What tells prepared data apart: dataset, intercept, standardisation, and another loss than the squared with its α.
type DataKey = (String, bool, bool, Option<String>);

/// Runs every path, in order; `progress` is called after each. None if that was interrupted. Errors: data that cannot be made.
pub fn measure(cells: &[Cell], progress: impl Fn(&Cell)) -> anyhow::Result<Option<Measured>> {
    let mut measured = Measured::default();
    let mut loaded: Option<(DataKey, Prepared)> = None;
    for cell in cells {
        let trial = &cell.trial;
        let key = (
            trial.dataset.to_string(),
            trial.intercept,
            trial.standardize,
            // Data of another loss are prepared for one α.
            (!is_squared(&trial.loss)).then(|| format!("{} {}", label(trial.loss), trial.alpha)),
        );
        let data = match loaded.take() {
            Some((of, data)) if of == key => data,
            _ => trial::load(trial)?,
        };
        let conditions = Conditions {
            contended: false,
            warm_up: false,
            best_dual: &[],
            progress: &|| (),
        };
        let rows = trial::run(trial, &data, conditions);
        if interrupted() {
            return Ok(None);
        }
        if rows.run.status != "converged" {
            let reason = rows.run.reason.as_deref().unwrap_or("no reason");
            let verdict = format!("{}: {reason}", rows.run.status);
            measured.uncertified.push((cell.id.clone(), verdict));
        }
        let mut put = |layer: Layer, metric: String, value: String| {
            let key = Key {
                cell: cell.id.clone(),
                metric,
            };
            measured
                .metrics
                .entry(layer)
                .or_default()
                .insert(key, value);
        };
        answers(&rows, data.null_loss, &mut put);
        work(&rows, &mut put);
        loaded = Some((key, data));
        progress(cell);
    }
    Ok(Some(measured))
}

/// Objective over null loss, number of non-zeros and their names at the last λ of each range.
fn answers(rows: &Rows, null_loss: f64, put: &mut impl FnMut(Layer, String, String)) {
    for point in last_of_ranges(&rows.points) {
        let k = point.k;
        let mut put = |name: &str, value| put(Layer::Answers, format!("{name} k={k:02}"), value);
        put(OBJECTIVE, format!("{:.16e}", point.primal / null_loss));
        put("nonzeros", point.nonzeros.to_string());
        let support = rows.coefs.iter().filter(|c| c.k == k);
        put("support", format!("{:016x}", fingerprint(support)));
    }
}

/// Metric that is compared as a number, not as text.
pub const OBJECTIVE: &str = "objective";

fn last_of_ranges(points: &[PointRow]) -> impl Iterator<Item = &PointRow> {
    points.chunks(RANGE).filter_map(<[PointRow]>::last)
}

/// FNV-1a over the names of the columns in the support, in order.
fn fingerprint<'a>(support: impl Iterator<Item = &'a CoefRow>) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for row in support {
        for byte in row.feature.bytes().chain([0]) {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }
    hash
}

/// Counters of the setup, and of each range of λ.
fn work(rows: &Rows, put: &mut impl FnMut(Layer, String, String)) {
    let setup = [
        ("passes", rows.run.setup_passes),
        ("gram_columns", rows.run.setup_gram_columns),
    ];
    for (name, value) in setup {
        let value = value.unwrap_or(0).to_string();
        put(Layer::Work, format!("{name} setup"), value);
    }
    debug_assert!(rows.points.len() <= LAMBDAS);
    for range in rows.points.chunks(RANGE) {
        let (Some(first), Some(last)) = (range.first(), range.last()) else {
            continue;
        };
        for (name, counter) in COUNTERS {
            let total: u64 = range.iter().map(counter).sum();
            let lambdas = format!("k={:02}-{:02}", first.k, last.k);
            put(Layer::Work, format!("{name} {lambdas}"), total.to_string());
        }
    }
}

/// A counter of `points`, where less is better.
type Counter = fn(&PointRow) -> u64;

const COUNTERS: [(&str, Counter); 7] = [
    ("epochs", |p| p.epochs),
    ("coord_updates", |p| p.coord_updates),
    ("columns_touched", |p| p.columns_touched),
    ("passes", |p| p.passes),
    ("kkt_violations", |p| p.kkt_violations),
    ("gram_columns", |p| p.gram_columns),
    ("support_steps", |p| p.support_steps),
];
