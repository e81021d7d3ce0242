//! Probabilities of many rows at once: an exponential without branches, which compilers turn into vector instructions.
//! Range reduction by Cody & Waite (1980), *Software Manual for the Elementary Functions*.

use std::f64::consts::LOG2_E;

use pulp::Arch;

/// ln 2 in two parts, the first with so few digits that small multiples of it are exact.
const LN_2: [f64; 2] = [6.931_471_803_691_238e-1, 1.908_214_929_270_587_7e-10];
/// 1.5 · 2⁵²: what is added to it is rounded to a whole number, which then stands in the last bits.
const ROUNDING: f64 = 6_755_399_441_055_744.0;
/// Below it the exponential is 0 here.
const LEAST: f64 = -708.0;
/// 1/k!, k = 13 … 2.
const SERIES: [f64; 12] = [
    1.0 / 6_227_020_800.0,
    1.0 / 479_001_600.0,
    1.0 / 39_916_800.0,
    1.0 / 3_628_800.0,
    1.0 / 362_880.0,
    1.0 / 40_320.0,
    1.0 / 5_040.0,
    1.0 / 720.0,
    1.0 / 120.0,
    1.0 / 24.0,
    1.0 / 6.0,
    0.5,
];

/// eˣ for x ≤ 0, to a few units in the last place.
#[inline(always)]
fn exponential(x: f64) -> f64 {
    let bounded = if x > LEAST { x } else { LEAST };
    let shifted = bounded * LOG2_E + ROUNDING;
    let whole = shifted - ROUNDING;
    let rest = bounded - whole * LN_2[0] - whole * LN_2[1];
    let mut sum = SERIES[0];
    for coefficient in &SERIES[1..] {
        sum = sum * rest + coefficient;
    }
    let power = 1.0 + (rest + rest * rest * sum);
    let scale = f64::from_bits(shifted.to_bits().wrapping_add(1023) << 52);
    if x > LEAST { power * scale } else { 0.0 }
}

/// Each log-odds z of class 1 becomes the probability of the other class than y: as it is for class 1, with a minus for class 0.
pub(super) fn misses(y: &[f64], z: &mut [f64]) {
    Arch::new().dispatch(
        #[inline(always)]
        || {
            for (z, &y) in z.iter_mut().zip(y) {
                let sign = if y > 0.5 { 1.0 } else { -1.0 };
                let margin = sign * *z;
                let e = exponential(-margin.abs());
                // The smaller of both probabilities keeps its digits.
                let share = 1.0 / (1.0 + e);
                *z = sign * if margin > 0.0 { e * share } else { share };
            }
        },
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::loss::{Logistic, Pointwise};

    #[test]
    fn it_is_the_exponential() {
        for k in 0..200_000 {
            let x = -0.003_54 * k as f64;
            let expected = x.exp();
            let off = (exponential(x) - expected).abs();
            assert!(
                off <= 4.0 * f64::EPSILON * expected || x < LEAST,
                "{x}: {off:e}"
            );
        }
        assert_eq!((exponential(0.0), exponential(-1e300)), (1.0, 0.0));
    }

    #[test]
    fn many_rows_are_each_row() {
        let z: Vec<f64> = (-500..500)
            .map(|k| 0.09 * k as f64)
            .chain([1e3, -1e3])
            .collect();
        let classes = |pattern: fn(usize) -> bool| (0..z.len()).map(move |i| f64::from(pattern(i)));
        let all: [Vec<f64>; 3] = [
            classes(|_| false).collect(),
            classes(|_| true).collect(),
            classes(|i| i * i % 7 < 3).collect(),
        ];
        for y in all {
            let mut all = z.clone();
            misses(&y, &mut all);
            for ((&z, found), class) in z.iter().zip(all).zip(y) {
                let expected = Logistic.neg_derivative(class, z);
                let off = (found - expected).abs();
                assert!(
                    off <= 1e-15 * expected.abs() || z.abs() > 700.0,
                    "{z}: {found} {expected}"
                );
            }
        }
    }
}
