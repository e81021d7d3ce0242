//! A fitted path as a file, `model.json`: what a prediction needs, on the original scale of the data.

mod exact;
mod relaxed;

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use regpath_solvers::loss::LossKind;
use serde::{Deserialize, Serialize};

use crate::dataset::read::InputError;
use crate::loss::{named, parameter};
use crate::prepared::Prepared;
use crate::record::store::write_text;
use crate::trial::Rows;
use exact::exact;

/// Version of the file; raised when a field changes its meaning.
pub const SCHEMA: u32 = 1;
/// What says that a JSON file is a model.
pub const KIND: &str = "regpath-model";
/// Name of the file in the directory of a fit.
pub const FILE: &str = "model.json";

/// A path of fits of one response on named features. Numbers are read back to the last bit; fields that are not known are passed
/// over.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Model {
    /// [`SCHEMA`].
    pub schema: u32,
    /// [`KIND`].
    pub kind: String,
    /// Name of the response.
    pub response: String,
    /// Names of the features, length p; coefficients refer to their positions.
    pub features: Vec<String>,
    /// Loss that was minimised: squared, absolute, quantile, huber or logistic.
    pub loss: String,
    /// Which quantile, for quantile loss.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "exact"
    )]
    pub tau: Option<f64>,
    /// Residual beyond which Huber's loss is linear.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "exact"
    )]
    pub delta: Option<f64>,
    /// The two labels of a logistic response, the smaller first; the fit is of the log-odds of the larger.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "exact"
    )]
    pub classes: Option<Vec<f64>>,
    /// Elastic-net mixing parameter: 1 is the lasso, 0 is ridge.
    #[serde(deserialize_with = "exact")]
    pub alpha: f64,
    /// Whether an intercept was fitted.
    pub intercept: bool,
    /// Whether columns were divided by their deviations.
    pub standardize: bool,
    /// How each feature was standardised, length p.
    pub standardization: Vec<Standardization>,
    /// Rows that were fitted.
    pub n: usize,
    /// Bound on relative gaps that the solver was asked for.
    #[serde(deserialize_with = "exact")]
    pub tol: f64,
    /// Whether rows had weights.
    #[serde(default, skip_serializing_if = "is_false")]
    pub weights: bool,
    /// Whether each row had an offset, which a prediction then needs as well.
    #[serde(default, skip_serializing_if = "is_false")]
    pub offset: bool,
    /// Factor of λ for each feature; null for one that was kept out.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "exact"
    )]
    pub penalty_factors: Option<Vec<Option<f64>>>,
    /// Least coefficient of each feature; null where there is no bound.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "exact"
    )]
    pub lower: Option<Vec<Option<f64>>>,
    /// Largest coefficient of each feature; null where there is no bound.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "exact"
    )]
    pub upper: Option<Vec<Option<f64>>>,
    /// λ that cross-validation chose.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub selected: Option<Selected>,
    /// The fits, λ decreasing.
    pub path: Vec<Fit>,
}

/// Standardised, a feature is (x − center)/scale.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Standardization {
    /// Mean over the rows that columns were centred by, which are those fitted unless others were named; 0 without intercept.
    #[serde(deserialize_with = "exact")]
    pub center: f64,
    /// Deviation, or 1 where columns were not divided; null for a constant column, which takes no part.
    #[serde(deserialize_with = "exact")]
    pub scale: Option<f64>,
}

/// λ by cross-validation.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Selected {
    /// Largest λ with the smallest mean error.
    #[serde(deserialize_with = "exact")]
    pub lambda_min: f64,
    /// Largest λ whose mean error is within one standard error of the smallest.
    #[serde(deserialize_with = "exact")]
    pub lambda_1se: f64,
}

