//! Numbers in text, fast.

/// Powers of ten that are exact in an `f64`.
const POWERS: [f64; 23] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
    1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
];

/// The number that `text` is, correctly rounded; `None` where it is none.
///
/// Up to 15 digits and a power of ten up to 22 take one multiplication or
/// division of exact values (Clinger, PLDI 1990); everything else goes to the
/// standard library.
pub(crate) fn parse_number(text: &[u8]) -> Option<f64> {
    let (negative, mut rest) = match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        rest => (false, rest),
    };
    let mut mantissa = 0u64;
    let (whole, after) = digits(rest, &mut mantissa);
    let mut count = whole;
    let mut exponent = 0i32;
    rest = after;
    if let [b'.', after @ ..] = rest {
        let (fraction, after) = digits(after, &mut mantissa);
        count += fraction;
        exponent = -(fraction as i32);
        rest = after;
    }
    if count == 0 || count > 15 {
        return slowly(text);
    }
    if let [b'e' | b'E', after @ ..] = rest {
        let (below, after) = match after {
            [b'-', after @ ..] => (true, after),
            [b'+', after @ ..] => (false, after),
            after => (false, after),
        };
        let mut power = 0u64;
        let (length, after) = digits(after, &mut power);
        if length == 0 || length > 3 {
            return slowly(text);
        }
        exponent += if below { -(power as i32) } else { power as i32 };
        rest = after;
    }
    let power = POWERS.get(exponent.unsigned_abs() as usize);
    let (Some(power), true) = (power, rest.is_empty()) else {
        return slowly(text);
    };
    let magnitude = match exponent < 0 {
        true => mantissa as f64 / power,
        false => mantissa as f64 * power,
    };
    Some(if negative { -magnitude } else { magnitude })
}

/// Appends the digits at the start of `text` to `value`; their number and the
/// rest.
#[inline(always)]
fn digits<'a>(text: &'a [u8], value: &mut u64) -> (usize, &'a [u8]) {
    let mut length = 0;
    while let Some(digit) = text.get(length).map(|byte| byte.wrapping_sub(b'0'))
        && digit < 10
    {
        *value = value.wrapping_mul(10).wrapping_add(u64::from(digit));
        length += 1;
    }
    (length, &text[length..])
}

#[cold]
fn slowly(text: &[u8]) -> Option<f64> {
    std::str::from_utf8(text).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::{RngExt, SeedableRng};

    #[test]
    fn agrees_with_the_standard_library_bit_for_bit() {
        let mut generator = rand_pcg::Pcg64Mcg::seed_from_u64(5);
        for _ in 0..20_000 {
            let value =
                (generator.random::<f64>() - 0.5) * 10f64.powi(generator.random_range(-30..30));
            for text in [
                format!("{value:.6e}"),
                format!("{value:e}"),
                format!("{value:.5}"),
                format!("{value}"),
            ] {
                let expected: f64 = text.parse().unwrap();
                let found = parse_number(text.as_bytes()).unwrap();
                assert_eq!(found.to_bits(), expected.to_bits(), "{text}");
            }
        }
    }

    #[test]
    fn every_spelling_of_a_number() {
        for (text, value) in [
            ("1", 1.0),
            ("-0", -0.0),
            ("+1.5", 1.5),
            (".5", 0.5),
            ("5.", 5.0),
            ("1e3", 1000.0),
            ("1.0E-03", 0.001),
            ("1e+02", 100.0),
            ("12345678901234567890", 12345678901234567890.0),
            ("0.1e-320", 0.1e-320),
            ("inf", f64::INFINITY),
        ] {
            assert_eq!(parse_number(text.as_bytes()), Some(value), "{text}");
        }
        for text in [
            "", "-", ".", "e5", "1e", "1e+", "1,5", "1.0D-3", "0x10", "1.2.3", "1 2",
        ] {
            assert_eq!(parse_number(text.as_bytes()), None, "{text}");
        }
        assert!(parse_number(b"nan").unwrap().is_nan());
    }
}
