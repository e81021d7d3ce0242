//! The series of a history: checks in order, and in each layer the values of every number, relative to its first.

use super::trial::distinct;
use crate::change_points::{ChangePoint, change_points};
use std::collections::{HashMap, HashSet};

/// One row of the frame.
#[derive(Clone, Debug, Default)]
pub struct Recorded {
    /// Time of the check.
    pub recorded: String,
    /// Short commit.
    pub commit: String,
    /// Layer of the gate.
    pub layer: String,
    /// Path or kernel.
    pub benchmark: String,
    /// What was measured.
    pub metric: String,
    /// How much.
    pub value: f64,
    /// Within what the value is comparable.
    pub toolchain: String,
}

/// One check: when, and of which commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// Time.
    pub recorded: String,
    /// Short commit.
    pub commit: String,
}

/// One number under one toolchain.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    /// What tells it from the others of its layer.
    pub label: String,
    /// Check and value over the first value, in order.
    pub points: Vec<(usize, f64)>,
    /// Its changes of level; `at` is an index into the points.
    pub changes: Vec<ChangePoint>,
}

impl Series {
    /// Size of the largest change, on a log scale.
    pub fn largest(&self) -> f64 {
        let sizes = self.changes.iter().map(|c| c.factor.ln().abs());
        sizes.fold(0.0, f64::max)
    }
}

/// All numbers of one layer.
#[derive(Clone, Debug)]
pub struct LayerSeries {
    /// Name of the layer.
    pub layer: String,
    /// Series in order of appearance.
    pub series: Vec<Series>,
    /// Toolchains with the check at which each appeared first.
    pub toolchains: Vec<(String, usize)>,
    /// Series that are left out: a ratio to the first value needs positive ones.
    pub without_ratio: usize,
}

/// A history by layer.
#[derive(Clone, Debug)]
pub struct CheckSeries {
    /// Checks in the order in which they were recorded.
    pub checks: Vec<Check>,
    /// Layers that have rows, in the order of the gate.
    pub layers: Vec<LayerSeries>,
}

/// The layers in the order in which they are shown; others come last.
const LAYERS: [&str; 5] = ["answers", "work", "instructions", "memory", "time"];

impl CheckSeries {
    /// Sorts the rows, which are in the order of recording. A number that comes a second time begins another check.
    pub fn of(rows: &[Recorded]) -> Self {
        let mut checks: Vec<Check> = Vec::new();
        let mut seen: HashSet<[&str; 3]> = HashSet::new();
        let mut check_of = Vec::with_capacity(rows.len());
        for row in rows {
            let same = |c: &Check| c.recorded == row.recorded && c.commit == row.commit;
            let key = [&*row.layer, &row.benchmark, &row.metric];
            if !checks.last().is_some_and(same) || seen.contains(&key) {
                seen.clear();
                checks.push(Check {
                    recorded: row.recorded.clone(),
                    commit: row.commit.clone(),
                });
            }
            seen.insert(key);
            check_of.push(checks.len() - 1);
        }
        let mut names = distinct(rows.iter().map(|r| r.layer.as_str()));
        names.sort_by_key(|name| {
            LAYERS
                .iter()
                .position(|l| l == name)
                .unwrap_or(LAYERS.len())
        });
        let layer = |name: &&str| {
            let of = |(row, _): &(&Recorded, usize)| row.layer == *name;
            let rows = rows.iter().zip(check_of.iter().copied()).filter(of);
            LayerSeries::of(name, &rows.collect::<Vec<_>>())
        };
        Self {
            layers: names.iter().map(layer).collect(),
            checks,
        }
    }
}

