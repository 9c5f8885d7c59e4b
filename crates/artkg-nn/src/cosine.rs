use candle_core::{Shape, Tensor};
use rayon::prelude::*;

use crate::error::{Error, Result};
use crate::linear::linear;
use crate::operation::{Backward, Operation, apply};

/// The length that shorter vectors count as, PyTorch's epsilon.
pub(crate) const SHORTEST: f64 = 1e-8;

/// The cosine between each row of `input` `[batch, dimension]` and each row of
/// `references` `[classes, dimension]`: `[batch, classes]`, differentiable in
/// `input` only.
///
/// `x · r / (max(|x|, ε) max(|r|, ε))` with ε = 1e-8, as PyTorch's
/// `cosine_similarity`: 0 for a vector of zeros, whose gradient is 0 here.
///
/// # Errors
/// [`Error::Argument`] when the dimensions differ, and when a tensor is not
/// `f32`.
pub fn cosine_similarity(input: &Tensor, references: &Tensor) -> Result<Tensor> {
    let (_, dimension) = input.dims2()?;
    let (classes, reference_dimension) = references.dims2()?;
    if dimension != reference_dimension {
        return Err(Error::Argument(format!(
            "cosines need vectors of one dimension, got an input of shape {:?} and references of \
             shape {:?}",
            input.dims(),
            references.dims()
        )));
    }
    let references = normalise_rows(&references.detach())?;
    let no_bias = Tensor::zeros(classes, references.dtype(), references.device())?;
    linear(&normalise_rows(input)?, &references, &no_bias)
}

/// Divides each row of `input` `[batch, dimension]` by its Euclidean length.
/// Differentiable.
///
/// A row shorter than 1e-8 is divided by that, and its gradient is 0: it has no
/// direction. So zeros stay zeros.
///
/// # Errors
/// When `input` is not a matrix of `f32`.
pub fn normalise_rows(input: &Tensor) -> Result<Tensor> {
    let (_, dimension) = input.dims2()?;
    apply(&[input], NormaliseRows { dimension })
}

/// The Euclidean length of a row.
pub(crate) fn length(row: &[f32]) -> f64 {
    dot(row, row).sqrt()
}

/// The inner product of two rows.
pub(crate) fn dot(left: &[f32], right: &[f32]) -> f64 {
    let pairs = left.iter().zip(right);
    pairs
        .map(|(left, right)| f64::from(*left) * f64::from(*right))
        .sum()
}

/// What a row of this length is divided by. NaN stays NaN.
pub(crate) fn divisor(length: f64) -> f64 {
    if length < SHORTEST { SHORTEST } else { length }
}

struct NormaliseRows {
    dimension: usize,
}

impl Operation for NormaliseRows {
    fn name(&self) -> &'static str {
        "normalise rows"
    }

    fn shape(&self, operands: &[&Shape]) -> candle_core::Result<Shape> {
        Ok(operands[0].clone())
    }

    fn cpu_forward(&self, operands: &[&[f32]]) -> candle_core::Result<Vec<f32>> {
        let (input, row) = (operands[0], self.dimension.max(1));
        let mut output = vec![0.0; input.len()];
        output
            .par_chunks_exact_mut(row)
            .zip(input.par_chunks_exact(row))
            .for_each(|(output, input)| {
                let scale = divisor(length(input)).recip();
                for (output, input) in output.iter_mut().zip(input) {
                    *output = (f64::from(*input) * scale) as f32;
                }
            });
        Ok(output)
    }

    /// From the input `x` and the output's gradient `g`: `(g - u (u · g)) / |x|` with
    /// the unit vector `u` along `x`.
    fn cpu_gradients(&self, pass: &Backward<'_>) -> candle_core::Result<Vec<Option<Vec<f32>>>> {
        let (input, row) = (pass.operands[0], self.dimension.max(1));
        let mut output = vec![0.0; input.len()];
        output
            .par_chunks_exact_mut(row)
            .zip(input.par_chunks_exact(row))
            .zip(pass.gradient.par_chunks_exact(row))
            .for_each(|((output, input), gradient)| {
                let length = length(input);
                if length < SHORTEST {
                    return;
                }
                let along = dot(input, gradient) / (length * length);
                for (output, (input, gradient)) in output.iter_mut().zip(input.iter().zip(gradient))
                {
                    let across = f64::from(*gradient) - f64::from(*input) * along;
                    *output = (across / length) as f32;
                }
            });
        Ok(vec![Some(output)])
    }
}

#[cfg(test)]
mod tests {
    use candle_core::{DType, Device, Var};

    use super::*;
    use crate::finite_difference::{assert_gradients, random_tensor};
    use crate::tape::{backward, recorded};

    fn rows(tensor: &Tensor) -> Vec<Vec<f32>> {
        tensor.to_vec2().unwrap()
    }

