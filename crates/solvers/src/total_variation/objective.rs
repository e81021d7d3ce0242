//! The objective and one of its subgradients, for methods that ask for nothing else.

use super::differences::{gradient_row, with_below};
use super::{Denoising, Fidelity};

impl Denoising<'_> {
    /// λ TV(u) + D(u, g). `u` is row-major, as long as the image.
    pub fn value(&self, u: &[f64]) -> f64 {
        let width = self.image.width();
        let (mut along, mut down) = (vec![0.0; width], vec![0.0; width]);
        let mut variation = 0.0;
        for i in 0..self.image.height() {
            let (own, below) = with_below(u, width, i);
            gradient_row(own, below, &mut along, &mut down);
            let pairs = along.iter().zip(&down);
            variation += pairs.map(|(a, d)| (a * a + d * d).sqrt()).sum::<f64>();
        }
        self.lambda * variation + self.data_term(u)
    }

    /// D(u, g).
    pub(super) fn data_term(&self, u: &[f64]) -> f64 {
        let differences = u.iter().zip(self.image.pixels()).map(|(u, g)| u - g);
        match self.fidelity {
            Fidelity::Squares => 0.5 * differences.map(|r| r * r).sum::<f64>(),
            Fidelity::Absolute => differences.map(f64::abs).sum(),
        }
    }

    /// D of the constant image that fits g best, its mean or its median: the value as λ → ∞, and the unit of gaps.
    pub fn null_loss(&self) -> f64 {
        let g = self.image.pixels();
        let best = match self.fidelity {
            Fidelity::Squares => g.iter().sum::<f64>() / g.len() as f64,
            Fidelity::Absolute => {
                let mut sorted = g.to_vec();
                let middle = g.len() / 2;
                *sorted.select_nth_unstable_by(middle, f64::total_cmp).1
            }
        };
        self.data_term(&vec![best; g.len()])
    }

    /// Overwrites `out` by a subgradient at u and returns the objective: λ∇ᵀ(∇u/|∇u|) with 0 for 0/0, plus u − g or sign(u − g)
    /// with sign 0 = 0. Both are row-major, as long as the image.
    pub fn subgradient(&self, u: &[f64], out: &mut [f64]) -> f64 {
        let width = self.image.width();
        let mut value = self.data_term(u);
        for ((out, u), g) in out.iter_mut().zip(u).zip(self.image.pixels()) {
            let difference = u - g;
            *out = match self.fidelity {
                Fidelity::Squares => difference,
                // signum(0.0) is 1.
                Fidelity::Absolute if difference == 0.0 => 0.0,
                Fidelity::Absolute => difference.signum(),
            };
        }
        let (mut along, mut down) = (vec![0.0; width], vec![0.0; width]);
        for i in 0..self.image.height() {
            let (own, below) = with_below(u, width, i);
            gradient_row(own, below, &mut along, &mut down);
            for (j, (&a, &d)) in along.iter().zip(&down).enumerate() {
                let length = (a * a + d * d).sqrt();
                if length > 0.0 {
                    value += self.lambda * length;
                    let (a, d) = (self.lambda * a / length, self.lambda * d / length);
                    let k = i * width + j;
                    out[k] -= a + d;
                    // Differences that are not 0 have the neighbour they are taken to.
                    if a != 0.0 {
                        out[k + 1] += a;
                    }
                    if d != 0.0 {
                        out[k + width] += d;
                    }
                }
            }
        }
        value
    }
}
