use candle_core::{CpuStorage, CustomOp3, Layout, Shape};

use super::operation::{geometry, images, row_of};
use super::passes::{self, Geometry};
use super::{Convolution, ConvolutionShape};
use crate::batch_norm::BatchNorm;
use crate::values::{Values, contiguous};
use crate::{Error, Result, Tensor};

/// A convolution with the batch norm after it folded into filters and bias, for
/// inference.
///
/// Bias, residual and ReLU are applied while the output is still in cache.
/// Parameters are copied when it is made: later training does not reach it, and
/// nothing is differentiated through it.
#[derive(Clone, Debug)]
pub struct FoldedConvolution {
    filters: Tensor,
    bias: Tensor,
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
        Ok(Self {
            filters: filters.broadcast_mul(&scale)?.contiguous()?,
            bias: bias.contiguous()?,
            shape: convolution.shape(),
        })
    }

    /// `convolution(input) + bias + residual`, then ReLU when `relu` is set.
    ///
    /// # Errors
    /// [`Error::Argument`] when shapes do not fit.
    pub fn forward(&self, input: &Tensor, residual: Option<&Tensor>, relu: bool) -> Result<Tensor> {
        let geometry = geometry(input, &self.filters, Some(&self.bias), self.shape)?;
        let residual = residual.map(Tensor::contiguous).transpose()?;
        if let Some(residual) = &residual
            && images(residual, "the residual of a convolution")? != geometry.output
        {
            return Err(Error::Argument(format!(
                "a residual of shape {:?} does not fit the convolution's output {:?}",
                residual.dims(),
                Shape::from(geometry.output).dims()
            )));
        }
        let operation = Operation {
            geometry,
            residual,
            relu,
        };
        Ok(input
            .contiguous()?
            .apply_op3_no_bwd(&self.filters, &self.bias, &operation)?)
    }
}

struct Operation {
    geometry: Geometry,
    residual: Option<Tensor>,
    relu: bool,
}

impl CustomOp3 for Operation {
    fn name(&self) -> &'static str {
        "folded convolution"
    }

    fn cpu_fwd(
        &self,
        input: &CpuStorage,
        input_layout: &Layout,
        filters: &CpuStorage,
        filters_layout: &Layout,
        bias: &CpuStorage,
        bias_layout: &Layout,
    ) -> candle_core::Result<(CpuStorage, Shape)> {
        let input = contiguous(input, input_layout)?;
        let filters = contiguous(filters, filters_layout)?;
        let bias = contiguous(bias, bias_layout)?;
        let residual = self.residual.as_ref().map(Values::of).transpose()?;
        let residual: Option<&[f32]> = residual.as_deref();
        let channels = self.geometry.output.channels;
        // Below zero becomes zero with ReLU; without, nothing is below.
        let floor = if self.relu { 0.0 } else { f32::NEG_INFINITY };
        let mut output = vec![0.0; self.geometry.output.len()];
        passes::forward(
            &self.geometry,
            input,
            filters,
            &mut output,
            |pixel, channel, mut block| {
                let bias = &bias[channel..channel + block.ncols()];
                for row in 0..block.nrows() {
                    let values = row_of(&mut block, row);
                    match residual {
                        Some(residual) => {
                            let start = (pixel + row) * channels + channel;
                            let residual = &residual[start..start + bias.len()];
                            for ((value, bias), residual) in
                                values.iter_mut().zip(bias).zip(residual)
                            {
                                *value = clip(*value + bias + residual, floor);
                            }
                        }
                        None => {
                            for (value, bias) in values.iter_mut().zip(bias) {
                                *value = clip(*value + bias, floor);
                            }
                        }
                    }
                }
            },
        );
        Ok((CpuStorage::F32(output), self.geometry.output.into()))
    }
}

/// `value`, but at least `floor`; NaN stays NaN.
fn clip(value: f32, floor: f32) -> f32 {
    if value < floor { floor } else { value }
}
