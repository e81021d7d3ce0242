//! Which fold every row is in.

use std::ops::Range;

use crate::error::SolveError;

/// A partition of n rows into at least two folds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Folds {
    labels: Vec<usize>,
    count: usize,
}

impl Folds {
    /// `count` runs of neighbouring rows whose lengths differ by at most one, longer ones first.
    ///
    /// Errors: [`SolveError::Folds`] unless 2 ≤ count ≤ n.
    pub fn contiguous(n: usize, count: usize) -> Result<Self, SolveError> {
        if count < 2 || count > n {
            return Err(SolveError::Folds(format!(
                "{count} folds of {n} rows; expected at least 2 and at most as many as rows"
            )));
        }
        let (size, longer) = (n / count, n % count);
        let length = |fold: usize| size + usize::from(fold < longer);
        let labels = (0..count).flat_map(|fold| std::iter::repeat_n(fold, length(fold)));
        Ok(Self {
            labels: labels.collect(),
            count,
        })
    }

    /// Row i is in fold `labels[i]`; the labels are 0, 1, … and each occurs.
    ///
    /// Errors: [`SolveError::Folds`] for fewer than two folds and for a fold without a row.
    pub fn from_labels(labels: &[usize]) -> Result<Self, SolveError> {
        let count = labels.iter().max().map_or(0, |last| last + 1);
        if count < 2 {
            return Err(SolveError::Folds(format!(
                "the rows are in {count} fold(s); expected at least 2"
            )));
        }
        if count > labels.len() {
            return Err(SolveError::Folds(format!(
                "{count} folds of {} rows; expected at most as many as rows",
                labels.len()
            )));
        }
        let mut sizes = vec![0; count];
        labels.iter().for_each(|&fold| sizes[fold] += 1);
        if let Some(empty) = sizes.iter().position(|&size| size == 0) {
            return Err(SolveError::Folds(format!(
                "fold {empty} (counted from 0) has no row"
            )));
        }
        Ok(Self {
            labels: labels.to_vec(),
            count,
        })
    }

    /// Number of folds.
    pub fn count(&self) -> usize {
        self.count
    }

    /// Fold of a row, both from 0. Panics beyond the last row.
    pub fn fold_of(&self, row: usize) -> usize {
        self.labels[row]
    }

    /// The rows that count, fold by fold. `counted` holds rows of `n`, increasing.
    pub(super) fn order(
        &self,
        n: usize,
        counted: &[usize],
        repeat: usize,
    ) -> Result<Order, SolveError> {
        if self.labels.len() != n {
            return Err(SolveError::Folds(format!(
                "folding {repeat} (counted from 0) is of {} rows, y has {n}",
                self.labels.len()
            )));
        }
        let mut positions: Vec<usize> = (0..counted.len()).collect();
        positions.sort_by_key(|&i| self.labels[counted[i]]);
        let mut ends = vec![0; self.count];
        counted.iter().for_each(|&row| ends[self.labels[row]] += 1);
        if let Some(fold) = ends.iter().position(|&size| counted.len() - size < 2) {
            return Err(SolveError::Folds(format!(
                "without fold {fold} (counted from 0) {} row(s) that count are left; at least 2 are needed",
                counted.len() - ends[fold]
            )));
        }
        if let Some(fold) = ends.iter().position(|&size| size == 0) {
            return Err(SolveError::Folds(format!(
                "no row of fold {fold} (counted from 0) has a positive weight"
            )));
        }
        let mut end = 0;
        for size in &mut ends {
            end += *size;
            *size = end;
        }
        Ok(Order { positions, ends })
    }
}

/// Rows sorted by fold: positions among the rows that count, and where each fold ends.
pub(super) struct Order {
    pub(super) positions: Vec<usize>,
    ends: Vec<usize>,
}

impl Order {
    /// Number of folds.
    pub(super) fn count(&self) -> usize {
        self.ends.len()
    }

    /// Where a fold stands in `positions`.
    pub(super) fn range(&self, fold: usize) -> Range<usize> {
        let start = if fold == 0 { 0 } else { self.ends[fold - 1] };
        start..self.ends[fold]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contiguous_folds_cover_the_rows_evenly() {
        for n in 2..20 {
            for count in 2..=n {
                let folds = Folds::contiguous(n, count).expect("a valid number of folds");
                let all: Vec<usize> = (0..n).collect();
                let order = folds.order(n, &all, 0);
                if n - n.div_ceil(count) < 2 {
                    assert!(order.is_err());
                    continue;
                }
                let order = order.expect("two rows are left");
                assert_eq!(order.positions, all);
                let sizes: Vec<usize> = (0..count).map(|fold| order.range(fold).len()).collect();
                assert!(
                    sizes
                        .iter()
                        .all(|&s| s == n / count || s == n.div_ceil(count))
                );
                assert_eq!(sizes.iter().sum::<usize>(), n);
            }
        }
    }

    #[test]
    fn what_is_no_partition_is_refused() {
        assert!(Folds::contiguous(5, 6).is_err() && Folds::contiguous(5, 1).is_err());
        assert!(Folds::from_labels(&[0, 0, 0]).is_err() && Folds::from_labels(&[]).is_err());
        assert!(Folds::from_labels(&[0, 2, 0, 2]).is_err());
        assert!(Folds::from_labels(&[0, usize::MAX - 1]).is_err());
        let folds = Folds::from_labels(&[1, 0, 1, 0]).expect("two folds");
        assert_eq!((folds.count(), folds.fold_of(0)), (2, 1));
        assert!(folds.order(5, &[0, 1], 0).is_err());
        // Only rows that count are left, and none of fold 0 does.
        assert!(folds.order(4, &[0, 2], 0).is_err());
    }
}
