//! Hastie, Tibshirani & Friedman (2009), Figure 3.8: ridge profiles of the prostate data against degrees of freedom.

use super::prostate_profile::{DOT, LINE, Setting, chart};
use super::{NUMBER, Reproduction, Scale};
use crate::claim::Rows;
use crate::claim::prostate::{BOOK_DF, NAMES, Prostate};
use crate::figure::chart::{Chart, Look, Side};
use anyhow::Context;
use regpath_solvers::design::Dense;
use regpath_solvers::ridge;

/// Degrees of freedom at which coefficients are compared.
const COMPARED: [f64; 8] = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 7.5];
/// Points of a line in one degree of freedom.
const PER_DF: u32 = 40;
/// Points from one dot to the next.
const PER_DOT: u32 = 10;

pub(super) struct Figure;

impl Reproduction for Figure {
    fn id(&self) -> &'static str {
        "esl-3.8"
    }

    fn title(&self) -> &'static str {
        "Hastie, Tibshirani & Friedman (2009), Figure 3.8"
    }

    fn shows(&self) -> &'static str {
        "Ridge coefficients of the prostate data against the effective degrees of freedom"
    }

    fn settings(&self) -> &'static str {
        "67 training rows of the prostate data, columns scaled to mean 0 and deviation 1 among all 97 men and not centred again. The book's \
         ‖y − Zβ‖² + λ‖β‖² is 2n times ours at λ/n, n = 67: its λ is 67 times ours."
    }

    fn deviations(&self) -> &'static [&'static str] {
        &[
            "The figure prints no numbers: profiles are compared with those that two other packages agree on.",
            "The dots stand at quarters of a degree of freedom; the book does not say at which λ it has them.",
        ]
    }

    fn measure(&self, _scale: Scale, rows: &mut Rows) -> anyhow::Result<()> {
        let book = Prostate::load()?;
        let (n, p) = (book.rows(), NAMES.len());
        let factor = book.ridge_factor()?;
        let builder = ridge().intercept(false).standardize(false).tol(1e-12);
        let solve = |lambda: f64| -> anyhow::Result<Vec<f64>> {
            let path = builder.clone().lambdas([lambda]);
            Ok(path.fit(book.z.as_ref(), &book.centred)?.coefficients(0))
        };
        for step in 0..=PER_DF * p as u32 {
            let df = f64::from(step) / f64::from(PER_DF);
            // Nothing is left at df = 0, where λ is infinite, and least squares at df = p, where it is 0.
            let beta = if step == 0 {
                vec![0.0; p]
            } else if df == p as f64 {
                solve(0.0)?
            } else {
                solve(book.lambda_of_df(&factor, df)?)?
            };
            for (name, b) in NAMES.iter().zip(beta) {
                rows.push(name, LINE, df, b);
                if step % PER_DOT == 0 {
                    rows.push(name, DOT, df, b);
                }
            }
        }
        for df in COMPARED {
            let lambda = book.lambda_of_df(&factor, df)?;
            rows.push(&format!("df {df}, lambda"), NUMBER, 0.0, n * lambda);
            for (name, b) in NAMES.iter().zip(solve(lambda)?) {
                rows.push(&format!("df {df}, {name}"), NUMBER, 0.0, b);
            }
        }
        // Not the sum over eigenvalues by which λ was found, but the trace of the smoother.
        let chosen = book.lambda_of_df(&factor, BOOK_DF)?;
        let leverages = factor.leverages(&Dense::try_new(book.z.as_ref())?, &[chosen]);
        let leverages = leverages.first().context("one λ has its leverages")?;
        rows.push(
            "df of the vertical line",
            NUMBER,
            0.0,
            leverages.iter().sum(),
        );
        Ok(())
    }

    fn charts(&self, rows: &Rows) -> Vec<Chart> {
        let ticks = (0..=8).map(|df| (f64::from(df), df.to_string()));
        vec![chart(
            rows,
            Setting {
                stem: self.id(),
                title: "Ridge profiles of the prostate data",
                look: Look::L2,
                x: Side::linear("effective degrees of freedom df(λ)").with_ticks(ticks.collect()),
                end: 8.0,
                wall: (BOOK_DF, "df = 5, the book's choice"),
                notes: vec![
                    "67 training rows, columns in deviations of all 97 men and not centred again; coefficients of log PSA per deviation."
                        .into(),
                    "Degrees of freedom are Σ d²/(d² + λ) over the singular values d of these columns, where Σ(y − Zβ)² + λΣβ² is least; λ = 24.18 at df = 5."
                        .into(),
                    "After Hastie, Tibshirani & Friedman (2009), Figure 3.8.".into(),
                ],
            },
        )]
    }
}
