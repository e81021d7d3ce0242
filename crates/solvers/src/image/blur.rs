//! Blur by a symmetric separable kernel, the image being mirrored beyond its rim.

use super::operator::{Operator, Patch};
use crate::error::SolveError;

/// The map R from an image to its blurred version, a symmetric matrix.
///
/// Beyond its rim the image goes on as its mirror image, the pixel at the rim coming twice. A symmetric kernel then has the cosines of
/// the discrete cosine transform as its eigenvectors, with eigenvalue k_0 + 2 Σ k_t cos(πtm/N) along each direction, so that the largest
/// in magnitude is at most |k_0| + 2 Σ |k_t|; with a kernel that is nowhere negative the constant image attains it.
/// [Hansen, Nagy & O'Leary 2006, Deblurring Images, §4.3]
#[derive(Clone, Debug, PartialEq)]
pub struct Blur {
    height: usize,
    width: usize,
    half: Vec<f64>,
}

impl Blur {
    /// Blur of `height` × `width` pixels by k_|i| k_|j| with k = `half`, its middle first.
    ///
    /// Errors: [`SolveError::Image`] if there is no pixel, no kernel, the kernel is not finite, or it reaches over more than the image.
    pub fn new(height: usize, width: usize, half: Vec<f64>) -> Result<Self, SolveError> {
        let reach = half.len().saturating_sub(1);
        if half.is_empty() || half.iter().any(|k| !k.is_finite()) {
            return Err(SolveError::Image(
                "a kernel of finite numbers, at least one, is needed to blur".into(),
            ));
        }
        if height.min(width) == 0
            || height.min(width) < reach
            || height.checked_mul(width).is_none()
        {
            return Err(SolveError::Image(format!(
                "an image of {height} x {width} pixels is too small for a kernel that reaches over {reach}"
            )));
        }
        Ok(Self {
            height,
            width,
            half,
        })
    }

    /// Blur by a Gaussian kernel of `size` × `size` pixels, `size` odd, with sum 1. Errors: also unless `deviation` > 0.
    pub fn gaussian(
        height: usize,
        width: usize,
        size: usize,
        deviation: f64,
    ) -> Result<Self, SolveError> {
        if size.is_multiple_of(2) || !(deviation > 0.0 && deviation.is_finite()) {
            return Err(SolveError::Image(format!(
                "a Gaussian kernel of {size} x {size} pixels with deviation {deviation}: an odd size and a positive deviation are needed"
            )));
        }
        let weight = |t: usize| (-0.5 * (t as f64 / deviation).powi(2)).exp();
        let half: Vec<f64> = (0..=size / 2).map(weight).collect();
        let sum = total(&half);
        Self::new(height, width, half.iter().map(|k| k / sum).collect())
    }
}

/// Σ |k_t| of the whole kernel.
fn total(half: &[f64]) -> f64 {
    half[0].abs() + 2.0 * half[1..].iter().map(|k| k.abs()).sum::<f64>()
}

/// The pixel of `length` that stands at `place` when the line is mirrored at its ends, once at most.
fn mirrored(place: isize, length: usize) -> usize {
    let last = length as isize - 1;
    let inside = if place < 0 {
        -1 - place
    } else if place > last {
        2 * last + 1 - place
    } else {
        place
    };
    inside as usize
}

/// out = k_0 v(0) + Σ_t k_t (v(−t) + v(t)), v(t) being a line of values t places further on.
fn weigh<'a>(half: &[f64], v: impl Fn(isize) -> &'a [f64], out: &mut [f64]) {
    for (out, v) in out.iter_mut().zip(v(0)) {
        *out = half[0] * v;
    }
    for (t, k) in half.iter().enumerate().skip(1) {
        let t = t as isize;
        for ((out, before), after) in out.iter_mut().zip(v(-t)).zip(v(t)) {
            *out += k * (before + after);
        }
    }
}

impl Operator for Blur {
    fn shape(&self) -> (usize, usize) {
        (self.height, self.width)
    }

    fn apply(&self, v: &[f64], out: &mut [f64]) {
        let (width, reach) = (self.width, self.half.len() - 1);
        let mut down = vec![0.0; width];
        let mut padded = vec![0.0; width + 2 * reach];
        for (i, out) in out.chunks_exact_mut(width).enumerate() {
            let row = |t: isize| {
                let i = mirrored(i as isize + t, self.height);
                &v[i * width..(i + 1) * width]
            };
            weigh(&self.half, row, &mut down);
            for (k, value) in padded.iter_mut().enumerate() {
                // Only the two ends need the mirror.
                *value = match k.checked_sub(reach).and_then(|k| down.get(k)) {
                    Some(value) => *value,
                    None => down[mirrored(k as isize - reach as isize, width)],
                };
            }
            let shifted = |t: isize| &padded[(reach as isize + t) as usize..];
            weigh(&self.half, shifted, out);
        }
    }

    fn apply_transposed(&self, v: &[f64], out: &mut [f64]) {
        self.apply(v, out);
    }

