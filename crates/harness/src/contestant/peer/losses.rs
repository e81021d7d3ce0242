//! Fits under other losses by a peer's own routine: what is asked, and what it answers.

use super::Peer;
use super::exchange::Exchange;
use super::session::Failure;
use crate::prepared::Prepared;

/// The loss of a request, as the protocol names it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum PeerLoss {
    /// Quantile regression at this quantile.
    Quantile(f64),
    /// Two classes.
    Logistic,
}

impl PeerLoss {
    /// Name and parameter in a request.
    fn fields(self) -> String {
        match self {
            Self::Quantile(tau) => format!("quantile\t{tau}"),
            Self::Logistic => "logistic\t0".into(),
        }
    }
}

/// What came of it.
#[derive(Clone, Debug)]
pub struct LossAnswer {
    /// Seconds of the package's own calls by the driver's clock.
    pub seconds: f64,
    /// Intercept and (column, coefficient) of what is not 0, at each λ.
    pub fits: Vec<(f64, Vec<(u32, f64)>)>,
}

impl Peer {
    /// An L1 path of `loss` with an intercept that is not penalised, at the package's tolerance `tol`; given up after `limit`
    /// seconds. Err with the reason if there is no answer at every λ.
    pub fn loss_path(
        &self,
        data: &Prepared,
        loss: PeerLoss,
        lambdas: &[f64],
        tol: f64,
        limit: f64,
    ) -> Result<LossAnswer, String> {
        self.within(data, limit, |session, ended| {
            let files = Exchange::path_files(session.process(), lambdas)
                .map_err(|e| Failure::Refused(format!("{e:#}")))?;
            let request = format!(
                "loss_path\t{}\t{tol:e}\t{}\t{}\t{}",
                loss.fields(),
                files.lambda.display(),
                lambdas.len(),
                files.coefficients.display()
            );
            let timed = session.ask_timed(&request, 1, lambdas.len(), ended)?;
            if timed.reached < lambdas.len() {
                return Err(Failure::Refused(format!(
                    "its path ended after {} of {} lambdas",
                    timed.reached,
                    lambdas.len()
                )));
            }
            // The intercepts are one column more.
            let p = data.ncols();
            let columns = files
                .read(timed.reached, p + 1)
                .map_err(|e| Failure::Broken(format!("{e:#}")))?;
            let fit = |mut nonzeros: Vec<(u32, f64)>| {
                let last = nonzeros.pop_if(|(j, _)| *j as usize == p);
                (last.map_or(0.0, |(_, value)| value), nonzeros)
            };
            Ok(LossAnswer {
                seconds: timed.seconds,
                fits: columns.into_iter().map(fit).collect(),
            })
        })
    }
}
