use std::mem::MaybeUninit;

use candle_core::{CpuStorage, CustomOp1, Layout, Shape, Tensor};
use rayon::prelude::*;

use crate::Result;
use crate::convolution::require_f32;
use crate::tape::apply1;
use crate::values::{Values, contiguous, written};
use crate::vector::vectorised;

/// Values that one task works on.
const CHUNK: usize = 16 * 1024;

/// The positive part of each value; the gradient at zero is zero, as in PyTorch.
///
/// # Errors
/// [`crate::Error::Argument`] for data types other than `f32`.
pub fn relu(input: &Tensor) -> Result<Tensor> {
    require_f32(input, "ReLU")?;
    apply1(&input.contiguous()?, Relu)
}

struct Relu;

impl CustomOp1 for Relu {
    fn name(&self) -> &'static str {
        "relu"
    }

    fn cpu_fwd(
        &self,
        input: &CpuStorage,
        layout: &Layout,
    ) -> candle_core::Result<(CpuStorage, Shape)> {
        let input = contiguous(input, layout)?;
        let fill = |output: &mut [MaybeUninit<f32>]| {
            output
                .par_chunks_mut(CHUNK)
                .zip(input.par_chunks(CHUNK))
                .for_each(|(output, input)| {
                    vectorised(
                        #[inline(always)]
                        || {
                            for (output, input) in output.iter_mut().zip(input) {
                                // NaN stays NaN.
                                output.write(if *input < 0.0 { 0.0 } else { *input });
                            }
                        },
                    );
                });
        };
        // SAFETY: the chunks cover all values.
        let output = unsafe { written(input.len(), fill) };
        Ok((CpuStorage::F32(output), layout.shape().clone()))
    }

    fn bwd(
        &self,
        _input: &Tensor,
        output: &Tensor,
        gradient: &Tensor,
    ) -> candle_core::Result<Option<Tensor>> {
        let gradient = gradient.contiguous()?;
        let result = relu_gradient(&Values::of(output)?, &Values::of(&gradient)?);
        Ok(Some(Tensor::from_vec(
            result,
            gradient.shape(),
            gradient.device(),
        )?))
    }
}

/// The gradient before a ReLU whose result was `output`.
pub(crate) fn relu_gradient(output: &[f32], gradient: &[f32]) -> Vec<f32> {
    assert_eq!(output.len(), gradient.len());
    let fill = |result: &mut [MaybeUninit<f32>]| {
        result
            .par_chunks_mut(CHUNK)
            .zip(output.par_chunks(CHUNK))
            .zip(gradient.par_chunks(CHUNK))
            .for_each(|((result, output), gradient)| {
                vectorised(
                    #[inline(always)]
                    || {
                        let pairs = output.iter().zip(gradient);
                        for (result, (output, gradient)) in result.iter_mut().zip(pairs) {
                            result.write(passed(*output, *gradient));
                        }
                    },
                );
            });
    };
    // SAFETY: the chunks cover all values.
    unsafe { written(gradient.len(), fill) }
}

/// The gradient before a ReLU of a value, or of what it gave.
#[inline(always)]
pub(crate) fn passed(value: f32, gradient: f32) -> f32 {
    if value > 0.0 { gradient } else { 0.0 }
}
