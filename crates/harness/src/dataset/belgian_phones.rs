//! Belgian phones: international calls from Belgium, 1950 to 1973, in millions; for six years minutes were counted instead.
//!
//! Source: Rousseeuw & Leroy (1987), Robust Regression and Outlier Detection, table 2.2; see `data/README.md`.

use super::read::{self, TableOptions};
use super::{Dataset, Kind, Source, Spec};

const TABLE: &str = include_str!("../../data/belgian-phones.csv");

/// The registry entry.
pub struct BelgianPhones;

impl Source for BelgianPhones {
    fn id(&self) -> &'static str {
        "belgian-phones"
    }
    fn summary(&self) -> &'static str {
        "international calls from Belgium on the year, 1950 to 1973, in millions; six years hold minutes"
    }
    fn origin(&self) -> &'static str {
        "Rousseeuw & Leroy (1987); published facts, see data/README.md"
    }
    fn kind(&self) -> Kind {
        Kind::Embedded
    }
    fn parameters(&self) -> &'static str {
        ""
    }
    fn load(&self, spec: &Spec) -> anyhow::Result<Dataset> {
        let data = read::embedded(
            "belgian-phones.csv",
            TABLE,
            "calls",
            &TableOptions::default(),
        )?;
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
    fn least_squares_are_those_of_the_literature_and_the_years_are_consecutive() {
        let data = load(&Spec::new("belgian-phones")).unwrap();
        assert_eq!((data.x.nrows(), data.x.ncols()), (24, 1));
        assert_eq!(
            (data.features[0].as_str(), data.response.as_str()),
            ("year", "calls")
        );
        let years: Vec<f64> = (50..=73).map(f64::from).collect();
        assert_eq!(laws::dense(&data).col_as_slice(0), years);
        laws::line(&data, [-260.059246377, 5.04147826087]);
    }
}