/// The fit at one λ.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Fit {
    /// Penalty level in the scaling (1/n) Σ ℓ(y_i, x_iᵀβ) + λ Ω(β), ℓ = (y − z)²/2 for squared loss.
    #[serde(deserialize_with = "exact")]
    pub lambda: f64,
    /// Intercept; 0 when there is none.
    #[serde(deserialize_with = "exact")]
    pub intercept: f64,
    /// (feature, coefficient) of those that are not 0, by feature, counted from 0.
    #[serde(deserialize_with = "exact")]
    pub coefficients: Vec<(usize, f64)>,
    /// Certified relative duality gap.
    #[serde(default, deserialize_with = "exact")]
    pub gap_rel: Option<f64>,
    /// Status of the point, as in the frame `points`.
    pub status: String,
    /// Least squares on the features that are active here, with their signs free.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub relaxed: Option<Coefficients>,
}

/// A linear function of the features.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Coefficients {
    /// Value where every feature is 0.
    #[serde(deserialize_with = "exact")]
    pub intercept: f64,
    /// (feature, coefficient) of those that are not 0, by feature, counted from 0.
    #[serde(deserialize_with = "exact")]
    pub coefficients: Vec<(usize, f64)>,
}

/// A place on the path: `share` of the way, in λ, from fit k to the next one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Place {
    /// Fit at it or before it.
    pub k: usize,
    /// In [0, 1); 0 at a λ of the grid.
    pub share: f64,
}

fn is_false(value: &bool) -> bool {
    !*value
}

/// What every version of the file has.
#[derive(Deserialize)]
struct Header {
    kind: Option<String>,
    schema: Option<u32>,
}

impl Model {
    /// The points of a fit that were reached.
    pub fn new(data: &Prepared, rows: &Rows, tol: f64) -> Self {
        let places = data.features.iter().zip(0..);
        let places: HashMap<&str, usize> = places.map(|(name, j)| (name.as_str(), j)).collect();
        let mut coefficients: HashMap<u64, Vec<(usize, f64)>> = HashMap::new();
        for row in &rows.coefs {
            if let Some(&j) = places.get(row.feature.as_str())
                && row.value != 0.0
            {
                coefficients.entry(row.k).or_default().push((j, row.value));
            }
        }
        let reached = rows.points.iter().filter(|p| !p.primal.is_nan());
        let path = reached.map(|point| Fit {
            lambda: point.lambda,
            intercept: point.intercept,
            coefficients: coefficients.remove(&point.k).unwrap_or_default(),
            gap_rel: Some(point.gap_rel).filter(|gap| gap.is_finite()),
            status: point.status.clone(),
            relaxed: None,
        });
        let scaling = &data.standardization;
        let restrictions = &data.restrictions;
        // Infinity has no number in JSON.
        let finite = |values: &Option<Vec<f64>>| {
            let each = |values: &Vec<f64>| {
                values
                    .iter()
                    .map(|v| Some(*v).filter(|v| v.is_finite()))
                    .collect()
            };
            values.as_ref().map(each)
        };
        let columns = scaling.center.iter().zip(&scaling.scale);
        let own = |name: &str| {
            parameter(data.loss)
                .filter(|(n, _)| *n == name)
                .map(|(_, v)| v)
        };
        Self {
            schema: SCHEMA,
            kind: KIND.into(),
            response: data.response.clone(),
            features: data.features.clone(),
            loss: data.loss.name().into(),
            tau: own("tau"),
            delta: own("delta"),
            classes: data.classes.map(Vec::from),
            alpha: rows.run.alpha,
            intercept: data.preparation.options.intercept,
            standardize: data.preparation.options.standardize,
            standardization: columns
                .map(|(&center, &scale)| Standardization {
                    center,
                    scale: Some(scale).filter(|s| s.is_finite()),
                })
                .collect(),
            n: data.nrows(),
            tol,
            weights: data.weighted,
            offset: data.offset,
            penalty_factors: finite(&restrictions.factors),
            lower: finite(&restrictions.lower),
            upper: finite(&restrictions.upper),
            selected: None,
            path: path.collect(),
        }
    }

