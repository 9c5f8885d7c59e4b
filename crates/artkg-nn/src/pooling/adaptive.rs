use candle_core::{Shape, Tensor};

use artkg_kernels::{Images, pooling as kernels};

use crate::checks::images;
use crate::error::{Error, Result};
use crate::operation::{Backward, Operation, apply};
use crate::precision::to_f32;

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
    apply(&[input], AdaptiveAverage { from, to })
}

struct AdaptiveAverage {
    from: Images,
    to: Images,
}

impl Operation for AdaptiveAverage {
    fn name(&self) -> &'static str {
        "adaptive average pool"
    }

    fn shape(&self, _operands: &[&Shape]) -> candle_core::Result<Shape> {
        Ok(Shape::from(&self.to.dims()))
    }

    fn cpu_forward(&self, operands: &[&[f32]]) -> candle_core::Result<Vec<f32>> {
        Ok(kernels::adaptive_average(self.from, self.to, operands[0]))
    }

    fn cpu_gradients(&self, pass: &Backward<'_>) -> candle_core::Result<Vec<Option<Vec<f32>>>> {
        let gradient = kernels::adaptive_average_gradient(self.from, self.to, pass.gradient);
        Ok(vec![Some(gradient)])
    }
}
