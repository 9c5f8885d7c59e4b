use candle_core::Tensor;

use crate::error::Result;
use crate::gelu::gelu;
use crate::layer_scale::add_scaled;
use crate::linear::{Linear, linear};
use crate::precision::{Precision, to_f32};
use crate::relu::relu;
use crate::sigmoid_units::quick_gelu;

/// What becomes of the result of a [`FoldedLinear`] before it is written.
#[derive(Clone, Copy, Debug, Default)]
pub enum Epilogue<'a> {
    /// Nothing.
    #[default]
    None,
    /// `x Φ(x)`.
    Gelu,
    /// `x σ(1.702 x)`.
    QuickGelu,
    /// `max(x, 0)`.
    Relu,
    /// `residual + scale ⊙ x`.
    AddScaled {
        /// Laid out like the result.
        residual: &'a Tensor,
        /// A value for each output; `None` for ones.
        scale: Option<&'a Tensor>,
    },
}

/// A fully connected layer for inference: its weight packed once, in either precision.
///
/// Parameters are copied when it is made: later training does not reach it, and nothing
/// is differentiated through it.
#[derive(Clone, Debug)]
pub struct FoldedLinear {
    weight: Tensor,
    bias: Tensor,
}

impl FoldedLinear {
    /// The inference form of `linear`. Where the processor has no instructions for
    /// `precision`, `f32` takes its place.
    ///
    /// # Errors
    /// When a tensor operation fails.
    pub fn new(linear: &Linear, _precision: Precision) -> Result<Self> {
        Ok(Self {
            weight: linear.weight().as_detached_tensor().copy()?,
            bias: linear.bias().as_detached_tensor().copy()?,
        })
    }

    /// `input · weightᵀ + bias` over the last dimension of `input`, then `epilogue`.
    ///
    /// Input and residual are `f32` or `bf16`, the result is what the layer computes in.
    ///
    /// # Errors
    /// [`crate::Error::Argument`] when shapes do not fit.
    pub fn forward(&self, input: &Tensor, epilogue: Epilogue<'_>) -> Result<Tensor> {
        let output = linear(&to_f32(input)?.detach(), &self.weight, &self.bias)?;
        match epilogue {
            Epilogue::None => Ok(output),
            Epilogue::Gelu => gelu(&output),
            Epilogue::QuickGelu => quick_gelu(&output),
            Epilogue::Relu => relu(&output),
            Epilogue::AddScaled { residual, scale } => {
                let ones = self.bias.ones_like()?;
                let residual = to_f32(residual)?.detach();
                add_scaled(&residual, &output, scale.unwrap_or(&ones))
            }
        }
    }
}
