use std::sync::{Arc, OnceLock};

use candle_core::{CpuStorage, CustomOp1, Layout, Shape};
use rayon::prelude::*;

use super::Geometry;
use crate::precision::{to_bf16, to_f32};
use crate::tape::apply1;
use crate::values::{Values, contiguous};
use crate::vector::vectorised;
use crate::{DType, Error, Result, Tensor};

/// The largest value of each `kernel` × `kernel` window, `[batch, height, width,
/// channels]` in and out; padding never wins.
///
/// The gradient goes to the largest value, the first in reading order among
/// equals, as in PyTorch. NaN wins over every number.
///
/// # Errors
/// [`crate::Error::Argument`] when the window does not fit the input, or the
/// padding is more than half of the window.
pub fn max_pool(input: &Tensor, kernel: usize, stride: usize, padding: usize) -> Result<Tensor> {
    largest(input, Geometry::new(input, kernel, stride, padding)?)
}

/// [`max_pool`] with as many windows as it takes to see every pixel: PyTorch's
/// `ceil_mode`. The last window of a row or column may reach beyond the image,
/// but always begins within it or its padding before.
///
/// # Errors
/// As [`max_pool`].
pub fn max_pool_rounding_up(
    input: &Tensor,
    kernel: usize,
    stride: usize,
    padding: usize,
) -> Result<Tensor> {
    largest(
        input,
        Geometry::rounding_up(input, kernel, stride, padding)?,
    )
}

fn largest(input: &Tensor, geometry: Geometry) -> Result<Tensor> {
    if input.dtype() == DType::BF16 {
        return to_bf16(&largest(&to_f32(input)?, geometry)?);
    }
    if geometry.input.height * geometry.input.width > u32::MAX as usize {
        return Err(Error::Argument(format!(
            "max pooling of images with more than {} pixels",
            u32::MAX
        )));
    }
    let operation = MaxPool {
        geometry,
        positions: input.track_op().then(Arc::default),
    };
    apply1(&input.contiguous()?, operation)
}

struct MaxPool {
    geometry: Geometry,
    /// For each output value the pixel of its image that it was read from; kept
    /// only when a gradient may be wanted.
    positions: Option<Arc<OnceLock<Vec<u32>>>>,
}

impl MaxPool {
    /// Writes one row of output pixels, and to `positions` where each value came
    /// from unless that is empty.
    #[inline(always)]
    fn pool_row(&self, image: &[f32], row: usize, output: &mut [f32], positions: &mut [u32]) {
        let (width, channels) = (self.geometry.input.width, self.geometry.input.channels);
        for (column, output) in output.chunks_exact_mut(channels).enumerate() {
            let (rows, columns) = self.geometry.inside(row, column);
            let first = rows.start * width + columns.start;
            output.copy_from_slice(&image[first * channels..][..channels]);
            let positions = positions
                .get_mut(column * channels..(column + 1) * channels)
                .unwrap_or_default();
            positions.fill(first as u32);
            for y in rows {
                for pixel in y * width + columns.start..y * width + columns.end {
                    let values = &image[pixel * channels..][..channels];
                    take_larger(values, pixel as u32, output, positions);
                }
            }
        }
    }

    /// The output of each row of output pixels.
    fn pool(&self, values: &[f32], result: &mut [f32], positions: &mut [u32]) {
        let Geometry { input, output, .. } = self.geometry;
        let row_length = output.width * output.channels;
        let image_length = input.height * input.width * input.channels;
        if row_length == 0 || image_length == 0 {
            return;
        }
        let pool_row = |index: usize, result: &mut [f32], positions: &mut [u32]| {
            let image = &values[index / output.height * image_length..][..image_length];
            vectorised(
                #[inline(always)]
                || self.pool_row(image, index % output.height, result, positions),
            );
        };
        let rows = result.par_chunks_mut(row_length).enumerate();
        if positions.is_empty() {
            rows.for_each(|(index, result)| pool_row(index, result, &mut []));
        } else {
            rows.zip(positions.par_chunks_mut(row_length))
                .for_each(|((index, result), positions)| pool_row(index, result, positions));
        }
    }
}

/// Replaces each value of `best` that `values`, from `pixel`, surpass.
#[inline(always)]
fn take_larger(values: &[f32], pixel: u32, best: &mut [f32], positions: &mut [u32]) {
    let is_better = |value: f32, best: f32| value > best || value.is_nan();
    if positions.is_empty() {
        for (best, value) in best.iter_mut().zip(values) {
            *best = if is_better(*value, *best) {
                *value
            } else {
                *best
            };
        }
        return;
    }
    for ((best, value), position) in best.iter_mut().zip(values).zip(positions) {
        let better = is_better(*value, *best);
        *best = if better { *value } else { *best };
        *position = if better { pixel } else { *position };
    }
}

impl CustomOp1 for MaxPool {
    fn name(&self) -> &'static str {
        "max pool"
    }

    fn cpu_fwd(
        &self,
        input: &CpuStorage,
        layout: &Layout,
    ) -> candle_core::Result<(CpuStorage, Shape)> {
        let values = contiguous(input, layout)?;
        let output = self.geometry.output;
        let mut result = vec![0.0; output.len()];
        let mut positions = vec![0; self.positions.as_ref().map_or(0, |_| output.len())];
        self.pool(values, &mut result, &mut positions);
        if let Some(kept) = &self.positions {
            kept.set(positions)
                .map_err(|_| candle_core::Error::Msg("one max pool ran twice".into()))?;
        }
        Ok((CpuStorage::F32(result), output.into()))
    }

    fn bwd(
        &self,
        input: &Tensor,
        _output: &Tensor,
        gradient: &Tensor,
    ) -> candle_core::Result<Option<Tensor>> {
        let Some(positions) = self.positions.as_ref().and_then(|kept| kept.get()) else {
            return Ok(None);
        };
        let gradient = gradient.contiguous()?;
        let gradient = Values::of(&gradient)?;
        let Geometry {
            input: sizes,
            output,
            ..
        } = self.geometry;
        let image_length = sizes.height * sizes.width * sizes.channels;
        let output_length = output.height * output.width * output.channels;
        let mut result = vec![0.0; sizes.len()];
        if image_length > 0 {
            result
                .par_chunks_mut(image_length)
                .zip(gradient.par_chunks(output_length))
                .zip(positions.par_chunks(output_length))
                .for_each(|((result, gradient), positions)| {
                    let cells = gradient
                        .chunks_exact(sizes.channels)
                        .zip(positions.chunks_exact(sizes.channels));
                    for (gradient, positions) in cells {
                        for (channel, (gradient, position)) in
                            gradient.iter().zip(positions).enumerate()
                        {
                            result[*position as usize * sizes.channels + channel] += gradient;
                        }
                    }
                });
        }
        Ok(Some(Tensor::from_vec(
            result,
            input.shape(),
            input.device(),
        )?))
    }
}
