//! Tibshirani, Bien, Friedman, Hastie, Simon, Taylor & Tibshirani (2012), Figure 1: what screening rules leave along a lasso path.

use super::{NUMBER, Reproduction, Scale};
use crate::claim::screened_path::{CORRELATIONS, RULES, draw, solve, steps};
use crate::claim::{Rows, stream};
use crate::figure::chart::{Anchor, Chart, Layer, Look, Panel, Shape, Side};
use crate::statistics::median;

/// Data sets of each correlation; the first is drawn.
const DRAWS: usize = 15;
/// Steps of the path at which counts are compared.
const COMPARED: [usize; 9] = [1, 12, 23, 34, 45, 56, 67, 78, 89];
/// λ relative to λ_max from which survivors are compared with active predictors.
const FROM: f64 = 0.75;
/// Explained variances that are written along the upper edge of a panel.
const EXPLAINED: usize = 9;

pub(super) struct Tibshirani2012;

/// A quantity at one correlation.
fn under(what: &str, correlation: f64) -> String {
    format!("{what}, ρ = {correlation}")
}

/// The value of a line at x, between its points.
fn between(line: &[(f64, f64)], x: f64) -> f64 {
    let pair = line
        .windows(2)
        .find(|pair| pair[0].0 <= x && x <= pair[1].0);
    pair.map_or(f64::NAN, |pair| {
        let width = pair[1].0 - pair[0].0;
        let part = if width > 0.0 {
            (x - pair[0].0) / width
        } else {
            0.0
        };
        pair[0].1 + part * (pair[1].1 - pair[0].1)
    })
}

