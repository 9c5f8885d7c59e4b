//! The Gaussian error linear unit (Hendrycks and Gimpel, 2016): `x Φ(x)` with the
//! normal distribution function Φ.

use std::f32::consts::FRAC_1_SQRT_2;

use crate::elementwise::{combined, converted};
use crate::exponential::exponential;

/// `x Φ(x)` of each value.
pub fn forward(input: &[f32]) -> Vec<f32> {
    converted(
        input,
        #[inline(always)]
        |x: f32| gelu(x),
    )
}

/// The gradient of values from that of their results.
pub fn gradient(input: &[f32], gradient: &[f32]) -> Vec<f32> {
    /// 1 / √(2π).
    const DENSITY: f32 = 0.398_942_3;

    combined(
        input,
        gradient,
        #[inline(always)]
        |x, gradient| {
            let density = DENSITY * exponential(-0.5 * x * x);
            gradient * x.mul_add(density, distribution(x))
        },
    )
}

/// `x Φ(x)`.
#[inline(always)]
pub(crate) fn gelu(x: f32) -> f32 {
    x * distribution(x)
}

/// Φ(x), to about a unit in the last place of a half, and to 5e-5 of itself where
/// it is small.
#[inline(always)]
fn distribution(x: f32) -> f32 {
    let scaled = x * FRAC_1_SQRT_2;
    let size = scaled.abs();
    let tail = 0.5 * exponential(complement_exponent(size));
    let outer = if x < 0.0 { tail } else { 1.0 - tail };
    let inner = 0.5f32.mul_add(inner_error_function(scaled), 0.5);
    if size > 0.927_734_4 { outer } else { inner }
}

/// `ln erfc(t)` for `t` above .92, a polynomial (Juffa, 2014).
#[inline(always)]
fn complement_exponent(t: f32) -> f32 {
    let square = t * t;
    let high = (-1.728_534_7e-5f32).mul_add(t, 3.831_972e-4);
    let low = (-3.883_964_4e-3f32).mul_add(t, 2.425_462_2e-2);
    let mut series = high.mul_add(square, low);
    for coefficient in [-0.106_777_88, -0.634_846_7, -0.128_717_51] {
        series = series.mul_add(t, coefficient);
    }
    series.mul_add(t, -t)
}

/// `erf(t)` for sizes up to .93, a polynomial (Juffa, 2014).
#[inline(always)]
fn inner_error_function(t: f32) -> f32 {
    let square = t * t;
    let mut series = -5.967_617e-4f32;
    for coefficient in [
        4.991_194_2e-3,
        -2.676_813_5e-2,
        0.112_819_925,
        -0.376_125_34,
        0.128_379_17,
    ] {
        series = series.mul_add(square, coefficient);
    }
    series.mul_add(t, t)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Φ of numbers up to 3 by its series around 0, and further out by that of its
    /// tail, in `f64`.
    fn expected(x: f64) -> f64 {
        let density = (-0.5 * x * x).exp() / (2.0 * std::f64::consts::PI).sqrt();
        if x.abs() < 3.0 {
            let (mut term, mut sum) = (x, x);
            for step in 1..80 {
                term *= x * x / f64::from(2 * step + 1);
                sum += term;
            }
            return 0.5 + density * sum;
        }
        // A continued fraction.
        let size = x.abs();
        let fraction = (1..60)
            .rev()
            .fold(size, |below, k| size + f64::from(k) / below);
        let tail = density / fraction;
        if x < 0.0 { tail } else { 1.0 - tail }
    }

    #[test]
    fn values_are_those_of_the_definition() {
        let input: Vec<f32> = (-80_000..80_000).map(|step| step as f32 * 1e-4).collect();
        for (x, found) in input.iter().zip(forward(&input)) {
            let expected = f64::from(*x) * expected(f64::from(*x));
            let error = (f64::from(found) - expected).abs();
            assert!(
                error <= 1.5e-7 * f64::from(x.abs().max(0.1)),
                "{x}: {found} {expected}"
            );
            if *x > -5.0 {
                assert!(error <= 1e-4 * expected.abs(), "{x}: {found} {expected}");
            }
        }
    }

    #[test]
    fn gradients_are_those_of_the_definition() {
        let input: Vec<f32> = (-8000..8000).map(|step| step as f32 * 1e-3).collect();
        for (x, found) in input.iter().zip(gradient(&input, &vec![2.0; input.len()])) {
            let x = f64::from(*x);
            let density = (-0.5 * x * x).exp() / (2.0 * std::f64::consts::PI).sqrt();
            let expected = 2.0 * (expected(x) + x * density);
            assert!(
                (f64::from(found) - expected).abs() < 1e-6,
                "{x}: {found} {expected}"
            );
        }
    }

    #[test]
    fn what_is_not_finite_passes() {
        let output = forward(&[f32::NAN, f32::INFINITY, -200.0, f32::MAX]);
        assert!(output[0].is_nan());
        assert_eq!(output[1], f32::INFINITY);
        assert!(output[2].abs() < 1e-30);
        assert_eq!(output[3], f32::MAX);
        assert!(gradient(&[f32::NAN], &[1.0])[0].is_nan());
    }
}
