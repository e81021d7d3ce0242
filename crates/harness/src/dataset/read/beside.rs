//! What a row carries beside features and response: its weight, its offset, the fold it is in.

use super::cell::{self, Flaw};
use super::columns::{Columns, Role};
use super::labels::Labels;
use super::{InputError, shown};
use crate::dataset::Dataset;

/// Values of the rows so far; None where no column has that role.
#[derive(Default)]
pub(super) struct Beside {
    weights: Option<Vec<f64>>,
    offset: Option<Vec<f64>>,
    labels: Option<Labels>,
}

impl Beside {
    /// Adds the cell of a column with this role. Errors: what is wrong with it.
    pub fn push(&mut self, role: Role, text: &str) -> Result<(), String> {
        let flawed = |flaw: Flaw| flaw.of(text);
        match role {
            Role::Weight => {
                let weight = weight(cell::parse(text).map_err(flawed)?, text)?;
                self.weights.get_or_insert_default().push(weight);
            }
            Role::Offset => {
                let offset = cell::parse(text).map_err(flawed)?;
                self.offset.get_or_insert_default().push(offset);
            }
            Role::Fold => (self.labels.get_or_insert_default())
                .push(text)
                .map_err(flawed)?,
            Role::Feature | Role::Response | Role::Filter | Role::Skipped => {}
        }
        Ok(())
    }

    /// Moves everything into the dataset.
    ///
    /// Errors: [`InputError`] if every weight is 0, or every row is in one fold.
    pub fn finish(
        self,
        label: &str,
        columns: &Columns,
        data: &mut Dataset,
    ) -> Result<(), InputError> {
        let place = |role| {
            let name = columns.with(role).map_or("", |k| columns.names[k].as_str());
            format!("{label}: column {}", shown(name))
        };
        if let Some(weights) = self.weights {
            check_weights(&place(Role::Weight), &weights)?;
            data.weights = Some(weights);
        }
        data.offset = self.offset;
        if let Some(labels) = self.labels {
            data.folds = Some(labels.folds(&place(Role::Fold))?);
        }
        Ok(())
    }
}

/// The weight itself. Errors: what is wrong with a negative one, as it was written.
pub(super) fn weight(value: f64, text: &str) -> Result<f64, String> {
    if value < 0.0 {
        return Err(format!(
            "value {} is negative; a weight is 0 or more",
            shown(text.trim())
        ));
    }
    Ok(value)
}

/// Errors: [`InputError`], which begins with `place`, if every weight is 0.
pub(super) fn check_weights(place: &str, weights: &[f64]) -> Result<(), InputError> {
    if weights.iter().all(|w| *w == 0.0) {
        return Err(InputError(format!(
            "{place}: every weight is 0; at least one row must count"
        )));
    }
    Ok(())
}