    #[test]
    fn values_follow_the_definition() {
        let device = &Device::Cpu;
        let input = Tensor::new(&[[3f32, 4.0], [0.0, -2.0]], device).unwrap();
        assert_eq!(
            rows(&normalise_rows(&input).unwrap()),
            [[0.6, 0.8], [0.0, -1.0]]
        );
        let references = Tensor::new(&[[1f32, 0.0], [0.0, 5.0], [-3.0, 0.0]], device).unwrap();
        assert_eq!(
            rows(&cosine_similarity(&input, &references).unwrap()),
            [[0.6, 0.8, -0.6], [0.0, -1.0, 0.0]]
        );
    }

    #[test]
    fn lengths_do_not_overflow() {
        let input = Tensor::new(&[[3e30f32, 4e30], [3e-7, -4e-7]], &Device::Cpu).unwrap();
        let output = rows(&normalise_rows(&input).unwrap());
        for (output, expected) in output.iter().flatten().zip([0.6, 0.8, 0.6, -0.8]) {
            assert!((output - expected).abs() < 1e-6, "{output}");
        }
    }

    #[test]
    fn gradients_match_differences() {
        let input = random_tensor(&[5, 4], 2.0, 1);
        assert_gradients(std::slice::from_ref(&input), 2e-3, |a| {
            normalise_rows(&a[0])
        });
        let references = random_tensor(&[3, 4], 2.0, 2);
        assert_gradients(std::slice::from_ref(&input), 2e-3, |a| {
            cosine_similarity(&a[0], &references)
        });
        assert_gradients(&[input], 2e-3, |a| {
            cosine_similarity(&a[0].t()?, &references.reshape((2, 6))?.narrow(1, 0, 5)?)
        });
    }

    #[test]
    fn a_recorded_network_has_the_same_gradients() {
        let input = Var::from_tensor(&random_tensor(&[5, 4], 2.0, 1)).unwrap();
        let references = Var::from_tensor(&random_tensor(&[3, 4], 2.0, 2)).unwrap();
        let weights = random_tensor(&[5, 3], 1.0, 3);
        let loss = |cosines: Tensor| (cosines * &weights).unwrap().sum_all().unwrap();
        let plain = loss(cosine_similarity(&input, &references).unwrap());
        let plain = plain.backward().unwrap();
        let taped = recorded(&input, |input| cosine_similarity(input, &references)).unwrap();
        let taped = backward(&loss(taped)).unwrap();
        assert_eq!(
            rows(plain.get(&input).unwrap()),
            rows(taped.get(&input).unwrap())
        );
        // References are constants, even where they could learn.
        assert!(plain.get(&references).is_none() && taped.get(&references).is_none());
    }

    #[test]
    fn vectors_without_direction_have_no_cosine() {
        let device = &Device::Cpu;
        let input = Var::new(&[[0f32, 0.0], [1.0, 2.0]], device).unwrap();
        let references = Tensor::new(&[[0f32, 0.0], [2.0, -1.0]], device).unwrap();
        let cosines = cosine_similarity(&input, &references).unwrap();
        let found = rows(&cosines);
        assert_eq!((&found[0][..], found[1][0]), (&[0.0; 2][..], 0.0));
        // Across each other, but for rounding.
        assert!(found[1][1].abs() < 1e-7, "{found:?}");
        let gradients = cosines.sum_all().unwrap().backward().unwrap();
        let gradient = rows(gradients.get(&input).unwrap());
        assert_eq!(gradient[0], [0.0, 0.0]);
        assert!(gradient[1][0] > 0.1, "{gradient:?}");
        let input = Var::zeros((1, 2), DType::F32, device).unwrap();
        let unit = normalise_rows(&input).unwrap();
        let gradients = unit.sum_all().unwrap().backward().unwrap();
        assert_eq!(rows(gradients.get(&input).unwrap()), [[0.0; 2]]);
    }

    #[test]
    fn a_value_that_is_no_number_shows() {
        let input = Tensor::new(&[[f32::NAN, 1.0], [1.0, 0.0]], &Device::Cpu).unwrap();
        let cosines = rows(&cosine_similarity(&input, &input).unwrap());
        assert!(cosines[0][1].is_nan() && cosines[1][0].is_nan());
        assert_eq!(cosines[1][1], 1.0);
    }

    #[test]
    fn vectors_that_do_not_fit_are_named() {
        let (input, references) = (
            random_tensor(&[2, 3], 1.0, 1),
            random_tensor(&[5, 4], 1.0, 2),
        );
        let error = cosine_similarity(&input, &references).unwrap_err();
        let text = error.to_string();
        assert!(text.contains("[2, 3]") && text.contains("[5, 4]"), "{text}");
        assert!(normalise_rows(&random_tensor(&[3], 1.0, 1)).is_err());
    }
}
