//! Hastie, Tibshirani & Friedman (2009), Table 3.3: coefficients and test error of least squares, best subset, ridge and lasso.

use super::{NUMBER, Reproduction, Scale};
use crate::claim::Rows;
use crate::claim::prostate::{BOOK_DF, BOOK_S, NAMES, Profile, Prostate, Unit};
use crate::figure::chart::{Anchor, Chart, Layer, Look, Panel, Shape, Side};
use anyhow::Context;
use faer::Mat;
use regpath_solvers::design::Dense;
use regpath_solvers::ridge;
use regpath_solvers::solver::RidgeFactor;

/// Size of the book's best subset.
const SUBSET: usize = 2;
/// s as the book prints it.
const PRINTED_S: f64 = 0.36;
/// Half a unit of the third decimal, the last that is printed.
const HALF_DIGIT: f64 = 5e-4;
/// The column of the lasso as it is printed: intercept, coefficients, test error, standard error.
const PRINTED_LASSO: [f64; 11] = [
    2.468, 0.533, 0.169, 0.0, 0.002, 0.094, 0.0, 0.0, 0.0, 0.479, 0.164,
];
/// What the rows of the table are, beside the coefficients.
const INTERCEPT: &str = "intercept";
const TEST: &str = "test error";
const ERROR: &str = "std error";

pub(super) struct Table;

/// One column of the table.
struct Column {
    intercept: f64,
    beta: Vec<f64>,
    test: f64,
    error: f64,
}

impl Column {
    fn new(book: &Prostate, intercept: f64, beta: Vec<f64>) -> Self {
        let (test, error) = book.test_error(intercept, &beta);
        Self {
            intercept,
            beta,
            test,
            error,
        }
    }

    /// The column of coefficients whose intercept makes residuals of the training rows sum to 0.
    fn centred(book: &Prostate, beta: Vec<f64>) -> Self {
        Self::new(book, book.intercept(&beta), beta)
    }

    fn lasso(book: &Prostate, profile: &Profile, s: f64) -> anyhow::Result<Self> {
        Ok(Self::centred(book, profile.at(s)?.1))
    }

    /// Names and numbers, in the order of the table.
    fn terms(&self) -> Vec<(&'static str, f64)> {
        let head = [(INTERCEPT, self.intercept)].into_iter();
        let coefficients = NAMES.into_iter().zip(self.beta.iter().copied());
        let tail = [(TEST, self.test), (ERROR, self.error)];
        head.chain(coefficients).chain(tail).collect()
    }

    /// Records it, for the printed digits and for those of other packages.
    fn record(&self, method: &str, rows: &mut Rows) {
        for (term, value) in self.terms() {
            rows.push(method, term, 0.0, value);
            rows.push(&format!("{method} {term}"), NUMBER, 0.0, value);
            rows.push(&format!("{method} {term}, recomputed"), NUMBER, 0.0, value);
        }
    }

    /// Whether every number has the printed digits.
    fn is_printed_lasso(&self) -> bool {
        let mut both = self.terms().into_iter().zip(PRINTED_LASSO);
        both.all(|((_, ours), printed)| (ours - printed).abs() <= HALF_DIGIT)
    }
}

/// Least squares on some columns: coefficients, 0 elsewhere, and residual sum of squares.
fn least_squares(book: &Prostate, support: &[usize]) -> anyhow::Result<(Vec<f64>, f64)> {
    let x = Mat::from_fn(book.z.nrows(), support.len(), |i, j| {
        book.z[(i, support[j])]
    });
    let path = ridge().standardize(false).tol(1e-12).lambdas([0.0]);
    let path = path.fit(x.as_ref(), &book.y)?;
    let mut beta = vec![0.0; NAMES.len()];
    (support.iter().zip(path.coefficients(0))).for_each(|(j, b)| beta[*j] = b);
    let intercept = book.intercept(&beta);
    let squares = book.y.iter().enumerate().map(|(i, y)| {
        let fit = (beta.iter().enumerate()).map(|(j, b)| book.z[(i, j)] * b);
        (y - intercept - fit.sum::<f64>()).powi(2)
    });
    let squares = squares.sum();
    Ok((beta, squares))
}

