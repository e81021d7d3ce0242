//! "The elastic net keeps correlated groups": Zou and Hastie's two hidden factors with three noisy copies each, the second negated.
//!
//! Zou and Hastie minimise ‖y − Xβ‖² + λ₂‖β‖² + λ₁‖β‖₁ for columns of unit norm. For columns of variance 1, whose coefficients are
//! β/√n, division by 2n gives λ₂/2 for the squares and λ₁/(2√n) for the absolute values, so that λ₂ is the ridge part λ(1 − α) of this
//! crate as it stands, while λα runs along the path. Their factor 1 + λ₂ changes no relative spread.
//!
//! The spread of a group is (largest − smallest)/mean of |β₁|, |β₂|, |β₃| at s = ½, s being ‖β‖₁ relative to its largest along the path.
//! Both parts of the rule are read as shares of seeds, and both must exceed 80 %.

use super::end_labels::{EndLabel, end_labels};
use super::zou_hastie_factors::{Factors, ROWS, SIGNS, size, spread};
use super::{Bound, Check, Claim, Decision, Rows, Ruling, interval, stream};
use crate::figure::chart::{Anchor, Chart, Layer, Look, Panel, Shape, Side};
use rand_chacha::ChaCha8Rng;
use regpath_solvers::{SolveError, elastic_net, lasso, ridge};

/// λ₂ of the elastic net.
const RIDGE: f64 = 0.5;
/// Where along the path groups are compared, as a share of the largest ‖β‖₁.
const SHARE: f64 = 0.5;
/// The elastic net's spread must be less.
const TIGHT: f64 = 0.1;
/// The lasso's spread must be more.
const LOOSE: f64 = 0.3;
/// Share of seeds in which it must.
const MOST: f64 = 0.8;
/// Points of a drawn path.
const POINTS: i32 = 240;

pub(super) struct Grouping;

/// What is compared: with its ridge part.
const NETS: [(&str, f64); 2] = [("elastic net", RIDGE), ("lasso", 0.0)];

impl Factors {
    /// max |x_jᵀy|/n, where the path starts whatever its ridge part.
    fn start(&self) -> f64 {
        let product = |j: usize| (0..ROWS).map(|i| self.x[(i, j)] * self.y[i]).sum::<f64>();
        (0..SIGNS.len())
            .map(|j| product(j).abs())
            .fold(0.0, f64::max)
            / ROWS as f64
    }

    /// Coefficients with these parts λα and λ(1 − α) of the penalty.
    fn solve(&self, absolute: f64, squared: f64) -> Result<Vec<f64>, SolveError> {
        let (builder, lambda) = match (absolute, squared) {
            (absolute, 0.0) => (lasso(), absolute),
            (0.0, squared) => (ridge(), squared),
            _ => (
                elastic_net(absolute / (absolute + squared)),
                absolute + squared,
            ),
        };
        let builder = builder.intercept(false).standardize(false).tol(1e-12);
        Ok(builder
            .lambdas([lambda])
            .fit(self.x.as_ref(), &self.y)?
            .coefficients(0))
    }

    /// Coefficients where ‖β‖₁ is that share of its largest, by bisection: it falls as λα grows.
    fn at_share(&self, share: f64, squared: f64) -> Result<Vec<f64>, SolveError> {
        let goal = share * size(&self.solve(0.0, squared)?);
        let (mut low, mut high) = (0.0, self.start());
        for _ in 0..50 {
            let middle = 0.5 * (low + high);
            if size(&self.solve(middle, squared)?) > goal {
                low = middle;
            } else {
                high = middle;
            }
        }
        self.solve(0.5 * (low + high), squared)
    }
}