impl Reproduction for Tibshirani2012 {
    fn id(&self) -> &'static str {
        "tibshirani-2012"
    }

    fn title(&self) -> &'static str {
        "Tibshirani, Bien, Friedman, Hastie, Simon, Taylor & Tibshirani (2012), Figure 1"
    }

    fn shows(&self) -> &'static str {
        "The sequential strong rule leaves about as many predictors as are in the model, while SAFE and the global strong rule soon leave all"
    }

    fn settings(&self) -> &'static str {
        "n = 200, p = 5000, standardised Gaussian predictors with equal correlations of 0 and of 0.5, a quarter of the coefficients ±2 at \
         random, noise of variance 1; 100 λ, logarithmically spaced from λ_max to 0.1 λ_max, each solved to a relative gap of 1e-12. The \
         paper's λ for ½‖y − Xβ‖² + λ‖β‖₁ is n times ours; rules are stated for ours. The picture shows the first data set; compared are \
         medians over 15 data sets, 45 at the scale of the paper."
    }

    fn deviations(&self) -> &'static [&'static str] {
        &[
            "The paper's data are other draws, and of its panels those of equal correlation 0 and 0.5 are drawn.",
            "The gap-safe sphere (Ndiaye et al. 2017) came after the paper and is added.",
            "Below, the same lines are enlarged, as the interesting ones lie at the foot of the printed scale.",
        ]
    }

    fn measure(&self, scale: Scale, rows: &mut Rows) -> anyhow::Result<()> {
        let draws = match scale {
            Scale::Laptop => DRAWS,
            Scale::Paper => 3 * DRAWS,
        };
        for (c, correlation) in CORRELATIONS.into_iter().enumerate() {
            let mut all = Vec::new();
            let mut repaired = 0;
            for trial in 0..draws {
                let mut rng = stream(0, self.id(), (c * 1_000 + trial) as u64);
                let data = draw(&mut rng, correlation);
                let (path, repairs) = solve(&data.x, &data.y)?;
                repaired += repairs;
                let steps = steps(&path, &data.y);
                if trial == 0 {
                    for (step, point) in steps.iter().zip(&path[1..]) {
                        let mut push = |series: &str, what: &str, value: f64| {
                            rows.push(series, &under(what, correlation), step.share, value);
                        };
                        for (rule, kept) in RULES.iter().zip(step.kept) {
                            push(rule, "kept", kept as f64);
                        }
                        push("lasso", "active", step.active as f64);
                        push("lasso", "explained", point.explained(&data.y));
                    }
                }
                all.push(steps);
            }
            let steps = || all.iter().flatten();
            let mut push = |what: &str, value: f64| {
                rows.push(&under(what, correlation), NUMBER, 0.0, value);
            };
            let count = |total: usize| total as f64;
            push(
                "violations of the optimality conditions after repair",
                count(steps().map(|s| s.violations).sum()),
            );
            push(
                "predictors in the model that SAFE or the gap-safe sphere discard",
                count(steps().map(|s| s.lost_by_proof).sum()),
            );
            push(
                "predictors in the model that a strong rule discards",
                count(steps().map(|s| s.lost[0] + s.lost[1]).sum()),
            );
            push(
                "violations that the solver found and repaired",
                repaired as f64,
            );
            let at = |k: usize, value: &dyn Fn(&crate::claim::screened_path::Step) -> f64| {
                median(
                    &mut all
                        .iter()
                        .map(|steps| value(&steps[k]))
                        .collect::<Vec<f64>>(),
                )
            };
            let late = (0..all[0].len()).filter(|&k| all[0][k].share <= FROM);
            let ratio = late.map(|k| at(k, &|s| s.kept[0] as f64 / s.active as f64));
            push(
                "most survivors of the sequential rule for one predictor in the model, λ ≤ 0.75 λ_max",
                ratio.fold(f64::NAN, f64::max),
            );
            for step in COMPARED {
                // Step 0 is λ_max, of which nothing is recorded.
                let k = step - 1;
                let share = all[0][k].share;
                let place = |what: &str| format!("{what} at {share:.4} λ_max");
                push(
                    &place("predictors in the model"),
                    at(k, &|s| s.active as f64),
                );
                for (rule, name) in [(3, "SAFE"), (1, "global strong"), (0, "sequential strong")] {
                    let kept = at(k, &|s| s.kept[rule] as f64);
                    push(&place(&format!("predictors that {name} leaves")), kept);
                }
            }
        }
        Ok(())
    }

    fn charts(&self, rows: &Rows) -> Vec<Chart> {
        let panel = |correlation: f64, top: f64, heading: String| {
            let active = rows.line("lasso", &under("active", correlation));
            let beside = |series: &str, what: &str| -> Vec<(f64, f64)> {
                let line = rows.line(series, &under(what, correlation));
                active.iter().zip(line).map(|(a, b)| (a.1, b.1)).collect()
            };
            let most = active.iter().fold(1.0f64, |most, p| most.max(p.1));
            let mut layers = vec![Layer::named(
                "as many as are in the model",
                Look::BLACK.dashed().thin(),
                Shape::Line(vec![(0.0, 0.0), (most, most)]),
            )];
            // The order of RULES.
            let looks = [
                Look::L1,
                Look::other(0),
                Look::other(2),
                Look::GREY.dashed(),
            ];
            let names = [
                "sequential strong rule",
                "global strong rule",
                "gap-safe sphere at the λ before",
                "SAFE",
            ];
            for ((rule, look), name) in RULES.iter().zip(looks).zip(names).rev() {
                let line = Shape::Line(beside(rule, "kept"));
                layers.push(Layer::named(name, look, line));
            }
            let explained = beside("lasso", "explained");
            for k in 0..EXPLAINED {
                let x = most * (k as f64 + 0.5) / EXPLAINED as f64;
                layers.push(Layer::plain(
                    Look::GREY,
                    Shape::Text {
                        at: (x, 1.1 * top),
                        text: format!("{:.2}", between(&explained, x)),
                        anchor: Anchor::Middle,
                    },
                ));
            }
            Panel {
                heading,
                x: Side::linear("number of predictors in the model").between(0.0, 1.02 * most),
                y: Side::linear("number of predictors left after screening")
                    .between(0.0, 1.04 * top)
                    .with_ticks(
                        (0..=5)
                            .map(|k| f64::from(k) * top / 5.0)
                            .map(|v| (v, v.to_string()))
                            .collect(),
                    ),
                layers,
                ..Panel::default()
            }
        };
        let whole = CORRELATIONS.map(|c| panel(c, 5000.0, format!("Correlation {c}")));
        let foot = CORRELATIONS.map(|c| panel(c, 300.0, format!("Correlation {c}, enlarged")));
        vec![Chart {
            stem: self.id().into(),
            title: "What screening leaves of 5000 predictors".into(),
            panels: whole.into_iter().chain(foot).collect(),
            columns: 2,
            row_height: 430.0,
            notes: vec![
                "One data set for each correlation: n = 200, p = 5000, a quarter of the coefficients ±2, noise of variance 1; 100 λ from \
                 λ_{max} (left) to 0.1 λ_{max} (right). Grey numbers above the frames: share of the variance that the model explains."
                    .into(),
                "The gap-safe sphere is later than the paper. SAFE and the global rule start from λ_{max}, the others from the λ before."
                    .into(),
                "After Tibshirani et al. (2012), Figure 1.".into(),
            ],
        }]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_has_values_between_its_points() {
        let line = [(0.0, 1.0), (0.0, 2.0), (4.0, 4.0)];
        assert_eq!(between(&line, 3.0), 3.5);
        assert_eq!(between(&line, 0.0), 1.0);
        assert!(between(&line, 5.0).is_nan());
    }
}
