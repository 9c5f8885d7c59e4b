/// `exp(x)` for `x` up to 0, to about two units in the last place, in a form
/// that compiles to vector instructions: the library's is a call a value.
///
/// The argument is a multiple of ln 2, whose power goes into the exponent's
/// bits, and a rest within ±ln 2 / 2, where a polynomial is exact enough
/// (coefficients of Cephes' `expf`).
#[inline(always)]
pub(crate) fn exponential(x: f32) -> f32 {
    /// 1.5 · 2^23: what is added to it is rounded to a whole number, which stands in
    /// the lowest bits.
    const WHOLE: f32 = 12_582_912.0;

    // Below, the result has left the normal numbers. NaN stays NaN.
    let x = if x < -87.0 { -87.0 } else { x };
    let shifted = x * std::f32::consts::LOG2_E + WHOLE;
    let multiple = shifted - WHOLE;
    let rest = multiple.mul_add(-0.693_359_4, x);
    let rest = multiple.mul_add(2.121_944_4e-4, rest);
    let mut series = 1.987_569_1e-4f32;
    for coefficient in [
        1.398_199_9e-3,
        8.333_452e-3,
        4.166_579_6e-2,
        0.166_666_65,
        0.5,
    ] {
        series = series.mul_add(rest, coefficient);
    }
    let fraction = series.mul_add(rest * rest, rest) + 1.0;
    let power = f32::from_bits((shifted.to_bits() << 23).wrapping_add(127 << 23));
    fraction * power
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_close_to_the_library() {
        for step in 0..87_000 {
            let x = -(step as f32) * 1e-3;
            let (found, expected) = (exponential(x), x.exp());
            assert!(
                (found - expected).abs() <= 3e-7 * expected,
                "{x}: {found} {expected}"
            );
        }
        assert_eq!(exponential(0.0), 1.0);
        assert!(exponential(f32::NEG_INFINITY) < 1e-37);
        assert!(exponential(f32::NAN).is_nan());
    }
}
