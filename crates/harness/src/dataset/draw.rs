//! What the generated datasets share: the random stream, normal vectors, sparse coefficients, the noisy response.

use faer::Mat;
use rand::SeedableRng;
use rand::seq::index;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, Exp1, StandardNormal};

use super::Spec;
use super::read::{InputError, dense::zeros};

/// The generator of (seed, stream): equal on every machine and for any number of threads.
pub(super) fn stream(spec: &Spec) -> ChaCha8Rng {
    let mut rng = ChaCha8Rng::seed_from_u64(spec.seed);
    rng.set_stream(spec.stream);
    rng
}

/// An n × p matrix to draw into. Errors: [`InputError`] if memory does not hold it.
pub(super) fn matrix(spec: &Spec, n: usize, p: usize) -> Result<Mat<f64>, InputError> {
    zeros(&format!("dataset {}", spec.id), n, p)
}

/// One draw of N(0, 1).
pub(super) fn normal(rng: &mut ChaCha8Rng) -> f64 {
    StandardNormal.sample(rng)
}

/// `len` draws of N(0, 1).
pub(super) fn normals(rng: &mut ChaCha8Rng, len: usize) -> Vec<f64> {
    (0..len).map(|_| normal(rng)).collect()
}

/// One draw of the exponential distribution with mean 1.
fn exponential(rng: &mut ChaCha8Rng) -> f64 {
    Exp1.sample(rng)
}

/// One draw of the Laplace distribution with density exp(−|e|)/2: the difference of two exponential ones.
pub(super) fn laplace(rng: &mut ChaCha8Rng) -> f64 {
    exponential(rng) - exponential(rng)
}

/// One draw of the logistic distribution: the logarithm of the ratio of two exponential ones.
pub(super) fn logistic(rng: &mut ChaCha8Rng) -> f64 {
    exponential(rng).ln() - exponential(rng).ln()
}

/// Coefficients of which max(1, ⌊p·density⌋), at random places, are N(0, 1) and the others 0.
pub(super) fn sparse_beta(rng: &mut ChaCha8Rng, p: usize, density: f64) -> Vec<f64> {
    let nonzeros = ((p as f64 * density) as usize).clamp(1, p);
    let mut beta = vec![0.0; p];
    for j in index::sample(rng, p, nonzeros) {
        beta[j] = normal(rng);
    }
    beta
}

/// fit + k·z, z ~ N(0, I), with k such that ‖fit‖ / ‖k z‖ = snr; pure noise if the fit is 0.
pub(super) fn respond(rng: &mut ChaCha8Rng, fit: &[f64], snr: f64) -> Vec<f64> {
    let noise = normals(rng, fit.len());
    with_errors(fit, &noise, snr)
}

/// fit + k·noise with k such that ‖fit‖ / ‖k noise‖ = snr; noise alone if the fit is 0.
pub(super) fn with_errors(fit: &[f64], noise: &[f64], snr: f64) -> Vec<f64> {
    let norm = |v: &[f64]| v.iter().map(|a| a * a).sum::<f64>().sqrt();
    let signal = norm(fit);
    let k = if signal > 0.0 {
        signal / (snr * norm(noise))
    } else {
        1.0
    };
    fit.iter().zip(noise).map(|(f, z)| f + k * z).collect()
}

/// Xβ of a dense X, column by column.
pub(super) fn fit(x: &Mat<f64>, beta: &[f64]) -> Vec<f64> {
    let mut fit = vec![0.0; x.nrows()];
    for j in (0..x.ncols()).filter(|&j| beta[j] != 0.0) {
        for (f, v) in fit.iter_mut().zip(x.col_as_slice(j)) {
            *f += beta[j] * v;
        }
    }
    fit
}

#[cfg(test)]
pub(super) mod laws {
    //! Laws that every generated dataset obeys.

    use super::super::{Dataset, Matrix, Spec, load};

