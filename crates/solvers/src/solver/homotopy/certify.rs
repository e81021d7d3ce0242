//! Many residuals against all columns at once: one pass over X certifies several λ.

use crate::design::{Bundle, Design};

/// Columns that are multiplied before their products are looked at, while those are in the second-level cache; enough of
/// them for several threads.
const PANEL: usize = 16_384;

/// What a pass over X said of the points of a bundle.
pub(super) struct Verdict {
    /// max_j |x_jᵀr/n| for each point.
    pub largest: Vec<f64>,
    /// The first point at which a column outside the candidates lies beyond its bound; the number of points if none does.
    pub first_violated: usize,
    /// Those columns, of all points.
    pub violators: Vec<usize>,
}

/// Multiplies all columns with the residuals in `bundle`, which belong to `lambdas`. Columns for which `known` holds cannot
/// violate. Correlations of the first and the last point are left in `ends`.
///
/// A correlation counts as beyond the bound λ when it exceeds it by more than rounding, which is relative to `unit`.
pub(super) fn look_at_all<X: Design>(
    x: &X,
    bundle: &Bundle,
    lambdas: &[f64],
    unit: f64,
    known: impl Fn(usize) -> bool,
    ends: [&mut [f64]; 2],
) -> Verdict {
    let [first_corr, last_corr] = ends;
    let p = last_corr.len();
    let (n, count, width) = (x.nrows() as f64, lambdas.len(), bundle.width());
    let limits: Vec<f64> = (lambdas.iter())
        .map(|l| n * (l * (1.0 + SLACK) + ROUNDING * unit))
        .chain(std::iter::repeat_n(f64::INFINITY, width - count))
        .collect();
    let mut largest = vec![0.0f64; width];
    let mut first_violated = count;
    let mut violators = Vec::new();
    let mut set = Vec::with_capacity(PANEL);
    let mut products = vec![0.0; PANEL.min(p) * width];
    let panels = first_corr
        .chunks_mut(PANEL)
        .zip(last_corr.chunks_mut(PANEL));
    for (panel, (first, last)) in panels.enumerate() {
        set.clear();
        set.extend(panel * PANEL..panel * PANEL + last.len());
        x.tr_mul_bundle(&set, bundle, &mut products);
        let rows = products.chunks_exact(width);
        for (((&j, row), first), last) in set.iter().zip(rows).zip(first).zip(last) {
            let mut beyond = false;
            for ((c, limit), largest) in row.iter().zip(&limits).zip(&mut largest) {
                let size = c.abs();
                *largest = if size > *largest { size } else { *largest };
                beyond |= size > *limit;
            }
            (*first, *last) = (row[0] / n, row[count - 1] / n);
            if beyond && !known(j) {
                let violated = (row.iter().zip(&limits)).position(|(c, limit)| c.abs() > *limit);
                first_violated = first_violated.min(violated.unwrap_or(count));
                violators.push(j);
            }
        }
    }
    largest.truncate(count);
    largest.iter_mut().for_each(|c| *c /= n);
    Verdict {
        largest,
        first_violated,
        violators,
    }
}

/// Excess over λ, relative to it, that is no violation.
const SLACK: f64 = 1e-12;
/// The same, relative to the largest correlation at β = 0.
const ROUNDING: f64 = 1e-14;
