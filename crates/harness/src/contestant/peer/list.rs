//! The list of peers: which packages there are, how they are driven, and which versions are installed.

use std::collections::BTreeMap;
use std::path::{Component, Path};

use serde::Deserialize;

use crate::dataset::read::InputError;

/// A list as it is written, see `peers/README.md`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct List {
    /// Contestants by id.
    #[serde(default)]
    pub peer: BTreeMap<String, Entry>,
    /// Packages that fit losses beside the squared alone, and are no contestants.
    #[serde(default)]
    pub losses: BTreeMap<String, Entry>,
    /// Packages that are installed without being contestants.
    #[serde(default)]
    pub package: BTreeMap<String, Package>,
    /// Files that are taken out of packages, by the dataset that needs them.
    #[serde(default)]
    pub data: BTreeMap<String, Data>,
}

/// A contestant.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// What it is, and what its tolerance means, in one line.
    pub summary: String,
    /// File beside the list: `.py` and `.R` are run by the driver of that language, anything else by itself.
    pub adapter: String,
    /// Its own tolerances, loosest first.
    pub tolerances: Vec<f64>,
    /// Packages with exact versions.
    #[serde(default)]
    pub requires: Vec<String>,
    /// Debian packages that supply them where the language does not install by itself.
    #[serde(default)]
    pub debian: Vec<String>,
}

/// A package without an adapter.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Package {
    /// What it is for.
    pub summary: String,
    /// R packages with exact versions.
    pub requires: Vec<String>,
    /// Debian packages that supply them.
    #[serde(default)]
    pub debian: Vec<String>,
}

/// Files out of a Python wheel.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Data {
    /// The wheel, with its exact version.
    pub requires: Vec<String>,
    /// Paths inside the wheel.
    pub files: Vec<String>,
}

impl List {
    /// Reads a list. Errors name the file, and the line where there is one.
    pub fn read(path: &Path) -> Result<Self, InputError> {
        let reject = |reason: String| InputError(format!("{}: {reason}", path.display()));
        let text = std::fs::read_to_string(path).map_err(|e| reject(e.to_string()))?;
        let list: Self = toml::from_str(&text).map_err(|e| reject(e.to_string()))?;
        for id in list
            .peer
            .keys()
            .chain(list.losses.keys())
            .chain(list.package.keys())
            .chain(list.data.keys())
        {
            // Ids become names of folders, which an installation removes.
            let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
            if id.is_empty() || id.starts_with('.') || !id.chars().all(plain) {
                return Err(reject(format!(
                    "entry '{id}': an id has letters, digits, '-', '_' and '.' and does not begin with a dot"
                )));
            }
        }
        for (id, data) in &list.data {
            let plain = |file: &String| {
                Path::new(file)
                    .components()
                    .all(|c| matches!(c, Component::Normal(_)))
            };
            if let Some(file) = data.files.iter().find(|file| !plain(file)) {
                return Err(reject(format!(
                    "data '{id}': '{file}' is no path inside a wheel"
                )));
            }
        }
        for (id, entry) in list.peer.iter().chain(&list.losses) {
            let loosening = entry
                .tolerances
                .windows(2)
                .find(|w| w[0].partial_cmp(&w[1]) != Some(std::cmp::Ordering::Greater));
            if entry.tolerances.is_empty()
                || entry
                    .tolerances
                    .iter()
                    .any(|t| !(t.is_finite() && *t > 0.0))
            {
                return Err(reject(format!(
                    "peer '{id}': tolerances must be positive numbers, at least one"
                )));
            }
            if let Some(pair) = loosening {
                return Err(reject(format!(
                    "peer '{id}': tolerances go from loose to tight, but {:e} is followed by {:e}",
                    pair[0], pair[1]
                )));
            }
            let adapter = path.with_file_name(&entry.adapter);
            if !adapter.is_file() {
                return Err(reject(format!(
                    "peer '{id}': its adapter {} is no file",
                    adapter.display()
                )));
            }
        }
        Ok(list)
    }
}
