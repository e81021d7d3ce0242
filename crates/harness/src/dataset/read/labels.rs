//! Labels of folds: any numbers or words, numbered from 0.

use std::collections::HashMap;

use super::cell::{self, Flaw};
use super::{InputError, shown};

/// The label of each row, as it was written.
#[derive(Default)]
pub(super) struct Labels {
    /// Distinct labels in order of first appearance.
    texts: Vec<String>,
    /// Position of each row's label among them.
    rows: Vec<usize>,
    position: HashMap<String, usize>,
}

impl Labels {
    /// Adds the label of a row. Errors: it is missing.
    pub fn push(&mut self, text: &str) -> Result<(), Flaw> {
        let text = text.trim();
        if cell::parse(text) == Err(Flaw::Missing) {
            return Err(Flaw::Missing);
        }
        let at = match self.position.get(text) {
            Some(&at) => at,
            None => {
                self.position.insert(text.to_owned(), self.texts.len());
                self.texts.push(text.to_owned());
                self.texts.len() - 1
            }
        };
        self.rows.push(at);
        Ok(())
    }

    /// The fold of each row, from 0: numbers in increasing order; words, alone or among numbers, in order of first
    /// appearance. Two ways of writing one number are one label.
    ///
    /// Errors: [`InputError`], which begins with `place`, unless there are two labels or more.
    pub fn folds(self, place: &str) -> Result<Vec<usize>, InputError> {
        let numbers: Option<Vec<f64>> = (self.texts.iter())
            .map(|text| text.parse().ok().filter(|v: &f64| v.is_finite()))
            .collect();
        let (of_text, count) = match numbers {
            Some(numbers) => {
                // 0 and −0 are one number.
                let numbers: Vec<f64> = numbers.into_iter().map(|v| v + 0.0).collect();
                let mut sorted = numbers.clone();
                sorted.sort_by(f64::total_cmp);
                sorted.dedup();
                let at = |v: &f64| sorted.partition_point(|s| s < v);
                (numbers.iter().map(at).collect(), sorted.len())
            }
            None => ((0..self.texts.len()).collect::<Vec<_>>(), self.texts.len()),
        };
        if count < 2 {
            let only = self.texts.first().map_or("", String::as_str);
            return Err(InputError(format!(
                "{place}: every row has the fold {}; at least 2 folds are needed",
                shown(only)
            )));
        }
        Ok(self.rows.into_iter().map(|at| of_text[at]).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folds(texts: &[&str]) -> Result<Vec<usize>, InputError> {
        let mut labels = Labels::default();
        for text in texts {
            labels.push(text).expect("a label");
        }
        labels.folds("t")
    }

    #[test]
    fn numbers_sort_and_words_come_in_order_of_appearance() {
        assert_eq!(folds(&["10", "9", "9.0", "-1"]).unwrap(), [2, 1, 1, 0]);
        assert_eq!(folds(&["b", "a", " b ", "c"]).unwrap(), [0, 1, 0, 2]);
        assert_eq!(folds(&["2", "one", "1"]).unwrap(), [0, 1, 2]);
        assert_eq!(folds(&["0", "-0", "1e-300"]).unwrap(), [0, 0, 1]);
    }

    #[test]
    fn one_label_and_missing_ones_are_refused() {
        assert!(folds(&["1", "1.0"]).unwrap_err().0.contains("fold \"1\""));
        for text in ["", "NA", "nan"] {
            assert_eq!(Labels::default().push(text), Err(Flaw::Missing));
        }
    }
}
