//! Stars CYG OB1: surface temperature of 47 stars against their light, both as logarithms; four are giants.
//!
//! Source: Rousseeuw & Leroy (1987), Robust Regression and Outlier Detection, table 2.3 (Hertzsprung–Russell diagram); see `data/README.md`.

use super::read::{self, TableOptions};
use super::{Dataset, Kind, Source, Spec};

const TABLE: &str = include_str!("../../data/stars-cyg.csv");

/// The registry entry.
pub struct StarsCyg;

impl Source for StarsCyg {
    fn id(&self) -> &'static str {
        "stars-cyg"
    }
    fn summary(&self) -> &'static str {
        "log light of 47 stars of the cluster CYG OB1 on log temperature; four are giants"
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
            "stars-cyg.csv",
            TABLE,
            "log.light",
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
    fn least_squares_are_those_of_the_literature_and_four_stars_are_giants() {
        let data = load(&Spec::new("stars-cyg")).unwrap();
        assert_eq!((data.x.nrows(), data.x.ncols()), (47, 1));
        assert_eq!(
            (data.features[0].as_str(), data.response.as_str()),
            ("log.Te", "log.light")
        );
        let x = laws::dense(&data).col_as_slice(0);
        let giants: Vec<usize> = (0..47).filter(|&i| x[i] < 3.6).collect();
        assert_eq!(giants, [10, 19, 29, 33]);
        laws::line(&data, [6.7934672987, -0.413303860587]);
    }
}