    fn bits(data: &Dataset) -> Vec<u64> {
        let mut bits: Vec<u64> = data.y.iter().map(|v| v.to_bits()).collect();
        for j in 0..data.x.ncols() {
            match &data.x {
                Matrix::Dense(x) => bits.extend(x.col_as_slice(j).iter().map(|v| v.to_bits())),
                Matrix::Sparse(x) => {
                    let (rows, values) = x.column(j);
                    bits.extend(rows.iter().map(|&i| u64::from(i)));
                    bits.extend(values.iter().map(|v| v.to_bits()));
                }
            }
        }
        bits
    }

    /// Equal (seed, stream) gives equal bits; another seed or stream gives other data.
    pub fn reproducible(spec: &Spec) {
        let first = bits(&load(spec).unwrap());
        assert_eq!(first, bits(&load(spec).unwrap()));
        assert_ne!(
            first,
            bits(
                &load(&Spec {
                    stream: spec.stream + 1,
                    ..spec.clone()
                })
                .unwrap()
            )
        );
        assert_ne!(
            first,
            bits(
                &load(&Spec {
                    seed: spec.seed + 1,
                    ..spec.clone()
                })
                .unwrap()
            )
        );
    }

    /// The dense X of a dataset.
    pub fn dense(data: &Dataset) -> &faer::Mat<f64> {
        match &data.x {
            Matrix::Dense(x) => x,
            Matrix::Sparse(_) => panic!("{} is sparse", data.name),
        }
    }

    /// Intercept and slope of least squares on the only column are these, to 1e-9 of themselves.
    pub fn line(data: &Dataset, expected: [f64; 2]) {
        let x = dense(data).col_as_slice(0);
        let n = x.len() as f64;
        let (mean_x, mean_y) = (x.iter().sum::<f64>() / n, data.y.iter().sum::<f64>() / n);
        let (mut products, mut squares) = (0.0, 0.0);
        for (x, y) in x.iter().zip(&data.y) {
            products += (x - mean_x) * (y - mean_y);
            squares += (x - mean_x).powi(2);
        }
        let slope = products / squares;
        for (value, expected) in [mean_y - slope * mean_x, slope].iter().zip(expected) {
            let off = (value - expected).abs() / expected.abs();
            assert!(off < 1e-9, "{}: {value} is not {expected}", data.name);
        }
    }

    /// Pearson correlation of two columns.
    pub fn correlation(x: &faer::Mat<f64>, j: usize, k: usize) -> f64 {
        let centred = |j: usize| {
            let column = x.col_as_slice(j);
            let mean = column.iter().sum::<f64>() / column.len() as f64;
            column.iter().map(|v| v - mean).collect::<Vec<f64>>()
        };
        let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(u, v)| u * v).sum::<f64>();
        let (a, b) = (centred(j), centred(k));
        dot(&a, &b) / (dot(&a, &a) * dot(&b, &b)).sqrt()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_response_has_the_ratio_that_was_asked() {
        let mut rng = stream(&Spec {
            seed: 3,
            ..Spec::new("")
        });
        let fit = normals(&mut rng, 50);
        let y = respond(&mut rng, &fit, 7.0);
        let noise: f64 = y.iter().zip(&fit).map(|(y, f)| (y - f).powi(2)).sum();
        let signal: f64 = fit.iter().map(|f| f * f).sum();
        assert!(((signal / noise).sqrt() - 7.0).abs() < 1e-9);
    }

    #[test]
    fn coefficients_are_as_sparse_as_asked() {
        let mut rng = stream(&Spec::new(""));
        let nonzeros = |beta: Vec<f64>| beta.iter().filter(|&&b| b != 0.0).count();
        assert_eq!(nonzeros(sparse_beta(&mut rng, 100, 0.25)), 25);
        assert_eq!(nonzeros(sparse_beta(&mut rng, 100, 1e-9)), 1);
        assert_eq!(nonzeros(sparse_beta(&mut rng, 100, 1.0)), 100);
    }
}
