//! Averages of iterates. Polyak & Juditsky (1992), SIAM J. Control Optim. 30; Ruppert (1988); of the last iterates only Rakhlin,
//! Shamir & Sridharan (2012), ICML.

/// Which iterates β_1, β_2, … are averaged with equal weights. The start β_0 never is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Averaging {
    /// All.
    #[default]
    All,
    /// Those after so many steps.
    After(u64),
    /// The last half to three quarters at any time, without knowing when the end is: after step t with 2ᵏ ≤ t < 2ᵏ⁺¹ those from
    /// step 2ᵏ⁻¹ on.
    Tail,
}

/// The mean of iterates as they come, in O(p) memory.
#[derive(Clone, Debug)]
pub struct Average {
    which: Averaging,
    /// Under [`Averaging::Tail`] the mean from 2ᵏ⁻¹ to 2ᵏ − 1, which the other one continues.
    before: Mean,
    current: Mean,
}

#[derive(Clone, Debug, Default)]
struct Mean {
    count: u64,
    values: Vec<f64>,
}

impl Mean {
    fn push(&mut self, beta: &[f64]) {
        self.values.resize(beta.len(), 0.0);
        self.count += 1;
        let share = 1.0 / self.count as f64;
        for (mean, b) in self.values.iter_mut().zip(beta) {
            *mean += share * (b - *mean);
        }
    }
}

impl Average {
    /// Of nothing yet.
    pub fn new(which: Averaging) -> Self {
        Self {
            which,
            before: Mean::default(),
            current: Mean::default(),
        }
    }

    /// Takes in the iterate after step t, where t = 1, 2, … in order.
    pub fn push(&mut self, t: u64, beta: &[f64]) {
        match self.which {
            Averaging::After(skipped) if t <= skipped => return,
            Averaging::Tail if t.is_power_of_two() => {
                std::mem::swap(&mut self.before, &mut self.current);
                self.current.count = 0;
                self.current.values.fill(0.0);
            }
            _ => {}
        }
        self.current.push(beta);
    }

    /// Iterates that the mean is of.
    pub fn count(&self) -> u64 {
        self.before.count + self.current.count
    }

    /// The mean, length p; None of nothing.
    pub fn value(&self) -> Option<Vec<f64>> {
        if self.before.count == 0 {
            return (self.current.count > 0).then(|| self.current.values.clone());
        }
        let share = self.current.count as f64 / self.count() as f64;
        let means = self.before.values.iter().zip(&self.current.values);
        Some(means.map(|(a, b)| a + share * (b - a)).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_is_the_mean_of_the_iterates_it_names() {
        let iterates: Vec<[f64; 2]> = (1..=200)
            .map(|t| [(0.7 * f64::from(t)).sin(), f64::from(t).sqrt()])
            .collect();
        let first = |which: Averaging, t: usize| match which {
            Averaging::All => 1,
            Averaging::After(skipped) => skipped as usize + 1,
            Averaging::Tail => (1 << t.ilog2()) / 2,
        };
        for which in [Averaging::All, Averaging::After(37), Averaging::Tail] {
            let mut average = Average::new(which);
            for t in 1..=iterates.len() {
                average.push(t as u64, &iterates[t - 1]);
                let first = first(which, t).max(1);
                if first > t {
                    assert_eq!((average.value(), average.count()), (None, 0));
                    continue;
                }
                let named = &iterates[first - 1..t];
                assert_eq!(average.count(), named.len() as u64, "{which:?} at {t}");
                let value = average.value().expect("some iterates");
                for j in 0..2 {
                    let mean = named.iter().map(|b| b[j]).sum::<f64>() / named.len() as f64;
                    assert!((value[j] - mean).abs() < 1e-13, "{which:?} at {t}");
                }
                assert!(which != Averaging::Tail || t < 4 || 4 * named.len() <= 3 * t + 4);
                assert!(2 * named.len() >= t || which != Averaging::Tail);
            }
        }
    }
}
