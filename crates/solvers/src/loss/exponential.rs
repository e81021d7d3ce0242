//! The logistic loss, its derivative and its dual on many rows at once: an exponential and a logarithm without branches, which compilers
//! turn into vector instructions. Range reduction by Cody & Waite (1980), *Software Manual for the Elementary Functions*.

use std::f64::consts::LOG2_E;

use pulp::{Arch, Simd, WithSimd};

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

/// Bits of √½ and of 1, and where the exponent begins.
const ROOT_HALF: u64 = std::f64::consts::FRAC_1_SQRT_2.to_bits();
const ONE: u64 = 1.0f64.to_bits();
const FRACTION: u32 = f64::MANTISSA_DIGITS - 1;
/// Bits of 2⁵²: a whole number below it that takes the place of its last bits is added to it.
const WHOLE: u64 = 4_503_599_627_370_496.0f64.to_bits();
/// 2/(2k + 1), k = 10 … 1.
const AREA_TANGENT: [f64; 10] = [
    2.0 / 21.0,
    2.0 / 19.0,
    2.0 / 17.0,
    2.0 / 15.0,
    2.0 / 13.0,
    2.0 / 11.0,
    2.0 / 9.0,
    2.0 / 7.0,
    2.0 / 5.0,
    2.0 / 3.0,
];

/// log x for x > 0 that is not subnormal, to a unit in the last place, and −∞ for 0.
///
/// x = 2ᵏ(1 + f) with 1 + f in [√½, √2); log(1 + f) = 2 artanh s with s = f/(2 + f), and since 2s = f − s f that is f less a part of
/// it whose rounding does not show.
#[inline(always)]
fn logarithm(x: f64) -> f64 {
    let moved = x.to_bits().wrapping_add(ONE - ROOT_HALF);
    let whole = f64::from_bits((moved >> FRACTION) | WHOLE) - (f64::from_bits(WHOLE) + 1023.0);
    let f = f64::from_bits((moved & ((1 << FRACTION) - 1)) + ROOT_HALF) - 1.0;
    let s = f / (2.0 + f);
    let square = s * s;
    let mut sum = AREA_TANGENT[0];
    for coefficient in &AREA_TANGENT[1..] {
        sum = sum * square + coefficient;
    }
    let log = whole * LN_2[0] + (f - (s * (f - square * sum) - whole * LN_2[1]));
    if x > 0.0 { log } else { f64::NEG_INFINITY }
}

/// log(1 + e) for 0 ≤ e ≤ 1.
#[inline(always)]
fn logarithm_beside_one(e: f64) -> f64 {
    let sum = 1.0 + e;
    // What the sum has lost of e.
    logarithm(sum) + (e - (sum - 1.0)) / sum
}

/// The arguments of [`costs`]: the compiler does not inline a closure of this size.
struct Costs<'a> {
    y: &'a [f64],
    z: &'a mut [f64],
}

impl WithSimd for Costs<'_> {
    type Output = ();
    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        for (z, &y) in self.z.iter_mut().zip(self.y) {
            let margin = if y > 0.5 { *z } else { -*z };
            let positive = if margin < 0.0 { -margin } else { 0.0 };
            let cost = positive + logarithm_beside_one(exponential(-margin.abs()));
            // Comparisons and bit tricks would make a number of it.
            *z = if margin.is_nan() { margin } else { cost };
        }
    }
}

/// Each log-odds z of class 1 becomes −log of the probability of class y.
pub(super) fn costs(y: &[f64], z: &mut [f64]) {
    Arch::new().dispatch(Costs { y, z });
}

/// The arguments of [`entropies`].
struct Entropies<'a> {
    y: &'a [f64],
    v: &'a mut [f64],
    first: &'a mut [f64],
    second: &'a mut [f64],
}

