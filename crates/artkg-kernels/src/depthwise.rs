//! Convolutions of each channel by itself: square windows of odd size, step 1, as many
//! rows and columns out as in.
//!
//! Pixels are copied, with zeros around them, a few channels at a time: every window
//! then reads whole vectors that lie close together.

mod padded;
#[cfg(test)]
mod tests;

use std::ops::Range;

use rayon::prelude::*;

use self::padded::{GROUP, Padded, with_aligned_scratch};
use crate::images::Images;
use crate::kernel::{
    DepthwiseGradientTile, DepthwiseKernel, DepthwiseTile, depthwise_kernel, for_each_tile,
};
use crate::shared::Shared;
use crate::sums::total;

/// Values of a copy, which stay in the level 2 cache.
const COPY_VALUES: usize = 64 * 1024;
/// Pixels of gradients that stay in the level 1 cache while all positions of a window
/// meet them.
const GRADIENT_PIXELS: usize = 64;

/// What each window reads.
#[derive(Clone, Copy, Debug)]
pub struct Depthwise {
    /// Input and output.
    pub images: Images,
    /// Rows and columns of a window; odd.
    pub kernel: usize,
}

/// Some rows of an image, and some of its channels.
struct Piece {
    image: usize,
    rows: Range<usize>,
    group: usize,
}

impl Depthwise {
    /// The convolution with `filters`, `[kernel * kernel, channels]`, plus `bias`.
    pub fn forward(&self, input: &[f32], filters: &[f32], bias: &[f32]) -> Vec<f32> {
        assert_eq!(bias.len(), self.images.channels);
        self.convolve(depthwise_kernel(), input, filters, bias)
    }

    /// The gradient of the input.
    pub fn input_gradient(&self, filters: &[f32], gradient: &[f32]) -> Vec<f32> {
        self.input_gradient_with(depthwise_kernel(), filters, gradient)
    }

    /// The gradient of the filters.
    pub fn filter_gradient(&self, input: &[f32], gradient: &[f32]) -> Vec<f32> {
        self.filter_gradient_with(depthwise_kernel(), input, gradient)
    }

    fn input_gradient_with(
        &self,
        kernel: &DepthwiseKernel,
        filters: &[f32],
        gradient: &[f32],
    ) -> Vec<f32> {
        let channels = self.images.channels.max(1);
        let turned: Vec<f32> = filters.rchunks(channels).flatten().copied().collect();
        self.convolve(kernel, gradient, &turned, &vec![0.0; channels])
    }

    /// Pixels from the middle of a window to its edge.
    fn reach(&self) -> usize {
        self.kernel / 2
    }

    /// The number of positions of a window.
    fn area(&self) -> usize {
        self.kernel * self.kernel
    }

    /// The pieces that work is cut into; sums depend on it, and it on the sizes alone.
    fn pieces(&self) -> Vec<Piece> {
        let Images {
            batch,
            height,
            width,
            channels,
        } = self.images;
        let rows = COPY_VALUES / ((width + 2 * self.reach()) * GROUP);
        let rows = rows.saturating_sub(2 * self.reach()).max(self.kernel);
        let mut pieces = Vec::new();
        for image in 0..batch {
            for_each_tile(height, rows, |first, count| {
                pieces.extend((0..channels.div_ceil(GROUP)).map(|group| Piece {
                    image,
                    rows: first..first + count,
                    group,
                }));
            });
        }
        pieces
    }

