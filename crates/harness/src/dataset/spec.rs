//! Which dataset, with which parameters and from which random stream: plain data that can travel.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::read::InputError;

/// A dataset by name; a parameter that is None takes the default of the dataset.
///
/// Shown as `equicorrelated(n=100,p=5000,rho=0.5)`; the seed is not part of that name.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Spec {
    /// Name in the registry.
    pub id: String,
    /// Rows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub n: Option<usize>,
    /// Columns.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub p: Option<usize>,
    /// Correlation of columns, in [0, 1).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rho: Option<f64>,
    /// Signal-to-noise ratio, positive; which ratio is said by each dataset.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub snr: Option<f64>,
    /// Share of the true coefficients that are not zero, in (0, 1].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub density: Option<f64>,
    /// Stored entries of a sparse X.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nnz: Option<usize>,
    /// Seed of the generator.
    #[serde(default)]
    pub seed: u64,
    /// Stream of the generator: independent draws under one seed.
    #[serde(default)]
    pub stream: u64,
}

impl Spec {
    /// The dataset of that name with its defaults, seed 0, stream 0.
    pub fn new(id: &str) -> Self {
        Self {
            id: id.to_owned(),
            ..Self::default()
        }
    }

    /// The parameters that were given, as (name, value).
    fn given(&self) -> Vec<(&'static str, String)> {
        let whole = [("n", self.n), ("p", self.p), ("nnz", self.nnz)];
        let real = [
            ("rho", self.rho),
            ("snr", self.snr),
            ("density", self.density),
        ];
        let whole = whole
            .into_iter()
            .filter_map(|(name, v)| Some((name, v?.to_string())));
        let real = real
            .into_iter()
            .filter_map(|(name, v)| Some((name, v?.to_string())));
        whole.chain(real).collect()
    }

    /// Errors: [`InputError`] if a parameter was given that is not in `accepted`, a list such as `n=100, rho=0.5`.
    pub(super) fn check_names(&self, accepted: &str) -> Result<(), InputError> {
        let known = |name: &str| {
            accepted
                .split(", ")
                .any(|entry| entry.split('=').next() == Some(name))
        };
        match self.given().into_iter().find(|(name, _)| !known(name)) {
            None => Ok(()),
            Some((name, _)) if accepted.is_empty() => {
                Err(self.reject(format!("takes no parameter, but {name} was given")))
            }
            Some((name, _)) => {
                Err(self.reject(format!("has no parameter {name}; it takes {accepted}")))
            }
        }
    }

    /// (n, p) with n ≥ 2, p ≥ 1 and both in 32 bits, as sparse row indices are.
    pub(super) fn shape(&self, n: usize, p: usize) -> Result<(usize, usize), InputError> {
        let (n, p) = (self.n.unwrap_or(n), self.p.unwrap_or(p));
        if n < 2 || p < 1 {
            return Err(self.reject(format!("n={n}, p={p} is too small; use n ≥ 2 and p ≥ 1")));
        }
        match n.checked_mul(p) {
            Some(_) if n.max(p) <= u32::MAX as usize => Ok((n, p)),
            _ => Err(self.reject(format!("n={n}, p={p} is beyond 32 bits; use smaller ones"))),
        }
    }

    /// ρ in [0, 1).
    pub(super) fn rho_or(&self, default: f64) -> Result<f64, InputError> {
        let rho = self.rho.unwrap_or(default);
        let valid = (0.0..1.0).contains(&rho);
        valid
            .then_some(rho)
            .ok_or_else(|| self.reject(format!("rho={rho} is outside [0, 1)")))
    }

    /// Signal-to-noise ratio, positive and finite.
    pub(super) fn snr_or(&self, default: f64) -> Result<f64, InputError> {
        let snr = self.snr.unwrap_or(default);
        let valid = snr > 0.0 && snr.is_finite();
        valid
            .then_some(snr)
            .ok_or_else(|| self.reject(format!("snr={snr} must be positive and finite")))
    }

    /// Share of non-zero coefficients, in (0, 1].
    pub(super) fn density_or(&self, default: f64) -> Result<f64, InputError> {
        let density = self.density.unwrap_or(default);
        let valid = density > 0.0 && density <= 1.0;
        valid
            .then_some(density)
            .ok_or_else(|| self.reject(format!("density={density} is outside (0, 1]")))
    }

    /// The error that blames this dataset's parameters.
    pub(super) fn reject(&self, reason: String) -> InputError {
        InputError(format!("dataset {}: {reason}", self.id))
    }
}

impl fmt::Display for Spec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut given = self.given();
        if self.stream != 0 {
            given.push(("stream", self.stream.to_string()));
        }
        f.write_str(&self.id)?;
        if given.is_empty() {
            return Ok(());
        }
        let list: Vec<String> = given
            .into_iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        write!(f, "({})", list.join(","))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_what_was_given() {
        let spec = Spec {
            n: Some(100),
            p: Some(5000),
            rho: Some(0.5),
            ..Spec::new("equicorrelated")
        };
        assert_eq!(spec.to_string(), "equicorrelated(n=100,p=5000,rho=0.5)");
        assert_eq!(Spec::new("diabetes").to_string(), "diabetes");
    }

    #[test]
    fn travels_as_json() {
        let spec = Spec {
            snr: Some(0.1),
            stream: 3,
            ..Spec::new("toeplitz")
        };
        let text = serde_json::to_string(&spec).unwrap();
        assert_eq!(serde_json::from_str::<Spec>(&text).unwrap(), spec);
        assert_eq!(
            serde_json::from_str::<Spec>(r#"{"id":"toeplitz"}"#).unwrap(),
            Spec::new("toeplitz")
        );
    }
}