impl LayerSeries {
    fn of(layer: &str, rows: &[(&Recorded, usize)]) -> Self {
        let one = |names: Vec<&str>| names.len() == 1;
        let one_metric = one(distinct(rows.iter().map(|(r, _)| r.metric.as_str())));
        let one_benchmark = one(distinct(rows.iter().map(|(r, _)| r.benchmark.as_str())));
        let label = |row: &Recorded| match (one_metric, one_benchmark) {
            (true, _) => row.benchmark.clone(),
            (_, true) => row.metric.clone(),
            _ => format!("{} {}", row.benchmark, row.metric),
        };
        let mut places: HashMap<[&str; 3], usize> = HashMap::new();
        let mut values: Vec<(String, Vec<(usize, f64)>)> = Vec::new();
        let mut toolchains: Vec<(String, usize)> = Vec::new();
        for (row, check) in rows {
            if toolchains.iter().all(|(known, _)| *known != row.toolchain) {
                toolchains.push((row.toolchain.clone(), *check));
            }
            let key = [&*row.benchmark, &row.metric, &row.toolchain];
            let place = *places.entry(key).or_insert_with(|| {
                values.push((label(row), Vec::new()));
                values.len() - 1
            });
            values[place].1.push((*check, row.value));
        }
        let positive = |(_, values): &(String, Vec<(usize, f64)>)| {
            values.iter().all(|(_, v)| v.is_finite() && *v > 0.0)
        };
        let (drawn, others): (Vec<_>, Vec<_>) = values.into_iter().partition(positive);
        let series = |(label, values): (String, Vec<(usize, f64)>)| {
            let numbers: Vec<f64> = values.iter().map(|(_, v)| *v).collect();
            Series {
                label,
                changes: change_points(&numbers),
                points: values.iter().map(|(c, v)| (*c, v / numbers[0])).collect(),
            }
        };
        Self {
            layer: layer.into(),
            series: drawn.into_iter().map(series).collect(),
            toolchains,
            without_ratio: others.len(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(recorded: &str, layer: &str, benchmark: &str, value: f64, toolchain: &str) -> Recorded {
        Recorded {
            recorded: recorded.into(),
            commit: format!("c{recorded}"),
            layer: layer.into(),
            benchmark: benchmark.into(),
            metric: "m".into(),
            value,
            toolchain: toolchain.into(),
        }
    }

    #[test]
    fn a_check_ends_where_the_time_changes_or_a_number_comes_again() {
        let rows = [
            row("1", "time", "a", 1.0, "t"),
            row("1", "work", "a", 1.0, "t"),
            row("1", "time", "a", 1.0, "t"),
            row("2", "time", "a", 1.0, "t"),
        ];
        let history = CheckSeries::of(&rows);
        let commits: Vec<&str> = history.checks.iter().map(|c| c.commit.as_str()).collect();
        assert_eq!(commits, ["c1", "c1", "c2"]);
        let layers: Vec<&str> = history.layers.iter().map(|l| l.layer.as_str()).collect();
        assert_eq!(layers, ["work", "time"]);
    }

    #[test]
    fn values_are_relative_to_the_first_under_their_toolchain() {
        let rows = [
            row("1", "time", "a", 2.0, "old"),
            row("2", "time", "a", 10.0, "new"),
            row("3", "time", "a", 3.0, "old"),
            row("4", "time", "a", 5.0, "new"),
            row("4", "time", "none", 0.0, "new"),
        ];
        let layer = &CheckSeries::of(&rows).layers[0];
        let points: Vec<_> = layer.series.iter().map(|s| s.points.clone()).collect();
        assert_eq!(points, [[(0, 1.0), (2, 1.5)], [(1, 1.0), (3, 0.5)]]);
        let expected = [("old".to_string(), 0), ("new".to_string(), 1)];
        assert_eq!(
            (&layer.toolchains[..], layer.without_ratio),
            (&expected[..], 1)
        );
    }

    #[test]
    fn labels_say_what_differs() {
        let metric = |benchmark: &str, metric: &str| Recorded {
            metric: metric.into(),
            ..row("1", "time", benchmark, 1.0, "t")
        };
        let labels = |rows: &[Recorded]| -> Vec<String> {
            let layer = &CheckSeries::of(rows).layers[0];
            layer.series.iter().map(|s| s.label.clone()).collect()
        };
        assert_eq!(labels(&[metric("a", "m"), metric("b", "m")]), ["a", "b"]);
        assert_eq!(labels(&[metric("a", "m"), metric("a", "n")]), ["m", "n"]);
        assert_eq!(
            labels(&[metric("a", "m"), metric("b", "n")]),
            ["a m", "b n"]
        );
    }
}
