//! Rows: what the trials of one claim measured, in long form, as the frame holds it.

use serde::{Deserialize, Serialize};

/// One measured number.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Row {
    /// Number of the trial that drew its own data, from 0; None where nothing is drawn.
    pub trial: Option<u64>,
    /// What was compared: the loss, the penalty, the optimizer.
    pub series: String,
    /// What was measured.
    pub quantity: String,
    /// Where: the share of outliers, the step size, the iteration; 0 where there is one place only.
    pub at: f64,
    /// The number; NaN where it could not be had.
    pub value: f64,
}

/// The rows of one claim, those of one trial in the order in which they were measured, trials ascending.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rows {
    rows: Vec<Row>,
    trial: Option<u64>,
}

impl Rows {
    /// Rows to be measured by one trial, or by none.
    pub fn of(trial: Option<u64>) -> Self {
        Self {
            rows: Vec::new(),
            trial,
        }
    }

    /// Number of the trial that measures, from 0; None where nothing is drawn.
    pub fn trial(&self) -> Option<u64> {
        self.trial
    }

    /// Rows that were measured before.
    pub fn from_rows(rows: Vec<Row>) -> Self {
        Self { rows, trial: None }
    }

    /// Takes the rows of one more trial.
    pub fn append(&mut self, mut other: Rows) {
        self.rows.append(&mut other.rows);
    }

    /// Every row.
    pub fn as_slice(&self) -> &[Row] {
        &self.rows
    }

    /// Records one number of this trial.
    pub fn push(&mut self, series: &str, quantity: &str, at: f64, value: f64) {
        self.rows.push(Row {
            trial: self.trial,
            series: series.to_owned(),
            quantity: quantity.to_owned(),
            at,
            value,
        });
    }

    /// Records a line of (at, value).
    pub fn push_line(&mut self, series: &str, quantity: &str, points: &[(f64, f64)]) {
        for &(at, value) in points {
            self.push(series, quantity, at, value);
        }
    }

    fn matching<'a>(
        &'a self,
        series: &'a str,
        quantity: &'a str,
    ) -> impl Iterator<Item = &'a Row> + 'a {
        (self.rows.iter()).filter(move |r| r.series == series && r.quantity == quantity)
    }

    /// The first number of that name at that place, of whichever trial; NaN if there is none.
    pub fn value(&self, series: &str, quantity: &str, at: f64) -> f64 {
        let found = self.matching(series, quantity).find(|r| r.at == at);
        found.map_or(f64::NAN, |r| r.value)
    }

    /// The numbers of that name at that place, one per trial, trials ascending.
    pub fn values(&self, series: &str, quantity: &str, at: f64) -> Vec<f64> {
        let here = self.matching(series, quantity).filter(|r| r.at == at);
        here.map(|r| r.value).collect()
    }

    /// (at, value) of that name in the order of recording, of the first trial that has it.
    pub fn line(&self, series: &str, quantity: &str) -> Vec<(f64, f64)> {
        let Some(first) = self.matching(series, quantity).next() else {
            return Vec::new();
        };
        let same = self.matching(series, quantity);
        let same = same.filter(|r| r.trial == first.trial);
        same.map(|r| (r.at, r.value)).collect()
    }

    /// The distinct places of that name, ascending.
    pub fn places(&self, series: &str, quantity: &str) -> Vec<f64> {
        let mut places: Vec<f64> = self.matching(series, quantity).map(|r| r.at).collect();
        places.sort_by(f64::total_cmp);
        places.dedup();
        places
    }

    /// Each place of that name, ascending, with the numbers of all trials there.
    pub fn spread(&self, series: &str, quantity: &str) -> Vec<(f64, Vec<f64>)> {
        let mut here: Vec<(f64, f64)> = (self.matching(series, quantity))
            .map(|r| (r.at, r.value))
            .collect();
        here.sort_by(|a, b| a.0.total_cmp(&b.0));
        let mut spread: Vec<(f64, Vec<f64>)> = Vec::new();
        for (at, value) in here {
            match spread.last_mut() {
                Some((last, values)) if *last == at => values.push(value),
                _ => spread.push((at, vec![value])),
            }
        }
        spread
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_found_by_name_place_and_trial() {
        let mut all = Rows::of(None);
        all.push_line("a", "curve", &[(2.0, 4.0), (1.0, 1.0)]);
        for trial in 0..3 {
            let mut rows = Rows::of(Some(trial));
            rows.push("a", "error", 1.0, trial as f64);
            rows.push("a", "error", 0.5, -1.0);
            all.append(rows);
        }
        assert_eq!(all.line("a", "curve"), [(2.0, 4.0), (1.0, 1.0)]);
        assert_eq!(all.values("a", "error", 1.0), [0.0, 1.0, 2.0]);
        assert_eq!(all.line("a", "error"), [(1.0, 0.0), (0.5, -1.0)]);
        assert_eq!(all.places("a", "error"), [0.5, 1.0]);
        let spread = all.spread("a", "error");
        assert_eq!(spread[1], (1.0, vec![0.0, 1.0, 2.0]));
        assert!(all.value("b", "error", 1.0).is_nan());
    }
}
