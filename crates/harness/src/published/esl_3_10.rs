//! Hastie, Tibshirani & Friedman (2009), Figure 3.10: lasso profiles of the prostate data against the shrinkage factor.

use super::prostate_profile::{DOT, LINE, Setting, chart};
use super::{NUMBER, Reproduction, Scale};
use crate::claim::Rows;
use crate::claim::prostate::{BOOK_S, NAMES, Prostate, Unit};
use crate::figure::chart::{Chart, Look, Side};

/// Where the book draws its line.
const LINE_AT: f64 = 0.36;

/// Both units in which Σ|β| may be taken, with their names in numbers; the first is drawn.
const UNITS: [(Unit, &str); 2] = [
    (Unit::TrainNorm, "unit norm"),
    (Unit::AllDeviation, "deviations of all 97"),
];

pub(super) struct Figure;

impl Reproduction for Figure {
    fn id(&self) -> &'static str {
        "esl-3.10"
    }

    fn title(&self) -> &'static str {
        "Hastie, Tibshirani & Friedman (2009), Figure 3.10"
    }

    fn shows(&self) -> &'static str {
        "Lasso coefficients of the prostate data against s = t/Σ|β_LS|, linear between their knots"
    }

    fn settings(&self) -> &'static str {
        "67 training rows of the prostate data, columns centred; Σ|β| once with columns of unit norm among the 67, as drawn, and once in \
         deviations of all 97 men. λ of knots is that of ½‖y − Zβ‖² + λ‖β‖₁, n = 67 times ours. Coefficients are per deviation among \
         all 97 men."
    }

    fn deviations(&self) -> &'static [&'static str] {
        &[
            "The figure prints no numbers: knots are compared with those that two other packages agree on.",
            "The vertical line stands at the 0.36 that the book prints; the coefficients of its Table 3.3 belong to s = 0.3748.",
        ]
    }

    fn measure(&self, _scale: Scale, rows: &mut Rows) -> anyhow::Result<()> {
        let book = Prostate::load()?;
        for (unit, series) in UNITS {
            let profile = book.lasso(unit)?;
            for (k, column) in profile.entries.iter().enumerate() {
                let name = format!("{series}, column that enters as no. {}", k + 1);
                rows.push(&name, NUMBER, 0.0, (column + 1) as f64);
            }
            for (k, knot) in profile.knots.iter().enumerate() {
                let place = format!("{series}, knot {k}");
                rows.push(&format!("{place}, lambda"), NUMBER, 0.0, knot.lambda);
                rows.push(&format!("{place}, s"), NUMBER, 0.0, knot.s);
                for (name, b) in NAMES.iter().zip(&knot.beta) {
                    rows.push(&format!("{place}, {name}"), NUMBER, 0.0, *b);
                    if unit == UNITS[0].0 {
                        rows.push(name, LINE, knot.s, *b);
                        rows.push(name, DOT, knot.s, *b);
                    }
                }
            }
        }
        rows.push("s of the vertical line", NUMBER, 0.0, LINE_AT);
        Ok(())
    }

    fn charts(&self, rows: &Rows) -> Vec<Chart> {
        let tenths = (0..=5).map(|k| f64::from(k) / 5.0);
        vec![chart(
            rows,
            Setting {
                stem: self.id(),
                title: "Lasso profiles of the prostate data",
                look: Look::L1,
                x: Side::linear("shrinkage factor s = t/Σ|β_{LS}|")
                    .with_ticks(tenths.map(|s| (s, format!("{s:.1}"))).collect()),
                end: 1.0,
                wall: (LINE_AT, "s = 0.36, as the book prints"),
                notes: vec![
                    "67 training rows, Σ|β| with columns of unit norm among them; coefficients of log PSA per deviation among all 97 men."
                        .into(),
                    format!(
                        "Lines are linear between the dots, the knots of the path. The coefficients of the book's Table 3.3 belong to s = {BOOK_S}; \
                         at 0.36 that of lbph is still 0."
                    ),
                    "After Hastie, Tibshirani & Friedman (2009), Figure 3.10.".into(),
                ],
            },
        )]
    }
}