impl Claim for Grouping {
    fn id(&self) -> &'static str {
        "grouping"
    }

    fn claim(&self) -> &'static str {
        "The elastic net keeps correlated groups together, the lasso does not"
    }

    fn experiment(&self) -> &'static str {
        "Zou and Hastie's design: three noisy copies each of two factors, n = 100, y = Z₁ + 0.1 Z₂ + noise; lasso and elastic net with \
         λ₂ = 0.5 halfway along their paths, 100 samples"
    }

    fn sources(&self) -> &'static [&'static str] {
        &[
            "Zou & Hastie (2005), Regularization and variable selection via the elastic net, JRSS B 67, the grouping effect",
        ]
    }

    fn trials(&self) -> usize {
        100
    }

    fn fixed(&self, rows: &mut Rows) -> anyhow::Result<()> {
        // The drawn paths have a sample of their own.
        let sample = Factors::draw(&mut stream(0, "grouping-figure", 0));
        for (net, squared) in NETS {
            let start = sample.start();
            let mut path = Vec::new();
            for k in 0..=POINTS {
                let absolute = start * 1e-5f64.powf(f64::from(k) / f64::from(POINTS));
                path.push(sample.solve(absolute, squared)?);
            }
            path.push(sample.solve(0.0, squared)?);
            let largest = path.last().map_or(f64::NAN, |beta| size(beta));
            for j in 0..SIGNS.len() {
                for beta in &path {
                    let share = size(beta) / largest;
                    rows.push(
                        net,
                        &format!("coefficient {}", j + 1),
                        share,
                        (1.0 + squared) * beta[j],
                    );
                }
            }
        }
        Ok(())
    }

    fn trial(&self, rng: &mut ChaCha8Rng, rows: &mut Rows) -> anyhow::Result<()> {
        let sample = Factors::draw(rng);
        for (net, squared) in NETS {
            let beta = sample.at_share(SHARE, squared)?;
            rows.push(net, "spread", SHARE, spread(&beta[..3]));
            let kept = beta[..3].iter().filter(|b| **b != 0.0).count();
            rows.push(net, "kept", SHARE, kept as f64);
        }
        Ok(())
    }

    fn judge(&self, rows: &Rows) -> Ruling {
        let spreads = |net| rows.values(net, "spread", SHARE);
        let share = |net, hit: fn(f64) -> bool| {
            let spreads = spreads(net);
            let hits = spreads.iter().filter(|s| hit(**s)).count();
            interval::of_share(hits, spreads.len())
        };
        let all = |net| {
            let kept = rows.values(net, "kept", SHARE);
            interval::of_share(kept.iter().filter(|k| **k == 3.0).count(), kept.len())
        };
        let tight = share("elastic net", |s| s < TIGHT);
        let loose = share("lasso", |s| s > LOOSE);
        let checks = vec![
            Check::new(
                "share of samples in which the elastic net's relative spread within the group of Z₁ is below 0.1",
                tight,
                Bound::Above(MOST),
            ),
            Check::new(
                "share of samples in which the lasso's is above 0.3",
                loose,
                Bound::Above(MOST),
            ),
            Check::new(
                "median relative spread of the elastic net",
                interval::of_median(&spreads("elastic net")),
                Bound::Below(TIGHT),
            ),
            Check::told(
                "median relative spread of the lasso",
                interval::of_median(&spreads("lasso")),
            ),
            Check::told(
                "share of samples in which the elastic net keeps all three",
                all("elastic net"),
            ),
            Check::told(
                "share of samples in which the lasso keeps all three",
                all("lasso"),
            ),
        ];
        let held = checks.iter().all(|c| c.decide() == Decision::Holds);
        let sentence = format!(
            "Among three near copies of one variable the elastic net's coefficients differ by {:.0} % of their mean and the lasso's by \
             {:.0} %; the elastic net keeps all three in {:.0} % of samples, the lasso in {:.0} %{}.",
            100.0 * checks[2].interval.estimate,
            100.0 * checks[3].interval.estimate,
            100.0 * checks[4].interval.estimate,
            100.0 * checks[5].interval.estimate,
            if held {
                ""
            } else {
                ", less clearly than is claimed"
            }
        );
        Ruling { checks, sentence }
    }

    fn charts(&self, rows: &Rows) -> Vec<Chart> {
        let path = |net: &str, heading: &str, look: Look| {
            let mut layers = vec![
                Layer::plain(Look::PALE.thin(), Shape::Level(0.0)),
                Layer::named(
                    "s = ½, where groups are compared",
                    Look::GREY.dotted(),
                    Shape::Wall(SHARE),
                ),
            ];
            let mut ends: Vec<(f64, usize)> = Vec::new();
            for j in 0..SIGNS.len() {
                let line = rows.line(net, &format!("coefficient {}", j + 1));
                let (look, name) = if j < 3 {
                    (look, format!("{net}, copies of Z_{{1}}"))
                } else {
                    (Look::GREY.dashed(), "copies of Z_{2}".to_owned())
                };
                if let Some(last) = line.last() {
                    ends.push((last.1, j));
                }
                layers.push(Layer::named(name, look, Shape::Line(line)));
            }
            layers.extend(labels(ends, look));
            Panel {
                heading: heading.into(),
                x: Side::linear("s = Σ|β| relative to its largest").between(0.0, 1.12),
                y: Side::linear("standardised coefficient").between(LOW, HIGH),
                layers,
                ..Panel::default()
            }
        };
        let boxes = |net: &str, at: f64, look: Look| {
            let boxes = vec![(at, rows.values(net, "spread", SHARE))];
            Layer::plain(look, Shape::Boxes { width: 0.5, boxes })
        };
        let bound = |level: f64, text: &str| {
            let text = Shape::Text {
                at: (1.37, 1.25 * level),
                text: text.into(),
                anchor: Anchor::End,
            };
            Layer::plain(Look::GREY, text)
        };
        let spreads = Panel {
            heading: "Spread among copies of Z_{1}".into(),
            x: Side::categories("", ["lasso", "elastic net"]),
            y: Side::log("(largest − smallest)/mean of |β|, at s = ½").between(0.0001, 5.0),
            layers: vec![
                Layer::plain(Look::GREY.dotted(), Shape::Level(LOOSE)),
                Layer::plain(Look::GREY.dotted(), Shape::Level(TIGHT)),
                bound(LOOSE, "lasso's bound 0.3"),
                bound(TIGHT, "elastic net's bound 0.1"),
                boxes("lasso", 0.0, Look::L1),
                boxes("elastic net", 1.0, Look::BOTH),
            ],
            ..Panel::default()
        };
        vec![Chart {
            stem: "grouping".into(),
            title: "Near copies of one variable: the lasso picks among them, the elastic net keeps them together".into(),
            panels: vec![
                path("lasso", "lasso (L1)", Look::L1),
                path("elastic net", "elastic net (L1 and L2), λ_{2} = 0.5", Look::BOTH),
                spreads,
            ],
            columns: 3,
            row_height: 470.0,
            notes: vec![
                "Z_{1} and Z_{2} uniform on (0, 20), y = Z_{1} + 0.1 Z_{2} + N(0, 1), n = 100; x_{1} and x_{3} are Z_{1}, x_{2} is −Z_{1}, x_{4} and x_{6} are Z_{2}, x_{5} is −Z_{2}, each plus N(0, 1/16); left and middle one sample, right 100; \
                 coefficients of the elastic net times 1 + λ_{2}."
                    .into(),
                "The dotted levels on the right are the bounds 0.1 and 0.3; a spread of 3 means that one copy has everything."
                    .into(),
                "After Zou & Hastie (2005), the illustration of the grouping effect.".into(),
            ],
        }]
    }
}

