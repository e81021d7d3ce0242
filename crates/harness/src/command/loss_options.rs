//! The flags that say which loss is minimised.

use clap::ValueEnum;
use regpath_solvers::loss::LossKind;

use super::usage;
use crate::dataset::Dataset;
use crate::loss::{named, usual_delta};

/// The loss and its parameter.
#[derive(clap::Args, Clone, Copy, Debug)]
#[command(next_help_heading = "Loss")]
pub(super) struct LossOptions {
    /// What is minimised: least squares, least absolute deviations, a quantile, Huber's mixture of the first two, or the logistic loss
    /// of a response with two values, of which the larger is class 1
    #[arg(long, value_enum, default_value_t = Name::Squared)]
    loss: Name,
    /// Which quantile, in (0, 1), for --loss quantile; absolute loss is twice that of 0.5 [default: 0.5]
    #[arg(long, value_name = "T", allow_negative_numbers = true)]
    tau: Option<f64>,
    /// Residual beyond which --loss huber is linear, in the unit of the response [default: 1.345 x 1.4826 x the median of
    /// |y - median(y)|]
    #[arg(long, value_name = "D", allow_negative_numbers = true)]
    delta: Option<f64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Name {
    Squared,
    Absolute,
    Quantile,
    Huber,
    Logistic,
}

impl Name {
    fn text(self) -> &'static str {
        match self {
            Self::Squared => "squared",
            Self::Absolute => "absolute",
            Self::Quantile => "quantile",
            Self::Huber => "huber",
            Self::Logistic => "logistic",
        }
    }
}

/// τ where none is given: the median.
const MEDIAN: f64 = 0.5;

impl LossOptions {
    /// Whether squared loss is minimised.
    pub(super) fn is_squared(&self) -> bool {
        self.loss == Name::Squared
    }

    /// The name of the loss.
    pub(super) fn name(&self) -> &'static str {
        self.loss.text()
    }

    /// What can be refused before data are read.
    pub(super) fn check(&self) -> anyhow::Result<()> {
        let owners = [
            ("--tau", self.tau, Name::Quantile),
            ("--delta", self.delta, Name::Huber),
        ];
        for (flag, value, owner) in owners {
            if value.is_some() && self.loss != owner {
                return Err(usage(format!(
                    "{flag} goes with --loss {}, and the loss is {}; leave it out",
                    owner.text(),
                    self.name()
                )));
            }
        }
        match (self.loss, self.delta) {
            (Name::Huber, None) => Ok(()),
            _ => self.kind_with(self.delta).map(drop),
        }
    }

    /// The loss for these data, which say what δ is where none was given. Errors: that δ is 0.
    pub(super) fn kind(&self, data: &Dataset) -> anyhow::Result<LossKind> {
        if self.loss != Name::Huber || self.delta.is_some() {
            return self.kind_with(self.delta);
        }
        let delta = usual_delta(data);
        if delta > 0.0 {
            return self.kind_with(Some(delta));
        }
        Err(usage(format!(
            "{}: half or more of the values of response '{}' are equal, so that their median deviation is 0 and no --delta follows from \
             it; give one",
            data.name, data.response
        )))
    }

    fn kind_with(&self, delta: Option<f64>) -> anyhow::Result<LossKind> {
        let tau = (self.loss == Name::Quantile).then(|| self.tau.unwrap_or(MEDIAN));
        // Errors begin with the name of the parameter.
        named(self.name(), tau, delta).map_err(|e| usage(format!("--{e}")))
    }
}
