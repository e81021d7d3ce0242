//! Complementary pairs: a quantity r = P − Q with P, Q > 0, and its multiplier v in an open interval (l, h), which at the optimum
//! is h where r > 0 and l where r < 0.

/// Pairs (P, h − v) and (Q, v − l), all positive.
pub(super) struct Pairs {
    above: Vec<f64>,
    below: Vec<f64>,
    /// h − v.
    to_high: Vec<f64>,
    /// v − l.
    to_low: Vec<f64>,
}

/// A direction for P and Q, and how far one may go.
pub(super) struct Direction {
    above: Vec<f64>,
    below: Vec<f64>,
    /// Length at which the first P or Q reaches 0.
    pub(super) primal: f64,
    /// Length at which the first multiplier reaches an end of its interval.
    pub(super) dual: f64,
}

impl Pairs {
    /// P − Q = `values` with both away from 0, and v = 0.
    pub(super) fn around(values: &[f64], intervals: &[[f64; 2]]) -> Self {
        let n = values.len().max(1) as f64;
        let room = (values.iter().map(|v| v.abs()).sum::<f64>() / n).max(f64::MIN_POSITIVE);
        Self {
            above: values.iter().map(|v| v.max(0.0) + room).collect(),
            below: values.iter().map(|v| (-v).max(0.0) + room).collect(),
            to_high: intervals.iter().map(|[_, high]| *high).collect(),
            to_low: intervals.iter().map(|[low, _]| -low).collect(),
        }
    }

    pub(super) fn len(&self) -> usize {
        self.above.len()
    }

    fn quadruples(&self) -> impl Iterator<Item = (f64, f64, f64, f64)> + '_ {
        let primal = self.above.iter().zip(&self.below);
        let dual = self.to_high.iter().zip(&self.to_low);
        primal.zip(dual).map(|((p, q), (s, t))| (*p, *q, *s, *t))
    }

    /// P/s + Q/t.
    pub(super) fn stiffness(&self) -> Vec<f64> {
        self.quadruples()
            .map(|(p, q, s, t)| p / s + q / t)
            .collect()
    }

    /// Σ Ps + Qt.
    pub(super) fn products(&self) -> f64 {
        self.quadruples().map(|(p, q, s, t)| p * s + q * t).sum()
    }

    /// The right-hand side `values` − μ(1/s − 1/t) less the second-order terms `bent`.
    pub(super) fn wanted(&self, values: &[f64], mu: f64, bent: &[[f64; 2]]) -> Vec<f64> {
        let rows = self.quadruples().zip(values).zip(bent);
        rows.map(|(((_, _, s, t), v), [up, down])| v - mu * (1.0 / s - 1.0 / t) - (up + down))
            .collect()
    }

    /// Where P and Q go when v goes by `dv`; `bent` is what [`Pairs::bend`] said of the predictor, zeros for the predictor.
    pub(super) fn direction(&self, mu: f64, dv: &[f64], bent: &[[f64; 2]]) -> Direction {
        let (mut above, mut below) = (
            Vec::with_capacity(self.len()),
            Vec::with_capacity(self.len()),
        );
        let (mut primal, mut dual) = (f64::INFINITY, f64::INFINITY);
        for (((p, q, s, t), &dv), [up, down]) in self.quadruples().zip(dv).zip(bent) {
            let dp = mu / s - p + p / s * dv + up;
            let dq = mu / t - q - q / t * dv - down;
            if dp < 0.0 {
                primal = primal.min(p / -dp);
            }
            if dq < 0.0 {
                primal = primal.min(q / -dq);
            }
            if dv > 0.0 {
                dual = dual.min(s / dv);
            } else if dv < 0.0 {
                dual = dual.min(t / -dv);
            }
            above.push(dp);
            below.push(dq);
        }
        Direction {
            above,
            below,
            primal,
            dual,
        }
    }

    /// Σ Ps + Qt after a step; the multiplier's direction is implied.
    pub(super) fn products_after(
        &self,
        direction: &Direction,
        dv: &[f64],
        primal: f64,
        dual: f64,
    ) -> f64 {
        let steps = direction.above.iter().zip(&direction.below).zip(dv);
        let terms = self
            .quadruples()
            .zip(steps)
            .map(|((p, q, s, t), ((dp, dq), dv))| {
                (p + primal * dp) * (s - dual * dv) + (q + primal * dq) * (t + dual * dv)
            });
        terms.sum()
    }

    /// The second-order terms dP dv/s and dQ dv/t of the predictor.
    pub(super) fn bend(&self, direction: &Direction, dv: &[f64]) -> Vec<[f64; 2]> {
        let steps = direction.above.iter().zip(&direction.below).zip(dv);
        let terms = self.quadruples().zip(steps);
        terms
            .map(|((_, _, s, t), ((dp, dq), dv))| [dp * dv / s, dq * dv / t])
            .collect()
    }

    pub(super) fn advance(&mut self, direction: &Direction, dv: &[f64], primal: f64, dual: f64) {
        for i in 0..self.len() {
            self.above[i] += primal * direction.above[i];
            self.below[i] += primal * direction.below[i];
            self.to_high[i] -= dual * dv[i];
            self.to_low[i] += dual * dv[i];
        }
    }

    /// (P + Q) / min(s, t): large where r is not 0 at the optimum.
    pub(super) fn ratios(&self) -> Vec<f64> {
        self.quadruples()
            .map(|(p, q, s, t)| (p + q) / s.min(t))
            .collect()
    }

    /// s + t, the lengths of the intervals.
    pub(super) fn heights(&self) -> Vec<f64> {
        self.to_high
            .iter()
            .zip(&self.to_low)
            .map(|(s, t)| s + t)
            .collect()
    }
}
