use image::metadata::Orientation;
use image::{DynamicImage, RgbImage};

/// An RGB picture of 8 bits a channel in memory.
#[derive(Clone, PartialEq, Eq)]
pub struct Pixels {
    /// Columns.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// Interleaved samples, `[height, width, 3]`, top row first.
    pub data: Vec<u8>,
}

impl std::fmt::Debug for Pixels {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Pixels({} × {})", self.width, self.height)
    }
}

impl Pixels {
    /// A picture of `width` × `height` from its samples `[height, width, 3]`.
    ///
    /// # Panics
    /// When `data` has another length than `width * height * 3`.
    pub fn new(width: usize, height: usize, data: Vec<u8>) -> Self {
        assert_eq!(
            data.len(),
            width * height * 3,
            "samples do not fill the picture"
        );
        Self {
            width,
            height,
            data,
        }
    }

    /// The colour `[red, green, blue]` at column `x`, row `y`.
    pub fn color(&self, x: usize, y: usize) -> [u8; 3] {
        let start = (y * self.width + x) * 3;
        [self.data[start], self.data[start + 1], self.data[start + 2]]
    }

    /// The shorter of width and height.
    pub fn shorter_side(&self) -> usize {
        self.width.min(self.height)
    }

    /// The middle part with no side longer than `longest`.
    pub(crate) fn middle(&self, longest: usize) -> Self {
        let (width, height) = (self.width.min(longest), self.height.min(longest));
        let (left, top) = ((self.width - width) / 2, (self.height - height) / 2);
        let data = (top..top + height)
            .flat_map(|row| {
                let start = (row * self.width + left) * 3;
                self.data[start..start + width * 3].iter().copied()
            })
            .collect();
        Self::new(width, height, data)
    }

    pub(crate) fn oriented(self, orientation: Orientation) -> Self {
        if orientation == Orientation::NoTransforms {
            return self;
        }
        match RgbImage::from_raw(self.width as u32, self.height as u32, self.data) {
            Some(rgb) => {
                let mut picture = DynamicImage::ImageRgb8(rgb);
                picture.apply_orientation(orientation);
                Self::from_rgb(picture.into_rgb8())
            }
            // `new` and the decoders guarantee the length.
            None => unreachable!("samples do not fill the picture"),
        }
    }

    pub(crate) fn from_rgb(rgb: RgbImage) -> Self {
        let (width, height) = rgb.dimensions();
        Self::new(width as usize, height as usize, rgb.into_raw())
    }
}
