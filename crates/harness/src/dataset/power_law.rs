//! A sparse X whose columns are filled very unevenly, as word counts are; never densified, O(nnz) to make.
//!
//! Column counts follow c_r ∝ r^−¾ over a random order of the columns, each between 1 and n, Σ c = nnz; rows are drawn without
//! replacement and values are standard normal. max(1, ⌊p·density⌋) coefficients are standard normal; y = Xβ + e with
//! ‖Xβ‖ / ‖e‖ = snr. Source: Zipf's law of word frequencies (Zipf 1949), the shape of rcv1 and news20; the exponent ¾ keeps the
//! largest column of the default size below n.

use rand::seq::{SliceRandom, index};
use regpath_solvers::design::Csc;

use super::{Dataset, Kind, Matrix, Source, Spec, draw};

/// Decay of the column counts with their rank.
const EXPONENT: f64 = 0.75;

/// The registry entry.
pub struct PowerLaw;

impl Source for PowerLaw {
    fn id(&self) -> &'static str {
        "power-law"
    }
    fn summary(&self) -> &'static str {
        "sparse columns whose counts follow a power law, sparse Gaussian coefficients"
    }
    fn origin(&self) -> &'static str {
        "Zipf (1949); shaped like the rcv1 and news20 text sets"
    }
    fn kind(&self) -> Kind {
        Kind::Generated
    }
    fn parameters(&self) -> &'static str {
        "n=20000, p=100000, nnz=1000000, snr=3, density=0.001"
    }

    fn load(&self, spec: &Spec) -> anyhow::Result<Dataset> {
        let (n, p) = spec.shape(20_000, 100_000)?;
        let (snr, density) = (spec.snr_or(3.0)?, spec.density_or(0.001)?);
        let nnz = spec.nnz.unwrap_or((n * p).min(1_000_000));
        if nnz == 0 || nnz > n * p {
            return Err(spec
                .reject(format!("nnz={nnz} is outside [1, n p = {}]", n * p))
                .into());
        }
        let mut rng = draw::stream(spec);
        let mut counts = column_counts(n, p, nnz);
        counts.shuffle(&mut rng);

        let mut indptr = Vec::with_capacity(p + 1);
        let mut indices: Vec<u32> = Vec::new();
        if indices.try_reserve_exact(nnz).is_err() {
            return Err(spec
                .reject(format!("nnz={nnz} is more than memory holds"))
                .into());
        }
        indptr.push(0);
        for &count in &counts {
            let start = indices.len();
            indices.extend(
                index::sample(&mut rng, n, count)
                    .into_iter()
                    .map(|i| i as u32),
            );
            indices[start..].sort_unstable();
            indptr.push(indices.len());
        }
        let values = draw::normals(&mut rng, nnz);
        let x = Csc::try_new(n, p, indptr, indices, values)?;

        let beta = draw::sparse_beta(&mut rng, p, density);
        let mut fit = vec![0.0; n];
        for j in (0..p).filter(|&j| beta[j] != 0.0) {
            let (rows, values) = x.column(j);
            rows.iter()
                .zip(values)
                .for_each(|(&i, v)| fit[i as usize] += beta[j] * v);
        }
        let y = draw::respond(&mut rng, &fit, snr);
        Ok(Dataset::drawn(spec, Matrix::Sparse(x), y))
    }
}

/// p counts in decreasing order, ∝ r^−¾ as far as 1 ≤ count ≤ n allows (0 if nnz < p), with sum nnz ≤ n p.
fn column_counts(n: usize, p: usize, nnz: usize) -> Vec<usize> {
    let weights: Vec<f64> = (1..=p).map(|rank| (rank as f64).powf(-EXPONENT)).collect();
    let floor = usize::from(nnz >= p);
    let (mut left, mut weight_left) = (nnz, weights.iter().sum::<f64>());
    let mut counts = Vec::with_capacity(p);
    for (rank, weight) in weights.iter().enumerate() {
        let after = p - 1 - rank;
        let share = (left as f64 * weight / weight_left).round() as usize;
        let least = left.saturating_sub(n * after).max(floor);
        let most = left.saturating_sub(floor * after).min(n);
        let count = share.clamp(least.min(most), most);
        counts.push(count);
        left -= count;
        weight_left -= weight;
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::{draw::laws, load};

    #[test]
    fn is_reproducible() {
        laws::reproducible(&Spec {
            n: Some(20),
            p: Some(50),
            nnz: Some(200),
            ..Spec::new("power-law")
        });
    }

    #[test]
    fn counts_sum_to_what_was_asked_and_stay_in_range() {
        for (n, p, nnz) in [
            (20, 50, 200),
            (20, 50, 1000),
            (20, 50, 999),
            (20, 50, 50),
            (20, 50, 30),
            (2, 1, 1),
        ] {
            let counts = column_counts(n, p, nnz);
            assert_eq!(counts.iter().sum::<usize>(), nnz);
            assert!(
                counts.iter().all(|&c| c <= n && (c >= 1 || nnz < p)),
                "{counts:?}"
            );
        }
    }

    #[test]
    fn the_default_follows_the_law_and_holds_all_entries() {
        let counts = column_counts(20_000, 100_000, 1_000_000);
        assert!(counts[0] < 20_000);
        let slope = (counts[999] as f64 / counts[9] as f64).ln() / 100f64.ln();
        assert!((slope + EXPONENT).abs() < 0.02, "{slope}");
        let data = load(&Spec::new("power-law")).unwrap();
        assert_eq!(data.x.nnz(), 1_000_000);
    }
}
