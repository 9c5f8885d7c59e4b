use candle_core::{CpuStorage, CustomOp2, CustomOp3, Layout, Shape};

use super::passes::{self, Channels, Gate};
use crate::tape::{apply2, apply3, note};
use crate::values::{Values, contiguous};
use crate::{Result, Tensor};

/// What a batch norm normalises with, `[channels]` each.
pub(super) struct Statistics {
    pub(super) mean: Tensor,
    /// 1 / sqrt(variance + epsilon).
    pub(super) inverse_deviation: Tensor,
    /// Whether they come from the input itself, so that gradients flow through
    /// them too.
    pub(super) of_batch: bool,
}

/// Mean and biased variance of each channel of `input`, not differentiable.
pub(super) fn moments(input: &Tensor) -> Result<(Tensor, Tensor)> {
    let channels = input.dim(candle_core::D::Minus1)?;
    let (mean, variance) = passes::moments(&Values::of(input)?, channels);
    let tensor = |values| Tensor::from_vec(values, channels, input.device());
    Ok((tensor(mean)?, tensor(variance)?))
}

/// `(input − mean) · inverse_deviation · weight + bias + residual`, then ReLU
/// when `relu` is set.
pub(super) fn normalise(
    input: &Tensor,
    weight: &Tensor,
    bias: &Tensor,
    residual: Option<&Tensor>,
    statistics: Statistics,
    relu: bool,
) -> Result<Tensor> {
    // candle's operations take three arguments at most.
    let affine = Tensor::stack(&[weight, bias], 0)?;
    note(&[weight, bias], &affine, |_, _, gradient| {
        Ok(vec![Some(gradient.get(0)?), Some(gradient.get(1)?)])
    })?;
    let operation = Operation { statistics, relu };
    Ok(match residual {
        Some(residual) => apply3(input, &affine, residual, operation)?,
        None => apply2(input, &affine, operation)?,
    })
}

/// One batch norm in the graph of operations.
struct Operation {
    statistics: Statistics,
    relu: bool,
}

/// Gradients of input, affine parameters and residual.
type Gradients = (Option<Tensor>, Option<Tensor>, Option<Tensor>);

impl Operation {
    fn forward(
        &self,
        input: &[f32],
        affine: &[f32],
        residual: Option<&[f32]>,
    ) -> candle_core::Result<CpuStorage> {
        let mean = Values::of(&self.statistics.mean)?;
        let inverse_deviation = Values::of(&self.statistics.inverse_deviation)?;
        let (weight, bias) = affine.split_at(mean.len());
        let channels = Channels {
            mean: &mean,
            inverse_deviation: &inverse_deviation,
            weight,
            bias,
        };
        let output = passes::forward(&channels, input, residual, self.relu);
        Ok(CpuStorage::F32(output))
    }

    fn gradients(
        &self,
        input: &Tensor,
        affine: &Tensor,
        residual: Option<&Tensor>,
        output: &Tensor,
        gradient: &Tensor,
    ) -> candle_core::Result<Gradients> {
        let gradient = gradient.contiguous()?;
        let mean = Values::of(&self.statistics.mean)?;
        let inverse_deviation = Values::of(&self.statistics.inverse_deviation)?;
        let affine_values = Values::of(affine)?;
        let (weight, bias) = affine_values.split_at(mean.len());
        let channels = Channels {
            mean: &mean,
            inverse_deviation: &inverse_deviation,
            weight,
            bias,
        };
        let input_values = Values::of(input)?;
        let output_values = Values::of(output)?;
        let gradient_values = Values::of(&gradient)?;
        let gate = match (self.relu, residual) {
            (false, _) => Gate::Open,
            (true, None) => Gate::Sign,
            (true, Some(_)) => Gate::Output(&output_values),
        };

        let (sums, behind) =
            passes::gradient_sums(&channels, gate, &input_values, &gradient_values);
        let input_gradient = if input.track_op() {
            let (gate, gradient): (_, &[f32]) = match &behind {
                Some(behind) => (Gate::Open, behind),
                None => (gate, &gradient_values),
            };
            let sums = self.statistics.of_batch.then_some(&sums);
            let result = passes::input_gradient(&channels, sums, gate, &input_values, gradient);
            Some(Tensor::from_vec(result, input.shape(), input.device())?)
        } else {
            None
        };
        let affine_gradient = if affine.track_op() {
            let values = [sums.weight, sums.bias].concat();
            Some(Tensor::from_vec(values, affine.shape(), affine.device())?)
        } else {
            None
        };
        let residual_gradient = match residual.filter(|residual| residual.track_op()) {
            Some(residual) => Some(match behind {
                Some(behind) => Tensor::from_vec(behind, residual.shape(), residual.device())?,
                // Gradients are added in place, so they share no memory.
                None => gradient.copy()?,
            }),
            None => None,
        };
        Ok((input_gradient, affine_gradient, residual_gradient))
    }
}

impl CustomOp2 for Operation {
    fn name(&self) -> &'static str {
        "batch norm"
    }

    fn cpu_fwd(
        &self,
        input: &CpuStorage,
        input_layout: &Layout,
        affine: &CpuStorage,
        affine_layout: &Layout,
    ) -> candle_core::Result<(CpuStorage, Shape)> {
        let input = contiguous(input, input_layout)?;
        let affine = contiguous(affine, affine_layout)?;
        let output = self.forward(input, affine, None)?;
        Ok((output, input_layout.shape().clone()))
    }

    fn bwd(
        &self,
        input: &Tensor,
        affine: &Tensor,
        output: &Tensor,
        gradient: &Tensor,
    ) -> candle_core::Result<(Option<Tensor>, Option<Tensor>)> {
        let (input, affine, _) = self.gradients(input, affine, None, output, gradient)?;
        Ok((input, affine))
    }
}

impl CustomOp3 for Operation {
    fn name(&self) -> &'static str {
        "batch norm with residual"
    }

    fn cpu_fwd(
        &self,
        input: &CpuStorage,
        input_layout: &Layout,
        affine: &CpuStorage,
        affine_layout: &Layout,
        residual: &CpuStorage,
        residual_layout: &Layout,
    ) -> candle_core::Result<(CpuStorage, Shape)> {
        let input = contiguous(input, input_layout)?;
        let affine = contiguous(affine, affine_layout)?;
        let residual = contiguous(residual, residual_layout)?;
        let output = self.forward(input, affine, Some(residual))?;
        Ok((output, input_layout.shape().clone()))
    }

    fn bwd(
        &self,
        input: &Tensor,
        affine: &Tensor,
        residual: &Tensor,
        output: &Tensor,
        gradient: &Tensor,
    ) -> candle_core::Result<Gradients> {
        self.gradients(input, affine, Some(residual), output, gradient)
    }
}
