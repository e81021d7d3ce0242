//! What each column of a table is for, decided once from its header.

use std::collections::HashMap;

use super::{InputError, TableOptions, shown};
use crate::dataset::names;

/// The part that a column plays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// Column of X.
    Feature,
    /// y.
    Response,
    /// Decides which rows are kept.
    Filter,
    /// Weight of the row.
    Weight,
    /// Known part of the row's prediction.
    Offset,
    /// Label of the fold that the row is in.
    Fold,
    /// Not looked at.
    Skipped,
}

impl Role {
    /// What a column with this role is, in a message.
    fn noun(self) -> &'static str {
        match self {
            Role::Feature => "a feature",
            Role::Response => "the response",
            Role::Filter => "what selects rows",
            Role::Weight => "the weights",
            Role::Offset => "the offset",
            Role::Fold => "the folds",
            Role::Skipped => "dropped",
        }
    }
}

/// A header with the role of each of its columns.
pub(super) struct Columns {
    /// All names, in the order of the file.
    pub names: Vec<String>,
    /// Their roles.
    pub roles: Vec<Role>,
    /// Value that the filter column must have.
    pub wanted: Option<f64>,
    /// Whether the response may be absent and its cells anything.
    pub lenient: bool,
}

impl Columns {
    /// Errors: [`InputError`], which begins with `place`, for an empty, repeated or unknown name and if no feature is left.
    pub fn new(
        place: &str,
        names: Vec<String>,
        response: &str,
        options: &TableOptions,
    ) -> Result<Self, InputError> {
        let fail = |message: String| Err(InputError(format!("{place}: {message}")));
        let mut position = HashMap::with_capacity(names.len());
        for (k, name) in names.iter().enumerate() {
            if name.is_empty() {
                return fail(format!(
                    "column {} has no name; name it, or remove it if it numbers the rows",
                    k + 1
                ));
            }
            if let Some(first) = position.insert(name.as_str(), k) {
                let name = shown(name);
                return fail(format!(
                    "columns {} and {} are both named {name}; rename one",
                    first + 1,
                    k + 1
                ));
            }
        }
        let find = |name: &str| {
            position.get(name).copied().ok_or_else(|| {
                let known: Vec<&str> = names.iter().map(String::as_str).collect();
                InputError(format!(
                    "{place}: {}",
                    names::unknown("column", name, &known)
                ))
            })
        };
        if let Some(only) = &options.only {
            let mut roles = vec![Role::Skipped; names.len()];
            if let Some(&k) = position.get(response) {
                roles[k] = Role::Response;
            }
            for name in only {
                roles[find(name)?] = Role::Feature;
            }
            return Ok(Self {
                names,
                roles,
                wanted: None,
                lenient: true,
            });
        }
        let mut roles = vec![Role::Feature; names.len()];
        for name in &options.drop {
            roles[find(name)?] = Role::Skipped;
        }
        if let Some((name, _)) = &options.rows {
            roles[find(name)?] = Role::Filter;
        }
        let response_at = find(response)?;
        if roles[response_at] != Role::Feature {
            return fail(format!(
                "column {} is the response and cannot be dropped or select rows",
                shown(response)
            ));
        }
        roles[response_at] = Role::Response;
        for (name, role, noun) in [
            (&options.weights, Role::Weight, "the weights"),
            (&options.offset, Role::Offset, "the offset"),
            (&options.folds, Role::Fold, "the folds"),
        ] {
            let Some(name) = name else { continue };
            let at = find(name)?;
            if roles[at] != Role::Feature {
                return fail(format!(
                    "column {} is to be {noun} and {}; name another column",
                    shown(name),
                    roles[at].noun()
                ));
            }
            roles[at] = role;
        }
        if !roles.contains(&Role::Feature) {
            return fail(format!(
                "no feature is left beside the response {}; at least 1 is needed",
                shown(response)
            ));
        }
        Ok(Self {
            names,
            roles,
            wanted: options.rows.as_ref().map(|(_, value)| *value),
            lenient: false,
        })
    }

    /// p, the number of features.
    pub fn features(&self) -> usize {
        self.roles
            .iter()
            .filter(|&&role| role == Role::Feature)
            .count()
    }

    /// Columns whose cells are read.
    pub fn used(&self) -> usize {
        self.roles
            .iter()
            .filter(|&&role| role != Role::Skipped)
            .count()
    }

    /// The column with this role, the first if there are several.
    pub fn with(&self, role: Role) -> Option<usize> {
        self.roles.iter().position(|&r| r == role)
    }

    /// Names of the features, in the order of the file.
    pub fn feature_names(&self) -> Vec<String> {
        let named = self.names.iter().zip(&self.roles);
        named
            .filter(|&(_, &role)| role == Role::Feature)
            .map(|(name, _)| name.clone())
            .collect()
    }

    /// Errors: [`InputError`] if the filter leaves fewer than two of `all` rows.
    pub fn check_kept(&self, label: &str, kept: usize, all: usize) -> Result<(), InputError> {
        let filter = self.with(Role::Filter);
        match (filter, self.wanted) {
            (Some(k), Some(wanted)) if kept < 2 => {
                let name = shown(&self.names[k]);
                Err(InputError(format!(
                    "{label}: {kept} of {all} rows have {name} = {wanted}; at least 2 are needed"
                )))
            }
            _ => Ok(()),
        }
    }
}
