//! Cross-validation by a peer's own routine: what is asked, and what it answers.

use super::exchange::Exchange;
use super::session::{Failure, Session};
use super::{Peer, environment, locked};
use crate::prepared::Prepared;
use crate::stopwatch::{Stopwatch, interrupted};

/// Who works on it: `jobs` folds at a time, linear algebra with `threads` threads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Crew {
    /// Folds that are done at a time.
    pub jobs: usize,
    /// Threads of linear algebra.
    pub threads: usize,
}

/// A cross-validated lasso, with an intercept.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// λ, decreasing.
    pub lambdas: &'a [f64],
    /// The fold of each row, length n, from 0.
    pub folds: &'a [usize],
    /// The package's own tolerance.
    pub tol: f64,
    /// Who works on it.
    pub crew: Crew,
}

/// What came of it.
#[derive(Clone, Debug)]
pub struct Answer {
    /// Seconds of the package's own call by the driver's clock.
    pub seconds: f64,
    /// Mean squared error by row at each λ.
    pub mean: Vec<f64>,
    /// Standard error of it at each λ.
    pub se: Vec<f64>,
    /// Index of the package's λ_min, where it chooses.
    pub min: Option<usize>,
    /// Index of the package's λ_1se, where it chooses.
    pub one_se: Option<usize>,
    /// (column, coefficient) of what is not 0 on all rows, at each λ; empty for [`Peer::leave_one_out`].
    pub coefficients: Vec<Vec<(u32, f64)>>,
}

impl Peer {
    /// Cross-validates by the package's own routine, and gives up after `limit` seconds. Err with the reason if there is no
    /// answer.
    pub fn cross_validate(
        &self,
        data: &Prepared,
        request: &Request,
        limit: f64,
    ) -> Result<Answer, String> {
        self.within(data, limit, |session, ended| {
            let refused = |e: anyhow::Error| Failure::Refused(format!("{e:#}"));
            let (lambdas, crew) = (request.lambdas, request.crew);
            let files =
                Exchange::fold_files(session.process(), lambdas, request.folds).map_err(refused)?;
            let text = format!(
                "cross_validate\t{:e}\t{}\t{}\t{}\t{}\t{}\t{}\t{}",
                request.tol,
                files.path.lambda.display(),
                lambdas.len(),
                files.folds.display(),
                crew.jobs,
                crew.threads,
                files.curve.display(),
                files.path.coefficients.display()
            );
            let timed = session.ask_timed(&text, crew.jobs * crew.threads, lambdas.len(), ended)?;
            let broken = |e: anyhow::Error| Failure::Broken(format!("{e:#}"));
            if timed.reached < lambdas.len() {
                return Err(Failure::Refused(format!(
                    "its path on all rows ended after {} of {} lambdas",
                    timed.reached,
                    lambdas.len()
                )));
            }
            let (mean, se) = files.read(lambdas.len()).map_err(broken)?;
            let coefficients = files.path.read(timed.reached, data.ncols());
            Ok(Answer {
                seconds: timed.seconds,
                mean,
                se,
                min: timed.line.min,
                one_se: timed.line.one_se,
                coefficients: coefficients.map_err(broken)?,
            })
        })
    }

    /// Ridge without each row in turn by the package's own routine; otherwise as [`Peer::cross_validate`].
    pub fn leave_one_out(
        &self,
        data: &Prepared,
        lambdas: &[f64],
        limit: f64,
    ) -> Result<Answer, String> {
        self.within(data, limit, |session, ended| {
            let files = Exchange::fold_files(session.process(), lambdas, &[])
                .map_err(|e| Failure::Refused(format!("{e:#}")))?;
            let text = format!(
                "leave_one_out\t{}\t{}\t{}",
                files.path.lambda.display(),
                lambdas.len(),
                files.curve.display()
            );
            let timed = session.ask_timed(&text, 1, lambdas.len(), ended)?;
            let (mean, se) = files
                .read(lambdas.len())
                .map_err(|e| Failure::Broken(format!("{e:#}")))?;
            Ok(Answer {
                seconds: timed.seconds,
                mean,
                se,
                min: timed.line.min,
                one_se: timed.line.one_se,
                coefficients: Vec::new(),
            })
        })
    }

    /// A conversation about `data`. A process that is of no more use is ended.
    pub(super) fn within<T>(
        &self,
        data: &Prepared,
        limit: f64,
        talk: impl FnOnce(&mut Session, &dyn Fn() -> bool) -> Result<T, Failure>,
    ) -> Result<T, String> {
        let mut slot = locked(&self.session);
        if slot.is_none() {
            environment::command(self)?;
        }
        let watch = Stopwatch::start();
        let ended = || watch.wall() > limit || interrupted();
        let attempt = self
            .session_with(&mut slot, data, &ended)
            .and_then(|session| talk(session, &ended));
        attempt.map_err(|failure| match failure {
            // The process goes on waiting for other requests.
            Failure::Unsupported(reason) | Failure::Refused(reason) => reason,
            Failure::Ended => {
                *slot = None;
                format!("time was up after {limit} s")
            }
            Failure::Unavailable(reason) => {
                *slot = None;
                format!(
                    "not installed or not working: {reason}{}",
                    environment::hint(self)
                )
            }
            Failure::Broken(reason) => {
                *slot = None;
                reason
            }
        })
    }
}
