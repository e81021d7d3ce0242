//! Elastic net with a factor and bounds per coordinate: ω_j(b) = v_j (α|b| + (1 − α) b²/2) for b in [l_j, u_j], ∞ elsewhere.
//!
//! A factor of 0 leaves the coordinate unpenalised. The bounds contain 0.

use super::{DualLimits, ElasticNet, Penalty, Separable, soft_threshold};

/// Share of a bound by which rounding may carry a coefficient past it.
const SLACK: f64 = 8.0 * f64::EPSILON;

/// ω(b) = v (α|b| + (1 − α) b²/2) on [low, high], ∞ elsewhere.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bounded {
    net: ElasticNet,
    factor: f64,
    low: f64,
    high: f64,
}

impl Bounded {
    /// Factor 0 ≤ v < ∞ and bounds low ≤ 0 ≤ high, which may be infinite. Panics otherwise.
    pub fn new(net: ElasticNet, factor: f64, [low, high]: [f64; 2]) -> Self {
        assert!(factor >= 0.0 && factor.is_finite() && low <= 0.0 && high >= 0.0);
        Self {
            net,
            factor,
            low,
            high,
        }
    }

    /// v.
    pub fn factor(self) -> f64 {
        self.factor
    }

    /// Low and high.
    pub fn bounds(self) -> [f64; 2] {
        [self.low, self.high]
    }

    /// Whether there are no bounds.
    fn is_free(self) -> bool {
        self.low == f64::NEG_INFINITY && self.high == f64::INFINITY
    }

    fn at_low(self, b: f64) -> bool {
        b <= self.low - SLACK * self.low
    }

    fn at_high(self, b: f64) -> bool {
        b >= self.high - SLACK * self.high
    }

    /// The bound in the direction of c.
    fn bound_towards(self, c: f64) -> f64 {
        if c > 0.0 { self.high } else { self.low }
    }
}

impl Penalty for Bounded {
    fn value(self, b: f64) -> f64 {
        if b > self.high + SLACK * self.high || b < self.low + SLACK * self.low {
            return f64::INFINITY;
        }
        self.factor * self.net.value(b)
    }

    fn prox(self, v: f64, t: f64) -> f64 {
        self.net.prox(v, t * self.factor).clamp(self.low, self.high)
    }

    fn subdiff_distance(self, b: f64, g: f64, lambda: f64) -> f64 {
        // At a bound the subdifferential goes on without end: a gradient beyond it is no violation.
        let (beyond_low, beyond_high) = if b == 0.0 {
            (self.low == 0.0 && g < 0.0, self.high == 0.0 && g > 0.0)
        } else {
            let slope = lambda * self.factor * self.net.derivatives(b)[0];
            (self.at_low(b) && g < slope, self.at_high(b) && g > slope)
        };
        if beyond_low || beyond_high {
            return 0.0;
        }
        self.net.subdiff_distance(b, g, lambda * self.factor)
    }

    #[inline]
    fn derivatives(self, b: f64) -> [f64; 2] {
        self.net.derivatives(b).map(|d| self.factor * d)
    }

    fn conjugate(self, u: f64, lambda: f64) -> [f64; 3] {
        let bound = self.bound_towards(u);
        let excess = soft_threshold(u, lambda * self.factor * self.net.alpha());
        if excess == 0.0 || bound == 0.0 {
            return [0.0; 3];
        }
        let ridge = lambda * self.factor * (1.0 - self.net.alpha());
        // The maximiser of u b − λω(b): a bound, unless the ridge part stops it before.
        let free = excess / ridge;
        if free.abs() < bound.abs() {
            return [0.5 * excess * free, free, 1.0 / ridge];
        }
        if bound.is_infinite() {
            // Reached at the very end of the radius only, up to rounding.
            return [0.0; 3];
        }
        [bound * (excess - 0.5 * ridge * bound), bound, 0.0]
    }

    fn dual_radius(self, lambda: f64) -> f64 {
        if lambda * self.factor == 0.0 {
            // Finite at 0 alone, unless bounds hold the coefficient.
            if self.low.is_finite() && self.high.is_finite() {
                f64::INFINITY
            } else {
                0.0
            }
        } else if self.low.is_finite() && self.high.is_finite() {
            f64::INFINITY
        } else {
            self.net.dual_radius(lambda * self.factor)
        }
    }

    fn zero_weight(self) -> f64 {
        self.factor * self.net.zero_weight()
    }

    fn alpha(self) -> f64 {
        self.net.alpha()
    }

    #[inline]
    fn reach(self, c: f64, lambda: f64) -> f64 {
        if c == 0.0 || self.bound_towards(c).is_finite() {
            return f64::INFINITY;
        }
        self.net.dual_radius(lambda * self.factor) / c.abs()
    }

    fn threshold(self, c: f64) -> f64 {
        if c == 0.0 || self.bound_towards(c) == 0.0 {
            return 0.0;
        }
        c.abs() / self.zero_weight()
    }

    fn box_size(self) -> Option<f64> {
        let size = self.high.max(-self.low);
        size.is_finite().then_some(size)
    }

