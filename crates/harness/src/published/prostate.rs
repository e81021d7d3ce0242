//! The prostate data as they were printed before a correction, and the units in which papers measure its columns.

use crate::claim::data::{Table, table};
use anyhow::ensure;
use faer::Mat;

/// `lweight` of row 32 as it is now, log 44.9, and as it was, log 449.
const CORRECTION: (f64, f64) = (3.80443779474821, 6.107580);
/// The column of `lweight`.
const LWEIGHT: usize = 1;

/// The prostate rows of that name with row 32, if it is one of them, as the papers of 1996 and 2005 had it.
///
/// Errors: there are none of that name, or more than one row looks like row 32.
pub fn uncorrected(id: &str) -> anyhow::Result<Table> {
    let mut data = table(id)?;
    let column = data.x.col_as_slice_mut(LWEIGHT);
    let changed = column.iter_mut().filter(|v| **v == CORRECTION.0);
    let mut count = 0;
    for value in changed {
        *value = CORRECTION.1;
        count += 1;
    }
    ensure!(count <= 1, "{count} rows of {id} look like row 32");
    Ok(data)
}

/// Mean and norm of the columns of some rows.
pub struct Units {
    /// Means.
    pub mean: Vec<f64>,
    /// Euclidean norms less the means.
    pub norm: Vec<f64>,
}

impl Units {
    /// Of these rows.
    pub fn of(x: &Mat<f64>) -> Self {
        let n = x.nrows() as f64;
        let columns = || (0..x.ncols()).map(|j| x.col_as_slice(j));
        let mean: Vec<f64> = columns().map(|c| c.iter().sum::<f64>() / n).collect();
        let norm = columns().zip(&mean);
        let norm = norm.map(|(c, m)| c.iter().map(|v| (v - m).powi(2)).sum::<f64>().sqrt());
        Self {
            norm: norm.collect(),
            mean,
        }
    }

    /// Rows in these units: of mean 0 and unit norm, if they are the rows that the units are of.
    pub fn centred(&self, x: &Mat<f64>) -> Mat<f64> {
        Mat::from_fn(x.nrows(), x.ncols(), |i, j| {
            (x[(i, j)] - self.mean[j]) / self.norm[j]
        })
    }
}

/// Values less their mean.
pub fn less_mean(y: &[f64]) -> Vec<f64> {
    let mean = y.iter().sum::<f64>() / y.len() as f64;
    y.iter().map(|y| y - mean).collect()
}

/// The numbers, from 1, of the coefficients that are not 0, one digit each: 125 for the first, the second and the fifth.
pub fn digits(beta: &[f64]) -> f64 {
    let kept = beta.iter().enumerate().filter(|(_, b)| **b != 0.0);
    kept.fold(0.0, |digits, (j, _)| 10.0 * digits + (j + 1) as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_row_32_was_different() {
        let (before, after) = (uncorrected("prostate").unwrap(), table("prostate").unwrap());
        let all = (0..97).flat_map(|i| (0..8).map(move |j| (i, j)));
        let changed: Vec<(usize, usize)> = all.filter(|&at| before.x[at] != after.x[at]).collect();
        assert_eq!(changed, [(31, 1)]);
        // 449 grams for 44.9.
        assert!((before.x[(31, 1)].exp() - 449.0).abs() < 0.5);
        assert_eq!(digits(&[1.0, -1.0, 0.0, 0.0, 0.5]), 125.0);
    }

    #[test]
    fn units_make_columns_of_unit_norm_and_mean_0() {
        let x = Mat::from_fn(5, 2, |i, j| (i * i + 3 * j) as f64);
        let z = Units::of(&x).centred(&x);
        for j in 0..2 {
            let column = z.col_as_slice(j);
            assert!(column.iter().sum::<f64>().abs() < 1e-14);
            assert!((column.iter().map(|v| v * v).sum::<f64>() - 1.0).abs() < 1e-14);
        }
    }
}
