use candle_core::{DType, Shape, Tensor};
use half::bf16;

use artkg_kernels::attention::Attention;

use crate::checks::require_f32;
use crate::error::{Error, Result};
use crate::operation::{Backward, Operation, apply};
use crate::precision::to_f32;
use crate::values::ValuesOf;

/// Attention of every token to all tokens of its item, in several heads (Vaswani et
/// al., NeurIPS 2017).
///
/// `projected` is `[batch, tokens, 3 · width]`: query, key and value side by side, each
/// cut into `heads` parts of equal width, by whose root products are divided. The
/// result is `[batch, tokens, width]`. Differentiable.
///
/// In inference `projected` may be `bf16`: so is the result where the processor
/// multiplies such numbers, and `f32` elsewhere.
///
/// # Errors
/// [`Error::Argument`] when the shape does not fit or the tensor is neither.
pub fn attention(projected: &Tensor, heads: usize) -> Result<Tensor> {
    let (batch, tokens, columns) = match *projected.dims() {
        [batch, tokens, columns] => (batch, tokens, columns),
        ref dims => {
            return Err(Error::Argument(format!(
                "attention takes [batch, tokens, 3 * width], got shape {dims:?}"
            )));
        }
    };
    let width = columns / 3;
    if heads == 0 || width == 0 || columns % 3 != 0 || width % heads != 0 {
        return Err(Error::Argument(format!(
            "attention of {heads} heads needs 3 · width columns and a width that they divide, \
             got {columns} columns"
        )));
    }
    let sizes = Attention {
        batch,
        tokens,
        heads,
        width,
    };
    if projected.dtype() != DType::BF16 {
        require_f32(projected, "attention")?;
        return apply(&[projected], sizes);
    }
    let projected = projected.contiguous()?;
    let short = sizes.forward_bf16(&ValuesOf::<bf16>::of(&projected)?);
    let output = match short {
        Some(output) => Tensor::from_vec(output, (batch, tokens, width), projected.device())?,
        None => apply(&[&to_f32(&projected)?], sizes)?,
    };
    Ok(output)
}

impl Operation for Attention {
    fn name(&self) -> &'static str {
        "attention"
    }

    fn shape(&self, _operands: &[&Shape]) -> candle_core::Result<Shape> {
        Ok(Shape::from((self.batch, self.tokens, self.width)))
    }

    fn cpu_forward(&self, operands: &[&[f32]]) -> candle_core::Result<Vec<f32>> {
        Ok(self.forward(operands[0]))
    }

    fn cpu_gradients(&self, pass: &Backward<'_>) -> candle_core::Result<Vec<Option<Vec<f32>>>> {
        Ok(vec![Some(self.gradient(pass.operands[0], pass.gradient))])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finite_difference::{assert_gradients, random_tensor, random_values};

    /// The definition, one value after the other, in `f64`.
    fn definition(values: &[f32], [batch, tokens, width]: [usize; 3], heads: usize) -> Vec<f32> {
        let channels = width / heads;
        let mut output = vec![0.0; batch * tokens * width];
        for item in 0..batch {
            let at = |token: usize, part: usize, channel: usize| {
                f64::from(values[((item * tokens + token) * 3 + part) * width + channel])
            };
            for head in 0..heads {
                let range = head * channels..(head + 1) * channels;
                for token in 0..tokens {
                    let scores: Vec<f64> = (0..tokens)
                        .map(|other| {
                            let products = range.clone().map(|c| at(token, 0, c) * at(other, 1, c));
                            (products.sum::<f64>() / (channels as f64).sqrt()).exp()
                        })
                        .collect();
                    let sum: f64 = scores.iter().sum();
                    for channel in range.clone() {
                        let products = scores.iter().enumerate();
                        let products = products.map(|(other, score)| score * at(other, 2, channel));
                        output[(item * tokens + token) * width + channel] =
                            (products.sum::<f64>() / sum) as f32;
                    }
                }
            }
        }
        output
    }

    #[test]
    fn values_follow_the_definition() {
        for (sizes, heads) in [
            ([2, 5, 6], 2),
            ([1, 1, 4], 1),
            ([2, 17, 40], 5),
            ([1, 70, 128], 2),
            ([3, 33, 24], 3),
        ] {
            let [batch, tokens, width] = sizes;
            let values = random_values(batch * tokens * 3 * width, 1.5, 1);
            let projected = Tensor::from_vec(
                values.clone(),
                (batch, tokens, 3 * width),
                &candle_core::Device::Cpu,
            )
            .unwrap();
            let found = attention(&projected, heads).unwrap();
            assert_eq!(found.dims(), sizes);
            let found = found.flatten_all().unwrap().to_vec1::<f32>().unwrap();
            for (found, expected) in found.iter().zip(definition(&values, sizes, heads)) {
                assert!((found - expected).abs() < 1e-5, "{found} {expected}");
            }
        }
    }

    #[test]
    fn short_numbers_give_nearly_the_same() {
        let projected = random_tensor(&[2, 19, 36], 1.0, 4);
        let expected = attention(&projected, 3).unwrap();
        let found = attention(&projected.to_dtype(DType::BF16).unwrap(), 3).unwrap();
        let differences = (to_f32(&found).unwrap() - expected).unwrap().abs().unwrap();
        let largest = differences.max_all().unwrap().to_scalar::<f32>().unwrap();
        assert!((1e-5..0.02).contains(&largest), "{largest}");
        let whole = projected.to_dtype(DType::U8).unwrap();
        assert!(attention(&whole, 3).is_err());
    }

    #[test]
    fn gradients_match_differences() {
        for (shape, heads) in [([2, 3, 12], 2), ([1, 7, 9], 1), ([1, 1, 6], 2)] {
            let projected = random_tensor(&shape, 1.0, 3);
            assert_gradients(&[projected], 2e-3, |a| attention(&a[0], heads));
        }
    }

    #[test]
    fn shapes_that_do_not_fit_are_named() {
        for (shape, heads, expected) in [
            (&[2, 12][..], 2, "[2, 12]"),
            (&[2, 2, 12], 3, "3 heads"),
            (&[2, 2, 10], 1, "10 columns"),
        ] {
            let error = attention(&random_tensor(shape, 1.0, 1), heads).unwrap_err();
            assert!(error.to_string().contains(expected), "{error}");
        }
    }
}