/// The subset of [`SUBSET`] columns with the least residual sum of squares.
fn best_subset(book: &Prostate) -> anyhow::Result<Vec<f64>> {
    let mut best: Option<(Vec<f64>, f64)> = None;
    for subset in 0u32..1 << NAMES.len() {
        if subset.count_ones() as usize != SUBSET {
            continue;
        }
        let support: Vec<usize> = (0..NAMES.len())
            .filter(|j| (subset >> j) & 1 == 1)
            .collect();
        let fit = least_squares(book, &support)?;
        if best.as_ref().is_none_or(|(_, least)| fit.1 < *least) {
            best = Some(fit);
        }
    }
    Ok(best.context("there are pairs of columns")?.0)
}

/// Ridge at the book's degrees of freedom, with λ in the book's scaling; on columns centred again, or as the book has them.
fn ridge_at_book_df(book: &Prostate, again: bool) -> anyhow::Result<(f64, Column)> {
    let centred = book.recentred();
    let x = if again { &centred } else { &book.z };
    let factor = RidgeFactor::new(&Dense::try_new(x.as_ref())?, &book.centred)?;
    let lambda = book.lambda_of_df(&factor, BOOK_DF)?;
    let path = ridge().intercept(false).standardize(false).tol(1e-12);
    let path = path.lambdas([lambda]).fit(x.as_ref(), &book.centred)?;
    let beta = path.coefficients(0);
    let column = match again {
        true => Column::centred(book, beta),
        false => Column::new(book, book.mean(), beta),
    };
    Ok((book.rows() * lambda, column))
}

/// The end of the interval about [`BOOK_S`], on the side of `beyond`, in which the lasso has all printed digits.
fn end_of_digits(book: &Prostate, profile: &Profile, beyond: f64) -> anyhow::Result<f64> {
    let (mut inside, mut outside) = (BOOK_S, beyond);
    for _ in 0..60 {
        let middle = 0.5 * (inside + outside);
        if Column::lasso(book, profile, middle)?.is_printed_lasso() {
            inside = middle;
        } else {
            outside = middle;
        }
    }
    Ok(inside)
}

