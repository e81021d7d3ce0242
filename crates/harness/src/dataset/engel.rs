//! Engel: income of 235 Belgian households against what they spend on food, Belgian francs a year.
//!
//! Source: Engel (1857); Koenker & Bassett (1982), Econometrica 50, 43–61; see `data/README.md`.

use super::read::{self, TableOptions};
use super::{Dataset, Kind, Source, Spec};

const TABLE: &str = include_str!("../../data/engel.csv");

/// The registry entry.
pub struct Engel;

impl Source for Engel {
    fn id(&self) -> &'static str {
        "engel"
    }
    fn summary(&self) -> &'static str {
        "food expenditure of 235 households in 1857 on their income, Belgian francs a year"
    }
    fn origin(&self) -> &'static str {
        "Engel (1857), from statsmodels 0.15.0 (public domain)"
    }
    fn kind(&self) -> Kind {
        Kind::Embedded
    }
    fn parameters(&self) -> &'static str {
        ""
    }
    fn load(&self, spec: &Spec) -> anyhow::Result<Dataset> {
        let data = read::embedded("engel.csv", TABLE, "foodexp", &TableOptions::default())?;
        Ok(Dataset {
            name: spec.to_string(),
            ..data
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::{draw::laws, load};

    #[test]
    fn least_squares_are_those_of_the_literature() {
        let data = load(&Spec::new("engel")).unwrap();
        assert_eq!((data.x.nrows(), data.x.ncols()), (235, 1));
        assert_eq!(
            (data.features[0].as_str(), data.response.as_str()),
            ("income", "foodexp")
        );
        laws::line(&data, [147.475388524, 0.485178423677]);
    }
}
