use super::Piece;
use crate::images::Images;
use crate::kernel::with_scratch;
use crate::vector::vectorised;

/// Channels that are copied together: two vectors of the widest processors.
pub(super) const GROUP: usize = 32;
/// Values after which a cache line ends.
const LINE: usize = 16;

/// Some rows of some channels of an image, with pixels around them that are zero outside
/// of the image.
pub(super) struct Padded {
    images: Images,
    image: usize,
    first_row: usize,
    rows: usize,
    first_channel: usize,
    margin: usize,
}

impl Padded {
    /// Those of `piece` with a `margin` of pixels on all sides.
    pub(super) fn new(images: Images, piece: &Piece, margin: usize) -> Self {
        Self {
            images,
            image: piece.image,
            first_row: piece.rows.start,
            rows: piece.rows.len() + 2 * margin,
            first_channel: piece.group * GROUP,
            margin,
        }
    }

    /// The number of values.
    pub(super) fn length(&self) -> usize {
        self.rows * self.row()
    }

    /// Values of a row.
    pub(super) fn row(&self) -> usize {
        (self.images.width + 2 * self.margin) * GROUP
    }

    /// The first value of a pixel.
    pub(super) fn pixel(&self, row: usize, column: usize) -> usize {
        row * self.row() + column * GROUP
    }

    /// Copies them from all images, `source`.
    pub(super) fn copy(&self, source: &[f32], target: &mut [f32]) {
        let Images {
            height,
            width,
            channels,
            ..
        } = self.images;
        let count = GROUP.min(channels - self.first_channel);
        vectorised(
            #[inline(always)]
            || {
                for (index, target) in target.chunks_exact_mut(self.row()).enumerate() {
                    let row = (self.first_row + index).checked_sub(self.margin);
                    let Some(row) = row.filter(|row| *row < height) else {
                        target.fill(0.0);
                        continue;
                    };
                    let (left, rest) = target.split_at_mut(self.margin * GROUP);
                    let (inside, right) = rest.split_at_mut(width * GROUP);
                    left.fill(0.0);
                    right.fill(0.0);
                    let start = (self.image * height + row) * width * channels;
                    let pixels = source[start..start + width * channels].chunks_exact(channels);
                    for (pixel, target) in pixels.zip(inside.chunks_exact_mut(GROUP)) {
                        let channels = self.first_channel..self.first_channel + count;
                        copy_group(&pixel[channels], target);
                    }
                }
            },
        );
    }
}

/// Copies the channels of a pixel to `target`, of [`GROUP`] values, with zeros after them.
#[inline(always)]
pub(super) fn copy_group(channels: &[f32], target: &mut [f32]) {
    if let (Ok(channels), Ok(target)) = (
        <&[f32; GROUP]>::try_from(channels),
        <&mut [f32; GROUP]>::try_from(&mut *target),
    ) {
        *target = *channels;
        return;
    }
    let (front, back) = target.split_at_mut(channels.len());
    front.copy_from_slice(channels);
    back.fill(0.0);
}

/// Lends `work` a buffer whose first value starts a cache line: vectors that span two
/// take twice as long.
pub(super) fn with_aligned_scratch<R>(length: usize, work: impl FnOnce(&mut [f32]) -> R) -> R {
    with_scratch(length + LINE - 1, |room: &mut [f32]| {
        let start = room.as_ptr().align_offset(LINE * size_of::<f32>());
        // Alignment only costs time: where it cannot be had, the work is the same.
        let start = start.min(LINE - 1);
        work(&mut room[start..start + length])
    })
}
