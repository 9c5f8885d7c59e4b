use std::ops::Range;

use candle_core::{CpuStorage, CustomOp1, Layout, Shape};
use rayon::prelude::*;

use crate::convolution::{Images, images};
use crate::precision::to_f32;
use crate::tape::apply1;
use crate::values::{Values, contiguous};
use crate::{Error, Result, Tensor};

/// The means of `size` (height, width) windows that cover each image evenly, as
/// PyTorch's `adaptive_avg_pool2d`: `[batch, height, width, channels]` in and
/// out. Windows overlap where the sizes do not divide; images smaller than
/// `size` have pixels repeated. Images of that size come back as they are.
///
/// # Errors
/// [`Error::Argument`] when the input is no batch of images, or one of the sizes
/// is zero.
pub fn adaptive_average_pool(input: &Tensor, size: (usize, usize)) -> Result<Tensor> {
    let input = &to_f32(input)?;
    let from = images(input, "adaptive average pooling")?;
    if size.0 * size.1 * from.height * from.width == 0 {
        return Err(Error::Argument(format!(
            "adaptive average pooling from shape {:?} to {} × {} pixels",
            input.dims(),
            size.0,
            size.1
        )));
    }
    if (from.height, from.width) == size {
        return Ok(input.clone());
    }
    let (height, width) = size;
    let to = Images {
        height,
        width,
        ..from
    };
    apply1(&input.contiguous()?, AdaptiveAverage { from, to })
}

struct AdaptiveAverage {
    from: Images,
    to: Images,
}

/// The pixels out of `from` that the window `index` out of `to` covers.
fn window(index: usize, from: usize, to: usize) -> Range<usize> {
    index * from / to..((index + 1) * from).div_ceil(to)
}

impl AdaptiveAverage {
    /// Calls `visit` with each output pixel, each input pixel of its window, and
    /// that one's share in the mean, within one image.
    fn each_pair(&self, mut visit: impl FnMut(usize, usize, f32)) {
        let Self { from, to } = self;
        for row in 0..to.height {
            for column in 0..to.width {
                let rows = window(row, from.height, to.height);
                let columns = window(column, from.width, to.width);
                let share = 1.0 / (rows.len() * columns.len()) as f32;
                for y in rows {
                    for x in columns.clone() {
                        visit(row * to.width + column, y * from.width + x, share);
                    }
                }
            }
        }
    }

    /// The number of values of one input and one output image.
    fn lengths(&self) -> (usize, usize) {
        let length = |images: Images| images.height * images.width * images.channels;
        (length(self.from).max(1), length(self.to).max(1))
    }
}

/// `target += share * source`.
fn add(target: &mut [f32], source: &[f32], share: f32) {
    for (target, source) in target.iter_mut().zip(source) {
        *target += share * source;
    }
}

impl CustomOp1 for AdaptiveAverage {
    fn name(&self) -> &'static str {
        "adaptive average pool"
    }

    fn cpu_fwd(
        &self,
        input: &CpuStorage,
        layout: &Layout,
    ) -> candle_core::Result<(CpuStorage, Shape)> {
        let values = contiguous(input, layout)?;
        let (input_length, output_length) = self.lengths();
        let channels = self.from.channels;
        let mut result = vec![0.0; self.to.len()];
        result
            .par_chunks_mut(output_length)
            .zip(values.par_chunks(input_length))
            .for_each(|(result, values)| {
                self.each_pair(|to, from, share| {
                    let values = &values[from * channels..][..channels];
                    add(&mut result[to * channels..][..channels], values, share);
                });
            });
        Ok((CpuStorage::F32(result), self.to.into()))
    }

    fn bwd(
        &self,
        input: &Tensor,
        _output: &Tensor,
        gradient: &Tensor,
    ) -> candle_core::Result<Option<Tensor>> {
        let gradient = gradient.contiguous()?;
        let gradient = Values::of(&gradient)?;
        let (input_length, output_length) = self.lengths();
        let channels = self.from.channels;
        let mut result = vec![0.0; self.from.len()];
        result
            .par_chunks_mut(input_length)
            .zip(gradient.par_chunks(output_length))
            .for_each(|(result, gradient)| {
                self.each_pair(|from, to, share| {
                    let gradient = &gradient[from * channels..][..channels];
                    add(&mut result[to * channels..][..channels], gradient, share);
                });
            });
        Tensor::from_vec(result, input.shape(), input.device()).map(Some)
    }
}
