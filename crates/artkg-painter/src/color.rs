//! Colours as red, green and blue from 0 to 1.

use serde::{Deserialize, Deserializer, de::Error as _};

/// A colour; its parts may leave 0 to 1 until the picture is finished.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Color(pub(crate) [f32; 3]);

impl Color {
    pub(crate) const WHITE: Self = Self([1.0; 3]);
    pub(crate) const BLACK: Self = Self([0.0; 3]);

    /// `share` of `other` and the rest of this colour.
    pub(crate) fn mix(self, other: Self, share: f32) -> Self {
        let share = share.clamp(0.0, 1.0);
        Self(std::array::from_fn(|i| {
            self.0[i] + (other.0[i] - self.0[i]) * share
        }))
    }

    /// Brighter (above 1) or darker.
    pub(crate) fn scale(self, factor: f32) -> Self {
        Self(self.0.map(|part| part * factor))
    }

    /// Every part times that of `other`, as a glaze does.
    pub(crate) fn glaze(self, other: Self) -> Self {
        Self(std::array::from_fn(|i| self.0[i] * other.0[i]))
    }

    pub(crate) fn luminance(self) -> f32 {
        0.299 * self.0[0] + 0.587 * self.0[1] + 0.114 * self.0[2]
    }

    /// Colourfulness: 0 grey, 1 unchanged.
    pub(crate) fn saturate(self, factor: f32) -> Self {
        let grey = self.luminance();
        Self(self.0.map(|part| grey + (part - grey) * factor))
    }

    /// Turns the hue by an angle in radians, around the grey axis.
    pub(crate) fn turn(self, angle: f32) -> Self {
        let [red, green, blue] = self.0;
        let (sine, cosine) = angle.sin_cos();
        let along = (1.0 - cosine) / 3.0;
        let across = sine / 3.0_f32.sqrt();
        let (same, next, last) = (cosine + along, along - across, along + across);
        Self([
            red * same + green * next + blue * last,
            red * last + green * same + blue * next,
            red * next + green * last + blue * same,
        ])
    }

    pub(crate) fn bytes(self) -> [u8; 3] {
        // The cast clamps to 0..=255.
        self.0.map(|part| (part * 255.0).round() as u8)
    }

    fn from_hex(text: &str) -> Option<Self> {
        let digits = text.strip_prefix('#').filter(|digits| digits.len() == 6)?;
        let value = u32::from_str_radix(digits, 16).ok()?;
        Some(Self(
            [16, 8, 0].map(|shift| ((value >> shift) & 0xFF) as f32 / 255.0),
        ))
    }
}

impl<'de> Deserialize<'de> for Color {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::from_hex(&text)
            .ok_or_else(|| D::Error::custom(format!("`{text}` is no colour such as #4fa9c9")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hexadecimal_colours() {
        assert_eq!(Color::from_hex("#ff8000").unwrap().bytes(), [255, 128, 0]);
        for bad in ["ff8000", "#ff80", "#ff80zz", "#ééé"] {
            assert!(Color::from_hex(bad).is_none());
        }
    }

    #[test]
    fn a_third_of_a_turn_moves_red_to_green() {
        let turned = Color([1.0, 0.0, 0.0]).turn(std::f32::consts::TAU / 3.0);
        assert_eq!(turned.bytes(), [0, 255, 0]);
        let grey = Color([0.4; 3]);
        assert_eq!(grey.turn(1.0).bytes(), grey.bytes());
    }
}