    fn piece(self, b: f64) -> [f64; 2] {
        // Without a kink at 0 the piece goes from bound to bound.
        let [mut low, mut high] = [self.low, self.high];
        if self.zero_weight() > 0.0 {
            if b > 0.0 {
                low = 0.0;
            } else {
                high = 0.0;
            }
        }
        if self.at_low(b) || self.at_high(b) {
            return [b, b];
        }
        [low, high]
    }
}

/// Ω with a [`Bounded`] penalty of its own for every coordinate.
#[derive(Clone, Copy, Debug)]
pub struct PerCoordinate<'a> {
    net: ElasticNet,
    all: &'a [Bounded],
    members: Option<&'a [usize]>,
}

impl<'a> PerCoordinate<'a> {
    /// `all` has length p, and `net` is what each of them bounds and multiplies.
    pub fn new(net: ElasticNet, all: &'a [Bounded]) -> Self {
        Self {
            net,
            all,
            members: None,
        }
    }

    /// ω_j with its gradient, for every j.
    fn each<'c>(self, c: &'c [f64]) -> impl Iterator<Item = (Bounded, f64)> + use<'a, 'c> {
        c.iter().enumerate().map(move |(j, &c)| (self.of(j), c))
    }
}

impl<'a> Separable for PerCoordinate<'a> {
    type Omega = Bounded;
    type On<'b>
        = PerCoordinate<'b>
    where
        'a: 'b;

    #[inline]
    fn of(self, j: usize) -> Bounded {
        self.all[self.members.map_or(j, |members| members[j])]
    }

    /// Of a whole penalty: the members of a part are not looked up twice.
    fn on<'b>(self, members: &'b [usize]) -> PerCoordinate<'b>
    where
        'a: 'b,
    {
        assert!(self.members.is_none());
        PerCoordinate {
            net: self.net,
            all: self.all,
            members: Some(members),
        }
    }

    fn mixing(self) -> f64 {
        self.net.alpha()
    }

    fn needs_projection(self, lambda: f64) -> bool {
        self.all
            .iter()
            .any(|omega| omega.dual_radius(lambda) == 0.0)
    }

    fn dual_limits(self, c: &[f64], lambda: f64) -> DualLimits {
        let mut limits = DualLimits {
            limit: f64::INFINITY,
            inside: f64::INFINITY,
            flat: true,
        };
        let mut narrow = |(omega, c): (Bounded, f64)| {
            let reach = omega.reach(c, lambda);
            limits.limit = limits.limit.min(reach);
            // λ / threshold, with nothing to stop what has no threshold.
            let threshold = omega.threshold(c);
            if threshold > 0.0 {
                limits.inside = limits.inside.min(lambda / threshold);
                limits.flat &= reach.is_finite();
            }
        };
        // Of coordinates in a row that share a penalty without bounds the one with the largest |c| is as narrow as all of them.
        let mut run: Option<(Bounded, f64)> = None;
        for (omega, c) in self.each(c) {
            match &mut run {
                Some((shared, largest)) if *shared == omega && omega.is_free() => {
                    *largest = largest.max(c.abs());
                }
                _ => {
                    let c = if omega.is_free() { c.abs() } else { c };
                    run.replace((omega, c)).into_iter().for_each(&mut narrow);
                }
            }
        }
        run.into_iter().for_each(narrow);
        limits
    }

    fn largest_threshold(self, c: &[f64]) -> f64 {
        self.each(c).fold(0.0f64, |largest, (omega, c)| {
            largest.max(omega.threshold(c))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limits_of_all_coordinates_are_the_narrowest_of_each() {
        let free = [f64::NEG_INFINITY, f64::INFINITY];
        for alpha in [0.0, 0.3, 1.0] {
            let net = ElasticNet::new(alpha).expect("alpha is in [0, 1]");
            let shared = Bounded::new(net, 1.0, free);
            let other = Bounded::new(net, 2.5, free);
            let half = Bounded::new(net, 1.0, [0.0, f64::INFINITY]);
            let kept = Bounded::new(net, 1.0, [-0.4, 0.9]);
            let open = Bounded::new(net, 0.0, free);
            let c = [-0.9, 0.2, 0.7, -3.0, -2.0, 0.1, 0.0, 0.0, -1.1, 0.6];
            for all in [
                [shared; 10],
                [half; 10],
                [kept; 10],
                [open; 10],
                [
                    shared, shared, other, other, half, half, open, open, kept, shared,
                ],
                [
                    half, shared, kept, shared, other, other, shared, half, half, open,
                ],
            ] {
                let limits = PerCoordinate::new(net, &all).dual_limits(&c, 0.7);
                let each = || all.iter().zip(c);
                let reaches = each().map(|(omega, c)| omega.reach(c, 0.7));
                assert_eq!(limits.limit, reaches.fold(f64::INFINITY, f64::min));
                let thresholds = each().map(|(omega, c)| omega.threshold(c));
                let largest = thresholds.fold(0.0, f64::max);
                let inside = if largest > 0.0 {
                    0.7 / largest
                } else {
                    f64::INFINITY
                };
                assert!(
                    (limits.inside - inside).abs() <= 1e-15 * inside || limits.inside == inside
                );
                let ends = each()
                    .all(|(omega, c)| omega.threshold(c) == 0.0 || omega.reach(c, 0.7).is_finite());
                assert_eq!(limits.flat, ends);
            }
        }
    }
}
