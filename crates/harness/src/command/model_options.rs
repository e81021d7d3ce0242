//! The flags that say what is fitted: loss, penalty, grid, preparation, restrictions.

use clap::ValueEnum;
use regpath_solvers::prepare::Options;
use regpath_solvers::{PathBuilder, Restrictions, elastic_net};

use super::loss_options::LossOptions;
use super::restriction_options::RestrictionOptions;
use super::{MAX_LAMBDAS, usage, within};
use crate::dataset::Spec;
use crate::prepared::Prepared;
use crate::trial::{GridSpec, Trial};

/// Epochs per λ before a point is reported as not converged.
const EPOCHS: usize = 1_000_000;

/// What is fitted.
#[derive(clap::Args, Debug)]
#[command(next_help_heading = "Path")]
pub(super) struct ModelOptions {
    /// L1, squared L2, or both
    #[arg(long, value_enum, default_value_t = PenaltyKind::Lasso)]
    penalty: PenaltyKind,
    /// Elastic-net mixing parameter in [0, 1]: 1 is the lasso, 0 ridge [default: 0.5 for enet]
    #[arg(
        long,
        value_name = "A",
        value_delimiter = ',',
        allow_negative_numbers = true
    )]
    alpha: Vec<f64>,
    /// Number of lambda on a geometric grid
    #[arg(long, value_name = "N", default_value_t = 100)]
    pub n_lambda: usize,
    /// Smallest lambda as a share of the largest [default: 1e-2 if n < p, else 1e-4]
    #[arg(long, value_name = "R", allow_negative_numbers = true)]
    pub lambda_min_ratio: Option<f64>,
    /// These lambda instead of a grid; 0 is the unpenalised fit
    #[arg(
        long,
        value_name = "L1,L2,...",
        value_delimiter = ',',
        allow_negative_numbers = true,
        conflicts_with_all = ["lambda_min_ratio", "n_lambda"]
    )]
    pub lambda: Vec<f64>,
    /// End the path before the first lambda with more than N non-zero coefficients
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    pub max_nonzeros: Option<usize>,
    /// No intercept: neither y nor the columns are centred
    #[arg(long)]
    pub no_intercept: bool,
    /// Do not divide the columns by their deviations
    #[arg(long)]
    pub no_standardize: bool,
    /// Bound on the duality gap at every lambda, as a share of the loss at zero coefficients: |y - mean(y)|^2/2n, or that of the best
    /// intercept for another loss
    #[arg(
        long,
        value_name = "T",
        default_value_t = 1e-6,
        allow_negative_numbers = true
    )]
    pub tol: f64,
    #[command(flatten)]
    pub loss: LossOptions,
    #[command(flatten)]
    restrictions: RestrictionOptions,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum PenaltyKind {
    Lasso,
    Ridge,
    Enet,
}

impl ModelOptions {
    /// What the parser cannot check; returns the values of α, at least one and no two of them equal.
    pub(super) fn check(&self) -> anyhow::Result<Vec<f64>> {
        self.loss.check()?;
        within("--n-lambda", self.n_lambda, MAX_LAMBDAS)?;
        within("--max-nonzeros", self.max_nonzeros.unwrap_or(1), usize::MAX)?;
        if !(self.tol > 0.0 && self.tol.is_finite()) {
            return Err(usage(format!(
                "--tol is {}, expected a positive number",
                self.tol
            )));
        }
        if let Some(ratio) = self.lambda_min_ratio
            && !(ratio > 0.0 && ratio < 1.0)
        {
            return Err(usage(format!(
                "--lambda-min-ratio is {ratio}, expected a number in (0, 1)"
            )));
        }
        if let Some(bad) = self.lambda.iter().find(|l| !(l.is_finite() && **l >= 0.0)) {
            return Err(usage(format!(
                "--lambda has {bad}, expected finite numbers >= 0"
            )));
        }
        let (implied, name) = match self.penalty {
            PenaltyKind::Lasso => (Some(1.0), "lasso"),
            PenaltyKind::Ridge => (Some(0.0), "ridge"),
            PenaltyKind::Enet => (None, "enet"),
        };
        let mut alphas = Vec::new();
        for alpha in &self.alpha {
            // −0.0 is 0, but divides into −∞.
            let alpha = alpha + 0.0;
            if !(0.0..=1.0).contains(&alpha) {
                return Err(usage(format!(
                    "--alpha is {alpha}, expected a number in [0, 1]"
                )));
            }
            if let Some(implied) = implied
                && alpha != implied
            {
                return Err(usage(format!(
                    "--alpha {alpha} contradicts --penalty {name}, which is alpha {implied}; use --penalty enet"
                )));
            }
            if alphas.contains(&alpha) {
                return Err(usage(format!("--alpha has {alpha} twice; give it once")));
            }
            alphas.push(alpha);
        }
        if alphas.is_empty() {
            alphas.push(implied.unwrap_or(0.5));
        }
        Ok(alphas)
    }

    /// Whether y and the columns are centred, and the columns scaled.
    pub(super) fn preparation(&self) -> Options {
        Options {
            intercept: !self.no_intercept,
            standardize: !self.no_standardize,
        }
    }

    /// The λ that were asked for.
    pub(super) fn grid(&self) -> GridSpec {
        if self.lambda.is_empty() {
            GridSpec::Geometric {
                n_lambda: self.n_lambda,
                ratio: self.lambda_min_ratio,
            }
        } else {
            GridSpec::Values(self.lambda.clone())
        }
    }

    /// A timed path of this α.
    pub(super) fn trial(
        &self,
        contestant: &str,
        alpha: f64,
        data: &Prepared,
        grid: GridSpec,
        threads: usize,
    ) -> Trial {
        let options = self.preparation();
        Trial {
            id: "fit".into(),
            loss: data.loss,
            intercept: options.intercept,
            standardize: options.standardize,
            grid,
            threads,
            tol: self.tol,
            max_epochs: EPOCHS,
            max_nonzeros: self.max_nonzeros,
            timeout_seconds: None,
            ..Trial::new("fit", Spec::new(&data.name), contestant, alpha)
        }
    }

    /// λ that are asked for.
    pub(super) fn lambdas(&self) -> usize {
        match self.lambda.len() {
            0 => self.n_lambda,
            given => given,
        }
    }

    /// The path of this α for squared loss as the library computes it, without data and restrictions.
    pub(super) fn builder(&self, alpha: f64) -> PathBuilder {
        let mut builder = elastic_net(alpha)
            .n_lambda(self.n_lambda)
            .intercept(!self.no_intercept)
            .standardize(!self.no_standardize)
            .tol(self.tol)
            .max_epochs(EPOCHS);
        if let Some(ratio) = self.lambda_min_ratio {
            builder = builder.lambda_min_ratio(ratio);
        }
        if !self.lambda.is_empty() {
            builder = builder.lambdas(self.lambda.clone());
        }
        match self.max_nonzeros {
            Some(most) => builder.max_nonzeros(most),
            None => builder,
        }
    }

    /// What these features' coefficients may be. Errors: see [`RestrictionOptions::restrictions`].
    pub(super) fn restrictions(&self, features: &[String]) -> anyhow::Result<Restrictions> {
        self.restrictions.restrictions(features)
    }
}
