use std::fmt;

/// What the samples of a stored pixel are amounts of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Model {
    /// Light.
    Grey,
    /// Red, green and blue light.
    Rgb,
    /// Cyan, magenta, yellow and black ink; nothing is white.
    Cmyk,
    /// Lightness, and two opponents from their middle.
    Lab,
}

impl Model {
    /// Samples of a pixel.
    pub(crate) fn channels(self) -> usize {
        match self {
            Self::Grey => 1,
            Self::Rgb | Self::Lab => 3,
            Self::Cmyk => 4,
        }
    }
}

impl fmt::Display for Model {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Grey => "grey",
            Self::Rgb => "RGB",
            Self::Cmyk => "CMYK",
            Self::Lab => "CIELab",
        })
    }
}
