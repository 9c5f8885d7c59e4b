use candle_core::{CpuStorage, CustomOp1, Layout, Shape};
use rayon::prelude::*;

use crate::values::contiguous;
use crate::{Context, Error, Module, Result, Tensor, derive_seed};

/// Elements handled by one task.
const CHUNK: usize = 1 << 14;

/// Sets a share of the values to zero in training, and scales the others so
/// that the expectation stays (Srivastava et al., JMLR 2014).
#[derive(Clone, Copy, Debug)]
pub struct Dropout {
    probability: f32,
}

impl Dropout {
    /// Drops each value with `probability`.
    ///
    /// # Errors
    /// When `probability` is not in `[0, 1)`.
    pub fn new(probability: f32) -> Result<Self> {
        check_probability(probability)?;
        Ok(Self { probability })
    }
}

impl Module for Dropout {
    fn forward(&self, input: &Tensor, context: &Context) -> Result<Tensor> {
        dropout(input, self.probability, context)
    }
}

/// Drops each value of `input` with `probability` in training and divides the
/// others by `1 - probability`; returns `input` itself in evaluation.
///
/// # Errors
/// When `probability` is not in `[0, 1)` or `input` is not `f32`.
pub fn dropout(input: &Tensor, probability: f32, context: &Context) -> Result<Tensor> {
    check_probability(probability)?;
    if !context.is_training() || probability == 0.0 {
        return Ok(input.clone());
    }
    let mask = Mask {
        seed: context.next_seed(),
        probability,
    };
    Ok(input.contiguous()?.apply_op1(mask)?)
}

pub(crate) fn check_probability(probability: f32) -> Result<()> {
    if (0.0..1.0).contains(&probability) {
        Ok(())
    } else {
        Err(Error::Argument(format!(
            "a dropout probability lies in [0, 1), got {probability}"
        )))
    }
}

/// Multiplication by a random mask. The mask is a function of the seed and the
/// position, so that the backward pass draws it again instead of storing it and
/// the number of threads does not matter.
#[derive(Clone, Copy)]
struct Mask {
    seed: u64,
    probability: f32,
}

impl CustomOp1 for Mask {
    fn name(&self) -> &'static str {
        "dropout"
    }

    fn cpu_fwd(
        &self,
        storage: &CpuStorage,
        layout: &Layout,
    ) -> candle_core::Result<(CpuStorage, Shape)> {
        let input = contiguous(storage, layout)?;
        let scale = 1.0 / (1.0 - self.probability);
        let threshold = (f64::from(self.probability) * 2f64.powi(64)) as u64;
        let mut output = vec![0.0; input.len()];
        output
            .par_chunks_mut(CHUNK)
            .zip(input.par_chunks(CHUNK))
            .enumerate()
            .for_each(|(chunk, (output, input))| {
                let start = chunk * CHUNK;
                for (index, (output, input)) in output.iter_mut().zip(input).enumerate() {
                    if derive_seed(self.seed, (start + index) as u64) >= threshold {
                        *output = input * scale;
                    }
                }
            });
        Ok((CpuStorage::F32(output), layout.shape().clone()))
    }

    fn bwd(
        &self,
        _input: &Tensor,
        _output: &Tensor,
        gradient: &Tensor,
    ) -> candle_core::Result<Option<Tensor>> {
        gradient.contiguous()?.apply_op1_no_bwd(self).map(Some)
    }
}
