use artkg_files::seeds::derive_seed;
use candle_core::{Shape, Tensor};
use rayon::prelude::*;

use crate::context::Context;
use crate::error::{Error, Result};
use crate::module::Module;
use crate::operation::{Backward, Operation, apply};

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
    apply(&[input], mask)
}

pub(crate) fn check_probability(probability: f32) -> Result<()> {
    if (0.0..1.0).contains(&probability) {
        Ok(())
    } else {
        Err(Error::setting(
            "dropout probability",
            "lies in [0, 1)",
            probability,
        ))
    }
}

/// Multiplication by a random mask. The mask is a function of the seed and the
/// position, so that the backward pass draws it again instead of storing it and
/// the number of threads does not matter.
struct Mask {
    seed: u64,
    probability: f32,
}

impl Mask {
    fn apply(&self, input: &[f32]) -> Vec<f32> {
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
        output
    }
}

impl Operation for Mask {
    fn name(&self) -> &'static str {
        "dropout"
    }

    fn shape(&self, operands: &[&Shape]) -> candle_core::Result<Shape> {
        Ok(operands[0].clone())
    }

    fn cpu_forward(&self, operands: &[&[f32]]) -> candle_core::Result<Vec<f32>> {
        Ok(self.apply(operands[0]))
    }

    fn cpu_gradients(&self, pass: &Backward<'_>) -> candle_core::Result<Vec<Option<Vec<f32>>>> {
        Ok(vec![Some(self.apply(pass.gradient))])
    }
}

#[cfg(test)]
mod tests {
    use candle_core::{DType, Device};

    use super::*;
    use crate::finite_difference::{assert_gradients, random_tensor};

    fn ones(count: usize) -> Tensor {
        Tensor::ones((count / 100, 100), DType::F32, &Device::Cpu).unwrap()
    }

    #[test]
    fn drops_the_share_and_keeps_the_mean() {
        let output = dropout(&ones(100_000), 0.3, &Context::training(5)).unwrap();
        let values = output.flatten_all().unwrap().to_vec1::<f32>().unwrap();
        let dropped = values.iter().filter(|value| **value == 0.0).count() as f32 / 1e5;
        assert!((dropped - 0.3).abs() < 0.01, "{dropped}");
        assert!(
            values
                .iter()
                .all(|value| *value == 0.0 || (value - 1.0 / 0.7).abs() < 1e-6)
        );
        let mean = values.iter().sum::<f32>() / 1e5;
        assert!((mean - 1.0).abs() < 0.01, "{mean}");
    }

    #[test]
    fn the_seed_decides_and_passes_differ() {
        let draw = |context: &Context| {
            let output = dropout(&ones(1000), 0.5, context).unwrap();
            output.to_vec2::<f32>().unwrap()
        };
        let context = Context::training(1);
        let first = draw(&context);
        assert_ne!(first, draw(&context), "two layers of one pass");
        assert_eq!(first, draw(&Context::training(1)));
        assert_ne!(first, draw(&Context::training(2)));
    }

    #[test]
    fn nothing_in_evaluation_or_at_zero() {
        let input = random_tensor(&[3, 4], 1.0, 1);
        let expected = input.to_vec2::<f32>().unwrap();
        for (probability, context) in [(0.9, Context::evaluation()), (0.0, Context::training(1))] {
            let output = dropout(&input, probability, &context).unwrap();
            assert_eq!(output.to_vec2::<f32>().unwrap(), expected);
        }
    }

    #[test]
    fn gradients_match_differences() {
        assert_gradients(&[random_tensor(&[5, 7], 1.0, 1)], 1e-3, |a| {
            dropout(&a[0], 0.4, &Context::training(3))
        });
    }

    #[test]
    fn an_impossible_probability_is_refused() {
        for probability in [-0.1, 1.0, f32::NAN] {
            let error = Dropout::new(probability).unwrap_err().to_string();
            assert!(error.contains("[0, 1)"), "{error}");
            assert!(dropout(&ones(100), probability, &Context::evaluation()).is_err());
        }
    }
}