    /// Writes `model.json` into `dir`. Errors: the directory cannot be written.
    pub fn write(&self, dir: &Path) -> anyhow::Result<()> {
        write_text(&dir.join(FILE), &(serde_json::to_string(self)? + "\n"))
    }

    /// Reads a model, or the one in a directory.
    ///
    /// Errors: [`InputError`] for a file that is absent, no JSON, of another kind, of a newer version, incomplete, or that
    /// contradicts itself.
    pub fn read(path: &Path) -> Result<Self, InputError> {
        let file: PathBuf = if path.is_dir() {
            path.join(FILE)
        } else {
            path.to_owned()
        };
        let fail = |message: String| InputError(format!("{}: {message}", file.display()));
        let text = std::fs::read_to_string(&file).map_err(|e| {
            fail(format!(
                "cannot be read: {e}; name a model.json or the --out directory of `regpath fit`"
            ))
        })?;
        let again = "write it again with `regpath fit`";
        serde_json::from_str::<serde::de::IgnoredAny>(&text)
            .map_err(|e| fail(format!("is not JSON ({e}); {again}")))?;
        let header: Header =
            serde_json::from_str(&text).map_err(|e| fail(format!("is no model ({e}); {again}")))?;
        match &header.kind {
            Some(kind) if kind == KIND => {}
            Some(kind) => {
                return Err(fail(format!(
                    "is of kind {kind:?}, expected {KIND:?}; {again}"
                )));
            }
            None => return Err(fail(format!("has no \"kind\", expected {KIND:?}; {again}"))),
        }
        match header.schema {
            Some(SCHEMA) => {}
            Some(schema) if schema > SCHEMA => {
                return Err(fail(format!(
                    "has schema {schema}, newer than {SCHEMA}, the last that is known here; use a newer regpath"
                )));
            }
            schema => {
                let schema = schema.map_or("no schema".into(), |s| format!("schema {s}"));
                return Err(fail(format!("has {schema}, expected {SCHEMA}; {again}")));
            }
        }
        let model: Self = serde_json::from_str(&exact::quoted(&text)).map_err(|e| {
            // Places are those of the quoted text.
            let message = e.to_string();
            let message = message.split(" at line ").next().unwrap_or_default();
            fail(format!("is no complete model: {message}; {again}"))
        })?;
        model
            .check()
            .map_err(|why| fail(format!("{why}; {again}")))?;
        Ok(model)
    }

    /// Errors: what contradicts itself.
    fn check(&self) -> Result<(), String> {
        let p = self.features.len();
        let mut names = std::collections::HashSet::new();
        if let Some(twice) = self
            .features
            .iter()
            .find(|name| !names.insert(name.as_str()))
        {
            return Err(format!("has two features that are called {twice:?}"));
        }
        self.loss_kind()
            .map_err(|why| format!("has no loss that can be used: {why}"))?;
        let classes = self.classes.as_deref();
        if (self.loss == "logistic") != classes.is_some_and(|c| c.len() == 2 && c[0] < c[1]) {
            return Err(format!(
                "has loss {:?} and {} classes, expected two increasing numbers for logistic loss and none otherwise",
                self.loss,
                classes.map_or(0, <[f64]>::len)
            ));
        }
        if !(0.0..=1.0).contains(&self.alpha) {
            return Err(format!(
                "has alpha {}, expected a number in [0, 1]",
                self.alpha
            ));
        }
        let lengths = [
            ("standardization", Some(self.standardization.len())),
            (
                "penalty_factors",
                self.penalty_factors.as_ref().map(Vec::len),
            ),
            ("lower", self.lower.as_ref().map(Vec::len)),
            ("upper", self.upper.as_ref().map(Vec::len)),
        ];
        for (name, length) in lengths {
            if let Some(length) = length.filter(|&length| length != p) {
                return Err(format!("has {length} entries of {name} for {p} features"));
            }
        }
        if self.path.is_empty() {
            return Err("has no fit in its path".into());
        }
        let mut last = f64::INFINITY;
        for (k, fit) in self.path.iter().enumerate() {
            if !(fit.lambda >= 0.0 && fit.lambda <= last) {
                return Err(format!(
                    "has lambda {} after {last} at position {k} of its path, expected decreasing numbers >= 0",
                    fit.lambda
                ));
            }
            last = fit.lambda;
            let relaxed = fit.relaxed.as_ref().map_or(&[][..], |r| &r.coefficients);
            for list in [&fit.coefficients[..], relaxed] {
                let mut next = 0;
                for &(j, _) in list {
                    if j >= p {
                        return Err(format!(
                            "has a coefficient of feature {j} at position {k} of its path, but features are 0 to {}",
                            p.saturating_sub(1)
                        ));
                    }
                    if j < next {
                        return Err(format!(
                            "has coefficients that are not in the order of the features at position {k} of its path"
                        ));
                    }
                    next = j + 1;
                }
            }
        }
        Ok(())
    }

