//! Independent Gaussian columns and two classes, whose log-odds are linear in them.
//!
//! x_ij ~ N(0, 1); max(1, ⌊p·density⌋) coefficients at random places are standard normal; the log-odds are Xβ scaled to the population
//! deviation snr; y = 1 where they and an independent logistic variable are positive together, else 0.

use super::{Dataset, Kind, Matrix, Source, Spec, draw};

/// The registry entry.
pub struct TwoClasses;

impl Source for TwoClasses {
    fn id(&self) -> &'static str {
        "two-classes"
    }
    fn summary(&self) -> &'static str {
        "independent Gaussian columns, two classes of linear log-odds with deviation snr"
    }
    fn origin(&self) -> &'static str {
        "the model of logistic regression"
    }
    fn kind(&self) -> Kind {
        Kind::Generated
    }
    fn parameters(&self) -> &'static str {
        "n=1000, p=100, snr=2, density=0.1"
    }

    fn load(&self, spec: &Spec) -> anyhow::Result<Dataset> {
        let (n, p) = spec.shape(1000, 100)?;
        let (snr, density) = (spec.snr_or(2.0)?, spec.density_or(0.1)?);
        let mut rng = draw::stream(spec);
        let mut x = draw::matrix(spec, n, p)?;
        for j in 0..p {
            let column = draw::normals(&mut rng, n);
            x.col_as_slice_mut(j).copy_from_slice(&column);
        }
        let beta = draw::sparse_beta(&mut rng, p, density);
        let fit = draw::fit(&x, &beta);
        let squares = fit.iter().map(|f| f * f).sum::<f64>() / n as f64;
        let scale = if squares > 0.0 {
            snr / squares.sqrt()
        } else {
            0.0
        };
        let class = |odds: &f64| f64::from(u8::from(scale * odds + draw::logistic(&mut rng) > 0.0));
        let y: Vec<f64> = fit.iter().map(class).collect();
        Ok(Dataset::drawn(spec, Matrix::Dense(x), y))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::{draw::laws, load};

    fn spec(n: usize, p: usize) -> Spec {
        Spec {
            n: Some(n),
            p: Some(p),
            ..Spec::new("two-classes")
        }
    }

    #[test]
    fn is_reproducible() {
        laws::reproducible(&spec(40, 7));
    }

    /// With log-odds of ±2 at a deviation of 2, seven of eight rows are on their side.
    #[test]
    fn classes_follow_the_log_odds() {
        let data = load(&spec(20_000, 1)).unwrap();
        let x = laws::dense(&data).col_as_slice(0);
        let n = data.y.len() as f64;
        let ones = data.y.iter().sum::<f64>() / n;
        assert!((ones - 0.5).abs() < 0.02 && data.y.iter().all(|y| [0.0, 1.0].contains(y)));
        let near: Vec<bool> = x
            .iter()
            .zip(&data.y)
            .filter(|(x, _)| (x.abs() - 1.0).abs() < 0.2)
            .map(|(x, y)| (*x > 0.0) == (*y == 1.0))
            .collect();
        let agree = near.iter().filter(|a| **a).count() as f64 / near.len() as f64;
        let expected = 1.0 / (1.0 + (-2.0f64).exp());
        let share = agree.max(1.0 - agree);
        assert!((share - expected).abs() < 0.03, "{share} is not {expected}");
    }
}
