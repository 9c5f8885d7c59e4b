//! What operations ask of their operands.

use candle_core::{DType, Tensor};

use artkg_kernels::Images;

use crate::error::{Error, Result};

/// The sizes of a batch of images, checked to be one.
pub(crate) fn images(tensor: &Tensor, operation: &str) -> Result<Images> {
    match *tensor.dims() {
        [batch, height, width, channels] => Ok(Images {
            batch,
            height,
            width,
            channels,
        }),
        ref dims => Err(Error::Argument(format!(
            "{operation} takes [batch, height, width, channels], got shape {dims:?}"
        ))),
    }
}

/// Refuses tensors that do not hold `f32`.
pub(crate) fn require_f32(tensor: &Tensor, what: &str) -> Result<()> {
    if tensor.dtype() == DType::F32 {
        return Ok(());
    }
    Err(Error::Argument(format!(
        "{what} takes f32 tensors, got {:?}",
        tensor.dtype()
    )))
}