    /// The loss. Errors: its name or parameter is none.
    pub fn loss_kind(&self) -> Result<LossKind, String> {
        named(&self.loss, self.tau, self.delta)
    }

    /// Smallest and largest λ.
    pub fn range(&self) -> (f64, f64) {
        let ends = (self.path.last(), self.path.first());
        (
            ends.0.map_or(f64::NAN, |fit| fit.lambda),
            ends.1.map_or(f64::NAN, |fit| fit.lambda),
        )
    }

    /// Where λ is on the path; outside its range the nearest end, as in glmnet.
    pub fn place(&self, lambda: f64) -> Place {
        let k = self.path.partition_point(|fit| fit.lambda > lambda);
        let at = |k: usize| self.path.get(k).map(|fit| fit.lambda);
        match (k.checked_sub(1).and_then(at), at(k)) {
            (Some(above), Some(below)) if below < lambda => Place {
                k: k - 1,
                share: (above - lambda) / (above - below),
            },
            (_, Some(_)) => Place { k, share: 0.0 },
            (_, None) => Place {
                k: k.saturating_sub(1),
                share: 0.0,
            },
        }
    }

    /// Coefficients at a place: between two fits linear in λ, as in glmnet. With γ they are γ of the fit and 1 − γ of the relaxed one
    /// [Hastie, Tibshirani & Tibshirani 2020, Statistical Science 35]; None if there is no relaxed fit.
    pub fn coefficients(&self, place: Place, gamma: Option<f64>) -> Option<Coefficients> {
        let here = self.blended(place.k, gamma)?;
        if place.share == 0.0 {
            return Some(here);
        }
        let next = self.blended(place.k + 1, gamma)?;
        Some(here.blend(1.0 - place.share, &next, place.share))
    }

    fn blended(&self, k: usize, gamma: Option<f64>) -> Option<Coefficients> {
        let fit = self.path.get(k)?;
        let plain = Coefficients {
            intercept: fit.intercept,
            coefficients: fit.coefficients.clone(),
        };
        match gamma {
            None => Some(plain),
            Some(gamma) => Some(plain.blend(gamma, fit.relaxed.as_ref()?, 1.0 - gamma)),
        }
    }
}

impl Coefficients {
    /// a · self + b · other.
    fn blend(&self, a: f64, other: &Self, b: f64) -> Self {
        let mut sum: BTreeMap<usize, f64> = BTreeMap::new();
        for (share, list) in [(a, &self.coefficients), (b, &other.coefficients)] {
            for &(j, value) in list {
                *sum.entry(j).or_default() += share * value;
            }
        }
        Self {
            intercept: a * self.intercept + b * other.intercept,
            coefficients: sum.into_iter().collect(),
        }
    }
}
