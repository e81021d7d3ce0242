//! What a check adds to the history.

use std::collections::BTreeMap;

use super::gate_numbers::{AllTaken, Taken};
use crate::gate::Layer;
use crate::gate::timing::Timing;
use crate::record::machine::Machine;
use crate::record::schema::{HistoryRow, SCHEMA};

/// Name of the sum over all paths: single ones are the baseline's affair.
const ALL_PATHS: &str = "all paths";

/// The rows of one check.
pub(super) struct Rows {
    machine: Machine,
    pub(super) rows: Vec<HistoryRow>,
}

impl Rows {
    pub(super) fn new() -> Self {
        Self {
            machine: Machine::detect(),
            rows: Vec::new(),
        }
    }

    /// Adds work, each counter summed over all paths and λ, and instructions and memory of each benchmark. Answers are right
    /// or wrong, and have no history.
    pub(super) fn counts(&mut self, taken: &AllTaken) {
        for (&layer, taken) in &taken.layers {
            let Taken::Numbers(numbers) = taken else {
                continue;
            };
            let values = numbers.metrics.iter().filter_map(|(key, value)| {
                let value: f64 = value.parse().ok()?;
                Some((key, value))
            });
            match layer {
                Layer::Work => {
                    let mut totals: BTreeMap<&str, f64> = BTreeMap::new();
                    for (key, value) in values {
                        let counter = key.metric.split(' ').next().unwrap_or_default();
                        *totals.entry(counter).or_default() += value;
                    }
                    let simd = self.machine.simd.clone();
                    for (counter, total) in totals {
                        self.add(layer, ALL_PATHS, counter, total, &simd);
                    }
                }
                Layer::Instructions | Layer::Memory => {
                    let toolchain = numbers.toolchain.as_deref().unwrap_or_default();
                    for (key, value) in values {
                        self.add(layer, &key.cell, &key.metric, value, toolchain);
                    }
                }
                Layer::Answers | Layer::Time => {}
            }
        }
    }

    /// Adds the seconds of each benchmark.
    pub(super) fn times(&mut self, timings: &[Timing]) {
        let toolchain = format!("{}, {}", self.machine.rustc, self.machine.summary());
        for timing in timings {
            let (name, seconds) = (&timing.benchmark, timing.head);
            self.add(Layer::Time, name, "seconds", seconds, &toolchain);
        }
    }

    fn add(&mut self, layer: Layer, benchmark: &str, metric: &str, value: f64, toolchain: &str) {
        self.rows.push(HistoryRow {
            recorded: self.machine.started.clone(),
            commit: self.machine.revision(),
            layer: layer.name().into(),
            benchmark: benchmark.into(),
            metric: metric.into(),
            value,
            toolchain: toolchain.into(),
            schema: SCHEMA,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::super::gate_numbers::Numbers;
    use super::*;
    use crate::gate::measure::{Key, Metrics};

    fn numbers(values: &[(&str, &str, &str)], toolchain: Option<&str>) -> Taken {
        let entry = |&(cell, metric, value): &(&str, &str, &str)| {
            let (cell, metric) = (cell.into(), metric.into());
            (Key { cell, metric }, value.into())
        };
        Taken::Numbers(Numbers {
            metrics: values.iter().map(entry).collect::<Metrics>(),
            toolchain: toolchain.map(str::to_owned),
        })
    }

    #[test]
    fn counters_are_summed_over_paths_and_counts_kept_apart() {
        let mut taken = AllTaken::default();
        let work = [
            ("a", "passes setup", "1"),
            ("a", "passes k=00-09", "2"),
            ("b", "passes k=00-09", "4"),
            ("b", "epochs k=00-09", "8"),
        ];
        taken.layers.insert(Layer::Work, numbers(&work, None));
        let counts = [("a", "instructions", "10"), ("b", "instructions", "20")];
        let counts = numbers(&counts, Some("rustc 1"));
        taken.layers.insert(Layer::Instructions, counts);
        let answers = numbers(&[("a", "objective k=09", "0.5")], None);
        taken.layers.insert(Layer::Answers, answers);
        let missing = Taken::Missing("it is not there".into());
        taken.layers.insert(Layer::Memory, missing);
        let mut rows = Rows::new();
        rows.counts(&taken);
        let found: Vec<(&str, &str, f64)> = (rows.rows.iter())
            .map(|r| (&*r.benchmark, &*r.metric, r.value))
            .collect();
        let expected = [
            (ALL_PATHS, "epochs", 8.0),
            (ALL_PATHS, "passes", 7.0),
            ("a", "instructions", 10.0),
            ("b", "instructions", 20.0),
        ];
        assert_eq!(found, expected);
        assert_eq!(rows.rows[2].toolchain, "rustc 1");
    }
}
