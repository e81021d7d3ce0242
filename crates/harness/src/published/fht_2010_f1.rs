//! Friedman, Hastie & Tibshirani (2010), Figure 1: profiles of lasso, elastic net and ridge over the first ten λ, p ≫ n.

use super::{NUMBER, Reproduction, Scale};
use crate::claim::{Rows, stream};
use crate::figure::chart::{Chart, Layer, Look, Panel, Shape, Side};
use faer::Mat;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};
use regpath_solvers::{PathBuilder, elastic_net, lasso, ridge, worst};
use std::collections::BTreeSet;

/// Samples of the leukemia data.
const ROWS: usize = 72;
/// Genes of the leukemia data.
const COLUMNS: usize = 3_571;
/// Samples of the smaller class, acute myeloid leukemia.
const SMALLER: usize = 25;
/// Genes of a group, which share a factor.
const GROUP: usize = 10;
/// Groups whose factor differs between the classes.
const TELLING: usize = 12;
/// Correlation of two genes of a group within a class.
const CORRELATION: f64 = 0.85;
/// Difference between the classes of the first group's factor, in deviations; the others differ by less.
const DIFFERENCE: f64 = 2.4;
/// α of the elastic net.
const ALPHA: f64 = 0.2;
/// λ of a whole path.
const PATH: usize = 100;
/// Steps that are drawn.
const STEPS: usize = 10;
/// The last λ of a whole path relative to its first.
const LAST: f64 = 1e-3;
/// α at which the λ of ridge start, as its own λ_max is infinite.
const RIDGE_ALPHA: f64 = 1e-3;
/// Relative gap to which a λ is solved.
const TOL: f64 = 1e-10;
/// The methods as the panels name them.
const METHODS: [&str; 3] = ["lasso", "elastic net", "ridge"];

pub(super) struct Fht2010F1;

/// Columns of mean 0 and variance 1, and the classes as 0 and 1, less their mean.
fn draw(rng: &mut ChaCha8Rng) -> (Mat<f64>, Vec<f64>) {
    let normal = |rng: &mut ChaCha8Rng| -> f64 { StandardNormal.sample(rng) };
    let class: Vec<f64> = (0..ROWS)
        .map(|i| f64::from(u8::from(i < SMALLER)))
        .collect();
    let share = SMALLER as f64 / ROWS as f64;
    let mut x = Mat::<f64>::zeros(ROWS, COLUMNS);
    let mut factor = vec![0.0; ROWS];
    for j in 0..COLUMNS {
        let group = j / GROUP;
        if j % GROUP == 0 {
            let sign = if group.is_multiple_of(2) { 1.0 } else { -1.0 };
            let left = TELLING.saturating_sub(group) as f64 / TELLING as f64;
            let difference = sign * left * DIFFERENCE;
            for (f, class) in factor.iter_mut().zip(&class) {
                *f = normal(rng) + difference * class;
            }
        }
        let column = x.col_as_slice_mut(j);
        for (x, f) in column.iter_mut().zip(&factor) {
            *x = CORRELATION.sqrt() * f + (1.0 - CORRELATION).sqrt() * normal(rng);
        }
        let mean = column.iter().sum::<f64>() / ROWS as f64;
        column.iter_mut().for_each(|x| *x -= mean);
        let variance = column.iter().map(|x| x * x).sum::<f64>() / ROWS as f64;
        column.iter_mut().for_each(|x| *x /= variance.sqrt());
    }
    (x, class.iter().map(|class| class - share).collect())
}

/// Genes of a group that are in a model which has any of them, on average over such groups; 0 for an empty model.
fn together(genes: &[usize]) -> f64 {
    let groups: BTreeSet<usize> = genes.iter().map(|j| j / GROUP).collect();
    match groups.len() {
        0 => 0.0,
        count => genes.len() as f64 / count as f64,
    }
}

fn step(k: usize) -> String {
    format!("step {k}")
}