impl WithSimd for Entropies<'_> {
    type Output = ();
    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let derivatives = self.first.iter_mut().zip(self.second);
        for ((v, &y), (first, second)) in self.v.iter_mut().zip(self.y).zip(derivatives) {
            let sign = if y > 0.5 { 1.0 } else { -1.0 };
            let miss = sign * *v;
            let hit = 1.0 - miss;
            let (log_miss, log_hit) = (logarithm(miss), logarithm(hit));
            // q log q is 0 at 0.
            let part = if miss > 0.0 { miss * log_miss } else { 0.0 };
            let rest = if hit > 0.0 { hit * log_hit } else { 0.0 };
            *v = -part - rest;
            *first = sign * (log_hit - log_miss);
            *second = -1.0 / (hit * miss);
        }
    }
}

/// Each v, for class 1 the probability q of the other class and for class 0 minus it, becomes the entropy −q log q − (1 − q) log(1 − q),
/// with its derivatives in v.
pub(super) fn entropies(y: &[f64], v: &mut [f64], first: &mut [f64], second: &mut [f64]) {
    Arch::new().dispatch(Entropies {
        y,
        v,
        first,
        second,
    });
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
    fn it_is_the_logarithm() {
        let off = |x: f64, found: f64, expected: f64| {
            let unit = f64::EPSILON * expected.abs();
            assert!((found - expected).abs() <= unit, "{x}: {found} {expected}");
        };
        for k in 0..100_000 {
            let share = f64::from(k) / 100_000.0;
            for x in [
                // All of [0, 1], the neighbourhood of 1, and all magnitudes.
                share + 5e-6,
                1.0 - share * share * share * 1e-3,
                1.0 + share,
                10f64.powf(-300.0 * share),
            ] {
                off(x, logarithm(x), x.ln());
            }
            for e in [share, 10f64.powf(-300.0 * share), 1e-9 * share] {
                let (found, expected) = (logarithm_beside_one(e), e.ln_1p());
                assert!(
                    (found - expected).abs() <= 2.0 * f64::EPSILON * expected,
                    "{e}"
                );
            }
        }
        assert_eq!((logarithm(1.0), logarithm(0.0)), (0.0, f64::NEG_INFINITY));
        off(
            f64::MIN_POSITIVE,
            logarithm(f64::MIN_POSITIVE),
            f64::MIN_POSITIVE.ln(),
        );
    }

    #[test]
    fn losses_and_entropies_of_many_rows_are_those_of_each() {
        let tails = [1e-320, 1e-300, 1e-17, 1e-9, 0.3, 0.5];
        let shares: Vec<f64> = [0.0, 1.0]
            .into_iter()
            .chain(tails)
            .chain(tails.map(|q| 1.0 - q))
            .collect();
        for class in [0.0, 1.0] {
            let odds: Vec<f64> = (-8000..8000).map(|k| 0.09 * f64::from(k)).collect();
            let y = vec![class; odds.len()];
            let mut values = odds.clone();
            costs(&y, &mut values);
            for (&z, found) in odds.iter().zip(values) {
                let expected = Logistic.value_at(class, z);
                let off = (found - expected).abs();
                assert!(
                    off <= 1e-15 * expected || off <= 1e-300,
                    "{z}: {found} {expected}"
                );
            }
            let mut extremes = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1e300, -1e300];
            let expected = extremes.map(|z| Logistic.value_at(class, z));
            costs(&[class; 5], &mut extremes);
            for (found, expected) in extremes.into_iter().zip(expected) {
                let missing = found.is_nan() && expected.is_nan();
                assert!(found == expected || missing, "{found} {expected}");
            }
            let v: Vec<f64> = shares
                .iter()
                .map(|q| if class > 0.5 { *q } else { -q })
                .collect();
            let (mut values, mut first, mut second) = (v.clone(), v.clone(), v.clone());
            entropies(&y, &mut values, &mut first, &mut second);
            for (i, &v) in v.iter().enumerate() {
                let expected = Logistic.dual(class, v);
                for (found, expected) in [values[i], first[i], second[i]].into_iter().zip(expected)
                {
                    let close = (found - expected).abs() <= 2e-15 * expected.abs();
                    let subnormal = v != 0.0 && v.abs() < f64::MIN_POSITIVE;
                    assert!(
                        close || found == expected || subnormal,
                        "{v}: {found} {expected}"
                    );
                }
            }
        }
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
