//! A loss of rows that count differently, or part of whose fit is known beforehand.

use super::{
    CurvedLoss, KinkedLoss, Loss, Pointwise, PointwiseKinked, PointwiseProx, PointwiseSmooth,
    ProxLoss, SmoothLoss,
};

/// f(z) = (1/n) Σ w_i ℓ(y_i, z_i + o_i).
#[derive(Clone, Copy, Debug)]
pub struct Observed<'a, L> {
    /// ℓ.
    pub loss: L,
    /// w, positive, mean 1, length n; None where all are 1.
    pub weights: Option<&'a [f64]>,
    /// o, length n; None where all are 0.
    pub offset: Option<&'a [f64]>,
}

/// Rounding by which a dual point may leave its interval: it is put back.
const ROUNDING: f64 = 1e-13;

impl<L> Observed<'_, L> {
    /// Every row counts once, and nothing is known beforehand.
    pub fn equally(loss: L) -> Self {
        Self {
            loss,
            weights: None,
            offset: None,
        }
    }

    fn weight(&self, i: usize) -> f64 {
        self.weights.map_or(1.0, |w| w[i])
    }

    fn shift(&self, i: usize) -> f64 {
        self.offset.map_or(0.0, |o| o[i])
    }

    /// z + offset.
    fn shifted(&self, z: &[f64]) -> Vec<f64> {
        match self.offset {
            Some(offset) => z.iter().zip(offset).map(|(z, o)| z + o).collect(),
            None => z.to_vec(),
        }
    }

    /// (weight, y, z + offset) of every row.
    fn rows<'b>(
        &'b self,
        y: &'b [f64],
        z: &'b [f64],
    ) -> impl Iterator<Item = (f64, f64, f64)> + 'b {
        let rows = y.iter().zip(z).enumerate();
        rows.map(|(i, (&y, &z))| (self.weight(i), y, z + self.shift(i)))
    }
}

impl<L: Pointwise> Loss for Observed<'_, L> {
    fn value(self, y: &[f64], fit: &[f64]) -> f64 {
        let mut values = self.shifted(fit);
        self.loss.values(y, &mut values);
        let sum: f64 = match self.weights {
            Some(weights) => values.iter().zip(weights).map(|(v, w)| w * v).sum(),
            None => values.iter().sum(),
        };
        sum / y.len() as f64
    }

    fn neg_gradient(self, y: &[f64], fit: &[f64], out: &mut [f64]) {
        let n = y.len() as f64;
        out.copy_from_slice(fit);
        if let Some(offset) = self.offset {
            out.iter_mut().zip(offset).for_each(|(z, o)| *z += o);
        }
        self.loss.neg_derivatives(y, out);
        match self.weights {
            Some(weights) => out
                .iter_mut()
                .zip(weights)
                .for_each(|(u, w)| *u = w * *u / n),
            None => out.iter_mut().for_each(|u| *u /= n),
        }
    }

    fn dual_along(self, y: &[f64], u: &[f64], s: f64) -> [f64; 3] {
        let n = y.len() as f64;
        let mut values = vec![0.0; u.len()];
        for (i, ((value, &y), &u)) in values.iter_mut().zip(y).zip(u).enumerate() {
            let [low, high] = self.loss.dual_interval(y);
            let v = s * n * u / self.weight(i);
            if !(v >= low - ROUNDING && v <= high + ROUNDING) {
                return [f64::NEG_INFINITY, 0.0, 0.0];
            }
            *value = v.clamp(low, high);
        }
        let (mut first, mut second) = (vec![0.0; u.len()], vec![0.0; u.len()]);
        self.loss.duals(y, &mut values, &mut first, &mut second);
        let mut sum = [0.0; 3];
        for (i, &u) in u.iter().enumerate() {
            let (w, shift) = (self.weight(i), self.shift(i));
            sum[0] += w / n * values[i] - s * u * shift;
            // 0 · ∞ at an end of the interval that u does not move from.
            if u != 0.0 {
                sum[1] += u * (first[i] - shift);
                sum[2] += u * (n * u / w) * second[i];
            }
        }
        sum
    }

    fn dual_reach(self, y: &[f64], u: &[f64]) -> f64 {
        let n = y.len() as f64;
        let rows = y.iter().zip(u).enumerate();
        let reach = rows.map(|(i, (&y, &u))| {
            let [low, high] = self.loss.dual_interval(y);
            let v = n * u / self.weight(i);
            // What rounding alone carries to the wrong side of 0 moves nowhere.
            if v > ROUNDING {
                high / v
            } else if v < -ROUNDING {
                low / v
            } else {
                f64::INFINITY
            }
        });
        reach.fold(f64::INFINITY, f64::min)
    }

    fn dual_metric(self, y: &[f64], u: &[f64]) -> Option<Vec<f64>> {
        let n = y.len() as f64;
        let each = |(i, u): (usize, &f64)| {
            let w = self.weight(i);
            let metric = self.loss.metric_at(n * u / w)?;
            Some(w * metric)
        };
        u.iter().enumerate().map(each).collect()
    }
}

