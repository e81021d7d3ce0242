//! The course of a run: how far its iterates, or their averages, are from the minimiser after so many steps.

use regpath_solvers::optimizer::{GradientSource, Minimises, Run};

/// (steps, distance to `target`) after every `every` steps of a run whose gradients take one row each, start included. Distances are
/// those of the average where the run averages and has one. Errors: the run diverges.
pub(super) fn distances<O, G>(
    mut run: Run<O, G>,
    steps: u64,
    every: u64,
    target: &[f64],
) -> anyhow::Result<Vec<(u64, f64)>>
where
    G: GradientSource,
    O: Minimises<G::Loss, G::Penalty>,
{
    let budgets = (0..=steps / every).map(|k| k * every);
    run.trace(budgets)
        .map(|snapshot| {
            let snapshot = snapshot?;
            let place = snapshot.average.as_ref().unwrap_or(&snapshot.beta);
            let squares = place.iter().zip(target).map(|(b, t)| (b - t).powi(2));
            Ok((snapshot.steps, squares.sum::<f64>().sqrt()))
        })
        .collect()
}

/// Root of the mean of squared distances after more than `from` and at most `to` steps.
pub(super) fn rms_between(course: &[(u64, f64)], from: u64, to: u64) -> f64 {
    let inside = course.iter().filter(|c| from < c.0 && c.0 <= to);
    let (sum, count) = inside.fold((0.0, 0u32), |(sum, count), (_, d)| (sum + d * d, count + 1));
    (sum / f64::from(count)).sqrt()
}

/// Those that a picture with a logarithmic axis needs, `per_e` of them for every factor e, without the start.
pub(super) fn thinned(course: &[(u64, f64)], per_e: f64) -> Vec<(f64, f64)> {
    let mut last = f64::NEG_INFINITY;
    let mut kept = Vec::new();
    for &(step, distance) in course.iter().filter(|c| c.0 > 0) {
        let place = (per_e * (step as f64).ln()).floor();
        if place > last {
            last = place;
            kept.push((step as f64, distance));
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tails_and_thinned_courses_hold_what_they_say() {
        let course: Vec<(u64, f64)> = (0..=1000).map(|k| (10 * k, k as f64)).collect();
        assert_eq!(rms_between(&course, 10, 30), 6.5f64.sqrt());
        assert!(rms_between(&course, 20_000, 30_000).is_nan());
        let thin = thinned(&course, 4.0);
        assert_eq!(thin[0], (10.0, 1.0));
        assert!((25..30).contains(&thin.len()), "{}", thin.len());
        assert!(thin.windows(2).all(|w| w[0].0 < w[1].0));
    }
}
