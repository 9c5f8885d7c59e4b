//! The exponential and what is made of it, in operations that vectorise: those of
//! the standard library are calls, one number at a time.

/// eˣ to 6e-6 relative, for x from -80 to 80 and as if it were the nearer of the
/// two beyond: 2ⁿ, put straight into a float's exponent, times a polynomial for
/// the rest.
#[inline(always)]
pub(crate) fn exp(x: f32) -> f32 {
    /// Adding 1.5 · 2²³ rounds to an integer and leaves it in the low bits.
    const ROUND: f32 = 12_582_912.0;
    let power = x.clamp(-80.0, 80.0) * std::f32::consts::LOG2_E;
    let shifted = power + ROUND;
    let rest = (power - (shifted - ROUND)) * std::f32::consts::LN_2;
    let exponent = shifted.to_bits().wrapping_sub(ROUND.to_bits());
    let scale = f32::from_bits(exponent.wrapping_add(127) << 23);
    // The Taylor series of eʳ for |r| ≤ ln 2 / 2.
    let mut sum = 1.0 / 720.0;
    for coefficient in [1.0 / 120.0, 1.0 / 24.0, 1.0 / 6.0, 0.5, 1.0, 1.0] {
        sum = sum * rest + coefficient;
    }
    scale * sum
}

/// 1 / (1 + e⁻ˣ) to 6e-6 relative.
#[inline(always)]
pub(crate) fn sigmoid(x: f32) -> f32 {
    1.0 / (1.0 + exp(-x))
}

/// ln(1 + eˣ) to 6e-6, relative for positive x.
#[inline(always)]
pub(crate) fn softplus(x: f32) -> f32 {
    // ln(1 + s) = 2 artanh(s / (2 + s)), whose series ends soon for s up to 1.
    let small = exp(-x.abs());
    let ratio = small / (2.0 + small);
    let square = ratio * ratio;
    let mut sum = 1.0 / 11.0;
    for coefficient in [1.0 / 9.0, 1.0 / 7.0, 0.2, 1.0 / 3.0, 1.0] {
        sum = sum * square + coefficient;
    }
    x.max(0.0) + 2.0 * ratio * sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn close_to_the_standard_library() {
        for step in -8000..=8000 {
            let x = step as f32 / 100.0;
            let exact = f64::from(x);
            let relative = |value: f32, exact: f64| (f64::from(value) - exact).abs() / exact;
            assert!(relative(exp(x), exact.exp()) < 6e-6, "exp {x}");
            let one = 1.0 / (1.0 + (-exact).exp());
            assert!(relative(sigmoid(x), one) < 6e-6, "sigmoid {x}");
            assert!(
                relative(softplus(x), exact.exp().ln_1p()) < 6e-6,
                "softplus {x}"
            );
        }
        assert_eq!(sigmoid(f32::INFINITY), 1.0);
        assert!(exp(f32::NEG_INFINITY) < 1e-30 && sigmoid(f32::NEG_INFINITY) < 1e-30);
        assert!(softplus(f32::NEG_INFINITY) < 1e-30);
        assert!(exp(f32::NAN).is_nan());
    }
}
