//! XᵀX/n restricted to the working set, growing one column at a time.

use crate::design::Design;

/// A symmetric matrix stored by full columns with room to grow: column i is `data[i * stride ..]`.
#[derive(Default)]
pub(super) struct GramBlock {
    data: Vec<f64>,
    stride: usize,
    len: usize,
}

impl GramBlock {
    /// Column i of the block, one entry per member.
    pub(super) fn column(&self, i: usize) -> &[f64] {
        &self.data[i * self.stride..i * self.stride + self.len]
    }

    /// Appends the last member of `working`, whose ‖x_j‖²/n is `curvature`; the others are in the block already.
    pub(super) fn append<X: Design>(&mut self, x: &X, working: &[usize], curvature: f64) {
        let Some((&j, before)) = working.split_last() else {
            return;
        };
        if self.len == self.stride {
            self.grow();
        }
        let (old, new) = self.data.split_at_mut(self.len * self.stride);
        let column = &mut new[..self.len + 1];
        x.gram_row(j, before, &mut column[..self.len]);
        let n = x.nrows() as f64;
        for (i, value) in column[..self.len].iter_mut().enumerate() {
            *value /= n;
            old[i * self.stride + self.len] = *value;
        }
        column[self.len] = curvature;
        self.len += 1;
    }

    fn grow(&mut self) {
        let stride = (2 * self.stride).max(64);
        let mut data = vec![0.0; stride * stride];
        for i in 0..self.len {
            data[i * stride..i * stride + self.len].copy_from_slice(self.column(i));
        }
        self.data = data;
        self.stride = stride;
    }
}
