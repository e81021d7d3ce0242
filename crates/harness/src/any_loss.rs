//! Losses whose formula is chosen at run time, so that solvers are compiled once for all losses of a kind.

use regpath_solvers::loss::{
    Absolute, Huber, Logistic, LossKind, Pointwise, PointwiseKinked, PointwiseProx,
    PointwiseSmooth, Quantile,
};

macro_rules! one_of {
    ($($(#[$doc:meta])* $name:ident { $($variant:ident($loss:ty)),* $(,)? })*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug)]
        pub enum $name {
            $(
                #[doc = concat!("[`", stringify!($loss), "`].")]
                $variant($loss),
            )*
        }

        impl Pointwise for $name {
            fn value_at(self, y: f64, z: f64) -> f64 {
                match self { $(Self::$variant(loss) => loss.value_at(y, z),)* }
            }

            fn values(self, y: &[f64], z: &mut [f64]) {
                match self { $(Self::$variant(loss) => loss.values(y, z),)* }
            }

            fn neg_derivative(self, y: f64, z: f64) -> f64 {
                match self { $(Self::$variant(loss) => loss.neg_derivative(y, z),)* }
            }

            fn neg_derivatives(self, y: &[f64], z: &mut [f64]) {
                match self { $(Self::$variant(loss) => loss.neg_derivatives(y, z),)* }
            }

            fn dual(self, y: f64, v: f64) -> [f64; 3] {
                match self { $(Self::$variant(loss) => loss.dual(y, v),)* }
            }

            fn duals(self, y: &[f64], v: &mut [f64], first: &mut [f64], second: &mut [f64]) {
                match self { $(Self::$variant(loss) => loss.duals(y, v, first, second),)* }
            }

            fn dual_interval(self, y: f64) -> [f64; 2] {
                match self { $(Self::$variant(loss) => loss.dual_interval(y),)* }
            }

            fn metric_at(self, v: f64) -> Option<f64> {
                match self { $(Self::$variant(loss) => loss.metric_at(v),)* }
            }
        }
    )*};
}

one_of! {
    /// Any loss but the squared.
    AnyLoss { Absolute(Absolute), Quantile(Quantile), Huber(Huber), Logistic(Logistic) }
    /// A loss with a Hessian.
    AnySmooth { Huber(Huber), Logistic(Logistic) }
    /// A loss that is linear on both sides of a kink.
    AnyKinked { Absolute(Absolute), Quantile(Quantile) }
}

impl PointwiseProx for AnyLoss {
    fn prox_at(self, y: f64, v: f64, t: f64) -> f64 {
        match self {
            Self::Absolute(loss) => loss.prox_at(y, v, t),
            Self::Quantile(loss) => loss.prox_at(y, v, t),
            Self::Huber(loss) => loss.prox_at(y, v, t),
            Self::Logistic(loss) => loss.prox_at(y, v, t),
        }
    }
}

impl PointwiseSmooth for AnySmooth {
    fn largest_curvature(self) -> f64 {
        match self {
            Self::Huber(loss) => loss.largest_curvature(),
            Self::Logistic(loss) => loss.largest_curvature(),
        }
    }

    fn second_derivative(self, y: f64, z: f64) -> f64 {
        match self {
            Self::Huber(loss) => loss.second_derivative(y, z),
            Self::Logistic(loss) => loss.second_derivative(y, z),
        }
    }

    fn bregman_at(self, y: f64, a: f64, b: f64) -> f64 {
        match self {
            Self::Huber(loss) => loss.bregman_at(y, a, b),
            Self::Logistic(loss) => loss.bregman_at(y, a, b),
        }
    }
}

impl PointwiseKinked for AnyKinked {
    fn sides(self) -> [f64; 2] {
        match self {
            Self::Absolute(loss) => loss.sides(),
            Self::Quantile(loss) => loss.sides(),
        }
    }
}

/// A kind of loss that may hold the one of this name.
pub trait FromKind: Sized {
    /// None if it is of another kind.
    fn from_kind(kind: LossKind) -> Option<Self>;
}

impl FromKind for AnyLoss {
    fn from_kind(kind: LossKind) -> Option<Self> {
        match kind {
            LossKind::Squared => None,
            LossKind::Absolute => Some(Self::Absolute(Absolute)),
            LossKind::Quantile(loss) => Some(Self::Quantile(loss)),
            LossKind::Huber(loss) => Some(Self::Huber(loss)),
            LossKind::Logistic => Some(Self::Logistic(Logistic)),
        }
    }
}

impl FromKind for AnySmooth {
    fn from_kind(kind: LossKind) -> Option<Self> {
        match kind {
            LossKind::Huber(loss) => Some(Self::Huber(loss)),
            LossKind::Logistic => Some(Self::Logistic(Logistic)),
            LossKind::Squared | LossKind::Absolute | LossKind::Quantile(_) => None,
        }
    }
}

impl FromKind for AnyKinked {
    fn from_kind(kind: LossKind) -> Option<Self> {
        match kind {
            LossKind::Absolute => Some(Self::Absolute(Absolute)),
            LossKind::Quantile(loss) => Some(Self::Quantile(loss)),
            LossKind::Squared | LossKind::Huber(_) | LossKind::Logistic => None,
        }
    }
}
