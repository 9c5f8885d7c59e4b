//! Convolutions of each channel by itself: square windows of odd size, step 1, as many
//! rows and columns out as in.

use std::ops::Range;

use rayon::prelude::*;

use crate::images::Images;
use crate::sums::total;
use crate::vector::vectorised;

/// What each window reads.
#[derive(Clone, Copy, Debug)]
pub struct Depthwise {
    /// Input and output.
    pub images: Images,
    /// Rows and columns of a window; odd.
    pub kernel: usize,
}

impl Depthwise {
    /// The convolution with `filters`, `[kernel * kernel, channels]`, plus `bias`.
    pub fn forward(&self, input: &[f32], filters: &[f32], bias: &[f32]) -> Vec<f32> {
        assert_eq!(bias.len(), self.images.channels);
        self.convolve(input, filters, Some(bias))
    }

    /// The gradient of the input.
    pub fn input_gradient(&self, filters: &[f32], gradient: &[f32]) -> Vec<f32> {
        let channels = self.images.channels.max(1);
        let turned: Vec<f32> = filters.rchunks(channels).flatten().copied().collect();
        self.convolve(gradient, &turned, None)
    }

    /// The gradient of the filters.
    pub fn filter_gradient(&self, input: &[f32], gradient: &[f32]) -> Vec<f32> {
        let Images {
            height,
            width,
            channels,
            ..
        } = self.images;
        assert!(input.len() == self.images.len() && gradient.len() == self.images.len());
        let area = self.kernel * self.kernel;
        let partial: Vec<Vec<f32>> = gradient
            .par_chunks((width * channels).max(1))
            .enumerate()
            .map(|(row, gradient)| {
                let (image, row) = (row / height, row % height);
                let input = &input[image * height * width * channels..];
                let mut sums = vec![0.0; area * channels];
                vectorised(
                    #[inline(always)]
                    || {
                        for (position, sums) in sums.chunks_exact_mut(channels).enumerate() {
                            let Some((source, columns)) = self.line(position, row) else {
                                continue;
                            };
                            for column in columns {
                                let from = self.pixel(source, position, column) * channels;
                                let pixel = &input[from..][..channels];
                                let gradient = &gradient[column * channels..][..channels];
                                for (sum, (value, gradient)) in
                                    sums.iter_mut().zip(pixel.iter().zip(gradient))
                                {
                                    *sum += value * gradient;
                                }
                            }
                        }
                    },
                );
                sums
            })
            .collect();
        total(&partial, area * channels)
    }

    /// Pixels from the middle of a window to its edge.
    fn reach(&self) -> usize {
        self.kernel / 2
    }

    /// The first pixel of the row that the window's `position` reads for the output
    /// row `row`, and the columns for which it lies inside; `None` where the row does
    /// not.
    fn line(&self, position: usize, row: usize) -> Option<(usize, Range<usize>)> {
        let (reach, width) = (self.reach(), self.images.width);
        let source = (row + position / self.kernel).checked_sub(reach)?;
        let column = position % self.kernel;
        let columns =
            reach.saturating_sub(column)..width.min((width + reach).saturating_sub(column));
        (source < self.images.height).then_some((source * width, columns))
    }

    /// The pixel that the window's `position` reads for `column`, which lies inside, of
    /// the row that starts at pixel `source`.
    fn pixel(&self, source: usize, position: usize, column: usize) -> usize {
        source + column + position % self.kernel - self.reach()
    }

    fn convolve(&self, input: &[f32], filters: &[f32], bias: Option<&[f32]>) -> Vec<f32> {
        let Images {
            height,
            width,
            channels,
            ..
        } = self.images;
        assert_eq!(input.len(), self.images.len());
        assert_eq!(filters.len(), self.kernel * self.kernel * channels);
        let mut output = vec![0.0; input.len()];
        output
            .par_chunks_mut((width * channels).max(1))
            .enumerate()
            .for_each(|(row, output)| {
                let (image, row) = (row / height, row % height);
                let input = &input[image * height * width * channels..];
                vectorised(
                    #[inline(always)]
                    || {
                        if let Some(bias) = bias {
                            for pixel in output.chunks_exact_mut(channels) {
                                pixel.copy_from_slice(bias);
                            }
                        }
                        for (position, filter) in filters.chunks_exact(channels).enumerate() {
                            let Some((source, columns)) = self.line(position, row) else {
                                continue;
                            };
                            for column in columns {
                                let from = self.pixel(source, position, column) * channels;
                                let pixel = &input[from..][..channels];
                                let output = &mut output[column * channels..][..channels];
                                for (sum, (value, weight)) in
                                    output.iter_mut().zip(pixel.iter().zip(filter))
                                {
                                    *sum += value * weight;
                                }
                            }
                        }
                    },
                );
            });
        output
    }
}
