//! CIELab, whose white is that of daylight at 5000 K, as what screens show.

/// The white of profiles' and TIFF's CIELab, as XYZ.
const WHITE: [f32; 3] = [0.9642, 1.0, 0.8249];

/// XYZ under [`WHITE`], adapted to the screen's white by Bradford's method, to linear
/// red, green and blue of sRGB.
const TO_LINEAR: [[f32; 3]; 3] = [
    [3.134_136, -1.617_386, -0.490_662],
    [-0.978_795, 1.916_254, 0.033_442],
    [0.071_955, -0.228_977, 1.405_386],
];

/// The colour of sRGB, 0 to 1 a channel, of a lightness of 0 to 100 and the two
/// opponents; what no screen shows is clipped.
pub(crate) fn to_srgb(lab: [f32; 3]) -> [f32; 3] {
    linear(relative(lab)).map(encode)
}

/// XYZ in shares of that of white.
pub(crate) fn relative([lightness, a, b]: [f32; 3]) -> [f32; 3] {
    let y = (lightness + 16.0) / 116.0;
    [y + a / 500.0, y, y - b / 200.0].map(|value| match value > 6.0 / 29.0 {
        true => value.powi(3),
        false => (value - 4.0 / 29.0) * 3.0 * (6.0_f32 / 29.0).powi(2),
    })
}

/// Linear red, green and blue of XYZ in shares of white.
pub(crate) fn linear(relative: [f32; 3]) -> [f32; 3] {
    let xyz: [f32; 3] = std::array::from_fn(|channel| relative[channel] * WHITE[channel]);
    TO_LINEAR.map(|row| {
        row.iter()
            .zip(xyz)
            .map(|(factor, value)| factor * value)
            .sum()
    })
}

/// The curve of sRGB, from linear light, clipped to 0 to 1.
pub(crate) fn encode(linear: f32) -> f32 {
    let linear = linear.clamp(0.0, 1.0);
    match linear <= 0.003_130_8 {
        true => 12.92 * linear,
        false => 1.055 * linear.powf(1.0 / 2.4) - 0.055,
    }
}

/// The inverse of [`encode`].
pub(crate) fn decode(encoded: f32) -> f32 {
    match encoded <= 0.040_45 {
        true => encoded / 12.92,
        false => ((encoded + 0.055) / 1.055).powf(2.4),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_colours_come_out() {
        let byte = |lab| to_srgb(lab).map(|value| (value * 255.0).round() as i32);
        assert_eq!(byte([100.0, 0.0, 0.0]), [255, 255, 255]);
        assert_eq!(byte([0.0, 0.0, 0.0]), [0, 0, 0]);
        // Red, green and blue of sRGB, whose CIELab under this white is published.
        for (lab, expected) in [
            ([54.29, 80.81, 69.89], [255, 0, 0]),
            ([87.82, -79.29, 80.99], [0, 255, 0]),
            ([29.57, 68.30, -112.03], [0, 0, 255]),
        ] {
            let found = byte(lab);
            let near = |(found, expected): (i32, i32)| (found - expected).abs() <= 2;
            assert!(found.into_iter().zip(expected).all(near), "{found:?}");
        }
    }

    #[test]
    fn the_curve_and_its_inverse_agree() {
        for step in 0..=100 {
            let value = step as f32 / 100.0;
            assert!((decode(encode(value)) - value).abs() < 1e-5);
        }
    }
}