/// Ends of the vertical axis of a drawn path.
const LOW: f64 = -6.0;
const HIGH: f64 = 4.0;

/// The numbers of the columns at the right ends of their lines.
fn labels(ends: Vec<(f64, usize)>, first: Look) -> Vec<Layer> {
    let label = |(y, j): (f64, usize)| EndLabel {
        y,
        text: format!("x_{{{}}}", j + 1),
        look: if j < 3 { first } else { Look::GREY },
    };
    let labels = ends.into_iter().map(label).collect();
    end_labels(1.03, 0.045 * (HIGH - LOW), labels)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_penalty_is_that_of_the_paper() {
        // ‖y − Uβ‖² + λ₂‖β‖² + λ₁‖β‖₁ with U = X/√n: at its minimum 2Uᵀ(y − Uβ) − 2λ₂β = λ₁ sign(β) where β ≠ 0.
        let sample = Factors::draw(&mut stream(0, "grouping-test", 0));
        let beta = sample.solve(0.3, RIDGE).expect("a small problem");
        let root = (ROWS as f64).sqrt();
        let residual =
            |i: usize| sample.y[i] - (0..6).map(|j| sample.x[(i, j)] * beta[j]).sum::<f64>();
        for j in (0..6).filter(|&j| beta[j] != 0.0) {
            let product: f64 = (0..ROWS)
                .map(|i| sample.x[(i, j)] / root * residual(i))
                .sum();
            let left = 2.0 * product - 2.0 * RIDGE * root * beta[j];
            assert!((left - 0.3 * 2.0 * root * beta[j].signum()).abs() < 1e-4);
        }
    }
}
