//! The cost rule: what a coordinate update reads and writes.

use crate::design::Design;

/// How the gradient is kept up to date after a coordinate moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Updates {
    /// All of XᵀX/n is formed in the setup and no λ reads X again.
    FullGram,
    /// Gram columns of the working set, built when a column enters.
    WorkingGram,
    /// The residual: two reads of the column per move.
    Residual,
}

/// Columns up to which the whole Gram matrix may be formed: 3000² doubles are 72 MB.
const FULL_GRAM_COLUMNS: usize = 3000;
/// Columns up to which a working set keeps its Gram block: 4096² doubles are 134 MB.
const BLOCK_COLUMNS: usize = 4096;
/// Below this density a product of two columns by merging costs more than it saves.
const DENSE_ENOUGH: f64 = 0.1;

impl Updates {
    /// Chooses from the shape of X, with the sentence that goes into the record.
    ///
    /// - n ≥ 2p, p ≤ 3000 and density ≥ 0.1: `FullGram`. Forming it costs n p² fused operations at matrix-product
    ///   speed; 100 λ at one memory-bound pass each cost more.
    /// - density ≥ 0.1 otherwise: `WorkingGram`. A move costs |W| instead of 2n, a zero that stays costs nothing.
    /// - sparser: `Residual`. A move costs twice the entries of its column.
    pub fn choose<X: Design>(x: &X) -> (Self, String) {
        let (n, p) = (x.nrows(), x.ncols());
        let density = x.nnz() as f64 / (n as f64 * p as f64);
        let choice = if density < DENSE_ENOUGH {
            Self::Residual
        } else if n >= 2 * p && p <= FULL_GRAM_COLUMNS {
            Self::FullGram
        } else {
            Self::WorkingGram
        };
        (
            choice,
            format!("{choice:?}: n = {n}, p = {p}, density = {density:.3}"),
        )
    }

    /// Whether a Gram block of this many columns is still kept.
    pub(super) fn gram_block_fits(columns: usize) -> bool {
        columns <= BLOCK_COLUMNS
    }
}