    fn column(&self, j: usize) -> Patch {
        self.of_patch(&Patch {
            top: j / self.width,
            left: j % self.width,
            width: 1,
            values: vec![1.0],
        })
    }

    /// Exact where no weight is negative, else a bound.
    fn sq_spectral_norm(&self) -> f64 {
        total(&self.half).powi(4)
    }

    fn cost(&self) -> usize {
        2 * (2 * self.half.len() - 1) * self.height * self.width
    }
}

impl Blur {
    /// A blurred part of an image.
    pub(super) fn of_patch(&self, patch: &Patch) -> Patch {
        let (top, down) = self.spread(patch.top, patch.height(), self.height);
        let (left, along) = self.spread(patch.left, patch.width, self.width);
        let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
        let mut values = Vec::with_capacity(down.len() * along.len());
        for down in &down {
            let mut line = vec![0.0; patch.width];
            for (row, weight) in patch.values.chunks_exact(patch.width).zip(down) {
                line.iter_mut().zip(row).for_each(|(l, v)| *l += weight * v);
            }
            values.extend(along.iter().map(|along| dot(along, &line)));
        }
        Patch {
            top,
            left,
            width: along.len(),
            values,
        }
    }

    /// Where the places `first`, … of a line of `length` end up: the first place that they reach, and for each from there on the
    /// weights that it gives them.
    fn spread(&self, first: usize, count: usize, length: usize) -> (usize, Vec<Vec<f64>>) {
        let reach = self.half.len() - 1;
        let start = first.saturating_sub(reach);
        let end = (first + count + reach).min(length);
        let weights = (start..end).map(|place| {
            let mut weights = vec![0.0; count];
            for t in -(reach as isize)..=reach as isize {
                let from = mirrored(place as isize + t, length);
                if let Some(weight) = from.checked_sub(first).and_then(|k| weights.get_mut(k)) {
                    *weight += self.half[t.unsigned_abs()];
                }
            }
            weights
        });
        (start, weights.collect())
    }
}

#[cfg(test)]
mod tests {
    use super::super::operator::tests::{is_one_design, normals, power_method};
    use super::*;

    #[test]
    fn it_is_a_symmetric_design_of_columns() {
        is_one_design(Blur::gaussian(12, 9, 9, 4.0).expect("large enough"));
        is_one_design(Blur::gaussian(4, 6, 9, 1.0).expect("large enough"));
        is_one_design(Blur::new(5, 7, vec![0.5, -0.4, 0.1]).expect("large enough"));
    }

    #[test]
    fn its_norm_is_attained_by_the_constant_image() {
        let blur = Blur::gaussian(32, 16, 9, 4.0).expect("large enough");
        assert!((blur.sq_spectral_norm() - 1.0).abs() < 1e-14);
        let mut out = vec![0.0; 32 * 16];
        blur.apply(&vec![0.75; 32 * 16], &mut out);
        assert!(out.iter().all(|v| (v - 0.75).abs() < 1e-15));
        let found = power_method(&blur, 3000);
        assert!((1.0 - 1e-9..1.0 + 1e-12).contains(&found), "{found}");
        let signed = Blur::new(16, 16, vec![0.5, -0.4, 0.1]).expect("large enough");
        assert!(power_method(&signed, 3000) <= signed.sq_spectral_norm());
    }

    #[test]
    fn cosines_are_its_eigenvectors() {
        let (height, width) = (10, 8);
        let blur = Blur::gaussian(height, width, 5, 1.5).expect("large enough");
        let cosine = |m: usize, i: usize, n: usize| {
            (std::f64::consts::PI * m as f64 * (i as f64 + 0.5) / n as f64).cos()
        };
        let eigenvalue = |m: usize, n: usize| {
            let angle = std::f64::consts::PI * m as f64 / n as f64;
            let terms = blur.half.iter().enumerate().skip(1);
            blur.half[0]
                + terms
                    .map(|(t, k)| 2.0 * k * (t as f64 * angle).cos())
                    .sum::<f64>()
        };
        for (a, b) in [(0, 1), (3, 2), (9, 7)] {
            let v: Vec<f64> = (0..height * width)
                .map(|k| cosine(a, k / width, height) * cosine(b, k % width, width))
                .collect();
            let mut out = vec![0.0; v.len()];
            blur.apply(&v, &mut out);
            let factor = eigenvalue(a, height) * eigenvalue(b, width);
            assert!((v.iter().zip(&out)).all(|(v, out)| (out - factor * v).abs() < 1e-14));
        }
    }

    #[test]
    fn what_cannot_blur_is_refused() {
        assert!(Blur::gaussian(8, 8, 4, 1.0).is_err());
        assert!(Blur::gaussian(8, 8, 5, 0.0).is_err());
        assert!(Blur::new(3, 8, vec![0.1; 5]).is_err());
        assert!(Blur::new(0, 0, vec![1.0]).is_err());
        assert!(Blur::new(8, 8, vec![]).is_err() && Blur::new(8, 8, vec![f64::NAN]).is_err());
        let sum: f64 = normals(5, 4).iter().sum();
        assert!(Blur::new(8, 8, vec![sum]).is_ok());
    }
}
