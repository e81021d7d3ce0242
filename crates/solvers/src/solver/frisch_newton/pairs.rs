//! Complementary pairs: a quantity r = P − Q with P, Q > 0, and its multiplier v in an open interval (l, h), which at the optimum
//! is h where r > 0 and l where r < 0.

/// Pairs (P, h − v) and (Q, v − l), all positive.
pub(super) struct Pairs {
    above: Vec<f64>,
    below: Vec<f64>,
    /// s = h − v.
    to_high: Vec<f64>,
    /// t = v − l.
    to_low: Vec<f64>,
    /// 1/s and 1/t.
    over: Vec<[f64; 2]>,
}

/// A direction for P and Q, and how far one may go.
pub(super) struct Direction {
    /// dP and dQ.
    steps: Vec<[f64; 2]>,
    /// Length at which the first P or Q reaches 0.
    pub(super) primal: f64,
    /// Length at which the first multiplier reaches an end of its interval.
    pub(super) dual: f64,
}

/// Second-order terms dP dv/s and dQ dv/t of a predictor; None for the predictor itself.
pub(super) type Bent<'a> = Option<&'a [[f64; 2]]>;

impl Pairs {
    /// P − Q = `values` with both away from 0, and v = 0.
    pub(super) fn around(values: &[f64], intervals: &[[f64; 2]]) -> Self {
        let n = values.len().max(1) as f64;
        let room = match values.iter().map(|v| v.abs()).sum::<f64>() / n {
            // Nothing says how large anything is.
            0.0 => 1.0,
            room => room,
        };
        let mut pairs = Self {
            above: values.iter().map(|v| v.max(0.0) + room).collect(),
            below: values.iter().map(|v| (-v).max(0.0) + room).collect(),
            to_high: intervals.iter().map(|[_, high]| *high).collect(),
            to_low: intervals.iter().map(|[low, _]| -low).collect(),
            over: vec![[0.0; 2]; values.len()],
        };
        pairs.invert();
        pairs
    }

    fn invert(&mut self) {
        let ends = self.to_high.iter().zip(&self.to_low);
        for (over, (s, t)) in self.over.iter_mut().zip(ends) {
            *over = [1.0 / s, 1.0 / t];
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

    /// P, Q, 1/s and 1/t.
    fn primal(&self) -> impl Iterator<Item = (f64, f64, f64, f64)> + '_ {
        let primal = self.above.iter().zip(&self.below).zip(&self.over);
        primal.map(|((p, q), [over_s, over_t])| (*p, *q, *over_s, *over_t))
    }

    /// P/s + Q/t.
    pub(super) fn stiffness(&self) -> Vec<f64> {
        let quotients = self
            .primal()
            .map(|(p, q, over_s, over_t)| p * over_s + q * over_t);
        quotients.collect()
    }

    /// Σ Ps + Qt.
    pub(super) fn products(&self) -> f64 {
        self.quadruples().map(|(p, q, s, t)| p * s + q * t).sum()
    }

    /// The right-hand side `values` − μ(1/s − 1/t) less the second-order terms.
    pub(super) fn wanted(&self, values: &[f64], mu: f64, bent: Bent) -> Vec<f64> {
        let rows = values.iter().zip(&self.over);
        let central = rows.map(|(v, [over_s, over_t])| v - mu * (over_s - over_t));
        match bent {
            None => central.collect(),
            Some(bent) => {
                let both = central.zip(bent);
                both.map(|(v, [up, down])| v - (up + down)).collect()
            }
        }
    }

    /// Where P and Q go when v goes by `dv`; `bent` is what [`Pairs::bend`] said of the predictor.
    pub(super) fn direction(&self, mu: f64, dv: &[f64], bent: Bent) -> Direction {
        let straight = |((p, q, over_s, over_t), dv): ((f64, f64, f64, f64), &f64)| {
            [(mu + p * dv) * over_s - p, (mu - q * dv) * over_t - q]
        };
        let steps = self.primal().zip(dv).map(straight);
        let steps: Vec<[f64; 2]> = match bent {
            None => steps.collect(),
            Some(bent) => {
                let both = steps.zip(bent);
                both.map(|([dp, dq], [up, down])| [dp + up, dq - down])
                    .collect()
            }
        };
        // A quotient is taken only where it is the least so far.
        let (mut primal, mut dual) = (f64::INFINITY, f64::INFINITY);
        for (((p, q, s, t), [dp, dq]), dv) in self.quadruples().zip(&steps).zip(dv) {
            for (room, step) in [(p, -dp), (q, -dq)] {
                if step > 0.0 && room < primal * step {
                    primal = room / step;
                }
            }
            for (room, step) in [(s, *dv), (t, -dv)] {
                if step > 0.0 && room < dual * step {
                    dual = room / step;
                }
            }
        }
        Direction {
            steps,
            primal,
            dual,
        }
    }

    /// Σ Ps + Qt after a step of these lengths.
    pub(super) fn products_after(
        &self,
        direction: &Direction,
        dv: &[f64],
        primal: f64,
        dual: f64,
    ) -> f64 {
        let steps = direction.steps.iter().zip(dv);
        let terms = self
            .quadruples()
            .zip(steps)
            .map(|((p, q, s, t), ([dp, dq], dv))| {
                (p + primal * dp) * (s - dual * dv) + (q + primal * dq) * (t + dual * dv)
            });
        terms.sum()
    }

    /// The second-order terms dP dv/s and dQ dv/t of the predictor.
    pub(super) fn bend(&self, direction: &Direction, dv: &[f64]) -> Vec<[f64; 2]> {
        let steps = direction.steps.iter().zip(dv).zip(&self.over);
        steps
            .map(|(([dp, dq], dv), [over_s, over_t])| [dp * dv * over_s, dq * dv * over_t])
            .collect()
    }

    pub(super) fn advance(&mut self, direction: &Direction, dv: &[f64], primal: f64, dual: f64) {
        let primals = self.above.iter_mut().zip(&mut self.below);
        for ((p, q), [dp, dq]) in primals.zip(&direction.steps) {
            *p += primal * dp;
            *q += primal * dq;
        }
        let duals = self.to_high.iter_mut().zip(&mut self.to_low);
        for ((s, t), dv) in duals.zip(dv) {
            *s -= dual * dv;
            *t += dual * dv;
        }
        self.invert();
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
