use candle_core::Tensor;
use half::bf16;

use artkg_kernels::convolution::{FilterUse, Filters, Finish};

use super::layer::Convolution;
use super::operation::geometry;
use super::shape::ConvolutionShape;
use crate::batch_norm::BatchNorm;
use crate::checks::images;
use crate::error::{Error, Result};
use crate::precision::{Precision, to_bf16, to_f32};
use crate::values::{Values, ValuesOf};

/// A convolution with the batch norm after it folded into filters and bias, for
/// inference.
///
/// Filters are packed once, and bias, residual and ReLU applied before a result
/// leaves the registers. Parameters are copied when it is made: later training
/// does not reach it, and nothing is differentiated through it.
#[derive(Clone, Debug)]
pub struct FoldedConvolution {
    filters: AnyFilters,
    shape: ConvolutionShape,
}

#[derive(Clone, Debug)]
enum AnyFilters {
    F32(Filters<f32>),
    Bf16(Filters<bf16>),
}

impl FoldedConvolution {
    /// Folds the running statistics, weight and bias of `batch_norm` into
    /// `convolution`.
    ///
    /// Where the processor has no instructions for `precision`, and for the few
    /// channels of images, `f32` takes its place.
    ///
    /// # Errors
    /// [`Error::Tensor`] when their channels differ.
    pub fn new(
        convolution: &Convolution,
        batch_norm: &BatchNorm,
        precision: Precision,
    ) -> Result<Self> {
        let (scale, shift) = batch_norm.scale_and_shift()?;
        let filters = convolution.filters().as_detached_tensor();
        let bias = match convolution.bias() {
            Some(bias) => shift.add(&bias.as_detached_tensor().mul(&scale)?)?,
            None => shift,
        };
        Self::pack(
            &filters.broadcast_mul(&scale)?,
            Some(&bias),
            convolution.shape(),
            precision,
        )
    }

    /// The inference form of a convolution without batch norm.
    ///
    /// # Errors
    /// When a tensor operation fails.
    pub fn plain(convolution: &Convolution, precision: Precision) -> Result<Self> {
        let bias = convolution.bias().map(|bias| bias.as_detached_tensor());
        let filters = convolution.filters().as_detached_tensor();
        Self::pack(&filters, bias.as_ref(), convolution.shape(), precision)
    }

    fn pack(
        filters: &Tensor,
        bias: Option<&Tensor>,
        shape: ConvolutionShape,
        precision: Precision,
    ) -> Result<Self> {
        /// Channels from which on the shorter format pays.
        const SEVERAL: usize = 16;

        let sizes = filters.dims2()?;
        let filters = filters.contiguous()?;
        let filters = Values::of(&filters)?;
        let bias = bias.map(Tensor::contiguous).transpose()?;
        let bias = bias.as_ref().map(Values::of).transpose()?;
        let bias = bias.as_deref();
        let pays = precision == Precision::Bf16 && sizes.0 / shape.area() >= SEVERAL;
        let window = shape.window();
        let short = pays.then(|| Filters::<bf16>::new(&filters, bias, sizes, window));
        let filters = match short.flatten() {
            Some(filters) => AnyFilters::Bf16(filters),
            None => AnyFilters::F32(Filters::<f32>::new(&filters, bias, sizes, window)),
        };
        Ok(Self { filters, shape })
    }

    /// `convolution(input) + bias + residual`, then ReLU when `relu` is set.
    ///
    /// Input and residual are `f32` or `bf16`, the result is what the layer
    /// computes in.
    ///
    /// # Errors
    /// [`Error::Argument`] when shapes do not fit.
    pub fn forward(&self, input: &Tensor, residual: Option<&Tensor>, relu: bool) -> Result<Tensor> {
        let sizes = match &self.filters {
            AnyFilters::F32(filters) => filters.sizes(),
            AnyFilters::Bf16(filters) => filters.sizes(),
        };
        let geometry = geometry(input, sizes, self.shape)?;
        if let Some(residual) = residual
            && images(residual, "the residual of a convolution")? != geometry.output
        {
            return Err(Error::Argument(format!(
                "a residual of shape {:?} does not fit the convolution's output {:?}",
                residual.dims(),
                geometry.output.dims()
            )));
        }
        let dims = geometry.output.dims();
        match &self.filters {
            AnyFilters::F32(filters) => {
                let input = to_f32(input)?;
                let residual = residual.map(to_f32).transpose()?;
                let residual = residual.as_ref().map(Values::of).transpose()?;
                let residual = residual.as_deref();
                let finish = Finish { residual, relu };
                let output =
                    filters.convolve(&geometry, &Values::of(&input)?, finish, FilterUse::Many);
                Ok(Tensor::from_vec(output, &dims, input.device())?)
            }
            AnyFilters::Bf16(filters) => {
                let input = to_bf16(input)?;
                let residual = residual.map(to_bf16).transpose()?;
                let residual = residual.as_ref().map(ValuesOf::of).transpose()?;
                let residual = residual.as_deref();
                let finish = Finish { residual, relu };
                let output = filters.convolve(&geometry, &ValuesOf::of(&input)?, finish);
                Ok(Tensor::from_vec(output, &dims, input.device())?)
            }
        }
    }
}
