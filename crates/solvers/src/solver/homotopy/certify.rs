//! Many residuals against all columns at once: one pass over X certifies several λ.

use crate::design::{Bundle, Design};

/// Columns that are multiplied before their products are looked at, while those are in the first-level cache.
const PANEL: usize = 512;

/// y − Xβ for several β, given as (column, coefficient), and the number of columns that were read: those of all points, once.
pub(super) fn residuals<X: Design>(
    x: &X,
    y: &[f64],
    points: &[&[(usize, f64)]],
) -> (Bundle, usize) {
    let mut bundle = Bundle::zeros(y.len(), points.len());
    bundle.set_all(&vec![y; points.len()], x);
    let width = bundle.width();
    let mut set: Vec<usize> = points.iter().copied().flatten().map(|&(j, _)| j).collect();
    set.sort_unstable();
    set.dedup();
    let mut factors = vec![0.0; set.len() * width];
    for (k, point) in points.iter().enumerate() {
        for (j, b) in *point {
            let place = set
                .binary_search(j)
                .expect("the set holds the columns of every point");
            factors[place * width + k] = -b;
        }
    }
    x.axpy_set_bundle(&set, &factors, &mut bundle);
    (bundle, set.len())
}

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
    known: impl Fn(usize) -> bool + Sync,
    ends: [&mut [f64]; 2],
) -> Verdict {
    let [first_corr, last_corr] = ends;
    let (n, count, width) = (x.nrows() as f64, lambdas.len(), bundle.width());
    let limits: Vec<f64> = (lambdas.iter())
        .map(|l| n * (l * (1.0 + SLACK) + ROUNDING * unit))
        .chain(std::iter::repeat_n(f64::INFINITY, width - count))
        .collect();
    let panels = (first_corr.chunks_mut(PANEL)).zip(last_corr.chunks_mut(PANEL));
    let verdicts = x.share(panels.enumerate().collect(), |(panel, (first, last))| {
        let set: Vec<usize> = (panel * PANEL..panel * PANEL + last.len()).collect();
        let mut products = vec![0.0; set.len() * width];
        x.tr_mul_bundle(&set, bundle, &mut products);
        let mut verdict = Verdict {
            largest: vec![0.0; width],
            first_violated: count,
            violators: Vec::new(),
        };
        let rows = products.chunks_exact(width);
        for (((&j, row), first), last) in set.iter().zip(rows).zip(first).zip(last) {
            let mut beyond = false;
            for ((c, limit), largest) in row.iter().zip(&limits).zip(&mut verdict.largest) {
                let size = c.abs();
                *largest = if size > *largest { size } else { *largest };
                beyond |= size > *limit;
            }
            (*first, *last) = (row[0] / n, row[count - 1] / n);
            if beyond && !known(j) {
                let violated = (row.iter().zip(&limits)).position(|(c, limit)| c.abs() > *limit);
                verdict.first_violated = verdict.first_violated.min(violated.unwrap_or(count));
                verdict.violators.push(j);
            }
        }
        verdict
    });
    let mut all = Verdict {
        largest: vec![0.0; count],
        first_violated: count,
        violators: Vec::new(),
    };
    for verdict in verdicts {
        for (largest, size) in all.largest.iter_mut().zip(verdict.largest) {
            *largest = largest.max(size / n);
        }
        all.first_violated = all.first_violated.min(verdict.first_violated);
        all.violators.extend(verdict.violators);
    }
    all
}

/// Excess over λ, relative to it, that is no violation.
const SLACK: f64 = 1e-12;
/// The same, relative to the largest correlation at β = 0.
const ROUNDING: f64 = 1e-14;