    fn convolve(
        &self,
        kernel: &DepthwiseKernel,
        input: &[f32],
        filters: &[f32],
        bias: &[f32],
    ) -> Vec<f32> {
        let Images {
            height,
            width,
            channels,
            ..
        } = self.images;
        assert_eq!(input.len(), self.images.len());
        assert!(filters.len() == self.area() * channels && self.kernel % 2 == 1);
        if input.is_empty() {
            return Vec::new();
        }
        let mut output: Vec<f32> = Vec::with_capacity(input.len());
        let target = Shared(output.as_mut_ptr());
        self.pieces()
            .into_par_iter()
            .with_max_len(1)
            .for_each(|piece| {
                let first = piece.group * GROUP;
                let count = GROUP.min(channels - first);
                let around = Padded::new(self.images, &piece, self.reach());
                let filter_length = (self.area() + 1) * GROUP;
                with_aligned_scratch(around.length() + filter_length, |room| {
                    let (parameters, source) = room.split_at_mut(filter_length);
                    let rows = filters.chunks_exact(channels).chain([bias]);
                    for (target, row) in parameters.chunks_exact_mut(GROUP).zip(rows) {
                        padded::copy_group(&row[first..first + count], target);
                    }
                    let (filters, bias) = parameters.split_at(self.area() * GROUP);
                    around.copy(input, source);
                    for row in 0..piece.rows.len() {
                        let line = (piece.image * height + piece.rows.start + row) * width;
                        for_each_tile(width, kernel.most, |column, columns| {
                            for lane in (0..count).step_by(kernel.lanes) {
                                let pixel = around.pixel(row, column) + lane;
                                let output = (line + column) * channels + first + lane;
                                let tile = DepthwiseTile {
                                    kernel: self.kernel,
                                    columns,
                                    channels: kernel.lanes.min(count - lane),
                                    source: source[pixel..].as_ptr(),
                                    step: GROUP,
                                    row: around.row(),
                                    filters: filters[lane..].as_ptr(),
                                    bias: bias[lane..].as_ptr(),
                                    output: target.pointer().wrapping_add(output),
                                    output_step: channels,
                                };
                                // SAFETY: the copy reaches as far as windows do, copies have
                                // whole vectors, and nobody else writes these channels of
                                // these pixels.
                                unsafe { kernel.convolve(&tile) };
                            }
                        });
                    }
                });
            });
        // SAFETY: the pieces have written all of their channels of all pixels.
        unsafe { output.set_len(input.len()) };
        output
    }

    fn filter_gradient_with(
        &self,
        kernel: &DepthwiseKernel,
        input: &[f32],
        gradient: &[f32],
    ) -> Vec<f32> {
        let channels = self.images.channels;
        assert!(input.len() == self.images.len() && gradient.len() == self.images.len());
        assert!(self.kernel % 2 == 1);
        let groups = channels.div_ceil(GROUP);
        // All groups of the same rows follow each other.
        let partial: Vec<Vec<f32>> = self
            .pieces()
            .into_par_iter()
            .with_max_len(1)
            .map(|piece| self.sums(kernel, input, gradient, &piece))
            .collect();
        let partial: Vec<Vec<f32>> = partial.chunks(groups.max(1)).map(<[_]>::concat).collect();
        let sums = total(&partial, groups * self.area() * GROUP);
        let mut result = vec![0.0; self.area() * channels];
        for (position, result) in result.chunks_exact_mut(channels.max(1)).enumerate() {
            for (group, result) in result.chunks_mut(GROUP).enumerate() {
                let start = (group * self.area() + position) * GROUP;
                result.copy_from_slice(&sums[start..start + result.len()]);
            }
        }
        result
    }

    /// The sums of a piece, `[positions, GROUP]`.
    fn sums(
        &self,
        kernel: &DepthwiseKernel,
        input: &[f32],
        gradient: &[f32],
        piece: &Piece,
    ) -> Vec<f32> {
        let count = GROUP.min(self.images.channels - piece.group * GROUP);
        let around = Padded::new(self.images, piece, self.reach());
        let inside = Padded::new(self.images, piece, 0);
        let width = self.images.width;
        with_aligned_scratch(
            around.length() + inside.length() + self.area() * GROUP,
            |room| {
                let (source, room) = room.split_at_mut(around.length());
                let (factors, sums) = room.split_at_mut(inside.length());
                around.copy(input, source);
                inside.copy(gradient, factors);
                sums.fill(0.0);
                let most = (GRADIENT_PIXELS / width.max(1)).max(1);
                for_each_tile(piece.rows.len(), most, |first, rows| {
                    for row in 0..self.kernel {
                        for_each_tile(self.kernel, kernel.most, |column, positions| {
                            for lane in (0..count).step_by(kernel.lanes) {
                                let pixel = around.pixel(first + row, column) + lane;
                                let factor = inside.pixel(first, 0) + lane;
                                let sum = (row * self.kernel + column) * GROUP + lane;
                                let tile = DepthwiseGradientTile {
                                    positions,
                                    rows,
                                    columns: width,
                                    source: source[pixel..].as_ptr(),
                                    source_row: around.row(),
                                    gradient: factors[factor..].as_ptr(),
                                    gradient_row: inside.row(),
                                    step: GROUP,
                                    sums: sums[sum..].as_mut_ptr(),
                                };
                                // SAFETY: the copies reach as far as windows do, and all
                                // have whole vectors.
                                unsafe { kernel.correlate(&tile) };
                            }
                        });
                    }
                });
                sums.to_vec()
            },
        )
    }
}
