//! The abscissa: what a path is drawn against.

use super::trial::{Point, Trial};
use clap::ValueEnum;

/// What a path is drawn against; the least penalised fit always lies at the right.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Abscissa {
    /// Penalty level, decreasing on a log scale
    #[default]
    Lambda,
    /// Sum of the moduli of the coefficients on the original scale
    L1,
    /// Degrees of freedom: of the lasso its non-zero coefficients, of others the trace of the smoother; no intercept
    Df,
    /// Share of the null loss (for squares, of the variance) that is explained
    Dev,
}

impl Abscissa {
    /// Name on the command line and in file names.
    pub fn id(self) -> &'static str {
        match self {
            Self::Lambda => "lambda",
            Self::L1 => "l1",
            Self::Df => "df",
            Self::Dev => "dev",
        }
    }

    /// The column of `points` that holds it.
    pub fn column(self) -> &'static str {
        match self {
            Self::Lambda => "lambda",
            Self::L1 => "l1_norm",
            Self::Df => "df",
            Self::Dev => "dev_ratio",
        }
    }

    /// Its value at a point of a path with that α; NaN where none was recorded.
    pub fn of(self, point: &Point, alpha: f64) -> f64 {
        match self {
            Self::Lambda => point.lambda,
            Self::L1 => point.l1,
            // Each non-zero coefficient of the lasso is one degree of freedom, whatever was spent on choosing it
            // [Zou, Hastie & Tibshirani 2007, Annals of Statistics 35].
            Self::Df if point.df.is_nan() && alpha >= 1.0 => point.nonzeros as f64,
            Self::Df => point.df,
            Self::Dev => point.explained,
        }
    }

    /// Title of the axis under the path of a trial.
    pub fn title(self, trial: &Trial) -> &'static str {
        let counts = |p: &Point| self.of(p, trial.alpha) == p.nonzeros as f64;
        match self {
            Self::Lambda => "λ, decreasing on a log scale",
            Self::L1 => "Σ|β|, original scale",
            Self::Df if trial.alpha < 1.0 => "degrees of freedom, trace",
            Self::Df if trial.points.iter().all(counts) => "degrees of freedom, non-zeros",
            Self::Df => "degrees of freedom, rank",
            Self::Dev if ["", "squared"].contains(&trial.loss.as_str()) => "explained variance",
            Self::Dev => "explained share of null loss",
        }
    }

    /// What a caption says of it; nothing of λ, which says it itself.
    pub fn note(self) -> Option<&'static str> {
        match self {
            Self::Lambda => None,
            Self::L1 => Some(
                "Horizontally the sum of the moduli of all coefficients, on the original scale of the data.",
            ),
            Self::Df => Some(
                "Degrees of freedom without the intercept: for the lasso the number of non-zero coefficients (the rank of their \
                 columns), for the elastic net and ridge the trace of the smoother.",
            ),
            Self::Dev => Some("Explained is 1 − loss / null loss, which for squared loss is R²."),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lasso_has_degrees_of_freedom_without_a_column_and_others_have_not() {
        let point = Point {
            nonzeros: 3,
            df: f64::NAN,
            ..Point::default()
        };
        assert_eq!(Abscissa::Df.of(&point, 1.0), 3.0);
        assert!(Abscissa::Df.of(&point, 0.5).is_nan());
        let factored = Point { df: 2.5, ..point };
        assert_eq!(Abscissa::Df.of(&factored, 0.0), 2.5);
    }
}
