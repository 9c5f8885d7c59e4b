use candle_core::{Shape, Tensor};

use artkg_kernels::Segments;
use artkg_kernels::sets::Attention;

use super::rows::check_rows;
use crate::error::{Error, Result};
use crate::operation::{Backward, Operation, apply};

/// Attention of every row to all rows of its set, with a bias for each pair of
/// rows (Vaswani et al., NeurIPS 2017; the bias as in the Particle Transformer,
/// Qu, Li and Qian, ICML 2022).
///
/// `projected` is `[rows, 3 · width]`: query, key and value side by side, each
/// cut into `heads` parts of equal width. `bias` is `[pairs, heads]`: what is
/// added to the scaled product of query and key; the pairs of a set are (0, 0),
/// (1, 0), (1, 1), (2, 0), …, the same for both directions. The result is
/// `[rows, width]`. Differentiable in both.
///
/// # Errors
/// When the shapes do not fit each other, or a tensor is not `f32`.
pub fn segment_attention(
    projected: &Tensor,
    bias: &Tensor,
    segments: &Segments,
    heads: usize,
) -> Result<Tensor> {
    let (rows, columns) = projected.dims2()?;
    check_rows(segments, rows, "attention")?;
    let width = columns / 3;
    if heads == 0 || columns % 3 != 0 || width % heads != 0 {
        return Err(Error::Argument(format!(
            "attention of {heads} heads needs 3 · width columns and a width that they divide, \
             got {columns} columns"
        )));
    }
    if bias.dims() != [segments.pairs(), heads] {
        return Err(Error::Argument(format!(
            "attention needs a bias of shape [{}, {heads}], got {:?}",
            segments.pairs(),
            bias.dims()
        )));
    }
    let attention = Attention {
        segments: segments.clone(),
        heads,
        width,
    };
    apply(&[projected, bias], attention)
}

impl Operation for Attention {
    fn name(&self) -> &'static str {
        "attention within sets"
    }

    fn shape(&self, _operands: &[&Shape]) -> candle_core::Result<Shape> {
        Ok(Shape::from((self.segments.rows(), self.width)))
    }

    fn cpu_forward(&self, operands: &[&[f32]]) -> candle_core::Result<Vec<f32>> {
        Ok(self.forward(operands[0], operands[1]))
    }

    fn cpu_gradients(&self, pass: &Backward<'_>) -> candle_core::Result<Vec<Option<Vec<f32>>>> {
        let (for_rows, for_bias) =
            self.gradients(pass.operands[0], pass.operands[1], pass.gradient);
        Ok(vec![Some(for_rows), Some(for_bias)])
    }
}

#[cfg(test)]
mod tests {
    use candle_core::{DType, Device};

    use super::*;
    use crate::finite_difference::{assert_gradients, random_tensor};

    /// The definition, one value after the other.
    #[allow(clippy::needless_range_loop)] // Indices as in the definition.
    fn expected(rows: &[Vec<f32>], bias: &[Vec<f32>], heads: usize) -> Vec<Vec<f32>> {
        let width = rows[0].len() / 3;
        let channels = width / heads;
        let pair = |i: usize, j: usize| i.max(j) * (i.max(j) + 1) / 2 + i.min(j);
        let mut output = vec![vec![0.0; width]; rows.len()];
        for head in 0..heads {
            for (i, row) in rows.iter().enumerate() {
                let scores: Vec<f32> = (0..rows.len())
                    .map(|j| {
                        let product: f32 = (head * channels..(head + 1) * channels)
                            .map(|c| row[c] * rows[j][width + c])
                            .sum();
                        (product / (channels as f32).sqrt() + bias[pair(i, j)][head]).exp()
                    })
                    .collect();
                let sum: f32 = scores.iter().sum();
                for c in head * channels..(head + 1) * channels {
                    output[i][c] = (0..rows.len())
                        .map(|j| scores[j] / sum * rows[j][2 * width + c])
                        .sum();
                }
            }
        }
        output
    }

    #[test]
    fn values_follow_the_definition_and_sets_do_not_mix() {
        let segments = Segments::new([3, 0, 4, 1]);
        let projected = random_tensor(&[8, 12], 1.5, 1);
        let bias = random_tensor(&[segments.pairs(), 2], 1.0, 2);
        let found = segment_attention(&projected, &bias, &segments, 2).unwrap();
        let found = found.to_vec2::<f32>().unwrap();
        let (rows, bias) = (projected.to_vec2().unwrap(), bias.to_vec2().unwrap());
        let mut pairs = 0;
        for set in segments.iter().filter(|set| !set.is_empty()) {
            let expected = expected(&rows[set.clone()], &bias[pairs..], 2);
            pairs += set.len() * (set.len() + 1) / 2;
            for (found, expected) in found[set].iter().flatten().zip(expected.iter().flatten()) {
                assert!((found - expected).abs() < 1e-5, "{found} {expected}");
            }
        }
    }

    #[test]
    fn gradients_match_differences() {
        let segments = Segments::new([3, 1, 0, 4]);
        let projected = random_tensor(&[8, 12], 1.0, 3);
        let bias = random_tensor(&[segments.pairs(), 2], 1.0, 4);
        assert_gradients(&[projected, bias], 2e-3, |a| {
            segment_attention(&a[0], &a[1], &segments, 2)
        });
    }

    #[test]
    fn shapes_that_do_not_fit_are_named() {
        let segments = Segments::new([2]);
        let device = &Device::Cpu;
        let zeros = |shape: &[usize]| Tensor::zeros(shape, DType::F32, device).unwrap();
        let bias = zeros(&[3, 2]);
        for (rows, bias, heads, expected) in [
            (zeros(&[3, 12]), &bias, 2, "2 rows"),
            (zeros(&[2, 12]), &bias, 3, "3 heads"),
            (zeros(&[2, 12]), &zeros(&[4, 2]), 2, "[3, 2]"),
        ] {
            let error = segment_attention(&rows, bias, &segments, heads).unwrap_err();
            assert!(error.to_string().contains(expected), "{error}");
        }
    }
}
