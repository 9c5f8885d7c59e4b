use candle_core::{DType, Shape, Tensor};
use rayon::prelude::*;

use crate::cosine::{SHORTEST, divisor, dot, length};
use crate::error::{Error, Result};
use crate::operation::{Backward, Operation, apply};

/// The cosine loss of pairs: row `i` of `left` with row `i` of `right`, both
/// `[batch, dimension]`, averaged over the rows.
///
/// A pair that `matches` costs `1 - cos`, any other `max(0, cos - margin)`, as
/// PyTorch's `CosineEmbeddingLoss`. A vector of zeros has the cosine 0 with
/// everything and a gradient of 0; without any row the loss is 0. The result is
/// a scalar, differentiable in `left` and `right`.
///
/// # Errors
/// When the shapes differ, the number of `matches` is not the number of rows, or
/// `margin` is not in `[-1, 1]`.
pub fn cosine_margin_loss(
    left: &Tensor,
    right: &Tensor,
    matches: &[bool],
    margin: f32,
) -> Result<Tensor> {
    let (rows, dimension) = left.dims2()?;
    if left.dims() != right.dims() {
        return Err(Error::Argument(format!(
            "the cosine loss takes pairs of rows of one shape, got {:?} and {:?}",
            left.dims(),
            right.dims()
        )));
    }
    if matches.len() != rows {
        return Err(Error::Argument(format!(
            "the cosine loss of {rows} pairs needs as many matches, got {}",
            matches.len()
        )));
    }
    if !(-1.0..=1.0).contains(&margin) {
        return Err(Error::setting(
            "margin of a cosine",
            "lies in [-1, 1]",
            margin,
        ));
    }
    let operation = CosineMargin {
        matches: matches.into(),
        dimension,
        margin,
    };
    let left = left.to_dtype(DType::F32)?;
    let right = right.to_dtype(DType::F32)?;
    apply(&[&left, &right], operation)
}

struct CosineMargin {
    matches: Box<[bool]>,
    dimension: usize,
    margin: f32,
}

impl CosineMargin {
    /// The loss of a pair.
    fn loss(&self, cosine: f64, matches: bool) -> f64 {
        if matches {
            1.0 - cosine
        } else if cosine < f64::from(self.margin) {
            0.0 // Not by a maximum, which would drop NaN.
        } else {
            cosine - f64::from(self.margin)
        }
    }

    /// The derivative of [`Self::loss`] in the cosine.
    fn slope(&self, cosine: f64, matches: bool) -> f64 {
        if matches {
            -1.0
        } else if cosine < f64::from(self.margin) {
            0.0
        } else {
            1.0
        }
    }

    /// The gradient of one side from this side, the other side and the loss's
    /// gradient. The loss is the same with the sides exchanged.
    fn side_gradient(&self, side: &[f32], other: &[f32], gradient: f32) -> Vec<f32> {
        let row = self.dimension.max(1);
        let scale = f64::from(gradient) / self.matches.len().max(1) as f64;
        let mut output = vec![0.0; side.len()];
        output
            .par_chunks_exact_mut(row)
            .zip(side.par_chunks_exact(row))
            .zip(other.par_chunks_exact(row))
            .zip(self.matches.par_iter())
            .for_each(|(((output, side), other), matches)| {
                let (length, other_length) = (length(side), divisor(length(other)));
                if length < SHORTEST {
                    return;
                }
                let cosine = dot(side, other) / (length * other_length);
                // d cos / d side = (other / |other| - cos · side / |side|) / |side|
                let factor = scale * self.slope(cosine, *matches) / length;
                let (across, along) = (factor / other_length, factor * cosine / length);
                for (output, (side, other)) in output.iter_mut().zip(side.iter().zip(other)) {
                    *output = (f64::from(*other) * across - f64::from(*side) * along) as f32;
                }
            });
        output
    }
}

impl Operation for CosineMargin {
    fn name(&self) -> &'static str {
        "cosine margin loss"
    }

    fn shape(&self, _operands: &[&Shape]) -> candle_core::Result<Shape> {
        Ok(Shape::from(()))
    }

    fn cpu_forward(&self, operands: &[&[f32]]) -> candle_core::Result<Vec<f32>> {
        let (left, right) = (operands[0], operands[1]);
        let rows = self.matches.len();
        // Collected in order before the sum: the result must not depend on how
        // the rows were shared between threads.
        let losses: Vec<f64> = (0..rows)
            .into_par_iter()
            .map(|row| {
                let range = row * self.dimension..(row + 1) * self.dimension;
                let (left, right) = (&left[range.clone()], &right[range]);
                let lengths = divisor(length(left)) * divisor(length(right));
                self.loss(dot(left, right) / lengths, self.matches[row])
            })
            .collect();
        let mean = losses.iter().sum::<f64>() / rows.max(1) as f64;
        Ok(vec![mean as f32])
    }

    fn cpu_gradients(&self, pass: &Backward<'_>) -> candle_core::Result<Vec<Option<Vec<f32>>>> {
        let (left, right, gradient) = (pass.operands[0], pass.operands[1], pass.gradient[0]);
        Ok(vec![
            pass.when_wanted(0, || self.side_gradient(left, right, gradient)),
            pass.when_wanted(1, || self.side_gradient(right, left, gradient)),
        ])
    }
}

