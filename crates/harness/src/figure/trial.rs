//! A trial: one row of `runs` with its rows of the other frames, as plain values.

use super::style::{contestant_rank, penalty};

/// One run and everything recorded about it. Seconds are those of the path, setup included.
#[derive(Clone, Debug, Default)]
pub struct Trial {
    /// Identifier of the run.
    pub id: String,
    /// Experiment that asked for it.
    pub experiment: String,
    /// Dataset identifier.
    pub dataset: String,
    /// Problem of the registry, where it is one; else empty.
    pub problem: String,
    /// Rows of X.
    pub n: u64,
    /// Columns of X.
    pub p: u64,
    /// Contestant identifier.
    pub contestant: String,
    /// Loss with its parameter; empty where the frame has no such column, as before there were others than the squared.
    pub loss: String,
    /// Mixing parameter.
    pub alpha: f64,
    /// Tolerance asked for, in the contestant's own meaning.
    pub tol: f64,
    /// Seconds of preparation that no λ needs alone, if there are any.
    pub setup: Option<f64>,
    /// Pieces of the grid.
    pub chunks: u64,
    /// Worker threads.
    pub threads: u64,
    /// Repeat number.
    pub repeat: u64,
    /// Seconds of the path, if there are any.
    pub seconds: Option<f64>,
    /// Whether other trials ran at the same time.
    pub contended: bool,
    /// How it ended.
    pub status: String,
    /// Why, if not converged.
    pub reason: String,
    /// One entry per λ, by descending λ.
    pub points: Vec<Point>,
    /// Non-zero coefficients.
    pub coefs: Vec<Coef>,
    /// Names that [`Coef::feature`] refers to, in order of appearance.
    pub features: Vec<String>,
    /// Convergence curve.
    pub curve: Vec<Budget>,
    /// What coefficients can be where fits are not unique.
    pub faces: Vec<Face>,
}

/// One λ.
#[derive(Clone, Debug, Default)]
pub struct Point {
    /// Index down the grid.
    pub k: u64,
    /// λ.
    pub lambda: f64,
    /// λ over the grid's largest.
    pub ratio: f64,
    /// Coefficients that are not 0.
    pub nonzeros: u64,
    /// Coefficients that are exactly 0.
    pub zeros: u64,
    /// Sweeps.
    pub epochs: u64,
    /// Coordinate updates.
    pub updates: u64,
    /// Seconds of this solve alone; NaN where none were taken.
    pub seconds: f64,
    /// Certified duality gap over the null loss.
    pub gap: f64,
    /// Degrees of freedom; NaN where there are none.
    pub df: f64,
    /// Share of the null loss that is explained.
    pub explained: f64,
    /// Σ|β| on the original scale.
    pub l1: f64,
    /// Intercept on the original scale.
    pub intercept: f64,
    /// Whether the solve converged.
    pub converged: bool,
}

/// One non-zero coefficient.
#[derive(Clone, Copy, Debug)]
pub struct Coef {
    /// Index down the grid.
    pub k: u64,
    /// Position in [`Trial::features`].
    pub feature: usize,
    /// Value on the original scale.
    pub value: f64,
}

/// What one coefficient can be at one λ, on the original scale.
#[derive(Clone, Debug)]
pub struct Face {
    /// Index down the grid.
    pub k: u64,
    /// Name of the feature, or (intercept).
    pub feature: String,
    /// Least value over all optimal fits; may be −∞.
    pub low: f64,
    /// Largest value over all optimal fits; may be ∞.
    pub high: f64,
}

/// One solve with a limited budget.
#[derive(Clone, Copy, Debug)]
pub struct Budget {
    /// Index of λ down the grid.
    pub k: u64,
    /// Epochs allowed.
    pub epochs: u64,
    /// Seconds taken.
    pub seconds: f64,
    /// Certified suboptimality.
    pub subopt: f64,
}

impl Trial {
    /// Whether the whole path converged.
    pub fn converged(&self) -> bool {
        self.status == "converged"
    }

    /// Whether its seconds say how long the path takes: it ended by itself.
    pub fn timed(&self) -> bool {
        let ended = ["converged", "epoch_limit", "stalled"];
        self.seconds.is_some() && ended.contains(&self.status.as_str())
    }

    /// Its penalty, with the loss where that is another than the squared.
    pub fn model(&self) -> String {
        // At λ = 0 alone there is no penalty that could have a name.
        let free = !self.points.is_empty() && self.points.iter().all(|p| p.lambda == 0.0);
        let penalty = match free {
            true => "no penalty".into(),
            false => penalty(self.alpha),
        };
        match self.loss.as_str() {
            "" | "squared" => penalty,
            loss => format!("{penalty}, {loss} loss"),
        }
    }

    /// The status as a reader says it.
    pub fn status_text(&self) -> String {
        self.status.replace('_', " ")
    }
}

/// The best trial to show of those that answer one question: converged before not, in the order of contestants, earliest repeat.
pub fn representative<'a>(trials: impl IntoIterator<Item = &'a Trial>) -> Option<&'a Trial> {
    trials.into_iter().min_by_key(|t| {
        (
            t.points.is_empty(),
            !t.converged(),
            contestant_rank(&t.contestant),
            t.repeat,
        )
    })
}

/// Distinct values in order of first appearance.
pub fn distinct<T: PartialEq>(values: impl IntoIterator<Item = T>) -> Vec<T> {
    let mut seen = Vec::new();
    for value in values {
        if !seen.contains(&value) {
            seen.push(value);
        }
    }
    seen
}

/// The trials that are timings, and what to say about the others; all of them if none is.
pub fn uncontended(trials: &[Trial]) -> (Vec<&Trial>, Vec<String>) {
    let (contended, alone): (Vec<&Trial>, Vec<&Trial>) = trials.iter().partition(|t| t.contended);
    match (contended.len(), alone.is_empty()) {
        (0, _) => (alone, Vec::new()),
        (_, true) => (
            contended,
            vec!["Warning: other trials ran at the same time, these are no timings.".into()],
        ),
        (count, false) => (
            alone,
            vec![format!("{count} contended trials are left out.")],
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trial(status: &str, seconds: Option<f64>, contended: bool) -> Trial {
        Trial {
            status: status.into(),
            seconds,
            contended,
            ..Trial::default()
        }
    }

    #[test]
    fn models_are_named_by_penalty_and_loss() {
        let mut one = Trial {
            alpha: 1.0,
            loss: "quantile(0.9)".into(),
            ..Trial::default()
        };
        assert_eq!(one.model(), "lasso, quantile(0.9) loss");
        one.points.push(Point::default());
        assert_eq!(one.model(), "no penalty, quantile(0.9) loss");
        one.loss = "squared".into();
        one.points[0].lambda = 0.1;
        assert_eq!(one.model(), "lasso");
    }

    #[test]
    fn contended_rows_are_no_timings() {
        let mixed = [
            trial("converged", Some(1.0), false),
            trial("converged", Some(9.0), true),
        ];
        assert_eq!(uncontended(&mixed).0.len(), 1);
        assert_eq!(uncontended(&mixed[1..]).0.len(), 1);
        assert!(uncontended(&mixed[1..]).1[0].contains("no timings"));
        assert!(uncontended(&mixed[..1]).1.is_empty());
    }
}
