use std::sync::OnceLock;

use candle_core::{DType, Shape, Tensor};

use artkg_kernels::{Geometry, pooling as kernels};

use super::geometry::{Rounding, geometry};
use crate::error::{Error, Result};
use crate::operation::{Backward, Operation, apply};
use crate::precision::{to_bf16, to_f32};

/// The largest value of each `kernel` × `kernel` window, `[batch, height, width,
/// channels]` in and out; padding never wins.
///
/// The gradient goes to the largest value, the first in reading order among
/// equals, as in PyTorch. NaN wins over every number.
///
/// # Errors
/// [`Error::Argument`] when the window does not fit the input, or the
/// padding is more than half of the window.
pub fn max_pool(input: &Tensor, kernel: usize, stride: usize, padding: usize) -> Result<Tensor> {
    largest(
        input,
        geometry(input, kernel, stride, padding, Rounding::Down)?,
    )
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
        geometry(input, kernel, stride, padding, Rounding::Up)?,
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
        positions: input.track_op().then(OnceLock::new),
    };
    apply(&[input], operation)
}

struct MaxPool {
    geometry: Geometry,
    /// For each output value the pixel of its image that it was read from; kept
    /// only when a gradient may be wanted.
    positions: Option<OnceLock<Vec<u32>>>,
}

impl Operation for MaxPool {
    fn name(&self) -> &'static str {
        "max pool"
    }

    fn shape(&self, _operands: &[&Shape]) -> candle_core::Result<Shape> {
        Ok(Shape::from(&self.geometry.output.dims()))
    }

    fn cpu_forward(&self, operands: &[&[f32]]) -> candle_core::Result<Vec<f32>> {
        let Some(kept) = &self.positions else {
            return Ok(kernels::largest(&self.geometry, operands[0]));
        };
        let (result, positions) = kernels::largest_with_positions(&self.geometry, operands[0]);
        kept.set(positions)
            .map_err(|_| candle_core::Error::Msg("one max pool ran twice".into()))?;
        Ok(result)
    }

    fn cpu_gradients(&self, pass: &Backward<'_>) -> candle_core::Result<Vec<Option<Vec<f32>>>> {
        let positions = self.positions.as_ref().and_then(OnceLock::get);
        let gradient = |positions: &Vec<u32>| {
            kernels::largest_gradient(&self.geometry, positions, pass.gradient)
        };
        Ok(vec![positions.map(gradient)])
    }
}
