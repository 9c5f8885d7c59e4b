use candle_core::{Shape, Tensor};

use artkg_kernels::{Geometry, Images, WindowShape, pooling as kernels};

use super::geometry::{Rounding, geometry};
use crate::checks::images;
use crate::error::{Error, Result};
use crate::operation::{Backward, Operation, apply};
use crate::precision::to_f32;

/// The mean of each `kernel` × `kernel` window, `[batch, height, width,
/// channels]` in and out; padding counts as zeros, PyTorch's default.
///
/// # Errors
/// [`Error::Argument`] when the window does not fit the input, or the
/// padding is more than half of the window.
pub fn average_pool(
    input: &Tensor,
    kernel: usize,
    stride: usize,
    padding: usize,
) -> Result<Tensor> {
    let geometry = geometry(input, kernel, stride, padding, Rounding::Down)?;
    let shape = Shape::from(&geometry.output.dims());
    apply(&[input], AveragePool { geometry, shape })
}

/// The mean of each channel of each image: `[batch, height, width, channels]`,
/// `f32` or `bf16`, to `[batch, channels]` in `f32`.
///
/// # Errors
/// [`Error::Argument`] when the input is no batch of images, or they have
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
        shape: WindowShape {
            kernel,
            stride: (1, 1),
            padding: (0, 0),
        },
    };
    let shape = (sizes.batch, sizes.channels).into();
    apply(&[input], AveragePool { geometry, shape })
}

struct AveragePool {
    geometry: Geometry,
    shape: Shape,
}

impl Operation for AveragePool {
    fn name(&self) -> &'static str {
        "average pool"
    }

    fn shape(&self, _operands: &[&Shape]) -> candle_core::Result<Shape> {
        Ok(self.shape.clone())
    }

    fn cpu_forward(&self, operands: &[&[f32]]) -> candle_core::Result<Vec<f32>> {
        Ok(kernels::average(&self.geometry, operands[0]))
    }

    fn cpu_gradients(&self, pass: &Backward<'_>) -> candle_core::Result<Vec<Option<Vec<f32>>>> {
        let gradient = kernels::average_gradient(&self.geometry, pass.gradient);
        Ok(vec![Some(gradient)])
    }
}