impl Reproduction for Table {
    fn id(&self) -> &'static str {
        "esl-t3.3"
    }

    fn title(&self) -> &'static str {
        "Hastie, Tibshirani & Friedman (2009), Table 3.3"
    }

    fn shows(&self) -> &'static str {
        "Coefficients, test error and its standard error of least squares, best subset, ridge and lasso on the prostate data"
    }

    fn settings(&self) -> &'static str {
        "67 training and 30 test rows of the prostate data, columns scaled to mean 0 and deviation 1 among all 97 men. Ridge at df = 5 on \
         training columns that are not centred again, with the mean of the response as intercept; the book's ‖y − Zβ‖² + λ‖β‖² is 2n times \
         ours at λ/n, n = 67. Lasso at s = 0.3748 of the path on columns centred and of unit norm among the 67, λ of ½‖y − Zβ‖² + λ‖β‖₁, \
         n times ours. The standard error is the deviation of the 30 squared errors over √30."
    }

    fn deviations(&self) -> &'static [&'static str] {
        &[
            "Ridge has all printed digits only where the training columns are not centred again: with centring the intercept is 2.464 instead \
             of 2.452 and coefficients differ by up to 0.002.",
            "Lasso has all printed digits at s from 0.374723 to 0.375058; at the printed s = 0.36 lbph is still exactly 0 and the test \
             error is 0.489 instead of 0.479.",
            "Tuning parameters are the book's choice, as its folds of cross-validation are not known; among subsets of its size 2 the best one \
             is searched.",
            "The columns of principal components and partial least squares regression are left out.",
        ]
    }

    fn measure(&self, _scale: Scale, rows: &mut Rows) -> anyhow::Result<()> {
        let book = Prostate::load()?;
        let all: Vec<usize> = (0..NAMES.len()).collect();
        let full = least_squares(&book, &all)?.0;
        Column::centred(&book, full).record("LS", rows);
        Column::centred(&book, best_subset(&book)?).record("best subset", rows);

        let (lambda, column) = ridge_at_book_df(&book, false)?;
        column.record("ridge", rows);
        rows.push("ridge lambda, recomputed", NUMBER, 0.0, lambda);
        let (lambda, column) = ridge_at_book_df(&book, true)?;
        let again = "ridge on columns centred again";
        column.record(again, rows);
        rows.push(&format!("{again} lambda, recomputed"), NUMBER, 0.0, lambda);

        let profile = book.lasso(Unit::TrainNorm)?;
        let (lambda, beta) = profile.at(BOOK_S)?;
        // Σ|β| of the same coefficients in the other unit, over that of least squares.
        let size = |b: &[f64]| b.iter().map(|b| b.abs()).sum::<f64>();
        let full = profile.knots.last().context("the path has an end")?;
        let other = size(&beta) / size(&full.beta);
        Column::centred(&book, beta).record("lasso", rows);
        for (name, value) in [
            ("lasso s", BOOK_S),
            ("lasso s, recomputed", BOOK_S),
            ("lasso s in deviations of all 97, recomputed", other),
            ("lasso lambda, recomputed", lambda),
            (
                "lasso, least s with every printed digit",
                end_of_digits(&book, &profile, PRINTED_S)?,
            ),
            (
                "lasso, largest s with every printed digit",
                end_of_digits(&book, &profile, 2.0 * BOOK_S - PRINTED_S)?,
            ),
        ] {
            rows.push(name, NUMBER, 0.0, value);
        }
        Column::lasso(&book, &profile, PRINTED_S)?.record("lasso at s = 0.36", rows);
        Ok(())
    }

    fn charts(&self, rows: &Rows) -> Vec<Chart> {
        let methods = [
            ("LS", "least squares", Look::BLACK),
            ("best subset", "best subset", Look::other(1)),
            ("ridge", "ridge", Look::L2),
            ("lasso", "lasso", Look::L1),
        ];
        let mut layers = vec![Layer::plain(Look::GREY.dashed().thin(), Shape::Wall(0.0))];
        for j in 1..NAMES.len() {
            layers.push(Layer::plain(
                Look::PALE.thin(),
                Shape::Level(j as f64 - 0.5),
            ));
        }
        let mut errors = Vec::new();
        for (m, (method, name, look)) in methods.into_iter().enumerate() {
            let at = |j: usize| j as f64 + 0.2 * (m as f64 - 1.5);
            let points = NAMES.iter().enumerate();
            let points = points.map(|(j, name)| (rows.value(method, name, 0.0), at(j)));
            let (zero, other) = points.partition(|(b, _)| *b == 0.0);
            layers.push(Layer::named(name, look, Shape::Points(other)));
            layers.push(Layer::plain(look.open(), Shape::Points(zero)));
            let test = rows.value(method, TEST, 0.0);
            let error = rows.value(method, ERROR, 0.0);
            let place = m as f64;
            errors.extend([
                Layer::plain(
                    look,
                    Shape::Whiskers(vec![(place, test - error, test + error)]),
                ),
                Layer::plain(look, Shape::Points(vec![(place, test)])),
                Layer::plain(
                    Look::BLACK,
                    Shape::Text {
                        at: (place + 0.1, test),
                        text: format!("{test:.3}"),
                        anchor: Anchor::Start,
                    },
                ),
            ]);
        }
        let names = Side::categories("", NAMES);
        vec![Chart {
            stem: self.id().into(),
            title: "Coefficients and test error of four fits to the prostate data".into(),
            panels: vec![
                Panel {
                    heading: "Coefficients".into(),
                    x: Side::linear("coefficient (log PSA per deviation)"),
                    // The first of the table on top.
                    y: names.between(NAMES.len() as f64 - 0.4, -0.6),
                    layers,
                    ..Panel::default()
                },
                Panel {
                    heading: "Test error, plus and minus its standard error".into(),
                    x: Side::categories("", methods.map(|m| m.1)),
                    y: Side::linear("mean squared error of 30 test rows").between(0.28, 0.74),
                    layers: errors,
                    ..Panel::default()
                },
            ],
            columns: 2,
            row_height: 560.0,
            notes: vec![
                "67 training rows, columns in deviations of all 97 men. Open: exactly 0.".into(),
                format!(
                    "Best subset has 2 columns, ridge {BOOK_DF} degrees of freedom on columns not centred again, lasso s = {BOOK_S}, where it has the \
                     book's digits; the book prints {PRINTED_S}."
                ),
                "After Hastie, Tibshirani & Friedman (2009), Table 3.3.".into(),
            ],
        }]
    }
}
