use crate::kernel::{INPUT_SIDE, OUTPUT_SIDE, POSITIONS};
use crate::window::Geometry;

/// Channels that transforms work on together: below, they cost too much.
const CHANNELS: usize = 16;

/// Whether a convolution is 3×3 with stride 1 and enough channels, the form that
/// transformed filters can compute.
pub(in crate::convolution) fn is_possible(geometry: &Geometry) -> bool {
    let shape = geometry.shape;
    shape.kernel == (3, 3)
        && shape.stride == (1, 1)
        && geometry.input.channels >= 2 * CHANNELS
        && geometry.output.channels >= 2 * CHANNELS
}

/// The output tiles of a convolution.
pub(super) struct Tiles {
    batch: usize,
    rows: usize,
    columns: usize,
}

impl Tiles {
    pub(super) fn of(geometry: &Geometry) -> Self {
        let output = geometry.output;
        Self {
            batch: output.batch,
            rows: output.height.div_ceil(OUTPUT_SIDE),
            columns: output.width.div_ceil(OUTPUT_SIDE),
        }
    }

    pub(super) fn count(&self) -> usize {
        self.batch * self.rows * self.columns
    }

    /// The image of a tile, and the row and column of its first output pixel.
    pub(super) fn place(&self, index: usize) -> (usize, usize, usize) {
        let (row, column) = (index / self.columns % self.rows, index % self.columns);
        let image = index / self.columns / self.rows;
        (image, row * OUTPUT_SIDE, column * OUTPUT_SIDE)
    }
}

/// The pixels that a tile reads; `zeros` outside of the image.
pub(super) fn input_pixels(
    geometry: &Geometry,
    values: &[f32],
    zeros: &[f32],
    (image, row, column): (usize, usize, usize),
) -> [*const f32; POSITIONS] {
    let (input, padding) = (geometry.input, geometry.shape.padding);
    std::array::from_fn(|position| {
        let y = (row + position / INPUT_SIDE).wrapping_sub(padding.0);
        let x = (column + position % INPUT_SIDE).wrapping_sub(padding.1);
        if y >= input.height || x >= input.width {
            return zeros.as_ptr();
        }
        let pixel = (image * input.height + y) * input.width + x;
        values[pixel * input.channels..][..input.channels].as_ptr()
    })
}
