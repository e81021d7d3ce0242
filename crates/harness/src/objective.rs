//! The problem of a loss beside squared loss: the intercept is a column of the design, weights and offsets are in the loss, and
//! every coordinate has a penalty of its own.
//!
//! What works on it says which losses it takes: a [`OnLoss`] any, a [`OnSmooth`], [`OnKinked`] or [`OnProx`] those of that kind.

use regpath_solvers::design::{Design, WithOnes};
use regpath_solvers::loss::{CurvedLoss, KinkedLoss, Loss, Observed, ProxLoss};
use regpath_solvers::penalty::{ElasticNet, Penalty, PerCoordinate};
use regpath_solvers::problem::Problem;

use crate::any_loss::{AnyKinked, AnyLoss, AnySmooth, FromKind};
use crate::loss::label;
use crate::prepared::{Prepared, Visitor};

/// What the problem is made of, apart from the design.
struct Parts<'a, L> {
    data: &'a Prepared,
    loss: L,
    penalty: PerCoordinate<'a>,
}

impl<'a, L: Copy> Parts<'a, L> {
    fn problem<'b, X>(&self, x: &'b X) -> Problem<'b, X, Observed<'a, L>, PerCoordinate<'a>>
    where
        'a: 'b,
    {
        Problem {
            x,
            y: &self.data.y,
            loss: Observed {
                loss: self.loss,
                weights: self.data.row_weights.as_deref(),
                offset: self.data.row_offset.as_deref(),
            },
            penalty: self.penalty,
        }
    }
}

macro_rules! tasks {
    ($($(#[$doc:meta])* $task:ident: $bound:ident, $visit:ident of $loss:ident;)*) => {$(
        $(#[$doc])*
        pub trait $task {
            /// What it returns.
            type Output;
            /// Works on the problem.
            fn work<X: Design, L: $bound>(self, problem: &Problem<X, L, PerCoordinate>) -> Self::Output;
        }

        struct $visit<'a, T> {
            parts: Parts<'a, $loss>,
            task: T,
        }

        impl<T: $task> Visitor for $visit<'_, T> {
            type Output = T::Output;
            fn visit<X: Design>(self, x: &X) -> T::Output {
                let Self { parts, task } = self;
                match parts.data.intercept_column() {
                    Some(_) => task.work(&parts.problem(&WithOnes::new(x))),
                    None => task.work(&parts.problem(x)),
                }
            }
        }
    )*};
}

tasks! {
    /// Works on the problem of any loss but the squared.
    OnLoss: Loss, VisitAny of AnyLoss;
    /// Works on the problem of a loss with a Hessian.
    OnSmooth: CurvedLoss, VisitSmooth of AnySmooth;
    /// Works on the problem of a loss that is linear on both sides of a kink.
    OnKinked: KinkedLoss, VisitKinked of AnyKinked;
    /// Works on the problem of a loss with a proximal operator.
    OnProx: ProxLoss, VisitProx of AnyLoss;
}

impl Prepared {
    /// Hands the problem to `task`. Errors, here and below: the task does not take the loss.
    pub fn on_loss<T: OnLoss>(&self, task: T) -> anyhow::Result<T::Output> {
        let parts = self.parts()?;
        Ok(self.visit(VisitAny { parts, task }))
    }

    /// Hands the problem of a smooth loss to `task`.
    pub fn on_smooth<T: OnSmooth>(&self, task: T) -> anyhow::Result<T::Output> {
        let parts = self.parts()?;
        Ok(self.visit(VisitSmooth { parts, task }))
    }

    /// Hands the problem of a kinked loss to `task`.
    pub fn on_kinked<T: OnKinked>(&self, task: T) -> anyhow::Result<T::Output> {
        let parts = self.parts()?;
        Ok(self.visit(VisitKinked { parts, task }))
    }

    /// Hands the problem of a loss with a proximal operator to `task`.
    pub fn on_prox<T: OnProx>(&self, task: T) -> anyhow::Result<T::Output> {
        let parts = self.parts()?;
        Ok(self.visit(VisitProx { parts, task }))
    }

    fn parts<L: FromKind>(&self) -> anyhow::Result<Parts<'_, L>> {
        // Of a loss that is not squared there is a penalty for every coordinate, and all have the same α.
        let (Some(bounded), Some(loss)) = (self.bounded.as_deref(), L::from_kind(self.loss)) else {
            anyhow::bail!("{} loss has solvers of its own", label(self.loss));
        };
        let alpha = bounded.first().map_or(1.0, |omega| omega.alpha());
        Ok(Parts {
            data: self,
            loss,
            penalty: PerCoordinate::new(ElasticNet::new(alpha)?, bounded),
        })
    }
}
