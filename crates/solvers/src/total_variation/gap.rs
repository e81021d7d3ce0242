//! The duality gap of a denoised image: a bound on its distance from the optimum that any dual point gives.
//!
//! With λ|z| = max of pᵀz over |p| ≤ λ at each pixel, and c = ∇ᵀp = −div p, every field p with |p_i|₂ ≤ λ gives the lower bound
//!
//! min over u of cᵀu + D(u, g)
//!
//! on the optimum. For squares the minimum is at u = g + div p, and the bound ½‖g‖² − ½‖g + div p‖². The gap of u and p is a sum of
//! terms that are not negative, which keeps digits that a difference of two objectives loses:
//!
//! Σ (λ|∇u| − pᵀ∇u) + ½‖u − g − div p‖².
//!
//! For absolute values the bound is cᵀg if |c_i| ≤ 1 at every pixel, that is if q = −c = div p, the dual variable of the data term, is
//! feasible, and −∞ otherwise. The p of an iteration satisfies this in the limit only, and scaling it until it does costs as much
//! as the worst pixel asks for. But no optimum leaves [a, b] = [min g, max g], since cutting u off there makes neither term larger. So the
//! minimum may be taken over that box, where it is finite for every p, pixel by pixel at g_i, a or b:
//!
//! Σ c_i g_i − (c_i − 1)₊(g_i − a) − (−c_i − 1)₊(b − g_i).
//!
//! A pixel beyond its bound costs by how much, times its way to the end of the box. This is the dual of the problem with a ≤ u ≤ b, with q
//! = −c cut off at ±1 and what was cut off as multipliers of the box. The gap again is a sum, with none of its terms negative for u in the box:
//!
//! Σ (λ|∇u| − pᵀ∇u) + |u_i − g_i| + c_i(u_i − g_i) + (c_i − 1)₊(g_i − a) + (−c_i − 1)₊(b − g_i).

use super::differences::{beside, divergence_row, gradient_row, with_below};
use super::{Denoising, Fidelity, Field};

/// Objective and duality gap of an image and a dual field.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Certificate {
    /// λ TV(u) + D(u, g).
    pub primal: f64,
    /// What the objective is above the lower bound; infinite if anything is not finite.
    pub gap: f64,
}

impl Certificate {
    /// The lower bound on the optimum.
    pub fn dual(&self) -> f64 {
        self.primal - self.gap
    }
}

impl Denoising<'_> {
    /// Objective and gap of any image `u`, row-major, and any field, which is projected onto |p| ≤ λ first; both as long as the image.
    pub fn certify(&self, u: &[f64], p: &Field) -> Certificate {
        let mut p = p.clone();
        project(&mut p.along, &mut p.down, self.lambda);
        Certificate {
            primal: self.value(u),
            gap: self.gap(u, &p),
        }
    }

    /// The gap of u and a field with |p| ≤ λ.
    pub(super) fn gap(&self, u: &[f64], p: &Field) -> f64 {
        let width = self.image.width();
        let [low, high] = self.range;
        let (mut along, mut down) = (vec![0.0; width], vec![0.0; width]);
        let mut div = vec![0.0; width];
        let zeros = vec![0.0; width];
        let mut gap = 0.0;
        let rows = self.image.pixels().chunks_exact(width);
        for (i, g) in rows.enumerate() {
            let (own, below) = with_below(u, width, i);
            gradient_row(own, below, &mut along, &mut down);
            let (p_along, p_down, above) = beside(p, &zeros, i);
            divergence_row(p_along, p_down, above, &mut div);
            let differences = along.iter().zip(&down);
            let variation = differences.zip(p_along).zip(p_down);
            // Rounding alone makes a term negative, as |p| ≤ λ.
            gap += variation
                .map(|(((a, d), pa), pd)| {
                    (self.lambda * (a * a + d * d).sqrt() - (pa * a + pd * d)).max(0.0)
                })
                .sum::<f64>();
            let data = own.iter().zip(g).zip(&div);
            gap += match self.fidelity {
                Fidelity::Squares => data
                    .map(|((u, g), div)| 0.5 * (u - g - div).powi(2))
                    .sum::<f64>(),
                Fidelity::Absolute => data
                    .map(|((u, g), div)| {
                        let r = u - g;
                        let over = (-div - 1.0).max(0.0) * (g - low);
                        let under = (div - 1.0).max(0.0) * (high - g);
                        r.abs() - div * r + over + under
                    })
                    .sum::<f64>(),
            };
        }
        if gap.is_nan() {
            f64::INFINITY
        } else {
            gap.max(0.0)
        }
    }
}

/// Scales each vector of a field, or of a row of one, down to length λ where it is longer.
#[inline(always)]
pub(super) fn project(along: &mut [f64], down: &mut [f64], lambda: f64) {
    for (a, d) in along.iter_mut().zip(down) {
        let length = (*a * *a + *d * *d).sqrt();
        let factor = if length > lambda {
            lambda / length
        } else {
            1.0
        };
        *a *= factor;
        *d *= factor;
    }
}
