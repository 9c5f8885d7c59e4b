use super::forward::{Filters, forward};
use super::operation::{geometry, images};
use super::product::Finish;
use super::{Convolution, ConvolutionShape};
use crate::batch_norm::BatchNorm;
use crate::kernel::kernel;
use crate::values::Values;
use crate::{Error, Result, Tensor};

/// A convolution with the batch norm after it folded into filters and bias, for
/// inference.
///
/// Filters are packed once, and bias, residual and ReLU applied before a result
/// leaves the registers. Parameters are copied when it is made: later training
/// does not reach it, and nothing is differentiated through it.
#[derive(Clone, Debug)]
pub struct FoldedConvolution {
    filters: Filters<f32>,
    shape: ConvolutionShape,
}

impl FoldedConvolution {
    /// Folds the running statistics, weight and bias of `batch_norm` into
    /// `convolution`.
    ///
    /// # Errors
    /// [`Error::Tensor`] when their channels differ.
    pub fn new(convolution: &Convolution, batch_norm: &BatchNorm) -> Result<Self> {
        let (scale, shift) = batch_norm.scale_and_shift()?;
        let filters = convolution.filters().as_detached_tensor();
        let bias = match convolution.bias() {
            Some(bias) => shift.add(&bias.as_detached_tensor().mul(&scale)?)?,
            None => shift,
        };
        Self::pack(&filters.broadcast_mul(&scale)?, Some(&bias), convolution)
    }

    /// The inference form of a convolution without batch norm.
    ///
    /// # Errors
    /// When a tensor operation fails.
    pub fn plain(convolution: &Convolution) -> Result<Self> {
        let bias = convolution.bias().map(|bias| bias.as_detached_tensor());
        let filters = convolution.filters().as_detached_tensor();
        Self::pack(&filters, bias.as_ref(), convolution)
    }

    fn pack(filters: &Tensor, bias: Option<&Tensor>, convolution: &Convolution) -> Result<Self> {
        let shape = convolution.shape();
        let sizes = filters.dims2()?;
        let filters = filters.contiguous()?;
        let bias = bias.map(Tensor::contiguous).transpose()?;
        let bias = bias.as_ref().map(Values::of).transpose()?;
        let filters = Filters::pack(
            kernel(),
            &Values::of(&filters)?,
            bias.as_deref(),
            sizes,
            shape,
        );
        Ok(Self { filters, shape })
    }

    /// `convolution(input) + bias + residual`, then ReLU when `relu` is set.
    ///
    /// # Errors
    /// [`Error::Argument`] when shapes do not fit.
    pub fn forward(&self, input: &Tensor, residual: Option<&Tensor>, relu: bool) -> Result<Tensor> {
        let geometry = geometry(input, self.filters.sizes(), self.shape)?;
        let residual = residual.map(Tensor::contiguous).transpose()?;
        if let Some(residual) = &residual
            && images(residual, "the residual of a convolution")? != geometry.output
        {
            return Err(Error::Argument(format!(
                "a residual of shape {:?} does not fit the convolution's output {:?}",
                residual.dims(),
                geometry.output.dims()
            )));
        }
        let input = input.contiguous()?;
        let residual = residual.as_ref().map(Values::of).transpose()?;
        let finish = Finish {
            residual: residual.as_deref(),
            relu,
        };
        let output = forward(
            kernel(),
            &geometry,
            &Values::of(&input)?,
            &self.filters,
            finish,
        );
        Ok(Tensor::from_vec(
            output,
            &geometry.output.dims(),
            input.device(),
        )?)
    }
}