impl Reproduction for Fht2010F1 {
    fn id(&self) -> &'static str {
        "fht-2010-f1"
    }

    fn title(&self) -> &'static str {
        "Friedman, Hastie & Tibshirani (2010), Figure 1"
    }

    fn shows(&self) -> &'static str {
        "Lasso takes a few genes, ridge all of them with small coefficients, and the elastic net groups of genes together"
    }

    fn settings(&self) -> &'static str {
        "n = 72 samples of two classes, 47 and 25, p = 3571 standardised genes in groups of ten with correlation 0.85 within a class; the \
         factors of the first twelve groups differ between the classes, by 2.4 deviations and less. The class, 0 or 1, is the response of \
         least squares, as in the paper. 100 λ are logarithmically spaced from λ_max to λ_max/1000, and the first ten are steps 1 to 10; \
         λ_max is max |x_j·y|/(nα), with α = 1 for lasso, 0.2 for the elastic net and 0.001 for ridge, where glmnet starts it. The paper's \
         λ for (1/2n)‖y − Xβ‖² is ours."
    }

    fn deviations(&self) -> &'static [&'static str] {
        &[
            "The leukemia data (Golub et al. 1999, 72 × 3571) are not at hand: a matrix of the same shape and the same class sizes is simulated, so \
             that coefficients are others and what the text says of them counts.",
            "Where the λ of ridge start and how long a path is are glmnet's settings, which the figure does not state.",
        ]
    }

    fn measure(&self, _: Scale, rows: &mut Rows) -> anyhow::Result<()> {
        let (x, y) = draw(&mut stream(0, self.id(), 0));
        let start = lasso().n_lambda(2).lambda_min_ratio(0.5);
        let largest = start.fit(x.as_ref(), &y)?.points[0].lambda;
        let builders: [(PathBuilder, f64); 3] = [
            (lasso(), 1.0),
            (elastic_net(ALPHA), ALPHA),
            (ridge(), RIDGE_ALPHA),
        ];
        let mut gaps = Vec::new();
        let mut sizes = Vec::new();
        let mut models: Vec<Vec<Vec<usize>>> = Vec::new();
        for (method, (builder, alpha)) in METHODS.into_iter().zip(builders) {
            let share = |k: usize| LAST.powf(k as f64 / (PATH - 1) as f64);
            let lambdas: Vec<f64> = (0..STEPS).map(|k| share(k) * largest / alpha).collect();
            let path = builder.lambdas(lambdas).tol(TOL).fit(x.as_ref(), &y)?;
            gaps.push(path.worst_gap());
            let mut model = Vec::new();
            let mut size = 0.0f64;
            for (k, point) in path.points.iter().enumerate() {
                for &(j, b) in &point.nonzeros {
                    rows.push(method, &step(k + 1), j as f64, b);
                    size = size.max(b.abs());
                }
                rows.push(method, "λ", (k + 1) as f64, point.lambda);
                rows.push(method, "genes", (k + 1) as f64, point.nonzeros.len() as f64);
                model.push(point.nonzeros.iter().map(|p| p.0).collect::<Vec<usize>>());
            }
            sizes.push(size);
            models.push(model);
        }
        let mut push = |name: &str, value: f64| rows.push(name, NUMBER, 0.0, value);
        let count = |method: usize, k: usize| models[method][k].len() as f64;
        let steps = || 0..STEPS;
        push(
            "most genes of lasso in the first ten steps",
            steps().map(|k| count(0, k)).fold(0.0, f64::max),
        );
        push(
            "fewest genes of ridge in the first ten steps",
            steps().map(|k| count(2, k)).fold(f64::INFINITY, f64::min),
        );
        push("genes of lasso at the first step", count(0, 0));
        push("genes of the elastic net at the first step", count(1, 0));
        push(
            "genes of the elastic net less those of lasso at step 10",
            count(1, STEPS - 1) - count(0, STEPS - 1),
        );
        push("genes of the elastic net at step 10", count(1, STEPS - 1));
        let together = |method: usize| together(&models[method][STEPS - 1]);
        push(
            "genes of a group that enter, elastic net over lasso at step 10",
            together(1) / together(0),
        );
        push(
            "largest coefficient of ridge over that of lasso",
            sizes[2] / sizes[0],
        );
        push(
            "largest coefficient of ridge over that of the elastic net",
            sizes[2] / sizes[1],
        );
        push("worst relative gap", worst(gaps.into_iter()));
        Ok(())
    }

    fn charts(&self, rows: &Rows) -> Vec<Chart> {
        let panel = |method: &str, heading: &str, look: Look| {
            let mut lines: Vec<Vec<(f64, f64)>> = vec![Vec::new(); COLUMNS];
            for k in 1..=STEPS {
                let found = rows.line(method, &step(k));
                let mut found = found.into_iter().peekable();
                for (j, line) in lines.iter_mut().enumerate() {
                    let here = found.next_if(|p| p.0 == j as f64).map_or(0.0, |p| p.1);
                    line.push((k as f64, here));
                }
            }
            let never = |line: &[(f64, f64)]| line.iter().all(|p| p.1 == 0.0);
            let mut layers = Vec::new();
            // The telling genes are drawn last, over the others.
            for (j, line) in lines.into_iter().enumerate().rev() {
                if never(&line) {
                    continue;
                }
                let (name, look) = match j < TELLING * GROUP {
                    true => (format!("{method}, telling genes"), look),
                    false => ("other genes".into(), Look::PALE),
                };
                layers.push(Layer::named(name, look.thin(), Shape::Line(line)));
            }
            layers.push(Layer::plain(Look::GREY.thin(), Shape::Level(0.0)));
            let genes = rows.value(method, "genes", STEPS as f64);
            Panel {
                heading: format!("{heading}: {genes} genes"),
                x: Side::linear("step").between(1.0, STEPS as f64).with_ticks(
                    [2, 4, 6, 8, 10]
                        .map(|k| (f64::from(k), k.to_string()))
                        .to_vec(),
                ),
                y: Side::linear("coefficients"),
                layers,
                ..Panel::default()
            }
        };
        vec![Chart {
            stem: self.id().into(),
            title: "The first ten steps of three paths, 72 samples and 3571 genes".into(),
            panels: vec![
                panel("lasso", "Lasso", Look::L1),
                panel("elastic net", "Elastic net, α = 0.2", Look::BOTH),
                panel("ridge", "Ridge", Look::L2),
            ],
            columns: 3,
            row_height: 520.0,
            notes: vec![
                "Simulated in the shape of the leukemia data, which are not at hand: two classes, genes in groups of ten with correlation \
                 0.85; the class is the response of least squares. Telling genes are of groups that tell the classes apart. \
                 Vertical scales differ."
                    .into(),
                "Genes are counted at step 10. Steps are the first ten of 100 λ, logarithmically spaced from λ_{max} to λ_{max}/1000; λ_{max} of \
                 ridge is that of α = 0.001, as in glmnet."
                    .into(),
                "After Friedman, Hastie & Tibshirani (2010), Figure 1.".into(),
            ],
        }]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn genes_are_counted_by_their_groups() {
        assert_eq!(together(&[]), 0.0);
        assert_eq!(together(&[3, 4, 9, 10]), 2.0);
    }
}
