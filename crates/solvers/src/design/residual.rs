//! A vector over rows with a scalar shift, so that a centred sparse column can be added in O(nnz).

/// The vector `values + shift · q`; q is the vector of ones, or what the design has in its place.
///
/// A centred column x_j − m_j q is dense even when x_j is sparse; adding a multiple of it touches only the entries of
/// x_j and the shift.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Residual {
    /// The stored part, length n.
    pub values: Vec<f64>,
    /// Multiple of q that is to be added.
    pub shift: f64,
}

impl Residual {
    /// The vector over rows itself.
    pub fn new(values: Vec<f64>) -> Self {
        Self { values, shift: 0.0 }
    }

    /// Folds the shift into the values and returns them, q being the vector of ones.
    pub fn settle(&mut self) -> &mut Vec<f64> {
        if self.shift != 0.0 {
            for v in &mut self.values {
                *v += self.shift;
            }
            self.shift = 0.0;
        }
        &mut self.values
    }
}
