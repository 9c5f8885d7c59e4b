use candle_core::{Shape, Tensor};

use artkg_kernels::batch_norm::{self as kernels, Channels, Gate};

use crate::error::Result;
use crate::operation::{Backward, Operation, apply};
use crate::tape::note;
use crate::values::Values;

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
    let (mean, variance) = kernels::moments(&Values::of(input)?, channels);
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
    let operation = Normalise { statistics, relu };
    match residual {
        Some(residual) => apply(&[input, &affine, residual], operation),
        None => apply(&[input, &affine], operation),
    }
}

/// One batch norm of input and affine parameters and perhaps a residual.
struct Normalise {
    statistics: Statistics,
    relu: bool,
}

impl Normalise {
    /// Runs `work` with what each channel is normalised with.
    fn with_channels<R>(
        &self,
        affine: &[f32],
        work: impl FnOnce(&Channels<'_>) -> R,
    ) -> candle_core::Result<R> {
        let mean = Values::of(&self.statistics.mean)?;
        let inverse_deviation = Values::of(&self.statistics.inverse_deviation)?;
        let (weight, bias) = affine.split_at(mean.len());
        Ok(work(&Channels {
            mean: &mean,
            inverse_deviation: &inverse_deviation,
            weight,
            bias,
        }))
    }
}

impl Operation for Normalise {
    fn name(&self) -> &'static str {
        "batch norm"
    }

    fn shape(&self, operands: &[&Shape]) -> candle_core::Result<Shape> {
        Ok(operands[0].clone())
    }

    fn cpu_forward(&self, operands: &[&[f32]]) -> candle_core::Result<Vec<f32>> {
        let (input, affine, residual) = (operands[0], operands[1], operands.get(2).copied());
        self.with_channels(affine, |channels| {
            kernels::forward(channels, input, residual, self.relu)
        })
    }

    fn cpu_gradients(&self, pass: &Backward<'_>) -> candle_core::Result<Vec<Option<Vec<f32>>>> {
        let (input, affine) = (pass.operands[0], pass.operands[1]);
        let has_residual = pass.operands.len() > 2;
        let gate = match (self.relu, has_residual) {
            (false, _) => Gate::Open,
            (true, false) => Gate::Sign,
            (true, true) => Gate::Output(pass.output),
        };
        self.with_channels(affine, |channels| {
            let (sums, behind) = kernels::gradient_sums(channels, gate, input, pass.gradient);
            let for_input = pass.when_wanted(0, || {
                let (gate, gradient) = match &behind {
                    Some(behind) => (Gate::Open, behind.as_slice()),
                    None => (gate, pass.gradient),
                };
                let sums = self.statistics.of_batch.then_some(&sums);
                kernels::input_gradient(channels, sums, gate, input, gradient)
            });
            let for_affine = pass.when_wanted(1, || [sums.weight, sums.bias].concat());
            let mut gradients = vec![for_input, for_affine];
            if has_residual {
                gradients.push(pass.when_wanted(2, || {
                    // Gradients are added in place, so they share no memory.
                    behind.unwrap_or_else(|| pass.gradient.to_vec())
                }));
            }
            gradients
        })
    }
}