#[cfg(test)]
mod tests {
    use candle_core::{Device, Var};

    use super::*;
    use crate::finite_difference::{assert_gradients, random_tensor};

    const MATCHES: [bool; 6] = [true, false, false, true, false, false];

    fn value(left: &[[f32; 2]], right: &[[f32; 2]], matches: &[bool], margin: f32) -> f32 {
        let tensor = |rows: &[[f32; 2]]| {
            Tensor::from_slice(rows.as_flattened(), (rows.len(), 2), &Device::Cpu).unwrap()
        };
        let (left, right) = (tensor(left), tensor(right));
        let loss = cosine_margin_loss(&left, &right, matches, margin).unwrap();
        loss.to_scalar().unwrap()
    }

    #[test]
    fn values_follow_the_definition() {
        let (left, right) = ([[2.0, 0.0]], [[3.0, 4.0]]);
        let close = |value: f32, expected: f32| {
            assert!((value - expected).abs() < 1e-6, "{value}, not {expected}");
        };
        close(value(&left, &right, &[true], 0.1), 0.4);
        close(value(&left, &right, &[false], 0.1), 0.5);
        close(value(&left, &right, &[false], 0.7), 0.0);
        close(value(&[[-1.0, 0.0]], &right, &[true], 0.1), 1.6);
        close(value(&[[-1.0, 0.0]], &right, &[false], 0.1), 0.0);
        let both = value(&[left[0]; 2], &[right[0]; 2], &[true, false], 0.1);
        close(both, 0.45);
    }

    #[test]
    fn gradients_match_differences() {
        // No pair's cosine is within a step of a margin.
        let arguments = [
            random_tensor(&[6, 4], 2.0, 1),
            random_tensor(&[6, 4], 2.0, 2),
        ];
        for margin in [-0.95, 0.0, 0.1] {
            assert_gradients(&arguments, 3e-3, |a| {
                cosine_margin_loss(&a[0], &a[1], &MATCHES, margin)
            });
        }
        assert_gradients(&arguments, 3e-3, |a| {
            let right = a[1].reshape((4, 6))?.t()?;
            Ok(cosine_margin_loss(&a[0], &right, &MATCHES, -0.95)?.affine(-3.0, 0.0)?)
        });
    }

    #[test]
    fn both_sides_may_be_the_same() {
        let input = Var::from_tensor(&random_tensor(&[6, 4], 2.0, 1)).unwrap();
        let loss = cosine_margin_loss(&input, &input, &[true; 6], 0.0).unwrap();
        assert!(loss.to_scalar::<f32>().unwrap().abs() < 1e-6);
        let gradients = loss.backward().unwrap();
        let gradient = gradients.get(&input).unwrap().to_vec2::<f32>().unwrap();
        assert!(gradient.iter().flatten().all(|value| value.abs() < 1e-6));
    }

    #[test]
    fn a_constant_side_needs_no_gradient() {
        let (left, right) = (
            random_tensor(&[6, 4], 2.0, 1),
            random_tensor(&[6, 4], 2.0, 2),
        );
        let left = Var::from_tensor(&left).unwrap();
        for (first, second) in [(left.as_tensor(), &right), (&right, left.as_tensor())] {
            let loss = cosine_margin_loss(first, second, &MATCHES, 0.1).unwrap();
            let gradients = loss.backward().unwrap();
            assert!(gradients.get(&left).is_some() && gradients.get(&right).is_none());
        }
    }

    #[test]
    fn vectors_without_direction_have_no_gradient() {
        let left = Var::new(&[[0f32, 0.0], [0.0, 0.0], [1.0, 0.0]], &Device::Cpu).unwrap();
        let right = Var::new(&[[1f32, 2.0], [0.0, 0.0], [0.0, 0.0]], &Device::Cpu).unwrap();
        let loss = cosine_margin_loss(&left, &right, &[true, true, false], -0.5).unwrap();
        assert!((loss.to_scalar::<f32>().unwrap() - 2.5 / 3.0).abs() < 1e-6);
        let gradients = loss.backward().unwrap();
        for side in [&left, &right] {
            let gradient = gradients.get(side).unwrap().to_vec2::<f32>().unwrap();
            assert_eq!(gradient, [[0.0; 2]; 3]);
        }
    }

    #[test]
    fn a_value_that_is_no_number_shows_in_the_loss() {
        for matches in [true, false] {
            assert!(value(&[[f32::NAN, 0.0]], &[[1.0, 0.0]], &[matches], 0.1).is_nan());
        }
    }

    #[test]
    fn wrong_arguments_are_named() {
        let left = random_tensor(&[2, 3], 1.0, 1);
        let message = |right: &Tensor, matches: &[bool], margin| {
            let error = cosine_margin_loss(&left, right, matches, margin).unwrap_err();
            error.to_string()
        };
        let text = message(&random_tensor(&[2, 4], 1.0, 1), &[true; 2], 0.1);
        assert!(text.contains("[2, 3]") && text.contains("[2, 4]"), "{text}");
        let text = message(&left, &[true; 3], 0.1);
        assert!(text.contains("2 pairs") && text.contains("got 3"), "{text}");
        assert!(message(&left, &[true; 2], 1.5).contains("1.5"));
        assert!(message(&left, &[true; 2], f32::NAN).contains("NaN"));
    }
}
