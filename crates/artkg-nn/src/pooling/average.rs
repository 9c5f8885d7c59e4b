use candle_core::{Shape, Tensor};

use artkg_kernels::{Geometry, Images, WindowShape, pooling as kernels};

use crate::checks::images;
use crate::error::{Error, Result};
use crate::operation::{Backward, Operation, apply};
use crate::precision::to_f32;

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
    apply(&[input], GlobalAveragePool { geometry })
}

/// One window, as large as the images.
struct GlobalAveragePool {
    geometry: Geometry,
}

impl Operation for GlobalAveragePool {
    fn name(&self) -> &'static str {
        "global average pool"
    }

    fn shape(&self, _operands: &[&Shape]) -> candle_core::Result<Shape> {
        let images = &self.geometry.input;
        Ok((images.batch, images.channels).into())
    }

    fn cpu_forward(&self, operands: &[&[f32]]) -> candle_core::Result<Vec<f32>> {
        Ok(kernels::average(&self.geometry, operands[0]))
    }

    fn cpu_gradients(&self, pass: &Backward<'_>) -> candle_core::Result<Vec<Option<Vec<f32>>>> {
        let gradient = kernels::average_gradient(&self.geometry, pass.gradient);
        Ok(vec![Some(gradient)])
    }
}
