/// A batch of images in memory, `[batch, height, width, channels]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Images {
    /// The number of images.
    pub batch: usize,
    /// Pixels from top to bottom.
    pub height: usize,
    /// Pixels from left to right.
    pub width: usize,
    /// Values of a pixel.
    pub channels: usize,
}

impl Images {
    /// The number of pixels of all images.
    pub fn pixels(&self) -> usize {
        self.batch * self.height * self.width
    }

    /// The dimensions, as of a tensor.
    pub fn dims(&self) -> [usize; 4] {
        [self.batch, self.height, self.width, self.channels]
    }

    /// The number of values of one image.
    pub fn image_len(&self) -> usize {
        self.height * self.width * self.channels
    }

    /// The number of values.
    pub fn len(&self) -> usize {
        self.batch * self.image_len()
    }

    /// Whether there is no value.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
