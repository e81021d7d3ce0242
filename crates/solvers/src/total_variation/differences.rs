//! Forward differences of an image with Neumann boundary, and their adjoint.

use crate::image::Image;

/// A bound on ‖∇‖², never attained. [Chambolle 2004, J. Math. Imaging Vis. 20]
pub(super) const SQUARED_NORM: f64 = 8.0;

/// Two values at each pixel, row-major: what ∇ makes of an image, or what pairs with that.
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    /// Along rows. The last column has no right neighbour: its values are 0.
    pub along: Vec<f64>,
    /// Down columns. The last row has no lower neighbour: its values are 0.
    pub down: Vec<f64>,
}

impl Field {
    /// Zeros at `pixels` pixels.
    pub fn zeros(pixels: usize) -> Self {
        Self {
            along: vec![0.0; pixels],
            down: vec![0.0; pixels],
        }
    }
}

/// ∇u: the right and the lower neighbour less the pixel, 0 where there is none.
pub fn gradient(u: &Image) -> Field {
    let width = u.width();
    let mut out = Field::zeros(u.pixels().len());
    let rows = out.along.chunks_exact_mut(width);
    for (i, (along, down)) in rows.zip(out.down.chunks_exact_mut(width)).enumerate() {
        let (own, below) = with_below(u.pixels(), width, i);
        gradient_row(own, below, along, down);
    }
    out
}

/// div p = −∇ᵀp of a field over `height` × `width` pixels, row-major. What p has where there is no neighbour is not read.
pub fn divergence(p: &Field, height: usize, width: usize) -> Vec<f64> {
    let mut out = vec![0.0; height * width];
    let zeros = vec![0.0; width];
    for (i, out) in out.chunks_exact_mut(width).enumerate() {
        let (along, down, above) = beside(p, &zeros, i);
        divergence_row(along, down, above, out);
    }
    out
}

/// Row i of u and the next; the last row stands for its own next, so that the difference is 0.
#[inline(always)]
pub(super) fn with_below(u: &[f64], width: usize, i: usize) -> (&[f64], &[f64]) {
    let own = &u[i * width..(i + 1) * width];
    let below = u.get((i + 1) * width..(i + 2) * width).unwrap_or(own);
    (own, below)
}

/// Row i of both components of p, and the row above of the second; `zeros`, one row of them, where an image ends.
#[inline(always)]
pub(super) fn beside<'a>(
    p: &'a Field,
    zeros: &'a [f64],
    i: usize,
) -> (&'a [f64], &'a [f64], &'a [f64]) {
    let width = zeros.len();
    let own = i * width..(i + 1) * width;
    let last = own.end == p.down.len();
    let down = if last { zeros } else { &p.down[own.clone()] };
    let above = if i == 0 {
        zeros
    } else {
        &p.down[own.start - width..own.start]
    };
    (&p.along[own], down, above)
}

/// One row of ∇u.
#[inline(always)]
pub(super) fn gradient_row(own: &[f64], below: &[f64], along: &mut [f64], down: &mut [f64]) {
    let last = own.len() - 1;
    for ((out, u), right) in along.iter_mut().zip(own).zip(&own[1..]) {
        *out = right - u;
    }
    along[last] = 0.0;
    for ((out, u), below) in down.iter_mut().zip(own).zip(below) {
        *out = below - u;
    }
}

/// One row of div p.
#[inline(always)]
pub(super) fn divergence_row(along: &[f64], down: &[f64], above: &[f64], out: &mut [f64]) {
    let last = out.len() - 1;
    for ((out, down), above) in out.iter_mut().zip(down).zip(above) {
        *out = down - above;
    }
    for (out, along) in out[..last].iter_mut().zip(along) {
        *out += along;
    }
    for (out, left) in out[1..].iter_mut().zip(along) {
        *out -= left;
    }
}
