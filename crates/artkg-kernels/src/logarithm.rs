use crate::vector::vectorised;

/// Replaces each value by the natural logarithm of its size, with the value's
/// sign: `ln x` for positive `x`, `-ln -x` for negative `x`. To about two units
/// in the last place for sizes within the normal numbers.
pub fn signed_logarithms(values: &mut [f32]) {
    vectorised(
        #[inline(always)]
        || {
            for value in values {
                *value = logarithm(value.abs()) * 1f32.copysign(*value);
            }
        },
    );
}

/// `ln(x)` of a positive normal `x` in a form that compiles to vector
/// instructions: the library's is a call a value.
///
/// The argument is a power of 2 and a rest within √½ to √2, of which a
/// polynomial is exact enough (coefficients of Cephes' `logf`).
#[inline(always)]
fn logarithm(x: f32) -> f32 {
    const ROOT_OF_HALF: i32 = 0x3f35_04f3;
    let bits = x.to_bits() as i32;
    let power = (bits - ROOT_OF_HALF) >> 23;
    let rest = f32::from_bits((bits - (power << 23)) as u32) - 1.0;
    let power = power as f32;
    let mut series = 7.037_683_6e-2f32;
    for coefficient in [
        -0.115_146_1,
        0.116_769_99,
        -0.124_201_41,
        0.142_493_23,
        -0.166_680_58,
        0.200_007_15,
        -0.249_999_94,
        0.333_333_3,
    ] {
        series = series.mul_add(rest, coefficient);
    }
    let square = rest * rest;
    let fraction = (series * rest).mul_add(square, power * -2.121_944_4e-4);
    power.mul_add(0.693_359_4, square.mul_add(-0.5, fraction) + rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_close_to_the_library() {
        let sizes: Vec<f32> = (-3000..3000)
            .map(|step| (step as f32 * 0.028_3).exp())
            .chain((0..4000).map(|step| 0.5 + step as f32 * 5e-4))
            .collect();
        let mut found: Vec<f32> = sizes.iter().flat_map(|&size| [size, -size]).collect();
        signed_logarithms(&mut found);
        for (size, found) in sizes.iter().zip(found.chunks_exact(2)) {
            let expected = f64::from(*size).ln() as f32;
            assert!(
                (found[0] - expected).abs() <= 3e-7 * expected.abs().max(0.3),
                "{size}: {} {expected}",
                found[0]
            );
            assert_eq!(found[0], -found[1]);
        }
    }
}