impl<L: PointwiseSmooth> SmoothLoss for Observed<'_, L> {
    fn curvature_bound(self) -> f64 {
        let largest = self
            .weights
            .map_or(1.0, |w| w.iter().copied().fold(0.0, f64::max));
        largest * self.loss.largest_curvature()
    }

    fn bregman(self, y: &[f64], a: &[f64], b: &[f64]) -> f64 {
        let rows = self.rows(y, a).enumerate().zip(b);
        let terms =
            rows.map(|((i, (w, y, a)), b)| w * self.loss.bregman_at(y, a, b + self.shift(i)));
        terms.sum::<f64>() / y.len() as f64
    }
}

impl<L: PointwiseSmooth> CurvedLoss for Observed<'_, L> {
    fn curvature(self, y: &[f64], fit: &[f64], out: &mut [f64]) {
        let n = y.len() as f64;
        for (out, (w, y, z)) in out.iter_mut().zip(self.rows(y, fit)) {
            *out = w * self.loss.second_derivative(y, z) / n;
        }
    }
}

impl<L: PointwiseProx> ProxLoss for Observed<'_, L> {
    fn prox(self, y: &[f64], v: &[f64], t: f64, out: &mut [f64]) {
        let n = y.len() as f64;
        for (i, (out, (w, y, v))) in out.iter_mut().zip(self.rows(y, v)).enumerate() {
            *out = self.loss.prox_at(y, v, t * w / n) - self.shift(i);
        }
    }
}

impl<L: PointwiseKinked> KinkedLoss for Observed<'_, L> {
    fn slopes(self, y: &[f64]) -> Vec<[f64; 2]> {
        let n = y.len() as f64;
        let each = self.loss.sides();
        (0..y.len())
            .map(|i| each.map(|slope| slope * self.weight(i) / n))
            .collect()
    }

    fn kinks(self, y: &[f64]) -> Vec<f64> {
        y.iter()
            .enumerate()
            .map(|(i, y)| y - self.shift(i))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::loss::{Absolute, Huber, Logistic};

    const WEIGHTS: [f64; 3] = [0.5, 2.0, 0.5];
    const OFFSET: [f64; 3] = [0.3, -1.0, 0.0];
    const FIT: [f64; 3] = [0.2, 0.9, -2.0];

    fn observed<L>(loss: L) -> Observed<'static, L> {
        Observed {
            loss,
            weights: Some(&WEIGHTS),
            offset: Some(&OFFSET),
        }
    }

    #[test]
    fn fenchel_young_holds_with_weights_and_offsets() {
        fn holds<L: Pointwise>(loss: Observed<'_, L>, y: [f64; 3]) {
            let mut u = [0.0; 3];
            loss.neg_gradient(&y, &FIT, &mut u);
            let inner: f64 = u.iter().zip(&FIT).map(|(u, z)| u * z).sum();
            let slack = |s: f64| loss.value(&y, &FIT) - loss.dual_along(&y, &u, s)[0] + s * inner;
            assert!(slack(1.0).abs() < 1e-14);
            assert!(slack(0.4) > 0.0 && loss.dual_reach(&y, &u) >= 1.0);
            let h = 1e-6;
            let [_, first, _] = loss.dual_along(&y, &u, 0.5);
            let [plus, minus] = [0.5 + h, 0.5 - h].map(|s| loss.dual_along(&y, &u, s)[0]);
            assert!((first - (plus - minus) / (2.0 * h)).abs() < 1e-8);
            let beyond = loss.dual_reach(&y, &u) * 1.01;
            assert!(
                beyond.is_infinite() || loss.dual_along(&y, &u, beyond)[0] == f64::NEG_INFINITY
            );
        }
        holds(observed(Absolute), [1.0, -0.4, 2.0]);
        holds(
            observed(Huber::new(0.6).expect("positive")),
            [1.0, -0.4, 2.0],
        );
        holds(observed(Logistic), [1.0, 0.0, 1.0]);
    }

    #[test]
    fn the_prox_minimises_with_weights_and_offsets() {
        let loss = observed(Absolute);
        let (y, t) = ([1.0, -0.4, 2.0], 0.7);
        let mut z = [0.0; 3];
        loss.prox(&y, &FIT, t, &mut z);
        let at = |z: &[f64; 3]| {
            let moved: f64 = z.iter().zip(&FIT).map(|(a, b)| (a - b) * (a - b)).sum();
            loss.value(&y, z) + moved / (2.0 * t)
        };
        for i in 0..3 {
            for step in [1e-3, -1e-3, 0.5, -0.5] {
                let mut other = z;
                other[i] += step;
                assert!(at(&z) <= at(&other) + 1e-15);
            }
        }
    }
}
