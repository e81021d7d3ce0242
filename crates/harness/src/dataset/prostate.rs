//! Prostate cancer: eight clinical measures against log antigen, 97 men, of whom ESL trains on 67.
//!
//! Source: Stamey et al. (1989), J. Urology 141, 1076–1083; ESL 2nd ed., § 3.2.1 and 3.4; see `data/README.md`.

use super::read::{self, TableOptions};
use super::{Dataset, Kind, Source, Spec};

const TABLE: &str = include_str!("../../data/prostate.csv");
const ORIGIN: &str =
    "Stamey et al. (1989), as corrected for ESL 2nd ed.; published facts, see data/README.md";

/// All 97 rows.
pub struct All;

/// ESL's 67 training rows.
pub struct Train;

/// ESL's 30 test rows.
pub struct Test;

/// ESL's 67 training rows, standardised by the moments of all 97.
pub struct Esl;

impl Source for All {
    fn id(&self) -> &'static str {
        "prostate"
    }
    fn summary(&self) -> &'static str {
        "prostate cancer, all 97 rows, 8 features"
    }
    fn origin(&self) -> &'static str {
        ORIGIN
    }
    fn kind(&self) -> Kind {
        Kind::Embedded
    }
    fn parameters(&self) -> &'static str {
        ""
    }
    fn load(&self, spec: &Spec) -> anyhow::Result<Dataset> {
        table(
            spec,
            TableOptions {
                drop: vec!["train".into()],
                ..TableOptions::default()
            },
        )
    }
}

impl Source for Train {
    fn id(&self) -> &'static str {
        "prostate-train"
    }
    fn summary(&self) -> &'static str {
        "prostate cancer, the 67 training rows of ESL"
    }
    fn origin(&self) -> &'static str {
        ORIGIN
    }
    fn kind(&self) -> Kind {
        Kind::Embedded
    }
    fn parameters(&self) -> &'static str {
        ""
    }
    fn load(&self, spec: &Spec) -> anyhow::Result<Dataset> {
        table(
            spec,
            TableOptions {
                rows: Some(("train".into(), 1.0)),
                ..TableOptions::default()
            },
        )
    }
}

impl Source for Test {
    fn id(&self) -> &'static str {
        "prostate-test"
    }
    fn summary(&self) -> &'static str {
        "prostate cancer, the 30 test rows of ESL"
    }
    fn origin(&self) -> &'static str {
        ORIGIN
    }
    fn kind(&self) -> Kind {
        Kind::Embedded
    }
    fn parameters(&self) -> &'static str {
        ""
    }
    fn load(&self, spec: &Spec) -> anyhow::Result<Dataset> {
        table(
            spec,
            TableOptions {
                rows: Some(("train".into(), 0.0)),
                ..TableOptions::default()
            },
        )
    }
}

impl Source for Esl {
    fn id(&self) -> &'static str {
        "prostate-esl"
    }
    fn summary(&self) -> &'static str {
        "prostate cancer, the 67 training rows scaled by all 97, as ESL Table 3.3"
    }
    fn origin(&self) -> &'static str {
        ORIGIN
    }
    fn kind(&self) -> Kind {
        Kind::Embedded
    }
    fn parameters(&self) -> &'static str {
        ""
    }
    fn load(&self, spec: &Spec) -> anyhow::Result<Dataset> {
        table(
            spec,
            TableOptions {
                rows: Some(("train".into(), 1.0)),
                reference_all: true,
                ..TableOptions::default()
            },
        )
    }
}

fn table(spec: &Spec, options: TableOptions) -> anyhow::Result<Dataset> {
    let data = read::embedded("prostate.csv", TABLE, "lpsa", &options)?;
    Ok(Dataset {
        name: spec.to_string(),
        ..data
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::{draw::laws, load};

    #[test]
    fn the_views_have_the_rows_and_columns_of_the_book() {
        for (id, n) in [
            ("prostate", 97),
            ("prostate-train", 67),
            ("prostate-test", 30),
            ("prostate-esl", 67),
        ] {
            let data = load(&Spec::new(id)).unwrap();
            assert_eq!((data.x.nrows(), data.x.ncols()), (n, 8));
            let names = [
                "lcavol", "lweight", "age", "lbph", "svi", "lcp", "gleason", "pgg45",
            ];
            assert_eq!(data.features, names);
            assert_eq!(data.response, "lpsa");
            assert_eq!(data.reference.is_some(), id == "prostate-esl");
        }
    }

    #[test]
    fn row_32_is_corrected() {
        let data = load(&Spec::new("prostate")).unwrap();
        assert!((laws::dense(&data).col_as_slice(1)[31] - 44.9f64.ln()).abs() < 1e-13);
    }

    #[test]
    fn the_mean_of_the_training_response_is_the_books_intercept() {
        let data = load(&Spec::new("prostate-train")).unwrap();
        let mean = data.y.iter().sum::<f64>() / 67.0;
        assert!((mean - 2.45234508507).abs() < 1e-10, "{mean}");
    }

    #[test]
    fn the_reference_is_that_of_all_rows() {
        let all = load(&Spec::new("prostate")).unwrap();
        let reference = load(&Spec::new("prostate-esl")).unwrap().reference.unwrap();
        for j in 0..8 {
            let column = laws::dense(&all).col_as_slice(j);
            let mean = column.iter().sum::<f64>() / 97.0;
            let sd = (column.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / 97.0).sqrt();
            assert!((reference.mean[j] - mean).abs() <= 1e-13 * mean.abs().max(1.0));
            assert!((reference.sd[j] - sd).abs() <= 1e-13 * sd);
        }
    }
}
