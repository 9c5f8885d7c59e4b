use candle_core::Tensor;

use crate::context::Context;
use crate::error::Result;

/// A layer or a stack of layers: one tensor in, one tensor out.
pub trait Module {
    /// Runs the layer on `input`.
    ///
    /// # Errors
    /// When the input's shape or data type does not fit the layer.
    fn forward(&self, input: &Tensor, context: &Context) -> Result<Tensor>;
}
