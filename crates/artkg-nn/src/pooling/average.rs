use candle_core::{CpuStorage, CustomOp1, Layout, Shape};
use rayon::prelude::*;

use super::Geometry;
use crate::convolution::{ConvolutionShape, Images, images};
use crate::precision::to_f32;
use crate::tape::apply1;
use crate::values::{Values, contiguous};
use crate::{Error, Result, Tensor};

/// The mean of each `kernel` × `kernel` window, `[batch, height, width,
/// channels]` in and out; padding counts as zeros, PyTorch's default.
///
/// # Errors
/// [`crate::Error::Argument`] when the window does not fit the input, or the
/// padding is more than half of the window.
pub fn average_pool(
    input: &Tensor,
    kernel: usize,
    stride: usize,
    padding: usize,
) -> Result<Tensor> {
    let geometry = Geometry::new(input, kernel, stride, padding)?;
    let shape = geometry.output.into();
    apply1(&input.contiguous()?, AveragePool { geometry, shape })
}

/// The mean of each channel of each image: `[batch, height, width, channels]`,
/// `f32` or `bf16`, to `[batch, channels]` in `f32`.
///
/// # Errors
/// [`crate::Error::Argument`] when the input is no batch of images, or they have
/// no pixels.
pub fn global_average_pool(input: &Tensor) -> Result<Tensor> {
    let input = &to_f32(input)?;
    let sizes = images(input, "global average pooling")?;
    if sizes.height * sizes.width == 0 {
        return Err(Error::Argument(format!(
            "global average pooling of images without pixels, shape {:?}",
            input.dims()
        )));
    }
    let kernel = (sizes.height, sizes.width);
    let geometry = Geometry {
        input: sizes,
        output: Images {
            height: 1,
            width: 1,
            ..sizes
        },
        shape: ConvolutionShape {
            kernel,
            stride: (1, 1),
            padding: (0, 0),
        },
    };
    let shape = (sizes.batch, sizes.channels).into();
    apply1(&input.contiguous()?, AveragePool { geometry, shape })
}

struct AveragePool {
    geometry: Geometry,
    shape: Shape,
}

impl AveragePool {
    /// Calls `visit` with each output pixel and each input pixel of its window,
    /// within one image.
    fn each_pair(&self, mut visit: impl FnMut(usize, usize)) {
        let Geometry { input, output, .. } = self.geometry;
        for row in 0..output.height {
            for column in 0..output.width {
                let (rows, columns) = self.geometry.inside(row, column);
                for y in rows {
                    for x in columns.clone() {
                        visit(row * output.width + column, y * input.width + x);
                    }
                }
            }
        }
    }

    /// What one input pixel contributes to a window's mean.
    fn share(&self) -> f32 {
        1.0 / self.geometry.shape.area() as f32
    }

    /// The number of values of one input and one output image.
    fn lengths(&self) -> (usize, usize) {
        let Geometry { input, output, .. } = self.geometry;
        (
            input.height * input.width * input.channels,
            output.height * output.width * output.channels,
        )
    }
}

impl CustomOp1 for AveragePool {
    fn name(&self) -> &'static str {
        "average pool"
    }

    fn cpu_fwd(
        &self,
        input: &CpuStorage,
        layout: &Layout,
    ) -> candle_core::Result<(CpuStorage, Shape)> {
        let values = contiguous(input, layout)?;
        let (input_length, output_length) = self.lengths();
        let channels = self.geometry.input.channels;
        let share = self.share();
        let mut result = vec![0.0; self.geometry.output.len()];
        if input_length > 0 && output_length > 0 {
            result
                .par_chunks_mut(output_length)
                .zip(values.par_chunks(input_length))
                .for_each(|(result, values)| {
                    self.each_pair(|to, from| {
                        let sums = &mut result[to * channels..][..channels];
                        let values = &values[from * channels..][..channels];
                        for (sum, value) in sums.iter_mut().zip(values) {
                            *sum += value;
                        }
                    });
                    for value in result {
                        *value *= share;
                    }
                });
        }
        Ok((CpuStorage::F32(result), self.shape.clone()))
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
        let channels = self.geometry.input.channels;
        let share = self.share();
        let mut result = vec![0.0; self.geometry.input.len()];
        if input_length > 0 && output_length > 0 {
            result
                .par_chunks_mut(input_length)
                .zip(gradient.par_chunks(output_length))
                .for_each(|(result, gradient)| {
                    self.each_pair(|from, to| {
                        let sums = &mut result[to * channels..][..channels];
                        let gradient = &gradient[from * channels..][..channels];
                        for (sum, gradient) in sums.iter_mut().zip(gradient) {
                            *sum += share * gradient;
                        }
                    });
                });
        }
        Ok(Some(Tensor::from_vec(
            result,
            input.shape(),
            input.device(),
        )?))
    }
}
