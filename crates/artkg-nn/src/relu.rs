use candle_core::{Shape, Tensor};

use artkg_kernels::relu as kernels;

use crate::checks::require_f32;
use crate::error::Result;
use crate::operation::{Backward, Operation, apply};

/// The positive part of each value; the gradient at zero is zero, as in PyTorch.
///
/// # Errors
/// [`crate::Error::Argument`] for data types other than `f32`.
pub fn relu(input: &Tensor) -> Result<Tensor> {
    require_f32(input, "ReLU")?;
    apply(&[input], Relu)
}

struct Relu;

impl Operation for Relu {
    fn name(&self) -> &'static str {
        "relu"
    }

    fn shape(&self, operands: &[&Shape]) -> candle_core::Result<Shape> {
        Ok(operands[0].clone())
    }

    fn cpu_forward(&self, operands: &[&[f32]]) -> candle_core::Result<Vec<f32>> {
        Ok(kernels::forward(operands[0]))
    }

    fn cpu_gradients(&self, pass: &Backward<'_>) -> candle_core::Result<Vec<Option<Vec<f32>>>> {
        Ok(vec![Some(kernels::gradient(pass.output, pass.gradient))])
    }
}
